import CCurl
import Glibc
import Messages

/// One request on its way: the handle that carries it and what has come back so far.
///
/// libcurl repeats a request by itself when a kept connection ends without an answer, though the receiver may
/// have acted on it. So a second beginning is refused once the system took any of the request: a request is sent once, and
/// what the system did not take whole was not sent whole.
final class Transfer {
    /// All header lines together. The one that matters is `Retry-After`.
    static let headerLimit = 16 * 1024
    /// An answer that is announced more often is none. libcurl 7.88 keeps all of them in memory.
    private static let beginningLimit = 16
    /// For a larger body libcurl asks the receiver first whether it wants it.
    private static let expectationSize = 1024 * 1024

    private(set) var handle: EasyHandle
    private var order: Transport.Order
    private var state: State

    /// What one request's way consists of.
    private struct State {
        var egress: Egress
        var hasProxy = false
        var hasBegun = false
        /// libcurl begins anew after some of the request was sent; how much is forgotten then.
        var isRepetition = false
        /// How much of a mail libcurl has taken.
        var readBytes = 0

        var headerLines: [UInt8] = []
        var hasAllHeaders = false
        /// Of answers: those below 200 only announce the one that counts.
        var beginnings = 0
        var body: [UInt8] = []
        var isCut = false

        /// Takes in a header line, and says how much of it: less than there was ends the transfer.
        mutating func take(header bytes: UnsafeMutableRawBufferPointer) -> Int {
            if bytes.first == UInt8(ascii: "H"), bytes.starts(with: "HTTP/".utf8) {
                // Another answer begins: what a `103 Early Hints` said is over. A trailer may look like that, too.
                headerLines = []
                hasAllHeaders = false
                beginnings += 1
                isCut = beginnings > Transfer.beginningLimit
                return isCut ? 0 : bytes.count
            }
            let isTrailer = hasAllHeaders
            // libcurl 7.88 takes headers that break off for whole ones: only the empty line tells.
            if bytes.first == UInt8(ascii: "\r") || bytes.first == UInt8(ascii: "\n") { hasAllHeaders = true }
            guard bytes.count <= Transfer.headerLimit - headerLines.count else {
                // libcurl 7.88 ends an answer with endless headers by itself, but keeps endless trailers in memory.
                guard isTrailer else { return bytes.count }
                isCut = true
                return 0
            }
            headerLines.append(contentsOf: bytes)
            return bytes.count
        }

        /// The same for a piece of the body.
        mutating func take(body bytes: UnsafeMutableRawBufferPointer, limit: Int) -> Int {
            let room = limit - body.count
            body.append(contentsOf: bytes.prefix(room))
            // libcurl 7.88 does not hold a chunked body to MAXFILESIZE (12 MB passed a limit of 64 KB): taking
            // less than was offered ends the transfer.
            isCut = bytes.count > room
            return isCut ? 0 : bytes.count
        }
    }

    /// Why a request is not even tried.
    struct Refusal: Error {
        let reason: String
    }

    init(_ order: Transport.Order, userAgent: String, proxies: Proxies) throws(Refusal) {
        guard let handle = EasyHandle() else { throw Refusal(reason: "no memory") }
        self.handle = handle
        self.order = order
        state = State(egress: Egress(allowed: [], isTrusted: false))
        // Unretained: libcurl calls back only while the handle lives, and that is as long as this object.
        let callbacks = EasyHandle.Callbacks(context: Unmanaged.passUnretained(self).toOpaque()) {
            context, _, address in
            Transfer.from(context)?.open(address) ?? CURL_SOCKET_BAD
        } begin: { context, address, _, _, _ in
            Transfer.from(context)?.begin(address) == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        } header: { data, size, count, context in
            Transfer.from(context)?.state.take(header: Transfer.bytes(data, size, count)) ?? 0
        } body: { data, size, count, context in
            Transfer.from(context)?.take(body: Transfer.bytes(data, size, count)) ?? 0
        }
        try Transfer.check(self.handle.configure(userAgent: userAgent, callbacks))
        try take(order, proxies: proxies)
    }

    /// Takes up another request, after the one before has ended.
    func take(_ order: Transport.Order, proxies: Proxies) throws(Refusal) {
        self.order = order
        let isLocal = order.options.unixSocket != nil
        let proxy = isLocal || mail != nil ? nil : proxies.proxy(for: order.request.url)
        state = State(
            egress: Egress(allowed: order.options.allowedNetworks, isTrusted: isLocal || proxy != nil),
            hasProxy: proxy != nil)
        if let mail { return try take(mail) }
        try Transfer.check(
            handle.prepare(order, headers: try Transfer.headers(order.request), proxy: proxy))
    }

    /// Whether another request may follow: an option that cannot be taken back was not set.
    var isReusable: Bool { order.options.caFile == nil && order.options.unixSocket == nil }

    private var mail: Mail? {
        if case .mail(let mail) = order.request.content { mail } else { nil }
    }

    private func take(_ mail: Mail) throws(Refusal) {
        var readers = HeaderList()
        do { try readers.append("<\(mail.to.mailbox)>") } catch { throw Refusal(reason: error.description) }
        // Unretained: as with the other callbacks.
        let context = Unmanaged.passUnretained(self).toOpaque()
        try Transfer.check(
            handle.prepare(
                mail, order, readers: readers,
                read: { data, size, count, context in
                    Transfer.from(context)?.give(Transfer.bytes(data, size, count)) ?? 0
                }, context: context))
    }

    /// The next piece of a mail.
    private func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let piece = order.request.body.dropFirst(state.readBytes).prefix(room.count)
        room.copyBytes(from: piece)
        state.readBytes += piece.count
        return piece.count
    }

    private static func check(_ result: CURLcode) throws(Refusal) {
        guard result != CURLE_OK else { return }
        throw Refusal(reason: "libcurl refuses the request: \(String(cString: curl_easy_strerror(result)))")
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func bytes(
        _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int
    ) -> UnsafeMutableRawBufferPointer {
        let (total, overflow) = size.multipliedReportingOverflow(by: count)
        return UnsafeMutableRawBufferPointer(start: data, count: data == nil || overflow ? 0 : total)
    }

    // MARK: Sending

    private static func headers(_ request: Request) throws(Refusal) -> HeaderList {
        // A zero would hide the rest of it.
        guard request.url.revealed.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Refusal(reason: "the URL holds a space or a control character")
        }
        var headers = HeaderList()
        do {
            try headers.append("Content-Type", request.contentType)
            // Without it such a body waits a second for a `100 Continue`. libcurl looks through all headers for each of its own.
            if request.body.count > expectationSize { try headers.append("Expect:") }
            for header in request.headers { try headers.append(header.name, header.value.revealed) }
        } catch {
            throw Refusal(reason: error.description)
        }
        return headers
    }

    /// A socket for a connection to an address that libcurl is about to make, where that is allowed.
    private func open(_ address: UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t {
        guard let address else { return CURL_SOCKET_BAD }
        noteRepetition()
        let ip = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { bytes in
            guard let start = bytes.baseAddress else { return nil as IPAddress? }
            return IPAddress(bytes: bytes.prefix(Int(ccurl_address_bytes(address, start))))
        }
        return state.egress.admits(ip) ? ccurl_open_socket(address) : CURL_SOCKET_BAD
    }

    private func noteRepetition() {
        if state.hasBegun, handle.sentBytes > 0 { state.isRepetition = true }
    }

    /// Whether a connection that stands may be used for the request: not for its repetition, and not where it
    /// was made for another request that may go where this one may not.
    private func begin(_ address: UnsafeMutablePointer<CChar>?) -> Bool {
        guard state.egress.admits(address.flatMap { IPAddress(String(cString: $0)) }) else { return false }
        defer { state.hasBegun = true }
        noteRepetition()
        return !state.isRepetition
    }

    /// Whether the receiver may have the whole request.
    private var mayHaveArrived: Bool {
        // libcurl repeats no mail. One without its last dot was not sent, but whether that was, it does not say.
        if mail != nil { return state.hasBegun && state.readBytes >= order.request.body.count }
        return state.isRepetition
            || state.hasBegun && handle.sentBytes > 0 && handle.sentBodyBytes >= order.request.body.count
    }

    private func take(body bytes: UnsafeMutableRawBufferPointer) -> Int {
        state.take(body: bytes, limit: order.options.bodyLimit)
    }

    // MARK: The end

    /// Tells whoever waits what came of it. Status and result count together: a slow answer may end in a
    /// time-out after its status was seen. No result where the transfer is broken off.
    func finish(_ result: CURLcode?) {
        // It may wait long for its next request.
        defer {
            order = .none
            state.body = []
            state.headerLines = []
        }
        if mail != nil { return finishMail(result) }
        let status = handle.status
        // A status below 200 only announces an answer (RFC 9110 15.2).
        if status >= 200 {
            let isComplete = result == CURLE_OK && state.hasAllHeaders || state.isCut
            order.completion(
                .response(
                    Answer.Response(
                        status: status, headerLines: state.headerLines, body: state.body,
                        isComplete: isComplete)))
        } else {
            let reason = result.map { state.egress.refusal ?? self.reason($0) } ?? Transport.stopping
            order.completion(mayHaveArrived ? .lost(reason: reason) : .notSent(reason: reason))
        }
    }

    /// What libcurl says where a mail server has refused something: a sender, a reader, a login, the mail itself.
    private static let refusals = Set(
        [
            CURLE_SEND_ERROR, CURLE_WEIRD_SERVER_REPLY, CURLE_LOGIN_DENIED, CURLE_REMOTE_ACCESS_DENIED,
            CURLE_QUOTE_ERROR, CURLE_RECV_ERROR,
        ].map(\.rawValue))

    /// A mail server's last reply is its answer where it refuses something, or takes the whole mail.
    private func finishMail(_ result: CURLcode?) {
        let status = handle.status
        // Behind a refusal comes the answer to QUIT.
        let lines = state.headerLines.split(separator: UInt8(ascii: "\n"))
        let reply = lines.last { $0.starts(with: "\(status)".utf8) }.map { Array($0.dropFirst(4)) } ?? []
        switch result {
        case CURLE_OK:
            order.completion(.response(Answer.Response(mail: 250, reply: reply)))
        case let failure? where status >= 400 && Transfer.refusals.contains(failure.rawValue):
            order.completion(
                .response(Answer.Response(mail: status, reply: reply, isBeforeMail: !state.hasBegun)))
        // A server that has no TLS just now says so with a code of its own (RFC 3207 4: 454).
        case CURLE_USE_SSL_FAILED? where !(400...499).contains(status), CURLE_PEER_FAILED_VERIFICATION?:
            order.completion(.insecure(reason: result.map(reason) ?? ""))
        default:
            let reason = result.map { state.egress.refusal ?? self.reason($0) } ?? Transport.stopping
            order.completion(mayHaveArrived ? .lost(reason: reason) : .notSent(reason: reason))
        }
    }

    /// What went wrong, for people. Never the URL or a header: they hold secrets. Of libcurl's own words only
    /// those about TLS are repeated, which name a host or a file at most.
    private func reason(_ result: CURLcode) -> String {
        if state.hasProxy, handle.proxyStatus >= 300 { return "the proxy answered \(handle.proxyStatus)" }
        switch result {
        case CURLE_OK, CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND, CURLE_ABORTED_BY_CALLBACK:
            return "the connection ended without an answer"
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE:
            return "the connection broke"
        case CURLE_COULDNT_RESOLVE_HOST:
            return "the host's name has no address"
        case CURLE_COULDNT_RESOLVE_PROXY:
            return "the proxy's name has no address"
        case CURLE_COULDNT_CONNECT:
            return "no connection to the \(state.hasProxy ? "proxy" : "host")" + systemWords
        case CURLE_OPERATION_TIMEDOUT:
            return "time-out " + timeoutWords
        case CURLE_PEER_FAILED_VERIFICATION:
            return "certificate not trusted" + tlsWords
        case CURLE_SSL_CACERT_BADFILE:
            return "certificate authorities unreadable" + tlsWords
        case CURLE_SSL_CONNECT_ERROR where handle.errorWords.hasSuffix("alert protocol version"):
            return "TLS failed: the host speaks none of the versions from 1.2 on"
        case CURLE_SSL_CONNECT_ERROR:
            return "TLS failed" + tlsWords
        case CURLE_USE_SSL_FAILED:
            return "the server offers no STARTTLS, and without it nothing is sent"
        case CURLE_AUTH_ERROR:
            return "the login failed before the server could judge it"
        case CURLE_LOGIN_DENIED where mail != nil:
            return "the server took no login"
        case CURLE_UNSUPPORTED_PROTOCOL where state.hasBegun:
            return "the answer is not HTTP"
        case CURLE_UNSUPPORTED_PROTOCOL:
            return order.options.allowsPlainHTTP ? "neither https nor http" : "not https"
        case CURLE_LOGIN_DENIED:
            return "the URL holds a user name"
        default:
            return String(cString: curl_easy_strerror(result))
        }
    }

    private var systemWords: String {
        switch handle.systemError {
        case ECONNREFUSED: ": nobody listens there"
        case ENETUNREACH, EHOSTUNREACH: ": no way to it"
        default: ""
        }
    }

    private var timeoutWords: String {
        let whole = order.timeoutMilliseconds
        let limit = state.hasBegun ? whole : min(whole, order.connectTimeoutMilliseconds)
        let after = limit % 1000 == 0 ? "\(limit / 1000) s" : "\(limit) ms"
        let deed =
            mayHaveArrived
            ? "waiting for the answer"
            : state.hasBegun ? "sending" : handle.hasAddress ? "connecting" : "looking up the host's name"
        return "after \(after) while \(deed)"
    }

    private var tlsWords: String {
        let words = Text.cut(Text.singleLine(handle.errorWords), to: 200, counting: .utf16)
        return words.isEmpty ? "" : ": \(words)"
    }
}
