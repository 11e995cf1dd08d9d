import CCurl
import Glibc

/// Owns a `CURLM *`: all transfers under way, and the connections that are kept for the next ones.
///
/// @unchecked Sendable: the transport's thread alone uses it, but for `wakeUp`, which libcurl allows from any
/// thread.
struct MultiHandle: ~Copyable, @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    /// - Parameter connectionLimit: how many connections are kept. By itself libcurl keeps four times as many as
    ///   transfers are under way, and so closes most of them whenever few are.
    init(connectionLimit: Int) {
        // This fails only where a process has no memory or no file descriptors left when it starts.
        guard let pointer = curl_multi_init(), curl_multi_wakeup(pointer) == CURLM_OK,
            ccurl_set_connection_limit(pointer, connectionLimit) == CURLM_OK
        else {
            preconditionFailure("no memory or no file descriptors for the transport")
        }
        self.pointer = pointer
    }

    deinit {
        curl_multi_cleanup(pointer)
    }

    func add(_ handle: borrowing EasyHandle) -> Bool {
        curl_multi_add_handle(pointer, handle.pointer) == CURLM_OK
    }

    func remove(_ handle: UnsafeMutableRawPointer) {
        curl_multi_remove_handle(pointer, handle)
    }

    /// Does all that can be done without waiting.
    func perform() {
        var running: Int32 = 0
        curl_multi_perform(pointer, &running)
    }

    /// A transfer that has ended, to be removed.
    func nextDone() -> (handle: UnsafeMutableRawPointer, result: CURLcode)? {
        var result = CURLE_OK
        return ccurl_next_done(pointer, &result).map { ($0, result) }
    }

    /// Returns when a socket has news, a time-out of libcurl's is due, or `wakeUp` was called, be it before.
    func wait() {
        // libcurl knows no endless wait; this is 25 days.
        guard curl_multi_poll(pointer, nil, 0, .max, nil) != CURLM_OK else { return }
        // Out of memory: try again, but not in a frenzy.
        poll(nil, 0, 100)
    }

    func wakeUp() {
        curl_multi_wakeup(pointer)
    }
}
