#!/usr/bin/env python3
"""How often 95 % intervals of `detente forecast` hold the mean, as lines for docs/method.md.

    python3 benches/forecasts.py target/release/detente [SEEDS]

The mean is that of 8 filters of 100,000 particles. Scenarios and histories are those of tests/evidence.
"""
import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "tests" / "evidence"
CASES = [
    ("hidden-flag", "hidden-flag.gaps"),
    ("kalman", "kalman"),
]


def forecast(program, case, particles, filters, seed):
    """By outcome, the mean and the two ends of its interval."""
    scenario, history = case
    command = [program, "forecast", FOLDER / f"{scenario}.toml", "--no-per-run", "--outcomes"]
    command += ["--history", FOLDER / f"{history}.history.toml", "--format", "json"]
    command += ["--particles", particles, "--filters", filters, "--seed", seed]
    done = subprocess.run([str(word) for word in command], capture_output=True, check=True)
    lines = json.loads(done.stdout)["arms"][0]["lines"]
    return {line["name"]: line["estimates"] for line in lines}


def main():
    program, seeds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300
    for case in CASES:
        known = forecast(program, case, 100_000, 8, 99)
        for particles, filters in ((500, 4), (200, 8)):
            hits, asked = {}, {}
            for seed in range(1000, 1000 + seeds):
                for name, found in forecast(program, case, particles, filters, seed).items():
                    interval = found["interval"]
                    if interval:
                        held = interval["lo"] <= known[name]["mean"] <= interval["hi"]
                        asked[name] = asked.get(name, 0) + 1
                        hits[name] = hits.get(name, 0) + held
            shares = ", ".join(f"{name} {hits[name] / n:.3f}" for name, n in asked.items())
            print(f"{case[0]}, {filters} filters of {particles}: {shares}", flush=True)


if __name__ == "__main__":
    main()
