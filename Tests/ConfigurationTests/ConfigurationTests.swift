import Configuration
import Foundation
import Messages
import Schedule
import Testing

/// Reads a configuration from texts; zones are the system's.
func read(
    _ files: [String: String], environment: [String: String] = [:], now: String = "2025-01-01T00:00:00Z",
    accepted: [String: [UInt8]]? = nil, path: String = "/etc/x", hasCalls: Bool = true
) -> Configuration.Reading {
    let system = FileSystem.system
    let inMemory = FileSystem(
        read: { path throws(Fault) in
            if let text = files[String(path.dropFirst("/etc/x/".count))], path.hasPrefix("/etc/x/") {
                return FileSystem.File(bytes: Array(text.utf8), isReadableByAll: false)
            }
            if path.hasPrefix("/usr/share/zoneinfo/") { return try system.read(path) }
            throw Fault("cannot be read: No such file or directory")
        },
        matches: { pattern in
            guard let star = pattern.firstIndex(of: "*") else {
                return files["\(pattern.dropFirst(7))"] == nil ? [] : [pattern]
            }
            return files.keys.map { "/etc/x/\($0)" }.filter {
                $0.hasPrefix(pattern[..<star]) && $0.hasSuffix(pattern[pattern.index(after: star)...])
            }.sorted()
        },
        environment: { environment[$0] },
        isDirectory: { $0 == "/etc/x" || hasCalls && $0 == "/etc/x/issues.d" })
    let instant = (try? Instant(rfc3339: now)) ?? .distantPast
    return Configuration.read(path: path, files: inMemory, now: instant, accepted: accepted)
}

let main = """
    defaults: {timezone: Europe/Zurich, channels: [lab]}
    channels:
      lab: {type: slack, url: http://127.0.0.1:8008/services/x, allow_networks: 127.0.0.1}

    """

@Suite("Configuration")
struct ConfigurationTests {
    private func findings(_ files: [String: String], environment: [String: String] = [:]) -> [String] {
        read(files, environment: environment).diagnostics.map(\.description)
    }

    @Test("the directory's name may hold what is a pattern elsewhere, and files a byte-order mark")
    func oddPlaces() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "we*ird [x] \\b \(UUID().uuidString)")
        let calls = directory.appendingPathComponent("issues.d")
        try FileManager.default.createDirectory(at: calls, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in [
            ("deadlined.yaml", main), ("issues.d/a.yaml", "- {id: a, title: T, deadline: 2125-08-20}\n"),
        ] {
            try Data("\u{FEFF}\(text)".utf8).write(to: directory.appendingPathComponent(name))
        }
        let reading = Configuration.read(path: directory.path, files: .system, now: .distantPast)
        #expect(reading.diagnostics.isEmpty && reading.issueCount == 1)
    }

    @Test("a FIFO among the files is an error, and nobody waits for it")
    func fifo() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(throws: Fault.self) { try FileSystem.system.read(path) }
    }

    @Test("the page's public address is an https one that no chat's markup ends in, and short")
    func publicURL() throws {
        func page(_ url: String) -> Configuration.Reading {
            read(["deadlined.yaml": main + "page: {port: 8125, public_url: \"\(url)\"}\n"])
        }
        for (url, base) in [
            ("https://x.org/", "https://x.org"), ("https://x.org/a)b*c/", "https://x.org/a%29b%2Ac"),
            ("http://127.0.0.1:8125", "http://127.0.0.1:8125"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            #expect(page(url).configuration?.page?.publicURL == base)
        }
        for url in [
            "http://x.org", "https://x.org/?a", "https://x.org/" + String(repeating: "a", count: 100),
        ] {
            #expect(page(url).configuration == nil)
            #expect(page(url).diagnostics.contains { "\($0)".contains("public_url") })
        }
    }

    @Test("the sample is right, and holds every fact of the call")
    func sample() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let reading = Configuration.read(
            path: root.appendingPathComponent("Config").path, files: .system, now: .distantPast)
        #expect(reading.diagnostics.isEmpty)
        let issue = try #require(reading.configuration?.agenda.issues.first)
        #expect(issue.id == "ijms-212097")
        #expect(issue.title.hasPrefix("Cellular Senescence as a Therapeutic Target in Cancer: "))
        #expect(issue.guestEditors.first?.name == "Dr. Mi Kyung Park")
        #expect(issue.guestEditors.first?.affiliations.count == 2)
        #expect(issue.metrics.map(\.name) == ["Impact Factor", "CiteScore", "Indexed in"])
        #expect(issue.contact == "ijms@mdpi.com")
        #expect(issue.milestones.first?.deadline?.instant.description == "2025-08-20T22:00:00Z")
    }

    @Test("scalars are the text that stands in the file")
    func scalarsAreText() throws {
        let reading = read([
            "deadlined.yaml": main,
            "issues.d/a.yaml":
                "{id: no, title: 12:30, journal: 1e3, publisher: ~, contact: 0x10, deadline: 2025-08-20, tags: [yes, null]}",
        ])
        let issue = try #require(reading.configuration?.agenda.issues.first)
        #expect(
            [issue.id, issue.title, issue.journal, issue.publisher, issue.contact] == [
                "no", "12:30", "1e3", "~", "0x10",
            ])
        #expect(issue.tags == ["yes", "null"])
    }

    @Test("all errors of all files come in one run, each with its place and what would be right")
    func allErrors() {
        #expect(
            findings([
                "deadlined.yaml": """
                defaults:
                  timezone: Europe/Zurch
                  chanels: [lab]
                channels:
                  lab: {type: slak, url: x}
                """,
                "issues.d/a.yaml":
                    "- {id: a, title: A, deadline: 2025-02-30}\n- {id: b, titel: B, deadline: TBA}\n",
                "issues.d/b.yaml": "id: c\ntitle: x: y\n",
                "issues.d/c.yaml": "id: d\ntitle: D\ndeadline: 2025-08-20\ntimezone: CET+1\n",
            ]) == [
                "deadlined.yaml:2:13: error: unknown zone 'Europe/Zurch' (did you mean 'Europe/Zurich'?)",
                "deadlined.yaml:3:3: error: unknown key 'chanels' in 'defaults' (did you mean 'channels'?)",
                "deadlined.yaml:5:15: error: unknown type of channel 'slak' (did you mean 'slack'?)",
                "issues.d/a.yaml:1:31: error: there is no 30 February 2025 (February 2025 has 28 days)",
                "issues.d/a.yaml:2:3: error: a special issue has no 'title' (copy it from the call)",
                "issues.d/a.yaml:2:11: error: unknown key 'titel' in a special issue (did you mean 'title'?)",
                "issues.d/b.yaml:2:9: error: this is no YAML: mapping values are not allowed in this context "
                    + "(put a text that holds ': ' between quotation marks, or check the indentation)",
                "issues.d/c.yaml:4:11: error: unknown zone 'CET+1' (write an IANA name like Europe/Zurich, UTC, UTC+8 or AoE)",
            ])
    }

    @Test(
        "what is no configuration is one clear error",
        arguments: [
            ("", "deadlined.yaml: error: is empty (copy the sample that 'deadlined init' writes)"),
            (
                "- a\n",
                "deadlined.yaml:1:1: error: the configuration is no mapping (write 'key: value' lines)"
            ),
            (
                "a: [",
                "deadlined.yaml:2:1: error: this is no YAML: did not find expected node content while parsing a flow node, which begins in line 2"
            ),
            (
                "a: &x 1\nb: *x\n",
                "deadlined.yaml:2:4: error: aliases (*name) are not read (write the value out)"
            ),
            (
                "defaults: {timezone: UTC}\n---\nb: 1\n",
                "deadlined.yaml:2:1: error: a second document begins here (put everything into one list)"
            ),
        ])
    func noConfiguration(text: String, finding: String) {
        #expect(findings(["deadlined.yaml": text]).contains(finding))
    }

    @Test("a missing main file is one clear error")
    func missing() {
        #expect(
            findings([:]) == [
                "/etc/x/deadlined.yaml: error: cannot be read: No such file or directory ('deadlined init DIRECTORY' writes one to start from, and --config names it)"
            ])
    }

    @Test(
        "an include that matches nothing is told with its place, as an error where its directory is not there",
        arguments: [
            (
                "[isues.d/*.yaml]",
                "1:11: error: includes 'isues.d/*.yaml', which lies in a directory that does not exist (make it, or name the right one)"
            ),
            (
                "isues.d/*/a.yaml",
                "1:10: error: includes 'isues.d/*/a.yaml', which lies in a directory that does not exist (make it, or name the right one)"
            ),
            (
                "[issues.d/*.yml]",
                "1:11: warning: includes 'issues.d/*.yml', which matches no file (put a file of special issues there, or name the right pattern)"
            ),
            (
                "[issues.d/a.yml]",
                "1:11: error: includes 'issues.d/a.yml', which does not exist (create it or leave it out)"
            ),
        ])
    func includes(list: String, finding: String) {
        #expect(
            findings(["deadlined.yaml": "include: \(list)\n" + main]) == ["deadlined.yaml:\(finding)"])
    }

    @Test("before the first call, issues.d is empty, whoever has named it")
    func noCallYet() {
        for include in ["", "include: [issues.d/*.yaml]\n"] {
            let reading = read(["deadlined.yaml": include + main])
            #expect(reading.configuration != nil && reading.diagnostics.isEmpty)
        }
    }

    @Test("without a word about it, issues.d need not have been made, and that is told")
    func noCalls() {
        let reading = read(["deadlined.yaml": main], hasCalls: false)
        #expect(reading.configuration != nil)
        #expect(
            reading.diagnostics.map(\.description) == [
                "deadlined.yaml: warning: includes 'issues.d/*.yaml', which lies in a directory that does not exist (make it, or name the right one)"
            ])
    }

    @Test("what stands in a file cannot write to a terminal, begin a line or fill a screen")
    func hostileText() {
        let long = String(repeating: "x", count: 10_000)
        let found = findings([
            "deadlined.yaml": main,
            "issues.d/a.yaml":
                "- {id: a, title: A, deadline: TBA, state: \"op\\e]0;pwn\\aen\\nfake.yaml:1:1: error: second\"}\n"
                + "- {id: b, title: B, deadline: \(long)}\n",
        ])
        #expect(
            found.first?.contains("'op]0;pwnen fake.yaml:1:1: error: second' is no state") == true, "\(found)"
        )
        #expect(found.count == 2 && found.allSatisfy { $0.utf16.count < 1300 }, "\(found)")
        #expect(found.joined().unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }

    @Test(
        "a value that is wrong is not called missing, too",
        arguments: [
            ("page: {port: 0}", "", "'0' is no port"),
            ("page: {}", "", "'page' has no 'port'"),
            (
                "  b: {type: slack, url: http://127.0.0.1/y, digest: {every: weekly}}", "",
                "'weekly' says no days"
            ),
            ("", "{id: a, title: [A], deadline: TBA}", "'title' is no text"),
            (
                "", "{id: a, title: A, milestones: [{name: '', deadline: TBA}]}",
                "a milestone's name is empty"
            ),
            (
                "", "{id: a, title: A, deadline: TBA, guest_editors: [{name: []}]}",
                "a guest editor's name is no text"
            ),
        ])
    func wrongAndNotMissing(section: String, issue: String, finding: String) {
        let found = findings([
            "deadlined.yaml": main + section + "\n",
            "issues.d/a.yaml": issue.isEmpty ? "[]" : issue,
        ])
        #expect(found.count == 1 && found[0].contains(finding), "\(found)")
    }

    @Test("allow_http takes hosts alone, and says which one is meant")
    func allowedHosts() {
        for (text, host) in [
            ("http://x.org", "x.org"), ("x.org:8080", "x.org"), ("x.org/hook", "x.org"), ("\"[::1]\"", "::1"),
        ] {
            let found = findings(["deadlined.yaml": "allow_http: [\(text)]\n" + main])
            #expect(found.count == 1 && found[0].hasPrefix("deadlined.yaml:1:14: error"), "\(found)")
            #expect(found.first?.contains("is no host (write the host alone, \(host))") == true, "\(found)")
        }
        #expect(findings(["deadlined.yaml": "allow_http: [X.org, \"::1\", 10.0.0.1]\n" + main]).isEmpty)
    }

    @Test("an id stands for one issue, and a second one says where the first is")
    func duplicateIds() {
        let found = findings([
            "deadlined.yaml": main,
            "issues.d/a.yaml": "{id: a, title: A, deadline: 2025-08-20, url: https://x.org/1}\n",
            "issues.d/b.yaml":
                "- {id: a, title: B, deadline: 2025-08-20}\n- {id: c, title: C, deadline: TBA, url: https://x.org/1}",
        ])
        #expect(
            found == [
                "issues.d/b.yaml:1:8: error: the id 'a' is taken in issues.d/a.yaml:1 (give each special issue an id of its own)",
                "issues.d/b.yaml:2:41: warning: the same url stands in issues.d/a.yaml:1 (is it the same call twice?)",
            ])
    }

    @Test("deadlines of the past, keys that stand twice and unreached channels are told")
    func warnings() {
        let found = read(
            [
                "deadlined.yaml": main
                    + "  office: {type: slack, url: http://127.0.0.1/y, allow_networks: 127.0.0.1}\n",
                "issues.d/a.yaml": "id: a\ntitle: A\ndeadline: 2025-08-20\n",
            ], now: "2026-01-01T00:00:00Z"
        ).diagnostics.map(\.description)
        #expect(
            found == [
                "issues.d/a.yaml:3:11: warning: the deadline passed on 2025-08-20 (remove it when nobody needs it any more)",
                "deadlined.yaml: warning: no special issue reaches the channel 'office' (name it in 'channels' of an issue, in 'defaults' or in a route)",
            ])
        #expect(
            findings(["deadlined.yaml": main, "issues.d/a.yaml": "id: a\nid: b\ntitle: A\ndeadline: TBA\n"])
                == [
                    "issues.d/a.yaml:2:1: error: 'id' stands here a second time (keep one of them)"
                ])
    }

    @Test("milestones have zones, schedules and channels of their own; routes add channels")
    func milestonesAndRoutes() throws {
        let reading = read([
            "deadlined.yaml": main + """
                  office: {type: slack, url: http://127.0.0.1/y, allow_networks: 127.0.0.1, timezone: Asia/Seoul, at: "10:00"}
                  tools: {type: webhook, url: "http://[::1]:9/z", allow_networks: "::1"}
                schedules: {standard: [7d], late: [1d, 0d]}
                routes:
                  - match: {publisher: MDPI, tags: [oncology]}
                    channels: [office]
                """,
            "issues.d/a.yaml": """
            id: a
            title: A
            publisher: MDPI
            tags: [x, oncology]
            timezone: UTC
            milestones:
              - {name: abstract, deadline: 2025-06-30, schedule: late, channels: tools}
              - {name: full paper, deadline: 2025-07-31, timezone: AoE}
            """,
        ])
        #expect(reading.diagnostics.map(\.description) == [])
        let agenda = try #require(reading.configuration?.agenda)
        let milestones = agenda.issues[0].milestones
        #expect(milestones.map(\.name) == ["abstract", "full paper"])
        #expect(
            milestones.map { $0.channels.map { agenda.channels[$0].name } } == [
                ["tools"], ["lab", "office"],
            ])
        #expect(milestones.map { agenda.schedules[$0.schedule].name } == ["late", "standard"])
        #expect(
            milestones.map { $0.deadline?.instant.description } == [
                "2025-07-01T00:00:00Z", "2025-08-01T12:00:00Z",
            ])
        #expect(agenda.channels[1].audience.zone.name == "Asia/Seoul")
    }

    @Test("plain http is for this machine and for hosts that are named")
    func plainHTTP() {
        let text = "defaults: {timezone: UTC}\nchannels:\n  a: {type: slack, url: http://chat.lab/x}\n"
        #expect(
            findings(["deadlined.yaml": text]) == [
                "deadlined.yaml:3:25: error: the URL is http: anyone on the way could read it and post to it (use https, or list the host in 'allow_http')"
            ])
        #expect(findings(["deadlined.yaml": "allow_http: [chat.lab]\n" + text]).isEmpty)
        for url in [
            "https://u:p@x.org/", "ftp://x", "https://", "https://x y/", "https://x.org:0/",
            "https://x.org:99999/",
        ] {
            let found = findings([
                "deadlined.yaml":
                    "defaults: {timezone: UTC}\nchannels:\n  a: {type: slack, url: \"\(url)\"}\n"
            ])
            #expect(found.count == 1 && !found[0].contains(url), "\(found)")
        }
    }
}

@Suite("Secrets")
struct SecretTests {
    private let channel = "defaults: {timezone: UTC}\nchannels:\n  a: {type: webhook, url: "

    @Test(
        "a secret comes from a credential, a file or the environment",
        arguments: [
            ("{credential: hook}", ["CREDENTIALS_DIRECTORY": "/etc/x/run"]),
            ("{credential: other}", ["CREDENTIALS_DIRECTORY": "/etc/x/run"]),
            ("{credential: hook}", [:]), ("{file: hook.txt}", [:]), ("{file: /etc/x/hook.txt}", [:]),
            ("{env: HOOK}", ["HOOK": "https://x.org/s3cret"]),
        ])
    func sources(source: String, environment: [String: String]) throws {
        // As editors write it.
        let url = "\u{FEFF}https://x.org/s3cret \n"
        let reading = read(
            [
                "deadlined.yaml": channel + source + "}\n", "run/hook": url, "run/deadlined_other": url,
                "credentials/hook": url,
                "hook.txt": url,
            ], environment: environment)
        #expect(reading.diagnostics.isEmpty)
        let configuration = try #require(reading.configuration)
        #expect(!"\(configuration)".contains("s3cret"))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }

    @Test(
        "a missing secret is an error that says where it was looked for",
        arguments: [
            ("{credential: none}", "/etc/x/credentials/none cannot be read: No such file or directory"),
            ("{env: NONE}", "the environment has no 'NONE'"),
            ("{file: none}", "/etc/x/none cannot be read"),
            ("{credential: ../x}", "'../x' is no name of a credential"),
            ("{file: empty}", "/etc/x/empty is empty"), ("{env: A, file: b}", "has several sources"),
            ("{credentail: x}", "did you mean 'credential'?"), ("{file: two}", "holds more than one line"),
        ])
    func missing(source: String, message: String) {
        let reading = read(["deadlined.yaml": channel + source + "}\n", "empty": "\n", "two": "a\nb\n"])
        #expect(reading.configuration == nil)
        #expect(reading.diagnostics.contains { $0.description.contains(message) }, "\(reading.diagnostics)")
    }

    @Test("an include that reaches the main file by another way shows none of its lines")
    func mainFileIncluded() {
        let text = "include: [./*.yaml]\n" + channel + "https://x.org/s3cret}\n"
        let reading = read(["deadlined.yaml": text, "./deadlined.yaml": text])
        #expect(reading.configuration == nil)
        #expect(!reading.diagnostics.contains { ($0.excerpt ?? "").contains("s3cret") })
    }

    @Test(
        "a secret in the place of its name is not repeated",
        arguments: [
            "{credential: https://hooks.slack.com/services/T0/B0/XYZs3cret}",
            "{file: https://hooks.slack.com/services/T0/B0/XYZs3cret}",
            "{file: /services/T0A1/B0c2/X4pYs3cretZ9qA1}",
            "{credential: /services/T0A1/B0c2/X4pYs3cretZ9qA1}",
            "{credential: xoxb-176536724810-198746983230-pdFZKVs3cretE8sk7oOcHrz}",
            "{env: xoxb-176536724810-198746983230-pdFZKVs3cretE8sk7oOcHrz}",
            "{credential: AKd8s3cretq2.x_P1aZ}",
        ])
    func insteadOfName(source: String) {
        let reading = read(["deadlined.yaml": channel + source + "}\n"])
        #expect(reading.configuration == nil)
        #expect(
            !reading.diagnostics.contains { "\($0) \($0.excerpt ?? "")".contains("s3cret") },
            "\(reading.diagnostics)")
        let type = "defaults: {timezone: UTC}\nchannels: {a: {type: https://x.org/s3cret}}\n"
        #expect(
            read(["deadlined.yaml": type]).diagnostics.map(\.description).contains {
                $0.contains("'https://…'")
            })
    }

    @Test("a copy of the main file, or a part of it, among the calls shows no line with a secret")
    func copied() {
        let sections = [
            "defaults: {timezone: UTC}\nchannels: {a: {type: slack, url: https://x.org/s3cret}}\n",
            "channels:\n  a: {type: slack, url: https://x.org/s3cret}\n",
        ]
        for text in sections {
            let reading = read(["deadlined.yaml": main, "issues.d/a.yaml": text])
            #expect(reading.configuration == nil)
            #expect(!reading.diagnostics.contains { "\($0) \($0.excerpt ?? "")".contains("s3cret") })
        }
        let call = read(["deadlined.yaml": main, "issues.d/a.yaml": "id: a\nchannels: [lap]\ndeadline: 1\n"])
        #expect(call.diagnostics.contains { $0.excerpt == "channels: [lap]" })
    }

    @Test("no diagnostic shows a secret's text or its line")
    func neverShown() {
        for line in [
            "url: https://s3cret@x.org/", "url: s3cret", "url: [s3cret]", "uri: https://x.org/s3cret",
            "url: https://x.org/s3cret: x: y", "url:https://x.org/s3cret", "token:s3cret",
            "language: xx\r    url: https://x.org/s3cret", "headers: {Authorization:s3cret}",
        ] {
            let reading = read([
                "deadlined.yaml": "defaults: {timezone: UTC}\nchannels:\n  a:\n    type: slack\n    \(line)\n"
            ])
            #expect(reading.configuration == nil)
            for diagnostic in reading.diagnostics {
                #expect(
                    !diagnostic.description.contains("s3cret")
                        && !(diagnostic.excerpt ?? "").contains("s3cret"), "\(diagnostic)")
            }
        }
    }
}
