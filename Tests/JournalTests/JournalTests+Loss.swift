import Engine
import Foundation
import GRDB
import Journal
import Messages
import Schedule
import Testing

/// Journals that are damaged, locked, replaced or gone.
extension JournalTests {
    @Test("nothing is written to a journal that somebody has removed, and the next start says so")
    func removed() throws {
        let journal = try Journal(path: path)
        _ = try journal.commit([.add(delivery("7d"))], at: now)
        #expect(journal.removal == nil)
        try FileManager.default.removeItem(at: directory)
        let removal = try #require(journal.removal)
        let reason = removal.description
        #expect(!removal.isReplaced)
        #expect {
            try journal.commit([.add(delivery("3d"))], at: now)
        } throws: { error in
            (error as? JournalFault)?.isDamage == true && "\(error)" == reason
        }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        Journal.markDamaged(path: path, reason: reason)
        let (_, _, setAside) = try Journal.opened(path: path, now: now)
        #expect(setAside?.reason.contains(reason) == true)
        // There was nothing to set aside.
        #expect(setAside?.path == nil)
    }

    @Test("damage that showed in use counts, though the disk took only a part of the words for it")
    func cutMark() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try Journal(path: path).commit([.add(delivery("7d"))], at: now)
        let half = Data("a row in the journal of Ü".utf8).dropLast()
        try half.write(to: URL(fileURLWithPath: path + ".damaged"))
        #expect(try Journal.opened(path: path, now: now).2 != nil)
    }

    @Test("nothing is written to a journal in whose place another one stands")
    func replaced() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let journal = try Journal(path: path)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
        _ = try Journal(path: path)
        #expect(journal.removal?.isReplaced == true)
        #expect {
            try journal.commit([.add(delivery("3d"))], at: now)
        } throws: { error in
            (error as? JournalFault)?.isReplaced == true
        }
    }

    @Test("every start says that a journal was lost, until somebody has heard of it")
    func untoldLoss() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data("no database".utf8).write(to: URL(fileURLWithPath: path))
        let first = try Journal.opened(path: path, now: now).2
        // The start ended before it could tell; then the new journal was empty, as a full disk leaves it.
        #expect(try Journal.opened(path: path, now: now).2 == first)
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(try Journal.opened(path: path, now: now + .days(1)).2 == first)
        #expect(first?.path == "\(path).damaged-\(now)")
        Journal.forgetLoss(path: path)
        #expect(try Journal.opened(path: path, now: now).2 == nil)
    }

    @Test("where no journal can be made, none is left that a later start would take for a damaged one")
    func unmakeable() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        // Where SQLite's log should be.
        try FileManager.default.createDirectory(atPath: path + "-wal", withIntermediateDirectories: true)
        #expect(throws: JournalFault.self) { try Journal.opened(path: path, now: now) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a journal that is no database is reported, not overwritten")
    func damaged() throws {
        try Data("this is no database, and long enough to be looked at as one ............".utf8).write(
            to: URL(fileURLWithPath: path))
        #expect(throws: JournalFault.self) { try Journal(path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).starts(with: Data("this is no".utf8)))
        try? FileManager.default.removeItem(at: directory)
    }

    /// Ways in which a disk loses a journal.
    enum Damage: CaseIterable {
        case overwritten, truncated, emptied, noise

        func happen(to path: String) throws {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            defer { try? file.close() }
            switch self {
            case .overwritten:
                try file.seek(toOffset: 4096)
                try file.write(contentsOf: Data(repeating: 0xA5, count: 8192))
            case .truncated: try file.truncate(atOffset: 4096 * 2)
            case .emptied: try file.truncate(atOffset: 0)
            case .noise: try file.write(contentsOf: Data("no database at all".utf8))
            }
        }
    }

    @Test("a damaged journal is set aside whole, and a new one begins", arguments: Damage.allCases)
    func damaged(_ damage: Damage) throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        do {
            let journal = try Journal(path: path)
            _ = try journal.commit((1...200).map { .add(delivery("\($0)d")) } + [.settled(now)], at: now)
        }
        try damage.happen(to: path)
        let damagedBytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let (journal, memory, setAside) = try Journal.opened(path: path, now: now)
        let aside = try #require(setAside)
        let asidePath = try #require(aside.path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: asidePath)) == damagedBytes)
        #expect(asidePath == "\(path).damaged-\(now)")
        Journal.forgetLoss(path: path)
        #expect(memory.settled == nil && memory.open.isEmpty)
        // The new one is whole.
        _ = try journal.commit([.settled(now)], at: now)
        #expect(try Journal.opened(path: path, now: now).2 == nil)
    }

    @Test(
        "a journal with a row that cannot be read is set aside, though its pages are whole",
        arguments: [
            "UPDATE delivery SET state = 'owdd'", "UPDATE delivery SET kind = 'remainder'",
            "UPDATE delivery SET attempts = 'x'", "UPDATE delivery SET attempts = 9223372036854775807",
            "UPDATE delivery SET due = 'x'", "UPDATE delivery SET due = 9223372036854775807",
            "UPDATE delivery SET state = 'sending', state_instant = NULL",
            "UPDATE delivery SET issue = x'ff', possible_repeat = 'x'", "UPDATE clock SET settled = 'x'",
            "UPDATE destination SET strikes = 'x'", "UPDATE destination SET paused_until = 'x'",
            "UPDATE sighting SET moves = 'x'", "UPDATE sighting SET first = x'00'",
            "UPDATE mark SET kind = 'gone'", "UPDATE mark SET since = 'x'",
        ])
    func damagedRow(sql: String) throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let key = MilestoneKey(issue: "a", milestone: "submission")
        let written: [Change] = [
            .add(delivery("7d")), .settled(now), .destination("lab", DestinationRecord()),
            .sighted(key, Sighting(deadline: now, first: now)),
            .marked(key, Mark(kind: .done(deadline: now), since: now)),
        ]
        _ = try Journal(path: path).commit(written, at: now)
        #expect(try Journal.opened(path: path, now: now).2 == nil)
        try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
        let (journal, memory, setAside) = try Journal.opened(path: path, now: now)
        #expect(try #require(setAside).reason.contains("a row is damaged"))
        #expect(memory.settled == nil && memory.open.isEmpty && memory.marks.isEmpty)
        Journal.forgetLoss(path: path)
        // The new one is whole.
        _ = try journal.commit(written, at: now)
        #expect(try Journal.opened(path: path, now: now).2 == nil)
    }

    @Test("a final delivery's damaged row is reported when it is read, and ends nothing")
    func damagedHistory() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let journal = try Journal(path: path)
        _ = try journal.commit([.add(delivery("7d", .delivered))], at: now)
        try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE delivery SET updated = 'x'") }
        let fault = #expect(throws: JournalFault.self) { try deliveries(journal) }
        #expect(fault?.description.contains("a row is damaged: its 'updated' is unreadable") == true)
        #expect(try Journal.opened(path: path, now: now).2 == nil)
    }

    @Test("a journal whose damage showed only in use is set aside at the next start, and only then")
    func damagedInUse() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try Journal(path: path).commit([.settled(now)], at: now)
        Journal.markDamaged(path: path, reason: "the journal cannot be written: malformed")
        let (_, memory, setAside) = try Journal.opened(path: path, now: now)
        let aside = try #require(setAside)
        #expect(aside.reason.hasSuffix("cannot be used: the journal cannot be written: malformed"))
        #expect(memory.settled == nil)
        #expect(try Journal(path: try #require(aside.path)).remember().settled == now)
        Journal.forgetLoss(path: path)
        #expect(try Journal.opened(path: path, now: now).2 == nil)
    }

    /// What a byte of the index says of the second delivery, by which deliveries are known.
    enum Misdirection: CaseIterable {
        /// Its row has another number.
        case number
        /// It belongs to another channel.
        case identity
    }

    @Test(
        "damage that SQLite's check at the start misses shows at a commit, and then ends the journal",
        arguments: Misdirection.allCases)
    func damagedIndex(_ misdirection: Misdirection) throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        var second = delivery("1d")
        do {
            _ = try Journal(path: path).commit([.add(delivery("7d")), .add(second)], at: now)
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let entry = try #require(bytes.range(of: Data("1dlab".utf8) + [2]))
        switch misdirection {
        case .number: bytes[entry.upperBound - 1] = 3
        case .identity: bytes[entry.upperBound - 2] = UInt8(ascii: "c")
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        do {
            let (journal, memory, setAside) = try Journal.opened(path: path, now: now)
            #expect(setAside == nil && memory.open == [delivery("7d"), delivery("1d")])
            second.state = .delivered
            let fault = #expect(throws: JournalFault.self) {
                try journal.commit([.update(second)], at: now)
            }
            #expect(fault?.isDamage == true)
            Journal.markDamaged(path: path, reason: fault?.description ?? "")
        }
        let (journal, _, setAside) = try Journal.opened(path: path, now: now)
        #expect(try #require(setAside).reason.contains("the row of a delivery is missing"))
        _ = try journal.commit([.add(second)], at: now)
        Journal.forgetLoss(path: path)
        #expect(try Journal.opened(path: path, now: now).2 == nil)
    }

    @Test("a journal that somebody has locked is not taken for a damaged one")
    func locked() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try Journal(path: path)
        let other = try DatabaseQueue(path: path)
        try other.inDatabase { db in
            try db.execute(
                sql:
                    "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO clock (id, settled) VALUES (1, 2); COMMIT"
            )
            let fault = #expect(throws: JournalFault.self) { try Journal.opened(path: path, now: now) }
            #expect(fault?.isDamage == false)
            #expect(fault?.description.contains("locked") == true)
        }
        try other.close()
        #expect(try Journal.opened(path: path, now: now).2 == nil)
    }
}
