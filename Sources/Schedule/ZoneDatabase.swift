/// Finds zones by their spelling and keeps each one once. It opens no file itself: whoever makes it says how zone
/// data is read, so that it is the system's (RFC 9636 files under `/usr/share/zoneinfo`) and never a bundled copy.
package struct ZoneDatabase: Sendable {
    /// The bytes of a zone's TZif file, nil where there is none.
    private let load: @Sendable (_ name: String) -> [UInt8]?
    /// All names the system has; read only to suggest one.
    private let names: @Sendable () -> [String]
    private var found: [String: Result<Zone, Fault>] = [:]

    package init(
        load: @escaping @Sendable (_ name: String) -> [UInt8]?, names: @escaping @Sendable () -> [String]
    ) {
        self.load = load
        self.names = names
    }

    /// Reads `Europe/Zurich`, `UTC`, `UTC+8`, `UTC-03:30` or `AoE`.
    package mutating func zone(_ text: String) throws(Fault) -> Zone {
        if let known = found[text] { return try known.get() }
        // Faults too: what is misspelt in one place is misspelt in thousands, and a suggestion takes milliseconds.
        let result = Result { () throws(Fault) in try read(text) }
        found[text] = result
        return try result.get()
    }

    private func read(_ text: String) throws(Fault) -> Zone {
        let upper = text.uppercased()
        if upper == "AOE" { return .anywhereOnEarth }
        if upper == "UTC" { return .utc }
        if upper == "Z" { throw Fault("unknown zone '\(text)'", remedy: "write UTC") }
        if upper.hasPrefix("UTC") || upper.hasPrefix("GMT+") || upper.hasPrefix("GMT-") {
            return try ZoneDatabase.fixed(upper)
        }
        if let meanings = ZoneAbbreviation.meanings[upper] {
            throw Fault(
                "'\(text)' \(meanings.count == 1 ? "is no zone but an abbreviation" : "means several zones")",
                remedy: "write \(meanings.joined(separator: " or "))")
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
        let east = text.dropFirst(3).filter { $0 != " " }
        throw Fault(
            "'\(text)' is no offset from UTC",
            remedy: text.hasPrefix("GMT") && (try? fixed("UTC\(east)")) != nil
                ? "write UTC\(east)" : "write UTC+8, UTC-03:30 or an IANA name like Asia/Seoul")
    }

    /// What is doubtful about a zone that can be read: in `Etc/GMT+8` the sign is that of POSIX, not that of people.
    package static func doubt(about zone: Zone) -> Fault? {
        guard zone.name.hasPrefix("Etc/GMT"), zone.name.utf8.count > 7 else { return nil }
        let hours = zone.offset(at: Instant(seconds: 0)) / 3600
        guard hours != 0 else { return nil }
        let side = hours < 0 ? "behind" : "ahead of"
        return Fault(
            "'\(zone.name)' is \(abs(hours)) hour\(abs(hours) == 1 ? "" : "s") \(side) UTC",
            remedy:
                "write UTC\(hours < 0 ? "" : "+")\(hours) if you mean it, UTC\(hours < 0 ? "+" : "-")\(abs(hours)) if not"
        )
    }

    /// Whether a text can be a name of the tz database; also keeps `..` and absolute paths away from the file system.
    private static func isName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        // What a machine keeps beside its zones.
        let others = ["posix", "right", "localtime", "posixrules", "Factory"]
        return text.utf8.count <= 64 && !(parts.first.map { others.contains(String($0)) } ?? false)
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
        // No name is longer, and nothing is near to what is.
        guard text.utf8.count <= 64 else {
            return Fault("unknown zone '\(shortened(text))'", remedy: ZoneDatabase.forms)
        }
        let all = names()
        if all.isEmpty, load("Etc/UTC") == nil {
            return Fault(
                "unknown zone '\(text)': there is no zone data in /usr/share/zoneinfo",
                remedy: "install the system's package tzdata; UTC, UTC+8 and AoE need none")
        }
        // People mostly know the city and not the region.
        let tail = text.split(separator: "/").last.map { $0.lowercased() } ?? ""
        let byCity = all.first { name in name.lowercased().hasSuffix("/" + tail.replacing(" ", with: "_")) }
        let suggestion = byCity ?? Spelling.nearest(to: text, among: all)
        return Fault(
            "unknown zone '\(text)'",
            remedy: suggestion.map { "did you mean '\($0)'?" }
                ?? ZoneDatabase.forms)
    }

    private static let forms = "write an IANA name like Europe/Zurich, UTC, UTC+8 or AoE"
}
