import Schedule
import Testing

/// The forms in which flyers, call pages, mails and public deadline trackers write their dates and zones: each is read
/// right, or refused with a message that says how to write it.
@Suite("Spellings in the wild")
struct SpellingTests {
    @Test(
        "dates as calls print them are read",
        arguments: [
            ("May 31, 2021", "2021-05-31"), ("31 May 2021", "2021-05-31"), ("May 31st, 2021", "2021-05-31"),
            ("31st May 2021", "2021-05-31"), ("31-May-2021", "2021-05-31"), ("28-Feb-2021", "2021-02-28"),
            ("31 December 2025", "2025-12-31"), ("November 30th, 2020", "2020-11-30"),
            ("Sept. 30, 2026", "2026-09-30"),
            ("1st December, 2020", "2020-12-01"), ("Friday, 18 September 2020", "2020-09-18"),
            ("Friday, 02 April 2021", "2021-04-02"), ("June 1, 2025", "2025-06-01"),
            ("1 August 2026", "2026-08-01"),
            ("Wed 20 Aug 2025", "2025-08-20"), ("22nd of October 2026", "2026-10-22"),
            ("Mon., Aug. 3, 2026", "2026-08-03"),
        ])
    func dates(text: String, date: String) throws {
        let read = try DeadlineValue.read(text)
        #expect(read.value == (try DeadlineValue(date)))
        #expect(read.doubt == nil)
    }

    @Test(
        "times as trackers write them are read",
        arguments: ["2027-01-31 23:59:59", "2027-01-31 23:59", "2027-01-31T23:59:59"])
    func times(text: String) throws {
        guard case .civil(let civil) = try DeadlineValue(text) else {
            Issue.record("\(text)")
            return
        }
        #expect("\(civil)" == "2027-01-31 23:59")
    }

    @Test("a weekday that is not the date's is doubted, and the dates it may mean are told")
    func weekday() throws {
        let (value, doubt) = try DeadlineValue.read("Monday, 20 August 2025")
        #expect(value == (try DeadlineValue("2025-08-20")))
        #expect(
            doubt
                == Fault(
                    "'Monday, 20 August 2025': 2025-08-20 is a Wednesday",
                    remedy: "which is right? The Mondays next to it are 2025-08-18 and 2025-08-25"))
    }

    @Test(
        "what else stands where a date should is refused, and the remedy says what to write",
        arguments: [
            ("Aug 2-4, 2021", "write 2021-08-04 or 2021-08-02"),
            ("2-4 August 2021", "write 2021-08-04 or 2021-08-02"),
            ("Aug 2–4, 2021", "write 2021-08-04 or 2021-08-02"), ("May 2021", "the month ends on 2021-05-31"),
            ("May 31", "write it, like 31 May 2025"), ("31st May", "write it, like 31 May 2025"),
            ("15 April 2021 (extended).", "write the date alone, 2021-04-15"),
            ("extended to May 21, 2021", "write the date alone, 2021-05-21"),
            ("(extended - FIRM) 21 May 2021", "write the date alone, 2021-05-21, and 'firmness: firm'"),
            ("February 21st, 2021 -> EXTENDED to July 31st, 2021", "2021-02-21 or 2021-07-31"),
            ("1 August 2026 (Final)", "2026-08-01, and 'firmness: firm' beside it"),
            ("closed (15 September 2021)", "write the date alone, 2021-09-15"),
            ("Closed", "state: withdrawn"),
            ("Cancelled", "state: withdrawn"), ("None", "write rolling"),
            ("Open for submissions", "write rolling"),
            ("(no submission deadline)", "write rolling"), ("to be announced", "write TBA"),
            ("%Y-05-31 23:59", "write the year"), ("20 August 2025 17:00", "2025-08-20, or with its time"),
            ("August 20, 2025, 11:59 PM", "2025-08-20, or with its time"),
            ("08/09/2025", "write 2025-09-08 or 2025-08-09"),
            ("2025/08/20", "write 2025-08-20"), ("2025-05-15 23:59 AoE", "timezone: AoE"),
            ("2025-05-15T23:59:59 UTC-12", "timezone: UTC-12"),
            ("Deadline: 20 August 2025", "write the date alone, 2025-08-20"),
            ("t0+3 months", "write 2025-08-20"), ("3mo after", "write it like '3mo after submission'"),
        ])
    func refused(text: String, remedy: String) {
        do {
            let value = try DeadlineValue(text)
            Issue.record("'\(text)' was read as \(value)")
        } catch {
            #expect(error.remedy?.contains(remedy) == true, "'\(text)': \(error)")
        }
    }

    @Test(
        "offsets of public trackers are read",
        arguments: [
            ("UTC-12", -12), ("UTC+0", 0), ("UTC", 0), ("UTC+12", 12), ("AoE", -12), ("UTC+08:00", 8),
        ])
    func zones(text: String, hours: Int32) throws {
        #expect(try zone(text).offset(at: Instant(seconds: 0)) == hours * 3600)
    }

    @Test(
        "letters that mean several zones are refused with the names to choose from",
        arguments: [
            ("PST", ["America/Los_Angeles", "Asia/Manila"]),
            ("CST", ["America/Chicago", "Asia/Shanghai", "America/Havana"]),
            ("IST", ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]), ("BST", ["Europe/London"]),
            ("PT", ["America/Los_Angeles"]),
            ("pst", ["America/Los_Angeles"]), ("EST", ["America/New_York"]), ("EDT", ["America/New_York"]),
            ("JST", ["Asia/Tokyo"]),
            ("KST", ["Asia/Seoul"]), ("GMT+8", ["UTC+8"]), ("GMT-03:30", ["UTC-03:30"]),
        ])
    func abbreviations(text: String, names: [String]) {
        do {
            let zone = try zone(text)
            Issue.record("'\(text)' was read as \(zone)")
        } catch let fault as Fault {
            for name in names { #expect(fault.remedy?.contains(name) == true, "\(fault)") }
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("every name that a remedy offers is a zone")
    func offeredZones() throws {
        for meanings in ZoneAbbreviation.meanings.values {
            for meaning in meanings { _ = try zone(String(meaning.prefix { $0 != " " })) }
        }
    }

    @Test("the sign of Etc/GMT+8 is explained")
    func posixSign() throws {
        #expect(
            ZoneDatabase.doubt(about: try zone("Etc/GMT+8"))
                == Fault(
                    "'Etc/GMT+8' is 8 hours behind UTC", remedy: "write UTC-8 if you mean it, UTC+8 if not"))
        #expect(
            ZoneDatabase.doubt(about: try zone("Etc/GMT-1"))
                == Fault(
                    "'Etc/GMT-1' is 1 hour ahead of UTC", remedy: "write UTC+1 if you mean it, UTC-1 if not"))
        for name in ["Etc/GMT", "Etc/UTC", "Europe/Zurich", "UTC+8"] {
            #expect(ZoneDatabase.doubt(about: try zone(name)) == nil)
        }
    }
}
