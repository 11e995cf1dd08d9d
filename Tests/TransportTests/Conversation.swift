import Dispatch
import Glibc
import Synchronization

/// The server's end of one connection, for what no ready reply can do.
struct Conversation: Sendable {
    let connection: Int32

    /// False where the other side has closed the connection.
    @discardableResult
    func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.send(connection, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
                if count <= 0 { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Sends one byte at a time, each in a packet of its own.
    func drip(_ text: String) -> Bool {
        var yes: Int32 = 1
        setsockopt(
            connection, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return text.utf8.allSatisfy { byte in
            usleep(500)
            return send([byte])
        }
    }

    /// Tells the other side that nothing more will come, and goes on listening.
    func endOutput() {
        shutdown(connection, Int32(SHUT_WR))
    }

    func waitForEnd() {
        forward { _ in true }
    }

    /// Answers each line until the other side has nothing more to say.
    func answerLines(_ answer: (Substring) -> String) {
        var pending = ""
        forward { bytes in
            pending += String(decoding: bytes, as: UTF8.self)
            var lines = pending.split(separator: "\r\n", omittingEmptySubsequences: false)
            pending = String(lines.popLast() ?? "")
            return lines.allSatisfy { send(answer($0)) }
        }
    }

    /// Is one with a server on this machine until both have nothing more to say.
    func relay(to port: UInt16) {
        let other = Conversation(connection: RawServer.connection(to: port))
        defer { close(other.connection) }
        let isDone = DispatchSemaphore(value: 0)
        detach {
            other.forward { send($0) }
            endOutput()
            isDone.signal()
        }
        forward { other.send($0) }
        other.endOutput()
        isDone.wait()
    }

    private func forward(_ take: ([UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0,
            take(Array(buffer.prefix(count)))
        {}
    }
}

/// Where a server or a name waits until the test goes on.
final class Stage: Sendable {
    private let arrivals = AsyncStream<Void>.makeStream()
    private let gate = DispatchSemaphore(value: 0)

    private let first = Mutex<(@Sendable () -> Void)?>(nil)

    /// Has something done as soon as somebody is here, on the thread of whoever comes first.
    func atEntrance(_ body: @escaping @Sendable () -> Void) {
        first.withLock { $0 = body }
    }

    /// Tells that somebody is here.
    func enter() {
        let body = first.withLock { first in
            defer { first = nil }
            return first
        }
        body?()
        arrivals.continuation.yield()
    }

    /// Tells that somebody is here, and waits until the stage is open.
    func pause() {
        enter()
        gate.wait()
        gate.signal()
    }

    /// Returns when somebody has come.
    func entrance() async {
        _ = await arrivals.stream.first { _ in true }
    }

    /// Lets everybody on, now and later.
    func open() {
        gate.signal()
    }
}
