import Messages
import Schedule

extension Target {
    static let all = [
        yaml, deadline, rule, zone, tzif, headers, answers, address, text, messages,
    ]

    /// A service of each type at a URL, or at a good one where that is refused.
    static func services(at url: String, key: String = "", header: String = "") -> [any ChatService] {
        ChatServices.all.compactMap { type in
            let right = ChatServices.example(type)
            var values = right
            if right.secrets["url"] != nil { values.secrets["url"] = [Secret(url)] }
            values.secrets["secret"] = [Secret(key)]
            values.headers["headers"] = [Request.Header("X-Team", Secret(header))]
            return (try? type.init(values)) ?? (try? type.init(right))
        }
    }

    private static let goodURL =
        "https://hooks.example.org/services/T00/B00/s3cretToken?key=k&token=t&sig=s3cret%2Fvalue"
    private static let good = services(at: goodURL)
    private static let now = Instant(seconds: 1_790_000_000)

    private static func judge(_ answer: Answer, _ services: [any ChatService]) {
        for service in services { keep(service.verdict(on: answer, now: now)) }
    }

    /// Status, `retry-after`, other headers and a short body.
    static let headers = Target(
        "headers",
        [
            ["429", "30", "x-ratelimit-reset-after: 1.5", "{}"],
            ["503", "0.5", "x-ratelimit-remaining: 0", "busy"],
            [
                "429", "Sun, 06 Nov 2026 08:49:37 GMT", "x-ratelimit-scope: shared",
                "{\"retry_after\": 64.57}",
            ],
            ["500", "Fri, 31 Dec 9999 23:59:59 GMT", "date: Sun, 06 Nov 1994 08:49:37 GMT", ""],
            ["408", "Sunday, 06-Nov-94 08:49:37 GMT", "content-length: 12", "ok"],
            ["403", "1e3", "cf-ray: 1", "<html>Access denied</html>"], ["204", "-1", "retry-after: 7", "ok"],
            ["599", "120, 60", "x-ratelimit-reset: 1790000000.123", "x"],
        ]
    ) { parts in
        var headers = ["retry-after": parts[1]]
        for line in parts[2].split(separator: "\n") {
            let words = line.split(separator: ":", maxSplits: 1)
            headers[words.first.map { $0.lowercased() } ?? ""] = words.last.map { String($0) }
        }
        let status = Int(parts[0]) ?? 429
        let response = Answer.Response(status: status, headers: headers, body: Array(parts[3].utf8))
        judge(.response(response), good)
        judge(.lost(reason: parts[1]), good)
        // 429 is what most inputs are not.
        judge(.response(Answer.Response(status: 429, headers: headers)), good)
    }

    /// Status, body and the URL that a reason must not repeat.
    static let answers = Target(
        "answers",
        bytes: [
            ("200", "ok"), ("200", #"{"id":"1234567890","type":0,"content":"x","embeds":[]}"#),
            ("404", "no_service"),
            (
                "429",
                #"{"message":"You are being rate limited.","retry_after":64.57,"global":false,"code":0}"#
            ),
            ("404", #"{"message": "Unknown Webhook", "code": 10015}"#),
            ("401", #"{"code":50027,"errors":{"a":[1]}}"#),
            ("400", #"{"code": 5e4, "retry_after": 1.0E+2, "id": null, "x": "\u00e9\ud83d\ude00\n"}"#),
            ("202", ""), ("200", #"{"errcode":45009,"errmsg":"freq"}"#),
            ("200", #"{"code":11232,"msg":"x"}"#),
            ("429", #"{"ok":false,"parameters":{"retry_after":35,"migrate_to_chat_id":-100987}}"#),
            ("429", #"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":4417}"#),
            ("429", #"{"result":"error","code":"RATE_LIMIT_HIT","retry-after":28.7}"#),
            ("451", "451 4.7.1 Greylisted"), ("200", #"{"status":1}"#),
            ("502", "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
            ("500", "error at /services/T00/B00/s3cretToken?sig=s3cret%2Fvalue"),
        ].map { status, body in [Array(status.utf8), Array(body.utf8), Array(goodURL.utf8)] }
    ) { parts in
        let status = Int(String(decoding: parts[0], as: UTF8.self)) ?? 429
        let url = String(decoding: parts[2], as: UTF8.self)
        let services = url == goodURL ? good : services(at: url)
        for isComplete in [true, false] {
            judge(
                .response(Answer.Response(status: status, body: parts[1], isComplete: isComplete)), services)
        }
        keep(Secret(url).hidden(in: String(decoding: parts[1], as: UTF8.self)).utf8.count)
    }

    static let address = Target(
        "address",
        [
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX", "http://127.0.0.1:8008/x?y=z#f",
            "https://[::1]:443/", "HTTP://LOCALHOST", "https://example.org:65535",
            "https://a.b/c%2Fd?e=%zz&f",
            "mdpi.com/si/212097", "https://user:pw@example.org/",
            "https://discord.com/api/webhooks/1/t?wait=false&",
            "javascript:alert(1)", "https://xn--bcher-kva.example/ü(1)",
            "https://prod-1.logic.azure.com:443/w?sig=a-b_c", "Ada <ada@example.org>",
            "smtp://mail.example.org:587",
            "mon, thu at 09:00", "last at 24:00",
        ].map { [$0, "POST /services/T00000000 failed", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
    ) { parts in
        let address = try? WebAddress(parts[0])
        keep(address?.isLoopback)
        keep((try? WebAddress(mailServer: parts[0]))?.host)
        // Nothing that could end an SMTP command.
        if let mail = try? MailAddress(parts[0]) {
            precondition(mail.mailbox.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        }
        if let recurrence = try? Recurrence(parts[0], otherwiseAt: .nine) {
            precondition(recurrence.next(after: now, in: .utc) > now)
        }
        let link = WebAddress.link(parts[0])
        // A link is an address, whatever it was made of.
        if let link { precondition((try? WebAddress(link)) != nil) }
        let secret = Secret(parts[0])
        keep(secret.adding(query: "wait=true"))
        keep(secret.hidden(in: parts[1]))
        for service in services(at: parts[0], key: parts[2], header: parts[1]) { keep(service) }
        keep(
            try? Webhook.signature(secrets: [Secret(parts[2])], id: parts[1], timestamp: 0, body: parts[0]))
    }

    private static let escapes = [
        Escape.none, Escape(backslashed: "\\*_~`|>#-[]()<@:"), Escape(joined: "*_~`|<"),
        Escape(["&": "&amp;", "<": "&lt;", ">": "&gt;"], joined: "*_~`|"),
        Escape(["\"": "", "x": "\u{301}"]),
    ]

    static let text = Target(
        "text",
        [
            "Cellular Senescence as a Therapeutic Target in Cancer: Mechanisms & Opportunities",
            "<!channel> @everyone a@b.example <at>All</at> {{DATE(2026-11-26T23:59:00Z, SHORT)}}",
            "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} e\u{301}\u{327} \u{1F1E8}\u{1F1ED} 漢字仮名 \u{1100}\u{1161}",
            "*b* _i_ ~s~ `c` [click](http://evil.example) | a \\ \" \n\t\u{202E}x\u{2028}y", "1. item",
            "deadlines",
        ].map { [$0, "deadline"] }
    ) { parts in
        let text = parts[0]
        let line = Text.singleLine(text)
        precondition(Text.singleLine(line) == line)
        keep(Text.isBlank(line))
        for limit in [0, 1, 2, 3, 60, 300, 2000] {
            for escape in escapes {
                precondition(Text.escaped(text, to: limit, counting: .utf16, escape).utf16.count <= limit)
                precondition(Text.escaped(text, to: limit, counting: .utf8, escape).utf8.count <= limit)
                let json = Text.escaped(text, to: limit, counting: .json, escape)
                // Beside the quotation marks.
                precondition(JSON.string(json).serialized.utf8.count - 2 <= limit)
            }
        }
        for escape in escapes { keep(escape(text)) }
        keep(JSON.object(["\(text)": .string(line)]).serialized)
        keep(Spelling.nearest(to: text, among: [parts[1], "deadline", "timezone", "guest_editors"]))
        keep(Edition(id: text))
    }

    /// Title, other texts, page, milestone, rule, URL of the channel.
    static let messages = Target(
        "messages",
        [
            [
                "Cellular Senescence as a Therapeutic Target in Cancer", "Dr. Mi Kyung Park",
                "https://www.mdpi.com/si/212097", "submission", "7d", goodURL,
            ],
            ["<!channel> @everyone", "a|b*c_d~e`f", "mdpi.com/(x)", "camera ready", "moved 1", goodURL],
            ["1. item \u{202E}", "<at>All</at> &lt;", "http://localhost/a", "- x", "1d after", goodURL],
        ]
    ) { parts in
        // A configuration's names are no longer.
        let short = parts.map { String(decoding: $0.utf8.prefix(100), as: UTF8.self) }
        var issue = SpecialIssue(id: short[1], title: parts[0], milestones: [])
        issue.journal = parts[1]
        issue.publisher = parts[3]
        issue.url = parts[2]
        issue.contact = parts[1]
        issue.tags = [parts[3], parts[1]]
        issue.guestEditors = (0..<4).map { _ in
            GuestEditor(name: parts[1], affiliations: [parts[0], parts[3]])
        }
        let services = parts[5] == goodURL ? good : services(at: parts[5], header: parts[1])
        let choice = parts[0].utf8.count &+ short[3].utf8.count
        let deadline = World.deadlines[choice % World.deadlines.count]
        let subjects: [Milestone.Kind] = [.deadline, .target(of: short[4]), .opening(of: short[3])]
        issue.milestones = [
            Milestone(
                name: short[3], kind: subjects[choice % 3], written: short[4], deadline: deadline,
                firmness: .firm,
                schedule: 0, channels: [])
        ]
        let kinds: [Message.Kind] = [.reminder, .moved(from: deadline.instant + .days(3)), .passed, .test]
        for (index, kind) in kinds.enumerated() where choice % 2 == index % 2 {
            let message = Message(
                kind: kind,
                identity: DeliveryIdentity(
                    issue: short[1], milestone: short[3], deadline: deadline.instant, reminder: short[4],
                    channel: short[1]),
                issue: issue, deadline: deadline, due: deadline.instant - .days(7),
                now: index == 2 ? now : deadline.instant - .days(6), isPossibleRepeat: true,
                zone: World.places[choice % World.places.count])
            for service in services {
                // The largest that a service takes is Teams' 28 kB and the webhook's 20 kB; Discord's and Slack's
                // limits are per text.
                precondition(service.request(for: message, attempt: now).body.count < 100_000)
            }
        }
    }
}
