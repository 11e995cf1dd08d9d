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

    private let url: Secret
    private let keys: [SymmetricKey]
    private let headers: [Request.Header]

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
        var keys: [SymmetricKey] = []
        for secret in values.secrets["secret"] ?? [] { keys.append(try Webhook.key(secret)) }
        self.keys = keys
        headers = try values.headers(
            "headers", reserved: ["webhook-id", "webhook-timestamp", "webhook-signature"])
    }

    /// The key is what the text after `whsec_` decodes to; some tools leave out the padding.
    private static func key(_ secret: Secret) throws(SettingFault) -> SymmetricKey {
        let text = secret.revealed.dropFirst(secret.revealed.hasPrefix("whsec_") ? "whsec_".count : 0)
        let digits = text.prefix { $0 != "=" }
        let padding = String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)
        // Foundation also reads `====`; what follows the digits is their padding, or nothing.
        guard ["", padding].contains(String(text.dropFirst(digits.count))), !digits.isEmpty,
            let bytes = Data(base64Encoded: digits + padding)
        else {
            throw SettingFault(
                "secret",
                Fault("this is no signing secret", remedy: "make one: echo whsec_$(openssl rand -base64 32)"))
        }
        return SymmetricKey(data: bytes)
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let (json, body) = Webhook.body(message)
        let id = message.identity.messageID
        var own = [
            Request.Header("webhook-id", Secret(id)),
            Request.Header("webhook-timestamp", Secret(String(attempt.seconds))),
        ]
        if !keys.isEmpty {
            let signature = Webhook.signature(id: id, timestamp: attempt.seconds, body: body, keys: keys)
            own.append(Request.Header("webhook-signature", Secret(signature)))
        }
        return Request(post: url, json: json, body: body, headers: own + headers)
    }

    /// The `webhook-signature` of a body under some secrets.
    package static func signature(
        secrets: [Secret], id: String, timestamp: Int64, body: String
    ) throws(SettingFault) -> String {
        var keys: [SymmetricKey] = []
        for secret in secrets { keys.append(try key(secret)) }
        return signature(id: id, timestamp: timestamp, body: Array(body.utf8), keys: keys)
    }

    /// Several signatures while one secret replaces another: the receiver takes the one it can check.
    private static func signature(id: String, timestamp: Int64, body: [UInt8], keys: [SymmetricKey]) -> String
    {
        let content = "\(id).\(timestamp).".utf8 + body
        return keys.map { key in
            "v1," + Data(HMAC<SHA256>.authenticationCode(for: content, using: key)).base64EncodedString()
        }.joined(separator: " ")
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([url] + headers.map(\.value))
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        switch response.status {
        // The status says it all, whatever became of the body.
        case 200...299: return .delivered
        // The specification names 410 for an end; a 404 may be a deployment under way.
        case 404: return .retry(response, now: now)
        default: return .standard(answer, now: now)
        }
    }
}

// MARK: - The body

extension Webhook {
    /// Receivers expect some 20 kB at most, the specification says. What is longer is cut to these, in bytes of the body
    /// and entries of a list.
    private enum Limit {
        static let body = 20_000
        static let long = 2000
        static let text = 500
        static let list = 5
    }

    /// Texts stand in it as the configuration has them: a program reads it.
    private static func body(_ message: Message) -> (JSON, bytes: [UInt8]) {
        let whole = body(message, isCut: false)
        let bytes = whole.bytes
        guard bytes.count > Limit.body else { return (whole, bytes) }
        let cut = body(message, isCut: true)
        return (cut, cut.bytes)
    }

    private static func body(_ message: Message, isCut: Bool) -> JSON {
        var data: [JSON.Member] = []
        func add(_ name: String, _ value: JSON) { data.append(JSON.Member(name: name, value: value)) }
        if case .alert(let text) = message.kind { add("text", .string(text)) }
        if !message.kind.isOfService {
            add("issue", issue(message.issue, isCut: isCut))
            add("milestone", .string(message.identity.milestone))
            add("deadline", .string("\(message.deadline.instant)"))
            let milestone = message.issue.milestone(message.identity.milestone)
            if let firmness = milestone?.firmness { add("firmness", .string(firmness.rawValue)) }
            switch milestone?.kind {
            case .target(let other): add("target_of", .string(other))
            case .opening(let other): add("opening_of", .string(other))
            case .deadline, nil: break
            }
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

    private static func issue(_ issue: SpecialIssue, isCut: Bool) -> JSON {
        func text(_ text: String, _ limit: Int = Limit.text) -> JSON {
            .string(isCut ? Text.cut(text, to: limit, counting: .json) : text)
        }
        let count = isCut ? Limit.list : .max
        return .object([
            "id": text(issue.id),
            "title": text(issue.title, Limit.long),
            "journal": issue.journal.map { text($0) },
            "publisher": issue.publisher.map { text($0) },
            "url": issue.url.map { text($0, Limit.long) },
            "guest_editors": .array(
                issue.guestEditors.prefix(count).map { editor in
                    .object([
                        "name": text(editor.name),
                        "affiliation": editor.affiliations.isEmpty
                            ? nil : text(editor.affiliations.joined(separator: "; ")),
                    ])
                }),
            "tags": .array(issue.tags.prefix(count).map { text($0) }),
        ])
    }

    private static func type(of kind: Message.Kind) -> String {
        switch kind {
        case .reminder: "deadline.reminder"
        case .moved: "deadline.moved"
        case .passed: "deadline.passed"
        case .test: "channel.test"
        case .alert: "service.alert"
        }
    }
}
