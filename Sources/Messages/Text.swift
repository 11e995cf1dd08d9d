/// Makes text from outside fit to be shown: no control characters, no hidden direction changes, no more than fits.
package enum Text {
    package enum Unit: Sendable {
        /// What vendors call "characters". Never fewer than their code points or graphemes, so safe whichever they mean.
        case utf16
        case utf8

        func count(_ text: some StringProtocol) -> Int {
            switch self {
            case .utf16: text.utf16.count
            case .utf8: text.utf8.count
            }
        }
    }

    /// One line without control characters, bidirectional overrides and line separators, white space folded.
    package static func singleLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var needsSpace = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x20, 0x85, 0xA0, 0x2028, 0x2029:
                needsSpace = !line.isEmpty
            case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C, 0xFEFF,
                0xFFF9...0xFFFB, 0xE0000...0xE007F:
                continue
            default:
                if needsSpace { line.append(" ") }
                needsSpace = false
                line.append(scalar)
            }
        }
        return String(line)
    }

    /// The text, or its beginning with `…` where it is longer than `limit`. It is cut between graphemes; inside one
    /// only where that one alone is too long.
    package static func cut(_ text: String, to limit: Int, counting unit: Unit) -> String {
        guard unit.count(text) > limit else { return text }
        let ellipsis = "…"
        let room = limit - unit.count(ellipsis)
        guard room >= 0 else { return "" }
        var kept = ""
        var size = 0
        for character in text {
            let count = unit.count(String(character))
            if size + count > room { break }
            kept.append(character)
            size += count
        }
        if kept.isEmpty {
            for scalar in text.unicodeScalars {
                let count = unit.count(String(scalar))
                if size + count > room { break }
                kept.unicodeScalars.append(scalar)
                size += count
            }
        }
        return kept + ellipsis
    }

    /// The longest beginning of a raw text whose escaped form fits: escaping makes text longer, and no escape may be
    /// cut in half.
    package static func escaped(
        _ text: String, to limit: Int, counting unit: Unit, _ escape: (String) -> String
    ) -> String {
        let whole = escape(text)
        guard unit.count(whole) > limit else { return whole }
        // Halve the distance between what fits and what does not.
        var fits = 0
        var tooMuch = min(unit.count(text), limit) + 1
        while tooMuch - fits > 1 {
            let middle = (fits + tooMuch) / 2
            if unit.count(escape(cut(text, to: middle, counting: unit))) <= limit {
                fits = middle
            } else {
                tooMuch = middle
            }
        }
        return escape(cut(text, to: fits, counting: unit))
    }

    /// Breaks every token that could address somebody: U+2060 (word joiner, invisible) after each `@`.
    package static func withoutMentions(_ text: String) -> String {
        text.replacing("@", with: "@\u{2060}")
    }
}
