import Messages
import Schedule

/// What the readers of a channel believe, where the news of a move was cancelled before it had surely arrived.
package struct Belief: Hashable, Sendable {
    /// The deadline that they know.
    package let deadline: Instant
    /// One of which they may have heard since.
    package let perhaps: Instant?

    package init(deadline: Instant, perhaps: Instant? = nil) {
        self.deadline = deadline
        self.perhaps = perhaps
    }
}

/// Finds out of the news that a journal has, in the order in which it was added, who believes in what.
package struct Beliefs {
    private var last: [TrackAddress: (news: DeliveryIdentity, belief: Belief)] = [:]

    package init() {}

    /// By the last news of each milestone and channel, where that was cancelled.
    package var byNews: [DeliveryIdentity: Belief] {
        Dictionary(last.values.map { ($0.news, $0.belief) }, uniquingKeysWith: { a, _ in a })
    }

    /// - Parameters:
    ///   - previous: the deadline that it moved from.
    ///   - isOpen: it is still to be told.
    package mutating func note(
        _ news: DeliveryIdentity, from previous: Instant, isOpen: Bool, isCancelled: Bool,
        isPossibleRepeat: Bool
    ) {
        let address = TrackAddress(news)
        let before = last[address]
        // It is told as what is certain where the news before it may have arrived: should it be cancelled, that is as open as before.
        if isOpen, let before, before.belief.perhaps == previous { return }
        guard isCancelled else {
            last[address] = nil
            return
        }
        // Where the news before it never arrived, or may not have, what was believed before that still is.
        let belief = before.flatMap { before in
            previous == before.news.deadline || previous == before.belief.perhaps ? before.belief : nil
        }
        last[address] = (
            news,
            Belief(
                deadline: belief?.deadline ?? previous,
                perhaps: isPossibleRepeat ? news.deadline : belief?.perhaps)
        )
    }
}
