import Schedule

/// Matrix rooms: https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
package struct Matrix: ChatService {
    package static let type = "matrix"
    package static let settings = [
        Setting("homeserver", .server, required: true), Setting("room", .text, required: true),
        Setting("token", .secret, required: true),
    ]
    package static let acceptance = Answer.Response(status: 200, body: Array(#"{"event_id":"$1"}"#.utf8))

    /// An event has 65,536 bytes with its envelope; readers want far fewer.
    private static let html = Markup(
        limit: 24_000, unit: .json, escape: .html, strong: { "<strong>\($0)</strong>" },
        link: { label, url in "<a href=\"\(url.replacing("&", with: "&amp;"))\">\(label)</a>" },
        newline: "<br>")
    private static let plain = Markup(limit: 24_000, unit: .json, escape: .none)

    private let homeserver: Secret
    private let token: Secret

    package init(_ values: SettingValues) throws(SettingFault) {
        let room = try values.required("room")
        // Rooms of version 12 have no server in their name, so there may be no colon.
        guard room.hasPrefix("!"), room.utf8.count > 1 else {
            throw SettingFault(
                "room",
                Fault(
                    room.hasPrefix("#")
                        ? "this is a room's alias, which may come to lead elsewhere" : "this is no room",
                    remedy:
                        "write its internal id, which begins with '!': in Element, room settings, Advanced"))
        }
        token = try values.secret("token")
        homeserver = try values.server(
            "homeserver", path: "/_matrix/client/v3/rooms/\(room.percentEncoded)/send/m.room.message/")
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        // The server takes one transaction id of a device once.
        let url = Secret(homeserver.revealed + message.id + (message.isPlain ? "p" : ""))
        return Request(
            .put, url, json: Matrix.body(message),
            headers: [Request.Header("Authorization", Secret("Bearer \(token.revealed)"))])
    }

    private static func body(_ message: Message) -> JSON {
        let isRich = !message.isPlain
        return .object([
            "msgtype": "m.text",
            "body": .string(plain.text(message)),
            "format": isRich ? "org.matrix.custom.html" : nil,
            "formatted_body": isRich ? .string(html.text(message)) : nil,
            // Nothing in the text can mention anybody then, `@room` neither.
            "m.mentions": .object([]),
        ])
    }

    private struct Body: Decodable {
        var errcode: ShortText?
        var eventID: String?
        /// Milliseconds.
        var retryAfter: Double?

        enum CodingKeys: String, CodingKey {
            case errcode
            case eventID = "event_id"
            case retryAfter = "retry_after_ms"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([token])
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        let body = response.json(Body.self)
        switch body?.errcode {
        case "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_FORBIDDEN", "M_UNRECOGNIZED", "M_USER_DEACTIVATED":
            return .disable(reason: response.reason)
        default: break
        }
        if response.status == 200, response.isComplete, body?.eventID == nil {
            return .unknown(reason: "the server did not name the message: \(response.reason)")
        }
        let wait = body?.retryAfter.flatMap { Verdict.wait(seconds: $0 / 1000) }
        return .standard(answer, bodyWait: wait, now: now)
    }
}
