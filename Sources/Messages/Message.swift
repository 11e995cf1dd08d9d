import Schedule

/// What a reader is told, before any service has given it a form.
///
/// Every text that it words is clean (`Text.singleLine`); a service escapes and cuts it. The issue's own are as the
/// configuration has them, for services that hand them to programs.
package struct Message: Sendable {
    package enum Kind: Sendable, Equatable {
        /// A rule fell due.
        case reminder
        /// The deadline changed.
        case moved(from: Instant)
        /// The deadline passed while the service was down and reminders were owed.
        case passed
        /// Somebody tries a channel.
        case test
    }

    package let kind: Kind
    package let identity: DeliveryIdentity
    package let issue: SpecialIssue
    package let deadline: Deadline
    package let due: Instant
    /// When it is sent: days left and lateness are counted from here.
    package let now: Instant
    /// Set where an earlier attempt may have arrived.
    package let isPossibleRepeat: Bool
    /// The reader's zone.
    package let zone: Zone

    package init(
        kind: Kind, identity: DeliveryIdentity, issue: SpecialIssue, deadline: Deadline, due: Instant,
        now: Instant, isPossibleRepeat: Bool, zone: Zone
    ) {
        self.kind = kind
        self.identity = identity
        self.issue = issue
        self.deadline = deadline
        self.due = due
        self.now = now
        self.isPossibleRepeat = isPossibleRepeat
        self.zone = zone
    }

    package var daysLeft: Int { deadline.daysLeft(at: now) }
    package var urgency: Urgency { kind == .test ? .ok : Urgency(daysLeft: isPassed ? -1 : daysLeft) }
    package var isPassed: Bool { deadline.instant <= now }
    package var late: Span { max(.zero, now - due) }

    /// Lateness that a reader should know of: less than a minute is nobody's business.
    package var isLate: Bool { kind != .test && late >= .minutes(1) }
}

// MARK: - What it says, in plain text

extension Message {
    /// The most important words: `7 days left`, `Today`, `Passed 2 days ago`.
    package var headline: String {
        switch kind {
        case .test: "Test message"
        case .moved(let previous):
            deadline.instant > previous ? "Deadline extended" : "Deadline brought forward"
        case .reminder, .passed: countdown
        }
    }

    /// How far off the deadline is, in days of its own zone.
    package var countdown: String {
        let days = daysLeft
        if isPassed { return days >= 0 ? "Passed today" : "Passed \(Words.count(-days, "day")) ago" }
        return switch days {
        case ..<1: "Today"
        case 1: "1 day left"
        default: "\(days) days left"
        }
    }

    /// The issue's title, never empty.
    package var title: String {
        let title = Text.singleLine(issue.title)
        return Text.isBlank(title) ? "(untitled: \(Text.singleLine(issue.id)))" : title
    }

    /// Headline, title and what is due in one line: for notifications, logs and clients that show no cards.
    package var summary: String {
        "\(headline): \(title)" + (kind == .test ? "" : " (\(milestone))")
    }

    package var milestone: String { Text.singleLine(identity.milestone) }

    /// The deadline in its own zone: `Wednesday 20 August 2025, end of day, Europe/Zurich`.
    package var deadlineText: String { Words.deadline(deadline) }

    /// The same instant for the reader, where the reader's clock shows something else.
    package var deadlineForReader: String? {
        guard zone.offset(at: deadline.instant) != deadline.zone.offset(at: deadline.instant) else {
            return nil
        }
        return Words.deadline(deadline.instant, in: zone)
    }

    /// Facts in the order of their weight; the last ones are the first to go where room is short.
    package var facts: [Fact] {
        var facts: [Fact] = []
        func add(_ name: String, _ value: String?) {
            let value = Text.singleLine(value ?? "")
            if !Text.isBlank(value) { facts.append(Fact(name: name, value: value)) }
        }
        if kind != .test {
            add("Due", "\(milestone), \(deadlineText)")
            add("Your time", deadlineForReader)
            if case .moved(let previous) = kind {
                add("Before", Words.deadline(previous, in: deadline.zone))
                add("Time left", countdown)
            }
        }
        add("Journal", issue.journal)
        add("Publisher", issue.publisher)
        add(issue.guestEditors.count == 1 ? "Guest editor" : "Guest editors", guestEditors)
        add("Contact", issue.contact)
        // What no click should open is shown as text.
        if link == nil { add("Page", issue.url) }
        return facts
    }

    package struct Fact: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    /// Names only, the first three of many.
    private var guestEditors: String {
        let names = issue.guestEditors.map { Text.singleLine($0.name) }.filter { !Text.isBlank($0) }
        return names.count <= 3
            ? names.joined(separator: ", ")
            : names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
    }

    /// What the reader should know about this message itself: that it is late, or perhaps a repeat.
    package var remarks: [String] {
        var remarks: [String] = []
        if kind == .passed {
            remarks.append("The deadline passed while the service was down and reminders were owed.")
        }
        if kind == .test { remarks.append("This channel works. Nothing is due.") }
        if isLate { remarks.append("This message is \(Words.duration(late)) late.") }
        if isPossibleRepeat { remarks.append("Possible repeat: an earlier attempt may have arrived.") }
        return remarks
    }

    /// The call's page, if its URL is one that a click should open; percent-encoded where markup could end in it.
    package var link: String? { issue.url.flatMap(WebAddress.link) }

    /// Identifies the message for people and tools: `deadlined · ijms-212097 · submission · 7d`.
    package var footer: String {
        let parts =
            kind == .test
            ? [identity.channel, "test"] : [identity.issue, identity.milestone, identity.reminder]
        return (["deadlined"] + parts.map(Text.singleLine)).joined(separator: " · ")
    }
}
