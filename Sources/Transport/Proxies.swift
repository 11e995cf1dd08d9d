import Messages

/// The proxies that the environment names, and the hosts that it excepts from them, by libcurl's rules.
///
/// libcurl reads them by itself, but its function that opens sockets cannot tell a proxy's address from the host's own,
/// and one is judged and the other is not.
struct Proxies: Sendable {
    private let secure: Secret?
    private let plain: Secret?
    private let exceptions: [String]

    init(environment: (String) -> String?) {
        func first(_ names: String...) -> String? {
            names.lazy.compactMap(environment).first { !$0.isEmpty }
        }
        secure = first("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY").map { Secret($0) }
        // Not HTTP_PROXY: a web server hands its clients' `Proxy:` header to a script under that name.
        plain = first("http_proxy", "all_proxy", "ALL_PROXY").map { Secret($0) }
        exceptions = (first("no_proxy", "NO_PROXY") ?? "").lowercased()
            .split { $0 == "," || $0 == " " }.map { String($0) }
    }

    /// The proxy for a URL. None for a receiver on this machine: proxies are for the world outside.
    func proxy(for url: Secret) -> Secret? {
        guard secure != nil || plain != nil else { return nil }
        guard let address = try? WebAddress(url.revealed), !address.isLoopback,
            exceptions != ["*"], !exceptions.contains(where: { Proxies.covers($0, address.host) })
        else { return nil }
        return address.isSecure ? secure : plain
    }

    /// `example.org` and `.example.org` except that host and all below it, `10.0.0.0/8` the addresses in it.
    private static func covers(_ exception: String, _ host: String) -> Bool {
        if let address = IPAddress(host) {
            let parts = exception.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first.flatMap({ IPAddress(String($0)) }), let last = parts.last else {
                return false
            }
            let length = parts.count == 1 ? first.family.width : Int(last)
            return length.flatMap { Network(around: first, prefixLength: $0) }?.contains(address) ?? false
        }
        let name = trimmed(exception.hasPrefix(".") ? exception.dropFirst() : exception[...])
        let host = trimmed(host[...])
        return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
    }

    private static func trimmed(_ name: Substring) -> Substring {
        name.hasSuffix(".") ? name.dropLast() : name
    }
}
