import Schedule

/// What an answer means for its delivery.
package enum Verdict: Sendable, Equatable {
    case delivered
    /// Try again, not before `wait` has passed where the service named a time. `mayHaveArrived` where somebody on the way said so,
    /// who may have handed it on.
    case retry(wait: Span?, reason: String, mayHaveArrived: Bool = false)
    /// The vendor limits us as a whole: none of its channels is tried before `wait` has passed.
    case limited(wait: Span, reason: String)
    /// This message can never succeed.
    case permanent(reason: String)
    /// This message can never succeed in its form; plain text may. Not `isCertain` where the service did not say so in words
    /// that are known: where plain text does not pass either, it is tried again like after any other failure.
    case malformed(reason: String, isCertain: Bool = true)
    /// The destination has another address now, for good.
    case readdressed(Forwarding, reason: String)
    /// The destination or its credential is dead, once this has been said so many times in a row: what revokes a
    /// credential says 401 or 403, and so does a proxy that is in trouble for a minute.
    case disable(reason: String, strikes: Int = 1)
    /// It may or may not have arrived.
    case unknown(reason: String)
}

/// The service's own word for where a destination went. It counts while the configuration says `from`.
package struct Forwarding: Hashable, Sendable {
    package let from: String
    package let to: String

    package init(from: String, to: String) {
        self.from = from
        self.to = to
    }
}

extension Verdict {
    /// How long a service may make us wait: a shorter time would hammer it, a longer one is taken for a mistake.
    private static let waits = Span.seconds(1)...Span.hours(6)

    /// What a status means where the service's own file says nothing else. A caller gives the longest wait that it
    /// found in the body.
    package static func standard(_ answer: Answer, bodyWait: Span? = nil, now: Instant) -> Verdict {
        switch answer {
        case .notSent(let reason): return .retry(wait: nil, reason: reason)
        case .insecure(let reason): return .disable(reason: reason)
        case .lost(let reason): return .unknown(reason: reason)
        case .response(let response):
            switch response.status {
            case 200...299: return response.isComplete ? .delivered : .unknown(reason: "the answer broke off")
            // 407: a proxy on the way wants a login.
            case 407, 408, 425, 429, 500...599: return .retry(response, atLeast: bodyWait, now: now)
            case 401, 403: return .disable(reason: response.reason, strikes: 3)
            case 404, 410: return .disable(reason: response.reason)
            case 400, 413, 422: return .malformed(reason: response.reason)
            default: return .permanent(reason: response.reason)
            }
        }
    }

    /// Try again after the longer of `Retry-After` and what the body named, within bounds.
    package static func retry(
        _ response: Answer.Response, atLeast bodyWait: Span? = nil, now: Instant
    ) -> Verdict {
        .retry(
            wait: wait(response, bodyWait, now), reason: response.reason, mayHaveArrived: response.isOfGateway
        )
    }

    /// The same for every channel of the vendor.
    package static func limited(
        _ response: Answer.Response, atLeast bodyWait: Span?, now: Instant
    ) -> Verdict {
        .limited(wait: wait(response, bodyWait, now) ?? .minutes(1), reason: response.reason)
    }

    private static func wait(_ response: Answer.Response, _ bodyWait: Span?, _ now: Instant) -> Span? {
        let header = response.headers["retry-after"].flatMap { retryAfter($0, now: now) }
        let wait = [header, bodyWait].compactMap { $0 }.max()
        return wait.map { min(max($0, waits.lowerBound), waits.upperBound) }
    }

    /// A number of seconds as a wait, rounded up; nil for what is none.
    package static func wait(seconds: Double) -> Span? {
        seconds >= 0 && seconds.isFinite ? .seconds(Int64(min(seconds.rounded(.up), 1e9))) : nil
    }

    /// `Retry-After`, RFC 9110 10.2.3: seconds, here with decimals too, or an HTTP date.
    private static func retryAfter(_ text: String, now: Instant) -> Span? {
        // No form of it is half as long. To compare 16 KB of combining accents takes a second.
        guard text.utf8.count <= 80 else { return nil }
        if let seconds = Double(text) { return wait(seconds: seconds) }
        return httpDate(text, now: now).map { $0 - now }
    }

    /// The three forms that recipients must accept (RFC 9110 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, and the obsolete
    /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    private static func httpDate(_ text: String, now: Instant) -> Instant? {
        let words = text.split(separator: " ")
        switch (words.count, words.last) {
        case (6, "GMT"): return instant(Int(words[3]), words[2], words[1], words[4])
        case (4, "GMT"):
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, let digits = Int(parts[2]), (0...99).contains(digits) else { return nil }
            let thisYear = Zone.utc.civil(at: now).date.year
            let year = thisYear - thisYear % 100 + digits
            // One more than fifty years ahead is meant to be past.
            return instant(year > thisYear + 50 ? year - 100 : year, parts[1], parts[0], words[2])
        case (5, _): return instant(Int(words[4]), words[1], words[2], words[3])
        default: return nil
        }
    }

    private static func instant(
        _ year: Int?, _ month: Substring, _ day: Substring, _ clock: Substring
    ) -> Instant? {
        let clock = clock.split(separator: ":").compactMap { Int($0) }
        guard let year, let month = httpMonths.firstIndex(of: String(month)), let day = Int(day),
            let date = CivilDate(year: year, month: month + 1, day: day), clock.count == 3,
            let time = TimeOfDay(hour: clock[0], minute: clock[1], second: clock[2])
        else { return nil }
        return Zone.utc.instant(of: CivilDateTime(date, time))
    }

    private static let httpMonths = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
