#!/usr/bin/env python3
"""Verdicts beside what they rest on, as Markdown.

    python3 scripts/headline.py FOLDER [--brief]

FOLDER is one of `detente claims --robust`. A claim is *carried by start and dynamics* where players who
choose at random give more than half of what the statistic is beyond its threshold, on the same side: a
rule, not a judgement. It is *robust* where it holds at two thirds of the points of all ranges. Printed is a
row for each claim, and how many of the supported ones are robust, carried by choices, and both; with
--brief the counts and the names. Needs Python's own library only.
"""

import argparse
import csv
from pathlib import Path


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def by_start(row):
    """Whether play at random gives more than half of the statistic; None where that cannot be said."""
    try:
        beyond, at_random = (float(row[key]) - float(row["threshold"]) for key in ("statistic", "placebo_statistic"))
    except ValueError:
        return None
    return beyond * at_random > 0 and abs(at_random) > abs(beyond) / 2


def short(text):
    try:
        value = float(text)
    except ValueError:
        return "none"
    return f"{value:.3g}" if value else "0"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--brief", action="store_true")
    options = parser.parse_args()
    claims = [row for row in read(options.folder / "claims.csv") if row["verdict"] != "unchecked"]
    shares = {row["claim"]: float(row["supported"]) for row in read(options.folder / "robust.csv")}
    if not options.brief:
        print("| claim | says | verdict | holds at, of all ranges | statistic | at random | carried by |")
        print("|---|---|---|---|---|---|---|")
        for row in claims:
            carried = {True: "start and dynamics", False: "choices", None: ""}[by_start(row)]
            interval = f"{short(row['statistic'])} [{short(row['lo'])}, {short(row['hi'])}]"
            share = f"{100 * shares[row['claim']]:.0f} %" if row["claim"] in shares else ""
            cells = [f"`{row['claim']}`", row["says"], row["verdict"], share, interval, short(row["placebo_statistic"])]
            print("|", " | ".join([*cells, carried]), "|")
        print()
    good = [row for row in claims if row["verdict"] == "supported"]
    firm = [row["claim"] for row in good if shares.get(row["claim"], 0) >= 2 / 3]
    chosen = [row["claim"] for row in good if by_start(row) is False]
    both = [name for name in firm if name in chosen]
    print(f"Of {len(claims)} claims {len(good)} are supported. {len(firm)} of them hold at two thirds of the points of all "
          f"ranges, {len(chosen)} are carried by choices; both is true of {len(both)}.")
    if options.brief:
        print("\nBoth:", ", ".join(f"`{name}`" for name in both) + ".")


if __name__ == "__main__":
    main()
