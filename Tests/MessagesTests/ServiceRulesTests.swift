import Foundation
import Messages
import Schedule
import Testing

/// What every service makes of every kind of message, held against its rules.
@Suite("Every service's rules", .serialized)
struct ServiceRulesTests {
    /// Each kind of message about an issue, and those about none.
    private func kinds(_ extent: Extent, title: String, url: String?, language: Language = .english) throws
        -> [Message]
    {
        let before = try instant("2025-07-01T00:00:00Z")
        let (now, after) = ("2025-08-13T07:00:00Z", "2025-08-21T12:00:00Z")
        func sample(_ kind: Message.Kind, _ now: String, _ subject: Milestone.Kind = .deadline) throws
            -> Message
        {
            let sample = try message(
                title: title, extent, kind: kind, now: now, isPossibleRepeat: now == after, url: url,
                subject: subject, firmness: extent == .bare ? nil : .firm)
            var issue = sample.issue
            if extent != .bare { issue.url = url }
            return Message(
                kind: kind, identity: sample.identity, issue: issue, deadline: sample.deadline,
                due: sample.due, now: sample.now, isPossibleRepeat: sample.isPossibleRepeat,
                zone: sample.zone, language: language)
        }
        var messages = try [
            sample(.reminder, now), sample(.reminder, after), sample(.moved(from: before), now),
            sample(.passed, after), sample(.confirm(checked: CivilDate(days: 20_200)), now),
            sample(.test, now),
            sample(.alert(.disabled(channel: title, reason: title)), now),
            sample(.moved(from: before), after, .target(of: "submission")),
            sample(.reminder, after, .opening(of: "submission")),
        ]
        var several = try sample(.several, now)
        several.parts = Array(messages.prefix(3))
        var digest = try sample(.digest, after)
        let item = Digest.Item(
            issue: messages[0].issue, milestone: messages[0].issue.milestones[0],
            deadline: messages[0].deadline)
        let moved = Digest.Item(
            issue: item.issue, milestone: item.milestone, deadline: item.deadline, previous: before)
        digest.digest = Digest(
            coming: [item], moved: [moved], passed: [item, item], until: CivilDate(days: 20_400))
        messages += [several, digest]
        return messages
    }

    /// The rules that a message breaks, in its own form or in the plain one.
    private func broken(_ type: String, _ message: Message, isPlain: Bool) throws -> String {
        var message = message
        message.isPlain = isPlain
        let request = try service(type).request(for: message, attempt: message.now)
        return Rules.broken(type, try body(type, message), size: request.body.count).joined(separator: "; ")
    }

    // One service after the other: tests that talk to servers share these threads, and have clocks to keep.
    @Test(
        "a bare issue and a full one, in every kind of message and every language", .serialized,
        arguments: types)
    func languages(type: String) async throws {
        for language in Language.allCases {
            for extent in [Extent.bare, .usual] {
                let all = try kinds(
                    extent, title: "Senescence in Cancer", url: "https://www.mdpi.com/si/212097",
                    language: language)
                for (index, message) in all.enumerated() {
                    await Task.yield()
                    for isPlain in index % 3 == 0 ? [false, true] : [false] {
                        let found = try broken(type, message, isPlain: isPlain)
                        #expect(found == "", "\(language), kind \(index)")
                    }
                }
            }
        }
    }

    private static let hostileURLs: [String?] = [
        nil, "https://x.org/\"onclick=x\" y", "https://x.org/ a b", "javascript:alert(1)//https://x.org/",
        "https://x.org/?q=<users/all>&x=|)*_`", "https://bank.org@evil.org/",
        "https://x.org/" + String(repeating: "x", count: 1980), "http://intranet/call",
    ]
    private static let longTitles = [
        String(repeating: "@here <!channel> <users/all> ", count: 3500),
        "Z" + String(repeating: "\u{351}", count: 10_000), String(repeating: "漢", count: 34_000),
    ]

    @Test(
        "whatever a title, an address or words of the channel's own hold, in every kind of message",
        .serialized, .timeLimit(.minutes(30)), arguments: types)
    func hostile(type: String) async throws {
        let template = try MessageTemplate([
            .headline: "{{title}}", .title: "{{title}}", .text: "{{title}} {{title}}",
        ])
        for (number, title) in (hostileTitles + ServiceRulesTests.longTitles).enumerated() {
            let url = ServiceRulesTests.hostileURLs[number % ServiceRulesTests.hostileURLs.count]
            let language = Language.allCases[number % Language.allCases.count]
            let extent = title.utf8.count > 10_000 ? Extent.usual : .hostile
            let all = try kinds(extent, title: title, url: url, language: language)
            // Each title in some of the kinds: all of them meet every kind of title.
            for (index, sample) in all.enumerated() where title.isEmpty || (index + number) % 5 == 0 {
                await Task.yield()
                var message = sample
                message.template = template
                if number % 2 == 0 { message.links = doneLinks() }
                let found = try broken(type, message, isPlain: number % 3 == 0)
                #expect(found == "", "title \(number), kind \(index)")
            }
        }
    }

    @Test("the rules find what they are there for")
    func rules() throws {
        let mention: JSON = .object([
            "text": "<!channel>", "attachments": [.object(["color": "red", "blocks": []])],
        ])
        #expect(Rules.broken("slack", mention, size: 1) == ["/text holds <!channel", "no colour red"])
        let html: JSON = .object(["chat_id": 1, "parse_mode": "HTML", "text": "<b>a<i>b</b>&c"])
        #expect(Rules.broken("telegram", html, size: 1).count == 4)
        let alert: JSON = [.object(["labels": .object(["days-left": 3]), "annotations": .object([])])]
        #expect(Rules.broken("alertmanager", alert, size: 1).count > 3)
        let event: JSON = .object(["specversion": "1", "Type": "x"])
        #expect(Rules.broken("cloudevents", event, size: 1).count == 6)
    }

    @Test(
        "no fact is left out where a service shows facts one by one",
        arguments: ["slack", "discord", "teams", "google-chat", "mattermost", "rocketchat", "feishu"])
    func facts(type: String) throws {
        let message = try message(
            kind: .moved(from: try instant("2025-07-01T00:00:00Z")), url: "ftp://x.org/",
            subject: .target(of: "submission"), firmness: .firm)
        #expect(message.facts.count == 11)
        let shown = texts(try body(type, message)).map(\.text).joined(separator: "\n")
        for fact in message.facts { #expect(shown.contains(fact.name), "\(fact.name)") }
        #expect(shown.contains("MDPI") && shown.contains("ijms"))
    }

    @Test("Slack says that a message is late and perhaps a repeat, whatever the channel's own words")
    func remarks() throws {
        var message = try message(now: "2025-08-15T10:30:00Z", isPossibleRepeat: true)
        message.template = try MessageTemplate([.text: String(repeating: "word ", count: 300)])
        let elements = try body("slack", message)["attachments/0/blocks/2/elements"]
        #expect(elements?["0/text"]?.text == "This message is 2 days 3 hours late.")
        #expect(elements?["1/text"]?.text == "Possible repeat: an earlier attempt may have arrived.")
        #expect(elements?["2/text"]?.text?.hasSuffix("word word") == true && elements?.count == 3)
    }

    @Test(
        "an alert is told to its end in every language, however long its reason, where a title is short too",
        .serialized, arguments: types.filter { !typesForPrograms.contains($0) && $0 != "email" })
    func alert(type: String) async throws {
        let reason = "HTTP 404: " + String(repeating: "reason ", count: 100)
        for language in Language.allCases {
            await Task.yield()
            var message = try alert(.disabled(channel: "lab", reason: reason), language)
            for isPlain in [false, true] {
                message.isPlain = isPlain
                let shown = texts(try body(type, message)).map(\.text)
                #expect(shown.contains { $0.contains("reason r") && $0.contains("deadlined resume lab") })
            }
            if type == "pushover" {
                #expect(try body(type, message)["title"]?.text == message.words.alert)
            }
        }
    }

    private func alert(_ alert: ServiceAlert, _ language: Language) throws -> Message {
        let sample = try message(kind: .alert(alert))
        return Message(
            kind: sample.kind, identity: sample.identity, issue: sample.issue, deadline: sample.deadline,
            due: sample.due, now: sample.now, isPossibleRepeat: false, zone: sample.zone, language: language)
    }

    @Test("an alert's sentences are its reader's language, and its facts are as they came")
    func alertWords() throws {
        let alerts: [(ServiceAlert, facts: [String])] = [
            (.disabled(channel: "lab", reason: "HTTP 404"), ["lab", "HTTP 404", "'deadlined resume lab'"]),
            (
                .gaveUp(channel: "lab", delivery: "a submission 7d lab", others: 3, reason: "HTTP 400"),
                ["lab", "a submission 7d lab", "3", "HTTP 400"]
            ),
            (.readdressed(channel: "lab", to: "-1001"), ["lab", "-1001"]),
            (
                .journalLost(reason: "it is empty", setAsideAs: "/j.db.damaged"),
                ["it is empty", "/j.db.damaged", "'deadlined plan --from DATE --until DATE'"]
            ),
        ]
        for (alert, facts) in alerts {
            let texts = try Language.allCases.map { try self.alert(alert, $0).title }
            #expect(Set(texts).count == Language.allCases.count)
            for text in texts { #expect(facts.allSatisfy(text.contains), "\(text)") }
        }
        #expect(
            try self.alert(.gaveUp(channel: "lab", delivery: "x", others: 0, reason: "r"), .german).title
                == "'lab' hat x nicht erhalten: r")
        #expect(try self.alert(.worded("as it\nwas"), .korean).title == "as it was")
    }

    @Test("an address too long to be followed is shown as text, up to its end's ellipsis")
    func longAddress() throws {
        let url = "https://x.org/" + String(repeating: "y", count: 1900)
        for type in ["pushover", "wecom", "webex"] {
            let shown = texts(try body(type, try message(url: url))).map(\.text).joined()
            #expect(shown.contains("Page: https") || shown.contains("Page: https\u{2060}"), "\(type)")
            #expect(shown.contains("yy…"), "\(type)")
        }
    }

    @Test("a digest begins with what it says, and counts no more lines where it shows none")
    func digest() throws {
        for digest in try lists() where digest.kind == .digest {
            for type in ["pushover", "ntfy", "gotify"] {
                let text = try #require(try body(type, digest)["message"]?.text)
                #expect(text.first?.isWhitespace == false, "\(type)")
            }
        }
        let digest = try #require(try lists().first { $0.digest?.moved.isEmpty == false })
        let line = try #require(digest.sections.first?.heading)
        #expect(
            line
                == "410 moved: Deadline extended, +30 days, Monday 21 July 2025 → Wednesday 20 August 2025, end of day, UTC+2"
        )
    }

    /// Notices of one instant: the first of two weeks more, each other one of a week less.
    private func notices(_ count: Int, _ language: Language = .english) throws -> Message {
        try several(count, language) { number, deadline in
            .moved(from: deadline + .days(number.isMultiple(of: 2) ? -14 : 7))
        }
    }

    private func several(
        _ count: Int, _ language: Language = .english, kind: (Int, Instant) -> Message.Kind
    ) throws -> Message {
        let sample = try message()
        func one(_ kind: Message.Kind, _ issue: SpecialIssue) -> Message {
            Message(
                kind: kind,
                identity: DeliveryIdentity(
                    issue: issue.id, milestone: "submission", deadline: sample.deadline.instant,
                    reminder: "x", channel: "lab"), issue: issue, deadline: sample.deadline, due: sample.due,
                now: sample.now, isPossibleRepeat: false, zone: sample.zone, language: language)
        }
        var several = one(.several, sample.issue)
        several.parts = (0..<count).map { number in
            var issue = sample.issue
            issue.id = "issue-\(number)"
            issue.title = "Title \(number)"
            return one(kind(number, sample.deadline.instant), issue)
        }
        return several
    }

    @Test("of dates that moved together each says which way, by how much, from when and to when")
    func movedTogether() throws {
        let message = try notices(3)
        #expect(message.headline == "3 dates moved" && message.urgency == .warning)
        let section = try #require(message.sections.first)
        #expect(section.line(0)?.lead == "Deadline extended, +14 days")
        #expect(
            section.line(0)?.detail
                == "(submission), Wednesday 6 August 2025 → Wednesday 20 August 2025, end of day, UTC+2")
        #expect(section.line(1)?.lead == "Deadline brought forward, −7 days")
        for type in types where !typesForPrograms.contains(type) && type != "email" {
            let shown = texts(try body(type, message)).map(\.text).joined(separator: "\n")
            #expect(shown.contains("3 dates moved") && shown.contains("Title 2"), "\(type)")
            #expect(shown.contains("7 days") && shown.contains("14 days"), "\(type)")
        }
    }

    @Test("what passed together says why it is told, and what is to be confirmed together since when")
    func passedTogether() throws {
        let passed = try several(4) { _, _ in .passed }
        #expect(passed.headline == "4 dates passed")
        #expect(passed.remarks == ["They passed while the service was down and reminders were owed."])
        let checked = try #require(CivilDate(year: 2025, month: 6, day: 14))
        let questions = try several(2) { _, _ in .confirm(checked: checked) }
        #expect(questions.summary.hasPrefix("Are these 2 dates still right? International"))
        #expect(questions.sections.first?.line(1)?.lead == "7 days left")
        #expect(
            questions.sections.first?.line(1)?.detail.hasSuffix("UTC+2, confirmed 60 days ago") == true)
        #expect(try several(1) { _, _ in .confirm(checked: checked) }.headline == "Is this date still right?")
    }

    @Test(
        "the date that many have in common is told whole, where there is little room too",
        arguments: types.filter { !typesForPrograms.contains($0) && $0 != "email" })
    func common(type: String) throws {
        let message = try several(400) { _, deadline in .moved(from: deadline + .days(30)) }
        let shown = texts(try body(type, message)).map(\.text).joined(separator: "\n")
        #expect(shown.contains("400 dates moved"))
        #expect(shown.contains("20 August 2025") && shown.contains("19 September 2025"))
        #expect(shown.contains("30 days"))
    }

    @Test("programs are told of each notice what it is", arguments: ["webhook", "cloudevents"])
    func events(type: String) throws {
        let json = try body(type, try notices(2))
        #expect(json["type"]?.text?.hasSuffix("deadline.notices") == true)
        #expect(json["data/notices"]?.count == 2 && json["data/reminders"] == nil)
        #expect(json["data/notices/1/type"] == "deadline.moved")
        #expect(json["data/notices/1/issue/id"] == "issue-1")
        #expect(json["data/notices/1/previous_deadline"] == "2025-08-27T22:00:00Z")
        #expect(json["data/notices/1/deadline"] == "2025-08-20T22:00:00Z")
        let many = try body(type, try notices(400))
        #expect(many["data/notices"]?.count == 30 && many["data/notices_count"] == 400)
        #expect(many["data/notices/29/previous_deadline"] != nil && many["data/cut"] == true)
        var worst = try notices(400)
        worst.parts = worst.parts.map { part in
            let quotes = String(repeating: "\"", count: 400)
            return Message(
                kind: part.kind,
                identity: DeliveryIdentity(
                    issue: quotes, milestone: String(quotes.prefix(100)), deadline: part.deadline.instant,
                    reminder: "x", channel: "lab"),
                issue: SpecialIssue(id: quotes, title: quotes, milestones: []), deadline: part.deadline,
                due: part.due, now: part.now, isPossibleRepeat: false, zone: part.zone)
        }
        #expect(try body(type, worst).bytes.count <= 20_000)
    }

    @Test("a digest's three lists share what fits, and each says how many it has", arguments: [410, 12, 3])
    func shared(count: Int) throws {
        let sample = try message(title: String(repeating: "\"", count: 400), .hostile)
        let milestone = Milestone(
            name: String(repeating: "\"", count: 100), written: "", deadline: sample.deadline, schedule: 0,
            channels: [])
        let item = Digest.Item(
            issue: sample.issue, milestone: milestone, deadline: sample.deadline,
            previous: sample.deadline.instant)
        let items = { (count: Int) in Array(repeating: item, count: count) }
        var message = try message(kind: .digest)
        message.digest = Digest(
            coming: items(410), moved: items(count), passed: items(410), until: CivilDate(days: 20_400))
        for type in ["webhook", "cloudevents"] {
            let request = try service(type).request(for: message, attempt: message.now)
            #expect(request.body.count <= 20_000, "\(type)")
            let data = try #require(try body(type, message)["data"])
            let moved = min(count, 10)
            #expect(data["moved"]?.count == moved)
            #expect((data["coming"]?.count ?? 0) + (data["passed"]?.count ?? 0) == 30 - moved)
            #expect(data["coming_count"] == 410 && data["passed_count"] == 410 && data["cut"] == true)
            #expect(data["moved_count"] == (count > 10 ? .number(Int64(count)) : nil))
        }
    }

    @Test("an alert's words are cut for programs too, and what is whole does not say that it is cut")
    func longAlert() throws {
        let long = String(repeating: "\"", count: 30_000)
        for type in ["webhook", "cloudevents"] {
            let cut = try body(type, try alert(.worded(long), .english))
            #expect(cut["data/text"]?.text?.hasSuffix("\"…") == true && cut["data/cut"] == true)
            #expect(cut.bytes.count < 20_000)
            let whole = try body(type, try alert(.disabled(channel: "lab", reason: "HTTP 404"), .french))
            #expect(whole["data/text"]?.text?.hasPrefix("'lab' a été désactivé\u{A0}: HTTP 404.") == true)
            #expect(whole["data/cut"] == nil)
        }
    }

    // MARK: Zulip and Mattermost

    @Test("Zulip, which knows no backslash, gets HTML's references, and shows the title as it is")
    func zulip() throws {
        let title = "*a* **b** `c` [d](http://e.org) $$f$$ ~~g~~ :tada: # h | i & j < k \\ _l_"
        let content = try #require(try body("zulip", try message(title: title))["content"]?.text)
        let line = content.split(separator: "\n")[1]
        let label = line.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }
        #expect(line.hasPrefix("**[") && line.hasSuffix("](https://www.mdpi.com/si/212097)**"))
        #expect(!label.contains { "*`[]()$~:|#<".contains($0) && $0 != "#" })
        #expect(!content.contains("\\*"))
        var read = String(label)
        for number in 33..<127 {
            guard let scalar = Unicode.Scalar(UInt32(number)) else { continue }
            read = read.replacing("&#\(number);", with: String(scalar))
        }
        #expect(read.replacing("&lt;", with: "<").replacing("&amp;", with: "&") == title)
    }

    @Test("Zulip's topic is the call's title and id, whatever words the channel has")
    func topic() throws {
        var message = try message()
        message.template = try MessageTemplate([.title: "{{days_left}} {{title}}"])
        #expect(
            try body("zulip", message)["topic"]
                == "Cellular Senescence as a Therapeutic Target i… (ijms-212097)"
        )
    }

    @Test("Mattermost shows no backslash where it reads no Markdown, and before no colon")
    func mattermost() throws {
        let attachment = try body("mattermost", try message(title: "*a* [b] :tada: \\"))["attachments/0"]
        #expect(attachment?["title"]?.text == "*a* [b] :tada: \\")
        #expect(attachment?["fallback"]?.text?.contains("*a* [b] :tada: \\") == true)
        #expect(attachment?["footer"]?.text == "deadlined · ijms-212097 · submission · 7d")
        let bare = try body("mattermost", try message(title: "*a* :tada:", .bare))["attachments/0"]
        #expect(bare?["title"]?.text == "\\*a\\* \u{2060}:\u{2060}tada\u{2060}:\u{2060}")
    }

    // MARK: Discord

    @Test("Discord is told the product's name and version in the form that it wants, and nobody else is")
    func userAgent() throws {
        let message = try message()
        for type in types {
            let headers = try service(type).request(for: message, attempt: message.now).headers
            let agent = headers.first { $0.name.lowercased() == "user-agent" }?.value.revealed
            #expect(agent == (type == "discord" ? "DiscordBot (deadlined, \(Product.version))" : nil))
        }
    }

    // MARK: Alertmanager

    @Test("an alert's severity is that of its message as of the due instant")
    func severity() throws {
        func severity(_ message: Message) throws -> String? {
            try body("alertmanager", message)["0/labels/severity"]?.text
        }
        #expect(try severity(try message()) == "warning")
        #expect(try severity(try message(deadline: "2025-08-13")) == "critical")
        #expect(try severity(try message(deadline: "2025-09-20")) == "info")
        #expect(try severity(try message(now: "2025-08-20T07:00:00Z")) == "warning")
        #expect(try severity(try message(kind: .passed, now: "2025-08-21T12:00:00Z")) == "critical")
        #expect(try severity(try message(kind: .alert(.worded("x")))) == "critical")
        #expect(try severity(try message(kind: .test)) == "info")
        #expect(try severity(try message(subject: .opening(of: "submission"))) == "info")
        var several = try message(kind: .several)
        several.parts = [try message(deadline: "2025-09-20"), try message(deadline: "2025-08-13")]
        #expect(try severity(several) == "critical")
    }

    // MARK: Mail

    /// The lines of a mail's head.
    private func head(_ message: Message, to: String = "ada@example.org") throws -> [Substring] {
        var values = settings("email", url: "", secrets: [], headers: [])
        values.texts["to"] = [to]
        let request = try Email(values).request(for: message, attempt: message.now)
        let text = String(decoding: request.body, as: UTF8.self)
        return text[..<(text.firstRange(of: "\r\n\r\n")?.lowerBound ?? text.endIndex)].split(
            separator: "\r\n")
    }

    @Test("a name is shown without its quotes, and no encoded line is longer than 76 characters")
    func names() throws {
        let plain = try head(try message(), to: "\"Ada, L.\" <ada@example.org>")
        #expect(plain.contains("To: =?UTF-8?B?\(Data("Ada, L.".utf8).base64EncodedString())?="))
        #expect(plain.contains(" <ada@example.org>"))
        #expect(try head(try message(), to: "Ada <ada@example.org>").contains("To: Ada <ada@example.org>"))
        #expect(try MailAddress("\"a \\\"b\\\" \\\\\" <a@b.org>").name == "a \"b\" \\")
        let long = try head(
            try message(title: String(repeating: "漢ü", count: 80)),
            to: String(repeating: "Ü", count: 60) + " <ada@example.org>")
        #expect(long.allSatisfy { !$0.contains("=?") || $0.utf8.count <= 76 })
        #expect(long.contains { $0.utf8.count > 70 })
    }

    @Test("all about one milestone is one conversation, digests are another, and tests and alerts are none")
    func threads() throws {
        func thread(_ kind: Message.Kind) throws -> Substring? {
            try head(try message(kind: kind)).first { $0.hasPrefix("References:") }
        }
        let reminder = try #require(try thread(.reminder))
        #expect(
            try thread(.passed) == reminder
                && thread(.moved(from: try instant("2025-07-01T00:00:00Z"))) == reminder)
        let digest = try #require(try thread(.digest))
        #expect(digest != reminder)
        #expect(try thread(.test) == nil && thread(.alert(.worded("x"))) == nil)
    }

    @Test("the colour of a mail's headline is that of its text, which is legible")
    func contrast() throws {
        let page = HTMLCard.page(try message())
        #expect(page.contains("border-left:6px solid #F9A825") && !page.contains(";color:#F9A825"))
        #expect(page.contains("<th scope=\"row\"") && !page.contains("role=\"presentation\""))
    }

    @Test("Google Chat says what an address is for that it does not link")
    func done() throws {
        var message = try message()
        message.links = doneLinks(at: "http://deadlines.lan")
        let shown = texts(try body("google-chat", message)).map(\.text)
        #expect(shown.contains { $0.hasPrefix("Submitted, stop reminding: http://deadlines.lan/done/") })
    }

    @Test(
        "the marks around a fact's name end where Markdown ends them, with or without a space after the colon"
    )
    func marks() throws {
        func text(_ language: Language) throws -> String? {
            let all = try kinds(
                .usual, title: "Senescence", url: "https://www.mdpi.com/si/212097", language: language)
            return try body("webex", all[0])["markdown"]?.text
        }
        #expect(try text(.english)?.contains("• **Journal:** International") == true)
        #expect(try text(.french)?.contains("• **Revue\u{A0}:** International") == true)
        #expect(try text(.chinese)?.contains("• **期刊**：International") == true)
    }
}
