#!/usr/bin/env python3
"""Breaks the engine in a dozen ways, one at a time and in a copy, and shows that the simulation finds each.

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
     "                batch.sends.append(identity)\n", "                effects.append(.send(delivery))\n"),
    ("forgets that an attempt may have arrived", "Engine+Attempts.swift",
     "        case .unknown(let reason):\n            delivery.isPossibleRepeat = true\n", "        case .unknown(let reason):\n"),
    ("does not look again whether a deadline moved while its commit was written", "Engine+Commits.swift",
     "if delivery.kind != .test, let reason = orphaned(delivery)", "if delivery.kind == .passed, let reason = orphaned(delivery)"),
    ("lets an old deadline's messages go out", "Engine+Agendas.swift",
     'instant == delivery.identity.deadline ? nil : "its deadline moved"', 'instant == delivery.identity.deadline ? nil : nil'),
    ("forgets a pause over a restart", "Engine+Agendas.swift",
     "{ destinations[index].record = record }", "{ destinations[index].record.failures = record.failures }"),
    ("sends two requests to one destination", "Destination.swift",
     "var isIdle: Bool { inFlight == nil && ", "var isIdle: Bool { "),
    ("does not arm the next reminder", "Engine+Due.swift",
     "tracks.insert(track.moved(to: next.due))", "_ = track.moved(to: next.due)"),
    ("starts from now, not from what was settled", "Engine+Agendas.swift",
     "arm(after: min(memory.settled ?? now, now))", "arm(after: now)"),
    ("supersedes a message by itself", "Engine+Due.swift",
     "for identity in waiting where !rules.contains(identity.reminder) {", "for identity in waiting {"),
    ("drops a commit that failed", "Engine+Commits.swift",
     "batch.changes.insert(contentsOf: failed.changes, at: 0)", "_ = failed.changes"),
    ("takes a moved hour for a new rule at a start", "Engine+Agendas.swift",
     "oweMovedIntoThePast(before, issueIndices, settled, now)", "_ = before"),
    ("keeps waits that a wrong clock made", "ClockWatch.swift", "        shortenWaits(now)\n        forgetFuture", "        forgetFuture"),
]


def main():
    worlds = sys.argv[1] if len(sys.argv) > 1 else "3000"
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    survivors = []
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(root, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git", ".build*"), symlinks=True)
        for what, name, right, wrong in MUTANTS:
            path = f"{copy}/Sources/Engine/{name}"
            source = open(path).read()
            if source.count(right) != 1:
                sys.exit(f"{name} no longer has this once:\n{right}")
            open(path, "w").write(source.replace(right, wrong))
            # Dependents are not always built again where only a type's layout changed.
            for folder in ("Tests/Simulation", "Tests/simulate"):
                for file in os.listdir(f"{copy}/{folder}"):
                    os.utime(f"{copy}/{folder}/{file}")
            build = subprocess.run(["swift", "build", "--product", "simulate"], cwd=copy, capture_output=True, text=True)
            if build.returncode != 0:
                sys.exit(f"'{what}' does not build:\n{build.stdout[-2000:]}")
            run = subprocess.run([".build/debug/simulate", worlds, "1"], cwd=copy, capture_output=True, text=True)
            lines = run.stdout.splitlines()
            found = run.returncode == 1
            print(f"{'found   ' if found else 'SURVIVED'}  {what}: {lines[1] if found and len(lines) > 1 else ''}", flush=True)
            if not found:
                survivors.append(what)
            open(path, "w").write(source)
    print(f"{len(MUTANTS) - len(survivors)} of {len(MUTANTS)} found")
    sys.exit(1 if survivors else 0)


main()
