import Engine
import Foundation
import GRDB
import Messages
import Schedule

extension Delivery.Kind {
    var columns: (name: String, previous: Instant?, note: String?) {
        switch self {
        case .reminder: ("reminder", nil, nil)
        case .moved(let from): ("moved", from, nil)
        case .passed: ("passed", nil, nil)
        case .confirm(let checked): ("confirm", Zone.utc.startOfDay(checked), nil)
        case .digest(let since): ("digest", since, nil)
        case .test: ("test", nil, nil)
        case .alert(let alert): ("alert", nil, alert.note)
        }
    }

    init?(name: String, previous: Instant?, note: String?) {
        switch (name, previous) {
        case ("reminder", _): self = .reminder
        case ("moved", let from?): self = .moved(from: from)
        case ("passed", _): self = .passed
        case ("confirm", let checked?): self = .confirm(checked: Zone.utc.civil(at: checked).date)
        case ("digest", let since?): self = .digest(since: since)
        case ("test", _): self = .test
        case ("alert", _): self = .alert(ServiceAlert(note: note ?? ""))
        default: return nil
        }
    }
}

extension ServiceAlert {
    /// As JSON; what is in words already stays as it is.
    fileprivate var note: String {
        if case .worded(let text) = self { return text }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and numbers always have a form.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// A note that is none of ours is words: it is shown as it is.
    fileprivate init(note: String) {
        self = (try? JSONDecoder().decode(ServiceAlert.self, from: Data(note.utf8))) ?? .worded(note)
    }
}

extension Delivery.State {
    var columns: (name: String, instant: Instant?, reason: String?, hold: Delivery.Hold?) {
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

    init?(name: String, instant: Instant?, reason: String?, hold: String?) {
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

/// Reading rows that a disk may have changed. GRDB's subscripts trap on what is not of the type they are asked for.
extension Row {
    /// What stands in a column; nil for NULL, and in a journal of an earlier version, which is only read, for a column that came
    /// later.
    func optional<Value: DatabaseValueConvertible>(_ column: String) throws -> Value? {
        guard hasColumn(column) else { return nil }
        let stored: DatabaseValue = self[column]
        guard !stored.isNull else { return nil }
        guard let value = Value.fromDatabaseValue(stored) else { throw damage(column) }
        return value
    }

    func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
        guard let value: Value = try optional(column) else { throw damage(column) }
        return value
    }

    func optionalInstant(_ column: String) throws -> Instant? {
        guard let milliseconds: Int64 = try optional(column) else { return nil }
        let instant = Instant(milliseconds: milliseconds)
        // Beyond these no sum of instants and spans is safe, and nobody wrote them.
        guard (.distantPast ... .distantFuture).contains(instant) else { throw damage(column) }
        return instant
    }

    func instant(_ column: String) throws -> Instant {
        guard let instant = try optionalInstant(column) else { throw damage(column) }
        return instant
    }

    /// A number of times that something happened.
    func count(_ column: String) throws -> Int {
        let count: Int32 = try value(column)
        return Int(count)
    }

    /// The same where the column came later than others.
    func laterCount(_ column: String) throws -> Int {
        hasColumn(column) ? try count(column) : 0
    }

    /// The same fault as SQLite's own for a page that it cannot read.
    func damage(_ column: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row is damaged: its '\(column)' is unreadable")
    }
}

extension Attempt {
    init(_ row: Row, of identity: DeliveryIdentity) throws {
        self.init(
            identity: identity, number: try row.count("number"), started: try row.instant("started"),
            ended: try row.instant("ended"), verdict: try row.value("verdict"),
            status: try row.optional("status"), reason: try row.value("reason"))
    }
}

extension ClockDoubt {
    init?(_ row: Row) throws {
        guard let since = try row.optionalInstant("doubted_since"),
            let booted = try row.optionalInstant("booted")
        else { return nil }
        // A time since a machine's start, with the bounds of an instant.
        self.init(since: since - Instant(milliseconds: 0), booted: booted)
    }
}

extension ClockJump {
    init?(_ row: Row) throws {
        guard let since = try row.optionalInstant("jumped_since"),
            let booted = try row.optionalInstant("booted_before"),
            let by = try row.optionalInstant("jumped_by")
        else { return nil }
        let zero = Instant(milliseconds: 0)
        self.init(since: since - zero, booted: booted, by: by - zero)
    }
}

extension DestinationRecord {
    init(_ row: Row) throws {
        self.init()
        pausedUntil = try row.optionalInstant("paused_until")
        failures = try row.count("failures")
        strikes = try row.count("strikes")
        if let reason: String = try row.optional("disabled_reason"),
            let since = try row.optionalInstant("disabled_since")
        {
            disabled = Disabled(reason: reason, since: since)
        }
        mutedUntil = try row.optionalInstant("muted_until")
        mutedSince = try row.optionalInstant("muted_since")
        deathTold = DeathTold(to: try row.optional("told"), reason: try row.optional("told_reason") ?? "")
        if let from: String = try row.optional("forwarded_from"),
            let to: String = try row.optional("forwarded_to")
        {
            forwarding = Forwarding(from: from, to: to)
        }
    }
}

extension Mark {
    init(_ row: Row) throws {
        let instant = try row.instant("instant")
        let kind: Kind =
            switch try row.value("kind") as String {
            case "done": .done(deadline: instant)
            case "snoozed": .snoozed(until: instant)
            case "snoozed for": .snoozed(until: instant, isSpan: true)
            default: throw row.damage("kind")
            }
        self.init(kind: kind, since: try row.instant("since"))
    }

    var columns: (kind: String, instant: Instant) {
        switch kind {
        case .done(let deadline): ("done", deadline)
        case .snoozed(let until, let isSpan): (isSpan ? "snoozed for" : "snoozed", until)
        }
    }
}

extension Sighting {
    init(_ row: Row) throws {
        self.init(
            deadline: try row.instant("deadline"),
            date: try row.optionalInstant("date").map { Zone.utc.civil(at: $0).date },
            first: try row.instant("first"),
            previous: try row.optionalInstant("previous"),
            moves: try row.laterCount("moves"))
    }
}

extension MilestoneKey {
    init(_ row: Row) throws {
        self.init(issue: try row.value("issue"), milestone: try row.value("milestone"))
    }
}

extension DeliveryIdentity {
    init(_ row: Row) throws {
        self.init(
            issue: try row.value("issue"), milestone: try row.value("milestone"),
            deadline: try row.instant("deadline"), reminder: try row.value("reminder"),
            channel: try row.value("channel"))
    }
}

extension Delivery {
    init(_ row: Row) throws {
        guard
            let kind = Kind(
                name: try row.value("kind"), previous: try row.optionalInstant("previous_deadline"),
                note: try row.optional("note"))
        else { throw row.damage("kind") }
        guard
            let state = State(
                name: try row.value("state"), instant: try row.optionalInstant("state_instant"),
                reason: try row.optional("reason"), hold: try row.optional("hold"))
        else { throw row.damage("state") }
        self.init(
            identity: try DeliveryIdentity(row), kind: kind, due: try row.instant("due"),
            added: try row.instant("added"), state: state,
            attempts: try row.count("attempts"), isPossibleRepeat: try row.value("possible_repeat"),
            losses: try row.laterCount("losses"), isPlain: try row.optional("plain") ?? false,
            fold: try row.optional("fold"), edition: try row.laterCount("edition"))
    }
}
