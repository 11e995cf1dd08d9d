import Engine
import Messages
import Schedule

/// Sees what goes over the wire, what the receivers get and what configurations the service was given, and knows nothing
/// of the engine. It says what is wrong.
struct Witness {
    /// A configuration that the service was told, and when by the wall clock.
    private struct Version {
        let agenda: Agenda
        let told: Instant
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
    }

    private var versions: [Version] = []
    private(set) var requests: [Sent] = []
    private var byIdentity: [DeliveryIdentity: [Int]] = [:]
    private var inFlight: [String: Int] = [:]
    /// Not before, by channel: as the running service knows, and as its journal does.
    private var pauses: [String: Instant] = [:]
    private var durablePauses: [String: Instant] = [:]
    /// Requests whose outcome was heard, and not yet written down.
    private var answered: [Int] = []
    private var written: (pauses: [String: Instant], versions: Int, answered: [Int]) = ([:], 0, [])
    private var resent: Set<DeliveryIdentity> = []
    private var done: Set<MilestoneKey> = []
    private(set) var violations: [String] = []

    private mutating func fail(_ text: String) { violations.append(text) }
    mutating func found(_ text: String) { violations.append(text) }

    // MARK: What happens

    mutating func told(_ agenda: Agenda, at now: Instant) {
        versions.append(Version(agenda: agenda, told: now))
    }

    mutating func sends(
        _ delivery: Delivery, onDisk: Delivery?, unwanted: String?, with first: DeliveryIdentity,
        at now: Instant, isClockTrue: Bool
    ) -> Int {
        let identity = delivery.identity
        if isClockTrue, let unwanted { fail("\(identity) was sent at \(now) although it is \(unwanted)") }
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
        if isClockTrue, let pause = pauses[identity.channel], now < pause {
            fail("\(identity) was sent at \(now), before its destination's \(pause)")
        }
        switch delivery.kind {
        case .reminder: checkReminder(identity, now, isClockTrue: isClockTrue)
        case .moved, .passed, .confirm:
            if !isCurrent(identity) { fail("\(identity) was sent after its deadline moved") }
        case .digest, .test, .alert: break
        }
        if identity != first { checkTogether(identity, first, delivery) }
        let earlier = byIdentity[identity, default: []].map { requests[$0] }.filter(\.wasTaken)
        if earlier.contains(where: \.wasAnswered), !resent.contains(identity) {
            fail("\(identity) was sent again although its first answer came")
        }
        if !earlier.isEmpty, !delivery.isPossibleRepeat {
            fail("\(identity) was sent again without saying so")
        }
        requests.append(Sent(identity: identity, isPossibleRepeat: delivery.isPossibleRepeat))
        byIdentity[identity, default: []].append(requests.count - 1)
        if identity == first { inFlight[identity.channel] = requests.count - 1 }
        return requests.count - 1
    }

    /// Only reminders of one channel share a message, and only where that channel wants it or wanted it.
    private mutating func checkTogether(
        _ identity: DeliveryIdentity, _ first: DeliveryIdentity, _ delivery: Delivery
    ) {
        let wants = versions.contains { version in
            version.agenda.channels.contains { $0.name == first.channel && $0.burst != nil }
        }
        if delivery.kind != .reminder || identity.channel != first.channel || !wants {
            fail("\(identity) was sent together with \(first)")
        }
    }

    mutating func taken(_ request: Int) { requests[request].wasTaken = true }

    /// The service heard what became of a request.
    mutating func heard(_ request: Int, settles: Bool, pausing others: [String] = [], until: Instant? = nil) {
        let channel = requests[request].identity.channel
        if settles { answered.append(request) }
        if inFlight[channel] == request { inFlight[channel] = nil }
        guard let until else { return }
        for channel in [channel] + others { pauses[channel] = max(until, pauses[channel] ?? until) }
    }

    /// The service has something written down: what it was told and heard until now may be in it.
    mutating func commitBegins() {
        written = (pauses, versions.count, answered)
        answered = []
    }

    mutating func commitFails() { answered = written.answered + answered }

    mutating func committed() {
        durablePauses = written.pauses
        for index in versions.indices.prefix(written.versions) { versions[index].isRemembered = true }
        for request in written.answered { requests[request].wasAnswered = true }
    }

    mutating func killed() {
        // What nobody wrote down was never told, and never heard.
        versions.removeAll { !$0.isRemembered }
        answered = []
        inFlight = [:]
        pauses = durablePauses
    }

    mutating func markedDone(_ key: MilestoneKey) { done.insert(key) }
    mutating func resumed(_ channel: String) { pauses[channel] = nil }
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

    private mutating func checkReminder(_ identity: DeliveryIdentity, _ now: Instant, isClockTrue: Bool) {
        if !isCurrent(identity) { fail("\(identity) was sent at \(now), after its deadline moved or ended") }
        let wasDue = versions.contains { version in
            guard let (milestone, channel) = milestone(identity, in: version.agenda) else { return false }
            return version.agenda.reminders(of: milestone, to: channel).contains {
                $0.rule.canonical == identity.reminder && $0.due <= now
            }
        }
        if !wasDue, isClockTrue, !resent.contains(identity) {
            fail("\(identity) was sent at \(now), before it was due")
        }
    }

    /// At the end, when every destination works and everything had its time.
    mutating func judge(_ disk: Disk, now: Instant, isClockTrue: Bool) {
        for delivery in disk.deliveries.values.sorted(by: { $0.identity < $1.identity }) {
            let identity = delivery.identity
            let taken = byIdentity[identity, default: []].map { requests[$0] }.filter(\.wasTaken)
            switch delivery.state {
            case .owed, .sending, .waiting, .unknown, .held(.destination, _), .held(.muted, _),
                .held(.snoozed, _):
                fail("\(identity) is still \(delivery.state)")
            case .delivered: if taken.isEmpty { fail("\(identity) counts as delivered, and nobody got it") }
            case .superseded:
                let isReplaced = disk.deliveries.values.contains {
                    $0.identity.issue == identity.issue && $0.identity.milestone == identity.milestone
                        && $0.identity.channel == identity.channel && $0.identity != identity
                        && ($0.kind == .passed || $0.due >= delivery.due)
                }
                let catchUp = versions.contains { version in
                    version.agenda.schedules.contains { $0.catchUp == .none }
                }
                if !isReplaced, !catchUp { fail("\(identity) is superseded by nothing") }
            case .held(.unknown, _), .expired, .refused, .cancelled: break
            }
        }
        if isClockTrue {
            checkNothingMissing(disk, now)
            checkNothingMovedAway(disk)
        }
    }

    /// What stood in every configuration since its deadline was first told, always due at the same instant after that,
    /// was owed: the journal must have it.
    private mutating func checkNothingMissing(_ disk: Disk, _ now: Instant) {
        guard let last = versions.last?.agenda else { return }
        for issue in last.issues {
            for milestone in issue.milestones {
                guard let deadline = milestone.reminded?.instant else { continue }
                // What was handed in is owed to nobody; how long that stood, nobody wrote down.
                if done.contains(MilestoneKey(issue: issue.id, milestone: milestone.name)) { continue }
                for channel in milestone.channels {
                    for reminder in last.reminders(of: milestone, to: channel) where reminder.due <= now {
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
            since = version.told
        }
        return since.map { $0 < due } ?? false
    }
}
