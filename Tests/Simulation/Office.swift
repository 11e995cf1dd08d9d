import Messages
import Schedule

/// The people who write the configuration: they add, move, finish, remove and rearrange.
struct Office {
    private(set) var agenda: Agenda
    private var made = 0
    /// Special issues that were removed, and may come back.
    private var removed: [SpecialIssue] = []
    /// The earlier names of each channel, which it may get again.
    private var oldNames: [Int: [String]] = [:]
    /// A publisher's: so many channels and deadlines that one day has more than can be under way at once.
    private let isLarge: Bool
    /// The host of most channels of an office that has more of them than can be under way at once, to it or in all.
    static let sharedHost = "shared.example.org"

    /// The schedule of openings.
    static let openings = 0

    private static let rules = [
        "30d", "14d", "7d", "3d", "1d", "0d", "2bd", "12h", "3h", "1d after", "0h after", "every 6h from 24h",
        "1mo", "1w", "2d at 18:30",
    ]

    init(_ random: inout Randomness, zones: [Zone], start: Instant) {
        agenda = Agenda()
        let isCrowded = random.chance(4)
        isLarge = isCrowded || random.chance(20)
        let common = Office.audience(&random, zones)
        let channels = isCrowded ? 115..<150 : isLarge ? 9..<11 : 1..<4
        for index in 0..<random.number(channels) {
            guard let service = Office.service(&random) else { continue }
            let own = Office.audience(&random, zones)
            agenda.channels.append(
                Channel(
                    name: "channel-\(index)", service: service, audience: isLarge ? common : own,
                    onUnknown: random.chance(250) ? .hold : .resend,
                    fallback: index > 0 && random.chance(500) ? "channel-0" : nil,
                    burst: random.chance(400) ? random.number(2..<4) : nil,
                    digest: random.chance(300) ? Office.digest(&random) : nil,
                    host: isCrowded && random.chance(900) ? Office.sharedHost : nil))
        }
        agenda.confirmAfter = random.chance(300) ? random.number(1..<20) : nil
        let announcement = (try? ReminderRule.parse("0d after")) ?? []
        agenda.schedules = [Schedule(name: "openings", rules: announcement, avoid: [], catchUp: .latest)]
        for index in 1..<random.number(2..<4) { agenda.schedules.append(Office.schedule(index, &random)) }
        for _ in 0..<(isLarge && !isCrowded ? random.number(10..<24) : random.number(1..<5)) {
            addIssue(&random, zones, now: start)
        }
    }

    /// A real service: it judges the real answers of `RateLimit`.
    private static func service(_ random: inout Randomness) -> (any ChatService)? {
        let types: [any ChatService.Type] = [
            Discord.self, Discord.self, Webhook.self, Webhook.self, RocketChat.self, Matrix.self,
            Telegram.self,
            Zulip.self,
        ]
        return random.one(of: types).flatMap { try? $0.init(ChatServices.example($0)) }
    }

    private static func digest(_ random: inout Randomness) -> DigestRule? {
        let text =
            random.one(of: ["day at 09:00", "mon at 09:00", "mon, thu at 23:30", "1 at 00:00"]) ?? "day"
        return (try? Recurrence(text, otherwiseAt: .nine)).map {
            DigestRule(every: $0, ahead: random.number(1..<60))
        }
    }

    private static func audience(_ random: inout Randomness, _ zones: [Zone]) -> Audience {
        Audience(
            zone: random.one(of: zones) ?? .utc,
            at: TimeOfDay(hour: random.number(0..<24), minute: random.one(of: [0, 30]) ?? 0) ?? .nine)
    }

    private static func schedule(_ index: Int, _ random: inout Randomness) -> Schedule {
        var rules: [ReminderRule] = []
        for _ in 0..<random.number(1..<5) {
            for rule in (try? ReminderRule.parse(random.one(of: Office.rules) ?? "7d")) ?? []
            where !rules.contains(rule) {
                rules.append(rule)
            }
        }
        return Schedule(
            name: "schedule-\(index)", rules: rules,
            avoid: BusinessCalendar.Avoided(rawValue: UInt8(random.chance(300) ? random.number(0..<4) : 0)),
            catchUp: random.one(of: [.latest, .latest, .latest, .all, .none]) ?? .latest)
    }

    private mutating func addIssue(_ random: inout Randomness, _ zones: [Zone], now: Instant) {
        made += 1
        let milestones = (0..<random.number(1..<3)).map { number in
            let channels = agenda.channels.indices.filter { _ in random.chance(700) }
            return Milestone(
                name: "milestone-\(number)", written: "", deadline: deadline(&random, zones, now: now),
                schedule: random.number(1..<agenda.schedules.count),
                channels: channels, limits: Office.limits(channels, &random))
        }
        var issue = SpecialIssue(id: "issue-\(made)", title: "T", milestones: milestones)
        for _ in 0..<(random.chance(400) ? random.number(1..<3) : 0) { issue.changeCompanion(&random) }
        if random.chance(500) {
            issue.checked = Zone.utc.civil(at: now).date.adding(days: -random.number(0..<30))
        }
        agenda.issues.append(issue)
    }

    /// Some channels hear of the last days only.
    private static func limits(_ channels: [Int], _ random: inout Randomness) -> [Int: Int] {
        guard random.chance(200) else { return [:] }
        let limited = channels.filter { _ in random.chance(500) }
        return Dictionary(uniqueKeysWithValues: limited.map { ($0, random.number(0..<10)) })
    }

    private func deadline(_ random: inout Randomness, _ zones: [Zone], now: Instant) -> Deadline? {
        let zone = random.one(of: zones) ?? .utc
        let date = zone.civil(at: now).date.adding(days: isLarge ? 14 : random.number(-2..<45))
        guard random.chance(400) else { return Deadline(endOf: date, zone: zone) }
        let time = TimeOfDay(hour: random.number(0..<24), minute: random.number(0..<60)) ?? .nine
        return Deadline(.civil(CivilDateTime(date, time)), zone: zone)
    }

    /// One edit of the files.
    mutating func edit(_ random: inout Randomness, _ zones: [Zone], now: Instant) {
        guard let index = agenda.issues.indices.randomElement(using: &random) else {
            return addIssue(&random, zones, now: now)
        }
        if random.chance(250), !removed.isEmpty {
            let place = random.number(0..<removed.count)
            agenda.issues.append(removed.remove(at: place))
            if random.chance(300) { change(agenda.issues.count - 1, &random, zones, now: now) }
            return
        }
        if random.chance(80) { return reshape(&random) }
        switch random.number(0..<14) {
        case 13: moveAll(&random)
        case 12: rename(&random)
        case 0: addIssue(&random, zones, now: now)
        case 1: removed.append(agenda.issues.remove(at: index))
        case 2...8: change(index, &random, zones, now: now)
        case 9:
            let channel = random.number(0..<agenda.channels.count)
            agenda.channels[channel] = agenda.channels[channel].heard(by: Office.audience(&random, zones))
        case 10:
            let schedule = random.number(1..<agenda.schedules.count)
            agenda.schedules[schedule] = Office.schedule(schedule, &random)
        default:
            let days = (0..<5).map { _ in Zone.utc.civil(at: now).date.adding(days: random.number(0..<40)) }
            agenda.calendar =
                (try? BusinessCalendar(weekend: [.sat, .sun], holidays: Set(days))) ?? .standard
        }
    }

    /// A publisher moves all its deadlines by so many days.
    private mutating func moveAll(_ random: inout Randomness) {
        let days = random.number(-10..<30)
        for issue in agenda.issues.indices {
            agenda.issues[issue].milestones = agenda.issues[issue].milestones.map { milestone in
                guard let old = milestone.deadline else { return milestone }
                return milestone.changed(
                    deadline: Deadline(endOf: old.date.adding(days: days), zone: old.zone),
                    state: milestone.state)
            }
        }
    }

    /// A channel gets another name: under the one before it is gone. The first one stays, others fall back on it.
    private mutating func rename(_ random: inout Randomness) {
        guard agenda.channels.count > 1 else { return }
        let index = random.number(1..<agenda.channels.count)
        let old = agenda.channels[index]
        made += 1
        var name = "channel-\(index)-\(made)"
        if random.chance(600), let old = oldNames[index]?.popLast() { name = old }
        oldNames[index, default: []].append(old.name)
        agenda.channels[index] = Channel(
            name: name, service: old.service, audience: old.audience,
            onUnknown: old.onUnknown, fallback: old.fallback, burst: old.burst, digest: old.digest,
            host: old.host)
    }

    /// A channel hears in another way.
    private mutating func reshape(_ random: inout Randomness) {
        let index = random.number(0..<agenda.channels.count)
        let old = agenda.channels[index]
        agenda.channels[index] = Channel(
            name: old.name, service: old.service, audience: old.audience,
            onUnknown: random.chance(250) ? .hold : .resend, fallback: old.fallback,
            burst: random.chance(500) ? random.number(2..<4) : nil,
            digest: random.chance(300) ? Office.digest(&random) : nil, host: old.host)
    }

    private mutating func change(
        _ index: Int, _ random: inout Randomness, _ zones: [Zone], now: Instant
    ) {
        guard let number = agenda.issues[index].milestones.indices.randomElement(using: &random) else {
            return
        }
        if random.chance(150) { return agenda.issues[index].changeCompanion(&random) }
        let milestone = agenda.issues[index].milestones[number]
        var deadline = milestone.deadline
        var state: Milestone.State?
        var channels = milestone.channels
        var limits = milestone.limits
        switch random.number(0..<9) {
        case 0: state = random.one(of: [.done, .withdrawn, .open])
        case 6: agenda.issues[index].checked = Zone.utc.civil(at: now).date
        case 1: channels = agenda.channels.indices.filter { _ in random.chance(700) }
        case 7: limits = Office.limits(channels, &random)
        default: deadline = self.deadline(&random, zones, now: now)
        }
        agenda.issues[index].milestones[number] = Milestone(
            name: milestone.name, kind: milestone.kind, written: "", deadline: deadline, state: state,
            schedule: milestone.schedule, channels: channels,
            limits: limits.filter { channels.contains($0.key) })
        agenda.issues[index].endCompanions()
    }
}
