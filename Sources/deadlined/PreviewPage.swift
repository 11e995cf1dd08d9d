import Foundation
import Messages
import Schedule

/// A page to look at: what each service would show, drawn from the very request that it would get.
///
/// The looks are only like those of the services; their texts, links and marks are what the request says.
struct PreviewPage {
    private var groups: [(name: String, cards: [String])] = []

    mutating func add(
        group name: String, _ entries: [(channel: String, type: String, message: Message, request: Request)]
    ) {
        let cards = entries.map { entry in
            let drawing = ServiceDrawing(entry.type, entry.message, entry.request)
            return """
                <article class="\(entry.type)"><h3>\(ServiceDrawing.escaped(entry.channel)) \
                <small>\(entry.type)</small></h3>\(drawing.html)
                <details><summary>request</summary><pre>\(ServiceDrawing.escaped(drawing.source))</pre></details></article>
                """
        }
        groups.append((name, cards))
    }

    /// Nothing on it can be loaded or run, whatever a title says.
    var html: String {
        let body = groups.map { group in
            "<h2>\(ServiceDrawing.escaped(group.name))</h2>\n<section>\n\(group.cards.joined(separator: "\n"))\n</section>"
        }.joined(separator: "\n")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'">
            <title>deadlined preview</title>
            <style>
            \(PreviewPage.style)
            </style>
            </head>
            <body>
            \(body)
            </body>
            </html>

            """
    }

    private static let style = """
        :root { --back: #f4f5f7; --card: #ffffff; --line: #d8dbe0; --text: #1d1f23; --dim: #5d636e; --link: #1256a8; }
        @media (prefers-color-scheme: dark) {
          :root { --back: #16181c; --card: #212429; --line: #383d46; --text: #e6e8eb; --dim: #a0a7b4; --link: #7db4f5; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; padding: 16px; background: var(--back); color: var(--text);
          font: 15px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }
        h2 { margin: 24px 0 12px; font-size: 20px; }
        section { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr)); gap: 16px;
          align-items: start; }
        article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px;
          overflow-wrap: anywhere; min-width: 0; }
        h3 { margin: 0 0 10px; font-size: 14px; color: var(--dim); font-weight: 600; }
        h3 small { font-weight: 400; }
        h4 { margin: 0 0 6px; font-size: 16px; }
        p { margin: 0 0 8px; }
        a { color: var(--link); }
        dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 14px; margin: 0 0 8px; }
        dt { color: var(--dim); } dd { margin: 0; }
        .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 14px; margin: 0 0 8px; }
        .bar { border-left: 5px solid; padding-left: 12px; }
        .small { font-size: 12.5px; color: var(--dim); }
        .button { display: inline-block; border: 1px solid var(--link); border-radius: 6px; padding: 4px 12px;
          margin: 4px 6px 8px 0; text-decoration: none; }
        .head { border-radius: 6px; padding: 6px 10px; margin: 0 0 8px; color: #fff; }
        details { margin-top: 8px; border-top: 1px solid var(--line); padding-top: 6px; }
        summary { color: var(--dim); font-size: 12.5px; cursor: pointer; }
        pre { overflow-x: auto; font-size: 12px; max-height: 300px; white-space: pre-wrap; }
        iframe { width: 100%; height: 420px; border: 0; border-radius: 6px; background: var(--card); }
        """
}

/// One service's message, drawn from its request.
struct ServiceDrawing {
    let html: String
    /// The request's body as a person reads it.
    let source: String

    init(_ type: String, _ message: Message, _ request: Request) {
        switch request.content {
        case .none: (html, source) = ("", "")
        case .json(let json):
            html = ServiceDrawing.draw(type, json)
            source = json.indented()
        case .form(let fields):
            var members: [JSON.Member] = []
            for field in fields {
                if case .text(let text) = field.value {
                    members.append(JSON.Member(name: field.name, value: .string(text)))
                }
            }
            html = ServiceDrawing.draw(type, .object(members))
            source = JSON.object(members).indented()
        case .mail(let mail):
            let page = ServiceDrawing.escaped(HTMLCard.page(message))
            html =
                message.isPlain
                ? "<pre>\(ServiceDrawing.escaped(mail.text))</pre>"
                : "<iframe sandbox srcdoc=\"\(page)\"></iframe>"
            source = mail.text.replacingOccurrences(of: "\r\n", with: "\n")
        }
    }

    static func escaped(_ text: String) -> String { Escape.html(text) }

    private static func draw(_ type: String, _ json: JSON) -> String {
        switch type {
        case Slack.type: slack(json)
        case Discord.type: discord(json)
        case Teams.type: elements(json["attachments"]?[0]?["content"])
        case GoogleChat.type: googleChat(json)
        case Mattermost.type: attachment(json, .mattermost)
        case RocketChat.type: attachment(json, .marks)
        case Feishu.type: feishu(json)
        case DingTalk.type: dingTalk(json)
        case WeCom.type:
            json["markdown"].map { paragraph($0["content"], .marks) } ?? plain(json["text"]?["content"])
        case Webex.type: json["markdown"].map { paragraph($0) } ?? plain(json["text"])
        case Zulip.type:
            "<p class=\"small\">\(escaped(json["to"].text)) › \(escaped(json["topic"].text))</p>"
                + paragraph(json["content"], .references)
        case Matrix.type: json["formatted_body"].map { "<p>\($0.text)</p>" } ?? plain(json["body"])
        case Telegram.type:
            json["parse_mode"] == nil
                ? plain(json["text"])
                : "<p>\(json["text"].text.replacingOccurrences(of: "\n", with: "<br>"))</p>"
                    + (json["reply_markup"]?["inline_keyboard"]).list.map { button($0[0]) }.joined()
        case Ntfy.type, Gotify.type, Pushover.type:
            "<h4>\(escaped(json["title"].text))</h4><p>\(lines(json["message"].text))</p>"
                + (json["click"] ?? json["url"]).map { link($0.text, $0.text) }.orEmpty
                + json["actions"].list.map { link($0["url"].text, $0["label"].text, isButton: true) }.joined()
        default: "<pre>\(escaped(json.indented()))</pre>"
        }
    }

    // MARK: Services

    private static func slack(_ json: JSON) -> String {
        guard let attachment = json["attachments"]?[0] else { return paragraph(json["text"], .slack) }
        let blocks = attachment["blocks"].list.map { block in
            let text = block["text"].map { "<p>\(slackText($0))</p>" } ?? ""
            let fields = block["fields"].list.map { "<div>\(slackText($0))</div>" }.joined()
            let elements = block["elements"].list.map { element in
                element["url"] == nil ? "<p class=\"small\">\(slackText(element))</p>" : button(element)
            }
            return text + (fields.isEmpty ? "" : "<div class=\"fields\">\(fields)</div>") + elements.joined()
        }
        return bar(attachment["color"].text, blocks.joined())
    }

    private static func slackText(_ text: JSON) -> String {
        text["type"].text == "mrkdwn" ? Inline(.slack).html(text["text"].text) : lines(text["text"].text)
    }

    private static func discord(_ json: JSON) -> String {
        guard let embed = json["embeds"]?[0] else { return paragraph(json["content"]) }
        let fields = embed["fields"].list.map { field in
            "<div><b>\(inline(field["name"].text))</b><br>\(inline(field["value"].text))</div>"
        }.joined()
        let title = inline(embed["title"].text)
        let number = if case .number(let number)? = embed["color"] { number } else { Int64(0) }
        return paragraph(json["content"])
            + bar(
                "#" + String(String(number + 0x1000000, radix: 16).dropFirst()),
                "<h4>\(embed["url"].map { link($0.text, html: title) } ?? title)</h4>"
                    + paragraph(embed["description"])
                    + (fields.isEmpty ? "" : "<div class=\"fields\">\(fields)</div>")
                    + "<p class=\"small\">\(escaped(embed["footer"]?["text"].text ?? ""))</p>")
    }

    /// An Adaptive Card, and what is within it.
    private static func elements(_ card: JSON?) -> String {
        guard let card else { return "" }
        let body = (card["body"] ?? card["items"]).list.map { element in
            switch element["type"].text {
            case "Container": bar(colour(element["style"].text), elements(element))
            case "FactSet":
                "<dl>"
                    + element["facts"].list.map { fact in
                        "<dt>\(inline(fact["title"].text))</dt><dd>\(inline(fact["value"].text))</dd>"
                    }.joined() + "</dl>"
            default:
                element["size"].text == "Large"
                    ? "<h4>\(inline(element["text"].text))</h4>"
                    : "<div style=\"font-weight:\(element["weight"].text == "Bolder" ? 600 : 400)\">\(paragraph(element["text"]))</div>"
            }
        }
        return body.joined() + card["actions"].list.map { button($0) }.joined()
    }

    private static func googleChat(_ json: JSON) -> String {
        guard let card = json["cardsV2"]?[0]?["card"] else { return paragraph(json["text"], .slack) }
        let widgets = (card["sections"]?[0]?["widgets"]).list.map { widget in
            if let text = widget["decoratedText"] {
                return "<p><span class=\"small\">\(text["topLabel"].text)</span><br>\(text["text"].text)</p>"
            }
            if let text = widget["textParagraph"] { return "<p>\(text["text"].text)</p>" }
            return (widget["buttonList"]?["buttons"]).list.map { button in
                link((button["onClick"]?["openLink"]?["url"]).text, button["text"].text, isButton: true)
            }.joined()
        }
        return
            "<h4>\(escaped((card["header"]?["title"]).text))</h4><p>\(escaped((card["header"]?["subtitle"]).text))</p>"
            + widgets.joined()
    }

    /// Mattermost's and Rocket.Chat's.
    private static func attachment(_ json: JSON, _ flavour: Inline.Flavour) -> String {
        let inline = Inline(flavour).html
        let text = json["text"].map { paragraph($0, flavour) } ?? ""
        guard let attachment = json["attachments"]?[0] else { return text }
        // A title that is a link is text, and so is the footer.
        let url = attachment["title_link"]?.text
        let title = url.map { link($0, attachment["title"].text) } ?? inline(attachment["title"].text)
        let fields = attachment["fields"].list.map { field in
            "<div><b>\(inline(field["title"].text))</b><br>\(inline(field["value"].text))</div>"
        }.joined()
        return text
            + bar(
                attachment["color"].text,
                "<h4>\(title)</h4>" + paragraph(attachment["text"], flavour)
                    + (fields.isEmpty ? "" : "<div class=\"fields\">\(fields)</div>")
                    + "<p class=\"small\">\(escaped(attachment["footer"].text))</p>")
    }

    private static func feishu(_ json: JSON) -> String {
        guard let card = json["card"] else { return plain(json["content"]?["text"]) }
        let elements = card["elements"].list.map { element in
            let text = element["text"].map { text in
                "<p>\(text["tag"].text == "lark_md" ? Inline(.marks).html(text["content"].text) : lines(text["content"].text))</p>"
            }
            let fields = element["fields"].list.map { "<p>\(lines(($0["text"]?["content"]).text))</p>" }
            let actions = element["actions"].list.map {
                link($0["url"].text, ($0["text"]?["content"]).text, isButton: true)
            }
            let notes = element["elements"].list.map { "<p class=\"small\">\(lines($0["content"].text))</p>" }
            return (text ?? "") + (fields + actions + notes).joined()
        }
        let header = escaped((card["header"]?["title"]?["content"]).text)
        let colour = colour((card["header"]?["template"]).text)
        return "<div class=\"head\" style=\"background:\(escaped(colour))\">\(header)</div>"
            + elements.joined()
    }

    private static func dingTalk(_ json: JSON) -> String {
        let card = json["actionCard"] ?? json["markdown"]
        guard let card else { return plain(json["text"]?["content"]) }
        return paragraph(card["text"])
            + card["singleURL"].map { link($0.text, card["singleTitle"].text, isButton: true) }.orEmpty
    }

    // MARK: Pieces

    private static func inline(_ text: String) -> String { Inline(.markdown).html(text) }
    private static func lines(_ text: String) -> String {
        escaped(text).replacingOccurrences(of: "\n", with: "<br>")
    }

    private static func paragraph(_ text: JSON?, _ flavour: Inline.Flavour = .markdown) -> String {
        text.map { "<p>\(Inline(flavour).html($0.text))</p>" } ?? ""
    }

    private static func plain(_ text: JSON?) -> String {
        text.map { "<p>\(lines($0.text))</p>" } ?? ""
    }

    private static func bar(_ colour: String, _ html: String) -> String {
        "<div class=\"bar\" style=\"border-color:\(escaped(colour))\">\(html)</div>"
    }

    static func link(_ url: String, _ label: String = "", html: String? = nil, isButton: Bool = false)
        -> String
    {
        "<a href=\"\(escaped(url))\" rel=\"noreferrer\"\(isButton ? " class=\"button\"" : "")>\(html ?? escaped(label))</a>"
    }

    private static func button(_ element: JSON?) -> String {
        guard let element, let url = element["url"] else { return "" }
        let label = element["title"]?.text ?? element["text"]?["text"]?.text ?? element["text"].text
        return link(url.text, label, isButton: true)
    }

    /// Colours that have names only.
    private static func colour(_ name: String) -> String {
        switch name {
        case "good", "green": "#2e7d32"
        case "accent", "blue": "#1565c0"
        case "warning", "orange": "#ef6c00"
        case "yellow": "#b58900"
        default: "#c62828"
        }
    }
}

/// A chat's markup, as HTML.
struct Inline {
    enum Flavour {
        /// A backslash before any mark makes it text.
        case markdown
        /// The same, but a colon is no mark.
        case mattermost
        /// No backslash, but HTML's references.
        case references
        /// Neither.
        case marks
        case slack

        func takesBackslash(before character: Character) -> Bool {
            switch self {
            case .markdown: character.isPunctuation || character.isSymbol
            case .mattermost: "\\`*{}[]()#+-.!_>~|".contains(character)
            case .references, .marks, .slack: false
            }
        }
    }

    private let flavour: Flavour

    init(_ flavour: Flavour) { self.flavour = flavour }

    func html(_ text: String) -> String {
        var html = ""
        var rest = Substring(text)
        var isStrong = false
        while let first = rest.first {
            if first == "\\", let next = rest.dropFirst().first, flavour.takesBackslash(before: next) {
                html += Escape.html(String(next))
                rest = rest.dropFirst(2)
            } else if let (drawn, length) = token(rest) {
                html += drawn
                rest = rest.dropFirst(length)
            } else if rest.hasPrefix("* "), html.isEmpty || html.hasSuffix("<br>") {
                html += "• "
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("**") || first == "*" {
                isStrong.toggle()
                html += isStrong ? "<b>" : "</b>"
                rest = rest.dropFirst(rest.hasPrefix("**") ? 2 : 1)
            } else if let entity = reference(rest) {
                html += entity
                rest = rest.dropFirst(entity.count)
            } else {
                html += first == "\n" ? "<br>" : Escape.html(String(first))
                rest = rest.dropFirst()
            }
        }
        return html + (isStrong ? "</b>" : "")
    }

    /// `&amp;`, or `&#42;` where those are known, at the beginning.
    private func reference(_ text: Substring) -> Substring? {
        guard text.hasPrefix("&"), let end = text.prefix(8).firstIndex(of: ";") else { return nil }
        let reference = text[...end]
        let isNumber = reference.hasPrefix("&#") && reference.dropFirst(2).dropLast().allSatisfy(\.isNumber)
        return ["&amp;", "&lt;", "&gt;"].contains(reference) || flavour == .references && isNumber
            ? reference : nil
    }

    /// A link or an instant at the beginning, and how many characters it takes.
    private func token(_ text: Substring) -> (html: String, length: Int)? {
        if text.hasPrefix("["), flavour != .slack, let end = text.firstRange(of: "]("),
            let close = text[end.upperBound...].firstIndex(of: ")")
        {
            let label = text[text.index(after: text.startIndex)..<end.lowerBound]
            let url = String(text[end.upperBound..<close])
            guard url.hasPrefix("http") else { return nil }
            let drawn = ServiceDrawing.link(url, html: html(String(label)))
            return (drawn, text.distance(from: text.startIndex, to: close) + 1)
        }
        guard text.hasPrefix("<"), let close = text.firstIndex(of: ">") else { return nil }
        let inner = text[text.index(after: text.startIndex)..<close]
        let length = inner.count + 2
        if inner.hasPrefix("!date^") || inner.hasPrefix("t:") || inner.hasPrefix("time:") {
            // Each reader's client would show its own.
            let words = inner.split { "^:".contains($0) }
            let number = words.dropFirst().first.flatMap { Int64($0) }
            let shown = number.map { "\(Instant(seconds: $0))" } ?? String(inner.dropFirst(5))
            return ("<u>\(Escape.html(shown))</u>", length)
        }
        guard flavour == .slack, let bar = inner.firstIndex(of: "|"), inner.hasPrefix("http") else {
            return nil
        }
        let url = inner[..<bar].replacingOccurrences(of: "&amp;", with: "&")
        return (ServiceDrawing.link(url, html: html(String(inner[inner.index(after: bar)...]))), length)
    }
}

// MARK: - Looking into JSON

extension JSON {
    fileprivate subscript(name: String) -> JSON? {
        if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
    }

    fileprivate subscript(index: Int) -> JSON? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }

    fileprivate var text: String { if case .string(let text) = self { text } else { "" } }

    /// With line breaks, for people.
    fileprivate func indented(_ indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            return "[\n" + elements.map { inner + $0.indented(inner) }.joined(separator: ",\n")
                + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map {
                "\(inner)\(JSON.string($0.name).serialized): \($0.value.indented(inner))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default: return serialized
        }
    }
}

extension JSON? {
    fileprivate var text: String { self?.text ?? "" }
    fileprivate var list: [JSON] { if case .array(let elements)? = self { elements } else { [] } }
    fileprivate subscript(name: String) -> JSON? { self?[name] }
    fileprivate subscript(index: Int) -> JSON? { self?[index] }
}

extension String? {
    fileprivate var orEmpty: String { self ?? "" }
}
