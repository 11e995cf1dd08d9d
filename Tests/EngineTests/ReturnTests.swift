import Engine
import Messages
import Schedule
import Testing

@Suite("A clock that has stood for a day, goes back, and is set right within another")
struct ReturnTests {
    private let due = "2025-08-13T09:00:00Z"
    private let key = MilestoneKey(issue: "a", milestone: "submission")
    private let plan = agenda(["a": "2025-08-20"], rules: ["7d"])

    /// It ran for a day, and the clock went back by a year for a minute, five minutes before a reminder is due.
    private func behind(
        _ plan: Agenda? = nil, started: String = "2025-08-11T00:00:00Z",
        before: (inout ClockedWorld) -> Void = { _ in }
    ) -> ClockedWorld {
        var world = ClockedWorld()
        world.start(plan ?? self.plan, started)
        before(&world)
        world.handle(.time, "2024-08-13T08:55:00Z", true: "2025-08-13T08:55:00Z")
        return world
    }

    @Test("delays nothing")
    func delaysNothing() {
        var world = behind()
        world.handle(.time, "2025-08-13T08:56:00Z")
        #expect(!world.engine.isClockDoubted)
        #expect(world.sent.isEmpty && world.wake == instant(due))
        world.handle(.time, due)
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("what fell due meanwhile goes out at once, and what was sent before is not sent again")
    func dueMeanwhile() {
        var world = behind(agenda(["a": "2025-08-20"], rules: ["7d", "8d"]), started: "2025-08-11T00:00:00Z")
        {
            $0.handle(.time, "2025-08-12T09:00:00Z")
            $0.answer(.delivered, "2025-08-12T09:00:01Z")
        }
        world.handle(.time, "2025-08-13T09:30:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("is doubted where it comes back more than a day ahead of where it stood")
    func furtherAhead() {
        var world = behind()
        world.handle(.time, "2025-08-14T09:30:00Z", true: "2025-08-13T08:56:00Z")
        #expect(world.engine.isClockDoubted && world.sent.isEmpty)
    }

    @Test("is doubted where it had stood for less than a day: then nothing had proved it right")
    func unproved() {
        var world = behind(started: "2025-08-12T09:00:00Z")
        world.handle(.time, "2025-08-13T08:56:00Z")
        #expect(world.engine.isClockDoubted)
    }

    @Test("is doubted where it comes back after more than a day")
    func afterLong() {
        var world = behind()
        world.handle(.time, "2025-08-14T09:00:00Z", true: "2025-08-14T09:00:00Z")
        #expect(world.engine.isClockDoubted)
    }

    @Test(
        "a mute or a snooze for some days lasts as long, be it asked for before or meanwhile",
        arguments: [true, false], [true, false])
    func quiet(isMute: Bool, isAskedBefore: Bool) {
        let ask = { (world: inout ClockedWorld, now: String, right: String) in
            let until = instant(now) + .days(3)
            world.handle(
                isMute
                    ? .muteRequested(channel: "lab", until: until, isSpan: true)
                    : .markRequested([key], .snoozed(until: until, isSpan: true)), now, true: right)
        }
        var world = behind { if isAskedBefore { ask(&$0, "2025-08-13T08:50:00Z", "2025-08-13T08:50:00Z") } }
        if !isAskedBefore { ask(&world, "2024-08-13T08:55:30Z", "2025-08-13T08:55:30Z") }
        world.handle(.time, "2025-08-13T08:56:00Z")
        world.handle(.time, due)
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-16T08:49:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-16T08:56:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("a call that is added meanwhile owes nothing of the year before")
    func added() {
        var world = behind()
        world.handle(
            .reloaded(agenda(["a": "2025-08-20", "b": "2025-08-21"], rules: ["7d", "30d"])),
            "2024-08-13T08:55:30Z",
            true: "2025-08-13T08:55:30Z")
        world.handle(.time, "2025-08-13T08:56:00Z")
        #expect(world.sent.isEmpty, "\(world.sent.map(\.identity))")
        world.handle(.time, due)
        #expect(world.sent.map(\.identity.issue) == ["a"])
    }

    @Test("a wait that a service asked for meanwhile lasts on")
    func pause() {
        var world = ClockedWorld()
        world.start(plan, "2025-08-11T00:00:00Z")
        world.handle(.time, due)
        world.handle(.time, "2024-08-13T09:00:10Z", true: "2025-08-13T09:00:10Z")
        world.answer(
            .retry(wait: .minutes(5), reason: "429"), "2024-08-13T09:00:20Z", true: "2025-08-13T09:00:20Z")
        world.handle(.time, "2025-08-13T09:01:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-13T09:05:20Z")
        #expect(world.sent.count == 1)
    }

    @Test(
        "a rule that is added meanwhile, or comes back, owes nothing of the days before",
        arguments: [true, false])
    func ruleAdded(isUndone: Bool) {
        let rules = { (rules: [String]) in agenda(["a": "2025-08-20"], rules: rules) }
        var world = ClockedWorld()
        world.start(rules(isUndone ? ["7d", "8d"] : ["7d"]), "2025-08-11T00:00:00Z")
        if isUndone { world.handle(.markRequested([key], .done), "2025-08-11T10:00:00Z") }
        world.handle(.time, "2025-08-13T08:54:50Z")
        world.handle(.time, "2024-08-13T08:55:00Z", true: "2025-08-13T08:55:00Z")
        world.handle(
            isUndone ? .unmarkRequested([key]) : .reloaded(rules(["7d", "8d"])), "2024-08-13T08:55:10Z",
            true: "2025-08-13T08:55:10Z")
        world.handle(.time, "2025-08-13T08:56:00Z")
        #expect(world.sent.isEmpty)
    }

    @Test(
        "a mute lasts as long, over a restart meanwhile too, and where the clock has not stood for a day",
        arguments: [true, false])
    func muteOverRestart(isRestarted: Bool) {
        var world: ClockedWorld
        if isRestarted {
            world = behind()
            world.handle(
                .muteRequested(channel: "lab", until: instant("2024-08-16T08:55:10Z"), isSpan: true),
                "2024-08-13T08:55:10Z", true: "2025-08-13T08:55:10Z")
            world.start(plan, "2024-08-13T08:55:30Z", true: "2025-08-13T08:55:30Z")
        } else {
            world = behind(started: "2025-08-12T20:00:00Z") {
                $0.handle(
                    .muteRequested(channel: "lab", until: instant("2025-08-15T20:00:00Z"), isSpan: true),
                    "2025-08-12T20:00:00Z")
            }
        }
        world.handle(.time, "2025-08-13T08:56:00Z")
        world.handle(.time, "2025-08-13T09:07:00Z")
        world.handle(.time, "2025-08-13T09:20:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-16T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }
}
