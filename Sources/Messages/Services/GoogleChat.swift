import Schedule

/// Google Chat's incoming webhooks: https://developers.google.com/workspace/chat/quickstart/webhooks
package struct GoogleChat: ChatService {
    package static let type = "google-chat"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(
        status: 200, body: Array(#"{"name":"spaces/A/messages/B"}"#.utf8))

    /// A message has 32,000 bytes with its cards: https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages
    private enum Limit {
        static let title = 2000
        static let text = 1000
        static let own = 3000
        static let lists = 12_000
        static let list = 3000
        static let address = 2500
    }

    private static let entities: [Unicode.Scalar: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;"]
    /// For the cards' small HTML.
    private static let escape = Escape(entities)
    /// For the card's header, which knows no markup.
    private static let escapePlain = Escape(joined: "<")
    /// For texts outside of cards, which know Slack's marks.
    private static let escapeText = Escape(entities, joined: "*_~`")
    private static let card = Markup(
        limit: Limit.lists, unit: .json, escape: escape, strong: { "<b>\($0)</b>" },
        link: { label, url in "<a href=\"\(url.replacing("&", with: "&amp;"))\">\(label)</a>" },
        newline: "<br>")
    private static let plain = Markup(limit: 4000, unit: .json, escape: escapeText)

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        let (url, parts) = try values.address("url")
        guard parts.pathAndQuery.contains("key="), parts.pathAndQuery.contains("token=") else {
            throw SettingFault(
                "url",
                Fault(
                    "this URL lacks its 'key' and 'token'",
                    remedy: "copy all of it from the space's 'Apps & integrations', 'Webhooks'"))
        }
        self.url = url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        // One request id makes one message, however often it is sent.
        let url = url.adding(query: "messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD")
            .adding(query: "requestId=\(message.identity.uuid(edition: message.edition))")
        return Request(.post, url, json: GoogleChat.body(message))
    }

    private static func body(_ message: Message) -> JSON {
        let thread: JSON = .object(["threadKey": .string(message.identity.threadID)])
        if message.isPlain { return .object(["text": .string(plain.text(message)), "thread": thread]) }
        var widgets = message.facts.map { fact -> JSON in
            .object([
                "decoratedText": .object([
                    "topLabel": .string(text(fact.name)), "text": .string(text(fact.value)), "wrapText": true,
                ])
            ])
        }
        let lists = card.sections(of: message, room: Limit.lists, perSection: Limit.list)
        let notices =
            message.notices.map { text($0) } + [message.ownText.map { text($0, Limit.own) }].compactMap { $0 }
        widgets += (lists.map { $0.joined(separator: "<br>") } + notices).map { paragraph($0) }
        // Chat makes https of what is http, which need not be there.
        let buttons = message.actions.filter { $0.url.hasPrefix("https:") }.map { label, url -> JSON in
            .object([
                "text": .string(label),
                "onClick": .object(["openLink": .object(["url": .string(url)])]),
            ])
        }
        if !buttons.isEmpty {
            widgets.append(.object(["buttonList": .object(["buttons": .array(buttons)])]))
        }
        for action in message.actions where !action.url.hasPrefix("https:") {
            // No link: it is shown as it is, with what it is for.
            let label = action.label + message.words.colon
            widgets.append(paragraph(text(label) + text(action.url, Limit.address)))
        }
        widgets.append(paragraph("<font color=\"#757575\">\(text(message.footer))</font>"))
        return .object([
            "fallbackText": .string(
                Text.escaped(message.summary, to: Limit.title, counting: .json, escapeText)),
            "thread": thread,
            "cardsV2": [
                .object([
                    "cardId": .string(message.id),
                    "card": .object([
                        "header": .object([
                            // Plain text, both.
                            "title": .string(plain(message.title, Limit.title)),
                            "subtitle": .string(
                                "\(message.urgency.emoji) \(plain(message.headline, Limit.text))"),
                        ]),
                        "sections": [.object(["widgets": .array(widgets)])],
                    ]),
                ])
            ],
        ])
    }

    private static func text(_ text: String, _ limit: Int = Limit.text) -> String {
        Text.escaped(text, to: limit, counting: .json, escape)
    }

    private static func plain(_ text: String, _ limit: Int) -> String {
        Text.escaped(text, to: limit, counting: .json, escapePlain)
    }

    private static func paragraph(_ html: String) -> JSON {
        .object(["textParagraph": .object(["text": .string(html)])])
    }

    private struct Kept: Decodable { var name: String }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        if case .response(let response) = answer, response.status == 200, response.isComplete,
            response.json(Kept.self) == nil
        {
            return .unknown(reason: "Google Chat did not say that it kept the message: \(response.reason)")
        }
        return .standard(answer, now: now)
    }
}
