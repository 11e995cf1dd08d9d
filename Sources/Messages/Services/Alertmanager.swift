import Schedule

/// Alerts to an Alertmanager: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
package struct Alertmanager: ChatService {
    package static let type = "alertmanager"
    package static let settings = [
        Setting("url", .address, required: true), Setting("headers", .headers),
    ]
    package static let acceptance = Answer.Response(status: 200)

    private static let text = Markup(limit: 4000, unit: .utf16, escape: .none)
    private static let label = 200
    private static let path = "/api/v2/alerts"
    /// An alert whose deadline has passed is not resolved when it arrives.
    private static let shortest = Span.hours(1)

    private let url: Secret
    private let headers: [Request.Header]

    package init(_ values: SettingValues) throws(SettingFault) {
        let (url, parts) = try values.address("url")
        guard !parts.pathAndQuery.contains("?") else {
            throw SettingFault("url", Fault("the URL has a query", remedy: "write the server's address"))
        }
        let base = url.revealed.hasSuffix("/") ? String(url.revealed.dropLast()) : url.revealed
        self.url = Secret(base.hasSuffix(Alertmanager.path) ? base : base + Alertmanager.path)
        headers = try values.headers("headers", reserved: [])
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        // What changes from one attempt to the next is no label: by its labels an alert is the same.
        func label(_ text: String) -> JSON {
            .string(Text.cut(Text.singleLine(text), to: Alertmanager.label, counting: .utf16))
        }
        let identity = message.identity
        let isOfIssue = message.kind.isOfIssue
        let end = message.deadline.instant > message.now ? message.deadline.instant : message.now
        let ends = isOfIssue ? max(end, message.now + Alertmanager.shortest) : message.now + .days(1)
        let alert: JSON = .object([
            "labels": .object([
                "alertname": .string(isOfIssue ? "DeadlineApproaching" : "Deadlined"),
                "issue": isOfIssue ? label(identity.issue) : nil,
                "milestone": isOfIssue ? label(identity.milestone) : nil,
                "deadline": isOfIssue ? .string("\(identity.deadline)") : nil,
                "reminder": label(identity.reminder), "channel": label(identity.channel),
                // An alert is a state, and not a message: wanted once more, it is still the same.
                "id": .string(identity.messageID),
                // As of the due instant, so that a later attempt has the same labels.
                "severity": .string(Alertmanager.severity(message.urgency(at: message.due))),
            ]),
            "annotations": .object([
                "summary": .string(Text.cut(message.summary, to: 1000, counting: .utf16)),
                "description": .string(
                    Alertmanager.text.text(message, without: message.notification.shown)),
            ]),
            "startsAt": .string("\(min(message.due, message.now))"),
            "endsAt": .string("\(ends)"),
            "generatorURL": message.link.map { .string($0) },
        ])
        return Request(.post, url, json: [alert], headers: headers)
    }

    private static func severity(_ urgency: Urgency) -> String {
        switch urgency {
        case .ok, .notice: "info"
        case .soon, .warning: "warning"
        case .critical: "critical"
        }
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        let verdict = Verdict.standard(answer.hiding([url] + headers.map(\.value)), now: now)
        // There is no plainer alert.
        if case .malformed(let reason, _) = verdict { return .permanent(reason: reason) }
        return verdict
    }
}
