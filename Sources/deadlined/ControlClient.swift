import Dispatch
import Foundation
import Messages
import Service
import Synchronization
import Transport

/// Asks the running service over its control socket.
struct ControlClient {
    let path: String

    /// Posts a request and waits for its answer.
    ///
    /// - Throws: `Failure` with 69 where no service answers, with 65 where it says no.
    func ask<Reply: Decodable>(_ what: String, _ body: JSON, _ type: Reply.Type) throws -> (
        Reply, text: String
    ) {
        guard access(path, F_OK) == 0 else {
            throw Failure(
                .unavailable, "no service runs: \(path) is not there (--state, or $RUNTIME_DIRECTORY)")
        }
        guard access(path, W_OK) == 0 else {
            throw Failure(.unavailable, "\(path): \(String(cString: strerror(errno))). Try with sudo")
        }
        let transport = Transport(userAgent: Product.userAgent)
        defer { transport.stop() }
        let answered = DispatchSemaphore(value: 0)
        let box = Mutex<Answer?>(nil)
        transport.send(
            Request(.post, Secret("http://deadlined/\(what)"), json: body),
            options: Transport.Options(allowsPlainHTTP: true, unixSocket: path)
        ) { answer in
            box.withLock { $0 = answer }
            answered.signal()
        }
        answered.wait()
        switch box.withLock({ $0 }) {
        case .response(let response):
            if let fault = response.json(Fault.self) { throw Failure(.data, fault.error) }
            guard response.status < 400, let reply = response.json(type) else {
                throw Failure(
                    .unavailable, "\(path) is no deadlined's, or another version's: \(response.reason)")
            }
            return (reply, response.text)
        case .notSent(let reason), .lost(let reason):
            throw Failure(.unavailable, "the service does not answer at \(path): \(reason)")
        case nil:
            throw Failure(.unavailable, "the service does not answer at \(path)")
        }
    }

    private struct Fault: Decodable {
        let error: String
    }
}

extension StateOptions {
    func control() throws -> ControlClient { ControlClient(path: StateOptions.controlPath(try resolved())) }
}
