import ArgumentParser
import Foundation
import Messages
import Schedule
import Service

struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why something comes, came, or did not: a special issue's reminders, or one delivery.",
        discussion: """
            Asks the running service. 'deadlined history' numbers the deliveries; a number that is also an issue's id \
            stands for the issue. 'deadlined explain' tells how each due instant is worked out.

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

    private enum Answer: Decodable {
        case account(Account)
        case story(Story)

        init(from decoder: any Decoder) throws {
            if let story = try? Story(from: decoder) {
                self = .story(story)
            } else {
                self = .account(try Account(from: decoder))
            }
        }
    }

    func run() throws {
        let query = [("issue", subject), ("delivery", Int64(subject).map(String.init))]
        let (answer, text) = try state.control().get("why", query, Answer.self)
        guard !json else { return Terminal.line(text) }
        switch answer {
        case .story(let story): for line in story.story { Terminal.line(Terminal.fitted(line, indent: 2)) }
        case .account(let account): tell(account, now: .now)
        }
    }

    private func tell(_ account: Account, now: Instant) {
        func told(_ text: String) -> String { (try? Instant(rfc3339: text).told(from: now)) ?? text }
        func line(_ text: String, indent: Int) { Terminal.line(Terminal.fitted(text, indent: indent)) }
        line(Terminal.styled("\(account.issue)  \(Text.singleLine(account.title))", .bold), indent: 2)
        for milestone in account.milestones {
            let deadline = milestone.deadline.map { "\($0), \(told($0))" } ?? ""
            Terminal.line("")
            line("\(Terminal.styled(milestone.milestone, .bold))  \(deadline)", indent: 2)
            line("  \(milestone.why)", indent: 4)
            for channel in milestone.channels {
                let next = channel.next.map {
                    "next \(told($0)), \($0) (\(channel.reminder ?? ""))"
                }
                let parts = [next, channel.why].compactMap { $0 }.joined(separator: "; ")
                line("  → \(Terminal.padded(channel.channel, to: 12)) \(Text.singleLine(parts))", indent: 6)
            }
        }
        guard !account.deliveries.isEmpty else { return Terminal.line("\nNothing of it was sent yet.") }
        Terminal.line("\n\(Terminal.styled("lately", .bold))")
        for entry in account.deliveries {
            let reason = entry.reason.map { ": \(Text.singleLine($0))" } ?? ""
            line(
                "  \(Terminal.padded("\(entry.delivery)", to: 6)) \(Terminal.padded(entry.state, to: 10)) "
                    + "\(told(entry.updated))  "
                    + "\(entry.milestone) \(entry.reminder) → \(entry.channel)\(reason)", indent: 9)
        }
    }
}
