import Messages
import Schedule

/// When a mute or a snooze ends.
struct HoldEnd: Equatable {
    let until: Instant
    /// It was asked for as so long from then, and not as a day.
    let isSpan: Bool

    /// When somebody ends it.
    static let never = HoldEnd(until: .distantFuture, isSpan: false)

    private init(until: Instant, isSpan: Bool) {
        self.until = until
        self.isSpan = isSpan
    }

    /// A time to come as operators say it: `3d` (at this hour), `2w`, `12h`, or a day in a zone, from its beginning.
    init(_ text: String, now: Instant, zone: Zone) throws(Fault) {
        let length = try? Offset(length: text)
        isSpan = length != nil
        if let length {
            switch length.unit {
            case .seconds, .minutes, .hours: until = now + .seconds(length.size)
            case .days, .weeks:
                let civil = zone.civil(at: now)
                let date = civil.date.adding(days: length.amount * (length.unit == .weeks ? 7 : 1))
                until = zone.instant(of: CivilDateTime(date, civil.time))
            case .months, .businessDays:
                throw Fault(
                    "'\(Text.singleLine(text))' is no time to wait", remedy: "write it like 12h, 3d or 2w")
            }
        } else if case .date(let date)? = try? DeadlineValue(text) {
            until = zone.startOfDay(date)
        } else {
            throw Fault(
                "'\(Text.cut(Text.singleLine(text), to: 60, counting: .utf16))' is no time to wait",
                remedy: "write it like 12h, 3d, 2w or 2026-12-01")
        }
        guard until > now else { throw Fault("\(until) has passed", remedy: "write a time to come") }
    }
}
