// libcurl's setters and getters are variadic, which Swift cannot call: each option that is used has a typed
// shim here, named after what it sets. https://curl.se/libcurl/c/
#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

#include <curl/curl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

// Requests.
static inline CURLcode ccurl_set_url(CURL *handle, const char *url) {
    return curl_easy_setopt(handle, CURLOPT_URL, url);
}
static inline CURLcode ccurl_set_path_as_is(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, value);
}
static inline CURLcode ccurl_set_protocols(CURL *handle, const char *names) {
    return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, names);
}
static inline CURLcode ccurl_set_method(CURL *handle, const char *method) {
    return curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
}
// libcurl copies the bytes.
static inline CURLcode ccurl_set_body(CURL *handle, const void *bytes, curl_off_t count) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, count == 0 ? "" : bytes);
}
// Mail. libcurl keeps the list's pointer.
static inline CURLcode ccurl_set_mail_from(CURL *handle, const char *mailbox) {
    return curl_easy_setopt(handle, CURLOPT_MAIL_FROM, mailbox);
}
static inline CURLcode ccurl_set_mail_to(CURL *handle, struct curl_slist *mailboxes) {
    return curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, mailboxes);
}
static inline CURLcode ccurl_set_username(CURL *handle, const char *text) {
    return curl_easy_setopt(handle, CURLOPT_USERNAME, text);
}
static inline CURLcode ccurl_set_password(CURL *handle, const char *text) {
    return curl_easy_setopt(handle, CURLOPT_PASSWORD, text);
}
static inline CURLcode ccurl_set_login_options(CURL *handle, const char *text) {
    return curl_easy_setopt(handle, CURLOPT_LOGIN_OPTIONS, text);
}
// Where TLS cannot be had, nothing is sent.
static inline CURLcode ccurl_set_requires_tls(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_USE_SSL, value ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
}
static inline CURLcode ccurl_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}
static inline CURLcode ccurl_set_user_agent(CURL *handle, const char *text) {
    return curl_easy_setopt(handle, CURLOPT_USERAGENT, text);
}
static inline CURLcode ccurl_set_follows_redirects(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, value);
}
static inline CURLcode ccurl_set_refuses_user_in_url(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, value);
}
static inline CURLcode ccurl_set_http_version_1_1(CURL *handle) {
    return curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}
static inline CURLcode ccurl_set_no_proxy(CURL *handle, const char *hosts) {
    return curl_easy_setopt(handle, CURLOPT_NOPROXY, hosts);
}
static inline CURLcode ccurl_set_proxy(CURL *handle, const char *url) {
    return curl_easy_setopt(handle, CURLOPT_PROXY, url);
}
static inline CURLcode ccurl_set_unix_socket(CURL *handle, const char *path) {
    return curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, path);
}
static inline CURLcode ccurl_set_suppresses_proxy_headers(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, value);
}
static inline CURLcode ccurl_set_upload_buffer_size(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, value);
}

// Time.
static inline CURLcode ccurl_set_timeout_ms(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, value);
}
static inline CURLcode ccurl_set_connect_timeout_ms(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, value);
}
static inline const char *ccurl_version(void) {
    return curl_version_info(CURLVERSION_NOW)->version;
}
static inline CURLcode ccurl_set_connection_age_max_s(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, value);
}
static inline CURLcode ccurl_set_quick_exit(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, value);
}
static inline CURLcode ccurl_set_no_signal(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_NOSIGNAL, value);
}

// TLS.
static inline CURLcode ccurl_set_verifies_peer(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, value);
}
static inline CURLcode ccurl_set_verifies_host(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, value ? 2L : 0L);
}
static inline CURLcode ccurl_set_tls_version_min_1_2(CURL *handle) {
    return curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}
static inline CURLcode ccurl_set_ca_file(CURL *handle, const char *path) {
    return curl_easy_setopt(handle, CURLOPT_CAINFO, path);
}
static inline CURLcode ccurl_set_no_ca_path(CURL *handle) {
    return curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
}
static inline CURLcode ccurl_set_ca_cache_timeout_s(CURL *handle, long value) {
    return curl_easy_setopt(handle, CURLOPT_CA_CACHE_TIMEOUT, value);
}

// Callbacks. All have the types that libcurl wants of them.
typedef size_t (*ccurl_data_function)(char *data, size_t size, size_t count, void *context);
// What is uploaded, piece by piece.
static inline CURLcode ccurl_set_upload(
    CURL *handle, curl_off_t count, ccurl_data_function function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, count);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_READDATA, context);
}
typedef int (*ccurl_begin_function)(
    void *context, char *remote, char *local, int remote_port, int local_port);
static inline CURLcode ccurl_set_begin_function(CURL *handle, ccurl_begin_function function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_PREREQDATA, context);
}
typedef int (*ccurl_progress_function)(
    void *context, curl_off_t to_receive, curl_off_t received, curl_off_t to_send, curl_off_t sent);
static inline CURLcode ccurl_set_progress_function(
    CURL *handle, ccurl_progress_function function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
}
static inline CURLcode ccurl_set_body_function(CURL *handle, ccurl_data_function function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}
static inline CURLcode ccurl_set_header_function(CURL *handle, ccurl_data_function function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}
typedef curl_socket_t (*ccurl_open_function)(
    void *context, curlsocktype purpose, struct curl_sockaddr *address);
static inline CURLcode ccurl_set_open_function(CURL *handle, ccurl_open_function function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, function);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
}
// Writes the address's 4 or 16 bytes and says how many; 0 for another family. `addr` is declared shorter than it is.
static inline int ccurl_address_bytes(const struct curl_sockaddr *address, unsigned char bytes[16]) {
    const char *start = (const char *)&address->addr;
    switch (address->family) {
    case AF_INET: memcpy(bytes, start + offsetof(struct sockaddr_in, sin_addr), 4); return 4;
    case AF_INET6: memcpy(bytes, start + offsetof(struct sockaddr_in6, sin6_addr), 16); return 16;
    default: return 0;
    }
}
// What libcurl does where it is not asked to do otherwise.
static inline curl_socket_t ccurl_open_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype, address->protocol);
}
// The buffer holds CURL_ERROR_SIZE bytes and outlives the handle.
static inline CURLcode ccurl_set_error_text(CURL *handle, char *buffer) {
    return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

// What became of a transfer; 0 where it never came so far.
static inline long ccurl_status(CURL *handle) {
    long status = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}
// What a proxy answered to the wish for a tunnel; 0 where none was asked.
static inline long ccurl_proxy_status(CURL *handle) {
    long status = 0;
    return curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &status) == CURLE_OK ? status : 0;
}
// Bytes of the request that the system took, its headers included, over all tries.
static inline long ccurl_sent_bytes(CURL *handle) {
    long count = 0;
    return curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &count) == CURLE_OK ? count : 0;
}
// Bytes of the body that the system took.
static inline curl_off_t ccurl_sent_body_bytes(CURL *handle) {
    curl_off_t count = 0;
    return curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &count) == CURLE_OK ? count : 0;
}
// Reads nothing more from the connection of the last request: its end then waits for no answer.
static inline void ccurl_stop_reading(CURL *handle) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK && socket != CURL_SOCKET_BAD)
        shutdown(socket, SHUT_RD);
}
static inline int ccurl_os_errno(CURL *handle) {
    long number = 0;
    return curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number) == CURLE_OK ? (int)number : 0;
}
static inline curl_off_t ccurl_name_lookup_time_us(CURL *handle) {
    curl_off_t time = 0;
    return curl_easy_getinfo(handle, CURLINFO_NAMELOOKUP_TIME_T, &time) == CURLE_OK ? time : 0;
}

static inline CURLMcode ccurl_set_connection_limit(CURLM *multi, long count) {
    return curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, count);
}
// The next transfer that ended, or NULL.
static inline CURL *ccurl_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    struct CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

#endif
