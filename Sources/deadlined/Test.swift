import ArgumentParser
import Configuration
import Dispatch
import Engine
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
            The message is journalled. Exits with 0 where the service took it, with 69 where it did not.

            Example: deadlined test lab
            """)

    @Argument(help: ArgumentHelp("The channel.", valueName: "channel"))
    var channel: String

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        var agenda = try configuration.load().agenda
        _ = try agenda.channel(channel)
        agenda.issues = []
        let directory = try state.resolved()
        try StateDirectory.make(directory)
        let outcome = Outcome()
        do throws(JournalFault) {
            let journal = try Journal(path: "\(directory)/\(Journal.fileName)")
            let transport = Transport(userAgent: Product.userAgent)
            let isOver = DispatchSemaphore(value: 0)
            let hasStopped = DispatchSemaphore(value: 0)
            var observer = Runner.Observer()
            observer.exchange = { exchange in
                outcome.verdict = exchange.verdict
                isOver.signal()
            }
            observer.report = { report in
                guard case .journalFailing(let reason) = report else { return }
                Terminal.error("deadlined: \(reason)")
                isOver.signal()
            }
            observer.stopped = { hasStopped.signal() }
            let runner = Runner(journal: journal, transport: transport, pace: .realTime, observer: observer)
            // Nothing but the test is this run's business: what is owed and settled stays the service's.
            runner.post(.started(agenda, Memory(settled: .distantFuture)))
            runner.post(.testRequested(channel: channel))
            isOver.wait()
            if outcome.verdict != nil {
                runner.post(.stopRequested)
                hasStopped.wait()
            }
            transport.stop()
        } catch {
            throw Failure(.io, error.description)
        }
        guard let verdict = outcome.verdict else {
            throw Failure(.io, "the test was not sent: it could not be journalled")
        }
        let isDelivered = verdict == .delivered
        if json {
            Terminal.line(
                JSON.object([
                    "channel": .string(channel), "verdict": .string(verdict.name),
                    "reason": isDelivered ? nil : .string(verdict.reason),
                ]).serialized)
        }
        guard isDelivered else { throw Failure(.unavailable, "\(channel): \(verdict.reason)") }
        if !json { Terminal.line("\(channel): delivered") }
    }
}

/// What became of the test; written on the runner's queue.
private final class Outcome: Sendable {
    private let state = Mutex<Verdict?>(nil)

    var verdict: Verdict? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
