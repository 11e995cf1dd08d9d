import Schedule

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
    func journalLost(because reason: String, setAsideAs path: String?) -> String {
        """
        Le journal était endommagé\u{A0}: \(reason). \(path.map { "Il a été mis de côté sous \($0) et un" } ?? "Un") nouveau commence\u{A0}: ce qui \
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

private func jours(_ number: Int) -> String { plural(number, "jour", "jours", zeroIsOne: true) }
