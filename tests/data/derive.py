"""Work the tables of this folder out again in decimal arithmetic.

`math.txt` was first made with mpmath in 60 digits, `beta.txt` with SciPy, refined in mpmath for shapes up to 50.
Arguments are as they were chosen then; how is not recorded. Values are derived here from series and Newton's method,
with the standard library alone: those of `math.txt` to the last bit. A quantile of `beta.txt` is checked to lie within
a relative distance of the true one, by the distribution function on both sides of it.

    python3 derive.py           write math.txt, and check beta.txt
    python3 derive.py --check   compare with the files that are there, write nothing
"""

import struct
import sys
from decimal import Context, localcontext
from decimal import Decimal as D
from fractions import Fraction as F
from functools import cache
from math import comb
from pathlib import Path
from statistics import NormalDist

HERE = Path(__file__).resolve().parent


def double(word):
    return struct.unpack(">d", bytes.fromhex(word))[0]


def word(x):
    return struct.pack(">d", x).hex()


def digits(n):
    return localcontext(Context(prec=n, Emin=-(10**9), Emax=10**9))


@cache
def pi(n):
    """Machin's formula in n digits."""
    with digits(n + 10):
        one = D(10) ** (n + 5)
        arctan = lambda k: sum((-1) ** j * (int(one) // k ** (2 * j + 1) // (2 * j + 1)) for j in range(2 * n))
        return (16 * arctan(5) - 4 * arctan(239)) / one


@cache
def bernoulli(n):
    return F(1) if n == 0 else -sum(comb(n + 1, k) * bernoulli(k) for k in range(n)) / (n + 1)


def ln_gamma(x):
    """Stirling's series, beyond 100; below it steps down from there."""
    down = D(1)
    while x < 100:
        down *= x
        x += 1
    total = (x - D("0.5")) * x.ln() - x + (2 * pi(200)).ln() / 2
    for k in range(1, 60):
        b = bernoulli(2 * k) / (2 * k * (2 * k - 1))
        total += D(b.numerator) / D(b.denominator) / x ** (2 * k - 1)
    return total - down.ln()


def normal_quantile(p):
    """Newton's method; the distribution function is a half and its density times x + x^3 / 3 + x^5 / 15 + ..."""
    if p == D("0.5"):
        return D(0)
    x = D(NormalDist().inv_cdf(float(p)))
    for _ in range(5):  # the first guess has 15 digits, each step doubles them
        density = (-x * x / 2).exp() / (2 * pi(500)).sqrt()
        total, term = x, x
        k = 1
        while abs(term) > abs(total) * D(10) ** -410:
            term *= x * x / (2 * k + 1)
            total += term
            k += 1
        x -= (D("0.5") + density * total - p) / density
    return x


FUNCTIONS = {  # with the digits that leave 60 after cancellation
    "exp": (100, lambda x: x.exp()),
    "log": (100, lambda x: x.ln()),
    "tanh": (200, lambda x: 1 - 2 / ((2 * x).exp() + 1)),
    "logistic": (100, lambda x: 1 / (1 + (-x).exp())),
    "ln_gamma": (250, ln_gamma),
    "normal_quantile": (420, normal_quantile),
}


def math(write):
    path, lines = HERE / "math.txt", []
    text = path.read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            name, argument = line.split()[:2]
            precision, f = FUNCTIONS[name]
            with digits(precision):
                true = f(D(double(argument)))
                nearest = float(true)
                line = f"{name} {argument} {word(nearest)} {word(float(true - D(nearest)))}"
        lines.append(line)
    if write:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    for mine, theirs in zip(lines, text.splitlines()):
        if mine != theirs:
            yield f"math.txt: {theirs} in the file, {mine} derived"


@cache
def ln_beta(a, b):
    return ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)


def beta_cdf(x, y, a, b):
    """Distribution function at x = 1 - y: x^a y^b / (a B) times 1 + (a + b) x / (a + 1) + ..., all terms positive."""
    a, b = D(a), D(b)
    if x * (a + b) > a:
        return 1 - beta_cdf(y, x, b, a)
    total, term, k = D(1), D(1), D(0)
    while term > total * D(10) ** -45:
        term *= (a + b + k) / (a + 1 + k) * x
        total += term
        k += 1
    with digits(200):
        front = (a * x.ln() + b * y.ln() - a.ln() - ln_beta(a, b)).exp()
    return front * total


def beta():
    """What the quantiles are off by at most: 1e-15 to shapes of 50, else 1e-13; the test asks for 1e-12."""
    for line in (HERE / "beta.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        p, a, b, x = map(double, line.split()[1:])
        off = D("1e-15") if max(a, b) <= 50 else D("1e-13")
        with digits(60):
            lo, hi = (D(x) * (1 + sign * off) for sign in (-1, 1))
            if not (beta_cdf(lo, 1 - lo, a, b) < D(p) and (hi >= 1 or beta_cdf(hi, 1 - hi, a, b) > D(p))):
                yield f"beta.txt: quantile {p} of beta({a}, {b}) is {x} in the file, not within {off} of the true one"


def main():
    found = [*math("--check" not in sys.argv[1:]), *beta()]
    if found:
        sys.exit("\n".join(found))
    print("ok: math.txt, beta.txt")


if __name__ == "__main__":
    main()
