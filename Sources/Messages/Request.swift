/// One HTTP request, complete to the last byte. Transport sends it as it is.
package struct Request: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    /// What its body is, for people and tools to look at.
    package enum Content: Sendable {
        case none
        case json(JSON)
        case form([Field])
        case mail(Mail)
    }

    /// A field of a form. What is secret of it is shown to nobody.
    package struct Field: Sendable {
        package let name: String
        package let value: Value

        package enum Value: Sendable {
            case text(String)
            case secret(Secret)
        }

        init(_ name: String, _ text: String) {
            self.name = name
            value = .text(text)
        }

        init(_ name: String, _ secret: Secret) {
            self.name = name
            value = .secret(secret)
        }
    }

    package let method: Method
    /// Sent byte for byte: services sign their URLs, so nothing normalises them.
    package let url: Secret
    /// Headers beside `Content-Type`. A `User-Agent` among them takes the place of the product's.
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

    package init(_ method: Method = .post, _ url: Secret, json: JSON, headers: [Header] = []) {
        self.init(method, url, json: json, body: json.bytes, headers: headers)
    }

    /// For a service that signs the body.
    package init(
        _ method: Method = .post, _ url: Secret, json: JSON, body: [UInt8], headers: [Header],
        contentType: String = "application/json; charset=utf-8"
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.contentType = contentType
        self.content = .json(json)
        self.body = body
    }

    /// A form as https://url.spec.whatwg.org/#application/x-www-form-urlencoded has it.
    package init(_ url: Secret, form fields: [Field], headers: [Header] = []) {
        method = .post
        self.url = url
        self.headers = headers
        contentType = "application/x-www-form-urlencoded; charset=utf-8"
        content = .form(fields)
        body = Array(Request.encoded(fields) { $0.revealed }.utf8)
    }

    /// A mail to a server at `url`.
    package init(_ url: Secret, mail: Mail) {
        method = .post
        self.url = url
        headers = []
        contentType = "message/rfc822"
        content = .mail(mail)
        body = mail.bytes
    }

    /// Without a body.
    package init(get url: Secret) {
        method = .get
        self.url = url
        headers = []
        contentType = "text/plain"
        content = .none
        body = []
    }

    /// The text of a form, each secret as `show` gives it.
    package static func encoded(_ fields: [Field], show: (Secret) -> String) -> String {
        fields.map { field in
            let value =
                switch field.value {
                case .text(let text): text
                case .secret(let secret): show(secret)
                }
            return "\(field.name.percentEncoded)=\(value.percentEncoded)"
        }.joined(separator: "&")
    }

    private init(_ other: Request, url: Secret, content: Content) {
        self.method = other.method
        self.url = url
        self.headers = other.headers
        self.contentType = other.contentType
        self.content = content
        self.body = other.body
    }

    /// It goes to a mail server.
    package var isMail: Bool { if case .mail = content { true } else { false } }

    /// The same request to another address: a rehearsal sends into a receiver of its own.
    package func redirected(to url: Secret) -> Request {
        // A mail goes there as it is, by HTTP.
        Request(self, url: url, content: isMail ? .none : content)
    }

    /// The same for nobody to look at: what its body is would travel with it from thread to thread.
    package var unwatched: Request {
        isMail ? self : Request(self, url: url, content: .none)
    }
}

extension String {
    /// With all but letters, digits, `-`, `.`, `_` and `~` as `%XX` (RFC 3986 2.3).
    var percentEncoded: String {
        var encoded = ""
        for byte in utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isDigit || scalar.isASCII && scalar.properties.isAlphabetic
                || "-._~".utf8.contains(byte)
            {
                encoded.unicodeScalars.append(scalar)
            } else {
                encoded += "%" + byte.hex(2, uppercase: true)
            }
        }
        return encoded
    }
}
