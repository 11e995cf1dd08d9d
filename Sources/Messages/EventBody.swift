import Schedule

/// A message for programs: what Standard Webhooks call an event. Texts stand in it as the configuration has them.
struct EventBody {
    /// `deadline.reminder` and the like.
    let type: String
    let data: JSON

    private init(_ message: Message, cuts: Bool) {
        type = EventBody.type(of: message.kind)
        data = EventBody.data(message, cuts: cuts)
    }

    /// An event in its envelope, and the bytes of that.
    static func body(_ message: Message, envelope: (EventBody) -> JSON) -> (JSON, bytes: [UInt8]) {
        let digest = message.digest.map { $0.coming.count + $0.moved.count + $0.passed.count } ?? 0
        if message.parts.count + digest <= Limit.wholeEntries {
            let whole = envelope(EventBody(message, cuts: false))
            let bytes = whole.bytes
            if bytes.count <= Limit.whole { return (whole, bytes) }
        }
        let cut = envelope(EventBody(message, cuts: true))
        return (cut, cut.bytes)
    }

    /// What is cut is cut to these, in bytes of JSON and entries of a list.
    private enum Limit {
        /// Receivers expect some 20 kB at most, Standard Webhooks' specification says.
        static let whole = 20_000
        static let long = 2000
        static let text = 500
        static let list = 5
        static let entries = 30
        /// More than these need not be tried: they do not fit.
        static let wholeEntries = 100
        static let brief = 200
    }

    private static func data(_ message: Message, cuts: Bool) -> JSON {
        var data: [JSON.Member] = []
        data.reserveCapacity(16)
        func add(_ name: String, _ value: JSON) { data.append(JSON.Member(name: name, value: value)) }
        if case .alert(let text) = message.kind { add("text", .string(text)) }
        if message.kind.isOfIssue {
            add("issue", issue(message.issue, cuts: cuts))
            for member in facts(of: message) { data.append(member) }
            if case .moved(let previous) = message.kind { add("previous_deadline", .string("\(previous)")) }
            if case .confirm(let checked) = message.kind { add("checked", .string("\(checked)")) }
        }
        if message.kind == .reminder { add("reminder", .string(message.identity.reminder)) }
        if message.kind == .several { list("reminders", message.parts.map { part($0, cuts: cuts) }) }
        if let digest = message.digest {
            add("until", .string("\(digest.until)"))
            list("coming", digest.coming.map { item($0, cuts: cuts) })
            list("moved", digest.moved.map { item($0, cuts: cuts) })
            list("passed", digest.passed.map { item($0, cuts: cuts) })
        }
        if let done = message.doneLink { add("done_url", .string(done)) }
        add("due", .string("\(message.due)"))
        add("late_seconds", .number(message.late.seconds))
        add("possible_repeat", .bool(message.isPossibleRepeat))
        add("channel", .string(message.identity.channel))
        return .object(data)

        /// How many it leaves out, it says.
        func list(_ name: String, _ entries: [JSON]) {
            add(name, .array(cuts ? Array(entries.prefix(Limit.entries)) : entries))
            if cuts, entries.count > Limit.entries { add("\(name)_count", .number(Int64(entries.count))) }
        }
    }

    private static func facts(of message: Message) -> [JSON.Member] {
        let subject = message.subject
        let target: String? = if case .target(let other)? = subject?.kind { other } else { nil }
        let opening: String? = if case .opening(let other)? = subject?.kind { other } else { nil }
        return JSON.members([
            "milestone": .string(message.identity.milestone),
            "deadline": .string("\(message.deadline.instant)"),
            "firmness": subject?.firmness.map { .string($0.rawValue) },
            "target_of": target.map { .string($0) }, "opening_of": opening.map { .string($0) },
        ])
    }

    /// One reminder of several.
    private static func part(_ message: Message, cuts: Bool) -> JSON {
        guard cuts else {
            return .object(
                [JSON.Member(name: "issue", value: issue(message.issue, cuts: false))] + facts(of: message)
                    + [
                        JSON.Member(name: "reminder", value: .string(message.identity.reminder))
                    ])
        }
        return .object([
            "issue": brief(message.issue), "milestone": .string(message.identity.milestone),
            "deadline": .string("\(message.deadline.instant)"),
            "reminder": .string(message.identity.reminder),
        ])
    }

    private static func item(_ item: Digest.Item, cuts: Bool) -> JSON {
        .object([
            "issue": cuts ? brief(item.issue) : issue(item.issue, cuts: false),
            "milestone": .string(item.milestone.name), "deadline": .string("\(item.deadline.instant)"),
            "previous_deadline": item.previous.map { .string("\($0)") },
        ])
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

    private static func type(of kind: Message.Kind) -> String {
        switch kind {
        case .reminder: "deadline.reminder"
        case .moved: "deadline.moved"
        case .passed: "deadline.passed"
        case .confirm: "deadline.confirm"
        case .several: "deadline.reminders"
        case .digest: "deadline.digest"
        case .test: "channel.test"
        case .alert: "service.alert"
        }
    }
}
