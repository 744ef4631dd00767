//! Scenarios against histories: scores by round, calibration, profiles of fits, posteriors.

use super::data::{arm, column, different, in_words, round_ticks, round_unit, rounds, rows_of};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, SMALL, Sheet, WIDTH};
use super::style::{axis, cut, lined, words};
use super::{Cell, Figure, Source, Wanted};
use crate::math;
use crate::number::{Scale as Digits, count};
use crate::stats::{Z95, wilson};

/// So many arms, parameters are drawn.
const ARMS: usize = 4;
const MOST: usize = 24;
/// The baselines of a score, by column.
const BASELINES: [(&str, &str); 3] = [
    ("uniform", "every option as likely"),
    ("frequency", "as often as before"),
    ("persistence", "as in the round before"),
];

/// Log scores summed over rounds, beside those of baselines.
pub fn score(source: &Source, _: &Wanted) -> Option<Figure> {
    let (table, rows, _) = rows_of(source, "scores")?;
    let (arms_of, round) = (column(table, "arm"), column(table, "round"));
    let log_score = column(table, "log_score");
    let dates = rounds(table, &rows);
    let all = different(arms_of, &rows);
    let first = *all.first()?;
    let says = "The log score of the record, summed up to each round: the higher a line, the less \
                surprising the history was. A line that falls steeply was surprised in that round. \
                Above the baselines, the scenario knows more than they do.";
    let mut sheet = Sheet::new("score", "How surprising the history was", says);
    let summed = |arm: &str, of: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
        let mut sum = 0.0;
        let at = |(number, _): &(f64, String)| {
            let own = |row: &&usize| arms_of.text(**row) == arm && round.number(**row) == *number;
            let scores = rows.iter().filter(own).map(|row| of(*row)).filter(|s| !s.is_nan());
            sum += scores.sum::<f64>();
            (*number, sum)
        };
        dates.iter().map(at).collect()
    };
    let mut lines: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
    for name in all.iter().take(ARMS) {
        lines.push((arm(table, name), summed(name, &|row| log_score.number(row))));
    }
    for (name, told) in BASELINES {
        let of = column(table, name);
        let log = |row: usize| match log_score.number(row).is_nan() {
            true => f64::NAN,
            false => math::log(of.number(row)),
        };
        lines.push((told.to_string(), summed(first, &log)));
    }
    let keys = lines.iter().enumerate();
    let keys = keys.map(|(k, (told, _))| Key::new(Mark::Line, k, told.as_str()));
    sheet.legend(&keys.collect::<Vec<Key>>());
    sheet.columns(&["line", "round", "log score, summed"]);
    for (told, path) in &lines {
        for (round, sum) in path {
            sheet.row(vec![told.as_str().into(), (*round).into(), (*sum).into()]);
        }
    }
    let values = lines.iter().flat_map(|(_, path)| path.iter().map(|at| at.1));
    let y = Scale::holding(values).with(0.0);
    let x = Scale::holding(dates.iter().map(|(round, _)| *round));
    let above = sheet.y + 10.0;
    let frame = (EDGE + 50.0, above, WIDTH - EDGE - 20.0, above + 260.0);
    let mut panel = Panel::new(frame, x, y);
    panel.axis_y(6);
    let ticks = round_ticks(&dates, 8);
    panel.axis_x(&ticks, round_unit(&ticks), false);
    for (k, (_, path)) in lines.iter().enumerate() {
        panel.line(path.iter().copied(), k);
    }
    sheet.draw_all(panel.done());
    sheet.y = above + 300.0;
    if all.len() > ARMS {
        let more = count((all.len() - ARMS) as u64, "more arm");
        sheet.note(format!("{more} in the table."));
    }
    let n = rows.iter().filter(|row| arms_of.text(**row) == first).count();
    Some(sheet.finish(&source.about, &count(n as u64, "record")))
}

/// Probabilities beside the shares in which it happened.
pub fn calibration(source: &Source, _: &Wanted) -> Option<Figure> {
    let (table, rows, _) = rows_of(source, "calibration")?;
    let of = ["n", "predicted", "happened"].map(|name| column(table, name));
    let arms_of = column(table, "arm");
    let all = different(arms_of, &rows);
    let says = "Options are grouped by the probability that they had. Dots on the diagonal: what \
                was given 30 % was chosen in 30 % of cases. Below it the scenario was too sure. \
                Lines are 95 % intervals (Wilson).";
    let mut sheet = Sheet::new("calibration", "Whether probabilities can be trusted", says);
    sheet.columns(&["arm", "options", "probability", "share chosen", "lo", "hi"]);
    let columns = all.len().clamp(1, ARMS);
    let wide = (WIDTH - 2.0 * EDGE) / columns as f64;
    let side = if wide - 80.0 < 300.0 { wide - 80.0 } else { 300.0 };
    let above = sheet.y + 24.0;
    for (place, name) in all.iter().take(ARMS).enumerate() {
        let left = EDGE + wide * place as f64 + 50.0;
        let share = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0, share: true };
        let mut panel = Panel::new((left, above, left + side, above + side), share, share);
        panel.title(&arm(table, name), "");
        panel.axis_y(4);
        panel.axis_x(&panel.x.ticks(4), "probability that it had", true);
        panel.beside(axis(left, above + side, left + side, above).with("stroke-dasharray", "4 4"));
        for row in rows.iter().copied().filter(|row| arms_of.text(*row) == *name) {
            let [n, predicted, happened] = of.map(|column| column.number(row));
            if n.is_nan() || n <= 0.0 {
                continue;
            }
            let (lo, hi) = wilson((happened * n).round() as u64, n as u64, Z95);
            let x = panel.x.at(predicted);
            let line = super::style::line(x, panel.y.at(lo), x, panel.y.at(hi));
            panel.mark(lined(line, 1, 1.8));
            let size = if n < 10.0 { 3.0 } else { 5.0 };
            let dot = crate::markup::el("circle").at("cx", x).at("cy", panel.y.at(happened));
            let told = crate::markup::el("title").text(count(n as u64, "option"));
            panel.mark(super::style::filled(dot.at("r", size), 1).child(told));
            let numbers = [n, predicted, happened, lo, hi].map(Cell::from);
            sheet.row([Cell::from(*name)].into_iter().chain(numbers).collect());
        }
        sheet.draw_all(panel.done());
    }
    sheet.y = above + side + 44.0;
    sheet.note("Small dots: fewer than ten options.");
    let n: f64 = rows
        .iter()
        .filter(|row| Some(&arms_of.text(**row)) == all.first())
        .map(|row| of[0].number(*row))
        .sum();
    Some(sheet.finish(&source.about, &count(n as u64, "option")))
}

/// How likely a history is along each fitted number.
pub fn profiles(source: &Source, _: &Wanted) -> Option<Figure> {
    let (table, rows, _) = rows_of(source, "profiles")?;
    let (name, value) = (column(table, "profile"), column(table, "value"));
    let loglik = column(table, "loglik");
    let says = "The log-likelihood of the history where a number is held at each value and the \
                others are fitted again. A sharp peak is a number that the history knows; a flat \
                line one that it does not.";
    let mut sheet = Sheet::new("profiles", "What the history says of numbers", says);
    sheet.columns(&["parameter", "value", "log-likelihood"]);
    let names = different(name, &rows);
    let columns = if names.len() > 2 { 3 } else { names.len().max(1) };
    let wide = (WIDTH - 2.0 * EDGE) / columns as f64;
    let top = sheet.y;
    for (number, shown) in names.iter().take(MOST).enumerate() {
        let left = EDGE + wide * (number % columns) as f64 + 56.0;
        let above = top + 190.0 * (number / columns) as f64 + 24.0;
        let own = rows.iter().filter(|row| name.text(**row) == *shown);
        let mut points: Vec<(f64, f64)> =
            own.map(|row| (value.number(*row), loglik.number(*row))).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let frame = (left, above, left + wide - 80.0, above + 120.0);
        let x = Scale::holding(points.iter().map(|p| p.0));
        let mut panel = Panel::new(frame, x, Scale::holding(points.iter().map(|p| p.1)));
        panel.title(&in_words(shown), "");
        panel.axis_y(4);
        panel.axis_x(&panel.x.ticks(4), "", false);
        for (x, y) in &points {
            let dot = crate::markup::el("circle").at("cx", panel.x.at(*x)).at("cy", panel.y.at(*y));
            panel.mark(super::style::filled(dot.at("r", 2.6), 1));
            sheet.row(vec![(*shown).into(), (*x).into(), (*y).into()]);
        }
        panel.line(points.into_iter(), 1);
        sheet.draw_all(panel.done());
        sheet.y = above + 160.0;
    }
    Some(sheet.finish(&source.about, &count(rows.len() as u64, "value")))
}

/// What a history teaches of parameters: intervals before and after.
pub fn posterior(source: &Source, _: &Wanted) -> Option<Figure> {
    let (table, rows, _) = rows_of(source, "parameters")?;
    let (name, arms_of) = (column(table, "parameter"), column(table, "arm"));
    let unit = column(table, "unit");
    let before = ["prior_mean", "prior_lo", "prior_hi"].map(|name| column(table, name));
    let after = ["mean", "lo", "hi"].map(|name| column(table, name));
    let first = arms_of.text(*rows.first()?);
    let own: Vec<usize> =
        rows.iter().copied().filter(|row| arms_of.text(*row) == first).take(MOST).collect();
    let says = "Grey is what was thought of a number before the history (mean and interval), blue \
                what the history leaves of it. Where the two are alike it taught nothing.";
    let mut sheet = Sheet::new("posterior", "What the history teaches", says);
    sheet.legend(&[Key::new(Mark::Dot, 7, "before"), Key::new(Mark::Dot, 1, "after")]);
    sheet.columns(&["parameter", "unit", "before", "lo", "hi", "after", "lo", "hi"]);
    for row in own {
        let [mean, lo, hi] = before.map(|column| column.number(row));
        let [found, least, most] = after.map(|column| column.number(row));
        let x = Scale::holding([mean, lo, hi, found, least, most]);
        let above = sheet.y + 4.0;
        let frame = (EDGE + 250.0, above, WIDTH - EDGE - 170.0, above + 26.0);
        let mut panel = Panel::new(frame, x, Scale::holding([0.0, 1.0]));
        panel.axis_x(&panel.x.ticks(5), "", true);
        panel.dot((mean, lo, hi), above + 8.0, 7, "before");
        panel.dot((found, least, most), above + 18.0, 1, "after");
        let label = cut(&in_words(name.text(row)), SMALL, 236.0);
        panel.beside(words(EDGE, above + 17.0, SMALL, label));
        let digits = Digits::of(found, (most - least) / 2.0);
        let told = format!("{} {}", digits.show(found), digits.interval(least, most));
        panel.beside(words(WIDTH - EDGE - 156.0, above + 17.0, 10.5, told));
        sheet.draw_all(panel.done());
        let numbers = [mean, lo, hi, found, least, most].map(Cell::from);
        let names = [Cell::from(name.text(row)), Cell::from(unit.text(row))];
        sheet.row(names.into_iter().chain(numbers).collect());
        sheet.y = above + 50.0;
    }
    Some(sheet.finish(&source.about, &format!("{} draws", source.about.runs)))
}
