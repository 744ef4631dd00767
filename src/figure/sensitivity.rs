//! Which assumption matters: how much of an outcome's variance is luck, and what share of the rest
//! each assumption makes.

use super::data::{column, different, in_words, outcomes, rows_of};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, SMALL, Sheet, WIDTH};
use super::style::{cut, filled, rect, words};
use super::{Cell, Figure, Source, Wanted};
use crate::number::{count, percent};

/// So many quantities are drawn unasked, and so many assumptions of each.
const MOST: usize = 8;
const FACTORS: usize = 8;
/// The room for a bar.
const TALL: f64 = 20.0;

/// A bar with the interval of its length.
struct Bar {
    name: String,
    value: (f64, f64, f64),
    total: (f64, f64, f64),
    luck: bool,
}

/// The figure.
pub fn sensitivity(source: &Source, wanted: &Wanted) -> Option<Figure> {
    let (variance, rows, _) = rows_of(source, "variance")?;
    let (indices, factors, _) = rows_of(source, "indices")?;
    let (shown, left) = outcomes(wanted, &different(column(variance, "of"), &rows), MOST);
    // designs of pairs have first-order indices instead of Shapley effects
    let shapley = column(indices, "shapley").is_there();
    let (word, of_what) = match shapley {
        true => ("shapley", "Shapley effect"),
        false => ("first", "first-order index"),
    };
    let says = format!(
        "Grey is luck: the share of the variance that remains where every assumption is known. \
         Blue is the {of_what} of an assumption, its share of what luck leaves; the thin line is \
         the 95 % interval, the orange dot the total index."
    );
    let mut sheet = Sheet::new("sensitivity", "What matters", says);
    sheet.legend(&[
        Key::new(Mark::Area, 7, "luck"),
        Key::new(Mark::Area, 1, of_what),
        Key::new(Mark::Dot, 2, "total index"),
    ]);
    sheet.columns(&["of", "what", "share", "lo", "hi", "total", "total lo", "total hi"]);
    let columns = if shown.len() > 1 { 2 } else { 1 };
    let wide = (WIDTH - 2.0 * EDGE + 24.0) / columns as f64;
    let (mut tops, mut n) = (vec![sheet.y; columns], f64::NAN);
    for (number, of) in shown.iter().enumerate() {
        let (bars, rows) = bars(source, of, word);
        n = if rows > 0.0 { rows } else { n };
        let place = number % columns;
        let left = EDGE + wide * place as f64;
        let above = tops[place] + 22.0;
        for bar in &bars {
            let (share, lo, hi) = bar.value;
            let (total, least, most) = bar.total;
            let numbers = [share, lo, hi, total, least, most].map(Cell::from);
            let names = [Cell::from(*of), Cell::from(bar.name.as_str())];
            sheet.row(names.into_iter().chain(numbers).collect());
        }
        let panel = panel(of, &bars, (left, above, wide));
        sheet.draw_all(panel.done());
        tops[place] = above + TALL * bars.len() as f64 + 42.0;
    }
    sheet.y = tops.into_iter().fold(0.0, |most, top| if top > most { top } else { most });
    let factors = different(column(indices, "factor"), &factors).len();
    sheet.note(format!(
        "{} in all; the {FACTORS} greatest are drawn of each. Small designs leave wide intervals: \
         one that holds 0 says that the assumption may not matter.",
        count(factors as u64, "assumption")
    ));
    left.into_iter().for_each(|text| sheet.note(text));
    let n = format!("{} rows of the design, {}", n, source.about.runs());
    Some(sheet.finish(&source.about, &n))
}

/// Luck and the greatest assumptions of a quantity; and the rows of the design.
fn bars(source: &Source, of: &str, word: &str) -> (Vec<Bar>, f64) {
    let mut bars = Vec::new();
    let mut n = 0.0;
    let three = |table, row: usize, name: &str| {
        let at = |end: &str| column(table, &format!("{name}{end}")).number(row);
        (at(""), at("_lo"), at("_hi"))
    };
    let nothing = (f64::NAN, f64::NAN, f64::NAN);
    if let Some((table, rows, _)) = rows_of(source, "variance") {
        let own = rows.into_iter().find(|row| column(table, "of").text(*row) == of);
        if let Some(row) = own {
            n = column(table, "rows").number(row);
            let value = three(table, row, "luck");
            bars.push(Bar { name: "luck".to_string(), value, total: nothing, luck: true });
        }
    }
    if let Some((table, rows, _)) = rows_of(source, "indices") {
        let (name, factor) = (column(table, "of"), column(table, "factor"));
        let own = rows.into_iter().filter(|row| name.text(*row) == of);
        let bar = |row: usize| {
            let (value, total) = (three(table, row, word), three(table, row, "total"));
            Bar { name: factor.text(row).to_string(), value, total, luck: false }
        };
        let mut found: Vec<Bar> = own.map(bar).collect();
        found.sort_by(|a, b| b.value.0.total_cmp(&a.value.0));
        bars.extend(found.into_iter().filter(|bar| bar.value.0.is_finite()).take(FACTORS));
    }
    (bars, n)
}

fn panel(of: &str, bars: &[Bar], (left, above, wide): (f64, f64, f64)) -> Panel {
    let names = if wide > 600.0 { 240.0 } else { 150.0 };
    let tall = TALL * bars.len() as f64;
    let x = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0, share: true };
    let frame = (left + names, above, left + wide - 80.0, above + tall);
    let mut panel = Panel::new(frame, x, Scale::holding([0.0, 1.0]));
    panel.title_from(left, left + wide - 30.0, &in_words(of), "");
    panel.axis_x(&panel.x.ticks(4), "", true);
    for (k, bar) in bars.iter().enumerate() {
        let y = above + TALL * k as f64 + TALL / 2.0;
        let series = if bar.luck { 7 } else { 1 };
        let end = panel.x.at(bar.value.0);
        let mark = filled(rect(panel.x.at(0.0), y - 6.0, end, y + 6.0), series);
        panel.mark(mark.with("fill-opacity", "0.75"));
        // an estimate may lie outside of what a share can be
        let told = percent(bar.value.0.clamp(0.0, 1.0));
        let (_, lo, hi) = bar.value;
        if lo.is_finite() && hi.is_finite() {
            let line = super::style::axis(panel.x.at(lo), y, panel.x.at(hi), y);
            panel.mark(line.with("stroke-width", "1.4"));
        }
        if bar.total.0.is_finite() {
            panel.dot((bar.total.0, f64::NAN, f64::NAN), y, 2, &percent(bar.total.0));
        }
        let label = cut(&in_words(&bar.name), SMALL, names - 12.0);
        let label = words(left + names - 8.0, y + 4.0, SMALL, label);
        panel.beside(label.with("text-anchor", "end"));
        panel.beside(words(left + wide - 74.0, y + 4.0, 10.5, told));
    }
    panel
}
