#!/usr/bin/env python3
"""Pictures of a results folder, made from its CSV files.

    python3 scripts/plot.py RESULTS [--variables "tension[ROK,PRK],trust[ROK,USA]"]
                                    [--outcomes "war,tension"] [--point 0]

writes into RESULTS/figures:

    trajectories.png   how chosen variables develop, with the ranges of the runs, by arm
    outcomes.png       how outcomes are distributed, by arm
    differences.png    what each arm changes against base, with intervals
    moves.png          what every actor does, round by round, by arm
    survival.png       how long it takes until outcomes that are a `first` happen, by arm

Of a sweep one point is drawn, the first or that of --point; a note and the pictures say which.
Needs pandas and matplotlib. A picture whose file is missing is left out with a note. Of many
variables or outcomes the first are shown, a variable of every name before a second of any; a note
lists the others. Names of outcomes, variables and arms are replaced by the titles and units that
datapackage.json has for them; rounds that have dates are called by them. What happens or does not is
drawn as the share of runs with its interval. `detente plot` draws the same as SVG without Python.
"""

import argparse
import json
import math
import sys
import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # Files only: works without a screen.
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

# Okabe and Ito's colours, which people with any common colour vision tell apart. With more options
# than colours the same ones return with hatching.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"]
HATCHES = ["", "///", "...", "xx"]
# Doing nothing looks the same for everybody.
HOLD = {"facecolor": "#dcdcdc", "hatch": "", "edgecolor": "white"}
LINE = "#0072B2"
BASE = "#D55E00"
# Variables that are shown only when asked for by name.
BOOKKEEPING = ("utility[", "payoff[", "belief[", "happened[")
MOST_VARIABLES = 8
MOST_HISTOGRAMS = 8
MOST_DIFFERENCES = 12
MOST_SURVIVAL = 8

plt.rcParams.update({
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "figure.dpi": 110,
    "hatch.linewidth": 0.6,
})


def split_names(text):
    """Names separated by commas, except commas inside brackets."""
    names, depth, name = [], 0, ""
    for c in text:
        depth += (c == "[") - (c == "]")
        if c == "," and depth == 0:
            names.append(name)
            name = ""
        else:
            name += c
    return [name.strip() for name in [*names, name] if name.strip()]


def caption_of(folder):
    """Scenario, N and seed, from datapackage.json; empty without one."""
    path = folder / "datapackage.json"
    if not path.exists():
        return ""
    package = json.loads(path.read_text(encoding="utf-8"))
    made = package.get("detente", {})
    title = package.get("title") or made.get("scenario", "")
    return f"{title}: {made.get('runs', 0):,} runs of each arm, seed {made.get('seed', '')}"


class Labels:
    """What names are called in pictures: titles and units from datapackage.json, else the names."""

    def __init__(self, folder):
        self.known = {}
        path = folder / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for resource in package.get("resources", []):
            for kind in ("arms", "outcomes", "variables"):
                self.add(kind, resource.get(kind, []))
            if resource.get("name") == "points":
                self.add("axes", resource["schema"]["fields"])

    def add(self, kind, labels):
        """Labels of one kind: objects with a name and perhaps a title and a unit."""
        for label in labels:
            text = label.get("title") or label["name"]
            unit = f" ({label['unit']})" if label.get("unit") else ""
            self.known[kind, label["name"]] = text + unit

    def of(self, kind, name, width=30):
        """The label of a name, in lines of about so many characters."""
        return textwrap.fill(self.known.get((kind, name), name), width)


def arms_of(table):
    """The arms in file order, `base` first."""
    arms = list(dict.fromkeys(table["arm"]))
    return sorted(arms, key=lambda arm: arm != "base")


# Names are text even where they look like numbers or like "NA", Namibia's code.
NAMES = ("arm", "outcome", "variable", "actor", "track", "move", "target", "interval")
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|"


def table_of(path, names=NAMES):
    """A table: names as they are written, columns of numbers as numbers, with gaps where cells are
    empty. A column with a word in it, the values of a setting for instance, is text."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in table.columns:
        if column not in names and table[column].str.fullmatch(NUMBER).all():
            table[column] = pd.to_numeric(table[column].where(table[column] != ""))
    return table


def points_of(folder):
    """The points of a sweep."""
    return table_of(folder / "points.csv", names=("variant",))


def point_of(folder, wanted):
    """The point to draw, and what it is in words: of a sweep the first, if none is asked for."""
    if not (folder / "points.csv").exists():
        return wanted or 0, ""
    points = points_of(folder)
    point = points["point"].iloc[0] if wanted is None else wanted
    found = points[points["point"] == point].astype(str)
    if found.empty:
        sys.exit(f"{folder} has no point {point}; points.csv lists the {len(points)} there are")
    values = [f"{name} = {value}" for name, value in found.iloc[0].items() if name != "point"]
    rest = [f"{len(values) - 4} more"] if len(values) > 4 else []
    words = f"point {point}: {', '.join(values[:4] + rest)}"
    print(
        f"note: a sweep of {len(points)} points; drawn is {words}. --point N draws another, "
        "scripts/plot_sweep.py all of them",
        file=sys.stderr,
    )
    return point, words


def read(folder, name, point):
    """One table at one point of a sweep, or None with a note."""
    path = folder / name
    if not path.exists():
        print(f"note: no {name}", file=sys.stderr)
        return None
    table = table_of(path)
    table = table[table["point"] == point]
    if table.empty:
        print(f"note: {name} has no rows for point {point}", file=sys.stderr)
        return None
    return table


def grid(rows, columns, width, height, title, **options):
    """A figure of small panels; `width` and `height` are a panel's, in inches."""
    size = (max(width * columns, 6.5), height * rows + 0.9)
    figure, axes = plt.subplots(
        rows, columns, figsize=size, squeeze=False, layout="constrained", **options
    )
    head(figure, title)
    return figure, axes


def head(figure, text):
    """The title of a figure."""
    figure.suptitle(text, x=0.01, ha="left", fontsize=13, fontweight="bold")


def pick(wanted, known, default, what):
    """The wanted names that exist, or the default ones and a note on those left out."""
    for name in wanted:
        if name not in known:
            print(f"note: no {what} {name}; there are: {', '.join(known)}", file=sys.stderr)
    found = [name for name in wanted if name in known]
    rest = [name for name in known if name not in default]
    if not found and rest:
        shown = f"{len(default)} of {len(known)} {what}s are shown"
        print(f"note: {shown}; ask for others by --{what}s: {', '.join(rest)}", file=sys.stderr)
    return found or default


def default_variables(table):
    """Variables that move, one of every name (`tension`, `trust`) first, in file order."""
    spread = table.groupby("variable", sort=False)[["q05", "q95"]].agg(["min", "max"])
    moving = spread[spread[("q95", "max")] > spread[("q05", "min")]].index
    plain = [name for name in moving if not name.startswith(BOOKKEEPING)]
    names = [name.split("[")[0] for name in plain]
    turns = {name: names[:k].count(names[k]) for k, name in enumerate(plain)}
    chosen = sorted(plain, key=turns.get)[:MOST_VARIABLES]
    return [name for name in plain if name in chosen] or list(spread.index)[:MOST_VARIABLES]


def is_share(rows):
    """Whether a variable can be 0 and 1 only: no other values from 0 to 1 spread so far."""
    n, mean = rows["n"], rows["mean"]
    most = mean * (1 - mean) * n / (n - 1)
    apart = (rows["sd"] ** 2 - most).abs() > 1e-9
    return bool(mean.between(0, 1).all() and not apart[n > 1].any())


def dated(axis, table):
    """Dates below an axis of rounds, where rounds have them."""
    if "date" not in table.columns:
        return
    dates = dict(zip(table["round"], table["date"]))
    cut = 7 if all(date.endswith("-01") for date in dates.values()) else 10
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=3, min_n_ticks=1))
    axis.xaxis.set_major_formatter(lambda at, _: str(dates.get(int(round(at)), ""))[:cut])


def by_round(rows, arm):
    """The rows of one arm in the order of rounds; a single round is drawn out into a short line."""
    mine = rows[rows["arm"] == arm].sort_values("round")
    if len(mine) != 1:
        return mine
    start, end = mine["round"] - 0.3, mine["round"] + 0.3
    return pd.concat([mine.assign(round=start), mine.assign(round=end)])


def trajectories(table, wanted, labels):
    """Fan charts: a row per variable, a column per arm."""
    known = list(dict.fromkeys(table["variable"]))
    variables = pick(wanted, known, default_variables(table), "variable")
    arms = arms_of(table)
    figure, axes = grid(
        len(variables), len(arms), 3.1, 2.2, "How the situation develops, round by round",
        sharex=True, sharey="row",
    )
    for i, variable in enumerate(variables):
        rows = table[table["variable"] == variable]
        share = is_share(rows)
        if share:
            # Quantiles of what happens or does not are 0 or 1: its share of the runs says more.
            rows = rows.assign(median=rows["mean"], q05=rows["lo"], q95=rows["hi"],
                               q25=math.nan, q75=math.nan)
        base = by_round(rows, arms[0])
        for j, arm in enumerate(arms):
            axis, mine = axes[i][j], by_round(rows, arm)
            axis.fill_between(mine["round"], mine["q05"], mine["q95"], color=LINE, alpha=0.18, lw=0)
            axis.fill_between(mine["round"], mine["q25"], mine["q75"], color=LINE, alpha=0.32, lw=0)
            axis.plot(mine["round"], mine["median"], color=LINE, lw=1.8)
            if j > 0:
                axis.plot(base["round"], base["median"], color=BASE, lw=1.3, ls="--")
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
            axis.set_xlim(table["round"].min() - 0.5, table["round"].max() + 0.5)
            dated(axis, table)
            if share:
                axis.yaxis.set_major_formatter(PercentFormatter(1))
        text = labels.of("variables", variable, 26)
        axes[i][0].set_ylabel(f"{text}\nshare of runs" if share else text)
    handles = [
        plt.Line2D([], [], color=LINE, lw=1.8, label="median of the runs, or their share"),
        Patch(color=LINE, alpha=0.45, label="middle half"),
        Patch(color=LINE, alpha=0.18,
              label="all but the outer 5 % on each side; of shares the 95 % interval"),
    ]
    if len(arms) > 1:
        label = f"median of {labels.of('arms', arms[0])}, to compare"
        handles.append(plt.Line2D([], [], color=BASE, lw=1.3, ls="--", label=label))
    label_columns(axes, arms, "round", labels)
    legend_below(figure, handles)
    return figure


def label_columns(axes, arms, bottom, labels):
    """Arms above the columns, one label below each."""
    for j, arm in enumerate(arms):
        axes[0][j].set_title(labels.of("arms", arm), fontweight="bold")
        axes[-1][j].set_xlabel(bottom)


def legend_below(figure, handles):
    """One legend for all panels, in as many columns as the width allows."""
    columns = max(1, min(len(handles), int(figure.get_figwidth() / 2.6)))
    figure.legend(handles=handles, loc="outside lower left", ncols=columns, frameon=False)


def outcomes(table, wanted, labels):
    """Histograms: a row per outcome, a column per arm, the same bins throughout."""
    known = list(dict.fromkeys(table["outcome"]))
    names = pick(wanted, known, known[:MOST_HISTOGRAMS], "outcome")
    arms = arms_of(table)
    figure, axes = grid(
        len(names), len(arms), 3.1, 2.0, "How outcomes are spread over the runs",
        sharex="row", sharey="row",
    )
    for i, name in enumerate(names):
        for j, arm in enumerate(arms):
            axis = axes[i][j]
            mine = table[(table["outcome"] == name) & (table["arm"] == arm)]
            # An outcome that never varies has one bin without a width.
            centre = (mine["bin_lo"] + mine["bin_hi"]) / 2
            width = (mine["bin_hi"] - mine["bin_lo"]).where(lambda w: w > 0, 0.1)
            share = mine["count"] / max(mine["count"].sum(), 1)
            axis.bar(
                centre, share, width=width, color=LINE, edgecolor="white", linewidth=0.4
            )
            axis.yaxis.set_major_formatter(PercentFormatter(1))
            axis.yaxis.set_major_locator(MaxNLocator(nbins=4))
            axis.xaxis.set_major_locator(MaxNLocator(nbins=5))
            axis.set_xlabel(labels.of("outcomes", name, 38))
            axis.grid(axis="x", visible=False)
        axes[i][0].set_ylabel("share of runs")
    for j, arm in enumerate(arms):
        axes[0][j].set_title(labels.of("arms", arm), fontweight="bold")
    return figure


def differences(table, wanted, labels):
    """Dots with whiskers: a panel per outcome, a line per arm."""
    known = list(dict.fromkeys(table["outcome"]))
    names = pick(wanted, known, known[:MOST_DIFFERENCES], "outcome")
    arms = arms_of(table)
    columns = min(3, len(names))
    rows = math.ceil(len(names) / columns)
    figure, axes = grid(
        rows, columns, 3.6, 0.9 + 0.3 * len(arms),
        "What each arm changes, run by run, against base", sharey=True,
    )
    panels = [axis for row in axes for axis in row]
    for axis, name in zip(panels, names):
        mine = table[table["outcome"] == name].set_index("arm").reindex(arms)
        heights = range(len(arms))
        clear = (mine["lo"] > 0) | (mine["hi"] < 0)
        axis.axvline(0, color="#444444", lw=1)
        axis.hlines(heights, mine["lo"], mine["hi"], color=LINE, lw=2)
        face = [LINE if sure else "white" for sure in clear]
        axis.scatter(mine["mean"], heights, c=face, edgecolors=LINE, linewidths=1.5, s=42, zorder=3)
        axis.set_yticks(list(heights), [labels.of("arms", arm) for arm in arms])
        axis.set_ylim(len(arms) - 0.5, -0.5)
        axis.set_title(labels.of("outcomes", name, 40), loc="left")
        axis.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axis.grid(axis="y", visible=False)
        axis.margins(x=0.12)
    for axis in panels[len(names):]:
        axis.set_visible(False)
    dot = {"marker": "o", "ls": "", "color": LINE, "ms": 6.5}
    legend_below(figure, [
        plt.Line2D([], [], **dot, label="interval excludes no change"),
        plt.Line2D([], [], **dot, mfc="white", mew=1.5, label="interval includes no change"),
    ])
    return figure


def style(k):
    """The look of the k-th option other than `hold`."""
    hatch = HATCHES[(k // len(COLOURS)) % len(HATCHES)]
    return {"facecolor": COLOURS[k % len(COLOURS)], "hatch": hatch, "edgecolor": "white"}


def moves(table, labels):
    """Stacked shares: a row per actor and track, a column per arm."""
    table = table.assign(option=[
        f"{move} → {target}" if target else move
        for move, target in zip(table["move"], table["target"])
    ])
    seats = list(dict.fromkeys(zip(table["actor"], table["track"])))
    arms = arms_of(table)
    # One look per option in the whole picture while there are colours enough, else per row.
    everything = [name for name in dict.fromkeys(table["option"]) if name != "hold"]
    figure, axes = grid(
        len(seats), len(arms), 2.9, 2.0, "What the actors do, round by round",
        sharex=True, sharey=True,
    )
    for i, (actor, track) in enumerate(seats):
        seat = table[(table["actor"] == actor) & (table["track"] == track)]
        options = list(dict.fromkeys(seat["option"]))
        own = [name for name in options if name != "hold"]
        order = everything if len(everything) <= len(COLOURS) else own
        looks = {"hold": HOLD} | {name: style(k) for k, name in enumerate(order)}
        for j, arm in enumerate(arms):
            shares = seat[seat["arm"] == arm].pivot_table(
                index="round", columns="option", values="share", aggfunc="sum"
            )
            shares = shares.reindex(columns=options).fillna(0)
            bottom = pd.Series(0.0, index=shares.index)
            for option in options:
                axes[i][j].bar(
                    shares.index, shares[option], bottom=bottom, width=0.92, linewidth=0,
                    **looks[option],
                )
                bottom = bottom + shares[option]
            axes[i][j].set_ylim(0, 1)
            axes[i][j].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes[i][j].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
            dated(axes[i][j], table)
            axes[i][j].grid(visible=False)
        axes[i][0].set_ylabel(actor if track == "main" else f"{actor}\n({track})")
        # From the top down, as the bars are stacked.
        handles = [Patch(label=name, **looks[name]) for name in reversed(options)]
        axes[i][-1].legend(
            handles=handles, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False,
            fontsize=9 if len(options) <= 8 else 7, ncols=1 + (len(options) - 1) // 10,
        )
    label_columns(axes, arms, "round", labels)
    return figure


def survival(table, wanted, labels):
    """Step curves with intervals: a row per outcome, a column per arm."""
    known = list(dict.fromkeys(table["outcome"]))
    names = pick([name for name in wanted if name in known], known, known[:MOST_SURVIVAL], "outcome")
    arms = arms_of(table)
    figure, axes = grid(
        len(names), len(arms), 3.1, 2.2, "How long it takes: runs in which it has not happened yet",
        sharex=True, sharey=True,
    )
    for i, name in enumerate(names):
        rows = table[table["outcome"] == name]
        base = from_the_start(rows, arms[0])
        for j, arm in enumerate(arms):
            axis, mine = axes[i][j], from_the_start(rows, arm)
            axis.fill_between(
                mine["round"], mine["lo"], mine["hi"], step="post", color=LINE, alpha=0.25, lw=0
            )
            axis.step(mine["round"], mine["survival"], where="post", color=LINE, lw=1.8)
            if j > 0:
                axis.step(base["round"], base["survival"], where="post", color=BASE, lw=1.3, ls="--")
            axis.set_ylim(0, 1.03)
            axis.set_xlim(0, table["round"].max() + 0.5)
            axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
            dated(axis, table)
        axes[i][0].set_ylabel(labels.of("outcomes", name))
    handles = [
        plt.Line2D([], [], color=LINE, lw=1.8, label="share of runs without it after the round"),
        Patch(color=LINE, alpha=0.25, label="95 % interval"),
    ]
    if len(arms) > 1:
        label = f"{arms[0]}, to compare"
        handles.append(plt.Line2D([], [], color=BASE, lw=1.3, ls="--", label=label))
    label_columns(axes, arms, "round", labels)
    legend_below(figure, handles)
    return figure


def from_the_start(rows, arm):
    """The rows of one arm in the order of rounds, from the start, when nothing has happened, to
    half a round after the last."""
    mine = rows[rows["arm"] == arm].sort_values("round")
    start = mine.head(1).assign(round=0.0, survival=1.0, lo=1.0, hi=1.0)
    last = mine.tail(1)
    return pd.concat([start, mine, last.assign(round=last["round"] + 0.5)])


def main():
    """Read the arguments, make the pictures that the folder has data for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, help="folder that holds the CSV files")
    parser.add_argument("--variables", type=split_names, default=[], help="for trajectories")
    parser.add_argument("--outcomes", type=split_names, default=[], help="for the two on outcomes")
    parser.add_argument("--point", type=int, help="which point of a sweep (the first one)")
    given = parser.parse_args()
    if not given.results.is_dir():
        parser.error(f"{given.results} is not a folder")

    labels = Labels(given.results)
    pictures = [
        ("trajectories", "trajectory.csv", lambda t: trajectories(t, given.variables, labels)),
        ("outcomes", "histogram.csv", lambda t: outcomes(t, given.outcomes, labels)),
        ("differences", "differences.csv", lambda t: differences(t, given.outcomes, labels)),
        ("moves", "moves.csv", lambda t: moves(t, labels)),
        ("survival", "survival.csv", lambda t: survival(t, given.outcomes, labels)),
    ]
    folder, caption = given.results / "figures", caption_of(given.results)
    point, words = point_of(given.results, given.point)
    made = 0
    for name, source, draw in pictures:
        table = read(given.results, source, point)
        if table is None:
            continue
        folder.mkdir(exist_ok=True)
        figure = draw(table)
        below = "\n".join(text for text in (caption, words) if text)
        if below:
            head(figure, f"{figure.get_suptitle()}\n{below}")
        # Without the version of the library the same data give the same file.
        figure.savefig(folder / f"{name}.png", metadata={"Software": None})
        plt.close(figure)
        print(folder / f"{name}.png")
        made += 1
    if made == 0:
        sys.exit(f"nothing to draw in {given.results}")


if __name__ == "__main__":
    main()
