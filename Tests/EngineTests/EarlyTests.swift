import Engine
import Messages
import Schedule
import Testing

@Suite("What a clock that was ahead found due")
struct EarlyTests {
    private let down = Verdict.retry(wait: nil, reason: "no network")

    /// Such a service, started by a clock that is ahead for a moment, without a network.
    private func found(_ plan: Agenda, at ahead: String) -> ClockedWorld {
        var world = ClockedWorld.ran(plan)
        world.start(plan, ahead, true: "2025-08-01T00:00:00Z")
        world.answer(down, ahead, true: "2025-08-01T00:00:01Z")
        world.handle(.time, "2025-08-01T00:00:10Z")
        for day in 2...9 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        return world
    }

    @Test("what a clock that was a year ahead found due, and could not send, goes out at its time")
    func foundEarly() {
        let plan = agenda(["a": "2026-08-20"], rules: ["30d", "7d"])
        var world = ClockedWorld.ran(plan)
        world.start(plan, "2026-08-01T00:00:00Z", true: "2025-08-01T00:00:00Z")
        world.answer(
            .retry(wait: nil, reason: "no network"), "2026-08-01T00:00:01Z", true: "2025-08-01T00:00:01Z")
        world.handle(.time, "2025-08-01T00:00:10Z")
        world.handle(.time, "2025-08-01T00:10:00Z")
        #expect(world.sent.isEmpty)
        for day in 2...5 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        world.handle(.time, "2026-07-21T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["30d"])
    }

    @Test(
        "a deadline that had passed by a clock a year ahead is reminded of by the right one",
        arguments: [true, false])
    func passedEarly(hasFailed: Bool) {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "1d"])
        var world = ClockedWorld.ran(plan)
        world.start(plan, "2026-08-01T00:00:00Z", true: "2025-08-01T00:00:00Z")
        world.answer(
            hasFailed ? .retry(wait: nil, reason: "no network") : .delivered, "2026-08-01T00:00:01Z",
            true: "2025-08-01T00:00:01Z")
        world.handle(.time, "2025-08-01T00:00:10Z")
        world.handle(.time, "2025-08-01T00:10:00Z")
        #expect(world.sent.isEmpty)
        for day in 2...9 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        for (now, reminder) in [("2025-08-13T09:00:00Z", "7d"), ("2025-08-19T09:00:00Z", "1d")] {
            world.handle(.time, now)
            #expect(world.sent.map(\.identity.reminder) == [reminder])
            world.answer(.delivered, now)
        }
        world.handle(.time, "2025-08-20T00:00:01Z")
        world.handle(.time, "2025-08-21T00:00:01Z")
        #expect(world.sent.isEmpty)
    }

    @Test("nor does one of a service that runs, by a clock that is ahead for a moment")
    func aheadForAMoment() {
        let plan = agenda(["a": "2025-08-13T20:00:00Z"], rules: ["10h", "3h"])
        var world = ClockedWorld()
        world.start(plan, "2025-08-12T00:00:00Z")
        world.handle(.time, "2025-08-13T06:00:00Z")
        world.handle(.time, "2025-08-14T02:00:10Z", true: "2025-08-13T06:00:10Z")
        world.answer(
            .retry(wait: nil, reason: "no network"), "2025-08-14T02:00:11Z", true: "2025-08-13T06:00:11Z")
        var sent: [String] = []
        for hour in ["06:05", "10:00", "17:00", "20:00"] {
            let now = "2025-08-13T\(hour):00Z"
            world.handle(.time, now)
            sent += world.sent.map { "\(hour) \($0.identity.reminder)" }
            world.answer(.delivered, now)
        }
        #expect(sent == ["10:00 10h", "17:00 3h"])
    }

    @Test("a question that was found due early is asked at its time")
    func askedEarly() {
        var plan = agenda(["a": "2025-12-20"], rules: ["1d"])
        plan.confirmAfter = 1
        plan.issues[0].checked = CivilDate(year: 2025, month: 8, day: 11)
        var world = ClockedWorld()
        world.start(plan, "2025-08-12T10:00:00Z")
        world.handle(.time, "2025-08-13T13:00:00Z", true: "2025-08-12T17:00:00Z")
        world.answer(
            .retry(wait: nil, reason: "no network"), "2025-08-13T13:00:01Z", true: "2025-08-12T17:00:01Z")
        world.handle(.time, "2025-08-12T17:01:00Z")
        world.handle(.time, "2025-08-12T17:02:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["confirm 2025-08-13"])
    }

    @Test(
        "a fallback hears of what fails for three days, whatever the clock showed when that was found",
        arguments: [true, false])
    func patience(isAhead: Bool) {
        let channels = [channel("lab", fallback: "ops"), channel("ops")]
        let plan = agenda(
            ["a": isAhead ? "2026-08-20" : "2025-12-20"], rules: [isAhead ? "385d" : "142d"],
            channels: channels)
        let down = Verdict.retry(wait: nil, reason: "no network")
        var world: ClockedWorld
        if isAhead {
            world = .ran(plan)
            world.start(plan, "2026-08-01T00:00:00Z", true: "2025-08-01T00:00:00Z")
            world.answer(down, "2026-08-01T00:00:01Z", true: "2025-08-01T00:00:01Z")
            world.handle(.time, "2025-08-01T00:00:10Z")
        } else {
            world = ClockedWorld()
            world.boot = "2025-07-29T00:00:00Z"
            world.start(plan, "2025-07-30T00:00:00Z")
            world.handle(.time, "2025-07-31T09:00:00Z")
            world.answer(down, "2025-07-31T09:00:01Z")
            world.handle(.stopRequested, "2025-07-31T09:00:02Z")
            world.boot = "2025-07-31T23:59:00Z"
            world.start(plan, "2024-08-01T00:00:00Z", true: "2025-08-01T00:00:00Z")
            world.handle(.time, "2024-08-01T00:00:10Z", true: "2025-08-01T00:00:10Z")
            world.answer(down, "2024-08-01T00:00:11Z", true: "2025-08-01T00:00:11Z")
            world.handle(.time, "2025-08-01T00:01:00Z")
            world.handle(.time, "2025-08-01T00:12:00Z")
        }
        var now = instant("2025-08-01T00:20:00Z")
        while now < instant("2025-08-09T00:00:00Z") {
            let under = world.sent
            world.sent = []
            for delivery in under {
                let isLab = delivery.identity.channel == "lab"
                world.handle(
                    .answered(delivery.identity, isLab ? .retry(wait: nil, reason: "503") : .delivered), now,
                    true: now)
            }
            now = now + .minutes(10)
            world.handle(.time, now, true: now)
        }
        #expect(world.disk.deliveries.keys.count { $0.reminder.hasPrefix("alert") } > 0)
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

    @Test(
        "goes out at its time although it was cancelled meanwhile, once nothing stands against it any more",
        arguments: ["done", "removed", "moved", "away over starts"])
    func broughtBack(_ way: String) {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "1d"])
        let none = agenda([:], rules: ["7d", "1d"])
        var world = found(plan, at: "2025-08-14T12:00:00Z")
        switch way {
        case "done":
            let keys = world.engine.markable("a", nil)
            world.handle(.markRequested(keys, .done), "2025-08-10T00:00:00Z")
            world.handle(.unmarkRequested(keys), "2025-08-10T00:01:00Z")
        case "moved":
            world.handle(
                .reloaded(agenda(["a": "2025-09-20"], rules: ["7d", "1d"])), "2025-08-10T00:00:00Z")
            world.answer(.delivered, "2025-08-10T00:00:01Z")
            world.handle(.reloaded(plan), "2025-08-10T00:01:00Z")
            world.answer(.delivered, "2025-08-10T00:01:01Z")
        case "removed":
            world.handle(.reloaded(none), "2025-08-10T00:00:00Z")
            world.handle(.reloaded(plan), "2025-08-10T00:01:00Z")
        default:
            world.handle(.stopRequested, "2025-08-10T00:00:00Z")
            world.start(none, "2025-08-10T00:01:00Z")
            world.handle(.stopRequested, "2025-08-10T00:02:00Z")
            world.start(plan, "2025-08-10T00:03:00Z")
        }
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("so does a digest whose channel had none for a while")
    func digestAway() throws {
        let plan = agenda(
            ["a": "2025-12-20"], rules: ["1d"],
            channels: [channel("lab", digest: try digests("mon at 09:00"))])
        var world = ClockedWorld.ran(plan)
        world.start(plan, "2025-08-18T12:00:00Z", true: "2025-08-15T00:00:00Z")
        world.answer(down, "2025-08-18T12:00:01Z", true: "2025-08-15T00:00:01Z")
        world.handle(.time, "2025-08-15T00:00:10Z")
        world.handle(.reloaded(agenda(["a": "2025-12-20"], rules: ["1d"])), "2025-08-16T10:00:00Z")
        world.handle(.reloaded(plan), "2025-08-16T10:01:00Z")
        world.handle(.time, "2025-08-18T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["digest"])
    }

    @Test("goes by its rule and hour as they are when it is due")
    func changed() {
        let plan = { (rules: [String], at: String) in agenda(["a": "2025-08-20"], rules: rules, at: at) }
        var world = found(plan(["7d", "1d"], "09:00"), at: "2025-08-14T12:00:00Z")
        world.handle(.reloaded(plan(["7d", "1d"], "18:00")), "2025-08-10T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-13T18:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])

        world = found(plan(["7d", "1d"], "09:00"), at: "2025-08-14T12:00:00Z")
        world.handle(.reloaded(plan(["1d"], "09:00")), "2025-08-10T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.isEmpty)
    }

    @Test(
        "goes out at once where its hour becomes one that has passed, whatever happened before",
        arguments: 0..<4)
    func earlierHour(_ way: Int) {
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["7d", "1d"], at: at) }
        var world = found(plan("18:00"), at: "2025-08-14T12:00:00Z")
        for day in 10...12 { world.handle(.time, "2025-08-\(day)T00:00:00Z") }
        switch way {
        case 1: world.handle(.stopRequested, "2025-08-13T12:00:00Z")
        case 2:
            let keys = world.engine.markable("a", nil)
            world.handle(.markRequested(keys, .done), "2025-08-13T10:00:00Z")
            world.handle(.unmarkRequested(keys), "2025-08-13T10:10:00Z")
        case 3: world.handle(.reloaded(plan("20:00")), "2025-08-13T12:00:00Z")
        default: break
        }
        let now = "2025-08-13T13:00:00Z"
        if way == 1 { world.start(plan("09:00"), now) } else { world.handle(.reloaded(plan("09:00")), now) }
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
        world.answer(.delivered, now)
        for hour in ["18", "20"] { world.handle(.time, "2025-08-13T\(hour):00:00Z") }
        #expect(world.sent.isEmpty)
    }

    @Test("what a clock that stands has superseded stays so, though its hour becomes a later one")
    func superseded() {
        let plan = { (at: String) in agenda(["a": "2025-08-20T23:00:00Z"], rules: ["1d", "36h"], at: at) }
        var world = ClockedWorld()
        world.boot = "2025-08-10T00:00:00Z"
        world.start(plan("09:00"), "2025-08-17T00:00:00Z")
        world.handle(.stopRequested, "2025-08-19T08:00:00Z")
        world.start(plan("09:00"), "2025-08-19T12:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["36h"])
        world.answer(.delivered, "2025-08-19T12:00:01Z")
        world.handle(.reloaded(plan("18:00")), "2025-08-19T13:00:00Z")
        world.handle(.time, "2025-08-19T18:00:00Z")
        #expect(world.sent.isEmpty)
    }

    @Test("goes out at its time although the machine is started by such a clock twice", arguments: [1, 2])
    func twice(_ times: Int) {
        let plan = agenda(["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d", "1d"])
        var world = ClockedWorld.ran(plan)
        let starts = [("2", "2025-08-14T12:00:00Z"), ("6", "2025-08-19T12:00:00Z")]
        for (day, ahead) in starts.suffix(times) {
            world.boot = "2025-08-0\(day)T00:00:00Z"
            world.start(plan, ahead, true: "2025-08-0\(day)T00:01:00Z")
            world.answer(down, ahead, true: "2025-08-0\(day)T00:01:01Z")
            world.handle(.time, "2025-08-0\(day)T00:01:10Z")
            world.handle(.time, "2025-08-0\(day)T12:00:00Z")
            world.handle(.stopRequested, "2025-08-0\(day)T12:00:02Z")
        }
        world.boot = "2025-08-09T23:59:00Z"
        world.start(plan, "2025-08-10T00:00:00Z")
        var sent: [String] = []
        world.handle(.time, "2025-08-13T09:00:00Z")
        while !world.sent.isEmpty {
            sent += world.sent.map { "\($0.identity.issue) \($0.identity.reminder)" }
            world.answer(.delivered, "2025-08-13T09:00:00Z")
        }
        #expect(sent.sorted() == ["a 7d", "b 7d"])
    }

    @Test("goes out at its time although it was tried in vain, and then superseded, by that clock")
    func triedInVain() {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "6d"])
        var world = ClockedWorld.ran(plan)
        world.start(plan, "2025-08-13T12:00:00Z", true: "2025-08-01T00:00:00Z")
        world.answer(down, "2025-08-13T12:00:01Z", true: "2025-08-01T00:00:01Z")
        world.handle(.time, "2025-08-14T09:00:00Z", true: "2025-08-01T21:00:00Z")
        world.answer(down, "2025-08-14T09:00:01Z", true: "2025-08-01T21:00:01Z")
        #expect(world.disk.deliveries.values.contains { $0.state == .superseded })
        world.handle(.time, "2025-08-02T00:10:00Z")
        for day in 3...9 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("its patience begins when it is due, though a mute of its channel ended before")
    func patienceAfterMute() {
        var world = found(agenda(["a": "2025-08-20"], rules: ["7d"]), at: "2025-08-14T12:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-09T12:00:00Z")), "2025-08-09T00:00:01Z")
        world.handle(.time, "2025-08-09T12:00:00Z")
        #expect(world.disk.deliveries.values.map(\.added) == [instant("2025-08-13T09:00:00Z")])
    }

    @Test("one that comes after the deadline does not give way to what says that it passed")
    func after() {
        let plan = agenda(["a": "2025-08-20"], rules: ["1d", "2d after"])
        var world = found(plan, at: "2025-08-25T12:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-21T18:00:00Z")), "2025-08-18T00:00:00Z")
        world.handle(.stopRequested, "2025-08-18T00:00:01Z")
        world.start(plan, "2025-08-21T12:00:00Z")
        world.handle(.time, "2025-08-21T18:00:00Z")
        world.answer(.delivered, "2025-08-21T18:00:01Z")
        world.handle(.time, "2025-08-22T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["2d after"])
    }

    @Test("nor does such a one say that the deadline passed while reminders were owed")
    func afterIsNotMissed() {
        let plan = agenda(["a": "2025-08-20"], rules: ["1d", "2d after"])
        var world = ClockedWorld.ran(plan)
        world.start(plan, "2025-08-19T12:00:00Z", true: "2025-08-01T00:00:00Z")
        world.answer(.delivered, "2025-08-19T12:00:01Z", true: "2025-08-01T00:00:01Z")
        world.handle(.stopRequested, "2025-08-19T12:00:02Z", true: "2025-08-01T00:00:02Z")
        world.start(plan, "2025-08-22T12:00:00Z", true: "2025-08-01T00:00:10Z")
        world.answer(down, "2025-08-22T12:00:01Z", true: "2025-08-01T00:00:11Z")
        world.handle(.time, "2025-08-01T00:01:00Z")
        for day in 2...9 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        world.handle(.stopRequested, "2025-08-18T00:00:00Z")
        world.start(plan, "2025-08-21T12:00:00Z")
        #expect(world.sent.isEmpty)
    }

    @Test("somebody who wants it sent now is told that its rule is gone, or that it goes out by itself")
    func words() throws {
        let plan = { (rules: [String]) in agenda(["a": "2025-08-20"], rules: rules) }
        var world = found(plan(["7d", "1d"]), at: "2025-08-14T12:00:00Z")
        world.handle(.reloaded(plan(["1d"])), "2025-08-10T00:00:00Z")
        let gone = try #require(world.disk.deliveries.values.first { $0.identity.reminder == "7d" })
        #expect(world.engine.objection(toResending: gone) == "its time has changed, and is yet to come")

        world = ClockedWorld.ran(plan(["7d"]))
        world.start(plan(["7d"]), "2025-08-14T12:00:00Z", true: "2025-08-01T00:00:00Z")
        world.answer(.unknown(reason: "time-out"), "2025-08-14T12:00:01Z", true: "2025-08-01T00:00:01Z")
        world.handle(.time, "2025-08-01T00:00:10Z")
        let early = try #require(world.disk.deliveries.values.first)
        #expect(
            world.engine.objection(toResending: early)
                == "it is due at 2025-08-13T09:00:00Z, and goes out then")
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
