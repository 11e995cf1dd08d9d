import Engine
import Messages
import Schedule
import Testing

import struct Simulation.Silent

@Suite("Digests, questions, and channels that hear only of the last days")
struct DigestTests {
    @Test("a digest comes at its hours and tells what comes, what moved and what passed since the last one")
    func digest() throws {
        var world = World()
        let lab = channel("lab", digest: try digests("mon at 09:00", ahead: 10))
        var before = plan(3, rules: [], lab)
        func deadline(_ text: String) throws -> Milestone {
            Milestone(
                name: Milestone.submission, written: "",
                deadline: Deadline(try DeadlineValue(text), zone: .utc),
                schedule: 0, channels: [0])
        }
        before.issues[0].milestones = [try deadline("2025-08-08")]
        before.issues[1].milestones = [try deadline("2025-08-20")]
        before.issues[2].milestones = [try deadline("2025-08-15")]
        world.start(before, "2025-08-01T00:00:00Z")
        #expect(world.wake == instant("2025-08-04T09:00:00Z"))
        world.handle(.time, "2025-08-04T09:00:00Z")
        let first = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-04T09:00:00Z")))
        #expect(first.digest?.coming.map(\.issue.id) == ["i0"] && first.digest?.moved.isEmpty == true)
        world.answer(.delivered, "2025-08-04T09:00:01Z")
        before.issues[2].milestones = [try deadline("2025-08-19")]
        world.handle(.reloaded(before), "2025-08-06T00:00:00Z")
        world.answer(.delivered, "2025-08-06T00:00:01Z")
        world.handle(.time, "2025-08-11T09:00:00Z")
        let second = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-11T09:00:00Z")))
        #expect(second.digest?.coming.map(\.issue.id) == ["i2", "i1"])
        #expect(second.digest?.moved.map(\.issue.id) == ["i2"])
        #expect(second.digest?.passed.map(\.issue.id) == ["i0"])
        #expect(second.title == "2 to come until Thursday 21 August 2025, 1 moved, 1 passed")
    }

    @Test("of digests that a downtime has left, one is sent, and it tells of all that time")
    func missedDigests() throws {
        var world = World()
        let plan = plan(1, rules: [], channel("lab", digest: try digests("day at 09:00")))
        world.start(plan, "2025-08-01T10:00:00Z")
        world.crash()
        world.start(plan, "2025-08-04T12:00:00Z")
        #expect(world.sent.count == 1 && world.sent[0].due == instant("2025-08-04T09:00:00Z"))
        #expect(world.sent[0].kind == .digest(since: instant("2025-08-01T09:00:00Z")))
        #expect(world.wake == instant("2025-08-05T09:00:00Z"))
    }

    @Test("a digest that somebody asks for during a downtime is not owed for that time")
    func newDigest() throws {
        var world = World()
        world.start(plan(1, rules: [], channel("lab")), "2025-08-01T10:00:00Z")
        world.crash()
        world.start(
            plan(1, rules: [], channel("lab", digest: try digests("day at 09:00"))), "2025-08-04T12:00:00Z")
        #expect(world.sent.isEmpty && world.wake == instant("2025-08-05T09:00:00Z"))
    }

    @Test("a digest that failed gives way to the next one, which tells of its time too")
    func staleDigest() throws {
        var world = World()
        world.start(
            plan(1, rules: [], channel("lab", digest: try digests("day at 09:00"))), "2025-08-01T10:00:00Z")
        world.handle(.time, "2025-08-02T09:00:00Z")
        world.answer(.retry(wait: .hours(30), reason: "HTTP 503"), "2025-08-02T09:00:01Z")
        world.handle(.time, "2025-08-03T09:00:00Z")
        world.handle(.time, "2025-08-03T15:00:02Z")
        #expect(world.sent.map(\.due) == [instant("2025-08-03T09:00:00Z")])
        #expect(world.sent[0].kind == .digest(since: instant("2025-08-01T09:00:00Z")))
        #expect(world.journal.values.count { $0.state == .superseded } == 1)
    }

    @Test(
        "each move stands in one digest, whatever hour digests get, and whether one is refused",
        arguments: [true, false])
    func digestsLeaveNothingOut(_ isRefused: Bool) throws {
        var world = World()
        func plan(_ deadline: String, _ every: String) throws -> Agenda {
            agenda(["a": deadline], rules: ["1d"], channels: [channel("lab", digest: try digests(every))])
        }
        world.start(try plan("2025-12-20", "day at 18:00"), "2025-08-11T00:00:00Z")
        world.handle(.time, "2025-08-11T18:00:00Z")
        world.answer(.delivered, "2025-08-11T18:00:01Z")
        world.handle(.reloaded(try plan("2025-12-24", "day at 18:00")), "2025-08-12T08:00:00Z")
        world.answer(.delivered, "2025-08-12T08:00:01Z")
        var told = 0
        var days = ["2025-08-12T18:00:00Z", "2025-08-13T18:00:00Z"]
        if !isRefused {
            world.handle(.reloaded(try plan("2025-12-24", "day at 09:00")), "2025-08-12T12:00:00Z")
            days = ["2025-08-13T09:00:00Z", "2025-08-14T09:00:00Z"]
        }
        for (number, day) in days.enumerated() {
            world.handle(.time, day)
            #expect(world.sending == [" digest lab"])
            let message = try #require(world.engine.message(about: world.sent, now: instant(day)))
            if isRefused, number == 0 {
                world.answer(.permanent(reason: "no"), day)
            } else {
                told += message.digest?.moved.count ?? 0
                world.answer(.delivered, day)
            }
        }
        #expect(told == 1)
    }

    @Test("a digest tells of what the first one would have told, which was refused", arguments: [0, 1, 2])
    func firstDigestRefused(_ way: Int) throws {
        var world = World()
        let lab = channel("lab", digest: try digests("day at 09:00"))
        let plan = { (deadline: String) in agenda(["a": deadline], rules: ["1d"], channels: [lab]) }
        world.start(plan("2025-12-20"), "2025-08-01T10:00:00Z")
        world.handle(.reloaded(plan("2025-12-24")), "2025-08-01T11:00:00Z")
        world.answer(.delivered, "2025-08-01T11:00:01Z")
        if way > 0 {
            world.handle(.time, "2025-08-02T09:00:00Z")
            world.answer(.permanent(reason: "no"), "2025-08-02T09:00:01Z")
        }
        if way == 2 {
            world.handle(.stopRequested, "2025-08-02T12:00:00Z")
            world.crash()
            world.start(plan("2025-12-24"), "2025-08-02T12:00:10Z")
        }
        let second = way > 0 ? "2025-08-03T09:00:00Z" : "2025-08-02T09:00:00Z"
        world.handle(.time, second)
        let message = try #require(world.engine.message(about: world.sent, now: instant(second)))
        #expect(message.digest?.moved.count == 1)
    }

    @Test("a digest does not tell again what the one before it is just telling")
    func digestUnderWay() throws {
        var world = World()
        let lab = channel("lab", digest: try digests("day at 09:00"))
        let plan = { (deadline: String) in agenda(["a": deadline], rules: ["1d"], channels: [lab]) }
        world.start(plan("2025-12-20"), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-01T09:00:00Z")
        world.answer(.delivered, "2025-08-01T09:00:01Z")
        world.handle(.reloaded(plan("2025-12-24")), "2025-08-01T11:00:00Z")
        world.answer(.delivered, "2025-08-01T11:00:01Z")
        world.handle(.time, "2025-08-02T09:00:00Z")
        world.answer(.limited(wait: .hours(6), reason: "429"), "2025-08-02T09:00:01Z")
        world.handle(.time, "2025-08-02T15:00:01Z")
        world.answer(.limited(wait: .hours(6), reason: "429"), "2025-08-02T15:00:02Z")
        world.handle(.time, "2025-08-02T21:00:02Z")
        world.answer(.limited(wait: .hours(6), reason: "429"), "2025-08-02T21:00:03Z")
        world.handle(.time, "2025-08-03T03:00:03Z")
        world.answer(.limited(wait: .seconds(21592), reason: "429"), "2025-08-03T03:00:03Z")
        // The next try begins some seconds before the next digest, and is answered after it.
        world.handle(.time, "2025-08-03T08:59:55Z")
        let one = try #require(world.engine.message(about: world.sent, now: instant("2025-08-03T08:59:55Z")))
        #expect(one.digest?.moved.count == 1)
        world.handle(.time, "2025-08-03T09:00:00Z")
        world.answer(.delivered, "2025-08-03T09:00:02Z")
        let two = try #require(world.engine.message(about: world.sent, now: instant("2025-08-03T09:00:02Z")))
        #expect(two.identity.deadline == instant("2025-08-03T09:00:00Z"))
        #expect(two.digest?.moved.count == 0)
    }

    /// One issue, which was checked on the first of August and is to be confirmed every five days.
    private func planToConfirm() -> Agenda {
        var plan = plan(1, rules: [], channel("lab"))
        plan.confirmAfter = 5
        plan.issues[0].checked = CivilDate(year: 2025, month: 8, day: 1)
        return plan
    }

    @Test("a date that nobody has checked for a while is asked about, until somebody does or it passes")
    func confirm() throws {
        var world = World()
        var plan = planToConfirm()
        world.start(plan, "2025-08-02T00:00:00Z")
        #expect(world.wake == instant("2025-08-06T09:00:00Z"))
        world.handle(.time, "2025-08-06T09:00:00Z")
        let message = try #require(
            world.engine.message(about: world.sent, now: instant("2025-08-06T09:00:00Z")))
        #expect(message.headline == "Is this date still right?")
        #expect(message.remarks == ["Nobody has confirmed it for 5 days."])
        world.answer(.retry(wait: .hours(1), reason: "HTTP 503"), "2025-08-06T09:00:01Z")
        plan.issues[0].checked = CivilDate(year: 2025, month: 8, day: 6)
        world.handle(.reloaded(plan), "2025-08-06T09:10:00Z")
        #expect(world.journal.values.allSatisfy { $0.state == .cancelled(reason: "its date was confirmed") })
        #expect(world.wake == instant("2025-08-11T09:00:00Z"))
        world.handle(.time, "2025-08-11T09:00:00Z")
        world.answer(.delivered, "2025-08-11T09:00:01Z")
        world.handle(.time, "2025-08-16T09:00:00Z")
        world.answer(.delivered, "2025-08-16T09:00:01Z")
        #expect(world.wake == nil)
    }

    @Test("what waits to ask about a date is not sent once nobody is to be asked any more")
    func confirmNoMore() throws {
        var world = World()
        var plan = planToConfirm()
        world.start(plan, "2025-08-02T00:00:00Z")
        world.handle(.time, "2025-08-06T09:00:00Z")
        world.answer(.retry(wait: .hours(1), reason: "HTTP 503"), "2025-08-06T09:00:01Z")
        plan.confirmAfter = nil
        world.handle(.reloaded(plan), "2025-08-06T09:10:00Z")
        #expect(world.engine.openCount == 0)
    }

    @Test("a channel that hears only of the last days is told nothing before, not even of a moved date")
    func lastDays() throws {
        var world = World()
        var plan = plan(1, channel("lab"))
        plan.issues[0].milestones[0].limits = [0: 3]
        world.start(plan, "2025-08-01T00:00:00Z")
        #expect(world.wake == instant("2025-08-17T09:00:00Z"))
        plan.issues[0].milestones[0] = Milestone(
            name: Milestone.submission, written: "",
            deadline: Deadline(try DeadlineValue("2025-08-21"), zone: .utc),
            schedule: 0, channels: [0], limits: [0: 3])
        world.handle(.reloaded(plan), "2025-08-02T00:00:00Z")
        #expect(world.sent.isEmpty && world.wake == instant("2025-08-18T09:00:00Z"))
        #expect(plan.reminders(of: plan.issues[0].milestones[0], to: 0).count == 1)
    }

    @Test("a channel that hears only of the last days is asked about no date before, and no digest tells it")
    func lastDaysOfAll() throws {
        var world = World()
        var plan = plan(1, rules: [], channel("lab", digest: try digests("day at 10:00")))
        plan.confirmAfter = 5
        plan.issues[0].checked = CivilDate(year: 2025, month: 8, day: 1)
        plan.issues[0].milestones[0].limits = [0: 5]
        world.start(plan, "2025-08-05T12:00:00Z")
        func digest(_ now: String) throws -> Digest {
            world.handle(.time, now)
            let message = try #require(world.engine.message(about: world.sent, now: instant(now)))
            world.answer(.delivered, now)
            return try #require(message.digest)
        }
        for day in ["06", "11", "14"] {
            #expect(try digest("2025-08-\(day)T10:00:00Z").coming.isEmpty)
        }
        #expect(try digest("2025-08-15T10:00:00Z").coming.map(\.issue.id) == ["i0"])
        world.handle(.time, "2025-08-16T09:00:00Z")
        #expect(world.sending == ["i0 confirm 2025-08-16 lab"])
    }

    @Test("a channel of the last days that was reminded hears that the deadline has moved on")
    func limitedMoved() throws {
        var world = try remindedInLastDays()
        world.handle(.reloaded(try ofLastDays("2025-08-30")), "2025-08-18T00:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    /// For a channel that hears of the last three days.
    private func ofLastDays(_ deadline: String) throws -> Agenda {
        var plan = agenda(["a": deadline], rules: ["3d", "1d"])
        plan.issues[0].milestones[0] = Milestone(
            name: "submission", written: "", deadline: Deadline(try DeadlineValue(deadline), zone: .utc),
            schedule: 0, channels: [0], limits: [0: 3])
        return plan
    }

    private func remindedInLastDays() throws -> World {
        var world = World()
        world.start(try ofLastDays("2025-08-20"), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-17T09:00:00Z")
        #expect(world.sending == ["a 3d lab"])
        world.answer(.delivered, "2025-08-17T09:00:01Z")
        return world
    }

    @Test("a channel of the last days that was told of a wrong date hears that it is corrected")
    func limitedCorrected() throws {
        var world = try remindedInLastDays()
        world.handle(.reloaded(try ofLastDays("2026-08-30")), "2025-08-18T00:00:00Z")
        world.answer(.delivered, "2025-08-18T00:00:01Z")
        world.handle(.reloaded(try ofLastDays("2025-08-30")), "2025-08-18T01:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2026-08-31T00:00:00Z"))])
    }

    @Test("a channel of the last days hears of a second move where news of the first never came")
    func limitedTwice() throws {
        var world = try remindedInLastDays()
        world.handle(.reloaded(try ofLastDays("2025-08-30")), "2025-08-18T00:00:00Z")
        world.answer(.retry(wait: nil, reason: "HTTP 503"), "2025-08-18T00:00:01Z")
        world.handle(.reloaded(try ofLastDays("2025-09-20")), "2025-08-18T01:00:00Z")
        #expect(world.sent.map(\.kind) == [.moved(from: instant("2025-08-21T00:00:00Z"))])
    }

    @Test("a channel of the last days that never heard of a date hears of no move from it, nor of the next")
    func limitedUnheard() throws {
        var world = World()
        world.start(try ofLastDays("2025-08-20"), "2025-08-01T00:00:00Z")
        world.handle(.reloaded(try ofLastDays("2025-09-20")), "2025-08-02T00:00:00Z")
        world.handle(.reloaded(try ofLastDays("2025-09-25")), "2025-08-19T00:00:00Z")
        #expect(world.sending == [])
    }

    @Test("a channel of the last three days hears of the third by its own clock")
    func lastDaysByReadersClock() throws {
        let seoul = Zone(name: "UTC+9", secondsEast: 9 * 3600)
        let deadline = Deadline(try DeadlineValue("2025-08-20"), zone: .anywhereOnEarth)
        let milestone = { (limits: [Int: Int]) in
            Milestone(
                name: "submission", written: "", deadline: deadline, schedule: 0, channels: [0],
                limits: limits)
        }
        let plan = agenda(["a": "2025-08-20"], rules: ["3d", "1d"], zone: seoul)
        for limits in [[:], [0: 3]] {
            let reminders = plan.reminders(of: milestone(limits), to: 0)
            #expect(reminders.map(\.rule.canonical) == ["3d", "1d"])
        }
    }

    @Test("what a digest tells that came late, the next one does not tell again", arguments: [true, false])
    func lateDigest(_ hasMoved: Bool) throws {
        var world = World()
        let lab = channel("lab", digest: try digests("day at 09:00"))
        let plan = { (deadline: String) in
            agenda(["a": deadline, "b": "2025-08-02 12:00"], rules: [], channels: [lab])
        }
        world.start(plan("2025-12-20"), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-01T09:00:00Z")
        world.answer(.delivered, "2025-08-01T09:00:01Z")
        // The next one meets a limit, and comes at three in the afternoon.
        world.handle(.time, "2025-08-02T09:00:00Z")
        world.answer(.limited(wait: .hours(6), reason: "429"), "2025-08-02T09:00:01Z")
        if hasMoved { world.handle(.reloaded(plan("2025-12-24")), "2025-08-02T11:00:00Z") }
        world.handle(.time, "2025-08-02T15:00:01Z")
        var told: [String] = []
        for now in ["2025-08-02T15:00:02Z", "2025-08-03T09:00:00Z"] {
            world.handle(.time, now)
            while !world.sent.isEmpty {
                if let digest = world.engine.message(about: world.sent, now: instant(now))?.digest {
                    told += digest.moved.map { "moved \($0.issue.id)" }
                    told += digest.passed.map { "passed \($0.issue.id)" }
                }
                world.answer(.delivered, now)
            }
        }
        #expect(told == (hasMoved ? ["moved a", "passed b"] : ["passed b"]))
    }

    @Test(
        "a channel that was muted is asked once about a date, wherever time went on in leaps",
        arguments: [
            (["06", "11", "16", "21", "26", "31"], "2025-07-31T09:00:00Z"),
            (["06", "17", "21"], "2025-07-26T09:00:00Z"),
        ])
    func questions(_ days: [String], _ last: String) {
        var world = World()
        var plan = plan(1, rules: [], channel("lab"))
        plan.confirmAfter = 5
        plan.issues[0].checked = CivilDate(year: 2025, month: 7, day: 1)
        world.start(plan, "2025-07-02T00:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-01T00:00:00Z")), "2025-07-02T00:00:00Z")
        for day in days { world.handle(.time, "2025-07-\(day)T09:00:00Z") }
        world.handle(.time, "2025-08-01T00:00:00Z")
        #expect(world.sent.map(\.due) == [instant(last)])
        world.answer(.delivered, "2025-08-01T00:00:01Z")
        #expect(world.sent.isEmpty)
    }

    @Test("who has not been asked yet is asked once, though it is asked at other intervals meanwhile")
    func otherInterval() {
        var world = World()
        var plan = planToConfirm()
        world.start(plan, "2025-08-02T00:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-15T00:00:00Z")), "2025-08-02T00:00:00Z")
        world.handle(.time, "2025-08-06T09:00:00Z")
        plan.confirmAfter = 7
        world.handle(.reloaded(plan), "2025-08-07T00:00:00Z")
        world.handle(.time, "2025-08-08T09:00:00Z")
        world.handle(.time, "2025-08-15T00:00:00Z")
        #expect(world.sending == ["i0 confirm 2025-08-08 lab"])
        world.answer(.delivered, "2025-08-15T00:00:01Z")
        #expect(world.sent.isEmpty)
    }

    @Test("a question whose hour moves on while it waits is asked")
    func laterHour() {
        var world = World()
        var plan = planToConfirm()
        world.start(plan, "2025-08-02T00:00:00Z")
        world.handle(.time, "2025-08-06T09:00:00Z")
        world.answer(.retry(wait: .hours(6), reason: "HTTP 503"), "2025-08-06T09:00:01Z")
        let west = Zone(name: "UTC-3", secondsEast: -10_800)
        plan.channels[0] = Channel(name: "lab", service: Silent(), audience: Audience(zone: west, at: .nine))
        world.handle(.reloaded(plan), "2025-08-06T10:00:00Z")
        world.handle(.time, "2025-08-06T12:00:00Z")
        world.handle(.time, "2025-08-06T15:00:01Z")
        #expect(world.sending == ["i0 confirm 2025-08-06 lab"])
    }

    @Test("nobody is asked about a date that has passed")
    func questionAfterDeadline() {
        var world = World()
        var plan = plan(1, rules: [], channel("lab"))
        plan.confirmAfter = 5
        plan.issues[0].checked = CivilDate(year: 2025, month: 8, day: 15)
        world.start(plan, "2025-08-15T00:00:00Z")
        world.handle(
            .muteRequested(channel: "lab", until: instant("2025-08-25T00:00:00Z")), "2025-08-16T00:00:00Z")
        world.handle(.time, "2025-08-20T09:00:00Z")
        world.handle(.time, "2025-08-25T00:00:00Z")
        #expect(world.sent.isEmpty)
    }

    @Test(
        "questions that somebody first wants during a downtime are not asked about that time",
        arguments: [true, false])
    func confirmAdded(_ isStopped: Bool) {
        var world = World()
        func plan(_ days: Int?) -> Agenda {
            var plan = agenda(["a": "2025-12-20"], rules: ["1d"])
            plan.confirmAfter = days
            plan.issues[0].checked = CivilDate(year: 2025, month: 7, day: 1)
            return plan
        }
        world.start(plan(nil), "2025-07-02T00:00:00Z")
        if isStopped { world.handle(.stopRequested, "2025-08-09T00:00:00Z") }
        world.crash()
        world.start(plan(10), "2025-08-11T00:00:00Z")
        #expect(world.sending == [])
    }

    @Test("a question that fell into a downtime after a kill is asked")
    func questionAfterKill() {
        var world = World()
        var plan = agenda(["a": "2026-08-01"], rules: [])
        plan.confirmAfter = 30
        plan.issues[0].checked = CivilDate(year: 2025, month: 8, day: 1)
        world.start(plan, "2025-08-02T00:00:00Z")
        world.handle(.time, "2025-08-31T09:00:00Z")
        #expect(world.sending == ["a confirm 2025-08-31 lab"])
        world.answer(.delivered, "2025-08-31T09:00:01Z")
        world.crash()
        world.start(plan, "2025-09-30T12:00:00Z")
        #expect(world.sending == ["a confirm 2025-09-30 lab"])
    }

    @Test(
        "what a digest should have told that is refused under way, the next one tells, though that waits already"
    )
    func refusedUnderWay() throws {
        var world = try movedWorld()
        world.handle(.time, "2025-08-02T09:00:00Z")
        for (now, wait, next) in [
            ("2025-08-02T09:00:01Z", 21600, "2025-08-02T15:00:01Z"),
            ("2025-08-02T15:00:02Z", 21600, "2025-08-02T21:00:02Z"),
            ("2025-08-02T21:00:03Z", 21600, "2025-08-03T03:00:03Z"),
            ("2025-08-03T03:00:03Z", 21592, "2025-08-03T08:59:55Z"),
        ] {
            world.answer(.limited(wait: .seconds(Int64(wait)), reason: "429"), now)
            world.handle(.time, next)
        }
        #expect(world.sending == [" digest lab"])
        world.handle(.time, "2025-08-03T09:00:00Z")
        world.answer(.permanent(reason: "no"), "2025-08-03T09:00:02Z")
        let next = try #require(world.engine.message(about: world.sent, now: instant("2025-08-03T09:00:02Z")))
        #expect(next.digest?.moved.count == 1)
    }

    @Test("a digest that somebody wants once more does not make the next one tell all of it again")
    func resentDigest() throws {
        var world = try movedWorld()
        world.handle(.time, "2025-08-02T09:00:00Z")
        let first = try #require(world.sent.first)
        world.answer(.delivered, "2025-08-02T09:00:01Z")
        world.handle(.resendRequested(try #require(world.journal[first.identity])), "2025-08-03T08:00:00Z")
        world.answer(.limited(wait: .hours(3), reason: "429"), "2025-08-03T08:00:01Z")
        world.handle(.time, "2025-08-03T09:00:00Z")
        world.handle(.time, "2025-08-03T11:00:02Z")
        #expect(!world.sent.isEmpty)
        for delivery in world.sent {
            let digest = world.engine.message(about: [delivery], now: instant("2025-08-03T11:00:02Z"))?.digest
            #expect(digest?.moved.isEmpty == true || delivery.isPossibleRepeat)
        }
    }

    /// A channel with a digest each morning has had the first one, and heard since then that a deadline moved.
    private func movedWorld() throws -> World {
        var world = World()
        let lab = channel("lab", digest: try digests("day at 09:00"))
        world.start(agenda(["a": "2025-12-20"], rules: ["1d"], channels: [lab]), "2025-08-01T00:00:00Z")
        world.handle(.time, "2025-08-01T09:00:00Z")
        world.answer(.delivered, "2025-08-01T09:00:01Z")
        world.handle(
            .reloaded(agenda(["a": "2025-12-24"], rules: ["1d"], channels: [lab])), "2025-08-01T11:00:00Z")
        world.answer(.delivered, "2025-08-01T11:00:01Z")
        return world
    }
}
