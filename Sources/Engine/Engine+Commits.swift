import Messages
import Schedule

/// Writing changes down, and sending only what is written.
extension Engine {
    /// What arrives while a commit is under way goes into the next one, all together.
    mutating func flush(_ now: Instant) {
        if let retry = commitRetry, retry <= now { commitRetry = nil }
        if committing == nil, commitRetry == nil, !batch.isEmpty {
            committing = batch
            committingSince = now
            // First of all: the disk does not wait for anything else to be done.
            effects.insert(.commit(batch.changes), at: 0)
            batch = Batch()
        }
        if isStopping, isQuiet {
            effects.append(.stopped)
            return
        }
        // What stops waits for its last commit alone.
        let next = (isStopping ? commitRetry : next).map(clock.wall)
        if next != wakeAskedFor {
            wakeAskedFor = next
            effects.append(.wake(next))
        }
    }

    mutating func committed(_ known: [DeliveryIdentity], _ now: Instant) {
        guard let done = committing else { return }
        committing = nil
        committingSince = nil
        if isJournalFailing {
            isJournalFailing = false
            effects.append(.tell(.journalRecovered))
        }
        // The journal had these already: they were dealt with in an earlier life of the same identity.
        let known = Set(known)
        // What was only recorded as over is open again where somebody has wanted it once more since.
        forget(known.filter { !done.addsFinal($0) })
        giveWay(done, known: known, now)
        for flight in done.sends { takeOff(flight, now) }
    }

    /// What was to be sent is on disk: it goes, as far as it is still wanted.
    private mutating func takeOff(_ flight: [DeliveryIdentity], _ now: Instant) {
        var sent: [Delivery] = []
        var left: Set<DeliveryIdentity> = []
        for identity in flight {
            guard var delivery = deliveries[identity], case .sending = delivery.state else { continue }
            if delivery.kind != .test, let reason = orphaned(delivery) {
                // While this was written, its deadline moved or its issue went: nothing of it is sent any more.
                left.insert(identity)
                delivery.attempts -= 1
                cancel(delivery, reason)
            } else if givesWay(delivery, now), fresher(than: delivery).map({ !isNew($0) }) ?? false {
                // The disk was full for long.
                left.insert(identity)
                delivery.attempts -= 1
                finish(superseded: delivery)
            } else if delivery.kind == .test, let until = pauseEnd(identity.channel, now) {
                left.insert(identity)
                delivery.attempts -= 1
                end(test: delivery, "nothing is sent to its channel before \(until)")
            } else if isStopping || clock.jump != nil || delivery.isEarly(at: now)
                || pauseEnd(identity.channel, now) != nil
                || hold(on: delivery, now) != nil
            {
                // It was not sent yet, and stays owed: for the next run, until the clock is right, or until its vendor wants to
                // hear of us again.
                left.insert(identity)
                delivery.attempts -= 1
                delivery.state = hold(on: delivery, now) ?? .owed
                if delivery.state != .owed { delivery.fold = nil }
                deliveries[identity] = delivery
                batch.append(.update(delivery))
                if !isStopping { enqueue(delivery) }
            } else {
                // The disk may have taken its time, or been full for long.
                delivery.state = .sending(since: now)
                deliveries[identity] = delivery
                sent.append(delivery)
            }
        }
        leave(left)
        if !sent.isEmpty { effects.append(.send(sent)) }
    }

    private func pauseEnd(_ channel: String, _ now: Instant) -> Instant? {
        guard let index = channelIndices[channel], let until = destinations[index].record.pausedUntil else {
            return nil
        }
        return now < until ? until : nil
    }

    mutating func forget(_ identities: Set<DeliveryIdentity>) {
        guard !identities.isEmpty else { return }
        leave(identities)
        for identity in identities {
            givingWay[identity] = nil
            deliveries[identity] = nil
        }
        batch.forget(identities)
    }

    mutating func commitFailed(_ reason: String, _ now: Instant) {
        guard let failed = committing else { return }
        committing = nil
        committingSince = nil
        batch.retry(failed)
        commitRetry = now + Limits.commitRetry
        if !isJournalFailing {
            isJournalFailing = true
            effects.append(.tell(.journalFailing(reason: reason)))
        }
    }
}
