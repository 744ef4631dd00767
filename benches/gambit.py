"""The games that `cargo bench --bench solve -- FOLDER` wrote, solved by Gambit (pip install pygambit).

usage: python3 benches/gambit.py FOLDER [SECONDS]
Prints milliseconds by method, and how many equilibria were found; larger games of two players are left
out once one took more than SECONDS (20).
"""

import pathlib
import statistics
import sys
import time

import pygambit

folder = pathlib.Path(sys.argv[1])
patience = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0


def timed(work):
    start = time.perf_counter()
    found = work()
    return (time.perf_counter() - start) * 1e3, found


def report(label, times, counts):
    spread = " ".join(f"{t:9.2f}" for t in (min(times), statistics.median(times), max(times)))
    print(f"{label:24} {spread}   {counts}", flush=True)


def games(shape):
    files = sorted(folder.glob(f"{shape}-*.nfg"))
    return [pygambit.read_nfg(str(file)) for file in files]


for n in (4, 6, 8, 10, 12):
    shape = f"{n}x{n}"
    results = []
    for game in games(shape):
        results.append(timed(lambda: pygambit.nash.enummixed_solve(game, rational=False).equilibria))
        if results[-1][0] > patience * 1e3:
            break
    report(f"{shape} enummixed", [r[0] for r in results], [len(r[1]) for r in results])
    results = [timed(lambda: pygambit.nash.lcp_solve(game, rational=False, stop_after=1).equilibria)
               for game in games(shape)]
    report(f"{shape} lcp, one", [r[0] for r in results], [len(r[1]) for r in results])
for shape in ("2x2x2", "3x3x3", "2x2x2x2", "2x2x2x2x2x2", "4x4x4x4", "3x3x3x3x3x3"):
    results = [timed(lambda: pygambit.nash.logit_solve(game).equilibria) for game in games(shape)]
    report(f"{shape} logit", [r[0] for r in results], [len(r[1]) for r in results])
