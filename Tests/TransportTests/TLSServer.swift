import Foundation
import Synchronization

/// `openssl s_server` with a certificate of its own: it answers each connection with 200.
struct TLSServer {
    enum Flaw {
        case none, expired, selfSigned
        /// Speaks nothing newer than this version: `tls1` or `tls1_1`.
        case version(String)
    }

    let port: UInt16
    /// What the server's certificate is signed with, but for a self-signed one.
    let authority: String
    private let directory: URL
    private let process = Process()
    private let input = Pipe()

    struct Failure: Error { let words: String }

    /// One at a time: a program that is started meanwhile would take along the ends of the others' pipes, and keep them
    /// open.
    private static let starting = Mutex(())

    static func start(host: String, flaw: Flaw = .none) throws -> TLSServer {
        try starting.withLock { _ in try TLSServer(host: host, flaw: flaw) }
    }

    private init(host: String, flaw: Flaw) throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("tls-\(UUID().uuidString)")
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        authority = directory.appendingPathComponent("ca.pem").path
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        let name = ["-subj", "/CN=server", "-addext", "subjectAltName=DNS:\(host)"]
        try TLSServer.openssl(
            directory,
            ["req", "-x509"] + key + ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority"])
        if case .selfSigned = flaw {
            try TLSServer.openssl(
                directory, ["req", "-x509"] + key + name + ["-keyout", "key.pem", "-out", "cert.pem"])
        } else {
            try TLSServer.openssl(
                directory, ["req"] + key + name + ["-keyout", "key.pem", "-out", "request.pem"])
            var days = "2"
            if case .expired = flaw { days = "-1" }
            try TLSServer.openssl(
                directory,
                [
                    "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", days,
                    "-copy_extensions", "copy", "-out", "cert.pem",
                ])
        }
        var arguments = ["s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem"]
        // Debian's OpenSSL speaks old versions only where it is told to take weak ciphers.
        if case .version(let version) = flaw { arguments += ["-\(version)", "-cipher", "ALL:@SECLEVEL=0"] }
        let output = Pipe()
        try TLSServer.run(process, directory, arguments, input: input, output: output)
        input.fileHandleForWriting.write(Data(okay.utf8))
        var text = ""
        var found: UInt16?
        while found == nil {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(words: text) }
            text += String(decoding: data, as: UTF8.self)
            let line = text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1).first {
                $0.hasPrefix("ACCEPT")
            }
            found = line.flatMap { $0.split(separator: ":").last.flatMap { UInt16($0) } }
        }
        port = found ?? 0
        // What nobody reads would at last stop the server.
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    func stop() {
        // Whatever this thread does not take, SIGTERM among it, the program does not take either.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    private static func openssl(_ directory: URL, _ arguments: [String]) throws {
        let process = Process()
        let output = Pipe()
        try run(process, directory, arguments, input: nil, output: output)
        let words = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(words: String(decoding: words, as: UTF8.self))
        }
    }

    private static func run(
        _ process: Process, _ directory: URL, _ arguments: [String], input: Pipe?, output: Pipe
    ) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = directory
        process.standardInput = input ?? FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }
}
