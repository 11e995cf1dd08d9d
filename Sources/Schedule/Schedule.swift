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
