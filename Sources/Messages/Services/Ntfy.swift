import Schedule

/// ntfy topics: https://docs.ntfy.sh/publish/#publish-as-json
package struct Ntfy: ChatService {
    package static let type = "ntfy"
    package static let settings = [
        Setting("url", .server, required: true), Setting("topic", .text, required: true),
        Setting("token", .secret),
    ]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"id":"a","time":1}"#.utf8))

    /// The message has 4096 bytes and the whole body 8192.
    private enum Limit {
        static let title = 500
        static let link = 1500
    }

    /// No client shows any markup, and headers are decoded: `=?` would begin an encoded word.
    private static let text = Markup(limit: 3500, unit: .json, escape: .none)
    private static let escapeTitle = Escape(joined: "=", breaksMentions: false)
    /// https://docs.ntfy.sh/publish/#topics
    private static let topicLimit = 64

    private let url: Secret
    private let topic: String
    private let token: Secret?

    package init(_ values: SettingValues) throws(SettingFault) {
        // What is posted to a topic's own address is shown as JSON.
        url = try values.server("url", path: "/")
        topic = try values.required("topic")
        guard (1...Ntfy.topicLimit).contains(topic.utf8.count),
            topic.unicodeScalars.allSatisfy({
                $0.isDigit || $0.isASCII && $0.properties.isAlphabetic || $0 == "-" || $0 == "_"
            })
        else {
            throw SettingFault(
                "topic",
                Fault(
                    "this is no topic",
                    remedy: "write up to 64 letters, digits, '-' and '_', without the server"))
        }
        token = values.secrets["token"]?.first
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let link = message.link.flatMap { $0.utf8.count <= Limit.link ? $0 : nil }
        let actions = message.actions.filter { $0.url.utf8.count <= Limit.link }
        let (title, shown) = message.notification
        let body: JSON = .object([
            "topic": .string(topic),
            "title": .string(Text.escaped(title, to: Limit.title, counting: .json, Ntfy.escapeTitle)),
            "message": .string(
                Ntfy.text.text(message, without: shown.union(link == nil ? [.done] : [.link, .done]))),
            "priority": .number(Ntfy.priority(message.urgency)),
            // Its emoji stands before the title.
            "tags": [.string(Ntfy.tag(message.urgency))],
            "click": link.map { .string($0) },
            "actions": actions.isEmpty
                ? nil
                : .array(
                    actions.map { label, url in
                        .object(["action": "view", "label": .string(label), "url": .string(url)])
                    }),
            // A repeat takes the place of the first.
            "sequence_id": .string(message.id),
        ])
        return Request(
            .post, url, json: body,
            headers: token.map { [Request.Header("Authorization", Secret("Bearer \($0.revealed)"))] } ?? [])
    }

    private static func priority(_ urgency: Urgency) -> Int64 {
        switch urgency {
        case .ok: 2
        case .notice, .soon: 3
        case .warning: 4
        case .critical: 5
        }
    }

    private static func tag(_ urgency: Urgency) -> String {
        switch urgency {
        case .ok: "green_circle"
        case .notice: "blue_circle"
        case .soon: "yellow_circle"
        case .warning: "orange_circle"
        case .critical: "red_circle"
        }
    }

    private struct Body: Decodable {
        var id: String?
        var code: Int?
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([token].compactMap { $0 })
        guard case .response(let response) = answer, response.isComplete else {
            return .standard(answer, now: now)
        }
        let body = response.json(Body.self)
        switch (response.status, body?.code) {
        // What a day allows is used up.
        case (429, 42908?): return .retry(response, atLeast: .hours(1), now: now)
        case (429, _): return .retry(response, atLeast: .seconds(5), now: now)
        case (401, .some), (403, .some): return .disable(reason: response.reason)
        case (200, _) where body?.id == nil:
            return .unknown(reason: "ntfy did not say that it took the message: \(response.reason)")
        default: return .standard(answer, now: now)
        }
    }
}
