import Engine
import Messages
import Schedule

/// Targets and openings, as a configuration makes them of a milestone's `target` and `opens`.
extension SpecialIssue {
    /// Gives a milestone a target or an opening, or takes that away.
    mutating func changeCompanion(_ random: inout Randomness) {
        guard let official = random.one(of: milestones.filter { $0.kind == .deadline }),
            let deadline = official.deadline
        else { return }
        let isTarget = random.chance(600)
        let name = "\(official.name) \(isTarget ? "target" : "opens")"
        if let index = milestones.firstIndex(where: { $0.name == name }) {
            milestones.remove(at: index)
            return
        }
        let date = deadline.date.adding(days: -random.number(0..<(isTarget ? 10 : 40)))
        let day =
            isTarget
            ? Deadline(endOf: date, zone: deadline.zone)
            : Deadline(.civil(CivilDateTime(date, .midnight)), zone: deadline.zone)
        milestones.append(
            Milestone(
                name: name, kind: isTarget ? .target(of: official.name) : .opening(of: official.name),
                written: "", deadline: day, schedule: isTarget ? official.schedule : Office.openings,
                channels: official.channels, limits: official.limits))
        endCompanions()
    }

    /// What belongs to a milestone ends with it.
    mutating func endCompanions() {
        milestones = milestones.map { milestone in
            guard let official = milestone.kind.official.flatMap(self.milestone) else { return milestone }
            let isOver = official.state == .done || official.state == .withdrawn
            return milestone.changed(deadline: milestone.deadline, state: isOver ? official.state : nil)
        }
    }

    /// The targets and openings of these milestones.
    func companions(of keys: [MilestoneKey]) -> [MilestoneKey] {
        milestones.map { ($0.kind.official, MilestoneKey(issue: id, milestone: $0.name)) }
            .filter { official, key in
                !keys.contains(key) && keys.contains { $0.issue == id && $0.milestone == official }
            }.map(\.1)
    }
}

extension Milestone {
    /// The same with another date and state.
    func changed(deadline: Deadline?, state: State?) -> Milestone {
        Milestone(
            name: name, kind: kind, written: "", deadline: deadline, state: state, schedule: schedule,
            channels: channels, limits: limits)
    }
}
