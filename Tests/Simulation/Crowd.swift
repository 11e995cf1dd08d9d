import Foundation
import Schedule
import Synchronization

/// Many worlds on every core, one after the other until one breaks a promise.
package final class Crowd: Sendable {
    package struct Broken: Sendable {
        package let seed: UInt64
        package let violations: [String]
    }

    private let first: UInt64
    private let count: UInt64
    private let zones: [Zone]
    private let days: Int
    private let state = Mutex(State())

    private struct State {
        var begun: UInt64 = 0
        var tally = World.Tally()
        var broken: Broken?
    }

    /// - Parameter days: see `World`.
    package init(first: UInt64, count: UInt64, zones: [Zone], days: Int) {
        self.days = days
        self.first = first
        self.count = count
        self.zones = zones
    }

    /// Runs them all and waits.
    package func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> (
        tally: World.Tally, broken: Broken?
    ) {
        let group = DispatchGroup()
        for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
            group.enter()
            let thread = Thread { [self] in
                // Whoever else runs now has a clock to keep.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
                while let seed = next() { live(seed, progress) }
                group.leave()
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        group.wait()
        return state.withLock { ($0.tally, $0.broken) }
    }

    private func next() -> UInt64? {
        state.withLock { state in
            guard state.begun < count, state.broken == nil else { return nil }
            state.begun += 1
            return first &+ (state.begun - 1)
        }
    }

    private func live(_ seed: UInt64, _ progress: (Int) -> Void) {
        var world = World(seed: seed, zones: zones, days: days)
        world.run()
        let (tally, violations) = (world.tally, world.violations)
        let done = state.withLock { state in
            state.tally.add(tally)
            if !violations.isEmpty {
                state.broken = state.broken ?? Broken(seed: seed, violations: violations)
            }
            return state.tally.worlds
        }
        progress(done)
    }
}
