import Schedule

/// Discord's webhooks: https://docs.discord.com/developers/resources/webhook#execute-webhook
package struct Discord: ChatService {
    package static let type = "discord"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"id":"1"}"#.utf8))

    /// In UTF-16 units; all texts of an embed together have 6000.
    /// https://docs.discord.com/developers/resources/message#embed-object-embed-limits
    private enum Limit {
        static let content = 2000
        static let title = 256
        /// Of all fields together.
        static let fields = 3300
        static let fieldName = 50
        static let fieldValue = 500
        static let footer = 300
        static let lists = 3500
        static let remark = 200
        /// Beside the fields, which a list has none of.
        static let description = 2000
        static let link = 400
    }

    private static let escape = Escape(backslashed: "\\*_~`|>#-[]()<@:")

    private static let markup = Markup(
        limit: Limit.lists, unit: .utf16, escape: escape, strong: { "**\($0)**" },
        link: { label, url in "[\(label)](\(url))" })

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        let (url, parts) = try values.address("url")
        let path = parts.pathAndQuery.prefix { $0 != "?" }
        guard !path.hasSuffix("/slack"), !path.hasSuffix("/github") else {
            throw SettingFault(
                "url",
                Fault(
                    "this URL takes another service's messages",
                    remedy: "leave out the last part: …/api/webhooks/ID/TOKEN"))
        }
        // Without it Discord answers 204 even where the message is lost.
        self.url = url.adding(query: "wait=true")
    }

    /// The form that Discord wants, else Cloudflare may refuse it: https://docs.discord.com/developers/reference#user-agent
    /// The product has no address of its own: its name stands in the place of one.
    private static let userAgent = "DiscordBot (\(Product.name), \(Product.version))"

    package func request(for message: Message, attempt: Instant) -> Request {
        let agent = Request.Header("User-Agent", Secret(Discord.userAgent))
        return Request(.post, url, json: Discord.body(message), headers: [agent])
    }

    private static func body(_ message: Message) -> JSON {
        guard !message.isPlain else {
            let text = Markup(limit: Limit.content, unit: .utf16, escape: escape).text(message)
            return .object(["content": .string(text), "allowed_mentions": .object(["parse": []])])
        }
        let isOfIssue = message.kind.isOfIssue
        let seconds = message.deadline.instant.seconds
        var lines: [String] = []
        // Each reader's client shows it in that reader's own zone and language.
        if isOfIssue { lines.append("<t:\(seconds):F> (<t:\(seconds):R>)") }
        lines += markup.sections(of: message, room: Limit.lists).flatMap { $0 + [""] }
        lines += message.notices.map { text($0, Limit.remark) }
        // Discord refuses a message whose link is to a host without a dot; the reader gets its text then.
        let isPublic = message.link.flatMap { try? WebAddress($0) }?.host.contains(".") ?? false
        if let done = markup.done(message) { lines.append(done) }
        if let link = message.link, !isPublic { lines.append(text(link, Limit.link)) }
        if let own = message.ownText {
            let size = lines.reduce(0) { $0 + $1.utf16.count + 1 }
            lines.append(text(own, max(Limit.remark / 2, Limit.description - size)))
        }
        return .object([
            "content": .string(text(message.headed, Limit.content)),
            // The API's own switch: nothing in the text can mention anybody.
            "allowed_mentions": .object(["parse": []]),
            "embeds": [
                .object([
                    "title": .string(text(message.title, Limit.title)),
                    "url": isPublic ? message.link.map { .string($0) } : nil,
                    "color": .number(message.urgency.colour),
                    "description": lines.isEmpty ? nil : .string(lines.joined(separator: "\n")),
                    "timestamp": isOfIssue ? .string("\(message.deadline.instant)") : nil,
                    "fields": .array(fields(message.facts)),
                    // A footer knows no markup.
                    "footer": .object([
                        "text": .string(Text.cut(message.footer, to: Limit.footer, counting: .utf16))
                    ]),
                ])
            ],
        ])
    }

    private static func fields(_ facts: [Message.Fact]) -> [JSON] {
        let room = Limit.fields / max(1, facts.count) - Limit.fieldName
        return facts.map { fact in
            .object([
                "name": .string(text(fact.name, Limit.fieldName)),
                "value": .string(text(fact.value, min(Limit.fieldValue, room))), "inline": true,
            ])
        }
    }

    private static func text(_ text: String, _ limit: Int) -> String {
        Text.escaped(text, to: limit, counting: .utf16, escape)
    }

    /// A message that was kept, or an error:
    /// https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
    private struct Body: Decodable {
        var id: String?
        var code: Int?
        /// Seconds.
        var retryAfter: Double?
        /// The limit is that of the whole application.
        var isGlobal: Bool?

        enum CodingKeys: String, CodingKey {
            case id, code
            case isGlobal = "global"
            case retryAfter = "retry_after"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let body = response.json(Body.self)
        switch (response.status, body) {
        case (200, _) where body?.id == nil, (204, _):
            return .unknown(reason: "Discord did not say that it kept the message: \(response.reason)")
        case (403, nil), (429, nil):
            // Cloudflare, not Discord: it bans an address for a while, whatever webhook it calls.
            return .limited(response, atLeast: .minutes(10), now: now)
        case (429, let body?) where body.isGlobal == true || response.headers["x-ratelimit-global"] == "true":
            return .limited(response, atLeast: body.retryAfter.flatMap(Verdict.wait), now: now)
        case (400..., let body?) where body.code == 10015 || body.code == 50027:
            // Unknown webhook, invalid webhook token: asking again would get the address banned.
            return .disable(reason: response.reason)
        default:
            return .standard(answer, bodyWait: body?.retryAfter.flatMap(Verdict.wait), now: now)
        }
    }
}
