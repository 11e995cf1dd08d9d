import Schedule
import Testing

/// What holds for every zone and every day from 1990 to 2100, tried on random ones.
@Suite("Always")
struct PropertyTests {
    /// A deadline, a schedule, a calendar and an audience made up at random.
    private struct Case {
        let deadline: Deadline
        let schedule: Schedule
        let planner: Planner
        let audience: Audience

        init(_ zones: [Zone], _ random: inout Seeded) throws {
            func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
            func time() throws -> TimeOfDay {
                try #require(TimeOfDay(hour: number(0..<24), minute: number(0..<60)))
            }
            let date = CivilDate(days: Int32(number(7305..<47_847)))  // 1990 to 2100
            let value: DeadlineValue =
                try Bool.random(using: &random) ? .date(date) : .civil(CivilDateTime(date, time()))
            deadline = try #require(Deadline(value, zone: zones[number(0..<zones.count)]))
            let texts = try (0..<number(1..<8)).map { _ in
                let side = Bool.random(using: &random) ? "" : " after"
                let at = try Bool.random(using: &random) ? "" : " at \(time())"
                return switch number(0..<6) {
                case 0: "\(number(0..<60))d\(side)\(at)"
                case 1: "\(number(0..<9))w\(side)\(at)"
                case 2: "\(number(0..<13))mo\(side)\(at)"
                case 3: "\(number(0..<30))bd\(side)\(at)"
                case 4: "\(number(1..<400))h\(side)"
                default: "every \(number(1..<4))d from \(number(0..<10))d"
                }
            }
            var rules: [ReminderRule] = []
            for rule in try texts.flatMap(ReminderRule.parse) where !rules.contains(rule) {
                rules.append(rule)
            }
            let avoid = BusinessCalendar.Avoided(rawValue: UInt8(number(0..<4)))
            schedule = Schedule(name: "s", rules: rules, avoid: avoid)
            let weekend = Set(Weekday.allCases.shuffled(using: &random).prefix(number(0..<7)))
            let holidays = Set((0..<number(0..<20)).map { _ in date.adding(days: number(-40..<40)) })
            planner = Planner(calendar: try BusinessCalendar(weekend: weekend, holidays: holidays))
            audience = Audience(zone: zones[number(0..<zones.count)], at: try time())
        }
    }

    private func forEachCase(_ count: Int, _ body: (Case, inout Seeded) throws -> Void) throws {
        var random = Seeded()
        let zones = try everyZone().map(\.zone) + ["AoE", "UTC+14", "UTC-03:30"].map(zone)
        for _ in 0..<count { try body(try Case(zones, &random), &random) }
    }

    @Test("a reminder before a deadline is strictly before it, one after it strictly after")
    func side() throws {
        try forEachCase(8000) { one, random in
            for rule in one.schedule.rules {
                let due = one.planner.due(
                    rule, deadline: one.deadline, avoid: one.schedule.avoid, audience: one.audience)
                let isRight = rule.side == .before ? due < one.deadline.instant : due > one.deadline.instant
                // A zero exact offset after the deadline is the deadline itself.
                #expect(
                    isRight || rule.offset.size == 0 && rule.offset.unit.isExact,
                    "\(rule), \(one.deadline), \(random)")
            }
        }
    }

    @Test("the order of a schedule's rules changes nothing")
    func order() throws {
        try forEachCase(2000) { one, random in
            let shuffled = Schedule(
                name: "s", rules: one.schedule.rules.shuffled(using: &random), avoid: one.schedule.avoid)
            let plan = one.planner.reminders(one.schedule, deadline: one.deadline, audience: one.audience)
            let other = one.planner.reminders(shuffled, deadline: one.deadline, audience: one.audience)
            #expect(plan == other, "\(one.schedule.rules), \(one.deadline), \(random)")
        }
    }

    @Test("walking from each due instant to the next one meets every reminder once")
    func walk() throws {
        try forEachCase(2000) { one, random in
            let plan = one.planner.reminders(one.schedule, deadline: one.deadline, audience: one.audience)
            var met: [Instant] = []
            while let next = one.planner.firstDue(
                from: met.last.map { $0 + .milliseconds(1) } ?? .distantPast, one.schedule,
                deadline: one.deadline, audience: one.audience)
            { met.append(next) }
            #expect(met == plan.map(\.due), "\(one.schedule.rules), \(one.deadline), \(random)")
        }
    }

    @Test("an explanation ends where the plan does")
    func explanation() throws {
        try forEachCase(2000) { one, random in
            let plan = one.planner.reminders(one.schedule, deadline: one.deadline, audience: one.audience)
            let explained = one.planner.explanations(
                one.schedule, deadline: one.deadline, audience: one.audience)
            #expect(
                explained.filter { $0.fallsTogetherWith == nil }.map(\.reminder) == plan,
                "\(one.deadline), \(random)")
            #expect(explained.count == one.schedule.rules.count)
            for one in explained where !one.reminder.rule.offset.unit.isExact {
                guard case .counted? = one.steps.first, case .placed? = one.steps.last else {
                    Issue.record("\(one.steps), \(random)")
                    return
                }
            }
        }
    }

    @Test("every printed form is read as what it was printed from")
    func roundTrips() throws {
        var random = Seeded()
        for _ in 0..<4000 {
            let date = CivilDate(days: Int32.random(in: -25_567..<2_932_896, using: &random))  // 1900 to 9999
            let time = try #require(
                TimeOfDay(
                    hour: Int.random(in: 0..<24, using: &random),
                    minute: Int.random(in: 0..<60, using: &random)))
            let instant = Instant(seconds: Int64(date.days) * 86_400 + Int64(time.seconds))
            let (year, month, day) = date.yearMonthDay
            let name = Month.names[month - 1]
            let forms: [(String, DeadlineValue)] = [
                ("\(date)", .date(date)), ("\(CivilDateTime(date, time))", .civil(CivilDateTime(date, time))),
                ("\(day) \(name) \(year)", .date(date)),
                ("\(date.weekday.name) \(day) \(name) \(year)", .date(date)),
                ("\(name.prefix(3)) \(day), \(year)", .date(date)),
                ("\(instant)", .instant(instant, written: (date, 0))),
            ]
            for (text, value) in forms where year >= 1900 {
                let read = try DeadlineValue.read(text)
                #expect(read.value == value, "\(text), \(random)")
                #expect(read.doubt == nil, "\(text), \(random)")
            }
            #expect(try TimeOfDay("\(time)") == time)
            let unit = try #require(Offset.Unit.allCases.randomElement(using: &random))
            let amount = Int.random(in: 1...unit.limit, using: &random)
            for text in ["\(amount)\(unit.rawValue)", "\(amount)\(unit.rawValue) after"] {
                #expect(try ReminderRule.parse(text).map(\.canonical) == [text])
            }
        }
    }

    @Test("a deadline that counts from another lies where a reminder of that offset would count from")
    func relative() throws {
        try forEachCase(2000) { one, random in
            for rule in one.schedule.rules {
                let moved = one.deadline.moved(
                    by: rule.offset, zone: one.deadline.zone, calendar: one.planner.calendar)
                if rule.offset.unit.isExact {
                    #expect(
                        (moved.instant - one.deadline.instant).milliseconds.magnitude == UInt64(
                            rule.offset.size) * 1000)
                } else {
                    #expect(moved.date == one.planner.calendar.date(one.deadline.date, moved: rule.offset))
                    #expect(moved.time == one.deadline.time)
                }
            }
        }
    }
}
