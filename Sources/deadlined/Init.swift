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

    func run() throws {
        // All or nothing: a file that is there already belongs to somebody.
        for file in Sample.files where FileManager.default.fileExists(atPath: "\(directory)/\(file.path)") {
            throw Failure(.usage, "\(directory)/\(file.path) is there already; nothing was written")
        }
        for file in Sample.files {
            let url = URL(fileURLWithPath: "\(directory)/\(file.path)")
            do {
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(file.bytes).write(to: url, options: .withoutOverwriting)
            } catch {
                throw Failure(.io, "\(url.path) cannot be written: \(error.localizedDescription)")
            }
            Terminal.line("wrote \(directory)/\(file.path)")
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
