#!/usr/bin/env python3
"""Runs the built service against a real HTTP server on loopback and says what happened.

    Tests/acceptance/live.py BINARY [punctual crash burst outage reload test stop disk idle]

Each check prints its figures and `ok` or `FAILED`; the exit code counts the failures. Nothing but Python's own library
is needed. `disk` mounts a small tmpfs and therefore wants root.
"""
import datetime, http.server, json, os, pathlib, shutil, signal, subprocess, sys, tempfile, threading, time

BINARY = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(__doc__)
UTC = datetime.timezone.utc


class Receiver:
    """Takes webhooks and remembers when each came. `answer` gives the status of the n-th request, or None to hang up."""

    def __init__(self, answer=lambda n: 204):
        receiver = self
        self.posts, self.count, self.lock = [], 0, threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                arrived = time.time()
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.lock:
                    number = receiver.count
                    receiver.count += 1
                status = answer(number)
                if status is None:
                    self.close_connection = True
                    return
                if status < 300:
                    with receiver.lock:
                        receiver.posts.append((arrived, self.headers["webhook-id"], json.loads(body)))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 1024
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count, seconds):
        end = time.time() + seconds
        while time.time() < end and len(self.posts) < count:
            time.sleep(0.05)
        return len(self.posts)


class Service:
    def __init__(self, receiver, issues, schedule, folder=None, **options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deadlined-"))
        self.state = pathlib.Path(folder or self.folder / "state")
        self.write(receiver, issues, schedule, **options)
        self.log = open(self.folder / "log", "w+")

    def write(self, receiver, issues, schedule, **options):
        (self.folder / "issues.d").mkdir(exist_ok=True)
        (self.folder / "deadlined.yaml").write_text(
            json.dumps(
                {
                    "defaults": {"timezone": "UTC", "channels": ["hook"]},
                    "schedules": {"standard": {"reminders": schedule, **options}},
                    "channels": {"hook": {"type": "webhook", "url": receiver.url, "allow_networks": "127.0.0.1"}},
                }
            )
        )
        (self.folder / "issues.d/all.yaml").write_text(json.dumps(issues))

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "run", "--config", self.folder, "--state", self.state], stderr=self.log, stdout=self.log
        )
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        text = self.text()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code, text

    def text(self):
        self.log.flush()
        return (self.folder / "log").read_text()

    def proc(self, key):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(key + ":"):
                return line.split()[1]

    def switches(self):
        """Voluntary context switches of all threads."""
        total = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            for line in open(f"/proc/{self.process.pid}/task/{task}/status"):
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
        return total


def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def due(post):
    return datetime.datetime.fromisoformat(post[2]["data"]["due"].replace("Z", "+00:00")).timestamp()


def issue(number, deadline):
    return {"id": f"issue-{number}", "title": f"Special issue {number}", "deadline": stamp(deadline)}


def lateness(posts):
    late = sorted((post[0] - due(post)) * 1000 for post in posts)
    if not late:
        return "no post"
    return f"late ms: min {late[0]:.1f} median {late[len(late) // 2]:.1f} max {late[-1]:.1f}"


def once(posts, count):
    """Every reminder came, and none twice."""
    reminders = [(post[2]["data"]["issue"]["id"], post[2]["data"]["reminder"]) for post in posts]
    return len(reminders) == count and len(set(reminders)) == count


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


def burst(count=1000):
    """1,000 issues due in the same second, one receiver."""
    receiver = Receiver()
    deadline = int(time.time()) + 65
    service = Service(receiver, [issue(n, deadline) for n in range(count)], ["1min"]).start()
    receiver.wait(count, 60)
    peak = service.proc("VmHWM")
    code, _ = service.stop()
    took = max((post[0] for post in receiver.posts), default=0) - (deadline - 60)
    print(f"  {len(receiver.posts)} posts in {took:.2f} s after the due instant, peak memory {int(peak) / 1024:.1f} MB, exit {code}")
    return once(receiver.posts, count)


def outage():
    """The receiver refuses, then hangs up, then works: nothing is lost, and a lost answer is marked."""
    receiver = Receiver(lambda n: 500 if n == 0 else None if n == 1 else 204)
    deadline = int(time.time()) + 64
    service = Service(receiver, [issue(1, deadline)], ["1min"]).start()
    receiver.wait(1, 60)
    code, text = service.stop()
    body = receiver.posts[0][2]["data"] if receiver.posts else {}
    print(f"  {receiver.count} attempts, {len(receiver.posts)} delivered, late {body.get('late_seconds')} s, "
          f"possible repeat {body.get('possible_repeat')}")
    return len(receiver.posts) == 1 and receiver.count == 3 and body["possible_repeat"] and "not delivered" in text


def reload():
    """SIGHUP: a configuration with errors changes nothing, a right one counts at once, a moved deadline is announced."""
    receiver = Receiver()
    deadline = int(time.time()) + 70
    service = Service(receiver, [issue(1, deadline)], ["1min"]).start()
    time.sleep(2)
    service.write(receiver, [{"id": "issue-1", "title": "x", "deadline": "2025-02-30"}], ["1min"])
    service.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    refused = "there is no 30 February 2025" in service.text() and "stays in use" in service.text()
    receiver.wait(1, 12)
    before = [post[2]["data"]["reminder"] for post in receiver.posts]
    service.write(receiver, [issue(1, deadline + 86400), issue(2, deadline + 5)], ["1min"])
    service.process.send_signal(signal.SIGHUP)
    receiver.wait(3, 12)
    code, _ = service.stop()
    after = [(post[2]["type"], post[2]["data"]["issue"]["id"]) for post in receiver.posts[1:]]
    print(f"  refused {refused}, before {before}, after {after}, exit {code}")
    return refused and before == ["1min"] and code == 0 and after == [
        ("deadline.moved", "issue-1"), ("deadline.reminder", "issue-2")]


def test():
    """`test CHANNEL` delivers beside the running service, and says why where it cannot."""
    receiver = Receiver(lambda n: 204 if n == 0 else 410)
    service = Service(receiver, [issue(1, time.time() + 86400)], ["1min"]).start()
    time.sleep(1)
    command = [BINARY, "test", "hook", "--config", service.folder, "--state", service.state]
    good, bad = (subprocess.run(command, capture_output=True, text=True) for _ in range(2))
    receiver.server.shutdown()
    receiver.server.server_close()
    gone = subprocess.run(command, capture_output=True, text=True)
    code, _ = service.stop()
    print(f"  {good.returncode} {good.stdout.strip()!r}, {bad.returncode} {bad.stderr.strip()!r}, "
          f"{gone.returncode} {gone.stderr.strip()!r}")
    return (good.returncode, good.stdout) == (0, "hook: delivered\n") and bad.returncode == gone.returncode == 69


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


def stop():
    """SIGTERM waits for the request under way and exits 0; the outcome is journalled."""
    release = threading.Event()
    receiver = Receiver(lambda n: 204 if release.wait(5) else 204)
    deadline = int(time.time()) + 63
    service = Service(receiver, [issue(1, deadline)], ["1min"]).start()
    while receiver.count == 0:
        time.sleep(0.05)
    service.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    still = service.process.poll() is None
    release.set()
    code, text = service.stop()
    print(f"  waited {still}, exit {code}")
    return still and code == 0 and "delivered issue-1" in text


failures = 0
names = sys.argv[2:] or ["punctual", "crash", "burst", "outage", "reload", "test", "stop", "disk", "idle"]
for name in names:
    check = globals()[name]
    print(f"{name}: {check.__doc__.splitlines()[0]}", flush=True)
    passed = check()
    failures += not passed
    print("  ok" if passed else "  FAILED", flush=True)
print(f"{len(names) - failures} passed, {failures} failed")
sys.exit(failures)
