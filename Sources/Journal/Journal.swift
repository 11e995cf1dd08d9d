import Engine
import Foundation
import GRDB
import Glibc
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
    ///
    /// - Parameter isChecked: whether every page is looked at first, which takes a second or so for a million deliveries.
    package init(path: String, isChecked: Bool = false) throws(JournalFault) {
        // SQLite takes an empty file for a new database. A journal that was made is never empty.
        var status = stat()
        if isChecked, stat(path, &status) == 0, status.st_size == 0 {
            throw JournalFault(path, isDamage: true, "it is empty")
        }
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
            if isChecked, let finding = try database.read(Journal.damage) {
                throw JournalFault(path, isDamage: true, finding)
            }
            if try database.read(Journal.migrator.hasBeenSuperseded) {
                throw JournalFault(path, isDamage: false, "a newer version of deadlined wrote it")
            }
            try Journal.migrator.migrate(database)
        } catch let fault as JournalFault {
            throw fault
        } catch {
            throw JournalFault(error, "the journal \(path) cannot be opened")
        }
    }

    /// What SQLite finds wrong with its file; nil where nothing is.
    private static func damage(_ db: Database) throws -> String? {
        let finding = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
        return finding == "ok" ? nil : finding ?? "it cannot be checked"
    }

    /// Opens the journal of a service, which must be the only one that works with it. A damaged one is set aside, with
    /// what belongs to it, and a new one takes its place.
    package static func opened(path: String, now: Instant) throws(JournalFault) -> (Journal, SetAside?) {
        do {
            return (try Journal(path: path, isChecked: true), nil)
        } catch  where error.isDamage {
            let aside = "\(path).damaged-\(now)"
            // The file first: without it SQLite takes no log for a journal's.
            for suffix in ["", "-wal", "-shm"] {
                guard rename(path + suffix, aside + suffix) == 0 || errno == ENOENT else {
                    throw JournalFault(
                        path, isDamage: true,
                        "\(error.description); it cannot be set aside: \(String(cString: strerror(errno)))")
                }
            }
            return (try Journal(path: path), SetAside(path: aside, reason: error.description))
        }
    }

    /// A damaged journal that a new one has replaced.
    package struct SetAside: Sendable {
        package let path: String
        package let reason: String
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
        /// Those that failed since their last success, by channel.
        package let troubled: [(channel: String, record: DestinationRecord)]
    }

    package func tally() throws(JournalFault) -> Tally {
        do {
            return try database.read { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT state, COUNT(*) FROM delivery GROUP BY state ORDER BY 2 DESC, 1")
                let destinations = try Row.fetchAll(db, sql: "SELECT * FROM destination ORDER BY channel")
                return Tally(
                    settled: try Int64.fetchOne(db, sql: "SELECT settled FROM clock").map(
                        Instant.init(milliseconds:)),
                    deliveries: rows.map { ($0[0], $0[1]) },
                    troubled: destinations.map { ($0["channel"], DestinationRecord($0)) }.filter {
                        $0.1 != DestinationRecord()
                    })
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// A delivery as the journal has it.
    package struct Record: Sendable {
        /// What people call it by.
        package let number: Int64
        package let delivery: Delivery
        /// When its state last changed.
        package let updated: Instant
    }

    /// Which deliveries are asked for. What is nil does not matter.
    package struct Filter: Sendable {
        package var number: Int64?
        package var issue: String?
        package var channel: String?
        package var isOpen: Bool?
        /// No more than so many, the last ones.
        package var limit: Int?

        package init(
            number: Int64? = nil, issue: String? = nil, channel: String? = nil, isOpen: Bool? = nil,
            limit: Int? = nil
        ) {
            self.number = number
            self.issue = issue
            self.channel = channel
            self.isOpen = isOpen
            self.limit = limit
        }
    }

    /// Deliveries with their attempts, in the order in which they came to be owed.
    package func history(_ filter: Filter, _ body: (Record, [Attempt]) -> Void) throws(JournalFault) {
        var conditions = ["1"]
        var arguments: StatementArguments = []
        if let number = filter.number {
            conditions.append("id = ?")
            arguments += [number]
        }
        if let issue = filter.issue {
            conditions.append("issue = ?")
            arguments += [issue]
        }
        if let channel = filter.channel {
            conditions.append("channel = ?")
            arguments += [channel]
        }
        if let isOpen = filter.isOpen {
            conditions.append("state \(isOpen ? "" : "NOT ")IN \(Journal.openStates)")
        }
        arguments += [filter.limit ?? -1]
        do {
            try database.read { db in
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT * FROM (
                            SELECT * FROM delivery WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?
                        ) ORDER BY id
                        """, arguments: arguments)
                let attempts = try db.cachedStatement(
                    sql: "SELECT * FROM attempt WHERE delivery = ? ORDER BY number")
                while let row = try rows.next() {
                    let record = Record(
                        number: row["id"], delivery: try Delivery(row),
                        updated: Instant(milliseconds: row["updated"]))
                    let tried = try Row.fetchAll(attempts, arguments: [record.number])
                    body(record, tried.map { Attempt($0, of: record.delivery.identity) })
                }
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// One delivery; nil where there is none of that number.
    package func delivery(_ number: Int64) throws(JournalFault) -> Delivery? {
        var found: Delivery?
        try history(Filter(number: number)) { record, _ in found = record.delivery }
        return found
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
    /// The file itself is damaged: no waiting mends that.
    package let isDamage: Bool

    init(_ path: String, isDamage: Bool, _ why: String) {
        description = "the journal \(path) cannot be used: \(why)"
        self.isDamage = isDamage
    }

    init(_ error: any Error, _ what: String) {
        let code = (error as? DatabaseError)?.resultCode
        isDamage = code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB
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

    /// Why it is what it is, where that needs a reason.
    package var reason: String? { columns.reason }

    /// When the next attempt may begin, where one waits.
    package var next: Instant? {
        switch self {
        case .waiting(let until, _), .unknown(let until, _): until
        default: nil
        }
    }

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

extension Attempt {
    fileprivate init(_ row: Row, of identity: DeliveryIdentity) {
        self.init(
            identity: identity, number: row["number"], started: Instant(milliseconds: row["started"]),
            ended: Instant(milliseconds: row["ended"]), verdict: row["verdict"], status: row["status"],
            reason: row["reason"])
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
