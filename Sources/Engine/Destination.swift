import HeapModule
import Messages
import Schedule

/// The queue of one channel. It has one request under way at a time, and its troubles are its own.
struct Destination: Sendable {
    var inFlight: DeliveryIdentity?
    /// Failures since the last success.
    private(set) var failures = 0
    private var pausedUntil: Instant?
    private var ready: Heap<Ready> = []
    private var waiting: Heap<Waiting> = []

    /// Fewest attempts first, so that one poisoned message holds up nobody; then by due instant and order of arrival.
    private struct Ready: Comparable {
        let attempts: Int
        let due: Instant
        let sequence: Int
        let identity: DeliveryIdentity

        static func < (a: Ready, b: Ready) -> Bool {
            (a.attempts, a.due, a.sequence) < (b.attempts, b.due, b.sequence)
        }
        static func == (a: Ready, b: Ready) -> Bool { a.sequence == b.sequence }
    }

    private struct Waiting: Comparable {
        let until: Instant
        let ready: Ready

        static func < (a: Waiting, b: Waiting) -> Bool { (a.until, a.ready) < (b.until, b.ready) }
    }

    var isIdle: Bool { inFlight == nil && !(ready.isEmpty && waiting.isEmpty) }

    /// When it will next begin an attempt by itself; nil while one is under way or nothing is owed.
    var nextAttempt: Instant? {
        guard inFlight == nil else { return nil }
        let earliest = ready.isEmpty ? waiting.min?.until : .distantPast
        return earliest.map { max($0, pausedUntil ?? .distantPast) }
    }

    mutating func enqueue(_ delivery: Delivery, sequence: Int) {
        let entry = Ready(
            attempts: delivery.attempts, due: delivery.due, sequence: sequence, identity: delivery.identity)
        if case .waiting(let until, _) = delivery.state {
            waiting.insert(Waiting(until: until, ready: entry))
        } else {
            ready.insert(entry)
        }
    }

    /// The next delivery whose time has come.
    mutating func take(_ now: Instant) -> DeliveryIdentity? {
        if let pausedUntil, now < pausedUntil { return nil }
        pausedUntil = nil
        while let first = waiting.min, first.until <= now {
            ready.insert(first.ready)
            waiting.removeMin()
        }
        return ready.popMin()?.identity
    }

    /// The same destination without its queue.
    func emptied() -> Destination {
        var copy = self
        copy.ready = []
        copy.waiting = []
        return copy
    }

    mutating func failed(until: Instant) {
        failures += 1
        pausedUntil = until
    }

    mutating func recovered() {
        failures = 0
        pausedUntil = nil
    }
}
