//! Paired differences between arms: a dot with its interval for each, and the line of no
//! difference.

use super::data::{arm, arms_within, column, different, outcomes, rows_of, title, unit};
use super::scale::Scale;
use super::sheet::{EDGE, Panel, SMALL, Sheet, WIDTH};
use super::style::{axis, words};
use super::{Cell, Figure, Source, Wanted};
use crate::number::{Scale as Digits, signed};

/// So many outcomes are drawn unasked.
const MOST: usize = 12;

/// A difference.
struct Row<'a> {
    outcome: &'a str,
    arm: &'a str,
    value: (f64, f64, f64),
    pairs: f64,
}

/// The figure.
pub fn differences(source: &Source, wanted: &Wanted) -> Option<Figure> {
    let (table, rows, note) = rows_of(source, "differences")?;
    let of = ["mean", "lo", "hi", "n"].map(|name| column(table, name));
    let (outcome, arms) = (column(table, "outcome"), column(table, "arm"));
    let versus = column(table, "versus").text(*rows.first()?);
    let (shown, left) = outcomes(wanted, &different(outcome, &rows), MOST);
    let named = |row: &usize| {
        let arm = arms.text(*row);
        wanted.arms.is_empty() || wanted.arms.iter().any(|name| name == arm)
    };
    let rows: Vec<usize> = rows.into_iter().filter(named).collect();
    let all = rows.iter().map(|row| {
        let [mean, lo, hi, pairs] = of.map(|column| column.number(*row));
        Row { outcome: outcome.text(*row), arm: arms.text(*row), value: (mean, lo, hi), pairs }
    });
    let all: Vec<Row<'_>> = all.filter(|row| shown.contains(&row.outcome)).collect();
    let arms = different(arms, &rows);
    let against = arm(table, versus);
    let says = format!(
        "Each dot is the mean difference to “{against}”, run by run, where both arms meet the same \
         luck; its line is the 95 % interval. Where the line crosses 0 the runs do not tell \
         whether the arm raises or lowers it."
    );
    let mut sheet = Sheet::new("differences", "What each arm changes", says);
    sheet.columns(&["outcome", "arm", "mean", "lo", "hi", "pairs"]);
    for row in &all {
        let (mean, lo, hi) = row.value;
        let numbers = [mean, lo, hi, row.pairs].map(Cell::from);
        sheet.row([row.outcome.into(), row.arm.into()].into_iter().chain(numbers).collect());
    }
    let columns = if shown.len() > 1 { 2 } else { 1 };
    let wide = (WIDTH - 2.0 * EDGE + 24.0) / columns as f64;
    let names = if columns == 1 { 300.0 } else { 150.0 };
    let (labels, which) = arms_within(table, &arms, SMALL, names - 12.0);
    let tall = 18.0 * arms.len() as f64;
    let top = sheet.y;
    for (number, name) in shown.iter().enumerate() {
        let left = EDGE + wide * (number % columns) as f64;
        let above = top + (tall + 66.0) * (number / columns) as f64 + 22.0;
        let own: Vec<&Row<'_>> = all.iter().filter(|row| row.outcome == *name).collect();
        let ends = own.iter().flat_map(|row| [row.value.0, row.value.1, row.value.2]);
        let x = Scale::holding(ends).with(0.0);
        let frame = (left + names, above, left + wide - 142.0, above + tall);
        let mut panel = Panel::new(frame, x, Scale::holding([0.0, 1.0]));
        let head = (title(table, "outcomes", name), unit(table, "outcomes", name));
        panel.title_from(left, left + wide - 30.0, &head.0, head.1);
        panel.axis_x(&panel.x.ticks(4), "", true);
        let zero = panel.x.at(0.0);
        panel.beside(axis(zero, above, zero, above + tall).with("stroke-width", "1.6"));
        for (k, name) in arms.iter().enumerate() {
            let Some(row) = own.iter().find(|row| row.arm == *name) else { continue };
            let y = above + 18.0 * k as f64 + 9.0;
            let told = told(row.value);
            let (label, series) = (arm(table, name), if apart(row.value) { 1 } else { 7 });
            panel.dot(row.value, y, series, &format!("{label}: {told}"));
            let label = words(left + names - 8.0, y + 4.0, SMALL, labels[k].as_str());
            panel.beside(label.with("text-anchor", "end"));
            panel.beside(words(left + wide - 136.0, y + 4.0, 10.5, told));
        }
        sheet.draw_all(panel.done());
        sheet.y = above + tall + 34.0;
    }
    sheet.note("Blue: the interval leaves out 0. Grey: it does not.");
    which.into_iter().chain(left).chain(note).for_each(|text| sheet.note(text));
    Some(sheet.finish(&source.about, &source.about.runs()))
}

/// Whether an interval leaves out 0.
pub fn apart((_, lo, hi): (f64, f64, f64)) -> bool {
    lo > 0.0 || hi < 0.0
}

/// A difference with its digits: `+0.31 [0.28, 0.34]`.
pub fn told((mean, lo, hi): (f64, f64, f64)) -> String {
    let digits = Digits::of(mean, (hi - lo) / 2.0);
    let value = signed(digits.show(mean));
    match lo.is_finite() && hi.is_finite() {
        true => format!("{value} {}", digits.interval(lo, hi)),
        false => value,
    }
}
