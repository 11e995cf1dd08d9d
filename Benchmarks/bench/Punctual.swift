import Dispatch
import Engine
import Foundation
import HTTPServer
import Journal
import Messages
import Schedule
import Service
import Synchronization
import Transport

extension Bench {
    /// One reminder every 40 ms among 10,000 tracked special issues: how long after its due instant a receiver in this
    /// process has read its request.
    static func punctual(in directory: String) throws {
        let samples = 500
        let gap = Span.milliseconds(40)
        let arrivals = Mutex<[(body: [UInt8], milliseconds: Double)]>([])
        let server = try HTTPServer(.loopback(port: 0)) { request, respond in
            let now = milliseconds()
            arrivals.withLock { $0.append((request.body, now)) }
            respond(HTTPServer.Response(status: 204))
        }
        defer { server.stop() }
        let channels = try (0..<8).map {
            try webhook("channel-\($0)", "http://127.0.0.1:\(server.port ?? 0)/\($0)")
        }
        let first = Instant.now + .seconds(3)
        let dues = (0..<samples).map { first + .milliseconds(Int64($0) * gap.milliseconds) }
        let later = (samples..<10_000).map { first + .days(1 + Int64($0) / 50) }
        let agenda = try agenda(dues: dues + later, channels: channels)
        let journal = try Journal(path: "\(directory)/\(Journal.fileName)")
        let runner = Runner(
            journal: journal, transport: Transport(userAgent: Product.userAgent), pace: .realTime,
            observer: Runner.Observer())
        runner.post(.started(agenda, Memory(settled: .now)))
        while Instant.now < dues[samples - 1] + .seconds(2) { sleep(1) }
        struct Body: Decodable {
            struct Content: Decodable {
                struct Issue: Decodable { let id: String }
                let issue: Issue
            }
            let data: Content
        }
        let late = try arrivals.withLock { $0 }.map { arrival in
            let body = try JSONDecoder().decode(Body.self, from: Data(arrival.body))
            let number = Int(body.data.issue.id.dropFirst("ijms-".count)) ?? 0
            return arrival.milliseconds - Double(dues[number].milliseconds)
        }
        print("\(late.count) of \(samples) reminders, 10,000 special issues tracked")
        print("due instant to request read, ms  \(summary(late))")
    }

    private static func summary(_ values: [Double]) -> String {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return "nothing" }
        func quantile(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        return String(
            format: "min %.2f  p50 %.2f  p90 %.2f  p99 %.2f  max %.2f", quantile(0), quantile(0.5),
            quantile(0.9),
            quantile(0.99), quantile(1))
    }

    /// Milliseconds of the wall clock since 1970.
    private static func milliseconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) * 1000 + Double(now.tv_nsec) / 1e6
    }
}
