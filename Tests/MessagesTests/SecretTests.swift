import Foundation
import Messages
import Schedule
import Testing

@Suite("Secrets never print")
struct SecretTests {
    @Test("neither descriptions nor dumps nor mirrors of what holds a secret show it", arguments: types)
    func hidden(type: String) throws {
        let service = try service(type)
        let channel = Channel(name: "lab", service: service, audience: Audience(zone: .utc, at: .nine))
        let request = service.request(for: try message(), attempt: try instant("2025-08-13T07:00:00Z"))
        for value in [channel, request, request.url, request.headers, service] as [Any] {
            var dumped = "\(value) \(String(reflecting: value)) \(String(describing: value))"
            dump(value, to: &dumped)
            dump(Mirror(reflecting: value).children.map { $0 }, to: &dumped)
            #expect(!dumped.contains("s3cret") && !dumped.contains("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            // The signing key's first bytes.
            #expect(!dumped.contains("49, 242, 144") && !dumped.lowercased().contains("31f290"))
        }
        // It is in the request all the same.
        let login =
            if case .mail(let mail) = request.content { mail.login?.password.revealed } else { "" as String? }
        let whole = [request.url] + request.headers.map(\.value)
        let texts = whole.map(\.revealed) + [String(decoding: request.body, as: UTF8.self), login ?? ""]
        #expect(texts.contains { $0.contains("s3cret") } || type == "zulip")
    }

    @Test("a secret has no child to look into")
    func mirror() {
        let secret = Secret("s3cret")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(
            "\(secret) \(String(reflecting: secret)) \([secret]) \(Optional(secret) as Any)".contains(
                "s3cret") == false)
    }

    @Test("a reason tells the service's words without the request's secrets", arguments: types)
    func reasons(type: String) throws {
        let service = try service(type)
        let request = service.request(for: try message(), attempt: try instant("2025-08-13T07:00:00Z"))
        var echoes = request.headers.map { "no such \($0.name): \($0.value.revealed)" }
        echoes.append("POST \(request.url.revealed) failed")
        if type != "email" {
            echoes.append("I got \(String(decoding: request.body.prefix(300), as: UTF8.self))")
        }
        for status in [200, 400, 403, 404, 410, 429, 500, 554] {
            for echo in echoes + ["the password s3cretpassword is wrong"] {
                let verdict = service.verdict(
                    on: .response(Answer.Response(status: status, body: Array(echo.utf8))), now: .distantPast)
                #expect(
                    !"\(verdict)".contains("s3cret") || echo.contains("password") && type != "email",
                    "\(status) \(echo)")
            }
        }
    }

    @Test(
        "a secret URL is hidden however a server writes it",
        arguments: ChatServices.all.filter { $0.settings.contains { $0.kind == .address } }.map { $0.type }
            .filter { !["google-chat", "alertmanager"].contains($0) })
    func addresses(type: String) throws {
        let service = try service(
            type, url: "https://hooks.example.org/hook/T0k%2Fen1?sig=abc%2Bdef%3D1",
            headers: [("Authorization", "Bearer h3ader")])
        let echoes = [
            "<h1>Not Found</h1>The requested URL /hook/T0k/en1 was not found",
            #"{"error":"no such path","path":"/hook/T0k%2Fen1?sig=abc%2Bdef%3D1"}"#, "sig abc+def=1 is wrong",
            "unknown token h3ader",
            "POST https://hooks.example.org/hook/T0k%2Fen1?sig=abc%2Bdef%3D1&wait=true",
        ]
        for status in [200, 400, 403, 404, 410, 429, 500] {
            for echo in echoes {
                let verdict = service.verdict(
                    on: .response(Answer.Response(status: status, body: Array(echo.utf8))), now: .distantPast)
                for trace in ["T0k/en1", "T0k%2Fen1", "abc%2Bdef", "abc+def", "h3ader"]
                where trace != "h3ader" || typesForPrograms.contains(type) {
                    #expect(!"\(verdict)".contains(trace), "\(status) \(echo)")
                }
            }
        }
    }

    @Test("what a server repeats as base64 is hidden, wherever in it the secret begins")
    func base64() {
        let secret = Secret("https://hooks.example.org/hook/T0ken-1234567?sig=abc-def-1~~ghi?")
        for before in ["", "P", "PO", "POST"] {
            for after in ["", "!", "!!", "!!!"] {
                for isForURLs in [false, true] {
                    let text = before + secret.revealed + after
                    var echo = Data(text.utf8).base64EncodedString()
                    if isForURLs { echo = echo.replacing("+", with: "-").replacing("/", with: "_") }
                    let hidden = secret.hidden(in: "I got \(echo)")
                    // What is left at its ends are the neighbours' characters, and parts of three bytes.
                    #expect(
                        hidden.contains("‹secret›") && hidden.utf8.count < echo.utf8.count / 2, "\(hidden)")
                }
            }
        }
    }

    @Test(
        "a secret that is a word is hidden where no other word stands",
        arguments: [
            "https://bot.example.org/hook?token=correcthorse", "https://n8n.example.org/webhook/correcthorse",
            "https://bot.example.org/services/hook?correcthorse", "https://x.org/?a=b&key=correcthorse#top",
        ])
    func words(url: String) {
        #expect(Secret(url).hidden(in: "no 'correcthorse' here") == "no '‹secret›' here")
    }

    @Test("honest words stay as they are")
    func honest() {
        let url = Secret("https://discord.com/api/webhooks/123456789/aB-c_d")
        #expect(url.hidden(in: "Unknown webhooks") == "Unknown webhooks")
        #expect(url.hidden(in: "at 123456789") == "at ‹secret›")
        #expect(Secret("https://x.org/").hidden(in: "a / b, https://y.org/") == "a / b, https://y.org/")
        let named = Secret("https://bot.example.org/hooks/notify?token=correcthorse")
        #expect(named.hidden(in: "cannot notify: no token") == "cannot notify: no token")
        #expect(Secret("").hidden(in: "words") == "words")
        #expect(Secret("Bearer s3cret").hidden(in: "no s3cret here") == "no ‹secret› here")
    }
}
