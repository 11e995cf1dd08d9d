/// A text from outside that cannot be read: what is wrong with it, and what would be right.
///
/// Parsers of this package throw it; whoever knows the place (file, line, column) adds it.
package struct Fault: Error, Equatable, Sendable {
    package let message: String
    package let remedy: String?

    package init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }
}

extension Fault: CustomStringConvertible {
    /// What is wrong, and in brackets what would be right.
    package var description: String { message + (remedy.map { " (\($0))" } ?? "") }
}
