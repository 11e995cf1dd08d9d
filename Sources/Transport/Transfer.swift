import CCurl
import Messages

/// One request on its way: the handle that carries it and what has come back so far.
final class Transfer {
    /// More of an answer tells nothing: what a service says fits into a few hundred bytes.
    static let answerLimit = 64 * 1024

    let handle: EasyHandle
    private let completion: @Sendable (Answer) -> Void
    private var unsent: ArraySlice<UInt8>
    private var headers: [String: String] = [:]
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var isCut = false

    /// Nil where libcurl takes one of the settings for wrong; nothing is sent then.
    init?(_ order: Transport.Order, userAgent: String) {
        guard let handle = EasyHandle(order.request, order.options, userAgent: userAgent) else { return nil }
        self.handle = handle
        completion = order.completion
        unsent = order.request.body[...]
        body.reserveCapacity(256)
        // The transfer outlives its handle's last callback: it holds the handle.
        let context = Unmanaged.passUnretained(self).toOpaque()
        self.handle.exchange(context: context) { data, size, count, context in
            Transfer.from(context)?.give(data, size.multipliedClamped(by: count)) ?? 0
        } body: { data, size, count, context in
            Transfer.from(context)?.take(body: data, size.multipliedClamped(by: count)) ?? 0
        } header: { data, size, count, context in
            Transfer.from(context)?.take(header: data, size.multipliedClamped(by: count)) ?? 0
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func give(_ data: UnsafeMutablePointer<CChar>?, _ room: Int) -> Int {
        guard let data else { return 0 }
        let piece = unsent.prefix(room)
        UnsafeMutableRawBufferPointer(start: data, count: room).copyBytes(from: piece)
        unsent = unsent.dropFirst(piece.count)
        return piece.count
    }

    private func take(body data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let room = Transfer.answerLimit - body.count
        data?.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            body.append(contentsOf: UnsafeBufferPointer(start: bytes, count: min(count, room)))
        }
        guard count <= room else {
            // libcurl 7.88 does not hold a chunked body to MAXFILESIZE: taking less than was offered ends the transfer.
            isCut = true
            return 0
        }
        return count
    }

    private func take(header data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        headerBytes += count
        guard headerBytes <= Transfer.answerLimit else { return count }
        guard let data else { return count }
        let line = data.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
        // A status line begins another answer: what a `100 Continue` said is over.
        if line.hasPrefix("HTTP/") { headers = [:] }
        guard let colon = line.firstIndex(of: ":") else { return count }
        let value = line[line.index(after: colon)...]
        headers[line[..<colon].lowercased()] = Text.singleLine(String(value))
        return count
    }

    /// Tells whoever waits what came of it. Status and result count together: a slow answer may end in a time-out
    /// after its status was seen.
    func finish(_ result: CURLcode) {
        let status = Int(handle.status)
        if status > 0 {
            let isComplete = result == CURLE_OK || isCut
            return completion(
                .response(
                    Answer.Response(status: status, headers: headers, body: body, isComplete: isComplete)))
        }
        let reason = String(cString: curl_easy_strerror(result))
        completion(handle.mayHaveSent(result) ? .lost(reason: reason) : .notSent(reason: reason))
    }
}

extension Int {
    fileprivate func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
