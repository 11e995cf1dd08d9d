#!/usr/bin/env python3
"""Checks what operators and readers do with a running service: ask, mark, mute, reload, read the page and its feeds.
usage: operate.py BINARY [NAME ...]"""
import http.client, json, os, pathlib, re, shutil, signal, socket, sqlite3, stat, subprocess, sys, tempfile, time, xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from service import BINARY, PATIENCE, Receiver, Service, in_time, issue, run, stamp, until

DAY = 86_400


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path, method="GET", host="127.0.0.1", language=""):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request(method, path, headers={"host": host, "accept-language": language})
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read().decode()


def expect(*facts):
    """Each fact is what should hold, and what to show where it does not."""
    wrong = [shown for holds, shown in facts if not holds]
    for shown in wrong:
        print("  not so:", str(shown)[:600])
    return not wrong


def marks():
    """done, undo, snooze, mute and resume do what they say, over a restart too, and errors say the next step"""

    def make(first):
        issues = [issue(n, first + 600 + n) for n in range(4)] + [issue(9, first + 100 * DAY)]
        return Service(Receiver(), issues, ["10min", "30d"])

    marked = ("done", "issue-0"), ("done", "issue-1"), ("undo", "issue-1"), ("mute", "hook")
    service, _ = in_time(make, lead=8, prepare=lambda service: [service.ask(*words) for words in marked])
    receiver, (done, *undone, muted) = service.receiver, service.prepared
    holds = lambda: [entry for entry in service.history() if entry["state"] == "held"]
    until(lambda: len(holds()) == 3)
    held, quiet = holds(), len(receiver.posts)
    snoozed = service.ask("snooze", "issue-9", "3d")
    service.kill()
    asleep = service.ask("status"), json.loads(service.ask("status", "--json")[1])
    service.start()
    status = service.ready()
    story = service.ask("why", str(held[0]["delivery"])) if held else (1, "")
    resumed = service.ask("resume", "hook")
    came = receiver.wait(3)
    titles = sorted(post[2]["data"]["issue"]["id"] for post in receiver.posts)
    errors = {
        command: service.ask(*command.split())
        for command in (
            "done issue-77", "done issue-9 abstract", "undo issue-2", "snooze issue-9 200d", "snooze issue-9 soon",
            "mute phone", "why issue-77", "why 4711", "resend 4711", "history issue-77", "history --channel phone",
        )
    }
    why = service.ask("why", "issue-9")
    unsnoozed = service.ask("undo", "issue-9")
    service.stop()
    for command, (code, text) in errors.items():
        print(f"  {command}: {text}")
    print("  " + story[1].replace("\n", "\n  "))
    return expect(
        (done[0] == 0 and "is done" in done[1], done),
        (undone[0][0] == 0 and undone[1][0] == 0, undone),
        (muted[0] == 0, muted),
        (quiet == 0 and len(held) == 3, (quiet, held)),
        (snoozed[0] == 0, snoozed),
        ({mark["mark"] for mark in status["marks"]} == {"done", "snoozed"}, status["marks"]),
        (status["channels"][0]["state"] == "muted" and status["channels"][0]["held"] == 3, status["channels"]),
        ("not running" in asleep[0][1] and "muted ('deadlined resume hook')" in asleep[0][1], asleep[0]),
        ([channel["state"] for channel in asleep[1]["channels"]] == ["muted"], asleep[1]),
        (resumed[0] == 0 and "muted" in resumed[1], resumed),
        (came == 3 and titles == ["issue-1", "issue-2", "issue-3"], titles),
        # What is no length is a slip of the command line, the rest is not in the configuration.
        (all(code == (64 if command.endswith(" soon") else 65) for command, (code, _) in errors.items()), errors),
        (why[0] == 0 and "snoozed until" in why[1], why),
        (story[0] == 0 and "muted" in story[1], story),
        (unsnoozed[0] == 0, unsnoozed),
    )


def unwritten():
    """While the journal cannot be written, nothing is answered as if it were on disk"""
    service = Service(Receiver(), [issue(0, int(time.time()) + 40 * DAY)], ["30d"]).start()
    service.ready()
    holder = sqlite3.connect(service.state / "journal.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    asked = []
    for command in ("mute hook", "done issue-0", "resume hook", "resume --clock"):
        asked.append(subprocess.Popen(
            [BINARY, *command.split(), "--state", service.state], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        # Something waits to be written when the others come.
        time.sleep(0.5)
    said = [(process.communicate(timeout=PATIENCE)[1], process.returncode) for process in asked]
    why, status = service.ask("why", "issue-0")[1], service.ask("status")[1]
    holder.close()
    service.stop()
    return expect(
        ("nothing is sent while the journal cannot be written" in why, why),
        ("does not hold: the journal cannot be written" in status, status),
        *[(code == 74 and "cannot be written" in text, (text, code)) for text, code in said])


def reloads():
    """A reload is told beforehand and afterwards; a wrong drop-in keeps its last good text, over a restart too"""
    receiver = Receiver()
    now = int(time.time())
    service = Service(receiver, [issue(0, now + 40 * DAY)], ["30d", "7d"]).start()
    service.ready()
    more = service.folder / "issues.d/more.yaml"
    more.write_text(json.dumps([issue(5, now + 50 * DAY)]))
    (service.folder / "issues.d/all.yaml").write_text(json.dumps([issue(0, now + 60 * DAY)]))
    before = service.ask("check", "--diff")
    unchanged = service.ready()["issues"]
    reloaded = service.ask("reload", "--json")
    after = service.ask("check", "--diff")
    notice = receiver.wait(1)
    more.write_text("- id: issue-5\n  title: broken\n  deadline: whenever\n")
    broken = service.ask("reload")
    status = service.ready()
    service.kill()
    service.start()
    restarted = service.ready()
    fixed_main = (service.folder / "deadlined.yaml").read_text()
    (service.folder / "deadlined.yaml").write_text("channels: [")
    refused = service.ask("reload")
    still = service.ready()
    (service.folder / "deadlined.yaml").write_text(fixed_main)
    more.unlink()
    gone = service.ask("reload")
    service.stop()
    print("  " + before[1].replace("\n", "\n  "))
    print("  " + broken[1].replace("\n", "\n  "))
    changes = json.loads(reloaded[1])["changes"]
    return expect(
        (before[0] == 0 and "4 added" not in before[1] and "2 added" in before[1] and "2 moved" in before[1], before),
        ("1 sent at once" in before[1] and unchanged == 1, (before, unchanged)),
        (reloaded[0] == 0 and changes["added"]["count"] == 2 and changes["moved"]["count"] == 2, reloaded),
        ("No reminder changes" in after[1], after),
        (notice == 1 and receiver.posts[0][2]["type"] == "deadline.moved", receiver.posts),
        (broken[0] == 0 and "more.yaml:3" in broken[1] and "last text" in broken[1], broken),
        (status["issues"] == 2 and status["configuration"]["kept"], status),
        (restarted["issues"] == 2 and restarted["configuration"]["kept"][0]["earlier_text"], restarted),
        (refused[0] == 78 and "stays in use" in refused[1] and still["issues"] == 2, refused),
        (gone[0] == 0 and "2 removed" in gone[1], gone),
    )


def elsewhere():
    """A slip in one file silences no other that is right: a renamed channel, a taken id; at a start neither"""
    receiver = Receiver()
    now = int(time.time())
    service = Service(receiver, [issue(0, now + 40 * DAY)], ["30d"]).start()
    service.ready()
    named = service.folder / "issues.d/named.yaml"
    named.write_text(json.dumps([{**issue(1, now + 50 * DAY), "channels": ["hook"]}]))
    first = service.ask("reload")
    file = service.folder / "deadlined.yaml"
    main = file.read_text()
    file.write_text(main.replace('"hook"', '"hooks"'))
    renamed = service.ask("reload")
    tracked = service.ready()["issues"]
    service.kill()
    started = service.start().process.wait(PATIENCE)
    file.write_text(main)
    service.start()
    mended = service.ready()
    # By its name it comes before the one whose id it takes.
    (service.folder / "issues.d/all.yaml").write_text(json.dumps([issue(0, now + 40 * DAY), issue(1, now + 60 * DAY)]))
    taken = service.ask("reload", "--json")
    why = service.ask("why", "issue-1")
    service.stop()
    print("  " + renamed[1].replace("\n", "\n  "))
    return expect(
        (first[0] == 0 and "2 special issues" in first[1], first),
        (renamed[0] == 78 and tracked == 2 and "named.yaml" in renamed[1], (renamed, tracked)),
        (started == 78, started),
        (mended["issues"] == 2 and not mended["configuration"]["kept"], mended),
        (taken[0] == 0 and json.loads(taken[1].splitlines()[0])["kept"] == [{"file": "issues.d/all.yaml", "earlier_text": True}], taken),
        (stamp(now + 50 * DAY) in why[1], why),
    )


def watched():
    """With watch_config the service reads changed files by itself, once they are whole"""
    receiver = Receiver()
    now = int(time.time())
    service = Service(receiver, [issue(0, now + 40 * DAY)], ["30d"], main={"watch_config": True}).start()
    service.ready()
    with open(service.folder / "issues.d/slow.yaml", "w") as slow:
        for n in range(6):
            slow.write(json.dumps([issue(10 + n, now + 50 * DAY)])[1:-1].join(["- ", "\n"]))
            slow.flush()
            time.sleep(0.5)
        half = service.ready()["issues"]
    tracks = lambda count: until(lambda: service.ready()["issues"] == count) and count
    whole = tracks(7)
    (service.folder / "issues.d/slow.yaml").rename(service.folder / "issues.d/slow.off")
    gone = tracks(1)
    # As rsync and git exchange a directory; and once more, because the watch went with the first.
    exchanged = []
    for number in (1, 2):
        other = service.folder / "other"
        other.mkdir()
        (other / "all.yaml").write_text(json.dumps([issue(n, now + 50 * DAY) for n in range(number + 1)]))
        (service.folder / "issues.d").rename(service.folder / f"old{number}")
        other.rename(service.folder / "issues.d")
        exchanged.append(tracks(number + 1))
    # What is refused because a directory is missing counts once that is there.
    file = service.folder / "deadlined.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), "include": ["issues.d/*.yaml", "calls.d/*.yaml"]}))
    refused = until(lambda: "a directory that does not exist" in service.text())
    (service.folder / "calls.d").mkdir()
    (service.folder / "calls.d/all.yaml").write_text(json.dumps([issue(9, now + 50 * DAY)]))
    mended = tracks(4)
    service.stop()
    print(f"  while it was written {half}, then {whole}, without the file {gone}, exchanged {exchanged}, refused and mended {mended}")
    return (half, whole, gone, exchanged, bool(refused), mended) == (1, 7, 1, [2, 3], True, 4)


def read_by_others(calendars, metrics):
    """Lets independent libraries read what is meant for programs; they raise where they cannot."""
    try:
        import icalendar
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError as error:
        return print(f"  without independent readers: {error}")
    known = []
    for text in calendars:
        calendar = icalendar.Calendar.from_ical(text)
        events = [(str(event["UID"]), int(event["SEQUENCE"]), str(event["STATUS"]), event.errors) for event in calendar.walk("VEVENT")]
        print(f"  icalendar {icalendar.__version__}: {events}")
        if calendar.errors or any(errors for *_, errors in events):
            sys.exit("icalendar finds errors")
        known.append({uid: sequence for uid, sequence, *_ in events})
    # Before and after an extension, and when it is gone: the same event, with a number that rises.
    before, _, extended, gone = known
    uid = "issue-0/submission@deadlined"
    if not before[uid] < extended[uid] < gone[uid] or set(before) != set(extended):
        sys.exit(f"icalendar sees no rising SEQUENCE under one UID: {known}")
    print(f"  prometheus_client: {len(list(text_string_to_metric_families(metrics)))} families of metrics")


def page():
    """The page and its feeds: read-only, for this machine's names, with everything that is wrong"""
    receiver = Receiver(lambda n, path: 204)
    now = int(time.time())
    port = free_port()
    hostile = {"id": "evil", "title": "<script>alert(1)</script> & \"quotes\"", "journal": "A, B; C\\D",
               "url": "javascript:alert(1)", "deadline": stamp(now + 20 * DAY), "tags": ["oncology"]}
    issues = [issue(0, now + 40 * DAY), hostile]
    main = {"page": {"port": port, "public_url": "https://deadlines.example.org"}}
    service = Service(receiver, issues, ["30d"], main=main).start()
    service.ready()
    code, headers, html = get(port, "/")
    _, _, ics = get(port, "/calendar.ics?alarms=7d")
    _, _, tagged = get(port, "/calendar.ics?tag=oncology")
    (service.folder / "issues.d/all.yaml").write_text(json.dumps([issue(0, now + 45 * DAY), hostile]))
    service.ask("reload")
    _, _, moved = get(port, "/calendar.ics")
    (service.folder / "issues.d/all.yaml").write_text(json.dumps([hostile]))
    service.ask("reload")
    _, _, cancelled = get(port, "/calendar.ics")
    _, _, atom = get(port, "/feed.atom")
    _, kind, metrics = get(port, "/metrics")
    health = get(port, "/healthz")
    stranger = get(port, "/", host="evil.example.com")
    posted = get(port, "/", method="POST")
    missing = get(port, "/etc/passwd")
    bad = get(port, "/calendar.ics?alarms=soon")
    many = get(port, "/calendar.ics?alarms=" + ",".join(f"{n}d" for n in range(1, 7)))
    same = get(port, "/calendar.ics?alarms=" + ",".join(["1d"] * 1000))
    headed = get(port, "/", method="HEAD")
    public = [get(port, path, host="deadlines.example.org")[0] for path in ("/", "/metrics", "/calendar.ics", "/done/x.y")]
    # A port that somebody else has.
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = json.loads((service.folder / "deadlined.yaml").read_text())
        taken["page"]["port"] = other.getsockname()[1]
        (service.folder / "deadlined.yaml").write_text(json.dumps(taken))
        unserved = service.ask("reload"), service.ask("status")
    # Without a page nothing listens.
    quiet = json.loads((service.folder / "deadlined.yaml").read_text())
    del quiet["page"]
    (service.folder / "deadlined.yaml").write_text(json.dumps(quiet))
    service.ask("reload")
    try:
        get(port, "/")
        closed = False
    except OSError:
        closed = True
    service.stop()

    def events(text):
        parts = text.replace("\r\n ", "").split("BEGIN:VEVENT")[1:]
        return {re.search(r"UID:(.*?)\r", part)[1]: part for part in parts}

    uid = "issue-0/submission@deadlined"
    sequence = lambda text: int(re.search(r"SEQUENCE:(\d+)", events(text)[uid])[1])
    read_by_others([ics, tagged, moved, cancelled], metrics)
    return expect(
        (code == 200 and "<script" not in html and "javascript:" not in html and "&lt;script" in html, html[:500]),
        ("default-src 'none'" in headers["content-security-policy"], headers),
        (set(events(ics)) == {uid, "evil/submission@deadlined"} and "TRIGGER" in ics, ics),
        (set(events(tagged)) == {"evil/submission@deadlined"}, tagged),
        (0 == sequence(ics) < sequence(moved) < sequence(cancelled), (ics, moved, cancelled)),
        ("STATUS:CANCELLED" in events(cancelled)[uid], cancelled),
        (len(xml.etree.ElementTree.fromstring(atom).findall("{http://www.w3.org/2005/Atom}entry")) == 1, atom),
        (atom.count("<entry>") == 1 and "&lt;script" in atom, atom),
        (kind["content-type"].startswith("application/openmetrics-text") and metrics.endswith("# EOF\n"), metrics),
        ('deadlined_channel_state{channel="hook",deadlined_channel_state="ok"} 1' in metrics, metrics),
        (many[0] == 400 and same[0] == 200 and same[2].count("BEGIN:VALARM") == 1, (many, same[2][:300])),
        (headed[0] == 200 and headed[2] == "" and int(headed[1]["content-length"]) > 1000, headed),
        (public == [404] * 4, public),
        (all(code == 0 and "cannot be served" in text for code, text in unserved), unserved),
        ('rel="self" type="application/atom+xml" href="http://127.0.0.1/feed.atom"' in atom, atom),
        (health[0] == 200 and health[2] == "ok\n", health),
        (stranger[0] == 421 and posted[0] == 405 and missing[0] == 404 and bad[0] == 400, (stranger, posted, missing, bad)),
        (closed, "the page is still there"),
    )


def button():
    """A message's link asks, its button marks as done; no other link does, and a look changes nothing"""
    port = free_port()
    main = {"page": {"port": port, "public_url": "https://deadlines.example.org/"}}
    # Each is told of by a link, and all but the last, whose deadline comes first, are to be told of once more.
    make = lambda first: Service(
        Receiver(), [issue(0, first + 40), issue(1, first + 41), issue(2, first + 15)], ["40s", "15s"], main=main)
    service, first = in_time(make)
    receiver = service.receiver
    receiver.wait(3)
    links = {post[2]["data"]["issue"]["id"]: post[2]["data"]["done_url"] for post in receiver.posts}
    name, link = "issue-0", links["issue-0"]
    path = link.removeprefix("https://deadlines.example.org")
    korean = get(port, path, language="de;q=0.5, ko-KR, en;q=0.1")
    asked = get(port, path, host="deadlines.example.org")
    looked = service.ready()["marks"]
    body, tag = path.removeprefix("/done/").split(".")
    others = [links[other].rsplit("/", 1)[1].split(".") for other in ("issue-0", "issue-1")]
    forged = [
        get(port, f"/done/{others[0][0]}.{others[1][1]}", "POST"),
        get(port, f"/done/{body}.{'A' * len(tag)}", "POST"),
        get(port, f"/done/{body}", "POST"),
        get(port, "/done/.", "POST"),
        get(port, path + "x", "POST"),
    ]
    unmarked = service.ready()["marks"]
    pressed = get(port, path, "POST")
    again = get(port, path)
    marked = service.ready()["marks"]
    time.sleep(max(0, first + 16 - time.time()))
    expired = get(port, links["issue-2"].removeprefix("https://deadlines.example.org"), "POST")
    told = lambda: [(post[2]["data"]["issue"]["id"], post[2]["data"]["reminder"]) for post in receiver.posts]
    # That of the other one would have come before it.
    until(lambda: ("issue-1", "15s") in told())
    reminders = told()
    service.stop()
    return expect(
        ("<title>Submitted? Special issue 0</title>" in asked[2] and "feed.atom" not in asked[2], asked),
        ("<title>It is marked as done. Special issue 0</title>" in pressed[2] and "<title>Nothing was changed</title>" in forged[0][2], pressed),
        ('<html lang="ko">' in korean[2] and "제출 완료, 알림 중지</button>" in korean[2] and "Nobody" not in korean[2], korean),
        (asked[0] == 200 and "<form method=\"post\">" in asked[2] and looked == [], asked),
        (all(answer[0] == 404 for answer in forged) and unmarked == [], forged),
        (pressed[0] == 200 and "marked as done" in pressed[2] and "marked as done" in again[2], pressed),
        ([mark["issue"] for mark in marked] == [name], marked),
        (expired[0] == 410, expired),
        ([r for i, r in reminders if i == name] == ["40s"] and ("issue-1", "15s") in reminders, reminders),
    )


def lists():
    """A message that tells several reminders has a link for each; preview shows links that no service takes"""
    port = free_port()
    base = "https://deadlines.example.org"

    def make(first):
        receiver = Receiver()
        hook = {"type": "webhook", "url": receiver.url, "allow_networks": "127.0.0.1", "burst": 3}
        main = {"page": {"port": port, "public_url": base}, "channels": {"hook": hook}}
        return Service(receiver, [issue(n, first + 600) for n in range(3)], ["10min"], main=main)

    service, _ = in_time(make)
    receiver = service.receiver
    came = receiver.wait(1)
    event = receiver.posts[0][2] if came else {"type": "", "data": {"reminders": []}}
    links = {entry["issue"]["id"]: entry.get("done_url", "") for entry in event["data"]["reminders"]}
    paths = {name: link.removeprefix(base) for name, link in links.items()}
    pressed = get(port, paths.get("issue-1", "/"), "POST", host="deadlines.example.org")
    marked = [mark["issue"] for mark in service.ready()["marks"]]
    drawing = service.folder / "preview.html"
    shown = [
        subprocess.run([BINARY, "preview", "issue-0", "--config", service.folder, *options], capture_output=True, text=True).stdout
        for options in ([], ["--json"], ["--every-service", "--html", drawing])
    ]
    made_up = re.search(base + r"(/done/[\w.-]+)", shown[0])
    refused = get(port, made_up[1], "POST", host="deadlines.example.org") if made_up else None
    drawn = drawing.read_text()
    service.stop()
    return expect(
        (came == 1 and event["type"] == "deadline.reminders", receiver.posts),
        (len(set(links.values())) == 3 and all(path.startswith("/done/") for path in paths.values()), links),
        (pressed[0] == 200 and marked == ["issue-1"], (pressed, marked)),
        ("Submitted, stop reminding" in shown[0] and f'"done_url":"{base}/done/' in shown[1], shown[:2]),
        (refused and refused[0] == 404, (made_up, refused)),
        # As a button of Slack and Telegram, in the text of Zulip, and of a digest.
        (drawn.count(base + "/done/") > 100, drawn.count(base + "/done/")),
    )


def removed():
    """A socket that somebody removes is made anew, and a service whose journal is removed sends nothing and ends loudly"""
    receiver = Receiver()
    service = Service(receiver, [issue(0, int(time.time()) + 40 * DAY)], ["30d"]).start()
    service.ready()
    tested = service.ask("test", "hook")
    repeated = service.ask("resend", "1")
    (service.state / "control.sock").unlink()
    deaf = service.ask("why", "issue-0")
    service.process.send_signal(signal.SIGHUP)
    service.ready()
    shutil.rmtree(service.state)
    (service.folder / "issues.d/all.yaml").write_text(json.dumps([issue(0, int(time.time()) + 50 * DAY)]))
    service.process.send_signal(signal.SIGHUP)
    code = service.process.wait(timeout=PATIENCE)
    service.start()
    service.ready()
    text = service.stop()[1]
    return expect(
        (tested[0] == 0 and len(receiver.posts) == 1, (tested, receiver.posts)),
        (repeated[0] == 65 and "'deadlined test hook' sends another" in repeated[1], repeated),
        (deaf[0] == 69 and "its socket" in deaf[1] and "makes it anew" in deaf[1], deaf),
        (code == 74 and "somebody removed the journal" in text and "in use. A new one begins" in text, (code, text[-1000:])),
    )


def misspelt():
    """What is nearly a command is named, no path is empty, and who asks where no service runs is told how to start it"""
    answer = lambda *words: subprocess.run([BINARY, *words], capture_output=True, text=True)
    typed, far, asked = answer("statsu"), answer("qwertz"), answer("status", "--help")
    system, own = answer("why", "x", "--state", "/var/lib/deadlined"), answer("why", "x", "--state", "/nowhere")
    empty = [answer("run", "--state", ""), answer("status", "--state", ""), answer("check", "--config", ""), answer("init", "")]
    return expect(
        (typed.returncode == 64 and "did you mean 'status'?" in typed.stderr, typed),
        (far.returncode == 64 and "did you mean" not in far.stderr, far),
        (asked.returncode == 0 and "/etc/deadlined unless said" in " ".join(asked.stdout.split()), asked),
        (os.path.exists("/run/deadlined") or system.returncode == 69 and "systemctl start deadlined" in system.stderr, system),
        (own.returncode == 69 and "systemctl" not in own.stderr and "--state" in own.stderr, own),
        (all(one.returncode == 64 and "is empty: name" in one.stderr for one in empty), empty),
    )


def unusable():
    """Files that cannot be used end a command with 74 and say which and why; what a service makes is its own"""
    receiver = Receiver()
    service = Service(receiver, [issue(0, int(time.time()) + 40 * DAY)], ["30d"])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="deadlined-"))
    # Somebody else has to get there.
    folder.chmod(0o755)
    service.folder.chmod(0o755)
    (folder / "file").touch()
    (folder / "taken/journal.db").mkdir(parents=True)
    (folder / "closed").mkdir(mode=0o755)
    service.start()
    service.ready()
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in service.state.iterdir() if not path.is_socket()}
    second = subprocess.run(
        [BINARY, "run", "--config", service.folder, "--state", service.state], capture_output=True, text=True, timeout=PATIENCE)
    service.kill()
    shutil.copytree(service.state, folder / "newer", ignore=lambda *_: ["control.sock"])
    with sqlite3.connect(folder / "newer/journal.db") as journal:
        journal.execute("INSERT INTO grdb_migrations VALUES ('999')")
    # Who may start the binary, too.
    is_open = all(place.stat().st_mode & stat.S_IXOTH for place in pathlib.Path(BINARY).resolve().parents)
    nobody = 65534 if os.geteuid() == 0 and is_open else None
    cases = [
        # The command, and what it says: the file and the reason. {} is the folder.
        (None, "run --state {}/file/state", "{}/file/state cannot be made: Not a directory"),
        (None, "run --state {}/taken", "{}/taken/journal.db cannot be opened"),
        (None, "list --state {}/taken", "{}/taken/journal.db cannot be opened"),
        (None, "list --state {}/none", "{}/none/journal.db cannot be read: No such file or directory"),
        (None, "history --state {}/file", "{}/file/journal.db cannot be read: Not a directory"),
        (None, "test hook --state {}/file/state", "{}/file/state cannot be made: Not a directory"),
        (None, "preview issue-0 --html {}/none/page.html", "{}/none/page.html cannot be written: No such file or directory"),
        (None, "preview issue-0 --html /dev/full", "/dev/full cannot be written: No space left on device"),
        (None, "init {}/file/new", "{}/file/new cannot be made: Not a directory"),
    ]
    if nobody:
        cases += [
            (nobody, "run --state {}/closed", "{}/closed/lock cannot be made: Permission denied"),
            (nobody, "run --state {}/closed/state", "{}/closed/state cannot be made: Permission denied"),
            (nobody, "init {}/closed/new", "{}/closed/new cannot be made: Permission denied"),
        ]
    newer = subprocess.run(
        [BINARY, "run", "--config", service.folder, "--state", folder / "newer"], capture_output=True, text=True, timeout=PATIENCE)
    # The unit does not start that again and again.
    facts = [(newer.returncode == 78 and "a newer version of deadlined wrote it (install that one" in newer.stderr, newer)]
    for user, command, words in cases:
        words = words.format(folder)
        command = command.format(folder).split()
        configured = ["--config", service.folder] if command[0] not in ("history", "init") else []
        done = subprocess.run([BINARY, *command, *configured], capture_output=True, text=True, timeout=PATIENCE, user=user)
        said = (done.stdout + done.stderr).strip()
        print(f"  {said.splitlines()[-1] if said else ''}")
        facts.append((done.returncode == 74 and words in said, (command, done.returncode, said)))
    if nobody:
        os.chown(folder / "closed", nobody, nobody)
        foreign = subprocess.Popen(
            [BINARY, "run", "--config", service.folder, "--state", folder / "closed"], stderr=subprocess.PIPE, text=True)
        line = foreign.stderr.readline()
        foreign.terminate()
        foreign.communicate(timeout=PATIENCE)
        facts.append(("belongs to nobody" in line and "runuser -u nobody" in line, line))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(service.folder, ignore_errors=True)
    return expect(
        *facts,
        (made and set(made.values()) == {0o600}, made),
        (second.returncode == 69 and "deadlined status" in second.stderr, second),
    )


CHECKS = {check.__name__: check for check in (marks, unwritten, reloads, elsewhere, watched, page, button, lists, removed, misspelt, unusable)}
run(CHECKS, list(CHECKS))
