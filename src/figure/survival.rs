//! How long it takes: the share of runs in which something has not happened yet, by arm.

use super::data::{arm, arms, column, different, outcomes, round_ticks, round_unit, rounds};
use super::data::{rows_of, title};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, Sheet, WIDTH};
use super::{Cell, Figure, Source, Wanted};

/// So many outcomes are drawn unasked, and so many arms.
const MOST: usize = 8;
const ARMS: usize = 6;

/// The figure: steps, since what happens in a round has happened after it.
pub fn survival(source: &Source, wanted: &Wanted) -> Option<Figure> {
    let (table, rows, note) = rows_of(source, "survival")?;
    let of = ["round", "survival", "lo", "hi", "at_risk"].map(|name| column(table, name));
    let (outcome, arms_of) = (column(table, "outcome"), column(table, "arm"));
    let at = |row: usize| of.map(|column| column.number(row));
    let of_arm = |arm: &str, name: &str| -> Vec<[f64; 5]> {
        let own = |row: &&usize| outcome.text(**row) == name && arms_of.text(**row) == arm;
        rows.iter().filter(own).map(|row| at(*row)).collect()
    };
    let (shown, left) = outcomes(wanted, &different(outcome, &rows), MOST);
    let all = different(arms_of, &rows);
    let first = *all.first()?;
    let distance = |arm: &str| {
        let gap = |name: &&str| {
            let (one, other) = (of_arm(first, name), of_arm(arm, name));
            one.iter().zip(&other).map(|(a, b)| (a[1] - b[1]).abs()).sum::<f64>()
        };
        shown.iter().map(gap).sum()
    };
    let (arms, fewer) = arms(wanted, &all, ARMS, distance);
    let says = "The share of runs in which it has not happened by the end of the round; the area \
                is its 95 % interval. A steep fall means: it happens then.";
    let mut sheet = Sheet::new("survival", "How long it takes", says);
    let keys = arms.iter().enumerate();
    let keys = keys.map(|(k, name)| Key::new(Mark::Line, k, arm(table, name)));
    sheet.legend(&keys.collect::<Vec<Key>>());
    sheet.columns(&["outcome", "arm", "round", "at risk", "share without", "lo", "hi"]);
    let dates = rounds(table, &rows);
    let ticks = round_ticks(&dates, 5);
    let columns = if shown.len() > 1 { 2 } else { 1 };
    let wide = (WIDTH - 2.0 * EDGE) / columns as f64;
    let top = sheet.y;
    for (number, name) in shown.iter().enumerate() {
        let left = EDGE + wide * (number % columns) as f64 + 46.0;
        let above = top + 202.0 * (number / columns) as f64 + 24.0;
        let frame = (left, above, left + wide - 70.0, above + 130.0);
        let ends = [0.0, dates.last().map_or(1.0, |(round, _)| *round)];
        let y = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0, share: true };
        let mut panel = Panel::new(frame, Scale::holding(ends), y);
        panel.title(&title(table, "outcomes", name), "");
        panel.axis_y(4);
        panel.axis_x(&ticks, round_unit(&ticks), false);
        for (k, arm) in arms.iter().enumerate() {
            let steps = of_arm(arm, name);
            for [round, share, lo, hi, risk] in &steps {
                let numbers = [*round, *risk, *share, *lo, *hi].map(Cell::from);
                sheet.row([(*name).into(), (*arm).into()].into_iter().chain(numbers).collect());
            }
            draw(&mut panel, &steps, k);
        }
        sheet.draw_all(panel.done());
        sheet.y = above + 178.0;
    }
    left.into_iter().chain(fewer).chain(note).for_each(|text| sheet.note(text));
    Some(sheet.finish(&source.about, &source.about.runs()))
}

/// A curve in steps from the start, when nothing has happened yet, with its band.
fn draw(panel: &mut Panel, steps: &[[f64; 5]], series: usize) {
    let (mut before, mut line, mut band) = ([1.0, 1.0, 1.0], vec![(0.0, 1.0)], Vec::new());
    for [round, share, lo, hi, _] in steps {
        line.extend([(*round, before[0]), (*round, *share)]);
        band.extend([(*round, before[1], before[2]), (*round, *lo, *hi)]);
        before = [*share, *lo, *hi];
    }
    panel.band(&band, series, "0.14");
    panel.line(line.into_iter(), series);
}
