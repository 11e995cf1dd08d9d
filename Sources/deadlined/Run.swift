import ArgumentParser
import Configuration
import Glibc
import Journal
import Logging
import Service

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service in the foreground.",
        discussion: """
            SIGHUP reads the configuration again and keeps the old one if the new one has errors; SIGTERM and SIGINT \
            finish what is under way. Under systemd it says when it is ready and answers the watchdog.

            Example: deadlined run --config ~/deadlined
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var state: StateOptions

    func run() throws {
        // Until the service listens to it, it would end the process; what it asks for is done by the start itself.
        signal(SIGHUP, SIG_IGN)
        let environment = FileSystem.system.environment
        let logger = Logger(label: "deadlined") { _ in StandardErrorLog(environment: environment) }
        // As the unit has it: what is made here is nobody else's.
        umask(0o077)
        let directory = try StateDirectory(path: try state.resolved())
        if let owner = directory.owner {
            logger.warning(
                """
                \(directory.path) belongs to \(owner), who cannot use what root makes there: better \
                'runuser -u \(owner) -- deadlined run', or another directory with --state
                """)
        }
        do {
            let daemon = try Daemon(
                configurationPath: configuration.resolved, files: .system, state: directory,
                controlPath: StateOptions.controlPath(directory.path), logger: logger,
                manager: ServiceManager(environment: environment))
            try daemon.run()
        } catch let fault as JournalFault {
            // The service manager starts no wrong version again and again.
            throw Failure(fault.isOfNewerVersion ? .configuration : .io, fault.description)
        }
    }
}
