import Messages
import Schedule

/// Finds the values of secrets: the text itself, or where it is kept.
///
/// A credential is a file that systemd puts into `$CREDENTIALS_DIRECTORY` (systemd.exec(5), LoadCredential=). Outside
/// a unit, `credentials/` beside the main file stands in for it, so that an administrator's `check` sees what the
/// service will see.
struct SecretReader {
    enum Source: String, SectionKey {
        static let names = KeyNames<Self>()

        case credential, file, env
    }

    let files: FileSystem
    let directory: String
    /// Whether everybody may read the file that the node stands in.
    let standsInTheOpen: Bool

    /// Reports never repeat a value.
    func secret(_ node: YAMLNode, _ what: String, _ reader: SectionReader) -> Secret? {
        if node.kind == .scalar {
            guard let text = reader.text(node, what) else { return nil }
            if standsInTheOpen, (try? WebAddress(text))?.isLoopback != true {
                reader.report(
                    .warning, at: node.place, "\(what) is a secret in a file that everybody can read",
                    remedy: "put it into a credential: {credential: NAME}")
            }
            return clean(text, what, node.place, reader)
        }
        var sources: [(source: Source, name: String, place: Place)] = []
        reader.members(of: node, what: what, hidesKeys: true) { (source: Source, value) in
            if let name = reader.text(value, source.rawValue) { sources.append((source, name, value.place)) }
        }
        guard sources.count == 1, let (source, name, place) = sources.first else {
            if sources.count > 1 {
                reader.report(at: node.place, "\(what) has several sources", remedy: "keep one of them")
            }
            return nil
        }
        switch source {
        case .env:
            guard let value = files.environment(name), !value.isEmpty else {
                reader.report(
                    at: place, "the environment has no '\(name)'",
                    remedy: "set it for the service, or use a credential")
                return nil
            }
            return clean(value, "'\(name)' of the environment", place, reader)
        case .file:
            let path = name.hasPrefix("/") ? name : "\(directory)/\(name)"
            return read([path], as: name, place, reader, missing: nil)
        case .credential:
            guard name.utf8.allSatisfy({ $0 != UInt8(ascii: "/") }), !name.hasPrefix(".") else {
                let shown = SecretReader.isPlain(name) ? "'\(name)'" : "this"
                reader.report(
                    at: place, "\(shown) is no name of a credential", remedy: "write a file's name, no path")
                return nil
            }
            let candidates: [String]
            if let loaded = files.environment("CREDENTIALS_DIRECTORY") {
                // LoadCredential=deadlined:DIRECTORY loads each file of a directory as `deadlined_NAME`.
                candidates = ["\(loaded)/\(name)", "\(loaded)/deadlined_\(name)"]
            } else {
                candidates = ["\(directory)/credentials/\(name)"]
            }
            return read(
                candidates, as: name, place, reader,
                missing: "put it into \(directory)/credentials/\(name), or name it with LoadCredential=")
        }
    }

    /// A secret without what nobody sees before and behind it: an editor puts it there, or a block of YAML.
    private func clean(
        _ written: some StringProtocol, _ what: String, _ place: Place, _ reader: SectionReader
    ) -> Secret? {
        var text = Substring(written)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        if text.isEmpty {
            reader.report(at: place, "\(what) is empty", remedy: "write the secret into it")
        } else if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            reader.report(
                at: place, "\(what) holds more than one line", remedy: "leave the secret alone in it")
        } else {
            return Secret(String(text))
        }
        return nil
    }

    /// The first of some files that can be read.
    private func read(
        _ paths: [String], as name: String, _ place: Place, _ reader: SectionReader, missing: String?
    ) -> Secret? {
        var fault: Fault?
        for path in paths {
            do {
                let file = try files.read(path)
                if file.isReadableByAll, missing == nil {
                    reader.report(
                        .warning, at: place, "\(path) holds a secret and everybody can read it",
                        remedy: "chmod o-r it, or use a credential")
                }
                let text = String(decoding: file.bytes, as: UTF8.self)
                if !text.allSatisfy({ $0.isWhitespace || $0 == "\u{FEFF}" }) {
                    return clean(text, path, place, reader)
                }
                fault = fault ?? Fault("is empty", remedy: "write the secret into it")
            } catch {
                fault = fault ?? error
            }
        }
        if let fault {
            let isPlain = SecretReader.isPlain(name)
            reader.report(
                at: place, "\(isPlain ? paths[0] : "the file that is named here") \(fault.message)",
                remedy: isPlain
                    ? missing ?? fault.remedy
                    : "put the secret into a file of its own, and write that file's name here")
        }
        return nil
    }

    /// Whether what stands for a name may be shown: it may be the secret itself.
    private static func isPlain(_ name: String) -> Bool {
        !name.contains("://") && !SectionReader.isToken(name.drop { $0 == "/" })
    }
}
