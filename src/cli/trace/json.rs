//! A transcript for programs.

use serde_json::{Map, Value, json};

use super::{Yardstick, label, manners, moved, reasoning, yardstick};
use crate::cli::args::Trace;
use detente::Scenario;
use detente::model::Simulation;
use detente::reference::{Moved, OptionTrace, RoundTrace, RunTrace, SeatTrace};
use detente::scenario::line_column;

/// The whole run.
pub fn transcript(loaded: &Scenario, game: &Simulation, told: &RunTrace, options: &Trace) -> Value {
    let types: Map<String, Value> =
        told.true_types.iter().map(|(actor, kind)| (actor.clone(), json!(kind))).collect();
    let outcomes: Map<String, Value> =
        told.outcomes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let failure = told.failure.as_ref().map(|f| {
        let (line, column) = line_column(loaded.text(), f.offset);
        json!({
            "round": f.round, "what": f.cell, "reason": f.reason, "line": line, "column": column,
        })
    });
    let choosing = manners(game, told, options).into_iter().map(|m| {
        json!({
            "actor": m.actor,
            "rule": m.rule.word(),
            "precision": m.precision,
            "reasoning": reasoning(m.reasoning),
            "foresight": m.foresight,
        })
    });
    let about = &game.model.about;
    json!({
        "scenario": about.name,
        "arm": game.arm.name,
        "seed": game.seed.0,
        "run": told.run,
        "types": types,
        "components": told.components,
        "choosing": choosing.collect::<Vec<_>>(),
        "rounds": told.rounds.iter().map(|r| {
            round(&told.components, r, &label(&about.start, &about.round, r.round))
        }).collect::<Vec<_>>(),
        "outcomes": outcomes,
        "failure": failure,
    })
}

fn round(components: &[String], told: &RoundTrace, label: &str) -> Value {
    let steps = |list: &[Moved]| -> Vec<Value> {
        let all = moved(list).into_iter();
        all.map(|m| json!({ "name": m.label, "before": m.before, "after": m.after })).collect()
    };
    let events = told
        .hazards
        .iter()
        .map(|h| json!({ "name": h.label, "probability": h.probability, "happened": h.happened }));
    let payoffs = told.payoffs.iter().map(|(actor, list, utility)| {
        json!({ "actor": actor, "payoffs": by_name(components, list), "utility": utility })
    });
    json!({
        "round": told.round,
        "label": label,
        "seats": told.seats.iter().map(|s| seat(components, s)).collect::<Vec<_>>(),
        "cells": steps(&told.cells),
        "events": events.collect::<Vec<_>>(),
        "beliefs": steps(&told.beliefs),
        "payoffs": payoffs.collect::<Vec<_>>(),
    })
}

fn seat(components: &[String], told: &SeatTrace) -> Value {
    let stick = yardstick(told);
    let options = told.options.iter().enumerate();
    let options = options.map(|(at, o)| option(components, told, o, stick.as_ref(), at));
    let kind = if told.kind.is_empty() { Value::Null } else { json!(told.kind) };
    json!({
        "actor": told.actor,
        "track": told.track,
        "type": kind,
        "options": options.collect::<Vec<_>>(),
    })
}

fn option(
    components: &[String],
    seat: &SeatTrace,
    told: &OptionTrace,
    stick: Option<&Yardstick>,
    at: usize,
) -> Value {
    let parts = told.parts.iter();
    let relative: Vec<f64> = match stick {
        Some(stick) => parts.zip(&stick.parts).map(|(p, s)| p - s).collect(),
        None => Vec::new(),
    };
    json!({
        "actor": seat.actor,
        "track": seat.track,
        "move": told.action,
        "target": told.target,
        "available": told.available,
        "utility": told.utility,
        "parts": by_name(components, &told.parts),
        "relative": by_name(components, &relative),
        "later": told.later,
        "probability": told.probability,
        "chosen": at == seat.chosen,
    })
}

fn by_name(components: &[String], values: &[f64]) -> Map<String, Value> {
    components.iter().zip(values).map(|(name, value)| (name.clone(), json!(value))).collect()
}
