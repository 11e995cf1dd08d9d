import Engine
import Messages
import Schedule
import Testing

@Suite("Many reminders of one instant")
struct PaceTests {
    private let due = "2025-08-13T09:00:00Z"

    /// Issues that are all due at nine on the 13th, each to one of some channels.
    private func started(issues: Int, channels: Int, to channel: (Int) -> Int) -> World {
        let names = (0..<channels).map { "channel \($0)" }
        var plan = agenda([:], rules: ["7d"], channels: names)
        let deadline = (try? DeadlineValue("2025-08-20")).flatMap { Deadline($0, zone: .utc) }
        plan.issues = (0..<issues).map { number in
            SpecialIssue(
                id: "issue \(number)", title: "",
                milestones: [
                    Milestone(
                        name: Milestone.submission, written: "", deadline: deadline, schedule: 0,
                        channels: [channel(number)])
                ])
        }
        var world = World()
        world.start(plan, "2025-08-01T00:00:00Z")
        return world
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
        #expect(world.sending == ["issue 0 7d channel 0"])
    }

    @Test(
        "while many requests are under way, the others are written down when they are sent, or a second later"
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
        #expect(wake > instant(due) && wake <= instant(due) + .seconds(1))
        world.handle(.time, instant(due) + .seconds(1))
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
                == ["issue 0 7d channel 0", "issue 2000 7d channel 1", "issue 2001 7d channel 2"])
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
}
