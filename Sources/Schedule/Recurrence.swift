/// Days of a calendar that come again, each at one time: `day at 09:00`, `mon at 09:00`, `mon, thu at 09:00`, `1 at 09:00`,
/// `last at 09:00` (of the month).
package struct Recurrence: Hashable, Sendable {
    package let days: Days
    package let time: TimeOfDay

    package enum Days: Hashable, Sendable {
        case daily
        case weekly(Set<Weekday>)
        /// From 1; a month without that day has its last one instead, as it has for 31.
        case monthly(Int)
    }

    package init(_ days: Days, at time: TimeOfDay) {
        self.days = days
        self.time = time
    }

    /// - Parameter time: where the text names none.
    package init(_ text: String, otherwiseAt time: TimeOfDay) throws(Fault) {
        let words = text.lowercased().split { " ,".contains($0) }
        let parts = words.split(separator: "at", omittingEmptySubsequences: false)
        guard let names = parts.first, !names.isEmpty, parts.count <= 2 else { throw Recurrence.fault(text) }
        self.time = try parts.count == 1 ? time : Recurrence.time(parts[1], text)
        if names.count == 1, let name = names.first {
            if ["day", "daily"].contains(name) {
                days = .daily
                return
            }
            if name == "last" {
                days = .monthly(31)
                return
            }
            if let day = Int(name), (1...31).contains(day) {
                days = .monthly(day)
                return
            }
        }
        var weekdays: Set<Weekday> = []
        for name in names {
            guard
                let day = Weekday.allCases.first(where: {
                    $0.rawValue == name || $0.name.lowercased() == name
                })
            else { throw Recurrence.fault(text) }
            weekdays.insert(day)
        }
        days = .weekly(weekdays)
    }

    private static func time(_ words: ArraySlice<Substring>, _ text: String) throws(Fault) -> TimeOfDay {
        guard words.count == 1, let word = words.first else { throw fault(text) }
        return try TimeOfDay(String(word))
    }

    private static func fault(_ text: String) -> Fault {
        Fault(
            "'\(text)' says no days",
            remedy:
                "write 'day at 09:00', 'mon at 09:00', 'mon, thu at 09:00' or, for a day of the month, '1 at 09:00'"
        )
    }

    private func contains(_ date: CivilDate) -> Bool {
        switch days {
        case .daily: return true
        case .weekly(let weekdays): return weekdays.contains(date.weekday)
        case .monthly(let day):
            let isLast = date.adding(days: 1).yearMonthDay.2 == 1
            let today = date.yearMonthDay.2
            return today == day || isLast && day > today
        }
    }

    /// The first instant after another. A time that a clock skips is the first one after it, as for reminders.
    package func next(after instant: Instant, in zone: Zone) -> Instant {
        var date = zone.civil(at: instant).date.adding(days: -1)
        // Two months hold a day of every kind.
        for _ in 0..<64 {
            if contains(date) {
                let due = zone.instant(of: CivilDateTime(date, time))
                if due > instant { return due }
            }
            date = date.adding(days: 1)
        }
        return .distantFuture
    }

    /// The last instant at or before another.
    package func last(at instant: Instant, in zone: Zone) -> Instant {
        var date = zone.civil(at: instant).date.adding(days: 1)
        for _ in 0..<64 {
            if contains(date) {
                let due = zone.instant(of: CivilDateTime(date, time))
                if due <= instant { return due }
            }
            date = date.adding(days: -1)
        }
        return .distantPast
    }
}

extension Recurrence: CustomStringConvertible {
    /// As a configuration would have it.
    package var description: String {
        let days =
            switch days {
            case .daily: "day"
            case .weekly(let weekdays):
                Weekday.allCases.filter(weekdays.contains).map(\.rawValue).joined(separator: ", ")
            case .monthly(let day): "\(day)"
            }
        return "\(days) at \(time)"
    }
}
