import Messages
import Schedule

/// What is due and unsent without a recorded reason, or otherwise not as it must be. Empty while all is well.
package struct Audit: Equatable, Sendable {
    package private(set) var findings: [Finding] = []

    package enum Finding: Equatable, Sendable {
        /// A reminder's time has come, and it was not recorded as owed.
        case notOwed(due: Instant)
        /// A destination could send since then, and does not.
        case notSent(channel: String, since: Instant)
        /// A request ended long ago at the latest, and nobody heard of it.
        case notAnswered(DeliveryIdentity, since: Instant)
        /// A commit is under way for too long.
        case notCommitted(since: Instant)
        /// Open deliveries wait in no queue.
        case forgotten(Int)
        /// The journal cannot be written. A restart does not help: there is a reason, and it was told.
        case journalFailing
    }

    /// What it found, for people.
    package var words: String { findings.map { "\($0)" }.joined(separator: ", ") }

    /// Whether everything holds: then a dead man's switch hears of it.
    package var holds: Bool { findings.isEmpty }

    /// Whether something is stuck in a way that a restart mends.
    package var isStuck: Bool { findings.contains { $0 != .journalFailing } }

    /// Looks at an engine between two events; it decides nothing and changes nothing.
    ///
    /// - Parameter now: by `Engine.time(at:)`.
    package init(_ engine: Engine, now: Instant) {
        guard !engine.isStopping else { return }
        if engine.isJournalFailing { findings.append(.journalFailing) }
        // By the clock as it is now: what began before it was set began, for all we know, then. And while the machine slept,
        // neither disk nor network did anything, and libcurl's time stood still.
        let step = engine.clock.lastStep ?? .distantPast
        let late = now - Limits.auditPatience
        guard step < late else { return }
        let dues = [engine.tracks.min?.due, engine.nudges.min?.due, engine.digests.values.min()]
        if !engine.isJournalFailing, let due = dues.compactMap({ $0 }).min(), due < late {
            findings.append(.notOwed(due: due))
        }
        if let since = engine.committingSince, since < late { findings.append(.notCommitted(since: since)) }
        // What waits for the journal, or for a place among the requests under way, has its reason.
        if engine.committing == nil {
            for (index, next) in engine.nextAttempts where next < late {
                findings.append(.notSent(channel: engine.agenda.channels[index].name, since: next))
            }
        }
        // What waits to be written down was not sent yet.
        let unsent = Set((engine.batch.sends + (engine.committing?.sends ?? [])).joined())
        let queued = Set(engine.destinations.lazy.flatMap(\.queued))
        var forgotten = 0
        for delivery in engine.deliveries.values {
            switch delivery.state {
            case .sending(let since):
                if max(since, step) < now - Limits.sendingPatience, !unsent.contains(delivery.identity) {
                    findings.append(.notAnswered(delivery.identity, since: since))
                }
            case .owed, .waiting, .unknown:
                // What gives way to a fresher one stands in no queue.
                if !queued.contains(delivery.identity), engine.givingWay[delivery.identity] == nil {
                    forgotten += 1
                }
            case .held, .delivered, .superseded, .expired, .refused, .cancelled: break
            }
        }
        if forgotten > 0 { findings.append(.forgotten(forgotten)) }
    }
}

extension Audit.Finding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notOwed(let due): "a reminder that was due at \(due) is not recorded as owed"
        case .notSent(let channel, let since):
            "nothing goes out to \(channel), which could have it since \(since)"
        case .notAnswered(let identity, let since):
            "of the request of \(since) for \(Text.singleLine("\(identity)")) no end is known"
        case .notCommitted(let since): "what is to be written to the journal since \(since) is not on disk"
        case .forgotten(let count): "\(English.count(count, "message")) not over, and in no queue"
        case .journalFailing: "the journal cannot be written, and nothing is sent until it can be"
        }
    }
}
