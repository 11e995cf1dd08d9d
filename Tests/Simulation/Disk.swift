import Engine
import Messages
import Schedule

/// The journal as it lies on disk: what a process that was killed leaves to the next one.
struct Disk {
    private(set) var memory = Memory()
    private(set) var deliveries: [DeliveryIdentity: Delivery] = [:]

    /// What an engine that starts is told.
    func remembered(zones: [Zone]) -> Memory {
        var memory = memory
        memory.open = deliveries.values.filter { !$0.state.isFinal }
        for zone in zones { memory.zones[zone.name] = zone }
        return memory
    }

    /// Writes a commit; returns the added deliveries that were there already.
    mutating func write(_ changes: [Change]) -> [DeliveryIdentity] {
        var known: [DeliveryIdentity] = []
        for change in changes {
            switch change {
            case .add(let delivery):
                if deliveries[delivery.identity] == nil {
                    deliveries[delivery.identity] = delivery
                } else {
                    known.append(delivery.identity)
                }
            case .update(let delivery):
                if !known.contains(delivery.identity) { deliveries[delivery.identity] = delivery }
            case .attempted: break
            case .sighted(let key, let sighting): memory.sightings[key] = sighting
            case .settled(let instant): memory.settled = instant
            case .timed(let timing): memory.timing = timing
            case .destination(let name, let record): memory.destinations[name] = record
            }
        }
        return known
    }
}
