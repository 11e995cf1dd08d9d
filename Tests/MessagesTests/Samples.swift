import FoundationEssentials
import Messages
import Schedule

/// What no literal may hold.
let nonCharacters = String(
    String.UnicodeScalarView([0xFFFE, 0xFDD0, 0x10FFFF].compactMap { Unicode.Scalar(UInt32($0)) }))

/// Titles that try to mention, to break out of markup, to hide, or to be too long.
let hostileTitles: [String] = [
    "", " ", "\u{0}\t", "\u{3000}\u{2003}\u{200B}", "\u{FEFF}\u{FEFF}", "\u{3164}\u{2060}\u{FE0F}",
    // Mentions
    "<!channel> <!here|x> <!everyone> <@U012AB3CD> <!subteam^S1|x> <#C1>", "<!date^0^{date}|x>",
    "@everyone @here @channel @all @room <@&123> <@123> <#123> <a:x:1> </x:1> <id:home>",
    "(@everyone) 漢@here .@channel <\u{301}@U1> @\u{FE0F}everyone @\u{200D}here",
    "<at>All</at> <AT>x</AT> <at id=all></at> <<at>at>All",
    "{{DATE(2026-11-26T23:59:00Z, SHORT)}} ${x} $${{x}}",
    "@**all** @*x* @_**y** <users/all> <@all> <@personEmail:a@b.example>", "@13800000000 @all",
    "<t:0:R> :tada: <:x:1>",
    // Markup
    "*b* _i_ ~s~ `c` **B** __u__ ||sp|| > q # h - l 1. n + = { } . !", "- item", "+ item", "1. item",
    "# head",
    "> quote", "```\ncode\n```", "a | b |\n|---|---|",
    "[click](http://evil.example) <http://evil.example|bank>",
    "![x](http://evil.example/x.png)", "http://evil.example/", "javascript:alert(1)",
    "</script><script>alert(1)</script><img src=x onerror=y>", "<b>unclosed & </i> a < b > c &lt; &amp;lt;",
    "C:\\new\\table \\n \\u0041 \\", "\"quoted\" 'single' “curly”", "100% %s %n %0d%0a",
    // The same by other numbers: a backtick, a semicolon, letters in pieces
    "\u{1FEF}c\u{1FEF} &lt\u{37E} \u{212A} u\u{308} \u{1112}\u{1161}\u{11AB}",
    // Hidden and broken
    "a\u{0}b\u{1B}[31mc\u{7F}d\u{85}e\tf\r\ng", "abc\u{202E}evil\u{202C} \u{2066}x\u{2069}\u{200E}\u{61C}",
    "a\u{2028}b\u{2029}c", ".\r\n.\r\n", "\u{E0041}\u{E0042}tag", nonCharacters + "x", "\u{301}x",
    // Too long
    String(repeating: "x", count: 5000), String(repeating: "&<>*_@\\\"", count: 300),
    String(repeating: "\"", count: 1200), String(repeating: "\\", count: 1200),
    String(repeating: "\u{1}", count: 1200), String(repeating: "@here ", count: 300),
    "Z" + String(repeating: "\u{351}", count: 1500), String(repeating: "\u{301}", count: 1500),
    String(repeating: "👨‍👩‍👧‍👦", count: 300), String(repeating: "漢字仮名", count: 300),
    String(repeating: "🇨🇭", count: 300),
]

func instant(_ text: String) throws -> Instant { try Instant(rfc3339: text) }

/// A zone of the system.
func zone(_ name: String) throws -> Zone {
    let data = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/" + name))
    return try Zone(name: name, tzif: Array(data))
}

enum Extent {
    /// Id, title and deadline.
    case bare
    case usual
    /// Each text is the title.
    case hostile
}

/// A message about an issue due 20 August 2025, seven days before.
func message(
    title: String = "Cellular Senescence as a Therapeutic Target in Cancer", _ extent: Extent = .usual,
    kind: Message.Kind = .reminder, deadline: String = "2025-08-20", now: String = "2025-08-13T07:00:00Z",
    isPossibleRepeat: Bool = false, zone: Zone = Zone(name: "UTC+9", secondsEast: 32_400),
    deadlineZone: Zone = Zone(name: "UTC+2", secondsEast: 7200),
    url: String? = "https://www.mdpi.com/si/212097", subject: Milestone.Kind = .deadline,
    firmness: Milestone.Firmness? = nil
) throws -> Message {
    var issue = SpecialIssue(id: "ijms-212097", title: title, milestones: [])
    switch extent {
    case .bare: break
    case .usual:
        issue.journal = "International Journal of Molecular Sciences"
        issue.publisher = "MDPI"
        issue.url = url
        issue.guestEditors = [
            GuestEditor(
                name: "Dr. Mi Kyung Park", affiliations: ["National Cancer Center", "Hwasung University"])
        ]
        issue.tags = ["cancer"]
        issue.contact = "ijms@mdpi.com"
    case .hostile:
        issue.journal = title
        issue.publisher = title
        issue.url = title
        issue.guestEditors = (0..<12).map { _ in GuestEditor(name: title, affiliations: [title, title]) }
        issue.tags = Array(repeating: title, count: 12)
        issue.contact = title
    }
    guard let placed = Deadline(try DeadlineValue(deadline), zone: deadlineZone) else {
        throw Fault("'\(deadline)' is no date")
    }
    let official = Deadline(
        try DeadlineValue("2025-09-01"), zone: deadlineZone)
    let name =
        switch subject {
        case .deadline: "submission"
        case .target: "submission target"
        case .opening: "submission opens"
        }
    issue.milestones = [
        Milestone(
            name: "submission", written: "", deadline: subject == .deadline ? placed : official,
            firmness: firmness,
            schedule: 0, channels: [])
    ]
    if subject != .deadline {
        issue.milestones.append(
            Milestone(name: name, kind: subject, written: "", deadline: placed, schedule: 0, channels: []))
    }
    return Message(
        kind: kind,
        identity: DeliveryIdentity(
            issue: "ijms-212097", milestone: name, deadline: placed.instant, reminder: "7d",
            channel: "lab"),
        issue: issue, deadline: placed, due: try instant("2025-08-13T07:00:00Z"), now: try instant(now),
        isPossibleRepeat: isPossibleRepeat, zone: zone)
}

/// Every hostile title in every place and kind of message, and the usual ones.
func messages() throws -> [Message] {
    let kinds: [Message.Kind] = [
        .reminder, .moved(from: try instant("2025-07-01T00:00:00Z")), .passed, .test,
    ]
    var messages = try hostileTitles.enumerated().flatMap { index, title in
        [
            try message(title: title, .bare),
            try message(
                title: title, .hostile, kind: kinds[index % 4], now: "2025-08-21T12:00:00Z",
                isPossibleRepeat: true),
            try message(url: title),
        ]
    }
    messages.append(try message(kind: .confirm(checked: CivilDate(days: 20_200))))
    messages += try lists()
    for subject in [Milestone.Kind.target(of: "submission"), .opening(of: "submission")] {
        for kind in kinds.prefix(3) {
            messages += [
                try message(.usual, kind: kind, subject: subject, firmness: .firm),
                try message(.bare, kind: kind, now: "2025-08-21T12:00:00Z", subject: subject),
            ]
        }
    }
    for index in messages.indices where index % 5 == 0 {
        messages[index].links = doneLinks(
            at: "https://deadlines.example.org/" + String(repeating: "aB-_", count: 30))
    }
    for kind in kinds {
        for extent in [Extent.bare, .usual] {
            messages += [
                try message(extent, kind: kind),
                try message(extent, kind: kind, now: "2025-08-21T12:00:00Z", isPossibleRepeat: true),
            ]
        }
    }
    return messages
}

/// Digests and folded reminders: the worst day of one journal, many journals, and every hostile title.
func lists(language: Language = .english) throws -> [Message] {
    func reminders(_ count: Int, title: (Int) -> String, journal: (Int) -> String?) throws -> [Message] {
        try (0..<count).map { number in
            let sample = try message(title: title(number), .bare)
            var issue = sample.issue
            issue.id = "issue-\(number)"
            issue.journal = journal(number)
            issue.url = "https://www.mdpi.com/si/\(number)"
            return Message(
                kind: .reminder,
                identity: DeliveryIdentity(
                    issue: issue.id, milestone: "submission", deadline: sample.deadline.instant,
                    reminder: "7d", channel: "lab"),
                issue: issue, deadline: sample.deadline, due: sample.due, now: sample.now,
                isPossibleRepeat: false, zone: sample.zone, language: language)
        }
    }
    let worst = try reminders(410) {
        "Advances in Senescence, Part \($0)"
    } journal: { _ in
        "Nutrients"
    }
    let many = try reminders(200) {
        "Advances \($0)"
    } journal: {
        "Journal \($0 % 60)"
    }
    let hostile = try reminders(hostileTitles.count) {
        hostileTitles[$0]
    } journal: {
        hostileTitles[$0]
    }
    return try [worst, many, hostile, Array(worst.prefix(1)), Array(worst.prefix(5))].flatMap { parts in
        let first = try message(kind: .several, isPossibleRepeat: true)
        func list(_ kind: Message.Kind) -> Message {
            Message(
                kind: kind, identity: first.identity, issue: first.issue, deadline: first.deadline,
                due: first.due, now: first.now, isPossibleRepeat: true, zone: first.zone, language: language)
        }
        var several = list(.several)
        several.parts = parts
        var digest = list(.digest)
        let items = parts.compactMap { part in
            part.subject.map { Digest.Item(issue: part.issue, milestone: $0, deadline: part.deadline) }
        }
        let moved = items.map {
            Digest.Item(
                issue: $0.issue, milestone: $0.milestone, deadline: $0.deadline,
                previous: $0.deadline.instant - .days(30))
        }
        digest.digest = Digest(coming: items, moved: moved, passed: items, until: CivilDate(days: 20_400))
        var empty = list(.digest)
        empty.digest = Digest(coming: [], moved: [], passed: [], until: CivilDate(days: 20_400))
        return [several, digest, empty]
    }
}

func doneLinks(at base: String = "https://deadlines.example.org") -> DoneLinks {
    DoneLinks(base: base, key: Array(repeating: 7, count: DoneLinks.keySize))
}

let signingKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/// A channel's service of a type.
func service(
    _ type: String, url: String = "https://hooks.example.org/T00/s3cret?sig=s3cret",
    secrets: [String] = [signingKey],
    headers: [(String, String)] = [("Authorization", "Bearer s3cret")]
) throws -> any ChatService {
    guard let service = ChatServices.named(type) else { throw Fault("no service '\(type)'") }
    return try service.init(settings(type, url: url, secrets: secrets, headers: headers))
}

/// Something right for each key of a type.
func settings(_ type: String, url: String, secrets: [String], headers: [(String, String)]) -> SettingValues {
    var values = SettingValues()
    values.secrets["url"] = [Secret(url)]
    switch type {
    case "webhook":
        values.secrets["secret"] = secrets.map { Secret($0) }
        values.headers["headers"] = headers.map { Request.Header($0, Secret($1)) }
    case "cloudevents", "alertmanager":
        if type == "alertmanager" { values.secrets["url"] = [Secret("https://alerts.example.org/s3cret")] }
        values.headers["headers"] = headers.map { Request.Header($0, Secret($1)) }
    case "google-chat":
        values.secrets["url"] = [
            Secret("https://chat.googleapis.com/v1/spaces/A/messages?key=s3cret&token=s3cret%3D")
        ]
    case "feishu", "dingtalk": values.secrets["secret"] = [Secret("s3cretkey")]
    case "zulip":
        values.texts = [
            "site": ["https://chat.example.org"], "email": ["reminder-bot@example.org"], "to": ["deadlines"],
        ]
        values.secrets = ["api_key": [Secret("s3cretkey")]]
    case "matrix":
        values.texts = ["homeserver": ["https://matrix.example.org"], "room": ["!abc:example.org"]]
        values.secrets = ["token": [Secret("s3cret_token")]]
    case "telegram":
        values.texts = ["chat_id": ["-1001234567890"], "thread_id": ["7"]]
        values.secrets = ["token": [Secret("123456:s3cret-ABC")]]
    case "ntfy":
        values.texts = ["url": ["https://ntfy.example.org"], "topic": ["deadlines"]]
        values.secrets = ["token": [Secret("tk_s3cret")]]
    case "gotify":
        values.texts = ["url": ["https://push.example.org/sub/"]]
        values.secrets = ["token": [Secret("As3cretA")]]
    case "pushover":
        values.secrets = [
            "token": [Secret("s3cretaaaaaaaaaaaaaaaaaaaaaaaa")],
            "user": [Secret("s3cretuuuuuuuuuuuuuuuuuuuuuuuu")],
        ]
    case "email":
        values.texts = [
            "smtp": ["smtp://mail.example.org:587"], "username": ["deadlined"],
            "from": ["Deadlines <deadlines@example.org>"], "to": ["Ada <ada@example.org>"],
        ]
        values.secrets = ["password": [Secret("s3cretpassword")]]
    default: break
    }
    return values
}

let types = ChatServices.all.map { $0.type }
/// Their bodies are for programs, or no JSON.
let typesForPrograms: Set = ["webhook", "cloudevents", "alertmanager"]

/// A request's body; a form as an object of its fields, a mail as its text.
func body(_ type: String, _ message: Message) throws -> JSON {
    switch try service(type).request(for: message, attempt: message.now).content {
    case .none: .null
    case .json(let json): json
    case .mail(let mail): .string(mail.text)
    case .form(let fields):
        .object(
            fields.map { field in
                switch field.value {
                case .text(let text): JSON.Member(name: field.name, value: .string(text))
                case .secret(let secret): JSON.Member(name: field.name, value: .string(secret.revealed))
                }
            })
    }
}

/// Every text of a JSON value, with the path to it.
func texts(_ json: JSON, path: String = "") -> [(path: String, text: String)] {
    switch json {
    case .string(let text): [(path, text)]
    case .array(let elements): elements.enumerated().flatMap { texts($1, path: "\(path)/\($0)") }
    case .object(let members): members.flatMap { texts($0.value, path: "\(path)/\($0.name)") }
    default: []
    }
}

extension JSON {
    /// The value at a path like `embeds/0/title`.
    subscript(path: String) -> JSON? {
        path.split(separator: "/").reduce(self as JSON?) { value, step in
            switch value {
            case .object(let members): members.first { $0.name == step }?.value
            case .array(let elements):
                Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: nil
            }
        }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var count: Int? {
        if case .array(let elements) = self { elements.count } else { nil }
    }
}

extension String {
    /// Whether it holds another text byte for byte: an invisible character in between makes it another token.
    func has(_ token: String) -> Bool {
        !Array(utf8).ranges(of: Array(token.utf8)).isEmpty
    }
}
