import Configuration
import Glibc
import Schedule
import Simulation
import Synchronization

/// Runs many worlds, on every core, and says what they were made of; stops at the first that breaks a promise:
///
///     swift run -c release simulate [WORLDS] [FIRST_SEED]
///     swift run -c release simulate log SEED
@main
enum Simulate {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        if CommandLine.arguments.dropFirst().first == "log", let seed = arguments.first {
            var world = World(seed: seed, zones: try zones())
            world.log = { print($0) }
            world.run()
            for violation in world.violations { print("broken: \(violation)") }
            return
        }
        let count = arguments.first ?? 100_000
        let first = arguments.count > 1 ? arguments[arguments.startIndex + 1] : UInt64.random(in: 0..<1 << 62)
        print("\(count) worlds from seed \(first)")
        let zones = try Simulate.zones()
        let next = Mutex(UInt64(0))
        let total = Mutex(World.Tally())
        let failure = Mutex<(seed: UInt64, violations: [String])?>(nil)
        let threads = (0..<sysconf(Int32(_SC_NPROCESSORS_ONLN))).map { _ in
            Thread {
                while failure.withLock({ $0 == nil }) {
                    let number = next.withLock { number in
                        number += 1
                        return number - 1
                    }
                    guard number < count else { return }
                    var world = World(seed: first &+ number, zones: zones)
                    world.run()
                    if !world.violations.isEmpty {
                        failure.withLock { $0 = $0 ?? (first &+ number, world.violations) }
                    }
                    let tally = world.tally
                    let done = total.withLock { total in
                        total.add(tally)
                        return total.worlds
                    }
                    if done % 1000 == 0, isatty(STDERR_FILENO) == 1 {
                        let text = Array("\r\(done) worlds".utf8)
                        _ = write(STDERR_FILENO, text, text.count)
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        if let (seed, violations) = failure.withLock({ $0 }) {
            for violation in violations.prefix(5) { print(violation) }
            print("again, with all that happened: simulate log \(seed)")
            exit(1)
        }
        let tally = total.withLock { $0 }
        print(
            "\(Int(tally.days / 365.25)) simulated years, \(tally.events) events, \(tally.sent) requests, \(tally.delivered) delivered"
        )
        for (fault, count) in tally.faults.sorted(by: { $0.value > $1.value }) { print("\(count)\t\(fault)") }
    }

    static func zones() throws -> [Zone] {
        var database = FileSystem.system.zones()
        return try ["Europe/Zurich", "Asia/Seoul", "America/New_York", "AoE"].map { try database.zone($0) }
    }
}

/// A thread of one's own: the worlds share nothing.
private final class Thread: Sendable {
    private let handle: Mutex<pthread_t>

    init(_ body: @escaping @Sendable () -> Void) {
        let boxed = Unmanaged.passRetained(Box(body))
        var handle = pthread_t()
        pthread_create(
            &handle, nil,
            { context in
                if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, boxed.toOpaque())
        self.handle = Mutex(handle)
    }

    func join() { pthread_join(handle.withLock { $0 }, nil) }

    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
