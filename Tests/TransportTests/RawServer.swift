import Glibc
import Synchronization

/// A server on loopback that does exactly what a test says with each request, right or wrong.
final class RawServer: Sendable {
    enum Reply {
        /// Sends the text as it is and keeps the connection.
        case answer(String)
        case answerAndHangUp(String)
        case hangUp
        case reset
        case silence
        /// Does anything, then hangs up.
        case conversation(@Sendable (Conversation) -> Void)
    }

    let port: UInt16
    private let listener: Int32
    private let takesConnections: Bool
    private let reply: @Sendable (Int) -> Reply
    private let greet: @Sendable (Conversation) -> Void
    private let state = Mutex((connections: 0, requests: [String]()))

    /// - Parameters:
    ///   - backlog: how many connections the system makes for us beyond those that we take.
    ///   - takesConnections: false leaves them to the system, and nobody ever reads.
    ///   - reply: what to do with a request, by its number from 0.
    convenience init(
        backlog: Int32 = 512, takesConnections: Bool = true, _ reply: @escaping @Sendable (Int) -> Reply
    ) {
        self.init(backlog, takesConnections, greet: { _ in }, reply: reply)
    }

    /// Speaks first, before anything was asked, and hangs up.
    convenience init(greet: @escaping @Sendable (Conversation) -> Void) {
        self.init(512, true, greet: greet, reply: { _ in .hangUp })
    }

    private init(
        _ backlog: Int32, _ takesConnections: Bool, greet: @escaping @Sendable (Conversation) -> Void,
        reply: @escaping @Sendable (Int) -> Reply
    ) {
        self.reply = reply
        self.greet = greet
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = RawServer.withLoopback(0) { [listener] address, length in
            var length = length
            _ = bind(listener, address, length)
            _ = listen(listener, backlog)
            _ = getsockname(listener, address, &length)
        }
        self.takesConnections = takesConnections
        guard takesConnections else { return }
        detach { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                state.withLock { $0.connections += 1 }
                detach { self.serve(connection) }
            }
            close(listener)
        }
    }

    /// Refuses new connections; those that stand go on.
    ///
    /// The thread that takes connections closes the listener: closed here, its number could be another server's
    /// already when that thread comes back to it.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        if !takesConnections { close(listener) }
    }

    var connections: Int { state.withLock { $0.connections } }
    /// Each request with its head and body, as it came.
    var requests: [String] { state.withLock { $0.requests } }

    /// A connection to the server, or the attempt at one, that nothing goes through.
    func occupy() -> Int32 {
        RawServer.connection(to: port, flags: SOCK_NONBLOCK.rawValue)
    }

    static func connection(to port: UInt16, flags: UInt32 = 0) -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | flags), 0)
        _ = withLoopback(port) { address, length in _ = connect(client, address, length) }
        return client
    }

    private static func withLoopback(
        _ port: UInt16, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Void
    ) -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        let conversation = Conversation(connection: connection)
        greet(conversation)
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            while let request = RawServer.takeRequest(&pending) {
                let number = state.withLock { state in
                    state.requests.append(request)
                    return state.requests.count - 1
                }
                switch reply(number) {
                case .answer(let text): guard conversation.send(text) else { return }
                case .answerAndHangUp(let text): conversation.send(text); return
                case .hangUp: return
                case .reset:
                    var linger = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(
                        connection, SOL_SOCKET, SO_LINGER, &linger,
                        socklen_t(MemoryLayout<Glibc.linger>.size))
                    return
                case .silence: break
                case .conversation(let body): body(conversation); return
                }
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
func detach(_ body: @escaping @Sendable () -> Void) {
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
