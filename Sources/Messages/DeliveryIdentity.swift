import Crypto
import Schedule

/// What makes a delivery the same one over retries, reloads and restarts. Its due instant is not part of it, so a
/// change of hour or zone repeats nothing.
package struct DeliveryIdentity: Hashable, Sendable {
    package let issue: String
    package let milestone: String
    package let deadline: Instant
    /// A rule's canonical form, or `moved` and when that was seen, `passed`, `test`: words that no rule can be.
    package let reminder: String
    package let channel: String

    package init(issue: String, milestone: String, deadline: Instant, reminder: String, channel: String) {
        self.issue = issue
        self.milestone = milestone
        self.deadline = deadline
        self.reminder = reminder
        self.channel = channel
    }

    /// An identifier for receivers to recognise a repeat by: equal identities give equal ones, and no text of the
    /// configuration shows in it (Standard Webhooks: no user text and no `.` in a `webhook-id`).
    package var messageID: String {
        var hash = SHA256()
        for part in [issue, milestone, String(deadline.milliseconds), reminder, channel] {
            hash.update(data: Array("\(part.utf8.count):\(part)".utf8))
        }
        var id = "msg_"
        for byte in hash.finalize().prefix(16) {
            for digit in [byte >> 4, byte & 0xF] {
                id.unicodeScalars.append(
                    Unicode.Scalar(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10))
            }
        }
        return id
    }
}

extension DeliveryIdentity: CustomStringConvertible {
    /// What a person sees in a log or a footer: `ijms-212097 submission 7d lab`.
    package var description: String { "\(issue) \(milestone) \(reminder) \(channel)" }
}
