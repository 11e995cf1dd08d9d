/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Something that reads input, with good inputs to begin from. An input has parts that are mutated by themselves: the
/// main file and an issue file, a status and a body.
struct Target: Sendable {
    let name: String
    let corpus: [[[UInt8]]]
    let run: @Sendable ([[UInt8]]) -> Void

    init(_ name: String, bytes corpus: [[[UInt8]]], _ run: @escaping @Sendable ([[UInt8]]) -> Void) {
        self.name = name
        self.corpus = corpus
        self.run = run
    }

    /// For texts; the target gets what a decoder makes of invalid UTF-8.
    init(_ name: String, _ corpus: [[String]], _ run: @escaping @Sendable ([String]) -> Void) {
        self.init(name, bytes: corpus.map { $0.map { Array($0.utf8) } }) { parts in
            run(parts.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    func input(seed: UInt64, run: Int) -> [[UInt8]] {
        // Targets must not go through one sequence of random numbers.
        let salt = name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var mixer = SplitMix64(state: seed ^ salt)
        let state = mixer.next() &+ UInt64(run) &* 0xD1B5_4A32_D192_ED03
        var mutator = Mutator(random: SplitMix64(state: state), corpus: corpus)
        return mutator.input()
    }
}

/// Makes bad inputs of good ones.
struct Mutator {
    var random: SplitMix64
    let corpus: [[[UInt8]]]

    /// What a service's answer is read to; files of this size are long too.
    private static let sizeLimit = 65_536

    mutating func input() -> [[UInt8]] {
        var input = pick(corpus) ?? []
        guard !input.isEmpty else { return input }
        // Mostly few changes: many leave nothing that is read beyond its beginning.
        var left = 1
        while left < 30, chance(1, in: 2) { left += chance(1, in: 8) ? 5 : 1 }
        while left > 0 {
            let part = below(input.count)
            mutate(&input[part], part)
            if input[part].count > Mutator.sizeLimit {
                input[part].removeLast(input[part].count - Mutator.sizeLimit)
            }
            left -= 1
        }
        return input
    }

    private mutating func mutate(_ bytes: inout [UInt8], _ part: Int) {
        switch below(16) {
        case 0:
            if let index = index(bytes) { bytes[index] ^= 1 << UInt8(below(8)) }
        case 1:
            if let index = index(bytes) { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
        case 2: bytes.removeSubrange(range(bytes, 16))
        case 3: bytes.removeSubrange(range(bytes, .max))
        case 4: bytes.insert(contentsOf: bytes[range(bytes, 64)], at: below(bytes.count + 1))
        case 5, 6: bytes.insert(contentsOf: token(), at: below(bytes.count + 1))
        case 7: bytes.replaceSubrange(range(bytes, 16), with: token())
        case 8, 9: replaceRun(&bytes, pick(Interesting.numbers) ?? []) { $0 >= 0x30 && $0 <= 0x39 }
        case 10, 11: replaceRun(&bytes, word(part), isWordByte)
        case 12: splice(&bytes, part)
        case 13: overwrite(&bytes)
        case 14: if chance(1, in: 40) { repeatRange(&bytes) }
        default:
            // A word of this input twice, or at another place of it.
            let words = runs(bytes, isWordByte)
            if let from = pick(words), let to = pick(words) {
                bytes.replaceSubrange(to, with: Array(bytes[from]))
            }
        }
    }

    /// Long repetitions show what takes the square of its length.
    private mutating func repeatRange(_ bytes: inout [UInt8]) {
        let range = range(bytes, chance(1, in: 4) ? 200 : 8)
        guard !range.isEmpty else { return }
        let times = min(1 << below(17), Mutator.sizeLimit / range.count)
        let copy = Array(bytes[range])
        bytes.insert(contentsOf: (0..<times).flatMap { _ in copy }, at: range.upperBound)
    }

    /// The beginning of this input and the end of another.
    private mutating func splice(_ bytes: inout [UInt8], _ part: Int) {
        guard let other = pick(corpus), other.indices.contains(part) else { return }
        let tail = other[part].dropFirst(below(other[part].count + 1))
        bytes.removeLast(below(bytes.count + 1))
        bytes += tail
    }

    /// A number as binary formats hold it, most significant byte first.
    private mutating func overwrite(_ bytes: inout [UInt8]) {
        let size = chance(1, in: 2) ? 4 : 8
        guard bytes.count >= size, let value = pick(Interesting.integers) else { return }
        let start = below(bytes.count - size + 1)
        for index in 0..<size {
            bytes[start + index] = UInt8(truncatingIfNeeded: value >> ((size - 1 - index) * 8))
        }
    }

    private mutating func replaceRun(_ bytes: inout [UInt8], _ new: [UInt8], _ belongs: (UInt8) -> Bool) {
        guard let run = pick(runs(bytes, belongs)) else { return }
        bytes.replaceSubrange(run, with: new)
    }

    private func runs(_ bytes: [UInt8], _ belongs: (UInt8) -> Bool) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        // Enough of a long input.
        for (index, byte) in bytes.prefix(4096).enumerated() {
            if belongs(byte) {
                start = start ?? index
            } else if let begin = start {
                runs.append(begin..<index)
                start = nil
            }
        }
        if let start { runs.append(start..<min(4096, bytes.count)) }
        return runs
    }

    /// A word that stands at the same part of some good input.
    private mutating func word(_ part: Int) -> [UInt8] {
        guard let other = pick(corpus), other.indices.contains(part) else { return [] }
        return pick(runs(other[part], isWordByte)).map { Array(other[part][$0]) } ?? []
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 0x30 && byte <= 0x39 || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F
            || byte >= 0x80
    }

    private mutating func token() -> [UInt8] {
        if chance(1, in: 400), let long = pick(Interesting.long) { return long }
        if chance(1, in: 3), let number = pick(Interesting.numbers) { return number }
        return pick(Interesting.tokens) ?? []
    }

    // MARK: Chances

    private mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(random.next() % UInt64(limit)) : 0 }
    private mutating func chance(_ part: Int, in whole: Int) -> Bool { below(whole) < part }
    private mutating func index(_ bytes: [UInt8]) -> Int? { bytes.isEmpty ? nil : below(bytes.count) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    private mutating func range(_ bytes: [UInt8], _ longest: Int) -> Range<Int> {
        let start = below(bytes.count + 1)
        return start..<(start + below(min(longest, bytes.count - start) + 1))
    }
}
