import Configuration
import Glibc
import Schedule
import Simulation

/// Runs many worlds, on every core, and says what they were made of; stops at the first that breaks a promise:
///
///     swift run -c release simulate [WORLDS] [FIRST_SEED] [DAYS]
///     swift run -c release simulate log SEED [DAYS]
///
/// A world has troubles for 60 days at most, or for as many as are asked for: one seed gives one world of that length.
@main
enum Simulate {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.compactMap { UInt64($0) }
        var database = FileSystem.system.zones()
        let zones = try World.zoneNames.map { try database.zone($0) }
        let days = max(
            4, numbers.dropFirst(arguments.first == "log" ? 1 : 2).first.map { Int(min($0, 10_000)) } ?? 60)
        if arguments.first == "log", let seed = numbers.first {
            var world = World(seed: seed, zones: zones, days: days)
            world.log = { print($0) }
            world.run()
            for violation in world.violations { print("broken: \(violation)") }
            return
        }
        let count = numbers.first ?? 100_000
        let first = numbers.dropFirst().first ?? UInt64.random(in: 0..<1 << 62)
        print("\(count) worlds from seed \(first)")
        let isTerminal = isatty(STDERR_FILENO) == 1
        let (tally, broken) = Crowd(first: first, count: count, zones: zones, days: days).run { done in
            guard isTerminal, done % 1000 == 0 else { return }
            let text = Array("\r\(done) worlds".utf8)
            _ = write(STDERR_FILENO, text, text.count)
        }
        if let broken {
            for violation in broken.violations.prefix(5) { print(violation) }
            print("again, with all that happened: simulate log \(broken.seed) \(days)")
            exit(1)
        }
        print(
            "\(Int(tally.days / 365.25)) simulated years, \(tally.events) events, \(tally.sent) requests, "
                + "\(tally.delivered) delivered")
        for (fault, count) in tally.faults.sorted(by: { $0.value > $1.value }) { print("\(count)\t\(fault)") }
    }
}
