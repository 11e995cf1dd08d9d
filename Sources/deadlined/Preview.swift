import ArgumentParser
import Configuration
import Foundation
import Messages
import Schedule
import Service

struct Preview: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the exact message that each channel would get.",
        discussion: """
            It is the next reminder to come, worded as of its due instant; where all have passed, the last one. --json \
            prints the request's body as the service gets it. Where the page has a public address, the link that says \
            "submitted" is there too, but signed for this look alone: no service takes it. --html draws a page: the reminder, as plain text too, each \
            other kind of message about it, and the digest of the coming 60 days.

            Examples: deadlined preview ijms-212097
                      deadlined preview ijms-212097 --every-service --html preview.html
            """)

    @Argument(help: ArgumentHelp("The special issue.", valueName: "issue"))
    var issue: String

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Every service there is, whatever channels the issue has.")
    var everyService = false

    @Flag(help: "Print one JSON object for each request.")
    var json = false

    @Option(help: ArgumentHelp("Write a page to look at in a browser.", valueName: "file"))
    var html: String?

    func run() throws {
        let configuration = try configuration.load()
        var agenda = configuration.agenda
        if everyService { try agenda.addEveryService(to: issue) }
        let issue = try agenda.issue(issue)
        let links = configuration.page?.publicURL.map { DoneLinks.example(base: $0) }
        let entries = entries(agenda, issue, links)
        if entries.isEmpty {
            throw Failure(
                .data,
                "'\(issue.id)' sends nothing: it is done or withdrawn, or has no date, no reminders or no channel ('deadlined explain \(issue.id)' tells)"
            )
        }
        guard let html else { return entries.forEach(show) }
        var page = PreviewPage()
        let views = views(agenda)
        for (name, remade) in views {
            page.add(
                group: name,
                entries.map { entry in
                    let message = remade(entry.message)
                    let request = entry.channel.service.request(for: message, attempt: message.now)
                    return (entry.channel.name, entry.channel.type, message, request)
                })
        }
        try OutputFile.write(page.html.utf8, to: html)
        Terminal.line(
            "\(html): \(English.count(entries.count, "message")), each in \(English.count(views.count, "form"))"
        )
    }

    private typealias Entry = (channel: Channel, message: Message)

    /// The next reminder of each milestone for each of its channels.
    private func entries(_ agenda: Agenda, _ issue: SpecialIssue, _ links: DoneLinks?) -> [Entry] {
        let now = Instant.now
        var entries: [Entry] = []
        for milestone in issue.milestones {
            guard let deadline = milestone.reminded else { continue }
            for index in milestone.channels {
                let channel = agenda.channels[index]
                let reminders = agenda.reminders(of: milestone, to: index)
                guard let reminder = reminders.first(where: { $0.due > now }) ?? reminders.last else {
                    continue
                }
                let identity = DeliveryIdentity(
                    issue: issue.id, milestone: milestone.name, deadline: deadline.instant,
                    reminder: reminder.rule.canonical, channel: channel.name)
                var message = Message(
                    kind: .reminder, identity: identity, issue: issue, deadline: deadline, due: reminder.due,
                    now: reminder.due, isPossibleRepeat: false, zone: channel.audience.zone,
                    language: channel.language)
                message.template = channel.template
                message.links = links
                entries.append((channel, message))
            }
        }
        return entries
    }

    /// What a page shows each message as.
    private func views(_ agenda: Agenda) -> [(String, (Message) -> Message)] {
        let items = agenda.issues.flatMap { issue in
            issue.milestones.compactMap { milestone in
                milestone.reminded.map { Digest.Item(issue: issue, milestone: milestone, deadline: $0) }
            }
        }.sorted { $0.deadline.instant < $1.deadline.instant }
        return [
            ("A reminder", { $0 }),
            (
                "The same as plain text, for a service that refused its form",
                { message in
                    var plain = message
                    plain.isPlain = true
                    return plain
                }
            ),
            (
                "A deadline that moved, late and perhaps a repeat",
                { message in
                    let before = message.deadline.instant - .days(30)
                    return remade(
                        message, .moved(from: before), now: message.due + .hours(3), isPossibleRepeat: true)
                }
            ),
            (
                "A deadline that passed while the service was down",
                { remade($0, .passed, now: $0.deadline.instant + .hours(1)) }
            ),
            ("Something that opens", opened),
            (
                "A question whether the date still stands",
                { message in
                    let checked = message.zone.civil(at: message.now).date.adding(days: -60)
                    return remade(message, .confirm(checked: checked))
                }
            ),
            ("Reminders of one instant in one message", { folded($0, items) { _ in .reminder } }),
            (
                "Deadlines that moved together, in one message",
                { message in
                    folded(message, items) { item in
                        let isLater = item.milestone.name.utf8.count.isMultiple(of: 2)
                        return .moved(from: item.deadline.instant + .days(isLater ? -30 : 7))
                    }
                }
            ),
            ("A digest", { digest($0, items) }),
            (
                "An alert",
                { message in
                    remade(message, .alert(.disabled(channel: "lab", reason: "HTTP 404: no_service")))
                }
            ),
        ]
    }

    /// A message of another kind in its place.
    private func remade(
        _ message: Message, _ kind: Message.Kind, about item: Digest.Item? = nil, now: Instant? = nil,
        isPossibleRepeat: Bool = false
    ) -> Message {
        let identity =
            item.map { item in
                DeliveryIdentity(
                    issue: item.issue.id, milestone: item.milestone.name, deadline: item.deadline.instant,
                    reminder: message.identity.reminder, channel: message.identity.channel)
            } ?? message.identity
        var other = Message(
            kind: kind, identity: identity, issue: item?.issue ?? message.issue,
            deadline: item?.deadline ?? message.deadline, due: message.due, now: now ?? message.now,
            isPossibleRepeat: isPossibleRepeat, zone: message.zone, language: message.language)
        other.template = message.template
        other.links = message.links
        return other
    }

    private func opened(_ message: Message) -> Message {
        let zone = message.deadline.zone
        let day = CivilDateTime(zone.civil(at: message.now).date, .midnight)
        guard let subject = message.subject, let deadline = Deadline(.civil(day), zone: zone) else {
            return message
        }
        var issue = message.issue
        let opening = Milestone(
            name: "\(subject.name) opens", kind: .opening(of: subject.name), written: "", deadline: deadline,
            schedule: subject.schedule, channels: [])
        issue.milestones.append(opening)
        return remade(
            message, .reminder,
            about: Digest.Item(issue: issue, milestone: opening, deadline: deadline))
    }

    private func folded(
        _ message: Message, _ items: [Digest.Item], kind: (Digest.Item) -> Message.Kind
    ) -> Message {
        var several = remade(message, .several)
        let next = items.filter { $0.deadline.instant > message.now }.prefix(8)
        several.parts = next.isEmpty ? [message] : next.map { remade(message, kind($0), about: $0) }
        return several
    }

    private func digest(_ message: Message, _ items: [Digest.Item]) -> Message {
        let until = message.zone.civil(at: message.now).date.adding(days: 60)
        let end = message.zone.startOfDay(until.adding(days: 1))
        let coming = items.filter { $0.deadline.instant > message.now && $0.deadline.instant <= end }
        let passed = items.filter {
            $0.deadline.instant <= message.now && $0.deadline.instant > message.now - .days(30)
        }
        let moved = coming.prefix(1).map { item in
            Digest.Item(
                issue: item.issue, milestone: item.milestone, deadline: item.deadline,
                previous: item.deadline.instant - .days(30))
        }
        var digest = remade(message, .digest)
        digest.digest = Digest(coming: coming, moved: moved, passed: passed, until: until)
        return digest
    }

    private func show(_ entry: Entry) {
        let (channel, message) = entry
        guard json else {
            Terminal.line(
                "\(channel.name) (\(channel.type)) at \(English().instant(message.due, in: channel.audience.zone)):"
            )
            return Terminal.line(Card.text(message))
        }
        let request = channel.service.request(for: message, attempt: message.due)
        let body: JSON =
            switch request.content {
            case .none: .null
            case .json(let value): value
            // A secret stands there as so many letters.
            case .form(let fields):
                .string(
                    Request.encoded(fields) { String(repeating: "x", count: $0.revealed.utf8.count) })
            case .mail(let mail): .string(mail.text)
            }
        Terminal.line(
            JSON.object([
                "channel": .string(channel.name), "type": .string(channel.type),
                "method": .string(request.method.rawValue), "content_type": .string(request.contentType),
                "body": body,
            ]).serialized)
    }
}

extension Agenda {
    /// Sends an issue's reminders to a made-up channel of each service instead.
    fileprivate mutating func addEveryService(to id: String) throws {
        let issue = try self.issue(id)
        guard let index = issues.firstIndex(where: { $0.id == issue.id }) else { return }
        let used = issue.milestones.flatMap(\.channels).first.map { channels[$0] }
        let audience = used?.audience ?? Audience(zone: .utc, at: .nine)
        let language = used?.language ?? .english
        let first = channels.count
        for type in ChatServices.all {
            let service = try type.init(ChatServices.example(type))
            channels.append(
                Channel(
                    name: type.type, service: service, audience: audience, language: language,
                    template: used?.template))
        }
        issues[index].milestones = issue.milestones.map { $0.reminding(Array(first..<channels.count)) }
    }
}
