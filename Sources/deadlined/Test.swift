import ArgumentParser
import Configuration
import Dispatch
import Engine
import Glibc
import Journal
import Messages
import Schedule
import Service
import Synchronization
import Transport

struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a test message to a channel, by the same path as a real one.",
        discussion: """
            Where a service runs, it sends the message, by the configuration that it has read; else this command does. \
            The message is journalled. Exits with 0 where the channel's service took it, with 69 where it did not.

            Example: deadlined test lab
            """)

    @Argument(help: ArgumentHelp("The channel.", valueName: "channel"))
    var channel: String

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let control = try state.control()
        let isRunning = StateDirectory.isLocked(try state.asked()) ?? control.isReachable
        let reason = isRunning ? try ask(control) : try send()
        if json {
            Terminal.line(
                JSON.object([
                    "channel": .string(channel), "delivered": .bool(reason == nil),
                    "reason": reason.map { .string($0) },
                ]).serialized)
        }
        if let reason { throw Failure(.unavailable, "\(channel): \(reason)") }
        if !json { Terminal.line("\(channel): delivered") }
    }

    // MARK: By the service

    private struct Begun: Decodable {
        let delivery: Int64?
        let error: String?
    }

    private struct Account: Decodable {
        let delivery: Entry

        struct Entry: Decodable {
            let state: String
            let reason: String?
            let tries: [Try]
        }

        struct Try: Decodable {
            let reason: String?
        }
    }

    /// What is under way to the channel ends first, and a request takes two minutes at most.
    private static let patience = Span.minutes(5)

    /// Has the service send it, and looks ten times a second what became of it.
    ///
    /// - Returns: why it was not delivered; nil where it was.
    private func ask(_ control: ControlClient) throws -> String? {
        // Who names a configuration means that one, and not another that the service has read.
        let named = configuration.path.map { JSON.string(Daemon.mainFile(of: $0) ?? $0) }
        let body = JSON.object(["channel": .string(channel), "configuration": named])
        let (begun, status, _) = try control.answer(
            Request(.post, Secret(control.address("test")), json: body), Begun.self)
        guard let number = begun.delivery else {
            throw Failure(status == 404 ? .data : .unavailable, begun.error ?? "the service sent no test")
        }
        let end = Instant.now + Test.patience
        while Instant.now < end {
            let (account, _) = try control.get("why", [("delivery", "\(number)")], Account.self)
            switch account.delivery.state {
            case "delivered": return nil
            case "expired", "refused", "cancelled", "superseded":
                return account.delivery.tries.last?.reason ?? account.delivery.reason ?? "it was not sent"
            // The service answers what is asked and tells nothing by itself; a tenth of a second is no wait for a person.
            default: usleep(100_000)
            }
        }
        return "nothing is known yet: 'deadlined why \(number)' tells"
    }

    // MARK: By this command

    /// Sends it with an engine of its own, of which the journal keeps the test and nothing else: what is owed and
    /// settled, and how the channel is, stays the service's.
    ///
    /// - Returns: why it was not delivered; nil where it was.
    private func send() throws -> String? {
        var agenda = try configuration.load().agenda
        var tested = agenda.channels[try agenda.channel(channel)]
        // Nothing else is this engine's business: no digest that is due now, no fallback to be told.
        tested.digest = nil
        agenda.channels = [tested]
        agenda.issues = []
        let directory = try state.resolved()
        // What is made here is nobody else's, and where root makes it, the service's.
        umask(0o077)
        try StateDirectory.make(directory)
        let path = "\(directory)/\(Journal.fileName)"
        let wasThere = access(path, F_OK) == 0
        let isNew = try StateDirectory.makeForOwner(Journal.fileName, in: directory)
        let journal: Journal
        var memory = Memory()
        do throws(JournalFault) {
            journal = try Journal(path: path, isChecked: !isNew, keeps: { $0.isOfTest })
            memory.destinations = try journal.remember().destinations
        } catch {
            // Left empty, as SQLite leaves it on a full disk, it would be taken for damage.
            var status = stat()
            if !wasThere, stat(path, &status) == 0, status.st_size == 0 { unlink(path) }
            throw Failure(
                error.isOfNewerVersion ? .configuration : .io,
                error.description
                    + (error.isDamage ? ": 'deadlined run' sets it aside and begins another" : ""))
        }
        if let until = memory.destinations[channel]?.pausedUntil, until > .now {
            return "its last requests failed, and nothing is sent to it before \(until)"
        }
        return try exchange(agenda, memory, journal)
    }

    private func exchange(_ agenda: Agenda, _ memory: Memory, _ journal: Journal) throws -> String? {
        let outcome = Outcome()
        let (hasHappened, hasStopped) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        var observer = Runner.Observer()
        observer.exchange = { exchange in
            outcome.verdict = exchange.verdict
            hasHappened.signal()
        }
        observer.report = { report in
            guard case .journalFailing(let reason) = report else { return }
            outcome.fault = reason
            hasHappened.signal()
        }
        observer.stopped = { hasStopped.signal() }
        let transport = Transport(userAgent: Product.userAgent)
        defer { transport.stop() }
        let runner = Runner(journal: journal, transport: transport, pace: .realTime, observer: observer)
        runner.post(.started(agenda, memory))
        runner.post(.testRequested(channel: channel))
        var isOver = false
        while !isOver {
            hasHappened.wait()
            // After a refusal of its form, it goes out once more as plain text.
            let isOpen = runner.queue.sync { runner.assumeIsolated { $0.snapshot().engine.openCount > 0 } }
            isOver = !isOpen || outcome.fault != nil
        }
        runner.post(.stopRequested)
        // A journal that cannot be written lets nothing end.
        if outcome.fault == nil { _ = hasStopped.wait(timeout: .now() + .seconds(10)) }
        guard let verdict = outcome.verdict else {
            throw Failure(.io, "\(outcome.fault ?? "no answer"): the test was not sent")
        }
        return verdict == .delivered ? nil : verdict.reason
    }
}

extension Change {
    /// It is about a test message.
    fileprivate var isOfTest: Bool {
        switch self {
        case .add(let delivery), .update(let delivery), .delivered(let delivery, _): delivery.kind == .test
        case .attempted(let attempt): attempt.identity.reminder == "test"
        case .addIfMissed, .supersede, .sighted, .marked, .settled, .doubted, .jumped, .destination, .timed:
            false
        }
    }
}

/// What became of the test; written on the runner's queue.
private final class Outcome: Sendable {
    private let state = Mutex<(verdict: Verdict?, fault: String?)>((nil, nil))

    var verdict: Verdict? {
        get { state.withLock { $0.verdict } }
        set { state.withLock { $0.verdict = newValue } }
    }

    /// Why the journal cannot be written.
    var fault: String? {
        get { state.withLock { $0.fault } }
        set { state.withLock { $0.fault = newValue } }
    }
}
