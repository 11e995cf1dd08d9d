import Schedule

/// The reminders of some special issues within a time, in the order of due instant, issue, milestone and channel.
package struct ReminderPlan: Sendable {
    package private(set) var entries: [Entry] = []

    /// A reminder, with indices into the issues, the issue's milestones and the agenda's channels.
    package struct Entry: Hashable, Sendable {
        package let reminder: Reminder
        package let issue: Int32
        package let milestone: Int32
        package let channel: Int32
    }

    /// - Parameters:
    ///   - channel: an index; nil for all of them.
    ///   - from: the first instant.
    ///   - until: the first instant that is too late.
    package init(
        _ agenda: Agenda, issues: [SpecialIssue], channel: Int? = nil, from: Instant, until: Instant
    ) {
        // Names are compared once, and not for each of many reminders.
        let issueRanks = ReminderPlan.ranks(issues.map(\.id))
        let channelRanks = ReminderPlan.ranks(agenda.channels.map(\.name))
        var ranked: [(entry: Entry, rank: (Int, Int, Int))] = []
        for (issueIndex, issue) in issues.enumerated() {
            let milestoneRanks = ReminderPlan.ranks(issue.milestones.map(\.name))
            for (milestoneIndex, milestone) in issue.milestones.enumerated() {
                for index in milestone.channels where channel ?? index == index {
                    for reminder in agenda.reminders(of: milestone, to: index)
                    where reminder.due >= from && reminder.due < until {
                        let entry = Entry(
                            reminder: reminder, issue: Int32(issueIndex), milestone: Int32(milestoneIndex),
                            channel: Int32(index))
                        ranked.append(
                            (
                                entry,
                                (issueRanks[issueIndex], milestoneRanks[milestoneIndex], channelRanks[index])
                            ))
                    }
                }
            }
        }
        ranked.sort { a, b in
            let (x, y) = (a.entry.reminder.due, b.entry.reminder.due)
            return x != y ? x < y : a.rank < b.rank
        }
        entries = ranked.map(\.entry)
    }

    /// For each name its place in the order of all.
    private static func ranks(_ names: [String]) -> [Int] {
        if names.count == 1 { return [0] }
        var ranks = Array(repeating: 0, count: names.count)
        for (rank, index) in names.indices.sorted(by: { names[$0] < names[$1] }).enumerated() {
            ranks[index] = rank
        }
        return ranks
    }
}
