import Schedule

/// What happened while a clock was doubted, or behind.
struct InDoubt: Sendable {
    /// First seen then.
    var seen: Set<MilestoneKey> = []
    var snoozed: Set<MilestoneKey> = []
    var muted: Set<String> = []
}

/// Clocks that go back, that jump, and that are believed again.
extension Engine {
    /// Nothing may wait for a time that a wrong clock made up: waits are shortened, and what is still to come by the right
    /// clock is armed anew. What was sent already is known to the journal, and is not sent again.
    ///
    /// - Parameters:
    ///   - before: what it showed when it was set.
    ///   - looked: when somebody looked at it last.
    mutating func clockWentBack(_ now: Instant, from before: Instant, looked: Instant) {
        // Nothing that was due by then is still to be recorded: mostly, nothing was due for long.
        if !isReminderDue(looked) { settle(looked) }
        doubtFuture(now)
        commitRetry = commitRetry.map { min($0, now + Limits.commitRetry) }
        shortenWaits(now, from: before)
        shortenHolds(now, from: before)
        holdAll(now)
        limitPatience(now)
        if !isStopping { arm(after: settled) }
    }

    /// Patience begins now at the latest, or when something is due, whatever the clock showed when that was found.
    mutating func limitPatience(_ now: Instant) {
        for var delivery in queueable {
            let latest = delivery.patienceBegin(now)
            guard delivery.added > latest else { continue }
            delivery.added = latest
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
        }
    }

    /// What was settled in the future was settled by a clock that was wrong then, or is wrong now. What is to come by the
    /// clock as it stands goes out at its time; the journal keeps what it has until the clock has proved itself.
    mutating func doubtFuture(_ now: Instant) {
        guard settled > now else { return }
        doubtedUntil = max(settled, doubtedUntil ?? settled)
        // By this clock, nobody has looked since it was set.
        settled = min(now, clock.standsSince ?? now)
        doubtedSince = nil
    }

    /// A restart begins no new doubt where the clock has stood since, nor does another start of the machine where it goes on.
    mutating func resume(_ doubt: ClockDoubt?) {
        guard let doubt, let since = clock.goesOn(from: doubt), let booted = clock.booted else { return }
        doubtedSince = since
        let resumed = ClockDoubt(since: since, booted: booted)
        if doubtedUntil != nil, since != doubt.since { batch.append(.doubted(resumed)) }
    }

    /// A clock that has stood for long is right: what was seen or settled in the future was seen and settled now.
    mutating func endDoubt(_ now: Instant, _ uptime: Span?) {
        guard let doubtedUntil, doubtedUntil > now, let uptime else { return }
        guard let doubtedSince else {
            doubtedSince = uptime
            if let booted = clock.booted { batch.append(.doubted(ClockDoubt(since: uptime, booted: booted))) }
            return
        }
        let since = max(doubtedSince, clock.lastStepUptime ?? doubtedSince)
        // A machine that was just started may set its clock yet.
        let lasted = Span(milliseconds: uptime.milliseconds - since.milliseconds)
        guard lasted >= Limits.doubtPatience, clock.standing >= Limits.clockPatience else { return }
        self.doubtedUntil = nil
        settled = min(settled, now)
        batch.append(.settled(settled))
        seeAgain { min($1, now) }
    }

    /// What was first seen at an instant by one clock was seen at another one by the other.
    private mutating func seeAgain(_ other: (MilestoneKey, Instant) -> Instant) {
        for (key, sighting) in sightings.sorted(by: { $0.key < $1.key }) {
            let first = other(key, sighting.first)
            guard first != sighting.first else { continue }
            var seen = sighting
            seen.first = first
            sightings[key] = seen
            batch.append(.sighted(key, seen))
        }
    }

    /// - Parameter before: what the clock showed until now.
    mutating func shortenWaits(_ now: Instant, from before: Instant) {
        moveWaits { until, longest in
            // What is later was meant by the clock before, and lasts as long as it would have by that.
            until <= now + longest ? until : now + min(longest, max(.zero, until - before))
        }
    }

    /// - Parameter end: a new end for the wait that has this one, and how long it may last at most.
    private mutating func moveWaits(_ end: (_ until: Instant, _ longest: Span) -> Instant) {
        for index in destinations.indices {
            guard let until = destinations[index].record.pausedUntil else { continue }
            let moved = end(until, Limits.longestWait)
            guard moved != until else { continue }
            destinations[index].record.pausedUntil = moved
            remember(index)
        }
        for (name, known) in away.sorted(by: { $0.key < $1.key }) {
            var record = known.record
            record.pausedUntil = record.pausedUntil.map { end($0, Limits.longestWait) }
            guard record != known.record else { continue }
            away[name]?.record = record
            batch.append(.destination(name, record))
        }
        for var delivery in queueable {
            let before = delivery.state
            switch before {
            case .waiting(let until, let reason):
                delivery.state = .waiting(until: end(until, Limits.longestWait), reason: reason)
            case .unknown(let until, let reason):
                delivery.state = .unknown(until: end(until, Limits.longestWaitToRepeat), reason: reason)
            default: continue
            }
            guard delivery.state != before else { continue }
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
        }
        refill(Set(destinations.indices))
    }

    /// A mute or snooze for a span that began in the future did so by a clock that was wrong, and has as much left as it had by
    /// that.
    mutating func shortenHolds(_ now: Instant, from before: Instant) {
        let end = { (until: Instant, since: Instant) in now + max(.zero, until - max(since, before)) }
        for name in channelIndices.keys.sorted() + away.keys.sorted() {
            let known = record(of: name) ?? away[name]?.record
            guard let since = known?.mutedSince, since > now else { continue }
            remember(name) { record in
                record.mutedUntil = record.mutedUntil.map { end($0, since) }
                record.mutedSince = now
            }
            if isInDoubt { inDoubt.muted.insert(name) }
        }
        for (key, mark) in marks.sorted(by: { $0.key < $1.key }) {
            guard case .snoozed(let until, isSpan: true) = mark.kind, mark.since > now else { continue }
            snooze(key, until: end(until, mark.since), isSpan: true, since: now, now)
            if isInDoubt { inDoubt.snoozed.insert(key) }
        }
    }

    /// Those that were asked for while a clock was doubted that proved right last as long, too. What was to end on some day
    /// does.
    private mutating func move(_ meant: InDoubt, by span: Span, _ now: Instant) {
        for channel in meant.muted.sorted() {
            remember(channel) { record in
                guard let since = record.mutedSince else { return }
                record.mutedUntil = record.mutedUntil.map { $0 + span }
                record.mutedSince = since + span
            }
        }
        for key in meant.snoozed.sorted() {
            guard let mark = marks[key], case .snoozed(let until, let isSpan) = mark.kind else { continue }
            snooze(key, until: isSpan ? until + span : until, isSpan: isSpan, since: mark.since + span, now)
        }
    }

    /// Snoozes by the right clock what was snoozed by another one.
    private mutating func snooze(
        _ key: MilestoneKey, until: Instant, isSpan: Bool, since: Instant, _ now: Instant
    ) {
        let deadline = place(of: key).flatMap { agenda[$0].deadline?.instant } ?? .distantFuture
        // That would pass in silence.
        let isTooLong = since < deadline && deadline <= until
        set(Mark(kind: .snoozed(until: isTooLong ? now : until, isSpan: isSpan), since: since), key)
    }

    /// What is seen and asked for now is given another time if the clock jumps ahead and is believed.
    var isInDoubt: Bool { clock.jump != nil || doubtedUntil != nil }

    /// What an earlier run saw and was asked for since a doubt began.
    mutating func rememberInDoubt(since begin: Instant, _ now: Instant) {
        let span = begin...max(begin, now)
        inDoubt.seen = Set(sightings.filter { span.contains($0.value.first) }.keys)
        inDoubt.snoozed = Set(marks.filter { span.contains($0.value.since) }.keys)
        let records = channelIndices.mapValues { destinations[$0].record }
            .merging(away.mapValues(\.record)) { record, _ in record }
        inDoubt.muted = Set(records.filter { $0.value.mutedSince.map(span.contains) ?? false }.keys)
    }

    mutating func watchClock(_ wall: Instant, _ uptime: Span, _ asleep: Span?) {
        switch clock.observe(wall, uptime: uptime, asleep: asleep) {
        case .jumped(let jump):
            // A clock that went back before is most likely set right: a restart need not wait for that.
            if doubtedUntil ?? .distantPast <= clock.time(at: wall) { batch.append(.jumped(clock.jumped)) }
            effects.append(
                .tell(.clockJumped(by: jump.span, heldUntil: clock.wall(at: jump.heldUntil))))
        case .corrected:
            batch.append(.jumped(nil))
            effects.append(.tell(.clockAccepted))
        case .accepted(let jump): believe(jump, wall)
        case nil: break
        }
        if !isInDoubt { inDoubt = InDoubt() }
    }

    mutating func acceptClock(_ now: Instant) {
        if let jump = clock.accept() { believe(jump, now + jump.span) }
    }

    /// The clock was right when it jumped: what was seen since then was seen by it, and what waits does so by it.
    private mutating func believe(_ jump: ClockWatch.Jump, _ now: Instant) {
        effects.append(.tell(.clockAccepted))
        batch.append(.jumped(nil))
        committingSince = committingSince.map { $0 + jump.span }
        last = now
        let before = now - jump.span
        moveWaits { until, _ in until <= before ? until : until + jump.span }
        // Nobody's patience has run out while the clock was set.
        for var delivery in deliveries.inOrder where delivery.added < now {
            delivery.added = min(delivery.added + jump.span, now)
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
        }
        let meant = inDoubt
        inDoubt = InDoubt()
        seeAgain { meant.seen.contains($0) ? $1 + jump.span : $1 }
        move(meant, by: jump.span, now)
        holdAll(now)
        if !isStopping { arm(after: settled) }
    }
}
