import Messages

/// What each service takes, in its own units: facts of its documentation, written down once more.
final class Rules {
    let type: String
    let json: JSON
    /// In bytes of the body.
    let size: Int
    private(set) var broken: [String] = []

    /// The rules that a message's body breaks.
    static func broken(_ type: String, _ json: JSON, size: Int) -> [String] {
        let rules = Rules(type: type, json: json, size: size)
        rules.check()
        return rules.broken
    }

    private init(type: String, json: JSON, size: Int) {
        (self.type, self.json, self.size) = (type, json, size)
    }

    private func check() {
        switch type {
        case "slack": slack()
        case "discord": discord()
        case "teams": teams()
        case "google-chat": googleChat()
        case "mattermost", "rocketchat": attachments()
        case "zulip": zulip()
        case "matrix": matrix()
        case "telegram": telegram()
        case "webex": webex()
        case "feishu": feishu()
        case "dingtalk": dingTalk()
        case "wecom": weCom()
        case "ntfy": ntfy()
        case "gotify": gotify()
        case "pushover": pushover()
        case "email": email()
        case "webhook", "cloudevents": event()
        case "alertmanager": alertmanager()
        default: broken.append("no rules for \(type)")
        }
    }

    // MARK: Rules

    private func slack() {
        between("text", 1, 4000)
        none("<@", "<!channel", "<!here", "<!everyone", "<!subteam", "<#")
        let blocks = json["attachments/0/blocks"]?.elements ?? []
        require(blocks.count <= 50, "more than 50 blocks")
        if let colour = json["attachments/0/color"]?.text { require(isColour(colour), "no colour \(colour)") }
        for block in blocks {
            let type = block["type"]?.text ?? ""
            require(["section", "context", "actions"].contains(type), "a block '\(type)'")
            let fields = block["fields"]?.elements ?? []
            require(fields.count <= 10, "\(fields.count) fields")
            let elements = block["elements"]?.elements ?? []
            require(elements.count <= (type == "context" ? 10 : 25), "\(elements.count) elements")
            for (text, limit) in [(block["text"], 3000)] + fields.map({ ($0, 2000) })
                + elements.map({ ($0["text"]?.elements == nil && $0["url"] == nil ? $0 : nil, 3000) })
            {
                guard let text else { continue }
                let type = text["type"]?.text
                require(type == "plain_text" || text["verbatim"] == true, "a text that is not verbatim")
                let count = text["text"]?.text?.utf16.count ?? 0
                require((1...limit).contains(count), "a text of \(count), not 1 to \(limit)")
            }
            for button in elements where button["url"] != nil {
                require((1...75).contains(button["text/text"]?.text?.utf16.count ?? 0), "a button's label")
                require(button["text/type"] == "plain_text" && button["type"] == "button", "a button's form")
                require((1...3000).contains(button["url"]?.text?.utf16.count ?? 0), "a button's address")
            }
        }
    }

    private func discord() {
        require(json["allowed_mentions/parse"]?.count == 0, "mentions are not off")
        none("<@", "<#", "<:", "<a:", "@everyone", "@here")
        between("content", 1, 2000)
        guard let embed = json["embeds/0"] else { return }
        between("embeds/0/title", 1, 256)
        if embed["description"] != nil { between("embeds/0/description", 1, 4096) }
        if embed["url"] != nil { between("embeds/0/url", 1, 2048) }
        between("embeds/0/footer/text", 1, 2048)
        let fields = embed["fields"]?.elements ?? []
        require(fields.count <= 25, "\(fields.count) fields")
        for index in fields.indices {
            between("embeds/0/fields/\(index)/name", 1, 256)
            between("embeds/0/fields/\(index)/value", 1, 1024)
        }
        let counted = texts(embed).filter { $0.path != "/url" && $0.path != "/timestamp" }
        let sum = counted.reduce(0) { $0 + $1.text.utf16.count }
        require(sum <= 6000, "the embed has \(sum)")
        if case .number(let colour)? = embed["color"] {
            require((0...0xFFFFFF).contains(colour), "no colour")
        } else {
            broken.append("no colour")
        }
    }

    private func teams() {
        require(size <= 20_000, "the body has \(size)")
        none("<at", "<AT", "{{", "${")
        let card = json["attachments/0/content"]
        require(json["type"] == "message" && card?["type"] == "AdaptiveCard", "no card")
        require(
            json["attachments/0/contentType"] == "application/vnd.microsoft.card.adaptive", "no card's type")
        let version = card?["version"]?.text ?? ""
        require(["1.2", "1.4"].contains(version), "the version \(version)")
        let enums = [
            "color": ["Default", "Accent", "Good", "Warning", "Attention"],
            "style": ["default", "emphasis", "good", "attention", "warning", "accent"],
            "size": ["Small", "Default", "Medium", "Large", "ExtraLarge"],
            "weight": ["Lighter", "Default", "Bolder"], "spacing": ["None", "Small", "Default"],
        ]
        for (path, text) in texts(json) {
            let key = String(path.split(separator: "/").last ?? "")
            if let words = enums[key] { require(words.contains(text), "\(path) is \(text)") }
            if key == "type", path.contains("/actions/") { require(text == "Action.OpenUrl", "\(path)") }
            if key == "type", path.contains("/body/") {
                require(["TextBlock", "Container", "FactSet"].contains(text), "\(path) is \(text)")
            }
        }
        let facts = (card?["body"]?.elements ?? []).flatMap { $0["facts"]?.elements ?? [] }
        require(facts.allSatisfy { $0["title"]?.text != "" && $0["value"]?.text != "" }, "an empty fact")
    }

    private func googleChat() {
        require(size <= 32_000, "the body has \(size)")
        none("<users/")
        guard let card = json["cardsV2/0"] else { return between("text", 1, 4096) }
        require(card["cardId"]?.text?.isEmpty == false, "no cardId")
        require(card["card/header/title"]?.text?.isEmpty == false, "no title")
        let widgets = card["card/sections/0/widgets"]?.elements ?? []
        require((1...100).contains(widgets.count), "\(widgets.count) widgets")
        for widget in widgets {
            let kinds = ["decoratedText", "textParagraph", "buttonList"].filter { widget[$0] != nil }
            require(kinds.count == 1, "a widget that is \(kinds)")
            let text = widget["decoratedText/text"] ?? widget["textParagraph/text"]
            require(text.map { $0.text?.isEmpty == false } ?? true, "an empty text")
            for button in widget["buttonList/buttons"]?.elements ?? [] {
                let url = button["onClick/openLink/url"]?.text ?? ""
                require(url.hasPrefix("https:"), "a button to \(url)")
            }
        }
    }

    private func attachments() {
        let limit = type == "mattermost" ? 16_383 : 5000
        none("@channel", "@all", "@here", "@everyone", "<!")
        for (path, text) in texts(json) where path.hasSuffix("/text") {
            require((1...limit).contains(text.utf16.count), "\(path) has \(text.utf16.count)")
        }
        guard let attachment = json["attachments/0"] else { return }
        if type == "mattermost" {
            require(attachment["fallback"]?.text?.isEmpty == false, "no fallback")
        }
        require(attachment["color"]?.text.map(isColour) ?? false, "no colour")
        for field in attachment["fields"]?.elements ?? [] {
            require(field["title"]?.text?.isEmpty == false, "a field without a title")
            require(field["value"]?.text?.isEmpty == false, "a field without a value")
        }
    }

    private func zulip() {
        between("topic", 1, 60)
        between("content", 1, 10_000) { $0.utf8.count }
        require(json["type"] == "stream" && json["to"]?.text?.isEmpty == false, "no channel")
        none("@**", "@_**", "@*")
    }

    private func matrix() {
        require(size <= 60_000, "the body has \(size)")
        require(json["m.mentions"] == .object([]), "mentions are not off")
        require(json["msgtype"] == "m.text" && json["body"]?.text?.isEmpty == false, "no text")
        require((json["format"] == nil) == (json["formatted_body"] == nil), "a form without its text")
        if let html = json["formatted_body"]?.text {
            tags(html, known: ["strong", "a", "br"], empty: ["br"])
        }
    }

    private func telegram() {
        if case .number? = json["chat_id"] {} else { broken.append("no chat") }
        guard let text = json["text"]?.text else { return broken.append("no text") }
        guard json["parse_mode"] == "HTML" else { return between("text", 1, 4096) }
        tags(text, known: ["b", "a", "tg-time"])
        require((1...4096).contains(text.utf16.count), "the text has \(text.utf16.count)")
    }

    private func webex() {
        between(json["text"] == nil ? "markdown" : "text", 1, 4096) { $0.utf8.count }
        none("<@", "<at")
    }

    private func feishu() {
        require(size <= 20_480, "the body has \(size)")
        none("<at", "</at")
        guard json["msg_type"] == "interactive" else {
            return require(json["msg_type"] == "text" && json["content/text"]?.text != nil, "no text")
        }
        let colours = ["green", "blue", "yellow", "orange", "red"]
        require(colours.contains(json["card/header/template"]?.text ?? ""), "no colour")
        require(json["card/header/title/tag"] == "plain_text", "no title")
        for (path, text) in texts(json) where path.hasSuffix("/content") {
            require(!text.isEmpty, "\(path) is empty")
        }
    }

    private func dingTalk() {
        require(size <= 20_000, "the body has \(size)")
        none("<at", "@all ", "@13800000000")
        let form = json["msgtype"]?.text ?? ""
        require(["text", "markdown", "actionCard"].contains(form), "the form \(form)")
        require(json["at"] == nil || json["at/isAtAll"] == false, "everybody is called")
        require((json["\(form)/text"] ?? json["\(form)/content"])?.text?.isEmpty == false, "no text")
        if form != "text" { require(json["\(form)/title"]?.text?.isEmpty == false, "no title") }
        if form == "actionCard" { require(json["actionCard/singleURL"]?.text != nil, "no address") }
    }

    private func weCom() {
        none("<@", "<at")
        let form = json["msgtype"]?.text ?? ""
        between("\(form)/content", 1, form == "text" ? 2048 : 4096) { $0.utf8.count }
    }

    private func ntfy() {
        require(size <= 8192, "the body has \(size)")
        between("message", 1, 4096) { $0.utf8.count }
        require(!(json["title"]?.text ?? "").has("=?"), "a title that would be decoded")
        if case .number(1...5)? = json["priority"] {} else { broken.append("no priority") }
        require(texts(json["tags"] ?? .null).allSatisfy { !$0.text.contains(",") }, "a comma in a tag")
        let actions = json["actions"]?.elements ?? []
        require(actions.count <= 3, "\(actions.count) actions")
        require(actions.allSatisfy { $0["action"] == "view" && $0["url"]?.text != nil }, "an action's form")
    }

    private func gotify() {
        between("message", 1, 8000)
        between("title", 1, 500)
        if case .number(0...10)? = json["priority"] {} else { broken.append("no priority") }
        require(json["extras/client::display/contentType"] == "text/plain", "markup")
    }

    private func pushover() {
        between("message", 1, 1024)
        between("title", 1, 250)
        if json["url"] != nil {
            between("url", 1, 512)
            between("url_title", 1, 100)
        }
        require(["-1", "0", "1"].contains(json["priority"]?.text ?? ""), "no priority")
        require(Int64(json["timestamp"]?.text ?? "") != nil, "no time")
    }

    private func email() {
        let text = json.text ?? ""
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            require(line.last == UInt8(ascii: "\r") && line.count <= 999, "a line of \(line.count)")
        }
        for line in text.utf8.split(separator: UInt8(ascii: "\r")) {
            require(!line.dropFirst().contains(UInt8(ascii: "\r")), "a carriage return")
        }
        let head = text.prefix(upTo: text.firstRange(of: "\r\n\r\n")?.lowerBound ?? text.endIndex)
        for line in head.split(separator: "\r\n") {
            require(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "a header that is no ASCII")
            require(!line.contains("=?") || line.utf8.count <= 76, "an encoded line of \(line.utf8.count)")
            require(line.first == " " || line.prefix { $0 != ":" }.allSatisfy { $0 != " " }, "no header")
        }
        let names = head.split(separator: "\r\n").compactMap { $0.split(separator: ":").first }
        for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted"] {
            require(names.count { $0 == name } == 1, "not one \(name)")
        }
    }

    private func event() {
        require(size <= 20_000, "the body has \(size)")
        if case .object? = json["data"] {} else { broken.append("no data") }
        let needed = type == "webhook" ? ["type", "timestamp"] : ["id", "source", "specversion", "type"]
        for name in needed { require(json[name]?.text?.isEmpty == false, "no \(name)") }
        let isGrammatical =
            json.names.allSatisfy { name in
                (1...20).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7A).contains($0) }
            }
        require(isGrammatical, "names \(json.names)")
        if type == "cloudevents" { require(json["specversion"] == "1.0", "no version") }
    }

    private func alertmanager() {
        for alert in json.elements ?? [] {
            let labels = alert["labels"]?.names ?? []
            require(!labels.isEmpty && alert["annotations"]?.names.isEmpty == false, "no labels")
            for name in labels + (alert["annotations"]?.names ?? []) {
                let isName = name.utf8.enumerated().allSatisfy { index, byte in
                    byte == UInt8(ascii: "_") || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                        || index > 0 && (0x30...0x39).contains(byte)
                }
                require(isName && !name.isEmpty, "the name '\(name)'")
                let value = alert["labels/\(name)"] ?? alert["annotations/\(name)"]
                require(value?.text?.isEmpty == false, "\(name) is no text")
            }
            let severity = alert["labels/severity"]?.text ?? ""
            require(["info", "warning", "critical"].contains(severity), "the severity \(severity)")
            let (start, end) = (alert["startsAt"]?.text ?? "", alert["endsAt"]?.text ?? "")
            require(!start.isEmpty && start < end, "it ends before it starts")
        }
        require(json.count == 1, "not one alert")
    }

    // MARK: Looking at it

    private func require(_ holds: Bool, _ words: @autoclosure () -> String) {
        if !holds { broken.append(words()) }
    }

    private func between(
        _ path: String, _ least: Int, _ most: Int, _ count: (String) -> Int = { $0.utf16.count }
    ) {
        let number = json[path]?.text.map(count) ?? 0
        require((least...most).contains(number), "\(path) has \(number), not \(least) to \(most)")
    }

    /// No text that people see holds one of these.
    private func none(_ tokens: String...) {
        for (path, text) in texts(json) where !path.lowercased().hasSuffix("url") {
            for token in tokens where text.has(token) { broken.append("\(path) holds \(token)") }
        }
    }

    private func isColour(_ text: String) -> Bool {
        text.count == 7 && text.hasPrefix("#") && text.dropFirst().allSatisfy(\.isHexDigit)
    }

    /// Tags are known ones and nested, and every `&` begins a reference.
    private func tags(_ html: String, known: Set<String>, empty: Set<String> = []) {
        var open: [String] = []
        // By scalars: a mark and what combines with it are one character.
        let scalars = html.unicodeScalars
        for piece in scalars.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
            guard let end = piece.firstIndex(of: ">") else { return broken.append("a tag without an end") }
            let isClosing = piece.first == "/"
            let name = String(String.UnicodeScalarView(piece[..<end].drop { $0 == "/" }.prefix { $0 != " " }))
            require(known.contains(name), "the tag \(name)")
            if isClosing {
                require(open.popLast() == name, "\(name) ends where it should not")
            } else if !empty.contains(name) {
                open.append(name)
            }
        }
        require(open.isEmpty, "open tags \(open)")
        for piece in scalars.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            let name = String(String.UnicodeScalarView(piece.prefix { $0 != ";" }.prefix(6)))
            require(["amp", "lt", "gt", "quot", "#39"].contains(name), "a bare &")
        }
    }
}

extension JSON {
    var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
    var names: [String] { if case .object(let members) = self { members.map(\.name) } else { [] } }
}
