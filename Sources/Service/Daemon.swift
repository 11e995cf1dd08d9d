import Configuration
import Dispatch
import Engine
import Glibc
import Journal
import Logging
import Messages
import Schedule
import Transport

/// The running service: signals, the service manager and the log around a runner.
package final class Daemon: Sendable {
    /// How long a stop waits for requests under way. The unit's TimeoutStopSec is longer.
    private static let stopPatience = DispatchTimeInterval.seconds(20)

    private let configurationPath: String
    private let files: FileSystem
    private let state: StateDirectory
    private let controlPath: String
    private let journal: Journal
    private let logger: Logger
    private let manager: ServiceManager
    private let runner: Runner
    private let heartbeat: HeartbeatTimer
    private let zoneData: String
    /// What is to be said where the journal was found damaged.
    private let lostJournal: String?
    private let hasStopped: DispatchSemaphore
    /// Configurations are read one after the other, away from the engine's queue.
    private let reloadQueue = DispatchQueue(label: "reload")

    /// - Parameters:
    ///   - state: kept, and so locked, as long as the daemon lives.
    ///   - controlPath: where the control socket is made.
    package init(
        configurationPath: String, files: FileSystem, state: StateDirectory, controlPath: String,
        logger: Logger,
        manager: ServiceManager
    ) throws(JournalFault) {
        self.configurationPath = configurationPath
        self.files = files
        self.state = state
        self.controlPath = controlPath
        self.logger = logger
        self.manager = manager
        let setAside: Journal.SetAside?
        (journal, setAside) = try Journal.opened(path: "\(state.path)/\(Journal.fileName)", now: .now)
        lostJournal = setAside.map { setAside in
            """
            \(setAside.reason). It was set aside as \(setAside.path), and a new one begins: what was due before and had \
            not arrived is not sent any more ('deadlined plan --from DATE --until DATE' lists it)
            """
        }
        let hasStopped = DispatchSemaphore(value: 0)
        self.hasStopped = hasStopped
        var observer = Runner.Observer()
        observer.report = { logger.log($0) }
        observer.stopped = { hasStopped.signal() }
        observer.damaged = { reason in
            logger.critical("\(reason): the service ends, and its next start sets the journal aside")
            exit(Failure.Code.io.rawValue)
        }
        let zoneData = files.zoneDataVersion.map { "zone data \($0)" } ?? "zone data of unknown version"
        self.zoneData = zoneData
        if manager.isListening {
            observer.changed = { next, open in
                manager.status(Daemon.status(next: next, open: open) + ", \(zoneData)")
            }
        }
        let transport = Transport(userAgent: Product.userAgent)
        runner = Runner(journal: journal, transport: transport, pace: .realTime, observer: observer)
        heartbeat = HeartbeatTimer(runner: runner, transport: transport, logger: logger)
    }

    /// Runs until SIGTERM or SIGINT, and returns when everything is on disk. It blocks its thread and uses no `Task`: see
    /// `QueueExecutor`.
    package func run(_ configuration: Configuration) throws(JournalFault) {
        var memory = try journal.remember()
        var zones = files.zones()
        for name in memory.timing?.zoneNames ?? [] { memory.zones[name] = try? zones.zone(name) }
        logger.info(
            """
            deadlined \(Product.version) tracks \(English.count(configuration.agenda.issues.count, "special issue")), \
            \(zoneData), journal \(state.path)/\(Journal.fileName)
            """)
        if let lostJournal {
            logger.critical("\(lostJournal)")
            memory.warning = lostJournal
        }
        let sources = [
            handle(SIGHUP) { self.reload() },
            handle(SIGTERM) { self.stop() },
            handle(SIGINT) { self.stop() },
        ]
        let watchdog = startWatchdog()
        let control = startControl()
        runner.post(.started(configuration.agenda, memory))
        heartbeat.set(configuration.heartbeat)
        manager.ready(status: "Started")
        hasStopped.wait()
        for source in sources { source.cancel() }
        watchdog?.cancel()
        control?.stop()
        logger.info("stopped")
    }

    private func handle(_ signal: Int32, _ action: @escaping @Sendable () -> Void) -> any DispatchSourceSignal
    {
        // A Dispatch source only watches: the signal's own action would still end the process.
        Glibc.signal(signal, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: signal, queue: reloadQueue)
        source.setEventHandler(handler: action)
        source.activate()
        return source
    }

    private func reload() {
        manager.reloading()
        let reading = Configuration.read(path: configurationPath, files: files, now: .now)
        for diagnostic in reading.diagnostics { logger.log(diagnostic) }
        if let configuration = reading.configuration {
            runner.post(.reloaded(configuration.agenda))
            heartbeat.set(configuration.heartbeat)
            logger.info("reloaded: \(English.count(reading.issueCount, "special issue"))")
            manager.ready(status: "Reloaded")
        } else {
            logger.error(
                "the configuration has \(English.count(reading.errorCount, "error")): the one before stays in use"
            )
            manager.ready(status: "The new configuration has errors: the one before stays in use")
        }
    }

    private func stop() {
        logger.info("stopping")
        manager.stopping()
        heartbeat.set(nil)
        runner.post(.stopRequested)
        // What is still on the wire then is found as such by the next start.
        reloadQueue.asyncAfter(deadline: .now() + Daemon.stopPatience) {
            self.logger.warning("requests under way did not end in time: the next start sends them again")
            exit(EXIT_SUCCESS)
        }
    }

    /// Pings from the engine's queue while its audit finds nothing that a restart would mend: if the queue hangs, or
    /// something is stuck, the service manager restarts us.
    private func startWatchdog() -> (any DispatchSourceTimer)? {
        guard let interval = manager.watchdogInterval else { return nil }
        let half = DispatchTimeInterval.microseconds(Int(clamping: interval / 2))
        let timer = DispatchSource.makeTimerSource(queue: runner.queue)
        timer.schedule(deadline: .now(), repeating: half, leeway: .milliseconds(100))
        timer.setEventHandler { [manager, runner, logger] in
            let audit = runner.assumeIsolated { $0.audit() }
            if audit.isStuck {
                logger.critical("something is stuck, and the watchdog is not answered: \(audit.findings)")
            } else {
                manager.ping()
            }
        }
        timer.activate()
        return timer
    }

    /// Reminders go out without it, too.
    private func startControl() -> Control? {
        do throws(Failure) {
            return try Control(path: controlPath, runner: runner, journal: journal)
        } catch {
            logger.error("\(error): 'deadlined resume' and 'deadlined resend' cannot reach the service")
            return nil
        }
    }

    private static func status(next: Instant?, open: Int) -> String {
        let next = next.map { "next at \($0)" } ?? "nothing to come"
        return open == 0 ? "Idle, \(next)" : "\(English.count(open, "message")) under way, \(next)"
    }
}

/// What the product calls itself.
package enum Product {
    package static let version = "0.1.0"
    package static let userAgent = "deadlined/\(version)"
}

extension Logger {
    package func log(_ report: Report) {
        switch report {
        case .delivered(let identity, let late, let attempts):
            let delay = "\(late.milliseconds / 1000).\(String(late.milliseconds % 1000 + 1000).dropFirst()) s"
            info(
                "delivered \(identity), \(delay) after its due instant\(attempts > 1 ? ", attempt \(attempts)" : "")"
            )
        case .failed(let identity, let reason, let next):
            warning("not delivered: \(identity): \(reason); next try at \(next)")
        case .gaveUp(let identity, let reason):
            error("given up: \(identity): \(reason)")
        case .superseded(let identity):
            notice("superseded by a fresher message: \(identity)")
        case .held(let identity, let reason):
            warning(
                "held, because it may have arrived: \(identity): \(reason). 'deadlined history' has its number for 'deadlined resend'"
            )
        case .disabled(let channel, let reason):
            error(
                "\(channel) was disabled: \(reason); what is owed to it is kept. Mend it, then 'deadlined resume \(channel)'"
            )
        case .resumed(let channel):
            notice("\(channel) was resumed")
        case .muted(let channel, let until):
            notice(
                "\(channel) is muted\(until == .distantFuture ? "" : " until \(until)"): what is owed to it is kept"
            )
        case .marked(let keys, let request):
            for key in keys {
                switch request {
                case .done: notice("\(key.issue) \(key.milestone) is done: no more reminders")
                case .snoozed(let until): notice("\(key.issue) \(key.milestone) is snoozed until \(until)")
                }
            }
        case .unmarked(let keys):
            for key in keys { notice("\(key.issue) \(key.milestone) is to be reminded of again") }
        case .clockJumped(let span, let until):
            critical(
                "the clock jumped forward by \(English().duration(span)): what that made due is held until \(until), if the clock stays. If it is right, 'deadlined resume --clock'"
            )
        case .clockAccepted:
            notice("the clock stands: what it made due goes out")
        case .moved(let key, let from, let to):
            notice("the deadline of \(key.issue) \(key.milestone) moved from \(from) to \(to)")
        case .journalFailing(let reason):
            critical("\(reason): nothing is sent until it can be; trying again every few seconds")
        case .journalRecovered:
            notice("the journal can be written again")
        }
    }

    package func log(_ diagnostic: Diagnostic) {
        log(level: diagnostic.severity == .error ? .error : .warning, "\(diagnostic)")
    }
}
