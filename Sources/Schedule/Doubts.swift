/// What somebody should look at again, though it can be read.
extension SpecialIssue {
    /// Doubts about its dates, each with the index of the milestone it is about.
    package func doubts(now: Instant) -> [(milestone: Int, doubt: Fault)] {
        var doubts: [(Int, Fault)] = []
        let stages = milestones.count > 1 ? milestones.map { Stage($0.name) } : []
        for (index, milestone) in milestones.enumerated() {
            guard let deadline = milestone.deadline, milestone.state == .open else { continue }
            switch milestone.kind {
            case .deadline:
                if let doubt = order(index, stages, deadline) ?? year(deadline) ?? passed(deadline, now) {
                    doubts.append((index, doubt))
                }
            case .target(let name):
                if let official = self.milestone(name)?.deadline, official.instant <= deadline.instant {
                    doubts.append(
                        (
                            index,
                            Fault(
                                "the target \(deadline.date) is not before its deadline \(official.date)",
                                remedy: "write a date, or an offset like '14d before \(name)'")
                        ))
                }
            case .opening(let name):
                if let closing = self.milestone(name)?.deadline, closing.instant <= deadline.instant {
                    doubts.append(
                        (
                            index,
                            Fault(
                                "'\(name)' opens on \(deadline.date), after its deadline \(closing.date)",
                                remedy: closing.yearLater.map {
                                    $0 > deadline.date ? "is the deadline's year last year's?" : nil
                                }
                                    ?? "is one of them wrong?")
                        ))
                }
            }
        }
        return doubts
    }

    /// An abstract after its paper, a notification before it.
    ///
    /// - Parameter stages: those of all milestones; empty for a single one.
    private func order(_ index: Int, _ stages: [Stage?], _ deadline: Deadline) -> Fault? {
        guard stages.indices.contains(index), let stage = stages[index] else { return nil }
        for (other, otherStage) in zip(milestones, stages)
        where other.kind == .deadline && other.state == .open {
            guard let otherStage, stage < otherStage, let later = other.deadline,
                later.instant < deadline.instant
            else { continue }
            let isYear = later.yearLater.map { $0 >= deadline.date } ?? false
            return Fault(
                "'\(milestones[index].name)' on \(deadline.date) is after '\(other.name)' on \(later.date)",
                remedy: isYear ? "is the year of '\(other.name)' last year's?" : "is one of them wrong?")
        }
        return nil
    }

    /// A year that looks like one from an older call.
    private func year(_ deadline: Deadline) -> Fault? {
        guard let yearLater = deadline.yearLater else { return nil }
        if let checked, checked.days > deadline.date.days + 90, yearLater >= checked {
            return Fault(
                "the deadline \(deadline.date) had long passed when it was checked on \(checked)",
                remedy: "is its year last year's? Then write \(yearLater)")
        }
        if let year = Edition.year(in: id), deadline.date.year < year - 1 {
            return Fault(
                "the deadline \(deadline.date) is years before '\(id)'",
                remedy: "was its year copied from an older call?")
        }
        return nil
    }

    /// Once, of the last: as long as another is to come, nobody wants the earlier ones removed.
    private func passed(_ deadline: Deadline, _ now: Instant) -> Fault? {
        guard deadline.instant <= now, milestones.allSatisfy({ isOver($0, by: deadline.instant) }) else {
            return nil
        }
        let days = -deadline.daysLeft(at: now)
        if let yearLater = deadline.yearLater, (270...366).contains(days) {
            return Fault(
                "the deadline passed on \(deadline.date)",
                remedy: "is its year last year's? Then write \(yearLater); if not, remove it")
        }
        return Fault(
            "the deadline passed on \(deadline.date)", remedy: "remove it when nobody needs it any more")
    }

    private func isOver(_ milestone: Milestone, by end: Instant) -> Bool {
        switch milestone.state {
        case .done, .withdrawn: true
        case .open: milestone.deadline.map { $0.instant <= end } ?? false
        case .tba, .rolling: false
        }
    }
}

extension Deadline {
    /// The same day a year later; nil beyond the calendar's end.
    fileprivate var yearLater: CivilDate? {
        date.year < CivilDate.years.upperBound ? date.adding(months: 12) : nil
    }
}

/// How far along the way of a paper a milestone is, by its name. A name of two stages says nothing.
private struct Stage: Comparable {
    private let rank: Int

    private static let words = [
        ["intent", "interest", "registration", "register"],
        ["abstract", "summary"],
        ["submission", "paper", "manuscript"],
        ["notification", "decision", "acceptance", "rebuttal"],
        ["camera", "proof"],
    ]

    init?(_ name: String) {
        let name = name.lowercased()
        let ranks = Stage.words.indices.filter { rank in Stage.words[rank].contains(where: name.contains) }
        guard let rank = ranks.first, ranks.count == 1 else { return nil }
        self.rank = rank
    }

    static func < (a: Stage, b: Stage) -> Bool { a.rank < b.rank }
}

/// What the calls of one series have in common: their id without its year.
package struct Edition: Hashable, Sendable {
    private let id: String

    /// Nil for an id without a year.
    package init?(id: String) {
        guard let range = Edition.yearRange(in: id) else { return nil }
        var id = id
        id.replaceSubrange(range, with: "*")
        self.id = id
    }

    static func year(in id: String) -> Int? { yearRange(in: id).flatMap { Int(id[$0]) } }

    /// Four digits from 1990 to 2099 with no digit next to them.
    private static func yearRange(in id: String) -> Range<String.Index>? {
        var begin: String.Index?
        let bytes = id.utf8
        for index in Array(bytes.indices) + [bytes.endIndex] {
            let isDigit =
                index < bytes.endIndex && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
            if isDigit {
                begin = begin ?? index
            } else if let first = begin {
                if let year = Int(id[first..<index]), bytes.distance(from: first, to: index) == 4,
                    (1990...2099).contains(year)
                {
                    return first..<index
                }
                begin = nil
            }
        }
        return nil
    }
}
