import Messages
import Schedule

/// Reads files of special issues: one mapping, or a list of them.
struct IssueFileReader {
    private enum Key: String, SectionKey {
        static let names = KeyNames<Self>()

        case id, title, journal, publisher, url, deadline, timezone, tags, contact, checked, milestones,
            schedule,
            channels, metrics
        case guestEditors = "guest_editors"
    }

    private enum MilestoneKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case name, deadline, timezone, schedule, channels
    }

    private enum EditorKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case name, affiliation
    }

    private let main: MainFile
    private let now: Instant
    private var zones: ZoneDatabase
    /// Equal texts of many issues are kept once.
    private var texts: [String: String] = [:]
    private var ids: [String: SourcePlace] = [:]
    private var urls: [String: SourcePlace] = [:]
    private var files: [String] = []
    private(set) var issues: [SpecialIssue] = []

    /// Where an issue stands.
    private struct SourcePlace {
        /// Index into `files`.
        let file: Int32
        let line: Int32
    }

    init(main: MainFile, zones: ZoneDatabase, now: Instant) {
        self.main = main
        self.zones = zones
        self.now = now
    }

    /// Makes ready for a file of so many bytes.
    mutating func begin(_ reader: SectionReader, size: Int) {
        files.append(reader.file)
        // A special issue takes some 250 bytes; growing by doubling would hash each id several times.
        let more = size / 250
        if more > 1000 {
            ids.reserveCapacity(ids.count + more)
            urls.reserveCapacity(urls.count + more)
            issues.reserveCapacity(issues.count + more)
        }
    }

    /// Reads one special issue of the file begun last. A faulty one is left out, whatever of it is right.
    mutating func read(_ node: YAMLNode, _ reader: SectionReader) {
        let errors = reader.errorCount
        var id: String?
        var title: String?
        var deadline: YAMLNode?
        var milestones: YAMLNode?
        var timezone: YAMLNode?
        var schedule: Int?
        var channels: [Int]?
        var issue = SpecialIssue(id: "", title: "", milestones: [])
        var urlPlace: Place?
        var idPlace = node.place
        reader.members(of: node, what: "a special issue") { (key: Key, value) in
            switch key {
            case .id:
                id = reader.name(value, "'id'")
                idPlace = value.place
            case .title: title = value.text ?? reader.text(value, "'title'")
            case .journal: issue.journal = kept(reader.text(value, "'journal'"))
            case .publisher: issue.publisher = kept(reader.text(value, "'publisher'"))
            case .url:
                issue.url = reader.text(value, "'url'")
                urlPlace = value.place
            case .deadline: deadline = value
            case .timezone: timezone = value
            case .tags: issue.tags = reader.texts(value, "'tags'").map { kept($0) }
            case .contact: issue.contact = reader.text(value, "'contact'")
            case .checked: issue.checked = reader.value(value, "'checked'", CivilDate.init(text:))
            case .milestones: milestones = value
            case .schedule: schedule = main.schedule(value, reader)
            case .channels: channels = main.channels(value, reader)
            case .metrics: issue.metrics = metrics(value, reader)
            case .guestEditors: issue.guestEditors = guestEditors(value, reader)
            }
        }
        guard node.kind == .mapping else { return }
        if id == nil, idPlace == node.place {
            reader.report(
                at: node.place, "a special issue has no 'id'", remedy: "give it a short name of its own")
        }
        if title == nil {
            reader.report(at: node.place, "a special issue has no 'title'", remedy: "copy it from the call")
        }
        issue.id = id ?? ""
        issue.title = title ?? ""
        let own = channels ?? main.defaultChannels
        let inherited = Inherited(
            zone: timezone.flatMap { zone($0, reader) } ?? main.zone, schedule: schedule ?? main.schedule,
            channels: main.routes.isEmpty ? own : routed(issue, own))
        switch (deadline, milestones) {
        case (let deadline?, nil):
            if let milestone = milestone(kept(Milestone.submission), deadline, inherited, reader) {
                issue.milestones = [milestone]
            }
        case (nil, let list?):
            issue.milestones = self.milestones(list, inherited, reader)
        case (nil, nil):
            reader.report(
                at: node.place, "a special issue has no 'deadline'",
                remedy: "write one, or TBA, or 'milestones'")
        case (_?, let list?):
            reader.report(
                at: list.place, "a special issue has both 'deadline' and 'milestones'",
                remedy: "put the deadline into the milestones")
        }
        guard reader.errorCount == errors else { return }
        if inherited.channels.isEmpty,
            issue.milestones.contains(where: { $0.channels.isEmpty && $0.deadline != nil })
        {
            reader.report(
                .warning, at: idPlace, "no channel hears of '\(issue.id)'",
                remedy: "set 'channels' here, in 'defaults' or by a route")
        }
        guard isNew(issue, idPlace, urlPlace, reader) else { return }
        issues.append(issue)
    }

    /// What an issue's milestones have in common.
    private struct Inherited {
        let zone: Zone
        let schedule: Int
        let channels: [Int]
    }

    private func routed(_ issue: SpecialIssue, _ own: [Int]) -> [Int] {
        Set(main.routes.filter { $0.matches(issue) }.flatMap(\.channels)).union(own).sorted()
    }

    /// An id stands for one issue only: reminders are remembered by it.
    private mutating func isNew(
        _ issue: SpecialIssue, _ idPlace: Place, _ urlPlace: Place?, _ reader: SectionReader
    ) -> Bool {
        let place = SourcePlace(file: Int32(clamping: files.count - 1), line: idPlace.line)
        if let other = ids.updateValue(place, forKey: issue.id) {
            reader.report(
                at: idPlace, "the id '\(issue.id)' is taken in \(name(other))",
                remedy: "give each special issue an id of its own")
            return false
        }
        if let url = issue.url, let other = urls.updateValue(place, forKey: url) {
            reader.report(
                .warning, at: urlPlace, "the same url stands in \(name(other))",
                remedy: "is it the same call twice?")
        }
        return true
    }

    private func name(_ place: SourcePlace) -> String { "\(files[Int(place.file)]):\(place.line)" }

    // MARK: Milestones

    private mutating func milestones(
        _ list: YAMLNode, _ inherited: Inherited, _ reader: SectionReader
    ) -> [Milestone] {
        var milestones: [Milestone] = []
        for node in reader.list(list, "'milestones'") {
            var name: String?
            var deadline: YAMLNode?
            var timezone: YAMLNode?
            var schedule: Int?
            var channels: [Int]?
            reader.members(of: node, what: "a milestone") { (key: MilestoneKey, value) in
                switch key {
                case .name: name = kept(milestoneName(value, reader))
                case .deadline: deadline = value
                case .timezone: timezone = value
                case .schedule: schedule = main.schedule(value, reader)
                case .channels: channels = main.channels(value, reader)
                }
            }
            guard let name, let deadline else {
                if node.kind == .mapping {
                    reader.report(
                        at: node.place, "a milestone has no '\(name == nil ? "name" : "deadline")'",
                        remedy: "write {name: abstract, deadline: 2025-06-30}")
                }
                continue
            }
            if milestones.contains(where: { $0.name == name }) {
                reader.report(
                    at: node.place, "two milestones are named '\(name)'", remedy: "give each its own name")
                continue
            }
            let own = Inherited(
                zone: timezone.flatMap { zone($0, reader) } ?? inherited.zone,
                schedule: schedule ?? inherited.schedule, channels: channels ?? inherited.channels)
            if let milestone = milestone(name, deadline, own, reader) { milestones.append(milestone) }
        }
        if list.kind == .sequence, list.elements.isEmpty {
            reader.report(
                at: list.place, "'milestones' is empty", remedy: "write one at least, or 'deadline'")
        }
        return milestones
    }

    private func milestoneName(_ node: YAMLNode, _ reader: SectionReader) -> String? {
        guard let text = reader.text(node, "a milestone's name") else { return nil }
        if text.utf8.count <= 100, Text.singleLine(text) == text { return text }
        reader.report(
            at: node.place, "a milestone's name is too long or not one line",
            remedy: "write up to 100 characters")
        return nil
    }

    private func milestone(
        _ name: String, _ node: YAMLNode, _ own: Inherited, _ reader: SectionReader
    ) -> Milestone? {
        guard let text = reader.text(node, "'deadline'") else { return nil }
        do {
            let deadline = Deadline(try DeadlineValue(text), zone: own.zone)
            if let deadline, deadline.instant <= now {
                reader.report(
                    .warning, at: node.place, "the deadline passed on \(deadline.date)",
                    remedy: "remove it when nobody needs it any more")
            }
            return Milestone(
                name: name, written: text, deadline: deadline, schedule: own.schedule, channels: own.channels)
        } catch {
            reader.report(error, at: node.place)
            return nil
        }
    }

    private mutating func zone(_ node: YAMLNode, _ reader: SectionReader) -> Zone? {
        guard let text = reader.text(node, "'timezone'") else { return nil }
        do {
            return try zones.zone(text)
        } catch {
            reader.report(error, at: node.place)
            return nil
        }
    }

    // MARK: Details

    private func guestEditors(_ list: YAMLNode, _ reader: SectionReader) -> [GuestEditor] {
        reader.list(list, "'guest_editors'").compactMap { node in
            if node.kind == .scalar {
                return reader.text(node, "a guest editor").map { GuestEditor(name: $0) }
            }
            var name: String?
            var affiliations: [String] = []
            reader.members(of: node, what: "a guest editor") { (key: EditorKey, value) in
                switch key {
                case .name: name = reader.text(value, "a guest editor's name")
                case .affiliation: affiliations = reader.texts(value, "'affiliation'")
                }
            }
            if name == nil, node.kind == .mapping {
                reader.report(
                    at: node.place, "a guest editor has no 'name'", remedy: "write {name: Dr. A. Example}")
            }
            return name.map { GuestEditor(name: $0, affiliations: affiliations) }
        }
    }

    private func metrics(_ node: YAMLNode, _ reader: SectionReader) -> [Metric] {
        var metrics: [Metric] = []
        guard node.kind == .mapping else {
            reader.report(
                at: node.place, "'metrics' is no mapping", remedy: "write 'Impact Factor: 4.9' lines")
            return []
        }
        node.forEachMember { key, value in
            guard let name = reader.text(key, "a metric's name"), let value = reader.text(value, "'\(name)'")
            else { return }
            metrics.append(Metric(name: name, value: value))
        }
        return metrics
    }

    private mutating func kept(_ text: String) -> String {
        if let known = texts[text] { return known }
        texts[text] = text
        return text
    }

    private mutating func kept(_ text: String?) -> String? {
        text.map { kept($0) }
    }
}
