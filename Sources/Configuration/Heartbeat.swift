import Messages
import Schedule

/// A dead man's switch that is pinged while all is well: it tells somebody when the pings end.
package struct Heartbeat: Equatable, Sendable {
    package let url: Secret
    package let every: Span
    package let allowsPlainHTTP: Bool
    package let allowedNetworks: [Network]
    package let caFile: String?

    /// A ping more often tells nothing more, and one less often nothing in time.
    static let range = Span.seconds(10)...Span.days(7)
}

extension MainFileReader {
    enum HeartbeatKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case url, every
        case caFile = "ca_file"
        case allowNetworks = "allow_networks"
    }

    func heartbeat(_ node: YAMLNode) -> Heartbeat? {
        var members: [HeartbeatKey: YAMLNode] = [:]
        reader.members(of: node, what: "'heartbeat'") { (key: HeartbeatKey, value) in members[key] = value }
        guard node.kind == .mapping else { return nil }
        guard let urlNode = members[.url] else {
            reader.report(
                at: node.place, "'heartbeat' has no 'url'", remedy: "write the address that shall be pinged")
            return nil
        }
        let every = members[.every].map { reader.value($0, "'every'", Heartbeat.interval) } ?? .hours(1)
        let caFile = members[.caFile].flatMap(certificateAuthorities)
        var networks = members[.allowNetworks].map(networks) ?? []
        guard let every, let url = secrets.secret(urlNode, "'url'", reader) else { return nil }
        do {
            let address = try WebAddress(url.revealed)
            let allowsPlainHTTP = try checkedPlainHTTP(address)
            if address.isLoopback { networks += Network.loopback }
            try checkLiteralHost(of: address, allowing: networks, for: "'heartbeat'")
            return Heartbeat(
                url: url, every: every, allowsPlainHTTP: allowsPlainHTTP, allowedNetworks: networks,
                caFile: caFile)
        } catch {
            reader.report(error, at: urlNode.place)
            return nil
        }
    }

    /// The path of a file with certificate authorities, once it was found to be readable.
    func certificateAuthorities(_ node: YAMLNode) -> String? {
        guard let text = reader.text(node, "'ca_file'") else { return nil }
        let path = text.hasPrefix("/") ? text : "\(directory)/\(text)"
        do {
            _ = try secrets.files.read(path)
        } catch {
            reader.report(at: node.place, "\(path) \(error.message)")
        }
        return path
    }
}

extension Heartbeat {
    fileprivate static func interval(_ text: String) throws(Fault) -> Span {
        let length = try Offset(length: text)
        guard [.seconds, .minutes, .hours, .days].contains(length.unit),
            case let span = Span.seconds(length.size), range.contains(span)
        else { throw Fault("'\(text)' is no interval of a heartbeat", remedy: "write 10s to 7d, like 1h") }
        return span
    }
}
