#!/usr/bin/env python3
"""Which specification of a scenario foretells blocks of a record that it was not fitted to.

    python3 scripts/blocks.py SCENARIO HISTORY CODING SPEC... [--set NAME=VALUE]... [--program PATH]

HISTORY has several cases. A SPEC is `name: free ...; fixed ...`, such as
`habit: habit=0:0.95, memory=0.5:0.97; sharpness=0`. For each case the numbers that are free are fitted
to the other cases, by a search from the file's values that halves its steps, with the same random
numbers throughout; usual rates (those of [shares] in CODING) are the shares of the months of the other
cases, with half a month added on either side. The case that was left out is then scored. Printed is a
line for each specification: log likelihood of every case when left out, their sum, the difference to
the first, and the numbers that were found. Needs the program and Python 3.11 or later.
"""

import argparse
import csv
import json
import subprocess
import tomllib
from pathlib import Path


def rates(coding, folder, cases, without):
    """Parameter to the share of months of all cases but one in which its move was made."""
    with (folder / "moves.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    months = sum(case["rounds"] for name, case in cases.items() if name != without)
    found = {}
    for of, formula in coding["shares"].values():
        actor, move = of.split(",")
        made = {(r["history"], r["round"]) for r in rows if (r["actor"], r["move"]) == (actor, move)}
        count = sum(name != without for name, _ in made)
        found[formula.split()[-1]] = (count + 0.5) / (months + 1)
    return found


class Scorer:
    """Log likelihoods of the cases of a history, kept by setting."""

    def __init__(self, options):
        self.options, self.known = options, {}

    def __call__(self, settings):
        key = tuple(sorted(settings.items()))
        if key not in self.known:
            command = [self.options.program, "score", self.options.scenario, "--history", self.options.history]
            command += ["--particles", "50", "--filters", "2", "--threads", "1", "--surprises", "0", "--format", "json"]
            for setting in [*self.options.settings, *(f"{name}={value:.12g}" for name, value in settings.items())]:
                command += ["--set", setting]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            self.known[key] = {case["history"]: case["loglik"] for case in json.loads(done.stdout)["cases"]}
        return self.known[key]


def search(score, free, start, steps=6):
    """The point of the greatest score: one number after the other, by steps that are halved."""
    point, best = dict(start), score(start)
    step = {name: (high - low) / 4 for name, (low, high) in free.items()}
    for _ in range(steps if free else 0):
        moved = True
        while moved:
            moved = False
            for name, (low, high) in free.items():
                for sign in (1, -1):
                    to = point | {name: min(high, max(low, point[name] + sign * step[name]))}
                    value = score(to) if to != point else best
                    if value > best + 0.02:
                        point, best, moved = to, value, True
                        break
        step = {name: size / 2 for name, size in step.items()}
    return point


def parse(text, values):
    """Name, free numbers with ranges, fixed numbers, and where to begin."""
    name, _, rest = text.partition(":")
    free, _, fixed = rest.partition(";")
    pairs = lambda part: [item.split("=") for item in part.replace(" ", "").split(",") if item]
    ranges = {key: tuple(map(float, value.split(":"))) for key, value in pairs(free)}
    given = {key: float(value) for key, value in pairs(fixed)}
    return name.strip(), ranges, given, {key: values[key]["value"] for key in ranges}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario")
    parser.add_argument("history")
    parser.add_argument("coding", type=Path)
    parser.add_argument("specs", nargs="+")
    parser.add_argument("--set", dest="settings", action="append", default=[])
    parser.add_argument("--program", default="target/release/detente")
    options = parser.parse_args()
    coding = tomllib.loads(options.coding.read_text())
    values = tomllib.loads(Path(options.scenario).read_text())["parameters"]
    cases = tomllib.loads((Path(options.history) / "history.toml").read_text())["history"]["cases"]
    scorer, first = Scorer(options), None
    print(f"{'left out':14}", *(f"{case:>9}" for case in cases), f"{'sum':>9}  less the first")
    for text in options.specs:
        name, free, fixed, start = parse(text, values)
        scores, found = [], []
        for case in cases:
            base = rates(coding, Path(options.history), cases, case) | fixed
            train = lambda at: sum(v for k, v in scorer(base | at).items() if k != case)
            point = search(train, free, start)
            scores.append(scorer(base | point)[case])
            found.append(", ".join(f"{key} {value:.3g}" for key, value in point.items()))
        first = sum(scores) if first is None else first
        print(f"{name:14}", *(f"{s:9.2f}" for s in scores), f"{sum(scores):9.2f}  {sum(scores) - first:+.2f}", flush=True)
        for case, numbers in zip(cases, found):
            print(f"    without {case}: {numbers}" if numbers else "", end="\n" if numbers else "", flush=True)


if __name__ == "__main__":
    main()
