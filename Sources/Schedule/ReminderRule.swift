/// One entry of a schedule: how long before or after a deadline a reminder is due.
///
///     rule    = offset ["at" HH:MM]
///             | "every" step "from" offset ["to" offset] ["at" HH:MM]
///     offset  = number unit ["before" | "after"]          ; "before" when absent
///     unit    = s | min | h | d | w | mo | bd
package struct ReminderRule: Hashable, Sendable {
    package enum Unit: String, CaseIterable, Sendable {
        case seconds = "s"
        case minutes = "min"
        case hours = "h"
        case days = "d"
        case weeks = "w"
        case months = "mo"
        case businessDays = "bd"

        /// Counted in elapsed time (RFC 5545: exact), not on the calendar (nominal).
        package var isExact: Bool {
            switch self {
            case .seconds, .minutes, .hours: true
            case .days, .weeks, .months, .businessDays: false
            }
        }

        /// What a unit counts, in seconds, where two sizes are compared.
        var nominalSeconds: Int64 {
            switch self {
            case .seconds: 1
            case .minutes: 60
            case .hours: 3600
            case .days, .businessDays: 86_400
            case .weeks: 7 * 86_400
            case .months: 2_629_746
            }
        }

        /// Ten years: the longest offset that a rule may have.
        var limit: Int { Int(315_576_000 / nominalSeconds) }
    }

    package enum Side: Sendable {
        case before, after
    }

    package let amount: Int
    package let unit: Unit
    package let side: Side
    /// The rule's own time of day; nominal rules only.
    package let at: TimeOfDay?

    /// Its size where two rules are compared, in seconds.
    var size: Int64 { Int64(amount) * unit.nominalSeconds }

    /// Equal canonical forms are one rule: `7d`, `1d after`, `3d at 08:30`.
    package var canonical: String {
        "\(amount)\(unit.rawValue)" + (side == .after ? " after" : "") + (at.map { " at \($0)" } ?? "")
    }

    /// The most rules that one `every` may expand into.
    static let expansionLimit = 1000

    /// Reads one entry; `every` yields several rules, the earliest first.
    package static func parse(_ text: String) throws(Fault) -> [ReminderRule] {
        var parser = RuleParser(text)
        return try parser.parse()
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
            return [try rule(offset.amount, offset.unit, offset.side, at)]
        }
        let step = try amount()
        guard step.amount >= 1 else {
            throw Fault("the step of '\(text)' is zero", remedy: "write at least 'every 1d'")
        }
        guard take("from") else {
            throw Fault("'\(text)' does not say where it begins", remedy: "write it like 'every 1d from 3d'")
        }
        let from = try offset()
        let to = try take("to") ? offset() : (amount: 0, unit: from.unit, side: .before)
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
            rules.append(try rule(amount, from.unit, .before, at))
        }
        return rules
    }

    private func rule(
        _ amount: Int, _ unit: ReminderRule.Unit, _ side: ReminderRule.Side, _ at: TimeOfDay?
    ) throws(Fault) -> ReminderRule {
        if amount == 0, unit.isExact, side == .before {
            throw Fault(
                "'\(text)' would be due at the deadline, not before it",
                remedy: "write '0\(unit.rawValue) after'")
        }
        return ReminderRule(amount: amount, unit: unit, side: side, at: at)
    }

    private mutating func offset() throws(Fault) -> (
        amount: Int, unit: ReminderRule.Unit, side: ReminderRule.Side
    ) {
        let (amount, unit) = try amount()
        if take("after") { return (amount, unit, .after) }
        _ = take("before")
        return (amount, unit, .before)
    }

    /// `7d`, also written `7 d`.
    private mutating func amount() throws(Fault) -> (amount: Int, unit: ReminderRule.Unit) {
        guard var word = words.popFirst() else { throw unreadable() }
        if word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let unit = words.popFirst()
        {
            word += unit
        }
        var scanner = Scanner(word)
        guard let amount = scanner.digits(1...18) else { throw unreadable() }
        guard let unit = ReminderRule.Unit(rawValue: scanner.remainder) else {
            throw Fault(
                "'\(word)' has no unit that is known",
                remedy: "units are s, min, h, d (days), w (weeks), mo (months), bd (business days)")
        }
        guard amount <= unit.limit else {
            throw Fault(
                "'\(word)' is too long",
                remedy: "an offset is at most ten years, \(unit.limit)\(unit.rawValue)")
        }
        return (amount, unit)
    }

    private mutating func at(for unit: ReminderRule.Unit) throws(Fault) -> TimeOfDay? {
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
