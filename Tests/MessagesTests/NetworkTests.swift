import Messages
import Schedule
import Testing

@Suite("Networks")
struct NetworkTests {
    private func network(_ text: String) -> Network? { try? Network(text) }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text), "\(text)") }

    @Test("addresses are read in every form of RFC 4291 and written as RFC 5952 wants")
    func addresses() throws {
        for (text, written) in [
            ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:1", "::1"),
            ("2001:DB8::0001", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("::ffff:102:304", "::ffff:1.2.3.4"),
            ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ] {
            #expect(try address(text).description == written)
        }
        #expect(IPAddress(bytes: [127, 0, 0, 1]) == IPAddress("127.0.0.1"))
        #expect(IPAddress(bytes: [UInt8](repeating: 0, count: 15) + [1]) == IPAddress("::1"))
        #expect(IPAddress(bytes: [UInt8]()) == nil && IPAddress(bytes: [1, 2, 3]) == nil)
    }

    @Test(
        "what other readers take for another address, or for none, is none",
        arguments: [
            "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3.4", "1..2.3", "256.0.0.1", "01.2.3.4",
            "1.2.3.00", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "+1.2.3.4", "-1.2.3.4", "1.2.3.4 ",
            "١.2.3.4",
            "1.2.3.1000", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3",
            ":1",
            "1:", "::12345", "::g", "::+1", "::1%eth0", "[::1]", "1.2.3.4::", "::1.2.3.4:1", "::1.2.3",
            "1:2:3:4:5:6:7:1.2.3.4", "localhost",
        ])
    func noAddress(text: String) {
        #expect(IPAddress(text) == nil)
        #expect(network(text) == nil)
    }

    @Test("a network holds the addresses that begin as it does, of its own family")
    func contains() throws {
        for (text, inside, outside) in [
            ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0", "::a00:0"]),
            ("127.0.0.1", ["127.0.0.1"], ["127.0.0.2", "127.0.0.0", "::127.0.0.1"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::"]),
            ("198.18.0.0/15", ["198.18.0.0", "198.19.255.255"], ["198.17.255.255", "198.20.0.0"]),
            ("fd00::/8", ["fd00::", "fdff:ffff::1"], ["fc00::", "fe00::", "253.0.0.0"]),
            ("::1", ["::1"], ["::", "::2", "0.0.0.1"]), ("::/0", ["::", "ffff::"], ["0.0.0.0"]),
        ] {
            let network = try Network(text)
            #expect(network.description == text)
            for address in inside { #expect(network.contains(try self.address(address)), "\(address)") }
            for address in outside { #expect(!network.contains(try self.address(address)), "\(address)") }
        }
    }

    @Test("what is no network is an error that says what to write")
    func errors() {
        func fault(_ text: String) -> Fault? {
            do throws(Fault) {
                _ = try Network(text)
                return nil
            } catch {
                return error
            }
        }
        let form = "write it like 127.0.0.1, 10.0.0.0/8 or fd00::/8, without leading zeros"
        for text in ["example.org", "10.0.0/8", "010.0.0.0/8", "/8", ""] {
            #expect(fault(text) == Fault("'\(text)' is no IP address or network", remedy: form))
        }
        for (text, most) in [
            ("10.0.0.0/33", 32), ("10.0.0.0/", 32), ("10.0.0.0/08", 32), ("10.0.0.0/-1", 32),
            ("10.0.0.0/8/8", 32), ("10.0.0.0/255.0.0.0", 32), ("fd00::/129", 128), ("fd00::/+8", 128),
        ] {
            #expect(
                fault(text)
                    == Fault(
                        "'\(text)' has no size of a network",
                        remedy: "write a number from 0 to \(most) after the '/'"))
        }
        #expect(
            fault("10.1.2.3/8")
                == Fault(
                    "'10.1.2.3/8' is an address within a network, and no network",
                    remedy: "write 10.0.0.0/8 for the network, or 10.1.2.3 for the address"))
        #expect(fault("fd12::1/8")?.remedy == "write fd00::/8 for the network, or fd12::1 for the address")
    }

    @Test(
        "no private network is connected to, from its first address to its last",
        arguments: [
            ("0.0.0.0", "0.255.255.255"), ("10.0.0.0", "10.255.255.255"), ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"), ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"), ("192.0.0.0", "192.0.0.255"), ("192.0.2.0", "192.0.2.255"),
            ("192.88.99.0", "192.88.99.255"), ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"), ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"), ("224.0.0.0", "239.255.255.255"),
            ("240.0.0.0", "255.255.255.255"), ("::", "::fffe:ffff:ffff"), ("64:ff9b:1::", "64:ff9b:1:ffff::"),
            ("100::", "100::ffff:ffff:ffff:ffff"), ("100:0:0:1::", "100::1:ffff:0:0:1"),
            ("2001::", "2001:0:ffff::1"), ("2001:2::", "2001:1ff:ffff::"), ("2001:db8::", "2001:db8:ffff::"),
            ("2002::", "2002:ffff::"), ("3fff::", "3fff:fff:ffff::"), ("5f00::", "5f00:ffff::"),
            ("fc00::", "fdff:ffff::"), ("fe80::", "febf:ffff::"), ("fec0::", "feff:ffff::"),
            ("ff00::", "ffff:ffff::"), ("200::", "1fff:ffff::"), ("4000::", "5eff::"), ("6000::", "fbff::"),
            ("::ffff:10.0.0.0", "::ffff:10.255.255.255"), ("64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254"),
            ("fd00:ec2::254", "fe80::a9fe:a9fe"),
        ])
    func refused(first: String, last: String) throws {
        for text in [first, last] { #expect(try address(text).refusal(allowing: []) != nil, "\(text)") }
    }

    @Test(
        "what lies beside a private network is connected to",
        arguments: [
            "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
            "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255",
            "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0",
            "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
            "223.255.255.255", "2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2001:ffff::",
            "2003::",
            "2606:4700::6810:1", "3ffe:ffff::", "3fff:1000::", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        ])
    func admitted(text: String) throws {
        #expect(try address(text).refusal(allowing: [])?.network == nil)
    }

    @Test("a channel's networks let in what they hold, whether IPv4 comes as itself or within IPv6")
    func allowed() throws {
        for (network, inside, outside) in [
            ("127.0.0.1", ["127.0.0.1", "::ffff:127.0.0.1"], ["127.0.0.2", "::1", "::ffff:127.0.0.2"]),
            ("10.0.0.0/8", ["10.9.9.9", "::ffff:a09:909", "64:ff9b::10.9.9.9"], ["192.168.0.1"]),
            ("::1", ["::1"], ["127.0.0.1", "::", "::ffff:127.0.0.1"]),
            ("fd00::/8", ["fd12:3456::1"], ["fc00::1"]), ("0.0.0.0/0", ["127.0.0.1"], ["::1"]),
        ] {
            let networks = [try Network(network)]
            for text in inside { #expect(try address(text).refusal(allowing: networks) == nil, "\(text)") }
            for text in outside { #expect(try address(text).refusal(allowing: networks) != nil, "\(text)") }
        }
    }

    @Test("a refusal names the narrowest network and what it is for")
    func purpose() throws {
        for (text, network, purpose) in [
            ("169.254.169.254", "169.254.0.0/16", "link-local, a cloud's metadata"),
            ("::ffff:10.0.0.1", "10.0.0.0/8", "private"), ("::1", "::1", "this machine"),
            ("2001::1", "2001::/32", "Teredo"), ("255.255.255.255", "255.255.255.255", "broadcast"),
            ("::10.0.0.1", "::/96", "IPv4-compatible"), ("200::1", "::/3", "reserved"),
        ] {
            let refusal = try #require(try address(text).refusal(allowing: []))
            #expect(refusal.network.description == network && refusal.purpose == purpose)
        }
    }

    @Test(
        "this machine itself is known by the form of its name",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("[::1]", true), ("[0:0::1]", true),
            ("LOCALHOST", true),
            ("127.-0.0.1", false), ("127.+0.0.1", false), ("127.0.0.1.evil.org", false),
            ("localhost.", false),
            ("10.0.0.1", false), ("[::ffff:127.0.0.1]", false),
        ])
    func loopback(host: String, isLoopback: Bool) throws {
        #expect(try WebAddress("http://\(host):8008/x").isLoopback == isLoopback)
    }
}
