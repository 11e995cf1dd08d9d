import Engine
import Messages
import Schedule
import Testing

import struct Simulation.Silent

@Suite("Destinations in trouble")
struct DestinationTests {
    private let due = "2025-08-13T09:00:00Z"

    /// One issue due at nine on the 13th.
    private func started(_ channels: [Channel], rules: [String] = ["7d", "3d"]) -> World {
        var world = World()
        world.start(agenda(rules: rules, channels: channels), "2025-08-01T00:00:00Z")
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

    @Test(
        "a fallback hears once that a channel is dead, however often reloads and restarts try it, unless it lived again",
        arguments: [false, true])
    func toldOnce(restarts: Bool) {
        let plan = agenda(rules: ["7d", "6d"], channels: [channel("lab", fallback: "ops"), channel("ops")])
        var world = World()
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["ops": .delivered], due)
        func alerts(_ reason: String, _ now: String) -> Int {
            world.answer(["lab": .disable(reason: reason)], now)
            defer { world.answer(["ops": .delivered], now) }
            return world.sent.count { $0.identity.channel == "ops" }
        }
        #expect(alerts("HTTP 404", due) == 1)
        for hour in 10...12 {
            if restarts { world.crash() }
            let now = "2025-08-13T\(hour):00:00Z"
            if restarts { world.start(plan, now) } else { world.handle(.reloaded(plan), now) }
            #expect(world.sending == ["a 7d lab"])
            #expect(alerts("HTTP 404", now) == 0)
        }
        world.handle(.reloaded(plan), "2025-08-13T13:00:00Z")
        #expect(alerts("HTTP 410", "2025-08-13T13:00:01Z") == 1)
        // It is not what somebody took it for.
        world.handle(.resumed(channel: "lab"), "2025-08-13T14:00:00Z")
        #expect(alerts("HTTP 410", "2025-08-13T14:00:01Z") == 1)
        world.handle(.reloaded(plan), "2025-08-13T15:00:00Z")
        world.answer(.delivered, "2025-08-13T15:00:01Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        world.answer(["ops": .delivered], "2025-08-14T09:00:00Z")
        #expect(alerts("HTTP 410", "2025-08-14T09:00:01Z") == 1)
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
        world.start(agenda(channels: [channel("lab", fallback: "ops"), ops]), "2025-08-01T00:00:00Z")
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
        world.start(agenda(rules: ["7d", "6d at 09:10"], channels: [channel("lab")]), "2025-08-13T09:30:00Z")
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

    @Test(
        "what may have arrived is held where the channel wants that, and is not sent again by a restart",
        arguments: [
            Verdict.unknown(reason: "no answer"), .retry(wait: nil, reason: "504", mayHaveArrived: true),
        ])
    func held(_ verdict: Verdict) {
        var world = started([channel("lab", onUnknown: .hold)])
        world.answer(verdict, due)
        #expect(world.states("a") == ["7d lab": "held"])
        world.crash()
        world.start(agenda(channels: [channel("lab", onUnknown: .hold)]), "2025-08-13T10:00:00Z")
        #expect(world.sending.isEmpty)
        guard let delivery = world.journal.values.first else {
            Issue.record("nothing journalled")
            return
        }
        world.handle(.resendRequested(delivery), "2025-08-13T11:00:00Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.sent.first?.isPossibleRepeat == true)
    }

    @Test(
        "what may have arrived is held once its channel wants that, and not sent by hand while that is muted",
        arguments: [false, true])
    func heldFromNowOn(restarts: Bool) throws {
        var world = started([channel("lab")])
        world.answer(.unknown(reason: "no answer"), due)
        let plan = agenda(channels: [channel("lab", onUnknown: .hold)])
        if restarts {
            world.crash()
            world.start(plan, "2025-08-13T09:00:10Z")
        } else {
            world.handle(.reloaded(plan), "2025-08-13T09:00:10Z")
        }
        world.handle(.time, "2025-08-13T09:02:00Z")
        #expect(world.sending.isEmpty && world.states("a") == ["7d lab": "held"])
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), "2025-08-13T10:00:00Z")
        let delivery = try #require(world.journal.values.first)
        #expect(world.engine.objection(toResending: delivery)?.contains("its channel is muted") == true)
        world.handle(.resumed(channel: "lab"), "2025-08-13T10:00:01Z")
        #expect(world.sending.isEmpty && world.engine.objection(toResending: delivery) == nil)
    }

    @Test("a message whose deadline moves while its commit is written is not sent")
    func movedWhileWritten() {
        var world = World()
        world.start(agenda(channels: [channel("lab")]), "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.time, due)
        // The delivery and its being sent are in one commit, which is under way.
        var moved = agenda(channels: [channel("lab")])
        moved.issues = agenda(["a": "2025-09-20"], rules: ["7d"], channels: ["lab"]).issues
        world.handle(.reloaded(moved), due)
        world.releaseCommit(due)
        #expect(!world.sending.contains("a 7d lab"))
        #expect(world.states("a")["7d lab"] == "cancelled")
    }

    @Test(
        "a fallback that never heard of a dead channel is told, over a restart too",
        arguments: [false, true], [nil, "old"])
    func newFallback(restarts: Bool, before: String?) {
        var world = World()
        let old = agenda(
            rules: ["7d"], channels: [channel("lab", fallback: before), channel("old"), channel("ops")])
        let new = agenda(
            rules: ["7d"], channels: [channel("lab", fallback: "ops"), channel("old"), channel("ops")])
        world.start(old, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["ops": .delivered, "old": .delivered], due)
        world.answer(["lab": .disable(reason: "HTTP 404")], due)
        world.answer(["old": .delivered], due)
        #expect(world.states("a")["7d lab"] == "held")
        let now = "2025-08-13T10:00:00Z"
        if restarts {
            world.handle(.stopRequested, now)
            world.crash()
            world.start(new, now)
        } else {
            world.handle(.reloaded(new), now)
        }
        world.answer(["lab": .disable(reason: "HTTP 404")], now)
        #expect(world.sending == [" alert lab ops"])
    }

    @Test("a fallback hears once, though a restart was killed before it could try", arguments: [false, true])
    func toldTwice(isCutShort: Bool) {
        var world = World()
        let plan = agenda(rules: ["7d"], channels: [channel("lab", fallback: "ops"), channel("ops")])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["ops": .delivered], due)
        world.answer(["lab": .disable(reason: "HTTP 404")], due)
        world.answer(["ops": .delivered], due)
        if isCutShort {
            world.crash()
            world.start(plan, "2025-08-13T10:00:00Z")
        }
        world.crash()
        world.start(plan, "2025-08-13T10:00:10Z")
        world.answer(["lab": .disable(reason: "HTTP 404")], "2025-08-13T10:00:11Z")
        #expect(world.sending == [])
    }

    @Test("what may have arrived is not sent again to a channel that wants that held", arguments: 0..<3)
    func heldAtLast(way: Int) {
        var world = World()
        let plan = { (wants: Channel.OnUnknown) in
            agenda(
                ["a": "2025-08-20", "b": "2025-08-21"], rules: ["7d"],
                channels: [channel("lab", onUnknown: wants)])
        }
        world.start(plan(.resend), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(.unknown(reason: "no answer"), "2025-08-13T09:00:30Z")
        switch way {
        case 0: break
        case 1:
            world.handle(
                .muteRequested(channel: "lab", until: instant("2025-08-13T12:00:00Z")), "2025-08-13T09:00:31Z"
            )
        default:
            let key = MilestoneKey(issue: "a", milestone: "submission")
            world.handle(
                .markRequested([key], .snoozed(until: instant("2025-08-13T12:00:00Z"))),
                "2025-08-13T09:00:31Z")
        }
        world.handle(.reloaded(plan(.hold)), "2025-08-13T09:30:00Z")
        world.handle(.time, "2025-08-13T12:00:00Z")
        #expect(world.sending == [])
        #expect(world.states("a") == ["7d lab": "held"])
    }
}

@Suite("Troubles that meet")
struct TroubleTests {
    private let due = "2025-08-13T09:00:00Z"
    private let key = MilestoneKey(issue: "a", milestone: "submission")

    @Test("an alert that may have arrived and is held silences no later one")
    func heldAlert() {
        var world = World()
        world.start(
            agenda(
                rules: ["7d", "6d"],
                channels: [channel("lab", fallback: "ops"), channel("ops", onUnknown: .hold)]),
            "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["ops": .delivered], due)
        world.answer(["lab": .permanent(reason: "HTTP 418")], due)
        world.answer(["ops": .unknown(reason: "reset")], due)
        world.handle(.time, "2025-08-14T09:00:00Z")
        world.answer(["ops": .delivered], "2025-08-14T09:00:00Z")
        world.answer(["lab": .disable(reason: "HTTP 404")], "2025-08-14T09:00:00Z")
        #expect(world.sent.map(\.kind) == [.alert(.disabled(channel: "lab", reason: "HTTP 404"))])
    }

    @Test(
        "that a channel is dead is told, though an earlier trouble of it was not told yet, or its fallback is dead too",
        arguments: [false, true])
    func deadIsTold(isFallbackDead: Bool) {
        var world = World()
        world.start(
            agenda(rules: ["7d", "6d"], channels: [channel("lab", fallback: "ops"), channel("ops")]),
            "2025-08-01T00:00:00Z")
        if !isFallbackDead {
            world.handle(.muteRequested(channel: "ops", until: .distantFuture), "2025-08-01T00:00:01Z")
        }
        world.handle(.time, due)
        world.answer(["ops": .disable(reason: "HTTP 404"), "lab": .permanent(reason: "HTTP 418")], due)
        world.handle(.time, "2025-08-14T09:00:00Z")
        world.answer(.disable(reason: "HTTP 404"), "2025-08-14T09:00:00Z")
        world.handle(.resumed(channel: "ops"), "2025-08-15T00:00:00Z")
        var kinds: [Delivery.Kind] = []
        while !world.sent.isEmpty {
            kinds += world.sent.map(\.kind)
            world.answer(.delivered, "2025-08-15T00:00:01Z")
        }
        #expect(kinds.contains(.alert(.disabled(channel: "lab", reason: "HTTP 404"))))
    }

    @Test("a message under way at each of many kills is repeated as seldom as any whose answer is lost")
    func killLoop() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        var requests = world.sent.count
        for minute in 10...59 {
            world.crash()
            world.start(plan, "2025-08-13T09:\(minute):00Z")
            requests += world.sent.count
        }
        #expect(requests <= 5)
    }

    @Test("three refusals of a credential that are not in a row disable nothing")
    func strikesInRow() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        for hour in 0..<5 {
            let now = instant(due) + .hours(Int64(hour))
            let identity = world.sent[0].identity
            world.sent = []
            if hour.isMultiple(of: 2) {
                world.handle(.answered(identity, .disable(reason: "HTTP 401", strikes: 3), status: 401), now)
            } else {
                world.handle(.answered(identity, .retry(wait: nil, reason: "HTTP 502"), status: 502), now)
            }
            world.handle(.time, now + .hours(1))
        }
        #expect(world.engine.record(of: "lab")?.disabled == nil)
    }

    @Test(
        "what was held for days, or is wanted once more, is not given up at its first failure",
        arguments: [false, true])
    func patience(isResent: Bool) {
        var world = World()
        world.start(agenda(["a": "2025-08-30"], rules: ["17d"]), "2025-08-01T00:00:00Z")
        var now = instant(due)
        world.handle(.time, now)
        func fail(_ verdict: Verdict) {
            let identity = world.sent[0].identity
            world.sent = []
            world.handle(.answered(identity, verdict), now)
        }
        var tries = 0
        while isResent ? world.states("a")["17d lab"] != "expired" : tries < 7 {
            fail(.retry(wait: nil, reason: "503"))
            now = now + .hours(2)
            world.handle(.time, now)
            tries += 1
        }
        if isResent {
            world.handle(.resendRequested(world.journal.values.first!), now)
        } else {
            fail(.disable(reason: "HTTP 404"))
            now = now + .days(4)
            world.handle(.resumed(channel: "lab"), now)
        }
        fail(.retry(wait: .seconds(1), reason: "429"))
        #expect(world.states("a")["17d lab"] == "waiting")
    }

    @Test("what was delivered does not become superseded because somebody wants it once more")
    func resendOld() throws {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "3d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(.delivered, due)
        let old = try #require(world.journal.values.first)
        world.handle(.time, "2025-08-17T09:00:00Z")
        world.answer(.retry(wait: .hours(1), reason: "503"), "2025-08-17T09:00:00Z")
        let isRefused = world.engine.objection(toResending: old) != nil
        world.handle(.resendRequested(old), "2025-08-17T09:00:10Z")
        world.handle(.time, "2025-08-17T10:30:00Z")
        #expect(world.states("a")["7d lab"] != "superseded")
        #expect(isRefused == (world.states("a")["7d lab"] == "delivered"))
    }

    @Test("what a service refuses in words that nobody knows is tried again, in plain text too")
    func perhapsMalformed() throws {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(.malformed(reason: "HTTP 200: 4711", isCertain: false), due)
        #expect(try #require(world.sent.first).isPlain)
        world.answer(.malformed(reason: "HTTP 200: 4711", isCertain: false), due)
        #expect(world.states("a")["7d lab"] == "waiting" && world.sent.isEmpty)
        world.handle(.time, "2025-08-13T09:01:00Z")
        world.answer(.malformed(reason: "HTTP 400"), "2025-08-13T09:01:00Z")
        #expect(world.states("a")["7d lab"] == "refused")
    }

    @Test("what is folded by a reload is tried as plain text before it is refused")
    func mixedFold() throws {
        var world = World()
        let deadlines: KeyValuePairs = ["z": "2025-08-20", "b": "2025-08-20"]
        world.start(agenda(deadlines, rules: ["7d"], channels: [channel("lab")]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(.malformed(reason: "HTTP 400"), due)
        world.answer(.retry(wait: nil, reason: "503"), due)
        world.handle(
            .reloaded(agenda(deadlines, rules: ["7d"], channels: [channel("lab", burst: 2)])),
            "2025-08-13T09:00:01Z")
        world.handle(.time, "2025-08-13T09:00:10Z")
        #expect(world.sent.count == 2)
        let wasPlain = try #require(world.engine.message(about: world.sent, now: instant(due))).isPlain
        let leader = world.sent[0].identity
        world.sent = []
        world.handle(.answered(leader, .malformed(reason: "HTTP 400")), "2025-08-13T09:00:10Z")
        #expect(wasPlain || world.sent.count == 2)
    }

    @Test("a fallback hears that a reader is elsewhere, though it has not yet heard of an earlier trouble")
    func readdressedAfterTrouble() {
        var world = World()
        let channels = [channel("lab", fallback: "ops"), channel("ops")]
        world.start(
            agenda(["a": "2025-08-20", "b": "2025-08-21"], rules: ["7d"], channels: channels),
            "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["lab": .permanent(reason: "no"), "ops": .delivered], due)
        // The alert does not reach the fallback for two days.
        for hour in 0..<3 {
            world.answer(["ops": .retry(wait: .hours(6), reason: "503")], "2025-08-13T09:0\(hour):00Z")
        }
        world.handle(.time, "2025-08-14T09:00:00Z")
        world.answer(
            ["lab": .readdressed(Forwarding(from: "1", to: "2"), reason: "moved")], "2025-08-14T09:00:01Z")
        let alerts = world.journal.values.filter { $0.identity.reminder == "alert lab" }
        #expect(alerts.count == 2)
    }

    @Test("a reminder that gives way to one that was sent is not held for ever")
    func heldWhileGivingWay() throws {
        var world = World()
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["7d", "3d"], at: at) }
        world.start(plan("09:00"), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(.delivered, due)
        world.handle(.time, "2025-08-17T09:00:00Z")
        world.answer(.delivered, "2025-08-17T09:00:00Z")
        let seen = try #require(world.journal.values.first { $0.identity.reminder == "7d" })
        // Somebody wants the 7d once more; its channel turns out to be gone. The hour changes.
        world.handle(.resendRequested(seen), "2025-08-17T10:00:00Z")
        world.answer(.disable(reason: "404"), "2025-08-17T10:00:01Z")
        world.handle(.reloaded(plan("18:00")), "2025-08-17T11:00:00Z")
        world.answer(.disable(reason: "404"), "2025-08-17T11:00:01Z")
        world.holdsCommits = true
        world.handle(.time, "2025-08-17T18:00:00Z")
        world.handle(.resumed(channel: "lab"), "2025-08-17T18:00:00Z")
        world.releaseCommit("2025-08-17T18:00:01Z")
        world.handle(.time, "2025-08-17T18:05:00Z")
        #expect(world.states("a")["7d lab"] == "sending")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test(
        "what arrived and is wanted once more is a message of its own, and stays that over a lost answer and a crash"
    )
    func resendOfArrived() throws {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        func id() throws -> String {
            try #require(world.engine.message(about: world.sent, now: instant(due))).id
        }
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        var ids = [try id()]
        world.answer(.delivered, due)
        world.handle(
            .resendRequested(try #require(world.journal.values.first)), "2025-08-14T09:00:00Z")
        ids.append(try id())
        #expect(ids[0] != ids[1])
        world.answer(.unknown(reason: "no answer"), "2025-08-14T09:00:01Z")
        world.crash()
        world.start(plan, "2025-08-14T09:30:00Z")
        ids.append(try id())
        #expect(ids[1] == ids[2])
    }

    @Test("what arrived since somebody looked at it is a possible repeat when it is sent again")
    func staleResend() throws {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(.retry(wait: nil, reason: "503"), due)
        let seen = try #require(world.journal.values.first)
        world.handle(.time, "2025-08-13T09:01:00Z")
        world.answer(.delivered, "2025-08-13T09:01:00Z")
        world.handle(.resendRequested(seen), "2025-08-13T09:01:01Z")
        // It is refused, or marked; never sent as if for the first time.
        let unmarked = world.sent.filter { !$0.isPossibleRepeat }
        #expect(unmarked.isEmpty)
    }

    @Test("what somebody wants sent is, though it was just written down as over and the journal had it")
    func wantedMeanwhile() throws {
        let at = { agenda(["a": "2025-08-20"], rules: ["7d", "1d"], at: $0, catchUp: .none) }
        var world = World()
        world.start(at("09:00"), "2025-08-12T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        world.handle(.reloaded(at("18:00")), "2025-08-13T10:00:00Z")
        world.handle(.stopRequested, "2025-08-13T10:00:01Z")
        let wanted = try #require(world.journal.values.first { $0.identity.reminder == "7d" })
        world.crash()
        world.holdsCommits = true
        world.start(at("18:00"), "2025-08-13T19:00:00Z")
        world.handle(.resendRequested(wanted), "2025-08-13T19:00:01Z")
        world.releaseCommit("2025-08-13T19:00:02Z")
        world.handle(.time, "2025-08-13T19:00:03Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("what is snoozed is not said to be sent again")
    func resendSnoozed() throws {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(.delivered, due)
        world.handle(
            .markRequested([key], .snoozed(until: instant("2025-08-16T00:00:00Z"))), "2025-08-13T10:00:00Z")
        let delivery = try #require(world.journal.values.first)
        let objection = world.engine.objection(toResending: delivery)
        world.handle(.resendRequested(delivery), "2025-08-13T11:00:00Z")
        #expect(objection != nil || world.sent.count == 1)
    }

    @Test("a test that fails says why")
    func testFails() throws {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.testRequested(channel: "lab"), "2025-08-01T00:01:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 503"), "2025-08-01T00:01:01Z")
        #expect(world.journal.values.first?.state.reason == "HTTP 503")
    }

    @Test(
        "so does one that waits for a request that ends its channel, or pauses that or its vendor",
        arguments: [
            .disable(reason: "HTTP 404"), .limited(wait: .hours(6), reason: "HTTP 404"),
            .retry(wait: nil, reason: "HTTP 404"),
        ] as [Verdict])
    func testEnds(_ verdict: Verdict) {
        var world = World()
        world.start(agenda(channels: [channel("lab"), channel("ops")]), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        world.answer(["ops": .delivered], due)
        world.handle(.testRequested(channel: "lab"), due)
        // That of another channel is being written down.
        world.holdsCommits = true
        world.handle(.testRequested(channel: "ops"), due)
        world.answer(["lab": verdict], due)
        world.releaseCommit("2025-08-13T09:00:01Z")
        let tests = world.journal.values.filter { $0.kind == .test }
        let lab = tests.first { $0.identity.channel == "lab" }
        #expect(lab?.state == .cancelled(reason: "HTTP 404"))
        if case .limited = verdict {
            #expect(tests.allSatisfy { $0.state.isFinal })
        } else {
            #expect(world.sending == [" test ops"])
        }
    }
}
