import HeapModule
import Messages
import Schedule

/// What the journal remembers of a destination: over a restart too it is not troubled before the time it named.
package struct DestinationRecord: Hashable, Sendable {
    /// Nothing is sent before.
    package var pausedUntil: Instant?
    /// Failures since the last success.
    package var failures = 0
    /// Refusals of its credential in a row.
    package var strikes = 0
    /// Set while nothing is sent until somebody resumes it.
    package var disabled: Disabled?
    /// What its fallback has heard of its end: not once more after a start or a reload.
    package var deathTold: DeathTold?
    /// Somebody wants quiet until then; `distantFuture`: until somebody resumes it.
    package var mutedUntil: Instant?
    /// Since when, where that is to last for so long, whatever a clock that was wrong called its end.
    package var mutedSince: Instant?
    /// Set once the service has said that its reader is elsewhere.
    package var forwarding: Forwarding?

    package struct Disabled: Hashable, Sendable {
        package let reason: String
        package let since: Instant

        package init(reason: String, since: Instant) {
            self.reason = reason
            self.since = since
        }
    }

    package init() {}

    /// What is left of it once a request has succeeded.
    package var recovered: DestinationRecord {
        var record = DestinationRecord()
        record.mutedUntil = mutedUntil
        record.mutedSince = mutedSince
        record.forwarding = forwarding
        return record
    }
}

/// That a destination is dead, as its fallback has heard of it.
package struct DeathTold: Hashable, Sendable {
    package let fallback: String
    package let reason: String

    package init?(to fallback: String?, reason: String) {
        guard let fallback else { return nil }
        self.fallback = fallback
        self.reason = reason
    }
}

/// The queue of one channel. It has one request under way at a time, and its troubles are its own.
struct Destination: Sendable {
    /// A request is under way.
    var isBusy = false
    var record = DestinationRecord()
    private var ready: Heap<Ready> = []
    private var waiting: Heap<Waiting> = []

    /// By due instant and order of arrival; but what failed again and again comes last, so that one poisoned message holds
    /// up nobody.
    private struct Ready: Comparable {
        let attempts: Int
        let due: Instant
        let sequence: Int
        let identity: DeliveryIdentity

        private var rank: Int { attempts < Limits.attemptsInOrder ? 0 : attempts }

        static func < (a: Ready, b: Ready) -> Bool {
            (a.rank, a.due, a.sequence) < (b.rank, b.due, b.sequence)
        }
        static func == (a: Ready, b: Ready) -> Bool { a.sequence == b.sequence }
    }

    private struct Waiting: Comparable {
        let until: Instant
        let ready: Ready

        static func < (a: Waiting, b: Waiting) -> Bool { (a.until, a.ready) < (b.until, b.ready) }
    }

    /// Whether it could send something.
    var isFree: Bool { !isBusy && record.disabled == nil }

    /// Whether it could, and something stands in its queue.
    var isIdle: Bool { isFree && !(ready.isEmpty && waiting.isEmpty) }

    /// Whether it may send now what it could.
    func isOpen(at now: Instant) -> Bool {
        isFree && record.pausedUntil ?? .distantPast <= now && record.mutedUntil ?? .distantPast <= now
    }

    /// When what it would take next was due; `distantFuture` where that is nothing, or something that a fresher reminder may take
    /// the place of, or pass.
    mutating func dueOfNext(_ now: Instant) -> Instant {
        endWaits(now)
        guard let next = ready.min, next.attempts == 0, now - next.due <= Limits.punctuality else {
            return .distantFuture
        }
        return next.due
    }

    /// When it will next begin an attempt by itself; nil while one is under way, nothing is owed, or it is disabled.
    var nextAttempt: Instant? {
        guard isIdle else { return nil }
        let earliest = ready.isEmpty ? waiting.min?.until : .distantPast
        return earliest.map { max($0, record.pausedUntil ?? .distantPast) }
    }

    mutating func enqueue(_ delivery: Delivery, sequence: Int, now: Instant) {
        let entry = Ready(
            attempts: delivery.attempts, due: delivery.due, sequence: sequence, identity: delivery.identity)
        let until = delivery.notBefore
        if until <= now { ready.insert(entry) } else { waiting.insert(Waiting(until: until, ready: entry)) }
    }

    /// The next delivery whose time has come.
    mutating func take(_ now: Instant) -> DeliveryIdentity? {
        if let pausedUntil = record.pausedUntil, now < pausedUntil { return nil }
        endWaits(now)
        return ready.popMin()?.identity
    }

    private mutating func endWaits(_ now: Instant) {
        while let first = waiting.min, first.until <= now {
            ready.insert(first.ready)
            waiting.removeMin()
        }
    }

    /// The others that are due with one that was just taken, and were tried as often.
    mutating func takeCompanions(of delivery: Delivery) -> [DeliveryIdentity] {
        var ofInstant: [Ready] = []
        while let next = ready.min, next.due == delivery.due {
            ofInstant.append(next)
            ready.removeMin()
        }
        let isCompanion = { (entry: Ready) in entry.attempts == delivery.attempts }
        for other in ofInstant where !isCompanion(other) { ready.insert(other) }
        return ofInstant.filter(isCompanion).map(\.identity)
    }

    var queueLength: Int { ready.count + waiting.count }

    /// What stands in the queue, in no order. What is over may still be among it.
    var queued: [DeliveryIdentity] {
        ready.unordered.map(\.identity) + waiting.unordered.map(\.ready.identity)
    }

    /// The same destination without its queue.
    func emptied() -> Destination {
        var copy = self
        copy.ready = []
        copy.waiting = []
        return copy
    }
}
