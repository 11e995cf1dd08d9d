import Schedule

/// Watches the wall clock against the time since the machine's start.
///
/// A clock that jumps forward by months makes every reminder of these months due at once, and none of them can be called
/// back. So what it makes due is held until the clock has stood for a while, or somebody says that it is right.
struct ClockWatch: Sendable {
    /// The wall clock less the uptime, in milliseconds, as last believed.
    private var believed: Int64?
    /// The same since it jumped.
    private var doubted: Int64?
    private(set) var heldUntil: Instant?
    /// When the clock was last seen to have moved by itself, or the machine to have slept: spans that reach over it do not
    /// measure how long anything was at work.
    private(set) var lastStep: Instant?
    /// When the clock did, by the time since the machine's start.
    private(set) var lastStepUptime: Span?
    private var base: Int64?
    private var asleep: Span?

    enum Finding: Equatable {
        case jumped(by: Span, heldUntil: Instant)
        case accepted
    }

    mutating func observe(_ now: Instant, uptime: Span, asleep: Span?) -> Finding? {
        if let before = self.asleep, let asleep,
            asleep.milliseconds - before.milliseconds > Limits.clockTolerance.milliseconds
        {
            lastStep = now
        }
        self.asleep = asleep
        let base = now.milliseconds - uptime.milliseconds
        if let before = self.base, (base - before).magnitude > UInt64(Limits.clockTolerance.milliseconds) {
            lastStep = now
            lastStepUptime = uptime
        }
        self.base = base
        let jump = base - (believed ?? base)
        // A clock that goes back makes nothing due, and what is settled stays so.
        guard jump > Limits.clockJump.milliseconds else {
            let wasHeld = heldUntil != nil
            doubted = base
            accept()
            return wasHeld ? .accepted : nil
        }
        if let doubted, let heldUntil, (base - doubted).magnitude < 60_000 {
            guard now >= heldUntil else { return nil }
            accept()
            return .accepted
        }
        doubted = base
        let until = now + Limits.clockPatience
        heldUntil = until
        return .jumped(by: Span(milliseconds: jump), heldUntil: until)
    }

    /// Believes the clock as it stands.
    mutating func accept() {
        believed = doubted ?? believed
        doubted = nil
        heldUntil = nil
    }
}

extension Engine {
    /// Nothing may wait for a time that a wrong clock made up: waits are shortened, and what is still to come by the right
    /// clock is armed anew. What was sent already is known to the journal, and is not sent again.
    mutating func clockWentBack(_ now: Instant, from before: Instant) {
        commitRetry = commitRetry.map { min($0, now + Limits.commitRetry) }
        shortenWaits(now, from: before)
        doubtFuture(now)
        // What a clock that jumped and was set right kept from being owed is owed now.
        if !isStopping { arm(after: settled) }
    }

    /// What was settled in the future was settled by a clock that was wrong then, or is wrong now. What is to come by the
    /// clock as it stands goes out at its time; the journal keeps what it has until the clock has proved itself.
    mutating func doubtFuture(_ now: Instant) {
        // Then what was seen later was seen while the clock was doubted: nothing is settled by that.
        guard settled > now else { return seeAgain(now) }
        doubtedUntil = max(settled, doubtedUntil ?? settled)
        settled = now
        doubtedSince = nil
    }

    /// A clock that has stood for long is right: what was seen or settled in the future was seen and settled now.
    mutating func endDoubt(_ now: Instant, _ uptime: Span?) {
        guard let doubtedUntil, doubtedUntil > now, let uptime else { return }
        guard let doubtedSince else { return doubtedSince = uptime }
        let since = max(doubtedSince, clock.lastStepUptime ?? .zero)
        guard uptime.milliseconds - since.milliseconds >= Limits.doubtPatience.milliseconds else { return }
        self.doubtedUntil = nil
        settled = min(settled, now)
        batch.append(.settled(settled))
        seeAgain(now)
    }

    /// What was seen in the future was seen now.
    private mutating func seeAgain(_ now: Instant) {
        for (key, sighting) in sightings.sorted(by: {
            ($0.key.issue, $0.key.milestone) < ($1.key.issue, $1.key.milestone)
        }) where sighting.first > now {
            let seen = Sighting(
                deadline: sighting.deadline, first: now, previous: sighting.previous, moves: sighting.moves)
            sightings[key] = seen
            batch.append(.sighted(key, seen))
        }
    }

    /// Up to where time is dealt with; while a clock that jumped is doubted, that is not now.
    func settledSoFar(_ now: Instant) -> Instant {
        clock.heldUntil == nil ? max(now, settled) : settled
    }

    /// - Parameter before: what the clock showed until now.
    mutating func shortenWaits(_ now: Instant, from before: Instant) {
        let latest = now + Limits.longestWait
        let latestRepeat = now + Limits.longestWaitToRepeat
        // One that was over by the clock before is over.
        let shortened = { (until: Instant) in until <= latest ? until : until <= before ? nil : latest }
        for index in destinations.indices {
            let until = destinations[index].record.pausedUntil
            guard until.flatMap(shortened) != until else { continue }
            destinations[index].record.pausedUntil = until.flatMap(shortened)
            remember(index)
        }
        for (name, record) in awayRecords {
            awayRecords[name]?.pausedUntil = record.pausedUntil.flatMap(shortened)
        }
        for var delivery in queueable {
            switch delivery.state {
            case .waiting(let until, let reason) where until > latest:
                delivery.state = .waiting(until: latest, reason: reason)
            case .unknown(let until, let reason) where until > latestRepeat:
                delivery.state = .unknown(until: latestRepeat, reason: reason)
            default: continue
            }
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
        }
        refill(Set(destinations.indices))
    }

    mutating func watchClock(_ now: Instant, _ uptime: Span, _ asleep: Span?) {
        switch clock.observe(now, uptime: uptime, asleep: asleep) {
        case .jumped(let span, let until): effects.append(.tell(.clockJumped(by: span, heldUntil: until)))
        case .accepted: effects.append(.tell(.clockAccepted))
        case nil: break
        }
    }

    mutating func acceptClock() {
        guard clock.heldUntil != nil else { return }
        clock.accept()
        effects.append(.tell(.clockAccepted))
    }
}
