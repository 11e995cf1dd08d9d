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
    package func journalLost(because reason: String, setAsideAs path: String) -> String {
        """
        The journal was damaged: \(reason). It was set aside as \(path), and a new one begins: what was due before and had \
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
    func journalLost(because reason: String, setAsideAs path: String) -> String {
        """
        Das Journal war beschädigt: \(reason). Es wurde als \(path) beiseitegelegt, und ein neues beginnt: Was vorher fällig \
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

struct French: Words {
    var test: String { "Message d'essai" }
    var alert: String { "Alerte du service" }
    var extended: String { "Échéance repoussée" }
    var broughtForward: String { "Échéance avancée" }
    var targetMoved: String { "Date cible déplacée" }
    var openingPostponed: String { "Ouverture reportée" }
    var openingBroughtForward: String { "Ouverture avancée" }
    var today: String { "Aujourd'hui" }
    func daysLeft(_ days: Int) -> String { "Encore \(jours(days))" }
    var passedToday: String { "Échu aujourd'hui" }
    func passed(_ days: Int) -> String { "Échu depuis \(jours(days))" }
    var targetToday: String { "Date cible\u{A0}: aujourd'hui" }
    func daysLeftToTarget(_ days: Int) -> String { "Encore \(jours(days)) jusqu'à la date cible" }
    var targetPassedToday: String { "Date cible passée aujourd'hui" }
    func targetPassed(_ days: Int) -> String { "Date cible passée depuis \(jours(days))" }
    var opensToday: String { "Ouvre aujourd'hui" }
    func opensIn(_ days: Int) -> String { "Ouvre dans \(jours(days))" }
    var openFromToday: String { "Ouvert dès aujourd'hui" }
    func openFor(_ days: Int) -> String { "Ouvert depuis \(jours(days))" }
    var confirm: String { "Cette date est-elle toujours exacte\u{A0}?" }
    func reminders(_ count: Int) -> String { plural(count, "rappel", "rappels", zeroIsOne: true) }
    func datesMoved(_ count: Int) -> String { plural(count, "date déplacée", "dates déplacées") }
    func datesPassed(_ count: Int) -> String { plural(count, "date passée", "dates passées") }
    func confirm(_ count: Int) -> String {
        count == 1 ? confirm : "Ces \(count) dates sont-elles toujours exactes\u{A0}?"
    }
    var digest: String { "Échéances" }
    var due: String { "Échéance" }
    var target: String { "Date cible" }
    var opens: String { "Ouverture" }
    var yourTime: String { "Votre heure" }
    var deadline: String { "Date limite" }
    var before: String { "Avant" }
    var difference: String { "Décalage" }
    var timeLeft: String { "Temps restant" }
    var journal: String { "Revue" }
    var publisher: String { "Éditeur" }
    var guestEditor: String { "Rédaction invitée" }
    var guestEditors: String { "Rédaction invitée" }
    var contact: String { "Contact" }
    var page: String { "Page" }
    func firmness(_ firmness: Milestone.Firmness) -> String {
        switch firmness {
        case .soft: "indicative"
        case .firm: "ferme"
        }
    }
    var deadlinePassedWhileDown: String {
        "La date limite est passée pendant que le service était arrêté et que des rappels étaient dus."
    }
    var targetPassedWhileDown: String {
        "La date cible est passée pendant que le service était arrêté et que des rappels étaient dus."
    }
    var datesPassedWhileDown: String {
        "Elles sont passées pendant que le service était arrêté et que des rappels étaient dus."
    }
    var channelWorks: String { "Ce canal fonctionne. Rien n'est dû." }
    func late(_ duration: String) -> String { "Ce message a \(duration) de retard." }
    var templateEmpty: String { "Le texte propre à ce canal était vide\u{A0}: voici le texte habituel." }
    var possibleRepeat: String { "Répétition possible\u{A0}: un envoi précédent est peut-être arrivé." }
    func confirmed(_ days: Int) -> String { "Personne ne l'a confirmée depuis \(jours(days))." }
    func confirmedAgo(_ days: Int) -> String { "confirmée il y a \(jours(days))" }
    func disabled(_ channel: String, because reason: String) -> String {
        "'\(channel)' a été désactivé\u{A0}: \(reason). Ce qui lui est dû est conservé. Corrigez la cause, puis 'deadlined resume \(channel)'."
    }
    func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String {
        let more = others > 0 ? " et \(plural(others, "autre", "autres"))" : ""
        return "'\(channel)' n'a pas reçu \(delivery)\(more)\u{A0}: \(reason)"
    }
    func readdressed(_ channel: String, to: String) -> String {
        "'\(channel)' se trouve désormais à \(to)\u{A0}: indiquez-le dans sa configuration."
    }
    func journalLost(because reason: String, setAsideAs path: String) -> String {
        """
        Le journal était endommagé\u{A0}: \(reason). Il a été mis de côté sous \(path) et un nouveau commence\u{A0}: ce qui \
        était dû auparavant sans être arrivé n'est plus envoyé ('deadlined plan --from DATE --until DATE' en donne la liste).
        """
    }
    func coming(_ count: Int, until date: String) -> String { "\(count) à venir jusqu'au \(date)" }
    func moved(_ count: Int) -> String { plural(count, "déplacée", "déplacées", zeroIsOne: true) }
    func gone(_ count: Int) -> String { plural(count, "passée", "passées", zeroIsOne: true) }
    func nothing(_ date: String) -> String { "Aucune échéance jusqu'au \(date)." }
    var other: String { "Autres" }
    func more(_ count: Int) -> String { "… et \(count) de plus" }
    func withoutLinks(_ count: Int) -> String {
        "… sans \(plural(count, "lien", "liens", zeroIsOne: true)) pour arrêter les rappels"
    }
    func people(_ names: [String], more count: Int) -> String {
        listed(names, count, " et \(plural(count, "autre", "autres"))")
    }
    var isItSubmitted: String { "Soumis\u{A0}?" }
    var afterSubmission: String {
        "Plus personne n'en recevra alors de rappel. Si l'échéance change, les rappels reprendront."
    }
    var markedAsDone: String { "C'est marqué comme fait." }
    var afterMark: String {
        "Plus aucun rappel n'en sera envoyé. La personne qui gère le service peut revenir en arrière."
    }
    var nothingChanged: String { "Rien n'a été modifié" }
    func why(_ refusal: DoneRefusal) -> String {
        switch refusal {
        case .foreign: "Ce lien n'est pas des nôtres."
        case .expired: "Ce lien a expiré\u{A0}: l'échéance est passée."
        case .untracked: "Cet appel n'est plus suivi."
        case .moved: "L'échéance a changé depuis\u{A0}: le message le plus récent a un nouveau lien."
        case .unwritten: "Cela n'a pas pu être enregistré. Veuillez réessayer plus tard."
        }
    }
    func untitled(_ id: String) -> String { "(sans titre\u{A0}: \(id))" }
    var submission: String { "soumission" }
    var openCall: String { "Ouvrir l'appel" }
    var markDone: String { "Soumis, ne plus rappeler" }
    var endOfDay: String { "fin de journée" }
    var anywhereOnEarth: String { "partout sur Terre (AoE)" }
    var separator: String { ", " }
    var colon: String { "\u{A0}: " }
    func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        let weekday = named(
            date.weekday, "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
        let months = [
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
            "octobre", "novembre", "décembre",
        ]
        return "\(weekday) \(day == 1 ? "1er" : "\(day)") \(months[month - 1]) \(year)"
    }
    func units(_ unit: TimeUnit, _ number: Int) -> String {
        switch unit {
        case .day: jours(number)
        case .hour: plural(number, "heure", "heures", zeroIsOne: true)
        case .minute: plural(number, "minute", "minutes", zeroIsOne: true)
        case .second: plural(number, "seconde", "secondes", zeroIsOne: true)
        }
    }
}

struct Spanish: Words {
    var test: String { "Mensaje de prueba" }
    var alert: String { "Aviso del servicio" }
    var extended: String { "Plazo ampliado" }
    var broughtForward: String { "Plazo adelantado" }
    var targetMoved: String { "Fecha objetivo cambiada" }
    var openingPostponed: String { "Apertura aplazada" }
    var openingBroughtForward: String { "Apertura adelantada" }
    var today: String { "Hoy" }
    func daysLeft(_ days: Int) -> String { days == 1 ? "Queda 1 día" : "Quedan \(days) días" }
    var passedToday: String { "Venció hoy" }
    func passed(_ days: Int) -> String { "Venció hace \(plural(days, "día", "días"))" }
    var targetToday: String { "Fecha objetivo: hoy" }
    func daysLeftToTarget(_ days: Int) -> String {
        days == 1 ? "Queda 1 día para la fecha objetivo" : "Quedan \(days) días para la fecha objetivo"
    }
    var targetPassedToday: String { "La fecha objetivo pasó hoy" }
    func targetPassed(_ days: Int) -> String { "La fecha objetivo pasó hace \(plural(days, "día", "días"))" }
    var opensToday: String { "Abre hoy" }
    func opensIn(_ days: Int) -> String { "Abre en \(plural(days, "día", "días"))" }
    var openFromToday: String { "Abierto desde hoy" }
    func openFor(_ days: Int) -> String { "Abierto desde hace \(plural(days, "día", "días"))" }
    var confirm: String { "¿Sigue siendo correcta esta fecha?" }
    func reminders(_ count: Int) -> String { plural(count, "recordatorio", "recordatorios") }
    func datesMoved(_ count: Int) -> String { plural(count, "fecha cambiada", "fechas cambiadas") }
    func datesPassed(_ count: Int) -> String { plural(count, "fecha vencida", "fechas vencidas") }
    func confirm(_ count: Int) -> String {
        count == 1 ? confirm : "¿Siguen siendo correctas estas \(count) fechas?"
    }
    var digest: String { "Plazos" }
    var due: String { "Vence" }
    var target: String { "Fecha objetivo" }
    var opens: String { "Abre" }
    var yourTime: String { "Su hora" }
    var deadline: String { "Fecha límite" }
    var before: String { "Antes" }
    var difference: String { "Desplazado" }
    var timeLeft: String { "Tiempo restante" }
    var journal: String { "Revista" }
    var publisher: String { "Editorial" }
    var guestEditor: String { "Edición invitada" }
    var guestEditors: String { "Edición invitada" }
    var contact: String { "Contacto" }
    var page: String { "Página" }
    func firmness(_ firmness: Milestone.Firmness) -> String {
        switch firmness {
        case .soft: "orientativa"
        case .firm: "definitiva"
        }
    }
    var deadlinePassedWhileDown: String {
        "El plazo venció mientras el servicio estaba parado y había recordatorios pendientes."
    }
    var targetPassedWhileDown: String {
        "La fecha objetivo pasó mientras el servicio estaba parado y había recordatorios pendientes."
    }
    var datesPassedWhileDown: String {
        "Vencieron mientras el servicio estaba parado y había recordatorios pendientes."
    }
    var channelWorks: String { "Este canal funciona. No vence nada." }
    func late(_ duration: String) -> String { "Este mensaje llega con \(duration) de retraso." }
    var templateEmpty: String { "El texto propio de este canal quedó vacío: este es el habitual." }
    var possibleRepeat: String { "Posible repetición: un intento anterior pudo haber llegado." }
    func confirmed(_ days: Int) -> String {
        "Nadie la ha confirmado desde hace \(plural(days, "día", "días"))."
    }
    func confirmedAgo(_ days: Int) -> String { "confirmada hace \(plural(days, "día", "días"))" }
    func disabled(_ channel: String, because reason: String) -> String {
        "Se desactivó '\(channel)': \(reason). Lo pendiente se conserva. Corrija la causa y luego 'deadlined resume \(channel)'."
    }
    func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String {
        let more = others > 0 ? " y \(others) más" : ""
        return "'\(channel)' no recibió \(delivery)\(more): \(reason)"
    }
    func readdressed(_ channel: String, to: String) -> String {
        "'\(channel)' está ahora en \(to): indíquelo en su configuración."
    }
    func journalLost(because reason: String, setAsideAs path: String) -> String {
        """
        El diario estaba dañado: \(reason). Se apartó como \(path) y empieza uno nuevo: lo que vencía antes y no había \
        llegado ya no se envía ('deadlined plan --from DATE --until DATE' lo enumera).
        """
    }
    func coming(_ count: Int, until date: String) -> String {
        "\(plural(count, "próximo", "próximos")) hasta el \(date)"
    }
    func moved(_ count: Int) -> String { plural(count, "cambiado", "cambiados") }
    func gone(_ count: Int) -> String { plural(count, "vencido", "vencidos") }
    func nothing(_ date: String) -> String { "Nada vence hasta el \(date)." }
    var other: String { "Otros" }
    func more(_ count: Int) -> String { "… y \(count) más" }
    func withoutLinks(_ count: Int) -> String {
        "… sin \(plural(count, "enlace", "enlaces")) para dejar de recordar"
    }
    func people(_ names: [String], more count: Int) -> String { listed(names, count, " y \(count) más") }
    var isItSubmitted: String { "¿Enviado?" }
    var afterSubmission: String {
        "Después ya no se recordará a nadie. Si el plazo cambia, los recordatorios empezarán de nuevo."
    }
    var markedAsDone: String { "Está marcado como hecho." }
    var afterMark: String { "Ya no se enviarán recordatorios. Quien cuida del servicio puede deshacerlo." }
    var nothingChanged: String { "No se ha cambiado nada" }
    func why(_ refusal: DoneRefusal) -> String {
        switch refusal {
        case .foreign: "Este enlace no es nuestro."
        case .expired: "Este enlace ha caducado: el plazo ha vencido."
        case .untracked: "Esta convocatoria ya no se sigue."
        case .moved: "El plazo ha cambiado desde entonces: el mensaje más reciente tiene un enlace nuevo."
        case .unwritten: "No se ha podido guardar. Inténtelo de nuevo más tarde."
        }
    }
    func untitled(_ id: String) -> String { "(sin título: \(id))" }
    var submission: String { "envío" }
    var openCall: String { "Abrir la convocatoria" }
    var markDone: String { "Enviado, no recordar más" }
    var endOfDay: String { "fin del día" }
    var anywhereOnEarth: String { "en cualquier lugar de la Tierra (AoE)" }
    var separator: String { ", " }
    var colon: String { ": " }
    func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        let weekday = named(
            date.weekday, "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
        let months = [
            "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
            "octubre", "noviembre", "diciembre",
        ]
        return "\(weekday) \(day) de \(months[month - 1]) de \(year)"
    }
    func units(_ unit: TimeUnit, _ number: Int) -> String {
        switch unit {
        case .day: plural(number, "día", "días")
        case .hour: plural(number, "hora", "horas")
        case .minute: plural(number, "minuto", "minutos")
        case .second: plural(number, "segundo", "segundos")
        }
    }
}

private func listed(_ names: [String], _ more: Int, _ ending: String) -> String {
    names.joined(separator: ", ") + (more > 0 ? ending : "")
}

private func jours(_ number: Int) -> String { plural(number, "jour", "jours", zeroIsOne: true) }

private func plural(_ number: Int, _ one: String, _ many: String, zeroIsOne: Bool = false) -> String {
    "\(number) \(number == 1 || zeroIsOne && number == 0 ? one : many)"
}
