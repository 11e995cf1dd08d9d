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

    /// What one of its rules was in an earlier form of it: itself, or the one that differed in its hour and is no more.
    package func rule(_ rule: ReminderRule, in before: Schedule) -> ReminderRule {
        if before.rules.contains(rule) { return rule }
        return before.rules.first { $0.offset == rule.offset && !rules.contains($0) } ?? rule
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
