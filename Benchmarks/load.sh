#!/bin/sh
# Benchmarks/load.sh [COUNTS.tsv]: the cost of reading and arming many special issues, beside `remind -n` on as many
# entries, in one run. COUNTS.tsv has lines of deadline, journal and number of special issues; without it 50,000 are
# made up. Needs remind and python3; build first: swift build -c release --product bench
set -eu
cd "$(dirname "$0")/.."
bench=${BENCH:-.build/release/bench}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/issues.d"
python3 - "$work" "${1:-}" <<'PYTHON'
import datetime, random, sys
work, counts = sys.argv[1:]
random.seed(20261123)
today = datetime.date.today()
if counts:
    rows = [line.rstrip("\n").split("\t") for line in open(counts)][1:]
    # The table is of one day in the past; its deadlines are as far from today as they were from then.
    first = min(datetime.date.fromisoformat(row[0]) for row in rows)
    entries = [(today + (datetime.date.fromisoformat(d) - first), j) for d, j, n in rows for _ in range(int(n))]
else:
    entries = [(today + datetime.timedelta(random.randrange(730)), f"journal-{random.randrange(400)}") for _ in range(50000)]
zones = ["Europe/Zurich", "UTC", "America/New_York", "Asia/Shanghai", "Asia/Tokyo", "Europe/London"]
adjectives = "Cellular Molecular Clinical Advanced Emerging Integrative Computational Sustainable Novel Translational".split()
nouns = "Senescence Immunity Materials Catalysis Networks Signalling Imaging Robotics Genomics Photonics".split()
months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
with open(f"{work}/issues.d/all.yaml", "w") as yaml, open(f"{work}/all.rem", "w") as rem:
    for n, (day, journal) in enumerate(entries):
        title = f"{random.choice(adjectives)} {random.choice(nouns)} in Health and Disease: Mechanisms and Applications"
        yaml.write(f"- id: {journal}-{n:06}\n  title: \"{title}\"\n  journal: {journal}\n  url: https://www.example.org/si/{n}\n"
                   f"  deadline: {day}\n  timezone: {random.choice(zones)}\n  guest_editors: [Dr. A. Person]\n  tags: [oncology, imaging]\n")
        rem.write(f"REM {day.day} {months[day.month - 1]} {day.year} +30 MSG {journal}-{n:06} {title} %b%\n")
with open(f"{work}/deadlined.yaml", "w") as main:
    main.write("defaults: {timezone: Europe/Zurich, channels: [lab]}\n"
               "channels:\n  lab: {type: webhook, url: http://127.0.0.1:9/, allow_networks: 127.0.0.1}\n")
print(len(entries), "entries")
PYTHON
for round in 1 2 3; do
    echo "deadlined, round $round"
    "$bench" load "$work"
    echo "remind -n, round $round"
    python3 - "$work/all.rem" <<'PYTHON'
import resource, subprocess, sys
subprocess.run(["remind", "-n", sys.argv[1]], stdout=subprocess.DEVNULL, check=True)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"in all            {round((usage.ru_utime + usage.ru_stime) * 1000)} ms CPU, peak {usage.ru_maxrss // 1024} MB")
PYTHON
    if [ -n "${YAMLEV:-}" ]; then "$YAMLEV" events "$work/issues.d/all.yaml" 5; fi
done
