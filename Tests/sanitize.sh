#!/bin/sh
# Tests/sanitize.sh thread|address: the tests under one of the sanitizers, all but the simulation and the messages' limits and rules, which are one thread
# of pure values and take minutes there, and one after the other, because some have time limits. The first build takes some minutes, too.
set -eu
cd "$(dirname "$0")/.."
# The backtracer is a program of its own, and the sanitizers' reports are better.
export SWIFT_BACKTRACE=enable=no
export TSAN_OPTIONS="suppressions=$PWD/Tests/false-races.txt"
export LSAN_OPTIONS="suppressions=$PWD/Tests/leaks.txt:print_suppressions=0"
swift build --build-tests --sanitize="$1" --scratch-path ".build-$1"
swift test --skip-build --sanitize="$1" --scratch-path ".build-$1" --no-parallel --skip SimulationTests --skip LimitTests --skip ServiceRulesTests
