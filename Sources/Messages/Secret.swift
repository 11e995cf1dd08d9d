import Foundation

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
        let encoded = Secret.mayHoldBase64(words) ? traces.flatMap(Secret.base64Cores) : []
        return (traces + encoded).reduce(words) { words, trace in
            // Most words hold no secret, and to look is a thousand times faster than to replace.
            guard Secret.occurs(trace, in: words) else { return words }
            return String(
                words.unicodeScalars.replacing(
                    trace.unicodeScalars, with: Secret.placeholder.unicodeScalars))
        }
    }

    private static func occurs(_ trace: String, in words: String) -> Bool {
        // A C string ends at its first NUL.
        strstr(words, trace) != nil || words.utf8.contains(0)
    }

    /// Whether a run of characters is so long that a request could be repeated in it.
    private static func mayHoldBase64(_ words: String) -> Bool {
        var run = 0
        for byte in words.utf8 {
            run = byte == UInt8(ascii: " ") ? 0 : run + 1
            if run == 16 { return true }
        }
        return false
    }

    /// What stands for a text in the base64 of something that holds it, in both alphabets of RFC 4648: one for each
    /// place among three bytes where it can begin, without the characters that its neighbours have a part in.
    private static func base64Cores(_ text: String) -> [String] {
        guard text.utf8.count >= 6 else { return [] }
        return (0..<3).flatMap { before -> [String] in
            let data = Data(repeating: 0, count: before) + Data(text.utf8)
            let whole = data.base64EncodedString().filter { $0 != "=" }
            let core = String(
                whole.dropFirst([0, 2, 3][before]).dropLast(data.count.isMultiple(of: 3) ? 0 : 1))
            return [core, String(core.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })]
        }
    }

    /// What would give it away, longest first: all of it, a URL's path and query, and what stands between their marks,
    /// each also as a server decodes it.
    private var traces: [String] {
        let whole = (try? WebAddress(text))?.pathAndQuery ?? text
        var traces: [String] = [text]
        for form in [whole, whole.percentDecoded] {
            traces += [form, String(form.prefix { $0 != "?" })].filter { $0.utf8.count >= 4 }
            traces += Secret.parts(of: form).filter { $0.utf8.count >= 6 }.map { String($0) }
        }
        return traces.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// What stands between a URL's marks, without what is a word that stands in honest answers too.
    private static func parts(of pathAndQuery: String) -> [Substring] {
        let pieces = pathAndQuery.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = pieces[0].split { "/#:,; ".contains($0) }
        // `services` and `webhooks` lead to what is secret; the last part may be that itself.
        let secrets = path.enumerated().filter { place, part in
            !(place + 1 == path.count ? lastWords.contains(String(part)) : isWord(part))
        }.map(\.element)
        guard pieces.count == 2 else { return secrets }
        return secrets
            + pieces[1].split { "&#;".contains($0) }.flatMap { pair in
                let sides = pair.split(separator: "=", maxSplits: 1)
                // A name without a value may be a token.
                let name = sides.count == 2 ? sides.prefix(1).filter { !isWord($0) } : sides
                return name + sides.dropFirst().flatMap { $0.split { "/?=:, ".contains($0) } }
            }
    }

    private static func isWord(_ text: Substring) -> Bool {
        text.unicodeScalars.allSatisfy { ("a"..."z").contains($0) }
    }

    /// With which an address may end that holds no secret, or has it in its query.
    private static let lastWords: Set = [
        "webhook", "webhooks", "invoke", "message", "messages", "notify", "alerts", "events", "reminders",
        "deadlines",
    ]
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
