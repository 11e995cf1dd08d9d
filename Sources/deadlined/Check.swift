import ArgumentParser
import Configuration
import Messages
import Service

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the configuration and tell everything that is wrong with it.",
        discussion: """
            Exits with 0 where it is right, with 78 where it is not.

            Examples: deadlined check --strict
                      deadlined check --diff
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Take warnings for errors.")
    var strict = false

    @Flag(help: "Ask the running service what a reload would send, add, move and cancel. Nothing happens.")
    var diff = false

    @OptionGroup var state: StateOptions

    @Flag(help: "Print one JSON object for each finding; with --diff one object.")
    var json = false

    func validate() throws {
        guard diff, strict || configuration.path != nil else { return }
        throw ValidationError("--diff asks the service about its own files: leave --config and --strict out")
    }

    func run() throws {
        if diff {
            let control = try state.control()
            let request = Request(get: Secret(control.address("changes")))
            let (reply, _, text) = try control.answer(request, ReloadReply.self)
            return try reply.tell(json ? text : nil)
        }
        let reading = configuration.read()
        for diagnostic in reading.diagnostics {
            if json {
                Terminal.line(diagnostic.json.serialized)
            } else {
                Terminal.error(diagnostic.rendered(isColoured: Terminal.isErrorColoured))
            }
        }
        let findings = [
            reading.errorCount == 0 ? "no errors" : English.count(reading.errorCount, "error"),
            reading.warningCount == 0 ? nil : English.count(reading.warningCount, "warning"),
        ].compactMap { $0 }.joined(separator: ", ")
        let isRight = reading.configuration != nil && !(strict && reading.warningCount > 0)
        let summary =
            "\(configuration.resolved): \(English.count(reading.issueCount, "special issue")) in "
            + "\(English.count(reading.fileCount, "file")), \(findings)"
        guard isRight else { throw Failure(.configuration, summary) }
        if !json { Terminal.line(summary) }
    }
}
