import Messages
import Schedule
import Testing

@Suite("Words")
struct WordsTests {
    @Test(
        "days are counted on the deadline's own calendar",
        arguments: [
            ("2025-08-05T07:00:00Z", "15 days left"), ("2025-08-13T07:00:00Z", "7 days left"),
            ("2025-08-18T21:59:59Z", "2 days left"), ("2025-08-18T22:00:00Z", "1 day left"),
            ("2025-08-20T07:00:00Z", "Today"), ("2025-08-20T21:59:59Z", "Today"),
            ("2025-08-20T22:00:00Z", "Passed 1 day ago"), ("2025-08-22T23:00:00Z", "Passed 3 days ago"),
        ])
    func countdown(now: String, words: String) throws {
        #expect(try message(now: now).headline == words)
    }

    @Test(
        "a page is in the language that its reader's browser likes best",
        arguments: [
            ("", Language.english), ("ko-KR,ko;q=0.9,en-US;q=0.8", .korean),
            ("nl, fr;q=0.3, de;q=0.7", .german),
            ("zh-Hant-TW", .chinese), ("ja;q=0, es ; q=0.1", .spanish), ("DE", .german), ("*", .english),
            ("fr;q=many", .english), (",;,-;q=1", .english), ("nl", .english),
        ])
    func accepted(header: String, language: Language) {
        #expect(Language(accepted: header) == language)
    }

    @Test("every language says why a link does nothing in words of its own")
    func refusals() {
        let all = Language.allCases.flatMap { language in
            DoneRefusal.allCases.map { language.words.why($0) }
                + [
                    language.words.isItSubmitted, language.words.afterSubmission, language.words.markedAsDone,
                    language.words.afterMark, language.words.nothingChanged,
                ]
        }
        #expect(Set(all).count == all.count && !all.contains(where: Text.isBlank))
    }

    @Test("a deadline at an hour passes within its day")
    func hour() throws {
        #expect(
            try message(deadline: "2025-08-20 17:00", now: "2025-08-20T14:59:59Z").headline == "Today")
        #expect(
            try message(deadline: "2025-08-20 17:00", now: "2025-08-20T15:00:00Z").headline == "Passed today")
    }

    @Test(
        "a target and an opening are counted down as what they are",
        arguments: [
            ("2025-08-13T07:00:00Z", "7 days left to the target", "Opens in 7 days"),
            ("2025-08-20T07:00:00Z", "Target: today", "Opens today"),
            ("2025-08-21T07:00:00Z", "Target passed 1 day ago", "Opened 1 day ago"),
        ])
    func companions(now: String, target: String, opening: String) throws {
        let targetMessage = try message(now: now, subject: .target(of: "submission"), firmness: .firm)
        #expect(targetMessage.headline == target)
        #expect(targetMessage.facts.map(\.name).prefix(3) == ["Target", "Your time", "Deadline"])
        #expect(targetMessage.facts[2].value == "Monday 1 September 2025, end of day, UTC+2, firm")
        let openingMessage = try message(now: now, subject: .opening(of: "submission"))
        #expect(openingMessage.headline == opening)
        #expect(openingMessage.facts.first?.name == "Opens")
        #expect(openingMessage.urgency == .notice)
    }

    @Test("an opening begins its day, also where it moved from")
    func movedOpening() throws {
        let zone = try zone("Europe/Zurich")
        let moved = try message(
            kind: .moved(from: try instant("2025-08-31T22:00:00Z")), deadline: "2025-10-01 00:00", zone: zone,
            deadlineZone: zone, subject: .opening(of: "submission"))
        #expect(
            moved.facts.first { $0.name == "Before" }?.value
                == "Monday 1 September 2025, 00:00, Europe/Zurich")
        #expect(
            moved.facts(rendersTimes: true).first { $0.name == "Your time" }?.value
                == "Wednesday 1 October 2025, 00:00, Europe/Zurich")
        var digest = try message(kind: .digest, zone: zone, deadlineZone: zone)
        digest.digest = Digest(
            coming: [],
            moved: [
                Digest.Item(
                    issue: moved.issue, milestone: moved.issue.milestones[1], deadline: moved.deadline,
                    previous: try instant("2025-08-31T22:00:00Z"))
            ], passed: [], until: moved.deadline.date)
        let line = try #require(digest.sections.first?.line(0))
        #expect(line.detail.contains("Monday 1 September 2025 → Wednesday 1 October 2025"))
    }

    @Test("whether a deadline is firm stands beside it", arguments: Milestone.Firmness.allCases)
    func firmness(_ firmness: Milestone.Firmness) throws {
        let due = try #require(try message(firmness: firmness).facts.first)
        #expect(due.value == "submission, Wednesday 20 August 2025, end of day, UTC+2, \(firmness.rawValue)")
    }

    @Test(
        "a day of 23 or 25 hours is a day",
        arguments: [
            // Zurich's clocks go forward on 30 March 2025 and back on 26 October.
            ("2025-03-30", "2025-03-29T22:59:59Z", "1 day left"),
            ("2025-03-30", "2025-03-29T23:00:00Z", "Today"),
            ("2025-03-30", "2025-03-30T21:59:59Z", "Today"),
            ("2025-03-30", "2025-03-30T22:00:00Z", "Passed 1 day ago"),
            ("2025-10-26", "2025-10-25T22:00:00Z", "Today"), ("2025-10-26", "2025-10-26T22:59:59Z", "Today"),
            ("2025-10-26", "2025-10-26T23:00:00Z", "Passed 1 day ago"),
        ])
    func clockChanges(deadline: String, now: String, words: String) throws {
        #expect(
            try message(deadline: deadline, now: now, deadlineZone: try zone("Europe/Zurich")).headline
                == words)
    }

    @Test("Anywhere on Earth, the day lasts until noon UTC of the next, whatever the reader's calendar shows")
    func anywhere() throws {
        func headline(_ now: String) throws -> String {
            try message(now: now, zone: try zone("Asia/Seoul"), deadlineZone: .anywhereOnEarth).headline
        }
        #expect(try headline("2025-08-20T11:59:59Z") == "1 day left")
        #expect(try headline("2025-08-20T12:00:00Z") == "Today")
        #expect(try headline("2025-08-21T11:59:59Z") == "Today")
        #expect(try headline("2025-08-21T12:00:00Z") == "Passed 1 day ago")
        #expect(
            try message(deadlineZone: .anywhereOnEarth).facts.first?.value
                == "submission, Wednesday 20 August 2025, end of day, Anywhere on Earth")
    }

    @Test("the deadline is told in its own zone, and in the reader's where that differs")
    func zones() throws {
        let facts = try message().facts
        #expect(facts[0].value == "submission, Wednesday 20 August 2025, end of day, UTC+2")
        #expect(facts[1].name == "Your time")
        #expect(facts[1].value == "Thursday 21 August 2025, 07:00, UTC+9")
        let same = Zone(name: "Elsewhere", secondsEast: 7200)
        #expect(try message(zone: same).facts.map(\.name).contains("Your time") == false)
    }

    @Test("the first instant of a day is told as the end of the day before")
    func endOfDay() throws {
        let utc = try message(deadline: "2025-08-20 02:00", zone: .utc).facts
        #expect(utc[1].value == "Tuesday 19 August 2025, end of day, UTC")
        let moved = try message(kind: .moved(from: try instant("2025-06-30T22:00:00Z"))).facts
        #expect(moved.first { $0.name == "Before" }?.value == "Monday 30 June 2025, end of day, UTC+2")
        #expect(moved.first { $0.name == "Time left" }?.value == "7 days left")
    }

    @Test("a late message says how late it is, and a possible repeat says so")
    func remarks() throws {
        #expect(try message(now: "2025-08-13T07:00:59Z").remarks.isEmpty)
        #expect(
            try message(now: "2025-08-15T10:30:00Z", isPossibleRepeat: true).remarks == [
                "This message is 2 days 3 hours late.",
                "Possible repeat: an earlier attempt may have arrived.",
            ])
    }

    @Test("a moved deadline says which way")
    func moved() throws {
        #expect(
            try message(kind: .moved(from: try instant("2025-07-01T00:00:00Z"))).headline
                == "Deadline extended")
        #expect(
            try message(kind: .moved(from: try instant("2025-09-01T00:00:00Z"))).headline
                == "Deadline brought forward")
    }

    @Test("a deadline that moves earlier is urgent, however far off it is; one that moves later is not")
    func earlier() throws {
        let (earlier, later) = (try instant("2026-01-01T00:00:00Z"), try instant("2025-01-01T00:00:00Z"))
        func urgency(
            _ before: Instant, _ now: String, _ subject: Milestone.Kind = .deadline
        ) throws -> Urgency {
            try message(kind: .moved(from: before), now: now, subject: subject).urgency
        }
        #expect(try urgency(earlier, "2025-07-01T00:00:00Z") == .warning)
        #expect(try urgency(earlier, "2025-08-20T07:00:00Z") == .critical)
        #expect(try urgency(earlier, "2025-07-01T00:00:00Z", .target(of: "submission")) == .warning)
        #expect(try urgency(earlier, "2025-07-01T00:00:00Z", .opening(of: "submission")) == .notice)
        #expect(try urgency(later, "2025-07-01T00:00:00Z") == .ok)
        #expect(try urgency(later, "2025-08-13T07:00:00Z") == .soon)
    }

    @Test("every service shows that a deadline moved earlier as it shows a near one")
    func earlierShown() throws {
        let before = try instant("2026-01-01T00:00:00Z")
        let sample = try message(kind: .moved(from: before), now: "2025-07-01T00:00:00Z")
        func shown(_ type: String, _ path: String) throws -> JSON? { try body(type, sample)[path] }
        #expect(try shown("slack", "attachments/0/color") == "#EF6C00")
        #expect(try shown("discord", "embeds/0/color") == 0xEF6C00)
        #expect(try shown("feishu", "card/header/template") == "orange")
        #expect(try shown("ntfy", "priority") == 4)
        #expect(try shown("gotify", "priority") == 6)
        #expect(try shown("pushover", "priority") == "1")
        #expect(try shown("telegram", "text")?.text?.contains("🟠") == true)
    }

    @Test("an issue whose title shows nothing still has one, and empty facts are left out")
    func untitled() throws {
        for title in ["", "\u{0}\t", "\u{3000}\u{200B}", "\u{3164}\u{2060}\u{FE0F}"] {
            let message = try message(title: title, .hostile)
            #expect(message.title == "(untitled: ijms-212097)")
            #expect(message.facts.map(\.name) == ["Due", "Your time"])
        }
    }

    @Test(
        "urgency follows the days left",
        arguments: [
            ("2025-08-05T07:00:00Z", Urgency.ok), ("2025-08-06T07:00:00Z", .notice),
            ("2025-08-13T07:00:00Z", .soon),
            ("2025-08-17T07:00:00Z", .warning), ("2025-08-20T07:00:00Z", .critical),
            ("2025-08-29T07:00:00Z", .critical),
        ])
    func urgency(now: String, urgency: Urgency) throws {
        #expect(try message(now: now).urgency == urgency)
        #expect(try message(kind: .test, now: now).urgency == .ok)
    }

    @Test(
        "a link that a reader clicks is http or https to a host by name, and ends where it ends",
        arguments: [
            ("https://x.org/a b\"<>|)", "https://x.org/a%20b%22%3C%3E%7C%29"),
            ("https://x.org/ü?q=%20%zz", "https://x.org/%C3%BC?q=%20%25zz"),
            ("HTTP://X.org:8080/#a", "HTTP://X.org:8080/#a"),
            ("mdpi.com/si/212097", "https://mdpi.com/si/212097"), (" https://x.org\n", "https://x.org"),
            ("http://intranet/call", "http://intranet/call"), ("javascript:alert(1)", nil),
            ("data:text/html,x.y", nil), ("mailto:a@b.org", nil), ("https://bank.org@evil.org/", nil),
            ("TBA", nil),
            ("https://", nil), ("https:///x", nil), ("https://a b.org/", nil), ("https://x..org/", nil),
            ("https://x.org:99999/", nil), ("see the call.", nil), ("ftp://x.org/", nil), ("", nil),
        ] as [(String, String?)])
    func links(url: String, link: String?) throws {
        #expect(try message(url: url).link == link)
    }

    @Test("an address that no click should open is shown as text")
    func page() throws {
        let facts = try message(url: "ftp://x.org/").facts
        #expect(facts.last?.name == "Page" && facts.last?.value == "ftp://x.org/")
        #expect(try message().facts.last?.name == "Contact")
    }

    @Test("a move by whole days is told in days, whatever the clocks did between")
    func movedByDays() throws {
        func difference(_ previous: String, _ deadline: String) throws -> String? {
            try message(
                kind: .moved(from: try instant(previous)), deadline: deadline,
                deadlineZone: try zone("Europe/Zurich")
            ).facts.first { $0.name == "Moved by" }?.value
        }
        #expect(try difference("2025-08-20T22:00:00Z", "2025-11-20") == "+92 days")
        #expect(try difference("2025-11-20T23:00:00Z", "2025-08-20") == "−92 days")
        #expect(try difference("2025-08-20T22:00:00Z", "2025-11-20 17:00") == "+91 days 18 hours")
        #expect(try difference("2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z") == "+1 hour")
    }

    @Test("a question stands before the title without a colon")
    func question() throws {
        let message = try message(title: "Senescence", kind: .confirm(checked: CivilDate(days: 20_200)))
        #expect(message.summary == "Is this date still right? Senescence (submission)")
        #expect(try body("pushover", message)["title"] == "Is this date still right? Senescence")
    }

    // MARK: Languages

    struct Sentences: Sendable, CustomTestStringConvertible {
        let language: Language
        let reminder: String
        let editors: String
        let digest: String
        let late: String
        let moved: String
        var testDescription: String { language.rawValue }
    }

    static let golden = [
        Sentences(
            language: .english, reminder: "7 days left: Senescence (submission)",
            editors: "Ada, Bob and 3 more",
            digest: "1 to come until Thursday 21 August 2025, 2 passed",
            late: "This message is 2 hours late.",
            moved: "Deadline extended"),
        Sentences(
            language: .german, reminder: "Noch 7 Tage: Senescence (Einreichung)",
            editors: "Ada, Bob und 3 weitere",
            digest: "Bis Donnerstag, 21. August 2025 steht 1 bevor, 2 abgelaufen",
            late: "Diese Nachricht kommt 2 Stunden zu spät.", moved: "Frist verlängert"),
        Sentences(
            language: .french, reminder: "Encore 7 jours\u{A0}: Senescence (soumission)",
            editors: "Ada, Bob et 3 autres",
            digest: "1 à venir jusqu'au jeudi 21 août 2025, 2 passées",
            late: "Ce message a 2 heures de retard.", moved: "Échéance repoussée"),
        Sentences(
            language: .spanish, reminder: "Quedan 7 días: Senescence (envío)", editors: "Ada, Bob y 3 más",
            digest: "1 próximo hasta el jueves 21 de agosto de 2025, 2 vencidos",
            late: "Este mensaje llega con 2 horas de retraso.", moved: "Plazo ampliado"),
        Sentences(
            language: .chinese, reminder: "还剩 7 天：Senescence (投稿)", editors: "Ada、Bob，另有 3 位",
            digest: "截至 2025年8月21日 星期四，即将到期 1 项，已截止 2 项", late: "此消息迟到了 2 小时。",
            moved: "截止日期已延长"),
        Sentences(
            language: .japanese, reminder: "あと7日：Senescence (投稿)", editors: "Ada、Bobほか3名",
            digest: "2025年8月21日（木）までの予定1件、締め切り済み2件", late: "このメッセージは2時間遅れています。",
            moved: "締め切りが延長されました"),
        Sentences(
            language: .korean, reminder: "7일 남음: Senescence (제출)", editors: "Ada, Bob 외 3명",
            digest: "2025년 8월 21일 목요일까지 예정 1건, 지난 마감 2건", late: "이 메시지는 2시간 늦었습니다.",
            moved: "마감 연장"),
    ]

    @Test("each language has its own sentences", arguments: golden)
    func sentences(_ sentences: Sentences) throws {
        func message(_ kind: Message.Kind, now: String = "2025-08-13T07:00:00Z") throws -> Message {
            let sample = try MessagesTests.message(title: "Senescence", kind: kind, now: now)
            var issue = sample.issue
            issue.guestEditors = ["Ada", "Bob", "Cy", "Di", "Ed"].map { GuestEditor(name: $0) }
            return Message(
                kind: kind, identity: sample.identity, issue: issue, deadline: sample.deadline,
                due: sample.due, now: sample.now, isPossibleRepeat: false, zone: sample.zone,
                language: sentences.language)
        }
        let reminder = try message(.reminder)
        #expect(reminder.summary == sentences.reminder)
        #expect(reminder.facts.contains { $0.value == sentences.editors })
        #expect(try message(.reminder, now: "2025-08-13T09:00:00Z").remarks == [sentences.late])
        #expect(try message(.moved(from: try instant("2025-07-01T00:00:00Z"))).headline == sentences.moved)
        var digest = try message(.digest)
        let item = Digest.Item(
            issue: reminder.issue, milestone: reminder.issue.milestones[0], deadline: reminder.deadline)
        let until = try #require(CivilDate(year: 2025, month: 8, day: 21))
        digest.digest = Digest(coming: [item], moved: [], passed: [item, item], until: until)
        #expect(digest.title == sentences.digest)
    }

    @Test("every language has sentences here")
    func allLanguages() {
        #expect(WordsTests.golden.map(\.language) == Language.allCases)
    }
}
