import Engine
import Messages
import Schedule
import Testing

@Suite("While a clock that jumped is doubted")
struct DoubtTests {
    private let due = "2025-08-13T09:00:00Z"
    private let key = MilestoneKey(issue: "a", milestone: "submission")

    /// What was settled under a clock that is a year ahead, and the plan of that.
    private func settledAhead() -> (ClockedWorld, Agenda) {
        var world = ClockedWorld()
        let plan = agenda(["a": "2025-08-20", "z": "2026-08-08"], rules: ["7d"], channels: ["lab"])
        world.start(plan, "2026-07-01T00:00:00Z", true: "2025-07-01T00:00:00Z")
        world.handle(.time, "2026-08-01T09:00:00Z", true: "2025-08-01T09:00:00Z")
        world.answer(.delivered, "2026-08-01T09:00:01Z", true: "2025-08-01T09:00:01Z")
        return (world, plan)
    }

    @Test("a rule that is added while the clock is doubted owes nothing of the time before")
    func ruleAddedInDoubt() {
        var world = ClockedWorld()
        world.handle(.started(agenda(["a": "2025-08-20"], rules: ["1d"]), Memory()), "2025-08-01T00:00:00Z")
        // Ten days later the clock is a year ahead for five minutes.
        world.handle(.time, "2026-08-15T01:00:00Z", true: "2025-08-15T01:00:00Z")
        world.handle(
            .reloaded(agenda(["a": "2025-08-20"], rules: ["7d", "1d"])), "2026-08-15T01:01:00Z",
            true: "2025-08-15T01:01:00Z")
        world.handle(.time, "2025-08-15T01:05:00Z")
        #expect(world.sent.map(\.identity.reminder) == [])
    }

    @Test("a digest that is asked for while the clock is doubted is not owed for the time before")
    func digestAddedInDoubt() throws {
        var world = ClockedWorld()
        let every = try Recurrence("day at 09:00", otherwiseAt: .nine)
        world.handle(
            .started(agenda(["a": "2025-12-20"], rules: ["1d"], channels: [channel("lab")]), Memory()),
            "2025-08-01T00:00:00Z")
        world.handle(.time, "2026-08-15T11:00:00Z", true: "2025-08-15T11:00:00Z")
        world.handle(
            .reloaded(
                agenda(
                    ["a": "2025-12-20"], rules: ["1d"],
                    channels: [channel("lab", digest: DigestRule(every: every, ahead: 30))])),
            "2026-08-15T11:01:00Z", true: "2025-08-15T11:01:00Z")
        world.handle(.time, "2025-08-15T11:05:00Z")
        #expect(world.sent.map(\.identity.reminder) == [])
    }

    @Test(
        "a call that is added while the clock is doubted owes nothing of the time before, though the clock proves right"
    )
    func addedInDoubt() {
        var world = ClockedWorld()
        world.handle(.started(agenda(["b": "2026-12-24"], rules: ["30d"]), Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, "2026-08-13T08:55:00Z", true: "2025-08-13T08:55:00Z")
        world.handle(
            .reloaded(agenda(["b": "2026-12-24", "a": "2026-09-01"], rules: ["30d", "15d"])),
            "2026-08-13T08:56:00Z",
            true: "2025-08-13T08:56:00Z")
        world.handle(.time, "2026-08-13T09:06:00Z", true: "2025-08-13T09:06:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2026-08-17T09:00:00Z", true: "2025-08-17T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["15d"])
    }

    @Test("a wait that a service asked for while the clock was doubted lasts, though the clock proves right")
    func waitInDoubt() {
        var world = ClockedWorld()
        world.handle(.started(agenda(["a": "2025-08-20"], rules: ["7d"]), Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, due)
        world.handle(.time, "2026-08-13T09:00:05Z", true: "2025-08-13T09:00:05Z")
        world.answer(
            .limited(wait: .hours(1), reason: "429"), "2026-08-13T09:00:06Z", true: "2025-08-13T09:00:06Z")
        world.handle(.time, "2026-08-13T09:10:05Z", true: "2025-08-13T09:10:05Z")
        #expect(world.wake == instant("2026-08-13T10:00:06Z"))
    }

    @Test("what falls due between a reload under a wrong clock and the right one is owed")
    func dueInDoubt() {
        var world = ClockedWorld()
        world.handle(.started(agenda(["b": "2025-12-24"], rules: ["7d"]), Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, "2026-08-13T08:55:00Z", true: "2025-08-13T08:55:00Z")
        world.handle(
            .reloaded(agenda(["b": "2025-12-24", "a": "2025-08-20"], rules: ["7d"])), "2026-08-13T08:56:00Z",
            true: "2025-08-13T08:56:00Z")
        world.handle(.time, "2025-08-13T09:01:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("what was seen under a wrong clock owes what fell while the service was killed")
    func killedInDoubt() {
        var world = ClockedWorld()
        let plan = agenda(["b": "2025-12-24", "a": "2025-08-20"], rules: ["7d"])
        world.handle(.started(agenda(["b": "2025-12-24"], rules: ["7d"]), Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, "2026-08-13T08:55:00Z", true: "2025-08-13T08:55:00Z")
        world.handle(.reloaded(plan), "2026-08-13T08:56:00Z", true: "2025-08-13T08:56:00Z")
        let memory = world.disk.remembered(zones: [.utc])
        world.engine = Engine(seed: 2)
        world.handle(.started(plan, memory), "2025-08-13T10:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("an hour that changes while the clock is doubted says of no deadline that it passed")
    func hourChangedInDoubt() {
        var world = ClockedWorld()
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["7d"], at: at) }
        world.handle(.started(plan("18:00"), Memory()), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(plan("18:00")), "2025-08-13T11:00:00Z")
        world.handle(.time, "2026-08-13T12:00:00Z", true: "2025-08-13T12:00:00Z")
        world.handle(.reloaded(plan("09:00")), "2026-08-13T12:01:00Z", true: "2025-08-13T12:01:00Z")
        world.handle(.time, "2025-08-13T12:05:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("what is being written when the clock jumps is not sent while it is doubted", arguments: 0..<2)
    func takeOffInDoubt(_ way: Int) {
        var world = ClockedWorld()
        world.handle(.started(agenda(["a": "2025-08-20"], rules: ["7d"]), Memory()), "2025-08-12T00:00:00Z")
        if way == 0 {
            world.holdsCommits = true
            world.handle(.time, due)
            world.handle(.time, "2026-08-13T09:00:05Z", true: "2025-08-13T09:00:05Z")
            world.releaseCommit("2026-08-13T09:00:06Z", true: "2025-08-13T09:00:06Z")
        } else {
            world.isDiskFull = true
            world.handle(.time, due)
            world.handle(.time, "2026-08-13T09:00:05Z", true: "2025-08-13T09:00:05Z")
            world.isDiskFull = false
            world.handle(.time, "2026-08-13T09:02:05Z", true: "2025-08-13T09:02:05Z")
        }
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-13T09:03:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("a wait that was over by the wrong clock is over by the right one", arguments: [true, false])
    func waitOverInDoubt(_ isOver: Bool) {
        var world = ClockedWorld()
        world.handle(
            .started(agenda(["a": "2025-08-13 12:00"], rules: ["3h"]), Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, due)
        world.handle(.time, "2026-08-13T09:00:05Z", true: "2025-08-13T09:00:05Z")
        world.answer(.retry(wait: nil, reason: "503"), "2026-08-13T09:00:06Z", true: "2025-08-13T09:00:06Z")
        if isOver { world.handle(.time, "2026-08-13T09:05:00Z", true: "2025-08-13T09:05:00Z") }
        world.handle(.time, isOver ? "2025-08-13T09:06:00Z" : "2025-08-13T09:00:08Z")
        world.handle(.time, "2025-08-13T09:07:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("an operator who vouches for the clock makes nothing stuck of a request under way")
    func auditAfterAccept() {
        var world = ClockedWorld()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-12T00:00:00Z")
        world.handle(.time, due)
        #expect(world.sent.count == 1)
        world.handle(.time, "2026-08-13T09:00:02Z", true: "2025-08-13T09:00:02Z")
        #expect(world.audit("2026-08-13T09:00:02Z").holds)
        world.handle(.clockAccepted, "2026-08-13T09:00:10Z", true: "2025-08-13T09:00:10Z")
        #expect(!world.audit("2026-08-13T09:00:10Z").isStuck)
    }

    @Test("a preview while the clock is doubted tells what the reload then does")
    func previewInDoubt() {
        var world = ClockedWorld()
        world.start(agenda(["a": "2025-08-20", "b": "2025-08-25"], rules: ["7d"]), "2025-08-12T00:00:00Z")
        world.handle(.time, "2026-08-12T01:00:00Z", true: "2025-08-12T01:00:00Z")
        let preview = ReloadPreview(
            world.engine, reloading: agenda(["b": "2025-08-25"], rules: ["7d"]),
            now: world.engine.time(at: instant("2026-08-12T01:00:00Z")))
        #expect(preview.removed.map(\.issue) == ["a"])
        #expect(preview.cancelled.isEmpty, "\(preview.cancelled)")
    }

    @Test("a preview while the clock is doubted tells of an hour that changes")
    func previewHourInDoubt() {
        var world = ClockedWorld()
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["7d"], at: at) }
        world.start(plan("18:00"), "2025-08-12T00:00:00Z")
        world.handle(.time, "2026-08-13T12:00:00Z", true: "2025-08-13T12:00:00Z")
        let preview = ReloadPreview(
            world.engine, reloading: plan("09:00"),
            now: world.engine.time(at: instant("2026-08-13T12:00:00Z")))
        #expect(preview.owed.map(\.identity.reminder) == ["7d"])
    }

    @Test(
        "while a clock that jumped is doubted, mutes and snoozes last, whatever somebody does",
        arguments: 0..<4)
    func holdsOutlastDoubt(_ way: Int) {
        var world = ClockedWorld()
        world.handle(
            .started(agenda(["a": "2025-08-20"], rules: ["7d"], channels: ["lab", "ops"]), Memory()),
            "2025-08-12T00:00:00Z")
        let until = instant("2025-08-16T00:00:00Z")
        world.handle(
            way == 3
                ? .markRequested([key], .snoozed(until: until, isSpan: true))
                : .muteRequested(channel: "lab", until: until, isSpan: true),
            "2025-08-12T00:00:00Z")
        world.handle(.time, due)
        world.answer(.delivered, due)
        let (wrong, right) = ("2026-08-13T10:00:00Z", "2025-08-13T10:00:00Z")
        world.handle(.time, wrong, true: right)
        switch way {
        case 1:
            let moved = agenda(["a": "2025-08-22"], rules: ["7d"], channels: ["lab", "ops"])
            world.handle(.reloaded(moved), wrong, true: right)
        case 2: world.handle(.unmarkRequested([]), wrong, true: right)
        default: world.handle(.muteRequested(channel: "ops", until: .distantFuture), wrong, true: right)
        }
        #expect(!world.sent.contains { $0.identity.channel == "lab" })
    }

    @Test(
        "a mute or a snooze that is asked for while the clock is doubted lasts as long, though the clock proves right",
        arguments: [true, false])
    func quietInDoubt(isMute: Bool) {
        var world = ClockedWorld()
        world.start(agenda(["a": "2025-09-20"], rules: ["7d", "17d"]), "2025-08-02T00:00:00Z")
        let (jumped, right) = ("2025-09-03T08:55:00Z", "2025-08-02T00:01:00Z")
        world.handle(.time, jumped, true: right)
        let until = world.engine.time(at: instant(jumped)) + .days(3)
        world.handle(
            isMute
                ? .muteRequested(channel: "lab", until: until, isSpan: true)
                : .markRequested([key], .snoozed(until: until, isSpan: true)),
            jumped, true: right)
        world.handle(.clockAccepted, "2025-09-03T08:57:00Z", true: "2025-08-02T00:03:00Z")
        world.handle(.time, "2025-09-03T09:30:00Z", true: "2025-08-02T00:36:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-09-06T08:55:00Z", true: "2025-08-05T00:01:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["17d"])
    }

    @Test("a snooze that would reach over its deadline by the clock that proves right ends")
    func snoozedOverDeadline() {
        var world = ClockedWorld()
        world.start(agenda(["a": "2025-09-05"], rules: ["7d", "1d"]), "2025-08-02T00:00:00Z")
        let (jumped, right) = ("2025-09-03T08:55:00Z", "2025-08-02T00:01:00Z")
        world.handle(.time, jumped, true: right)
        let until = world.engine.time(at: instant(jumped)) + .days(3)
        world.handle(.markRequested([key], .snoozed(until: until, isSpan: true)), jumped, true: right)
        world.handle(.clockAccepted, "2025-09-03T08:57:00Z", true: "2025-08-02T00:03:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("a pause that a service asked for outlasts a clock that jumps ahead and is set right")
    func pauseOutlastsDoubt() {
        var world = ClockedWorld()
        world.handle(.started(agenda(["a": "2025-08-20"], rules: ["7d"]), Memory()), "2025-08-12T00:00:00Z")
        world.handle(.time, due)
        world.answer(.retry(wait: .hours(6), reason: "HTTP 429"), due)
        world.handle(.time, "2026-08-13T10:00:00Z", true: "2025-08-13T10:00:00Z")
        #expect(world.sent.isEmpty)
        #expect(world.wake.map { $0 > instant("2026-08-13T10:00:00Z") } == true)
        world.handle(.time, "2025-08-13T10:05:00Z")
        world.handle(.time, "2025-08-13T14:59:00Z")
        #expect(world.sent.isEmpty)
        world.handle(.time, "2025-08-13T15:00:00Z")
        #expect(world.sent.count == 1)
    }

    @Test("a move that was told under a clock that went back is told once, however often the service starts")
    func movedTold() {
        var world = ClockedWorld()
        let moved = agenda(["a": "2025-12-10"], rules: ["1d"], channels: ["lab"])
        world.start(
            agenda(["a": "2025-12-20"], rules: ["1d"], channels: ["lab"]), "2025-09-01T00:00:00Z",
            true: "2025-08-01T00:00:00Z")
        world.handle(.reloaded(moved), "2025-09-02T00:00:00Z", true: "2025-08-02T00:00:00Z")
        world.answer(.retry(wait: nil, reason: "503"), "2025-09-02T00:00:01Z", true: "2025-08-02T00:00:01Z")
        // A slip in the file takes it away; somebody sees meanwhile that the clock is a month ahead; it comes back.
        world.handle(
            .reloaded(agenda([:], rules: ["1d"], channels: ["lab"])), "2025-09-02T00:01:00Z",
            true: "2025-08-02T00:01:00Z")
        world.handle(.time, "2025-08-02T00:02:00Z")
        world.handle(.reloaded(moved), "2025-08-02T00:03:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-12-21T00:00:00Z"))])
        world.answer(.delivered, "2025-08-02T00:03:01Z")
        var again: [Delivery] = []
        for day in 3...5 {
            world.handle(.stopRequested, "2025-08-0\(day)T00:00:00Z")
            world.start(moved, "2025-08-0\(day)T00:00:10Z")
            again += world.sent
            world.answer(.delivered, "2025-08-0\(day)T00:00:11Z")
        }
        #expect(again.map { "\($0.identity) says possible repeat: \($0.isPossibleRepeat)" } == [])
    }

    @Test(
        "a mute until a day that was named ends on that day, though the clock was doubted when it was asked for"
    )
    func mutedUntilDay() {
        var world = ClockedWorld()
        let plan = agenda(["a": "2025-11-20"], rules: ["30d", "7d"], channels: ["lab"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-02T00:00:00Z")
        // The machine's battery was empty: NTP sets the clock right, 75 days ahead.
        world.handle(.time, "2025-10-16T00:00:00Z", true: "2025-08-02T00:00:01Z")
        #expect(world.engine.isClockDoubted)
        // deadlined mute lab --until 2025-10-18
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-10-18T00:00:00Z")), "2025-10-16T00:01:00Z",
            true: "2025-08-02T00:01:01Z")
        world.handle(.time, "2025-10-16T00:15:00Z", true: "2025-08-02T00:15:01Z")
        #expect(!world.engine.isClockDoubted)
        #expect(world.disk.memory.destinations["lab"]?.mutedUntil == instant("2025-10-18T00:00:00Z"))
        world.handle(.time, "2025-10-21T09:00:00Z", true: "2025-08-07T09:00:01Z")
        #expect(world.sent.map(\.identity.reminder) == ["30d"])
        world.answer(.delivered, "2025-10-21T09:00:01Z", true: "2025-08-07T09:00:02Z")
        world.handle(.time, "2025-11-13T09:00:00Z", true: "2025-08-30T09:00:01Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test(
        "a mute for three hours lasts three, though the clock was a year ahead when it was asked for",
        arguments: [false, true], [false, true])
    func mutedAhead(isSnooze: Bool, restarts: Bool) {
        var world = ClockedWorld()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d", "3d"], channels: ["lab"])
        world.start(plan, "2026-08-01T00:00:00Z", true: "2025-08-01T00:00:00Z")
        let (now, until) = ("2026-08-01T00:00:10Z", instant("2026-08-01T03:00:10Z"))
        world.handle(
            isSnooze
                ? .markRequested([key], .snoozed(until: until, isSpan: true))
                : .muteRequested(channel: "lab", until: until, isSpan: true), now,
            true: "2025-08-01T00:00:10Z")
        if restarts {
            world.handle(.stopRequested, "2026-08-01T00:00:30Z", true: "2025-08-01T00:00:30Z")
            world.start(plan, "2025-08-01T00:01:00Z")
        } else {
            world.handle(.time, "2025-08-01T00:01:00Z")
        }
        world.handle(.reloaded(plan), "2025-08-03T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(
            world.sent.map(\.identity.reminder) == ["7d"],
            "\(world.disk.deliveries.values.map { "\($0.state)" })")
    }

    @Test(
        "a restart while a clock that jumped is doubted makes nothing due by it, and still knows when it is set right",
        arguments: [true, false])
    func restartInDoubt(isSetRight: Bool) {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        var world = ClockedWorld()
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2026-08-02T00:00:00Z", true: "2025-08-02T00:00:00Z")
        world.handle(.stopRequested, "2026-08-02T00:02:00Z", true: "2025-08-02T00:02:00Z")
        if isSetRight {
            world.start(plan, "2025-08-02T00:02:03Z")
            #expect(world.disk.remembered(zones: []).jumped == nil)
        } else {
            world.start(plan, "2026-08-02T00:02:03Z", true: "2025-08-02T00:02:03Z")
            #expect(world.sent.isEmpty && world.engine.isClockDoubted)
            world.handle(.time, "2025-08-02T00:05:00Z")
        }
        #expect(!world.engine.isClockDoubted)
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test(
        "what was seen and muted while the clock was doubted counts by the clock that proves right, over a restart too",
        arguments: [false, true])
    func seenInDoubt(restarts: Bool) {
        let plan = agenda(["a": "2026-08-20"], rules: ["14d"])
        var world = ClockedWorld()
        world.start(agenda([:], rules: ["7d"]), "2025-08-02T00:00:00Z")
        world.handle(.time, "2025-08-03T00:00:00Z")
        world.handle(.time, "2026-08-10T00:00:00Z", true: "2025-08-03T00:00:10Z")
        world.handle(.reloaded(plan), "2026-08-10T00:00:10Z", true: "2025-08-03T00:00:20Z")
        let until = world.engine.time(at: instant("2026-08-10T03:00:20Z"))
        world.handle(
            .muteRequested(channel: "lab", until: until, isSpan: true), "2026-08-10T00:00:20Z",
            true: "2025-08-03T00:00:30Z")
        if restarts { world.start(plan, "2026-08-10T00:01:00Z", true: "2025-08-03T00:01:10Z") }
        world.handle(.time, "2026-08-10T00:05:00Z", true: "2025-08-03T00:05:10Z")
        world.handle(.time, "2026-08-10T00:15:00Z", true: "2025-08-03T00:15:10Z")
        #expect(!world.engine.isClockDoubted && world.disk.deliveries.isEmpty)
        #expect(world.disk.memory.destinations["lab"]?.mutedUntil == instant("2026-08-10T03:00:20Z"))
    }

    @Test(
        "a wait of seconds does not become one of hours because the machine is started by a clock that is far back",
        arguments: [true, false])
    func waitOverStart(isAnswerLost: Bool) {
        let plan = agenda(["b": "2025-08-14"], rules: ["12h"])
        var world = ClockedWorld()
        world.boot = "2025-07-30T00:00:00Z"
        world.start(plan, "2025-08-05T00:00:00Z")
        world.handle(.time, "2025-08-14T12:00:00Z")
        world.answer(
            isAnswerLost ? .unknown(reason: "time-out") : .retry(wait: nil, reason: "503"),
            "2025-08-14T12:00:30Z")
        world.boot = "2025-08-14T12:00:40Z"
        world.start(plan, "1970-01-01T00:00:10Z", true: "2025-08-14T12:01:10Z")
        world.handle(.time, "2025-08-14T12:01:20Z")
        world.handle(.time, "2025-08-14T12:12:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["12h"])
    }

    @Test(
        "what waits is not cancelled because its hour was changed, where the machine is started by a clock that is far back",
        arguments: ["08:00", "09:00", "18:00"])
    func hourChangedBehind(at: String) {
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["7d"], at: at) }
        var world = ClockedWorld()
        world.boot = "2025-08-11T00:00:00Z"
        world.start(plan("09:00"), "2025-08-11T01:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "503"), "2025-08-13T09:00:01Z")
        world.boot = "2025-08-14T11:59:00Z"
        world.start(plan(at), "2025-07-01T00:00:00Z", true: "2025-08-14T12:00:00Z")
        world.handle(.time, "2025-08-14T12:01:00Z")
        world.handle(.time, "2025-08-14T12:13:00Z")
        world.handle(.time, "2025-08-14T19:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("what falls due before somebody notices that the clock was set back is not taken for dealt with")
    func notNoticed() {
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        var world = ClockedWorld.ran(plan)
        world.boot = "2025-08-13T08:57:00Z"
        world.start(plan, "2026-08-13T08:58:00Z", true: "2025-08-13T08:58:00Z")
        let passed = world.sent.map(\.identity.reminder)
        #expect(passed == ["passed"])
        world.answer(
            .retry(wait: nil, reason: "no network"), "2026-08-13T08:58:01Z", true: "2025-08-13T08:58:01Z")
        world.handle(.time, "2025-08-13T09:01:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("a mute has as much left as it had when the clock was set back, though nobody looked for a day")
    func muteLeft() {
        var world = ClockedWorld()
        world.start(agenda(["a": "2025-12-20"], rules: ["7d"]), "2025-08-10T00:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-12T00:00:00Z"), isSpan: true),
            "2025-08-10T00:00:00Z")
        world.handle(.time, "2025-07-11T00:00:00Z", true: "2025-08-11T00:00:00Z")
        #expect(world.disk.memory.destinations["lab"]?.mutedUntil == instant("2025-07-12T00:00:00Z"))
    }

    @Test("a restart after a clock that jumped proved right doubts nothing")
    func restartAfterProof() {
        let plan = agenda(["a": "2026-08-20"], rules: ["7d"])
        var world = ClockedWorld()
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2026-08-02T00:00:00Z", true: "2025-08-02T00:00:00Z")
        world.handle(.clockAccepted, "2026-08-02T00:02:00Z", true: "2025-08-02T00:02:00Z")
        world.start(plan, "2026-08-02T00:02:03Z", true: "2025-08-02T00:02:03Z")
        #expect(!world.engine.isClockDoubted && world.disk.remembered(zones: []).jumped == nil)
    }

    @Test("a machine that is off each night ends a doubt too: what falls in a night some days later is owed")
    func nights() {
        let other = agenda(["z": "2027-01-01"], rules: ["7d"])
        let plan = agenda(["a": "2025-08-20", "z": "2027-01-01"], rules: ["7d"])
        var world = ClockedWorld.ran(plan)
        world.start(other, "2026-08-01T08:00:00Z", true: "2025-08-01T08:00:00Z")
        world.handle(.time, "2025-08-01T08:00:10Z")
        world.handle(.reloaded(plan), "2025-08-01T08:01:00Z")
        world.handle(.stopRequested, "2025-08-01T18:00:00Z")
        for day in ["02", "03", "04"] {
            world.boot = "2025-08-\(day)T07:59:00Z"
            world.start(plan, "2025-08-\(day)T08:00:00Z")
            world.handle(.time, "2025-08-\(day)T08:00:30Z")
            world.handle(.time, "2025-08-\(day)T17:59:00Z")
            world.handle(.stopRequested, "2025-08-\(day)T18:00:00Z")
        }
        world.boot = "2025-08-13T09:59:00Z"
        world.start(plan, "2025-08-13T10:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("what falls due while the machine sleeps is owed, though the clock was ahead before")
    func sleep() {
        let plan = agenda(["a": "2025-08-08T20:00:00Z"], rules: ["7d at 09:00"])
        var world = ClockedWorld.ran(plan)
        world.start(agenda([:], rules: ["1d"]), "2026-08-01T08:00:00Z", true: "2025-08-01T08:00:00Z")
        world.handle(.time, "2025-08-01T08:00:10Z")
        world.handle(.reloaded(plan), "2025-08-01T08:01:00Z")
        world.handle(.time, "2025-08-01T08:30:00Z")
        world.handle(.time, "2025-08-01T09:05:00Z", asleep: .minutes(30))
        #expect(world.sent.map(\.identity.reminder) == ["7d at 09:00"])
    }

    @Test("a wait of some seconds does not become one of hours because the clock goes back")
    func shortWait() {
        var world = ClockedWorld()
        world.start(
            agenda(["a": "2026-08-20"], rules: ["7d"], channels: ["lab"]), "2026-08-01T00:00:00Z",
            true: "2025-08-01T00:00:00Z")
        world.handle(.time, "2026-08-13T09:00:00Z", true: "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "503"), "2026-08-13T09:00:01Z", true: "2025-08-13T09:00:01Z")
        world.handle(.time, "2025-08-13T09:00:02Z", true: "2025-08-13T09:00:02Z")
        let next = world.disk.deliveries.values.first?.state.next
        #expect(next.map { $0 <= instant("2025-08-13T09:00:10Z") } ?? false, "\(String(describing: next))")
    }

    @Test("a clock that has stood for a day is right: what falls in a downtime after that is owed")
    func doubtEnds() {
        var (world, plan) = settledAhead()
        for day in 2...5 { world.handle(.time, "2025-08-0\(day)T00:00:00Z") }
        world.start(plan, "2025-08-14T00:00:00Z")
        #expect(world.sent.map(\.identity.reminder) == ["7d"])
    }

    @Test("the journal keeps what was settled by the later of two clocks until one has stood for a day")
    func settledStays() {
        var (world, _) = settledAhead()
        world.handle(.time, "2025-08-13T08:59:00Z")
        world.handle(.time, due)
        #expect(world.sent.count == 1)
        #expect(world.disk.memory.settled ?? .distantPast >= instant("2026-08-01T09:00:00Z"))
    }

    @Test(
        "a clock that has stood for a week is right, though the service is restarted each night",
        arguments: [false, true])
    func doubtEndsOverRestarts(restarts: Bool) {
        var (world, plan) = settledAhead()
        for day in 2...9 {
            world.handle(.time, "2025-08-0\(day)T00:00:00Z")
            if restarts { world.start(plan, "2025-08-0\(day)T04:00:00Z") }
            world.handle(.time, "2025-08-0\(day)T04:00:10Z")
            world.handle(.time, "2025-08-0\(day)T23:00:00Z")
        }
        // A power cut from the 13th to the 14th: the 7d fell in it.
        world.start(plan, "2025-08-14T00:00:00Z")
        #expect(
            world.sent.map(\.identity.reminder) == ["7d"],
            "settled \(String(describing: world.disk.memory.settled))")
    }

    @Test("a clock that is set by a second while it is doubted wakes nobody before it has stood long enough")
    func setByASecond() {
        var world = ClockedWorld()
        world.start(agenda(["a": "2026-08-20"], rules: ["1d"], channels: ["lab"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2026-08-02T00:00:00Z", true: "2025-08-02T00:00:00Z")
        world.handle(.time, "2026-08-02T00:05:01Z", true: "2025-08-02T00:05:00Z")
        #expect(world.wake == instant("2026-08-02T00:10:01Z"))
        world.handle(.time, "2026-08-02T00:10:01Z", true: "2025-08-02T00:10:00Z")
        #expect(!world.engine.isClockDoubted)
    }
}
