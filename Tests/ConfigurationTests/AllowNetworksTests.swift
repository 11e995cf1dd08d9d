import Configuration
import Messages
import Testing

@Suite("Networks that a channel may reach")
struct AllowNetworksTests {
    /// A configuration with one webhook to that URL.
    private func reading(_ url: String, _ more: String = "") -> Configuration.Reading {
        read([
            "deadlined.yaml": """
            defaults: {timezone: UTC, channels: [lab]}
            allow_http: [10.1.2.3, "::1", hooks.lan]
            channels:
              lab:
                type: webhook
                url: \(url)
            \(more)
            """
        ])
    }

    private func errors(_ url: String, _ more: String = "") -> [String] {
        reading(url, more).diagnostics.filter { $0.severity == .error }.map(\.description)
    }

    @Test("networks are read from a list, in every form of YAML, and one alone is a list of it")
    func forms() throws {
        for (text, networks) in [
            ("[127.0.0.1, 10.0.0.0/8]", ["127.0.0.1", "10.0.0.0/8"]), ("127.0.0.1", ["127.0.0.1"]),
            ("[\"::1\", fd00::/8]", ["::1", "fd00::/8"]), ("::1", ["::1"]),
            ("\n      - ::1\n      - 2001:db8::/32", ["::1", "2001:db8::/32"]), ("[]", []),
        ] {
            let reading = reading("https://hooks.example.org/x", "    allow_networks: \(text)")
            let channel = try #require(reading.configuration?.agenda.channels.first, "\(reading.diagnostics)")
            #expect(channel.allowedNetworks.map(\.description) == networks)
            #expect(channel.heard(by: channel.audience).allowedNetworks == channel.allowedNetworks)
        }
    }

    @Test("each entry that is no network is an error at its place, with what to write instead")
    func faults() {
        #expect(
            errors("https://hooks.example.org/x", "    allow_networks: [10.1.2.3/8, lan, 10.0.0.0/40, [a]]")
                == [
                    "deadlined.yaml:7:22: error: '10.1.2.3/8' is an address within a network, and no network "
                        + "(write 10.0.0.0/8 for the network, or 10.1.2.3 for the address)",
                    "deadlined.yaml:7:34: error: 'lan' is no IP address or network "
                        + "(write it like 127.0.0.1, 10.0.0.0/8 or fd00::/8, without leading zeros)",
                    "deadlined.yaml:7:39: error: '10.0.0.0/40' has no size of a network "
                        + "(write a number from 0 to 32 after the '/')",
                    "deadlined.yaml:7:52: error: a network is no text (write one value)",
                ])
        #expect(
            errors("https://hooks.example.org/x", "    allow_networks: {a: b}") == [
                "deadlined.yaml:7:21: error: 'allow_networks' is no list (write [one, two], or lines that begin with '- ')"
            ])
    }

    @Test("a URL that leads to a private address by its very form is an error, and never shown")
    func literalHosts() {
        for (url, words, remedy) in [
            ("https://10.1.2.3/s3cret", "10.1.2.3, in 10.0.0.0/8 (private)", "10.1.2.3"),
            (
                "https://[::ffff:a9fe:a9fe]/s3cret",
                "::ffff:a9fe:a9fe, in 169.254.0.0/16 (link-local, a cloud's metadata)",
                "'::ffff:169.254.169.254'"
            ),
        ] {
            #expect(
                errors("\"\(url)\"") == [
                    "deadlined.yaml:6:10: error: the URL leads to \(words) "
                        + "(add allow_networks: [\(remedy)] to the channel if that is meant)"
                ])
            #expect(errors("\"\(url)\"", "    allow_networks: [\(remedy)]") == [])
        }
    }

    @Test("of a heartbeat's private address it is said where to allow it")
    func heartbeat() {
        let found = errors("https://hooks.example.org/x", "heartbeat: {url: https://10.1.2.3/x}")
        #expect(
            found.count == 1 && found[0].contains("(add allow_networks: [10.1.2.3] to 'heartbeat' if"),
            "\(found)")
    }

    @Test("a URL that names this machine by its very form may reach it, and nothing else private")
    func thisMachine() throws {
        for url in ["http://127.0.0.1:8008/x", "http://localhost:8008/x", "\"http://[::1]/x\""] {
            let channel = try #require(reading(url).configuration?.agenda.channels.first)
            #expect(channel.allowedNetworks == Network.loopback)
        }
    }

    @Test("either address of this machine lets `localhost` in; names and public addresses need nothing")
    func otherHosts() {
        for networks in ["127.0.0.1", "[\"::1\"]", "127.0.0.0/8"] {
            #expect(errors("http://localhost:8008/x", "    allow_networks: \(networks)") == [])
        }
        for url in ["https://hooks.example.org/x", "http://hooks.lan/x", "https://8.8.8.8/x"] {
            #expect(errors(url) == [])
        }
    }
}
