import ArgumentParser
import Configuration
import Messages
import Schedule

struct Routes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell which channels hear of a special issue, and why.",
        discussion: """
            Example: deadlined routes ijms-212097
            """)

    @Argument(help: ArgumentHelp("The special issue.", valueName: "issue"))
    var issue: String

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Print one JSON object for each milestone and channel.")
    var json = false

    func run() throws {
        let configuration = try configuration.load()
        let agenda = configuration.agenda
        let issue = try agenda.issue(issue)
        for milestone in issue.milestones {
            if !json { Terminal.line(Terminal.styled(milestone.name, .bold)) }
            if milestone.channels.isEmpty, !json { Terminal.line("  no channel") }
            for index in milestone.channels {
                let channel = agenda.channels[index]
                let reasons = configuration.reasons(for: index, milestone: milestone, of: issue)
                let limit = milestone.limits[index].map { "from \(English.count($0, "day")) left on" }
                if json {
                    Terminal.line(
                        JSON.object([
                            "issue": .string(issue.id), "milestone": .string(milestone.name),
                            "channel": .string(channel.name), "type": .string(channel.type),
                            "days_left": milestone.limits[index].map { .number(Int64($0)) },
                            "because": .array(reasons.map { .string($0) }),
                        ]).serialized)
                } else {
                    let what = [channel.name, "(\(channel.type))", limit].compactMap { $0 }.joined(
                        separator: " ")
                    Terminal.line("  \(what): \(reasons.joined(separator: "; "))")
                }
            }
        }
    }
}
