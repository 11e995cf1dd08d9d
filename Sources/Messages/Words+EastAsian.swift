import Schedule

extension Words {
    package static let chinese = Words(
        test: "测试消息", alert: "服务警报", extended: "截止日期已延长", broughtForward: "截止日期已提前",
        targetMoved: "目标日期已变更", openingPostponed: "开放日期已推迟", openingBroughtForward: "开放日期已提前",
        today: "今天截止", daysLeft: { "还剩 \($0) 天" }, passedToday: "今天已截止", passed: { "已截止 \($0) 天" },
        targetToday: "目标：今天", daysLeftToTarget: { "距目标还剩 \($0) 天" }, targetPassedToday: "目标今天已过",
        targetPassed: { "目标已过 \($0) 天" }, opensToday: "今天开放", opensIn: { "\($0) 天后开放" },
        openFromToday: "今天起开放", openFor: { "已开放 \($0) 天" }, confirm: "这个日期仍然正确吗？",
        reminders: { "\($0) 条提醒" }, digest: "截止日期",
        due: "截止", target: "目标", opens: "开放", yourTime: "您的时间", deadline: "截止日期", before: "原日期",
        difference: "变动", timeLeft: "剩余时间", journal: "期刊", publisher: "出版社", guestEditor: "客座编辑",
        guestEditors: "客座编辑", contact: "联系方式", page: "网页",
        firmness: { firmness in
            switch firmness {
            case .soft: "可延期"
            case .firm: "不可延期"
            }
        },
        deadlinePassedWhileDown: "服务停止期间截止日期已过，尚有提醒未发送。",
        targetPassedWhileDown: "服务停止期间目标日期已过，尚有提醒未发送。",
        channelWorks: "此渠道工作正常，没有到期事项。", late: { "此消息迟到了 \($0)。" },
        possibleRepeat: "可能重复：先前的一次发送或已送达。", confirmed: { "已有 \($0) 天无人确认。" },
        coming: { "即将到期 \($0) 项" }, moved: { "已变更 \($0) 项" }, gone: { "已截止 \($0) 项" },
        nothing: { "\($0) 之前没有到期事项。" }, until: { "至 \($0)" }, other: "其他",
        more: { "……另有 \($0) 项" },
        untitled: { "（无标题：\($0)）" }, openCall: "打开征稿页面", endOfDay: "当天 24:00", anywhereOnEarth: "地球任意地点（AoE）",
        separator: "，",
        date: { date in
            let (year, month, day) = date.yearMonthDay
            return "\(year)年\(month)月\(day)日 星期\(named(date.weekday, "一", "二", "三", "四", "五", "六", "日"))"
        },
        units: { unit, number in "\(number) \(named(unit, "天", "小时", "分钟", "秒"))" })

    package static let japanese = Words(
        test: "テストメッセージ", alert: "サービスの警告", extended: "締め切りが延長されました",
        broughtForward: "締め切りが早まりました", targetMoved: "目標日が変わりました", openingPostponed: "受付開始が延期されました",
        openingBroughtForward: "受付開始が早まりました",
        today: "本日締め切り", daysLeft: { "あと\($0)日" }, passedToday: "本日締め切りました",
        passed: { "締め切りから\($0)日経過" }, targetToday: "目標：本日", daysLeftToTarget: { "目標まであと\($0)日" },
        targetPassedToday: "目標は本日過ぎました", targetPassed: { "目標から\($0)日経過" }, opensToday: "本日受付開始",
        opensIn: { "\($0)日後に受付開始" }, openFromToday: "本日から受付中", openFor: { "受付開始から\($0)日" },
        confirm: "この日付は今も正しいですか？", reminders: { "\($0)件のリマインダー" }, digest: "締め切り",
        due: "締め切り", target: "目標", opens: "受付開始", yourTime: "お手元の時刻", deadline: "締め切り", before: "変更前",
        difference: "変更幅", timeLeft: "残り", journal: "雑誌", publisher: "出版社", guestEditor: "ゲストエディター",
        guestEditors: "ゲストエディター", contact: "連絡先", page: "ページ",
        firmness: { firmness in
            switch firmness {
            case .soft: "延長の可能性あり"
            case .firm: "延長なし"
            }
        },
        deadlinePassedWhileDown: "サービスの停止中に締め切りが過ぎ、未送信のリマインダーがありました。",
        targetPassedWhileDown: "サービスの停止中に目標日が過ぎ、未送信のリマインダーがありました。",
        channelWorks: "このチャンネルは正常です。期限の件はありません。", late: { "このメッセージは\($0)遅れています。" },
        possibleRepeat: "重複の可能性：前回の送信が届いているかもしれません。", confirmed: { "\($0)日間、確認されていません。" },
        coming: { "今後 \($0)件" }, moved: { "変更 \($0)件" }, gone: { "締め切り済み \($0)件" },
        nothing: { "\($0) まで締め切りはありません。" }, until: { "\($0) まで" }, other: "その他", more: { "…ほか\($0)件" },
        untitled: { "（無題：\($0)）" }, openCall: "募集ページを開く", endOfDay: "当日 24:00",
        anywhereOnEarth: "地球上のどこか（AoE）",
        separator: "、",
        date: { date in
            let (year, month, day) = date.yearMonthDay
            return "\(year)年\(month)月\(day)日（\(named(date.weekday, "月", "火", "水", "木", "金", "土", "日"))）"
        },
        units: { unit, number in "\(number)\(named(unit, "日", "時間", "分", "秒"))" })

    package static let korean = Words(
        test: "테스트 메시지", alert: "서비스 경고", extended: "마감 연장", broughtForward: "마감 앞당겨짐",
        targetMoved: "목표일 변경", openingPostponed: "접수 시작 연기", openingBroughtForward: "접수 시작 앞당겨짐",
        today: "오늘 마감", daysLeft: { "\($0)일 남음" }, passedToday: "오늘 마감됨", passed: { "마감 후 \($0)일 지남" },
        targetToday: "목표: 오늘", daysLeftToTarget: { "목표까지 \($0)일 남음" }, targetPassedToday: "목표일이 오늘 지남",
        targetPassed: { "목표일이 \($0)일 지남" }, opensToday: "오늘 접수 시작", opensIn: { "\($0)일 후 접수 시작" },
        openFromToday: "오늘부터 접수 중", openFor: { "접수 시작 후 \($0)일" }, confirm: "이 날짜가 아직 맞습니까?",
        reminders: { "알림 \($0)건" }, digest: "마감 일정",
        due: "마감", target: "목표", opens: "접수 시작", yourTime: "현지 시각", deadline: "마감", before: "변경 전",
        difference: "변경 폭", timeLeft: "남은 시간", journal: "학술지", publisher: "출판사", guestEditor: "객원 편집자",
        guestEditors: "객원 편집자", contact: "연락처", page: "페이지",
        firmness: { firmness in
            switch firmness {
            case .soft: "연장 가능"
            case .firm: "연장 불가"
            }
        },
        deadlinePassedWhileDown: "서비스가 멈춘 동안 마감이 지났고, 보내지 못한 알림이 있었습니다.",
        targetPassedWhileDown: "서비스가 멈춘 동안 목표일이 지났고, 보내지 못한 알림이 있었습니다.",
        channelWorks: "이 채널은 정상입니다. 마감된 것이 없습니다.", late: { "이 메시지는 \($0) 늦었습니다." },
        possibleRepeat: "중복일 수 있음: 앞선 전송이 도착했을 수 있습니다.", confirmed: { "\($0)일 동안 확인되지 않았습니다." },
        coming: { "예정 \($0)건" }, moved: { "변경 \($0)건" }, gone: { "지난 마감 \($0)건" },
        nothing: { "\($0)까지 마감이 없습니다." }, until: { "\($0)까지" }, other: "기타", more: { "… 외 \($0)건" },
        untitled: { "(제목 없음: \($0))" }, openCall: "모집 페이지 열기", endOfDay: "당일 24:00",
        anywhereOnEarth: "지구상 어디서나(AoE)",
        separator: ", ",
        date: { date in
            let (year, month, day) = date.yearMonthDay
            return "\(year)년 \(month)월 \(day)일 \(named(date.weekday, "월", "화", "수", "목", "금", "토", "일"))요일"
        },
        units: { unit, number in "\(number)\(named(unit, "일", "시간", "분", "초"))" })

    private static func named(_ unit: Unit, _ names: String...) -> String {
        names[Unit.allCases.firstIndex(of: unit) ?? 0]
    }
}

extension Words {
    /// - Parameter names: from Monday to Sunday.
    static func named(_ weekday: Weekday, _ names: String...) -> String { names[weekday.index] }
}
