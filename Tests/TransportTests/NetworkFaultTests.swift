import Messages
import Synchronization
import Testing
import Transport

/// What networks and receivers do wrong, each beside a healthy receiver that is answered meanwhile.
@Suite("Network faults", .timeLimit(.minutes(10)))
struct NetworkFaultTests {
    private let transport = Transport(userAgent: "deadlined/test", environment: { _ in nil })

    fileprivate func request(_ port: UInt16, host: String = "127.0.0.1", scheme: String = "http") -> Request {
        Request(.post, Secret("\(scheme)://\(host):\(port)/s3cret"), json: .null)
    }

    /// The answer to a request that meets a fault. As soon as the fault is on stage, a healthy host is asked through the same
    /// transport and answers; after that the fault goes on, unless it `lasts` until the request's time is over. None of this
    /// waits for a thread of the tests: while those are busy, the request's time goes by.
    fileprivate func answer(
        _ request: Request, _ options: Transport.Options = .toThisMachine(), on stage: Stage,
        lasts: Bool = false
    ) async throws -> Answer {
        let healthy = RawServer { _ in .answer(okay) }
        defer {
            stage.open()
            healthy.stop()
        }
        let ends = Mutex<[String]>([])
        let beside = Mutex<Answer?>(nil)
        let answer = await withCheckedContinuation { continuation in
            stage.atEntrance { [transport, besides = self.request(healthy.port)] in
                transport.send(besides, options: .toThisMachine()) { answer in
                    beside.withLock { $0 = answer }
                    ends.withLock { $0.append("healthy") }
                    if !lasts { stage.open() }
                }
            }
            transport.send(request, options: options) { answer in
                ends.withLock { $0.append("faulty") }
                continuation.resume(returning: answer)
            }
        }
        #expect(ends.withLock { $0 } == ["healthy", "faulty"])
        #expect(try beside.withLock { $0 }.map(response)?.status == 200)
        return answer
    }

    // MARK: Answers

    @Test("an answer that comes byte by byte is whole")
    func drip() async throws {
        let stage = Stage()
        let server = RawServer { _ in
            .conversation { client in
                let (head, body) = ("HTTP/1.1 200 OK\r\nContent-", "Length: 5\r\n\r\nwhole")
                guard client.drip(head) else { return }
                stage.pause()
                _ = client.drip(body)
                client.waitForEnd()
            }
        }
        defer { server.stop() }
        let answer = try response(await answer(request(server.port), on: stage))
        #expect(answer == .init(status: 200, headers: ["content-length": "5"], body: Array("whole".utf8)))
    }

    @Test(
        "an answer that comes byte by byte and never ends counts by its status, and its connection is closed")
    func endlessDrip() async throws {
        let (stage, closed) = (Stage(), Stage())
        let server = RawServer { _ in
            .conversation { client in
                guard client.drip("HTTP/1.1 200 OK\r\n\r\n") else { return }
                stage.enter()
                while client.drip("y") {}
                closed.enter()
            }
        }
        defer { server.stop() }
        let options = Transport.Options.toThisMachine(timeoutMilliseconds: 15_000)
        let answer = try response(await answer(request(server.port), options, on: stage, lasts: true))
        #expect(answer.status == 200 && !answer.isComplete)
        #expect(!answer.body.isEmpty && answer.body.allSatisfy { $0 == UInt8(ascii: "y") })
        await closed.entrance()
    }

    @Test("a status line that comes byte by byte and never ends is no answer, and its connection is closed")
    func endlessStatusLine() async throws {
        let (stage, closed) = (Stage(), Stage())
        let server = RawServer { _ in
            .conversation { client in
                guard client.drip("HTTP/1.1 200 ") else { return }
                stage.enter()
                while client.drip("y") {}
                closed.enter()
            }
        }
        defer { server.stop() }
        let options = Transport.Options.toThisMachine(timeoutMilliseconds: 15_000)
        #expect(
            try lost(await answer(request(server.port), options, on: stage, lasts: true))
                == "time-out after 15 s while waiting for the answer")
        await closed.entrance()
    }

    @Test(
        "a body that never ends is cut at 64 KiB, its status counts, and its connection is closed",
        arguments: ["", "Transfer-Encoding: chunked\r\n"])
    func endlessBody(header: String) async throws {
        let (stage, closed) = (Stage(), Stage())
        let server = RawServer { _ in
            .conversation { client in
                let piece = "1000\r\n" + String(repeating: "y", count: 4096) + "\r\n"
                client.send("HTTP/1.1 200 OK\r\n\(header)\r\n\(piece)")
                stage.pause()
                while client.send(piece) {}
                closed.enter()
            }
        }
        defer { server.stop() }
        let answer = try response(await answer(request(server.port), on: stage))
        #expect(answer.status == 200 && answer.isComplete && answer.body.count == 65_536)
        await closed.entrance()
    }

    @Test(
        "an answer whose trailers never end counts, and its connection is closed before they fill the memory",
        arguments: ["A: b\r\n", "HTTP/A: b\r\n"])
    func endlessTrailers(line: String) async throws {
        let (stage, closed) = (Stage(), Stage())
        let server = RawServer { _ in
            .conversation { client in
                client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n")
                stage.pause()
                let piece = String(repeating: line, count: 10_000)
                for _ in 0..<1000 where !client.send(piece) { return closed.enter() }
            }
        }
        defer { server.stop() }
        let answer = try response(await answer(request(server.port), on: stage))
        #expect(answer.status == 200 && answer.isComplete && answer.text == "ok")
        await closed.entrance()
    }

    // MARK: Half-closed connections

    @Test("a receiver that ends its side without an answer, and goes on listening, leaves the request lost")
    func halfClosed() async throws {
        let (stage, closed) = (Stage(), Stage())
        let server = RawServer { _ in
            .conversation { client in
                stage.pause()
                client.endOutput()
                client.waitForEnd()
                closed.enter()
            }
        }
        defer { server.stop() }
        #expect(
            try lost(await answer(request(server.port), on: stage))
                == "the connection ended without an answer")
        #expect(server.requests.count == 1)
        await closed.entrance()
    }

    @Test("an answer without a length is whole when the receiver ends its side")
    func halfClosedAfterBody() async throws {
        let stage = Stage()
        let server = RawServer { _ in
            .conversation { client in
                client.send("HTTP/1.1 200 OK\r\n\r\nwho")
                stage.pause()
                client.send("le")
                client.endOutput()
                client.waitForEnd()
            }
        }
        defer { server.stop() }
        let answer = try response(await answer(request(server.port), on: stage))
        #expect(answer.isComplete && answer.text == "whole")
    }

    @Test("a kept connection whose other side has ended is not used again")
    func halfClosedWhileKept() async throws {
        let ended = Stage()
        let server = RawServer { _ in
            .conversation { client in
                client.send(okay)
                client.endOutput()
                ended.enter()
                client.waitForEnd()
            }
        }
        defer { server.stop() }
        for _ in 0..<2 {
            let answer = await transport.answer(to: request(server.port), .toThisMachine())
            #expect(try response(answer).status == 200)
            await ended.entrance()
        }
        #expect(server.connections == 2 && server.requests.count == 2)
    }

    @Test("what stands behind an answer is not taken for the next one")
    func excess() async throws {
        let long = String(repeating: "x", count: 1500)
        let server = RawServer {
            $0 == 0
                ? .answer("HTTP/1.1 200 OK\r\nContent-Length: 1500\r\n\r\n" + long + okay)
                : .answer("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.stop() }
        for status in [200, 503] {
            let answer = await transport.answer(to: request(server.port), .toThisMachine())
            #expect(try response(answer).status == status)
        }
        #expect(server.connections == 2)
    }

    // MARK: TLS

    enum Untrusted: CaseIterable {
        case expired, selfSigned, otherHost, onlyTLS10, onlyTLS11

        var flaw: TLSServer.Flaw {
            switch self {
            case .expired: .expired
            case .selfSigned: .selfSigned
            case .otherHost: .none
            case .onlyTLS10: .version("tls1")
            case .onlyTLS11: .version("tls1_1")
            }
        }

        func reason(_ host: String) -> String {
            switch self {
            case .expired: "certificate not trusted: SSL certificate problem: certificate has expired"
            case .selfSigned: "certificate not trusted: SSL certificate problem: self-signed certificate"
            case .otherHost:
                "certificate not trusted: SSL: no alternative certificate subject name matches target host name "
                    + "'\(host)'"
            case .onlyTLS10, .onlyTLS11: "TLS failed: the host speaks none of the versions from 1.2 on"
            }
        }
    }

    @Test(
        "nothing is sent to a host whose certificate or version of TLS is bad", arguments: Untrusted.allCases)
    func badTLS(_ fault: Untrusted) async throws {
        let name = "receiver.localhost"
        let server = try TLSServer.start(
            host: fault == .otherHost ? "other.localhost" : name, flaw: fault.flaw)
        let stage = Stage()
        let relay = RawServer(greet: { client in
            stage.pause()
            client.relay(to: server.port)
        })
        defer {
            relay.stop()
            server.stop()
        }
        let answer = try await answer(
            request(relay.port, host: name, scheme: "https"),
            .toThisMachine(caFile: server.authority, plain: false), on: stage)
        #expect(try notSent(answer) == fault.reason(name))
    }

    // MARK: Names

    @Suite("Names", .serialized)
    struct Names {
        private let faults = NetworkFaultTests()

        @Test("nothing is sent where the host's name has no address")
        func noAddress() async throws {
            let stage = Stage()
            HangingName.hang(on: stage)
            let answer = try await faults.answer(faults.request(80, host: HangingName.name), on: stage)
            #expect(try notSent(answer) == "the host's name has no address")
        }

        @Test("a name server that never answers costs one request its time, and no other request anything")
        func hanging() async throws {
            let stage = Stage()
            HangingName.hang(on: stage)
            let options = Transport.Options.toThisMachine(connectTimeoutMilliseconds: 15_000)
            let answer = try await faults.answer(
                faults.request(80, host: HangingName.name), options, on: stage, lasts: true)
            #expect(try notSent(answer) == "time-out after 15 s while looking up the host's name")
        }

        @Test("a stop does not wait for a name server")
        func stop() async throws {
            let stage = Stage()
            HangingName.hang(on: stage)
            defer { stage.open() }
            let own = Transport(userAgent: "x", environment: { _ in nil })
            async let answer = own.answer(
                to: faults.request(80, host: HangingName.name), .toThisMachine())
            await stage.entrance()
            own.stop()
            #expect(await answer == .notSent(reason: "the service is stopping"))
        }
    }
}
