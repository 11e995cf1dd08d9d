import Messages
import Schedule

/// A configuration without errors: everything the service needs to know.
package struct Configuration: Sendable {
    package let agenda: Agenda
    /// `defaults.timezone`.
    package let zone: Zone
    package let heartbeat: Heartbeat?
    package let page: PageSettings?
    /// The service reads its files again when they change.
    package let watchesFiles: Bool
    package let routes: [Route]
    /// Issues and milestones that name channels themselves, instead of those of `defaults`.
    private let ownChannels: OwnChannels
    /// Indices into the agenda's channels.
    private let defaultChannels: [Int]

    /// Who names channels in the files of special issues, by the issue's id.
    struct OwnChannels {
        /// Indices into the agenda's channels.
        var issues: [String: [Int]] = [:]
        /// Names of its milestones that have channels of their own, with their targets and openings.
        var milestones: [String: Set<String>] = [:]
    }

    /// The outcome of reading: a configuration where no diagnostic is an error.
    package struct Reading: Sendable {
        package let configuration: Configuration?
        package let diagnostics: [Diagnostic]
        package let fileCount: Int
        package let issueCount: Int
        /// Files with errors that do not stand in the way of the others.
        package var kept: [KeptFile] = []
        /// The texts of files of special issues without errors, by their names as in diagnostics: relative to the
        /// configuration's directory, whatever way to that was named. (The main file's may hold secrets.) Nil where a reading
        /// was given none of earlier.
        package var accepted: [String: [UInt8]]?
        /// Paths of files that make it, as the shell's patterns.
        package var patterns: [String] = []

        package var errorCount: Int { diagnostics.count { $0.severity == .error } }
        package var warningCount: Int { diagnostics.count { $0.severity == .warning } }
    }

    /// A file of special issues that has errors.
    package struct KeptFile: Decodable, Equatable, Sendable {
        /// Its name as in diagnostics.
        package let file: String
        /// An earlier text of it is used; else it never was without errors, and none of its special issues is known.
        package let hasEarlierText: Bool

        package init(file: String, hasEarlierText: Bool) {
            self.file = file
            self.hasEarlierText = hasEarlierText
        }

        /// What became of it, as listings say it.
        package var outcome: String {
            "\(Text.singleLine(file)): "
                + (hasEarlierText
                    ? "its last text without errors stays in use" : "nothing of it is known")
        }

        package var json: JSON {
            .object(["file": .string(file), "earlier_text": .bool(hasEarlierText)])
        }

        private enum CodingKeys: String, CodingKey {
            case file
            case hasEarlierText = "earlier_text"
        }
    }

    /// The name of the main file in a configuration's directory.
    package static let mainFileName = "deadlined.yaml"

    /// Reads the main file and every file it includes. All faults of all files are found in one run.
    ///
    /// - Parameters:
    ///   - path: the main file, or the directory that holds `deadlined.yaml`.
    ///   - now: deadlines before it get a warning.
    ///   - accepted: for a running service the last text without errors of each file of special issues, as a reading has
    ///     them: it stands in for one that has errors, and those of other files count all the same. Where it cannot, what
    ///     was tracked would be silent for a slip elsewhere: that refuses the whole. Nil: one error is too many.
    package static func read(
        path: String, files: FileSystem, now: Instant, accepted: [String: [UInt8]]? = nil
    ) -> Reading {
        let isDirectory = files.isDirectory(path)
        let directory = isDirectory ? path : path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let mainPath = isDirectory ? "\(path)/\(mainFileName)" : path
        func relative(_ path: String) -> String {
            path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
        }
        func absolute(_ pattern: String) -> String {
            pattern.hasPrefix("/") ? pattern : "\(FileSystem.pattern(of: directory))/\(pattern)"
        }
        // Earlier versions remembered them by the whole path.
        let accepted = accepted.map { texts in
            Dictionary(texts.map { (relative($0), $1) }, uniquingKeysWith: { a, _ in a })
        }
        var diagnostics: [Diagnostic] = []
        var main = MainFile()
        var zones = files.zones()

        var isMainReadable = false
        let mainReader = SectionReader(file: relative(mainPath))
        mainReader.hidesSecrets = true
        if let file = mainReader.file(mainPath, files) {
            isMainReadable = true
            let secrets = SecretReader(
                files: files, directory: directory, standsInTheOpen: file.isReadableByAll)
            var hasRoot = false
            mainReader.read(file.bytes, itemwise: false) { root in
                hasRoot = true
                var reader = MainFileReader(
                    reader: mainReader, secrets: secrets, directory: directory, zones: zones)
                (main, zones) = reader.read(root)
            }
            if !hasRoot, mainReader.diagnostics.isEmpty {
                mainReader.report(at: nil, "is empty", remedy: "copy the sample that 'deadlined init' writes")
            }
        }
        guard isMainReadable else {
            let isMissing = (try? files.matches(FileSystem.pattern(of: mainPath)))?.isEmpty ?? false
            let remedy = "'deadlined init DIRECTORY' writes one to start from, and --config names it"
            let unreadable = mainReader.diagnostics.map {
                Diagnostic(
                    .error, file: mainPath, place: nil, message: $0.message,
                    remedy: isMissing ? remedy : $0.remedy)
            }
            return Reading(configuration: nil, diagnostics: unreadable, fileCount: 0, issueCount: 0)
        }
        diagnostics += mainReader.diagnosticsInOrder

        var issues = IssueFileReader(main: main, zones: zones, now: now)
        var paths: [String] = []
        var known: Set<String> = []
        for include in main.include {
            var matches: [String] = []
            func report(_ severity: Diagnostic.Severity, _ fault: Fault) {
                diagnostics.append(
                    Diagnostic(
                        severity, file: relative(mainPath), place: include.place,
                        message: "includes '\(include.pattern)', which \(fault.message)",
                        remedy: fault.remedy))
            }
            do throws(Fault) {
                matches = try files.matches(absolute(include.pattern))
                let folder = relative(include.folder)
                if matches.isEmpty,
                    let (severity, fault) = include.finding(
                        hasFolder: files.isDirectory(
                            folder.hasPrefix("/") ? folder : "\(directory)/\(folder)"),
                        hadFiles: accepted?.keys.contains { $0.hasPrefix(folder + "/") } ?? false)
                {
                    report(severity, fault)
                }
            } catch {
                report(.error, error)
            }
            paths += matches.filter { !known.contains($0) && $0 != mainPath }
            known.formUnion(matches)
        }
        for include in main.include where include.pattern.hasSuffix(".yaml") {
            let others = try? files.matches(absolute("\(include.pattern.dropLast("yaml".count))yml"))
            for path in others ?? [] where path != mainPath && known.insert(path).inserted {
                diagnostics.append(
                    Diagnostic(
                        .warning, file: relative(path), place: nil,
                        message: "is not read: its name ends with '.yml'",
                        remedy: "rename it to '.yaml', or add '\(relative(path))' to 'include'"))
            }
        }
        var isRefused = diagnostics.contains { $0.severity == .error }
        var kept: [KeptFile] = []
        var good: [String: [UInt8]] = [:]
        var findings: [String: [Diagnostic]] = [:]
        var places: [String: Range<Int>] = [:]
        func read(_ path: String, _ file: FileSystem.File?, _ reader: SectionReader) {
            let mark = issues.mark
            if let file {
                issues.begin(reader, size: file.bytes.count)
                // A disk that was full leaves a file like this, and its special issues would be gone.
                if file.isBlank {
                    reader.report(at: nil, "is empty", remedy: "remove it if its special issues are over")
                }
                reader.read(file.bytes, itemwise: true) { issues.read($0, reader) }
                if reader.errorCount == 0, accepted != nil { good[reader.file] = file.bytes }
            }
            findings[path] = reader.diagnosticsInOrder
            if reader.errorCount > 0, let accepted {
                let earlier = accepted[reader.file]
                let hasEarlierText = issues.readInstead(of: reader.file, earlier, mark)
                if hasEarlierText || earlier == nil {
                    kept.append(KeptFile(file: reader.file, hasEarlierText: hasEarlierText))
                    good[reader.file] = earlier
                } else {
                    isRefused = true
                    findings[path, default: []].append(
                        Diagnostic(
                            .error, file: reader.file, place: nil,
                            message: "its last text without errors cannot stand in for it any more",
                            remedy:
                                "mend it, or remove the file if nobody is to be reminded of its special issues"
                        ))
                }
            }
            places[path] = mark..<issues.mark
        }
        // A file that has not changed keeps its ids: the one that takes them is wrong, whichever has the earlier name.
        var changed: [(path: String, file: FileSystem.File?, reader: SectionReader)] = []
        for path in paths {
            let reader = SectionReader(file: relative(path))
            let file = reader.file(path, files)
            if accepted != nil, file.map({ $0.bytes != accepted?[reader.file] }) ?? true {
                changed.append((path, file, reader))
            } else {
                read(path, file, reader)
            }
        }
        for (path, file, reader) in changed { read(path, file, reader) }
        diagnostics += paths.flatMap { findings[$0] ?? [] }

        let hasErrors = isRefused || accepted == nil && diagnostics.contains { $0.severity == .error }
        let inOrder = changed.isEmpty ? issues.issues : paths.flatMap { issues.issues[places[$0] ?? 0..<0] }
        var agenda = Agenda(
            issues: inOrder, schedules: main.schedules, channels: main.channels, calendar: main.calendar
        )
        agenda.confirmAfter = main.confirmAfter
        if !hasErrors { diagnostics += unreached(agenda, file: relative(mainPath)) }
        let configuration = Configuration(
            agenda: agenda, zone: main.zone, heartbeat: main.heartbeat, page: main.page,
            watchesFiles: main.watchesFiles,
            routes: main.routes, ownChannels: issues.ownChannels, defaultChannels: main.defaultChannels)
        return Reading(
            configuration: hasErrors ? nil : configuration, diagnostics: diagnostics,
            fileCount: 1 + paths.count,
            issueCount: agenda.issues.count, kept: kept, accepted: accepted.map { _ in good },
            patterns: [FileSystem.pattern(of: mainPath)] + main.include.map { absolute($0.pattern) })
    }

    /// Why a channel hears of a milestone, in words.
    package func reasons(for channel: Int, milestone: Milestone, of issue: SpecialIssue) -> [String] {
        let names = ownChannels.milestones[issue.id]
        // What belongs to a milestone has its channels.
        if names?.contains(milestone.name) ?? false { return ["its own 'channels'"] }
        let base = ownChannels.issues[issue.id]
        var reasons: [String] = []
        if let base {
            if base.contains(channel) { reasons.append("the 'channels' of the special issue") }
        } else if defaultChannels.contains(channel) {
            reasons.append("'defaults'")
        }
        return reasons
            + routes.filter { $0.matches(issue) && $0.matches(milestone) && $0.channels.contains(channel) }
            .map {
                "the route in line \($0.line): \($0)"
            }
    }

    /// Channels that no special issue's reminders go to.
    private static func unreached(_ agenda: Agenda, file: String) -> [Diagnostic] {
        let fallbacks = Set(agenda.channels.compactMap(\.fallback))
        var isReached = agenda.channels.map { fallbacks.contains($0.name) }
        for issue in agenda.issues {
            for milestone in issue.milestones {
                for channel in milestone.channels { isReached[channel] = true }
            }
        }
        return zip(agenda.channels, isReached).filter { !$1 && !agenda.issues.isEmpty }.map { channel, _ in
            Diagnostic(
                .warning, file: file, place: nil,
                message: "no special issue reaches the channel '\(channel.name)'",
                remedy: "name it in 'channels' of an issue, in 'defaults' or in a route")
        }
    }
}

extension IssueFileReader {
    /// Puts an earlier text in the place of what a file has brought since `mark`; false where there is none, or it is
    /// right no more, as without a channel that it names.
    fileprivate mutating func readInstead(of file: String, _ text: [UInt8]?, _ mark: Int) -> Bool {
        rollBack(to: mark)
        guard let text else { return false }
        let reader = SectionReader(file: file)
        begin(reader, size: text.count)
        reader.read(text, itemwise: true) { read($0, reader) }
        if reader.errorCount == 0 { return true }
        rollBack(to: mark)
        return false
    }
}

extension SectionReader {
    /// From the file's beginning to its end, whatever was read first.
    fileprivate var diagnosticsInOrder: [Diagnostic] {
        let start = Place(line: 0, column: 0)
        return diagnostics.enumerated().sorted { a, b in
            (a.element.place ?? start, a.offset) < (b.element.place ?? start, b.offset)
        }.map(\.element)
    }

    /// The content of a file, or nil with a diagnostic.
    fileprivate func file(_ path: String, _ files: FileSystem) -> FileSystem.File? {
        do {
            return try files.read(path)
        } catch {
            report(error, at: nil)
            return nil
        }
    }

    /// Reads a file's YAML; what stands before a fault in it is read too, so that its own faults are told.
    fileprivate func read(_ bytes: [UInt8], itemwise: Bool, _ body: (YAMLNode) -> Void) {
        let mark = FileSystem.File.mark
        let bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        bytes.withUnsafeBufferPointer { buffer in
            do throws(YAMLFault) {
                try YAMLReader(buffer).read(itemwise: itemwise, body)
            } catch {
                report(at: error.place, error.message, remedy: error.remedy)
            }
        }
        addExcerpts(from: bytes)
    }
}
