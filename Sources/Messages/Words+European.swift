import Schedule

extension Words {
    package static let english = Words(
        test: "Test message", alert: "Service alert", extended: "Deadline extended",
        broughtForward: "Deadline brought forward", targetMoved: "Target moved",
        openingPostponed: "Opening postponed", openingBroughtForward: "Opening brought forward",
        today: "Today", daysLeft: { "\(count($0, "day")) left" },
        passedToday: "Passed today", passed: { "Passed \(count($0, "day")) ago" },
        targetToday: "Target: today", daysLeftToTarget: { "\(count($0, "day")) left to the target" },
        targetPassedToday: "Target passed today", targetPassed: { "Target passed \(count($0, "day")) ago" },
        opensToday: "Opens today", opensIn: { "Opens in \(count($0, "day"))" },
        openFromToday: "Open from today", openFor: { "Open for \(count($0, "day"))" },
        confirm: "Is this date still right?", reminders: { count($0, "reminder") }, digest: "Deadlines",
        due: "Due", target: "Target", opens: "Opens", yourTime: "Your time", deadline: "Deadline",
        before: "Before", difference: "Moved by", timeLeft: "Time left", journal: "Journal",
        publisher: "Publisher", guestEditor: "Guest editor", guestEditors: "Guest editors",
        contact: "Contact", page: "Page", firmness: { $0.rawValue },
        deadlinePassedWhileDown: "The deadline passed while the service was down and reminders were owed.",
        targetPassedWhileDown: "The target passed while the service was down and reminders were owed.",
        channelWorks: "This channel works. Nothing is due.", late: { "This message is \($0) late." },
        possibleRepeat: "Possible repeat: an earlier attempt may have arrived.",
        confirmed: { "Nobody has confirmed it for \(count($0, "day"))." },
        coming: { "\($0) to come" }, moved: { "\($0) moved" }, gone: { "\($0) passed" },
        nothing: { "Nothing is due until \($0)." }, until: { "until \($0)" }, other: "Others",
        more: { "… and \($0) more" },
        untitled: { "(untitled: \($0))" }, openCall: "Open the call", endOfDay: "end of day",
        anywhereOnEarth: "Anywhere on Earth", separator: ", ",
        date: { date in
            let (year, month, day) = date.yearMonthDay
            return "\(date.weekday.name) \(day) \(Month.names[month - 1]) \(year)"
        },
        units: { unit, number in count(number, "\(unit)") })

    package static let german = Words(
        test: "Testnachricht", alert: "Störung des Dienstes", extended: "Frist verlängert",
        broughtForward: "Frist vorverlegt", targetMoved: "Ziel verschoben",
        openingPostponed: "Öffnung verschoben", openingBroughtForward: "Öffnung vorverlegt",
        today: "Heute", daysLeft: { "Noch \(plural($0, "Tag", "Tage"))" },
        passedToday: "Heute abgelaufen", passed: { "Vor \(plural($0, "Tag", "Tagen")) abgelaufen" },
        targetToday: "Ziel: heute", daysLeftToTarget: { "Noch \(plural($0, "Tag", "Tage")) bis zum Ziel" },
        targetPassedToday: "Ziel heute verstrichen",
        targetPassed: { "Ziel vor \(plural($0, "Tag", "Tagen")) verstrichen" },
        opensToday: "Öffnet heute", opensIn: { "Öffnet in \(plural($0, "Tag", "Tagen"))" },
        openFromToday: "Seit heute offen", openFor: { "Seit \(plural($0, "Tag", "Tagen")) offen" },
        confirm: "Stimmt dieses Datum noch?", reminders: { plural($0, "Erinnerung", "Erinnerungen") },
        digest: "Fristen",
        due: "Fällig", target: "Ziel", opens: "Öffnet", yourTime: "Ihre Zeit", deadline: "Frist",
        before: "Vorher", difference: "Verschoben um", timeLeft: "Verbleibend", journal: "Zeitschrift",
        publisher: "Verlag", guestEditor: "Gastherausgeber/in", guestEditors: "Gastherausgebende",
        contact: "Kontakt", page: "Seite",
        firmness: { firmness in
            switch firmness {
            case .soft: "verlängerbar"
            case .firm: "endgültig"
            }
        },
        deadlinePassedWhileDown:
            "Die Frist lief ab, während der Dienst stillstand und Erinnerungen ausstanden.",
        targetPassedWhileDown:
            "Das Ziel verstrich, während der Dienst stillstand und Erinnerungen ausstanden.",
        channelWorks: "Dieser Kanal funktioniert. Nichts ist fällig.",
        late: { "Diese Nachricht kommt \($0) zu spät." },
        possibleRepeat: "Vielleicht eine Wiederholung: Ein früherer Versuch kann angekommen sein.",
        confirmed: { "Seit \(plural($0, "Tag", "Tagen")) hat das niemand bestätigt." },
        coming: { "\($0) stehen bevor" }, moved: { "\($0) verschoben" }, gone: { "\($0) abgelaufen" },
        nothing: { "Bis \($0) ist nichts fällig." }, until: { "bis \($0)" }, other: "Weitere",
        more: { "… und \($0) weitere" },
        untitled: { "(ohne Titel: \($0))" }, openCall: "Ausschreibung öffnen", endOfDay: "Tagesende",
        anywhereOnEarth: "irgendwo auf der Erde (AoE)", separator: ", ",
        date: { date in
            let (year, month, day) = date.yearMonthDay
            let weekday = named(
                date.weekday, "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
            let months = [
                "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
                "November", "Dezember",
            ]
            return "\(weekday), \(day). \(months[month - 1]) \(year)"
        },
        // `3 Tage 4 Stunden zu spät`.
        units: { unit, number in
            switch unit {
            case .day: plural(number, "Tag", "Tage")
            case .hour: plural(number, "Stunde", "Stunden")
            case .minute: plural(number, "Minute", "Minuten")
            case .second: plural(number, "Sekunde", "Sekunden")
            }
        })

    package static let french = Words(
        test: "Message d'essai", alert: "Alerte du service", extended: "Délai prolongé",
        broughtForward: "Délai avancé", targetMoved: "Objectif déplacé",
        openingPostponed: "Ouverture reportée", openingBroughtForward: "Ouverture avancée",
        today: "Aujourd'hui", daysLeft: { "Encore \(jours($0))" },
        passedToday: "Échu aujourd'hui", passed: { "Échu depuis \(jours($0))" },
        targetToday: "Objectif : aujourd'hui", daysLeftToTarget: { "Encore \(jours($0)) jusqu'à l'objectif" },
        targetPassedToday: "Objectif dépassé aujourd'hui",
        targetPassed: { "Objectif dépassé depuis \(jours($0))" },
        opensToday: "Ouvre aujourd'hui", opensIn: { "Ouvre dans \(jours($0))" },
        openFromToday: "Ouvert dès aujourd'hui", openFor: { "Ouvert depuis \(jours($0))" },
        confirm: "Cette date est-elle toujours exacte ?",
        reminders: { plural($0, "rappel", "rappels", zeroIsOne: true) }, digest: "Échéances",
        due: "Échéance", target: "Objectif", opens: "Ouverture", yourTime: "Votre heure", deadline: "Délai",
        before: "Avant", difference: "Décalage", timeLeft: "Temps restant", journal: "Revue",
        publisher: "Éditeur", guestEditor: "Rédaction invitée", guestEditors: "Rédaction invitée",
        contact: "Contact", page: "Page",
        firmness: { firmness in
            switch firmness {
            case .soft: "indicatif"
            case .firm: "ferme"
            }
        },
        deadlinePassedWhileDown:
            "Le délai a expiré pendant que le service était arrêté et que des rappels étaient dus.",
        targetPassedWhileDown:
            "L'objectif a été dépassé pendant que le service était arrêté et que des rappels étaient dus.",
        channelWorks: "Ce canal fonctionne. Rien n'est dû.",
        late: { "Ce message a \($0) de retard." },
        possibleRepeat: "Répétition possible : un envoi précédent est peut-être arrivé.",
        confirmed: { "Personne ne l'a confirmée depuis \(jours($0))." },
        coming: { "\($0) à venir" }, moved: { plural($0, "déplacée", "déplacées", zeroIsOne: true) },
        gone: { plural($0, "passée", "passées", zeroIsOne: true) },
        nothing: { "Aucune échéance jusqu'au \($0)." }, until: { "jusqu'au \($0)" }, other: "Autres",
        more: { "… et \($0) de plus" },
        untitled: { "(sans titre : \($0))" }, openCall: "Ouvrir l'appel", endOfDay: "fin de journée",
        anywhereOnEarth: "partout sur Terre (AoE)", separator: ", ",
        date: { date in
            let (year, month, day) = date.yearMonthDay
            let weekday = named(
                date.weekday, "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
            let months = [
                "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
                "octobre", "novembre", "décembre",
            ]
            return "\(weekday) \(day == 1 ? "1er" : "\(day)") \(months[month - 1]) \(year)"
        },
        units: { unit, number in
            switch unit {
            case .day: jours(number)
            case .hour: plural(number, "heure", "heures", zeroIsOne: true)
            case .minute: plural(number, "minute", "minutes", zeroIsOne: true)
            case .second: plural(number, "seconde", "secondes", zeroIsOne: true)
            }
        })

    package static let spanish = Words(
        test: "Mensaje de prueba", alert: "Aviso del servicio", extended: "Plazo ampliado",
        broughtForward: "Plazo adelantado", targetMoved: "Objetivo cambiado",
        openingPostponed: "Apertura aplazada", openingBroughtForward: "Apertura adelantada",
        today: "Hoy", daysLeft: { $0 == 1 ? "Queda 1 día" : "Quedan \($0) días" },
        passedToday: "Venció hoy", passed: { "Venció hace \(plural($0, "día", "días"))" },
        targetToday: "Objetivo: hoy",
        daysLeftToTarget: { $0 == 1 ? "Queda 1 día para el objetivo" : "Quedan \($0) días para el objetivo" },
        targetPassedToday: "El objetivo pasó hoy",
        targetPassed: { "El objetivo pasó hace \(plural($0, "día", "días"))" },
        opensToday: "Abre hoy", opensIn: { "Abre en \(plural($0, "día", "días"))" },
        openFromToday: "Abierto desde hoy", openFor: { "Abierto desde hace \(plural($0, "día", "días"))" },
        confirm: "¿Sigue siendo correcta esta fecha?",
        reminders: { plural($0, "recordatorio", "recordatorios") }, digest: "Plazos",
        due: "Vence", target: "Objetivo", opens: "Abre", yourTime: "Su hora", deadline: "Plazo",
        before: "Antes", difference: "Desplazado", timeLeft: "Tiempo restante", journal: "Revista",
        publisher: "Editorial", guestEditor: "Edición invitada", guestEditors: "Edición invitada",
        contact: "Contacto", page: "Página",
        firmness: { firmness in
            switch firmness {
            case .soft: "orientativo"
            case .firm: "definitivo"
            }
        },
        deadlinePassedWhileDown:
            "El plazo venció mientras el servicio estaba parado y había recordatorios pendientes.",
        targetPassedWhileDown:
            "El objetivo pasó mientras el servicio estaba parado y había recordatorios pendientes.",
        channelWorks: "Este canal funciona. No vence nada.",
        late: { "Este mensaje llega con \($0) de retraso." },
        possibleRepeat: "Posible repetición: un intento anterior pudo haber llegado.",
        confirmed: { "Nadie la ha confirmado desde hace \(plural($0, "día", "días"))." },
        coming: { plural($0, "próximo", "próximos") }, moved: { plural($0, "cambiado", "cambiados") },
        gone: { plural($0, "vencido", "vencidos") },
        nothing: { "Nada vence hasta el \($0)." }, until: { "hasta el \($0)" }, other: "Otros",
        more: { "… y \($0) más" },
        untitled: { "(sin título: \($0))" }, openCall: "Abrir la convocatoria", endOfDay: "fin del día",
        anywhereOnEarth: "en cualquier lugar de la Tierra (AoE)", separator: ", ",
        date: { date in
            let (year, month, day) = date.yearMonthDay
            let weekday = named(
                date.weekday, "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
            let months = [
                "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
                "octubre", "noviembre", "diciembre",
            ]
            return "\(weekday) \(day) de \(months[month - 1]) de \(year)"
        },
        units: { unit, number in
            switch unit {
            case .day: plural(number, "día", "días")
            case .hour: plural(number, "hora", "horas")
            case .minute: plural(number, "minuto", "minutos")
            case .second: plural(number, "segundo", "segundos")
            }
        })

    private static func jours(_ number: Int) -> String { plural(number, "jour", "jours", zeroIsOne: true) }

    private static func plural(_ number: Int, _ one: String, _ many: String, zeroIsOne: Bool = false)
        -> String
    {
        "\(number) \(number == 1 || zeroIsOne && number == 0 ? one : many)"
    }
}
