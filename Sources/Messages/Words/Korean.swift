import Schedule

struct Korean: Words {
    var test: String { "테스트 메시지" }
    var alert: String { "서비스 경고" }
    var extended: String { "마감 연장" }
    var broughtForward: String { "마감 앞당겨짐" }
    var targetMoved: String { "목표일 변경" }
    var openingPostponed: String { "접수 시작 연기" }
    var openingBroughtForward: String { "접수 시작 앞당겨짐" }
    var today: String { "오늘 마감" }
    func daysLeft(_ days: Int) -> String { "\(days)일 남음" }
    var passedToday: String { "오늘 마감됨" }
    func passed(_ days: Int) -> String { "마감 후 \(days)일 지남" }
    var targetToday: String { "목표일: 오늘" }
    func daysLeftToTarget(_ days: Int) -> String { "목표일까지 \(days)일 남음" }
    var targetPassedToday: String { "목표일이 오늘 지남" }
    func targetPassed(_ days: Int) -> String { "목표일이 \(days)일 지남" }
    var opensToday: String { "오늘 접수 시작" }
    func opensIn(_ days: Int) -> String { "\(days)일 후 접수 시작" }
    var openFromToday: String { "오늘부터 접수 중" }
    func openFor(_ days: Int) -> String { "접수 시작 후 \(days)일" }
    var confirm: String { "이 날짜가 아직 맞습니까?" }
    func reminders(_ count: Int) -> String { "알림 \(count)건" }
    func datesMoved(_ count: Int) -> String { "날짜 \(count)건 변경" }
    func datesPassed(_ count: Int) -> String { "날짜 \(count)건 지남" }
    func confirm(_ count: Int) -> String { count == 1 ? confirm : "이 날짜 \(count)건이 아직 맞습니까?" }
    var digest: String { "마감 일정" }
    var due: String { "마감" }
    var target: String { "목표일" }
    var opens: String { "접수 시작" }
    var yourTime: String { "현지 시각" }
    var deadline: String { "마감" }
    var before: String { "변경 전" }
    var difference: String { "변경 폭" }
    var timeLeft: String { "남은 시간" }
    var journal: String { "학술지" }
    var publisher: String { "출판사" }
    var guestEditor: String { "객원 편집자" }
    var guestEditors: String { "객원 편집자" }
    var contact: String { "연락처" }
    var page: String { "페이지" }
    func firmness(_ firmness: Milestone.Firmness) -> String {
        switch firmness {
        case .soft: "연장 가능"
        case .firm: "연장 불가"
        }
    }
    var deadlinePassedWhileDown: String { "서비스가 멈춘 동안 마감이 지났고, 보내지 못한 알림이 있었습니다." }
    var targetPassedWhileDown: String { "서비스가 멈춘 동안 목표일이 지났고, 보내지 못한 알림이 있었습니다." }
    var datesPassedWhileDown: String { "서비스가 멈춘 동안 이 날짜들이 지났고, 보내지 못한 알림이 있었습니다." }
    var channelWorks: String { "이 채널은 정상입니다. 마감 예정인 항목이 없습니다." }
    func late(_ duration: String) -> String { "이 메시지는 \(duration) 늦었습니다." }
    var templateEmpty: String { "이 채널의 자체 문구가 비어 있어 기본 문구를 사용했습니다." }
    var possibleRepeat: String { "중복일 수 있음: 앞선 전송이 도착했을 수 있습니다." }
    func confirmed(_ days: Int) -> String { "\(days)일 동안 확인되지 않았습니다." }
    func confirmedAgo(_ days: Int) -> String { "\(days)일 전 확인" }
    func disabled(_ channel: String, because reason: String) -> String {
        "'\(channel)' 채널이 중지되었습니다: \(reason). 보낼 내용은 보관됩니다. 원인을 해결한 뒤 'deadlined resume \(channel)'을 실행하세요."
    }
    func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String {
        let more = others > 0 ? " 외 \(others)건" : ""
        return "'\(channel)' 채널에 전달하지 못함(\(delivery)\(more)): \(reason)"
    }
    func readdressed(_ channel: String, to: String) -> String {
        "'\(channel)' 채널의 주소가 바뀌었습니다: \(to). 설정에 반영하세요."
    }
    func journalLost(because reason: String, setAsideAs path: String?) -> String {
        """
        저널이 손상되었습니다: \(reason). \(path.map { "보관 위치: \($0). " } ?? "")새 저널을 시작하며, 그 전에 기한이 되었으나 도착하지 않은 것은 더 이상 \
        보내지 않습니다('deadlined plan --from DATE --until DATE'로 볼 수 있습니다).
        """
    }
    func coming(_ count: Int, until date: String) -> String { "\(date)까지 예정 \(count)건" }
    func moved(_ count: Int) -> String { "변경 \(count)건" }
    func gone(_ count: Int) -> String { "지난 마감 \(count)건" }
    func nothing(_ date: String) -> String { "\(date)까지 마감이 없습니다." }
    var other: String { "기타" }
    func more(_ count: Int) -> String { "… 외 \(count)건" }
    func withoutLinks(_ count: Int) -> String { "… 알림 중지 링크 \(count)개 생략" }
    func people(_ names: [String], more count: Int) -> String {
        names.joined(separator: ", ") + (count > 0 ? " 외 \(count)명" : "")
    }
    var isItSubmitted: String { "제출하셨습니까?" }
    var afterSubmission: String { "그러면 더 이상 아무에게도 알리지 않습니다. 마감이 바뀌면 알림이 다시 시작됩니다." }
    var markedAsDone: String { "완료로 표시되었습니다." }
    var afterMark: String { "더 이상 알림을 보내지 않습니다. 서비스 관리자가 되돌릴 수 있습니다." }
    var nothingChanged: String { "변경된 것이 없습니다" }
    func why(_ refusal: DoneRefusal) -> String {
        switch refusal {
        case .foreign: "이 링크는 저희 것이 아닙니다."
        case .expired: "이 링크는 만료되었습니다: 마감이 지났습니다."
        case .untracked: "이 공모는 더 이상 추적되지 않습니다."
        case .moved: "그 후 마감이 변경되었습니다: 가장 최근 메시지에 새 링크가 있습니다."
        case .unwritten: "저장하지 못했습니다. 나중에 다시 시도해 주십시오."
        }
    }
    func untitled(_ id: String) -> String { "(제목 없음: \(id))" }
    var submission: String { "제출" }
    var openCall: String { "모집 페이지 열기" }
    var markDone: String { "제출 완료, 알림 중지" }
    var endOfDay: String { "당일 24:00" }
    var anywhereOnEarth: String { "지구상 어디서나(AoE)" }
    var separator: String { ", " }
    var colon: String { ": " }
    func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(year)년 \(month)월 \(day)일 \(named(date.weekday, "월", "화", "수", "목", "금", "토", "일"))요일"
    }
    func units(_ unit: TimeUnit, _ number: Int) -> String { "\(number)\(named(unit, "일", "시간", "분", "초"))" }
}
