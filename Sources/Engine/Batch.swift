import Messages

/// What one commit writes, and what is sent once it has.
struct Batch: Sendable {
    private(set) var changes: [Change] = []
    var sends: [[DeliveryIdentity]] = []
    /// Where new deliveries stand among the changes.
    private var additions: [DeliveryIdentity: Int] = [:]

    var isEmpty: Bool { changes.isEmpty && sends.isEmpty }

    /// How many deliveries are new.
    private(set) var added = 0

    func adds(_ identity: DeliveryIdentity) -> Bool { additions[identity] != nil }

    mutating func append(_ change: Change) {
        switch change {
        case .add(let delivery):
            additions[delivery.identity] = changes.count
            added += 1
        case .addIfMissed: added += 1
        // What is new is written once, as it stands when it is.
        case .update(let delivery):
            if let place = additions[delivery.identity] { return changes[place] = .add(delivery) }
        default: break
        }
        changes.append(change)
    }

    /// A notice that is new tells of these as well. It is written behind them: only then is it known which of them are new.
    ///
    /// - Parameter missed: nil where it speaks for itself.
    mutating func widen(_ notice: DeliveryIdentity, by missed: [DeliveryIdentity]?) {
        for (place, change) in changes.enumerated() {
            guard case .addIfMissed(let delivery, let others) = change, delivery.identity == notice else {
                continue
            }
            rewrite { $0 == place ? nil : $1 }
            return append(missed.map { .addIfMissed(delivery, others + $0) } ?? .add(delivery))
        }
    }

    /// Puts other changes in the place of these, or none.
    private mutating func rewrite(_ other: (_ place: Int, Change) -> Change?) {
        let all = changes
        changes = []
        additions = [:]
        added = 0
        for (place, change) in all.enumerated() {
            if let change = other(place, change) { append(change) }
        }
    }

    /// Nothing is written of what becomes of these deliveries, and they are not sent.
    mutating func forget(_ identities: Set<DeliveryIdentity>) {
        rewrite { _, change in
            switch change {
            case .update(let delivery) where identities.contains(delivery.identity): nil
            case .supersede(let delivery, _) where identities.contains(delivery.identity): nil
            default: change
            }
        }
        for index in sends.indices { sends[index].removeAll(where: identities.contains) }
        sends.removeAll(where: \.isEmpty)
    }

    /// What could not be written comes first.
    mutating func retry(_ failed: Batch) {
        let later = self
        self = failed
        for change in later.changes { append(change) }
        sends += later.sends
    }
}
