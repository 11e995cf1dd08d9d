/// A deadline as its source wrote it, read but not yet placed in a zone.
package enum DeadlineValue: Hashable, Sendable {
    /// A date only: the end of that day.
    case date(CivilDate)
    /// A civil time in the deadline's zone.
    case civil(CivilDateTime)
    /// An instant with the civil date and offset (seconds east of UTC) written beside it.
    case instant(Instant, written: (CivilDate, offset: Int32))
    /// So long before or after another milestone of the same issue.
    case relative(Offset, to: String)
    /// No date: tracked and listed, without reminders.
    case undated(Undated)

    package enum Undated: String, Sendable {
        case tba, tbd, rolling
    }

    /// Reads one of the forms that the documentation lists under "A deadline's value".
    package init(_ text: String) throws(Fault) {
        self = try DeadlineValue.read(text).value
    }

    /// The same, with what is doubtful about a text that can be read.
    package static func read(_ written: String) throws(Fault) -> (value: DeadlineValue, doubt: Fault?) {
        let text = plain(written)
        if let value = try numeric(text) { return (value, nil) }
        if let undated = Undated(rawValue: text.lowercased()) { return (.undated(undated), nil) }
        if let value = try relative(text) { return (value, nil) }
        var scanner = Scanner(text)
        if let written = try EnglishDate(&scanner), scanner.isAtEnd {
            return (.date(written.date), written.doubt)
        }
        throw unreadable(text)
    }

    /// With a typewriter's spaces and hyphens in the place of those that web pages have: they look the same.
    private static func plain(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where scalar.properties.generalCategory == .spaceSeparator: plain.append(" ")
            // Hyphens and dashes up to the en dash; minus.
            case "\u{2010}"..."\u{2013}", "\u{2212}": plain.append("-")
            default: plain.append(scalar)
            }
        }
        return String(plain)
    }

    /// `3mo after submission`; nil where the text does not begin with an offset and its side.
    private static func relative(_ text: String) throws(Fault) -> DeadlineValue? {
        var words = text.split(separator: " ").map(String.init)[...]
        guard words.contains("before") || words.contains("after"),
            words.first?.utf8.first.map((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) == true
        else { return nil }
        guard let (amount, unit) = try Offset.length(&words), let side = words.popFirst(),
            ["before", "after"].contains(side), !words.isEmpty
        else {
            throw Fault(
                "'\(shortened(text))' does not say what it counts from",
                remedy: "write it like '3mo after submission'")
        }
        let offset = Offset(amount: amount, unit: unit, side: side == "after" ? .after : .before)
        return .relative(offset, to: words.joined(separator: " "))
    }

    package static func == (a: DeadlineValue, b: DeadlineValue) -> Bool {
        switch (a, b) {
        case (.date(let x), .date(let y)): x == y
        case (.civil(let x), .civil(let y)): x == y
        case (.instant(let x, let u), .instant(let y, let v)): x == y && u == v
        case (.relative(let x, let a), .relative(let y, let b)): x == y && a == b
        case (.undated(let x), .undated(let y)): x == y
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .date(let date): hasher.combine(date)
        case .civil(let civil): hasher.combine(civil)
        case .instant(let instant, _): hasher.combine(instant)
        case .relative(let offset, let milestone):
            hasher.combine(offset)
            hasher.combine(milestone)
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
            let date = try CivilDate(checked: year, month, day)
            throw Fault("'\(text)' lacks a leading zero", remedy: "write \(date)")
        }
        let date = try CivilDate(checked: year, month, day)
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
        guard let time = TimeOfDay(hour: hour, minute: minute, second: second) else {
            guard hour == 24, minute == 0, second == 0 else { throw noSuchTime(text) }
            let rest = text.drop { $0 != ":" }
            throw Fault(
                "'\(text)' has a time that RFC 3339 does not know",
                remedy: "write \(date.adding(days: 1))T00\(rest)")
        }
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
            // What follows a time is mostly its zone.
            let zone = scanner.remainder.trimmingSpaces
            guard zone.first?.isLetter == true, zone.utf8.count <= 40 else { throw unreadable(text) }
            throw Fault(
                "a deadline does not name its zone ('\(zone)')", remedy: "write it as 'timezone: \(zone)'")
        }
        let seconds = Int32(hours * 3600 + minutes * 60)
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    private static func noSuchTime(_ text: String) -> Fault {
        Fault(
            "'\(text)' has a time that no clock shows",
            remedy: "hours run from 00:00 to 23:59; 24:00 is the day's end")
    }
}
