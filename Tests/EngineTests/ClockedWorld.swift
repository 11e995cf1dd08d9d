import Engine
import Messages
import Schedule

import struct Simulation.Disk

/// A world whose wall clock can be wrong: `true` is the right time, `now` what the clock shows. Requests wait for a verdict.
struct ClockedWorld {
    var engine = Engine(seed: 1)
    var disk = Disk()
    var sent: [Delivery] = []
    var wake: Instant?
    var changes: [Change] = []
    var isDiskFull = false
    /// Set to let a commit take its time.
    var holdsCommits = false
    private var held: [Change]?
    /// The machine's start.
    var boot = "2025-08-01T00:00:00Z"

    /// A service that ran for a day, and was stopped.
    static func ran(_ plan: Agenda) -> ClockedWorld {
        var world = ClockedWorld()
        world.boot = "2025-07-29T00:00:00Z"
        world.start(plan, "2025-07-30T00:00:00Z")
        world.handle(.stopRequested, "2025-07-31T00:00:00Z")
        world.boot = "2025-07-31T23:59:00Z"
        return world
    }

    /// The service starts, where it was killed before.
    mutating func start(_ agenda: Agenda, _ now: String, true right: String? = nil) {
        engine = Engine(seed: 2)
        sent = []
        handle(.started(agenda, disk.remembered(zones: [.utc])), now, true: right)
    }

    func audit(_ now: String) -> Audit { Audit(engine, now: engine.time(at: instant(now))) }

    mutating func handle(
        _ event: Event, _ now: String, true right: String? = nil, asleep: Span = .zero
    ) {
        handle(event, instant(now), true: instant(right ?? now), asleep: asleep)
    }

    mutating func handle(
        _ event: Event, _ now: Instant, true right: Instant, asleep: Span = .zero
    ) {
        var events = [event]
        while !events.isEmpty {
            for effect in engine.handle(
                events.removeFirst(), now: now, uptime: right - instant(boot), asleep: asleep)
            {
                switch effect {
                case .commit(let changes):
                    self.changes += changes
                    if holdsCommits { held = changes } else { events.append(commit(changes, now)) }
                case .send(let flight): sent += flight
                case .wake(let instant): wake = instant
                default: break
                }
            }
        }
    }

    private mutating func commit(_ changes: [Change], _ now: Instant) -> Event {
        isDiskFull
            ? .commitFailed(reason: "full")
            : .committed(known: disk.write(changes, at: engine.time(at: now)))
    }

    mutating func releaseCommit(_ now: String, true right: String? = nil) {
        guard let changes = held else { return }
        held = nil
        holdsCommits = false
        handle(commit(changes, instant(now)), now, true: right)
    }

    mutating func answer(_ verdict: Verdict, _ now: String, true right: String? = nil) {
        let under = sent
        sent = []
        for delivery in under { handle(.answered(delivery.identity, verdict), now, true: right) }
    }
}
