import Schedule

/// A URL taken apart as far as delivery needs it; the text itself is never rewritten (RFC 3986).
package struct WebAddress: Sendable {
    package let isSecure: Bool
    /// In lower case, without the brackets of an IPv6 address.
    package let host: String
    /// Host and port as they stand.
    package let authority: String
    /// Everything after the host and port.
    package let pathAndQuery: String

    /// Reads an absolute `http` or `https` URL. Errors never repeat the text: it may be a secret.
    package init(_ text: String) throws(Fault) {
        guard let secure = WebAddress.isSecure(text, "http") else {
            throw Fault("this is no web address", remedy: "copy the whole URL, beginning with https://")
        }
        try self.init(text, isSecure: secure, scheme: "http")
    }

    /// Reads the address of a mail server: `smtps://host:465` or `smtp://host:587`.
    package init(mailServer text: String) throws(Fault) {
        guard let secure = WebAddress.isSecure(text, "smtp") else {
            throw Fault(
                "this is no mail server", remedy: "write smtps://host:465, or smtp://host:587 for STARTTLS")
        }
        try self.init(text, isSecure: secure, scheme: "smtp")
        guard pathAndQuery.isEmpty || pathAndQuery == "/" else {
            throw Fault("a mail server has no path", remedy: "write host and port alone")
        }
    }

    private static func isSecure(_ text: String, _ scheme: String) -> Bool? {
        let lower = text.lowercased()
        return lower.hasPrefix("\(scheme)s://") ? true : lower.hasPrefix("\(scheme)://") ? false : nil
    }

    private init(_ text: String, isSecure: Bool, scheme: String) throws(Fault) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }) else {
            throw Fault(
                "the URL holds a space, a quote or another character that no URL has",
                remedy: "copy it again, percent-encoded")
        }
        self.isSecure = isSecure
        let rest = text.dropFirst(scheme.utf8.count + (isSecure ? 4 : 3))
        let authority = rest.prefix { !"/?#".contains($0) }
        self.authority = String(authority)
        pathAndQuery = String(rest.dropFirst(authority.count))
        guard !authority.contains("@") else {
            throw Fault("the URL holds a user name or password", remedy: "remove everything between // and @")
        }
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw WebAddress.noHost }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            if !after.isEmpty {
                guard after.hasPrefix(":") else { throw WebAddress.noHost }
                port = after.dropFirst()
            }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        if let port, UInt16(port) == nil || UInt16(port) == 0 {
            throw Fault("the URL's port is no number from 1 to 65535", remedy: "copy the URL again")
        }
        guard !host.isEmpty else { throw WebAddress.noHost }
        self.host = host.lowercased()
    }

    private static let noHost = Fault("the URL names no host", remedy: "copy the whole URL")

    /// Whether the host is this machine by its very form: no name server is asked.
    package var isLoopback: Bool {
        guard let address = IPAddress(host) else { return host == "localhost" }
        return Network.loopback.contains { $0.contains(address) }
    }

    /// A link that a reader may click: http or https (where neither is said, https), to a host by its name, and nothing
    /// in it that could end a quotation or a bracket. Nil for what is none: services refuse a message with such a link.
    package static func link(_ text: String) -> String? {
        let line = Text.singleLine(text)
        guard !line.isEmpty, line.utf8.count <= linkLimit else { return nil }
        let lower = line.lowercased()
        let isWhole = lower.hasPrefix("https://") || lower.hasPrefix("http://")
        let link = encoded(isWhole ? line : "https://" + line)
        guard link.utf8.count <= linkLimit, let address = try? WebAddress(link) else { return nil }
        let labels = address.host.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { isLetterOrDigit($0) || "-_".utf8.contains($0) }
        }
        // `mdpi.com/si/212097` is a link without its beginning, `TBA` is none.
        return isName && (isWhole || labels.count > 1) ? link : nil
    }

    /// Discord takes 2048 characters, and it is the strictest.
    private static let linkLimit = 2000

    /// Percent-encodes what no URL may hold, a percent sign that encodes nothing, and all that markup could end at.
    private static func encoded(_ text: String) -> String {
        var encoded = ""
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            let isLonePercent =
                byte == UInt8(ascii: "%") && bytes.dropFirst(index + 1).prefix(2).count { isHexDigit($0) } < 2
            if byte > 0x20, byte < 0x7F, !"\"'<>()[]\\^`{|}*".utf8.contains(byte), !isLonePercent {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + byte.hex(2, uppercase: true)
            }
        }
        return encoded
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Unicode.Scalar(byte).properties.isASCIIHexDigit
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        let scalar = Unicode.Scalar(byte)
        return scalar.isDigit || scalar.isASCII && scalar.properties.isAlphabetic
    }
}

extension Secret {
    /// This URL with one more item in its query, everything else byte for byte as it was.
    package func adding(query item: String) -> Secret {
        let base = revealed.prefix { $0 != "#" }
        let mark =
            switch (base.contains("?"), base.last) {
            case (false, _): "?"
            case (true, "?"), (true, "&"): ""
            default: "&"
            }
        // A fragment is for browsers and is never sent.
        return Secret(base + mark + item)
    }
}
