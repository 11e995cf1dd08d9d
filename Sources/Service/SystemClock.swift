import Glibc
import Schedule

extension Span {
    /// The time since the machine was started, suspension included.
    package static var sinceBoot: Span { Span(of: CLOCK_BOOTTIME) }

    /// How much of that it was suspended.
    package static var asleepSinceBoot: Span {
        .milliseconds(Span(of: CLOCK_BOOTTIME).milliseconds - Span(of: CLOCK_MONOTONIC).milliseconds)
    }

    private init(of clock: clockid_t) {
        var time = timespec()
        clock_gettime(clock, &time)
        self = .milliseconds(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension Instant {
    /// The system's wall clock.
    package static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
