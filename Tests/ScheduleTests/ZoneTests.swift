import Foundation
import Schedule
import Testing

@Suite("Zones")
struct ZoneTests {
    @Test(
        "spellings are read",
        arguments: [
            ("UTC", 0), ("utc", 0), ("UTC+8", 8 * 3600), ("UTC-03:30", -12_600), ("AoE", -43_200),
            ("aoe", -43_200),
            ("Etc/GMT+8", -8 * 3600), ("Asia/Kathmandu", 20_700),
        ])
    func spellings(name: String, offset: Int) throws {
        let instant = try Instant(rfc3339: "2025-08-20T00:00:00Z")
        #expect(try zone(name).offset(at: instant) == Int32(offset))
    }

    @Test(
        "what is no zone is refused",
        arguments: [
            "", "Mars/Base", "../../etc/passwd", "/etc/localtime", "localtime", "posixrules", "Factory", "Z",
            "right/UTC", "posix/UTC", "UTC+25",
            "UTC+8:3", "GMT+8",
            "Europe/../UTC", "tzdata.zi", "Europe",
        ])
    func refused(name: String) {
        #expect(throws: Fault.self) { try zone(name) }
    }

    @Test(
        "zone data with impossible times is refused or read, and stops nobody",
        arguments: [
            "545a69663300000000000000000000000000000000000000000000000000000000000000000000010000000400000000000000000000545a69663300000000000000000000000000000000000000000000000000000000000001000000020000000480000000000000000000000e10000000001c200100434554000a555443300a",
            "545a69663300000000000000000000000000000000000000000000000000000000000000000000010000000400000000000000000000545a69663300000000000000000000000000000000000000000000000000000000000001000000020000000400010000000000000000000e10000000001c200100434554000a4345542d31434553542c4d332e352e302c4d31302e352e302f330a",
        ])
    func damaged(hex: String) throws {
        let digits = Array(hex)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
        guard let zone = try? Zone(name: "Damaged/Zone", tzif: bytes) else { return }
        #expect(abs(Int(zone.offset(at: Instant(seconds: 0)))) <= 26 * 3600)
    }

    @Test("where the system has no zone data, that is said and not that a name is wrong")
    func noZoneData() {
        var zones = ZoneDatabase(load: { _ in nil }, names: { [] })
        #expect {
            try zones.zone("Europe/Zurich")
        } throws: {
            "\($0)".contains("no zone data in /usr/share/zoneinfo (install the system's package tzdata")
        }
        #expect((try? zones.zone("UTC+8")) != nil)
    }

    @Test("a misspelt zone gets the nearest name, and a city its region")
    func suggestions() {
        #expect(throws: Fault("unknown zone 'Europe/Zurch'", remedy: "did you mean 'Europe/Zurich'?")) {
            try zone("Europe/Zurch")
        }
        #expect(throws: Fault("unknown zone 'new york'", remedy: "did you mean 'America/New_York'?")) {
            try zone("new york")
        }
    }

    @Test("a skipped time moves forward by the gap, and of two occurrences the first is meant")
    func gapAndOverlap() throws {
        let zurich = try zone("Europe/Zurich")
        #expect("\(try civil("2025-03-30 02:30", zurich))" == "2025-03-30T01:30:00Z")
        #expect("\(try civil("2025-10-26 02:30", zurich))" == "2025-10-26T00:30:00Z")
        #expect("\(try civil("2060-10-31 02:30", zurich))" == "2060-10-31T00:30:00Z")
    }

    @Test("a day without midnight begins when its clocks have jumped")
    func daysWithoutMidnight() throws {
        // Beirut skips 00:00 to 01:00; Apia skipped 30 December 2011 whole.
        #expect("\(try zone("Asia/Beirut").startOfDay(day("2025-03-30")))" == "2025-03-29T22:00:00Z")
        #expect("\(try zone("Pacific/Apia").startOfDay(day("2011-12-30")))" == "2011-12-30T10:00:00Z")
        #expect("\(try zone("Pacific/Apia").startOfDay(day("2011-12-31")))" == "2011-12-30T10:00:00Z")
    }

    @Test("the years after the table follow the zone's rule, the four hundredth like the first")
    func farFuture() throws {
        let zurich = try zone("Europe/Zurich")
        for year in [2037, 2038, 2100, 2437, 2500, 9999] {
            #expect(zurich.offset(at: try Instant(rfc3339: "\(year)-07-01T00:00:00Z")) == 7200, "\(year)")
            #expect(zurich.offset(at: try Instant(rfc3339: "\(year)-01-10T00:00:00Z")) == 3600, "\(year)")
        }
    }

    /// Python, ICU and the C library read the same files; the C library is at hand.
    @Test("every zone agrees with the C library on instants of 150 years")
    func cLibrary() throws {
        var random = Seeded()
        let before = getenv("TZ").map { String(cString: $0) }
        defer {
            if let before { setenv("TZ", before, 1) } else { unsetenv("TZ") }
            tzset()
        }
        for (name, zone) in try everyZone() {
            setenv("TZ", name, 1)
            tzset()
            for _ in 0..<40 {
                var time = time_t.random(in: -631_152_000..<4_102_444_800, using: &random)  // 1950 to 2100
                var local = tm()
                localtime_r(&time, &local)
                let offset = zone.offset(at: Instant(seconds: Int64(time)))
                #expect(Int(offset) == local.tm_gmtoff, "\(name) at \(time), \(random)")
            }
        }
    }

    private func civil(_ text: String, _ zone: Zone) throws -> Instant {
        try #require(Deadline(try DeadlineValue(text), zone: zone)).instant
    }

    private func day(_ text: String) throws -> CivilDate {
        guard case .date(let date) = try DeadlineValue(text) else { throw Fault("no date") }
        return date
    }
}
