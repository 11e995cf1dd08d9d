import CYAML

/// The tree of one YAML document, or of one item of a list, laid out flat: a node's children follow it.
///
/// Scalars stay the text that stands in the file; a YAML parser's guesses at types (`no`, `12:30`, `2025-08-20`) never
/// happen. Only one item of a long list is in memory at a time.
struct YAMLTree {
    struct Record {
        var kind: YAMLNode.Kind
        var line: Int32
        var column: Int32
        /// Where a scalar's text begins in `text`, and its length.
        var start: Int32 = 0
        var length: Int32 = 0
        /// Index behind the last node below this one.
        var end: Int32 = 0
    }

    var records: [Record] = []
    var text: [UInt8] = []
}

/// A tree that is whole. A class, so that its nodes are two words; immutable, so that reading it is free of checks.
final class YAMLDocument {
    fileprivate let tree: YAMLTree

    fileprivate init(_ tree: YAMLTree) {
        self.tree = tree
    }

    fileprivate var root: YAMLNode { YAMLNode(document: self, index: 0) }
}

/// One node of a document, with its place in the file.
struct YAMLNode {
    enum Kind {
        case scalar, sequence, mapping
    }

    fileprivate unowned(unsafe) let document: YAMLDocument
    fileprivate let index: Int

    var kind: Kind { document.tree.records[index].kind }
    var place: Place {
        Place(line: document.tree.records[index].line, column: document.tree.records[index].column)
    }

    /// A scalar's text, nil for another kind.
    var text: String? {
        let record = document.tree.records[index]
        guard record.kind == .scalar else { return nil }
        return document.tree.text.withUnsafeBufferPointer { bytes in
            String(decoding: bytes[Int(record.start)..<Int(record.start + record.length)], as: UTF8.self)
        }
    }

    /// Whether a scalar's text is this one, byte for byte.
    func isText(_ bytes: [UInt8]) -> Bool {
        let record = document.tree.records[index]
        guard record.kind == .scalar, Int(record.length) == bytes.count else { return false }
        return document.tree.text.withUnsafeBufferPointer { text in
            bytes.withUnsafeBufferPointer { bytes in
                text[Int(record.start)..<Int(record.start + record.length)].elementsEqual(bytes)
            }
        }
    }

    /// The elements of a sequence.
    var elements: [YAMLNode] {
        var elements: [YAMLNode] = []
        if kind == .sequence { forEachChild { elements.append($0) } }
        return elements
    }

    /// Calls `body` with each key and value of a mapping, in the order of the file.
    func forEachMember(_ body: (_ key: YAMLNode, _ value: YAMLNode) -> Void) {
        guard kind == .mapping else { return }
        var key: YAMLNode?
        forEachChild { child in
            if let known = key {
                body(known, child)
                key = nil
            } else {
                key = child
            }
        }
    }

    private func forEachChild(_ body: (YAMLNode) -> Void) {
        var child = index + 1
        let end = Int(document.tree.records[index].end)
        while child < end {
            body(YAMLNode(document: document, index: child))
            child = Int(document.tree.records[child].end)
        }
    }
}

/// A line and a column, both from 1; columns count characters.
package struct Place: Hashable, Comparable, Sendable {
    package let line: Int32
    package let column: Int32

    package init(line: Int32, column: Int32) {
        self.line = line
        self.column = column
    }

    init(_ mark: yaml_mark_t) {
        self.init(line: Int32(clamping: mark.line) &+ 1, column: Int32(clamping: mark.column) &+ 1)
    }

    package static func < (a: Place, b: Place) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// What is wrong with a file as YAML.
struct YAMLFault: Error {
    let place: Place
    let message: String
    let remedy: String?
}

/// Reads a file's only document through libyaml's events: eleven times faster than a tree of nodes, and they know the
/// place of everything.
struct YAMLReader: ~Copyable {
    /// Deeper nesting than any configuration has.
    private static let depthLimit = 20

    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// The bytes must stay where they are as long as the reader lives.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        // It fails only where no memory is left, and then the first event reports it.
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// Calls `body` with the root, or where the root is a sequence and `itemwise` is set, with each of its items. A
    /// node is good until `body` returns. An empty file has no root.
    func read(itemwise: Bool, _ body: (YAMLNode) -> Void) throws(YAMLFault) {
        try expect(YAML_STREAM_START_EVENT)
        var none: [UInt8] = []
        var event = try next(&none)
        if event.type == YAML_STREAM_END_EVENT { return }
        var scalar: [UInt8] = []
        event = try next(&scalar)
        if itemwise, event.type == YAML_SEQUENCE_START_EVENT {
            var tree = YAMLTree()
            event = try next(&tree.text)
            while event.type != YAML_SEQUENCE_END_EVENT {
                try append(event, to: &tree, depth: 1)
                visit(tree, body)
                // The next item will be about as large.
                let (count, size) = (tree.records.count, tree.text.count)
                tree = YAMLTree()
                tree.records.reserveCapacity(count + count / 2)
                tree.text.reserveCapacity(size + size / 2)
                event = try next(&tree.text)
            }
        } else {
            var tree = YAMLTree(text: scalar)
            try append(event, to: &tree, depth: 1)
            visit(tree, body)
        }
        try expect(YAML_DOCUMENT_END_EVENT)
        event = try next(&none)
        if event.type != YAML_STREAM_END_EVENT {
            throw YAMLFault(
                place: event.place, message: "a second document begins here",
                remedy: "put everything into one list")
        }
    }

    private struct Event {
        let type: yaml_event_type_t
        let place: Place
        var start: Int32 = 0
        var length: Int32 = 0
    }

    /// A node does not keep its document: it is kept here until the visit is over.
    private func visit(_ tree: YAMLTree, _ body: (YAMLNode) -> Void) {
        let document = YAMLDocument(tree)
        withExtendedLifetime(document) { body(document.root) }
    }

    private func append(_ event: Event, to tree: inout YAMLTree, depth: Int) throws(YAMLFault) {
        guard depth <= YAMLReader.depthLimit else {
            throw YAMLFault(
                place: event.place, message: "nested more than \(YAMLReader.depthLimit) deep", remedy: nil)
        }
        let index = tree.records.count
        let kind: YAMLNode.Kind
        var endType: yaml_event_type_t?
        switch event.type {
        case YAML_SEQUENCE_START_EVENT: (kind, endType) = (.sequence, YAML_SEQUENCE_END_EVENT)
        case YAML_MAPPING_START_EVENT: (kind, endType) = (.mapping, YAML_MAPPING_END_EVENT)
        default: kind = .scalar
        }
        tree.records.append(
            YAMLTree.Record(
                kind: kind, line: event.place.line, column: event.place.column, start: event.start,
                length: event.length))
        if let endType {
            var event = try next(&tree.text)
            while event.type != endType {
                try append(event, to: &tree, depth: depth + 1)
                event = try next(&tree.text)
            }
        }
        tree.records[index].end = Int32(clamping: tree.records.count)
    }

    private func expect(_ type: yaml_event_type_t) throws(YAMLFault) {
        var none: [UInt8] = []
        let event = try next(&none)
        if event.type != type { throw YAMLFault(place: event.place, message: "this is no YAML", remedy: nil) }
    }

    /// The next event; a scalar's text is appended to `text`.
    private func next(_ text: inout [UInt8]) throws(YAMLFault) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        defer { yaml_event_delete(&event) }
        var result = Event(type: event.type, place: Place(event.start_mark))
        if event.type == YAML_SCALAR_EVENT {
            let scalar = event.data.scalar
            result.start = Int32(clamping: text.count)
            result.length = Int32(clamping: scalar.length)
            text.append(contentsOf: UnsafeBufferPointer(start: scalar.value, count: scalar.length))
        } else if event.type == YAML_ALIAS_EVENT {
            throw YAMLFault(
                place: result.place, message: "aliases (*name) are not read", remedy: "write the value out")
        }
        return result
    }

    /// libyaml's last error in its own words, at the place it names.
    private func fault() -> YAMLFault {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        let place = Place(parser.pointee.problem_mark)
        let context = parser.pointee.context.map { String(cString: $0) }
        var message = "this is no YAML: \(problem)"
        if let context, parser.pointee.error != YAML_READER_ERROR {
            message += " \(context), which begins in line \(Place(parser.pointee.context_mark).line)"
        }
        let remedy: String? =
            switch problem {
            case "mapping values are not allowed in this context":
                "put a text that holds ': ' between quotation marks, or check the indentation"
            case "found character that cannot start any token":
                "indent with spaces, and put a text that begins with @, ` or % between quotation marks"
            case "did not find expected key":
                "check the indentation: the keys of one thing stand below each other"
            default: nil
            }
        return YAMLFault(place: place, message: message, remedy: remedy)
    }
}
