import Engine
import Messages
import Schedule
import Testing

@Suite("Moved deadlines")
struct MovedTests {
    private let key = MilestoneKey(issue: "a", milestone: "submission")

    private func plan(_ deadline: String) -> Agenda { agenda(["a": deadline], rules: ["1d"]) }

    /// A world whose deadline has moved from one of these to the next, a second after each other from `2025-08-02T00:00:00Z`.
    private func moved(_ first: String, _ others: String...) -> World {
        var world = World()
        world.start(plan(first), "2025-08-01T00:00:00Z")
        for (second, deadline) in others.enumerated() {
            world.handle(.reloaded(plan(deadline)), instant("2025-08-02T00:00:00Z") + .seconds(Int64(second)))
        }
        return world
    }

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
        "who never heard of a move, because it failed, hears where the deadline goes next from the one they believe in",
        arguments: [false, true], [false, true])
    func neverHeardOfTheFirst(isKilled: Bool, goesBack: Bool) {
        let (first, second) = (plan("2025-08-30"), plan("2025-09-30"))
        var world = moved("2025-08-20", "2025-08-30", "2025-09-30")
        world.answer(.retry(wait: nil, reason: "503"), "2025-08-02T00:00:02Z")
        #expect(world.sending.isEmpty)
        if isKilled {
            world.crash()
            world.start(second, "2025-08-02T00:00:03Z")
        }
        if goesBack { world.handle(.reloaded(first), "2025-08-02T00:00:04Z") }
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
        #expect(
            world.sent.map(\.identity.deadline) == [
                instant(goesBack ? "2025-08-31T00:00:00Z" : "2025-10-01T00:00:00Z")
            ])
    }

    @Test(
        "who never heard of a move, because it failed, does not hear that it is taken back",
        arguments: [false, true])
    func neverHeardAndTakenBack(isKilled: Bool) {
        var world = moved("2025-08-20", "2025-08-30", "2025-08-20")
        world.answer(.retry(wait: nil, reason: "503"), "2025-08-02T00:00:02Z")
        if isKilled {
            world.crash()
            world.start(plan("2025-08-20"), "2025-08-02T00:00:03Z")
        }
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.isEmpty)
    }

    @Test(
        "and so does who had it taken away for a while before the first move's news failed",
        arguments: 0..<6)
    func neverHeardOfTheFirstAndAway(_ way: Int) {
        let (first, second) = (plan("2025-08-30"), plan("2025-09-30"))
        var world = moved("2025-08-20", "2025-08-30", "2025-09-30")
        switch way % 3 {
        case 0: world.handle(.reloaded(agenda([:], rules: ["1d"])), "2025-08-02T00:00:02Z")
        case 1:
            world.handle(
                .reloaded(agenda(["a": "2025-09-30"], rules: ["1d"], channels: [])), "2025-08-02T00:00:02Z")
        default: world.handle(.markRequested([key], .done), "2025-08-02T00:00:02Z")
        }
        #expect(Audit(world.engine, now: instant("2025-08-02T00:00:02Z")).holds)
        world.answer(.retry(wait: nil, reason: "503"), "2025-08-02T00:00:03Z")
        let goesBack = way >= 3
        if way % 3 == 2 { world.handle(.unmarkRequested([key]), "2025-08-02T00:00:04Z") }
        world.handle(.reloaded(goesBack ? first : second), "2025-08-02T00:00:05Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        let now = instant(goesBack ? "2025-08-31T00:00:00Z" : "2025-10-01T00:00:00Z")
        #expect(world.sent.map(\.identity.deadline) == [now])
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test(
        "where the first move's news was refused, or its destination died, the next one's names what they believe in",
        arguments: [false, true])
    func refusedFirst(isDead: Bool) {
        var world = moved("2025-08-20", "2025-08-30", "2025-09-30")
        world.answer(
            isDead ? .disable(reason: "HTTP 404") : .permanent(reason: "HTTP 400"), "2025-08-02T00:00:02Z")
        world.crash()
        world.start(plan("2025-09-30"), "2025-08-02T00:00:03Z")
        if isDead { world.handle(.resumed(channel: "lab"), "2025-08-02T00:00:04Z") }
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
        #expect(world.sent.map(\.identity.deadline) == [instant("2025-10-01T00:00:00Z")])
    }

    @Test(
        "however often a deadline goes there and back while its first news is under way, readers hear once where it is",
        arguments: [false, true], [false, true])
    func toggled(arrives: Bool, endsElsewhere: Bool) {
        let (a, b, c) = ("2025-08-20", "2025-08-30", "2025-09-30")
        var world = endsElsewhere ? moved(a, b, c, b, c, b, c) : moved(a, b, a, b, a, b, a)
        world.answer(arrives ? .delivered : .retry(wait: nil, reason: "503"), "2025-08-02T00:00:10Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        let from = instant(arrives ? "2025-08-31T00:00:00Z" : "2025-08-21T00:00:00Z")
        #expect(world.sent.map(\.kind) == (arrives || endsElsewhere ? [.moved(from: from)] : []))
    }

    @Test(
        "news under way fails after its channel was taken off and the deadline moved: it hears of that when it is back",
        arguments: [false, true])
    func takenOffWhileTold(isKilled: Bool) {
        func plan(_ deadline: String, hears: Bool) -> Agenda {
            var plan = agenda(["a": deadline], rules: ["1d"], channels: ["lab", "ops"])
            plan.issues[0].milestones = plan.issues[0].milestones.map { $0.reminding(hears ? [0, 1] : [1]) }
            return plan
        }
        var world = World()
        world.start(plan("2025-08-20", hears: true), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(plan("2025-08-30", hears: true)), "2025-08-02T00:00:00Z")
        world.handle(.reloaded(plan("2025-09-30", hears: false)), "2025-08-02T00:00:01Z")
        world.answer(["lab": .retry(wait: nil, reason: "503"), "ops": .delivered], "2025-08-02T00:00:02Z")
        world.answer(["ops": .delivered], "2025-08-02T00:00:03Z")
        if isKilled {
            world.crash()
            world.start(plan("2025-09-30", hears: false), "2025-08-02T00:00:04Z")
        }
        world.handle(.reloaded(plan("2025-09-30", hears: true)), "2025-08-02T00:00:05Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        let told = world.sent.filter { $0.identity.channel == "lab" }
        #expect(told.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
        #expect(told.map(\.identity.deadline) == [instant("2025-10-01T00:00:00Z")])
    }

    @Test(
        "news that failed and waits tells of its move where later news was cancelled meanwhile",
        arguments: 0..<4)
    func failedAndBack(_ way: Int) {
        var world = moved("2025-08-20", "2025-08-30", "2025-09-30", "2025-08-30")
        world.answer(.retry(wait: .hours(1), reason: "503"), "2025-08-02T00:00:10Z")
        // Its issue is away for a moment, or it moves on.
        let last = way % 2 == 0 ? "2025-08-30" : "2025-10-30"
        if way % 2 == 0 { world.handle(.reloaded(agenda([:], rules: ["1d"])), "2025-08-02T00:00:11Z") }
        if way >= 2 {
            world.crash()
            world.start(plan(last), "2025-08-02T00:00:12Z")
        }
        world.handle(.reloaded(plan(last)), "2025-08-02T00:00:13Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test(
        "who may have heard of a move hears of it again where the deadline goes on and back before they are told",
        arguments: [false, true])
    func goesOnAndBack(isKilled: Bool) {
        var world = moved("2025-08-20", "2025-08-30")
        world.answer(.unknown(reason: "no answer"), "2025-08-02T00:00:30Z")
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), "2025-08-02T00:00:31Z")
        world.handle(.reloaded(plan("2025-09-30")), "2025-08-02T00:00:32Z")
        if isKilled {
            world.crash()
            world.start(plan("2025-09-30"), "2025-08-02T00:00:33Z")
        }
        world.handle(.reloaded(plan("2025-08-30")), "2025-08-02T00:00:34Z")
        world.handle(.resumed(channel: "lab"), "2025-08-02T00:00:35Z")
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
        #expect(world.sent.map(\.isPossibleRepeat) == [true])
    }

    @Test(
        "and so they do where it was cancelled behind the next news, or that was cancelled by a start",
        arguments: 0..<4)
    func goesOnWhileTold(_ way: Int) {
        var world = moved("2025-08-20", "2025-08-30", "2025-09-30")
        if way % 2 == 0 { world.answer(.unknown(reason: "no answer"), "2025-08-02T00:00:02Z") }
        if way >= 2 {
            world.crash()
            world.start(plan("2025-08-30"), "2025-08-02T00:00:03Z")
        }
        world.handle(.reloaded(plan("2025-08-30")), "2025-08-02T00:00:04Z")
        if way == 1 { world.answer(.unknown(reason: "no answer"), "2025-08-02T00:00:05Z") }
        world.handle(.time, "2025-08-02T02:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
        #expect(world.sent.map(\.isPossibleRepeat) == [true])
    }
}
