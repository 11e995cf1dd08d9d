import Configuration
import Messages
import Schedule
import Testing

@Suite("Milestones in a configuration")
struct MilestoneTests {
    private func issue(_ text: String, now: String = "2025-01-01T00:00:00Z") throws -> SpecialIssue {
        let reading = read(["deadlined.yaml": main, "issues.d/a.yaml": text], now: now)
        #expect(reading.diagnostics.filter { $0.severity == .error }.map(\.description) == [])
        return try #require(reading.configuration?.agenda.issues.first)
    }

    private func findings(_ text: String, now: String = "2025-01-01T00:00:00Z") -> [String] {
        read(["deadlined.yaml": main, "issues.d/a.yaml": text], now: now).diagnostics.map(\.description)
    }

    private func dates(_ issue: SpecialIssue) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: issue.milestones.map {
                ($0.name, $0.deadline.map { "\($0.instant)" } ?? "none")
            })
    }

    @Test("a milestone can count from another, over several and in any order")
    func relative() throws {
        let issue = try issue(
            """
            id: a
            title: T
            milestones:
              - {name: camera ready, deadline: 10bd after notification}
              - {name: notification, deadline: 3mo after submission}
              - {name: submission, deadline: 2025-08-31 17:00, timezone: AoE}
              - {name: reply, deadline: 48h after notification, timezone: UTC}
            """)
        #expect(
            dates(issue) == [
                "submission": "2025-09-01T05:00:00Z", "notification": "2025-12-01T05:00:00Z",
                "camera ready": "2025-12-13T05:00:00Z", "reply": "2025-12-03T05:00:00Z",
            ])
        // Ten business days after Sunday 30 November.
        #expect(issue.milestone("camera ready")?.deadline?.date.description == "2025-12-12")
        #expect(issue.milestone("camera ready")?.deadline?.zone == .anywhereOnEarth)
        #expect(issue.milestone("reply")?.deadline?.zone == .utc)
        #expect(issue.milestone("notification")?.written == "3mo after submission")
    }

    @Test("what counts from a milestone without a date has none either")
    func relativeToNothing() throws {
        let issue = try issue(
            "{id: a, title: T, milestones: [{name: submission, deadline: TBA}, {name: reply, deadline: 1mo after submission}]}"
        )
        #expect(dates(issue) == ["submission": "none", "reply": "none"])
        #expect(issue.milestone("reply")?.state == .tba)
    }

    @Test(
        "a count that leads nowhere is an error that says so",
        arguments: [
            (
                "1mo after submision",
                "there is no milestone 'submision' to count from (did you mean 'submission'?)"
            ),
            ("1mo after reply", "'reply' counts from itself (give one of 'reply' a date)"),
            (
                "1mo after",
                "'1mo after' does not say what it counts from (write it like '3mo after submission')"
            ),
            (
                "1y after submission",
                "'1y' has no unit that is known (units are s, min, h, d (days), w (weeks), mo (months), bd (business days))"
            ),
        ])
    func relativeFaults(text: String, finding: String) {
        let found = findings(
            "{id: a, title: T, milestones: [{name: submission, deadline: 2025-08-20}, {name: reply, deadline: \(text)}]}"
        )
        #expect(found.count == 1 && found[0].hasSuffix(finding), "\(found)")
    }

    @Test("two milestones that count from each other are an error")
    func circle() {
        let found = findings(
            "{id: a, title: T, milestones: [{name: a, deadline: 1d after b}, {name: b, deadline: 1d after a}]}"
        )
        #expect(
            found.contains { $0.hasSuffix("'a' counts from itself (give one of 'a', 'b' a date)") },
            "\(found)")
    }

    @Test("hundreds that count from each other are counted at once", .timeLimit(.minutes(10)))
    func longChain() throws {
        let links = (0..<2000).map { "{name: m\($0), deadline: 1d after m\($0 + 1)}" }.joined(separator: ", ")
        let issue = try issue(
            "{id: a, title: T, milestones: [\(links), {name: m2000, deadline: 2025-08-20}]}")
        #expect(issue.milestone("m0")?.deadline?.date.description == "2031-02-10")
    }

    @Test("a target and an opening are milestones of their own")
    func companions() throws {
        let issue = try issue(
            "{id: a, title: T, deadline: 2025-08-20, target: 14d before submission, opens: 1 March 2025, firmness: soft}"
        )
        #expect(
            dates(issue) == [
                "submission": "2025-08-20T22:00:00Z", "submission target": "2025-08-06T22:00:00Z",
                "submission opens": "2025-02-28T23:00:00Z",
            ])
        #expect(issue.milestone("submission")?.firmness == .soft)
        #expect(issue.milestone("submission target")?.kind == .target(of: "submission"))
        #expect(issue.milestone("submission opens")?.kind == .opening(of: "submission"))
    }

    @Test("a target beside a list names its milestone")
    func targetBesideList() throws {
        let list =
            "milestones: [{name: abstract, deadline: 2025-07-01}, {name: paper, deadline: 2025-07-08, timezone: AoE}]"
        let issue = try issue("{id: a, title: T, target: 2d before paper, \(list)}")
        #expect(dates(issue)["paper target"] == "2025-07-07T12:00:00Z")
        #expect(
            findings("{id: a, title: T, target: 2025-07-01, \(list)}").contains {
                $0.contains("does not name a milestone")
            })
        #expect(
            findings("{id: a, title: T, opens: 2025-07-01, \(list)}").contains {
                $0.contains("both 'opens' and 'milestones'")
            })
    }

    @Test(
        "a state says whether reminders are sent",
        arguments: [
            ("deadline: 2025-08-20", "open", true), ("deadline: 2025-08-20, state: open", "open", true),
            ("deadline: 2025-08-20, state: done", "done", false),
            ("deadline: TBA, state: withdrawn", "withdrawn", false),
            ("deadline: TBD", "tba", false), ("deadline: Rolling", "rolling", false),
            ("state: tba", "tba", false),
            ("state: rolling", "rolling", false),
        ])
    func states(text: String, state: String, isReminded: Bool) throws {
        let milestone = try #require(try issue("{id: a, title: T, \(text)}").milestones.first)
        #expect(milestone.state.rawValue == state)
        #expect((milestone.reminded != nil) == isReminded)
    }

    @Test("what counts from a date stays within the years that can be written")
    func bounds() {
        let found = findings(
            "id: a\ntitle: T\nmilestones: [{name: s, deadline: 9999-12-31}, {name: n, deadline: 120mo after s}]\n"
        )
        #expect(found.first?.contains("'n' counts to the year 10009") == true, "\(found)")
    }

    @Test("a date that has passed is told once, where none is to come")
    func passed() {
        func found(_ last: String) -> [String] {
            findings(
                "id: a\ntitle: T\nmilestones: [{name: abstract, deadline: 2025-07-01}, {name: paper, deadline: \(last)}]\n",
                now: "2025-08-01T00:00:00Z")
        }
        #expect(found("2025-09-01") == [] && found("TBA") == [])
        #expect(found("2025-07-08").count == 1)
        #expect(found("2025-07-08").first?.contains("the deadline passed on 2025-07-08") == true)
    }

    @Test("a line is where an editor shows it")
    func lines() {
        let reading = read([
            "deadlined.yaml": main, "issues.d/a.yaml": "id: a\ntitle: \"A\u{2028}B\"\ndeadline: 2027-13-01\n",
        ])
        let found = reading.diagnostics.first
        #expect(found?.place?.line == 3 && found?.excerpt == "deadline: 2027-13-01")
    }

    @Test("an issue that is done is so with all its milestones, targets and openings")
    func doneIssue() throws {
        let issue = try issue(
            """
            {id: a, title: T, state: done, milestones: [
              {name: abstract, deadline: 2025-07-01, target: 2025-06-01, opens: 2025-05-01}, {name: paper, deadline: 2025-07-08, state: open}]}
            """)
        #expect(issue.milestones.filter { $0.reminded != nil }.map(\.name) == ["paper"])
    }

    @Test(
        "a date and a state that contradict each other are an error",
        arguments: [
            "deadline: 2025-08-20, state: rolling", "deadline: 2025-08-20, state: tba",
            "deadline: TBA, state: open",
            "deadline: TBA, state: rolling", "deadline: 2025-08-20, state: finished", "target: 2025-08-20",
        ])
    func contradictions(text: String) {
        let reading = read(["deadlined.yaml": main, "issues.d/a.yaml": "{id: a, title: T, \(text)}"])
        #expect(reading.errorCount == 1, "\(reading.diagnostics)")
    }

    @Test(
        "what is probably not meant is told",
        arguments: [
            ("deadline: 'Monday, 20 August 2025'", "2025-08-20 is a Wednesday"),
            (
                "deadline: 2025-08-20, target: 2025-08-20",
                "the target 2025-08-20 is not before its deadline 2025-08-20"
            ),
            (
                "deadline: 2025-08-20, opens: 2025-09-01",
                "'submission' opens on 2025-09-01, after its deadline 2025-08-20"
            ),
            ("deadline: 2025-08-20, opens: 2025-09-01", "is the deadline's year last year's?"),
            ("deadline: 2025-08-20, timezone: Etc/GMT+8", "'Etc/GMT+8' is 8 hours behind UTC"),
            (
                "deadline: 2025-08-20, checked: 2026-05-01",
                "had long passed when it was checked on 2026-05-01"
            ),
            (
                "milestones: [{name: abstract, deadline: 2025-07-01}, {name: submission, deadline: 2025-06-01}]",
                "'abstract' on 2025-07-01 is after 'submission' on 2025-06-01"
            ),
            (
                "milestones: [{name: notification, deadline: 2026-02-01}, {name: camera-ready, deadline: 2025-03-01}]",
                "is the year of 'camera-ready' last year's?"
            ),
        ])
    func doubts(text: String, doubt: String) {
        let reading = read(["deadlined.yaml": main, "issues.d/a.yaml": "{id: a, title: T, \(text)}"])
        #expect(reading.errorCount == 0, "\(reading.diagnostics)")
        #expect(reading.diagnostics.contains { "\($0)".contains(doubt) }, "\(reading.diagnostics)")
    }

    @Test("a deadline of a year ago asks for its year")
    func lastYear() {
        let found = findings("{id: a, title: T, deadline: 2025-08-20}", now: "2026-06-20T00:00:00Z")
        #expect(found.contains { $0.contains("is its year last year's? Then write 2026-08-20") }, "\(found)")
        let old = findings("{id: a, title: T, deadline: 2025-08-20}", now: "2025-09-20T00:00:00Z")
        #expect(old.contains { $0.contains("remove it when nobody needs it any more") }, "\(old)")
    }

    @Test("an edition with the date of another edition, and one years before its id, are told")
    func editions() {
        let found = findings(
            "[{id: icml-2027, title: T, deadline: 2025-08-20}, {id: icml-2026, title: T, deadline: 2025-08-20}, {id: kdd-2026, title: T, deadline: 2025-08-20}]"
        )
        #expect(found.contains { $0.contains("is also that of the edition in issues.d/a.yaml:1") })
        #expect(found.contains { $0.contains("the deadline 2025-08-20 is years before 'icml-2027'") })
        #expect(found.count == 2, "\(found)")
    }

    @Test("one page under two spellings of its URL is told")
    func urls() {
        let found = findings(
            "[{id: a, title: T, deadline: 2025-08-20, url: https://www.x.org/si/}, {id: b, title: T, deadline: 2025-08-20, url: x.org/si}]"
        )
        #expect(found.contains { $0.contains("the same url stands in issues.d/a.yaml:1") }, "\(found)")
    }

    @Test("rules that always fall together are told once for their schedule, with their place")
    func togetherRules() {
        let reading = read([
            "deadlined.yaml": main + "schedules: {standard: [7d, 1w, 0d, 0d at 09:00], other: [7d, 1mo]}\n",
            "issues.d/a.yaml": "{id: a, title: T, deadline: 2025-08-20}",
        ])
        #expect(
            reading.diagnostics.map(\.description) == [
                "deadlined.yaml:4:28: warning: the rules '7d' and '1w' of schedule 'standard' always fall together (keep one of them: it is one reminder)",
                "deadlined.yaml:4:36: warning: the rules '0d' and '0d at 09:00' of schedule 'standard' always fall together (keep one of them: it is one reminder)",
            ])
    }
}
