//! One run: what every seat chose, which events happened, how the state moved.

use std::collections::BTreeMap;

use super::data::in_words;
use super::scale::Scale;
use super::sheet::{EDGE, Panel, SMALL, Sheet, WIDTH};
use super::style::{axis, cut, dim, filled, line, rect, width, words};
use super::{About, Cell, Figure};
use crate::markup::{Element, el};
use crate::number::{percent, rate};
use crate::view::trace::{Seat, Transcript};

/// Where rounds begin, and the room for a seat, an event or a cell.
const LEFT: f64 = 190.0;
const TALL: f64 = 24.0;
/// So many cells are drawn, those that move most.
const CELLS: usize = 6;

/// The address of a choice in a page, for links from the figure to its options.
pub fn address(round: u32, seat: &Seat) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name = format!("{}-{}", seat.told.actor, seat.told.track);
    format!("choice-{round}-{}", name.chars().map(plain).collect::<String>())
}

/// The figure.
pub fn timeline(told: &Transcript) -> Figure {
    let about = About {
        scenario: told.scenario.clone(),
        title: told.title.clone(),
        seed: told.seed,
        runs: 1,
    };
    let says = "One run, round by round. A coloured cell is a move, an empty one is doing nothing; \
                a pointer that rests on it, or a click where the figure is part of a page, shows \
                what the actor could have done instead and what that was worth to it. Dots are \
                events that happened.";
    let mut sheet = Sheet::new("timeline", "One run as it went", says);
    sheet.columns(&["what", "round", "value", "probability"]);
    let rounds = told.rounds.len().max(1);
    let wide = (WIDTH - EDGE - LEFT) / rounds as f64;
    heads(&mut sheet, told, wide);
    for (name, seats) in seats(told) {
        let label = cut(&name, SMALL, LEFT - EDGE - 8.0);
        sheet.draw(words(EDGE, sheet.y + 16.0, SMALL, label));
        for (k, seat) in &seats {
            choice(&mut sheet, told, (*k, seat, &name), wide);
        }
        sheet.y += TALL;
        key(&mut sheet, &seats);
    }
    sheet.y += 6.0;
    events(&mut sheet, told, wide);
    cells(&mut sheet, told, wide);
    if let Some(failure) = &told.failure {
        sheet.note(format!("The run stopped in round {}: {}.", failure.round, failure.reason));
    }
    sheet.finish(&about, &format!("run {} of arm {}", told.run, told.arm))
}

/// The names of rounds, as many as there is room for.
fn heads(sheet: &mut Sheet, told: &Transcript, wide: f64) {
    let longest = told.rounds.iter().map(|round| width(&round.label, 10.5));
    let longest = longest.fold(8.0, |most, one| if one > most { one } else { most }) + 8.0;
    let step = ((longest / wide).ceil() as usize).max(1);
    for (k, round) in told.rounds.iter().enumerate().step_by(step) {
        let x = LEFT + wide * k as f64;
        sheet.draw(dim(x, sheet.y + 6.0, 10.5, round.label.as_str()));
    }
    sheet.y += 12.0;
}

/// The seats in their order, each with its choices: the number of the round among those shown.
fn seats(told: &Transcript) -> Vec<(String, Vec<(usize, &Seat)>)> {
    let mut all: Vec<(String, Vec<(usize, &Seat)>)> = Vec::new();
    for (k, round) in told.rounds.iter().enumerate() {
        for seat in &round.seats {
            let name = match told.tracks > 1 {
                true => format!("{} ({})", seat.name, in_words(&seat.told.track)),
                false => seat.name.clone(),
            };
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some((_, list)) => list.push((k, seat)),
                None => all.push((name, vec![(k, seat)])),
            }
        }
    }
    all
}

/// A choice: its cell, the name of the move where there is room, and all options as a remark.
fn choice(sheet: &mut Sheet, told: &Transcript, (k, seat, name): (usize, &Seat, &str), wide: f64) {
    let (round, options) = (&told.rounds[k], &seat.told.options);
    let Some(chosen) = options.get(seat.told.chosen) else { return };
    let (x, y) = (LEFT + wide * k as f64, sheet.y);
    let cell = rect(x + 0.5, y + 2.0, x + wide - 0.5, y + TALL - 2.0);
    let moves: Vec<&str> = options.iter().map(|option| option.action.as_str()).collect();
    let mut cell = match chosen.action == "hold" {
        true => cell.with("class", "wash").with("fill", "#e3e3e3").with("fill-opacity", "0.5"),
        false => filled(cell, 1 + colour(&moves, &chosen.action)).with("fill-opacity", "0.8"),
    };
    let mut remark = format!("{}, {name}: {}", round.label, in_words(&chosen.label));
    let mut likely: Vec<_> = options.iter().filter(|option| option.available).collect();
    likely.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    for option in likely.iter().take(4) {
        let worth = match option.utility.is_finite() {
            true => format!(", worth {}", rate(option.utility)),
            false => String::new(),
        };
        remark.push_str(&format!("\n{} {}{worth}", percent(option.probability), option.label));
    }
    cell = cell.child(el("title").text(remark));
    let mut link = el("a").with("href", format!("#{}", address(round.number, seat))).child(cell);
    let label = cut(&in_words(&chosen.label), 10.0, wide - 6.0);
    if chosen.action != "hold" && wide > 44.0 {
        link = link.child(words(x + 4.0, y + 15.5, 10.0, label).with("pointer-events", "none"));
    }
    sheet.draw(link);
    let what = Cell::Text(format!("{name}: {}", chosen.label));
    let probability = Cell::from(chosen.probability);
    sheet.row(vec![what, f64::from(round.number).into(), chosen.utility.into(), probability]);
}

/// What the colours of a seat mean: the moves that it made.
fn key(sheet: &mut Sheet, seats: &[(usize, &Seat)]) {
    let mut made: Vec<(usize, &str)> = Vec::new();
    for (_, seat) in seats {
        let options = &seat.told.options;
        let moves: Vec<&str> = options.iter().map(|option| option.action.as_str()).collect();
        let chosen = options.get(seat.told.chosen).map(|option| option.action.as_str());
        for name in chosen.into_iter().filter(|name| *name != "hold") {
            let one = (colour(&moves, name), name);
            if !made.contains(&one) {
                made.push(one);
            }
        }
    }
    made.sort_unstable();
    let mut x = LEFT;
    for (series, name) in &made {
        let told = in_words(name);
        let y = sheet.y + 8.0;
        let taken = 20.0 + width(&told, 10.0);
        if x + taken > WIDTH - EDGE {
            break;
        }
        let mark = filled(rect(x, y - 7.0, x + 8.0, y + 1.0), 1 + series);
        sheet.draw(mark.with("fill-opacity", "0.8"));
        sheet.draw(dim(x + 12.0, y, 10.0, told));
        x += taken;
    }
    if !made.is_empty() {
        sheet.y += 16.0;
    }
}

/// The number of a move among the different ones of a seat.
fn colour(moves: &[&str], action: &str) -> usize {
    let mut different: Vec<&str> = Vec::new();
    for name in moves.iter().filter(|name| **name != "hold") {
        if !different.contains(name) {
            different.push(name);
        }
    }
    different.iter().position(|name| *name == action).unwrap_or(0) % 6
}

/// Events that happened, one line each.
fn events(sheet: &mut Sheet, told: &Transcript, wide: f64) {
    let mut all: Vec<(&str, Vec<(usize, f64)>)> = Vec::new();
    for (k, round) in told.rounds.iter().enumerate() {
        for hazard in round.hazards.iter().filter(|hazard| hazard.happened) {
            let at = (k, hazard.probability);
            match all.iter_mut().find(|(known, _)| *known == hazard.label) {
                Some((_, list)) => list.push(at),
                None => all.push((&hazard.label, vec![at])),
            }
        }
    }
    for (name, list) in all {
        let y = sheet.y + 9.0;
        let label = cut(&in_words(name), SMALL, LEFT - EDGE - 8.0);
        sheet.draw(words(EDGE, y + 4.0, SMALL, label));
        let ground = line(LEFT, y, WIDTH - EDGE, y).with("class", "grid").with("stroke", "#e3e3e3");
        sheet.draw(ground);
        for (k, probability) in list {
            let round = &told.rounds[k];
            let dot = el("circle").at("cx", LEFT + wide * (k as f64 + 0.5)).at("cy", y);
            let remark = format!("{}: {name}, probability {}", round.label, rate(probability));
            let dot = filled(dot.at("r", 5.0), 2).child(el("title").text(remark));
            sheet.draw(dot);
            let cells = [Cell::from(name), f64::from(round.number).into()];
            sheet.row(cells.into_iter().chain([1.0.into(), probability.into()]).collect());
        }
        sheet.y += 18.0;
    }
    sheet.y += 8.0;
}

/// The state cells that moved most, each on a scale of its own.
fn cells(sheet: &mut Sheet, told: &Transcript, wide: f64) {
    let mut moved: BTreeMap<&str, f64> = BTreeMap::new();
    for step in told.rounds.iter().flat_map(|round| &round.cells) {
        *moved.entry(&step.moved.label).or_default() += step.size;
    }
    let mut ranked: Vec<(f64, &str)> = moved.into_iter().map(|(name, size)| (size, name)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    for (_, name) in ranked.into_iter().take(CELLS) {
        let mut last = f64::NAN;
        let mut path = Vec::new();
        for (k, round) in told.rounds.iter().enumerate() {
            let step = round.cells.iter().find(|step| step.moved.label == name);
            if let Some(step) = step {
                if path.is_empty() {
                    path.extend((0..=k).map(|k| (k as f64, step.moved.before)));
                }
                last = step.moved.after;
            }
            if last.is_finite() {
                path.push((k as f64 + 1.0, last));
                sheet.row(vec![
                    name.into(),
                    f64::from(round.number).into(),
                    last.into(),
                    f64::NAN.into(),
                ]);
            }
        }
        let above = sheet.y;
        let x =
            Scale { from: 0.0, to: told.rounds.len() as f64, start: 0.0, end: 1.0, share: false };
        let y = Scale::holding(path.iter().map(|at| at.1));
        let frame = (LEFT, above, LEFT + wide * told.rounds.len() as f64, above + 34.0);
        let mut panel = Panel::new(frame, x, y);
        let label = cut(&in_words(name), SMALL, LEFT - EDGE - 8.0);
        panel.beside(words(EDGE, above + 14.0, SMALL, label));
        let ends = path.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (_, v)| {
            (if *v < lo { *v } else { lo }, if *v > hi { *v } else { hi })
        });
        let range = format!("{} to {}", rate(ends.0), rate(ends.1));
        panel.beside(dim(EDGE, above + 28.0, 10.0, range));
        panel.beside(bottom(LEFT, above + 36.0));
        panel.line(path.into_iter(), 0);
        sheet.draw_all(panel.done());
        sheet.y += 44.0;
    }
}

fn bottom(left: f64, y: f64) -> Element {
    axis(left, y, WIDTH - EDGE, y).with("stroke-opacity", "0.3")
}
