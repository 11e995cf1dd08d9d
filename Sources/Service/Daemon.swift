import Configuration
import Dispatch
import Engine
import Glibc
import Journal
import Logging
import Messages
import Schedule
import Synchronization
import Transport

/// The running service: signals, the service manager, the configuration and the log around a runner.
package final class Daemon: Sendable {
    /// How long a stop waits for requests under way. The unit's TimeoutStopSec is longer.
    private static let stopPatience = DispatchTimeInterval.seconds(20)
    /// How soon it is tried again to write down what was read.
    private static let writeInterval = DispatchTimeInterval.seconds(5)

    private let configurationPath: String
    private let files: FileSystem
    private let state: StateDirectory
    private let controlPath: String
    private let journal: Journal
    /// For whoever asks: no commit waits for it.
    private let reader: Journal
    private let logger: Logger
    private let manager: ServiceManager
    private let runner: Runner
    private let heartbeat: HeartbeatTimer
    private let metrics: Metrics
    /// What the journal knew of earlier runs, until the engine has it.
    private let memory: Mutex<Memory?>
    /// What is to be said where a journal was found damaged.
    private let lostJournal: ServiceAlert?
    private let journalPath: String
    private let isJournalFailing: Flag
    private let hasStopped: DispatchSemaphore
    /// Ends the process, because the journal cannot be used any more.
    private let damaged: @Sendable (JournalFault) -> Void
    /// Configurations are read one after the other, away from the engine's queue.
    private let reloadQueue = DispatchQueue(label: "reload")
    private let inquiryQueue = DispatchQueue(label: "inquiries")
    private let feedQueue = DispatchQueue(label: "feeds")
    private let current: Mutex<Current>

    /// What the last reading of the configuration has brought.
    private struct Current {
        var status: ConfigurationStatus
        var configuration: Configuration?
        var watch: ConfigurationWatch?
        /// Patterns of the files that are to be watched.
        var watched: [String] = []
        var page: Page?
        var control: Control?
        /// Texts without errors that the journal could not take yet.
        var unwritten: [String: [UInt8]]?
        var isStopping = false
        var hasStopped = false
    }

    /// A truth that any thread may look at.
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

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
        let path = "\(state.path)/\(Journal.fileName)"
        journalPath = path
        let (journal, memory, setAside) = try Journal.opened(path: path, now: .now)
        self.journal = journal
        self.memory = Mutex(memory)
        reader = try Journal(reading: path)
        lostJournal = setAside.map { .journalLost(reason: $0.reason, setAsideAs: $0.path ?? "") }
        if let lostJournal { logger.critical("\(lostJournal.text)") }
        let hasStopped = DispatchSemaphore(value: 0)
        self.hasStopped = hasStopped
        let metrics = Metrics()
        self.metrics = metrics
        let zoneData = files.zoneDataVersion
        current = Mutex(
            Current(
                status: ConfigurationStatus(
                    path: configurationPath, started: .now, zoneData: zoneData, read: .now)))
        let isJournalFailing = Flag()
        self.isJournalFailing = isJournalFailing
        var observer = Runner.Observer()
        observer.report = { report in
            logger.log(report)
            metrics.count(report)
            switch report {
            case .journalFailing: isJournalFailing.isSet.store(true, ordering: .relaxed)
            case .journalRecovered:
                isJournalFailing.isSet.store(false, ordering: .relaxed)
                // What could not be written at first is on disk now: also what tells of a lost journal.
                Journal.forgetLoss(path: path)
            default: break
            }
        }
        observer.judged = { type, answer, verdict in metrics.count(answer, verdict, from: type) }
        observer.stopped = { hasStopped.signal() }
        let damaged = { @Sendable (fault: JournalFault) in
            // What stands in its place is somebody's, perhaps another service's.
            if fault.isReplaced {
                logger.critical("\(fault.description): the service ends, and its next start uses that one")
                exit(Failure.Code.io.rawValue)
            }
            // Where somebody has removed it: what the next start finds must say that there was one.
            try? StateDirectory.make(state.path)
            Journal.markDamaged(path: path, reason: fault.description)
            logger.critical(
                "\(fault.description): the service ends, and its next start begins a new journal")
            exit(Failure.Code.io.rawValue)
        }
        self.damaged = damaged
        observer.damaged = damaged
        if manager.isListening {
            let suffix = zoneData.map { "zone data \($0)" } ?? "zone data of unknown version"
            observer.changed = { next, open in
                manager.status(Daemon.status(next: next, open: open) + ", \(suffix)")
            }
        }
        let transport = Transport(userAgent: Product.userAgent)
        runner = Runner(journal: journal, transport: transport, pace: .realTime, observer: observer)
        heartbeat = HeartbeatTimer(runner: runner, transport: transport, logger: logger)
    }

    /// Runs until SIGTERM or SIGINT, and returns when everything is on disk. It blocks its thread and uses no `Task`: see
    /// `QueueExecutor`.
    ///
    /// - Throws: `Failure` with 78 where the main file has errors; they were logged.
    package func run() throws {
        let sources = [
            handle(SIGHUP) {
                self.startControl()
                self.readAgain()
            },
            handle(SIGTERM) { self.stop() },
            handle(SIGINT) { self.stop() },
        ]
        // A signal that comes meanwhile is handled after it.
        try reloadQueue.sync { try start() }
        let watchdog = startWatchdog()
        reloadQueue.sync { startControl() }
        manager.ready(status: "Started")
        hasStopped.wait()
        current.withLock { $0.hasStopped = true }
        for source in sources { source.cancel() }
        watchdog?.cancel()
        let control = current.withLock { current in
            defer { current.control = nil }
            return current.control
        }
        control?.stop()
        let page = current.withLock { current in
            current.watch?.stop()
            current.watch = nil
            defer { current.page = nil }
            return current.page
        }
        page?.stop()
        journal.checkpointWholly()
        logger.info("stopped")
    }

    private func start() throws {
        let reading = read()
        guard let configuration = reading.configuration else {
            throw Failure(
                .configuration,
                "the configuration has \(English.count(reading.errorCount, "error")) ('deadlined check' tells all)"
            )
        }
        var memory = memory.withLock { memory in
            defer { memory = nil }
            return memory ?? Memory()
        }
        var zones = files.zones()
        for name in memory.timing?.zoneNames ?? [] { memory.zones[name] = try? zones.zone(name) }
        logger.info(
            """
            deadlined \(Product.version) tracks \(English.count(configuration.agenda.issues.count, "special issue")), \
            zone data \(files.zoneDataVersion ?? "of unknown version"), \(Product.libraries), \
            journal \(state.path)/\(Journal.fileName)
            """)
        memory.alert = lostJournal
        // What goes out at once has links, too.
        takeUpPage(of: configuration)
        runner.ask { [memory, lostJournal, journalPath] runner in
            runner.handle(.started(configuration.agenda, memory)) { isWritten in
                if isWritten, lostJournal != nil { Journal.forgetLoss(path: journalPath) }
            }
        }
        accept(reading, of: configuration)
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

    // MARK: Configuration

    /// Reads the configuration and says what is wrong with it.
    private func read() -> Configuration.Reading {
        let reading = watchedReading()
        for diagnostic in reading.diagnostics { logger.log(diagnostic) }
        for kept in reading.kept { logger.error("\(kept.outcome)") }
        current.withLock { current in
            current.status.read = .now
            current.status.errors = reading.diagnostics.filter { $0.severity == .error }.map { "\($0)" }
            current.status.warningCount = reading.warningCount
            current.status.isRefused = reading.configuration == nil
            if !current.status.isRefused { current.status.kept = reading.kept }
        }
        return reading
    }

    private func reading() -> Configuration.Reading {
        // Where the journal cannot be read, nothing stands in for a file with errors, and one refuses everything.
        let accepted = current.withLock { $0.unwritten } ?? (try? reader.acceptedTexts())
        return Configuration.read(path: configurationPath, files: files, now: .now, accepted: accepted)
    }

    /// Reads files that are watched already, so that no change of them is missed; where they are others than before, once
    /// more.
    private func watchedReading() -> Configuration.Reading {
        watch()
        let reading = reading()
        let patterns: [String]
        if let configuration = reading.configuration {
            patterns = configuration.watchesFiles ? reading.patterns : []
        } else {
            // Whoever mends it may do so in files that it names and the one in use does not.
            let watched = current.withLock { $0.watched }
            patterns = watched + (watched.isEmpty ? [] : reading.patterns.filter { !watched.contains($0) })
        }
        let isNew = current.withLock { current in
            defer { current.watched = patterns }
            return current.watched != patterns
        }
        guard isNew else { return reading }
        watch()
        return patterns.isEmpty ? reading : self.reading()
    }

    /// Begins to watch anew: directories may have come, gone or been exchanged.
    private func watch() {
        current.withLock { current in
            current.watch?.stop()
            current.watch = nil
            guard !current.watched.isEmpty else { return }
            current.watch = ConfigurationWatch(patterns: current.watched, queue: reloadQueue) { [weak self] in
                self?.logger.info("files of the configuration have changed")
                self?.readAgain()
            }
            if current.watch == nil {
                logger.error("the kernel gives no watch on \(current.watched.joined(separator: ", "))")
            }
        }
    }

    /// Keeps what was read for when a file is broken later, and begins or ends the heartbeat.
    private func accept(_ reading: Configuration.Reading, of configuration: Configuration) {
        heartbeat.set(configuration.heartbeat)
        if let texts = reading.accepted { write(texts) }
    }

    /// Writes texts down for when a file is broken later. While that cannot be, they are kept here.
    private func write(_ texts: [String: [UInt8]], isRepetition: Bool = false) {
        do throws(JournalFault) {
            try journal.accept(texts, inPlaceOf: try reader.acceptedTexts())
            current.withLock { $0.unwritten = nil }
        } catch {
            let isFirst = current.withLock { current in
                defer { current.unwritten = texts }
                return current.unwritten == nil
            }
            if isFirst {
                logger.error("\(error.description): the texts of files are kept in memory until it can")
            }
            guard isFirst || isRepetition else { return }
            reloadQueue.asyncAfter(deadline: .now() + Daemon.writeInterval) { [weak self] in
                guard let self, let texts = current.withLock({ $0.unwritten }) else { return }
                write(texts, isRepetition: true)
            }
        }
    }

    /// Opens or closes the page as a configuration wants it.
    private func takeUpPage(of configuration: Configuration) {
        let old = current.withLock { current in
            current.configuration = configuration
            current.status.pageFault = nil
            guard current.page?.settings != configuration.page else { return nil as Page? }
            defer { current.page = nil }
            return current.page
        }
        old?.stop()
        if let settings = configuration.page, current.withLock({ $0.page == nil }) { open(settings) }
        let links = current.withLock { $0.page?.links }
        runner.ask { $0.links = links }
    }

    private func open(_ settings: PageSettings) {
        do throws(Failure) {
            let page = try Page(settings, daemon: self, keyPath: "\(state.path)/link.key")
            current.withLock { $0.page = page }
            logger.info("the page is at http://127.0.0.1:\(settings.port)/")
        } catch {
            logger.error("\(error)")
            current.withLock { $0.status.pageFault = "\(error)" }
        }
    }

    /// What reading the files again would change, or changes.
    struct Reload: Sendable {
        var isApplied = false
        /// What it changed is on disk.
        var isWritten = true
        let reading: Configuration.Reading
        /// Nil where the configuration is refused.
        var preview: ReloadPreview?
        var pageFault: String?

        var errors: [String] { reading.diagnostics.filter { $0.severity == .error }.map { "\($0)" } }
    }

    /// Tells what reading the files again would change.
    func preview(_ body: @escaping @Sendable (Reload) -> Void) {
        reloadQueue.async { [self] in
            let reading = reading()
            body(Reload(reading: reading, preview: reading.configuration.map(compared)))
        }
    }

    /// Reads the files and does what follows. `body` is called when all of it is on disk.
    func reload(_ body: @escaping @Sendable (Reload) -> Void) {
        reloadQueue.async { self.readAgain(body) }
    }

    /// Signals, changed files and operators all come here, one after the other: none overtakes a later reading.
    private func readAgain(_ body: (@Sendable (Reload) -> Void)? = nil) {
        // Nobody hears of the files any more, and a heartbeat would begin anew.
        if isStopping { return }
        manager.reloading()
        let reading = read()
        guard let configuration = reading.configuration else {
            let refusal =
                "the configuration has \(English.count(reading.errorCount, "error")): the one before stays in use"
            logger.error("\(refusal)")
            manager.ready(status: refusal)
            body?(Reload(reading: reading))
            return
        }
        var reload = Reload(isApplied: true, reading: reading)
        if body != nil { reload.preview = compared(configuration) }
        takeUpPage(of: configuration)
        accept(reading, of: configuration)
        reload.pageFault = current.withLock { $0.status.pageFault }
        runner.ask { [reload] runner in
            runner.handle(.reloaded(configuration.agenda)) { isWritten in
                var reload = reload
                reload.isWritten = isWritten
                body?(reload)
            }
        }
        logger.info("reloaded: \(English.count(reading.issueCount, "special issue"))")
        manager.ready(status: "Reloaded")
    }

    /// What a configuration would change now.
    private func compared(_ configuration: Configuration) -> ReloadPreview {
        let (engine, now) = runner.queue.sync { runner.assumeIsolated { $0.upToDate() } }
        return ReloadPreview(engine, reloading: configuration.agenda, now: now) { [reader] identity in
            // What cannot be read is told rather than left out.
            (try? reader.knows(identity)) ?? false
        }
    }

    // MARK: Questions

    /// Answers a question about the service as it stands, away from the engine's queue.
    ///
    /// - Parameter takesLong: whether other questions should not wait for its answer.
    func inquire(takesLong: Bool = false, _ body: @escaping @Sendable (Inquiry) -> Void) {
        let queue = takesLong ? feedQueue : inquiryQueue
        let status = current.withLock { $0.status }
        runner.ask { runner in
            let (engine, now) = runner.upToDate()
            let inquiry = Inquiry(engine: engine, now: now, journal: self.reader, configuration: status)
            queue.async { body(inquiry) }
        }
    }

    /// Changes something, and says when that is on disk.
    func ask(_ question: @escaping @Sendable (isolated Runner) -> Void) { runner.ask(question) }

    /// Where a configuration's main file is, whatever way to it was named; nil where none is to be seen.
    package static func mainFile(of path: String) -> String? {
        guard let found = realpath("\(path)/deadlined.yaml", nil) ?? realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// Whether the service works with the configuration of that main file.
    func reads(_ mainFile: String) -> Bool { Daemon.mainFile(of: configurationPath) == mainFile }

    var isStopping: Bool { current.withLock { $0.isStopping } }
    var counters: Metrics { metrics }
    var history: Journal { reader }
    /// Where operators' times are meant, unless they say otherwise.
    var zone: Zone { current.withLock { $0.configuration?.zone } ?? .utc }

    private func stop() {
        logger.info("stopping")
        manager.stopping()
        current.withLock { $0.isStopping = true }
        heartbeat.set(nil)
        runner.post(.stopRequested)
        // What is still on the wire then is found as such by the next start.
        reloadQueue.asyncAfter(deadline: .now() + Daemon.stopPatience) {
            guard !self.current.withLock({ $0.hasStopped }) else { return }
            if self.isJournalFailing.isSet.load(ordering: .relaxed) {
                self.logger.critical("the journal cannot be written: what happened last is lost")
                exit(Failure.Code.io.rawValue)
            }
            self.logger.warning(
                "requests under way did not end in time: they may have arrived, and the next start sends them again and says so, or holds them where 'on_unknown' is 'hold'"
            )
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
        timer.setEventHandler { [manager, runner, logger, journal, damaged] in
            if let fault = journal.removal { damaged(fault) }
            let audit = runner.assumeIsolated { $0.audit() }
            if audit.isStuck {
                logger.critical("something is stuck, and the watchdog is not answered: \(audit.words)")
            } else {
                manager.ping()
            }
        }
        timer.activate()
        return timer
    }

    /// Makes the control socket, or makes it anew where somebody has removed it. Reminders go out without it, too.
    private func startControl() {
        guard access(controlPath, F_OK) != 0 || current.withLock({ $0.control == nil }) else { return }
        let old = current.withLock { current in
            defer { current.control = nil }
            return current.control
        }
        old?.stop()
        do throws(Failure) {
            let control = try Control(path: controlPath, daemon: self)
            current.withLock { $0.control = control }
        } catch {
            logger.error("\(error): 'deadlined status', 'done' and the like cannot reach the service")
        }
    }

    private static func status(next: Instant?, open: Int) -> String {
        let next = next.map { "next at \($0)" } ?? "nothing to come"
        return open == 0 ? "Idle, \(next)" : "\(English.count(open, "message")) under way, \(next)"
    }
}

extension Product {
    /// What it stands on.
    package static let libraries = "libcurl \(Transport.libraryVersion), SQLite \(Journal.libraryVersion)"
}
