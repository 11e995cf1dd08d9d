/// Guesses what somebody meant.
package enum Spelling {
    /// The candidate that needs the fewest changed letters, if that is no more than a third of them.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let letters = letters(word)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(letters, self.letters(candidate))
            if distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        guard let best, best.distance <= max(1, min(letters.count, best.candidate.count) / 3) else {
            return nil
        }
        return best.candidate
    }

    /// The beginning of a word. Scalars and not graphemes: a grapheme may be of any length, and two are compared slowly.
    private static func letters(_ word: String) -> [Unicode.Scalar] {
        Array(String(String.UnicodeScalarView(word.unicodeScalars.prefix(64))).lowercased().unicodeScalars)
    }

    /// Damerau's distance between neighbours: insert, delete, replace, or swap two letters.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
