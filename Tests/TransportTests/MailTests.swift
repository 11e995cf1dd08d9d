import Dispatch
import Messages
import Schedule
import Synchronization
import Testing
import Transport

/// What mail servers do wrong before a mail is theirs.
@Suite("Mail", .timeLimit(.minutes(10)))
struct MailTests {
    private let transport = Transport(userAgent: "deadlined/test", environment: { _ in nil })

    /// A mail server on this machine, and a password that must not go out in the open.
    private func email(_ scheme: String, _ port: UInt16, username: String? = "deadlined") throws -> Email {
        var values = SettingValues()
        values.texts = [
            "smtp": ["\(scheme)://localhost:\(port)"], "from": ["deadlined@example.org"],
            "to": ["ada@example.org"],
        ]
        if let username {
            values.texts["username"] = [username]
            values.secrets = ["password": [Secret("s3cret")]]
        }
        return try Email(values)
    }

    private func request(_ scheme: String, _ port: UInt16) throws -> Request {
        try request(of: email(scheme, port))
    }

    private func request(of email: Email) throws -> Request {
        let now = Instant(seconds: 1_755_000_000)
        let deadline = try #require(Deadline(try DeadlineValue("2025-08-20"), zone: .utc))
        let message = Message(
            kind: .test,
            identity: DeliveryIdentity(
                issue: "", milestone: "", deadline: now, reminder: "test", channel: "mail"),
            issue: SpecialIssue(id: "service", title: "A test", milestones: []), deadline: deadline, due: now,
            now: now, isPossibleRepeat: false, zone: .utc)
        return email.request(for: message, attempt: now)
    }

    private func insecure(_ answer: Answer) throws -> String {
        guard case .insecure(let reason) = answer, !reason.contains("s3cret") else {
            throw Unexpected(answer: answer)
        }
        return reason
    }

    /// Speaks as a mail server does, until the other side has gone; `startTLS` is what it says to that.
    private func server(offering extensions: String, startTLS: String) -> RawServer {
        RawServer(greet: { client in
            client.send("220 mail.example.org ESMTP\r\n")
            client.answerLines { line in
                switch line.prefix(4) {
                case "EHLO": "250-mail.example.org\r\n250 \(extensions)\r\n"
                case "STAR": startTLS
                default: "221 bye\r\n"
                }
            }
        })
    }

    @Test("a mail server without STARTTLS gets neither a mail nor a password, and is not asked again")
    func noStartTLS() async throws {
        let server = server(offering: "AUTH PLAIN LOGIN", startTLS: "502 no\r\n")
        defer { server.stop() }
        let answer = await transport.answer(to: try request("smtp", server.port), .toThisMachine())
        #expect(
            try insecure(answer) == "the server offers no STARTTLS, and without it nothing is sent")
    }

    @Test("a mail server whose TLS fails for the moment is asked again")
    func noTLSForTheMoment() async throws {
        let server = server(offering: "STARTTLS", startTLS: "454 TLS not available\r\n")
        defer { server.stop() }
        _ = try notSent(await transport.answer(to: try request("smtp", server.port), .toThisMachine()))
    }

    @Test("a mail server whose certificate is not trusted gets nothing, and is not asked again")
    func untrusted() async throws {
        let server = try TLSServer.start(host: "localhost", flaw: .selfSigned)
        defer { server.stop() }
        let answer = await transport.answer(
            to: try request("smtps", server.port), .toThisMachine(caFile: server.authority))
        #expect(try insecure(answer).hasPrefix("certificate not trusted"))
    }

    @Test("a mail server has two minutes for its answer, any other service half of one")
    func patience() throws {
        let mail = Transport.Order(try request("smtp", 25), options: .toThisMachine()) { _ in }
        let post = Transport.Order(
            Request(.post, Secret("http://localhost/"), json: .null), options: .toThisMachine()
        ) { _ in }
        #expect(mail.timeoutMilliseconds == 120_000 && post.timeoutMilliseconds == 30_000)
        // A mail server's greeting and the login count as well.
        #expect(mail.connectTimeoutMilliseconds == 60_000 && post.connectTimeoutMilliseconds == 10_000)
    }

    @Test(
        "who is not wanted at a mail server keeps the mail, and troubles it no more after the third time",
        arguments: [
            ("554 5.7.1 blocked\r\n", ""), ("521 no mail here\r\n", ""), ("220 hello\r\n", "550 denied\r\n"),
        ])
    func unwanted(greeting: String, toEHLO: String) async throws {
        let server = RawServer(greet: { client in
            client.send(greeting)
            client.answerLines {
                $0.hasPrefix("QUIT") ? "221 bye\r\n" : toEHLO.isEmpty ? "503 no\r\n" : toEHLO
            }
        })
        defer { server.stop() }
        let answer = await transport.answer(to: try request("smtp", server.port), .toThisMachine())
        guard
            case .disable(_, strikes: 3) = try email("smtp", server.port).verdict(
                on: answer, now: .distantPast)
        else { throw Unexpected(answer: answer) }
    }

    /// A server without TLS or login that answers each command of a mail as `reply` wants, and otherwise takes the mail.
    private func server(
        _ reply: @escaping @Sendable (_ line: Substring) -> String?,
        atEnd: @escaping @Sendable () -> Void = {}
    ) -> RawServer {
        RawServer(greet: { client in
            client.send("220 mail.example.org ESMTP\r\n")
            let isData = Mutex(false)
            client.answerLines { line in
                let isInside = isData.withLock { isData in
                    defer { isData = line == "DATA" || isData && line != "." }
                    return isData
                }
                guard !isInside || line == "." else { return "" }
                if let reply = reply(line) { return reply }
                return line == "DATA" ? "354 go\r\n" : line.hasPrefix("QUIT") ? "221 bye\r\n" : "250 ok\r\n"
            }
            atEnd()
        })
    }

    /// Waits for what blocks a thread.
    private func aside(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                body()
                continuation.resume()
            }
        }
    }

    @Test("what a mail server says of one mail is about that alone", arguments: ["MAIL", "RCPT", "."])
    func refused(at command: String) async throws {
        let server = server { $0.hasPrefix(command) ? "550 no\r\n" : nil }
        defer { server.stop() }
        let email = try email("smtp", server.port, username: nil)
        let answer = await transport.answer(
            to: try request(of: email), .toThisMachine())
        #expect(email.verdict(on: answer, now: .distantPast) == .permanent(reason: "SMTP 550: no"))
    }

    @Test(
        "a mail server that takes its time holds up no other destination, nor another mail",
        arguments: [("", "."), ("RCPT", "QUIT")])
    func slow(refused: String, slow: String) async throws {
        let (reached, others) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let hasWaited = Mutex(false)
        let thinker = server { line in
            if line.hasPrefix(slow) {
                reached.signal()
                let isInTime = others.wait(timeout: .now() + .seconds(60)) == .success
                hasWaited.withLock { $0 = isInTime }
            }
            return !refused.isEmpty && line.hasPrefix(refused) ? "550 no\r\n" : nil
        }
        let (chat, quick) = (RawServer { _ in .answer(okay) }, server { _ in nil })
        defer { for server in [thinker, chat, quick] { server.stop() } }
        let email = try email("smtp", thinker.port, username: nil)
        async let answer = transport.answer(to: try request(of: email), .toThisMachine())
        await aside { reached.wait() }
        let post = Request(.post, Secret("http://127.0.0.1:\(chat.port)/x"), json: .null)
        #expect(try response(await transport.answer(to: post, .toThisMachine())).status == 200)
        let mail = try request(of: self.email("smtp", quick.port, username: nil))
        #expect(try response(await transport.answer(to: mail, .toThisMachine())).status == 250)
        others.signal()
        let verdict = email.verdict(on: try await answer, now: .distantPast)
        #expect(verdict == (refused.isEmpty ? .delivered : .permanent(reason: "SMTP 550: no")))
        #expect(hasWaited.withLock { $0 })
    }

    @Test("many mails to a server that hangs hold up none to another")
    func hanging() async throws {
        let (hanging, quick) = (RawServer(greet: { $0.waitForEnd() }), server { _ in nil })
        defer { for server in [hanging, quick] { server.stop() } }
        let transport = Transport(userAgent: "deadlined/test", environment: { _ in nil })
        let answered = Mutex(0)
        let request = try request(of: email("smtp", hanging.port, username: nil))
        for _ in 0..<96 {
            transport.send(request, options: .toThisMachine()) { _ in answered.withLock { $0 += 1 } }
        }
        let mail = try self.request(of: email("smtp", quick.port, username: nil))
        #expect(try response(await transport.answer(to: mail, .toThisMachine())).status == 250)
        #expect(answered.withLock { $0 } == 0)
        await aside { transport.stop() }
        #expect(answered.withLock { $0 } == 96)
    }

    @Test("once a mail is taken, nobody waits for the answer to QUIT")
    func leave() async throws {
        let hasEnded = DispatchSemaphore(value: 0)
        let server = server({ $0.hasPrefix("QUIT") ? "" : nil }, atEnd: { hasEnded.signal() })
        defer { server.stop() }
        let mail = try request(of: email("smtp", server.port, username: nil))
        #expect(try response(await transport.answer(to: mail, .toThisMachine())).status == 250)
        // libcurl would wait for two minutes.
        await aside { #expect(hasEnded.wait(timeout: .now() + .seconds(60)) == .success) }
    }

    @Test("a stop breaks off a mail that may have arrived, and sends none that waits")
    func stop() async throws {
        let reached = DispatchSemaphore(value: 0)
        let hasEnded = DispatchSemaphore(value: 0)
        let server = server { line in
            guard line == "." else { return nil }
            reached.signal()
            hasEnded.wait()
            return nil
        }
        defer {
            hasEnded.signal()
            server.stop()
        }
        let transport = Transport(userAgent: "deadlined/test", environment: { _ in nil })
        let mail = try request(of: email("smtp", server.port, username: nil))
        async let answer = transport.answer(to: mail, .toThisMachine())
        await aside {
            reached.wait()
            transport.stop()
        }
        #expect(await answer == .lost(reason: "the service is stopping"))
        #expect(
            await transport.answer(to: mail, .toThisMachine()) == .notSent(reason: "the service is stopping"))
    }
}
