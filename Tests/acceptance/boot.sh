#!/bin/bash
# Boots a real systemd in a container of this machine, installs the package and uses it as an administrator does.
# usage: boot.sh PACKAGE.deb [OLD.deb]     Needs root; where the machine cannot, it says so and exits with 0.
# It upgrades to the same package under a higher version; with an older build beside it, a second system has that first, with a
# history of its own, and is upgraded from it.
set -u
DEB=${1:?usage: boot.sh PACKAGE.deb [OLD.deb]}
OLD=${2:-}
WORK=${BOOT_DIR:-${TMPDIR:-/tmp}/deadlined-boot}
TREE=$WORK/tree
FAILED=0
LEADER=
NSPAWN=
skip() { echo "boot: skipped, $1"; exit 0; }
if command -v lintian >/dev/null; then
    found=$(lintian --allow-root --fail-on error,warning "$DEB" 2>&1)
    if [ $? = 0 ]; then echo "ok: lintian finds no error and no warning"; else echo "FAILED: lintian"; FAILED=1; fi
    [ -z "$found" ] || echo "$found"
else
    echo "boot: without lintian, which is not installed"
fi
[ "$(id -u)" = 0 ] || skip "this needs root"
[ -d /sys/fs/cgroup ] || skip "there are no control groups"
mkdir -p "$WORK"
if ! command -v systemd-nspawn >/dev/null || ! command -v debootstrap >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap systemd-container; } >/dev/null 2>&1 ||
        skip "systemd-nspawn and debootstrap are not to be had"
fi
packages=systemd,systemd-sysv,dbus,ca-certificates,libcurl4,libjemalloc2,libsqlite3-0,libyaml-0-2,libstdc++6,tzdata,iproute2,procps,python3-minimal,python3,util-linux
if [ "$(cat "$TREE.packages" 2>/dev/null)" != "$packages" ]; then
    echo "boot: making a Debian tree, once"
    mirror=$(apt-get indextargets --format '$(SITE)' | sort -u | grep -v security | head -1)
    rm -rf "$TREE"
    debootstrap --variant=minbase --include="$packages" \
        bookworm "$TREE" "$mirror" >"$WORK/debootstrap.log" 2>&1 || skip "no tree can be made: $(tail -1 "$WORK/debootstrap.log")"
    echo "$packages" >"$TREE.packages"
fi

unified=/sys/fs/cgroup/unified
[ -d $unified ] || unified=/sys/fs/cgroup
groups=

finish() {
    if [ -n "$NSPAWN" ] && kill -0 "$NSPAWN" 2>/dev/null; then
        [ -n "$LEADER" ] && inside systemctl poweroff >/dev/null 2>&1
        for _ in $(seq 100); do kill -0 "$NSPAWN" 2>/dev/null || break; sleep 0.1; done
        kill -0 "$NSPAWN" 2>/dev/null && kill -KILL $LEADER "$NSPAWN"
    fi
    wait 2>/dev/null
    for group in $groups; do find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null; done
    LEADER= NSPAWN= groups=
}
trap finish EXIT

inside() { nsenter -t "$LEADER" -m -u -i -n -p -C -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 NO_COLOR=1 "$@"; }
put() { inside install -D -m "$2" /dev/stdin "/$1"; }
ok() { if [ "$1" = 0 ]; then echo "ok: $2"; else echo "FAILED: $2${3:+ ($3)}"; FAILED=$((FAILED + 1)); fi; }
is() { [ "$1" = "$2" ]; ok $? "$3" "'$1' is not '$2'"; }
has() { case $1 in *"$2"*) ok 0 "$3" ;; *) ok 1 "$3" "no '$2' in: $1" ;; esac; }
show() { inside systemctl show -P "$1" deadlined; }
says() { case $(show StatusText) in *"$1"*) ;; *) return 1 ;; esac; }
install_() { inside env DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i "/srv/$1.deb" >"$WORK/dpkg.log" 2>&1; }
# What a new user types.
COMMANDS=0
types() { COMMANDS=$((COMMANDS + 1)); "$@"; }
# Waits up to $1 seconds for a command to succeed.
await() { local end=$(($(date +%s) + $1)); shift; while ! "$@"; do [ "$(date +%s)" -ge "$end" ] && return 1; sleep 0.2; done; }

# Starts a system that nothing was ever done to: what it writes is gone with it.
boot() {
    local name=deadlined-$1-$$
    groups="$unified/$name"
    [ -d /sys/fs/cgroup/systemd ] && groups="$groups /sys/fs/cgroup/systemd/$name"
    # shellcheck disable=SC2086 # the names are words
    mkdir $groups 2>/dev/null || skip "no control group can be made"
    (
        for group in $groups; do echo $BASHPID >"$group/cgroup.procs"; done
        # Apart from the terminal, which would stop it where it may not change that.
        export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
        exec setsid systemd-nspawn --quiet --boot --register=no --keep-unit --private-network --console=pipe --volatile=overlay \
            --capability=CAP_BPF --system-call-filter=bpf -D "$TREE" -M "$name" </dev/null >"$WORK/nspawn.log" 2>&1
    ) &
    NSPAWN=$!
    for _ in $(seq 1200); do
        LEADER=$(pgrep -P $NSPAWN | head -1)
        [ -n "$LEADER" ] && inside test -S /run/systemd/private 2>/dev/null && break
        kill -0 $NSPAWN 2>/dev/null || skip "no system boots: $(tail -1 "$WORK/nspawn.log")"
        sleep 0.1
    done
    [ -n "$LEADER" ] || skip "no system boots"
    inside systemctl is-system-running --wait >/dev/null 2>&1
    inside ip link set lo up
}

# A receiver of webhooks inside, which writes down what it gets.
receive() {
    put srv/receiver.py 0644 <<'PYTHON'
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with open("/srv/posts", "a") as posts:
            posts.write(json.dumps({"path": self.path, "id": self.headers["webhook-id"], "body": json.loads(body)}) + "\n")
        self.send_response(204); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", 8009), Handler).serve_forever()
PYTHON
    inside touch /srv/posts
    inside systemd-run --quiet --unit=receiver python3 /srv/receiver.py
    await 180 inside sh -c 'ss -Hltn sport = :8009 | grep -q .'
}

# The package under a higher version.
LATER=$WORK/later.deb
rm -rf "$WORK/later"
dpkg-deb -R "$DEB" "$WORK/later"
sed -i 's/^Version: .*/&+later/' "$WORK/later/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -b "$WORK/later" "$LATER" >/dev/null

boot new
echo "boot: install"
put srv/deadlined.deb 0644 <"$DEB"
put srv/later.deb 0644 <"$LATER"
started=$(date +%s)
types install_ deadlined
ok $? "the package installs" "$(tail -3 "$WORK/dpkg.log")"
is "$(inside systemctl is-active deadlined)" active "the service is active after the installation"
is "$(inside systemctl is-enabled deadlined)" enabled "and enabled"
await 180 says "zone data"
ok $? "it says how it is: $(show StatusText)"
has "$(inside deadlined --version)" "SQLite" "the version names the libraries"

echo "boot: a new user's way"
receive
# One webhook, one issue.
types put etc/deadlined/credentials/lab 0600 <<<'http://127.0.0.1:8009/s3cret-hook'
types put etc/deadlined/deadlined.yaml 0644 <<'YAML'
defaults: {timezone: UTC, channels: [lab]}
schedules: {standard: [30s]}
channels:
  lab: {type: webhook, url: {credential: lab}, allow_networks: [127.0.0.1]}
YAML
# What is due before the service has started with it is never owed.
deadline=$(date -u -d '+60 seconds' +%Y-%m-%dT%H:%M:%SZ)
types put etc/deadlined/issues.d/first.yaml 0644 <<YAML
id: first
title: "A first special issue"
deadline: $deadline
YAML
types inside deadlined check >"$WORK/check.log" 2>&1
ok $? "the configuration is right" "$(cat "$WORK/check.log")"
# A new credential is read at a start.
types inside systemctl restart deadlined
ok $? "it starts again with them"
inside deadlined test lab >"$WORK/test.log" 2>&1
ok $? "a test message goes out beside the service" "$(cat "$WORK/test.log")"
inside rm -f /srv/posts
await 180 inside test -s /srv/posts
ok $? "the message arrives: $COMMANDS commands and files, $(($(date +%s) - started)) s from the package on, 30 of them until the reminder is due"
has "$(inside cat /srv/posts)" s3cret-hook "at the credential's address"
await 180 sh -c "nsenter -t $LEADER -m -p -- deadlined history first --json | grep -q '\"reminder\":\"30s\".*\"state\":\"delivered\"'"
ok $? "and the journal says so"

echo "boot: operate"
put etc/deadlined/issues.d/second.yaml 0644 <<YAML
id: second
title: "A second"
deadline: $(date -u -d '+40 days' +%Y-%m-%d)
YAML
inside systemctl reload deadlined
ok $? "it reloads"
await 180 sh -c "nsenter -t $LEADER -m -p -- deadlined status --json | grep -q '\"issues\":2'"
ok $? "and has taken up the new issue"
inside useradd --create-home --groups deadlined member
inside useradd --create-home stranger
has "$(inside runuser -u member -- deadlined status 2>&1)" running "a member of the group may ask"
has "$(inside runuser -u member -- deadlined history 2>&1)" delivered "and read the history through the socket"
inside runuser -u member -- deadlined snooze second 3d >/dev/null 2>&1
ok $? "and snooze"
inside runuser -u stranger -- deadlined status --json >"$WORK/stranger.log" 2>&1
has "$(inside runuser -u stranger -- deadlined done second 2>&1)" "group 'deadlined'" "a stranger may not, and is told what to do"
fields=$(inside journalctl -u deadlined -o json --no-pager | python3 -c "
import json, sys
entries = [json.loads(line) for line in sys.stdin]
own = [e for e in entries if e.get('_COMM') == 'deadlined']
print(sorted({e['PRIORITY'] for e in own}), any('delivered' in e['MESSAGE'] and e['PRIORITY'] == '6' for e in own))")
has "$fields" "True" "journald has priorities: $fields"
inside journalctl -u deadlined --no-pager -o cat | grep -q s3cret
is $? 1 "and no secret"
pid=$(show MainPID)
inside kill -STOP "$pid"
await 180 sh -c "[ \"\$(nsenter -t $LEADER -m -p -- systemctl show -P NRestarts deadlined)\" != 0 ]"
ok $? "the watchdog ends a service that hangs, and it starts again"
await 180 sh -c "[ \"\$(nsenter -t $LEADER -m -p -- systemctl is-active deadlined)\" = active ]"
has "$(inside deadlined status)" "second" "the snooze is still there"
seen=$(inside grep -E '^(CapEff|NoNewPrivs|Seccomp):' "/proc/$(show MainPID)/status" 2>/dev/null | tr -s '\t\n' ' ')
has "$seen" "NoNewPrivs: 1 Seccomp: 2" "the sandbox is on: $seen"
inside grep -q libjemalloc "/proc/$(show MainPID)/maps"
ok $? "its allocator is jemalloc"

echo "boot: upgrade, remove, purge"
echo '# mine' | inside tee -a /etc/deadlined/deadlined.yaml >/dev/null
pid=$(show MainPID)
before=$(inside dpkg-query -W -f '${Version}' deadlined)
inside chmod 0750 /etc/deadlined/credentials
install_ later
ok $? "a later package installs over it" "$(tail -3 "$WORK/dpkg.log")"
[ "$(inside dpkg-query -W -f '${Version}' deadlined)" != "$before" ]
ok $? "$before is now $(inside dpkg-query -W -f '${Version}' deadlined)"
is "$(inside stat -c %a /etc/deadlined/credentials)" 750 "what somebody set on the credentials' directory is kept"
has "$(inside tail -1 /etc/deadlined/deadlined.yaml)" mine "the configuration is kept"
[ "$(show MainPID)" != "$pid" ] && [ "$(inside systemctl is-active deadlined)" = active ]
ok $? "the service was restarted"
has "$(inside deadlined history)" delivered "the journal is kept"
inside systemctl stop deadlined
is "$(show Result)" success "it stops in order"
inside systemctl start deadlined
inside dpkg -r deadlined >/dev/null 2>&1
[ "$(inside systemctl is-active deadlined)" != active ]
ok $? "removal stops it"
inside test -e /var/lib/deadlined/journal.db
ok $? "and leaves the journal"
inside dpkg -P deadlined >/dev/null 2>&1
inside test -e /var/lib/deadlined
is $? 1 "purge removes the state"
inside test -e /etc/deadlined/credentials
is $? 1 "and the secrets"
finish

[ -z "$OLD" ] || {
    echo "boot: upgrade from an older build"
    boot old
    put srv/old.deb 0644 <"$OLD"
    put srv/later.deb 0644 <"$LATER"
    install_ old
    ok $? "the older package installs" "$(tail -3 "$WORK/dpkg.log")"
    receive
    put etc/deadlined/credentials/lab 0600 <<<'http://127.0.0.1:8009/s3cret-hook'
    put etc/deadlined/deadlined.yaml 0644 <<'YAML'
defaults: {timezone: UTC, channels: [lab]}
schedules: {standard: [10s]}
channels:
  lab: {type: webhook, url: {credential: lab}, allow_networks: [127.0.0.1]}
# mine
YAML
    # Each second counts from here: `soon` is reminded before the upgrade, `later` after it, and `moving` moves in between.
    call() { put "etc/deadlined/issues.d/$1.yaml" 0644 <<<"{id: $1, title: A call, deadline: $(date -u -d "$2" +%Y-%m-%dT%H:%M:%SZ)}"; }
    call soon '+16 seconds'
    call later '+45 seconds'
    call moving '+40 days'
    call finished '+50 days'
    inside systemctl restart deadlined
    await 10 says "next"
    ok $? "and says how it is: $(show StatusText)" "$(inside journalctl -u deadlined -n 3 --no-pager -o cat)"
    call moving '+41 days'
    inside systemctl reload deadlined
    inside deadlined done finished >/dev/null
    ok $? "something is marked as done there"
    await 20 inside sh -c '[ "$(wc -l </srv/posts)" = 2 ]'
    ok $? "a reminder and a notice that a deadline moved are sent"
    # What its journal holds, as JSON, and how it was made.
    held() { inside python3 -c "
import json, sqlite3
db = sqlite3.connect('file:/var/lib/deadlined/journal.db?mode=ro', uri=True)
print(json.dumps($1))"; }
    schema="[name for name, in db.execute('SELECT identifier FROM grdb_migrations ORDER BY identifier')]"
    rows="db.execute('SELECT issue, milestone, deadline, reminder, channel, kind, due, state, attempts, added FROM delivery WHERE open IS NULL ORDER BY id').fetchall()"
    moves="db.execute('SELECT moves FROM sighting WHERE issue = \'moving\'').fetchone()[0]"
    schema_before=$(held "$schema") rows_before=$(held "$rows") moves_before=$(held "$moves")
    history_before=$(inside deadlined history --json | wc -l)
    install_ later
    ok $? "the new one installs over it" "$(tail -3 "$WORK/dpkg.log")"
    await 10 says "next"
    ok $? "the service runs: $(show StatusText)"
    is "$(show User)" deadlined "as the new one's user"
    has "$(inside tail -1 /etc/deadlined/deadlined.yaml)" mine "the configuration is kept"
    schema_after=$(held "$schema")
    case ${schema_after%]} in "${schema_before%]}",*) ok 0 "the journal's migrations $schema_before are now $schema_after" ;;
        *) ok 1 "the journal's migrations" "$schema_before are now $schema_after; take an older build" ;; esac
    [ "$(held "$moves")" -gt "$moves_before" ]
    ok $? "and have been applied: a move counts $(held "$moves"), not $moves_before"
    case $(held "$rows") in "${rows_before%]}"*) ok 0 "every row of the history is as it was" ;;
        *) ok 1 "every row of the history is as it was" "$rows_before is now $(held "$rows")" ;; esac
    [ "$history_before" -ge 2 ] && [ "$(inside deadlined history --json | wc -l)" -ge "$history_before" ]
    ok $? "$history_before of them, and 'deadlined history' reads them"
    has "$(inside deadlined status --json)" '"issue":"finished"' "what was done is still done"
    await 45 inside sh -c '[ "$(wc -l </srv/posts)" = 3 ]'
    ok $? "what falls due later is sent"
    call moving '+42 days'
    inside deadlined reload >/dev/null
    await 10 inside sh -c '[ "$(wc -l </srv/posts)" = 4 ]'
    ok $? "a deadline that moves again is told again"
    inside systemctl restart deadlined
    sleep 3
    sent=$(inside python3 -c "
import json
posts = [json.loads(line) for line in open('/srv/posts')]
print(sorted(p['body']['data']['issue']['id'] for p in posts), len({p['id'] for p in posts}))")
    is "$sent" "['later', 'moving', 'moving', 'soon'] 4" "nothing was sent twice, nor left out"
    install_ old
    await 15 inside sh -c 'journalctl -u deadlined -o cat | grep -q "a newer version of deadlined wrote it"'
    ok $? "the older one refuses the newer one's journal"
    install_ later
    await 10 says "next"
    ok $? "and it is as it was when the new one is back: $(show StatusText)"
    case $(held "$rows") in "${rows_before%]}"*) ok 0 "with its history" ;; *) ok 1 "with its history" "$(held "$rows")" ;; esac
    inside dpkg -P deadlined >/dev/null 2>&1
    inside sh -c 'ls -d /var/lib/deadlined /var/lib/private/deadlined 2>/dev/null'
    [ $? != 0 ]
    ok $? "purge removes the state of both"
}
echo "boot: $FAILED failed"
exit $((FAILED > 0))
