import Schedule

/// Microsoft Teams' Workflows webhooks with an Adaptive Card:
/// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
package struct Teams: ChatService {
    package static let type = "teams"
    package static let settings = [Setting("url", .address, required: true)]
    /// Only that the flow started; whether it posted the card, nobody says.
    package static let acceptance = Answer.Response(status: 202)

    /// A message of more than 28 KB fails inside the flow, unseen; UTF-8 bytes, with room for the card around the texts.
    private enum Limit {
        static let title = 4000
        static let text = 1000
    }

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        let (url, parts) = try values.address("url")
        guard !parts.host.hasSuffix(".webhook.office.com"), parts.host != "outlook.office.com" else {
            throw SettingFault(
                "url",
                Fault(
                    "this is an Office 365 connector, which Microsoft has retired",
                    remedy:
                        "in Teams choose Workflows, 'Post to a channel when a webhook request is received', and copy its URL"
                ))
        }
        self.url = url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        Request(post: url, json: Teams.body(message))
    }

    static func body(_ message: Message) -> JSON {
        var card: [JSON] = [
            .object([
                "type": "Container", "style": .string(style(message.urgency)), "bleed": true,
                "items": [
                    block(message.headline, ["weight": "Bolder", "color": .string(colour(message.urgency))]),
                    block(
                        message.title, limit: Limit.title,
                        ["size": "Large", "weight": "Bolder", "spacing": "None"]),
                ],
            ])
        ]
        if !message.facts.isEmpty {
            card.append(
                .object([
                    "type": "FactSet",
                    "facts": .array(
                        message.facts.map { fact in
                            .object(["title": .string(escape(fact.name)), "value": .string(text(fact.value))])
                        }),
                ]))
        }
        for remark in message.remarks { card.append(block(remark, ["isSubtle": true])) }
        card.append(block(message.footer, ["size": "Small", "isSubtle": true]))
        let action: JSON? = message.link.map { link in
            [.object(["type": "Action.OpenUrl", "title": "Open the call", "url": .string(link)])]
        }
        return .object([
            "type": "message",
            "attachments": [
                .object([
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "contentUrl": .null,
                    "content": .object([
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "fallbackText": .string(text(message.summary)),
                        "body": .array(card),
                        "actions": action,
                        "msteams": .object(["width": "Full"]),
                    ]),
                ])
            ],
        ])
    }

    private static func block(
        _ text: String, limit: Int = Limit.text, _ look: KeyValuePairs<String, JSON>
    ) -> JSON {
        .object(
            [
                JSON.Member(name: "type", value: "TextBlock"),
                JSON.Member(name: "text", value: .string(self.text(text, limit: limit))),
                JSON.Member(name: "wrap", value: true),
            ] + look.map { JSON.Member(name: $0, value: $1) })
    }

    private static func text(_ text: String, limit: Int = Limit.text) -> String {
        Text.escaped(text, to: limit, counting: .utf8, escape)
    }

    /// A backslash before each mark of the cards' Markdown; `<at>`, `{{` and `${` are broken up, because tags and
    /// templates come first.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            if "\\*_[]()#`~".unicodeScalars.contains(character) { escaped += "\\" }
            escaped.unicodeScalars.append(character)
            if "<{$@".unicodeScalars.contains(character) { escaped += "\u{2060}" }
        }
        return escaped
    }

    private static func style(_ urgency: Urgency) -> String {
        switch urgency {
        case .ok: "good"
        case .notice: "accent"
        case .soon, .warning: "warning"
        case .critical: "attention"
        }
    }

    private static func colour(_ urgency: Urgency) -> String {
        switch urgency {
        case .ok: "Good"
        case .notice: "Accent"
        case .soon, .warning: "Warning"
        case .critical: "Attention"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        .standard(answer, now: now)
    }
}
