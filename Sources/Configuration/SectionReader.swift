import Messages
import Schedule

/// Reads nodes of one file and collects what is wrong with them. Nothing stops at the first fault: a fault yields nil,
/// and reading goes on, so that one run tells all.
final class SectionReader {
    let file: String
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var errorCount = 0
    /// Secrets may stand in the file: it is the main file, or has keys of one, as a copy among the calls does.
    var hidesSecrets = false

    init(file: String) {
        self.file = file
    }

    func report(
        _ severity: Diagnostic.Severity = .error, at place: Place?, _ message: String, remedy: String? = nil
    ) {
        if severity == .error { errorCount += 1 }
        diagnostics.append(
            Diagnostic(
                severity, file: file, place: place,
                message: SectionReader.masked(message, hidesSecrets: hidesSecrets), remedy: remedy))
    }

    func report(_ fault: Fault, at place: Place?) {
        report(at: place, fault.message, remedy: fault.remedy)
    }

    /// Warns of what can be read and is perhaps not meant.
    func doubt(_ doubt: Fault, at place: Place?) {
        report(.warning, at: place, doubt.message, remedy: doubt.remedy)
    }

    /// The members of a mapping whose keys are known. A key that is not, or that occurs again, is reported.
    ///
    /// - Parameters:
    ///   - required: a key that must stand there, be its value right or wrong.
    ///   - hidesKeys: whether an unknown one may be a secret.
    func members<Key: SectionKey>(
        of node: YAMLNode, what: String, required: (key: Key, remedy: String)? = nil, hidesKeys: Bool = false,
        _ body: (Key, YAMLNode) -> Void
    ) {
        guard node.kind == .mapping else {
            report(at: node.place, "\(what) is no mapping", remedy: "write 'key: value' lines")
            return
        }
        let names = Key.names
        var seen: UInt64 = 0
        var next = 0
        node.forEachMember { keyNode, value in
            guard let index = names.index(of: keyNode, from: next) else {
                unknownKey(keyNode, among: names.texts, of: what, isHidden: hidesKeys)
                return
            }
            guard seen & (1 << index) == 0 else {
                report(
                    at: keyNode.place, "'\(names.texts[index])' stands here a second time",
                    remedy: "keep one of them")
                return
            }
            seen |= 1 << index
            next = index + 1
            body(names.keys[index], value)
        }
        if let (key, remedy) = required, let index = names.keys.firstIndex(where: { $0 == key }),
            seen & (1 << index) == 0
        {
            report(at: node.place, "\(what) has no '\(key.rawValue)'", remedy: remedy)
        }
    }

    func unknownKey(_ node: YAMLNode, among known: [String], of what: String, isHidden: Bool = false) {
        guard let name = node.text else {
            report(at: node.place, "this key of \(what) is no text")
            return
        }
        if MainFileReader.Key(rawValue: name) != nil { hidesSecrets = true }
        let word = SectionReader.word(of: name)
        let nearest = Spelling.nearest(to: word.text, among: known)
        let likely = nearest.map { "did you mean '\($0)'?" } ?? "known are \(known.joined(separator: ", "))"
        if isHidden { return report(at: node.place, "unknown key in \(what)", remedy: likely) }
        // Behind a key that lacks its colon stands its value.
        if let key = known.first(where: { name.hasPrefix("\($0) ") }) {
            return report(at: node.place, "'\(key)' of \(what) has no colon", remedy: "write '\(key): …'")
        }
        report(
            at: node.place,
            "unknown key '\(Text.cut(Text.singleLine(word.shown), to: 60, counting: .utf16))' in \(what)",
            remedy: word.isCut && known.contains(word.text)
                ? "write a space after '\(word.text):'"
                : likely)
    }

    /// What of a key may be shown: `token:A1b2` is a key to YAML, and its end is a secret.
    static func word(of key: String) -> (text: String, shown: String, isCut: Bool) {
        let word = String(key.prefix { $0.isLetter || $0.isNumber || "_- ".contains($0) })
        let isCut = word.count < key.count
        return (word, isCut ? word + "…" : word, isCut)
    }

    /// A message that repeats what stands in a file, with the beginning alone of each word that may be a secret in the
    /// place of a name.
    ///
    /// - Parameter hidesSecrets: whether it may be a token, too, and not only an address.
    static func masked(_ message: String, hidesSecrets: Bool) -> String {
        let isWord = { (character: Character) in !" '".contains(character) }
        var masked = ""
        var rest = Substring(message)
        while let first = rest.first {
            let piece = isWord(first) ? rest.prefix(while: isWord) : rest.prefix { !isWord($0) }
            rest = rest[piece.endIndex...]
            if let scheme = piece.range(of: "://") {
                masked += piece[..<scheme.upperBound] + "…"
            } else if hidesSecrets, isToken(piece) {
                masked += piece.prefix(4) + "…"
            } else {
                masked += piece
            }
        }
        return masked
    }

    /// Whether a word looks as if it was drawn by lot. The names of files that we put together are none.
    static func isToken(_ word: some StringProtocol) -> Bool {
        if word.hasPrefix("/") { return false }
        func kind(_ byte: UInt8) -> Int {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): 1
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): 2
            case UInt8(ascii: "a")...UInt8(ascii: "z"): 3
            default: 0
            }
        }
        let kinds = word.utf8.map(kind)
        let changes = zip(kinds, kinds.dropFirst()).count { $0 != $1 && $0 > 0 && $1 > 0 }
        let digits = kinds.count { $0 == 1 }
        return changes >= 6 || kinds.count >= 24 && digits >= 6 && kinds.count { $0 > 1 } >= 3
    }

    /// The members of a mapping whose keys are names that the reader chose.
    func namedMembers(of node: YAMLNode, what: String, _ body: (String, YAMLNode, Place) -> Void) {
        guard node.kind == .mapping else {
            report(at: node.place, "\(what) are no mapping", remedy: "write 'name: …' lines")
            return
        }
        var seen: Set<String> = []
        node.forEachMember { keyNode, value in
            guard let name = keyNode.text.flatMap(SectionReader.name) else {
                report(at: keyNode.place, "this is no name", remedy: SectionReader.nameRemedy)
                return
            }
            guard seen.insert(name).inserted else {
                report(at: keyNode.place, "'\(name)' stands here a second time", remedy: "keep one of them")
                return
            }
            body(name, value, keyNode.place)
        }
    }

    /// A scalar's text; an empty one is reported.
    func text(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = node.text else {
            report(at: node.place, "\(what) is no text", remedy: "write one value")
            return nil
        }
        if text.isEmpty {
            report(at: node.place, "\(what) is empty", remedy: "write a value, or leave the key out")
            return nil
        }
        return text
    }

    /// A list of texts; one text alone is a list of it.
    func texts(_ node: YAMLNode, _ what: String) -> [String] {
        if node.kind == .scalar { return text(node, what).map { [$0] } ?? [] }
        return list(node, what).compactMap { text($0, what) }
    }

    func list(_ node: YAMLNode, _ what: String) -> [YAMLNode] {
        guard node.kind == .sequence else {
            report(
                at: node.place, "\(what) is no list",
                remedy: "write [one, two], or lines that begin with '- '")
            return []
        }
        return node.elements
    }

    /// A text read by `parse`, whose fault is reported at the node.
    func value<Value>(
        _ node: YAMLNode, _ what: String, _ parse: (String) throws(Fault) -> Value
    ) -> Value? {
        guard let text = text(node, what) else { return nil }
        do {
            return try parse(text)
        } catch {
            report(error, at: node.place)
            return nil
        }
    }

    /// One word out of a few.
    func word<Word: RawRepresentable & CaseIterable>(_ node: YAMLNode, _ what: String) -> Word?
    where Word.RawValue == String {
        guard let text = text(node, what) else { return nil }
        if let word = Word(rawValue: text) { return word }
        report(
            at: node.place, "'\(text)' is no \(what)",
            remedy: "write one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// A name for command lines, URLs and file names: letters, digits and `. _ : / -`, at most 100.
    func name(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = text(node, what) else { return nil }
        if let name = SectionReader.name(text) { return name }
        report(
            at: node.place,
            "\(what) '\(Text.cut(Text.singleLine(text), to: 60, counting: .utf16))' is no name",
            remedy: SectionReader.nameRemedy)
        return nil
    }

    private static let nameRemedy =
        "begin with a letter or digit, go on with letters, digits and . _ : / -, 100 at most"

    private static func name(_ text: String) -> String? {
        let bytes = text.utf8
        guard bytes.count <= 100, let first = bytes.first, isLetterOrDigit(first) else { return nil }
        return bytes.allSatisfy { isLetterOrDigit($0) || "._:/-".utf8.contains($0) } ? text : nil
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
            || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Adds to each diagnostic the line it speaks of, except lines that may hold a secret.
    func addExcerpts(from bytes: [UInt8]) {
        guard diagnostics.contains(where: { $0.place != nil }) else { return }
        let lineStarts = SectionReader.lineStarts(bytes)
        func text(_ line: Int) -> String {
            let rest = bytes[lineStarts[line].start...].prefix(400)
            return String(
                decoding: rest.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        }
        var describesChannels: Bool?
        for index in diagnostics.indices {
            guard let place = diagnostics[index].place, lineStarts.indices.contains(Int(place.line) - 1)
            else { continue }
            let line = Int(place.line)
            let shown = text(line - 1)
            let isHarmless: Bool
            if hidesSecrets {
                let section = (0..<line).reversed().lazy.map(text).first { $0.first?.isLetter ?? false }
                isHarmless = SectionReader.isHarmless(shown, section: section ?? "")
            } else {
                let describes =
                    describesChannels ?? lineStarts.indices.contains { text($0).hasPrefix("channels:") }
                describesChannels = describes
                isHarmless = SectionReader.isHarmlessOfIssue(shown, describesChannels: describes)
            }
            if isHarmless { diagnostics[index].excerpt = shown }
            diagnostics[index].place = Place(line: lineStarts[line - 1].number, column: place.column)
        }
    }

    /// Where lines begin as YAML 1.1 counts them, and which ones they are to editors, to which a line ends with a line feed alone.
    private static func lineStarts(_ bytes: [UInt8]) -> [(start: Int, number: Int32)] {
        var starts: [(start: Int, number: Int32)] = [(0, 1)]
        var number: Int32 = 1
        for (index, byte) in bytes.enumerated() {
            let isEnd =
                switch byte {
                case UInt8(ascii: "\n"): true
                case UInt8(ascii: "\r"): !bytes[(index + 1)...].starts(with: "\n".utf8)
                // U+0085, U+2028 and U+2029.
                case 0x85: bytes[..<index].last == 0xC2
                case 0xA8, 0xA9: bytes[..<index].suffix(2).elementsEqual([0xE2, 0x80])
                default: false
                }
            guard isEnd else { continue }
            if byte == UInt8(ascii: "\n") { number += 1 }
            starts.append((index + 1, number))
        }
        return starts
    }

    /// The same of a file of special issues: somebody may have put a channel there, or a whole main file.
    private static func isHarmlessOfIssue(_ line: String, describesChannels: Bool) -> Bool {
        let lower = line.lowercased()
        if ["secret", "token", "password"].contains(where: lower.contains) { return false }
        return !lower.contains("://") || !describesChannels && !lower.contains("type:")
    }

    /// Whether a line of the main file holds no secret, whatever is misspelt in it.
    private static func isHarmless(_ line: String, section: String) -> Bool {
        func key(_ line: String) -> Substring {
            line.drop { $0 == " " || $0 == "-" }.prefix { $0.isLetter || $0 == "_" }
        }
        let lower = line.lowercased()
        guard !["://", "secret", "token", "key", "password", "url"].contains(where: lower.contains) else {
            return false
        }
        let sections: [MainFileReader.Key] = [
            .defaults, .calendar, .schedules, .routes, .include, .allowHTTP, .watchConfig,
        ]
        if let section = MainFileReader.Key(rawValue: String(key(section))), sections.contains(section) {
            return true
        }
        let isOneEntry = !line.contains { "{[,".contains($0) }
        return isOneEntry
            && ["type", "timezone", "at", "language", "burst", "every", "ahead", "fallback", "on_unknown"]
                .contains(key(line))
    }
}

/// The keys of one kind of mapping, at most 64.
protocol SectionKey: RawRepresentable, CaseIterable, Sendable where RawValue == String {
    static var names: KeyNames<Self> { get }
    /// What it is, for editors and the manual.
    var meaning: Meaning { get }
}

/// The names of some keys, ready to be looked up without making a text of each.
struct KeyNames<Key: SectionKey>: Sendable {
    let keys: [Key]
    let texts: [String]
    private let bytes: [[UInt8]]

    init() {
        keys = Array(Key.allCases)
        texts = keys.map(\.rawValue)
        bytes = texts.map { Array($0.utf8) }
    }

    /// Which key a node's text is. People write keys in one order, so the search begins where the last one ended.
    func index(of node: YAMLNode, from start: Int) -> Int? {
        for index in start..<bytes.count where node.isText(bytes[index]) { return index }
        for index in 0..<min(start, bytes.count) where node.isText(bytes[index]) { return index }
        return nil
    }
}
