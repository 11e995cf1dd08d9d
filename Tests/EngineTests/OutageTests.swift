import Engine
import Messages
import Schedule
import Testing

@Suite("What fails for long, and what its fallback hears of that")
struct OutageTests {
    private let channels = [channel("lab", fallback: "ops"), channel("ops")]

    /// One issue that the lab alone hears of.
    private func ofLab(_ rules: [String], _ deadline: String = "2025-08-20") -> Agenda {
        var plan = agenda(["a": deadline], rules: rules, channels: channels)
        plan.issues[0].milestones = plan.issues[0].milestones.map { $0.reminding([0]) }
        return plan
    }

    /// The alerts that are in the journal.
    private func told(_ world: World) -> [ServiceAlert] {
        world.journal.values.sorted { $0.due < $1.due }.compactMap {
            if case .alert(let alert) = $0.kind { alert } else { nil }
        }
    }

    /// Lives on by the wakes that are asked for, while the lab is out of order and others are well: when they hear of that.
    private func alerts(_ world: inout World, until end: Instant) -> [Instant] {
        var alerts: [Instant] = []
        var now = Instant.distantPast
        while let wake = world.wake, wake <= end {
            now = max(now, wake)
            world.handle(.time, now)
            while !world.sent.isEmpty {
                let under = world.sent
                world.sent = []
                for delivery in under {
                    if case .alert = delivery.kind { alerts.append(now) }
                    let isLab = delivery.identity.channel == "lab"
                    let verdict: Verdict = isLab ? .retry(wait: nil, reason: "HTTP 503") : .delivered
                    world.handle(.answered(delivery.identity, verdict), now)
                }
            }
        }
        return alerts
    }

    @Test(
        "the fallback of a channel that fails hears of it after three days, however much waits for the channel",
        arguments: [1, 5, 20, 100])
    func manyOfOneInstant(_ count: Int) throws {
        var world = World()
        var plan = agenda(["a": "2025-08-20"], rules: ["7d"], channels: channels)
        let issue = plan.issues[0]
        plan.issues = (0..<count).map {
            SpecialIssue(
                id: "i\($0)", title: "T", milestones: issue.milestones.map { $0.reminding([0]) })
        }
        world.start(plan, "2025-08-01T00:00:00Z")
        let due = instant("2025-08-13T09:00:00Z")
        let first = try #require(alerts(&world, until: due + .days(30)).first)
        #expect(first - due <= .hours(74) && first - due >= .hours(70))
    }

    @Test(
        "nor does what comes anew each day keep that from anybody, or stay open for ever",
        arguments: [1, 3, 10])
    func eachDay(_ count: Int) throws {
        var world = World()
        var plan = agenda([:], rules: ["7d"], channels: channels)
        for day in 0..<30 {
            let date = try #require(CivilDate(year: 2025, month: 8, day: 20)).adding(days: day)
            for number in 0..<count {
                let milestone = Milestone(
                    name: "submission", written: "", deadline: Deadline(endOf: date, zone: .utc), schedule: 0,
                    channels: [0])
                plan.issues.append(SpecialIssue(id: "i\(day)-\(number)", title: "T", milestones: [milestone]))
            }
        }
        world.start(plan, "2025-08-01T00:00:00Z")
        let due = instant("2025-08-13T09:00:00Z")
        let first = try #require(alerts(&world, until: due + .days(29)).first)
        #expect(first - due <= .hours(76))
        #expect(world.engine.openCount <= count * 5)
    }

    @Test(
        "a fresher reminder that takes the place of one that failed for days does not keep that from the fallback",
        arguments: [["7d", "5d", "3d", "1d", "0d"], ["every 1d from 30d"]])
    func superseded(_ rules: [String]) throws {
        var world = World()
        world.start(ofLab(rules, "2025-08-31"), "2025-07-30T00:00:00Z")
        let first = try #require(alerts(&world, until: instant("2025-08-31T00:00:00Z")).first)
        #expect(first < instant("2025-08-27T00:00:00Z"))
    }

    @Test(
        "a lost answer waits by how many were lost, whatever else failed before", arguments: [0, 3, 4],
        [1, 2])
    func losses(_ failures: Int, _ losses: Int) throws {
        for failure in [
            Verdict.retry(wait: nil, reason: "HTTP 503"),
            .retry(wait: nil, reason: "HTTP 502", mayHaveArrived: true),
        ] {
            var world = World()
            world.start(agenda(["a": "2025-08-20"], rules: ["0d"]), "2025-08-01T00:00:00Z")
            var now = instant("2025-08-20T09:00:00Z")
            var wait = Span.zero
            world.handle(.time, now)
            let verdicts =
                Array(repeating: failure, count: failures)
                + Array(repeating: .unknown(reason: "no answer in 30 s"), count: losses)
            for verdict in verdicts {
                #expect(world.sending == ["a 0d lab"])
                let under = world.sent
                world.sent = []
                for delivery in under { world.handle(.answered(delivery.identity, verdict), now) }
                let next = try #require(world.wake)
                wait = next - now
                now = next
                world.handle(.time, now)
            }
            // Where its destination has failed often, that pauses for longer.
            #expect(wait >= (losses == 1 ? .seconds(48) : .minutes(8)))
            #expect(wait <= (failures == 0 ? losses == 1 ? .seconds(72) : .minutes(12) : .minutes(36)))
        }
    }

    @Test(
        "what was being repeated after a gateway's failures when the service was killed is repeated at once")
    func killedInRepeat() throws {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["0d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        var now = instant("2025-08-20T09:00:00Z")
        world.handle(.time, now)
        for _ in 0..<4 {
            let under = world.sent
            world.sent = []
            for delivery in under {
                let verdict = Verdict.retry(wait: nil, reason: "HTTP 502", mayHaveArrived: true)
                world.handle(.answered(delivery.identity, verdict), now)
            }
            now = try #require(world.wake)
            world.handle(.time, now)
        }
        #expect(world.sending == ["a 0d lab"])
        world.crash()
        world.start(plan, "\(now + .seconds(2))")
        #expect(world.sending == ["a 0d lab"] || (world.wake ?? .distantFuture) < now + .minutes(8))
    }

    @Test(
        "that a channel is still dead is told once, though its service words that anew each time",
        arguments: [true, false])
    func words(isRestart: Bool) throws {
        func verdicts(_ request: String) throws -> [Verdict] {
            let now = instant("2025-08-13T09:00:00Z")
            let pushover = """
                {"user":"invalid","errors":["user identifier is invalid"],"status":0,"request":"\(request)"}
                """
            let google =
                "5.7.8 Username and Password not accepted. For more: BadCredentials \(request) - gsmtp"
            return [
                try Pushover(ChatServices.example(Pushover.self)).verdict(
                    on: .response(.init(status: 400, body: Array(pushover.utf8))), now: now),
                try Email(ChatServices.example(Email.self)).verdict(
                    on: .response(.init(mail: 535, reply: Array(google.utf8))), now: now),
            ]
        }
        for (first, second) in zip(try verdicts("5042853c-402d"), try verdicts("91c3f6aa-77b2")) {
            #expect(first != second)
            var world = World()
            let plan = ofLab(["7d"])
            world.start(plan, "2025-08-01T00:00:00Z")
            world.handle(.time, "2025-08-13T09:00:00Z")
            world.answer(first, "2025-08-13T09:00:01Z")
            #expect(world.sending == [" alert lab ops"])
            world.answer(.delivered, "2025-08-13T09:00:02Z")
            again(&world, plan, isRestart)
            world.answer(second, "2025-08-13T12:00:01Z")
            #expect(world.sending == [])
        }
    }

    @Test("an alert that never arrived has told nobody", arguments: [true, false])
    func untold(isRestart: Bool) {
        var world = World()
        let plan = ofLab(["7d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.disable(reason: "HTTP 404"), "2025-08-13T09:00:01Z")
        #expect(world.sending == [" alert lab ops"])
        world.answer(.permanent(reason: "HTTP 451"), "2025-08-13T09:00:02Z")
        again(&world, plan, isRestart)
        world.answer(.disable(reason: "HTTP 404"), "2025-08-13T12:00:01Z")
        #expect(world.sending == [" alert lab ops"])
    }

    @Test("nor has one that was cancelled with its reader")
    func cancelled() {
        var world = World()
        let full = ofLab(["7d", "1d"])
        var without = full
        without.channels = [channel("lab")]
        world.start(full, "2025-08-12T00:00:00Z")
        world.handle(
            .muteRequested(channel: "ops", until: instant("2025-08-14T00:00:00Z")), "2025-08-13T08:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(["lab": .disable(reason: "HTTP 404")], "2025-08-13T09:00:01Z")
        world.handle(.reloaded(without), "2025-08-13T10:00:00Z")
        world.handle(.reloaded(full), "2025-08-13T10:00:00Z")
        world.answer(["lab": .disable(reason: "HTTP 404")], "2025-08-13T10:00:01Z")
        world.handle(.time, "2025-08-14T00:00:01Z")
        #expect(world.sending == [" alert lab ops"])
    }

    @Test("that a chat moved is no news of what it then refuses")
    func movedAndRefused() {
        var world = World()
        world.start(ofLab(["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(
            ["lab": .readdressed(Forwarding(from: "1", to: "2"), reason: "upgraded")], "2025-08-13T09:00:01Z")
        // The alert is still on its way.
        world.answer(["lab": .permanent(reason: "not a member")], "2025-08-13T09:00:02Z")
        world.answer(["ops": .delivered], "2025-08-13T09:00:03Z")
        #expect(
            told(world).contains { if case .gaveUp = $0 { true } else { false } }, "\(told(world))")
    }

    @Test("of what expires in one message the fallback hears how many they were")
    func expiredTogether() {
        var plan = plan(3, rules: ["7d"], channel("lab", fallback: "ops", burst: 2))
        plan.channels.append(channel("ops"))
        var world = World()
        world.start(plan, "2025-08-12T00:00:00Z")
        var now = instant("2025-08-13T09:00:00Z")
        world.handle(.time, now)
        while now < instant("2025-08-19T00:00:00Z") {
            let under = world.sent
            world.sent = []
            if let delivery = under.first(where: { $0.identity.channel == "lab" }) {
                world.handle(.answered(delivery.identity, .retry(wait: nil, reason: "503")), now)
            }
            for delivery in under where delivery.identity.channel == "ops" {
                world.handle(.answered(delivery.identity, .delivered), now)
            }
            guard let next = world.wake else { break }
            now = max(now, next)
            world.handle(.time, now)
        }
        let others = told(world).compactMap {
            if case .gaveUp(_, _, let others, _) = $0 { others } else { nil }
        }
        #expect(others == [2])
    }

    @Test("a new address is told to the fallback, though the message that met it had failed before")
    func readdressedAfterFailures() {
        var world = World()
        world.start(ofLab(["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        for minute in ["00", "05"] {
            world.answer(.retry(wait: nil, reason: "HTTP 503"), "2025-08-13T09:\(minute):00Z")
            world.handle(.time, "2025-08-13T09:\(minute):59Z")
        }
        let forwarding = Forwarding(from: "-1", to: "-100")
        world.answer(.readdressed(forwarding, reason: "HTTP 400: upgraded"), "2025-08-13T09:06:00Z")
        #expect(world.engine.record(of: "lab")?.forwarding == forwarding)
        #expect(told(world) == [.readdressed(channel: "lab", to: "-100")])
    }

    @Test("a death is told though another trouble is told in the same millisecond")
    func sameMillisecond() {
        var world = World()
        var plan = agenda(
            ["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"], channels: channels)
        plan.issues = plan.issues.map { issue in
            var issue = issue
            issue.milestones = issue.milestones.map { $0.reminding([0]) }
            return issue
        }
        world.start(plan, "2025-08-01T00:00:00Z")
        let due = "2025-08-13T09:00:00Z"
        world.handle(.time, due)
        world.answer(["lab": .permanent(reason: "HTTP 400: no")], due)
        world.answer(["lab": .disable(reason: "HTTP 410")], due)
        #expect(told(world).contains(.disabled(channel: "lab", reason: "HTTP 410")))
        #expect(told(world).count == 2)
    }

    @Test("the fallback hears of what failed for long and gives way after a refusal of its form")
    func givesWayAgain() {
        var world = World()
        world.start(ofLab(["7d", "5d"]), "2025-08-01T00:00:00Z")
        var now = instant("2025-08-13T09:00:00Z")
        world.handle(.time, now)
        for _ in 0..<9 {
            world.answer(.retry(wait: .hours(5), reason: "HTTP 503"), "\(now)")
            now = now + .hours(5)
            world.handle(.time, now)
        }
        // It is under way when the fresher one falls due.
        #expect(world.sending == ["a 7d lab"])
        world.handle(.time, "2025-08-15T09:00:10Z")
        world.answer(.malformed(reason: "HTTP 400"), "2025-08-15T09:00:20Z")
        #expect(world.states("a")["7d lab"] == "superseded")
        #expect(told(world).count == 1)
    }

    @Test("three refusals of a credential are not in a row where other answers came between")
    func strikesBetween() {
        var world = World()
        world.start(ofLab(["7d"]), "2025-08-01T00:00:00Z")
        var now = instant("2025-08-13T09:00:00Z")
        world.handle(.time, now)
        let form = Verdict.malformed(reason: "HTTP 200: {}", isCertain: false)
        let refusal = Verdict.disable(reason: "HTTP 401", strikes: 3)
        world.answer(form, "\(now)")
        for verdict in [refusal, form, refusal, form, refusal] {
            #expect(world.sending == ["a 7d lab"])
            world.answer(verdict, "\(now)")
            now = now + .hours(1)
            world.handle(.time, now)
        }
        #expect(world.engine.record(of: "lab")?.disabled == nil)
    }

    private func again(_ world: inout World, _ plan: Agenda, _ isRestart: Bool) {
        if isRestart {
            world.crash()
            world.start(plan, "2025-08-13T12:00:00Z")
        } else {
            world.handle(.reloaded(plan), "2025-08-13T12:00:00Z")
        }
        #expect(world.sending == ["a 7d lab"])
    }
}
