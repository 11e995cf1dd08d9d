import Dispatch

/// Runs an actor on a Dispatch queue, so that timers, signals and the actor's own work share one order. (Linux has no
/// `DispatchSerialQueue` that an actor could name.)
///
/// A queue of one's own has threads outside Dispatch's shared pool. That matters: the first work in the pool, a `Task`
/// among it, starts a monitor in libdispatch that wakes the process every second for ever.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label, qos: .default)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
