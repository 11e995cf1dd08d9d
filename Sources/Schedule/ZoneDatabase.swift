/// Finds zones by their spelling and keeps each one once. It opens no file itself: whoever makes it says how zone
/// data is read, so that it is the system's (RFC 9636 files under `/usr/share/zoneinfo`) and never a bundled copy.
package struct ZoneDatabase: Sendable {
    /// The bytes of a zone's TZif file, nil where there is none.
    private let load: @Sendable (_ name: String) -> [UInt8]?
    /// All names the system has; read only to suggest one.
    private let names: @Sendable () -> [String]
    private var found: [String: Zone] = [:]

    package init(
        load: @escaping @Sendable (_ name: String) -> [UInt8]?, names: @escaping @Sendable () -> [String]
    ) {
        self.load = load
        self.names = names
    }

    /// Reads `Europe/Zurich`, `UTC`, `UTC+8`, `UTC-03:30` or `AoE`.
    package mutating func zone(_ text: String) throws(Fault) -> Zone {
        if let zone = found[text] { return zone }
        let zone = try read(text)
        found[text] = zone
        return zone
    }

    private func read(_ text: String) throws(Fault) -> Zone {
        let upper = text.uppercased()
        if upper == "AOE" { return .anywhereOnEarth }
        if upper == "UTC" { return .utc }
        if upper.hasPrefix("UTC") || upper.hasPrefix("GMT+") || upper.hasPrefix("GMT-") {
            return try ZoneDatabase.fixed(upper)
        }
        guard ZoneDatabase.isName(text) else { throw unknown(text) }
        guard let bytes = load(text) else { throw unknown(text) }
        do {
            return try Zone(name: text, tzif: bytes)
        } catch {
            throw Fault("zone '\(text)' cannot be used: \(error.message)", remedy: error.remedy)
        }
    }

    /// `UTC+8`, `UTC-03:30`, up to a day either way.
    private static func fixed(_ text: String) throws(Fault) -> Zone {
        var scanner = Scanner(text.dropFirst(3))
        if text.hasPrefix("UTC"), let sign = scanner.take(anyOf: "+-"), let hours = scanner.digits(1...2),
            hours <= 23
        {
            var minutes = 0
            var isWhole = scanner.isAtEnd
            if scanner.take(":"), let rest = scanner.digits(2...2), rest < 60, scanner.isAtEnd {
                minutes = rest
                isWhole = true
            }
            if isWhole {
                let seconds = Int32(hours * 3600 + minutes * 60)
                return Zone(name: text, secondsEast: sign == UInt8(ascii: "-") ? -seconds : seconds)
            }
        }
        throw Fault(
            "'\(text)' is no offset from UTC",
            remedy: "write UTC+8, UTC-03:30 or an IANA name like Asia/Seoul")
    }

    /// Whether a text can be a name of the tz database; also keeps `..` and absolute paths away from the file system.
    private static func isName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 64 && !["posix", "right"].contains(parts.first)
            && parts.allSatisfy { part in
                part.utf8.first.map { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
                    ?? false
                    && part.utf8.allSatisfy { byte in
                        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
                            || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
                            || "+-_".utf8.contains(byte)
                    }
            }
    }

    private func unknown(_ text: String) -> Fault {
        let all = names()
        // People mostly know the city and not the region.
        let tail = text.split(separator: "/").last.map { $0.lowercased() } ?? ""
        let byCity = all.first { name in name.lowercased().hasSuffix("/" + tail.replacing(" ", with: "_")) }
        let suggestion = byCity ?? Spelling.nearest(to: text, among: all)
        return Fault(
            "unknown zone '\(text)'",
            remedy: suggestion.map { "did you mean '\($0)'?" }
                ?? "write an IANA name like Europe/Zurich, UTC, UTC+8 or AoE")
    }
}

/// Guesses what somebody meant.
package enum Spelling {
    /// The candidate that needs the fewest changed letters, if that is no more than a third of them.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().prefix(64))
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(letters, Array(candidate.lowercased().prefix(64)))
            if distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        guard let best, best.distance <= max(1, min(letters.count, best.candidate.count) / 3) else {
            return nil
        }
        return best.candidate
    }

    /// Damerau's distance between neighbours: insert, delete, replace, or swap two letters.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
