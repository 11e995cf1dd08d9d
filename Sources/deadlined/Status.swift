import ArgumentParser
import Configuration
import Engine
import Glibc
import Journal
import Messages
import Schedule
import Service

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell how the service is: what it tracks, what comes next, and what is wrong.",
        discussion: """
            Asks the running service where one runs that may be asked; else it looks into the configuration and the journal itself.

            Examples: deadlined status
                      deadlined status --json | jq .channels
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let control = try state.control()
        if let (report, text) = try control.getFromRunning("status", ServiceReport.self) {
            return tell(json ? [text] : report.lines(now: .now))
        }
        let directory = try state.asked()
        let path = "\(directory)/\(Journal.fileName)"
        let report: FileReport
        do throws(JournalFault) {
            let journal = access(path, R_OK) == 0 ? try Journal(reading: path) : nil
            report = FileReport(
                path: configuration.resolved, reading: configuration.read(),
                directory: directory, tally: try journal?.tally(), marks: try journal?.marks() ?? [:],
                now: .now)
        } catch {
            throw Failure(.io, error.description)
        }
        tell(json ? [report.json.serialized] : report.lines)
    }

    private func tell(_ lines: [String]) {
        Terminal.lines(json ? lines : lines.map { Terminal.fitted($0, indent: Status.margin) })
    }

    fileprivate static let margin = 15

    fileprivate static func line(_ name: String, _ text: String) -> String {
        Terminal.styled(Terminal.padded(name, to: margin), .dim) + text
    }
}

/// What the files tell of a service that does not answer: in JSON the same names as its own, as far as they are known.
private struct FileReport {
    let path: String
    let reading: Configuration.Reading
    let directory: String
    let tally: Journal.Tally?
    let marks: [MilestoneKey: Mark]
    let now: Instant

    private var isRunning: Bool? { StateDirectory.isLocked(directory) }
    private var zoneData: String? { FileSystem.system.zoneDataVersion }

    /// Channels that are not well.
    private var troubled: [(channel: String, record: DestinationRecord)]? {
        tally?.destinations.filter { $0.record.state(at: now).name != "ok" || $0.record.failures > 0 }
    }

    private var next: (issue: String, milestone: String, channel: String, due: Instant)? {
        guard let agenda = reading.configuration?.agenda.marked(marks) else { return nil }
        let plan = ReminderPlan(agenda, issues: agenda.issues, from: now, until: .distantFuture)
        return plan.entries.first.map { entry in
            let issue = agenda.issues[Int(entry.issue)]
            return (
                issue.id, issue.milestones[Int(entry.milestone)].name,
                agenda.channels[Int(entry.channel)].name, entry.reminder.due
            )
        }
    }

    var json: JSON {
        let errors = reading.diagnostics.filter { $0.severity == .error }
        return .object([
            "version": .string(Product.version), "libraries": .string(Product.libraries),
            "zone_data": zoneData.map(JSON.string), "running": isRunning.map(JSON.bool),
            "configuration": .object([
                "path": .string(path), "refused": .bool(reading.configuration == nil),
                "errors": .array(errors.map { .string("\($0)") }),
            ]),
            "issues": .number(Int64(reading.issueCount)), "errors": .number(Int64(reading.errorCount)),
            "warnings": .number(Int64(reading.warningCount)),
            "next": next.map { next in
                .object([
                    "issue": .string(next.issue), "milestone": .string(next.milestone),
                    "channel": .string(next.channel), "due": .string("\(next.due)"),
                ])
            },
            "settled": tally?.settled.map { .string("\($0)") },
            "channels": troubled.map { troubled in
                .array(
                    troubled.map { channel, record in
                        let (state, until) = record.state(at: now)
                        return .object([
                            "channel": .string(channel), "state": .string(state),
                            "until": until.map { .string("\($0)") },
                            "reason": record.disabled.map { .string($0.reason) },
                            "failures": .number(Int64(record.failures)),
                        ])
                    })
            },
            "deliveries": tally.map { tally in
                .object(
                    tally.deliveries.map { JSON.Member(name: $0.state, value: .number(Int64($0.count))) })
            },
        ])
    }

    var lines: [String] {
        let service =
            isRunning.map { $0 ? Terminal.styled("running", .green) : "not running" }
            ?? "not to be told: \(directory) cannot be read"
        let findings =
            reading.errorCount == 0
            ? ""
            : ", "
                + Terminal.styled("\(English.count(reading.errorCount, "error")) ('deadlined check')", .red)
        var lines = [
            Status.line("deadlined", "\(Product.version), zone data \(zoneData ?? "of unknown version")"),
            Status.line("service", service),
            Status.line(
                "configuration", "\(path), \(English.count(reading.issueCount, "special issue"))\(findings)"),
            Status.line(
                "next reminder",
                next.map {
                    "\($0.due.told(from: now)), \($0.due), \($0.issue) \($0.milestone) → \($0.channel)"
                } ?? "none"),
        ]
        for (channel, record) in troubled ?? [] {
            let (state, until) = record.state(at: now)
            let since = record.disabled.map { " since \($0.since): \(Text.singleLine($0.reason))" } ?? ""
            let end = until.map { " until \($0), \($0.told(from: now))" } ?? ""
            let failures = record.failures > 0 ? ", \(English.count(record.failures, "failure"))" : ""
            lines.append(
                Status.line(
                    channel,
                    Terminal.styled(state, state == "ok" ? .green : .red) + since + end + failures
                        + (state == "ok" ? "" : " ('deadlined resume \(channel)')")))
        }
        let journal = "\(directory)/\(Journal.fileName)"
        let deliveries = tally.map { $0.deliveries.map { "\($0.count) \($0.state)" }.joined(separator: ", ") }
        lines.append(
            Status.line(
                "journal",
                deliveries.map { "\(journal), \($0.isEmpty ? "nothing sent yet" : $0)" }
                    ?? "\(journal) is not there, or not to be read"))
        return lines
    }
}

/// What the running service says of itself.
private struct ServiceReport: Decodable {
    let version, libraries, since: String
    let zoneData: String?
    let issues, open: Int
    let configuration: Files
    let pageFault: String?
    let next: Next?
    let audit: Audit
    let channels: [Channel]
    let marks: [Mark]
    let deliveries: [String: Int]

    enum CodingKeys: String, CodingKey {
        case version, libraries, since, issues, open, configuration, next, audit, channels, marks, deliveries
        case zoneData = "zone_data"
        case pageFault = "page_fault"
    }

    struct Files: Decodable {
        let path, read: String
        let refused: Bool
        let errors: [String]
        let kept: [Configuration.KeptFile]
    }

    struct Next: Decodable {
        let issue, milestone, channel, due: String
    }

    struct Audit: Decodable {
        let holds: Bool
        let findings: [String]
    }

    struct Channel: Decodable {
        let channel, type, state: String
        let until, reason: String?
        let failures, waiting, held: Int
    }

    struct Mark: Decodable {
        let issue, milestone, mark: String
        let until: String?
    }

    func lines(now: Instant) -> [String] {
        var lines: [String] = []
        func add(_ name: String, _ text: String) {
            lines.append(Status.line(name, text))
        }
        func told(_ text: String) -> String { (try? Instant(rfc3339: text).told(from: now)) ?? text }
        add("deadlined", "\(version), \(libraries), zone data \(zoneData ?? "of unknown version")")
        add("service", "\(Terminal.styled("running", .green)), started \(told(since))")
        add(
            "audit",
            audit.holds
                ? Terminal.styled("holds", .green) + ": nothing is due and unsent without a reason"
                : Terminal.styled("does not hold", .red) + ": \(audit.findings.joined(separator: ", "))")
        let errors =
            configuration.errors.isEmpty
            ? "" : ", " + Terminal.styled("\(English.count(configuration.errors.count, "error"))", .red)
        add(
            "configuration",
            "\(configuration.path), \(English.count(issues, "special issue")), read \(told(configuration.read))\(errors)"
        )
        for error in configuration.errors { add("", Text.singleLine(error)) }
        for kept in configuration.kept { add("", kept.outcome) }
        if let pageFault { add("page", Terminal.styled("not served", .red) + ": \(pageFault)") }
        add(
            "next reminder",
            next.map { "\(told($0.due)), \($0.due), \($0.issue) \($0.milestone) → \($0.channel)" } ?? "none")
        for channel in channels where channel.state != "ok" || channel.failures > 0 || channel.held > 0 {
            let until = channel.until.map { " until \($0), \(told($0))" } ?? ""
            let reason = channel.reason.map { ": \(Text.singleLine($0))" } ?? ""
            let waiting = channel.waiting + channel.held
            add(
                channel.channel,
                Terminal.styled(channel.state, channel.state == "ok" ? .green : .red) + until + reason
                    + (waiting > 0 ? ", \(English.count(waiting, "message")) waiting" : "")
                    + (channel.state == "ok" ? "" : " ('deadlined resume \(channel.channel)')"))
        }
        for mark in marks {
            add(
                "\(mark.mark)",
                "\(mark.issue) \(mark.milestone)\(mark.until.map { " until \($0), \(told($0))" } ?? "")")
        }
        let counts = deliveries.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.value) \($0.key)"
        }
        add("deliveries", counts.isEmpty ? "nothing sent yet" : counts.joined(separator: ", "))
        return lines
    }
}
