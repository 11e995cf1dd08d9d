import Messages
import Synchronization
import Testing
import Transport

@Suite("Transport")
struct TransportTests {
    private let transport = Transport(userAgent: "deadlined/test")
    private static let okay =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Thing: One\r\nx-thing:  two \r\n\r\nok"

    private func request(_ port: UInt16, _ body: String = "b", headers: [Request.Header] = []) -> Request {
        Request(
            post: Secret("http://127.0.0.1:\(port)/s3cret?sig=s3cret"), json: .string(body), serialized: body,
            headers: headers)
    }

    private func send(_ request: Request, _ options: Transport.Options = .init(allowsPlainHTTP: true)) async
        -> Answer
    {
        await withCheckedContinuation { continuation in
            transport.send(request, options: options) { continuation.resume(returning: $0) }
        }
    }

    private func response(_ answer: Answer) throws -> Answer.Response {
        guard case .response(let response) = answer else { throw Unexpected(answer: answer) }
        return response
    }

    private struct Unexpected: Error { let answer: Answer }

    @Test("the bytes arrive as they were given, with the headers that were asked for and no others of ours")
    func bytes() async throws {
        let server = RawServer { _ in (TransportTests.okay, true) }
        defer { server.stop() }
        let body = #"{"title":"Ü – ⏰ \/"}"# + String(repeating: "x", count: 200_000)
        let answer = try response(
            await send(request(server.port, body, headers: [.init("webhook-id", Secret("msg_1"))])))
        #expect(answer.status == 200 && answer.text == "ok" && answer.isComplete)
        #expect(answer.headers["x-thing"] == "two")
        let got = try #require(server.requests.first)
        #expect(got.hasPrefix("POST /s3cret?sig=s3cret HTTP/1.1\r\n"))
        #expect(got.hasSuffix("\r\n\r\n" + body))
        let head = got[..<(try #require(got.firstRange(of: "\r\n\r\n")).lowerBound)].split(separator: "\r\n")
            .dropFirst()
        let names = head.compactMap { $0.split(separator: ":").first?.lowercased() }
        #expect(
            Set(names) == ["host", "user-agent", "accept", "content-type", "webhook-id", "content-length"])
    }

    @Test("connections are kept and used again")
    func reuse() async throws {
        let server = RawServer { _ in (TransportTests.okay, true) }
        defer { server.stop() }
        for _ in 0..<20 { #expect(try response(await send(request(server.port))).status == 200) }
        #expect(server.connections == 1)
    }

    @Test("many at once are all answered, each exactly once")
    func many() async throws {
        let server = RawServer { _ in (TransportTests.okay, true) }
        defer { server.stop() }
        let count = 400
        let answers = await withTaskGroup(of: Answer.self) { group in
            for number in 0..<count { group.addTask { await send(request(server.port, "\(number)")) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == count)
        #expect(try answers.allSatisfy { try response($0).status == 200 })
        #expect(Set(server.requests.map { $0.split(separator: "\r\n\r\n").last ?? "" }).count == count)
        #expect(server.connections < count)
    }

    @Test(
        "an answer is cut at 64 KiB and its status counts, chunked or not",
        arguments: [
            "Content-Length: 1000000", "Transfer-Encoding: chunked",
        ])
    func cut(header: String) async throws {
        let body = String(repeating: "y", count: 1_000_000)
        let text = header.hasPrefix("T") ? "F4240\r\n\(body)\r\n0\r\n\r\n" : body
        let server = RawServer { _ in ("HTTP/1.1 200 OK\r\n\(header)\r\n\r\n\(text)", true) }
        defer { server.stop() }
        let answer = try response(await send(request(server.port)))
        #expect(answer.body.count == 65_536 && answer.isComplete && answer.status == 200)
    }

    @Test("a redirect is an answer and is not followed")
    func redirect() async throws {
        let server = RawServer { _ in
            ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", true)
        }
        defer { server.stop() }
        #expect(try response(await send(request(server.port))).status == 302)
        #expect(server.requests.count == 1)
    }

    @Test("an answer that breaks off keeps its status and is not complete")
    func brokenOff() async throws {
        let server = RawServer { _ in ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false) }
        defer { server.stop() }
        let answer = try response(await send(request(server.port)))
        #expect(answer.status == 200 && !answer.isComplete)
    }

    @Test("a connection that ends without an answer is lost, whether it was new or kept", arguments: [0, 1])
    func hungUp(number: Int) async throws {
        let server = RawServer { $0 == number ? nil : (TransportTests.okay, true) }
        defer { server.stop() }
        for _ in 0..<number { _ = await send(request(server.port)) }
        guard case .lost(let reason) = await send(request(server.port)) else { return #expect(Bool(false)) }
        #expect(!reason.contains("s3cret"))
        // libcurl must not have sent it again by itself.
        #expect(server.requests.count == number + 1)
    }

    @Test("a receiver that never answers is lost when the time is over")
    func timeOut() async throws {
        let server = RawServer { _ in ("", true) }
        defer { server.stop() }
        var options = Transport.Options(allowsPlainHTTP: true)
        options.timeoutMilliseconds = 200
        guard case .lost = await send(request(server.port), options) else { return #expect(Bool(false)) }
    }

    @Test("where nobody listens nothing was sent")
    func nobody() async throws {
        let server = RawServer { _ in nil }
        server.stop()
        guard case .notSent(let reason) = await send(request(server.port)) else {
            return #expect(Bool(false))
        }
        #expect(!reason.contains("s3cret"))
    }

    @Test("plain http is refused unless it is allowed, and so are damaged or dangerous requests")
    func refused() async throws {
        let server = RawServer { _ in (TransportTests.okay, true) }
        defer { server.stop() }
        let host = "127.0.0.1:\(server.port)"
        let bad: [(Request, Transport.Options)] = [
            (request(server.port), .init()),
            (
                request(server.port, headers: [.init("X-A", Secret("1\r\nX-B: 2"))]),
                .init(allowsPlainHTTP: true)
            ),
            (Request(post: Secret("http://u:p@\(host)/"), json: .null), .init(allowsPlainHTTP: true)),
            (Request(post: Secret("http://\(host)/\r\nX: y"), json: .null), .init(allowsPlainHTTP: true)),
            (Request(post: Secret("file:///etc/passwd"), json: .null), .init(allowsPlainHTTP: true)),
            (Request(post: Secret(""), json: .null), .init(allowsPlainHTTP: true)),
        ]
        for (request, options) in bad {
            guard case .notSent = await send(request, options) else { return #expect(Bool(false)) }
        }
        #expect(server.requests.isEmpty)
    }

    @Test("a stop answers everything that is under way")
    func stop() async throws {
        let server = RawServer { _ in ("", true) }
        defer { server.stop() }
        let own = Transport(userAgent: "x")
        let count = 150
        let answers = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<count {
                group.addTask { [self] in
                    await withCheckedContinuation { continuation in
                        own.send(request(server.port), options: .init(allowsPlainHTTP: true)) {
                            continuation.resume(returning: $0)
                        }
                    }
                }
            }
            while server.requests.isEmpty { await Task.yield() }
            own.stop()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == count)
        #expect(answers.contains { if case .lost = $0 { true } else { false } })
    }
}
