import FoundationEssentials

/// What came back from a request.
package enum Answer: Sendable, Equatable {
    /// A status line and headers came.
    case response(Response)
    /// Nothing came back and the request was not fully sent: no name, no connection, no TLS.
    case notSent(reason: String)
    /// Nothing was sent, because a mail server would not keep it from others: it offers no TLS, or shows a certificate that
    /// nobody trusts.
    case insecure(reason: String)
    /// The request may have been acted on, and nothing came back: a time-out or a reset after the last byte.
    case lost(reason: String)

    package struct Response: Sendable, Equatable {
        package let status: Int
        /// What the status is one of.
        fileprivate let language: String
        private let fields: Fields
        /// At most 64 KiB.
        package let body: [UInt8]
        /// False where the connection broke before the body's end.
        package let isComplete: Bool
        /// A mail server said it to whoever called, before it heard of any mail.
        package let isBeforeMail: Bool
        /// What `reason` must not repeat.
        fileprivate var secrets: [Secret] = []

        package init(
            status: Int, headers: [String: String] = [:], body: [UInt8] = [], isComplete: Bool = true
        ) {
            self.init(status: status, fields: .known(headers), body: body, isComplete: isComplete)
        }

        /// - Parameter reply: a mail server's words, without their code.
        package init(mail status: Int, reply: [UInt8], isBeforeMail: Bool = false) {
            self.init(
                status: status, fields: .known([:]), body: reply, isComplete: true, language: "SMTP",
                isBeforeMail: isBeforeMail)
        }

        /// - Parameter headerLines: as they came, each with its line end.
        package init(status: Int, headerLines: [UInt8], body: [UInt8], isComplete: Bool) {
            self.init(status: status, fields: .lines(headerLines), body: body, isComplete: isComplete)
        }

        private init(
            status: Int, fields: Fields, body: [UInt8], isComplete: Bool, language: String = "HTTP",
            isBeforeMail: Bool = false
        ) {
            self.isBeforeMail = isBeforeMail
            self.language = language
            self.status = status
            self.fields = fields
            self.body = body
            self.isComplete = isComplete
        }

        private enum Fields: Sendable {
            case known([String: String])
            case lines([UInt8])
        }

        /// Names in lower case; of equal names the last counts. Taken apart when asked for: of most answers only the
        /// status matters.
        package var headers: [String: String] {
            switch fields {
            case .known(let headers): return headers
            case .lines(let lines):
                var headers: [String: String] = [:]
                for line in lines.split(separator: UInt8(ascii: "\n")) {
                    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
                    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
                    let value = String(decoding: line[line.index(after: colon)...], as: UTF8.self)
                    headers[name] = Text.singleLine(value)
                }
                return headers
            }
        }

        package static func == (a: Self, b: Self) -> Bool {
            (a.status, a.body, a.isComplete, a.isBeforeMail) == (
                b.status, b.body, b.isComplete, b.isBeforeMail
            )
                && a.secrets == b.secrets
                && a.headers == b.headers
        }
    }

    /// Nil where none came.
    package var status: Int? {
        guard case .response(let response) = self else { return nil }
        return response.status
    }

    /// The same answer, whose reason repeats none of the request's secrets. Each service's verdict begins with it.
    package func hiding(_ secrets: [Secret]) -> Answer {
        guard case .response(var response) = self else { return self }
        response.secrets += secrets
        return .response(response)
    }
}

/// A text of an answer that is compared with the few that a service is known to say. A longer one is none of them, and counts
/// as empty: to compare 60 KB of combining accents takes a second.
struct ShortText: Decodable, Hashable, ExpressibleByStringLiteral {
    private static let longest = 200

    private let text: String

    init(stringLiteral text: String) { self.text = text }

    init(_ text: String) { self.text = text.utf8.count <= ShortText.longest ? text : "" }

    init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}

extension Answer.Response {
    /// A gateway handed the request on and understood no answer, or got none: 502 and 504 (RFC 9110 15.6.3, 15.6.5), and
    /// Cloudflare's own 520 and 524.
    var isOfGateway: Bool { language == "HTTP" && [502, 504, 520, 524].contains(status) }

    /// The whole body without the white space around it.
    var shortText: ShortText { ShortText(body.count <= 1024 ? Text.singleLine(text) : "") }

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON value of this shape, nil where it is none.
    package func json<Value: Decodable>(_ type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(body))
    }

    /// Status and the beginning of the body in one line: at most 512 clean characters, as the journal keeps them.
    package var reason: String {
        // Hiding takes time for each byte and secret, and 512 characters are shown. The end of a beginning may be that of
        // a secret which is cut in two, and is left out.
        let longest = (secrets.map { $0.revealed.utf8.count }.max() ?? 0) * 2
        let beginning = body.prefix(4096 + longest)
        let line = Text.singleLine(String(decoding: beginning, as: UTF8.self))
        var words = secrets.reduce(line) { $1.hidden(in: $0) }
        if beginning.count < body.count { words = String(words.unicodeScalars.dropLast(longest)) }
        let code = "\(language) \(status)"
        return words.isEmpty ? code : Text.cut("\(code): \(words)", to: 512, counting: .utf16)
    }
}
