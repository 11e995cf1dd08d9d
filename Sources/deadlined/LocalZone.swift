import Configuration
import Glibc
import Schedule

/// The zone of whoever sits at the terminal: `$TZ`, else the system's (`/etc/localtime`).
enum LocalZone {
    /// - Parameter fallback: taken where the system names none.
    static func zone(else fallback: Zone) -> Zone {
        guard let name = name() else { return fallback }
        var zones = FileSystem.system.zones()
        return (try? zones.zone(name)) ?? fallback
    }

    private static func name() -> String? {
        if let text = FileSystem.system.environment("TZ"), !text.isEmpty {
            return String(text.hasPrefix(":") ? text.dropFirst() : text[...])
        }
        guard let path = realpath("/etc/localtime", nil) else { return nil }
        defer { free(path) }
        let parts = String(cString: path).split(separator: "/")
        return parts.lastIndex(of: "zoneinfo").map { parts[($0 + 1)...].joined(separator: "/") }
    }
}
