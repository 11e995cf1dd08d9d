import ArgumentParser
import Configuration
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
            Reads the journal, whether the service runs or not; where only the service may, it asks that. \
            The number of a delivery is what 'deadlined resend' wants.

            Examples: deadlined history --open
                      deadlined history ijms-212097 --attempts
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
        let limit = last ?? (json ? nil : 50)
        let now = Instant.now
        var count = 0
        try entries(limit) { entry in
            count += 1
            if json {
                Terminal.line(entry.json.serialized)
            } else {
                entry.lines(now: now).forEach(Terminal.line)
            }
        }
        if count == 0, issue != nil || channel != nil { try checkNames() }
        guard !json else { return }
        if count == 0 { Terminal.error(try nothing()) }
        if last == nil, count == limit { Terminal.error("The last \(count). --last shows more.") }
    }

    private func nothing() throws -> String {
        let directory = try state.asked()
        if isMissing("\(directory)/\(Journal.fileName)"), try !state.control().isReachable {
            return "Nothing was sent yet: no service has run with \(directory) (--state)."
        }
        return issue == nil && channel == nil && !open
            ? "Nothing was sent yet." : "Nothing that was sent fits."
    }

    private func isMissing(_ path: String) -> Bool { access(path, F_OK) != 0 && errno == ENOENT }

    /// - Throws: `Failure` with 65 where neither the journal nor the configuration has the issue or the channel.
    private func checkNames() throws {
        let control = try state.control()
        let directory = try state.asked()
        if StateDirectory.isLocked(directory) == true, control.isReachable {
            _ = try control.get("history", [("issue", issue), ("channel", channel), ("last", "1")])
            return
        }
        let reading = Configuration.read(path: ConfigurationOptions.standard, files: .system, now: .now)
        guard let agenda = reading.configuration?.agenda else { return }
        let journal = try? Journal(reading: "\(directory)/\(Journal.fileName)")
        func isKnown(_ filter: Journal.Filter) -> Bool { (try? journal?.holds(filter)) ?? false }
        if let issue, !isKnown(Journal.Filter(issue: issue)) { _ = try agenda.issue(issue) }
        if let channel, !isKnown(Journal.Filter(channel: channel)) { _ = try agenda.channel(channel) }
    }

    /// From the service, which gives so many at a time.
    private func entries(of control: ControlClient, _ limit: Int?, _ body: (HistoryEntry) -> Void) throws {
        var (count, last) = (0, nil as Int64?)
        while limit.map({ count < $0 }) ?? true {
            let query = [
                ("issue", issue), ("channel", channel), ("open", open ? "1" : nil),
                ("last", last == nil ? limit.map(String.init) : nil), ("tries", attempts ? "1" : nil),
                ("after", last.map(String.init)),
            ]
            let entries = try control.get("history", query).split(separator: 0x0A).compactMap {
                HistoryEntry(line: $0)
            }
            guard let end = entries.last else { return }
            entries.forEach(body)
            count += entries.count
            last = end.number
        }
    }

    /// From the journal where it can be read, else from the service that works with it.
    private func entries(_ limit: Int?, _ body: (HistoryEntry) -> Void) throws {
        let path = "\(try state.asked())/\(Journal.fileName)"
        guard access(path, R_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            let control = try state.control()
            guard control.isReachable else {
                guard isMissing(path) else {
                    throw Failure(.io, "the journal \(path) cannot be read: \(reason) (--state)")
                }
                guard state.path == nil else {
                    throw Failure(.io, "no service has run there yet: there is no \(path) (--state)")
                }
                return
            }
            return try entries(of: control, limit, body)
        }
        do throws(JournalFault) {
            let journal = try Journal(reading: path)
            var filter = Journal.Filter(
                issue: issue, channel: channel, isOpen: open ? true : nil, limit: limit, first: Self.page)
            var entries: [HistoryEntry] = []
            repeat {
                entries = []
                try journal.history(filter) { record, tried in
                    entries.append(HistoryEntry(record, tries: attempts ? tried : nil))
                }
                // While somebody leafs through them, the service's log would only grow.
                entries.forEach(body)
                filter.after = entries.last?.number
                filter.limit = nil
            } while entries.count == Self.page
        } catch {
            throw Failure(.io, error.description)
        }
    }

    /// So many are read at a time.
    private static let page = 1000
}

extension HistoryEntry {
    /// One line of a table, and one for each attempt.
    func lines(now: Instant) -> [String] {
        let name = [issue, milestone, reminder].filter { !$0.isEmpty }.map(Text.singleLine)
            .joined(separator: " ")
        let state = Terminal.styled(Terminal.padded(state, to: 10), style)
        let when = Terminal.padded("\(English().duration(now - updated)) ago", to: 24)
        var line =
            "\(Terminal.padded("\(number)", to: 6)) \(state) \(Terminal.styled(when, .dim)) "
            + "\(Terminal.padded(channel, to: 12)) \(name)"
        if attempts > 1 { line += ", \(attempts) attempts" }
        if isPossibleRepeat { line += ", possible repeat" }
        var lines = [line]
        let margin = String(repeating: " ", count: 7)
        let next = next.map { "; next try in \(English().duration($0 - now))" } ?? ""
        if let reason, !reason.isEmpty { lines.append("\(margin)\(Text.singleLine(reason))\(next)") }
        for attempt in tries ?? [] {
            let took = Double((attempt.ended - attempt.started).milliseconds) / 1000
            let text = attempt.reason.map { ": \(Text.singleLine($0))" } ?? ""
            lines.append(
                margin
                    + Terminal.styled(
                        "\(attempt.number). \(attempt.started), \(took) s, \(attempt.verdict)\(text)", .dim))
        }
        return lines
    }

    private var style: Terminal.Style {
        switch state {
        case "delivered": .green
        case "owed", "sending", "superseded", "cancelled": .dim
        case "waiting", "unknown": .yellow
        default: .red
        }
    }
}
