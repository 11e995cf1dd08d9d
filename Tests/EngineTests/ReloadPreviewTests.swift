import Engine
import Messages
import Schedule
import Testing

@Suite("What a reload would change")
struct ReloadPreviewTests {
    private let now = "2025-08-12T12:00:00Z"

    private func started() -> World {
        var world = World()
        world.start(
            agenda(["a": "2025-08-20", "b": "2025-08-25"], rules: ["7d", "1d"]), "2025-08-01T00:00:00Z")
        return world
    }

    @Test(
        "reminders that are added, removed and moved, and notices that go out, are told before anything happens"
    )
    func preview() {
        let world = started()
        let new = agenda(["a": "2025-08-22", "c": "2025-08-30"], rules: ["7d", "1d"])
        let preview = ReloadPreview(world.engine, reloading: new, now: instant(now))
        #expect(
            preview.added.map { "\($0.issue) \($0.reminder) \($0.due)" } == [
                "c 7d 2025-08-23T09:00:00Z", "c 1d 2025-08-29T09:00:00Z",
            ])
        #expect(preview.removed.map(\.issue) == ["b", "b"])
        #expect(
            preview.moved.map { "\($0.reminder) \($0.previous.map { "\($0)" } ?? "") \($0.due)" } == [
                "7d 2025-08-13T09:00:00Z 2025-08-15T09:00:00Z",
                "1d 2025-08-19T09:00:00Z 2025-08-21T09:00:00Z",
            ])
        #expect(preview.owed.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
        #expect(world.sending.isEmpty && world.journal.isEmpty)
    }

    @Test("what waits for another try and is wanted no more is told, and then it is so")
    func cancelled() {
        var world = started()
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 500"), "2025-08-13T09:00:01Z")
        let new = agenda(["b": "2025-08-25"], rules: ["7d", "1d"])
        let preview = ReloadPreview(world.engine, reloading: new, now: instant("2025-08-13T09:00:02Z"))
        #expect(preview.cancelled.map(\.identity.issue) == ["a"])
        #expect(world.states("a") == ["7d lab": "waiting"])
        world.handle(.reloaded(new), "2025-08-13T09:00:02Z")
        #expect(world.states("a") == ["7d lab": "cancelled"])
    }

    @Test("what was held for a channel that the reload brings back is told to be sent")
    func broughtBack() {
        var world = started()
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.disable(reason: "HTTP 410"), "2025-08-13T09:00:01Z")
        #expect(world.states("a") == ["7d lab": "held"])
        let same = agenda(["a": "2025-08-20", "b": "2025-08-25"], rules: ["7d", "1d"])
        let preview = ReloadPreview(world.engine, reloading: same, now: instant("2025-08-13T10:00:00Z"))
        #expect(preview.owed.map(\.identity.reminder) == ["7d"])
        world.handle(.reloaded(same), "2025-08-13T10:00:00Z")
        #expect(world.sending == ["a 7d lab"])
    }

    @Test("a notice to a muted channel is told to be held, not to be sent")
    func muted() {
        var world = started()
        world.handle(.muteRequested(channel: "lab", until: .distantFuture), now)
        let new = agenda(["a": "2025-08-22", "b": "2025-08-25"], rules: ["7d", "1d"])
        let preview = ReloadPreview(world.engine, reloading: new, now: instant(now))
        #expect(preview.owed.isEmpty && preview.held.count == 1)
        world.handle(.reloaded(new), now)
        #expect(world.sending.isEmpty)
    }

    @Test("the same files change nothing, while a commit is under way too", arguments: [false, true])
    func nothing(isCommitting: Bool) {
        var world = started()
        world.holdsCommits = isCommitting
        world.handle(.time, "2025-08-13T09:00:00Z")
        let same = agenda(["a": "2025-08-20", "b": "2025-08-25"], rules: ["7d", "1d"])
        #expect(ReloadPreview(world.engine, reloading: same, now: instant("2025-08-13T09:00:01Z")).isEmpty)
    }

    @Test("what is done stays so, and its reminders are neither removed nor added")
    func done() {
        var world = started()
        world.handle(.markRequested(world.engine.markable("a", nil), .done), now)
        let same = agenda(["a": "2025-08-20", "b": "2025-08-25"], rules: ["7d", "1d"])
        #expect(ReloadPreview(world.engine, reloading: same, now: instant(now)).isEmpty)
    }

    @Test("what was sent before its hour changed is not told to be sent, neither later nor at once")
    func sentAlready() {
        var world = World()
        let plan = { (at: String) in agenda(["a": "2025-08-20"], rules: ["7d"], at: at) }
        world.start(plan("09:00"), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-13T09:00:00Z")
        world.answer(.delivered, "2025-08-13T09:00:01Z")
        let isKnown = { [journal = world.journal] (identity: DeliveryIdentity) in journal[identity] != nil }
        let later = ReloadPreview(
            world.engine, reloading: plan("18:00"), now: instant("2025-08-13T10:00:00Z"), isKnown: isKnown)
        #expect(later.isEmpty)
        world.handle(.reloaded(plan("18:00")), "2025-08-13T10:00:00Z")
        let back = ReloadPreview(
            world.engine, reloading: plan("09:00"), now: instant("2025-08-13T12:00:00Z"), isKnown: isKnown)
        #expect(back.isEmpty)
    }
}
