import Messages
import Testing

@testable import Transport

@Suite("Egress", .timeLimit(.minutes(10)))
struct EgressTests {
    private let transport = Transport(userAgent: "deadlined/test", environment: { _ in nil })
    private let guarded = Transport.Options(allowsPlainHTTP: true)

    private func request(_ port: UInt16, host: String, scheme: String = "http") -> Request {
        Request(.post, Secret("\(scheme)://\(host):\(port)/s3cret"), json: .null)
    }

    // MARK: Addresses

    @Test("an address of this machine is not connected to, and the reason says which one and what allows it")
    func refused() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        for host in ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"] {
            let answer = await transport.answer(to: request(server.port, host: host), guarded)
            #expect(
                try notSent(answer)
                    == "the host's address 127.0.0.1 is in 127.0.0.0/8 (this machine), which 'allow_networks' does not allow",
                "\(host)")
        }
        for host in ["localhost", "a.localhost", "[::1]", "[::ffff:127.0.0.1]", "[::]", "0.0.0.0"] {
            let reason = try notSent(
                await transport.answer(to: request(server.port, host: host), guarded))
            #expect(reason.hasSuffix("which 'allow_networks' does not allow"), "\(host): \(reason)")
        }
        #expect(server.connections == 0)
    }

    @Test("a channel may go where its own networks say, and nowhere else")
    func allowed() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        for (network, isAllowed) in [
            ("127.0.0.1", true), ("127.0.0.0/8", true), ("127.0.0.2", false), ("10.0.0.0/8", false),
        ] {
            var options = guarded
            options.allowedNetworks = [try Network(network)]
            let answer = await transport.answer(to: request(server.port, host: "127.0.0.1"), options)
            if isAllowed { #expect(try response(answer).status == 200) } else { _ = try notSent(answer) }
        }
    }

    @Test("of a name's addresses only those are connected to that are allowed")
    func mixed() async throws {
        let server = RawServer { _ in .answer(okay) }
        // libcurl gives such a name the addresses ::1 and 127.0.0.1, if the system has the former at all.
        let request = request(server.port, host: "receiver.localhost")
        var options = guarded
        options.allowedNetworks = [try Network("127.0.0.1")]
        #expect(try response(await transport.answer(to: request, options)).status == 200)
        server.stop()
        // What went wrong with the one that is allowed is the reason.
        let own = Transport(userAgent: "x", environment: { _ in nil })
        #expect(
            try notSent(await own.answer(to: request, options))
                == "no connection to the host: nobody listens there")
    }

    @Test("a connection that another channel was allowed to make serves no channel that is not")
    func kept() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        let request = request(server.port, host: "receiver.localhost")
        #expect(try response(await transport.answer(to: request, .toThisMachine())).status == 200)
        let reason = try notSent(await transport.answer(to: request, guarded))
        #expect(reason.hasSuffix("(this machine), which 'allow_networks' does not allow"))
        #expect(try response(await transport.answer(to: request, .toThisMachine())).status == 200)
        #expect(server.requests.count == 2)
    }

    // MARK: Proxies

    private func transport(by proxy: RawServer) -> Transport {
        Transport(
            userAgent: "x",
            environment: { [port = proxy.port] in $0 == "https_proxy" ? "http://127.0.0.1:\(port)" : nil })
    }

    @Test("the environment's proxy is connected to wherever it stands, and hosts are the proxy's to look up")
    func plainProxy() async throws {
        let proxy = RawServer { _ in .answer(okay) }
        defer { proxy.stop() }
        let address = "http://proxy.localhost:\(proxy.port)"
        let own = Transport(userAgent: "x", environment: { $0 == "http_proxy" ? address : nil })
        let answer = await own.answer(to: request(8080, host: "receiver.invalid"), guarded)
        #expect(try response(answer).status == 200)
        #expect(proxy.requests.first?.hasPrefix("POST http://receiver.invalid:8080/s3cret HTTP/1.1") == true)
    }

    @Test("TLS goes through the proxy's tunnel to a host that only the proxy reaches")
    func tunnel() async throws {
        let server = try TLSServer.start(host: "receiver.invalid")
        let proxy = RawServer { _ in
            .conversation { client in
                client.send("HTTP/1.1 200 Connected\r\n\r\n")
                client.relay(to: server.port)
            }
        }
        defer {
            proxy.stop()
            server.stop()
        }
        let own = transport(by: proxy)
        let request = request(443, host: "receiver.invalid", scheme: "https")
        let answer = await own.answer(to: request, .init(caFile: server.authority))
        #expect(try response(answer).status == 200)
        #expect(proxy.requests.first?.hasPrefix("CONNECT receiver.invalid:443 HTTP/1.1") == true)
        #expect(proxy.requests.allSatisfy { !$0.contains("s3cret") })
    }

    @Test(
        "what a proxy refuses is said of the proxy",
        arguments: ["403 Forbidden", "407 Log In", "502 Bad Gateway"])
    func refusingProxy(status: String) async throws {
        let proxy = RawServer { _ in .answerAndHangUp("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n") }
        defer { proxy.stop() }
        let own = transport(by: proxy)
        let answer = await own.answer(to: request(443, host: "receiver.invalid", scheme: "https"), .init())
        #expect(try notSent(answer) == "the proxy answered \(status.prefix(3))")
    }

    @Test("where no proxy listens, that is said")
    func noProxy() async throws {
        let proxy = RawServer { _ in .hangUp }
        proxy.stop()
        let own = transport(by: proxy)
        let answer = await own.answer(to: request(443, host: "receiver.invalid", scheme: "https"), .init())
        #expect(try notSent(answer) == "no connection to the proxy: nobody listens there")
    }

    @Test("hosts that the environment excepts from the proxy are judged like all others")
    func excepted() async throws {
        let server = RawServer { _ in .answer(okay) }
        defer { server.stop() }
        let name = "receiver.localhost"
        let variables = ["http_proxy": "http://127.0.0.1:\(server.port)", "no_proxy": name]
        let own = Transport(userAgent: "x", environment: { variables[$0] })
        let reason = try notSent(await own.answer(to: request(server.port, host: name), guarded))
        #expect(reason.hasSuffix("which 'allow_networks' does not allow"))
        #expect(server.connections == 0)
        let answer = await own.answer(to: request(server.port, host: name), .toThisMachine())
        #expect(try response(answer).status == 200)
        #expect(server.requests.first?.hasPrefix("POST /s3cret HTTP/1.1") == true)
    }

    @Test("which proxy is used is what libcurl's manual says of the environment's variables")
    func choice() {
        func proxy(_ url: String, _ variables: [String: String]) -> String? {
            Proxies(environment: { variables[$0] }).proxy(for: Secret(url))?.revealed
        }
        let host = "https://hooks.example.org/s3cret"
        #expect(proxy(host, [:]) == nil)
        #expect(proxy(host, ["https_proxy": "a", "HTTPS_PROXY": "b", "all_proxy": "c"]) == "a")
        #expect(proxy(host, ["https_proxy": "", "HTTPS_PROXY": "b", "all_proxy": "c"]) == "b")
        #expect(proxy(host, ["ALL_PROXY": "c", "http_proxy": "d"]) == "c")
        #expect(proxy("http://hooks.example.org/", ["HTTP_PROXY": "b", "https_proxy": "c"]) == nil)
        #expect(proxy("http://hooks.example.org/", ["http_proxy": "a"]) == "a")
        for url in ["https://localhost/", "https://127.0.0.1/", "https://[::1]/"] {
            #expect(proxy(url, ["https_proxy": "a"]) == nil, "\(url)")
        }
        for (exceptions, url, isExcepted) in [
            ("*", host, true), ("example.org", host, true), (".example.org", host, true),
            ("EXAMPLE.org.", host, true), ("a, hooks.example.org", host, true), ("a example.org", host, true),
            ("ample.org", host, false), ("*.example.org", host, false), ("org.uk", host, false),
            ("", host, false), (".", host, false), ("10.0.0.0/8", host, false),
            ("10.0.0.0/8", "https://10.1.2.3/", true), ("10.1.2.3/8", "https://10.9.9.9/", true),
            ("10.1.2.3", "https://10.1.2.3/", true), ("10.1.2.3", "https://10.1.2.30/", false),
            ("2.3", "https://10.1.2.3/", false), ("fd00::/8", "https://[fd12::1]/", true),
            ("fd12:0::1", "https://[fd12::1]/", true), ("10.0.0.0/99", "https://10.1.2.3/", false),
        ] {
            let found = proxy(url, ["https_proxy": "a", "no_proxy": exceptions])
            #expect((found == nil) == isExcepted, "\(exceptions) \(url)")
        }
    }
}
