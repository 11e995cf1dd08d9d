import ArgumentParser
import Configuration
import Messages
import Schedule
import Service

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the reminders that will come.",
        discussion: """
            A date stands for its beginning after --from and for its end after --until, in the default zone; a time with
            an offset stands for itself. Without --from the list begins now.

            Example: deadlined plan --from 2026-01-01 --until 2026-12-31 --channel lab
            """)

    @OptionGroup var configuration: ConfigurationOptions

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
        let agenda = loaded.agenda
        let start = try bound(from, "--from", zone: loaded.zone) { $0.startOfDay($1) } ?? .now
        let end =
            try bound(until, "--until", zone: loaded.zone) { $0.startOfDay($1.adding(days: 1)) }
            ?? .distantFuture
        let issues = try issue.map { [try agenda.issue($0)] } ?? agenda.issues
        let channel = try channel.map { try agenda.channel($0) }

        var entries: [Entry] = []
        let planner = Planner(calendar: agenda.calendar)
        for issue in issues {
            for milestone in issue.milestones {
                guard let deadline = milestone.deadline else { continue }
                for index in milestone.channels where channel ?? index == index {
                    let reminders = planner.reminders(
                        agenda.schedules[milestone.schedule], deadline: deadline,
                        audience: agenda.channels[index].audience)
                    for reminder in reminders where reminder.due >= start && reminder.due < end {
                        entries.append(
                            Entry(
                                due: reminder.due, issue: issue.id, milestone: milestone.name,
                                deadline: deadline,
                                rule: reminder.rule, channel: agenda.channels[index]))
                    }
                }
            }
        }
        entries.sort()
        for entry in entries { Terminal.line(json ? entry.json.serialized : entry.text) }
        if entries.isEmpty, !json { Terminal.error("No reminder falls into that time.") }
    }

    private struct Entry: Comparable {
        let due: Instant
        let issue: String
        let milestone: String
        let deadline: Deadline
        let rule: ReminderRule
        let channel: Channel

        static func < (a: Entry, b: Entry) -> Bool {
            (a.due, a.issue, a.milestone, a.channel.name) < (b.due, b.issue, b.milestone, b.channel.name)
        }

        static func == (a: Entry, b: Entry) -> Bool { !(a < b) && !(b < a) }

        var json: JSON {
            .object([
                "due": .string("\(due)"), "issue": .string(issue), "milestone": .string(milestone),
                "deadline": .string("\(deadline.instant)"), "reminder": .string(rule.canonical),
                "channel": .string(channel.name),
            ])
        }

        var text: String {
            let zone = channel.audience.zone
            let when = "\(zone.civil(at: due)) \(zone)"
            return "\(Terminal.styled(when, .bold))  \(Terminal.padded(rule.canonical, to: 8))  "
                + "\(issue) \(milestone)  → \(channel.name)"
        }
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
            case .undated: break
            }
        } catch {
            throw Failure(.usage, "\(option): \(error.message)\(error.remedy.map { " (\($0))" } ?? "")")
        }
        throw Failure(.usage, "\(option): '\(text)' is no date (write it like 2026-01-31)")
    }
}
