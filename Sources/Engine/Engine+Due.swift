import Messages
import Schedule

/// Finding what is due, and recording it as owed.
extension Engine {
    mutating func oweWhatIsDue(_ now: Instant) {
        guard clock.heldUntil == nil, let first = tracks.min, first.due <= now else { return }
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
            // By a clock that went back, what waits may be due later than what is found due now.
            let freshest = choice.saysPassed ? Instant.distantFuture : choice.sent.last?.due
            if let freshest, let waiting = stale[address] {
                // A rule whose hour changed can fall due once more while its first message still waits: that one stays.
                let rules = choice.sent.map(\.rule.canonical)
                for identity in waiting where !rules.contains(identity.reminder) {
                    if let due = deliveries[identity]?.due, due < freshest { supersede(identity) }
                }
            }
            for reminder in choice.superseded {
                var delivery = delivery(reminder, issue, milestone, deadline, channel, now)
                guard deliveries[delivery.identity] == nil else {
                    supersede(delivery.identity)
                    continue
                }
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

    mutating func supersede(_ identity: DeliveryIdentity) {
        guard let delivery = deliveries[identity] else { return }
        // What is on the wire cannot be called back: its outcome is still wanted.
        if case .sending = delivery.state { return }
        finish(delivery, .superseded)
        effects.append(.tell(.superseded(identity)))
    }

    mutating func add(_ delivery: Delivery) {
        guard deliveries[delivery.identity] == nil else { return }
        var delivery = delivery
        if let index = channelIndices[delivery.identity.channel],
            let disabled = destinations[index].record.disabled, delivery.kind != .test
        {
            delivery.state = .held(.destination, reason: disabled.reason)
        }
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
}
