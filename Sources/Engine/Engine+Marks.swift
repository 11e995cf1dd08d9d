import HeapModule
import Messages
import Schedule

/// What somebody has said about a milestone: that its work is handed in, or that its reminders shall wait.
package struct Mark: Hashable, Sendable {
    package let kind: Kind
    package let since: Instant

    package enum Kind: Hashable, Sendable {
        /// Handed in for this deadline: a deadline that moves makes it open again (TIME.md, acknowledgements).
        case done(deadline: Instant)
        /// What falls due before `until` is kept, and the last of it goes out then. `isSpan` where it is to last for so long from
        /// then on, whatever a clock that was wrong called its end.
        case snoozed(until: Instant, isSpan: Bool = false)
    }

    package init(kind: Kind, since: Instant) {
        self.kind = kind
        self.since = since
    }
}

/// When a milestone's snooze ends.
struct Snooze: Comparable, Sendable {
    let until: Instant
    let key: MilestoneKey

    init?(_ key: MilestoneKey, _ mark: Mark?) {
        guard let until = mark?.snoozedUntil else { return nil }
        self.until = until
        self.key = key
    }

    static func < (a: Snooze, b: Snooze) -> Bool {
        (a.until, a.key) < (b.until, b.key)
    }
}

/// Done, snoozed and muted.
extension Engine {
    /// Milestones of an issue that reminders are sent for, or only the one of a name.
    package func markable(_ issue: String, _ milestone: String?) -> [MilestoneKey] {
        guard let index = issueIndices[issue] else { return [] }
        return agenda.issues[index].milestones.filter {
            $0.reminded != nil && (milestone == nil || $0.name == milestone)
        }.map { MilestoneKey(issue: issue, milestone: $0.name) }
    }

    /// Milestones of an issue that are marked, or only the one of a name.
    package func marked(_ issue: String, _ milestone: String?) -> [MilestoneKey] {
        marks.keys.filter { $0.issue == issue && (milestone == nil || $0.milestone == milestone) }
            .sorted { $0.milestone < $1.milestone }
    }

    package func mark(of key: MilestoneKey) -> Mark? { marks[key] }

    mutating func mark(_ keys: [MilestoneKey], _ wanted: MarkRequest, _ now: Instant) {
        // What is due by now came before the mark.
        if !isStopping { oweWhatIsDue(now) }
        let along = wanted == .done ? targetsAndOpenings(of: keys) : []
        for key in keys where !along.contains(key) {
            guard let place = place(of: key), let deadline = agenda[place].reminded?.instant else {
                continue
            }
            let kind: Mark.Kind =
                switch wanted {
                case .done: .done(deadline: deadline)
                case .snoozed(let until, let isSpan): .snoozed(until: until, isSpan: isSpan)
                }
            set(Mark(kind: kind, since: now), key)
            if isInDoubt { inDoubt.snoozed.insert(key) }
        }
        let places = (keys + along).compactMap(place)
        for place in places { agenda[place].isMarkedDone = isDone(place) }
        // None of the reminders of what is done is the next to come.
        let done = places.filter { agenda[$0].isMarkedDone }
        tracks.remove { track in
            done.contains { $0.issue == Int(track.issue) && $0.milestone == Int(track.milestone) }
        }
        // What was withdrawn is done now.
        seeDepartures()
        cancelOrphans()
        holdAll(now)
        effects.append(.tell(.marked(keys + along.filter { !keys.contains($0) }, wanted)))
    }

    /// The targets and openings of these milestones: they are done with them, and need no marks of their own.
    private func targetsAndOpenings(of keys: [MilestoneKey]) -> [MilestoneKey] {
        keys.flatMap { key -> [MilestoneKey] in
            guard let place = place(of: key) else { return [] }
            return agenda.issues[place.issue].milestones.filter { $0.kind.official == key.milestone }
                .map { MilestoneKey(issue: key.issue, milestone: $0.name) }
        }
    }

    private func isDone(_ place: Agenda.Place) -> Bool {
        agenda.issues[place.issue].mark(ofDone: agenda[place], in: marks) != nil
    }

    /// Takes marks back: what is to come is to come again.
    mutating func unmark(_ keys: [MilestoneKey], _ now: Instant) {
        if !isStopping { oweWhatIsDue(now) }
        var reopened = keys
        for key in keys where marks[key] != nil { set(nil, key) }
        for key in keys + targetsAndOpenings(of: keys) {
            guard let place = place(of: key), agenda[place].isMarkedDone, !isDone(place)
            else { continue }
            agenda[place].isMarkedDone = false
            // It may have moved meanwhile.
            see(agenda[place], of: agenda.issues[place.issue], now)
            arm(milestone: place.milestone, of: place.issue, after: now)
            if !keys.contains(key) { reopened.append(key) }
        }
        // It may have been withdrawn meanwhile.
        seeDepartures()
        if !isStopping { settle(now) }
        releaseHeld(now)
        effects.append(.tell(.unmarked(reopened)))
    }

    mutating func mute(_ channel: String, until: Instant, isSpan: Bool, _ now: Instant) {
        guard let index = channelIndices[channel] else { return }
        destinations[index].record.mutedUntil = until
        destinations[index].record.mutedSince = isSpan ? now : nil
        remember(index)
        if isInDoubt { inDoubt.muted.insert(channel) }
        holdAll(now)
        releaseHeld(now)
        effects.append(.tell(.muted(channel: channel, until: until)))
    }

    /// Marks of a new agenda's milestones; those whose deadline has moved or gone lapse.
    mutating func applyMarks() {
        let before = marks
        for (key, mark) in before.sorted(by: { $0.key < $1.key }) {
            // An issue that is away for a while keeps its marks.
            guard let place = place(of: key) else { continue }
            let deadline = agenda[place].deadline?.instant
            switch mark.kind {
            case .done(deadline):
                // Earlier versions marked what was done with another milestone, too.
                let official = agenda[place].kind.official
                let other = official.flatMap { before[MilestoneKey(issue: key.issue, milestone: $0)] }
                if other?.since == mark.since { set(nil, key) }
            case .done: set(nil, key)
            case .snoozed(let until, _):
                // Brought forward, it would pass in silence. Who snoozes it after it has passed means that.
                if let deadline, mark.since < deadline, deadline <= until { set(nil, key) }
            }
        }
        agenda = agenda.marked(marks)
    }

    /// The next instant at which a snooze or a mute ends.
    var nextRelease: Instant? {
        // Some are muted until somebody resumes them.
        let mutes = destinations.lazy.compactMap(\.record.mutedUntil).filter { $0 < .distantFuture }.min()
        return [snoozes.min?.until, mutes].compactMap { $0 }.min()
    }

    /// Ends what has had its time.
    mutating func endHolds(_ now: Instant) {
        guard let next = nextRelease, next <= now else { return }
        // What falls due with it takes the place of what was held.
        oweWhatIsDue(now)
        while let first = snoozes.min, first.until <= now { set(nil, first.key) }
        for index in destinations.indices {
            guard let until = destinations[index].record.mutedUntil, until <= now else { continue }
            destinations[index].record.mutedUntil = nil
            destinations[index].record.mutedSince = nil
            remember(index)
            effects.append(.tell(.resumed(channel: agenda.channels[index].name)))
        }
        releaseHeld(now)
    }

    /// Why a delivery waits for somebody's word; nil where it does not.
    func hold(on delivery: Delivery, _ now: Instant) -> Delivery.State? {
        if delivery.kind == .test { return nil }
        // Its channel may want that only since it was sent.
        if case .unknown(_, let reason) = delivery.state, onUnknown(delivery) == .hold {
            return .held(.unknown, reason: reason)
        }
        if let index = channelIndices[delivery.identity.channel] {
            if let disabled = destinations[index].record.disabled {
                return .held(.destination, reason: disabled.reason)
            }
            if let until = destinations[index].record.mutedUntil, until > now {
                return .held(.muted, reason: "its channel is muted\(Engine.until(until))")
            }
        }
        switch delivery.kind {
        case .reminder, .passed, .confirm:
            if !marks.isEmpty, let until = marks[MilestoneKey(delivery.identity)]?.snoozedUntil, until > now {
                return .held(.snoozed, reason: "snoozed\(Engine.until(until))")
            }
        // That a date moved is news, whoever wanted to hear no more of the old one.
        case .moved, .digest, .test, .alert: break
        }
        // What was held for another reason may have arrived before; not so an edition that somebody asked for, and news says of itself
        // what an earlier one of its move may have told.
        if case .held = delivery.state, delivery.isPossibleRepeat, delivery.edition == 0,
            delivery.losses > 0 || !delivery.kind.isNews, onUnknown(delivery) == .hold
        {
            return .held(.unknown, reason: "it may have arrived")
        }
        return nil
    }

    private static func until(_ instant: Instant) -> String {
        instant == .distantFuture ? "" : " until \(instant)"
    }

    mutating func set(_ mark: Mark?, _ key: MilestoneKey) {
        var key = key
        if let known = marks.index(forKey: key) { key = marks.keys[known] }
        marks[key] = mark
        if let snooze = Snooze(key, mark) { snoozes.insert(snooze) }
        while let first = snoozes.min, marks[first.key]?.snoozedUntil != first.until { snoozes.removeMin() }
        batch.append(.marked(key, mark))
    }

    /// What waits in a queue, and somebody wants held, leaves it; what is held already says why it is now.
    mutating func holdAll(_ now: Instant) {
        var touched: Set<Int> = []
        for var delivery in queueable {
            switch delivery.state {
            case .owed, .waiting, .unknown: break
            // Until another instant, or for another reason.
            case .held(let hold, _) where hold != .unknown: break
            default: continue
            }
            guard let held = hold(on: delivery, now), held != delivery.state else { continue }
            delivery.state = held
            // Those that it would have gone out with go without it.
            delivery.fold = nil
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
            if let index = channelIndices[delivery.identity.channel] { touched.insert(index) }
        }
        refill(touched)
    }

    /// What was held for a mark, a mute or a dead destination that is no more goes on.
    mutating func releaseHeld(_ now: Instant) {
        var touched: Set<Int> = []
        for var delivery in queueable {
            guard case .held(let hold, _) = delivery.state, hold != .unknown else { continue }
            let state = self.hold(on: delivery, now) ?? .owed
            guard state != delivery.state else { continue }
            if state == .owed { delivery.added = delivery.patienceBegin(now) } else { delivery.fold = nil }
            delivery.state = state
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
            if let index = channelIndices[delivery.identity.channel] { touched.insert(index) }
        }
        refill(touched)
    }

    func place(of key: MilestoneKey) -> Agenda.Place? { place(of: key.milestone, in: key.issue) }

    func place(of identity: DeliveryIdentity) -> Agenda.Place? {
        place(of: identity.milestone, in: identity.issue)
    }

    private func place(of milestone: String, in issue: String) -> Agenda.Place? {
        issueIndices[issue].flatMap { agenda.place(of: milestone, inIssue: $0) }
    }
}

extension Agenda {
    /// The same with what somebody has said to be done, for whoever looks at it without an engine too.
    package func marked(_ marks: [MilestoneKey: Mark]) -> Agenda {
        guard !marks.isEmpty else { return self }
        var agenda = self
        let marked = Set(marks.keys.lazy.map(\.issue))
        for (number, issue) in issues.enumerated() where marked.contains(issue.id) {
            for (index, milestone) in issue.milestones.enumerated() {
                let isDone = issue.mark(ofDone: milestone, in: marks) != nil
                agenda.issues[number].milestones[index].isMarkedDone = isDone
            }
        }
        return agenda
    }
}

extension SpecialIssue {
    /// The mark by which a milestone is done: its own, or that of the one whose target or opening it is.
    package func mark(ofDone milestone: Milestone, in marks: [MilestoneKey: Mark]) -> Mark? {
        for milestone in [milestone, milestone.kind.official.flatMap(self.milestone)].compactMap({ $0 }) {
            let mark = marks[MilestoneKey(issue: id, milestone: milestone.name)]
            if case .done(milestone.deadline?.instant) = mark?.kind { return mark }
        }
        return nil
    }
}

/// What somebody wants of milestones.
package enum MarkRequest: Hashable, Sendable {
    case done
    case snoozed(until: Instant, isSpan: Bool = false)
}

extension Mark {
    package var snoozedUntil: Instant? { if case .snoozed(let until, _) = kind { until } else { nil } }
}

extension MilestoneKey {
    package init(_ identity: DeliveryIdentity) {
        self.init(issue: identity.issue, milestone: identity.milestone)
    }
}
