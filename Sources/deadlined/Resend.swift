import ArgumentParser
import Messages
import Service

struct Resend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a delivery once more, whatever became of it.",
        discussion: """
            'deadlined history' numbers the deliveries. One that may have arrived before says so. Nothing is sent whose \
            deadline has moved, whose issue or channel is gone, or whose time is yet to come.

            Example: deadlined resend 17
            """)

    @Argument(help: ArgumentHelp("The delivery's number.", valueName: "number"))
    var delivery: Int64

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Reply: Decodable {
        let delivery: String
        let channel: String
        let notBefore: String?

        enum CodingKeys: String, CodingKey {
            case delivery, channel
            case notBefore = "not_before"
        }
    }

    func run() throws {
        let (reply, text) = try state.control().post(
            "resend", .object(["delivery": .number(delivery)]), Reply.self)
        if json { return Terminal.line(text) }
        let wait = reply.notBefore.map {
            ", not before \($0): the last requests of its channel failed ('deadlined resume \(reply.channel)' tries at once)"
        }
        Terminal.line("\(reply.delivery) is sent once more\(wait ?? "")")
    }
}
