//! Sweeps: how the mean of an outcome moves with what varies.

use std::collections::BTreeMap;

use super::data::{arm, arms, column, different, outcomes, title, unit, zero_or_one};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, Sheet, WIDTH};
use super::style::{lined, rect};
use super::{Cell, Figure, Source, Wanted};
use crate::markup::{coordinate, el};
use crate::number::{count, short};
use crate::table::Table;

/// So many outcomes are drawn unasked, and so many arms.
const MOST: usize = 12;
const ARMS: usize = 4;
/// An axis is cut into so many parts to see how much it moves an outcome.
const PARTS: usize = 5;

/// An outcome at a point: the mean, its interval, and whether it is a share.
#[derive(Debug, Clone, Copy)]
struct At {
    mean: f64,
    lo: f64,
    hi: f64,
    share: bool,
}

/// What varies: its name, and its value by point.
type Axis<'a> = (&'a str, BTreeMap<i64, f64>);

/// Means by arm and point.
type Means<'a> = BTreeMap<(&'a str, i64), At>;

/// The figure: along the axis that moves an outcome most; of a grid in two axes as tiles.
pub fn sweep(source: &Source, wanted: &Wanted) -> Option<Figure> {
    let table = source.table("summary")?;
    let axes = axes(source.table("points")?);
    let all: Vec<usize> = (0..table.rows()).collect();
    let (shown, left) = outcomes(wanted, &different(column(table, "outcome"), &all), MOST);
    let names = different(column(table, "arm"), &all);
    let (arms, fewer) = arms(wanted, &names, ARMS, |_| 0.0);
    if axes.is_empty() {
        return None;
    }
    let tiles = axes.len() == 2 && is_grid(&axes);
    let says = if tiles {
        "The mean of each outcome at every point of the grid, in the first arm: the darker, the \
         greater."
    } else if axes.len() == 1 {
        "The mean of each outcome over what varies, with its 95 % interval."
    } else {
        "Each dot is the mean of an outcome at one point. Of everything that varies the axis shows \
         what moves the outcome most; the spread at one place is what the other assumptions do, \
         and luck."
    };
    let mut sheet = Sheet::new("sweep", "How assumptions move outcomes", says);
    if !tiles {
        let keys = arms.iter().enumerate();
        let mark = if axes.len() == 1 { Mark::Line } else { Mark::Dot };
        let keys = keys.map(|(k, name)| Key::new(mark, k, arm(table, name)));
        sheet.legend(&keys.collect::<Vec<Key>>());
    }
    sheet.columns(&["outcome", "arm", "point", "along", "value", "mean", "lo", "hi"]);
    let columns = if shown.len() > 2 { 3 } else { shown.len().max(1) };
    let wide = (WIDTH - 2.0 * EDGE) / columns as f64;
    let top = sheet.y;
    for (number, name) in shown.iter().enumerate() {
        let left = EDGE + wide * (number % columns) as f64 + 50.0;
        let above = top + 198.0 * (number / columns) as f64 + 24.0;
        let frame = (left, above, left + wide - 74.0, above + 112.0);
        let means = means(table, name);
        let labels = (title(table, "outcomes", name), unit(table, "outcomes", name));
        let first = arms.first().copied().unwrap_or("base");
        let panel = if tiles {
            heat(&axes, &means, first, &labels, frame)
        } else {
            along(axis_of(&axes, &means, first), &means, &arms, (&labels, axes.len() == 1), frame)
        };
        let axis = axis_of(&axes, &means, first);
        let told: Vec<&Axis<'_>> = if tiles { axes.iter().collect() } else { vec![axis] };
        rows_behind(&mut sheet, name, &told, &arms, &means);
        sheet.draw_all(panel.done());
        sheet.y = above + 166.0;
    }
    left.into_iter().chain(fewer).for_each(|text| sheet.note(text));
    let points = axes.first().map_or(0, |(_, values)| values.len());
    let n = format!("{}, {} at each", count(points as u64, "point"), source.about.runs());
    Some(sheet.finish(&source.about, &n))
}

/// What varies in numbers.
fn axes(points: &Table) -> Vec<Axis<'_>> {
    let number = column(points, "point");
    let of = |name: &'_ str| {
        let values = column(points, name);
        let pairs = (0..points.rows()).map(|row| {
            let text = values.text(row);
            let value =
                if text.is_empty() { values.number(row) } else { text.parse().unwrap_or(f64::NAN) };
            (number.number(row) as i64, value)
        });
        pairs.collect::<BTreeMap<i64, f64>>()
    };
    let names = points.schema().fields().iter().map(|field| field.name.as_str());
    let all = names.filter(|name| *name != "point").map(|name| (name, of(name)));
    // a word, such as the name of a variant, is not on an axis
    all.filter(|(_, values)| {
        let differ = |value: &f64| values.values().next().is_some_and(|first| first != value);
        values.values().all(|value| value.is_finite()) && values.values().any(differ)
    })
    .collect()
}

/// The different values of an axis, in order.
fn levels((_, values): &Axis<'_>) -> Vec<f64> {
    let mut all: Vec<f64> = values.values().copied().collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

fn is_grid(axes: &[Axis<'_>]) -> bool {
    let levels: usize = axes.iter().map(|axis| levels(axis).len()).product();
    axes.first().is_some_and(|(_, values)| values.len() == levels)
}

fn means<'a>(table: &'a Table, outcome: &str) -> Means<'a> {
    let (arm, point) = (column(table, "arm"), column(table, "point"));
    let name = column(table, "outcome");
    let of = ["n", "mean", "sd", "lo", "hi"].map(|name| column(table, name));
    let rows = (0..table.rows()).filter(|row| name.text(*row) == outcome);
    let at = |row: usize| {
        let [n, mean, sd, lo, hi] = of.map(|column| column.number(row));
        let share = zero_or_one(n, mean, sd);
        ((arm.text(row), point.number(row) as i64), At { mean, lo, hi, share })
    };
    rows.map(at).collect()
}

/// The axis whose parts differ most in the mean of the outcome.
fn axis_of<'a, 'b>(axes: &'b [Axis<'a>], means: &Means<'_>, arm: &str) -> &'b Axis<'a> {
    let moved = |axis: &Axis<'_>| {
        let mut points: Vec<(f64, f64)> = axis
            .1
            .iter()
            .filter_map(|(point, x)| Some((*x, means.get(&(arm, *point))?.mean)))
            .filter(|(_, y)| y.is_finite())
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let part = points.len().div_ceil(PARTS).max(1);
        let mean = |part: &[(f64, f64)]| part.iter().map(|p| p.1).sum::<f64>() / part.len() as f64;
        let all = mean(&points);
        points.chunks(part).map(|c| (mean(c) - all) * (mean(c) - all) * c.len() as f64).sum::<f64>()
    };
    let mut best = &axes[0];
    let mut most = moved(best);
    for axis in &axes[1..] {
        let found = moved(axis);
        if found > most {
            (best, most) = (axis, found);
        }
    }
    best
}

fn scale(means: &Means<'_>, share: bool, ends: bool) -> Scale {
    let values = means.values().flat_map(|at| match ends {
        true => [at.lo, at.mean, at.hi],
        false => [at.mean; 3],
    });
    if share { Scale::shares(values) } else { Scale::holding(values) }
}

fn along(
    axis: &Axis<'_>,
    means: &Means<'_>,
    arms: &[&str],
    ((title, unit), alone): (&(String, &str), bool),
    frame: (f64, f64, f64, f64),
) -> Panel {
    let share = means.values().all(|at| at.share);
    let x = Scale::holding(axis.1.values().copied());
    let mut panel = Panel::new(frame, x, scale(means, share, alone));
    panel.title(title, unit);
    panel.axis_y(4);
    panel.axis_x(&panel.x.ticks(4), axis.0, false);
    for (k, arm) in arms.iter().enumerate() {
        let at = |(point, x): (&i64, &f64)| Some((*x, *means.get(&(*arm, *point))?));
        let mut points: Vec<(f64, At)> = axis.1.iter().filter_map(at).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if alone {
            let ends: Vec<(f64, f64, f64)> =
                points.iter().map(|(x, at)| (*x, at.lo, at.hi)).collect();
            panel.band(&ends, k, "0.18");
            panel.line(points.iter().map(|(x, at)| (*x, at.mean)), k);
        } else {
            let dot = |(x, at): &(f64, At)| {
                let (x, y) = (panel.x.at(*x), panel.y.at(at.mean));
                format!("M{} {}h0", coordinate(x), coordinate(y))
            };
            let has = |point: &&(f64, At)| point.1.mean.is_finite();
            let path: String = points.iter().filter(has).map(dot).collect();
            let mark = lined(el("path").with("d", path), k, 4.5);
            panel.mark(mark.with("stroke-linecap", "round").with("stroke-opacity", "0.6"));
        }
    }
    panel
}

/// Tiles over two axes.
fn heat(
    axes: &[Axis<'_>],
    means: &Means<'_>,
    arm: &str,
    (title, unit): &(String, &str),
    (left, above, right, below): (f64, f64, f64, f64),
) -> Panel {
    let share = means.values().all(|at| at.share);
    let (across, up) = (levels(&axes[0]), levels(&axes[1]));
    let place = |count: usize| Scale {
        from: -0.5,
        to: count as f64 - 0.5,
        start: 0.0,
        end: 1.0,
        share: false,
    };
    let frame = (left, above, right - 40.0, below);
    let mut panel = Panel::new(frame, place(across.len()), place(up.len()));
    panel.title(title, unit);
    let shade = scale(means, share, false);
    let about = across.len().div_ceil(5).max(1);
    let ticks: Vec<(f64, String)> =
        across.iter().enumerate().step_by(about).map(|(k, v)| (k as f64, short(*v))).collect();
    panel.axis_x(&ticks, axes[0].0, false);
    for (k, value) in up.iter().enumerate().step_by(up.len().div_ceil(5).max(1)) {
        let y = panel.y.at(k as f64) + 3.5;
        let label = super::style::dim(left - 5.0, y, 10.5, short(*value));
        panel.beside(label.with("text-anchor", "end"));
    }
    let label = super::style::cut(axes[1].0, 10.5, 130.0);
    let turned = super::style::dim(0.0, 0.0, 10.5, label).with("text-anchor", "middle");
    let middle = (above + below) / 2.0;
    let place =
        format!("translate({} {}) rotate(-90)", coordinate(left - 38.0), coordinate(middle));
    panel.beside(turned.with("transform", place));
    for (point, x) in &axes[0].1 {
        let (Some(y), Some(at)) = (axes[1].1.get(point), means.get(&(arm, *point))) else {
            continue;
        };
        let column = across.iter().position(|level| level == x).unwrap_or(0) as f64;
        let row = up.iter().position(|level| level == y).unwrap_or(0) as f64;
        let part = (at.mean - shade.from) / (shade.to - shade.from);
        let corner = (panel.x.at(column - 0.5), panel.y.at(row - 0.5));
        let other = (panel.x.at(column + 0.5), panel.y.at(row + 0.5));
        let tile = super::style::filled(rect(corner.0, corner.1, other.0, other.1), 1);
        let told = format!("{}: {}", title, shade.label(at.mean));
        let tile = tile.with("fill-opacity", format!("{:.3}", 0.04 + 0.96 * part.clamp(0.0, 1.0)));
        panel.mark(tile.child(el("title").text(told)));
    }
    for k in 0..5 {
        let part = f64::from(k) / 4.0;
        let y = below - (below - above) * part;
        let bar = rect(right - 30.0, y - 10.0, right - 18.0, y + 10.0);
        let bar = super::style::filled(bar, 1);
        panel.beside(bar.with("fill-opacity", format!("{:.3}", 0.04 + 0.96 * part)));
        let value = shade.from + (shade.to - shade.from) * part;
        panel.beside(super::style::dim(right - 14.0, y + 3.5, 10.0, shade.label(value)));
    }
    panel
}

/// Every mean that is drawn.
fn rows_behind(
    sheet: &mut Sheet,
    outcome: &str,
    axes: &[&Axis<'_>],
    arms: &[&str],
    means: &Means<'_>,
) {
    for ((arm, point), at) in means {
        if !arms.contains(arm) {
            continue;
        }
        for (name, values) in axes {
            let Some(value) = values.get(point) else { continue };
            let words = [outcome, arm].map(Cell::from);
            let numbers = [*value, at.mean, at.lo, at.hi].map(Cell::from);
            let place = [Cell::from(*point as f64), Cell::from(*name)];
            sheet.row(words.into_iter().chain(place).chain(numbers).collect());
        }
    }
}
