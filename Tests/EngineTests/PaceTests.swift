import Engine
import Messages
import Schedule
import Testing

import struct Simulation.Silent

@Suite("Many reminders of one instant")
struct PaceTests {
    private let due = "2025-08-13T09:00:00Z"

    /// Issues that are all due at nine on the 13th, each to one of some channels.
    private func started(issues: Int, channels: Int, to channel: (Int) -> Int) -> World {
        started(plan(issues: issues, channels: channels) { [channel($0)] })
    }

    private func started(_ plan: Agenda) -> World {
        var world = World()
        world.start(plan, "2025-08-01T00:00:00Z")
        return world
    }

    private func plan(
        issues: Int, channels: Int, rules: [String] = ["7d"], catchUp: Schedule.CatchUp = .latest,
        to channel: (Int) -> [Int]
    ) -> Agenda {
        let names = (0..<channels).map { "channel \($0)" }
        var plan = agenda([:], rules: rules, channels: names, catchUp: catchUp)
        plan.issues = EngineTests.issues(issues, to: channel)
        return plan
    }

    /// Lets time pass, by the wakes that were asked for and no others.
    private func run(_ world: inout World, for span: Span) {
        let end = instant(due) + span
        var wakes = 0
        while let wake = world.wake, wake <= end, wakes < 10_000 {
            wakes += 1
            world.handle(.time, max(wake, instant(due)))
        }
        #expect(wakes < 10_000, "it asks for the time without end")
    }

    private func additions(_ world: World) throws -> [Delivery] {
        try #require(world.heldCommit).compactMap { change in
            if case .add(let delivery) = change { delivery } else { nil }
        }
    }

    @Test("what can be sent at once is written once, with its first attempt")
    func together() throws {
        var world = started(issues: 1, channels: 1) { _ in 0 }
        world.holdsCommits = true
        world.handle(.time, due)
        let additions = try additions(world)
        #expect(additions.map(\.state) == [.sending(since: instant(due))])
        #expect(additions.map(\.attempts) == [1])
        #expect(world.sent.isEmpty)
        let updates = try #require(world.heldCommit).filter { if case .update = $0 { true } else { false } }
        #expect(updates.isEmpty)
        world.releaseCommit(due)
        #expect(world.sending == ["i0 7d channel 0"])
    }

    @Test(
        "while many requests are under way, the others are written down when they are sent, or seconds later"
    )
    func paced() throws {
        var world = started(issues: 400, channels: 10) { $0 % 10 }
        world.holdsCommits = true
        world.handle(.time, due)
        #expect(try additions(world).count == 10)
        world.releaseCommit(due)
        #expect(world.sent.count == 10)
        #expect(world.journal.count == 10)
        // No answer comes, and so it is time that brings the others.
        let wake = try #require(world.wake)
        #expect(wake > instant(due) && wake <= instant(due) + .seconds(5))
        world.holdsCommits = true
        world.handle(.time, wake)
        // Over all channels, as it will go out.
        let order = try additions(world).map(\.identity.issue)
        #expect(Set(order.prefix(10)) == Set((10..<20).map { "i\($0)" }))
        world.releaseCommit("2025-08-13T09:00:05Z")
        #expect(world.journal.count == 400)
    }

    @Test("a destination with thousands of reminders keeps nobody waiting")
    func fair() throws {
        // All but the last few are for one channel, and come before them.
        var world = started(issues: 2010, channels: 3) { $0 < 2000 ? 0 : 1 + $0 % 2 }
        world.holdsCommits = true
        world.handle(.time, due)
        world.releaseCommit(due)
        #expect(
            Set(world.sending)
                == ["i0 7d channel 0", "i2000 7d channel 1", "i2001 7d channel 2"])
    }

    @Test("whoever finds no place is the first to find one, so that no destination falls behind")
    func turns() {
        var world = started(issues: 2000, channels: 100) { $0 % 100 }
        world.handle(.time, due)
        for _ in 0..<1000 {
            guard let first = world.sent.first else { break }
            world.sent.removeFirst()
            world.handle(.answered(first.identity, .delivered), due)
        }
        var delivered = Array(repeating: 0, count: 100)
        for delivery in world.journal.values where delivery.state == .delivered {
            delivered[Int(delivery.identity.channel.dropFirst("channel ".count)) ?? 0] += 1
        }
        #expect(delivered.reduce(0, +) == 1000)
        #expect(delivered.allSatisfy { (9...11).contains($0) }, "\(delivered)")
    }

    @Test(
        "while a commit takes long, what is due is recorded all the same, and is not overdue after it",
        arguments: [1, 10])
    func slowCommit(channels: Int) {
        var world = started(
            plan(issues: 600, channels: channels, catchUp: .none) { [$0 % channels] })
        world.holdsCommits = true
        world.handle(.time, due)
        run(&world, for: .seconds(15))
        world.releaseCommit("2025-08-13T09:00:15Z")
        run(&world, for: .seconds(30))
        #expect(world.journal.count == 600)
        #expect(world.journal.values.allSatisfy { $0.state != .superseded })
    }

    @Test(
        "what failed is not tried again at the instant of a fresher reminder, nor after a sleep over it",
        arguments: [1, 9], ["2025-08-14T09:00:00Z", "2025-08-14T10:00:00Z"])
    func staleRetry(channels: Int, next: String) {
        var world = started(
            plan(issues: 1, channels: channels, rules: ["7d", "6d"]) { _ in Array(0..<channels) })
        world.handle(.time, due)
        #expect(world.sent.count == channels)
        world.answer(.retry(wait: .hours(24), reason: "503"), due)
        world.handle(.time, next)
        #expect(world.sending.count == channels)
        #expect(world.sending.allSatisfy { $0.hasPrefix("i0 6d") })
    }

    @Test("a destination whose vendor's pause ends while others are at work gets its reminder then")
    func pauseEnds() throws {
        var world = started(plan(issues: 1, channels: 9) { _ in Array(0..<9) })
        for channel in 0..<9 {
            world.handle(.testRequested(channel: "channel \(channel)"), "2025-08-13T08:59:50Z")
        }
        let last = try #require(world.sent.last)
        world.handle(.answered(last.identity, .delivered), "2025-08-13T08:59:51Z")
        let first = try #require(world.sent.first)
        world.handle(
            .answered(first.identity, .limited(wait: .milliseconds(1300), reason: "429")),
            instant(due) - .seconds(1))
        world.handle(.testRequested(channel: "channel 0"), instant(due) - .milliseconds(200))
        world.sent = []
        world.handle(.time, due)
        run(&world, for: .milliseconds(310))
        #expect(world.sending.contains("i0 7d channel 8"))
    }

    @Test("what shares a message is gathered over several commits")
    func gathering() {
        var agenda = plan(issues: 1200, channels: 3) { [$0 % 3] }
        for index in agenda.channels.indices {
            agenda.channels[index] = Channel(
                name: "channel \(index)", service: Silent(), audience: agenda.channels[index].audience,
                burst: 3)
        }
        var world = started(agenda)
        world.handle(.time, due)
        run(&world, for: .seconds(9))
        #expect(world.sent.count == 1200)
        #expect(Set(world.sent.compactMap(\.fold)).count == 3)
        #expect(world.journal.values.allSatisfy { $0.added == instant(due) })
    }

    @Test("a reload's preview says nothing of what is due anyway")
    func preview() {
        let plan = plan(issues: 40, channels: 10) { [$0 % 10] }
        var world = started(plan)
        world.handle(.time, due)
        let preview = ReloadPreview(
            world.engine, reloading: plan, now: instant(due) + .milliseconds(200))
        #expect(preview.owed.isEmpty)
    }

    @Test(
        "what falls due while the service stops is owed at its next start, whatever somebody asks meanwhile",
        arguments: [true, false])
    func stopping(reloads: Bool) {
        let plan = plan(issues: 1, channels: 1, rules: ["8d", "7d"]) { _ in [0] }
        var world = started(plan)
        world.handle(.time, "2025-08-12T09:00:00Z")
        world.handle(.stopRequested, "2025-08-13T08:59:50Z")
        #expect(!world.hasStopped)
        world.handle(reloads ? .reloaded(plan) : .unmarkRequested([]), "2025-08-13T09:00:05Z")
        world.answer(.delivered, "2025-08-13T09:00:06Z")
        #expect(world.hasStopped)
        world.crash()
        world.start(plan, "2025-08-13T09:00:20Z")
        #expect(world.sending == ["i0 7d channel 0"])
    }

    @Test("a host that answers nothing keeps no other host waiting, and its channels take turns")
    func hangingHost() {
        let count = 150
        let channels =
            (0..<count).map { channel("channel \($0)", host: "hangs.example.org") }
            + [channel("other", host: "other.example.org")]
        var plan = agenda([:], rules: ["7d"], channels: channels)
        plan.issues = EngineTests.issues(3 * count + 1) { [$0 < 3 * count ? $0 % count : count] }
        var world = started(plan)
        world.handle(.time, due)
        #expect(world.sent.filter { $0.identity.channel != "other" }.count == 64)
        #expect(world.sent.contains { $0.identity.channel == "other" })
        world.answer(["other": .delivered], due)
        #expect(world.engine.next.map { $0 > instant(due) } ?? true, "it asks for the time without end")
        let later = instant(due) + .minutes(2)
        world.handle(.time, later)
        #expect(Audit(world.engine, now: later).holds)
        // They fail in the order in which they began; all channels have had a turn before one has its second.
        var turns: [String: Int] = [:]
        for _ in 0..<3 * count {
            guard let first = world.sent.first else { break }
            turns[first.identity.channel, default: 0] += 1
            if turns.values.max() ?? 0 > 1 { break }
            world.sent.removeFirst()
            world.handle(.answered(first.identity, .delivered), later)
        }
        #expect(turns.count == count)
    }

    @Test("what gives way to a fresher reminder is not sent again by hand")
    func resend() throws {
        var world = started(plan(issues: 1, channels: 1, rules: ["7d", "6d"]) { _ in [0] })
        world.handle(.time, due)
        world.answer(.retry(wait: .hours(30), reason: "503"), due)
        let old = try #require(world.journal.values.first)
        // A commit is under way when the fresher one falls due, and somebody wants the old one then.
        world.holdsCommits = true
        world.handle(.testRequested(channel: "channel 0"), "2025-08-14T08:59:59Z")
        world.handle(.time, "2025-08-14T09:00:00Z")
        world.handle(.resendRequested(old), "2025-08-14T09:00:00Z")
        world.releaseCommit("2025-08-14T09:00:01Z")
        #expect(world.journal.values.filter { !$0.state.isFinal }.count == world.engine.openCount)
        #expect(world.journal[old.identity]?.state == .superseded)
    }

    @Test("what a full disk kept from being recorded is not overdue when there is room")
    func fullDisk() {
        var world = started(issues: 600, channels: 1) { _ in 0 }
        world.isDiskFull = true
        world.handle(.time, due)
        for seconds in 1...60 { world.handle(.time, instant(due) + .seconds(Int64(seconds))) }
        #expect(world.journal.isEmpty)
        world.isDiskFull = false
        world.handle(.time, instant(due) + .seconds(65))
        #expect(world.journal.count == 600)
        #expect(world.journal.values.allSatisfy { $0.added <= instant(due) + .seconds(6) })
    }

    @Test("while one host hangs, the others' destinations begin in turns", arguments: [false, true])
    func turns(hangs: Bool) {
        let due = "2025-08-13T09:00:00Z"
        let hanging = (0..<70).map { channel("a\($0)", host: "hanging") }
        let others = (0..<60).map { channel("b\($0)", host: "b\($0)") }
        let channels = (hangs ? hanging : []) + others
        var plan = agenda([:], rules: ["7d"], channels: channels)
        plan.issues = issues(20) { _ in Array(channels.indices) }
        var world = World()
        world.start(plan, "2025-08-01T00:00:00Z")
        world.handle(.time, due)
        // Each of the others answers at once, whoever was asked first answers first.
        var answers: [String: Int] = [:]
        var now = instant(due)
        var begun = Set(world.sent.map(\.identity.channel))
        while !begun.isSuperset(of: others.map(\.name)), answers.values.reduce(0, +) < 5000 {
            guard let place = world.sent.firstIndex(where: { $0.identity.channel.hasPrefix("b") }) else {
                break
            }
            let delivery = world.sent.remove(at: place)
            answers[delivery.identity.channel, default: 0] += 1
            now = now + .milliseconds(2)
            world.handle(.answered(delivery.identity, .delivered), now)
            begun.formUnion(world.sent.map(\.identity.channel))
        }
        let most = answers.values.max() ?? 0
        let unbegun = others.count { !begun.contains($0.name) }
        #expect(
            most <= 3,
            "one had \(most) messages, \(answers.values.reduce(0, +)) were sent in all, before the last had its first; \(unbegun) had none"
        )
    }
}
