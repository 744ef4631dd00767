#!/usr/bin/env python3
"""From a record of what happened to histories, and whether histories fit their scenario.

    python3 scripts/history.py make CODING RECORD [--check]
    python3 scripts/history.py check HISTORY...

`make` reads a record, a folder with moves.csv, events.csv and series.csv in each of its parts, and
writes histories beside CODING, a TOML file that says how: which scenario, which blocks of time, of
which moves the record misses nothing, which acts stand in it once for each side, which moves and
events the scenario calls otherwise ([map]). A block becomes a folder with the readings that the coding
names, blocks below the folder `cases` become the cases of its histories:

    history.toml         acts that are what the move says (`strict` is the first word of their note)
    loose.toml           also the nearest ones
    known.toml           strict acts of all moves, those too that the record has in part
    sourced.toml         history.toml without rows from memory (evidence M)
    sourced-loose.toml   loose.toml without them

A move that the record has in part is left out of all but known.toml: what is seen of it depends on
what was done, which no likelihood of ours knows. Printed, and written to counts.csv, is what became
of every row. Only months, codes, figures and addresses of pages are taken from a record, no text.
With --check nothing is written; exit status 1 where the files differ.

`check` finds histories below folders too. It looks for the scenario in the folders above, and tells
what does not fit: names, moves that an actor cannot play, rounds, indices, contradictions. Conditions of
moves (`when`) are formulas, which the program judges.

Needs Python 3.11 or later and its own library only.
"""

import argparse
import csv
import datetime
import io
import re
import statistics
import sys
import tomllib
from pathlib import Path

# Readings: whether loose acts count, rows from memory, moves that the record has in part.
READINGS = {
    "history": (False, True, False),
    "loose": (True, True, False),
    "known": (False, True, True),
    "sourced": (False, False, False),
    "sourced-loose": (True, False, False),
}
REASONS = ["unavailable", "loose", "memory", "mirrored", "partial", "once", "unobserved", "repeated"]
INDICES = {"actor": 1, "dyad": 2, "directed dyad": 2}
HISTORY_KEYS = {"scenario", "title", "moves", "events", "series", "rounds", "start", "miscoding",
                "initial", "ignore", "cases"}


class Wrong(Exception):
    """What is wrong with a file, as a line to print."""


# --- time -------------------------------------------------------------------------------------------------------------


def period(text, unit):
    """A date as a number that grows by one a round; None where it is no date of this unit."""
    forms = {"year": r"(\d{4})", "half-year": r"(\d{4})-H([12])", "quarter": r"(\d{4})-Q([1-4])",
             "month": r"(\d{4})-(0[1-9]|1[0-2])", "day": r"(\d{4}-\d\d-\d\d)"}
    found = re.fullmatch(forms.get(unit, r"(?!)"), text)
    if not found:
        return None
    if unit == "day":
        try:
            return datetime.date.fromisoformat(text).toordinal()
        except ValueError:
            return None
    a_year = {"year": 1, "half-year": 2, "quarter": 4, "month": 12}[unit]
    return int(found[1]) * a_year + (int(found[2]) - 1 if a_year > 1 else 0)


def month(number):
    """The reverse for months."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


# --- the scenario -----------------------------------------------------------------------------------------------------


class Scenario:
    """What a history needs to know of a scenario file: names, seats, options, indices."""

    def __init__(self, path):
        data = tomllib.loads(path.read_text())
        self.name = data["scenario"]["name"]
        self.unit = data["scenario"].get("round", "")
        self.start = str(data["scenario"].get("start", ""))
        self.rounds = data["scenario"]["rounds"]
        self.actors = list(data["actors"])
        self.groups = data.get("groups", {})
        self.events = data.get("events", {})
        self.variables = {"payoff", "belief", "utility"}
        self.variables |= {name.split("[")[0] for name in data.get("derived", {})}
        self.cells = {name: INDICES.get(state.get("of", "none")) for name, state in data.get("state", {}).items()}
        self.cells |= {name: 0 for name, state in data.get("state", {}).items() if "of" not in state}
        self.variables |= set(self.cells)
        self.moves = {}
        for name, move in data.get("moves", {}).items():
            for actor in self.members(move["by"]):
                toward = set(self.members(move["toward"])) - {actor} if "toward" in move else None
                self.moves[actor, name] = (move.get("track", "main"), toward)
        tracks = list(dict.fromkeys(track for track, _ in self.moves.values())) or ["main"]
        self.seats = {}
        for actor in self.actors:
            own = {track for (who, _), (track, _) in self.moves.items() if who == actor}
            self.seats[actor] = [track for track in tracks if track in own] or tracks[:1]

    def members(self, words):
        """The actors that a list of actors and groups means."""
        found = []
        for word in [words] if isinstance(words, str) else words:
            if word in ("actors", "others"):
                found += self.actors
            else:
                found += self.members(self.groups[word]) if word in self.groups else [word]
        return list(dict.fromkeys(found))

    def all_of(self, seat):
        """The moves of a seat `ACTOR,track`."""
        actor, track = seat.split(",")
        return [move for (who, move), (on, _) in self.moves.items() if (who, on) == (actor, track)]


# --- whether a history fits its scenario ------------------------------------------------------------------------------


def find_scenario(history, name):
    for folder in history.resolve().parents:
        if (folder / f"{name}.toml").is_file():
            return Scenario(folder / f"{name}.toml")
    raise Wrong(f"{history}: there is no {name}.toml in the folders above")


class Checker:
    """The findings on one history. Rounds of rows are numbers from 1 here."""

    def __init__(self, path):
        self.path, self.found = path, []
        data = tomllib.loads(path.read_text())
        head = data.get("history", {})
        self.scenario = find_scenario(path, head.get("scenario"))
        self.codes = data.get("map", {})
        self.start = str(head.get("start", self.scenario.start))
        self.rounds, self.cases = head.get("rounds", 0), head.get("cases", {})
        self.tell(data.get("format") == 1, path, "format is 1")
        for key in set(data) - {"format", "history", "complete", "map"} | set(head) - HISTORY_KEYS:
            self.tell(False, path, f"unknown key {key}")
        self.tell(isinstance(self.rounds, int) and self.rounds > 0, path, "rounds is a number from 1")
        self.tell("start" in head or self.cases or self.rounds <= self.scenario.rounds, path, "rounds beyond the scenario")
        self.tell(0 <= head.get("miscoding", 0) < 1, path, "miscoding is a probability below 1")
        for block in [head, *self.cases.values()]:
            for cell in block.get("initial", {}):
                self.cell(path, cell, self.scenario.cells)
        self.complete(data.get("complete", {}))
        for kind, judge in (("moves", self.move), ("events", self.event), ("series", self.series)):
            if kind in head:
                self.rows(path.parent / head[kind], judge)

    def tell(self, good, place, what):
        if not good:
            self.found.append(f"{place}: {what}")
        return good

    def rows(self, path, judge):
        if not self.tell(path.is_file(), self.path, f"there is no {path.name}"):
            return
        seen = {}
        with path.open(newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                place = f"{path}:{number}"
                if not self.tell(None not in row.values() and None not in row, place, "too few or too many columns"):
                    continue
                try:
                    key, value = judge(place, row, self.round(place, row))
                except KeyError as missing:
                    self.tell(False, path, f"there is no column {missing}")
                    return
                said = seen.setdefault((row.get("history"), *key), value)
                self.tell(said == value, place, "contradicts a row above")

    def round(self, place, row):
        text, unit = row["round"], self.scenario.unit
        case = self.cases.get(row.get("history"), {})
        rounds, start = case.get("rounds", self.rounds), str(case.get("start", self.start))
        at = int(text) if text.isdecimal() and unit != "year" else period(text, unit)
        if at is not None and not text.isdecimal() or unit == "year":
            first = period(start, unit)
            at = at - first + 1 if at is not None and first is not None else None
        if self.tell(at is not None, place, f"`{text}` is no round"):
            self.tell(1 <= at <= rounds, place, f"round {at} of {rounds}")
        return at

    def complete(self, table):
        for seat, moves in table.items():
            actor, _, track = seat.partition(",")
            if self.tell(track in self.scenario.seats.get(actor, []), self.path, f"there is no seat {seat}"):
                for move in [] if moves == "all" else moves:
                    self.tell(move in self.scenario.all_of(seat), self.path, f"{seat} has no move {move}")

    def move(self, place, row, at):
        actor, move, target = row["actor"], row["move"], row["target"]
        track = row.get("track", "")
        key = (at, actor, track, move, target)
        if not self.tell(actor in self.scenario.seats, place, f"there is no actor {actor}"):
            return key, 1
        code = self.codes.get(move)
        name = code.get("move") if isinstance(code, dict) else move
        if name == "hold":
            known = track in self.scenario.seats[actor] or (not track and len(self.scenario.seats[actor]) == 1)
            self.tell(known and not target, place, "hold has no target, and a track where there are several")
        elif self.tell((actor, name) in self.scenario.moves, place, f"{actor} has no move {name}"):
            on, toward = self.scenario.moves[actor, name]
            self.tell(track in ("", on), place, f"{name} is on the track {on}")
            self.tell(not target or target in (toward or ()), place, f"{name} is not at {target}")
        return key, 1

    def event(self, place, row, at):
        name, happened = row["event"], row["happened"]
        self.tell(happened in ("0", "1"), place, "happened is 1 or 0")
        if not self.tell(name in self.scenario.events, place, f"there is no event {name}"):
            return (at, name), happened
        each = self.scenario.events[name].get("each")
        at_most = INDICES.get(each, 0)
        indices = [row.get("i", ""), row.get("j", "")]
        self.tell(not any(indices[at_most:]), place, f"{name} has {at_most} indices")
        for index in filter(None, indices):
            self.tell(index in self.scenario.actors, place, f"there is no actor {index}")
        self.tell(indices[0] != indices[1] or not indices[0], place, "an actor has no pair with itself")
        return (at, name, *(sorted(indices) if each == "dyad" else indices)), happened

    def series(self, place, row, at):
        self.cell(place, row["variable"], self.scenario.variables)
        for column, least in (("value", None), ("sd", 0)):
            try:
                value = float(row[column])
            except ValueError:
                value = None
            good = value is not None and abs(value) < float("inf") and (least is None or value > least)
            self.tell(good, place, f"{column} is a number" + (" above 0" if least == 0 else ""))
        return (at, row["variable"], row["value"], row["sd"], place), 1

    def cell(self, place, cell, names):
        name, _, rest = cell.partition("[")
        indices = [i.strip() for i in rest.rstrip("]").split(",")] if rest else []
        if self.tell(name in names, place, f"there is no variable {name}") and name in self.scenario.cells:
            count = self.scenario.cells[name]
            known = all(i in self.scenario.actors for i in indices)
            if count is None:  # over groups and sets, which the program judges
                return
            self.tell(len(indices) == count and known, place, f"`{cell}` is no cell: {name} has {count} indices")


def check(paths):
    """Prints what is wrong with histories; whether nothing is."""
    histories = []
    for path in paths:
        below = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        histories += [p for p in below if "[history]" in p.read_text().splitlines()]
    found = [line for path in histories for line in Checker(path).found]
    print(*found, f"{len(histories)} histories, {len(found)} findings", sep="\n")
    return bool(histories) and not found


# --- from a record to histories ---------------------------------------------------------------------------------------


def addresses(text):
    """The pages that the source of a row names: addresses and numbers of articles, nothing else."""
    text = re.sub(r"\([^()]*\)", "", text)
    host = r"[a-z][\w-]*(?:\.[\w-]+)*\.[a-z]{2,}(?:/[\w./=-]*\w)?"
    kept = []
    for part in re.split(r"[;,]| and | via |: ", text):
        part = part.strip()
        found = re.fullmatch(rf"({host}|[a-z][\w-]+)(?: ([\w./=-]*\d[\w./=-]*))?", part)
        if found and found[1] not in {"memory", "derived", "idem", "residual", "with", "mean"}:
            kept.append(part)
    return "; ".join(dict.fromkeys(kept))


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def table(columns, rows):
    """A CSV file as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def usable(row, memory):
    return not row["variable"].startswith("raw.") and (memory or row["evidence"] != "M")


def middle(months):
    return months[(len(months) - 1) // 2]


def renamed(row, names):
    """A row with the names of the scenario: `ACTOR,move` and `event,i,j` as the coding maps them."""
    keys = ("actor", "move") if "move" in row else ("event", "i", "j") if "event" in row else ()
    new = names.get(",".join(row[key] for key in keys))
    return row | dict(zip(keys, new.split(","))) if new else row


class Block:
    """One stretch of time of a record, as histories."""

    def __init__(self, name, block, coding, scenario, folder):
        self.name, self.block, self.coding, self.scenario = name, block, coding, scenario
        self.density = coding["density"][block["density"]]
        self.first, self.last = (period(block[key], "month") for key in ("start", "end"))
        self.raw, self.counts = {}, {}
        self.past = {}
        for kind in ("moves", "events", "series"):
            parts = dict.fromkeys([block.get("past", block["record"]), block["record"]])
            rows = [row for part in parts for row in read(folder / part / f"{kind}.csv")]
            rows = [(period(row["date"], "month"), renamed(row, coding.get("map", {}))) for row in rows]
            if kind == "events" and "map" in coding:  # of pairs that become one, what happened comes first
                rows.sort(key=lambda r: (r[1]["happened"] != "1", r[1]["confidence"] == "L"))
            self.raw[kind] = [row for at, row in rows if self.first <= at <= self.last]
            self.past[kind] = [row for at, row in rows if at < self.first]

    def listed(self, actor, move):
        """Whether the record is taken to miss nothing of a move."""
        return f"{actor},{move}" in self.density["complete"] + self.density["nearly"]

    def sift(self, kind, reading, judge):
        """The rows of one kind that are kept; the reasons of the others are counted."""
        kept, seen = [], set()
        for row in self.raw[kind]:
            key, reason = judge(row, *READINGS[reading])
            if reason is None and key in seen:
                reason = "repeated"
            if reason is None:
                seen.add(key)
                kept.append(row)
            who = row["actor"] if kind == "moves" else kind
            count = self.counts.setdefault((reading, who), dict.fromkeys(["rows", "kept", *REASONS], 0))
            count["rows"] += 1
            count[reason or "kept"] += 1
        return kept

    def move(self, row, loose, memory, partial):
        actor, move, target = row["actor"], row["move"], row["target"]
        word = re.match(r"\w+", row["note"])[0]
        if word not in ("strict", "loose"):
            raise Wrong(f"{row['date']}, {actor} {move}: the note begins with {word}")
        reason = None
        if move in self.block.get("unavailable", []) or (actor, move) not in self.scenario.moves:
            reason = "unavailable"
        elif word == "loose" and (not loose or f"{actor},{move}" in self.density["strict_only"]):
            reason = "loose"
        elif row["evidence"] == "M" and not memory:
            reason = "memory"
        elif f"{actor},{move}" in self.coding["mirrored"]:
            reason = "mirrored"
        elif not partial and not self.listed(actor, move):
            reason = "partial"
        return (row["date"], actor, move, target), reason

    def event(self, row, loose, memory, _):
        name = row["event"]
        key = (row["date"], name, row["i"], row["j"])
        if name in self.coding["unobserved"] or row["happened"] == "":
            return key, "unobserved"
        if name in self.block.get("unavailable", []) or not self.has(row):
            return key, "unavailable"
        if row["evidence"] == "M" and not memory:
            return key, "memory"
        if self.scenario.events[name].get("once"):
            before = [r for r in self.raw["events"] if r["event"] == name and r["date"] < row["date"]]
            if any(r["happened"] == "1" for r in before):
                return key, "once"
        return key, None

    def has(self, row):
        """Whether the scenario has an event, of this pair where the coding lists pairs."""
        pairs = self.coding.get("pairs", {}).get(row["event"])
        return row["event"] in self.scenario.events and (pairs is None or f"{row['i']},{row['j']}" in pairs)

    def happened(self, row, loose):
        """Confidence L: only under a wide reading."""
        return "0" if row["confidence"] == "L" and not loose else row["happened"]

    def absent(self):
        """Rows of events that the scenario has by its own calendar, which is not that of the block."""
        real = {(row["event"], row["date"]) for row in self.raw["events"] if row["happened"] == "1"}
        months = [month(at) for at in range(self.first, self.last + 1)]
        names = self.block.get("absent", [])
        return [(at, name, "", "", "0", "D", "H") for at in months for name in names if (name, at) not in real]

    def complete(self, reading):
        """Seat to the moves whose absence from the file says that they were not played."""
        loose, memory, _ = READINGS[reading]
        gone = set()
        for row in self.raw["moves"]:
            _, reason = self.move(row, loose, memory, False)
            if reason == "memory":
                gone.add(f"{row['actor']},{row['move']}")
        found = {}
        for key in self.density["complete"] + self.density["nearly"]:
            actor, move = key.split(",")
            if key not in gone | set(self.coding["mirrored"]) and move not in self.block.get("unavailable", []):
                found.setdefault(f"{actor},{self.scenario.moves[actor, move][0]}", []).append(move)
        order = [f"{actor},{track}" for actor, tracks in self.scenario.seats.items() for track in tracks]
        absent = set(self.block.get("unavailable", []))
        whole = lambda seat: set(self.scenario.all_of(seat)) <= set(found[seat]) | absent
        return {seat: "all" if whole(seat) else sorted(found[seat]) for seat in order if seat in found}

    def figures(self, memory):
        """Measurements: a figure for several months once, at their middle; single months by quarter."""
        spans = {}
        for row in self.raw["series"]:
            if usable(row, memory) and row["variable"].split("[")[0] in self.scenario.variables:
                key = (row["variable"], row["value"], row["sd"], row["source"], row["evidence"])
                spans.setdefault(key, []).append(period(row["date"], "month"))
        pools = {}
        for key, months in spans.items():
            pool = (key[0], middle(months) // 3) if len(months) < 3 else key
            pools.setdefault(pool, []).append((months, key))
        for name, pool in pools.items():
            values = [float(key[1]) for months, key in pool for _ in months]
            sd = max(float(key[2]) for _, key in pool)
            if len(name) == 2:
                sd = max(sd, self.coding["least_sd"], statistics.stdev(values) if len(values) > 1 else 0)
            pages = "; ".join(dict.fromkeys(page for _, key in pool for page in addresses(key[3]).split("; ") if page))
            evidence = "".join(sorted({key[4] for _, key in pool}))
            at = middle(sorted(m for months, _ in pool for m in months))
            yield at, name[0], round(statistics.fmean(values), 4), round(sd, 4), evidence, pages

    def initial(self, memory):
        """Values at the start: those that the coding gives, and the last figure before, else the first."""
        values = dict(self.block.get("initial", {}))
        for variable in self.block.get("measured", []):
            past, now = ([row for row in rows if row["variable"] == variable and usable(row, memory)]
                         for rows in (self.past["series"], self.raw["series"]))
            for row in past[-1:] or now[:1]:
                values[variable] = float(row["value"])
        return values | self.shares()

    def shares(self):
        """Starts that the coding gives as shares: of the last twelve months, those in which a move was
        made in the strict sense; a month with several moves of a seat is shared among them."""
        rows = [row for row in self.past["moves"] if row["note"].startswith("strict")]
        months, values = [month(at) for at in range(self.first - 12, self.first)], {}
        made = {(row["date"], row["actor"], row["move"]) for row in rows}
        for cell, (key, formula) in self.coding.get("shares", {}).items() if rows else ():
            actor, move = key.split(",")
            seat = self.scenario.all_of(f"{actor},{self.scenario.moves[actor, move][0]}")
            share = sum(1 / sum((at, actor, m) in made for m in seat) for at in months if (at, actor, move) in made)
            values[cell] = f"{share / 12:.4g} {formula}"
        return values

    def tables(self, reading):
        """Kind of table to the rows of one reading."""
        loose, memory, _ = READINGS[reading]
        bare = lambda row: "" if self.scenario.moves[row["actor"], row["move"]][1] is None else row["target"]
        moves = [(r["date"], r["actor"], r["move"], bare(r), r["evidence"], r["confidence"],
                  addresses(r["source"]) if r["evidence"] != "M" else "")
                 for r in self.sift("moves", reading, self.move)]
        events = [(r["date"], r["event"], r["i"], r["j"], self.happened(r, loose), r["evidence"], r["confidence"])
                  for r in self.sift("events", reading, self.event)]
        events = sorted(events + self.absent(), key=lambda row: row[0])
        return {"moves": moves, "events": events, "series": [(month(f[0]), *f[1:]) for f in sorted(self.figures(memory))]}

    def head(self):
        return [f'start     = "{self.block["start"]}"', f"rounds    = {self.last - self.first + 1}"]


COLUMNS = {
    "moves": ["round", "actor", "move", "target", "evidence", "confidence", "source"],
    "events": ["round", "event", "i", "j", "happened", "evidence", "confidence"],
    "series": ["round", "variable", "value", "sd", "evidence", "source"],
}


def shared(lists):
    """Of several tables of complete moves what all of them have."""
    first, *others = lists
    both = lambda a, b: b if a == "all" else a if b == "all" else [m for m in a if m in b]
    for other in others:
        first = {seat: both(moves, other[seat]) for seat, moves in first.items() if seat in other}
    return {seat: moves for seat, moves in first.items() if moves}


def files(title, blocks, reading):
    """Name to text of the files of one reading: of a block, or of several as the cases of one history."""
    cases = {block.name.rpartition("/")[2]: block for block in blocks} if title else {}
    block = blocks[0]
    coding, memory = block.coding, READINGS[reading][1]
    stem = lambda name: "" if name == "history" else f"{name}."
    names = {
        "moves": stem(reading) + "moves.csv",
        "events": stem("history" if reading == "known" else reading) + "events.csv",
        "series": stem("history" if memory else "sourced") + "series.csv",
    }
    rows = {kind: [] for kind in names}
    for each in blocks:
        case = (each.name.rpartition("/")[2],) if cases else ()
        for kind, found in each.tables(reading).items():
            rows[kind] += [case + row for row in found]
    names = {kind: name for kind, name in names.items() if rows[kind]}
    lines = ["format = 1", "", "[history]", f'scenario  = "{block.scenario.name}"',
             f'title     = "{title or block.block["title"]}, {coding["readings"][reading]}"']
    lines += [f'{kind:9} = "{name}"' for kind, name in names.items()]
    if not cases:
        lines += block.head()
    else:
        lines += [f"rounds    = {max(each.last - each.first + 1 for each in blocks)}"]
    lines += [f"miscoding = {block.density['miscoding']}"]
    value = lambda v: f'"{v}"' if isinstance(v, str) else v
    start = lambda each: [f'"{cell}" = {value(v)}' for cell, v in each.initial(memory).items()]
    if not cases and (values := start(block)):
        lines += ["", "[history.initial]", *values]
    for name, each in cases.items():
        lines += ["", f'[history.cases."{name}"]', *each.head()]
        lines += ["initial   = { " + ", ".join(values) + " }" for values in [start(each)] if values]
    quoted = lambda moves: '"all"' if moves == "all" else "[" + ", ".join(f'"{m}"' for m in moves) + "]"
    if seats := shared([each.complete(reading) for each in blocks]):
        lines += ["", "[complete]", *(f'"{seat}" = {quoted(moves)}' for seat, moves in seats.items())]
    columns = {kind: ["history"] * bool(cases) + COLUMNS[kind] for kind in names}
    texts = {name: table(columns[kind], rows[kind]) for kind, name in names.items()}
    return {f"{reading}.toml": "\n".join(lines) + "\n"} | texts


def histories(path, record):
    """Path to text of everything that a coding makes of a record, and the counts as rows."""
    coding = tomllib.loads(path.read_text())
    scenario = Scenario(path.parent / coding["scenario"])
    judge_coding(path, coding, scenario)
    out, counts = {}, []
    blocks = [Block(name, block, coding, scenario, record) for name, block in coding["blocks"].items()]
    cases = coding.get("cases", {})
    groups = {}
    for block in blocks:
        folder = block.name.rpartition("/")[0]
        groups.setdefault(folder if folder in cases else block.name, []).append(block)
    for folder, group in groups.items():
        for reading in coding["readings"]:
            out |= {f"{folder}/{file}": text for file, text in files(cases.get(folder), group, reading).items()}
    for block in blocks:
        counts += [(block.name, *key, *count.values()) for key, count in block.counts.items()]
    order = [*dict.fromkeys([*scenario.actors, *(row[2] for row in counts if row[2] != "events")]), "events"]
    place = [list(coding["blocks"]), list(READINGS), order]
    counts.sort(key=lambda row: [names.index(name) for names, name in zip(place, row)])
    columns = ["block", "reading", "of", "rows", "kept", *REASONS]
    out["counts.csv"] = table(columns, counts)
    return out, columns, counts


def judge_coding(path, coding, scenario):
    """Names in a coding that the scenario does not have."""
    lists = [density[key] for density in coding["density"].values() for key in ("complete", "nearly", "strict_only")]
    for name in [n for names in [*lists, coding["mirrored"]] for n in names]:
        if tuple(name.split(",")) not in scenario.moves:
            raise Wrong(f"{path}: there is no move {name}")
    for name in coding["unobserved"] + [n for block in coding["blocks"].values() for n in block.get("absent", [])]:
        if name not in scenario.events:
            raise Wrong(f"{path}: there is no event {name}")


def make(path, record, only_compare):
    """Writes the files of a coding and checks them, or compares; whether all is well."""
    out, columns, counts = histories(path, record)
    for reading in dict.fromkeys(row[1] for row in counts):
        for block in dict.fromkeys(row[0] for row in counts):
            rows = [row for row in counts if row[:2] == (block, reading) and row[2] != "events"]
            total = [sum(row[i] for row in rows) for i in range(3, len(columns))]
            told = [f"{name} {n}" for name, n in zip(columns[3:], total) if n]
            print(f"{block}, {reading}: moves", ", ".join(told), end="; ")
            print("kept by actor", ", ".join(f"{row[2]} {row[4]} of {row[3]}" for row in rows))
    differ = []
    for name, text in out.items():
        file = path.parent / name
        if only_compare:
            differ += [name] if not file.is_file() or file.read_text() != text else []
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    for name in differ:
        print(f"{path.parent / name}: differs")
    return not differ and check([path.parent])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    maker = verbs.add_parser("make", help="write histories of a record")
    maker.add_argument("coding", type=Path)
    maker.add_argument("record", type=Path)
    maker.add_argument("--check", action="store_true", help="compare, write nothing")
    checker = verbs.add_parser("check", help="whether histories fit their scenario")
    checker.add_argument("paths", type=Path, nargs="+")
    options = parser.parse_args()
    try:
        good = make(options.coding, options.record, options.check) if options.verb == "make" else check(options.paths)
    except (Wrong, OSError, KeyError, tomllib.TOMLDecodeError) as error:
        sys.exit(f"history.py: {repr(error) if isinstance(error, KeyError) else error}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
