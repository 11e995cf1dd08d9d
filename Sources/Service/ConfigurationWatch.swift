import Configuration
import Dispatch
import Glibc

/// Tells when files of the configuration have changed and are whole: nothing of them is open for writing, and nothing
/// changed for a second. inotify(7).
///
/// It watches the directories that are there when it is made, and those above them: one that comes, goes or is exchanged
/// is told as a change, after which a new watch is needed.
///
/// @unchecked Sendable: it works on its serial queue only; a Dispatch source may be cancelled from any thread.
final class ConfigurationWatch: @unchecked Sendable {
    private static let quiet = DispatchTimeInterval.seconds(1)
    /// A file that somebody keeps open, or changes all the time, holds up the others no longer.
    private static let patience = DispatchTimeInterval.seconds(30)
    /// With their rights: what could not be read may be so now.
    private static let ofDirectories =
        IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB
        | IN_ONLYDIR
    private static let ofFiles = ofDirectories | IN_MODIFY | IN_CLOSE_WRITE

    private let descriptor: Int32
    /// Of files, and of the directories on the way to them.
    private let patterns: Set<String>
    /// By the kernel's number for a watch; links may give one directory several paths.
    private let directories: [Int32: [String]]
    private let source: any DispatchSourceRead
    private let timer: any DispatchSourceTimer
    /// Files that somebody writes.
    private var unfinished: Set<String> = []
    /// The first change that is not yet told.
    private var first: DispatchTime?

    /// - Parameters:
    ///   - patterns: paths of files, as the shell's patterns. Only these count: a log that somebody keeps beside them is
    ///     always being written.
    ///   - queue: a serial one; `changed` is called on it.
    /// - Returns: nil where the kernel gives no watch.
    init?(patterns: [String], queue: DispatchQueue, changed: @escaping @Sendable () -> Void) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        var masks: [String: Int32] = [:]
        // Where links lead, too: who edits that file changes ours.
        let targets = patterns.flatMap { (try? FileSystem.system.matches($0)) ?? [] }
            .compactMap(ConfigurationWatch.target).map(FileSystem.pattern)
        let patterns = patterns + targets
        var wanted = Set(patterns)
        for pattern in patterns {
            let above = ConfigurationWatch.directories(above: pattern)
            wanted.formUnion(above)
            for (index, directory) in above.enumerated() {
                for path in (try? FileSystem.system.matches(directory)) ?? [] {
                    masks[path, default: 0] |=
                        index == 0 ? ConfigurationWatch.ofFiles : ConfigurationWatch.ofDirectories
                }
            }
        }
        var directories: [Int32: [String]] = [:]
        for (path, mask) in masks {
            let watch = inotify_add_watch(descriptor, path, UInt32(mask | Int32(IN_MASK_ADD)))
            if watch >= 0 { directories[watch, default: []].append(path) }
        }
        guard !directories.isEmpty else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.patterns = wanted
        self.directories = directories
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .distantFuture)
        source.setCancelHandler { close(descriptor) }
        timer.setEventHandler { [weak self] in
            self?.first = nil
            changed()
        }
        source.setEventHandler { [weak self] in self?.read() }
        timer.activate()
        source.activate()
    }

    func stop() {
        source.cancel()
        timer.cancel()
    }

    /// The file that a link leads to; nil for what is no link.
    private static func target(_ path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let found = realpath(path, nil)
        else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// The directories that lead to a file, the nearest first, as patterns.
    private static func directories(above pattern: String) -> [String] {
        var parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
        var paths: [String] = []
        while !parts.isEmpty {
            parts.removeLast()
            paths.append(parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/"))
            if parts == [""] { break }
        }
        return paths
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
            let name = String(decoding: bytes[(offset + head)..<end].prefix { $0 != 0 }, as: UTF8.self)
            note(event, name)
            offset = end
        }
    }

    private func note(_ event: inotify_event, _ name: String) {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
            // Nobody knows what happened: all that is certain is that something did.
            unfinished = []
        } else if name.isEmpty {
            // Of the directory itself its end, its move and its rights are told.
            let told = IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_ATTRIB
            guard event.mask & UInt32(told) != 0 else { return }
        } else {
            let paths = (directories[event.wd] ?? []).flatMap { directory in
                directory == "/"
                    ? ["/\(name)"] : directory == "." ? [name, "./\(name)"] : ["\(directory)/\(name)"]
            }
            guard let path = paths.first(where: isOurs) else { return }
            if event.mask & UInt32(IN_MODIFY) != 0 {
                unfinished.insert(path)
            } else if event.mask & UInt32(IN_ATTRIB) == 0 {
                // Its rights may change while it is being written.
                unfinished.remove(path)
            }
        }
        let now = DispatchTime.now()
        let end = (first ?? now) + ConfigurationWatch.patience
        first = first ?? now
        // While a file is being written, its end is waited for.
        timer.schedule(deadline: unfinished.isEmpty ? min(now + ConfigurationWatch.quiet, end) : end)
    }

    private func isOurs(_ path: String) -> Bool {
        // A volume of Kubernetes exchanges all files at once by this link.
        path.hasSuffix("/..data") || patterns.contains { fnmatch($0, path, FNM_PATHNAME | FNM_PERIOD) == 0 }
    }
}
