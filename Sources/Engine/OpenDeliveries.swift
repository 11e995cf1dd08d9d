import Messages

/// The deliveries that are not final, by their identity; those about a milestone also by that and for whom they are.
struct OpenDeliveries: Sendable {
    private var all: [DeliveryIdentity: Delivery] = [:]
    private var byTrack: [TrackAddress: [DeliveryIdentity]] = [:]
    private var ofService: Set<DeliveryIdentity> = []

    var count: Int { all.count }
    var values: some Collection<Delivery> { all.values }

    subscript(identity: DeliveryIdentity) -> Delivery? {
        get { all[identity] }
        set {
            if let newValue {
                guard all.updateValue(newValue, forKey: identity) == nil else { return }
                if newValue.kind.isOfTrack { byTrack[TrackAddress(identity), default: []].append(identity) }
                if newValue.kind.isOfService { ofService.insert(identity) }
            } else if let place = all.index(forKey: identity) {
                let kind = all.remove(at: place).value.kind
                if kind.isOfTrack { removeFromTrack(identity) }
                if kind.isOfService { ofService.remove(identity) }
            }
        }
    }

    private mutating func removeFromTrack(_ identity: DeliveryIdentity) {
        guard let place = byTrack.index(forKey: TrackAddress(identity)) else { return }
        if byTrack.values[place].count == 1 {
            byTrack.remove(at: place)
        } else {
            byTrack.values[place].removeAll { $0 == identity }
        }
    }

    /// In the order in which they came to be owed.
    func reminders(of address: TrackAddress) -> [Delivery] { ofTrack(address) { $0 == .reminder } }

    /// The same of reminders and of what says that their deadline passed.
    func remindersAndPassed(of address: TrackAddress) -> [Delivery] {
        ofTrack(address) { $0 == .reminder || $0 == .passed }
    }

    /// The same of questions whether a date still stands.
    func questions(of address: TrackAddress) -> [Delivery] {
        ofTrack(address) { if case .confirm = $0 { true } else { false } }
    }

    /// The same of news of moves.
    func news(of address: TrackAddress) -> [Delivery] { ofTrack(address, \.isNews) }

    /// Whether there is another of its track. Mostly there is none.
    func hasOther(than identity: DeliveryIdentity) -> Bool {
        byTrack[TrackAddress(identity)]?.contains { $0 != identity } ?? false
    }

    private func ofTrack(_ address: TrackAddress, _ isWanted: (Delivery.Kind) -> Bool) -> [Delivery] {
        (byTrack[address] ?? []).compactMap { all[$0] }.filter { isWanted($0.kind) }
    }

    /// Tests and alerts for a channel.
    func ofService(to channel: String) -> [Delivery] {
        ofService.filter { $0.channel == channel }.sorted().compactMap { all[$0] }
    }

    /// By due instant: the same whatever order a dictionary has.
    var inOrder: [Delivery] { inOrder { _ in true } }

    /// The same of some.
    func inOrder(where isWanted: (Delivery) -> Bool) -> [Delivery] {
        all.values.filter(isWanted).sorted { ($0.due, $0.identity) < ($1.due, $1.identity) }
    }
}

extension Delivery.Kind {
    fileprivate var isOfTrack: Bool {
        switch self {
        case .reminder, .confirm, .moved, .passed: true
        case .digest, .test, .alert: false
        }
    }
}
