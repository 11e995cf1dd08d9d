import Dispatch
import Engine
import Foundation
import Journal
import Messages
import Schedule
import Service
import Synchronization
import Transport

extension Bench {
    /// Reminders that all fall due at one instant, through the engine, a journal on disk and libcurl to a receiver:
    /// `count` of them for 64 destinations. Prints how many a second were delivered and on disk, and writes down the body of
    /// one, for whoever sends as much by other means.
    static func deliver(_ count: Int, to url: String, in directory: String, bodyTo path: String) throws {
        let destinations = 64
        let due = Instant(seconds: Instant.now.seconds + 3)
        let agenda = try agenda(
            dues: Array(repeating: due, count: count),
            channels: (0..<destinations).map { try webhook("channel-\($0)", "\(url)/\($0)") })
        try Data(body(in: agenda)).write(to: URL(fileURLWithPath: path))
        let journal = try Journal(path: "\(directory)/\(Journal.fileName)")
        let isOver = DispatchSemaphore(value: 0)
        let delivered = Atomic(0)
        var observer = Runner.Observer()
        observer.report = { report in
            guard case .delivered = report else { return }
            if delivered.add(1, ordering: .relaxed).newValue == count { isOver.signal() }
        }
        observer.stopped = { isOver.signal() }
        let runner = Runner(
            journal: journal, transport: Transport(userAgent: Product.userAgent), pace: .realTime,
            observer: observer)
        runner.post(.started(agenda, Memory(settled: .now)))
        while Instant.now < due { usleep(1000) }
        let begin = cpu()
        isOver.wait()
        // All that is left to do is to write the last outcomes down.
        runner.post(.stopRequested)
        isOver.wait()
        let took = Double((Instant.now - due).milliseconds) / 1000
        print(
            String(
                format: "%d deliveries in %.2f s: %.0f a second, %.1f µs of CPU each, peak %d MB",
                count, took, Double(count) / took, (cpu() - begin) / Double(count) * 1e6, peakMegabytes))
    }

    /// What the first reminder's request says.
    private static func body(in agenda: Agenda) throws -> [UInt8] {
        guard let issue = agenda.issues.first, let milestone = issue.milestones.first,
            let deadline = milestone.deadline,
            let channel = milestone.channels.first.map({ agenda.channels[$0] })
        else { throw Fault("there is no reminder") }
        let due = deadline.instant - .minutes(1)
        let identity = DeliveryIdentity(
            issue: issue.id, milestone: milestone.name, deadline: deadline.instant, reminder: "1min",
            channel: channel.name)
        let message = Message(
            kind: .reminder, identity: identity, issue: issue, deadline: deadline, due: due, now: due,
            isPossibleRepeat: false,
            zone: channel.audience.zone)
        return channel.service.request(for: message, attempt: due).body
    }

    /// Special issues with one reminder each, due at these instants, each for the next one of some channels.
    static func agenda(dues: [Instant], channels: [Channel]) throws -> Agenda {
        let issues = try dues.enumerated().map { number, due in
            let instant = due + .minutes(1)
            let value = DeadlineValue.instant(instant, written: (Zone.utc.civil(at: instant).date, offset: 0))
            guard let deadline = Deadline(value, zone: .utc) else { throw Fault("no deadline at \(instant)") }
            return SpecialIssue(
                id: "ijms-\(number)", title: "Cellular Senescence as a Therapeutic Target in Cancer",
                milestones: [
                    Milestone(
                        name: "submission", written: "", deadline: deadline, schedule: 0,
                        channels: [number % channels.count])
                ])
        }
        return Agenda(
            issues: issues, schedules: [Schedule(name: "s", rules: try ReminderRule.parse("1min"))],
            channels: channels)
    }

    static func webhook(_ name: String, _ url: String) throws -> Channel {
        var values = SettingValues()
        values.secrets = ["url": [Secret(url)]]
        return Channel(
            name: name, service: try Webhook(values), audience: Audience(zone: .utc, at: .nine),
            allowsPlainHTTP: true, allowedNetworks: Network.loopback)
    }

    static var peakMegabytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
