import Engine
import Foundation
import Messages
import Schedule

/// Which special issues a feed is about: query items of its address.
struct FeedFilter {
    let tag: String?
    let journal: String?

    init(_ query: [String: String]) {
        tag = query["tag"]?.lowercased()
        journal = query["journal"]?.lowercased()
    }

    var isEmpty: Bool { tag == nil && journal == nil }

    func matches(_ issue: SpecialIssue) -> Bool {
        (tag == nil || issue.tags.contains { $0.lowercased() == tag })
            && (journal == nil || issue.journal?.lowercased() == journal)
    }
}

/// What is tracked as a calendar to subscribe to: iCalendar, RFC 5545.
struct CalendarFeed {
    static let contentType = "text/calendar; charset=utf-8; method=PUBLISH"
    /// Nobody needs more of them, and each takes room in every event.
    private static let alarmLimit = 5

    /// Reads `7d,1d`: how long before each deadline a calendar rings.
    static func alarms(_ text: String) throws(Fault) -> [Offset] {
        var alarms: [Offset] = []
        for text in Set(text.split(separator: ",")).sorted() {
            guard alarms.count < alarmLimit else {
                throw Fault("are more than \(alarmLimit)", remedy: "name fewer")
            }
            let alarm = try Offset(length: String(text))
            // A calendar counts elapsed time: it knows neither our business days nor how long a month is.
            guard ![.months, .businessDays].contains(alarm.unit) else {
                throw Fault(
                    "'\(alarm.amount)\(alarm.unit.rawValue)' has a unit that no alarm has",
                    remedy: "units are s, min, h, d, w")
            }
            alarms.append(alarm)
        }
        return alarms
    }

    private(set) var text = ""

    /// - Parameter alarms: how long before each deadline a calendar rings; none unless somebody wants them.
    init(_ engine: Engine, now: Instant, filter: FeedFilter, alarms: [Offset] = []) {
        line("BEGIN:VCALENDAR")
        line("VERSION:2.0")
        line("PRODID:-//deadlined//\(Product.version)//EN")
        line("METHOD:PUBLISH")
        line("X-WR-CALNAME:\(CalendarFeed.escaped("Deadlines"))")
        line("REFRESH-INTERVAL;VALUE=DURATION:PT1H")
        for issue in engine.agenda.issues where filter.matches(issue) {
            for milestone in issue.milestones {
                guard let deadline = milestone.deadline else { continue }
                let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                event(issue, milestone, deadline, engine.sighting(of: key), alarms, now)
            }
        }
        // Without its text nobody can tell whether a filter meant it: a calendar that never had it ignores that it is gone.
        for (key, sighting) in engine.departed where sighting.deadline > now { departed(key, sighting) }
        line("END:VCALENDAR")
    }

    private mutating func event(
        _ issue: SpecialIssue, _ milestone: Milestone, _ deadline: Deadline, _ sighting: Sighting?,
        _ alarms: [Offset], _ now: Instant
    ) {
        let isCancelled = milestone.state == .withdrawn
        begin(
            issue.id, milestone.name, stamp: sighting?.first ?? now,
            sequence: sighting?.moves ?? (isCancelled ? 1 : 0), isCancelled: isCancelled)
        if deadline.time == nil {
            line("DTSTART;VALUE=DATE:\(CalendarFeed.day(deadline.date))")
            line("DTEND;VALUE=DATE:\(CalendarFeed.day(deadline.date.adding(days: 1)))")
        } else {
            line("DTSTART:\(CalendarFeed.instant(deadline.instant))")
        }
        let name = milestone.name == Milestone.submission ? "" : " (\(milestone.name))"
        let mark = milestone.state == .done ? "✓ " : ""
        line("SUMMARY:\(CalendarFeed.escaped("\(mark)\(Text.singleLine(issue.title))\(name)"))")
        let facts = [
            issue.journal, English().deadline(deadline),
            sighting?.previous.map { "before: \($0)" }, issue.contact,
        ].compactMap { $0 }.map(Text.singleLine)
        line("DESCRIPTION:\(CalendarFeed.escaped(facts.joined(separator: "\n")))")
        if let url = issue.url.flatMap(WebAddress.link) { line("URL:\(url)") }
        if !issue.tags.isEmpty {
            line(
                "CATEGORIES:\(issue.tags.map { CalendarFeed.escaped(Text.singleLine($0)) }.joined(separator: ","))"
            )
        }
        if milestone.state == .open, deadline.instant > now {
            for alarm in alarms { ring(alarm, deadline, Text.singleLine(issue.title)) }
        }
        line("END:VEVENT")
    }

    private mutating func departed(_ key: MilestoneKey, _ sighting: Sighting) {
        begin(
            key.issue, key.milestone, stamp: sighting.first, sequence: sighting.moves, isCancelled: true)
        line("DTSTART:\(CalendarFeed.instant(sighting.deadline))")
        line("SUMMARY:\(CalendarFeed.escaped("\(key.issue) (\(key.milestone))"))")
        line("END:VEVENT")
    }

    private mutating func begin(
        _ issue: String, _ milestone: String, stamp: Instant, sequence: Int, isCancelled: Bool
    ) {
        line("BEGIN:VEVENT")
        // The same for ever, wherever the deadline moves.
        let name = [issue, milestone].map { $0.replacing("%", with: "%25").replacing("/", with: "%2F") }
        line("UID:\(CalendarFeed.escaped("\(name.joined(separator: "/"))@deadlined"))")
        line("DTSTAMP:\(CalendarFeed.instant(stamp))")
        line("SEQUENCE:\(sequence)")
        line("STATUS:\(isCancelled ? "CANCELLED" : "CONFIRMED")")
        line("TRANSP:TRANSPARENT")
    }

    private mutating func ring(_ alarm: Offset, _ deadline: Deadline, _ title: String) {
        line("BEGIN:VALARM")
        line("ACTION:DISPLAY")
        line("DESCRIPTION:\(CalendarFeed.escaped(title))")
        // What a calendar has as a day begins with it, but is due at its end.
        line(
            deadline.time == nil
                ? "TRIGGER;VALUE=DATE-TIME:\(CalendarFeed.instant(deadline.instant - .seconds(alarm.size)))"
                : "TRIGGER:-PT" + (alarm.size % 60 == 0 ? "\(alarm.size / 60)M" : "\(alarm.size)S"))
        line("END:VALARM")
    }

    /// Folded after 75 bytes, and never within a character (section 3.1).
    private mutating func line(_ content: String) {
        var size = 0
        for character in content.unicodeScalars {
            let width = UTF8.width(character)
            if size + width > 75 {
                text += "\r\n "
                size = 1
            }
            text.unicodeScalars.append(character)
            size += width
        }
        text += "\r\n"
    }

    /// Section 3.3.11.
    private static let escaped = Escape(["\n": "\\n"], backslashed: "\\;,", breaksMentions: false)

    private static func day(_ date: CivilDate) -> String { "\(date)".replacing("-", with: "") }

    private static func instant(_ instant: Instant) -> String {
        "\(instant)".replacing("-", with: "").replacing(":", with: "")
    }
}

/// What was added and what moved, the latest first: Atom, RFC 4287.
struct AtomFeed {
    static let contentType = "application/atom+xml; charset=utf-8"
    private static let limit = 100

    let text: String

    /// - Parameter address: where it was asked for.
    init(_ engine: Engine, now: Instant, filter: FeedFilter, address: String) {
        var entries: [(seen: Instant, xml: String)] = []
        for issue in engine.agenda.issues where filter.matches(issue) {
            for milestone in issue.milestones {
                let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                guard let deadline = milestone.deadline, let sighting = engine.sighting(of: key) else {
                    continue
                }
                entries.append((sighting.first, AtomFeed.entry(issue, milestone, deadline, sighting)))
            }
        }
        entries.sort { ($0.seen, $0.xml) > ($1.seen, $1.xml) }
        text = """
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom">
            <title>Deadlines</title>
            <id>tag:deadlined,2026:feed</id>
            <link rel="self" type="application/atom+xml" href="\(Escape.html(address))"/>
            <updated>\(entries.first?.seen ?? now)</updated>
            <author><name>deadlined</name></author>
            \(entries.prefix(AtomFeed.limit).map(\.xml).joined(separator: "\n"))
            </feed>

            """
    }

    private static func entry(
        _ issue: SpecialIssue, _ milestone: Milestone, _ deadline: Deadline, _ sighting: Sighting
    ) -> String {
        let title = Text.singleLine(issue.title)
        let what = sighting.previous.map { deadline.instant > $0 ? "Extended" : "Brought forward" } ?? "New"
        let before = sighting.previous.map { ", before: \($0)" } ?? ""
        let text = "\(milestone.name): \(English().deadline(deadline))\(before)"
        let link = issue.url.flatMap(WebAddress.link).map { "<link href=\"\(Escape.html($0))\"/>" } ?? ""
        let id = "tag:deadlined,2026:\(issue.id)/\(milestone.name)/\(deadline.instant)"
        return """
            <entry><title>\(Escape.html("\(what): \(title)"))</title><id>\(Escape.html(id.replacing(" ", with: "_")))</id>\
            <updated>\(sighting.first)</updated>\(link)<summary>\(Escape.html(Text.singleLine(text)))</summary></entry>
            """
    }
}
