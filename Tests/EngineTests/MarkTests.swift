import Engine
import Messages
import Schedule
import Testing

/// `agenda` by another name, for suites that have one of their own.
private func agendaOf(_ deadline: String, rules: [String] = ["7d", "3d", "1d"]) -> Agenda {
    agenda(["a": deadline], rules: rules, channels: ["lab"])
}

@Suite("Done, snoozed and muted")
struct MarkTests {
    private let key = MilestoneKey(issue: "a", milestone: "submission")
    private let monday = "2025-08-11T12:00:00Z"

    private func started(_ rules: [String] = ["7d", "3d", "1d"]) -> World {
        var world = World()
        world.start(agendaOf("2025-08-20", rules: rules), "2025-08-01T00:00:00Z")
        return world
    }

    @Test("what is done is reminded of no more, after a restart neither")
    func done() {
        var world = started()
        world.handle(.markRequested([key], .done), monday)
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sending.isEmpty)
        world.crash()
        world.start(agendaOf("2025-08-20"), "2025-08-14T00:00:00Z")
        world.handle(.time, "2025-08-19T09:00:00Z")
        #expect(world.sending.isEmpty && world.journal.isEmpty)
    }

    @Test("what waits for another try is cancelled when it is done")
    func waiting() {
        var world = started()
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:01Z")
        world.handle(.markRequested([key], .done), "2025-08-13T09:00:02Z")
        #expect(world.states("a") == ["7d lab": "cancelled"])
        world.handle(.time, "2025-08-13T10:00:00Z")
        #expect(world.sending.isEmpty)
    }

    @Test("'done' lapses when the deadline moves, and its channels hear of that")
    func lapses() {
        var world = started()
        world.handle(.markRequested([key], .done), monday)
        world.handle(.reloaded(agendaOf("2025-08-30")), "2025-08-12T00:00:00Z")
        #expect(world.sending.count == 1 && world.sending[0].contains("moved"))
        world.answer(.delivered, "2025-08-12T00:00:01Z")
        world.handle(.time, "2025-08-23T09:00:00Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.memory.marks.isEmpty)
    }

    @Test("a special issue that is away for a while keeps its mark")
    func away() {
        var world = started()
        world.handle(.markRequested([key], .done), monday)
        world.handle(.reloaded(agenda([:], rules: ["7d"], channels: ["lab"])), "2025-08-12T00:00:00Z")
        world.handle(.reloaded(agendaOf("2025-08-20")), "2025-08-12T01:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sending.isEmpty)
    }

    @Test("taken back, what is to come comes again, once")
    func undone() {
        var world = started()
        world.handle(.markRequested([key], .done), monday)
        world.handle(.unmarkRequested([key]), "2025-08-14T00:00:00Z")
        world.handle(.time, "2025-08-17T09:00:00Z")
        #expect(world.sending == ["a 3d lab"])
        world.answer(.delivered, "2025-08-17T09:00:01Z")
        world.handle(.time, "2025-08-19T09:00:00Z")
        #expect(world.sending == ["a 1d lab"])
    }

    @Test(
        "of what falls due while it is snoozed, the last goes out at the end, after a restart too",
        arguments: [false, true])
    func snoozed(restarts: Bool) {
        var world = started()
        world.handle(.markRequested([key], .snoozed(until: instant("2025-08-18T12:00:00Z"))), monday)
        for due in ["2025-08-13T09:00:00Z", "2025-08-17T09:00:00Z"] { world.handle(.time, due) }
        #expect(world.sending.isEmpty)
        #expect(world.states("a") == ["7d lab": "superseded", "3d lab": "held"])
        if restarts {
            world.crash()
            world.start(agendaOf("2025-08-20"), "2025-08-18T00:00:00Z")
            #expect(world.sending.isEmpty)
        }
        #expect(world.wake == instant("2025-08-18T12:00:00Z"))
        world.handle(.time, "2025-08-18T12:00:00Z")
        #expect(world.sending == ["a 3d lab"])
        #expect(world.memory.marks.isEmpty)
    }

    @Test("a snooze that ended while the service was down has ended")
    func snoozeEndedMeanwhile() {
        var world = started()
        world.handle(.markRequested([key], .snoozed(until: instant("2025-08-14T12:00:00Z"))), monday)
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.crash()
        world.start(agendaOf("2025-08-20"), "2025-08-15T00:00:00Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("what is snoozed anew says until when, and wakes nobody before")
    func snoozedAnew() {
        var world = started()
        world.handle(.markRequested([key], .snoozed(until: instant("2025-08-14T00:00:00Z"))), monday)
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.handle(
            .markRequested([key], .snoozed(until: instant("2025-08-16T00:00:00Z"))), "2025-08-13T10:00:00Z")
        #expect(world.journal.values.first?.state.reason == "snoozed until 2025-08-16T00:00:00Z")
        #expect(world.wake == instant("2025-08-16T00:00:00Z"))
        world.handle(.unmarkRequested([key]), "2025-08-13T11:00:00Z")
        #expect(world.sending == ["a 7d lab"] && world.wake == instant("2025-08-17T09:00:00Z"))
    }

    @Test("that the date moved is told whoever snoozed it")
    func movedWhileSnoozed() {
        var world = started()
        world.handle(.markRequested([key], .snoozed(until: instant("2025-08-18T12:00:00Z"))), monday)
        world.handle(.reloaded(agendaOf("2025-08-19")), "2025-08-12T00:00:00Z")
        #expect(world.sending.count == 1 && world.sending[0].contains("moved"))
    }

    @Test("a snooze falls with a deadline that is brought forward before its end", arguments: [false, true])
    func broughtForward(restarts: Bool) {
        var world = started()
        world.handle(.markRequested([key], .snoozed(until: instant("2025-08-18T12:00:00Z"))), monday)
        world.handle(.time, "2025-08-13T09:00:00Z")
        if restarts {
            world.crash()
            world.start(agendaOf("2025-08-16"), "2025-08-14T00:00:00Z")
        } else {
            world.handle(.reloaded(agendaOf("2025-08-16")), "2025-08-14T00:00:00Z")
        }
        world.answer(.delivered, "2025-08-14T00:00:01Z")
        world.handle(.time, "2025-08-15T09:00:00Z")
        #expect(world.sending == ["a 1d lab"])
        #expect(world.memory.marks.isEmpty)
    }

    @Test("what a snooze held goes out when that falls")
    func heldUntilItFalls() {
        var world = started()
        world.handle(.markRequested([key], .snoozed(until: instant("2025-08-25T12:00:00Z"))), monday)
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.handle(.reloaded(agendaOf("2025-08-20")), "2025-08-14T00:00:00Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("what is snoozed after its deadline stays so")
    func snoozedAfterwards() {
        let rules = ["7d", "1d after", "3d after"]
        var world = started(rules)
        let thursday = "2025-08-21T12:00:00Z"
        world.handle(.markRequested([key], .snoozed(until: instant("2025-08-25T12:00:00Z"))), thursday)
        world.handle(.reloaded(agendaOf("2025-08-20", rules: rules)), "2025-08-22T00:00:00Z")
        #expect(world.memory.marks.count == 1)
    }

    @Test("a mute without an end wakes nobody")
    func endless() {
        var world = World()
        world.start(agendaOf("2025-08-20"), "2025-08-21T00:00:00Z")
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), "2025-08-21T00:00:01Z")
        #expect(world.engine.next == nil)
    }

    @Test("a muted channel gets nothing, and at the end the latest of each milestone")
    func muted() {
        var world = started()
        world.handle(.muteRequested(channel: "lab", until: instant("2025-08-18T12:00:00Z")), monday)
        for due in ["2025-08-13T09:00:00Z", "2025-08-17T09:00:00Z"] { world.handle(.time, due) }
        #expect(world.sending.isEmpty && world.engineAudit(at: "2025-08-17T10:00:00Z").holds)
        world.handle(.time, "2025-08-18T12:00:00Z")
        #expect(world.sending == ["a 3d lab"])
    }

    @Test("a request under way when its channel is muted is tried again at the end")
    func mutedInFlight() {
        var world = started()
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), "2025-08-13T09:00:01Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:02Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        #expect(world.sending.isEmpty && world.states("a") == ["7d lab": "held"])
        world.handle(.resumed(channel: "lab"), "2025-08-16T09:00:00Z")
        #expect(world.sending == ["a 7d lab"])
        // What waited for somebody's word is not given up at its first failure after that.
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-16T12:00:01Z")
        #expect(world.states("a") == ["7d lab": "waiting"])
    }

    @Test("what is under way and what is held do not wait for their turn, and each is counted once")
    func counted() {
        var world = started()
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.engine.openCounts["lab"]?.waiting ?? 0 == 0)
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:02Z")
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), "2025-08-13T09:00:03Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-13T09:00:05Z")), "2025-08-13T09:00:04Z")
        #expect(world.engine.openCounts["lab"]?.held == 1 && world.engine.openCounts["lab"]?.waiting == 0)
        world.handle(.resumed(channel: "lab"), "2025-08-13T09:00:04Z")
        #expect(world.sending == ["a 7d lab"])
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:05Z")
        #expect(world.engine.openCounts["lab"]?.waiting == 1)
    }

    @Test("a test goes out to a muted channel: somebody wants it now")
    func testWhileMuted() {
        var world = started()
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), monday)
        world.handle(.testRequested(channel: "lab"), monday)
        #expect(world.sending == [" test lab"])
    }

    private let target = MilestoneKey(issue: "a", milestone: "submission target")

    private func targeted(_ target: String?, deadline: String = "2025-08-20") throws -> Agenda {
        var plan = agenda(["a": deadline], rules: ["1d", "0d"])
        guard let target else { return plan }
        plan.issues[0].milestones.append(
            Milestone(
                name: "submission target", kind: .target(of: "submission"), written: "",
                deadline: Deadline(try DeadlineValue(target), zone: .utc), schedule: 0, channels: [0]))
        return plan
    }

    @Test("what is done takes its target with it, and back", arguments: [false, true])
    func doneTarget(isEachNamed: Bool) throws {
        var world = World()
        world.start(try targeted("2025-08-06"), "2025-08-01T00:00:00Z")
        let keys = isEachNamed ? [key, target] : [key]
        world.handle(.markRequested(keys, .done), "2025-08-02T00:00:00Z")
        #expect(world.memory.marks.count == 1)
        world.handle(.time, "2025-08-05T09:00:00Z")
        #expect(world.sending == [])
        world.handle(.unmarkRequested([key]), "2025-08-05T10:00:00Z")
        world.handle(.time, "2025-08-06T09:00:00Z")
        #expect(world.sending == ["a 0d lab"])
    }

    @Test(
        "a target that moves or comes once the work is handed in is news to nobody, after a restart neither",
        arguments: ["2025-08-06", nil], [false, true])
    func doneTargetMoves(from target: String?, restarts: Bool) throws {
        var world = World()
        world.start(try targeted(target), "2025-08-01T00:00:00Z")
        world.handle(.markRequested([key], .done), "2025-08-02T00:00:00Z")
        if restarts {
            world.crash()
            world.start(try targeted("2025-08-13"), "2025-08-03T00:00:00Z")
        } else {
            world.handle(.reloaded(try targeted("2025-08-13")), "2025-08-03T00:00:00Z")
        }
        world.handle(.time, "2025-08-12T09:00:00Z")
        #expect(world.sending == [])
        world.handle(.unmarkRequested([key]), "2025-08-12T10:00:00Z")
        #expect(world.sending == (target == nil ? [] : ["a moved 2025-08-12T10:00:00Z lab"]))
        world.answer(.delivered, "2025-08-12T10:00:01Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sending == ["a 0d lab"])
    }

    @Test("a target is open again with its deadline that is extended", arguments: [false, true])
    func doneExtended(isMarkedByEarlierVersion: Bool) throws {
        var world = World()
        world.start(try targeted("2025-08-13"), "2025-08-01T00:00:00Z")
        world.handle(.markRequested([key], .done), "2025-08-02T00:00:00Z")
        if isMarkedByEarlierVersion {
            let mark = Mark.Kind.done(deadline: instant("2025-08-14T00:00:00Z"))
            world.memory.marks[target] = Mark(kind: mark, since: instant("2025-08-02T00:00:00Z"))
        }
        world.crash()
        world.start(try targeted("2025-08-13", deadline: "2025-09-20"), "2025-08-03T00:00:00Z")
        world.answer(.delivered, "2025-08-03T00:00:01Z")
        world.handle(.time, "2025-08-12T09:00:00Z")
        #expect(world.sending == ["a 1d lab"])
        #expect(world.memory.marks.isEmpty)
    }

    @Test("a target that was reached by itself stays so when the rest is taken back")
    func targetReached() throws {
        var world = World()
        world.start(try targeted("2025-08-13"), "2025-08-01T00:00:00Z")
        world.handle(.markRequested([target], .done), "2025-08-02T00:00:00Z")
        world.handle(.markRequested([key], .done), "2025-08-03T00:00:00Z")
        world.handle(.unmarkRequested([key]), "2025-08-03T00:01:00Z")
        world.handle(.time, "2025-08-12T09:00:00Z")
        #expect(world.sending == [])
    }

    @Test("what failed often and was muted for days is not given up at its next failure")
    func mutedLong() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        for hour in 10...18 {
            world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T\(hour):00:00Z")
            world.handle(.time, "2025-08-13T\(hour):59:00Z")
        }
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T19:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-17T00:00:00Z")), "2025-08-13T19:00:01Z")
        world.handle(.time, "2025-08-17T00:00:00Z")
        #expect(world.sending == ["a 7d lab"])
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-17T00:00:01Z")
        #expect(world.states("a") == ["7d lab": "waiting"])
    }

    @Test("news that may have arrived is held as a reminder is, once its channel wants that")
    func newsHeld() {
        var world = World()
        func plan(_ deadline: String, _ onUnknown: Channel.OnUnknown) -> Agenda {
            agenda(["a": deadline], rules: ["7d"], channels: [channel("lab", onUnknown: onUnknown)])
        }
        world.start(plan("2025-08-20", .resend), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(plan("2025-09-20", .resend)), "2025-08-02T00:00:00Z")
        world.answer(.unknown(reason: "no answer"), "2025-08-02T00:00:00Z")
        world.handle(.time, "2025-08-02T00:05:00Z")
        world.answer(.disable(reason: "HTTP 404"), "2025-08-02T00:05:00Z")
        world.handle(.reloaded(plan("2025-09-20", .hold)), "2025-08-02T01:00:00Z")
        #expect(world.sending.isEmpty)
    }
}

extension World {
    func engineAudit(at now: String) -> Audit { Audit(engine, now: instant(now)) }
}
