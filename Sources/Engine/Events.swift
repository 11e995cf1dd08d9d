import Messages
import Schedule

/// Something that happened. The engine hears of the world by nothing else.
package enum Event: Sendable {
    /// The service starts with this agenda and what the journal remembers.
    case started(Agenda, Memory)
    /// Another agenda takes the place of the one before.
    case reloaded(Agenda)
    /// Time passed: the wake-up that was asked for, or any other moment.
    case time
    /// The changes of a commit are on disk. `known` are the deliveries of it whose identity the journal had already.
    case committed(known: [DeliveryIdentity])
    /// The changes of a commit could not be written.
    case commitFailed(reason: String)
    /// An attempt came to an end: that of this delivery, and of all that were sent with it; `status` is the answer's, where one came.
    case answered(DeliveryIdentity, Verdict, status: Int? = nil)
    /// An operator brings a disabled destination back.
    case resumed(channel: String)
    /// An operator wants this delivery sent, whatever became of it.
    case resendRequested(Delivery)
    /// Somebody says of milestones that they are done, or wants their reminders later.
    case markRequested([MilestoneKey], MarkRequest)
    /// Somebody takes that back.
    case unmarkRequested([MilestoneKey])
    /// An operator wants nothing sent to a channel until then; `isSpan` where that was asked for as so long from now.
    case muteRequested(channel: String, until: Instant, isSpan: Bool = false)
    /// An operator says that the clock is right, however it jumped.
    case clockAccepted
    /// An operator wants a test message on a channel.
    case testRequested(channel: String)
    /// The service shall stop: what is in flight is finished, nothing new begins.
    case stopRequested
}

/// Something to be done in the world. The engine does nothing by itself.
package enum Effect: Sendable, Equatable {
    /// Write these changes in one transaction, then report `committed` or `commitFailed`. Only one commit is asked for
    /// at a time.
    case commit([Change])
    /// Send these deliveries now, as one message; their commit is on disk. Report `answered` for one of them.
    case send([Delivery])
    /// Report `time` once at this instant; nil: not before something else happens. Takes the place of the one before.
    case wake(Instant?)
    /// An operator should know.
    case tell(Report)
    /// Everything is settled and on disk: the process may exit.
    case stopped
}

/// One change of what the journal holds.
package enum Change: Sendable, Equatable {
    /// A delivery that was not there before. If its identity is, the journal stays as it is and says so.
    case add(Delivery)
    /// The same for one that tells of reminders that were missed: not where the journal had each of these already.
    case addIfMissed(Delivery, [DeliveryIdentity])
    /// A delivery's new state.
    case update(Delivery)
    /// A delivery is superseded by another of the same transaction, unless the journal had that one already.
    case supersede(Delivery, by: DeliveryIdentity)
    /// An attempt that did not deliver.
    case attempted(Attempt)
    /// A delivery's end, and the attempt that brought it.
    case delivered(Delivery, by: Attempt)
    /// The deadline of a milestone as it was seen, and since when.
    case sighted(MilestoneKey, Sighting)
    /// What somebody said of a milestone; nil: nothing any more.
    case marked(MilestoneKey, Mark?)
    /// Everything due up to this instant has been dealt with.
    case settled(Instant)
    /// A clock that went back has stood since then.
    case doubted(ClockDoubt)
    /// A clock that jumped ahead is not believed since then; nil: it is now, or was set right.
    case jumped(ClockJump?)
    /// A destination's pause, failures, end.
    case destination(String, DestinationRecord)
    /// What due instants depend on from now on.
    case timed(Timing)
}

/// Names a milestone in the journal.
package struct MilestoneKey: Hashable, Comparable, Sendable {
    package let issue: String
    package let milestone: String

    package init(issue: String, milestone: String) {
        self.issue = issue
        self.milestone = milestone
    }

    package static func < (a: MilestoneKey, b: MilestoneKey) -> Bool {
        (a.issue, a.milestone) < (b.issue, b.milestone)
    }
}

/// The deadline that a milestone had when it was last seen.
package struct Sighting: Hashable, Sendable {
    package let deadline: Instant
    /// The day that is written for it, from which days count: the same instant has another one in another zone. Nil where nobody
    /// noted that.
    package internal(set) var date: CivilDate?
    /// When it was first seen: reminders due before are not owed.
    package internal(set) var first: Instant
    /// The one before it, where it moved.
    package let previous: Instant?
    /// Grows with everything that happens to it, as a calendar's SEQUENCE: by two with each move, by one when it goes or is
    /// withdrawn, and by one when it comes back. So it is odd while it is away.
    package var moves: Int

    package init(
        deadline: Instant, date: CivilDate? = nil, first: Instant, previous: Instant? = nil, moves: Int = 0
    ) {
        self.moves = moves
        self.deadline = deadline
        self.date = date
        self.first = first
        self.previous = previous
    }

    var isAway: Bool { !moves.isMultiple(of: 2) }
}

/// What the journal remembers when the service starts.
package struct Memory: Sendable {
    /// Nil before the first run.
    package var settled: Instant?
    /// Set while the clock stands before `settled`.
    package var doubt: ClockDoubt?
    /// Set while the clock has jumped ahead and is not believed.
    package var jumped: ClockJump?
    package var sightings: [MilestoneKey: Sighting]
    /// Deliveries that are not final.
    package var open: [Delivery]
    package var marks: [MilestoneKey: Mark] = [:]
    /// By channel.
    package var destinations: [String: DestinationRecord] = [:]
    /// What readers believe, where the last news of a move was cancelled.
    package var beliefs = Beliefs()
    /// When the last digest that arrived was due, by channel; where none did, since when the first would have told.
    package var digests: [String: Instant] = [:]
    /// What due instants depended on; nil before the first run.
    package var timing: Timing?
    /// The zones that `timing` names, as far as there are any.
    package var zones: [String: Zone] = [:]
    /// What every fallback channel should hear of: the journal before this one was lost.
    package var alert: ServiceAlert?

    package init(settled: Instant? = nil, sightings: [MilestoneKey: Sighting] = [:], open: [Delivery] = []) {
        self.settled = settled
        self.sightings = sightings
        self.open = open
    }
}

/// Something an operator reads in the log.
package enum Report: Sendable, Equatable {
    case delivered(DeliveryIdentity, late: Span, attempts: Int)
    case failed(DeliveryIdentity, reason: String, next: Instant)
    case gaveUp(DeliveryIdentity, reason: String)
    case superseded(DeliveryIdentity)
    /// It may have arrived; its channel wants it held.
    case held(DeliveryIdentity, reason: String)
    case disabled(channel: String, reason: String)
    case resumed(channel: String)
    case muted(channel: String, until: Instant)
    case marked([MilestoneKey], MarkRequest)
    case unmarked([MilestoneKey])
    /// The wall clock jumped: what it made due waits until this instant, or until somebody says go.
    case clockJumped(by: Span, heldUntil: Instant)
    case clockAccepted
    case moved(MilestoneKey, from: Instant, to: Instant)
    /// The journal cannot be written: nothing is sent until it can.
    case journalFailing(reason: String)
    case journalRecovered
}
