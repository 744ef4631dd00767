#!/usr/bin/env python3
"""Posteriors of hidden-flag.toml on a grid: writes condition.posterior.json.

The likelihood is written out by hand (forward recursion over the two flags) and held against
hidden-flag.expected.json; the prior is uniform over the declared ranges of hazard and grudge, or of
hazard alone. Midpoint rule on the grid.
"""
import json
import math
from itertools import product

MOVES = ["hold", "open", "snub"]
SEEN = {"hidden-flag.history.toml": "open/open open/snub hold/open snub/open snub/open hold/hold snub/snub"}
LAMBDA, START = 4.0, 0.4


def logit(utilities):
    top = max(utilities)
    terms = [math.exp(LAMBDA * (u - top)) for u in utilities]
    return [t / sum(terms) for t in terms]


def chances(strain, sour, hazard):
    """Weights of the two events at the strain after moves and dynamics."""
    p = min(max(hazard * (0.4 + strain), 0.0), 1.0)
    return [p * (1 - s) for s in sour]


def after(strain, mixes):
    """Strain after moves and dynamics, imagined from weights of moves."""
    step = sum(-0.1 * m[1] + 0.15 * m[2] for m in mixes)
    return min(max(0.2 + 0.6 * min(max(strain + step, 0.0), 1.0), 0.0), 1.0)


def utilities(who, other, strain, sour, hazard, grudge):
    """By own move, against a mix of the other."""
    found = []
    for own in range(3):
        mine = [float(k == own) for k in range(3)]
        mixes = [mine, other] if who == 0 else [other, mine]
        end = after(strain, mixes)
        flags = [s + e for s, e in zip(sour, chances(end, sour, hazard))]
        (a, b), (fa, fb) = mixes, flags
        if who == 0:
            u = a[1] * (fa * (0.2 - grudge) + (1 - fa) * 0.3) + 0.3 * a[1] * b[1]
            u += 0.4 * a[2] * end - 0.2 * end
        else:
            u = b[1] * (0.25 - grudge * fb) + 0.2 * b[1] * a[1]
            u += 0.5 * b[2] * (end + 0.3 * fb) - 0.3 * end * a[2]
        found.append(u - 0.1 * mine[2])
    return found


def mixes(strain, sour, hazard, grudge):
    """A reasons at level 1, B at level 2."""
    even = [1 / 3] * 3
    a = logit(utilities(0, even, strain, sour, hazard, grudge))
    b = logit(utilities(1, a, strain, sour, hazard, grudge))
    return a, b


def loglik(history, hazard, grudge):
    rounds = [[MOVES.index(m) for m in pair.split("/")] for pair in SEEN[history].split()]
    strain, weight, total = START, {(0, 0): 1.0}, 0.0
    for played in rounds:
        after_moves = after(strain, [[float(k == m) for k in range(3)] for m in played])
        new, mass = {}, 0.0
        for flags, w in weight.items():
            a, b = mixes(strain, list(map(float, flags)), hazard, grudge)
            w *= a[played[0]] * b[played[1]]
            mass += w
            p = chances(after_moves, flags, hazard)
            for turned in product((0, 1), repeat=2):
                chance = 1.0
                for t, q in zip(turned, p):
                    chance *= q if t else 1 - q
                key = tuple(max(f, t) for f, t in zip(flags, turned))
                new[key] = new.get(key, 0.0) + w * chance
        total += math.log(mass)
        weight = {key: w / mass for key, w in new.items()}
        strain = after_moves
    return total


def posterior(history, ranges, fixed, steps):
    names = list(ranges)
    middle = {n: [lo + (hi - lo) * (k + 0.5) / steps for k in range(steps)] for n, (lo, hi) in ranges.items()}
    points = [dict(zip(names, values)) for values in product(*(middle[n] for n in names))]
    logs = [loglik(history, **fixed, **point) for point in points]
    top = max(logs)
    weights = [math.exp(log - top) for log in logs]
    mass = sum(weights)
    found = {"log_evidence": top + math.log(mass / len(points)), "parameters": {}}
    for name in names:
        mean = sum(w * p[name] for w, p in zip(weights, points)) / mass
        square = sum(w * (p[name] - mean) ** 2 for w, p in zip(weights, points)) / mass
        found["parameters"][name] = {"mean": mean, "sd": math.sqrt(square)}
    return found


def main():
    known = json.load(open("hidden-flag.expected.json"))
    for case in known["cases"]:
        if case["history"] in SEEN:
            settings = {"hazard": 0.25, "grudge": 0.7, **case["set"]}
            found = loglik(case["history"], **settings)
            assert abs(found - case["loglik"]) < 1e-10, (case["set"], found, case["loglik"])
    history = "hidden-flag.history.toml"
    cases = [
        {"scenario": "hidden-flag.toml", "history": history, "free": list(ranges)}
        | posterior(history, ranges, fixed, steps)
        for ranges, fixed, steps in [
            ({"hazard": (0, 0.6), "grudge": (0, 2)}, {}, 120),
            ({"hazard": (0, 0.6)}, {"grudge": 0.7}, 2000),
        ]
    ]
    with open("condition.posterior.json", "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


main()
