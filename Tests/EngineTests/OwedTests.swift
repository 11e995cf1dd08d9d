import Engine
import Foundation
import Messages
import Schedule
import Testing

@Suite("What is owed")
struct OwedTests {
    @Test("a reminder is sent when it is due, and only after its commit")
    func sentAfterCommit() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        #expect(world.sending.isEmpty)
        #expect(world.wake == instant("2025-08-13T09:00:00Z"))
        world.holdsCommits = true
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sending.isEmpty)
        world.releaseCommit("2025-08-13T09:00:00Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.states("a") == ["7d lab": "sending"])
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        #expect(world.states("a") == ["7d lab": "delivered"])
        #expect(world.wake == nil)
    }

    @Test("a call added ten days before its deadline sends no 30d")
    func newIssue() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["30d", "14d", "7d"]), "2025-08-10T12:00:00Z")
        #expect(world.sending.isEmpty)
        #expect(world.wake == instant("2025-08-13T09:00:00Z"))
    }

    @Test("what fell while the service was down goes out once, the latest only, and says so")
    func catchUpLatest() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "3d", "1d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.crash()
        world.start(plan, "2025-08-18T00:00:00Z")
        #expect(world.sending == ["a 3d lab"])
        #expect(world.states("a") == ["7d lab": "superseded", "3d lab": "sending"])
        world.answer(.delivered, "2025-08-18T00:00:01Z")
        world.crash()
        world.start(plan, "2025-08-18T01:00:00Z")
        #expect(world.sending.isEmpty)
    }

    @Test(
        "what is marked done in the configuration reminds no more, and what was under way for it is cancelled"
    )
    func done() {
        for state in [Milestone.State.done, .withdrawn] {
            var world = World()
            world.start(agenda(["a": "2025-08-20"], rules: ["7d", "3d"]), "2025-08-01T00:00:00Z")
            world.handle(.time, "2025-08-13T09:00:00Z")
            world.answer(.retry(wait: nil, reason: "503"), "2025-08-13T09:00:01Z")
            world.handle(
                .reloaded(agenda(["a": "2025-08-20"], rules: ["7d", "3d"], state: state)),
                "2025-08-13T09:00:02Z")
            #expect(world.states("a") == ["7d lab": "cancelled"])
            #expect(world.wake == nil)
            // What is taken up again owes what is to come, and nothing of the time between.
            world.handle(
                .reloaded(agenda(["a": "2025-08-20"], rules: ["7d", "3d", "1d"])), "2025-08-18T00:00:00Z")
            #expect(world.sending.isEmpty)
            #expect(world.wake == instant("2025-08-19T09:00:00Z"))
        }
    }

    @Test("a reminder whose hour, zone or calendar changed while the service was down is not lost")
    func movedWhileDown() throws {
        let wednesday = try #require(CivilDate(year: 2025, month: 8, day: 13))
        let changed = [
            agenda(["a": "2025-08-20"], rules: ["7d", "3d"], at: "07:00"),
            agenda(["a": "2025-08-20"], rules: ["7d", "3d"], zone: Zone(name: "UTC+3", secondsEast: 10_800)),
            agenda(["a": "2025-08-20"], rules: ["7d", "3d"], holidays: [wednesday], avoid: .holidays),
        ]
        for plan in changed {
            var world = World()
            world.memory.zones["UTC"] = .utc
            world.start(agenda(["a": "2025-08-20"], rules: ["7d", "3d"]), "2025-08-01T00:00:00Z")
            // Eight o'clock: the reminder is an hour ahead. Then the file changes, and it lies behind.
            world.handle(.stopRequested, "2025-08-13T08:00:00Z")
            world.crash()
            world.start(plan, "2025-08-13T08:05:00Z")
            #expect(world.sending == ["a 7d lab"])
            world.answer(.delivered, "2025-08-13T08:05:01Z")
            world.crash()
            world.start(plan, "2025-08-13T08:10:00Z")
            #expect(world.sending.isEmpty)
        }
    }

    @Test("a reminder whose hour moves on while its message still waits is not superseded by itself")
    func laterHourWhileWaiting() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: .hours(6), reason: "HTTP 429"), "2025-08-13T09:00:01Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d"], at: "12:00")), "2025-08-13T10:00:00Z")
        world.handle(.time, "2025-08-13T12:00:00Z")
        #expect(world.states("a") == ["7d lab": "waiting"])
        world.handle(.time, "2025-08-13T15:00:02Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("what waits is not lost to a later hour that is missed, where nothing is caught up")
    func laterHourMissed() {
        var world = World()
        let plan = { (at: String) in
            agenda(["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"], at: at, catchUp: .none)
        }
        world.start(plan("09:00"), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: .hours(3), reason: "HTTP 503"), "2025-08-13T09:00:01Z")
        world.handle(.reloaded(plan("10:00")), "2025-08-13T09:30:00Z")
        world.handle(.time, "2025-08-13T10:30:00Z")
        #expect(world.states("a") == ["7d lab": "waiting"])
        #expect(world.states("b") == ["7d lab": "owed"])
    }

    @Test(
        "a reminder that was sent before its hour moved on, and so is not sent again, supersedes none that waits"
    )
    func knownSuccessor() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["0d", "12h"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-20T09:00:00Z")
        world.answer(.delivered, "2025-08-20T09:00:01Z")
        world.handle(.time, "2025-08-20T12:00:00Z")
        world.answer(.retry(wait: .hours(6), reason: "HTTP 429"), "2025-08-20T12:00:01Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["0d", "12h"], at: "15:00")), "2025-08-20T13:00:00Z")
        world.handle(.time, "2025-08-20T15:00:00Z")
        #expect(world.states("a") == ["0d lab": "delivered", "12h lab": "waiting"])
        world.handle(.time, "2025-08-20T18:00:02Z")
        #expect(world.sending == ["a 12h lab"])
    }

    @Test("nor is it superseded by one that falls due while it is found out")
    func knownWhileCommitting() {
        var world = World()
        let rules = ["7d", "7d at 15:01"]
        world.start(agenda(["a": "2025-08-20"], rules: rules), "2025-08-13T08:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: rules, at: "15:00")), "2025-08-13T10:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-13T15:01:30Z")), "2025-08-13T14:00:00Z")
        world.holdsCommits = true
        world.handle(.time, "2025-08-13T15:00:00Z")
        world.handle(.time, "2025-08-13T15:01:00Z")
        world.releaseCommit("2025-08-13T15:01:01Z")
        world.handle(.time, "2025-08-13T15:01:30Z")
        #expect(world.sending == ["a 7d at 15:01 lab"])
        #expect(world.states("a") == ["7d lab": "delivered", "7d at 15:01 lab": "sending"])
    }

    @Test("nor does it take the place of one that was missed")
    func knownSuccessorOfMissed() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["0d", "3h"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-20T09:00:00Z")
        world.answer(.delivered, "2025-08-20T09:00:01Z")
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["0d", "3h"], at: "23:00"), "2025-08-20T23:30:00Z")
        #expect(world.sending == ["a 3h lab"])
        #expect(world.states("a") == ["0d lab": "delivered", "3h lab": "sending"])
    }

    @Test("a rule or a channel that was added while the service was down owes nothing of the time before")
    func addedWhileDown() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["3d"]), "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-14T08:00:00Z")
        world.crash()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["7d", "3d"], channels: ["lab", "new"]), "2025-08-14T08:05:00Z"
        )
        #expect(world.sending.isEmpty)
    }

    @Test("what was sent before a zone's law changed is not sent again, what was ahead is")
    func lawChanged() throws {
        func zone(_ name: String, law hours: Int) throws -> Zone {
            // A zone of the system under a name of our own: its data are its law.
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Etc/GMT-\(hours)"))
            return try Zone(name: name, tzif: Array(bytes))
        }
        var world = World()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["8d", "7d"], zone: try zone("Law/Land", law: 1)),
            "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-12T08:00:00Z")
        world.answer(.delivered, "2025-08-12T08:00:01Z")
        world.handle(.stopRequested, "2025-08-13T07:30:00Z")
        world.crash()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["8d", "7d"], zone: try zone("Law/Land", law: 2)),
            "2025-08-13T07:31:00Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("catch_up all sends every missed reminder, none only records them")
    func catchUpOthers() {
        for (catchUp, sending) in [(Schedule.CatchUp.all, ["a 7d lab"]), (.none, [])] {
            var world = World()
            let plan = agenda(["a": "2025-08-20"], rules: ["7d", "3d"], catchUp: catchUp)
            world.start(plan, "2025-08-01T00:00:00Z")
            world.crash()
            world.start(plan, "2025-08-18T00:00:00Z")
            #expect(world.sending == sending)
            world.answer(.delivered, "2025-08-18T00:00:01Z")
            #expect(world.sending == (catchUp == .all ? ["a 3d lab"] : []))
            #expect(world.states("a").count == 2)
        }
    }

    @Test("a deadline that passed during the downtime sends one message that it passed")
    func passed() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "1d", "1d after"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.crash()
        world.start(plan, "2025-08-21T00:30:00Z")
        #expect(world.sending == ["a passed lab"])
        #expect(
            world.states("a") == ["7d lab": "superseded", "1d lab": "superseded", "passed lab": "sending"])
        #expect(world.wake == instant("2025-08-21T09:00:00Z"))
    }

    @Test("a restart of a few seconds supersedes nothing")
    func shortRestart() {
        var world = World()
        let plan = agenda(["a": "2025-08-20T00:00:30Z"], rules: ["every 1s from 20s"])
        world.start(plan, "2025-08-20T00:00:00Z")
        world.crash()
        world.start(plan, "2025-08-20T00:00:14Z")
        #expect(world.states("a").values.allSatisfy { $0 == "sending" || $0 == "owed" })
        #expect(world.states("a").count == 5)
    }

    @Test("a rule added while the service was down owes nothing of the time before it stopped")
    func ruleAddedDuringDowntime() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-15T00:00:00Z")
        #expect(world.hasStopped)
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "1d"]), "2025-08-16T00:00:00Z")
        #expect(world.sending.isEmpty)
        #expect(world.wake == instant("2025-08-19T09:00:00Z"))
    }

    @Test("a change of hour repeats nothing that was sent")
    func hourChanged() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d"], at: "15:00")), "2025-08-13T10:00:00Z")
        world.handle(.time, "2025-08-13T15:00:00Z")
        #expect(world.sending.isEmpty)
        #expect(world.states("a") == ["7d lab": "delivered"])
    }

    @Test("a reminder that a reload moves from the future into the past is owed at once")
    func movedIntoThePast() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"], at: "15:00"), "2025-08-01T00:00:00Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d"], at: "09:00")), "2025-08-13T12:00:00Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("a rule or a channel added by a reload owes nothing of the past")
    func addedByReload() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        let more = agenda(["a": "2025-08-20"], rules: ["7d", "1d"], channels: ["lab", "office"])
        world.handle(.reloaded(more), "2025-08-15T00:00:00Z")
        #expect(world.sending.isEmpty)
        world.handle(.time, "2025-08-19T09:00:00Z")
        #expect(world.sending.sorted() == ["a 1d lab", "a 1d office"])
    }

    @Test("a clock that stands before the settled instant sends nothing again")
    func clockSetBack() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "1d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        world.handle(.time, "2025-08-12T00:00:00Z")
        world.crash()
        world.start(plan, "2025-08-12T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sending.isEmpty)
        #expect(world.wake == instant("2025-08-19T09:00:00Z"))
    }

    @Test("a removed issue owes nothing more")
    func removed() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "1d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:01Z")
        world.handle(.reloaded(agenda([:], rules: ["7d"])), "2025-08-13T09:00:02Z")
        #expect(world.states("a") == ["7d lab": "cancelled"])
        #expect(world.wake == nil)
    }

    @Test(
        "a reminder whose hour is changed there and back while it is tried again does not give way to itself")
    func hourThereAndBack() {
        var world = World()
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["7d"], at: at) }
        world.start(plan("09:00"), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: .hours(6), reason: "503"), "2025-08-13T09:00:01Z")
        world.handle(.reloaded(plan("18:00")), "2025-08-13T09:10:00Z")
        world.handle(.reloaded(plan("09:30")), "2025-08-13T10:00:00Z")
        world.handle(.time, "2025-08-13T15:00:01Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("a rule added in a downtime does not hide a missed one that falls on its instant")
    func addedRuleHides() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "5bd"]), "2025-08-14T10:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("nor does it hide that the deadline passed")
    func addedRuleHidesPassed() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "5bd"]), "2025-08-24T10:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("nor does one that a reload adds hide what the same reload moves into the past")
    func addedRuleHidesAtReload() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"], at: "18:00"), "2025-08-01T00:00:00Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d", "5bd"], at: "09:00")), "2025-08-13T12:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("a reminder is not lost together with the rule that it was hidden by")
    func removedRuleHides() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "5bd"], at: "18:00"), "2025-08-01T00:00:00Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d"], at: "09:00")), "2025-08-13T12:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("a rule whose own hour changes loses nothing", arguments: [false, true])
    func ownHour(_ isStopped: Bool) {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d at 18:00", "1d"]), "2025-08-01T00:00:00Z")
        let after = agenda(["a": "2025-08-20"], rules: ["7d at 09:00", "1d"])
        if isStopped {
            world.handle(.stopRequested, "2025-08-13T12:00:00Z")
            world.crash()
            world.start(after, "2025-08-13T12:01:00Z")
        } else {
            world.handle(.reloaded(after), "2025-08-13T12:00:00Z")
        }
        #expect(world.sending == ["a 7d at 09:00 lab"])
    }

    @Test("what was under way at a kill gives way to a fresher reminder that the start finds open")
    func staleAfterKill() {
        var world = World()
        let plan = agenda(["a": "2025-08-27"], rules: ["6h", "3h"], channels: ["lab"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-27T18:00:00Z")
        world.answer(.unknown(reason: "no answer"), "2025-08-27T18:00:30Z")
        world.handle(.time, "2025-08-27T20:59:40Z")
        #expect(world.sending == ["a 6h lab"])
        // While its repeat is under way, the 3h falls due; then the service is killed.
        world.handle(.time, "2025-08-27T21:00:00Z")
        #expect(world.states("a") == ["6h lab": "sending", "3h lab": "owed"])
        world.crash()
        world.start(plan, "2025-08-27T22:00:00Z")
        world.answer(.delivered, "2025-08-27T22:00:01Z")
        world.handle(.time, "2025-08-28T08:00:00Z")
        #expect(world.sending == [])
        #expect(world.states("a") == ["6h lab": "superseded", "3h lab": "delivered"])
    }

    @Test("a rule that a reload added owes nothing of the time before, after a kill neither")
    func reloadSettles() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        let more = agenda(["a": "2025-08-20"], rules: ["7d", "1d"])
        world.handle(.reloaded(more), "2025-08-15T00:00:00Z")
        world.crash()
        world.start(more, "2025-08-16T00:00:00Z")
        #expect(world.sending.isEmpty)
    }

    @Test(
        "a milestone that gets another schedule while the service is down owes nothing of the time before the stop"
    )
    func stopSettles() {
        func plan(_ schedule: Int) -> Agenda {
            var plan = agenda(["a": "2025-08-20"], rules: ["1d"])
            plan.schedules.append(Schedule(name: "t", rules: (try? ReminderRule.parse("7d")) ?? []))
            let old = plan.issues[0].milestones[0]
            plan.issues[0].milestones[0] = Milestone(
                name: old.name, written: "", deadline: old.deadline, schedule: schedule,
                channels: old.channels)
            return plan
        }
        var world = World()
        world.start(plan(0), "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-14T00:00:00Z")
        world.crash()
        world.start(plan(1), "2025-08-15T00:00:00Z")
        #expect(world.sending.isEmpty)
    }

    @Test(
        "with 'catch_up: none', too, a reminder whose hour moves into the past is owed at once",
        arguments: [false, true])
    func movedIntoThePast(restarts: Bool) {
        let plan = { agenda(["a": "2025-08-20"], rules: ["7d"], at: $0, catchUp: .none) }
        var world = World()
        world.start(plan("18:00"), "2025-08-01T00:00:00Z")
        if restarts {
            world.handle(.stopRequested, "2025-08-13T12:00:00Z")
            world.crash()
            world.start(plan("09:00"), "2025-08-13T12:00:10Z")
        } else {
            world.handle(.reloaded(plan("09:00")), "2025-08-13T12:00:00Z")
        }
        #expect(world.sending == ["a 7d lab"])
    }
}
