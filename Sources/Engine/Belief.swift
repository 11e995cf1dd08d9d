import Messages
import Schedule

/// What the readers of a channel believe, where the news of a move was cancelled before it had surely arrived.
struct Belief: Hashable, Sendable {
    /// The deadline that they know.
    let deadline: Instant
    /// One of which they may have heard since.
    var perhaps: Instant?
    /// News that names it was announced since: once that has arrived, it is told.
    var isNamed = false

    /// What news of a move names as the deadline before: what is certain, where it is not itself what they may have heard of.
    func before(_ moved: Instant) -> Instant { perhaps == moved ? deadline : perhaps ?? deadline }
}

/// Finds out of the news that a journal has, in the order in which it was added, who believes in what.
package struct Beliefs: Sendable {
    /// Where the last news was cancelled, or names what was certain of one that was.
    private(set) var byTrack: [TrackAddress: Belief] = [:]
    /// The deadline that the last cancelled news told of.
    private var told: [TrackAddress: Instant] = [:]

    package init() {}

    package var isEmpty: Bool { byTrack.isEmpty }

    /// - Parameters:
    ///   - previous: the deadline that it moved from.
    ///   - isOpen: it is still to be told.
    package mutating func note(
        _ news: DeliveryIdentity, from previous: Instant, isOpen: Bool, isCancelled: Bool,
        isPossibleRepeat: Bool
    ) {
        let address = TrackAddress(news)
        let before = byTrack[address]
        // It names what is certain where the news before it may have arrived: should it be cancelled, that is as open as before.
        if isOpen, before?.perhaps == previous {
            byTrack[address]?.isNamed = true
            return
        }
        guard isCancelled else {
            byTrack[address] = nil
            return
        }
        // Where the news before it never arrived, or may not have, what was believed before that still is.
        let belief = previous == told[address] || previous == before?.perhaps ? before : nil
        byTrack[address] = Belief(
            deadline: belief?.deadline ?? previous,
            perhaps: isPossibleRepeat ? news.deadline : belief?.perhaps)
        told[address] = news.deadline
    }
}
