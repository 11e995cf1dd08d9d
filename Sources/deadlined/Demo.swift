import ArgumentParser
import Configuration
import Foundation
import Messages
import Schedule
import Service
import Synchronization

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the life of one special issue, without configuration or network.",
        discussion: """
            The sample's special issue is lived through on a fast clock: every reminder goes through the real engine, a \
            real journal and libcurl to a receiver on loopback, and is printed as its reader would see it.

            Example: deadlined demo
            """)

    func run() throws {
        let reading = Configuration.read(path: Sample.directory, files: Sample.fileSystem, now: .distantPast)
        guard let configuration = reading.configuration else {
            for diagnostic in reading.diagnostics { Terminal.error("\(diagnostic)") }
            throw Failure(.configuration, "the sample configuration cannot be used on this system")
        }
        let agenda = configuration.agenda
        guard let issue = agenda.issues.first, let milestone = issue.milestones.first,
            let deadline = milestone.deadline,
            let index = milestone.channels.first,
            let first = agenda.reminders(of: milestone, to: index).first
        else { throw Failure(.configuration, "the sample has nothing to show") }

        let channel = agenda.channels[index]
        Terminal.line("\(Terminal.styled(issue.title, .bold))")
        Terminal.line(
            "Deadline \(English().deadline(deadline)). Reminders go to '\(channel.name)' (\(channel.type)).\n"
        )
        let count = Mutex(0)
        let rehearsal = Rehearsal(agenda: agenda, start: first.due - .days(1), staysLocal: true) { exchange in
            let zone = exchange.channel.audience.zone
            let number = count.withLock { count in
                if exchange.verdict == .delivered { count += 1 }
                return count
            }
            let outcome =
                exchange.verdict == .delivered
                ? "delivered by HTTP to a receiver on this machine" : "\(exchange.verdict)"
            Terminal.line(
                Terminal.styled("\(number). \(English().instant(exchange.message.now, in: zone))", .bold)
                    + " → \(exchange.channel.name), rule \(exchange.message.identity.reminder), \(outcome)")
            Terminal.line(Card.text(exchange.message) + "\n")
        }
        let total = rehearsal.reminderCount
        try rehearsal.run()
        let delivered = count.withLock { $0 }
        guard delivered == total else {
            throw Failure(.unavailable, "\(delivered) of \(total) reminders were delivered")
        }
        Terminal.line(
            "\(English.count(total, "reminder")), each once, each at its hour. Next: deadlined init DIRECTORY"
        )
    }
}

/// The configuration that `init` writes and `demo` lives through: the repository's `Config`, built in.
enum Sample {
    static let directory = "/sample"

    /// Paths below the directory, and their bytes.
    static let files: [(path: String, bytes: [UInt8])] = [
        ("deadlined.yaml", PackageResources.deadlined_yaml),
        ("issues.d/ijms-212097.yaml", PackageResources.ijms_212097_yaml),
    ]

    /// The sample in the place of the machine's files; zones are the machine's.
    static let fileSystem = FileSystem(
        read: { path throws(Fault) in
            if let file = files.first(where: { "\(directory)/\($0.path)" == path }) {
                return FileSystem.File(bytes: file.bytes, isReadableByAll: false)
            }
            return try FileSystem.system.read(path)
        },
        matches: { pattern in
            let prefix = pattern.prefix { $0 != "*" }
            return files.map { "\(directory)/\($0.path)" }.filter {
                $0.hasPrefix(prefix) && $0.hasSuffix(".yaml")
            }
        },
        environment: { _ in nil },
        isDirectory: { $0 == directory })
}
