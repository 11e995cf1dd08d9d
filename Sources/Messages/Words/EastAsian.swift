import Schedule

struct Chinese: Words {
    var test: String { "测试消息" }
    var alert: String { "服务警报" }
    var extended: String { "截止日期已延长" }
    var broughtForward: String { "截止日期已提前" }
    var targetMoved: String { "目标日期已变更" }
    var openingPostponed: String { "开放日期已推迟" }
    var openingBroughtForward: String { "开放日期已提前" }
    var today: String { "今天截止" }
    func daysLeft(_ days: Int) -> String { "还剩 \(days) 天" }
    var passedToday: String { "今天已截止" }
    func passed(_ days: Int) -> String { "已截止 \(days) 天" }
    var targetToday: String { "目标日期：今天" }
    func daysLeftToTarget(_ days: Int) -> String { "距目标日期还剩 \(days) 天" }
    var targetPassedToday: String { "目标日期今天已过" }
    func targetPassed(_ days: Int) -> String { "目标日期已过 \(days) 天" }
    var opensToday: String { "今天开放" }
    func opensIn(_ days: Int) -> String { "\(days) 天后开放" }
    var openFromToday: String { "今天起开放" }
    func openFor(_ days: Int) -> String { "已开放 \(days) 天" }
    var confirm: String { "这个日期仍然正确吗？" }
    func reminders(_ count: Int) -> String { "\(count) 条提醒" }
    func datesMoved(_ count: Int) -> String { "\(count) 个日期已变更" }
    func datesPassed(_ count: Int) -> String { "\(count) 个日期已过" }
    func confirm(_ count: Int) -> String { count == 1 ? confirm : "这 \(count) 个日期仍然正确吗？" }
    var digest: String { "截止日期" }
    var due: String { "截止" }
    var target: String { "目标日期" }
    var opens: String { "开放" }
    var yourTime: String { "您的时间" }
    var deadline: String { "截止日期" }
    var before: String { "原日期" }
    var difference: String { "变动" }
    var timeLeft: String { "剩余时间" }
    var journal: String { "期刊" }
    var publisher: String { "出版社" }
    var guestEditor: String { "客座编辑" }
    var guestEditors: String { "客座编辑" }
    var contact: String { "联系方式" }
    var page: String { "网页" }
    func firmness(_ firmness: Milestone.Firmness) -> String {
        switch firmness {
        case .soft: "可延期"
        case .firm: "不可延期"
        }
    }
    var deadlinePassedWhileDown: String { "服务停止期间截止日期已过，尚有提醒未发送。" }
    var targetPassedWhileDown: String { "服务停止期间目标日期已过，尚有提醒未发送。" }
    var datesPassedWhileDown: String { "服务停止期间这些日期已过，尚有提醒未发送。" }
    var channelWorks: String { "此渠道工作正常，没有到期事项。" }
    func late(_ duration: String) -> String { "此消息迟到了 \(duration)。" }
    var templateEmpty: String { "此渠道的自定义文字为空，显示的是默认文字。" }
    var possibleRepeat: String { "可能重复：先前的一次发送或已送达。" }
    func confirmed(_ days: Int) -> String { "已有 \(days) 天无人确认。" }
    func confirmedAgo(_ days: Int) -> String { "\(days) 天前已确认" }
    func disabled(_ channel: String, because reason: String) -> String {
        "“\(channel)”已停用：\(reason)。待发送的内容会保留。请排除故障，然后运行 'deadlined resume \(channel)'。"
    }
    func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String {
        let more = others > 0 ? " 及另外 \(others) 条" : ""
        return "“\(channel)”未收到 \(delivery)\(more)：\(reason)"
    }
    func readdressed(_ channel: String, to: String) -> String {
        "“\(channel)”的地址已变为 \(to)，请更新其配置。"
    }
    func journalLost(because reason: String, setAsideAs path: String) -> String {
        """
        日志数据库已损坏：\(reason)。已将其移至 \(path)，并新建一个：此前到期而未送达的内容不再发送\
        （可用 'deadlined plan --from DATE --until DATE' 列出）。
        """
    }
    func coming(_ count: Int, until date: String) -> String { "截至 \(date)，即将到期 \(count) 项" }
    func moved(_ count: Int) -> String { "已变更 \(count) 项" }
    func gone(_ count: Int) -> String { "已截止 \(count) 项" }
    func nothing(_ date: String) -> String { "\(date) 之前没有到期事项。" }
    var other: String { "其他" }
    func more(_ count: Int) -> String { "……另有 \(count) 项" }
    func withoutLinks(_ count: Int) -> String { "……省略 \(count) 个停止提醒的链接" }
    func people(_ names: [String], more count: Int) -> String {
        names.joined(separator: "、") + (count > 0 ? "，另有 \(count) 位" : "")
    }
    var isItSubmitted: String { "已投稿？" }
    var afterSubmission: String { "之后不再提醒任何人。如果截止日期变更，提醒会重新开始。" }
    var markedAsDone: String { "已标记为完成。" }
    var afterMark: String { "不再发送相关提醒。服务的管理者可以撤销。" }
    var nothingChanged: String { "未作任何更改" }
    func why(_ refusal: DoneRefusal) -> String {
        switch refusal {
        case .foreign: "此链接不是由本服务发出的。"
        case .expired: "此链接已失效：截止日期已过。"
        case .untracked: "此征稿已不再跟踪。"
        case .moved: "截止日期此后已变更：最新的消息中有新的链接。"
        case .unwritten: "未能保存，请稍后再试。"
        }
    }
    func untitled(_ id: String) -> String { "（无标题：\(id)）" }
    var submission: String { "投稿" }
    var openCall: String { "打开征稿页面" }
    var markDone: String { "已投稿，停止提醒" }
    var endOfDay: String { "当天 24:00" }
    var anywhereOnEarth: String { "地球任意地点（AoE）" }
    var separator: String { "，" }
    var colon: String { "：" }
    func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(year)年\(month)月\(day)日 星期\(named(date.weekday, "一", "二", "三", "四", "五", "六", "日"))"
    }
    func units(_ unit: TimeUnit, _ number: Int) -> String { "\(number) \(named(unit, "天", "小时", "分钟", "秒"))" }
}

struct Japanese: Words {
    var test: String { "テストメッセージ" }
    var alert: String { "サービスの警告" }
    var extended: String { "締め切りが延長されました" }
    var broughtForward: String { "締め切りが早まりました" }
    var targetMoved: String { "目標日が変わりました" }
    var openingPostponed: String { "受付開始が延期されました" }
    var openingBroughtForward: String { "受付開始が早まりました" }
    var today: String { "本日締め切り" }
    func daysLeft(_ days: Int) -> String { "あと\(days)日" }
    var passedToday: String { "本日締め切りました" }
    func passed(_ days: Int) -> String { "締め切りから\(days)日経過" }
    var targetToday: String { "目標日：本日" }
    func daysLeftToTarget(_ days: Int) -> String { "目標日まであと\(days)日" }
    var targetPassedToday: String { "目標日は本日過ぎました" }
    func targetPassed(_ days: Int) -> String { "目標日から\(days)日経過" }
    var opensToday: String { "本日受付開始" }
    func opensIn(_ days: Int) -> String { "\(days)日後に受付開始" }
    var openFromToday: String { "本日から受付中" }
    func openFor(_ days: Int) -> String { "受付開始から\(days)日" }
    var confirm: String { "この日付は今も正しいですか？" }
    func reminders(_ count: Int) -> String { "\(count)件のリマインダー" }
    func datesMoved(_ count: Int) -> String { "\(count)件の日付が変わりました" }
    func datesPassed(_ count: Int) -> String { "\(count)件の日付が過ぎました" }
    func confirm(_ count: Int) -> String { count == 1 ? confirm : "これら\(count)件の日付は今も正しいですか？" }
    var digest: String { "締め切り" }
    var due: String { "締め切り" }
    var target: String { "目標日" }
    var opens: String { "受付開始" }
    var yourTime: String { "お手元の時刻" }
    var deadline: String { "締め切り" }
    var before: String { "変更前" }
    var difference: String { "変更幅" }
    var timeLeft: String { "残り" }
    var journal: String { "学術誌" }
    var publisher: String { "出版社" }
    var guestEditor: String { "ゲストエディター" }
    var guestEditors: String { "ゲストエディター" }
    var contact: String { "連絡先" }
    var page: String { "ページ" }
    func firmness(_ firmness: Milestone.Firmness) -> String {
        switch firmness {
        case .soft: "延長の可能性あり"
        case .firm: "延長なし"
        }
    }
    var deadlinePassedWhileDown: String { "サービスの停止中に締め切りが過ぎ、未送信のリマインダーがありました。" }
    var targetPassedWhileDown: String { "サービスの停止中に目標日が過ぎ、未送信のリマインダーがありました。" }
    var datesPassedWhileDown: String { "サービスの停止中にこれらの日付が過ぎ、未送信のリマインダーがありました。" }
    var channelWorks: String { "このチャンネルは正常です。締め切りの迫っているものはありません。" }
    func late(_ duration: String) -> String { "このメッセージは\(duration)遅れています。" }
    var templateEmpty: String { "このチャンネル独自の文面が空だったため、標準の文面です。" }
    var possibleRepeat: String { "重複の可能性：前回の送信が届いているかもしれません。" }
    func confirmed(_ days: Int) -> String { "\(days)日間、確認されていません。" }
    func confirmedAgo(_ days: Int) -> String { "\(days)日前に確認" }
    func disabled(_ channel: String, because reason: String) -> String {
        "「\(channel)」を停止しました：\(reason)。未送信の分は保持されます。原因を解消してから 'deadlined resume \(channel)' を実行してください。"
    }
    func gaveUp(_ channel: String, _ delivery: String, others: Int, because reason: String) -> String {
        let more = others > 0 ? " ほか\(others)件" : ""
        return "「\(channel)」に \(delivery)\(more)を届けられませんでした：\(reason)"
    }
    func readdressed(_ channel: String, to: String) -> String {
        "「\(channel)」の宛先は \(to) に変わりました。設定を書き換えてください。"
    }
    func journalLost(because reason: String, setAsideAs path: String) -> String {
        """
        ジャーナルが破損していました：\(reason)。\(path) に退避し、新しいジャーナルを開始しました。それ以前に期限が来て届いていない\
        ものは送信されません（'deadlined plan --from DATE --until DATE' で一覧できます）。
        """
    }
    func coming(_ count: Int, until date: String) -> String { "\(date)までの予定\(count)件" }
    func moved(_ count: Int) -> String { "変更\(count)件" }
    func gone(_ count: Int) -> String { "締め切り済み\(count)件" }
    func nothing(_ date: String) -> String { "\(date)まで締め切りはありません。" }
    var other: String { "その他" }
    func more(_ count: Int) -> String { "…ほか\(count)件" }
    func withoutLinks(_ count: Int) -> String { "…通知を止めるリンク\(count)件は省略" }
    func people(_ names: [String], more count: Int) -> String {
        names.joined(separator: "、") + (count > 0 ? "ほか\(count)名" : "")
    }
    var isItSubmitted: String { "投稿済みですか？" }
    var afterSubmission: String { "以後、誰にも通知されません。締め切りが変わった場合は、通知が再開されます。" }
    var markedAsDone: String { "完了として記録されています。" }
    var afterMark: String { "今後、通知は送られません。サービスの管理者が取り消すことができます。" }
    var nothingChanged: String { "何も変更されていません" }
    func why(_ refusal: DoneRefusal) -> String {
        switch refusal {
        case .foreign: "このリンクは当サービスのものではありません。"
        case .expired: "このリンクは期限切れです：締め切りを過ぎました。"
        case .untracked: "この募集はもう追跡されていません。"
        case .moved: "その後、締め切りが変更されました：最新のメッセージに新しいリンクがあります。"
        case .unwritten: "記録できませんでした。後でもう一度お試しください。"
        }
    }
    func untitled(_ id: String) -> String { "（無題：\(id)）" }
    var submission: String { "投稿" }
    var openCall: String { "募集ページを開く" }
    var markDone: String { "投稿済み、通知を止める" }
    var endOfDay: String { "当日 24:00" }
    var anywhereOnEarth: String { "地球上のどこか（AoE）" }
    var separator: String { "、" }
    var colon: String { "：" }
    func date(_ date: CivilDate) -> String {
        let (year, month, day) = date.yearMonthDay
        return "\(year)年\(month)月\(day)日（\(named(date.weekday, "月", "火", "水", "木", "金", "土", "日"))）"
    }
    func units(_ unit: TimeUnit, _ number: Int) -> String { "\(number)\(named(unit, "日", "時間", "分", "秒"))" }
}

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
    func journalLost(because reason: String, setAsideAs path: String) -> String {
        """
        저널이 손상되었습니다: \(reason). 보관 위치: \(path). 새 저널을 시작하며, 그 전에 기한이 되었으나 도착하지 않은 것은 더 이상 \
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

private func named(_ unit: TimeUnit, _ names: String...) -> String {
    names[TimeUnit.allCases.firstIndex(of: unit) ?? 0]
}

/// - Parameter names: from Monday to Sunday.
func named(_ weekday: Weekday, _ names: String...) -> String { names[weekday.index] }
