import Dispatch
import Engine
import Glibc
import Journal
import Messages
import Schedule
import Synchronization
import Transport

/// Does what the engine asks for and tells it what came of it. It decides nothing.
///
/// One serial queue owns the engine, as an actor's executor. The journal has a queue of its own, because its commits wait for the disk; the
/// transport has a thread of its own.
package actor Runner {
    /// How time passes.
    package enum Pace: Sendable {
        /// As on the wall.
        case realTime
        /// From an instant on, straight to the next one that matters whenever nothing is under way.
        case rehearsal(from: Instant)
    }

    /// One attempt as it went, for whoever watches.
    package struct Exchange: Sendable {
        package let message: Message
        package let channel: Channel
        package let request: Request
        package let answer: Answer
        package let verdict: Verdict
    }

    /// What a runner tells its owner; called on the runner's queue.
    package struct Observer: Sendable {
        package var report: @Sendable (Report) -> Void = { _ in }
        /// What came back from a service of this type, and what that means.
        package var judged: (@Sendable (_ type: String, Answer, Verdict) -> Void)?
        package var exchange: (@Sendable (Exchange) -> Void)?
        /// The journal's file is damaged or gone; called on the journal's queue.
        package var damaged: @Sendable (JournalFault) -> Void = { _ in }
        /// The engine has stopped, or in a rehearsal nothing more will happen.
        package var stopped: @Sendable () -> Void = {}
        /// Something changed that a status line would show.
        package var changed: (@Sendable (_ next: Instant?, _ open: Int) -> Void)?

        package init() {}
    }

    private let executor = QueueExecutor(label: "engine")
    private let journalQueue = DispatchQueue(label: "journal")
    private let journal: Journal
    private let transport: Transport
    private let observer: Observer
    /// Where a channel's requests go instead of their own address: a rehearsal's receiver on this machine.
    private let redirect: (@Sendable (Channel) -> Secret)?
    private var engine: Engine
    private var channels: [String: Channel] = [:]
    private var timers: [any DispatchSourceTimer] = []
    private var clockSetWatch: ClockSetWatch?
    private var wakeAt: Instant?
    private var rehearsedNow: Instant?
    /// Makes the links by which readers say that they are done; nil where they cannot.
    package var links: DoneLinks?
    private var isChangeToBeTold = false
    /// Commits begun and ended so far, and who waits for one of them to be on disk.
    private var commits = (begun: 0, ended: 0)
    private var waiters: [(commit: Int, body: @Sendable (_ isWritten: Bool) -> Void)] = []
    private nonisolated let arrivals = Mutex(Arrivals())

    /// Answers on their way to the engine. Nothing comes of one before the commit under way has ended, so that takes them along: to
    /// wake another thread for them, and to move what the engine looks at from one processor to the next, costs a delivery some percent of
    /// its CPU.
    private struct Arrivals {
        var answers: [Arrival] = []
        var isCommitUnderWay = false

        mutating func take() -> [Arrival] {
            defer { answers = [] }
            return answers
        }
    }

    private struct Arrival {
        let sending: Sending
        let answer: Answer
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The queue that the engine lives on: a watchdog's ping from here shows that work is being done.
    package nonisolated var queue: DispatchQueue { executor.queue }

    package init(
        journal: Journal, transport: Transport, pace: Pace, observer: Observer,
        redirect: (@Sendable (Channel) -> Secret)? = nil
    ) {
        self.journal = journal
        self.transport = transport
        self.observer = observer
        self.redirect = redirect
        if case .rehearsal(let start) = pace { rehearsedNow = start }
        engine = Engine(seed: UInt64.random(in: .min ... .max))
    }

    /// Hands an event over without waiting, from any thread. Events are handled in the order of these calls.
    package nonisolated func post(_ event: Event) {
        queue.async { self.assumeIsolated { $0.handle(event) } }
    }

    /// Asks from any thread, after the events that were handed over before.
    package nonisolated func ask(_ question: @escaping @Sendable (isolated Runner) -> Void) {
        queue.async { self.assumeIsolated { question($0) } }
    }

    /// What is due and unsent without a reason, now.
    package func audit() -> Audit {
        let (engine, now) = upToDate()
        return Audit(engine, now: now)
    }

    /// The engine after it has heard how late it is, should the clock have been set or the machine have slept.
    package func upToDate() -> (engine: Engine, now: Instant) {
        handle(.time)
        return snapshot()
    }

    /// The engine as it stands, to be looked at elsewhere: it is a value. And its time.
    package func snapshot() -> (engine: Engine, now: Instant) { (engine, engine.time(at: now)) }

    /// Handles an event, and says when what it changed is on disk, or that it could not be written.
    package func handle(_ event: Event, whenWritten body: @escaping @Sendable (_ isWritten: Bool) -> Void) {
        handle(event)
        waiters.append((commits.begun + (engine.hasUnwrittenChanges ? 1 : 0), body))
        tellWaiters()
    }

    private func tellWaiters(failed: Bool = false) {
        guard !waiters.isEmpty else { return }
        let done = waiters.filter { failed || $0.commit <= commits.ended }
        waiters.removeAll { failed || $0.commit <= commits.ended }
        for waiter in done { waiter.body(!failed) }
    }

    private var now: Instant { rehearsedNow ?? .now }

    private func handle(_ event: Event) { handle([event]) }

    private func handle(_ events: [Event]) {
        var hasFailed = false
        for event in events {
            switch event {
            case .started(let agenda, _), .reloaded(let agenda):
                watchClock()
                channels = Dictionary(agenda.channels.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
            case .committed: commits.ended = commits.begun
            case .commitFailed: hasFailed = true
            default: break
            }
        }
        var flights: [[Delivery]] = []
        let isReal = rehearsedNow == nil
        for effect in engine.handle(
            events, now: now, uptime: isReal ? .sinceBoot : nil, asleep: isReal ? .asleepSinceBoot : nil)
        {
            switch effect {
            case .commit(let changes): commit(changes)
            case .send(let flight): flights.append(flight)
            case .wake(let instant): wake(at: instant)
            case .tell(let report): observer.report(report)
            case .stopped: stopped()
            }
        }
        if !flights.isEmpty {
            var orders: [Transport.Order] = []
            engine.withMessages(about: flights, now: now) { flight, message in
                if let order = order(for: flight, message) { orders.append(order) }
            }
            transport.send(orders)
        }
        tellWaiters(failed: hasFailed)
        tellOfChange()
        if rehearsedNow != nil, engine.isQuiet { skipAhead() }
    }

    /// At most once a second: in a burst, nobody reads more.
    private func tellOfChange() {
        guard let changed = observer.changed, !isChangeToBeTold else { return }
        isChangeToBeTold = true
        queue.asyncAfter(deadline: .now() + .seconds(1)) {
            self.assumeIsolated { runner in
                runner.isChangeToBeTold = false
                changed(runner.engine.next, runner.engine.openCount)
            }
        }
    }

    private func commit(_ changes: [Change]) {
        commits.begun += 1
        arrivals.withLock { $0.isCommitUnderWay = true }
        let now = engine.time(at: now)
        journalQueue.async { [journal, observer] in
            do throws(JournalFault) {
                let known = try journal.commit(changes, at: now)
                // On this thread, which waits for the engine meanwhile: what follows wakes no other.
                self.queue.sync { self.assumeIsolated { $0.endCommit(.committed(known: known)) } }
                journal.checkpoint()
            } catch {
                if error.isDamage { observer.damaged(error) }
                let end = Event.commitFailed(reason: error.description)
                self.queue.async { self.assumeIsolated { $0.endCommit(end) } }
            }
        }
    }

    private func order(for flight: [Delivery], _ message: consuming Message?) -> Transport.Order? {
        let now = now
        guard let identity = flight.first?.identity else { return nil }
        guard let channel = channels[identity.channel], var message = consume message else {
            post(.answered(identity, .permanent(reason: "its special issue or channel was removed")))
            return nil
        }
        message.links = links
        let original = channel.service.request(for: message, attempt: now)
        let request = redirect.map { original.redirected(to: $0(channel)) } ?? original
        let options = Transport.Options(
            caFile: channel.caFile, allowsPlainHTTP: channel.allowsPlainHTTP || redirect != nil,
            allowedNetworks: redirect == nil ? channel.allowedNetworks : Network.loopback)
        let sending = Sending(
            identity: identity, service: channel.service,
            watched: observer.exchange == nil ? nil : (message, channel, request))
        return Transport.Order(request.unwatched, options: options) { answer in
            let isToWake = self.arrivals.withLock { arrivals in
                arrivals.answers.append(Arrival(sending: sending, answer: answer))
                // Whoever came first has woken the queue, and it takes all of them.
                return arrivals.answers.count == 1 && !arrivals.isCommitUnderWay
            }
            if isToWake { self.queue.async { self.assumeIsolated { $0.takeArrivals() } } }
        }
    }

    /// What an answer is judged by.
    private final class Sending: Sendable {
        let identity: DeliveryIdentity
        let service: any ChatService
        /// The request, and what it was made of; nil where nobody watches, because copying a message copies all texts of its special
        /// issue.
        let watched: (message: Message, channel: Channel, request: Request)?

        init(
            identity: DeliveryIdentity, service: any ChatService,
            watched: (message: Message, channel: Channel, request: Request)?
        ) {
            self.identity = identity
            self.service = service
            self.watched = watched
        }
    }

    private func takeArrivals() {
        let answers = arrivals.withLock { $0.take() }
        // The end of a commit may have taken them.
        if !answers.isEmpty { handle(answers.map(judge)) }
    }

    /// - Parameter end: how the commit under way has ended.
    private func endCommit(_ end: Event) {
        let answers = arrivals.withLock { arrivals in
            arrivals.isCommitUnderWay = false
            return arrivals.take()
        }
        // They come first: a vendor's limit holds back what was just written.
        handle(answers.map(judge) + [end])
    }

    private func judge(_ arrival: Arrival) -> Event {
        let (sending, answer) = (arrival.sending, arrival.answer)
        let verdict = sending.service.verdict(on: answer, now: now)
        observer.judged?(type(of: sending.service).type, answer, verdict)
        if let exchange = observer.exchange, let (message, channel, request) = sending.watched {
            exchange(
                Exchange(
                    message: message, channel: channel, request: request, answer: answer, verdict: verdict))
        }
        return .answered(sending.identity, verdict, status: answer.status)
    }

    // MARK: Time

    /// A timer reaches no further: Dispatch counts its instant in nanoseconds since 1970, and what overflows that, after
    /// the year 2262, fires at once. The engine is told the time then, and asks again.
    private static let timerReach = Span.days(30)

    /// While the clock is doubted, it is looked at so often.
    private static let doubtInterval = Span.seconds(5)

    private func watchClock() {
        guard rehearsedNow == nil, clockSetWatch == nil else { return }
        clockSetWatch = ClockSetWatch(queue: queue) { [weak self] in self?.post(.time) }
    }

    private func wake(at instant: Instant?) {
        wakeAt = instant
        guard rehearsedNow == nil else { return }
        for timer in timers { timer.cancel() }
        timers = []
        guard let instant else { return }
        let now = now
        let at = min(max(instant, now), now + Runner.timerReach)
        if engine.isClockDoubted {
            // Set right, it would not come to that for a year.
            return arm(after: min(at - now, Runner.doubtInterval))
        }
        // A wall timer is an absolute CLOCK_REALTIME timer: it follows a clock that is set, and fires on resume.
        let (seconds, milliseconds) = at.milliseconds.quotientAndRemainder(dividingBy: 1000)
        let due = timespec(tv_sec: Int(seconds), tv_nsec: Int(milliseconds) * 1_000_000)
        let timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
        timer.schedule(wallDeadline: DispatchWallTime(timespec: due), leeway: .nanoseconds(0))
        start(timer)
        // A wait of five seconds must not last a year because the clock went back: the engine has to hear of that.
        if at - now <= Limits.longestWaitToRepeat { arm(after: at - now) }
    }

    /// Wakes the engine after a time, whatever becomes of the clock.
    private func arm(after span: Span) {
        let timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
        timer.schedule(deadline: .now() + .milliseconds(Int(span.milliseconds)))
        start(timer)
    }

    private func start(_ timer: any DispatchSourceTimer) {
        timer.setEventHandler { self.handle(.time) }
        timer.activate()
        timers.append(timer)
    }

    /// A rehearsal's clock does not run, it jumps.
    private func skipAhead() {
        guard let wakeAt else { return stopped() }
        self.wakeAt = nil
        rehearsedNow = max(now, wakeAt)
        post(.time)
    }

    private func stopped() {
        for timer in timers { timer.cancel() }
        timers = []
        clockSetWatch = nil
        observer.stopped()
    }
}
