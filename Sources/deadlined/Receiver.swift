import Configuration
import FlyingFox
import Messages
import Schedule
import Service

/// An HTTP server on loopback that takes every message and answers as the channel's service would.
struct Receiver {
    private let server: HTTPServer
    private let task: Task<Void, any Error>
    private let port: UInt16

    /// Starts it on a free port.
    init(channels: [Channel]) async throws {
        let answers = Dictionary(
            channels.map { ("/" + $0.name, type(of: $0.service).acceptance) }, uniquingKeysWith: { a, _ in a }
        )
        server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
        await server.appendRoute("*") { request in
            _ = try await request.bodyData
            guard let answer = answers[request.path] else { return HTTPResponse(statusCode: .notFound) }
            return HTTPResponse(
                statusCode: HTTPStatusCode(answer.status, phrase: ""),
                headers: [.contentType: "application/json"], body: .init(answer.body))
        }
        task = Task { [server] in try await server.run() }
        try await server.waitUntilListening()
        guard case .ip4(_, let port) = await server.listeningAddress else {
            throw Failure(.unavailable, "no port is free on loopback")
        }
        self.port = port
    }

    /// Where a channel's requests go instead of their own address.
    var address: @Sendable (Channel) -> Secret {
        { [port] channel in Secret("http://127.0.0.1:\(port)/\(channel.name)") }
    }

    func stop() async {
        await server.stop()
        task.cancel()
    }
}
