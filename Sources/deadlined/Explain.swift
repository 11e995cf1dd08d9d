import ArgumentParser
import Configuration
import Engine
import Journal
import Messages
import Schedule
import Service

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why each reminder of a special issue is due when it is, or why none is.",
        discussion: """
            A deadline is shown as its source wrote it, in its own zone, and in yours ($TZ, else the system's). Where the \
            journal can be read, it also tells what became of each reminder.

            Example: deadlined explain ijms-212097 --milestone submission --channel lab
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Argument(help: ArgumentHelp("The special issue's id.", valueName: "issue"))
    var issue: String

    @Option(help: ArgumentHelp("Only this milestone.", valueName: "name"))
    var milestone: String?

    @Option(help: ArgumentHelp("Only this channel.", valueName: "name"))
    var channel: String?

    @Flag(help: "Print one JSON object for each reminder.")
    var json = false

    func run() throws {
        let loaded = try configuration.load()
        let record = try Record(state: state, issue: issue)
        let agenda = loaded.agenda.marked(record?.marks ?? [:])
        let issue = try agenda.issue(issue)
        if let milestone, issue.milestone(milestone) == nil {
            let known = issue.milestones.map(\.name).joined(separator: ", ")
            throw Failure(.data, "'\(issue.id)' has no milestone '\(milestone)'. There are: \(known)")
        }
        let channel = try channel.map { try agenda.channel($0) }
        let now = Instant.now
        let reader = LocalZone.zone(else: loaded.zone)
        if !json {
            let title = "\(issue.id)  \(Text.singleLine(issue.title))"
            Terminal.line(Terminal.fitted(Terminal.styled(title, .bold), indent: 2))
        }
        for milestone in issue.milestones where self.milestone ?? milestone.name == milestone.name {
            let channels = milestone.channels.filter { channel ?? $0 == $0 }
            let account = MilestoneAccount(
                issue: issue, milestone: milestone, channels: channels, agenda: agenda, record: record,
                now: now)
            Terminal.lines(
                json
                    ? account.objects.map(\.serialized)
                    : account.lines(reader: reader).map { Terminal.fitted($0, indent: 8) })
        }
        if !json, record == nil {
            Terminal.line("\nNo journal was found: what was sent is not known here (--state).")
        }
    }

    /// What the journal knows of an issue.
    struct Record {
        let settled: Instant?
        let sightings: [MilestoneKey: Sighting]
        let marks: [MilestoneKey: Mark]
        let destinations: [String: DestinationRecord]
        let deliveries: [DeliveryIdentity: Delivery]

        /// Nil where there is no journal to read.
        init?(state: StateOptions, issue: String) throws {
            guard let journal = try state.journal() else { return nil }
            do {
                let memory = try journal.remember()
                settled = memory.settled
                sightings = memory.sightings
                marks = memory.marks
                destinations = memory.destinations
                var deliveries: [DeliveryIdentity: Delivery] = [:]
                try journal.history(Journal.Filter(issue: issue)) { record, _ in
                    deliveries[record.delivery.identity] = record.delivery
                }
                self.deliveries = deliveries
            } catch {
                throw Failure(.io, "\(error)")
            }
        }
    }
}

/// Everything there is to say about one milestone's reminders.
private struct MilestoneAccount {
    let issue: SpecialIssue
    let milestone: Milestone
    let channels: [Int]
    let agenda: Agenda
    let record: Explain.Record?
    let now: Instant

    private func explanations(_ channel: Int) -> [Explanation] {
        guard let deadline = milestone.reminded else { return [] }
        return Planner(calendar: agenda.calendar).explanations(
            agenda.schedules[milestone.schedule], deadline: deadline,
            audience: agenda.channels[channel].audience)
    }

    /// Why there are no reminders; nil where there are.
    private var silence: String? {
        switch milestone.state {
        case .tba: return "no reminders: its date is yet to come"
        case .rolling: return "no reminders: it has no date"
        case .done: return "no reminders: it is done"
        case .withdrawn: return "no reminders: it was withdrawn"
        case .open: break
        }
        if milestone.deadline == nil { return "no reminders: it counts from a milestone without a date" }
        if milestone.channels.isEmpty { return "no reminders: no channel hears of it" }
        if channels.isEmpty { return "no reminders: this channel does not hear of it" }
        return agenda.schedules[milestone.schedule].rules.isEmpty
            ? "no reminders: its schedule is empty" : nil
    }

    private func standing(_ reminder: Reminder, _ index: Int) -> Standing {
        let channel = agenda.channels[index]
        let deadline = milestone.deadline?.instant ?? .distantPast
        let identity = DeliveryIdentity(
            issue: issue.id, milestone: milestone.name, deadline: deadline, reminder: reminder.rule.canonical,
            channel: channel.name)
        let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
        return Standing(
            due: reminder.due, deadline: deadline,
            start: milestone.start(for: index, in: channel.audience.zone),
            memory: record.map { ($0.settled, $0.sightings[key]) }, delivery: record?.deliveries[identity],
            now: now)
    }

    /// Why nothing goes out on a channel just now; nil where it does, or nobody knows.
    private func obstacle(to channel: Channel) -> String? {
        guard let destination = record?.destinations[channel.name] else { return nil }
        if let disabled = destination.disabled {
            return "disabled since \(disabled.since): \(Text.singleLine(disabled.reason))"
        }
        guard let until = destination.mutedUntil, until > now else { return nil }
        return until == .distantFuture ? "muted" : "muted until \(until)"
    }

    // MARK: For people

    func lines(reader: Zone) -> [String] {
        var lines = ["", Terminal.styled(milestone.name, .bold)]
        func add(_ name: String, _ value: String) {
            lines.append("  " + Terminal.styled(Terminal.padded(name, to: 12), .dim) + value)
        }
        add("written", Text.singleLine(milestone.written))
        if let deadline = milestone.deadline {
            add(
                milestone.kind.noun,
                English().deadline(deadline) + (milestone.firmness.map { ", \($0.rawValue)" } ?? ""))
            // A reader on UTC finds it below.
            if ![0, deadline.zone.offset(at: deadline.instant)].contains(reader.offset(at: deadline.instant))
            {
                let instant = deadline.instant
                add(
                    "for you",
                    milestone.kind.isOpening
                        ? English().instant(instant, in: reader) : English().deadline(instant, in: reader))
            }
            add("in UTC", "\(deadline.instant)")
        }
        let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
        if let sighting = record?.sightings[key], sighting.deadline == milestone.deadline?.instant {
            add("first seen", "\(sighting.first)")
        }
        if let until = record?.marks[key]?.snoozedUntil, until > now { add("snoozed", "until \(until)") }
        if let silence { return lines + ["  " + silence] }
        for index in channels {
            let channel = agenda.channels[index]
            let schedule = agenda.schedules[milestone.schedule]
            lines.append(
                "  → \(Terminal.styled(channel.name, .bold)) (\(channel.type)), \(channel.audience.zone) at "
                    + "\(channel.audience.at), schedule '\(schedule.name)'")
            if let obstacle = obstacle(to: channel) {
                lines.append("    " + Terminal.styled(obstacle, .yellow))
            }
            let all = explanations(index)
            let width = all.map { Terminal.columns($0.reminder.rule.canonical) }.max() ?? 0
            for explanation in all {
                let (rule, due) = (explanation.reminder.rule, explanation.reminder.due)
                let civil = channel.audience.zone.civil(at: due)
                let standing = standing(explanation.reminder, index)
                let outcome =
                    explanation.fallsTogetherWith.map { "falls together with \($0): one message" }
                    ?? standing.text
                lines.append(
                    "    \(Terminal.padded(rule.canonical, to: width))  \(English.shortDate(civil.date)) \(civil.time)  "
                        + Terminal.styled("\(due)", .dim) + "  "
                        + Terminal.styled(
                            outcome, explanation.fallsTogetherWith == nil ? standing.style : .dim))
                for step in steps(explanation, channel) {
                    lines.append(String(repeating: " ", count: width + 6) + Terminal.styled(step, .dim))
                }
            }
        }
        return lines
    }

    /// The steps that moved a reminder, in words; none for one that only counts days.
    private func steps(_ explanation: Explanation, _ channel: Channel) -> [String] {
        let rule = explanation.reminder.rule
        var texts: [String] = []
        for step in explanation.steps {
            switch step {
            case .counted(let date):
                guard rule.offset.unit == .months, let day = milestone.deadline?.date.day, day != date.day
                else { continue }
                texts.append("that month has no day \(day): its last is \(English.shortDate(date))")
            case .avoided(let date, let kind, let next):
                texts.append(
                    "\(English.shortDate(date)) is avoided (\(kind.rawValue)): \(English.shortDate(next))")
            case .onTheWrongSide(let due, let next):
                let civil = channel.audience.zone.civil(at: due)
                let side = rule.side == .before ? "before" : "after"
                texts.append(
                    "\(English.shortDate(civil.date)) \(civil.time) is not \(side) the \(milestone.kind.noun): \(English.shortDate(next))"
                )
            case .placed(let civil, .gap(let length, _)):
                texts.append(
                    "\(civil.time) does not exist there that day: the clocks go forward by "
                        + English().duration(.seconds(Int64(length))))
            case .placed(let civil, .firstOfTwo):
                texts.append("\(civil.time) comes twice there that day: the first is meant")
            case .placed(_, .unique): continue
            }
        }
        return texts
    }

    // MARK: For programs

    var objects: [JSON] {
        let head: [JSON.Member] = JSON.members([
            "issue": .string(issue.id), "milestone": .string(milestone.name),
            "written": .string(milestone.written),
            "state": .string(milestone.state.rawValue),
            "firmness": milestone.firmness.map { .string($0.rawValue) },
            "deadline": milestone.deadline.map { .string("\($0.instant)") },
            "deadline_timezone": milestone.deadline.map { .string($0.zone.name) },
        ])
        if let silence { return [JSON.object(head + JSON.members(["standing": .string(silence)]))] }
        return channels.flatMap { index in
            let channel = agenda.channels[index]
            return explanations(index).map { explanation in
                let (rule, due) = (explanation.reminder.rule, explanation.reminder.due)
                return JSON.object(
                    head
                        + JSON.members([
                            "reminder": .string(rule.canonical), "channel": .string(channel.name),
                            "due": .string("\(due)"),
                            "local": .string("\(channel.audience.zone.civil(at: due))"),
                            "timezone": .string(channel.audience.zone.name),
                            "steps": .array(steps(explanation, channel).map(JSON.string)),
                            "one_with": explanation.fallsTogetherWith.map { .string($0.canonical) },
                            "standing": explanation.fallsTogetherWith == nil
                                ? .string(standing(explanation.reminder, index).text) : nil,
                        ]))
            }
        }
    }
}

extension Milestone.Kind {
    fileprivate var noun: String {
        switch self {
        case .deadline: "deadline"
        case .target: "target"
        case .opening: "opening"
        }
    }
}

extension Standing {
    fileprivate var text: String {
        switch self {
        case .toCome: "to come"
        case .notTold(let start):
            "not sent: a route tells this channel of the last days only, from \(start) on"
        case .recorded(let delivery): delivery.state.text
        case .dueBeforeFirstSight: "not owed: due before this deadline was first seen"
        case .addedLater: "not owed: the rule or the channel was added later"
        case .past: "its time has passed"
        }
    }

    fileprivate var style: Terminal.Style {
        switch self {
        case .toCome: .green
        case .recorded(let delivery) where delivery.state == .delivered: .blue
        case .recorded: .yellow
        case .notTold, .dueBeforeFirstSight, .addedLater, .past: .dim
        }
    }
}

extension Delivery.State {
    fileprivate var text: String {
        switch self {
        case .owed, .delivered, .superseded: name
        case .sending(let since): "sending since \(since)"
        case .waiting(let until, let reason), .unknown(let until, let reason):
            "\(name) until \(until): \(Text.singleLine(reason))"
        case .held(_, let reason): "held: \(Text.singleLine(reason))"
        case .expired(let reason), .refused(let reason), .cancelled(let reason):
            "\(name): \(Text.singleLine(reason))"
        }
    }
}
