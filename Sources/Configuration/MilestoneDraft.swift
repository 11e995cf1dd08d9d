import Schedule

/// A milestone as a file says it, before the dates of the milestones it counts from are known.
struct MilestoneDraft {
    let name: String
    var kind = Milestone.Kind.deadline
    var written: String
    var value: DeadlineValue?
    let place: Place
    /// The first given of its own, the issue's and the default zone.
    let zone: Zone
    /// Whether it names a zone itself; if not, a date that counts from another milestone's is in that one's zone.
    let hasOwnZone: Bool
    var schedule: Int
    let channels: [Int]
    /// Routes add their channels to those that it inherits, and not to its own.
    let takesRoutes: Bool
    var state: Milestone.State?
    let firmness: Milestone.Firmness?
    private var deadline: Deadline?

    init(
        name: String, written: String, place: Place, zone: Zone, hasOwnZone: Bool, schedule: Int,
        channels: [Int], takesRoutes: Bool,
        state: Milestone.State?, firmness: Milestone.Firmness?
    ) {
        self.name = name
        self.written = written
        self.place = place
        self.zone = zone
        self.hasOwnZone = hasOwnZone
        self.schedule = schedule
        self.channels = channels
        self.takesRoutes = takesRoutes
        self.state = state
        self.firmness = firmness
    }

    var milestone: Milestone {
        Milestone(
            name: name, kind: kind, written: written, deadline: deadline, state: state, firmness: firmness,
            schedule: schedule, channels: channels)
    }

    /// A date and a state must not contradict each other: one of them would be silently wrong.
    mutating func settleState() throws(Fault) {
        guard case .undated(let undated)? = value else {
            guard value != nil, state == .tba || state == .rolling else { return }
            throw Fault(
                "'\(name)' has a date and the state '\(state?.rawValue ?? "")'",
                remedy: "leave the state out, or write it as the deadline")
        }
        let written: Milestone.State = undated == .rolling ? .rolling : .tba
        switch state {
        case nil: state = written
        case .done, .withdrawn, written: break
        case let other?:
            throw Fault(
                "'\(name)' has the state '\(other.rawValue)' and the deadline '\(self.written)'",
                remedy: "leave the state out")
        }
    }

    /// The day that somebody set for themselves.
    func target(_ written: String, _ value: DeadlineValue, _ place: Place) -> MilestoneDraft {
        companion("target", .target(of: name), written, value, place)
    }

    /// The day on which it opens. Its only reminder is on that day, whatever the schedule says of deadlines.
    func opening(
        _ written: String, _ value: DeadlineValue, _ place: Place, schedule: Int
    ) -> MilestoneDraft {
        var opening = companion("opens", .opening(of: name), written, value, place)
        opening.schedule = schedule
        return opening
    }

    /// What belongs to it ends with it, and otherwise has a state of its own.
    private func companion(
        _ suffix: String, _ kind: Milestone.Kind, _ written: String, _ value: DeadlineValue, _ place: Place
    ) -> MilestoneDraft {
        let isOver = state == .done || state == .withdrawn
        var companion = MilestoneDraft(
            name: "\(name) \(suffix)", written: written, place: place, zone: zone, hasOwnZone: false,
            schedule: schedule, channels: channels, takesRoutes: takesRoutes, state: isOver ? state : nil,
            firmness: nil)
        companion.kind = kind
        companion.value = value
        return companion
    }
}

// MARK: - Dates that count from each other

extension MilestoneDraft {
    /// Gives every draft its deadline.
    static func resolve(
        _ drafts: inout [MilestoneDraft], calendar: BusinessCalendar, report: (Fault, Place) -> Void
    ) {
        // Mostly nothing is relative, and one pass does.
        var isPending = false
        for index in drafts.indices {
            guard let value = drafts[index].value else { continue }
            if case .relative = value {
                isPending = true
            } else {
                drafts[index].deadline = drafts[index].placed(value)
            }
        }
        guard isPending else { return }
        let indices = Dictionary(zip(drafts.map(\.name), drafts.indices), uniquingKeysWith: { a, _ in a })
        var bases: [Int: Int] = [:]
        for index in drafts.indices {
            guard case .relative(_, let name)? = drafts[index].value else { continue }
            if let base = indices[name] {
                bases[index] = base
            } else {
                let names = drafts.filter { $0.kind == .deadline }.map(\.name)
                let nearest = Spelling.nearest(to: name, among: names)
                report(
                    Fault(
                        "there is no milestone '\(name)' to count from",
                        remedy: nearest.map { "did you mean '\($0)'?" }
                            ?? "there are: \(names.joined(separator: ", "))"),
                    drafts[index].place)
            }
        }
        var counted: Set<Int> = []
        for index in bases.keys.sorted() {
            // What a draft counts from, the nearest first, until one has its date.
            var chain = [index]
            var links: Set = [index]
            while let last = chain.last, !counted.contains(last), let base = bases[last] {
                guard links.insert(base).inserted else {
                    report(
                        Fault(
                            "'\(drafts[index].name)' counts from itself",
                            remedy:
                                "give one of \(chain.map { "'\(drafts[$0].name)'" }.joined(separator: ", ")) a date"
                        ),
                        drafts[index].place)
                    return
                }
                chain.append(base)
            }
            for (base, next) in zip(chain.reversed(), chain.reversed().dropFirst()) {
                let deadline = drafts[next].counted(from: drafts[base].deadline, calendar)
                if let deadline, !CivilDate.years.contains(deadline.date.year) {
                    return report(
                        Fault(
                            "'\(drafts[next].name)' counts to the year \(deadline.date.year)",
                            remedy: "write a date of a year from 1900 to 9999"),
                        drafts[next].place)
                }
                drafts[next].deadline = deadline
                counted.insert(next)
            }
        }
    }

    private func placed(_ value: DeadlineValue) -> Deadline? {
        if kind.isOpening, case .date(let date) = value {
            // A day opens at its beginning.
            return Deadline(.civil(CivilDateTime(date, .midnight)), zone: zone)
        }
        return Deadline(value, zone: zone)
    }

    private func counted(from base: Deadline?, _ calendar: BusinessCalendar) -> Deadline? {
        guard let base, case .relative(let offset, _)? = value else { return nil }
        let moved = base.moved(by: offset, zone: hasOwnZone ? zone : base.zone, calendar: calendar)
        guard kind.isOpening, moved.time == nil else { return moved }
        return Deadline(.civil(CivilDateTime(moved.date, .midnight)), zone: moved.zone)
    }
}
