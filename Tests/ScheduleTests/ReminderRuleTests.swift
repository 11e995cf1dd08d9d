import Schedule
import Testing

@Suite("Rules")
struct ReminderRuleTests {
    @Test(
        "each form is read, and has one canonical text",
        arguments: [
            ("7d", "7d"), ("07d", "7d"), ("7 d before", "7d"), ("2w", "2w"), ("1mo", "1mo"), ("10bd", "10bd"),
            ("30min", "30min"),
            ("1d after", "1d after"), ("0h after", "0h after"), ("3d at 8:30", "3d at 08:30"),
            ("1d after at 08:30", "1d after at 08:30"), ("every 1d from 3d", "3d 2d 1d 0d"),
            ("every 6h from 24h", "24h 18h 12h 6h"), ("every 2w from 6w to 1w", "6w 4w 2w"),
            ("every 1d from 1d at 07:00", "1d at 07:00 0d at 07:00"), ("every 1s from 3s", "3s 2s 1s"),
        ])
    func forms(text: String, canonical: String) throws {
        #expect(try ReminderRule.parse(text).map(\.canonical).joined(separator: " ") == canonical)
    }

    @Test(
        "nothing else is a rule",
        arguments: [
            "", "d", "7", "7x", "-7d", "7d 3d", "0h", "0s", "12h at 09:00", "7d at 25:00", "7d at",
            "every 1d", "every 0d from 3d",
            "every 1d from 3w", "every 1d from 3d after", "every 1d from 1d to 3d", "every 1s from 2000s",
            "4000d", "999999999999999999d",
            "99999999999999999999999d", "7D", "7d later", "7,5d",
        ])
    func nothingElse(text: String) {
        #expect(throws: Fault.self) { try ReminderRule.parse(text) }
    }

    @Test(
        "two rules that fall together whatever the deadline are known",
        arguments: [
            ("7d", "1w", true), ("24h", "1440min", true), ("0d", "0mo", true), ("0bd", "0d", false),
            ("7d at 09:00", "7d", true), ("7d at 08:00", "7d", false), ("1d", "1d after", false),
            ("30d", "1mo", false), ("1bd", "1d", false), ("24h", "1d", false),
        ])
    func together(a: String, b: String, isTogether: Bool) throws {
        let (a, b) = (
            try #require(try ReminderRule.parse(a).first), try #require(try ReminderRule.parse(b).first)
        )
        #expect(a.alwaysFalls(with: b, avoid: [], at: .nine) == isTogether)
    }

    @Test("the day itself and its last business day are one where both kinds of day are avoided")
    func togetherByAvoidance() throws {
        let (a, b) = (
            try #require(try ReminderRule.parse("0bd").first),
            try #require(try ReminderRule.parse("0d").first)
        )
        #expect(a.alwaysFalls(with: b, avoid: [.weekend, .holidays], at: nil))
        #expect(!a.alwaysFalls(with: b, avoid: [.weekend], at: nil))
    }

    @Test("an offset reaches ten years and no further")
    func limit() throws {
        #expect(try ReminderRule.parse("3652d").count == 1)
        #expect(throws: Fault.self) { try ReminderRule.parse("3653d") }
    }
}

@Suite("When a reminder is due")
struct PlannerTests {
    private func due(
        _ rule: String, _ text: String, at: String = "09:00", zone name: String = "Europe/Zurich",
        avoid: BusinessCalendar.Avoided = [], holidays: [String] = []
    ) throws -> String {
        let days = try holidays.map { text in
            guard case .date(let date) = try DeadlineValue(text) else { throw Fault("no date") }
            return date
        }
        let calendar = try BusinessCalendar(weekend: [.sat, .sun], holidays: Set(days))
        let rule = try #require(try ReminderRule.parse(rule).first)
        let deadline = try #require(try deadline(text))
        let audience = Audience(zone: try zone(name), at: try TimeOfDay(at))
        return
            "\(Planner(calendar: calendar).due(rule, deadline: deadline, avoid: avoid, audience: audience))"
    }

    @Test("business days skip weekends and holidays; 0bd is the last one up to the deadline's day")
    func businessDays() throws {
        #expect(try due("3bd", "2025-08-20") == "2025-08-15T07:00:00Z")
        #expect(try due("3bd", "2025-08-20", holidays: ["2025-08-18"]) == "2025-08-14T07:00:00Z")
        #expect(try due("0bd", "2025-08-24") == "2025-08-22T07:00:00Z")
        #expect(try due("0bd after", "2025-08-24") == "2025-08-25T07:00:00Z")
        #expect(try due("2bd after", "2025-08-22") == "2025-08-26T07:00:00Z")
    }

    @Test("an avoided day gives way: earlier before the deadline, later after it")
    func avoid() throws {
        #expect(try due("3d", "2025-08-20", avoid: .weekend) == "2025-08-15T07:00:00Z")
        #expect(try due("3d after", "2025-08-20", avoid: .weekend) == "2025-08-25T07:00:00Z")
        #expect(
            try due("1d", "2025-08-02", avoid: .holidays, holidays: ["2025-08-01"]) == "2025-07-31T07:00:00Z")
    }

    @Test("a reminder that would fall behind its deadline moves back, past avoided days too")
    func movedBack() throws {
        #expect(try due("0d", "2025-08-18 08:00") == "2025-08-17T07:00:00Z")
        #expect(try due("0d", "2025-08-18 08:00", avoid: .weekend) == "2025-08-15T07:00:00Z")
        #expect(try due("0bd", "2025-08-18 08:00") == "2025-08-15T07:00:00Z")
        #expect(try due("0d after", "2025-08-18") == "2025-08-19T07:00:00Z")
    }

    @Test("the hour is the audience's")
    func audience() throws {
        #expect(try due("7d", "2025-08-20", at: "10:00", zone: "Asia/Seoul") == "2025-08-13T01:00:00Z")
    }

    @Test("every step that moves a reminder is told")
    func explained() throws {
        let rules = try ["1mo", "0d", "1d at 02:30", "7d", "1w"].flatMap(ReminderRule.parse)
        let deadline = try #require(try deadline("2025-03-31 08:00"))
        let explanations = Planner(calendar: .standard).explanations(
            Schedule(name: "s", rules: rules, avoid: .weekend), deadline: deadline,
            audience: Audience(zone: try zone("Europe/Zurich"), at: .nine))
        func day(_ text: String) throws -> CivilDate {
            guard case .date(let date) = try DeadlineValue(text) else { throw Fault("no date") }
            return date
        }
        let steps = Dictionary(
            explanations.map { ($0.reminder.rule.canonical, $0.steps) }, uniquingKeysWith: { a, _ in a })
        #expect(
            steps["0d"] == [
                .counted(try day("2025-03-31")),
                .onTheWrongSide(try Instant(rfc3339: "2025-03-31T07:00:00Z"), to: try day("2025-03-30")),
                .avoided(try day("2025-03-30"), .weekend, to: try day("2025-03-29")),
                .avoided(try day("2025-03-29"), .weekend, to: try day("2025-03-28")),
                .placed(CivilDateTime(try day("2025-03-28"), .nine), .unique),
            ])
        #expect(steps["1mo"]?.first == .counted(try day("2025-02-28")))
        #expect(explanations.map(\.fallsTogetherWith?.canonical) == [nil, nil, "1w", nil, nil])
    }

    @Test("an hour that its day skips is told")
    func explainedGap() throws {
        let rule = try #require(try ReminderRule.parse("1d at 02:30").first)
        let explanations = Planner(calendar: .standard).explanations(
            Schedule(name: "s", rules: [rule]), deadline: try #require(try deadline("2025-03-31")),
            audience: Audience(zone: try zone("Europe/Zurich"), at: .nine))
        guard case .placed(let civil, .gap(3600, _))? = explanations.first?.steps.last else {
            Issue.record("\(explanations)")
            return
        }
        #expect("\(civil)" == "2025-03-30 02:30")
    }

    @Test("reminders of one instant are one: the nearest rule stays")
    func merged() throws {
        let rules = try ["1w", "7d", "1mo", "168h"].flatMap(ReminderRule.parse)
        let deadline = try #require(try deadline("2025-08-20 09:00"))
        let planned = Planner(calendar: .standard).reminders(
            Schedule(name: "s", rules: rules), deadline: deadline,
            audience: Audience(zone: try zone("Europe/Zurich"), at: .nine))
        #expect(planned.map(\.rule.canonical) == ["1mo", "168h"])
    }
}

@Suite("Civil dates")
struct CivilDateTests {
    @Test("days and dates agree with a count day by day, 1900 to 2400")
    func dayByDay() {
        var (year, month, day) = (1900, 1, 1)
        var days = CivilDate(year: 1900, month: 1, day: 1)!.days
        var weekday = 0  // 1 January 1900 was a Monday
        while year < 2400 {
            let date = CivilDate(days: days)
            let parts = date.yearMonthDay
            guard parts == (year, month, day), CivilDate(year: year, month: month, day: day) == date,
                date.weekday == Weekday.allCases[weekday]
            else {
                Issue.record("\(year)-\(month)-\(day) became \(parts)")
                return
            }
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
            days += 1
            weekday = (weekday + 1) % 7
        }
    }
}
