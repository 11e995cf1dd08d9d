import Schedule

/// Mail over SMTP (RFC 5321), each reader with a mail of their own.
package struct Email: ChatService {
    package static let type = "email"
    package static let settings = [
        Setting("smtp", .mailServer, required: true), Setting("username", .text),
        Setting("password", .secret), Setting("from", .text, required: true),
        Setting("to", .texts, required: true),
    ]
    package static let acceptance = Answer.Response(status: 250)

    private static let text = Markup(limit: 20_000, unit: .utf8, escape: .none)
    private static let subject = 200

    private let url: Secret
    private let encryption: Mail.Encryption
    private let login: Mail.Login?
    private let from: MailAddress
    private let to: MailAddress

    package init(_ values: SettingValues) throws(SettingFault) {
        let server = try values.required("smtp")
        func address(_ key: String) throws(SettingFault) -> MailAddress {
            do {
                return try MailAddress(try values.required(key))
            } catch let fault as Fault {
                throw SettingFault(key, fault)
            } catch let fault as SettingFault {
                throw fault
            } catch {
                throw SettingFault(key, Fault("this is no mail address"))
            }
        }
        from = try address("from")
        to = try address("to")
        switch (values.text("username"), values.secrets["password"]?.first) {
        case (let username?, let password?): login = Mail.Login(username: username, password: password)
        case (nil, nil): login = nil
        case (_?, nil):
            throw SettingFault(
                "username", Fault("there is no 'password' to it", remedy: "write one, or leave out both"))
        case (nil, _?):
            throw SettingFault(
                "password", Fault("there is no 'username' to it", remedy: "write one, or leave out both"))
        }
        do {
            let parts = try WebAddress(mailServer: server)
            // Between this machine and itself nobody listens, but a password is never sent in the open.
            let isOpen = parts.isLoopback && login == nil
            encryption = parts.isSecure ? .implicit : isOpen ? .none : .startTLS
            // The path is the name by which libcurl greets the server.
            url = Secret("\(server.prefix { $0 != ":" })://\(parts.authority)/\(from.domain)")
        } catch {
            throw SettingFault("smtp", error)
        }
    }

    /// One channel for each reader: what becomes of one's mail is nothing to the others, and none sees their addresses.
    package static func split(_ values: SettingValues) -> [(suffix: String, values: SettingValues)] {
        let readers = values.texts["to"] ?? []
        guard readers.count > 1 else { return [("", values)] }
        return readers.map { reader in
            var one = values
            one.texts["to"] = [reader]
            return ("/" + ((try? MailAddress(reader))?.mailbox ?? reader), one)
        }
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        var headers = [
            from.header("From"), to.header("To"),
            MIME.header("Subject", Text.cut(message.summary, to: Email.subject, counting: .utf16)),
            "Date: \(MIME.date(attempt))",
            // The same for each attempt, so that a reader's client can drop a repeat.
            "Message-ID: <\(message.id)@\(from.domain)>",
            // No vacation notice comes back (RFC 3834).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ]
        if let thread = Email.thread(of: message) {
            headers += ["In-Reply-To: <\(thread)@\(from.domain)>", "References: <\(thread)@\(from.domain)>"]
        }
        let plain = MIME.quotedPrintable(Email.text.text(message))
        let plainPart = [
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable",
        ]
        let body: String
        if message.isPlain {
            headers += plainPart
            body = plain
        } else {
            let boundary = "=_\(message.id)"
            headers.append("Content-Type: multipart/alternative; boundary=\"\(boundary)\"")
            // The last part is the one that is wanted (RFC 2046 5.1.4).
            let html = MIME.quotedPrintable(HTMLCard.page(message))
            let htmlPart = [
                "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable",
            ]
            body =
                [(plainPart, plain), (htmlPart, html)].map { headers, content in
                    "--\(boundary)\r\n\(headers.joined(separator: "\r\n"))\r\n\r\n\(content)"
                }.joined() + "--\(boundary)--\r\n"
        }
        return Request(
            url,
            mail: Mail(
                from: from, to: to, login: login, encryption: encryption,
                text: headers.joined(separator: "\r\n") + "\r\n\r\n" + body))
    }

    /// All about one milestone is one conversation, whose first message nobody has, and so are a channel's digests.
    private static func thread(of message: Message) -> String? {
        switch message.kind {
        case .reminder, .moved, .passed, .confirm: message.identity.threadID
        case .digest: message.identity.threadID + ".digest"
        case .several, .test, .alert: nil
        }
    }

    /// The last reply's code, RFC 5321 4.2.
    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let answer = answer.hiding([login?.password].compactMap { $0 })
        guard case .response(let response) = answer else { return .standard(answer, now: now) }
        switch response.status {
        case 250: return .delivered
        case 400...499: return .retry(response, now: now)
        // Who we are, they do not believe.
        case 530, 534, 535, 538: return .disable(reason: response.reason)
        // Nobody has heard of this mail yet: it is we who are not wanted, as on a list of senders that are blocked.
        case 500...599 where response.isBeforeMail: return .disable(reason: response.reason, strikes: 3)
        // Its content is not liked; plain text may be.
        case 554: return .malformed(reason: response.reason)
        default: return .permanent(reason: response.reason)
        }
    }
}
