import Engine
import Messages
import Schedule
import Synchronization

/// Counts what happens, since the service started.
final class Metrics: Sendable {
    /// Upper bounds of lateness in seconds, from a timer's precision to a long downtime.
    static let bounds: [Double] = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 600, 3600, 86_400]

    struct Counts: Sendable {
        /// For each bound the deliveries that were no later, not cumulated; the last one counts all others.
        var lateness = [Int](repeating: 0, count: Metrics.bounds.count + 1)
        var latenessSum = 0.0
        /// Attempts by channel type and verdict.
        var attempts: [Attempt: Int] = [:]
        var givenUp = 0
        var superseded = 0
    }

    struct Attempt: Hashable, Comparable, Sendable {
        let type: String
        let verdict: String
        /// The answer's status, or why there was none: never the service's own words, which could be without number.
        let reason: String

        static func < (a: Self, b: Self) -> Bool {
            (a.type, a.verdict, a.reason) < (b.type, b.verdict, b.reason)
        }
    }

    private let counts = Mutex(Counts())

    var current: Counts { counts.withLock { $0 } }

    func count(_ report: Report) {
        switch report {
        case .delivered(_, let late, _):
            let seconds = Double(late.milliseconds) / 1000
            let bucket = Metrics.bounds.firstIndex { seconds <= $0 } ?? Metrics.bounds.count
            counts.withLock { counts in
                counts.lateness[bucket] += 1
                counts.latenessSum += seconds
            }
        case .gaveUp: counts.withLock { $0.givenUp += 1 }
        case .superseded: counts.withLock { $0.superseded += 1 }
        default: break
        }
    }

    func count(_ answer: Answer, _ verdict: Verdict, from type: String) {
        let reason =
            switch answer {
            case .response(let response): "\(response.status)"
            case .notSent, .insecure: "not sent"
            case .lost: "no answer"
            }
        let attempt = Attempt(type: type, verdict: verdict.name, reason: reason)
        counts.withLock { $0.attempts[attempt, default: 0] += 1 }
    }
}

/// Metrics in the OpenMetrics text format, version 1.0.0.
struct OpenMetrics {
    private(set) var text = ""

    static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    init(_ inquiry: Inquiry, _ counts: Metrics.Counts) {
        let audit = Audit(inquiry.engine, now: inquiry.now)
        family("deadlined_build", "info", "The running version.")
        sample(
            "deadlined_build_info", 1,
            [("version", Product.version), ("zone_data", inquiry.configuration.zoneData ?? "")])
        gauge(
            "deadlined_audit_holds", "1 while nothing is due and unsent without a reason.",
            audit.holds ? 1 : 0)
        gauge("deadlined_issues", "Special issues that are tracked.", inquiry.engine.agenda.issues.count)
        gauge(
            "deadlined_configuration_errors", "Errors in the files as last read.",
            inquiry.configuration.errors.count)
        gauge("deadlined_deliveries_open", "Deliveries that are not over.", inquiry.engine.openCount)
        if let oldest = inquiry.engine.oldestOpen {
            gauge(
                "deadlined_oldest_owed_timestamp_seconds",
                "When the oldest delivery that is not over was due.", oldest.seconds)
        }
        if let next = inquiry.engine.nextReminder {
            gauge("deadlined_next_due_timestamp_seconds", "When the next reminder is due.", next.due.seconds)
        }
        lateness(counts)
        family("deadlined_attempts", "counter", "Attempts to deliver, by what came of them.")
        for (attempt, count) in counts.attempts.sorted(by: { $0.key < $1.key }) {
            sample(
                "deadlined_attempts_total", count,
                [("type", attempt.type), ("verdict", attempt.verdict), ("reason", attempt.reason)])
        }
        counter("deadlined_given_up", "Deliveries that never arrived.", counts.givenUp)
        counter("deadlined_superseded", "Deliveries whose place a fresher one took.", counts.superseded)
        channels(inquiry)
        text += "# EOF\n"
    }

    private mutating func lateness(_ counts: Metrics.Counts) {
        let name = "deadlined_lateness_seconds"
        family(name, "histogram", "From a due instant to the attempt that delivered.")
        var sum = 0
        for (index, bound) in Metrics.bounds.enumerated() {
            sum += counts.lateness[index]
            sample("\(name)_bucket", sum, [("le", "\(bound)")])
        }
        sum += counts.lateness.last ?? 0
        sample("\(name)_bucket", sum, [("le", "+Inf")])
        text += "\(name)_sum \(counts.latenessSum)\n\(name)_count \(sum)\n"
    }

    private mutating func channels(_ inquiry: Inquiry) {
        let channels = inquiry.channels
        family("deadlined_channel_state", "stateset", "What each channel is.")
        for channel in channels {
            for state in ["ok", "paused", "muted", "disabled"] {
                sample(
                    "deadlined_channel_state", channel.state == state ? 1 : 0,
                    [("channel", channel.name), ("deadlined_channel_state", state)])
            }
        }
        family("deadlined_channel_waiting", "gauge", "Deliveries in a channel's queue.")
        for channel in channels {
            sample("deadlined_channel_waiting", channel.waiting, [("channel", channel.name)])
        }
        family("deadlined_channel_held", "gauge", "Deliveries to a channel that wait for somebody.")
        for channel in channels {
            sample("deadlined_channel_held", channel.held, [("channel", channel.name)])
        }
        family(
            "deadlined_channel_wait_seconds", "gauge", "How long a channel's service has asked us to wait.")
        for channel in channels {
            let wait =
                channel.state == "paused" ? channel.until.map { max(0, ($0 - inquiry.now).seconds) } : 0
            sample("deadlined_channel_wait_seconds", Int(wait ?? 0), [("channel", channel.name)])
        }
    }

    private mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# TYPE \(name) \(type)\n# HELP \(name) \(help)\n"
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
        family(name, "gauge", help)
        sample(name, value, [])
    }

    private mutating func counter(_ name: String, _ help: String, _ value: Int) {
        family(name, "counter", help)
        sample("\(name)_total", value, [])
    }

    private static let escaped = Escape(backslashed: "\\\"", breaksMentions: false)

    private mutating func sample(_ name: String, _ value: some BinaryInteger, _ labels: [(String, String)]) {
        let labels: String = labels.map { name, value -> String in
            return "\(name)=\"\(OpenMetrics.escaped(Text.singleLine(value)))\""
        }.joined(separator: ",")
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}
