#!/usr/bin/env python3
"""Writes the manual pages from what the program says of itself: deadlined(1) from its help, deadlined.yaml(5) from the
schemas of its configuration. usage: manual.py BINARY VERSION DIRECTORY"""
import json, pathlib, subprocess, sys, textwrap

BINARY, VERSION, TARGET = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])


def ask(*arguments):
    return json.loads(subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=True).stdout)


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.splitlines())


def paragraphs(text):
    """Prose flows; what stands indented stays as it is."""
    lines, out, block = textwrap.dedent(text).splitlines(), [], False
    for line in lines + [""]:
        indented = line.startswith("  ")
        if indented != block:
            out.append(".nf" if indented else ".fi")
            block = indented
        out.append(roff(line) if line.strip() else ".PP")
    return out


def names(argument):
    def name(entry):
        return ("--" if entry["kind"] == "long" else "-") + entry["name"]

    flags = ", ".join(f"\\fB{roff(name(entry))}\\fR" for entry in argument.get("names", []))
    value = f"\\fI{roff(argument.get('valueName', ''))}\\fR"
    return {"positional": value, "option": f"{flags} {value}", "flag": flags}[argument["kind"]]


def commands():
    root = ask("--experimental-dump-help")["command"]
    out = [
        f'.TH DEADLINED 1 "" "deadlined {VERSION}" "User Commands"',
        ".SH NAME", f"deadlined \\- {roff(root['abstract'][0].lower() + root['abstract'][1:].rstrip('.'))}",
        ".SH SYNOPSIS", ".B deadlined", "\\fIcommand\\fR [\\fIoptions\\fR]",
        ".SH DESCRIPTION",
        roff("Tracks the deadlines of journal special issues and other calls, works out when each reminder is due, and sends "
             "it to chats, inboxes and programs. The commands below run the service, look at what it will do, and speak to it while it "
             "runs. The configuration is described in") + " \\fBdeadlined.yaml\\fR(5).",
        *paragraphs(root.get("discussion", "")), ".SH COMMANDS",
    ]
    for command in root["subcommands"]:
        if not command.get("shouldDisplay", True) or command["commandName"] == "help":
            continue
        arguments = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
        own = [a for a in arguments if not {n["name"] for n in a.get("names", [])} & {"help", "version", "h"}]
        words = " ".join(f"[{names(a)}]" if a["isOptional"] else names(a) for a in own)
        out += [f".SS \\fBdeadlined {roff(command['commandName'])}\\fR {words}", roff(command["abstract"])]
        if command.get("discussion"):
            out += [".PP", *paragraphs(command["discussion"])]
        for argument in own:
            out += [".TP", names(argument), roff(argument.get("abstract", ""))]
            if argument.get("defaultValue"):
                out.append(f"(default: {roff(argument['defaultValue'])})")
    out += [
        ".SH EXIT STATUS",
        roff("As sysexits(3): 0 success, 64 wrong use, 65 what was asked for is not there or not possible, 69 no service "
             "answers or a chat did not take a message, 74 a file cannot be read or written, 78 the configuration has errors, or a newer version wrote the journal."),
        ".SH ENVIRONMENT",
        ".TP", "\\fBCONFIGURATION_DIRECTORY\\fR, \\fBSTATE_DIRECTORY\\fR, \\fBRUNTIME_DIRECTORY\\fR",
        roff("Where the configuration, the journal and the control socket are; systemd sets them. --config and --state go first. Without "
             "any, root's journal is in /var/lib/deadlined, and yours in $XDG_STATE_HOME/deadlined or ~/.local/state/deadlined."),
        ".TP", "\\fBCREDENTIALS_DIRECTORY\\fR", roff("Where {credential: NAME} is looked for; systemd sets it."),
        ".TP", "\\fBhttps_proxy\\fR, \\fBno_proxy\\fR", "As curl(1) has them.",
        ".TP", "\\fBTZ\\fR", "Your zone, for lists.",
        ".TP", "\\fBNO_COLOR\\fR", "No colours, on a terminal neither.",
        ".SH FILES",
        ".TP", "\\fI/etc/deadlined/deadlined.yaml\\fR", "The configuration.",
        ".TP", "\\fI/etc/deadlined/issues.d/*.yaml\\fR", "What is tracked.",
        ".TP", "\\fI/etc/deadlined/credentials/\\fR", roff("Secrets, readable by root alone; each file is a credential. A changed one is read at the next restart."),
        ".TP", "\\fI/var/lib/deadlined/journal.db\\fR", "What was sent, and what is owed.",
        ".TP", "\\fI/run/deadlined/control.sock\\fR", roff("Where the commands ask the service: for root and the group 'deadlined'."),
        ".SH SEE ALSO", "\\fBdeadlined.yaml\\fR(5), \\fBsystemctl\\fR(1), \\fBjournalctl\\fR(1)",
    ]
    return out


def kind(schema):
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return " | ".join(schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            found = []
            for one in schema[key]:
                word = kind(one)
                if word not in found:
                    found.append(word)
            return " or ".join(found)
    if schema.get("type") == "array":
        return "list of " + kind(schema["items"])
    if schema.get("type") == "object":
        properties = schema.get("properties")
        return "{" + ", ".join(properties) + "}" if properties else "mapping of names"
    if schema.get("type") == "boolean":
        return "true | false"
    return "number" if "integer" in schema.get("type", []) else "text"


def sections(schema):
    """The mappings below a schema that have keys of their own."""
    if "properties" in schema:
        yield schema
    for key in ("anyOf", "oneOf"):
        for one in schema.get(key, []):
            yield from sections(one)
    if "items" in schema:
        yield from sections(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        yield from sections(schema["additionalProperties"])


def keys(schema, path, out):
    for name, value in schema["properties"].items():
        required = ", required" if name in schema.get("required", []) else ""
        below = [one for one in sections(value) if set(one["properties"]) - {"credential", "file", "env"}]
        what = "see below" if below else kind(value)
        out += [".TP", f"\\fB{roff(name)}\\fR ({roff(what)}{required})", roff(value.get("description", ""))]
    for name, value in schema["properties"].items():
        if name == "channels" and path == "":
            continue
        for one in sections(value):
            if not set(one["properties"]) - {"credential", "file", "env"}:
                continue
            out.append(f".SS {roff((path + '.' + name).lstrip('.'))}")
            keys(one, path + "." + name, out)
            break


def channels(schema, out):
    services = schema["properties"]["channels"]["additionalProperties"]["oneOf"]
    common = set.intersection(*(set(one["properties"]) for one in services)) - {"url"}
    out += [".SS channels.NAME", roff("Every channel has:")]
    for name, value in services[0]["properties"].items():
        if name in common and name != "type":
            out += [".TP", f"\\fB{roff(name)}\\fR ({roff(kind(value))})", roff(value["description"])]
    out += [".PP", roff("Each service has settings of its own. A secret is its text, or the place where it stands: "
                        "{credential: NAME}, {file: PATH} or {env: NAME}.")]
    for one in services:
        own = [name for name in one["properties"] if name not in common and name != "type"]
        words = ", ".join(name + ("" if name in one["required"] else " (optional)") for name in own)
        out += [".TP", f"\\fBtype: {roff(one['properties']['type']['const'])}\\fR", roff(words)]


def configuration():
    out = [
        f'.TH DEADLINED.YAML 5 "" "deadlined {VERSION}" "File Formats"',
        ".SH NAME", "deadlined.yaml \\- configuration of deadlined", ".SH SYNOPSIS",
        ".I /etc/deadlined/deadlined.yaml", ".br", ".I /etc/deadlined/issues.d/*.yaml", ".SH DESCRIPTION",
        roff("The main file says who is reminded, where and when; the files that it includes hold what is tracked. Both are "
             "YAML. 'deadlined check' tells every fault with file, line and column; 'systemctl reload deadlined' or "
             "'deadlined reload' takes a change up. A file of special issues that has errors keeps its last text without "
             "errors, and silences no other."),
        ".SH MAIN FILE",
    ]
    main = ask("schema", "main")
    keys(main, "", out)
    channels(main, out)
    out.append(".SH SPECIAL ISSUES")
    out.append(roff("One mapping, or a list of them."))
    keys(ask("schema", "issues")["oneOf"][0], "", out)
    out += [
        ".SH EXAMPLES", ".nf",
        roff("id: ijms-212097\ntitle: \"Cellular Senescence as a Therapeutic Target in Cancer\"\n"
             "journal: International Journal of Molecular Sciences\ndeadline: 20 August 2025\ntags: [cancer]"),
        ".fi", ".SH SEE ALSO", "\\fBdeadlined\\fR(1)",
    ]
    return out


for name, page in (("deadlined.1", commands()), ("deadlined.yaml.5", configuration())):
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / name).write_text("\n".join(page) + "\n")
