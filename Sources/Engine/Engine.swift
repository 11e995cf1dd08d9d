import HeapModule
import Messages
import Schedule

/// Decides what is owed, sent, retried, superseded and cancelled.
///
/// It is a value without a clock, a file or a socket: the shell tells it what happened and when, and does what it
/// asks for. The same events at the same instants give the same effects, byte for byte.
///
/// A promise holds throughout: `send` is asked for only after the delivery's state `sending` is on disk.
package struct Engine: Sendable {
    package internal(set) var agenda = Agenda()
    var issueIndices: [String: Int] = [:]
    var channelIndices: [String: Int] = [:]

    /// For each milestone and channel its next reminder; later ones are worked out when their time comes.
    var tracks = Tracks()
    /// The same for questions whether a date still stands.
    var nudges: Heap<Track> = []
    /// For each channel that has digests the next one.
    var digests: [Int: Instant] = [:]
    /// By name, for channels that have digests: up to when they have told all, mostly when the last one that arrived was due.
    var toldDigests: [String: Instant] = [:]
    var settled = Instant.distantPast
    /// How far time was settled before the clock went back: as long as that is in the future, nobody knows which clock was
    /// wrong. What is due up to there goes out at its time, but is not caught up: it may have been dealt with.
    var doubtedUntil: Instant?
    /// Since when the clock has stood there, by the time since the machine's start.
    var doubtedSince: Span?
    var sightings: [MilestoneKey: Sighting] = [:]
    /// What is given another time if the clock that is doubted proves right.
    var inDoubt = InDoubt()
    /// What readers believe, where the news of a move has not surely arrived and is told no more.
    var untold: [TrackAddress: Belief] = [:]
    var timing: Timing?
    /// While a start finds what is due: what there was before. What was added during the downtime, or came back, owes nothing of it.
    var before: Before?
    package internal(set) var marks: [MilestoneKey: Mark] = [:]
    /// The ends of snoozes, the first of which still counts; others may have been taken back since.
    var snoozes: Heap<Snooze> = []

    var deliveries = OpenDeliveries()
    /// By a delivery that waits in no queue: the fresher one that takes its place once that is on disk. The journal may know
    /// that one of earlier; then it is not sent, and this one stays.
    var givingWay: [DeliveryIdentity: DeliveryIdentity] = [:]
    /// One for each channel of the agenda.
    var destinations: [Destination] = []
    /// By name: what is remembered of channels that the agenda has not, until it has them again.
    var away: [String: (record: DestinationRecord, type: String?)] = [:]
    /// For each of them the first one whose host is the same.
    var hosts: [Int] = []
    /// The destination that begins first.
    var turn = 0
    /// Requests under way, each with the deliveries that it is about.
    var flights: [[DeliveryIdentity]] = []
    var sequence = 0

    /// What is to be written next, and what is to be sent once it is.
    var batch = Batch()
    var committing: Batch?
    var commitRetry: Instant?
    var isJournalFailing = false

    var clock = ClockWatch()
    /// The wall clock at the last event.
    var last: Instant?
    var committingSince: Instant?

    var random: SplitMix64
    var isStopping = false
    var wakeAskedFor: Instant?
    var effects: [Effect] = []

    /// - Parameter seed: where the jitter of retries begins; equal seeds give equal behaviour.
    package init(seed: UInt64) {
        random = SplitMix64(state: seed)
    }

    /// Takes in what happened at `now` and says what is to be done.
    ///
    /// - Parameters:
    ///   - uptime: the time since the machine was started, suspension included; nil where nothing measures it, and then
    ///     no jump of the wall clock is seen.
    ///   - asleep: how much of it the machine was suspended; nil where nothing measures that.
    package mutating func handle(
        _ event: Event, now: Instant, uptime: Span? = nil, asleep: Span? = nil
    ) -> [Effect] {
        handle([event], now: now, uptime: uptime, asleep: asleep)
    }

    /// The same for what happened together: what comes of it is one commit.
    package mutating func handle(
        _ events: [Event], now: Instant, uptime: Span? = nil, asleep: Span? = nil
    ) -> [Effect] {
        effects = []
        if let uptime {
            // Whether a clock has jumped counts before anything else that a start brings.
            if case .started(_, let memory)? = events.first, let jumped = memory.jumped {
                clock.remember(jumped, wall: now, uptime: uptime)
            }
            watchClock(now, uptime, asleep)
        }
        let wall = now
        let looked = last
        let begin = clock.time(at: wall)
        last = begin
        if let looked {
            let before = max(looked, uptime.flatMap { _ in clock.unset } ?? looked)
            if begin < before - Limits.clockTolerance { clockWentBack(begin, from: before, looked: looked) }
        }
        endDoubt(begin, uptime)
        for event in events { take(event, clock.time(at: wall)) }
        // Somebody may have said that the clock is right.
        let now = clock.time(at: wall)
        last = now
        if !isStopping {
            oweDigests(now)
            oweNudges(now)
            endHolds(now)
            let isDue = isReminderDue(now)
            beginAttempts(now)
            if isDue { oweMore(now) }
        }
        flush(now)
        return effects
    }

    private mutating func take(_ event: Event, _ now: Instant) {
        switch event {
        case .started(let agenda, let memory): start(agenda, memory, now)
        case .reloaded(let agenda): reload(agenda, now)
        case .time: wakeAskedFor = nil
        case .committed(let known): committed(known, now)
        case .commitFailed(let reason): commitFailed(reason, now)
        case .answered(let identity, let verdict, let status): answered(identity, verdict, status, now)
        case .resumed(let channel): resume(channel, now, endsPause: true)
        case .resendRequested(let delivery): resend(delivery, now)
        case .markRequested(let keys, let wanted): mark(keys, wanted, now)
        case .unmarkRequested(let keys): unmark(keys, now)
        case .muteRequested(let channel, let until, let isSpan):
            mute(channel, until: until, isSpan: isSpan, now)
        case .clockAccepted: acceptClock(now)
        case .testRequested(let channel): test(channel, now)
        case .stopRequested: stop(now)
        }
    }

    /// Nothing is under way: no request, no commit.
    package var isQuiet: Bool { flights.isEmpty && committing == nil && batch.isEmpty }

    /// When time alone brings the next reminder to be recorded.
    private var nextOwing: Instant? {
        let next = tracks.min?.due
        guard let due = next, let last, due <= last else { return next }
        // It is due already. The end of a commit, or of a request, will bring it, if that is soon.
        return due + Limits.owingPatience
    }

    /// When the first pause ends of a destination that takes something then which is due already.
    private var nextPauseEnd: Instant? {
        guard let last, canBegin else { return nil }
        let busy = requestsByHost
        return destinations.indices.compactMap { index in
            guard destinations[index].isFree, tracks.due(to: index) <= last, hasRoom(index, busy) else {
                return nil
            }
            return destinations[index].record.pausedUntil
        }.filter { $0 > last }.min()
    }

    /// Otherwise attempts wait for a place among the requests under way, or for the journal, and no time brings either.
    var canBegin: Bool {
        flights.count < Limits.inFlight && batch.sends.count < Limits.sendsPerCommit
            && batch.added < Limits.owedPerCommit && !isJournalFailing && clock.jump == nil
    }

    /// How many requests are under way to each host; empty while they are so few that none is full.
    var requestsByHost: [Int] {
        guard flights.count >= Limits.inFlightPerHost else { return [] }
        var counts = Array(repeating: 0, count: hosts.count)
        for index in destinations.indices where destinations[index].isBusy { counts[hosts[index]] += 1 }
        return counts
    }

    /// Whether a destination's host has room for another request.
    func hasRoom(_ index: Int, _ busy: [Int]) -> Bool {
        busy.isEmpty || busy[hosts[index]] < Limits.inFlightPerHost
    }

    /// When each destination that waits for nothing else will begin an attempt.
    var nextAttempts: [(index: Int, instant: Instant)] {
        guard canBegin else { return [] }
        let busy = requestsByHost
        return destinations.indices.compactMap { index in
            guard let instant = destinations[index].nextAttempt, hasRoom(index, busy) else { return nil }
            return (index, instant)
        }
    }

    /// The next instant at which something will happen by itself.
    package var next: Instant? {
        let attempt = nextAttempts.lazy.map(\.instant).min()
        let due = [nextOwing, nextPauseEnd, nudges.min?.due, digests.values.min()].compactMap { $0 }.min()
        return [clock.jump?.heldUntil, due, nextRelease, attempt, commitRetry].compactMap { $0 }.min()
    }

    /// The reminder that falls due next.
    package var nextReminder: (issue: SpecialIssue, milestone: Milestone, channel: Channel, due: Instant)? {
        guard let track = tracks.min else { return nil }
        let issue = agenda.issues[Int(track.issue)]
        return (
            issue, issue.milestones[Int(track.milestone)], agenda.channels[Int(track.channel)], track.due
        )
    }

    /// What counts as the time when the wall clock shows this: while that is doubted, not what it shows.
    package func time(at wall: Instant) -> Instant { clock.time(at: wall) }

    /// The wall clock jumped, and is not believed yet.
    package var isClockDoubted: Bool { clock.jump != nil }

    /// Changes wait to be written in the commit after the one under way.
    package var hasUnwrittenChanges: Bool { !batch.isEmpty }

    /// Deliveries by channel that wait for their turn or for another try, and those that wait for somebody.
    package var openCounts: [String: (waiting: Int, held: Int)] {
        var counts: [String: (waiting: Int, held: Int)] = [:]
        for delivery in deliveries.values {
            switch delivery.state {
            case .held: counts[delivery.identity.channel, default: (0, 0)].held += 1
            case .owed, .waiting, .unknown: counts[delivery.identity.channel, default: (0, 0)].waiting += 1
            default: break
            }
        }
        return counts
    }

    /// The earliest due instant of a delivery that is not over; nil where there is none.
    package var oldestOpen: Instant? { deliveries.values.lazy.map(\.due).min() }

    /// Milestones that were seen once, and have no deadline any more: they, their issue or their date is gone.
    package var departed: [(key: MilestoneKey, sighting: Sighting)] {
        sightings.filter { place(of: $0.key).map { agenda[$0].deadline == nil } ?? true }.map {
            ($0.key, $0.value)
        }
        .sorted { $0.key < $1.key }
    }

    /// The deadline of a milestone as it was last seen, and since when.
    package func sighting(of key: MilestoneKey) -> Sighting? { sightings[key] }

    /// How many deliveries wait or are under way.
    package var openCount: Int { deliveries.count }

    /// Gives away what each of these says, one after the other: a message is large, and to ask for each would copy the engine.
    package func withMessages(
        about flights: [[Delivery]], now: Instant, _ body: ([Delivery], consuming Message?) -> Void
    ) {
        for flight in flights { body(flight, message(about: flight, now: now)) }
    }

    /// What deliveries say that are sent together, worded as of `now`; nil where their issues are no more.
    package func message(about flight: [Delivery], now: Instant) -> Message? {
        guard let fold = flight.first?.fold else {
            return flight.first.flatMap { message(for: $0, now: now) }
        }
        let parts = flight.compactMap { message(for: $0, now: now) }.sorted { a, b in
            (a.deadline.instant, a.identity) < (b.deadline.instant, b.identity)
        }
        guard let first = parts.first else { return nil }
        let identity = DeliveryIdentity(
            issue: "", milestone: "", deadline: first.due, reminder: "several \(fold)",
            channel: first.identity.channel)
        var whole = Message(
            kind: .several, identity: identity, issue: first.issue, deadline: first.deadline, due: first.due,
            now: now, isPossibleRepeat: parts.contains(where: \.isPossibleRepeat), zone: first.zone,
            language: first.language)
        whole.parts = parts
        whole.isPlain = first.isPlain
        whole.forwarding = first.forwarding
        return whole
    }

    /// What a delivery says, worded as of `now`; nil where its issue is no more.
    package func message(for delivery: Delivery, now: Instant) -> Message? {
        guard let index = channelIndices[delivery.identity.channel] else { return nil }
        let zone = agenda.channels.span[index].audience.zone
        func message(of issue: SpecialIssue, _ deadline: Deadline) -> Message {
            var message = Message(
                kind: delivery.kind.message, identity: delivery.identity, issue: issue, deadline: deadline,
                due: delivery.due, now: now, isPossibleRepeat: delivery.isPossibleRepeat, zone: zone,
                language: agenda.channels.span[index].language)
            message.isPlain = delivery.isPlain
            message.edition = delivery.edition
            message.template = agenda.channels.span[index].template
            message.forwarding = destinations[index].record.forwarding
            if case .digest(let since) = delivery.kind {
                message.digest = digest(for: agenda.channels[index], since: since, now)
            }
            return message
        }
        // It is about the service, or about many issues.
        if delivery.identity.issue.isEmpty {
            let issue = SpecialIssue(id: "service", title: "A test from deadlined", milestones: [])
            return Deadline(.date(zone.civil(at: now).date), zone: zone).map { message(of: issue, $0) }
        }
        guard let place = place(of: delivery.identity), let deadline = agenda[place].reminded else {
            return nil
        }
        return message(of: agenda.issues[place.issue], deadline)
    }
}
