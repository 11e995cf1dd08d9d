import Messages
import Schedule
import Testing

@Suite("Links by which readers say that they are done")
struct DoneLinkTests {
    private let links = DoneLinks(
        base: "https://x.example", key: Array(repeating: 7, count: DoneLinks.keySize))
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
        message.doneLink = links.url(claim)
        for isPlain in [false, true] {
            message.isPlain = isPlain
            let text =
                type == "email" ? try body(type, message).text ?? "" : try body(type, message).serialized
            // Mail breaks its lines; programs for which the message is no text get it as a value.
            let unfolded = text.replacing("=\r\n", with: "").replacing("=\\r\\n", with: "")
            if type != "alertmanager" { #expect(unfolded.contains("/done/"), "\(type) \(isPlain)") }
        }
    }
}
