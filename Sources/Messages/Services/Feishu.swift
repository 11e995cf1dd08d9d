import Crypto
import FoundationEssentials
import Schedule

/// Feishu's and Lark's custom bots: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
package struct Feishu: ChatService {
    package static let type = "feishu"
    package static let settings = [Setting("url", .address, required: true), Setting("secret", .secret)]
    package static let acceptance = Answer.Response(
        status: 200, body: Array(#"{"code":0,"msg":"success"}"#.utf8))

    /// A request has 20 KB.
    private enum Limit {
        static let title = 1500
        static let text = 600
        static let own = 2000
        static let lists = 10_000
        static let list = 3000
    }

    /// `lark_md` for lists, because of their links; all other text is plain.
    private static let markup = Markup(
        limit: Limit.lists, unit: .json,
        escape: Escape(["<": "＜", ">": "＞"], joined: "*_~`[]()"), strong: { "**\($0)**" },
        link: { label, url in "[\(label)](\(url))" })
    private static let plain = Markup(limit: 8000, unit: .json, escape: Escape(["<": "＜"]))

    private let url: Secret
    private let key: Secret?

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
        key = values.secrets["secret"]?.first
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        var members: [JSON.Member] = []
        if let key {
            members = JSON.members([
                "timestamp": .string(String(attempt.seconds)),
                "sign": .string(Feishu.signature(secret: key, timestamp: attempt.seconds)),
            ])
        }
        return Request(.post, url, json: .object(members + Feishu.body(message)))
    }

    /// The key is made of time and secret, and what is signed is empty.
    package static func signature(secret: Secret, timestamp: Int64) -> String {
        let key = SymmetricKey(data: Data("\(timestamp)\n\(secret.revealed)".utf8))
        return Data(HMAC<SHA256>.authenticationCode(for: Data(), using: key)).base64EncodedString()
    }

    private static func body(_ message: Message) -> [JSON.Member] {
        guard !message.isPlain else {
            return JSON.members([
                "msg_type": "text", "content": .object(["text": .string(plain.text(message))]),
            ])
        }
        var elements = [div(plain(message.title, Limit.title))]
        if !message.facts.isEmpty {
            elements.append(
                .object([
                    "tag": "div",
                    "fields": .array(
                        message.facts.map { fact in
                            .object([
                                "is_short": false,
                                "text": plain(fact.name + message.words.colon + fact.value),
                            ])
                        }),
                ]))
        }
        for list in markup.sections(of: message, room: Limit.lists, perSection: Limit.list) {
            elements.append(
                div(.object(["tag": "lark_md", "content": .string(list.joined(separator: "\n"))])))
        }
        elements += message.notices.map { div(plain($0)) }
        if let own = message.ownText { elements.append(div(plain(own, Limit.own))) }
        if !message.actions.isEmpty {
            let buttons = message.actions.map { label, url -> JSON in
                .object([
                    "tag": "button", "type": url == message.link ? "primary" : "default",
                    "text": plain(label), "url": .string(url),
                ])
            }
            elements.append(.object(["tag": "action", "actions": .array(buttons)]))
        }
        elements.append(.object(["tag": "note", "elements": [plain(message.footer)]]))
        return JSON.members([
            "msg_type": "interactive",
            "card": .object([
                "config": .object(["wide_screen_mode": true]),
                "header": .object([
                    "template": .string(colour(message.urgency)),
                    "title": plain("\(message.urgency.emoji) \(message.headline)"),
                ]),
                "elements": .array(elements),
            ]),
        ])
    }

    private static func div(_ text: JSON) -> JSON { .object(["tag": "div", "text": text]) }

    private static func plain(_ text: String, _ limit: Int = Limit.text) -> JSON {
        .object([
            "tag": "plain_text",
            "content": .string(Text.escaped(text, to: limit, counting: .json, plain.escape)),
        ])
    }

    private static func colour(_ urgency: Urgency) -> String {
        switch urgency {
        case .ok: "green"
        case .notice: "blue"
        case .soon: "yellow"
        case .warning: "orange"
        case .critical: "red"
        }
    }

    private struct Body: Decodable {
        var code: Int?
        var msg: ShortText?
        /// How older robots say it.
        var statusCode: Int?

        enum CodingKeys: String, CodingKey {
            case code, msg
            case statusCode = "StatusCode"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url] + [key].compactMap { $0 })
        guard case .response(let response) = answer, response.isComplete else {
            return .standard(answer, now: now)
        }
        let body = response.json(Body.self)
        switch body?.code ?? body?.statusCode {
        case 0 where response.status == 200: return .delivered
        // The hook is gone, or its bot was switched off.
        case 19001, 19007: return .disable(reason: response.reason)
        // Too many at once, most of all on the hour.
        case 11232, 2200, 99_991_400: return .retry(response, atLeast: .minutes(1), now: now)
        // The code of a bad request, with other words.
        case 9499 where body?.msg == "too many request":
            return .retry(response, atLeast: .minutes(1), now: now)
        case 9499: return .malformed(reason: response.reason)
        // Address or keyword: nothing of the form would help.
        case 19021, 19022, 19024: return .permanent(reason: response.reason)
        case nil where response.status == 200:
            return .unknown(reason: "Feishu did not say that it took the message: \(response.reason)")
        case .some where [200, 400].contains(response.status):
            return .malformed(reason: response.reason, isCertain: false)
        default: return .standard(answer, now: now)
        }
    }
}
