import Engine
import Messages
import Schedule
import Testing

@testable import Journal
@testable import Service

@Suite("How a channel is")
struct ChannelStateTests {
    private let now = Instant(seconds: 1_755_000_000)

    @Test("disabled goes before muted, muted before paused, and what has ended is no more")
    func order() {
        var record = DestinationRecord()
        #expect(record.state(at: now) == ("ok", nil))
        record.pausedUntil = now + .hours(1)
        #expect(record.state(at: now) == ("paused", now + .hours(1)))
        record.mutedUntil = now + .hours(2)
        #expect(record.state(at: now) == ("muted", now + .hours(2)))
        #expect(record.state(at: now + .hours(2)) == ("ok", nil))
        record.disabled = DestinationRecord.Disabled(reason: "HTTP 404", since: now)
        #expect(record.state(at: now + .hours(3)) == ("disabled", nil))
    }

    @Test("a mute without an end is muted, and tells none")
    func endless() {
        var record = DestinationRecord()
        record.mutedUntil = .distantFuture
        #expect(record.state(at: now) == ("muted", nil))
    }
}

@Suite("What is told of a delivery's life")
struct DeliveryStoryTests {
    private let due = Instant(seconds: 1_755_000_000)

    private func story(
        added: Instant, edition: Int = 0, attempts: [(at: Instant, verdict: String)],
        isPossibleRepeat: Bool = false
    ) -> [String] {
        let identity = DeliveryIdentity(
            issue: "a", milestone: "submission", deadline: due + .days(7), reminder: "7d", channel: "lab")
        let delivery = Delivery(
            identity: identity, kind: .reminder, due: due, added: added, state: .delivered,
            attempts: attempts.count, isPossibleRepeat: isPossibleRepeat, edition: edition)
        let tried = attempts.enumerated().map { index, attempt in
            Attempt(
                identity: identity, number: index + 1, started: attempt.at, ended: attempt.at,
                verdict: attempt.verdict, status: nil, reason: "")
        }
        return DeliveryStory(
            Journal.Record(number: 1, delivery: delivery, updated: added), tried, Engine(seed: 1), added
        ).sentences
    }

    @Test("one that somebody wanted once more was not found late, and nobody wonders whether it arrived")
    func resent() {
        let again = due + .minutes(17)
        let told = story(
            added: again, edition: 1, attempts: [(due, "delivered"), (again, "delivered")],
            isPossibleRepeat: true)
        #expect(told.contains { $0 == "Somebody wanted it sent once more at \(again)." }, "\(told)")
        #expect(!told.contains { $0.contains("found due") || $0.contains("without our knowing") }, "\(told)")
    }

    @Test("one that was found late says so, and one whose answer was lost, too")
    func late() {
        let late = due + .minutes(17)
        let told = story(
            added: late, attempts: [(late, "unknown"), (late + .minutes(1), "delivered")],
            isPossibleRepeat: true)
        #expect(told.contains { $0.contains("It was found due 17 minutes later") }, "\(told)")
        #expect(told.contains { $0.contains("may have arrived without our knowing") }, "\(told)")
        #expect(
            story(added: due, attempts: [(due, "delivered")]).contains("It was recorded as owed at \(due)."))
    }
}
