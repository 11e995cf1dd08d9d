import Crypto
import FoundationEssentials
import Schedule

/// DingTalk's custom robots: https://open.dingtalk.com/document/robots/custom-robot-access
package struct DingTalk: ChatService {
    package static let type = "dingtalk"
    package static let settings = [Setting("url", .address, required: true), Setting("secret", .secret)]
    package static let acceptance = Answer.Response(
        status: 200, body: Array(#"{"errcode":0,"errmsg":"ok"}"#.utf8))

    /// A request has 20,000 bytes.
    private static let markup = Markup(
        limit: 12_000, unit: .json,
        escape: Escape(["<": "＜", ">": "＞"], backslashed: "\\`*_~#[]()!|"), strong: { "**\($0)**" },
        link: { label, url in "[\(label)](\(url))" }, bullet: "- ", newline: "\n\n")
    private static let plain = Markup(limit: 8000, unit: .json, escape: Escape(joined: "<"))
    private static let title = 300

    private let url: Secret
    private let key: Secret?

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
        key = values.secrets["secret"]?.first
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        var url = url
        if let key {
            let time = attempt.milliseconds
            let signature = DingTalk.signature(secret: key, milliseconds: time)
            // Percent-encoded once: a `+` would be a space, and a second time is another signature.
            url = url.adding(query: "timestamp=\(time)&sign=\(signature.percentEncoded)")
        }
        return Request(.post, url, json: DingTalk.body(message))
    }

    package static func signature(secret: Secret, milliseconds: Int64) -> String {
        let key = SymmetricKey(data: Data(secret.revealed.utf8))
        let content = Data("\(milliseconds)\n\(secret.revealed)".utf8)
        return Data(HMAC<SHA256>.authenticationCode(for: content, using: key)).base64EncodedString()
    }

    private static func body(_ message: Message) -> JSON {
        // Nobody is called, whatever the text says: only this object calls.
        let at: JSON = .object(["isAtAll": false])
        guard !message.isPlain else {
            return .object([
                "msgtype": "text", "text": .object(["content": .string(plain.text(message))]), "at": at,
            ])
        }
        // What the list of conversations shows.
        let title = JSON.string(
            Text.escaped(message.summary, to: title, counting: .json, Escape(joined: "<")))
        guard let link = message.link else {
            return .object([
                "msgtype": "markdown",
                "markdown": .object(["title": title, "text": .string(markup.text(message))]), "at": at,
            ])
        }
        return .object([
            "msgtype": "actionCard",
            "actionCard": .object([
                "title": title, "text": .string(markup.text(message)),
                "singleTitle": .string(message.words.openCall), "singleURL": .string(link),
            ]),
        ])
    }

    private struct Body: Decodable { var errcode: Int }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url] + [key].compactMap { $0 })
        guard case .response(let response) = answer, response.isComplete else {
            return .standard(answer, now: now)
        }
        switch response.json(Body.self)?.errcode {
        case 0 where response.status == 200: return .delivered
        // More than 20 in a minute: it is deaf for ten.
        case 130101, 410100: return .retry(response, atLeast: .minutes(10), now: now)
        // The system is busy.
        case -1: return .retry(response, now: now)
        // The robot, its token or its group is gone, or it was switched off.
        case 300001, 300005, 400013, 400101, 400102, 400106: return .disable(reason: response.reason)
        // Keyword, signature or address: nothing of the form would help.
        case 310000: return .permanent(reason: response.reason)
        case nil where response.status == 200:
            return .unknown(reason: "DingTalk did not say that it took the message: \(response.reason)")
        case .some where response.status == 200:
            return .malformed(reason: response.reason, isCertain: false)
        default: return .standard(answer, now: now)
        }
    }
}
