import FoundationEssentials
import Schedule

/// Zulip's messages by a bot: https://zulip.com/api/send-message
package struct Zulip: ChatService {
    package static let type = "zulip"
    package static let settings = [
        Setting("site", .server, required: true), Setting("email", .text, required: true),
        Setting("api_key", .secret, required: true), Setting("to", .text, required: true),
        Setting("topic", .text),
    ]
    package static let acceptance = Answer.Response(
        status: 200, body: Array(#"{"result":"success","msg":"","id":1}"#.utf8))

    /// A message has 10,000 characters or bytes, whoever counts; so bytes.
    ///
    /// Zulip's Markdown knows no backslash, and joiners do not end its emphasis; but it has HTML's references:
    /// https://github.com/zulip/zulip/blob/main/zerver/lib/markdown/__init__.py, `build_inlinepatterns`.
    private static let markup = Markup(
        limit: 8000, unit: .utf8,
        escape: Escape(["&": "&amp;", "<": "&lt;", ">": "&gt;"], numbered: "`*~#|[]()!:$+-"),
        strong: { "**\($0)**" }, link: { label, url in "[\(label)](\(url))" },
        // https://zulip.com/help/global-times
        time: { instant, _ in "<time:\(instant)>" }, bullet: "* ")
    private static let topicLimit = 60
    /// Of an id at a topic's end.
    private static let idLimit = 30

    private let url: Secret
    private let key: Secret
    private let authorization: Secret
    private let to: String
    private let topic: String?

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.server("site", path: "/api/v1/messages")
        key = try values.secret("api_key")
        let email = try values.required("email")
        guard email.contains("@"), !email.contains(":") else {
            throw SettingFault(
                "email", Fault("this is no bot's address", remedy: "write …-bot@… of its zuliprc"))
        }
        authorization = Secret("Basic " + Data("\(email):\(key.revealed)".utf8).base64EncodedString())
        to = try values.required("to")
        topic = values.text("topic")
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let text = message.isPlain ? Zulip.markup.plain.text(message) : Zulip.markup.text(message)
        return Request(
            url,
            form: [
                Request.Field("type", "stream"), Request.Field("to", to),
                Request.Field(
                    "topic",
                    topic.map { Zulip.topic($0, Zulip.topicLimit) } ?? Zulip.topic(of: message)),
                Request.Field("content", text),
            ], headers: [Request.Header("Authorization", authorization)])
    }

    /// All about one issue stays in one conversation, whatever words a message has of its own: `Title (id)`.
    private static func topic(of message: Message) -> String {
        guard message.kind.isOfIssue else { return "deadlined" }
        let id = " (\(topic(Text.singleLine(message.issue.id), idLimit)))"
        return topic(message.usualTitle, topicLimit - id.utf16.count) + id
    }

    /// A topic knows no markup.
    private static func topic(_ text: String, _ limit: Int) -> String {
        Text.escaped(text, to: limit, counting: .utf16, Escape())
    }

    /// https://zulip.com/api/rest-error-handling: `msg` is in the reader's language, `code` is not.
    private struct Body: Decodable {
        var result: ShortText?
        var code: ShortText?
        /// Seconds.
        var retryAfter: Double?

        enum CodingKeys: String, CodingKey {
            case result, code
            case retryAfter = "retry-after"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([key, authorization])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let body = response.json(Body.self)
        switch body?.code {
        case "INVALID_API_KEY", "USER_DEACTIVATED", "REALM_DEACTIVATED", "STREAM_DOES_NOT_EXIST",
            "NONEXISTENT_SUBDOMAIN":
            return .disable(reason: response.reason)
        default: break
        }
        if response.status == 200, response.isComplete, body?.result != "success" {
            return .unknown(reason: "Zulip did not say that it took the message: \(response.reason)")
        }
        return .standard(answer, bodyWait: body?.retryAfter.flatMap(Verdict.wait), now: now)
    }
}
