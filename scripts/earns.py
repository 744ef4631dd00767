#!/usr/bin/env python3
"""Which numbers of a scenario earn their place.

    python3 scripts/earns.py SCENARIO HISTORY NAME=NEUTRAL... [--set NAME=VALUE]... [--runs 2000] [--program PATH]

fixes one number after the other at its neutral value, the one that says nothing (no habit, no interest,
an act as likely as not), and tells what that costs: the log likelihood of the history, all other numbers
as the file has them, and the claims whose verdict changes. A number earns its place if it costs more than
1.92, which is what a likelihood ratio test with one degree of freedom asks at 5 %, or changes a verdict that
the file as it stands decides; one that it leaves open may come out either way by luck.
The others are not refitted, so that a cost is the greatest that it can be. --set is how the history is
scored (`--set pact=0`), not how claims are judged. Markdown; needs the program and Python's own library.
"""

import argparse
import json
import subprocess

ENOUGH = 1.92


def ask(options, words):
    command = [options.program, *words, "--threads", str(options.threads), "--format", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def verdicts(options, settings):
    words = ["claims", options.scenario, "--runs", str(options.runs)]
    rows = ask(options, words + [word for s in settings for word in ("--set", s)])["claims"]
    return {row["claim"]: row["verdict"] for row in rows}


def loglik(options, settings):
    words = ["score", options.scenario, "--history", options.history, "--surprises", "0"]
    names = {s.split("=")[0] for s in settings}
    kept = [s for s in options.settings if s.split("=")[0] not in names]
    return ask(options, words + [word for s in [*kept, *settings] for word in ("--set", s)])["loglik"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario")
    parser.add_argument("history")
    parser.add_argument("neutral", nargs="+", metavar="NAME=NEUTRAL")
    parser.add_argument("--set", dest="settings", action="append", default=[])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--program", default="target/release/detente")
    options = parser.parse_args()
    usual, best = verdicts(options, []), loglik(options, [])
    print("| number | neutral | log likelihood lost | verdicts that change | earns its place |")
    print("|---|---|---|---|---|", flush=True)
    earned = 0
    for setting in options.neutral:
        name, value = setting.split("=")
        lost = best - loglik(options, [setting])
        now = verdicts(options, [setting])
        decided = [claim for claim in usual if usual[claim] in ("supported", "contradicted")]
        changed = [f"`{claim}` {usual[claim]} → {now[claim]}" for claim in decided if usual[claim] != now[claim]]
        earns = lost > ENOUGH or bool(changed)
        earned += earns
        row = [f"`{name}`", value, f"{lost + 0:.1f}", "; ".join(changed) or "none", "yes" if earns else "no"]
        print("|", " | ".join(row), "|", flush=True)
    print(f"\n{earned} of {len(options.neutral)} numbers earn their place.")


if __name__ == "__main__":
    main()
