import Glibc
import Schedule

/// The directory that holds the journal, locked so that two services never work on one journal.
package final class StateDirectory: Sendable {
    package let path: String
    private let lock: Int32

    /// Makes the directory where it is missing, for its owner alone, and locks it until the value goes away.
    package init(path: String) throws(Failure) {
        self.path = path
        try StateDirectory.make(path)
        let lockPath = "\(path)/lock"
        lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw Failure(.io, "\(lockPath) cannot be made: \(String(cString: strerror(errno))) (--state)")
        }
        var wanted = StateDirectory.lock(F_WRLCK)
        guard fcntl(lock, StateDirectory.setLock, &wanted) == 0 else {
            throw Failure(.unavailable, "another deadlined works with \(path): 'deadlined status' asks it")
        }
    }

    deinit {
        // Closing the last descriptor lets go of the lock.
        if lock >= 0 { close(lock) }
    }

    /// Whether a service works with a directory; nil where that cannot be told.
    package static func isLocked(_ path: String) -> Bool? {
        let descriptor = open("\(path)/lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? false : nil }
        defer { close(descriptor) }
        // Asking takes no lock, be it for a moment: a service that starts just then would believe in another.
        var found = lock(F_RDLCK)
        guard fcntl(descriptor, getLock, &found) == 0 else { return nil }
        return Int32(found.l_type) != F_UNLCK
    }

    /// Whose it is, where that is somebody else than root, who works in it.
    package var owner: String? {
        var status = stat()
        guard geteuid() == 0, stat(path, &status) == 0, status.st_uid != 0 else { return nil }
        return getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(status.st_uid)"
    }

    // F_OFD_GETLK and F_OFD_SETLK (fcntl(2)), which glibc shows to GNU programs only.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37

    /// A lock on the whole file. It belongs to the open file, and so neither to a descriptor that something else
    /// in the process might close nor to a child.
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
