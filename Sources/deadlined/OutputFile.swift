import Glibc
import Service

/// A file that a command writes for whoever called it.
enum OutputFile {
    /// - Parameter isNew: whether a file that is there already is somebody's, and stays.
    /// - Throws: what the system says; what was written by then is left.
    static func write(_ bytes: some Sequence<UInt8>, to path: String, isNew: Bool = false) throws(Failure) {
        let bytes = Array(bytes)
        guard let file = fopen(path, isNew ? "wx" : "w") else { throw failure(path) }
        let isWhole = fwrite(bytes, 1, bytes.count, file) == bytes.count
        let reason = failure(path)
        // What the disk has no room for shows here, too.
        guard isWhole else {
            fclose(file)
            throw reason
        }
        guard fclose(file) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(.io, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
