/// What turns instants into civil times and back: an IANA zone, a fixed offset, or Anywhere on Earth.
package struct Zone: Sendable {
    /// The name as the configuration wrote it, in its usual case: `Europe/Zurich`, `UTC+8`, `AoE`.
    package let name: String
    private let offsets: Offsets

    private enum Offsets: Sendable {
        case fixed(Int32)
        case table(ZoneTable)
    }

    /// How a civil time became an instant.
    package enum Resolution: Equatable, Sendable {
        case unique
        /// The zone skips this time: it was moved forward by `length` seconds. `end` is the instant, in seconds
        /// since 1970, at which the clock jumped.
        case gap(length: Int32, end: Int64)
        /// The time occurs twice: its first occurrence was taken.
        case firstOfTwo
    }

    /// A zone that is always `secondsEast` of UTC.
    package init(name: String, secondsEast: Int32) {
        self.name = name
        self.offsets = .fixed(secondsEast)
    }

    /// A zone of the system's zone data.
    package init(name: String, tzif: [UInt8]) throws(Fault) {
        self.name = name
        self.offsets = .table(try ZoneTable(tzif: tzif))
    }

    /// Tells one version of the zone's rules from another; 0 where they cannot change.
    package var law: UInt64 {
        switch offsets {
        case .fixed: 0
        case .table(let table): table.digest
        }
    }

    package static let utc = Zone(name: "UTC", secondsEast: 0)
    /// Anywhere on Earth: the last place on Earth to see a day end, always UTC-12.
    package static let anywhereOnEarth = Zone(name: "AoE", secondsEast: -12 * 3600)

    /// Seconds east of UTC.
    package func offset(at instant: Instant) -> Int32 {
        switch offsets {
        case .fixed(let seconds): seconds
        case .table(let table): table.offset(at: instant.seconds)
        }
    }

    /// What a calendar and a clock on the wall show there at an instant.
    package func civil(at instant: Instant) -> CivilDateTime {
        CivilDateTime(secondsSinceEpoch: instant.seconds + Int64(offset(at: instant)))
    }

    /// The instant of a civil time. A skipped one is moved forward by the length of the gap; of two occurrences the
    /// first is meant.
    package func instant(of civil: CivilDateTime) -> Instant {
        resolve(civil).instant
    }

    package func resolve(_ civil: CivilDateTime) -> (instant: Instant, resolution: Resolution) {
        switch offsets {
        case .fixed(let seconds):
            return (Instant(seconds: civil.secondsSinceEpoch - Int64(seconds)), .unique)
        case .table(let table):
            let (seconds, resolution) = table.resolve(civil: civil.secondsSinceEpoch)
            return (Instant(seconds: seconds), resolution)
        }
    }

    /// The first instant of a day: midnight, or where the zone skips midnight the instant its clocks jumped.
    package func startOfDay(_ date: CivilDate) -> Instant {
        let (instant, resolution) = resolve(CivilDateTime(date, .midnight))
        if case .gap(_, let end) = resolution { return Instant(seconds: end) }
        return instant
    }
}

extension Zone: Hashable, CustomStringConvertible {
    package static func == (a: Zone, b: Zone) -> Bool { a.name == b.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
    package var description: String { name }
}
