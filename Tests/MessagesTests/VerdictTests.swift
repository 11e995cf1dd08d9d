import Messages
import Schedule
import Testing

@Suite("Verdicts")
struct VerdictTests {
    private static let now = Instant(seconds: 1_755_068_400)  // 2025-08-13T07:00:00Z

    enum Class: String { case delivered, retry, limited, permanent, disable, unknown }

    struct Row: CustomTestStringConvertible {
        let type: String
        let status: Int
        let headers: [String: String]
        let body: String
        let expected: Class
        let wait: Span?
        var testDescription: String { "\(type) \(status) \(body.prefix(40))" }

        init(
            _ type: String, _ status: Int, _ body: String, _ expected: Class, wait: Span? = nil,
            headers: [String: String] = [:]
        ) {
            (self.type, self.status, self.body, self.expected) = (type, status, body, expected)
            (self.wait, self.headers) = (wait, headers)
        }

        init(
            _ type: String, _ status: Int, _ expected: Class, wait: Span? = nil,
            headers: [String: String] = [:]
        ) {
            self.init(type, status, "", expected, wait: wait, headers: headers)
        }
    }

    static let slack = [
        Row("slack", 200, "ok", .delivered), Row("slack", 200, "ok\n", .delivered),
        Row("slack", 200, "something else", .permanent), Row("slack", 200, "", .permanent),
        Row("slack", 200, "no_service", .disable), Row("slack", 302, "", .permanent),
        Row("slack", 400, "invalid_payload", .permanent), Row("slack", 400, "invalid_blocks", .permanent),
        Row("slack", 403, "invalid_token", .disable), Row("slack", 404, "channel_not_found", .disable),
        Row("slack", 404, "no_service", .disable), Row("slack", 410, "channel_is_archived", .disable),
        Row("slack", 429, "rate_limited", .retry, wait: .seconds(30), headers: ["retry-after": "30"]),
        Row("slack", 500, "rollup_error", .retry), Row("slack", 503, .retry),
    ]

    static let discord = [
        Row("discord", 200, #"{"id": "1", "type": 0, "content": "x"}"#, .delivered),
        Row("discord", 200, "<html>Log in</html>", .unknown), Row("discord", 200, #"{"ok": true}"#, .unknown),
        Row("discord", 204, .unknown), Row("discord", 308, .permanent),
        Row("discord", 400, #"{"code": 50035, "message": "Invalid Form Body"}"#, .permanent),
        Row("discord", 401, #"{"message": "Invalid Webhook Token", "code": 50027}"#, .disable),
        Row("discord", 403, #"{"message": "Invalid Webhook Token", "code": 50027}"#, .disable),
        Row("discord", 404, #"{"message": "Unknown Webhook", "code": 10015}"#, .disable),
        Row("discord", 400, #"{"message": "Unknown Webhook", "code": 10015}"#, .disable),
        Row("discord", 403, "error code: 1010", .limited, wait: .minutes(10)),
        Row("discord", 403, "<!DOCTYPE html><html>Just a moment</html>", .limited, wait: .minutes(10)),
        Row("discord", 429, "error code: 1015", .limited, wait: .minutes(10), headers: ["retry-after": "5"]),
        Row("discord", 429, "error code: 1015", .limited, wait: .hours(1), headers: ["retry-after": "3600"]),
        Row(
            "discord", 429, #"{"retry_after": 64.57, "global": false}"#, .retry, wait: .seconds(65),
            headers: ["retry-after": "1"]),
        Row(
            "discord", 429, #"{"retry_after": 0.3}"#, .retry, wait: .seconds(65),
            headers: ["retry-after": "65"]),
        Row("discord", 429, #"{"retry_after": 0.3}"#, .retry, wait: .seconds(1)),
        Row("discord", 429, #"{"retry_after": 8.5, "global": true}"#, .limited, wait: .seconds(9)),
        Row(
            "discord", 429, #"{"retry_after": 8.5}"#, .limited, wait: .seconds(9),
            headers: ["x-ratelimit-global": "true"]),
        Row("discord", 429, #"{"retry_after": -1}"#, .retry),
        Row("discord", 429, #"{"retry_after": 1e300}"#, .retry, wait: .hours(6)),
        Row("discord", 502, "<html>", .retry),
    ]

    static let teams = [
        Row("teams", 202, .delivered), Row("teams", 200, "1", .delivered),
        Row("teams", 400, #"{"error": {"code": "TriggerInputSchemaMismatch"}}"#, .permanent),
        Row("teams", 401, .disable), Row("teams", 403, .disable), Row("teams", 404, .disable),
        Row("teams", 413, .permanent),
        Row("teams", 429, .retry, wait: .seconds(10), headers: ["retry-after": "10"]),
        Row("teams", 502, .retry),
    ]

    static let webhook = [
        Row("webhook", 200, .delivered), Row("webhook", 204, .delivered),
        Row("webhook", 299, "<html>", .delivered),
        Row("webhook", 301, .permanent), Row("webhook", 302, .permanent), Row("webhook", 307, .permanent),
        Row("webhook", 401, .disable), Row("webhook", 404, .retry),
        Row("webhook", 404, .retry, wait: .seconds(7), headers: ["retry-after": "7"]),
        Row("webhook", 408, .retry), Row("webhook", 410, .disable), Row("webhook", 422, .permanent),
        Row("webhook", 425, .retry), Row("webhook", 500, .retry), Row("webhook", 502, .retry),
        Row("webhook", 503, .retry, wait: .seconds(120), headers: ["retry-after": "120"]),
        Row("webhook", 504, .retry),
    ]

    @Test("each answer gets its verdict", arguments: slack + discord + teams + webhook)
    func verdict(_ row: Row) throws {
        let answer = Answer.response(
            Answer.Response(status: row.status, headers: row.headers, body: Array(row.body.utf8)))
        let verdict = try service(row.type).verdict(on: answer, now: VerdictTests.now)
        switch (verdict, row.expected) {
        case (.delivered, .delivered): break
        case (.permanent(let reason), .permanent), (.disable(let reason, _), .disable):
            #expect(reason.hasPrefix("HTTP \(row.status)"))
        case (.unknown(let reason), .unknown): #expect(reason.contains("HTTP \(row.status)"))
        case (.retry(let wait, let reason), .retry):
            #expect(wait == row.wait && reason.hasPrefix("HTTP \(row.status)"))
        case (.limited(let wait, let reason), .limited):
            #expect(wait == row.wait && reason.hasPrefix("HTTP \(row.status)"))
        default: Issue.record("\(verdict)")
        }
    }

    @Test("what each service says when it takes a message is delivered", arguments: types)
    func acceptance(type: String) throws {
        let service = try service(type)
        let acceptance = Answer.response(Swift.type(of: service).acceptance)
        #expect(service.verdict(on: acceptance, now: VerdictTests.now) == .delivered)
    }

    @Test("what was not sent is tried again, what was lost may have arrived", arguments: types)
    func noAnswer(type: String) throws {
        let service = try service(type)
        #expect(
            service.verdict(on: .notSent(reason: "no route"), now: VerdictTests.now)
                == .retry(wait: nil, reason: "no route"))
        #expect(
            service.verdict(on: .lost(reason: "time-out"), now: VerdictTests.now)
                == .unknown(reason: "time-out"))
    }

    @Test(
        "an answer that broke off after a good status may have arrived or not, where its body has a say",
        arguments: [("slack", "o"), ("slack", "ok"), ("discord", #"{"id": "1""#), ("teams", "")])
    func brokenOff(type: String, body: String) throws {
        let answer = Answer.response(Answer.Response(status: 200, body: Array(body.utf8), isComplete: false))
        guard case .unknown = try service(type).verdict(on: answer, now: VerdictTests.now) else {
            return #expect(Bool(false))
        }
        #expect(try service("webhook").verdict(on: answer, now: VerdictTests.now) == .delivered)
    }

    @Test(
        "every form of Retry-After is read, rounded up and kept within a second and six hours",
        arguments: [
            ("30", 30), ("0", 1), ("28.706807", 29), ("0.35", 1), ("99999999999", 21_600), ("1e300", 21_600),
            ("Wed, 13 Aug 2025 07:02:00 GMT", 120), ("Wed, 13 Aug 2025 06:00:00 GMT", 1),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 21_600), ("Thu, 01 Jan 1970 00:00:00 GMT", 1),
        ] as [(String, Int64)])
    func retryAfter(text: String, seconds: Int64) {
        #expect(wait(text) == .seconds(seconds))
    }

    @Test(
        "a Retry-After that says nothing is passed over",
        arguments: [
            "", "soon", "-5", "-0.1", "nan", "inf", "-inf", "1e400", "30s", "3 0",
            "Wed, 99 Aug 2025 07:02:00 GMT",
            "Wed, 13 Aug 2025 07:02 GMT", "Wed, 13 Aug 2025 25:02:00 GMT",
            "Wed, 13 Aug 99999999999999999999 07:02:00 GMT",
            "Wed, 13 Aug 2025 07:02:00 CEST", "2025-08-13T07:02:00Z", "‹›",
        ])
    func noRetryAfter(text: String) {
        #expect(wait(text) == nil)
    }

    private func wait(_ retryAfter: String) -> Span? {
        let answer = Answer.response(Answer.Response(status: 429, headers: ["retry-after": retryAfter]))
        guard case .retry(let wait, _) = Verdict.standard(answer, now: VerdictTests.now) else {
            Issue.record("no retry")
            return nil
        }
        return wait
    }

    @Test("a reason is one clean line of a bounded length")
    func reason() {
        let body = "a\r\n\u{1B}[31mb\u{202E}" + String(repeating: "x", count: 60_000)
        let reason = Answer.Response(status: 500, body: Array(body.utf8)).reason
        #expect(reason.hasPrefix("HTTP 500: a [31mbxx") && reason.utf16.count <= 210)
        #expect(Answer.Response(status: 500, body: [0xFF, 0xFE]).reason == "HTTP 500: ��")
        #expect(Answer.Response(status: 500).reason == "HTTP 500")
    }
}
