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
