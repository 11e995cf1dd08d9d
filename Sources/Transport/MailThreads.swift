import CCurl
import Dispatch
import Glibc
import Synchronization

/// Sends mails, each on a thread of its own.
///
/// libcurl 7.88 waits within `curl_multi_perform` for the answers to a mail's last dot and to QUIT: beside other requests, a
/// server that looks through each mail for some seconds would hold up all of them, and answers that came meanwhile would count
/// as lost.
final class MailThreads: Sendable {
    /// Under way at once; the others wait for their turn. A server takes few connections of one sender, and the look-up of a
    /// name may take a thread more.
    private static let limit = 32

    private struct State {
        var waiting = Waiting()
        var running = 0
        var threads: [pthread_t] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// One for each mail whose completion is to be called.
    private let open = DispatchGroup()
    private let userAgent: String
    private let proxies: Proxies

    init(userAgent: String, proxies: Proxies) {
        self.userAgent = userAgent
        self.proxies = proxies
    }

    /// Hands mails over, from any thread. False where it is closed: nobody will look at them then.
    func add(_ orders: [Transport.Order]) -> Bool {
        let wanted: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            for _ in orders { open.enter() }
            state.waiting.append(orders)
            let wanted = min(orders.count, MailThreads.limit - state.running)
            state.running += wanted
            return wanted
        }
        guard let wanted else { return false }
        for _ in 0..<wanted { startThread() }
        return true
    }

    private func startThread() {
        let context = Unmanaged.passRetained(self)
        let thread = Worker.startThread(context.toOpaque()) { context in
            context.map { Unmanaged<MailThreads>.fromOpaque($0).takeRetainedValue() }?.run()
            return nil
        }
        if let thread {
            pthread_detach(thread)
        } else {
            context.release()
            // One that runs already takes what waits, in its turn.
            let left = state.withLock { state in
                state.running -= 1
                return state.running == 0 ? state.waiting.removeAll() : []
            }
            refuse(left, reason: "the system has no threads left")
        }
    }

    private func run() {
        let thread = pthread_self()
        state.withLock { $0.threads.append(thread) }
        while let order = next(thread) { deliver(order) }
    }

    private func next(_ thread: pthread_t) -> Transport.Order? {
        state.withLock { state in
            if let order = state.waiting.popFirst() { return order }
            state.running -= 1
            state.threads.removeAll { pthread_equal($0, thread) != 0 }
            return nil
        }
    }

    private func deliver(_ order: Transport.Order) {
        do throws(Transfer.Refusal) {
            let transfer = try Transfer(order, userAgent: userAgent, proxies: proxies)
            // Unretained: `run` holds it.
            let result = transfer.handle.perform(Unmanaged.passUnretained(self).toOpaque()) {
                context, _, _, _, _ in
                context.map { Unmanaged<MailThreads>.fromOpaque($0).takeUnretainedValue() }?.isClosed == true
                    ? 1 : 0
            }
            // Its end takes leave of the server, which may take long to answer that.
            withExtendedLifetime(transfer) {
                transfer.finish(result == CURLE_ABORTED_BY_CALLBACK && isClosed ? nil : result)
                open.leave()
            }
        } catch {
            refuse([order], reason: error.reason)
        }
    }

    private func refuse(_ orders: [Transport.Order], reason: String) {
        for order in orders {
            order.completion(.notSent(reason: reason))
            open.leave()
        }
    }

    private var isClosed: Bool { state.withLock(\.isClosed) }

    /// Whether this is one of its threads.
    var isOwnThread: Bool {
        let thread = pthread_self()
        return state.withLock { $0.threads.contains { pthread_equal($0, thread) != 0 } }
    }

    /// Breaks off what is under way, within a second or so, and sends nothing more.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            return state.waiting.removeAll()
        }
        refuse(left, reason: Transport.stopping)
    }

    /// Returns when all completions have been called.
    func wait() { open.wait() }
}
