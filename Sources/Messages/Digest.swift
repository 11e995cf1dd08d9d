import Schedule

/// What a channel's readers are told at intervals: the deadlines that come, moved and passed.
package struct Digest: Sendable {
    package let coming: [Item]
    package let moved: [Item]
    package let passed: [Item]
    /// The last day that it looks ahead to.
    package let until: CivilDate

    package struct Item: Sendable {
        package let issue: SpecialIssue
        package let milestone: Milestone
        package let deadline: Deadline
        /// What it was before, where it moved.
        package let previous: Instant?

        package init(
            issue: SpecialIssue, milestone: Milestone, deadline: Deadline, previous: Instant? = nil
        ) {
            self.issue = issue
            self.milestone = milestone
            self.deadline = deadline
            self.previous = previous
        }
    }

    package init(coming: [Item], moved: [Item], passed: [Item], until: CivilDate) {
        self.coming = coming
        self.moved = moved
        self.passed = passed
        self.until = until
    }

    func title(_ words: Words) -> String {
        if coming.isEmpty, moved.isEmpty, passed.isEmpty { return words.nothing(words.date(until)) }
        return [
            "\(words.coming(coming.count)) \(words.until(words.date(until)))",
            moved.isEmpty ? nil : words.moved(moved.count), passed.isEmpty ? nil : words.gone(passed.count),
        ].compactMap { $0 }.joined(separator: words.separator)
    }

    func sections(at now: Instant, _ language: Language) -> [Section] {
        let words = language.words
        let moved = moved.map { entry($0, at: now, language) }
        let passed = passed.map { entry($0, at: now, language) }
        return Section.grouped(moved, heading: moved.isEmpty ? nil : words.moved(moved.count), words)
            + Section.grouped(coming.map { entry($0, at: now, language) }, heading: nil, words)
            + Section.grouped(passed, heading: passed.isEmpty ? nil : words.gone(passed.count), words)
    }

    /// An item is worded as the message about it alone would be.
    private func entry(_ item: Item, at now: Instant, _ language: Language) -> Section.Entry {
        let message = Message(
            kind: item.previous.map { .moved(from: $0) } ?? .reminder,
            identity: DeliveryIdentity(
                issue: item.issue.id, milestone: item.milestone.name, deadline: item.deadline.instant,
                reminder: "digest", channel: ""),
            issue: item.issue, deadline: item.deadline, due: now, now: now, isPossibleRepeat: false,
            zone: item.deadline.zone, language: language)
        return Section.Entry(
            issue: item.issue, milestone: message.milestone, lead: message.headline, title: message.title,
            link: message.link, deadline: item.deadline)
    }
}

/// A group of lines in a message that lists many things.
package struct Section: Sendable, Equatable {
    /// Empty where there is just one group.
    package let heading: String
    package let lines: [Line]

    /// `7 days left: Title (submission), Wednesday 20 August 2025, end of day, Europe/Zurich`.
    package struct Line: Sendable, Equatable {
        package let lead: String
        package let title: String
        package let link: String?
        /// What stands after the title.
        package let detail: String
    }

    /// One thing that is listed.
    struct Entry {
        let issue: SpecialIssue
        let milestone: String
        let lead: String
        let title: String
        let link: String?
        let deadline: Deadline
    }

    /// More groups than these are one.
    private static let mostGroups = 12
    /// Fewer entries than these need no groups.
    private static let fewEntries = 8

    /// Many entries stand under their journal, or under their first tag where all are of one journal.
    static func grouped(_ entries: [Entry], heading: String?, _ words: Words) -> [Section] {
        guard !entries.isEmpty else { return [] }
        let groupings: [(Entry) -> String] = [
            { Text.singleLine($0.issue.journal ?? "") }, { Text.singleLine($0.issue.tags.first ?? "") },
        ]
        for name in groupings where entries.count > fewEntries && heading == nil {
            let groups = Dictionary(grouping: entries, by: name)
            guard groups.count > 1, groups.count <= entries.count / 2 else { continue }
            // The order of the entries is that of their deadlines; a group stands where its first entry does.
            var seen: Set<String> = []
            let order = entries.map(name).filter { seen.insert($0).inserted }
            let largest = Set(
                order.sorted { (groups[$0]?.count ?? 0) > (groups[$1]?.count ?? 0) }.filter {
                    !Text.isBlank($0)
                }
                .prefix(mostGroups - 1))
            let others = entries.filter { !largest.contains(name($0)) }
            return order.filter(largest.contains).map { section(groups[$0] ?? [], heading: $0, words) }
                + (others.isEmpty ? [] : [section(others, heading: words.other, words)])
        }
        return [section(entries, heading: heading, words)]
    }

    private static func section(_ entries: [Entry], heading: String?, _ words: Words) -> Section {
        // What all have in common is said once.
        let deadlines = Set(entries.map { words.deadline($0.deadline) })
        let leads = Set(entries.map(\.lead))
        let isCommon = entries.count > 2 && deadlines.count == 1 && leads.count == 1
        let common = isCommon ? (Array(leads) + Array(deadlines)).joined(separator: words.separator) : nil
        return Section(
            heading: [
                heading.map { entries.count > 1 && isCommon ? "\($0) (\(entries.count))" : $0 }, common,
            ]
            .compactMap { $0 }.joined(separator: ": "),
            lines: entries.map { entry in
                Line(
                    lead: isCommon ? "" : entry.lead, title: entry.title, link: entry.link,
                    detail: "(\(entry.milestone))"
                        + (isCommon ? "" : "\(words.separator)\(words.deadline(entry.deadline))"))
            })
    }
}
