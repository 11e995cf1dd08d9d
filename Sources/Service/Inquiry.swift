import Configuration
import Engine
import Journal
import Messages
import Schedule
import Transport

/// Answers what operators ask of a running service: of the engine as it stood, the journal, and the configuration as it
/// was last read. It changes nothing.
struct Inquiry {
    let engine: Engine
    let now: Instant
    /// A connection of its own: no commit waits for it.
    let journal: Journal
    let configuration: ConfigurationStatus

    // MARK: Status

    func status() throws(JournalFault) -> JSON {
        let audit = Audit(engine, now: now)
        let tally = try journal.tally()
        let next = engine.nextReminder.map { next in
            JSON.object([
                "issue": .string(next.issue.id), "milestone": .string(next.milestone.name),
                "channel": .string(next.channel.name), "due": .string("\(next.due)"),
            ])
        }
        return .object([
            "version": .string(Product.version), "libraries": .string(Product.libraries),
            "zone_data": configuration.zoneData.map(JSON.string), "running": true,
            "since": .string("\(configuration.started)"),
            "configuration": configuration.json, "issues": .number(Int64(engine.agenda.issues.count)),
            "errors": .number(Int64(configuration.errors.count)),
            "warnings": .number(Int64(configuration.warningCount)),
            "next": next, "open": .number(Int64(engine.openCount)),
            "settled": tally.settled.map { .string("\($0)") },
            "audit": .object([
                "holds": .bool(audit.holds),
                "findings": .array(audit.findings.map { .string("\($0)") }),
            ]),
            "channels": .array(channels.map(\.json)), "page_fault": configuration.pageFault.map(JSON.string),
            "marks": .array(marks),
            "deliveries": .object(
                tally.deliveries.map { JSON.Member(name: $0.state, value: .number(Int64($0.count))) }),
        ])
    }

    /// How a channel is.
    struct ChannelState {
        let name: String
        let type: String
        /// `ok`, `paused`, `muted`, `disabled`.
        var state = "ok"
        var until: Instant?
        var reason: String?
        var failures = 0
        /// Deliveries that go out by themselves, now or later, and those that wait for somebody.
        var waiting = 0
        var held = 0

        var json: JSON {
            .object([
                "channel": .string(name), "type": .string(type), "state": .string(state),
                "until": until.map { .string("\($0)") }, "reason": reason.map(JSON.string),
                "failures": .number(Int64(failures)), "waiting": .number(Int64(waiting)),
                "held": .number(Int64(held)),
            ])
        }
    }

    var channels: [ChannelState] {
        let open = engine.openCounts
        return engine.agenda.channels.map { channel in
            var state = self.channel(channel)
            state.waiting = open[channel.name]?.waiting ?? 0
            state.held = open[channel.name]?.held ?? 0
            return state
        }
    }

    private func channel(_ channel: Channel) -> ChannelState {
        var state = ChannelState(name: channel.name, type: channel.type)
        let record = engine.record(of: channel.name) ?? DestinationRecord()
        state.failures = record.failures
        state.reason = record.disabled?.reason
        (state.state, state.until) = record.state(at: now)
        return state
    }

    private var marks: [JSON] {
        engine.marks.sorted { $0.key < $1.key }.map {
            key, mark in
            let (word, until): (String, Instant?) =
                switch mark.kind {
                case .done: ("done", nil)
                case .snoozed(let until, _): ("snoozed", until)
                }
            return .object([
                "issue": .string(key.issue), "milestone": .string(key.milestone), "mark": .string(word),
                "since": .string("\(mark.since)"), "until": until.map { .string("\($0)") },
            ])
        }
    }

    // MARK: Why

    /// Why an issue's reminders come when they come, or do not; nil where there is no such issue.
    func why(issue id: String) throws(JournalFault) -> JSON? {
        guard let issue = engine.agenda.issues.first(where: { $0.id == id }) else { return nil }
        var latest: [JSON] = []
        try journal.history(Journal.Filter(issue: id, limit: 10)) { record, _ in
            latest.append(HistoryEntry(record, tries: nil).json)
        }
        return .object([
            "issue": .string(issue.id), "title": .string(issue.title),
            "milestones": .array(
                issue.milestones.map { milestone in
                    .object([
                        "milestone": .string(milestone.name),
                        "deadline": milestone.deadline.map { .string("\($0.instant)") },
                        "state": .string(milestone.state.rawValue),
                        "why": .string(standing(of: milestone, issue)),
                        "channels": .array(
                            milestone.channels.map { index in
                                outlook(of: milestone, issue, engine.agenda.channels[index], index)
                            }),
                    ])
                }),
            "deliveries": .array(latest),
        ])
    }

    private func standing(of milestone: Milestone, _ issue: SpecialIssue) -> String {
        let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
        if let mark = issue.mark(ofDone: milestone, in: engine.marks) {
            return "done since \(mark.since): no reminders ('deadlined undo \(issue.id)')"
        }
        switch milestone.state {
        case .tba: return "no reminders: its date is yet to come"
        case .rolling: return "no reminders: it has no date"
        case .done: return "no reminders: its file says that it is done"
        case .withdrawn: return "no reminders: its file says that it was withdrawn"
        case .open: break
        }
        if milestone.channels.isEmpty { return "no reminders: no channel hears of it" }
        if let until = engine.mark(of: key)?.snoozedUntil {
            return "snoozed until \(until): what falls due before waits ('deadlined undo \(issue.id)')"
        }
        guard let deadline = milestone.deadline else { return "no reminders: it has no date" }
        if deadline.instant <= now { return "its deadline has passed" }
        let previous = engine.sighting(of: key)?.previous.map { ", moved from \($0)" } ?? ""
        return "its deadline is in \(English().duration(deadline.instant - now))\(previous)"
    }

    private func outlook(
        of milestone: Milestone, _ issue: SpecialIssue, _ channel: Channel, _ index: Int
    ) -> JSON {
        let next = engine.agenda.reminders(of: milestone, to: index).first { $0.due > now }
        let state = self.channel(channel)
        let trouble: String? =
            switch state.state {
            case _ where Audit(engine, now: now).findings.contains(.journalFailing):
                "nothing is sent while the journal cannot be written ('journalctl -u deadlined')"
            case "disabled":
                "the channel is disabled: \(state.reason ?? "") ('deadlined resume \(channel.name)')"
            case "muted":
                "the channel is muted\(state.until.map { " until \($0)" } ?? "") ('deadlined resume \(channel.name)')"
            case "paused": "the channel waits until \(state.until.map { "\($0)" } ?? "later")"
            default: nil
            }
        let silence = milestone.reminded == nil ? nil : "no reminder is left in its schedule"
        return .object([
            "channel": .string(channel.name), "next": next.map { .string("\($0.due)") },
            "reminder": next.map { .string($0.rule.canonical) },
            "why": (trouble ?? (next == nil ? silence : nil)).map(JSON.string),
        ])
    }

    /// The story of a delivery; nil where there is none of that number.
    func why(delivery number: Int64) throws(JournalFault) -> JSON? {
        var answer: JSON?
        try journal.history(Journal.Filter(number: number)) { record, attempts in
            answer = .object([
                "delivery": HistoryEntry(record, tries: attempts).json,
                "story": .array(DeliveryStory(record, attempts, engine, now).sentences.map(JSON.string)),
            ])
        }
        return answer
    }
}

extension DestinationRecord {
    /// How a channel is, in the words of `ChannelState`, and until when, where that has an end.
    package func state(at now: Instant) -> (name: String, until: Instant?) {
        if disabled != nil { return ("disabled", nil) }
        if let until = mutedUntil, until > now { return ("muted", until == .distantFuture ? nil : until) }
        if let until = pausedUntil, until > now { return ("paused", until) }
        return ("ok", nil)
    }
}

/// A delivery's life in sentences.
struct DeliveryStory {
    private(set) var sentences: [String] = []

    init(_ record: Journal.Record, _ attempts: [Attempt], _ engine: Engine, _ now: Instant) {
        let delivery = record.delivery
        let identity = delivery.identity
        sentences.append(origin(delivery))
        let late = delivery.added - delivery.due
        // What was tried before was brought back; when it was first found, the journal knows no more.
        let isBack = delivery.edition > 0 || attempts.contains { $0.started < delivery.added }
        if !isBack {
            sentences.append(
                late > .seconds(10)
                    ? "It was found due \(English().duration(late)) later, at \(delivery.added): the service was down, its file came later, or it was held until then."
                    : "It was recorded as owed at \(delivery.added).")
        }
        for attempt in attempts {
            let reason = attempt.reason.isEmpty ? "" : ": \(Text.singleLine(attempt.reason))"
            sentences.append(
                "Attempt \(attempt.number) began at \(attempt.started): \(attempt.verdict)\(reason).")
        }
        if isBack {
            sentences.append(
                delivery.edition > 0
                    ? "Somebody wanted it sent once more at \(delivery.added)."
                    : "It was brought back at \(delivery.added), by 'deadlined resend' or 'resume', the end of a mute, or a clock that was set right."
            )
        }
        if delivery.isPossibleRepeat {
            sentences.append(
                attempts.contains { $0.verdict == "unknown" }
                    ? "An attempt may have arrived without our knowing: later ones say so."
                    : "An earlier attempt has arrived, or may have: later ones say so.")
        }
        if delivery.isPlain {
            sentences.append("The service refused its form, so it went out as plain text.")
        }
        sentences.append(outcome(delivery.state, identity))
    }

    private func origin(_ delivery: Delivery) -> String {
        let identity = delivery.identity
        switch delivery.kind {
        case .reminder:
            return
                "The rule '\(identity.reminder)' of \(identity.issue) \(identity.milestone), whose deadline was \(identity.deadline), made it due at \(delivery.due)."
        case .moved(let from): return "The deadline moved from \(from) to \(identity.deadline)."
        case .passed: return "The deadline \(identity.deadline) passed while reminders of it were owed."
        case .confirm(let checked): return "Nobody has confirmed the date since \(checked)."
        case .digest(let since):
            return "The channel's digest of what came after \(since) was due at \(delivery.due)."
        case .test: return "Somebody wanted a test of the channel at \(delivery.due)."
        case .alert(let alert): return "The service had something to tell: \(alert.text)"
        }
    }

    private func outcome(_ state: Delivery.State, _ identity: DeliveryIdentity) -> String {
        switch state {
        case .owed: "It waits for its turn."
        case .sending(let since): "An attempt is under way since \(since)."
        case .waiting(let until, let reason): "It is tried again at \(until): \(reason)."
        case .unknown(let until, let reason):
            "It may have arrived, and is tried again at \(until): \(reason)."
        case .held(.unknown, let reason):
            "It is held, because it may have arrived (on_unknown: hold): \(reason). 'deadlined resend' sends it once more."
        case .held(.snoozed, let reason): "It is \(reason): 'deadlined undo \(identity.issue)' ends that."
        case .held(_, let reason): "It is held: \(reason). 'deadlined resume \(identity.channel)' ends that."
        case .delivered: "The service took it."
        case .superseded: "A fresher message of the same milestone took its place."
        case .expired(let reason): "It failed for so long that its news was stale: \(reason)."
        case .refused(let reason): "The service said that it can never succeed: \(reason)."
        case .cancelled(let reason): "It is not sent: \(reason)."
        }
    }
}

/// The configuration as it was last read.
struct ConfigurationStatus: Sendable {
    var path: String
    var started: Instant
    var zoneData: String?
    /// When it was last read.
    var read: Instant
    /// As a compiler prints them, without excerpts.
    var errors: [String] = []
    var warningCount = 0
    var kept: [Configuration.KeptFile] = []
    /// The last reading was refused whole.
    var isRefused = false
    /// Why there is no page although one is configured.
    var pageFault: String?

    var json: JSON {
        .object([
            "path": .string(path), "read": .string("\(read)"), "refused": .bool(isRefused),
            "errors": .array(errors.map(JSON.string)),
            "kept": .array(kept.map(\.json)),
        ])
    }
}
