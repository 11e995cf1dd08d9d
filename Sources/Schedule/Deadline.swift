/// A deadline placed in its zone.
package struct Deadline: Hashable, Sendable {
    /// When it has passed.
    package let instant: Instant
    /// The civil date as written, in the deadline's own zone: nominal rules count from it.
    package let date: CivilDate
    /// The civil time as written; nil where only a date was: the end of that day.
    package let time: TimeOfDay?
    package let zone: Zone

    /// Places a value in a zone; nil for one without a date of its own.
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
        case .undated, .relative:
            return nil
        }
    }

    /// The deadline that lies by an offset before or after this one.
    ///
    /// A nominal offset moves the date on the calendar and keeps the time of day, or the day's end; an exact one moves
    /// the instant.
    package func moved(by offset: Offset, zone: Zone, calendar: BusinessCalendar) -> Deadline {
        guard !offset.unit.isExact else {
            let instant = instant + .seconds(offset.size * Int64(offset.side.step))
            let civil = zone.civil(at: instant)
            return Deadline(instant: instant, date: civil.date, time: civil.time, zone: zone)
        }
        let date = calendar.date(date, moved: offset)
        guard let time else { return Deadline(endOf: date, zone: zone) }
        let instant = zone.instant(of: CivilDateTime(date, time))
        return Deadline(instant: instant, date: date, time: time, zone: zone)
    }

    /// The end of a day is the instant at which the next civil day begins there.
    package init(endOf date: CivilDate, zone: Zone) {
        self.init(instant: zone.startOfDay(date.adding(days: 1)), date: date, time: nil, zone: zone)
    }

    private init(instant: Instant, date: CivilDate, time: TimeOfDay?, zone: Zone) {
        self.instant = instant
        self.date = date
        self.time = time
        self.zone = zone
    }

    /// The same instant where another date was written: that of another zone.
    func written(on date: CivilDate) -> Deadline {
        Deadline(instant: instant, date: date, time: time, zone: zone)
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
