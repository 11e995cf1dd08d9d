import Messages
import Schedule

/// Where the page for people is: on this machine alone, and nowhere unless somebody says so.
package struct PageSettings: Equatable, Sendable {
    /// On 127.0.0.1.
    package let port: Int
    /// Where readers of messages reach the page through a server in front of it, without a slash at its end; nil where
    /// they do not. No markup ends in it.
    package let publicURL: String?

    package init(port: Int, publicURL: String? = nil) {
        self.port = port
        self.publicURL = publicURL
    }
}

extension MainFileReader {
    enum PageKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case port
        case publicURL = "public_url"
    }

    func page(_ node: YAMLNode) -> PageSettings? {
        var port: Int?
        var publicURL: String?
        reader.members(of: node, what: "'page'", required: (.port, "write port: 8125")) {
            (key: PageKey, value) in
            switch key {
            case .port: port = reader.value(value, "'port'", PageSettings.port)
            case .publicURL: publicURL = reader.value(value, "'public_url'", PageSettings.publicURL)
            }
        }
        guard let port else { return nil }
        return PageSettings(port: port, publicURL: publicURL)
    }

    /// `true` or `false`.
    func flag(_ node: YAMLNode, _ what: String) -> Bool? {
        reader.value(node, what) { text throws(Fault) in
            switch text.lowercased() {
            case "true": true
            case "false": false
            default: throw Fault("\(what) is '\(Text.singleLine(text))'", remedy: "write true or false")
            }
        }
    }
}

extension PageSettings {
    /// A link adds what it is for, and the smallest message has a quarter of 1024 characters for all of it.
    private static let lengthLimit = 100

    fileprivate static func port(_ text: String) throws(Fault) -> Int {
        guard let port = Int(text), (1...65_535).contains(port) else {
            throw Fault(
                "'\(Text.singleLine(text))' is no port", remedy: "write a number up to 65535, like 8125")
        }
        return port
    }

    fileprivate static func publicURL(_ text: String) throws(Fault) -> String {
        let address = try WebAddress(text)
        guard !text.contains("?"), !text.contains("#"), address.isSecure || address.isLoopback else {
            throw Fault(
                "'public_url' is no plain https address",
                remedy: "write it like https://deadlines.example.org")
        }
        guard text.utf8.count <= lengthLimit else {
            throw Fault(
                "'public_url' has more than \(lengthLimit) characters, and every message would carry it",
                remedy: "serve it under a shorter name")
        }
        let base = WebAddress.link(text) ?? text
        return base.hasSuffix("/") ? String(base.dropLast()) : base
    }
}
