import Engine
import Messages
import Schedule
import Simulation

func instant(_ text: String) -> Instant {
    guard let instant = try? Instant(rfc3339: text) else { fatalError("no instant: \(text)") }
    return instant
}

/// An agenda of issues with deadlines in UTC, all with the same rules and channels.
func agenda(
    _ deadlines: KeyValuePairs<String, String>, rules: [String], channels: [String] = ["lab"],
    at: String = "09:00", zone: Zone = .utc, holidays: Set<CivilDate> = [],
    avoid: BusinessCalendar.Avoided = [],
    catchUp: Schedule.CatchUp = .latest, state: Milestone.State? = nil
) -> Agenda {
    let time = (try? TimeOfDay(at)) ?? .nine
    let schedule = Schedule(
        name: "s", rules: rules.flatMap { (try? ReminderRule.parse($0)) ?? [] }, avoid: avoid,
        catchUp: catchUp)
    let issues = deadlines.map { id, text in
        let deadline = (try? DeadlineValue(text)).flatMap { Deadline($0, zone: .utc) }
        return SpecialIssue(
            id: id, title: "Title of \(id)",
            milestones: [
                Milestone(
                    name: Milestone.submission, written: text, deadline: deadline, state: state, schedule: 0,
                    channels: Array(channels.indices))
            ])
    }
    return Agenda(
        issues: issues, schedules: [schedule],
        channels: channels.map {
            Channel(name: $0, service: Silent(), audience: Audience(zone: zone, at: time))
        }, calendar: (try? BusinessCalendar(weekend: [.sat, .sun], holidays: holidays)) ?? .standard)
}

/// The same for channels of one's own.
func agenda(
    _ deadlines: KeyValuePairs<String, String> = ["a": "2025-08-20"], rules: [String] = ["7d", "3d"],
    channels: [Channel]
) -> Agenda {
    var plan = agenda(deadlines, rules: rules, channels: channels.map(\.name))
    plan.channels = channels
    return plan
}

func channel(
    _ name: String, onUnknown: Channel.OnUnknown = .resend, fallback: String? = nil, burst: Int? = nil,
    digest: DigestRule? = nil, host: String? = nil
) -> Channel {
    Channel(
        name: name, service: Silent(), audience: Audience(zone: .utc, at: .nine), onUnknown: onUnknown,
        fallback: fallback, burst: burst, digest: digest, host: host)
}

func digests(_ every: String, ahead: Int = 30) throws -> DigestRule {
    DigestRule(every: try Recurrence(every, otherwiseAt: .nine), ahead: ahead)
}

/// So many issues that are all due on 2025-08-20, for one channel.
func plan(_ count: Int, rules: [String] = ["7d", "3d"], _ channel: Channel) -> Agenda {
    var plan = agenda([:], rules: rules, channels: [channel])
    plan.issues = issues(count)
    return plan
}

/// So many issues that are due on 2025-08-20, each for the channels of these indices.
func issues(_ count: Int, to channels: (Int) -> [Int] = { _ in [0] }) -> [SpecialIssue] {
    let deadline = (try? DeadlineValue("2025-08-20")).flatMap { Deadline($0, zone: .utc) }
    return (0..<count).map { number in
        SpecialIssue(
            id: "i\(number)", title: "Title \(number)",
            milestones: [
                Milestone(
                    name: Milestone.submission, written: "", deadline: deadline, schedule: 0,
                    channels: channels(number))
            ])
    }
}

/// The engine with the smallest world around it: commits succeed at once, requests wait for a verdict, and the disk
/// is the simulation's.
struct World {
    var engine = Engine(seed: 1)
    private var disk = Disk()
    var journal: [DeliveryIdentity: Delivery] { disk.deliveries }
    var memory: Memory {
        get { disk.memory }
        set { disk.memory = newValue }
    }
    var sent: [Delivery] = []
    var reports: [Report] = []
    var wake: Instant?
    var commits = 0
    var hasStopped = false
    var isDiskFull = false
    /// Set to look at effects one by one.
    var holdsCommits = false
    private(set) var heldCommit: [Change]?

    mutating func start(_ agenda: Agenda, _ now: String) {
        let memory = disk.remembered(zones: agenda.channels.map(\.audience.zone))
        handle(.started(agenda, memory), now)
    }

    /// What an earlier run has left in the journal.
    mutating func leave(_ deliveries: [Delivery], _ now: String) {
        _ = disk.write(deliveries.map { .add($0) }, at: instant(now))
    }

    /// The service dies: the engine is gone, what was committed stays.
    mutating func crash() {
        engine = Engine(seed: 2)
        sent = []
        wake = nil
        heldCommit = nil
    }

    mutating func handle(_ event: Event, _ now: String) {
        handle(event, instant(now))
    }

    mutating func handle(_ event: Event, _ now: Instant) {
        if case .time = event { wake = nil }
        var events = [event]
        while !events.isEmpty {
            for effect in engine.handle(events.removeFirst(), now: now) {
                switch effect {
                case .commit(let changes):
                    if holdsCommits { heldCommit = changes } else { events.append(commit(changes, now)) }
                case .send(let flight): sent += flight
                case .wake(let instant): wake = instant
                case .tell(let report): reports.append(report)
                case .stopped: hasStopped = true
                }
            }
        }
    }

    mutating func releaseCommit(_ now: String) {
        guard let changes = heldCommit else { return }
        heldCommit = nil
        holdsCommits = false
        handle(commit(changes, instant(now)), now)
    }

    private mutating func commit(_ changes: [Change], _ now: Instant) -> Event {
        if isDiskFull { return .commitFailed(reason: "disk full") }
        commits += 1
        return .committed(known: disk.write(changes, at: engine.time(at: now)))
    }

    /// Answers every request under way.
    mutating func answer(_ verdict: Verdict, _ now: String) {
        let under = sent
        sent = []
        for delivery in under { handle(.answered(delivery.identity, verdict), now) }
    }

    /// Answers the requests under way to these channels.
    mutating func answer(_ verdicts: [String: Verdict], _ now: String) {
        let under = sent.filter { verdicts[$0.identity.channel] != nil }
        sent.removeAll { verdicts[$0.identity.channel] != nil }
        for delivery in under {
            guard let verdict = verdicts[delivery.identity.channel] else { continue }
            handle(.answered(delivery.identity, verdict), now)
        }
    }

    /// Names of what is under way: `issue reminder channel`.
    var sending: [String] {
        sent.map { "\($0.identity.issue) \($0.identity.reminder) \($0.identity.channel)" }
    }

    func states(_ issue: String) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: journal.values.filter { $0.identity.issue == issue }.map { delivery in
                let word = "\(delivery.state)".prefix { $0 != "(" }
                return ("\(delivery.identity.reminder) \(delivery.identity.channel)", String(word))
            })
    }
}
