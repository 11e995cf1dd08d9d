import Schedule

/// The fixed words of messages and listings.
package enum Words {
    /// `1 day`, `3 days`.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `Wednesday 20 August 2025`.
    package static func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(date.weekday.name) \(day) \(Month.names[month - 1]) \(year)"
    }

    /// `Wed 20 Aug 2025`, for tables.
    package static func shortDate(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(date.weekday.name.prefix(3)) \(day) \(Month.names[month - 1].prefix(3)) \(year)"
    }

    /// A deadline in its own zone: `Wednesday 20 August 2025, end of day, Europe/Zurich`.
    package static func deadline(_ deadline: Deadline) -> String {
        let time = deadline.time.map { "\($0)" } ?? endOfDay
        return "\(date(deadline.date)), \(time), \(zone(deadline.zone))"
    }

    /// A deadline's instant on a wall clock. Where it is a day's first, the day before ends: people would take
    /// `Thursday, 00:00` for a day more.
    package static func deadline(_ instant: Instant, in zone: Zone) -> String {
        let day = zone.civil(at: instant).date
        guard zone.startOfDay(day) == instant else { return self.instant(instant, in: zone) }
        return "\(date(day.adding(days: -1))), \(endOfDay), \(self.zone(zone))"
    }

    private static let endOfDay = "end of day"

    /// An instant on a wall clock: `Thursday 21 August 2025, 07:00, Asia/Seoul`.
    package static func instant(_ instant: Instant, in zone: Zone) -> String {
        let civil = zone.civil(at: instant)
        return "\(date(civil.date)), \(civil.time), \(self.zone(zone))"
    }

    private static func zone(_ zone: Zone) -> String {
        zone == .anywhereOnEarth ? "Anywhere on Earth" : zone.name
    }

    /// The two largest units of a time: `3 days 4 hours`, `12 minutes`.
    package static func duration(_ span: Span) -> String {
        var rest = max(0, span.seconds)
        var parts: [String] = []
        for (noun, length): (String, Int64) in [
            ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1),
        ] {
            let number = rest / length
            rest %= length
            if number > 0 { parts.append(count(Int(number), noun)) }
        }
        return parts.isEmpty ? "0 seconds" : parts.prefix(2).joined(separator: " ")
    }
}
