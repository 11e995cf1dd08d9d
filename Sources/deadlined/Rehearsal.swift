import Configuration
import Dispatch
import Engine
import Foundation
import Journal
import Messages
import Schedule
import Service
import Synchronization
import Transport

/// Lives through an agenda's reminders on a fast clock: the real engine, a real journal in a temporary directory, real
/// requests through libcurl.
struct Rehearsal {
    let agenda: Agenda
    let start: Instant
    /// Requests go to a receiver of the rehearsal's own; not set, they go to the channels themselves.
    let staysLocal: Bool
    let watch: @Sendable (Runner.Exchange) -> Void

    /// How many reminders there are to live through.
    var reminderCount: Int {
        agenda.issues.lazy.flatMap(\.milestones).reduce(0) { count, milestone in
            milestone.channels.reduce(count) { count, channel in
                count + agenda.reminders(of: milestone, to: channel).count { $0.due > start }
            }
        }
    }

    func run() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "deadlined-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let journal = try Journal(path: directory.appendingPathComponent(Journal.fileName).path)
        let receiver = staysLocal ? try Receiver(channels: agenda.channels) : nil
        var observer = Runner.Observer()
        let running = Mutex<Runner?>(nil)
        observer.exchange = { exchange in
            watch(exchange)
            // Its clock would make a hundred attempts of one in a second, whatever the service asks for.
            switch exchange.verdict {
            case .delivered, .malformed: break
            default: if !staysLocal { running.withLock { $0 }?.post(.stopRequested) }
            }
        }
        let transport = Transport(userAgent: Product.userAgent)
        let isOver = DispatchSemaphore(value: 0)
        observer.stopped = { isOver.signal() }
        let runner = Runner(
            journal: journal, transport: transport, pace: .rehearsal(from: start), observer: observer,
            redirect: receiver?.address)
        running.withLock { $0 = runner }
        defer { running.withLock { $0 = nil } }
        var agenda = agenda
        // They have no end, and a rehearsal has.
        for index in agenda.channels.indices { agenda.channels[index].digest = nil }
        agenda.confirmAfter = nil
        runner.post(.started(agenda, Memory(settled: start)))
        isOver.wait()
        receiver?.stop()
        transport.stop()
    }
}
