import Engine
import HeapModule
import Messages
import Schedule

/// The daemon's engine in a made-up world: a clock that runs as events ask for it, a network with every fault, a disk that fails,
/// a process that is killed, and people who edit. One seed gives one world, whatever machine it runs on.
package struct World {
    /// What happened, for reports.
    package struct Tally: Sendable {
        package var worlds = 0
        package var days = 0.0
        package var events = 0
        package var sent = 0
        package var delivered = 0
        package var faults: [String: Int] = [:]

        package init() {}

        package mutating func add(_ other: Tally) {
            worlds += other.worlds
            days += other.days
            events += other.events
            sent += other.sent
            delivered += other.delivered
            faults.merge(other.faults, uniquingKeysWith: +)
        }
    }

    /// The zones of deadlines and readers.
    package static let zoneNames = ["Europe/Zurich", "Asia/Seoul", "America/New_York", "AoE"]

    package private(set) var tally = Tally()
    package var violations: [String] { witness.violations }

    var random: Randomness
    let zones: [Zone]
    private let days: Int
    /// The time since the machine's start.
    var uptime = Span.zero
    /// The wall clock less the uptime.
    var wallOffset: Int64
    var isClockTrue = true
    /// What sets a clock right that is wrong for a while.
    var correction: Int64?
    /// What it showed when it was last set back to the right time.
    var shownAhead = Instant.distantPast
    /// The process has lived through a clock that was set: its journal knows less of that.
    var hasClockStepped = false
    private var queue: Heap<Planned> = []
    private var sequence = 0

    var office: Office
    /// The agenda that the service was told last.
    var told = Agenda() {
        didSet {
            channels.formUnion(told.channels.map(\.name))
            let withDigests = told.channels.lazy.filter { $0.digest != nil }.map(\.name)
            withoutDigests.formUnion(channels.subtracting(withDigests))
        }
    }
    /// The names of all channels that it was ever told of, and of those that have had no digests for a while.
    private var channels: Set<String> = []
    private var withoutDigests: Set<String> = []
    var engine: Engine?
    /// Tells the events of a process that was killed from those of its successor.
    private var generation = 0
    private var wakeSerial = 0
    var wakeAt: Instant?
    /// How often it was woken at one instant.
    private var wakes: (at: Span, count: Int) = (.zero, 0)
    package private(set) var disk = Disk()
    var isDiskFull = false
    var isHealed = false
    var moods: [String: Mood] = [:]
    /// Takes connections and answers nothing.
    private var isSharedHostHanging = false
    var witness = Witness()
    /// Its own: whether a restart is looked at changes nothing in the world.
    private var looking: Randomness

    enum Mood: CaseIterable {
        case well, flaky, failing, limiting, gone, unauthorised, deaf
    }

    enum Occurrence {
        case wake(generation: Int, serial: Int)
        case commitEnds([Change], generation: Int, fate: CommitFate)
        case arrives(requests: [Int])
        case answers(requests: [Int], DeliveryIdentity, Reply, generation: Int)
        case life
        case diskHasRoom
        case hostHangs
        case hostAnswers
        case clockRunsAhead
        case clockIsSetRight
        case start
        case heal
        case edit
        case secondThoughts
    }

    enum Reply {
        case verdict(Verdict)
        /// What the service makes of it is its own.
        case limit(RateLimit, any ChatService)
    }

    enum CommitFate { case written, failed, killedBefore, killedAfter }

    private struct Planned: Comparable {
        let at: Span
        let sequence: Int
        let occurrence: Occurrence

        static func < (a: Planned, b: Planned) -> Bool { (a.at, a.sequence) < (b.at, b.sequence) }
        static func == (a: Planned, b: Planned) -> Bool { a.sequence == b.sequence }
    }

    var now: Instant { Instant(milliseconds: uptime.milliseconds + wallOffset) }
    /// When the clock will be set right, by the uptime.
    var correctedAt = Span.zero
    /// How the clock stands; where it is ahead, after which time an agenda that is told now owes what is due.
    var clock: Witness.Clock {
        guard let correction else { return .right }
        guard correction < 0 else { return .behind(now + .milliseconds(correction)) }
        // What is ahead by hours is believed until it is set right.
        let isDoubted = -correction > Span.days(1).milliseconds
        let wait = isDoubted ? 0 : correctedAt.milliseconds - uptime.milliseconds
        return .ahead(of: now + .milliseconds(correction + wait))
    }

    /// - Parameters:
    ///   - zones: the zones that deadlines and readers are in.
    ///   - days: how long it has troubles at most; a week without any follows.
    package init(seed: UInt64, zones: [Zone], days: Int) {
        self.days = days
        var random = Randomness(seed: seed)
        self.zones = zones
        // Somewhere between 2024 and 2027.
        wallOffset = 1_704_067_200_000 + Int64(random.number(0..<94_608_000)) * 1000
        office = Office(&random, zones: zones, start: Instant(milliseconds: wallOffset))
        self.random = random
        looking = Randomness(seed: ~seed)
    }

    /// Lives through some weeks of trouble, then some days in which all is mended, and judges.
    package mutating func run() {
        let end = Span.days(Int64(random.number(days / 4..<days)))
        let last = Span(milliseconds: end.milliseconds + Span.days(7).milliseconds)
        plan(.start, in: .zero)
        plan(.life, in: random.span(1000...86_400_000))
        plan(.heal, in: end)
        while let next = queue.popMin() {
            // What falls due at the very end is seen through.
            let isOver = next.at > last && engine?.isQuiet ?? true
            uptime = max(uptime, isOver ? last : next.at)
            if isOver { break }
            tally.events += 1
            happen(next.occurrence)
            if looking.chance(40) { lookAtRestart() }
            if !violations.isEmpty { return }
        }
        witness.judge(disk, now: now, isClockTrue: isClockTrue)
        tally.worlds = 1
        tally.days = Double(uptime.milliseconds) / 86_400_000
        tally.delivered = disk.deliveries.values.count { $0.state == .delivered }
    }

    mutating func plan(_ occurrence: Occurrence, in span: Span) {
        sequence += 1
        queue.insert(
            Planned(
                at: .milliseconds(uptime.milliseconds + max(0, span.milliseconds)), sequence: sequence,
                occurrence: occurrence))
    }

    mutating func note(_ fault: String) { tally.faults[fault, default: 0] += 1 }

    /// Told of everything that happens, to look into one world.
    package var log: ((String) -> Void)?
    /// Told of each commit that reached the disk, of the engine's time then, and of what was there already.
    package var written: (([Change], _ now: Instant, _ known: [DeliveryIdentity]) -> Void)?
    /// Told of the disk that a process finds when it starts.
    package var found: ((Disk) -> Void)?

    private mutating func happen(_ occurrence: Occurrence) {
        log?("\(now) \(occurrence)")
        switch occurrence {
        case .start: start()
        case .wake(generation, wakeSerial):
            wakeAt = nil
            wakes = wakes.at == uptime ? (uptime, wakes.count + 1) : (uptime, 1)
            if wakes.count > 10_000 { return witness.fail("it asks for the time without end") }
            tell(.time)
        case .wake: break
        case .commitEnds(let changes, generation, let fate): commitEnds(changes, fate)
        case .commitEnds: break
        case .arrives(let requests): for request in requests { witness.taken(request) }
        case .answers(let requests, let identity, let reply, generation):
            answer(requests, identity, reply)
        case .answers: break
        case .life: live()
        case .diskHasRoom: isDiskFull = false
        case .hostHangs:
            note("host hangs")
            isSharedHostHanging = true
            plan(.hostAnswers, in: random.span(60_000...20_000_000))
        case .hostAnswers: isSharedHostHanging = false
        case .clockRunsAhead: runAhead()
        case .clockIsSetRight: setClockRight()
        case .heal: heal()
        case .secondThoughts: secondThoughts()
        case .edit:
            edit()
            reload()
        }
    }

    // MARK: The process

    mutating func start() {
        guard engine == nil else { return }
        // Who starts under a clock that is far ahead cannot tell.
        if let correction, correction < 0 { isClockTrue = false }
        engine = Engine(seed: random.next())
        hasClockStepped = false
        told = office.agenda
        witness.started(at: now)
        witness.told(told, at: now, clock)
        found?(disk)
        tell(.started(office.agenda, disk.remembered(zones: zones)))
    }

    mutating func kill() {
        guard engine != nil else { return }
        note("kill")
        die()
        plan(.start, in: random.chance(500) ? random.span(100...5000) : random.span(1000...400_000_000))
    }

    private mutating func die() {
        // To a process that starts later than a clock that was ahead, what was added by that clock was added too late to be owed.
        if correction ?? 0 < 0 || now < shownAhead { isClockTrue = false }
        engine = nil
        generation += 1
        wakeAt = nil
        witness.killed(disk)
    }

    /// An engine that starts now must go on as this one does.
    private mutating func lookAtRestart() {
        // Only the one that ran on knows of a clock that was wrong. And for a test nobody waits any more.
        guard let engine, engine.isQuiet, engine.next ?? .distantFuture > now, !hasClockStepped,
            disk.latest <= now,
            !disk.deliveries.values.contains(where: { $0.kind == .test && !$0.state.isFinal })
        else { return }
        note("restart compared")
        var restart = Restart(
            engine, disk, told, zones: zones, anew: withoutDigests, now: now, uptime: uptime)
        var office = office
        let isEdited = looking.chance(500)
        for _ in 0..<(isEdited ? looking.number(1..<4) : 0) { office.edit(&looking, zones, now: now) }
        let days = looking.number(1..<30)
        if let difference = restart.difference(over: days, edited: isEdited ? office.agenda : nil) {
            witness.fail("a restart at \(now) makes a difference \(difference)")
        }
    }

    /// Hands an event to the engine and does what it asks for.
    mutating func tell(_ event: Event) {
        let (now, uptime) = (now, uptime)
        if engine != nil { witness.see(now) }
        guard let effects = engine?.handle(event, now: now, uptime: uptime) else { return }
        if let log {
            for effect in effects { log("    \(effect)") }
        }
        for effect in effects {
            switch effect {
            case .commit(let changes): commit(changes)
            case .send(let flight): send(flight)
            case .wake(let instant): wake(at: instant)
            case .tell: break
            case .stopped:
                die()
                plan(.start, in: random.span(100...200_000_000))
            }
        }
        guard let engine else { return }
        let audit = Audit(engine, now: engine.time(at: now))
        if audit.isStuck || !audit.holds && !isDiskFull && !isHealed && !lastCommitFailed {
            witness.fail("the audit finds \(audit.findings) at \(now)")
        }
    }

    mutating func wake(at instant: Instant?) {
        wakeAt = instant
        wakeSerial += 1
        guard let instant else { return }
        plan(.wake(generation: generation, serial: wakeSerial), in: instant - now)
    }

    // MARK: The disk

    private var lastCommitFailed = false

    private mutating func commit(_ changes: [Change]) {
        // Now and then a disk takes its time.
        let isSlow = random.chance(30)
        witness.commitBegins(isSlow: isSlow)
        let fate: CommitFate =
            isDiskFull || !isHealed && random.chance(5)
            ? .failed
            : isHealed
                ? .written : random.chance(6) ? .killedBefore : random.chance(6) ? .killedAfter : .written
        plan(
            .commitEnds(changes, generation: generation, fate: fate),
            in: random.span(isSlow ? 0...20_000 : 0...40))
    }

    private mutating func commitEnds(_ changes: [Change], _ fate: CommitFate) {
        lastCommitFailed = fate == .failed
        switch fate {
        case .failed:
            note("commit failed")
            witness.commitFails()
            tell(.commitFailed(reason: "the disk is full"))
        case .killedBefore:
            note("killed before a commit")
            kill()
        case .killedAfter:
            note("killed after a commit")
            _ = write(changes)
            witness.committed(at: now)
            kill()
        case .written:
            let known = write(changes)
            witness.committed(at: now)
            tell(.committed(known: known))
        }
    }

    private mutating func write(_ changes: [Change]) -> [DeliveryIdentity] {
        let time = engine?.time(at: now) ?? now
        let known = disk.write(changes, at: time)
        for case .update(let delivery) in changes where isClockTrue {
            if case .expired = delivery.state { witness.expires(delivery, at: now) }
        }
        written?(changes, time, known)
        return known
    }

    // MARK: The network

    private mutating func send(_ flight: [Delivery]) {
        guard let identity = flight.first?.identity else { return witness.fail("a request about nothing") }
        guard let message = engine?.message(about: flight, now: now),
            flight.count == 1 || message.parts.count == flight.count
        else { return witness.fail("\(identity): a message that does not tell of all that it is about") }
        tally.sent += 1
        if flight.count > 1 { note("several in one") }
        let requests = flight.map { delivery in
            witness.sends(delivery, on: disk, with: identity, at: now, isClockTrue: isClockTrue)
        }
        let mood = mood(of: identity.channel)
        let there = random.span(1...400)
        let back = random.span(1...400)
        func answer(_ verdict: Verdict, after span: Span? = nil) -> (Occurrence, Span) {
            let total = span ?? .milliseconds(there.milliseconds + back.milliseconds)
            return (.answers(requests: requests, identity, .verdict(verdict), generation: generation), total)
        }
        var arrival: Span?
        var reply: (Occurrence, Span)
        switch mood {
        case .well:
            arrival = there
            reply = answer(.delivered)
        case .flaky:
            switch random.number(0..<8) {
            case 0:
                note("request lost")
                reply = answer(.unknown(reason: "reset"))
            case 1:
                note("answer lost")
                arrival = there
                reply = answer(.unknown(reason: "reset"))
            case 2:
                note("answer too late")
                arrival = .seconds(Int64(random.number(1..<90)))
                reply = answer(.unknown(reason: "no answer in 30 s"), after: .seconds(30))
            case 3:
                note("no connection")
                reply = answer(.retry(wait: nil, reason: "no connection"))
            case 4:
                note("HTTP 400")
                let verdicts: [Verdict] = [
                    .permanent(reason: "HTTP 400"), .malformed(reason: "HTTP 400"),
                    .malformed(reason: "unknown words", isCertain: false),
                ]
                reply = answer(random.one(of: verdicts) ?? verdicts[0])
            case 5:
                note("HTTP 504")
                if random.chance(500) { arrival = .seconds(Int64(random.number(1..<90))) }
                reply = answer(.retry(wait: nil, reason: "HTTP 504", mayHaveArrived: true))
            default:
                arrival = there
                reply = answer(.delivered)
            }
        case .failing:
            note("HTTP 500")
            reply = answer(.retry(wait: nil, reason: "HTTP 500"))
        case .limiting:
            guard let channel = engine?.agenda.channels.first(where: { $0.name == identity.channel }) else {
                return witness.fail("a request to nobody")
            }
            let limit = RateLimit(&random, type: channel.type, now: now)
            note("limit: \(limit.form)")
            reply = (
                .answers(
                    requests: requests, identity, .limit(limit, channel.service), generation: generation),
                .milliseconds(there.milliseconds + back.milliseconds)
            )
        case .gone:
            let status = random.chance(500) ? 404 : 410
            note("HTTP \(status)")
            reply = answer(.disable(reason: "HTTP \(status)"))
        case .unauthorised:
            let status = random.chance(500) ? 401 : 403
            note("HTTP \(status)")
            reply = answer(.disable(reason: "HTTP \(status)", strikes: 3))
        case .deaf:
            note("no answer")
            if random.chance(300) { arrival = .seconds(Int64(random.number(1..<60))) }
            reply = answer(.unknown(reason: "no answer in 30 s"), after: .seconds(30))
        }
        if let arrival { plan(.arrives(requests: requests), in: arrival) }
        plan(reply.0, in: reply.1)
    }

    private func mood(of channel: String) -> Mood {
        if isHealed { return .well }
        let isShared = told.channels.contains { $0.name == channel && $0.host == Office.sharedHost }
        return isShared && isSharedHostHanging ? .deaf : moods[channel] ?? .well
    }

    private mutating func answer(_ requests: [Int], _ identity: DeliveryIdentity, _ reply: Reply) {
        switch reply {
        case .verdict(let verdict):
            for request in requests { witness.heard(request, World.hearing(verdict), at: now) }
            tell(.answered(identity, verdict))
            if case .disable(_, strikes: 1) = verdict, identity.reminder != "test" {
                witness.wasDisabled(identity.channel)
            }
        case .limit(let limit, let service):
            let type = type(of: service).type
            let others = (engine?.agenda.channels ?? []).filter { limit.isVendors && $0.type == type }
            if limit.isVendors, let until = limit.notBefore(now) { witness.vendorPaused(type, until: until) }
            for request in requests {
                witness.heard(
                    request, .tryAgain, pausing: others.map(\.name), until: limit.notBefore(now), at: now)
            }
            tell(.answered(identity, service.verdict(on: limit.answer, now: now)))
        }
    }

    private static func hearing(_ verdict: Verdict) -> Witness.Hearing {
        switch verdict {
        case .delivered: .taken
        case .permanent, .malformed(_, isCertain: true): .refused
        case .disable: .gone
        case .unknown, .retry(_, _, mayHaveArrived: true): .lost
        case .retry, .limited, .readdressed, .malformed(_, isCertain: false): .tryAgain
        }
    }
}
