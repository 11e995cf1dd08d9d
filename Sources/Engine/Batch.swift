import Messages

/// What one commit writes, and what is sent once it has.
struct Batch: Sendable {
    private var written: [Change] = []
    var sends: [[DeliveryIdentity]] = []
    /// Where new deliveries stand among the changes.
    private var additions: [DeliveryIdentity: Int] = [:]
    /// What new notices tell of beside what they told of first; nil where they speak for themselves.
    private var wider: [DeliveryIdentity: [DeliveryIdentity]?] = [:]

    var isEmpty: Bool { written.isEmpty && sends.isEmpty }

    var changes: [Change] {
        guard !wider.isEmpty else { return written }
        var kept: [Change] = []
        var behind: [Change] = []
        for change in written {
            guard case .addIfMissed(let notice, let missed) = change, let more = wider[notice.identity] else {
                kept.append(change)
                continue
            }
            behind.append(more.map { .addIfMissed(notice, missed + $0) } ?? .add(notice))
        }
        return kept + behind
    }

    /// How many deliveries are new.
    private(set) var added = 0

    func adds(_ identity: DeliveryIdentity) -> Bool { additions[identity] != nil }

    /// It is new, and over already.
    func addsFinal(_ identity: DeliveryIdentity) -> Bool {
        guard let place = additions[identity], case .add(let delivery) = written[place] else { return false }
        return delivery.state.isFinal
    }

    mutating func append(_ change: Change) {
        switch change {
        case .add(let delivery), .addIfMissed(let delivery, _):
            additions[delivery.identity] = written.count
            added += 1
        // What is new is written once, as it stands when it is.
        case .update(let delivery):
            if let place = additions[delivery.identity] {
                return written[place] = written[place].adding(delivery)
            }
        default: break
        }
        written.append(change)
    }

    /// A notice that is new tells of these as well. It is written behind them: only then is it known which of them are new.
    ///
    /// - Parameter missed: nil where it speaks for itself.
    mutating func widen(_ notice: DeliveryIdentity, by missed: [DeliveryIdentity]?) {
        guard adds(notice) else { return }
        guard let missed else { return wider[notice] = .some(nil) }
        if let others = wider[notice] {
            if others != nil { wider[notice]??.append(contentsOf: missed) }
        } else {
            wider[notice] = missed
        }
    }

    /// Nothing is written of what becomes of these deliveries, and they are not sent.
    mutating func forget(_ identities: Set<DeliveryIdentity>) {
        let all = changes
        written = []
        additions = [:]
        wider = [:]
        added = 0
        for change in all {
            switch change {
            case .update(let delivery), .supersede(let delivery, _):
                if !identities.contains(delivery.identity) { append(change) }
            default: append(change)
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

extension Change {
    /// What adds a delivery, as that stands now.
    fileprivate func adding(_ delivery: Delivery) -> Change {
        if case .addIfMissed(_, let missed) = self { .addIfMissed(delivery, missed) } else { .add(delivery) }
    }
}
