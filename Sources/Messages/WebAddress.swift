import Schedule

/// A URL taken apart as far as delivery needs it; the text itself is never rewritten (RFC 3986).
package struct WebAddress: Sendable {
    package let isSecure: Bool
    /// In lower case, without the brackets of an IPv6 address.
    package let host: String
    /// Everything after the host and port.
    package let pathAndQuery: String

    /// Reads an absolute `http` or `https` URL. Errors never repeat the text: it may be a secret.
    package init(_ text: String) throws(Fault) {
        let lower = text.lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://") else {
            throw Fault("this is no web address", remedy: "copy the whole URL, beginning with https://")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }) else {
            throw Fault(
                "the URL holds a space, a quote or another character that no URL has",
                remedy: "copy it again, percent-encoded")
        }
        isSecure = lower.hasPrefix("https://")
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { !"/?#".contains($0) }
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
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// A link that a reader may click: http or https only, and nothing in it that could end a quotation or a bracket.
    package static func link(_ text: String) -> String? {
        let trimmed = Text.singleLine(text)
        let lower = trimmed.lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://"), trimmed.utf8.count <= 2000 else {
            return nil
        }
        var link = ""
        let bytes = Array(trimmed.utf8)
        for (index, byte) in bytes.enumerated() {
            // A percent sign that encodes nothing is itself encoded, as is all that markup could end at.
            let isLonePercent =
                byte == UInt8(ascii: "%") && bytes.dropFirst(index + 1).prefix(2).count { isHexDigit($0) } < 2
            if byte > 0x20, byte < 0x7F, !"\"'<>()[]\\^`{|}*".utf8.contains(byte), !isLonePercent {
                link.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                link += "%" + (hex.count == 1 ? "0" : "") + hex
            }
        }
        return link.utf16.count <= 2000 ? link : nil
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Unicode.Scalar(byte).properties.isASCIIHexDigit
    }
}
