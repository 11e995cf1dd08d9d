extension ChatServices {
    /// Something right for each key of a type, with made-up secrets: for previews and tests.
    package static func example(_ type: any ChatService.Type) -> SettingValues {
        let texts = [
            "url": "https://push.example.org", "site": "https://chat.example.org",
            "homeserver": "https://matrix.example.org", "room": "!abc:example.org",
            "chat_id": "-1001234567890", "email": "deadlines-bot@example.org",
            "to": type == Zulip.self ? "deadlines" : "ada@example.org",
            "topic": "deadlines", "smtp": "smtps://mail.example.org",
            "from": "Deadlines <deadlines@example.org>",
        ]
        let addresses = [
            GoogleChat.type: "https://chat.googleapis.com/v1/spaces/A/messages?key=k3y&token=t0ken",
            Alertmanager.type: "https://alerts.example.org",
        ]
        let secrets = [
            "url": addresses[type.type] ?? "https://hooks.example.org/services/T00/B00/t0ken?sig=s1g",
            "api_key": "k3y-of-a-bot", "user": String(repeating: "u", count: 30),
            "token": type == Pushover.self ? String(repeating: "t", count: 30) : "123456:t0ken-of-a-bot",
        ]
        var values = SettingValues()
        for setting in type.settings where setting.isRequired {
            switch setting.kind {
            case .address, .secret, .secrets:
                values.secrets[setting.key] = secrets[setting.key].map { [Secret($0)] }
            case .server, .mailServer, .text, .texts:
                values.texts[setting.key] = texts[setting.key].map { [$0] }
            case .headers: break
            }
        }
        return values
    }
}
