import ArgumentParser
import Foundation
import Service

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a first configuration, with comments, to start from.",
        discussion: """
            Example: deadlined init ~/deadlined
            """)

    @Argument(help: ArgumentHelp("A directory; it is made where it is missing.", valueName: "directory"))
    var directory: String

    func validate() throws {
        // As a path it would be the root directory.
        guard !directory.isEmpty else {
            throw ValidationError("the directory is empty: name one to write into")
        }
    }

    func run() throws {
        // All or nothing: a file that is there already belongs to somebody.
        for file in Sample.files where FileManager.default.fileExists(atPath: "\(directory)/\(file.path)") {
            throw Failure(.usage, "\(directory)/\(file.path) is there already; nothing was written")
        }
        for file in Sample.files {
            let path = "\(directory)/\(file.path)"
            try StateDirectory.make((path as NSString).deletingLastPathComponent, mode: 0o777)
            try OutputFile.write(file.bytes, to: path, isNew: true)
            Terminal.line("wrote \(path)")
        }
        Terminal.line(
            """

            Next: put your chat's webhook into \(directory)/deadlined.yaml and your calls into \(directory)/issues.d, then
              deadlined check --config \(directory)
              deadlined test lab --config \(directory)
              deadlined run --config \(directory)
            """)
    }
}
