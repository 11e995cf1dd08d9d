/// A message as a page of HTML, with its looks inline because mail clients drop everything else.
package enum HTMLCard {
    private static let markup = Markup(
        limit: 60_000, unit: .utf8, escape: .html, strong: { "<strong>\($0)</strong>" },
        link: { label, url in "<a href=\"\(Escape.html(url))\" style=\"color:inherit\">\(label)</a>" },
        bullet: "", newline: "<br>\n")
    private static let text = 2000
    private static let width = "max-width:600px"

    /// A whole document.
    package static func page(_ message: Message) -> String {
        """
        <!DOCTYPE html>
        <html lang="\(message.language.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>\(escaped(message.summary))</title>
        </head>
        <body style="margin:0;padding:16px;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:16px;line-height:1.5">
        \(card(message))
        </body>
        </html>

        """
    }

    /// The bar alone has the urgency's colour: as text some of them would hardly be legible.
    private static func card(_ message: Message) -> String {
        var rows: [String] = []
        let colour = message.urgency.hex
        let title = escaped(message.title)
        rows.append(
            "<p style=\"margin:0 0 4px;font-weight:bold\">\(message.urgency.emoji) \(escaped(message.headline))</p>"
        )
        let linked = message.link.map {
            "<a href=\"\(Escape.html($0))\" style=\"color:inherit\">\(title)</a>"
        }
        rows.append("<h1 style=\"margin:0 0 12px;font-size:20px;line-height:1.3\">\(linked ?? title)</h1>")
        if !message.facts.isEmpty {
            let cell = "padding:4px 0;vertical-align:top;text-align:left"
            let facts = message.facts.map { fact in
                """
                <tr><th scope="row" style="\(cell);padding-right:16px;font-weight:normal;opacity:.7;white-space:nowrap">\
                \(escaped(fact.name))</th><td style="\(cell)">\(escaped(fact.value))</td></tr>
                """
            }
            rows.append(
                "<table style=\"border-collapse:collapse\">\n\(facts.joined(separator: "\n"))\n</table>"
            )
        }
        for list in markup.sections(of: message, room: markup.limit) {
            rows.append("<p style=\"margin:12px 0\">\(list.joined(separator: markup.newline))</p>")
        }
        for remark in message.remarks {
            rows.append("<p style=\"margin:12px 0;font-weight:bold\">\(escaped(remark))</p>")
        }
        for action in message.actions {
            rows.append(
                """
                <p style="margin:16px 0"><a href="\(Escape.html(action.url))" style="display:inline-block;padding:8px 16px;\
                background:\(buttonColour);color:#ffffff;border-radius:6px;text-decoration:none">\(escaped(action.label))</a></p>
                """)
        }
        rows.append("<p style=\"margin:16px 0 0;font-size:13px;opacity:.7\">\(escaped(message.footer))</p>")
        return """
            <div style="\(width);margin:0 auto;padding:16px 20px;border-left:6px solid \(colour)">
            \(rows.joined(separator: "\n"))
            </div>
            """
    }

    /// White on it is legible by day and by night.
    private static let buttonColour = "#1565C0"

    private static func escaped(_ text: String) -> String {
        Text.escaped(text, to: self.text, counting: .utf8, .html)
    }
}
