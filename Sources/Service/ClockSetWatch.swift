import CTimerFD
import Dispatch
import Glibc

/// Tells when somebody has set the wall clock: a timer for an instant fires when the clock shows it, and one that went back shows
/// that much later, if ever. timerfd_create(2), `TFD_TIMER_CANCEL_ON_SET`.
final class ClockSetWatch {
    private let source: any DispatchSourceRead

    /// - Parameters:
    ///   - queue: `set` is called on it.
    /// - Returns: nil where the kernel gives no timer.
    init?(queue: DispatchQueue, set: @escaping @Sendable () -> Void) {
        let timer = timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
        guard timer >= 0 else { return nil }
        source = DispatchSource.makeReadSource(fileDescriptor: timer, queue: queue)
        source.setCancelHandler { close(timer) }
        source.setEventHandler {
            // What is read says that the timer was cancelled.
            var count: UInt64 = 0
            _ = read(timer, &count, MemoryLayout.size(ofValue: count))
            ClockSetWatch.arm(timer)
            set()
        }
        ClockSetWatch.arm(timer)
        source.activate()
    }

    deinit {
        source.cancel()
    }

    /// For an instant so far off that only setting the clock ends the wait.
    private static func arm(_ timer: Int32) {
        var never = itimerspec()
        never.it_value.tv_sec = .max
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET), &never, nil)
    }
}
