import Engine
import Messages
import Schedule

/// Sees what goes over the wire, what the receivers get and what configurations the service was given, and knows nothing
/// of the engine. It says what is wrong.
struct Witness {
    /// A configuration that the service was told, and when: by the wall clock, or by the latest time that it ever showed.
    struct Version {
        let agenda: Agenda
        let told: Instant
        /// By the right clock: what was due before that was owed to nobody.
        let owes: Instant
        /// What counted as the time.
        let at: Instant
        /// A commit came after it: the service can know of it after a crash.
        var isRemembered = false
    }

    /// A request as it left.
    struct Sent {
        let identity: DeliveryIdentity
        let isPossibleRepeat: Bool
        /// A receiver took it.
        var wasTaken = false
        /// The service heard an answer that settled the matter, and wrote it down.
        var wasAnswered = false
        /// What the service heard; nil where it heard nothing.
        var heard: Hearing?
        let at: Instant
    }

    /// What an answer said, as its receiver meant it.
    enum Hearing {
        case taken, refused, tryAgain, gone, lost
    }

    var versions: [Version] = []
    /// Those too that a crash has swept away.
    var everTold: [Agenda] = []
    /// The last news of a move for each reader: its request, and how many configurations had been told by then.
    var news: [[String]: (request: Int, versions: Int)] = [:]
    private(set) var requests: [Sent] = []
    private var byIdentity: [DeliveryIdentity: [Int]] = [:]
    private var inFlight: [String: Int] = [:]
    /// When the last request to each channel ended.
    private var landed: [String: Instant] = [:]
    /// Not before, by channel: as the running service knows, and as its journal does.
    private var pauses: [String: Instant] = [:]
    private var durablePauses: [String: Instant] = [:]
    /// Requests whose outcome was heard, and not yet written down.
    private var answered: [Int] = []
    private var written: (pauses: [String: Instant], versions: Int, answered: [Int]) = ([:], 0, [])
    private var resent: Set<DeliveryIdentity> = []
    var done: Set<MilestoneKey> = []
    /// Since when they are open again for good.
    private var reopened: [MilestoneKey: Instant] = [:]
    /// The latest time that the wall clock ever showed.
    private var latest = Instant.distantPast
    /// The clock jumped ahead by more than a day: nothing is sent until it has stood so long.
    private var doubt: Doubt?
    /// Since when it stands, and a service can tell.
    private var standsSince = Instant.distantFuture
    /// What it would show had it not gone back by more than a day, in a day at most: a return to that is no jump, where it had
    /// stood for a day.
    private var left: (by: Span, until: Instant, isProved: Bool)?
    /// What somebody has wanted quiet since then.
    private var quietMeanwhile: (channels: Set<String>, milestones: Set<MilestoneKey>) = ([], [])

    private struct Doubt {
        let until: Instant
        /// By how much, and what the clock showed then.
        let jump: Span
        let since: Instant
    }
    /// Since when nothing is in the way of what falls due: for all, by channel, by milestone. Nil: something is.
    private var calm: (all: Instant?, channels: [String: Instant], milestones: [MilestoneKey: Instant]) = (
        nil, [:], [:]
    )
    /// What somebody may have wanted quiet, should a crash sweep away that it was taken back.
    private var longest: (channels: [String: Instant], milestones: [MilestoneKey: Instant]) = ([:], [:])
    /// What somebody no longer wants quiet, and the disk need not say so yet.
    private var takenBack: (channels: Set<String>, milestones: Set<MilestoneKey>) = ([], [])
    /// Channels that were in trouble and are not known to be well again.
    private var troubled: Set<String> = []
    private var disabled: Set<String> = []
    /// Deliveries that were being sent when a process ended.
    private var begun: Set<DeliveryIdentity> = []
    private(set) var violations: [String] = []

    mutating func fail(_ text: String) { violations.append(text) }

    // MARK: What happens

    /// A clock that has just jumped shows nothing yet that counts.
    mutating func see(_ now: Instant) {
        if let doubt {
            guard now >= doubt.until else { return }
            clockAccepted(at: doubt.until)
        }
        latest = max(latest, now)
    }

    /// What a clock shows beside the time.
    enum Clock {
        case right
        /// It is behind this.
        case behind(Instant)
        case ahead(of: Instant)
    }

    mutating func started(at now: Instant) {
        if let doubt { self.doubt = Doubt(until: now + .minutes(10), jump: doubt.jump, since: now) }
        standsSince = now
        left = nil
    }

    mutating func told(_ agenda: Agenda, at now: Instant, _ clock: Clock) {
        see(now)
        let told =
            switch clock {
            case .right: max(now, latest)
            case .behind: latest
            case .ahead(let right): right
            }
        let owes = if case .behind(let right) = clock { max(latest, right) } else { told }
        // While a jump is doubted, time goes on as if there had been none.
        let at = doubt.map { now - $0.jump } ?? now
        versions.append(Version(agenda: agenda, told: told, owes: owes, at: at))
        everTold.append(agenda)
        // What belongs to something that was handed in counts as handed in with it.
        for issue in agenda.issues { done.formUnion(issue.companions(of: Array(done))) }
        calm.all = latest
        disabled = []
    }

    /// What the disk, the clock or the process went through is over since `now`, or is not over.
    mutating func isCalm(since now: Instant?) { calm.all = now }

    /// - Parameter isSeen: a process runs, and can tell.
    mutating func clockStepped(from before: Instant, to now: Instant, isSeen: Bool) {
        let day = Span.days(1).milliseconds
        let step = (now - before).milliseconds
        // What is doubted is not what it went on from.
        let jump = step + (doubt?.jump ?? .zero).milliseconds
        let stood = (before - standsSince).milliseconds
        standsSince = step.magnitude > 60_000 ? now : standsSince + .milliseconds(step)
        left = left.flatMap { left in
            guard before < left.until else { return nil }
            return (
                .milliseconds(left.by.milliseconds - step), left.until + .milliseconds(step), left.isProved
            )
        }
        if isSeen, jump > day, let left, left.isProved, left.by.milliseconds >= -day {
            doubt = Doubt(until: now, jump: .milliseconds(jump), since: now)
            clockAccepted(at: now)
        } else if isSeen, step > day {
            doubt = Doubt(until: now + .minutes(10), jump: .milliseconds(jump), since: now)
        } else if !isSeen, step > day {
            // Nobody can tell that from another start of the machine.
            doubt = nil
        } else if now < before {
            if isSeen, jump < -day, left == nil {
                left = (.milliseconds(-jump), now + .hours(24), stood >= day)
                quietMeanwhile = ([], [])
            }
            doubt = nil
            // What a destination asks for is a span of time, of which so much is left whatever the clock shows; and no wait
            // outlasts a clock that made it up.
            let longest = now + .hours(6)
            let left = { (until: Instant) in until <= before ? nil : min(longest, now + (until - before)) }
            pauses = pauses.compactMapValues(left)
            durablePauses = durablePauses.compactMapValues(left)
        }
        calm.all = max(before, now, doubt?.until ?? now)
    }

    /// What somebody wanted quiet while the clock was behind lasts as long as it would have.
    private mutating func lastOn(_ span: Span) {
        let later = { (until: Instant) in until == .distantFuture ? until : until + span }
        for channel in quietMeanwhile.channels {
            calm.channels[channel] = calm.channels[channel].map(later)
            longest.channels[channel] = longest.channels[channel].map(later)
        }
        for key in quietMeanwhile.milestones {
            calm.milestones[key] = calm.milestones[key].map(later)
            longest.milestones[key] = longest.milestones[key].map(later)
        }
    }

    /// What a destination asked for before the clock jumped lasts on.
    mutating func clockAccepted(at now: Instant) {
        let wasBehind = left != nil
        left = nil
        guard let doubt else { return }
        self.doubt = nil
        if wasBehind { lastOn(doubt.jump) }
        pauses = pauses.mapValues { until in
            // The service may take some moments longer to find out.
            until < doubt.since && until > now - doubt.jump + .seconds(30) ? until + doubt.jump : until
        }
    }

    /// Somebody wants nothing sent until then.
    mutating func quiet(channel: String, until: Instant) {
        takenBack.channels.remove(channel)
        if left != nil, doubt == nil { quietMeanwhile.channels.insert(channel) }
        calm.channels[channel] = until
        longest.channels[channel] = max(until, longest.channels[channel] ?? until)
    }

    /// A channel that is away for now and comes back was paused with its vendor, if the service still knows it.
    mutating func vendorPaused(_ type: String, until: Instant) {
        let names = Set(everTold.flatMap(\.channels).lazy.filter { $0.type == type }.map(\.name))
        for name in names {
            if left != nil, doubt == nil { quietMeanwhile.channels.insert(name) }
            calm.channels[name] = max(until, calm.channels[name] ?? until)
            longest.channels[name] = max(until, longest.channels[name] ?? until)
        }
    }

    mutating func quiet(_ key: MilestoneKey, until: Instant) {
        takenBack.milestones.remove(key)
        if left != nil, doubt == nil { quietMeanwhile.milestones.insert(key) }
        calm.milestones[key] = until
        longest.milestones[key] = max(until, longest.milestones[key] ?? until)
    }

    mutating func sends(
        _ delivery: Delivery, on disk: Disk, with first: DeliveryIdentity, at now: Instant, isClockTrue: Bool
    ) -> Int {
        let identity = delivery.identity
        see(now)
        let onDisk = disk.deliveries[identity]
        let isTakenBack =
            takenBack.channels.contains(identity.channel)
            || takenBack.milestones.contains(MilestoneKey(identity))
        if let unwanted = disk.unwanted(delivery, in: versions.last?.agenda ?? Agenda(), at: now),
            !isTakenBack
        {
            fail("\(identity) was sent at \(now) although it is \(unwanted)")
        }
        if case .sending? = onDisk?.state {
        } else {
            fail("\(identity) was sent with \(onDisk.map { "\($0.state)" } ?? "nothing") on disk")
        }
        if onDisk?.isPossibleRepeat != delivery.isPossibleRepeat {
            fail("\(identity): the mark of a repeat is not on disk")
        }
        if identity == first, inFlight[identity.channel] != nil {
            fail("two requests to \(identity.channel) at one time")
        }
        if let pause = pauses[identity.channel], now < pause {
            fail("\(identity) was sent at \(now), before its destination's \(pause)")
        }
        if let doubt, now < doubt.until {
            fail("\(identity) was sent at \(now), while the clock is doubted")
        }
        if disabled.contains(identity.channel), delivery.kind != .test {
            fail("\(identity) was sent at \(now) to a destination that is gone")
        }
        switch delivery.kind {
        case .reminder:
            checkReminder(identity, now)
            if isClockTrue { checkPunctual(delivery, now) }
            if isClockTrue, !resent.contains(identity) { checkFresh(delivery, disk, now) }
        case .moved, .confirm:
            if case .moved(let from) = delivery.kind {
                checkNews(delivery)
                checkHeardOf(from, before: delivery, disk)
            }
            if !isCurrent(identity) { fail("\(identity) was sent after its deadline moved") }
            if case .confirm = delivery.kind, delivery.due > now {
                fail("\(identity) was asked before its time")
            }
        case .passed:
            if !isCurrent(identity) { fail("\(identity) was sent after its deadline moved") }
            checkPassed(delivery, disk, now, isClockTrue: isClockTrue)
        case .alert:
            if delivery.identity.reminder == "alert \(identity.channel)" {
                fail("\(identity) tells a channel of itself")
            }
        case .digest: if delivery.due > now { fail("\(identity) was sent before its time") }
        case .test: break
        }
        checkHold(identity, at: now)
        if identity != first { checkTogether(delivery, disk.deliveries[first]) }
        let earlier = byIdentity[identity, default: []].map { requests[$0] }.filter(\.wasTaken)
        if earlier.contains(where: \.wasAnswered), !resent.contains(identity) {
            fail("\(identity) was sent again although its first answer came")
        }
        if !earlier.isEmpty, !delivery.isPossibleRepeat {
            fail("\(identity) was sent again without saying so")
        }
        requests.append(Sent(identity: identity, isPossibleRepeat: delivery.isPossibleRepeat, at: now))
        byIdentity[identity, default: []].append(requests.count - 1)
        if identity == first { inFlight[identity.channel] = requests.count - 1 }
        return requests.count - 1
    }

    /// Only what one message can tell of one channel shares it, and only where that channel wants it or wanted it.
    private mutating func checkTogether(_ delivery: Delivery, _ first: Delivery?) {
        let identity = delivery.identity
        let wants = versions.contains { version in
            version.agenda.channels.contains { $0.name == identity.channel && $0.burst != nil }
        }
        let isAlike =
            switch (delivery.kind, first?.kind) {
            case (.reminder, .reminder), (.moved, .moved), (.passed, .passed), (.confirm, .confirm): true
            default: false
            }
        if !isAlike || identity.channel != first?.identity.channel || delivery.due != first?.due || !wants {
            fail("\(identity) was sent together with \(first.map { "\($0.identity)" } ?? "nothing")")
        }
    }

    mutating func taken(_ request: Int) { requests[request].wasTaken = true }

    /// The service heard what became of a request.
    mutating func heard(
        _ request: Int, _ hearing: Hearing, pausing others: [String] = [], until: Instant? = nil,
        at now: Instant
    ) {
        let channel = requests[request].identity.channel
        requests[request].heard = hearing
        if hearing == .taken {
            answered.append(request)
            if troubled.remove(channel) != nil {
                calm.channels[channel] = max(now, calm.channels[channel] ?? now)
            }
        } else {
            troubled.insert(channel)
        }
        if inFlight[channel] == request { inFlight[channel] = nil }
        landed[channel] = now
        guard let until else { return }
        for channel in [channel] + others { pauses[channel] = max(until, pauses[channel] ?? until) }
    }

    /// The service has something written down: what it was told and heard until now may be in it.
    mutating func commitBegins(isSlow: Bool) {
        if isSlow { calm.all = nil }
        written = (pauses, versions.count, answered)
        answered = []
    }

    mutating func commitFails() {
        answered = written.answered + answered
        calm.all = nil
    }

    mutating func committed(at now: Instant) {
        calm.all = calm.all ?? now
        durablePauses = written.pauses
        for index in versions.indices.prefix(written.versions) { versions[index].isRemembered = true }
        for request in written.answered { requests[request].wasAnswered = true }
    }

    mutating func killed(_ disk: Disk) {
        // Whether their requests had left, no successor can know.
        for delivery in disk.deliveries.values {
            if case .sending = delivery.state { begun.insert(delivery.identity) }
        }
        // What nobody wrote down was never told, and never heard.
        versions.removeAll { !$0.isRemembered }
        answered = []
        inFlight = [:]
        pauses = durablePauses
        // A jump that stands in the journal is doubted by the next process, too.
        if !disk.hasJumped { doubt = nil }
        disabled = []
        calm = (nil, longest.channels, longest.milestones)
        takenBack = ([], [])
        // What was on its way may come to nothing.
        for index in requests.indices where requests[index].heard == nil {
            troubled.insert(requests[index].identity.channel)
        }
    }

    mutating func markedDone(_ key: MilestoneKey) { done.insert(key) }
    /// No process that is killed forgets it.
    mutating func reopened(_ key: MilestoneKey, at now: Instant) { reopened[key] = now }
    mutating func resumed(_ channel: String, at now: Instant) {
        pauses[channel] = nil
        disabled.remove(channel)
        takenBack.channels.insert(channel)
        calm.channels[channel] = now
    }
    mutating func unmarked(_ key: MilestoneKey, at now: Instant) {
        takenBack.milestones.insert(key)
        calm.milestones[key] = now
    }
    /// The receiver is gone, and the service has written that down.
    mutating func wasDisabled(_ channel: String) { disabled.insert(channel) }
    mutating func resent(_ identity: DeliveryIdentity) { resent.insert(identity) }

    // MARK: What must hold

    private func milestone(_ identity: DeliveryIdentity, in agenda: Agenda) -> (Milestone, Int)? {
        guard
            let milestone = agenda.issues.first(where: { $0.id == identity.issue })?.milestone(
                identity.milestone),
            milestone.reminded?.instant == identity.deadline,
            let channel = milestone.channels.first(where: { agenda.channels[$0].name == identity.channel })
        else { return nil }
        return (milestone, channel)
    }

    /// Its deadline is still the milestone's, whoever hears of it now.
    private func isCurrent(_ identity: DeliveryIdentity) -> Bool {
        versions.last?.agenda.issues.first { $0.id == identity.issue }?.milestone(identity.milestone)?
            .reminded?.instant
            == identity.deadline
    }

    private mutating func checkReminder(_ identity: DeliveryIdentity, _ now: Instant) {
        if !isCurrent(identity) { fail("\(identity) was sent at \(now), after its deadline moved or ended") }
        let wasDue = versions.contains { version in
            guard let (milestone, channel) = milestone(identity, in: version.agenda) else { return false }
            // Of two that fall together, either may be the one that is owed.
            return milestone.reminded.map { deadline in
                Planner(calendar: version.agenda.calendar).all(
                    version.agenda.schedules[milestone.schedule], deadline: deadline,
                    audience: version.agenda.channels[channel].audience
                ).contains { $0.rule.canonical == identity.reminder && $0.due <= now }
            } ?? false
        }
        if !wasDue, !resent.contains(identity) { fail("\(identity) was sent at \(now), before it was due") }
    }

    /// Nothing was in its way: the disk, its destination and the people let it go, and it went at once.
    private mutating func checkPunctual(_ delivery: Delivery, _ now: Instant) {
        let identity = delivery.identity
        guard byIdentity[identity] == nil, !resent.contains(identity), !troubled.contains(identity.channel),
            let all = calm.all, all < delivery.due,
            calm.channels[identity.channel] ?? .distantPast < delivery.due,
            calm.milestones[MilestoneKey(identity)] ?? .distantPast < delivery.due,
            pauses[identity.channel] ?? .distantPast < delivery.due
        else { return }
        // Whoever has a host of its own and nothing under way waits for nobody, whatever hangs elsewhere; those of a host that
        // hangs go in turns of half a minute.
        let host = versions.last?.agenda.channels.first { $0.name == identity.channel }?.host
        let isAlone = landed[identity.channel] ?? .distantPast < delivery.due
        let patience: Span = host == Office.sharedHost ? .minutes(3) : isAlone ? .seconds(20) : .minutes(1)
        if now - delivery.due > patience {
            fail("\(identity), due \(delivery.due), was sent at \(now) for no reason")
        }
    }

    /// No news is told that is stale: a reminder that is late gives way to a fresher one.
    private mutating func checkFresh(_ delivery: Delivery, _ disk: Disk, _ now: Instant) {
        let identity = delivery.identity
        let catchesUpAll = everTold.contains { agenda in
            let call = agenda.issues.first { $0.id == identity.issue }
            return call?.milestone(identity.milestone).map {
                agenda.schedules[$0.schedule].catchUp != .latest
            }
                ?? false
        }
        guard !catchesUpAll, now.milliseconds - delivery.due.milliseconds > 60_000 else { return }
        let fresher = disk.deliveries.values.first { other in
            // What an edit moved into the past is owed at once, whatever went out before.
            guard other.kind == .reminder, other.due > delivery.due, other.due <= now,
                other.added >= delivery.added, disk.hasAdded(other, notBefore: delivery),
                other.identity.issue == identity.issue, other.identity.milestone == identity.milestone,
                other.identity.channel == identity.channel, other.identity.deadline == identity.deadline
            else { return false }
            return !other.state.isFinal || other.state == .delivered
        }
        if let fresher { fail("\(identity) was sent at \(now) although \(fresher.identity) is fresher") }
    }

    /// That it passed is said only where a reminder before it was missed.
    private mutating func checkPassed(_ delivery: Delivery, _ disk: Disk, _ now: Instant, isClockTrue: Bool) {
        let identity = delivery.identity
        if identity.deadline > now { fail("\(identity) was sent before that") }
        let missed = disk.deliveries.values.contains { other in
            other.kind == .reminder && other.identity.issue == identity.issue
                && other.identity.milestone == identity.milestone
                && other.identity.channel == identity.channel
                && other.identity.deadline == identity.deadline
                && (resent.contains(other.identity)
                    || !byIdentity[other.identity, default: []].contains {
                        requests[$0].wasAnswered && requests[$0].at < delivery.added
                    })
        }
        if isClockTrue, !missed { fail("\(identity) was sent, and no reminder of it was missed") }
    }

    /// Who wants nothing twice gets nothing again whose answer was lost.
    private mutating func checkHold(_ identity: DeliveryIdentity, at now: Instant) {
        let holds = everTold.allSatisfy { agenda in
            agenda.channels.first { $0.name == identity.channel }.map { $0.onUnknown == .hold } ?? true
        }
        guard holds, !resent.contains(identity) else { return }
        let lost = byIdentity[identity, default: []].contains {
            requests[$0].heard == nil || requests[$0].heard == .lost
        }
        if lost { fail("\(identity) was sent again at \(now), and its channel holds what may have arrived") }
    }

    /// Nothing is given up after a few hours: the next try would have come after three days, and no wait is longer than that of a
    /// lost answer.
    mutating func expires(_ delivery: Delivery, at now: Instant) {
        if now - delivery.added < .hours(72 - 30) { fail("\(delivery.identity) expired after a few hours") }
    }

    /// At the end, when every destination works and everything had its time.
    mutating func judge(_ disk: Disk, now: Instant, isClockTrue: Bool) {
        for delivery in disk.deliveries.values.sorted(by: { $0.identity < $1.identity }) {
            let identity = delivery.identity
            let taken = byIdentity[identity, default: []].map { requests[$0] }.filter(\.wasTaken)
            switch delivery.state {
            case .owed, .sending, .waiting, .unknown, .held(.destination, _), .held(.muted, _),
                .held(.snoozed, _):
                // What a clock that was ahead has found due has its time yet to come.
                if delivery.due <= now { fail("\(identity) is still \(delivery.state)") }
            case .delivered: if taken.isEmpty { fail("\(identity) counts as delivered, and nobody got it") }
            case .superseded:
                let isReplaced = disk.deliveries.values.contains { other in
                    other.identity != identity && MilestoneKey(other.identity) == MilestoneKey(identity)
                        && other.identity.channel == identity.channel
                        && (other.kind == .passed || !isClockTrue
                            || (other.due, other.added) > (delivery.due, delivery.added)
                            // By a changed hour an older one may be the fresher.
                            || byIdentity[other.identity, default: []].contains {
                                requests[$0].at >= delivery.added
                            })
                }
                let catchUp = versions.contains { version in
                    version.agenda.schedules.contains { $0.catchUp == .none }
                }
                if !isReplaced, !catchUp { fail("\(identity) is superseded by nothing") }
            case .held(.unknown, _): checkHeld(delivery)
            case .expired: break
            case .refused: checkRefused(delivery)
            case .cancelled: checkCancelled(delivery, isClockTrue: isClockTrue)
            }
            if delivery.state.reason == "" { fail("\(identity) is \(delivery.state) for no reason") }
        }
        if isClockTrue {
            checkNothingMissing(disk, now)
            checkNothingMovedAway(disk)
            checkMovesTold(disk)
            checkBelieved(disk, now)
        }
    }

    private func hearings(of identity: DeliveryIdentity) -> [Hearing?] {
        byIdentity[identity, default: []].map { requests[$0].heard }
    }

    private mutating func checkHeld(_ delivery: Delivery) {
        let holds = everTold.contains { agenda in
            agenda.channels.contains { $0.name == delivery.identity.channel && $0.onUnknown == .hold }
        }
        let mayHaveArrived = hearings(of: delivery.identity).contains { $0 == nil || $0 == .lost }
        if !holds || !mayHaveArrived && !begun.contains(delivery.identity) {
            fail("\(delivery.identity) is held as if it might have arrived")
        }
    }

    private mutating func checkRefused(_ delivery: Delivery) {
        let isRefused = hearings(of: delivery.identity).contains {
            $0 == .refused || delivery.kind == .test && $0 == .gone
        }
        if !isRefused { fail("\(delivery.identity) counts as refused, and nobody refused it") }
    }

    /// Some configuration, or somebody's word, made it void, and still did when it was due.
    private mutating func checkCancelled(_ delivery: Delivery, isClockTrue: Bool) {
        let identity = delivery.identity
        let key = MilestoneKey(identity)
        let since = done.contains(key) ? reopened[key] ?? .distantFuture : .distantPast
        if isClockTrue, delivery.kind == .reminder, since < delivery.due, !delivery.isPossibleRepeat,
            delivery.due <= latest, wasAlwaysOwed(identity, delivery.due)
        {
            fail("\(identity) was cancelled, and it stood when it was due")
        }
        switch (delivery.kind, delivery.state.reason) {
        case (.passed, Delivery.earlyReason), (.reminder, Delivery.changedReason): return
        default: break
        }
        if delivery.kind == .test || done.contains(MilestoneKey(identity)) { return }
        if case .confirm = delivery.kind, identity.deadline <= latest { return }
        let isVoid = everTold.contains { agenda in
            guard let channel = agenda.channels.first(where: { $0.name == identity.channel }) else {
                return true
            }
            switch delivery.kind {
            case .alert, .test: return false
            case .digest: return channel.digest == nil
            case .confirm(let checked):
                return milestone(identity, in: agenda) == nil
                    || agenda.issues.first { $0.id == identity.issue }?.checked != checked
            case .reminder, .moved, .passed: return milestone(identity, in: agenda) == nil
            }
        }
        if !isVoid { fail("\(identity) was cancelled, and it still stands") }
    }

    /// What stood in every configuration since its deadline was first told, always due at the same instant after that,
    /// was owed: the journal must have it.
    private mutating func checkNothingMissing(_ disk: Disk, _ now: Instant) {
        guard let last = versions.last?.agenda else { return }
        for issue in last.issues {
            for milestone in issue.milestones {
                guard let deadline = milestone.reminded?.instant else { continue }
                // What was handed in is owed to nobody; how long that stood, nobody wrote down.
                let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                let since = done.contains(key) ? reopened[key] ?? .distantFuture : .distantPast
                for channel in milestone.channels {
                    for reminder in last.reminders(of: milestone, to: channel)
                    where reminder.due <= now && reminder.due > since {
                        let identity = DeliveryIdentity(
                            issue: issue.id, milestone: milestone.name, deadline: deadline,
                            reminder: reminder.rule.canonical, channel: last.channels[channel].name)
                        guard disk.deliveries[identity] == nil, wasAlwaysOwed(identity, reminder.due) else {
                            continue
                        }
                        fail("\(identity), due \(reminder.due), is nowhere")
                    }
                }
            }
        }
    }

    /// A reminder that was still to come, and whose hour, zone or calendar changed so that it was due before that, was owed.
    private mutating func checkNothingMovedAway(_ disk: Disk) {
        for (before, after) in zip(versions, versions.dropFirst()) {
            for issue in after.agenda.issues {
                for milestone in issue.milestones {
                    guard let deadline = milestone.reminded?.instant,
                        !done.contains(MilestoneKey(issue: issue.id, milestone: milestone.name))
                    else { continue }
                    for channel in milestone.channels {
                        for reminder in after.agenda.reminders(of: milestone, to: channel)
                        where reminder.due <= after.told {
                            let identity = DeliveryIdentity(
                                issue: issue.id, milestone: milestone.name, deadline: deadline,
                                reminder: reminder.rule.canonical,
                                channel: after.agenda.channels[channel].name)
                            guard disk.deliveries[identity] == nil,
                                let (earlier, channel) = self.milestone(identity, in: before.agenda),
                                before.agenda.reminders(of: earlier, to: channel).contains(where: {
                                    $0.rule == reminder.rule && $0.due > after.told
                                })
                            else { continue }
                            fail("\(identity), moved to \(reminder.due) at \(after.told), is nowhere")
                        }
                    }
                }
            }
        }
    }

    private func wasAlwaysOwed(_ identity: DeliveryIdentity, _ due: Instant) -> Bool {
        var since: Instant?
        for version in versions.reversed() {
            guard let (milestone, channel) = milestone(identity, in: version.agenda) else { break }
            let reminders = version.agenda.reminders(of: milestone, to: channel)
            guard reminders.contains(where: { $0.rule.canonical == identity.reminder && $0.due == due })
            else { return false }
            since = version.owes
        }
        return since.map { $0 < due } ?? false
    }
}
