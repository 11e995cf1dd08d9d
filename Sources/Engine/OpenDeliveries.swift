import Messages

/// The deliveries that are not final, by their identity; reminders also by what they are about and for whom.
struct OpenDeliveries: Sendable {
    private var all: [DeliveryIdentity: Delivery] = [:]
    private var reminders: [TrackAddress: [DeliveryIdentity]] = [:]

    var count: Int { all.count }
    var values: some Collection<Delivery> { all.values }

    subscript(identity: DeliveryIdentity) -> Delivery? {
        get { all[identity] }
        set {
            if let newValue {
                guard all.updateValue(newValue, forKey: identity) == nil, newValue.kind == .reminder else {
                    return
                }
                reminders[TrackAddress(identity), default: []].append(identity)
            } else if let old = all.removeValue(forKey: identity), old.kind == .reminder {
                let address = TrackAddress(identity)
                reminders[address]?.removeAll { $0 == identity }
                if reminders[address]?.isEmpty == true { reminders[address] = nil }
            }
        }
    }

    /// In the order in which they came to be owed.
    func reminders(of address: TrackAddress) -> [Delivery] {
        (reminders[address] ?? []).compactMap { all[$0] }
    }

    /// By due instant: the same whatever order a dictionary has.
    var inOrder: [Delivery] {
        all.values.sorted { ($0.due, $0.identity) < ($1.due, $1.identity) }
    }
}
