#!/usr/bin/env python3
"""Lives through a short and a long rehearsal under valgrind: no block is lost, and the long one holds no more at its end than the
short one. Needs valgrind.
usage: leaks.py BINARY [DELIVERIES]"""
import datetime, json, pathlib, re, shutil, subprocess, sys, tempfile

BINARY, COUNT = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
# SQLite's cache fills up to this.
TOLERANCE = 2 << 20
if not shutil.which("valgrind"):
    sys.exit("this needs valgrind: apt-get install valgrind")


def rehearse(binary, folder, count):
    days = 250
    deadline = (datetime.date.today() + datetime.timedelta(days=days + 10)).isoformat()
    (folder / "deadlined.yaml").write_text(json.dumps({
        "defaults": {"timezone": "Europe/Zurich", "channels": ["lab"]},
        "schedules": {"standard": [f"every 1d from {days}d"]},
        "channels": {"lab": {"type": "slack", "url": "https://hooks.slack.com/services/T/B/x"}}}))
    issues = [{"id": f"issue-{n}", "title": f"Special issue {n}", "deadline": deadline} for n in range(max(1, count // days))]
    (folder / "issues.d").mkdir(exist_ok=True)
    (folder / "issues.d/all.yaml").write_text(json.dumps(issues))
    log = folder / "valgrind.log"
    # What the Swift runtime does with undefined values is its own affair: invalid accesses and leaks are ours.
    done = subprocess.run(
        ["valgrind", "--undef-value-errors=no", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
         "--show-leak-kinds=definite,indirect", "--error-exitcode=99", f"--log-file={log}",
         binary, "rehearse", "--config", folder, "--json"], capture_output=True, text=True)
    text = log.read_text()
    number = lambda pattern: int(re.search(pattern + r"([\d,]+) bytes", text)[1].replace(",", "")) if re.search(pattern, text) else 0
    sent = len(done.stdout.splitlines())
    held = number(r"in use at exit: ")
    print(f"{sent} deliveries: {number('definitely lost: ')} bytes lost, {held} held at the end; {done.stderr.strip()}", flush=True)
    if done.returncode != 0:
        sys.exit(f"leaks: valgrind found errors\n{text[-4000:]}")
    return sent, held


with tempfile.TemporaryDirectory(prefix="deadlined-") as folder:
    folder = pathlib.Path(folder)
    # Debian 12's valgrind cannot read the debug information.
    stripped = folder / "deadlined"
    subprocess.run(["strip", "-o", stripped, BINARY], check=True)
    few, short = rehearse(stripped, folder, COUNT // 10)
    many, long = rehearse(stripped, folder, COUNT)
    if not many > 5 * few:
        sys.exit(f"leaks: {many} deliveries are not many more than {few}")
    if long > short + TOLERANCE:
        sys.exit(f"leaks: {long - short} bytes more are held after {many} deliveries than after {few}")
    print(f"leaks: none; {long - short} bytes more are held after {many} deliveries than after {few}, {TOLERANCE} are SQLite's")
