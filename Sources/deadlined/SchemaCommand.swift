import ArgumentParser
import Configuration

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the configuration, for editors that complete and check YAML.",
        discussion: """
            A file that begins with this line is checked by editors with a YAML language server:
              # yaml-language-server: $schema=/usr/share/deadlined/deadlined.schema.json

            Example: deadlined schema issues > issues.schema.json
            """)

    enum File: String, CaseIterable, ExpressibleByArgument {
        case main, issues
    }

    @Argument(help: "Of deadlined.yaml (main), or of the files of special issues (issues).")
    var file = File.main

    func run() {
        let schema =
            switch file {
            case .main: ConfigurationSchema.main
            case .issues: ConfigurationSchema.issues
            }
        Terminal.line(schema.serialized)
    }
}
