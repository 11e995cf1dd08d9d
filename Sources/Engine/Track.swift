import Messages
import Schedule

/// The next reminder of one milestone for one channel: indices into the agenda.
struct Track: Comparable, Sendable {
    let due: Instant
    let issue: Int32
    let milestone: Int32
    let channel: Int32

    func moved(to due: Instant) -> Track {
        Track(due: due, issue: issue, milestone: milestone, channel: channel)
    }

    static func < (a: Track, b: Track) -> Bool {
        (a.due, a.issue, a.milestone, a.channel) < (b.due, b.issue, b.milestone, b.channel)
    }
}

/// What a reminder is about and for whom, over reloads.
struct TrackAddress: Hashable {
    let issue: String
    let milestone: String
    let channel: String
}

extension TrackAddress {
    /// It is about the service, or about many issues.
    var isOfNoIssue: Bool { issue.isEmpty }

    init(_ identity: DeliveryIdentity) {
        self.init(issue: identity.issue, milestone: identity.milestone, channel: identity.channel)
    }
}

/// Which of the reminders that are owed at one moment go out.
struct CatchUpChoice {
    private(set) var sent: [Reminder] = []
    private(set) var superseded: [Reminder] = []
    /// The deadline passed while `before` reminders were owed: one message says so.
    private(set) var saysPassed = false

    /// - Parameter owed: reminders of one milestone and channel, the earliest first.
    init(_ owed: [Reminder], _ catchUp: Schedule.CatchUp, deadline: Instant, now: Instant) {
        let overdue = owed.filter { now - $0.due > Limits.punctuality }
        let punctual = owed.dropFirst(overdue.count)
        switch catchUp {
        case .all:
            sent = owed
            return
        case .none:
            superseded = overdue
        case .latest:
            for side in [Offset.Side.before, .after] {
                let late = overdue.filter { $0.rule.side == side }
                let hasPassed = side == .before && deadline <= now
                let isReplaced = hasPassed || punctual.contains { $0.rule.side == side }
                if hasPassed, !late.isEmpty { saysPassed = true }
                superseded += isReplaced ? late : late.dropLast()
                sent += isReplaced ? [] : late.suffix(1)
            }
        }
        sent += punctual
    }
}
