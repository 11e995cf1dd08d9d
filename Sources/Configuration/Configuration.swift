import Messages
import Schedule

/// A configuration without errors: everything the service needs to know.
package struct Configuration: Sendable {
    package let agenda: Agenda
    /// `defaults.timezone`.
    package let zone: Zone
    package let heartbeat: Heartbeat?
    package let routes: [Route]
    /// Indices into the agenda's channels.
    package let defaultChannels: [Int]

    /// The outcome of reading: a configuration where no diagnostic is an error.
    package struct Reading: Sendable {
        package let configuration: Configuration?
        package let diagnostics: [Diagnostic]
        package let fileCount: Int
        package let issueCount: Int

        package var errorCount: Int { diagnostics.count { $0.severity == .error } }
        package var warningCount: Int { diagnostics.count { $0.severity == .warning } }
    }

    /// The name of the main file in a configuration's directory.
    package static let mainFileName = "deadlined.yaml"

    /// Reads the main file and every file it includes. All faults of all files are found in one run.
    ///
    /// - Parameters:
    ///   - path: the main file, or the directory that holds `deadlined.yaml`.
    ///   - now: deadlines before it get a warning.
    package static func read(path: String, files: FileSystem, now: Instant) -> Reading {
        let isDirectory = files.isDirectory(path)
        let directory = isDirectory ? path : path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let mainPath = isDirectory ? "\(path)/\(mainFileName)" : path
        func relative(_ path: String) -> String {
            path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
        }
        var diagnostics: [Diagnostic] = []
        var main = MainFile()
        var zones = files.zones()

        var isMainReadable = false
        let mainReader = SectionReader(file: relative(mainPath))
        if let file = mainReader.file(mainPath, files) {
            isMainReadable = true
            let secrets = SecretReader(
                files: files, directory: directory, standsInTheOpen: file.isReadableByAll)
            var hasRoot = false
            mainReader.read(file.bytes, itemwise: false, hidesSecrets: true) { root in
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
            let unreadable = mainReader.diagnostics.map { $0.moved(to: mainPath) }
            return Reading(configuration: nil, diagnostics: unreadable, fileCount: 0, issueCount: 0)
        }
        diagnostics += mainReader.diagnosticsInOrder

        var issues = IssueFileReader(main: main, zones: zones, now: now)
        var paths: [String] = []
        for pattern in main.include {
            let matches = files.matches(pattern.hasPrefix("/") ? pattern : "\(directory)/\(pattern)")
            if matches.isEmpty, !pattern.contains(where: { "*?[".contains($0) }) {
                diagnostics.append(
                    Diagnostic(
                        .error, file: relative(mainPath), place: nil,
                        message: "includes '\(pattern)', which does not exist",
                        remedy: "create it or leave it out"))
            }
            paths += matches.filter { !paths.contains($0) && $0 != mainPath }
        }
        for path in paths {
            let reader = SectionReader(file: relative(path))
            if let file = reader.file(path, files) {
                issues.begin(reader, size: file.bytes.count)
                reader.read(file.bytes, itemwise: true, hidesSecrets: false) { issues.read($0, reader) }
            }
            diagnostics += reader.diagnosticsInOrder
        }

        let hasErrors = diagnostics.contains { $0.severity == .error }
        var agenda = Agenda(
            issues: issues.issues, schedules: main.schedules, channels: main.channels, calendar: main.calendar
        )
        agenda.confirmAfter = main.confirmAfter
        if !hasErrors { diagnostics += unreached(agenda, file: relative(mainPath)) }
        let configuration = Configuration(
            agenda: agenda, zone: main.zone, heartbeat: main.heartbeat,
            routes: main.routes, defaultChannels: main.defaultChannels)
        return Reading(
            configuration: hasErrors ? nil : configuration, diagnostics: diagnostics,
            fileCount: 1 + paths.count,
            issueCount: agenda.issues.count)
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
    fileprivate func read(
        _ bytes: [UInt8], itemwise: Bool, hidesSecrets: Bool, _ body: (YAMLNode) -> Void
    ) {
        bytes.withUnsafeBufferPointer { buffer in
            do throws(YAMLFault) {
                try YAMLReader(buffer).read(itemwise: itemwise, body)
            } catch {
                report(at: error.place, error.message, remedy: error.remedy)
            }
        }
        addExcerpts(from: bytes, hidesSecrets: hidesSecrets)
    }
}
