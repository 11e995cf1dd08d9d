import Schedule

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
    func journalLost(because reason: String, setAsideAs path: String?) -> String {
        """
        ジャーナルが破損していました：\(reason)。\(path.map { "\($0) に退避し、" } ?? "")新しいジャーナルを開始しました。それ以前に期限が来て届いていない\
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
