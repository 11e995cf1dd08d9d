import Schedule

/// Telegram's bots: https://core.telegram.org/bots/api#sendmessage
package struct Telegram: ChatService {
    package static let type = "telegram"
    package static let settings = [
        Setting("token", .secret, required: true), Setting("chat_id", .text, required: true),
        Setting("thread_id", .text), Setting("api", .server),
    ]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"ok":true}"#.utf8))

    /// A text has 4096 characters without its tags; with them is safe.
    private static let markup = Markup(
        limit: 4000, unit: .utf16,
        escape: Escape(["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"], joined: "/"),
        strong: { "<b>\($0)</b>" },
        link: { label, url in "<a href=\"\(url.replacing("&", with: "&amp;"))\">\(label)</a>" },
        time: { instant, otherwise in
            "<tg-time unix=\"\(instant.seconds)\" format=\"wDt\">\(otherwise)</tg-time>"
        })
    /// Without `parse_mode` nothing is markup.
    private static let plain = Markup(limit: 4000, unit: .utf16, escape: Escape(joined: "/"))

    private let token: Secret
    private let url: Secret
    private let chat: JSON
    private let thread: Int64?
    /// The chat's number as the configuration has it.
    private var number: String? { if case .number(let number) = chat { String(number) } else { nil } }

    package init(_ values: SettingValues) throws(SettingFault) {
        token = try values.secret("token")
        // `123456:ABC-DEF…`: anything else would make another path.
        guard token.revealed.utf8.count > 10, token.revealed.contains(":"),
            token.revealed.unicodeScalars.allSatisfy({
                $0.isDigit || $0.isASCII && $0.properties.isAlphabetic || "-_:".unicodeScalars.contains($0)
            })
        else {
            throw SettingFault(
                "token",
                Fault("this is no bot's token", remedy: "copy what @BotFather gave: digits, a colon, letters")
            )
        }
        let path = "/bot\(token.revealed)/sendMessage"
        url =
            values.texts["api"] == nil
            ? Secret("https://api.telegram.org" + path) : try values.server("api", path: path)
        let text = try values.required("chat_id")
        if let number = Int64(text) {
            chat = .number(number)
        } else if text.hasPrefix("@"), text.utf8.count > 1 {
            chat = .string(text)
        } else {
            throw SettingFault(
                "chat_id",
                Fault("this is no chat", remedy: "write its number (-100… for a channel), or @name"))
        }
        guard let text = values.text("thread_id") else {
            thread = nil
            return
        }
        guard let number = Int64(text), number > 0 else {
            throw SettingFault("thread_id", Fault("this is no topic", remedy: "write its number"))
        }
        thread = number
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        // A group that became a supergroup has another number.
        let forwarding = message.forwarding.flatMap { $0.from == number ? Int64($0.to) : nil }
        let chat = forwarding.map { JSON.number($0) } ?? chat
        let isRich = !message.isPlain
        let buttons = message.actions.map { label, url -> JSON in
            [.object(["text": .string(label), "url": .string(url)])]
        }
        return Request(
            .post, url,
            json: .object([
                "chat_id": chat, "message_thread_id": thread.map { .number($0) },
                "parse_mode": isRich ? "HTML" : nil,
                "text": .string(
                    isRich
                        ? Telegram.markup.text(message, without: [.done]) : Telegram.plain.text(message)),
                "link_preview_options": .object(["is_disabled": true]),
                "reply_markup": isRich && !buttons.isEmpty
                    ? .object(["inline_keyboard": .array(buttons)]) : nil,
            ]))
    }

    /// https://core.telegram.org/bots/api#responseparameters
    private struct Body: Decodable {
        var ok: Bool
        var description: ShortText?
        var parameters: Parameters?

        struct Parameters: Decodable {
            /// Seconds.
            var retryAfter: Double?
            var migrateTo: Int64?

            enum CodingKeys: String, CodingKey {
                case retryAfter = "retry_after"
                case migrateTo = "migrate_to_chat_id"
            }
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([token, url])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let body = response.json(Body.self)
        if let chat = body?.parameters?.migrateTo {
            return .readdressed(Forwarding(from: number ?? "", to: String(chat)), reason: response.reason)
        }
        switch (response.status, body?.description) {
        // In Telegram's own words, not a proxy's.
        case (401, .some), (403, .some), (400, "Bad Request: chat not found"?):
            return .disable(reason: response.reason)
        case (200, _) where response.isComplete && body?.ok != true:
            return .unknown(reason: "Telegram did not say that it took the message: \(response.reason)")
        default: break
        }
        return .standard(answer, bodyWait: body?.parameters?.retryAfter.flatMap(Verdict.wait), now: now)
    }
}
