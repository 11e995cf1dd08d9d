import Engine
import Messages
import Schedule

/// The journal as it lies on disk: what a process that was killed leaves to the next one.
package struct Disk {
    package var memory = Memory()
    package private(set) var deliveries: [DeliveryIdentity: Delivery] = [:]
    /// In which order they were added.
    private var places: [DeliveryIdentity: Int] = [:]
    /// When each was last written.
    private var updated: [DeliveryIdentity: Instant] = [:]
    /// When the attempts began that delivered.
    private var started: [DeliveryIdentity: Instant] = [:]

    package init() {}

    /// What an engine that starts is told.
    package func remembered(zones: [Zone]) -> Memory {
        var memory = memory
        memory.open = deliveries.values.filter { !$0.state.isFinal }
        for delivery in inOrder(where: \.kind.isNews) {
            guard case .moved(let previous) = delivery.kind else { continue }
            memory.beliefs.note(
                delivery.identity, from: previous, isOpen: !delivery.state.isFinal,
                isCancelled: delivery.state.isCancelled, isPossibleRepeat: delivery.isPossibleRepeat)
        }
        var begun: [String: Instant] = [:]
        for delivery in deliveries.values {
            guard case .digest(let since) = delivery.kind else { continue }
            let channel = delivery.identity.channel
            begun[channel] = min(since, begun[channel] ?? since)
            guard delivery.state == .delivered else { continue }
            let told =
                delivery.isPossibleRepeat
                ? delivery.due : max(delivery.due, started[delivery.identity] ?? delivery.due)
            memory.digests[channel] = max(told, memory.digests[channel] ?? told)
        }
        memory.digests.merge(begun) { told, _ in told }
        for zone in zones { memory.zones[zone.name] = zone }
        return memory
    }

    /// The latest time that it knows of.
    var latest: Instant {
        let seen = memory.sightings.values.map(\.first) + memory.marks.values.map(\.since)
        let owed = deliveries.values.flatMap { [$0.due, $0.added] }
        return (seen + owed).reduce(memory.settled ?? .distantPast, max)
    }

    /// Whether a delivery was added after another one, or with it, whatever the clock showed.
    func hasAdded(_ delivery: Delivery, notBefore other: Delivery) -> Bool {
        delivery.added == other.added
            || places[delivery.identity, default: 0] > places[other.identity, default: 0]
    }

    /// The news of a milestone's moves for a channel, as it was added.
    func news(of key: MilestoneKey, to channel: String) -> [Delivery] {
        inOrder { $0.kind.isNews && MilestoneKey($0.identity) == key && $0.identity.channel == channel }
    }

    private func inOrder(where isWanted: (Delivery) -> Bool) -> [Delivery] {
        deliveries.values.filter(isWanted).sorted {
            places[$0.identity, default: 0] < places[$1.identity, default: 0]
        }
    }

    /// The clock jumped ahead, and is not believed.
    var hasJumped: Bool { memory.jumped != nil }

    /// Why somebody wants nothing of a delivery sent now.
    func unwanted(_ delivery: Delivery, in agenda: Agenda, at now: Instant) -> String? {
        if delivery.kind == .test { return nil }
        if let until = memory.destinations[delivery.identity.channel]?.mutedUntil, until > now {
            return "muted"
        }
        let issue = agenda.issues.first { $0.id == delivery.identity.issue }
        if let official = issue?.milestone(delivery.identity.milestone)?.kind.official,
            case .done(let deadline) = memory.marks[
                MilestoneKey(issue: delivery.identity.issue, milestone: official)]?.kind,
            deadline == issue?.milestone(official)?.deadline?.instant
        {
            return "done with \(official)"
        }
        switch (delivery.kind, memory.marks[MilestoneKey(delivery.identity)]?.kind) {
        case (.digest, _), (.alert, _): return nil
        case (_, .done(let deadline)?): return deadline == delivery.identity.deadline ? "done" : nil
        case (.moved, _): return nil
        case (_, .snoozed(let until, _)?): return until > now ? "snoozed" : nil
        case (_, nil): return nil
        }
    }

    /// Writes a commit; returns the added deliveries that were there already.
    ///
    /// - Parameter now: what counts as the time.
    package mutating func write(_ changes: [Change], at now: Instant) -> [DeliveryIdentity] {
        var known: [DeliveryIdentity] = []
        for change in changes {
            switch change {
            case .add(let delivery):
                if isNew(delivery) { add(delivery, now) } else { known.append(delivery.identity) }
            case .update(let delivery), .delivered(let delivery, _):
                if !known.contains(delivery.identity) { put(delivery, now) }
                if case .delivered(_, let attempt) = change { started[delivery.identity] = attempt.started }
            case .addIfMissed(let delivery, let missed):
                if missed.allSatisfy(known.contains) || !isNew(delivery) {
                    known.append(delivery.identity)
                } else {
                    add(delivery, now)
                }
            case .supersede(var delivery, let successor):
                guard !known.contains(successor), !known.contains(delivery.identity) else { continue }
                delivery.state = .superseded
                put(delivery, now)
            case .attempted: break
            case .sighted(let key, let sighting): memory.sightings[key] = sighting
            case .settled(let instant):
                memory.settled = instant
                memory.doubt = nil
            case .doubted(let doubt): memory.doubt = doubt
            case .jumped(let jumped): memory.jumped = jumped
            case .timed(let timing): memory.timing = timing
            case .destination(let name, let record): memory.destinations[name] = record
            case .marked(let key, let mark): memory.marks[key] = mark
            }
        }
        return known
    }

    private mutating func add(_ delivery: Delivery, _ now: Instant) {
        put(delivery, now)
        if places[delivery.identity] == nil { places[delivery.identity] = places.count }
    }

    private mutating func put(_ delivery: Delivery, _ now: Instant) {
        deliveries[delivery.identity] = delivery
        updated[delivery.identity] = now
    }

    /// Or nobody got it, and it ended before it was due, or by a clock that was ahead of the one by which it is found due now.
    private func isNew(_ delivery: Delivery) -> Bool {
        guard let before = deliveries[delivery.identity], let updated = updated[delivery.identity] else {
            return true
        }
        return before.isRevivable && (updated < before.due || updated > delivery.added)
    }
}

extension Delivery.State {
    var isCancelled: Bool { if case .cancelled = self { true } else { false } }
}
