import Messages
import Schedule
import Testing

@Suite("The plan of some time")
struct ReminderPlanTests {
    private func agenda() throws -> Agenda {
        let rules = try ["1mo", "7d", "3d", "1d", "0d", "1d after"].flatMap(ReminderRule.parse)
        var settings = SettingValues()
        settings.secrets["url"] = [Secret("https://hooks.example.org/x")]
        let channels = try ["b", "a"].map { name in
            Channel(
                name: name, service: try Slack(settings),
                audience: Audience(zone: Zone(name: "UTC+9", secondsEast: 32_400), at: .nine))
        }
        let issues = try (0..<40).map { number in
            let milestones = try ["y", "x"].map { name in
                Milestone(
                    name: name, written: "",
                    deadline: Deadline(
                        try DeadlineValue("2025-0\(number % 9 + 1)-1\(number % 7)"), zone: .utc),
                    schedule: 0, channels: [0, 1])
            }
            return SpecialIssue(id: "i\(number * 7 % 40)", title: "T", milestones: milestones)
        }
        return Agenda(issues: issues, schedules: [Schedule(name: "s", rules: rules)], channels: channels)
    }

    @Test("it is sorted by due instant, issue, milestone and channel")
    func order() throws {
        let agenda = try agenda()
        let plan = ReminderPlan(agenda, issues: agenda.issues, from: .distantPast, until: .distantFuture)
        let keys = plan.entries.map { entry in
            let issue = agenda.issues[Int(entry.issue)]
            return [
                "\(entry.reminder.due)", issue.id, issue.milestones[Int(entry.milestone)].name,
                agenda.channels[Int(entry.channel)].name,
            ]
        }
        #expect(keys.count == 40 * 2 * 2 * 6)
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }

    @Test("it is the plans of its parts one after the other")
    func union() throws {
        let agenda = try agenda()
        let whole = ReminderPlan(agenda, issues: agenda.issues, from: .distantPast, until: .distantFuture)
        for text in ["2025-03-08T00:00:00Z", "2025-05-10T00:00:00Z", "2025-07-01T00:00:00Z"] {
            let split = try instant(text)
            let first = ReminderPlan(agenda, issues: agenda.issues, from: .distantPast, until: split)
            let second = ReminderPlan(agenda, issues: agenda.issues, from: split, until: .distantFuture)
            #expect(first.entries + second.entries == whole.entries)
            #expect(!first.entries.isEmpty && !second.entries.isEmpty)
        }
    }

    @Test("what is done has no reminders in it")
    func done() throws {
        var agenda = try agenda()
        for index in agenda.issues.indices {
            agenda.issues[index].milestones = agenda.issues[index].milestones.map {
                Milestone(
                    name: $0.name, written: "", deadline: $0.deadline, state: .done, schedule: 0,
                    channels: [0])
            }
        }
        #expect(
            ReminderPlan(agenda, issues: agenda.issues, from: .distantPast, until: .distantFuture).entries
                .isEmpty)
    }
}
