import FoundationEssentials
import Schedule

/// One mail to one reader, complete to the last byte, and how to hand it to a server.
package struct Mail: Sendable {
    package let from: MailAddress
    package let to: MailAddress
    package let login: Login?
    package let encryption: Encryption
    /// Headers and body, every line ended by CR LF.
    package let text: String

    package struct Login: Sendable {
        package let username: String
        package let password: Secret
    }

    /// How the way to the server is kept from others.
    package enum Encryption: Sendable {
        /// TLS from the first byte: `smtps`.
        case implicit
        /// `smtp`, and nothing is sent before TLS stands (RFC 3207).
        case startTLS
        /// To this machine itself.
        case none

        package var requiresTLS: Bool {
            switch self {
            case .implicit, .startTLS: true
            case .none: false
            }
        }
    }

    var bytes: [UInt8] { Array(text.utf8) }
}

/// An address as RFC 5321 4.1.2 has it without quotes, with or without a name before it.
package struct MailAddress: Sendable, Equatable {
    /// For people; empty where there is none.
    package let name: String
    package let mailbox: String

    var domain: String { String(mailbox.split(separator: "@").last ?? "") }

    /// Reads `a@b.org` and `Name <a@b.org>`.
    package init(_ text: String) throws(Fault) {
        let line = Text.singleLine(text)
        var mailbox = Substring(line)
        var name = ""
        if line.hasSuffix(">"), let start = line.lastIndex(of: "<") {
            name = MailAddress.unquoted(String(line[..<start]).trimmed)
            mailbox = line[line.index(after: start)...].dropLast()
        }
        let parts = mailbox.split(separator: "@", omittingEmptySubsequences: false)
        // What is in neither of these could end the command that it is sent in.
        guard line == text, parts.count == 2, mailbox.utf8.count <= 254,
            MailAddress.isDotted(parts[0], "!#$%&'*+/=?^_`{|}~-"), MailAddress.isDotted(parts[1], "-")
        else {
            throw Fault(
                "'\(Text.cut(line, to: 100, counting: .utf16))' is no mail address",
                remedy: "write one address, like ada@example.org or Ada <ada@example.org>")
        }
        self.name = name
        self.mailbox = String(mailbox)
    }

    /// `Ada, L.` of `"Ada, L."` (RFC 5322 3.2.4).
    private static func unquoted(_ name: String) -> String {
        guard name.count > 1, name.hasPrefix("\""), name.hasSuffix("\"") else { return name }
        var text = ""
        var isEscaped = false
        for character in name.dropFirst().dropLast() {
            isEscaped = character == "\\" && !isEscaped
            if !isEscaped { text.append(character) }
        }
        return Text.singleLine(text)
    }

    /// Letters, digits and some marks, with single dots between.
    private static func isDotted(_ text: Substring, _ marks: String) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.unicodeScalars.allSatisfy {
                    $0.isDigit || $0.isASCII && $0.properties.isAlphabetic
                        || marks.unicodeScalars.contains($0)
                }
        }
    }

    /// For a header of this name.
    func header(_ header: String) -> String {
        guard !name.isEmpty else { return "\(header): \(mailbox)" }
        let phrase = MIME.phrase(name, of: header)
        // A line with an encoded word has 76 characters.
        return "\(header): \(phrase)\(phrase == name ? " " : "\r\n ")<\(mailbox)>"
    }
}

extension String {
    fileprivate var trimmed: String { Text.singleLine(self) }
}

/// The forms of mail: RFC 2045, 2047 and 5322.
enum MIME {
    /// A header: its text as it is where that is plain ASCII, else as encoded words, folded.
    static func header(_ name: String, _ text: String) -> String {
        let line = Text.singleLine(text)
        let isPlain = line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !line.contains("=?")
        return "\(name): \(isPlain ? line : encodedWords(line, of: name))"
    }

    /// A name before an address.
    static func phrase(_ text: String, of header: String) -> String {
        let isAtoms = text.unicodeScalars.allSatisfy {
            $0.isDigit || $0 == " " || $0.isASCII && $0.properties.isAlphabetic
        }
        return isAtoms ? text : encodedWords(text, of: header)
    }

    /// Each of at most 75 characters and on a line of at most 76, none with half a character (RFC 2047 2 and 5).
    private static func encodedWords(_ text: String, of header: String) -> String {
        var words: [String] = []
        var bytes: [UInt8] = []
        func end() {
            if !bytes.isEmpty { words.append("=?UTF-8?B?\(Data(bytes).base64EncodedString())?=") }
            bytes = []
        }
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            // Beside the marks and a space 63 characters of Base64 are left; on the first line the header's name too.
            let width = words.isEmpty ? 62 - header.utf8.count : 63
            if bytes.count + next.count > width / 4 * 3 { end() }
            bytes += next
        }
        end()
        return words.joined(separator: "\r\n ")
    }

    /// Quoted-printable, in lines of at most 76 characters (RFC 2045 6.7). Lines of the text end with LF.
    static func quotedPrintable(_ text: String) -> String {
        var encoded: [UInt8] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var width = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isSpaceAtEnd = index == bytes.count - 1 && (byte == 0x20 || byte == 0x09)
                let isPlain = byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "=") && !isSpaceAtEnd
                let form = isPlain ? [byte] : Array("=\(byte.hex(2, uppercase: true))".utf8)
                if width + form.count > 75 {
                    encoded += "=\r\n".utf8
                    width = 0
                }
                encoded += form
                width += form.count
            }
            encoded += "\r\n".utf8
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// `Wed, 13 Aug 2025 07:00:00 +0000` (RFC 5322 3.3).
    static func date(_ instant: Instant) -> String {
        let civil = Zone.utc.civil(at: instant)
        let (year, month, day) = civil.date.yearMonthDay
        let seconds = Int(civil.time.seconds)
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(civil.date.weekday.name.prefix(3)), \(day) \(Month.names[month - 1].prefix(3)) \(year) "
            + clock.joined(separator: ":") + " +0000"
    }
}
