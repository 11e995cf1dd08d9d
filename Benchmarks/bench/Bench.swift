import Configuration
import Engine
import Glibc
import Schedule
import Service

/// Measurements of the daemon's own code; build with `-c release`.
///
///     bench load DIRECTORY      reads a configuration, checks it and arms the engine (see load.sh)
///     bench deliver COUNT URL DIRECTORY BODY
///                               delivers COUNT reminders that fall due at one instant (see deliver.sh)
///     bench punctual DIRECTORY  how late reminders are, beside a bare timer; the journal is in DIRECTORY
///     bench plan                plans a year for 1,000, 10,000 and 100,000 milestones, beside mktime(3)
@main
enum Bench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("load", 2): load(arguments[2])
        case ("plan", 1): try planYear()
        case ("deliver", 5):
            try deliver(
                Int(arguments[2]) ?? 20_000, to: arguments[3], in: arguments[4], bodyTo: arguments[5])
        case ("punctual", 2): try punctual(in: arguments[2])
        default:
            print(
                "usage: bench load DIRECTORY | plan | deliver COUNT URL DIRECTORY BODY | punctual DIRECTORY")
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
        print(
            """
            \(reading.issueCount) special issues, next reminder \(engine.next.map { "\($0)" } ?? "none")
            read and checked  \(milliseconds(read - begin)) ms CPU
            scheduled, armed  \(milliseconds(armed - read)) ms CPU, \(effects.count) effects
            in all            \(milliseconds(armed - begin)) ms CPU, peak \(peakMegabytes) MB
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
