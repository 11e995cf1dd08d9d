import Foundation

/// Makes text from outside fit to be shown: no control characters, no hidden direction changes, no more than fits.
package enum Text {
    /// What a service counts its limits in.
    package enum Unit: Sendable {
        /// What vendors call "characters". Never fewer than their code points or graphemes, so safe whichever they mean.
        case utf16
        case utf8
        /// UTF-8 bytes as `JSON.serialized` writes them: for limits of a whole body.
        case json

        func count(_ scalar: Unicode.Scalar) -> Int {
            switch self {
            case .utf16: UTF16.width(scalar)
            case .utf8: UTF8.width(scalar)
            case .json: JSON.escape(of: scalar)?.utf8.count ?? UTF8.width(scalar)
            }
        }

        func count(_ text: some StringProtocol) -> Int {
            text.unicodeScalars.reduce(0) { $0 + count($1) }
        }
    }

    /// One line without control characters, bidirectional overrides and line separators, white space folded, and composed.
    package static func singleLine(_ text: String) -> String {
        if isPlainLine(text) { return text }
        var line = String.UnicodeScalarView()
        var needsSpace = false
        for scalar in text.unicodeScalars {
            if isSpace(scalar) {
                needsSpace = !line.isEmpty
            } else if !isHidden(scalar) {
                if needsSpace { line.append(" ") }
                needsSpace = false
                line.append(scalar)
            }
        }
        return composed(String(line))
    }

    /// Letters that were written in pieces, as one (NFC): some clients show a Hangul syllable in pieces as its pieces.
    ///
    /// More marks on one letter than Unicode's Stream-Safe Text Format has (UAX #15) belong to no word of any language, and
    /// would take very long to be put in order.
    private static func composed(_ line: String) -> String {
        var marks = 0
        var mayBeInPieces = false
        for scalar in line.unicodeScalars where scalar.value >= 0x300 {
            mayBeInPieces = true
            marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
            if marks > mostMarks { return line }
        }
        return mayBeInPieces ? line.precomposedStringWithCanonicalMapping : line
    }

    private static let mostMarks = 30

    /// Most texts are ASCII without anything to fold, and stay as they are.
    private static func isPlainLine(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var previous = UInt8(ascii: " ")
            for byte in bytes {
                guard byte >= 0x20, byte < 0x7F, byte != 0x20 || previous != 0x20 else { return false }
                previous = byte
            }
            return bytes.isEmpty || previous != 0x20
        }
    }

    /// The wide and narrow spaces too: services trim them, and refuse what is empty then.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII ? scalar == " " || ("\t"..."\r").contains(scalar) : scalar.properties.isWhitespace
    }

    /// Controls, marks and overrides of direction, byte order marks, annotations, tags and what is no character.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: false
        case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0xFDD0...0xFDEF, 0xE0000...0xE007F:
            true
        default: scalar.value & 0xFFFE == 0xFFFE
        }
    }

    /// Whether nothing of a clean text would be seen: joiners, fillers and selectors alone.
    package static func isBlank(_ line: String) -> Bool {
        line.unicodeScalars.allSatisfy { $0 == " " || $0.properties.isDefaultIgnorableCodePoint }
    }

    /// The text, or its beginning with `…` where it is longer than `limit`. It is cut between graphemes; inside one
    /// only where that one alone is too long.
    package static func cut(_ text: String, to limit: Int, counting unit: Unit) -> String {
        escaped(text, to: limit, counting: unit, .none)
    }

    /// The escaped text, or the escaped form of its longest beginning that fits with a `…`. No escape is cut in half.
    ///
    /// It goes through the text once and stops at the limit, however long the text or a single grapheme of it is.
    package static func escaped(
        _ text: String, to limit: Int, counting unit: Unit, _ escape: Escape
    ) -> String {
        let ellipsis = "…"
        let room = limit - unit.count(ellipsis)
        var result = ""
        var size = 0
        // How much of the result leaves room for the ellipsis, up to a grapheme's end and inside the first grapheme.
        var fits = 0
        var fitsInside = 0
        var previous: Unicode.Scalar?
        for character in text {
            let isFirst = fits == 0
            for scalar in character.unicodeScalars {
                let form = escape.form(of: scalar, after: previous)
                size += unit.count(form)
                guard size <= limit else {
                    guard room >= 0 else { return "" }
                    let kept = result.utf8.prefix(fits > 0 ? fits : fitsInside)
                    return String(Substring(kept)) + ellipsis
                }
                result += form
                previous = scalar
                if isFirst, size <= room { fitsInside = result.utf8.count }
            }
            if size <= room { fits = result.utf8.count }
        }
        return result
    }
}

/// How a service writes text of which nothing may mean anything to it: the form of each scalar that would.
///
/// A form depends on its scalar and the one before alone. So the escaped beginning of a text is the beginning of the
/// escaped text, and a text may be cut between any two scalars without cutting a form.
package struct Escape: Sendable {
    /// U+2060, the word joiner: invisible, and enough to make one token two.
    package static let joiner = "\u{2060}"
    /// For text that is shown as it is.
    package static let none = Escape(breaksMentions: false)
    /// For HTML's text and attributes.
    package static let html = Escape(
        ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"], breaksMentions: false)

    private let forms: [Unicode.Scalar: String]
    private let breaksMentions: Bool

    /// - Parameters:
    ///   - forms: scalars with a form of their own, like `&amp;`
    ///   - backslashed: each of these gets a backslash before it
    ///   - numbered: each of these is written as HTML's numeric reference, like `&#42;`; for Markdown that knows no
    ///     backslash
    ///   - joined: each of these gets joiners at both sides; for services without an escape
    ///   - breaksMentions: whether an `@` gets a joiner after it, except within what can be a mail address
    package init(
        _ forms: [Unicode.Scalar: String] = [:], backslashed: String = "", numbered: String = "",
        joined: String = "", breaksMentions: Bool = true
    ) {
        var forms = forms
        for scalar in backslashed.unicodeScalars { forms[scalar] = "\\\(scalar)" }
        for scalar in numbered.unicodeScalars { forms[scalar] = "&#\(scalar.value);" }
        for scalar in joined.unicodeScalars { forms[scalar] = "\(Escape.joiner)\(scalar)\(Escape.joiner)" }
        self.forms = forms
        self.breaksMentions = breaksMentions
    }

    package func callAsFunction(_ text: String) -> String {
        var escaped = ""
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            escaped += form(of: scalar, after: previous)
            previous = scalar
        }
        return escaped
    }

    func form(of scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> String {
        let form = forms[scalar] ?? String(scalar)
        guard scalar == "@", breaksMentions else { return form }
        let isAddress = previous.map { $0.isASCII && ($0.properties.isAlphabetic || $0.isDigit) } ?? false
        return isAddress ? form : form + Escape.joiner
    }
}

extension Unicode.Scalar {
    /// 0 to 9.
    var isDigit: Bool { ("0"..."9").contains(self) }
}

extension FixedWidthInteger {
    /// In hexadecimal, with leading zeros up to `width`.
    func hex(_ width: Int, uppercase: Bool = false) -> String {
        let digits = String(self, radix: 16, uppercase: uppercase)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}
