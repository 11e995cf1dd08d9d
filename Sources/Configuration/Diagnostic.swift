import Messages
import Schedule

/// One thing that is wrong with the configuration, and what would be right.
package struct Diagnostic: Sendable, Equatable {
    package enum Severity: String, Sendable {
        case error, warning
    }

    package let severity: Severity
    /// Relative to the configuration's directory.
    package let file: String
    /// Nil where the fault is the file's as a whole.
    package internal(set) var place: Place?
    package let message: String
    package let remedy: String?
    /// The line of the file that it speaks of; nil where that may hold a secret.
    package var excerpt: String?

    package init(
        _ severity: Severity, file: String, place: Place?, message: String, remedy: String? = nil,
        excerpt: String? = nil
    ) {
        self.severity = severity
        self.file = Text.singleLine(file)
        self.place = place
        // They repeat what stands in files, and terminals, logs and the page show them.
        self.message = Diagnostic.shown(message)
        self.remedy = remedy.map(Diagnostic.shown)
        self.excerpt = excerpt
    }

    private static func shown(_ text: String) -> String {
        Text.cut(Text.singleLine(text), to: 600, counting: .utf16)
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `issues.d/a.yaml:4:11: error: there is no 30 February 2025 (February 2025 has 28 days)`.
    package var description: String {
        let position = place.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(file)\(position): \(severity.rawValue): \(message)" + (remedy.map { " (\($0))" } ?? "")
    }
}
