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

    /// The request of one attempt, made at `attempt`.
    func request(for message: Message, attempt: Instant) -> Request
    /// What an answer means. It begins with `answer.hiding`, so that no reason repeats a secret of the request.
    func verdict(on answer: Answer, now: Instant) -> Verdict
}

/// One key of a channel in the configuration.
package struct Setting: Sendable {
    package enum Kind: Sendable {
        /// A URL that is itself a password.
        case address
        /// One secret.
        case secret
        /// A secret, or a list of them while one replaces the other.
        case secrets
        /// Header names and their (secret) values.
        case headers
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

    package init() {}

    package func secret(_ key: String) throws(SettingFault) -> Secret {
        guard let secret = secrets[key]?.first else { throw SettingFault(key, Fault("'\(key)' is missing")) }
        return secret
    }

    /// A URL that was checked to be one.
    package func address(_ key: String) throws(SettingFault) -> (url: Secret, parts: WebAddress) {
        let url = try secret(key)
        do {
            return (url, try WebAddress(url.revealed))
        } catch {
            throw SettingFault(key, error)
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
    package static let all: [any ChatService.Type] = [Slack.self, Discord.self, Teams.self, Webhook.self]

    package static func named(_ type: String) -> (any ChatService.Type)? {
        all.first { $0.type == type }
    }
}
