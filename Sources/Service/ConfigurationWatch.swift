import Dispatch
import Glibc

/// Tells when files of the configuration have changed and are whole: nothing of them is open for writing, and nothing
/// changed for a second. inotify(7).
///
/// Unchecked: it works on its serial queue only; a Dispatch source may be cancelled from any thread.
final class ConfigurationWatch: @unchecked Sendable {
    private static let quiet = DispatchTimeInterval.seconds(1)
    private static let events =
        IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR

    private let descriptor: Int32
    private let patterns: [String]
    /// By the kernel's number for a watch.
    private let directories: [Int32: String]
    private let source: any DispatchSourceRead
    private let timer: any DispatchSourceTimer
    /// Files that somebody writes.
    private var unfinished: Set<String> = []

    /// - Parameters:
    ///   - patterns: absolute paths of files, as the shell's patterns. Only these count: a log that somebody keeps beside
    ///     them is always being written.
    ///   - queue: a serial one; `changed` is called on it.
    /// - Returns: nil where the kernel gives no watch.
    init?(patterns: [String], queue: DispatchQueue, changed: @escaping @Sendable () -> Void) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        var directories: [Int32: String] = [:]
        for directory in Set(patterns.map(ConfigurationWatch.directory)) {
            let watch = inotify_add_watch(descriptor, directory, UInt32(ConfigurationWatch.events))
            if watch >= 0 { directories[watch] = directory }
        }
        guard !directories.isEmpty else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.patterns = patterns
        self.directories = directories
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .distantFuture)
        timer.setEventHandler(handler: changed)
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { [weak self] in self?.read() }
        timer.activate()
        source.activate()
    }

    func stop() {
        source.cancel()
        timer.cancel()
    }

    /// The directory of a file, or of the files of a pattern as far as it names one.
    private static func directory(_ pattern: String) -> String {
        var parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast()
        if let wild = parts.firstIndex(where: { $0.contains { "*?[".contains($0) } }) {
            parts.removeSubrange(wild...)
        }
        return parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            buffer.withUnsafeBytes { note(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    private func note(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        let head = MemoryLayout<inotify_event>.size
        while offset + head <= bytes.count {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = offset + head + Int(event.len)
            guard end <= bytes.count else { break }
            if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { overflowed() }
            let name = String(decoding: bytes[(offset + head)..<end].prefix { $0 != 0 }, as: UTF8.self)
            if let directory = directories[event.wd] { changed("\(directory)/\(name)", event.mask) }
            offset = end
        }
    }

    /// Nobody knows what happened: all that is certain is that something did.
    private func overflowed() {
        unfinished = []
        timer.schedule(deadline: .now() + ConfigurationWatch.quiet)
    }

    private func changed(_ path: String, _ mask: UInt32) {
        // A volume of Kubernetes exchanges all files at once by this link.
        let isOurs = path.hasSuffix("/..data") || patterns.contains { fnmatch($0, path, 0) == 0 }
        guard isOurs else { return }
        if mask & UInt32(IN_MODIFY) != 0 { unfinished.insert(path) } else { unfinished.remove(path) }
        // While a file is being written, its end is waited for.
        timer.schedule(
            deadline: unfinished.isEmpty ? .now() + ConfigurationWatch.quiet : .distantFuture)
    }
}
