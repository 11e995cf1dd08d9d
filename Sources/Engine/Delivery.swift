import Messages
import Schedule

/// One reminder or notice owed to one channel.
package struct Delivery: Hashable, Sendable {
    package let identity: DeliveryIdentity
    package var kind: Kind
    package let due: Instant
    /// When it was found due, or somebody brought it back; patience counts from here, not from a due instant that downtime left
    /// far behind.
    package var added: Instant
    package var state: State
    /// Attempts begun so far.
    package var attempts: Int
    /// Set once an attempt may have arrived without our knowing.
    package var isPossibleRepeat: Bool
    /// How many attempts had no answer, or ended with the process: each next one may be the same message once more.
    package var losses: Int
    /// Set once the service has refused its form: from then on it is plain text.
    package var isPlain: Bool
    /// What it shares with those of its kind and instant that it was first sent together with, in one message; nil where
    /// it is alone.
    package var fold: String?
    /// How many times somebody wanted it once more after it had arrived: each time it is another message to receivers that drop
    /// repeats.
    package var edition: Int

    package enum Kind: Hashable, Sendable {
        case reminder
        case moved(from: Instant)
        case passed
        /// Nobody has confirmed the date since that day.
        case confirm(checked: CivilDate)
        /// What came after the one before it, and what is to come.
        case digest(since: Instant)
        case test
        /// Something an operator should know.
        case alert(ServiceAlert)

        /// It tells that a deadline moved.
        package var isNews: Bool { if case .moved = self { true } else { false } }
    }

    /// The life of a delivery. Every change of it is a commit before it has an effect outside.
    package enum State: Hashable, Sendable {
        /// Due, and waiting for its turn.
        case owed
        /// An attempt is under way.
        case sending(since: Instant)
        /// A try failed; the next one is not before `until`.
        case waiting(until: Instant, reason: String)
        /// A try may have arrived and nobody can know; it is made again, and says so, not before `until`.
        case unknown(until: Instant, reason: String)
        /// Nothing happens to it until somebody decides.
        case held(Hold, reason: String)
        case delivered
        /// A fresher reminder of the same milestone took its place.
        case superseded
        /// It failed for so long that its news is stale.
        case expired(reason: String)
        /// The service says that it can never succeed.
        case refused(reason: String)
        /// Its deadline moved, or its issue or channel was removed, or it would take back a move of which nobody heard.
        case cancelled(reason: String)

        var isSending: Bool { if case .sending = self { true } else { false } }

        /// Nothing more will happen to it.
        package var isFinal: Bool {
            switch self {
            case .owed, .sending, .waiting, .unknown, .held: false
            case .delivered, .superseded, .expired, .refused, .cancelled: true
            }
        }

        /// Why it is what it is, where that needs a reason.
        package var reason: String? {
            switch self {
            case .waiting(_, let reason), .unknown(_, let reason), .held(_, let reason), .expired(let reason),
                .refused(let reason), .cancelled(let reason):
                reason
            case .owed, .sending, .delivered, .superseded: nil
            }
        }

        /// When the next attempt may begin, where one waits.
        package var next: Instant? {
            switch self {
            case .waiting(let until, _), .unknown(let until, _): until
            default: nil
            }
        }
    }

    /// Why a delivery is held.
    package enum Hold: String, Sendable {
        /// It may have arrived, and its channel would rather miss a message than get one twice (`on_unknown: hold`).
        case unknown
        /// Its destination is disabled.
        case destination
        /// Its channel is muted.
        case muted
        /// Its milestone is snoozed.
        case snoozed
    }

    /// Its due instant was planned; others are due when something happens.
    var isPlanned: Bool {
        switch kind {
        case .reminder, .passed, .confirm, .digest: true
        case .moved, .test, .alert: false
        }
    }

    /// A clock that was ahead has found it due; by the one that stands it is yet to come.
    func isEarly(at now: Instant) -> Bool { isPlanned && due > now }

    /// No attempt begins before.
    var notBefore: Instant { max(state.next ?? .distantPast, isPlanned ? due : .distantPast) }

    /// From when its patience counts, where it is owed anew.
    func patienceBegin(_ now: Instant) -> Instant { isPlanned ? max(now, due) : now }

    /// Whether its next attempt may begin.
    func isReady(at now: Instant) -> Bool {
        switch state {
        case .owed, .waiting, .unknown: notBefore <= now
        case .sending, .held, .delivered, .superseded, .expired, .refused, .cancelled: false
        }
    }

    /// Why it is cancelled where a clock that was ahead has found that its deadline passed. Once that does pass, it is told.
    package static let earlyReason = "its deadline is yet to come"

    /// The same for a reminder whose rule or hour has changed meanwhile.
    package static let changedReason = "its time has changed, and is yet to come"

    /// It ended, and nobody got it: found due once more, it is owed.
    package var isRevivable: Bool {
        switch state {
        case .superseded, .cancelled: !isPossibleRepeat
        case .owed, .sending, .waiting, .unknown, .held, .delivered, .expired, .refused: false
        }
    }

    /// Its readers never heard that the deadline was another one meanwhile.
    var isVoid: Bool { kind == .moved(from: identity.deadline) }
    static let voidReason = "the news of the move that it takes back never arrived"

    /// It may have arrived, and perhaps nobody ever decides.
    var isHeldAsUnknown: Bool { if case .held(.unknown, _) = state { true } else { false } }

    package init(
        identity: DeliveryIdentity, kind: Kind, due: Instant, added: Instant, state: State = .owed,
        attempts: Int = 0,
        isPossibleRepeat: Bool = false, losses: Int = 0, isPlain: Bool = false, fold: String? = nil,
        edition: Int = 0
    ) {
        self.identity = identity
        self.kind = kind
        self.due = due
        self.added = added
        self.state = state
        self.attempts = attempts
        self.isPossibleRepeat = isPossibleRepeat
        self.losses = losses
        self.isPlain = isPlain
        self.fold = fold
        self.edition = edition
    }
}

/// One try to send a delivery, as the journal keeps it.
package struct Attempt: Hashable, Sendable {
    package let identity: DeliveryIdentity
    /// From 1.
    package let number: Int
    package let started: Instant
    package let ended: Instant
    /// `delivered`, `retry`, `limited`, `permanent`, `malformed`, `readdressed`, `disable`, `unknown`.
    package let verdict: String
    /// The answer's status; nil where none came.
    package let status: Int?
    /// The service's words or ours, at most 512 clean characters.
    package let reason: String

    package init(
        identity: DeliveryIdentity, number: Int, started: Instant, ended: Instant, verdict: String,
        status: Int?,
        reason: String
    ) {
        self.identity = identity
        self.number = number
        self.started = started
        self.ended = ended
        self.verdict = verdict
        self.status = status
        self.reason = reason
    }
}

extension Delivery.Kind {
    var isAlert: Bool { if case .alert = self { true } else { false } }

    /// Whether who hears of it needs to hear of a later trouble no more: that a channel is dead is news to who was told of one
    /// delivery.
    func tells(as alert: ServiceAlert) -> Bool {
        guard case .alert(let earlier) = self else { return false }
        switch (earlier, alert) {
        case (.disabled, .disabled), (.readdressed, .readdressed): return true
        case (_, .disabled), (_, .readdressed), (.readdressed, .gaveUp): return false
        default: return true
        }
    }

    /// It speaks of the service itself, and of no special issue.
    var isOfService: Bool {
        switch self {
        case .test, .alert: true
        case .reminder, .moved, .passed, .confirm, .digest: false
        }
    }

    var message: Message.Kind {
        switch self {
        case .reminder: .reminder
        case .moved(let from): .moved(from: from)
        case .passed: .passed
        case .confirm(let checked): .confirm(checked: checked)
        case .digest: .digest
        case .test: .test
        case .alert(let alert): .alert(alert)
        }
    }

    /// Whether one message can tell of both: what it says above them is then right for each.
    func shares(with other: Delivery.Kind) -> Bool {
        switch (self, other) {
        case (.reminder, .reminder), (.moved, .moved), (.passed, .passed), (.confirm, .confirm): true
        default: false
        }
    }
}

extension DeliveryIdentity: Comparable {
    package static func < (a: DeliveryIdentity, b: DeliveryIdentity) -> Bool {
        (a.issue, a.milestone, a.deadline, a.reminder, a.channel)
            < (b.issue, b.milestone, b.deadline, b.reminder, b.channel)
    }
}

extension Verdict {
    /// The word for it in the journal and in metrics.
    package var name: String {
        switch self {
        case .delivered: "delivered"
        case .retry: "retry"
        case .limited: "limited"
        case .permanent: "permanent"
        case .malformed: "malformed"
        case .readdressed: "readdressed"
        case .disable: "disable"
        case .unknown: "unknown"
        }
    }

    /// Why it is not `delivered`; empty where it is.
    package var reason: String {
        switch self {
        case .delivered: ""
        case .retry(_, let reason, _), .limited(_, let reason), .permanent(let reason),
            .malformed(let reason, _),
            .readdressed(_, let reason), .disable(let reason, _), .unknown(let reason):
            reason
        }
    }
}
