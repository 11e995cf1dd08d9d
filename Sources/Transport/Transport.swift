import CCurl
import Glibc
import Messages
import Synchronization

/// Sends requests through libcurl's multi interface, on one thread of its own; mails on others (`MailThreads`).
///
/// `curl_multi_poll` on a thread beats libcurl's socket callbacks on an event loop in speed (64,000 against
/// 46,000 requests/s on loopback) and size, and in libcurl 7.88 the callbacks have faults: an error 92 after
/// a good answer, sockets closed before their removal is told. While nothing is under way the thread sleeps
/// without a time-out.
///
/// A name server that never answers costs no other transfer anything, but leaves threads behind for 14 s: up
/// to 197 for 400 requests, so a limit on the process's tasks must leave room for them, and for one of each mail.
///
/// SIGPIPE, which OpenSSL's writing to a closed connection raises, is blocked on the thread; the process
/// ignores it, too.
package final class Transport: Sendable {
    /// libcurl's.
    package static let libraryVersion = ccurl_version().map { String(cString: $0) } ?? "of unknown version"

    package struct Options: Sendable {
        /// Certificate authorities to trust instead of the system's, a PEM file.
        package var caFile: String?
        /// Lets `http` URLs pass; otherwise only `https` is spoken.
        package var allowsPlainHTTP: Bool
        /// A Unix socket to connect to, wherever the URL leads.
        package var unixSocket: String?
        /// Private networks that may be connected to; see `PrivateNetwork`.
        package var allowedNetworks: [Network]
        /// Bytes of an answer's body that are kept. More tells nothing: what a service says fits into a few hundred.
        package var bodyLimit: Int
        /// For everything, from the look-up of the name to the last byte of the answer. Nil: half a minute; for mail, on
        /// whose end a server may have long to think (RFC 5321 4.5.3.2.6), two.
        package var timeoutMilliseconds: Int?
        /// For the look-up, the connection and TLS. Nil: ten seconds; for mail, where libcurl counts the server's greeting and the
        /// login too, and servers let strangers wait for it (RFC 5321 4.5.3.2.1), a minute.
        package var connectTimeoutMilliseconds: Int?

        package init(
            caFile: String? = nil, allowsPlainHTTP: Bool = false, unixSocket: String? = nil,
            allowedNetworks: [Network] = [], bodyLimit: Int = 64 * 1024, timeoutMilliseconds: Int? = nil,
            connectTimeoutMilliseconds: Int? = nil
        ) {
            self.caFile = caFile
            self.allowsPlainHTTP = allowsPlainHTTP
            self.unixSocket = unixSocket
            self.allowedNetworks = allowedNetworks
            self.bodyLimit = bodyLimit
            self.timeoutMilliseconds = timeoutMilliseconds
            self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        }
    }

    /// A request that shall be sent.
    package final class Order: Sendable {
        /// What a transfer holds that has none.
        static let none = Order(Request(get: Secret("")), options: Options()) { _ in }

        let request: Request
        let options: Options
        let completion: @Sendable (Answer) -> Void

        package var timeoutMilliseconds: Int {
            options.timeoutMilliseconds ?? (request.isMail ? 120_000 : 30_000)
        }

        package var connectTimeoutMilliseconds: Int {
            options.connectTimeoutMilliseconds ?? (request.isMail ? 60_000 : 10_000)
        }

        /// `completion` is called exactly once, on a thread of the transport's, where it keeps other transfers
        /// waiting; only after a `stop` is it called at once, on the caller's. Time-outs run from when the
        /// transfer begins, not while it waits for its turn.
        package init(
            _ request: Request, options: Options, completion: @escaping @Sendable (Answer) -> Void
        ) {
            self.request = request
            self.options = options
            self.completion = completion
        }
    }

    private let inbox = Inbox()
    private let mails: MailThreads
    private let thread: Mutex<pthread_t?>

    /// libcurl wants to be initialised once, before any thread uses it.
    private static let initialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// Starts the thread. `environment` gives the values of the variables that name proxies.
    package init(
        userAgent: String,
        environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) {
        precondition(Transport.initialised == CURLE_OK, "libcurl cannot be initialised")
        let proxies = Proxies(environment: environment)
        mails = MailThreads(userAgent: userAgent, proxies: proxies)
        thread = Mutex(Worker(inbox: inbox, userAgent: userAgent, proxies: proxies).start())
    }

    deinit {
        stop()
    }

    /// Sends requests once each, from any thread. What libcurl would repeat by itself is reported instead.
    ///
    /// Those that are handed over together wake the thread once: for each time that it wakes, libcurl looks at every
    /// transfer under way.
    package func send(_ orders: [Order]) {
        let mail = orders.filter(\.request.isMail)
        let others = mail.isEmpty ? orders : orders.filter { !$0.request.isMail }
        if !others.isEmpty, !inbox.add(others) { Transport.refuse(others) }
        if !mail.isEmpty, !mails.add(mail) { Transport.refuse(mail) }
    }

    private static func refuse(_ orders: [Order]) {
        for order in orders { order.completion(.notSent(reason: Transport.stopping)) }
    }

    package func send(_ request: Request, options: Options, completion: @escaping @Sendable (Answer) -> Void)
    {
        send([Order(request, options: options, completion: completion)])
    }

    /// Breaks off what is under way and waits for the thread to end. All completions have been called then:
    /// with `.lost` where the receiver may have the request, with `.notSent` otherwise. What is sent
    /// afterwards is not sent.
    ///
    /// A completion may call this, and then it does not wait; no completion may wait for a thread that does.
    package func stop() {
        inbox.close()
        mails.close()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let thread else { return }
        if pthread_equal(thread, pthread_self()) != 0 || mails.isOwnThread {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
            mails.wait()
        }
    }

    static let stopping = "the service is stopping"
}

/// Orders on their way to the transport's thread.
final class Inbox: Sendable {
    private struct State {
        var orders: [Transport.Order] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    let multi = MultiHandle(connectionLimit: Worker.transferLimit)

    /// False where it is closed: nobody will look at the orders then.
    func add(_ orders: [Transport.Order]) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            let isFirst = state.orders.isEmpty
            state.orders += orders
            return (true, isFirst)
        }
        // Whoever laid the first orders has woken the thread, and it takes all of them.
        if isFirst { multi.wakeUp() }
        return isTaken
    }

    func close() {
        state.withLock { $0.isClosed = true }
        multi.wakeUp()
    }

    func take() -> (orders: [Transport.Order], isClosed: Bool) {
        state.withLock { state in
            defer { state.orders = [] }
            return (state.orders, state.isClosed)
        }
    }
}
