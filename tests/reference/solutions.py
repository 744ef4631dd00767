"""Check games/solutions.json, which Gambit, nashpy and linear programs of SciPy made, by other means.

All in fractions but logit equilibria: pure equilibria and survivors of dominance anew; correlated values by a linear
program in fractions, proved by duality; all extreme equilibria of two players from the vertices of their best-reply
polytopes. Of more players each listed profile is checked to be an equilibrium; whether all are listed is not. Points of
the logit branch are checked to be logit equilibria; whether they lie on the branch that starts at uniform play is not.
"""

import json
from fractions import Fraction as F
from itertools import combinations, product
from math import exp, prod
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "games"


class Game:
    """A game file of Gambit's with payoffs: the first player's strategy changes fastest."""

    def __init__(self, name):
        head, _, body = (FOLDER / f"{name}.nfg").read_text(encoding="utf-8").partition("\n\n")
        words = head.split()
        assert words[:3] == ["NFG", "1", "R"] and words[3] == f'"{name}"', name
        self.shape = [int(n) for n in head[head.rindex("{") + 1 : head.rindex("}")].split()]
        numbers = [F(word) for word in body.split()]
        self.players = range(len(self.shape))
        assert len(numbers) == prod(self.shape) * len(self.shape), name
        backwards = product(*(range(n) for n in reversed(self.shape)))
        self.payoffs = {
            profile[::-1]: numbers[k * len(self.shape) : (k + 1) * len(self.shape)]
            for k, profile in enumerate(backwards)
        }
        self.profiles = list(product(*(range(n) for n in self.shape)))  # in the order of solutions.json

    def deviate(self, profile, player, strategy):
        return self.payoffs[profile[:player] + (strategy,) + profile[player + 1 :]][player]

    def values(self, mixed, player):
        """What each strategy is worth against the others' mixes."""
        out = [0 * mixed[0][0]] * self.shape[player]
        for profile, payoffs in self.payoffs.items():
            weight = prod(mixed[k][s] for k, s in enumerate(profile) if k != player)
            if weight:
                out[profile[player]] += weight * payoffs[player]
        return out

    def regret(self, mixed):
        worst = 0
        for player in self.players:
            values = self.values(mixed, player)
            worst = max(worst, max(values) - sum(v * p for v, p in zip(values, mixed[player])))
        return worst


# --- linear programs in fractions -------------------------------------------------------------------------------------


def maximise(objective, at_most, limits):
    """max c x with A x <= b, x >= 0, b >= 0: the value and x, by the simplex method with Bland's rule.

    The dual solution in the last row proves it: whatever is returned is optimal.
    """
    rows, n = len(at_most), len(objective)
    unit = lambda i: [F(k == i) for k in range(rows)]
    table = [[*map(F, a), *unit(i), F(b)] for i, (a, b) in enumerate(zip(at_most, limits))]
    last = [-F(c) for c in objective] + [F(0)] * (rows + 1)
    basis = list(range(n, n + rows))
    while True:
        column = next((j for j, value in enumerate(last[:-1]) if value < 0), None)
        if column is None:
            break
        ratios = [(row[-1] / row[column], basis[i], i) for i, row in enumerate(table) if row[column] > 0]
        _, _, i = min(ratios)
        pivot = table[i][column]
        table[i] = row = [v / pivot if v else v for v in table[i]]
        for k, other in enumerate([*table, last]):
            factor = other[column]
            if k != i and factor:
                other[:] = [v - factor * r if r else v for v, r in zip(other, row)]
        basis[i] = column
    x = [F(0)] * (n + rows)
    for i, variable in enumerate(basis):
        x[variable] = table[i][-1]
    x, dual = x[:n], last[n:-1]
    value = sum(c * v for c, v in zip(objective, x))
    assert all(sum(a * v for a, v in zip(row, x)) <= b for row, b in zip(at_most, limits)) and min(x) >= 0
    assert min(dual) >= 0 and sum(y * b for y, b in zip(dual, limits)) == value
    assert all(sum(y * row[j] for y, row in zip(dual, at_most)) >= c for j, c in enumerate(objective))
    return value, x


def obedience(game, coarse):
    """Rows of A x <= 0: what a player gains by leaving the recommendation, strategy by strategy or once for all."""
    rows = []
    for player in game.players:
        strategies = range(game.shape[player])
        for new in strategies:
            gains = [game.deviate(p, player, new) - game.payoffs[p][player] for p in game.profiles]
            if coarse:
                rows.append(gains)
            else:
                for old in strategies:
                    if old != new:
                        rows.append([g if p[player] == old else F(0) for p, g in zip(game.profiles, gains)])
    return rows


def best_correlated(game, rows, objective):
    """The greatest expectation of an objective over (coarse) correlated equilibria.

    Shifted to be at least 1 everywhere, so that probabilities of the best sum to 1 and not to less.
    """
    shift = 1 - min(objective)
    raised = [c + shift for c in objective]
    value, x = maximise(raised, [*rows, [F(1)] * len(objective)], [F(0)] * len(rows) + [F(1)])
    assert sum(x) == 1
    return value - shift


def correlated(game, expected, scale):
    """Values of welfare and of each player, both ways, and the distribution that is listed."""
    welfare = [sum(game.payoffs[p]) for p in game.profiles]
    own = [[game.payoffs[p][k] for p in game.profiles] for k in game.players]
    negative = lambda objective: [-c for c in objective]
    near = lambda a, b: abs(float(a) - b) <= 1e-8 * scale
    found = {"max_welfare_any": max(welfare)}
    for kind in ("ce", "cce"):
        rows = obedience(game, kind == "cce")
        found[f"{kind}_max_welfare"] = best_correlated(game, rows, welfare)
        found[f"{kind}_min_welfare"] = -best_correlated(game, rows, negative(welfare))
        if kind == "ce":
            found["ce_max_payoff"] = [best_correlated(game, rows, u) for u in own]
            found["ce_min_payoff"] = [-best_correlated(game, rows, negative(u)) for u in own]
            listed = expected["ce_max_welfare_dist"]
            if listed is not None:
                gains = [sum(g * F(x) for g, x in zip(row, listed, strict=True)) for row in rows]
                value = sum(w * F(x) for w, x in zip(welfare, listed))
                if max(gains) > 1e-8 * scale or abs(sum(listed) - 1) > 1e-9 or min(listed) < -1e-9:
                    yield "ce_max_welfare_dist: no correlated equilibrium"
                if not near(value, float(found["ce_max_welfare"])):
                    yield "ce_max_welfare_dist: not the best"
    if set(found) | {"ce_max_welfare_dist"} != set(expected):
        yield f"correlated: keys {sorted(expected)}"
    for key, value in found.items():
        mine, theirs = (value, expected[key]) if isinstance(value, list) else ([value], [expected[key]])
        if len(mine) != len(theirs) or not all(map(near, mine, theirs)):
            yield f"{key}: {expected[key]} in the file, {list(map(float, mine))} found"


# --- dominance --------------------------------------------------------------------------------------------------------


def dominated(game, left, player, strategy, mixed):
    """Whether another strategy, or a mix of others, is strictly better against all that is left of the others."""
    others = [s for s in left[player] if s != strategy]
    against = [p for p in product(*(left[k] if k != player else [strategy] for k in game.players))]
    gains = [[game.deviate(p, player, s) - game.payoffs[p][player] for p in against] for s in others]
    if any(min(row) > 0 for row in gains):
        return True
    if not mixed or not others:
        return False
    # Least gain of the best mix: weights w >= 0, sum 1, z <= sum w gain; shifted so that z >= 0.
    shift = -min(min(row) for row in gains)
    rows = [[-(row[k] + shift) for row in gains] + [F(1)] for k in range(len(against))]
    rows.append([F(1)] * len(others) + [F(0)])
    value, _ = maximise([F(0)] * len(others) + [F(1)], rows, [F(0)] * len(against) + [F(1)])
    return value > shift


def survivors(game, mixed):
    left = [list(range(n)) for n in game.shape]
    while True:
        out = {(k, s) for k in game.players for s in left[k] if dominated(game, left, k, s, mixed)}
        if not out:
            return left
        left = [[s for s in left[k] if (k, s) not in out] for k in game.players]


# --- equilibria -------------------------------------------------------------------------------------------------------


def solve(rows, rights):
    """The only solution of a square system in fractions, or nothing."""
    n = len(rows)
    table = [list(row) + [b] for row, b in zip(rows, rights)]
    for k in range(n):
        i = next((i for i in range(k, n) if table[i][k]), None)
        if i is None:
            return None
        table[k], table[i] = table[i], table[k]
        table[k] = [v / table[k][k] for v in table[k]]
        for j in range(n):
            factor = table[j][k]
            if j != k and factor:
                table[j] = [v - factor * r for v, r in zip(table[j], table[k])]
    return [row[-1] for row in table]


def vertices(matrix):
    """Vertices but 0 of {x >= 0, matrix x <= 1} with the inequalities that bind: -1 - j for x_j, i for a row."""
    n = len(matrix[0])
    bounds = [(-1 - j, [F(k == j) for k in range(n)], F(0)) for j in range(n)]
    bounds += [(i, row, F(1)) for i, row in enumerate(matrix)]
    found = {}
    for chosen in combinations(bounds, n):
        x = solve([row for _, row, _ in chosen], [b for _, _, b in chosen])
        if x is None or min(x) < 0 or not any(x) or tuple(x) in found:
            continue
        values = [sum(a * v for a, v in zip(row, x)) for row in matrix]
        if max(values) <= 1:
            found[tuple(x)] = {-1 - j for j in range(n) if x[j] == 0} | {i for i, v in enumerate(values) if v == 1}
    return found


def extreme_equilibria(game):
    """All of two players, from pairs of vertices: each strategy is a best reply or not played."""
    rows, cols = game.shape
    shift = 1 - min(min(u) for u in game.payoffs.values())
    a = [[game.payoffs[i, j][0] + shift for j in range(cols)] for i in range(rows)]
    b = [[game.payoffs[i, j][1] + shift for i in range(rows)] for j in range(cols)]
    of_x, of_y = vertices(b), vertices(a)
    out = []
    for x, of_first in of_x.items():
        for y, of_second in of_y.items():
            if all(-1 - i in of_first or i in of_second for i in range(rows)):
                if all(-1 - j in of_second or j in of_first for j in range(cols)):
                    out.append([[v / sum(x) for v in x], [v / sum(y) for v in y]])
    return out


def close(one, other):
    return all(abs(float(p) - q) < 1e-6 for mine, theirs in zip(one, other) for p, q in zip(mine, theirs))


def equilibria(game, expected, degenerate):
    """Each listed profile, its regret in fractions; of two players, whether all extreme ones are listed."""
    listed, regrets = zip(*((entry["profile"], entry["regret"]) for entry in expected["equilibria"]))
    scale = float(max(max(u) for u in game.payoffs.values()) - min(min(u) for u in game.payoffs.values())) or 1
    for profile, stated in zip(listed, regrets):
        mixed = [[F(p) for p in mix] for mix in profile]
        if [len(mix) for mix in mixed] != game.shape or any(min(mix) < 0 for mix in mixed):
            yield f"equilibria: {profile} is no profile"
        elif any(abs(sum(mix) - 1) > 1e-9 for mix in mixed) or game.regret(mixed) > 1e-8 * scale:
            yield f"equilibria: {profile} is none, regret {float(game.regret(mixed))}"
        elif stated is not None and stated > 1e-8 * scale:
            yield f"equilibria: {profile} has a stated regret of {stated}"
    pure = [
        list(p)
        for p in game.profiles
        if all(game.deviate(p, k, s) <= game.payoffs[p][k] for k in game.players for s in range(game.shape[k]))
    ]
    if pure != sorted(expected["pure"]):
        yield f"pure: {expected['pure']} in the file, {pure} found"
    if len(game.shape) == 2:
        found = extreme_equilibria(game)
        for mixed in found:
            if game.regret(mixed):
                yield "an extreme equilibrium that is none"
            if not any(close(mixed, profile) for profile in listed):
                yield f"equilibria: {[list(map(float, mix)) for mix in mixed]} is not listed"
        if not degenerate and len(found) != len(listed):
            yield f"equilibria: {len(listed)} in the file, {len(found)} found"


# --- logit equilibria -------------------------------------------------------------------------------------------------


def logit_error(game, mixed, precision):
    """The greatest difference between a profile and the logit replies to it."""
    worst = 0
    for player in game.players:
        values = game.values(mixed, player)
        weights = [exp(precision * (v - max(values))) for v in values]
        replies = [w / sum(weights) for w in weights]
        worst = max(worst, *(abs(r - p) for r, p in zip(replies, mixed[player])))
    return worst


def logit(game, expected):
    game.payoffs = {p: list(map(float, u)) for p, u in game.payoffs.items()}
    of = [[u[k] for u in game.payoffs.values()] for k in game.players]
    widest = max(max(own) - min(own) for own in of) or 1  # of one player's payoffs
    if abs(expected["payoff_range"] - widest) > 1e-12 * widest:
        yield f"payoff_range: {expected['payoff_range']}"
    for point in expected["qre"]:
        error = logit_error(game, point["profile"], point["precision"])
        if not error <= 1e-8:
            yield f"qre at {point['precision']}: off by {error}"


# --- random games -----------------------------------------------------------------------------------------------------

# Name: number of strategies, least and greatest payoff, seed. Nobody wrote the seeds down: they were found by trying.
RANDOM = {
    "rand_3x3_s1": ([3, 3], -100, 100, 1001),
    "rand_4x4_s2": ([4, 4], -100, 100, 1002),
    "rand_5x5_s3": ([5, 5], -100, 100, 1003),
    "rand_6x6_s4": ([6, 6], -100, 100, 1004),
    "rand_symmetric_5x5": ([5, 5], 0, 20, 2004),
    "rand_2x2x2_1": ([2, 2, 2], -10, 10, 3002),
    "rand_3x3x3_0": ([3, 3, 3], -20, 20, 3101),
    "rand_2x3x4": ([2, 3, 4], -20, 20, 3201),
    "rand_2p4": ([2, 2, 2, 2], -20, 20, 3301),
}
WORD = (1 << 32) - 1


def seeded(entropy, count):
    """So many words of 32 bits from a seed, as SeedSequence of NumPy makes them."""

    def hashing(multiplier, factor):
        def mash(value):
            nonlocal multiplier
            value ^= multiplier
            multiplier = multiplier * factor & WORD
            value = value * multiplier & WORD
            return value ^ value >> 16

        return mash

    mash = hashing(0x43B0D7E5, 0x931E8875)
    pool = [mash(word) for word in (entropy, 0, 0, 0)]
    for i in range(4):
        for j in range(4):
            if i != j:
                mixed = (0xCA01F9DD * pool[j] - 0x4973F715 * mash(pool[i])) & WORD
                pool[j] = mixed ^ mixed >> 16
    mash = hashing(0x8B51F9DD, 0x58F38DED)
    return [mash(pool[k % 4]) for k in range(count)]


def integers(seed, lo, hi, count):
    """numpy.random.default_rng(seed).integers(lo, hi + 1, count): PCG64 and Lemire's bounded numbers."""
    words = seeded(seed, 8)
    a, b, c, d = (words[k] | words[k + 1] << 32 for k in range(0, 8, 2))
    multiplier, whole = 47026247687942121848144207491837523525, (1 << 128) - 1
    increment = (c << 64 | d) << 1 & whole | 1
    state = ((increment + (a << 64 | b)) * multiplier + increment) & whole
    halves, out, span = [], [], hi - lo + 1
    while len(out) < count:
        if not halves:
            state = (state * multiplier + increment) & whole
            value, turn = (state >> 64 ^ state) & (1 << 64) - 1, state >> 122
            value = (value >> turn | value << 64 - turn) & (1 << 64) - 1
            halves = [value & WORD, value >> 32]
        scaled = halves.pop(0) * span
        if scaled & WORD >= (1 << 32) % span:
            out.append(lo + (scaled >> 32))
    return out


def random_game(name):
    """The text of a game file: one table of payoffs after another; of the symmetric game, one and its transpose."""
    shape, lo, hi, seed = RANDOM[name]
    players, profiles = range(len(shape)), list(product(*map(range, shape)))
    if "symmetric" in name:
        table = dict(zip(profiles, integers(seed, lo, hi, len(profiles))))
        tables = [table, {(i, j): table[j, i] for i, j in table}]
    else:
        drawn = iter(integers(seed, lo, hi, len(profiles) * len(shape)))
        tables = [dict(zip(profiles, drawn)) for _ in players]
    names = " ".join(f'"P{k + 1}"' for k in players)
    head = f'NFG 1 R "{name}" {{ {names} }} {{ {" ".join(map(str, shape))} }}'
    backwards = (p[::-1] for p in product(*map(range, reversed(shape))))
    return "\n".join([head, "", *(" ".join(str(t[p]) for t in tables) for p in backwards)]) + "\n"


def games(write):
    """What differs from random games, and from games that their notes define."""
    for name in RANDOM:
        path, text = FOLDER / f"{name}.nfg", random_game(name)
        if write:
            path.write_text(text, encoding="utf-8")
        if path.read_text(encoding="utf-8") != text:
            yield f"{path.name}: payoffs are others"
    for p, u in Game("public_goods_4p").payoffs.items():  # of 10 each, 1.6 times what is given is shared
        if u != [F("1.6") * 10 * sum(p) / 4 - 10 * own for own in p]:
            yield f"public_goods_4p: {p}"
    for p, u in Game("threshold_4p").payoffs.items():  # 10 for all if two or more give, who give pay 4
        if u != [10 * (sum(p) >= 2) - 4 * own for own in p]:
            yield f"threshold_4p: {p}"


def check():
    """What differs from solutions.json."""
    solutions = json.loads((FOLDER / "solutions.json").read_text(encoding="utf-8"))
    if sorted(path.stem for path in FOLDER.glob("*.nfg")) != sorted(solutions):
        yield "games: files and solutions are of different games"
    for name, expected in solutions.items():
        game = Game(name)
        scale = 1 + float(max(map(max, game.payoffs.values())) - min(map(min, game.payoffs.values())))
        found = []
        if game.shape != expected["shape"]:
            found.append(f"shape: {expected['shape']}")
        found += equilibria(game, expected, name.startswith("degenerate"))
        for mixed, key in enumerate(("strict_dominance_survivors", "strict_dominance_survivors_mixed_dominators")):
            left = survivors(game, bool(mixed))
            if left != expected[key]:
                found.append(f"{key}: {expected[key]} in the file, {left} found")
        found += correlated(game, expected["correlated"], scale)
        found += logit(game, expected)
        yield from (f"{name}: {line}" for line in found)
