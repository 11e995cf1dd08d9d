import ArgumentParser
import Messages
import Schedule
import Service

struct Done: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say that the work is handed in: no more reminders.",
        discussion: """
            It stands until the deadline moves, or until 'deadlined undo'. The file of the special issue stays as it is.

            Example: deadlined done ijms-212097
            """)

    @OptionGroup var target: MarkOptions

    func run() throws {
        let (reply, text) = try target.post("done")
        target.tell(text, "\(reply.names) is done: no more reminders")
    }
}

struct Snooze: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the reminders of a special issue wait.",
        discussion: """
            What falls due until then is kept, and the last of it goes out at the end. That a deadline moved is told all the \
            same. A snooze ends before the deadline: for more, there is 'deadlined done'.

            Examples: deadlined snooze ijms-212097 3d
                      deadlined snooze ijms-212097 2026-12-01
            """)

    @Argument(help: ArgumentHelp("The special issue's id.", valueName: "issue"))
    var issue: String

    @Argument(
        help: ArgumentHelp(
            "How long, like 12h, 3d or 2w, or until which day, like 2026-12-01.", valueName: "until"))
    var until: String

    @Option(help: ArgumentHelp("Only this milestone.", valueName: "name"))
    var milestone: String?

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let (reply, text) = try state.control().post(
            "snooze",
            .object([
                "issue": .string(issue), "milestone": milestone.map(JSON.string), "until": .string(until),
            ]), MarkOptions.Reply.self)
        Terminal.line(json ? text : "\(reply.names) is snoozed until \(reply.until ?? until)")
    }
}

struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take 'done' or 'snooze' back: what is to come is sent again.",
        discussion: "Example: deadlined undo ijms-212097")

    @OptionGroup var target: MarkOptions

    func run() throws {
        let (reply, text) = try target.post("undo")
        target.tell(text, "\(reply.names) is reminded of again")
    }
}

/// Which milestones are meant.
struct MarkOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The special issue's id.", valueName: "issue"))
    var issue: String

    @Argument(help: ArgumentHelp("Only this milestone.", valueName: "milestone"))
    var milestone: String?

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Reply: Decodable {
        let issue: String
        let milestones: [String]
        let until: String?

        var names: String { "\(issue) \(milestones.joined(separator: ", "))" }
    }

    func post(_ what: String) throws -> (Reply, text: String) {
        try state.control().post(
            what, .object(["issue": .string(issue), "milestone": milestone.map(JSON.string)]), Reply.self)
    }

    func tell(_ text: String, _ words: String) { Terminal.line(json ? text : words) }
}

struct Mute: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send nothing to a channel for a while.",
        discussion: """
            What is owed to it is kept; at the end the latest of each milestone goes out. 'deadlined resume' ends it at once.

            Examples: deadlined mute lab --until 3d
                      deadlined mute lab
            """)

    @Argument(help: ArgumentHelp("The channel.", valueName: "channel"))
    var channel: String

    @Option(
        help: ArgumentHelp(
            "How long, like 12h, 3d or 2w, or until which day; without it until 'deadlined resume'.",
            valueName: "time"))
    var until: String?

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Reply: Decodable {
        let channel: String
        let until: String?
    }

    func run() throws {
        let (reply, text) = try state.control().post(
            "mute", .object(["channel": .string(channel), "until": until.map(JSON.string)]), Reply.self)
        Terminal.line(
            json
                ? text
                : "\(reply.channel) is muted until \(reply.until ?? "'deadlined resume \(reply.channel)'")")
    }
}
