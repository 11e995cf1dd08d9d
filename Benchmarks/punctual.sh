#!/bin/sh
# Benchmarks/punctual.sh: how long after its due instant a reminder's request has been read by a receiver, with 10,000 special
# issues tracked and the journal on disk; before it in the same run a bare timerfd(2), without and with a write to the disk. Needs gcc; build
# first: swift build -c release --product bench
set -eu
cd "$(dirname "$0")/.."
bench=${BENCH:-.build/release/bench}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -o "$work/timer" Benchmarks/timer.c
for round in 1 2 3; do
    mkdir "$work/state"
    echo "round $round"
    "$work/timer" 500 40 "$work/page"
    "$bench" punctual "$work/state"
    rm -r "$work/state"
done
