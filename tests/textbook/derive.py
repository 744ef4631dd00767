"""Derive the expected numbers of scenarios/textbook without any interpreter of the scenario language.

Each function below solves one textbook game in plain Python (Markov chains, matrix iteration, backward induction, fixed
points, Bayes' rule) and returns its cases. The TOML files are read only to make sure that both talk about the same
game: parameter values, arms, outcomes and moves named here must exist there.

    python3 derive.py           write NAME.expected.json beside this file
    python3 derive.py --check   compare with the files that are there, write nothing
"""

import json
import sys
import tomllib
from itertools import product
from math import exp, factorial, isclose
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE.parent.parent / "scenarios" / "textbook"
FLOOR = 1e-12  # likelihoods are floored here before Bayes' rule
SE = "4se"  # four standard errors of the estimate


# --- tools ------------------------------------------------------------------------------------------------------------


def logistic(x):
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def check(quantity, value, tolerance, how=""):
    if tolerance == SE and not quantity.startswith("mean:"):
        raise ValueError(f"{quantity}: standard errors are for means")
    return {"quantity": quantity, "value": float(f"{value:.15g}"), "tolerance": tolerance, "how": how}


def case(ident, runs, checks, variant=None, sets=None):
    return {"id": ident, "runs": runs, "variant": variant, "set": sets or {}, "checks": checks}


def posterior(prior, likelihoods):
    """Bayes' rule with floored likelihoods; prior and likelihoods are lists over types."""
    joint = [p * max(FLOOR, q) for p, q in zip(prior, likelihoods)]
    return [x / sum(joint) for x in joint]


def damped(reply, n):
    """The iteration of semantics.md: step one half, halved after every 500 steps, from uniform play of two options."""
    mix, step = [0.5] * n, 0.5
    for steps in range(5000):
        target = reply(mix)
        if max(abs(t - m) for t, m in zip(target, mix)) <= 1e-10:
            return mix, steps
        mix = [m + step * (t - m) for m, t in zip(mix, target)]
        if (steps + 1) % 500 == 0:
            step /= 2
    raise ValueError("the damped iteration does not converge: leave this case out")


def polished(reply, n):
    """The fixed point next to the damped iterate, by Newton's method, so that the number does not depend on damping."""
    start, steps = damped(reply, n)
    mix, h = list(start), 1e-6
    for _ in range(20):
        gap = [t - m for t, m in zip(reply(mix), mix)]
        jac = []
        for j in range(n):
            up = [m + h * (i == j) for i, m in enumerate(mix)]
            down = [m - h * (i == j) for i, m in enumerate(mix)]
            jac.append([(a - b) / (2 * h) - (i == j) for i, (a, b) in enumerate(zip(reply(up), reply(down)))])
        if n == 1:
            move = [-gap[0] / jac[0][0]]
        else:  # Cramer's rule; jac[j][i] is the derivative of equation i by variable j
            det = jac[0][0] * jac[1][1] - jac[0][1] * jac[1][0]
            move = [
                -(gap[0] * jac[1][1] - gap[1] * jac[1][0]) / det,
                -(gap[1] * jac[0][0] - gap[0] * jac[0][1]) / det,
            ]
        mix = [m + d for m, d in zip(mix, move)]
    if max(abs(t - m) for t, m in zip(reply(mix), mix)) > 1e-12:
        raise ValueError("Newton's method did not settle")
    if max(abs(a - b) for a, b in zip(mix, start)) > 2e-9:
        raise ValueError("the damped iterate is too far from the fixed point for a tolerance of 1e-8")
    return mix, steps


# --- 1. iterated prisoner's dilemma -------------------------------------------------------------------------------------

T, R, P, S = 5.0, 3.0, 1.0, 0.0
FLIP = 0.05  # error 0.1 of uniform play over two moves
PAIR_POINTS = {(1, 1): (R, R), (1, 0): (S, T), (0, 1): (T, S), (0, 0): (P, P)}
MEMORY_ONE = {  # intended cooperation after (own, other) last move; None is round 1
    "allc": lambda last: 1,
    "alld": lambda last: 0,
    "tft": lambda last: 1 if last is None else last[1],
    "wsls": lambda last: 1 if last is None else int(last[0] == last[1]),
    "grim": lambda last: 1 if last is None else int(last == (1, 1)),
}


def dilemma_chain(first, second, rounds):
    """Exact distribution over (first, second) moves in each round."""

    def after(last):
        swapped = None if last is None else (last[1], last[0])
        pa = 1 - FLIP if MEMORY_ONE[first](last) else FLIP
        pb = 1 - FLIP if MEMORY_ONE[second](swapped) else FLIP
        return {(a, b): (pa if a else 1 - pa) * (pb if b else 1 - pb) for a, b in PAIR_POINTS}

    history = [after(None)]
    for _ in range(rounds - 1):
        now = dict.fromkeys(PAIR_POINTS, 0.0)
        for last, weight in history[-1].items():
            for cell, p in after(last).items():
                now[cell] += weight * p
        history.append(now)
    return history


def iterated_prisoners_dilemma():
    rounds, cases, long_run = 200, [], {}
    for variant, pair in {
        None: ("tft", "tft"),
        "wsls_wsls": ("wsls", "wsls"),
        "grim_grim": ("grim", "grim"),
        "wsls_alld": ("wsls", "alld"),
        "tft_alld": ("tft", "alld"),
        "tft_wsls": ("tft", "wsls"),
        "allc_alld": ("allc", "alld"),
    }.items():
        history = dilemma_chain(*pair, rounds)
        last = history[-1]
        far = dilemma_chain(*pair, 3000)[-1]
        drift = max(abs(last[c] - far[c]) for c in far)
        shares = {c: sum(h[c] for h in history) / rounds for c in last}
        points = [sum(shares[c] * PAIR_POINTS[c][k] for c in shares) for k in (0, 1)]
        final = sum(last[c] * PAIR_POINTS[c][0] for c in last)
        long_run[pair] = (far, sum(far[c] * PAIR_POINTS[c][0] for c in far))
        dist = ", ".join(f"{far[c]:.4f}" for c in PAIR_POINTS)
        how = f"four-state chain over 200 rounds from the opening moves; stationary (CC, CD, DC, DD) = ({dist})"
        near = f"last round of the chain, {drift:.1e} from the stationary distribution; row payoff {long_run[pair][1]:.4f}"
        cases.append(
            case(
                "-".join(pair),
                2000,
                [
                    check("mean:cc", shares[1, 1], SE, how),
                    check("mean:cd", shares[1, 0], SE, how),
                    check("mean:dc", shares[0, 1], SE, how),
                    check("mean:dd", shares[0, 0], SE, how),
                    check("mean:points_a", points[0], SE, how),
                    check("mean:points_b", points[1], SE, how),
                    check("mean:last_cc", last[1, 1], SE, near),
                    check("mean:last_a", final, SE, near),
                    check("p:1:A:cooperate", FLIP if pair[0] == "alld" else 1 - FLIP, 1e-12, "opening move and the flip"),
                ],
                variant,
            )
        )
    assert isclose(long_run["tft", "tft"][1], 2.25, abs_tol=1e-9)  # the dossier's numbers
    assert round(long_run["wsls", "wsls"][1], 4) == 2.7765 and round(long_run["wsls", "wsls"][0][1, 1], 4) == 0.8170
    assert round(long_run["wsls", "alld"][1], 4) == 0.675
    return "error 0.1 of uniform play flips each of two moves with probability 0.05", cases


# --- 2. the shadow of the future ----------------------------------------------------------------------------------------


def look_ahead(partner, discount, foresight, rounds):
    """Cooperation probability in each round of a best responder against an error-free memory-one partner.

    Stops with the first toss-up: play after it is random.
    """

    def recurse(last, depth, left):
        """Utilities of (defect, cooperate), `depth` rounds ahead with `left` to go; and the partner's move."""
        reply = MEMORY_ONE[partner](None if last is None else (last[1], last[0]))
        out = []
        for own in (0, 1):
            u = PAIR_POINTS[own, reply][0]
            if depth > 1 and left > 1:
                u += discount * max(recurse((own, reply), depth - 1, left - 1)[0])
            out.append(u)
        return out, reply

    last, path = None, []
    for t in range(rounds):
        (defect, cooperate), reply = recurse(last, foresight, rounds - t)
        if isclose(defect, cooperate, rel_tol=1e-12, abs_tol=1e-12):
            path.append((0.5, reply))
            return path
        own = int(cooperate > defect)
        path.append((float(own), reply))
        last = (own, reply)
    return path


def shadow_of_the_future():
    rounds, cases = 12, []
    for variant, partner, discount in (
        (None, "grim", 0.6),
        ("grim_impatient", "grim", 0.4),
        ("grim_knife_edge", "grim", 0.5),
        ("tft_between", "tft", 0.6),
        ("tft_patient", "tft", 0.7),
    ):
        path = look_ahead(partner, discount, 3, rounds)
        how = f"recursion over three rounds ahead against {partner}, discount {discount}"
        checks = [check("p:1:PLAYER:cooperate", path[0][0], 1e-9, how)]
        if len(path) == rounds:
            own = [int(c) for c, _ in path]
            moves = [(a, b) for a, (_, b) in zip(own, path)]
            checks += [
                check("mean:cooperation", sum(own) / rounds, 1e-12, "path " + "".join("DC"[c] for c in own)),
                check("mean:earned_player", sum(PAIR_POINTS[m][0] for m in moves), 1e-9, how),
                check("mean:earned_partner", sum(PAIR_POINTS[m][1] for m in moves), 1e-9, how),
                check("mean:first_defect", own.index(0) + 1, 1e-12, "last rounds unravel"),
            ]
        cases.append(case(variant or "grim", 2, checks, variant))
    # thresholds: grim (T - R) / (T - P) = 1/2, tit-for-tat max of it and (T - R) / (R - S) = 2/3
    for partner, threshold in (("grim", (T - R) / (T - P)), ("tft", max((T - R) / (T - P), (T - R) / (R - S)))):
        for k in range(1, 100):
            discount = k / 100
            if abs(discount - threshold) > 1e-9:
                assert look_ahead(partner, discount, 3, rounds)[0][0] == (discount > threshold), (partner, discount)
        for discount in (threshold - 0.005, threshold + 0.005):
            expected = float(discount > threshold)
            cases.append(
                case(
                    f"{partner}, discount {discount:.4f}",
                    2,
                    [check("p:1:PLAYER:cooperate", expected, 1e-9, f"closed-form threshold {threshold:.4f}")],
                    "tft_between" if partner == "tft" else None,
                    {"decision.PLAYER.discount": round(discount, 6)},
                )
            )
    return "cooperation in round 1 if and only if the discount factor passes the closed-form threshold", cases


# --- 3. Richardson ------------------------------------------------------------------------------------------------------


def richardson_arms_race():
    def race(k=0.15, l=0.2, a=0.3, b=0.25, g=1.0, h=0.5, x=1.0, y=3.0, rounds=300):
        path = []
        for _ in range(rounds):
            x, y = x + k * y - a * x + g, y + l * x - b * y + h
            path.append((x, y))
        det = a * b - k * l
        return path, ((k * h + b * g) / det, (l * g + a * h) / det)

    assert [round(v, 4) for v in race()[1]] == [7.2222, 7.7778]
    cases = []
    for variant, change in (
        (None, {}),
        ("unstable", {"k": 0.4}),
        ("head_start", {"x": 40.0}),
        ("no_grievance", {"g": 0.0, "h": 0.0}),
        ("goodwill", {"g": -1.0}),
    ):
        path, rest = race(**change)
        totals = [x + y for x, y in path]
        x, y = path[-1]
        how = "matrix iteration, 300 steps"
        checks = [
            check("mean:x", x, 1e-9, how),
            check("mean:y", y, 1e-9, how),
            check("mean:peak", max(totals), 1e-9, how),
            check("mean:burden", sum(totals) / len(totals), 1e-9, how),
            check("mean:resting_x", rest[0], 1e-9, "(k h + b g) / (a b - k l)"),
            check("mean:resting_y", rest[1], 1e-9, "(l g + a h) / (a b - k l)"),
        ]
        above = [t for t, total in enumerate(totals, 1) if total > 14]
        if above:
            checks.append(check("mean:first_above", above[0], 0, "first step with x + y > 14"))
        else:
            checks.append(check("nfrac:first_above", 0, 0, "x + y never exceeds 14"))
        if variant != "unstable":
            assert isclose(x, rest[0], abs_tol=1e-9) and isclose(y, rest[1], abs_tol=1e-9)
            checks.append(check("max:from_rest", 0, 1e-9, "the fixed point: eigenvalues 0.90 and 0.55, 0.9 ^ 300 is 2e-14"))
        cases.append(case(variant or "stable", 2, checks, variant))
    return "deterministic: two runs suffice", cases


# --- 4. and 5. deterrence -----------------------------------------------------------------------------------------------


def deterrence_two_moves():
    cap, war = (1.0, -1.0), (-0.5, -0.8)
    cases, wars = [], []
    for ident, variant, lam, sets in (
        ("lambda=1", None, 1, {}),
        ("lambda=0", "lambda_0", 0, {}),
        ("lambda=2", "lambda_2", 2, {}),
        ("lambda=5", "lambda_5", 5, {}),
        ("lambda=10", None, 10, {"lambda": 10}),
    ):
        resist = logistic(lam * (war[1] - cap[1]))
        ahead = resist * war[0] + (1 - resist) * cap[0]
        challenge = logistic(lam * ahead)
        wars.append(challenge * resist)
        checks = [
            check("p:1:CHL:challenge", challenge, 1e-9, "backward induction with logit choice"),
            check("p:1:CHL:hold", 1 - challenge, 1e-9),
            check("mean_p:2:DEF:resist", resist, 1e-9, "logit of war against capitulation"),
            check("mean:challenged", challenge, SE),
            check("mean:status_quo", 1 - challenge, SE),
            check("mean:capitulation", challenge * (1 - resist), SE),
            check("mean:war", challenge * resist, SE),
            check("mean:stages", 1 + challenge, SE),
            check("mean:earned_chl", challenge * ahead, SE),
        ]
        cases.append(case(ident, 4000, checks, variant, sets))
    # the dossier's numbers
    assert [round(w, 6) for w in (wars[0], wars[2], wars[3])] == [0.298945, 0.329762, 0.278941]
    cases.append(
        case(
            "rational",
            20,
            [
                check("p:1:CHL:challenge", 0, 1e-12, "resistance is credible and war worth less than the status quo"),
                check("mean:status_quo", 1, 1e-12),
                check("mean:war", 0, 1e-12),
            ],
            "rational",
        )
    )
    cases.append(
        case(
            "myopic",
            4000,
            [
                check("p:1:CHL:challenge", 0.5, 1e-12, "both options are worth 0 in stage 1"),
                check("mean_p:2:DEF:resist", logistic(5 * 0.2), 1e-9),
                check("mean:war", 0.5 * logistic(5 * 0.2), SE),
            ],
            "myopic",
        )
    )
    return "agent quantal response equilibrium; utilities of rounds add up, discount 1", cases


def deterrence_three_moves():
    cap, war = (1.0, -1.0), (-0.4, -0.8)
    cases, seen = [], {}
    for ident, variant, lam, audience, sets in (
        ("lambda=1", None, 1, 0.0, {}),
        ("lambda=2", "lambda_2", 2, 0.0, {}),
        ("lambda=5", "lambda_5", 5, 0.0, {}),
        ("audience", "audience", 5, 0.4, {}),
        ("lambda=0", None, 0, 0.0, {"lambda": 0}),
    ):
        back = (-0.6 - audience, 0.5)
        fight = logistic(lam * (war[0] - back[0]))
        resisted = [fight * war[i] + (1 - fight) * back[i] for i in (0, 1)]
        resist = logistic(lam * (resisted[1] - cap[1]))
        challenge = logistic(lam * (resist * resisted[0] + (1 - resist) * cap[0]))
        shares = {
            "status_quo": 1 - challenge,
            "capitulation": challenge * (1 - resist),
            "back_down": challenge * resist * (1 - fight),
            "war": challenge * resist * fight,
        }
        seen[ident] = shares
        checks = [
            check("p:1:CHL:challenge", challenge, 1e-9, "backward induction with logit choice"),
            check("mean_p:2:DEF:resist", resist, 1e-9),
            check("mean_p:3:CHL:fight", fight, 1e-9),
            check("mean:challenged", challenge, SE),
            check("mean:resisted", challenge * resist, SE),
            *(check(f"mean:{name}", share, SE) for name, share in shares.items()),
            check("mean:stages", 1 + challenge + challenge * resist, SE),
        ]
        cases.append(case(ident, 4000, checks, variant, sets))
    # the dossier's numbers
    assert [round(v, 6) for v in seen["lambda=1"].values()] == [0.505840, 0.154769, 0.152782, 0.186609]
    assert [round(v, 6) for v in seen["lambda=2"].values()] == [0.597489, 0.076887, 0.130677, 0.194947]
    assert seen["audience"]["capitulation"] > seen["lambda=5"]["capitulation"]
    cases.append(
        case(
            "rational",
            20,
            [
                check("p:1:CHL:challenge", 0, 1e-12, "CHL would fight, so DEF prefers war to yielding, so CHL stays"),
                check("mean:status_quo", 1, 1e-12),
            ],
            "rational",
        )
    )
    return "agent quantal response equilibrium; utilities of rounds add up, discount 1", cases


# --- 6. asymmetric matching pennies ---------------------------------------------------------------------------------------


def matching_pennies_asymmetric():
    def replies(lam, prize):
        row = lambda q: logistic(lam * (prize * q - (1 - q)))
        col = lambda p: logistic(lam * ((1 - p) - p))
        return row, col

    def solve(lam, prize):
        """The only equilibrium, by bisection of a falling function; and proof that the damped iteration gets there."""
        row, col = replies(lam, prize)
        lo, hi = 0.0, 1.0
        for _ in range(200):
            mid = (lo + hi) / 2
            lo, hi = (mid, hi) if row(col(mid)) > mid else (lo, mid)
        mix, steps = damped(lambda m: [row(m[1]), col(m[0])], 2)
        assert max(abs(mix[0] - lo), abs(mix[1] - col(lo))) < 2e-9
        return lo, col(lo), steps

    cases = []
    known = {1: (0.893576, 0.312780), 2: (0.860754, 0.191078), 5: (0.701984, 0.117135)}
    for ident, variant, lam, prize in (
        ("lambda=1", None, 1, 9),
        ("lambda=2", "lambda_2", 2, 9),
        ("lambda=5", "lambda_5", 5, 9),
        ("symmetric", "symmetric", 1, 1),
    ):
        p, q, steps = solve(lam, prize)
        assert prize == 1 or all(abs(x - k) <= 1e-6 for x, k in zip((p, q), known[lam]))
        how = f"bisection; the damped iteration takes {steps} steps"
        cases.append(
            case(
                ident,
                4000,
                [
                    check("p:1:ROW:heads", p, 1e-8, how),
                    check("p:1:COL:heads", q, 1e-8, how),
                    check("mean:row_heads", p, SE),
                    check("mean:col_heads", q, SE),
                    check("mean:points_row", prize * p * q + (1 - p) * (1 - q), SE),
                    check("mean:points_col", p * (1 - q) + (1 - p) * q, SE),
                ],
                variant,
            )
        )
    try:
        solve(20, 9)
        raise AssertionError("lambda 20 converges after all: give it an arm")
    except ValueError:
        pass
    row, col = replies(1, 9)
    p1, q1 = row(0.5), col(0.5)
    for variant, p, q in (("level_1", p1, q1), ("level_2", row(q1), col(p1))):
        cases.append(
            case(
                variant,
                20,
                [check("p:1:ROW:heads", p, 1e-9, "logit reply, one level at a time"), check("p:1:COL:heads", q, 1e-9)],
                variant,
            )
        )
    return "lambda 20 is left out: the damped iteration of the language does not converge in 5,000 steps", cases


# --- 7. costly signalling -------------------------------------------------------------------------------------------------


def costly_signalling():
    lam, prior = 20.0, [0.2, 0.8]  # strong, weak
    prize, war = (1.0, 0.6), (0.2, 0.0)
    loss = 1.5

    def challenge(mu, gain=0.5):
        """RCV's logit: E[gain (1 - strength) - loss strength] against 0."""
        return logistic(lam * (gain * (1 - mu) - loss * mu))

    def beliefs(mix):
        return posterior(prior, mix)[0], posterior(prior, [1 - s for s in mix])[0]

    def worth(strong, showed, mu, use):
        """What a type expects of stage 2 if RCV believes in strength with mu."""
        c, k = challenge(mu), 0 if strong else 1
        return prize[k] * (1 - c) + (war[k] + use * strong * showed) * c

    def reply(mix, cost, use):
        """Logit of showing, for (strong, weak), when RCV reads moves by `mix`."""
        shown, silent = beliefs(mix)
        return [
            logistic(lam * (worth(s, 1, shown, use) - cost - worth(s, 0, silent, use))) for s in (1, 0)
        ]

    cases = []
    for variant, level, cost, use in (
        (None, "equilibrium", 0.7, 0.1),
        ("cheap", "equilibrium", 0.1, 0.1),
        ("dear", "equilibrium", 0.95, 0.1),
        ("no_use", 2, 0.7, 0.0),
        ("level_1", 1, 0.7, 0.1),
        ("level_2", 2, 0.7, 0.1),
    ):
        if level == "equilibrium":
            mix, steps = polished(lambda m: reply(m, cost, use), 2)
            how, tol = f"fixed point (Newton); the damped iteration takes {steps} steps", 1e-8
        else:
            mix = [0.5, 0.5]
            for _ in range(level):
                mix = reply(mix, cost, use)
            how, tol = f"level {level}: types reply to beliefs formed by level {level - 1}", 1e-9
        shown, silent = beliefs(mix)
        by_type = []
        for k, strong in enumerate((1, 0)):
            s = mix[k]
            by_type.append(
                {
                    "showed": s,
                    "challenged": s * challenge(shown) + (1 - s) * challenge(silent),
                    "posterior": s * shown + (1 - s) * silent,
                    "earned": s * (worth(strong, 1, shown, use) - cost) + (1 - s) * worth(strong, 0, silent, use),
                }
            )
        mean = {name: sum(p * t[name] for p, t in zip(prior, by_type)) for name in by_type[0]}
        assert isclose(mean["posterior"], prior[0], rel_tol=1e-9)
        runs = 20000
        # a standard error needs outcomes that vary: leave out what hardly ever does
        checks = [
            check(f"mean:{name}", value, SE, how)
            for name, value in mean.items()
            if mean["showed"] > 1e-2 or name != "posterior" and (name != "showed" or value > 1e-3)
        ]
        if variant == "no_use":
            checks.append(check("min:posterior", 0.2, 1e-9, "types act alike: nothing is learned"))
            checks.append(check("max:posterior", 0.2, 1e-9, "types act alike: nothing is learned"))
        checks.append(check("mean:is_strong", prior[0], SE, "prior"))
        if mean["showed"] > 1e-3:
            checks.append(check("max:seen_show", shown, tol, "Bayes after a show"))
        checks.append(check("max:seen_silence", silent, tol, "Bayes after silence"))
        ident = variant or "base"
        cases.append(case(ident, runs, checks, variant))
        for k, truth in enumerate(("strong", "weak")):
            cases.append(
                case(
                    f"{ident}, {truth}",
                    2,
                    [check("p:1:SND:show", mix[k], tol, how)],
                    variant or truth,
                    {"types.SND.truth": truth} if variant else {},
                )
            )
        if variant is None:
            for k, truth in enumerate(("strong", "weak")):
                named = [check(f"mean:{name}", by_type[k][name], SE, how) for name in by_type[k]]
                cases.append(case(f"{truth}, means", 8000, named, truth))
            assert mix[0] > 0.85 and mix[1] < 0.15  # separates in the interval [V_L, V_H - w_H]
    # scripts: the receiver alone
    sure, none = posterior(prior, [1, 0])[0], posterior(prior, [0, 1])[0]
    cases.append(
        case(
            "scripted",
            2000,
            [
                check("max:seen_show", sure, 1e-13, "likelihoods 1 and 0, floored at 1e-12"),
                check("max:seen_silence", none, 1e-15, "likelihoods 0 and 1, floored at 1e-12"),
                check("mean:showed", prior[0], SE, "the strong type shows"),
            ],
            "scripted",
        )
    )
    for truth, mu in (("strong", sure), ("weak", none)):
        cases.append(
            case(
                f"scripted, {truth}",
                2,
                [check("p:2:RCV:challenge", challenge(mu), 1e-9, "logit at the posterior")],
                "scripted",
                {"types.SND.truth": truth},
            )
        )
    for variant, gain in (("pooling", 0.5), ("pooling_low_gain", 0.3)):
        limit = gain / (gain + loss)
        answer = float(prior[0] < limit)
        cases.append(
            case(
                variant,
                20,
                [
                    check("p:2:RCV:challenge", answer, 1e-12, f"prior 0.2 against q* = g / (g + l) = {limit:.4f}"),
                    check("mean:challenged", answer, 1e-12),
                    check("min:posterior", 0.2, 1e-12, "both types silent: likelihoods equal"),
                    check("max:posterior", 0.2, 1e-12),
                ],
                variant,
            )
        )
    return (
        "RCV's choice in stage 2 is a logit at its belief at every level; only the reading of the sender's move differs "
        "by level",
        cases,
    )


# --- 8. cheap talk ----------------------------------------------------------------------------------------------------------


def cheap_talk():
    states = [0.125, 0.375, 0.625, 0.875]
    names = ["first", "second", "third", "fourth"]
    points = [k * 0.125 for k in range(1, 8)]
    lam = 20.0
    cases = []

    def softmax(center):
        weights = [exp(-lam * (a - center) ** 2) for a in points]
        return [w / sum(weights) for w in weights]

    mix = softmax(0.5)
    loss = sum(m * sum((a - x) ** 2 for x in states) / 4 for m, a in zip(mix, points))
    for variant, tol in ((None, 1e-9), ("equilibrium", 1e-8)):
        checks = [check(f"p:1:SND:say_{k}", 0.25, 1e-9, "messages are free and move nothing") for k in (1, 2, 3, 4)]
        checks += [check(f"p:2:RCV:pick_{k}", m, tol, "logit at the mean 0.5 of the prior") for k, m in enumerate(mix, 1)]
        checks += [
            check("min:told_lowest", 0.25, 1e-12, "posterior = prior"),
            check("max:told_lowest", 0.25, 1e-12, "posterior = prior"),
            check("mean:said_lowest", 0.25, SE),
            check("mean:picked", 0.5, SE),
            check("mean:loss", loss, SE, "variance of the prior and of the logit"),
        ]
        cases.append(case(variant or "base", 8000, checks, variant))

    def receiver(message_of):
        """Best point after each message under a scripted sender (all likelihoods floored)."""
        best, told = {}, {}
        for message in set(message_of):
            mu = posterior([0.25] * 4, [float(m == message) for m in message_of])
            mean = sum(m * x for m, x in zip(mu, states))
            order = sorted(points, key=lambda a: (a - mean) ** 2)
            assert (order[1] - mean) ** 2 - (order[0] - mean) ** 2 > 1e-6
            best[message], told[message] = order[0], mu
        return best, told

    for variant, message_of in (("told_apart", [1, 2, 3, 4]), ("two_parts", [1, 2, 2, 2]), ("babbling", None)):
        if message_of is None:
            expected = [0.5] * 4
        else:
            best, told = receiver(message_of)
            expected = [best[m] for m in message_of]
        losses = [(a - x) ** 2 for a, x in zip(expected, states)]
        mean_loss, mean_point = sum(losses) / 4, sum(expected) / 4
        vary = len(set(losses)) > 1
        cases.append(
            case(
                variant,
                8000,
                [
                    check("mean:loss", mean_loss, SE if vary else 1e-12, "squared distance to the best point per message"),
                    check("mean:picked", mean_point, SE if len(set(expected)) > 1 else 1e-9),
                ],
                variant,
            )
        )
        for k, name in enumerate(names):
            checks = [
                check(f"p:2:RCV:pick_{round(expected[k] * 8)}", 1, 1e-9, "best response to the posterior mean"),
                check("mean:loss", losses[k], 1e-12),
            ]
            if message_of is not None:
                mu = told[message_of[k]]
                checks.append(check("mean:told_lowest", mu[0], 1e-12, "Bayes, likelihoods floored at 1e-12"))
                checks.append(check("mean:told_second", mu[1], 1e-12, "Bayes, likelihoods floored at 1e-12"))
            cases.append(case(f"{variant}, {name}", 2, checks, variant, {"types.SND.truth": name}))

    def sender(bias, point_after, variant):
        for k, name in enumerate(names):
            gaps = [abs(a - states[k] - bias) for a in point_after]
            tied = [g - min(gaps) < 1e-9 for g in gaps]
            assert all(t or g - min(gaps) > 1e-3 for t, g in zip(tied, gaps))
            checks = [
                check(f"p:1:SND:say_{m}", t / sum(tied), 1e-9, "the message whose point is nearest to state + bias")
                for m, t in enumerate(tied, 1)
            ]
            cases.append(case(f"{variant}, {name}", 2, checks, variant, {"types.SND.truth": name}))
        return [min(range(4), key=lambda m: abs(point_after[m] - x - bias)) for x in states]

    each, half = states, [0.125, 0.625, 0.625, 0.625]
    assert sender(0.1, each, "trusted") == [0, 1, 2, 3]  # bias <= 1/8: truth
    assert sender(0.2, each, "trusted_biased") == [1, 2, 3, 3]  # 1/8 < bias: one step more
    assert sender(0.2, half, "half_trusted")[0] == 0  # bias <= 1/4: two parts hold
    assert sender(0.3, half, "half_trusted_biased")[0] == 1  # above: they fail
    for variant, chosen in (("trusted", [0, 1, 2, 3]), ("trusted_biased", [1, 2, 3, 3])):
        at = [each[m] for m in chosen]
        losses = [(a - x) ** 2 for a, x in zip(at, states)]
        checks = [check("mean:picked", sum(at) / 4, SE, "the receiver takes the message at its word")]
        checks.append(check("mean:loss", sum(losses) / 4, SE if len(set(losses)) > 1 else 1e-12))
        cases.append(case(variant, 8000, checks, variant))
    return "each half of a partition equilibrium is checked against a script of the other half", cases


# --- 9. trust ----------------------------------------------------------------------------------------------------------------


def kydd_trust_game():
    p, reward, temptation, punish = 0.3, {1: 3.0, 0: 2.0}, {1: 2.0, 0: 3.0}, 1.0

    def stage(honest, own, other, sucker=0.0):
        if own:
            return reward[honest] if other else sucker
        return temptation[honest] if other else punish

    def script(name):
        """(round 1 move, round 2 move as a function of the other's round 1 move), by own type."""
        return {
            "reciprocate": lambda h: (h, lambda other: h and other),
            "mimic": lambda h: (1, lambda other: 0),
            "refuse": lambda h: (0, lambda other: 0),
        }[name]

    def play(one, two, h1, h2, alpha):
        a, next_a = script(one)(h1)
        b, next_b = script(two)(h2)
        c, d = next_a(b), next_b(a)
        return (
            alpha * stage(h1, a, b) + (1 - alpha) * stage(h1, c, d),
            alpha * stage(h2, b, a) + (1 - alpha) * stage(h2, d, c),
            a,
            c and d,
        )

    def expect(one, h1, alpha, index=0):
        return p * play(one, "reciprocate", h1, 1, alpha)[index] + (1 - p) * play(one, "reciprocate", h1, 0, alpha)[index]

    lo, hi = 2 * p / (1 + 2 * p), 2 * p
    assert isclose(lo, 0.375) and isclose(hi, 0.6)
    for k in range(1, 100):
        alpha = k / 100
        if min(abs(alpha - lo), abs(alpha - hi)) > 1e-9:
            assert (expect("reciprocate", 0, alpha) > expect("mimic", 0, alpha)) == (alpha > lo)
            assert (expect("reciprocate", 1, alpha) > expect("refuse", 1, alpha)) == (alpha < hi)

    alpha, joint = 0.5, {(1, 1): p * p, (1, 0): p * (1 - p), (0, 1): (1 - p) * p, (0, 0): (1 - p) ** 2}
    base = {t: play("reciprocate", "reciprocate", *t, alpha) for t in joint}
    after_c, after_d = posterior([p, 1 - p], [1, 0])[0], posterior([p, 1 - p], [0, 1])[0]
    how = "separating play by pairs of types"
    cases = [
        case(
            "base",
            4000,
            [
                check("max:trust_after_c", after_c, 1e-13, "Bayes, likelihoods 1 and 0 floored at 1e-12"),
                check("max:trust_after_d", after_d, 1e-15, "Bayes, likelihoods 0 and 1 floored at 1e-12"),
                check("mean:opened", p, SE, "the trustworthy open with cooperation"),
                check("mean:lasting", p * p, SE, "both trustworthy"),
                check("mean:earned_one", sum(w * base[t][0] for t, w in joint.items()), SE, how),
                check("mean:earned_two", sum(w * base[t][1] for t, w in joint.items()), SE, how),
            ],
        )
    ]
    for h1, h2 in joint:
        label = {1: "trustworthy", 0: "untrustworthy"}
        one, two, _, lasting = base[h1, h2]
        cases.append(
            case(
                f"{label[h1]} ONE, {label[h2]} TWO",
                2,
                [
                    check("p:1:ONE:cooperate", h1, 1e-12, how),
                    check("p:2:ONE:cooperate", h1 and h2, 1e-12, "cooperates only with the proven trustworthy"),
                    check("mean:lasting", lasting, 1e-12),
                    check("mean:earned_one", one, 1e-9),
                    check("mean:earned_two", two, 1e-9),
                ],
                None,
                {"types.ONE.truth": label[h1], "types.TWO.truth": label[h2]},
            )
        )
    arms = (("u_follow", "reciprocate", 0), ("u_mimic", "mimic", 0), ("t_follow", "reciprocate", 1), ("t_defect", "refuse", 1))
    for alpha in (0.5, 0.3, 0.7):
        for variant, one, h1 in arms:
            values = {play(one, "reciprocate", h1, h2, alpha)[0] for h2 in (0, 1)}
            value = expect(one, h1, alpha)
            tolerance = SE if len(values) > 1 else 1e-9
            cases.append(
                case(
                    f"{variant}, alpha={alpha}",
                    4000,
                    [check("mean:earned_one", value, tolerance, f"p-weighted; separating for {lo:.3f} <= alpha <= {hi:.1f}")],
                    variant,
                    {} if alpha == 0.5 else {"alpha": alpha},
                )
            )
    for variant, sucker in (("one_shot", 0.0), ("one_shot_mild", 0.8)):
        m = (punish - sucker) / (reward[1] - temptation[1] + punish - sucker)
        first = float(p > m)
        for truth, belief in (("trustworthy", 1.0), ("untrustworthy", 0.0)):
            cases.append(
                case(
                    f"{variant}, TWO {truth}",
                    2,
                    [
                        check("p:1:ONE:cooperate", first, 1e-12, f"prior 0.3 against m = {m:.4f}"),
                        check("p:2:ONE:cooperate", belief, 1e-12, "TWO has shown its type"),
                    ],
                    variant,
                    {"types.TWO.truth": truth},
                )
            )
    return "ONE and TWO read each other's first move; beliefs are 1 and 0 up to the floor", cases


# --- 10. and 11. two small games -----------------------------------------------------------------------------------------------


def poisson_hierarchy(reply, mean=1.5):
    """Average play of a symmetric game: level k replies to the truncated Poisson mixture of the levels below."""
    pmf, total = [], 0.0
    while total < 1 - 1e-9 and len(pmf) <= 20:
        pmf.append(exp(-mean) * mean ** len(pmf) / factorial(len(pmf)))
        total += pmf[-1]
    levels = [0.5]
    for k in range(1, len(pmf)):
        levels.append(reply(sum(f * q for f, q in zip(pmf[:k], levels)) / sum(pmf[:k])))
    pmf[-1] += 1 - total  # the tail sits on the cap
    return sum(f * q for f, q in zip(pmf, levels))


def symmetric_game(r, s, t, p, lam):
    """Logit probability of the first move when the other plays it with probability q."""
    return lambda q: logistic(lam * ((r * q + s * (1 - q)) - (t * q + p * (1 - q))))


def symmetric_solution(kind, reply):
    if kind == "equilibrium":
        (q,), steps = polished(lambda m: [reply(m[0])], 1)
        return q, 1e-8, f"fixed point (Newton) of the branch from uniform play; damped iteration: {steps} steps"
    q = 0.5
    for _ in range(kind):
        q = reply(q)
    return q, 1e-9, f"logit reply, {kind} time(s) from uniform play"


def stag_hunt():
    cases, found = [], {}
    for variant, kind, lam, lone in (
        (None, 1, 1, 0.0),
        ("level_2", 2, 1, 0.0),
        ("equilibrium", "equilibrium", 1, 0.0),
        ("sharp", "equilibrium", 5, 0.0),
        ("assurance", "equilibrium", 1, 1.5),
        ("assurance_sharp", "equilibrium", 5, 1.5),
    ):
        q, tol, how = symmetric_solution(kind, symmetric_game(4, lone, 3, 2, lam))
        found[variant] = q
        checks = [check("p:1:ROW:stag", q, tol, how), check("p:1:COL:hare", 1 - q, tol, how)]
        if 0.01 < q < 0.99:
            points = 4 * q * q + lone * q * (1 - q) + 3 * (1 - q) * q + 2 * (1 - q) ** 2
            checks += [
                check("mean:stag", q, SE),
                check("mean:both_hunt", q * q, SE),
                check("mean:alone", q * (1 - q), SE),
                check("mean:points", points, SE),
            ]
        cases.append(case(variant or "level_1", 4000, checks, variant))
    assert found["level_2"] < found[None] < 0.5 and found["sharp"] < found["equilibrium"] and found["assurance"] > 0.5
    q = poisson_hierarchy(symmetric_game(4, 0, 3, 2, 1))
    how = "sum over levels of Poisson weight times mix"
    checks = [check("mean:stag", q, SE, how), check("mean:both_hunt", q * q, SE, "levels are drawn independently")]
    cases.append(case("hierarchy", 8000, checks, "hierarchy"))
    return "symmetric 2x2 game: 4, 0, 3, 2", cases


def chicken():
    cases, found = [], {}
    for variant, kind, lam, crash in (
        (None, 1, 1, -3.0),
        ("level_2", 2, 1, -3.0),
        ("equilibrium", "equilibrium", 1, -3.0),
        ("sharp", "equilibrium", 5, -3.0),
        ("deadly", "equilibrium", 1, -20.0),
    ):
        q, tol, how = symmetric_solution(kind, symmetric_game(3, 1, 4, crash, lam))
        found[variant] = q
        points = 3 * q * q + q * (1 - q) + 4 * (1 - q) * q + crash * (1 - q) ** 2
        cases.append(
            case(
                variant or "level_1",
                4000,
                [
                    check("p:1:ROW:swerve", q, tol, how),
                    check("p:1:COL:straight", 1 - q, tol, how),
                    check("mean:yields_row", q, SE),
                    check("mean:yields_col", q, SE),
                    check("mean:crash", (1 - q) ** 2, SE),
                    check("mean:points_row", points, SE),
                ],
                variant,
            )
        )
    reply = symmetric_game(3, 1, 4, -3, 1)
    assert found["level_2"] < found["equilibrium"] < found[None]
    q = reply(0)
    cases.append(
        case(
            "committed",
            4000,
            [
                check("p:1:ROW:straight", 1, 1e-12, "a policy"),
                check("p:1:COL:swerve", q, 1e-9, "logit of 1 against -3: policies are foreseen at every level"),
                check("mean:crash", 1 - q, SE),
                check("mean:yields_row", 0, 1e-12),
            ],
            "committed",
        )
    )
    q = poisson_hierarchy(reply)
    how = "sum over levels of Poisson weight times mix"
    checks = [check("mean:yields_row", q, SE, how), check("mean:crash", (1 - q) ** 2, SE, "levels are drawn independently")]
    cases.append(case("hierarchy", 8000, checks, "hierarchy"))
    return "symmetric 2x2 game: 3, 1, 4, -3", cases


# --- games in many moves ---------------------------------------------------------------------------------------------


def logit(lam, utilities):
    top = max(utilities)
    terms = [exp(lam * (u - top)) for u in utilities]
    return [t / sum(terms) for t in terms]


def rubinstein_bargaining():
    offers = [k / 10 for k in range(11)]
    cases = []
    for ident, variant, lam, delta in (
        ("three periods", None, 20, 0.8),
        ("sharp", "sharp", 100, 0.8),
        ("impatient", "impatient", 20, 0.5),
    ):
        # what is left to A and B without agreement so far, and how often there will be one, and how many rounds it takes
        left, agreed, rounds = (0.0, 0.0), 0.0, 0.0
        for period in (2, 1, 0):
            who = period % 2
            size = delta**period
            accepts = [logistic(lam * (size * (1 - x) - left[1 - who])) for x in offers]
            shares = [[size * x, size * (1 - x)] for x in offers]  # proposer, other
            worth = [a * s[0] + (1 - a) * left[who] for a, s in zip(accepts, shares)]
            mix = logit(lam, worth)
            value = [0.0, 0.0]
            value[who] = sum(p * u for p, u in zip(mix, worth))
            value[1 - who] = sum(p * (a * s[1] + (1 - a) * left[1 - who]) for p, a, s in zip(mix, accepts, shares))
            ends = sum(p * a for p, a in zip(mix, accepts))
            left, agreed = tuple(value), ends + (1 - ends) * agreed
            rounds = 2 + (1 - ends) * rounds
        checks = [
            *(check(f"p:1:A:keep:{x:g}", p, 1e-9, "backward induction with logit choice") for x, p in zip(offers, mix)),
            check("mean:share_A", left[0], SE),
            check("mean:share_B", left[1], SE),
            # where hardly any run differs, their deviation says nothing
            check("mean:agreed", agreed, SE if agreed < 0.999 else 1e-3),
            check("mean:stages", rounds, SE),
        ]
        cases.append(case(ident, 10000, checks, variant))
    return "agent quantal response equilibrium from the last period back", cases


def recurrent_war():
    burden, prize, shame, lam = (1.0, 2.0), 0.5, 0.5, 2
    cases = []
    for ident, variant, patience in (("impatient", None, 0.5), ("patient", "patient", 0.95)):
        # act[s][i]: probability that i attacks in peace (0) or sues for peace in war (1); value[s][i]
        act, value = [[0.5, 0.5], [0.5, 0.5]], [[0.0, 0.0], [0.0, 0.0]]

        def war_after(state, mine, other):
            return max(mine, other) if state == 0 else 1 - mine * other

        def worth(state, i, mine, other):
            war = war_after(state, mine, other)
            now = (prize * mine if state == 0 else -shame * mine) - burden[i] * war
            return now + patience * value[war][i]

        for _ in range(20000):
            mixes, values, change = [[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]], 0.0
            for state in (0, 1):
                for i in (0, 1):
                    q = act[state][1 - i]
                    u = [sum(w * worth(state, i, mine, o) for w, o in ((q, 1), (1 - q, 0))) for mine in (0, 1)]
                    reply, p = logistic(lam * (u[1] - u[0])), act[state][i]
                    mixes[state][i] = p + 0.3 * (reply - p)
                    values[state][i] = p * u[1] + (1 - p) * u[0]
                    change = max(change, abs(reply - p), abs(values[state][i] - value[state][i]))
            act, value = mixes, values
            if change < 1e-13:
                break
        assert change < 1e-12
        starts = 1 - (1 - act[0][0]) * (1 - act[0][1])
        ends = act[1][0] * act[1][1]
        war, share, attacks, peaces = 0.0, 0.0, 0.0, 0.0
        for _ in range(40):
            attacks, peaces = attacks + (1 - war) * starts, peaces + war * ends
            war = war * (1 - ends) + (1 - war) * starts
            share += war / 40
        cases.append(
            case(
                ident,
                4000,
                [
                    check("p:1:A:attack", act[0][0], 1e-8, "value iteration with logit choice in each state"),
                    check("p:1:B:attack", act[0][1], 1e-8),
                    check("mean:war", share, SE, "40 steps of the chain of two states"),
                    check("mean:attacks", attacks, SE),
                    check("mean:peaces", peaces, SE),
                ],
                variant,
            )
        )
    return "stationary logit Markov equilibrium, two states, by simultaneous iteration", cases


# --- the files agree with the numbers above ------------------------------------------------------------------------------------

VALUES = {  # what the derivations assume of the files: parameter values and decision settings
    "iterated-prisoners-dilemma": {"temptation": 5, "reward": 3, "punishment": 1, "sucker": 0},
    "shadow-of-the-future": {"temptation": 5, "reward": 3, "punishment": 1, "sucker": 0},
    "richardson-arms-race": {
        "defence": {"X": 0.15, "Y": 0.2},
        "fatigue": {"X": 0.3, "Y": 0.25},
        "grievance": {"X": 1, "Y": 0.5},
    },
    "deterrence-two-moves": {
        "lambda": 1,
        "value_status_quo": {"default": 0},
        "value_capitulation": {"CHL": 1, "DEF": -1},
        "value_war": {"CHL": -0.5, "DEF": -0.8},
    },
    "deterrence-three-moves": {
        "lambda": 1,
        "value_status_quo": {"default": 0},
        "value_capitulation": {"CHL": 1, "DEF": -1},
        "value_back_down": {"CHL": -0.6, "DEF": 0.5},
        "value_war": {"CHL": -0.4, "DEF": -0.8},
        "audience_cost": {"default": 0},
    },
    "matching-pennies-asymmetric": {"lambda": 1, "prize_heads": 9, "prize_tails": 1, "mismatch": 1},
    "costly-signalling": {
        "lambda": 20,
        "strength": 0,
        "show_cost": 0.7,
        "prize_weak": 0.6,
        "prize_strong": 1,
        "war_strong": 0.2,
        "arms_in_war": 0.1,
        "gain": 0.5,
        "loss": 1.5,
    },
    "cheap-talk": {"lambda": 20, "bias": 0.1, "position": 0.5, "grid": 0.125},
    "kydd-trust-game": {
        "alpha": 0.5,
        "honest": {"default": 0},
        "reward_trustworthy": 3,
        "reward_other": 2,
        "temptation_trustworthy": 2,
        "temptation_other": 3,
        "punishment": 1,
        "sucker": 0,
    },
    "stag-hunt": {"lambda": 1, "both_stag": 4, "lone_hare": 3, "both_hare": 2, "lone_stag": 0},
    "rubinstein-bargaining": {"lambda": 20, "delta": 0.8, "turn": {"A": 1, "B": 3}},
    "recurrent-war": {
        "lambda": 2,
        "patience": 0.5,
        "burden": {"A": 1, "B": 2},
        "prize": 0.5,
        "shame": 0.5,
    },
    "chicken": {"lambda": 1, "both_swerve": 3, "lone_swerve": 1, "victory": 4, "collision": -3},
}

DERIVATIONS = {
    "iterated-prisoners-dilemma": iterated_prisoners_dilemma,
    "shadow-of-the-future": shadow_of_the_future,
    "richardson-arms-race": richardson_arms_race,
    "deterrence-two-moves": deterrence_two_moves,
    "deterrence-three-moves": deterrence_three_moves,
    "matching-pennies-asymmetric": matching_pennies_asymmetric,
    "costly-signalling": costly_signalling,
    "cheap-talk": cheap_talk,
    "kydd-trust-game": kydd_trust_game,
    "stag-hunt": stag_hunt,
    "chicken": chicken,
    "rubinstein-bargaining": rubinstein_bargaining,
    "recurrent-war": recurrent_war,
}


def same_game(name, cases):
    """Stop if the file and the derivation do not name the same things."""
    path = SCENARIOS / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    file = tomllib.loads(text)
    assert file["scenario"]["name"] == name
    values = {key: entry["value"] for key, entry in file["parameters"].items()}
    assert values == VALUES[name], (name, values)
    for key, entry in file["parameters"].items():
        lo, hi = entry["range"]
        cells = entry["value"].values() if isinstance(entry["value"], dict) else [entry["value"]]
        assert all(lo <= cell <= hi for cell in cells), (name, key)
        assert entry["source"] == "assumed" or entry["source"] in file["sources"], (name, key)
        assert entry["note"] and text.count(key) > 1, (name, key)
    for claim in file.get("claims", {}).values():
        assert claim["source"] in file["sources"], (name, claim)
    assert len({c["id"] for c in cases}) == len(cases), name
    for one in cases:
        assert one["variant"] is None or one["variant"] in file["variants"], (name, one["variant"])
        for entry in one["checks"]:
            kind, *rest = entry["quantity"].split(":")
            if kind in ("p", "mean_p"):
                number, actor, move, *_ = rest
                assert 1 <= int(number) <= file["scenario"]["rounds"] and actor in file["actors"]
                assert move == "hold" or move in file["moves"], (name, entry)
            else:
                assert rest[0] in file["outcomes"], (name, entry)


def main():
    stale = []
    for name, derive in DERIVATIONS.items():
        notes, cases = derive()
        same_game(name, cases)
        answer = {"scenario": name, "notes": notes, "cases": cases}
        text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
        path = HERE / f"{name}.expected.json"
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit("differs: " + ", ".join(stale))
    print("ok:", len(DERIVATIONS), "scenarios")


if __name__ == "__main__":
    main()
