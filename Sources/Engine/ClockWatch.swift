import Schedule

/// Watches the wall clock against the time since the machine's start.
///
/// A clock that jumps forward by months makes every reminder of these months due at once, and none of them can be called
/// back. So until it has stood for a while, or somebody says that it is right, it counts for nothing: time goes on as if it
/// had not jumped.
struct ClockWatch: Sendable {
    /// The wall clock less the uptime, in milliseconds, as last believed.
    private var believed: Int64?
    /// The same as last seen.
    private var base: Int64?
    private var uptime: Span?
    private var asleep: Span?
    /// Set while the clock is not believed.
    private(set) var jump: Jump?
    /// What would count as the time had the clock not been set since it was last looked at; nil where nothing measures that.
    private(set) var unset: Instant?
    /// How the clock stood before it went back by more than a day, and since when it is behind that.
    private var left: (base: Int64, since: Span)?
    /// When the clock was last seen to have moved by itself, or the machine to have slept: spans that reach over it do not
    /// measure how long anything was at work.
    private(set) var lastStep: Instant?
    /// When that of the clock was seen, and the last look at it before that, by the time since the machine's start.
    private(set) var lastStepUptime: Span?
    private var lastStepAfter: Span?
    /// When it was first looked at, by the same.
    private var firstUptime: Span?

    /// A jump ahead that is not believed.
    struct Jump: Sendable {
        let span: Span
        /// By the clock as it would stand without the jump.
        let heldUntil: Instant
    }

    enum Finding {
        case jumped(Jump)
        /// The clock was set right.
        case corrected
        /// It was right.
        case accepted(Jump)
    }

    mutating func observe(_ wall: Instant, uptime: Span, asleep: Span?) -> Finding? {
        let base = wall.milliseconds - uptime.milliseconds
        let step = base - (self.base ?? base)
        unset = time(at: wall) - Span(milliseconds: step)
        self.base = base
        let lastLook = self.uptime
        self.uptime = uptime
        firstUptime = firstUptime ?? uptime
        defer { noteSteps(step, wall, uptime, asleep, after: lastLook) }
        if let left, elapsed(since: left.since) >= Limits.doubtPatience { self.left = nil }
        let span = base - (believed ?? base)
        // A clock that goes back makes nothing due, and what is settled stays so.
        guard span > Limits.clockJump.milliseconds else {
            // One that stood for a day was right.
            if span < -Limits.clockJump.milliseconds, left == nil, standing >= Limits.doubtPatience {
                left = believed.map { ($0, uptime) }
            }
            believed = base
            defer { jump = nil }
            return jump.map { _ in .corrected }
        }
        let now = wall - Span(milliseconds: span)
        if let left, base - left.base <= Limits.clockJump.milliseconds {
            // It is set right. What it makes due was due before it went back, or has fallen due since.
            jump = Jump(span: Span(milliseconds: span), heldUntil: now)
            return accept().map { .accepted($0) }
        }
        if let jump, (span - jump.span.milliseconds).magnitude < 60_000 {
            // By a second or so it may be set meanwhile.
            self.jump = Jump(span: Span(milliseconds: span), heldUntil: jump.heldUntil)
            return now < jump.heldUntil ? nil : accept().map { .accepted($0) }
        }
        let doubted = Jump(span: Span(milliseconds: span), heldUntil: now + Limits.clockPatience)
        jump = doubted
        return .jumped(doubted)
    }

    private mutating func noteSteps(
        _ step: Int64, _ wall: Instant, _ uptime: Span, _ asleep: Span?, after lastLook: Span?
    ) {
        let hasStepped = step.magnitude > UInt64(Limits.clockTolerance.milliseconds)
        let slept = (asleep ?? .zero).milliseconds - (self.asleep ?? asleep ?? .zero).milliseconds
        self.asleep = asleep
        if hasStepped { (lastStepAfter, lastStepUptime) = (lastLook, uptime) }
        if hasStepped || slept > Limits.clockTolerance.milliseconds { lastStep = time(at: wall) }
    }

    /// When the machine was started, by the clock as it stands: the same for as long as that stands.
    var booted: Instant? { base.map { Instant(milliseconds: $0) } }

    /// How long the clock has stood since somebody looked at it, or it was set.
    var standing: Span {
        (lastStepUptime ?? firstUptime).map(elapsed) ?? .zero
    }

    /// - Parameter since: by the time since the machine's start.
    private func elapsed(since: Span) -> Span {
        Span(milliseconds: (uptime ?? since).milliseconds - since.milliseconds)
    }

    /// After which instant the clock was set, or when somebody looked at it first; nil where nothing measures it.
    var standsSince: Instant? {
        guard let booted, let since = lastStepAfter ?? firstUptime else { return nil }
        return booted + since
    }

    /// A doubt of an earlier run by the time since this start of the machine, where the clock has stood since, or goes on from
    /// then where the machine was started anew.
    func goesOn(from doubt: ClockDoubt) -> Span? {
        guard let booted, let uptime else { return nil }
        let isSameBoot =
            (booted - doubt.booted).milliseconds.magnitude <= Limits.clockTolerance.milliseconds.magnitude
        if isSameBoot { return doubt.since <= uptime ? doubt.since : nil }
        let since = doubt.booted + doubt.since - booted
        return booted > doubt.booted && since <= uptime ? since : nil
    }

    /// What is believed instead of a clock that jumped, for a later run to know.
    var jumped: ClockJump? {
        guard let jump, let believed, let uptime else { return nil }
        return ClockJump(since: uptime, booted: Instant(milliseconds: believed), by: jump.span)
    }

    /// Goes on not to believe a clock that an earlier run saw jump, where it stands about as it did then, and the machine was not
    /// started anew since.
    mutating func remember(_ jumped: ClockJump, wall: Instant, uptime: Span) {
        let after = wall.milliseconds - uptime.milliseconds - jumped.by.milliseconds
        let step = (after - jumped.booted.milliseconds).magnitude
        guard jumped.since <= uptime, step < Limits.clockJump.milliseconds.magnitude else { return }
        believed = jumped.booted.milliseconds
    }

    /// What counts as the time: while the clock is doubted, not what it shows.
    func time(at wall: Instant) -> Instant {
        guard let jump else { return wall }
        return wall - jump.span
    }

    /// What the wall clock shows then.
    func wall(at time: Instant) -> Instant { jump.map { time + $0.span } ?? time }

    /// Believes the clock as it stands.
    mutating func accept() -> Jump? {
        defer { jump = nil }
        believed = base
        left = nil
        if let jump { lastStep = lastStep.map { $0 + jump.span } }
        return jump
    }
}

/// A jump ahead that is not believed.
package struct ClockJump: Hashable, Sendable {
    /// When it was seen, by the time since the machine's start.
    package let since: Span
    /// When the machine was started, by the clock before it jumped.
    package let booted: Instant
    package let by: Span

    package init(since: Span, booted: Instant, by: Span) {
        self.since = since
        self.booted = booted
        self.by = by
    }
}

/// Since when a clock has stood that went back.
package struct ClockDoubt: Hashable, Sendable {
    /// By the time since the machine's start; negative where that was later.
    package let since: Span
    /// When the machine was started, by that clock: by this it is recognised after a restart.
    package let booted: Instant

    package init(since: Span, booted: Instant) {
        self.since = since
        self.booted = booted
    }
}
