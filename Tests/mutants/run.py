#!/usr/bin/env python3
"""Breaks the engine in some forty ways, one at a time and in a copy, and shows that the simulation finds each.

    Tests/mutants/run.py [WORLDS]

It builds the copy once for each, which takes a minute or so; a mutant that no world of so many finds is named, and the
exit code is 1.
"""
import os
import shutil
import subprocess
import sys
import tempfile

MUTANTS = [
    ("sends before its commit is on disk", "Engine+Attempts.swift",
     "            batch.sends.append(flight.map(\\.identity))\n", "            effects.append(.send(flight))\n"),
    ("forgets that an attempt may have arrived", "Engine+Attempts.swift",
     "                flight[place].isPossibleRepeat = true\n", ""),
    ("takes a gateway's failure for the service's own", "Engine+Attempts.swift",
     "            if mayHaveArrived { for place in flight.indices { flight[place].isPossibleRepeat = true } }\n", ""),
    ("does not look again whether a deadline moved while its commit was written", "Engine+Commits.swift",
     "if delivery.kind != .test, let reason = orphaned(delivery)", "if delivery.kind == .passed, let reason = orphaned(delivery)"),
    ("lets an old deadline's messages go out", "Engine+Agendas.swift",
     'instant == delivery.identity.deadline ? nil : "its deadline moved"', 'instant == delivery.identity.deadline ? nil : nil'),
    ("tells a move again as if nobody could know of it", "Engine+Agendas.swift",
     "let isPossibleRepeat = underWay == nil && untold?.perhaps == deadline", "let isPossibleRepeat = false"),
    ("forgets a pause over a restart", "Engine+Agendas.swift",
     "                destinations[index].record = record\n            } else {",
     "                destinations[index].record.failures = record.failures\n            } else {"),
    ("forgets a mute of a channel that was away", "Engine+Agendas.swift",
     "away[name] = (before.destinations[index].record, ", "_ = (before.destinations[index].record, "),
    ("forgets a vendor's pause while a commit is written", "Engine+Commits.swift",
     "|| pauseEnd(identity.channel, now) != nil\n", "\n"),
    ("begins what a clock that was ahead found due", "Delivery.swift",
     "case .reminder, .passed, .confirm, .digest: true", "case .reminder, .passed, .confirm, .digest: false"),
    ("believes a clock after a restart that jumped before", "Engine.swift",
     "                clock.remember(jumped, wall: now, uptime: uptime)\n", "                _ = jumped\n"),
    ("sends two requests to one destination", "Destination.swift",
     "var isFree: Bool { !isBusy && ", "var isFree: Bool { "),
    ("sends to a destination that is gone", "Engine+Destinations.swift",
     "        destinations[index].record.disabled = DestinationRecord.Disabled(reason: reason, since: now)\n", ""),
    ("sends what is muted", "Engine+Marks.swift", "if let until = record?.mutedUntil, until > now {",
     "if let until = record?.mutedUntil, until < now {"),
    ("does not arm the next reminder", "Engine+Due.swift",
     "tracks.insert(track.moved(to: next.due))", "_ = track.moved(to: next.due)"),
    ("starts from now, not from what was settled", "Engine+Agendas.swift",
     "arm(after: min(memory.settled ?? now, now))", "arm(after: now)"),
    ("supersedes a message by itself", "Engine+Due.swift",
     "where old.due < freshest && !rules.contains(old.identity.reminder) && !old.isEarly", "where !old.isEarly"),
    ("supersedes by what the journal knew", "Engine+Due.swift", "            if known.contains(successor) {\n", "            if known.contains(identity) {\n"),
    ("sends stale reminders after a fresher one", "Engine+Due.swift",
     "case .waiting, .unknown, .held: return true", "case .waiting, .unknown, .held: return false"),
    ("drops a commit that failed", "Engine+Commits.swift",
     "batch.retry(failed)", "_ = failed"),
    ("takes a moved hour for a new rule at a start", "Engine+Agendas.swift",
     "oweMovedIntoThePast(before, issueIndices, settled, now)", "_ = before"),
    ("keeps waits that a wrong clock made", "Engine+Clock.swift", "        shortenWaits(now, from: before)\n", ""),
    ("believes a clock that jumps ahead", "ClockWatch.swift", "guard span > Limits.clockJump.milliseconds else {", "guard span > .max - 1 else {"),
    ("believes any clock that jumps ahead after it went back", "ClockWatch.swift",
     "if let left, base - left.base <= Limits.clockJump.milliseconds {", "if left != nil {"),
    ("owes nothing anew when a clock goes back", "Engine+Clock.swift",
     "        limitPatience(now)\n        if !isStopping { arm(after: settled) }", "        limitPatience(now)"),
    ("goes by a clock that is doubted", "ClockWatch.swift", "        return wall - jump.span\n", "        return wall\n"),
    ("sends what was being written when a clock jumped", "Engine+Commits.swift", "isStopping || clock.jump != nil ||", "isStopping ||"),
    ("ends all waits when a clock that jumped proves right", "Engine+Clock.swift", "until <= before ? until : until + jump.span", "until"),
    ("repeats what its channel wants held", "Engine+Attempts.swift",
     "onUnknown(delivery) == .hold", "onUnknown(delivery) == .hold && delivery.attempts > 1"),
    ("gives up after the first failure", "Engine+Attempts.swift", "until - delivery.added > Limits.patience,", "delivery.attempts > 0,"),
    ("gives up in an hour what waits for a destination that fails", "Engine+Attempts.swift",
     "delivery.attempts > 0 && now - delivery.added > Limits.patience", "delivery.attempts > 0"),
    ("cancels what still stands", "Engine+Attempts.swift",
     "        } else if let reason = orphaned(delivery) {\n", "        } else if delivery.attempts > 2 {\n"),
    ("wakes two minutes late", "Engine+Commits.swift", "            effects.append(.wake(next))\n", "            effects.append(.wake(next.map { $0 + .minutes(2) }))\n"),
    ("tells nobody that a deadline moved", "Engine+Agendas.swift",
     "?? untold?.before(deadline) ?? previous,\n", "?? untold?.before(deadline),\n"),
    ("tells no channel of the last days that a deadline moved away", "Engine+Agendas.swift",
     "hears(nil, now) || hears(previous, now)", "hears(nil, now)"),
    ("writes a new delivery's first state and forgets its last", "Batch.swift",
     "return written[place] = written[place].adding(delivery)", "return written[place] = written[place]"),
    ("settles what is still to be recorded", "Engine+Due.swift",
     "guard batch.added < limit(now - track.due) else { return }", "guard batch.added < limit(now - track.due) else { return settle(now) }"),
    ("leaves to a destination what it cannot take", "Engine+Due.swift",
     "wait >= Limits.owingPatience ? .max : isIdle ? Limits.owedPerCommit : 0",
     "isIdle ? Limits.owedPerCommit : 0"),
    ("tells a channel of itself", "Engine+Destinations.swift",
     "addAlert(alert, reminder: reminder, to: fallback, now)", "addAlert(alert, reminder: reminder, to: name, now)"),
    ("drops at a start what a dead destination held", "Engine+Agendas.swift",
     "guard case .sending = delivery.state, let left", "guard let left"),
    ("lets one host that hangs have every place", "Engine.swift",
     "busy.isEmpty || busy[hosts[index]] < Limits.inFlightPerHost", "busy.isEmpty || busy[hosts[index]] < Limits.inFlight"),
    ("tells that a deadline moved from one of which nobody heard", "Engine+Agendas.swift",
     "        later.kind = .moved(from: believed)\n", ""),
]


def main():
    worlds = sys.argv[1] if len(sys.argv) > 1 else "30000"
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    survivors = []
    engine = f"{root}/Sources/Engine"
    for what, name, right, _ in MUTANTS:
        if open(f"{engine}/{name}").read().count(right) != 1:
            sys.exit(f"'{what}': {name} no longer has this once:\n{right}")
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(root, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git", ".build*"), symlinks=True)
        for what, name, right, wrong in MUTANTS:
            path = f"{copy}/Sources/Engine/{name}"
            source = open(path).read()
            open(path, "w").write(source.replace(right, wrong))
            # Dependents are not always built again where only a type's layout changed.
            for folder in ("Tests/Simulation", "Tests/simulate"):
                for file in os.listdir(f"{copy}/{folder}"):
                    os.utime(f"{copy}/{folder}/{file}")
            build = subprocess.run(["swift", "build", "-c", "release", "--product", "simulate"], cwd=copy, capture_output=True, text=True)
            if build.returncode != 0:
                sys.exit(f"'{what}' does not build:\n{build.stdout[-2000:]}")
            run = subprocess.run([".build/release/simulate", worlds, "1"], cwd=copy, capture_output=True, text=True)
            lines = run.stdout.splitlines()
            # A trap is found, too.
            found = run.returncode != 0
            print(f"{'found   ' if found else 'SURVIVED'}  {what}: {lines[1] if found and len(lines) > 1 else ''}", flush=True)
            if not found:
                survivors.append(what)
            open(path, "w").write(source)
    print(f"{len(MUTANTS) - len(survivors)} of {len(MUTANTS)} found")
    sys.exit(1 if survivors else 0)


main()
