import Messages
import Schedule

/// What a key means, for editors and the manual. Every key that a reader knows has one: the compiler sees to it.
struct Meaning {
    let text: String
    let form: Form
    let isRequired: Bool

    indirect enum Form {
        case text
        case number
        case flag
        /// A date or an instant: editors may take it for more than a text.
        case date
        case word([String])
        /// A secret's place, or its text.
        case secret
        /// One of it, or a list.
        case several(Form)
        /// The same, but no empty list.
        case some(Form)
        case list(Form)
        case either(Form, Form)
        /// Keys that a reader knows.
        case section(any SectionKey.Type)
        /// Names that the writer chooses.
        case named(Form)
        case channels
    }

    init(_ text: String, _ form: Form = .text, required isRequired: Bool = false) {
        self.text = text
        self.form = form
        self.isRequired = isRequired
    }
}

/// The JSON Schemas (https://json-schema.org/draft/2020-12) of the files, for editors: made of the keys that the readers know.
package enum ConfigurationSchema {
    /// Of `deadlined.yaml`.
    package static var main: JSON { file("deadlined.yaml", section(MainFileReader.Key.self)) }

    /// Of a file of special issues.
    package static var issues: JSON {
        let issue = section(IssueFileReader.Key.self)
        return file(
            "a file of special issues",
            JSON.members(["oneOf": [.object(issue), .object(["type": "array", "items": .object(issue)])]]))
    }

    private static func file(_ title: String, _ body: [JSON.Member]) -> JSON {
        .object(
            JSON.members([
                "$schema": "https://json-schema.org/draft/2020-12/schema", "title": .string(title),
            ]) + body)
    }

    private static func section(_ keys: any SectionKey.Type) -> [JSON.Member] {
        let meanings = keys.meanings
        let required = meanings.filter(\.meaning.isRequired).map { JSON.string($0.name) }
        return JSON.members([
            "type": "object", "additionalProperties": false,
            "required": required.isEmpty ? nil : .array(required),
            "properties": .object(
                meanings.map { name, meaning in JSON.Member(name: name, value: property(meaning)) }),
        ])
    }

    private static func property(_ meaning: Meaning) -> JSON {
        .object(JSON.members(["description": .string(meaning.text)]) + form(meaning.form))
    }

    private static func form(_ form: Meaning.Form) -> [JSON.Member] {
        switch form {
        case .text: return JSON.members(["type": ["string", "number"]])
        case .number: return JSON.members(["type": ["integer", "string"]])
        case .flag: return JSON.members(["type": "boolean"])
        case .date: return JSON.members(["type": ["string", "number"]])
        case .word(let words): return JSON.members(["enum": .array(words.map(JSON.string))])
        case .secret:
            let places: [JSON] = SecretReader.Source.meanings.map { place, meaning in
                .object([
                    "type": "object", "additionalProperties": false, "required": [.string(place)],
                    "properties": .object([JSON.Member(name: place, value: property(meaning))]),
                ])
            }
            return JSON.members(["anyOf": .array([.object(["type": ["string", "number"]])] + places)])
        case .several(let one):
            return JSON.members([
                "anyOf": [
                    .object(self.form(one)), .object(["type": "array", "items": .object(self.form(one))]),
                ]
            ])
        case .some(let one):
            return JSON.members([
                "anyOf": [
                    .object(self.form(one)),
                    .object(["type": "array", "minItems": 1, "items": .object(self.form(one))]),
                ]
            ])
        case .list(let one):
            return JSON.members(["type": "array", "items": .object(self.form(one))])
        case .either(let one, let other):
            return JSON.members(["anyOf": [.object(self.form(one)), .object(self.form(other))]])
        case .section(let keys): return section(keys)
        case .named(let one):
            return JSON.members(["type": "object", "additionalProperties": .object(self.form(one))])
        case .channels:
            let services = ChatServices.all.map { JSON.object(channel($0)) }
            return JSON.members([
                "type": "object", "additionalProperties": .object(["oneOf": .array(services)]),
            ])
        }
    }

    /// What every channel has, and its service's own settings.
    private static func channel(_ service: any ChatService.Type) -> [JSON.Member] {
        var properties: [JSON.Member] = MainFileReader.ChannelKey.meanings.map { name, meaning in
            JSON.Member(
                name: name,
                value: name == MainFileReader.ChannelKey.type.rawValue
                    ? .object(["const": .string(service.type)]) : property(meaning))
        }
        for setting in service.settings {
            properties.append(JSON.Member(name: setting.key, value: .object(form(setting.kind.form))))
        }
        let required = ["type"] + service.settings.filter(\.isRequired).map(\.key)
        return JSON.members([
            "type": "object", "additionalProperties": false,
            "required": .array(required.map(JSON.string)), "properties": .object(properties),
        ])
    }
}

extension SectionKey {
    /// All keys with what they mean, in the order of their definition.
    static var meanings: [(name: String, meaning: Meaning)] { allCases.map { ($0.rawValue, $0.meaning) } }
}

extension Setting.Kind {
    fileprivate var form: Meaning.Form {
        switch self {
        case .address, .secret: .secret
        case .secrets: .several(.secret)
        case .server, .mailServer, .text: .text
        case .headers: .named(.secret)
        case .texts: .several(.text)
        }
    }
}

// MARK: - Meanings

extension MainFileReader.Key {
    var meaning: Meaning {
        switch self {
        case .defaults:
            Meaning(
                "What holds where an issue or a channel says nothing else.",
                .section(MainFileReader.DefaultsKey.self), required: true)
        case .calendar: Meaning("Days that are no business days.", .section(MainFileReader.CalendarKey.self))
        case .schedules:
            Meaning(
                "When to remind, by name: a list of rules like 30d, 2w, 10bd, 12h, 1d after, every 1d from 3d.",
                .named(.either(.list(.text), .section(MainFileReader.ScheduleKey.self))))
        case .channels: Meaning("Where reminders go, by name.", .channels)
        case .routes:
            Meaning(
                "More channels for what matches: every route that matches adds its own.",
                .list(.section(MainFileReader.RouteKey.self)))
        case .include:
            Meaning(
                "Files of special issues, as the shell's patterns; issues.d/*.yaml unless said.",
                .several(.text))
        case .heartbeat:
            Meaning(
                "A dead man's switch that is pinged while all is well.",
                .section(MainFileReader.HeartbeatKey.self))
        case .page:
            Meaning(
                "A page on this machine, and its feeds; none unless said.",
                .section(MainFileReader.PageKey.self))
        case .allowHTTP: Meaning("Hosts that may be spoken to without TLS.", .several(.text))
        case .watchConfig:
            Meaning("Whether the service reads its files again by itself when they change.", .flag)
        }
    }
}

extension MainFileReader.DefaultsKey {
    var meaning: Meaning {
        switch self {
        case .timezone:
            Meaning(
                "Where a deadline lies that names no zone: an IANA name, UTC, UTC+8 or AoE.", required: true)
        case .at: Meaning("The hour at which reminders counted in days go out; 09:00 unless said.")
        case .schedule: Meaning("The schedule of issues that name none; standard unless said.")
        case .channels: Meaning("The channels of issues that name none.", .several(.text))
        case .fallback: Meaning("The channel that hears when another one fails.")
        case .template:
            Meaning(
                "Words of one's own for messages, as Mustache.", .section(MainFileReader.TemplateKey.self))
        case .confirmAfter: Meaning("How long after its last check somebody should confirm a date, like 90d.")
        }
    }
}

extension MainFileReader.TemplateKey {
    var meaning: Meaning {
        switch self {
        case .headline: Meaning("The most important words.")
        case .title: Meaning("In the place of the call's title.")
        case .text: Meaning("One more line.")
        }
    }
}

extension MainFileReader.DigestKey {
    var meaning: Meaning {
        switch self {
        case .every: Meaning("When, like mon at 09:00, day at 08:00 or 1 at 09:00.", required: true)
        case .ahead: Meaning("How far it looks ahead, like 60d.")
        }
    }
}

extension MainFileReader.CalendarKey {
    var meaning: Meaning {
        switch self {
        case .weekend: Meaning("Days of the week.", .list(.word(Weekday.allCases.map(\.rawValue))))
        case .holidays: Meaning("Days, like 2026-12-25.", .list(.date))
        }
    }
}

extension MainFileReader.ScheduleKey {
    var meaning: Meaning {
        switch self {
        case .reminders:
            Meaning("The rules, like 7d, 10bd or every 1d from 3d.", .list(.text), required: true)
        case .avoid: Meaning("Days on which nothing goes out.", .several(.word(["weekend", "holidays"])))
        case .catchUp:
            Meaning(
                "After a downtime: the latest missed reminder, all, or none.",
                .word(Schedule.CatchUp.allCases.map(\.rawValue)))
        }
    }
}

extension MainFileReader.RouteKey {
    var meaning: Meaning {
        switch self {
        case .match: Meaning("Every condition must hold.", .section(MainFileReader.MatchKey.self))
        case .channels: Meaning("The channels that it adds.", .several(.text), required: true)
        }
    }
}

extension MainFileReader.MatchKey {
    var meaning: Meaning {
        switch self {
        case .id: Meaning("An issue's id, or some.", .some(.text))
        case .journal: Meaning("A journal, or some.", .some(.text))
        case .publisher: Meaning("A publisher, or some.", .some(.text))
        case .tags: Meaning("One of these tags.", .some(.text))
        case .editor: Meaning("Part of a guest editor's name.", .some(.text))
        case .milestone: Meaning("A milestone's name, or some.", .some(.text))
        case .daysLeft: Meaning("Only from so many days before the deadline on.", .number)
        }
    }
}

extension MainFileReader.ChannelKey {
    var meaning: Meaning {
        switch self {
        case .type: Meaning("The service.", .word(ChatServices.all.map { $0.type }), required: true)
        case .timezone: Meaning("Where its readers are.")
        case .at: Meaning("Its readers' hour of reminders counted in days.")
        case .caFile: Meaning("A PEM file of certificate authorities to trust instead of the system's.")
        case .onUnknown:
            Meaning(
                "What becomes of a message that may have arrived.",
                .word(Channel.OnUnknown.allCases.map(\.rawValue)))
        case .fallback: Meaning("The channel that hears when this one fails.")
        case .language: Meaning("The language of its messages.", .word(Language.allCases.map(\.rawValue)))
        case .burst:
            Meaning(
                "From how many reminders or notices of one instant on they go out in one message.", .number)
        case .digest: Meaning("A regular summary.", .section(MainFileReader.DigestKey.self))
        case .template: Meaning("Words of its own, as Mustache.", .section(MainFileReader.TemplateKey.self))
        case .allowNetworks:
            Meaning("Private networks that it may connect to, like 10.1.0.0/16.", .several(.text))
        }
    }
}

extension MainFileReader.HeartbeatKey {
    var meaning: Meaning {
        switch self {
        case .url: Meaning("The address that is pinged.", .secret, required: true)
        case .every: Meaning("How often, 10s to 7d; 1h unless said.")
        case .caFile: Meaning("A PEM file of certificate authorities to trust instead of the system's.")
        case .allowNetworks: Meaning("Private networks that it may connect to.", .several(.text))
        }
    }
}

extension MainFileReader.PageKey {
    var meaning: Meaning {
        switch self {
        case .port: Meaning("Its port on 127.0.0.1, like 8125.", .number, required: true)
        case .publicURL:
            Meaning(
                "Where readers of messages reach it through a server in front of it: messages then have a link to say 'done'."
            )
        }
    }
}

extension SecretReader.Source {
    var meaning: Meaning {
        switch self {
        case .credential: Meaning("The name of a credential: a file in /etc/deadlined/credentials.")
        case .file: Meaning("The path of a file.")
        case .env: Meaning("The name of an environment variable.")
        }
    }
}

extension IssueFileReader.Key {
    var meaning: Meaning {
        switch self {
        case .id: Meaning("A short name of its own: letters, digits and . _ : / -", required: true)
        case .title: Meaning("As the call has it.", required: true)
        case .journal: Meaning("The journal.")
        case .publisher: Meaning("The publisher.")
        case .url: Meaning("The call's page.")
        case .deadline:
            Meaning(
                "As the call writes it: 2025-08-20, 20 August 2025, 2025-08-20 17:00, TBA, rolling.", .date)
        case .timezone: Meaning("Where the deadline lies: an IANA name, UTC, UTC+8 or AoE.")
        case .tags: Meaning("Words to route and filter by.", .several(.text))
        case .contact: Meaning("Where to ask.")
        case .checked: Meaning("When a person last confirmed the dates.", .date)
        case .milestones:
            Meaning(
                "Instead of 'deadline' where there are several.",
                .list(.section(IssueFileReader.MilestoneKey.self)))
        case .schedule: Meaning("When to remind: a schedule's name.")
        case .channels:
            Meaning("Where its reminders go, instead of the defaults; routes add theirs.", .several(.text))
        case .metrics: Meaning("What the journal says of itself, like Impact Factor: 4.9.", .named(.text))
        case .state:
            Meaning("done and withdrawn have no reminders.", .word(Milestone.State.allCases.map(\.rawValue)))
        case .firmness:
            Meaning("Whether more time can be had.", .word(Milestone.Firmness.allCases.map(\.rawValue)))
        case .target:
            Meaning("A day of one's own before the deadline: a date, or 14d before submission.", .date)
        case .opens: Meaning("When work can first be handed in.", .date)
        case .guestEditors:
            Meaning("Its guest editors.", .list(.either(.text, .section(IssueFileReader.EditorKey.self))))
        }
    }
}

extension IssueFileReader.MilestoneKey {
    var meaning: Meaning {
        switch self {
        case .name: Meaning("Its name, like abstract.", required: true)
        case .deadline: Meaning("As the call writes it, or 6w after another milestone.", .date)
        case .timezone: Meaning("Where the deadline lies.")
        case .schedule: Meaning("When to remind: a schedule's name.")
        case .channels:
            Meaning("Where its reminders go, whatever defaults and routes say.", .several(.text))
        case .state:
            Meaning("done and withdrawn have no reminders.", .word(Milestone.State.allCases.map(\.rawValue)))
        case .firmness:
            Meaning("Whether more time can be had.", .word(Milestone.Firmness.allCases.map(\.rawValue)))
        case .target: Meaning("A day of one's own before the deadline.", .date)
        case .opens: Meaning("When work can first be handed in.", .date)
        }
    }
}

extension IssueFileReader.EditorKey {
    var meaning: Meaning {
        switch self {
        case .name: Meaning("The name.", required: true)
        case .affiliation: Meaning("An institution, or some.", .several(.text))
        }
    }
}
