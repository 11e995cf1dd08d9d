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
        /// A section has 3000, and a link (2000 at most) stands beside the title.
        static let title = 900
        static let field = 2000
        static let context = 300
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
        Request(post: url, json: Slack.body(message))
    }

    static func body(_ message: Message) -> JSON {
        let title = Text.escaped(message.title, to: Limit.title, counting: .utf16, escape)
        let linked = message.link.map { "*<\(escape($0))|\(title)>*" } ?? "*\(title)*"
        var blocks: [JSON] = [
            section("\(message.urgency.emoji) *\(escape(message.headline))*\n\(linked)")
        ]
        if !message.facts.isEmpty {
            // Plain text cannot hold markup or a mention; a field shows name and value as two lines.
            let fields = message.facts.prefix(10).map { plain("\($0.name)\n\($0.value)", limit: Limit.field) }
            blocks.append(.object(["type": "section", "fields": .array(fields)]))
        }
        if !message.remarks.isEmpty { blocks.append(context(message.remarks.joined(separator: " "))) }
        if let link = message.link {
            blocks.append(
                .object([
                    "type": "actions",
                    "elements": [
                        .object([
                            "type": "button", "text": plain("Open the call", limit: 75), "url": .string(link),
                            "action_id": "open",
                        ])
                    ],
                ]))
        }
        blocks.append(context(message.footer))
        return .object([
            // What notifications and screen readers show.
            "text": .string(Text.escaped(message.summary, to: Limit.text, counting: .utf16, escape)),
            "unfurl_links": false,
            "unfurl_media": false,
            "attachments": [.object(["color": .string(message.urgency.hex), "blocks": .array(blocks)])],
        ])
    }

    private static func section(_ markup: String) -> JSON {
        .object([
            "type": "section",
            "text": .object(["type": "mrkdwn", "verbatim": true, "text": .string(markup)]),
        ])
    }

    private static func context(_ text: String) -> JSON {
        .object(["type": "context", "elements": [plain(text, limit: Limit.context)]])
    }

    private static func plain(_ text: String, limit: Int) -> JSON {
        .object([
            "type": "plain_text", "emoji": false,
            // Plain text mentions nobody; a client that thinks otherwise finds no token either.
            "text": .string(
                Text.escaped(text, to: limit, counting: .utf16) { $0.replacing("<", with: "<\u{2060}") }),
        ])
    }

    /// `&`, `<` and `>` as entities, which also ends every mention (https://docs.slack.dev/messaging/formatting-message-text).
    /// Slack has no escape for its other marks: an invisible word joiner keeps each from pairing up.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "*", "_", "~", "`", "@", "|":
                escaped.unicodeScalars.append(contentsOf: [character, "\u{2060}"])
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let word = Text.singleLine(response.text)
        if ["no_service", "invalid_token", "no_team", "channel_not_found", "channel_is_archived"].contains(
            word)
        {
            return .disable(reason: response.reason)
        }
        // The status alone lies: only the word `ok` is a success.
        if response.status == 200, response.isComplete, word != "ok" {
            return .permanent(reason: response.reason)
        }
        return .standard(answer, now: now)
    }
}
