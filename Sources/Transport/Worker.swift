import CCurl
import Glibc
import Messages

/// What the transport's thread does.
final class Worker {
    /// Transfers under way at once, so that a burst leaves file descriptors and name servers to others; eight
    /// connections already reach 97 % of what one thread can do on loopback, and a slow receiver holds one of
    /// 128.
    ///
    /// The others wait in a queue of our own: libcurl counts waiting in its queue as transfer time, and lets
    /// half of what stands behind slow receivers time out unsent.
    static let transferLimit = 128

    private let inbox: Inbox
    private let userAgent: String
    private let proxies: Proxies
    private var waiting = Waiting()
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    /// Ended ones, whose handles serve again: making and setting up a handle costs as much as sending a request.
    private var idle: [Transfer] = []
    /// A handle holds some 6 KiB.
    private static let idleLimit = 64

    init(inbox: Inbox, userAgent: String, proxies: Proxies) {
        self.inbox = inbox
        self.userAgent = userAgent
        self.proxies = proxies
    }

    /// Runs on a thread of its own until the inbox is closed.
    consuming func start() -> pthread_t {
        let thread = Worker.startThread(Unmanaged.passRetained(self).toOpaque()) { context in
            context.map { Unmanaged<Worker>.fromOpaque($0).takeRetainedValue() }?.run()
            return nil
        }
        // Without this thread the service is of no use; it fails only where the system has no threads left.
        guard let thread else { preconditionFailure("no thread for the transport") }
        return thread
    }

    /// Starts a thread; nil where the system has none left.
    ///
    /// It, and those that libcurl starts from it to look up names, take no signals: they are for others to
    /// handle, and a SIGPIPE stays pending and kills nobody.
    static func startThread(
        _ context: UnsafeMutableRawPointer,
        _ main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
    ) -> pthread_t? {
        var blocked = sigset_t()
        var before = sigset_t()
        sigfillset(&blocked)
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&blocked, fault) }
        pthread_sigmask(SIG_SETMASK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        return pthread_create(&thread, nil, main, context) == 0 ? thread : nil
    }

    private func run() {
        while true {
            let (orders, isClosed) = inbox.take()
            waiting.append(orders)
            if isClosed { return breakOff() }
            beginTransfers()
            inbox.multi.perform()
            finishTransfers()
            // What has ended makes room at once.
            if waiting.isEmpty || transfers.count >= Worker.transferLimit { inbox.multi.wait() }
        }
    }

    private func beginTransfers() {
        while transfers.count < Worker.transferLimit, let order = waiting.popFirst() {
            do throws(Transfer.Refusal) {
                let transfer: Transfer
                if let ended = idle.popLast() {
                    try ended.take(order, proxies: proxies)
                    transfer = ended
                } else {
                    transfer = try Transfer(order, userAgent: userAgent, proxies: proxies)
                }
                guard inbox.multi.add(transfer.handle) else { throw Transfer.Refusal(reason: "no memory") }
                transfers[transfer.handle.pointer] = transfer
            } catch {
                order.completion(.notSent(reason: error.reason))
            }
        }
    }

    private func finishTransfers() {
        while let (pointer, result) = inbox.multi.nextDone() {
            inbox.multi.remove(pointer)
            guard let transfer = transfers.removeValue(forKey: pointer) else { continue }
            let isReusable = transfer.isReusable
            transfer.finish(result)
            if isReusable, idle.count < Worker.idleLimit { idle.append(transfer) }
        }
    }

    private func breakOff() {
        for (pointer, transfer) in transfers {
            inbox.multi.remove(pointer)
            transfer.finish(nil)
        }
        transfers = [:]
        while let order = waiting.popFirst() { order.completion(.notSent(reason: Transport.stopping)) }
    }
}

/// Orders that wait for their turn, first come, first served.
private struct Waiting {
    private var orders: [Transport.Order] = []
    private var taken = 0

    var isEmpty: Bool { taken == orders.count }

    mutating func append(_ more: [Transport.Order]) {
        orders += more
    }

    mutating func popFirst() -> Transport.Order? {
        guard !isEmpty else { return nil }
        defer {
            taken += 1
            // Each order is moved once at most, on the average.
            if taken * 2 >= orders.count {
                orders.removeFirst(taken)
                taken = 0
            }
        }
        return orders[taken]
    }
}
