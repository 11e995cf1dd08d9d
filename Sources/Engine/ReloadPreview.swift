import Messages
import Schedule

/// What another configuration would change, before anything happens: the engine itself lives through the reload, as a copy.
package struct ReloadPreview: Sendable {
    /// A reminder to come that comes no more, comes newly, or comes at another instant.
    package struct Entry: Hashable, Sendable {
        package let issue: String
        package let milestone: String
        package let reminder: String
        package let channel: String
        package let due: Instant
        /// When it would have come.
        package let previous: Instant?
    }

    package private(set) var added: [Entry] = []
    package private(set) var removed: [Entry] = []
    package private(set) var moved: [Entry] = []
    /// What goes out at once: notices of deadlines that moved, reminders whose time has come by the new one, and what was
    /// held for a channel that a reload brings back.
    package private(set) var owed: [Delivery] = []
    /// What comes to be owed, and waits for somebody: its channel is muted.
    package private(set) var held: [Delivery] = []
    /// What waits for another try or for somebody, and is not sent any more.
    package private(set) var cancelled: [Delivery] = []

    package var isEmpty: Bool {
        added.isEmpty && removed.isEmpty && moved.isEmpty && owed.isEmpty && held.isEmpty
            && cancelled.isEmpty
    }

    /// - Parameter isKnown: whether the journal has a delivery: it is not sent again. The engine does not remember them all.
    package init(
        _ engine: Engine, reloading agenda: Agenda, now: Instant,
        isKnown: (DeliveryIdentity) -> Bool = { _ in false }
    ) {
        var after = engine
        // What is being written now is not written by the copy: its next changes are only gathered.
        let wall = after.clock.wall(at: now)
        _ = after.handle(.time, now: wall)
        if !after.isStopping { after.oweWhatIsDue(now) }
        after.batch = Batch()
        let before = after.deliveries
        let effects = after.handle(.reloaded(agenda), now: wall)
        var changes = after.batch.changes
        for case .commit(let committed) in effects { changes += committed }
        var seen: Set<DeliveryIdentity> = []
        for change in changes {
            switch change {
            case .add(let delivery), .addIfMissed(let delivery, _), .update(let delivery):
                if case .cancelled = delivery.state { cancelled.append(delivery) }
                guard seen.insert(delivery.identity).inserted, let open = after.deliveries[delivery.identity]
                else { continue }
                let known = before[delivery.identity]
                if known == nil, isKnown(delivery.identity) { continue }
                if open.isHeld {
                    if known == nil { held.append(open) }
                } else if known?.isHeld ?? true {
                    owed.append(open)
                }
            default: break
            }
        }
        compare(engine.agenda, after.agenda, now, isKnown)
    }

    private mutating func compare(
        _ before: Agenda, _ after: Agenda, _ now: Instant, _ isKnown: (DeliveryIdentity) -> Bool
    ) {
        let issues = Dictionary(after.issues.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        let known = Set(before.issues.map(\.id))
        for issue in before.issues {
            let old = Self.dues(issue, before) { $0 > now }
            let new = issues[issue.id].map { Self.dues($0, after) { $0 > now } } ?? [:]
            guard old != new else { continue }
            let past = Self.dues(issue, before) { $0 <= now }
                .merging(issues[issue.id].map { Self.dues($0, after) { $0 <= now } } ?? [:]) { due, _ in due }
            // Its hour has changed since.
            func wasSent(_ key: Key, _ issue: SpecialIssue?) -> Bool {
                guard past[key] != nil, let issue, let deadline = issue.milestone(key.milestone)?.deadline
                else { return false }
                return isKnown(key.identity(issue.id, deadline.instant))
            }
            for (key, due) in old {
                if let other = new[key] {
                    if other != due { moved.append(key.entry(issue.id, other, previous: due)) }
                } else if !wasSent(key, issue) {
                    removed.append(key.entry(issue.id, due))
                }
            }
            for (key, due) in new where old[key] == nil && !wasSent(key, issues[issue.id]) {
                added.append(key.entry(issue.id, due))
            }
        }
        for issue in after.issues where !known.contains(issue.id) {
            for (key, due) in Self.dues(issue, after, where: { $0 > now }) {
                added.append(key.entry(issue.id, due))
            }
        }
        added.sort()
        removed.sort()
        moved.sort()
    }

    private struct Key: Hashable {
        let milestone: String
        let reminder: String
        let channel: String

        func entry(_ issue: String, _ due: Instant, previous: Instant? = nil) -> Entry {
            Entry(
                issue: issue, milestone: milestone, reminder: reminder, channel: channel, due: due,
                previous: previous)
        }

        func identity(_ issue: String, _ deadline: Instant) -> DeliveryIdentity {
            DeliveryIdentity(
                issue: issue, milestone: milestone, deadline: deadline, reminder: reminder, channel: channel)
        }
    }

    private static func dues(
        _ issue: SpecialIssue, _ agenda: Agenda, where isWanted: (Instant) -> Bool
    ) -> [Key: Instant] {
        var dues: [Key: Instant] = [:]
        for milestone in issue.milestones {
            for channel in milestone.channels {
                for reminder in agenda.reminders(of: milestone, to: channel) where isWanted(reminder.due) {
                    let key = Key(
                        milestone: milestone.name, reminder: reminder.rule.canonical,
                        channel: agenda.channels[channel].name)
                    dues[key] = reminder.due
                }
            }
        }
        return dues
    }
}

extension Delivery {
    fileprivate var isHeld: Bool { if case .held = state { true } else { false } }
}

extension ReloadPreview.Entry: Comparable {
    package static func < (a: Self, b: Self) -> Bool {
        (a.due, a.issue, a.milestone, a.channel, a.reminder) < (
            b.due, b.issue, b.milestone, b.channel, b.reminder
        )
    }
}
