//! A transcript for programs.

use serde_json::{Map, Value, json};

use crate::view::trace::{Moved, OptionTrace, Round, Seat, SeatTrace, Transcript, Yardstick};

/// The whole run.
pub fn transcript(told: &Transcript) -> Value {
    let types: Map<String, Value> =
        told.true_types.iter().map(|(actor, kind)| (actor.clone(), json!(kind))).collect();
    let outcomes: Map<String, Value> =
        told.outcomes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let failure = told.failure.as_ref().map(|f| {
        json!({
            "round": f.round, "what": f.what, "reason": f.reason, "line": f.line,
            "column": f.column,
        })
    });
    let choosing = told.choosing.iter().map(|m| {
        json!({
            "actor": m.actor,
            "rule": m.rule.word(),
            "precision": m.precision,
            "reasoning": m.depth(),
            "foresight": m.foresight.parse::<u32>().map_or(json!(m.foresight), |n| json!(n)),
        })
    });
    json!({
        "scenario": told.scenario,
        "arm": told.arm,
        "seed": told.seed,
        "run": told.run,
        "types": types,
        "components": told.components,
        "choosing": choosing.collect::<Vec<_>>(),
        "rounds": told.rounds.iter().map(|r| round(&told.components, r)).collect::<Vec<_>>(),
        "outcomes": outcomes,
        "failure": failure,
    })
}

fn round(components: &[String], told: &Round) -> Value {
    let step = |m: &Moved| json!({ "name": m.label, "before": m.before, "after": m.after });
    let events = told
        .hazards
        .iter()
        .map(|h| json!({ "name": h.label, "probability": h.probability, "happened": h.happened }));
    let payoffs = told.payoffs.iter().map(|(actor, list, utility)| {
        json!({ "actor": actor, "payoffs": by_name(components, list), "utility": utility })
    });
    json!({
        "round": told.number,
        "label": told.label,
        "seats": told.seats.iter().map(|s| seat(components, s)).collect::<Vec<_>>(),
        "cells": told.cells.iter().map(|c| step(&c.moved)).collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
        "beliefs": told.beliefs.iter().map(step).collect::<Vec<_>>(),
        "payoffs": payoffs.collect::<Vec<_>>(),
    })
}

fn seat(components: &[String], seat: &Seat) -> Value {
    let (told, stick) = (&seat.told, seat.yardstick.as_ref());
    let options = told.options.iter().enumerate();
    let options = options.map(|(at, o)| option(components, told, o, stick, at));
    let kind = if told.actor_type.is_empty() { Value::Null } else { json!(told.actor_type) };
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
