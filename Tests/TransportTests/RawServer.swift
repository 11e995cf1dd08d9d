import Glibc
import Synchronization

/// A server on loopback that does exactly what a test says with the bytes of each connection, right or wrong.
final class RawServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let state = Mutex((connections: 0, requests: [String]()))

    /// - Parameter answer: gets the number of the request (from 0) and gives the bytes to send back and whether the
    ///   connection stays open; nil hangs up without a byte.
    init(_ answer: @escaping @Sendable (Int) -> (bytes: String, staysOpen: Bool)?) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                _ = bind(listener, raw, length)
                _ = listen(listener, 512)
                _ = getsockname(listener, raw, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        detach { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                state.withLock { $0.connections += 1 }
                detach { self.serve(connection, answer) }
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    var connections: Int { state.withLock { $0.connections } }
    /// Each request with its head and body, as it came.
    var requests: [String] { state.withLock { $0.requests } }

    private func serve(_ connection: Int32, _ answer: @Sendable (Int) -> (bytes: String, staysOpen: Bool)?) {
        defer { close(connection) }
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            while let request = RawServer.takeRequest(&pending) {
                let number = state.withLock { state in
                    state.requests.append(request)
                    return state.requests.count - 1
                }
                guard let (text, staysOpen) = answer(number) else { return }
                let bytes = Array(text.utf8)
                var sent = 0
                while sent < bytes.count {
                    let count = send(
                        connection, Array(bytes[sent...]), bytes.count - sent, Int32(MSG_NOSIGNAL))
                    if count <= 0 { return }
                    sent += count
                }
                if !staysOpen { return }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { return }
            pending += buffer[..<count]
        }
    }

    private static func takeRequest(_ bytes: inout [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let head = text.firstRange(of: "\r\n\r\n") else { return nil }
        let line = text[..<head.lowerBound].split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("content-length:")
        }
        let length = line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        let total = text[..<head.upperBound].utf8.count + length
        guard bytes.count >= total else { return nil }
        defer { bytes.removeFirst(total) }
        return String(decoding: bytes[..<total], as: UTF8.self)
    }
}

/// Runs a blocking function on a thread of its own.
private func detach(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
}
