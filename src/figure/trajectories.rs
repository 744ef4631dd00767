//! How quantities develop over rounds, by arm: a fan of quantiles, or the share of runs with its
//! interval for what happens or does not.

use std::collections::BTreeMap;

use super::data::zero_or_one;
use super::data::{arm, arms, column, round_ticks, round_unit, rounds, rows_of, title, unit};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, Sheet, WIDTH};
use super::{Figure, Source, Wanted};
use crate::table::Table;

/// So many variables are drawn unasked, and so many arms.
const MOST: usize = 12;
const ARMS: usize = 6;
/// Variables that are drawn only when asked for by name.
const BOOKKEEPING: [&str; 4] = ["utility[", "payoff[", "belief[", "happened["];
/// The columns of numbers.
const NUMBERS: [&str; 9] = ["n", "mean", "sd", "lo", "hi", "q05", "q25", "median", "q75"];

/// A round of a variable in an arm.
#[derive(Debug, Clone, Copy)]
struct At {
    round: f64,
    n: f64,
    mean: f64,
    sd: f64,
    lo: f64,
    hi: f64,
    /// The quantiles 0.05, 0.25, 0.5, 0.75, 0.95.
    quantiles: [f64; 5],
}

/// A variable: its rounds by arm.
type Paths<'a> = BTreeMap<&'a str, Vec<At>>;

/// The figure.
pub fn trajectories(source: &Source, wanted: &Wanted) -> Option<Figure> {
    let (table, rows, note) = rows_of(source, "trajectory")?;
    let (all, order) = paths(table, &rows);
    let names = super::data::different(column(table, "arm"), &rows);
    let base = *names.first()?;
    let variables = chosen(&all, &order, base, wanted);
    if variables.is_empty() {
        return None;
    }
    let variable = |name: &str| {
        variables.iter().filter_map(|v| all.get(v)).fold(0.0, |far, v| {
            let one = distance(v, base, name);
            if one > far { one } else { far }
        })
    };
    let (shown, left) = arms(wanted, &names, ARMS, variable);
    let says = "Lines are medians over runs; the dark area holds half of the runs, the light one \
                nine in ten (of the first arm). What happens or does not is the share of runs, \
                with its 95 % interval.";
    let mut sheet = Sheet::new("trajectories", "How it develops", says);
    let keys = shown.iter().enumerate();
    let keys = keys.map(|(k, name)| Key::new(Mark::Line, k, arm(table, name)));
    sheet.legend(&keys.collect::<Vec<Key>>());
    sheet.columns(&[
        "variable", "arm", "round", "n", "mean", "lo", "hi", "q05", "q25", "median", "q75", "q95",
    ]);
    let ticks = rounds(table, &rows);
    let columns = if variables.len() > 2 { 3 } else { variables.len().max(1) };
    let wide = (WIDTH - 2.0 * EDGE) / columns as f64;
    let top = sheet.y;
    for (number, name) in variables.iter().enumerate() {
        let Some(paths) = all.get(name) else { continue };
        let (row, place) = (number / columns, number % columns);
        let left = EDGE + wide * place as f64 + 46.0;
        let above = top + 184.0 * row as f64 + 24.0;
        let frame = (left, above, left + wide - 66.0, above + 112.0);
        let panel = panel(table, (name, paths), &shown, &ticks, frame);
        sheet.draw_all(panel.done());
        sheet.y = above + 160.0;
        for at in shown.iter().filter_map(|arm| Some((*arm, paths.get(arm)?))) {
            at.1.iter().for_each(|round| sheet.row(cells(name, at.0, round)));
        }
    }
    let more = order.len() - variables.len();
    if wanted.variables.is_empty() && more > 0 {
        let more = crate::number::count(more as u64, "more variable");
        sheet.note(format!("{more} in the tables; --variables NAME,NAME draws those named."));
    }
    left.into_iter().chain(note).for_each(|text| sheet.note(text));
    Some(sheet.finish(&source.about, &source.about.runs()))
}

fn cells(name: &str, arm: &str, at: &At) -> Vec<super::Cell> {
    let numbers = [at.round, at.n, at.mean, at.lo, at.hi];
    let numbers = numbers.into_iter().chain(at.quantiles).map(super::Cell::from);
    [name.into(), arm.into()].into_iter().chain(numbers).collect()
}

/// All variables by name, and their names in the order of the table.
fn paths<'a>(table: &'a Table, rows: &[usize]) -> (BTreeMap<&'a str, Paths<'a>>, Vec<&'a str>) {
    let of = NUMBERS.map(|name| column(table, name));
    let (q95, round) = (column(table, "q95"), column(table, "round"));
    let (variable, arm) = (column(table, "variable"), column(table, "arm"));
    let (mut all, mut order) = (BTreeMap::<&str, Paths<'_>>::new(), Vec::new());
    for row in rows.iter().copied() {
        let [n, mean, sd, lo, hi, q05, q25, median, q75] = of.map(|column| column.number(row));
        let quantiles = [q05, q25, median, q75, q95.number(row)];
        let at = At { round: round.number(row), n, mean, sd, lo, hi, quantiles };
        let name = variable.text(row);
        let paths = all.entry(name).or_insert_with(|| {
            order.push(name);
            Paths::new()
        });
        paths.entry(arm.text(row)).or_default().push(at);
    }
    (all, order)
}

/// How far an arm lies from the first in a variable at most, in standard deviations.
fn distance(paths: &Paths<'_>, base: &str, arm: &str) -> f64 {
    let (Some(first), Some(other)) = (paths.get(base), paths.get(arm)) else { return 0.0 };
    let far = |(a, b): (&At, &At)| {
        let sd = if a.sd > b.sd { a.sd } else { b.sd };
        let (gap, least) = ((a.mean - b.mean).abs(), 0.1 * a.mean.abs());
        let unit = if sd > least { sd } else { least };
        if gap > 0.0 && unit > 0.0 { gap / unit } else { 0.0 }
    };
    first.iter().zip(other).map(far).fold(0.0, |most, one| if one > most { one } else { most })
}

/// The variables that were asked for, or of every name the cell that arms move most, or that moves
/// most over rounds where there is one arm; the first by that.
fn chosen<'a>(
    all: &BTreeMap<&'a str, Paths<'a>>,
    order: &[&'a str],
    base: &str,
    wanted: &Wanted,
) -> Vec<&'a str> {
    let stem = |name: &str| name.split('[').next().unwrap_or(name).to_string();
    if !wanted.variables.is_empty() {
        let asked = |name: &&&str| {
            wanted.variables.iter().any(|asked| asked == *name || *asked == stem(name))
        };
        return order.iter().filter(asked).copied().take(4 * MOST).collect();
    }
    let moved = |paths: &Paths<'_>| {
        let apart = paths.keys().map(|arm| distance(paths, base, arm));
        let apart = apart.fold(0.0, |far, one| if one > far { one } else { far });
        let drift = paths.get(base).and_then(|path| {
            let (first, last) = (path.first()?, path.last()?);
            (last.sd > 0.0).then(|| (last.mean - first.mean).abs() / last.sd)
        });
        (apart, drift.unwrap_or(0.0))
    };
    let stated = |name: &&str| BOOKKEEPING.iter().all(|head| !name.starts_with(head));
    // where there is nothing else, what is gained is shown
    let any = order.iter().any(stated);
    let own = |name: &&&str| !any || BOOKKEEPING.iter().all(|head| !name.starts_with(head));
    let mut best: BTreeMap<String, ((f64, f64), &str)> = BTreeMap::new();
    for name in order.iter().filter(own).copied() {
        let score = all.get(name).map_or((0.0, 0.0), moved);
        let kept = best.entry(stem(name)).or_insert((score, name));
        if score > kept.0 {
            *kept = (score, name);
        }
    }
    let mut ranked: Vec<((f64, f64), &str)> = best.into_values().collect();
    ranked.sort_by(|a, b| b.0.0.total_cmp(&a.0.0).then(b.0.1.total_cmp(&a.0.1)));
    let kept: Vec<&str> = ranked.into_iter().take(MOST).map(|(_, name)| name).collect();
    order.iter().filter(|name| kept.contains(name)).copied().collect()
}

fn panel(
    table: &Table,
    (name, paths): (&str, &Paths<'_>),
    shown: &[&str],
    ticks: &[(f64, String)],
    frame: (f64, f64, f64, f64),
) -> Panel {
    let share = paths.values().flatten().all(|at| zero_or_one(at.n, at.mean, at.sd));
    let drawn = || shown.iter().enumerate().filter_map(|(k, arm)| Some((k, paths.get(arm)?)));
    let ends = ticks.first().into_iter().chain(ticks.last()).map(|(round, _)| *round);
    let x = Scale::holding(ends);
    let y = if share {
        Scale::shares(drawn().flat_map(|(_, path)| path.iter().map(|at| at.hi)))
    } else {
        let fan = |(k, path): (usize, &Vec<At>)| {
            let ends = if k == 0 { [0, 4] } else { [2, 2] };
            let values = path.iter().flat_map(move |at| ends.map(|e| at.quantiles[e]));
            values.collect::<Vec<f64>>()
        };
        Scale::holding(drawn().flat_map(fan))
    };
    let mut panel = Panel::new(frame, x, y);
    panel.title(&title(table, "variables", name), unit(table, "variables", name));
    panel.axis_y(4);
    let ticks = round_ticks(ticks, 4);
    panel.axis_x(&ticks, round_unit(&ticks), false);
    for (k, path) in drawn() {
        let ends = |lo: &dyn Fn(&At) -> f64, hi: &dyn Fn(&At) -> f64| {
            path.iter().map(|at| (at.round, lo(at), hi(at))).collect::<Vec<_>>()
        };
        if share {
            panel.band(&ends(&|at| at.lo, &|at| at.hi), k, "0.16");
        } else if k == 0 {
            panel.band(&ends(&|at| at.quantiles[0], &|at| at.quantiles[4]), 7, "0.22");
            panel.band(&ends(&|at| at.quantiles[1], &|at| at.quantiles[3]), 7, "0.35");
        }
    }
    for (k, path) in drawn() {
        let value = |at: &At| if share { at.mean } else { at.quantiles[2] };
        panel.line(path.iter().map(|at| (at.round, value(at))), k);
    }
    panel
}
