/// The rule in the footer of a TZif file, such as `CET-1CEST,M3.5.0,M10.5.0/3`: POSIX.1 chapter 8, `TZ`, with
/// RFC 9636's extension of times to -167:59:59 … 167:59:59.
struct POSIXZoneRule {
    struct Daylight {
        let offset: Int32
        let begin: YearDay
        let end: YearDay
    }

    /// A day of every year and a second of it, counted on the clock that the change puts an end to.
    struct YearDay {
        enum Day {
            /// `Jn`: day 1…365, 29 February never counted.
            case julian(Int)
            /// `n`: day 0…365, 29 February counted.
            case zeroBased(Int)
            /// `Mm.w.d`: the w-th (5: the last) weekday d (0 Sunday) of month m.
            case weekday(month: Int, week: Int, weekday: Int)
        }

        let day: Day
        let time: Int64

        func secondsSinceEpoch(year: Int) -> Int64 {
            let newYear = Int(CivilDate.daysSinceEpoch(year: year, month: 1, day: 1))
            let days: Int
            switch day {
            case .julian(let n):
                days = newYear + n - 1 + (CivilDate.isLeap(year) && n >= 60 ? 1 : 0)
            case .zeroBased(let n):
                days = newYear + n
            case .weekday(let month, let week, let weekday):
                let first = Int(CivilDate.daysSinceEpoch(year: year, month: month, day: 1))
                let firstWeekday = (first + 4).floorRemainder(by: 7)
                var day = (weekday - firstWeekday).floorRemainder(by: 7) + (week - 1) * 7
                if day >= CivilDate.length(ofMonth: month, year: year) { day -= 7 }
                days = first + day
            }
            return Int64(days) * 86_400 + time
        }
    }

    /// Standard time, seconds east of UTC.
    let offset: Int32
    let daylight: Daylight?

    init(_ text: String) throws(Fault) {
        let damaged = Fault("its rule '\(text)' is not understood", remedy: "reinstall tzdata")
        var scanner = Scanner(text)
        guard POSIXZoneRule.skipName(&scanner), let west = POSIXZoneRule.time(&scanner) else { throw damaged }
        offset = Int32(-west)
        if scanner.isAtEnd {
            daylight = nil
            return
        }
        guard POSIXZoneRule.skipName(&scanner) else { throw damaged }
        let daylightOffset = POSIXZoneRule.time(&scanner).map { Int32(-$0) } ?? offset + 3600
        guard scanner.take(","), let begin = POSIXZoneRule.yearDay(&scanner), scanner.take(","),
            let end = POSIXZoneRule.yearDay(&scanner), scanner.isAtEnd
        else { throw damaged }
        daylight = Daylight(offset: daylightOffset, begin: begin, end: end)
    }

    /// The changes of a year, ascending: instant in seconds since 1970, and the offset that holds from then on.
    func transitions(year: Int) -> [(Int64, Int32)] {
        guard let daylight else { return [] }
        let begin = (daylight.begin.secondsSinceEpoch(year: year) - Int64(offset), daylight.offset)
        let end = (daylight.end.secondsSinceEpoch(year: year) - Int64(daylight.offset), offset)
        return begin.0 <= end.0 ? [begin, end] : [end, begin]
    }

    private static func skipName(_ scanner: inout Scanner) -> Bool {
        guard scanner.take("<") else { return !scanner.letters().isEmpty }
        while !scanner.take(">") {
            if scanner.isAtEnd { return false }
            if scanner.letters().isEmpty && scanner.digits(1...6) == nil && scanner.take(anyOf: "+-") == nil {
                return false
            }
        }
        return true
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private static func time(_ scanner: inout Scanner) -> Int64? {
        let sign: Int64 = scanner.take(anyOf: "+-") == UInt8(ascii: "-") ? -1 : 1
        guard let hours = scanner.digits(1...3), hours <= 167 else { return nil }
        var seconds = Int64(hours) * 3600
        if scanner.take(":") {
            guard let minutes = scanner.digits(1...2), minutes < 60 else { return nil }
            seconds += Int64(minutes) * 60
            if scanner.take(":") {
                guard let rest = scanner.digits(1...2), rest < 60 else { return nil }
                seconds += Int64(rest)
            }
        }
        return sign * seconds
    }

    private static func yearDay(_ scanner: inout Scanner) -> YearDay? {
        let day: YearDay.Day
        if scanner.take("J") {
            guard let n = scanner.digits(1...3), (1...365).contains(n) else { return nil }
            day = .julian(n)
        } else if scanner.take("M") {
            guard let month = scanner.digits(1...2), (1...12).contains(month), scanner.take("."),
                let week = scanner.digits(1...1), (1...5).contains(week), scanner.take("."),
                let weekday = scanner.digits(1...1), (0...6).contains(weekday)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else {
            guard let n = scanner.digits(1...3), n <= 365 else { return nil }
            day = .zeroBased(n)
        }
        guard scanner.take("/") else { return YearDay(day: day, time: 2 * 3600) }
        return time(&scanner).map { YearDay(day: day, time: $0) }
    }
}
