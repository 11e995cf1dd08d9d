#!/bin/bash
# How much of the machine each unit is exposed to (systemd-analyze security: 0 is best, 10 worst): ours, and those of Debian's
# prometheus-alertmanager, cron and nginx, taken from their packages.
# usage: exposure.sh [MOST]     Fails where ours is above MOST, or above one of theirs.
set -eu
MOST=${1:-1.1}
UNIT=$(realpath "$(dirname "$0")/../../systemd/deadlined.service")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# apt gives up its rights for a download, and needs a folder that it may enter.
chmod 755 "$WORK"
cd "$WORK"
exposure() { systemd-analyze security --offline=true "$1" 2>/dev/null | sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p'; }
own=$(exposure "$UNIT")
printf '%-28s %s\n' deadlined "$own"
apt-get download -qq prometheus-alertmanager cron nginx-common 2>/dev/null ||
    { apt-get update -qq && apt-get download -qq prometheus-alertmanager cron nginx-common; } 2>/dev/null
failed=0
awk "BEGIN { exit !($own <= $MOST) }" || { echo "FAILED: more than $MOST"; failed=1; }
for package in prometheus-alertmanager cron nginx-common; do
    dpkg-deb -x "$package"_*.deb "$package"
    unit=$(find "$package" -name "${package%-common}.service" | head -1)
    other=$(exposure "$WORK/$unit")
    printf '%-28s %s\n' "${package%-common}" "$other"
    awk "BEGIN { exit !($own < $other) }" || { echo "FAILED: ours is no less"; failed=1; }
done
exit $failed
