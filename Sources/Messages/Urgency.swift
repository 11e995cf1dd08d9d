/// How near a deadline is, in five steps that every service shows in its own colours. Colour never stands alone: the
/// days left are always in the text.
package enum Urgency: String, CaseIterable, Comparable, Sendable {
    /// More than 14 days.
    case ok
    /// 8 to 14 days.
    case notice
    /// 4 to 7 days.
    case soon
    /// 1 to 3 days.
    case warning
    /// Its own day, or passed.
    case critical

    package init(daysLeft: Int) {
        switch daysLeft {
        case 15...: self = .ok
        case 8...14: self = .notice
        case 4...7: self = .soon
        case 1...3: self = .warning
        default: self = .critical
        }
    }

    private var rank: Int { Urgency.allCases.firstIndex(of: self) ?? 0 }

    package static func < (a: Urgency, b: Urgency) -> Bool { a.rank < b.rank }

    /// 0xRRGGBB.
    package var colour: Int64 {
        switch self {
        case .ok: 0x2E7D32
        case .notice: 0x1565C0
        case .soon: 0xF9A825
        case .warning: 0xEF6C00
        case .critical: 0xC62828
        }
    }

    /// `#RRGGBB`.
    package var hex: String { "#" + colour.hex(6, uppercase: true) }

    package var emoji: String {
        switch self {
        case .ok: "🟢"
        case .notice: "🔵"
        case .soon: "🟡"
        case .warning: "🟠"
        case .critical: "🔴"
        }
    }
}
