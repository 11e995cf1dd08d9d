import Schedule

/// A message for programs: what Standard Webhooks call an event. Texts stand in it as the configuration has them.
struct EventBody {
    /// `deadline.reminder` and the like.
    let type: String
    let data: JSON

    private init(_ message: Message, cuts: Bool, links: LinkRoom = LinkRoom()) {
        type = EventBody.type(of: message)
        data = EventBody.data(message, cuts: cuts, links)
    }

    /// An event in its envelope, and the bytes of that.
    static func body(_ message: Message, envelope: (EventBody) -> JSON) -> (JSON, bytes: [UInt8]) {
        let digest = message.digest.map { $0.coming.count + $0.moved.count + $0.passed.count } ?? 0
        if message.parts.count + digest <= Limit.wholeEntries {
            let whole = envelope(EventBody(message, cuts: false))
            let bytes = whole.bytes
            if bytes.count <= Limit.whole {
                return linked(whole, bytes, message, cuts: false, envelope)
            }
        }
        let cut = envelope(EventBody(message, cuts: true))
        return linked(cut, cut.bytes, message, cuts: true, envelope)
    }

    /// The same event, whose entries have links as far as they find room.
    private static func linked(
        _ json: JSON, _ bytes: [UInt8], _ message: Message, cuts: Bool, _ envelope: (EventBody) -> JSON
    ) -> (JSON, bytes: [UInt8]) {
        guard message.links != nil, !message.kind.isOfIssue else { return (json, bytes) }
        let room = LinkRoom(links: message.links, now: message.now, bytes: Limit.whole - bytes.count)
        let linked = envelope(EventBody(message, cuts: cuts, links: room))
        return (linked, linked.bytes)
    }

    /// What the links of a list's entries may take. No entry gives way to a link.
    private struct LinkRoom {
        private let links: DoneLinks?
        private let now: Instant
        private var bytes: Int
        /// How many links found no room.
        private(set) var omitted: Int64 = 0

        /// For none.
        init() { self.init(links: nil, now: .distantPast, bytes: 0) }

        init(links: DoneLinks?, now: Instant, bytes: Int) {
            self.links = links
            self.now = now
            // What says how many are left out.
            self.bytes = bytes - 40
        }

        mutating func member(for claim: @autoclosure () -> DoneLinks.Claim) -> [JSON.Member] {
            guard let url = links?.url(claim(), at: now) else { return [] }
            let size = #","done_url":"""#.utf8.count + Text.Unit.json.count(url)
            guard size <= bytes else {
                omitted += 1
                return []
            }
            bytes -= size
            return [JSON.Member(name: "done_url", value: .string(url))]
        }
    }

    /// What is cut is cut to these, in bytes of JSON and entries of a list.
    private enum Limit {
        /// Receivers expect some 20 kB at most, Standard Webhooks' specification says.
        static let whole = 20_000
        static let long = 2000
        static let text = 500
        static let list = 5
        /// Of all lists together.
        static let entries = 30
        /// More than these need not be tried: they do not fit.
        static let wholeEntries = 100
        /// A milestone's name has 100 bytes at most, and stays.
        static let brief = 140
    }

    private static func data(_ message: Message, cuts: Bool, _ room: LinkRoom) -> JSON {
        var data: [JSON.Member] = []
        data.reserveCapacity(16)
        var links = room
        func add(_ name: String, _ value: JSON) { data.append(JSON.Member(name: name, value: value)) }
        if case .alert(let alert) = message.kind {
            let text = alert.text(message.words)
            add("text", .string(cuts ? Text.cut(text, to: Limit.long, counting: .json) : text))
        }
        if message.kind.isOfIssue {
            add("issue", issue(message.issue, cuts: cuts))
            addFacts(of: message, to: &data)
            addNews(of: message, to: &data)
        }
        if message.kind == .several {
            list(
                message.tellsReminders ? "reminders" : "notices", message.parts,
                room: cuts ? Limit.entries : message.parts.count, part)
        }
        if let digest = message.digest {
            add("until", .string("\(digest.until)"))
            let lists = [("coming", digest.coming), ("moved", digest.moved), ("passed", digest.passed)]
            let counts = lists.map(\.1.count)
            let rooms = cuts ? shares(of: Limit.entries, among: counts) : counts
            for ((name, items), room) in zip(lists, rooms) { list(name, items, room: room, item) }
        }
        if cuts { add("cut", true) }
        if links.omitted > 0 { add("done_urls_omitted", .number(links.omitted)) }
        if let done = message.doneLink { add("done_url", .string(done)) }
        add("due", .string("\(message.due)"))
        add("late_seconds", .number(message.late.seconds))
        add("possible_repeat", .bool(message.isPossibleRepeat))
        add("channel", .string(message.identity.channel))
        return .object(data)

        /// A list that leaves something out says how many there are.
        func list<Entry>(
            _ name: String, _ entries: [Entry], room: Int, _ json: (Entry, Bool, inout LinkRoom) -> JSON
        ) {
            add(name, .array(entries.prefix(room).map { json($0, cuts, &links) }))
            if entries.count > room { add("\(name)_count", .number(Int64(entries.count))) }
        }
    }

    /// Room for lists of such lengths: each gets what it needs, up to an even share of what the shorter ones leave.
    private static func shares(of room: Int, among counts: [Int]) -> [Int] {
        var shares = counts.map { _ in 0 }
        var left = room
        let shortestFirst = counts.indices.sorted { counts[$0] < counts[$1] }
        for (place, index) in shortestFirst.enumerated() {
            shares[index] = min(counts[index], left / (counts.count - place))
            left -= shares[index]
        }
        return shares
    }

    /// What its kind adds to the facts.
    private static func addNews(of message: Message, to members: inout [JSON.Member]) {
        switch message.kind {
        case .reminder:
            members.append(JSON.Member(name: "reminder", value: .string(message.identity.reminder)))
        case .moved(let previous):
            members.append(JSON.Member(name: "previous_deadline", value: .string("\(previous)")))
        case .confirm(let checked):
            members.append(JSON.Member(name: "checked", value: .string("\(checked)")))
        case .passed, .several, .digest, .test, .alert: break
        }
    }

    private static func addFacts(of message: Message, to members: inout [JSON.Member]) {
        func add(_ name: String, _ value: String) {
            members.append(JSON.Member(name: name, value: .string(value)))
        }
        let subject = message.subject
        add("milestone", message.identity.milestone)
        add("deadline", "\(message.deadline.instant)")
        if let firmness = subject?.firmness { add("firmness", firmness.rawValue) }
        switch subject?.kind {
        case .target(let other)?: add("target_of", other)
        case .opening(let other)?: add("opening_of", other)
        case .deadline?, nil: break
        }
    }

    /// One of several. A notice says what it is, as the message about it alone would.
    private static func part(_ message: Message, cuts: Bool, _ links: inout LinkRoom) -> JSON {
        let link = links.member(for: message.claim)
        var members: [JSON.Member] = []
        if message.kind != .reminder {
            members.append(JSON.Member(name: "type", value: .string(type(of: message))))
        }
        let call = cuts ? brief(message.issue) : issue(message.issue, cuts: false)
        members.append(JSON.Member(name: "issue", value: call))
        if cuts {
            members += JSON.members([
                "milestone": .string(message.identity.milestone),
                "deadline": .string("\(message.deadline.instant)"),
            ])
        } else {
            addFacts(of: message, to: &members)
        }
        addNews(of: message, to: &members)
        return .object(members + link)
    }

    private static func item(_ item: Digest.Item, cuts: Bool, _ links: inout LinkRoom) -> JSON {
        let claim = DoneLinks.Claim(item.milestone.name, item.deadline.instant, of: item.issue)
        return .object(
            JSON.members([
                "issue": cuts ? brief(item.issue) : issue(item.issue, cuts: false),
                "milestone": .string(item.milestone.name), "deadline": .string("\(item.deadline.instant)"),
                "previous_deadline": item.previous.map { .string("\($0)") },
            ]) + links.member(for: claim))
    }

    private static func brief(_ issue: SpecialIssue) -> JSON {
        .object([
            "id": .string(Text.cut(issue.id, to: Limit.brief, counting: .json)),
            "title": .string(Text.cut(issue.title, to: Limit.brief, counting: .json)),
        ])
    }

    private static func issue(_ issue: SpecialIssue, cuts: Bool) -> JSON {
        func text(_ text: String, _ limit: Int = Limit.text) -> JSON {
            .string(cuts ? Text.cut(text, to: limit, counting: .json) : text)
        }
        let count = cuts ? Limit.list : .max
        return .object([
            "id": text(issue.id),
            "title": text(issue.title, Limit.long),
            "journal": issue.journal.map { text($0) },
            "publisher": issue.publisher.map { text($0) },
            "url": issue.url.map { text($0, Limit.long) },
            "guest_editors": .array(
                issue.guestEditors.prefix(count).map { editor in
                    .object([
                        "name": text(editor.name),
                        "affiliation": editor.affiliations.isEmpty
                            ? nil : text(editor.affiliations.joined(separator: "; ")),
                    ])
                }),
            "tags": .array(issue.tags.prefix(count).map { text($0) }),
        ])
    }

    private static func type(of message: Message) -> String {
        switch message.kind {
        case .reminder: "deadline.reminder"
        case .moved: "deadline.moved"
        case .passed: "deadline.passed"
        case .confirm: "deadline.confirm"
        case .several: message.tellsReminders ? "deadline.reminders" : "deadline.notices"
        case .digest: "deadline.digest"
        case .test: "channel.test"
        case .alert: "service.alert"
        }
    }
}
