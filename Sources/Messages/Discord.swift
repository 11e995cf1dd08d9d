import FoundationEssentials
import Schedule

/// Discord's webhooks: https://docs.discord.com/developers/resources/webhook#execute-webhook
package struct Discord: ChatService {
    package static let type = "discord"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"id":"1"}"#.utf8))

    /// Limits of a message in UTF-16 units; all texts of an embed together have 6000.
    private enum Limit {
        static let content = 2000
        static let title = 256
        static let fieldName = 256
        static let field = 500
        static let description = 1000
        static let footer = 300
    }

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        let (url, parts) = try values.address("url")
        // Without `wait` Discord answers 204 even where the message is lost.
        let query = parts.pathAndQuery.contains("?") ? "&wait=true" : "?wait=true"
        self.url = Secret(url.revealed + query)
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        Request(post: url, json: Discord.body(message))
    }

    static func body(_ message: Message) -> JSON {
        let deadline = message.deadline.instant
        var description = message.remarks.map(escape)
        if message.kind != .test {
            // The reader's client shows it in the reader's own zone and language.
            description.insert("<t:\(deadline.seconds):F> (<t:\(deadline.seconds):R>)", at: 0)
        }
        return .object([
            "content": .string(
                Text.escaped(
                    message.headline + ": " + message.title, to: Limit.content, counting: .utf16, escape)),
            // The API's own switch: nothing in the text can mention anybody.
            "allowed_mentions": .object(["parse": []]),
            "embeds": [
                .object([
                    "title": .string(Text.escaped(message.title, to: Limit.title, counting: .utf16, escape)),
                    "url": message.link.map(JSON.string),
                    "color": .number(message.urgency.colour),
                    "description": description.isEmpty
                        ? nil
                        : .string(
                            Text.cut(
                                description.joined(separator: "\n"), to: Limit.description, counting: .utf16)),
                    "timestamp": message.kind == .test ? nil : .string("\(deadline)"),
                    "fields": .array(
                        message.facts.prefix(8).map { fact in
                            .object([
                                "name": .string(Text.cut(fact.name, to: Limit.fieldName, counting: .utf16)),
                                "value": .string(
                                    Text.escaped(fact.value, to: Limit.field, counting: .utf16, escape)),
                                "inline": true,
                            ])
                        }),
                    "footer": .object([
                        "text": .string(Text.cut(message.footer, to: Limit.footer, counting: .utf16))
                    ]),
                ])
            ],
        ])
    }

    /// A backslash before each mark of Discord's Markdown.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            if "\\*_~`|>#-[]()<@:".unicodeScalars.contains(character) { escaped += "\\" }
            escaped.unicodeScalars.append(character)
            if character == "@" { escaped += "\u{2060}" }
        }
        return escaped
    }

    private struct Problem: Decodable {
        var code: Int?
        var retryAfter: Double?

        enum CodingKeys: String, CodingKey {
            case code
            case retryAfter = "retry_after"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body))
        switch response.status {
        case 204: return .unknown(reason: "Discord took the message without saying that it kept it")
        case 403 where problem == nil:
            // Cloudflare, not Discord: it bans an address for a while.
            return .retry(wait: .minutes(10), reason: response.reason)
        default:
            let wait = problem?.retryAfter.flatMap { Verdict.retryAfter(String($0), now: now) }
            return .standard(answer, bodyWait: wait, now: now)
        }
    }
}
