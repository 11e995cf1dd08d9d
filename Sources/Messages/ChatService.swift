import Schedule

/// What is peculiar to one messaging service: its settings, the form of its messages, and what its answers mean.
///
/// A new service is one file with a conforming type, and one line in `ChatServices.all`.
package protocol ChatService: Sendable {
    /// The word after `type:` in the configuration.
    static var type: String { get }
    /// The keys of its own that a channel of this type has.
    static var settings: [Setting] { get }
    /// What this service answers when it has taken a message; a rehearsal's receiver says it.
    static var acceptance: Answer.Response { get }

    /// Makes a channel's end of the service from its settings, checked.
    init(_ values: SettingValues) throws(SettingFault)

    /// One channel's settings, or those of the several that it is, each with what its name gets at its end.
    static func split(_ values: SettingValues) -> [(suffix: String, values: SettingValues)]

    /// The request of one attempt, made at `attempt`.
    func request(for message: Message, attempt: Instant) -> Request
    /// What an answer means. It begins with `answer.hiding`, so that no reason repeats a secret of the request.
    func verdict(on answer: Answer, now: Instant) -> Verdict
}

extension ChatService {
    package static func split(_ values: SettingValues) -> [(suffix: String, values: SettingValues)] {
        [("", values)]
    }
}

/// One key of a channel in the configuration.
package struct Setting: Sendable {
    package enum Kind: Sendable {
        /// A URL that is itself a password.
        case address
        /// The URL of a server, which is no secret.
        case server
        /// A mail server's URL.
        case mailServer
        /// One secret.
        case secret
        /// A secret, or a list of them while one replaces the other.
        case secrets
        /// Header names and their (secret) values.
        case headers
        /// One line of text.
        case text
        /// A line of text, or a list of them.
        case texts
    }

    package let key: String
    package let kind: Kind
    package let isRequired: Bool

    package init(_ key: String, _ kind: Kind, required: Bool = false) {
        self.key = key
        self.kind = kind
        self.isRequired = required
    }
}

/// The values of a channel's settings; required ones are there.
package struct SettingValues: Sendable {
    package var secrets: [String: [Secret]] = [:]
    package var headers: [String: [Request.Header]] = [:]
    package var texts: [String: [String]] = [:]

    package init() {}

    /// One line of text; nil where there is none.
    package func text(_ key: String) -> String? { texts[key]?.first }

    /// One line of text that has to be there.
    package func required(_ key: String) throws(SettingFault) -> String {
        guard let text = text(key), !Text.isBlank(text) else {
            throw SettingFault(key, Fault("'\(key)' is empty"))
        }
        return text
    }

    package func secret(_ key: String) throws(SettingFault) -> Secret {
        guard let secret = secrets[key]?.first else { throw SettingFault(key, Fault("'\(key)' is missing")) }
        return secret
    }

    /// A URL that was checked to be one.
    package func address(_ key: String) throws(SettingFault) -> (url: Secret, parts: WebAddress) {
        guard let url = secrets[key]?.first ?? texts[key]?.first.map({ Secret($0) }) else {
            throw SettingFault(key, Fault("'\(key)' is missing"))
        }
        do {
            return (url, try WebAddress(url.revealed))
        } catch {
            throw SettingFault(key, error)
        }
    }

    /// A path below the address of a server, which has neither a path that matters nor a query.
    package func server(_ key: String, path: String) throws(SettingFault) -> Secret {
        let address = try address(key)
        guard !address.parts.pathAndQuery.contains(where: { "?#".contains($0) }) else {
            throw SettingFault(
                key,
                Fault(
                    "the URL has a query",
                    remedy: "write the server's address alone, like https://chat.example.org"))
        }
        var base = address.url.revealed
        while base.hasSuffix("/") { base.removeLast() }
        return Secret(base + path)
    }

    /// The address that a setting of that kind leads to; nil for another kind, and where there is none.
    package func address(_ setting: Setting) throws(SettingFault) -> WebAddress? {
        switch setting.kind {
        case .address, .server:
            guard secrets[setting.key] != nil || texts[setting.key] != nil else { return nil }
            return try address(setting.key).parts
        case .mailServer:
            guard let text = text(setting.key) else { return nil }
            do throws(Fault) {
                return try WebAddress(mailServer: text)
            } catch {
                throw SettingFault(setting.key, error)
            }
        case .secret, .secrets, .headers, .text, .texts: return nil
        }
    }

    /// Headers that a request may carry besides those that the product sets itself: the ones of every request, and
    /// the service's `reserved` ones (in lower case). RFC 9110 5.1 and 5.5.
    package func headers(_ key: String, reserved: Set<String>) throws(SettingFault) -> [Request.Header] {
        let headers = headers[key] ?? []
        for header in headers {
            let isToken = header.name.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
            }
            guard isToken, !header.name.isEmpty else {
                throw SettingFault(
                    key,
                    Fault(
                        "a header's name holds a character that no name has",
                        remedy: "write letters, digits and hyphens, like X-Team"))
            }
            guard !reserved.union(Request.ownHeaders).contains(header.name.lowercased()) else {
                throw SettingFault(
                    key,
                    Fault("the header '\(header.name)' is set by the product itself", remedy: "leave it out"))
            }
            guard header.value.revealed.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw SettingFault(
                    key,
                    Fault(
                        "the header '\(header.name)' holds a line break or another control character",
                        remedy: "write its value on one line"))
            }
        }
        return headers
    }
}

/// What is wrong with one setting of a channel.
package struct SettingFault: Error, Sendable {
    package let key: String
    package let fault: Fault

    package init(_ key: String, _ fault: Fault) {
        self.key = key
        self.fault = fault
    }
}

/// All services, in the order of the documentation.
package enum ChatServices {
    package static let all: [any ChatService.Type] = [
        Slack.self, Discord.self, Teams.self, GoogleChat.self, Mattermost.self, RocketChat.self, Zulip.self,
        Matrix.self, Telegram.self, Webex.self, Feishu.self, DingTalk.self, WeCom.self, Ntfy.self,
        Gotify.self, Pushover.self, Email.self, Webhook.self, CloudEvents.self, Alertmanager.self,
    ]

    package static func named(_ type: String) -> (any ChatService.Type)? {
        all.first { $0.type == type }
    }
}
