import Engine
import Foundation
import Journal
import Messages
import Schedule
import Testing

import struct Simulation.Silent

/// A name that is written in another Unicode form (NFC, then NFD) is one name to Swift, and two to SQLite.
@Suite("A milestone's name in another Unicode form")
struct UnicodeFormTests {
    private let directory: URL
    private let composed = "R\u{e9}vision"
    private let decomposed = "Re\u{301}vision"

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private func agenda(_ name: String, _ deadline: String) throws -> Agenda {
        let milestone = Milestone(
            name: name, written: deadline, deadline: Deadline(try DeadlineValue(deadline), zone: .utc),
            schedule: 0,
            channels: [0])
        return Agenda(
            issues: [SpecialIssue(id: "a", title: "A", milestones: [milestone])],
            schedules: [
                Schedule(name: "s", rules: try ReminderRule.parse("7d"), avoid: [], catchUp: .latest)
            ],
            channels: [Channel(name: "lab", service: Silent(), audience: Audience(zone: .utc, at: .nine))])
    }

    /// One life of the service: what it sends, each delivered at once.
    private func live(_ events: [(Event?, String)], _ agenda: Agenda) throws -> [String] {
        let journal = try Journal(path: directory.appendingPathComponent(Journal.fileName).path)
        var engine = Engine(seed: 1)
        var sent: [String] = []
        for (event, text) in events {
            let now = try Instant(rfc3339: text)
            var queue = [event ?? .started(agenda, try journal.remember())]
            while !queue.isEmpty {
                for effect in engine.handle(queue.removeFirst(), now: now) {
                    switch effect {
                    case .commit(let changes):
                        queue.append(.committed(known: try journal.commit(changes, at: now)))
                    case .send(let flight):
                        sent += flight.map { String($0.identity.reminder.prefix { $0 != " " }) }
                        for delivery in flight { queue.append(.answered(delivery.identity, .delivered)) }
                    default: break
                    }
                }
            }
        }
        return sent
    }

    @Test("a move is announced once, and not again at each start")
    func moved() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try live([(nil, "2025-08-01T00:00:00Z")], agenda(composed, "2025-08-20"))
        let sent = try live(
            [
                (nil, "2025-08-02T00:00:00Z"),
                (.reloaded(agenda(decomposed, "2025-08-25")), "2025-08-03T00:00:00Z"),
            ],
            agenda(decomposed, "2025-08-20"))
        #expect(sent == ["moved"])
        #expect(try live([(nil, "2025-08-04T00:00:00Z")], agenda(decomposed, "2025-08-25")).isEmpty)
        #expect(try live([(nil, "2025-08-05T00:00:00Z")], agenda(decomposed, "2025-08-25")).isEmpty)
    }

    @Test("what is taken back stays so after a start")
    func undone() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let key = { MilestoneKey(issue: "a", milestone: $0) }
        _ = try live(
            [
                (nil, "2025-08-01T00:00:00Z"),
                (.markRequested([key(composed)], .done), "2025-08-01T01:00:00Z"),
            ],
            agenda(composed, "2025-08-20"))
        _ = try live(
            [(nil, "2025-08-02T00:00:00Z"), (.unmarkRequested([key(decomposed)]), "2025-08-02T01:00:00Z")],
            agenda(decomposed, "2025-08-20"))
        #expect(
            try live(
                [(nil, "2025-08-03T00:00:00Z"), (.time, "2025-08-13T09:00:00Z")],
                agenda(decomposed, "2025-08-20"))
                == ["7d"])
    }
}
