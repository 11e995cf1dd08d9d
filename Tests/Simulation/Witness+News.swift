import Engine
import Messages
import Schedule

/// What readers are told of deadlines that move.
extension Witness {
    /// Who has got the news of a move gets it in another message only as a possible repeat.
    mutating func checkNews(_ delivery: Delivery) {
        let identity = delivery.identity
        let reader = [identity.issue, identity.milestone, identity.channel]
        defer { news[reader] = (requests.count, everTold.count) }
        guard let last = news[reader], requests[last.request].wasTaken, !delivery.isPossibleRepeat,
            requests[last.request].identity != identity,
            requests[last.request].identity.deadline == identity.deadline
        else { return }
        let hasMovedSince = everTold[last.versions...].contains { agenda in
            let issue = agenda.issues.first { $0.id == identity.issue }
            let deadline = issue?.milestone(identity.milestone)?.deadline?.instant
            return deadline != nil && deadline != identity.deadline
        }
        if !hasMovedSince { fail("\(identity) is known from \(requests[last.request].identity)") }
    }

    /// News names no deadline whose own news was the last before it, and was cancelled without having been sent.
    mutating func checkHeardOf(_ from: Instant, before delivery: Delivery, _ disk: Disk) {
        let identity = delivery.identity
        let key = MilestoneKey(identity)
        let earlier = disk.news(of: key, to: identity.channel).prefix { $0.identity != identity }
        guard let last = earlier.last, last.identity.deadline == from, !last.isPossibleRepeat,
            last.state.isCancelled,
            // Where it stood at first everybody knows.
            earlier.first?.kind != .moved(from: from)
        else { return }
        let isHeardOf = requests.contains { sent in
            sent.wasTaken && sent.identity.deadline == from && sent.identity.channel == identity.channel
                && MilestoneKey(sent.identity) == key
        }
        if !isHeardOf { fail("\(identity) says that it moved from \(from), of which nobody heard") }
    }

    /// Whoever hears of a milestone before and after its deadline moved was told so, or will be told of a later move.
    mutating func checkMovesTold(_ disk: Disk) {
        var seen: [MilestoneKey: Instant] = [:]
        for version in versions {
            for issue in version.agenda.issues {
                for milestone in issue.milestones {
                    guard let deadline = milestone.reminded?.instant else { continue }
                    let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                    defer { seen[key] = deadline }
                    guard let before = seen[key], before != deadline, !done.contains(key) else { continue }
                    for index in milestone.channels {
                        let zone = version.agenda.channels[index].audience.zone
                        let starts = [nil, before].map { milestone.start(for: index, in: zone, of: $0) }
                        // It had heard of neither.
                        if starts.allSatisfy({ $0 ?? .distantPast > min(version.told, version.at) }) {
                            continue
                        }
                        let channel = version.agenda.channels[index].name
                        if disk.news(of: key, to: channel).isEmpty {
                            fail(
                                "\(key.issue) \(key.milestone) moved from \(before) to \(deadline): \(channel) never heard"
                            )
                        }
                    }
                }
            }
        }
    }

    /// Who was told where a deadline went, and has heard of its milestone ever since, does not believe in a deadline that it left.
    mutating func checkBelieved(_ disk: Disk, _ now: Instant) {
        guard let last = versions.last?.agenda else { return }
        for issue in last.issues {
            for milestone in issue.milestones {
                let key = MilestoneKey(issue: issue.id, milestone: milestone.name)
                guard let deadline = milestone.reminded?.instant, deadline > now, !done.contains(key) else {
                    continue
                }
                for channel in milestone.channels.map({ last.channels[$0].name }) {
                    guard let told = lastTold(of: key, to: channel, disk), told != deadline else { continue }
                    // Or the journal says why they do not know.
                    let isRecorded = disk.news(of: key, to: channel).contains {
                        $0.identity.deadline == deadline && !$0.state.isCancelled
                    }
                    if !isRecorded { fail("\(key): \(channel) believes in \(told), it is \(deadline)") }
                }
            }
        }
    }

    /// The deadline of the last news that arrived, where all of the milestone has been for its channel ever since.
    private func lastTold(of key: MilestoneKey, to channel: String, _ disk: Disk) -> Instant? {
        guard let last = news[[key.issue, key.milestone, channel]],
            everTold[max(0, last.versions - 1)...].allSatisfy({ $0.tellsAll(of: key, to: channel) })
        else { return nil }
        let identities = Set(disk.news(of: key, to: channel).map(\.identity))
        return requests[...last.request].last { $0.wasTaken && identities.contains($0.identity) }?.identity
            .deadline
    }
}

extension Agenda {
    /// Whether a channel hears all of a milestone.
    fileprivate func tellsAll(of key: MilestoneKey, to channel: String) -> Bool {
        guard let milestone = issues.first(where: { $0.id == key.issue })?.milestone(key.milestone),
            milestone.reminded != nil,
            let index = milestone.channels.first(where: { channels[$0].name == channel })
        else { return false }
        return milestone.start(for: index, in: channels[index].audience.zone, of: nil) == nil
    }
}
