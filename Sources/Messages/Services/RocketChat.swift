import Schedule

/// Rocket.Chat's incoming webhooks: https://docs.rocket.chat/docs/integrations
package struct RocketChat: ChatService {
    package static let type = "rocketchat"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"success":true}"#.utf8))

    /// `Message_MaxAllowedSize` is 5000 where nobody changed it.
    private static let markup = Markup(
        limit: 3000, unit: .utf16, escape: Escape(joined: "*_~`[]()|#<>\\"), strong: { "*\($0)*" },
        link: { label, url in "[\(label)](\(url))" })
    private static let field = 300
    private static let own = 900

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        Request(.post, url, json: RocketChat.body(message))
    }

    private static func body(_ message: Message) -> JSON {
        if message.isPlain {
            return .object(["text": .string(markup.plain.text(message)), "parseUrls": false])
        }
        func text(_ text: String, _ limit: Int = field) -> String {
            Text.escaped(text, to: limit, counting: .utf16, markup.escape)
        }
        let lists = markup.sections(of: message, room: markup.limit)
        let lines =
            lists.flatMap { $0 + [""] } + message.remarks.map { text($0, own) }
            + [markup.done(message)].compactMap { $0 } + [text(message.footer)]
        let fields = message.facts.map { fact -> JSON in
            .object([
                "title": .string(text(fact.name)), "value": .string(text(fact.value)),
                "short": true,
            ])
        }
        return .object([
            "text": .string("\(message.urgency.emoji) *\(text(message.headline))*"),
            "parseUrls": false,
            "attachments": [
                .object([
                    "title": .string(text(message.title, 800)),
                    "title_link": message.link.map { .string($0) },
                    "color": .string(message.urgency.hex),
                    "text": .string(lines.joined(separator: "\n")),
                    "fields": fields.isEmpty ? nil : .array(fields),
                ])
            ],
        ])
    }

    private struct Body: Decodable {
        var success: Bool?
        var error: ShortText?
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let body = response.json(Body.self)
        switch (response.status, body?.error) {
        // A proxy that is in trouble says 503 too, but not in these words.
        case (503, "Service Unavailable"?), (_, "Invalid integration id or token provided."?):
            return .disable(reason: response.reason)
        case (200, _) where response.isComplete && body?.success != true:
            return body?.success == false
                ? .malformed(reason: response.reason, isCertain: false)
                : .unknown(reason: "Rocket.Chat did not say that it took the message: \(response.reason)")
        case (429, _):
            // In milliseconds since 1970; a Retry-After there is none.
            let reset = response.headers["x-ratelimit-reset"].flatMap { Int64($0) }
                .map { Instant(milliseconds: min(max($0, 0), 1 << 52)) }
            return .standard(answer, bodyWait: reset.map { max(.zero, $0 - now) }, now: now)
        default: return .standard(answer, now: now)
        }
    }
}
