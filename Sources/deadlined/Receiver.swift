import HTTPServer
import Messages
import Schedule
import Service

/// An HTTP server on loopback that takes every message and answers as the channel's service would.
struct Receiver {
    private let server: HTTPServer
    private let port: Int

    /// Starts it on a free port.
    init(channels: [Channel]) throws {
        let answers = Dictionary(
            channels.map { (Receiver.path($0), type(of: $0.service).acceptance) },
            uniquingKeysWith: { a, _ in a }
        )
        server = try HTTPServer(.loopback(port: 0), limits: .messages) { request, respond in
            let answer = answers[request.path]
            respond(
                HTTPServer.Response(status: answer?.status ?? 404, body: answer?.body ?? []))
        }
        guard let port = server.port else { throw Failure(.unavailable, "no port is free on loopback") }
        self.port = port
    }

    /// Where a channel's requests go instead of their own address.
    var address: @Sendable (Channel) -> Secret {
        { [port] channel in Secret("http://127.0.0.1:\(port)\(Receiver.path(channel))") }
    }

    /// A name may hold what is none of a path's.
    private static func path(_ channel: Channel) -> String {
        "/" + channel.name.utf8.map { String($0, radix: 16) }.joined(separator: "-")
    }

    func stop() {
        server.stop()
    }
}
