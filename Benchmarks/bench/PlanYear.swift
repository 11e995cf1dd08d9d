import Configuration
import Glibc
import Messages
import Schedule

extension Bench {
    private static let zones = [
        "Europe/Zurich", "America/New_York", "Asia/Shanghai", "Asia/Tokyo", "Europe/London", "AoE", "UTC",
        "America/Los_Angeles", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo", "Asia/Seoul",
    ]
    private static let rules = ["30d", "14d", "7d", "3d", "1d", "0d", "10bd"]

    /// Plans a year of seven reminders for each milestone, and has the C library turn as many civil times into instants:
    /// the least that any planner needs.
    static func planYear() throws {
        print(
            "milestones  reminders  CPU ms  reminders/s  us/milestone  bytes/milestone  mktime(3) ms  ratio")
        // Zones are read once, and count for none of the milestones.
        _ = try agenda(10)
        for count in [1000, 10_000, 100_000] {
            let before = resident()
            let agenda = try agenda(count)
            let size = resident() - before
            let start = try Instant(rfc3339: "2027-01-01T00:00:00Z")
            let begin = cpu()
            let plan = ReminderPlan(agenda, issues: agenda.issues, from: start, until: start + .days(365))
            let planned = cpu() - begin
            let times = plan.entries.map { Zone.utc.civil(at: $0.reminder.due) }
            let reference = cLibrary(times)
            print(
                "\(count)\t\(plan.entries.count)\t\(milliseconds(planned))\t\(Int(Double(plan.entries.count) / planned))\t"
                    + "\(Double(Int(planned / Double(count) * 1e8)) / 100)\t\(size / count)\t"
                    + "\(milliseconds(reference))\t\(Double(Int(planned / reference * 100)) / 100)")
        }
    }

    private static func agenda(_ count: Int) throws -> Agenda {
        var database = FileSystem.system.zones()
        let zones = try zones.map { try database.zone($0) }
        var settings = SettingValues()
        settings.secrets["url"] = [Secret("http://127.0.0.1:9/")]
        let service = try Webhook(settings)
        let channels = zones.prefix(3).map {
            Channel(name: $0.name, service: service, audience: Audience(zone: $0, at: .nine))
        }
        let schedule = Schedule(name: "standard", rules: try rules.flatMap(ReminderRule.parse))
        guard let first = CivilDate(year: 2027, month: 1, day: 31) else { return Agenda() }
        let issues = (0..<count).map { number in
            let date = first.adding(days: number &* 7919 % 335)
            return SpecialIssue(
                id: "journal-\(number)", title: "Emerging Materials: Mechanisms and Applications \(number)",
                milestones: [
                    Milestone(
                        name: Milestone.submission, written: "\(date)",
                        deadline: Deadline(endOf: date, zone: zones[number % zones.count]), schedule: 0,
                        channels: [number % channels.count])
                ])
        }
        return Agenda(issues: issues, schedules: [schedule], channels: channels)
    }

    /// Bytes of memory in use: the second number of /proc/self/statm, in pages (proc(5)).
    private static func resident() -> Int {
        let descriptor = open("/proc/self/statm", O_RDONLY)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let length = read(descriptor, &bytes, bytes.count)
        let words = String(decoding: bytes.prefix(max(0, length)), as: UTF8.self).split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
    }

    private static func cLibrary(_ times: [CivilDateTime]) -> Double {
        setenv("TZ", "Europe/Zurich", 1)
        tzset()
        let begin = cpu()
        for time in times {
            let (year, month, day) = time.date.yearMonthDay
            var broken = tm()
            broken.tm_year = Int32(year - 1900)
            broken.tm_mon = Int32(month - 1)
            broken.tm_mday = Int32(day)
            broken.tm_hour = time.time.seconds / 3600
            broken.tm_isdst = -1
            guard mktime(&broken) != -1 else { exit(70) }
        }
        return cpu() - begin
    }
}
