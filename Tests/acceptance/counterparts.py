#!/usr/bin/env python3
"""Lets the built service talk to real servers on loopback: a Matrix homeserver, a mail server, an Alertmanager, a receiver that
checks signatures with Standard Webhooks' own library.

    Tests/acceptance/counterparts.py BINARY [NAME ...]

Their programs come from PyPI and Debian into a folder (`$DEADLINED_COUNTERPARTS`, else `.build/counterparts`); where one cannot be
had, its check is skipped and says so. Each check prints its figures and `ok`, `skipped` or `FAILED`.
"""
import base64, email, email.policy, importlib.util, json, os, pathlib, socket, ssl, subprocess, sys, tempfile, threading, urllib.error, \
    urllib.parse, urllib.request, warnings

# Of the mail server's library, about itself.
warnings.simplefilter("ignore")

FOLDER = pathlib.Path(os.environ.get("DEADLINED_COUNTERPARTS", ".build/counterparts")).resolve()
PYTHON = FOLDER / "venv/bin/python"
NEEDS = {"matrix-synapse": "synapse", "aiosmtpd": "aiosmtpd", "standardwebhooks": "standardwebhooks", "cryptography": "cryptography",
         # For the other checks, which run in this folder's Python.
         "jsonschema": "jsonschema", "PyYAML": "yaml", "icalendar": "icalendar", "prometheus_client": "prometheus_client"}


def prepare():
    """Makes the folder, once, and goes on inside of its Python."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER / "venv"], check=False)
    have = lambda module: subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0
    for package, module in NEEDS.items():
        if not have(module):
            print(f"installing {package}", flush=True)
            subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", package], check=False)
    if not list(FOLDER.glob("alertmanager/usr/bin/*alertmanager")):
        (FOLDER / "alertmanager").mkdir(parents=True, exist_ok=True)
        subprocess.run("apt-get download -qq -o APT::Sandbox::User=root prometheus-alertmanager && dpkg -x prometheus-alertmanager_*.deb .",
                       shell=True, cwd=FOLDER / "alertmanager", check=False)
    # Debian's looks for its templates in one place only.
    templates = pathlib.Path("/usr/share/prometheus/alertmanager")
    if not templates.exists() and (FOLDER / "alertmanager" / str(templates)[1:]).exists() and os.geteuid() == 0:
        templates.parent.mkdir(parents=True, exist_ok=True)
        # One to a folder that is gone is left from another checkout.
        templates.unlink(missing_ok=True)
        templates.symlink_to(FOLDER / "alertmanager" / str(templates)[1:])
    if sys.prefix != str(FOLDER / "venv") and PYTHON.exists():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


if importlib.util.find_spec("service") and len(sys.argv) > 1:
    prepare()

from service import PATIENCE, Receiver, Service, in_time, issue, run, until


# Others do not forget what a service sent that was late: it has much time to begin.
LEAD = 20


def missing(module):
    if importlib.util.find_spec(module):
        return False
    print(f"  this machine lacks {module}")
    return True


def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def get(url, token=None, body=None, method=None):
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, method=method)
    request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read() or "null")


def serving(channel, count, **options):
    """A service that owes `count` reminders to a channel at once, some seconds from now."""
    channel = {"allow_networks": ["127.0.0.1", "::1"], **channel}
    main = {"defaults": {"timezone": "UTC", "channels": ["lab"], **options}, "channels": {"lab": channel}}
    main["channels"].update(options.pop("others", {}))

    def make(first):
        titled = lambda n: {"title": f"Special issue {n}: <b>é</b> & @room", "url": f"https://example.org/{n}"}
        return Service(Receiver(), [{**issue(n, first + 60), **titled(n)} for n in range(count)], ["1min"], main=main)

    return in_time(make, LEAD)[0]


def delivered(service):
    return sum(row["state"] == "delivered" for row in service.history())


def resent(service):
    """Has the first delivery sent once more, and waits for that."""
    first = service.history()[0]
    service.ask("resend", str(first["delivery"]))
    # An attempt counts from before its request.
    return until(lambda: (row := service.history()[0])["attempts"] > first["attempts"] and row["state"] == "delivered")


class Homeserver:
    def __init__(self):
        self.port, self.folder = port(), pathlib.Path(tempfile.mkdtemp(prefix="synapse-"))
        python = [PYTHON, "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
        subprocess.run([*python, "--server-name", "localhost", "--generate-config", "--report-stats=no"],
                       cwd=self.folder, check=True, capture_output=True)
        (self.folder / "overlay.yaml").write_text(json.dumps({
            "listeners": [{"port": self.port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False, "x_forwarded": False,
                           "resources": [{"names": ["client"], "compress": False}]}],
            "trusted_key_servers": [], "suppress_key_server_warning": True, "presence": {"enabled": False},
            "rc_message": {"per_second": 3, "burst_count": 5}}))
        self.process = subprocess.Popen([*python, "-c", "overlay.yaml"], cwd=self.folder, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{self.port}"

        def healthy():
            try:
                return urllib.request.urlopen(self.base + "/health", timeout=10).status == 200
            except OSError:
                return False

        if not until(healthy):
            self.stop()
            sys.exit("the homeserver does not start")
        subprocess.run([FOLDER / "venv/bin/register_new_matrix_user", "-u", "bot", "-p", "for-this-test", "--no-admin", "-c",
                        "homeserver.yaml", self.base], cwd=self.folder, check=True, capture_output=True)
        client = self.base + "/_matrix/client/v3"
        self.token = get(client + "/login", body={"type": "m.login.password", "password": "for-this-test", "device_id": "DEADLINED",
                                                  "identifier": {"type": "m.id.user", "user": "bot"}})["access_token"]
        self.room = get(client + "/createRoom", self.token, {"name": "deadlines", "preset": "private_chat"})["room_id"]
        self.messages_url = f"{client}/rooms/{urllib.parse.quote(self.room, safe='')}/messages?dir=b&limit=200"

    def messages(self):
        return [e for e in get(self.messages_url, self.token)["chunk"] if e["type"] == "m.room.message"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def matrix():
    """A Matrix homeserver takes 20 reminders over its rate limit, each once; what somebody wants once more is a message of its own."""
    if missing("synapse"):
        return None
    home = Homeserver()
    try:
        service = serving({"type": "matrix", "homeserver": home.base, "room": home.room, "token": home.token}, 20)
        until(lambda: delivered(service) == 20)
        limited = sum(try_["verdict"] == "retry" for row in service.history() for try_ in row["tries"])
        before = home.messages()
        # The homeserver may limit this one, too.
        again = resent(service)
        after = home.messages()
        code, text = service.stop()
        content = before[0]["content"]
        print(f"  {len(before)} events, {limited} answers 429 waited for, after a resend {len(after)}, exit {code}")
        return (len(before) == 20 and len({e["unsigned"]["transaction_id"] for e in before}) == 20 and again and len(after) == 21
                and content["m.mentions"] == {} and "&lt;b&gt;é&lt;/b&gt;" in content["formatted_body"] and home.token not in text)
    finally:
        home.stop()


def certificate(folder):
    """A server's certificate for localhost, and the authority that signed it."""
    run_ = lambda *command: subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    run_("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA")
    run_("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=localhost")
    (folder / "ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    run_("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext",
         "-out", "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "ca.pem", context


class MailServer:
    """Takes mail as `behaviour(n, address)` wants: None, or the reply to a reader or to the end of the data."""

    def __init__(self, tls=True, implicit=False, at_reader=lambda n, address: None, at_end=lambda n: None):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import SMTP, AuthResult
        server, self.mails, self.readers, self.ends = self, [], 0, 0
        self.ca, context = certificate(pathlib.Path(tempfile.mkdtemp(prefix="mail-")))

        class Handler:
            async def handle_RCPT(self, _, session, envelope, address, options):
                server.readers += 1
                refusal = at_reader(server.readers, address)
                if not refusal:
                    envelope.rcpt_tos.append(address)
                return refusal or "250 OK"

            async def handle_DATA(self, protocol, session, envelope):
                server.ends += 1
                refusal = at_end(server.ends)
                if refusal != "refused":
                    server.mails.append((envelope.mail_from, envelope.rcpt_tos, session.ssl is not None, session.authenticated,
                                         session.host_name, bytes(envelope.original_content or envelope.content)))
                if refusal == "hang up":
                    protocol.transport.abort()
                return "554 spam" if refusal == "refused" else "250 queued"

        def authenticator(_, session, envelope, mechanism, login):
            right = login.login == b"deadlined@example.org" and login.password == b"for-this-test"
            return AuthResult(success=right, handled=right)

        class InRealm(SMTP):
            """Offers Kerberos, too, for which nobody here has a ticket."""
            async def auth_GSSAPI(self, _, args):
                return AuthResult(success=False, handled=False)

        options = dict(authenticator=authenticator, auth_required=tls, auth_require_tls=not implicit) if tls else {}
        class Mine(Controller):
            def factory(self):
                return InRealm(self.handler, tls_context=None if implicit or not tls else context,
                               require_starttls=tls and not implicit, **options)

        self.controller = Mine(Handler(), hostname="127.0.0.1", port=port(), ssl_context=context if implicit else None,
                               ready_timeout=PATIENCE)
        self.controller.start()
        self.port = self.controller.port

    def channel(self, scheme="smtp", to="ada@example.org", password="for-this-test", **more):
        return {"type": "email", "smtp": f"{scheme}://localhost:{self.port}", "username": "deadlined@example.org", "password": password,
                "from": "Deadlines <deadlines@example.org>", "to": to, "ca_file": str(self.ca), **more}


def smtp():
    """A mail server with STARTTLS and AUTH takes each reader's mail; what arrives is well-formed, threaded and encrypted."""
    if missing("aiosmtpd"):
        return None
    server = MailServer()
    service = serving(server.channel(to=["ada@example.org", "Bob Ü <bob@example.org>"]), 2)
    until(lambda: delivered(service) == 4)
    code, text = service.stop()
    mails = [(sender, readers, tls, login, name, email.message_from_bytes(raw, policy=email.policy.default))
             for sender, readers, tls, login, name, raw in server.mails]
    server.controller.stop()
    good = len(mails) == 4 and code == 0 and "for-this-test" not in text
    for sender, readers, tls, login, name, mail in mails:
        plain, html = list(mail.iter_parts())
        good &= (sender == "deadlines@example.org" and len(readers) == 1 and tls and login and name == "example.org"
                 and mail.get_content_type() == "multipart/alternative" and plain.get_content_type() == "text/plain"
                 and "<b>é</b> & @room" in plain.get_content() and "&lt;b&gt;é&lt;/b&gt;" in html.get_content()
                 and mail["auto-submitted"] == "auto-generated" and mail["references"] == mail["in-reply-to"]
                 and "é" in mail["subject"] and not mail.defects and mail["to"].addresses[0].addr_spec == readers[0])
    print(f"  {len(mails)} mails, {len({m[5]['message-id'] for m in mails})} Message-IDs, {len({m[5]['references'] for m in mails})} threads, "
          f"all by TLS: {all(m[2] for m in mails)}, all with a login: {all(m[3] for m in mails)}, exit {code}")
    return good and len({m[5]["message-id"] for m in mails}) == 4


def smtps():
    """The same with TLS from the first byte."""
    if missing("aiosmtpd"):
        return None
    server = MailServer(implicit=True)
    service = serving(server.channel("smtps"), 1)
    until(lambda: delivered(service) == 1)
    rows = service.history()
    code, _ = service.stop()
    server.controller.stop()
    print(f"  {len(server.mails)} mails, {rows[0]['state']}, tries {[t.get('reason') for t in rows[0]['tries']]}, exit {code}")
    return len(server.mails) == 1 and rows[0]["state"] == "delivered"


def mail_faults():
    """Greylisting, an unknown reader, a wrong password, no STARTTLS, a connection lost after the mail: each has its outcome."""
    if missing("aiosmtpd"):
        return None
    grey = MailServer(at_reader=lambda n, address: "451 4.7.1 Greylisted" if n == 1 else None)
    unknown = MailServer(at_reader=lambda n, address: "550 5.1.1 No such user")
    wrong = MailServer()
    plain = MailServer(tls=False)
    lost = MailServer(at_end=lambda n: "hang up" if n == 1 else None)
    channels = {"grey": grey.channel(), "unknown": unknown.channel(), "wrong": wrong.channel(password="something-else"),
                "plain": plain.channel(), "lost": lost.channel()}
    channels = {name: {"allow_networks": ["127.0.0.1", "::1"], **channel} for name, channel in channels.items()}
    main = {"defaults": {"timezone": "UTC", "channels": list(channels)}, "channels": channels}
    service, _ = in_time(lambda first: Service(Receiver(), [issue(1, first + 60)], ["1min"], main=main), LEAD)
    outcomes = {"grey": "delivered", "unknown": "refused", "wrong": "held", "plain": "held", "lost": "delivered"}
    until(lambda: {row["channel"]: row["state"] for row in service.history()} == outcomes)
    rows = {row["channel"]: row for row in service.history()}
    code, text = service.stop()
    for server in (grey, unknown, wrong, plain, lost):
        server.controller.stop()
    for name, row in rows.items():
        print(f"  {name}: {row['state']}, {[(t['verdict'], t.get('reason')) for t in row['tries']]}")
    ids = {email.message_from_bytes(raw)["message-id"] for *_, raw in lost.mails}
    marked = b"Possible repeat" in lost.mails[-1][-1] if lost.mails else False
    return ({name: row["state"] for name, row in rows.items()} == outcomes and len(grey.mails) == 1
            and not wrong.mails and not plain.mails and "STARTTLS" in str(rows["plain"]["tries"])
            and len(lost.mails) == 2 and len(ids) == 1 and marked
            and "something-else" not in text and code == 0)


def alertmanager():
    """An Alertmanager takes the alerts, has each once whatever is repeated, and hands them on."""
    programs = list(FOLDER.glob("alertmanager/usr/bin/*alertmanager"))
    if not programs or not os.path.exists("/usr/share/prometheus/alertmanager/default.tmpl"):
        print("  this machine lacks Alertmanager, or its templates")
        return None
    hook, where = Receiver(), port()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="alertmanager-"))
    (folder / "am.yml").write_text(json.dumps({
        "route": {"receiver": "hook", "group_by": ["issue"], "group_wait": "1ms"},
        "receivers": [{"name": "hook", "webhook_configs": [{"url": hook.url}]}]}))
    process = subprocess.Popen([programs[0], f"--config.file={folder}/am.yml", f"--storage.path={folder}/state",
                                f"--web.listen-address=127.0.0.1:{where}", "--cluster.listen-address="],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{where}"

        def ready():
            try:
                return urllib.request.urlopen(base + "/-/ready", timeout=10).status == 200
            except OSError:
                return False

        until(ready)
        service = serving({"type": "alertmanager", "url": base}, 3)
        until(lambda: delivered(service) == 3)
        again = resent(service)
        alerts = get(base + "/api/v2/alerts")
        until(lambda: len(hook.requests) >= 3)
        code, _ = service.stop()
        print(f"  {len(alerts)} alerts, {len(hook.requests)} handed on, labels {sorted(alerts[0]['labels'])}, exit {code}")
        return (again and len(alerts) == 3 and len(hook.requests) >= 3 and all("<b>é</b>" in a["annotations"]["summary"] for a in alerts)
                and all(a["generatorURL"].startswith("https://example.org/") for a in alerts))
    finally:
        process.terminate()
        process.wait()


def signatures():
    """Standard Webhooks' own library verifies each request, while one secret replaces another; an Ed25519 key verifies `v1a`."""
    if missing("standardwebhooks") or missing("cryptography"):
        return None
    import http.server
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from standardwebhooks.webhooks import Webhook

    secrets = ["whsec_" + base64.b64encode(os.urandom(32)).decode() for _ in range(2)]
    own = Ed25519PrivateKey.generate()
    secrets.append("whsk_" + base64.b64encode(own.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())).decode())
    verified = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            for secret in secrets[:2]:
                Webhook(secret).verify(body, headers)
            asymmetric = [s for s in headers["webhook-signature"].split() if s.startswith("v1a,")]
            content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
            own.public_key().verify(base64.b64decode(asymmetric[0][4:]), content)
            verified.append(json.loads(body)["type"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service = serving({"type": "webhook", "url": f"http://127.0.0.1:{server.server_port}/x", "secret": secrets}, 3)
    until(lambda: delivered(service) == 3)
    code, text = service.stop()
    server.shutdown()
    print(f"  {len(verified)} verified by two secrets and a public key, exit {code}")
    return len(verified) == 3 and code == 0 and not any(secret in text for secret in secrets)


run(globals(), ["matrix", "smtp", "smtps", "mail_faults", "alertmanager", "signatures"])
