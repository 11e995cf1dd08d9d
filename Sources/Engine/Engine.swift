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
    private(set) var agenda = Agenda()
    private var issueIndices: [String: Int] = [:]
    private var channelIndices: [String: Int] = [:]

    /// For each milestone and channel its next reminder; later ones are worked out when their time comes.
    private var tracks: Heap<Track> = []
    private var settled = Instant.distantPast
    private var sightings: [MilestoneKey: Sighting] = [:]

    /// Deliveries that are not final.
    private var deliveries: [DeliveryIdentity: Delivery] = [:]
    /// One for each channel of the agenda.
    private var destinations: [Destination] = []
    private var inFlight = 0
    private var sequence = 0

    /// What is to be written next, and what is to be sent once it is.
    private var batch = Batch()
    private var committing: Batch?
    private var commitRetry: Instant?
    private var isJournalFailing = false

    private var random: SplitMix64
    private var isStopping = false
    private var wakeAskedFor: Instant?
    private var effects: [Effect] = []

    private struct Batch {
        var changes: [Change] = []
        var sends: [DeliveryIdentity] = []
        var isEmpty: Bool { changes.isEmpty && sends.isEmpty }
    }

    /// - Parameter seed: where the jitter of retries begins; equal seeds give equal behaviour.
    package init(seed: UInt64) {
        random = SplitMix64(state: seed)
    }

    /// Takes in what happened at `now` and says what is to be done.
    package mutating func handle(_ event: Event, now: Instant) -> [Effect] {
        effects = []
        switch event {
        case .started(let agenda, let memory): start(agenda, memory, now)
        case .reloaded(let agenda): reload(agenda, now)
        case .time: wakeAskedFor = nil
        case .committed(let known): committed(known)
        case .commitFailed(let reason): commitFailed(reason, now)
        case .answered(let identity, let verdict): answered(identity, verdict, now)
        case .testRequested(let channel): test(channel, now)
        case .stopRequested: stop(now)
        }
        if !isStopping {
            oweWhatIsDue(now)
            beginAttempts(now)
        }
        flush(now)
        return effects
    }

    /// Nothing is under way: no request, no commit.
    package var isQuiet: Bool { inFlight == 0 && committing == nil && batch.isEmpty }

    /// The next instant at which something will happen by itself.
    package var next: Instant? {
        // Attempts wait for a place, or for the journal, and no time brings either.
        let canBegin = inFlight < Limits.inFlight && !isJournalFailing
        let attempt = canBegin ? destinations.lazy.compactMap(\.nextAttempt).min() : nil
        return [tracks.min?.due, attempt, commitRetry].compactMap { $0 }.min()
    }

    /// How many deliveries wait or are under way.
    package var openCount: Int { deliveries.count }

    /// What a delivery says, worded as of `now`; nil where its issue is no more.
    package func message(for delivery: Delivery, now: Instant) -> Message? {
        guard let channel = channelIndices[delivery.identity.channel].map({ agenda.channels[$0] }) else {
            return nil
        }
        let issue: SpecialIssue
        let deadline: Deadline
        if delivery.kind == .test {
            issue = SpecialIssue(id: "test", title: "A test from deadlined", milestones: [])
            guard
                let placed = Deadline(
                    .date(channel.audience.zone.civil(at: now).date), zone: channel.audience.zone)
            else { return nil }
            deadline = placed
        } else {
            guard let index = issueIndices[delivery.identity.issue],
                let milestone = agenda.issues[index].milestones.first(where: {
                    $0.name == delivery.identity.milestone
                }),
                let placed = milestone.deadline
            else { return nil }
            issue = agenda.issues[index]
            deadline = placed
        }
        return Message(
            kind: delivery.kind.message, identity: delivery.identity, issue: issue, deadline: deadline,
            due: delivery.due, now: now, isPossibleRepeat: delivery.isPossibleRepeat,
            zone: channel.audience.zone)
    }
}

// MARK: - Agendas

extension Engine {
    private mutating func start(_ agenda: Agenda, _ memory: Memory, _ now: Instant) {
        settled = memory.settled ?? .distantPast
        sightings = memory.sightings
        adopt(agenda)
        let open = memory.open.sorted { ($0.due, $0.identity) < ($1.due, $1.identity) }
        for delivery in open { restore(delivery) }
        seeDeadlines(now)
        // The first run owes nothing of the past.
        arm(after: memory.settled ?? now)
        oweWhatIsDue(now)
        settle(now)
    }

    /// All that is due is recorded as owed and settled, so that what somebody adds during the downtime is told apart.
    private mutating func stop(_ now: Instant) {
        oweWhatIsDue(now)
        settle(now)
        isStopping = true
    }

    private mutating func reload(_ agenda: Agenda, _ now: Instant) {
        if !isStopping { oweWhatIsDue(now) }
        let before = (
            agenda: self.agenda, issues: issueIndices, destinations: destinations, channels: channelIndices
        )
        adopt(agenda)
        // What is under way or paused stays so, where its channel stays.
        for (name, index) in before.channels {
            if let new = channelIndices[name] { destinations[new] = before.destinations[index].emptied() }
        }
        cancelOrphans()
        for delivery in openInOrder {
            if case .sending = delivery.state { continue }
            enqueue(delivery)
        }
        seeDeadlines(now)
        arm(after: max(now, settled))
        oweMovedIntoThePast(before.agenda, before.issues, now)
        settle(now)
    }

    private mutating func adopt(_ agenda: Agenda) {
        self.agenda = agenda
        issueIndices = Dictionary(
            zip(agenda.issues.map(\.id), agenda.issues.indices), uniquingKeysWith: { a, _ in a })
        channelIndices = Dictionary(
            zip(agenda.channels.map(\.name), agenda.channels.indices), uniquingKeysWith: { a, _ in a })
        destinations = agenda.channels.map { _ in Destination() }
    }

    /// Takes up a delivery that an earlier run left open.
    private mutating func restore(_ open: Delivery) {
        var delivery = open
        if let reason = orphaned(delivery) {
            delivery.state = .cancelled(reason: reason)
            batch.changes.append(.update(delivery))
            return
        }
        if case .sending = delivery.state {
            // The run ended between the request and its outcome: nobody can know, so it is sent once more and says so.
            delivery.isPossibleRepeat = true
            delivery.state = .owed
            batch.changes.append(.update(delivery))
        }
        deliveries[delivery.identity] = delivery
        enqueue(delivery)
    }

    /// Why nothing more can come of a delivery; nil where something can.
    private func orphaned(_ delivery: Delivery) -> String? {
        if delivery.kind == .test { return "the test was interrupted" }
        guard channelIndices[delivery.identity.channel] != nil else { return "its channel was removed" }
        guard let index = issueIndices[delivery.identity.issue] else {
            return "its special issue was removed"
        }
        guard
            let milestone = agenda.issues[index].milestones.first(where: {
                $0.name == delivery.identity.milestone
            })
        else { return "its milestone was removed" }
        return milestone.deadline?.instant == delivery.identity.deadline ? nil : "its deadline moved"
    }

    private mutating func cancelOrphans() {
        for delivery in openInOrder where delivery.kind != .test {
            guard let reason = orphaned(delivery) else { continue }
            // What is on the wire cannot be called back: its outcome is still wanted.
            if case .sending = delivery.state { continue }
            finish(delivery, .cancelled(reason: reason))
        }
    }

    /// Compares every deadline with what was last seen, remembers it, and announces the ones that moved.
    private mutating func seeDeadlines(_ now: Instant) {
        for issue in agenda.issues {
            for milestone in issue.milestones {
                guard let deadline = milestone.deadline?.instant else { continue }
                let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                let last = sightings[key]
                if last?.deadline == deadline { continue }
                let sighting = Sighting(deadline: deadline, first: now)
                sightings[key] = sighting
                batch.changes.append(.sighted(key, sighting))
                guard let last else { continue }
                effects.append(.tell(.moved(key, from: last.deadline, to: deadline)))
                for channel in milestone.channels {
                    let identity = DeliveryIdentity(
                        issue: issue.id, milestone: milestone.name, deadline: deadline,
                        reminder: "moved \(now)",
                        channel: agenda.channels[channel].name)
                    add(Delivery(identity: identity, kind: .moved(from: last.deadline), due: now, added: now))
                }
            }
        }
    }

    /// Fills the heap: for each milestone and channel its first reminder that is owed.
    private mutating func arm(after instant: Instant) {
        let planner = Planner(calendar: agenda.calendar)
        var armed: [Track] = []
        armed.reserveCapacity(agenda.issues.count)
        for (issueIndex, issue) in agenda.issues.enumerated() {
            for (milestoneIndex, milestone) in issue.milestones.enumerated() {
                guard let deadline = milestone.deadline else { continue }
                let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                let from = max(instant, sightings[key]?.first ?? instant) + .milliseconds(1)
                let schedule = agenda.schedules[milestone.schedule]
                for channel in milestone.channels {
                    let audience = agenda.channels[channel].audience
                    guard
                        let due = planner.firstDue(
                            from: from, schedule, deadline: deadline, audience: audience)
                    else { continue }
                    armed.append(
                        Track(
                            due: due, issue: Int32(issueIndex), milestone: Int32(milestoneIndex),
                            channel: Int32(channel)))
                }
            }
        }
        tracks = Heap(armed)
    }

    /// A reminder that was still to come before a reload, and lies in the past after it, is owed at once: its hour,
    /// its zone or its zone's law changed.
    private mutating func oweMovedIntoThePast(_ before: Agenda, _ issues: [String: Int], _ now: Instant) {
        let planner = Planner(calendar: agenda.calendar)
        let plannerBefore = Planner(calendar: before.calendar)
        let channelsBefore = Dictionary(
            zip(before.channels.map(\.name), before.channels), uniquingKeysWith: { a, _ in a })
        for issue in agenda.issues {
            guard let issueBefore = issues[issue.id].map({ before.issues[$0] }) else { continue }
            for milestone in issue.milestones {
                guard let deadline = milestone.deadline,
                    let milestoneBefore = issueBefore.milestones.first(where: { $0.name == milestone.name }),
                    let deadlineBefore = milestoneBefore.deadline, deadlineBefore.instant == deadline.instant
                else { continue }
                for channelIndex in milestone.channels {
                    let channel = agenda.channels[channelIndex]
                    guard let channelBefore = channelsBefore[channel.name],
                        milestoneBefore.channels.contains(where: { before.channels[$0].name == channel.name })
                    else { continue }
                    let stillToCome = plannerBefore.reminders(
                        before.schedules[milestoneBefore.schedule], deadline: deadlineBefore,
                        audience: channelBefore.audience
                    ).filter { $0.due > now }
                    guard !stillToCome.isEmpty else { continue }
                    let reminders = planner.reminders(
                        agenda.schedules[milestone.schedule], deadline: deadline, audience: channel.audience)
                    for reminder in reminders where reminder.due <= now {
                        guard stillToCome.contains(where: { $0.rule == reminder.rule }) else { continue }
                        add(delivery(reminder, issue, milestone, deadline, channel, now))
                    }
                }
            }
        }
    }
}

// MARK: - What is due

extension Engine {
    private mutating func oweWhatIsDue(_ now: Instant) {
        guard let first = tracks.min, first.due <= now else { return }
        let planner = Planner(calendar: agenda.calendar)
        var stale = waitingReminders()
        while let track = tracks.min, track.due <= now {
            tracks.removeMin()
            let issue = agenda.issues[Int(track.issue)]
            let milestone = issue.milestones[Int(track.milestone)]
            let channel = agenda.channels[Int(track.channel)]
            guard let deadline = milestone.deadline else { continue }
            let schedule = agenda.schedules[milestone.schedule]
            let reminders = planner.reminders(schedule, deadline: deadline, audience: channel.audience)
            if let next = reminders.first(where: { $0.due > now }) {
                tracks.insert(track.moved(to: next.due))
            }
            let owed = reminders.filter { $0.due >= track.due && $0.due <= now }
            let choice = CatchUpChoice(owed, schedule.catchUp, deadline: deadline.instant, now: now)
            let address = TrackAddress(issue: issue.id, milestone: milestone.name, channel: channel.name)
            if !choice.sent.isEmpty || choice.saysPassed {
                for identity in stale.removeValue(forKey: address) ?? [] { supersede(identity) }
            }
            for reminder in choice.superseded {
                var delivery = delivery(reminder, issue, milestone, deadline, channel, now)
                delivery.state = .superseded
                batch.changes.append(.add(delivery))
                effects.append(.tell(.superseded(delivery.identity)))
            }
            for reminder in choice.sent { add(delivery(reminder, issue, milestone, deadline, channel, now)) }
            if choice.saysPassed {
                let identity = DeliveryIdentity(
                    issue: issue.id, milestone: milestone.name, deadline: deadline.instant,
                    reminder: "passed",
                    channel: channel.name)
                add(Delivery(identity: identity, kind: .passed, due: deadline.instant, added: now))
            }
        }
        settle(now)
    }

    private mutating func settle(_ now: Instant) {
        guard now > settled else { return }
        settled = now
        batch.changes.append(.settled(now))
    }

    private func delivery(
        _ reminder: Reminder, _ issue: SpecialIssue, _ milestone: Milestone, _ deadline: Deadline,
        _ channel: Channel,
        _ now: Instant
    ) -> Delivery {
        let identity = DeliveryIdentity(
            issue: issue.id, milestone: milestone.name, deadline: deadline.instant,
            reminder: reminder.rule.canonical,
            channel: channel.name)
        return Delivery(identity: identity, kind: .reminder, due: reminder.due, added: now)
    }

    /// Reminders that failed and wait for another try, by what a fresher one of them would supersede.
    private func waitingReminders() -> [TrackAddress: [DeliveryIdentity]] {
        var waiting: [TrackAddress: [DeliveryIdentity]] = [:]
        for delivery in openInOrder where delivery.kind == .reminder {
            guard case .waiting = delivery.state else { continue }
            waiting[TrackAddress(delivery.identity), default: []].append(delivery.identity)
        }
        return waiting
    }

    private mutating func supersede(_ identity: DeliveryIdentity) {
        guard let delivery = deliveries[identity] else { return }
        finish(delivery, .superseded)
        effects.append(.tell(.superseded(identity)))
    }

    private mutating func add(_ delivery: Delivery) {
        guard deliveries[delivery.identity] == nil else { return }
        deliveries[delivery.identity] = delivery
        batch.changes.append(.add(delivery))
        enqueue(delivery)
    }

    private mutating func test(_ channel: String, _ now: Instant) {
        guard channelIndices[channel] != nil else { return }
        let identity = DeliveryIdentity(
            issue: "", milestone: "", deadline: now, reminder: "test", channel: channel)
        add(Delivery(identity: identity, kind: .test, due: now, added: now))
    }

    private var openInOrder: [Delivery] {
        deliveries.values.sorted { ($0.due, $0.identity) < ($1.due, $1.identity) }
    }
}

// MARK: - Attempts

extension Engine {
    private mutating func enqueue(_ delivery: Delivery) {
        guard let index = channelIndices[delivery.identity.channel] else { return }
        sequence += 1
        destinations[index].enqueue(delivery, sequence: sequence)
    }

    /// Gives each idle destination its next delivery. It is sent after its commit.
    private mutating func beginAttempts(_ now: Instant) {
        guard !isJournalFailing else { return }
        for index in destinations.indices where destinations[index].isIdle {
            while inFlight < Limits.inFlight, let identity = destinations[index].take(now) {
                guard var delivery = deliveries[identity], !delivery.state.isFinal else { continue }
                delivery.attempts += 1
                delivery.state = .sending(since: now)
                deliveries[identity] = delivery
                batch.changes.append(.update(delivery))
                batch.sends.append(identity)
                destinations[index].inFlight = identity
                inFlight += 1
                break
            }
        }
    }

    private mutating func answered(_ identity: DeliveryIdentity, _ verdict: Verdict, _ now: Instant) {
        guard var delivery = deliveries[identity], case .sending(let since) = delivery.state else { return }
        let index = release(identity)
        batch.changes.append(
            .attempted(
                Attempt(
                    identity: identity, number: delivery.attempts, started: since, ended: now,
                    verdict: verdict.name,
                    reason: Text.cut(Text.singleLine(verdict.reason), to: 512, counting: .utf16))))
        switch verdict {
        case .delivered:
            if let index { destinations[index].recovered() }
            finish(delivery, .delivered)
            let late = max(.zero, since - delivery.due)
            effects.append(.tell(.delivered(identity, late: late, attempts: delivery.attempts)))
        case .permanent(let reason):
            if let index { destinations[index].recovered() }
            finish(delivery, .refused(reason: reason))
            effects.append(.tell(.gaveUp(identity, reason: reason)))
        case .retry(let wait, let reason):
            retry(delivery, wait: wait ?? .zero, reason, index, now)
        case .disable(let reason):
            // Nothing owed is dropped because a destination is dead; somebody may mend it.
            retry(delivery, wait: Limits.ladder.last ?? .zero, reason, index, now)
        case .unknown(let reason):
            delivery.isPossibleRepeat = true
            retry(delivery, wait: .zero, reason, index, now)
        }
    }

    private mutating func retry(
        _ failed: Delivery, wait: Span, _ reason: String, _ destination: Int?, _ now: Instant
    ) {
        var delivery = failed
        let until = now + max(wait, jittered(Engine.step(delivery.attempts)))
        if let destination {
            destinations[destination].failed(
                until: now + max(wait, Engine.step(destinations[destination].failures + 1)))
        }
        if let reason = orphaned(delivery) {
            finish(delivery, .cancelled(reason: reason))
        } else if hasFresher(delivery) {
            finish(delivery, .superseded)
            effects.append(.tell(.superseded(delivery.identity)))
        } else if until - delivery.added > Limits.patience {
            finish(delivery, .expired(reason: reason))
            effects.append(.tell(.gaveUp(delivery.identity, reason: reason)))
        } else {
            delivery.state = .waiting(until: until, reason: reason)
            deliveries[delivery.identity] = delivery
            batch.changes.append(.update(delivery))
            enqueue(delivery)
            effects.append(.tell(.failed(delivery.identity, reason: reason, next: until)))
        }
    }

    /// Whether a later reminder of the same milestone is owed to the same channel.
    private func hasFresher(_ delivery: Delivery) -> Bool {
        guard delivery.kind == .reminder else { return false }
        let address = TrackAddress(delivery.identity)
        return deliveries.values.contains { other in
            other.kind == .reminder && other.due > delivery.due && TrackAddress(other.identity) == address
        }
    }

    /// The wait after the given number of failures.
    private static func step(_ failures: Int) -> Span {
        Limits.ladder[min(max(failures, 1), Limits.ladder.count) - 1]
    }

    private mutating func jittered(_ span: Span) -> Span {
        let unit = Double(random.next() >> 11) / Double(1 << 53)
        let factor = 1 + Limits.jitter * (2 * unit - 1)
        return .milliseconds(Int64(Double(span.milliseconds) * factor))
    }

    /// Ends an attempt: its destination is free again. Nil where the channel is no more.
    private mutating func release(_ identity: DeliveryIdentity) -> Int? {
        inFlight -= 1
        guard let index = channelIndices[identity.channel], destinations[index].inFlight == identity else {
            return nil
        }
        destinations[index].inFlight = nil
        return index
    }

    private mutating func finish(_ delivery: Delivery, _ state: Delivery.State) {
        var delivery = delivery
        delivery.state = state
        deliveries[delivery.identity] = nil
        batch.changes.append(.update(delivery))
    }
}

// MARK: - Commits

extension Engine {
    /// What arrives while a commit is under way goes into the next one, all together.
    private mutating func flush(_ now: Instant) {
        if let retry = commitRetry, retry <= now { commitRetry = nil }
        if committing == nil, commitRetry == nil, !batch.isEmpty {
            committing = batch
            effects.append(.commit(batch.changes))
            batch = Batch()
        }
        if isStopping {
            if isQuiet { effects.append(.stopped) }
            return
        }
        let next = next
        if next != wakeAskedFor {
            wakeAskedFor = next
            effects.append(.wake(next))
        }
    }

    private mutating func committed(_ known: [DeliveryIdentity]) {
        guard let done = committing else { return }
        committing = nil
        if isJournalFailing {
            isJournalFailing = false
            effects.append(.tell(.journalRecovered))
        }
        // The journal had these already: they were dealt with in an earlier life of the same identity.
        for identity in known { forget(identity) }
        for identity in done.sends {
            guard var delivery = deliveries[identity], case .sending = delivery.state else { continue }
            if isStopping {
                // It was not sent yet, and stays owed for the next run.
                _ = release(identity)
                delivery.attempts -= 1
                delivery.state = .owed
                deliveries[identity] = delivery
                batch.changes.append(.update(delivery))
            } else {
                effects.append(.send(delivery))
            }
        }
    }

    private mutating func forget(_ identity: DeliveryIdentity) {
        guard let delivery = deliveries.removeValue(forKey: identity) else { return }
        if case .sending = delivery.state { _ = release(identity) }
        batch.changes.removeAll { change in
            if case .update(let other) = change { other.identity == identity } else { false }
        }
        batch.sends.removeAll { $0 == identity }
    }

    private mutating func commitFailed(_ reason: String, _ now: Instant) {
        guard let failed = committing else { return }
        committing = nil
        batch.changes.insert(contentsOf: failed.changes, at: 0)
        batch.sends.insert(contentsOf: failed.sends, at: 0)
        commitRetry = now + Limits.commitRetry
        if !isJournalFailing {
            isJournalFailing = true
            effects.append(.tell(.journalFailing(reason: reason)))
        }
    }
}
