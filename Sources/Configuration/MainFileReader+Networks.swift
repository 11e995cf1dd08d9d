import Messages
import Schedule

/// Where a channel's requests may go.
extension MainFileReader {
    func networks(_ node: YAMLNode) -> [Network] {
        let nodes = node.kind == .scalar ? [node] : reader.list(node, "'allow_networks'")
        return nodes.compactMap { reader.value($0, "a network", Network.init) }
    }

    /// Reports at once what every attempt would fail with: a URL whose host is itself an address in a private network.
    /// A name's address is known only when it is connected to, and judged then.
    func checkLiteralHost(
        of address: WebAddress, allowing allowed: [Network], for owner: String
    ) throws(Fault) {
        let isThisMachine = address.host == "localhost" || address.host.hasSuffix(".localhost")
        let hosts = isThisMachine ? ["127.0.0.1", "::1"] : [address.host]
        let refusals = hosts.compactMap { IPAddress($0) }.map { ($0, $0.refusal(allowing: allowed)) }
        // `localhost` has two addresses, of which one is enough.
        guard let (host, range) = refusals.first, let range,
            refusals.allSatisfy({ $0.1 != nil })
        else { return }
        // YAML takes no plain text that begins with a colon between brackets.
        let entry = host.family == .v4 ? "\(host)" : "'\(host)'"
        throw Fault(
            "the URL leads to \(isThisMachine ? "localhost" : address.host), in \(range.network) (\(range.purpose))",
            remedy: "add allow_networks: [\(entry)] to \(owner) if that is meant")
    }
}
