import Messages
import Schedule
import Testing

@Suite("Words")
struct WordsTests {
    @Test(
        "days are counted on the deadline's own calendar",
        arguments: [
            ("2025-08-05T07:00:00Z", "15 days left"), ("2025-08-13T07:00:00Z", "7 days left"),
            ("2025-08-18T21:59:59Z", "2 days left"), ("2025-08-18T22:00:00Z", "1 day left"),
            ("2025-08-20T07:00:00Z", "Today"), ("2025-08-20T21:59:59Z", "Today"),
            ("2025-08-20T22:00:00Z", "Passed 1 day ago"), ("2025-08-22T23:00:00Z", "Passed 3 days ago"),
        ])
    func countdown(now: String, words: String) throws {
        #expect(try message(now: now).headline == words)
    }

    @Test("a deadline at an hour passes within its day")
    func hour() throws {
        #expect(
            try message(deadline: "2025-08-20 17:00", now: "2025-08-20T14:59:59Z").headline == "Today")
        #expect(
            try message(deadline: "2025-08-20 17:00", now: "2025-08-20T15:00:00Z").headline == "Passed today")
    }

    @Test(
        "a target and an opening are counted down as what they are",
        arguments: [
            ("2025-08-13T07:00:00Z", "7 days left to the target", "Opens in 7 days"),
            ("2025-08-20T07:00:00Z", "Target: today", "Opens today"),
            ("2025-08-21T07:00:00Z", "Target passed 1 day ago", "Open for 1 day"),
        ])
    func companions(now: String, target: String, opening: String) throws {
        let targetMessage = try message(now: now, subject: .target(of: "submission"), firmness: .firm)
        #expect(targetMessage.headline == target)
        #expect(targetMessage.facts.map(\.name).prefix(3) == ["Target", "Your time", "Deadline"])
        #expect(targetMessage.facts[2].value == "Monday 1 September 2025, end of day, UTC+2, firm")
        let openingMessage = try message(now: now, subject: .opening(of: "submission"))
        #expect(openingMessage.headline == opening)
        #expect(openingMessage.facts.first?.name == "Opens")
        #expect(openingMessage.urgency == .notice)
    }

    @Test("whether a deadline is firm stands beside it", arguments: Milestone.Firmness.allCases)
    func firmness(_ firmness: Milestone.Firmness) throws {
        let due = try #require(try message(firmness: firmness).facts.first)
        #expect(due.value == "submission, Wednesday 20 August 2025, end of day, UTC+2, \(firmness.rawValue)")
    }

    @Test(
        "a day of 23 or 25 hours is a day",
        arguments: [
            // Zurich's clocks go forward on 30 March 2025 and back on 26 October.
            ("2025-03-30", "2025-03-29T22:59:59Z", "1 day left"),
            ("2025-03-30", "2025-03-29T23:00:00Z", "Today"),
            ("2025-03-30", "2025-03-30T21:59:59Z", "Today"),
            ("2025-03-30", "2025-03-30T22:00:00Z", "Passed 1 day ago"),
            ("2025-10-26", "2025-10-25T22:00:00Z", "Today"), ("2025-10-26", "2025-10-26T22:59:59Z", "Today"),
            ("2025-10-26", "2025-10-26T23:00:00Z", "Passed 1 day ago"),
        ])
    func clockChanges(deadline: String, now: String, words: String) throws {
        #expect(
            try message(deadline: deadline, now: now, deadlineZone: try zone("Europe/Zurich")).headline
                == words)
    }

    @Test("Anywhere on Earth, the day lasts until noon UTC of the next, whatever the reader's calendar shows")
    func anywhere() throws {
        func headline(_ now: String) throws -> String {
            try message(now: now, zone: try zone("Asia/Seoul"), deadlineZone: .anywhereOnEarth).headline
        }
        #expect(try headline("2025-08-20T11:59:59Z") == "1 day left")
        #expect(try headline("2025-08-20T12:00:00Z") == "Today")
        #expect(try headline("2025-08-21T11:59:59Z") == "Today")
        #expect(try headline("2025-08-21T12:00:00Z") == "Passed 1 day ago")
        #expect(
            try message(deadlineZone: .anywhereOnEarth).facts.first?.value
                == "submission, Wednesday 20 August 2025, end of day, Anywhere on Earth")
    }

    @Test("the deadline is told in its own zone, and in the reader's where that differs")
    func zones() throws {
        let facts = try message().facts
        #expect(facts[0].value == "submission, Wednesday 20 August 2025, end of day, UTC+2")
        #expect(facts[1].name == "Your time")
        #expect(facts[1].value == "Thursday 21 August 2025, 07:00, UTC+9")
        let same = Zone(name: "Elsewhere", secondsEast: 7200)
        #expect(try message(zone: same).facts.map(\.name).contains("Your time") == false)
    }

    @Test("the first instant of a day is told as the end of the day before")
    func endOfDay() throws {
        let utc = try message(deadline: "2025-08-20 02:00", zone: .utc).facts
        #expect(utc[1].value == "Tuesday 19 August 2025, end of day, UTC")
        let moved = try message(kind: .moved(from: try instant("2025-06-30T22:00:00Z"))).facts
        #expect(moved.first { $0.name == "Before" }?.value == "Monday 30 June 2025, end of day, UTC+2")
        #expect(moved.first { $0.name == "Time left" }?.value == "7 days left")
    }

    @Test("a late message says how late it is, and a possible repeat says so")
    func remarks() throws {
        #expect(try message(now: "2025-08-13T07:00:59Z").remarks.isEmpty)
        #expect(
            try message(now: "2025-08-15T10:30:00Z", isPossibleRepeat: true).remarks == [
                "This message is 2 days 3 hours late.",
                "Possible repeat: an earlier attempt may have arrived.",
            ])
    }

    @Test("a moved deadline says which way")
    func moved() throws {
        #expect(
            try message(kind: .moved(from: try instant("2025-07-01T00:00:00Z"))).headline
                == "Deadline extended")
        #expect(
            try message(kind: .moved(from: try instant("2025-09-01T00:00:00Z"))).headline
                == "Deadline brought forward")
    }

    @Test("an issue whose title shows nothing still has one, and empty facts are left out")
    func untitled() throws {
        for title in ["", "\u{0}\t", "\u{3000}\u{200B}", "\u{3164}\u{2060}\u{FE0F}"] {
            let message = try message(title: title, .hostile)
            #expect(message.title == "(untitled: ijms-212097)")
            #expect(message.facts.map(\.name) == ["Due", "Your time"])
        }
    }

    @Test(
        "urgency follows the days left",
        arguments: [
            ("2025-08-05T07:00:00Z", Urgency.ok), ("2025-08-06T07:00:00Z", .notice),
            ("2025-08-13T07:00:00Z", .soon),
            ("2025-08-17T07:00:00Z", .warning), ("2025-08-20T07:00:00Z", .critical),
            ("2025-08-29T07:00:00Z", .critical),
        ])
    func urgency(now: String, urgency: Urgency) throws {
        #expect(try message(now: now).urgency == urgency)
        #expect(try message(kind: .test, now: now).urgency == .ok)
    }

    @Test(
        "a link that a reader clicks is http or https to a host by name, and ends where it ends",
        arguments: [
            ("https://x.org/a b\"<>|)", "https://x.org/a%20b%22%3C%3E%7C%29"),
            ("https://x.org/ü?q=%20%zz", "https://x.org/%C3%BC?q=%20%25zz"),
            ("HTTP://X.org:8080/#a", "HTTP://X.org:8080/#a"),
            ("mdpi.com/si/212097", "https://mdpi.com/si/212097"), (" https://x.org\n", "https://x.org"),
            ("http://intranet/call", "http://intranet/call"), ("javascript:alert(1)", nil),
            ("data:text/html,x.y", nil), ("mailto:a@b.org", nil), ("https://bank.org@evil.org/", nil),
            ("TBA", nil),
            ("https://", nil), ("https:///x", nil), ("https://a b.org/", nil), ("https://x..org/", nil),
            ("https://x.org:99999/", nil), ("see the call.", nil), ("ftp://x.org/", nil), ("", nil),
        ] as [(String, String?)])
    func links(url: String, link: String?) throws {
        #expect(try message(url: url).link == link)
    }

    @Test("an address that no click should open is shown as text")
    func page() throws {
        let facts = try message(url: "ftp://x.org/").facts
        #expect(facts.last?.name == "Page" && facts.last?.value == "ftp://x.org/")
        #expect(try message().facts.last?.name == "Contact")
    }
}
