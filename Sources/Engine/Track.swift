import HeapModule
import Messages
import Schedule

/// The next reminder of one milestone for one channel: indices into the agenda.
struct Track: Comparable, Sendable {
    let due: Instant
    let issue: Int32
    let milestone: Int32
    let channel: Int32

    func moved(to due: Instant) -> Track {
        Track(due: due, issue: issue, milestone: milestone, channel: channel)
    }

    static func < (a: Track, b: Track) -> Bool {
        (a.due, a.issue, a.milestone, a.channel) < (b.due, b.issue, b.milestone, b.channel)
    }
}

/// The tracks of an agenda, those of each channel by themselves: a destination takes its own reminders when it has nothing
/// else to do, and waits for nobody's.
struct Tracks: Sendable {
    private var byChannel: [Heap<Track>] = []
    /// When the first of each channel is due, `distantFuture` where there is none, and its issue. All of them are looked through
    /// often.
    private var firsts: [First] = []

    private struct First {
        let due: Instant
        let issue: Int32

        init(_ track: Track?) {
            due = track?.due ?? .distantFuture
            issue = track?.issue ?? 0
        }

        /// What is due at one instant comes by issue: the journal writes down together what goes out together.
        static func < (a: First, b: First) -> Bool { a.due < b.due || a.due == b.due && a.issue < b.issue }
    }

    init() {}

    init(_ tracks: [Track], channels: Int) {
        var sorted: [[Track]] = Array(repeating: [], count: channels)
        for track in tracks { sorted[Int(track.channel)].append(track) }
        byChannel = sorted.map { Heap($0) }
        firsts = byChannel.map { First($0.min) }
    }

    /// The one that is due first.
    var min: Track? {
        guard var first = firsts.indices.first else { return nil }
        for channel in firsts.indices where firsts[channel] < firsts[first] { first = channel }
        return byChannel[first].min
    }

    /// When the first of a channel is due.
    func due(to channel: Int) -> Instant { firsts[channel].due }

    mutating func insert(_ track: Track) {
        byChannel[Int(track.channel)].insert(track)
        firsts[Int(track.channel)] = First(byChannel[Int(track.channel)].min)
    }

    mutating func removeMin(of channel: Int) -> Track? {
        defer { firsts[channel] = First(byChannel[channel].min) }
        return byChannel[channel].popMin()
    }

    mutating func remove(where isUnwanted: (Track) -> Bool) {
        for channel in byChannel.indices where byChannel[channel].unordered.contains(where: isUnwanted) {
            byChannel[channel] = Heap(byChannel[channel].unordered.filter { !isUnwanted($0) })
            firsts[channel] = First(byChannel[channel].min)
        }
    }

    /// All of them, in no order.
    var all: some Sequence<Track> { byChannel.lazy.flatMap(\.unordered) }
}

/// What a reminder is about and for whom, over reloads: what all reminders of one track have in common.
struct TrackAddress: Hashable {
    private let one: DeliveryIdentity

    init(_ identity: DeliveryIdentity) {
        one = identity
    }

    init(issue: String, milestone: String, channel: String) {
        one = DeliveryIdentity(
            issue: issue, milestone: milestone, deadline: .distantPast, reminder: "", channel: channel)
    }

    static func == (a: TrackAddress, b: TrackAddress) -> Bool {
        a.one.trackHash == b.one.trackHash && a.one.issue == b.one.issue
            && a.one.milestone == b.one.milestone && a.one.channel == b.one.channel
    }

    func hash(into hasher: inout Hasher) { hasher.combine(one.trackHash) }
}

/// Which of the reminders that are owed at one moment go out.
struct CatchUpChoice {
    private(set) var sent: [Reminder] = []
    private(set) var superseded: [Reminder] = []
    /// The deadline passed while `before` reminders were owed: one message says so.
    private(set) var saysPassed = false

    /// - Parameter owed: reminders of one milestone and channel, the earliest first.
    init(_ owed: [Reminder], _ catchUp: Schedule.CatchUp, deadline: Instant, now: Instant) {
        let overdue = owed.filter { now - $0.due > Limits.punctuality }
        guard !overdue.isEmpty else {
            sent = owed
            return
        }
        let punctual = owed.dropFirst(overdue.count)
        switch catchUp {
        case .all:
            sent = owed
            return
        case .none:
            superseded = overdue
        case .latest:
            for side in [Offset.Side.before, .after] {
                let late = overdue.filter { $0.rule.side == side }
                let hasPassed = side == .before && deadline <= now
                let isReplaced = hasPassed || punctual.contains { $0.rule.side == side }
                if hasPassed, !late.isEmpty { saysPassed = true }
                superseded += isReplaced ? late : late.dropLast()
                sent += isReplaced ? [] : late.suffix(1)
            }
        }
        sent += punctual
    }
}
