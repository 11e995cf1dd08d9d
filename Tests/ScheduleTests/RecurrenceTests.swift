import Schedule
import Testing

@Suite("Recurrences")
struct RecurrenceTests {
    private func instants(_ text: String, after: String, count: Int, in zone: Zone = .utc) throws -> [String]
    {
        let recurrence = try Recurrence(text, otherwiseAt: .nine)
        var instant = try Instant(rfc3339: after)
        return (0..<count).map { _ in
            instant = recurrence.next(after: instant, in: zone)
            return "\(instant)"
        }
    }

    @Test("days, weekdays and days of the month are found one after the other")
    func next() throws {
        #expect(
            try instants("day at 18:30", after: "2025-02-27T18:30:00Z", count: 2) == [
                "2025-02-28T18:30:00Z", "2025-03-01T18:30:00Z",
            ])
        #expect(
            try instants("mon, Thursday at 09:00", after: "2025-08-11T09:00:00Z", count: 3) == [
                "2025-08-14T09:00:00Z", "2025-08-18T09:00:00Z", "2025-08-21T09:00:00Z",
            ])
        #expect(
            try instants("31", after: "2025-01-31T09:00:00Z", count: 3) == [
                "2025-02-28T09:00:00Z", "2025-03-31T09:00:00Z", "2025-04-30T09:00:00Z",
            ])
        #expect(
            try instants("1 at 00:00", after: "2025-12-01T00:00:00Z", count: 1) == ["2026-01-01T00:00:00Z"])
        #expect(
            try instants("last at 23:59", after: "2028-02-01T00:00:00Z", count: 1) == ["2028-02-29T23:59:00Z"]
        )
    }

    @Test(
        "the last one at an instant is the one before the next, in every zone",
        arguments: ["UTC", "Europe/Zurich", "America/New_York", "Pacific/Apia", "Africa/Cairo"])
    func last(zone name: String) throws {
        let zone = try zone(name)
        for text in ["day at 02:30", "sun at 02:30", "31 at 00:00"] {
            let recurrence = try Recurrence(text, otherwiseAt: .nine)
            var instant = try Instant(rfc3339: "2025-01-15T00:00:00Z")
            for _ in 0..<100 {
                let next = recurrence.next(after: instant, in: zone)
                #expect(next > instant && recurrence.last(at: next, in: zone) == next)
                #expect(recurrence.last(at: next - .milliseconds(1), in: zone) <= instant)
                instant = next
            }
        }
    }

    @Test(
        "what says no days is refused with what to write",
        arguments: [
            "", "at 09:00", "every at", "mon at", "mon at 25:00", "32", "0", "mon at 09:00 at 10:00", "1 mon",
        ])
    func refused(text: String) {
        #expect(throws: Fault.self) { try Recurrence(text, otherwiseAt: .nine) }
    }
}
