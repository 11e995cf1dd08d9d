import Messages
import Schedule
import Testing

@Suite("Verdicts")
struct VerdictTests {
    private static let now = Instant(seconds: 1_755_068_400)  // 2025-08-13T07:00:00Z

    enum Class: String { case delivered, retry, permanent, disable, unknown }

    struct Row: CustomTestStringConvertible {
        let service: Int
        let status: Int
        var headers: [String: String] = [:]
        var body = ""
        let expected: Class
        var wait: Span?
        var testDescription: String { "\(ChatServices.all[service].type) \(status) \(body.prefix(40))" }
    }

    static let rows: [Row] = [
        Row(service: 0, status: 200, body: "ok", expected: .delivered),
        Row(service: 0, status: 200, body: "something else", expected: .permanent),
        Row(service: 0, status: 400, body: "invalid_payload", expected: .permanent),
        Row(service: 0, status: 404, body: "channel_not_found", expected: .disable),
        Row(service: 0, status: 404, body: "no_service", expected: .disable),
        Row(service: 0, status: 200, body: "no_service", expected: .disable),
        Row(service: 0, status: 403, body: "invalid_token", expected: .disable),
        Row(service: 0, status: 410, body: "channel_is_archived", expected: .disable),
        Row(
            service: 0, status: 429, headers: ["retry-after": "30"], body: "rate_limited", expected: .retry,
            wait: .seconds(30)),
        Row(service: 0, status: 503, expected: .retry),
        Row(service: 1, status: 200, body: #"{"id": "1", "content": "x"}"#, expected: .delivered),
        Row(service: 1, status: 204, expected: .unknown),
        Row(
            service: 1, status: 404, body: #"{"message": "Unknown Webhook", "code": 10015}"#,
            expected: .disable),
        Row(
            service: 1, status: 401, body: #"{"message": "Invalid Webhook Token", "code": 50027}"#,
            expected: .disable),
        Row(
            service: 1, status: 400, body: #"{"code": 50035, "message": "Invalid Form Body"}"#,
            expected: .permanent),
        Row(service: 1, status: 403, body: "error code: 1010", expected: .retry, wait: .minutes(10)),
        Row(
            service: 1, status: 429, headers: ["retry-after": "1"],
            body: #"{"retry_after": 64.57, "global": false}"#, expected: .retry,
            wait: .seconds(65)),
        Row(
            service: 1, status: 429, headers: ["retry-after": "65"], body: #"{"retry_after": 0.3}"#,
            expected: .retry, wait: .seconds(65)),
        Row(service: 2, status: 202, expected: .delivered),
        Row(service: 2, status: 200, body: "1", expected: .delivered),
        Row(
            service: 2, status: 400, body: #"{"error": {"code": "TriggerInputSchemaMismatch"}}"#,
            expected: .permanent),
        Row(service: 2, status: 401, expected: .disable),
        Row(service: 2, status: 429, headers: ["retry-after": "10"], expected: .retry, wait: .seconds(10)),
        Row(service: 2, status: 502, expected: .retry),
        Row(service: 3, status: 200, expected: .delivered),
        Row(service: 3, status: 299, expected: .delivered),
        Row(service: 3, status: 302, expected: .permanent),
        Row(service: 3, status: 307, expected: .permanent),
        Row(service: 3, status: 404, expected: .retry),
        Row(service: 3, status: 410, expected: .disable),
        Row(service: 3, status: 422, expected: .permanent),
        Row(service: 3, status: 504, expected: .retry),
    ]

    @Test("each answer gets its verdict", arguments: rows)
    func verdict(_ row: Row) throws {
        let answer = Answer.response(
            Answer.Response(status: row.status, headers: row.headers, body: Array(row.body.utf8)))
        let verdict = try services()[row.service].verdict(on: answer, now: VerdictTests.now)
        switch (verdict, row.expected) {
        case (.delivered, .delivered), (.permanent, .permanent), (.disable, .disable), (.unknown, .unknown):
            break
        case (.retry(let wait, _), .retry): #expect(wait == row.wait)
        default: Issue.record("\(verdict)")
        }
    }

    @Test("what each service says when it takes a message is delivered")
    func acceptance() throws {
        for service in try services() {
            #expect(
                service.verdict(on: .response(type(of: service).acceptance), now: VerdictTests.now)
                    == .delivered)
        }
    }

    @Test(
        "every form of Retry-After is read, rounded up and kept within a second and six hours",
        arguments: [
            ("30", 30), ("0", 1), ("28.706807", 29), ("0.35", 1), ("99999999999", 21_600),
            ("Wed, 13 Aug 2025 07:02:00 GMT", 120),
            ("Wed, 13 Aug 2025 06:00:00 GMT", 1),
        ] as [(String, Int64)])
    func retryAfter(text: String, seconds: Int64) {
        let answer = Answer.response(Answer.Response(status: 429, headers: ["retry-after": text]))
        guard case .retry(let wait, _) = Verdict.standard(answer, now: VerdictTests.now) else {
            return #expect(Bool(false))
        }
        #expect(wait == .seconds(seconds))
    }

    @Test(
        "a Retry-After that says nothing is passed over",
        arguments: ["", "soon", "-5", "nan", "inf", "1e400", "Wed, 99 Aug 2025 07:02:00 GMT"])
    func noRetryAfter(text: String) {
        let answer = Answer.response(Answer.Response(status: 503, headers: ["retry-after": text]))
        guard case .retry(let wait, _) = Verdict.standard(answer, now: VerdictTests.now) else {
            return #expect(Bool(false))
        }
        #expect(wait == nil)
    }

    @Test("an answer that broke off after a good status may have arrived or not")
    func brokenOff() {
        let answer = Answer.response(Answer.Response(status: 200, isComplete: false))
        guard case .unknown = Verdict.standard(answer, now: VerdictTests.now) else {
            return #expect(Bool(false))
        }
    }
}
