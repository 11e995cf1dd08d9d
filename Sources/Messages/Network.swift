import Schedule

/// An IP address, as a number of 32 or 128 bits.
package struct IPAddress: Sendable, Hashable {
    package enum Family: Sendable {
        case v4, v6

        package var width: Int { self == .v4 ? 32 : 128 }
    }

    package let family: Family
    fileprivate let bits: UInt128

    fileprivate init(_ family: Family, _ bits: UInt128) {
        self.family = family
        self.bits = bits
    }

    /// Reads the 4 or 16 bytes of a socket's address, the first one first.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.init(bytes.count == 4 ? .v4 : .v6, bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// Reads `127.0.0.1` or `::1`. Four decimal numbers without leading zeros and nothing else are an IPv4
    /// address: what else the C library takes (`0177.1`, `2130706433`) is read differently by different readers.
    package init?(_ text: String) {
        if let bits = IPAddress.v4(text) {
            self.init(.v4, bits)
        } else if let bits = IPAddress.v6(text) {
            self.init(.v6, bits)
        } else {
            return nil
        }
    }

    private static func v4(_ text: some StringProtocol) -> UInt128? {
        var bits: UInt128 = 0
        var dots = 0
        // Nil before a part's first digit.
        var part: UInt32?
        for byte in text.utf8 {
            switch (byte, part) {
            case (UInt8(ascii: "."), let number?):
                bits = bits << 8 | UInt128(number)
                dots += 1
                part = nil
            case (UInt8(ascii: "0")...UInt8(ascii: "9"), let before):
                let number = (before ?? 0) * 10 + UInt32(byte - UInt8(ascii: "0"))
                guard before != 0, number < 256 else { return nil }
                part = number
            default: return nil
            }
        }
        guard dots == 3, let part else { return nil }
        return bits << 8 | UInt128(part)
    }

    /// RFC 4291 2.2: eight groups, of which one `::` may stand for one or more zeros, and the last two may be
    /// written as an IPv4 address.
    private static func v6(_ text: some StringProtocol) -> UInt128? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard let first = halves.first, let last = halves.last, halves.count <= 2,
            let head = groups(first, mayEndInV4: halves.count == 1),
            let tail = halves.count == 1 ? [] : groups(last, mayEndInV4: true)
        else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.count == 1 ? missing == 0 : missing > 0 else { return nil }
        return (head + Array(repeating: 0, count: missing) + tail).reduce(0) { $0 << 16 | $1 }
    }

    private static func groups(_ text: some StringProtocol, mayEndInV4: Bool) -> [UInt128]? {
        if text.isEmpty { return [] }
        var groups: [UInt128] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInV4, index == parts.count - 1, let bits = v4(part) {
                groups += [bits >> 16, bits & 0xFFFF]
            } else if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                let group = UInt128(part, radix: 16)
            {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Unicode.Scalar(byte).properties.isASCIIHexDigit
    }

    /// A number of up to three digits without a leading zero.
    fileprivate static func decimal(_ text: some StringProtocol) -> Int? {
        guard (1...3).contains(text.utf8.count), text.unicodeScalars.allSatisfy({ $0.isDigit }),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        return Int(text)
    }

    /// The IPv4 address that connecting to this IPv6 address leads to, through the system itself
    /// (`::ffff:0:0/96`) or a translator on the way (`64:ff9b::/96`, RFC 6052).
    fileprivate var embedded: IPAddress? {
        guard family == .v6 else { return nil }
        let network = bits >> 32
        return network == 0xFFFF || network == 0x64_FF9B << 64 ? IPAddress(.v4, bits & 0xFFFF_FFFF) : nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// As RFC 5952 wants it.
    package var description: String {
        guard family == .v6 else {
            return [24, 16, 8, 0].map { String(bits >> $0 & 0xFF) }.joined(separator: ".")
        }
        if bits >> 32 == 0xFFFF, let embedded { return "::ffff:\(embedded)" }
        let groups = stride(from: 112, through: 0, by: -16).map { String(bits >> $0 & 0xFFFF, radix: 16) }
        var zeros = 0..<0
        for start in groups.indices {
            let count = groups[start...].prefix { $0 == "0" }.count
            if count > max(zeros.count, 1) { zeros = start..<start + count }
        }
        guard !zeros.isEmpty else { return groups.joined(separator: ":") }
        return groups[..<zeros.lowerBound].joined(separator: ":") + "::"
            + groups[zeros.upperBound...].joined(separator: ":")
    }
}

/// All addresses that begin with the same bits: `10.0.0.0/8`, or one address alone.
package struct Network: Sendable, Hashable {
    private let first: IPAddress
    private let prefixLength: Int

    /// The network of that size that an address lies in.
    package init?(around address: IPAddress, prefixLength: Int) {
        guard (0...address.family.width).contains(prefixLength) else { return nil }
        let rest = address.family.width - prefixLength
        first = IPAddress(address.family, (address.bits >> rest) << rest)
        self.prefixLength = prefixLength
    }

    /// Reads `10.0.0.0/8`, `127.0.0.1`, `::1` or `fd00::/8`.
    package init(_ text: String) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else {
            throw Fault(
                "'\(Text.cut(Text.singleLine(text), to: 60, counting: .utf16))' is no IP address or network",
                remedy: "write it like 127.0.0.1, 10.0.0.0/8 or fd00::/8, without leading zeros")
        }
        let width = address.family.width
        guard let length = parts.count == 1 ? width : parts.last.flatMap({ IPAddress.decimal($0) }),
            let network = Network(around: address, prefixLength: length)
        else {
            throw Fault(
                "'\(Text.cut(Text.singleLine(text), to: 60, counting: .utf16))' has no size of a network",
                remedy: "write a number from 0 to \(width) after the '/'")
        }
        guard network.first == address else {
            throw Fault(
                "'\(text)' is an address within a network, and no network",
                remedy: "write \(network) for the network, or \(address) for the address")
        }
        self = network
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.family == first.family
            && (address.bits ^ first.bits) >> (address.family.width - prefixLength) == 0
    }

    /// This machine.
    package static let loopback = ["127.0.0.0/8", "::1"].compactMap { try? Network($0) }
}

extension Network: CustomStringConvertible {
    package var description: String {
        prefixLength == first.family.width ? "\(first)" : "\(first)/\(prefixLength)"
    }
}

/// A network in which no service of the internet lives, so that a request to it is probably not meant: somebody who may
/// write a URL, or a name server, would have us speak to what only this machine can reach.
package struct PrivateNetwork: Sendable {
    package let network: Network
    /// What it is for, fit to stand in brackets.
    package let purpose: String

    /// IANA's special-purpose registries for IPv4 and IPv6, without what they call globally reachable but for the few
    /// anycast addresses in 192.0.0.0/24 and 2001::/23, none of which takes messages; and multicast. The narrower comes
    /// first. Of IPv6, only 2000::/3 is given out to anybody.
    static let all: [PrivateNetwork] = [
        ("0.0.0.0/8", "this host"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "a provider's own"),
        ("127.0.0.0/8", "this machine"), ("169.254.0.0/16", "link-local, a cloud's metadata"),
        ("172.16.0.0/12", "private"), ("192.0.0.0/24", "protocols"), ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relays"), ("192.168.0.0/16", "private"), ("198.18.0.0/15", "benchmarks"),
        ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"), ("255.255.255.255", "broadcast"), ("240.0.0.0/4", "reserved"),

        ("::", "this host"), ("::1", "this machine"), ("::/96", "IPv4-compatible"),
        ("64:ff9b:1::/48", "local translation to IPv4"), ("100::/64", "discarded"),
        ("100:0:0:1::/64", "dummy"), ("2001::/32", "Teredo"), ("2001::/23", "protocols"),
        ("2001:db8::/32", "documentation"), ("2002::/16", "6to4"), ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"), ("ff00::/8", "multicast"), ("::/3", "reserved"),
        ("4000::/2", "reserved"), ("8000::/1", "reserved"),
    ].compactMap { text, purpose in
        (try? Network(text)).map { PrivateNetwork(network: $0, purpose: purpose) }
    }
}

extension IPAddress {
    /// The private network for whose sake no connection to this address is made; nil where one may be made. What leads
    /// to an IPv4 address is judged as that one.
    package func refusal(allowing allowed: [Network]) -> PrivateNetwork? {
        let goal = embedded ?? self
        guard !allowed.contains(where: { $0.contains(self) || $0.contains(goal) }) else { return nil }
        return PrivateNetwork.all.first { $0.network.contains(goal) }
    }
}
