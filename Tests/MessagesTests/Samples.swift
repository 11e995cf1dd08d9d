import Messages
import Schedule
import Testing

/// Titles that try to mention, to break out of markup, to hide, or to be too long.
let hostileTitles: [String] = [
    "", " ", "<!channel> <!here|x> <@U012AB3CD> <!subteam^S1|x>", "@everyone @here @channel <@&123> <@123>",
    "<at>All</at> {{DATE(2026-11-26T23:59:00Z, SHORT)}} ${x}",
    "*b* _i_ ~s~ `c` **B** __u__ ||sp|| > q # h - l",
    "[click](http://evil.example) <http://evil.example|bank>", "a\u{0}b\u{1B}[31mc\u{7F}d\u{85}e\tf\r\ng",
    "abc\u{202E}evil\u{202C} \u{2066}x\u{2069}\u{200E}", "a\u{2028}b\u{2029}c", "C:\\new\\table \\n \\u0041",
    "\"quoted\" 'single' “curly”",
    "</script><script>alert(1)</script>", String(repeating: "x", count: 70_000),
    String(repeating: "&<>*_@\\", count: 10_000),
    "Z" + String(repeating: "\u{351}", count: 10_000), String(repeating: "👨‍👩‍👧‍👦", count: 3000),
    "javascript:alert(1)", "\u{FEFF}\u{FEFF}",
    String(repeating: "漢字仮名", count: 5000), "\u{E0041}\u{E0042}tag",
]

func instant(_ text: String) throws -> Instant { try Instant(rfc3339: text) }

/// A message about an issue due 20 August 2025 in Zurich, seven days before.
func message(
    title: String = "Cellular Senescence as a Therapeutic Target in Cancer", isFull: Bool = true,
    kind: Message.Kind = .reminder,
    now: String = "2025-08-13T07:00:00Z", isPossibleRepeat: Bool = false,
    zone: Zone = Zone(name: "UTC+9", secondsEast: 32_400),
    deadlineZone: Zone = Zone(name: "UTC+2", secondsEast: 7200),
    url: String? = "https://www.mdpi.com/si/212097"
) throws -> Message {
    var issue = SpecialIssue(id: "ijms-212097", title: title, milestones: [])
    if isFull {
        issue.journal = "International Journal of Molecular Sciences"
        issue.publisher = title.isEmpty ? "MDPI" : title
        issue.url = url
        issue.guestEditors = (0..<9).map {
            GuestEditor(name: $0 == 0 ? title : "Dr. \($0)", affiliations: ["One", "Two"])
        }
        issue.tags = ["cancer", title]
        issue.contact = "ijms@mdpi.com"
    }
    let deadline = try #require(Deadline(try DeadlineValue("2025-08-20"), zone: deadlineZone))
    return Message(
        kind: kind,
        identity: DeliveryIdentity(
            issue: "ijms-212097", milestone: "submission", deadline: deadline.instant, reminder: "7d",
            channel: "lab"),
        issue: issue, deadline: deadline, due: try instant("2025-08-13T07:00:00Z"), now: try instant(now),
        isPossibleRepeat: isPossibleRepeat, zone: zone)
}

/// A channel's service of each type.
func services() throws -> [any ChatService] {
    try ChatServices.all.map { service in
        var values = SettingValues()
        values.secrets["url"] = [Secret("https://hooks.example.org/s3cret?sig=s3cret")]
        if service.type == "webhook" {
            values.secrets["secret"] = [Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
        }
        return try service.init(values)
    }
}
