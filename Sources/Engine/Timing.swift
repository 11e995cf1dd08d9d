import Messages
import Schedule

/// What due instants depend on beside deadlines: remembered, so that a change of it during a downtime loses no reminder.
package struct Timing: Codable, Equatable, Sendable {
    struct Rules: Codable, Equatable {
        let rules: [String]
        let avoid: UInt8
    }

    struct Clock: Codable, Equatable {
        let zone: String
        /// `Zone.law`.
        let law: UInt64
        /// Seconds after midnight.
        let at: Int32
        var digest: String?
    }

    let weekend: [String]
    /// Days since 1970-01-01.
    let holidays: [Int32]
    let schedules: [String: Rules]
    let channels: [String: Clock]
    /// `Agenda.confirmAfter`.
    let confirmAfter: Int?

    package init(_ agenda: Agenda) {
        weekend = agenda.calendar.weekend.map(\.rawValue).sorted()
        holidays = agenda.calendar.holidays.map(\.days).sorted()
        schedules = Dictionary(
            agenda.schedules.map {
                ($0.name, Rules(rules: $0.rules.map(\.canonical), avoid: $0.avoid.rawValue))
            }, uniquingKeysWith: { a, _ in a })
        confirmAfter = agenda.confirmAfter
        channels = Dictionary(
            agenda.channels.map { channel in
                let audience = channel.audience
                return (
                    channel.name,
                    Clock(
                        zone: audience.zone.name, law: audience.zone.law, at: audience.at.seconds,
                        digest: channel.digest.map { "\($0.every)" })
                )
            }, uniquingKeysWith: { a, _ in a })
    }

    func digest(of channel: String) -> String? { channels[channel]?.digest }

    /// Every rule that a schedule had then, in its canonical text.
    var rules: Set<String> { Set(schedules.values.lazy.flatMap(\.rules)) }

    /// The names of the zones that it needs to be applied.
    package var zoneNames: Set<String> { Set(channels.values.map(\.zone)) }

    /// An agenda as it would have been timed then. What was not there then, or cannot be had any more, has no reminders.
    func applied(to agenda: Agenda, zones: [String: Zone], at instant: Instant) -> Agenda {
        var before = agenda
        let days = Set(weekend.compactMap(Weekday.init(rawValue:)))
        let holidays = Set(holidays.map(CivilDate.init(days:)))
        before.calendar = (try? BusinessCalendar(weekend: days, holidays: holidays)) ?? agenda.calendar
        let known = rules
        before.schedules = agenda.schedules.map { schedule in
            guard let then = schedules[schedule.name] else {
                // It had another name then, for all we know.
                return Schedule(
                    name: schedule.name, rules: schedule.rules.filter { known.contains($0.canonical) },
                    avoid: schedule.avoid, catchUp: schedule.catchUp)
            }
            return Schedule(
                name: schedule.name, rules: then.rules.flatMap { (try? ReminderRule.parse($0)) ?? [] },
                avoid: BusinessCalendar.Avoided(rawValue: then.avoid), catchUp: schedule.catchUp)
        }
        var isKnown: [Bool] = []
        before.channels = agenda.channels.map { channel in
            let audience = channels[channel.name].flatMap { $0.audience(zones, at: instant) }
            isKnown.append(audience != nil)
            return channel.heard(by: audience ?? channel.audience)
        }
        for index in before.issues.indices where isKnown.contains(false) {
            before.issues[index].milestones = before.issues[index].milestones.map { milestone in
                milestone.reminding(milestone.channels.filter { isKnown[$0] })
            }
        }
        return before
    }
}

extension Agenda {
    /// The same with the dates that were written when deadlines were last seen that are written otherwise now; nil where none is.
    func written(asIn sightings: [MilestoneKey: Sighting]) -> Agenda? {
        var dated: Agenda?
        for (place, issue) in issues.enumerated() {
            for (index, milestone) in issue.milestones.enumerated() {
                guard let deadline = milestone.reminded,
                    let seen = sightings[MilestoneKey(issue: issue.id, milestone: milestone.name)],
                    let date = seen.date, seen.deadline == deadline.instant, date != deadline.date
                else { continue }
                if dated == nil { dated = self }
                dated?.issues[place].milestones[index] = milestone.written(on: date)
            }
        }
        return dated
    }
}

extension Timing.Clock {
    fileprivate func audience(_ zones: [String: Zone], at instant: Instant) -> Audience? {
        guard let now = zones[zone], let at = TimeOfDay(secondsAfterMidnight: at) else { return nil }
        if now.law == law { return Audience(zone: now, at: at) }
        // The zone's law has changed, and nobody can tell what the old one said. No law has ever moved a clock by more
        // than a day: whatever fell within the last day counts as still to come, and what was sent is known.
        return Audience(zone: Zone(name: zone, secondsEast: now.offset(at: instant) - 86_400), at: at)
    }
}
