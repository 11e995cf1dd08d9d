import Glibc
import Messages
import Synchronization
import Testing
import Transport

@Suite("Transport")
struct TransportTests {
    private let transport = Transport(userAgent: "deadlined/test")

    private func request(
        _ port: UInt16, _ body: String = "b", path: String = "/s3cret?sig=s3cret",
        headers: [Request.Header] = []
    ) -> Request {
        Request(
            .post, Secret("http://127.0.0.1:\(port)\(path)"), json: .null, body: Array(body.utf8),
            headers: headers + [.init("X-Token", Secret("s3cret"))])
    }

    private func send(
        _ request: Request, _ options: Transport.Options = .toThisMachine(),
        by other: Transport? = nil
    ) async -> Answer {
        await (other ?? transport).answer(to: request, options)
    }

    // MARK: Requests

    @Test("the bytes arrive as they were given, with the headers that were asked for and no others of ours")
    func bytes() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        let body = #"{"title":"Ü – ⏰ \/"}"# + String(repeating: "x", count: 200_000)
        let path = "/a/../%62/./s3cret?sig=s%33cret&x=/../"
        let headers = [Request.Header("webhook-id", Secret("msg_1")), .init("X-Empty", Secret(""))]
        let answer = await send(request(server.port, body, path: path, headers: headers))
        #expect(
            try response(answer) == .init(status: 200, headers: ["content-length": "2"], body: [111, 107]))
        let got = try #require(server.requests.first)
        #expect(got.hasPrefix("POST \(path) HTTP/1.1\r\n"))
        #expect(got.hasSuffix("\r\n\r\n" + body))
        let head = got[..<(try #require(got.firstRange(of: "\r\n\r\n")).lowerBound)]
        #expect(
            Set(head.split(separator: "\r\n").dropFirst()) == [
                "Host: 127.0.0.1:\(server.port)", "User-Agent: deadlined/test", "Accept: */*",
                "Content-Type: application/json; charset=utf-8", "Content-Length: \(body.utf8.count)",
                "webhook-id: msg_1", "X-Empty:", "X-Token: s3cret",
            ])
    }

    @Test("a request that says who sends it says that alone")
    func userAgent() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        let agent = Request.Header("User-Agent", Secret("DiscordBot (x, 1)"))
        _ = await send(request(server.port, "{}", headers: [agent]))
        let lines = try #require(server.requests.first).split(separator: "\r\n")
        #expect(lines.filter { $0.lowercased().hasPrefix("user-agent") } == ["User-Agent: DiscordBot (x, 1)"])
    }

    @Test("plain http is refused unless it is allowed, and so are damaged or dangerous requests")
    func refused() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        func reason(_ url: String, plain: Bool = true, header: (String, String)? = nil) async throws -> String
        {
            let headers = header.map { [Request.Header($0.0, Secret($0.1))] } ?? []
            let request = Request(.post, Secret(url), json: .null, body: Array("b".utf8), headers: headers)
            return try notSent(await send(request, .toThisMachine(plain: plain)))
        }
        let good = "http://127.0.0.1:\(server.port)/s3cret"
        #expect(try await reason(good, plain: false) == "not https")
        #expect(try await reason("file:///s3cret") == "neither https nor http")
        #expect(
            try await reason("http://s3cret:s3cret@127.0.0.1:\(server.port)/") == "the URL holds a user name")
        for url in ["", "http://", "http://127.0.0.1:99999/s3cret"] { _ = try await reason(url) }
        for url in ["\(good)\r\nX: y", "\(good)\nx", "\(good)\0", "\(good) x"] {
            #expect(try await reason(url) == "the URL holds a space or a control character")
        }
        for header in [
            ("X-A", "s3cret\r\nX-B: 2"), ("X-A", "1\n"), ("X-A", "1\0"), ("X-A\r\nX-B", "1"), ("X-A:", "1"),
        ] {
            #expect(try await reason(good, header: header) == "a header holds a control character")
        }
        #expect(server.connections == 0)
    }

    @Test("connections are kept and used again")
    func reuse() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        let requests = Array(repeating: request(server.port), count: 20)
        let answers = await transport.answers(to: requests, .toThisMachine())
        #expect(answers.count == 20 && answers.allSatisfy { $0.status == 200 })
        #expect(server.connections == 1)
    }

    private final class Threads: Sendable {
        let seen = Mutex(Set<pthread_t>())
    }

    @Test("more than may be under way at once are all answered, each exactly once and on one thread")
    func many() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        let threads = Threads()
        let count = 400
        let answers = await withTaskGroup(of: Answer.self) { group in
            for number in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        let request = request(server.port, "\(number)")
                        transport.send(request, options: .toThisMachine()) { answer in
                            threads.seen.withLock { _ = $0.insert(pthread_self()) }
                            continuation.resume(returning: answer)
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(try answers.allSatisfy { try response($0).status == 200 })
        #expect(answers.count == count && server.requests.count == count)
        #expect(Set(server.requests.map { $0.split(separator: "\r\n\r\n").last ?? "" }).count == count)
        #expect(server.connections <= 128)
        #expect(threads.seen.withLock { $0.count } == 1)
    }

    // MARK: Answers

    @Test("an answer's headers have lower-case names, and of equal ones the last counts")
    func headers() async throws {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n"
        let server = RawServer { _ in
            .answer(
                early + "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nX-Thing:One: two\r\n"
                    + "RETRY-AFTER:   30 \r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.stop() }
        let answer = try response(await send(request(server.port)))
        #expect(answer.status == 429)
        #expect(answer.headers == ["retry-after": "30", "x-thing": "One: two", "content-length": "0"])
    }

    @Test("no more than 16 KiB of an answer's headers are kept")
    func manyHeaders() async throws {
        let lines = (0..<600).map { "X-\($0): \(String(repeating: "h", count: 100))\r\n" }.joined()
        let server = RawServer { _ in
            .answer(
                "HTTP/1.1 103 Early Hints\r\n\(lines)\r\n"
                    + "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\(lines)\r\n")
        }
        defer { server.stop() }
        let answer = try response(await send(request(server.port)))
        #expect(answer.isComplete && answer.headers["retry-after"] == "7")
        #expect(answer.headers.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } <= 16 * 1024)
    }

    @Test(
        "an answer is cut at 64 KiB and its status counts, chunked or not",
        arguments: ["Content-Length: 100000", "Transfer-Encoding: chunked"])
    func cut(header: String) async throws {
        let body = String(repeating: "y", count: 100_000)
        let text = header.hasPrefix("T") ? "186A0\r\n\(body)\r\n0\r\n\r\n" : body
        let server = RawServer { _ in .answer("HTTP/1.1 200 OK\r\n\(header)\r\n\r\n\(text)") }
        defer { server.stop() }
        let answer = try response(await send(request(server.port)))
        #expect(answer.body.count == 65_536 && answer.isComplete && answer.status == 200)
    }

    @Test("a redirect is an answer and is not followed")
    func redirect() async throws {
        let server = RawServer { _ in
            .answer("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.stop() }
        let answer = try response(await send(request(server.port)))
        #expect(answer.status == 302 && answer.headers["location"] == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    @Test(
        "an answer that breaks off keeps its status and is not complete",
        arguments: [
            "Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n5\r\nhal", "X-A: 1\r\n",
        ])
    func brokenOff(rest: String) async throws {
        let server = RawServer { _ in .answerAndHangUp("HTTP/1.1 200 OK\r\n\(rest)") }
        defer { server.stop() }
        let answer = try response(await send(request(server.port)))
        #expect(answer.status == 200 && !answer.isComplete)
    }

    @Test("an answer that does not end in time keeps its status and is not complete")
    func endless() async throws {
        let server = RawServer { _ in .answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") }
        defer { server.stop() }
        let options = Transport.Options.toThisMachine(timeoutMilliseconds: 15_000)
        let answer = try response(await send(request(server.port), options))
        #expect(answer.status == 200 && !answer.isComplete && answer.text == "half")
    }

    // MARK: No answer

    @Test(
        "what ends without an answer is lost and was sent once, on a new connection and on a kept one",
        arguments: [0, 1])
    func hungUp(number: Int) async throws {
        let server = RawServer { $0 == number ? .hangUp : .answer(okay) }
        defer { server.stop() }
        for _ in 0..<number { #expect(try response(await send(request(server.port))).status == 200) }
        #expect(try lost(await send(request(server.port))) == "the connection ended without an answer")
        #expect(server.requests.count == number + 1)
    }

    @Test("a request without a body is sent once, too")
    func emptyBody() async throws {
        let server = RawServer { $0 == 1 ? .hangUp : .answer(okay) }
        defer { server.stop() }
        #expect(try response(await send(request(server.port, ""))).status == 200)
        #expect(try lost(await send(request(server.port, ""))) == "the connection ended without an answer")
        #expect(server.requests.count == 2)
    }

    @Test("what a kept connection swallowed is lost, also when the host then refuses a new one")
    func hungUpAndGone() async throws {
        let server = RawServer { $0 == 1 ? .hangUp : .answer(okay) }
        let answers = await transport.answers(
            to: [request(server.port), request(server.port)], .toThisMachine(), pause: server.stop)
        #expect(answers.first?.status == 200)
        #expect(
            try lost(try #require(answers.last)) == "no connection to the host: nobody listens there")
        #expect(server.requests.count == 2)
    }

    @Test("a reset after the request is lost")
    func reset() async throws {
        let server = RawServer { _ in .reset }
        defer { server.stop() }
        #expect(try lost(await send(request(server.port))) == "the connection broke")
    }

    @Test(
        "what is no answer after the request leaves it lost",
        arguments: [
            ("SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"),
            ("HTTP/1.1 103 Early Hints\r\n\r\n", "the connection ended without an answer"),
            ("HTTP/1.1 2", "the connection ended without an answer"),
        ])
    func noAnswer(text: String, reason: String) async throws {
        let server = RawServer { _ in .answerAndHangUp(text) }
        defer { server.stop() }
        #expect(try lost(await send(request(server.port))) == reason)
    }

    @Test("a receiver that never answers is lost when the time is over")
    func timeOut() async throws {
        let server = RawServer { _ in .silence }
        defer { server.stop() }
        let options = Transport.Options.toThisMachine(timeoutMilliseconds: 15_000)
        #expect(
            try lost(await send(request(server.port), options))
                == "time-out after 15 s while waiting for the answer")
    }

    @Test("a body that the receiver did not take whole in time was not sent")
    func stuckBody() async throws {
        let server = RawServer(takesConnections: false) { _ in .silence }
        defer { server.stop() }
        let options = Transport.Options.toThisMachine(timeoutMilliseconds: 15_000)
        let body = String(repeating: "x", count: 16 * 1024 * 1024)
        #expect(
            try notSent(await send(request(server.port, body), options))
                == "time-out after 15 s while sending")
    }

    @Test(
        "no receiver is asked first whether it wants a body, however large",
        arguments: [0, 1_048_576, 1_048_577, 3_000_000], [Request.Method.post, .put])
    func noExpectation(size: Int, method: Request.Method) async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        let url = Secret("http://127.0.0.1:\(server.port)/")
        let request = Request(method, url, json: .null, body: body, headers: [])
        #expect(try response(await send(request)).status == 200)
        let head = try #require(server.requests.first).prefix { $0 != "x" }
        #expect(head.hasPrefix(method.rawValue) && !head.lowercased().contains("\r\nexpect:"))
    }

    @Test("where no connection comes in time nothing was sent")
    func connectTimeOut() async throws {
        let server = RawServer(backlog: 0, takesConnections: false) { _ in .silence }
        let clients = (0..<4).map { _ in server.occupy() }
        defer {
            for client in clients { close(client) }
            server.stop()
        }
        let options = Transport.Options.toThisMachine(connectTimeoutMilliseconds: 2500)
        let reason = try notSent(await send(request(server.port), options))
        #expect(reason == "time-out after 2500 ms while connecting")
    }

    @Test("where nobody listens nothing was sent")
    func nobody() async throws {
        let server = RawServer { _ in .hangUp }
        server.stop()
        #expect(
            try notSent(await send(request(server.port))) == "no connection to the host: nobody listens there"
        )
    }

    @Test("where TLS is expected and something else answers nothing was sent")
    func noTLS() async throws {
        let server = RawServer { _ in .hangUp }
        defer { server.stop() }
        let request = Request(.post, Secret("https://127.0.0.1:\(server.port)/s3cret"), json: .null)
        let options = Transport.Options.toThisMachine(connectTimeoutMilliseconds: 2500)
        let reason = try notSent(await send(request, options))
        #expect(reason == "time-out after 2500 ms while connecting")
    }

    // MARK: The end

    @Test("a stop answers everything: what the receiver may have is lost, what waited was not sent")
    func stop() async throws {
        let (arrivals, arrival) = AsyncStream<Int>.makeStream()
        let server = RawServer { number in
            arrival.yield(number)
            return .silence
        }
        defer { server.stop() }
        let own = Transport(userAgent: "x")
        let count = 150
        let answers = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<count { group.addTask { await send(request(server.port), by: own) } }
            _ = await arrivals.first { _ in true }
            own.stop()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == count)
        let lost = answers.count { if case .lost = $0 { true } else { false } }
        let notSent = answers.count { $0 == .notSent(reason: "the service is stopping") }
        #expect(lost + notSent == count)
        #expect(lost >= server.requests.count && lost >= 1 && notSent >= count - 128)
        own.stop()
        #expect(await send(request(server.port), by: own) == .notSent(reason: "the service is stopping"))
    }

    @Test("the last reference to a transport may go in a completion, and a completion may stop it")
    func endFromWithin() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        for stops in [false, true] {
            let answer = await withCheckedContinuation { continuation in
                let own = Transport(userAgent: "x")
                own.send(request(server.port), options: .toThisMachine()) { [own] answer in
                    if stops { own.stop() }
                    continuation.resume(returning: answer)
                }
            }
            #expect(try response(answer).status == 200)
        }
    }
}
