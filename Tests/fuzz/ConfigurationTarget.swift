import Configuration
import Messages
import Schedule

extension Target {
    private static let main = """
        defaults:
          timezone: Europe/Zurich
          at: "09:00"
          schedule: standard
          channels: [lab]
        calendar:
          weekend: [sat, sun]
          holidays: [2025-08-01, 25 December 2025]
        schedules:
          standard: [30d, 14d, 7d, 3d, 1d, 0d]
          editors:
            reminders: [10bd, "every 1d from 3d", 1d after, 2w at 08:30]
            avoid: [weekend, holidays]
            catch_up: latest
        channels:
          lab: {type: slack, url: http://127.0.0.1:8008/services/T00/B00/x, timezone: Asia/Seoul, at: "10:00"}
          office:
            type: teams
            url: {credential: office}
            ca_file: ca.pem
          tools:
            type: webhook
            url: {env: TOOLS}
            secret: [{file: /etc/x/key}, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
            headers: {X-Team: lab, Authorization: Bearer s3cret}
        routes:
          - match: {publisher: MDPI, tags: [oncology], journal: IJMS, id: [a, b]}
            channels: [office]
        allow_http: [hooks.example.org]
        include: [issues.d/*.yaml]

        """

    private static let short = """
        defaults: {timezone: AoE, channels: [lab, tools]}
        channels: {lab: {type: discord, url: https://discord.com/api/webhooks/1/x}, tools: {type: webhook, url: http://[::1]/}}

        """

    private static let issue = """
        id: ijms-212097
        title: "Cellular Senescence as a Therapeutic Target in Cancer: Mechanisms"
        journal: International Journal of Molecular Sciences
        publisher: MDPI
        url: https://www.mdpi.com/si/212097
        guest_editors:
          - name: Dr. Mi Kyung Park
            affiliation: ["National Cancer Center", Hwasung University]
          - Prof. B. Example
        deadline: 20 August 2025
        target: 14d before submission
        opens: 2025-05-01
        firmness: soft
        timezone: UTC+9
        tags: [cancer, senescence]
        contact: ijms@mdpi.com
        metrics: {Impact Factor: "4.9", CiteScore: 9.0}
        checked: 2025-05-02

        """

    private static let list = """
        - id: conf-2026
          title: Conference on Examples
          channels: lab
          milestones:
            - {name: abstract, deadline: 2026-05-01 17:00, timezone: America/New_York}
            - {name: submission, deadline: 7d after abstract, target: 3d before submission}
            - {name: notification, deadline: 3mo after submission, state: open, firmness: firm}
            - {name: camera ready, deadline: 10bd after notification, opens: 1d after notification, schedule: editors}
        - {id: conf-2025, title: "Conference", deadline: TBA, url: www.example.org/}
        - {id: c, title: |-
            folded, deadline: 9999-12-31}
        - id: d
          title: >
            Rolling
          deadline: rolling
          state: withdrawn

        """

    private static let now = Instant(seconds: 1_748_000_000)

    static let yaml = Target(
        "yaml",
        bytes: [(main, issue), (main, list), (short, list), (short, issue)].map {
            [Array($0.utf8), Array($1.utf8)]
        }
    ) { parts in
        let reading = Configuration.read(path: "/etc/x", files: files(parts[0], parts[1]), now: now)
        for diagnostic in reading.diagnostics { keep("\(diagnostic)\(diagnostic.excerpt ?? "")") }
        // The reminders of what was read, and the first messages about it.
        guard let agenda = reading.configuration?.agenda else { return }
        let plan = ReminderPlan(agenda, issues: agenda.issues, from: .distantPast, until: .distantFuture)
        for entry in plan.entries.prefix(5) {
            let issue = agenda.issues[Int(entry.issue)]
            let milestone = issue.milestones[Int(entry.milestone)]
            let channel = agenda.channels[Int(entry.channel)]
            guard let deadline = milestone.deadline else { continue }
            let message = Message(
                kind: .reminder,
                identity: DeliveryIdentity(
                    issue: issue.id, milestone: milestone.name, deadline: deadline.instant,
                    reminder: entry.reminder.rule.canonical, channel: channel.name),
                issue: issue, deadline: deadline, due: entry.reminder.due, now: entry.reminder.due,
                isPossibleRepeat: false, zone: channel.audience.zone)
            keep(channel.service.request(for: message, attempt: now))
        }
    }

    /// The two files at their places, with the system's zones beside them.
    private static func files(_ main: [UInt8], _ issues: [UInt8]) -> FileSystem {
        FileSystem(
            read: { path throws(Fault) in
                switch path {
                case "/etc/x/deadlined.yaml": return FileSystem.File(bytes: main, isReadableByAll: false)
                case "/etc/x/issues.d/a.yaml": return FileSystem.File(bytes: issues)
                case "/etc/x/credentials/office":
                    return FileSystem.File(bytes: Array("https://office.example.org/workflows/1\n".utf8))
                case "/etc/x/key", "/etc/x/ca.pem":
                    return FileSystem.File(bytes: Array("c2VjcmV0c2VjcmV0\r\n".utf8))
                // All names would take most of the time; some are enough to guess from.
                case "/usr/share/zoneinfo/tzdata.zi":
                    return FileSystem.File(
                        bytes: Array("# version x\nZ Europe/Zurich 0\nL Asia/Seoul ROK\n".utf8))
                default:
                    guard path.hasPrefix("/usr/share/zoneinfo/"), let bytes = World.file(path) else {
                        throw Fault("cannot be read: No such file or directory")
                    }
                    return FileSystem.File(bytes: bytes)
                }
            },
            matches: { $0.hasPrefix("/etc/x/issues.d/") ? ["/etc/x/issues.d/a.yaml"] : [] },
            environment: { $0 == "TOOLS" ? "https://tools.example.org/hook?key=s3cret" : nil },
            isDirectory: { $0 == "/etc/x" })
    }
}
