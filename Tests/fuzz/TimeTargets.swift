import Configuration
import Schedule
import Synchronization

/// What is read of the system once.
enum World {
    private static let cache = Mutex<[String: [UInt8]?]>([:])

    /// The system's files, each read once.
    static func file(_ path: String) -> [UInt8]? {
        cache.withLock { cache in
            if let known = cache[path] { return known }
            let bytes = try? FileSystem.system.read(path).bytes
            cache[path] = .some(bytes)
            return bytes
        }
    }

    /// The system's zones. Some fifty of its names are enough to guess from.
    static let zones = ZoneDatabase(
        load: { file("/usr/share/zoneinfo/\($0)") },
        names: {
            [
                "Africa/Casablanca", "America/Argentina/Buenos_Aires", "America/New_York",
                "America/Sao_Paulo",
                "Asia/Ho_Chi_Minh", "Asia/Kolkata", "Asia/Seoul", "Asia/Shanghai", "Atlantic/Azores",
                "Australia/Lord_Howe", "Europe/Dublin", "Europe/London", "Europe/Zurich", "Pacific/Apia",
                "UTC",
            ]
        })

    static func zone(_ name: String) -> Zone {
        var zones = zones
        return (try? zones.zone(name)) ?? .utc
    }

    /// An ordinary one, one that skipped a day, one whose summer time is the other way around, one that skips midnight.
    static let places = ["Europe/Zurich", "Pacific/Apia", "Africa/Casablanca", "Africa/Cairo", "AoE"].map(
        zone)

    static let calendars = [BusinessCalendar.standard, busy].compactMap { $0 }

    /// Six days of weekend, and a year of holidays.
    private static let busy: BusinessCalendar? = {
        let weekend = Set(Weekday.allCases.dropLast())
        let begin = CivilDate(year: 2026, month: 1, day: 1)
        let holidays = begin.map { begin in Set((0..<365).map { begin.adding(days: $0) }) } ?? []
        return try? BusinessCalendar(weekend: weekend, holidays: holidays)
    }()

    /// The calendar's first and last days, and a usual one.
    static let deadlines: [Deadline] = places.flatMap { zone in
        ["1900-01-01", "2026-03-29 02:30", "2026-08-20", "9999-12-31 23:59"].compactMap { text in
            (try? DeadlineValue(text)).flatMap { Deadline($0, zone: zone) }
        }
    }
}

/// Results go here, so that nothing is left out because nobody looks at it.
@inline(never) func keep<Value>(_ value: Value) {}

extension Target {
    static let deadline = Target(
        "deadline",
        [
            "2025-08-20", "2025-08-20 17:00", "2025-08-20T17:00:00+02:00", "2025-08-20T17:00:00.123456Z",
            "20 August 2025", "Aug. 20th, 2025", "Friday, 18 September 2020", "28-Feb-2021",
            "1st of May 2026",
            "2025-08-20 24:00", "TBA", "rolling", "3mo after submission", "10bd before camera ready",
            "10 y after x", "08/09/2025", "8.9.2025", "2025/08/09", "Aug 2-4, 2021", "2–4 August 2021",
            "Deadline extended: 20 August 2025 (firm), 5pm", "August 2025", "20 August", "%Y-05-31",
            "2025-08-20 17:00 CET", "2025-8-2", "9999-12-31T23:59:59-23:59", "1900-01-01T00:00:00+23:59",
            "abstract 2025-08-20 [paper 2025-08-27], notification: 1 Oct. 2025", "open for submissions",
        ].map { [$0] }
    ) { parts in
        let text = parts[0]
        keep(try? TimeOfDay(text))
        keep(try? Offset(length: text))
        keep(try? Instant(rfc3339: text))
        guard let (value, doubt) = try? DeadlineValue.read(text) else { return }
        keep(doubt?.remedy)
        for zone in World.places {
            if case .relative(let offset, let name) = value {
                keep(name)
                for deadline in World.deadlines.prefix(4) {
                    for calendar in World.calendars {
                        keep("\(deadline.moved(by: offset, zone: zone, calendar: calendar).instant)")
                    }
                }
            } else if let deadline = Deadline(value, zone: zone) {
                keep("\(deadline.instant) \(deadline.date) \(deadline.zone)")
                keep(deadline.daysLeft(at: .distantPast) + deadline.daysLeft(at: .distantFuture))
                keep(zone.resolve(CivilDateTime(deadline.date, deadline.time ?? .nine)))
            }
        }
    }

    static let rule = Target(
        "rule",
        [
            ["7d", "1w"], ["12h", "0d"], ["10bd", "0bd"], ["1d after", "24h after"], ["3d at 08:30", "3d"],
            ["every 1d from 3d", "2d"], ["every 2bd from 10bd to 2bd at 07:00", "4bd"],
            ["every 1h from 999h", "1mo"],
            ["120mo", "120mo after"], ["3652bd", "3652bd after"], ["315576000s", "315576000s after"],
            ["521w after at 23:59", "3652d"], ["0min after", "0mo"], ["30 min before", "2 w before"],
            ["every 12 mo from 120 mo", "0d after at 00:00"],
        ]
    ) { parts in
        let read = parts.compactMap { try? ReminderRule.parse($0) }
        guard let first = read.first?.first else { return }
        if let other = read.last?.last {
            keep(first.isAlwaysWith(other))
        }
        // The ends of a long `every` say what its middle does.
        let rules = read.flatMap { $0.prefix(2) + $0.suffix(2) }
        for avoid in [BusinessCalendar.Avoided(), [.weekend, .holidays]] {
            let schedule = Schedule(name: "s", rules: rules, avoid: avoid)
            // One deadline of four, chosen by the text.
            let choice = parts[0].utf8.count % 4
            for (index, deadline) in World.deadlines.enumerated() where index % 4 == choice {
                let audience = Audience(zone: World.places[(index + choice) % 5], at: .nine)
                let planner = Planner(calendar: World.calendars[index / 4 % 2])
                keep(planner.reminders(schedule, deadline: deadline, audience: audience))
                keep(
                    planner.firstDue(from: deadline.instant, schedule, deadline: deadline, audience: audience)
                )
                if index < 4 { keep(planner.explanations(schedule, deadline: deadline, audience: audience)) }
            }
        }
    }

    static let zone = Target(
        "zone",
        [
            "Europe/Zurich", "America/Argentina/Buenos_Aires", "UTC", "UTC+8", "UTC-03:30", "AoE",
            "Etc/GMT+8",
            "GMT+2", "EST", "CET", "PST8PDT", "Zurich", "new york", "Asia/Ho_Chi_Min", "EST5EDT", "../passwd",
            "posix/UTC", "leapseconds", "Europe", "GMT0", "UTC+23:59", "Factory",
        ].map { [$0] }
    ) { parts in
        var zones = World.zones
        guard let zone = try? zones.zone(parts[0]) else { return }
        keep(ZoneDatabase.doubt(about: zone))
        convert(zone)
    }

    private static let names = [
        "Europe/Zurich", "Africa/Casablanca", "Africa/Cairo", "America/Nuuk", "America/Sao_Paulo",
        "Antarctica/Troll", "Asia/Gaza", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Dublin",
        "Pacific/Apia",
        "Africa/Monrovia", "Etc/UTC", "Pacific/Kwajalein",
    ]

    /// All before the footer, and the footer's text: that has a grammar of its own. The second of the two data blocks
    /// is the one that is read.
    private static let files: [[[UInt8]]] = names.compactMap { name in
        guard let bytes = World.file("/usr/share/zoneinfo/\(name)"),
            let line = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n"))
        else { return nil }
        return [Array(bytes[..<line]), Array(bytes[(line + 1)...].dropLast())]
    }

    /// The smallest file: `count` transitions between two offsets.
    private static func small(_ count: UInt8, footer: String) -> [[UInt8]] {
        func header(_ times: UInt8, _ types: UInt8) -> [UInt8] {
            Array("TZif3".utf8) + Array(repeating: 0, count: 15 + 15) + [times, 0, 0, 0, types, 0, 0, 0, 4]
        }
        let times = (0..<count).flatMap { [0, 0, 0, 0, $0, 0, 0, 0] as [UInt8] }
        let types = (0..<count).map { $0 % 2 }
        let body = times + types + [0, 0, 0x0E, 0x10, 0, 0, 0, 0, 0x1C, 0x20, 1, 0] + Array("CET\0".utf8)
        return [header(0, 1) + Array(repeating: 0, count: 10) + header(count, 2) + body, Array(footer.utf8)]
    }

    static let tzif = Target(
        "tzif",
        bytes: files + [
            small(0, footer: "CET-1CEST,M3.5.0,M10.5.0/3"), small(1, footer: "CET-1CEST,M3.5.0,M10.5.0/3"),
            small(2, footer: "IST-1GMT0,M10.5.0,M3.5.0/1"), small(3, footer: "XXX3EDT4,0/0,J365/23"),
            small(4, footer: "<-03>3<-02>,M3.5.0/-1,M10.5.0/-167:59:59"), small(5, footer: ""),
        ]
    ) { parts in
        guard let zone = try? Zone(name: "X", tzif: parts[0] + [0x0A] + parts[1] + [0x0A]) else { return }
        convert(zone)
    }

    private static let instants =
        [.distantPast, .distantFuture, Instant(milliseconds: .min), Instant(milliseconds: .max)]
        + [
            0, -1, 1 << 31, -1 << 31, 1 << 32, -2_208_988_800, 1_774_746_000, 253_402_300_799,
            253_717_920_000,
            12_622_780_800,
        ].map { Instant(seconds: $0) }

    /// To the clock on the wall and back again.
    private static func convert(_ zone: Zone) {
        for instant in instants {
            let civil = zone.civil(at: instant)
            keep("\(civil) \(instant)")
            keep(zone.resolve(civil))
            keep(zone.startOfDay(civil.date))
        }
        for deadline in World.deadlines.prefix(4) {
            let moved = Deadline(endOf: deadline.date, zone: zone)
            keep(moved.daysLeft(at: moved.instant))
            keep(zone.resolve(CivilDateTime(deadline.date, deadline.time ?? .midnight)))
        }
    }
}

extension ReminderRule {
    fileprivate func isAlwaysWith(_ other: ReminderRule) -> Bool {
        alwaysFalls(with: other, avoid: [.weekend, .holidays], at: .nine)
            || alwaysFalls(with: other, avoid: [], at: nil)
    }
}
