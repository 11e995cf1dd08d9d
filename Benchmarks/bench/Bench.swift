import Configuration
import Engine
import Glibc
import Schedule
import Service

/// Reads a configuration, checks it, works out its reminders and arms the engine, and prints what each step cost:
///
///     swift run -c release bench DIRECTORY
@main
enum Bench {
    static func main() {
        guard CommandLine.arguments.count == 2 else {
            print("usage: bench DIRECTORY")
            exit(64)
        }
        let begin = cpu()
        let now = Instant.now
        let reading = Configuration.read(path: CommandLine.arguments[1], files: .system, now: now)
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
    private static func cpu() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
}
