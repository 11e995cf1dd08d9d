import Messages
import Schedule

/// Reads files of special issues: one mapping, or a list of them.
struct IssueFileReader {
    enum Key: String, SectionKey {
        static let names = KeyNames<Self>()

        case id, title, journal, publisher, url, deadline, timezone, tags, contact, checked, milestones,
            schedule, channels, metrics, state, firmness, target, opens
        case guestEditors = "guest_editors"
    }

    enum MilestoneKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case name, deadline, timezone, schedule, channels, state, firmness, target, opens
    }

    enum EditorKey: String, SectionKey {
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
    private var editions: [Edition: (CivilDate, SourcePlace)] = [:]
    private var files: [String] = []
    private(set) var issues: [SpecialIssue] = []
    private(set) var ownChannels = Configuration.OwnChannels()

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

    /// How many issues there are before a file is read.
    var mark: Int { issues.count }

    /// Forgets what the file begun last has brought.
    mutating func rollBack(to mark: Int) {
        for issue in issues[mark...] {
            ownChannels.issues[issue.id] = nil
            ownChannels.milestones[issue.id] = nil
        }
        issues.removeSubrange(mark...)
        let file = Int32(clamping: files.count - 1)
        ids = ids.filter { $0.value.file != file }
        urls = urls.filter { $0.value.file != file }
        editions = editions.filter { $0.value.1.file != file }
    }

    /// Reads one special issue of the file begun last. A faulty one is left out, whatever of it is right.
    mutating func read(_ node: YAMLNode, _ reader: SectionReader) {
        let errors = reader.errorCount
        var id: String?
        var title: String?
        var own = MilestoneFields()
        var list: YAMLNode?
        var issue = SpecialIssue(id: "", title: "", milestones: [])
        var urlPlace: Place?
        var idPlace = node.place
        reader.members(
            of: node, what: "a special issue", required: (.title, "copy it from the call")
        ) { (key: Key, value) in
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
            case .tags: issue.tags = reader.texts(value, "'tags'").map { kept($0) }
            case .contact: issue.contact = reader.text(value, "'contact'")
            case .checked: issue.checked = reader.value(value, "'checked'", CivilDate.init(text:))
            case .milestones: list = value
            case .metrics: issue.metrics = metrics(value, reader)
            case .guestEditors: issue.guestEditors = guestEditors(value, reader)
            case .deadline: own.deadline = value
            case .timezone: own.zone = zone(value, reader)
            case .schedule: own.schedule = main.schedule(value, reader)
            case .channels: own.channels = main.channels(value, reader)
            case .state: own.state = reader.word(value, "state")
            case .firmness: own.firmness = reader.word(value, "firmness")
            case .target: own.target = value
            case .opens: own.opens = value
            }
        }
        guard node.kind == .mapping else { return }
        if id == nil, idPlace == node.place {
            reader.report(
                at: node.place, "a special issue has no 'id'", remedy: "give it a short name of its own")
        }
        issue.id = id ?? ""
        issue.title = title ?? ""
        let issueChannels = own.channels
        let channels = issueChannels ?? main.defaultChannels
        let inherited = Inherited(
            zone: own.zone ?? main.zone, schedule: own.schedule ?? main.schedule,
            channels: channels, state: own.state, firmness: own.firmness)
        var drafts: [MilestoneDraft] = []
        if let list {
            drafts = self.milestones(list, own, inherited, reader)
        } else if own.deadline == nil, own.state == nil {
            reader.report(
                at: node.place, "a special issue has no 'deadline'",
                remedy: "write one, or TBA, or 'milestones'")
        } else {
            // The issue's own zone is that of its one milestone.
            own.channels = nil
            drafts = self.drafts(kept(Milestone.submission), own, inherited, node.place, reader)
        }
        guard reader.errorCount == errors else { return }
        MilestoneDraft.resolve(&drafts, calendar: main.calendar) { fault, place in
            reader.report(fault, at: place)
        }
        guard reader.errorCount == errors else { return }
        let routes = main.routes.filter { $0.matches(issue) }
        issue.milestones = drafts.map { draft in
            draft.takesRoutes ? routes.reduce(draft.milestone) { $1.add(to: $0) } : draft.milestone
        }
        for (milestone, doubt) in issue.doubts(now: now) {
            reader.doubt(doubt, at: drafts[milestone].place)
        }
        // That a channel is broken has been told.
        if inherited.channels.isEmpty, main.brokenChannels.isEmpty, !issue.milestones.isEmpty,
            issue.milestones.contains(where: { $0.channels.isEmpty && $0.reminded != nil })
        {
            reader.report(
                .warning, at: idPlace, "no channel hears of '\(issue.id)'",
                remedy: "set 'channels' here, in 'defaults' or by a route")
        }
        guard isNew(issue, idPlace, urlPlace, reader) else { return }
        issues.append(issue)
        if let issueChannels { ownChannels.issues[issue.id] = issueChannels }
        let named = drafts.filter { !$0.takesRoutes }.map(\.name)
        if !named.isEmpty { ownChannels.milestones[issue.id] = Set(named) }
    }

    /// What an issue's milestones have in common.
    private struct Inherited {
        let zone: Zone
        let schedule: Int
        let channels: [Int]
        let state: Milestone.State?
        let firmness: Milestone.Firmness?
    }

    /// What an issue and its milestones can both say.
    private struct MilestoneFields {
        var deadline: YAMLNode?
        var zone: Zone?
        var schedule: Int?
        var channels: [Int]?
        var state: Milestone.State?
        var firmness: Milestone.Firmness?
        var target: YAMLNode?
        var opens: YAMLNode?
    }

    /// An id stands for one issue only: reminders are remembered by it.
    private mutating func isNew(
        _ issue: SpecialIssue, _ idPlace: Place, _ urlPlace: Place?, _ reader: SectionReader
    ) -> Bool {
        let place = SourcePlace(file: Int32(clamping: files.count - 1), line: idPlace.line)
        if let other = ids.updateValue(place, forKey: issue.id) {
            // The other one stays, whatever becomes of this file.
            ids[issue.id] = other
            reader.report(
                at: idPlace, "the id '\(issue.id)' is taken in \(name(other))",
                remedy: "give each special issue an id of its own")
            return false
        }
        if let date = issue.milestones.first?.deadline?.date, let edition = Edition(id: issue.id) {
            if let other = editions.updateValue((date, place), forKey: edition), other.0 == date {
                reader.report(
                    .warning, at: idPlace,
                    "the deadline \(date) is also that of the edition in \(name(other.1))",
                    remedy: "was it copied from there?")
            }
        }
        if let url = issue.url, let other = urls.updateValue(place, forKey: IssueFileReader.comparable(url)) {
            reader.report(
                .warning, at: urlPlace, "the same url stands in \(name(other))",
                remedy: "is it the same call twice?")
        }
        return true
    }

    /// A URL without what two spellings of one page mostly differ in.
    private static func comparable(_ url: String) -> String {
        var rest = Substring(url)
        for prefix in ["https://", "http://", "www."] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.utf8.count)
        }
        return String(rest.last == "/" ? rest.dropLast() : rest)
    }

    private func name(_ place: SourcePlace) -> String { "\(files[Int(place.file)]):\(place.line)" }

    // MARK: Milestones

    private mutating func milestones(
        _ list: YAMLNode, _ issue: MilestoneFields, _ inherited: Inherited, _ reader: SectionReader
    ) -> [MilestoneDraft] {
        for (key, node) in [("deadline", issue.deadline), ("opens", issue.opens)] {
            guard let node else { continue }
            reader.report(
                at: node.place, "a special issue has both '\(key)' and 'milestones'",
                remedy: "put '\(key)' into the milestone it belongs to")
        }
        var drafts: [MilestoneDraft] = []
        for node in reader.list(list, "'milestones'") {
            var name: String?
            var fields = MilestoneFields()
            reader.members(
                of: node, what: "a milestone",
                required: (.name, "write {name: abstract, deadline: 2025-06-30}")
            ) { (key: MilestoneKey, value) in
                switch key {
                case .name: name = kept(milestoneName(value, reader))
                case .deadline: fields.deadline = value
                case .timezone: fields.zone = zone(value, reader)
                case .schedule: fields.schedule = main.schedule(value, reader)
                case .channels: fields.channels = main.channels(value, reader)
                case .state: fields.state = reader.word(value, "state")
                case .firmness: fields.firmness = reader.word(value, "firmness")
                case .target: fields.target = value
                case .opens: fields.opens = value
                }
            }
            guard let name else { continue }
            if fields.deadline == nil, fields.state == nil {
                reader.report(
                    at: node.place, "the milestone '\(name)' has no 'deadline'",
                    remedy: "write one, or TBA, or rolling")
                continue
            }
            drafts += self.drafts(name, fields, inherited, node.place, reader)
        }
        if list.kind == .sequence, list.elements.isEmpty {
            reader.report(
                at: list.place, "'milestones' is empty", remedy: "write one at least, or 'deadline'")
        }
        if let target = issue.target { addTarget(target, to: &drafts, reader) }
        var names: Set<String> = []
        for draft in drafts where !names.insert(draft.name).inserted {
            reader.report(
                at: draft.place, "two milestones are named '\(draft.name)'", remedy: "give each its own name")
        }
        return drafts
    }

    /// A milestone, its target and its opening.
    private func drafts(
        _ name: String, _ fields: MilestoneFields, _ inherited: Inherited, _ place: Place,
        _ reader: SectionReader
    ) -> [MilestoneDraft] {
        let state = fields.state ?? inherited.state
        var draft = MilestoneDraft(
            name: name, written: state?.rawValue ?? "", place: fields.deadline?.place ?? place,
            zone: fields.zone ?? inherited.zone, hasOwnZone: fields.zone != nil,
            schedule: fields.schedule ?? inherited.schedule, channels: fields.channels ?? inherited.channels,
            takesRoutes: fields.channels == nil, state: state, firmness: fields.firmness ?? inherited.firmness
        )
        if let node = fields.deadline {
            guard let (written, value) = value(node, "'deadline'", reader) else { return [] }
            draft.written = written
            draft.value = value
        }
        do {
            try draft.settleState()
        } catch {
            reader.report(error, at: draft.place)
        }
        var drafts = [draft]
        if let node = fields.target, let (written, value) = value(node, "'target'", reader) {
            drafts.append(draft.target(written, value, node.place))
        }
        if let node = fields.opens, let (written, value) = value(node, "'opens'", reader) {
            drafts.append(draft.opening(written, value, node.place, schedule: main.openings))
        }
        return drafts
    }

    /// A target beside a list of milestones says itself which one it is for.
    private func addTarget(_ node: YAMLNode, to drafts: inout [MilestoneDraft], _ reader: SectionReader) {
        guard let (written, value) = value(node, "'target'", reader) else { return }
        guard case .relative(_, let name) = value, let base = drafts.first(where: { $0.name == name }) else {
            reader.report(
                at: node.place, "this target does not name a milestone of the list",
                remedy: "put 'target' into the milestone it is for, or write 14d before and its name")
            return
        }
        drafts.append(base.target(written, value, node.place))
    }

    private func value(
        _ node: YAMLNode, _ what: String, _ reader: SectionReader
    ) -> (written: String, value: DeadlineValue)? {
        guard let text = reader.text(node, what) else { return nil }
        do {
            let (value, doubt) = try DeadlineValue.read(text)
            if let doubt { reader.doubt(doubt, at: node.place) }
            return (text, value)
        } catch {
            reader.report(error, at: node.place)
            return nil
        }
    }

    private func milestoneName(_ node: YAMLNode, _ reader: SectionReader) -> String? {
        guard let text = reader.text(node, "a milestone's name") else { return nil }
        if text.utf8.count <= 100, Text.singleLine(text) == text { return text }
        reader.report(
            at: node.place, "a milestone's name is too long or not one line",
            remedy: "write up to 100 characters")
        return nil
    }

    private mutating func zone(_ node: YAMLNode, _ reader: SectionReader) -> Zone? {
        guard let text = reader.text(node, "'timezone'") else { return nil }
        do {
            let zone = try zones.zone(text)
            if let doubt = ZoneDatabase.doubt(about: zone) { reader.doubt(doubt, at: node.place) }
            return zone
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
            reader.members(
                of: node, what: "a guest editor", required: (.name, "write {name: Dr. A. Example}")
            ) { (key: EditorKey, value) in
                switch key {
                case .name: name = reader.text(value, "a guest editor's name")
                case .affiliation: affiliations = reader.texts(value, "'affiliation'")
                }
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
