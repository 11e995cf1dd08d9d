import ArgumentParser
import Configuration
import Glibc
import Messages
import Schedule
import Service

@main
struct Deadlined: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadlined",
        abstract: "Reminds chats of the deadlines of journal special issues and other calls.",
        discussion: """
            Begin with:
              deadlined demo                     a first look
              deadlined init ~/deadlined         a first configuration
              deadlined check --config ~/deadlined
              deadlined run --config ~/deadlined
            """,
        version: """
            deadlined \(Product.version), \(Product.libraries), \
            zone data \(FileSystem.system.zoneDataVersion ?? "of unknown version")
            """,
        subcommands: [
            Run.self, Check.self, List.self, Plan.self, Explain.self, Status.self, Preview.self, Routes.self,
            Rehearse.self, Test.self, History.self, Why.self, Done.self, Snooze.self, Undo.self, Mute.self,
            Resume.self, Resend.self, Reload.self,
            Init.self, SchemaCommand.self,
            Demo.self,
        ])

    static func main() {
        // A reader that closes the pipe (`| head`) or a receiver that closes its connection is no reason to die.
        signal(SIGPIPE, SIG_IGN)
        // What is opened later must not be taken for output; opened like this it cannot be written either.
        for descriptor in 0...2 where fcntl(Int32(descriptor), F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
        do {
            if let fault = misspelt(CommandLine.arguments) { throw fault }
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            Terminal.error("deadlined: \(failure)")
            Glibc.exit(failure.code.rawValue)
        } catch {
            exit(withError: error)
        }
    }

    /// What is wrong with a first word that is nearly a command.
    private static func misspelt(_ arguments: [String]) -> Failure? {
        let names = configuration.subcommands.map { $0._commandName }
        guard let word = arguments.dropFirst().first, !word.hasPrefix("-"),
            !(names + ["help"]).contains(word), let nearest = Spelling.nearest(to: word, among: names)
        else { return nil }
        return Failure(.usage, "no command '\(Text.singleLine(word))': did you mean '\(nearest)'?")
    }
}

/// `--config`, and what is read from there.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration: deadlined.yaml or its directory; /etc/deadlined unless said.",
            valueName: "path"))
    var path: String?

    func validate() throws {
        guard path?.isEmpty != true else {
            throw ValidationError("--config is empty: name deadlined.yaml or its directory, or leave it out")
        }
    }

    /// `--config`, else `$CONFIGURATION_DIRECTORY`, else `/etc/deadlined`.
    var resolved: String {
        var path = path ?? ConfigurationOptions.standard
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    static var standard: String {
        let directories = FileSystem.system.environment("CONFIGURATION_DIRECTORY")?.split(separator: ":")
        return directories?.first.map(String.init) ?? "/etc/deadlined"
    }

    func read() -> Configuration.Reading {
        Configuration.read(path: resolved, files: .system, now: .now)
    }

    /// The configuration, or a failure after every error was printed.
    func load() throws -> Configuration {
        let reading = read()
        if let configuration = reading.configuration { return configuration }
        for diagnostic in reading.diagnostics where diagnostic.severity == .error {
            Terminal.error(diagnostic.rendered(isColoured: Terminal.isErrorColoured))
        }
        throw Failure(
            .configuration,
            "the configuration has \(English.count(reading.errorCount, "error")) ('deadlined check' tells all)"
        )
    }
}

/// `--state`.
struct StateOptions: ParsableArguments {
    @Option(
        name: .customLong("state"),
        help: ArgumentHelp(
            "The journal's directory; unless said, one's own, or /var/lib/deadlined.", valueName: "directory")
    )
    var path: String?

    func validate() throws {
        // What a script's variable is that was not set. As a path it would be the root directory.
        guard path?.isEmpty != true else {
            throw ValidationError("--state is empty: name the journal's directory, or leave it out")
        }
    }

    /// Where the packaged unit's journal is, for whoever may read it.
    private static let ofSystem = "/var/lib/deadlined"
    static let runtimeOfSystem = "/run/deadlined"

    /// The control socket of the service that works with a state directory: in `$RUNTIME_DIRECTORY`, else beside the
    /// journal. The packaged unit's is in its runtime directory, which its group may enter.
    static func controlPath(_ state: String) -> String {
        let runtime = FileSystem.system.environment("RUNTIME_DIRECTORY")?.split(separator: ":").first
        return
            "\(runtime.map(String.init) ?? (state == ofSystem ? runtimeOfSystem : state))/\(Control.socketName)"
    }

    /// That of the service that is meant by who asks: the system's for whoever has none of their own.
    func asked() throws -> String {
        let own = try resolved()
        let hasOwn = path != nil || access(own, F_OK) == 0
        return !hasOwn && access(StateOptions.runtimeOfSystem, F_OK) == 0 ? StateOptions.ofSystem : own
    }

    /// `--state`, else `$STATE_DIRECTORY`, else the system's for root, else that of the XDG base directory specification.
    func resolved() throws -> String {
        let environment = FileSystem.system.environment
        if var path {
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            return path
        }
        if let directory = environment("STATE_DIRECTORY")?.split(separator: ":").first {
            return String(directory)
        }
        if geteuid() == 0 { return StateOptions.ofSystem }
        if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") { return base + "/deadlined" }
        if let home = environment("HOME"), home.hasPrefix("/") { return home + "/.local/state/deadlined" }
        throw Failure(.usage, "no state directory: give one with --state")
    }
}

extension Agenda {
    /// The issue with an id, or a failure that names the nearest one.
    func issue(_ id: String) throws -> SpecialIssue {
        if let issue = issues.first(where: { $0.id == id }) { return issue }
        let nearest = Spelling.nearest(to: id, among: issues.map(\.id)).map { ": did you mean '\($0)'?" }
        throw Failure(.data, "no special issue '\(id)'\(nearest ?? ". 'deadlined list' shows all")")
    }

    /// The index of a channel, or a failure that names those there are.
    func channel(_ name: String) throws -> Int {
        if let index = channels.firstIndex(where: { $0.name == name }) { return index }
        let known = channels.map(\.name).joined(separator: ", ")
        throw Failure(.data, "no channel '\(name)'. There are: \(known.isEmpty ? "none" : known)")
    }
}
