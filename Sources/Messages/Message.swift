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
        /// Nobody has confirmed the date for a while; its last check was on this day.
        case confirm(checked: CivilDate)
        /// Several reminders, or several notices of one kind, of one instant: `parts`.
        case several
        /// What comes, moved and passed: `digest`.
        case digest
        /// Somebody tries a channel.
        case test
        /// An operator should know.
        case alert(ServiceAlert)

        /// It is about one special issue.
        package var isOfIssue: Bool {
            switch self {
            case .reminder, .moved, .passed, .confirm: true
            case .several, .digest, .test, .alert: false
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
    /// How many times somebody wanted it once more after it had arrived.
    package var edition = 0
    /// By what its receivers recognise a repeat.
    package var id: String { identity.messageID(edition: edition) }
    /// Set where an earlier attempt may have arrived.
    package let isPossibleRepeat: Bool
    /// The reader's zone.
    package let zone: Zone
    package let language: Language
    /// Set where the service did not take its form: then it is sent once more as plain text.
    package var isPlain = false
    /// What of one instant this message tells together.
    package var parts: [Message] = []
    package var digest: Digest?
    package var forwarding: Forwarding?
    /// Makes the links by which readers say that work is handed in; nil where they cannot.
    package var links: DoneLinks? {
        didSet { doneLink = kind.isOfIssue ? links?.url(claim, at: now) : nil }
    }
    /// What its reader says to be handed in.
    var claim: DoneLinks.Claim { DoneLinks.Claim(identity.milestone, identity.deadline, of: issue) }
    /// Where a reader says that the work is handed in; nil where nobody may. What a message lists has links of its own.
    package private(set) var doneLink: String?
    /// The channel's own words.
    package var template: MessageTemplate?

    package init(
        kind: Kind, identity: DeliveryIdentity, issue: SpecialIssue, deadline: Deadline, due: Instant,
        now: Instant, isPossibleRepeat: Bool, zone: Zone, language: Language = .english
    ) {
        self.kind = kind
        self.identity = identity
        self.issue = issue
        self.deadline = deadline
        self.due = due
        self.now = now
        self.isPossibleRepeat = isPossibleRepeat
        self.zone = zone
        self.language = language
    }

    package var words: any Words { language.words }

    /// What it is about, as the issue has it; nil for a test.
    package var subject: Milestone? { issue.milestone(identity.milestone) }
    private var subjectKind: Milestone.Kind { subject?.kind ?? .deadline }

    package var daysLeft: Int { deadline.daysLeft(at: now) }
    package var urgency: Urgency { urgency(at: now) }

    func urgency(at instant: Instant) -> Urgency {
        switch kind {
        case .test: return .ok
        case .alert: return .critical
        case .several: return parts.map { $0.urgency(at: instant) }.max() ?? .ok
        case .digest: return .notice
        case .reminder, .moved, .passed, .confirm: break
        }
        // That something begins is good news, however near.
        if subjectKind.isOpening { return .notice }
        let isPassed = kind == .passed || deadline.instant <= instant
        let urgency = Urgency(daysLeft: isPassed ? -1 : deadline.daysLeft(at: instant))
        // Who planned by the later date has to know at once, however far off the earlier one is.
        if case .moved(let previous) = kind, deadline.instant < previous { return max(urgency, .warning) }
        return urgency
    }
    package var isPassed: Bool { deadline.instant <= now }
    package var late: Span { max(.zero, now - due) }

    /// Lateness that a reader should know of: less than a minute is nobody's business.
    package var isLate: Bool {
        switch kind {
        case .test, .alert: false
        case .reminder, .moved, .passed, .confirm, .several, .digest: late >= .minutes(1)
        }
    }
}

// MARK: - What it says, in plain text

extension Message {
    /// What a template makes of a part; nil where the usual words stand.
    private func own(_ part: MessageTemplate.Part) -> String? {
        guard let words = templateWords(part), !words.isEmpty else { return nil }
        return words
    }

    /// Empty where nothing came out.
    ///
    /// Only what counts down to a deadline has a headline of somebody's own: of anything else the headline alone says what it
    /// is about.
    private func templateWords(_ part: MessageTemplate.Part) -> String? {
        guard kind.isOfIssue, part != .headline || countsDown else { return nil }
        return template?.words(part, of: self)
    }

    private var countsDown: Bool {
        guard case .deadline = subjectKind else { return false }
        return kind == .reminder && !isPassed
    }

    /// The most important words: `7 days left`, `Today`, `Passed 2 days ago`.
    package var headline: String { own(.headline) ?? usualHeadline }

    var usualHeadline: String {
        switch kind {
        case .test: words.test
        case .alert: words.alert
        case .confirm: words.confirm
        case .several:
            switch parts.first?.kind {
            case .moved: words.datesMoved(parts.count)
            case .passed: words.datesPassed(parts.count)
            case .confirm: words.confirm(parts.count)
            default: words.reminders(parts.count)
            }
        case .digest: words.digest
        case .moved(let previous):
            switch (subjectKind, deadline.instant > previous) {
            case (.deadline, true): words.extended
            case (.deadline, false): words.broughtForward
            case (.target, _): words.targetMoved
            case (.opening, true): words.openingPostponed
            case (.opening, false): words.openingBroughtForward
            }
        case .reminder, .passed: countdown
        }
    }

    /// How far off the deadline is, in days of its own zone.
    package var countdown: String {
        let days = daysLeft
        switch subjectKind {
        case .deadline:
            if isPassed { return days >= 0 ? words.passedToday : words.passed(-days) }
            return days < 1 ? words.today : words.daysLeft(days)
        case .target:
            if isPassed { return days >= 0 ? words.targetPassedToday : words.targetPassed(-days) }
            return days < 1 ? words.targetToday : words.daysLeftToTarget(days)
        case .opening:
            if isPassed { return days >= 0 ? words.openFromToday : words.openFor(-days) }
            return days < 1 ? words.opensToday : words.opensIn(days)
        }
    }

    /// The issue's title, never empty.
    package var title: String { own(.title) ?? usualTitle }

    var usualTitle: String {
        switch kind {
        case .alert(let alert): return alert.text(words)
        case .digest: return digest?.title(words) ?? ""
        case .several:
            let journals = Set(parts.map { Text.singleLine($0.issue.journal ?? "") })
            if journals.count == 1, let journal = journals.first, !Text.isBlank(journal) { return journal }
            guard let first = parts.first?.title else { return "" }
            return parts.count == 1 ? first : "\(first) \(words.more(parts.count - 1))"
        case .reminder, .moved, .passed, .confirm, .test:
            let title = Text.singleLine(issue.title)
            return Text.isBlank(title) ? words.untitled(Text.singleLine(issue.id)) : title
        }
    }

    /// Headline, title and what is due in one line: for notifications, logs and clients that show no cards.
    package var summary: String {
        headed + (kind.isOfIssue ? " (\(milestone))" : "")
    }

    /// Headline and title; a question needs no colon.
    var headed: String {
        let isQuestion = headline.last.map { "?？".contains($0) } ?? false
        return headline + (isQuestion ? " " : words.colon) + title
    }

    /// What notifications show above a text, and what of the message the text need not say again. An alert is too long
    /// for a title, and its end is what to do.
    var notification: (title: String, shown: Set<Markup.Part>) {
        if case .alert = kind { return (headline, [.headline]) }
        return (headed, [.headline, .title])
    }

    /// What is due, opens or has a target; a name that nobody gave is told in the reader's language.
    package var milestone: String {
        let name =
            switch subjectKind {
            case .deadline: identity.milestone
            case .target(let other), .opening(let other): other
            }
        return name == Milestone.submission ? words.submission : Text.singleLine(name)
    }

    /// The deadline in its own zone: `Wednesday 20 August 2025, end of day, Europe/Zurich`.
    package var deadlineText: String { words.deadline(deadline) }

    /// The same instant for the reader, where the reader's clock shows something else.
    package var deadlineForReader: String? {
        guard zone.offset(at: deadline.instant) != deadline.zone.offset(at: deadline.instant) else {
            return nil
        }
        return dayAndTime(of: deadline.instant, in: zone)
    }

    /// A day's first instant ends the day before, but for what begins with it.
    private func dayAndTime(of instant: Instant, in zone: Zone) -> String {
        subjectKind.isOpening ? words.instant(instant, in: zone) : words.deadline(instant, in: zone)
    }

    /// The day of an earlier date of this, by its own zone.
    func day(of previous: Instant) -> CivilDate {
        let zone = deadline.zone
        return subjectKind.isOpening ? zone.civil(at: previous).date : zone.lastDay(before: previous)
    }

    /// Facts in the order of their weight; the last ones are the first to go where room is short.
    package var facts: [Fact] { facts() }

    /// - Parameter rendersTimes: the client shows an instant on its reader's own clock, whoever that is.
    package func facts(rendersTimes: Bool = false) -> [Fact] {
        guard kind.isOfIssue || kind == .test else { return [] }
        var facts: [Fact] = []
        func add(_ name: String, _ value: String?, instant: Instant? = nil) {
            let value = Text.singleLine(value ?? "")
            if !Text.isBlank(value) { facts.append(Fact(name: name, value: value, instant: instant)) }
        }
        if kind.isOfIssue {
            add(nameOfDeadline, dueText)
            if rendersTimes {
                add(words.yourTime, dayAndTime(of: deadline.instant, in: zone), instant: deadline.instant)
            } else {
                add(words.yourTime, deadlineForReader)
            }
            if case .deadline = subjectKind {} else { add(words.deadline, official) }
            if case .moved(let previous) = kind {
                add(words.before, dayAndTime(of: previous, in: deadline.zone))
                add(words.difference, difference(from: previous))
                add(words.timeLeft, countdown)
            }
            if case .confirm = kind { add(words.timeLeft, countdown) }
        }
        add(words.journal, issue.journal)
        add(words.publisher, issue.publisher)
        add(issue.guestEditors.count == 1 ? words.guestEditor : words.guestEditors, guestEditors)
        add(words.contact, issue.contact)
        // What no click should open is shown as text.
        if link == nil { add(words.page, issue.url) }
        return facts
    }

    /// In days of the deadline's calendar where its clock shows the same hour, whatever its clocks did between.
    func difference(from previous: Instant) -> String {
        let zone = deadline.zone
        let (before, after) = (zone.civil(at: previous), zone.civil(at: deadline.instant))
        let days = Int(after.date.days) - Int(before.date.days)
        let later = deadline.instant >= previous
        let sign = later ? "+" : "−"
        guard before.time != after.time || days == 0 else { return sign + words.units(.day, abs(days)) }
        return sign + words.duration(later ? deadline.instant - previous : previous - deadline.instant)
    }

    private var dueText: String {
        [milestone, deadlineText, subject?.firmness.map(words.firmness)].compactMap { $0 }
            .joined(separator: words.separator)
    }

    private var nameOfDeadline: String {
        switch subjectKind {
        case .deadline: words.due
        case .target: words.target
        case .opening: words.opens
        }
    }

    /// The deadline that a target or an opening belongs to.
    private var official: String? {
        let name: String? =
            switch subjectKind {
            case .deadline: nil
            case .target(let other), .opening(let other): other
            }
        guard let official = name.flatMap(issue.milestone), let deadline = official.deadline else {
            return nil
        }
        return [words.deadline(deadline), official.firmness.map(words.firmness)].compactMap { $0 }
            .joined(separator: words.separator)
    }

    package struct Fact: Sendable, Equatable {
        package let name: String
        package let value: String
        /// Set where a client that shows instants on its reader's clock may show this one instead of the value.
        package var instant: Instant?
    }

    /// Names only, the first three of many.
    private var guestEditors: String {
        let names = issue.guestEditors.map { Text.singleLine($0.name) }.filter { !Text.isBlank($0) }
        return names.count <= 3
            ? words.people(names, more: 0) : words.people(Array(names.prefix(2)), more: names.count - 2)
    }

    /// All that stands below facts and lists: the channel's own words come last, because they may be long.
    package var remarks: [String] { notices + [ownText].compactMap { $0 } }

    /// The channel's own paragraph.
    var ownText: String? { own(.text) }

    /// What the reader should know about this message itself: that it is late, or perhaps a repeat.
    var notices: [String] {
        var remarks: [String] = []
        if MessageTemplate.Part.allCases.contains(where: { templateWords($0) == "" }) {
            remarks.append(words.templateEmpty)
        }
        switch kind {
        case .passed:
            if case .target = subjectKind {
                remarks.append(words.targetPassedWhileDown)
            } else {
                remarks.append(words.deadlinePassedWhileDown)
            }
        case .test: remarks.append(words.channelWorks)
        case .confirm(let checked): remarks.append(words.confirmed(daysSince(checked)))
        case .several where parts.first?.kind == .passed: remarks.append(words.datesPassedWhileDown)
        case .reminder, .moved, .several, .digest, .alert: break
        }
        if isLate { remarks.append(words.late(words.duration(late))) }
        if isPossibleRepeat { remarks.append(words.possibleRepeat) }
        return remarks
    }

    /// Of several: its parts are reminders, not notices.
    var tellsReminders: Bool { parts.allSatisfy { $0.kind == .reminder } }

    /// In days of the reader's calendar.
    func daysSince(_ date: CivilDate) -> Int { Int(zone.civil(at: now).date.days - date.days) }

    /// What it lists, in groups; none where it is about one thing.
    package var sections: [Section] {
        switch kind {
        case .several: Section.grouped(parts, heading: nil, words, links)
        case .digest: digest?.sections(at: now, language, links) ?? []
        case .reminder, .moved, .passed, .confirm, .test, .alert: []
        }
    }

    /// The call's page, if its URL is one that a click should open; percent-encoded where markup could end in it.
    package var link: String? { kind.isOfIssue || kind == .test ? issue.url.flatMap(WebAddress.link) : nil }

    /// What a reader can do at once: a label and an address each.
    package var actions: [(label: String, url: String)] {
        [link.map { (words.openCall, $0) }, doneLink.map { (words.markDone, $0) }].compactMap { $0 }
    }

    /// Identifies the message for people and tools: `deadlined · ijms-212097 · submission · 7d`.
    package var footer: String {
        let parts =
            switch kind {
            case .test: [identity.channel, "test"]
            case .alert: [identity.channel, "alert"]
            case .digest: [identity.channel, "digest"]
            case .several: [identity.channel, self.parts.first?.id ?? ""]
            case .reminder, .moved, .passed, .confirm:
                [identity.issue, identity.milestone, identity.reminder]
            }
        return (["deadlined"] + parts.map(Text.singleLine)).joined(separator: " · ")
    }
}
