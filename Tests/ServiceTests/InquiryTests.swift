import Engine
import Schedule
import Service
import Testing

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
