import ArgumentParser
import Messages
import Service

struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a channel back that was disabled or muted, with all that is owed to it.",
        discussion: """
            A channel is disabled when its service says that its address or credential is dead. Mend that first. With \
            --clock, what a jump of the clock made due goes out at once: the clock is right.

            Examples: deadlined resume lab
                      deadlined resume --clock
            """)

    @Argument(help: ArgumentHelp("The channel.", valueName: "channel"))
    var channel: String?

    @Flag(help: "The clock is right, however it jumped.")
    var clock = false

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (channel == nil) == clock else { throw ValidationError("give a channel, or --clock") }
    }

    private struct Reply: Decodable {
        var channel: String?
        var wasDisabled: Bool?
        var wasMuted: Bool?
        var reason: String?

        enum CodingKeys: String, CodingKey {
            case channel, reason
            case wasDisabled = "was_disabled"
            case wasMuted = "was_muted"
        }
    }

    func run() throws {
        let control = try state.control()
        let (reply, text) =
            try channel.map { try control.post("resume", .object(["channel": .string($0)]), Reply.self) }
            ?? control.post("clock", .null, Reply.self)
        if json { return Terminal.line(text) }
        guard let channel = reply.channel else { return Terminal.line("the clock is believed") }
        Terminal.line(
            reply.wasDisabled == true
                ? "\(channel) was disabled (\(Text.singleLine(reply.reason ?? ""))) and is back"
                : reply.wasMuted == true
                    ? "\(channel) was muted and is back"
                    : "\(channel) was not disabled; whatever it waited for, it tries now")
    }
}
