/// Something that an operator should know: what happened, and with what. Each channel words it in its own language, when
/// its message is made.
package enum ServiceAlert: Hashable, Sendable, Codable {
    /// Nothing more is sent to a channel until somebody resumes it.
    case disabled(channel: String, reason: String)
    /// A channel did not get a delivery, and so many others that shared its message, and will not.
    case gaveUp(channel: String, delivery: String, others: Int, reason: String)
    /// Its service says that a channel's reader is elsewhere now.
    case readdressed(channel: String, to: String)
    /// The journal was damaged and set aside; as nothing where it was gone.
    case journalLost(reason: String, setAsideAs: String)
    /// In words already: what an earlier version wrote down.
    case worded(String)
}

extension ServiceAlert {
    /// For a reader: what is long of the facts is cut, because the end of an alert is what to do.
    func text(_ words: any Words) -> String {
        text(words) { fact, limit in Text.cut(Text.singleLine(fact), to: limit.rawValue, counting: .utf16) }
    }

    /// For those who run the service: the whole.
    package var text: String { text(English()) { fact, _ in Text.singleLine(fact) } }

    /// In UTF-16 units. With the longest sentence they fit where the least room is.
    private enum Limit: Int {
        case name = 60
        case place = 120
        case reason = 160
    }

    /// The sentences around the facts are in the reader's language; what a server or this service says of a cause is not.
    private func text(_ words: any Words, _ fit: (String, Limit) -> String) -> String {
        switch self {
        case .disabled(let channel, let reason):
            words.disabled(fit(channel, .name), because: fit(reason, .reason))
        case .gaveUp(let channel, let delivery, let others, let reason):
            words.gaveUp(
                fit(channel, .name), fit(delivery, .place), others: others, because: fit(reason, .reason))
        case .readdressed(let channel, let to):
            words.readdressed(fit(channel, .name), to: fit(to, .place))
        case .journalLost(let reason, let path):
            words.journalLost(
                because: fit(reason, .reason), setAsideAs: path.isEmpty ? nil : fit(path, .place))
        case .worded(let text): Text.singleLine(text)
        }
    }
}
