/// A day of the proleptic Gregorian calendar, in no zone: what a calendar on the wall shows.
///
/// It is stored as the number of days since 1970-01-01, so that moving by days is an addition.
package struct CivilDate: Hashable, Comparable, Sendable {
    package let days: Int32

    package init(days: Int32) {
        self.days = days
    }

    /// The day `year-month-day`, or nil where the calendar has no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard CivilDate.years.contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.length(ofMonth: month, year: year)
        else { return nil }
        self.days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
    }

    /// The years a configuration may name. Offsets are at most ten years, so no arithmetic on such days can overflow.
    package static let years = 1900...9999

    package var year: Int { yearMonthDay.year }
    package var month: Int { yearMonthDay.month }
    package var day: Int { yearMonthDay.day }

    /// Days to civil date, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years
    /// that begin on 1 March.
    package var yearMonthDay: (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    package var weekday: Weekday { Weekday.allCases[daysAfterMonday] }

    /// 0 on a Monday, 6 on a Sunday.
    var daysAfterMonday: Int { (Int(days) + 3).floorRemainder(by: 7) }

    package func adding(days n: Int) -> CivilDate {
        CivilDate(days: days + Int32(n))
    }

    /// The same day of another month; where that month is shorter, its last day.
    package func adding(months n: Int) -> CivilDate {
        let (year, month, day) = yearMonthDay
        let total = year * 12 + (month - 1) + n
        let newYear = total.floorDivided(by: 12)
        let newMonth = total - newYear * 12 + 1
        let newDay = min(day, CivilDate.length(ofMonth: newMonth, year: newYear))
        return CivilDate(days: CivilDate.daysSinceEpoch(year: newYear, month: newMonth, day: newDay))
    }

    package static func < (a: CivilDate, b: CivilDate) -> Bool { a.days < b.days }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    package static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int32 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(era * 146_097 + dayOfEra - 719_468)
    }
}

extension CivilDate: CustomStringConvertible {
    /// `2025-08-20`.
    package var description: String {
        let (year, month, day) = yearMonthDay
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

/// A day of the week, Monday first as in ISO 8601.
package enum Weekday: String, CaseIterable, Sendable {
    case mon, tue, wed, thu, fri, sat, sun

    /// In English.
    package var name: String {
        switch self {
        case .mon: "Monday"
        case .tue: "Tuesday"
        case .wed: "Wednesday"
        case .thu: "Thursday"
        case .fri: "Friday"
        case .sat: "Saturday"
        case .sun: "Sunday"
        }
    }

    /// 0 for Monday, 6 for Sunday.
    package var index: Int { Weekday.allCases.firstIndex(of: self) ?? 0 }
}

/// A time on a clock on the wall, to the second. 24:00 is no time of day: it is the next day's 00:00.
package struct TimeOfDay: Hashable, Sendable {
    package let seconds: Int32

    package init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else {
            return nil
        }
        self.seconds = Int32(hour * 3600 + minute * 60 + second)
    }

    init(seconds: Int32) {
        self.seconds = seconds
    }

    /// Nil outside of a day.
    package init?(secondsAfterMidnight seconds: Int32) {
        guard (0..<86_400).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    package static let midnight = TimeOfDay(seconds: 0)
    /// What `at` means where nobody said: 09:00.
    package static let nine = TimeOfDay(seconds: 9 * 3600)

    /// Reads `09:00`.
    package init(_ text: String) throws(Fault) {
        var scanner = Scanner(text)
        if let hour = scanner.digits(1...2), scanner.take(":"), let minute = scanner.digits(2...2),
            scanner.isAtEnd,
            let time = TimeOfDay(hour: hour, minute: minute)
        {
            self = time
            return
        }
        throw Fault(
            "'\(text)' is no time of day", remedy: "write hours and minutes, 00:00 to 23:59, like \"09:00\"")
    }

    /// `09:00:00`.
    var withSeconds: String { "\(self):\(padded(Int(seconds % 60), 2))" }
}

extension TimeOfDay: CustomStringConvertible {
    /// `09:00`.
    package var description: String {
        "\(padded(Int(seconds / 3600), 2)):\(padded(Int(seconds / 60 % 60), 2))"
    }
}

/// A civil date and a time of day, in no zone.
package struct CivilDateTime: Hashable, Comparable, Sendable {
    package let date: CivilDate
    package let time: TimeOfDay

    package init(_ date: CivilDate, _ time: TimeOfDay) {
        self.date = date
        self.time = time
    }

    /// The civil time that UTC shows `secondsSinceEpoch` after 1970; also what any zone shows, its offset added.
    package init(secondsSinceEpoch: Int64) {
        let day = secondsSinceEpoch.floorDivided(by: 86_400)
        self.date = CivilDate(days: Int32(clamping: day))
        self.time = TimeOfDay(seconds: Int32(secondsSinceEpoch - day * 86_400))
    }

    /// Seconds since 1970-01-01 00:00 on the same calendar and clock.
    package var secondsSinceEpoch: Int64 { Int64(date.days) * 86_400 + Int64(time.seconds) }

    package static func < (a: CivilDateTime, b: CivilDateTime) -> Bool {
        a.secondsSinceEpoch < b.secondsSinceEpoch
    }
}

extension CivilDateTime: CustomStringConvertible {
    /// `2025-08-20 17:00`.
    package var description: String { "\(date) \(time)" }
}

/// The number with leading zeros up to `width`.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
