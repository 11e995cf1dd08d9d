import Foundation
import Glibc
import HTTPServer
import Testing

/// A client that says what it likes, byte by byte.
private final class RawClient {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        try #require(outcome == 0)
    }

    deinit { close(descriptor) }

    /// False where the other side has gone.
    func say(_ text: String) -> Bool {
        send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) > 0
    }

    /// Everything until the other side closes, or `count` bytes.
    func hear(_ count: Int = .max) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < count {
            let got = recv(descriptor, &buffer, buffer.count, 0)
            guard got > 0 else { break }
            bytes += buffer.prefix(got)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite("The HTTP server")
struct HTTPServerTests {
    private func server() throws -> (HTTPServer, port: Int) {
        let server = try HTTPServer(.loopback(port: 0)) { request, respond in
            respond(HTTPServer.Response(status: 200, contentType: "text/plain", body: "hello".utf8))
        }
        return (server, try #require(server.port))
    }

    /// What a server that tells its host, path and `tag` answers to a request line and headers.
    private func told(_ lines: String...) throws -> String {
        let server = try HTTPServer(.loopback(port: 0)) { request, respond in
            let text = "\(request.headers["host"] ?? "") \(request.path) \(request.query["tag"] ?? "")"
            respond(HTTPServer.Response(status: 200, contentType: "text/plain", body: text.utf8))
        }
        defer { server.stop() }
        let client = try RawClient(port: try #require(server.port))
        #expect(client.say((lines + ["connection: close", "", ""]).joined(separator: "\r\n")))
        return client.hear()
    }

    @Test("a target with its host is read as one without, and its host counts")
    func absoluteTarget() throws {
        for (target, told) in [
            ("http://localhost:8125/healthz", "localhost:8125 /healthz "),
            ("HTTP://localhost/a?tag=b+c", "localhost /a b c"), ("http://localhost", "localhost / "),
            ("http://localhost?tag=a", "localhost / a"), ("/a?tag=%C3%A9", "x /a é"),
        ] {
            #expect(try self.told("GET \(target) HTTP/1.1", "host: x").hasSuffix("\r\n\r\n\(told)"))
        }
    }

    @Test("without a host, or with two, and with a query that nobody can read, a request is a bad one")
    func badRequests() throws {
        for lines in [
            ["GET / HTTP/1.1"], ["GET / HTTP/1.1\r\nhost: x", "host: y"],
            ["GET /?tag=%ff HTTP/1.1", "host: x"], ["GET /?tag=a&%ff=b HTTP/1.1", "host: x"],
        ] {
            let answer = try told(lines[0], lines.count > 1 ? lines[1] : "accept: *")
            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(lines) \(answer)")
        }
        #expect(try told("GET / HTTP/1.0", "accept: *").contains(" 200 "))
    }

    @Test("HEAD is answered with the size of the body, and without it")
    func head() throws {
        let (server, port) = try server()
        defer { server.stop() }
        let client = try RawClient(port: port)
        #expect(client.say("HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
        let answer = client.hear()
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("content-length: 5\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test("whoever opens more connections than anybody needs is not let in, and the others are served")
    func crowd() throws {
        let (server, port) = try server()
        defer { server.stop() }
        let first = try RawClient(port: port)
        var crowd: [RawClient] = []
        for _ in 0..<80 { crowd.append(try RawClient(port: port)) }
        // The last one was one too many: nothing comes but the end.
        #expect(crowd.last?.hear() == "")
        #expect(first.say("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
        #expect(first.hear().hasSuffix("hello"))
    }

    @Test(
        "answers that nobody reads do not fill the memory: who asks for more is told to wait",
        .timeLimit(.minutes(10)))
    func unread() throws {
        let server = try HTTPServer(.loopback(port: 0)) { request, respond in
            respond(
                HTTPServer.Response(
                    status: 200, body: [UInt8](repeating: 120, count: request.path == "/" ? 24 << 20 : 5)))
        }
        defer { server.stop() }
        let port = try #require(server.port)
        let client = try RawClient(port: port)
        #expect(client.say("GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
        #expect(client.hear(1).hasPrefix("HTTP/1.1 200 OK"))
        func ask(_ path: String) throws -> String {
            let other = try RawClient(port: port)
            #expect(other.say("GET \(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
            return String(other.hear(1).prefix(12))
        }
        #expect(try ask("/") == "HTTP/1.1 503")
        #expect(try ask("/small") == "HTTP/1.1 200")
        // All but some KB, which the system takes.
        _ = client.hear((24 << 20) - 16_384)
        var answers: Set<String> = []
        for _ in 0..<6000 where !answers.contains("HTTP/1.1 200") {
            usleep(10_000)
            answers.insert(try ask("/"))
        }
        #expect(answers.contains("HTTP/1.1 200"))
    }

    @Test("a request that trickles is not waited for, however often a byte comes", .timeLimit(.minutes(10)))
    func trickle() throws {
        let (server, port) = try server()
        defer { server.stop() }
        let client = try RawClient(port: port)
        #expect(client.say("GET / HTTP/1.1\r\n"))
        while client.say("x") { usleep(300_000) }
    }

    @Test("a body larger than any question is refused")
    func large() throws {
        let (server, port) = try server()
        defer { server.stop() }
        let client = try RawClient(port: port)
        let body = String(repeating: "x", count: 20_000)
        #expect(
            client.say(
                "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 20000\r\n\r\n\(body)"))
        #expect(client.hear().hasPrefix("HTTP/1.1 413"))
    }
}
