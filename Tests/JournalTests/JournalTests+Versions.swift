import Engine
import Foundation
import GRDB
import Journal
import Schedule
import Testing

/// Journals of earlier versions, and of later ones.
extension JournalTests {
    /// What takes each version's journal back to the version before.
    private static let undo = [
        2: """
        ALTER TABLE delivery DROP COLUMN plain;
        ALTER TABLE delivery DROP COLUMN fold;
        ALTER TABLE sighting DROP COLUMN previous;
        ALTER TABLE destination DROP COLUMN forwarded_from;
        ALTER TABLE destination DROP COLUMN forwarded_to;
        """,
        3: """
        ALTER TABLE destination DROP COLUMN muted_until;
        ALTER TABLE sighting DROP COLUMN moves;
        DROP TABLE mark;
        DROP TABLE accepted;
        """,
        4: "UPDATE sighting SET moves = moves / 2;",
        5: """
        DROP VIEW tried;
        ALTER TABLE delivery DROP COLUMN started;
        ALTER TABLE delivery DROP COLUMN status;
        CREATE INDEX delivery_open ON delivery (open) WHERE open IS NOT NULL;
        """,
        6: "ALTER TABLE delivery DROP COLUMN edition;",
        7: """
        ALTER TABLE destination DROP COLUMN muted_since;
        ALTER TABLE destination DROP COLUMN told;
        ALTER TABLE destination DROP COLUMN told_reason;
        ALTER TABLE clock DROP COLUMN doubted_since;
        ALTER TABLE clock DROP COLUMN booted;
        """,
        8: "ALTER TABLE delivery DROP COLUMN losses;",
        9: """
        ALTER TABLE sighting DROP COLUMN date;
        ALTER TABLE clock DROP COLUMN jumped_since;
        ALTER TABLE clock DROP COLUMN booted_before;
        ALTER TABLE clock DROP COLUMN jumped_by;
        """,
    ]

    /// Makes a journal as an earlier version left it.
    private func makeJournal(version: Int) throws {
        do {
            let journal = try Journal(path: path)
            let sighting = Sighting(deadline: now + .days(7), first: now)
            _ = try journal.commit(
                [
                    .settled(now), .add(delivery("7d")), .destination("lab", DestinationRecord()),
                    .sighted(MilestoneKey(delivery("7d").identity), sighting),
                ], at: now)
        }
        try DatabaseQueue(path: path).write { db in
            for later in (version..<9).reversed() {
                try db.execute(sql: try #require(JournalTests.undo[later + 1]))
                try db.execute(
                    sql: "DELETE FROM grdb_migrations WHERE identifier = ?", arguments: ["\(later + 1)"])
            }
        }
    }

    @Test(
        "whoever only looks into a journal reads that of any earlier version, and the service brings it up to date",
        arguments: 1...9)
    func earlierVersions(_ version: Int) throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try makeJournal(version: version)
        func found(_ journal: Journal) throws -> [Delivery] {
            #expect(try journal.tally().destinations.map(\.record) == [DestinationRecord()])
            #expect(try journal.marks().isEmpty)
            var all: [Delivery] = []
            try journal.history(Journal.Filter()) { record, _ in all.append(record.delivery) }
            let memory = try journal.remember()
            #expect(memory.open == all && memory.settled == now && memory.sightings.count == 1)
            return all
        }
        let before = try found(Journal(reading: path))
        #expect(before.map(\.identity) == [delivery("7d").identity])
        #expect(try found(Journal(path: path)) == before)
    }

    @Test(
        "the attempts of an earlier version's journal are read, and stay there when it is brought up to date")
    func oldAttempts() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try makeJournal(version: 4)
        try DatabaseQueue(path: path).write { db in
            try db.execute(
                sql: """
                    UPDATE delivery SET state = 'delivered', open = NULL, attempts = 2 WHERE id = 1;
                    INSERT INTO attempt VALUES (1, 1, 1755000000000, 1755000001000, 'retry', 500, 'HTTP 500');
                    INSERT INTO attempt VALUES (1, 2, 1755000002000, 1755000003000, 'delivered', 200, '');
                    """)
        }
        func verdicts(_ journal: Journal) throws -> [String] {
            var all: [String] = []
            try journal.history(Journal.Filter()) { _, tries in
                all += tries.map { "\($0.number) \($0.verdict)" }
            }
            return all
        }
        #expect(try verdicts(Journal(reading: path)) == ["1 retry", "2 delivered"])
        #expect(try Journal(reading: path).tally().destinations.map(\.record) == [DestinationRecord()])
        let (journal, memory, setAside) = try Journal.opened(path: path, now: now)
        #expect(setAside == nil && memory.open.isEmpty)
        #expect(try verdicts(journal) == ["1 retry", "2 delivered"])
        var delivery = delivery("7d")
        _ = try journal.commit([.update(delivery)], at: now)
        delivery.attempts = 3
        delivery.state = .sending(since: now)
        _ = try journal.commit([.update(delivery)], at: now)
        delivery.state = .delivered
        let attempt = Attempt(
            identity: delivery.identity, number: 3, started: now, ended: now, verdict: "delivered",
            status: 200,
            reason: "")
        _ = try journal.commit([.delivered(delivery, by: attempt)], at: now)
        #expect(try verdicts(journal) == ["1 retry", "2 delivered", "3 delivered"])
    }

    @Test("a journal of a newer version is left as it is")
    func newer() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try Journal(path: path)
        try DatabaseQueue(path: path).write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999')")
        }
        let fault = #expect(throws: JournalFault.self) { try Journal.opened(path: path, now: now) }
        #expect(fault?.description.contains("a newer version of deadlined wrote it") == true)
        #expect(fault?.isDamage == false)
    }
}
