import Messages
import Schedule

/// Trying to deliver what is owed, and judging what came of it.
extension Engine {
    mutating func enqueue(_ delivery: Delivery) {
        switch delivery.state {
        case .owed, .waiting, .unknown: break
        default: return
        }
        guard let index = channelIndices[delivery.identity.channel] else { return }
        sequence += 1
        destinations[index].enqueue(delivery, sequence: sequence, now: last ?? .distantPast)
    }

    /// Gives each destination that has nothing to do its next delivery. It is sent after its commit. Whoever found no place,
    /// other than at a host that is full, is the first to find one the next time.
    mutating func beginAttempts(_ now: Instant) {
        let planner = Planner(calendar: agenda.calendar)
        let count = destinations.count
        var busy: [Int] = []
        var first: Int?
        for index in (turn..<turn + count).lazy.map({ $0 % count }) {
            guard canBegin else { return turn = index }
            guard destinations[index].isFree else { continue }
            if busy.isEmpty { busy = requestsByHost }
            guard hasRoom(index, busy) else {
                first = first ?? index
                continue
            }
            beginAttempt(index, planner, now)
            if !busy.isEmpty, destinations[index].isBusy { busy[hosts[index]] += 1 }
        }
        if let first { turn = first }
    }

    private mutating func beginAttempt(_ index: Int, _ planner: Planner, _ now: Instant) {
        while let identity = takeNext(index, planner, now) {
            // What was put into the queue twice is not begun twice.
            guard var first = deliveries[identity], givingWay[identity] == nil else { continue }
            guard first.isReady(at: now) else {
                // By a clock that went back a little, its time has not come.
                enqueue(first)
                continue
            }
            if givesWay(first, now), let fresher = fresher(than: first) {
                supersede(identity, by: fresher)
                continue
            }
            if case .digest = first.kind {
                takeOver(by: first)
                first = deliveries[identity] ?? first
            }
            var flight = companions(of: first, index, now)
            flight.insert(first, at: 0)
            let fold = flight.count > 1 ? first.fold ?? name(forFoldOf: first, now) : first.fold
            for place in flight.indices {
                flight[place].attempts += 1
                flight[place].state = .sending(since: now)
                flight[place].fold = fold
                deliveries[flight[place].identity] = flight[place]
                batch.append(.update(flight[place]))
            }
            let identities = flight.map(\.identity)
            batch.sends.append(identities)
            flights.append(identities)
            destinations[index].isBusy = true
            return
        }
    }

    /// Another one for each time that others go out with a delivery: a receiver takes messages of one identity for repeats. It is
    /// on disk with them, so that their next try has the same.
    private func name(forFoldOf first: Delivery, _ now: Instant) -> String {
        "\(first.identity.messageID) \(now.milliseconds)"
    }

    /// The next delivery of a destination's queue. What is due to it before that is recorded first; where several may be told
    /// in one message, all that is due.
    private mutating func takeNext(_ index: Int, _ planner: Planner, _ now: Instant) -> DeliveryIdentity? {
        if destinations[index].isOpen(at: now) {
            let isFolding = agenda.channels[index].burst != nil
            while case let due = tracks.due(to: index), due <= now,
                isFolding || due < destinations[index].dueOfNext(now)
            {
                // The others of its instant come with the next commit.
                guard canBegin else { return nil }
                oweNext(of: index, planner, now)
            }
        }
        return destinations[index].take(now)
    }

    /// What goes out in one message with another delivery: what it was tried with before, or else all of its kind and instant
    /// where they are many.
    private mutating func companions(of first: Delivery, _ index: Int, _ now: Instant) -> [Delivery] {
        let burst = agenda.channels[index].burst
        guard first.kind.shares(with: first.kind), burst != nil || first.fold != nil else { return [] }
        // So few are not taken out of the queue for nothing.
        if first.fold == nil, let burst, destinations[index].queueLength + 1 < burst { return [] }
        var companions: [Delivery] = []
        var others: [Delivery] = []
        // What was put into the queue twice is one.
        var seen: Set = [first.identity]
        for identity in destinations[index].takeCompanions(of: first) where seen.insert(identity).inserted {
            guard let other = deliveries[identity], givingWay[identity] == nil else { continue }
            if other.kind.shares(with: first.kind), other.fold == first.fold, other.isReady(at: now) {
                companions.append(other)
            } else {
                others.append(other)
            }
        }
        if first.fold == nil, let burst, companions.count + 1 < burst {
            others += companions
            companions = []
        }
        for other in others { enqueue(other) }
        return companions
    }

    mutating func answered(
        _ identity: DeliveryIdentity, _ verdict: Verdict, _ status: Int?, _ now: Instant
    ) {
        guard case .sending = deliveries[identity]?.state else { return }
        let index = channelIndices[identity.channel]
        var flight = land(identity, index)
        let reason = verdict.reason
        let cleanReason = reason.isEmpty ? "" : Text.cut(Text.singleLine(reason), to: 512, counting: .utf16)
        for delivery in flight {
            guard case .sending(let since) = delivery.state else { continue }
            let attempt = Attempt(
                identity: delivery.identity, number: delivery.attempts, started: min(since, now), ended: now,
                verdict: verdict.name, status: status, reason: cleanReason)
            if verdict == .delivered {
                finish(delivery, by: attempt)
            } else {
                batch.append(.attempted(attempt))
            }
        }
        switch verdict {
        case .delivered: recovered(index, now)
        case .permanent(let reason):
            recovered(index, now)
            giveUp(flight, .refused(reason: reason), reason, now)
        case .malformed(let reason, let isCertain):
            let isPlain = flight.allSatisfy(\.isPlain)
            if isPlain, !isCertain {
                if let index { destinations[index].record.strikes = 0 }
                return retry(flight, wait: .zero, reason, now)
            }
            recovered(index, now)
            guard !isPlain else { return giveUp(flight, .refused(reason: reason), reason, now) }
            for place in flight.indices { flight[place].isPlain = true }
            again(flight, reason, now)
        case .readdressed(let forwarding, let reason):
            guard let index else { return retry(flight, wait: .zero, reason, now) }
            guard destinations[index].record.forwarding != forwarding else {
                return giveUp(flight, .refused(reason: reason), reason, now)
            }
            destinations[index].record.forwarding = forwarding
            remember(index)
            alert(
                about: identity.channel, .readdressed(channel: identity.channel, to: forwarding.to), now)
            // Who is sent from one place to the next is not followed at once for ever.
            guard flight.allSatisfy({ $0.attempts <= Limits.quickAttempts }) else {
                return retry(flight, wait: .zero, reason, now)
            }
            again(flight, reason, now)
        case .retry(let wait, let reason, let mayHaveArrived):
            if let index, status != nil { destinations[index].record.strikes = 0 }
            if mayHaveArrived { for place in flight.indices { flight[place].isPossibleRepeat = true } }
            let isHeld = mayHaveArrived && flight.first.map(onUnknown) == .hold
            retry(flight, wait: wait ?? .zero, reason, now, isUnknown: isHeld)
        case .limited(let wait, let reason):
            if let index { destinations[index].record.strikes = 0 }
            pauseVendor(of: identity.channel, reason, until: now + wait)
            retry(flight, wait: wait, reason, now)
        case .disable(let reason, let strikes):
            guard flight.first?.kind != .test else {
                return giveUp(flight, .refused(reason: reason), reason, now)
            }
            // Its channel is away: so it is cancelled.
            guard let index else { return retry(flight, wait: .zero, reason, now) }
            destinations[index].record.strikes += 1
            if destinations[index].record.strikes >= strikes {
                // Held with all the others of the destination.
                for var delivery in flight where !hasGivenWay(delivery, now) {
                    if let reason = orphaned(delivery) {
                        cancel(delivery, reason)
                        continue
                    }
                    delivery.state = .owed
                    deliveries[delivery.identity] = delivery
                }
                disable(index, reason, now)
            } else {
                retry(flight, wait: .zero, reason, now)
            }
        case .unknown(let reason):
            for place in flight.indices {
                flight[place].isPossibleRepeat = true
                flight[place].losses += 1
            }
            retry(flight, wait: .zero, reason, now, isUnknown: true)
        }
    }

    /// Tries at once in another way, where it is still wanted.
    private mutating func again(_ flight: [Delivery], _ reason: String, _ now: Instant) {
        for var delivery in flight {
            if channelIndices[delivery.identity.channel] == nil || delivery.kind != .test,
                let reason = orphaned(delivery)
            {
                cancel(delivery, reason)
                continue
            }
            if hasGivenWay(delivery, now, after: reason) { continue }
            delivery.state = hold(on: delivery, now) ?? .waiting(until: now, reason: reason)
            if case .held = delivery.state { delivery.fold = nil }
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
            enqueue(delivery)
            effects.append(.tell(.failed(delivery.identity, reason: reason, next: now)))
        }
    }

    /// Ends what has failed where a fresher reminder would take its place at its turn: what failed often comes after
    /// that one.
    ///
    /// - Parameter reason: why it has failed, where nothing else tells that.
    private mutating func hasGivenWay(_ failed: Delivery, _ now: Instant, after reason: String? = nil) -> Bool
    {
        var delivery = failed
        delivery.state = .owed
        guard givesWay(delivery, now), let fresher = fresher(than: delivery), !isNew(fresher) else {
            return false
        }
        finish(superseded: delivery, after: reason)
        return true
    }

    private mutating func retry(
        _ flight: [Delivery], wait: Span, _ reason: String, _ now: Instant,
        isUnknown: Bool = false
    ) {
        // A message whose answer is lost waits by how often it was, whatever failed before.
        let attempts = flight.map(isUnknown ? \.losses : \.attempts).max() ?? 1
        let ladder = isUnknown ? Limits.repeats : Limits.ladder
        // One draw for both: a destination's next attempt is that of what failed there.
        let jitter = drawJitter()
        let until = now + max(wait, jitter * Engine.step(attempts, of: ladder))
        if let channel = flight.first?.identity.channel {
            pause(channel, reason) { record in
                record.failures += 1
                return now + max(wait, jitter * Engine.step(record.failures, of: Limits.ladder))
            }
        }
        let stale = flight.filter { !postpone($0, until: until, reason, now, isUnknown: isUnknown) }
        if !stale.isEmpty { giveUp(stale, .expired(reason: reason), reason, now) }
        if let channel = flight.first?.identity.channel { expire(channel, reason, now) }
    }

    /// Gives up what a destination that fails again and again was tried with long ago: others go before it, and its turn might
    /// not come for weeks.
    private mutating func expire(_ channel: String, _ reason: String, _ now: Instant) {
        guard record(of: channel)?.failures ?? 0 >= Limits.ladder.count else { return }
        let stale = queueable { $0 == channel }.filter { delivery in
            switch delivery.state {
            case .waiting, .unknown: delivery.attempts > 0 && now - delivery.added > Limits.patience
            default: false
            }
        }
        giveUp(stale, .expired(reason: reason), reason, now)
    }

    /// Whether it was tried in vain so often that its channel's fallback should hear of it.
    func hasFailed(_ delivery: Delivery) -> Bool {
        let failures = record(of: delivery.identity.channel)?.failures ?? 0
        return delivery.attempts > 0 && max(delivery.attempts, failures) >= Limits.ladder.count
    }

    /// False where it has failed for too long.
    private mutating func postpone(
        _ failed: Delivery, until: Instant, _ reason: String, _ now: Instant, isUnknown: Bool
    ) -> Bool {
        var delivery = failed
        let fresher = fresher(than: delivery)
        let mayRepeat = !isUnknown || onUnknown(delivery) == .resend
        if delivery.kind == .test {
            end(test: delivery, reason)
        } else if let reason = orphaned(delivery) {
            cancel(delivery, reason)
        } else if let fresher, !isNew(fresher) {
            finish(superseded: delivery, after: reason)
        } else if mayRepeat, let held = hold(on: delivery, now) {
            delivery.state = held
            // Its message goes out without it.
            delivery.fold = nil
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
            effects.append(.tell(.held(delivery.identity, reason: held.reason ?? "")))
        } else if until - delivery.added > Limits.patience,
            hasFailed(delivery)
        {
            return false
        } else {
            delivery.state =
                isUnknown
                ? stateOfUnknown(delivery, until: until, reason: reason)
                : .waiting(until: until, reason: reason)
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
            if let fresher { supersede(delivery.identity, by: fresher) } else { enqueue(delivery) }
            if case .held = delivery.state {
                effects.append(.tell(.held(delivery.identity, reason: reason)))
            } else {
                effects.append(.tell(.failed(delivery.identity, reason: reason, next: until)))
            }
        }
        return true
    }

    /// What becomes of a delivery that may have arrived.
    func stateOfUnknown(_ delivery: Delivery, until: Instant, reason: String) -> Delivery.State {
        onUnknown(delivery) == .hold
            ? .held(.unknown, reason: reason) : .unknown(until: until, reason: reason)
    }

    func onUnknown(_ delivery: Delivery) -> Channel.OnUnknown {
        channelIndices[delivery.identity.channel].map { agenda.channels[$0].onUnknown } ?? .resend
    }

    /// Ends deliveries that never arrived, and tells their channel's fallback.
    private mutating func giveUp(
        _ flight: [Delivery], _ state: Delivery.State, _ reason: String, _ now: Instant
    ) {
        for delivery in flight {
            correctNews(after: delivery)
            noteTold(delivery)
            finish(delivery, state)
            retell(delivery)
            noteUnheard(delivery)
            effects.append(.tell(.gaveUp(delivery.identity, reason: reason)))
        }
        // Of an alert nobody is told: two channels that fall back on each other would never end.
        guard let first = flight.first?.identity, flight.first?.kind.isAlert == false else { return }
        alert(givenUp: first, others: flight.count - 1, reason, now)
    }

    /// Notes that an alert told nobody.
    mutating func noteUnheard(_ delivery: Delivery) {
        guard case .alert(.disabled(let channel, _)) = delivery.kind else { return }
        remember(channel) { $0.deathTold = nil }
    }

    mutating func alert(givenUp identity: DeliveryIdentity, others: Int, _ reason: String, _ now: Instant) {
        let alert = ServiceAlert.gaveUp(
            channel: identity.channel, delivery: "\(identity)", others: others, reason: reason)
        self.alert(about: identity.channel, alert, now)
    }

    /// The wait after the given number of failures.
    static func step(_ failures: Int, of ladder: [Span]) -> Span {
        ladder[min(max(failures, 1), ladder.count) - 1]
    }

    /// A factor for waits.
    private mutating func drawJitter() -> Double {
        let unit = Double(random.next() >> 11) / Double(1 << 53)
        return 1 + Limits.jitter * (2 * unit - 1)
    }

    /// Ends a request: its destination is free again.
    ///
    /// - Returns: the deliveries that it was about.
    private mutating func land(_ identity: DeliveryIdentity, _ index: Int?) -> [Delivery] {
        guard let place = flights.firstIndex(where: { $0.contains(identity) }) else { return [] }
        let flight = flights.remove(at: place)
        if let index { destinations[index].isBusy = false }
        return flight.compactMap { deliveries[$0] }
    }

    /// Takes deliveries out of requests that have not begun; without any, a request is none.
    mutating func leave(_ identities: Set<DeliveryIdentity>) {
        guard !identities.isEmpty else { return }
        for place in flights.indices.reversed() {
            guard let channel = flights[place].first?.channel else { continue }
            flights[place].removeAll(where: identities.contains)
            guard flights[place].isEmpty else { continue }
            flights.remove(at: place)
            if let index = channelIndices[channel] { destinations[index].isBusy = false }
        }
    }

    private mutating func finish(_ delivery: Delivery, by attempt: Attempt) {
        if case .digest = delivery.kind {
            let channel = delivery.identity.channel
            let told = delivery.told(sent: attempt.started)
            toldDigests[channel] = max(told, toldDigests[channel] ?? told)
        }
        noteTold(delivery)
        var delivery = delivery
        delivery.state = .delivered
        deliveries[delivery.identity] = nil
        batch.append(.delivered(delivery, by: attempt))
        let late = max(.zero, attempt.started - delivery.due)
        effects.append(.tell(.delivered(delivery.identity, late: late, attempts: delivery.attempts)))
    }

    mutating func finish(_ delivery: Delivery, _ state: Delivery.State) {
        var delivery = delivery
        delivery.state = state
        deliveries[delivery.identity] = nil
        batch.append(.update(delivery))
    }
}

extension Span {
    fileprivate static func * (factor: Double, span: Span) -> Span {
        .milliseconds(Int64(Double(span.milliseconds) * factor))
    }
}
