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

    /// - Parameter previous: the deadline that it moved from.
    package mutating func note(
        _ news: DeliveryIdentity, from previous: Instant, isCancelled: Bool, isPossibleRepeat: Bool
    ) {
        let address = TrackAddress(news)
        guard isCancelled else {
            last[address] = nil
            return
        }
        var known = previous
        // It was announced while the news before it was under way, which then never arrived.
        if let before = last[address], before.news.deadline == previous, before.belief.perhaps == nil {
            known = before.belief.deadline
        }
        last[address] = (news, Belief(deadline: known, perhaps: isPossibleRepeat ? news.deadline : nil))
    }
}
