#!/usr/bin/env python3
"""Searches everything that the service and its commands write for everything that is secret, after errors of every kind.
usage: sinks.py BINARY [NAME ...]"""
import base64, http.client, http.server, json, os, pathlib, socket, struct, subprocess, sys, tempfile, threading, time, urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import faulty
from service import BINARY, PATIENCE, Service, in_time, issue, run, until

HERE = "127.0.0.1"
# Whatever of a secret is as long as this, in any spelling, is a find.
LEAST = 10


class Vault:
    """Makes secrets, and knows how they could be spelled."""

    def __init__(self):
        self.names, self.windows, self.known = {}, {}, set()

    def make(self, name, length=30, alphabet="abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"):
        secret = "".join(alphabet[byte % len(alphabet)] for byte in os.urandom(length))
        self.names[secret] = name
        return secret

    def found(self, text):
        """The names of the secrets of which a text has a part, and around it."""
        windows = self.windows
        for secret, name in [entry for entry in self.names.items() if entry[0] not in self.known]:
            spellings = {secret, secret[::-1], secret.lower(), secret.upper(), secret.encode().hex()}
            for pad in range(3):
                # What a change of the neighbours leaves as it is.
                spellings.add(base64.b64encode(b"\0" * pad + secret.encode()).decode()[4:-4])
            self.known.add(secret)
            for spelling in spellings:
                for start in range(len(spelling) - LEAST + 1):
                    windows[spelling[start : start + LEAST]] = name
        hits = {}
        for start in range(len(text) - LEAST + 1):
            name = windows.get(text[start : start + LEAST])
            if name and name not in hits:
                hits[name] = text[max(0, start - 80) : start + 40]
        return hits


class Echo:
    """Says back all that it hears, in every place of an answer where words can stand, with every kind of failure."""

    KINDS = ("400", "401", "403", "404", "410", "413", "429", "500", "503", "302", "200", "204", "cut", "reset", "no HTTP",
             "broken JSON", "long", "percent", "base64", "headers", "reason")

    def __init__(self):
        self.heard = []
        self.port = faulty.serve(self.talk)

    def talk(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while len(body) < (lengths or [0])[0]:
            body += connection.recv(65536)
        text = (head + b"\r\n" + body).decode()
        self.heard.append(text)
        kind = next((kind for kind in self.KINDS if f"kind-{kind.replace(' ', '-')}-" in text), "500")
        if kind == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return connection.close()
        if kind == "no HTTP":
            return connection.sendall(text.encode())
        line = " ".join(text.split())
        said = json.dumps({"ok": False, "code": 19001, "errcode": 310000, "errmsg": line, "msg": line, "message": line,
                           "description": line, "error": line, "errors": [line], "error_description": line, "result": "error"})
        said = {"percent": urllib.parse.quote(text), "base64": base64.b64encode(text.encode()).decode(), "long": "x" * 150 + text * 40,
                "broken JSON": said[:-20]}.get(kind, said)
        status = int(kind) if kind.isdigit() else {"headers": 429}.get(kind, 500)
        words = line[:400] if kind == "reason" else "Words"
        fields = [f"content-length: {0 if status == 204 else len(said.encode()) + (50 if kind == 'cut' else 0)}",
                  "content-type: application/json", "connection: close"]
        if status == 302:
            fields.append(f"location: http://{HERE}:{self.port}/{urllib.parse.quote(line)[:900]}")
        if status == 429:
            fields.append(f"retry-after: {line[:300] if kind == 'headers' else 2}")
        connection.sendall("\r\n".join([f"HTTP/1.1 {status} {words}", *fields, "", "" if status == 204 else said]).encode())


def mail_server():
    """Says back each line of the conversation, and what it means, as its reason to refuse the password."""

    def talk(connection):
        lines = connection.makefile("rw", newline="\r\n")
        say = lambda text: (lines.write(text + "\r\n"), lines.flush())
        say("220 mail.example.org ESMTP")
        for line in lines:
            if line.startswith("EHLO"):
                say("250-mail.example.org\r\n250 AUTH PLAIN LOGIN")
            elif line.startswith("AUTH"):
                words = line.split()
                if len(words) < 3:
                    say("334 ")
                    words = lines.readline().split()
                said = base64.b64decode(words[-1]).decode().replace("\0", " ")
                say(f"535 5.7.8 {words[-1]} is {said}, and wrong")
            else:
                say("221 bye")

    return faulty.serve(talk)


def channels(vault, port, mail, kind):
    """One of each type, with secrets of its own, at a receiver that fails in one way."""
    name = kind.replace(" ", "-")
    # The kind stands in the address, or where the type has none in a name.
    url = lambda type: f"http://{HERE}:{port}/kind-{name}-/{vault.make(f'{type} {kind} path')}?sig={vault.make(f'{type} {kind} query')}"
    base = f"http://{HERE}:{port}/kind-{name}-"
    made = {type: {"url": url(type)} for type in (
        "slack", "discord", "teams", "google-chat", "mattermost", "rocketchat", "webex", "feishu", "dingtalk", "wecom", "webhook",
        "cloudevents", "alertmanager")}
    made["google-chat"]["url"] += f"&key={vault.make(f'google-chat {kind} key')}&token={vault.make(f'google-chat {kind} token')}"
    made["alertmanager"]["url"] = base
    for type in ("feishu", "dingtalk", "webhook"):
        made[type]["secret"] = vault.make(f"{type} {kind} secret", 32)
    for type in ("webhook", "cloudevents", "alertmanager"):
        made[type]["headers"] = {"authorization": "Bearer " + vault.make(f"{type} {kind} header")}
    made |= {
        "zulip": {"site": base, "email": "bot@example.org", "api_key": vault.make(f"zulip {kind}"), "to": "deadlines"},
        "matrix": {"homeserver": base, "room": "!abc:example.org", "token": vault.make(f"matrix {kind}")},
        "telegram": {"api": base, "token": "123456:" + vault.make(f"telegram {kind}", 35), "chat_id": "-100123"},
        "ntfy": {"url": base, "topic": "deadlines", "token": "tk_" + vault.make(f"ntfy {kind}")},
        "gotify": {"url": base, "token": "A" + vault.make(f"gotify {kind}")},
        "pushover": {"api": base, "token": vault.make(f"pushover {kind} token"), "user": vault.make(f"pushover {kind} user")},
    }
    if kind == "401":
        made["email"] = {"smtp": f"smtp://{HERE}:{mail}", "username": "me", "password": vault.make("email password"),
                         "from": "me@example.org", "to": "ada@example.org"}
    return {f"{type}-{name}": {"type": type, "allow_networks": HERE, **settings} for type, settings in made.items()}


def fails(vault):
    """Secrets are not in the log, the journal, the page, its feeds or any command's words, whatever a service answers"""
    echo, mail = Echo(), mail_server()
    made = {}
    for kind in Echo.KINDS:
        made |= channels(vault, echo.port, mail, kind)
    with tempfile.TemporaryDirectory() as folder:
        faulty.authority(folder)
        strangers = {"self-signed": faulty.tls(folder, is_self_signed=True), "closed": faulty.closed_port()}
        for name, port in strangers.items():
            made[name] = {"type": "slack", "allow_networks": HERE,
                          "url": f"https://localhost:{port}/{vault.make(name)}?sig={vault.make(name + ' query')}"}
    made["nameless"] = {"type": "slack", "url": f"https://{vault.make('nameless', 20).lower()}.invalid/{vault.make('nameless path')}"}
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port = probe.getsockname()[1]
    main = {"channels": made, "defaults": {"timezone": "UTC", "channels": list(made)},
            "page": {"port": port, "public_url": "https://deadlines.example.org"},
            "heartbeat": {"url": f"http://{HERE}:{echo.port}/kind-500-/{vault.make('heartbeat')}", "every": "1min",
                          "allow_networks": HERE}}

    def make(first):
        issues = [issue(n, first + 14 + n) for n in range(3)] + [issue(7, first + 90 * 86_400)]
        service = Service.__new__(Service)
        service.folder = pathlib.Path(tempfile.mkdtemp(prefix="deadlined-"))
        service.state = service.folder / "state"
        (service.folder / "issues.d").mkdir()
        (service.folder / "deadlined.yaml").write_text(json.dumps({"schedules": {"standard": ["14s", "8s", "2s", "0s after"]}, **main}))
        (service.folder / "issues.d/all.yaml").write_text(json.dumps(issues))
        service.log = open(service.folder / "log", "w+")
        return service

    service, first = in_time(make)
    config = ["--config", str(service.folder)]
    sinks = {}

    def say(name, *command):
        done = subprocess.run([BINARY, *command], capture_output=True, text=True)
        sinks[name] = done.stdout + done.stderr

    say("check", "check", *config)
    say("check --json", "check", "--json", *config)
    # The last is due after 16 s, and what failed is tried again after five.
    reached = lambda: {row["channel"] for row in service.history() if row["tries"]}
    until(lambda: service.process.poll() is not None or time.time() > first + 24 and reached() == set(made))
    if service.process.poll() is not None:
        sys.exit(f"the service does not run: {[line for line in sinks['check'].splitlines() if 'error' in line]}")
    for path in ("/", "/metrics", "/feed.atom", "/calendar.ics", "/healthz", "/nothing"):
        connection = http.client.HTTPConnection(HERE, port, timeout=PATIENCE)
        connection.request("GET", path, headers={"host": HERE})
        response = connection.getresponse()
        sinks[f"page {path}"] = str(response.getheaders()) + response.read().decode()
    for command in (["status"], ["status", "--json"], ["history", "--last", "5000"], ["history", "--attempts", "--json"], ["why", "issue-0"],
                    ["why", "issue-0", "--json"], ["why", "1"], ["why", "100"], ["done", "issue-7"], ["undo", "issue-7"], ["mute", "closed"],
                    ["resume", "slack-404"], ["resend", "3"], ["reload"], ["reload", "--json"]):
        say(" ".join(command), *command, "--state", str(service.state))
    for command in (["plan", "--json"], ["list"], ["list", "--json"], ["preview", "issue-7"], ["preview", "issue-7", "--json"],
                    ["routes", "issue-7"], ["explain", "issue-7", "--state", str(service.state)], ["check", "--diff", "--state", str(service.state)],
                    ["preview", "issue-7", "--html", str(service.folder / "preview.html")]):
        say(" ".join(command[:3]), *command, *config)
    say("test", "test", "discord-500", "--state", str(service.folder / "other"), *config)
    sinks["preview.html"] = (service.folder / "preview.html").read_text()
    # The journal as it is while the service runs, with its write-ahead log.
    for file in service.state.iterdir():
        if file.is_file() and file.name != "link.key":
            sinks[f"state/{file.name}"] = file.read_bytes().decode("latin-1")
    key = service.state / "link.key"
    if key.exists():
        vault.names[base64.b64encode(key.read_bytes()).decode()] = "the key of the links"
        vault.names[key.read_bytes().hex()] = "the key of the links"
    environment = pathlib.Path(f"/proc/{service.process.pid}/cmdline").read_bytes().decode()
    sinks["command line"] = environment
    service.process.terminate()
    service.process.wait(PATIENCE)
    service.log.flush()
    sinks["log"] = (service.folder / "log").read_text()
    attempts = [json.loads(line) for line in sinks["history --attempts --json"].splitlines()]
    tried = {(entry["channel"], entry["state"]) for entry in attempts}
    heard = "".join(echo.heard)
    said = sum(name in heard for name in vault.names)
    print(f"  {len(made)} channels, {len(vault.names)} secrets ({said} of them said to the receiver and said back), {len(echo.heard)} requests,"
          f" {sum(len(entry.get('tries') or []) for entry in attempts)} failed or made attempts, states {sorted({state for _, state in tried})}")
    print(f"  {len(sinks)} sinks, {sum(map(len, sinks.values())) / 1e6:.1f} MB")
    return sinks, len({channel for channel, _ in tried}) == len(made)


def answers():
    """Whatever a service answers, no secret is in the log, the journal, the page, its feeds or any command's words"""
    vault = Vault()
    sinks, isWhole = fails(vault)
    return clean(vault, sinks) and isWhole


def clean(vault, sinks):
    hits = {sink: vault.found(text) for sink, text in sinks.items()}
    for sink, names in hits.items():
        for name, text in list(names.items())[:6]:
            print(f"  {sink} has a part of {name}: {text!r}")
        if len(names) > 6:
            print(f"  {sink}: and {len(names) - 6} more")
    return not any(hits.values()) and all(len(text) > 0 for name, text in sinks.items() if name not in ("state/lock",))


def mistakes():
    """Whatever is wrong with a configuration, no error shows a secret of it"""
    vault = Vault()
    key = lambda: vault.make(f"mistake {len(vault.names)}")
    long = f"https://hooks.example.org/services/"
    broken = [
        f"lab: {{type: slack, url: 'ftp://hooks.example.org/{key()}'}}",
        f"lab: {{type: slack, url: 'http://hooks.example.org/{key()}'}}",
        f"lab: {{type: slack, url: 'https://me:{key()}@hooks.example.org/'}}",
        f"lab: {{type: slack, url: '{long}{key()} {key()}'}}",
        f"lab: {{type: slack, url: '{long}{key()}#{key()}'}}",
        f"lab: {{type: slack, url: ['{long}{key()}', '{long}{key()}']}}",
        f"lab: {{type: slack, url: {{credentail: '{key()}'}}}}",
        f"lab: {{type: slack, url: {{env: X, file: '{key()}'}}}}",
        f"lab: {{type: slack, url: '{long}{key()}', url: '{long}{key()}'}}",
        f"lab: {{type: slack, uri: '{long}{key()}'}}",
        f"lab: {{type: slak, url: '{long}{key()}'}}",
        f"lab: {{type: slack, url: '{long}{key()}', at: '25:00'}}",
        f"lab: {{type: slack, url: '{long}{key()}', colour: red}}",
        f"lab: {{type: slack, url: 'https://10.0.0.1/{key()}'}}",
        f"lab: {{type: slack, url: \"{long}{key()}",
        f"lab: {{type: slack, url: {long}{key()}: x}}",
        f"lab:\n    type: slack\n    url: |\n      {long}{key()}\n      {key()}",
        f"lab:\n    type: slack\n    url: >-\n     {long}{key()}\n   oops",
        f"lab:\n    type: slack\n\turl: {long}{key()}",
        f"lab: {{type: telegram, token: '{key()}', chat_id: 1}}",
        f"lab: {{type: telegram, tokn: '123456:{key()}', chat_id: 1}}",
        f"lab: {{type: pushover, token: '{key()}x', user: '{key()}-'}}",
        f"lab: {{type: webhook, url: 'https://example.org/x', secret: '{vault.make('short', 12)}'}}",
        f"lab: {{type: webhook, url: 'https://example.org/x', secret: 'whsec_{key()}!'}}",
        f"lab: {{type: webhook, url: 'https://example.org/x', headers: {{'x y': '{key()}'}}}}",
        f"lab: {{type: webhook, url: 'https://example.org/x', headers: '{key()}'}}",
        f"lab: {{type: webhook, url: 'https://example.org/x', headers: {{authorization: ['{key()}']}}}}",
        f"lab: {{type: matrix, homeserver: 'https://matrix.example.org', room: x, token: '{key()}'}}",
        f"lab: {{type: matrix, homeserver: 'https://me:{key()}@matrix.example.org', room: '!a:b', token: '{key()}'}}",
        f"lab: {{type: email, smtp: 'smtp://me:{key()}@mail.example.org', from: me@example.org, to: a@example.org}}",
        f"lab: {{type: email, smtp: 'smtp://mail.example.org', password: '{key()}', from: me@example.org, to: a@example.org}}",
        f"lab: {{type: email, smtp: 'smtp://mail.example.org', username: me, pasword: '{key()}', from: me@example.org, to: a@example.org}}",
        f"lab: '{long}{key()}'",
        f"lab: ['{long}{key()}']",
        f"lab: {{type: slack, url: '{long}{key()}', template: {{headline: '{{{{'}}}}",
        f"lab: {{type: slack, url: &u '{long}{key()}'}}\n  two: {{type: slack, url: *v}}",
        f"lab: {{type: slack, url: !secret '{long}{key()}'}}",
        f"lab: {{type: zulip, site: 'https://z.example.org', email: b@example.org, api_key: {{a: '{key()}'}}, to: x}}",
    ]
    # A key that no list of dangerous words has, and a value that could be one.
    broken += [f"lab:\n    type: email\n    smtp: smtp://mail.example.org\n    pasword: {key()}\n    from: me@example.org",
               f"lab:\n    type: zulip\n    apikay: {key()}", f"lab:\n    type: slack\n    {key()}", f"lab:\n    - {key()}"]
    tops = [
        f"channels: {{lab: {{type: slack, url: 'https://hooks.slack.com/x'}}}}\nheartbeat: {{url: 'ftp://hc.example.org/{key()}'}}",
        f"channels: {{lab: {{type: slack, url: 'https://hooks.slack.com/x'}}}}\nheartbeat: 'https://hc.example.org/{key()}'",
        f"channel: {{lab: {{type: slack, url: '{long}{key()}'}}}}",
    ]
    sinks, refused = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        main = pathlib.Path(folder) / "deadlined.yaml"
        for number, text in enumerate([f"channels:\n  {entry}\n" for entry in broken] + tops):
            main.write_text("defaults: {timezone: UTC, channels: [lab]}\nschedules: {standard: [7d]}\n" + text)
            for command in (["check"], ["check", "--json"], ["run", "--state", folder + "/state"], ["list"]):
                done = subprocess.run([BINARY, *command, "--config", folder], capture_output=True, text=True, timeout=PATIENCE)
                sinks[f"{number} {command}"] = done.stdout + done.stderr
                if command == ["check"] and done.returncode == 0:
                    # Odd, and still right: the service would run.
                    break
                refused += command == ["check"]
    print(f"  {len(broken) + len(tops)} mistakes, {refused} refused, {len(vault.names)} secrets, {sum(map(len, sinks.values()))} characters")
    return clean(vault, sinks) and refused > 35


CHECKS = {check.__name__: check for check in (answers, mistakes)}
run(CHECKS, list(CHECKS))
