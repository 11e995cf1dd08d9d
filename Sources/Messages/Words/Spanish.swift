import Schedule

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
    func journalLost(because reason: String, setAsideAs path: String?) -> String {
        """
        El diario estaba dañado: \(reason). \(path.map { "Se apartó como \($0) y empieza" } ?? "Empieza") uno nuevo: lo que vencía antes y no había \
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
