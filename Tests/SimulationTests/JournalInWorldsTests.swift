import Configuration
import Engine
import Foundation
import Journal
import Messages
import Schedule
import Simulation
import Testing

/// The journal beside the simulation's disk, which is a dictionary, in the same worlds.
@Suite("In simulated worlds the journal")
struct JournalInWorldsTests {
    @Test("keeps every delivery as it stands, knows each again, and has every attempt")
    func worlds() async throws {
        var database = FileSystem.system.zones()
        let zones = try World.zoneNames.map { try database.zone($0) }
        let wanted = ProcessInfo.processInfo.environment["DEADLINED_SEED"].flatMap { UInt64($0) }
        let first = wanted ?? UInt64.random(in: 0..<1 << 62)
        let findings = await withCheckedContinuation { finished in
            // Waiting here would hold a thread that the other tests need.
            Thread.detachNewThread {
                let seeds = first..<first + (wanted == nil ? 60 : 1)
                let findings = seeds.lazy.map { seed in (seed, JournalInWorldsTests.findings(seed, zones)) }
                finished.resume(returning: findings.first { !$0.1.isEmpty })
            }
        }
        #expect(findings?.1.prefix(3) ?? [] == [], "DEADLINED_SEED=\(findings?.0 ?? 0)")
    }

    /// Where the two differ.
    private static func findings(_ seed: UInt64, _ zones: [Zone]) -> [String] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "journal-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let path = directory.appendingPathComponent(Journal.fileName).path
            return try findings(seed, zones, path)
        } catch {
            return ["\(error)"]
        }
    }

    private static func findings(_ seed: UInt64, _ zones: [Zone], _ path: String) throws -> [String] {
        var findings: [String] = []
        var journal = try Journal(path: path)
        var attempts: [DeliveryIdentity: [Int: Attempt]] = [:]
        var world = World(seed: seed, zones: zones, days: 30)
        world.written = { changes, now, known in
            for change in changes {
                switch change {
                case .attempted(let attempt) where !known.contains(attempt.identity),
                    .delivered(_, let attempt) where !known.contains(attempt.identity):
                    attempts[attempt.identity, default: [:]][attempt.number] = attempt
                default: break
                }
            }
            do {
                let other = try journal.commit(changes, at: now)
                if other != known { findings.append("it knew \(other) instead of \(known)") }
            } catch {
                findings.append("\(error)")
            }
        }
        world.found = { disk in
            do {
                journal = try Journal(path: path)
                let (memory, other) = (try journal.remember(), disk.remembered(zones: []))
                let difference = Set(memory.open).symmetricDifference(other.open)
                if !difference.isEmpty { findings.append("at a start \(difference)") }
                if memory.digests != other.digests {
                    findings.append("at a start \(memory.digests) is told, not \(other.digests)")
                }
            } catch {
                findings.append("\(error)")
            }
        }
        world.run()
        findings += world.violations
        var rows: [DeliveryIdentity: Delivery] = [:]
        try journal.history(Journal.Filter()) { record, tried in
            let identity = record.delivery.identity
            rows[identity] = record.delivery
            let wanted = (attempts.removeValue(forKey: identity) ?? [:]).values.sorted {
                $0.number < $1.number
            }
            if tried != wanted { findings.append("\(identity) was tried \(tried) instead of \(wanted)") }
        }
        for (identity, delivery) in world.disk.deliveries where rows[identity] != delivery {
            findings.append("\(rows[identity].map { "\($0)" } ?? "nothing") instead of \(delivery)")
        }
        if rows.count > world.disk.deliveries.count { findings.append("it has more deliveries") }
        if !attempts.isEmpty { findings.append("it lost \(attempts)") }
        return findings
    }
}
