import Messages

/// A message as its reader would see it, drawn for a terminal.
enum Card {
    static func text(_ message: Message) -> String {
        let bar = Terminal.styled("▌", message.urgency.style)
        let width = min(Terminal.width, 100) - 4
        var lines: [String] = []
        lines.append(
            Terminal.styled("\(message.urgency.emoji) \(message.headline)", .bold))
        lines += wrapped(message.title, width).map { Terminal.styled($0, .bold) }
        let names = message.facts.map { Terminal.columns($0.name) }.max() ?? 0
        for fact in message.facts {
            let rows = wrapped(fact.value, width - names - 2)
            for (index, row) in rows.enumerated() {
                let name = Terminal.padded(index == 0 ? fact.name : "", to: names)
                lines.append(Terminal.styled(name, .dim) + "  " + row)
            }
        }
        for section in message.sections {
            if !section.heading.isEmpty {
                lines.append("")
                lines += wrapped(section.heading, width).map { Terminal.styled($0, .bold) }
            }
            for line in (0..<min(section.count, 20)).compactMap(section.line) {
                let text = [line.lead, line.title].filter { !$0.isEmpty }.joined(separator: ": ")
                lines += wrapped("• \(text) \(line.detail)", width)
                if let url = line.doneLink { lines.append("  " + action(message.words.markDone, url)) }
            }
        }
        for remark in message.remarks { lines += wrapped(remark, width).map { Terminal.styled($0, .yellow) } }
        lines += message.actions.map(action)
        lines.append(Terminal.styled(message.footer, .dim))
        return lines.map { "  \(bar) \($0)" }.joined(separator: "\n")
    }

    private static func action(_ label: String, _ url: String) -> String {
        Terminal.styled("[ \(label) ]", .blue) + "  \(url)"
    }

    /// Lines of at most `width` columns, broken between words.
    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, Terminal.columns(line) + 1 + Terminal.columns(String(word)) > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + Terminal.cut(String(word), to: width)
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
