"""The built service and a receiver of webhooks, for the acceptance tests. The service's binary is the first argument of whoever
imports this."""
import datetime, http.server, json, os, pathlib, shutil, signal, subprocess, sys, tempfile, threading, time

BINARY = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else sys.exit("usage: NAME.py BINARY [NAME ...]")
UTC = datetime.timezone.utc
# How many seconds anything may take that is no matter of time: whatever comes earlier ends the wait.
PATIENCE = 300


def until(condition, seconds=PATIENCE):
    """Waits for a condition; what came of it."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return value


class Receiver:
    """Takes webhooks and remembers when each came. `answer` gives the status of the n-th request to a path, or None to hang up."""

    def __init__(self, answer=lambda n, path: 204):
        receiver = self
        self.posts, self.requests, self.pings, self.count, self.lock = [], [], [], 0, threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                arrived = time.time()
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.lock:
                    number = receiver.count
                    receiver.count += 1
                status = answer(number, self.path)
                with receiver.lock:
                    receiver.requests.append((arrived, status, json.loads(body)))
                if status is None:
                    self.close_connection = True
                    return
                if status < 300:
                    with receiver.lock:
                        receiver.posts.append((arrived, self.headers["webhook-id"], json.loads(body)))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_GET(self):
                with receiver.lock:
                    receiver.pings.append(time.time())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 1024
            daemon_threads = True

            def handle_error(self, *_):
                """A client that was killed has nothing more to say."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count, seconds=PATIENCE):
        until(lambda: len(self.posts) >= count, seconds)
        return len(self.posts)


class Service:
    def __init__(self, receiver, issues, schedule, folder=None, **options):
        self.folder, self.receiver = pathlib.Path(tempfile.mkdtemp(prefix="deadlined-")), receiver
        self.state = pathlib.Path(folder or self.folder / "state")
        self.write(receiver, issues, schedule, **options)
        self.log = open(self.folder / "log", "w+")

    def write(self, receiver, issues, schedule, main={}, **options):
        (self.folder / "issues.d").mkdir(exist_ok=True)
        (self.folder / "deadlined.yaml").write_text(
            json.dumps(
                {
                    "defaults": {"timezone": "UTC", "channels": ["hook"]},
                    "schedules": {"standard": {"reminders": schedule, **options}},
                    "channels": {"hook": {"type": "webhook", "url": receiver.url, "allow_networks": "127.0.0.1"}},
                    **main,
                }
            )
        )
        (self.folder / "issues.d/all.yaml").write_text(json.dumps(issues))

    def start(self, *prefix):
        self.process = subprocess.Popen(
            [*prefix, BINARY, "run", "--config", self.folder, "--state", self.state], stderr=self.log, stdout=self.log
        )
        return self

    def status(self):
        """How it is, if it answers: then it knows its issues, and owes what is due from then on."""
        code, text = self.ask("status", "--json")
        found = json.loads(text) if code == 0 else {}
        return found if found.get("since") else None

    def ready(self):
        """How it is, once it answers."""
        found = until(lambda: self.status() or self.process.poll() is not None)
        if not isinstance(found, dict):
            sys.exit(f"the service does not answer: {self.text()[-2000:]}")
        return found

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE)
        text = self.text()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code, text

    def text(self):
        self.log.flush()
        return (self.folder / "log").read_text()

    def ask(self, *command):
        """What a command says about this service: its exit code and its text."""
        done = subprocess.run([BINARY, *command, "--state", self.state], capture_output=True, text=True)
        return done.returncode, (done.stdout + done.stderr).strip()

    def history(self):
        code, text = self.ask("history", "--json", "--attempts")
        if code != 0:
            sys.exit(f"history: {text}")
        return [json.loads(line) for line in text.splitlines()]

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


def in_time(make, lead=4, prefix=(), prepare=lambda service: None):
    """A service that knew its issues before the first was due, for what was due earlier is never owed. `make` gives it for the
    instant at which that will be, and `prepare` does what has to be done before; where this machine took longer, another one
    gets more time."""
    while True:
        first = int(time.time()) + lead
        service = make(first).start(*prefix)
        # One that is late ends while nothing is due yet: other programs would remember what it sent.
        if until(service.status, lead / 2):
            service.prepared = prepare(service)
            if time.time() < first:
                return service, first
        if service.process.poll() is not None:
            sys.exit(f"the service has ended: {service.text()[-2000:]}")
        service.kill()
        shutil.rmtree(service.folder)
        print(f"  {lead} s were too few for this machine")
        lead *= 3


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


def run(checks, default):
    """Runs checks by name, says what came of each, and exits with the number of failures. A check that returns None was
    skipped, and has said why."""
    names = sys.argv[2:] or default
    passed = failed = skipped = 0
    for name in names:
        check = checks[name]
        print(f"{name}: {check.__doc__.splitlines()[0]}", flush=True)
        result = check()
        passed += result is True
        skipped += result is None
        failed += result is not None and not result
        print("  skipped" if result is None else "  ok" if result else "  FAILED", flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(failed)
