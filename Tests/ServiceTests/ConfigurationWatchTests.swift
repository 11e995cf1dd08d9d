import Dispatch
import Foundation
import Testing

@testable import Service

@Suite("Watching the configuration", .timeLimit(.minutes(10)))
struct ConfigurationWatchTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "watch-\(UUID().uuidString)")
    private var issues: URL { folder.appendingPathComponent("issues.d") }
    private var patterns: [String] { ["\(folder.path)/deadlined.yaml", "\(issues.path)/*.yaml"] }

    private func make(_ directory: URL) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data("a".utf8).write(to: directory.appendingPathComponent("a.yaml"))
    }

    /// Waits until a watch that is made before tells of what is done.
    private func isTold(_ change: () throws -> Void) async throws {
        let (changes, told) = AsyncStream<Void>.makeStream()
        let watch = try #require(
            ConfigurationWatch(patterns: patterns, queue: DispatchQueue(label: "watch")) { told.yield() })
        defer { watch.stop() }
        try change()
        for await _ in changes { break }
        try #require(!Task.isCancelled)
    }

    @Test("a directory that is exchanged, or made later, is a change")
    func directories() async throws {
        let manager = FileManager.default
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? manager.removeItem(at: folder) }
        try await isTold { try make(issues) }
        let other = folder.appendingPathComponent("other")
        try make(other)
        try await isTold {
            try manager.moveItem(at: issues, to: folder.appendingPathComponent("old"))
            try manager.moveItem(at: other, to: issues)
        }
        try await isTold { try manager.removeItem(at: folder) }
        try await isTold { try make(issues) }
    }

    @Test("a file that is cut by its name, and never opened, is told of")
    func truncated() async throws {
        try make(issues)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await isTold { #expect(truncate("\(issues.path)/a.yaml", 0) == 0) }
    }

    @Test("a file or a directory that becomes readable is told of")
    func rights() async throws {
        try make(issues)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, mode) in [("\(issues.path)/a.yaml", 0o600), (issues.path, 0o700), (folder.path, 0o700)] {
            chmod(path, 0)
            try await isTold { #expect(chmod(path, mode_t(mode)) == 0) }
        }
    }

    @Test("a file that somebody holds open does not keep another's change from being told")
    func heldOpen() async throws {
        try make(issues)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = issues.appendingPathComponent("b.yaml").path
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let held = try #require(FileHandle(forWritingAtPath: path))
        defer { try? held.close() }
        try await isTold {
            try held.write(contentsOf: Data("b".utf8))
            try Data("c".utf8).write(to: issues.appendingPathComponent("c.yaml"))
        }
    }
}
