/// One HTTP request, complete to the last byte. Transport sends it as it is.
package struct Request: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    package enum Content: Sendable {
        case json(JSON)
    }

    package let method: Method
    /// Sent byte for byte: services sign their URLs, so nothing normalises them.
    package let url: Secret
    /// Headers beside `Content-Type` and `User-Agent`.
    package let headers: [Header]
    package let contentType: String
    package let content: Content
    /// The bytes that were signed are the bytes that are sent.
    package let body: [UInt8]

    package struct Header: Sendable {
        package let name: String
        package let value: Secret

        package init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// Names, in lower case, of what every request carries.
    static let ownHeaders: Set<String> = [
        "connection", "content-length", "content-type", "expect", "host", "te", "trailer",
        "transfer-encoding", "upgrade", "user-agent",
    ]

    package init(post url: Secret, json: JSON, headers: [Header] = []) {
        self.init(post: url, json: json, body: json.bytes, headers: headers)
    }

    /// For a service that signs the body.
    package init(post url: Secret, json: JSON, body: [UInt8], headers: [Header]) {
        self.method = .post
        self.url = url
        self.headers = headers
        self.contentType = "application/json; charset=utf-8"
        self.content = .json(json)
        self.body = body
    }

    /// Without a body.
    package init(get url: Secret) {
        method = .get
        self.url = url
        headers = []
        contentType = "text/plain"
        content = .json(.null)
        body = []
    }

    private init(_ other: Request, url: Secret) {
        self.method = other.method
        self.url = url
        self.headers = other.headers
        self.contentType = other.contentType
        self.content = other.content
        self.body = other.body
    }

    /// The same request to another address: a rehearsal sends into a receiver of its own.
    package func redirected(to url: Secret) -> Request {
        Request(self, url: url)
    }
}
