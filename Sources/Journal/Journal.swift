import Engine
import Foundation
import GRDB
import GRDBSQLite
import Glibc
import Messages
import Schedule
import Synchronization

/// What happened, on disk: deliveries, their attempts, the deadlines that were seen, and how far time is settled.
///
/// SQLite in WAL mode with `synchronous=FULL`: when `commit` returns, its changes survive a power cut. Calls block; the
/// service makes them on a queue of their own.
package final class Journal: Sendable {
    let database: DatabaseQueue
    private let path: String
    /// The rows of deliveries that are not final: finding one by its identity takes five comparisons of texts.
    private let numbers = Mutex<[DeliveryIdentity: Int64]>([:])
    private let keeps: @Sendable (Change) -> Bool
    private let log: Log
    private let identity: Identity?

    /// SQLite's log, which it writes before its database.
    private final class Log: Sendable {
        /// As many as SQLite itself moves into the database at a time.
        static let longest = 1000
        /// How long it is.
        let pages = Atomic(0)
    }

    /// SQLite's.
    package static let libraryVersion = String(cString: sqlite3_libversion())

    /// The name of the journal in the state directory.
    package static let fileName = "journal.db"

    /// Opens a journal, making or upgrading it where needed.
    ///
    /// - Parameters:
    ///   - isChecked: whether every page is looked at first, which takes a second or so for a million deliveries.
    ///   - keeps: which changes `commit` writes; the others stay the business of somebody else.
    package init(
        path: String, isChecked: Bool = false, keeps: @escaping @Sendable (Change) -> Bool = { _ in true }
    ) throws(JournalFault) {
        self.path = path
        self.keeps = keeps
        let log = Log()
        self.log = log
        // SQLite takes an empty file for a new database. A journal that was made is never empty.
        var status = stat()
        if isChecked, stat(path, &status) == 0, status.st_size == 0 {
            throw JournalFault(path, isDamage: true, "it is empty")
        }
        var configuration = GRDB.Configuration()
        configuration.label = "journal"
        // An attempt is written for a row that was just found.
        configuration.foreignKeysEnabled = false
        // Somebody may be reading it with a tool of their own.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // See `checkpoint`.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            // Unretained: this closure keeps it as long as there is a connection.
            sqlite3_wal_hook(
                db.sqliteConnection,
                { context, _, _, pages in
                    guard let context else { return SQLITE_OK }
                    let log = Unmanaged<Log>.fromOpaque(context).takeUnretainedValue()
                    log.pages.store(Int(pages), ordering: .relaxed)
                    return SQLITE_OK
                }, Unmanaged.passUnretained(log).toOpaque())
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            // Where a file may only be read, SQLite opens it for that, and says so at the first change.
            if try database.read({ sqlite3_db_readonly($0.sqliteConnection, "main") == 1 }) {
                throw JournalFault(
                    path, isDamage: false, "it may only be read: give it to the user that the service runs as"
                )
            }
            if isChecked, let finding = try database.read(Journal.damage) {
                throw JournalFault(path, isDamage: true, finding)
            }
            if try database.read(Journal.migrator.hasBeenSuperseded) {
                throw JournalFault(
                    path, isDamage: false, isOfNewerVersion: true,
                    "a newer version of deadlined wrote it (install that one, or name another with --state)")
            }
            try Journal.migrator.migrate(database)
            identity = Identity(of: path)
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

    /// What an engine must know of earlier runs.
    package func remember() throws(JournalFault) -> Memory {
        do {
            return try database.read { db in
                var memory = Memory()
                if let row = try Row.fetchOne(db, sql: "SELECT * FROM clock") {
                    memory.settled = try row.instant("settled")
                    memory.doubt = try ClockDoubt(row)
                    memory.jumped = try ClockJump(row)
                }
                if let text = try String.fetchOne(db, sql: "SELECT timing FROM timing") {
                    // What an older or newer version wrote otherwise is as good as nothing: it is written anew.
                    memory.timing = try? JSONDecoder().decode(Timing.self, from: Data(text.utf8))
                }
                let destinations = try Row.fetchCursor(db, sql: "SELECT * FROM destination")
                while let row = try destinations.next() {
                    memory.destinations[try row.value("channel")] = try DestinationRecord(row)
                }
                memory.marks = try Journal.marks(db)
                let sightings = try Row.fetchCursor(db, sql: "SELECT * FROM sighting")
                while let row = try sightings.next() {
                    memory.sightings[try MilestoneKey(row)] = try Sighting(row)
                }
                // In the order of the rows, in which they were written: a clock that went back may have given a later one an
                // earlier instant.
                let news = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT issue, milestone, deadline, reminder, channel, previous_deadline, possible_repeat, state, open
                        FROM delivery WHERE kind = 'moved' ORDER BY id
                        """)
                while let row = try news.next() {
                    memory.beliefs.note(
                        try DeliveryIdentity(row), from: try row.instant("previous_deadline"),
                        isOpen: (try row.optional("open") ?? 0) == 1,
                        isCancelled: try row.value("state") == "cancelled",
                        isPossibleRepeat: try row.value("possible_repeat"))
                }
                // By the index of identities: of a million rows these are few. Who only reads may meet an earlier version.
                let isStartKnown = try db.columns(in: "delivery").contains { $0.name == "started" }
                // See `Delivery.told`.
                let sent =
                    isStartKnown
                    ? "CASE possible_repeat WHEN 0 THEN max(due, ifnull(started, 0)) ELSE due END" : "due"
                let digests = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT channel, ifnull(
                            max(CASE state WHEN 'delivered' THEN \(sent) END), min(previous_deadline)) AS told
                        FROM delivery WHERE issue = '' AND milestone = '' AND kind = 'digest' GROUP BY channel
                        """)
                while let row = try digests.next() {
                    memory.digests[try row.value("channel")] = try row.instant("told")
                }
                let open = try Row.fetchCursor(
                    db, sql: "SELECT * FROM delivery WHERE open = 1")
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
        if let removal { throw removal }
        do {
            let writer = try database.write { db in
                var writer = JournalWriter(db: db, now: now) { identity in
                    self.numbers.withLock { $0[identity] }
                }
                for change in changes where self.keeps(change) { try writer.write(change) }
                return writer
            }
            // Only now is it known that they are there.
            numbers.withLock { numbers in
                for (identity, number) in writer.added { numbers[identity] = number }
                for identity in writer.ended { numbers[identity] = nil }
            }
            return writer.known
        } catch {
            throw JournalFault(error, "the journal cannot be written")
        }
    }

    /// Why nothing must be written any more: somebody has removed the file, or put another in its place, and what goes into
    /// it is nowhere.
    package var removal: JournalFault? {
        guard let now = Identity(of: path) else {
            return errno == ENOENT ? JournalFault(removed: path, isReplaced: false) : nil
        }
        return now == identity ? nil : JournalFault(removed: path, isReplaced: true)
    }

    /// Which file a path leads to.
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t

        /// Nil, with `errno`, where there is none.
        init?(of path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            inode = status.st_ino
        }
    }

    /// Moves what has gathered in SQLite's log into the database, where that is much. It takes some milliseconds: by
    /// itself SQLite does it within a commit, and a reminder would wait for it.
    package func checkpoint() {
        guard log.pages.load(ordering: .relaxed) >= Log.longest else { return }
        // What fails here, on a full disk or beside a reader, loses nothing: it is tried again after the next commit.
        guard (try? database.writeWithoutTransaction({ try $0.checkpoint(.passive) })) != nil else { return }
        log.pages.store(0, ordering: .relaxed)
    }

    /// Moves all of it there, for the end of a service: who copies the one file then has everything, and who puts a copy back
    /// finds no log beside it that would be mixed with it. Beside a reader, or on a full disk, it stays in the log as after a kill.
    package func checkpointWholly() {
        _ = try? database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    }

    /// Opens a journal to look into it, whoever writes it.
    package init(reading path: String) throws(JournalFault) {
        self.path = path
        keeps = { _ in true }
        log = Log()
        identity = nil
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw JournalFault(error, "the journal \(path) cannot be opened")
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            // Instants are milliseconds since 1970 in UTC. `open` is 1 while a delivery is not final, and else NULL.
            try db.execute(
                sql: """
                    CREATE TABLE clock (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        settled INTEGER NOT NULL
                    );
                    CREATE TABLE timing (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        timing TEXT NOT NULL
                    );
                    CREATE TABLE sighting (
                        issue TEXT NOT NULL,
                        milestone TEXT NOT NULL,
                        deadline INTEGER NOT NULL,
                        first INTEGER NOT NULL,
                        PRIMARY KEY (issue, milestone)
                    ) WITHOUT ROWID;
                    CREATE TABLE destination (
                        channel TEXT PRIMARY KEY,
                        paused_until INTEGER,
                        failures INTEGER NOT NULL,
                        strikes INTEGER NOT NULL,
                        disabled_reason TEXT,
                        disabled_since INTEGER
                    ) WITHOUT ROWID;
                    CREATE TABLE delivery (
                        id INTEGER PRIMARY KEY,
                        state TEXT NOT NULL,
                        state_instant INTEGER,
                        open INTEGER,
                        attempts INTEGER NOT NULL,
                        possible_repeat INTEGER NOT NULL,
                        updated INTEGER NOT NULL,
                        issue TEXT NOT NULL,
                        milestone TEXT NOT NULL,
                        deadline INTEGER NOT NULL,
                        reminder TEXT NOT NULL,
                        channel TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        previous_deadline INTEGER,
                        note TEXT,
                        due INTEGER NOT NULL,
                        added INTEGER NOT NULL,
                        reason TEXT,
                        hold TEXT,
                        UNIQUE (issue, milestone, deadline, reminder, channel)
                    );
                    CREATE INDEX delivery_open ON delivery (open) WHERE open IS NOT NULL;
                    CREATE TABLE attempt (
                        delivery INTEGER NOT NULL REFERENCES delivery (id),
                        number INTEGER NOT NULL,
                        started INTEGER NOT NULL,
                        ended INTEGER NOT NULL,
                        verdict TEXT NOT NULL,
                        status INTEGER,
                        reason TEXT NOT NULL,
                        PRIMARY KEY (delivery, number)
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2") { db in
            try db.execute(
                sql: """
                    ALTER TABLE delivery ADD COLUMN plain INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE delivery ADD COLUMN fold TEXT;
                    ALTER TABLE sighting ADD COLUMN previous INTEGER;
                    ALTER TABLE destination ADD COLUMN forwarded_from TEXT;
                    ALTER TABLE destination ADD COLUMN forwarded_to TEXT;
                    """)
        }
        migrator.registerMigration("3") { db in
            try db.execute(
                sql: """
                    ALTER TABLE destination ADD COLUMN muted_until INTEGER;
                    ALTER TABLE sighting ADD COLUMN moves INTEGER NOT NULL DEFAULT 0;
                    CREATE TABLE mark (
                        issue TEXT NOT NULL,
                        milestone TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        instant INTEGER NOT NULL,
                        since INTEGER NOT NULL,
                        PRIMARY KEY (issue, milestone)
                    ) WITHOUT ROWID;
                    -- The last text without errors of each file of special issues. (The main file may hold secrets.)
                    CREATE TABLE accepted (
                        path TEXT PRIMARY KEY,
                        text BLOB NOT NULL
                    );
                    """)
        }
        migrator.registerMigration("4") { db in
            // A move counts two now, so that odd numbers are left for what is away.
            try db.execute(sql: "UPDATE sighting SET moves = 2 * moves")
        }
        migrator.registerMigration("5") { db in
            // Nearly every delivery has one attempt: it stands in the delivery's row, with the instant of `updated` for its
            // end. What is open is looked for at a start alone, which reads the whole journal anyway.
            try db.execute(
                sql: """
                    DROP INDEX delivery_open;
                    ALTER TABLE delivery ADD COLUMN started INTEGER;
                    ALTER TABLE delivery ADD COLUMN status INTEGER;
                    CREATE VIEW tried AS
                        SELECT delivery, number, started, ended, verdict, status, reason FROM attempt
                        UNION ALL
                        SELECT id, attempts, started, updated, 'delivered', status, '' FROM delivery
                        WHERE started IS NOT NULL;
                    """)
        }
        migrator.registerMigration("6") { db in
            try db.execute(sql: "ALTER TABLE delivery ADD COLUMN edition INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("7") { db in
            // Since when a mute lasts that was asked for as a span. Which fallback has heard that a destination is dead, and why.
            // Since when a clock has stood that went back: `doubted_since` is a time since the machine's start, which was at
            // `booted` by that clock.
            try db.execute(
                sql: """
                    ALTER TABLE destination ADD COLUMN muted_since INTEGER;
                    ALTER TABLE destination ADD COLUMN told TEXT;
                    ALTER TABLE destination ADD COLUMN told_reason TEXT;
                    ALTER TABLE clock ADD COLUMN doubted_since INTEGER;
                    ALTER TABLE clock ADD COLUMN booted INTEGER;
                    """)
        }
        migrator.registerMigration("8") { db in
            try db.execute(sql: "ALTER TABLE delivery ADD COLUMN losses INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("9") { db in
            // The first instant in UTC of the day that is written for a deadline. Since when a clock is not believed that jumped
            // ahead, by how much, and when the machine was started by the clock before.
            try db.execute(
                sql: """
                    ALTER TABLE sighting ADD COLUMN date INTEGER;
                    ALTER TABLE clock ADD COLUMN jumped_since INTEGER;
                    ALTER TABLE clock ADD COLUMN booted_before INTEGER;
                    ALTER TABLE clock ADD COLUMN jumped_by INTEGER;
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
    /// A newer version wrote it: another start of this one mends nothing either.
    package let isOfNewerVersion: Bool
    /// Another file stands in its place, which is not ours to judge.
    package let isReplaced: Bool

    init(_ path: String, isDamage: Bool, isOfNewerVersion: Bool = false, _ why: String) {
        description = "the journal \(path) cannot be used: \(why)"
        self.isDamage = isDamage
        self.isOfNewerVersion = isOfNewerVersion
        isReplaced = false
    }

    init(removed path: String, isReplaced: Bool) {
        description =
            "somebody \(isReplaced ? "put another file in the place of" : "removed") the journal \(path) while it was in use"
        isDamage = true
        isOfNewerVersion = false
        self.isReplaced = isReplaced
    }

    init(_ error: any Error, _ what: String) {
        let code = (error as? DatabaseError)?.resultCode
        isDamage = code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB
        isOfNewerVersion = false
        isReplaced = false
        let why = (error as? DatabaseError).map { $0.message ?? "\($0.resultCode)" } ?? "\(type(of: error))"
        description = "\(what): \(why)"
    }
}

// MARK: - Files of special issues

extension Journal {
    /// The last text without errors of each file of special issues, by path.
    package func acceptedTexts() throws(JournalFault) -> [String: [UInt8]] {
        do {
            return try database.read { db in
                var texts: [String: [UInt8]] = [:]
                let rows = try Row.fetchCursor(db, sql: "SELECT path, text FROM accepted")
                while let row = try rows.next() {
                    texts[try row.value("path")] = Array(try row.value("text") as Data)
                }
                return texts
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// Remembers texts in the place of those that were remembered before.
    package func accept(_ texts: [String: [UInt8]], inPlaceOf before: [String: [UInt8]]) throws(JournalFault)
    {
        do {
            try database.write { db in
                for path in before.keys where texts[path] == nil {
                    try db.execute(sql: "DELETE FROM accepted WHERE path = ?", arguments: [path])
                }
                for (path, text) in texts where before[path] != text {
                    try db.execute(
                        sql: "INSERT OR REPLACE INTO accepted (path, text) VALUES (?, ?)",
                        arguments: [path, Data(text)])
                }
            }
        } catch {
            throw JournalFault(error, "the journal cannot be written")
        }
    }
}
