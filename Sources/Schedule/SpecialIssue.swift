/// What is tracked: a journal's special issue, or any other call with deadlines.
package struct SpecialIssue: Sendable {
    package var id: String
    package var title: String
    package var journal: String?
    package var publisher: String?
    package var url: String?
    package var guestEditors: [GuestEditor] = []
    package var tags: [String] = []
    /// Where to ask, mostly an e-mail address.
    package var contact: String?
    /// What the journal says of itself, in its own order: `Impact Factor`, `4.9`.
    package var metrics: [Metric] = []
    /// When a person last confirmed the dates.
    package var checked: CivilDate?
    package var milestones: [Milestone]

    package init(id: String, title: String, milestones: [Milestone]) {
        self.id = id
        self.title = title
        self.milestones = milestones
    }
}

package struct GuestEditor: Hashable, Sendable {
    package let name: String
    package let affiliations: [String]

    package init(name: String, affiliations: [String] = []) {
        self.name = name
        self.affiliations = affiliations
    }
}

package struct Metric: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A named deadline of a special issue.
package struct Milestone: Sendable {
    /// The name where an issue has just one deadline.
    package static let submission = "submission"

    package let name: String
    /// The deadline as its source wrote it.
    package let written: String
    /// Nil while the date is open (`TBA`, `rolling`).
    package let deadline: Deadline?
    /// Index of its schedule in the agenda.
    package let schedule: Int
    /// Indices of its channels in the agenda, ascending.
    package let channels: [Int]

    package init(name: String, written: String, deadline: Deadline?, schedule: Int, channels: [Int]) {
        self.name = name
        self.written = written
        self.deadline = deadline
        self.schedule = schedule
        self.channels = channels
    }
}
