/// Reads a short text from left to right, byte by byte. Every text of this package is ASCII where it is valid.
struct Scanner {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    var remainder: String { String(Substring(rest)) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func take(anyOf characters: String) -> UInt8? {
        guard let first = rest.first, characters.utf8.contains(first) else { return nil }
        rest = rest.dropFirst()
        return first
    }

    /// A decimal number whose count of digits lies in `counts`; nil, and nothing taken, where there is none.
    mutating func digits(_ counts: ClosedRange<Int>) -> Int? {
        let run = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // 18 digits always fit an Int.
        guard counts.contains(run.count), run.count <= 18, let value = Int(Substring(run)) else { return nil }
        rest = rest[run.endIndex...]
        return value
    }

    /// The letters that come next, as they stand.
    mutating func letters() -> String {
        let run = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
        rest = rest[run.endIndex...]
        return String(Substring(run))
    }

    /// Takes a lower-case word, in any case, where no further letter follows it.
    mutating func take(word: String) -> Bool {
        var ahead = self
        guard ahead.letters().lowercased() == word else { return false }
        self = ahead
        return true
    }

    @discardableResult
    mutating func spaces() -> Bool {
        let run = rest.prefix { $0 == UInt8(ascii: " ") }
        rest = rest[run.endIndex...]
        return !run.isEmpty
    }
}
