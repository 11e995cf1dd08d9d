import Glibc
import Logging
import Messages
import Schedule

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

    package func log(event: LogEvent) {
        // One line a message: text from outside must not be able to make up another.
        let text = Text.singleLine(event.message.description)
        let line =
            isReadByJournal
            ? "<\(event.level.priority)>\(text)\n" : "\(Instant.now) \(event.level): \(text)\n"
        // One write is one line, whoever else writes.
        let bytes = Array(line.utf8)
        // A reader that has stopped reading must not stop the reminders.
        var wanted = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&wanted, 1, 100) != 0 else { return }
        _ = write(STDERR_FILENO, bytes, bytes.count)
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
