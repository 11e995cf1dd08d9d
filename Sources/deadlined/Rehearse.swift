import ArgumentParser
import Configuration
import Engine
import Messages
import Schedule
import Service
import Synchronization

struct Rehearse: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Live through your own reminders on a fast clock.",
        discussion: """
            Every reminder to come is worked out, journalled (in a temporary directory) and sent through the real engine \
            and libcurl, into a receiver on this machine. Nothing reaches your chats, unless --into names one; \
            then it ends at the first message that the service does not take.

            Examples: deadlined rehearse
                      deadlined rehearse ijms-212097 --into lab
            """)

    @Argument(help: ArgumentHelp("Only these special issues.", valueName: "issue"))
    var issues: [String] = []

    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        name: .customLong("into"),
        help: ArgumentHelp("Send every message to this channel, for real.", valueName: "channel"))
    var into: String?

    @Flag(help: "Print one JSON object for each message.")
    var json = false

    func run() throws {
        var agenda = try configuration.load().agenda
        if !issues.isEmpty { agenda.issues = try issues.map { try agenda.issue($0) } }
        if let into { agenda.send(everythingTo: try agenda.channel(into)) }
        let counts = Mutex((delivered: 0, failed: 0))
        let showsProgress = Terminal.isErrorTerminal && !Terminal.isOutputTerminal
        let rehearsal = Rehearsal(agenda: agenda, start: .now, staysLocal: into == nil) { [json] exchange in
            let delivered = counts.withLock { counts in
                if exchange.verdict == .delivered {
                    counts.delivered += max(1, exchange.message.parts.count)
                } else {
                    counts.failed += 1
                }
                return counts.delivered
            }
            Terminal.line(json ? exchange.json.serialized : exchange.line)
            if showsProgress, delivered % 100 == 0 { Terminal.put("\r\(delivered) delivered", 2) }
        }
        let total = rehearsal.reminderCount
        try rehearsal.run()
        if showsProgress { Terminal.put("\r", 2) }
        let (done, bad) = counts.withLock { $0 }
        Terminal.error(
            total == 0
                ? "Nothing is to come."
                : "\(done) of \(total) delivered" + (bad > 0 ? ", \(bad) failed attempts" : ""))
        if done < total { throw Failure(.unavailable, "\(total - done) messages were not delivered") }
    }
}

extension Agenda {
    /// Every milestone reminds one channel, whatever the configuration says.
    fileprivate mutating func send(everythingTo channel: Int) {
        for index in issues.indices {
            issues[index].milestones = issues[index].milestones.map { milestone in
                milestone.reminding([channel])
            }
        }
    }
}

extension Runner.Exchange {
    fileprivate var line: String {
        let zone = channel.audience.zone
        let when = Terminal.styled("\(zone.civil(at: message.now)) \(zone)", .bold)
        let outcome =
            verdict == .delivered
            ? "✓" : Terminal.styled("✗ \(verdict.name): \(Text.singleLine(verdict.reason))", .red)
        return "\(when)  \(channel.name) \(outcome)  \(Text.singleLine(message.summary))"
    }

    fileprivate var json: JSON {
        .object([
            "due": .string("\(message.due)"), "issue": .string(message.identity.issue),
            "milestone": .string(message.identity.milestone),
            "deadline": .string("\(message.deadline.instant)"),
            "reminder": .string(message.identity.reminder), "channel": .string(channel.name),
            "delivered": .bool(verdict == .delivered),
        ])
    }
}
