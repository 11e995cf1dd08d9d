import Foundation
import Messages
import Schedule
import Testing

@Suite("Links by which readers say that they are done")
struct DoneLinkTests {
    private let links = doneLinks(at: "https://x.example")
    private let claim = DoneLinks.Claim(
        issue: "ijms-212097", milestone: "camera ready, ü", deadline: Instant(seconds: 1_755_000_000))

    @Test("a link says what it is for, in characters that no chat breaks")
    func roundTrip() {
        let url = links.url(claim)
        #expect(url.hasPrefix("https://x.example/done/"))
        let token = String(url.dropFirst("https://x.example/done/".count))
        #expect(token.utf8.allSatisfy { $0 > 0x2C && $0 < 0x7F })
        #expect(links.claim(token) == claim)
    }

    @Test("a link with any character changed, cut or added is none")
    func tampered() {
        let token = Array(links.token(claim))
        for index in token.indices {
            var other = token
            other[index] = other[index] == "A" ? "B" : "A"
            #expect(links.claim(String(other)) == nil)
            #expect(links.claim(String(token[..<index])) == nil)
        }
        for added in ["x", ".", "=", " "] { #expect(links.claim(String(token) + added) == nil) }
        for wrong in ["", ".", "..", "a.b", "AAAA.AAAA"] { #expect(links.claim(wrong) == nil) }
    }

    @Test("no link is good for another issue, milestone or deadline, nor by another key")
    func others() throws {
        let tag = try #require(links.token(claim).split(separator: ".").last)
        for other in [
            DoneLinks.Claim(issue: "ijms-212098", milestone: claim.milestone, deadline: claim.deadline),
            DoneLinks.Claim(issue: claim.issue, milestone: "submission", deadline: claim.deadline),
            DoneLinks.Claim(
                issue: claim.issue, milestone: claim.milestone, deadline: claim.deadline + .seconds(1)),
        ] {
            let body = try #require(links.token(other).split(separator: ".").first)
            #expect(links.claim("\(body).\(tag)") == nil)
        }
        let stranger = DoneLinks(
            base: "https://x.example", key: Array(repeating: 8, count: DoneLinks.keySize))
        #expect(stranger.claim(links.token(claim)) == nil)
    }

    @Test("every service shows the link", arguments: types)
    func shown(type: String) throws {
        var message = try message()
        message.links = links
        for isPlain in [false, true] {
            message.isPlain = isPlain
            let shown = try ShownLinks(type, message, links)
            #expect(shown.claims == [claim(of: message)] && shown.broken == 0, "\(isPlain)")
        }
    }

    // MARK: Lists

    private func claim(of message: Message) -> DoneLinks.Claim {
        let identity = message.identity
        return DoneLinks.Claim(
            issue: identity.issue, milestone: identity.milestone, deadline: identity.deadline)
    }

    /// A reminder of a milestone whose name nothing else has.
    private func part(
        _ number: Int, _ language: Language, title: String? = nil, deadline: String = "2025-08-20"
    ) throws -> Message {
        let sample = try message(
            title: title ?? "Advances in Senescence, Part \(number)", .bare, deadline: deadline)
        var issue = sample.issue
        issue.id = "issue-\(number)"
        issue.journal = "Nutrients"
        issue.milestones = sample.issue.milestones.map {
            Milestone(
                name: mark, written: "", deadline: $0.deadline, schedule: $0.schedule, channels: [])
        }
        return Message(
            kind: .reminder,
            identity: DeliveryIdentity(
                issue: issue.id, milestone: mark, deadline: sample.deadline.instant, reminder: "7d",
                channel: "lab"),
            issue: issue, deadline: sample.deadline, due: sample.due, now: sample.now,
            isPossibleRepeat: false, zone: sample.zone, language: language)
    }

    private func folded(_ parts: [Message], _ language: Language, links: DoneLinks?) throws -> Message {
        let first = try message(kind: .several)
        var several = Message(
            kind: .several,
            identity: DeliveryIdentity(
                issue: "", milestone: "", deadline: first.due, reminder: "several 1", channel: "lab"),
            issue: first.issue, deadline: first.deadline, due: first.due, now: first.now,
            isPossibleRepeat: false, zone: first.zone, language: language)
        several.parts = parts
        several.links = links
        return several
    }

    @Test(
        "each reminder of a message that tells several has a link of its own, for it alone", arguments: types)
    func folded(type: String) throws {
        for language in Language.allCases {
            let parts = try [part(1, language), part(2, language)]
            var several = try folded(parts, language, links: links)
            for isPlain in [false, true] {
                several.isPlain = isPlain
                let shown = try ShownLinks(type, several, links)
                #expect(shown.claims == Set(parts.map(claim)), "\(language), \(isPlain)")
                #expect(shown.broken == 0)
            }
        }
    }

    @Test("a deadline of a list that has passed has no link", arguments: types)
    func passed(type: String) throws {
        let parts = try [part(1, .english), part(2, .english, deadline: "2025-08-12")]
        let several = try folded(parts, .english, links: links)
        #expect(try ShownLinks(type, several, links).claims == [claim(of: parts[0])])
    }

    @Test("a digest has a link for each deadline to come, and for none that has passed", arguments: types)
    func digest(type: String) throws {
        let item = try (1...3).map { number in
            let part = try part(number, .english)
            return Digest.Item(
                issue: part.issue, milestone: try #require(part.subject), deadline: part.deadline,
                previous: number == 2 ? part.deadline.instant - .days(3) : nil)
        }
        let first = try message(kind: .digest)
        let passed = Digest.Item(
            issue: item[2].issue, milestone: item[2].milestone,
            deadline: try #require(Deadline(try DeadlineValue("2025-08-01"), zone: .utc)))
        var digest = first
        digest.digest = Digest(
            coming: [item[0]], moved: [item[1]], passed: [passed], until: CivilDate(days: 20_400))
        digest.links = links
        #expect(try ShownLinks(type, digest, links).claims.map(\.issue).sorted() == ["issue-1", "issue-2"])
    }

    @Test(
        "where room is short links go before reminders, no link is cut, and their number is said",
        .serialized,
        arguments: types)
    func short(type: String) async throws {
        for (index, language) in Language.allCases.enumerated() {
            for count in [3, 8, 13 + index, 200] {
                await Task.yield()
                let hostile = hostileTitles[(count * 7 + index) % hostileTitles.count]
                let parts = try (0..<count).map { number in
                    try part(number, language, title: number % 2 == 0 ? hostile : nil)
                }
                var plain = try folded(parts, language, links: nil)
                plain.isPlain = (index + count) % 3 == 0
                var several = plain
                several.links = links
                let bare = try ShownLinks(type, plain, links)
                let shown = try ShownLinks(type, several, links)
                let found: Comment = "\(language), \(count), \(plain.isPlain): \(shown), before \(bare)"
                #expect(Rules.broken(type, shown.json, size: shown.size) == [], found)
                #expect(shown.broken == 0 && shown.claims.isSubset(of: parts.map(claim)), found)
                #expect(shown.claims.count + shown.missing == shown.lines, found)
                // The words that say so may take the place of a line or two.
                #expect((bare.lines - 2...bare.lines).contains(shown.lines) && shown.lines > 0, found)
                #expect(shown.lines == bare.lines || shown.missing > 0, found)
            }
        }
    }

    @Test("an event's list has as many links as fit into its 20 kB")
    func events() throws {
        for (count, listed, isEachLinked) in [(5, 5, true), (80, 80, false), (200, 30, true)] {
            let several = try folded((0..<count).map { try part($0, .english) }, .english, links: links)
            let json = try body("webhook", several)
            let reminders = try #require(json["data/reminders"]?.elements)
            let linked = reminders.count { $0["done_url"] != nil }
            #expect(reminders.count == listed && (linked == listed) == isEachLinked && linked > 0)
            #expect(
                json["data/done_urls_omitted"]
                    == (isEachLinked ? nil : .number(Int64(listed - linked))), "\(count)")
            #expect(json.bytes.count <= 20_000 && (isEachLinked || json.bytes.count > 19_700))
        }
    }

    @Test("under a target, too, it is the work that readers say to be handed in")
    func target() throws {
        var issue = SpecialIssue(id: "a", title: "T", milestones: [])
        let submission = try #require(Deadline(try DeadlineValue("2025-08-20"), zone: .utc))
        let target = try #require(Deadline(try DeadlineValue("2025-08-06"), zone: .utc))
        issue.milestones = [
            Milestone(name: "submission", written: "", deadline: submission, schedule: 0, channels: [0]),
            Milestone(
                name: "submission target", kind: .target(of: "submission"), written: "", deadline: target,
                schedule: 0, channels: [0]),
        ]
        let now = target.instant - .days(2)
        var message = Message(
            kind: .reminder,
            identity: DeliveryIdentity(
                issue: "a", milestone: "submission target", deadline: target.instant, reminder: "2d",
                channel: "lab"),
            issue: issue, deadline: target, due: now, now: now, isPossibleRepeat: false, zone: .utc)
        message.links = links
        let token = try #require(message.doneLink?.split(separator: "/").last)
        let claim = links.claim(String(token))
        #expect(
            claim
                == DoneLinks.Claim(issue: "a", milestone: "submission", deadline: submission.instant))
    }
}

/// What nothing but a milestone is called.
private let mark = "qqmile"

/// The links that a service shows, and the lines that they belong to.
private struct ShownLinks: CustomStringConvertible {
    let json: JSON
    let size: Int
    /// What the links that are whole are for.
    let claims: Set<DoneLinks.Claim>
    /// Links that are none.
    let broken: Int
    /// Lines of a list that are shown.
    let lines: Int
    /// Lines that the message says have no link.
    let missing: Int

    init(_ type: String, _ message: Message, _ links: DoneLinks) throws {
        json = try body(type, message)
        size = try service(type).request(for: message, attempt: message.now).body.count
        // A mail tells all twice, and so does Matrix.
        let shown: String
        switch type {
        case "email": shown = ShownLinks.html(json.text ?? "")
        case "matrix": shown = (json["formatted_body"] ?? json["body"])?.text ?? ""
        default: shown = texts(json).map(\.text).joined(separator: "\n")
        }
        let pieces = shown.components(separatedBy: DoneLinks.path)
        let tokens = pieces.dropFirst().map { piece in
            String(
                String.UnicodeScalarView(
                    piece.unicodeScalars.prefix {
                        $0.isASCII
                            && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
                    }))
        }
        let read = tokens.map(links.claim)
        claims = Set(read.compactMap { $0 })
        // None is shown twice.
        broken = read.count { $0 == nil } + read.count { $0 != nil } - claims.count
        lines = shown.components(separatedBy: mark).count - 1
        let omitted = json["data/done_urls_omitted"].flatMap {
            if case .number(let n) = $0 { Int(n) } else { nil }
        }
        let words = message.words.withoutLinks(7).prefix { $0 != "7" }
        let said = shown.components(separatedBy: words).dropFirst().compactMap {
            Int($0.prefix { $0.isNumber })
        }
        missing = omitted ?? said.first ?? 0
    }

    /// The last part of a mail as its reader has it.
    private static func html(_ mail: String) -> String {
        let part = mail.components(separatedBy: "Encoding: quoted-printable\r\n").last ?? ""
        let unfolded = part.replacing("=\r\n", with: "")
        var bytes: [UInt8] = []
        var text = Array(unfolded.utf8)[...]
        while let byte = text.popFirst() {
            let digits = String(decoding: text.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "="), let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                text = text.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    var description: String {
        "\(claims.count) links of \(lines) lines, \(missing) said to be missing, \(broken) broken"
    }
}
