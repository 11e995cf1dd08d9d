import Crypto
import Foundation
import Messages
import Schedule
import Testing

@Suite("What every service sends")
struct PayloadTests {
    @Test("no text for people holds a control, a hidden direction or a line separator", arguments: types)
    func clean(type: String) throws {
        for message in try messages() where !typesForPrograms.contains(type) {
            for (path, text) in texts(try body(type, message)) {
                let bad = text.unicodeScalars.first {
                    $0.value < 0x20 && $0 != "\n" && !(type == "email" && $0 == "\r")
                        || (0x7F...0x9F).contains($0.value)
                        || (0x2028...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
                }
                #expect(bad == nil && !text.isEmpty, "\(path)")
            }
        }
    }

    @Test("JSON has each number with all of its digits")
    func numbers() {
        for number in [0, 7, -7, 9, 10, 99, 100, -100, 1_755_000_000_000, .max, .min] as [Int64] {
            #expect(JSON.number(number).serialized == "\(number)")
        }
    }

    @Test("a title of a megabyte, or of one endless grapheme, is cut in one pass", .timeLimit(.minutes(10)))
    func huge() async throws {
        for title in [
            String(repeating: "&@", count: 500_000), "Z" + String(repeating: "\u{351}", count: 300_000),
            String(repeating: "漢 ", count: 250_000),
        ] {
            for type in types {
                await Task.yield()
                let limit = ["matrix": 60_000, "email": 60_000][type] ?? 20_000
                #expect(try body(type, try message(title: title)).serialized.utf8.count < limit, "\(type)")
            }
        }
    }

    @Test("no part of a message is an empty list", .serialized, arguments: types)
    func noEmptyLists(type: String) async throws {
        for message in try messages() where !typesForPrograms.contains(type) {
            await Task.yield()
            for text in empty(try body(type, message)) {
                // Discord's switches mean something when they are.
                #expect(
                    type == "discord" && ["/allowed_mentions/parse", "/embeds/0/fields"].contains(text)
                        || type == "matrix" && text == "/m.mentions")
            }
        }
    }

    /// Paths of the empty lists and objects.
    private func empty(_ json: JSON, path: String = "") -> [String] {
        switch json {
        case .array([]), .object([]): [path]
        case .array(let elements): elements.enumerated().flatMap { empty($1, path: "\(path)/\($0)") }
        case .object(let members): members.flatMap { empty($0.value, path: "\(path)/\($0.name)") }
        default: []
        }
    }

    /// Bodies that each service's published schema, SDK or server has taken.
    @Test("the body of a usual reminder is the one that was checked", arguments: types)
    func checked(type: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Bodies/\(type).txt")
        let service = try ChatServices.named(type).map { try $0.init(ChatServices.example($0)) }
        let message = try message(now: "2025-08-13T07:00:00Z", firmness: .firm)
        let request = try #require(service?.request(for: message, attempt: message.now))
        let body = String(decoding: request.body, as: UTF8.self).replacing("\r\n", with: "\n")
        // To take up a change that was checked: delete the file and run the test twice.
        guard let checked = try? String(contentsOf: file, encoding: .utf8) else {
            try (body + "\n").write(to: file, atomically: true, encoding: .utf8)
            Issue.record("\(type) had no body to compare with")
            return
        }
        #expect(checked == body + "\n")
    }

    @Test("the same message is the same request, byte for byte", arguments: types)
    func stable(type: String) throws {
        let message = try message()
        let a = try service(type).request(for: message, attempt: message.now)
        let b = try service(type).request(for: message, attempt: message.now)
        #expect(a.body == b.body && a.url == b.url && a.method == (type == "matrix" ? .put : .post))
        #expect(!a.body.isEmpty && !a.contentType.isEmpty)
    }
}

@Suite("Slack")
struct SlackTests {
    @Test("no live mention or date token, and every block within its limit")
    func limits() throws {
        for message in try messages() {
            // The one token that is ours.
            let date = "<!date^\(message.deadline.instant.seconds)^{date_long} {time}|"
            for (path, whole) in texts(try body("slack", message)) {
                let text = path.hasSuffix("/fields/1/text") ? whole.replacing(date, with: "") : whole
                for token in ["<!", "<@", "<#"] { #expect(!text.has(token), "\(path)") }
                let limit =
                    switch path {
                    case "/text": 4000
                    case let path where path.contains("/fields/"): 2000
                    case let path where path.hasSuffix("/elements/0/text/text"): 75
                    default: 3000
                    }
                #expect(text.utf16.count <= limit, "\(path)")
            }
            #expect(try body("slack", message)["attachments/0/blocks/1/fields"]?.count ?? 1 <= 10)
        }
    }

    @Test("title, link, facts and footer stand in their blocks")
    func blocks() throws {
        let body = try body("slack", try message())
        #expect(
            body["attachments/0/blocks/0/text/text"]?.text
                == "🟡 *7 days left*\n*<https://www.mdpi.com/si/212097|Cellular Senescence as a Therapeutic Target in Cancer>*"
        )
        #expect(
            body["attachments/0/blocks/1/fields/0/text"]?.text
                == "Due\nsubmission, Wednesday 20 August 2025, end of day, UTC+2")
        #expect(body["attachments/0/color"] == "#F9A825")
        #expect(
            body["text"]?.text
                == "7 days left: Cellular Senescence as a Therapeutic Target in Cancer (submission)")
    }

    @Test("an address keeps its characters, and one that fills a section leaves it to the button")
    func links() throws {
        let odd = try body("slack", try message(url: "https://x.org/a_b~c@d?e=1&f=2|g"))
        #expect(
            odd["attachments/0/blocks/0/text/text"]?.text?.contains("<https://x.org/a_b~c@d?e=1&amp;f=2%7Cg|")
                == true)
        let long = "https://x.org/?" + String(repeating: "&", count: 1900)
        let body = try body("slack", try message(url: long))
        #expect(body["attachments/0/blocks/0/text/text"]?.text?.contains("x.org") == false)
        #expect(body["attachments/0/blocks/2/elements/0/url"]?.text == long)
    }

    @Test("a test message has neither facts nor a link")
    func test() throws {
        let body = try body("slack", try message(.bare, kind: .test))
        #expect(body["attachments/0/blocks"]?.count == 3)
        #expect(!body.serialized.contains("fields"))
    }

    @Test(
        "a workflow's trigger is refused",
        arguments: [
            "https://hooks.slack.com/workflows/T1/A1/1/s3cret",
            "https://hooks.slack.com/triggers/T1/1/s3cret",
        ])
    func workflow(url: String) {
        #expect { try service("slack", url: url) } throws: { !"\($0)".contains("s3cret") }
    }
}

@Suite("Discord")
struct DiscordTests {
    @Test("mentions are off, every part and the sum of an embed within the limits")
    func limits() throws {
        for message in try messages() {
            let json = try body("discord", message)
            #expect(json.serialized.contains(#""allowed_mentions":{"parse":[]}"#))
            var sum = 0
            for (path, text) in texts(json) {
                let limit =
                    switch path {
                    case "/content": 2000
                    case "/embeds/0/title": 256
                    case "/embeds/0/description": 4096
                    case let path where path.hasSuffix("/value"): 1024
                    case let path where path.hasSuffix("/name"): 256
                    default: 2048
                    }
                #expect(text.utf16.count <= limit && !text.isEmpty, "\(path)")
                for token in ["<@", "<#", "<:", "<a:", "@everyone", "@here"] where !path.hasSuffix("/url") {
                    #expect(!text.has(token), "\(path)")
                }
                if path.hasPrefix("/embeds"), !path.hasSuffix("/url"), !path.hasSuffix("/timestamp") {
                    sum += text.utf16.count
                }
            }
            #expect(sum <= 6000)
            #expect(json["embeds/0/fields"]?.count ?? 0 <= 25)
        }
    }

    @Test("the deadline is shown by the reader's own client")
    func times() throws {
        let body = try body("discord", try message())
        #expect(body["embeds/0/description"]?.text == "<t:1755727200:F> (<t:1755727200:R>)")
        #expect(body["embeds/0/timestamp"]?.text == "2025-08-20T22:00:00Z")
        #expect(body["embeds/0/color"] == .number(0xF9A825))
        #expect(body["embeds/0/footer/text"]?.text == "deadlined · ijms-212097 · submission · 7d")
    }

    @Test("marks of Markdown are escaped, mail addresses stay readable")
    func escape() throws {
        let body = try body("discord", try message(title: "*IJMS* a_b [x](y)"))
        #expect(body["embeds/0/title"]?.text == #"\*IJMS\* a\_b \[x\]\(y\)"#)
        #expect(body["embeds/0/fields/5/value"]?.text == #"ijms\@mdpi.com"#)
    }

    @Test("a link to a host without a dot, which Discord refuses, is shown as text")
    func intranet() throws {
        let body = try body("discord", try message(url: "http://intranet/call"))
        #expect(body["embeds/0/url"] == nil)
        #expect(body["embeds/0/description"]?.text?.hasSuffix("\nhttp\\://intranet/call") == true)
    }

    @Test(
        "Discord is asked to wait, and the rest of its address stays byte for byte",
        arguments: [
            (
                "https://discord.com/api/webhooks/1/a-b_C",
                "https://discord.com/api/webhooks/1/a-b_C?wait=true"
            ),
            ("https://x.org/1?thread_id=%312", "https://x.org/1?thread_id=%312&wait=true"),
            ("https://x.org/1?", "https://x.org/1?wait=true"),
            ("https://x.org/1#top", "https://x.org/1?wait=true"),
        ])
    func wait(url: String, sent: String) throws {
        let message = try message()
        #expect(
            try service("discord", url: url).request(for: message, attempt: message.now).url.revealed == sent)
    }

    @Test("an address for another service's messages is refused")
    func otherForms() {
        for end in ["slack", "github", "slack?wait=true"] {
            #expect(throws: SettingFault.self) {
                try service("discord", url: "https://discord.com/api/webhooks/1/s3cret/\(end)")
            }
        }
    }
}

@Suite("Teams")
struct TeamsTests {
    @Test("no tag, no template, and the whole message within 20 KB")
    func limits() throws {
        for message in try messages() {
            let json = try body("teams", message)
            #expect(json.serialized.utf8.count <= 20_000)
            for (path, text) in texts(json) where !path.hasSuffix("/url") && !path.hasSuffix("schema") {
                for token in ["<at", "<AT", "{{", "${"] { #expect(!text.has(token), "\(path)") }
            }
        }
    }

    @Test("even a message whose every text is a hostile one of its own stays within 20 KB")
    func worst() throws {
        var issue = SpecialIssue(id: "x", title: String(repeating: "\"", count: 9000), milestones: [])
        issue.journal = issue.title
        issue.publisher = issue.title
        issue.contact = issue.title
        issue.guestEditors = [GuestEditor(name: issue.title)]
        issue.url = "https://x.org/" + String(repeating: "x", count: 1980)
        let usual = try message(.bare)
        let message = Message(
            kind: .moved(from: usual.now),
            identity: DeliveryIdentity(
                issue: String(repeating: "\"", count: 100), milestone: String(repeating: "\\", count: 100),
                deadline: usual.deadline.instant, reminder: "moved", channel: "lab"),
            issue: issue, deadline: usual.deadline, due: usual.due, now: try instant("2025-08-15T07:00:00Z"),
            isPossibleRepeat: true, zone: usual.zone)
        #expect(try body("teams", message).serialized.utf8.count <= 20_000)
        #expect(try body("webhook", message).serialized.utf8.count <= 20_000)
    }

    @Test("marks of Markdown are escaped, a list is none, and brackets of prose stay as they are")
    func escape() throws {
        func title(_ title: String) throws -> String? {
            try body("teams", try message(title: title))["attachments/0/content/body/0/items/1/text"]?.text
        }
        #expect(try title("*IJMS* a_b [x](y) (z)") == #"\*IJMS\* a\_b \[x\](y) (z)"#)
        #expect(try title("- a") == "\u{2060}- a")
        #expect(try title("12. a") == "\u{2060}12. a")
        #expect(try title("# a") == "\u{2060}# a")
        #expect(try title("3D printing") == "3D printing")
    }

    @Test("the card has the colour of its urgency")
    func colours() throws {
        let card = try body("teams", try message(now: "2025-08-18T07:00:00Z"))["attachments/0/content"]
        #expect(card?["version"] == "1.4")
        #expect(card?["body/0/style"] == "warning" && card?["body/0/items/0/color"] == "Warning")
        #expect(card?["actions/0/url"]?.text == "https://www.mdpi.com/si/212097")
    }

    @Test(
        "an address of the retired connectors is refused with the way to a new one",
        arguments: [
            "https://uni.webhook.office.com/webhookb2/s3cret", "https://outlook.office.com/webhook/s3cret",
            "https://OUTLOOK.office365.com/webhook/s3cret",
        ])
    func connectors(url: String) {
        #expect { try service("teams", url: url) } throws: { error in
            guard let error = error as? SettingFault else { return false }
            return error.key == "url" && error.fault.remedy?.contains("Workflows") == true
                && !"\(error)".contains("s3cret")
        }
    }
}

@Suite("Generic webhook")
struct WebhookTests {
    @Test("a reminder's body is the documented one")
    func reminder() throws {
        let request = try service("webhook").request(
            for: try message(), attempt: try instant("2025-08-13T07:00:00Z"))
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"type":"deadline.reminder","timestamp":"2025-08-13T07:00:00Z","data":{"issue":{"id":"ijms-212097","title":"Cellular Senescence as a Therapeutic Target in Cancer","journal":"International Journal of Molecular Sciences","publisher":"MDPI","url":"https://www.mdpi.com/si/212097","guest_editors":[{"name":"Dr. Mi Kyung Park","affiliation":"National Cancer Center; Hwasung University"}],"tags":["cancer"]},"milestone":"submission","deadline":"2025-08-20T22:00:00Z","reminder":"7d","due":"2025-08-13T07:00:00Z","late_seconds":0,"possible_repeat":false,"channel":"lab"}}"#
        )
        #expect(
            request.headers.map(\.name) == [
                "webhook-id", "webhook-timestamp", "webhook-signature", "Authorization",
            ])
        #expect(request.headers.map(\.value.revealed)[1] == "1755068400")
    }

    @Test("the other kinds say what they are")
    func kinds() throws {
        let moved = try body("webhook", try message(kind: .moved(from: try instant("2025-07-01T00:00:00Z"))))
        #expect(moved["type"] == "deadline.moved")
        #expect(moved["data/previous_deadline"] == "2025-07-01T00:00:00Z" && moved["data/reminder"] == nil)
        let passed = try body("webhook", try message(kind: .passed, now: "2025-08-21T00:00:00Z"))
        #expect(passed["type"] == "deadline.passed" && passed["data/late_seconds"] == .number(666_000))
        let test = try body("webhook", try message(kind: .test, isPossibleRepeat: true))
        #expect(test["type"] == "channel.test" && test["data/issue"] == nil)
        #expect(test["data/possible_repeat"] == true)
    }

    @Test("programs get texts as the configuration has them, cut only where the body would be over 20 kB")
    func raw() throws {
        for title in hostileTitles {
            let body = try body("webhook", try message(title: title))
            if title.utf8.count < 2000 { #expect(body["data/issue/title"]?.text == title) }
            #expect(try PayloadSize.of(try message(title: title, .hostile)) <= 20_000)
        }
        let many = try body("webhook", try message(title: "short", .hostile))
        #expect(many["data/issue/tags"]?.count == 12 && many["data/issue/guest_editors"]?.count == 12)
    }

    private enum PayloadSize {
        static func of(_ message: Message) throws -> Int {
            try body("webhook", message).serialized.utf8.count
        }
    }

    @Test("without a secret nothing is signed")
    func unsigned() throws {
        let message = try message()
        let request = try service("webhook", secrets: [], headers: []).request(
            for: message, attempt: message.now)
        #expect(request.headers.map(\.name) == ["webhook-id", "webhook-timestamp"])
    }

    @Test("a retry keeps the id and renews timestamp and signature")
    func retry() throws {
        let message = try message()
        let first = try service("webhook").request(for: message, attempt: message.now)
        let second = try service("webhook").request(for: message, attempt: message.now + .minutes(5))
        #expect(first.headers.map(\.value)[0] == second.headers.map(\.value)[0])
        #expect(first.headers.map(\.value)[1] != second.headers.map(\.value)[1])
        #expect(first.headers.map(\.value)[2] != second.headers.map(\.value)[2])
    }

    @Test(
        "a header that is none, or that the product sets itself, is refused without showing its value",
        arguments: [
            ("", "s3cret"), ("X Y", "s3cret"), ("X:", "s3cret"), ("Ü", "s3cret"), ("X", "a\r\nY: s3cret"),
            ("X", "s3cret\u{0}"), ("Webhook-ID", "s3cret"), ("content-type", "s3cret"),
            ("User-Agent", "s3cret"),
            ("Host", "s3cret"), ("webhook-signature", "s3cret"),
        ])
    func headers(name: String, value: String) {
        #expect { try service("webhook", headers: [(name, value)]) } throws: { error in
            guard let error = error as? SettingFault else { return false }
            return error.key == "headers" && error.fault.remedy != nil && !"\(error)".contains("s3cret")
        }
    }
}

@Suite("Signatures")
struct SignatureTests {
    @Test(
        "the specification's vector is reproduced, with and without prefix",
        arguments: [signingKey, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func vector(secret: String) throws {
        #expect(
            try Webhook.signature(
                secrets: [Secret(secret)], id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
                body: #"{"test": 2432232314}"#) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(
        "Feishu's key is made of time and secret, and what it signs is empty",
        arguments: [
            ("xxx", 1_661_860_880, "QnWVTSBe6FmQDE0bG6X0mURbI+DnvVyu1h+j5dHOjrU="),
            ("demo-secret", 1_700_000_000, "mYHw2R2SOm8Rw/sne3lQdmz4sOfntKR+1P/8RKKTwmA="),
            ("密钥-ü", 1_764_547_200, "8jPWZf3a6ymScEW5NEbzw6YyqCDtS78J+LerOFshQu8="),
            ("k3y-of-a-bot", 1_755_068_400, "kHy8tMKqiAsMzzg7hwXXyXVlBVDz2QupgcMHxuhY0Lw="),
        ] as [(String, Int64, String)])
    func feishu(secret: String, timestamp: Int64, signature: String) {
        #expect(Feishu.signature(secret: Secret(secret), timestamp: timestamp) == signature)
    }

    @Test(
        "DingTalk signs time and secret, and its address has the signature percent-encoded once",
        arguments: [
            ("SECdemo0123456789", 1_700_000_000_123, "Mcc8J9GPzVIVCtdwel19QnbvmqYdBj2sa4/yO8EOoMI="),
            ("SECabc", 1_700_000_000_007, "QMeliF19LmXTY+9gN8ITj9jzjjGbton+vvw2tANPayM="),
            ("SEC-ü", 1_764_547_200_999, "8K3Ow4rzKR9zTDjCRqi1qkr1lQBOQDv9F/bi1a9SDUc="),
            ("SECk3y", 1_755_068_400_031, "bTU0hepeA45Nl4PyitHkWRua+jbW8zLe+ooJ0L2fii4="),
        ] as [(String, Int64, String)])
    func dingTalk(secret: String, milliseconds: Int64, signature: String) throws {
        #expect(DingTalk.signature(secret: Secret(secret), milliseconds: milliseconds) == signature)
        var values = SettingValues()
        values.secrets = [
            "url": [Secret("https://oapi.dingtalk.com/robot/send?access_token=x")],
            "secret": [Secret(secret)],
        ]
        let request = try DingTalk(values).request(
            for: try message(), attempt: Instant(milliseconds: milliseconds))
        let encoded = signature.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing(
            "=", with: "%3D")
        #expect(
            request.url.revealed
                == "https://oapi.dingtalk.com/robot/send?access_token=x&timestamp=\(milliseconds)&sign=\(encoded)"
        )
    }

    @Test("a private key signs as v1a, beside a secret, and the public key verifies it")
    func asymmetric() throws {
        let key = Curve25519.Signing.PrivateKey()
        for own in [key.rawRepresentation, key.rawRepresentation + key.publicKey.rawRepresentation] {
            let signatures = try Webhook.signature(
                secrets: [Secret(signingKey), Secret("whsk_" + own.base64EncodedString())], id: "msg_1",
                timestamp: 1, body: "x"
            ).split(separator: " ")
            #expect(
                signatures.count == 2 && signatures[0].hasPrefix("v1,") && signatures[1].hasPrefix("v1a,"))
            let signature = try #require(Data(base64Encoded: String(signatures[1].dropFirst(4))))
            #expect(key.publicKey.isValidSignature(signature, for: Data("msg_1.1.x".utf8)))
        }
        for wrong in [
            "whsk_AAECAwQ=", "whsk_" + (key.rawRepresentation + key.rawRepresentation).base64EncodedString(),
        ] {
            #expect(throws: SettingFault.self) { try service("webhook", secrets: [wrong]) }
        }
    }

    @Test("a body is signed as UTF-8, an empty one too")
    func bodies() throws {
        let nonASCII = try Webhook.signature(
            secrets: [Secret(signingKey)], id: "rem-42-T3d", timestamp: 1_795_478_340,
            body: #"{"type":"deadline.reminder","data":{"title":"Ü – ⏰"}}"#)
        #expect(nonASCII == "v1,PS+gpIKUrbAFNcdA5uKkJlqhWY1cA4u3d32l/g9DXPM=")
        let empty = try Webhook.signature(
            secrets: [Secret(signingKey)], id: "rem-42-T3d", timestamp: 1_795_478_340, body: "")
        #expect(empty == "v1,JkLAcD2doPu1ggzcBixRBA/YytUeOvOoW3wse/no1Xs=")
    }

    @Test("each secret gives a signature, in their order, so that one can replace the other")
    func rotation() throws {
        func signature(_ secrets: String...) throws -> String {
            try Webhook.signature(secrets: secrets.map { Secret($0) }, id: "msg_1", timestamp: 1, body: "{}")
        }
        let (old, new) = (signingKey, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")
        #expect(try signature(new, old) == (try signature(new)) + " " + (try signature(old)))
    }

    @Test("missing padding is tolerated")
    func padding() throws {
        func signature(_ secret: String) throws -> String {
            try Webhook.signature(secrets: [Secret(secret)], id: "msg_1", timestamp: 1, body: "{}")
        }
        #expect(try signature("whsec_AAECAw") == (try signature("AAECAw==")))
        #expect(try signature("AAECAwQ") == (try signature("whsec_AAECAwQ=")))
    }

    @Test("what is sent is what was signed")
    func sent() throws {
        let message = try message(title: "Ü – ⏰")
        let request = try service("webhook", headers: []).request(for: message, attempt: message.now)
        let values = request.headers.map(\.value.revealed)
        #expect(
            try Webhook.signature(
                secrets: [Secret(signingKey)], id: values[0], timestamp: try #require(Int64(values[1])),
                body: String(decoding: request.body, as: UTF8.self)) == values[2])
    }

    @Test(
        "what is no signing secret is refused without being shown",
        arguments: [
            "", "whsec_", "=", "====", "AA=A", "AA===", "AAAA=", "-_AA", "not base64 !", "whsec_s3cret*",
            "s3cre", "whsec_s3cret\n", "whpk_s3cret==",
        ])
    func refused(secret: String) {
        #expect { try service("webhook", secrets: [signingKey, secret]) } throws: { error in
            guard let error = error as? SettingFault else { return false }
            return error.key == "secret" && error.fault.remedy != nil && !"\(error)".contains("s3cre")
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

@Suite("Every service's limits", .serialized)
struct LimitTests {
    @Test(
        "every message, list and digest fits, calls nobody, and has a plain form that does too",
        .serialized, .timeLimit(.minutes(30)), arguments: types)
    func fits(type: String) async throws {
        let service = try service(type)
        for (number, sample) in try messages().enumerated() {
            // Tests that talk to servers share these threads, and have clocks to keep.
            await Task.yield()
            var message = sample
            // The plain form is made of the same parts: every third shows it.
            for isPlain in number % 3 == 0 ? [false, true] : [false] {
                message.isPlain = isPlain
                let request = service.request(for: message, attempt: message.now)
                let json = try body(type, message)
                #expect(Rules.broken(type, json, size: request.body.count) == [])
            }
        }
    }

    @Test("facts for which there is no room are counted too")
    func droppedFacts() throws {
        let json = try body("pushover", try message(title: String(repeating: "word ", count: 60), .hostile))
        let text = try #require(json["message"]?.text)
        #expect(
            text.utf16.count <= 1024 && text.contains("… and ") && text.contains("deadlined · ijms-212097"))
        #expect(text.contains("Due: submission, Wednesday 20 August 2025"))
    }

    @Test("what a list leaves out, it counts", arguments: types.filter { !typesForPrograms.contains($0) })
    func counted(type: String) throws {
        let worst = try lists()[0]
        #expect(worst.parts.count == 410)
        let said = texts(try body(type, worst)).map(\.text).joined(separator: "\n")
        let whole = type == "email" ? try mailText(type, worst) : said
        #expect(whole.contains("410 reminders"))
        #expect(whole.contains("more") && whole.contains("Nutrients"))
    }

    /// The parts of a mail, decoded.
    private func mailText(_ type: String, _ message: Message) throws -> String {
        let text = try body(type, message).text ?? ""
        return text.replacing("=\r\n", with: "").replacing("=E2=80=A6", with: "…")
    }

    @Test("every language has its words in every kind of message", arguments: Language.allCases)
    func languages(language: Language) async throws {
        for message in try lists(language: language).suffix(6) {
            await Task.yield()
            for type in types where !typesForPrograms.contains(type) {
                let request = try service(type).request(for: message, attempt: message.now)
                let broken = Rules.broken(type, try body(type, message), size: request.body.count)
                #expect(broken == [], "\(type)")
            }
            #expect(!message.headline.isEmpty && !message.title.isEmpty && !message.remarks.isEmpty)
        }
    }
}
