import CCurl
import Messages

/// Owns a `CURL *` with the settings of one request.
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?

    /// A connection that was idle for longer may have been closed by the other side without our knowing.
    private static let connectionAgeMax = 30
    /// How long the certificate authorities stay in memory: an hour after `ca-certificates` was upgraded they are read
    /// again.
    private static let authoritiesAgeMax = 3600

    init?(_ request: Request, _ options: Transport.Options, userAgent: String) {
        guard let pointer = curl_easy_init() else { return nil }
        var headers: UnsafeMutablePointer<curl_slist>?
        var isWhole = true
        // Without the empty `Expect:` a large body waits a second for a `100 Continue`.
        let lines =
            ["Content-Type: \(request.contentType)", "Expect:"]
            + request.headers.map { "\($0.name): \($0.value.revealed)" }
        for line in lines {
            // A line break would begin another header, or another request.
            guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
                let longer = curl_slist_append(headers, line)
            else {
                isWhole = false
                break
            }
            headers = longer
        }
        let settings: [CURLcode] = [
            ccurl_set_url(pointer, request.url.revealed),
            ccurl_set_protocols(pointer, options.allowsPlainHTTP ? "http,https" : "https"),
            ccurl_set_body_size(pointer, curl_off_t(request.body.count)),
            ccurl_set_method(pointer, request.method.rawValue),
            ccurl_set_headers(pointer, headers),
            ccurl_set_user_agent(pointer, userAgent),
            // A redirect would carry the secret elsewhere and turn a POST into a GET; no service needs one.
            ccurl_set_follows_redirects(pointer, 0),
            ccurl_set_refuses_user_in_url(pointer, 1),
            ccurl_set_timeout_ms(pointer, options.timeoutMilliseconds),
            ccurl_set_connect_timeout_ms(pointer, options.connectTimeoutMilliseconds),
            ccurl_set_connection_age_max_s(pointer, EasyHandle.connectionAgeMax),
            // Signals are the process's own; without this a name look-up would use SIGALRM.
            ccurl_set_no_signal(pointer, 1),
            // A name server that never answers would otherwise hold up every transfer for ten seconds, whatever the
            // time-outs: libcurl would wait for its look-up's thread.
            ccurl_set_quick_exit(pointer, 1),
            ccurl_set_verifies_peer(pointer, 1),
            ccurl_set_verifies_host(pointer, 1),
            ccurl_set_tls_version_min_1_2(pointer),
            // Debian's directory of certificates, read beside the bundle, costs 17.5 ms of CPU for each connection
            // instead of 0.9.
            ccurl_set_no_ca_path(pointer),
            ccurl_set_ca_cache_timeout_s(pointer, EasyHandle.authoritiesAgeMax),
            options.caFile.map { ccurl_set_ca_file(pointer, $0) } ?? CURLE_OK,
        ]
        let hasBreak = request.url.revealed.utf8.contains { $0 <= 0x20 || $0 == 0x7F }
        guard isWhole, !hasBreak, settings.allSatisfy({ $0 == CURLE_OK }) else {
            curl_easy_cleanup(pointer)
            curl_slist_free_all(headers)
            return nil
        }
        self.pointer = pointer
        self.headers = headers
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
    }

    /// Sets where the body comes from and where the answer goes.
    ///
    /// The body is read through a function that cannot go back. libcurl repeats a request by itself when a kept
    /// connection ends without an answer, though the receiver may have acted on it; unable to rewind, it reports that
    /// (CURLE_SEND_FAIL_REWIND) instead of sending twice in silence.
    func exchange(
        context: UnsafeMutableRawPointer, read: @escaping ccurl_data_function,
        body: @escaping ccurl_data_function,
        header: @escaping ccurl_data_function
    ) {
        _ = ccurl_set_read_function(pointer, read, context)
        _ = ccurl_set_body_function(pointer, body, context)
        _ = ccurl_set_header_function(pointer, header, context)
    }

    /// The answer's status; 0 where none came.
    var status: Int { ccurl_status(pointer) }

    /// Whether the receiver may have acted on the request, though no status came.
    func mayHaveSent(_ result: CURLcode) -> Bool {
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_SSL_CONNECT_ERROR,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_UNSUPPORTED_PROTOCOL,
            CURLE_URL_MALFORMAT,
            CURLE_LOGIN_DENIED:
            false
        default:
            ccurl_pretransfer_time_us(pointer) > 0
        }
    }
}
