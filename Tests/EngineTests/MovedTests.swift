import Engine
import Messages
import Schedule
import Testing

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

    @Test(
        "a channel whose news of a move was cancelled hears of where its deadline went, over a restart too",
        arguments: [false, true])
    func untold(restarts: Bool) {
        func plan(_ deadline: String, hears: Bool) -> Agenda {
            var plan = agenda(["a": deadline], rules: ["1d"], channels: ["lab", "ops"])
            let milestone = plan.issues[0].milestones[0]
            plan.issues[0].milestones = [milestone.reminding(hears ? [0, 1] : [1])]
            return plan
        }
        var world = World()
        world.start(plan("2025-08-20", hears: true), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(plan("2025-08-30", hears: true)), "2025-08-02T00:00:00Z")
        world.answer(
            ["lab": .retry(wait: .hours(1), reason: "503"), "ops": .delivered], "2025-08-02T00:00:01Z")
        // It hears of it no more for a while; meanwhile it is brought forward.
        world.handle(.reloaded(plan("2025-08-30", hears: false)), "2025-08-02T00:01:00Z")
        world.handle(.reloaded(plan("2025-08-10", hears: false)), "2025-08-02T00:02:00Z")
        world.answer(["ops": .delivered], "2025-08-02T00:02:01Z")
        if restarts {
            world.handle(.stopRequested, "2025-08-02T00:03:00Z")
            world.crash()
            world.start(plan("2025-08-10", hears: false), "2025-08-02T00:04:00Z")
        }
        world.handle(.reloaded(plan("2025-08-10", hears: true)), "2025-08-02T00:05:00Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(
            world.sent.filter { $0.identity.channel == "lab" }.map(\.kind) == [
                .moved(from: instant("2025-08-21T00:00:00Z"))
            ])
    }

    @Test("a move whose news a start cancels is told when its issue comes back")
    func cancelledAtStart() {
        var world = World()
        let moved = agenda(["a": "2025-08-10"], rules: ["1d"])
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(moved), "2025-08-02T00:00:00Z")
        world.answer(.retry(wait: .hours(1), reason: "503"), "2025-08-02T00:00:01Z")
        world.crash()
        world.start(agenda([:], rules: ["1d"]), "2025-08-02T00:01:00Z")
        world.handle(.reloaded(moved), "2025-08-02T00:02:00Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test("news of a move that may have arrived and is told after all says that it may be a repeat")
    func mayBeKnown() {
        var world = World()
        let moved = agenda(["a": "2025-08-10"], rules: ["1d"])
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(moved), "2025-08-02T00:00:00Z")
        world.answer(.unknown(reason: "no answer"), "2025-08-02T00:00:01Z")
        world.handle(.reloaded(agenda([:], rules: ["1d"])), "2025-08-02T00:00:10Z")
        world.handle(.reloaded(moved), "2025-08-02T00:00:20Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.isPossibleRepeat) == [true])
    }
}
