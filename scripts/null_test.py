#!/usr/bin/env python3
"""How often claims are decided where there is nothing to find.

    python3 scripts/null_test.py SCENARIO --set NAME=VALUE... [--seeds 200] [--runs 400]
                                 [--claims NAME,NAME] [--all] [--family-wise] [--program PATH]

plays `detente claims SCENARIO` once for each seed from 1 on, with the settings that take every
effect away (`--set pact=0`), and counts verdicts. Arms get random numbers of their own
(`--independent`), since arms that are the same in every respect would otherwise differ by exactly 0.
Counted are the claims that compare arms (their test has an `@` and the threshold 0), or all with
`--all`.

With intervals of 95 % a claim without an effect comes out supported in 2.5 % of the seeds and
contradicted in as many. Printed is the share over all claims and seeds, the number of claims that
are decided more often than chance explains (three standard deviations of a binomial count above the
nominal), and every claim with its counts. Exit status 1 if the share of supported ones is above
nominal by more than three standard errors over seeds.

Needs the program and Python's own library only.
"""

import argparse
import json
import math
import subprocess
import sys

NOMINAL = 0.025


def verdicts(options, seed):
    """The claims of one seed that are counted, with their verdicts."""
    command = [options.program, "claims", options.scenario, "--format", "json", "--independent"]
    command += ["--runs", str(options.runs), "--seed", str(seed)]
    for setting in options.settings:
        command += ["--set", setting]
    if options.claims:
        command += ["--claims", options.claims]
    if options.family_wise:
        command += ["--family-wise"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip() or f"{' '.join(command)} failed")
    rows = json.loads(done.stdout)["claims"]
    counted = [r for r in rows if r["method"] != "unchecked"]
    if not options.all:
        counted = [r for r in counted if "@" in r["test"] and r["threshold"] == 0]
    return {row["claim"]: row["verdict"] for row in counted}


def main():
    parser = argparse.ArgumentParser(description="How often nothing is found to be something.")
    parser.add_argument("scenario")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--claims", default="", help="count these only, separated by commas")
    parser.add_argument("--all", action="store_true", help="count claims within one arm too")
    parser.add_argument("--family-wise", action="store_true")
    parser.add_argument("--program", default="target/release/detente")
    options = parser.parse_args()
    counts = {}
    supported_by_seed = []
    for seed in range(1, options.seeds + 1):
        found = verdicts(options, seed)
        if not found:
            sys.exit("no claim compares arms with the threshold 0; --all counts every claim")
        for claim, verdict in found.items():
            counts.setdefault(claim, {"supported": 0, "contradicted": 0})
            if verdict in counts[claim]:
                counts[claim][verdict] += 1
        supported_by_seed.append(sum(v == "supported" for v in found.values()) / len(found))
    seeds, claims = options.seeds, len(counts)
    share = sum(supported_by_seed) / seeds
    # Claims of one seed share its runs: seeds are independent, claims are not.
    spread = sum((x - share) ** 2 for x in supported_by_seed) / max(1, seeds - 1)
    error = math.sqrt(spread / seeds)
    contradicted = sum(c["contradicted"] for c in counts.values()) / (seeds * claims)
    most = 2 * NOMINAL * seeds + 3 * math.sqrt(2 * NOMINAL * (1 - 2 * NOMINAL) * seeds)
    often = [n for n, c in counts.items() if c["supported"] + c["contradicted"] > most]
    print(f"{claims} claims, {seeds} seeds, {options.runs} runs: supported {share:.4f} "
          f"(standard error {error:.4f}, nominal {NOMINAL}), contradicted {contradicted:.4f}; "
          f"decided in more than {most:.0f} seeds: {len(often)}")
    for name in sorted(counts, key=lambda n: -counts[n]["supported"] - counts[n]["contradicted"]):
        c = counts[name]
        print(f"  {c['supported']:4} supported {c['contradicted']:4} contradicted  {name}")
    sys.exit(1 if share > NOMINAL + 3 * error else 0)


if __name__ == "__main__":
    main()
