import Glibc
import Schedule

/// The directory that holds the journal, locked so that two services never work on one journal.
///
/// It is the directory itself that is locked: a file in it may be removed, and nobody would find its lock.
package final class StateDirectory: Sendable {
    package let path: String
    private let directory: Int32
    /// Earlier versions lock this file instead, and must find it locked.
    private let file: Int32

    /// Makes the directory where it is missing, for its owner alone, and locks it until the value goes away.
    package init(path: String) throws(Failure) {
        self.path = path
        try StateDirectory.make(path)
        directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let filePath = "\(path)/lock"
        file = directory < 0 ? -1 : open(filePath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard directory >= 0 else {
            throw Failure(.io, "\(path) cannot be opened: \(String(cString: strerror(errno))) (--state)")
        }
        guard file >= 0 else {
            throw Failure(.io, "\(filePath) cannot be made: \(String(cString: strerror(errno))) (--state)")
        }
        // The first keeps others out, the second shows them that it does: of flock(2) nobody can ask without taking it.
        guard flock(directory, LOCK_EX | LOCK_NB) == 0, StateDirectory.take(F_RDLCK, directory),
            StateDirectory.take(F_WRLCK, file)
        else {
            guard errno == EWOULDBLOCK else {
                throw Failure(.io, "\(path) cannot be locked: \(String(cString: strerror(errno))) (--state)")
            }
            throw Failure(.unavailable, "another deadlined works with \(path): 'deadlined status' asks it")
        }
    }

    deinit {
        // Closing the last descriptor lets go of its locks.
        for descriptor in [file, directory] where descriptor >= 0 { close(descriptor) }
    }

    /// Whether a service works with a directory; nil where that cannot be told.
    package static func isLocked(_ path: String) -> Bool? {
        switch isTaken(path) {
        case true?: true
        case false?: isTaken("\(path)/lock")
        case nil: nil
        }
    }

    /// Asking takes no lock, be it for a moment: a service that starts just then would believe in another.
    private static func isTaken(_ path: String) -> Bool? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? false : nil }
        defer { close(descriptor) }
        var found = lock(F_WRLCK)
        guard fcntl(descriptor, getLock, &found) == 0 else { return nil }
        return Int32(found.l_type) != F_UNLCK
    }

    private static func take(_ type: Int32, _ descriptor: Int32) -> Bool {
        var wanted = lock(type)
        return fcntl(descriptor, setLock, &wanted) == 0
    }

    /// Whose it is, where that is somebody else than root, who works in it.
    package var owner: String? {
        var status = stat()
        guard geteuid() == 0, stat(path, &status) == 0, status.st_uid != 0 else { return nil }
        return getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(status.st_uid)"
    }

    /// Makes an empty file for whose the directory is, where root would else make one that is closed to them. What SQLite
    /// makes beside a database, it gives to whose that is.
    ///
    /// - Returns: whether it was made; false where there is one, or nobody else's is the directory.
    package static func makeForOwner(_ name: String, in path: String) throws(Failure) -> Bool {
        var status = stat()
        guard geteuid() == 0, stat(path, &status) == 0, status.st_uid != 0 else { return false }
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard fchown(file, status.st_uid, status.st_gid) == 0 else {
            throw Failure(.io, "\(path)/\(name) cannot be given away: \(String(cString: strerror(errno)))")
        }
        return true
    }

    // F_OFD_GETLK and F_OFD_SETLK (fcntl(2)), which glibc shows to GNU programs only.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37

    /// A lock on a whole file or directory. It belongs to what was opened, and so neither to a descriptor that something
    /// else in the process might close nor to a child.
    private static func lock(_ type: Int32) -> flock {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }

    /// Makes a directory and those above it.
    package static func make(_ path: String, mode: mode_t = 0o700) throws(Failure) {
        var built = ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            if mkdir(built, mode) != 0, errno != EEXIST {
                throw Failure(.io, "\(built) cannot be made: \(String(cString: strerror(errno)))")
            }
        }
    }
}

/// Something that ends a command, with its exit code of sysexits(3).
package struct Failure: Error, CustomStringConvertible, Sendable {
    package enum Code: Int32, Sendable {
        case usage = 64
        case data = 65
        case unavailable = 69
        case io = 74
        case configuration = 78
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
