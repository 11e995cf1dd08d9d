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
}

@Suite("Moved deadlines")
struct MovedTests {
    @Test("a moved deadline is announced once per channel, and the old one's reminders are cancelled")
    func moved() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "1d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:01Z")
        let later = agenda(["a": "2025-09-30"], rules: ["7d", "1d"])
        world.handle(.reloaded(later), "2025-08-13T10:00:00Z")
        #expect(world.sending == ["a moved 2025-08-13T10:00:00Z lab"])
        #expect(world.sent.first?.kind == .moved(from: instant("2025-08-21T00:00:00Z")))
        #expect(world.states("a")["7d lab"] == "cancelled")
        world.answer(.delivered, "2025-08-13T10:00:01Z")
        #expect(world.wake == instant("2025-09-23T09:00:00Z"))
        world.handle(.reloaded(later), "2025-08-13T11:00:00Z")
        world.crash()
        world.start(later, "2025-08-13T12:00:00Z")
        #expect(world.sending.isEmpty)
    }

    @Test("a deadline that moves after it passed is reminded of again")
    func movedAfterPassing() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-19T09:00:00Z")
        world.answer(.delivered, "2025-08-19T09:00:01Z")
        world.handle(.reloaded(agenda(["a": "2025-09-20"], rules: ["1d"])), "2025-08-25T00:00:00Z")
        #expect(world.sending == ["a moved 2025-08-25T00:00:00Z lab"])
        world.answer(.delivered, "2025-08-25T00:00:01Z")
        world.handle(.time, "2025-09-19T09:00:00Z")
        #expect(world.sending == ["a 1d lab"])
    }
}

@Suite("Attempts")
struct AttemptTests {
    private func owing(_ rules: [String] = ["7d"]) -> World {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: rules), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        return world
    }

    @Test("a failed attempt is tried again on the ladder, with jitter of a fifth at most")
    func ladder() throws {
        var world = owing()
        var now = instant("2025-08-13T09:00:00Z")
        for seconds in [5, 30, 120, 300, 900, 1800, 3600, 3600] as [Int64] {
            #expect(world.sending == ["a 7d lab"])
            world.sent = []
            let identity = try #require(world.journal.keys.first)
            world.handle(.answered(identity, .retry(wait: nil, reason: "HTTP 500")), now)
            let next = try #require(world.wake)
            let wait = (next - now).milliseconds
            #expect((seconds * 800...seconds * 1200).contains(wait), "\(wait) ms instead of \(seconds) s")
            world.handle(.time, next - .milliseconds(1))
            #expect(world.sending.isEmpty)
            now = next
            world.handle(.time, now)
        }
    }

    @Test("the service's own wait is kept")
    func retryAfter() {
        var world = owing()
        world.answer(.retry(wait: .minutes(10), reason: "HTTP 429"), "2025-08-13T09:00:01Z")
        #expect(world.wake == instant("2025-08-13T09:10:01Z"))
    }

    @Test("what failed for 72 hours is given up, and said")
    func expiry() throws {
        var world = owing()
        let start = instant("2025-08-13T09:00:00Z")
        var now = start
        var tries = 0
        while world.states("a") != ["7d lab": "expired"], tries < 200 {
            let identity = try #require(world.journal.keys.first)
            world.handle(.answered(identity, .retry(wait: nil, reason: "HTTP 500")), now)
            tries += 1
            #expect(now - start < .hours(73))
            guard let next = world.wake else { break }
            now = next
            world.handle(.time, now)
        }
        #expect(world.states("a") == ["7d lab": "expired"] && tries > 60)
        #expect(now - start > .hours(69))
        #expect(world.reports.contains { if case .gaveUp = $0 { true } else { false } })
    }

    @Test("a fresher reminder takes the place of one that waits for another try")
    func fresher() {
        var world = owing(["7d", "6d"])
        world.answer(.retry(wait: .hours(48), reason: "HTTP 429"), "2025-08-13T09:00:01Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        #expect(world.states("a")["7d lab"] == "superseded")
        #expect(world.states("a")["6d lab"] == "owed")
    }

    @Test("a message that can never succeed is refused and said")
    func permanent() {
        var world = owing()
        world.answer(.permanent(reason: "HTTP 400"), "2025-08-13T09:00:01Z")
        #expect(world.states("a") == ["7d lab": "refused"])
    }

    @Test("a lost answer is sent again and marked as a possible repeat")
    func unknown() throws {
        var world = owing()
        world.answer(.unknown(reason: "time-out"), "2025-08-13T09:00:01Z")
        world.handle(.time, try #require(world.wake))
        #expect(world.sent.first?.isPossibleRepeat == true)
    }

    @Test("a crash between the request and its outcome sends once more, marked as a possible repeat")
    func crashWhileSending() {
        var world = owing()
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-13T09:00:05Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.sent.first?.isPossibleRepeat == true)
        #expect(world.sent.first?.attempts == 2)
    }

    @Test("a crash before the commit sends nothing, and the restart sends it unmarked")
    func crashBeforeCommit() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.crash()
        world.holdsCommits = false
        world.start(plan, "2025-08-13T09:00:05Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.sent.first?.isPossibleRepeat == false)
    }

    @Test("one channel has one request under way, and another channel's trouble is not its own")
    func destinations() {
        var world = World()
        let plan = agenda(
            ["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"], channels: ["lab", "office"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sending.sorted() == ["a 7d lab", "a 7d office"])
        let lab = world.sent.first { $0.identity.channel == "lab" }!
        let office = world.sent.first { $0.identity.channel == "office" }!
        world.sent = []
        world.handle(.answered(lab.identity, .retry(wait: nil, reason: "HTTP 500")), "2025-08-13T09:00:01Z")
        world.handle(.answered(office.identity, .delivered), "2025-08-13T09:00:01Z")
        #expect(world.sending == ["b 7d office"])
    }

    @Test("a poisoned message holds up no other of its channel")
    func poison() throws {
        var world = World()
        world.start(agenda(["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:01Z")
        world.handle(.time, instant("2025-08-13T09:00:10Z"))
        #expect(world.sending == ["b 7d lab"])
    }

    @Test("many reminders of one moment are written together, some hundreds at a time")
    func groupCommit() {
        var world = World()
        let pairs = (0..<500).map { ("i\($0)", "2025-08-20") }
        var plan = agenda(["x": "2025-08-20"], rules: ["7d"])
        plan.issues = pairs.flatMap { agenda([$0.0: $0.1], rules: ["7d"]).issues }
        world.start(plan, "2025-08-01T00:00:00Z")
        let before = world.commits
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.commits == before + 2)
        #expect(world.journal.count == 500)
    }
}

@Suite("The journal's faults, and stopping")
struct JournalFaultTests {
    @Test("while the disk is full nothing is sent, it is said once, and all goes out when there is room")
    func diskFull() throws {
        var world = World()
        let plan = agenda(
            ["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"], channels: ["lab", "office"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.isDiskFull = true
        world.handle(.time, "2025-08-13T09:00:00Z")
        for second in [5, 10, 15] {
            #expect(world.sending.isEmpty)
            #expect(world.wake == instant("2025-08-13T09:00:\(second < 10 ? "0" : "")\(second)Z"))
            world.handle(.time, world.wake!)
        }
        #expect(world.reports.count { $0 == .journalFailing(reason: "disk full") } == 1)
        world.isDiskFull = false
        world.handle(.time, try #require(world.wake))
        #expect(world.sending.count == 2)
        #expect(world.reports.contains(.journalRecovered))
        while !world.sent.isEmpty { world.answer(.delivered, "2025-08-13T09:01:00Z") }
        #expect(world.journal.values.allSatisfy { $0.state == .delivered })
        #expect(world.journal.count == 4)
    }

    @Test("a stop waits for what is under way, begins nothing new, and leaves the rest owed")
    func stop() {
        var world = World()
        world.start(agenda(["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.handle(.stopRequested, "2025-08-13T09:00:01Z")
        #expect(!world.hasStopped)
        world.answer(.delivered, "2025-08-13T09:00:02Z")
        #expect(world.hasStopped)
        #expect(world.sending.isEmpty)
        #expect(world.states("a") == ["7d lab": "delivered"])
        #expect(world.states("b") == ["7d lab": "owed"])
    }

    @Test("a stop that comes before a commit leaves its request unsent and owed")
    func stopBeforeCommit() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.handle(.stopRequested, "2025-08-13T09:00:01Z")
        world.releaseCommit("2025-08-13T09:00:02Z")
        #expect(world.sending.isEmpty)
        #expect(world.hasStopped)
        #expect(world.states("a") == ["7d lab": "owed"])
        #expect(world.journal.values.first?.attempts == 0)
    }

    @Test("the same events give the same effects")
    func deterministic() {
        func run() -> [Effect] {
            var engine = Engine(seed: 7)
            var effects: [Effect] = []
            let plan = agenda(
                ["a": "2025-08-20", "b": "2025-08-20", "c": "2025-08-20"], rules: ["7d", "1d"],
                channels: ["x", "y", "z"])
            effects += engine.handle(.started(plan, Memory()), now: instant("2025-08-01T00:00:00Z"))
            effects += engine.handle(.committed(known: []), now: instant("2025-08-01T00:00:00Z"))
            effects += engine.handle(.time, now: instant("2025-08-14T09:00:00Z"))
            effects += engine.handle(.committed(known: []), now: instant("2025-08-14T09:00:00Z"))
            effects += engine.handle(
                .reloaded(agenda(["b": "2025-08-21"], rules: ["7d"], channels: ["x"])),
                now: instant("2025-08-14T09:00:01Z"))
            return effects
        }
        #expect(run() == run())
    }
}
