import Crypto
import Foundation
import Schedule

/// Links by which the readers of a message say that its work is handed in. Each is signed, for one milestone and one
/// deadline of it, and good until that deadline.
package struct DoneLinks: Sendable {
    /// What a link says.
    package struct Claim: Hashable, Sendable {
        package let issue: String
        package let milestone: String
        package let deadline: Instant

        package init(issue: String, milestone: String, deadline: Instant) {
            self.issue = issue
            self.milestone = milestone
            self.deadline = deadline
        }

        /// What is handed in with a milestone of an issue: where it is a target or an opening, the milestone that it belongs to.
        init(_ milestone: String, _ deadline: Instant, of issue: SpecialIssue) {
            let official = issue.milestone(milestone)?.kind.official.flatMap(issue.milestone)
            if let official, let instant = official.deadline?.instant {
                self.init(issue: issue.id, milestone: official.name, deadline: instant)
            } else {
                self.init(issue: issue.id, milestone: milestone, deadline: deadline)
            }
        }
    }

    /// The path below the page's address.
    package static let path = "/done/"
    /// Bytes of a key.
    package static let keySize = 32
    /// Bytes of the signature that a link has: 128 bits, which nobody guesses.
    private static let tagSize = 16

    private let base: String
    private let key: SymmetricKey

    /// - Parameter base: the page's public address, without a slash at its end.
    package init(base: String, key: [UInt8]) {
        self.base = base
        self.key = SymmetricKey(data: key)
    }

    /// Links to look at: no service has their key.
    package static func example(base: String) -> DoneLinks {
        DoneLinks(base: base, key: Array(repeating: 0, count: keySize))
    }

    package func url(_ claim: Claim) -> String { "\(base)\(DoneLinks.path)\(token(claim))" }

    /// Nil where it would have expired.
    func url(_ claim: Claim, at now: Instant) -> String? { claim.deadline > now ? url(claim) : nil }

    /// The part of a link that says and proves what it is for.
    package func token(_ claim: Claim) -> String {
        let text = "\(claim.deadline.milliseconds) \(claim.issue) \(claim.milestone)"
        return DoneLinks.text(Data(text.utf8)) + "." + DoneLinks.text(tag(text))
    }

    /// What a token is for; nil where nobody who has the key made it.
    package func claim(_ token: String) -> Claim? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = DoneLinks.data(parts[0]), let tag = DoneLinks.data(parts[1]),
            let text = String(validating: bytes, as: UTF8.self), DoneLinks.isEqual(tag, self.tag(text))
        else { return nil }
        // An issue's id has no space; a milestone's name may.
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, let milliseconds = Int64(words[0]) else { return nil }
        return Claim(
            issue: String(words[1]), milestone: String(words[2]),
            deadline: Instant(milliseconds: milliseconds))
    }

    private func tag(_ text: String) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data("done\n\(text)".utf8), using: key))
            .prefix(DoneLinks.tagSize)
    }

    /// In a time that does not tell where two differ.
    private static func isEqual(_ a: Data, _ b: Data) -> Bool {
        a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// base64url without padding, RFC 4648 section 5.
    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    /// Nil for what is not written as `text` writes it: with padding, a line end or bits that mean nothing.
    private static func data(_ written: Substring) -> Data? {
        let standard = String(written).replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        guard let data = Data(base64Encoded: standard + padding), text(data) == written else { return nil }
        return data
    }
}
