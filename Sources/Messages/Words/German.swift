import Schedule

struct German: Words {
    var test: String { "Testnachricht" }
    var alert: String { "Meldung des Dienstes" }
    var extended: String { "Frist verlängert" }
    var broughtForward: String { "Frist vorverlegt" }
    var targetMoved: String { "Ziel verschoben" }
    var openingPostponed: String { "Öffnung verschoben" }
    var openingBroughtForward: String { "Öffnung vorverlegt" }
    var today: String { "Heute" }
    func daysLeft(_ days: Int) -> String { "Noch \(plural(days, "Tag", "Tage"))" }
    var passedToday: String { "Heute abgelaufen" }
    func passed(_ days: Int) -> String { "Vor \(plural(days, "Tag", "Tagen")) abgelaufen" }
    var targetToday: String { "Ziel: heute" }
    func daysLeftToTarget(_ days: Int) -> String { "Noch \(plural(days, "Tag", "Tage")) bis zum Ziel" }
    var targetPassedToday: String { "Ziel heute verstrichen" }
    func targetPassed(_ days: Int) -> String { "Ziel vor \(plural(days, "Tag", "Tagen")) verstrichen" }
    var opensToday: String { "Öffnet heute" }
    func opensIn(_ days: Int) -> String { "Öffnet in \(plural(days, "Tag", "Tagen"))" }
    var openFromToday: String { "Seit heute offen" }
    func openFor(_ days: Int) -> String { "Seit \(plural(days, "Tag", "Tagen")) offen" }
    var confirm: String { "Stimmt dieses Datum noch?" }
    func reminders(_ count: Int) -> String { plural(count, "Erinnerung", "Erinnerungen") }
    func datesMoved(_ count: Int) -> String { "\(plural(count, "Termin", "Termine")) verschoben" }
    func datesPassed(_ count: Int) -> String { "\(plural(count, "Termin", "Termine")) abgelaufen" }
    func confirm(_ count: Int) -> String { count == 1 ? confirm : "Stimmen diese \(count) Termine noch?" }
    var digest: String { "Fristen" }
    var due: String { "Fällig" }
    var target: String { "Ziel" }
    var opens: String { "Öffnet" }
    var yourTime: String { "Ihre Zeit" }
    var deadline: String { "Frist" }
    var before: String { "Vorher" }
    var difference: String { "Verschoben um" }
    var timeLeft: String { "Verbleibend" }
    var journal: String { "Zeitschrift" }
    var publisher: String { "Verlag" }
    var guestEditor: String { "Gastherausgeber/in" }
    var guestEditors: String { "Gastherausgebende" }
    var contact: String { "Kontakt" }
    var page: String { "Seite" }
    func firmness(_ firmness: Milestone.Firmness) -> String {
        switch firmness {
        case .soft: "verlängerbar"
        case .firm: "endgültig"
        }
    }
    var deadlinePassedWhileDown: String {
        "Die Frist lief ab, während der Dienst stillstand und Erinnerungen ausstanden."
    }
    var targetPassedWhileDown: String {
        "Das Ziel verstrich, während der Dienst stillstand und Erinnerungen ausstanden."
    }
    var datesPassedWhileDown: String {
        "Sie liefen ab, während der Dienst stillstand und Erinnerungen ausstanden."
    }
    var channelWorks: String { "Dieser Kanal funktioniert. Nichts ist fällig." }
    func late(_ duration: String) -> String { "Diese Nachricht kommt \(duration) zu spät." }
    var templateEmpty: String { "Die eigenen Worte dieses Kanals blieben leer: Dies sind die üblichen." }
    var possibleRepeat: String { "Vielleicht eine Wiederholung: Ein früherer Versuch kann angekommen sein." }
    func confirmed(_ days: Int) -> String {
        "Seit \(plural(days, "Tag", "Tagen")) hat das niemand bestätigt."
    }
    func confirmedAgo(_ days: Int) -> String { "vor \(plural(days, "Tag", "Tagen")) bestätigt" }
    func disabled(_ channel: String, because reason: String) -> String {
        "'\(channel)' wurde abgeschaltet: \(reason). Was noch zu senden ist, bleibt erhalten. Ursache beheben, dann 'deadlined resume \(channel)'."
    }
    func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String {
        let more = others > 0 ? " und \(others) weitere" : ""
        return "'\(channel)' hat \(delivery)\(more) nicht erhalten: \(reason)"
    }
    func readdressed(_ channel: String, to: String) -> String {
        "'\(channel)' ist jetzt unter \(to) zu erreichen: bitte in der Konfiguration eintragen."
    }
    func journalLost(because reason: String, setAsideAs path: String?) -> String {
        """
        Das Journal war beschädigt: \(reason). \(path.map { "Es wurde als \($0) beiseitegelegt, und ein neues beginnt" } ?? "Ein neues beginnt"): Was vorher fällig \
        war und nicht angekommen ist, wird nicht mehr gesendet ('deadlined plan --from DATE --until DATE' zählt es auf).
        """
    }
    func coming(_ count: Int, until date: String) -> String {
        "Bis \(date) \(count == 1 ? "steht" : "stehen") \(count) bevor"
    }
    func moved(_ count: Int) -> String { "\(count) verschoben" }
    func gone(_ count: Int) -> String { "\(count) abgelaufen" }
    func nothing(_ date: String) -> String { "Bis \(date) ist nichts fällig." }
    var other: String { "Weitere" }
    func more(_ count: Int) -> String { "… und \(count) weitere" }
    func withoutLinks(_ count: Int) -> String {
        "… ohne \(plural(count, "Link", "Links")), um Erinnerungen zu beenden"
    }
    func people(_ names: [String], more count: Int) -> String {
        listed(names, count, " und \(count) weitere")
    }
    var isItSubmitted: String { "Eingereicht?" }
    var afterSubmission: String {
        "Danach wird niemand mehr daran erinnert. Verschiebt sich die Frist, beginnen die Erinnerungen von neuem."
    }
    var markedAsDone: String { "Es ist als erledigt vermerkt." }
    var afterMark: String {
        "Daran wird nicht mehr erinnert. Wer den Dienst betreut, kann das zurücknehmen."
    }
    var nothingChanged: String { "Nichts wurde geändert" }
    func why(_ refusal: DoneRefusal) -> String {
        switch refusal {
        case .foreign: "Dieser Link ist keiner von uns."
        case .expired: "Dieser Link ist abgelaufen: die Frist ist vorbei."
        case .untracked: "Diese Ausschreibung wird nicht mehr verfolgt."
        case .moved: "Die Frist hat sich seither verschoben: die neueste Nachricht hat einen neuen Link."
        case .unwritten: "Das konnte nicht festgehalten werden. Bitte später noch einmal versuchen."
        }
    }
    func untitled(_ id: String) -> String { "(ohne Titel: \(id))" }
    var submission: String { "Einreichung" }
    var openCall: String { "Ausschreibung öffnen" }
    var markDone: String { "Eingereicht, nicht mehr erinnern" }
    var endOfDay: String { "Tagesende" }
    var anywhereOnEarth: String { "irgendwo auf der Erde (AoE)" }
    var separator: String { ", " }
    var colon: String { ": " }
    func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        let weekday = named(
            date.weekday, "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
        let months = [
            "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
            "November", "Dezember",
        ]
        return "\(weekday), \(day). \(months[month - 1]) \(year)"
    }
    func units(_ unit: TimeUnit, _ number: Int) -> String {
        switch unit {
        case .day: plural(number, "Tag", "Tage")
        case .hour: plural(number, "Stunde", "Stunden")
        case .minute: plural(number, "Minute", "Minuten")
        case .second: plural(number, "Sekunde", "Sekunden")
        }
    }
}
