#!/usr/bin/env python3
"""Pictures of a sweep, made from its points.csv and summary.csv.

    python3 scripts/plot_sweep.py RESULTS [--outcomes "war,tension"] [--axes "gift,w[CHN]"]

writes into RESULTS/figures:

    main-effects.png   how the mean of each outcome moves with each thing that varies
    heatmap.png        the mean of each outcome over the two axes that matter most to it
    fan.png            how the runs of each point are spread, point by point along one axis

Without --axes those are shown that an outcome follows most closely, by rank correlation over points.
With several arms the first is drawn, or the one that --arm names. Needs pandas and matplotlib.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from plot import LINE, Labels, grid, pick, plt, split_names

MOST_OUTCOMES = 6
MOST_AXES = 5
# Means are taken over so many points, in the order of an axis, where it has more values.
BINS = 12


def load(folder, arm):
    """Points joined with summaries, the axes, and the arm drawn."""
    tables = []
    for name in ("points.csv", "summary.csv"):
        if not (folder / name).exists():
            sys.exit(f"no {name} in {folder}: it holds no finished sweep")
        tables.append(pd.read_csv(folder / name))
    points, summary = tables
    arms = list(dict.fromkeys(summary["arm"]))
    # Where the variant is what varies, every point has an arm of its own.
    if "variant" not in points:
        if arm and arm not in arms:
            sys.exit(f"no arm {arm}; there are: {', '.join(arms)}")
        arm = arm or arms[0]
        summary = summary[summary["arm"] == arm]
    axes = [name for name in points if name != "point" and points[name].nunique() > 1]
    if not axes:
        sys.exit("all points are the same: nothing to draw")
    joined = summary.merge(points, on="point", suffixes=("", " "))
    return joined, axes, arm or "all arms"


def place(column):
    """Values as numbers; words in the order in which they come."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    return pd.Series(pd.factorize(column)[0], index=column.index, dtype=float)


def strength(rows, axis):
    """How closely the mean follows an axis: the size of the rank correlation over points."""
    value = place(rows[axis]).rank().corr(rows["mean"].rank())
    return 0.0 if np.isnan(value) else abs(value)


def strongest(rows, axes, wanted, count):
    """The axes to show of one outcome."""
    known = [axis for axis in wanted if axis in axes]
    return (known or sorted(axes, key=lambda axis: -strength(rows, axis)))[:count]


def steps(rows, axis):
    """Means along an axis: at each of its values, or over points that neighbour on it."""
    x = place(rows[axis])
    if x.nunique() <= BINS:
        groups = x
    else:
        groups = pd.qcut(x.rank(method="first"), BINS, labels=False)
    means = pd.DataFrame({"x": x, "y": rows["mean"]}).groupby(groups.to_numpy()).mean()
    return means.sort_values("x")


def name_ticks(axis, column, along):
    """Words instead of their numbers."""
    if not pd.api.types.is_numeric_dtype(column):
        words = list(dict.fromkeys(column))
        setter = axis.set_xticks if along == "x" else axis.set_yticks
        setter(range(len(words)), words)


def main_effects(table, outcomes, axes, wanted, arm, labels):
    """A row per outcome, a column per axis: points as dots, means as a line."""
    columns = min(MOST_AXES, len([a for a in wanted if a in axes]) or len(axes))
    figure, panels = grid(
        len(outcomes), columns, 2.5, 2.0, f"What outcomes follow ({arm})", sharey="row"
    )
    for row, outcome in zip(panels, outcomes):
        rows = table[table["outcome"] == outcome]
        for panel, axis in zip(row, strongest(rows, axes, wanted, columns)):
            means = steps(rows, axis)
            panel.scatter(place(rows[axis]), rows["mean"], s=5, color=LINE, alpha=0.25, lw=0)
            panel.plot(means["x"], means["y"], color="#D55E00", lw=2)
            panel.set_xlabel(labels.of("axes", axis))
            name_ticks(panel, rows[axis], "x")
        row[0].set_ylabel(labels.of("outcomes", outcome, 24))
    return figure


def heatmap(table, outcomes, axes, wanted, arm, labels):
    """A panel per outcome: its mean over two axes, averaged over what else varies."""
    columns = min(3, len(outcomes))
    figure, panels = grid(
        -(-len(outcomes) // columns), columns, 3.4, 2.8, f"Means over two axes ({arm})"
    )
    flat = [panel for row in panels for panel in row]
    for panel, outcome in zip(flat, outcomes):
        rows = table[table["outcome"] == outcome].dropna(subset=["mean"])
        across, along = strongest(rows, axes, wanted, 2)
        x, y = place(rows[across]), place(rows[along])
        if x.nunique() * y.nunique() <= len(rows):
            cells = pd.DataFrame({"x": x, "y": y, "z": rows["mean"]})
            cells = cells.pivot_table(index="y", columns="x", values="z")
            image = panel.pcolormesh(
                cells.columns, cells.index, cells, shading="nearest", cmap="viridis"
            )
        else:
            image = panel.hexbin(x, y, C=rows["mean"], gridsize=14, cmap="viridis", lw=0.2)
        figure.colorbar(image, ax=panel)
        panel.set_title(labels.of("outcomes", outcome, 36), loc="left")
        panel.set_xlabel(labels.of("axes", across))
        panel.set_ylabel(labels.of("axes", along))
        name_ticks(panel, rows[across], "x")
        name_ticks(panel, rows[along], "y")
        panel.grid(visible=False)
    for panel in flat[len(outcomes):]:
        panel.set_visible(False)
    return figure


def fan(table, outcomes, axes, wanted, arm, labels):
    """A panel per outcome: quantiles over the runs of each point, along one axis."""
    columns = min(3, len(outcomes))
    figure, panels = grid(
        -(-len(outcomes) // columns), columns, 3.4, 2.6, f"The runs of each point ({arm})"
    )
    flat = [panel for row in panels for panel in row]
    for panel, outcome in zip(flat, outcomes):
        rows = table[table["outcome"] == outcome].dropna(subset=["median"])
        axis = strongest(rows, axes, wanted, 1)[0]
        x = place(rows[axis])
        panel.vlines(x, rows["q05"], rows["q95"], color=LINE, alpha=0.2, lw=1)
        panel.vlines(x, rows["q25"], rows["q75"], color=LINE, alpha=0.4, lw=2)
        panel.scatter(x, rows["median"], color=LINE, s=8, zorder=3)
        panel.set_title(labels.of("outcomes", outcome, 36), loc="left")
        panel.set_xlabel(labels.of("axes", axis))
        name_ticks(panel, rows[axis], "x")
    for panel in flat[len(outcomes):]:
        panel.set_visible(False)
    return figure


def main():
    """Read the arguments, make the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, help="folder that holds the CSV files")
    parser.add_argument("--outcomes", type=split_names, default=[], help="which are shown")
    parser.add_argument("--axes", type=split_names, default=[], help="what varies, if not all")
    parser.add_argument("--arm", help="which arm is drawn")
    given = parser.parse_args()
    table, axes, arm = load(given.results, given.arm)
    known = list(dict.fromkeys(table["outcome"]))
    outcomes = pick(given.outcomes, known, known[:MOST_OUTCOMES], "outcome")
    pick(given.axes, axes, axes, "axe")
    labels = Labels(given.results)
    pictures = {"main-effects": main_effects, "fan": fan}
    if len(axes) > 1 and len(given.axes) != 1:
        pictures["heatmap"] = heatmap
    folder = given.results / "figures"
    folder.mkdir(exist_ok=True)
    for name, draw in pictures.items():
        figure = draw(table, outcomes, axes, given.axes, labels.of("arms", arm, 60), labels)
        figure.savefig(folder / f"{name}.png", metadata={"Software": None})
        plt.close(figure)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
