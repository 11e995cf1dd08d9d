import Schedule

/// All the chance in a world: one seed gives one world. SplitMix64.
package struct Randomness: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True so many times in a thousand.
    package mutating func chance(_ thousandths: Int) -> Bool { number(0..<1000) < thousandths }

    mutating func one<Element>(of elements: [Element]) -> Element? { elements.randomElement(using: &self) }

    mutating func span(_ range: ClosedRange<Int>) -> Span {
        .milliseconds(Int64(Int.random(in: range, using: &self)))
    }
}
