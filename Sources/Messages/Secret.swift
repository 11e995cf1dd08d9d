/// A text that must never be shown: a webhook's URL, a token, a signing key.
///
/// Printing, interpolating, dumping and mirroring it show `‹secret›`. Only `revealed` gives the text, and only the code
/// that puts it on the wire asks for that.
package struct Secret: Sendable, Equatable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself. Never log it, store it or put it into an error.
    package var revealed: String { text }

    package static let placeholder = "‹secret›"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Secret.placeholder }
    package var debugDescription: String { Secret.placeholder }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret {
    /// The words of a service without this secret: error pages repeat the path of a request, some its headers.
    package func hidden(in words: String) -> String {
        traces.reduce(words) { words, trace in
            String(
                words.unicodeScalars.replacing(
                    trace.unicodeScalars, with: Secret.placeholder.unicodeScalars))
        }
    }

    /// What would give it away, longest first: all of it, a URL's path and query, and what stands between their marks,
    /// each also as a server decodes it.
    private var traces: [String] {
        let whole = (try? WebAddress(text))?.pathAndQuery ?? text
        var traces: [String] = [text]
        for form in [whole, whole.percentDecoded] {
            traces += [form, String(form.prefix { $0 != "?" })].filter { $0.utf8.count >= 4 }
            // Words like `services` and `webhooks` stand in every URL and in honest answers.
            traces += form.split { "/?&#=:,; ".contains($0) }.filter { part in
                part.utf8.count >= 6 && !part.unicodeScalars.allSatisfy { ("a"..."z").contains($0) }
            }.map { String($0) }
        }
        return traces.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }
}

extension String {
    /// With each `%2F` as the byte it stands for.
    fileprivate var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = Substring(self).utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let decoded = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
