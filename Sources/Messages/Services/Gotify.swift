import Schedule

/// Gotify's applications: https://gotify.net/docs/pushmsg
package struct Gotify: ChatService {
    package static let type = "gotify"
    package static let settings = [
        Setting("url", .server, required: true), Setting("token", .secret, required: true),
    ]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"id":1}"#.utf8))

    /// It names no limit; a phone shows less.
    private static let text = Markup(limit: 8000, unit: .utf16, escape: .none)
    private static let title = 500

    private let url: Secret
    private let token: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.server("url", path: "/message")
        token = try values.secret("token")
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let (title, shown) = message.notification
        let body: JSON = .object([
            "title": .string(Text.cut(title, to: Gotify.title, counting: .utf16)),
            "message": .string(Gotify.text.text(message, without: shown)),
            "priority": .number(Gotify.priority(message.urgency)),
            "extras": .object([
                // As Markdown, images of a title would be loaded.
                "client::display": .object(["contentType": "text/plain"]),
                "client::notification": message.link.map { link in
                    .object(["click": .object(["url": .string(link)])])
                },
            ]),
        ])
        return Request(.post, url, json: body, headers: [Request.Header("X-Gotify-Key", token)])
    }

    /// On Android, 4 to 7 sound and 8 to 10 vibrate.
    private static func priority(_ urgency: Urgency) -> Int64 {
        switch urgency {
        case .ok: 2
        case .notice: 4
        case .soon: 5
        case .warning: 6
        case .critical: 8
        }
    }

    private struct Kept: Decodable { var id: Int }
    private struct Failure: Decodable { var errorCode: Int }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([token])
        guard case .response(let response) = answer, response.isComplete else {
            return .standard(answer, now: now)
        }
        switch response.status {
        case 401, 403:
            // In Gotify's own words, not a proxy's.
            guard response.json(Failure.self) != nil else { return .standard(answer, now: now) }
            return .disable(reason: response.reason)
        case 200 where response.json(Kept.self) == nil:
            return .unknown(reason: "Gotify did not say that it took the message: \(response.reason)")
        default: return .standard(answer, now: now)
        }
    }
}
