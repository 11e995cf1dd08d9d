import Glibc

/// Talks to the service manager as sd_notify(3) describes: one datagram of `NAME=value` lines. Without
/// `$NOTIFY_SOCKET` it says nothing.
package struct ServiceManager: Sendable {
    private let socketPath: String?
    /// How often the watchdog wants to hear of us, in microseconds; nil where there is none.
    package let watchdogInterval: UInt64?

    package init(environment: (String) -> String?) {
        // A path, or `@` and an abstract name; other kinds of address belong to managers of other machines.
        socketPath = environment("NOTIFY_SOCKET").flatMap {
            $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil
        }
        let isMeant = environment("WATCHDOG_PID").map { $0 == String(getpid()) } ?? true
        watchdogInterval =
            isMeant ? environment("WATCHDOG_USEC").flatMap(UInt64.init).flatMap { $0 > 0 ? $0 : nil } : nil
    }

    package var isListening: Bool { socketPath != nil }

    package func ready(status: String) { send("READY=1\nSTATUS=\(status)") }
    package func stopping() { send("STOPPING=1\nSTATUS=Stopping") }
    package func status(_ text: String) { send("STATUS=\(text)") }
    package func ping() { send("WATCHDOG=1") }

    /// `MONOTONIC_USEC` is for Type=notify-reload of systemd 253 and later; earlier ones pass over it.
    package func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=Reloading")
    }

    private func send(_ text: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socketPath.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        if path.first == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // An abstract name ends where the address ends: no zero may follow it.
        let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { socklen_t($0 + path.count) } ?? 0
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Where a manager reads no more, and its queue stays full for a tenth of a second, it is not told.
        var patience = timeval(tv_sec: 0, tv_usec: 100_000)
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout.size(ofValue: patience)))
        let bytes = Array(text.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // A manager that does not listen is no reason to stop.
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
