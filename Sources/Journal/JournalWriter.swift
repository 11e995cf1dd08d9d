import Engine
import Foundation
import GRDB
import GRDBSQLite
import Messages
import Schedule

/// Writes the changes of one transaction.
struct JournalWriter {
    private let db: Database
    private let now: Instant
    /// Finds rows of earlier transactions.
    private let earlier: (DeliveryIdentity) -> Int64?
    /// Added deliveries whose identity was there already.
    private(set) var known: [DeliveryIdentity] = []
    private(set) var added: [DeliveryIdentity: Int64] = [:]
    /// What will hardly be written to again.
    private(set) var ended: [DeliveryIdentity] = []
    /// By statement, once it was needed.
    private var prepared = [OpaquePointer?](repeating: nil, count: Statement.allCases.count)

    private enum Statement: Int, CaseIterable {
        case settle, doubt, jump, time, destination, see, mark, unmark, add, revive, update
        /// What is owed may have been final before: somebody wanted it once more.
        case reopen
        case end, deliver, attempt
        /// The attempt that delivered it is one of several from now on.
        case keepAttempt

        /// What may change of a delivery: `Binding.bind(changing:at:)` gives the values.
        private static let changes = """
            state = ?, state_instant = ?, reason = ?, hold = ?, attempts = ?, possible_repeat = ?, plain = ?, fold = ?, updated = ?,
            added = ?, edition = ?, losses = ?, previous_deadline = ?
            """

        var sql: String {
            switch self {
            case .settle:
                // Time is settled by a clock that nobody doubts.
                """
                INSERT INTO clock (id, settled) VALUES (1, ?)
                ON CONFLICT DO UPDATE SET settled = excluded.settled, doubted_since = NULL, booted = NULL
                """
            case .doubt:
                "UPDATE clock SET doubted_since = ?, booted = ?"
            case .jump:
                "UPDATE clock SET jumped_since = ?, booted_before = ?, jumped_by = ?"
            case .time:
                "INSERT INTO timing (id, timing) VALUES (1, ?) ON CONFLICT DO UPDATE SET timing = excluded.timing"
            case .destination:
                """
                INSERT OR REPLACE INTO destination (
                    channel, paused_until, failures, strikes, disabled_reason, disabled_since, forwarded_from, forwarded_to,
                    muted_until, muted_since, told, told_reason
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            case .see:
                "INSERT OR REPLACE INTO sighting (issue, milestone, deadline, date, first, previous, moves) VALUES (?, ?, ?, ?, ?, ?, ?)"
            case .mark:
                "INSERT OR REPLACE INTO mark (issue, milestone, kind, instant, since) VALUES (?, ?, ?, ?, ?)"
            case .unmark:
                "DELETE FROM mark WHERE issue = ? AND milestone = ?"
            case .add:
                """
                INSERT INTO delivery (
                    issue, milestone, deadline, reminder, channel, kind, note, due, open, state, state_instant, reason,
                    hold, attempts, possible_repeat, plain, fold, updated, added, edition, losses, previous_deadline
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (issue, milestone, deadline, reminder, channel) DO NOTHING
                """
            // Nobody got it, and it ended before it was due, or by a clock that was ahead of the one by which it is found due now.
            case .revive:
                """
                UPDATE delivery SET kind = ?, note = ?, due = ?, open = ?, \(Statement.changes)
                WHERE issue = ? AND milestone = ? AND deadline = ? AND reminder = ? AND channel = ?
                    AND state IN ('superseded', 'cancelled') AND possible_repeat = 0 AND (updated < due OR updated > ?)
                """
            case .update:
                "UPDATE delivery SET \(Statement.changes) WHERE id = ?"
            case .reopen:
                "UPDATE delivery SET \(Statement.changes), open = 1, started = NULL, status = NULL WHERE id = ?"
            case .end:
                "UPDATE delivery SET \(Statement.changes), open = NULL WHERE id = ?"
            case .deliver:
                """
                UPDATE delivery SET state = 'delivered', state_instant = NULL, reason = NULL, updated = ?, open = NULL, started = ?,
                    status = ?
                WHERE id = ?
                """
            case .keepAttempt:
                """
                INSERT OR REPLACE INTO attempt (delivery, number, started, ended, verdict, status, reason)
                SELECT id, attempts, started, updated, 'delivered', status, '' FROM delivery
                WHERE id = ? AND started IS NOT NULL
                """
            case .attempt:
                """
                INSERT OR REPLACE INTO attempt (delivery, number, started, ended, verdict, status, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
            }
        }
    }

    init(db: Database, now: Instant, earlier: @escaping (DeliveryIdentity) -> Int64?) {
        self.db = db
        self.now = now
        self.earlier = earlier
    }

    mutating func write(_ change: Change) throws {
        switch change {
        case .settled(let instant):
            try execute(.settle) { $0.bind(instant) }
        case .doubted(let doubt):
            try execute(.doubt) { row in
                row.bind(doubt.since)
                row.bind(doubt.booted)
            }
        case .jumped(let jumped):
            try execute(.jump) { row in
                row.bind(jumped?.since)
                row.bind(jumped?.booted)
                row.bind(jumped?.by)
            }
        case .timed(let timing):
            let text = String(decoding: try JSONEncoder().encode(timing), as: UTF8.self)
            try execute(.time) { $0.bind(text) }
        case .destination(let channel, let record):
            try execute(.destination) { row in
                row.bind(channel)
                row.bind(record.pausedUntil)
                row.bind(record.failures)
                row.bind(record.strikes)
                row.bind(record.disabled?.reason)
                row.bind(record.disabled?.since)
                row.bind(record.forwarding?.from)
                row.bind(record.forwarding?.to)
                row.bind(record.mutedUntil)
                row.bind(record.mutedSince)
                row.bind(record.deathTold?.fallback)
                row.bind(record.deathTold?.reason)
            }
        case .sighted(let key, let sighting):
            try execute(.see) { row in
                row.bind(key)
                row.bind(sighting.deadline)
                row.bind(sighting.date.map(Zone.utc.startOfDay))
                row.bind(sighting.first)
                row.bind(sighting.previous)
                row.bind(sighting.moves)
            }
        case .marked(let key, let mark?):
            let columns = mark.columns
            try execute(.mark) { row in
                row.bind(key)
                row.bind(columns.kind)
                row.bind(columns.instant)
                row.bind(mark.since)
            }
        case .marked(let key, nil):
            try execute(.unmark) { $0.bind(key) }
        case .add(let delivery):
            try add(delivery)
        case .addIfMissed(let delivery, let missed):
            if missed.allSatisfy(known.contains) {
                known.append(delivery.identity)
            } else {
                try add(delivery)
            }
        case .update(let delivery):
            // A known identity keeps what an earlier life of it recorded.
            guard !known.contains(delivery.identity) else { return }
            let number = try number(of: delivery.identity)
            if delivery.state == .owed { try execute(.keepAttempt) { $0.bind(number) } }
            let now = now
            try rewrite(delivery.state.isFinal ? .end : delivery.state == .owed ? .reopen : .update) { row in
                row.bind(changing: delivery, at: now)
                row.bind(number)
            }
            if delivery.state.isFinal { ended.append(delivery.identity) }
        case .supersede(var delivery, let successor):
            guard !known.contains(successor) else { return }
            delivery.state = .superseded
            try write(.update(delivery))
        case .delivered(let delivery, let attempt):
            guard !known.contains(delivery.identity) else { return }
            let number = try number(of: delivery.identity)
            // The rest of its row stands there since the attempt began.
            try rewrite(.deliver) { row in
                row.bind(attempt.ended)
                row.bind(attempt.started)
                row.bind(attempt.status)
                row.bind(number)
            }
            ended.append(delivery.identity)
        case .attempted(let attempt):
            guard !known.contains(attempt.identity) else { return }
            let number = try number(of: attempt.identity)
            try execute(.attempt) { row in
                row.bind(number)
                row.bind(attempt.number)
                row.bind(attempt.started)
                row.bind(attempt.ended)
                row.bind(attempt.verdict)
                row.bind(attempt.status)
                row.bind(attempt.reason)
            }
        }
    }

    private mutating func add(_ delivery: Delivery) throws {
        let identity = delivery.identity
        let now = now
        func bindValues(_ row: inout Binding) {
            let kind = delivery.kind.columns
            row.bind(kind.name)
            row.bind(kind.note)
            row.bind(delivery.due)
            row.bind(delivery.state.isFinal ? nil : 1 as Int64)
            row.bind(changing: delivery, at: now)
        }
        let isNew =
            try execute(.add) { row in
                row.bind(identity)
                bindValues(&row)
            } == 1
        if isNew {
            if !delivery.state.isFinal { added[identity] = db.lastInsertedRowID }
            return
        }
        let isRevived =
            try execute(.revive) { row in
                bindValues(&row)
                row.bind(identity)
                row.bind(delivery.added)
            } == 1
        if !isRevived { known.append(identity) }
    }

    private func number(of identity: DeliveryIdentity) throws -> Int64 {
        if let number = added[identity] ?? earlier(identity) { return number }
        let number = try Int64.fetchOne(
            db,
            sql: """
                SELECT id FROM delivery WHERE issue = ? AND milestone = ? AND deadline = ? AND reminder = ? AND channel = ?
                """,
            arguments: [
                identity.issue, identity.milestone, identity.deadline.milliseconds, identity.reminder,
                identity.channel,
            ])
        guard let number else { throw JournalWriter.missing }
        return number
    }

    /// Without its row, what is about to be sent would not be in the journal.
    private static let missing = DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "the row of a delivery is missing")

    /// Rewrites the row of a delivery.
    private mutating func rewrite(_ statement: Statement, _ bind: (inout Binding) -> Void) throws {
        guard try execute(statement, bind) == 1 else { throw JournalWriter.missing }
    }

    /// Binds and steps by hand: GRDB's arguments cost as much as SQLite's own work.
    ///
    /// - Parameter bind: gives the statement's values, in the order of its question marks.
    /// - Returns: the number of rows that changed.
    @discardableResult
    private mutating func execute(_ statement: Statement, _ bind: (inout Binding) -> Void) throws -> CInt {
        let handle: OpaquePointer
        if let known = prepared[statement.rawValue] {
            handle = known
        } else {
            handle = try db.cachedStatement(sql: statement.sql).sqliteStatement
            prepared[statement.rawValue] = handle
        }
        defer { sqlite3_reset(handle) }
        // Texts lie there until the statement is done, so SQLite copies none that finds room.
        let code = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { room in
            var binding = Binding(handle, room)
            bind(&binding)
            return binding.fault ?? sqlite3_step(handle)
        }
        guard code == SQLITE_DONE else { throw fault(code) }
        return sqlite3_changes(sqlite3_db_handle(handle))
    }

    private func fault(_ code: CInt) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
    }
}

/// The values of a statement, each for the next question mark.
private struct Binding {
    private let statement: OpaquePointer
    private var room: UnsafeMutableBufferPointer<CChar>
    private var place: CInt = 0
    /// Why a value was not taken; no later one is given then, which would take SQLite's words for it away.
    private(set) var fault: CInt?

    /// SQLite takes a copy at once (`SQLITE_TRANSIENT`, which Swift cannot import).
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// - Parameter room: for texts, as long as the statement runs.
    init(_ statement: OpaquePointer, _ room: UnsafeMutableBufferPointer<CChar>) {
        self.statement = statement
        self.room = room
    }

    mutating func bind(_ number: Int64?) {
        guard fault == nil else { return }
        place += 1
        note(number.map { sqlite3_bind_int64(statement, place, $0) } ?? sqlite3_bind_null(statement, place))
    }

    mutating func bind(_ text: String?) {
        guard fault == nil else { return }
        place += 1
        guard var text else { return note(sqlite3_bind_null(statement, place)) }
        note(
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { text in
                    let count = CInt(text.count)
                    guard text.count < room.count else {
                        return sqlite3_bind_text(statement, place, text.baseAddress, count, Binding.copied)
                    }
                    let rest = room.update(fromContentsOf: text)
                    defer { room = UnsafeMutableBufferPointer(rebasing: room[rest...]) }
                    return sqlite3_bind_text(statement, place, room.baseAddress, count, nil)
                }
            })
    }

    mutating func bind(_ number: Int?) { bind(number.map(Int64.init)) }
    mutating func bind(_ isSet: Bool) { bind(isSet ? 1 as Int64 : 0) }
    mutating func bind(_ instant: Instant?) { bind(instant?.milliseconds) }
    mutating func bind(_ span: Span?) { bind(span?.milliseconds) }

    mutating func bind(_ key: MilestoneKey) {
        bind(key.issue)
        bind(key.milestone)
    }

    mutating func bind(_ identity: DeliveryIdentity) {
        bind(identity.issue)
        bind(identity.milestone)
        bind(identity.deadline)
        bind(identity.reminder)
        bind(identity.channel)
    }

    /// What may change of a delivery.
    mutating func bind(changing delivery: Delivery, at now: Instant) {
        let state = delivery.state.columns
        bind(state.name)
        bind(state.instant)
        bind(state.reason)
        bind(state.hold?.rawValue)
        bind(delivery.attempts)
        bind(delivery.isPossibleRepeat)
        bind(delivery.isPlain)
        bind(delivery.fold)
        bind(now)
        bind(delivery.added)
        bind(delivery.edition)
        bind(delivery.losses)
        bind(delivery.kind.columns.previous)
    }

    private mutating func note(_ code: CInt) {
        if code != SQLITE_OK { fault = code }
    }
}
