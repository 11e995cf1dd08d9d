import Schedule

/// Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
package struct Slack: ChatService {
    package static let type = "slack"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(status: 200, body: Array("ok".utf8))

    /// Limits of the block kit, in UTF-16 units: https://docs.slack.dev/reference/block-kit/blocks
    private enum Limit {
        /// Longer texts are split into several messages.
        static let text = 4000
        /// A section has 3000 for headline, link and title.
        static let headline = 300
        static let title = 900
        static let link = 1700
        static let fields = 10
        static let field = 2000
        static let footer = 300
        static let remark = 2000
        static let lists = 12_000
        static let list = 2900
    }

    /// `&`, `<` and `>` as entities, which also ends every mention; Slack has no escape for its other marks.
    /// https://docs.slack.dev/messaging/formatting-message-text#escaping
    private static let escape = Escape(["&": "&amp;", "<": "&lt;", ">": "&gt;"], joined: "*_~`|")
    /// Plain text holds no markup and mentions nobody; a client that thinks otherwise finds no token either.
    private static let escapePlain = Escape(joined: "<")

    /// Lists, each in a section of its own.
    private static let markup = Markup(
        limit: 12_000, unit: .utf16, escape: escape, strong: { "*\($0)*" },
        link: { label, url in "<\(url.replacing("&", with: "&amp;"))|\(label)>" })
    /// A client shows it in its reader's own zone and language:
    /// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    private static func time(_ instant: Instant, otherwise: String) -> String {
        "<!date^\(instant.seconds)^{date_long} {time}|\(escape(otherwise))>"
    }

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        let address = try values.address("url")
        let path = address.parts.pathAndQuery
        guard !path.hasPrefix("/workflows/"), !path.hasPrefix("/triggers/") else {
            throw SettingFault(
                "url",
                Fault(
                    "this URL starts a workflow and posts no message",
                    remedy: "use an incoming webhook's: …/services/…"))
        }
        url = address.url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        Request(.post, url, json: Slack.body(message))
    }

    private static func body(_ message: Message) -> JSON {
        let summary = JSON.string(Text.escaped(message.summary, to: Limit.text, counting: .utf16, escape))
        guard !message.isPlain else {
            let text = Markup(limit: Limit.text, unit: .utf16, escape: escape).text(message)
            return .object(["text": .string(text), "unfurl_links": false, "unfurl_media": false])
        }
        let title = Text.escaped(message.title, to: Limit.title, counting: .utf16, escape)
        // An address is no text: only `&` has a form there.
        let link = message.link?.replacing("&", with: "&amp;")
        let hasRoom = (link?.utf16.count ?? .max) <= Limit.link
        let linked = link.flatMap { hasRoom ? "<\($0)|\(title)>" : nil } ?? title
        let headline = Text.escaped(message.headline, to: Limit.headline, counting: .utf16, escape)
        var blocks = [section("\(message.urgency.emoji) *\(headline)*\n*\(linked)*")]
        // Name and value as two lines.
        let fields = message.facts(rendersTimes: true).map { fact in
            fact.instant.map { instant in
                mrkdwn(
                    "\(Text.escaped(fact.name, to: 100, counting: .utf16, escape))\n\(time(instant, otherwise: fact.value))"
                )
            } ?? plain("\(fact.name)\n\(fact.value)", limit: Limit.field)
        }
        for start in stride(from: 0, to: fields.count, by: Limit.fields) {
            let some = Array(fields.dropFirst(start).prefix(Limit.fields))
            blocks.append(.object(["type": "section", "fields": .array(some)]))
        }
        blocks += markup.sections(of: message, room: Limit.lists, perSection: Limit.list).map {
            section($0.joined(separator: "\n"))
        }
        // Each is cut by itself: none pushes another one out.
        if !message.remarks.isEmpty {
            blocks.append(context(message.remarks.map { plain($0, limit: Limit.remark) }))
        }
        if !message.actions.isEmpty {
            let buttons = message.actions.map { label, url -> JSON in
                .object([
                    "type": "button", "text": plain(label, limit: 75), "url": .string(url),
                    "action_id": url == message.link ? "open" : "done",
                ])
            }
            blocks.append(.object(["type": "actions", "elements": .array(buttons)]))
        }
        blocks.append(context([plain(message.footer, limit: Limit.footer)]))
        return .object([
            // What notifications and screen readers show.
            "text": summary,
            "unfurl_links": false,
            "unfurl_media": false,
            "attachments": [.object(["color": .string(message.urgency.hex), "blocks": .array(blocks)])],
        ])
    }

    private static func section(_ markup: String) -> JSON {
        .object(["type": "section", "text": mrkdwn(markup)])
    }

    private static func mrkdwn(_ markup: String) -> JSON {
        .object(["type": "mrkdwn", "verbatim": true, "text": .string(markup)])
    }

    private static func context(_ elements: [JSON]) -> JSON {
        .object(["type": "context", "elements": .array(elements)])
    }

    private static func plain(_ text: String, limit: Int) -> JSON {
        .object([
            "type": "plain_text", "emoji": false,
            "text": .string(Text.escaped(text, to: limit, counting: .utf16, escapePlain)),
        ])
    }

    /// Words that name a dead end, whatever the status beside them.
    private static let ends: Set<ShortText> = [
        "no_service", "invalid_token", "no_team", "channel_not_found", "channel_is_archived",
    ]

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let word = response.shortText
        if Slack.ends.contains(word) { return .disable(reason: response.reason) }
        // The status alone lies: only the word `ok` is a success.
        if response.status == 200, response.isComplete, word != "ok" {
            return .malformed(reason: response.reason, isCertain: false)
        }
        return .standard(answer, now: now)
    }
}
