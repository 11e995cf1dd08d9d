import Engine
import Messages
import Schedule
import Testing

import struct Simulation.Randomness

@Suite("What passes is told by a digest that arrives")
struct DigestFailureTests {
    /// Issues of these deadlines, and a channel that hears of them in daily digests alone.
    private func plan(_ deadlines: [Instant]) throws -> Agenda {
        let lab = channel("lab", fallback: "ops", digest: try digests("day at 09:00", ahead: 5))
        var plan = agenda([:], rules: [], channels: [lab, channel("ops")])
        plan.issues = try deadlines.enumerated().map { number, deadline in
            let value = try DeadlineValue("\(deadline)")
            return SpecialIssue(
                id: "i\(number)", title: "T",
                milestones: [
                    Milestone(
                        name: Milestone.submission, written: "", deadline: Deadline(value, zone: .utc),
                        schedule: 0, channels: [0])
                ])
        }
        return plan
    }

    @Test(
        "also what passes between one whose answer was lost and its repeat, which receivers may drop",
        arguments: [false, true])
    func repeated(restarts: Bool) throws {
        var world = World()
        world.start(try plan([instant("2025-08-02T09:00:30Z")]), "2025-08-01T10:00:00Z")
        var shown: [String: Digest] = [:]
        func send(_ now: String) throws {
            world.handle(.time, now)
            let message = try #require(world.engine.message(about: world.sent, now: instant(now)))
            // Of one id the first is shown.
            if shown[message.id] == nil { shown[message.id] = message.digest }
        }
        try send("2025-08-02T09:00:00Z")
        world.answer(.unknown(reason: "time-out"), "2025-08-02T09:00:10Z")
        try send("2025-08-02T09:02:00Z")
        world.answer(.delivered, "2025-08-02T09:02:01Z")
        if restarts {
            world.crash()
            world.start(try plan([instant("2025-08-02T09:00:30Z")]), "2025-08-02T12:00:00Z")
        }
        try send("2025-08-03T09:00:00Z")
        #expect(shown.values.filter { $0.passed.map(\.issue.id) == ["i0"] }.count == 1)
    }

    @Test("also what an earlier one should have told that failed when a later one was due")
    func refused() throws {
        var world = World()
        world.start(try plan([instant("2025-08-01T20:00:00Z")]), "2025-08-01T10:00:00Z")
        for now in [
            "2025-08-02T09:00:00Z", "2025-08-02T15:00:00Z", "2025-08-02T21:00:00Z", "2025-08-03T03:00:00Z",
        ] {
            world.handle(.time, now)
            #expect(world.sending == [" digest lab"])
            world.answer(.retry(wait: .seconds(6 * 3600 - 10), reason: "HTTP 503"), now)
        }
        // It is under way when the next one falls due, and fails once more.
        world.handle(.time, "2025-08-03T08:59:50Z")
        world.handle(.time, "2025-08-03T09:00:00Z")
        world.answer(.retry(wait: .hours(1), reason: "HTTP 503"), "2025-08-03T09:00:05Z")
        world.handle(.time, "2025-08-03T10:30:00Z")
        let message = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-03T10:30:00Z")))
        #expect(message.digest?.passed.map(\.issue.id) == ["i0"])
        world.answer(.delivered, "2025-08-03T10:30:01Z")
        #expect(world.sending.isEmpty)
    }

    @Test(
        "also what none has told yet, where somebody wants one that was superseded", arguments: [false, true])
    func resent(arrives: Bool) throws {
        var world = World()
        world.start(try plan([instant("2025-08-01T20:00:00Z")]), "2025-08-01T10:00:00Z")
        world.handle(.time, "2025-08-02T09:00:00Z")
        let day = Span.seconds(24 * 3600 - 10)
        world.answer(.retry(wait: day, reason: "HTTP 503"), "2025-08-02T09:00:00Z")
        // The second one falls due while the first is under way, and so begins late.
        world.handle(.time, "2025-08-03T08:59:55Z")
        world.handle(.time, "2025-08-03T09:00:00Z")
        world.answer(["lab": .disable(reason: "HTTP 404")], "2025-08-03T09:00:05Z")
        let second = try #require(world.journal.values.first { $0.due == instant("2025-08-03T09:00:00Z") })
        // A third one takes the place of both, and is refused.
        world.handle(.time, "2025-08-04T09:00:00Z")
        world.answer(["ops": .delivered], "2025-08-04T09:00:01Z")
        world.handle(.resumed(channel: "lab"), "2025-08-04T10:00:00Z")
        world.answer(["lab": .permanent(reason: "HTTP 415")], "2025-08-04T10:00:01Z")
        world.answer(["ops": .delivered], "2025-08-04T10:00:02Z")
        let wanted = try #require(world.journal[second.identity])
        #expect(wanted.state == .superseded)
        world.handle(.resendRequested(wanted), "2025-08-04T11:00:00Z")
        var told: [String] = []
        func note(_ now: String) throws {
            world.handle(.time, now)
            let message = try #require(world.engine.message(about: world.sent, now: instant(now)))
            told += message.digest?.passed.map(\.issue.id) ?? []
        }
        if arrives {
            try note("2025-08-04T11:00:00Z")
            world.answer(.delivered, "2025-08-04T11:00:01Z")
        } else {
            world.answer(.retry(wait: .hours(23), reason: "HTTP 503"), "2025-08-04T11:00:01Z")
        }
        try note("2025-08-05T11:00:00Z")
        world.answer(.delivered, "2025-08-05T11:00:01Z")
        #expect(told == ["i0"])
    }

    @Test("and those that gave way to it are over, though they began to tell at different times")
    func severalLeft() throws {
        // A clock that was years back, and then right, finds both.
        func digest(since: String, due: String) -> Delivery {
            Delivery(
                identity: DeliveryIdentity(
                    issue: "", milestone: "", deadline: instant(due), reminder: "digest", channel: "lab"),
                kind: .digest(since: instant(since)), due: instant(due), added: instant(due),
                state: .waiting(until: instant(due), reason: "HTTP 503"), attempts: 1)
        }
        let left = [
            digest(since: "2024-07-31T09:00:00Z", due: "2024-08-01T09:00:00Z"),
            digest(since: "2025-07-31T09:00:00Z", due: "2025-08-01T09:00:00Z"),
        ]
        var world = World()
        world.start(try plan([]), "2025-07-31T10:00:00Z")
        world.leave(left, "2025-08-01T10:00:00Z")
        world.crash()
        world.start(try plan([]), "2025-08-02T10:00:00Z")
        #expect(world.sent.map(\.kind) == [.digest(since: instant("2024-07-31T09:00:00Z"))])
        world.answer(.delivered, "2025-08-02T10:00:01Z")
        #expect(left.map { world.journal[$0.identity]?.state } == [.superseded, .superseded])
    }

    @Test("whatever fails, restarts, is muted and resumed meanwhile")
    func worlds() throws {
        let first = UInt64.random(in: 0..<1 << 62)
        for seed in first..<first + 200 {
            let missing = try passedUntold(seed)
            #expect(missing == [], "seed \(seed)")
        }
    }

    /// What passed within two weeks of troubles and stands in no digest that arrived.
    private func passedUntold(_ seed: UInt64) throws -> [String] {
        var random = Randomness(seed: seed)
        let begin = instant("2025-08-01T10:00:00Z")
        let calm = instant("2025-08-13T12:00:00Z")
        let plan = try plan((0..<20).map { _ in begin + .minutes(Int64(random.number(0..<18_720))) })
        var world = World()
        world.start(plan, "\(begin)")
        var now = begin
        var told: Set<String> = []
        // What was under way says, and what of each identifier arrived first: only that is shown.
        var worded: [DeliveryIdentity: [String]] = [:]
        var shown: [String: [String]] = [:]
        func word() {
            for delivery in world.sent where worded[delivery.identity] == nil {
                let digest = world.engine.message(for: delivery, now: now)?.digest
                worded[delivery.identity] = digest?.passed.map(\.issue.id) ?? []
            }
        }
        func answer(_ verdict: Verdict, arrives: Bool = false) {
            let underWay = world.sent
            world.sent = []
            for delivery in underWay {
                let texts = worded.removeValue(forKey: delivery.identity) ?? []
                let verdict = delivery.identity.channel == "ops" ? .delivered : verdict
                if arrives || verdict == .delivered {
                    let id = delivery.identity.messageID(edition: delivery.edition)
                    shown[id] = shown[id] ?? texts
                    told.formUnion(shown[id] ?? [])
                }
                world.handle(.answered(delivery.identity, verdict, status: 200), now)
            }
            word()
        }
        func pass(_ end: Instant) {
            let step = now + .minutes(Int64(random.number(0..<600)))
            let next = min(world.wake.map { max($0, now + .milliseconds(1)) } ?? step, step)
            now = min(max(next, now), end)
            world.handle(.time, now)
            word()
        }
        while now < calm {
            pass(calm)
            switch random.number(0..<14) {
            case 0...3: answer(.delivered)
            case 4, 5:
                answer(.retry(wait: .hours(Int64(random.number(0..<7))), reason: "HTTP 503"))
            case 6: answer(.permanent(reason: "HTTP 415"))
            case 7: answer(.unknown(reason: "reset"), arrives: random.chance(500))
            case 8: answer(.disable(reason: "HTTP 404"))
            case 9: world.handle(.resumed(channel: "lab"), now)
            case 10:
                let until = now + .hours(Int64(random.number(1..<51)))
                world.handle(.muteRequested(channel: "lab", until: until, isSpan: true), now)
            case 11:
                if random.chance(500) { world.handle(.stopRequested, now) }
                world.crash()
                worded = [:]
                now = min(now + .minutes(Int64(random.number(0..<2000))), calm)
                world.start(plan, "\(now)")
            case 12: world.handle(.reloaded(plan), now)
            default: answer(.malformed(reason: "HTTP 400"))
            }
            word()
        }
        world.handle(.resumed(channel: "lab"), now)
        word()
        let end = instant("2025-08-16T00:00:00Z")
        while now < end {
            while !world.sent.isEmpty { answer(.delivered) }
            pass(end)
        }
        let last = instant("2025-08-14T09:00:00Z")
        return plan.issues.filter {
            ($0.milestones[0].deadline?.instant ?? last) <= last && !told.contains($0.id)
        }.map(\.id)
    }
}
