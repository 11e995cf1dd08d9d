import Configuration
import Engine
import Glibc
import Schedule
import Service

/// Two measurements of the daemon's own code; build with `-c release`.
///
///     bench load DIRECTORY      reads a configuration, checks it and arms the engine (see load.sh)
///     bench plan                plans a year for 1,000, 10,000 and 100,000 milestones, beside mktime(3)
@main
enum Bench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("load", 2): load(arguments[2])
        case ("plan", 1): try planYear()
        default:
            print("usage: bench load DIRECTORY | bench plan")
            exit(64)
        }
    }

    private static func load(_ directory: String) {
        let begin = cpu()
        let now = Instant.now
        let reading = Configuration.read(path: directory, files: .system, now: now)
        guard let configuration = reading.configuration else {
            for diagnostic in reading.diagnostics.prefix(10) { print(diagnostic) }
            exit(78)
        }
        let read = cpu()
        var engine = Engine(seed: 1)
        let effects = engine.handle(.started(configuration.agenda, Memory()), now: now)
        let armed = cpu()
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print(
            """
            \(reading.issueCount) special issues, next reminder \(engine.next.map { "\($0)" } ?? "none")
            read and checked  \(milliseconds(read - begin)) ms CPU
            scheduled, armed  \(milliseconds(armed - read)) ms CPU, \(effects.count) effects
            in all            \(milliseconds(armed - begin)) ms CPU, peak \(usage.ru_maxrss / 1024) MB
            """)
        // What follows would be freeing memory that the system takes back at once.
        exit(0)
    }

    /// CPU seconds of this process so far.
    static func cpu() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
}
