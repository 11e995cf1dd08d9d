import Crypto
import FoundationEssentials
import Schedule

/// A generic webhook: a JSON body of our own for programs, signed as Standard Webhooks `v1` where a secret is set, or
/// `v1a` where that is a private key.
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
package struct Webhook: ChatService {
    package static let type = "webhook"
    package static let settings = [
        Setting("url", .address, required: true), Setting("secret", .secrets), Setting("headers", .headers),
    ]
    package static let acceptance = Answer.Response(status: 204)

    private let url: Secret
    private let keys: [Key]
    private let headers: [Request.Header]

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
        var keys: [Key] = []
        for secret in values.secrets["secret"] ?? [] { keys.append(try Webhook.key(secret)) }
        self.keys = keys
        headers = try values.headers(
            "headers", reserved: ["webhook-id", "webhook-timestamp", "webhook-signature"])
    }

    /// What signs: a secret that both sides know, or a private key whose public one the receiver has.
    private enum Key {
        case shared(SymmetricKey)
        case own(Curve25519.Signing.PrivateKey)
    }

    /// The key is what the text after `whsec_` or `whsk_` decodes to; some tools leave out the padding.
    private static func key(_ secret: Secret) throws(SettingFault) -> Key {
        let isOwn = secret.revealed.hasPrefix("whsk_")
        let prefix = isOwn ? "whsk_" : secret.revealed.hasPrefix("whsec_") ? "whsec_" : ""
        let text = secret.revealed.dropFirst(prefix.count)
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
        guard isOwn else { return .shared(SymmetricKey(data: bytes)) }
        // Some tools write the public key behind the 32 bytes of the private one.
        guard bytes.count == 32 || bytes.count == 64,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.prefix(32)),
            bytes.count == 32 || key.publicKey.rawRepresentation == bytes.suffix(32)
        else {
            throw SettingFault(
                "secret",
                Fault(
                    "this is no private key of Ed25519",
                    remedy: "write the 32 bytes of one after whsk_, in Base64"))
        }
        return .own(key)
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let timestamp = JSON.Member(name: "timestamp", value: .string("\(message.due)"))
        let (json, body) = EventBody.body(message) { event in
            .object([
                JSON.Member(name: "type", value: .string(event.type)), timestamp,
                JSON.Member(name: "data", value: event.data),
            ])
        }
        let id = message.id
        var all = [
            Request.Header("webhook-id", Secret(id)),
            Request.Header("webhook-timestamp", Secret(String(attempt.seconds))),
        ]
        if !keys.isEmpty {
            let signature = Webhook.signature(id: id, timestamp: attempt.seconds, body: body, keys: keys)
            all.append(Request.Header("webhook-signature", Secret(signature)))
        }
        all += headers
        return Request(.post, url, json: json, body: body, headers: all)
    }

    /// The `webhook-signature` of a body under some secrets.
    package static func signature(
        secrets: [Secret], id: String, timestamp: Int64, body: String
    ) throws(SettingFault) -> String {
        var keys: [Key] = []
        for secret in secrets { keys.append(try key(secret)) }
        return signature(id: id, timestamp: timestamp, body: Array(body.utf8), keys: keys)
    }

    /// Several signatures while one secret replaces another: the receiver takes the one it can check.
    private static func signature(id: String, timestamp: Int64, body: [UInt8], keys: [Key]) -> String {
        let content = Data("\(id).\(timestamp).".utf8 + body)
        return keys.compactMap { key in
            switch key {
            case .shared(let key):
                "v1," + Data(HMAC<SHA256>.authenticationCode(for: content, using: key)).base64EncodedString()
            case .own(let key):
                (try? key.signature(for: content)).map { "v1a," + $0.base64EncodedString() }
            }
        }.joined(separator: " ")
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        Webhook.verdict(on: answer.hiding([url] + headers.map(\.value)), now: now)
    }

    /// What the answer of a receiver that somebody wrote for this means.
    static func verdict(on answer: Answer, now: Instant) -> Verdict {
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        switch response.status {
        // The status says it all, whatever became of the body.
        case 200...299: return .delivered
        // The specification names 410 for an end; a 404 may be a deployment under way.
        case 404: return .retry(response, now: now)
        // It has no other form.
        case 400, 413, 422: return .permanent(reason: response.reason)
        default: return .standard(answer, now: now)
        }
    }
}
