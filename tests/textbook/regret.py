#!/usr/bin/env python3
"""Exact payoffs, regrets and residuals of profiles of hostile games.

    python3 tests/textbook/regret.py > tests/textbook/regret.json

Everything is worked out in fractions from the floating-point numbers as they are: no rounding, and
nothing of the program. A profile stands for its probabilities divided by their sums. Regret and
residuals are shares of the range of the player's own payoffs; printed is the smallest
floating-point number that is not below them (0, or at least the smallest normal one). Payoffs are
printed as the nearest number.
"""
import itertools
import json
import math
import random
from fractions import Fraction


def shares(mix):
    whole = [Fraction(p) for p in mix]
    return [p / sum(whole) for p in whole]


def profiles(sizes):
    """Strategies of all profiles, the first player's fastest."""
    for turned in itertools.product(*(range(n) for n in reversed(sizes))):
        yield tuple(reversed(turned))


def table(sizes, payoffs):
    """By player and profile its payoff; `payoffs` are in the order of .nfg files."""
    count = len(sizes)
    rows = [payoffs[k * count:(k + 1) * count] for k in range(len(payoffs) // count)]
    return [{s: Fraction(row[i]) for s, row in zip(profiles(sizes), rows)} for i in range(count)]


def instead(profile, player, strategy):
    return profile[:player] + (strategy,) + profile[player + 1:]


def of_profile(sizes, payoffs, mixed):
    games, mixes = table(sizes, payoffs), [shares(mix) for mix in mixed]
    regret, means = Fraction(0), []
    for i, game in enumerate(games):
        values = [Fraction(0)] * sizes[i]
        for profile, payoff in game.items():
            weight = Fraction(1)
            for j, s in enumerate(profile):
                weight *= 1 if j == i else mixes[j][s]
            values[profile[i]] += weight * payoff
        mean = sum(p * v for p, v in zip(mixes[i], values))
        means.append(mean)
        span = max(game.values()) - min(game.values())
        if span:
            regret = max(regret, (max(values) - mean) / span)
    return {"regret": above(regret), "payoffs": [float(mean) for mean in means]}


def of_distribution(sizes, payoffs, distribution):
    games, likely = table(sizes, payoffs), dict(zip(profiles(sizes), shares(distribution)))
    told, refusing = Fraction(0), Fraction(0)
    for i, game in enumerate(games):
        span = max(game.values()) - min(game.values())
        if not span:
            continue
        gains = [[Fraction(0)] * sizes[i] for _ in range(sizes[i])]
        for profile, p in likely.items():
            for other in range(sizes[i]):
                gain = p * (game[instead(profile, i, other)] - game[profile])
                gains[profile[i]][other] += gain
        told = max(told, sum(max(row) for row in gains) / span)
        refusing = max(refusing, max(map(sum, zip(*gains))) / span, Fraction(0))
    return {"correlated": above(told), "coarse": above(refusing)}


def above(x):
    """The smallest floating-point number that is not below x; 0, or a normal one."""
    near = float(x)
    if Fraction(near) < x:
        near = math.nextafter(near, math.inf)
    return max(near, 2.0 ** -1022) if x else 0.0


def cases():
    draw = random.Random(20)
    kinds = {
        "largest": lambda: draw.choice([1e308, -1e308]),
        "mixed": lambda: draw.choice([1e308, -1e308, 1.7976931348623157e308, 0.0, 5e-324, 1.0]),
        "denormal": lambda: draw.choice([0, 1, 2, 3]) * 5e-324,
        "close": lambda: 1 + draw.choice([0, 1, 2]) * 1e-11,
        "offset": lambda: 1e15 + draw.randrange(4),
        "whole": lambda: float(draw.randrange(10)),
        "any": lambda: draw.gauss(0, 1) * 10.0 ** draw.randrange(-30, 30),
    }
    mixing = {
        "alike": lambda n: [1 / n] * n,
        "drawn": lambda n: [draw.random() for _ in range(n)],
        "rare": lambda n: [1.0] + [draw.choice([1e-300, 1e-17, 0.0]) for _ in range(n - 1)],
        "sure": lambda n: [1.0] + [0.0] * (n - 1),
    }
    for name, payoff in kinds.items():
        for how, mix in mixing.items():
            for sizes in ([2, 2], [2, 3, 2], [3, 2], [2, 2, 2, 2]):
                count = len(sizes)
                for n in sizes:
                    count *= n
                payoffs = [payoff() for _ in range(count)]
                if len(sizes) == 3:
                    # one of them gets the same whatever happens
                    payoffs[::3] = [payoffs[0]] * (count // 3)
                mixed = [mix(n) for n in sizes]
                distribution = mix(count // len(sizes))
                case = {"name": f"{name} {how}", "sizes": sizes, "game": payoffs, "mixed": mixed,
                        "distribution": distribution}
                yield case | of_profile(sizes, payoffs, mixed) | of_distribution(
                    sizes, payoffs, distribution)


print("[\n" + ",\n".join(json.dumps(case) for case in cases()) + "\n]")
