import Schedule

/// A configured destination.
package struct Channel: Sendable {
    package let name: String
    package let service: any ChatService
    package let audience: Audience
    /// Set where the configuration allows this channel's URL to be `http`.
    package let allowsPlainHTTP: Bool
    /// Certificate authorities to trust instead of the system's, a PEM file's path.
    package let caFile: String?

    package init(
        name: String, service: any ChatService, audience: Audience, allowsPlainHTTP: Bool = false,
        caFile: String? = nil
    ) {
        self.name = name
        self.service = service
        self.audience = audience
        self.allowsPlainHTTP = allowsPlainHTTP
        self.caFile = caFile
    }

    /// The same for other readers.
    package func heard(by audience: Audience) -> Channel {
        Channel(
            name: name, service: service, audience: audience, allowsPlainHTTP: allowsPlainHTTP, caFile: caFile
        )
    }

    package var type: String { Swift.type(of: service).type }
}
