import Configuration
import Messages
import Schedule
import Testing

@Suite("Channels and routes")
struct ChannelTests {
    private func main(_ rest: String, defaults: String = "channels: [lab]") -> [String: String] {
        [
            "deadlined.yaml": """
            defaults: {timezone: Europe/Zurich, \(defaults)}
            \(rest)
            """
        ]
    }

    private func findings(_ files: [String: String]) -> [String] {
        read(files).diagnostics.map(\.description)
    }

    private let lab = "  lab: {type: slack, url: https://hooks.slack.com/services/a/b/c"

    @Test("a channel has a language, a digest, a burst and words of its own")
    func settings() throws {
        let reading = read(
            main(
                """
                channels:
                \(lab), language: ko, burst: 5, digest: {every: "mon, thu at 08:30", ahead: 60d},
                    template: {headline: "{{days_left}} to go"}}
                """, defaults: "channels: [lab], confirm_after: 90d"))
        #expect(reading.diagnostics.allSatisfy { $0.severity == .warning })
        let agenda = try #require(reading.configuration?.agenda)
        #expect(agenda.confirmAfter == 90)
        let channel = agenda.channels[0]
        #expect(channel.language == .korean && channel.burst == 5 && channel.template != nil)
        #expect(
            channel.digest
                == DigestRule(every: try Recurrence("mon, thu at 08:30", otherwiseAt: .nine), ahead: 60))
    }

    @Test(
        "what is wrong with them is said where it stands",
        arguments: [
            ("language: xx", "'xx' is no language"), ("burst: 1", "'1' is no number of reminders"),
            ("digest: {ahead: 60d}", "'digest' has no 'every'"),
            ("digest: {every: never}", "'never' says no days"),
            ("digest: {every: mon, ahead: 60}", "'60' is no number of days"),
            ("template: {text: \"{{titel}}\"}", "did you mean 'title'?"),
            ("template: {text: \"{{#title}}\"}", "the usual words are sent"),
        ])
    func faults(key: String, message: String) {
        let found = findings(main("channels:\n\(lab), \(key)}"))
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test(
        "a secret is one line, wherever it stands: what an editor leaves behind it is no part of it",
        arguments: ["{env: T}", "\"AbC \\n\"", "|\n      AbC\n"])
    func trimmed(token: String) throws {
        let reading = read(
            main(
                "channels:\n  lab:\n    type: gotify\n    url: https://g.example.org\n    token: \(token)\n"),
            environment: ["T": "AbC\n"])
        let channel = try #require(reading.configuration?.agenda.channels.first)
        let deadline = try #require(Deadline(try DeadlineValue("2025-02-01"), zone: .utc))
        let message = Message(
            kind: .test,
            identity: DeliveryIdentity(
                issue: "", milestone: "", deadline: deadline.instant, reminder: "test", channel: "lab"),
            issue: SpecialIssue(id: "", title: "", milestones: []), deadline: deadline, due: deadline.instant,
            now: deadline.instant, isPossibleRepeat: false, zone: .utc)
        let headers = channel.service.request(for: message, attempt: deadline.instant).headers
        #expect(headers.contains { $0.value.revealed == "AbC" })
        let two = main("channels:\n  lab: {type: gotify, url: https://g.example.org, token: \"A\\nX: 1\"}\n")
        #expect(findings(two).first?.contains("'token' holds more than one line") == true)
    }

    @Test("no error shows what may be a secret")
    func hidden() {
        let colon = main("channels:\n  lab: {type: gotify, url: https://g.example.org, token hunter2}\n")
        #expect(findings(colon).contains { $0.contains("'token' of channel 'lab' (gotify) has no colon") })
        let nested = main(
            "channels:\n  lab: {type: gotify, url: https://g.example.org, token: {hunter2: x}}\n")
        for files in [colon, nested] {
            #expect(findings(files).allSatisfy { !$0.contains("hunter2") })
        }
        for calls in [
            "channels:\n  lab: {type: slack, url: https://hooks.example/hunter2\n  bot: {type: telegram, token: hunter2, chat_id: 1}\n",
            "channels:\n  lab:\n    type: slack\n    url: https://hooks.example/hunter2: x\n",
            "id: a\ntitle: A\ndeadline: 2025-02-01\nchannels:\n  - {type: telegram, token: hunter2}\n",
            "id: a\ntitle: A\ndeadline: 2025-02-01\ntoken: hunter2\n",
        ] {
            let found = read([
                "deadlined.yaml": self.main("channels:\n\(lab)}\n")["deadlined.yaml"] ?? "",
                "issues.d/a.yaml": calls,
            ]).diagnostics
            #expect(!found.isEmpty && found.allSatisfy { !($0.excerpt ?? "").contains("hunter2") })
        }
    }

    @Test("a reader who is named twice is told, and not two channels of one name")
    func twice() {
        let found = findings(
            main(
                """
                channels:
                  lab: {type: email, smtp: "smtps://mail.example.org", from: d@example.org, to: [b@y.org, B <b@y.org>]}
                """))
        #expect(found.first?.contains("channel 'lab' names 'b@y.org' twice") == true, "\(found)")
    }

    @Test("what would leave people without reminders is told")
    func silence() {
        let lab = "channels:\n\(lab)}\n"
        #expect(
            findings(main(lab + "routes:\n  - match: {tags: [x]}\n")).contains {
                $0.contains("a route has no 'channels'")
            })
        #expect(
            findings(main(lab + "schedules: {standard: []}\n")).contains {
                $0.contains("the schedule 'standard' is empty")
            })
        var files = main(lab)
        files["issues.d/b.yml"] = "id: b\ntitle: B\ndeadline: 2025-02-01\n"
        #expect(findings(files).contains { $0.contains("issues.d/b.yml: warning: is not read") })
        // Of a broken channel nothing more is to be said.
        files = main("channels:\n\(self.lab), at: x}\n")
        files["issues.d/a.yaml"] = "id: a\ntitle: A\ndeadline: 2025-02-01\n"
        #expect(findings(files).count == 1)
    }

    @Test("each reader of a mail channel is a channel, and all of them go by its name")
    func readers() throws {
        let files = main(
            """
            channels:
              lab: {type: email, smtp: "smtps://mail.example.org", from: d@example.org, to: [a@x.org, B <b@y.org>], fallback: ops/c@z.org}
              ops: {type: email, smtp: "smtps://mail.example.org", from: d@example.org, to: [c@z.org, d@z.org]}
            """)
        let agenda = try #require(read(files).configuration?.agenda)
        #expect(agenda.channels.map(\.name) == ["lab/a@x.org", "lab/b@y.org", "ops/c@z.org", "ops/d@z.org"])
        let wrong = main(
            """
            channels:
              lab: {type: email, smtp: "smtps://mail.example.org", from: d@example.org, to: a@x.org, fallback: ops}
              ops: {type: email, smtp: "smtps://mail.example.org", from: d@example.org, to: [c@z.org, d@z.org]}
            """)
        #expect(findings(wrong).contains { $0.contains("name one: ops/c@z.org, ops/d@z.org") })
    }

    @Test(
        "a mail that could say something else to a server is refused",
        arguments: [
            "to: \"a@x.org>\\r\\nRSET\"", "to: \"a b@x.org\"", "to: nobody", "to: \"a@x.org, b@y.org\"",
            "to: a@x.org, username: me", "to: a@x.org, smtp: \"https://mail.example.org\"",
        ])
    func mails(keys: String) {
        let smtp = keys.contains("smtp") ? "" : "smtp: \"smtps://mail.example.org\", "
        let found = findings(main("channels:\n  lab: {type: email, \(smtp)from: d@example.org, \(keys)}"))
        #expect(found.contains { $0.contains("error") }, "\(found)")
    }

    private let issues = """
        - id: a
          title: A
          journal: Nutrients
          guest_editors: [{name: Dr. Mi Kyung Park}]
          milestones: [{name: abstract, deadline: 2025-06-30}, {name: paper, deadline: 2025-08-20, target: 2025-08-10}]
        - {id: b, title: B, deadline: 2025-09-01}
        """

    @Test("routes match editors, milestones and the days left, each adding its channels")
    func routes() throws {
        var files = main(
            """
            channels:
            \(lab)}
              boss: {type: slack, url: https://hooks.slack.com/services/d/e/f}
              park: {type: slack, url: https://hooks.slack.com/services/g/h/i}
            routes:
              - {match: {milestone: paper, days_left: 3}, channels: [boss]}
              - {match: {editor: park}, channels: [park]}
            """)
        files["issues.d/x.yaml"] = issues
        let agenda = try #require(read(files).configuration?.agenda)
        let a = agenda.issues[0]
        #expect(a.milestones.map(\.name) == ["abstract", "paper", "paper target"])
        #expect(a.milestones.map(\.channels) == [[0, 2], [0, 1, 2], [0, 1, 2]])
        #expect(a.milestones.map(\.limits) == [[:], [1: 3], [1: 3]])
        #expect(agenda.issues[1].milestones[0].channels == [0])
        #expect(agenda.reminders(of: a.milestones[1], to: 1).map(\.rule.canonical) == ["3d", "1d", "0d"])
    }

    private let two = """
        channels:
          lab: {type: slack, url: https://hooks.slack.com/services/a/b/c}
          boss: {type: slack, url: https://hooks.slack.com/services/d/e/f}

        """

    @Test("names are matched in upper and lower case, ids as they are")
    func cases() throws {
        var files = main(
            two + """
                routes:
                  - match: {publisher: mdpi, journal: nutrients, tags: [CANCER], milestone: Submission}
                    channels: [boss]
                  - {match: {id: A}, channels: [boss]}
                """)
        files["issues.d/x.yaml"] = """
            - {id: a, title: A, deadline: 2025-08-20, publisher: MDPI, journal: Nutrients, tags: [Cancer]}
            - {id: b, title: B, deadline: 2025-09-20, publisher: MDPI, journal: Nutrients, tags: [other]}
            """
        let issues = try #require(read(files).configuration?.agenda.issues)
        #expect(issues.map { $0.milestones[0].channels } == [[0, 1], [0]])
    }

    @Test("an empty list of a route matches nothing by accident: it is a fault")
    func emptyList() {
        let found = findings(main(two + "routes: [{match: {tags: []}, channels: [boss]}]"))
        #expect(
            found.contains {
                $0.contains("'tags' of a route is empty") && $0.contains("leave 'tags' out")
            })
    }

    @Test("each channel of a milestone has the reason why it hears of it")
    func reasons() throws {
        var files = main(
            two + """
                routes:
                  - {match: {publisher: MDPI}, channels: [lab, boss]}
                """)
        files["issues.d/x.yaml"] = """
            - {id: a, title: A, deadline: 2025-08-20}
            - {id: b, title: B, deadline: 2025-09-20, publisher: MDPI}
            - {id: c, title: C, deadline: 2025-10-20, publisher: MDPI, channels: [boss]}
            - id: d
              title: D
              publisher: MDPI
              channels: [boss]
              milestones:
                - {name: abstract, deadline: 2025-06-30, channels: [lab], target: 2025-06-20}
                - {name: paper, deadline: 2025-08-20}
            """
        let configuration = try #require(read(files).configuration)
        let route = "the route in line 6: publisher MDPI"
        let own = "its own 'channels'"
        let expected: [[[String]]] = [
            [["'defaults'"]], [["'defaults'", route], [route]],
            [[route], ["the 'channels' of the special issue", route]],
            [[own], [route], ["the 'channels' of the special issue", route], [own]],
        ]
        for (issue, expected) in zip(configuration.agenda.issues, expected) {
            let found = issue.milestones.flatMap { milestone in
                milestone.channels.map {
                    configuration.reasons(for: $0, milestone: milestone, of: issue)
                }
            }
            #expect(
                found.sorted { $0.joined() < $1.joined() } == expected.sorted { $0.joined() < $1.joined() })
        }
    }
}
