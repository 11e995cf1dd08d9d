/// One entry of a schedule: how long before or after a deadline a reminder is due.
///
///     rule    = offset ["at" HH:MM]
///             | "every" step "from" offset ["to" offset] ["at" HH:MM]
package struct ReminderRule: Hashable, Sendable {
    package let offset: Offset
    /// The rule's own time of day; nominal rules only.
    package let at: TimeOfDay?

    package var side: Offset.Side { offset.side }

    /// Equal canonical forms are one rule: `7d`, `1d after`, `3d at 08:30`.
    package var canonical: String { "\(offset)" + (at.map { " at \($0)" } ?? "") }

    /// What an opening is announced by: on its day, once it is open.
    package static let onTheDayAfter = ReminderRule(
        offset: Offset(amount: 0, unit: .days, side: .after), at: nil)

    /// The most rules that one `every` may expand into.
    static let expansionLimit = 1000

    /// Reads one entry; `every` yields several rules, the earliest first.
    package static func parse(_ text: String) throws(Fault) -> [ReminderRule] {
        var parser = RuleParser(text)
        return try parser.parse()
    }
}

extension ReminderRule {
    /// Which of two reminders at one instant stays: a `before` beats an `after`, then the smaller size, then the
    /// smaller canonical text.
    func isNearer(than other: ReminderRule) -> Bool {
        if side != other.side { return side == .before }
        if offset.size != other.offset.size { return offset.size < other.offset.size }
        return canonical < other.canonical
    }

    /// Whether it falls on one instant with another rule whatever the deadline, as `7d` does with `1w`.
    ///
    /// - Parameter at: the hour of every reader; nil where they have several.
    package func alwaysFalls(
        with other: ReminderRule, avoid: BusinessCalendar.Avoided, at: TimeOfDay?
    ) -> Bool {
        fall(avoid, at) == other.fall(avoid, at)
    }

    /// What a rule comes down to, where equal ones always fall together.
    private enum Fall: Equatable {
        case elapsed(Int64, Offset.Side)
        case days(Int, Offset.Side, TimeOfDay?)
        case months(Int, Offset.Side, TimeOfDay?)
        case businessDays(Int, Offset.Side, TimeOfDay?)
    }

    private func fall(_ avoid: BusinessCalendar.Avoided, _ hour: TimeOfDay?) -> Fall {
        let at = at ?? hour
        switch offset.unit {
        case .seconds, .minutes, .hours: return .elapsed(offset.size, side)
        case .days: return .days(offset.amount, side, at)
        case .weeks: return .days(7 * offset.amount, side, at)
        case .months: return offset.amount == 0 ? .days(0, side, at) : .months(offset.amount, side, at)
        case .businessDays:
            // Avoiding all that is no business day does to `0d` what `0bd` does by itself.
            let isDay = offset.amount == 0 && avoid == [.weekend, .holidays]
            return isDay ? .days(0, side, at) : .businessDays(offset.amount, side, at)
        }
    }
}

extension ReminderRule: CustomStringConvertible {
    package var description: String { canonical }
}

private struct RuleParser {
    private let text: String
    private var words: ArraySlice<String>

    init(_ text: String) {
        self.text = text
        words = text.split(separator: " ").map(String.init)[...]
    }

    mutating func parse() throws(Fault) -> [ReminderRule] {
        guard take("every") else {
            let offset = try offset()
            let at = try at(for: offset.unit)
            try end()
            return [try rule(offset, at)]
        }
        guard let step = try Offset.length(&words) else { throw unreadable() }
        guard step.amount >= 1 else {
            throw Fault("the step of '\(text)' is zero", remedy: "write at least 'every 1d'")
        }
        guard take("from") else {
            throw Fault("'\(text)' does not say where it begins", remedy: "write it like 'every 1d from 3d'")
        }
        let from = try offset()
        let to = try take("to") ? offset() : Offset(amount: 0, unit: from.unit, side: .before)
        let at = try at(for: from.unit)
        try end()
        guard from.side == .before, to.side == .before else {
            throw Fault(
                "'every' is for offsets before the deadline", remedy: "write the ones after it one by one")
        }
        guard step.unit == from.unit, step.unit == to.unit else {
            throw Fault(
                "the offsets of '\(text)' have several units",
                remedy: "write step, 'from' and 'to' in one unit")
        }
        guard from.amount >= to.amount else {
            throw Fault("'\(text)' ends before it begins", remedy: "write the larger offset after 'from'")
        }
        guard (from.amount - to.amount) / step.amount < ReminderRule.expansionLimit else {
            throw Fault(
                "'\(text)' stands for more than \(ReminderRule.expansionLimit) reminders",
                remedy: "take a larger step")
        }
        var rules: [ReminderRule] = []
        for amount in stride(from: from.amount, through: to.amount, by: -step.amount) {
            // A zero exact offset would be the deadline itself, and no reminder before it.
            if amount == 0, from.unit.isExact { continue }
            rules.append(try rule(Offset(amount: amount, unit: from.unit, side: .before), at))
        }
        return rules
    }

    private func rule(_ offset: Offset, _ at: TimeOfDay?) throws(Fault) -> ReminderRule {
        if offset.amount == 0, offset.unit.isExact, offset.side == .before {
            throw Fault(
                "'\(text)' would be due at the deadline, not before it",
                remedy: "write '0\(offset.unit.rawValue) after'")
        }
        return ReminderRule(offset: offset, at: at)
    }

    private mutating func offset() throws(Fault) -> Offset {
        guard let offset = try Offset.read(&words) else { throw unreadable() }
        return offset
    }

    private mutating func at(for unit: Offset.Unit) throws(Fault) -> TimeOfDay? {
        guard take("at") else { return nil }
        guard !unit.isExact else {
            throw Fault(
                "'\(text)' has both an exact offset and a time of day",
                remedy: "leave out 'at', or count in days")
        }
        guard let word = words.popFirst() else { throw unreadable() }
        return try TimeOfDay(word)
    }

    private mutating func take(_ word: String) -> Bool {
        guard words.first == word else { return false }
        words.removeFirst()
        return true
    }

    private func end() throws(Fault) {
        if !words.isEmpty { throw unreadable() }
    }

    private func unreadable() -> Fault {
        Fault(
            "'\(text)' is no reminder rule",
            remedy: "write 7d, 12h, 10bd, 1d after, 3d at 08:30 or 'every 1d from 3d'")
    }
}
