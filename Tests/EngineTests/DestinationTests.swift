import Engine
import Messages
import Schedule
import Testing

/// `agenda` by another name, for suites that have one of their own.
private func agendaOf(
    _ deadlines: KeyValuePairs<String, String>, rules: [String], channels: [String]
) -> Agenda {
    agenda(deadlines, rules: rules, channels: channels)
}

@Suite("Destinations in trouble")
struct DestinationTests {
    private let due = "2025-08-13T09:00:00Z"

    /// One issue due at nine on the 13th, to channels made by `channels`.
    private func agenda(_ channels: [Channel], rules: [String] = ["7d", "3d"]) -> Agenda {
        var plan = agendaOf(["a": "2025-08-20"], rules: rules, channels: channels.map(\.name))
        plan.channels = channels
        return plan
    }

    private func channel(
        _ name: String, onUnknown: Channel.OnUnknown = .resend, fallback: String? = nil
    ) -> Channel {
        Channel(
            name: name, service: Silent(), audience: Audience(zone: .utc, at: .nine), onUnknown: onUnknown,
            fallback: fallback)
    }

    private func started(_ channels: [Channel], rules: [String] = ["7d", "3d"]) -> World {
        var world = World()
        world.start(agenda(channels, rules: rules), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        return world
    }

    @Test("one that is gone is disabled, keeps what is owed to it, and its fallback is told once")
    func gone() {
        var world = started([channel("lab", fallback: "ops"), channel("ops")])
        let lab = world.sent.filter { $0.identity.channel == "lab" }
        let ops = world.sent.filter { $0.identity.channel == "ops" }
        world.sent = []
        for delivery in ops { world.handle(.answered(delivery.identity, .delivered), due) }
        for delivery in lab { world.handle(.answered(delivery.identity, .disable(reason: "HTTP 404")), due) }
        #expect(world.states("a")["7d lab"] == "held")
        #expect(world.sending == [" alert lab ops"])
        #expect(world.sent.first?.kind == .alert(.disabled(channel: "lab", reason: "HTTP 404")))
        world.answer(.delivered, due)
        // The next reminder is held too, and the older one gives way to it.
        world.handle(.time, "2025-08-17T09:00:00Z")
        #expect(world.sending == ["a 3d ops"])
        #expect(world.states("a")["3d lab"] == "held")
        #expect(world.states("a")["7d lab"] == "superseded" || world.states("a")["7d lab"] == "held")
        world.answer(.delivered, "2025-08-17T09:00:01Z")
        world.handle(.resumed(channel: "lab"), "2025-08-18T09:00:00Z")
        #expect(world.sending.contains("a 3d lab"))
    }

    @Test("a fallback is told in its own language, whatever that of the channel in trouble is")
    func language() throws {
        let ops = Channel(
            name: "ops", service: Silent(), audience: Audience(zone: .utc, at: .nine), language: .german)
        var world = started([channel("lab", fallback: "ops"), ops])
        let lab = try #require(world.sent.first { $0.identity.channel == "lab" })
        world.sent.removeAll { $0.identity.channel == "lab" }
        world.answer(.delivered, due)
        world.handle(.answered(lab.identity, .permanent(reason: "HTTP 400: no")), due)
        let message = try #require(world.engine.message(about: world.sent, now: instant(due)))
        #expect(message.headline == "Meldung des Dienstes")
        #expect(message.title == "'lab' hat a submission 7d lab nicht erhalten: HTTP 400: no")
    }

    @Test("a lost journal is told to every fallback, each in its language")
    func lostJournal() throws {
        var world = World()
        world.memory.alert = .journalLost(reason: "it is empty", setAsideAs: "j.db.damaged")
        let ops = Channel(
            name: "ops", service: Silent(), audience: Audience(zone: .utc, at: .nine), language: .spanish)
        world.start(agenda([channel("lab", fallback: "ops"), ops]), "2025-08-01T00:00:00Z")
        #expect(world.sending == [" alert ops"])
        let message = try #require(world.engine.message(about: world.sent, now: instant(due)))
        #expect(message.title.hasPrefix("El diario estaba dañado: it is empty. Se apartó como j.db.damaged"))
    }

    @Test("a refused credential disables at the third time only, and a success in between clears it")
    func strikes() {
        var world = started([channel("lab")])
        world.answer(.disable(reason: "HTTP 401", strikes: 3), due)
        #expect(world.states("a") == ["7d lab": "waiting"])
        world.handle(.time, "2025-08-13T09:00:10Z")
        world.answer(.disable(reason: "HTTP 401", strikes: 3), "2025-08-13T09:00:10Z")
        world.handle(.time, "2025-08-13T09:01:00Z")
        world.answer(.disable(reason: "HTTP 401", strikes: 3), "2025-08-13T09:01:00Z")
        #expect(world.states("a") == ["7d lab": "held"])
        #expect(world.reports.contains(.disabled(channel: "lab", reason: "HTTP 401")))
    }

    @Test("a restart keeps the pause that a service asked for")
    func pauseOverRestart() {
        var world = started([channel("lab")])
        world.answer(.retry(wait: .hours(1), reason: "HTTP 429"), due)
        world.crash()
        // Another message for the same destination must not go out earlier either.
        world.start(agenda([channel("lab")], rules: ["7d", "6d at 09:10"]), "2025-08-13T09:30:00Z")
        #expect(world.sending.isEmpty)
        world.handle(.time, "2025-08-13T09:59:59Z")
        #expect(world.sending.isEmpty)
        world.handle(.time, "2025-08-13T10:00:00Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("a limit of the vendor's pauses all of its channels")
    func vendor() {
        var world = started([channel("lab"), channel("office")])
        let lab = world.sent.filter { $0.identity.channel == "lab" }
        let office = world.sent.filter { $0.identity.channel == "office" }
        world.sent = []
        for delivery in office { world.handle(.answered(delivery.identity, .delivered), due) }
        for delivery in lab {
            world.handle(.answered(delivery.identity, .limited(wait: .hours(2), reason: "HTTP 429")), due)
        }
        world.handle(.testRequested(channel: "office"), "2025-08-13T10:00:00Z")
        #expect(world.sending.isEmpty)
        world.handle(.time, "2025-08-13T11:00:00Z")
        #expect(world.sending.count == 2)
    }

    @Test("what may have arrived is held where the channel wants that, and is not sent again by a restart")
    func held() {
        var world = started([channel("lab", onUnknown: .hold)])
        world.answer(.unknown(reason: "no answer"), due)
        #expect(world.states("a") == ["7d lab": "held"])
        world.crash()
        world.start(agenda([channel("lab", onUnknown: .hold)]), "2025-08-13T10:00:00Z")
        #expect(world.sending.isEmpty)
        guard let delivery = world.journal.values.first else {
            Issue.record("nothing journalled")
            return
        }
        world.handle(.resendRequested(delivery), "2025-08-13T11:00:00Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.sent.first?.isPossibleRepeat == true)
    }

    @Test("a message whose deadline moves while its commit is written is not sent")
    func movedWhileWritten() {
        var world = World()
        world.start(agenda([channel("lab")]), "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.time, due)
        // The delivery and its being sent are in one commit, which is under way.
        var moved = agenda([channel("lab")])
        moved.issues = agendaOf(["a": "2025-09-20"], rules: ["7d"], channels: ["lab"]).issues
        world.handle(.reloaded(moved), due)
        world.releaseCommit(due)
        #expect(!world.sending.contains("a 7d lab"))
        #expect(world.states("a")["7d lab"] == "cancelled")
    }
}

@Suite("A clock that jumps")
struct ClockTests {
    private func handle(_ world: inout World, _ event: Event, _ now: String, uptime: Span) -> [Effect] {
        world.engine.handle(event, now: instant(now), uptime: uptime)
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
}
