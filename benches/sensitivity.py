"""Sensitivity and boxes beside SALib and the EMA Workbench: the same numbers, and how long.

    python3 -m venv env && env/bin/pip install SALib ema_workbench
    env/bin/python benches/sensitivity.py target/release/detente [N [D]]

Everything is taken on one core, and seconds are those of the processor, so that others who use the
machine change little. N = 16384 base points and D = 20 factors where not said.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from SALib.analyze import pawn, sobol
from SALib.sample import latin
from SALib.sample import sobol as saltelli


def answer(program, *arguments):
    """The JSON that the program prints, and how many seconds it took."""
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    start = used()
    done = subprocess.run(
        [program, *arguments, "--format", "json"], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout), used() - start


def write(path, names, x, y):
    """A CSV file with a point a row and its value in the last column."""
    header = ",".join([*names, "y"])
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=header, comments="", fmt="%.17g")


def g_function(x):
    """Sobol's G with weights 0, 1, 4.5, 9, 99, 99, ..."""
    a = np.array(([0, 1, 4.5, 9] + [99] * x.shape[1])[: x.shape[1]])
    return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)


def say(what, off, theirs, ours):
    print(f"{what}: off by {off:.1e}; theirs {theirs:.3f} s, ours {ours:.3f} s with reading, "
          f"{theirs / ours:.1f} times")


def main():
    program = sys.argv[1]
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 14
    d = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    names = [f"x{k + 1}" for k in range(d)]
    problem = {"num_vars": d, "names": names, "bounds": [[0, 1]] * d}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "points.csv")
        x = saltelli.sample(problem, n, calc_second_order=True, seed=1)
        y = g_function(x)
        write(path, names, x, y)
        start = time.process_time()
        wanted = sobol.analyze(problem, y, calc_second_order=True, num_resamples=100, seed=1)
        theirs = time.process_time() - start
        found, ours = answer(program, "sensitivity", "--from", path, "--value", "y", "--classical")
        off = [abs(f[key] - wanted[key][k])
               for k, f in enumerate(found["factors"]) for key in ("S1", "ST")]
        at = {(p["a"], p["b"]): p["S2"] for p in found["pairs"]}
        off += [abs(at[names[a], names[b]] - wanted["S2"][a, b])
                for a in range(d) for b in range(a + 1, d)]
        say(f"Sobol', N {n}, d {d}, second order", max(off), theirs, ours)

        x = latin.sample(problem, 10_000, seed=2)
        y = g_function(x)
        write(path, names, x, y)
        start = time.process_time()
        wanted = pawn.analyze(problem, x, y, S=10)
        theirs = time.process_time() - start
        found, ours = answer(
            program, "sensitivity", "--from", path, "--value", "y", "--method", "pawn"
        )
        keys = ("minimum", "mean", "median", "maximum")
        off = [abs(f[key] - wanted[key][k]) for k, f in enumerate(found["factors"]) for key in keys]
        say(f"PAWN, 10,000 points, d {d}", max(off), theirs, ours)
        boxes(program, path, names, x)


def boxes(program, path, names, x):
    """A planted box with 5 % noise, in 20 dimensions."""
    import pandas
    from ema_workbench.analysis import prim

    noise = np.random.default_rng(3).random(len(x)) < 0.05
    y = (((x[:, 1] > 0.6) & (x[:, 4] < 0.5)) ^ noise).astype(int)
    write(path, names, x, y)
    start = time.process_time()
    box = prim.Prim(pandas.DataFrame(x, columns=names), y, threshold=0.5).find_box()
    theirs = time.process_time() - start
    found, ours = answer(program, "discover", path, "--when", "y > 0.5")
    path = box.peeling_trajectory
    assert len(found["steps"]) == len(path), (len(found["steps"]), len(path))
    off = [abs(step[key] - path[key][k])
           for k, step in enumerate(found["steps"]) for key in ("coverage", "density")]
    say("PRIM, 10,000 points, d 20, ours with cross-validation and resamples", max(off), theirs,
        ours)


if __name__ == "__main__":
    main()
