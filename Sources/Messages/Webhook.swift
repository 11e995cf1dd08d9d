import Crypto
import FoundationEssentials
import Schedule

/// A generic webhook: a JSON body of our own for programs, signed as Standard Webhooks `v1` where a secret is set.
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
package struct Webhook: ChatService {
    package static let type = "webhook"
    package static let settings = [
        Setting("url", .address, required: true), Setting("secret", .secrets), Setting("headers", .headers),
    ]
    package static let acceptance = Answer.Response(status: 204)

    private static let ownHeaders: Set<String> = [
        "webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "content-length",
        "user-agent", "host",
        "transfer-encoding", "expect",
    ]

    private let url: Secret
    private let keys: [SymmetricKey]
    private let headers: [Request.Header]

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
        var keys: [SymmetricKey] = []
        for secret in values.secrets["secret"] ?? [] { keys.append(try Webhook.key(secret)) }
        self.keys = keys
        headers = values.headers["headers"] ?? []
        for header in headers {
            let isToken =
                !header.name.isEmpty
                && header.name.utf8.allSatisfy { byte in
                    byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
                }
            guard isToken else {
                throw SettingFault(
                    "headers", Fault("a header's name holds a character that no name has (RFC 9110 5.1)"))
            }
            guard !Webhook.ownHeaders.contains(header.name.lowercased()) else {
                throw SettingFault(
                    "headers",
                    Fault("the header '\(header.name)' is set by the service itself", remedy: "leave it out"))
            }
            guard header.value.revealed.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw SettingFault(
                    "headers", Fault("the header '\(header.name)' has a value of more than one line"))
            }
        }
    }

    /// The key is what the text after `whsec_` decodes to; some tools leave out the padding.
    private static func key(_ secret: Secret) throws(SettingFault) -> SymmetricKey {
        var text = secret.revealed
        if text.hasPrefix("whsec_") { text.removeFirst("whsec_".count) }
        while text.utf8.count % 4 != 0 { text += "=" }
        guard let bytes = Data(base64Encoded: text), !bytes.isEmpty else {
            throw SettingFault(
                "secret",
                Fault("this is no signing secret", remedy: "make one: echo whsec_$(openssl rand -base64 32)"))
        }
        return SymmetricKey(data: bytes)
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let json = Webhook.body(message)
        let body = json.serialized
        let id = message.identity.messageID
        var own = [
            Request.Header("webhook-id", Secret(id)),
            Request.Header("webhook-timestamp", Secret(String(attempt.seconds))),
        ]
        if !keys.isEmpty {
            let signature = Webhook.signature(id: id, timestamp: attempt.seconds, body: body, keys: keys)
            own.append(Request.Header("webhook-signature", Secret(signature)))
        }
        return Request(post: url, json: json, serialized: body, headers: own + headers)
    }

    /// The `webhook-signature` of a body under some secrets.
    package static func signature(
        secrets: [Secret], id: String, timestamp: Int64, body: String
    ) throws(SettingFault) -> String {
        var keys: [SymmetricKey] = []
        for secret in secrets { keys.append(try key(secret)) }
        return signature(id: id, timestamp: timestamp, body: body, keys: keys)
    }

    /// Several signatures while one secret replaces another: the receiver takes the one it can check.
    private static func signature(id: String, timestamp: Int64, body: String, keys: [SymmetricKey]) -> String
    {
        let content = Array("\(id).\(timestamp).\(body)".utf8)
        return keys.map { key in
            "v1," + Data(HMAC<SHA256>.authenticationCode(for: content, using: key)).base64EncodedString()
        }.joined(separator: " ")
    }

    /// Receivers expect some 20 kB at most, the specification says. UTF-16 units, and entries of a list.
    private enum Limit {
        static let title = 2000
        static let text = 500
        static let list = 10
    }

    private static func text(_ text: String, limit: Int = Limit.text) -> JSON {
        .string(Text.cut(text, to: limit, counting: .utf16))
    }

    /// Texts stand in it as the configuration has them, cut where they are out of all bounds: a program reads it.
    static func body(_ message: Message) -> JSON {
        let issue = message.issue
        let details: JSON = .object([
            "id": .string(issue.id),
            "title": text(issue.title, limit: Limit.title),
            "journal": issue.journal.map { text($0) },
            "publisher": issue.publisher.map { text($0) },
            "url": issue.url.map { text($0, limit: Limit.title) },
            "guest_editors": .array(
                issue.guestEditors.prefix(Limit.list).map { editor in
                    .object([
                        "name": text(editor.name),
                        "affiliation": editor.affiliations.isEmpty
                            ? nil : text(editor.affiliations.joined(separator: "; ")),
                    ])
                }),
            "tags": .array(issue.tags.prefix(Limit.list).map { text($0) }),
        ])
        var data: [JSON.Member] = []
        func add(_ name: String, _ value: JSON) { data.append(JSON.Member(name: name, value: value)) }
        if message.kind != .test {
            add("issue", details)
            add("milestone", .string(message.identity.milestone))
            add("deadline", .string("\(message.deadline.instant)"))
            if case .moved(let previous) = message.kind { add("previous_deadline", .string("\(previous)")) }
        }
        if message.kind == .reminder { add("reminder", .string(message.identity.reminder)) }
        add("due", .string("\(message.due)"))
        add("late_seconds", .number(message.late.seconds))
        add("possible_repeat", .bool(message.isPossibleRepeat))
        add("channel", .string(message.identity.channel))
        return .object([
            "type": .string(type(of: message.kind)), "timestamp": .string("\(message.due)"),
            "data": .object(data),
        ])
    }

    private static func type(of kind: Message.Kind) -> String {
        switch kind {
        case .reminder: "deadline.reminder"
        case .moved: "deadline.moved"
        case .passed: "deadline.passed"
        case .test: "channel.test"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        if case .response(let response) = answer, response.status == 404 {
            // The specification names 410 for an end; a 404 may be a deployment under way.
            return .retry(wait: nil, reason: response.reason)
        }
        return .standard(answer, now: now)
    }
}
