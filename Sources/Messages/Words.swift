import Schedule

/// The fixed words of messages, in one language. What they are filled into is clean text already.
package struct Words: Sendable {
    // MARK: Headlines

    package let test: String
    package let alert: String
    package let extended: String
    package let broughtForward: String
    package let targetMoved: String
    package let openingPostponed: String
    package let openingBroughtForward: String
    package let today: String
    package let daysLeft: @Sendable (Int) -> String
    package let passedToday: String
    package let passed: @Sendable (Int) -> String
    package let targetToday: String
    package let daysLeftToTarget: @Sendable (Int) -> String
    package let targetPassedToday: String
    package let targetPassed: @Sendable (Int) -> String
    package let opensToday: String
    package let opensIn: @Sendable (Int) -> String
    package let openFromToday: String
    package let openFor: @Sendable (Int) -> String
    /// Asks somebody to look whether a date still stands.
    package let confirm: String
    package let reminders: @Sendable (Int) -> String
    package let digest: String

    // MARK: Names of facts

    package let due: String
    package let target: String
    package let opens: String
    package let yourTime: String
    package let deadline: String
    package let before: String
    package let difference: String
    package let timeLeft: String
    package let journal: String
    package let publisher: String
    package let guestEditor: String
    package let guestEditors: String
    package let contact: String
    package let page: String
    package let firmness: @Sendable (Milestone.Firmness) -> String

    // MARK: Remarks

    package let deadlinePassedWhileDown: String
    package let targetPassedWhileDown: String
    package let channelWorks: String
    package let late: @Sendable (_ duration: String) -> String
    package let possibleRepeat: String
    package let confirmed: @Sendable (_ days: Int) -> String

    // MARK: Lists

    package let coming: @Sendable (Int) -> String
    package let moved: @Sendable (Int) -> String
    package let gone: @Sendable (Int) -> String
    package let nothing: @Sendable (_ date: String) -> String
    package let until: @Sendable (_ date: String) -> String
    package let other: String
    /// How many more there are than are shown.
    package let more: @Sendable (Int) -> String

    // MARK: Forms

    package let untitled: @Sendable (_ id: String) -> String
    package let openCall: String
    package let endOfDay: String
    package let anywhereOnEarth: String
    /// Between the parts of an instant: date, time and zone.
    package let separator: String
    package let date: @Sendable (CivilDate) -> String
    /// The two largest units of a time.
    package let units: @Sendable (Unit, Int) -> String

    package enum Unit: Int64, CaseIterable, Sendable {
        case day = 86_400
        case hour = 3600
        case minute = 60
        case second = 1
    }
}

extension Words {
    /// A deadline in its own zone: `Wednesday 20 August 2025, end of day, Europe/Zurich`.
    package func deadline(_ deadline: Deadline) -> String {
        let time = deadline.time.map { "\($0)" } ?? endOfDay
        return joined(deadline.date, time, deadline.zone)
    }

    /// A deadline's instant on a wall clock. Where it is a day's first, the day before ends: people would take
    /// `Thursday, 00:00` for a day more.
    package func deadline(_ instant: Instant, in zone: Zone) -> String {
        let day = zone.civil(at: instant).date
        guard zone.startOfDay(day) == instant else { return self.instant(instant, in: zone) }
        return joined(day.adding(days: -1), endOfDay, zone)
    }

    /// An instant on a wall clock: `Thursday 21 August 2025, 07:00, Asia/Seoul`.
    package func instant(_ instant: Instant, in zone: Zone) -> String {
        let civil = zone.civil(at: instant)
        return joined(civil.date, "\(civil.time)", zone)
    }

    private func joined(_ date: CivilDate, _ time: String, _ zone: Zone) -> String {
        [self.date(date), time, zone == .anywhereOnEarth ? anywhereOnEarth : zone.name]
            .joined(separator: separator)
    }

    /// The two largest units of a time: `3 days 4 hours`, `12 minutes`.
    package func duration(_ span: Span) -> String {
        var rest = max(0, span.seconds)
        var parts: [String] = []
        for unit in Unit.allCases {
            let number = rest / unit.rawValue
            rest %= unit.rawValue
            if number > 0 { parts.append(units(unit, Int(number))) }
        }
        return parts.isEmpty ? units(.second, 0) : parts.prefix(2).joined(separator: " ")
    }
}

extension Words {
    /// `1 day`, `3 days`: English, for what the product says to those who run it.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `Wed 20 Aug 2025`, for tables.
    package static func shortDate(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(date.weekday.name.prefix(3)) \(day) \(Month.names[month - 1].prefix(3)) \(year)"
    }
}

/// The languages that messages can be in.
package enum Language: String, CaseIterable, Sendable {
    case english = "en"
    case german = "de"
    case french = "fr"
    case spanish = "es"
    case chinese = "zh"
    case japanese = "ja"
    case korean = "ko"

    package var words: Words {
        switch self {
        case .english: .english
        case .german: .german
        case .french: .french
        case .spanish: .spanish
        case .chinese: .chinese
        case .japanese: .japanese
        case .korean: .korean
        }
    }
}
