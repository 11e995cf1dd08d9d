import ArgumentParser
import Configuration
import Glibc
import Journal
import Messages
import Schedule
import Service

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell whether the service runs, what it tracks, and with which zone data.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let reading = configuration.read()
        let now = Instant.now
        let next = reading.configuration.flatMap { loaded in
            let agenda = loaded.agenda
            return ReminderPlan(agenda, issues: agenda.issues, from: now, until: .distantFuture).entries.first
                .map {
                    (agenda.issues[Int($0.issue)].id, agenda.channels[Int($0.channel)].name, $0.reminder.due)
                }
        }
        let directory = try state.resolved()
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
