import Engine
import Messages
import Schedule
import Testing

@Suite("A start goes on as the service would have without it")
struct RestartTests {
    private let key = MilestoneKey(issue: "a", milestone: "submission")
    private let known = agenda(["a": "2025-08-20"], rules: ["1d"])

    /// Its readers believe in the 20th: the news that it moved was on its way, and failed.
    private func moved(to date: String) -> World {
        var world = World()
        world.start(known, "2025-08-01T00:00:00Z")
        world.handle(.reloaded(agenda(["a": date], rules: ["1d"])), "2025-08-02T00:00:00Z")
        world.answer(.retry(wait: .hours(1), reason: "503"), "2025-08-02T00:00:01Z")
        return world
    }

    /// It moves far away, and its channel hears of the last three days alone from then on.
    private var movedAway: Agenda {
        var agenda = agenda(["a": "2025-09-20"], rules: ["1d"])
        agenda.issues[0].milestones[0].limits = [0: 3]
        return agenda
    }

    @Test("what a dead destination held is sent, each reminder where all are wanted")
    func allOfHeld() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "3d"], catchUp: .all)
        world.start(plan, "2025-08-01T00:00:00Z")
        world.crash()
        world.start(plan, "2025-08-18T00:00:00Z")
        world.answer(.disable(reason: "HTTP 404"), "2025-08-18T00:00:01Z")
        world.crash()
        world.start(plan, "2025-08-18T01:00:00Z")
        #expect(world.sending == ["a 7d lab"])
        world.answer(.delivered, "2025-08-18T01:00:01Z")
        #expect(world.sending == ["a 3d lab"])
    }

    @Test("a digest that fails while the next one falls due is not lost")
    func twoDigests() throws {
        var world = World()
        let plan = plan(1, rules: [], channel("lab", digest: try digests("day at 09:00")))
        world.start(plan, "2025-08-01T10:00:00Z")
        world.handle(.time, "2025-08-02T09:00:00Z")
        world.answer(.retry(wait: .hours(23), reason: "HTTP 503"), "2025-08-02T09:59:50Z")
        world.handle(.time, "2025-08-03T08:59:50Z")
        world.handle(.time, "2025-08-03T09:00:00Z")
        world.answer(.retry(wait: .hours(2), reason: "HTTP 503"), "2025-08-03T09:00:10Z")
        world.crash()
        world.start(plan, "2025-08-03T09:05:00Z")
        world.handle(.time, "2025-08-03T11:00:10Z")
        #expect(world.sent.map(\.kind) == [.digest(since: instant("2025-08-01T09:00:00Z"))])
    }

    @Test(
        "who did not hear of a move that has passed hears of the next one from where they were",
        arguments: [false, true])
    func movedTwice(_ isKilled: Bool) {
        var world = moved(to: "2025-08-10")
        let withdrawn = agenda(["a": "2025-08-10"], rules: ["1d"], state: .withdrawn)
        world.handle(.reloaded(withdrawn), "2025-08-02T00:01:00Z")
        if isKilled {
            world.crash()
            world.start(withdrawn, "2025-08-15T00:00:00Z")
        }
        world.handle(.reloaded(agenda(["a": "2025-08-10"], rules: ["1d"])), "2025-08-15T01:00:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.reloaded(agenda(["a": "2025-09-20"], rules: ["1d"])), "2025-08-15T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test("and without one, what is done is not the next reminder")
    func doneIsNotNext() {
        var world = World()
        world.start(agenda(["a": "2025-08-20", "b": "2025-08-25"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.markRequested([key], .done), "2025-08-02T00:00:00Z")
        #expect(world.engine.nextReminder?.issue.id == "b")
    }

    @Test("and what was withdrawn while it was marked done is away once that is taken back")
    func withdrawnWhileDone() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.markRequested([key], .done), "2025-08-02T00:00:00Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d"], state: .withdrawn)), "2025-08-03T00:00:00Z")
        world.handle(.unmarkRequested([key]), "2025-08-04T00:00:00Z")
        #expect(world.engine.sighting(of: key)?.moves == 1)
    }

    @Test("and what was withdrawn before it was marked done is not away once more after that")
    func doneWhileWithdrawn() {
        func plan(_ state: Milestone.State?) -> Agenda {
            var plan = agenda(["a": "2025-08-20"], rules: ["7d"])
            plan.issues[0].milestones.append(
                Milestone(
                    name: "target", kind: .target(of: "submission"), written: "",
                    deadline: plan.issues[0].milestones[0].deadline, state: state, schedule: 0, channels: [0])
            )
            return plan
        }
        let target = MilestoneKey(issue: "a", milestone: "target")
        var world = World()
        world.start(plan(nil), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(plan(.withdrawn)), "2025-08-02T00:00:00Z")
        world.handle(.markRequested([key], .done), "2025-08-03T00:00:00Z")
        let moves = world.engine.sighting(of: target)?.moves
        world.handle(.reloaded(plan(.withdrawn)), "2025-08-04T00:00:00Z")
        #expect(world.engine.sighting(of: target)?.moves == moves)
    }

    @Test("who is being told of a move hears of the next one, though from now on only of the last days")
    func movedWhileTold() {
        var world = World()
        world.start(known, "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.reloaded(agenda(["a": "2025-08-25"], rules: ["1d"])), "2025-08-02T00:00:00Z")
        world.handle(.reloaded(movedAway), "2025-08-02T00:00:01Z")
        world.releaseCommit("2025-08-02T00:00:02Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test(
        "and so does who heard of neither when it moved there and back, with a start and without",
        arguments: [false, true])
    func movedThereAndBack(_ isKilled: Bool) {
        var world = moved(to: "2025-08-25")
        world.handle(.reloaded(known), "2025-08-02T00:01:00Z")
        if isKilled {
            world.crash()
            world.start(known, "2025-08-02T00:02:00Z")
        }
        world.handle(.reloaded(movedAway), "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test(
        "who was told that it moved back believes that, also where the news of its way there may have arrived",
        arguments: [false, true])
    func toldOfTheWayBack(_ isKilled: Bool) {
        var world = World()
        world.start(known, "2025-08-01T00:00:00Z")
        world.handle(.reloaded(agenda(["a": "2025-08-25"], rules: ["1d"])), "2025-08-02T00:00:00Z")
        world.answer(.unknown(reason: "reset"), "2025-08-02T00:00:01Z")
        world.handle(.reloaded(known), "2025-08-02T00:01:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-26T00:00:00Z"))])
        world.answer(.delivered, "2025-08-02T00:01:01Z")
        if isKilled {
            world.crash()
            world.start(known, "2025-08-02T00:02:00Z")
        }
        // As anybody who has heard all there was to hear.
        world.handle(.reloaded(movedAway), "2025-08-02T02:00:00Z")
        #expect(world.sent.isEmpty)
    }
}
