//! The schema of history files.

use serde_json::{Value, json};

use super::{list, said, table, text, whole, words};
use crate::model::limits::ROUNDS;
use crate::scenario::FORMAT;

/// The schema of a history file.
pub fn history() -> Value {
    let mut all = table(
        "What was done, for a scenario to be held to.",
        &["format", "history"],
        &[
            ("format", said("The version of this language.", json!({ "const": FORMAT }))),
            ("history", section()),
            ("complete", complete()),
            ("map", map()),
        ],
    );
    if let Some(object) = all.as_object_mut() {
        object.insert("$schema".to_string(), json!("http://json-schema.org/draft-07/schema#"));
        object.insert("title".to_string(), json!("detente history"));
    }
    all
}

/// How many rounds, where they start and from what.
fn frame() -> Vec<(&'static str, Value)> {
    let initial = json!({ "type": ["number", "string"] });
    vec![
        ("rounds", whole("How many rounds it reaches.", ROUNDS.least, ROUNDS.most)),
        ("start", text("When round 1 begins, instead of the scenario's `start`.")),
        ("initial", keyed("Values of state before round 1: numbers, or formulas.", initial)),
    ]
}

fn section() -> Value {
    let miscoding = said(
        "The chance that a record of a seat is a uniform draw from its options.",
        json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 }),
    );
    let cases = keyed(
        "Histories that differ from what is said here, by their names in the column `history`.",
        table("What differs.", &[], &frame()),
    );
    let mut keys = vec![
        ("scenario", text("The scenario it is of.")),
        ("title", text("A line in plain words.")),
        ("note", text("A remark.")),
        ("moves", text("A table beside this file: round, actor, move, target.")),
        ("events", text("A table beside this file: round, event, i, j, happened.")),
        ("series", text("A table beside this file: round, variable, value, sd.")),
        ("miscoding", miscoding),
        ("ignore", list("Variables to pass over, with `*` for any characters.")),
        ("cases", cases),
    ];
    keys.extend(frame());
    table("What the history says about itself.", &["rounds"], &keys)
}

fn complete() -> Value {
    let moves = list("Moves that were not played where no row names them.");
    let each = json!({ "anyOf": [{ "const": "all" }, moves] });
    keyed("By `ACTOR,track`, what the absence of rows says.", each)
}

fn map() -> Value {
    let meaning = table(
        "What a code stands for.",
        &["move"],
        &[
            ("move", words("A move, or one of several.")),
            ("target", text("Its target, instead of that of the row; empty takes it away.")),
            ("track", text("Its track, instead of that of the row.")),
        ],
    );
    let each = json!({ "anyOf": [{ "const": "ignore" }, meaning] });
    let mut map = keyed("Codes of event data as moves.", each);
    let most =
        words("Of several rows of a track and round the move with most counts; ties go by this.");
    map["properties"] = json!({ "most": most });
    map
}

/// A table whose keys are anything, checked by the program.
fn keyed(description: &str, each: Value) -> Value {
    said(description, json!({ "type": "object", "additionalProperties": each }))
}
