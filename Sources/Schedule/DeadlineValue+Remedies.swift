/// What is wrong with a text that is no deadline, and how to write what it seems to mean.
extension DeadlineValue {
    static func unreadable(_ text: String) -> Fault {
        let message = "'\(shortened(text))' is no deadline"
        let readings = readings(text)
        guard readings.isEmpty else {
            return Fault(
                readings.count == 1 ? message : "'\(shortened(text))' can be read in two ways",
                remedy: "write \(readings.joined(separator: " or "))")
        }
        // Nobody writes more, and the search below is for texts that somebody wrote.
        guard text.utf8.count <= 400 else { return Fault(message, remedy: forms) }
        if let remedy = word(text) ?? template(text) { return Fault(message, remedy: remedy) }
        if let range = range(text) {
            return Fault(
                "'\(shortened(text))' is a range of days",
                remedy: "a deadline is one of them: write \(range.last) or \(range.first)")
        }
        let dates = dates(in: text)
        guard dates.isEmpty else {
            let written = dates.prefix(3).map { "\($0)" }.joined(separator: " or ")
            let rest = dates.count == 1 ? rest(of: text) : ""
            return Fault(message, remedy: "write the date alone, \(written)\(rest)")
        }
        if let incomplete = incomplete(text) { return incomplete }
        return Fault(message, remedy: forms)
    }

    private static let forms =
        "write 2025-08-20, 2025-08-20 17:00, 20 August 2025, 2025-08-20T17:00:00+02:00, TBA or rolling"

    /// Words that call pages print where others have a date.
    private static func word(_ text: String) -> String? {
        let word = text.lowercased().filter { $0 != "(" && $0 != ")" }.trimmingSpaces
        switch word {
        case "none", "n/a", "na", "open", "ongoing", "continuous", "anytime", "open for submissions",
            "no deadline", "no submission deadline", "submission open":
            return "write rolling where papers are taken at any time, TBA where the date is yet to come"
        case "tbc", "tbd.", "tba.", "to be announced", "to be determined", "to be confirmed", "unknown",
            "soon", "?":
            return "write TBA"
        case "closed", "cancelled", "canceled", "withdrawn":
            return "write 'state: withdrawn', or leave the special issue out"
        default: return nil
        }
    }

    /// `%Y-05-31`, which some trackers expand for every year.
    private static func template(_ text: String) -> String? {
        text.hasPrefix("%") ? "write the year: each year's call is one of its own" : nil
    }

    /// For `08/09/2025` and `8.9.2025`: the dates that people of different countries see in it.
    private static func readings(_ text: String) -> [String] {
        var scanner = Scanner(text)
        guard let first = scanner.digits(1...4), let separator = scanner.take(anyOf: "/.-"),
            let second = scanner.digits(1...2), scanner.take(Unicode.Scalar(separator)),
            let third = scanner.digits(2...4), scanner.isAtEnd
        else { return [] }
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
        return candidates.compactMap { $0?.description }
    }

    /// `Aug 2-4, 2021`, `2-4 August 2021`, with a hyphen or a dash.
    private static func range(_ text: String) -> (first: CivilDate, last: CivilDate)? {
        let text = text.replacing("–", with: "-").replacing("—", with: "-")
        var scanner = Scanner(text)
        var word = scanner.letters()
        if !word.isEmpty {
            _ = scanner.take(".")
            scanner.spaces()
        }
        guard let first = scanner.digits(1...2) else { return nil }
        scanner.spaces()
        guard scanner.take("-") else { return nil }
        scanner.spaces()
        guard let last = scanner.digits(1...2) else { return nil }
        _ = scanner.take(",")
        scanner.spaces()
        if word.isEmpty {
            word = scanner.letters()
            _ = scanner.take(",")
            scanner.spaces()
        }
        guard let month = Month.number(of: word), let year = scanner.digits(4...4),
            let begin = CivilDate(year: year, month: month, day: first),
            let end = CivilDate(year: year, month: month, day: last)
        else { return nil }
        return (begin, end)
    }

    /// Every day that is written somewhere in a text, each once.
    private static func dates(in text: String) -> [CivilDate] {
        var found: [CivilDate] = []
        var words = text.split(whereSeparator: { " ([:".contains($0) })[...]
        while let word = words.first {
            var scanner = Scanner(text[word.startIndex...])
            var date = (try? EnglishDate(&scanner))?.date
            if date == nil {
                scanner = Scanner(text[word.startIndex...])
                if let year = scanner.digits(4...4), scanner.take("-"), let month = scanner.digits(2...2),
                    scanner.take("-"), let day = scanner.digits(2...2)
                {
                    date = CivilDate(year: year, month: month, day: day)
                }
            }
            if let date {
                if !found.contains(date) { found.append(date) }
                // On behind what was read, or `Friday, 18 September 2020` would be found twice.
                let rest = scanner.remainder.utf8.count
                words = words.drop { text[$0.startIndex...].utf8.count > rest }
            } else {
                words = words.dropFirst()
            }
        }
        return found
    }

    /// What a text with one date in it seems to add to it.
    private static func rest(of text: String) -> String {
        let text = text.lowercased()
        if ["firm", "final", "hard", "strict"].contains(where: text.contains) {
            return ", and 'firmness: firm' beside it"
        }
        if text.contains("soft") { return ", and 'firmness: soft' beside it" }
        if text.contains("extended") { return "; a change of date is announced by itself" }
        if text.contains(where: \.isNumber), text.contains(":") || text.contains("am") || text.contains("pm")
        {
            return ", or with its time like 2025-08-20 17:00"
        }
        return ""
    }

    /// A date that lacks its day or its year.
    private static func incomplete(_ text: String) -> Fault? {
        var scanner = Scanner(text)
        var day = scanner.digits(1...2)
        if day != nil {
            for ending in ["st", "nd", "rd", "th"] where scanner.take(word: ending) { break }
            scanner.spaces()
        }
        guard let month = Month.number(of: scanner.letters()) else { return nil }
        _ = scanner.take(".")
        scanner.spaces()
        if let year = scanner.digits(4...4), day == nil, scanner.isAtEnd, CivilDate.years.contains(year) {
            let length = CivilDate.length(ofMonth: month, year: year)
            guard let last = CivilDate(year: year, month: month, day: length) else { return nil }
            return Fault(
                "'\(shortened(text))' names no day", remedy: "ask for the day; the month ends on \(last)")
        }
        if day == nil { day = scanner.digits(1...2) }
        for ending in ["st", "nd", "rd", "th"] where scanner.take(word: ending) { break }
        guard let day, scanner.isAtEnd, (1...31).contains(day) else { return nil }
        return Fault(
            "'\(shortened(text))' names no year",
            remedy: "write it, like \(day) \(Month.names[month - 1]) 2025")
    }
}

/// A text of somebody's as an error shows it.
func shortened(_ text: String) -> String {
    text.unicodeScalars.count > 60
        ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(60))) + "…" : text
}

extension String {
    var trimmingSpaces: String {
        let start = self.drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
        return String(start[...last])
    }
}
