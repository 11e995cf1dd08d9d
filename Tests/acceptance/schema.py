#!/usr/bin/env python3
"""Holds the printed JSON Schemas against the samples and against what the service itself refuses.
usage: schema.py BINARY   (needs jsonschema and PyYAML)"""
import json, pathlib, subprocess, sys, tempfile

try:
    import jsonschema, yaml
except ImportError as error:
    sys.exit(print(f"schema: skipped, {error}"))

BINARY, ROOT = sys.argv[1], pathlib.Path(__file__).resolve().parents[2]


class Loader(yaml.SafeLoader):
    """YAML's dates are texts to an editor's schema."""


Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
    for key, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
schemas = {
    name: json.loads(subprocess.run([BINARY, "schema", name], capture_output=True, text=True, check=True).stdout)
    for name in ("main", "issues")
}
for schema in schemas.values():
    jsonschema.Draft202012Validator.check_schema(schema)
validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}


def load(text):
    return yaml.load(text, Loader)


passed = failed = 0


def expect(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("not so:", what)


for folder in (ROOT / "Config", ROOT / "Sources/deadlined/Sample"):
    expect(f"{folder} main", validators["main"].is_valid(load((folder / "deadlined.yaml").read_text())))
    for path in (folder / "issues.d").glob("*.yaml"):
        expect(path, validators["issues"].is_valid(load(path.read_text())))

MAIN = "defaults: {timezone: UTC, channels: [lab]}\nchannels: {lab: {type: slack, url: 'https://hooks.slack.com/services/T/B/x'}}\n"
ISSUE = "- {id: a, title: T, deadline: 2099-01-01}\n"
CASES = [
    ("main", MAIN), ("main", MAIN + "nonsense: 1\n"), ("main", MAIN + "page: {port: 8125}\n"),
    ("main", MAIN + "page: {port: 8125, colour: red}\n"), ("main", MAIN + "watch_config: true\n"),
    ("main", MAIN.replace("type: slack", "type: slak")), ("main", MAIN.replace("timezone: UTC, ", "")),
    ("main", MAIN.replace("slack, url: 'https://hooks.slack.com/services/T/B/x'", "gotify, url: 'https://a.example.org', token: 12345")),
    ("main", MAIN.replace("url: 'https", "hook: 'https")),
    ("main", MAIN + "schedules: {s: {reminders: [7d], catch_up: latest, avoid: weekend}}\n"),
    ("main", MAIN + "schedules: {s: {reminders: [7d], catch_up: sometimes}}\n"),
    ("main", MAIN + "routes: [{match: {tags: x, days_left: 3}, channels: lab}]\n"),
    ("main", MAIN + "routes: [{match: {tag: x}, channels: lab}]\n"),
    ("issues", ISSUE), ("issues", ISSUE.replace("title", "tittle")), ("issues", ISSUE.replace("id: a, ", "")),
    ("issues", ISSUE.replace("deadline: 2099-01-01", "milestones: [{name: abstract, deadline: 2099-01-01}]")),
    ("issues", ISSUE.replace("deadline: 2099-01-01", "milestones: [{nam: abstract, deadline: 2099-01-01}]")),
    ("issues", ISSUE.replace("T,", "T, state: done,")), ("issues", ISSUE.replace("T,", "T, state: don,")),
    ("issues", ISSUE.replace("T,", "T, guest_editors: [Ada, {name: Bob, affiliation: [X]}],")),
]
for kind, text in CASES:
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "issues.d").mkdir()
        (folder / "deadlined.yaml").write_text(text if kind == "main" else MAIN)
        (folder / "issues.d/a.yaml").write_text(text if kind == "issues" else ISSUE)
        checked = subprocess.run([BINARY, "check", "--config", folder], capture_output=True, text=True)
    expect(f"{text!r}: check says {checked.returncode}", validators[kind].is_valid(load(text)) == (checked.returncode == 0))
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
