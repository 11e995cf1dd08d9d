import Engine
import Foundation
import Messages
import Schedule
import Testing

@Suite("What somebody changed while the service was down")
struct DowntimeTests {
    @Test(
        "that a deadline passed is told, though a reminder that an hour's change brings up was sent",
        arguments: 0..<2)
    func passedIsTold(_ way: Int) {
        var world = World()
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["2d", "1d"], at: at) }
        world.start(plan("09:00"), "2025-08-01T00:00:00Z")
        // 2d goes out on the 18th at nine.
        world.handle(.time, "2025-08-18T09:00:00Z")
        #expect(world.sending == ["a 2d lab"])
        world.answer(.delivered, "2025-08-18T09:00:01Z")
        if way == 0 { world.handle(.reloaded(plan("18:00")), "2025-08-18T10:00:00Z") }
        world.handle(.stopRequested, "2025-08-18T12:00:00Z")
        world.crash()
        // The 1d of the 19th is missed, and the deadline passes.
        world.start(plan("09:00"), "2025-08-25T00:00:00Z")
        #expect(world.sending == ["a passed lab"])
    }

    @Test("the same where the law of a zone has changed")
    func passedIsToldAfterLaw() throws {
        var world = World()
        let plan = { (zone: Zone) in agenda(["a": "2025-08-20"], rules: ["2d", "1d"], zone: zone) }
        world.start(plan(try zone("Africa/Lagos")), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-18T08:00:00Z")
        #expect(world.sending == ["a 2d lab"])
        world.answer(.delivered, "2025-08-18T08:00:01Z")
        world.handle(.stopRequested, "2025-08-18T12:00:00Z")
        world.crash()
        world.start(plan(try zone("Europe/Paris")), "2025-08-25T00:00:00Z")
        #expect(world.sending == ["a passed lab"])
    }

    @Test("where nothing is caught up, nothing says that a deadline passed, whatever hour changed")
    func noneCaughtUp() {
        var world = World()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["7d"], at: "18:00", catchUp: .none), "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-13T12:00:00Z")
        world.crash()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["7d"], at: "09:00", catchUp: .none), "2025-08-25T00:00:00Z")
        #expect(world.sending == [])
    }

    @Test(
        "a call that is added, or moves, during a downtime owes nothing of before, whatever hour changed",
        arguments: 0..<3)
    func addedWithHour(_ way: Int) {
        var world = World()
        let before: KeyValuePairs<String, String> =
            way == 0 ? ["b": "2025-12-20"] : ["b": "2025-12-20", "a": "2025-09-30"]
        world.start(agenda(before, rules: ["7d"], at: "18:00"), "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-13T12:00:00Z")
        world.crash()
        world.start(
            agenda(["b": "2025-12-20", "a": "2025-08-20"], rules: ["7d"], at: "09:00"),
            way == 2 ? "2025-08-25T00:00:00Z" : "2025-08-14T00:00:00Z")
        // Of the move they hear.
        #expect(
            world.sent.filter { $0.identity.issue == "a" && !$0.identity.reminder.hasPrefix("moved ") } == [])
    }

    @Test("nor where the law of a zone has changed")
    func addedWithLaw() throws {
        var world = World()
        let plan = { (deadlines: KeyValuePairs<String, String>, zone: Zone) in
            agenda(deadlines, rules: ["7d"], zone: zone)
        }
        world.start(plan(["b": "2025-12-20"], try zone("Africa/Lagos")), "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-13T12:00:00Z")
        world.crash()
        world.start(
            plan(["b": "2025-12-20", "a": "2025-08-20"], try zone("Europe/Paris")), "2025-08-14T00:00:00Z")
        #expect(world.sending == [])
    }

    @Test(
        "a call that comes back during a downtime owes nothing of the time before", arguments: [true, false])
    func backDuringDowntime(_ isStopped: Bool) {
        var world = World()
        let plan = agenda(["a": "2025-08-20", "b": "2025-12-20"], rules: ["7d", "1d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.reloaded(agenda(["b": "2025-12-20"], rules: ["7d", "1d"])), "2025-08-02T00:00:00Z")
        if isStopped { world.handle(.stopRequested, "2025-08-12T00:00:00Z") }
        world.crash()
        world.start(plan, "2025-08-15T00:00:00Z")
        #expect(world.sending == [])
    }

    @Test("an hour that changes together with a schedule's name loses nothing", arguments: [true, false])
    func renamedSchedule(_ isReload: Bool) {
        var world = World()
        func plan(_ name: String, _ at: String) -> Agenda {
            var plan = agenda(["a": "2025-08-20"], rules: ["7d"], at: at)
            plan.schedules = plan.schedules.map {
                Schedule(name: name, rules: $0.rules, avoid: $0.avoid, catchUp: $0.catchUp)
            }
            return plan
        }
        world.start(plan("old", "18:00"), "2025-08-01T00:00:00Z")
        if isReload {
            world.handle(.reloaded(plan("new", "09:00")), "2025-08-13T12:01:00Z")
        } else {
            world.handle(.stopRequested, "2025-08-13T12:00:00Z")
            world.crash()
            world.start(plan("new", "09:00"), "2025-08-13T12:01:00Z")
        }
        #expect(world.sending == ["a 7d lab"])
    }

    @Test(
        "a call or a channel that is added during a downtime is not asked about for the time before",
        arguments: 0..<2)
    func nudgeAdded(_ way: Int) {
        var world = World()
        func plan(_ issues: KeyValuePairs<String, String>, _ channels: [String]) -> Agenda {
            var plan = agenda(issues, rules: ["1d"], channels: channels)
            plan.confirmAfter = 30
            for index in plan.issues.indices where plan.issues[index].id == "a" {
                plan.issues[index].checked = (try? DeadlineValue("2025-07-11")).flatMap {
                    Deadline($0, zone: .utc)?.date
                }
            }
            return plan
        }
        world.start(
            plan(way == 0 ? ["b": "2025-12-20"] : ["b": "2025-12-20", "a": "2025-12-20"], ["lab"]),
            "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-09T12:00:00Z")
        world.crash()
        world.start(
            plan(["b": "2025-12-20", "a": "2025-12-20"], way == 0 ? ["lab"] : ["lab", "new"]),
            "2025-08-11T00:00:00Z")
        let wanted: [String] = way == 0 ? [] : ["a confirm 2025-08-10 lab"]
        #expect(world.sending == wanted)
    }

    /// A zone of the system under a name of our own: its data are its law.
    private func zone(_ other: String) throws -> Zone {
        let file = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(other)"))
        return try Zone(name: "Law/Land", tzif: Array(file))
    }

    @Test(
        "a reminder that fell while the service was down goes out, though its rule was rewritten meanwhile",
        arguments: [["7d at 08:30", "1d"], ["1w", "1d"], ["168h", "1d"]])
    func ruleRewritten(_ rules: [String]) {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "1d"]), "2025-08-01T00:00:00Z")
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: rules), "2025-08-14T10:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("nor is it silent where the deadline passed, too")
    func ruleRewrittenPassed() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d at 08:00"]), "2025-08-21T10:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("nor where its channel was renamed")
    func channelRenamed() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "1d"]), "2025-08-01T00:00:00Z")
        world.crash()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["7d", "1d"], channels: ["lab2"]), "2025-08-14T10:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test(
        "a deadline that is written in another zone during a downtime owes what its day now brings before that"
    )
    func writtenOtherwise() {
        var world = World()
        world.start(agenda(["a": "2025-08-21T00:30:00+02:00"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-19T12:00:00Z")
        world.handle(.stopRequested, "2025-08-19T12:00:01Z")
        world.crash()
        world.start(agenda(["a": "2025-08-20T22:30:00Z"], rules: ["1d"]), "2025-08-19T12:00:05Z")
        #expect(world.sending == ["a 1d lab"])
    }
}
