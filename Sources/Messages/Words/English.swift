import Schedule

package struct English: Words {
    package init() {}

    package var test: String { "Test message" }
    package var alert: String { "Service alert" }
    package var extended: String { "Deadline extended" }
    package var broughtForward: String { "Deadline brought forward" }
    package var targetMoved: String { "Target moved" }
    package var openingPostponed: String { "Opening postponed" }
    package var openingBroughtForward: String { "Opening brought forward" }
    package var today: String { "Today" }
    package func daysLeft(_ days: Int) -> String { "\(English.count(days, "day")) left" }
    package var passedToday: String { "Passed today" }
    package func passed(_ days: Int) -> String { "Passed \(English.count(days, "day")) ago" }
    package var targetToday: String { "Target: today" }
    package func daysLeftToTarget(_ days: Int) -> String {
        "\(English.count(days, "day")) left to the target"
    }
    package var targetPassedToday: String { "Target passed today" }
    package func targetPassed(_ days: Int) -> String { "Target passed \(English.count(days, "day")) ago" }
    package var opensToday: String { "Opens today" }
    package func opensIn(_ days: Int) -> String { "Opens in \(English.count(days, "day"))" }
    package var openFromToday: String { "Open from today" }
    package func openFor(_ days: Int) -> String { "Opened \(English.count(days, "day")) ago" }
    package var confirm: String { "Is this date still right?" }
    package func reminders(_ count: Int) -> String { English.count(count, "reminder") }
    package func datesMoved(_ count: Int) -> String { "\(English.count(count, "date")) moved" }
    package func datesPassed(_ count: Int) -> String { "\(English.count(count, "date")) passed" }
    package func confirm(_ count: Int) -> String {
        count == 1 ? confirm : "Are these \(count) dates still right?"
    }
    package var digest: String { "Deadlines" }
    package var due: String { "Due" }
    package var target: String { "Target" }
    package var opens: String { "Opens" }
    package var yourTime: String { "Your time" }
    package var deadline: String { "Deadline" }
    package var before: String { "Before" }
    package var difference: String { "Moved by" }
    package var timeLeft: String { "Time left" }
    package var journal: String { "Journal" }
    package var publisher: String { "Publisher" }
    package var guestEditor: String { "Guest editor" }
    package var guestEditors: String { "Guest editors" }
    package var contact: String { "Contact" }
    package var page: String { "Page" }
    package func firmness(_ firmness: Milestone.Firmness) -> String { firmness.rawValue }
    package var deadlinePassedWhileDown: String {
        "The deadline passed while the service was down and reminders were owed."
    }
    package var targetPassedWhileDown: String {
        "The target passed while the service was down and reminders were owed."
    }
    package var datesPassedWhileDown: String {
        "They passed while the service was down and reminders were owed."
    }
    package var channelWorks: String { "This channel works. Nothing is due." }
    package func late(_ duration: String) -> String { "This message is \(duration) late." }
    package var templateEmpty: String { "This channel's own words came out empty: these are the usual ones." }
    package var possibleRepeat: String { "Possible repeat: an earlier attempt may have arrived." }
    package func confirmed(_ days: Int) -> String {
        "Nobody has confirmed it for \(English.count(days, "day"))."
    }
    package func confirmedAgo(_ days: Int) -> String { "confirmed \(English.count(days, "day")) ago" }
    package func disabled(_ channel: String, because reason: String) -> String {
        "'\(channel)' was disabled: \(reason). What is owed to it is kept. Mend it, then 'deadlined resume \(channel)'."
    }
    package func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String
    {
        let more = others > 0 ? " and \(English.count(others, "other"))" : ""
        return "'\(channel)' did not get \(delivery)\(more): \(reason)"
    }
    package func readdressed(_ channel: String, to: String) -> String {
        "'\(channel)' is now at \(to): write that in its configuration."
    }
    package func journalLost(because reason: String, setAsideAs path: String?) -> String {
        """
        The journal was damaged: \(reason). \(path.map { "It was set aside as \($0), and a" } ?? "A") new one begins: what was due before and had \
        not arrived is not sent any more ('deadlined plan --from DATE --until DATE' lists it).
        """
    }
    package func coming(_ count: Int, until date: String) -> String { "\(count) to come until \(date)" }
    package func moved(_ count: Int) -> String { "\(count) moved" }
    package func gone(_ count: Int) -> String { "\(count) passed" }
    package func nothing(_ date: String) -> String { "Nothing is due until \(date)." }
    package var other: String { "Others" }
    package func more(_ count: Int) -> String { "… and \(count) more" }
    package func withoutLinks(_ count: Int) -> String {
        "… without \(English.count(count, "link")) to stop reminding"
    }
    package func people(_ names: [String], more count: Int) -> String {
        listed(names, count, " and \(count) more")
    }
    package var isItSubmitted: String { "Submitted?" }
    package var afterSubmission: String {
        "Nobody is reminded of it any more then. If its deadline moves, reminders begin again."
    }
    package var markedAsDone: String { "It is marked as done." }
    package var afterMark: String {
        "No more reminders of it are sent. Who looks after the service can take that back."
    }
    package var nothingChanged: String { "Nothing was changed" }
    package func why(_ refusal: DoneRefusal) -> String {
        switch refusal {
        case .foreign: "This link is not one of ours."
        case .expired: "This link has expired: its deadline has passed."
        case .untracked: "This call is not tracked any more."
        case .moved: "The deadline has moved since: the newest message has a new link."
        case .unwritten: "That could not be written down. Please try again later."
        }
    }
    package func untitled(_ id: String) -> String { "(untitled: \(id))" }
    package var submission: String { Milestone.submission }
    package var openCall: String { "Open the call" }
    package var markDone: String { "Submitted, stop reminding" }
    package var endOfDay: String { "end of day" }
    package var anywhereOnEarth: String { "Anywhere on Earth" }
    package var separator: String { ", " }
    package var colon: String { ": " }
    package func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(date.weekday.name) \(day) \(Month.names[month - 1]) \(year)"
    }
    package func units(_ unit: TimeUnit, _ number: Int) -> String { English.count(number, "\(unit)") }
}

/// English is also what the product says to those who run it.
extension English {
    /// `1 day`, `3 days`.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `Wed 20 Aug 2025`, for tables.
    package static func shortDate(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(date.weekday.name.prefix(3)) \(day) \(Month.names[month - 1].prefix(3)) \(year)"
    }
}
