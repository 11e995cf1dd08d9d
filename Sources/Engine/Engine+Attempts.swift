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
        destinations[index].enqueue(delivery, sequence: sequence)
    }

    /// Gives each idle destination its next delivery. It is sent after its commit.
    mutating func beginAttempts(_ now: Instant) {
        guard canBegin else { return }
        for index in destinations.indices where destinations[index].isIdle {
            while canBegin, let identity = destinations[index].take(now) {
                // What was put into the queue twice is not begun twice.
                guard var delivery = deliveries[identity], delivery.isReady(at: now) else { continue }
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

    mutating func answered(
        _ identity: DeliveryIdentity, _ verdict: Verdict, _ status: Int?, _ now: Instant
    ) {
        guard var delivery = deliveries[identity], case .sending(let since) = delivery.state else { return }
        let index = release(identity)
        batch.changes.append(
            .attempted(
                Attempt(
                    identity: identity, number: delivery.attempts, started: since, ended: now,
                    verdict: verdict.name, status: status,
                    reason: Text.cut(Text.singleLine(verdict.reason), to: 512, counting: .utf16))))
        switch verdict {
        case .delivered:
            recovered(index, now)
            finish(delivery, .delivered)
            let late = max(.zero, since - delivery.due)
            effects.append(.tell(.delivered(identity, late: late, attempts: delivery.attempts)))
        case .permanent(let reason):
            recovered(index, now)
            giveUp(delivery, .refused(reason: reason), reason, now)
        case .malformed(let reason):
            recovered(index, now)
            guard !delivery.isPlain else { return giveUp(delivery, .refused(reason: reason), reason, now) }
            delivery.isPlain = true
            again(delivery, reason, now)
        case .readdressed(let forwarding, let reason):
            guard let index, destinations[index].record.forwarding != forwarding else {
                return giveUp(delivery, .refused(reason: reason), reason, now)
            }
            destinations[index].record.forwarding = forwarding
            remember(index)
            alert(
                about: identity.channel,
                "'\(identity.channel)' is now at \(forwarding.to): write that in its configuration.", now)
            again(delivery, reason, now)
        case .retry(let wait, let reason):
            retry(delivery, wait: wait ?? .zero, reason, index, now)
        case .limited(let wait, let reason):
            pauseVendor(of: identity.channel, until: now + wait)
            retry(delivery, wait: wait, reason, index, now)
        case .disable(let reason, let strikes):
            guard let index, delivery.kind != .test else {
                return giveUp(delivery, .refused(reason: reason), reason, now)
            }
            destinations[index].record.strikes += 1
            if destinations[index].record.strikes >= strikes {
                // Held with all the others of the destination.
                delivery.state = .owed
                deliveries[identity] = delivery
                disable(index, reason, now)
            } else {
                retry(delivery, wait: .zero, reason, index, now)
            }
        case .unknown(let reason):
            delivery.isPossibleRepeat = true
            retry(delivery, wait: .zero, reason, index, now, isUnknown: true)
        }
    }

    /// Tries at once in another way, where it is still wanted.
    mutating func again(_ failed: Delivery, _ reason: String, _ now: Instant) {
        var delivery = failed
        if let reason = orphaned(delivery), delivery.kind != .test {
            return finish(delivery, .cancelled(reason: reason))
        }
        delivery.state = .waiting(until: now, reason: reason)
        deliveries[delivery.identity] = delivery
        batch.changes.append(.update(delivery))
        enqueue(delivery)
        effects.append(.tell(.failed(delivery.identity, reason: reason, next: now)))
    }

    mutating func retry(
        _ failed: Delivery, wait: Span, _ reason: String, _ destination: Int?, _ now: Instant,
        isUnknown: Bool = false
    ) {
        var delivery = failed
        let until = now + max(wait, jittered(Engine.step(delivery.attempts)))
        if let destination {
            destinations[destination].record.failures += 1
            pause(destination, until: now + max(wait, Engine.step(destinations[destination].record.failures)))
        }
        let fresher = fresher(than: delivery)
        if let reason = orphaned(delivery) {
            finish(delivery, .cancelled(reason: reason))
        } else if let fresher, !isNew(fresher) {
            finish(delivery, .superseded)
            effects.append(.tell(.superseded(delivery.identity)))
        } else if clock.heldUntil == nil, until - delivery.added > Limits.patience {
            giveUp(delivery, .expired(reason: reason), reason, now)
        } else {
            delivery.state =
                isUnknown
                ? stateOfUnknown(delivery, until: until, reason: reason)
                : .waiting(until: until, reason: reason)
            deliveries[delivery.identity] = delivery
            batch.changes.append(.update(delivery))
            enqueue(delivery)
            if let fresher { superseding[fresher, default: []].append(delivery.identity) }
            if case .held = delivery.state {
                effects.append(.tell(.held(delivery.identity, reason: reason)))
            } else {
                effects.append(.tell(.failed(delivery.identity, reason: reason, next: until)))
            }
        }
    }

    /// What becomes of a delivery that may have arrived.
    func stateOfUnknown(_ delivery: Delivery, until: Instant, reason: String) -> Delivery.State {
        let channel = channelIndices[delivery.identity.channel].map { agenda.channels[$0] }
        return channel?.onUnknown == .hold
            ? .held(.unknown, reason: reason) : .unknown(until: until, reason: reason)
    }

    /// Ends a delivery that never arrived, and tells its channel's fallback.
    mutating func giveUp(_ delivery: Delivery, _ state: Delivery.State, _ reason: String, _ now: Instant) {
        finish(delivery, state)
        effects.append(.tell(.gaveUp(delivery.identity, reason: reason)))
        alert(
            about: delivery.identity.channel,
            "'\(delivery.identity.channel)' did not get \(delivery.identity): \(reason)", now)
    }

    /// A later reminder of the same milestone that is owed to the same channel.
    func fresher(than delivery: Delivery) -> DeliveryIdentity? {
        guard delivery.kind == .reminder else { return nil }
        let address = TrackAddress(delivery.identity)
        return deliveries.values.first { other in
            other.kind == .reminder && other.due > delivery.due && TrackAddress(other.identity) == address
        }?.identity
    }

    /// The wait after the given number of failures.
    static func step(_ failures: Int) -> Span {
        Limits.ladder[min(max(failures, 1), Limits.ladder.count) - 1]
    }

    mutating func jittered(_ span: Span) -> Span {
        let unit = Double(random.next() >> 11) / Double(1 << 53)
        let factor = 1 + Limits.jitter * (2 * unit - 1)
        return .milliseconds(Int64(Double(span.milliseconds) * factor))
    }

    /// Ends an attempt: its destination is free again. Nil where the channel is no more.
    mutating func release(_ identity: DeliveryIdentity) -> Int? {
        inFlight -= 1
        guard let index = channelIndices[identity.channel], destinations[index].inFlight == identity else {
            return nil
        }
        destinations[index].inFlight = nil
        return index
    }

    mutating func finish(_ delivery: Delivery, _ state: Delivery.State) {
        var delivery = delivery
        delivery.state = state
        deliveries[delivery.identity] = nil
        batch.changes.append(.update(delivery))
    }
}
