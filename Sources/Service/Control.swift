import Engine
import Foundation
import HTTPServer
import Journal
import Messages
import Schedule

/// What operators ask of a running service: HTTP with JSON over a Unix socket, which only those who may open it reach.
///
/// | request | body or query | does |
/// | --- | --- | --- |
/// | `GET /status` | | how everything is |
/// | `GET /history` | `issue`, `channel`, `open`, `last`, `tries`, `after` | deliveries, one object a line: a thousand, from `after` on |
/// | `GET /why` | `issue`, `delivery` | why something comes, came or did not; of both the issue, if there is one |
/// | `GET /changes` | | what a reload would change |
/// | `POST /reload` | | reads the configuration again; 422 where it is refused |
/// | `POST /done`, `/undo` | `{"issue": "…", "milestone": "…"}` | no more reminders; takes done and snoozed back |
/// | `POST /snooze` | `{"issue": "…", "until": "3d"}` | reminders wait |
/// | `POST /mute` | `{"channel": "lab", "until": "3d"}` | a channel's messages wait |
/// | `POST /resume` | `{"channel": "lab"}` | brings a disabled, paused or muted channel back |
/// | `POST /resend` | `{"delivery": 17}` | sends a delivery once more |
/// | `POST /test` | `{"channel": "lab"}` | sends a test; `configuration` may name the main file that is meant |
/// | `POST /clock` | | believes the clock, which jumped |
///
/// What changes something is answered when it is on disk. Every answer is an object; one with a status from 400 on has an
/// `error`.
package struct Control {
    /// The name of the socket in its directory.
    package static let socketName = "control.sock"

    private let server: HTTPServer

    init(path: String, daemon: Daemon) throws(Failure) {
        // systemd makes it; whoever runs the service by hand as root has none.
        mkdir((path as NSString).deletingLastPathComponent, 0o750)
        do {
            let desk = ControlDesk(daemon: daemon)
            server = try HTTPServer(.unix(path: path)) { desk.answer($0, $1) }
        } catch {
            throw Failure(.io, "no socket can be made at \(path): \(error)")
        }
        // The directory decides who gets there; its group may ask.
        chmod(path, 0o660)
    }

    func stop() {
        server.stop()
    }
}

private struct ControlDesk: Sendable {
    let daemon: Daemon

    typealias Respond = @Sendable (HTTPServer.Response) -> Void

    private struct Wanted: Decodable {
        var issue: String?
        var milestone: String?
        var channel: String?
        var until: String?
        var delivery: Int64?
        var configuration: String?
    }

    func answer(_ request: HTTPServer.Request, _ respond: @escaping Respond) {
        let wanted = try? JSONDecoder().decode(Wanted.self, from: Data(request.body))
        switch (request.method, request.path) {
        case ("GET", "/status"):
            inquire(respond) { inquiry throws(JournalFault) in .json(200, try inquiry.status()) }
        case ("GET", "/history"): history(request.query, respond)
        case ("GET", "/why"): why(request.query, respond)
        case ("GET", "/changes"): daemon.preview { respond($0.response) }
        case ("POST", "/reload"):
            guard !daemon.isStopping else { return respond(.fault(503, "the service is stopping")) }
            daemon.reload { respond($0.response) }
        case ("POST", "/done"): mark(wanted, respond) { _ in .success(.done) }
        case ("POST", "/snooze"):
            let zone = daemon.zone
            mark(wanted, respond) { now in
                guard let text = wanted?.until else {
                    return .failure(Fault("say until when: {\"until\": \"3d\"}"))
                }
                return Result { () throws(Fault) in
                    let end = try HoldEnd(text, now: now, zone: zone)
                    return .snoozed(until: end.until, isSpan: end.isSpan)
                }
            }
        case ("POST", "/undo"): undo(wanted, respond)
        case ("POST", "/mute"): mute(wanted, respond)
        case ("POST", "/resume"): resume(wanted, respond)
        case ("POST", "/resend"): resend(wanted, respond)
        case ("POST", "/test"): test(wanted, respond)
        case ("POST", "/clock"):
            daemon.ask { runner in
                runner.handle(.clockAccepted) { isWritten in
                    respond(isWritten ? .json(200, .object(["clock": "accepted"])) : .notWritten)
                }
            }
        default:
            respond(.fault(404, "there is no \(request.method) \(Text.singleLine(request.path))"))
        }
    }

    // MARK: Questions

    private func inquire(
        _ respond: @escaping Respond,
        _ body: @escaping @Sendable (Inquiry) throws(JournalFault) -> HTTPServer.Response
    ) {
        daemon.inquire { inquiry in
            do throws(JournalFault) {
                respond(try body(inquiry))
            } catch {
                respond(.fault(500, error.description))
            }
        }
    }

    /// Entries that one answer has at most: with all of a large journal, the service would need more memory than it may have.
    private static let page = 1000

    private func history(_ query: [String: String], _ respond: @escaping Respond) {
        let filter = Journal.Filter(
            issue: query["issue"], channel: query["channel"], isOpen: query["open"] == nil ? nil : true,
            after: query["after"].flatMap { Int64($0) }, limit: query["last"].flatMap { Int($0) },
            first: ControlDesk.page)
        inquire(respond) { inquiry throws(JournalFault) in
            if let issue = filter.issue, !inquiry.engine.agenda.issues.contains(where: { $0.id == issue }),
                try !inquiry.journal.holds(Journal.Filter(issue: issue))
            {
                return .noIssue(issue, inquiry.engine.agenda)
            }
            if let channel = filter.channel,
                !inquiry.engine.agenda.channels.contains(where: { $0.name == channel }),
                try !inquiry.journal.holds(Journal.Filter(channel: channel))
            {
                return .noChannel(channel, inquiry.engine.agenda)
            }
            var lines = ""
            try inquiry.journal.history(filter) { record, attempts in
                let entry = HistoryEntry(record, tries: query["tries"] == nil ? nil : attempts)
                lines += entry.json.serialized + "\n"
            }
            return HTTPServer.Response(status: 200, contentType: "application/jsonl", body: lines.utf8)
        }
    }

    private func why(_ query: [String: String], _ respond: @escaping Respond) {
        inquire(respond) { inquiry throws(JournalFault) in
            if let issue = query["issue"], let account = try inquiry.why(issue: issue) {
                return .json(200, account)
            }
            if let number = query["delivery"].flatMap({ Int64($0) }) {
                return try inquiry.why(delivery: number).map { .json(200, $0) } ?? .noDelivery(number)
            }
            guard let issue = query["issue"] else { return .fault(400, "say which issue or delivery") }
            return .noIssue(issue, inquiry.engine.agenda)
        }
    }

    // MARK: Marks

    private func mark(
        _ wanted: Wanted?, _ respond: @escaping Respond,
        _ request: @escaping @Sendable (_ now: Instant) -> Result<MarkRequest, Fault>
    ) {
        guard let issue = wanted?.issue else { return respond(.fault(400, "say which: {\"issue\": \"ID\"}")) }
        let milestone = wanted?.milestone
        daemon.ask { runner in
            let (engine, now) = runner.upToDate()
            let keys = engine.markable(issue, milestone)
            guard !keys.isEmpty else { return respond(.nothingToMark(issue, milestone, engine)) }
            let mark: MarkRequest
            switch request(now) {
            case .success(let wanted): mark = wanted
            case .failure(let fault):
                return respond(.fault(400, "\(fault)"))
            }
            if case .snoozed(let until, _) = mark, let early = engine.firstDeadline(of: keys, after: now),
                early.instant <= until
            {
                let others = keys.count > 1 ? ", or name another milestone with --milestone" : ""
                return respond(
                    .fault(
                        409,
                        "its \(early.name) \(early.instant) is before \(until): snooze it for less\(others), or say 'deadlined done \(issue) \"\(early.name)\"' for this one"
                    ))
            }
            runner.handle(.markRequested(keys, mark)) { isWritten in
                guard isWritten else { return respond(.notWritten) }
                let until: Instant? = if case .snoozed(let until, _) = mark { until } else { nil }
                respond(
                    .json(
                        200,
                        .object([
                            "issue": .string(issue), "milestones": .array(keys.map { .string($0.milestone) }),
                            "until": until.map { .string("\($0)") },
                        ])))
            }
        }
    }

    private func undo(_ wanted: Wanted?, _ respond: @escaping Respond) {
        guard let issue = wanted?.issue else { return respond(.fault(400, "say which: {\"issue\": \"ID\"}")) }
        let milestone = wanted?.milestone
        daemon.ask { runner in
            let engine = runner.snapshot().engine
            let keys = engine.marked(issue, milestone)
            guard !keys.isEmpty else {
                let isKnown = engine.agenda.issues.contains { $0.id == issue }
                return respond(
                    isKnown
                        ? .fault(
                            409,
                            milestone.map { "'\(issue)' \($0) has no mark of its own" }
                                ?? "'\(issue)' is neither done nor snoozed")
                        : .noIssue(issue, engine.agenda))
            }
            runner.handle(.unmarkRequested(keys)) { isWritten in
                guard isWritten else { return respond(.notWritten) }
                respond(
                    .json(
                        200,
                        .object([
                            "issue": .string(issue), "milestones": .array(keys.map { .string($0.milestone) }),
                        ])))
            }
        }
    }

    // MARK: Channels

    private func mute(_ wanted: Wanted?, _ respond: @escaping Respond) {
        guard let channel = wanted?.channel else {
            return respond(.fault(400, "say which: {\"channel\": \"NAME\"}"))
        }
        let zone = daemon.zone
        daemon.ask { runner in
            let (engine, now) = runner.upToDate()
            guard engine.record(of: channel) != nil else {
                return respond(.noChannel(channel, engine.agenda))
            }
            let end: HoldEnd
            do throws(Fault) {
                end =
                    try wanted?.until.map { text throws(Fault) in
                        try HoldEnd(text, now: now, zone: zone)
                    }
                    ?? .never
            } catch {
                return respond(.fault(400, "\(error)"))
            }
            runner.handle(.muteRequested(channel: channel, until: end.until, isSpan: end.isSpan)) {
                isWritten in
                guard isWritten else { return respond(.notWritten) }
                respond(
                    .json(
                        200,
                        .object([
                            "channel": .string(channel),
                            "until": end == .never ? nil : .string("\(end.until)"),
                        ])))
            }
        }
    }

    private func resume(_ wanted: Wanted?, _ respond: @escaping Respond) {
        guard let channel = wanted?.channel else {
            return respond(.fault(400, "say which: {\"channel\": \"NAME\"}"))
        }
        daemon.ask { runner in
            let engine = runner.snapshot().engine
            guard let before = engine.record(of: channel) else {
                return respond(.noChannel(channel, engine.agenda))
            }
            runner.handle(.resumed(channel: channel)) { isWritten in
                guard isWritten else { return respond(.notWritten) }
                respond(
                    .json(
                        200,
                        .object([
                            "channel": .string(channel), "was_disabled": .bool(before.disabled != nil),
                            "was_muted": .bool(before.mutedUntil != nil),
                            "reason": before.disabled.map { .string($0.reason) },
                        ])))
            }
        }
    }

    private func resend(_ wanted: Wanted?, _ respond: @escaping Respond) {
        guard let number = wanted?.delivery else {
            return respond(.fault(400, "say which: {\"delivery\": NUMBER}"))
        }
        let found: Delivery?
        do throws(JournalFault) {
            found = try daemon.history.delivery(number)
        } catch {
            return respond(.fault(500, error.description))
        }
        guard let delivery = found else { return respond(.noDelivery(number)) }
        if delivery.kind == .test {
            let channel = delivery.identity.channel
            return respond(
                .fault(409, "a test is not sent again: 'deadlined test \(channel)' sends another"))
        }
        daemon.ask { runner in
            let (engine, now) = runner.snapshot()
            if let objection = engine.objection(toResending: delivery) {
                return respond(.fault(409, "it is not sent again: \(objection)"))
            }
            let pauseEnd = engine.record(of: delivery.identity.channel)?.pausedUntil.flatMap {
                $0 > now ? $0 : nil
            }
            runner.handle(.resendRequested(delivery)) { isWritten in
                guard isWritten else { return respond(.notWritten) }
                respond(
                    .json(
                        200,
                        .object([
                            "delivery": .string("\(delivery.identity)"),
                            "channel": .string(delivery.identity.channel),
                            "not_before": pauseEnd.map { .string("\($0)") },
                        ])))
            }
        }
    }

    /// Answers when the test is on disk: what becomes of it, `/why` tells.
    private func test(_ wanted: Wanted?, _ respond: @escaping Respond) {
        guard let channel = wanted?.channel else {
            return respond(.fault(400, "say which: {\"channel\": \"NAME\"}"))
        }
        if let meant = wanted?.configuration, !daemon.reads(meant) {
            return respond(
                .fault(
                    409,
                    "the service works with another configuration than \(Text.singleLine(meant)): leave out --config, or name another --state"
                ))
        }
        daemon.ask { runner in
            let (engine, now) = runner.upToDate()
            guard let record = engine.record(of: channel) else {
                return respond(.noChannel(channel, engine.agenda))
            }
            if let objection = record.objection(toTestingAt: now) {
                return respond(.fault(409, "\(objection) ('deadlined resume \(channel)')"))
            }
            runner.handle(.testRequested(channel: channel)) { isWritten in
                guard isWritten else { return respond(.untested) }
                inquire(respond) { inquiry throws(JournalFault) in
                    var number: Int64?
                    let filter = Journal.Filter(channel: channel, reminder: "test", limit: 1)
                    try inquiry.journal.history(filter) { record, _ in number = record.number }
                    return number.map { .json(200, .object(["delivery": .number($0)])) } ?? .untested
                }
            }
        }
    }
}

extension DestinationRecord {
    /// Why a test would not go out now; nil where it would, to a muted channel too.
    fileprivate func objection(toTestingAt now: Instant) -> String? {
        if let disabled { return "it is disabled, and waits for somebody: \(disabled.reason)" }
        if let pausedUntil, pausedUntil > now {
            return "its last requests failed, and nothing is sent to it before \(pausedUntil)"
        }
        return nil
    }
}

// MARK: - Answers

extension HTTPServer.Response {
    fileprivate static func fault(_ status: Int, _ text: String) -> Self {
        .json(status, .object(["error": .string(text)]))
    }

    fileprivate static func json(_ status: Int, _ value: JSON) -> Self {
        Self(status: status, body: value.bytes)
    }

    fileprivate static var notWritten: Self {
        .fault(
            503,
            "the journal cannot be written: it holds only until the next start ('journalctl -u deadlined')")
    }

    fileprivate static var untested: Self {
        .fault(
            503, "the journal cannot be written: the test waits until it can be ('journalctl -u deadlined')")
    }

    fileprivate static func noDelivery(_ number: Int64) -> Self {
        .fault(404, "no delivery \(number): 'deadlined history' numbers them")
    }

    fileprivate static func noIssue(_ issue: String, _ agenda: Agenda) -> Self {
        let nearest = Spelling.nearest(to: issue, among: agenda.issues.map(\.id))
        return .fault(
            404,
            "no special issue '\(issue)'\(nearest.map { ": did you mean '\($0)'?" } ?? ": 'deadlined list' shows all")"
        )
    }

    fileprivate static func noChannel(_ channel: String, _ agenda: Agenda) -> Self {
        let known = agenda.channels.map(\.name)
        let nearest = Spelling.nearest(to: channel, among: known).map { ": did you mean '\($0)'?" }
        return .fault(
            404, "no channel '\(channel)'\(nearest ?? ". There are: \(known.joined(separator: ", "))")")
    }

    fileprivate static func nothingToMark(_ issue: String, _ milestone: String?, _ engine: Engine) -> Self {
        guard let known = engine.agenda.issues.first(where: { $0.id == issue }) else {
            return .noIssue(issue, engine.agenda)
        }
        guard let milestone else {
            return .fault(409, "'\(issue)' has no reminders to stop ('deadlined why \(issue)')")
        }
        guard known.milestone(milestone) != nil else {
            return .fault(
                404,
                "'\(issue)' has no milestone '\(milestone)'. There are: \(known.milestones.map(\.name).joined(separator: ", "))"
            )
        }
        return .fault(409, "'\(issue) \(milestone)' has no reminders to stop ('deadlined why \(issue)')")
    }
}

extension Engine {
    /// Which of these milestones comes first.
    fileprivate func firstDeadline(
        of keys: [MilestoneKey], after now: Instant
    ) -> (name: String, instant: Instant)? {
        guard let issue = keys.first.flatMap({ key in agenda.issues.first { $0.id == key.issue } }) else {
            return nil
        }
        return keys.compactMap { key in
            issue.milestone(key.milestone)?.deadline.map { (key.milestone, $0.instant) }
        }.filter { $0.1 > now }.min { $0.1 < $1.1 }
    }
}

extension Daemon.Reload {
    /// How many of each list are told; more than that, nobody reads.
    private static let most = 200

    fileprivate var response: HTTPServer.Response {
        let changes = preview.map { preview in
            JSON.object([
                "added": Self.list(preview.added, \.json), "removed": Self.list(preview.removed, \.json),
                "moved": Self.list(preview.moved, \.json), "sent": Self.list(preview.owed, \.json),
                "held": Self.list(preview.held, \.json), "cancelled": Self.list(preview.cancelled, \.json),
            ])
        }
        return .json(
            reading.configuration == nil ? 422 : 200,
            .object([
                "applied": .bool(isApplied), "written": .bool(isWritten),
                "issues": .number(Int64(reading.issueCount)),
                "errors": .array(errors.map(JSON.string)), "kept": .array(reading.kept.map(\.json)),
                "changes": changes, "page_fault": pageFault.map(JSON.string),
            ]))
    }

    private static func list<Entry>(_ entries: [Entry], _ json: (Entry) -> JSON) -> JSON {
        .object(["count": .number(Int64(entries.count)), "first": .array(entries.prefix(most).map(json))])
    }
}

extension ReloadPreview.Entry {
    fileprivate var json: JSON {
        .object([
            "issue": .string(issue), "milestone": .string(milestone), "reminder": .string(reminder),
            "channel": .string(channel), "due": .string("\(due)"),
            "previous": previous.map { .string("\($0)") },
        ])
    }
}

extension Delivery {
    fileprivate var json: JSON {
        .object([
            "issue": .string(identity.issue), "milestone": .string(identity.milestone),
            "reminder": .string(identity.reminder), "channel": .string(identity.channel),
            "due": .string("\(due)"),
            "reason": state.reason.map(JSON.string),
        ])
    }
}
