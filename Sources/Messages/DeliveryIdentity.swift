import Crypto
import Schedule

/// What makes a delivery the same one over retries, reloads and restarts. Its due instant is not part of it, so a
/// change of hour or zone repeats nothing.
///
/// Copying one costs as much as copying a reference, and its hash is worked out once: each step of a delivery's life looks it up.
package struct DeliveryIdentity: Sendable {
    private final class Parts: Sendable {
        let issue: String
        let milestone: String
        let deadline: Instant
        let reminder: String
        let channel: String
        let hash: Int
        let trackHash: Int

        init(issue: String, milestone: String, deadline: Instant, reminder: String, channel: String) {
            self.issue = issue
            self.milestone = milestone
            self.deadline = deadline
            self.reminder = reminder
            self.channel = channel
            var hasher = Hasher()
            hasher.combine(issue)
            hasher.combine(milestone)
            hasher.combine(channel)
            trackHash = hasher.finalize()
            hasher = Hasher()
            hasher.combine(trackHash)
            hasher.combine(deadline)
            hasher.combine(reminder)
            hash = hasher.finalize()
        }
    }

    private let parts: Parts

    package var issue: String { parts.issue }
    package var milestone: String { parts.milestone }
    package var deadline: Instant { parts.deadline }
    /// A rule's canonical form, or `moved` and when that was seen, `passed`, `test`: words that no rule can be.
    package var reminder: String { parts.reminder }
    package var channel: String { parts.channel }

    /// A hash of its issue, milestone and channel.
    package var trackHash: Int { parts.trackHash }

    package init(issue: String, milestone: String, deadline: Instant, reminder: String, channel: String) {
        parts = Parts(
            issue: issue, milestone: milestone, deadline: deadline, reminder: reminder, channel: channel)
    }

    /// An identifier for receivers to recognise a repeat by: equal identities give equal ones, and no text of the
    /// configuration shows in it (Standard Webhooks: no user text and no `.` in a `webhook-id`).
    package var messageID: String { messageID(edition: 0) }

    /// - Parameter edition: another number, another identifier.
    package func messageID(edition: Int) -> String {
        let parts = [issue, milestone, String(deadline.milliseconds), reminder, channel]
        return digest("msg_", of: edition == 0 ? parts : parts + [String(edition)])
    }

    /// The same in the form of a UUID.
    package func uuid(edition: Int) -> String {
        let digits = Array(messageID(edition: edition).utf8.dropFirst("msg_".utf8.count))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// What all messages about one milestone have in common in a channel.
    package var threadID: String { digest("thread_", of: [issue, milestone, channel]) }

    /// The first half of a SHA-256, in hexadecimal, behind a prefix. Each part is hashed with its length, so that none runs into
    /// the next.
    private func digest(_ prefix: StaticString, of parts: [String]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(256)
        for var part in parts {
            part.withUTF8 { bytes in
                text.append(decimal: Int64(bytes.count))
                text.append(UInt8(ascii: ":"))
                text.append(contentsOf: bytes)
            }
        }
        var hasher = SHA256()
        text.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return hasher.finalize().withUnsafeBytes { hash in
            let prefix = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
            return String(unsafeUninitializedCapacity: prefix.count + 32) { text in
                var place = text.update(fromContentsOf: prefix)
                for byte in hash.prefix(16) {
                    text[place] = DeliveryIdentity.digit(byte >> 4)
                    text[place + 1] = DeliveryIdentity.digit(byte & 0xF)
                    place += 2
                }
                return place
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension DeliveryIdentity: Hashable {
    package static func == (a: DeliveryIdentity, b: DeliveryIdentity) -> Bool {
        a.parts === b.parts
            || a.parts.hash == b.parts.hash && a.issue == b.issue && a.milestone == b.milestone
                && a.deadline == b.deadline && a.reminder == b.reminder && a.channel == b.channel
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(parts.hash)
    }
}

extension DeliveryIdentity: CustomStringConvertible {
    /// What a person sees in a log or a footer: `ijms-212097 submission 7d lab`.
    package var description: String {
        [issue, milestone, reminder, channel].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
