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
    /// The texts of a statement under way.
    private var texts: [UInt8] = []

    private enum Statement: Int, CaseIterable {
        case settle, doubt, jump, time, destination, see, mark, unmark, add, revive, update
        /// What is owed may have been final before: somebody wanted it once more.
        case reopen
        case end, deliver, attempt
        /// The attempt that delivered it is one of several from now on.
        case keepAttempt

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
                    issue, milestone, deadline, reminder, channel, kind, previous_deadline, note, due, added, state,
                    state_instant, open, reason, hold, attempts, possible_repeat, plain, fold, updated, edition,
                    losses
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (issue, milestone, deadline, reminder, channel) DO NOTHING
                """
            // Nobody got it, and it ended before it was due, or by a clock that was ahead of the one by which it is found due now.
            case .revive:
                """
                UPDATE delivery SET kind = ?, previous_deadline = ?, note = ?, due = ?, added = ?, state = ?,
                    state_instant = ?, open = ?, reason = ?, hold = ?, attempts = ?, possible_repeat = ?, plain = ?, fold = ?,
                    updated = ?, edition = ?, losses = ?
                WHERE issue = ? AND milestone = ? AND deadline = ? AND reminder = ? AND channel = ?
                    AND state IN ('superseded', 'cancelled') AND possible_repeat = 0 AND (updated < due OR updated > ?)
                """
            case .update:
                """
                UPDATE delivery SET state = ?, state_instant = ?, reason = ?, hold = ?, attempts = ?, possible_repeat = ?, plain = ?,
                    fold = ?, updated = ?, added = ?, edition = ?, losses = ?, previous_deadline = ?
                WHERE id = ?
                """
            case .reopen:
                """
                UPDATE delivery SET state = ?, state_instant = ?, reason = ?, hold = ?, attempts = ?, possible_repeat = ?, plain = ?,
                    fold = ?, updated = ?, added = ?, edition = ?, losses = ?, previous_deadline = ?, open = 1, started = NULL, status = NULL
                WHERE id = ?
                """
            case .end:
                """
                UPDATE delivery SET state = ?, state_instant = ?, reason = ?, hold = ?, attempts = ?, possible_repeat = ?, plain = ?,
                    fold = ?, updated = ?, added = ?, edition = ?, losses = ?, previous_deadline = ?, open = NULL
                WHERE id = ?
                """
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
            try execute(.settle, [.integer(instant.milliseconds)])
        case .doubted(let doubt):
            try execute(.doubt, [.integer(doubt.since.milliseconds), .integer(doubt.booted.milliseconds)])
        case .jumped(let jumped):
            try execute(
                .jump,
                [
                    .integer(jumped?.since.milliseconds), .integer(jumped?.booted.milliseconds),
                    .integer(jumped?.by.milliseconds),
                ])
        case .timed(let timing):
            try execute(.time, [.text(String(decoding: try JSONEncoder().encode(timing), as: UTF8.self))])
        case .destination(let channel, let record):
            try execute(
                .destination,
                [
                    .text(channel), .integer(record.pausedUntil?.milliseconds),
                    .integer(Int64(record.failures)), .integer(Int64(record.strikes)),
                    .text(record.disabled?.reason), .integer(record.disabled?.since.milliseconds),
                    .text(record.forwarding?.from), .text(record.forwarding?.to),
                    .integer(record.mutedUntil?.milliseconds), .integer(record.mutedSince?.milliseconds),
                    .text(record.deathTold?.fallback), .text(record.deathTold?.reason),
                ])
        case .sighted(let key, let sighting):
            try execute(
                .see,
                [
                    .text(key.issue), .text(key.milestone), .integer(sighting.deadline.milliseconds),
                    .integer(sighting.date.map { Zone.utc.startOfDay($0).milliseconds }),
                    .integer(sighting.first.milliseconds), .integer(sighting.previous?.milliseconds),
                    .integer(Int64(sighting.moves)),
                ])
        case .marked(let key, let mark?):
            let columns = mark.columns
            try execute(
                .mark,
                [
                    .text(key.issue), .text(key.milestone), .text(columns.kind),
                    .integer(columns.instant.milliseconds), .integer(mark.since.milliseconds),
                ])
        case .marked(let key, nil):
            try execute(.unmark, [.text(key.issue), .text(key.milestone)])
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
            let state = delivery.state.columns
            if delivery.state == .owed { try execute(.keepAttempt, [.integer(number)]) }
            try rewrite(
                delivery.state.isFinal ? .end : delivery.state == .owed ? .reopen : .update,
                [
                    .text(state.name), .integer(state.instant?.milliseconds), .text(state.reason),
                    .text(state.hold?.rawValue), .integer(Int64(delivery.attempts)),
                    .integer(delivery.isPossibleRepeat ? 1 : 0), .integer(delivery.isPlain ? 1 : 0),
                    .text(delivery.fold), .integer(now.milliseconds), .integer(delivery.added.milliseconds),
                    .integer(Int64(delivery.edition)), .integer(Int64(delivery.losses)),
                    .integer(delivery.kind.columns.previous?.milliseconds),
                    .integer(number),
                ])
            if delivery.state.isFinal { ended.append(delivery.identity) }
        case .supersede(var delivery, let successor):
            guard !known.contains(successor) else { return }
            delivery.state = .superseded
            try write(.update(delivery))
        case .delivered(let delivery, let attempt):
            guard !known.contains(delivery.identity) else { return }
            let number = try number(of: delivery.identity)
            // The rest of its row stands there since the attempt began.
            try rewrite(
                .deliver,
                [
                    .integer(attempt.ended.milliseconds), .integer(attempt.started.milliseconds),
                    .integer(attempt.status.map(Int64.init)), .integer(number),
                ])
            ended.append(delivery.identity)
        case .attempted(let attempt):
            guard !known.contains(attempt.identity) else { return }
            let number = try number(of: attempt.identity)
            try execute(
                .attempt,
                [
                    .integer(number), .integer(Int64(attempt.number)), .integer(attempt.started.milliseconds),
                    .integer(attempt.ended.milliseconds), .text(attempt.verdict),
                    .integer(attempt.status.map(Int64.init)), .text(attempt.reason),
                ])
        }
    }

    private mutating func add(_ delivery: Delivery) throws {
        let identity = delivery.identity
        let kind = delivery.kind.columns
        let state = delivery.state.columns
        let names: [Value] = [
            .text(identity.issue), .text(identity.milestone), .integer(identity.deadline.milliseconds),
            .text(identity.reminder), .text(identity.channel),
        ]
        let values: [Value] = [
            .text(kind.name),
            .integer(kind.previous?.milliseconds), .text(kind.note),
            .integer(delivery.due.milliseconds), .integer(delivery.added.milliseconds), .text(state.name),
            .integer(state.instant?.milliseconds), .integer(delivery.state.isFinal ? nil : 1),
            .text(state.reason), .text(state.hold?.rawValue), .integer(Int64(delivery.attempts)),
            .integer(delivery.isPossibleRepeat ? 1 : 0), .integer(delivery.isPlain ? 1 : 0),
            .text(delivery.fold), .integer(now.milliseconds), .integer(Int64(delivery.edition)),
            .integer(Int64(delivery.losses)),
        ]
        let changes = try execute(.add, names + values)
        let limit = Value.integer(delivery.added.milliseconds)
        if changes == 0, try execute(.revive, values + names + [limit]) == 1 { return }
        if changes == 0 {
            known.append(identity)
        } else if !delivery.state.isFinal {
            added[identity] = db.lastInsertedRowID
        }
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
    private mutating func rewrite(_ statement: Statement, _ values: [Value]) throws {
        guard try execute(statement, values) == 1 else { throw JournalWriter.missing }
    }

    private enum Value {
        case integer(Int64?)
        case text(String?)
    }

    /// Binds and steps by hand: GRDB's arguments cost as much as SQLite's own work.
    ///
    /// - Returns: the number of rows that changed.
    @discardableResult
    private mutating func execute(_ statement: Statement, _ values: [Value]) throws -> CInt {
        let handle: OpaquePointer
        if let known = prepared[statement.rawValue] {
            handle = known
        } else {
            handle = try db.cachedStatement(sql: statement.sql).sqliteStatement
            prepared[statement.rawValue] = handle
        }
        defer { sqlite3_reset(handle) }
        // They lie there until the statement is done, so SQLite copies none.
        texts.removeAll(keepingCapacity: true)
        for case .text(let text?) in values { texts += text.utf8 }
        let code = texts.withUnsafeBytes { bytes in
            var rest = bytes.assumingMemoryBound(to: CChar.self)[...]
            for (place, value) in zip(CInt(1)..., values) {
                let code: CInt
                switch value {
                case .integer(let number?): code = sqlite3_bind_int64(handle, place, number)
                case .text(let text?):
                    let text = UnsafeBufferPointer(rebasing: rest.prefix(text.utf8.count))
                    rest = rest.dropFirst(text.count)
                    code = sqlite3_bind_text(handle, place, text.baseAddress, CInt(text.count), nil)
                case .integer(nil), .text(nil): code = sqlite3_bind_null(handle, place)
                }
                guard code == SQLITE_OK else { return code }
            }
            return sqlite3_step(handle)
        }
        guard code == SQLITE_DONE else { throw fault(code) }
        return sqlite3_changes(sqlite3_db_handle(handle))
    }

    private func fault(_ code: CInt) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
    }
}
