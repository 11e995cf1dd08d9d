import Configuration
import Engine
import Logging
import Messages
import Schedule

/// What the service says of its reports and of a configuration's faults.
extension Logger {
    package func log(_ report: Report) {
        switch report {
        case .delivered(let identity, let late, let attempts):
            let delay = "\(late.milliseconds / 1000).\(String(late.milliseconds % 1000 + 1000).dropFirst()) s"
            info(
                "delivered \(words(identity)), \(delay) after its due instant\(attempts > 1 ? ", attempt \(attempts)" : "")"
            )
        case .failed(let identity, let reason, let next):
            warning("not delivered: \(words(identity)): \(brief(reason)); next try at \(next)")
        case .gaveUp(let identity, let reason):
            error("given up: \(words(identity)): \(brief(reason))")
        case .superseded(let identity):
            notice("superseded by a fresher message: \(words(identity))")
        case .held(let identity, let reason):
            warning(
                "held: \(words(identity)): \(brief(reason)). 'deadlined history --open' numbers it, and 'deadlined why NUMBER' says what ends that"
            )
        case .disabled(let channel, let reason):
            error(
                "\(channel) was disabled: \(brief(reason)); what is owed to it is kept. Mend it, then 'deadlined resume \(channel)'"
            )
        case .resumed(let channel):
            notice("\(channel) was resumed")
        case .muted(let channel, let until):
            notice(
                "\(channel) is muted\(until == .distantFuture ? "" : " until \(until)"): what is owed to it is kept"
            )
        case .marked(let keys, let request):
            for key in keys {
                switch request {
                case .done: notice("\(key.issue) \(key.milestone) is done: no more reminders")
                case .snoozed(let until, _): notice("\(key.issue) \(key.milestone) is snoozed until \(until)")
                }
            }
        case .unmarked(let keys):
            for key in keys { notice("\(key.issue) \(key.milestone) is to be reminded of again") }
        case .clockJumped(let span, let until):
            critical(
                "the clock jumped forward by \(English().duration(span)): what that made due is held until \(until), if the clock stays. If it is right, 'deadlined resume --clock'"
            )
        case .clockAccepted:
            notice("the clock is believed as it stands: nothing is held for it any more")
        case .moved(let key, let from, let to):
            notice("the deadline of \(key.issue) \(key.milestone) moved from \(from) to \(to)")
        case .journalFailing(let reason):
            critical("\(reason): nothing is sent until it can be; trying again every few seconds")
        case .journalRecovered:
            notice("the journal can be written again")
        }
    }

    /// What concerns no special issue has an identity whose first words are missing.
    private func words(_ identity: DeliveryIdentity) -> String { Text.singleLine("\(identity)") }

    /// A line of a log is for people; the journal has the whole answer.
    private func brief(_ reason: String) -> String {
        Text.cut(Text.singleLine(reason), to: 200, counting: .utf16)
    }

    package func log(_ diagnostic: Diagnostic) {
        log(level: diagnostic.severity == .error ? .error : .warning, "\(diagnostic)")
    }
}
