/// Which days are business days, and which days a schedule avoids.
package struct BusinessCalendar: Hashable, Sendable {
    package let weekend: Set<Weekday>
    package let holidays: Set<CivilDate>

    /// Saturday and Sunday are no business days, every other day is.
    package static let standard = BusinessCalendar(uncheckedWeekend: [.sat, .sun], holidays: [])

    package init(weekend: Set<Weekday>, holidays: Set<CivilDate>) throws(Fault) {
        guard weekend.count < Weekday.allCases.count else {
            throw Fault("a week without any business day", remedy: "leave at least one day out of 'weekend'")
        }
        self.init(uncheckedWeekend: weekend, holidays: holidays)
    }

    private init(uncheckedWeekend weekend: Set<Weekday>, holidays: Set<CivilDate>) {
        self.weekend = weekend
        self.holidays = holidays
    }

    /// Days that a schedule's reminders must not fall on.
    package struct Avoided: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let weekend = Avoided(rawValue: 1)
        package static let holidays = Avoided(rawValue: 2)
    }

    package func isBusinessDay(_ date: CivilDate) -> Bool {
        !falls(date, on: [.weekend, .holidays])
    }

    func falls(_ date: CivilDate, on avoided: Avoided) -> Bool {
        if avoided.contains(.weekend), weekend.contains(date.weekday) { return true }
        return avoided.contains(.holidays) && !holidays.isEmpty && holidays.contains(date)
    }

    /// `count` business days before (`step` -1) or after (1) a date; for 0 the date itself, or if it is no business
    /// day the next one in that direction.
    func businessDay(_ count: Int, from date: CivilDate, step: Int) -> CivilDate {
        var date = date
        if count == 0 {
            while !isBusinessDay(date) { date = date.adding(days: step) }
        }
        var left = count
        while left > 0 {
            date = date.adding(days: step)
            if isBusinessDay(date) { left -= 1 }
        }
        return date
    }
}
