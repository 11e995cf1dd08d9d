#!/usr/bin/env python3
"""Runs the built service against a real HTTP server on loopback and says what happened.

    Tests/acceptance/live.py BINARY [NAME ...]

Each check prints its figures and `ok` or `FAILED`; the exit code counts the failures. Nothing but Python's own library
is needed, and openssl for `faults`, cc for `clock`. `disk` and `heartbeat` mount a small tmpfs and therefore want root; `faults` wants it for a name server of
its own.
"""
import contextlib, datetime, faulty, http.client, http.server, json, os, pathlib, random, re, shutil, signal, sqlite3, ssl, subprocess, sys, tempfile, threading, time

from service import BINARY, PATIENCE, UTC, Receiver, Service, due, in_time, issue, lateness, once, run, stamp, until


def punctual():
    """One issue, deadline 40 s ahead, a reminder each second from 30 s: 30 posts, each within 50 ms."""
    receiver = Receiver()
    deadline = int(time.time()) + 40
    service = Service(receiver, [issue(1, deadline)], ["every 1s from 30s"]).start()
    receiver.wait(31, deadline - time.time() + 2)
    code, _ = service.stop()
    worst = max((post[0] - due(post) for post in receiver.posts), default=9)
    early = min((post[0] - due(post) for post in receiver.posts), default=-9)
    print(f"  {len(receiver.posts)} posts, {lateness(receiver.posts)}, exit {code}")
    return once(receiver.posts, 30) and 0 <= early and worst < 0.05 and code == 0


def crash():
    """The same, killed in the middle and started again."""
    receiver = Receiver()
    deadline = int(time.time()) + 40
    service = Service(receiver, [issue(1, deadline)], ["every 1s from 30s"]).start()
    for pause in (15.3, 5.0, 4.7):
        time.sleep(pause)
        service.kill()
        before = len(receiver.posts)
        time.sleep(2.2)
        service.start()
        print(f"  killed after {before} posts, down for 2.2 s")
    receiver.wait(31, deadline - time.time() + 3)
    code, _ = service.stop()
    posts = receiver.posts
    repeats = [post for post in posts if post[2]["data"]["possible_repeat"]]
    reminders = {post[2]["data"]["reminder"] for post in posts}
    print(f"  {len(posts)} posts of {len(reminders)} reminders, {len(repeats)} marked as possible repeats, exit {code}")
    return len(reminders) == 30 and len(posts) - len(reminders) <= len(repeats)


def burst(count=4517, growth=16):
    """4,517 issues due in the same second (a publisher's day), one receiver: it takes all of them, and memory grows by 16 MB at most."""
    receiver = Receiver()
    deadline = int(time.time()) + 70
    service = Service(receiver, [issue(n, deadline) for n in range(count)], ["1min"]).start()
    time.sleep(max(0, deadline - 62 - time.time()))
    before = int(service.proc("VmHWM")) / 1024
    receiver.wait(count, 60)
    peak = int(service.proc("VmHWM")) / 1024
    code, _ = service.stop()
    accepted = list(receiver.posts)
    if not accepted:
        return False
    took = max(post[0] for post in accepted) - (deadline - 60)
    # What the receiver takes from somebody who sends one after the other, too, and writes nothing down.
    connection = http.client.HTTPConnection(receiver.url.split("/")[2])
    body = json.dumps(accepted[0][2])
    begun = time.time()
    for _ in range(count):
        connection.request("POST", "/hook", body, {"webhook-id": ""})
        connection.getresponse().read()
    bare = time.time() - begun
    print(f"  {len(accepted)} of {count} posts in {took:.2f} s after the due instant, {took / bare:.1f} times what they take without a journal "
          f"({bare:.2f} s); memory {before:.1f} MB before and {peak:.1f} MB at its peak, exit {code}")
    return once(accepted, count) and peak - before <= growth and code == 0


def together():
    """Twelve reminders of one instant are one message where 'burst' says so, with a row each; a digest comes at its minute."""

    def make(first):
        receiver = Receiver()
        # The first whole minute from then on.
        minute = time.gmtime((first + 59) // 60 * 60)
        channel = {"type": "webhook", "url": receiver.url, "allow_networks": "127.0.0.1", "burst": 3,
                   "digest": {"every": time.strftime("day at %H:%M", minute), "ahead": "30d"}}
        return Service(receiver, [issue(n, first + 60) for n in range(12)], ["1min"], main={"channels": {"hook": channel}})

    service, _ = in_time(make)
    receiver = service.receiver
    receiver.wait(2)
    until(lambda: all(row["state"] == "delivered" for row in service.history()))
    rows = service.history()
    code, _ = service.stop()
    bodies = {post[2]["type"]: post[2]["data"] for post in receiver.posts}
    several, digest = bodies.get("deadline.reminders", {}), bodies.get("deadline.digest", {})
    told = len(several.get("reminders", []))
    print(f"  {len(receiver.posts)} posts, {told} reminders in one, {len(digest.get('coming', [])) + len(digest.get('passed', []))} in the "
          f"digest, {sum(row['state'] == 'delivered' for row in rows)} of {len(rows)} rows delivered, exit {code}")
    return len(receiver.posts) == 2 and told == 12 and len(rows) == 13 and all(row["state"] == "delivered" for row in rows) and code == 0


def outage():
    """The receiver refuses, then hangs up, then works: nothing is lost, and a lost answer is marked."""
    answer = lambda n, path: 500 if n == 0 else None if n == 1 else 204
    service, _ = in_time(lambda first: Service(Receiver(answer), [issue(1, first + 60)], ["1min"]))
    receiver = service.receiver
    # A lost answer is waited for, a minute more or less.
    receiver.wait(1)
    code, text = service.stop()
    body = receiver.posts[0][2]["data"] if receiver.posts else {}
    print(f"  {receiver.count} attempts, {len(receiver.posts)} delivered, late {body.get('late_seconds')} s, "
          f"possible repeat {body.get('possible_repeat')}")
    return len(receiver.posts) == 1 and receiver.count == 3 and body["possible_repeat"] and "not delivered" in text


def reload():
    """SIGHUP: a configuration with errors changes nothing, a right one counts at once, a moved deadline is announced."""
    service, first = in_time(lambda first: Service(Receiver(), [issue(1, first + 60)], ["1min"]))
    receiver = service.receiver
    service.write(receiver, [{"id": "issue-1", "title": "x", "deadline": "2025-02-30"}], ["1min"])
    service.process.send_signal(signal.SIGHUP)
    refused = until(lambda: "there is no 30 February 2025" in service.text() and "stays in use" in service.text())
    receiver.wait(1)
    before = [post[2]["data"]["reminder"] for post in receiver.posts]
    service.write(receiver, [issue(1, first + 86400), issue(2, int(time.time()) + 75)], ["1min"])
    service.process.send_signal(signal.SIGHUP)
    receiver.wait(3)
    code, _ = service.stop()
    after = [(post[2]["type"], post[2]["data"]["issue"]["id"]) for post in receiver.posts[1:]]
    print(f"  refused {refused}, before {before}, after {after}, exit {code}")
    return refused and before == ["1min"] and code == 0 and after == [
        ("deadline.moved", "issue-1"), ("deadline.reminder", "issue-2")]


def test():
    """`test CHANNEL` delivers through the running service or without one, says why where it cannot, and changes nothing else."""
    receiver = Receiver(lambda n, path: 410 if n in (1, 3) else 204)
    channels = {"hook": {"type": "webhook", "url": receiver.url},
                "gone": {"type": "webhook", "url": f"http://127.0.0.1:{faulty.closed_port()}/"}}
    service = Service(receiver, [issue(1, time.time() + 86400)], ["1min"], main={"channels": channels}).start()
    service.ready()

    def kept():
        # All but the deliveries: what is settled, how destinations are, what was seen.
        journal = sqlite3.connect(f"file:{service.state}/journal.db?mode=ro", uri=True)
        rows = {table: journal.execute(f"SELECT * FROM {table}").fetchall() for table in ("clock", "timing", "sighting", "destination", "mark")}
        journal.close()
        return rows

    def tests():
        said = [subprocess.run([BINARY, "test", channel, "--config", service.folder, "--state", service.state], capture_output=True, text=True)
                for channel in ("hook", "hook", "gone")]
        print(f"  {[(one.returncode, (one.stdout + one.stderr).strip()) for one in said]}")
        return ([one.returncode for one in said] == [0, 69, 69] and said[0].stdout == "hook: delivered\n"
                and "410" in said[1].stderr and "nobody listens" in said[2].stderr)

    muted = service.ask("mute", "hook", "--until", "7d")[0] == 0
    mutes = kept()["destination"]
    beside = tests()
    muted = muted and mutes[0] in kept()["destination"]
    elsewhere = subprocess.run(
        [BINARY, "test", "hook", "--config", "/nowhere", "--state", service.state], capture_output=True, text=True)
    service.kill()
    # A destination whose request failed pauses: a start of the service does not end that, nor does a test. How long is no
    # matter here: for an hour, and then no more.
    def pause(span):
        with contextlib.closing(sqlite3.connect(service.state / "journal.db")) as journal, journal:
            changed = journal.execute("UPDATE destination SET paused_until = ? WHERE channel = 'gone' AND paused_until IS NOT NULL",
                                      (int((time.time() + span) * 1000),))
            return changed.rowcount == 1

    is_paused = pause(3600)
    paused = kept()
    said = subprocess.run([BINARY, "test", "gone", "--config", service.folder, "--state", service.state], capture_output=True, text=True)
    print(f"  muted {muted}, another configuration {elsewhere.returncode}, paused {said.returncode} {said.stderr.strip()!r}")
    is_paused = is_paused and "nothing is sent to it before" in said.stderr and kept() == paused and pause(0)
    paused = kept()
    alone = tests()
    unchanged = kept() == paused
    states = [row["state"] for row in service.history()]
    shutil.rmtree(service.folder, ignore_errors=True)
    print(f"  without a service: {alone}, nothing else changed {unchanged}, journal {states}")
    return (beside and muted and is_paused and elsewhere.returncode == said.returncode == 69 and alone and unchanged
            and states == ["delivered", "refused", "cancelled"] * 2 and len(receiver.posts) == 2)


def dead():
    """A destination that is gone is disabled, its fallback told, what is owed to it kept until somebody resumes it."""

    def make(first):
        gone, ops = Receiver(lambda n, path: 410 if n == 0 else 204), Receiver()
        channels = {
            "hook": {"type": "webhook", "url": gone.url, "fallback": "ops"},
            "ops": {"type": "webhook", "url": ops.url},
        }
        service = Service(gone, [issue(1, first + 60)], ["1min"], main={"channels": channels})
        service.ops = ops
        return service

    service, _ = in_time(make)
    gone, ops = service.receiver, service.ops
    states = lambda: [row["state"] for row in service.history()]
    until(lambda: states() == ["held", "delivered"])
    held = states()
    status = service.ask("status", "--config", service.folder)[1]
    unresent = service.ask("resend", "1")
    unknown = service.ask("resume", "nope")
    resumed = service.ask("resume", "hook")
    until(lambda: states() == ["delivered"] * 2)
    resent = service.ask("resend", "1")
    gone.wait(2)
    until(lambda: states() == ["delivered"] * 2)
    rows = service.history()
    code, _ = service.stop()
    alerts = [post[2]["type"] for post in ops.posts]
    repeats = [post[2]["data"]["possible_repeat"] for post in gone.posts]
    print(f"  held {held}, alerts {alerts}, {resumed[1]!r}, then {repeats}, tries {[len(row['tries']) for row in rows]}")
    return (held == ["held", "delivered"] and "disabled" in status and alerts == ["service.alert"] and repeats == [False, True]
            and [answer[0] for answer in (unresent, unknown, resumed, resent)] == [65, 65, 0, 0] and code == 0
            and [try_["status"] for try_ in rows[0]["tries"]] == [410, 204, 204])


def heartbeat():
    """A dead man's switch is pinged at a start and at each interval, and not while the journal cannot be written."""
    mount = tempfile.mkdtemp(prefix="deadlined-disk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount], check=True)
    try:
        receiver = Receiver()
        deadline = int(time.time()) + 80
        beat = {"heartbeat": {"url": receiver.url, "every": "10s"}}
        service = Service(receiver, [issue(1, deadline)], ["1min"], folder=mount, main=beat).start()
        time.sleep(12)
        before = len(receiver.pings)
        with open(f"{mount}/filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass
        time.sleep(20)
        during, said = len(receiver.pings) - before, "no heartbeat was sent" in service.text()
        os.remove(f"{mount}/filler")
        receiver.wait(1, 10)
        time.sleep(11)
        after = len(receiver.pings) - before - during
        code, _ = service.stop()
        print(f"  {before} pings, {during} while the disk was full, then {after}, exit {code}")
        return before == 2 and during <= 1 and said and after >= 1 and len(receiver.posts) == 1 and code == 0
    finally:
        subprocess.run(["umount", "-l", mount])


def faults():
    """Every way in which a network fails has its own reason in the history, and no other destination waits for it."""
    folder = tempfile.mkdtemp(prefix="deadlined-tls-")
    faulty.authority(folder)
    plain = lambda talk: f"http://127.0.0.1:{faulty.serve(talk)}/"
    secure = lambda port: f"https://localhost:{port}/"
    # What the history shall say of each, as patterns.
    cases = {
        "slow answer": (plain(faulty.slow_answer), "time-out after 30 s while waiting for the answer"),
        "endless body": (plain(faulty.endless_body), "503.*still sorry"),
        "half closed": (plain(faulty.half_closed), "the connection ended without an answer"),
        "reset": (plain(faulty.reset), "the connection broke"),
        "silent": (secure(faulty.serve(faulty.silent)), "time-out after 10 s while connecting"),
        "no HTTP": (plain(faulty.no_http), "the answer is not HTTP"),
        "nobody listens": (f"http://127.0.0.1:{faulty.closed_port()}/", "no connection to the host: nobody listens there"),
        "certificate expired": (secure(faulty.tls(folder, days=-1)), "certificate not trusted.*expired"),
        "certificate self-signed": (secure(faulty.tls(folder, is_self_signed=True)), "certificate not trusted.*self.signed"),
        "certificate of another": (secure(faulty.tls(folder, name="other.test")), "certificate not trusted.*localhost"),
        "TLS 1.0": (secure(faulty.tls(folder, version=ssl.TLSVersion.TLSv1)), "the host speaks none of the versions from 1.2 on"),
    }
    prefix = []
    if os.geteuid() == 0:
        server = faulty.name_server()
        pathlib.Path(folder, "resolv.conf").write_text(f"nameserver {server}\noptions timeout:60 attempts:1\n")
        prefix = ["unshare", "--mount", "sh", "-c", f'mount --bind {folder}/resolv.conf /etc/resolv.conf; exec "$@"', "sh"]
        cases["no such name"] = ("https://nowhere.test/", "the host's name has no address")
        cases["name server hangs"] = ("https://hangs.test/", "time-out after 10 s while looking up the host's name")
    else:
        print("  no root: what a name server may do was left out")
    allowed = {"type": "webhook", "allow_networks": "127.0.0.1", "ca_file": f"{folder}/ca.pem"}
    word = lambda name: re.sub("[^a-z0-9]+", "-", name.lower())
    channels = {word(name): {**allowed, "url": url} for name, (url, _) in cases.items()}

    def make(first):
        # Twenty issues for each fault at once; two a second for the good destination, from 20 s before on.
        good, bad = Receiver(), [{**issue(n, first + 80), "channels": list(channels)} for n in range(20)]
        hook = {"type": "webhook", "url": good.url, "allow_networks": "127.0.0.1"}
        issues = bad + [issue(100 + n, first + 60 + n // 2) for n in range(100)]
        return Service(good, issues, ["1min"], main={"channels": {**channels, "hook": hook}})

    service, first = in_time(make, 5, prefix)
    begin, good = first + 20, service.receiver
    good.wait(100)
    until(lambda: {row["channel"] for row in service.history() if row["tries"]} >= {*channels, "hook"})
    rows = service.history()
    code, _ = service.stop()
    shutil.rmtree(folder, ignore_errors=True)
    passed = True
    for name, (_, pattern) in cases.items():
        reasons = sorted({try_.get("reason", try_["verdict"]) for row in rows if row["channel"] == word(name) for try_ in row["tries"]})
        matches = bool(reasons) and all(re.search(pattern, reason) for reason in reasons)
        passed = passed and matches
        print(f"  {'' if matches else 'WRONG '}{name}: {[reason[:120] for reason in reasons]}")
    for name, posts in (
        ("before", [post for post in good.posts if due(post) < begin]),
        ("meanwhile", [post for post in good.posts if due(post) >= begin]),
    ):
        print(f"  the good destination {name}: {len(posts)} posts, {lateness(posts)}")
    return passed and once(good.posts, 100) and code == 0


def damaged():
    """A journal that is overwritten is set aside loudly, a fallback is told, and nothing of the past is sent again."""

    def make(first):
        receiver, ops = Receiver(), Receiver()
        channels = {
            "hook": {"type": "webhook", "url": receiver.url, "fallback": "ops"},
            "ops": {"type": "webhook", "url": ops.url},
        }
        # What is due while the second service is not there yet is of the past for it.
        service = Service(receiver, [issue(n, first + 68) for n in range(20)], ["68s", "67s", "38s"], main={"channels": channels})
        service.ops = ops
        return service

    service, _ = in_time(make)
    receiver, ops = service.receiver, service.ops
    receiver.wait(40)
    service.kill()
    for name in ("journal.db-wal", "journal.db-shm", "journal.db"):
        with open(service.state / name, "r+b") as file:
            file.write(b"\xa5" * 9000)
    service.start()
    receiver.wait(60)
    ops.wait(1)
    code, text = service.stop()
    said = "was set aside as" in text
    print(f"  {len(receiver.posts)} posts of 60 reminders, alerts {[post[2]['type'] for post in ops.posts]}, said so {said}, exit {code}")
    return once(receiver.posts, 60) and said and len(ops.posts) == 1 and code == 0


def second():
    """A second service on one state directory refuses, with 69; a storm of SIGHUPs changes nothing and loses nothing."""
    # All of them, though it may be busy for some seconds.
    service, first = in_time(lambda first: Service(Receiver(), [issue(1, first + 20)], ["every 1s from 20s"], catch_up="all"))
    receiver = service.receiver
    other = subprocess.run(
        [BINARY, "run", "--config", service.folder, "--state", service.state], capture_output=True, text=True, timeout=PATIENCE)
    signals, end = 0, time.time() + PATIENCE
    while time.time() < first + 20 or service.text().count("reloaded") <= 10 and time.time() < end:
        service.process.send_signal(signal.SIGHUP)
        signals += 1
        time.sleep(0.01)
    receiver.wait(20)
    code, text = service.stop()
    print(f"  second exits {other.returncode} {other.stderr.strip()!r}; {signals} SIGHUPs, {text.count('reloaded')} reloads, "
          f"{len(receiver.posts)} posts, {lateness(receiver.posts)}, exit {code}")
    return other.returncode == 69 and once(receiver.posts, 20) and code == 0 and text.count("reloaded") > 10


def kills(seconds=75):
    """Killed at some hundred random moments, before receivers with faults: receivers, journal and plan agree."""
    seed = int(os.environ.get("DEADLINED_SEED", random.randrange(1 << 32)))
    # One for the kills and one for each destination, whose threads would else draw from one in no order.
    draw = random.Random(seed)
    names = [f"hook-{n}" for n in range(8)]
    draws = {f"/hook/{name}": random.Random(f"{seed} {name}") for name in names}
    troubled, is_over = set(), threading.Event()

    def answer(number, path):
        draw = draws[path]
        # Answers take a moment, so that kills fall into them; some are refusals, some never come, but no two in a row at
        # one destination: it would pause for longer than anybody wants to wait here. Nor any after the last kill, however much
        # is left then.
        time.sleep(draw.uniform(0, 0.05))
        status = 204 if path in troubled or is_over.is_set() else draw.choices([204, 503, None], [88, 6, 6])[0]
        (troubled.discard if status == 204 else troubled.add)(path)
        return status

    def make(first):
        receiver = Receiver(answer)
        channels = {name: {"type": "webhook", "url": f"{receiver.url}/{name}"} for name in names}
        issues = [{**issue(n, first + seconds), "channels": [name]} for n, name in enumerate(names)]
        main = {"defaults": {"timezone": "UTC"}, "channels": channels}
        return Service(receiver, issues, [f"every 1s from {seconds}s"], main=main, catch_up="all")

    service, first = in_time(make)
    receiver, deadline = service.receiver, first + seconds
    plan = subprocess.run(
        [BINARY, "plan", "--config", service.folder, "--from", stamp(first), "--until", stamp(deadline + 1), "--json"],
        capture_output=True, text=True).stdout.splitlines()
    planned = {(line["channel"], line["reminder"]) for line in map(json.loads, plan)}
    kills = 0
    receiver.wait(1)
    # A machine that is slow to start it has killed it less often by then.
    while time.time() < deadline or kills <= 80:
        time.sleep(draw.uniform(0.02, 1.0))
        service.kill()
        kills += 1
        if draw.random() < 0.1:
            time.sleep(draw.uniform(0, 2))
        service.start()
    is_over.set()
    journalled = lambda: {(row["channel"], row["reminder"]): row for row in service.history() if row["reminder"] != "passed"}
    ended = lambda: {key for key, row in journalled().items() if row["state"] in ("delivered", "superseded")}
    until(lambda: ended() >= planned)
    rows = journalled()
    code, _ = service.stop()

    # What each reminder's requests met, in their order.
    met = {}
    early = 0
    for arrived, status, body in receiver.requests:
        data = body["data"]
        early += arrived < due((arrived, None, body))
        met.setdefault((data["channel"], data["reminder"]), []).append((status, data["possible_repeat"]))
    lost = [key for key in planned if key not in rows]
    undelivered = [key for key, row in rows.items() if row["state"] == "delivered" and not any(s == 204 for s, _ in met.get(key, []))]
    unended = [key for key, row in rows.items() if row["state"] not in ("delivered", "superseded")]
    untried = [key for key, row in rows.items() if row["state"] == "superseded" and not row["tries"]]
    unjournalled = [key for key in met if key not in rows]
    unmarked = [
        key for key, tries in met.items()
        for n, (_, marked) in enumerate(tries) if not marked and any(status != 503 for status, _ in tries[:n])]
    twice = sum(sum(status == 204 for status, _ in tries) > 1 for tries in met.values())
    states = {state: sum(row["state"] == state for row in rows.values()) for state in ("delivered", "superseded")}
    faults = {status: sum(s == status for _, s, _ in receiver.requests) for status in (503, None)}
    print(f"  seed {seed}: {kills} kills, {len(receiver.requests)} requests, {faults[503]} refused, {faults[None]} unanswered; "
          f"{len(planned)} reminders planned, {states}, {twice} twice (marked), exit {code}")
    print(f"  lost {len(lost)}, early {early}, delivered unseen {len(undelivered)}, unended {len(unended)}, "
          f"superseded untried {len(untried)}, unjournalled {len(unjournalled)}, unmarked repeats {len(unmarked)}")
    for what in (lost, undelivered, unended, untried, unjournalled, unmarked):
        for key in what[:3]:
            print("   ", key, met.get(key), rows.get(key))
    return (len(planned) == len(names) * seconds and code == 0
            and not (lost or early or undelivered or unended or untried or unjournalled or unmarked))


def disk():
    """A full disk: it says so, sends nothing, and goes on when there is room again."""
    mount = tempfile.mkdtemp(prefix="deadlined-disk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount], check=True)
    try:
        receiver = Receiver()
        deadline = int(time.time()) + 66
        service = Service(receiver, [issue(n, deadline) for n in range(50)], ["1min"], folder=mount).start()
        time.sleep(2)
        with open(f"{mount}/filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass
        time.sleep(9)
        during, full = len(receiver.posts), "cannot be written" in service.text()
        os.remove(f"{mount}/filler")
        receiver.wait(50, 20)
        code, text = service.stop()
        print(f"  full: {during} posts, said so {full}; after: {len(receiver.posts)} posts, exit {code}")
        return during == 0 and full and once(receiver.posts, 50) and "can be written again" in text
    finally:
        subprocess.run(["umount", "-l", mount])


def idle(seconds=60):
    """1,000 issues and no watchdog: nothing runs while nothing happens."""
    receiver = Receiver()
    service = Service(receiver, [issue(n, time.time() + 90 * 86400) for n in range(1000)], ["30d", "7d", "1d"]).start()
    time.sleep(15)
    before = service.switches()
    time.sleep(seconds)
    after, memory = service.switches(), int(service.proc("VmRSS")) / 1024
    code, _ = service.stop()
    print(f"  {after - before} voluntary context switches in {seconds} s, resident {memory:.1f} MB, exit {code}")
    return after == before


# Has a process see the wall clock, and no other, so many seconds ahead as a file says.
AHEAD = """
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, id, time);
    long seconds = 0;
    FILE *file = id == CLOCK_REALTIME ? fopen(getenv("AHEAD"), "r") : NULL;
    if (file) { if (fscanf(file, "%ld", &seconds) == 1) time->tv_sec += seconds; fclose(file); }
    return result;
}
"""


def clock_of_its_own(seconds):
    """A file that says how far a service's clock is ahead, and what comes before the service's command."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="deadlined-clock-"))
    ahead = folder / "ahead"
    ahead.write_text(str(seconds))
    library = folder / "ahead.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-xc", "-", "-o", library], input=AHEAD, text=True, check=True)
    return ahead, ("env", f"LD_PRELOAD={library}", f"AHEAD={ahead}")


def clock():
    """A clock a year ahead for some seconds: nothing is sent, a mute lasts as it was meant, and all goes out once the clock is right."""
    ahead, prefix = clock_of_its_own(0)
    receiver = Receiver()
    begin = time.time()
    # Due while the clock is wrong, and after it.
    issues = [issue(1, int(begin) + 60 + 8), issue(2, int(begin) + 60 + 25)]
    service = Service(receiver, issues, ["1min"]).start(*prefix)
    # A clock that is wrong at the start is believed: so it must have been seen before.
    while "issue-1" not in service.ask("status")[1]:
        time.sleep(0.1)
    ahead.write_text(str(365 * 86400))
    # By this, the service hears of the jump.
    muted = service.ask("mute", "hook", "--until", "3s")[1]
    time.sleep(max(0, begin + 12 - time.time()))
    early = receiver.count
    ahead.write_text("0")
    time.sleep(max(0, begin + 29 - time.time()))
    late = [post[0] - due(post) for post in receiver.posts]
    code, text = service.stop()
    shutil.rmtree(ahead.parent)
    print(f"  {muted}; {early} sent while the clock was wrong, then {len(late)}, late s: {' '.join(f'{s:.1f}' for s in late)}, exit {code}")
    return (
        early == 0 and len(late) == 2 and late[0] < 12 and late[1] < 1 and code == 0 and "the clock jumped forward" in text
        and "is believed" in text
    )


def setback():
    """A service started by a clock a year ahead, which is set back: what falls due then goes out at its time, and nobody has to ask.

    Whoever runs this must have the right to set the clock."""
    ahead, prefix = clock_of_its_own(365 * 86400)
    receiver = Receiver()
    begin = time.time()
    service = Service(receiver, [issue(1, int(begin) + 60 + 10)], ["1min"]).start(*prefix)
    until(lambda: service.ask("status")[0] == 0)
    ahead.write_text("0")
    # To what it shows: the kernel tells whoever waits for that.
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    time.sleep(max(0, begin + 14 - time.time()))
    late = [post[0] - due(post) for post in receiver.posts]
    code, text = service.stop()
    shutil.rmtree(ahead.parent)
    print(f"  late s: {' '.join(f'{s:.1f}' for s in late)}, exit {code}")
    return len(late) == 1 and 0 <= late[0] < 1 and code == 0


def stop():
    """SIGTERM waits for the request under way and exits 0; the outcome is journalled, and a copy of the journal's one file has it."""
    release = threading.Event()
    # The service itself waits for no longer.
    answer = lambda n, path: 204 if release.wait(20) else 204
    service, _ = in_time(lambda first: Service(Receiver(answer), [issue(1, first + 60)], ["1min"]))
    until(lambda: service.receiver.count)
    service.process.send_signal(signal.SIGTERM)
    until(lambda: "stopping" in service.text())
    time.sleep(0.5)
    still = service.process.poll() is None
    release.set()
    service.process.wait(PATIENCE)
    copy = service.folder / "copy.db"
    shutil.copy(service.state / "journal.db", copy)
    states = [state for state, in sqlite3.connect(copy).execute("SELECT state FROM delivery")]
    code, text = service.stop()
    print(f"  waited {still}, exit {code}, in the copy {states}")
    return still and code == 0 and "delivered issue-1" in text and states == ["delivered"]


run(globals(), [
    "punctual", "crash", "kills", "burst", "together", "outage", "reload", "second", "test", "stop", "dead", "damaged", "faults", "disk", "clock", "setback",
    "heartbeat", "idle"])
