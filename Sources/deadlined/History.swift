import ArgumentParser
import Engine
import Glibc
import Journal
import Messages
import Schedule
import Service

struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what was sent, and what became of it.",
        discussion: """
            Reads the journal, whether the service runs or not. The number of a delivery is what 'deadlined resend' wants.
            """)

    @Argument(help: ArgumentHelp("Only this special issue.", valueName: "issue"))
    var issue: String?

    @Option(help: ArgumentHelp("Only this channel.", valueName: "channel"))
    var channel: String?

    @Flag(help: "Only what is not over: owed, waiting, held.")
    var open = false

    @Flag(help: "Every attempt of each delivery, with what the service said.")
    var attempts = false

    @Option(help: "No more than so many, the last ones. The table shows 50 unless told; JSON shows all.")
    var last: Int?

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object for each delivery.")
    var json = false

    func validate() throws {
        if let last, last < 1 { throw ValidationError("--last counts from 1") }
    }

    func run() throws {
        let path = "\(try state.resolved())/\(Journal.fileName)"
        guard access(path, R_OK) == 0 else {
            throw Failure(
                .io, "the journal \(path) cannot be read: \(String(cString: strerror(errno))) (--state)")
        }
        let limit = last ?? (json ? nil : 50)
        let filter = Journal.Filter(
            issue: issue, channel: channel, isOpen: open ? true : nil, limit: limit)
        let now = Instant.now
        var count = 0
        do throws(JournalFault) {
            try Journal(reading: path).history(filter) { record, tried in
                count += 1
                if json {
                    Terminal.line(record.json(attempts ? tried : nil).serialized)
                } else {
                    record.lines(attempts ? tried : [], now: now).forEach(Terminal.line)
                }
            }
        } catch {
            throw Failure(.io, error.description)
        }
        guard !json else { return }
        if count == 0 { Terminal.error("Nothing was sent yet.") }
        if last == nil, count == limit { Terminal.error("The last \(count). --last shows more.") }
    }
}

extension Journal.Record {
    fileprivate func json(_ attempts: [Attempt]?) -> JSON {
        let identity = delivery.identity
        return .object([
            "issue": .string(identity.issue), "milestone": .string(identity.milestone),
            "deadline": .string("\(identity.deadline)"), "reminder": .string(identity.reminder),
            "channel": .string(identity.channel), "due": .string("\(delivery.due)"),
            "state": .string(delivery.state.name), "attempts": .number(Int64(delivery.attempts)),
            "updated": .string("\(updated)"), "delivery": .number(number),
            "reason": delivery.state.reason.map(JSON.string),
            "next": delivery.state.next.map { .string("\($0)") },
            "possible_repeat": delivery.isPossibleRepeat ? true : nil,
            "tries": attempts.map { .array($0.map(\.json)) },
        ])
    }

    /// One line of a table, and one for each attempt.
    fileprivate func lines(_ attempts: [Attempt], now: Instant) -> [String] {
        let identity = delivery.identity
        let name = [identity.issue, identity.milestone, identity.reminder].filter { !$0.isEmpty }
            .joined(separator: " ")
        let state = Terminal.styled(Terminal.padded(delivery.state.name, to: 10), delivery.state.style)
        let when = Terminal.padded("\(English().duration(now - updated)) ago", to: 24)
        var line =
            "\(Terminal.padded("\(number)", to: 6)) \(state) \(Terminal.styled(when, .dim)) "
            + "\(Terminal.padded(identity.channel, to: 12)) \(name)"
        if delivery.attempts > 1 { line += ", \(delivery.attempts) attempts" }
        if delivery.isPossibleRepeat { line += ", possible repeat" }
        var lines = [line]
        let margin = String(repeating: " ", count: 7)
        let next = delivery.state.next.map { "; next try in \(English().duration($0 - now))" } ?? ""
        if let reason = delivery.state.reason, !reason.isEmpty {
            lines.append("\(margin)\(Text.singleLine(reason))\(next)")
        }
        for attempt in attempts {
            let took = Double((attempt.ended - attempt.started).milliseconds) / 1000
            let text = attempt.reason.isEmpty ? "" : ": \(Text.singleLine(attempt.reason))"
            lines.append(
                margin
                    + Terminal.styled(
                        "\(attempt.number). \(attempt.started), \(took) s, \(attempt.verdict)\(text)", .dim))
        }
        return lines
    }
}

extension Attempt {
    fileprivate var json: JSON {
        .object([
            "number": .number(Int64(number)), "started": .string("\(started)"), "ended": .string("\(ended)"),
            "verdict": .string(verdict), "status": status.map { .number(Int64($0)) },
            "reason": reason.isEmpty ? nil : .string(reason),
        ])
    }
}

extension Delivery.State {
    fileprivate var style: Terminal.Style {
        switch self {
        case .delivered: .green
        case .owed, .sending, .superseded, .cancelled: .dim
        case .waiting, .unknown: .yellow
        case .held, .expired, .refused: .red
        }
    }
}
