import Schedule

/// Where a planned reminder stands: why it will be sent, was sent or will not be.
package enum Standing: Equatable, Sendable {
    case toCome
    /// Its channel hears of the last days alone, which begin then.
    case notTold(before: Instant)
    /// The journal has it.
    case recorded(Delivery)
    /// Its time came before its deadline was first seen.
    case dueBeforeFirstSight(Instant)
    /// Its time came while it was not yet in the schedule, or its channel not yet among the milestone's.
    case addedLater
    /// Its time has come, and no journal says what became of it.
    case past

    /// - Parameters:
    ///   - start: when its channel begins to hear of its milestone; nil where it always does.
    ///   - memory: nil where there is no journal to look into.
    ///   - delivery: the reminder's own, if the journal has it.
    package init(
        due: Instant, deadline: Instant, start: Instant?,
        memory: (settled: Instant?, sighting: Sighting?)?, delivery: Delivery?, now: Instant
    ) {
        if let delivery {
            self = .recorded(delivery)
        } else if let start, due < start {
            self = .notTold(before: start)
        } else if due > now {
            self = .toCome
        } else if let sighting = memory?.sighting, sighting.deadline == deadline, due <= sighting.first {
            self = .dueBeforeFirstSight(sighting.first)
        } else if let settled = memory?.settled, due <= settled {
            self = .addedLater
        } else {
            self = .past
        }
    }
}
