import FoundationEssentials
import Messages
import Schedule
import Testing

/// Every text of a JSON value, with the path to it.
private func texts(_ json: JSON, path: String = "") -> [(path: String, text: String)] {
    switch json {
    case .string(let text): [(path, text)]
    case .array(let elements): elements.enumerated().flatMap { texts($1, path: "\(path)/\($0)") }
    case .object(let members): members.flatMap { texts($0.value, path: "\(path)/\($0.name)") }
    default: []
    }
}

/// Whether a text holds another byte for byte: an invisible character in between makes it another token.
private func has(_ text: String, _ token: String) -> Bool {
    !Array(text.utf8).ranges(of: Array(token.utf8)).isEmpty
}

private func body(_ service: any ChatService, _ message: Message) -> JSON {
    switch service.request(for: message, attempt: message.now).content {
    case .json(let json): json
    }
}

@Suite("Payloads")
struct PayloadTests {
    private func messages() throws -> [Message] {
        var messages: [Message] = []
        for title in hostileTitles {
            messages += [
                try message(title: title), try message(title: title, isFull: false), try message(url: title),
            ]
        }
        for kind in [
            Message.Kind.reminder, .moved(from: try instant("2025-07-01T00:00:00Z")), .passed, .test,
        ] {
            messages.append(try message(kind: kind, now: "2025-08-21T12:00:00Z", isPossibleRepeat: true))
        }
        return messages
    }

    @Test("no text but the webhook's, which a program reads, holds a control or direction character")
    func clean() throws {
        for service in try services() where !(service is Webhook) {
            for message in try messages() {
                for (path, text) in texts(body(service, message)) {
                    let bad = text.unicodeScalars.first {
                        $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value)
                            || (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
                    }
                    #expect(bad == nil, "\(path)")
                }
            }
        }
    }

    @Test("Slack: no live mention, and every block within its limit")
    func slack() throws {
        for message in try messages() {
            for (path, text) in texts(body(try services()[0], message)) {
                for token in ["<!", "<@", "<#"] { #expect(!has(text, token), "\(path)") }
                let limit =
                    path == "/text"
                    ? 4000 : path.hasSuffix("/url") ? 3000 : path.contains("/fields/") ? 2000 : 3000
                #expect(text.utf16.count <= limit, "\(path)")
                #expect(!text.isEmpty, "\(path)")
            }
        }
    }

    @Test("Discord: mentions are off, and every part and their sum within the limits")
    func discord() throws {
        for message in try messages() {
            let json = body(try services()[1], message)
            #expect(json.serialized.contains(#""allowed_mentions":{"parse":[]}"#))
            var sum = 0
            for (path, text) in texts(json) {
                let limit: Int
                switch path {
                case "/content": limit = 2000
                case "/embeds/0/title": limit = 256
                case "/embeds/0/description": limit = 4096
                case "/embeds/0/url": limit = 2048
                default: limit = path.hasSuffix("/value") ? 1024 : path.hasSuffix("/name") ? 256 : 2048
                }
                #expect(text.utf16.count <= limit && !text.isEmpty, "\(path)")
                if path.hasPrefix("/embeds"), !path.hasSuffix("/url"), !path.hasSuffix("/timestamp") {
                    sum += text.utf16.count
                }
            }
            #expect(sum <= 6000)
        }
    }

    @Test("Teams: no tag, no template, and the whole message within 20 KB")
    func teams() throws {
        for message in try messages() {
            let json = body(try services()[2], message)
            #expect(json.serialized.utf8.count <= 20_000)
            for (path, text) in texts(json) where !path.hasSuffix("/url") && !path.hasSuffix("schema") {
                for token in ["<at", "{{", "${"] { #expect(!has(text, token), "\(path)") }
            }
        }
    }

    @Test("the generic webhook says what its documentation says")
    func webhook() throws {
        let request = try services()[3].request(
            for: try message(isFull: false), attempt: try instant("2025-08-13T07:00:00Z"))
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"type":"deadline.reminder","timestamp":"2025-08-13T07:00:00Z","data":{"issue":{"id":"ijms-212097","title":"Cellular Senescence as a Therapeutic Target in Cancer","guest_editors":[],"tags":[]},"milestone":"submission","deadline":"2025-08-20T22:00:00Z","reminder":"7d","due":"2025-08-13T07:00:00Z","late_seconds":0,"possible_repeat":false,"channel":"lab"}}"#
        )
        let names = request.headers.map(\.name)
        #expect(names == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(request.headers[1].value.revealed == "1755068400")
    }

    @Test("a link that a reader clicks is http or https, and ends where it ends")
    func links() throws {
        #expect(try message(url: "javascript:alert(1)").link == nil)
        #expect(try message(url: "https://x.org/a b\"<>|)").link == "https://x.org/a%20b%22%3C%3E%7C%29")
        #expect(try message(url: "https://x.org/ü?q=%20").link == "https://x.org/%C3%BC?q=%20")
    }

    @Test("an untitled issue still has a title")
    func untitled() throws {
        #expect(try message(title: "\u{0}\t").title == "(untitled: ijms-212097)")
    }
}

@Suite("Words")
struct WordsTests {
    @Test(
        "days are counted on the deadline's own calendar",
        arguments: [
            ("2025-08-13T07:00:00Z", "7 days left"), ("2025-08-18T23:00:00Z", "1 day left"),
            ("2025-08-20T07:00:00Z", "Today"),
            ("2025-08-20T21:59:59Z", "Today"), ("2025-08-20T22:00:00Z", "Passed 1 day ago"),
            ("2025-08-22T23:00:00Z", "Passed 3 days ago"),
        ])
    func countdown(now: String, words: String) throws {
        #expect(try message(now: now).headline == words)
    }

    @Test("the deadline is told in its own zone, and in the reader's where that differs")
    func zones() throws {
        let facts = try message().facts
        #expect(facts[0].value == "submission, Wednesday 20 August 2025, end of day, UTC+2")
        #expect(facts[1].value == "Thursday 21 August 2025, 07:00, UTC+9")
        #expect(
            try message(zone: Zone(name: "UTC+2", secondsEast: 7200)).facts.map(\.name).contains("Your time")
                == false)
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
}

@Suite("Texts")
struct TextTests {
    @Test("a text is cut between graphemes, with the ellipsis inside the limit")
    func cut() {
        #expect(Text.cut("abcdef", to: 6, counting: .utf16) == "abcdef")
        #expect(Text.cut("abcdefg", to: 6, counting: .utf16) == "abcde…")
        #expect(Text.cut("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", to: 12, counting: .utf16) == "👨‍👩‍👧‍👦…")
        #expect(Text.cut("漢字仮名", to: 9, counting: .utf8) == "漢字…")
        #expect(
            Text.cut("Z" + String(repeating: "\u{351}", count: 100), to: 10, counting: .utf16).utf16.count
                == 10)
        #expect(Text.cut("abc", to: 0, counting: .utf16) == "")
    }

    @Test("an escape is never cut in half")
    func escaped() {
        for limit in 1...40 {
            let text = Text.escaped("<<<<<<<<<<", to: limit, counting: .utf16) {
                $0.replacing("<", with: "&lt;")
            }
            #expect(text.utf16.count <= limit)
            #expect(text.replacing("&lt;", with: "").replacing("…", with: "") == "", "\(text)")
        }
    }

    @Test("JSON escapes every control character and nothing that needs none")
    func json() {
        for value in 0...0x9F {
            guard let scalar = Unicode.Scalar(value), value < 0x20 || value > 0x7E else { continue }
            let text = JSON.string(String(scalar)).serialized
            #expect(text.hasPrefix("\"\\"), "U+\(String(value, radix: 16))")
        }
        #expect(
            JSON.object(["a/b": "ü漢\"\\", "n": nil, "x": .number(-7)]).serialized
                == #"{"a/b":"ü漢\"\\","x":-7}"#)
    }
}

@Suite("Secrets never print")
struct SecretTests {
    @Test("neither descriptions nor dumps of what holds a secret show it")
    func hidden() throws {
        for service in try services() {
            let channel = Channel(name: "lab", service: service, audience: Audience(zone: .utc, at: .nine))
            let request = service.request(for: try message(), attempt: try instant("2025-08-13T07:00:00Z"))
            for value in [channel, request, request.url] as [Any] {
                var dumped = "\(value) \(String(reflecting: value))"
                dump(value, to: &dumped)
                #expect(!dumped.contains("s3cret"), "\(type(of: service))")
                #expect(!dumped.contains("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            }
            #expect(request.url.revealed.contains("s3cret"))
        }
    }
}

@Suite("Signatures")
struct SignatureTests {
    @Test(
        "the specification's vector is reproduced, with and without its prefix and padding",
        arguments: [
            ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        ])
    func vector(secrets: [String]) throws {
        #expect(
            try Webhook.signature(
                secrets: secrets.map { Secret($0) }, id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
                timestamp: 1_614_265_330,
                body: #"{"test": 2432232314}"#) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("a body is signed as UTF-8, and two secrets give two signatures")
    func rotation() throws {
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let both = try Webhook.signature(
            secrets: [Secret(key), Secret("whsec_AAAA")], id: "rem-42-T3d", timestamp: 1_795_478_340,
            body: #"{"type":"deadline.reminder","data":{"title":"Ü – ⏰"}}"#)
        #expect(both.split(separator: " ").first == "v1,PS+gpIKUrbAFNcdA5uKkJlqhWY1cA4u3d32l/g9DXPM=")
        #expect(both.split(separator: " ").count == 2)
    }

    @Test(
        "what is no signing secret is refused without being shown",
        arguments: ["", "whsec_", "not base64 !", "whsec_s3cret*"])
    func refused(secret: String) {
        var values = SettingValues()
        values.secrets = ["url": [Secret("https://x.org/")], "secret": [Secret(secret)]]
        #expect { try Webhook(values) } throws: { error in
            secret.utf8.count > 6 && "\(error)".contains(secret)
                ? false : (error as? SettingFault)?.key == "secret"
        }
    }

    @Test("a message's id is the same for the same identity, and holds no text of it")
    func messageID() throws {
        let a = try message().identity
        #expect(a.messageID == (try message(now: "2025-08-14T07:00:00Z").identity.messageID))
        #expect(a.messageID.count == 36 && a.messageID.hasPrefix("msg_") && !a.messageID.contains("."))
        let b = DeliveryIdentity(
            issue: a.issue + a.milestone, milestone: "", deadline: a.deadline, reminder: a.reminder,
            channel: a.channel)
        #expect(a.messageID != b.messageID)
    }
}
