import Configuration
import Foundation
import Simulation
import Testing

@Suite("In every simulated world")
struct SimulationTests {
    @Test("nothing is lost, early, sent twice unmarked, or sent after its deadline moved")
    func worlds() async throws {
        var database = FileSystem.system.zones()
        let zones = try World.zoneNames.map { try database.zone($0) }
        let days = 16
        let wanted = ProcessInfo.processInfo.environment["DEADLINED_SEED"].flatMap { UInt64($0) }
        let first = wanted ?? UInt64.random(in: 0..<1 << 62)
        let crowd = Crowd(first: first, count: wanted == nil ? 5000 : 1, zones: zones, days: days)
        let (tally, broken) = await withCheckedContinuation { finished in
            // Waiting here would hold a thread that the other tests need.
            Thread.detachNewThread { finished.resume(returning: crowd.run()) }
        }
        #expect(broken?.violations.prefix(3) ?? [] == [], "simulate log \(broken?.seed ?? 0) \(days)")
        #expect(tally.sent > 0 && tally.faults["kill"] ?? 0 > 0 || wanted != nil)
    }
}
