import FoundationEssentials
import Messages
import Testing

@Suite("Texts")
struct TextTests {
    @Test("a text is cut between graphemes, with the ellipsis inside the limit")
    func cut() {
        #expect(Text.cut("abcdef", to: 6, counting: .utf16) == "abcdef")
        #expect(Text.cut("abcdefg", to: 6, counting: .utf16) == "abcde…")
        #expect(Text.cut("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", to: 12, counting: .utf16) == "👨‍👩‍👧‍👦…")
        #expect(Text.cut("漢字仮名", to: 9, counting: .utf8) == "漢字…")
        #expect(Text.cut("\"\"\"\"", to: 7, counting: .json) == "\"\"…")
        #expect(Text.cut("abc", to: 0, counting: .utf16) == "")
        #expect(Text.cut("abc", to: 1, counting: .utf16) == "…")
        #expect(Text.cut("", to: 0, counting: .utf16) == "")
    }

    @Test("of a grapheme that alone is too long its beginning stays")
    func endlessGrapheme() {
        let text = "Z" + String(repeating: "\u{351}", count: 100)
        #expect(Text.cut(text, to: 10, counting: .utf16).unicodeScalars.count == 10)
        #expect(Text.cut("ab" + text, to: 10, counting: .utf16) == "ab…")
    }

    @Test(
        "whatever the text and the limit, what is kept fits and is the text's beginning, up to a grapheme's end"
    )
    func cutLaw() {
        for text in hostileTitles {
            let text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(40)))
            for limit in 0...60 {
                for unit in [Text.Unit.utf16, .utf8, .json] {
                    let cut = Text.cut(text, to: limit, counting: unit)
                    let size =
                        switch unit {
                        case .utf16: cut.utf16.count
                        case .utf8: cut.utf8.count
                        case .json: JSON.string(cut).serialized.utf8.count - 2
                        }
                    #expect(size <= limit)
                    if cut != text, !cut.isEmpty {
                        let kept = cut.unicodeScalars.dropLast()
                        #expect(cut.unicodeScalars.last == "…" && text.unicodeScalars.starts(with: kept))
                        let isFirst = kept.count < text.first?.unicodeScalars.count ?? 0
                        #expect(isFirst || text.hasPrefix(String(kept)), "\(text) \(limit)")
                    }
                }
            }
        }
    }

    @Test("an escape is never cut in half, and what is kept is the beginning of the escaped text")
    func escaped() {
        let escapes = [
            Escape(["&": "&amp;", "<": "&lt;", ">": "&gt;"], joined: "*_~`|"),
            Escape(backslashed: "\\*_~`|>#-[]()<@:"), Escape(),
        ]
        for text in hostileTitles.map({ String(String.UnicodeScalarView($0.unicodeScalars.prefix(16))) }) {
            for escape in escapes {
                let whole = escape(text)
                let ends = Set(
                    text.unicodeScalars.indices.map { escape(String(text[..<$0])).unicodeScalars.count })
                for limit in 0...40 {
                    let part = Text.escaped(text, to: limit, counting: .utf16, escape)
                    #expect(part.utf16.count <= limit)
                    guard part != whole, !part.isEmpty else { continue }
                    let kept = part.unicodeScalars.dropLast()
                    #expect(whole.unicodeScalars.starts(with: kept) && ends.contains(kept.count))
                }
            }
        }
    }

    @Test("an @ addresses nobody, and a mail address stays one")
    func mentions() {
        #expect(Escape()("@here (@all) 漢@x a@b.org") == "@\u{2060}here (@\u{2060}all) 漢@\u{2060}x a@b.org")
        #expect(Escape.none("@here") == "@here")
    }

    @Test("a line has no controls and no hidden direction, and its spaces are folded")
    func singleLine() {
        #expect(Text.singleLine(" a\t\r\nb\u{3000}\u{A0}c \u{85}") == "a b c")
        #expect(Text.singleLine("a\u{0}\u{1B}\u{202E}\u{2066}\u{FEFF}\u{E0041}\(nonCharacters)b") == "ab")
        #expect(Text.singleLine("👨‍👩‍👧‍👦 é ﬁ") == "👨‍👩‍👧‍👦 é ﬁ")
    }

    @Test("what is written in pieces is shown as one, and a mark by another number is the mark")
    func composed() throws {
        func scalars(_ text: String) -> [Unicode.Scalar] { Array(Text.singleLine(text).unicodeScalars) }
        #expect(scalars("u\u{308}") == ["ü"])
        #expect(scalars("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}") == ["한", "국"])
        #expect(scalars("漢é ﬁ") == ["漢", "é", " ", "ﬁ"])
        let content = try body("zulip", try message(title: "\u{1FEF}code\u{1FEF}"))["content"]?.text
        #expect(content?.contains("&#96;code&#96;") == true)
    }

    @Test("more marks on a letter than any language has stay as they are, however many they are")
    func marks() {
        let text = "Z" + String(repeating: "\u{351}\u{323}", count: 200_000)
        #expect(Text.singleLine(text).unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test("JSON escapes every control character and line separator, and a reader gets each back")
    func json() throws {
        for value in Array(0...0xFF) + [0x2028, 0x2029, 0xFEFF, 0xFFFF, 0x1F600, 0x10FFFF] {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let text = JSON.string("a\(scalar)b").serialized
            let isControl = value < 0x20 || (0x7F...0x9F).contains(value) || (0x2028...0x2029).contains(value)
            #expect(text.contains("\\") == (isControl || scalar == "\"" || scalar == "\\"), "U+\(value)")
            #expect(!isControl || text.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) })
            #expect(try JSONDecoder().decode(String.self, from: Data(text.utf8)) == "a\(scalar)b")
        }
        #expect(
            JSON.object(["a/b": "ü漢\"\\", "n": nil, "x": .number(-7), "z": [.null, true]]).serialized
                == #"{"a/b":"ü漢\"\\","x":-7,"z":[null,true]}"#)
    }
}
