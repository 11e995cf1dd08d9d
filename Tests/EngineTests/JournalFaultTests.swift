import Engine
import Messages
import Schedule
import Testing

@Suite("The journal's faults, and stopping")
struct JournalFaultTests {
    @Test("while the disk is full nothing is sent, it is said once, and all goes out when there is room")
    func diskFull() throws {
        var world = World()
        let plan = agenda(
            ["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"], channels: ["lab", "office"])
        world.start(plan, "2025-08-01T00:00:00Z")
        world.isDiskFull = true
        world.handle(.time, "2025-08-13T09:00:00Z")
        for second in [5, 10, 15] {
            #expect(world.sending.isEmpty)
            #expect(world.wake == instant("2025-08-13T09:00:\(second < 10 ? "0" : "")\(second)Z"))
            world.handle(.time, world.wake!)
        }
        #expect(world.reports.count { $0 == .journalFailing(reason: "disk full") } == 1)
        world.isDiskFull = false
        world.handle(.time, try #require(world.wake))
        #expect(world.sending.count == 2)
        #expect(world.reports.contains(.journalRecovered))
        while !world.sent.isEmpty { world.answer(.delivered, "2025-08-13T09:01:00Z") }
        #expect(world.journal.values.allSatisfy { $0.state == .delivered })
        #expect(world.journal.count == 4)
    }

    @Test("a stop waits for what is under way, begins nothing new, and leaves the rest owed")
    func stop() {
        var world = World()
        world.start(agenda(["a": "2025-08-20", "b": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.handle(.stopRequested, "2025-08-13T09:00:01Z")
        #expect(!world.hasStopped)
        world.answer(.delivered, "2025-08-13T09:00:02Z")
        #expect(world.hasStopped)
        #expect(world.sending.isEmpty)
        #expect(world.states("a") == ["7d lab": "delivered"])
        #expect(world.states("b") == ["7d lab": "owed"])
    }

    @Test("a stop that comes before a commit leaves its request unsent and owed")
    func stopBeforeCommit() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d"]), "2025-08-01T00:00:00Z")
        world.holdsCommits = true
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.handle(.stopRequested, "2025-08-13T09:00:01Z")
        world.releaseCommit("2025-08-13T09:00:02Z")
        #expect(world.sending.isEmpty)
        #expect(world.hasStopped)
        #expect(world.states("a") == ["7d lab": "owed"])
        #expect(world.journal.values.first?.attempts == 0)
    }

    @Test("the same events give the same effects")
    func deterministic() {
        func run() -> [Effect] {
            var engine = Engine(seed: 7)
            var effects: [Effect] = []
            let plan = agenda(
                ["a": "2025-08-20", "b": "2025-08-20", "c": "2025-08-20"], rules: ["7d", "1d"],
                channels: ["x", "y", "z"])
            effects += engine.handle(.started(plan, Memory()), now: instant("2025-08-01T00:00:00Z"))
            effects += engine.handle(.committed(known: []), now: instant("2025-08-01T00:00:00Z"))
            effects += engine.handle(.time, now: instant("2025-08-14T09:00:00Z"))
            effects += engine.handle(.committed(known: []), now: instant("2025-08-14T09:00:00Z"))
            effects += engine.handle(
                .reloaded(agenda(["b": "2025-08-21"], rules: ["7d"], channels: ["x"])),
                now: instant("2025-08-14T09:00:01Z"))
            return effects
        }
        #expect(run() == run())
    }
}
