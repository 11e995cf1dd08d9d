import Schedule
import Testing

/// The table of the documentation's page on time: defaults Europe/Zurich and 09:00, nothing avoided.
@Suite("Worked examples")
struct WorkedExamplesTests {
    struct Example: CustomTestStringConvertible {
        let deadline: String
        var zone = "Europe/Zurich"
        let rule: String
        let instant: String
        let due: String
        var testDescription: String { "\(deadline) \(zone), \(rule)" }
    }

    static let examples = [
        Example(
            deadline: "2025-08-20", rule: "7d", instant: "2025-08-20T22:00:00Z", due: "2025-08-13T07:00:00Z"),
        Example(
            deadline: "2025-08-20", rule: "12h", instant: "2025-08-20T22:00:00Z", due: "2025-08-20T10:00:00Z"),
        Example(
            deadline: "2025-08-20", zone: "AoE", rule: "0d", instant: "2025-08-21T12:00:00Z",
            due: "2025-08-20T07:00:00Z"),
        Example(
            deadline: "2025-11-01", rule: "7d", instant: "2025-11-01T23:00:00Z", due: "2025-10-25T07:00:00Z"),
        Example(
            deadline: "2025-11-01", rule: "168h", instant: "2025-11-01T23:00:00Z", due: "2025-10-25T23:00:00Z"
        ),
        Example(
            deadline: "2025-03-31", rule: "1mo", instant: "2025-03-31T22:00:00Z", due: "2025-02-28T08:00:00Z"),
        Example(
            deadline: "2025-08-20 08:00", rule: "0d", instant: "2025-08-20T06:00:00Z",
            due: "2025-08-19T07:00:00Z"),
        Example(
            deadline: "2025-08-25", rule: "1bd", instant: "2025-08-25T22:00:00Z", due: "2025-08-22T07:00:00Z"),
        Example(
            deadline: "2025-03-31", rule: "1d at 02:30", instant: "2025-03-31T22:00:00Z",
            due: "2025-03-30T01:30:00Z"),
    ]

    @Test("a deadline and a rule give the instants of the table", arguments: examples)
    func example(_ example: Example) throws {
        let deadline = try #require(try deadline(example.deadline, example.zone))
        let rule = try #require(try ReminderRule.parse(example.rule).first)
        let due = Planner(calendar: .standard).due(
            rule, deadline: deadline, avoid: [],
            audience: Audience(zone: try zone("Europe/Zurich"), at: .nine))
        #expect("\(deadline.instant)" == example.instant)
        #expect("\(due)" == example.due)
    }
}
