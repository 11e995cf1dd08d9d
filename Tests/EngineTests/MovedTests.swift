import Engine
import Messages
import Schedule
import Testing

@Suite("Moved deadlines")
struct MovedTests {
    @Test("a moved deadline is announced once per channel, and the old one's reminders are cancelled")
    func moved() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["7d", "1d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:01Z")
        let later = agenda(["a": "2025-09-30"], rules: ["7d", "1d"])
        world.handle(.reloaded(later), "2025-08-13T10:00:00Z")
        #expect(world.sending == ["a moved 2025-08-13T10:00:00Z lab"])
        #expect(world.sent.first?.kind == .moved(from: instant("2025-08-21T00:00:00Z")))
        #expect(world.states("a")["7d lab"] == "cancelled")
        world.answer(.delivered, "2025-08-13T10:00:01Z")
        #expect(world.wake == instant("2025-09-23T09:00:00Z"))
        world.handle(.reloaded(later), "2025-08-13T11:00:00Z")
        world.crash()
        world.start(later, "2025-08-13T12:00:00Z")
        #expect(world.sending.isEmpty)
    }

    @Test("a deadline that moves after it passed is reminded of again")
    func movedAfterPassing() {
        var world = World()
        world.start(agenda(["a": "2025-08-20"], rules: ["1d"]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-19T09:00:00Z")
        world.answer(.delivered, "2025-08-19T09:00:01Z")
        world.handle(.reloaded(agenda(["a": "2025-09-20"], rules: ["1d"])), "2025-08-25T00:00:00Z")
        #expect(world.sending == ["a moved 2025-08-25T00:00:00Z lab"])
        world.answer(.delivered, "2025-08-25T00:00:01Z")
        world.handle(.time, "2025-09-19T09:00:00Z")
        #expect(world.sending == ["a 1d lab"])
    }
}
