import ArgumentParser
import Configuration
import Messages
import Schedule
import Service

struct Preview: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the exact message that each channel would get.",
        discussion: """
            It is the next reminder to come, worded as of its due instant; where all have passed, the last one. --json
            prints the request's body as the service gets it.
            """)

    @Argument(help: ArgumentHelp("The special issue.", valueName: "issue"))
    var issue: String

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Print one JSON object for each request.")
    var json = false

    func run() throws {
        let agenda = try configuration.load().agenda
        let issue = try agenda.issue(issue)
        let now = Instant.now
        var count = 0
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
                let message = Message(
                    kind: .reminder, identity: identity, issue: issue, deadline: deadline, due: reminder.due,
                    now: reminder.due, isPossibleRepeat: false, zone: channel.audience.zone,
                    language: channel.language)
                show(message, channel)
                count += 1
            }
        }
        if count == 0 {
            throw Failure(.data, "'\(issue.id)' sends nothing: it has no date, no reminders or no channel")
        }
    }

    private func show(_ message: Message, _ channel: Channel) {
        guard json else {
            Terminal.line(
                "\(channel.name) (\(channel.type)) at \(Words.english.instant(message.due, in: channel.audience.zone)):"
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
