import Schedule

/// Pushover: https://pushover.net/api
package struct Pushover: ChatService {
    package static let type = "pushover"
    package static let settings = [
        Setting("token", .secret, required: true), Setting("user", .secret, required: true),
        Setting("api", .server),
    ]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"status":1}"#.utf8))

    /// In characters: https://pushover.net/api#limits
    private enum Limit {
        static let message = 1024
        static let title = 250
        static let link = 512
        static let linkTitle = 100
    }

    private static let text = Markup(limit: Limit.message, unit: .utf16, escape: .none)

    private let url: Secret
    private let token: Secret
    private let user: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        url =
            values.texts["api"] == nil
            ? Secret("https://api.pushover.net/1/messages.json")
            : try values.server("api", path: "/1/messages.json")
        token = try values.secret("token")
        user = try values.secret("user")
        for (key, secret) in [("token", token), ("user", user)] {
            guard secret.revealed.utf8.count == 30,
                secret.revealed.unicodeScalars.allSatisfy({
                    $0.isDigit || $0.isASCII && $0.properties.isAlphabetic
                })
            else {
                throw SettingFault(
                    key, Fault("a \(key) has 30 letters and digits", remedy: "copy it from pushover.net"))
            }
        }
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let link = message.link.flatMap { $0.utf16.count <= Limit.link ? $0 : nil }
        let (title, shown) = message.notification
        var fields = [
            Request.Field("token", token), Request.Field("user", user),
            Request.Field("title", Text.cut(title, to: Limit.title, counting: .utf16)),
            Request.Field(
                "message",
                Pushover.text.text(message, without: link == nil ? shown : shown.union([.link]))),
            Request.Field("priority", Pushover.priority(message.urgency)),
            Request.Field("timestamp", String(message.due.seconds)),
        ]
        if let link {
            let label = Text.cut(message.words.openCall, to: Limit.linkTitle, counting: .utf16)
            fields += [Request.Field("url", link), Request.Field("url_title", label)]
        }
        return Request(url, form: fields)
    }

    /// 2 rings until somebody answers: nothing here is worth that.
    private static func priority(_ urgency: Urgency) -> String {
        switch urgency {
        case .ok: "-1"
        case .notice, .soon: "0"
        case .warning, .critical: "1"
        }
    }

    private struct Body: Decodable {
        var status: Int
        var user: String?
        var token: String?
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([token, user])
        guard case .response(let response) = answer, response.isComplete else {
            return .standard(answer, now: now)
        }
        let body = response.json(Body.self)
        switch response.status {
        case 400 where body?.user == "invalid" || body?.token == "invalid":
            return .disable(reason: response.reason)
        case 429:
            // What a month allows is used up; the time is in seconds since 1970.
            let reset = response.headers["x-limit-app-reset"].flatMap { Int64($0) }
                .map { Instant(seconds: min(max($0, 0), 1 << 40)) }
            return .retry(response, atLeast: reset.map { max(.zero, $0 - now) } ?? .hours(1), now: now)
        case 500...599: return .retry(response, atLeast: .seconds(5), now: now)
        case 200 where body?.status != 1:
            return .unknown(reason: "Pushover did not say that it took the message: \(response.reason)")
        default: return .standard(answer, now: now)
        }
    }
}
