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

    /// Nothing is written of what becomes of a delivery, and it is not sent.
    mutating func forget(_ identity: DeliveryIdentity) {
        remake { change in
            if case .update(let other) = change { other.identity != identity } else { true }
        }
        for index in sends.indices { sends[index].removeAll { $0 == identity } }
        sends.removeAll(where: \.isEmpty)
    }

    /// What could not be written comes first.
    mutating func retry(_ failed: Batch) {
        let later = self
        self = failed
        for change in later.changes { append(change) }
        sends += later.sends
    }

    private mutating func remake(keeping isKept: (Change) -> Bool) {
        let all = changes
        changes = []
        additions = [:]
        added = 0
        for change in all where isKept(change) { append(change) }
    }
}
