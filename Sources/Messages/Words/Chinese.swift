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
    func journalLost(because reason: String, setAsideAs path: String?) -> String {
        """
        日志数据库已损坏：\(reason)。\(path.map { "已将其移至 \($0)，并" } ?? "已")新建一个：此前到期而未送达的内容不再发送\
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
