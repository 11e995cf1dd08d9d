/// A deadline placed in its zone.
package struct Deadline: Hashable, Sendable {
    /// When it has passed.
    package let instant: Instant
    /// The civil date as written, in the deadline's own zone: nominal rules count from it.
    package let date: CivilDate
    /// The civil time as written; nil where only a date was: the end of that day.
    package let time: TimeOfDay?
    package let zone: Zone

    /// Places a value in a zone; nil for one without a date.
    package init?(_ value: DeadlineValue, zone: Zone) {
        switch value {
        case .date(let date):
            self.init(endOf: date, zone: zone)
        case .civil(let civil) where civil.time.seconds == 86_400:
            self.init(endOf: civil.date, zone: zone)
        case .civil(let civil):
            self.init(instant: zone.instant(of: civil), date: civil.date, time: civil.time, zone: zone)
        case .instant(let instant, let (date, offset)):
            let zone = Zone(fixed: offset)
            self.init(instant: instant, date: date, time: zone.civil(at: instant).time, zone: zone)
        case .undated:
            return nil
        }
    }

    /// The end of a day is the instant at which the next civil day begins there.
    private init(endOf date: CivilDate, zone: Zone) {
        self.init(instant: zone.startOfDay(date.adding(days: 1)), date: date, time: nil, zone: zone)
    }

    private init(instant: Instant, date: CivilDate, time: TimeOfDay?, zone: Zone) {
        self.instant = instant
        self.date = date
        self.time = time
        self.zone = zone
    }

    /// Whole calendar days from an instant to the deadline's own date, counted in the deadline's own zone: 0 on its
    /// day, negative after it.
    package func daysLeft(at instant: Instant) -> Int {
        Int(date.days) - Int(zone.civil(at: instant).date.days)
    }
}

extension Zone {
    /// The zone of an offset written in RFC 3339.
    fileprivate init(fixed seconds: Int32) {
        let minutes = abs(Int(seconds)) / 60
        let clock = "\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
        self.init(name: seconds == 0 ? "UTC" : "UTC\(seconds < 0 ? "-" : "+")\(clock)", secondsEast: seconds)
    }
}
