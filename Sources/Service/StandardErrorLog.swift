import Glibc
import Logging
import Messages
import Schedule
import Synchronization

/// Writes log lines to standard error: with the priorities of sd-daemon(3) where systemd's journal reads them, with a
/// time and a level where anybody else does.
package struct StandardErrorLog: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    private let isReadByJournal: Bool

    package init(environment: (String) -> String?) {
        isReadByJournal = StandardErrorLog.isJournalStream(environment("JOURNAL_STREAM"))
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Whether whoever reads standard error has stopped reading, and how many lines were lost to that.
    private static let isStalled = Atomic(false)
    private static let lost = Atomic(0)

    /// A reader that has stopped reading must not stop the reminders: the first line waits a moment, and the next ones do
    /// not until it reads again.
    private static let patienceMilliseconds: Int32 = 100
    /// What the system takes whole into a pipe that has room (pipe(7): PIPE_BUF); a longer line would wait for its reader.
    private static let longestLine = 4096

    package func log(event: LogEvent) {
        let patience = Self.isStalled.load(ordering: .relaxed) ? 0 : Self.patienceMilliseconds
        guard Self.isRead(within: patience) else {
            Self.isStalled.store(true, ordering: .relaxed)
            Self.lost.add(1, ordering: .relaxed)
            return
        }
        Self.isStalled.store(false, ordering: .relaxed)
        let lost = Self.lost.exchange(0, ordering: .relaxed)
        if lost > 0 {
            write("\(English.count(lost, "line")) of the log had no reader and are lost", .warning)
        }
        write(event.message.description, event.level)
    }

    private static func isRead(within milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&wanted, 1, milliseconds) != 0
    }

    private func write(_ message: String, _ level: Logger.Level) {
        // One line a message: text from outside must not be able to make up another.
        let text = Text.singleLine(message)
        let line = isReadByJournal ? "<\(level.priority)>\(text)" : "\(Instant.now) \(level): \(text)"
        // One write is one line, whoever else writes.
        let bytes = Text.cut(line, to: Self.longestLine - 1, counting: .utf8).utf8 + [UInt8(ascii: "\n")]
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// `$JOURNAL_STREAM` names the device and inode of the journal's stream; ours may have been redirected since.
    private static func isJournalStream(_ stream: String?) -> Bool {
        guard let parts = stream?.split(separator: ":"), parts.count == 2, let device = UInt64(parts[0]),
            let inode = UInt64(parts[1])
        else { return false }
        var status = stat()
        return fstat(STDERR_FILENO, &status) == 0 && UInt64(status.st_dev) == device
            && UInt64(status.st_ino) == inode
    }
}

extension Logger.Level {
    /// syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
