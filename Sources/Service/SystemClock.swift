import Glibc
import Schedule

extension Span {
    /// The time since the machine was started, suspension included.
    package static var sinceBoot: Span {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .milliseconds(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
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
