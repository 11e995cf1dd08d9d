/// Which days are business days, and which days a schedule avoids.
package struct BusinessCalendar: Hashable, Sendable {
    package let weekend: Set<Weekday>
    package let holidays: Set<CivilDate>
    /// The weekend's days as bits, Monday the lowest: planning asks for every day it counts.
    private let weekendBits: UInt8

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
        weekendBits = Weekday.allCases.enumerated().reduce(0) { bits, day in
            weekend.contains(day.element) ? bits | 1 << day.offset : bits
        }
    }

    /// Days that a schedule's reminders must not fall on.
    package struct Avoided: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let weekend = Avoided(rawValue: 1)
        package static let holidays = Avoided(rawValue: 2)
    }

    package func isBusinessDay(_ date: CivilDate) -> Bool {
        kind(of: date, among: [.weekend, .holidays]) == nil
    }

    /// What makes a day none for business.
    package enum DayKind: String, Sendable {
        case weekend
        case holiday
    }

    /// Which of the avoided kinds a day is of; nil for none of them.
    func kind(of date: CivilDate, among avoided: Avoided) -> DayKind? {
        if avoided.contains(.weekend), weekendBits >> date.daysAfterMonday & 1 == 1 { return .weekend }
        if avoided.contains(.holidays), !holidays.isEmpty, holidays.contains(date) { return .holiday }
        return nil
    }

    /// A day moved by a nominal offset; by an exact one it stays where it is.
    package func date(_ date: CivilDate, moved offset: Offset) -> CivilDate {
        let step = offset.side.step
        return switch offset.unit {
        case .days: date.adding(days: step * offset.amount)
        case .weeks: date.adding(days: step * offset.amount * 7)
        case .months: date.adding(months: step * offset.amount)
        case .businessDays: businessDay(offset.amount, from: date, step: step)
        case .seconds, .minutes, .hours: date
        }
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
