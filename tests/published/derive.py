"""Expected numbers of scenarios/published, from papers and from plain Python, without the scenario language.

Closed forms, enumerations and simulations are worked out below; numbers of other programs and of papers are copied, and
say so. The TOML files are read only for the data that both need.

    python3 derive.py           write NAME.expected.json beside this file
    python3 derive.py --check   compare with the files that are there, write nothing
"""

import csv
import json
import random
import sys
import tomllib
from itertools import product
from math import exp
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE.parent.parent / "scenarios" / "published"
SE = "4se"  # four standard errors of the estimate


def check(quantity, value, tolerance, how):
    return {"quantity": quantity, "value": float(f"{value:.15g}"), "tolerance": tolerance, "how": how}


def case(ident, runs, checks, variant=None, sets=None, rounds=None):
    found = {"id": ident, "runs": runs, "variant": variant, "set": sets or {}, "checks": checks}
    return found | ({"rounds": rounds} if rounds else {})


def read(name):
    return tomllib.loads((SCENARIOS / f"{name}.toml").read_text(encoding="utf-8"))


# --- expected utility -------------------------------------------------------------------------------------------------


def expected_utility():
    """Belgium: the paper's table. Median and mean: a separate implementation of the paper's equations."""
    belgium = [8.415932, 9.610859, 9.961980, 4.800881, 5.524238, 7.472046]
    median = [8.415932315, 9.610859134, 9.961979590, 9.961979590, 9.961979590, 7.472046362]
    mean = [7.461314378, 7.552500866, 7.590144997, 7.358130531, 7.349173990, 7.414877545]
    cases = []
    for number, (b, m, a) in enumerate(zip(belgium, median, mean), 1):
        apart = "a separate implementation of the equations"
        checks = [
            check("min:belgium", b, 6e-7, "Scholz, Calbert and Smith 2011, positions by round"),
            check("min:median_position", m, 1e-9, apart),
            check("min:mean_position", a, 1e-9, apart),
        ]
        cases.append(case(f"round_{number}", 2, checks, rounds=number))
    return "emission standard, ten governments; nothing is drawn that counts", cases


# --- landscapes -------------------------------------------------------------------------------------------------------


def minima(names, bond):
    """The energies of all partitions that no single switch improves; the first name stays where it is."""
    n = len(names)
    pull = [[0 if i == j else bond(names[i], names[j]) for j in range(n)] for i in range(n)]
    found = set()
    for rest in product((-1, 1), repeat=n - 1):
        side = (-1, *rest)
        # twice what i gains by switching: what it loses with its own side, less what it wins
        gain = [-side[i] * sum(p * s for p, s in zip(pull[i], side)) for i in range(n)]
        if max(gain) <= 0:
            apart = sum(pull[i][j] for i in range(n) for j in range(n) if side[i] != side[j])
            found.add(round(apart, 9))
    return sorted(found)


def pairs(table):
    """A table by dyad with a default as a function of two names."""
    known = {frozenset(key.split(",")): value for key, value in table.items() if key != "default"}
    return lambda a, b: known.get(frozenset((a, b)), table.get("default"))


def landscape(name, grade):
    file = read(name)
    names, parameters = list(file["actors"]), file["parameters"]
    sizes, fits = parameters["size"]["value"], pairs(parameters[grade]["value"])
    size = {a: sizes.get(a, sizes.get("default")) for a in names}
    middle = 3 if grade == "grade" else 0
    return minima(names, lambda a, b: size[a] * size[b] * (fits(a, b) - middle))


def landscape_syria():
    """One partition of 1,024 is stable; published with the data: energy -83200."""
    found = landscape("landscape-syria", "grade")
    assert found == [-83200], found
    how = "all 1,024 partitions tried: the only one that no switch improves"
    checks = [check(f"{word}:final_energy", -83200, 0, how) for word in ("min", "max")]
    checks.append(check("min:at_rest", 1, 0, "every descent ends"))
    return "sizes and grades of 2016", [case("random", 64, checks), case("steepest", 16, checks, "steepest")]


def landscape_europe():
    """Two stable partitions; energies known before from another program."""
    low, high = landscape("landscape-europe", "fit")
    assert abs(low + 4299.7976) < 5e-5 and abs(high + 4213.859) < 5e-4, (low, high)
    how = "all 65,536 partitions tried: the two that no switch improves"
    checks = [
        check("min:final_energy", low, 1e-8, how),
        check("max:final_energy", high, 1e-8, how),
        check("min:at_rest", 1, 0, "every descent ends"),
    ]
    return "propensities of a reimplementation", [case("random", 64, checks)]


# --- crisis bargaining ------------------------------------------------------------------------------------------------

DEMANDS = [k / 20 for k in range(21)]
COSTS = [0.01 + 0.02 * k for k in range(20)]
WIN, COST = 0.5, 0.1


def crisis(reply):
    """Chances of every demand, the mean demand and the chance of war; `reply` turns utilities into chances."""

    def accepts(demand, cost):
        return reply([1 - demand, 1 - WIN - cost])[0]

    yes = [sum(accepts(d, c) for c in COSTS) / len(COSTS) for d in DEMANDS]
    mix = reply([y * d + (1 - y) * (WIN - COST) for d, y in zip(DEMANDS, yes)])
    return mix, sum(p * d for p, d in zip(mix, DEMANDS)), sum(p * (1 - y) for p, y in zip(mix, yes))


def logit(precision):
    def reply(utilities):
        top = max(utilities)
        weights = [exp(precision * (u - top)) for u in utilities]
        return [w / sum(weights) for w in weights]

    return reply


def best(utilities):
    chosen = [max(utilities) - u < 1e-12 for u in utilities]
    return [c / sum(chosen) for c in chosen]


def crisis_bargaining():
    """x* = 0.65 with war at 0.375; at precision 20 means 0.667 and 0.428, at 5 0.668 and 0.478."""
    cases = []
    known = {"best": (best, 0.65, 0.375), None: (logit(20), 0.667, 0.428), "precision_5": (logit(5), 0.668, 0.478)}
    for variant, (reply, demand, war) in (known | {"resolute": (logit(20), 0.667, None)}).items():
        mix, mean, chance = crisis(reply)
        if variant == "resolute":
            chance = sum(p * reply([1 - d, 1 - WIN - COSTS[0]])[1] for p, d in zip(mix, DEMANDS))
        assert abs(mean - demand) < 6e-4 and (war is None or abs(chance - war) < 6e-4), (variant, mean, chance)
        tolerance = 1e-12 if variant == "best" else SE
        checks = [
            check(f"p:1:CHL:demand:{d:g}", p, 1e-9, "backward induction with logit errors")
            for d, p in zip(DEMANDS, mix)
        ]
        checks.append(check("mean:demand", mean, tolerance, "the same, all demands"))
        checks.append(check("mean:war", chance, SE, "the same, all demands and types"))
        cases.append(case(variant or "precision_20", 400, checks, variant))
    return "21 demands, 20 types of cost", cases


# --- others -----------------------------------------------------------------------------------------------------------


def signal(treaty_cost=0.1, reputation=0.3):
    """The reply of both types to how likely both are thought to sign, and what follows each in rounds 2 to 4."""
    stake, alone, aided, war, prior, fight = 0.5, 0.3, 0.8, 0.3, 0.4, {"firm": 0.2, "soft": 0.9}
    yes = lambda gain: logit(6)([gain, 0])[0]

    def after(treaty, firm):
        """Attack, resistance and aid by type where the defender is thought to be firm so surely; what is left to it."""
        left_out = stake * alone - reputation * treaty
        aid = {kind: yes(stake * aided - cost - left_out) for kind, cost in fight.items()}
        expected = firm * aid["firm"] + (1 - firm) * aid["soft"]
        survives = expected * aided + (1 - expected) * alone
        resist = yes(survives - 0.2 - 0.2)
        attack = yes(resist * (1 - survives - war) + 1 - resist)
        left = {
            kind: (1 - attack) * stake + attack * resist * (aid[kind] * (stake * aided - cost) + (1 - aid[kind]) * left_out)
            for kind, cost in fight.items()
        }
        return attack, resist, aid, left

    def both(thought):
        odds = [(prior * f, (1 - prior) * s) for f, s in (thought, [1 - p for p in thought])]
        return [after(treaty, f / (f + s)) for treaty, (f, s) in zip((1, 0), odds)]

    def reply(thought):
        signed, unsigned = both(thought)
        return [yes(signed[3][kind] - treaty_cost - unsigned[3][kind]) for kind in fight]

    return reply, both, (prior, 1 - prior)


def alliance_signal():
    """Signing by level of reasoning, each a reply to the beliefs of the level before, up to its fixed point."""
    known = {1: (0.3894, 0.1642), 2: (0.4611, 0.1935), 3: (0.4642, 0.1951)}
    reply, _, _ = signal()
    cases, mix = [], [0.5, 0.5]
    for level, chances in known.items():
        mix = reply(mix)
        for kind, p, printed in zip(("firm", "soft"), mix, chances):
            assert abs(p - printed) < 5e-5, (level, kind, p)
            checks = [check("p:1:ALLY:pledge", p, 1e-9, f"logit levels of the extensive form, level {level}")]
            cases.append(case(f"{kind}_{level}", 2, checks, kind, {"decision.reasoning": level}))
    for variant, binding in ((None, {}), ("free", {"treaty_cost": 0, "reputation": 0}), ("firm", {})):
        reply, both, chances = signal(**binding)
        mix = [0.5, 0.5]
        for _ in range(1000):
            mix = reply(mix)
        assert max(abs(a - b) for a, b in zip(mix, reply(mix))) < 1e-14
        weights = (1, 0) if variant == "firm" else chances
        sums = dict.fromkeys(("signed", "attacked", "war", "aid"), 0)
        for weight, p, kind in zip(weights, mix, ("firm", "soft")):
            sums["signed"] += weight * p
            for share, (attack, resist, aid, _) in zip((p, 1 - p), both(mix)):
                for name, chance in (("attacked", attack), ("war", attack * resist), ("aid", attack * resist * aid[kind])):
                    sums[name] += weight * share * chance
        how = "agent quantal response equilibrium, Bayes' rule after the signature"
        checks = [check(f"mean:{name}", value, SE, how) for name, value in sums.items()]
        if variant == "firm":
            assert abs(mix[0] - 0.46420) < 5e-6 and abs(mix[1] - 0.19511) < 5e-6  # known from another program
            checks.append(check("p:1:ALLY:pledge", mix[0], 1e-8, how))
        sets = {"decision.reasoning": "equilibrium", "decision.anticipation": "exact"}
        cases.append(case(f"equilibrium_{variant or 'base'}", 2000, checks, variant, sets))
    return "sign, attack, resist, aid; two types", cases


# --- Elmira -----------------------------------------------------------------------------------------------------------


def elmira():
    """R, GMR, SMR and SEQ by state and decision maker, by the definitions; the sets of equilibria are the book's."""
    who = list(read("elmira")["actors"])
    ranks = read("elmira")["parameters"]["rank"]["value"]
    worth = {i: {s: ranks[f"{i},{s}"] for s in range(1, 10)} for i in who}
    step = {i: {s: set() for s in range(1, 10)} for i in who}
    for state in range(1, 9):  # 1 + modified + 2 accepted + 4 insists; 9 is left by nobody
        bits = state - 1
        if not bits & 1:
            step["MOE"][state].add(state + 1)
        if not bits & 2:
            step["UNI"][state].add(state + 2)
        step["UNI"][state].add(9)
        step["LOC"][state].add((bits ^ 4) + 1)

    def gains(i, state):
        return {t for t in step[i][state] if worth[i][t] > worth[i][state]}

    def reached(others, state, move, last=None, met=frozenset()):
        """Where legal sequences of moves lead: nobody moves twice in a row."""
        found = set()
        for j in others:
            for t in move(j, state) if j != last else ():
                if (t, j) not in met:
                    found |= {t} | reached(others, t, move, j, met | {(t, j)})
        return found

    stable, signs = {}, ("R", "GMR", "SMR", "SEQ")
    for state in range(1, 10):
        for i in who:
            others = [j for j in who if j != i]
            worse = lambda u: worth[i][u] <= worth[i][state]
            any_move = [reached(others, t, lambda j, s: step[j][s]) for t in gains(i, state)]
            gladly = [reached(others, t, gains) for t in gains(i, state)]
            held = (
                not gains(i, state),
                all(any(worse(u) for u in to) for to in any_move),
                all(any(worse(u) and all(worse(v) for v in step[i][u]) for u in to) for to in any_move),
                all(any(worse(u) for u in to) for to in gladly),
            )
            stable.setdefault(str(state), {})[i] = [sign for sign, holds in zip(signs, held) if holds]
    all_hold = {sign: [int(s) for s, by in stable.items() if all(sign in held for held in by.values())] for sign in signs}
    book = [1, 4, 5, 8, 9]
    assert all_hold == {"R": [5, 8, 9], "GMR": book, "SMR": book, "SEQ": [5, 8, 9]}, all_hold
    return {"scenario": "elmira", "stable": stable, "equilibria": all_hold}


def arms_or_allies():
    """Arms up to threat / price; a pact where threat times pooled arms of the ally exceeds autonomy, for both."""
    threat, pooled = (6, 3), 0.5
    worth = min(threat[0] * pooled * threat[1], threat[1] * pooled * threat[0])
    cases = []
    for variant, autonomy in ((None, 2.5), ("just_allied", 8.9), ("proud", 9.1)):
        checks = [
            check("min:arms_one", threat[0], 0, "threat / price"),
            check("max:arms_one", threat[0], 0, "threat / price"),
            check("min:arms_two", threat[1], 0, "threat / price"),
            check("max:arms_two", threat[1], 0, "threat / price"),
            check("mean:allied", float(worth > autonomy), 0, f"{worth} against {autonomy}"),
        ]
        cases.append(case(variant or "base", 8, checks, variant))
    return "two states and a rival that is outside", cases


def crowd(limits):
    """How many riot in the end: the least fixed point."""
    count = 0
    while (more := sum(limit <= count for limit in limits)) != count:
        count = more
    return count


def riot_thresholds():
    """Thresholds 0 to n - 1: all; one changed from 1 to 2: one. Normal thresholds: 200,000 crowds in Python."""
    cases = []
    luck = random.Random(1978)
    for n in (50, 100):
        for variant, limits in ((None, list(range(n))), ("one_changed", [0, 2, *range(2, n)])):
            found = crowd(limits)
            assert found == (n if variant is None else 1)
            how = "each joins in turn" if variant is None else "nobody has threshold 1"
            checks = [check(f"{word}:rioters", found, 0, how) for word in ("min", "max")]
            cases.append(case(f"{variant or 'base'}_{n}", 2, checks, variant, {"size": n}))
    for n in (50,):
        crowds = [crowd([luck.gauss(n / 4, n / 4) for _ in range(n)]) for _ in range(200_000)]
        mean = sum(crowds) / len(crowds)
        assert abs(mean - 49.59) < 0.05, mean
        checks = [check("mean:rioters", mean, SE, "mean of 200,000 crowds; standard error below 0.01")]
        cases.append(case(f"bell_{n}", 512, checks, "bell", {"size": n}))
    return "100 people, or the first 50", cases


def arms_race_1909():
    """Least squares of yearly growth on the mean of two years, by the normal equations."""
    totals = {}
    with open(SCENARIOS / "arms-race-1909.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            totals[row["date"]] = totals.get(row["date"], 0) + float(row["value"])
    years = [totals[year] for year in sorted(totals)]
    assert [round(y, 1) for y in years] == [199.2, 204.8, 214.9, 238.7, 289.0]  # the totals of his table
    grown = [b - a for a, b in zip(years, years[1:])]
    middle = [(a + b) / 2 for a, b in zip(years, years[1:])]
    gm, mm = sum(grown) / 4, sum(middle) / 4
    slope = sum((m - mm) * (g - gm) for m, g in zip(middle, grown)) / sum((m - mm) ** 2 for m in middle)
    rest = mm - gm / slope
    assert abs(slope - 0.73) < 0.005 and abs(rest - 194) < 1, (slope, rest)  # read off the paper's figure

    def numbers(k, c):
        path = years[0]
        for _ in grown:
            path = (path * (1 + k / 2) - k * c) / (1 - k / 2)
        return sum((g - k * (m - c)) ** 2 for g, m in zip(grown, middle)), path

    cases = []
    exact = {"growth": repr(slope), "rest": repr(rest)}
    given = {"published": ({}, 0.73, 194), "least_squares": (exact, slope, rest)}
    for ident, (sets, k, c) in given.items():
        misfit, path = numbers(k, c)
        checks = [
            check("min:misfit", misfit, 1e-9, "sum of squares in Python"),
            check("min:path_1913", path, 1e-9, "the rule from 1909 on"),
            check("min:seen_1913", years[-1], 1e-9, "Richardson 1960"),
        ]
        cases.append(case(ident, 1, checks, None, sets))
    least = numbers(slope, rest)[0]
    for key, k, c in (("growth", slope + 0.01, rest), ("rest", slope, rest + 1)):
        assert numbers(k, c)[0] > least
        checks = [check("min:misfit", numbers(k, c)[0], 1e-9, "more than the least sum of squares")]
        cases.append(case(f"other_{key}", 1, checks, None, {"growth": repr(k), "rest": repr(c)}))
    print(f"least squares: growth {slope:.6f}, rest {rest:.3f}, misfit {least:.4f}")
    return "budgets of four countries, 1909 to 1913", cases


def security_dilemma():
    """Both arm alike. Without end: one equation in the difference between both states. With an end: from the last year."""
    gain, fear, cost, patience, precision = 1, 1, (0.4 + 0.9, 0.4), 0.6, 2

    def arming(difference):
        utility = (gain * (1 + s) - cost[s] + patience * 0.3 * difference for s in (0, 1))
        return [1 / (1 + exp(-precision * u)) for u in utility]

    def tension(s, p):
        return 0.1 + 0.6 * p[s] + 0.2 * s

    def excess(difference):
        p = arming(difference)
        later = patience * difference * (tension(1, p) - tension(0, p))
        return -fear - p[1] * cost[1] + p[0] * cost[0] + later - difference

    low, high = -10.0, 10.0
    assert excess(low) > 0 > excess(high)
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    endless = arming(low)
    assert abs(endless[0] - 0.228540) < 5e-7 and abs(endless[1] - 0.929787) < 5e-7
    cases = []
    for ident, state in ((None, 0), ("tense", 1)):
        share, mean, arms = [1.0 - state, float(state)], 0.0, 0.0
        for _ in range(60):
            arms += sum(w * p for w, p in zip(share, endless))
            later = sum(share[s] * tension(s, endless) for s in (0, 1))
            share, mean = [1 - later, later], mean + later / 60
        checks = [
            check("p:1:A:arm", endless[state], 1e-9, "the root of one equation"),
            check("p:1:B:arm", endless[state], 1e-9, "the root of one equation"),
            check("mean:tension", mean, SE, "60 steps of the chain of two states"),
            check("mean:arms", arms, SE, "60 steps of the chain of two states"),
        ]
        cases.append(case(ident or "base", 1000, checks, ident))
    worth = [0.0, 0.0]
    for years in (1, 2, 3):
        p = arming(worth[1] - worth[0])
        sets = {"decision.foresight": years}
        checks = [check("p:1:A:arm", p[0], 1e-9, "from the last year back")]
        cases.append(case(f"ahead_{years}", 2, checks, None, sets, rounds=years))
        later = [worth[0] + tension(s, p) * (worth[1] - worth[0]) for s in (0, 1)]
        worth = [-fear * s - p[s] * cost[s] + patience * later[s] for s in (0, 1)]
    return "two states, two governments that are alike", cases


DERIVATIONS = {
    "expected-utility": expected_utility,
    "landscape-syria": landscape_syria,
    "landscape-europe": landscape_europe,
    "crisis-bargaining": crisis_bargaining,
    "alliance-signal": alliance_signal,
    "arms-or-allies": arms_or_allies,
    "riot-thresholds": riot_thresholds,
    "arms-race-1909": arms_race_1909,
    "security-dilemma": security_dilemma,
}


def answers():
    """By name of the file, what it holds."""
    for name, derive in DERIVATIONS.items():
        notes, cases = derive()
        yield f"{name}.expected.json", {"scenario": name, "notes": notes, "cases": cases}
    yield "elmira.json", elmira()


def main():
    stale = []
    for name, answer in answers():
        text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
        path = HERE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        sys.exit("differs: " + ", ".join(stale))
    print("ok:", len(DERIVATIONS) + 1, "scenarios")


if __name__ == "__main__":
    main()
