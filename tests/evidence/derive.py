"""Likelihoods of histories, by enumeration of everything that nobody saw, without the program.

    python3 derive.py                    write NAME.expected.json beside this file
    python3 derive.py --check            compare with the files that are there, write nothing
    python3 derive.py --program PATH     compare probabilities of choices and events with `trace` of the program

The scenarios are written so that what an actor expects of a round depends on its own choice, on what was chosen and
happened before, and on nothing that it has to foresee but its own other track. So their utilities can be written out
here: a nested logit, two tracks whose records err, clashes of pairs whose parties are not always known, offers and
answers in two stages of a round. What is true is followed forward: every joint choice and every set of events with its
probability, times the probability that the record would be what it is. Histories are read from the files, by the rules
of docs/coding.md.

Keys of a case: `history`, `set`, `loglik` (natural logarithm), `increments` by round, `predictive` (each seat and round
of which something is known: the probability of its record before the round is used, marginal over the other seats,
`miscoding` included), `filtered` (probability of flags at the end of each round given the records up to it), and
`histories` where the files hold several; the sum of theirs is `loglik`.

Only the standard library of Python 3.11 or later is needed.
"""

import csv
import json
import subprocess
import sys
import tomllib
from itertools import combinations, product
from math import exp, fsum, isclose, log
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOLD = ("hold", "")


def logit(terms, precision):
    """Option to probability from option to utility."""
    weights = {option: exp(precision * u) for option, u in terms.items()}
    return {option: w / fsum(weights.values()) for option, w in weights.items()}


# --- four games -------------------------------------------------------------------------------------------------------
# A game has numbers (parameters), seats by stage, the options of a seat in the file, and at a world the mix of a seat.
# A world is (what was chosen last, what happened last, state); chosen holds (actor, move, target), happened holds pairs.


class Game:
    events = ()

    def start(self):
        return frozenset(), frozenset(), ()

    def after(self, world, chosen, happened):
        return frozenset(chosen), frozenset(happened), ()

    def flags(self, world):
        return {}


class Nests(Game):
    numbers = {"sharpness": 2, "alike": 0.4, "worth[B]": 0.7, "worth[C]": 0.5, "worth[D]": 0.3}
    stages = [[("A", "main"), ("B", "main"), ("C", "main"), ("D", "main")]]

    def options(self, seat):
        if seat[0] == "A":
            return [("court", p) for p in "BCD"] + [("arm", ""), ("press", "B"), ("press", "C"), HOLD]
        return [("welcome", "A"), ("refuse", "A"), HOLD] if seat[0] in "BC" else [HOLD]

    def mix(self, seat, world, chosen):
        n, last = self.numbers, world[0]
        who = seat[0]
        if who == "D":
            return {HOLD: 1.0}
        if who != "A":
            welcome = 0.3 + 0.5 * (("A", "court", who) in last)
            refuse = 0.1 + 0.7 * (("A", "arm", "") in last)
            return logit({("welcome", "A"): welcome, ("refuse", "A"): refuse, HOLD: 0}, n["sharpness"])
        court = {("court", p): n[f"worth[{p}]"] + 0.6 * ((p, "welcome", "A") in last) for p in "BCD"}
        arm = {("arm", ""): 0.5 + 0.4 * (("B", "refuse", "A") in last)}
        press = {("press", "B"): 0.35, ("press", "C"): 0.2} if ("A", "arm", "") in last else {}
        inclusive, within = [], []
        for nest, mu in ((court, n["alike"]), (arm, 1), (press, 0.7), ({HOLD: 0}, 1)):
            if nest:
                terms = {option: exp(n["sharpness"] * u / mu) for option, u in nest.items()}
                inclusive.append(fsum(terms.values()) ** mu)
                within.append({option: t / fsum(terms.values()) for option, t in terms.items()})
        return {o: share * i / fsum(inclusive) for i, nest in zip(inclusive, within) for o, share in nest.items()}


class Tracks(Game):
    numbers = {"sharpness": 3, "show": 0.4}
    stages = [[("A", "words"), ("A", "ships"), ("B", "words")]]

    def start(self):
        return frozenset(), frozenset(), (0.4,)

    def options(self, seat):
        if seat == ("A", "words"):
            return [("talk", "B"), ("warn", "B"), HOLD]
        return [("sail", ""), HOLD] if seat[0] == "A" else [("resist", "A"), ("answer", "A"), HOLD]

    def mix(self, seat, world, chosen):
        n, (last, _, (heat,)) = self.numbers, world
        sailed = ("A", "sail", "") in last
        if seat == ("A", "words"):
            # its ships sail at level 0 in one of two cases
            terms = {("talk", "B"): 0.3, HOLD: 0}
            if heat > 0.3:
                terms["warn", "B"] = 0.2 + 0.5 * (("B", "resist", "A") in last) + n["show"] / 2
        elif seat[0] == "A":
            # its words warn at level 0 in one of three, or cannot
            terms = {("sail", ""): 0.1 - 0.4 * sailed + n["show"] * (heat > 0.3) / 3, HOLD: 0}
        else:
            terms = {("resist", "A"): 0.2 + 0.6 * sailed, HOLD: 0}
            if heat < 0.6:
                terms["answer", "A"] = 0.1 + 0.7 * (("A", "talk", "B") in last)
        return logit(terms, n["sharpness"])

    def after(self, world, chosen, happened):
        steps = {"talk": -0.1, "warn": 0.2, "sail": 0.15, "resist": 0.05}
        heat = world[2][0] + fsum(steps.get(move, 0) for _, move, _ in sorted(chosen))
        return frozenset(chosen), frozenset(), (0.8 * min(1, max(0, heat)),)


class Pairs(Game):
    numbers = {"sharpness": 2.5, "spark": 0.35, "smart": 0.6}
    stages = [[("X", "main"), ("Y", "main"), ("Z", "main")]]
    events = (("X", "Y"), ("X", "Z"), ("Y", "Z"))

    def start(self):
        return frozenset(), frozenset(), frozenset()

    def options(self, seat):
        return [("press", other) for other in "XYZ" if other != seat[0]] + [("calm", ""), HOLD]

    def mix(self, seat, world, chosen):
        n, (last, happened, _) = self.numbers, world
        terms = {("calm", ""): 0.3, HOLD: 0}
        for other in set("XYZ") - {seat[0]}:
            clashed = tuple(sorted((seat[0], other))) in happened
            terms["press", other] = 0.4 - n["smart"] * clashed + 0.3 * ((other, "press", seat[0]) in last)
        return logit(terms, n["sharpness"])

    def weight(self, event, world, chosen):
        i, j = event
        pressing = ((i, "press", j) in chosen) + ((j, "press", i) in chosen)
        return 0.05 + self.numbers["spark"] * pressing if pressing or i == "X" else 0.0

    def after(self, world, chosen, happened):
        return frozenset(chosen), frozenset(happened), world[2] | frozenset(happened)

    def flags(self, world):
        return {f"sore[{i},{j}]": (i, j) in world[2] for i, j in self.events}


class Stages(Game):
    numbers = {"sharpness": 3, "trust": 0.5}
    stages = [[("L", "main")], [("F", "main")]]

    def options(self, seat):
        return [("offer", "F"), ("threaten", "F"), HOLD] if seat[0] == "L" else [("accept", "L"), ("defy", "L"), HOLD]

    def mix(self, seat, world, chosen):
        n, last = self.numbers, world[0]
        if seat[0] == "L":
            terms = {("offer", "F"): 0.3 + n["trust"] * (("F", "accept", "L") in last)}
            terms["threaten", "F"] = 0.4 - 0.5 * (("F", "defy", "L") in last)
        else:
            threatened = ("L", "threaten", "F")
            terms = {("defy", "L"): 0.2 + 0.5 * (threatened in chosen) - 0.3 * (threatened in last)}
            if ("L", "offer", "F") in chosen:
                terms["accept", "L"] = 0.6
        return logit(terms | {HOLD: 0}, n["sharpness"])


# --- histories --------------------------------------------------------------------------------------------------------


class History:
    """What is known: sets of options by round and seat, clashes by round."""

    def __init__(self, game, path):
        data = tomllib.loads(path.read_text())
        head = data["history"]
        self.game, self.rounds, self.miscoding = game, head["rounds"], head.get("miscoding", 0)
        self.seats = [seat for stage in game.stages for seat in stage]
        self.complete = {tuple(seat.split(",")): moves for seat, moves in data.get("complete", {}).items()}
        codes = data.get("map", {})
        self.rows, self.clashes = {}, {}
        for row in self.table(path, head.get("moves")):
            move = codes[row["move"]]["move"] if row["move"] in codes else row["move"]
            fits = [s for s in self.seats if s[0] == row["actor"] and row.get("track", "") in ("", s[1])]
            fits = [s for s in fits if move in [m for m, _ in game.options(s)]]
            assert len(fits) == 1, row
            meant = {o for o in game.options(fits[0]) if o[0] == move and row["target"] in ("", o[1])}
            key = (row.get("history", ""), int(row["round"]), fits[0])
            self.rows[key] = self.rows.get(key, set()) | meant
        for row in self.table(path, head.get("events")):
            pairs = [p for p in game.events if set(filter(None, (row["i"], row["j"]))) <= set(p)]
            self.clashes.setdefault(int(row["round"]), []).append((pairs, row["happened"] == "1"))
        self.names = list(dict.fromkeys(key[0] for key in self.rows)) or [""]

    def table(self, path, name):
        if not name:
            return []
        with (path.parent / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def known(self, name, t, seat):
        """The set of a seat's options that its choice is known to be in."""
        rows = self.rows.get((name, t, seat))
        if rows:
            return rows
        absent = self.complete.get(seat, [])
        options = self.game.options(seat)
        return {o for o in options if o == HOLD or absent != "all" and o[0] not in absent}

    def emission(self, option, known, seat):
        """The probability of a record given what was done."""
        share = len(known) / len(self.game.options(seat))
        return (1 - self.miscoding) * (option in known) + self.miscoding * share


def joint(game, world):
    """Every joint choice with its probability: options by seat."""
    partial = [({}, frozenset(), 1.0)]
    for stage in game.stages:
        grown = []
        for choice, chosen, p in partial:
            mixes = [game.mix(seat, world, chosen) for seat in stage]
            for options in product(*mixes):
                q = p
                for mix, option in zip(mixes, options):
                    q *= mix[option]
                more = {(seat[0], *option) for seat, option in zip(stage, options) if option != HOLD}
                grown.append((choice | dict(zip(stage, options)), chosen | more, q))
        partial = grown
    return partial


def outcomes(game, world, chosen, records):
    """Every set of events that agrees with the records, with its probability."""
    weights = {e: game.weight(e, world, chosen) for e in game.events}
    for count in range(len(game.events) + 1):
        for happened in combinations(game.events, count):
            p = 1.0
            for event, w in weights.items():
                p *= w if event in happened else 1 - w
            if p > 0 and all(any(e in happened for e in pairs) == said for pairs, said in records):
                yield happened, p


def follow(history, name):
    """Log likelihood of one history by round, with what is predicted and filtered."""
    game, worlds = history.game, {history.game.start(): 1.0}
    increments, predictive, filtered = [], [], {}
    for t in range(1, history.rounds + 1):
        known = {seat: history.known(name, t, seat) for seat in history.seats}
        marginal, new = {seat: [] for seat in history.seats}, {}
        for world, weight in worlds.items():
            for choice, chosen, p in joint(game, world):
                said = {seat: history.emission(choice[seat], known[seat], seat) for seat in history.seats}
                for seat, e in said.items():
                    marginal[seat].append(weight * p * e)
                for e in said.values():
                    p *= e
                if p == 0:
                    continue
                for happened, q in outcomes(game, world, chosen, history.clashes.get(t, [])):
                    then = game.after(world, chosen, happened)
                    new.setdefault(then, []).append(weight * p * q)
        for seat in history.seats:
            if len(known[seat]) < len(game.options(seat)):
                row = {"round": t, "actor": seat[0], "track": seat[1], "probability": fsum(marginal[seat])}
                predictive.append(({"history": name} if name else {}) | row)
        total = fsum(w for part in new.values() for w in part)
        assert total > 0, f"{name} is impossible in round {t}"
        worlds = {world: fsum(part) / total for world, part in new.items()}
        increments.append(log(total))
        for flag in game.flags(game.start()):
            p = fsum(w for world, w in worlds.items() if game.flags(world)[flag])
            filtered.setdefault(flag, []).append(p)
    return increments, predictive, filtered


def case(kind, file, settings):
    """One case as it stands in NAME.expected.json."""
    game = kind()
    assert set(settings) <= set(game.numbers), settings
    game.numbers = game.numbers | settings
    history = History(game, HERE / file)
    parts = {name: follow(history, name) for name in history.names}
    increments = [fsum(column) for column in zip(*(part[0] for part in parts.values()))]
    out = {"history": file, "set": settings, "loglik": fsum(increments), "increments": increments, "tolerance": 1e-10}
    out["how"] = "enumeration of all joint choices and events, forward"
    out["predictive"] = [row for part in parts.values() for row in part[1]]
    if len(parts) == 1:
        return out | {"filtered": parts[history.names[0]][2]}
    each = {name: {"loglik": fsum(part[0]), "increments": part[0]} for name, part in parts.items()}
    return out | {"histories": each}


CASES = {
    "nests": (Nests, [
        ("nests", {}), ("nests", {"alike": 1}), ("nests", {"sharpness": 4, "alike": 0.15}),
        ("nests.sets", {}), ("nests.sets", {"sharpness": 4}), ("nests.codes", {}), ("nests.several", {}),
    ]),
    "tracks": (Tracks, [
        ("tracks", {}), ("tracks", {"sharpness": 6}), ("tracks.sets", {}), ("tracks.sets", {"show": 0.9}),
    ]),
    "pairs": (Pairs, [
        ("pairs", {}), ("pairs", {"spark": 0.1}), ("pairs.gaps", {}), ("pairs.gaps", {"spark": 0.4, "smart": 1.5}),
    ]),
    "stages": (Stages, [
        ("stages", {}), ("stages", {"trust": 0.9}), ("stages.gaps", {}), ("stages.gaps", {"sharpness": 1}),
    ]),
}


# --- comparisons ------------------------------------------------------------------------------------------------------


def same(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return isclose(a, b, rel_tol=1e-12, abs_tol=1e-14)
    return a == b


def pair(event):
    return tuple(event["name"].split("[")[1].rstrip("]").split(","))


def along(game, trace):
    """How far the probabilities of options and events are from ours along one run."""
    world = game.start()
    for part in trace["rounds"]:
        chosen = frozenset()
        for stage in game.stages:
            played = set()
            for seat in [s for s in part["seats"] if (s["actor"], s["track"]) in stage and s["options"]]:
                mix = game.mix((seat["actor"], seat["track"]), world, chosen)
                for option in seat["options"]:
                    yield abs(mix.get((option["move"], option["target"]), 0) - (option["probability"] or 0))
                    if option["chosen"] and option["move"] != "hold":
                        played.add((seat["actor"], option["move"], option["target"]))
            chosen |= played
        for event in part["events"]:
            yield abs(game.weight(pair(event), world, chosen) - event["probability"])
        world = game.after(world, chosen, [pair(event) for event in part["events"] if event["happened"]])


def beside_the_program(program):
    """The same over runs of all games and settings."""
    for name, (kind, cases) in CASES.items():
        settings = [{}] + [settings for _, settings in cases if settings]
        for values, run in product(settings, range(12)):
            game = kind()
            game.numbers = game.numbers | values
            words = [w for k, v in values.items() for w in ("--set", f"{k}={v}")]
            command = [program, "trace", HERE / f"{name}.toml", "--format", "json", "--run", str(run), *words]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            yield from along(game, json.loads(done.stdout))


def main():
    if "--program" in sys.argv:
        off = list(beside_the_program(sys.argv[sys.argv.index("--program") + 1]))
        print(f"{len(off)} probabilities, at most {max(off):.1e} off")
        sys.exit(max(off) > 1e-12)
    wrong = 0
    for name, (kind, cases) in CASES.items():
        made = {"scenario": f"{name}.toml"}
        made["cases"] = [case(kind, f"{file}.history.toml", settings) for file, settings in cases]
        path = HERE / f"{name}.expected.json"
        if "--check" not in sys.argv:
            path.write_text(json.dumps(made, indent=1) + "\n")
        elif not path.is_file() or not same(json.loads(path.read_text()), made):
            print(f"{path.name}: differs")
            wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
