import Messages
import Schedule

/// Finding what is due, and recording it as owed.
extension Engine {
    mutating func oweWhatIsDue(_ now: Instant) {
        guard clock.heldUntil == nil else { return }
        oweDigests(now)
        oweNudges(now)
        guard let first = tracks.min, first.due <= now else { return }
        let planner = Planner(calendar: agenda.calendar)
        let stale = waitingReminders()
        while let track = tracks.min, track.due <= now {
            tracks.removeMin()
            let issue = agenda.issues[Int(track.issue)]
            let milestone = issue.milestones[Int(track.milestone)]
            let channel = agenda.channels[Int(track.channel)]
            guard let deadline = milestone.reminded else { continue }
            let schedule = agenda.schedules[milestone.schedule]
            let reminders = planner.reminders(schedule, deadline: deadline, audience: channel.audience)
            if let next = reminders.first(where: { $0.due > now }) {
                tracks.insert(track.moved(to: next.due))
            }
            let owed = reminders.filter { $0.due >= track.due && $0.due <= now }
            let choice = CatchUpChoice(owed, schedule.catchUp, deadline: deadline.instant, now: now)
            let address = TrackAddress(issue: issue.id, milestone: milestone.name, channel: channel.name)
            let sent = choice.sent.map { delivery($0, issue, milestone, deadline, channel, now) }
            for delivery in sent { add(delivery) }
            // What says that the deadline passed needs no other message: nor does what is never caught up.
            let successor = choice.saysPassed ? nil : sent.last?.identity
            // By a clock that went back, what waits may be due later than what is found due now.
            let freshest = choice.saysPassed ? Instant.distantFuture : sent.last?.due
            if let freshest, let waiting = stale[address] {
                // A rule whose hour changed can fall due once more while its first message still waits: that one stays.
                let rules = sent.map(\.identity.reminder)
                for identity in waiting where !rules.contains(identity.reminder) {
                    if let due = deliveries[identity]?.due, due < freshest {
                        supersede(identity, by: successor)
                    }
                }
            }
            for reminder in choice.superseded {
                var delivery = delivery(reminder, issue, milestone, deadline, channel, now)
                if deliveries[delivery.identity] == nil {
                    delivery.state = successor == nil ? .superseded : .owed
                    batch.changes.append(.add(delivery))
                    if successor == nil {
                        effects.append(.tell(.superseded(delivery.identity)))
                        continue
                    }
                    deliveries[delivery.identity] = delivery
                }
                supersede(delivery.identity, by: successor)
            }
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

    mutating func settle(_ now: Instant) {
        guard now > settled, clock.heldUntil == nil else { return }
        settled = now
        batch.changes.append(.settled(now))
    }

    func delivery(
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

    /// Reminders that failed and wait for another try or for somebody, by what a fresher one of them would supersede.
    func waitingReminders() -> [TrackAddress: [DeliveryIdentity]] {
        var waiting: [TrackAddress: [DeliveryIdentity]] = [:]
        for delivery in openInOrder where delivery.kind == .reminder {
            switch delivery.state {
            case .waiting, .unknown, .held: break
            default: continue
            }
            waiting[TrackAddress(delivery.identity), default: []].append(delivery.identity)
        }
        return waiting
    }

    /// - Parameter successor: the reminder that takes its place; nil where nothing needs to.
    mutating func supersede(_ identity: DeliveryIdentity, by successor: DeliveryIdentity? = nil) {
        if let successor, isNew(successor) {
            superseding[successor, default: []].append(identity)
            return
        }
        guard let delivery = deliveries[identity] else { return }
        // What is on the wire cannot be called back: its outcome is still wanted.
        if case .sending = delivery.state { return }
        finish(delivery, .superseded)
        effects.append(.tell(.superseded(identity)))
    }

    /// It was found due, and is not on disk yet.
    func isNew(_ identity: DeliveryIdentity) -> Bool {
        func adds(_ change: Change) -> Bool {
            if case .add(let delivery) = change { delivery.identity == identity } else { false }
        }
        return superseding[identity] != nil || batch.changes.reversed().contains(where: adds)
            || committing?.changes.contains(where: adds) ?? false
    }

    /// Owed, and in no queue: it is superseded once its successor is on disk.
    var setAside: Set<DeliveryIdentity> {
        Set(superseding.values.joined().filter { deliveries[$0]?.state == .owed })
    }

    /// Those that a reminder supersedes give way to it now that it is on disk. Where the journal knew it of earlier, or
    /// where it was cancelled meanwhile, they stay.
    mutating func supersedeStale(_ done: Batch) {
        guard !superseding.isEmpty else { return }
        for case .add(let successor) in done.changes {
            for identity in superseding.removeValue(forKey: successor.identity) ?? [] {
                guard let delivery = deliveries[identity] else { continue }
                if deliveries[successor.identity] != nil || fresher(than: delivery) != nil {
                    supersede(identity)
                } else if delivery.state == .owed {
                    enqueue(delivery)
                }
            }
        }
    }

    mutating func add(_ delivery: Delivery) {
        guard deliveries[delivery.identity] == nil else { return }
        var delivery = delivery
        if let held = hold(on: delivery, delivery.added) { delivery.state = held }
        deliveries[delivery.identity] = delivery
        batch.changes.append(.add(delivery))
        enqueue(delivery)
    }

    mutating func test(_ channel: String, _ now: Instant) {
        guard channelIndices[channel] != nil else { return }
        let identity = DeliveryIdentity(
            issue: "", milestone: "", deadline: now, reminder: "test", channel: channel)
        add(Delivery(identity: identity, kind: .test, due: now, added: now))
    }

    var openInOrder: [Delivery] {
        deliveries.values.sorted { ($0.due, $0.identity) < ($1.due, $1.identity) }
    }

    var queueable: [Delivery] {
        let setAside = setAside
        return openInOrder.filter { !setAside.contains($0.identity) }
    }
}
