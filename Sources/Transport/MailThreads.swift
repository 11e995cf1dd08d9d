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
    private struct State {
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
    ///
    /// Each has its thread at once: one that waited for its turn would be late because of another's server. How many there are
    /// at a time is for the caller to limit.
    func add(_ orders: [Transport.Order]) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return false }
            for _ in orders { open.enter() }
            return true
        }
        guard isTaken else { return false }
        for order in orders { startThread(for: Parcel(threads: self, order: order)) }
        return true
    }

    /// What a thread is given.
    private final class Parcel: Sendable {
        let threads: MailThreads
        let order: Transport.Order

        init(threads: MailThreads, order: Transport.Order) {
            self.threads = threads
            self.order = order
        }
    }

    private func startThread(for parcel: Parcel) {
        let context = Unmanaged.passRetained(parcel)
        let thread = Worker.startThread(context.toOpaque()) { context in
            if let parcel = context.map({ Unmanaged<Parcel>.fromOpaque($0).takeRetainedValue() }) {
                parcel.threads.run(parcel.order)
            }
            return nil
        }
        if let thread {
            pthread_detach(thread)
        } else {
            context.release()
            refuse(parcel.order, reason: "the system has no threads left")
        }
    }

    private func run(_ order: Transport.Order) {
        let thread = pthread_self()
        state.withLock { $0.threads.append(thread) }
        deliver(order)
        state.withLock { $0.threads.removeAll { pthread_equal($0, thread) != 0 } }
    }

    private func deliver(_ order: Transport.Order) {
        guard !isClosed else { return refuse(order, reason: Transport.stopping) }
        do throws(Transfer.Refusal) {
            let transfer = try Transfer(order, userAgent: userAgent, proxies: proxies)
            // Unretained: `run` holds it.
            let result = transfer.handle.perform(Unmanaged.passUnretained(self).toOpaque()) {
                context, _, _, _, _ in
                context.map { Unmanaged<MailThreads>.fromOpaque($0).takeUnretainedValue() }?.isClosed == true
                    ? 1 : 0
            }
            withExtendedLifetime(transfer) {
                transfer.finish(result == CURLE_ABORTED_BY_CALLBACK && isClosed ? nil : result)
                // A server may take two minutes to answer QUIT, and nobody waits for that.
                transfer.handle.stopReading()
                open.leave()
            }
        } catch {
            refuse(order, reason: error.reason)
        }
    }

    private func refuse(_ order: Transport.Order, reason: String) {
        order.completion(.notSent(reason: reason))
        open.leave()
    }

    private var isClosed: Bool { state.withLock(\.isClosed) }

    /// Whether this is one of its threads.
    var isOwnThread: Bool {
        let thread = pthread_self()
        return state.withLock { $0.threads.contains { pthread_equal($0, thread) != 0 } }
    }

    /// Breaks off what is under way, within a second or so, and sends nothing more.
    func close() { state.withLock { $0.isClosed = true } }

    /// Returns when all completions have been called.
    func wait() { open.wait() }
}
