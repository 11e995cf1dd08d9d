import Engine
import Messages
import Schedule
import Testing

@Suite("Attempts")
struct AttemptTests {
    private func owing(_ rules: [String] = ["7d"]) -> World {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: rules), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        return world
    }

    @Test("a failed attempt is tried again on the ladder, with jitter of a fifth at most")
    func ladder() throws {
        var world = owing()
        var now = instant("2025-08-13T09:00:00Z")
        for seconds in [5, 30, 120, 300, 900, 1800, 3600, 3600] as [Int64] {
            #expect(world.sending == ["a 7d lab"])
            world.sent = []
            let identity = try #require(world.journal.keys.first)
            world.handle(.answered(identity, .retry(wait: nil, reason: "HTTP 500")), now)
            let next = try #require(world.wake)
            let wait = (next - now).milliseconds
            #expect((seconds * 800...seconds * 1200).contains(wait), "\(wait) ms instead of \(seconds) s")
            world.handle(.time, next - .milliseconds(1))
            #expect(world.sending.isEmpty)
            now = next
            world.handle(.time, now)
        }
    }

    @Test(
        "what a gateway may have handed on is tried again like any other failure, and says that it may be a repeat"
    )
    func gateways() {
        var world = owing()
        world.answer(.retry(wait: nil, reason: "HTTP 504", mayHaveArrived: true), "2025-08-13T09:00:01Z")
        #expect(world.states("a") == ["7d lab": "waiting"])
        world.handle(.time, "2025-08-13T09:00:08Z")
        #expect(world.sending == ["a 7d lab"] && world.sent.allSatisfy(\.isPossibleRepeat))
    }

    @Test("the service's own wait is kept")
    func retryAfter() {
        var world = owing()
        world.answer(.retry(wait: .minutes(10), reason: "HTTP 429"), "2025-08-13T09:00:01Z")
        #expect(world.wake == instant("2025-08-13T09:10:01Z"))
    }

    @Test("what failed for 72 hours is given up, and said")
    func expiry() throws {
        var world = owing()
        let start = instant("2025-08-13T09:00:00Z")
        var now = start
        var tries = 0
        while world.states("a") != ["7d lab": "expired"], tries < 200 {
            let identity = try #require(world.journal.keys.first)
            world.handle(.answered(identity, .retry(wait: nil, reason: "HTTP 500")), now)
            tries += 1
            #expect(now - start < .hours(73))
            guard let next = world.wake else { break }
            now = next
            world.handle(.time, now)
        }
        #expect(world.states("a") == ["7d lab": "expired"] && tries > 60)
        #expect(now - start > .hours(69))
        #expect(world.reports.contains { if case .gaveUp = $0 { true } else { false } })
    }

    @Test("a fresher reminder takes the place of one that waits for another try")
    func fresher() {
        var world = owing(["7d", "6d"])
        world.answer(.retry(wait: .hours(48), reason: "HTTP 429"), "2025-08-13T09:00:01Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        #expect(world.states("a")["7d lab"] == "superseded")
        #expect(world.states("a")["6d lab"] == "owed")
    }

    @Test(
        "nor does one that failed often come after it, whose destination died or wanted another form meanwhile",
        arguments: [Verdict.disable(reason: "HTTP 404"), .malformed(reason: "HTTP 400", isCertain: false)])
    func fresherThanFailedOften(_ verdict: Verdict) {
        var world = owing(["7d", "6d"])
        for hour in 10...12 {
            world.answer(.retry(wait: .hours(1), reason: "HTTP 500"), "2025-08-13T\(hour):00:00Z")
            world.handle(.time, "2025-08-13T\(hour + 1):00:00Z")
        }
        world.handle(.time, "2025-08-14T09:00:00Z")
        world.answer(verdict, "2025-08-14T09:00:20Z")
        world.handle(.resumed(channel: "lab"), "2025-08-14T10:00:00Z")
        #expect(world.states("a")["7d lab"] == "superseded")
        #expect(world.sending == ["a 6d lab"])
    }

    @Test("a message that can never succeed is refused and said")
    func permanent() {
        var world = owing()
        world.answer(.permanent(reason: "HTTP 400"), "2025-08-13T09:00:01Z")
        #expect(world.states("a") == ["7d lab": "refused"])
    }

    @Test("a lost answer is sent again and marked as a possible repeat")
    func unknown() throws {
        var world = owing()
        world.answer(.unknown(reason: "time-out"), "2025-08-13T09:00:01Z")
        world.handle(.time, try #require(world.wake))
        #expect(world.sent.first?.isPossibleRepeat == true)
    }

    @Test("a crash between the request and its outcome sends once more, marked as a possible repeat")
    func crashWhileSending() {
        var world = owing()
        world.crash()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-13T09:00:05Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.sent.first?.isPossibleRepeat == true)
        #expect(world.sent.first?.attempts == 2)
    }

    @Test("a crash before the commit sends nothing, and the restart sends it unmarked")
    func crashBeforeCommit() {
        var world = World()
        let plan = agenda(["a": "2025-08-20"], rules: ["7d"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.crash()
        world.holdsCommits = false
        world.start(plan, "2025-08-13T09:00:05Z")
        #expect(world.sending == ["a 7d lab"])
        #expect(world.sent.first?.isPossibleRepeat == false)
    }

    @Test("one channel has one request under way, and another channel's trouble is not its own")
    func destinations() {
        var world = World()
        let plan = agenda(
            ["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"], channels: ["lab", "office"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sending.sorted() == ["a 7d lab", "a 7d office"])
        let lab = world.sent.first { $0.identity.channel == "lab" }!
        let office = world.sent.first { $0.identity.channel == "office" }!
        world.sent = []
        world.handle(.answered(lab.identity, .retry(wait: nil, reason: "HTTP 500")), "2025-08-13T09:00:01Z")
        world.handle(.answered(office.identity, .delivered), "2025-08-13T09:00:01Z")
        #expect(world.sending == ["b 7d office"])
    }

    @Test("a poisoned message holds up no other of its channel")
    func poison() throws {
        var world = World()
        world.start(agenda(["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:01Z")
        world.handle(.time, instant("2025-08-13T09:00:10Z"))
        #expect(world.sending == ["b 7d lab"])
    }

    @Test("many reminders of one moment are written together, some hundreds at a time")
    func groupCommit() {
        var world = World()
        let pairs = (0..<500).map { ("i\($0)", "2025-08-20") }
        var plan = agenda(["x": "2025-08-20"], rules: ["7d"])
        plan.issues = pairs.flatMap { agenda([$0.0: $0.1], rules: ["7d"]).issues }
        world.start(plan, "2025-08-01T00:00:00Z")
        let before = world.commits
        world.handle(.time, "2025-08-13T09:00:00Z")
        // The first leaves alone, and with nobody else waiting.
        #expect(world.commits == before + 3)
        #expect(world.journal.count == 500)
    }

    @Test("a receiver that takes messages and never answers gets one seven times at most")
    func lostAnswers() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        var (now, requests) = (instant("2025-08-13T09:00:00Z"), 0)
        while !world.sent.isEmpty, requests < 100 {
            requests += world.sent.count
            let under = world.sent
            world.sent = []
            now = now + .seconds(30)
            for delivery in under {
                world.handle(.answered(delivery.identity, .unknown(reason: "no answer")), now)
            }
            guard let wake = world.wake else { break }
            now = max(now, wake)
            world.handle(.time, now)
        }
        #expect(requests <= 8 && requests > 3)
    }

    @Test("a message that failed three times lets one pass that is due later")
    func poisoned() {
        var world = World()
        world.start(agenda(["a": "2025-08-20", "b": "2025-08-21"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        for hour in 10...14 {
            world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T\(hour):00:00Z")
            world.handle(.time, "2025-08-13T\(hour):59:00Z")
        }
        world.answer(.retry(wait: .hours(6), reason: "HTTP 500"), "2025-08-14T08:59:00Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        world.handle(.time, "2025-08-14T15:00:00Z")
        #expect(world.sending == ["b 7d lab"])
    }

    @Test("a test whose channel was removed while it was refused is over")
    func testOfRemovedChannel() {
        var world = World()
        world.start(
            agenda(["a": "2025-08-20"], rules: ["7d"], channels: ["lab", "office"]), "2025-08-01T00:00:00Z")
        world.handle(.testRequested(channel: "office"), "2025-08-01T00:01:00Z")
        world.handle(.reloaded(agenda(["a": "2025-08-20"], rules: ["7d"])), "2025-08-01T00:01:01Z")
        world.answer(.malformed(reason: "HTTP 400"), "2025-08-01T00:01:02Z")
        #expect(!Audit(world.engine, now: instant("2025-08-01T00:01:03Z")).isStuck)
        #expect(world.engine.openCount == 0)
    }
}
