import Foundation
import Schedule

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
