import Configuration
import Dispatch
import Logging
import Messages
import Schedule
import Transport

/// Pings the dead man's switch, while the audit finds nothing.
/// It lives on the runner's queue: a queue that hangs sends none.
actor HeartbeatTimer {
    /// How soon a ping that failed is tried again.
    private static let retry = Span.minutes(1)

    private let runner: Runner
    private let transport: Transport
    private let logger: Logger
    private var heartbeat: Heartbeat?
    private var timer: (any DispatchSourceTimer)?
    private var trouble: String?

    nonisolated var unownedExecutor: UnownedSerialExecutor { runner.unownedExecutor }

    init(runner: Runner, transport: Transport, logger: Logger) {
        self.runner = runner
        self.transport = transport
        self.logger = logger
    }

    /// Begins with a heartbeat at once, or ends with nil. From any thread.
    nonisolated func set(_ heartbeat: Heartbeat?) {
        onQueue { timer in
            guard timer.heartbeat != heartbeat else { return }
            timer.heartbeat = heartbeat
            timer.schedule(after: .zero)
        }
    }

    private nonisolated func onQueue(_ deed: @escaping @Sendable (isolated HeartbeatTimer) -> Void) {
        runner.queue.async { self.assumeIsolated { deed($0) } }
    }

    private func schedule(after span: Span) {
        timer?.cancel()
        timer = nil
        guard heartbeat != nil else { return }
        let next = DispatchSource.makeTimerSource(queue: runner.queue)
        next.schedule(
            deadline: .now() + .milliseconds(Int(clamping: span.milliseconds)), leeway: .milliseconds(100))
        next.setEventHandler { self.assumeIsolated { $0.beat() } }
        next.activate()
        timer = next
    }

    private func beat() {
        guard let heartbeat else { return }
        let audit = runner.assumeIsolated { $0.audit() }
        guard audit.holds else {
            return ended(heartbeat, trouble: "\(audit.words)")
        }
        let options = Transport.Options(
            caFile: heartbeat.caFile, allowsPlainHTTP: heartbeat.allowsPlainHTTP,
            allowedNetworks: heartbeat.allowedNetworks)
        transport.send(Request(get: heartbeat.url), options: options) { answer in
            let trouble: String? =
                switch answer.hiding([heartbeat.url]) {
                case .response(let response): (200..<300).contains(response.status) ? nil : response.reason
                case .notSent(let reason), .insecure(let reason), .lost(let reason): reason
                }
            self.onQueue { $0.ended(heartbeat, trouble: trouble) }
        }
    }

    /// Says once what is wrong, and once that it is right again.
    private func ended(_ heartbeat: Heartbeat, trouble: String?) {
        guard heartbeat == self.heartbeat else { return }
        if let trouble, self.trouble == nil {
            logger.warning("no heartbeat was sent, or none arrived: \(trouble)")
        } else if trouble == nil, self.trouble != nil {
            logger.notice("the heartbeat is back")
        }
        self.trouble = trouble
        schedule(after: trouble == nil ? heartbeat.every : min(heartbeat.every, HeartbeatTimer.retry))
    }
}
