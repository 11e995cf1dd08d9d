import Messages
import Schedule

/// Finding what is due, and recording it as owed.
extension Engine {
    /// Records everything that is due.
    mutating func oweWhatIsDue(_ now: Instant) {
        oweDigests(now)
        oweNudges(now)
        guard isReminderDue(now) else { return }
        oweReminders(now) { _ in .max }
    }

    /// Records some of what is due beside what destinations have taken by themselves, where the journal has nothing else to do and
    /// few requests are under way. Otherwise the others can wait, and be written down when they are sent: once instead of twice.
    mutating func oweMore(_ now: Instant) {
        let isIdle = committing == nil && batch.isEmpty && flights.count < Limits.flightsInPlenty
        oweReminders(now) { wait in
            wait >= Limits.owingPatience ? .max : isIdle ? Limits.owedPerCommit : 0
        }
    }

    func isReminderDue(_ now: Instant) -> Bool {
        guard let first = tracks.min else { return false }
        return first.due <= now
    }

    /// - Parameter limit: of what waits for so long already, how many new deliveries a commit may have.
    private mutating func oweReminders(_ now: Instant, atMost limit: (Span) -> Int) {
        let planner = Planner(calendar: agenda.calendar)
        while let track = tracks.min, track.due <= now {
            guard batch.added < limit(now - track.due) else { return }
            oweNext(of: Int(track.channel), planner, now)
        }
        settle(now)
    }

    /// Records what is due next to a channel.
    mutating func oweNext(of channel: Int, _ planner: Planner, _ now: Instant) {
        if let track = tracks.removeMin(of: channel) { owe(track, planner, now) }
    }

    /// Records what is due of one milestone for one channel.
    private mutating func owe(_ track: Track, _ planner: Planner, _ now: Instant) {
        let place = Agenda.Place(issue: Int(track.issue), milestone: Int(track.milestone))
        let milestone = agenda[place]
        guard let deadline = milestone.reminded else { return }
        let schedule = agenda.schedules[milestone.schedule]
        // Of an array's element, all would be copied; of a span's, what is asked for.
        let channel = agenda.channels.span[Int(track.channel)].name
        let audience = agenda.channels.span[Int(track.channel)].audience
        let reminders = planner.all(schedule, deadline: deadline, audience: audience)
        if let next = reminders.first(where: { $0.due > now }) { tracks.insert(track.moved(to: next.due)) }
        let key = MilestoneKey(issue: agenda.issues.span[place.issue].id, milestone: milestone.name)
        // What was not there before hides none that was.
        let owed = Planner.together(
            reminders.filter {
                $0.due >= track.due && $0.due <= now && !isDoubted($0.due, now)
                    && before?.had($0.rule, of: schedule, for: key, in: channel) ?? true
            })
        guard !owed.isEmpty else { return }
        let choice = CatchUpChoice(owed, schedule.catchUp, deadline: deadline.instant, now: now)
        let sent = choice.sent.map { delivery($0, of: key, deadline, to: channel, now) }
        let address =
            sent.first.map { TrackAddress($0.identity) }
            ?? TrackAddress(issue: key.issue, milestone: key.milestone, channel: channel)
        let open = deliveries.remindersAndPassed(of: address)
        let waiting = open.filter { $0.kind == .reminder }
        for delivery in sent { add(delivery) }
        // That the deadline passed is not true yet.
        if !sent.isEmpty, let early = open.first(where: { $0.kind == .passed && $0.isEarly(at: now) }),
            !early.isPossibleRepeat, !early.state.isSending
        {
            cancel(early, Delivery.earlyReason)
        }
        // What says that the deadline passed needs no other message: nor does what is never caught up.
        let successor = choice.saysPassed ? nil : sent.last?.identity
        // By a clock that went back, what waits may be due later than what is found due now.
        if let freshest = choice.saysPassed ? Instant.distantFuture : sent.last?.due {
            // A rule whose hour changed can fall due once more while its first message still waits: that one stays.
            let rules = sent.map(\.identity.reminder)
            for old in waiting
            where old.due < freshest && !rules.contains(old.identity.reminder) && !old.isEarly(at: now)
                && givesWay(old, now)
            {
                supersede(old.identity, by: successor)
            }
        }
        for reminder in choice.superseded {
            let delivery = delivery(reminder, of: key, deadline, to: channel, now)
            // It waited for long, and has just given way.
            if waiting.contains(where: { $0.identity == delivery.identity && givesWay($0, now) }) { continue }
            if deliveries[delivery.identity] == nil {
                guard successor != nil else {
                    miss(delivery)
                    continue
                }
                batch.append(.add(delivery))
                deliveries[delivery.identity] = delivery
            } else if successor == nil, !choice.saysPassed {
                // Its hour changed while it waits, and nothing would take its place.
                continue
            }
            supersede(delivery.identity, by: successor)
        }
        if choice.saysPassed {
            let identity = DeliveryIdentity(
                issue: key.issue, milestone: key.milestone, deadline: deadline.instant, reminder: "passed",
                channel: channel)
            let missed = choice.superseded.map {
                delivery($0, of: key, deadline, to: channel, now).identity
            }
            let isMissed = waiting.contains { !$0.isEarly(at: now) && givesWay($0, now) }
            add(
                Delivery(identity: identity, kind: .passed, due: deadline.instant, added: now),
                ifMissed: isMissed ? nil : missed)
        }
    }

    /// Its deadline passed while the service was down: one message says so in its place.
    mutating func owePassed(insteadOf missed: Delivery, _ deadline: Deadline, _ now: Instant) {
        guard deliveries[missed.identity] == nil else { return }
        miss(missed)
        let identity = DeliveryIdentity(
            issue: missed.identity.issue, milestone: missed.identity.milestone, deadline: deadline.instant,
            reminder: "passed", channel: missed.identity.channel)
        add(
            Delivery(identity: identity, kind: .passed, due: deadline.instant, added: now),
            ifMissed: [missed.identity])
    }

    /// Records a reminder that nothing is sent of.
    mutating func miss(_ reminder: Delivery) {
        guard deliveries[reminder.identity] == nil else { return }
        var missed = reminder
        missed.state = .superseded
        batch.append(.add(missed))
        effects.append(.tell(.superseded(missed.identity)))
    }

    /// It was overdue before the clock went back, for all we know, and dealt with then. What fell due since the clock has stood
    /// was not, though the machine may have slept.
    private func isDoubted(_ due: Instant, _ now: Instant) -> Bool {
        guard let doubtedUntil, due <= clock.standsSince ?? .distantFuture else { return false }
        return due <= doubtedUntil && now - due > Limits.punctuality
    }

    mutating func settle(_ now: Instant) {
        guard now > settled else { return }
        settled = now
        // The journal keeps the later of two instants while nobody knows which clock is right.
        guard now > doubtedUntil ?? .distantPast else { return }
        doubtedUntil = nil
        batch.append(.settled(now))
    }

    func delivery(
        _ reminder: Reminder, of key: MilestoneKey, _ deadline: Deadline, to channel: String, _ now: Instant
    ) -> Delivery {
        let identity = DeliveryIdentity(
            issue: key.issue, milestone: key.milestone, deadline: deadline.instant,
            reminder: reminder.rule.canonical, channel: channel)
        return Delivery(identity: identity, kind: .reminder, due: reminder.due, added: now)
    }

    /// Whether a fresher reminder takes the place of one that is still unsent: after a failure, while it is held, or, where
    /// only the latest is caught up, once it is late.
    func givesWay(_ delivery: Delivery, _ now: Instant) -> Bool {
        guard delivery.kind == .reminder else { return false }
        switch delivery.state {
        case .waiting, .unknown, .held: return true
        case .owed, .sending:
            return now - delivery.due > Limits.punctuality && catchUp(of: delivery) == .latest
        case .delivered, .superseded, .expired, .refused, .cancelled: return false
        }
    }

    private func catchUp(of delivery: Delivery) -> Schedule.CatchUp? {
        guard let place = place(of: delivery.identity) else { return nil }
        return agenda.schedules[agenda[place].schedule].catchUp
    }

    /// A later reminder of the same milestone that is owed to the same channel, and not early.
    func fresher(than delivery: Delivery) -> DeliveryIdentity? {
        guard delivery.kind == .reminder, deliveries.hasOther(than: delivery.identity) else { return nil }
        return deliveries.reminders(of: TrackAddress(delivery.identity))
            .filter {
                $0.due > delivery.due && !$0.isEarly(at: last ?? .distantFuture)
                    && givingWay[$0.identity] == nil
            }
            .max { ($0.due, $0.identity) < ($1.due, $1.identity) }?.identity
    }

    /// - Parameter successor: what takes its place, found due just now; nil where nothing needs to.
    mutating func supersede(_ identity: DeliveryIdentity, by successor: DeliveryIdentity? = nil) {
        guard let delivery = deliveries[identity], givingWay[identity] == nil else { return }
        // What is on the wire cannot be called back: its outcome is still wanted.
        if delivery.state.isSending { return }
        guard let successor, isNew(successor) else { return finish(superseded: delivery) }
        givingWay[identity] = successor
        // Both in one transaction, where that has not begun.
        if batch.adds(successor) { batch.append(.supersede(delivery, by: successor)) }
    }

    /// - Parameter reason: why it has just failed.
    mutating func finish(superseded delivery: Delivery, after reason: String? = nil) {
        finish(delivery, .superseded)
        tell(superseded: delivery, after: reason)
    }

    /// Where it was long tried in vain, the fallback hears of it, as if it had been given up.
    private mutating func tell(superseded delivery: Delivery, after failure: String? = nil) {
        effects.append(.tell(.superseded(delivery.identity)))
        let reason: String? =
            switch delivery.state {
            case .waiting(_, let reason), .unknown(_, let reason): reason
            default: failure
            }
        guard let reason, let now = last, hasFailed(delivery) else { return }
        alert(givenUp: delivery.identity, others: 0, reason, now)
    }

    /// It was found due, and is not on disk yet.
    func isNew(_ identity: DeliveryIdentity) -> Bool {
        batch.adds(identity) || committing?.adds(identity) ?? false
    }

    /// What is fresher is on disk now, or is known to the journal and not sent.
    mutating func giveWay(_ done: Batch, known: Set<DeliveryIdentity>, _ now: Instant) {
        guard !givingWay.isEmpty else { return }
        var added: Set<DeliveryIdentity> = []
        var superseded: Set<DeliveryIdentity> = []
        var gone: Set<DeliveryIdentity> = []
        for change in done.changes {
            switch change {
            case .add(let delivery): added.insert(delivery.identity)
            case .supersede(let delivery, _): superseded.insert(delivery.identity)
            default: break
            }
        }
        for (identity, successor) in givingWay.sorted(by: { $0.key < $1.key }) where added.contains(successor)
        {
            givingWay[identity] = nil
            guard let delivery = deliveries[identity] else { continue }
            if known.contains(successor) {
                enqueue(delivery)
            } else if superseded.contains(identity) {
                // The journal has that already.
                gone.insert(identity)
                tell(superseded: delivery)
            } else {
                finish(superseded: delivery)
            }
        }
        forget(gone)
        releaseHeld(now)
    }

    /// - Parameter missed: what it tells of; nil where it speaks for itself.
    mutating func add(_ delivery: Delivery, ifMissed missed: [DeliveryIdentity]? = nil) {
        guard deliveries[delivery.identity] == nil else {
            if delivery.kind == .passed { batch.widen(delivery.identity, by: missed) }
            return
        }
        var delivery = delivery
        if let held = hold(on: delivery, delivery.added) { delivery.state = held }
        deliveries[delivery.identity] = delivery
        batch.append(missed.map { .addIfMissed(delivery, $0) } ?? .add(delivery))
        enqueue(delivery)
    }

    mutating func test(_ channel: String, _ now: Instant) {
        guard channelIndices[channel] != nil else { return }
        let identity = DeliveryIdentity(
            issue: "", milestone: "", deadline: now, reminder: "test", channel: channel)
        add(Delivery(identity: identity, kind: .test, due: now, added: now))
    }

    /// Those that stand in a queue, or are to.
    var queueable: [Delivery] { queueable { _ in true } }

    /// The same of some channels.
    func queueable(for isWanted: (_ channel: String) -> Bool) -> [Delivery] {
        deliveries.inOrder { isWanted($0.identity.channel) && givingWay[$0.identity] == nil }
    }
}
