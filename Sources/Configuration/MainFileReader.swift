import Messages
import Schedule

/// Reads the main file.
struct MainFileReader {
    enum Key: String, SectionKey {
        static let names = KeyNames<Self>()

        case defaults, calendar, schedules, channels, routes, include, heartbeat, page
        case allowHTTP = "allow_http"
        case watchConfig = "watch_config"
    }

    enum DefaultsKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case timezone, at, schedule, channels, fallback, template
        case confirmAfter = "confirm_after"
    }

    enum TemplateKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case headline, title, text
    }

    enum DigestKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case every, ahead
    }

    enum CalendarKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case weekend, holidays
    }

    enum ScheduleKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case reminders, avoid
        case catchUp = "catch_up"
    }

    enum RouteKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case match, channels
    }

    enum MatchKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case id, journal, publisher, tags, editor, milestone
        case daysLeft = "days_left"
    }

    /// What every channel has beside its service's own settings.
    enum ChannelKey: String, SectionKey {
        static let names = KeyNames<Self>()

        case type, timezone, at
        case caFile = "ca_file"
        case onUnknown = "on_unknown"
        case fallback, language, burst, digest, template
        case allowNetworks = "allow_networks"
    }

    private enum AvoidWord: String, CaseIterable {
        case weekend, holidays
    }

    let reader: SectionReader
    let secrets: SecretReader
    let directory: String
    var zones: ZoneDatabase
    var allowHTTP: Set<String> = []
    var main = MainFile()
    /// Channels that name a fallback, to be looked at when all are known.
    var fallbacks: [(channel: String, fallback: String, place: Place)] = []
    /// The fallback of all channels that name none.
    var defaultFallback: (name: String, place: Place)?
    /// Where the rules of each schedule stand.
    private var rulePlaces: [String: [ReminderRule: Place]] = [:]

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
        if let node = sections[.allowHTTP] { allowHTTP = hosts(node) }
        if let node = sections[.calendar] { calendar(node) }
        schedules(sections[.schedules])
        let defaults = defaultsBeforeChannels(sections[.defaults], root: root)
        if let node = sections[.channels] { channels(node) }
        doubtRules()
        if let node = defaults[.channels] { main.defaultChannels = main.channels(node, reader) }
        if let node = sections[.routes] { main.routes = reader.list(node, "'routes'").map(route) }
        if let node = sections[.include] {
            let nodes = node.kind == .scalar ? [node] : reader.list(node, "'include'")
            main.include = nodes.compactMap { node in
                reader.text(node, "'include'").map { Include(pattern: $0, place: node.place) }
            }
        }
        if let node = sections[.page] { main.page = page(node) }
        if let node = sections[.watchConfig] { main.watchesFiles = flag(node, "'watch_config'") ?? false }
        if let node = sections[.heartbeat] { main.heartbeat = heartbeat(node) }
        return (main, zones)
    }

    private mutating func calendar(_ node: YAMLNode) {
        var weekend = main.calendar.weekend
        var weekendPlace = node.place
        var holidays: Set<CivilDate> = []
        reader.members(of: node, what: "'calendar'") { (key: CalendarKey, value) in
            switch key {
            case .weekend:
                weekend = []
                weekendPlace = value.place
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
            reader.report(error, at: weekendPlace)
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
        main.openings = main.schedules.count
        main.schedules.append(Schedule(name: "openings", rules: [.onTheDayAfter]))
    }

    /// Warns of two rules of one schedule that fall together whatever the deadline: one of them is never sent.
    private func doubtRules() {
        let hours = Set(main.channels.map(\.audience.at))
        for schedule in main.schedules {
            for (index, rule) in schedule.rules.enumerated() {
                let other = schedule.rules[..<index].first {
                    rule.alwaysFalls(
                        with: $0, avoid: schedule.avoid, at: hours.count == 1 ? hours.first : nil)
                }
                guard let other else { continue }
                reader.report(
                    .warning, at: rulePlaces[schedule.name]?[rule],
                    "the rules '\(other)' and '\(rule)' of schedule '\(schedule.name)' always fall together",
                    remedy: "keep one of them: it is one reminder")
            }
        }
    }

    private mutating func schedule(_ name: String, _ node: YAMLNode) -> Schedule? {
        if node.kind == .sequence {
            return rules(node, of: name).map { Schedule(name: name, rules: $0) }
        }
        var rules: [ReminderRule]?
        var avoid: BusinessCalendar.Avoided = []
        var catchUp = Schedule.CatchUp.latest
        reader.members(
            of: node, what: "schedule '\(name)'", required: (.reminders, "write reminders: [7d, 1d]")
        ) { (key: ScheduleKey, value) in
            switch key {
            case .reminders: rules = self.rules(value, of: name)
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
        return rules.map { Schedule(name: name, rules: $0, avoid: avoid, catchUp: catchUp) }
    }

    /// The rules of a list, each once; nil where one of them cannot be read.
    private mutating func rules(_ node: YAMLNode, of schedule: String) -> [ReminderRule]? {
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
                    rulePlaces[schedule, default: [:]][rule] = element.place
                }
            }
        }
        guard isWhole, node.kind == .sequence else { return nil }
        if rules.isEmpty {
            reader.report(
                .warning, at: node.place,
                "the schedule '\(schedule)' is empty: what keeps to it is listed only",
                remedy: "write reminders like [7d, 1d]")
        }
        return rules
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
        main.template = defaults[.template].flatMap(template)
        if let node = defaults[.confirmAfter] { main.confirmAfter = days(node, "'confirm_after'") }
        if let node = defaults[.fallback], let name = reader.text(node, "'fallback'") {
            main.fallback = name
            defaultFallback = (name, node.place)
        }
        if let node = defaults[.at], let at = reader.value(node, "'at'", TimeOfDay.init) { main.at = at }
        if let node = defaults[.schedule], let index = main.schedule(node, reader) { main.schedule = index }
        return defaults
    }

    mutating func zone(_ node: YAMLNode) -> Zone? {
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
