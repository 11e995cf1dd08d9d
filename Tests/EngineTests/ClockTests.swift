import Engine
import Messages
import Schedule
import Testing

@Suite("A clock that jumps")
struct ClockTests {
    private let due = "2025-08-13T09:00:00Z"
    private let key = MilestoneKey(issue: "a", milestone: "submission")

    private func handle(_ world: inout World, _ event: Event, _ now: String, uptime: Span) -> [Effect] {
        world.engine.handle(event, now: instant(now), uptime: uptime)
    }

    /// How many moves the digests of these days in August tell.
    private func movesTold(_ world: inout ClockedWorld, _ days: ClosedRange<Int>) throws -> Int {
        var told = 0
        for day in days {
            let now = "2025-08-\(day)T09:00:00Z"
            world.handle(.time, now)
            let message = try #require(world.engine.message(about: world.sent, now: instant(now)))
            told += message.digest?.moved.count ?? 0
            world.answer(.delivered, now)
        }
        return told
    }

    @Test("what a jump ahead makes due is held for ten minutes, and given up if the clock goes back")
    func ahead() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        _ = handle(&world, .started(plan, Memory()), "2025-08-01T00:00:00Z", uptime: .hours(1))
        var effects = handle(&world, .time, "2026-08-01T00:00:05Z", uptime: .seconds(3605))
        #expect(!effects.contains { if case .commit = $0 { true } else { false } })
        #expect(effects.contains(.wake(instant("2026-08-01T00:10:05Z"))))
        effects = handle(&world, .time, "2025-08-01T00:00:30Z", uptime: .seconds(3630))
        #expect(effects.contains(.tell(.clockAccepted)))
        #expect(world.engine.next == instant("2025-08-13T09:00:00Z"))
    }

    @Test("a clock that stands, or that somebody vouches for, is believed")
    func accepted() {
        for isVouchedFor in [false, true] {
            var world = World()
            let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
            _ = handle(&world, .started(plan, Memory()), "2025-08-01T00:00:00Z", uptime: .hours(1))
            _ = world.engine.handle(.committed(known: []), now: instant("2025-08-01T00:00:01Z"))
            _ = handle(&world, .time, "2025-08-14T00:00:05Z", uptime: .seconds(3605))
            _ = handle(&world, .committed(known: []), "2025-08-14T00:00:06Z", uptime: .seconds(3606))
            let effects =
                isVouchedFor
                ? handle(&world, .clockAccepted, "2025-08-14T00:01:05Z", uptime: .seconds(3665))
                : handle(&world, .time, "2025-08-14T00:10:05Z", uptime: .seconds(4205))
            #expect(effects.contains { if case .commit = $0 { true } else { false } })
        }
    }

    @Test("a deadline that moves under a wrong clock is reminded of by the right one")
    func movedUnderWrongClock() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["1d"])
        _ = handle(&world, .started(plan, Memory()), "2025-08-01T00:00:00Z", uptime: .hours(1))
        _ = handle(&world, .time, "2026-08-01T00:00:05Z", uptime: .seconds(3605))
        let moved = agenda(["a": "2025-08-25"], rules: ["1d"])
        _ = handle(&world, .reloaded(moved), "2026-08-01T00:00:20Z", uptime: .seconds(3620))
        _ = handle(&world, .time, "2025-08-01T00:00:30Z", uptime: .seconds(3630))
        #expect(world.engine.nextReminder?.due == instant("2025-08-24T09:00:00Z"))
    }

    @Test("a wait that a wrong clock made up does not outlast it")
    func waits() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: .hours(6), reason: "HTTP 429"), "2025-08-15T09:00:01Z")
        world.handle(.time, "2025-08-13T09:00:10Z")
        #expect(world.wake == instant("2025-08-13T15:00:10Z"))
    }

    @Test("of a request under way, the audit counts no time that the machine slept, and all after that")
    func requestOverSleep() {
        for asleep in [Span.zero, .hours(6)] {
            var world = ClockedWorld()
            world.handle(
                .started(agenda(["a": "2025-08-20"], rules: ["7d"]), Memory()), "2025-08-12T00:00:00Z")
            world.handle(.time, due)
            #expect(world.sent.count == 1)
            world.handle(.time, "2025-08-13T15:00:10Z", asleep: asleep)
            let isStuck = { (now: String) in Audit(world.engine, now: instant(now)).isStuck }
            #expect(isStuck("2025-08-13T15:00:10Z") == (asleep == .zero))
            #expect(isStuck("2025-08-13T15:04:00Z") == (asleep == .zero))
            world.handle(.time, "2025-08-13T15:05:30Z", asleep: asleep)
            #expect(isStuck("2025-08-13T15:05:30Z"))
        }
    }

    @Test("a deadline that is first seen while the clock is wrong is reminded of once the clock is right")
    func seenUnderWrongClock() {
        var world = ClockedWorld()
        let before = agenda(["b": "2025-12-24"], rules: ["7d"])
        let after = agenda(["b": "2025-12-24", "a": "2025-08-20"], rules: ["7d"])
        world.handle(.started(before, Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, "2025-09-12T01:00:00Z", true: "2025-08-12T01:00:00Z")
        world.handle(.reloaded(after), "2025-09-12T01:05:00Z", true: "2025-08-12T01:05:00Z")
        world.handle(.time, "2025-08-12T01:06:00Z")
        world.handle(.time, due)
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("nor does each digest tell of a move that was seen while the clock was wrong")
    func digestAfterWrongClock() throws {
        var world = ClockedWorld()
        let lab = channel("lab", digest: try digests("day at 09:00"))
        world.handle(
            .started(agenda(["a": "2025-12-20"], rules: ["1d"], channels: [lab]), Memory()),
            "2025-08-12T00:00:00Z")
        world.handle(.time, "2025-09-12T01:00:00Z", true: "2025-08-12T01:00:00Z")
        world.handle(
            .reloaded(agenda(["a": "2025-12-24"], rules: ["1d"], channels: [lab])), "2025-09-12T01:05:00Z",
            true: "2025-08-12T01:05:00Z")
        world.handle(.time, "2025-08-12T01:06:00Z")
        world.answer(.delivered, "2025-08-12T01:06:01Z")
        #expect(try movesTold(&world, 13...20) == 1)
    }

    @Test("a clock that is set right after it was far back has not seen anything anew")
    func seenBeforeItWentBack() {
        var world = ClockedWorld()
        world.handle(.started(agenda(["a": "2025-08-20"], rules: ["7d"]), Memory()), "2025-08-11T00:00:00Z")
        world.handle(.time, "2025-07-12T01:00:00Z", true: "2025-08-11T01:00:00Z")
        world.handle(.time, "2025-08-11T02:00:00Z", true: "2025-08-11T02:00:00Z")
        world.handle(.time, "2025-08-11T02:10:00Z", true: "2025-08-11T02:10:00Z")
        let memory = world.disk.remembered(zones: [.utc])
        #expect(memory.sightings.values.allSatisfy { $0.first <= instant("2025-08-11T02:10:00Z") })
        world.handle(.time, due)
        #expect(world.sent.count == 1)
    }

    @Test("no attempt ends before it began")
    func attemptEnds() {
        var world = ClockedWorld()
        world.handle(.started(agenda(["a": "2025-08-20"], rules: ["7d"]), Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, due)
        world.answer(.retry(wait: nil, reason: "503"), "2025-08-13T08:00:00Z")
        let attempts = world.changes.compactMap { change in
            if case .attempted(let attempt) = change { attempt } else { nil }
        }
        let times = attempts.map { $0.started <= $0.ended }
        #expect(times == [true])
    }

    @Test(
        "what was seen before the clock was behind keeps its first sight: nothing is lost", arguments: [0, 1])
    func sightingsShift(_ way: Int) {
        var world = ClockedWorld()
        let b: KeyValuePairs = ["b": "2025-12-24"]
        let plan = agenda(["b": "2025-12-24", "a": "2025-08-20"], rules: ["5d"])
        world.start(agenda(b, rules: ["5d"]), "2025-08-12T00:00:00Z")
        world.handle(.reloaded(plan), "2025-08-13T08:00:00Z")
        if way == 0 {
            // The clock goes back three days, and five minutes later it is set right.
            world.handle(.time, "2025-08-10T10:00:00Z", true: "2025-08-13T10:00:00Z")
            world.handle(.time, "2025-08-13T10:05:00Z")
        } else {
            // The machine boots with a clock that is three days behind; soon the network sets it.
            world.boot = "2025-08-13T09:59:00Z"
            world.start(plan, "2025-08-10T10:00:00Z", true: "2025-08-13T10:00:00Z")
            world.handle(.time, "2025-08-13T10:05:00Z")
        }
        world.handle(.time, "2025-08-13T10:15:00Z")
        #expect(world.disk.memory.sightings[key]?.first == instant("2025-08-13T08:00:00Z"))
        // Killed; 5d falls on the 15th at 09:00 while it is down.
        world.start(plan, "2025-08-17T00:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["5d"])
    }

    @Test("nor do digests tell for ever of moves seen before a clock that was behind")
    func digestsAfterDeadClock() throws {
        var world = ClockedWorld()
        let lab = channel("lab", digest: try digests("day at 09:00"))
        let plan = agenda(["a": "2025-12-24"], rules: ["1d"], channels: [lab])
        world.start(agenda(["a": "2025-12-20"], rules: ["1d"], channels: [lab]), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(plan), "2025-08-02T00:00:00Z")
        world.answer(.delivered, "2025-08-02T00:00:01Z")
        world.handle(.time, "2025-08-02T09:00:00Z")
        world.answer(.delivered, "2025-08-02T09:00:01Z")
        // A machine without a clock of its own is started on the 13th.
        world.boot = "2025-08-13T07:59:00Z"
        world.start(plan, "2000-01-01T00:00:00Z", true: "2025-08-13T08:00:00Z")
        world.handle(.time, "2025-08-13T08:01:00Z")
        world.handle(.time, "2025-08-13T08:12:00Z")
        world.answer(.delivered, "2025-08-13T08:12:01Z")
        #expect(try movesTold(&world, 13...16) == 0)
    }

    @Test("what has failed for an hour or two is not stale because the clock was set")
    func patienceAfterAccept() {
        var world = ClockedWorld()
        world.start(agenda(["a": "2025-09-20"], rules: ["38d"]), "2025-08-12T00:00:00Z")
        let refuse = { (world: inout ClockedWorld, now: Instant, right: Instant) in
            let under = world.sent
            world.sent = []
            for delivery in under {
                world.handle(.answered(delivery.identity, .retry(wait: nil, reason: "503")), now, true: right)
            }
        }
        var now = instant(due)
        world.handle(.time, now, true: now)
        for _ in 0..<7 {
            refuse(&world, now, now)
            now = world.wake ?? now
            world.handle(.time, now, true: now)
        }
        #expect(world.sent.count == 1 && now < instant("2025-08-13T12:00:00Z"))
        refuse(&world, now, now)
        // The clock was four days behind, and is set right.
        let ahead = { (span: Span) in now + .days(4) + span }
        world.handle(.time, ahead(.seconds(10)), true: now + .seconds(10))
        world.handle(.clockAccepted, ahead(.seconds(20)), true: now + .seconds(20))
        world.handle(.time, ahead(.hours(2)), true: now + .hours(2))
        #expect(world.sent.count == 1)
        refuse(&world, ahead(.hours(2)), now + .hours(2))
        let states = world.disk.deliveries.values.map(\.state)
        #expect(!states.contains { if case .expired = $0 { true } else { false } }, "\(states)")
    }

    @Test(
        "a channel's wait that a clock that proved right has moved is kept over a kill, though the channel was away"
    )
    func awayWaitMoved() {
        var world = ClockedWorld()
        let both = agenda(["a": "2025-08-20"], rules: ["7d", "0d"], channels: ["lab", "ops"])
        let ops = agenda(["a": "2025-08-20"], rules: ["7d", "0d"], channels: ["ops"])
        world.start(both, "2025-08-12T00:00:00Z")
        world.handle(.time, due)
        world.answer(.retry(wait: .hours(6), reason: "429"), "2025-08-13T09:00:01Z")
        world.handle(.reloaded(ops), "2025-08-13T09:01:00Z")
        // The clock was seven days behind.
        world.handle(.time, "2025-08-20T08:50:00Z", true: "2025-08-13T09:02:00Z")
        world.handle(.clockAccepted, "2025-08-20T08:50:10Z", true: "2025-08-13T09:02:10Z")
        world.answer(.retry(wait: nil, reason: "503"), "2025-08-20T08:50:11Z", true: "2025-08-13T09:02:11Z")
        world.boot = "2025-08-20T08:51:00Z"
        world.start(both, "2025-08-20T08:52:00Z")
        world.handle(.time, "2025-08-20T09:00:00Z")
        #expect(!world.sent.contains { $0.identity.channel == "lab" })
    }

    @Test("what is added while the clock is half a minute behind is owed by that clock")
    func halfMinute() {
        var world = ClockedWorld()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d at 09:00"]), "2025-08-12T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        world.handle(.reloaded(agenda(["a": "2025-08-20"], rules: ["7d at 09:00"])), "2025-08-13T09:00:50Z")
        // The clock goes back by 50 s.
        world.handle(
            .reloaded(
                agenda(["a": "2025-08-20", "b": "2025-08-13T10:00:20Z"], rules: ["7d at 09:00", "1h"])),
            "2025-08-13T09:00:05Z", true: "2025-08-13T09:00:55Z")
        world.handle(.time, "2025-08-13T09:00:20Z", true: "2025-08-13T09:01:10Z")
        #expect(world.sent.map(\.identity.reminder) == ["1h"])
    }
}
