import Engine
import Schedule
import Testing

@Suite("What is to be said of a reminder")
struct StandingTests {
    private func standing(due: Int64, start: Int64? = nil, settled: Int64? = nil, first: Int64? = nil)
        -> Standing
    {
        let deadline = Instant(seconds: 1000)
        let sighting = first.map { Sighting(deadline: deadline, first: Instant(seconds: $0)) }
        return Standing(
            due: Instant(seconds: due), deadline: deadline, start: start.map { Instant(seconds: $0) },
            memory: (settled.map { Instant(seconds: $0) }, sighting), delivery: nil,
            now: Instant(seconds: 500))
    }

    @Test("it is to come, unless its channel hears of later ones only")
    func toCome() {
        #expect(standing(due: 600) == .toCome)
        #expect(standing(due: 600, start: 600) == .toCome)
        #expect(standing(due: 600, start: 700) == .notTold(before: Instant(seconds: 700)))
    }

    @Test("one whose time has come without a trace has a reason")
    func past() {
        #expect(standing(due: 400, first: 450) == .dueBeforeFirstSight(Instant(seconds: 450)))
        #expect(standing(due: 400, settled: 450) == .addedLater)
        #expect(standing(due: 400) == .past)
    }
}
