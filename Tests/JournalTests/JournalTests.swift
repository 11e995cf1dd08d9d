import Engine
import Foundation
import GRDB
import Journal
import Messages
import Schedule
import Testing

@Suite("Journal")
struct JournalTests {
    let directory: URL
    var path: String { directory.appendingPathComponent(Journal.fileName).path }
    let now = Instant(seconds: 1_755_000_000)

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func delivery(
        _ reminder: String, _ state: Delivery.State = .owed, kind: Delivery.Kind = .reminder
    ) -> Delivery {
        Delivery(
            identity: DeliveryIdentity(
                issue: "a", milestone: "submission", deadline: now, reminder: reminder, channel: "lab"),
            kind: kind, due: now - .days(7), added: now, state: state, attempts: 2, isPossibleRepeat: true)
    }

    func deliveries(_ journal: Journal) throws -> [Delivery] {
        var all: [Delivery] = []
        try journal.history(Journal.Filter()) { record, _ in all.append(record.delivery) }
        return all
    }

    @Test("SQLite's log is emptied into the database once it has a thousand pages, and not within a commit")
    func checkpoint() throws {
        let journal = try Journal(path: path)
        /// What stands in the database itself, without its log.
        func inDatabase() throws -> Int {
            let copy = directory.appendingPathComponent("copy.db").path
            try? FileManager.default.removeItem(atPath: copy)
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            var configuration = GRDB.Configuration()
            configuration.readonly = true
            return try DatabaseQueue(path: copy, configuration: configuration).read { db in
                guard try db.tableExists("delivery") else { return 0 }
                return try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM delivery") ?? 0
            }
        }
        func pagesOfLog() throws -> Int {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
            // A header of 32 bytes, and one of 24 before each page.
            return try ((#require(attributes[.size] as? Int)) - 32) / (4096 + 24)
        }
        var added = 0
        while try pagesOfLog() < 1000 {
            #expect(try inDatabase() == 0)
            let changes = (0..<1000).map { Change.add(delivery("\(added + $0)d")) }
            added += changes.count
            #expect(try journal.commit(changes, at: now).isEmpty)
            #expect(try inDatabase() == 0)
            journal.checkpoint()
        }
        #expect(try inDatabase() == added)
    }

    @Test(
        "the last deliveries, and those after one, are told in the order in which they came, as many as are wanted"
    )
    func pages() throws {
        let journal = try Journal(path: path)
        let states: [Delivery.State] = [.owed, .delivered]
        let changes = (1...20).map { Change.add(delivery("\($0)d", states[$0 % 2])) }
        #expect(try journal.commit(changes, at: now).isEmpty)
        func numbers(_ filter: Journal.Filter) throws -> [Int64] {
            var numbers: [Int64] = []
            try journal.history(filter) { record, _ in numbers.append(record.number) }
            return numbers
        }
        #expect(try numbers(Journal.Filter(limit: 3)) == [18, 19, 20])
        #expect(try numbers(Journal.Filter(limit: 8, first: 3)) == [13, 14, 15])
        #expect(try numbers(Journal.Filter(after: 15, first: 3)) == [16, 17, 18])
        #expect(try numbers(Journal.Filter(after: 20, first: 3)) == [])
        #expect(try numbers(Journal.Filter(isOpen: true, limit: 3, first: 2)) == [16, 18])
        #expect(try numbers(Journal.Filter(issue: "a", channel: "lab", after: 3, first: 2)) == [4, 5])
        #expect(try numbers(Journal.Filter(issue: "b", limit: 2)) == [])
    }

    @Test("what is committed is there after the journal is opened again")
    func roundTrip() throws {
        let open = [
            delivery("7d"), delivery("3d", .sending(since: now)),
            delivery("1d", .waiting(until: now + .seconds(30), reason: "HTTP 500")),
            delivery("moved x", kind: .moved(from: now - .days(3))), delivery("passed", kind: .passed),
        ]
        let final: [Delivery] = [
            delivery("0d", .delivered), delivery("2d", .superseded), delivery("4d", .expired(reason: "x")),
            delivery("5d", .refused(reason: "y")), delivery("6d", .cancelled(reason: "z")),
        ]
        let key = MilestoneKey(issue: "a", milestone: "submission")
        do {
            let journal = try Journal(path: path)
            #expect(try journal.remember().settled == nil)
            let changes: [Change] =
                (open + final).map { .add($0) } + [
                    .settled(now), .sighted(key, Sighting(deadline: now, first: now - .days(30))),
                ]
            #expect(try journal.commit(changes, at: now).isEmpty)
        }
        let journal = try Journal(path: path)
        let memory = try journal.remember()
        #expect(memory.settled == now)
        #expect(memory.sightings == [key: Sighting(deadline: now, first: now - .days(30))])
        #expect(Set(memory.open) == Set(open))
        #expect(Set(try deliveries(journal)) == Set(open + final))
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("texts come back as they were, however long, and next to each other")
    func texts() throws {
        let texts =
            ["", "漢\u{301}"]
            + [1022, 1023, 1024, 1025, 3000].map { String(repeating: "ü", count: $0 / 2) }
        let all = texts.enumerated().flatMap { number, text in
            [text, "short"].flatMap { other in
                [
                    Delivery(
                        identity: DeliveryIdentity(
                            issue: text, milestone: other, deadline: now, reminder: "\(number) \(text)",
                            channel: other + text),
                        kind: .reminder, due: now, added: now,
                        state: .waiting(until: now, reason: text), fold: other)
                ]
            }
        }
        do {
            #expect(try Journal(path: path).commit(all.map { .add($0) }, at: now).isEmpty)
        }
        #expect(Set(try deliveries(Journal(path: path))) == Set(all))
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("alerts come back as they were, whatever their facts hold")
    func alerts() throws {
        let fact = "\"{\\ü 漢\n"
        let alerts: [ServiceAlert] = [
            .disabled(channel: fact, reason: fact),
            .gaveUp(channel: fact, delivery: fact, others: 3, reason: fact),
            .readdressed(channel: fact, to: fact), .journalLost(reason: fact, setAsideAs: fact),
            .worded("'lab' was disabled: HTTP 404"), .worded(""), .worded("{\"disabled\":{}}"),
        ]
        let all = alerts.enumerated().map { delivery("alert \($0)", kind: .alert($1)) }
        do {
            #expect(try Journal(path: path).commit(all.map { .add($0) }, at: now).isEmpty)
        }
        let journal = try Journal(path: path)
        #expect(Set(try journal.remember().open) == Set(all))
        #expect(Set(try deliveries(journal)) == Set(all))
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("an alert that an earlier version wrote down, or a later one, is shown as it is")
    func oldAlerts() throws {
        let journal = try Journal(path: path)
        let alert = delivery("alert", kind: .alert(.disabled(channel: "lab", reason: "HTTP 404")))
        #expect(try journal.commit([.add(alert)], at: now).isEmpty)
        for note in ["'lab' is now at -1001: write that in its configuration.", "{\"exploded\":{\"a\":1}}"] {
            try DatabaseQueue(path: path).write { db in
                try db.execute(sql: "UPDATE delivery SET note = ?", arguments: [note])
            }
            #expect(try deliveries(journal).map(\.kind) == [.alert(.worded(note))])
        }
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("the last news of a milestone is what was written last, though the clock went back between")
    func lastNews() throws {
        let journal = try Journal(path: path)
        for (at, state) in [
            (now + .days(30), Delivery.State.cancelled(reason: "it was removed")), (now, .delivered),
        ] {
            var news = delivery("moved \(at)", state, kind: .moved(from: now + .days(100)))
            news = Delivery(identity: news.identity, kind: news.kind, due: at, added: at, state: state)
            _ = try journal.commit([.add(news)], at: at)
        }
        #expect(try journal.remember().beliefs.isEmpty)
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("marks and mutes are there after the journal is opened again, until they are taken back")
    func marks() throws {
        let (done, snoozed, short) = (
            MilestoneKey(issue: "a", milestone: "m"), MilestoneKey(issue: "b", milestone: "m"),
            MilestoneKey(issue: "c", milestone: "m")
        )
        var record = DestinationRecord()
        record.mutedUntil = now + .days(3)
        record.mutedSince = now
        record.deathTold = DeathTold(to: "ops", reason: "HTTP 404")
        let mark = Mark(kind: .done(deadline: now), since: now)
        let span = Mark(kind: .snoozed(until: now, isSpan: true), since: now)
        do {
            let journal = try Journal(path: path)
            let snooze = Mark(kind: .snoozed(until: now), since: now)
            _ = try journal.commit(
                [
                    .marked(done, mark), .marked(snoozed, snooze), .marked(short, span),
                    .destination("lab", record),
                ], at: now)
            _ = try journal.commit([.marked(snoozed, nil)], at: now)
        }
        let memory = try Journal(path: path).remember()
        #expect(memory.marks == [done: mark, short: span])
        #expect(memory.destinations == ["lab": record])
        // Whoever only looks finds them, too.
        let reader = try Journal(reading: path)
        #expect(try reader.marks() == [done: mark, short: span])
        #expect(try reader.tally().destinations.map(\.record) == [record])
    }

    @Test("a clock that jumped is remembered, whatever is settled, until it is believed or set right")
    func jumped() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let jumped = ClockJump(since: .hours(30), booted: now - .days(3), by: .days(365))
        let journal = try Journal(path: path)
        _ = try journal.commit([.settled(now), .jumped(jumped)], at: now)
        _ = try journal.commit([.settled(now + .days(1))], at: now)
        #expect(try journal.remember().jumped == jumped)
        _ = try journal.commit([.jumped(nil)], at: now)
        #expect(try journal.remember().jumped == nil)
    }

    @Test("a doubt of the clock is there until time is settled by one that nobody doubts")
    func doubt() throws {
        let doubt = ClockDoubt(since: .hours(30), booted: now - .days(3))
        let journal = try Journal(path: path)
        _ = try journal.commit([.settled(now), .doubted(doubt)], at: now)
        #expect(try journal.remember().doubt == doubt)
        _ = try journal.commit([.settled(now + .days(1))], at: now)
        let memory = try journal.remember()
        #expect(memory.doubt == nil && memory.settled == now + .days(1))
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("an identity is added once: the second time it is reported and nothing of it changes")
    func knownIdentity() throws {
        let journal = try Journal(path: path)
        _ = try journal.commit([.add(delivery("7d", .delivered))], at: now)
        let again = delivery("7d", .sending(since: now))
        let known = try journal.commit([.add(again), .update(again), .add(delivery("1d"))], at: now)
        #expect(known == [again.identity])
        #expect(try journal.knows(again.identity) && !journal.knows(delivery("3d").identity))
        #expect(try deliveries(journal).first { $0.identity == again.identity }?.state == .delivered)
        #expect(try deliveries(journal).count == 2)
        try? FileManager.default.removeItem(at: directory)
    }

    @Test(
        "what nobody got, and ended before it was due or by a clock that was ahead, is added anew, and then goes its way"
    )
    func endedEarly() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let journal = try Journal(path: path)
        func found(_ reminder: String, _ state: Delivery.State = .owed, mayHaveArrived: Bool = false)
            -> Change
        {
            var delivery = delivery(reminder, state)
            delivery.isPossibleRepeat = mayHaveArrived
            return .add(delivery)
        }
        let done = Delivery.State.cancelled(reason: "it is done")
        let (due, ahead, early) = (now - .days(7), now + .days(300), now - .days(8))
        _ = try journal.commit([found("1d", .superseded), found("2d", done)], at: due)
        _ = try journal.commit(
            [
                found("3d", .superseded), found("4d", .delivered), found("5d", .expired(reason: "503")),
                found("6d", .superseded, mayHaveArrived: true),
            ], at: ahead)
        _ = try journal.commit([found("7d", done), found("8d", .refused(reason: "400"))], at: early)
        let known = try journal.commit((1...8).map { found("\($0)d") }, at: now)
        #expect(known.map(\.reminder) == ["1d", "2d", "4d", "5d", "6d", "8d"])
        #expect(Set(try journal.remember().open.map(\.identity.reminder)) == ["3d", "7d"])
        var sending = delivery("7d", .sending(since: now))
        sending.isPossibleRepeat = false
        _ = try journal.commit([.update(sending)], at: now)
        #expect(try deliveries(journal).first { $0.identity.reminder == "7d" } == sending)
    }

    @Test("it remembers when the last digest came that arrived, or else since when the first would have told")
    func digests() throws {
        let journal = try Journal(path: path)
        func digest(_ day: Int64, _ state: Delivery.State) -> Change {
            let due = now + .days(day)
            return .add(
                Delivery(
                    identity: DeliveryIdentity(
                        issue: "", milestone: "", deadline: due, reminder: "digest", channel: "lab"),
                    kind: .digest(since: due - .days(1)), due: due, added: due, state: state))
        }
        _ = try journal.commit([digest(1, .refused(reason: "no")), digest(2, .owed)], at: now)
        #expect(try journal.remember().digests == ["lab": now])
        _ = try journal.commit([digest(3, .delivered), digest(4, .refused(reason: "no"))], at: now)
        #expect(try journal.remember().digests == ["lab": now + .days(3)])
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("every commit is on disk when it returns")
    func durability() throws {
        let journal = try Journal(path: path)
        _ = try journal.commit([.add(delivery("7d"))], at: now)
        // Another connection sees it, and a copy of the files as a power cut would leave them has it too.
        let copy = directory.appendingPathComponent("copy.db").path
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.copyItem(atPath: path + "-wal", toPath: copy + "-wal")
        #expect(try Journal(path: copy).remember().open == [delivery("7d")])
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("at the end all of it is in its one file, and no log is left that would be mixed with another")
    func wholly() throws {
        let journal = try Journal(path: path)
        let reader = try Journal(reading: path)
        _ = try journal.commit([.add(delivery("7d"))], at: now)
        #expect(try reader.remember().open.count == 1)
        journal.checkpointWholly()
        let copy = directory.appendingPathComponent("copy.db").path
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        #expect(try Journal(path: copy).remember().open == [delivery("7d")])
        #expect(try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int == 0)
        try? FileManager.default.removeItem(at: directory)
    }

    @Test("history finds what is open, also what was over and is wanted once more, and has every attempt")
    func history() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let journal = try Journal(path: path)
        var delivery = delivery("7d")
        func open() throws -> [String] {
            var found: [String] = []
            try journal.history(Journal.Filter(isOpen: true)) { record, tries in
                found.append("\(record.delivery.state.name) \(tries.map(\.reason))")
            }
            return found
        }
        _ = try journal.commit([.add(delivery)], at: now)
        #expect(try open() == ["owed []"])
        delivery.state = .expired(reason: "HTTP 500")
        let attempt = Attempt(
            identity: delivery.identity, number: 1, started: now, ended: now, verdict: "retry", status: 500,
            reason: "HTTP 500")
        _ = try journal.commit([.attempted(attempt), .update(delivery)], at: now)
        #expect(try open() == [])
        // As a later run finds it.
        let later = try Journal(path: path)
        delivery.state = .owed
        _ = try later.commit([.update(delivery)], at: now)
        #expect(try open() == ["owed [\"HTTP 500\"]"])
        #expect(try later.remember().open == [delivery])
        #expect(try later.delivery(1) == delivery)
        #expect(try later.delivery(2) == nil)
    }

    @Test("the attempt that delivered stands with the others, also once the delivery is sent again")
    func delivered() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        var delivery = delivery("7d")
        func tries(_ journal: Journal) throws -> [Attempt] {
            var all: [Attempt] = []
            try journal.history(Journal.Filter()) { _, tries in all += tries }
            return all
        }
        func attempt(_ number: Int, _ verdict: String, _ status: Int?, _ reason: String) -> Attempt {
            let started = now + .minutes(Int64(number))
            return Attempt(
                identity: delivery.identity, number: number, started: started, ended: started + .seconds(1),
                verdict: verdict, status: status, reason: reason)
        }
        var wanted: [Attempt] = []
        for verdict in [(1, "retry", 500, "HTTP 500"), (2, "delivered", 204, ""), (3, "delivered", nil, "")] {
            // Each time as a later run finds it.
            let journal = try Journal(path: path)
            let attempt = attempt(verdict.0, verdict.1, verdict.2, verdict.3)
            wanted.append(attempt)
            delivery.attempts = attempt.number
            delivery.state = .sending(since: attempt.started)
            _ = try journal.commit([.add(delivery)], at: now)
            _ = try journal.commit([.update(delivery)], at: now)
            let isDelivered = attempt.verdict == "delivered"
            delivery.state = isDelivered ? .delivered : .waiting(until: now, reason: attempt.reason)
            let end: [Change] =
                isDelivered
                ? [.delivered(delivery, by: attempt)] : [.attempted(attempt), .update(delivery)]
            _ = try journal.commit(end, at: now)
            #expect(try tries(Journal(reading: path)) == wanted)
            #expect(try journal.delivery(1) == delivery)
            #expect(try journal.remember().open == (isDelivered ? [] : [delivery]))
            delivery.state = .owed
            _ = try journal.commit([.update(delivery)], at: now)
            #expect(try tries(journal) == wanted)
            #expect(try journal.delivery(1) == delivery)
        }
    }

    @Test("a journal may be told to keep some changes only")
    func some() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        _ = try Journal(path: path).commit([.settled(now)], at: now)
        let journal = try Journal(path: path) { if case .add = $0 { true } else { false } }
        _ = try journal.commit([.settled(now + .days(1)), .add(delivery("test", kind: .test))], at: now)
        let memory = try Journal(path: path).remember()
        #expect(memory.settled == now && memory.open == [delivery("test", kind: .test)])
    }
}
