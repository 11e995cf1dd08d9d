import Engine
import Messages
import Schedule

/// An engine at a quiet moment, and one that starts then from its journal: both live through the same days, in which all that is
/// sent is answered at once, and must send the same and write down the same. The journal is a copy.
struct Restart {
    private var kept: Life
    private var started: Life

    /// - Parameters:
    ///   - agenda: what the engine was told last.
    ///   - anew: channels that have had no digests for a while. Their next one begins anew; a start does not know of that while.
    init(
        _ engine: Engine, _ disk: Disk, _ agenda: Agenda, zones: [Zone], anew: Set<String>, now: Instant,
        uptime: Span
    ) {
        kept = Life(engine: engine, disk: disk, anew: anew, now: now, uptime: uptime)
        started = Life(engine: Engine(seed: 0), disk: disk, anew: anew, now: now, uptime: uptime)
        // A start brings back what is disabled, as a reload does.
        let isDisabled = agenda.channels.contains { engine.record(of: $0.name)?.disabled != nil }
        kept.take(isDisabled ? .reloaded(agenda) : .time)
        started.take(.started(agenda, disk.remembered(zones: zones)))
    }

    /// How the two differ at once, or over so many days; nil where they do not.
    ///
    /// - Parameter edited: reloaded when they begin, where somebody edits.
    mutating func difference(over days: Int, edited: Agenda?) -> String? {
        if let difference { return "at once: \(difference)" }
        kept.live(days, edited)
        started.live(days, edited)
        return difference.map { "within \(days) days: \($0)" }
    }

    private var difference: String? {
        let (a, b) = (kept, started)
        for now in Set(a.sent.keys).union(b.sent.keys).sorted() where a.sent[now] != b.sent[now] {
            let (one, other) = (a.sent[now] ?? [], b.sent[now] ?? [])
            return "sent at \(now): " + words(one.subtracting(other), other.subtracting(one))
        }
        let (left, right) = (a.journal, b.journal)
        for identity in Set(left.keys).union(right.keys).sorted() where left[identity] != right[identity] {
            if let question = left[identity], question.isPastQuestion(at: a.now),
                right[identity]?.state.isCancelled ?? false
            {
                continue
            }
            return words(left[identity], right[identity])
        }
        let names = a.engine.agenda.channels.map(\.name)
        for name in names where a.engine.record(of: name) != b.engine.record(of: name) {
            return "\(name): " + words(a.engine.record(of: name), b.engine.record(of: name))
        }
        if a.disk.memory.destinations != b.disk.memory.destinations {
            return words(a.disk.memory.destinations, b.disk.memory.destinations)
        }
        if a.disk.memory.marks != b.disk.memory.marks {
            return words(a.disk.memory.marks, b.disk.memory.marks)
        }
        for key in Set(a.disk.memory.sightings.keys).union(b.disk.memory.sightings.keys).sorted() {
            let (one, other) = (a.engine.sighting(of: key), b.engine.sighting(of: key))
            if one != other { return "\(key): " + words(one, other) }
        }
        // `Engine.next` is no measure: what is over may still stand in a queue of either, and wakes it for nothing.
        let next = [a, b].map { $0.engine.nextReminder.map { "\($0.issue.id) \($0.channel.name) \($0.due)" } }
        return next[0] == next[1] ? nil : words(next[0], next[1])
    }

    private func words<Value>(_ kept: Value, _ started: Value) -> String {
        "\(kept) without a restart, \(started) after one"
    }

    /// One of the two.
    private struct Life {
        var engine: Engine
        var disk: Disk
        let anew: Set<String>
        var now: Instant
        var uptime: Span
        /// By instant: what went out then. Which of them shared a message is not compared: a question whose deadline has
        /// passed still counts among them until its turn, and a start has cancelled it.
        private(set) var sent: [Instant: Set<Delivery>] = [:]

        init(engine: Engine, disk: Disk, anew: Set<String>, now: Instant, uptime: Span) {
            self.engine = engine
            self.disk = disk
            self.anew = anew
            self.now = now
            self.uptime = uptime
        }

        var journal: [DeliveryIdentity: Delivery] { disk.deliveries.mapValues(comparable) }

        private func comparable(_ delivery: Delivery) -> Delivery {
            var since: Instant?
            if case .digest = delivery.kind, anew.contains(delivery.identity.channel) { since = .distantPast }
            return Delivery(
                identity: delivery.identity, kind: since.map { .digest(since: $0) } ?? delivery.kind,
                due: delivery.due, added: delivery.added, state: delivery.state, attempts: delivery.attempts,
                isPossibleRepeat: delivery.isPossibleRepeat, losses: delivery.losses,
                isPlain: delivery.isPlain,
                // Which of several gives their message its name is a matter of the order in which they were found due.
                fold: nil, edition: delivery.edition)
        }

        mutating func take(_ event: Event) {
            var events = [event]
            while !events.isEmpty {
                for effect in engine.handle(events.removeFirst(), now: now, uptime: uptime) {
                    switch effect {
                    case .commit(let changes):
                        events.append(.committed(known: disk.write(changes, at: engine.time(at: now))))
                    case .send(let flight):
                        sent[now, default: []].formUnion(flight.map(comparable))
                        guard let identity = flight.first?.identity else { continue }
                        events.append(.answered(identity, .delivered))
                    case .wake, .tell, .stopped: break
                    }
                }
            }
        }

        mutating func live(_ days: Int, _ edited: Agenda?) {
            let end = now + .days(Int64(days))
            if let edited { take(.reloaded(edited)) }
            while let next = engine.next, next <= end {
                let before = now
                now = max(now, next)
                uptime = .milliseconds(uptime.milliseconds + (now - before).milliseconds)
                take(.time)
            }
        }
    }
}

extension Delivery {
    /// Nobody is asked after a deadline whether it stands. The one that ran on finds that when its turn comes, be it held
    /// for long.
    fileprivate func isPastQuestion(at now: Instant) -> Bool {
        if case .confirm = kind { identity.deadline <= now } else { false }
    }
}
