/// A length of time before or after something, as a configuration writes it: `7d`, `48h`, `1d after`.
///
///     offset  = number unit ["before" | "after"]          ; "before" when absent
///     unit    = s | min | h | d | w | mo | bd
package struct Offset: Hashable, Sendable {
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
        fileprivate var nominalSeconds: Int64 {
            switch self {
            case .seconds: 1
            case .minutes: 60
            case .hours: 3600
            case .days, .businessDays: 86_400
            case .weeks: 7 * 86_400
            case .months: 2_629_746
            }
        }

        /// Ten years: the longest offset there may be.
        package var limit: Int { Int(315_576_000 / nominalSeconds) }
    }

    package enum Side: Sendable {
        case before, after

        /// -1 towards the past, 1 towards the future.
        var step: Int { self == .before ? -1 : 1 }
    }

    package let amount: Int
    package let unit: Unit
    package let side: Side

    init(amount: Int, unit: Unit, side: Side) {
        self.amount = amount
        self.unit = unit
        self.side = side
    }

    /// Its size where two offsets are compared, in seconds; exact for an exact unit.
    package var size: Int64 { Int64(amount) * unit.nominalSeconds }
}

extension Offset: CustomStringConvertible {
    /// The canonical form: `7d`, `1d after`.
    package var description: String { "\(amount)\(unit.rawValue)" + (side == .after ? " after" : "") }
}

extension Offset {
    /// Reads a length that stands alone, towards the future: `30d`.
    package init(length text: String) throws(Fault) {
        var words = text.split(separator: " ").map(String.init)[...]
        guard let (amount, unit) = try Offset.length(&words), words.isEmpty else {
            throw Fault("'\(shortened(text))' is no length of time", remedy: "write it like 30d, 2w or 48h")
        }
        self.init(amount: amount, unit: unit, side: .after)
    }

    /// Reads a length without a side, such as `30d` or `30 d`, off the beginning of some words; nil, and nothing taken,
    /// where there is none.
    static func length(_ words: inout ArraySlice<String>) throws(Fault) -> (amount: Int, unit: Unit)? {
        var rest = words
        guard var word = rest.popFirst() else { return nil }
        if word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let unit = rest.popFirst()
        {
            word += unit
        }
        var scanner = Scanner(word)
        guard let amount = scanner.digits(1...18) else {
            // So many digits are no number of ours.
            guard
                word.utf8.prefix(19).count(where: { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
                    == 19
            else { return nil }
            throw Fault("'\(shortened(word))' is too long", remedy: "an offset is at most ten years, 3660d")
        }
        guard let unit = Unit(rawValue: scanner.remainder) else {
            throw Fault(
                "'\(word)' has no unit that is known",
                remedy: "units are s, min, h, d (days), w (weeks), mo (months), bd (business days)")
        }
        guard amount <= unit.limit else {
            throw Fault(
                "'\(word)' is too long",
                remedy: "an offset is at most ten years, \(unit.limit)\(unit.rawValue)")
        }
        words = rest
        return (amount, unit)
    }

    /// Reads a length with its side off the beginning of some words.
    static func read(_ words: inout ArraySlice<String>) throws(Fault) -> Offset? {
        guard let (amount, unit) = try length(&words) else { return nil }
        let side: Side = words.first == "after" ? .after : .before
        if words.first == "after" || words.first == "before" { words.removeFirst() }
        return Offset(amount: amount, unit: unit, side: side)
    }
}
