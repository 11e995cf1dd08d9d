/// A point on the UTC time line, in milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
package struct Instant: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(seconds: Int64) {
        self.milliseconds = seconds * 1000
    }

    /// Whole seconds since the epoch, rounded towards the past.
    package var seconds: Int64 { milliseconds.floorDivided(by: 1000) }

    package static let distantPast = Instant(milliseconds: .min / 4)
    package static let distantFuture = Instant(milliseconds: .max / 4)

    package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: Instant, b: Span) -> Instant {
        Instant(milliseconds: a.milliseconds + b.milliseconds)
    }
    package static func - (a: Instant, b: Span) -> Instant {
        Instant(milliseconds: a.milliseconds - b.milliseconds)
    }
    package static func - (a: Instant, b: Instant) -> Span {
        Span(milliseconds: a.milliseconds - b.milliseconds)
    }
}

/// An elapsed time in milliseconds, exact: a day of it is always 86,400 seconds.
package struct Span: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func milliseconds(_ n: Int64) -> Span { Span(milliseconds: n) }
    package static func seconds(_ n: Int64) -> Span { Span(milliseconds: n * 1000) }
    package static func minutes(_ n: Int64) -> Span { .seconds(n * 60) }
    package static func hours(_ n: Int64) -> Span { .seconds(n * 3600) }
    package static func days(_ n: Int64) -> Span { .seconds(n * 86_400) }
    package static let zero = Span(milliseconds: 0)

    /// Whole seconds, rounded towards minus infinity.
    package var seconds: Int64 { milliseconds.floorDivided(by: 1000) }

    package static func < (a: Span, b: Span) -> Bool { a.milliseconds < b.milliseconds }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC to the second: `2025-08-20T22:00:00Z`.
    package var description: String {
        let local = CivilDateTime(secondsSinceEpoch: seconds)
        let (year, month, day) = local.date.yearMonthDay
        let time = Int(local.time.seconds)
        guard (0...9999).contains(year) else { return "\(local.date)T\(local.time.withSeconds)Z" }
        // Listings print hundreds of thousands of them.
        return String(unsafeUninitializedCapacity: 20) { buffer in
            var place = 0
            func put(_ separator: Unicode.Scalar) {
                buffer[place] = UInt8(ascii: separator)
                place += 1
            }
            func put(_ number: Int) {
                buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
                buffer[place + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
                place += 2
            }
            put(year / 100)
            put(year % 100)
            put("-")
            put(month)
            put("-")
            put(day)
            put("T")
            put(time / 3600)
            put(":")
            put(time / 60 % 60)
            put(":")
            put(time % 60)
            put("Z")
            return place
        }
    }
}

extension Instant {
    /// Reads RFC 3339 (`2025-08-20T17:00:00+02:00`), and what `description` writes of later years.
    package init(rfc3339 text: String) throws(Fault) {
        var scanner = Scanner(text)
        // The last of the years that may be written ends in the next one by UTC, and milestones count from it. The calendar
        // repeats after 400 years.
        if let year = scanner.digits(5...5) {
            self = try Instant(rfc3339: "\(year - 400)\(scanner.remainder)") + .days(146_097)
            return
        }
        guard case .instant(let instant, _) = try DeadlineValue(text) else {
            throw Fault("'\(text)' is no RFC 3339 time", remedy: "write it like 2025-08-20T17:00:00Z")
        }
        self = instant
    }
}

extension FixedWidthInteger {
    func floorDivided(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }

    func floorRemainder(by divisor: Self) -> Self {
        self - floorDivided(by: divisor) * divisor
    }
}
