#!/usr/bin/env python3
"""Plans random configurations a second time, with Python's zoneinfo and datetime, and compares every line.

    plan.py BINARY [--issues N] [--seed S]

Nothing here shares a line with the program. The seed is printed; the same seed makes the same cases.
"""
import argparse
import calendar
import collections
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zoneinfo

zoneinfo.reset_tzpath(["/usr/share/zoneinfo"])
DAY = dt.timedelta(days=1)
EPOCH = dt.date(1970, 1, 1)
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "bd": 86400, "w": 7 * 86400, "mo": 2629746}
EXACT = ("s", "min", "h")
met = collections.Counter()


# --- Zones: civil times to instants, from nothing but what zoneinfo says of instants


class Zone:
    def __init__(self, name):
        self.name = name
        self.fixed = None
        if name == "AoE":
            self.fixed = -12 * 3600
        elif name.startswith("UTC"):
            sign = -1 if "-" in name else 1
            hours, _, minutes = name[4:].partition(":")
            self.fixed = sign * (int(hours or 0) * 3600 + int(minutes or 0) * 60)
        else:
            self.info = zoneinfo.ZoneInfo(name)
        self.offsets = {}

    def offset(self, instant):
        """Seconds east of UTC at an instant, both in whole seconds."""
        if self.fixed is not None:
            return self.fixed
        known = self.offsets.get(instant)
        if known is None:
            moment = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(seconds=instant)
            known = int(moment.astimezone(self.info).utcoffset().total_seconds())
            self.offsets[instant] = known
        return known

    def local(self, instant):
        return instant + self.offset(instant)

    def jump(self, low, high):
        """The instant in (low, high] from which on the offset is that of `high`; one change lies between."""
        after = self.offset(high)
        while high - low > 1:
            middle = (low + high) // 2
            if self.offset(middle) == after:
                high = middle
            else:
                low = middle
        return high

    def instant(self, civil):
        """The instant of civil seconds since 1970. The first of two occurrences; in a gap, moved by the gap's length."""
        if self.fixed is not None:
            return civil - self.fixed
        # A zone's clock shows a time within 26 hours of UTC's; changes lie days apart.
        offsets = {self.offset(civil + hours * 3600) for hours in range(-27, 28)}
        found = sorted(civil - o for o in offsets if self.offset(civil - o) == o)
        if found:
            if len(found) > 1:
                met["times that occur twice"] += 1
            return found[0]
        met["times that are skipped"] += 1
        return civil - self.offset(civil - 27 * 3600 if len(offsets) == 2 else self.before_gap(civil))

    def before_gap(self, civil):
        """An instant just before the gap that swallows a civil time."""
        low, high = civil - 27 * 3600, civil + 27 * 3600
        while high - low > 1:
            middle = (low + high) // 2
            if self.local(middle) < civil:
                low = middle
            else:
                high = middle
        return low

    def day_begins(self, date):
        """The first instant whose civil date is that day, or a later one where the day does not occur."""
        civil = (date - EPOCH).days * 86400
        if self.fixed is not None:
            return civil - self.fixed
        begin = self.instant(civil)
        if self.local(begin) != civil:
            met["days without a midnight"] += 1
            return self.before_gap(civil) + 1
        return begin


# --- The contract


class Calendar:
    def __init__(self, weekend, holidays):
        self.weekend = weekend
        self.holidays = holidays

    def is_business(self, day):
        return day.weekday() not in self.weekend and day not in self.holidays

    def is_avoided(self, day, avoid):
        return "weekend" in avoid and day.weekday() in self.weekend or "holidays" in avoid and day in self.holidays

    def business(self, day, count, step):
        while count == 0 and not self.is_business(day):
            day += step * DAY
        while count > 0:
            day += step * DAY
            if self.is_business(day):
                count -= 1
        return day


def moved(day, amount, unit, step, cal):
    if unit in ("d", "w"):
        return day + step * amount * (7 if unit == "w" else 1) * DAY
    if unit == "bd":
        return cal.business(day, amount, step)
    month = day.year * 12 + day.month - 1 + step * amount
    year, month = divmod(month, 12)
    last = calendar.monthrange(year, month + 1)[1]
    if last < day.day:
        met["months too short"] += 1
    return dt.date(year, month + 1, min(day.day, last))


class Deadline:
    """An instant with the civil date and time as written; `time` is None for the end of the day."""

    def __init__(self, date, clock, zone, instant=None):
        self.date, self.time, self.zone = date, clock, zone
        if instant is not None:
            self.instant = instant
        elif clock is None:
            self.instant = zone.day_begins(date + DAY)
        else:
            self.instant = zone.instant((date - EPOCH).days * 86400 + clock)

    def moved(self, offset, zone, cal):
        amount, unit, side = offset
        step = 1 if side == "after" else -1
        if unit in EXACT:
            instant = self.instant + step * amount * SECONDS[unit]
            local = zone.local(instant)
            return Deadline(EPOCH + dt.timedelta(days=local // 86400), local % 86400, zone, instant)
        return Deadline(moved(self.date, amount, unit, step, cal), self.time, zone)


def due(rule, deadline, avoid, zone, at, cal):
    amount, unit, side, own = rule
    step = 1 if side == "after" else -1
    if unit in EXACT:
        return deadline.instant + step * amount * SECONDS[unit]
    day = moved(deadline.date, amount, unit, step, cal)
    while True:
        while cal.is_avoided(day, avoid):
            met["avoided days"] += 1
            day += step * DAY
        instant = zone.instant((day - EPOCH).days * 86400 + (at if own is None else own))
        if (instant < deadline.instant) if side == "before" else (instant > deadline.instant):
            return instant
        met["moved past the deadline"] += 1
        day = cal.business(day, 1, step) if unit == "bd" else day + step * DAY


def clock(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def canonical(rule):
    amount, unit, side, own = rule
    return f"{amount}{unit}" + (" after" if side == "after" else "") + (f" at {clock(own)}" if own is not None else "")


def plan(rules, deadline, avoid, zone, at, cal):
    by_instant = {}
    for rule in rules:
        instant = due(rule, deadline, avoid, zone, at, cal)
        key = (rule[2] == "after", rule[0] * SECONDS[rule[1]], canonical(rule))
        if instant in by_instant:
            met["rules that fall together"] += 1
            by_instant[instant] = min(by_instant[instant], key)
        else:
            by_instant[instant] = key
    return [(instant, key[2]) for instant, key in by_instant.items()]


def utc(instant):
    return (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=instant)).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Cases


class Maker:
    NASTY = [
        "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Fakaofo", "Pacific/Kiritimati", "America/Sao_Paulo", "Asia/Beirut",
        "Africa/Cairo", "America/Havana", "Asia/Tehran", "Asia/Gaza", "America/Asuncion", "America/Santiago",
        "Australia/Lord_Howe", "Africa/Casablanca", "Africa/El_Aaiun", "Europe/Dublin", "America/Nuuk", "Asia/Amman",
        "Antarctica/Troll", "America/St_Johns", "Pacific/Chatham", "Asia/Pyongyang", "America/Caracas", "Europe/Istanbul",
    ]

    def __init__(self, seed):
        self.random = random.Random(seed)
        letters = ("EST", "MST", "HST", "PST", "CST")
        self.names = sorted(
            n for n in zoneinfo.available_timezones()
            if "/" in n and not n.startswith(("Etc/", "posix/", "right/")) and n not in letters)
        self.zones = {}
        self.changes = {}

    def zone(self, name):
        if name not in self.zones:
            self.zones[name] = Zone(name)
        return self.zones[name]

    def zone_name(self):
        r = self.random.random()
        if r < 0.4:
            return self.random.choice(self.NASTY)
        if r < 0.6:
            return self.random.choice(["UTC", "AoE", "UTC+8", "UTC-03:30", "UTC+13", "UTC+05:45"])
        return self.random.choice(self.names)

    def change_days(self, zone):
        """Civil days near which a zone's clocks change, 1990 to 2037, found by looking at every tenth of it."""
        if zone.fixed is not None:
            return []
        if zone.name not in self.changes:
            days, step = [], 10 * 86400
            before = zone.offset(631152000)
            for instant in range(631152000, 2145916800, step):
                now = zone.offset(instant)
                if now != before:
                    change = zone.jump(instant - step, instant)
                    days.append(EPOCH + dt.timedelta(days=zone.local(change) // 86400))
                before = now
            self.changes[zone.name] = days
        return self.changes[zone.name]

    def date(self, zone):
        r = self.random
        days = self.change_days(zone) if r.random() < 0.5 else []
        if days:
            return r.choice(days) + dt.timedelta(days=r.randint(-8, 8))
        day = dt.date(r.randint(1990, 2100), r.randint(1, 12), r.randint(1, 28))
        if r.random() < 0.3:
            day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return day

    def time(self):
        r = self.random
        return r.choice([0, 1800, 3600, 9000, 86340, 9 * 3600, r.randrange(1440) * 60])

    def number(self, unit):
        top = {"s": 90000, "min": 9000, "h": 900, "d": 400, "w": 60, "mo": 24, "bd": 120}[unit]
        return self.random.choice([0, 1, 2, 3, 7, self.random.randint(0, top)])

    def offset(self):
        unit = self.random.choice(list(SECONDS))
        return (self.number(unit), unit, self.random.choice(["before", "before", "after"]))

    def rules(self):
        """The text of some rules, and the rules themselves."""
        r = self.random
        texts, rules = [], []
        for _ in range(r.randint(1, 7)):
            if r.random() < 0.15:
                unit = r.choice(list(SECONDS))
                step, first = r.randint(1, 5), r.randint(1, 15)
                last = r.randint(0, first)
                own = self.time() if unit not in EXACT and r.random() < 0.3 else None
                text = f"every {step}{unit} from {first}{unit}" + (f" to {last}{unit}" if last or r.random() < 0.5 else "")
                texts.append(text + (f" at {clock(own)}" if own is not None else ""))
                new = [(n, unit, "before", own) for n in range(first, last - 1, -step) if n or unit not in EXACT]
            else:
                amount, unit, side = self.offset()
                if unit in EXACT and amount == 0:
                    side = "after"
                own = self.time() if unit not in EXACT and r.random() < 0.3 else None
                rule = (amount, unit, side, own)
                texts.append(f"0{canonical(rule)}" if r.random() < 0.1 else canonical(rule))
                new = [rule]
            rules += [rule for rule in new if rule not in rules]
        return texts, rules

    def deadline(self, zone):
        """The text of a deadline, and the deadline; None for one without a date."""
        r = self.random
        date = self.date(zone)
        form = r.random()
        if form < 0.03:
            return r.choice(["TBA", "tbd", "Rolling"]), None
        if form < 0.35:
            return str(date), Deadline(date, None, zone)
        if form < 0.5:
            month = r.choice([date.strftime("%B"), date.strftime("%b"), date.strftime("%B").upper()])
            day = f"{date.day}" + r.choice(["", {1: "st", 2: "nd", 3: "rd"}.get(date.day % 10 if date.day not in (11, 12, 13) else 0, "th")])
            text = r.choice([f"{day} {month} {date.year}", f"{month} {day}, {date.year}", f"{date:%A}, {day} {month} {date.year}"])
            return text, Deadline(date, None, zone)
        if form < 0.55:
            return f"{date} 24:00", Deadline(date, None, zone)
        seconds = self.time()
        if form < 0.85:
            return f"{date}{r.choice(' T')}{clock(seconds)}" + r.choice(["", ":00"]), Deadline(date, seconds, zone)
        east = r.choice([0, 7200, -43200, 20700, 50400])
        sign = "-" if east < 0 else "+"
        name = "Z" if east == 0 else f"{sign}{clock(abs(east))}"
        own = self.zone("UTC" if east == 0 else f"UTC{sign}{clock(abs(east))}")
        instant = (date - EPOCH).days * 86400 + seconds - east
        return f"{date}T{clock(seconds)}:00{name}", Deadline(date, seconds, own, instant)

    def configuration(self, directory, count):
        """Writes a configuration; returns the lines that `plan --json` should print."""
        r = self.random
        weekend = r.choice([[5, 6], [4, 5], [], [6], [0, 1, 2, 3, 4, 5]])
        names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        some = self.date(self.zone("Europe/Zurich"))
        holidays = {some + dt.timedelta(days=n) for n in range(r.randint(0, 12))} | {
            self.date(self.zone("Europe/Zurich")) for _ in range(r.randint(0, 30))}
        cal = Calendar(weekend, holidays)
        default_zone, default_at = self.zone_name(), self.time()
        schedules, channels = {}, {}
        text = [f'defaults: {{timezone: "{default_zone}", at: "{clock(default_at)}", schedule: s0, channels: [c0]}}']
        text.append(f"calendar: {{weekend: [{', '.join(names[d] for d in weekend)}], holidays: [{', '.join(map(str, sorted(holidays)))}]}}")
        text.append("schedules:")
        for n in range(4):
            texts, rules = self.rules()
            avoid = r.choice([[], [], ["weekend"], ["holidays"], ["weekend", "holidays"]])
            schedules[f"s{n}"] = (rules, avoid)
            quoted = ", ".join(f'"{t}"' for t in texts)
            text.append(f"  s{n}: {{reminders: [{quoted}], avoid: [{', '.join(avoid)}]}}" if avoid else f"  s{n}: [{quoted}]")
        text.append("channels:")
        for n in range(3):
            zone, at = self.zone_name() if r.random() < 0.8 else None, self.time() if r.random() < 0.7 else None
            channels[f"c{n}"] = (self.zone(zone or default_zone), default_at if at is None else at)
            more = (f', timezone: "{zone}"' if zone else "") + (f', at: "{clock(at)}"' if at is not None else "")
            text.append(f'  c{n}: {{type: webhook, url: "http://127.0.0.1:9/"{more}}}')
        open(f"{directory}/deadlined.yaml", "w").write("\n".join(text) + "\n")
        os.mkdir(f"{directory}/issues.d")
        expected, issues = [], []
        for n in range(count):
            yaml, milestones = self.issue(f"i{n}", default_zone, cal)
            issues.append(yaml)
            for name, deadline, schedule, names in milestones:
                rules, avoid = ([(0, "d", "after", None)], []) if schedule is None else schedules[schedule]
                for channel in names:
                    zone, at = channels[channel]
                    for instant, reminder in plan(rules, deadline, avoid, zone, at, cal):
                        expected.append((utc(instant), f"i{n}", name, utc(deadline.instant), reminder, channel))
        open(f"{directory}/issues.d/all.yaml", "w").write("\n".join(issues) + "\n")
        return sorted(expected), issues

    def issue(self, id, default_zone, cal):
        """A special issue in YAML, and its milestones that remind: name, deadline, schedule (None: an opening), channels."""
        r = self.random
        own_zone = self.zone_name() if r.random() < 0.6 else None
        inherited = self.zone(own_zone or default_zone)
        schedule, channels = r.choice(["s0", "s1", "s2", "s3"]), r.sample(["c0", "c1", "c2"], r.randint(1, 3))
        head = f'- {{id: {id}, title: "T", schedule: {schedule}, channels: [{", ".join(channels)}]'
        head += f', timezone: "{own_zone}"' if own_zone else ""
        if r.random() < 0.6:
            parts, milestones = self.milestone("submission", inherited, False, [], cal)
            return f"{head}, {', '.join(parts)}}}", [(n, d, None if o else schedule, channels) for n, d, o in milestones]
        listed, found, bases = [], [], []
        for number, name in enumerate(r.sample(["abstract one", "submission", "reply", "camera ready"], r.randint(1, 4))):
            zone_name = self.zone_name() if r.random() < 0.4 else None
            zone = self.zone(zone_name) if zone_name else inherited
            own_schedule = r.choice(["s0", "s1", "s2", "s3"]) if r.random() < 0.4 else None
            own_channels = r.sample(["c0", "c1", "c2"], r.randint(1, 2)) if r.random() < 0.4 else None
            parts, milestones = self.milestone(name, zone, zone_name is not None, bases, cal)
            parts.insert(0, f'name: "{name}"')
            parts += [f'timezone: "{zone_name}"'] if zone_name else []
            parts += [f"schedule: {own_schedule}"] if own_schedule else []
            parts += [f"channels: [{', '.join(own_channels)}]"] if own_channels else []
            listed.append("{" + ", ".join(parts) + "}")
            found += [(n, d, None if o else own_schedule or schedule, own_channels or channels) for n, d, o in milestones]
        r.shuffle(listed)
        return f"{head}, milestones: [{', '.join(listed)}]}}", found

    def milestone(self, name, zone, has_own_zone, bases, cal):
        """Keys of a milestone in YAML, and what comes of it: (name, deadline, whether it is an opening)."""
        r = self.random
        parts, found = [], []
        if bases and r.random() < 0.5:
            met["deadlines that count from another"] += 1
            base, of = r.choice(bases)
            offset = self.offset()
            parts.append(f'deadline: "{offset[0]}{offset[1]} {offset[2]} {base}"')
            deadline = of and of.moved(offset, zone if has_own_zone else of.zone, cal)
        else:
            text, deadline = self.deadline(zone)
            parts.append(f'deadline: "{text}"')
        bases.append((name, deadline))
        state = r.choice(["done", "withdrawn"]) if r.random() < 0.05 else None
        if state:
            met["milestones that are over"] += 1
            parts.append(f"state: {state}")
        if deadline:
            found.append((name, deadline, False))
        if r.random() < 0.15:
            met["targets"] += 1
            if r.random() < 0.6:
                amount, unit, _ = self.offset()
                parts.append(f'target: "{amount}{unit} before {name}"')
                target = deadline and deadline.moved((amount, unit, "before"), deadline.zone, cal)
            else:
                text, target = self.deadline(zone)
                parts.append(f'target: "{text}"')
            if target:
                found.append((f"{name} target", target, False))
        if r.random() < 0.15:
            met["openings"] += 1
            date = self.date(zone)
            parts.append(f'opens: "{date}"')
            found.append((f"{name} opens", Deadline(date, 0, zone), True))
        return parts, [] if state else found


def printed(binary, directory, first, last):
    command = [binary, "plan", "--json", "--config", directory, "--from", first, "--until", last]
    out = subprocess.run(command, capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"plan failed with {out.returncode}: {out.stderr[:2000]}")
    lines = [json.loads(line) for line in out.stdout.splitlines()]
    rows = [(l["due"], l["issue"], l["milestone"], l["deadline"], l["reminder"], l["channel"]) for l in lines]
    keys = [(row[0], row[1], row[2], row[5]) for row in rows]
    if keys != sorted(keys):
        sys.exit(f"the plan of {directory} is not sorted")
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--issues", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else time.time_ns() % 1_000_000_000
    print(f"seed {seed}", flush=True)
    maker = Maker(seed)
    issues = compared = differences = 0
    while issues < arguments.issues:
        count = min(250, arguments.issues - issues)
        with tempfile.TemporaryDirectory() as directory:
            expected, texts = maker.configuration(directory, count)
            first, last = "1901-01-01T00:00:00Z", "2200-01-01T00:00:00Z"
            middle = expected[len(expected) // 2][0] if expected else "2040-01-01T00:00:00Z"
            rows = printed(arguments.binary, directory, first, last)
            parts = printed(arguments.binary, directory, first, middle) + printed(arguments.binary, directory, middle, last)
            if parts != rows:
                differences += 1
                print(f"the plan is not that of its parts around {middle}")
            if sorted(rows) != expected:
                odd = sorted(set(rows) ^ set(expected), key=lambda row: (row[1], row[2], row[0]))
                differences += len(odd)
                for row in odd[:6]:
                    print("got      " if row in set(rows) else "expected ", *row)
                    print("         ", texts[int(row[1][1:])])
                print(open(f"{directory}/deadlined.yaml").read())
            compared += len(expected)
        issues += count
        if differences:
            break
    for what, number in sorted(met.items()):
        print(f"{number:9} {what}")
    print(f"{issues} issues, {compared} reminders compared, {differences} differences")
    sys.exit(1 if differences else 0)


main()
