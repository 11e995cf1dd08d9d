import Schedule

/// Webex's incoming webhooks: https://apphub.webex.com/applications/incoming-webhooks-cisco-systems-38054-23307-75252
package struct Webex: ChatService {
    package static let type = "webex"
    package static let settings = [Setting("url", .address, required: true)]
    package static let acceptance = Answer.Response(status: 204)

    /// 7439 bytes by the book, 4096 by those who tried.
    private static let markup = Markup(
        limit: 4000, unit: .utf8,
        escape: Escape(["&": "&amp;", "<": "&lt;", ">": "&gt;"], backslashed: "\\`*_~#[]()!|"),
        strong: { "**\($0)**" }, link: { label, url in "[\(label)](\(url))" },
        // One line end alone is none.
        newline: "  \n")

    private let url: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let text =
            message.isPlain
            ? ("text", Markup(limit: 4000, unit: .utf8, escape: Escape(joined: "<")).text(message))
            : ("markdown", Webex.markup.text(message))
        return Request(.post, url, json: .object([JSON.Member(name: text.0, value: .string(text.1))]))
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        switch response.status {
        case 423: return .retry(response, now: now)
        case 401: return .disable(reason: response.reason)
        default: return .standard(answer, now: now)
        }
    }
}
