import Engine
import Messages
import Schedule
import Testing

@Suite("What a clock that was ahead found due")
struct EarlyTests {
    private let down = Verdict.retry(wait: nil, reason: "no network")

    /// A service that ran for a day and was stopped, then started by a clock that was ahead for a moment, without a network.
    private func found(_ plan: Agenda, at ahead: String) -> ClockedWorld {
        var world = ClockedWorld()
        world.boot = "2025-07-29T00:00:00Z"
        world.start(plan, "2025-07-30T00:00:00Z")
        world.handle(.stopRequested, "2025-07-31T00:00:00Z")
        world.boot = "2025-07-31T23:59:00Z"
        world.start(plan, ahead, true: "2025-08-01T00:00:00Z")
        world.answer(down, ahead, true: "2025-08-01T00:00:01Z")
        world.handle(.time, "2025-08-01T00:00:10Z")
        for day in 2...9 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        return world
    }

    @Test("a 'passed' that came too early is told when the deadline does pass during a downtime")
    func passed() {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "1d"])
        var world = found(plan, at: "2026-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
        world.answer(.delivered, "2025-08-13T09:00:00Z")
        world.handle(.stopRequested, "2025-08-14T00:00:00Z")
        world.start(plan, "2025-08-22T00:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["passed"])
    }

    @Test(
        "what is not due yet takes no place of what is, whether that failed or was muted",
        arguments: [true, false])
    func place(isMuted: Bool) {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "1d"])
        var world = found(plan, at: "2025-08-19T12:00:00Z")
        if isMuted {
            world.handle(
                .muteRequested(channel: "lab", until: instant("2025-08-13T12:00:00Z")), "2025-08-12T12:00:00Z"
            )
        }
        world.handle(.time, "2025-08-13T09:00:00Z")
        if !isMuted {
            world.answer(down, "2025-08-13T09:00:01Z")
            world.handle(.time, "2025-08-13T09:01:00Z")
        }
        world.handle(.time, "2025-08-13T12:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("somebody who wants it sent now is told when it is due")
    func wanted() throws {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "1d"])
        let world = found(plan, at: "2025-08-19T12:00:00Z")
        let early = try #require(world.disk.deliveries.values.first { $0.identity.reminder == "1d" })
        #expect(
            world.engine.objection(toResending: early)
                == "it is due at 2025-08-19T09:00:00Z, and goes out then")
    }

    @Test("a jump is remembered over a restart though the clock had gone back a little before")
    func jumpAfterStep() {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        var world = ClockedWorld()
        world.boot = "2025-07-31T23:00:00Z"
        world.start(plan, "2025-08-01T00:05:00Z", true: "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-01T00:01:00Z")
        for day in 2...5 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        world.handle(.time, "2026-08-06T00:00:00Z", true: "2025-08-06T00:00:00Z")
        world.start(plan, "2026-08-06T00:00:30Z", true: "2025-08-06T00:00:30Z")
        #expect(world.sent.isEmpty && world.engine.isClockDoubted)
    }

    @Test("after another start of the machine no jump of the one before is known")
    func reboot() {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        var world = ClockedWorld()
        world.boot = "2025-07-31T23:59:00Z"
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2026-08-01T00:01:00Z", true: "2025-08-01T00:01:00Z")
        world.handle(.stopRequested, "2026-08-01T00:02:00Z", true: "2025-08-01T00:02:00Z")
        world.boot = "2025-08-13T08:55:00Z"
        world.start(plan, "2025-08-13T08:58:00Z")
        #expect(!world.engine.isClockDoubted)
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }
}
