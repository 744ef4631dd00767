//! One run: its timeline, and what every actor could have done.

use super::{heading, paragraph, picture};
use crate::figure::{address, timeline};
use crate::markup::{Element, el};
use crate::number::{percent, rate};
use crate::view::trace::{Round, Seat, Transcript};

/// Options less likely than this are left out.
const LEAST: f64 = 0.05;

/// The section.
pub fn section(told: &Transcript) -> Vec<Element> {
    let figure = timeline(told);
    let mut all = vec![
        heading("run", "One run"),
        paragraph(format!(
            "Run {} of arm {}, to see how things happen. A click on a move shows what else the \
             actor could have done, how likely that was, and what each option was worth to it.",
            told.run, told.arm
        )),
        picture(&figure),
    ];
    for round in &told.rounds {
        all.extend(round.seats.iter().map(|seat| choice(told, round, seat)));
    }
    all
}

/// The options of a seat in a round, shown when the timeline points to them.
fn choice(told: &Transcript, round: &Round, seat: &Seat) -> Element {
    let weighed = seat.told.options.iter().any(|option| !option.parts.is_empty());
    let mut heads = vec!["option".to_string(), "probability".to_string()];
    if weighed {
        heads.extend(["worth".to_string()]);
        heads.extend(told.components.iter().cloned());
        heads.push("later".to_string());
    }
    let heads = heads.into_iter().map(|head| el("th").text(head));
    let rows = seat.told.options.iter().enumerate().filter(|(k, option)| {
        option.available && (option.probability >= LEAST || *k == seat.told.chosen)
    });
    let rows = rows.map(|(k, option)| {
        let label = match k == seat.told.chosen {
            true => el("td").child(el("strong").text(format!("{} (chosen)", option.label))),
            false => el("td").text(option.label.as_str()),
        };
        let mut numbers = vec![percent(option.probability)];
        if weighed {
            numbers.push(rate(option.utility));
            numbers.extend(option.parts.iter().map(|part| rate(*part)));
            numbers.push(rate(option.later));
        }
        let numbers = numbers.into_iter().map(|told| el("td").text(told));
        el("tr").child(label).children(numbers)
    });
    let table =
        el("table").with("class", "numbers").child(el("thead").child(el("tr").children(heads)));
    let title = format!("{} in {}, {}", seat.name, round.label, seat.told.track);
    el("div")
        .with("class", "choice")
        .with("id", address(round.number, seat))
        .child(el("h3").text(title))
        .child(table.child(el("tbody").children(rows)))
}
