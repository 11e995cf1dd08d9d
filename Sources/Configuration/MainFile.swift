import Messages
import Schedule

/// What the main file says, with something usable in the place of whatever was wrong.
struct MainFile {
    var zone = Zone.utc
    var at = TimeOfDay.nine
    /// Index into `schedules`.
    var schedule = 0
    /// Indices into `channels`.
    var defaultChannels: [Int] = []
    var calendar = BusinessCalendar.standard
    var schedules: [Schedule] = []
    var channels: [Channel] = []
    var routes: [Route] = []
    var include = ["issues.d/*.yaml"]

    fileprivate(set) var scheduleNames: [String: Int] = [:]
    fileprivate(set) var channelNames: [String: Int] = [:]
    /// Channels that could not be made: naming them elsewhere is no further fault.
    fileprivate(set) var brokenChannels: Set<String> = []
    fileprivate(set) var brokenSchedules: Set<String> = []

    func channels(_ node: YAMLNode, _ reader: SectionReader) -> [Int] {
        let names = node.kind == .scalar ? [node] : reader.list(node, "'channels'")
        var indices: [Int] = []
        for name in names {
            guard let text = reader.text(name, "a channel's name") else { continue }
            if let index = channelNames[text] {
                if !indices.contains(index) { indices.append(index) }
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

/// Reads the main file.
struct MainFileReader {
    private enum Key: String, CaseIterable {
        case defaults, calendar, schedules, channels, routes, include
        case allowHTTP = "allow_http"
    }

    private enum DefaultsKey: String, CaseIterable {
        case timezone, at, schedule, channels
    }

    private enum CalendarKey: String, CaseIterable {
        case weekend, holidays
    }

    private enum ScheduleKey: String, CaseIterable {
        case reminders, avoid
        case catchUp = "catch_up"
    }

    private enum RouteKey: String, CaseIterable {
        case match, channels
    }

    private enum MatchKey: String, CaseIterable {
        case id, journal, publisher, tags
    }

    /// What every channel has beside its service's own settings.
    private enum ChannelKey: String, CaseIterable {
        case type, timezone, at
        case caFile = "ca_file"
    }

    private enum AvoidWord: String, CaseIterable {
        case weekend, holidays
    }

    private let reader: SectionReader
    private let secrets: SecretReader
    private let directory: String
    private var zones: ZoneDatabase
    private var allowHTTP: Set<String> = []
    private var main = MainFile()

    init(reader: SectionReader, secrets: SecretReader, directory: String, zones: ZoneDatabase) {
        self.reader = reader
        self.secrets = secrets
        self.directory = directory
        self.zones = zones
    }

    /// Sections are read in the order in which they need each other, wherever they stand.
    mutating func read(_ root: YAMLNode) -> (MainFile, ZoneDatabase) {
        var sections: [Key: YAMLNode] = [:]
        reader.members(of: root, what: "the configuration") { (key: Key, value) in sections[key] = value }
        if let node = sections[.allowHTTP] {
            allowHTTP = Set(reader.texts(node, "'allow_http'").map { $0.lowercased() })
        }
        if let node = sections[.calendar] { calendar(node) }
        schedules(sections[.schedules])
        let defaults = defaultsBeforeChannels(sections[.defaults], root: root)
        if let node = sections[.channels] { channels(node) }
        if let node = defaults[.channels] { main.defaultChannels = main.channels(node, reader) }
        if let node = sections[.routes] { main.routes = reader.list(node, "'routes'").map(route) }
        if let node = sections[.include] { main.include = reader.texts(node, "'include'") }
        return (main, zones)
    }

    private mutating func calendar(_ node: YAMLNode) {
        var weekend = main.calendar.weekend
        var holidays: Set<CivilDate> = []
        reader.members(of: node, what: "'calendar'") { (key: CalendarKey, value) in
            switch key {
            case .weekend:
                weekend = []
                for day in reader.list(value, "'weekend'") {
                    if let day: Weekday = reader.word(day, "day of the week") { weekend.insert(day) }
                }
            case .holidays:
                for day in reader.list(value, "'holidays'") {
                    if let date = reader.value(day, "a holiday", CivilDate.init(text:)) {
                        holidays.insert(date)
                    }
                }
            }
        }
        do {
            main.calendar = try BusinessCalendar(weekend: weekend, holidays: holidays)
        } catch {
            reader.report(error, at: node.place)
        }
    }

    // MARK: Schedules

    /// What a configuration without schedules of its own gets.
    private static let standard = ["30d", "14d", "7d", "3d", "1d", "0d"]

    private mutating func schedules(_ node: YAMLNode?) {
        var found: [(String, Schedule?)] = []
        if let node {
            reader.namedMembers(of: node, what: "'schedules'") { name, value, _ in
                found.append((name, schedule(name, value)))
            }
        }
        for (name, schedule) in found {
            guard let schedule else {
                main.brokenSchedules.insert(name)
                continue
            }
            main.scheduleNames[name] = main.schedules.count
            main.schedules.append(schedule)
        }
        if main.scheduleNames["standard"] == nil, !main.brokenSchedules.contains("standard") {
            let rules = MainFileReader.standard.flatMap { (try? ReminderRule.parse($0)) ?? [] }
            main.scheduleNames["standard"] = main.schedules.count
            main.schedules.append(Schedule(name: "standard", rules: rules))
        }
        main.schedule = main.scheduleNames["standard"] ?? 0
        if main.schedules.isEmpty { main.schedules.append(Schedule(name: "standard", rules: [])) }
    }

    private func schedule(_ name: String, _ node: YAMLNode) -> Schedule? {
        if node.kind == .sequence {
            return rules(node).map { Schedule(name: name, rules: $0) }
        }
        var rules: [ReminderRule]?
        var avoid: BusinessCalendar.Avoided = []
        var catchUp = Schedule.CatchUp.latest
        var isMissing = true
        reader.members(of: node, what: "schedule '\(name)'") { (key: ScheduleKey, value) in
            switch key {
            case .reminders:
                isMissing = false
                rules = self.rules(value)
            case .avoid:
                for element in value.kind == .scalar ? [value] : reader.list(value, "'avoid'") {
                    switch reader.word(element, "kind of day") as AvoidWord? {
                    case .weekend: avoid.insert(.weekend)
                    case .holidays: avoid.insert(.holidays)
                    case nil: break
                    }
                }
            case .catchUp:
                catchUp = reader.word(value, "'catch_up'") ?? .latest
            }
        }
        if isMissing, node.kind == .mapping {
            reader.report(
                at: node.place, "schedule '\(name)' has no 'reminders'", remedy: "write reminders: [7d, 1d]")
        }
        return rules.map { Schedule(name: name, rules: $0, avoid: avoid, catchUp: catchUp) }
    }

    /// The rules of a list, each once; nil where one of them cannot be read.
    private func rules(_ node: YAMLNode) -> [ReminderRule]? {
        var rules: [ReminderRule] = []
        var isWhole = true
        for element in reader.list(node, "a schedule") {
            guard let parsed = reader.value(element, "a reminder rule", ReminderRule.parse) else {
                isWhole = false
                continue
            }
            for rule in parsed {
                if rules.contains(rule) {
                    reader.report(.warning, at: element.place, "the rule '\(rule)' stands here a second time")
                } else {
                    rules.append(rule)
                }
            }
        }
        return isWhole && node.kind == .sequence ? rules : nil
    }

    // MARK: Defaults

    private mutating func defaultsBeforeChannels(_ node: YAMLNode?, root: YAMLNode) -> [DefaultsKey: YAMLNode]
    {
        var defaults: [DefaultsKey: YAMLNode] = [:]
        if let node {
            reader.members(of: node, what: "'defaults'") { (key: DefaultsKey, value) in defaults[key] = value
            }
        }
        if let node = defaults[.timezone] {
            if let zone = zone(node) { main.zone = zone }
        } else {
            reader.report(
                at: (node ?? root).place, "'defaults' has no 'timezone'",
                remedy: "say where a deadline without a zone lies, like timezone: Europe/Zurich")
        }
        if let node = defaults[.at], let at = reader.value(node, "'at'", TimeOfDay.init) { main.at = at }
        if let node = defaults[.schedule], let index = main.schedule(node, reader) { main.schedule = index }
        return defaults
    }

    private mutating func zone(_ node: YAMLNode) -> Zone? {
        guard let text = reader.text(node, "'timezone'") else { return nil }
        do {
            return try zones.zone(text)
        } catch {
            reader.report(error, at: node.place)
            return nil
        }
    }

    // MARK: Channels and routes

    private mutating func channels(_ node: YAMLNode) {
        var members: [(String, YAMLNode)] = []
        reader.namedMembers(of: node, what: "'channels'") { name, value, _ in members.append((name, value)) }
        for (name, value) in members {
            if let channel = channel(name, value) {
                main.channelNames[name] = main.channels.count
                main.channels.append(channel)
            } else {
                main.brokenChannels.insert(name)
            }
        }
    }

    private mutating func channel(_ name: String, _ node: YAMLNode) -> Channel? {
        let what = "channel '\(name)'"
        guard node.kind == .mapping else {
            reader.report(
                at: node.place, "\(what) is no mapping", remedy: "write 'type: slack' and the like below it")
            return nil
        }
        var typeNode: YAMLNode?
        node.forEachMember { key, value in if key.text == ChannelKey.type.rawValue { typeNode = value } }
        let types = ChatServices.all.map { $0.type }
        guard let typeNode else {
            reader.report(
                at: node.place, "\(what) has no 'type'", remedy: "known are \(types.joined(separator: ", "))")
            return nil
        }
        guard let type = reader.text(typeNode, "'type'") else { return nil }
        guard let service = ChatServices.named(type) else {
            let nearest = Spelling.nearest(to: type, among: types).map { "did you mean '\($0)'?" }
            reader.report(
                at: typeNode.place, "unknown type of channel '\(type)'",
                remedy: nearest ?? "known are \(types.joined(separator: ", "))")
            return nil
        }
        return channel(name, node, service, what)
    }

    private mutating func channel(
        _ name: String, _ node: YAMLNode, _ service: any ChatService.Type, _ what: String
    ) -> Channel? {
        let before = errorCount
        let known = ChannelKey.allCases.map(\.rawValue) + service.settings.map(\.key)
        var values = SettingValues()
        var places: [String: Place] = [:]
        var common: [ChannelKey: YAMLNode] = [:]
        node.forEachMember { keyNode, value in
            guard let key = keyNode.text, known.contains(key) else {
                return reader.unknownKey(keyNode, among: known, of: "\(what) (\(service.type))")
            }
            guard places.updateValue(value.place, forKey: key) == nil else {
                return reader.report(
                    at: keyNode.place, "'\(key)' stands here a second time", remedy: "keep one of them")
            }
            if let key = ChannelKey(rawValue: key) {
                common[key] = value
            } else if let setting = service.settings.first(where: { $0.key == key }) {
                read(setting, value, into: &values)
            }
        }
        for setting in service.settings where setting.isRequired && places[setting.key] == nil {
            reader.report(
                at: node.place, "\(what) has no '\(setting.key)'",
                remedy: "a \(service.type) channel needs it")
        }
        var zone = main.zone
        if let node = common[.timezone] { zone = self.zone(node) ?? zone }
        let at = common[.at].flatMap { reader.value($0, "'at'", TimeOfDay.init) } ?? main.at
        let caFile = common[.caFile].flatMap { reader.text($0, "'ca_file'") }.map { path in
            path.hasPrefix("/") ? path : "\(directory)/\(path)"
        }
        if let caFile, let node = common[.caFile] {
            do { _ = try secrets.files.read(caFile) } catch {
                reader.report(at: node.place, "\(caFile) \(error.message)")
            }
        }
        guard errorCount == before else { return nil }
        var allowsPlainHTTP = false
        for setting in service.settings where setting.kind == .address {
            guard values.secrets[setting.key] != nil else { continue }
            do {
                allowsPlainHTTP = try checkedPlainHTTP(try values.address(setting.key).parts)
            } catch let error as SettingFault {
                reader.report(error.fault, at: places[setting.key])
            } catch let error as Fault {
                reader.report(error, at: places[setting.key])
            } catch {}
        }
        guard errorCount == before else { return nil }
        do {
            return Channel(
                name: name, service: try service.init(values), audience: Audience(zone: zone, at: at),
                allowsPlainHTTP: allowsPlainHTTP, caFile: caFile)
        } catch {
            reader.report(error.fault, at: places[error.key] ?? node.place)
            return nil
        }
    }

    private var errorCount: Int { reader.diagnostics.count { $0.severity == .error } }

    private func read(_ setting: Setting, _ node: YAMLNode, into values: inout SettingValues) {
        switch setting.kind {
        case .address, .secret:
            if let secret = secrets.secret(node, "'\(setting.key)'", reader) {
                values.secrets[setting.key] = [secret]
            }
        case .secrets:
            let nodes = node.kind == .sequence ? node.elements : [node]
            values.secrets[setting.key] = nodes.compactMap { secrets.secret($0, "'\(setting.key)'", reader) }
        case .headers:
            guard node.kind == .mapping else {
                return reader.report(
                    at: node.place, "'\(setting.key)' is no mapping", remedy: "write 'Name: value' lines")
            }
            node.forEachMember { key, value in
                guard let name = reader.text(key, "a header's name"),
                    let secret = secrets.secret(value, "header '\(name)'", reader)
                else { return }
                values.headers[setting.key, default: []].append(Request.Header(name, secret))
            }
        }
    }

    /// Whether an address is plain http, which only this machine and hosts named in `allow_http` may be.
    private func checkedPlainHTTP(_ address: WebAddress) throws(Fault) -> Bool {
        if address.isSecure { return false }
        guard address.isLoopback || allowHTTP.contains(address.host) else {
            throw Fault(
                "the URL is http: anyone on the way could read it and post to it",
                remedy: "use https, or list the host in 'allow_http'")
        }
        return true
    }

    private func route(_ node: YAMLNode) -> Route {
        var route = Route()
        reader.members(of: node, what: "a route") { (key: RouteKey, value) in
            switch key {
            case .channels: route.channels = main.channels(value, reader)
            case .match:
                reader.members(of: value, what: "'match'") { (key: MatchKey, value) in
                    switch key {
                    case .id: route.ids = reader.texts(value, "'id'")
                    case .journal: route.journals = reader.texts(value, "'journal'")
                    case .publisher: route.publishers = reader.texts(value, "'publisher'")
                    case .tags: route.tags = reader.texts(value, "'tags'")
                    }
                }
            }
        }
        return route
    }
}

extension CivilDate {
    /// A day in one of the forms of a deadline that has no time.
    init(text: String) throws(Fault) {
        guard case .date(let date) = try DeadlineValue(text) else {
            throw Fault("'\(text)' is no day", remedy: "write it like 2025-12-25")
        }
        self = date
    }
}
