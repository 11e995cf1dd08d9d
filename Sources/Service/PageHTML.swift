import Engine
import Journal
import Messages
import Schedule

/// The page: readable without styles and without scripts, by eye and by ear.
struct PageHTML {
    let html: String

    private enum Limit {
        static let deadlines = 100
        static let deliveries = 30
        /// Days that the timeline shows.
        static let timeline = 90
        /// Dots above one day.
        static let stack = 12
    }

    init(_ inquiry: Inquiry, _ filter: FeedFilter) throws(JournalFault) {
        let audit = Audit(inquiry.engine, now: inquiry.now)
        let coming = Coming.list(inquiry, filter)
        var deliveries: [HistoryEntry] = []
        try inquiry.journal.history(Journal.Filter(limit: Limit.deliveries)) { record, _ in
            deliveries.append(HistoryEntry(record, tries: nil))
        }
        let now = inquiry.now
        html = PageHTML.document(
            title: "Deadlines",
            head:
                "<link rel=\"alternate\" type=\"application/atom+xml\" href=\"/feed.atom\" title=\"Deadlines\">",
            """
            <header><h1>Deadlines</h1>
            \(PageHTML.health(inquiry, audit))</header>
            <main>
            \(PageHTML.timeline(coming, now))
            \(PageHTML.comingTable(coming, filter))
            \(PageHTML.channels(inquiry))
            \(PageHTML.deliveries(deliveries.reversed(), now))
            </main>
            <footer><p><a href="/calendar.ics">Calendar</a> · <a href="/feed.atom">Feed</a> · \
            <a href="/metrics">Metrics</a></p>
            <p>deadlined \(Product.version), zone data \(PageHTML.escaped(inquiry.configuration.zoneData ?? "of unknown version")), \
            as of \(PageHTML.time(now))</p></footer>
            """)
    }

    // MARK: Parts

    private static func health(_ inquiry: Inquiry, _ audit: Audit) -> String {
        var lines: [String] = []
        let status = inquiry.configuration
        if audit.holds {
            let isAllWell = status.errors.isEmpty && inquiry.channels.allSatisfy { $0.state == "ok" }
            lines.append(
                "<p class=\"good\">\(isAllWell ? "<strong>All is well:</strong> nothing" : "Nothing") is due and unsent without a reason.</p>"
            )
        } else {
            let findings = escaped(audit.words)
            lines.append(
                "<p class=\"bad\" role=\"alert\"><strong>Something is stuck:</strong> \(findings)</p>")
        }
        if !status.errors.isEmpty {
            let items = (status.errors + status.kept.map(\.outcome)).map { "<li>\(escaped($0))</li>" }
                .joined()
            lines.append(
                """
                <div class="bad"><p><strong>\(English.count(status.errors.count, "error")) in the configuration\
                \(status.isRefused ? "; the one before stays in use" : ""):</strong></p><ul>\(items)</ul></div>
                """)
        }
        let next = inquiry.engine.nextReminder.map { next in
            "next reminder \(time(next.due)) to \(escaped(next.channel.name))"
        }
        lines.append(
            "<p>\(English.count(inquiry.engine.agenda.issues.count, "special issue")) tracked, \(next ?? "no reminder to come").</p>"
        )
        return lines.joined(separator: "\n")
    }

    /// A deadline to come.
    private struct Coming {
        let issue: SpecialIssue
        let milestone: Milestone
        let deadline: Deadline
        let daysLeft: Int
        /// As HTML.
        let mark: String?

        var urgency: Urgency { Urgency(daysLeft: daysLeft) }
        var left: String { daysLeft <= 0 ? "today" : English.count(daysLeft, "day") }
        var title: String {
            let title = Text.singleLine(issue.title)
            return Text.isBlank(title) ? Text.singleLine(issue.id) : title
        }

        static func list(_ inquiry: Inquiry, _ filter: FeedFilter) -> [Coming] {
            let now = inquiry.now
            return inquiry.engine.agenda.issues.filter(filter.matches).flatMap { issue in
                issue.milestones.compactMap { milestone -> Coming? in
                    guard let deadline = milestone.deadline, deadline.instant > now,
                        milestone.state != .withdrawn
                    else { return nil }
                    let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                    let snoozed = inquiry.engine.mark(of: key)?.snoozedUntil.map {
                        "snoozed until \(PageHTML.time($0))"
                    }
                    return Coming(
                        issue: issue, milestone: milestone, deadline: deadline,
                        daysLeft: deadline.daysLeft(at: now),
                        mark: milestone.state == .done ? "done" : snoozed)
                }
            }.sorted { ($0.deadline.instant, $0.issue.id) < ($1.deadline.instant, $1.issue.id) }
        }
    }

    /// A picture of the next weeks; the table below it says the same in words.
    private static func timeline(_ coming: [Coming], _ now: Instant) -> String {
        let near = coming.filter { $0.daysLeft <= Limit.timeline }
        guard !near.isEmpty else { return "" }
        let stacks = Dictionary(grouping: near) { max(0, $0.daysLeft) }
        // The line lies below the highest stack.
        let line = 18 + 10 * min(Limit.stack, stacks.values.map(\.count).max() ?? 0)
        var rows: [Int: Int] = [:]
        var dots = ""
        for entry in near {
            let column = max(0, entry.daysLeft)
            let row = rows[column, default: 0]
            rows[column] = row + 1
            guard row < Limit.stack else { continue }
            dots +=
                "<circle cx=\"\(20 + column * 10)\" cy=\"\(line - 8 - row * 10)\" r=\"4\" fill=\"\(entry.urgency.hex)\"><title>\(escaped("\(entry.left): \(entry.title)"))</title></circle>"
        }
        let ticks = stride(from: 0, through: Limit.timeline, by: 7).map { day in
            """
            <line x1="\(20 + day * 10)" y1="\(line)" x2="\(20 + day * 10)" y2="\(line + 6)" stroke="currentColor"/>\
            <text x="\(20 + day * 10)" y="\(line + 20)" text-anchor="middle">\(day == 0 ? "today" : "\(day)")</text>
            """
        }.joined()
        return """
            <section><h2 id="timeline">The next \(Limit.timeline) days</h2>
            <div class="wide" tabindex="0" role="region" aria-labelledby="timeline">
            <svg viewBox="0 0 940 \(line + 28)" role="img" aria-label="\(escaped(PageHTML.spoken(near)))" font-size="11" fill="currentColor">
            <line x1="10" y1="\(line)" x2="930" y2="\(line)" stroke="currentColor"/>\(ticks)\(dots)</svg></div></section>
            """
    }

    private static func spoken(_ near: [Coming]) -> String {
        let week = near.count { $0.daysLeft <= 7 }
        let month = near.count { $0.daysLeft <= 30 }
        return
            "\(English.count(near.count, "deadline")) in \(Limit.timeline) days: \(week) within a week, \(month) within 30 days"
    }

    private static func comingTable(_ coming: [Coming], _ filter: FeedFilter) -> String {
        let wanted = [filter.tag.map { "tag \($0)" }, filter.journal.map { "journal \($0)" }].compactMap {
            $0
        }
        let heading = (["What is coming"] + wanted.map(escaped)).joined(separator: ", ")
        guard !coming.isEmpty else {
            return "<section><h2>\(heading)</h2><p>No deadline is to come.</p></section>"
        }
        let rows = coming.prefix(Limit.deadlines).map { entry in
            let title = entry.issue.url.flatMap(WebAddress.link).map {
                "<a href=\"\(escaped($0))\">\(escaped(entry.title))</a>"
            }
            let milestone =
                entry.milestone.name == Milestone.submission
                ? "" : " <small>\(escaped(entry.milestone.name))</small>"
            let mark = entry.mark.map { " <em>\($0)</em>" } ?? ""
            let journal = Text.singleLine(entry.issue.journal ?? "")
            let below = journal.isEmpty ? "" : "<br><small dir=\"auto\">\(escaped(journal))</small>"
            let civil = English.shortDate(entry.deadline.date) + (entry.deadline.time.map { " \($0)" } ?? "")
            return """
                <tr><td class="left \(entry.urgency.rawValue)">\(entry.left)</td>\
                <th scope="row"><span dir="auto">\(title ?? escaped(entry.title))</span>\(milestone)\(mark)\(below)</th>\
                <td><time datetime="\(entry.deadline.instant)">\(civil)</time> <small>\(escaped(entry.deadline.zone.name))</small></td></tr>
                """
        }
        let more = coming.count - rows.count
        return """
            <section><h2 id="coming">\(heading)</h2>
            <div class="wide" tabindex="0" role="region" aria-labelledby="coming"><table>
            <thead><tr><th scope="col">Left</th><th scope="col">Call</th><th scope="col">Deadline</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>\(more > 0 ? "<p>And \(more) more: filter by <code>?tag=</code> or <code>?journal=</code>.</p>" : "")</section>
            """
    }

    private static func channels(_ inquiry: Inquiry) -> String {
        let channels = inquiry.channels
        guard !channels.isEmpty else { return "" }
        let rows = channels.map { channel in
            let until = channel.until.map { " until \(time($0))" } ?? ""
            let reason = channel.reason.map { ": \(escaped(Text.singleLine($0)))" } ?? ""
            return """
                <tr><th scope="row">\(escaped(channel.name))</th><td>\(escaped(channel.type))</td>\
                <td class="\(channel.state == "ok" ? "good" : "bad")">\(channel.state)\(until)\(reason)</td>\
                <td>\(channel.waiting + channel.held)</td></tr>
                """
        }
        return """
            <section><h2 id="channels">Channels</h2>
            <div class="wide" tabindex="0" role="region" aria-labelledby="channels"><table>
            <thead><tr><th scope="col">Channel</th><th scope="col">Service</th><th scope="col">State</th><th scope="col">Waiting</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div></section>
            """
    }

    private static func deliveries(_ entries: [HistoryEntry], _ now: Instant) -> String {
        guard !entries.isEmpty else {
            return "<section><h2>Sent lately</h2><p>Nothing was sent yet.</p></section>"
        }
        let rows = entries.map { entry in
            let what = [entry.issue, entry.milestone, entry.reminder].filter { !$0.isEmpty }.joined(
                separator: " ")
            let reason = entry.reason.map { ": \(escaped(Text.singleLine($0)))" } ?? ""
            let isBad = ["refused", "expired", "held"].contains(entry.state)
            return """
                <tr><td>\(time(entry.updated))</td><th scope="row">\(escaped(Text.singleLine(what)))</th>\
                <td>\(escaped(entry.channel))</td>\
                <td class="\(entry.state == "delivered" ? "good" : isBad ? "bad" : "")">\(entry.state)\(reason)</td></tr>
                """
        }
        return """
            <section><h2 id="sent">Sent lately</h2>
            <div class="wide" tabindex="0" role="region" aria-labelledby="sent"><table>
            <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Channel</th><th scope="col">State</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div></section>
            """
    }

    // MARK: Forms

    static func document(
        title: String, head: String = "", language: Language = .english, _ body: String
    ) -> String {
        """
        <!DOCTYPE html>
        <html lang="\(language.rawValue)"><head><meta charset="utf-8"><title>\(escaped(title))</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        \(head)
        <style>
        :root{--text:#1b1b1b;--back:#fff;--line:#c8c8c8;--dim:#555;--good:#1b5e20;--bad:#b3261e;--link:#0b57d0;\
        --ok:#1b5e20;--notice:#0d47a1;--soon:#7a4f00;--warning:#a63c00;--critical:#b3261e}
        @media (prefers-color-scheme:dark){:root{--text:#e6e6e6;--back:#161616;--line:#484848;--dim:#b0b0b0;--good:#81c784;\
        --bad:#ff8a80;--link:#8ab4f8;--ok:#81c784;--notice:#90caf9;--soon:#ffd54f;--warning:#ffb74d;--critical:#ff8a80}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:70rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back)}
        h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}
        a{color:var(--link)}a:focus-visible,button:focus-visible,.wide:focus-visible{outline:3px solid var(--link);outline-offset:2px}
        .wide{overflow-x:auto}svg{min-width:45rem;width:100%;display:block}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);font-weight:normal}
        thead th{color:var(--dim);font-size:.9rem}tbody th{min-width:9rem}small{color:var(--dim)}
        .left{font-weight:bold;white-space:nowrap}
        .ok{color:var(--ok)}.notice{color:var(--notice)}.soon{color:var(--soon)}.warning{color:var(--warning)}.critical{color:var(--critical)}
        .good{color:var(--good)}.bad{color:var(--bad)}
        footer{margin-top:2rem;color:var(--dim)}footer p{margin:.25rem 0}
        button{font:inherit;font-size:1.1rem;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#0b57d0;color:#fff;cursor:pointer}
        </style></head>
        <body>
        \(body)
        </body></html>

        """
    }

    private static func time(_ instant: Instant) -> String {
        let text = "\(instant)"
        return
            "<time datetime=\"\(text)\">\(text.replacing("T", with: " ").replacing("Z", with: " UTC"))</time>"
    }

    static func escaped(_ text: String) -> String { Escape.html(text) }
}

/// What a reader of a message sees who says that the work is handed in.
enum DonePage {
    static func question(_ title: String, _ milestone: Milestone, _ language: Language) -> String {
        let words = language.words
        let name =
            milestone.name == Milestone.submission ? words.submission : Text.singleLine(milestone.name)
        let deadline = milestone.deadline.map { words.separator + words.deadline($0) } ?? ""
        return page(
            "\(words.isItSubmitted) \(title)", language,
            """
            <h1><span dir="auto">\(PageHTML.escaped(title))</span></h1>
            <p>\(PageHTML.escaped(name + deadline))</p>
            <form method="post"><button type="submit">\(PageHTML.escaped(words.markDone))</button></form>
            <p>\(PageHTML.escaped(words.afterSubmission))</p>
            """)
    }

    static func already(_ title: String, _ language: Language) -> String {
        let words = language.words
        return page(
            "\(words.markedAsDone) \(title)", language,
            """
            <h1><span dir="auto">\(PageHTML.escaped(title))</span></h1>
            <p role="status"><strong class="good">\(PageHTML.escaped(words.markedAsDone))</strong> \
            \(PageHTML.escaped(words.afterMark))</p>
            """)
    }

    static func refused(_ why: DoneRefusal, _ language: Language) -> String {
        let nothing = PageHTML.escaped(language.words.nothingChanged)
        return page(
            language.words.nothingChanged, language,
            "<h1>\(nothing)</h1>\n<p role=\"alert\">\(PageHTML.escaped(language.words.why(why)))</p>")
    }

    /// - Parameter title: what a screen reader says first.
    private static func page(_ title: String, _ language: Language, _ body: String) -> String {
        PageHTML.document(title: title, language: language, "<main>\n\(body)\n</main>")
    }
}
