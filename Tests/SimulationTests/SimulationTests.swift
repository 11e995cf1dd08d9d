import Configuration
import Dispatch
import Foundation
import Schedule
import Simulation
import Synchronization
import Testing

@Suite("In every simulated world")
struct SimulationTests {
    @Test("nothing is lost, early, late, sent twice unmarked, or sent after its deadline moved")
    func worlds() throws {
        var database = FileSystem.system.zones()
        let zones = try ["Europe/Zurich", "Asia/Seoul", "America/New_York", "AoE"].map {
            try database.zone($0)
        }
        let wanted = ProcessInfo.processInfo.environment["DEADLINED_SEED"].flatMap { UInt64($0) }
        let first = wanted ?? UInt64.random(in: 0..<1 << 62)
        let violations = Mutex<[String]>([])
        let sent = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: wanted == nil ? 1500 : 1) { number in
            var world = World(seed: first &+ UInt64(number), zones: zones)
            world.run()
            let found = world.violations.map { "\($0) (DEADLINED_SEED=\(first &+ UInt64(number)))" }
            violations.withLock { $0 += found }
            let requests = world.tally.sent
            sent.withLock { $0 += requests }
        }
        #expect(violations.withLock { $0 }.prefix(3) == [])
        #expect(sent.withLock { $0 } > 0)
    }
}
