import ArgumentParser
import Configuration
import Messages
import Schedule
import Service

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what is tracked, the nearest deadline first.")

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Print one JSON object for each milestone.")
    var json = false

    func run() throws {
        let agenda = try configuration.load().agenda
        let now = Instant.now
        let entries = agenda.issues.flatMap { issue in
            issue.milestones.map { Entry(issue: issue, milestone: $0, now: now) }
        }.sorted()
        if json {
            for entry in entries { Terminal.line(entry.json.serialized) }
            return
        }
        let left = entries.map { Terminal.columns($0.left) }.max() ?? 0
        let date = entries.map { Terminal.columns($0.date) }.max() ?? 0
        for entry in entries {
            let head =
                Terminal.styled(Terminal.padded(entry.left, to: left), .bold, entry.urgency?.style ?? .dim)
                + "  "
                + Terminal.padded(entry.date, to: date) + "  "
            let room = max(20, Terminal.width - left - date - 4)
            let name = entry.milestone.name == Milestone.submission ? "" : " [\(entry.milestone.name)]"
            let text = "\(entry.issue.id)\(name)  \(Text.singleLine(entry.issue.title))"
            Terminal.line(head + Terminal.cut(text, to: room))
        }
        if entries.isEmpty { Terminal.error("Nothing is tracked: add files to issues.d/.") }
    }

    private struct Entry: Comparable {
        let issue: SpecialIssue
        let milestone: Milestone
        let daysLeft: Int?
        let isPassed: Bool

        init(issue: SpecialIssue, milestone: Milestone, now: Instant) {
            self.issue = issue
            self.milestone = milestone
            daysLeft = milestone.deadline?.daysLeft(at: now)
            isPassed = milestone.deadline.map { $0.instant <= now } ?? false
        }

        /// What is to come, nearest first; then what has no date; then what has passed, latest first.
        private var rank: (Int, Int64, String, String) {
            let instant = milestone.deadline?.instant.milliseconds ?? 0
            let group = milestone.deadline == nil ? 1 : isPassed ? 2 : 0
            return (group, isPassed ? -instant : instant, issue.id, milestone.name)
        }

        static func < (a: Entry, b: Entry) -> Bool { a.rank < b.rank }
        static func == (a: Entry, b: Entry) -> Bool { a.rank == b.rank }

        var urgency: Urgency? { isPassed ? nil : daysLeft.map(Urgency.init(daysLeft:)) }

        var left: String {
            guard let daysLeft else { return milestone.written.uppercased() }
            if isPassed { return daysLeft >= 0 ? "passed today" : "\(Words.count(-daysLeft, "day")) ago" }
            return daysLeft <= 0 ? "today" : Words.count(daysLeft, "day")
        }

        var date: String {
            guard let deadline = milestone.deadline else { return "" }
            return "\(deadline.date)" + (deadline.time.map { " \($0)" } ?? "") + " \(deadline.zone)"
        }

        var json: JSON {
            .object([
                "issue": .string(issue.id), "milestone": .string(milestone.name),
                "title": .string(issue.title),
                "journal": issue.journal.map(JSON.string), "written": .string(milestone.written),
                "deadline": milestone.deadline.map { .string("\($0.instant)") },
                "days_left": daysLeft.map { .number(Int64($0)) },
            ])
        }
    }
}
