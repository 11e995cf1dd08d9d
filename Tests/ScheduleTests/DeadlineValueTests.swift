import Schedule
import Testing

@Suite("A deadline's value")
struct DeadlineValueTests {
    @Test(
        "each form is read",
        arguments: [
            ("2025-08-20", "2025-08-20T22:00:00Z"), ("20 August 2025", "2025-08-20T22:00:00Z"),
            ("20 Aug 2025", "2025-08-20T22:00:00Z"), ("20 AUGUST 2025", "2025-08-20T22:00:00Z"),
            ("August 20, 2025", "2025-08-20T22:00:00Z"), ("sept 1, 2025", "2025-09-01T22:00:00Z"),
            ("2025-08-20 17:00", "2025-08-20T15:00:00Z"), ("2025-08-20T17:00:30", "2025-08-20T15:00:30Z"),
            ("2025-08-20 24:00", "2025-08-20T22:00:00Z"),
            ("2025-08-20T17:00:00+02:00", "2025-08-20T15:00:00Z"),
            ("2025-08-20t17:00:00z", "2025-08-20T17:00:00Z"),
            ("2025-08-20T17:00:00.25Z", "2025-08-20T17:00:00Z"),
            ("2024-02-29", "2024-02-29T23:00:00Z"),
            // What a web page's spaces and dashes look like.
            ("20\u{A0}August\u{202F}2025", "2025-08-20T22:00:00Z"),
            ("2025\u{2013}08\u{2011}20", "2025-08-20T22:00:00Z"),
        ])
    func forms(text: String, instant: String) throws {
        let deadline = try #require(try deadline(text))
        #expect("\(deadline.instant)" == instant)
    }

    @Test("an open date has no deadline", arguments: ["TBA", "tbd", "Rolling"])
    func undated(text: String) throws {
        #expect(try deadline(text) == nil)
    }

    @Test(
        "an instant is read as it is told, behind the last year that can be written, too",
        arguments: [
            "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "10000-02-29T12:00:00Z",
            "10010-12-31T23:59:59Z",
        ])
    func readAsTold(text: String) throws {
        #expect("\(try Instant(rfc3339: text))" == text)
        let last = try #require(try deadline("9999-12-31", "AoE"))
        #expect(try Instant(rfc3339: "\(last.instant)") == last.instant)
    }

    @Test("24:00 belongs to the day it ends")
    func endOfDay() throws {
        #expect("\(try #require(try deadline("2025-08-20 24:00")).date)" == "2025-08-20")
    }

    @Test("an instant keeps the civil date written beside it")
    func writtenDate() throws {
        let deadline = try #require(try deadline("2025-08-20T23:30:00-11:00"))
        #expect("\(deadline.date)" == "2025-08-20")
        #expect("\(deadline.instant)" == "2025-08-21T10:30:00Z")
    }

    @Test(
        "what cannot be right is refused with what would be",
        arguments: [
            ("2025-02-30", "there is no 30 February 2025", "February 2025 has 28 days"),
            ("31 June 2025", "there is no 31 June 2025", "June 2025 has 30 days"),
            ("31-08-2025", "'31-08-2025' is no deadline", "write 2025-08-31"),
            (
                "2025-08-20T24:00:00Z", "'2025-08-20T24:00:00Z' has a time that RFC 3339 does not know",
                "write 2025-08-21T00:00:00Z"
            ),
            (
                "99999999999999999999d after s", "'99999999999999999999d' is too long",
                "an offset is at most ten years, 3660d"
            ),
            ("08/09/2025", "'08/09/2025' can be read in two ways", "write 2025-09-08 or 2025-08-09"),
            ("8.9.2025", "'8.9.2025' can be read in two ways", "write 2025-09-08 or 2025-08-09"),
            (
                "2025-08-20 25:00", "'2025-08-20 25:00' has a time that no clock shows",
                "hours run from 00:00 to 23:59; 24:00 is the day's end"
            ),
            ("2025-8-20", "'2025-8-20' lacks a leading zero", "write 2025-08-20"),
            ("20 Agust 2025", "'Agust' is no English month name", "did you mean 'August'?"),
            (
                "2025-08-20 17:00 CET", "a deadline does not name its zone ('CET')",
                "write it as 'timezone: CET'"
            ),
        ])
    func faults(text: String, message: String, remedy: String) {
        #expect(throws: Fault(message, remedy: remedy)) { try DeadlineValue(text) }
    }

    @Test(
        "nothing else is a deadline",
        arguments: [
            "", " ", "no", "1e3", "2025", "2025-08", "20250820", "2025-13-01", "0000-01-01", "2025-08-20T",
            "2025-08-20T17",
            "2025-08-20 17:00:00+02:00x", "2025-08-20T17:00+02:00", "20 August", "August 2025", "tomorrow",
            "2025-08-20T24:00:00Z", "2025-08-20 17:00:60", "99999999999999999999-01-01", "20 August 2025 ",
            "２０２５-08-20",
            "2025-08-20T17:00:00+25:00", "32 August 2025",
        ])
    func nothingElse(text: String) {
        #expect(throws: Fault.self) { try DeadlineValue(text) }
    }

    @Test("days left are counted on the deadline's own calendar")
    func daysLeft() throws {
        let deadline = try #require(try deadline("2025-08-20", "AoE"))
        // In Zurich it is the 21st already; Anywhere on Earth it is still the 20th.
        #expect(deadline.daysLeft(at: try Instant(rfc3339: "2025-08-21T10:00:00Z")) == 0)
        #expect(deadline.daysLeft(at: try Instant(rfc3339: "2025-08-13T12:00:00Z")) == 7)
        #expect(deadline.daysLeft(at: try Instant(rfc3339: "2025-08-21T12:00:00Z")) == -1)
    }
}
