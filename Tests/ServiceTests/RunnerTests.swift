import Configuration
import Engine
import Foundation
import HTTPServer
import Journal
import Messages
import Schedule
import Service
import Synchronization
import Testing
import Transport

/// What a receiver on loopback got.
final class Inbox: Sendable {
    let requests = Mutex<[HTTPServer.Request]>([])
}

@Suite("From a due instant to a receiver")
struct RunnerTests {
    @Test("a rehearsal sends every reminder once, in order, through the journal and libcurl")
    func rehearsal() async throws {
        let inbox = Inbox()
        let server = try HTTPServer(.loopback(port: 0)) { request, respond in
            inbox.requests.withLock { $0.append(request) }
            respond(HTTPServer.Response(status: 204))
        }
        let port = try #require(server.port)

        var values = SettingValues()
        values.secrets = ["url": [Secret("http://127.0.0.1:\(port)/hook")]]
        let channel = Channel(
            name: "lab", service: try Webhook(values), audience: Audience(zone: .utc, at: .nine),
            allowsPlainHTTP: true, allowedNetworks: Network.loopback)
        let deadline = try #require(Deadline(try DeadlineValue("2025-08-20"), zone: .utc))
        let agenda = Agenda(
            issues: [
                SpecialIssue(
                    id: "a", title: "A",
                    milestones: [
                        Milestone(
                            name: "submission", written: "2025-08-20", deadline: deadline, schedule: 0,
                            channels: [0])
                    ])
            ],
            schedules: [
                Schedule(
                    name: "s", rules: try ["7d", "every 1h from 24h", "1d after"].flatMap(ReminderRule.parse))
            ],
            channels: [channel])
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "runner-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let start = try Instant(rfc3339: "2025-08-01T00:00:00Z")
        let journal = try Journal(path: directory.appendingPathComponent("journal.db").path)
        let transport = Transport(userAgent: Product.userAgent)
        await withCheckedContinuation { continuation in
            var observer = Runner.Observer()
            observer.stopped = { continuation.resume() }
            let runner = Runner(
                journal: journal, transport: transport, pace: .rehearsal(from: start), observer: observer)
            runner.post(.started(agenda, Memory(settled: start)))
        }
        transport.stop()
        server.stop()

        struct Body: Decodable {
            struct Content: Decodable { let reminder: String; let due: String }
            let type: String
            let data: Content
        }
        let requests = inbox.requests.withLock { $0 }
        let bodies = try requests.map { try JSONDecoder().decode(Body.self, from: Data($0.body)) }
        #expect(bodies.map(\.data.reminder) == ["7d"] + (1...24).reversed().map { "\($0)h" } + ["1d after"])
        #expect(bodies.map(\.data.due) == bodies.map(\.data.due).sorted())
        #expect(Set(requests.compactMap { $0.headers["webhook-id"] }).count == 26)
        #expect(requests.allSatisfy { $0.headers["user-agent"] == "deadlined/\(Product.version)" })
        var rows: [Delivery] = []
        try journal.history(Journal.Filter()) { record, _ in rows.append(record.delivery) }
        #expect(rows.count == 26)
        #expect(rows.allSatisfy { $0.state == .delivered && $0.attempts == 1 })
    }
}

@Suite("The service manager")
struct ServiceManagerTests {
    /// A socket as a service manager has it; `@` begins an abstract name.
    private func receiver(at path: String) throws -> Int32 {
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: Array(path.utf8))
            if path.hasPrefix("@") { bytes[0] = 0 }
        }
        let length = socklen_t(2 + path.utf8.count)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(receiver, $0, length) }
        }
        try #require(bound == 0)
        return receiver
    }

    @Test(
        "messages go to the socket that the environment names, abstract ones too", arguments: [true, false])
    func messages(isAbstract: Bool) throws {
        let name = "deadlined-test-\(UUID().uuidString)"
        let path = isAbstract ? "@\(name)" : "/tmp/\(name)"
        let receiver = try receiver(at: path)
        defer { close(receiver) }
        let manager = ServiceManager(environment: {
            ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"][$0]
        })
        #expect(manager.watchdogInterval == 30_000_000)
        manager.ready(status: "Started")
        manager.reloading()
        var buffer = [UInt8](repeating: 0, count: 512)
        let first = recv(receiver, &buffer, buffer.count, 0)
        #expect(String(decoding: buffer.prefix(max(0, first)), as: UTF8.self) == "READY=1\nSTATUS=Started")
        let second = recv(receiver, &buffer, buffer.count, 0)
        #expect(
            String(decoding: buffer.prefix(max(0, second)), as: UTF8.self).hasPrefix(
                "RELOADING=1\nMONOTONIC_USEC="))
        unlink(path)
    }

    @Test("a service manager that reads no more holds up nobody")
    func silentManager() throws {
        let path = NSTemporaryDirectory() + "notify-\(UUID().uuidString)"
        defer { unlink(path) }
        let receiver = try receiver(at: path)
        defer { close(receiver) }
        let limit = try String(contentsOfFile: "/proc/sys/net/unix/max_dgram_qlen", encoding: .utf8)
        let queue = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
        let manager = ServiceManager(environment: { ["NOTIFY_SOCKET": path][$0] })
        for _ in 0..<queue + 3 { manager.ping() }
    }

    @Test("a watchdog of another process is not ours, and other kinds of socket are not spoken to")
    func foreign() {
        let manager = ServiceManager(environment: {
            ["NOTIFY_SOCKET": "vsock:2:1", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"][$0]
        })
        #expect(!manager.isListening)
        #expect(manager.watchdogInterval == nil)
    }
}

@Suite("The state directory")
struct StateDirectoryTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(
        "state-\(UUID().uuidString)"
    ).path

    @Test(
        "what root makes in somebody else's directory is theirs, with SQLite's files",
        .enabled(if: geteuid() == 0))
    func ofOwner() throws {
        try StateDirectory.make(path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try !StateDirectory.makeForOwner("root", in: path))
        try #require(chown(path, 65_534, 65_534) == 0)
        #expect(try StateDirectory.makeForOwner(Journal.fileName, in: path))
        #expect(try !StateDirectory.makeForOwner(Journal.fileName, in: path))
        let journal = try Journal(path: "\(path)/\(Journal.fileName)")
        _ = try journal.commit([.settled(Instant(seconds: 1))], at: .now)
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            try #require(stat("\(path)/\(Journal.fileName)\(suffix)", &status) == 0)
            #expect(
                status.st_uid == 65_534 && status.st_gid == 65_534 && status.st_mode & 0o077 == 0, "\(suffix)"
            )
        }
    }

    @Test("a second service is refused while the first one lives, and whoever asks learns of it")
    func lock() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(StateDirectory.isLocked(path) == false)
        do {
            let first = try StateDirectory(path: path)
            #expect(StateDirectory.isLocked(path) == true)
            let failure = #expect(throws: Failure.self) { try StateDirectory(path: path) }
            #expect(failure?.code == .unavailable)
            // Neither of them has loosened it.
            #expect(StateDirectory.isLocked(first.path) == true)
        }
        #expect(StateDirectory.isLocked(path) == false)
        _ = try StateDirectory(path: path)
    }

    @Test("nor does a second one start once the file is removed that earlier versions lock")
    func removed() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try StateDirectory(path: path)
        try FileManager.default.removeItem(atPath: "\(path)/lock")
        #expect(StateDirectory.isLocked(path) == true)
        let failure = #expect(throws: Failure.self) { try StateDirectory(path: path) }
        #expect(failure?.code == .unavailable)
        withExtendedLifetime(first) {}
    }

    @Test("a service of an earlier version, which locks a file alone, keeps others out, and is kept out")
    func earlier() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let setLock: Int32 = 37
        var wanted = flock()
        wanted.l_type = Int16(F_WRLCK)
        try StateDirectory.make(path)
        let file = open("\(path)/lock", O_RDWR | O_CREAT, 0o600)
        #expect(fcntl(file, setLock, &wanted) == 0)
        #expect(StateDirectory.isLocked(path) == true)
        let failure = #expect(throws: Failure.self) { try StateDirectory(path: path) }
        #expect(failure?.code == .unavailable)
        close(file)
        let state = try StateDirectory(path: path)
        let again = open("\(path)/lock", O_RDWR)
        defer { close(again) }
        #expect(fcntl(again, setLock, &wanted) == -1)
        withExtendedLifetime(state) {}
    }

    @Test("asking whether a service runs stands in no service's way, however often it is done")
    func asking() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try StateDirectory(path: path)
        let (path, isOver) = (path, Flag())
        let (isAsking, hasEnded) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        // On a thread of its own: the tests have as many as there are processors, and would wait where that is one.
        Thread.detachNewThread {
            while !isOver.isSet {
                _ = StateDirectory.isLocked(path)
                isAsking.signal()
            }
            hasEnded.signal()
        }
        isAsking.wait()
        // A process that another test makes shares the lock until it executes its program: hence a second and a third try.
        let starts = Result {
            for _ in 0..<20_000 where (try? StateDirectory(path: path)) == nil {
                if (try? StateDirectory(path: path)) == nil { _ = try StateDirectory(path: path) }
            }
        }
        isOver.set()
        hasEnded.wait()
        try starts.get()
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }
}
