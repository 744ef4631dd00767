//! What actors do: the shares of their moves over rounds, by seat and arm.

use std::collections::BTreeMap;

use super::data::{arms, arms_within, column, different, in_words, round_ticks, round_unit};
use super::data::{rounds, rows_of};
use super::scale::Scale;
use super::sheet::{EDGE, Panel, SMALL, Sheet, WIDTH};
use super::style::{cut, dim, filled, rect, words};
use super::{Cell, Figure, Source, Wanted};
use crate::markup::{coordinate, el};

/// So many arms are drawn unasked, and so many options of a seat by name.
const ARMS: usize = 3;
const OPTIONS: usize = 6;
/// The colour of doing nothing, and of the rest.
const HOLD: usize = 7;
const REST: &str = "other moves";

/// Shares by arm, seat and option, each over rounds.
type Shares<'a> = BTreeMap<&'a str, BTreeMap<String, BTreeMap<String, Vec<f64>>>>;

/// The figure.
pub fn moves(source: &Source, wanted: &Wanted) -> Option<Figure> {
    let (table, rows, note) = rows_of(source, "moves")?;
    let dates = rounds(table, &rows);
    let (shares, seats) = gathered(table, &rows, &dates);
    let all = different(column(table, "arm"), &rows);
    let first = *all.first()?;
    let distance = |arm: &str| match (shares.get(first), shares.get(arm)) {
        (Some(one), Some(other)) => apart(one, other),
        _ => 0.0,
    };
    let (arms, fewer) = arms(wanted, &all, ARMS, distance);
    let says = "The shares of runs in which an actor makes a move, round by round. Grey is doing \
                nothing; the order of colours is that of the list at the right, from below.";
    let mut sheet = Sheet::new("moves", "What actors do", says);
    sheet.columns(&["actor", "option", "arm", "round", "share"]);
    let room = WIDTH - 2.0 * EDGE - 250.0;
    let wide = room / arms.len() as f64;
    let (labels, which) = arms_within(table, &arms, 13.5, wide - 20.0);
    for (k, label) in labels.iter().enumerate() {
        let x = EDGE + 40.0 + wide * k as f64;
        sheet.draw(words(x, sheet.y + 4.0, 12.5, label.as_str()).with("font-weight", "600"));
    }
    sheet.y += 6.0;
    for seat in &seats {
        let options = options(&shares, &arms, seat);
        let listed = 15.0 * options.len() as f64 + 18.0;
        let tall = if listed > 96.0 { listed - 16.0 } else { 84.0 };
        let above = sheet.y + 8.0;
        for (k, name) in arms.iter().enumerate() {
            let left = EDGE + 40.0 + wide * k as f64;
            let frame = (left, above, left + wide - 18.0, above + tall);
            let Some(of) = shares.get(name).and_then(|of| of.get(seat)) else { continue };
            let drawn = stacked(of, &options, dates.len());
            for (option, (_, shares)) in options.iter().zip(&drawn) {
                let some = |(_, share): &(_, &f64)| **share > 0.0;
                for ((round, _), share) in dates.iter().zip(shares).filter(some) {
                    let cells = [seat.as_str().into(), option.as_str().into(), (*name).into()];
                    let numbers = [*round, *share].map(Cell::from);
                    sheet.row(cells.into_iter().chain(numbers).collect());
                }
            }
            let mut panel = areas(&drawn, &dates, frame);
            if k == 0 {
                panel.axis_y(2);
            }
            let ticks = round_ticks(&dates, if wide > 300.0 { 6 } else { 3 });
            panel.axis_x(&ticks, round_unit(&ticks), false);
            sheet.draw_all(panel.done());
        }
        list(&mut sheet, seat, &options, above);
        sheet.y = above + tall + 32.0;
    }
    which.into_iter().chain(fewer).chain(note).for_each(|text| sheet.note(text));
    Some(sheet.finish(&source.about, &source.about.runs()))
}

/// Shares by arm, seat and option; and the seats in their order.
fn gathered<'a>(
    table: &'a crate::table::Table,
    rows: &[usize],
    dates: &[(f64, String)],
) -> (Shares<'a>, Vec<String>) {
    let of = ["arm", "actor", "track", "move", "target"].map(|name| column(table, name));
    let (share, round) = (column(table, "share"), column(table, "round"));
    let (mut shares, mut seats) = (Shares::new(), Vec::new());
    for row in rows.iter().copied() {
        let [arm, actor, track, action, target] = of.map(|column| column.text(row));
        let seat = match track {
            "main" | "" => actor.to_string(),
            track => format!("{actor} {track}"),
        };
        let option = match target {
            "" => in_words(action),
            target => format!("{} → {target}", in_words(action)),
        };
        if !seats.contains(&seat) {
            seats.push(seat.clone());
        }
        let place = dates.iter().position(|(number, _)| *number == round.number(row));
        let of_seat = shares.entry(arm).or_default().entry(seat).or_default();
        let path = of_seat.entry(option).or_insert_with(|| vec![0.0; dates.len()]);
        if let Some(cell) = place.and_then(|place| path.get_mut(place)) {
            *cell = share.number(row);
        }
    }
    (shares, seats)
}

/// How much the moves of two arms differ in all.
fn apart(
    one: &BTreeMap<String, BTreeMap<String, Vec<f64>>>,
    other: &BTreeMap<String, BTreeMap<String, Vec<f64>>>,
) -> f64 {
    let mut all = 0.0;
    for (seat, options) in one {
        for (option, path) in options {
            let Some(second) = other.get(seat).and_then(|of| of.get(option)) else { continue };
            all += path.iter().zip(second).map(|(a, b)| (a - b).abs()).sum::<f64>();
        }
    }
    all
}

/// The options of a seat that are drawn by name, the most frequent first, then the rest and
/// `hold`.
fn options(shares: &Shares<'_>, arms: &[&str], seat: &str) -> Vec<String> {
    let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
    for of in arms.iter().filter_map(|arm| shares.get(arm)?.get(seat)) {
        for (option, path) in of {
            *totals.entry(option).or_default() += path.iter().sum::<f64>();
        }
    }
    let mut acts: Vec<(f64, &str)> =
        totals.iter().filter(|(name, _)| **name != "hold").map(|(n, t)| (*t, *n)).collect();
    acts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    acts.retain(|(total, _)| *total > 0.0);
    let rest = acts.len() > OPTIONS;
    let mut all: Vec<String> =
        acts.into_iter().take(OPTIONS - usize::from(rest)).map(|(_, name)| name.into()).collect();
    all.extend(rest.then(|| REST.to_string()));
    all.extend(totals.get("hold").filter(|total| **total > 0.0).map(|_| "hold".to_string()));
    all
}

/// The colour and the shares of every option that is drawn.
fn stacked(
    of: &BTreeMap<String, Vec<f64>>,
    options: &[String],
    rounds: usize,
) -> Vec<(usize, Vec<f64>)> {
    let own = |option: &String| match option.as_str() {
        REST => {
            let others = of.iter().filter(|(name, _)| !options.contains(name));
            let mut sum = vec![0.0; rounds];
            for (_, path) in others {
                sum.iter_mut().zip(path).for_each(|(sum, share)| *sum += share);
            }
            sum
        }
        name => of.get(name).cloned().unwrap_or_else(|| vec![0.0; rounds]),
    };
    options.iter().enumerate().map(|(k, option)| (colour(k, option), own(option))).collect()
}

fn colour(place: usize, option: &str) -> usize {
    if option == "hold" { HOLD } else { place + 1 }
}

/// Areas above each other, each round from half a round before it to half a round after.
fn areas(
    drawn: &[(usize, Vec<f64>)],
    dates: &[(f64, String)],
    frame: (f64, f64, f64, f64),
) -> Panel {
    let rounds: Vec<f64> = dates.iter().map(|(round, _)| *round).collect();
    let (first, last) = (rounds.first().unwrap_or(&1.0), rounds.last().unwrap_or(&1.0));
    let x = Scale { from: first - 0.5, to: last + 0.5, start: 0.0, end: 1.0, share: false };
    let y = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0, share: true };
    let mut panel = Panel::new(frame, x, y);
    let mut below = vec![0.0; rounds.len()];
    for (series, shares) in drawn {
        let above: Vec<f64> = below.iter().zip(shares).map(|(b, share)| b + share).collect();
        let edge = |heights: &[f64]| {
            let inner = rounds.iter().copied().zip(heights.iter().copied());
            let ends = (heights.first().copied(), heights.last().copied());
            let (start, end) = (ends.0.unwrap_or(0.0), ends.1.unwrap_or(0.0));
            let mut points = vec![(first - 0.5, start)];
            points.extend(inner);
            points.push((last + 0.5, end));
            points
        };
        let mut points = edge(&above);
        points.extend(edge(&below).into_iter().rev());
        let place = |(round, height): &(f64, f64)| {
            let (x, y) = (panel.x.at(*round), panel.y.at(*height));
            format!("{} {}", coordinate(x), coordinate(y))
        };
        let path = points.iter().map(place).collect::<Vec<String>>().join("L");
        let area = filled(el("path").with("d", format!("M{path}Z")), *series);
        let faint = if *series == HOLD { "0.45" } else { "0.85" };
        panel.mark(area.with("fill-opacity", faint).with("stroke", "#ffffff"));
        below = above;
    }
    panel
}

/// The seat's name and its options at the right, the lowest area last.
fn list(sheet: &mut Sheet, seat: &str, options: &[String], above: f64) {
    let x = WIDTH - EDGE - 206.0;
    let name = words(x, above + 4.0, 12.5, in_words(seat)).with("font-weight", "600");
    sheet.draw(name);
    for (k, option) in options.iter().enumerate().rev() {
        let y = above + 15.0 * (options.len() - k) as f64 + 6.0;
        let faint = if option == "hold" { "0.45" } else { "0.85" };
        let mark = filled(rect(x, y - 9.0, x + 14.0, y + 1.0), colour(k, option));
        sheet.draw(mark.with("fill-opacity", faint));
        let told = if option == "hold" { "nothing (hold)" } else { option };
        sheet.draw(dim(x + 20.0, y, SMALL, cut(told, SMALL, 186.0)));
    }
}
