import Messages
import Schedule

/// What there was before a start, as far as the journal knows.
struct Before: Sendable {
    private let timing: Timing
    private let rules: Set<String>
    private let sightings: [MilestoneKey: Sighting]
    /// Schedules that have lost a rule: what is new in them may be that one, written otherwise.
    private let rewritten: Set<String>
    /// A channel is gone: one that is new may be that one.
    private let mayBeRenamed: Bool

    init(timing: Timing, sightings: [MilestoneKey: Sighting], agenda: Agenda) {
        self.timing = timing
        rules = timing.rules
        self.sightings = sightings
        rewritten = Set(
            agenda.schedules.filter { schedule in
                let now = Set(schedule.rules.map(\.canonical))
                return timing.schedules[schedule.name].map { !now.isSuperset(of: $0.rules) } ?? false
            }.map(\.name))
        mayBeRenamed = !Set(agenda.channels.map(\.name)).isSuperset(of: timing.channels.keys)
    }

    /// A milestone was there, with that deadline, if one is named.
    func had(_ key: MilestoneKey, _ deadline: Instant? = nil) -> Bool {
        guard let sighting = sightings[key], !sighting.isAway else { return false }
        return deadline ?? sighting.deadline == sighting.deadline
    }

    /// A milestone was there, and so was a channel.
    func had(_ key: MilestoneKey, in channel: String) -> Bool {
        had(key) && (mayBeRenamed || timing.channels[channel] != nil)
    }

    /// The same, and such a reminder. One whose deadline moved has its own instant of first sight.
    func had(_ rule: ReminderRule, of schedule: Schedule, for key: MilestoneKey, in channel: String) -> Bool {
        had(key, in: channel) && (rewritten.contains(schedule.name) || rules.contains(rule.canonical))
    }
}
