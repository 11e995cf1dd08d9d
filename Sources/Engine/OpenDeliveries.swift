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
                if let place = all.index(forKey: identity) {
                    all.values[place] = newValue
                    return
                }
                all[identity] = newValue
                if newValue.kind == .reminder {
                    reminders[TrackAddress(identity), default: []].append(identity)
                }
            } else if let place = all.index(forKey: identity) {
                let isReminder = all.values[place].kind == .reminder
                all.remove(at: place)
                if isReminder { removeReminder(identity) }
            }
        }
    }

    private mutating func removeReminder(_ identity: DeliveryIdentity) {
        guard let place = reminders.index(forKey: TrackAddress(identity)) else { return }
        if reminders.values[place].count == 1 {
            reminders.remove(at: place)
        } else {
            reminders.values[place].removeAll { $0 == identity }
        }
    }

    /// In the order in which they came to be owed.
    func reminders(of address: TrackAddress) -> [Delivery] {
        (reminders[address] ?? []).compactMap { all[$0] }
    }

    /// By due instant: the same whatever order a dictionary has.
    var inOrder: [Delivery] { inOrder { _ in true } }

    /// The same of some.
    func inOrder(where isWanted: (Delivery) -> Bool) -> [Delivery] {
        all.values.filter(isWanted).sorted { ($0.due, $0.identity) < ($1.due, $1.identity) }
    }
}
