import Schedule

/// WeCom's group robots: https://developer.work.weixin.qq.com/document/path/91770
package struct WeCom: ChatService {
    package static let type = "wecom"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(
        status: 200, body: Array(#"{"errcode":0,"errmsg":"ok"}"#.utf8))

    /// Markdown has 4096 bytes, text 2048.
    private static let markup = Markup(
        limit: 4096, unit: .utf8, escape: Escape(["<": "＜", ">": "＞"], joined: "*_~`[]()"),
        strong: { "**\($0)**" }, link: { label, url in "[\(label)](\(url))" }, bullet: ">")
    private static let plain = Markup(limit: 2048, unit: .utf8, escape: Escape(joined: "<"))

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let (form, markup) = message.isPlain ? ("text", WeCom.plain) : ("markdown", WeCom.markup)
        return Request(
            .post, url,
            json: .object([
                JSON.Member(name: "msgtype", value: .string(form)),
                JSON.Member(
                    name: form, value: .object(["content": .string(markup.text(message))])),
            ]))
    }

    private struct Body: Decodable { var errcode: Int }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        guard case .response(let response) = answer, response.isComplete else {
            return .standard(answer, now: now)
        }
        switch response.json(Body.self)?.errcode {
        case 0 where response.status == 200: return .delivered
        // The robot is gone.
        case 93000: return .disable(reason: response.reason)
        // The system is busy.
        case -1: return .retry(response, now: now)
        // More than 20 in a minute, or too many at once.
        case 45009, 45033: return .retry(response, atLeast: .minutes(1), now: now)
        case nil where response.status == 200:
            return .unknown(reason: "WeCom did not say that it took the message: \(response.reason)")
        // Too long.
        case 40058: return .malformed(reason: response.reason)
        case .some where response.status == 200:
            return .malformed(reason: response.reason, isCertain: false)
        default: return .standard(answer, now: now)
        }
    }
}
