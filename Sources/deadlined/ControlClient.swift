import Dispatch
import Foundation
import Messages
import Service
import Synchronization
import Transport

/// Asks the running service over its control socket.
struct ControlClient {
    let path: String

    /// A service may be there, and may be asked.
    var isReachable: Bool { access(path, R_OK | W_OK) == 0 }

    /// Posts a request and waits for its answer.
    ///
    /// - Throws: `Failure` with 69 where no service answers, with 65 where it says no.
    func post<Reply: Decodable>(_ what: String, _ body: JSON, _ type: Reply.Type) throws -> (
        Reply, text: String
    ) {
        let response = try response(Request(.post, Secret(address(what)), json: body))
        return (try read(type, response), response.text)
    }

    /// Reads something, and returns it as it came.
    func get(_ what: String, _ query: [(String, String?)] = []) throws -> [UInt8] {
        let response = try response(Request(get: Secret(address(what, query))))
        if let fault = response.json(Fault.self) { throw Failure(.data, fault.error) }
        guard response.status < 400 else { throw stranger(response) }
        return response.body
    }

    func get<Reply: Decodable>(_ what: String, _ query: [(String, String?)], _ type: Reply.Type) throws -> (
        Reply, text: String
    ) {
        let bytes = try get(what, query)
        let text = String(decoding: bytes, as: UTF8.self)
        guard let reply = try? JSONDecoder().decode(type, from: Data(bytes)) else {
            throw Failure(.unavailable, "\(path) is no deadlined's, or another version's")
        }
        return (reply, text)
    }

    /// An answer whose status may say that something was refused.
    func answer<Reply: Decodable>(_ request: Request, _ type: Reply.Type) throws -> (
        Reply, status: Int, text: String
    ) {
        let response = try response(request)
        guard let reply = response.json(type) else { throw stranger(response) }
        return (reply, response.status, response.text)
    }

    func address(_ what: String, _ query: [(String, String?)] = []) -> String {
        var components = URLComponents()
        components.queryItems = query.compactMap { name, value in
            value.map { URLQueryItem(name: name, value: $0) }
        }
        // A plus would be read as a space.
        let items = components.percentEncodedQuery?.replacing("+", with: "%2B") ?? ""
        return "http://deadlined/\(what)" + (items.isEmpty ? "" : "?\(items)")
    }

    private func read<Reply: Decodable>(_ type: Reply.Type, _ response: Answer.Response) throws -> Reply {
        if let fault = response.json(Fault.self) { throw Failure(.data, fault.error) }
        guard response.status < 400, let reply = response.json(type) else { throw stranger(response) }
        return reply
    }

    private func stranger(_ response: Answer.Response) -> Failure {
        Failure(.unavailable, "\(path) is no deadlined's, or another version's: \(response.reason)")
    }

    private func response(_ request: Request) throws -> Answer.Response {
        guard access(path, F_OK) == 0 else {
            let reason =
                errno == EACCES
                ? "\(path) is not for you: join the group 'deadlined', or try with sudo"
                : "no service runs: \(path) is not there (--state, or $RUNTIME_DIRECTORY)"
            throw Failure(.unavailable, reason)
        }
        guard access(path, W_OK) == 0 else {
            throw Failure(
                .unavailable,
                "\(path): \(String(cString: strerror(errno))). Join the group 'deadlined', or try with sudo")
        }
        let transport = Transport(userAgent: Product.userAgent)
        defer { transport.stop() }
        let answered = DispatchSemaphore(value: 0)
        let box = Mutex<Answer?>(nil)
        transport.send(
            request,
            options: Transport.Options(
                allowsPlainHTTP: true, unixSocket: path, bodyLimit: ControlClient.bodyLimit)
        ) { answer in
            box.withLock { $0 = answer }
            answered.signal()
        }
        answered.wait()
        switch box.withLock({ $0 }) {
        case .response(let response): return response
        case .notSent(let reason), .lost(let reason):
            throw Failure(.unavailable, "the service does not answer at \(path): \(reason)")
        case nil:
            throw Failure(.unavailable, "the service does not answer at \(path)")
        }
    }

    /// A history of a million deliveries fits.
    private static let bodyLimit = 1 << 30

    private struct Fault: Decodable {
        let error: String
    }
}

extension StateOptions {
    func control() throws -> ControlClient { ControlClient(path: StateOptions.controlPath(try asked())) }
}
