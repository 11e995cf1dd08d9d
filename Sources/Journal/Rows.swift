import Engine
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
        case .alert(let text): ("alert", nil, text)
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
        case ("alert", _): self = .alert(note ?? "")
        default: return nil
        }
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

extension Attempt {
    init(_ row: Row, of identity: DeliveryIdentity) {
        self.init(
            identity: identity, number: row["number"], started: Instant(milliseconds: row["started"]),
            ended: Instant(milliseconds: row["ended"]), verdict: row["verdict"], status: row["status"],
            reason: row["reason"])
    }
}

extension DestinationRecord {
    init(_ row: Row) {
        self.init()
        pausedUntil = (row["paused_until"] as Int64?).map(Instant.init(milliseconds:))
        failures = row["failures"]
        strikes = row["strikes"]
        if let reason: String = row["disabled_reason"], let since: Int64 = row["disabled_since"] {
            disabled = Disabled(reason: reason, since: Instant(milliseconds: since))
        }
        mutedUntil = (row["muted_until"] as Int64?).map(Instant.init(milliseconds:))
        if let from: String = row["forwarded_from"], let to: String = row["forwarded_to"] {
            forwarding = Forwarding(from: from, to: to)
        }
    }
}

extension Mark {
    init?(_ row: Row) {
        let instant = (row["instant"] as Int64?).map(Instant.init(milliseconds:))
        switch (row["kind"] as String, instant) {
        case ("done", let deadline?):
            self.init(kind: .done(deadline: deadline), since: Instant(milliseconds: row["since"]))
        case ("snoozed", let until?):
            self.init(kind: .snoozed(until: until), since: Instant(milliseconds: row["since"]))
        default: return nil
        }
    }

    var columns: (kind: String, instant: Instant) {
        switch kind {
        case .done(let deadline): ("done", deadline)
        case .snoozed(let until): ("snoozed", until)
        }
    }
}

extension Delivery {
    init(_ row: Row) throws {
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
            isPossibleRepeat: row["possible_repeat"], isPlain: row["plain"], fold: row["fold"])
    }
}
