#!/bin/sh
# Tests/sanitize.sh thread|address [build]: the tests under one of the sanitizers, one after the other, because some have time
# limits; or only their build, which takes some minutes the first time.
#
# The thread sanitizer has the targets that have threads. The address sanitizer has all but the simulation and the messages' limits
# and rules, which are pure values and take minutes there.
set -eu
cd "$(dirname "$0")/.."
# The backtracer is a program of its own, and the sanitizers' reports are better.
export SWIFT_BACKTRACE=enable=no
export TSAN_OPTIONS="suppressions=$PWD/Tests/false-races.txt"
export LSAN_OPTIONS="suppressions=$PWD/Tests/leaks.txt:print_suppressions=0"
case $1 in
thread) tests="--filter JournalTests --filter TransportTests --filter ServiceTests" ;;
*) tests="--skip SimulationTests --skip LimitTests --skip ServiceRulesTests" ;;
esac
swift build --build-tests --sanitize="$1" --scratch-path ".build-$1"
[ "${2:-}" = build ] ||
    # shellcheck disable=SC2086 # the options are words
    swift test --skip-build --sanitize="$1" --scratch-path ".build-$1" --no-parallel $tests
