import ArgumentParser
import Configuration
import Glibc
import Journal
import Messages
import Schedule
import Service

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell how the service is: what it tracks, what comes next, and what is wrong.",
        discussion: """
            Asks the running service where it may; else it looks into the configuration and the journal itself.

            Examples: deadlined status
                      deadlined status --json | jq .channels
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        if let control = try? state.control(), control.isReachable,
            let (report, text) = try? control.get("status", [], ServiceReport.self)
        {
            return Terminal.lines(json ? [text] : report.lines(now: .now))
        }
        let reading = configuration.read()
        let now = Instant.now
        let next = reading.configuration.flatMap { loaded in
            let agenda = loaded.agenda
            return ReminderPlan(agenda, issues: agenda.issues, from: now, until: .distantFuture).entries.first
                .map {
                    (agenda.issues[Int($0.issue)].id, agenda.channels[Int($0.channel)].name, $0.reminder.due)
                }
        }
        let directory = try state.asked()
        let path = "\(directory)/\(Journal.fileName)"
        var record: Journal.Tally?
        if access(path, R_OK) == 0 {
            do {
                record = try Journal(reading: path).tally()
            } catch {
                throw Failure(.io, error.description)
            }
        }
        let isRunning = StateDirectory.isLocked(directory)
        let zoneData = FileSystem.system.zoneDataVersion
        guard !json else {
            return Terminal.line(
                JSON.object([
                    "version": .string(Product.version), "zone_data": zoneData.map(JSON.string),
                    "running": isRunning.map(JSON.bool), "issues": .number(Int64(reading.issueCount)),
                    "errors": .number(Int64(reading.errorCount)),
                    "warnings": .number(Int64(reading.warningCount)),
                    "next_due": next.map { .string("\($0.2)") },
                    "settled": record?.settled.map { .string("\($0)") },
                    "troubled": record.map { record in
                        .array(
                            record.troubled.map { channel, record in
                                .object([
                                    "channel": .string(channel), "failures": .number(Int64(record.failures)),
                                    "paused_until": record.pausedUntil.map { .string("\($0)") },
                                    "disabled": record.disabled.map { .string($0.reason) },
                                ])
                            })
                    },
                    "deliveries": record.map { record in
                        .object(
                            record.deliveries.map {
                                JSON.Member(name: $0.state, value: .number(Int64($0.count)))
                            })
                    },
                ]).serialized)
        }
        func line(_ name: String, _ text: String) {
            Terminal.line(Terminal.styled(Terminal.padded(name, to: 15), .dim) + text)
        }
        line("deadlined", "\(Product.version), zone data \(zoneData ?? "of unknown version")")
        let service =
            isRunning.map { $0 ? Terminal.styled("running", .green) : "not running" }
            ?? "not to be told: \(directory) cannot be read"
        line("service", service)
        let findings =
            reading.errorCount == 0
            ? ""
            : ", "
                + Terminal.styled("\(English.count(reading.errorCount, "error")) ('deadlined check')", .red)
        line(
            "configuration",
            "\(configuration.resolved), \(English.count(reading.issueCount, "special issue"))\(findings)")
        line("next reminder", next.map { "\($0.2), \($0.0) → \($0.1)" } ?? "none")
        for (channel, record) in record?.troubled ?? [] {
            let trouble =
                record.disabled.map {
                    Terminal.styled("disabled", .red)
                        + " since \($0.since): \(Text.singleLine($0.reason)) ('deadlined resume \(channel)')"
                } ?? "\(English.count(record.failures, "failure")), paused until \(record.pausedUntil ?? now)"
            line(channel, trouble)
        }
        let deliveries = record.map { record in
            record.deliveries.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
        }
        line(
            "journal",
            deliveries.map { "\(path), \($0.isEmpty ? "nothing sent yet" : $0)" }
                ?? "\(path) is not there, or not to be read")
    }
}

/// What the running service says of itself.
private struct ServiceReport: Decodable {
    let version, libraries, since: String
    let zoneData: String?
    let issues, open: Int
    let configuration: Configuration
    let next: Next?
    let audit: Audit
    let channels: [Channel]
    let marks: [Mark]
    let deliveries: [String: Int]

    enum CodingKeys: String, CodingKey {
        case version, libraries, since, issues, open, configuration, next, audit, channels, marks, deliveries
        case zoneData = "zone_data"
    }

    struct Configuration: Decodable {
        let path, read: String
        let refused: Bool
        let errors: [String]
        let kept: [ReloadReply.Kept]
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
            lines.append(Terminal.styled(Terminal.padded(name, to: 15), .dim) + text)
        }
        func ago(_ text: String) -> String {
            (try? Instant(rfc3339: text)).map { "\(English().duration(now - $0)) ago" } ?? text
        }
        func ahead(_ text: String) -> String {
            (try? Instant(rfc3339: text)).map { "in \(English().duration($0 - now))" } ?? text
        }
        add("deadlined", "\(version), \(libraries), zone data \(zoneData ?? "of unknown version")")
        add("service", "\(Terminal.styled("running", .green)), started \(ago(since))")
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
            "\(configuration.path), \(English.count(issues, "special issue")), read \(ago(configuration.read))\(errors)"
        )
        for error in configuration.errors { add("", Text.singleLine(error)) }
        for kept in configuration.kept {
            add(
                "",
                "\(kept.file): \(kept.hasEarlierText ? "its last text without errors is used" : "nothing of it is known")"
            )
        }
        add(
            "next reminder",
            next.map { "\(ahead($0.due)), \($0.due), \($0.issue) \($0.milestone) → \($0.channel)" } ?? "none")
        for channel in channels where channel.state != "ok" || channel.failures > 0 || channel.held > 0 {
            let until = channel.until.map { " until \($0)" } ?? ""
            let reason = channel.reason.map { ": \(Text.singleLine($0))" } ?? ""
            let waiting = channel.waiting + channel.held
            add(
                channel.channel,
                Terminal.styled(channel.state, channel.state == "ok" ? .green : .red) + until + reason
                    + (waiting > 0 ? ", \(English.count(waiting, "message")) waiting" : "")
                    + (channel.state == "ok" ? "" : " ('deadlined resume \(channel.channel)')"))
        }
        for mark in marks {
            add("\(mark.mark)", "\(mark.issue) \(mark.milestone)\(mark.until.map { " until \($0)" } ?? "")")
        }
        let counts = deliveries.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.value) \($0.key)"
        }
        add("deliveries", counts.isEmpty ? "nothing sent yet" : counts.joined(separator: ", "))
        return lines
    }
}
