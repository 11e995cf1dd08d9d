import Dispatch
import Engine
import Foundation
import Journal
import Messages
import Service
import Synchronization
import Transport

/// Asks the running service over its control socket.
struct ControlClient {
    let path: String
    /// The directory of the service that is meant.
    let state: String

    /// A service may be there, and may be asked.
    var isReachable: Bool { access(path, R_OK | W_OK) == 0 }

    /// Posts a request and waits for its answer.
    ///
    /// - Throws: `Failure` with 69 where no service answers, with 65 where it says no, with 74 where it cannot.
    func post<Reply: Decodable>(_ what: String, _ body: JSON, _ type: Reply.Type) throws -> (
        Reply, text: String
    ) {
        let response = try response(Request(.post, Secret(address(what)), json: body))
        return (try read(type, response), response.text)
    }

    /// Reads something, and returns it as it came.
    func get(_ what: String, _ query: [(String, String?)] = []) throws -> [UInt8] {
        let response = try response(Request(get: Secret(address(what, query))))
        if let refusal = refusal(response) { throw refusal }
        return response.body
    }

    func get<Reply: Decodable>(_ what: String, _ query: [(String, String?)], _ type: Reply.Type) throws -> (
        Reply, text: String
    ) {
        let response = try response(Request(get: Secret(address(what, query))))
        return (try read(type, response), response.text)
    }

    /// The same; nil where no service runs.
    func getFromRunning<Reply: Decodable>(_ what: String, _ type: Reply.Type) throws -> (
        Reply, text: String
    )? {
        guard isReachable, let response = try responseIfAny(Request(get: Secret(address(what)))) else {
            return nil
        }
        return (try read(type, response), response.text)
    }

    /// An answer whose status may say that something was refused.
    func answer<Reply: Decodable>(_ request: Request, _ type: Reply.Type) throws -> (
        Reply, status: Int, text: String
    ) {
        let response = try response(request)
        if let refusal = refusal(response), response.json(type) == nil { throw refusal }
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
        if let refusal = refusal(response) { throw refusal }
        guard let reply = response.json(type) else { throw stranger(response) }
        return reply
    }

    private func refusal(_ response: Answer.Response) -> Failure? {
        if let fault = response.json(Fault.self) {
            let code: Failure.Code =
                switch response.status {
                case 400: .usage
                case 500...: .io
                default: .data
                }
            return Failure(code, fault.error)
        }
        return response.status < 400 ? nil : stranger(response)
    }

    private func stranger(_ response: Answer.Response) -> Failure {
        Failure(.unavailable, "\(path) is no deadlined's, or another version's: \(response.reason)")
    }

    private func response(_ request: Request) throws -> Answer.Response {
        guard let response = try responseIfAny(request) else {
            throw Failure(.unavailable, "no service runs: nobody answers at \(path). \(remedy)")
        }
        return response
    }

    private var remedy: String {
        path.hasPrefix(StateOptions.runtimeOfSystem + "/")
            ? "'sudo systemctl start deadlined' starts it; --state names another one's directory"
            : "'deadlined run' starts one; both need the same --state and $RUNTIME_DIRECTORY"
    }

    /// Nil where nobody listens: a service that was killed leaves its socket.
    private func responseIfAny(_ request: Request) throws -> Answer.Response? {
        guard access(path, F_OK) == 0 else {
            let reason =
                errno == EACCES
                ? "\(path) is not for you: join the group 'deadlined', or try with sudo"
                : StateDirectory.isLocked(state) == true
                    ? "a service works with \(state), but its socket \(path) is not there. It is, once the service has started; if it was removed, 'systemctl reload deadlined', or SIGHUP, makes it anew. With another $RUNTIME_DIRECTORY it is elsewhere"
                    : "no service runs: \(path) is not there. \(remedy)"
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
        case .notSent: return nil
        case .insecure(let reason), .lost(let reason):
            throw Failure(.unavailable, "the service does not answer at \(path): \(reason)")
        case nil:
            throw Failure(.unavailable, "the service does not answer at \(path)")
        }
    }

    /// A thousand deliveries with all their attempts fit.
    private static let bodyLimit = 1 << 26

    private struct Fault: Decodable {
        let error: String
    }
}

extension StateOptions {
    /// The journal, to look into it; nil where there is none to be read, and none was named.
    func journal() throws -> Journal? {
        guard let directory = try? asked() else { return nil }
        let path = "\(directory)/\(Journal.fileName)"
        do throws(JournalFault) {
            if access(path, R_OK) == 0 { return try Journal(reading: path) }
        } catch {
            guard self.path == nil else { throw Failure(.io, error.description) }
            return nil
        }
        let reason = String(cString: strerror(errno))
        guard self.path == nil else {
            throw Failure(.io, "the journal \(path) cannot be read: \(reason) (--state)")
        }
        return nil
    }

    /// What somebody has said about milestones, as far as the journal can be read.
    func marks() throws -> [MilestoneKey: Mark] {
        do {
            return try journal()?.marks() ?? [:]
        } catch let fault as JournalFault {
            throw Failure(.io, fault.description)
        }
    }

    func control() throws -> ControlClient {
        let directory = try asked()
        return ControlClient(path: StateOptions.controlPath(directory), state: directory)
    }
}
