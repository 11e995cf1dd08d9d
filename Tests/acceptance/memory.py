#!/usr/bin/env python3
"""Lets the service make a million deliveries to an nginx on loopback: it takes no more resident memory after them than after the first
thousand. Needs nginx.
usage: memory.py BINARY [COUNT]"""
import json, pathlib, re, shutil, socket, subprocess, sys, tempfile, time, urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
from service import Service, issue

CHANNELS, EACH_SECOND = 64, 40
# MB: SQLite's cache and the allocator's arenas fill in the first minutes. A delivery that left 10 bytes would come to as much.
TOLERANCE = 10
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
if not pathlib.Path(NGINX).exists():
    sys.exit("this needs nginx: apt-get install nginx-light")


def main():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nginx-"))
    temporary = "".join(f"{name}_temp_path {folder}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log warn;\nevents {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; keepalive_requests 1000000000; {temporary}\n server {{ listen 127.0.0.1:{port} backlog=1024;\n"
        "location = /count { stub_status; } location / { return 200 ok; } } }\n")
    nginx = subprocess.Popen([NGINX, "-c", folder / "nginx.conf"])

    def counted():
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/count").read().decode()
        return int(re.search(r"\n +\d+ +\d+ +(\d+)", text)[1])

    start = int(time.time()) + 30
    # The same issues all the time, so that nothing but what was delivered grows.
    seconds = COUNT // (CHANNELS * EACH_SECOND) + 1
    issues = [issue(n, start + seconds) for n in range(EACH_SECOND)]
    channels = {f"c{n}": {"type": "webhook", "url": f"http://127.0.0.1:{port}/hook-{n}", "allow_networks": "127.0.0.1"}
                for n in range(CHANNELS)}
    main = {"channels": channels, "defaults": {"timezone": "UTC", "channels": list(channels)}}

    class Nobody:
        url = f"http://127.0.0.1:{port}/"

    service = Service(Nobody, issues, [f"every 1s from {seconds}s"], main=main).start()
    lines, asked, step = [], 0, 1_000
    try:
        while step <= COUNT and service.process.poll() is None:
            time.sleep(0.02 if step < 10_000 else 0.5)
            asked += 1
            if counted() - asked >= step * 0.999:
                pages = {key: int(service.proc(key)) // 1024 for key in ("VmRSS", "RssAnon", "VmHWM")}
                print(f"{counted() - asked:>9} deliveries after {time.time() - start + 1:6.1f} s: resident {pages['VmRSS']} MB, "
                      f"of it anonymous {pages['RssAnon']} MB, peak {pages['VmHWM']} MB", flush=True)
                asked += 1
                lines.append(pages["VmRSS"])
                step = min(step * 10 if step < 100_000 else step + 100_000, COUNT) if step < COUNT else COUNT + 1
    finally:
        print(json.dumps(json.loads(service.ask("status", "--json")[1])["deliveries"]))
        _, text = service.stop()
        errors = text.count("error")
        print(f"{errors} errors in the log")
        nginx.terminate()
        shutil.rmtree(folder, ignore_errors=True)
    if not lines or step <= COUNT:
        sys.exit(f"memory: the {step} deliveries did not come")
    growth = lines[-1] - lines[0]
    print(f"{growth:+} MB resident from the first thousand to the last of {COUNT}, {TOLERANCE} tolerated")
    sys.exit(growth > TOLERANCE or errors > 0)


main()
