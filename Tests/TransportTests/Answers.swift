import Messages
import Testing
import Transport

let okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct Unexpected: Error { let answer: Answer }

func response(_ answer: Answer) throws -> Answer.Response {
    guard case .response(let response) = answer else { throw Unexpected(answer: answer) }
    return response
}

/// The reason, which must never give away what only the receiver may know.
func lost(_ answer: Answer) throws -> String {
    guard case .lost(let reason) = answer, !reason.contains("s3cret"), !reason.isEmpty else {
        throw Unexpected(answer: answer)
    }
    return reason
}

func notSent(_ answer: Answer) throws -> String {
    guard case .notSent(let reason) = answer, !reason.contains("s3cret"), !reason.isEmpty else {
        throw Unexpected(answer: answer)
    }
    return reason
}

extension Transport {
    func answer(to request: Request, _ options: Options) async -> Answer {
        await withCheckedContinuation { continuation in
            // A second answer would trap here.
            send(request, options: options) { continuation.resume(returning: $0) }
        }
    }
}

extension Transport {
    /// Sends one request after the other from the thread that hears the answers: where many tests wait for their turn, one may
    /// wait for longer than a connection is kept.
    ///
    /// - Parameter pause: is called between two of them.
    func answers(
        to requests: [Request], _ options: Options, pause: @escaping @Sendable () -> Void = {}
    ) async -> [Answer] {
        await withCheckedContinuation { continuation in
            send(requests[...], options, [], pause) { continuation.resume(returning: $0) }
        }
    }

    private func send(
        _ requests: ArraySlice<Request>, _ options: Options, _ answers: [Answer],
        _ pause: @escaping @Sendable () -> Void, _ completion: @escaping @Sendable ([Answer]) -> Void
    ) {
        guard let request = requests.first else { return completion(answers) }
        if !answers.isEmpty { pause() }
        send(request, options: options) {
            self.send(requests.dropFirst(), options, answers + [$0], pause, completion)
        }
    }
}

extension Transport.Options {
    /// For the servers of these tests, all of which are on this machine.
    static func toThisMachine(
        caFile: String? = nil, plain: Bool = true, timeoutMilliseconds: Int? = nil,
        connectTimeoutMilliseconds: Int? = nil
    ) -> Transport.Options {
        Transport.Options(
            caFile: caFile, allowsPlainHTTP: plain, allowedNetworks: Network.loopback,
            timeoutMilliseconds: timeoutMilliseconds, connectTimeoutMilliseconds: connectTimeoutMilliseconds)
    }
}
