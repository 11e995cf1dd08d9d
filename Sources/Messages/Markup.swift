import Schedule

/// How a service writes a message as one text: its marks, its escapes and how much it takes.
///
/// A message is cut by its structure. Headline, title, notices and footer stand whatever happens; facts and lists give
/// way from their ends, and the reader is told how many lines that were. The links of a list's lines have what its lines
/// leave, and are whole or not there. A channel's own words, or an alert's, get what is left.
package struct Markup: Sendable {
    let limit: Int
    let unit: Text.Unit
    let escape: Escape
    var strong: @Sendable (String) -> String = { $0 }
    /// Of a label and an address, the label escaped; nil where addresses stand in the open.
    var link: (@Sendable (_ label: String, _ url: String) -> String)?
    /// An instant that the client shows on its reader's clock, and what stands there where it does not.
    var time: (@Sendable (Instant, _ otherwise: String) -> String)?
    var bullet = "• "
    var newline = "\n"

    /// The parts of a message that a service shows in some other place are left out.
    package enum Part: Sendable { case headline, title, link, done, facts, footer }

    /// The same without any mark: for a service that did not take them.
    var plain: Markup {
        Markup(limit: limit, unit: unit, escape: escape, newline: newline)
    }

    /// Together they leave room for the marks: a title takes a sixth of it, an address a quarter, each of three notices and
    /// the channel's own words a tenth, headline and footer a twelfth.
    private func text(_ text: String, _ share: Int) -> String {
        Text.escaped(text, to: limit / share, counting: unit, escape)
    }

    private func size(_ line: String) -> Int { unit.count(line) + unit.count(newline) }

    /// The message in one text that is no longer than the limit.
    package func text(_ message: Message, without left: Set<Part> = []) -> String {
        let words = message.words
        var head: [String] = []
        var tail: [String] = []
        let address = message.link.flatMap { unit.count($0) <= limit / 4 ? $0 : nil }
        if !left.contains(.headline) {
            head.append("\(message.urgency.emoji) \(strong(text(message.headline, 12)))")
        }
        // An alert has nothing but its words.
        let isAlert = if case .alert = message.kind { true } else { false }
        let hasTitle = !left.contains(.title) && !message.title.isEmpty
        if hasTitle {
            let title = text(message.title, isAlert ? 2 : 6)
            head.append(strong(address.flatMap { link?(title, $0) } ?? title))
        }
        tail += message.notices.map { text($0, 10) }
        let own = message.ownText.map { text($0, 10) }
        let ownPlace = tail.count
        tail += [own].compactMap { $0 }
        if !left.contains(.link), let whole = message.link {
            if let address, link == nil || !hasTitle {
                tail.append(link?(text(words.openCall, 12), address) ?? address)
            } else if address == nil {
                // Too long to be followed, but not kept back.
                tail.append(text(words.page + words.colon + whole, 10))
            }
        }
        if !left.contains(.done), let done = done(message) { tail.append(done) }
        if !left.contains(.footer) { tail.append(text(message.footer, 12)) }
        let room = limit - (head + tail).reduce(0) { $0 + size($1) }
        let facts = left.contains(.facts) ? [] : facts(of: message, room: room)
        let free = room - facts.reduce(0) { $0 + size($1) }
        let sections = sections(of: message, room: free)
        if sections.isEmpty, let own, let words = message.ownText {
            tail[ownPlace] = Text.escaped(words, to: unit.count(own) + free, counting: unit, escape)
        }
        let lists = sections.flatMap { [""] + $0 } + (sections.isEmpty ? [] : [""])
        return (head + facts + lists + tail).drop(while: \.isEmpty).joined(separator: newline)
    }

    /// The line by which a reader says that the work is handed in; nil where nobody may, or an address is too long.
    func done(_ message: Message) -> String? {
        guard let done = message.doneLink, unit.count(done) <= limit / 4 else { return nil }
        return self.done(done, message.words)
    }

    private func done(_ url: String, _ words: any Words) -> String {
        let label = text(words.markDone, 12)
        return link?(label, url) ?? label + words.colon + url
    }

    /// The facts as lines, as many as there is room for; how many there are more is said.
    private func facts(of message: Message, room: Int) -> [String] {
        let colon = message.words.colon
        var facts = message.facts(rendersTimes: time != nil).map { bullet + fact($0, colon) }
        guard facts.reduce(0, { $0 + size($1) }) > room else { return facts }
        var dropped = 0
        while !facts.isEmpty, facts.reduce(0, { $0 + size($1) }) > room - reserve(message.words) {
            facts.removeLast()
            dropped += 1
        }
        return facts + [more(dropped, message.words)]
    }

    private func fact(_ fact: Message.Fact, _ colon: String) -> String {
        let value = text(fact.value, 6)
        let shown = fact.instant.flatMap { time?($0, value) } ?? value
        let name = text(fact.name, 20)
        // Markdown takes a mark for an end only after a letter, or before a space.
        guard colon.last == " " else { return strong(name) + colon + shown }
        return strong(name + colon.dropLast()) + " " + shown
    }

    /// The groups of a message's list as lines, each within `perSection` and all within `room`. Each group gets its next
    /// line in turn, so that none is crowded out by one that is long. Then their links have the room that is left: the
    /// reader is told how many have none.
    package func sections(of message: Message, room: Int, perSection: Int = .max) -> [[String]] {
        let all = message.sections
        guard !all.isEmpty else { return [] }
        let words = message.words
        // Room for the words about what was left out is kept, and for an empty line.
        func overhead(_ section: Section) -> Int {
            size(heading(section)) + size(more(section.count, words)) + size("")
        }
        let reserve = reserve(words)
        let remark = message.links == nil ? 0 : size(unlinked(1_000_000, words))
        var sections: ArraySlice<Section> = all[...]
        while !sections.isEmpty, sections.reduce(0, { $0 + overhead($1) }) > room - 2 * reserve - remark {
            sections.removeLast()
        }
        var dropped = all[sections.endIndex...].reduce(0) { $0 + $1.count }
        var left = room - sections.reduce(0) { $0 + overhead($1) } - reserve - remark
        var lines = sections.map { _ in [String]() }
        var links: [LineLink] = []
        var rooms = sections.map { min(perSection, limit) - overhead($0) }
        var open = Array(sections.indices)
        while !open.isEmpty {
            open.removeAll { index in
                guard let line = sections[index].line(lines[index].count) else {
                    return true
                }
                let text = self.line(line, words.colon)
                guard size(text) <= left, size(text) <= rooms[index] else { return true }
                left -= size(text)
                rooms[index] -= size(text)
                if let url = line.doneLink {
                    // An address in the open has a line of its own.
                    let between = link == nil ? newline : " · "
                    links.append(
                        LineLink(
                            section: index, line: lines[index].count, text: between + done(url, words)))
                }
                lines[index].append(text)
                return false
            }
        }
        links.removeAll { link in
            let size = unit.count(link.text)
            guard size <= min(left, rooms[link.section]) else { return false }
            left -= size
            rooms[link.section] -= size
            lines[link.section][link.line] += link.text
            return true
        }
        // Of a group without a line the reader learns nothing but that there are more.
        let seen = zip(sections, lines).filter { section, lines in
            if lines.isEmpty { dropped += section.count }
            return !lines.isEmpty
        }
        guard !seen.isEmpty else { return [] }
        let shown = seen.map { section, lines in
            let hidden = section.count - lines.count
            return (section.heading.isEmpty ? [] : [heading(section)]) + lines
                + (hidden > 0 ? [more(hidden, words)] : [])
        }
        let rest = [
            dropped > 0 ? more(dropped, words) : nil,
            links.isEmpty ? nil : unlinked(links.count, words),
        ].compactMap { $0 }
        return rest.isEmpty ? shown : shown + [rest]
    }

    /// What a line gets at its end where there is room for it.
    private struct LineLink {
        let section: Int
        let line: Int
        let text: String
    }

    /// It may say for all lines when they are due.
    private func heading(_ section: Section) -> String { strong(text(section.heading, 6)) }
    private func more(_ count: Int, _ words: any Words) -> String { text(words.more(count), 20) }
    private func unlinked(_ count: Int, _ words: any Words) -> String { text(words.withoutLinks(count), 12) }
    private func reserve(_ words: any Words) -> Int { size(more(1_000_000, words)) + size("") }

    private func line(_ line: Section.Line, _ colon: String) -> String {
        // A line is short, or few of them are seen.
        let title = Text.escaped(line.title, to: min(160, limit / 8), counting: .utf16, escape)
        let address = line.link.flatMap { unit.count($0) <= limit / 10 ? $0 : nil }
        let lead = line.lead.isEmpty ? "" : text(line.lead, 20) + colon
        return "\(bullet)\(lead)\(address.flatMap { link?(title, $0) } ?? title) \(text(line.detail, 8))"
    }
}
