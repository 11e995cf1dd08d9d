import Schedule

/// A configured destination.
package struct Channel: Sendable {
    package let name: String
    package let service: any ChatService
    package private(set) var audience: Audience
    /// Set where the configuration allows this channel's URL to be `http`.
    package let allowsPlainHTTP: Bool
    /// Certificate authorities to trust instead of the system's, a PEM file's path.
    package let caFile: String?
    /// Private networks that its URL may lead to; see `PrivateNetwork`.
    package let allowedNetworks: [Network]
    /// Which host and port its requests go to, or the service where that is always the same: when it hangs, all of its channels do.
    package let host: String

    /// What is done with a message that may have arrived.
    package let onUnknown: OnUnknown
    /// The name of the channel that hears of this one's failures.
    package let fallback: String?
    package let language: Language
    /// From how many reminders of one instant on they are one message; nil where each is one.
    package let burst: Int?
    package var digest: DigestRule?
    package let template: MessageTemplate?

    /// What is done with a message that may or may not have arrived: the answer was lost.
    package enum OnUnknown: String, CaseIterable, Sendable {
        /// It is sent again, and says that it may be a repeat.
        case resend
        /// It is held until somebody decides.
        case hold
    }

    package init(
        name: String, service: any ChatService, audience: Audience, allowsPlainHTTP: Bool = false,
        caFile: String? = nil, onUnknown: OnUnknown = .resend, fallback: String? = nil,
        language: Language = .english, burst: Int? = nil, digest: DigestRule? = nil,
        template: MessageTemplate? = nil, allowedNetworks: [Network] = [], host: String? = nil
    ) {
        self.name = name
        self.service = service
        self.audience = audience
        self.allowsPlainHTTP = allowsPlainHTTP
        self.caFile = caFile
        self.onUnknown = onUnknown
        self.fallback = fallback
        self.language = language
        self.burst = burst
        self.digest = digest
        self.template = template
        self.allowedNetworks = allowedNetworks
        self.host = host ?? Swift.type(of: service).type
    }

    /// The same for other readers.
    package func heard(by audience: Audience) -> Channel {
        var channel = self
        channel.audience = audience
        return channel
    }

    package var type: String { Swift.type(of: service).type }
}

/// When a channel's readers get a digest, and how far it looks ahead.
package struct DigestRule: Hashable, Sendable {
    package let every: Recurrence
    /// In days.
    package let ahead: Int

    package init(every: Recurrence, ahead: Int) {
        self.every = every
        self.ahead = ahead
    }
}
