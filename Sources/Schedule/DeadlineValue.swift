/// A deadline as its source wrote it, read but not yet placed in a zone.
package enum DeadlineValue: Hashable, Sendable {
    /// A date only: the end of that day.
    case date(CivilDate)
    /// A civil time in the deadline's zone.
    case civil(CivilDateTime)
    /// An instant with the civil date and offset (seconds east of UTC) written beside it.
    case instant(Instant, written: (CivilDate, offset: Int32))
    /// No date: tracked and listed, without reminders.
    case undated(Undated)

    package enum Undated: String, Sendable {
        case tba, tbd, rolling
    }

    /// Reads one of the forms that the documentation lists under "A deadline's value".
    package init(_ text: String) throws(Fault) {
        if let value = try DeadlineValue.numeric(text) {
            self = value
        } else if let undated = Undated(rawValue: text.lowercased()) {
            self = .undated(undated)
        } else if let date = try DeadlineValue.english(text) {
            self = .date(date)
        } else {
            throw DeadlineValue.unreadable(text)
        }
    }

    package static func == (a: DeadlineValue, b: DeadlineValue) -> Bool {
        switch (a, b) {
        case (.date(let x), .date(let y)): x == y
        case (.civil(let x), .civil(let y)): x == y
        case (.instant(let x, let u), .instant(let y, let v)): x == y && u == v
        case (.undated(let x), .undated(let y)): x == y
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .date(let date): hasher.combine(date)
        case .civil(let civil): hasher.combine(civil)
        case .instant(let instant, _): hasher.combine(instant)
        case .undated(let undated): hasher.combine(undated)
        }
    }
}

// MARK: - Dates in digits

extension DeadlineValue {
    /// `2025-08-20`, with or without a time, with or without an offset; nil where the text begins otherwise.
    private static func numeric(_ text: String) throws(Fault) -> DeadlineValue? {
        var scanner = Scanner(text)
        guard let year = scanner.digits(4...4), scanner.take("-") else { return nil }
        let strict = scanner
        guard let month = scanner.digits(2...2), scanner.take("-"), let day = scanner.digits(2...2) else {
            scanner = strict
            guard let month = scanner.digits(1...2), scanner.take("-"), let day = scanner.digits(1...2) else {
                return nil
            }
            let date = try date(year: year, month: month, day: day)
            throw Fault("'\(text)' lacks a leading zero", remedy: "write \(date)")
        }
        let date = try date(year: year, month: month, day: day)
        if scanner.isAtEnd { return .date(date) }
        guard scanner.take(anyOf: "Tt ") != nil, let hour = scanner.digits(2...2), scanner.take(":"),
            let minute = scanner.digits(2...2)
        else { throw unreadable(text) }
        var second: Int?
        var milliseconds: Int64 = 0
        if scanner.take(":") {
            second = scanner.digits(2...2)
            guard second != nil else { throw unreadable(text) }
            if scanner.take(".") { milliseconds = try fraction(&scanner, of: text) }
        }
        if scanner.isAtEnd, milliseconds == 0 {
            return .civil(try civil(date, hour, minute, second ?? 0, text))
        }
        let offset = try offset(&scanner, of: text)
        guard scanner.isAtEnd else { throw unreadable(text) }
        guard let second else {
            throw Fault(
                "'\(text)' has an offset but no seconds (RFC 3339)",
                remedy: "write \(date)T\(padded(hour, 2)):\(padded(minute, 2)):00 and the offset")
        }
        guard let time = TimeOfDay(hour: hour, minute: minute, second: second) else { throw noSuchTime(text) }
        let local = CivilDateTime(date, time).secondsSinceEpoch
        let instant = Instant(seconds: local - Int64(offset)) + .milliseconds(milliseconds)
        return .instant(instant, written: (date, offset))
    }

    private static func civil(
        _ date: CivilDate, _ hour: Int, _ minute: Int, _ second: Int, _ text: String
    ) throws(Fault) -> CivilDateTime {
        // 24:00 is the end of its day. It is kept as that: the day's own date counts for reminders.
        if hour == 24, minute == 0, second == 0 { return CivilDateTime(date, TimeOfDay(seconds: 86_400)) }
        guard let time = TimeOfDay(hour: hour, minute: minute, second: second) else { throw noSuchTime(text) }
        return CivilDateTime(date, time)
    }

    /// The digits after a decimal point, in milliseconds; finer ones are dropped.
    private static func fraction(_ scanner: inout Scanner, of text: String) throws(Fault) -> Int64 {
        let before = scanner.remainder
        guard scanner.digits(1...18) != nil else { throw unreadable(text) }
        let digits = before.utf8.prefix(before.utf8.count - scanner.remainder.utf8.count)
        var milliseconds: Int64 = 0
        var weight: Int64 = 100
        for digit in digits.prefix(3) {
            milliseconds += Int64(digit - UInt8(ascii: "0")) * weight
            weight /= 10
        }
        return milliseconds
    }

    /// `Z` or `+02:00`, in seconds east of UTC.
    private static func offset(_ scanner: inout Scanner, of text: String) throws(Fault) -> Int32 {
        if scanner.take(anyOf: "Zz") != nil { return 0 }
        guard let sign = scanner.take(anyOf: "+-"), let hours = scanner.digits(2...2), hours <= 23,
            scanner.take(":"), let minutes = scanner.digits(2...2), minutes <= 59
        else {
            let rest = scanner.remainder
            if rest.first == " " || rest.first?.isLetter == true {
                let zone = rest.trimmingSpaces
                throw Fault(
                    "a deadline does not name its zone ('\(zone)')", remedy: "write it as 'timezone: \(zone)'"
                )
            }
            throw unreadable(text)
        }
        let seconds = Int32(hours * 3600 + minutes * 60)
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }
}

// MARK: - Dates in English

extension DeadlineValue {
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
        "november",
        "december",
    ]

    /// `20 August 2025`, `20 Aug 2025`, `August 20, 2025`; nil where the text is nothing of the kind.
    private static func english(_ text: String) throws(Fault) -> CivilDate? {
        var scanner = Scanner(text)
        var day = scanner.digits(1...2)
        if day != nil, !scanner.spaces() { return nil }
        let word = scanner.letters()
        guard !word.isEmpty else { return nil }
        guard let month = month(word) else {
            guard day != nil, scanner.spaces(), scanner.digits(4...4) != nil else { return nil }
            let nearest = Spelling.nearest(to: word, among: months).map {
                "did you mean '\($0.capitalized)'?"
            }
            throw Fault(
                "'\(word)' is no English month name", remedy: nearest ?? "write it like 20 August 2025")
        }
        guard scanner.spaces() else { return nil }
        if day == nil {
            day = scanner.digits(1...2)
            guard scanner.take(","), scanner.spaces() else { return nil }
        }
        guard let day, let year = scanner.digits(4...4), scanner.isAtEnd else { return nil }
        return try date(year: year, month: month, day: day)
    }

    /// A month by its name, its first three letters, or `Sept`.
    private static func month(_ word: String) -> Int? {
        let word = word.lowercased()
        let index = months.firstIndex {
            $0 == word || $0.prefix(3) == word || word == "sept" && $0 == "september"
        }
        return index.map { $0 + 1 }
    }
}

// MARK: - What is wrong

extension DeadlineValue {
    private static func date(year: Int, month: Int, day: Int) throws(Fault) -> CivilDate {
        if let date = CivilDate(year: year, month: month, day: day) { return date }
        guard CivilDate.years.contains(year) else {
            throw Fault("the year \(year) is out of range", remedy: "write a year from 1900 to 9999")
        }
        guard (1...12).contains(month) else {
            throw Fault("there is no month \(month)", remedy: "write year-month-day, like 2025-08-20")
        }
        let length = CivilDate.length(ofMonth: month, year: year)
        let name = months[month - 1].capitalized
        throw Fault("there is no \(day) \(name) \(year)", remedy: "\(name) \(year) has \(length) days")
    }

    private static func noSuchTime(_ text: String) -> Fault {
        Fault(
            "'\(text)' has a time that no clock shows",
            remedy: "hours run from 00:00 to 23:59; 24:00 is the day's end")
    }

    private static func unreadable(_ text: String) -> Fault {
        if let readings = bothReadings(text) {
            return Fault("'\(text)' can be read in two ways", remedy: readings)
        }
        let shown = text.unicodeScalars.count > 60 ? String(text.prefix(60)) + "…" : text
        return Fault(
            "'\(shown)' is no deadline",
            remedy:
                "write 2025-08-20, 2025-08-20 17:00, 20 August 2025, 2025-08-20T17:00:00+02:00, TBA or rolling"
        )
    }

    /// For `08/09/2025` and `8.9.2025`: the dates that people of different countries see in it.
    private static func bothReadings(_ text: String) -> String? {
        var scanner = Scanner(text)
        guard let first = scanner.digits(1...4), let separator = scanner.take(anyOf: "/.-"),
            let second = scanner.digits(1...2), scanner.take(Unicode.Scalar(separator)),
            let third = scanner.digits(2...4), scanner.isAtEnd
        else { return nil }
        let candidates =
            first > 31
            ? [
                CivilDate(year: first, month: second, day: third),
                CivilDate(year: first, month: third, day: second),
            ]
            : [
                CivilDate(year: third < 100 ? 2000 + third : third, month: second, day: first),
                CivilDate(year: third < 100 ? 2000 + third : third, month: first, day: second),
            ]
        let dates = candidates.compactMap { $0?.description }
        guard !dates.isEmpty else { return nil }
        return "write " + dates.joined(separator: " or ")
    }
}

extension String {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }

    var trimmingSpaces: String {
        let start = self.drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
        return String(start[...last])
    }
}
