/// A named deadline of a special issue, or another day of it that its people are reminded of.
package struct Milestone: Sendable {
    /// The name where an issue has just one deadline.
    package static let submission = "submission"

    package let name: String
    package let kind: Kind
    /// The deadline as its source wrote it.
    package let written: String
    /// Nil while there is no date.
    package private(set) var deadline: Deadline?
    private let writtenState: State
    /// Somebody said that it is handed in, and its source does not know.
    package var isMarkedDone = false
    package var state: State { isMarkedDone ? .done : writtenState }
    /// How its source means the date; nil where nobody says.
    package let firmness: Firmness?
    /// Index of its schedule in the agenda.
    package let schedule: Int
    /// Indices of its channels in the agenda, ascending.
    package private(set) var channels: [Int]
    /// For channels that hear of it only when it is near: from how many days before it on.
    package var limits: [Int: Int] = [:]

    package enum Kind: Hashable, Sendable {
        /// What is due to others.
        case deadline
        /// The day that somebody has set for themselves, before the official one of another milestone.
        case target(of: String)
        /// When another milestone's work can first be handed in.
        case opening(of: String)

        package var isOpening: Bool { if case .opening = self { true } else { false } }

        /// The milestone that it belongs to; nil where that is itself.
        package var official: String? {
            switch self {
            case .deadline: nil
            case .target(let name), .opening(let name): name
            }
        }
    }

    package enum State: String, CaseIterable, Sendable {
        /// To come: its reminders are sent.
        case open
        /// Its date is yet to be announced.
        case tba
        /// Taken at any time.
        case rolling
        /// Handed in: no more reminders.
        case done
        /// The call, or the wish to take part, was given up.
        case withdrawn
    }

    package enum Firmness: String, CaseIterable, Sendable {
        /// Who asks for more time may get it.
        case soft
        /// Nothing is taken after it.
        case firm
    }

    /// The deadline that reminders are about; nil where none are due.
    package var reminded: Deadline? { state == .open ? deadline : nil }

    /// When a channel begins to hear of it; nil where it always does. That day begins by its readers' clock or by the
    /// deadline's, whichever is earlier: a reminder of so many days is due by theirs.
    ///
    /// - Parameters:
    ///   - zone: the readers'.
    ///   - other: another deadline that it had.
    package func start(for channel: Int, in zone: Zone, of other: Instant? = nil) -> Instant? {
        guard let limit = limits[channel], let deadline = reminded else { return nil }
        let date = other.map { deadline.zone.civil(at: $0 - .milliseconds(1)).date } ?? deadline.date
        let first = date.adding(days: -limit)
        return min(zone.startOfDay(first), deadline.zone.startOfDay(first))
    }

    /// The same where another date was written for the same instant.
    package func written(on date: CivilDate) -> Milestone {
        var milestone = self
        milestone.deadline = deadline?.written(on: date)
        return milestone
    }

    /// The same for other channels.
    package func reminding(_ channels: [Int]) -> Milestone {
        var milestone = self
        milestone.channels = channels
        milestone.limits = limits.filter { channels.contains($0.key) }
        return milestone
    }

    package init(
        name: String, kind: Kind = .deadline, written: String, deadline: Deadline?, state: State? = nil,
        firmness: Firmness? = nil, schedule: Int, channels: [Int], limits: [Int: Int] = [:]
    ) {
        self.name = name
        self.kind = kind
        self.written = written
        self.deadline = deadline
        writtenState = state ?? (deadline == nil ? .tba : .open)
        self.firmness = firmness
        self.schedule = schedule
        self.channels = channels
        self.limits = limits
    }
}
