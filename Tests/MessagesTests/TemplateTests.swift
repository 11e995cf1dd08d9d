import Messages
import Schedule
import Testing

@Suite("A channel's own words")
struct TemplateTests {
    private func message(_ texts: [MessageTemplate.Part: String], title: String = "Senescence & Ageing")
        throws -> Message
    {
        var message = try MessagesTests.message(title: title)
        message.template = try MessageTemplate(texts)
        return message
    }

    @Test("they take the place of headline and title, or stand as a paragraph; dates and link stay")
    func words() throws {
        let message = try message([
            .headline: "{{days_left}} days for {{#guest_editors}}{{.}}{{/guest_editors}}",
            .title: "[{{journal}}] {{title}}",
            .text: "Dear team,\n{{^is_passed}}please hurry{{/is_passed}}.",
        ])
        #expect(message.headline == "7 days for Dr. Mi Kyung Park")
        #expect(message.title == "[International Journal of Molecular Sciences] Senescence & Ageing")
        #expect(message.remarks == ["Dear team, please hurry."])
        #expect(message.facts == (try MessagesTests.message().facts) && message.link != nil)
    }

    @Test("one list may follow another")
    func lists() throws {
        let message = try message([
            .text: "{{#tags}}{{.}} {{/tags}}{{#guest_editors}}{{.}}{{/guest_editors}}"
        ])
        #expect(message.remarks.first?.hasSuffix("Dr. Mi Kyung Park") == true)
    }

    @Test("what comes of them is only text: no service takes it for markup", arguments: types)
    func hostile(type: String) throws {
        for title in hostileTitles.prefix(40) {
            let message = try message(
                [.headline: "{{title}}", .title: "{{title}}", .text: "{{title}}"], title: title)
            let said = texts(try body(type, message)).map(\.text).joined()
            if ["slack", "wecom", "webex"].contains(type) {
                #expect(!said.has("<@") && !said.has("<!channel"))
            }
            if ["telegram", "matrix"].contains(type) { #expect(!said.has("<script>") || type == "matrix") }
        }
    }

    @Test("one that comes out empty leaves the usual words, and says so")
    func empty() throws {
        let message = try message([.headline: "{{#is_passed}}over{{/is_passed}}"])
        #expect(message.headline == "7 days left")
        #expect(message.remarks == ["This channel's own words came out empty: these are the usual ones."])
    }

    @Test("a headline of one's own counts down to a deadline, and hides no news")
    func news() throws {
        let template = try MessageTemplate([.headline: "{{days_left}} days to go"])
        func headline(_ message: Message) -> String {
            var message = message
            message.template = template
            return message.headline
        }
        let asked = try #require(CivilDate(year: 2025, month: 6, day: 1))
        let moved = try MessagesTests.message(kind: .moved(from: try instant("2025-07-20T22:00:00Z")))
        #expect(headline(try MessagesTests.message()) == "7 days to go")
        #expect(headline(moved) == "Deadline extended")
        #expect(headline(try MessagesTests.message(kind: .confirm(checked: asked))).hasSuffix("?"))
        #expect(
            headline(try MessagesTests.message(kind: .passed, now: "2025-08-23T07:00:00Z"))
                == "Passed 3 days ago")
        #expect(
            headline(try MessagesTests.message(subject: .opening(of: "submission"))) == "Opens in 7 days")
    }

    @Test(
        "what is no template here is refused with what to write",
        arguments: [
            "{{#tags}}{{# tags}}{{/tags}}{{/tags}}",
            "{{^tags}}{{/tags}}{{#tags}}{{#tags}}{{/tags}}{{/tags}}",
            "{{#tags}}{{#title}}{{#guest_editors}}{{/guest_editors}}{{/title}}{{/tags}}",
            "{{#title}}", "{{title", "{{/title}}", "{{> other}}", "{{$block}}x{{/block}}",
            "{{<parent}}{{/parent}}",
            "{{=<% %>=}}", "{{% CONTENT_TYPE:HTML}}", "{{titel}}", "{{#days}}{{/days}}",
            String(repeating: "x", count: 2001),
        ])
    func refused(text: String) {
        #expect { try MessageTemplate([.text: text]) } throws: { ($0 as? Fault)?.remedy != nil }
    }

    @Test(
        "what is wrong with one is said in words of the template",
        arguments: [
            ("{{#title}}", "a {{#name}} without its {{/name}} behind it"), ("{{title", "a {{ without its }}"),
            ("{{/title}}", "a {{/name}} without its {{#name}} before it"),
            ("{{#a}}{{/b}}", "a {{/name}} without its {{#name}} before it"),
            ("{{ti tle}}", "a {{name}} that is no name"),
        ])
    func reasons(text: String, reason: String) {
        #expect { try MessageTemplate([.text: text]) } throws: { "\($0)".contains(reason) }
    }

    @Test("it is known beforehand which service shows only the beginning")
    func cut() throws {
        let words = String(repeating: "word ", count: 160)
        let long = try MessageTemplate([.text: words + "end9"])
        #expect(long.parts(cutBy: try service("pushover")) == [.text])
        #expect(long.parts(cutBy: try service("matrix")).isEmpty)
        #expect(long.parts(cutBy: try service("webhook")).isEmpty)
        // Its last word stands elsewhere too, and one of its ends is no ASCII.
        #expect(
            try MessageTemplate([.text: words + "Publisher"]).parts(cutBy: try service("pushover")) == [.text]
        )
        #expect(
            try MessageTemplate([.headline: words, .text: words + "请投稿"]).parts(cutBy: try service("wecom"))
                == [
                    .headline
                ])
        // What nothing else needs is room for it.
        #expect(long.parts(cutBy: try service("telegram")).isEmpty)
        let short = try MessageTemplate([.headline: "{{days_left}} days", .text: "Please hand in"])
        for type in types { #expect(short.parts(cutBy: try service(type)).isEmpty, "\(type)") }
    }
}
