import Foundation
import Schedule
import Testing

/// The system's zones, as the product reads them.
var systemZones: ZoneDatabase {
    ZoneDatabase(
        load: { name in
            (try? Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)"))).map { Array($0) }
        },
        names: { ["Europe/Zurich", "Asia/Seoul", "America/New_York"] })
}

func zone(_ name: String) throws -> Zone {
    var zones = systemZones
    return try zones.zone(name)
}

func deadline(_ text: String, _ zoneName: String = "Europe/Zurich") throws -> Deadline? {
    Deadline(try DeadlineValue(text), zone: try zone(zoneName))
}

/// Every zone of the system by every name that is none of an abbreviation.
func everyZone() throws -> [(name: String, zone: Zone)] {
    let tab = try String(contentsOfFile: "/usr/share/zoneinfo/tzdata.zi", encoding: .utf8)
    var zones = systemZones
    var found: [(String, Zone)] = []
    for line in tab.split(separator: "\n") {
        let words = line.split(separator: " ").map(String.init)
        let name = words[0] == "Z" ? words[1] : words[0] == "L" ? words[2] : ""
        guard !name.isEmpty, !["EST", "MST", "HST", "PST", "CST"].contains(name), !name.hasPrefix("UTC"),
            !["GMT+0", "GMT-0", "Factory"].contains(name)
        else { continue }
        found.append((name, try zones.zone(name)))
    }
    try #require(found.count > 500)
    return found
}

/// Randomness that can be had again: its description tells the seed, `DEADLINED_SEED` sets it.
struct Seeded: RandomNumberGenerator, CustomStringConvertible {
    private let seed: UInt64
    private var state: UInt64

    init() {
        let wanted = ProcessInfo.processInfo.environment["DEADLINED_SEED"].flatMap { UInt64($0) }
        seed = wanted ?? UInt64.random(in: 0 ... .max)
        state = seed
    }

    var description: String { "DEADLINED_SEED=\(seed)" }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
