import ArgumentParser
import Configuration
import Messages
import Schedule
import Service

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the reminders that will come.",
        discussion: """
            A date stands for its beginning after --from and for its end after --until, in the default zone; a time with \
            an offset stands for itself. Without --from the list begins now. What somebody said to be done has no \
            reminders where the journal can be read.

            Example: deadlined plan --from 2026-01-01 --until 2026-12-31 --channel lab
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Option(help: ArgumentHelp("First instant.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("Last instant.", valueName: "date"))
    var until: String?

    @Option(help: ArgumentHelp("Only this special issue.", valueName: "id"))
    var issue: String?

    @Option(help: ArgumentHelp("Only this channel.", valueName: "name"))
    var channel: String?

    @Flag(help: "Print one JSON object for each reminder.")
    var json = false

    func run() throws {
        let loaded = try configuration.load()
        let agenda = loaded.agenda.marked(try state.marks())
        let start = try bound(from, "--from", zone: loaded.zone) { $0.startOfDay($1) } ?? .now
        let end =
            try bound(until, "--until", zone: loaded.zone) { $0.startOfDay($1.adding(days: 1)) }
            ?? .distantFuture
        let issues = try issue.map { [try agenda.issue($0)] } ?? agenda.issues
        let channel = try channel.map { try agenda.channel($0) }

        let plan = ReminderPlan(agenda, issues: issues, channel: channel, from: start, until: end)
        Terminal.lines(
            plan.entries.lazy.map { entry in
                let issue = issues[Int(entry.issue)]
                let milestone = issue.milestones[Int(entry.milestone)]
                let channel = agenda.channels[Int(entry.channel)]
                return json
                    ? line(entry.reminder, issue, milestone, channel)
                    : Terminal.fitted(text(entry.reminder, issue, milestone, channel), indent: 4)
            })
        if plan.entries.isEmpty, !json { Terminal.error("No reminder falls into that time.") }
    }

    private func line(
        _ reminder: Reminder, _ issue: SpecialIssue, _ milestone: Milestone, _ channel: Channel
    ) -> String {
        JSON.object([
            "due": .string("\(reminder.due)"), "issue": .string(issue.id),
            "milestone": .string(milestone.name),
            "deadline": milestone.deadline.map { .string("\($0.instant)") },
            "reminder": .string(reminder.rule.canonical), "channel": .string(channel.name),
        ]).serialized
    }

    private func text(
        _ reminder: Reminder, _ issue: SpecialIssue, _ milestone: Milestone, _ channel: Channel
    ) -> String {
        let zone = channel.audience.zone
        let when = "\(zone.civil(at: reminder.due)) \(zone)"
        return "\(Terminal.styled(when, .bold))  \(Terminal.padded(reminder.rule.canonical, to: 8))  "
            + "\(issue.id) \(milestone.name)  → \(channel.name)"
    }

    /// An instant, or a day's beginning or end.
    private func bound(
        _ text: String?, _ option: String, zone: Zone, _ ofDay: (Zone, CivilDate) -> Instant
    ) throws -> Instant? {
        guard let text else { return nil }
        do {
            switch try DeadlineValue(text) {
            case .date(let date): return ofDay(zone, date)
            case .civil(let civil): return zone.instant(of: civil)
            case .instant(let instant, _): return instant
            case .undated, .relative: break
            }
        } catch {
            throw Failure(.usage, "\(option): \(error)")
        }
        throw Failure(.usage, "\(option): '\(text)' is no date (write it like 2026-01-31)")
    }
}
