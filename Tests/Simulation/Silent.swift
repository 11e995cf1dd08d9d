import Messages
import Schedule

/// A service that needs no network: tests hand the engine its verdicts.
package struct Silent: ChatService {
    package static let type = "silent"
    package static let settings: [Setting] = []
    package static let acceptance = Answer.Response(status: 200)
    package init() {}
    package init(_ values: SettingValues) throws(SettingFault) {}
    package func request(for message: Message, attempt: Instant) -> Request {
        Request(.post, Secret(""), json: .null)
    }
    package func verdict(on answer: Answer, now: Instant) -> Verdict { .delivered }
}
