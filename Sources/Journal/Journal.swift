import Engine
import Foundation
import GRDB
import Messages
import Schedule

/// What happened, on disk: deliveries, their attempts, the deadlines that were seen, and how far time is settled.
///
/// SQLite in WAL mode with `synchronous=FULL`: when `commit` returns, its changes survive a power cut. Calls block; the
/// service makes them on a queue of their own.
package final class Journal: Sendable {
    private let database: DatabaseQueue

    /// The name of the journal in the state directory.
    package static let fileName = "journal.db"

    /// Opens a journal, making or upgrading it where needed.
    package init(path: String) throws(JournalFault) {
        var configuration = GRDB.Configuration()
        configuration.label = "journal"
        // Somebody may be reading it with a tool of their own.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try Journal.migrator.migrate(database)
        } catch {
            throw JournalFault(error, "the journal \(path) cannot be opened")
        }
    }

    /// What an engine must know of earlier runs.
    package func remember() throws(JournalFault) -> Memory {
        do {
            return try database.read { db in
                var memory = Memory()
                memory.settled = try Int64.fetchOne(db, sql: "SELECT settled FROM clock").map(
                    Instant.init(milliseconds:))
                if let text = try String.fetchOne(db, sql: "SELECT timing FROM timing") {
                    // What an older or newer version wrote otherwise is as good as nothing: it is written anew.
                    memory.timing = try? JSONDecoder().decode(Timing.self, from: Data(text.utf8))
                }
                let destinations = try Row.fetchCursor(db, sql: "SELECT * FROM destination")
                while let row = try destinations.next() {
                    memory.destinations[row["channel"]] = DestinationRecord(row)
                }
                let sightings = try Row.fetchCursor(
                    db, sql: "SELECT issue, milestone, deadline, first FROM sighting")
                while let row = try sightings.next() {
                    let key = MilestoneKey(issue: row[0], milestone: row[1])
                    memory.sightings[key] = Sighting(
                        deadline: Instant(milliseconds: row[2]), first: Instant(milliseconds: row[3]))
                }
                let open = try Row.fetchCursor(
                    db, sql: "SELECT * FROM delivery WHERE state IN \(Journal.openStates)")
                while let row = try open.next() { memory.open.append(try Delivery(row)) }
                return memory
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// Writes changes in one transaction and waits until they are on disk.
    ///
    /// - Returns: the added deliveries whose identity the journal had already; nothing of them was changed.
    package func commit(_ changes: [Change], at now: Instant) throws(JournalFault) -> [DeliveryIdentity] {
        do {
            return try database.write { db in
                var writer = JournalWriter(db: db, now: now)
                for change in changes { try writer.write(change) }
                return writer.known
            }
        } catch {
            throw JournalFault(error, "the journal cannot be written")
        }
    }

    /// Opens a journal to look into it, whoever writes it.
    package init(reading path: String) throws(JournalFault) {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw JournalFault(error, "the journal \(path) cannot be opened")
        }
    }

    /// How many deliveries there are in each state, and how far time is settled.
    package struct Tally: Sendable {
        package let settled: Instant?
        package let deliveries: [(state: String, count: Int)]
    }

    package func tally() throws(JournalFault) -> Tally {
        do {
            return try database.read { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT state, COUNT(*) FROM delivery GROUP BY state ORDER BY 2 DESC, 1")
                return Tally(
                    settled: try Int64.fetchOne(db, sql: "SELECT settled FROM clock").map(
                        Instant.init(milliseconds:)),
                    deliveries: rows.map { ($0[0], $0[1]) })
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// Every delivery, the latest due first.
    package func deliveries() throws(JournalFault) -> [Delivery] {
        do {
            return try database.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM delivery ORDER BY due DESC, id DESC").map {
                    try Delivery($0)
                }
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// In SQL, the states that are not final; the index on them needs the same words.
    private static let openStates = "('owed', 'sending', 'waiting', 'unknown', 'held')"

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            // Instants are milliseconds since 1970 in UTC.
            try db.execute(
                sql: """
                    CREATE TABLE clock (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        settled INTEGER NOT NULL
                    );
                    CREATE TABLE sighting (
                        issue TEXT NOT NULL,
                        milestone TEXT NOT NULL,
                        deadline INTEGER NOT NULL,
                        first INTEGER NOT NULL,
                        PRIMARY KEY (issue, milestone)
                    ) WITHOUT ROWID;
                    CREATE TABLE delivery (
                        id INTEGER PRIMARY KEY,
                        issue TEXT NOT NULL,
                        milestone TEXT NOT NULL,
                        deadline INTEGER NOT NULL,
                        reminder TEXT NOT NULL,
                        channel TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        previous_deadline INTEGER,
                        due INTEGER NOT NULL,
                        added INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        state_instant INTEGER,
                        reason TEXT,
                        attempts INTEGER NOT NULL,
                        possible_repeat INTEGER NOT NULL,
                        updated INTEGER NOT NULL,
                        UNIQUE (issue, milestone, deadline, reminder, channel)
                    );
                    CREATE INDEX delivery_open ON delivery (state) WHERE state IN ('owed', 'sending', 'waiting');
                    CREATE TABLE attempt (
                        delivery INTEGER NOT NULL REFERENCES delivery (id),
                        number INTEGER NOT NULL,
                        started INTEGER NOT NULL,
                        ended INTEGER NOT NULL,
                        verdict TEXT NOT NULL,
                        reason TEXT NOT NULL,
                        PRIMARY KEY (delivery, number)
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2") { db in
            try db.execute(
                sql: """
                    CREATE TABLE timing (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        timing TEXT NOT NULL
                    );
                    CREATE TABLE destination (
                        channel TEXT PRIMARY KEY,
                        paused_until INTEGER,
                        failures INTEGER NOT NULL,
                        strikes INTEGER NOT NULL,
                        disabled_reason TEXT,
                        disabled_since INTEGER
                    ) WITHOUT ROWID;
                    ALTER TABLE delivery ADD COLUMN note TEXT;
                    ALTER TABLE delivery ADD COLUMN hold TEXT;
                    ALTER TABLE attempt ADD COLUMN status INTEGER;
                    DROP INDEX delivery_open;
                    CREATE INDEX delivery_open ON delivery (state) WHERE state IN \(openStates);
                    """)
        }
        return migrator
    }
}

/// Why the journal failed, in SQLite's words and without the text of any statement.
package struct JournalFault: Error, CustomStringConvertible, Sendable {
    package let description: String

    init(_ error: any Error, _ what: String) {
        let why = (error as? DatabaseError).map { $0.message ?? "\($0.resultCode)" } ?? "\(type(of: error))"
        description = "\(what): \(why)"
    }
}

/// Writes the changes of one transaction.
private struct JournalWriter {
    let db: Database
    let now: Instant
    private(set) var known: [DeliveryIdentity] = []

    init(db: Database, now: Instant) {
        self.db = db
        self.now = now
    }

    mutating func write(_ change: Change) throws {
        switch change {
        case .settled(let instant):
            try execute(
                "INSERT INTO clock (id, settled) VALUES (1, ?) ON CONFLICT DO UPDATE SET settled = excluded.settled",
                [instant.milliseconds])
        case .timed(let timing):
            try execute(
                "INSERT INTO timing (id, timing) VALUES (1, ?) ON CONFLICT DO UPDATE SET timing = excluded.timing",
                [String(decoding: try JSONEncoder().encode(timing), as: UTF8.self)])
        case .destination(let channel, let record):
            try execute(
                """
                INSERT OR REPLACE INTO destination (channel, paused_until, failures, strikes, disabled_reason, disabled_since)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    channel, record.pausedUntil?.milliseconds, record.failures, record.strikes,
                    record.disabled?.reason, record.disabled?.since.milliseconds,
                ])
        case .sighted(let key, let sighting):
            try execute(
                "INSERT OR REPLACE INTO sighting (issue, milestone, deadline, first) VALUES (?, ?, ?, ?)",
                [key.issue, key.milestone, sighting.deadline.milliseconds, sighting.first.milliseconds])
        case .add(let delivery):
            try add(delivery)
        case .update(let delivery):
            // A known identity keeps what an earlier life of it recorded.
            guard !known.contains(delivery.identity) else { return }
            let state = delivery.state.columns
            try execute(
                """
                UPDATE delivery SET state = ?, state_instant = ?, reason = ?, hold = ?, attempts = ?, possible_repeat = ?, updated = ?
                WHERE issue = ? AND milestone = ? AND deadline = ? AND reminder = ? AND channel = ?
                """,
                [
                    state.name, state.instant?.milliseconds, state.reason, state.hold?.rawValue,
                    delivery.attempts, delivery.isPossibleRepeat, now.milliseconds,
                ] + delivery.identity.columns)
        case .attempted(let attempt):
            guard !known.contains(attempt.identity) else { return }
            try execute(
                """
                INSERT OR REPLACE INTO attempt (delivery, number, started, ended, verdict, status, reason)
                SELECT id, ?, ?, ?, ?, ?, ? FROM delivery
                WHERE issue = ? AND milestone = ? AND deadline = ? AND reminder = ? AND channel = ?
                """,
                [
                    attempt.number, attempt.started.milliseconds, attempt.ended.milliseconds, attempt.verdict,
                    attempt.status, attempt.reason,
                ] + attempt.identity.columns)
        }
    }

    private mutating func add(_ delivery: Delivery) throws {
        let kind = delivery.kind.columns
        let state = delivery.state.columns
        try execute(
            """
            INSERT OR IGNORE INTO delivery (
                issue, milestone, deadline, reminder, channel, kind, previous_deadline, note, due, added, state,
                state_instant, reason, hold, attempts, possible_repeat, updated
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            delivery.identity.columns + [
                kind.name, kind.previous?.milliseconds, kind.note, delivery.due.milliseconds,
                delivery.added.milliseconds,
                state.name, state.instant?.milliseconds, state.reason, state.hold?.rawValue,
                delivery.attempts,
                delivery.isPossibleRepeat,
                now.milliseconds,
            ])
        if db.changesCount == 0 { known.append(delivery.identity) }
    }

    private func execute(_ sql: String, _ values: [(any DatabaseValueConvertible)?]) throws {
        try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }
}

// MARK: - Rows

extension DeliveryIdentity {
    fileprivate var columns: [(any DatabaseValueConvertible)?] {
        [issue, milestone, deadline.milliseconds, reminder, channel]
    }
}

extension Delivery.Kind {
    fileprivate var columns: (name: String, previous: Instant?, note: String?) {
        switch self {
        case .reminder: ("reminder", nil, nil)
        case .moved(let from): ("moved", from, nil)
        case .passed: ("passed", nil, nil)
        case .test: ("test", nil, nil)
        case .alert(let text): ("alert", nil, text)
        }
    }

    fileprivate init?(name: String, previous: Instant?, note: String?) {
        switch (name, previous) {
        case ("reminder", _): self = .reminder
        case ("moved", let from?): self = .moved(from: from)
        case ("passed", _): self = .passed
        case ("test", _): self = .test
        case ("alert", _): self = .alert(note ?? "")
        default: return nil
        }
    }
}

extension Delivery.State {
    fileprivate var columns: (name: String, instant: Instant?, reason: String?, hold: Delivery.Hold?) {
        switch self {
        case .owed: ("owed", nil, nil, nil)
        case .sending(let since): ("sending", since, nil, nil)
        case .waiting(let until, let reason): ("waiting", until, reason, nil)
        case .unknown(let until, let reason): ("unknown", until, reason, nil)
        case .held(let hold, let reason): ("held", nil, reason, hold)
        case .delivered: ("delivered", nil, nil, nil)
        case .superseded: ("superseded", nil, nil, nil)
        case .expired(let reason): ("expired", nil, reason, nil)
        case .refused(let reason): ("refused", nil, reason, nil)
        case .cancelled(let reason): ("cancelled", nil, reason, nil)
        }
    }

    /// The word for it in the journal and in `--json`.
    package var name: String { columns.name }

    fileprivate init?(name: String, instant: Instant?, reason: String?, hold: String?) {
        let reason = reason ?? ""
        switch (name, instant) {
        case ("owed", _): self = .owed
        case ("sending", let since?): self = .sending(since: since)
        case ("waiting", let until?): self = .waiting(until: until, reason: reason)
        case ("unknown", let until?): self = .unknown(until: until, reason: reason)
        case ("held", _):
            guard let hold = hold.flatMap(Delivery.Hold.init(rawValue:)) else { return nil }
            self = .held(hold, reason: reason)
        case ("delivered", _): self = .delivered
        case ("superseded", _): self = .superseded
        case ("expired", _): self = .expired(reason: reason)
        case ("refused", _): self = .refused(reason: reason)
        case ("cancelled", _): self = .cancelled(reason: reason)
        default: return nil
        }
    }
}

extension DestinationRecord {
    fileprivate init(_ row: Row) {
        self.init()
        pausedUntil = (row["paused_until"] as Int64?).map(Instant.init(milliseconds:))
        failures = row["failures"]
        strikes = row["strikes"]
        if let reason: String = row["disabled_reason"], let since: Int64 = row["disabled_since"] {
            disabled = Disabled(reason: reason, since: Instant(milliseconds: since))
        }
    }
}

extension Delivery {
    fileprivate init(_ row: Row) throws {
        func instant(_ column: String) -> Instant? {
            (row[column] as Int64?).map(Instant.init(milliseconds:))
        }
        guard
            let kind = Kind(
                name: row["kind"], previous: instant("previous_deadline"), note: row["note"]),
            let state = State(
                name: row["state"], instant: instant("state_instant"), reason: row["reason"],
                hold: row["hold"]),
            let deadline = instant("deadline"), let due = instant("due"), let added = instant("added")
        else { throw DatabaseError(message: "a delivery's row is damaged") }
        self.init(
            identity: DeliveryIdentity(
                issue: row["issue"], milestone: row["milestone"], deadline: deadline,
                reminder: row["reminder"],
                channel: row["channel"]),
            kind: kind, due: due, added: added, state: state, attempts: row["attempts"],
            isPossibleRepeat: row["possible_repeat"])
    }
}
