import Schedule

/// Microsoft Teams' Workflows webhooks with an Adaptive Card:
/// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
package struct Teams: ChatService {
    package static let type = "teams"
    package static let settings = [Setting("url", .address, required: true)]
    /// Only that the flow started; whether it posted the card, nobody says.
    package static let acceptance = Answer.Response(status: 202)

    /// A message of more than 28 KB fails inside the flow, unseen, and from 21 KB on some failed. These keep it below 20,
    /// in bytes of the body.
    private enum Limit {
        static let title = 2000
        static let text = 600
        static let own = 2000
        static let lists = 12_000
        static let list = 4000
    }

    /// The marks of the cards' Markdown; not `(`, `#` and the like, because some clients show the backslashes. Tags
    /// (`<at>`) and templates (`{{`, `${`) come before Markdown and know no escape.
    private static let escape = Escape(backslashed: "\\*_[]`~", joined: "<{")

    private static let markup = Markup(
        limit: Limit.lists, unit: .json, escape: escape, strong: { "**\($0)**" },
        link: { label, url in "[\(label)](\(url))" }, newline: "\n\n")

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        let (url, parts) = try values.address("url")
        let retired = ["webhook.office.com", "outlook.office.com", "outlook.office365.com"]
        guard !retired.contains(parts.host), !parts.host.hasSuffix(".webhook.office.com") else {
            throw SettingFault(
                "url",
                Fault(
                    "this is an Office 365 connector, which Microsoft has retired",
                    remedy: """
                        in Teams choose Workflows, 'Post to a channel when a webhook request is received', and copy its \
                        URL
                        """))
        }
        self.url = url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        Request(.post, url, json: Teams.body(message))
    }

    private static func body(_ message: Message) -> JSON {
        guard !message.isPlain else {
            let text = Markup(limit: Limit.lists, unit: .json, escape: escape, newline: "\n\n").text(message)
            return envelope(
                .object([
                    "$schema": .string(schema), "type": "AdaptiveCard", "version": "1.2",
                    "body": [.object(["type": "TextBlock", "text": .string(text), "wrap": true])],
                ]))
        }
        let colour = colour(message.urgency)
        var card: [JSON] = [
            .object([
                "type": "Container", "style": .string(colour.lowercased()), "bleed": true,
                "items": [
                    block(message.headline, ["weight": "Bolder", "color": .string(colour)]),
                    block(
                        message.title, limit: Limit.title,
                        ["size": "Large", "weight": "Bolder", "spacing": "None"]),
                ],
            ])
        ]
        let facts = message.facts.map { fact -> JSON in
            .object(["title": .string(text(fact.name)), "value": .string(text(fact.value))])
        }
        if !facts.isEmpty { card.append(.object(["type": "FactSet", "facts": .array(facts)])) }
        for list in markup.sections(of: message, room: Limit.lists, perSection: Limit.list) {
            card.append(
                .object([
                    "type": "TextBlock", "text": .string(list.joined(separator: markup.newline)),
                    "wrap": true,
                    "separator": true,
                ]))
        }
        for notice in message.notices { card.append(block(notice, ["isSubtle": true])) }
        if let own = message.ownText { card.append(block(own, limit: Limit.own, [:])) }
        card.append(block(message.footer, ["size": "Small", "isSubtle": true]))
        return envelope(
            .object([
                "$schema": .string(schema), "type": "AdaptiveCard", "version": "1.4",
                "fallbackText": .string(text(message.summary)),
                "body": .array(card),
                "actions": message.actions.isEmpty
                    ? nil
                    : .array(
                        message.actions.map { label, url in
                            .object([
                                "type": "Action.OpenUrl", "title": .string(label), "url": .string(url),
                            ])
                        }),
                "msteams": .object(["width": "Full"]),
            ]))
    }

    private static let schema = "http://adaptivecards.io/schemas/adaptive-card.json"

    private static func envelope(_ card: JSON) -> JSON {
        .object([
            "type": "message",
            "attachments": [
                .object([
                    "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": .null,
                    "content": card,
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
        // A mark at the beginning would make it an item of a list, or a heading.
        let number = text.prefix { $0.isWholeNumber }
        let mark = text.dropFirst(number.count).unicodeScalars.first
        let isItem = mark.map { (number.isEmpty ? "-+#>" : ".)").unicodeScalars.contains($0) } ?? false
        return Text.escaped((isItem ? Escape.joiner : "") + text, to: limit, counting: .json, escape)
    }

    /// The cards know names of colours only.
    private static func colour(_ urgency: Urgency) -> String {
        switch urgency {
        case .ok: "Good"
        case .notice: "Accent"
        case .soon, .warning: "Warning"
        case .critical: "Attention"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        if case .response(let response) = answer, response.status == 200 {
            // The retired connectors, which a company's own address may still lead to, hide what went wrong in the body.
            let text = response.text
            if text.contains("HTTP error 429") { return .retry(response, now: now) }
            if text.contains("HTTP error") {
                return .malformed(reason: response.reason, isCertain: text.contains("HTTP error 413"))
            }
        }
        return .standard(answer, now: now)
    }
}
