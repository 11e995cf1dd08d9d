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
        /// An operator should know: what, in words.
        case alert(String)

        /// It speaks of the service itself, and of no special issue.
        package var isOfService: Bool {
            switch self {
            case .test, .alert: true
            case .reminder, .moved, .passed: false
            }
        }
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

    /// What it is about, as the issue has it; nil for a test.
    private var subject: Milestone? { issue.milestone(identity.milestone) }
    private var subjectKind: Milestone.Kind { subject?.kind ?? .deadline }

    package var daysLeft: Int { deadline.daysLeft(at: now) }
    package var urgency: Urgency {
        switch kind {
        case .test: return .ok
        case .alert: return .critical
        case .reminder, .moved, .passed: break
        }
        // That something begins is good news, however near.
        if case .opening = subjectKind { return .notice }
        return Urgency(daysLeft: isPassed ? -1 : daysLeft)
    }
    package var isPassed: Bool { deadline.instant <= now }
    package var late: Span { max(.zero, now - due) }

    /// Lateness that a reader should know of: less than a minute is nobody's business.
    package var isLate: Bool { !kind.isOfService && late >= .minutes(1) }
}

// MARK: - What it says, in plain text

extension Message {
    /// The most important words: `7 days left`, `Today`, `Passed 2 days ago`.
    package var headline: String {
        switch kind {
        case .test: "Test message"
        case .alert: "Service alert"
        case .moved(let previous):
            switch (subjectKind, deadline.instant > previous) {
            case (.deadline, true): "Deadline extended"
            case (.deadline, false): "Deadline brought forward"
            case (.target, _): "Target moved"
            case (.opening, true): "Opening postponed"
            case (.opening, false): "Opening brought forward"
            }
        case .reminder, .passed: countdown
        }
    }

    /// How far off the deadline is, in days of its own zone.
    package var countdown: String {
        let days = daysLeft
        switch subjectKind {
        case .deadline:
            if isPassed { return days >= 0 ? "Passed today" : "Passed \(Words.count(-days, "day")) ago" }
            return days < 1 ? "Today" : "\(Words.count(days, "day")) left"
        case .target:
            if isPassed {
                return days >= 0 ? "Target passed today" : "Target passed \(Words.count(-days, "day")) ago"
            }
            return days < 1 ? "Target: today" : "\(Words.count(days, "day")) left to the target"
        case .opening:
            if isPassed { return days >= 0 ? "Open from today" : "Open for \(Words.count(-days, "day"))" }
            return days < 1 ? "Opens today" : "Opens in \(Words.count(days, "day"))"
        }
    }

    /// The issue's title, never empty.
    package var title: String {
        if case .alert(let text) = kind { return text }
        let title = Text.singleLine(issue.title)
        return Text.isBlank(title) ? "(untitled: \(Text.singleLine(issue.id)))" : title
    }

    /// Headline, title and what is due in one line: for notifications, logs and clients that show no cards.
    package var summary: String {
        "\(headline): \(title)" + (kind.isOfService ? "" : " (\(milestone))")
    }

    /// What is due, opens or has a target.
    package var milestone: String {
        switch subjectKind {
        case .deadline: Text.singleLine(identity.milestone)
        case .target(let other), .opening(let other): Text.singleLine(other)
        }
    }

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
        if !kind.isOfService {
            add(name, "\(milestone), \(deadlineText)" + (subject?.firmness.map { ", \($0.rawValue)" } ?? ""))
            add("Your time", deadlineForReader)
            if case .deadline = subjectKind {} else { add("Deadline", official) }
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

    private var name: String {
        switch subjectKind {
        case .deadline: "Due"
        case .target: "Target"
        case .opening: "Opens"
        }
    }

    /// The deadline that a target or an opening belongs to.
    private var official: String? {
        guard let official = issue.milestone(milestone), let deadline = official.deadline else { return nil }
        return Words.deadline(deadline) + (official.firmness.map { ", \($0.rawValue)" } ?? "")
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
            let what = if case .target = subjectKind { "target" } else { "deadline" }
            remarks.append("The \(what) passed while the service was down and reminders were owed.")
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
            kind.isOfService
            ? [identity.channel, kind == .test ? "test" : "alert"]
            : [identity.issue, identity.milestone, identity.reminder]
        return (["deadlined"] + parts.map(Text.singleLine)).joined(separator: " · ")
    }
}
