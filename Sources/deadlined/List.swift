import ArgumentParser
import Configuration
import Messages
import Schedule
import Service

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what is tracked, the nearest deadline first.",
        discussion: """
            A deadline is shown in its own zone and, where your clock shows something else, in yours ($TZ, else the \
            system's). What somebody said to be done is shown as done where the journal can be read.

            Example: deadlined list --tag oncology --within 30d
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Option(help: ArgumentHelp("Only special issues with this tag; may be given again.", valueName: "tag"))
    var tag: [String] = []

    @Option(help: ArgumentHelp("Only special issues of this journal; may be given again.", valueName: "name"))
    var journal: [String] = []

    @Option(help: ArgumentHelp("Only deadlines to come within this time, like 30d or 2w.", valueName: "time"))
    var within: String?

    @Flag(help: "Print one JSON object for each milestone.")
    var json = false

    func run() throws {
        let loaded = try configuration.load()
        let now = Instant.now
        let reader = LocalZone.zone(else: loaded.zone)
        let end = try within.map { try horizon($0, now: now, zone: reader, loaded.agenda.calendar) }
        let agenda = loaded.agenda.marked(try state.marks())
        let entries = agenda.issues.filter(isWanted).flatMap { issue in
            issue.milestones.map { ListEntry(issue: issue, milestone: $0, now: now, reader: reader) }
        }.filter { entry in
            guard let end else { return true }
            guard let deadline = entry.milestone.reminded?.instant else { return false }
            return deadline > now && deadline <= end
        }.sorted()
        if json { return Terminal.lines(entries.lazy.map(\.json.serialized)) }
        if entries.isEmpty {
            return Terminal.error(
                agenda.issues.isEmpty
                    ? "Nothing is tracked: add files to issues.d/." : "Nothing that is tracked fits.")
        }
        Terminal.lines(ListTable(entries, width: Terminal.width).lines)
    }

    private func isWanted(_ issue: SpecialIssue) -> Bool {
        (tag.isEmpty || tag.contains { tag in issue.tags.contains { $0.lowercased() == tag.lowercased() } })
            && (journal.isEmpty || journal.contains { $0.lowercased() == issue.journal?.lowercased() })
    }

    /// The end of the reader's day so far off; for a time in hours the instant itself.
    private func horizon(
        _ text: String, now: Instant, zone: Zone, _ calendar: BusinessCalendar
    ) throws -> Instant {
        do {
            let offset = try Offset(length: text)
            let today = Deadline(endOf: zone.civil(at: now).date, zone: zone)
            return offset.unit.isExact
                ? now + .seconds(offset.size)
                : today.moved(by: offset, zone: zone, calendar: calendar).instant
        } catch {
            throw Failure(.usage, "--within: \(error)")
        }
    }
}

/// A milestone as a listing shows it.
struct ListEntry: Comparable {
    let issue: SpecialIssue
    let milestone: Milestone
    let reader: Zone
    private let daysLeft: Int?
    private let isPassed: Bool

    init(issue: SpecialIssue, milestone: Milestone, now: Instant, reader: Zone) {
        self.issue = issue
        self.milestone = milestone
        self.reader = reader
        daysLeft = milestone.deadline?.daysLeft(at: now)
        isPassed = milestone.deadline.map { $0.instant <= now } ?? false
    }

    /// What is to come, nearest first; what has no date; what has passed, latest first; what is over.
    private var rank: (Int, Int64, String, String) {
        let instant = milestone.deadline?.instant.milliseconds ?? 0
        let group =
            switch milestone.state {
            case .done, .withdrawn: 3
            case .open, .tba, .rolling: milestone.deadline == nil ? 1 : isPassed ? 2 : 0
            }
        return (group, group == 2 ? -instant : instant, issue.id, milestone.name)
    }

    static func < (a: ListEntry, b: ListEntry) -> Bool { a.rank < b.rank }
    static func == (a: ListEntry, b: ListEntry) -> Bool { a.rank == b.rank }

    var style: Terminal.Style {
        guard milestone.state == .open, !isPassed, let daysLeft else { return .dim }
        return Urgency(daysLeft: daysLeft).style
    }

    /// `3 days`, `today`, `2 days ago`, or why there is no number.
    var left: String {
        switch milestone.state {
        case .tba: return "TBA"
        case .rolling, .done, .withdrawn: return milestone.state.rawValue
        case .open: break
        }
        guard let daysLeft else { return "TBA" }
        if milestone.kind.isOpening, isPassed { return "open" }
        if isPassed { return daysLeft >= 0 ? "passed today" : "\(English.count(-daysLeft, "day")) ago" }
        return daysLeft <= 0 ? "today" : English.count(daysLeft, "day")
    }

    /// In its own zone, a day alone without its end: `Wed 20 Aug 2025 AoE`.
    var date: String {
        guard let deadline = milestone.deadline else { return "" }
        return English.shortDate(deadline.date) + (deadline.time.map { " \($0)" } ?? "") + " \(deadline.zone)"
    }

    /// In the reader's zone; empty where the reader's clock shows the same.
    var readersDate: String {
        guard let deadline = milestone.deadline,
            reader.offset(at: deadline.instant) != deadline.zone.offset(at: deadline.instant)
        else { return "" }
        let civil = reader.civil(at: deadline.instant)
        return "\(English.shortDate(civil.date)) \(civil.time)"
    }

    /// `ijms-212097 [abstract, firm]`.
    var name: String {
        let remarks = [
            milestone.name == Milestone.submission ? nil : milestone.name, milestone.firmness?.rawValue,
        ].compactMap { $0 }
        return Text.singleLine(issue.id)
            + (remarks.isEmpty ? "" : " [\(remarks.map(Text.singleLine).joined(separator: ", "))]")
    }

    var json: JSON {
        .object([
            "issue": .string(issue.id), "milestone": .string(milestone.name), "title": .string(issue.title),
            "journal": issue.journal.map(JSON.string), "tags": .array(issue.tags.map(JSON.string)),
            "written": .string(milestone.written), "state": .string(milestone.state.rawValue),
            "firmness": milestone.firmness.map { .string($0.rawValue) },
            "deadline": milestone.deadline.map { .string("\($0.instant)") },
            "timezone": milestone.deadline.map { .string($0.zone.name) },
            "days_left": daysLeft.map { .number(Int64($0)) },
        ])
    }
}

/// The listing in columns as far as the terminal is wide; on a narrow one, a few short lines for each entry.
struct ListTable {
    let lines: [String]

    init(_ entries: [ListEntry], width: Int) {
        func widest(_ text: (ListEntry) -> String) -> Int {
            entries.map { Terminal.columns(text($0)) }.max() ?? 0
        }
        let left = widest(\.left)
        let date = widest(\.date)
        let readers = widest(\.readersDate)
        let zone = entries.first?.reader.name ?? ""
        // Enough of a title to know it by.
        let room = width - left - date - 4
        // Beside its own date where there is room, else below it.
        let hasReaders = readers > 0 && room - max(readers, Terminal.columns(zone)) - 2 >= 40
        guard room >= 40 else {
            lines = entries.flatMap { ListTable.short($0, width: width) }
            return
        }
        let readersWidth = hasReaders ? max(readers, Terminal.columns(zone)) + 2 : 0
        var rows: [String] = []
        if hasReaders {
            let heading = String(repeating: " ", count: left + 2) + Terminal.padded("", to: date + 2) + zone
            rows.append(Terminal.styled(heading, .dim))
        }
        for entry in entries {
            rows.append(
                Terminal.styled(Terminal.padded(entry.left, to: left), .bold, entry.style) + "  "
                    + Terminal.padded(entry.date, to: date) + "  "
                    + (hasReaders
                        ? Terminal.styled(Terminal.padded(entry.readersDate, to: readersWidth), .dim) : "")
                    + Terminal.cut(
                        "\(entry.name)  \(Text.singleLine(entry.issue.title))", to: room - readersWidth))
            if !hasReaders, !entry.readersDate.isEmpty {
                let indent = String(repeating: " ", count: left + 2)
                rows.append(Terminal.styled("\(indent)\(entry.readersDate) \(entry.reader)", .dim))
            }
        }
        lines = rows
    }

    private static func short(_ entry: ListEntry, width: Int) -> [String] {
        let readers = entry.readersDate
        return [
            Terminal.styled(entry.left, .bold, entry.style) + "  "
                + Terminal.cut(entry.name, to: max(8, width - Terminal.columns(entry.left) - 2)),
            entry.date.isEmpty ? nil : "  " + Terminal.cut(entry.date, to: width - 2),
            readers.isEmpty
                ? nil
                : Terminal.styled("  " + Terminal.cut("\(readers) \(entry.reader)", to: width - 2), .dim),
            "  " + Terminal.cut(Text.singleLine(entry.issue.title), to: width - 2),
        ].compactMap { $0 }
    }
}
