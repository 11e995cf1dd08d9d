import Schedule

/// CloudEvents 1.0 over HTTP in structured mode: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
package struct CloudEvents: ChatService {
    package static let type = "cloudevents"
    package static let settings = [
        Setting("url", .address, required: true), Setting("headers", .headers),
    ]
    package static let acceptance = Answer.Response(status: 204)

    private let url: Secret
    private let headers: [Request.Header]

    package init(_ values: SettingValues) throws(SettingFault) {
        url = try values.address("url").url
        headers = try values.headers("headers", reserved: [])
    }

    package func request(for message: Message, attempt: Instant) -> Request {
        let subject = message.kind.isOfIssue ? "\(message.issue.id)/\(message.identity.milestone)" : nil
        let (json, body) = EventBody.body(message) { event in
            .object([
                "specversion": "1.0",
                "id": .string(message.id),
                // A URI-reference: no text of an issue stands in it.
                "source": .string("/deadlined/\(message.identity.channel.percentEncoded)"),
                "type": .string("io.github.deadlined.\(event.type)"),
                "subject": subject.map { .string(Text.cut($0, to: 500, counting: .utf16)) },
                "time": .string("\(message.due)"),
                "datacontenttype": "application/json",
                "data": event.data,
            ])
        }
        return Request(
            .post, url, json: json, body: body, headers: headers,
            contentType: "application/cloudevents+json; charset=utf-8")
    }

    package func verdict(on answer: Answer, now: Instant) -> Verdict {
        Webhook.verdict(on: answer.hiding([url] + headers.map(\.value)), now: now)
    }
}
