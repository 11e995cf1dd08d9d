import Engine
import GRDB
import Messages
import Schedule

/// Looking into a journal.
extension Journal {
    /// How many deliveries there are in each state, and how far time is settled.
    package struct Tally: Sendable {
        package let settled: Instant?
        package let deliveries: [(state: String, count: Int)]
        /// What is remembered of channels, by their names.
        package let destinations: [(channel: String, record: DestinationRecord)]
    }

    package func tally() throws(JournalFault) -> Tally {
        do {
            return try database.read { db in
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT state, COUNT(*) AS count FROM delivery GROUP BY state ORDER BY 2 DESC, 1
                        """)
                let destinations = try Row.fetchAll(db, sql: "SELECT * FROM destination ORDER BY channel")
                return Tally(
                    settled: try Row.fetchOne(db, sql: "SELECT settled FROM clock")?.instant("settled"),
                    deliveries: try rows.map { (try $0.value("state"), try $0.value("count")) },
                    destinations: try destinations.map {
                        (try $0.value("channel"), try DestinationRecord($0))
                    })
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// A delivery as the journal has it.
    package struct Record: Sendable {
        /// What people call it by.
        package let number: Int64
        package let delivery: Delivery
        /// When its state last changed.
        package let updated: Instant
    }

    /// Which deliveries are asked for. What is nil does not matter.
    package struct Filter: Sendable {
        package var number: Int64?
        package var issue: String?
        package var channel: String?
        package var reminder: String?
        package var isOpen: Bool?
        /// Those that came later than the one of this number.
        package var after: Int64?
        /// No more than so many, the last ones.
        package var limit: Int?
        /// Of these no more than so many, the first ones.
        package var first: Int?

        package init(
            number: Int64? = nil, issue: String? = nil, channel: String? = nil, reminder: String? = nil,
            isOpen: Bool? = nil, after: Int64? = nil, limit: Int? = nil, first: Int? = nil
        ) {
            self.number = number
            self.issue = issue
            self.channel = channel
            self.reminder = reminder
            self.isOpen = isOpen
            self.after = after
            self.limit = limit
            self.first = first
        }
    }

    /// Deliveries with their attempts, in the order in which they came to be owed.
    package func history(_ filter: Filter, _ body: (Record, [Attempt]) -> Void) throws(JournalFault) {
        var conditions = ["1"]
        var arguments: StatementArguments = []
        if let number = filter.number {
            conditions.append("id = ?")
            arguments += [number]
        }
        if let issue = filter.issue {
            conditions.append("issue = ?")
            arguments += [issue]
        }
        if let channel = filter.channel {
            conditions.append("channel = ?")
            arguments += [channel]
        }
        if let reminder = filter.reminder {
            conditions.append("reminder = ?")
            arguments += [reminder]
        }
        if let isOpen = filter.isOpen {
            conditions.append(isOpen ? "open = 1" : "open IS NULL")
        }
        if let after = filter.after {
            conditions.append("id > ?")
            arguments += [after]
        }
        let wanted = conditions.joined(separator: " AND ")
        var start = ""
        if let limit = filter.limit {
            // Only numbers are sorted twice: a journal may be larger than memory.
            start =
                "AND id >= (SELECT MIN(id) FROM (SELECT id FROM delivery WHERE \(wanted) ORDER BY id DESC LIMIT ?))"
            arguments = arguments + arguments + [limit]
        }
        arguments += [filter.first ?? -1]
        do {
            try database.read { db in
                let rows = try Row.fetchCursor(
                    db,
                    sql: "SELECT * FROM delivery WHERE \(wanted) \(start) ORDER BY id LIMIT ?",
                    arguments: arguments)
                // Who only looks into a journal finds it as an earlier version left it.
                let source = try db.viewExists("tried") ? "tried" : "attempt"
                let attempts = try db.cachedStatement(
                    sql: "SELECT * FROM \(source) WHERE delivery = ? ORDER BY number, verdict = 'delivered'")
                while let row = try rows.next() {
                    let record = Record(
                        number: try row.value("id"), delivery: try Delivery(row),
                        updated: try row.instant("updated"))
                    var tried: [Attempt] = []
                    for row in try Row.fetchAll(attempts, arguments: [record.number]) {
                        let attempt = try Attempt(row, of: record.delivery.identity)
                        // What is owed anew after a wrong clock counts from 1 again, in the place of the attempts before.
                        if tried.last?.number == attempt.number { tried.removeLast() }
                        tried.append(attempt)
                    }
                    body(record, tried)
                }
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// Whether there is a delivery of that kind.
    package func holds(_ filter: Filter) throws(JournalFault) -> Bool {
        var filter = filter
        filter.limit = 1
        var isThere = false
        try history(filter) { _, _ in isThere = true }
        return isThere
    }

    /// What somebody has said about milestones.
    package func marks() throws(JournalFault) -> [MilestoneKey: Mark] {
        do {
            return try database.read(Journal.marks)
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    static func marks(_ db: Database) throws -> [MilestoneKey: Mark] {
        var marks: [MilestoneKey: Mark] = [:]
        // In the first versions nobody could say anything.
        guard try db.tableExists("mark") else { return marks }
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM mark")
        while let row = try rows.next() {
            marks[try MilestoneKey(row)] = try Mark(row)
        }
        return marks
    }

    /// Whether there is a delivery of that identity.
    package func knows(_ identity: DeliveryIdentity) throws(JournalFault) -> Bool {
        do {
            return try database.read { db in
                try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM delivery
                        WHERE issue = ? AND milestone = ? AND deadline = ? AND reminder = ? AND channel = ?)
                        """,
                    arguments: [
                        identity.issue, identity.milestone, identity.deadline.milliseconds, identity.reminder,
                        identity.channel,
                    ]) ?? false
            }
        } catch {
            throw JournalFault(error, "the journal cannot be read")
        }
    }

    /// One delivery; nil where there is none of that number.
    package func delivery(_ number: Int64) throws(JournalFault) -> Delivery? {
        var found: Delivery?
        try history(Filter(number: number)) { record, _ in found = record.delivery }
        return found
    }
}
