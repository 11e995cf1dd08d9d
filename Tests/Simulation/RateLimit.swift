import Messages
import Schedule

/// "Too many requests", in the forms that services give it, and what it means by the services' own documentation.
struct RateLimit {
    let form: String
    let answer: Answer
    /// The wait that was named, from when the answer came; nil where none was.
    private let wait: Span?
    /// The instant that was named.
    private let until: Instant?
    /// It is for all channels of the vendor.
    let isVendors: Bool

    init(_ random: inout Randomness, type: String, now: Instant) {
        let milliseconds =
            random.one(of: [0, 400, 1000, 2500, 64_857, 600_000, 21_600_000, 864_000_000]) ?? 0
        let seconds = "\(milliseconds / 1000).\(milliseconds % 1000 / 100)"
        let html = "<html><title>You are being rate limited</title> error code: 1015"
        // Of forms that name no time there are as many as of those that do.
        switch (type, random.number(0..<8)) {
        case (Discord.type, 0...2):
            self.init(
                "Discord, body", 429, [:],
                "{\"message\": \"slow\", \"retry_after\": \(seconds), \"global\": false}", wait: milliseconds)
        case (Discord.type, 3):
            self.init(
                "Discord, body and header", 429, ["retry-after": "\(milliseconds / 2000)"],
                "{\"retry_after\": \(seconds), \"global\": false}", wait: milliseconds)
        case (Discord.type, 4...5):
            self.init(
                "Discord, global", 429, [:], "{\"retry_after\": \(seconds), \"global\": true}",
                wait: milliseconds,
                isVendors: true)
        case (Discord.type, _):
            self.init(
                "Cloudflare", 429, ["retry-after": "\(milliseconds / 1000)"], html,
                wait: max(600_000, milliseconds / 1000 * 1000),
                isVendors: true)
        case (RocketChat.type, 0...3):
            let until = Instant(milliseconds: now.milliseconds + Int64(milliseconds))
            self.init(
                "milliseconds since 1970", 429, ["x-ratelimit-reset": "\(until.milliseconds)"],
                "{\"success\": false}", until: until)
        case (Matrix.type, 0...3):
            self.init(
                "milliseconds, body", 429, [:],
                "{\"errcode\": \"M_LIMIT_EXCEEDED\", \"retry_after_ms\": \(milliseconds)}", wait: milliseconds
            )
        case (Telegram.type, 0...3):
            self.init(
                "seconds, body", 429, [:],
                "{\"ok\": false, \"parameters\": {\"retry_after\": \(milliseconds / 1000)}}",
                wait: milliseconds / 1000 * 1000)
        case (Zulip.type, 0...3):
            self.init(
                "decimals, body", 429, [:],
                "{\"result\": \"error\", \"code\": \"RATE_LIMIT_HIT\", \"retry-after\": \(seconds)}",
                wait: milliseconds)
        case (_, 0...1):
            self.init(
                "seconds", 429, ["retry-after": "\(milliseconds / 1000)"], wait: milliseconds / 1000 * 1000)
        case (_, 2): self.init("decimals", 503, ["retry-after": seconds], wait: milliseconds)
        case (_, 3...4):
            let until = Instant(seconds: now.seconds + Int64(milliseconds / 1000) + 1)
            self.init("date", 429, ["retry-after": RateLimit.date(until)], until: until)
        case (_, 5): self.init("no number", 429, ["retry-after": "soon"])
        case (_, 6): self.init("negative", 429, ["retry-after": "-5"])
        default: self.init("without a time", 429, [:])
        }
    }

    private init(
        _ form: String, _ status: Int, _ headers: [String: String], _ body: String = "", wait: Int? = nil,
        until: Instant? = nil,
        isVendors: Bool = false
    ) {
        self.form = form
        answer = .response(Answer.Response(status: status, headers: headers, body: Array(body.utf8)))
        self.wait = wait.map { .milliseconds(Int64($0)) }
        self.until = until
        self.isVendors = isVendors
    }

    /// Nothing may be sent before, where the answer comes now. Nobody is believed who asks for more than six hours.
    func notBefore(_ now: Instant) -> Instant? {
        let wait = wait ?? until.map { $0 - now }
        return wait.map { now + min(max($0, .seconds(1)), .hours(6)) }
    }

    /// RFC 9110 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ instant: Instant) -> String {
        let civil = Zone.utc.civil(at: instant)
        let (year, month, day) = civil.date.yearMonthDay
        let time = Int(civil.time.seconds)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return
            "\(civil.date.weekday.name.prefix(3)), \(two(day)) \(months[month - 1]) \(year) "
            + "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60)) GMT"
    }
}
