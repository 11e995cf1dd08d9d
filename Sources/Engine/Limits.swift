import Schedule

/// The engine's fixed numbers, with their reasons.
package enum Limits {
    /// How long after a failed attempt the next one begins; the last step repeats. A vendor's short outage is bridged
    /// within seconds, a long one costs an attempt an hour.
    static let ladder: [Span] = [
        .seconds(5), .seconds(30), .minutes(2), .minutes(5), .minutes(15), .minutes(30), .hours(1),
    ]
    /// The same where the answer was lost: each next try may be the same message once more, so they are few, and none comes
    /// before a receiver that is only slow has answered.
    static let repeats: [Span] = [.minutes(1), .minutes(10), .hours(1), .hours(6), .hours(24)]
    /// Retries spread by ±20 %, so that many reminders of one minute do not come back in one second.
    static let jitter = 0.2
    /// A wall clock that moves by more than this against the boot clock was set by somebody, or is wrong.
    static let clockJump = Span.days(1)
    /// How long a clock that jumped must stand before what it made due is believed.
    static let clockPatience = Span.minutes(10)
    /// A wall clock that goes back by less is kept in time by somebody, and nothing follows from it, nor from a shorter sleep.
    static let clockTolerance = Span.minutes(1)
    /// No wait is longer: the longest that a service may ask for (`Verdict`). One that is was made under a clock that
    /// stood in the future.
    static let longestWait = Span.hours(6)
    /// The same for a message that may have arrived, with its jitter.
    package static let longestWaitToRepeat = Span.hours(30)
    /// How long a clock that went back must stand before it is believed, and what was settled later is forgotten. One that is
    /// wrong after a start, because nothing keeps the time while the machine is off, is set right within minutes.
    static let doubtPatience = Span.hours(24)
    /// How late anything may be handled before the audit calls it stuck.
    static let auditPatience = Span.minutes(1)
    /// No request takes longer: the transport ends it after half a minute, a mail after two.
    static let sendingPatience = Span.minutes(5)
    /// After three days of failures a reminder's news is stale.
    static let patience = Span.hours(72)
    /// A reminder found later than this was overdue: the service was down or the clock jumped. A restart by the
    /// service manager takes less, and drops nothing.
    static let punctuality = Span.seconds(10)
    /// How soon a commit that failed is tried again: a full disk is often noticed and mended by hand.
    static let commitRetry = Span.seconds(5)
    /// Attempts that one commit begins. While it is written, the requests of the one before are on their way; all in one
    /// would let the disk wait for the network, and the network for the disk.
    static let sendsPerCommit = 24
    /// New deliveries of one commit: of many that are due at one instant the first leave while the last are written down.
    static let owedPerCommit = 256
    /// So many requests under way keep the disk and the network at work; the end of each brings the next.
    static let flightsInPlenty = 8
    /// What has been due for longer is recorded at once, however much: it should not be overdue because a disk is slow.
    static let owingPatience = Span.seconds(5)
    /// Attempts after which one message is taken for the cause of its failures, and lets others pass.
    static let attemptsInOrder = 3
    /// Attempts after which even a delivery whose destination moved waits like any other.
    static let quickAttempts = 2
    /// Requests under way at one time, over all destinations. Each costs a connection and some 100 KiB.
    static let inFlight = 96
    /// The same to one host: while it takes connections and answers nothing, all others have the rest.
    static let inFlightPerHost = 64
}
