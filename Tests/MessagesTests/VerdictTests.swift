import Messages
import Schedule
import Testing

@Suite("Verdicts")
struct VerdictTests {
    private static let now = Instant(seconds: 1_755_068_400)  // 2025-08-13T07:00:00Z

    enum Class: String {
        case delivered, retry, limited, permanent, malformed, readdressed, disable, unknown
        /// In plain text too it is tried again.
        case perhapsMalformed
    }

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
        Row("slack", 200, "something else", .perhapsMalformed),
        Row("slack", 200, "", .perhapsMalformed),
        Row("slack", 200, "no_service", .disable), Row("slack", 302, "", .permanent),
        Row("slack", 400, "invalid_payload", .malformed), Row("slack", 400, "invalid_blocks", .malformed),
        Row("slack", 403, "invalid_token", .disable), Row("slack", 404, "channel_not_found", .disable),
        Row("slack", 404, "no_service", .disable), Row("slack", 410, "channel_is_archived", .disable),
        Row("slack", 429, "rate_limited", .retry, wait: .seconds(30), headers: ["retry-after": "30"]),
        Row("slack", 500, "rollup_error", .retry), Row("slack", 503, .retry),
    ]

    static let discord = [
        Row("discord", 200, #"{"id": "1", "type": 0, "content": "x"}"#, .delivered),
        Row("discord", 200, "<html>Log in</html>", .unknown), Row("discord", 200, #"{"ok": true}"#, .unknown),
        Row("discord", 204, .unknown), Row("discord", 308, .permanent),
        Row("discord", 400, #"{"code": 50035, "message": "Invalid Form Body"}"#, .malformed),
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
        Row(
            "teams", 200,
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429",
            .retry),
        Row("teams", 200, "Microsoft Teams endpoint returned HTTP error 413", .malformed),
        Row("teams", 200, "Microsoft Teams endpoint returned HTTP error 403", .perhapsMalformed),
        Row("teams", 400, #"{"error": {"code": "TriggerInputSchemaMismatch"}}"#, .malformed),
        Row("teams", 401, .disable), Row("teams", 403, .disable), Row("teams", 404, .disable),
        Row("teams", 413, .malformed),
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

    static let chats = [
        Row("google-chat", 200, #"{"name": "spaces/A/messages/B.C"}"#, .delivered),
        Row("google-chat", 200, "<html>", .unknown), Row("google-chat", 400, .malformed),
        Row("google-chat", 403, .disable), Row("google-chat", 404, .disable), Row("google-chat", 429, .retry),
        Row("mattermost", 200, "ok", .delivered), Row("mattermost", 200, "<html>", .unknown),
        Row("mattermost", 400, #"{"id": "web.incoming_webhook.text.app_error"}"#, .malformed),
        Row("mattermost", 400, #"{"id": "web.incoming_webhook.parse.app_error"}"#, .malformed),
        Row("mattermost", 400, #"{"id": "web.incoming_webhook.invalid.app_error"}"#, .disable),
        Row("mattermost", 404, #"{"id": "web.incoming_webhook.channel.app_error"}"#, .disable),
        Row("mattermost", 501, #"{"id": "web.incoming_webhook.disabled.app_error"}"#, .disable),
        Row("mattermost", 501, .retry),
        Row("mattermost", 429, "limit exceeded", .retry, wait: .seconds(3), headers: ["retry-after": "3"]),
        Row("rocketchat", 200, #"{"success": true}"#, .delivered),
        Row("rocketchat", 200, #"{"success": false, "error": "x"}"#, .perhapsMalformed),
        Row("rocketchat", 200, "", .unknown), Row("rocketchat", 400, #"{"success": false}"#, .malformed),
        Row("rocketchat", 503, #"{"success": false, "error": "Service Unavailable"}"#, .disable),
        Row("rocketchat", 503, "<html>Service Unavailable", .retry),
        Row(
            "rocketchat", 429, #"{"success": false}"#, .retry, wait: .seconds(12),
            headers: ["x-ratelimit-reset": "1755068412000"]),
        Row("rocketchat", 429, .retry, headers: ["x-ratelimit-reset": "soon"]),
        Row(
            "rocketchat", 429, .retry, wait: .hours(6), headers: ["x-ratelimit-reset": "9223372036854775807"]),
        Row(
            "rocketchat", 429, .retry, wait: .seconds(1),
            headers: ["x-ratelimit-reset": "-9223372036854775808"]),
        Row("zulip", 200, #"{"result": "success", "msg": "", "id": 42}"#, .delivered),
        Row("zulip", 200, "<html>", .unknown),
        Row("zulip", 400, #"{"result": "error", "code": "STREAM_DOES_NOT_EXIST"}"#, .disable),
        Row("zulip", 400, #"{"result": "error", "code": "BAD_REQUEST"}"#, .malformed),
        Row("zulip", 401, #"{"result": "error", "code": "INVALID_API_KEY"}"#, .disable),
        Row("zulip", 404, #"{"result": "error", "code": "NONEXISTENT_SUBDOMAIN"}"#, .disable),
        Row(
            "zulip", 429, #"{"result": "error", "code": "RATE_LIMIT_HIT", "retry-after": 28.7}"#, .retry,
            wait: .seconds(29)),
        Row("zulip", 502, "<html>", .retry),
        Row("matrix", 200, ##"{"event_id": "$6o889"}"##, .delivered), Row("matrix", 200, "{}", .unknown),
        Row("matrix", 401, #"{"errcode": "M_UNKNOWN_TOKEN"}"#, .disable),
        Row("matrix", 403, #"{"errcode": "M_FORBIDDEN", "error": "not in room"}"#, .disable),
        Row("matrix", 400, #"{"errcode": "M_BAD_JSON"}"#, .malformed),
        Row("matrix", 400, #"{"errcode": "M_NOT_JSON"}"#, .malformed),
        Row("matrix", 413, #"{"errcode": "M_TOO_LARGE"}"#, .malformed),
        Row(
            "matrix", 429, #"{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 4417}"#, .retry,
            wait: .seconds(5)),
        Row("matrix", 502, "Bad Gateway", .retry),
        Row("telegram", 200, #"{"ok": true, "result": {}}"#, .delivered), Row("telegram", 200, "", .unknown),
        Row("telegram", 400, #"{"ok": false, "description": "Bad Request: chat not found"}"#, .disable),
        Row(
            "telegram", 400, #"{"ok": false, "description": "Bad Request: can't parse entities"}"#, .malformed
        ),
        Row(
            "telegram", 400, #"{"ok": false, "parameters": {"migrate_to_chat_id": -1009876543210}}"#,
            .readdressed),
        Row("telegram", 401, #"{"ok": false, "description": "Unauthorized"}"#, .disable),
        Row(
            "telegram", 403, #"{"ok": false, "description": "Forbidden: bot was blocked by the user"}"#,
            .disable),
        Row("telegram", 403, "<html>", .disable), Row("telegram", 404, #"{"ok": false}"#, .disable),
        Row(
            "telegram", 429, #"{"ok": false, "parameters": {"retry_after": 35}}"#, .retry, wait: .seconds(35)),
        Row("webex", 204, .delivered), Row("webex", 200, "{}", .delivered), Row("webex", 400, .malformed),
        Row("webex", 401, .disable), Row("webex", 404, .disable),
        Row("webex", 423, .retry, wait: .seconds(5), headers: ["retry-after": "5"]),
        Row("webex", 429, .retry, wait: .seconds(15), headers: ["retry-after": "15"]),
        Row("feishu", 200, #"{"code": 0, "msg": "success"}"#, .delivered),
        Row("feishu", 200, #"{"StatusCode": 0, "StatusMessage": "success"}"#, .delivered),
        Row("feishu", 200, #"{"StatusCode": 19001}"#, .disable),
        Row("feishu", 200, #"{"code": 2200, "msg": "internal error"}"#, .retry, wait: .minutes(1)),
        Row("feishu", 200, #"{"code": 19024, "msg": "Key Words Not Found"}"#, .permanent),
        Row("feishu", 200, #"{"code": 19001, "msg": "token is unauthorized"}"#, .disable),
        Row("feishu", 400, #"{"code": 9499, "msg": "Bad Request"}"#, .malformed),
        Row("feishu", 200, #"{"code": 11232, "msg": "frequency limited"}"#, .retry, wait: .minutes(1)),
        Row("feishu", 400, #"{"code": 9499, "msg": "too many request"}"#, .retry, wait: .minutes(1)),
        Row("feishu", 400, #"{"code": 99991400, "msg": "frequency limit"}"#, .retry, wait: .minutes(1)),
        Row("feishu", 200, #"{"code": 19007, "msg": "Bot Not Enabled"}"#, .disable),
        Row("feishu", 400, #"{"code": 11246, "msg": "x"}"#, .perhapsMalformed),
        Row("feishu", 200, "<html>", .unknown), Row("feishu", 502, "<html>", .retry),
        Row("dingtalk", 200, #"{"errcode": 0, "errmsg": "ok"}"#, .delivered),
        Row("dingtalk", 200, #"{"errcode": 310000, "errmsg": "invalid timestamp"}"#, .permanent),
        Row("dingtalk", 200, #"{"errcode": 130101, "errmsg": "send too fast"}"#, .retry, wait: .minutes(10)),
        Row("dingtalk", 200, #"{"errcode": 410100}"#, .retry, wait: .minutes(10)),
        Row("dingtalk", 200, #"{"errcode": -1}"#, .retry),
        Row("dingtalk", 200, #"{"errcode": 300005, "errmsg": "token is not exist"}"#, .disable),
        Row("dingtalk", 200, #"{"errcode": 400013}"#, .disable),
        Row("dingtalk", 200, #"{"errcode": 400101}"#, .disable),
        Row("dingtalk", 200, #"{"errcode": 400102}"#, .disable),
        Row("dingtalk", 200, #"{"errcode": 400106}"#, .disable),
        Row("dingtalk", 200, #"{"errcode": 40035}"#, .perhapsMalformed), Row("dingtalk", 200, "", .unknown),
        Row("wecom", 200, #"{"errcode": 0, "errmsg": "ok"}"#, .delivered),
        Row("wecom", 200, #"{"errcode": 93000, "errmsg": "invalid webhook url"}"#, .disable),
        Row(
            "wecom", 200, #"{"errcode": 45009, "errmsg": "api freq out of limit"}"#, .retry, wait: .minutes(1)
        ),
        Row("wecom", 200, #"{"errcode": -1}"#, .retry),
        Row("wecom", 200, #"{"errcode": 45033}"#, .retry, wait: .minutes(1)),
        Row("wecom", 200, #"{"errcode": 44004}"#, .perhapsMalformed),
        Row("wecom", 200, #"{"errcode": 40058}"#, .malformed), Row("wecom", 200, "", .unknown),
    ]

    static let pushes = [
        Row("ntfy", 200, #"{"id": "x1", "time": 1}"#, .delivered), Row("ntfy", 200, "<html>", .unknown),
        Row("ntfy", 429, #"{"code": 42901, "http": 429}"#, .retry, wait: .seconds(5)),
        Row("ntfy", 429, #"{"code": 42908, "http": 429}"#, .retry, wait: .hours(1)),
        Row("ntfy", 403, #"{"code": 40301, "http": 403}"#, .disable),
        Row("ntfy", 401, #"{"code": 40101, "http": 401}"#, .disable),
        Row("ntfy", 413, #"{"code": 41303, "http": 413}"#, .malformed),
        Row("gotify", 200, #"{"id": 25, "message": "x"}"#, .delivered), Row("gotify", 200, "", .unknown),
        Row("gotify", 401, #"{"error": "Unauthorized", "errorCode": 401}"#, .disable),
        Row("gotify", 403, #"{"error": "Forbidden", "errorCode": 403}"#, .disable),
        Row("gotify", 400, #"{"error": "Bad Request", "errorCode": 400}"#, .malformed),
        Row("pushover", 200, #"{"status": 1, "request": "x"}"#, .delivered),
        Row("pushover", 200, "", .unknown),
        Row("pushover", 400, #"{"user": "invalid", "errors": ["x"], "status": 0}"#, .disable),
        Row("pushover", 400, #"{"errors": ["message cannot be blank"], "status": 0}"#, .malformed),
        Row(
            "pushover", 429, #"{"status": 0}"#, .retry, wait: .hours(6),
            headers: ["x-limit-app-reset": "1756684800"]),
        Row("pushover", 429, .retry, wait: .hours(6), headers: ["x-limit-app-reset": "9223372036854775807"]),
        Row("pushover", 429, .retry, wait: .hours(1)), Row("pushover", 500, .retry, wait: .seconds(5)),
        Row("email", 250, "250 2.0.0 Ok: queued", .delivered),
        Row("email", 451, "451 4.7.1 Greylisted", .retry),
        Row("email", 421, .retry), Row("email", 535, "535 5.7.8 Authentication failed", .disable),
        Row("email", 530, .disable), Row("email", 550, "550 5.1.1 no such user", .permanent),
        Row("email", 552, .permanent), Row("email", 554, "554 5.7.1 spam", .malformed),
    ]

    static let programs = [
        Row("cloudevents", 200, .delivered), Row("cloudevents", 204, .delivered),
        Row("cloudevents", 404, .retry), Row("cloudevents", 410, .disable),
        Row("cloudevents", 415, .permanent),
        Row("cloudevents", 302, .permanent), Row("cloudevents", 400, .permanent),
        Row("alertmanager", 200, .delivered), Row("alertmanager", 400, .permanent),
        Row("alertmanager", 415, .permanent), Row("alertmanager", 422, .permanent),
        Row("alertmanager", 503, .retry),
    ]

    @Test(
        "each answer gets its verdict",
        arguments: slack + discord + teams + webhook + chats + pushes + programs)
    func verdict(_ row: Row) throws {
        let answer = Answer.response(
            Answer.Response(status: row.status, headers: row.headers, body: Array(row.body.utf8)))
        let verdict = try service(row.type).verdict(on: answer, now: VerdictTests.now)
        switch (verdict, row.expected) {
        case (.delivered, .delivered): break
        case (.permanent(let reason), .permanent), (.malformed(let reason, isCertain: true), .malformed),
            (.malformed(let reason, isCertain: false), .perhapsMalformed),
            (.readdressed(_, let reason), .readdressed), (.disable(let reason, _), .disable):
            #expect(reason.hasPrefix("HTTP \(row.status)"))
        case (.unknown(let reason), .unknown): #expect(reason.contains("HTTP \(row.status)"))
        case (.retry(let wait, let reason, let mayHaveArrived), .retry):
            #expect(wait == row.wait && reason.hasPrefix("HTTP \(row.status)"))
            #expect(mayHaveArrived == [502, 504].contains(row.status))
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

    @Test("what a gateway got no answer to may have arrived", arguments: types.filter { $0 != "email" })
    func gateways(type: String) throws {
        for status in [502, 504, 520, 524] {
            let answer = Answer.response(Answer.Response(status: status))
            let verdict = try service(type).verdict(on: answer, now: VerdictTests.now)
            guard case .retry(_, _, mayHaveArrived: true) = verdict else {
                Issue.record("\(status): \(verdict)")
                continue
            }
        }
    }

    @Test("a mail server that would not keep a mail from others is asked for nothing more")
    func insecure() throws {
        #expect(
            try service("email").verdict(on: .insecure(reason: "no STARTTLS"), now: VerdictTests.now)
                == .disable(reason: "no STARTTLS"))
    }

    @Test(
        "an answer that broke off after a good status may have arrived or not, where its body has a say",
        arguments: [
            ("slack", "o"), ("slack", "ok"), ("discord", #"{"id": "1""#), ("teams", ""), ("mattermost", "ok"),
            ("zulip", #"{"result":"success"}"#), ("matrix", #"{"event_id":"$1"}"#),
            ("telegram", #"{"ok":true}"#),
            ("feishu", #"{"code":0}"#), ("dingtalk", #"{"errcode":0}"#), ("wecom", #"{"errcode":0}"#),
            ("ntfy", #"{"id":"1"}"#), ("gotify", #"{"id":1}"#), ("pushover", #"{"status":1}"#),
        ])
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
            ("Wednesday, 13-Aug-25 07:02:00 GMT", 120), ("Saturday, 13-Aug-94 07:02:00 GMT", 1),
            ("Saturday, 13-Aug-26 07:02:00 GMT", 21_600), ("Wed Aug 13 07:02:00 2025", 120),
            ("Wed Aug  6 07:02:00 2025", 1), ("Thu Aug 14 07:02:00 2025", 21_600),
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
            "Wednesday, 13-Aug-2025 07:02:00 GMT", "Wednesday, 13-Aug 07:02:00 GMT",
            "Wednesday, 13-Aug--5 07:02:00 GMT", "Wednesday, -9223372036854775808-Aug-25 07:02:00 GMT",
            "Wed Aug 13 07:02:00 25", "Wed Aug 13 07:02:00 9223372036854775807", "Wed Aug 13 07:02 2025",
            "Wed Aug 13 -1:02:00 2025", "Wed 13 Aug 07:02:00 2025", "Wed, 13 Aug 25 07:02:00 GMT",
            "Wed, 13 Aug 2025 07:02:00 CEST", "2025-08-13T07:02:00Z", "‹›",
            String(repeating: "0", count: 80) + "5",
        ])
    func noRetryAfter(text: String) {
        #expect(wait(text) == nil)
    }

    private func wait(_ retryAfter: String) -> Span? {
        let answer = Answer.response(Answer.Response(status: 429, headers: ["retry-after": retryAfter]))
        guard case .retry(let wait, _, _) = Verdict.standard(answer, now: VerdictTests.now) else {
            Issue.record("no retry")
            return nil
        }
        return wait
    }

    @Test("a reason is one clean line of a bounded length")
    func reason() {
        let body = "a\r\n\u{1B}[31mb\u{202E}" + String(repeating: "x", count: 60_000)
        let reason = Answer.Response(status: 500, body: Array(body.utf8)).reason
        #expect(reason.hasPrefix("HTTP 500: a [31mbxx") && reason.utf16.count == 512)
        #expect(Answer.Response(status: 500, body: [0xFF, 0xFE]).reason == "HTTP 500: ��")
        #expect(Answer.Response(status: 500).reason == "HTTP 500")
    }
}
