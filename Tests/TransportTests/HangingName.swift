import Foundation
import Glibc

/// A host name whose look-up hangs until the test goes on, and then finds nothing. One at a time.
///
/// No name server is to be had for a test, and which one is asked is the system's affair. But before the C library asks
/// any about a name without a dot, it reads the file that HOSTALIASES names: a pipe in its place holds it up, as long as
/// nobody writes to it.
enum HangingName {
    static let name = "hanging"

    /// A name that no name server is asked for, because a label of it is too long.
    private static let alias = "\(name) \(String(repeating: "x", count: 64)).invalid\n"

    private static let pipe: String = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("names-\(getpid())").path
        setenv("HOSTALIASES", path, 1)
        // The system may be told to ask others than name servers.
        typealias Configure = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>) -> CInt
        if let symbol = dlsym(nil, "__nss_configure_lookup") {
            _ = unsafeBitCast(symbol, to: Configure.self)("hosts", "dns")
        }
        return path
    }()

    /// Lets the next look-up hang on that stage.
    static func hang(on stage: Stage) {
        let path = pipe
        mkfifo(path, 0o600)
        detach {
            // This waits for the reader.
            let writer = open(path, O_WRONLY)
            stage.pause()
            _ = alias.withCString { write(writer, $0, strlen($0)) }
            unlink(path)
            close(writer)
        }
    }
}
