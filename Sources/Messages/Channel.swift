import Schedule

/// A configured destination.
package struct Channel: Sendable {
    package let name: String
    package let service: any ChatService
    package let audience: Audience
    /// Set where the configuration allows this channel's URL to be `http`.
    package let allowsPlainHTTP: Bool
    /// Certificate authorities to trust instead of the system's, a PEM file's path.
    package let caFile: String?

    package init(
        name: String, service: any ChatService, audience: Audience, allowsPlainHTTP: Bool = false,
        caFile: String? = nil
    ) {
        self.name = name
        self.service = service
        self.audience = audience
        self.allowsPlainHTTP = allowsPlainHTTP
        self.caFile = caFile
    }

    package var type: String { Swift.type(of: service).type }
}

/// Everything that is tracked, and where its reminders go: what a configuration says, in the engine's terms.
package struct Agenda: Sendable {
    package var issues: [SpecialIssue]
    /// `Milestone.schedule` is an index into it.
    package var schedules: [Schedule]
    /// `Milestone.channels` are indices into it.
    package var channels: [Channel]
    package var calendar: BusinessCalendar

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
