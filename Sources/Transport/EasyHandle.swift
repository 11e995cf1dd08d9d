import CCurl
import Messages

/// Owns a `CURL *`, and what it points to.
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private var headers: HeaderList
    private var readers: HeaderList?
    private let errorText: UnsafeMutablePointer<CChar>
    private var settings: Settings?

    /// What most requests have in common with the one before.
    private struct Settings: Equatable {
        let method: Request.Method
        let allowsPlainHTTP: Bool
        let proxy: Secret?
        let timeoutMilliseconds: Int
        let connectTimeoutMilliseconds: Int
    }

    /// The functions through which connections are judged and an answer comes in, all with the same context.
    struct Callbacks {
        let context: UnsafeMutableRawPointer
        let open: ccurl_open_function
        let begin: ccurl_begin_function
        let header: ccurl_data_function
        let body: ccurl_data_function
    }

    /// A connection that was idle for longer may have been closed on the other side, or forgotten by a
    /// firewall, without our knowing; libcurl's own 118 s would find more of them. Reminders are rare, and a
    /// new connection costs 0.9 ms of CPU.
    private static let connectionAgeMaxSeconds = 30
    /// Certificate authorities are read again after an hour (libcurl: a day), so that an upgrade of
    /// `ca-certificates` needs no restart.
    private static let authoritiesAgeMaxSeconds = 3600
    /// The least that libcurl takes (its default is 64 KiB): a message is a few KiB, and so is what 128 of
    /// them keep.
    private static let uploadBufferSize = 16 * 1024
    /// The ways to log in at a mail server that a password opens; of those that a server offers libcurl takes the one that it
    /// prefers, whatever their order here. By itself libcurl 7.88 prefers Kerberos for a user name with a domain, and without a
    /// ticket fails there.
    private static let logins = [
        "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "NTLM",
    ].map { "AUTH=\($0)" }.joined(separator: ";")
    /// libcurl takes 0 for "never" and refuses what exceeds 32 bits.
    private static let timeouts = 1...86_400_000

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        headers = HeaderList()
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorText.deallocate()
    }

    /// Sets what all requests have in common. The first refusal, or CURLE_OK.
    func configure(userAgent: String, _ callbacks: Callbacks) -> CURLcode {
        let results: [CURLcode] = [
            ccurl_set_error_text(pointer, errorText),
            ccurl_set_refuses_user_in_url(pointer, 1),
            // `/a/../b` is what the service signed.
            ccurl_set_path_as_is(pointer, 1),
            ccurl_set_user_agent(pointer, userAgent),
            // Over HTTP/2, libcurl 7.88 cannot tell what a server that ends a connection has still taken: of
            // 20,000 posts to an nginx with 100 requests a connection 4,454 had no answer, and none of these
            // had been taken. Over HTTP/1.1 all were answered.
            ccurl_set_http_version_1_1(pointer),
            // A redirect would carry the secret elsewhere and turn a POST into a GET; no service needs one.
            ccurl_set_follows_redirects(pointer, 0),
            // Set, so that libcurl does not ask the environment: `Proxies` has.
            ccurl_set_no_proxy(pointer, ""),
            ccurl_set_suppresses_proxy_headers(pointer, 1),
            ccurl_set_upload_buffer_size(pointer, EasyHandle.uploadBufferSize),

            ccurl_set_connection_age_max_s(pointer, EasyHandle.connectionAgeMaxSeconds),
            // Signals are the process's own.
            ccurl_set_no_signal(pointer, 1),
            // A name server that never answers would otherwise hold up every transfer for 9 s, whatever the
            // time-outs: libcurl would wait for its look-up's thread. Now that thread ends by itself, within
            // 14 s.
            ccurl_set_quick_exit(pointer, 1),

            ccurl_set_verifies_peer(pointer, 1),
            ccurl_set_verifies_host(pointer, 1),
            ccurl_set_tls_version_min_1_2(pointer),
            // Debian's directory of certificates, read beside the bundle, costs 17.5 ms of CPU for each new
            // connection instead of 0.9.
            ccurl_set_no_ca_path(pointer),
            ccurl_set_ca_cache_timeout_s(pointer, EasyHandle.authoritiesAgeMaxSeconds),

            ccurl_set_open_function(pointer, callbacks.open, callbacks.context),
            ccurl_set_begin_function(pointer, callbacks.begin, callbacks.context),
            ccurl_set_header_function(pointer, callbacks.header, callbacks.context),
            ccurl_set_body_function(pointer, callbacks.body, callbacks.context),
        ]
        return results.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    /// Gives libcurl a mail. The handle is for no other request afterwards. The first refusal, or CURLE_OK.
    ///
    /// - Parameter read: called with the context of the other callbacks for each piece of the mail.
    mutating func prepare(
        _ mail: Mail, _ order: Transport.Order, readers: consuming HeaderList, read: ccurl_data_function,
        context: UnsafeMutableRawPointer
    ) -> CURLcode {
        let options = order.options
        errorText.pointee = 0
        let taken = ccurl_set_mail_to(pointer, readers.pointer)
        self.readers = consume readers
        let results: [CURLcode] = [
            taken,
            // Sent with no encryption only to this machine itself.
            ccurl_set_protocols(pointer, "smtp,smtps"),
            ccurl_set_requires_tls(pointer, mail.encryption.requiresTLS ? 1 : 0),
            ccurl_set_proxy(pointer, ""),
            ccurl_set_url(pointer, order.request.url.revealed),
            ccurl_set_mail_from(pointer, "<\(mail.from.mailbox)>"),
            mail.login.map { ccurl_set_username(pointer, $0.username) } ?? CURLE_OK,
            mail.login.map { ccurl_set_password(pointer, $0.password.revealed) } ?? CURLE_OK,
            ccurl_set_login_options(pointer, EasyHandle.logins),
            ccurl_set_upload(pointer, curl_off_t(order.request.body.count), read, context),
            ccurl_set_timeout_ms(pointer, EasyHandle.clamped(order.timeoutMilliseconds)),
            ccurl_set_connect_timeout_ms(pointer, EasyHandle.clamped(order.connectTimeoutMilliseconds)),
            options.caFile.map { ccurl_set_ca_file(pointer, $0) } ?? CURLE_OK,
        ]
        return results.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    /// Gives libcurl a request in the place of the one before. The first refusal, or CURLE_OK.
    mutating func prepare(
        _ order: Transport.Order, headers: consuming HeaderList, proxy: Secret?
    ) -> CURLcode {
        let (request, options) = (order.request, order.options)
        errorText.pointee = 0
        // Only then may the old ones go.
        let taken = ccurl_set_headers(pointer, headers.pointer)
        self.headers = headers
        let settings = Settings(
            method: request.method, allowsPlainHTTP: options.allowsPlainHTTP, proxy: proxy,
            timeoutMilliseconds: EasyHandle.clamped(order.timeoutMilliseconds),
            connectTimeoutMilliseconds: EasyHandle.clamped(order.connectTimeoutMilliseconds))
        let results: [CURLcode] = [
            taken, apply(settings),
            ccurl_set_url(pointer, request.url.revealed),
            request.body.withUnsafeBytes { ccurl_set_body(pointer, $0.baseAddress, curl_off_t($0.count)) },
            options.caFile.map { ccurl_set_ca_file(pointer, $0) } ?? CURLE_OK,
            options.unixSocket.map { ccurl_set_unix_socket(pointer, $0) } ?? CURLE_OK,
        ]
        return results.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    /// Carries the request out to its end, on this thread. libcurl calls `function` about once a second: other than 0 ends that.
    func perform(
        _ context: UnsafeMutableRawPointer, endedWhere function: ccurl_progress_function
    ) -> CURLcode {
        let result = ccurl_set_progress_function(pointer, function, context)
        return result == CURLE_OK ? curl_easy_perform(pointer) : result
    }

    private mutating func apply(_ settings: Settings) -> CURLcode {
        guard settings != self.settings else { return CURLE_OK }
        let results: [CURLcode] = [
            // Debian's libcurl speaks 25 protocols, `file` among them.
            ccurl_set_protocols(pointer, settings.allowsPlainHTTP ? "http,https" : "https"),
            ccurl_set_method(pointer, settings.method.rawValue),
            // Set even where there is none, so that libcurl does not ask the environment.
            ccurl_set_proxy(pointer, settings.proxy?.revealed ?? ""),
            ccurl_set_timeout_ms(pointer, settings.timeoutMilliseconds),
            ccurl_set_connect_timeout_ms(pointer, settings.connectTimeoutMilliseconds),
        ]
        let refusal = results.first { $0 != CURLE_OK }
        self.settings = refusal == nil ? settings : nil
        return refusal ?? CURLE_OK
    }

    private static func clamped(_ milliseconds: Int) -> Int {
        min(max(milliseconds, timeouts.lowerBound), timeouts.upperBound)
    }

    /// Its end takes leave, and waits for no answer to that.
    func stopReading() { ccurl_stop_reading(pointer) }

    /// The answer's status; 0 where none came.
    var status: Int { ccurl_status(pointer) }

    /// What a proxy answered that was asked for a tunnel; 0 where none was asked.
    var proxyStatus: Int { ccurl_proxy_status(pointer) }

    /// Bytes of the request that the system took, be it for the first try or for one that libcurl made by itself.
    var sentBytes: Int { ccurl_sent_bytes(pointer) }

    /// Bytes of the body that the system took.
    var sentBodyBytes: Int { Int(ccurl_sent_body_bytes(pointer)) }

    /// The system's number for why there is no connection; 0 where it gave none.
    var systemError: Int32 { ccurl_os_errno(pointer) }

    /// libcurl's and OpenSSL's own words for what went wrong.
    var errorWords: String { String(cString: errorText) }

    /// Whether the host's name has led to an address.
    var hasAddress: Bool { ccurl_name_lookup_time_us(pointer) > 0 }
}

/// Owns a `curl_slist *`.
struct HeaderList: ~Copyable {
    private(set) var pointer: UnsafeMutablePointer<curl_slist>?
    private var line: [UInt8] = []

    init() {
        // Most lines fit.
        line.reserveCapacity(200)
    }

    enum Fault: Error, CustomStringConvertible {
        case controlCharacter, noMemory

        var description: String {
            switch self {
            case .controlCharacter: "a header holds a control character"
            case .noMemory: "no memory"
            }
        }
    }

    /// Appends a line. A break in it would begin another header, or another request; a zero would hide the rest.
    mutating func append(_ text: String) throws(Fault) {
        line.removeAll(keepingCapacity: true)
        line += text.utf8
        try append()
    }

    /// Appends a header.
    mutating func append(_ name: String, _ value: String) throws(Fault) {
        line.removeAll(keepingCapacity: true)
        line += name.utf8
        guard !line.isEmpty, line.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
            throw .controlCharacter
        }
        if value.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
            // libcurl takes `Name:` for a wish to leave the header out; `Name;` sends it empty.
            line.append(UInt8(ascii: ";"))
        } else {
            line += ": ".utf8
            line += value.utf8
        }
        try append()
    }

    private mutating func append() throws(Fault) {
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw .controlCharacter }
        line.append(0)
        let longer = line.withUnsafeBytes { bytes in
            curl_slist_append(pointer, bytes.assumingMemoryBound(to: CChar.self).baseAddress)
        }
        guard let longer else { throw .noMemory }
        pointer = longer
    }

    deinit {
        curl_slist_free_all(pointer)
    }
}
