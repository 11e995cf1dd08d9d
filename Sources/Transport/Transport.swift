import CCurl
import Glibc
import Messages
import Synchronization

/// Sends requests through libcurl's multi interface, on one thread of its own.
///
/// `curl_multi_poll` on a thread beats libcurl's socket callbacks on an event loop in speed and size, and in libcurl
/// 7.88 the callbacks have faults (an error 92 after a good answer, sockets closed before their removal is told). While
/// nothing is under way the thread sleeps without a time-out.
///
/// The process must ignore SIGPIPE: OpenSSL writes to connections that may have been closed.
package final class Transport: Sendable {
    package struct Options: Sendable {
        /// Certificate authorities to trust instead of the system's, a PEM file.
        package var caFile: String?
        /// Lets `http` URLs pass; otherwise only `https` is spoken.
        package var allowsPlainHTTP: Bool
        /// For everything, from the look-up of the name to the last byte of the answer.
        package var timeoutMilliseconds = 30_000
        /// For the look-up, the connection and TLS.
        package var connectTimeoutMilliseconds = 10_000

        package init(caFile: String? = nil, allowsPlainHTTP: Bool = false) {
            self.caFile = caFile
            self.allowsPlainHTTP = allowsPlainHTTP
        }
    }

    struct Order: Sendable {
        let request: Request
        let options: Options
        let completion: @Sendable (Answer) -> Void
    }

    /// Transfers under way at once; the others wait in our own queue. libcurl's would count their waiting as
    /// transfer time and let them time out unsent.
    static let transferLimit = 128

    private let inbox: Inbox

    /// Starts the thread.
    package init(userAgent: String) {
        _ = Transport.initialised
        inbox = Inbox()
        let worker = Unmanaged.passRetained(Worker(inbox: inbox, userAgent: userAgent))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                context.map { Unmanaged<Worker>.fromOpaque($0).takeRetainedValue() }?.run()
                return nil
            }, worker.toOpaque())
        // Without its thread a process has nothing to do; this happens only where the system has no threads left.
        precondition(result == 0, "no thread for the transport: \(String(cString: strerror(result)))")
        pthread_detach(thread)
    }

    deinit {
        inbox.close()
    }

    /// Sends a request. `completion` is called exactly once, on the transport's thread.
    package func send(_ request: Request, options: Options, completion: @escaping @Sendable (Answer) -> Void)
    {
        inbox.add(Order(request: request, options: options, completion: completion))
    }

    /// Breaks off what is under way, whose completions are called, and ends the thread. What is sent afterwards is
    /// answered as not sent.
    package func stop() {
        inbox.close()
    }

    /// libcurl wants to be initialised once, before any thread uses it.
    private static let initialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
}

/// Orders on their way to the transport's thread.
final class Inbox: Sendable {
    private struct State {
        var orders: [Transport.Order] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    let multi = MultiHandle()

    func add(_ order: Transport.Order) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.orders.append(order) }
            return state.isClosed
        }
        if isClosed { return order.completion(.notSent(reason: "the service is stopping")) }
        multi.wakeUp()
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

/// Owns a `CURLM *`.
///
/// @unchecked Sendable: the worker's thread alone uses it, except for `wakeUp`, which libcurl allows from any thread.
final class MultiHandle: @unchecked Sendable {
    fileprivate let pointer: UnsafeMutableRawPointer?

    init() {
        pointer = curl_multi_init()
    }

    deinit {
        curl_multi_cleanup(pointer)
    }

    func wakeUp() {
        curl_multi_wakeup(pointer)
    }
}

/// What the transport's thread does.
private final class Worker {
    private let inbox: Inbox
    private let userAgent: String
    private var waiting: [Transport.Order] = []
    private var nextWaiting = 0
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]

    init(inbox: Inbox, userAgent: String) {
        self.inbox = inbox
        self.userAgent = userAgent
    }

    func run() {
        let multi = inbox.multi.pointer
        while true {
            let (orders, isClosed) = inbox.take()
            waiting += orders
            if isClosed { return breakOff() }
            beginTransfers(multi)
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishTransfers(multi)
            if nextWaiting < waiting.count, transfers.count < Transport.transferLimit { continue }
            // Returns when a socket has news, libcurl's own time-outs are due, or `wakeUp` was called.
            curl_multi_poll(multi, nil, 0, .max, nil)
        }
    }

    private func beginTransfers(_ multi: UnsafeMutableRawPointer?) {
        while nextWaiting < waiting.count, transfers.count < Transport.transferLimit {
            let order = waiting[nextWaiting]
            nextWaiting += 1
            guard let transfer = Transfer(order, userAgent: userAgent),
                curl_multi_add_handle(multi, transfer.handle.pointer) == CURLM_OK
            else {
                order.completion(
                    .notSent(reason: "libcurl refuses the request: is its URL or a header damaged?"))
                continue
            }
            transfers[transfer.handle.pointer] = transfer
        }
        if nextWaiting == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            nextWaiting = 0
        }
    }

    private func finishTransfers(_ multi: UnsafeMutableRawPointer?) {
        var result = CURLE_OK
        while let pointer = ccurl_next_done(multi, &result) {
            curl_multi_remove_handle(multi, pointer)
            transfers.removeValue(forKey: pointer)?.finish(result)
        }
    }

    private func breakOff() {
        let multi = inbox.multi.pointer
        for (pointer, transfer) in transfers {
            curl_multi_remove_handle(multi, pointer)
            transfer.finish(CURLE_ABORTED_BY_CALLBACK)
        }
        transfers = [:]
        for order in waiting[nextWaiting...] { order.completion(.notSent(reason: "the service is stopping")) }
    }
}
