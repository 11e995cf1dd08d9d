import HeapModule
import Messages
import Schedule

/// Digests, and questions whether a date still stands.
extension Engine {
    mutating func armDigest(_ index: Int, after instant: Instant) {
        let channel = agenda.channels[index]
        digests[index] = channel.digest.map { $0.every.next(after: instant, in: channel.audience.zone) }
    }

    /// Of several that a downtime has left, the last one is owed, and tells of all the time since the last that was.
    mutating func oweDigests(_ now: Instant) {
        for (index, due) in digests.sorted(by: { $0.key < $1.key }) where due <= now {
            let channel = agenda.channels[index]
            guard let every = channel.digest?.every else { continue }
            defer { armDigest(index, after: now) }
            let zone = channel.audience.zone
            let last = every.last(at: now, in: zone)
            let identity = DeliveryIdentity(
                issue: "", milestone: "", deadline: last, reminder: "digest", channel: channel.name)
            // A start finds once more what is owed already. It takes the place of nothing: it tells of no more than it did.
            guard deliveries[identity] == nil else { continue }
            let stale = deliveries.inOrder { $0.isStaleDigest(of: channel.name, before: last) }
            // What is under way tells of all before it was sent.
            let underWay = deliveries.values.lazy.filter { $0.identity.channel == channel.name }
                .compactMap(\.digestSent)
            let told = ([toldDigests[channel.name]].compactMap { $0 } + underWay).filter { $0 < last }.max()
            let since =
                stale.compactMap(\.since).min() ?? told ?? every.last(at: due - .milliseconds(1), in: zone)
            // If nothing ever comes of the first, the next tells of that, too.
            if toldDigests[channel.name] == nil { toldDigests[channel.name] = since }
            add(Delivery(identity: identity, kind: .digest(since: since), due: last, added: now))
            for delivery in stale { supersede(delivery.identity, by: identity) }
        }
    }

    /// What a digest should have told of which nothing comes: the next one that waits tells it.
    mutating func retell(_ failed: Delivery) {
        // What somebody wanted once more had arrived.
        guard let since = failed.since, failed.edition == 0 else { return }
        for var delivery in deliveries.inOrder(where: { $0.identity.channel == failed.identity.channel }) {
            guard let later = delivery.since, since < later, !delivery.state.isSending else { continue }
            delivery.kind = .digest(since: since)
            deliveries[delivery.identity] = delivery
            // What gives way is over in the journal with the same commit, and must not be owed there again.
            if givingWay[delivery.identity] == nil { batch.append(.update(delivery)) }
        }
    }

    /// What earlier digests should have told, and are yet to be tried with again, is told by one whose turn comes first. After it they would
    /// tell what is told already, and what they alone tell would be in none if they were refused then. A receiver that drops
    /// repeats would not show it in one that may have arrived.
    mutating func takeOver(by digest: Delivery) {
        guard digest.since != nil, !digest.isPossibleRepeat, digest.edition == 0 else { return }
        for stale in deliveries.inOrder(where: {
            $0.isStaleDigest(of: digest.identity.channel, before: digest.due)
        }) {
            retell(stale)
            supersede(stale.identity, by: digest.identity)
        }
    }

    /// What a channel's readers should know as of `now`.
    func digest(for channel: Channel, since: Instant, _ now: Instant) -> Digest {
        let ahead = channel.digest?.ahead ?? 0
        let until = channel.audience.zone.civil(at: now).date.adding(days: ahead)
        let end = channel.audience.zone.startOfDay(until.adding(days: 1))
        var coming: [Digest.Item] = []
        var moved: [Digest.Item] = []
        var passed: [Digest.Item] = []
        let index = channelIndices[channel.name]
        for issue in agenda.issues {
            for milestone in issue.milestones {
                guard let index, milestone.channels.contains(index), let deadline = milestone.reminded,
                    milestone.start(for: index, in: channel.audience.zone).map({ $0 <= now }) ?? true
                else { continue }
                let sighting = sightings[MilestoneKey(issue: issue.id, milestone: milestone.name)]
                if let sighting, let previous = sighting.previous, sighting.first > since {
                    moved.append(
                        Digest.Item(
                            issue: issue, milestone: milestone, deadline: deadline, previous: previous))
                }
                let item = Digest.Item(issue: issue, milestone: milestone, deadline: deadline)
                if deadline.instant > now, deadline.instant <= end { coming.append(item) }
                if deadline.instant > since, deadline.instant <= now { passed.append(item) }
            }
        }
        func sorted(_ items: [Digest.Item]) -> [Digest.Item] {
            items.sorted { ($0.deadline.instant, $0.issue.id) < ($1.deadline.instant, $1.issue.id) }
        }
        return Digest(coming: sorted(coming), moved: sorted(moved), passed: sorted(passed), until: until)
    }

    /// For each issue that was checked by somebody: when its next deadline should be looked at again.
    mutating func armNudges(after instant: Instant) {
        guard let interval = agenda.confirmAfter else { return nudges = [] }
        var armed: [Track] = []
        for (issueIndex, issue) in agenda.issues.enumerated() where issue.checked != nil {
            for (milestoneIndex, milestone) in issue.milestones.enumerated() {
                for channel in milestone.channels {
                    let track = Track(
                        due: instant, issue: Int32(issueIndex), milestone: Int32(milestoneIndex),
                        channel: Int32(channel))
                    if let next = nextNudge(track, after: instant, interval) { armed.append(next) }
                }
            }
        }
        nudges = Heap(armed)
    }

    /// Each `interval` days after the last check until the deadline, at the channel's hour, once the channel hears of it.
    private func nextNudge(_ track: Track, after instant: Instant, _ interval: Int) -> Track? {
        let issue = agenda.issues[Int(track.issue)]
        let milestone = issue.milestones[Int(track.milestone)]
        let audience = agenda.channels[Int(track.channel)].audience
        guard let checked = issue.checked, let deadline = milestone.reminded, interval > 0 else { return nil }
        let start = milestone.start(for: Int(track.channel), in: audience.zone) ?? .distantPast
        let elapsed = Int(audience.zone.civil(at: max(instant, start)).date.days) - Int(checked.days)
        var count = max(1, elapsed / interval)
        while true {
            let date = checked.adding(days: count * interval)
            let due = audience.zone.instant(of: CivilDateTime(date, audience.at))
            guard due < deadline.instant else { return nil }
            if due > instant, due >= start { return track.moved(to: due) }
            count += 1
        }
    }

    mutating func oweNudges(_ now: Instant) {
        guard let interval = agenda.confirmAfter, let first = nudges.min, first.due <= now else { return }
        // Of all questions that a start finds it asks the first: it must not find those that were asked.
        defer { if !isReminderDue(now) { settle(now) } }
        while let track = nudges.min, track.due <= now {
            nudges.removeMin()
            let issue = agenda.issues[Int(track.issue)]
            let milestone = issue.milestones[Int(track.milestone)]
            let next = nextNudge(track, after: now, interval)
            if let next { nudges.insert(next) }
            guard let deadline = milestone.reminded, deadline.instant > now, let checked = issue.checked
            else {
                continue
            }
            let channel = agenda.channels[Int(track.channel)]
            let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
            guard before?.had(key, in: channel.name) ?? true else { continue }
            let day = channel.audience.zone.civil(at: track.due).date
            let identity = DeliveryIdentity(
                issue: issue.id, milestone: milestone.name, deadline: deadline.instant,
                reminder: "confirm \(day)", channel: channel.name)
            // A start finds it once more: one that was being asked then stands beside it.
            guard deliveries[identity].map({ $0.due < track.due }) ?? true else { continue }
            add(Delivery(identity: identity, kind: .confirm(checked: checked), due: track.due, added: now))
            // Whoever has not been asked yet is asked once. One whose hour has changed is its own successor.
            for earlier in deliveries.questions(of: TrackAddress(identity))
            where earlier.due < track.due && earlier.identity != identity {
                supersede(earlier.identity, by: identity)
            }
        }
    }
}

extension Delivery {
    /// Where a digest begins.
    fileprivate var since: Instant? { if case .digest(let since) = kind { since } else { nil } }

    fileprivate func isStaleDigest(of channel: String, before instant: Instant) -> Bool {
        since != nil && identity.channel == channel && due < instant && digestSent == nil && edition == 0
    }

    /// Since when a digest is under way.
    fileprivate var digestSent: Instant? {
        guard since != nil, case .sending(let sent) = state else { return nil }
        return told(sent: sent)
    }

    /// Up to when a digest tells all that an attempt since `sent` brings. Receivers that drop repeats keep what an earlier one
    /// said, and when that was, nobody knows.
    func told(sent: Instant) -> Instant { isPossibleRepeat ? due : max(due, sent) }
}
