import Messages
import Schedule

/// What the main file says, with something usable in the place of whatever was wrong.
struct MainFile {
    var zone = Zone.utc
    var at = TimeOfDay.nine
    /// Index into `schedules`.
    var schedule = 0
    /// Index into `schedules`: how openings are announced.
    var openings = 0
    /// Indices into `channels`.
    var defaultChannels: [Int] = []
    var calendar = BusinessCalendar.standard
    var schedules: [Schedule] = []
    var channels: [Channel] = []
    var routes: [Route] = []
    var heartbeat: Heartbeat?
    var page: PageSettings?
    var watchesFiles = false
    var fallback: String?
    var confirmAfter: Int?
    var template: MessageTemplate?
    var include = [Include(pattern: Include.standard, place: nil)]

    var scheduleNames: [String: Int] = [:]
    /// Indices of the channels of a name: several where a channel has several readers.
    var channelNames: [String: [Int]] = [:]
    /// Channels that could not be made: naming them elsewhere is no further fault.
    var brokenChannels: Set<String> = []
    var brokenSchedules: Set<String> = []

    func channels(_ node: YAMLNode, _ reader: SectionReader) -> [Int] {
        // Only the main file describes them.
        if node.kind == .mapping { reader.hidesSecrets = true }
        let names = node.kind == .scalar ? [node] : reader.list(node, "'channels'")
        var indices: [Int] = []
        for name in names {
            if name.kind == .mapping { reader.hidesSecrets = true }
            guard let text = reader.text(name, "a channel's name") else { continue }
            if let found = channelNames[text] {
                indices += found.filter { !indices.contains($0) }
            } else if !brokenChannels.contains(text) {
                let nearest = Spelling.nearest(to: text, among: channelNames.keys.sorted())
                reader.report(
                    at: name.place, "unknown channel '\(text)'",
                    remedy: nearest.map { "did you mean '\($0)'?" }
                        ?? "describe it under 'channels' of the main file")
            }
        }
        return indices.sorted()
    }

    func schedule(_ node: YAMLNode, _ reader: SectionReader) -> Int? {
        guard let text = reader.text(node, "'schedule'") else { return nil }
        if let index = scheduleNames[text] { return index }
        if !brokenSchedules.contains(text) {
            let nearest = Spelling.nearest(to: text, among: scheduleNames.keys.sorted())
            reader.report(
                at: node.place, "unknown schedule '\(text)'",
                remedy: nearest.map { "did you mean '\($0)'?" }
                    ?? "describe it under 'schedules' of the main file")
        }
        return nil
    }
}

/// A pattern of files of special issues.
struct Include {
    /// What counts where nothing else is named.
    static let standard = "issues.d/*.yaml"

    let pattern: String
    /// Nil where nobody has written it.
    let place: Place?

    /// Where its files lie, as far as that is no pattern itself.
    var folder: String {
        pattern.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .prefix { !Include.isPattern($0) }.joined(separator: "/")
    }

    private static func isPattern(_ text: some StringProtocol) -> Bool {
        text.contains { "*?[".contains($0) }
    }

    /// What is to be said where it matches nothing; nil where that may be so.
    ///
    /// - Parameter hadFiles: the service knows special issues from there.
    func finding(hasFolder: Bool, hadFiles: Bool) -> (severity: Diagnostic.Severity, fault: Fault)? {
        if !hasFolder, hadFiles {
            // What was mounted there is not there just now: its special issues are not over.
            let remedy = "bring it back; an empty one stands for no special issues"
            return (.error, Fault("lies in a directory that is gone", remedy: remedy))
        }
        if !hasFolder {
            let fault = Fault(
                "lies in a directory that does not exist", remedy: "make it, or name the right one")
            return (place == nil ? .warning : .error, fault)
        }
        if !Include.isPattern(pattern) {
            return (.error, Fault("does not exist", remedy: "create it or leave it out"))
        }
        // Before the first call, an empty directory is all there is.
        let remedy = "put a file of special issues there, or name the right pattern"
        return pattern == Include.standard ? nil : (.warning, Fault("matches no file", remedy: remedy))
    }
}

/// Adds channels to what matches.
package struct Route: Sendable {
    /// Where it stands in the main file.
    package let line: Int
    var ids: [String] = []
    var journals = Names()
    var publishers = Names()
    var tags = Names()
    /// Parts of a guest editor's name.
    var editors = Names()
    /// What belongs to a milestone goes with it.
    var milestones = Names()
    /// The most days left of which its channels hear.
    var daysLeft: Int?
    package var channels: [Int] = []

    init(line: Int) { self.line = line }

    /// Every condition that is set must hold.
    package func matches(_ issue: SpecialIssue) -> Bool {
        (ids.isEmpty || ids.contains(issue.id))
            && (journals.isEmpty || issue.journal.map(journals.contains) ?? false)
            && (publishers.isEmpty || issue.publisher.map(publishers.contains) ?? false)
            && (tags.isEmpty || issue.tags.contains(where: tags.contains))
            && (editors.isEmpty || issue.guestEditors.contains { editors.hasPart(of: $0.name) })
    }

    package func matches(_ milestone: Milestone) -> Bool {
        let official =
            switch milestone.kind {
            case .deadline: milestone.name
            case .target(let other), .opening(let other): other
            }
        return milestones.isEmpty || milestones.contains(milestone.name) || milestones.contains(official)
    }

    /// Names of which one suffices, in upper or lower case.
    struct Names: Sendable {
        let written: [String]
        private let folded: Set<String>

        init(_ names: [String] = []) {
            written = names
            folded = Set(names.map { $0.lowercased() })
        }

        var isEmpty: Bool { written.isEmpty }
        func contains(_ name: String) -> Bool { folded.contains(name.lowercased()) }
        func hasPart(of name: String) -> Bool {
            let name = name.lowercased()
            return folded.contains { name.contains($0) }
        }
    }

    /// Adds its channels to a milestone of an issue that it matches.
    func add(to milestone: Milestone) -> Milestone {
        guard matches(milestone) else { return milestone }
        let new = channels.filter { !milestone.channels.contains($0) || milestone.limits[$0] != nil }
        var routed = milestone.reminding(Set(milestone.channels).union(new).sorted())
        routed.limits = milestone.limits
        for channel in new {
            // Of two routes the one that tells more counts.
            let isLimited = milestone.limits[channel] != nil || !milestone.channels.contains(channel)
            routed.limits[channel] =
                isLimited ? daysLeft.map { max($0, milestone.limits[channel] ?? 0) } : nil
        }
        return routed
    }
}

extension Route: CustomStringConvertible {
    /// `journal Nutrients, tags cancer, at most 3 days left`; `everything` without a condition.
    package var description: String {
        let lists = [
            ("id", ids), ("journal", journals.written), ("publisher", publishers.written),
            ("tags", tags.written), ("editor", editors.written), ("milestone", milestones.written),
        ]
        var parts = lists.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: " or "))" }
        if let daysLeft { parts.append("at most \(English.count(daysLeft, "day")) left") }
        return parts.isEmpty ? "everything" : parts.joined(separator: ", ")
    }
}
