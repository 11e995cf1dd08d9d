import Engine
import Messages
import Schedule
import Testing

@Suite("What goes and comes back")
struct AwayTests {
    private let due = "2025-08-13T09:00:00Z"
    private let key = MilestoneKey(issue: "a", milestone: "submission")

    @Test("a channel that is away for a reload keeps its mute")
    func muteAway() {
        var world = World()
        let both = agenda(["a": "2025-08-20"], rules: ["7d"], channels: ["lab", "ops"])
        world.start(both, "2025-08-01T00:00:00Z")
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), "2025-08-02T00:00:00Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d"], channels: ["ops"])), "2025-08-03T00:00:00Z")
        world.handle(.reloaded(both), "2025-08-03T00:01:00Z")
        world.handle(.time, due)
        #expect(world.sending == ["a 7d ops"])
    }

    @Test("and the pause that its service asked for")
    func pauseAway() {
        var world = World()
        let deadlines: KeyValuePairs = ["a": "2025-08-20", "b": "2025-08-21"]
        let both = agenda(deadlines, rules: ["7d"], channels: ["lab", "ops"])
        world.start(both, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(
            ["ops": .delivered, "lab": .retry(wait: .hours(6), reason: "429")], "2025-08-14T08:50:00Z")
        world.handle(.reloaded(agenda(deadlines, rules: ["7d"], channels: ["ops"])), "2025-08-14T08:51:00Z")
        world.handle(.reloaded(both), "2025-08-14T08:52:00Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        #expect(world.sending == ["b 7d ops"])
    }

    @Test(
        "a move that nobody heard of is told when its milestone comes back, over a kill too",
        arguments: 0..<3, [false, true])
    func movedThenAway(_ way: Int, _ isKilled: Bool) {
        var world = World()
        let moved = agenda(["a": "2025-08-10"], rules: ["1d"])
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(moved), "2025-08-02T00:00:00Z")
        world.answer(.retry(wait: .hours(1), reason: "503"), "2025-08-02T00:00:01Z")
        let gone = way == 2 ? moved : agenda(way == 0 ? [:] : ["a": "TBA"], rules: ["1d"])
        world.handle(way == 2 ? .markRequested([key], .done) : .reloaded(gone), "2025-08-02T00:01:00Z")
        if isKilled {
            world.crash()
            world.start(gone, "2025-08-02T00:01:30Z")
        }
        world.handle(way == 2 ? .unmarkRequested([key]) : .reloaded(moved), "2025-08-02T00:02:00Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test("a move that goes there, back and there again within a second is told each time")
    func quickMoves() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        var told = 0
        for (number, deadline) in ["2025-08-30", "2025-08-20", "2025-08-30"].enumerated() {
            let now = instant("2025-08-02T00:00:00Z") + .milliseconds(Int64(number) * 100)
            world.handle(.reloaded(agenda(["a": deadline], rules: ["1d"])), now)
            let under = world.sent
            told += under.count
            world.sent = []
            for delivery in under { world.handle(.answered(delivery.identity, .delivered), now) }
        }
        #expect(told == 3)
    }

    @Test("no reminder goes out after its deadline because its hour changed while the service was down")
    func afterDeadline() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"], at: "18:00"), "2025-08-01T00:00:00Z")
        world.handle(.stopRequested, "2025-08-13T12:00:00Z")
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"], at: "09:00"), "2025-08-25T00:00:00Z")
        #expect(world.sending == ["a passed lab"])
        #expect(world.states("a")["7d lab"] == "superseded")
    }

    @Test("a rule or a channel that is added while a killed service is down owes nothing of the time before")
    func addedAfterKill() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.crash()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["7d", "1d"], channels: ["lab", "new"]), "2025-08-15T00:00:00Z"
        )
        #expect(world.sending.isEmpty)
    }

    @Test(
        "a move whose news is under way when its milestone goes is told when that comes back",
        arguments: 0..<6)
    func movedUnderWayThenAway(_ way: Int) {
        var world = World()
        let moved = agenda(["a": "2025-08-10"], rules: ["1d"])
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.holdsCommits = way >= 3
        world.handle(.reloaded(moved), "2025-08-02T00:00:00Z")
        let gone = "2025-08-02T00:00:01Z"
        switch way % 3 {
        case 0: world.handle(.reloaded(agenda([:], rules: ["1d"])), gone)
        case 1: world.handle(.reloaded(agenda(["a": "TBA"], rules: ["1d"])), gone)
        default: world.handle(.markRequested([key], .done), gone)
        }
        // Nothing of it arrived: the service could not be reached, or it was not even sent.
        world.releaseCommit("2025-08-02T00:00:02Z")
        if way < 3 { world.answer(.retry(wait: nil, reason: "503"), "2025-08-02T00:00:02Z") }
        #expect(world.sent.isEmpty)
        world.handle(way % 3 == 2 ? .unmarkRequested([key]) : .reloaded(moved), "2025-08-02T00:02:00Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test("news of a move is at least once: what may not have arrived is told when its milestone comes back")
    func lostMovedThenAway() {
        var world = World()
        let moved = agenda(["a": "2025-08-10"], rules: ["1d"])
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(moved), "2025-08-02T00:00:00Z")
        world.answer(.unknown(reason: "no answer"), "2025-08-02T00:00:01Z")
        world.handle(.reloaded(agenda([:], rules: ["1d"])), "2025-08-02T00:00:10Z")
        world.handle(.reloaded(moved), "2025-08-02T00:00:20Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
        #expect(world.sent.map(\.isPossibleRepeat) == [true])
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

    @Test("news of a move that goes and comes back within a second is told")
    func quickAway() {
        var world = World()
        let moved = agenda(["a": "2025-08-10"], rules: ["1d"], channels: ["lab"])
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        let now = instant("2025-08-02T00:00:00Z")
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), now)
        world.handle(.reloaded(moved), now + .milliseconds(100))
        world.handle(.markRequested([key], .done), now + .milliseconds(300))
        world.handle(.unmarkRequested([key]), now + .milliseconds(600))
        world.handle(.resumed(channel: "lab"), now + .milliseconds(1900))
        world.handle(.time, now + .minutes(2))
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test("the wait that a service asks for holds though its channel was away when it answered")
    func answeredWhileAway() {
        var world = World()
        let deadlines: KeyValuePairs = ["a": "2025-08-20", "b": "2025-08-21"]
        let both = agenda(deadlines, rules: ["7d"], channels: ["lab", "ops"], at: "09:00")
        world.start(both, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["ops": .delivered], due)
        world.handle(.reloaded(agenda(deadlines, rules: ["7d"], channels: ["ops"])), "2025-08-14T08:50:00Z")
        world.answer(["lab": .retry(wait: .hours(6), reason: "429")], "2025-08-14T08:50:01Z")
        world.handle(.reloaded(both), "2025-08-14T08:52:00Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        #expect(world.sending == ["b 7d ops"])
    }

    @Test("and a limit of the vendor's holds for its other channels")
    func limitedWhileAway() {
        var world = World()
        let deadlines: KeyValuePairs = ["a": "2025-08-20", "b": "2025-08-21"]
        world.start(agenda(deadlines, rules: ["7d"], channels: ["lab", "ops"]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["ops": .delivered], due)
        world.handle(.reloaded(agenda(deadlines, rules: ["7d"], channels: ["ops"])), "2025-08-14T08:50:00Z")
        world.answer(["lab": .limited(wait: .hours(6), reason: "429")], "2025-08-14T08:50:01Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        #expect(world.sending == [])
    }

    @Test(
        "a move whose news is refused while its channel is away is told when that comes back",
        arguments: [
            Verdict.disable(reason: "HTTP 401", strikes: 3),
            .readdressed(Forwarding(from: "-1", to: "-1001"), reason: "HTTP 400"),
        ])
    func movedAwayRefused(_ verdict: Verdict) {
        var world = World()
        let plan = { (deadline: String, channels: [String]) in
            agenda(["a": deadline], rules: ["1d"], channels: channels)
        }
        world.start(plan("2025-08-20", ["lab", "ops"]), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(plan("2025-08-10", ["lab", "ops"])), "2025-08-02T00:00:00Z")
        world.handle(.reloaded(plan("2025-08-10", ["ops"])), "2025-08-02T00:00:01Z")
        world.answer(["lab": verdict, "ops": .delivered], "2025-08-02T00:00:02Z")
        world.handle(.reloaded(plan("2025-08-10", ["lab", "ops"])), "2025-08-02T00:02:00Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test("a vendor's limit holds for a channel that was away when it was set")
    func vendorAway() {
        var world = World()
        let deadlines: KeyValuePairs = ["a": "2025-08-20", "b": "2025-08-21"]
        let both = agenda(deadlines, rules: ["7d"], channels: ["lab", "ops"])
        world.start(both, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(["ops": .delivered], "2025-08-13T09:00:00Z")
        world.handle(.reloaded(agenda(deadlines, rules: ["7d"], channels: ["lab"])), "2025-08-14T08:50:00Z")
        world.answer(["lab": .limited(wait: .hours(6), reason: "429")], "2025-08-14T08:50:01Z")
        world.handle(.reloaded(both), "2025-08-14T08:51:00Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        #expect(world.sending == [])
    }
}
