//! Outcomes by arm: a number as its distribution, what happens or does not as a share of runs.

use std::collections::BTreeMap;

use super::data::{arm, arms_within, column, different, outcomes as chosen, rows_of};
use super::data::{title, unit, zero_or_one};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, SMALL, Sheet, WIDTH};
use super::style::{filled, rect, words};
use super::{Cell, Figure, Source, Wanted};
use crate::markup::Element;
use crate::number::{Scale as Digits, percent};
use crate::table::Table;

/// So many outcomes are drawn unasked.
const MOST: usize = 12;
/// The room for one arm.
const TALL: f64 = 24.0;

/// An outcome in an arm.
struct Row<'a> {
    outcome: &'a str,
    arm: &'a str,
    n: f64,
    value: (f64, f64, f64),
    sd: f64,
    ends: (f64, f64),
    /// Bins: from, to, how many runs.
    bins: Vec<(f64, f64, f64)>,
}

/// The figure.
pub fn outcomes(source: &Source, wanted: &Wanted) -> Option<Figure> {
    let (table, rows, note) = rows_of(source, "summary")?;
    // of a sweep there is another figure
    if source.table("points").is_some() {
        return None;
    }
    let (outcome, arms) = (column(table, "outcome"), column(table, "arm"));
    let (shown, left) = chosen(wanted, &different(outcome, &rows), MOST);
    let arms: Vec<&str> = different(arms, &rows);
    let named = |arm: &&str| wanted.arms.is_empty() || wanted.arms.iter().any(|n| n == arm);
    let arms: Vec<&str> = arms.into_iter().filter(named).collect();
    let all = gathered(source, table, &rows, &shown);
    let says = "Of numbers the bars are the distribution over runs, and the dot is the mean with \
                its 95 % interval. What happens or does not is a bar: the share of runs, with its \
                interval.";
    let mut sheet = Sheet::new("outcomes", "How it ends", says);
    sheet.legend(&[
        Key::new(Mark::Band, 1, "runs, or the share of runs"),
        Key::new(Mark::Dot, 1, "mean with 95 % interval"),
    ]);
    sheet.columns(&["outcome", "arm", "runs", "mean", "lo", "hi", "bin from", "bin to", "count"]);
    let columns = if shown.len() > 1 { 2 } else { 1 };
    let wide = (WIDTH - 2.0 * EDGE + 24.0) / columns as f64;
    let names = if columns == 1 { 300.0 } else { 150.0 };
    let (labels, which) = arms_within(table, &arms, SMALL, names - 12.0);
    let tall = TALL * arms.len() as f64;
    let top = sheet.y;
    for (number, name) in shown.iter().enumerate() {
        let left = EDGE + wide * (number % columns) as f64;
        let above = top + (tall + 66.0) * (number / columns) as f64 + 22.0;
        let own = all.iter().filter(|row| row.outcome == *name && arms.contains(&row.arm));
        let own: Vec<&Row<'_>> = own.collect();
        own.iter().for_each(|row| rows_behind(&mut sheet, row));
        let labels = labels.iter().map(String::as_str);
        let labels: Vec<(&str, &str)> = arms.iter().copied().zip(labels).collect();
        let panel = panel(table, (name, &own), &labels, (left, above, wide, names));
        sheet.draw_all(panel.done());
        sheet.y = above + tall + 34.0;
    }
    which.into_iter().chain(left).chain(note).for_each(|text| sheet.note(text));
    Some(sheet.finish(&source.about, &source.about.runs()))
}

/// Estimates and bins of the outcomes that are shown.
fn gathered<'a>(
    source: &'a Source,
    table: &'a Table,
    rows: &[usize],
    shown: &[&str],
) -> Vec<Row<'a>> {
    // by outcome and arm, the ends and the count of each
    type Bins = Vec<(f64, f64, f64)>;
    let mut bins: BTreeMap<(&str, &str), Bins> = BTreeMap::new();
    if let Some((histogram, rows, _)) = rows_of(source, "histogram") {
        let of = ["bin_lo", "bin_hi", "count"].map(|name| column(histogram, name));
        let (outcome, arm) = (column(histogram, "outcome"), column(histogram, "arm"));
        for row in rows {
            let [lo, hi, count] = of.map(|column| column.number(row));
            bins.entry((outcome.text(row), arm.text(row))).or_default().push((lo, hi, count));
        }
    }
    let of = ["n", "mean", "lo", "hi", "sd", "min", "max"].map(|name| column(table, name));
    let (outcome, arm) = (column(table, "outcome"), column(table, "arm"));
    let rows = rows.iter().copied().filter(|row| shown.contains(&outcome.text(*row)));
    let row = |row: usize| {
        let [n, mean, lo, hi, sd, min, max] = of.map(|column| column.number(row));
        let (outcome, arm) = (outcome.text(row), arm.text(row));
        let bins = bins.remove(&(outcome, arm)).unwrap_or_default();
        Row { outcome, arm, n, value: (mean, lo, hi), sd, ends: (min, max), bins }
    };
    rows.map(row).collect()
}

/// The rows of the table behind: one with the estimate, one for every bin.
fn rows_behind(sheet: &mut Sheet, row: &Row<'_>) {
    let (mean, lo, hi) = row.value;
    let nothing = [f64::NAN; 3];
    let line = |numbers: [f64; 4], bin: [f64; 3]| {
        let names = [Cell::from(row.outcome), Cell::from(row.arm)];
        let numbers = numbers.into_iter().chain(bin).map(Cell::from);
        names.into_iter().chain(numbers).collect()
    };
    sheet.row(line([row.n, mean, lo, hi], nothing));
    if !is_share(row) {
        for (from, to, count) in row.bins.iter().filter(|bin| bin.2 > 0.0) {
            sheet.row(line([f64::NAN; 4], [*from, *to, *count]));
        }
    }
}

/// Whether values can be 0 and 1 only.
fn is_share(row: &Row<'_>) -> bool {
    let inside = row.ends.0 >= 0.0 && row.ends.1 <= 1.0;
    row.n == 0.0 || (inside && zero_or_one(row.n, row.value.0, row.sd))
}

fn panel(
    table: &Table,
    (name, own): (&str, &[&Row<'_>]),
    arms: &[(&str, &str)],
    (left, above, wide, names): (f64, f64, f64, f64),
) -> Panel {
    let tall = TALL * arms.len() as f64;
    let share = own.iter().all(|row| is_share(row));
    let x = if share {
        Scale::shares(own.iter().flat_map(|row| [row.value.0, row.value.2]))
    } else {
        let bins = own.iter().flat_map(|row| row.bins.iter().filter(|bin| bin.2 > 0.0));
        let means = own.iter().flat_map(|row| [row.value.0, row.value.1, row.value.2]);
        Scale::holding(bins.flat_map(|bin| [bin.0, bin.1]).chain(means))
    };
    let frame = (left + names, above, left + wide - 142.0, above + tall);
    let mut panel = Panel::new(frame, x, Scale::holding([0.0, 1.0]));
    let unit = if share { "share of runs" } else { unit(table, "outcomes", name) };
    panel.title_from(left, left + wide - 30.0, &title(table, "outcomes", name), unit);
    panel.axis_x(&panel.x.ticks(4), "", true);
    let most = own.iter().flat_map(|row| row.bins.iter().map(|bin| bin.2 / row.n));
    let most = most.fold(0.0, |most, one| if one > most { one } else { most });
    for (k, (name, short)) in arms.iter().enumerate() {
        let Some(row) = own.iter().find(|row| row.arm == *name) else { continue };
        let y = above + TALL * k as f64 + TALL - 6.0;
        let told = told(row.value, share);
        let label = arm(table, name);
        if share && row.value.0.is_finite() {
            let bar = rect(panel.x.at(0.0), y - 9.0, panel.x.at(row.value.0), y + 3.0);
            let bar = filled(bar, 1).with("fill-opacity", "0.3");
            panel.mark(pickable(bar, row, (1.0, 1.0)));
        } else {
            for (from, to, count) in row.bins.iter().filter(|bin| bin.2 > 0.0) {
                let height = (TALL - 5.0) * count / row.n / most;
                let (left, right) = (panel.x.at(*from), panel.x.at(*to));
                let bar = filled(rect(left, y + 3.0, right, y + 3.0 - height), 1);
                panel.mark(pickable(bar.with("fill-opacity", "0.3"), row, (*from, *to)));
            }
        }
        panel.dot(row.value, y - 3.0, 1, &format!("{label}: {told}"));
        let label = words(left + names - 8.0, y + 1.0, SMALL, *short);
        panel.beside(label.with("text-anchor", "end"));
        panel.beside(words(left + wide - 136.0, y + 1.0, 10.5, told));
    }
    panel
}

/// A bar that says which runs it stands for.
fn pickable(bar: Element, row: &Row<'_>, (lo, hi): (f64, f64)) -> Element {
    let bar = bar.with("data-arm", row.arm).with("data-outcome", row.outcome);
    bar.with("data-lo", lo.to_string()).with("data-hi", hi.to_string())
}

/// An estimate in words, a share in per cent.
fn told((mean, lo, hi): (f64, f64, f64), share: bool) -> String {
    if !mean.is_finite() {
        return "no value".to_string();
    }
    if share && lo.is_finite() && hi.is_finite() {
        let digits = Digits::of(100.0 * mean, 50.0 * (hi - lo));
        return format!(
            "{} % {}",
            digits.show(100.0 * mean),
            digits.interval(100.0 * lo, 100.0 * hi)
        );
    }
    if share {
        return percent(mean);
    }
    let digits = Digits::of(mean, (hi - lo) / 2.0);
    match lo.is_finite() && hi.is_finite() {
        true => format!("{} {}", digits.show(mean), digits.interval(lo, hi)),
        false => digits.show(mean),
    }
}
