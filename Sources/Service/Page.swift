import Configuration
import Crypto
import Engine
import Foundation
import HTTPServer
import Journal
import Messages
import Schedule

/// The page for people and the feeds for their programs, on this machine's loopback. It shows, and changes nothing: but
/// for one button, behind a link that a message has signed.
///
/// | path | what |
/// | --- | --- |
/// | `/` | what comes, how every channel is, what was sent lately |
/// | `/calendar.ics` | deadlines to subscribe to; `?tag=`, `?journal=`, `?alarms=7d,1d` |
/// | `/feed.atom` | what was added and what moved |
/// | `/metrics` | OpenMetrics |
/// | `/healthz` | 200 while the audit holds, else 503 |
/// | `/done/…` | asks a message's reader whether the work is handed in |
final class Page: Sendable {
    let settings: PageSettings
    /// Nil where readers of messages cannot reach the page.
    let links: DoneLinks?

    private let server: HTTPServer

    init(_ settings: PageSettings, daemon: Daemon, keyPath: String) throws(Failure) {
        self.settings = settings
        var links: DoneLinks?
        if let base = settings.publicURL { links = DoneLinks(base: base, key: try Page.key(keyPath)) }
        self.links = links
        let publicHost = settings.publicURL.flatMap { try? WebAddress($0) }?.host
        let desk = PageDesk(daemon: daemon, links: links)
        do {
            server = try HTTPServer(.loopback(port: settings.port)) { request, respond in
                let host = Page.host(request)
                if ["127.0.0.1", "localhost", "::1"].contains(host) {
                    return desk.answer(request, respond)
                }
                // A name that leads here by a trick of the DNS is nobody's: a browser would let a stranger's script read.
                guard host == publicHost else {
                    return respond(
                        .text(421, "this is not \(Text.singleLine(request.headers["host"] ?? "a host"))"))
                }
                // Whatever a proxy passes on by mistake.
                guard request.path.hasPrefix(DoneLinks.path) else {
                    return respond(.text(404, "there is nothing here but links of messages"))
                }
                desk.answer(request, respond)
            }
        } catch {
            throw Failure(.io, "the page cannot be served at 127.0.0.1:\(settings.port): \(error)")
        }
    }

    func stop() { server.stop() }

    /// Without its port, and the brackets of an address.
    private static func host(_ request: HTTPServer.Request) -> String {
        let host = (request.headers["host"] ?? "").lowercased()
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    /// The key that signs links: made once, and for its owner alone.
    private static func key(_ path: String) throws(Failure) -> [UInt8] {
        if let data = FileManager.default.contents(atPath: path), data.count == DoneLinks.keySize {
            return Array(data)
        }
        // Another key would be the end of every link that is out.
        if access(path, F_OK) == 0 {
            throw Failure(
                .io,
                "\(path) cannot be read, or is no key of \(DoneLinks.keySize) bytes: give it to the service's user, or remove it if links that are out may end"
            )
        }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(key), attributes: [.posixPermissions: 0o600])
        else { throw Failure(.io, "\(path) cannot be written: links in messages need it") }
        return key
    }
}

/// Finds the answer to each request for the page.
private struct PageDesk: Sendable {
    let daemon: Daemon
    let links: DoneLinks?

    typealias Respond = @Sendable (HTTPServer.Response) -> Void

    func answer(_ request: HTTPServer.Request, _ respond: @escaping Respond) {
        if request.path.hasPrefix(DoneLinks.path) { return done(request, respond) }
        let isKnown = ["/", "/calendar.ics", "/feed.atom", "/metrics", "/healthz"].contains(request.path)
        guard isKnown else { return respond(.text(404, "there is no \(Text.singleLine(request.path))")) }
        guard request.method == "GET" || request.method == "HEAD" else {
            var response = HTTPServer.Response.text(405, "this can only be read")
            response.headers.append(("allow", "GET, HEAD"))
            return respond(response)
        }
        let filter = FeedFilter(request.query)
        daemon.inquire(takesLong: ["/", "/calendar.ics", "/feed.atom"].contains(request.path)) { inquiry in
            switch request.path {
            case "/calendar.ics": respond(calendar(inquiry, filter, request.query["alarms"]))
            case "/feed.atom":
                let address = "http://\(request.headers["host"] ?? "")\(request.target)"
                let feed = AtomFeed(inquiry.engine, now: inquiry.now, filter: filter, address: address)
                respond(
                    HTTPServer.Response(status: 200, contentType: AtomFeed.contentType, body: feed.text.utf8))
            case "/metrics":
                let metrics = OpenMetrics(inquiry, daemon.counters.current)
                respond(
                    HTTPServer.Response(
                        status: 200, contentType: OpenMetrics.contentType, body: metrics.text.utf8))
            case "/healthz":
                let audit = Audit(inquiry.engine, now: inquiry.now)
                respond(audit.holds ? .text(200, "ok") : .text(503, audit.words))
            default:
                do throws(JournalFault) {
                    respond(.page(200, try PageHTML(inquiry, filter).html))
                } catch {
                    respond(.text(500, error.description))
                }
            }
        }
    }

    private func calendar(_ inquiry: Inquiry, _ filter: FeedFilter, _ alarms: String?) -> HTTPServer.Response
    {
        do throws(Fault) {
            let offsets = try CalendarFeed.alarms(alarms ?? "")
            let feed = CalendarFeed(inquiry.engine, now: inquiry.now, filter: filter, alarms: offsets)
            return HTTPServer.Response(
                status: 200, contentType: CalendarFeed.contentType, body: feed.text.utf8)
        } catch {
            return .text(400, "alarms: \(error)")
        }
    }

    // MARK: Done

    /// A look changes nothing: only the button does. The page is in the language of its reader's browser.
    private func done(_ request: HTTPServer.Request, _ respond: @escaping Respond) {
        let language = Language(accepted: request.headers["accept-language"] ?? "")
        let refuse = { @Sendable (status: Int, why: DoneRefusal) in
            respond(.page(status, DonePage.refused(why, language)))
        }
        let token = String(request.path.dropFirst(DoneLinks.path.count))
        guard let claim = links?.claim(token) else { return refuse(404, .foreign) }
        let isPost = request.method == "POST"
        guard isPost || request.method == "GET" || request.method == "HEAD" else {
            return respond(.text(405, "this can be read, and its button pressed"))
        }
        daemon.inquire { inquiry in
            guard inquiry.now < claim.deadline else { return refuse(410, .expired) }
            guard let issue = inquiry.engine.agenda.issues.first(where: { $0.id == claim.issue }),
                let milestone = issue.milestone(claim.milestone)
            else { return refuse(410, .untracked) }
            let title = Text.singleLine(issue.title)
            if milestone.state == .done { return respond(.page(200, DonePage.already(title, language))) }
            guard milestone.reminded?.instant == claim.deadline else { return refuse(410, .moved) }
            guard isPost else { return respond(.page(200, DonePage.question(title, milestone, language))) }
            daemon.ask { runner in
                let (engine, now) = runner.upToDate()
                // Since the look at it, its time or its day may have changed.
                guard now < claim.deadline else { return refuse(410, .expired) }
                guard
                    engine.agenda.issues.first(where: { $0.id == claim.issue })?.milestone(claim.milestone)?
                        .reminded?.instant == claim.deadline
                else { return refuse(410, .moved) }
                let key = MilestoneKey(issue: claim.issue, milestone: claim.milestone)
                runner.handle(.markRequested([key], .done)) { isWritten in
                    guard isWritten else { return refuse(503, .unwritten) }
                    respond(.page(200, DonePage.already(title, language)))
                }
            }
        }
    }
}

extension HTTPServer.Response {
    fileprivate static func text(_ status: Int, _ text: String) -> Self {
        Self(status: status, contentType: "text/plain; charset=utf-8", body: (text + "\n").utf8)
    }

    /// A page without scripts, pictures or frames, and nobody else's may hold it.
    fileprivate static func page(_ status: Int, _ html: String) -> Self {
        var response = Self(status: status, contentType: "text/html; charset=utf-8", body: html.utf8)
        response.headers = [
            (
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ]
        return response
    }
}
