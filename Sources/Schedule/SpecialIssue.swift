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

    package func milestone(_ name: String) -> Milestone? { milestones.first { $0.name == name } }

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
