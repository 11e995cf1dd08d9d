import Engine
import Foundation
import Messages
import Schedule
import Testing

@testable import Journal
@testable import Service

private func instant(_ text: String) throws -> Instant { try Instant(rfc3339: text) }

/// An engine that tracks these calls, after the commit that remembers when it first saw them.
private func engine(_ issues: [SpecialIssue], at now: String) throws -> Engine {
    var engine = Engine(seed: 1)
    try tell(&engine, .started(agenda(issues), Memory()), now)
    return engine
}

private func agenda(_ issues: [SpecialIssue]) -> Agenda {
    Agenda(issues: issues, schedules: [Schedule(name: "s", rules: [])], channels: [])
}

private func tell(_ engine: inout Engine, _ event: Event, _ now: String) throws {
    let now = try instant(now)
    var events = [event]
    while !events.isEmpty {
        for case .commit in engine.handle(events.removeFirst(), now: now) {
            events.append(.committed(known: []))
        }
    }
}

private func issue(
    _ id: String, _ deadline: String, title: String = "Title", milestone: String = Milestone.submission,
    state: Milestone.State? = nil
) throws -> SpecialIssue {
    let value = try DeadlineValue(deadline)
    return SpecialIssue(
        id: id, title: title,
        milestones: [
            Milestone(
                name: milestone, written: deadline, deadline: Deadline(value, zone: .utc),
                state: state,
                schedule: 0, channels: [])
        ])
}

/// The properties of each event, unfolded.
private func events(_ calendar: CalendarFeed) -> [[String: String]] {
    calendar.text.replacing("\r\n ", with: "").components(separatedBy: "BEGIN:VEVENT\r\n").dropFirst().map {
        part in
        var properties: [String: String] = [:]
        for line in part.components(separatedBy: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            properties[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return properties
    }
}

@Suite("Calendars and feeds")
struct FeedTests {
    @Test("an event keeps its UID when its deadline moves, and counts each move")
    func moves() throws {
        var engine = try engine([issue("a", "2027-03-01")], at: "2027-01-01T00:00:00Z")
        func event(_ now: String) throws -> [String: String] {
            let calendar = CalendarFeed(engine, now: try instant(now), filter: FeedFilter([:]))
            return try #require(events(calendar).first)
        }
        let first = try event("2027-01-01T00:00:00Z")
        #expect(first["UID"] == "a/submission@deadlined" && first["SEQUENCE"] == "0")
        #expect(first["DTSTART;VALUE=DATE"] == "20270301" && first["DTEND;VALUE=DATE"] == "20270302")

        try tell(&engine, .reloaded(agenda([issue("a", "2027-04-01 17:00")])), "2027-01-02T00:00:00Z")
        try tell(&engine, .reloaded(agenda([issue("a", "2027-05-01 17:00")])), "2027-01-03T00:00:00Z")
        let moved = try event("2027-01-03T00:00:00Z")
        #expect(moved["UID"] == first["UID"] && moved["SEQUENCE"] == "4")
        #expect(moved["DTSTART"] == "20270501T170000Z" && moved["STATUS"] == "CONFIRMED")
    }

    @Test("a call that is withdrawn or removed is cancelled, with a higher number")
    func cancelled() throws {
        var engine = try engine(
            [issue("a", "2027-03-01"), issue("b", "2027-03-01")], at: "2027-01-01T00:00:00Z")
        try tell(
            &engine, .reloaded(agenda([issue("a", "2027-03-01", state: .withdrawn)])), "2027-01-02T00:00:00Z")
        let now = try instant("2027-01-02T00:00:00Z")
        let all = events(CalendarFeed(engine, now: now, filter: FeedFilter([:])))
        #expect(all.map { $0["STATUS"] } == ["CANCELLED", "CANCELLED"])
        #expect(all.map { $0["SEQUENCE"] } == ["1", "1"])
        // Nobody knows any more whether the removed one had the tag: a calendar that never had it loses nothing.
        let filtered = events(CalendarFeed(engine, now: now, filter: FeedFilter(["tag": "x"])))
        #expect(filtered.map { $0["UID"] } == ["b/submission@deadlined"])
    }

    @Test("an event's number only rises: through what is withdrawn, removed, undated, moved and back again")
    func rises() throws {
        var engine = try engine([issue("a", "2027-03-01")], at: "2027-01-01T00:00:00Z")
        let steps: [[SpecialIssue]] = [
            [try issue("a", "2027-03-01", state: .withdrawn)], [try issue("a", "2027-03-01")], [],
            [try issue("a", "2027-04-01")], [try issue("a", "TBA")],
            [try issue("a", "2027-04-01", milestone: "abstract")], [try issue("a", "2027-04-01")],
        ]
        var numbers = [0]
        var states: [String] = []
        for (day, step) in steps.enumerated() {
            let now = "2027-01-1\(day)T00:00:00Z"
            try tell(&engine, .reloaded(agenda(step)), now)
            let calendar = CalendarFeed(engine, now: try instant(now), filter: FeedFilter([:]))
            let event = try #require(events(calendar).first { $0["UID"] == "a/submission@deadlined" })
            numbers.append(try #require(Int(event["SEQUENCE"] ?? "")))
            states.append(try #require(event["STATUS"]))
        }
        let isAway = "CANCELLED"
        let isThere = "CONFIRMED"
        #expect(states == [isAway, isThere, isAway, isThere, isAway, isAway, isThere])
        // Of a milestone that stays away nothing changes.
        #expect(numbers[5] == numbers[6])
        let changes = numbers[...5] + numbers[7...]
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0 < $1 }, "\(numbers)")
    }

    @Test("no two milestones share a UID, wherever their names have slashes")
    func names() throws {
        let engine = try engine(
            [
                issue("a/b", "2027-03-01", milestone: "c"), issue("a", "2027-03-01", milestone: "b/c"),
                issue("a%2Fb", "2027-03-01", milestone: "c"),
            ], at: "2027-01-01T00:00:00Z")
        let calendar = CalendarFeed(
            engine, now: try instant("2027-01-01T00:00:00Z"), filter: FeedFilter([:]))
        #expect(Set(events(calendar).map { $0["UID"] }).count == 3)
    }

    @Test("alarms ring before open deadlines that are to come, and nowhere else")
    func alarms() throws {
        let engine = try engine(
            [
                issue("open", "2027-03-01"), issue("done", "2027-03-01", state: .done),
                issue("past", "2026-03-01"), issue("timed", "2027-03-01 17:00"),
            ], at: "2027-01-01T00:00:00Z")
        let alarms = try ["7d", "90min"].map { try Offset(length: $0) }
        let text = CalendarFeed(
            engine, now: try instant("2027-01-01T00:00:00Z"), filter: FeedFilter([:]), alarms: alarms
        )
        .text
        let ringing = text.components(separatedBy: "BEGIN:VEVENT").filter { $0.contains("BEGIN:VALARM") }
        #expect(ringing.count == 2 && ringing.first?.contains("UID:open/") == true)
        // A day is due at its end, and a calendar counts from its beginning.
        #expect(ringing.first?.contains("TRIGGER;VALUE=DATE-TIME:20270223T000000Z\r\n") == true)
        #expect(ringing.first?.contains("TRIGGER;VALUE=DATE-TIME:20270301T223000Z\r\n") == true)
        #expect(ringing.last?.contains("TRIGGER:-PT10080M\r\n") == true)
        #expect(ringing.last?.contains("TRIGGER:-PT90M\r\n") == true)
    }

    @Test("an alarm rings so much time before, to the second, and what is no such time is refused")
    func units() throws {
        let alarms = try CalendarFeed.alarms("30s,2w,90min")
        let engine = try engine([issue("timed", "2027-03-01 17:00")], at: "2027-01-01T00:00:00Z")
        let text = CalendarFeed(
            engine, now: try instant("2027-01-01T00:00:00Z"), filter: FeedFilter([:]), alarms: alarms
        ).text
        let triggers = text.components(separatedBy: "\r\n").filter { $0.hasPrefix("TRIGGER") }
        #expect(Set(triggers) == ["TRIGGER:-PT30S", "TRIGGER:-PT20160M", "TRIGGER:-PT90M"])
        for text in ["5bd", "1mo", "7d,1mo", "soon", "1d,2d,3d,4d,5d,6d"] {
            #expect(throws: Fault.self) { try CalendarFeed.alarms(text) }
        }
    }

    @Test(
        "whatever a title holds, each line has at most 75 bytes of whole characters, and no title ends an event"
    )
    func lines() throws {
        let titles = [
            "a, b; c \\ d", "END:VEVENT\r\nBEGIN:VEVENT\nX:y", String(repeating: "細胞🧬é", count: 60),
            "\u{2028}\u{0}\u{1B}[31m",
        ]
        for title in titles {
            let engine = try engine([issue("a", "2027-03-01", title: title)], at: "2027-01-01T00:00:00Z")
            let calendar = CalendarFeed(
                engine, now: try instant("2027-01-01T00:00:00Z"), filter: FeedFilter([:]))
            for line in calendar.text.components(separatedBy: "\r\n") {
                #expect(line.utf8.count <= 75 && !line.contains("\n"), "\(line)")
            }
            #expect(events(calendar).count == 1)
            #expect(!calendar.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\r" && $0 != "\n" })
        }
        let engine = try engine([issue("a", "2027-03-01", title: titles[0])], at: "2027-01-01T00:00:00Z")
        let calendar = CalendarFeed(engine, now: try instant("2027-01-01T00:00:00Z"), filter: FeedFilter([:]))
        #expect(events(calendar).first?["SUMMARY"] == #"a\, b\; c \\ d"#)
    }

    @Test("what has a meaning in a calendar is escaped before a mark that joins it, too")
    func marks() throws {
        let engine = try engine(
            [issue("a", "2027-03-01", title: "a;\u{301} b,\u{301} c")], at: "2027-01-01T00:00:00Z")
        let calendar = CalendarFeed(engine, now: try instant("2027-01-01T00:00:00Z"), filter: FeedFilter([:]))
        let summary = try #require(events(calendar).first?["SUMMARY"])
        #expect(Array(summary.utf8) == Array("a\\;\u{301} b\\,\u{301} c".utf8))
    }

    @Test("the feed tells what is new and what moved, the latest first, as escaped XML")
    func atom() throws {
        var engine = try engine(
            [issue("a", "2027-03-01", title: "A <b> & \"c\""), issue("b", "2027-03-01")],
            at: "2027-01-01T00:00:00Z")
        try tell(
            &engine,
            .reloaded(agenda([issue("a", "2027-03-01", title: "A <b> & \"c\""), issue("b", "2027-02-01")])),
            "2027-01-05T00:00:00Z")
        let text = AtomFeed(
            engine, now: try instant("2027-01-06T00:00:00Z"), filter: FeedFilter([:]),
            address: "http://localhost:8125/feed.atom?tag=a&journal=b"
        ).text
        #expect(
            text.contains(
                "rel=\"self\" type=\"application/atom+xml\" href=\"http://localhost:8125/feed.atom?tag=a&amp;journal=b\""
            ))
        let titles = text.components(separatedBy: "<entry><title>").dropFirst().compactMap {
            $0.components(separatedBy: "</title>").first
        }
        #expect(titles == ["Brought forward: Title", "New: A &lt;b&gt; &amp; &quot;c&quot;"])
        #expect(text.contains("<updated>2027-01-05T00:00:00Z</updated>\n<author>"))
    }
}

@Suite("What listings say of a delivery")
struct HistoryEntryTests {
    @Test(
        "a line that the service writes is read back as it was, with a deadline of the last year too",
        arguments: ["2027-03-01T23:59:59Z", "9999-12-31T23:59:59-12:00"])
    func roundTrip(deadline: String) throws {
        let deadline = try instant(deadline)
        let identity = DeliveryIdentity(
            issue: "a", milestone: "submission", deadline: deadline, reminder: "7d", channel: "lab \"x\"")
        let due = try instant("2027-02-22T09:00:00Z")
        let states: [Delivery.State] = [
            .owed, .sending(since: due), .waiting(until: due, reason: "HTTP 500: \"no\"\u{1F4A5}"),
            .delivered,
            .held(.muted, reason: "its channel is muted"), .refused(reason: "HTTP 400"),
        ]
        for (number, state) in states.enumerated() {
            let delivery = Delivery(
                identity: identity, kind: .reminder, due: due, added: due, state: state, attempts: number,
                isPossibleRepeat: number.isMultiple(of: 2))
            let attempt = Attempt(
                identity: identity, number: 1, started: due, ended: due, verdict: "retry", status: 500,
                reason: "HTTP 500")
            let entry = HistoryEntry(
                Journal.Record(number: Int64(number), delivery: delivery, updated: due), tries: [attempt])
            let line = entry.json.serialized
            let read = try #require(HistoryEntry(line: Array(line.utf8)))
            #expect(read.json.serialized == line)
            #expect(read.reason == state.reason && read.isPossibleRepeat == delivery.isPossibleRepeat)
            #expect(read.tries?.first?.status == 500)
        }
        #expect(HistoryEntry(line: Array(#"{"issue":"a"}"#.utf8)) == nil)
    }

    @Test(
        "what the service says of an attempt tells to the millisecond how long it took",
        arguments: [0, 1, 7, 999, 1000, 1001, 29_999], [0, 1, 500, 999])
    func took(span: Int64, fraction: Int64) throws {
        let started = Instant(milliseconds: 1_755_000_000_000 + fraction)
        let delivery = Delivery(
            identity: DeliveryIdentity(
                issue: "a", milestone: "submission", deadline: started, reminder: "7d", channel: "lab"),
            kind: .reminder, due: started, added: started, state: .delivered, attempts: 1)
        let attempt = Attempt(
            identity: delivery.identity, number: 1, started: started, ended: started + .milliseconds(span),
            verdict: "delivered", status: 204, reason: "")
        let line = HistoryEntry(
            Journal.Record(number: 1, delivery: delivery, updated: started), tries: [attempt]
        ).json.serialized
        let read = try #require(HistoryEntry(line: Array(line.utf8)))
        let heard = try #require(read.tries?.first)
        #expect(heard.ended - heard.started == .milliseconds(span))
        #expect(read.json.serialized == line)
    }
}
