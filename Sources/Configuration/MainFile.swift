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
    var include = ["issues.d/*.yaml"]

    var scheduleNames: [String: Int] = [:]
    /// Indices of the channels of a name: several where a channel has several readers.
    var channelNames: [String: [Int]] = [:]
    /// Channels that could not be made: naming them elsewhere is no further fault.
    var brokenChannels: Set<String> = []
    var brokenSchedules: Set<String> = []

    func channels(_ node: YAMLNode, _ reader: SectionReader) -> [Int] {
        let names = node.kind == .scalar ? [node] : reader.list(node, "'channels'")
        var indices: [Int] = []
        for name in names {
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

/// Adds channels to the issues that match.
struct Route {
    var ids: [String] = []
    var journals: [String] = []
    var publishers: [String] = []
    /// One of them suffices.
    var tags: [String] = []
    var channels: [Int] = []

    /// Every condition that is set must hold.
    func matches(_ issue: SpecialIssue) -> Bool {
        (ids.isEmpty || ids.contains(issue.id))
            && (journals.isEmpty || issue.journal.map(journals.contains) ?? false)
            && (publishers.isEmpty || issue.publisher.map(publishers.contains) ?? false)
            && (tags.isEmpty || tags.contains(where: issue.tags.contains))
    }
}
