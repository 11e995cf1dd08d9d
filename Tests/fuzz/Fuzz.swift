import Glibc

/// Feeds mutated inputs to whatever reads a text from outside, and tells which of them end the process or take longer
/// than a second. A trap takes the daemon down, so there must be no such input.
///
///     fuzz [--runs N] [--seed S] [TARGET...]      N inputs for each target, or for all of them
///     fuzz --seed S --only RUN TARGET             that one input again, in this process
///
/// An input follows from seed, target and number alone: it can be had again without being kept.
@main
enum Fuzz {
    static func main() {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            print("usage: fuzz [--runs N] [--seed S] [--only RUN] [TARGET...]")
            print("targets: \(Target.all.map(\.name).joined(separator: " "))")
            exit(64)
        }
        if let only = options.only {
            again(options, run: only)
        } else if let progress = options.progress {
            work(options, progress)
        } else {
            supervise(options)
        }
    }

    /// Shows an input and runs it here, so that its trap is seen.
    private static func again(_ options: Options, run: Int) {
        for target in options.targets {
            let input = target.input(seed: options.seed, run: run)
            print(Report.parts(input, limit: .max))
            fflush(nil)
            let begin = cpu()
            target.run(input)
            print("\(target.name) took \(Int((cpu() - begin) * 1e6)) us")
        }
    }

    // MARK: The child

    /// Runs one target's inputs from a number on. Before each, its number goes to where the parent finds it.
    private static func work(_ options: Options, _ progress: String) {
        guard let shared = Shared(progress), let target = options.targets.first else { exit(70) }
        var begin = cpu()
        var armed = 0.0
        for run in options.from..<options.runs {
            // An input without an end is one that crashes after a minute of CPU time.
            if begin - armed > 1 || armed == 0 {
                var limit = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: 60, tv_usec: 0))
                setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
                armed = begin
            }
            shared.store(run)
            let input = target.input(seed: options.seed, run: run)
            let made = cpu()
            target.run(input)
            let end = cpu()
            if end - made > 1 {
                print(
                    "SLOW \(target.name) --seed \(options.seed) --only \(run): \(Int((end - made) * 1000)) ms"
                )
                print(Report.parts(input, limit: 600))
                fflush(nil)
            }
            begin = end
        }
    }

    // MARK: The parent

    /// Lets children work, a new one after each crash.
    private static func supervise(_ options: Options) {
        print("seed \(options.seed)")
        fflush(nil)
        var crashes = 0
        for target in options.targets {
            let begin = wall()
            let (runs, crashed) = supervise(target, options)
            crashes += crashed
            print("\(target.name): \(runs) inputs, \(crashed) crashes, \(Int(wall() - begin)) s")
            fflush(nil)
        }
        exit(crashes == 0 ? 0 : 1)
    }

    /// After so many crashes the rest of a target's inputs tells little more.
    private static let crashLimit = 200
    /// So many are shown.
    private static let shownLimit = 20

    private static func supervise(_ target: Target, _ options: Options) -> (runs: Int, crashes: Int) {
        let path = "/tmp/fuzz.\(getpid())"
        defer { unlink(path) }
        guard let shared = Shared(path) else { exit(73) }
        var from = 0
        var crashes = 0
        while from < options.runs, crashes < crashLimit {
            shared.store(from)
            let signal = child([
                "fuzz", "--seed", "\(options.seed)", "--runs", "\(options.runs)", "--from", "\(from)",
                "--progress", path, target.name,
            ])
            guard let signal else { return (options.runs, crashes) }
            let run = shared.load()
            crashes += 1
            from = run + 1
            guard crashes <= shownLimit else { continue }
            print("CRASH \(target.name) --seed \(options.seed) --only \(run): signal \(signal)")
            print(Report.parts(target.input(seed: options.seed, run: run), limit: 600))
            fflush(nil)
        }
        return (from, crashes)
    }

    /// Runs this program again; the signal that ended it, nil for an orderly end.
    private static func child(_ arguments: [String]) -> Int32? {
        var pid: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        // A backtrace takes longer than ten thousand inputs; `--only` shows it.
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        guard posix_spawn(&pid, "/proc/self/exe", nil, nil, words, environ) == 0 else { exit(71) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        if signal == 0, status != 0 { exit(70) }
        return signal == 0 ? nil : signal
    }

    // MARK: Clocks

    /// CPU seconds of this process: what else the machine does makes no input slow.
    static func cpu() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    private static func wall() -> Double { seconds(CLOCK_MONOTONIC) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What the command line says; `--from` and `--progress` are for children.
struct Options {
    var runs = 10_000
    var seed = UInt64.random(in: 0 ... .max)
    var from = 0
    var only: Int?
    var progress: String?
    var targets: [Target] = []

    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let word = rest.popFirst() {
            if let target = Target.all.first(where: { $0.name == word }) {
                targets.append(target)
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch word {
            case "--runs":
                guard let number = Int(value), number > 0 else { return nil }
                runs = number
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            case "--from":
                guard let number = Int(value) else { return nil }
                from = min(max(0, number), runs)
            case "--only":
                guard let number = Int(value) else { return nil }
                only = number
            case "--progress": progress = value
            default: return nil
            }
        }
        if targets.isEmpty { targets = Target.all }
    }
}

/// A number in a mapped file: it outlives whoever wrote it, and writing it is no system call.
struct Shared {
    private let number: UnsafeMutablePointer<Int>

    init?(_ path: String) {
        let size = MemoryLayout<Int>.size
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, size) == 0 else { return nil }
        defer { close(file) }
        guard let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            address != MAP_FAILED
        else { return nil }
        number = address.bindMemory(to: Int.self, capacity: 1)
    }

    func store(_ value: Int) { number.pointee = value }
    func load() -> Int { number.pointee }
}

/// How an input is shown.
enum Report {
    /// Each part as hexadecimal digits, and as text where it is some.
    static func parts(_ input: [[UInt8]], limit: Int) -> String {
        input.enumerated().map { index, part in
            let shown = part.prefix(limit)
            let hex = shown.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let text = String(decoding: shown, as: UTF8.self).debugDescription
            return "  part \(index), \(part.count) bytes: \(hex)\n    \(text)"
        }.joined(separator: "\n")
    }
}
