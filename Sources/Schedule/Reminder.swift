/// A list of rules with what they have in common.
package struct Schedule: Hashable, Sendable {
    package let name: String
    package let rules: [ReminderRule]
    package let avoid: BusinessCalendar.Avoided
    package let catchUp: CatchUp

    /// What happens to reminders that are found overdue after the service was down.
    package enum CatchUp: String, CaseIterable, Sendable {
        /// The latest goes out and says how late it is; earlier ones are recorded as superseded.
        case latest
        /// Every one goes out.
        case all
        /// They are only recorded.
        case none
    }

    package init(
        name: String, rules: [ReminderRule], avoid: BusinessCalendar.Avoided = [], catchUp: CatchUp = .latest
    ) {
        self.name = name
        self.rules = rules
        self.avoid = avoid
        self.catchUp = catchUp
    }
}

/// Where a channel's readers are: the zone of their clocks, and the time of day they want to be reminded at.
package struct Audience: Hashable, Sendable {
    package let zone: Zone
    package let at: TimeOfDay

    package init(zone: Zone, at: TimeOfDay) {
        self.zone = zone
        self.at = at
    }
}

/// One rule applied to one deadline for one audience.
package struct Reminder: Hashable, Sendable {
    package let rule: ReminderRule
    package let due: Instant
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
        let step = rule.side == .before ? -1 : 1
        if rule.unit.isExact {
            return deadline.instant + .seconds(rule.size * Int64(step))
        }
        // 1, 2: the deadline's own civil date, moved by the offset.
        var date = moved(deadline.date, by: rule, step: step)
        while true {
            // 3: away from avoided days.
            while calendar.falls(date, on: avoid) { date = date.adding(days: step) }
            // 4: the audience's hour on that date.
            let due = audience.zone.instant(of: CivilDateTime(date, rule.at ?? audience.at))
            // 5: on its own side of the deadline.
            if rule.side == .before ? due < deadline.instant : due > deadline.instant { return due }
            date =
                rule.unit == .businessDays
                ? calendar.businessDay(1, from: date, step: step) : date.adding(days: step)
        }
    }

    private func moved(_ date: CivilDate, by rule: ReminderRule, step: Int) -> CivilDate {
        switch rule.unit {
        case .days: date.adding(days: step * rule.amount)
        case .weeks: date.adding(days: step * rule.amount * 7)
        case .months: date.adding(months: step * rule.amount)
        case .businessDays: calendar.businessDay(rule.amount, from: date, step: step)
        case .seconds, .minutes, .hours: date
        }
    }

    /// All reminders of a deadline for an audience, the earliest first. Those that fall on one instant are one.
    package func reminders(_ schedule: Schedule, deadline: Deadline, audience: Audience) -> [Reminder] {
        let all = schedule.rules.map { rule in
            Reminder(
                rule: rule, due: due(rule, deadline: deadline, avoid: schedule.avoid, audience: audience))
        }
        let sorted = all.sorted { a, b in
            a.due != b.due ? a.due < b.due : a.rule.isNearer(than: b.rule)
        }
        var kept: [Reminder] = []
        for reminder in sorted where reminder.due != kept.last?.due { kept.append(reminder) }
        return kept
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

extension ReminderRule {
    /// Which of two reminders at one instant stays: a `before` beats an `after`, then the smaller size, then the
    /// smaller canonical text.
    func isNearer(than other: ReminderRule) -> Bool {
        if side != other.side { return side == .before }
        if size != other.size { return size < other.size }
        return canonical < other.canonical
    }
}
