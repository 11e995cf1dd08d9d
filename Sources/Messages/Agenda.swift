import Schedule

/// Everything that is tracked, and where its reminders go: what a configuration says, in the engine's terms.
package struct Agenda: Sendable {
    package var issues: [SpecialIssue]
    /// `Milestone.schedule` is an index into it.
    package var schedules: [Schedule]
    /// `Milestone.channels` are indices into it.
    package var channels: [Channel]
    package var calendar: BusinessCalendar
    /// How many days after its last check somebody should confirm a date; nil where nobody is asked.
    package var confirmAfter: Int?

    package init(
        issues: [SpecialIssue] = [], schedules: [Schedule] = [], channels: [Channel] = [],
        calendar: BusinessCalendar = .standard
    ) {
        self.issues = issues
        self.schedules = schedules
        self.channels = channels
        self.calendar = calendar
    }
}

extension Agenda {
    /// Where a milestone stands: indices into the issues, and the issue's milestones.
    package struct Place: Hashable, Sendable {
        package let issue: Int
        package let milestone: Int

        package init(issue: Int, milestone: Int) {
            self.issue = issue
            self.milestone = milestone
        }
    }

    package subscript(place: Place) -> Milestone {
        get { issues[place.issue].milestones[place.milestone] }
        set { issues[place.issue].milestones[place.milestone] = newValue }
    }

    /// Nil where the issue has none of that name.
    package func place(of milestone: String, inIssue issue: Int) -> Place? {
        issues[issue].milestones.firstIndex { $0.name == milestone }.map {
            Place(issue: issue, milestone: $0)
        }
    }

    /// The reminders of a milestone for one of its channels (an index into `channels`), the earliest first; none where
    /// its state asks for none.
    package func reminders(of milestone: Milestone, to channel: Int) -> [Reminder] {
        guard let deadline = milestone.reminded else { return [] }
        let audience = channels[channel].audience
        let reminders = Planner(calendar: calendar).reminders(
            schedules[milestone.schedule], deadline: deadline, audience: audience)
        guard let start = milestone.start(for: channel, in: audience.zone) else { return reminders }
        return reminders.filter { $0.due >= start }
    }
}
