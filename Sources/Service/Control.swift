import Engine
import Foundation
import HTTPServer
import Journal
import Messages

/// What operators ask of a running service: HTTP with JSON over a Unix socket, which only those who may open it reach.
///
/// | request | body | does |
/// | --- | --- | --- |
/// | `POST /resume` | `{"channel": "lab"}` | brings a disabled or paused channel back |
/// | `POST /resend` | `{"delivery": 17}` | sends a delivery once more |
/// | `POST /clock` | | believes the clock, which jumped |
///
/// Every answer is an object; one with a status from 400 on has an `error`.
package struct Control {
    /// The name of the socket in its directory.
    package static let socketName = "control.sock"

    private let server: HTTPServer

    init(path: String, runner: Runner, journal: Journal) throws(Failure) {
        do {
            server = try HTTPServer(.unix(path: path)) { request, respond in
                switch (request.method, request.path) {
                case ("POST", "/resume"):
                    guard let wanted = Control.decoded(Resume.self, request) else {
                        return respond(.fault(400, "say which: {\"channel\": \"NAME\"}"))
                    }
                    runner.ask { respond(Control.resume(wanted.channel, $0)) }
                case ("POST", "/resend"):
                    guard let wanted = Control.decoded(Resend.self, request) else {
                        return respond(.fault(400, "say which: {\"delivery\": NUMBER}"))
                    }
                    do throws(JournalFault) {
                        guard let delivery = try journal.delivery(wanted.delivery) else {
                            return respond(
                                .fault(
                                    404, "no delivery \(wanted.delivery): 'deadlined history' numbers them"))
                        }
                        runner.ask { respond(Control.resend(delivery, $0)) }
                    } catch {
                        respond(.fault(500, error.description))
                    }
                case ("POST", "/clock"):
                    runner.ask {
                        $0.acceptClock()
                        respond(.object(["clock": "accepted"]))
                    }
                default:
                    respond(.fault(404, "there is no \(request.method) \(request.path)"))
                }
            }
        } catch {
            throw Failure(.io, "no socket can be made at \(path): \(error)")
        }
        // The directory decides who gets there; its group may ask.
        chmod(path, 0o660)
    }

    func stop() {
        server.stop()
    }

    private struct Resume: Decodable {
        let channel: String
    }

    private struct Resend: Decodable {
        let delivery: Int64
    }

    private static func decoded<Body: Decodable>(_ type: Body.Type, _ request: HTTPServer.Request) -> Body? {
        try? JSONDecoder().decode(type, from: Data(request.body))
    }

    private static func resume(_ channel: String, _ runner: isolated Runner) -> HTTPServer.Response {
        guard let before = runner.resume(channel: channel) else {
            return .fault(404, "no channel '\(channel)'")
        }
        return .object([
            "channel": .string(channel), "was_disabled": .bool(before.disabled != nil),
            "reason": before.disabled.map { .string($0.reason) },
        ])
    }

    private static func resend(_ delivery: Delivery, _ runner: isolated Runner) -> HTTPServer.Response {
        if let objection = runner.resend(delivery) {
            return .fault(409, "it is not sent again: \(objection)")
        }
        return .object([
            "delivery": .string("\(delivery.identity)"), "channel": .string(delivery.identity.channel),
        ])
    }
}

extension HTTPServer.Response {
    fileprivate static func fault(_ status: Int, _ text: String) -> Self {
        Self(status: status, body: JSON.object(["error": .string(text)]).serialized.utf8)
    }

    fileprivate static func object(_ members: KeyValuePairs<String, JSON?>) -> Self {
        Self(status: 200, body: JSON.object(members).serialized.utf8)
    }
}
