/// The offsets of one zone over time: the content of a TZif file (RFC 9636), made ready for look-up.
///
/// The years after the file's last transition follow the POSIX rule in its footer. That rule repeats with the
/// Gregorian cycle of 400 years, so one cycle is tabulated and every later instant is looked up in it.
final class ZoneTable: Sendable {
    /// Instants, in seconds since 1970, at which the offset changes; ascending.
    private let transitions: [Int64]
    /// `offsets[i]` holds before `transitions[i]`; the last one after them all. Seconds east of UTC.
    private let offsets: [Int32]
    /// Where the tabulated cycle ends, in seconds since 1970; nil where the last offset holds for ever.
    private let cycleEnd: Int64?

    /// FNV-1a of the file: equal for equal data.
    let digest: UInt64

    private static let cycle: Int64 = 146_097 * 86_400

    /// Reads a TZif file of version 2 or later.
    init(tzif bytes: [UInt8]) throws(Fault) {
        digest = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var reader = TZifReader(bytes)
        let content = try reader.read()
        var transitions = content.transitions
        var offsets = [content.initialOffset] + content.offsets
        var cycleEnd: Int64?
        if let rule = content.rule, rule.daylight != nil {
            // Damaged data may end in any year; the calendar's own are all that is asked for.
            let lastYear = transitions.last.map { CivilDateTime(secondsSinceEpoch: $0).date.year } ?? 1970
            let firstYear = min(max(lastYear, CivilDate.years.lowerBound), CivilDate.years.upperBound)
            for year in firstYear...(firstYear + 402) {
                for (instant, offset) in rule.transitions(year: year) {
                    guard instant >= transitions.last ?? .min else { continue }
                    if instant == transitions.last {
                        // Two changes at one instant: the later one is what holds (daylight time all year long).
                        offsets[offsets.count - 1] = offset
                    } else if offset != offsets.last {
                        transitions.append(instant)
                        offsets.append(offset)
                    }
                }
            }
            cycleEnd = Int64(CivilDate.daysSinceEpoch(year: firstYear + 402, month: 1, day: 1)) * 86_400
        }
        self.transitions = transitions
        self.offsets = offsets
        self.cycleEnd = cycleEnd
    }

    /// Seconds east of UTC at an instant given in seconds since 1970.
    func offset(at instant: Int64) -> Int32 {
        offsets[index(of: instant - shift(for: instant))]
    }

    /// What became of a civil time, given in civil seconds since 1970, when it was turned into an instant.
    func resolve(civil: Int64) -> (instant: Int64, resolution: Zone.Resolution) {
        let shift = shift(for: civil)
        let civil = civil - shift
        // No offset is beyond 26 hours (RFC 9636, 3.2), so the first stretch that can hold this time begins here.
        var index = index(of: civil - 26 * 3600)
        while index < transitions.count, civil >= transitions[index] + Int64(offsets[index]) {
            index += 1
        }
        let instant = civil - Int64(offsets[index])
        if index > 0, instant < transitions[index - 1] {
            let begin = transitions[index - 1]
            let length = offsets[index] - offsets[index - 1]
            return (civil - Int64(offsets[index - 1]) + shift, .gap(length: length, end: begin + shift))
        }
        let occursAgain =
            index < transitions.count && civil >= transitions[index] + Int64(offsets[index + 1])
        return (instant + shift, occursAgain ? .firstOfTwo : .unique)
    }

    /// How far a time must be moved back, in whole cycles, to fall into the table.
    private func shift(for time: Int64) -> Int64 {
        // A day's margin, because civil times and instants differ by less than that at the table's end.
        guard let cycleEnd, time >= cycleEnd - 2 * 86_400 else { return 0 }
        return ((time - (cycleEnd - 2 * 86_400)) / ZoneTable.cycle + 1) * ZoneTable.cycle
    }

    /// The number of transitions at or before an instant.
    private func index(of instant: Int64) -> Int {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Reads the bytes of a TZif file, RFC 9636 section 3.
private struct TZifReader {
    struct Content {
        var initialOffset: Int32
        var transitions: [Int64]
        var offsets: [Int32]
        var rule: POSIXZoneRule?
    }

    private struct Header {
        var version: UInt8
        var isUTCount, isStandardCount, leapCount, timeCount, typeCount, charCount: Int

        func length(timeSize: Int) -> Int {
            timeCount * timeSize + timeCount + typeCount * 6 + charCount + leapCount * (timeSize + 4)
                + isStandardCount + isUTCount
        }
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func read() throws(Fault) -> Content {
        let first = try header()
        guard first.version >= UInt8(ascii: "2") else {
            throw Fault("its TZif data has only 32-bit times", remedy: "install a newer tzdata")
        }
        try skip(first.length(timeSize: 4))
        let second = try header()
        guard second.leapCount == 0 else {
            throw Fault("its TZif data counts leap seconds", remedy: "use the zone without 'right/'")
        }
        guard second.typeCount > 0 else { throw TZifReader.damaged }
        var transitions: [Int64] = []
        for _ in 0..<second.timeCount { transitions.append(try integer(8)) }
        var types: [Int] = []
        for _ in 0..<second.timeCount { types.append(Int(try byte())) }
        var typeOffsets: [Int32] = []
        for _ in 0..<second.typeCount {
            typeOffsets.append(Int32(truncatingIfNeeded: try integer(4)))
            try skip(2)
        }
        try skip(second.charCount + second.isStandardCount + second.isUTCount)
        guard types.allSatisfy({ $0 < typeOffsets.count }),
            typeOffsets.allSatisfy({ abs(Int($0)) <= 26 * 3600 }),
            zip(transitions, transitions.dropFirst()).allSatisfy(<),
            transitions.allSatisfy({ $0.magnitude < 1 << 60 })
        else { throw TZifReader.damaged }
        return Content(
            initialOffset: typeOffsets[0], transitions: transitions, offsets: types.map { typeOffsets[$0] },
            rule: try footer())
    }

    private mutating func header() throws(Fault) -> Header {
        guard try integer(4) == 0x545A_6966 else { throw TZifReader.damaged }  // "TZif"
        let version = try byte()
        try skip(15)
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = Int(try integer(4))
            guard (0...bytes.count).contains(count) else { throw TZifReader.damaged }
            counts.append(count)
        }
        return Header(
            version: version, isUTCount: counts[0], isStandardCount: counts[1], leapCount: counts[2],
            timeCount: counts[3], typeCount: counts[4], charCount: counts[5])
    }

    private mutating func footer() throws(Fault) -> POSIXZoneRule? {
        guard try byte() == UInt8(ascii: "\n"),
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n"))
        else { throw TZifReader.damaged }
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        return text.isEmpty ? nil : try POSIXZoneRule(text)
    }

    private mutating func byte() throws(Fault) -> UInt8 {
        guard position < bytes.count else { throw TZifReader.damaged }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func skip(_ count: Int) throws(Fault) {
        guard count <= bytes.count - position else { throw TZifReader.damaged }
        position += count
    }

    /// A big-endian two's complement number of `size` bytes.
    private mutating func integer(_ size: Int) throws(Fault) -> Int64 {
        var value: Int64 = 0
        for index in 0..<size {
            let byte = try byte()
            value = index == 0 ? Int64(Int8(bitPattern: byte)) : value << 8 | Int64(byte)
        }
        return value
    }

    private static let damaged = Fault("its TZif data is damaged", remedy: "reinstall tzdata")
}
