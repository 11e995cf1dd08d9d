import Engine
import Foundation
import Journal
import Messages
import Schedule

/// A delivery as listings have it: a row of the journal, or what the running service says of one.
package struct HistoryEntry: Sendable {
    package let issue: String
    package let milestone: String
    package let deadline: Instant
    package let reminder: String
    package let channel: String
    package let due: Instant
    package let state: String
    package let attempts: Int
    package let updated: Instant
    /// What people call it by.
    package let number: Int64
    package let reason: String?
    /// When the next attempt may begin, where one waits.
    package let next: Instant?
    package let isPossibleRepeat: Bool
    package let tries: [Try]?

    package struct Try: Sendable {
        package let number: Int
        package let started: Instant
        package let ended: Instant
        package let verdict: String
        package let status: Int?
        package let reason: String?
    }

    package init(_ record: Journal.Record, tries: [Attempt]?) {
        let (delivery, identity) = (record.delivery, record.delivery.identity)
        issue = identity.issue
        milestone = identity.milestone
        deadline = identity.deadline
        reminder = identity.reminder
        channel = identity.channel
        due = delivery.due
        state = delivery.state.name
        attempts = delivery.attempts
        updated = record.updated
        number = record.number
        reason = delivery.state.reason
        next = delivery.state.next
        isPossibleRepeat = delivery.isPossibleRepeat
        self.tries = tries?.map(Try.init)
    }

    package var json: JSON {
        .object([
            "issue": .string(issue), "milestone": .string(milestone), "deadline": .string("\(deadline)"),
            "reminder": .string(reminder), "channel": .string(channel), "due": .string("\(due)"),
            "state": .string(state), "attempts": .number(Int64(attempts)), "updated": .string("\(updated)"),
            "delivery": .number(number), "reason": reason.map(JSON.string),
            "next": next.map { .string("\($0)") }, "possible_repeat": isPossibleRepeat ? true : nil,
            "tries": tries.map { .array($0.map(\.json)) },
        ])
    }

    /// Reads what `json` writes; nil where it is something else.
    package init?(line: some DataProtocol) {
        guard let raw = try? JSONDecoder().decode(Raw.self, from: Data(line)),
            let deadline = try? Instant(rfc3339: raw.deadline), let due = try? Instant(rfc3339: raw.due),
            let updated = try? Instant(rfc3339: raw.updated)
        else { return nil }
        issue = raw.issue
        milestone = raw.milestone
        self.deadline = deadline
        reminder = raw.reminder
        channel = raw.channel
        self.due = due
        state = raw.state
        attempts = raw.attempts
        self.updated = updated
        number = raw.delivery
        reason = raw.reason
        next = raw.next.flatMap { try? Instant(rfc3339: $0) }
        isPossibleRepeat = raw.isPossibleRepeat ?? false
        tries = raw.tries?.compactMap(Try.init)
    }

    private struct Raw: Decodable {
        let issue, milestone, deadline, reminder, channel, due, state, updated: String
        let attempts: Int
        let delivery: Int64
        let reason, next: String?
        let isPossibleRepeat: Bool?
        let tries: [RawTry]?

        enum CodingKeys: String, CodingKey {
            case issue, milestone, deadline, reminder, channel, due, state, updated, attempts, delivery,
                reason, next, tries
            case isPossibleRepeat = "possible_repeat"
        }
    }

    fileprivate struct RawTry: Decodable {
        let number: Int
        let started, ended, verdict: String
        let took: Int64?
        let status: Int?
        let reason: String?

        enum CodingKeys: String, CodingKey {
            case number, started, ended, verdict, status, reason
            case took = "took_ms"
        }
    }
}

extension HistoryEntry.Try {
    fileprivate init(_ attempt: Attempt) {
        number = attempt.number
        started = attempt.started
        ended = attempt.ended
        verdict = attempt.verdict
        status = attempt.status
        reason = attempt.reason.isEmpty ? nil : attempt.reason
    }

    fileprivate init?(_ raw: HistoryEntry.RawTry) {
        guard let started = try? Instant(rfc3339: raw.started), let ended = try? Instant(rfc3339: raw.ended)
        else { return nil }
        number = raw.number
        // Of two whole seconds and the time between, instants that give all three again. (No attempt takes a day.)
        let took = Span.milliseconds(min(max(raw.took ?? 0, 0), 86_400_000))
        self.ended = max(ended, started + took)
        self.started = raw.took == nil ? started : self.ended - took
        verdict = raw.verdict
        status = raw.status
        reason = raw.reason
    }

    fileprivate var json: JSON {
        .object([
            "number": .number(Int64(number)), "started": .string("\(started)"), "ended": .string("\(ended)"),
            "took_ms": .number((ended - started).milliseconds), "verdict": .string(verdict),
            "status": status.map { .number(Int64($0)) },
            "reason": reason.map(JSON.string),
        ])
    }
}
