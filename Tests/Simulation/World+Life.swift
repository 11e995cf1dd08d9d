import Engine
import Messages
import Schedule

/// What people do, what goes wrong, and what becomes of the clock.
extension World {
    /// Somebody does something, or something goes wrong; then the next time is planned.
    mutating func live() {
        guard !isHealed else { return }
        plan(.life, in: random.span(1000...100_000_000))
        // Just before something is due to all of them.
        if told.channels.contains(where: { $0.host == Office.sharedHost }),
            let next = engine?.nextReminder?.due
        {
            plan(.hostHangs, in: next - random.span(0...20_000) - now)
        }
        switch random.number(0..<24) {
        case 0...5:
            edit()
            if random.chance(800) { reload() }
        case 6: reload()
        case 7: kill()
        case 8:
            note("stop")
            tell(.stopRequested)
        case 9...13:
            if let name = random.one(of: office.agenda.channels.map(\.name)) {
                moods[name] = random.one(of: Mood.allCases) ?? .well
            }
        case 14: moods = [:]
        case 15:
            note("disk full")
            isDiskFull = true
            plan(.diskHasRoom, in: random.span(1000...1_000_000))
        case 16:
            if let name = random.one(of: office.agenda.channels.map(\.name)) { resume(name) }
        case 17: resend()
        case 18: stepClock()
        case 19: mute()
        case 20, 21: markSomething()
        case 22: if random.chance(300) { acceptClock() }
        default:
            if let name = random.one(of: office.agenda.channels.map(\.name)) {
                tell(.testRequested(channel: name))
            }
        }
    }

    mutating func edit() {
        for _ in 0..<random.number(1..<3) { office.edit(&random, zones, now: now) }
    }

    mutating func reload() {
        guard engine != nil else { return }
        note("reload")
        told = office.agenda
        witness.told(told, at: now, clock)
        tell(.reloaded(told))
    }

    private mutating func resume(_ name: String) {
        guard engine != nil else { return }
        witness.resumed(name, at: now)
        tell(.resumed(channel: name))
    }

    private mutating func mute() {
        guard engine != nil, let name = random.one(of: office.agenda.channels.map(\.name)) else { return }
        note("mute")
        let until = random.chance(200) ? Instant.distantFuture : now + random.span(1000...300_000_000)
        witness.quiet(channel: name, until: until)
        tell(.muteRequested(channel: name, until: until, isSpan: random.chance(500)))
    }

    private mutating func markSomething() {
        guard let engine, let issue = random.one(of: office.agenda.issues) else { return }
        let name = random.chance(500) ? nil : random.one(of: issue.milestones.map(\.name))
        let marked = engine.marked(issue.id, name)
        if !marked.isEmpty, random.chance(500) {
            note("undo")
            for key in reopened(marked) { witness.unmarked(key, at: now) }
            return tell(.unmarkRequested(marked))
        }
        let keys = engine.markable(issue.id, name)
        guard !keys.isEmpty else { return }
        if random.chance(200) {
            note("done")
            for key in keys + companions(of: keys) { witness.markedDone(key) }
            tell(.markRequested(keys, .done))
        } else {
            note("snooze")
            // Nobody is let to snooze a deadline away.
            let known = engine.agenda.issues.first { $0.id == issue.id }
            let deadlines = keys.compactMap { known?.milestone($0.milestone)?.deadline?.instant }
            let deadline = deadlines.filter { $0 > now }.min() ?? .distantFuture
            let until = min(now + random.span(1000...600_000_000), deadline - .milliseconds(1))
            for key in keys { witness.quiet(key, until: until) }
            tell(.markRequested(keys, .snoozed(until: until, isSpan: random.chance(500))))
        }
    }

    /// Targets and openings, as the service was told.
    private func companions(of keys: [MilestoneKey]) -> [MilestoneKey] {
        told.issues.flatMap { $0.companions(of: keys) }
    }

    /// What is open once these marks are taken back.
    private func reopened(_ marked: [MilestoneKey]) -> [MilestoneKey] {
        marked + companions(of: marked).filter { engine?.mark(of: $0) == nil }
    }

    private mutating func resend() {
        guard engine != nil,
            let delivery = random.one(
                of: disk.deliveries.values.filter { $0.kind == .reminder }.sorted {
                    $0.identity < $1.identity
                })
        else { return }
        witness.resent(delivery.identity)
        tell(.resendRequested(delivery))
    }

    /// A clock is set, wrongly or rightly. What is wrong for minutes only must lose nothing.
    private mutating func stepClock() {
        guard random.chance(400), correction == nil else { return }
        switch random.number(0..<5) {
        case 0:
            note("clock: a second")
            step(by: random.chance(500) ? 1000 : -1000)
        case 1:
            // Mostly just before something is due, which must go out once the clock is right again; or while it is written.
            let next = random.chance(700) ? engine?.nextReminder?.due : nil
            let instant =
                random.chance(300)
                ? (next ?? now) + random.span(0...500) : (next ?? now) - random.span(1000...500_000)
            plan(.clockRunsAhead, in: instant - now)
        case 2:
            note("clock: far back for hours")
            let days = drawDays()
            correction = days
            step(by: -days)
            plan(.clockIsSetRight, in: random.span(1000...7_200_000))
        default:
            note("clock: for good")
            isClockTrue = false
            let hour = Span.hours(1).milliseconds
            step(by: (random.chance(500) ? hour : drawDays()) * (random.chance(500) ? 1 : -1))
        }
    }

    mutating func runAhead() {
        guard correction == nil, !isHealed else { return }
        // What is less than a day is believed.
        let isFar = random.chance(600)
        note("clock: \(isFar ? "far" : "some hours") ahead for minutes")
        let span = isFar ? drawDays() : Span.hours(Int64(random.number(1..<24))).milliseconds
        // Mostly there is no network that could tell the time.
        if random.chance(700) { for channel in office.agenda.channels { moods[channel.name] = .failing } }
        let minutes = beAhead(by: span, step: span)
        if random.chance(500) { plan(.edit, in: random.span(0...Int(minutes.milliseconds))) }
    }

    /// The clock steps, is ahead for minutes, and is set right after these.
    private mutating func beAhead(by span: Int64, step: Int64) -> Span {
        correction = -span
        self.step(by: step)
        let minutes = random.span(1000...540_000)
        plan(.clockIsSetRight, in: minutes)
        correctedAt = .milliseconds(uptime.milliseconds + minutes.milliseconds)
        return minutes
    }

    /// By how many milliseconds a clock is far away.
    private mutating func drawDays() -> Int64 { Span.days(random.chance(500) ? 30 : 365).milliseconds }

    private mutating func step(by milliseconds: Int64) {
        let before = now
        wallOffset += milliseconds
        hasClockStepped = true
        witness.clockStepped(from: before, to: now, isSeen: engine != nil)
        // A timer on the wall clock follows it.
        if let wakeAt { wake(at: wakeAt) }
        tell(.time)
    }

    mutating func setClockRight() {
        guard let correction else { return }
        self.correction = nil
        if correction > 0, !isHealed, random.chance(300) {
            note("clock: far back, then far ahead for minutes")
            let span = drawDays()
            _ = beAhead(by: span, step: correction + span)
            return
        }
        // What is further ahead was never believed.
        if correction < 0, -correction < Span.days(1).milliseconds { shownAhead = now }
        step(by: correction)
        if random.chance(500) { plan(.secondThoughts, in: random.span(1000...3_600_000)) }
    }

    /// A call that a clock which was ahead has found due is taken out, and put back.
    mutating func secondThoughts() {
        let early = disk.deliveries.values.filter {
            $0.kind == .reminder && $0.due > now && !$0.state.isFinal
        }
        let calls = Set(early.map(\.identity.issue)).sorted()
        guard engine != nil, let id = random.one(of: calls) else { return }
        note("second thoughts")
        told = office.agenda
        told.issues.removeAll { $0.id == id }
        witness.told(told, at: now, clock)
        tell(.reloaded(told))
        reload()
    }

    private mutating func acceptClock() {
        // Who believes a clock that is wrong has it for good.
        if correction != nil { isClockTrue = false }
        witness.clockAccepted(at: now)
        tell(.clockAccepted)
    }

    /// Everything works from now on, and what was disabled is resumed.
    mutating func heal() {
        // What was under way when the world was mended still fails, and may disable once more.
        if !isHealed { plan(.heal, in: .hours(2)) }
        isHealed = true
        isDiskFull = false
        moods = [:]
        setClockRight()
        if engine == nil { start() }
        acceptClock()
        // What only waits must come to its end by itself.
        for channel in office.agenda.channels {
            let record = engine?.record(of: channel.name)
            if record?.disabled != nil || record?.mutedUntil != nil { resume(channel.name) }
        }
        for issue in office.agenda.issues {
            let marked = engine?.marked(issue.id, nil) ?? []
            for key in reopened(marked) {
                witness.unmarked(key, at: now)
                witness.reopened(key, at: now)
            }
            tell(.unmarkRequested(marked))
        }
        reload()
    }
}
