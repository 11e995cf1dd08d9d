import Messages
import Schedule

#if canImport(Glibc)
import Glibc
#endif

/// What reading a configuration needs of the world. Tests give it files of their own.
package struct FileSystem: Sendable {
    package struct File: Sendable {
        package let bytes: [UInt8]
        /// Others than the owner and the group may read it.
        package let isReadableByAll: Bool

        package init(bytes: [UInt8], isReadableByAll: Bool = true) {
            self.bytes = bytes
            self.isReadableByAll = isReadableByAll
        }

        /// Windows' editors begin a file with it.
        static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

        /// Nothing stands in it but comments.
        var isBlank: Bool {
            var isComment = false
            for byte in bytes.dropFirst(bytes.starts(with: File.mark) ? File.mark.count : 0) {
                switch byte {
                case UInt8(ascii: "\n"), UInt8(ascii: "\r"): isComment = false
                case UInt8(ascii: " "), UInt8(ascii: "\t"): break
                case UInt8(ascii: "#"): isComment = true
                default: if !isComment { return false }
                }
            }
            return true
        }
    }

    /// The content of a file, by absolute path.
    package let read: @Sendable (_ path: String) throws(Fault) -> File
    /// The files that match a pattern of the shell, sorted; patterns are absolute. A directory that is not there has none,
    /// one that cannot be read is a fault.
    package let matches: @Sendable (_ pattern: String) throws(Fault) -> [String]
    package let environment: @Sendable (_ name: String) -> String?
    package let isDirectory: @Sendable (_ path: String) -> Bool

    package init(
        read: @escaping @Sendable (String) throws(Fault) -> File,
        matches: @escaping @Sendable (String) throws(Fault) -> [String],
        environment: @escaping @Sendable (String) -> String?,
        isDirectory: @escaping @Sendable (String) -> Bool
    ) {
        self.read = read
        self.matches = matches
        self.environment = environment
        self.isDirectory = isDirectory
    }

    /// The machine's own.
    package static let system = FileSystem(
        read: readFile, matches: matchingFiles,
        environment: { name in getenv(name).map { String(cString: $0) } },
        isDirectory: { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        })

    /// No configuration file is larger; a special file without an end is not read for ever.
    private static let sizeLimit = 1 << 30

    @Sendable private static func readFile(_ path: String) throws(Fault) -> File {
        // Without waiting: a FIFO that nobody writes would hold up the start, every reload and the stop.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw fault() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fault() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Fault("cannot be read: it is no regular file") }
        guard status.st_size <= sizeLimit else { throw Fault("cannot be read: it is larger than 1 GiB") }
        let size = Int(status.st_size)
        var failure: Fault?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = fault() }
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw failure }
        return File(bytes: bytes, isReadableByAll: status.st_mode & S_IROTH != 0)
    }

    /// A path as a pattern that matches nothing else.
    package static func pattern(of path: String) -> String {
        String(path.flatMap { "*?[]\\".contains($0) ? ["\\", $0] : [$0] })
    }

    private static func fault() -> Fault {
        let remedy: String? =
            switch errno {
            case EACCES: "let the service's user read it"
            case ENOENT: "create it, or name another"
            default: nil
            }
        return Fault("cannot be read: \(String(cString: strerror(errno)))", remedy: remedy)
    }

    @Sendable private static func matchingFiles(_ pattern: String) throws(Fault) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        let outcome = glob(pattern, 0, { _, error in error == ENOENT || error == ENOTDIR ? 0 : 1 }, &result)
        guard outcome != GLOB_ABORTED else {
            throw Fault("has a directory that cannot be read", remedy: "let the service's user read it")
        }
        guard outcome == 0, let paths = result.gl_pathv else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }
}

// MARK: - Zones of the system

extension FileSystem {
    private static let zoneDirectory = "/usr/share/zoneinfo"

    /// The system's zones. Foundation's are a copy of their own that a `tzdata` upgrade does not reach.
    package func zones() -> ZoneDatabase {
        ZoneDatabase(
            load: { [read] name in try? read("\(FileSystem.zoneDirectory)/\(name)").bytes },
            names: { [read] in
                // `tzdata.zi` lists every name: `Z NAME …` is a zone, `L TARGET NAME` another name of one.
                guard let file = try? read("\(FileSystem.zoneDirectory)/tzdata.zi") else { return [] }
                return String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
                    let words = line.split(separator: " ")
                    return words.first == "Z" && words.count > 1
                        ? String(words[1]) : words.first == "L" && words.count > 2 ? String(words[2]) : nil
                }.sorted()
            })
    }

    /// The version of the zone data, like `2025b`; nil where the system does not say it.
    package var zoneDataVersion: String? {
        guard let file = try? read("\(FileSystem.zoneDirectory)/tzdata.zi") else { return nil }
        let line = String(decoding: file.bytes.prefix(64), as: UTF8.self).split(separator: "\n").first ?? ""
        return line.hasPrefix("# version ") ? String(line.dropFirst("# version ".count)) : nil
    }
}
