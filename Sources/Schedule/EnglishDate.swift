/// A day as flyers, call pages and mails print it: `20 August 2025`, `Aug. 20th, 2025`, `Friday, 18 September 2020`,
/// `28-Feb-2021`.
struct EnglishDate {
    let date: CivilDate
    /// Set where the weekday that is written is not that of the date.
    let doubt: Fault?

    /// Reads a day off the beginning of a text; nil where there is none.
    init?(_ scanner: inout Scanner) throws(Fault) {
        let begin = scanner.remainder
        guard let parts = try EnglishDate.parts(&scanner) else { return nil }
        let (weekday, day, month, year) = parts
        date = try CivilDate(checked: year, month, day)
        guard let weekday, weekday != date.weekday else {
            doubt = nil
            return
        }
        let daysSince = (date.daysAfterMonday - weekday.index + 7) % 7
        let earlier = date.adding(days: -daysSince)
        doubt = Fault(
            "'\(shortened(begin))': \(date) is a \(date.weekday.name)",
            remedy:
                "which is right? The \(weekday.name)s next to it are \(earlier) and \(earlier.adding(days: 7))"
        )
    }

    private typealias Parts = (weekday: Weekday?, day: Int, month: Int, year: Int)

    private static func parts(_ scanner: inout Scanner) throws(Fault) -> Parts? {
        var weekday: Weekday?
        var day = self.day(&scanner)
        if day == nil, let named = self.weekday(&scanner) {
            weekday = named
            day = self.day(&scanner)
        }
        let isHyphenated = day != nil && scanner.take("-")
        if day != nil, !isHyphenated {
            guard scanner.spaces() else { return nil }
            if scanner.take(word: "of"), !scanner.spaces() { return nil }
        }
        let word = scanner.letters()
        guard !word.isEmpty else { return nil }
        guard let month = Month.number(of: word) else {
            // Only what stands between a day and a year was meant for a month.
            guard day != nil, scanner.spaces(), scanner.digits(4...4) != nil else { return nil }
            let nearest = Spelling.nearest(to: word, among: Month.names).map { "did you mean '\($0)'?" }
            throw Fault(
                "'\(word)' is no English month name", remedy: nearest ?? "write it like 20 August 2025")
        }
        let isAbbreviated = scanner.take(".")
        if isHyphenated {
            guard scanner.take("-") else { return nil }
        } else {
            if day != nil { _ = scanner.take(",") }
            guard scanner.spaces() || isAbbreviated else { return nil }
        }
        if day == nil {
            day = self.day(&scanner)
            let hasComma = scanner.take(",")
            guard scanner.spaces() || hasComma else { return nil }
        }
        guard let day, let year = scanner.digits(4...4) else { return nil }
        return (weekday, day, month, year)
    }

    /// `20`, `1st`, `02`.
    private static func day(_ scanner: inout Scanner) -> Int? {
        guard let day = scanner.digits(1...2) else { return nil }
        for ending in ["st", "nd", "rd", "th"] where scanner.take(word: ending) { break }
        return day
    }

    /// `Friday, `, `Fri `, `Fri. `; nil, and nothing taken, where there is none.
    private static func weekday(_ scanner: inout Scanner) -> Weekday? {
        var ahead = scanner
        let word = ahead.letters().lowercased()
        guard word.utf8.count >= 3,
            let weekday = Weekday.allCases.first(where: {
                let name = $0.name.lowercased()
                return name == word || word.utf8.count <= 4 && name.hasPrefix(word)
                    || word == "thurs" && $0 == .thu
            })
        else { return nil }
        _ = ahead.take(".")
        _ = ahead.take(",")
        guard ahead.spaces() else { return nil }
        scanner = ahead
        return weekday
    }
}

/// The months' English names.
package enum Month {
    package static let names = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]

    /// A month by its name, its first three letters, or `Sept`; any case.
    static func number(of word: String) -> Int? {
        let word = word.lowercased()
        let index = names.firstIndex {
            let name = $0.lowercased()
            return name == word || name.prefix(3) == word || word == "sept" && name == "september"
        }
        return index.map { $0 + 1 }
    }
}

extension CivilDate {
    /// The day `year-month-day`, or what is wrong with it.
    init(checked year: Int, _ month: Int, _ day: Int) throws(Fault) {
        if let date = CivilDate(year: year, month: month, day: day) {
            self = date
            return
        }
        guard CivilDate.years.contains(year) else {
            throw Fault("the year \(year) is out of range", remedy: "write a year from 1900 to 9999")
        }
        guard (1...12).contains(month) else {
            throw Fault("there is no month \(month)", remedy: "write year-month-day, like 2025-08-20")
        }
        let length = CivilDate.length(ofMonth: month, year: year)
        let name = Month.names[month - 1]
        throw Fault("there is no \(day) \(name) \(year)", remedy: "\(name) \(year) has \(length) days")
    }
}
