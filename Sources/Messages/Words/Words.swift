import Schedule

/// The fixed words of messages, in one language. What they are filled into is clean text already.
package protocol Words: Sendable {
    // MARK: Headlines

    var test: String { get }
    var alert: String { get }
    var extended: String { get }
    var broughtForward: String { get }
    var targetMoved: String { get }
    var openingPostponed: String { get }
    var openingBroughtForward: String { get }
    var today: String { get }
    func daysLeft(_ days: Int) -> String
    var passedToday: String { get }
    func passed(_ days: Int) -> String
    var targetToday: String { get }
    func daysLeftToTarget(_ days: Int) -> String
    var targetPassedToday: String { get }
    func targetPassed(_ days: Int) -> String
    var opensToday: String { get }
    func opensIn(_ days: Int) -> String
    var openFromToday: String { get }
    func openFor(_ days: Int) -> String
    /// Asks somebody to look whether a date still stands.
    var confirm: String { get }
    func reminders(_ count: Int) -> String
    func datesMoved(_ count: Int) -> String
    func datesPassed(_ count: Int) -> String
    /// The same question about several dates.
    func confirm(_ count: Int) -> String
    var digest: String { get }

    // MARK: Names of facts

    var due: String { get }
    var target: String { get }
    var opens: String { get }
    var yourTime: String { get }
    var deadline: String { get }
    var before: String { get }
    var difference: String { get }
    var timeLeft: String { get }
    var journal: String { get }
    var publisher: String { get }
    var guestEditor: String { get }
    var guestEditors: String { get }
    var contact: String { get }
    var page: String { get }
    func firmness(_ firmness: Milestone.Firmness) -> String

    // MARK: Remarks

    var deadlinePassedWhileDown: String { get }
    var targetPassedWhileDown: String { get }
    var datesPassedWhileDown: String { get }
    var channelWorks: String { get }
    func late(_ duration: String) -> String
    var possibleRepeat: String { get }
    /// A channel's own words came out empty.
    var templateEmpty: String { get }
    func confirmed(_ days: Int) -> String
    /// The same beside a date in a list.
    func confirmedAgo(_ days: Int) -> String

    // MARK: Alerts

    func disabled(_ channel: String, because reason: String) -> String
    func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String
    func readdressed(_ channel: String, to: String) -> String
    func journalLost(because reason: String, setAsideAs path: String?) -> String

    // MARK: Lists

    /// How many there are up to a day, which is included.
    func coming(_ count: Int, until date: String) -> String
    func moved(_ count: Int) -> String
    func gone(_ count: Int) -> String
    func nothing(_ date: String) -> String
    var other: String { get }
    /// How many more there are than are shown.
    func more(_ count: Int) -> String
    /// How many lines had no room for the link that others have.
    func withoutLinks(_ count: Int) -> String
    /// Names, and how many more people there are than are named.
    func people(_ names: [String], more count: Int) -> String

    // MARK: The page behind a message's link

    /// Asks whether it is handed in; a title follows.
    var isItSubmitted: String { get }
    var afterSubmission: String { get }
    var markedAsDone: String { get }
    var afterMark: String { get }
    var nothingChanged: String { get }
    func why(_ refusal: DoneRefusal) -> String

    // MARK: Forms

    func untitled(_ id: String) -> String
    /// The milestone of an issue that names none.
    var submission: String { get }
    var openCall: String { get }
    var markDone: String { get }
    var endOfDay: String { get }
    var anywhereOnEarth: String { get }
    /// Between the parts of an instant: date, time and zone.
    var separator: String { get }
    /// Between a name and what it is the name of.
    var colon: String { get }
    func date(_ date: CivilDate) -> String
    /// The two largest units of a time.
    func units(_ unit: TimeUnit, _ number: Int) -> String
}

/// What durations are told in.
package enum TimeUnit: Int64, CaseIterable, Sendable {
    case day = 86_400
    case hour = 3600
    case minute = 60
    case second = 1
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
        guard zone.startOfDay(zone.civil(at: instant).date) == instant else {
            return self.instant(instant, in: zone)
        }
        return joined(zone.lastDay(before: instant), endOfDay, zone)
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
        for unit in TimeUnit.allCases {
            let number = rest / unit.rawValue
            rest %= unit.rawValue
            if number > 0 { parts.append(units(unit, Int(number))) }
        }
        return parts.isEmpty ? units(.second, 0) : parts.prefix(2).joined(separator: " ")
    }
}

/// Why a link's button does nothing.
package enum DoneRefusal: CaseIterable, Sendable {
    /// Nobody who has the key signed it.
    case foreign
    case expired
    /// Its issue or its milestone has gone.
    case untracked
    case moved
    /// The journal could not be written.
    case unwritten
}

extension Zone {
    /// The day that a deadline at an instant lies on: that of its first instant has ended.
    func lastDay(before instant: Instant) -> CivilDate {
        let day = civil(at: instant).date
        return startOfDay(day) == instant ? day.adding(days: -1) : day
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

    /// The one that a browser's reader likes best (`Accept-Language`, RFC 9110 12.5.4); English where that is none of these.
    package init(accepted header: String) {
        var best: (language: Language, weight: Double)?
        for item in header.split(separator: ",").prefix(32) {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = parts.first?.split(separator: "-").first,
                let language = Language(rawValue: String(tag))
            else { continue }
            let weight =
                parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .english
    }

    package var words: any Words {
        switch self {
        case .english: English()
        case .german: German()
        case .french: French()
        case .spanish: Spanish()
        case .chinese: Chinese()
        case .japanese: Japanese()
        case .korean: Korean()
        }
    }
}

// MARK: - What languages share

func listed(_ names: [String], _ more: Int, _ ending: String) -> String {
    names.joined(separator: ", ") + (more > 0 ? ending : "")
}

func plural(_ number: Int, _ one: String, _ many: String, zeroIsOne: Bool = false) -> String {
    "\(number) \(number == 1 || zeroIsOne && number == 0 ? one : many)"
}

func named(_ unit: TimeUnit, _ names: String...) -> String {
    names[TimeUnit.allCases.firstIndex(of: unit) ?? 0]
}

/// - Parameter names: from Monday to Sunday.
func named(_ weekday: Weekday, _ names: String...) -> String { names[weekday.index] }
