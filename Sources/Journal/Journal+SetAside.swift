import Engine
import Foundation
import Glibc
import Messages
import Schedule

/// A damaged journal is set aside, and told of.
extension Journal {
    /// Opens the journal of a service, which must be the only one that works with it, and reads what an engine must know
    /// of earlier runs. A damaged one is set aside, with what belongs to it, and a new one takes its place: every start
    /// says so until `forgetLoss`.
    package static func opened(
        path: String, now: Instant
    ) throws(JournalFault) -> (Journal, Memory, SetAside?) {
        let wasThere = access(path, F_OK) == 0 || errno != ENOENT
        let untold = SetAside.recorded(for: path)
        do throws(JournalFault) {
            if let finding = damageFound(path) { throw JournalFault(path, isDamage: true, finding) }
            let (journal, memory) = try begun(path: path, isNew: !wasThere)
            return (journal, memory, untold)
        } catch {
            guard error.isDamage else { throw error }
            let aside = "\(path).damaged-\(now)"
            // What comes after a loss that nobody has heard of is none: the new journal, which could not be made.
            let loss = untold ?? SetAside(path: wasThere ? aside : nil, reason: error.description)
            // Written down before anything is done: whatever happens to this start, some start tells it.
            guard loss.record(for: path) else { throw cannotBeSetAside(path, error) }
            // The file first: without it SQLite takes no log for a journal's. The mark last: until then it counts.
            for suffix in parts {
                guard rename(path + suffix, aside + suffix) == 0 || errno == ENOENT else {
                    throw cannotBeSetAside(path, error)
                }
            }
            unlink(markPath(path))
            let (journal, memory) = try begun(path: path, isNew: true)
            return (journal, memory, loss)
        }
    }

    private static func cannotBeSetAside(_ path: String, _ fault: JournalFault) -> JournalFault {
        let why = String(cString: strerror(errno))
        return JournalFault(path, isDamage: true, "\(fault.description); it cannot be set aside: \(why)")
    }

    private static func begun(path: String, isNew: Bool) throws(JournalFault) -> (Journal, Memory) {
        do throws(JournalFault) {
            let journal = try Journal(path: path, isChecked: !isNew)
            return (journal, try journal.remember())
        } catch {
            // On a full disk SQLite leaves an empty file, which the next start would take for a damaged journal.
            if isNew { for part in parts { unlink(path + part) } }
            throw error
        }
    }

    /// The ends of the names of SQLite's files.
    private static let parts = ["", "-wal", "-shm"]

    /// The loss of a journal has been told: no later start says it again.
    package static func forgetLoss(path: String) { unlink(SetAside.recordPath(path)) }

    /// Has the next start set a journal aside: its damage showed in use, and the check at the start may miss it.
    package static func markDamaged(path: String, reason: String) {
        let mark = open(markPath(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard mark >= 0 else { return }
        defer { close(mark) }
        let bytes = Array(reason.utf8)
        // What does not fit on the disk any more is said in fewer words.
        _ = write(mark, bytes, bytes.count)
        fsync(mark)
    }

    private static func markPath(_ path: String) -> String { path + ".damaged" }

    /// What an earlier run found wrong with a journal; nil where it found nothing.
    private static func damageFound(_ path: String) -> String? {
        // A full disk may have cut it within a character.
        guard let bytes = FileManager.default.contents(atPath: markPath(path)) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.isEmpty ? "it was found damaged while it was in use" : Text.singleLine(text)
    }

    /// A damaged journal that a new one has replaced.
    package struct SetAside: Sendable, Codable, Equatable {
        /// Nil where there was none any more: somebody had removed it.
        package let path: String?
        package let reason: String

        fileprivate static func recordPath(_ journal: String) -> String { journal + ".lost" }

        /// What an earlier start has set aside without anybody hearing of it.
        fileprivate static func recorded(for journal: String) -> SetAside? {
            guard let data = FileManager.default.contents(atPath: recordPath(journal)) else { return nil }
            return (try? JSONDecoder().decode(SetAside.self, from: data))
                ?? SetAside(path: nil, reason: "its loss was written down, and that cannot be read")
        }

        /// False, with `errno`, where it could not be written to the disk.
        fileprivate func record(for journal: String) -> Bool {
            guard let bytes = try? Array(JSONEncoder().encode(self)) else { return false }
            let path = SetAside.recordPath(journal)
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard file >= 0 else { return false }
            defer { close(file) }
            if write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 { return true }
            let reason = errno
            unlink(path)
            errno = reason
            return false
        }
    }
}
