import Messages
import Schedule

/// Channels and the routes to them.
extension MainFileReader {
    mutating func channels(_ node: YAMLNode) {
        var members: [(String, YAMLNode)] = []
        reader.namedMembers(of: node, what: "'channels'") { name, value, _ in members.append((name, value)) }
        for (name, value) in members {
            let channels = channels(name, value)
            if channels.isEmpty { main.brokenChannels.insert(name) }
            for channel in channels {
                main.channelNames[name, default: []].append(main.channels.count)
                if channel.name != name { main.channelNames[channel.name] = [main.channels.count] }
                main.channels.append(channel)
            }
        }
        if let (name, place) = defaultFallback { fallbacks.append(("", name, place)) }
        for (channel, fallback, place) in fallbacks {
            if fallback == channel {
                reader.report(
                    at: place, "'\(channel)' cannot be told of its own failures",
                    remedy: "name another channel")
            } else if let several = main.channelNames[fallback], several.count > 1 {
                reader.report(
                    at: place, "'\(fallback)' has several readers",
                    remedy: "name one: \(several.map { main.channels[$0].name }.joined(separator: ", "))")
            } else if main.channelNames[fallback] == nil, !main.brokenChannels.contains(fallback) {
                let nearest = Spelling.nearest(to: fallback, among: main.channelNames.keys.sorted())
                reader.report(
                    at: place, "unknown channel '\(fallback)'",
                    remedy: nearest.map { "did you mean '\($0)'?" } ?? "describe it under 'channels'")
            }
        }
    }

    /// None where something is wrong with it; several where it has several readers.
    private mutating func channels(_ name: String, _ node: YAMLNode) -> [Channel] {
        let what = "channel '\(name)'"
        guard node.kind == .mapping else {
            reader.report(
                at: node.place, "\(what) is no mapping", remedy: "write 'type: slack' and the like below it")
            return []
        }
        var typeNode: YAMLNode?
        node.forEachMember { key, value in if key.text == ChannelKey.type.rawValue { typeNode = value } }
        let types = ChatServices.all.map { $0.type }
        guard let typeNode else {
            reader.report(
                at: node.place, "\(what) has no 'type'", remedy: "known are \(types.joined(separator: ", "))")
            return []
        }
        guard let type = reader.text(typeNode, "'type'") else { return [] }
        guard let service = ChatServices.named(type) else {
            let nearest = Spelling.nearest(to: type, among: types).map { "did you mean '\($0)'?" }
            reader.report(
                at: typeNode.place, "unknown type of channel '\(type)'",
                remedy: nearest ?? "known are \(types.joined(separator: ", "))")
            return []
        }
        return channels(name, node, service, what)
    }

    private mutating func channels(
        _ name: String, _ node: YAMLNode, _ service: any ChatService.Type, _ what: String
    ) -> [Channel] {
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
        let caFile = common[.caFile].flatMap(certificateAuthorities)
        let onUnknown =
            common[.onUnknown].flatMap { reader.word($0, "'on_unknown'") } ?? Channel.OnUnknown.resend
        let own = common[.fallback].flatMap { reader.text($0, "'fallback'") }
        // Who hears of everybody's failures does not hear of their own.
        let fallback = own ?? main.fallback.flatMap { $0 == name ? nil : $0 }
        if let fallback = own, let place = common[.fallback]?.place {
            fallbacks.append((name, fallback, place))
        }
        var networks = common[.allowNetworks].map(networks) ?? []
        let burst = common[.burst].flatMap(burst)
        let digest = common[.digest].flatMap { self.digest($0, at: at) }
        let template = common[.template].map(template) ?? main.template
        let language = common[.language].flatMap { reader.word($0, "language") } ?? Language.english
        guard errorCount == before else { return [] }
        var allowsPlainHTTP = false
        var host: String?
        for setting in service.settings {
            guard let address = try? values.address(setting) else { continue }
            host = address.authority.lowercased()
            do throws(Fault) {
                if setting.kind != .mailServer, try checkedPlainHTTP(address) { allowsPlainHTTP = true }
                // Who writes this machine's own address names it.
                if address.isLoopback { networks += Network.loopback }
                try checkLiteralHost(of: address, allowing: networks, for: "the channel")
            } catch {
                reader.report(error, at: places[setting.key])
            }
        }
        guard errorCount == before else { return [] }
        do throws(SettingFault) {
            var channels: [Channel] = []
            for (suffix, values) in service.split(values) {
                if channels.contains(where: { $0.name == name + suffix }) {
                    reader.report(
                        at: places["to"] ?? node.place, "\(what) names '\(suffix.dropFirst())' twice",
                        remedy: "keep one of them")
                    return []
                }
                for part in template?.parts(cutBy: try service.init(values)) ?? [] {
                    reader.report(
                        .warning, at: common[.template]?.place ?? node.place,
                        "of a usual call, \(what) would show only the beginning of the template '\(part.rawValue)'",
                        remedy: "shorten it: 'deadlined preview ISSUE' shows what is left")
                }
                channels.append(
                    Channel(
                        name: name + suffix, service: try service.init(values),
                        audience: Audience(zone: zone, at: at), allowsPlainHTTP: allowsPlainHTTP,
                        caFile: caFile, onUnknown: onUnknown, fallback: fallback, language: language,
                        burst: burst, digest: digest, template: template,
                        allowedNetworks: networks, host: host))
            }
            return channels
        } catch {
            reader.report(error.fault, at: places[error.key] ?? node.place)
            return []
        }
    }

    /// Hosts alone, as they are compared.
    func hosts(_ node: YAMLNode) -> Set<String> {
        let nodes = node.kind == .scalar ? [node] : reader.list(node, "'allow_http'")
        return Set(
            nodes.compactMap { node in
                reader.value(node, "'allow_http'") { text throws(Fault) in
                    let host = text.lowercased()
                    if IPAddress(host) != nil || !host.contains(where: { ":/[]".contains($0) }) {
                        return host
                    }
                    let meant = (try? WebAddress(host.contains("://") ? host : "http://\(host)"))?.host
                    throw Fault(
                        "'\(text)' in 'allow_http' is no host",
                        remedy: "write the host alone\(meant.map { ", \($0)" } ?? "")")
                }
            })
    }

    private func burst(_ node: YAMLNode) -> Int? {
        guard let text = reader.text(node, "'burst'") else { return nil }
        if let number = Int(text), (2...1_000_000).contains(number) { return number }
        reader.report(
            at: node.place, "'\(text)' is no number of reminders",
            remedy: "write from how many on one message tells them all: 2 or more")
        return nil
    }

    /// The channel's own words. What is wrong with them costs the words and not the reminders.
    func template(_ node: YAMLNode) -> MessageTemplate? {
        var texts: [MessageTemplate.Part: String] = [:]
        reader.members(of: node, what: "'template'") { (key: TemplateKey, value) in
            guard let text = reader.text(value, "'\(key.rawValue)'"),
                let part = MessageTemplate.Part(rawValue: key.rawValue)
            else { return }
            texts[part] = text
        }
        do throws(Fault) {
            return try MessageTemplate(texts)
        } catch {
            reader.report(
                .warning, at: node.place, error.message + ": the usual words are sent", remedy: error.remedy)
            return nil
        }
    }

    private func digest(_ node: YAMLNode, at time: TimeOfDay) -> DigestRule? {
        var every: Recurrence?
        var ahead = 30
        reader.members(of: node, what: "'digest'", required: (.every, "write 'every: mon at 09:00'")) {
            (key: DigestKey, value) in
            switch key {
            case .every:
                every = reader.value(value, "'every'") { text throws(Fault) in
                    try Recurrence(text, otherwiseAt: time)
                }
            case .ahead: ahead = days(value, "'ahead'") ?? ahead
            }
        }
        guard let every else { return nil }
        return DigestRule(every: every, ahead: ahead)
    }

    private func number(_ node: YAMLNode, _ what: String) -> Int? {
        guard let text = reader.text(node, what) else { return nil }
        if let number = Int(text), (0...3660).contains(number) { return number }
        reader.report(
            at: node.place, "'\(text)' is no number of days", remedy: "write the most days left, like 3")
        return nil
    }

    /// `60d`.
    func days(_ node: YAMLNode, _ what: String) -> Int? {
        guard let text = reader.text(node, what) else { return nil }
        if text.hasSuffix("d"), let number = Int(text.dropLast()), (1...3660).contains(number) {
            return number
        }
        reader.report(at: node.place, "'\(text)' is no number of days", remedy: "write it like 60d")
        return nil
    }

    var errorCount: Int { reader.diagnostics.count { $0.severity == .error } }

    func read(_ setting: Setting, _ node: YAMLNode, into values: inout SettingValues) {
        switch setting.kind {
        case .text, .server, .mailServer:
            if let text = reader.text(node, "'\(setting.key)'") { values.texts[setting.key] = [text] }
        case .texts:
            values.texts[setting.key] = reader.texts(node, "'\(setting.key)'")
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
                    let secret = secrets.secret(
                        value, "header '\(SectionReader.word(of: name).shown)'", reader)
                else { return }
                values.headers[setting.key, default: []].append(Request.Header(name, secret))
            }
        }
    }

    /// Whether an address is plain http, which only this machine and hosts named in `allow_http` may be.
    func checkedPlainHTTP(_ address: WebAddress) throws(Fault) -> Bool {
        if address.isSecure { return false }
        guard address.isLoopback || allowHTTP.contains(address.host) else {
            throw Fault(
                "the URL is http: anyone on the way could read it and post to it",
                remedy: "use https, or list the host in 'allow_http'")
        }
        return true
    }

    func route(_ node: YAMLNode) -> Route {
        var route = Route(line: Int(node.place.line))
        reader.members(of: node, what: "a route", required: (.channels, "name those that it adds")) {
            (key: RouteKey, value) in
            switch key {
            case .channels: route.channels = main.channels(value, reader)
            case .match:
                reader.members(of: value, what: "'match'") { (key: MatchKey, value) in
                    switch key {
                    case .id: route.ids = texts(value, key)
                    case .journal: route.journals = Route.Names(texts(value, key))
                    case .publisher: route.publishers = Route.Names(texts(value, key))
                    case .tags: route.tags = Route.Names(texts(value, key))
                    case .editor: route.editors = Route.Names(texts(value, key))
                    case .milestone: route.milestones = Route.Names(texts(value, key))
                    case .daysLeft: route.daysLeft = number(value, "'days_left'")
                    }
                }
            }
        }
        return route
    }

    /// What one of suffices. An empty list would look like a condition and be none.
    private func texts(_ node: YAMLNode, _ key: MatchKey) -> [String] {
        if node.kind == .sequence, node.elements.isEmpty {
            reader.report(
                at: node.place, "'\(key.rawValue)' of a route is empty, which would match everything",
                remedy: "name what it should match, or leave '\(key.rawValue)' out")
        }
        return reader.texts(node, "'\(key.rawValue)'")
    }
}
