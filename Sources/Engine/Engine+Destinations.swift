import Messages
import Schedule

/// Pausing, disabling and resuming destinations, and telling somebody.
extension Engine {
    /// Pauses a channel, be it away for a while: when it is back, it is not troubled before.
    ///
    /// - Parameter end: the end of the pause; it may count a failure.
    mutating func pause(
        _ channel: String, _ reason: String, until end: (inout DestinationRecord) -> Instant
    ) {
        remember(channel) { record in
            let until = end(&record)
            record.pausedUntil = max(until, record.pausedUntil ?? until)
        }
        endTests(of: channel, reason)
    }

    /// Tests that wait for their turn wait no longer: who asked for one wants to know now.
    private mutating func endTests(of channel: String, _ reason: String) {
        for delivery in deliveries.ofService(to: channel) where delivery.kind == .test {
            if delivery.state.isSending { continue }
            end(test: delivery, reason)
        }
    }

    /// It is not tried again: who asked for it waits, and wants to know why.
    mutating func end(test: Delivery, _ reason: String) {
        finish(test, .cancelled(reason: reason))
        effects.append(.tell(.gaveUp(test.identity, reason: reason)))
    }

    /// Changes what is remembered of a channel, be it away for a while.
    mutating func remember(_ channel: String, _ change: (inout DestinationRecord) -> Void) {
        guard var record = record(of: channel) ?? away[channel]?.record else { return }
        change(&record)
        if let index = channelIndices[channel] {
            destinations[index].record = record
        } else {
            away[channel]?.record = record
        }
        batch.append(.destination(channel, record))
    }

    mutating func recovered(_ index: Int?, _ now: Instant) {
        guard let index else { return }
        var record = destinations[index].record.recovered
        // While the request was on its way, the vendor may have asked for a pause.
        if let until = destinations[index].record.pausedUntil, until > now { record.pausedUntil = until }
        guard destinations[index].record != record else { return }
        destinations[index].record = record
        remember(index)
    }

    /// A limit of the vendor's is for all of its channels.
    mutating func pauseVendor(of channel: String, _ reason: String, until: Instant) {
        guard let type = channelIndices[channel].map({ agenda.channels[$0].type }) ?? away[channel]?.type
        else { return }
        let here = agenda.channels.lazy.filter { $0.type == type }.map(\.name)
        for name in here + away.filter({ $0.value.type == type }).keys.sorted() {
            pause(name, reason) { _ in until }
        }
    }

    /// Nothing more is sent to a destination that is dead; what is owed to it is kept.
    mutating func disable(_ index: Int, _ reason: String, _ now: Instant) {
        let name = agenda.channels[index].name
        let told = destinations[index].record.deathTold
        // A service's own words may differ each time: some name the request.
        let news = DeathTold(
            to: agenda.channels[index].fallback, reason: String(reason.prefix { $0 != ":" }))
        destinations[index].record.disabled = DestinationRecord.Disabled(reason: reason, since: now)
        destinations[index].record.deathTold = news
        remember(index)
        endTests(of: name, reason)
        for var delivery in queueable(for: { $0 == name }) {
            switch delivery.state {
            case .owed, .waiting, .unknown: delivery.state = .held(.destination, reason: reason)
            default: continue
            }
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
        }
        refill([index])
        effects.append(.tell(.disabled(channel: name, reason: reason)))
        if told != news { alert(about: name, .disabled(channel: name, reason: reason), now) }
    }

    /// Brings a destination back, with all that was held for it. The pause that a service asked for ends only where
    /// somebody wants that.
    mutating func resume(_ name: String, _ now: Instant, endsPause: Bool) {
        guard let index = channelIndices[name] else { return }
        var record = destinations[index].record.recovered
        if endsPause {
            record.mutedUntil = nil
            record.mutedSince = nil
        } else {
            record.pausedUntil = destinations[index].record.pausedUntil
            record.deathTold = destinations[index].record.deathTold
        }
        destinations[index].record = record
        remember(index)
        for var delivery in queueable(for: { $0 == name }) {
            switch delivery.state {
            case .held(let hold, _) where hold != .unknown:
                delivery.state = self.hold(on: delivery, now) ?? .owed
                if delivery.state == .owed {
                    delivery.added = delivery.patienceBegin(now)
                } else {
                    delivery.fold = nil
                }
            // What waits because of the destination's failures waits no longer either.
            case .waiting where endsPause: delivery.state = .owed
            case .unknown(_, let reason) where endsPause:
                delivery.state = .unknown(until: now, reason: reason)
            default: continue
            }
            deliveries[delivery.identity] = delivery
            batch.append(.update(delivery))
        }
        refill([index])
        effects.append(.tell(.resumed(channel: name)))
    }

    /// A start and a reload bring back what was disabled: somebody has been at work, and if nothing is mended, one
    /// request shows it.
    mutating func resumeAll(_ now: Instant) {
        for index in destinations.indices where destinations[index].record.disabled != nil {
            resume(agenda.channels[index].name, now, endsPause: false)
        }
    }

    /// What the journal remembers of a destination; nil where no channel has that name.
    package func record(of channel: String) -> DestinationRecord? {
        channelIndices[channel].map { destinations[$0].record }
    }

    /// Why a delivery cannot be sent again; nil where it can.
    package func objection(toResending wanted: Delivery) -> String? {
        let delivery = deliveries[wanted.identity] ?? wanted
        if let reason = orphaned(delivery) { return reason }
        if delivery.isVoid { return Delivery.voidReason }
        if let last, delivery.isEarly(at: last) {
            if delivery.state.reason == Delivery.changedReason { return Delivery.changedReason }
            let isOver =
                deliveries[wanted.identity] == nil ? !delivery.isRevivable : delivery.isHeldAsUnknown
            return "it is due at \(delivery.due)\(isOver ? ": ask again then" : ", and goes out then")"
        }
        // Whoever looked it up did so before its end.
        if deliveries[wanted.identity] == nil, !wanted.state.isFinal {
            return "something has just become of it: look at it again"
        }
        if givingWay[delivery.identity] != nil || delivery.state.isFinal && fresher(than: delivery) != nil {
            return "a fresher reminder takes its place"
        }
        let resumption = "'deadlined resume \(delivery.identity.channel)'"
        // What is over, or may have arrived, would be held with the others.
        let wouldBeHeld = delivery.state.isFinal || delivery.isHeldAsUnknown
        let held = wouldBeHeld ? hold(on: delivery, last ?? .distantPast) : nil
        switch held ?? delivery.state {
        case .owed: return "it is about to be sent"
        case .sending: return "it is being sent"
        case .held(.destination, let reason):
            return "its channel is disabled (\(reason)): resume that with \(resumption)"
        case .held(.muted, let reason):
            return "\(reason): \(resumption) \(held == nil ? "sends all that waits for it" : "ends that")"
        case .held(.snoozed, let reason):
            return "it is \(reason): 'deadlined undo \(delivery.identity.issue)'"
        case .held(.unknown, _), .delivered, .unknown, .waiting, .superseded, .expired, .refused, .cancelled:
            return nil
        }
    }

    /// Sends a delivery now because somebody wants it, whatever became of it.
    mutating func resend(_ wanted: Delivery, _ now: Instant) {
        guard objection(toResending: wanted) == nil, let index = channelIndices[wanted.identity.channel]
        else {
            return
        }
        var delivery = deliveries[wanted.identity] ?? wanted
        switch delivery.state {
        case .delivered:
            delivery.isPossibleRepeat = true
            delivery.edition += 1
        case .unknown, .held: delivery.isPossibleRepeat = true
        default: break
        }
        // What no digest has told since is told by one that was superseded, too.
        if case .digest(let since) = delivery.kind, delivery.edition == 0,
            let told = toldDigests[delivery.identity.channel], told < since
        {
            delivery.kind = .digest(since: told)
        }
        delivery.state = .owed
        // Now it is wanted by itself, and anew.
        delivery.fold = nil
        delivery.losses = 0
        delivery.added = now
        deliveries[delivery.identity] = delivery
        batch.append(.update(delivery))
        refill([index])
    }

    /// Tells the fallback of a channel: never the channel itself, and not once more while it has not heard of the last
    /// trouble.
    mutating func alert(about name: String, _ alert: ServiceAlert, _ now: Instant) {
        guard let index = channelIndices[name], let fallback = agenda.channels[index].fallback,
            fallback != name,
            channelIndices[fallback] != nil
        else { return }
        let reminder = "alert \(name)"
        guard
            !deliveries.ofService(to: fallback).contains(where: {
                $0.identity.reminder == reminder && $0.kind.tells(as: alert) && !$0.isHeldAsUnknown
            })
        else { return }
        addAlert(alert, reminder: reminder, to: fallback, now)
    }

    /// Tells every fallback there is of something that concerns all channels.
    mutating func alertEverybody(_ alert: ServiceAlert, _ now: Instant) {
        for name in Set(agenda.channels.compactMap(\.fallback)).sorted() where channelIndices[name] != nil {
            addAlert(alert, reminder: "alert", to: name, now)
        }
    }

    private mutating func addAlert(
        _ alert: ServiceAlert, reminder: String, to channel: String, _ now: Instant
    ) {
        var instant = now
        func identity() -> DeliveryIdentity {
            DeliveryIdentity(
                issue: "", milestone: "", deadline: instant, reminder: reminder, channel: channel)
        }
        // Two of one millisecond are two.
        while deliveries[identity()] != nil { instant = instant + .milliseconds(1) }
        add(Delivery(identity: identity(), kind: .alert(alert), due: now, added: now))
    }

    /// Makes the queues of destinations anew from what is open.
    mutating func refill(_ indices: Set<Int>) {
        guard !indices.isEmpty else { return }
        for index in indices { destinations[index] = destinations[index].emptied() }
        let names = Set(indices.map { agenda.channels[$0].name })
        for delivery in queueable(for: names.contains) { enqueue(delivery) }
    }

    mutating func remember(_ index: Int) {
        batch.append(.destination(agenda.channels[index].name, destinations[index].record))
    }
}
