//! Stability of the states of a graph model as text and JSON.

use serde_json::{Map, Value, json};

use crate::number::{about, short};
use crate::view::stability::{GraphModel, Page, Stability, StateCell};

/// The signs of all concepts take so many columns.
const WIDE: usize = 13;

/// For a terminal: a row for each state, then the equilibria.
pub fn text(page: &Page) -> String {
    let Page { model, stability, seconds } = page;
    let mut text = format!(
        "{}: {} ({} states)\nstability by enumeration, complete in {} s\n\n{:>5}",
        model.title,
        model.players.join(", "),
        model.states.len(),
        about(*seconds),
        "state"
    );
    let wide: Vec<usize> = model.players.iter().map(|p| p.chars().count().max(WIDE)).collect();
    for (player, wide) in model.players.iter().zip(&wide) {
        text.push_str(&format!("  {player:wide$}"));
    }
    text.push_str(&format!("  {:WIDE$}  what it is\n", "all"));
    for (state, of_state) in stability.iter().enumerate() {
        text.push_str(&format!("{:>5}", state + 1));
        for (stable, wide) in of_state.iter().zip(&wide) {
            text.push_str(&format!("  {:wide$}", signs(*stable)));
        }
        let all = signs(page.equilibrium(state));
        text.push_str(&format!("  {all:WIDE$}  {}\n", described(model, state)));
    }
    text.push_str("\nequilibria\n");
    for (number, (sign, _)) in page.equilibrium(0).concepts().into_iter().enumerate() {
        let found: Vec<String> = equilibria(page, number).iter().map(usize::to_string).collect();
        let found = if found.is_empty() { "none".to_string() } else { found.join(", ") };
        text.push_str(&format!("   {sign:3}  {found}\n"));
    }
    text
}

/// For programs: one object. Players, cells and states stand in their order, states are numbered
/// from 1, and what is stable where is given by state and player.
///
/// ```text
/// { graph: { title, players: [..], cells: [..], start,
///            states: [ { state, cells: [..], payoffs: [..], moves: [ [state, ..], .. ] } ] },
///   concept, method, stop, seconds,
///   stability: [ [ { nash, gmr, smr, seq }, .. ], .. ],
///   equilibria: { nash: [state, ..], gmr: [..], smr: [..], seq: [..] } }
/// ```
pub fn json(page: &Page) -> String {
    let Page { model, stability, seconds } = page;
    let players = 0..model.players.len();
    let state = |(number, cells): (usize, &Vec<f64>)| {
        let payoffs = players.clone().map(|player| model.graph.payoff(player, number));
        let moves = players.clone().map(|player| {
            let to = model.graph.moves(player, number).iter();
            to.map(|state| state + 1).collect::<Vec<usize>>()
        });
        json!({
            "state": number + 1,
            "cells": cells,
            "payoffs": payoffs.collect::<Vec<f64>>(),
            "moves": moves.collect::<Vec<_>>(),
        })
    };
    let cells: Vec<&str> = model.cells.iter().map(|cell| cell.label.as_str()).collect();
    let mut found = Map::new();
    for (number, name) in ["nash", "gmr", "smr", "seq"].into_iter().enumerate() {
        found.insert(name.into(), json!(equilibria(page, number)));
    }
    let object = json!({
        "graph": {
            "title": model.title,
            "players": model.players,
            "cells": cells,
            "start": model.start + 1,
            "states": model.states.iter().enumerate().map(state).collect::<Vec<Value>>(),
        },
        "concept": "stability",
        "method": "enumeration",
        "stop": "complete",
        "seconds": seconds,
        "stability": stability,
        "equilibria": found,
    });
    format!("{object}\n")
}

/// The states, from 1, that are stable for everybody by the concept of this number.
fn equilibria(page: &Page, concept: usize) -> Vec<usize> {
    let stable = |state: &usize| page.equilibrium(*state).concepts()[concept].1;
    (0..page.stability.len()).filter(stable).map(|state| state + 1).collect()
}

/// `R GMR SMR SEQ`, as far as they hold.
fn signs(stable: Stability) -> String {
    let held: Vec<&str> =
        stable.concepts().into_iter().filter(|(_, holds)| *holds).map(|(sign, _)| sign).collect();
    if held.is_empty() { "-".to_string() } else { held.join(" ") }
}

/// The flags that hold in a state and the numbers of the other cells.
fn described(model: &GraphModel, state: usize) -> String {
    let cells = model.cells.iter().zip(&model.states[state]);
    let part = |(StateCell { label, flag }, value): (&StateCell, &f64)| match *flag {
        true if *value == 1.0 => Some(label.clone()),
        true if *value == 0.0 => None,
        _ => Some(format!("{label} {}", short(*value))),
    };
    let mut parts: Vec<String> = cells.filter_map(part).collect();
    if state == model.start {
        parts.insert(0, "at the start".to_string());
    }
    if parts.is_empty() { "-".to_string() } else { parts.join(", ") }
}
