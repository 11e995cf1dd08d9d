import Configuration
import Glibc
import Messages
import Schedule
import Service

/// What is printed, and how wide and colourful it may be.
enum Terminal {
    static let isOutputTerminal = isatty(STDOUT_FILENO) == 1
    static let isErrorTerminal = isatty(STDERR_FILENO) == 1
    /// Colour on terminals only, and never with `NO_COLOR` (https://no-color.org).
    static let isColoured = isOutputTerminal && !hasNoColor
    static let isErrorColoured = isErrorTerminal && !hasNoColor

    private static let hasNoColor =
        getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        || getenv("TERM").map { String(cString: $0) } == "dumb"

    /// Columns of the terminal; 100 where there is none.
    static let width: Int = {
        var size = winsize()
        guard isOutputTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 100
        }
        return Int(size.ws_col)
    }()

    /// A line in as many as the terminal needs: it breaks between words, and what follows is indented. As it is where
    /// there is no terminal, for other programs to search.
    static func fitted(_ line: String, indent: Int, width: Int? = isOutputTerminal ? width : nil) -> String {
        guard let width, columns(line) > width else { return line }
        var (fitted, gap, used) = ("", "", 0)
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            if word.isEmpty {
                gap += " "
                continue
            }
            let more = columns(String(word))
            if used + gap.count + more > width, used > indent {
                fitted += "\n" + String(repeating: " ", count: indent)
                used = indent
            } else {
                fitted += gap
                used += gap.count
            }
            fitted += word
            used += more
            gap = " "
        }
        return fitted
    }

    static func error(_ text: String) { put(text + "\n", STDERR_FILENO) }

    /// Prints a line at once, so that a reader of a pipe sees it when it happens.
    static func line(_ text: String) { put(text + "\n", STDOUT_FILENO) }

    /// Prints many lines at once: for listings that nobody watches as they grow.
    static func lines(_ lines: some Sequence<String>) {
        var block = ""
        for line in lines {
            block += line
            block += "\n"
            if block.utf8.count > 1 << 16 {
                put(block, STDOUT_FILENO)
                block = ""
            }
        }
        put(block, STDOUT_FILENO)
    }

    static func put(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
                continue
            }
            // Nobody reads any more.
            if count < 0, errno == EPIPE, descriptor == STDOUT_FILENO { exit(EXIT_SUCCESS) }
            // The exit code says it, too.
            if count <= 0, descriptor != STDOUT_FILENO { return }
            if count <= 0 {
                error("deadlined: the output cannot be written: \(String(cString: strerror(errno)))")
                exit(Failure.Code.io.rawValue)
            }
            bytes = bytes.dropFirst(count)
        }
    }

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case orange = "38;5;208"
    }

    static func styled(_ text: String, _ styles: Style..., when isColoured: Bool = isColoured) -> String {
        isColoured ? "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m" : text
    }

    /// Columns that a text takes: wide East Asian characters and emoji take two, marks and styles none.
    static func columns(_ text: String) -> Int {
        var isStyle = false
        return text.reduce(0) { total, character in
            guard let first = character.unicodeScalars.first else { return total }
            if isStyle || first == "\u{1B}" {
                isStyle = first != "m"
                return total
            }
            if first.properties.isEmojiPresentation { return total + 2 }
            switch first.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
                0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                return total + 2
            case 0x300...0x36F, 0x200B...0x200F, 0x2060: return total
            default: return total + 1
            }
        }
    }

    /// The beginning of a text that fits.
    static func cut(_ text: String, to width: Int) -> String {
        guard columns(text) > width else { return text }
        var cut = ""
        var used = 0
        for character in text {
            let more = columns(String(character))
            if used + more > width - 1 { break }
            cut.append(character)
            used += more
        }
        return cut + "…"
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - columns(text)))
    }
}

extension Instant {
    /// `in 3 days`, or `2 hours ago`.
    func told(from now: Instant) -> String {
        self > now ? "in \(English().duration(self - now))" : "\(English().duration(now - self)) ago"
    }
}

extension Urgency {
    var style: Terminal.Style {
        switch self {
        case .ok: .green
        case .notice: .blue
        case .soon: .yellow
        case .warning: .orange
        case .critical: .red
        }
    }
}

extension Diagnostic {
    /// As a compiler prints it: the finding, the line, and a mark below the place.
    func rendered(isColoured: Bool) -> String {
        let position = place.map { ":\($0.line):\($0.column)" } ?? ""
        let word = Terminal.styled(
            severity.rawValue + ":", .bold, severity == .error ? .red : .yellow, when: isColoured)
        var text =
            Terminal.styled("\(file)\(position):", .bold, when: isColoured) + " \(word) "
            + Terminal.styled(message, .bold, when: isColoured)
        if let remedy { text += " (\(remedy))" }
        guard let excerpt, let place else { return text }
        // A long line is shown from where it matters.
        let characters = Array(excerpt.unicodeScalars)
        let column = min(Int(place.column) - 1, characters.count)
        let start = max(0, column - 60)
        let unseen: Set = [
            Unicode.GeneralCategory.control, .format, .lineSeparator, .paragraphSeparator,
        ]
        let shown = characters[start...].prefix(110).map {
            unseen.contains($0.properties.generalCategory) ? " " : $0
        }
        let line = String(String.UnicodeScalarView(shown))
        let gutter = String(place.line)
        let indent = String(repeating: " ", count: gutter.count)
        let before = String(String.UnicodeScalarView(shown.prefix(column - start)))
        let mark = Terminal.styled("^", .bold, .green, when: isColoured)
        text +=
            "\n \(gutter) | \(line)\n \(indent) | \(String(repeating: " ", count: Terminal.columns(before)))\(mark)"
        return text
    }

    var json: JSON {
        .object([
            "severity": .string(severity.rawValue), "file": .string(file),
            "line": place.map { .number(Int64($0.line)) }, "column": place.map { .number(Int64($0.column)) },
            "message": .string(message), "remedy": remedy.map(JSON.string),
        ])
    }
}
