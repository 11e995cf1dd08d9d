import Configuration
import Testing

/// `read` by another name, for suites that have one of their own.
private func readingOf(
    _ files: [String: String], accepted: [String: [UInt8]]?, hasCalls: Bool = true
) -> Configuration.Reading {
    read(files, accepted: accepted, hasCalls: hasCalls)
}

@Suite("A file with errors beside others")
struct KeptFileTests {
    private func issue(_ id: String, _ deadline: String = "2025-08-20") -> String {
        "- {id: \(id), title: T, deadline: \(deadline)}\n"
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Reads as a running service does that knows these texts.
    private func read(
        _ files: [String: String], knowing texts: [String: String], in directory: String = "",
        hasCalls: Bool = true
    ) -> Configuration.Reading {
        let texts = texts.map { ("\(directory)issues.d/\($0)", bytes($1)) }
        return readingOf(
            files.merging(["deadlined.yaml": main]) { a, _ in a },
            accepted: Dictionary(uniqueKeysWithValues: texts), hasCalls: hasCalls)
    }

    private func ids(_ reading: Configuration.Reading) -> [String]? {
        reading.configuration?.agenda.issues.map(\.id)
    }

    @Test("its last text without errors stands in for it, and the others count")
    func kept() {
        let reading = read(
            ["issues.d/a.yaml": issue("a"), "issues.d/b.yaml": issue("b", "whenever") + issue("c")],
            knowing: ["b.yaml": issue("b") + issue("d")])
        #expect(ids(reading) == ["a", "b", "d"])
        #expect(reading.errorCount == 1)
        #expect(reading.kept == [Configuration.KeptFile(file: "issues.d/b.yaml", hasEarlierText: true)])
        #expect(
            reading.accepted == [
                "issues.d/a.yaml": bytes(issue("a")),
                "issues.d/b.yaml": bytes(issue("b") + issue("d")),
            ])
    }

    @Test("texts that an earlier version kept by the whole path are known, and kept without it")
    func wholePath() {
        let reading = read(
            ["issues.d/a.yaml": issue("a", "whenever")], knowing: ["a.yaml": issue("a")], in: "/etc/x/")
        #expect(ids(reading) == ["a"])
        #expect(reading.accepted == ["issues.d/a.yaml": bytes(issue("a"))])
    }

    @Test("without an earlier text nothing of it is known, and the others count")
    func leftOut() {
        let reading = read(
            ["issues.d/a.yaml": issue("a"), "issues.d/b.yaml": issue("b", "whenever")], knowing: [:])
        #expect(ids(reading) == ["a"])
        #expect(reading.kept == [Configuration.KeptFile(file: "issues.d/b.yaml", hasEarlierText: false)])
    }

    @Test("a main file that what was tracked cannot be read with is refused", arguments: [false, true])
    func unusable(isChanged: Bool) {
        let known = "- {id: b, title: T, deadline: 2025-08-20, channels: [gone]}\n"
        let reading = read(
            [
                "issues.d/a.yaml": issue("a"),
                "issues.d/b.yaml": isChanged ? issue("b", "whenever") : known,
            ], knowing: ["b.yaml": known])
        #expect(ids(reading) == nil)
        #expect(reading.kept.isEmpty)
        #expect(
            reading.diagnostics.last?.description
                == "issues.d/b.yaml: error: its last text without errors cannot stand in for it any more (mend it, or remove the file if nobody is to be reminded of its special issues)"
        )
    }

    @Test(
        "an empty file is no word that its special issues are over",
        arguments: ["", " \n\n", "# only a comment\n", "\u{FEFF}"])
    func emptied(text: String) {
        let reading = read(["issues.d/a.yaml": text], knowing: ["a.yaml": issue("a")])
        #expect(ids(reading) == ["a"])
        #expect(reading.kept == [Configuration.KeptFile(file: "issues.d/a.yaml", hasEarlierText: true)])
    }

    @Test("a directory that is gone is no word that its special issues are over")
    func unmounted() {
        for directory in ["", "/etc/x/"] {
            let reading = read([:], knowing: ["a.yaml": issue("a")], in: directory, hasCalls: false)
            #expect(ids(reading) == nil)
            #expect(reading.diagnostics.contains { "\($0)".contains("lies in a directory that is gone") })
        }
        let empty = read(["issues.d/a.yaml": "[]"], knowing: ["a.yaml": issue("a")])
        #expect(ids(empty) == [] && empty.errorCount == 0)
    }

    @Test("a file that takes the id of one that has not changed is the wrong one, whatever its name")
    func taken() {
        let reading = read(
            ["issues.d/a.yaml": issue("a") + issue("b"), "issues.d/b.yaml": issue("b")],
            knowing: ["a.yaml": issue("a"), "b.yaml": issue("b")])
        #expect(ids(reading) == ["a", "b"])
        #expect(reading.kept == [Configuration.KeptFile(file: "issues.d/a.yaml", hasEarlierText: true)])
        #expect(reading.accepted?["issues.d/b.yaml"] == bytes(issue("b")))
    }

    @Test("an issue that moves from one file to another is known all the same")
    func movesOver() {
        let reading = read(
            ["issues.d/a.yaml": issue("a") + issue("b"), "issues.d/b.yaml": issue("c")],
            knowing: ["a.yaml": issue("a"), "b.yaml": issue("b") + issue("c")])
        #expect(ids(reading) == ["a", "b", "c"] && reading.kept.isEmpty)
    }

    @Test("an id that another file has taken is the second file's error, and stays with the first")
    func duplicate() {
        let reading = read(
            ["issues.d/a.yaml": issue("a"), "issues.d/b.yaml": issue("a"), "issues.d/c.yaml": issue("a")],
            knowing: ["b.yaml": issue("b")])
        #expect(ids(reading) == ["a", "b"])
        #expect(reading.kept.map(\.hasEarlierText) == [true, false])
    }

    @Test("a faulty main file is refused whole, and for a command every error counts")
    func strict() {
        let broken = ["deadlined.yaml": main + "nonsense: 1\n", "issues.d/a.yaml": issue("a")]
        #expect(ids(read(broken, knowing: ["a.yaml": issue("a")])) == nil)
        let files = ["deadlined.yaml": main, "issues.d/a.yaml": issue("a", "whenever")]
        #expect(readingOf(files, accepted: nil).configuration == nil)
    }
}
