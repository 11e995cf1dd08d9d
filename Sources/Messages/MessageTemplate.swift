import Mustache
import Schedule

/// A channel's own words, as Mustache templates (https://mustache.github.io/mustache.5.html): in the place of the headline or the
/// title, or as a paragraph of its own. Dates, remarks, link and footer stay whatever a template says.
package struct MessageTemplate: Sendable {
    package enum Part: String, CaseIterable, Sendable {
        case headline, title, text
    }

    private let templates: [Part: MustacheTemplate]
    /// Set where somebody wants to see whether a part's end is shown.
    private var marksEnds = false

    /// Longer ones are a mistake.
    private static let limit = 2000
    /// - Throws: a fault that tells which part is wrong, and how.
    package init(_ texts: [Part: String]) throws(Fault) {
        var templates: [Part: MustacheTemplate] = [:]
        for (part, text) in texts {
            guard text.utf8.count <= MessageTemplate.limit else {
                throw Fault(
                    "the template '\(part.rawValue)' has more than \(MessageTemplate.limit) bytes",
                    remedy: "write a sentence or two")
            }
            // Other templates, blocks, pragmas and delimiters: nothing here needs them.
            guard !["{{>", "{{<", "{{$", "{{%", "{{="].contains(where: text.contains) else {
                throw Fault(
                    "the template '\(part.rawValue)' uses more of Mustache than there is here",
                    remedy: "write {{name}}, {{#name}}…{{/name}} and {{^name}}…{{/name}} only")
            }
            do {
                // Plain text: each service escapes it in its own way.
                templates[part] = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + text)
            } catch {
                throw Fault(
                    "the template '\(part.rawValue)' cannot be read: \(MessageTemplate.words(error))",
                    remedy: "each {{#name}} needs its {{/name}}")
            }
            guard !MessageTemplate.repeatsLists(text) else {
                throw Fault(
                    "the template '\(part.rawValue)' goes through a list within a list",
                    remedy: "close {{/tags}} or {{/guest_editors}} before the next begins")
            }
            let unknown = MessageTemplate.names(in: text).subtracting(MessageTemplate.names)
            if let name = unknown.sorted().first {
                let nearest = Spelling.nearest(to: name, among: MessageTemplate.names.sorted())
                throw Fault(
                    "the template '\(part.rawValue)' names '\(name)', which there is not",
                    remedy: nearest.map { "did you mean '\($0)'?" }
                        ?? "known are \(MessageTemplate.names.sorted().joined(separator: ", "))")
            }
        }
        self.templates = templates
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? MustacheTemplate.ParserError else { return "it is no template" }
        let what: String
        switch error.error {
        case MustacheTemplate.Error.sectionCloseNameIncorrect:
            what = "a {{/name}} without its {{#name}} before it"
        case MustacheTemplate.Error.unfinishedName: what = "a {{name}} that is no name"
        case MustacheTemplate.Error.expectedSectionEnd: what = "a {{#name}} without its {{/name}} behind it"
        // The text ends within it.
        default: what = "a {{ without its }}"
        }
        return "it has \(what)"
    }

    /// Lists within lists grow with each level: thirty of two tags each would never end.
    private static func repeatsLists(_ text: String) -> Bool {
        var depth = 0
        for piece in text.split(separator: "{{", omittingEmptySubsequences: false).dropFirst() {
            let tag = piece.prefix { $0 != "}" }.filter { !$0.isWhitespace }
            guard let sign = tag.first, "#^/".contains(sign), lists.contains(String(tag.dropFirst())) else {
                continue
            }
            depth += sign == "/" ? -1 : 1
            if depth > 1 { return true }
        }
        return false
    }

    private static let lists: Set<String> = ["tags", "guest_editors"]

    /// The names between braces.
    private static func names(in text: String) -> Set<String> {
        var names: Set<String> = []
        for piece in text.split(separator: "{{", omittingEmptySubsequences: false).dropFirst() {
            let name = piece.prefix { $0 != "}" }.drop { "{#^/&! ".contains($0) }
            if !piece.hasPrefix("!"), let first = name.split(separator: " ").first {
                names.insert(String(first))
            }
        }
        return names.subtracting(["."])
    }

    /// What a template can name.
    package static let names: Set<String> = [
        "id", "title", "journal", "publisher", "url", "contact", "guest_editors", "tags", "milestone",
        "headline",
        "days_left", "deadline", "your_time", "urgency", "reminder", "channel", "is_passed", "is_late",
        "possible_repeat",
    ]

    /// What a part comes out as, on one clean line; nil where there is no template for it, empty where nothing came out.
    func words(_ part: Part, of message: Message) -> String? {
        guard let template = templates[part] else { return nil }
        let issue = message.issue
        var values: [String: Any] = [
            "id": issue.id, "title": message.usualTitle, "milestone": message.milestone,
            "headline": message.usualHeadline, "days_left": message.daysLeft,
            "deadline": message.deadlineText,
            "urgency": message.urgency.rawValue, "reminder": message.identity.reminder,
            "channel": message.identity.channel, "is_passed": message.isPassed, "is_late": message.isLate,
            "possible_repeat": message.isPossibleRepeat, "tags": issue.tags,
            "guest_editors": issue.guestEditors.map(\.name),
        ]
        values["journal"] = issue.journal
        values["publisher"] = issue.publisher
        values["contact"] = issue.contact
        values["url"] = message.link
        values["your_time"] = message.deadlineForReader
        let line = Text.singleLine(template.render(values))
        return Text.isBlank(line) ? "" : line + (marksEnds ? part.mark : "")
    }

    /// The parts of which a service shows only the beginning, where a usual call is told.
    package func parts(cutBy service: any ChatService) -> [Part] {
        // Programs get facts, and no words.
        if service is Webhook || service is CloudEvents { return [] }
        var marked = self
        marked.marksEnds = true
        guard let message = MessageTemplate.sample(marked) else { return [] }
        let shown: String
        switch service.request(for: message, attempt: message.now).content {
        case .json(let json): shown = json.serialized
        case .form(let fields):
            shown = fields.map { if case .text(let text) = $0.value { text } else { "" } }.joined(
                separator: " ")
        // A mail has room for all.
        case .mail, .none: return []
        }
        return Part.allCases.filter { part in
            let words = marked.words(part, of: message) ?? ""
            return !words.isEmpty && !shown.unicodeScalars.contains { part.mark.unicodeScalars.contains($0) }
        }
    }

    /// A call with texts of a usual length.
    private static func sample(_ template: MessageTemplate) -> Message? {
        guard let day = CivilDate(year: 2027, month: 9, day: 29),
            let deadline = Deadline(.date(day), zone: .utc)
        else {
            return nil
        }
        var issue = SpecialIssue(
            id: "sample-2027",
            title: "Advances in the Mechanisms, Diagnosis and Treatment of Age-Related Diseases: "
                + "From Molecular Pathways to Clinical Applications and Public Health",
            milestones: [
                Milestone(
                    name: Milestone.submission, written: "", deadline: deadline, schedule: 0, channels: [])
            ])
        issue.journal = "International Journal of Environmental Research and Public Health"
        issue.publisher = "Publisher of Journals"
        issue.url = "https://www.example.org/special_issues/sample-2027"
        issue.contact = "editorial-office@example.org"
        issue.guestEditors = ["Dr. Ada Alpha", "Prof. Dr. Benedikt Beta", "Dr. Gu Gamma"].map {
            GuestEditor(name: $0)
        }
        issue.tags = ["ageing", "medicine"]
        let now = deadline.instant - .days(7)
        var message = Message(
            kind: .reminder,
            identity: DeliveryIdentity(
                issue: issue.id, milestone: Milestone.submission, deadline: deadline.instant, reminder: "7d",
                channel: "sample"),
            issue: issue, deadline: deadline, due: now, now: now, isPossibleRepeat: false, zone: .utc)
        message.template = template
        return message
    }
}

extension MessageTemplate.Part {
    /// A character that no call has, no service changes, and that is as long as the ellipsis of what is cut.
    fileprivate var mark: String {
        switch self {
        case .headline: "\u{E000}"
        case .title: "\u{E001}"
        case .text: "\u{E002}"
        }
    }
}
