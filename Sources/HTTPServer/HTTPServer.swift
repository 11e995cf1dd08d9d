import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP/1.1 server on loopback or on a Unix socket: whole requests in, whole responses out.
///
/// It runs on one thread of its own, which sleeps while nobody asks. (A server on Swift's own task pool would wake the
/// process every second for ever: the pool's first work starts a monitor in libdispatch.)
package final class HTTPServer: Sendable {
    package enum Address: Sendable {
        /// A port of 127.0.0.1; 0 for any that is free.
        case loopback(port: Int)
        /// A path of at most 107 bytes. A socket that an earlier run left there is removed.
        case unix(path: String)
    }

    package struct Request: Sendable {
        package let method: String
        /// Path and query, as they came; without a host, should one stand before them.
        package let target: String
        /// Without the query; percent-encoded as it came.
        package let path: String
        /// Of a name that comes twice the last value counts.
        package let query: [String: String]
        /// Names are in lower case. `host` is that of the target where one stands there (RFC 9112, section 3.2.2).
        package let headers: [String: String]
        package let body: [UInt8]
    }

    package struct Response: Sendable {
        package var status: Int
        package var contentType: String
        package var body: [UInt8]
        /// Beside those of content and connection.
        package var headers: [(name: String, value: String)] = []

        package init(status: Int, contentType: String = "application/json", body: some Sequence<UInt8> = []) {
            self.status = status
            self.contentType = contentType
            self.body = Array(body)
        }
    }

    /// Answers a request, now or later, from any thread.
    package typealias Handler = @Sendable (Request, _ respond: @escaping @Sendable (Response) -> Void) -> Void

    /// What a server takes at most.
    package struct Limits: Sendable {
        /// More connections are closed at once.
        let connections: Int
        /// More of a body is refused with 413.
        let body: Int
        /// Bytes of all answers that nobody has read yet. What would be more is refused with 503; one alone may be longer.
        let unread: Int

        /// What people and their programs ask: the process has other work, whoever asks how much.
        package static let questions = Limits(connections: 64, body: 16 * 1024, unread: 32 << 20)
        /// What a rehearsal sends to itself.
        package static let messages = Limits(connections: 1024, body: 1 << 20, unread: 32 << 20)
    }

    /// So long after a connection is made, or an answer given, a request must be there whole: one that trickles is none.
    fileprivate static let patience = TimeAmount.seconds(10)
    /// An answer that nobody reads is not kept longer.
    fileprivate static let answerPatience = TimeAmount.seconds(60)

    private let group: MultiThreadedEventLoopGroup
    private let load: Load
    private let channel: any NIOCore.Channel

    /// Listens from now on.
    package init(_ address: Address, limits: Limits = .questions, handler: @escaping Handler) throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let load = Load(limits)
        self.load = load
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try load.admit(channel)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(Conversation(handler, load, bodyLimit: limits.body))
                }
            }
        do {
            switch address {
            case .loopback(let port):
                channel = try bootstrap.bind(host: "127.0.0.1", port: port).wait()
            case .unix(let path):
                channel = try bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true)
                    .wait()
            }
        } catch {
            try? group.syncShutdownGracefully()
            throw Fault(error)
        }
    }

    /// Why it cannot listen, in words.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String

        fileprivate init(_ error: any Error) {
            description =
                switch error {
                case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
                case SocketAddressError.unixDomainSocketPathTooLong:
                    "a socket's path has 107 bytes at most: choose a shorter directory"
                case is UnixDomainSocketPathWrongType: "there is a file that is no socket: remove it"
                default: "\(error)"
                }
        }
    }

    /// The port on which it listens; nil on a Unix socket.
    package var port: Int? { channel.localAddress?.port }

    /// Closes every connection, and returns when all are closed.
    package func stop() {
        load.stop()
        try? group.syncShutdownGracefully()
    }
}

/// How many connections there are, how much of what was answered nobody has read yet, and whether anybody is still answered.
private final class Load: Sendable {
    private let limits: HTTPServer.Limits
    private let isStopped = Mutex(false)
    private let count = Atomic(0)
    private let unread = Atomic(0)

    init(_ limits: HTTPServer.Limits) {
        self.limits = limits
    }

    /// Counts an answer's bytes until they are read; false where there are too many of them already.
    func begin(_ bytes: Int) -> Bool {
        let before = unread.add(bytes, ordering: .relaxed).oldValue
        guard before > 0, before + bytes > limits.unread else { return true }
        end(bytes)
        return false
    }

    func end(_ bytes: Int) { unread.subtract(bytes, ordering: .relaxed) }

    func stop() { isStopped.withLock { $0 = true } }

    /// Does something on a connection's thread, unless that ends: an answer may come after the server has stopped.
    func execute(on loop: any EventLoop, _ body: @escaping @Sendable () -> Void) {
        isStopped.withLock { isStopped in if !isStopped { loop.execute(body) } }
    }

    /// Counts a connection until it is closed.
    ///
    /// - Throws: where there are enough of them. A connection that cannot be set up is closed.
    func admit(_ channel: any NIOCore.Channel) throws {
        guard count.load(ordering: .relaxed) < limits.connections else {
            throw ChannelError.ioOnClosedChannel
        }
        count.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { _ in self.count.subtract(1, ordering: .relaxed) }
    }
}

/// One connection: a request at a time, each taken whole before it is answered.
private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let handler: HTTPServer.Handler
    private let load: Load
    private let bodyLimit: Int
    private var deadline: Scheduled<Void>?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLong = false

    init(_ handler: @escaping HTTPServer.Handler, _ load: Load, bodyLimit: Int) {
        self.handler = handler
        self.load = load
        self.bodyLimit = bodyLimit
    }

    func handlerAdded(context: ChannelHandlerContext) { wait(HTTPServer.patience, context.channel) }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    /// Closes the connection unless something comes of it in time.
    private func wait(_ time: TimeAmount, _ channel: any NIOCore.Channel) {
        deadline?.cancel()
        deadline = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isTooLong = false
        case .body(let bytes):
            isTooLong = isTooLong || body.count + bytes.readableBytes > bodyLimit
            if !isTooLong { body.append(contentsOf: bytes.readableBytesView) }
        case .end:
            guard let head else { return }
            self.head = nil
            deadline?.cancel()
            answer(head, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let channel = context.channel
        let conversation = NIOLoopBound(self, eventLoop: context.eventLoop)
        let respond: @Sendable (HTTPServer.Response) -> Void = { [load] response in
            load.execute(on: channel.eventLoop) { conversation.value.write(response, to: head, channel) }
        }
        guard !isTooLong else { return respond(HTTPServer.Response(status: 413)) }
        func refuse(_ reason: String) {
            respond(
                HTTPServer.Response(
                    status: 400, contentType: "text/plain; charset=utf-8", body: "\(reason)\n".utf8))
        }
        guard head.headers["host"].count == 1 || head.version != .http1_1 else {
            return refuse("a request names its host, once")
        }
        var headers = Dictionary(
            head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { a, _ in a })
        var target = head.uri
        if target.lowercased().hasPrefix("http://") {
            let rest = target.dropFirst("http://".count)
            let host = rest.prefix { !"/?".contains($0) }
            headers["host"] = String(host)
            let after = rest[host.endIndex...]
            target = after.hasPrefix("/") ? String(after) : "/\(after)"
        }
        guard let query = Conversation.query(of: target) else {
            return refuse("the query is no percent-encoded UTF-8")
        }
        handler(
            HTTPServer.Request(
                method: head.method.rawValue, target: target, path: String(target.prefix { $0 != "?" }),
                query: query, headers: headers, body: body), respond)
    }

    private func write(
        _ answer: HTTPServer.Response, to request: HTTPRequestHead, _ channel: any NIOCore.Channel
    ) {
        var response = answer
        let count = answer.body.count
        let isCounted = load.begin(count)
        if !isCounted {
            response = HTTPServer.Response(
                status: 503, contentType: "text/plain; charset=utf-8",
                body: "other readers are slow: ask again in a minute\n".utf8)
            response.headers = [("retry-after", "60")]
        }
        var headers = HTTPHeaders([
            ("content-type", response.contentType), ("content-length", "\(response.body.count)"),
        ])
        for header in response.headers { headers.add(name: header.name, value: header.value) }
        if !request.isKeepAlive { headers.add(name: "connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: response.status)
        channel.write(
            HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)),
            promise: nil)
        if request.method != .HEAD {
            channel.write(
                HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: response.body))), promise: nil)
        }
        wait(HTTPServer.answerPatience, channel)
        let conversation = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { [load] _ in
            if isCounted { load.end(count) }
            guard request.isKeepAlive else { return channel.close(promise: nil) }
            if channel.isActive { conversation.value.wait(HTTPServer.patience, channel) }
        }
    }

    /// Nil where it cannot be decoded: without a filter, more would be answered than was asked.
    private static func query(of target: String) -> [String: String]? {
        guard target.contains("?") else { return [:] }
        guard let components = URLComponents(string: target) else { return nil }
        var query: [String: String] = [:]
        for item in components.percentEncodedQueryItems ?? [] {
            guard let name = item.name.removingPercentEncoding,
                let value = (item.value ?? "").replacing("+", with: " ").removingPercentEncoding
            else { return nil }
            query[name] = value
        }
        return query
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
