import Engine
import Messages
import Schedule
import Testing

@Suite("Many reminders in one message")
struct TogetherTests {
    private let due = "2025-08-13T09:00:00Z"

    @Test("reminders of one instant are one message from 'burst' on, and each keeps its own row")
    func folded() throws {
        var world = World()
        world.start(plan(5, channel("lab", burst: 3)), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        #expect(world.sent.count == 5 && Set(world.sent.map(\.fold)).count == 1)
        let message = try #require(world.engine.message(about: world.sent, now: instant(due)))
        #expect(message.kind == .several && message.parts.count == 5 && message.headline == "5 reminders")
        world.handle(.answered(world.sent[2].identity, .delivered), "2025-08-13T09:00:01Z")
        #expect(world.journal.values.count { $0.state == .delivered } == 5)
    }

    @Test("fewer than 'burst' go one by one")
    func few() throws {
        var world = World()
        world.start(plan(2, channel("lab", burst: 3)), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        #expect(world.sent.count == 1 && world.sent[0].fold == nil)
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        #expect(world.sent.count == 1)
    }

    @Test("what failed together is tried again together, under the same name, over a crash too")
    func retried() throws {
        var world = World()
        let plan = plan(4, channel("lab", burst: 2))
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        let first = try #require(world.engine.message(about: world.sent, now: instant(due))).identity
        let leader = world.sent[0].identity
        world.sent = []
        world.handle(.answered(leader, .retry(wait: nil, reason: "HTTP 500")), "2025-08-13T09:00:01Z")
        #expect(world.journal.values.allSatisfy { if case .waiting = $0.state { true } else { false } })
        world.handle(.time, try #require(world.wake))
        #expect(world.sent.count == 4 && !world.sent.contains { $0.isPossibleRepeat })
        world.crash()
        world.start(plan, "2025-08-13T09:01:00Z")
        #expect(world.sent.count == 4 && world.sent.allSatisfy { $0.isPossibleRepeat && $0.attempts == 3 })
        let again = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-13T09:01:00Z")))
        #expect(
            again.identity == first && again.identity.messageID == first.messageID && again.isPossibleRepeat)
    }

    /// The same issues with another deadline.
    private func moved(_ plan: Agenda, _ numbers: Range<Int>, to deadline: String) throws -> Agenda {
        var plan = plan
        for number in numbers {
            plan.issues[number].milestones[0] = Milestone(
                name: Milestone.submission, written: "",
                deadline: Deadline(try DeadlineValue(deadline), zone: .utc), schedule: 0, channels: [0])
        }
        return plan
    }

    @Test("four hundred deadlines that one edit moves are one message, and each keeps its own row")
    func movedTogether() throws {
        var world = World()
        let before = plan(400, channel("lab", burst: 5))
        world.start(before, "2025-08-01T00:00:00Z")
        var after = try moved(before, 0..<399, to: "2025-09-20")
        after = try moved(after, 399..<400, to: "2025-08-19")
        world.handle(.reloaded(after), "2025-08-02T00:00:00Z")
        #expect(world.sent.count == 400 && Set(world.sent.map(\.fold)).count == 1)
        let message = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-02T00:00:00Z")))
        #expect(message.headline == "400 dates moved" && message.parts.count == 400)
        #expect(message.parts.first?.headline == "Deadline brought forward")
        #expect(message.parts.last?.headline == "Deadline extended")
        let leader = world.sent[0].identity
        world.sent = []
        // A refused form is tried once more for all of them.
        world.handle(.answered(leader, .malformed(reason: "HTTP 400")), "2025-08-02T00:00:01Z")
        #expect(world.sent.count == 400 && world.sent.allSatisfy(\.isPlain))
        world.handle(.answered(leader, .delivered), "2025-08-02T00:00:02Z")
        #expect(world.journal.values.count { $0.state == .delivered } == 400)
        #expect(Set(world.journal.values.map(\.identity.messageID)).count == 400)
    }

    @Test("fewer moves than 'burst' are told one by one, and so are those of a channel without it")
    func fewMoves() throws {
        for (burst, count) in [(5, 4), (nil, 10)] {
            var world = World()
            let before = plan(count, channel("lab", burst: burst))
            world.start(before, "2025-08-01T00:00:00Z")
            world.handle(.reloaded(try moved(before, 0..<count, to: "2025-09-20")), "2025-08-02T00:00:00Z")
            #expect(world.sent.count == 1 && world.sent[0].fold == nil)
        }
    }

    @Test("a deadline that moves once more before the news of many arrived is told from what was heard last")
    func movedAgain() throws {
        var world = World()
        let before = plan(3, channel("lab", burst: 2))
        world.start(before, "2025-08-01T00:00:00Z")
        let once = try moved(before, 0..<3, to: "2025-09-20")
        world.handle(.reloaded(once), "2025-08-02T00:00:00Z")
        let leader = world.sent[0].identity
        world.sent = []
        world.handle(.answered(leader, .retry(wait: nil, reason: "HTTP 500")), "2025-08-02T00:00:01Z")
        world.handle(.reloaded(try moved(once, 0..<1, to: "2025-10-20")), "2025-08-02T00:00:02Z")
        world.handle(.time, "2025-08-02T00:10:00Z")
        var told: [String: Delivery.Kind] = [:]
        while !world.sent.isEmpty {
            for delivery in world.sent { told[delivery.identity.issue] = delivery.kind }
            world.answer(.delivered, "2025-08-02T00:10:01Z")
        }
        let old = instant("2025-08-21T00:00:00Z")
        #expect(told == ["i0": .moved(from: old), "i1": .moved(from: old), "i2": .moved(from: old)])
        #expect(world.journal.values.count { $0.state == .delivered } == 3)
        #expect(world.journal.values.count { $0.state == .cancelled(reason: "its deadline moved") } == 1)
    }

    @Test("deadlines that passed together while the service was down are one message")
    func passedTogether() throws {
        var world = World()
        let plan = plan(6, channel("lab", burst: 3))
        world.start(plan, "2025-08-01T00:00:00Z")
        world.crash()
        world.start(plan, "2025-08-22T00:00:00Z")
        #expect(world.sent.count == 6 && world.sent.allSatisfy { $0.kind == .passed })
        let message = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-22T00:00:00Z")))
        #expect(message.headline == "6 dates passed" && message.parts.count == 6)
    }

    @Test("questions of one day are one message, beside the reminders of the same instant and not among them")
    func kindsApart() throws {
        var world = World()
        var plan = plan(4, rules: ["7d"], channel("lab", burst: 3))
        plan.confirmAfter = 12
        for index in plan.issues.indices {
            plan.issues[index].checked = CivilDate(year: 2025, month: 8, day: 1)
        }
        world.start(plan, "2025-08-02T00:00:00Z")
        world.handle(.time, due)
        var headlines: [String] = []
        while !world.sent.isEmpty {
            let message = try #require(world.engine.message(about: world.sent, now: instant(due)))
            headlines.append(message.headline)
            world.answer(.delivered, due)
        }
        #expect(headlines.sorted() == ["4 reminders", "Are these 4 dates still right?"])
        #expect(world.journal.values.count { $0.state == .delivered } == 8)
    }

    @Test("one whose deadline moves leaves the others their message")
    func moved() throws {
        var world = World()
        let lab = channel("lab", burst: 2)
        world.start(plan(3, lab), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        let leader = world.sent[0].identity
        world.sent = []
        world.handle(.answered(leader, .unknown(reason: "reset")), "2025-08-13T09:00:01Z")
        var after = plan(3, lab)
        let later = Deadline(try DeadlineValue("2025-09-20"), zone: .utc)
        after.issues[0].milestones[0] = Milestone(
            name: Milestone.submission, written: "", deadline: later, schedule: 0, channels: [0])
        world.handle(.reloaded(after), "2025-08-13T09:00:02Z")
        world.answer(.delivered, "2025-08-13T09:00:03Z")
        world.handle(.time, "2025-08-13T09:10:00Z")
        while !world.sent.isEmpty { world.answer(.delivered, "2025-08-13T09:10:01Z") }
        #expect(world.states("i0")["7d lab"] == "cancelled")
        #expect(world.states("i1")["7d lab"] == "delivered" && world.states("i2")["7d lab"] == "delivered")
    }

    @Test("a form that is refused is tried once as plain text, and then given up", arguments: [1, 3])
    func plain(count: Int) throws {
        var world = World()
        world.start(plan(count, channel("lab", burst: 2)), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        #expect(!world.sent.contains { $0.isPlain })
        let leader = world.sent[0].identity
        world.sent = []
        world.handle(.answered(leader, .malformed(reason: "HTTP 400")), "2025-08-13T09:00:01Z")
        #expect(world.sent.count == count && world.sent.allSatisfy { $0.isPlain && $0.attempts == 2 })
        world.sent = []
        world.handle(.answered(leader, .malformed(reason: "HTTP 400")), "2025-08-13T09:00:02Z")
        #expect(world.sent.isEmpty)
        #expect(world.journal.values.allSatisfy { $0.state == .refused(reason: "HTTP 400") })
    }

    @Test("a chat that moved is followed, once, over a restart too, and while the configuration is the same")
    func forwarded() throws {
        var world = World()
        let plan = plan(1, channel("lab"))
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        let forwarding = Forwarding(from: "-1", to: "-1001")
        world.answer(.readdressed(forwarding, reason: "HTTP 400"), "2025-08-13T09:00:01Z")
        #expect(world.engine.message(about: world.sent, now: instant(due))?.forwarding == forwarding)
        world.answer(.delivered, "2025-08-13T09:00:02Z")
        world.crash()
        world.start(plan, "2025-08-14T00:00:00Z")
        world.handle(.time, "2025-08-17T09:00:00Z")
        #expect(world.engine.message(about: world.sent, now: instant(due))?.forwarding == forwarding)
        world.answer(.readdressed(forwarding, reason: "HTTP 400"), "2025-08-17T09:00:01Z")
        #expect(world.sent.isEmpty && world.states("i0")["3d lab"] == "refused")
    }

    @Test("who is sent from one chat to the next waits like any other after the second time")
    func forwardedForEver() throws {
        var world = World()
        world.start(plan(1, channel("lab")), "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        for number in 1...2 {
            world.answer(.readdressed(Forwarding(from: "-1", to: "\(number)"), reason: "moved"), due)
            #expect(world.sent.count == 1)
        }
        world.answer(.readdressed(Forwarding(from: "-1", to: "3"), reason: "moved"), due)
        #expect(world.sent.isEmpty && world.wake.map { $0 > instant(due) } == true)
        #expect(world.memory.destinations["lab"]?.forwarding?.to == "3")
    }

    @Test("two messages of several never have one identity", arguments: 0..<2)
    func foldIdentity(_ way: Int) throws {
        var world = World()
        let lab = channel("lab", burst: 2)
        world.start(
            agenda(
                ["a": "2025-08-20", "b": "2025-08-20", "c": "2025-08-20"], rules: ["7d"], channels: [lab]),
            "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        #expect(world.sent.count == 3)
        world.answer(way == 0 ? .retry(wait: nil, reason: "503") : .unknown(reason: "no answer"), due)
        for issue in ["a", "b"] {
            world.handle(
                .markRequested(
                    [MilestoneKey(issue: issue, milestone: "submission")],
                    .snoozed(until: instant("2025-08-14T00:00:00Z"))), "2025-08-13T09:00:01Z")
        }
        world.handle(.time, "2025-08-13T09:05:00Z")
        #expect(world.sending == ["c 7d lab"])
        let one = try #require(world.engine.message(about: world.sent, now: instant("2025-08-13T09:05:00Z")))
        world.answer(.delivered, "2025-08-13T09:05:00Z")
        world.handle(.time, "2025-08-14T00:00:00Z")
        #expect(world.sending.sorted() == ["a 7d lab", "b 7d lab"])
        let other = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-14T00:00:00Z")))
        #expect(one.identity.messageID != other.identity.messageID)
    }

    @Test(
        "two messages of several never have one identity, though the first was snoozed while it was written")
    func foldNames() throws {
        var world = World()
        var plan = agenda([:], rules: ["7d"], channels: ["lab"])
        plan.issues = issues(4)
        plan.channels = [channel("lab", burst: 2)]
        world.start(plan, "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.time, due)
        let keys = ["i0", "i3"].map { MilestoneKey(issue: $0, milestone: "submission") }
        world.handle(
            .markRequested(keys, .snoozed(until: instant("2025-08-13T10:00:00Z"))), "2025-08-13T09:00:01Z")
        world.releaseCommit("2025-08-13T09:00:02Z")
        #expect(world.sent.map(\.identity.issue).sorted() == ["i1", "i2"])
        let one = try #require(world.engine.message(about: world.sent, now: instant("2025-08-13T09:00:02Z")))
        world.sent.removeLast()
        world.answer(.delivered, "2025-08-13T09:00:03Z")
        world.handle(.time, "2025-08-13T10:00:00Z")
        #expect(world.sent.map(\.identity.issue).sorted() == ["i0", "i3"])
        let other = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-13T10:00:00Z")))
        #expect(one.identity.messageID != other.identity.messageID)
    }

    @Test("nor where what was sent together was disabled, and somebody let a part of it wait")
    func foldOverDisabled() throws {
        var world = World()
        let lab = channel("lab", burst: 2)
        world.start(
            agenda(
                ["a": "2025-08-20", "b": "2025-08-20", "c": "2025-08-20"], rules: ["7d"], channels: [lab]),
            "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        #expect(world.sent.count == 3)
        world.answer(.disable(reason: "HTTP 404"), "2025-08-13T09:00:01Z")
        for issue in ["a", "b"] {
            world.handle(
                .markRequested(
                    [MilestoneKey(issue: issue, milestone: "submission")],
                    .snoozed(until: instant("2025-08-14T00:00:00Z"))), "2025-08-13T09:10:00Z")
        }
        world.handle(.resumed(channel: "lab"), "2025-08-13T10:00:00Z")
        #expect(world.sending == ["c 7d lab"])
        let one = try #require(world.engine.message(about: world.sent, now: instant("2025-08-13T10:00:00Z")))
        world.answer(.delivered, "2025-08-13T10:00:01Z")
        world.handle(.time, "2025-08-14T00:00:00Z")
        #expect(world.sending.sorted() == ["a 7d lab", "b 7d lab"])
        let other = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-14T00:00:00Z")))
        #expect(one.identity.messageID != other.identity.messageID)
    }

    @Test("nor where its channel was muted before it came back")
    func foldAway() throws {
        var world = World()
        let lab = channel("lab", burst: 2)
        let three = agenda(
            ["a": "2025-08-20", "b": "2025-08-20", "c": "2025-08-20"], rules: ["7d"], channels: [lab])
        world.start(three, "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.disable(reason: "HTTP 404"), "2025-08-13T09:00:01Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-14T00:00:00Z")), "2025-08-13T09:10:00Z")
        for issue in ["a", "b"] {
            world.handle(
                .markRequested(
                    [MilestoneKey(issue: issue, milestone: "submission")],
                    .snoozed(until: instant("2025-08-15T00:00:00Z"))), "2025-08-13T09:10:00Z")
        }
        world.handle(.reloaded(three), "2025-08-13T10:00:00Z")
        world.handle(.time, "2025-08-14T00:00:00Z")
        let one = world.engine.message(about: world.sent, now: instant("2025-08-14T00:00:00Z"))
        world.answer(.delivered, "2025-08-14T00:00:01Z")
        world.handle(.time, "2025-08-15T00:00:00Z")
        let other = world.engine.message(about: world.sent, now: instant("2025-08-15T00:00:00Z"))
        #expect(one?.identity.messageID != other?.identity.messageID)
    }

    @Test("what shares a message is repeated together after a kill, though one of it was lost before")
    func repeatedTogether() throws {
        var world = World()
        func plan(burst: Int?) -> Agenda {
            agenda(
                ["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"],
                channels: [channel("lab", burst: burst)])
        }
        world.start(plan(burst: nil), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.unknown(reason: "no answer"), "2025-08-13T09:00:01Z")
        world.handle(.time, "2025-08-13T09:00:10Z")
        world.answer(.retry(wait: .minutes(5), reason: "HTTP 503"), "2025-08-13T09:00:11Z")
        world.handle(.reloaded(plan(burst: 2)), "2025-08-13T09:01:00Z")
        world.handle(.time, "2025-08-13T09:05:12Z")
        #expect(world.sent.count == 2)
        world.crash()
        world.start(plan(burst: 2), "2025-08-13T09:05:20Z")
        if world.sent.isEmpty { world.handle(.time, try #require(world.wake)) }
        #expect(world.sent.count == 2)
    }
}
