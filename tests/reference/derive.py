"""Derive the numbers of tests/reference and tests/data without the program.

Each function below works one scenario out in plain Python: arithmetic in fractions, enumeration of histories, Markov
chains, backward induction, bisection, Bayes' rule, closed forms. Nothing is taken from the files that are there, but
what is given: names, parameters and payoffs. Sobol' points and distributions of alpha-rank, which other programs made,
are worked out too and compared; `solutions.py` and `../data/derive.py` do the same for games and for functions.
README.md beside this file says of each file where it comes from.

    python3 derive.py           write NAME.expected.json beside this file, and check what other programs made
    python3 derive.py --check   compare with the files that are there, write nothing

Only the standard library of Python 3.11 or later is needed.
"""

import json
import sys
import tomllib
from decimal import Context, Decimal, localcontext
from fractions import Fraction as F
from itertools import product
from math import cos, erf, exp, expm1, factorial, isclose, pi, prod, sin, sqrt
from pathlib import Path

import solutions

HERE = Path(__file__).resolve().parent
FLOOR = 1e-12  # likelihoods are floored here before Bayes' rule
SE, SD, SEQ = "5se", "5sd", "5seq"  # five standard errors of a mean, a standard deviation, a share


# --- tools ------------------------------------------------------------------------------------------------------------


def logistic(x):
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def logit(utilities, precision):
    """Probabilities in proportion to exp(precision * utility)."""
    top = max(utilities)
    weights = [exp(precision * (u - top)) for u in utilities]
    return [w / sum(weights) for w in weights]


def posterior(prior, likelihoods):
    """Bayes' rule with floored likelihoods, over types; the probability of the first."""
    joint = [p * max(FLOOR, q) for p, q in zip(prior, likelihoods)]
    return joint[0] / sum(joint)


def bisect(falling, lo=0.0, hi=1.0):
    """The zero of a function that is positive at lo and negative at hi and has only one."""
    for _ in range(200):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if falling(mid) > 0 else (lo, mid)
    return (lo + hi) / 2


def number(value):
    """15 digits, which do not depend on the order of operations."""
    return float(f"{float(value):.15g}")


def check(quantity, value, tolerance, how=""):
    if isinstance(tolerance, float):
        tolerance = number(tolerance)
    return {"quantity": quantity, "value": number(value), "tolerance": tolerance, "how": how}


def case(ident, runs, checks, variant=None, sets=None):
    return {"id": ident, "runs": runs, "variant": variant, "set": sets or {}, "checks": checks}


# --- equilibrium and levels of asymmetric matching pennies ------------------------------------------------------------


def pennies(lam):
    """Probability of H for row, and for column, against the other's."""
    return lambda q: logistic(lam * (9 * q - (1 - q))), lambda p: logistic(lam * ((1 - p) - p))


def amp_qre():
    """Row's reply to column's reply to p falls in p: bisection finds the only fixed point."""
    cases = []
    for lam, runs in ((0.25, 20), (0.5, 20), (1, 20), (2, 20), (3, 2), (5, 2)):
        row, col = pennies(lam)
        p = bisect(lambda p: row(col(p)) - p)
        checks = [check("p:1:ROW:H", p, 1e-8, "bisection")]
        if lam < 3:
            checks.append(check("p:1:COL:H", col(p), 1e-8, "bisection"))
        cases.append(case(f"lambda={lam}", runs, checks, None, {"lambda": lam}))
    return {"lambda": 1}, "true QRE; amp_sharp goes on to lambda 8", cases


def ch_poisson():
    """Levels from 0 upwards, each replying to the truncated Poisson mixture of those below."""
    mean, pmf = 1.5, []
    while sum(pmf) < 1 - 1e-9 and len(pmf) <= 20:
        pmf.append(exp(-mean) * mean ** len(pmf) / factorial(len(pmf)))
    row, col = pennies(0.5)

    def best(gain):
        return 0.5 if isclose(gain, 0, abs_tol=1e-12) else float(gain > 0)

    cases = []
    for variant, (reply_row, reply_col) in {
        None: (row, col),
        "best_response": (lambda q: best(10 * q - 1), lambda p: best(1 - 2 * p)),
    }.items():
        levels = [(0.5, 0.5)]
        for k in range(1, len(pmf)):
            below = [sum(f * level[i] for f, level in zip(pmf, levels)) / sum(pmf[:k]) for i in (0, 1)]
            levels.append((reply_row(below[1]), reply_col(below[0])))
        weights = pmf[:-1] + [1 - sum(pmf[:-1])]  # the tail sits on the last level
        p, q = (sum(f * level[i] for f, level in zip(weights, levels)) for i in (0, 1))
        cases.append(
            case(
                str(variant),
                20000,
                [
                    check("mean:row_h", p, SE, "sum over levels of pmf times mix"),
                    check("mean:col_h", q, SE),
                    check("mean_p:1:ROW:H", p, 0.02),
                ],
                variant,
            )
        )
    return {"lambda": 0.5}, "", cases


# --- beliefs ----------------------------------------------------------------------------------------------------------


def cheap_talk():
    """Bayes' rule: talk that costs both types the same is sent by both alike; mobilising tells them apart."""
    prior = [0.3, 0.7]
    alike = [0.5, 0.5]  # two messages without effect on any payoff
    talk = prior[0]
    for _ in range(3):
        talk = posterior([talk, 1 - talk], alike)
    after = posterior([talk, 1 - talk], [1, 1])  # the only option left in round 4, of either type
    base = [
        check("min:after", after, 1e-12),
        check("max:after", after, 1e-12),
        check("min:lowest_talk", talk, 1e-12),
        check("max:highest_talk", talk, 1e-12, "equal likelihoods"),
    ]
    scripted = [
        check("max:after", posterior(prior, [1, 0]), 1e-13, "floored likelihood 1e-12"),
        check("min:after", posterior(prior, [0, 1]), 1e-15),
        check("max:highest_talk", posterior(prior, [1, 1]), 1e-12),
        check("mean:after", prior[0] * posterior(prior, [1, 0]) + prior[1] * posterior(prior, [0, 1]), SE),
        check("mean:is_resolved", prior[0], SE),
    ]
    return {"resolve": 0.5}, "", [case("base", 500, base), case("scripted", 4000, scripted, "scripted")]


def sets():
    """Cells written out one by one; three rounds of fixed play."""
    actors, pair, issues, years = "ABC", "CA", ("border", "trade", "fish"), (1914, 1939.5, -2)
    cases = []
    for variant in (None, "dear"):
        salience = {(i, s): 0.25 if i in pair else 0.1 for i in actors for s in issues}
        salience |= {("A", "border"): 0.5, ("B", "fish"): 0.7 + 0.1 * 3}
        price = {y: y / 1000 for y in years} | {1939.5: 4}
        if variant:
            salience["A", "border"], price[1939.5] = 2, 5
        stock = {(i, s): actors.index(i) + 1 for i in pair for s in issues}
        stock["A", "border"] = salience["A", "border"]
        if variant:
            stock |= {("A", "trade"): 0, ("C", "trade"): 0}
        level, struck, spent = dict.fromkeys(issues, 1), 0, 0
        for turn in (1, 2, 3):
            year = 1939.5 if turn == 2 else -2
            for who in pair:
                level["trade"] += 0.5
                stock[who, "trade"] += 1
            level["border"] += year
            level["fish"] += price[year]
            for s in issues:
                stock["C", s] *= 2
            # both rules fit C's fish, each with one name and no group or set: the one with a set holds
            stock["A", "fish"] -= 1
            spent += year
            if not struck:
                level["trade"], struck = level["trade"] - 0.25, 1
        place = {name: k + 1 for names in (actors, issues) for k, name in enumerate(names)}
        deep = lambda i, s, y, m: place[i] + 10 * place[s] + y / 1000 + 100 * place[m]
        values = {
            "border": level["border"],
            "trade": level["trade"],
            "fish": level["fish"],
            "stock_a": sum(stock["A", s] for s in issues),
            "stock_c_fish": stock["C", "fish"],
            "stock_c_border": stock["C", "border"],
            "weighed": sum(salience[i, s] * stock[i, s] for i in pair for s in issues),
            "salient": sum(salience[i, s] * place[s] for i in actors for s in issues),
            "prices": sum(price.values()),
            "corner": deep("B", "fish", 1939.5, "A"),
            "all_deep": sum(deep(i, s, y, m) for i in actors for s in issues for y in years for m in pair),
            "later": 1939.5 + 2,
            "best": 1914,
            "struck": 1,
            "elsewhere": 0,
            "spent": spent,
        }
        checks = [check(f"{m}:{name}", value, 1e-11) for name, value in values.items() for m in ("min", "max")]
        cases.append(case(str(variant), 2, checks, variant))
    given = {
        "salience": {"default": 0.1, "pair, issue": 0.25, "A, border": 0.5, "B, fish": "0.7 + 0.1 * place[j]"},
        "price": {"default": "i / 1000", "1939.5": 4},
        "deep": "place[i] + 10 * place[j] + k / 1000 + 100 * place[l]",
    }
    return given, "", cases


def signal_costly():
    """Logit of 0.6 less the toll, by type, and Bayes' rule; means by type are sums over two moves."""
    prior, lam, benefit, tolls = [0.3, 0.7], 2, 0.6, [0.2, 1.5]
    arm = [logistic(lam * (benefit - toll)) for toll in tolls]
    armed, held = posterior(prior, arm), posterior(prior, [1 - a for a in arm])
    by_type = [a * armed + (1 - a) * held for a in arm]
    cases = [
        case(
            "base",
            20000,
            [
                check("max:belief_last", armed, 1e-9, "Bayes after arming"),
                check("min:belief_last", held, 1e-9, "Bayes after holding"),
                check("mean:belief_last", sum(p * b for p, b in zip(prior, by_type)), SE, "martingale"),
                check("mean:armed", sum(p * a for p, a in zip(prior, arm)), SE),
                check("mean:is_resolved", prior[0], SE),
            ],
        )
    ]
    for k, truth in enumerate(("resolved", "weak")):
        checks = [check("p:1:S:arm", arm[k], 1e-9), check("mean:belief_last", by_type[k], SE)]
        if truth == "resolved":
            checks.append(check("mean:is_resolved", 1, 1e-9))
        cases.append(case(truth, 4000, checks, truth))
    return {"toll": 0.5, "benefit": 0.6}, "", cases


def nested_logit(utilities, precision, nests):
    """P(nest) in proportion to (sum of exp(precision U / mu)) ** mu, within a nest a logit (McFadden 1978).

    `nests` holds pairs of mu and the options of a nest.
    """
    sums = [sum(exp(precision * utilities[k] / mu) for k in nest) for mu, nest in nests]
    weights = [inside**mu for inside, (mu, _) in zip(sums, nests)]
    found = {}
    for inside, weight, (mu, nest) in zip(sums, weights, nests):
        for k in nest:
            found[k] = weight / sum(weights) * exp(precision * utilities[k] / mu) / inside
    return [found[k] for k in range(len(utilities))]


def nested():
    """A chooses between courting B, C or D, two ways to be hard, and holding; B learns from whom A courts."""
    utilities = [0.9, 0.8, -0.4, 0.6, 0.2, 0]  # court B, C, D, arm, press, hold
    nests = {
        None: [(0.5, [0, 1, 2]), (0.5, [3]), (0.5, [4]), (1, [5])],
        "tags": [(0.5, [0, 1, 2]), (0.5, [3, 4]), (1, [5])],
        "plain": [(1, [k]) for k in range(6)],  # every mu is 1: plain logit
    }
    cases = []
    for variant, parts in nests.items():
        sharp, dull = (nested_logit(utilities, lam, parts) for lam in (2, 0.5))
        options = ["court:B", "court:C", "court:D", "arm", "press", "hold"]
        checks = [check(f"p:1:A:{o}", p, 1e-12) for o, p in zip(options[:5], sharp)]
        checks.append(check("max:seen", posterior([0.5, 0.5], [sharp[0], dull[0]]), 1e-12, "beliefs read nested mixes"))
        cases.append(case(str(variant), 200, checks, variant))
    return {"lambda_a": 2, "alike": 0.5, "worth": {"default": 0, "B": 0.9, "C": 0.8, "D": -0.4}}, "", cases


def nested_qre():
    """The probability p with which each fights is where the reply to p is p; it falls in p."""
    nests = [(0.3, [0, 1]), (1, [2]), (1, [3])]
    reply = lambda p: nested_logit([1 - 2.5 * p, 0.7 - 2.5 * p, 0, 0], 3, nests)
    p = bisect(lambda p: sum(reply(p)[:2]) - p)
    raid, siege, trade, _ = reply(p)
    checks = [
        check("p:1:A:raid", raid, 1e-9, "two ways to fight in one nest"),
        check("p:1:B:siege", siege, 1e-9),
        check("p:1:A:trade", trade, 1e-9),
        check("mean:fights", p, SE),
    ]
    return {"loss": 2.5}, "", [case("None", 2000, checks)]


def shares():
    """A strikes with 1/4, then talks with half of the rest; B's probing is worth 1 - 4 P(strike) to it."""
    strike, talk = F(1, 4), F(3, 4) * F(1, 2)
    probe = logistic(1.5 * (1 - 4 * strike))
    later = logistic(1.5 * (1 - 4 * F(1, 3)))  # after a probe A strikes one time in three
    checks = [
        check("p:1:A:strike", strike, 1e-12),
        check("p:1:A:talk", talk, 1e-12),
        check("p:1:B:probe", probe, 1e-12, "mixes of policies are predicted as they are"),
        check("mean:strikes", strike + F(1, 3) * F(probe), SE),
        check("mean_p:2:B:probe", probe * later + (1 - probe) * logistic(1.5), SE),
    ]
    return {"resolve": 0.25}, "", [case("None", 4000, checks)]


def stackelberg():
    """Backward induction: the follower sees what the leader does; the leader weighs each option by the reply to it."""
    grow = {"lead": logistic(2 * (1.2 - 2 - 0.3)), "hold": logistic(2 * 1.2), "block": 0}
    utilities = [2 - 3 * grow["lead"], 0.9, 0.5 * grow["hold"]]
    lead, block, hold = logit(utilities, 1.5)
    cases = []
    for variant in (None, "exact", "deeper", "mutual"):  # the leader is alone in its stage, the follower too
        checks = [
            check("p:1:LEAD:lead", lead, 1e-9),
            check("p:1:LEAD:block", block, 1e-9),
            check("mean:both", lead * grow["lead"], SE),
            check("mean:alone", hold * grow["hold"], SE),
            check("max:blocked", 0, 0.0, "what was blocked in the first stage is not available in the second"),
        ]
        cases.append(case(str(variant), 2000, checks, variant))
    return {"lambda_l": 1.5}, "", cases


def deterrence_stages():
    """Backward induction with Bayes' rule between stages, level 2: likelihoods in the head are those of level 1."""
    prior = 0.4
    price, anger = {"tough": 0.2, "weak": 1.1}, {"tough": 0.5, "weak": -0.8}
    fight = {kind: logistic(2 * anger[kind]) for kind in price}

    def enter(tough):
        odds = tough * fight["tough"] + (1 - tough) * fight["weak"]
        return logistic(2 * (1 - 2.5 * odds))

    def worth(kind, p):
        return 2 + p * (anger[kind] * fight[kind] - 1.5)

    def arms(likelihoods):
        """P(arm) by type if the entrant takes types to arm with these probabilities."""
        seen = posterior([prior, 1 - prior], likelihoods)
        unseen = posterior([prior, 1 - prior], [1 - p for p in likelihoods])
        return [logistic(2 * (worth(k, enter(seen)) - price[k] - worth(k, enter(unseen)))) for k in ("tough", "weak")]

    real = arms(arms([0.5, 0.5]))
    believed = posterior([prior, 1 - prior], real)
    doubted = posterior([prior, 1 - prior], [1 - p for p in real])
    cases = []
    for variant, kind, arm in ((None, "tough", real[0]), ("weak", "weak", real[1])):
        entered = arm * enter(believed) + (1 - arm) * enter(doubted)
        checks = [
            check("p:1:INC:arm", arm, 1e-10),
            check("max:believed", believed, 1e-10, "where nobody enters the last stage teaches nothing"),
            check("max:doubted", doubted, 1e-10),
            check("mean:entered", entered, SE),
            check("mean:fought", entered * fight[kind], SE),
        ]
        cases.append(case(str(variant), 4000, checks, variant))
    return {"price": 1, "anger": 0}, "", cases


def two_targets():
    """A's options are pairs of an ally in {B, C} and an enemy, nobody twice, never itself and never against B."""
    strength = {"A": F(1, 2), "B": F(3, 10), "C": F(1, 2), "D": F(1)}
    pairs = [(t, e) for t in "BC" for e in "ABCD" if e not in ("A", "B", t)]
    utilities = [strength[t] - F(6, 10) * strength[e] - F(1, 10) * strength[e] for t, e in pairs] + [F(0)]
    mix = dict(zip(pairs, logit([float(u) for u in utilities], 2)))
    # B's guideline: half of the time with C against D, else the first of what it can do: with C against A
    checks = [check(f"p:1:A:ally:{t},{e}", p, 1e-12) for (t, e), p in mix.items()]
    checks += [
        check("p:1:B:ally:C,D", 0.5, 1e-12),
        check("p:1:B:ally:C,A", 0.5, 1e-12),
        check("p:1:C:brace", logistic(2 * 0.25), 1e-12),
        check("mean:against_c", mix["B", "C"], SE),
        check("mean:hurt", sum(p * float(strength[t]) for (t, e), p in mix.items() if e == "D"), SE),
    ]
    worth = {"default": 0.5, "B": 0.3, "D": 1}
    return {"strength": worth}, "", [case("None", 2000, checks)]


def joint():
    """A chooses among combinations that its budget of 4, then 5, allows: arms cost 3, aid 2."""
    parts = [(arm, aid) for arm in ("arm", None) for aid in ("B", "C", None)]
    cost = lambda arm, aid: 3 * (arm is not None) + 2 * (aid is not None)
    worth = lambda arm, aid: (0.7 if arm else 0) + {"B": 0.5, "C": 0.4, None: 0}[aid] + (0.6 if arm and aid else 0)

    def mix(lam, budget):
        can = [p for p in parts if cost(*p) <= budget]
        return dict(zip(can, logit([worth(*p) for p in can], lam)))

    first, second = mix(2, 4), mix(2, 5)
    spent = sum(p * cost(*part) for m in (first, second) for part, p in m.items())
    cases = []
    # level 0 of A in round 1: four options, or three (arm, aid, hold) before targets
    for variant, arms in ((None, 1 / 4), ("moves", 1 / 3)):
        checks = [
            check("p:1:A:arm", first["arm", None], 1e-12),
            check("p:1:A:aid:C", first[None, "C"], 1e-12),
            check("p:1:A:arm + aid B", 0, 0.0, "the budget does not allow both"),
            check("p:2:A:arm + aid B", second["arm", "B"], 1e-12),
            check("p:2:A:aid:B", second[None, "B"], 1e-12),
            check("p:1:C:protest", logistic(arms - 0.3), 1e-12, "level 0 is over joint options"),
            check("max:seen", posterior([0.5, 0.5], [m["arm", None] for m in (first, mix(0.5, 4))]), 1e-12),
            check("max:over", 0, 0.0),
            check("mean:spent", spent, SE),
        ]
        cases.append(case(str(variant), 2000, checks, variant))
    return {"lambda_a": 2}, "", cases


def soft_when():
    """Leaving is worth P(A strikes) P(B retaliates | struck); O's belief shows with which probability C leaves."""
    strike, retaliate = logistic(0.8), logistic(1.5)
    worth = strike * retaliate
    leave = [logistic(2 * worth), logistic(0 * worth)]  # real, and a type that chooses blindly
    cases = []
    for variant in (None, "exact"):
        checks = [
            check(
                "max:seen_leave",
                posterior([0.5, 0.5], leave),
                1e-9,
                "an option of availability p keeps p of its probability",
            ),
            check("max:seen_stay", posterior([0.5, 0.5], [1 - p for p in leave]), 1e-9),
            check("mean:struck", strike, SE),
            check("mean:retaliated", worth, SE),
        ]
        cases.append(case(str(variant), 8000, checks, variant))
    return {"lambda_c": 2, "pull": 0.8, "rage": 1.5}, "", cases


def aggregates():
    """The judge's payoffs: enumeration of who acts; a weighted median from its definition."""
    pull = {"A": 0.4, "B": -0.3, "D": 1.1, "J": 0}
    rank = {"A": 3, "B": 1, "D": 3, "J": 0}
    score = {"A": 1.5, "B": 0.25, "D": -0.5, "J": 0}
    trio = "ABD"
    acts = {k: logistic(pull[k]) for k in trio}
    groups = []
    for who in product((True, False), repeat=3):
        chance = prod(acts[k] if w else 1 - acts[k] for k, w in zip(trio, who))
        groups.append((chance, [k for k, w in zip(trio, who) if w]))
    some = 1 - prod(1 - p for p in acts.values())
    mean = lambda f: sum(p * f(group) for p, group in groups)
    of_those = lambda f: sum(p * f(group) for p, group in groups if group) / some
    weight = sum(acts.values())
    low = min(score[k] for k in trio if sum(acts[j] for j in trio if score[j] > score[k]) <= weight / 2)
    high = max(score[k] for k in trio if sum(acts[j] for j in trio if score[j] < score[k]) <= weight / 2)
    worth = [
        mean(lambda g: ("A" in g) == ("B" in g)),
        mean(lambda g: ("A" in g) != ("D" in g)),
        of_those(lambda g: score[min(g, key=lambda k: rank[k])]),
        of_those(lambda g: score[max(g, key=lambda k: rank[k])]),
        mean(lambda g: prod(score[k] for k in g)),
        (low + high) / 2,
        0,
    ]
    moves = ("same", "differ", "earliest", "strongest", "together", "middle")
    checks = [check(f"p:1:J:{m}", p, 1e-12) for m, p in zip(moves, logit(worth, 2))]
    exact = {
        "january": 11,
        "other_sign": -1,
        "exactly": 0,
        "rounded": 0.5,
        "below": -0.5,
        "middle_of_four": (0 + 0.25) / 2,
        "middle_of_three": 0.25,
        "all_of_trio": 1.5 * 0.25 * -0.5,
        "tie_to_earlier": score["A"],
        "last": 3,
        "is_it": 1,
    }
    checks += [check(f"{m}:{name}", value, 1e-15) for name, value in exact.items() for m in ("min", "max")]
    assumed = {"pull": pull, "rank": rank, "score": score}
    return assumed, "", [case("base", 20, checks)]


def tracks_two():
    """Logits of two seats of one actor; with a synergy each replies to the other's mix one level below."""

    def mixes(lam, synergy, level):
        """(arm, hold) and (court, shun, hold) of a government with precision lam."""
        military, diplomacy = [1 / 2] * 2, [1 / 3] * 3
        for _ in range(level):
            arms = [0.3 - 0.1 + synergy * diplomacy[1], 0]
            courts = [0.7 - 0.05, -0.2 + synergy * military[0], 0]
            military, diplomacy = logit(arms, lam), logit(courts, lam)
        return military, diplomacy

    cases = []
    for variant, synergy, level in ((None, 0, 1), ("synergy", 1.5, 1), ("synergy2", 1.5, 2)):
        real, blind = mixes(2, synergy, level), mixes(0, synergy, level)
        (arm, _), (court, shun, _) = real
        # every joint option with its probability; sums over these are the means
        joint = {(m, d): real[0][m] * real[1][d] for m in range(2) for d in range(3)}
        mean = lambda f: sum(p * f(m == 0, d == 0, d == 1) for (m, d), p in joint.items())
        seen = lambda m, d: posterior([0.5, 0.5], [mix[0][m] * mix[1][d] for mix in (real, blind)])
        earned = lambda a, c, s: 0.3 * a + 0.7 * c - 0.2 * s + synergy * a * s - 0.1 * a - 0.05 * c
        how = "reply to the other seat's predicted mix" if synergy else "two independent logits"
        checks = [
            check("mean:armed", mean(lambda a, c, s: a), SE, how),
            check("mean:courted", mean(lambda a, c, s: c), SE),
            check("mean:shunned", mean(lambda a, c, s: s), SE),
            check("mean:arm_and_court", mean(lambda a, c, s: a * c), SE, "seats choose independently"),
            check("mean:arm_and_shun", mean(lambda a, c, s: a * s), SE),
            check("mean:force_end", mean(lambda a, c, s: a + 0.5 * a * s), SE, "chose of the other seat in effects"),
            check("mean:favour_end", mean(lambda a, c, s: c - s), SE),
            check("mean:earned", mean(earned), SE, "costs of both seats"),
            check("max:seen_ac", seen(0, 0), 1e-9, "likelihood is the product over seats"),
            check("max:seen_as", seen(0, 1), 1e-9),
            check("max:seen_hs", seen(1, 1), 1e-9),
            check("max:seen_hh", seen(1, 2), 1e-9),
            check("p:1:A:arm", arm, 1e-9),
            check("p:1:A:court:O", court, 1e-9),
        ]
        cases.append(case(str(variant), 20000, checks, variant))
    return {"lambda": {"default": 2}, "synergy": 0}, "", cases


# --- deterrence -------------------------------------------------------------------------------------------------------


def derived_of_choices():
    """Utilities by enumeration of what the other does; in an imagined round of means, at its weight."""
    care = {"A": 0.5, "B": 0}

    def harvest(own, other):
        return 0.7 * own - 0.2 * (own + other)

    def utility(who, own, other):
        """Of whoever takes with weight `own`; each effect has the weight of its option."""
        pot = 1 - own * harvest(own, other) - other * harvest(other, own)
        return harvest(own, other) + care[who] * harvest(other, own) + 2 * pot

    cases = []
    for variant in (None, "exact"):
        worth = {}
        for who in care:
            for own in (1, 0):
                exact = sum(utility(who, own, other) for other in (0, 1)) / 2
                worth[who, own] = exact if variant else utility(who, own, 1 / 2)
        takes = {who: logistic(2 * (worth[who, 1] - worth[who, 0])) for who in care}
        mean = lambda f: sum(
            (takes["A"] if a else 1 - takes["A"]) * (takes["B"] if b else 1 - takes["B"]) * f(a, b)
            for a in (0, 1)
            for b in (0, 1)
        )
        checks = [check(f"p:1:{who}:take", p, 1e-12) for who, p in takes.items()]
        checks += [
            check("mean:taken", mean(harvest), SE),
            check("mean:left", mean(lambda a, b: 1 - a * harvest(a, b) - b * harvest(b, a)), SE),
            check("mean:ahead", mean(lambda a, b: utility("A", a, b) - utility("B", b, a)), SE),
            check("max:same", 0, 1e-15),
            check("min:same", 0, 1e-15),
        ]
        cases.append(case(str(variant), 4000, checks, variant))
    return {"care": care}, "", cases


def deterrence2_exact():
    """Backward induction: the defender's logit of -0.8 against -1, then the challenger's of what follows against 0."""
    cases = []
    for lam in (1, 2, 5):
        resist = logistic(lam * (-0.8 + 1))
        attack = logistic(lam * (resist * -0.5 + (1 - resist) * 1))
        checks = [
            check("p:1:ONE:attack", attack, 1e-9, "backward induction"),
            check("mean_p:2:TWO:resist", resist, 1e-9),
            check("mean:attacked", attack, SE),
            check("mean:war", attack * resist, SE),
            check("mean:length", (1 - attack) * 1 + attack * 2, SE),
        ]
        cases.append(case(f"lambda={lam}", 4000, checks, None, {"lambda": lam}))
    return {"lambda": 1}, "", cases


def deterrence3_mean():
    """The same with a third move, from the last to the first."""
    cases = []
    for lam in (1, 2, 5):
        fight = logistic(lam * (-0.5 + 0.3))
        one, two = (fight * war + (1 - fight) * back for war, back in ((-0.5, -0.3), (-0.8, 0.4)))
        resist = logistic(lam * (two + 1))
        attack = logistic(lam * (resist * one + (1 - resist) * 1))
        checks = [
            check("p:1:ONE:attack", attack, 1e-9, "backward induction"),
            check("mean_p:2:TWO:resist", resist, 1e-9),
            check("mean_p:3:ONE:fight", fight, 1e-9),
            check("mean:war", attack * resist * fight, SE),
        ]
        cases.append(case(f"lambda={lam}", 4000, checks, None, {"lambda": lam}))
    return {"lambda": 1}, "", cases


# --- repeated prisoner's dilemmas -------------------------------------------------------------------------------------

POINTS = {(1, 1): 3, (1, 0): 0, (0, 1): 5, (0, 0): 1}  # of the first, by who cooperates


def pd_logit():
    """Rounds are alike and independent. Cooperating costs 2 q + (1 - q) against a partner who does with q."""
    runs, rounds, cases = 400, 5, []
    for lam in (0, 0.5, 1, 2, 5):
        reply = lambda q: logistic(lam * (3 * q - 5 * q - (1 - q)))
        for variant, c in (
            (None, reply(0.5)),
            ("level2", reply(reply(0.5))),
            ("equilibrium", bisect(lambda q: reply(q) - q)),
        ):
            shares = {(a, b): (c if a else 1 - c) * (c if b else 1 - c) for a, b in POINTS}
            mean = sum(p * POINTS[cell] for cell, p in shares.items())
            variance = sum(p * (POINTS[cell] - mean) ** 2 for cell, p in shares.items())
            checks = [
                check("p:1:A:C", c, 2e-9, "closed-form logit; equilibrium by bisection"),
                check("p:5:B:D", 1 - c, 2e-9, "stationary in the round"),
                check("mean:coop", c, 5 * sqrt(c * (1 - c) / (runs * rounds))),
                check("mean:earned", mean, 5 * sqrt(variance / (runs * rounds))),
            ]
            cases.append(case(f"lambda={lam},{variant}", runs, checks, variant, {"lambda": lam}))
    return {"lambda": 1, "w": 1}, "", cases


def memory_one():
    """A chain over the four pairs of moves, each intention flipped with probability 1/20, over 100 rounds."""
    flip, rounds = 1 / 20, 100  # an error of 1/10 of uniform play over two moves

    def intends(kind, last):
        """0 always defects, 1 repeats the other's move, 2 cooperates after equal moves; last is (own, other)."""
        if kind == 0:
            return 0
        return 1 if last is None else last[1] if kind == 1 else int(last[0] == last[1])

    cases = []
    for a, b in product(range(3), repeat=2):

        def after(last):
            p = abs(intends(a, last) - flip)
            q = abs(intends(b, last and last[::-1]) - flip)
            return {(x, y): (p if x else 1 - p) * (q if y else 1 - q) for x, y in POINTS}

        now, total, step = after(None), dict.fromkeys(POINTS, 0.0), {cell: after(cell) for cell in POINTS}
        for t in range(3000):
            if t < rounds:
                total = {cell: total[cell] + now[cell] for cell in POINTS}
            now = {cell: sum(p * step[last][cell] for last, p in now.items()) for cell in POINTS}
        share = {cell: total[cell] / rounds for cell in POINTS}
        stationary = ", ".join(f"{round(p, 5)}" for p in now.values())
        checks = [
            check("mean:coop_a", share[1, 1] + share[1, 0], SE, f"4-state chain; stationary [{stationary}]"),
            check("mean:coop_b", share[1, 1] + share[0, 1], SE),
            check("mean:cc", share[1, 1], SE),
            check("mean:dd", share[0, 0], SE),
            check("mean:points_a", sum(share[cell] * POINTS[cell] for cell in POINTS), SE),
        ]
        cases.append(case(f"{a}{b}", 2000, checks, None, {"kind[A]": a, "kind[B]": b}))
    return {"kind": {"A": 1, "B": 2}}, "", cases


# --- a round's steps, by arithmetic in fractions ----------------------------------------------------------------------


def clamp(x, lo, hi):
    return min(max(x, lo), hi)


def clamps():
    """Effects, dynamics and events of two rounds, written out."""
    a, b, c = F(1, 2), F(1), F(0)
    lows, cs = [], []
    bound = lambda a, b, c: (clamp(a, 0, 1), clamp(b, 0, 2), clamp(c, -1, 1))
    for _ in range(2):
        a, b, c = bound(a + F("0.8"), b - 3, c + F("0.25"))
        a, b, c = bound(F("1.5") * a - F("0.2"), b + F("0.5") + a, -4 * c + F("0.5"))
        a, b, c = bound(a - F("0.3"), b + F("0.1") * a, c + 2)
        lows.append(a)
        cs.append(c)
    checks = [
        check("mean:a_end", a, 1e-12),
        check("mean:b_end", b, 1e-12),
        check("mean:c_end", c, 1e-12),
        check("mean:a_low", min(lows), 1e-12),
        check("mean:c_mean", sum(cs) / 2, 1e-12),
    ]
    return {}, "", [case("base", 2, checks)]


def permute_abc():
    """Three rounds in fractions: A and B meet, then A and B each meet C while C meets A."""
    step = {"A": F("0.1"), "B": F("0.2"), "C": F("0.4")}
    pair = lambda i, j: "".join(sorted(i + j))
    unit = lambda x: clamp(x, 0, 1)
    tie = dict.fromkeys(("AB", "AC", "BC"), F("0.1"))
    treaty = dict.fromkeys(tie, F("0.4"))
    pot = F("0.2")
    view = {i + j: F(i + j == "AB") for i in "ABC" for j in "ABC" if i != j}
    for meetings in ("AB BA", "AC BC CA", "AC BC CA"):
        meetings = meetings.split()
        sums, raised, signed, seen = 0, dict.fromkeys(tie, F(0)), {}, dict(view)
        for i, j in meetings:
            raised[pair(i, j)] += step[i] * (1 - tie[pair(i, j)])
            signed.setdefault(pair(i, j), []).append(step[i] + F("0.5"))
            sums += step[i] / len(meetings) + F("0.01") * tie[pair(i, j)]  # mean of what is assigned, and increments
            seen[j + i] -= 2 * step[i]
        pot = unit(sums)
        tie = {p: unit(x + raised[p]) for p, x in tie.items()}
        treaty = {p: unit(sum(signed[p]) / len(signed[p])) if p in signed else x for p, x in treaty.items()}
        view = {p: seen[p] / 2 if p == "AB" else seen[p] + F("0.1") * seen[p[::-1]] for p in seen}
        tie = {p: unit(F("0.9") * x + F("0.05") * treaty[p]) for p, x in tie.items()}
    checks = [
        check("mean:tie_ab", tie["AB"], 1e-12, "arithmetic"),
        check("mean:tie_ba", tie["AB"], 1e-12, "arithmetic"),
        check("mean:tie_ac", tie["AC"], 1e-12, "arithmetic"),
        check("mean:tie_bc", tie["BC"], 1e-12, "arithmetic"),
        check("mean:pot_end", pot, 1e-12, "arithmetic"),
        check("mean:treaty_ab", treaty["AB"], 1e-12, "arithmetic"),
        check("mean:treaty_ac", treaty["AC"], 1e-12, "arithmetic"),
        check("mean:view_ab", view["AB"], 1e-12, "arithmetic"),
        check("mean:view_ba", view["BA"], 1e-12, "arithmetic"),
        check("mean:view_ca", view["CA"], 1e-12, "arithmetic"),
    ]
    return {"step": {k: float(v) for k, v in step.items()}}, "", [case("base", 2, checks)]


def fearon_ultimatum():
    """Backward induction with logit errors: B's by type, then A's over demands, by its prior."""
    win, cost_a, lam = 0.5, 0.1, 20
    types = [(0.25, 0.05), (0.5, 0.2), (0.25, 0.4)]
    demands = [F(k, 20) for k in range(21)]
    fights = lambda d, cost: logit([1 - float(d), 1 - win - cost], lam)[1]
    war = [sum(p * fights(d, cost) for p, cost in types) for d in demands]
    asks = logit([w * (win - cost_a) + (1 - w) * float(d) for d, w in zip(demands, war)], lam)
    checks = [check(f"p:1:A:ask:{number(d)!r}".removesuffix(".0"), p, 1e-12) for d, p in zip(demands, asks)]
    mean = sum(p * float(d) for p, d in zip(asks, demands))
    checks += [
        check("mean:asked", mean, SE),
        check("mean:again", mean, SE),
        check("mean:half_or_more", sum(p for p, d in zip(asks, demands) if d >= F(1, 2)), SE),
        check("mean:war", sum(p * w for p, w in zip(asks, war)), SE),
    ]
    return {"win": win, "cost_a": cost_a, "cost_b": 0.2}, "", [case("base", 4000, checks)]


def group_keys():
    """Each cell by the key that fits it best, written out; two rounds of the dynamics in fractions."""
    gap = {"ac": F("0.2"), "ad": F("0.4"), "bc": F("0.1"), "bd": F("0.3"), "dc": F("0.6"), "ca": F(0)}
    belief = {"a": F("0.2"), "b": F("0.5"), "c": F("0.9")}  # A by name, B by default, C as one of the west
    cases = []
    for variant, w, tie_ac in ((None, (2, 3, 1), F("0.25")), ("moved", (7, 5, 5), F("0.75"))):
        w_a, w_b, w_c = w
        w_d = w_c  # neither is named, neither is in the east
        tie_ad = tie_bd = F("0.5")  # an actor and a group beat two groups
        tie_ab, tie_cd = F(0), F("0.125") * w_c * w_d
        x_ab = x_ac = x_bc = x_da = x_dc = z_a = z_b = z_c = F(1)
        for _ in range(2):
            x_ab, x_ac, x_bc = x_ab + 1, x_ac * 3, x_bc - 5
            x_dc, x_da = x_da + 100, x_da + F("0.5")  # the right side reads the round's start
            z_a, z_b, z_c = z_a * 2, z_b - 1, z_c + 1
            tie_ac, tie_cd = tie_ac / 2, tie_cd / 2
        values = {f"gap_{key}": value for key, value in gap.items()}
        values |= {"tie_ad": tie_ad, "tie_ab": tie_ab, "share_b": tie_bd / (tie_ad + tie_bd)}
        values |= {"x_ab": x_ab, "x_ac": x_ac, "x_bc": x_bc, "x_da": x_da, "x_dc": x_dc}
        values |= {f"belief_{key}": value for key, value in belief.items()}
        values |= {"z_a": z_a, "z_b": z_b, "z_c": z_c, "w_a": w_a, "w_b": w_b, "w_c": w_c}
        values |= {"tie_ac": tie_ac, "tie_cd": tie_cd, "net_ac": gap["ac"] + w_a}
        values |= {"u_a": w_a * (1 + w_a), "u_b": w_b * 10, "u_c": w_c * F("0.5")}
        checks = [check(f"mean:{name}", value, 1e-12, "by hand") for name, value in values.items()]
        cases.append(case(str(variant), 2, checks, variant))
    assumed = {
        "w": {"default": 1, "east": 2, "B": 3},
        "gap": {"default": 0, "east,west": 0.1, "A,west": 0.2, "east,D": 0.3, "A,D": 0.4, "west,C": 0.6},
    }
    return assumed, "", cases


def reject_keys():
    """B is in both groups and no key names it: two keys of one rank fit, so the file has to be refused."""
    file = tomllib.loads((HERE / "reject_keys.toml").read_text(encoding="utf-8"))
    keys = file["parameters"]["w"]["value"]
    fits = [group for group, members in file["groups"].items() if group in keys and "B" in members]
    refused = "B" not in keys and len(fits) > 1
    assumed = {"w": {"default": 0, "east": 1, "west": 2}}
    return assumed, "", [case("base", 1, [check("rejected", refused, 0)])]


def richardson():
    """The linear map, 60 times; its spectral radius and fixed point from trace and determinant."""
    rounds, cases = 60, []
    for variant, k_x, k_y in ((None, 0.2, 0.15), ("unstable", 0.35, 0.35)):
        a_x, a_y, g_x, g_y = 0.3, 0.25, 0.5, 0.4
        x, y, path = 1.0, 3.0, []
        for _ in range(rounds):
            x, y = x + k_x * y - a_x * x + g_x, y + k_y * x - a_y * y + g_y
            path.append((x, y))
        trace, det = 2 - a_x - a_y, (1 - a_x) * (1 - a_y) - k_x * k_y
        radius = trace / 2 + sqrt(trace * trace / 4 - det)
        rest = [(a_y * g_x + k_x * g_y) / (a_x * a_y - k_x * k_y), (k_y * g_x + a_x * g_y) / (a_x * a_y - k_x * k_y)]
        tolerance = rounds * 1e-9 * max(x, y)
        how = f"matrix iteration; spectral radius {radius:.6f}, fixed point [{rest[0]:.8f} {rest[1]:.8f}]"
        checks = [
            check("mean:x", x, tolerance, how),
            check("mean:y", y, tolerance),
            check("mean:top", max(x for x, _ in path), tolerance),
            check("mean:total", sum(x + y for x, y in path), tolerance),
        ]
        cases.append(case(str(variant), 2, checks, variant))
    assumed = {"k": {"X": 0.2, "Y": 0.15}, "a": {"X": 0.3, "Y": 0.25}, "g": {"X": 0.5, "Y": 0.4}}
    return assumed, "", cases


# --- chance -----------------------------------------------------------------------------------------------------------


def hazards():
    """Sums over rounds, in fractions: a round is played if the run has not collapsed before it."""
    crisis, reform, quake, clash = F("0.1"), F("0.15"), F("0.05"), F("0.02")
    rounds, cases = range(1, 21), []
    for variant, collapse in ((None, F("0.07")), ("endless", F(0))):
        played = {t: (1 - collapse) ** (t - 1) for t in rounds}
        first = lambda p: {t: played[t] * (1 - p) ** (t - 1) * p for t in rounds}  # P(it happens first in round t)
        when = lambda by_round: sum(t * p for t, p in by_round.items()) / sum(by_round.values())
        length, reforms = sum(played.values()), sum(first(reform).values())
        means = {
            "length": length,
            "crises": crisis * length,
            "first_crisis": when(first(crisis)),
            "nfrac": sum(first(crisis).values()),
            "reforms": reforms,
            "reform_first": when(first(reform)),
            "collapsed": 1 - played[20] * (1 - collapse),
            "quakes": 3 * sum(first(quake).values()),
            "any_quake": sum(p * (1 - (1 - quake * (1 - quake) ** (t - 1)) ** 3) for t, p in played.items()),
            "clashes": sum(p * (1 - (1 - clash) ** 2) for t, p in played.items() if t > 5),  # A and B, A and C
            "echo": sum(crisis * p for t, p in played.items() if t > 1),
            "shocks_end": crisis * length + 100 * reforms,
        }
        how, checks = "geometric waiting times", []
        for name, value in means.items():
            if name == "nfrac":
                checks.append(check("nfrac:first_crisis", value, SEQ, how))
            else:
                sure = variant and name in ("length", "collapsed")
                checks.append(check(f"mean:{name}", value, 1e-12 if sure else SE, how))
        checks += [check("max:reforms", 1, 0), check("max:clash_bc", 0, 0)]  # once; never between B and C
        cases.append(case(str(variant), 20000, checks, variant))
    return {}, "", cases


def initial_draws():
    """Moments in closed form; those of the clamped normal by parts, from its density and distribution function."""
    below = lambda x: (1 + erf(x / sqrt(2))) / 2
    density = lambda x: exp(-x * x / 2) / sqrt(2 * pi)
    lo, hi = -0.5, 1.0  # a normal within [-1, 1], then within [-0.5, 2]
    at_lo, at_hi = below(lo), 1 - below(hi)
    clamped = lo * at_lo + hi * at_hi + density(lo) - density(hi)
    square = lo**2 * at_lo + hi**2 * at_hi + below(hi) - below(lo) - (hi * density(hi) - lo * density(lo))
    triangle = lambda a, m, b: (a * a + m * m + b * b - a * m - a * b - m * b) / 18
    moments = {
        "n_end": (1, 2),
        "l_end": (exp(0.2 + 0.5**2 / 2), exp(0.2 + 0.5**2 / 2) * sqrt(expm1(0.5**2))),
        "u_end": (1, 4 / sqrt(12)),
        "b_end": (2 / 7, sqrt(2 * 5 / (7**2 * 8))),
        "t_end": ((0 + 0.3 + 1) / 3, sqrt(triangle(0, 0.3, 1))),
        "k_end": (0.35, None),
        "c_end": (clamped, sqrt(square - clamped**2)),
        "pair_gap": None,
        "pair_sum": (3 / 2, sqrt(3 / 12)),  # one draw for each of three pairs
        "arc_gap": (0, sqrt(2 / 12)),  # two draws, one for each direction
        "each_sum": (1 + 2 + 7, sqrt(2) * 0.1),
    }
    checks = []
    for name, known in moments.items():
        if known is None:
            checks.append(check(f"max:{name}", 0, 0))  # the same cell, read in either order
            continue
        checks.append(check(f"mean:{name}", known[0], SE))
        if known[1] is not None:
            checks.append(check(f"sd:{name}", known[1], SD))
    return {"m": {"A": 1, "B": 2, "C": 3}}, "", [case("base", 20000, checks)]


def ishigami():
    """Both functions at three points; mean, variance and indices from the closed forms of their variances."""
    a, b = 7, 0.1
    first = [(1 + b * pi**4 / 5) ** 2 / 2, a * a / 8, 0]
    both = b * b * pi**8 * 8 / 225  # of x1 and x3 together
    variance = sum(first) + both
    assert isclose(variance, a * a / 8 + b * pi**4 / 5 + b * b * pi**8 / 18 + 1 / 2)
    total = [first[0] + both, first[1], both]
    parts = [1 / (3 * (1 + k) ** 2) for k in (0, 1, 4.5, 9)]
    g_variance = prod(1 + v for v in parts) - 1
    g_total = [v * prod(1 + u for u in parts) / (1 + v) for v in parts]
    shares = lambda values, whole: " ".join(f"{v / whole:.6f}" if v else "0" for v in values)
    notes = (
        f"for sweeps over the ranges: ishigami mean {a / 2}, variance {variance:.10f}, S = {shares(first, variance)}, "
        f"ST = {shares(total, variance)}; g mean 1, variance {g_variance:.12f}, S = {shares(parts, g_variance)}, "
        f"ST = {shares(g_total, g_variance)}"
    )
    points = [
        ((0.3, -1.2, 2.1), (0.1, 0.4, 0.6, 0.9)),
        ((-3, 3, -1), (0, 0.5, 1, 0.25)),
        ((1.5, 0.0, 3.1), (0.99, 0.01, 0.33, 0.77)),
    ]
    cases = []
    for k, (x, g) in enumerate(points):
        value = sin(x[0]) * (1 + b * x[2] ** 4) + a * (1 - cos(2 * x[1])) / 2
        weights = zip(g, (0, 1, 4.5, 9))
        checks = [
            check("mean:ishigami", value, 1e-12),
            check("mean:g", prod((abs(4 * F(str(v)) - 2) + F(w)) / (1 + F(w)) for v, w in weights), 1e-12),
        ]
        names = ("x1", "x2", "x3", "g1", "g2", "g3", "g4")
        cases.append(case(f"point{k}", 3, checks, None, dict(zip(names, x + g))))
    return dict(zip(names, points[0][0] + points[0][1])), notes, cases


DERIVATIONS = [
    aggregates,
    amp_qre,
    ch_poisson,
    cheap_talk,
    clamps,
    derived_of_choices,
    fearon_ultimatum,
    deterrence2_exact,
    deterrence3_mean,
    deterrence_stages,
    group_keys,
    hazards,
    initial_draws,
    ishigami,
    joint,
    memory_one,
    nested,
    nested_qre,
    pd_logit,
    permute_abc,
    reject_keys,
    richardson,
    sets,
    shares,
    signal_costly,
    soft_when,
    stackelberg,
    tracks_two,
    two_targets,
]


def same_game(name, assumed, cases):
    """Stop if the scenario and its derivation do not name the same things."""
    file = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    assert file["scenario"]["name"] == name
    values = {key: p["value"] if isinstance(p, dict) else p for key, p in file.get("parameters", {}).items()}
    assert values == assumed, (name, values)
    for one in cases:
        assert one["variant"] is None or one["variant"] in file["variants"], (name, one["variant"])
        assert all(key.split("[")[0] in values for key in one["set"]), (name, one["set"])
        for entry in one["checks"]:
            kind, *rest = entry["quantity"].split(":")
            if kind in ("p", "mean_p"):
                assert rest[1] in file["actors"] and rest[2].split()[0] in file["moves"], (name, entry)
            else:
                assert kind == "rejected" or rest[0] in file["outcomes"], (name, entry)


def differences(here, there, at=""):
    """What differs between a derived document and the one in the file.

    A number may differ by what `exp` of another system may change, and by no more than its own tolerance; the rest may
    not differ.
    """
    if isinstance(here, dict) and isinstance(there, dict) and list(here) == list(there):
        if "tolerance" in here:
            bound, (a, b) = 1e-12 * max(1, abs(here["value"])), (here["value"], there["value"])
            if not isinstance(here["tolerance"], str):
                bound = min(bound, here["tolerance"])
            here, there = here | {"value": 0}, there | {"value": 0}
            if not (isinstance(b, float) and abs(a - b) <= bound):
                yield f"{at}.{here['quantity']}: {b} in the file, {a} derived"
        for key in here:
            yield from differences(here[key], there[key], f"{at}.{key}")
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for k, (a, b) in enumerate(zip(here, there)):
            yield from differences(a, b, f"{at}[{k}]")
    elif isinstance(here, float) and isinstance(there, float):
        if abs(here - there) > 1e-12 * max(1, abs(here)):
            yield f"{at}: {there} in the file, {here} derived"
    elif here != there or type(here) is not type(there):
        yield f"{at}: {there!r} in the file, {here!r} derived"


def scenarios(write):
    """What differs from NAME.expected.json, which is written if asked for."""
    for derive in DERIVATIONS:
        name = derive.__name__
        assumed, notes, cases = derive()
        same_game(name, assumed, cases)
        answer = {"scenario": name, "notes": notes, "cases": cases}
        path = HERE / f"{name}.expected.json"
        if write:
            path.write_text(json.dumps(answer, indent=1), encoding="utf-8")
        if not path.exists():
            yield f"{name}: there is no {path.name}"
            continue
        there = json.loads(path.read_text(encoding="utf-8"))
        yield from differences(answer, there, name)
    known = {f"{derive.__name__}.expected.json" for derive in DERIVATIONS}
    yield from (f"{path.name}: nothing derives it" for path in HERE.glob("*.expected.json") if path.name not in known)


# --- what other programs made -----------------------------------------------------------------------------------------

# Joe and Kuo's (2008) degree, coefficients and first direction numbers of dimensions 2 to 10.
DIRECTIONS = [
    (1, 0, [1]),
    (2, 1, [1, 3]),
    (3, 1, [1, 3, 1]),
    (3, 2, [1, 1, 1]),
    (4, 1, [1, 1, 3, 3]),
    (4, 4, [1, 3, 5, 13]),
    (5, 2, [1, 1, 5, 5, 17]),
    (5, 4, [1, 1, 5, 5, 5]),
    (5, 7, [1, 1, 7, 11, 19]),
]


def sobol():
    """Points in the order of Gray's code, from the recurrence of Joe and Kuo: equal to the last bit."""
    bits = 10
    columns = [[1 << (bits - 1 - k) for k in range(bits)]]
    for degree, inner, first in DIRECTIONS:
        m = list(first)
        for k in range(degree, bits):
            new = m[k - degree] ^ (m[k - degree] << degree)
            for q in range(1, degree):
                if inner >> (degree - 1 - q) & 1:
                    new ^= m[k - q] << q
            m.append(new)
        columns.append([m[k] << (bits - 1 - k) for k in range(bits)])
    points, x = [[0] * len(columns)], [0] * len(columns)
    for n in range(1, 1 << bits):
        changed = (n & -n).bit_length() - 1  # the bit in which Gray's code of n differs from that of n - 1
        x = [a ^ column[changed] for a, column in zip(x, columns)]
        points.append([a / (1 << bits) for a in x])
    for dimensions in (2, 5, 10):
        path = HERE / "sobol" / f"sobol_unscrambled_d{dimensions}_n1024.csv"
        there = [[float(cell) for cell in line.split(",")] for line in path.read_text(encoding="utf-8").splitlines()]
        if there != [point[:dimensions] for point in points]:
            yield f"{path.name}: points are others"


def nested(table, profile):
    for strategy in profile:
        table = table[strategy]
    return table


def changes(states, tables):
    """Pairs of states one step apart, and by how much the mutant's payoff exceeds the resident's."""
    for i, here in enumerate(states):
        for j, there in enumerate(states):
            moved = [k for k, (a, b) in enumerate(zip(here, there)) if a != b]
            if len(moved) == 1 and len(tables) == 1:  # one population that plays itself
                yield i, j, nested(tables[0], there + here) - nested(tables[0], here + there)
            elif len(moved) == 1:
                yield i, j, nested(tables[moved[0]], there) - nested(tables[moved[0]], here)


def fixation(gain, alpha, m):
    """Probability that one mutant of m takes over, at selection strength alpha."""
    if gain == 0:
        return 1 / Decimal(m)
    x = -Decimal(alpha) * Decimal(gain)
    return (1 - x.exp()) / (1 - (m * x).exp())


def stationary(rates):
    """Grassmann, Taksar and Heyman (1985): elimination without a subtraction."""
    n, a = len(rates), [list(row) for row in rates]
    for k in range(n - 1, 0, -1):
        out = sum(a[k][:k])
        for i in range(k):
            a[i][k] /= out
            for j in range(k):
                if i != j:
                    a[i][j] += a[i][k] * a[k][j]
    weights = [Decimal(1)]
    for k in range(1, n):
        weights.append(sum(weights[i] * a[i][k] for i in range(k)))
    return [w / sum(weights) for w in weights]


def alpharank():
    """Fixation probabilities and the distribution of the chain in 50 digits; replicator dynamics by Runge and Kutta."""
    with localcontext(Context(prec=50, Emin=-(10**9), Emax=10**9)):
        yield from chains()


def chains():
    file = json.loads((HERE / "alpharank" / "alpharank.json").read_text(encoding="utf-8"))
    for name, game in file["alpharank"].items():
        tables, states = game["payoffs"], game["profile_order"]
        counts = game["shape"][: len(tables)]
        if states != [list(s) for s in product(*map(range, counts))]:
            yield f"alpharank: {name}: states are others"
        if name == "rand_2x2x2_3pop":  # the seed was found by trying
            flat = [nested(table, state) for table in tables for state in states]
            if flat != solutions.integers(78, -3, 3, len(flat)):
                yield f"alpharank: {name}: payoffs are others"
        for run in game["runs"]:
            rates = [[Decimal(0)] * len(states) for _ in states]
            limit = run.get("inf_alpha", False)
            for i, j, gain in changes(states, tables):
                if limit:
                    slip = Decimal(run["inf_alpha_eps"])
                    rates[i][j] = Decimal("0.5") if gain == 0 else 1 - slip if gain > 0 else slip
                else:
                    rates[i][j] = fixation(gain, run["alpha"], run["m"])
            where = f"alpharank: {name}, alpha {run.get('alpha', 'infinite')}, m {run['m']}"
            found = stationary(rates)
            if not limit and "pi" in run:
                if run["num_profiles"] != len(states) or run["rho_m"] != 1 / run["m"]:
                    yield f"{where}: number of states or neutral fixation"
                for mine, theirs in zip(rates, run["transition_row_major"], strict=True):
                    if any(abs(float(a) - b) > 1e-12 for a, b in zip(mine, theirs, strict=True)):
                        yield f"{where}: {theirs} in the file, {list(map(float, mine))} derived"
            if "pi" not in run:  # that program finds no single distribution; there is one
                assert "error" in run and abs(sum(found) - 1) < 1e-12
            elif any(abs(float(a) - b) > 1e-8 for a, b in zip(found, run["pi"], strict=True)):
                yield f"{where}: {run['pi']} in the file, {list(map(float, found))} derived"
    for name, game in file["replicator"].items():

        def speed(x):
            rows, cols = x[:2], x[2:]
            first = [sum(game["A"][i][j] * cols[j] for j in (0, 1)) for i in (0, 1)]
            second = [sum(game["B"][i][j] * rows[i] for i in (0, 1)) for j in (0, 1)]
            means = sum(p * v for p, v in zip(rows, first)), sum(p * v for p, v in zip(cols, second))
            return [p * (v - means[k // 2]) for k, (p, v) in enumerate(zip(x, first + second))]

        x, steps = list(game["x0"]), 500  # of 1 / 500 of a unit of time
        ahead = lambda k, h: [a + h * b for a, b in zip(x, k)]
        for t, there in enumerate(game["x"]):
            if t:
                for _ in range((game["t"][t] - game["t"][t - 1]) * steps):
                    k1 = speed(x)
                    k2 = speed(ahead(k1, 0.5 / steps))
                    k3 = speed(ahead(k2, 0.5 / steps))
                    k4 = speed(ahead(k3, 1 / steps))
                    x = [a + (p + 2 * q + 2 * r + s) / 6 / steps for a, p, q, r, s in zip(x, k1, k2, k3, k4)]
            if any(abs(a - b) > 1e-7 for a, b in zip(x, there, strict=True)):
                yield f"replicator: {name} at {game['t'][t]}: {there} in the file, {x} derived"


def main():
    write = "--check" not in sys.argv[1:]
    found = [*scenarios(write), *sobol(), *alpharank(), *solutions.games(write), *solutions.check()]
    if found:
        sys.exit("\n".join(found))
    print("ok:", len(DERIVATIONS), "scenarios, Sobol' points, alpha-rank, games")


if __name__ == "__main__":
    main()
