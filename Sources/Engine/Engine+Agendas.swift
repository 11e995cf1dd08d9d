import HeapModule
import Messages
import Schedule

/// Taking up a configuration: at a start, at a reload.
extension Engine {
    mutating func start(_ agenda: Agenda, _ memory: Memory, _ now: Instant) {
        settled = memory.settled ?? .distantPast
        sightings = memory.sightings
        marks = memory.marks
        snoozes = Heap(marks.compactMap { Snooze($0.key, $0.value) })
        untold = memory.beliefs.byTrack
        toldDigests = memory.digests.filter { memory.timing?.digest(of: $0.key) != nil }
        adopt(agenda)
        for (name, record) in memory.destinations {
            if let index = channelIndices[name] {
                destinations[index].record = record
            } else {
                away[name] = (record, nil)
            }
        }
        let open = memory.open.sorted { ($0.due, $0.identity) < ($1.due, $1.identity) }
        // What shares a message is sent again together, or receivers that drop repeats would lose the second part of it.
        let losses = Dictionary(
            open.filter(\.state.isSending).compactMap { sent in sent.fold.map { ($0, sent.losses) } },
            uniquingKeysWith: max)
        for var delivery in open {
            if delivery.state.isSending, let most = delivery.fold.flatMap({ losses[$0] }) {
                delivery.losses = most
            }
            restore(delivery, now)
        }
        for delivery in open {
            guard let left = deliveries[delivery.identity] else { continue }
            if let reason = orphaned(left) { cancel(left, reason) } else { enqueue(left) }
        }
        // What was under way when the run before ended may have given way since.
        for delivery in open {
            guard case .sending = delivery.state, let left = deliveries[delivery.identity],
                givesWay(left, now),
                let fresher = fresher(than: left)
            else { continue }
            supersede(left.identity, by: fresher)
        }
        if settled > now { limitPatience(now) }
        doubtFuture(now)
        resume(memory.doubt)
        cancelChanged(now)
        if let jumped = memory.jumped {
            if isClockDoubted {
                rememberInDoubt(since: jumped.booted + jumped.since, now)
            } else {
                batch.append(.jumped(nil))
            }
        }
        if doubtedUntil != nil, let doubt = memory.doubt {
            rememberInDoubt(since: doubt.booted + doubt.since, now)
        }
        resumeAll(now)
        shortenHolds(now, from: memory.settled ?? now)
        holdAll(now)
        releaseHeld(now)
        shortenWaits(now, from: max(memory.settled ?? now, now))
        seeDeadlines(now)
        // The first run owes nothing of the past.
        arm(after: min(memory.settled ?? now, now))
        before = memory.timing.map { Before(timing: $0, sightings: memory.sightings, agenda: agenda) }
        let dated = agenda.written(asIn: memory.sightings)
        if let settled = memory.settled.map({ min($0, now) }), let timing = memory.timing,
            timing != Timing(agenda) || dated != nil
        {
            let before = timing.applied(to: dated ?? agenda, zones: memory.zones, at: settled)
            oweMovedIntoThePast(before, issueIndices, settled, now)
        }
        for (index, channel) in agenda.channels.enumerated() where digests[index] != nil {
            // A digest that somebody asked for during the downtime was not owed then.
            if memory.timing?.digest(of: channel.name) != channel.digest.map({ "\($0.every)" }) {
                armDigest(index, after: now)
            }
        }
        // Nor was a question that somebody first wanted asked then.
        if memory.timing?.confirmAfter != agenda.confirmAfter { armNudges(after: now) }
        timing = memory.timing
        rememberTiming()
        if let alert = memory.alert { alertEverybody(alert, now) }
        oweWhatIsDue(now)
        before = nil
        settle(now)
    }

    /// All that is due is recorded as owed and settled, so that what somebody adds during the downtime is told apart.
    mutating func stop(_ now: Instant) {
        oweWhatIsDue(now)
        settle(now)
        isStopping = true
    }

    mutating func reload(_ agenda: Agenda, _ now: Instant) {
        guard !isStopping else { return }
        oweWhatIsDue(now)
        let before = (
            agenda: self.agenda, issues: issueIndices, destinations: destinations, channels: channelIndices
        )
        adopt(agenda)
        // What is under way or paused stays so, where its channel stays.
        for (name, index) in before.channels {
            if let new = channelIndices[name] {
                destinations[new] = before.destinations[index].emptied()
            } else {
                away[name] = (before.destinations[index].record, before.agenda.channels[index].type)
            }
        }
        for (name, index) in channelIndices {
            if let known = away.removeValue(forKey: name) { destinations[index].record = known.record }
        }
        for flight in flights {
            // Its channel may have been away for a while.
            if let index = flight.first.flatMap({ channelIndices[$0.channel] }) {
                destinations[index].isBusy = true
            }
        }
        cancelOrphans()
        cancelChanged(now)
        for delivery in queueable { enqueue(delivery) }
        holdAll(now)
        releaseHeld(now)
        resumeAll(now)
        seeDeadlines(now)
        // Where the clock has gone back a little, the journal knows what was sent.
        arm(after: now)
        oweMovedIntoThePast(before.agenda, before.issues, max(now, settled), now)
        rememberTiming()
        settle(now)
    }

    mutating func adopt(_ agenda: Agenda) {
        self.agenda = agenda
        issueIndices = Dictionary(minimumCapacity: agenda.issues.count)
        for (index, issue) in agenda.issues.enumerated() { issueIndices[issue.id] = index }
        channelIndices = Dictionary(
            zip(agenda.channels.map(\.name), agenda.channels.indices), uniquingKeysWith: { a, _ in a })
        destinations = agenda.channels.map { _ in Destination() }
        let first = Dictionary(
            zip(agenda.channels.map(\.host), agenda.channels.indices), uniquingKeysWith: { a, _ in a })
        hosts = agenda.channels.map { first[$0.host] ?? 0 }
        // Who has had none for a while begins anew.
        let withDigests = Set(agenda.channels.lazy.filter { $0.digest != nil }.map(\.name))
        toldDigests = toldDigests.filter { withDigests.contains($0.key) }
        applyMarks()
    }

    /// Takes up a delivery that an earlier run left open.
    mutating func restore(_ open: Delivery, _ now: Instant) {
        var delivery = open
        if case .sending(let since) = delivery.state {
            // The run ended between the request and its outcome: nobody can know.
            let reason = "the service ended while it was sent"
            // Once at once; after that it waits as after any answer that was lost.
            delivery.losses += 1
            let wait = delivery.losses > 1 ? Engine.step(delivery.losses, of: Limits.repeats) : .zero
            delivery.isPossibleRepeat = true
            delivery.state = stateOfUnknown(delivery, until: now + wait, reason: reason)
            batch.append(
                .attempted(
                    Attempt(
                        identity: delivery.identity, number: delivery.attempts, started: since,
                        ended: max(since, now),
                        verdict: Verdict.unknown(reason: reason).name, status: nil, reason: reason)))
            batch.append(.update(delivery))
        }
        deliveries[delivery.identity] = delivery
    }

    /// Why nothing more can come of a delivery; nil where something can.
    func orphaned(_ delivery: Delivery) -> String? {
        if delivery.kind == .test { return "the test was interrupted" }
        guard let channel = channelIndices[delivery.identity.channel] else {
            return "its channel was removed"
        }
        if delivery.kind.isOfService { return nil }
        if case .digest = delivery.kind {
            return agenda.channels[channel].digest == nil ? "its channel has no digests any more" : nil
        }
        guard let place = place(of: delivery.identity) else {
            return issueIndices[delivery.identity.issue] == nil
                ? "its special issue was removed" : "its milestone was removed"
        }
        let milestone = agenda[place]
        guard milestone.channels.contains(channel) else { return "its channel hears of it no more" }
        if case .confirm(let checked) = delivery.kind {
            guard agenda.confirmAfter != nil else { return "nobody is asked any more" }
            guard agenda.issues[place.issue].checked == checked else { return "its date was confirmed" }
            if let last, delivery.identity.deadline <= last { return "its deadline has passed" }
        }
        switch milestone.state {
        case .open:
            return milestone.deadline?.instant == delivery.identity.deadline ? nil : "its deadline moved"
        case .tba, .rolling: return "its deadline is open again"
        case .done: return "it is done"
        case .withdrawn: return "it was withdrawn"
        }
    }

    mutating func cancelOrphans() {
        for delivery in deliveries.inOrder
        where delivery.kind != .test || channelIndices[delivery.identity.channel] == nil {
            guard let delivery = deliveries[delivery.identity], let reason = orphaned(delivery) else {
                continue
            }
            // What is on the wire cannot be called back: its outcome is still wanted.
            if delivery.state.isSending { continue }
            cancel(delivery, reason)
        }
    }

    /// Ends reminders that a clock which was ahead has found, and that are to come at another time now, or not at all.
    private mutating func cancelChanged(_ now: Instant) {
        for delivery in queueable
        where delivery.kind == .reminder && delivery.isEarly(at: now) && !delivery.isPossibleRepeat
            && !delivery.state.isSending && delivery.due > doubtedUntil ?? .distantPast
        {
            guard let place = place(of: delivery.identity),
                let channel = channelIndices[delivery.identity.channel]
            else { continue }
            let stands = agenda.reminders(of: agenda[place], to: channel).contains {
                $0.rule.canonical == delivery.identity.reminder && $0.due == delivery.due
            }
            if !stands { cancel(delivery, Delivery.changedReason) }
        }
    }

    /// Ends what nothing can come of any more.
    mutating func cancel(_ delivery: Delivery, _ reason: String) {
        noteUntold(delivery)
        finish(delivery, .cancelled(reason: reason))
        noteUnheard(delivery)
    }

    /// Notes what those believe who may not have heard of a move. Where it moved once more, that is still to be told.
    private mutating func noteUntold(_ delivery: Delivery) {
        guard case .moved(let previous) = delivery.kind else { return }
        let unheard = delivery.identity.deadline
        // Where it may have arrived, that is kept for the case that what comes after it is cancelled, too.
        if let later = newsAfter(delivery), !delivery.isPossibleRepeat || later.kind != .moved(from: unheard)
        {
            return correctNews(after: delivery)
        }
        let address = TrackAddress(delivery.identity)
        let belief = untold[address]
        // What was cancelled while this was under way took it for heard of.
        let known = belief.map { $0.deadline == unheard ? previous : $0.deadline } ?? previous
        untold[address] = Belief(
            deadline: known, perhaps: delivery.isPossibleRepeat ? unheard : belief?.perhaps)
    }

    /// Forgets what readers may have believed before news that has arrived, or of which no more comes.
    mutating func noteTold(_ delivery: Delivery) {
        guard delivery.kind.isNews else { return }
        let address = TrackAddress(delivery.identity)
        guard let belief = untold[address] else { return }
        // What was cancelled while this was under way is noted already. What was cancelled before is told now, also where the deadline
        // moved there and back.
        let told = delivery.identity.deadline
        untold[address] = belief.deadline == told && !belief.isNamed ? Belief(deadline: told) : nil
    }

    /// What is yet to be told of a later move than that of open news.
    private func newsAfter(_ delivery: Delivery) -> Delivery? {
        let news = deliveries.news(of: TrackAddress(delivery.identity))
        let later = news.drop { $0.identity != delivery.identity }.dropFirst()
        return later.first { !$0.state.isSending }
    }

    /// Corrects what is yet to be told of a later move, where the news of the one before it never arrived: its readers believe in
    /// the deadline before that.
    mutating func correctNews(after failed: Delivery) {
        guard case .moved(let believed) = failed.kind, !failed.isPossibleRepeat,
            var later = newsAfter(failed), later.kind == .moved(from: failed.identity.deadline),
            !later.isPossibleRepeat
        else { return }
        later.kind = .moved(from: believed)
        if later.isVoid {
            cancel(later, Delivery.voidReason)
        } else {
            deliveries[later.identity] = later
            batch.append(.update(later))
        }
    }

    /// Compares every deadline with what was last seen, remembers it, and announces the ones that moved.
    mutating func seeDeadlines(_ now: Instant) {
        sightings.reserveCapacity(agenda.issues.count)
        for issue in agenda.issues {
            for milestone in issue.milestones { see(milestone, of: issue, now) }
        }
        seeDepartures()
    }

    /// The same for one milestone.
    mutating func see(_ milestone: Milestone, of issue: SpecialIssue, _ now: Instant) {
        guard let reminded = milestone.reminded else { return }
        let deadline = reminded.instant
        var key = MilestoneKey(issue: issue.id, milestone: milestone.name)
        // To the journal the same name in another Unicode form is another.
        if let known = sightings.index(forKey: key) { key = sightings.keys[known] }
        let last = sightings[key]
        if var last, last.deadline == deadline {
            if last.date != reminded.date {
                last.date = reminded.date
                sightings[key] = last
                batch.append(.sighted(key, last))
            }
            // It was away since its move, of which not all have heard. Once it has passed, it is news to nobody.
            if !untold.isEmpty, deadline > now { announce(key, milestone, deadline, now, after: nil) }
            return
        }
        let sighting = Sighting(
            deadline: deadline, date: reminded.date, first: now, previous: last?.deadline,
            moves: last.map { $0.moves + 2 } ?? 0)
        sightings[key] = sighting
        batch.append(.sighted(key, sighting))
        if isInDoubt { inDoubt.seen.insert(key) }
        guard let last else { return }
        effects.append(.tell(.moved(key, from: last.deadline, to: deadline)))
        // Of two moves within a second each has a name of its own.
        let again = last.first.seconds == now.seconds ? " \(sighting.moves / 2)" : ""
        announce(key, milestone, deadline, now, after: last, again)
    }

    /// Tells each channel of a milestone that its deadline moved.
    ///
    /// - Parameter last: how it was seen before it moved; nil where only those are told who have not heard of an earlier move.
    private mutating func announce(
        _ key: MilestoneKey, _ milestone: Milestone, _ deadline: Instant, _ now: Instant,
        after last: Sighting?,
        _ again: String = ""
    ) {
        let previous = last?.deadline
        for channel in milestone.channels {
            let audience = agenda.channels[channel].audience
            let hears = { (other: Instant?, at: Instant) in
                milestone.start(for: channel, in: audience.zone, of: other) ?? .distantPast <= at
            }
            let name = agenda.channels[channel].name
            let address = TrackAddress(issue: key.issue, milestone: key.milestone, channel: name)
            let untold = untold[address]
            guard last != nil || untold != nil else { continue }
            let news = deliveries.news(of: address)
            let underWay = news.first(where: \.state.isSending)
            // Who has heard of it by a deadline that it had believes in that one, or in what they were told of its move.
            guard
                untold != nil || hears(nil, now) || hears(previous, now)
                    || hears(last?.previous, min(last?.first ?? now, now)) || underWay != nil
            else { continue }
            // That is still to be told.
            if last == nil, news.contains(where: { $0.identity != underWay?.identity }) { continue }
            // What is under way may arrive. Or it moved there and back, and they heard of neither.
            guard let believed = underWay?.identity.deadline ?? untold?.before(deadline) ?? previous,
                believed != deadline
            else { continue }
            let isPossibleRepeat = underWay == nil && untold?.perhaps == deadline
            // Should this be cancelled, it is as uncertain as before what they have heard of.
            if untold?.perhaps == nil || isPossibleRepeat {
                self.untold[address] = nil
            } else {
                self.untold[address]?.isNamed = true
            }
            // What is told after all has a name of its own, too: the journal knows the one that was cancelled.
            let again = previous == nil ? " after \(now.milliseconds - now.seconds * 1000) ms" : again
            let identity = DeliveryIdentity(
                issue: key.issue, milestone: milestone.name, deadline: deadline,
                reminder: "moved \(now)\(again)",
                channel: name)
            add(
                Delivery(
                    identity: identity, kind: .moved(from: believed), due: now, added: now,
                    isPossibleRepeat: isPossibleRepeat))
        }
    }

    /// Counts when a milestone that was seen goes, and when it comes back.
    mutating func seeDepartures() {
        var changed: [MilestoneKey] = []
        // A closure that asks the engine would copy it for each of them.
        for (key, sighting) in sightings where sighting.isAway != isAway(key) { changed.append(key) }
        for key in changed.sorted() {
            guard var sighting = sightings[key] else { continue }
            sighting.moves += 1
            sightings[key] = sighting
            batch.append(.sighted(key, sighting))
        }
    }

    private func isAway(_ key: MilestoneKey) -> Bool {
        guard let place = place(of: key) else { return true }
        return agenda[place].deadline == nil || agenda[place].state == .withdrawn
    }

    /// Finds for each milestone and channel its first reminder that is owed.
    mutating func arm(after instant: Instant) {
        let planner = Planner(calendar: agenda.calendar)
        var armed: [Track] = []
        armed.reserveCapacity(agenda.issues.count)
        for (issueIndex, issue) in agenda.issues.enumerated() {
            for milestone in issue.milestones.indices {
                addTracks(milestone: milestone, of: issueIndex, after: instant, planner, &armed)
            }
        }
        tracks = Tracks(armed, channels: agenda.channels.count)
        armNudges(after: instant)
        digests = [:]
        for index in agenda.channels.indices { armDigest(index, after: instant) }
    }

    /// The same for one milestone.
    mutating func arm(milestone: Int, of issue: Int, after instant: Instant) {
        var armed = tracks.all.filter { $0.issue != issue || $0.milestone != milestone }
        addTracks(milestone: milestone, of: issue, after: instant, Planner(calendar: agenda.calendar), &armed)
        tracks = Tracks(armed, channels: agenda.channels.count)
        armNudges(after: instant)
    }

    private func addTracks(
        milestone milestoneIndex: Int, of issueIndex: Int, after instant: Instant, _ planner: Planner,
        _ armed: inout [Track]
    ) {
        let issue = agenda.issues[issueIndex]
        let milestone = issue.milestones[milestoneIndex]
        guard let deadline = milestone.reminded else { return }
        let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
        // What was seen in the future was seen under a clock that was wrong.
        let first = sightings[key].flatMap { $0.first > last ?? $0.first ? nil : $0.first }
        let from = max(instant, first ?? instant) + .milliseconds(1)
        let schedule = agenda.schedules[milestone.schedule]
        for channel in milestone.channels {
            let audience = agenda.channels[channel].audience
            let start = milestone.start(for: channel, in: audience.zone) ?? from
            guard
                let due = planner.firstDue(
                    from: max(from, start), schedule, deadline: deadline, audience: audience)
            else { continue }
            armed.append(
                Track(
                    due: due, issue: Int32(issueIndex), milestone: Int32(milestoneIndex),
                    channel: Int32(channel)))
        }
    }

    mutating func rememberTiming() {
        let now = Timing(agenda)
        guard now != timing else { return }
        timing = now
        batch.append(.timed(now))
    }

    /// A reminder that was still to come at some instant, and now was due before it, is owed at once: its hour, its
    /// zone, its zone's law or the calendar changed.
    mutating func oweMovedIntoThePast(
        _ before: Agenda, _ issues: [String: Int], _ instant: Instant, _ now: Instant
    ) {
        let planner = Planner(calendar: agenda.calendar)
        let plannerBefore = Planner(calendar: before.calendar)
        let channelsBefore = Dictionary(
            zip(before.channels.map(\.name), before.channels), uniquingKeysWith: { a, _ in a })
        for issue in agenda.issues {
            guard let issueBefore = issues[issue.id].map({ before.issues[$0] }) else { continue }
            for milestone in issue.milestones {
                let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                guard let deadline = milestone.reminded, self.before?.had(key, deadline.instant) ?? true,
                    let milestoneBefore = issueBefore.milestone(milestone.name),
                    let deadlineBefore = milestoneBefore.reminded, deadlineBefore.instant == deadline.instant
                else { continue }
                for channelIndex in milestone.channels {
                    let channel = agenda.channels[channelIndex]
                    guard let channelBefore = channelsBefore[channel.name],
                        milestoneBefore.channels.contains(where: { before.channels[$0].name == channel.name })
                    else { continue }
                    let start = milestone.start(for: channelIndex, in: channel.audience.zone) ?? .distantPast
                    let (old, new) = (
                        before.schedules[milestoneBefore.schedule], agenda.schedules[milestone.schedule]
                    )
                    let stillToCome = plannerBefore.all(
                        old, deadline: deadlineBefore, audience: channelBefore.audience
                    ).filter { $0.due > instant && $0.due >= start }
                    guard !stillToCome.isEmpty else { continue }
                    let planned = { (reminder: Reminder) in
                        let rule = new.rule(reminder.rule, in: old)
                        return stillToCome.first { $0.rule == rule }
                    }
                    let moved = planner.all(new, deadline: deadline, audience: channel.audience)
                        .filter { $0.due <= instant && $0.due >= start && planned($0) != nil }
                    let catchUp = new.catchUp
                    for reminder in Planner.together(moved) {
                        guard let planned = planned(reminder) else { continue }
                        let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                        let owed = delivery(reminder, of: key, deadline, to: channel.name, now)
                        if catchUp == .none, now - planned.due > Limits.punctuality {
                            // At its old hour it was missed, too.
                            miss(owed)
                            continue
                        }
                        if reminder.rule.side == .before, deadline.instant <= now, catchUp == .latest {
                            owePassed(insteadOf: owed, deadline, now)
                            continue
                        }
                        add(owed)
                        for old in deliveries.reminders(of: TrackAddress(owed.identity))
                        where old.due < owed.due && old.identity != owed.identity && givesWay(old, now) {
                            supersede(old.identity, by: owed.identity)
                        }
                    }
                }
            }
        }
    }
}
