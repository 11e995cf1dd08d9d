import ArgumentParser
import Configuration
import Messages
import Schedule
import Service

struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the service read its configuration again, and tell what changed.",
        discussion: """
            Returns when the change is on disk. Exits with 78 where the configuration is refused: the one before stays in use \
            then. 'deadlined check --diff' tells beforehand what would change.

            Example: deadlined check --diff && deadlined reload
            """)

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let control = try state.control()
        let request = Request(.post, Secret(control.address("reload")), json: .null)
        let (reply, _, text) = try control.answer(request, ReloadReply.self)
        try reply.tell(json ? text : nil)
        if !json { Terminal.line("reloaded: \(English.count(reply.issues, "special issue"))") }
    }
}

/// What a reload changes, or would change.
struct ReloadReply: Decodable {
    let applied: Bool
    let written: Bool?
    let issues: Int
    let errors: [String]
    let kept: [Configuration.KeptFile]
    let changes: Changes?
    let pageFault: String?

    private enum CodingKeys: String, CodingKey {
        case applied, written, issues, errors, kept, changes
        case pageFault = "page_fault"
    }

    struct Changes: Decodable {
        let added, removed, moved, sent, held, cancelled: Listing
    }

    struct Listing: Decodable {
        let count: Int
        let first: [Entry]
    }

    struct Entry: Decodable {
        let issue, milestone, reminder, channel, due: String
        let previous, reason: String?

        var name: String {
            [issue, milestone, reminder].filter { !$0.isEmpty }.map(Text.singleLine).joined(separator: " ")
                + " → \(channel)"
        }
    }

    /// Prints it for people, or as it came.
    ///
    /// - Throws: `Failure` with 78 where the configuration is refused.
    func tell(_ json: String?) throws {
        if let json { Terminal.line(json) }
        for error in errors { Terminal.error(error) }
        for kept in kept { Terminal.error(kept.outcome) }
        if let pageFault { Terminal.error(pageFault) }
        guard let changes else {
            throw Failure(
                .configuration,
                "the configuration is refused, the one before stays in use: \(English.count(errors.count, "error"))"
            )
        }
        guard written != false else {
            throw Failure(
                .io,
                "the journal cannot be written: the change holds, but only until the next start ('journalctl -u deadlined')"
            )
        }
        guard json == nil else { return }
        let now = Instant.now
        func when(_ text: String) -> String {
            guard let instant = try? Instant(rfc3339: text), instant > now else { return text }
            return "\(text), \(instant.told(from: now))"
        }
        tell(changes.sent, "sent at once", .yellow) { "\($0.due)  \($0.name)" }
        tell(changes.added, "added", .green) { "\(when($0.due))  \($0.name)" }
        tell(changes.moved, "moved", .yellow) { "\(when($0.due))  \($0.name)  (was \($0.previous ?? ""))" }
        tell(changes.removed, "removed", .red) { "\(when($0.due))  \($0.name)" }
        tell(changes.held, "held", .yellow) { "\($0.due)  \($0.name): \($0.reason ?? "")" }
        tell(changes.cancelled, "cancelled", .red) { "\($0.due)  \($0.name): \($0.reason ?? "")" }
        let counts = [
            changes.sent, changes.added, changes.moved, changes.removed, changes.held, changes.cancelled,
        ]
        if counts.allSatisfy({ $0.count == 0 }) { Terminal.line("No reminder changes.") }
    }

    /// Lines of each kind that people read; JSON has more.
    private static let most = 20

    private func tell(_ listing: Listing, _ word: String, _ style: Terminal.Style, _ line: (Entry) -> String)
    {
        guard listing.count > 0 else { return }
        Terminal.line(Terminal.styled("\(listing.count) \(word)", .bold, style))
        for entry in listing.first.prefix(ReloadReply.most) {
            Terminal.line(Terminal.fitted("  \(line(entry))", indent: 6))
        }
        let more = listing.count - min(listing.first.count, ReloadReply.most)
        if more > 0 { Terminal.line(Terminal.styled("  and \(more) more", .dim)) }
    }
}
