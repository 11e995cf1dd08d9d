/// One rule applied to one deadline for one audience.
package struct Reminder: Hashable, Sendable {
    package let rule: ReminderRule
    package let due: Instant

    package init(rule: ReminderRule, due: Instant) {
        self.rule = rule
        self.due = due
    }
}

/// Works out when reminders are due. The steps carry the numbers of the documentation's list.
package struct Planner: Sendable {
    package let calendar: BusinessCalendar

    package init(calendar: BusinessCalendar) {
        self.calendar = calendar
    }

    /// The due instant of one rule.
    package func due(
        _ rule: ReminderRule, deadline: Deadline, avoid: BusinessCalendar.Avoided, audience: Audience
    ) -> Instant {
        var unheard = Unheard()
        return due(rule, deadline: deadline, avoid: avoid, audience: audience, telling: &unheard)
    }

    /// The due instant of one rule, and every step that led to it.
    func explain(
        _ rule: ReminderRule, deadline: Deadline, avoid: BusinessCalendar.Avoided, audience: Audience
    ) -> (due: Instant, steps: [PlanStep]) {
        var heard = Heard()
        let due = due(rule, deadline: deadline, avoid: avoid, audience: audience, telling: &heard)
        return (due, heard.steps)
    }

    private func due(
        _ rule: ReminderRule, deadline: Deadline, avoid: BusinessCalendar.Avoided, audience: Audience,
        telling listener: inout some PlanListener
    ) -> Instant {
        let step = rule.side.step
        if rule.offset.unit.isExact {
            return deadline.instant + .seconds(rule.offset.size * Int64(step))
        }
        // 1, 2: the deadline's own civil date, moved by the offset.
        var date = calendar.date(deadline.date, moved: rule.offset)
        listener.hear(.counted(date))
        while true {
            // 3: away from avoided days.
            while let kind = calendar.kind(of: date, among: avoid) {
                let next = date.adding(days: step)
                listener.hear(.avoided(date, kind, to: next))
                date = next
            }
            // 4: the audience's hour on that date.
            let civil = CivilDateTime(date, rule.at ?? audience.at)
            let (due, resolution) = audience.zone.resolve(civil)
            // 5: on its own side of the deadline.
            if rule.side == .before ? due < deadline.instant : due > deadline.instant {
                listener.hear(.placed(civil, resolution))
                return due
            }
            date =
                rule.offset.unit == .businessDays
                ? calendar.businessDay(1, from: date, step: step) : date.adding(days: step)
            listener.hear(.onTheWrongSide(due, to: date))
        }
    }

    /// All reminders of a deadline for an audience, the earliest first. Those that fall on one instant are one.
    package func reminders(_ schedule: Schedule, deadline: Deadline, audience: Audience) -> [Reminder] {
        Planner.together(all(schedule, deadline: deadline, audience: audience))
    }

    /// Of reminders in the order of `all`, those that stay where several fall on one instant.
    package static func together(_ all: [Reminder]) -> [Reminder] {
        var kept: [Reminder] = []
        for reminder in all where reminder.due != kept.last?.due { kept.append(reminder) }
        return kept
    }

    /// A reminder for each rule, the earliest first; of those on one instant the one that stays comes first.
    package func all(_ schedule: Schedule, deadline: Deadline, audience: Audience) -> [Reminder] {
        schedule.rules.map { rule in
            Reminder(
                rule: rule, due: due(rule, deadline: deadline, avoid: schedule.avoid, audience: audience))
        }.sorted { a, b in a.due != b.due ? a.due < b.due : a.rule.isNearer(than: b.rule) }
    }

    /// Every rule of a schedule with what became of it, the earliest due first.
    package func explanations(
        _ schedule: Schedule, deadline: Deadline, audience: Audience
    ) -> [Explanation] {
        var kept: Reminder?
        return all(schedule, deadline: deadline, audience: audience).map { reminder in
            let isTogether = reminder.due == kept?.due
            if !isTogether { kept = reminder }
            let (_, steps) = explain(
                reminder.rule, deadline: deadline, avoid: schedule.avoid, audience: audience)
            return Explanation(
                reminder: reminder, steps: steps, fallsTogetherWith: isTogether ? kept?.rule : nil)
        }
    }

    /// The earliest due instant at or after `from`, without working out which rule it belongs to.
    package func firstDue(
        from: Instant, _ schedule: Schedule, deadline: Deadline, audience: Audience
    ) -> Instant? {
        var first: Instant?
        for rule in schedule.rules {
            let due = due(rule, deadline: deadline, avoid: schedule.avoid, audience: audience)
            if due >= from, due < first ?? .distantFuture { first = due }
        }
        return first
    }
}

/// A reminder and how it came to be due when it is.
package struct Explanation: Equatable, Sendable {
    package let reminder: Reminder
    package let steps: [PlanStep]
    /// The rule nearer to the deadline that falls on the same instant: it alone is sent.
    package let fallsTogetherWith: ReminderRule?
}

/// A step on the way from a deadline to a reminder's due instant.
package enum PlanStep: Equatable, Sendable {
    /// The deadline's own date, moved by the offset.
    case counted(CivilDate)
    /// A day that the schedule avoids gave way to its neighbour.
    case avoided(CivilDate, BusinessCalendar.DayKind, to: CivilDate)
    /// The audience's hour on the date was not on the reminder's side of the deadline.
    case onTheWrongSide(Instant, to: CivilDate)
    /// The audience's clock shows this when the reminder is due, or would but for a change of its clocks.
    case placed(CivilDateTime, Zone.Resolution)
}

/// Hears of the planner's steps; generic, so that planning without an ear for them costs nothing.
private protocol PlanListener {
    mutating func hear(_ step: @autoclosure () -> PlanStep)
}

private struct Unheard: PlanListener {
    /// Swift's thread sanitizer follows the address of every `inout`, and an empty value has none.
    private var filler: UInt8 = 0

    func hear(_ step: @autoclosure () -> PlanStep) {}
}

private struct Heard: PlanListener {
    private(set) var steps: [PlanStep] = []

    mutating func hear(_ step: @autoclosure () -> PlanStep) { steps.append(step()) }
}
