import ArgumentParser
import Foundation
import Messages
import Schedule
import Service

struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why something comes, came, or did not: a special issue's reminders, or one delivery.",
        discussion: """
            Asks the running service. 'deadlined history' numbers the deliveries; 'deadlined explain' tells how each due \
            instant is worked out.

            Examples: deadlined why ijms-212097
                      deadlined why 17
            """)

    @Argument(
        help: ArgumentHelp("The special issue's id, or a delivery's number.", valueName: "issue|delivery"))
    var subject: String

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Account: Decodable {
        let issue, title: String
        let milestones: [Milestone]
        let deliveries: [Line]

        struct Milestone: Decodable {
            let milestone, why: String
            let deadline: String?
            let channels: [Channel]
        }

        struct Channel: Decodable {
            let channel: String
            let next, reminder, why: String?
        }

        struct Line: Decodable {
            let delivery: Int64
            let milestone, reminder, channel, state, updated: String
            let reason: String?
        }
    }

    private struct Story: Decodable {
        let story: [String]
    }

    func run() throws {
        let control = try state.control()
        if let number = Int64(subject) {
            let (story, text) = try control.get("why", [("delivery", "\(number)")], Story.self)
            return Terminal.lines(json ? [text] : story.story)
        }
        let (account, text) = try control.get("why", [("issue", subject)], Account.self)
        if json { return Terminal.line(text) }
        Terminal.line(Terminal.styled("\(account.issue)  \(Text.singleLine(account.title))", .bold))
        for milestone in account.milestones {
            Terminal.line(
                "\n\(Terminal.styled(milestone.milestone, .bold))  \(milestone.deadline ?? "")\n  \(milestone.why)"
            )
            for channel in milestone.channels {
                let next = channel.next.map { "next \($0) (\(channel.reminder ?? ""))" }
                let parts = [next, channel.why].compactMap { $0 }.joined(separator: "; ")
                Terminal.line("  → \(Terminal.padded(channel.channel, to: 12)) \(Text.singleLine(parts))")
            }
        }
        guard !account.deliveries.isEmpty else { return Terminal.line("\nNothing of it was sent yet.") }
        Terminal.line("\n\(Terminal.styled("lately", .bold))")
        for line in account.deliveries {
            let reason = line.reason.map { ": \(Text.singleLine($0))" } ?? ""
            Terminal.line(
                "  \(Terminal.padded("\(line.delivery)", to: 6)) \(Terminal.padded(line.state, to: 10)) \(line.updated)  "
                    + "\(line.milestone) \(line.reminder) → \(line.channel)\(reason)")
        }
    }
}
