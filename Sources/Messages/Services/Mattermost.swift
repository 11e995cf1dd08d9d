import Schedule

/// Mattermost's incoming webhooks: https://developers.mattermost.com/integrate/webhooks/incoming/
package struct Mattermost: ChatService {
    package static let type = "mattermost"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(status: 200, body: Array("ok".utf8))

    /// A post has 16,383 characters; the server splits what is longer. A backslash before `:` would be shown.
    private static let markup = Markup(
        limit: 8000, unit: .utf16, escape: Escape(backslashed: "\\`*_~#>|[]()!+-", joined: "<:"),
        strong: { "**\($0)**" }, link: { label, url in "[\(label)](\(url))" })
    /// Of what the client shows as it is: a title that is a link, the footer, the fallback. The server takes `<` for
    /// Slack's marks there too.
    private static let plain = Escape(joined: "<")
    private static let field = 500
    private static let own = 2000

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        Request(.post, url, json: Mattermost.body(message))
    }

    private static func body(_ message: Message) -> JSON {
        if message.isPlain { return .object(["text": .string(markup.plain.text(message))]) }
        func text(_ text: String, _ limit: Int = field, _ escape: Escape = markup.escape) -> String {
            Text.escaped(text, to: limit, counting: .utf16, escape)
        }
        let lists = markup.sections(of: message, room: markup.limit)
        let lines =
            ["\(message.urgency.emoji) **\(text(message.headline))**"]
            + lists.flatMap { [""] + $0 } + message.remarks.map { text($0, own) }
            + [markup.done(message)].compactMap { $0 }
        let fields = message.facts.map { fact -> JSON in
            .object([
                "title": .string(text(fact.name)), "value": .string(text(fact.value)), "short": true,
            ])
        }
        return .object([
            "attachments": [
                .object([
                    "fallback": .string(text(message.summary, 1000, plain)),
                    "color": .string(message.urgency.hex),
                    "title": .string(text(message.title, 1000, message.link == nil ? markup.escape : plain)),
                    "title_link": message.link.map { .string($0) },
                    "text": .string(lines.joined(separator: "\n")),
                    "fields": fields.isEmpty ? nil : .array(fields),
                    "footer": .string(text(message.footer, field, plain)),
                ])
            ]
        ])
    }

    /// https://developers.mattermost.com/api-documentation/#/#error-response
    private struct Failure: Decodable { var id: ShortText }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        // A hook that is gone is a 400 here, and one that was switched off a 501.
        switch response.json(Failure.self)?.id {
        case "web.incoming_webhook.invalid.app_error", "web.incoming_webhook.disabled.app_error",
            "web.incoming_webhook.channel.app_error", "web.incoming_webhook.channel_locked.app_error",
            "web.incoming_webhook.permissions.app_error":
            return .disable(reason: response.reason)
        default: break
        }
        if response.status == 200, response.isComplete, response.shortText != "ok" {
            return .unknown(reason: "Mattermost did not say 'ok': \(response.reason)")
        }
        return .standard(answer, now: now)
    }
}
