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

    func title(_ words: any Words) -> String {
        if coming.isEmpty, moved.isEmpty, passed.isEmpty { return words.nothing(words.date(until)) }
        return [
            words.coming(coming.count, until: words.date(until)),
            moved.isEmpty ? nil : words.moved(moved.count), passed.isEmpty ? nil : words.gone(passed.count),
        ].compactMap { $0 }.joined(separator: words.separator)
    }

    func sections(at now: Instant, _ language: Language, _ links: DoneLinks?) -> [Section] {
        let words = language.words
        // An item is worded as the message about it alone would be.
        func messages(_ items: [Item]) -> [Message] {
            items.map { item in
                Message(
                    kind: item.previous.map { .moved(from: $0) } ?? .reminder,
                    identity: DeliveryIdentity(
                        issue: item.issue.id, milestone: item.milestone.name,
                        deadline: item.deadline.instant, reminder: "digest", channel: ""),
                    issue: item.issue, deadline: item.deadline, due: now, now: now,
                    isPossibleRepeat: false, zone: item.deadline.zone, language: language)
            }
        }
        return Section.grouped(messages(moved), heading: words.moved(moved.count), words, links)
            + Section.grouped(messages(coming), heading: nil, words, links)
            + Section.grouped(messages(passed), heading: words.gone(passed.count), words, nil)
    }
}

/// A group of lines in a message that lists many things.
package struct Section: Sendable {
    /// Empty where there is just one group.
    package let heading: String
    private let entries: [Message]
    /// The heading says for all when they are due.
    private let isCommon: Bool
    private let links: DoneLinks?

    /// `7 days left: Title (submission), Wednesday 20 August 2025, end of day, Europe/Zurich`.
    package struct Line: Sendable, Equatable {
        /// Empty where the heading says it for all.
        package let lead: String
        package let title: String
        package let link: String?
        /// What stands after the title.
        package let detail: String
        /// Where a reader says that this one is handed in; nil where nobody may.
        package let doneLink: String?
    }

    /// How many lines it has.
    package var count: Int { entries.count }

    /// One of its lines; worded when it is wanted, because nobody reads hundreds.
    package func line(_ index: Int) -> Line? {
        guard entries.indices.contains(index) else { return nil }
        let entry = entries[index]
        let detail = isCommon ? "" : entry.words.separator + Section.dates(entry)
        return Line(
            lead: isCommon ? "" : Section.lead(entry), title: entry.title, link: entry.link,
            detail: "(\(entry.milestone))\(detail)",
            doneLink: links?.url(entry.claim, at: entry.now))
    }

    /// What is new about it. By how much a date moved stands here, where nothing is cut; a question stands above the list.
    private static func lead(_ entry: Message) -> String {
        switch entry.kind {
        case .moved(let previous): entry.headline + entry.words.separator + entry.difference(from: previous)
        case .confirm: entry.countdown
        default: entry.headline
        }
    }

    /// When it is due; of one that moved, what it was before too, and of one to be confirmed, since when it is to be.
    private static func dates(_ entry: Message) -> String {
        switch entry.kind {
        case .moved(let previous):
            let before = entry.words.date(entry.day(of: previous))
            return "\(before) → \(entry.deadlineText)"
        case .confirm(let checked):
            return entry.deadlineText + entry.words.separator
                + entry.words.confirmedAgo(entry.daysSince(checked))
        default: return entry.deadlineText
        }
    }

    /// More groups than these are one.
    private static let mostGroups = 12
    /// In UTF-16 units: what stands after a group's name is what all of it have in common.
    private static let mostOfName = 80
    /// Fewer entries than these need no groups.
    private static let fewEntries = 8

    /// Many entries stand under their journal, or under their first tag where all are of one journal.
    ///
    /// - Parameter heading: that of all together; nil where they are grouped.
    static func grouped(
        _ entries: [Message], heading: String?, _ words: any Words, _ links: DoneLinks?
    ) -> [Section] {
        guard !entries.isEmpty else { return [] }
        let groupings: [(SpecialIssue) -> String] = [{ $0.journal ?? "" }, { $0.tags.first ?? "" }]
        for name in groupings where entries.count > fewEntries && heading == nil {
            let groups = Dictionary(grouping: entries) { Text.singleLine(name($0.issue)) }
            guard groups.count > 1, groups.count <= entries.count / 2 else { continue }
            let largest = groups.filter { !Text.isBlank($0.key) }
                .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(mostGroups - 1)
            let names = Set(largest.map(\.key))
            let others = entries.filter { !names.contains(Text.singleLine(name($0.issue))) }
            return largest.map { group in
                let name = Text.cut(group.key, to: mostOfName, counting: .utf16)
                return section(group.value, heading: "\(name) (\(group.value.count))", words, links)
            }
                + (others.isEmpty
                    ? [] : [section(others, heading: "\(words.other) (\(others.count))", words, links)])
        }
        return [section(entries, heading: heading, words, links)]
    }

    private static func section(
        _ entries: [Message], heading: String?, _ words: any Words, _ links: DoneLinks?
    ) -> Section {
        // What all have in common is said once.
        let first = entries.first
        let isCommon =
            entries.count > 2
            && entries.allSatisfy {
                $0.deadline.instant == first?.deadline.instant && $0.kind == first?.kind
                    && $0.deadline.zone == first?.deadline.zone && $0.subject?.kind == first?.subject?.kind
            }
        let common = isCommon ? first.map { "\(lead($0))\(words.separator)\(dates($0))" } : nil
        return Section(
            heading: [heading, common].compactMap { $0 }.joined(separator: words.colon), entries: entries,
            isCommon: isCommon, links: links)
    }
}
