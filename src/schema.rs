//! The JSON Schema (draft-07) of scenario and history files, for editors that complete and
//! check TOML as it is typed.
//!
//! A schema knows kinds and keys, not names and formulas: a file that fits it may still have
//! errors, which `detente check` reports. A file that does not fit it is wrong.

mod acts;
mod history;
mod numbers;

pub use history::history;

use serde_json::{Map, Value, json};

use crate::scenario::FORMAT;

/// Names that formulas can use.
const IDENTIFIER: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// The schema of a whole file.
pub fn schema() -> Value {
    let mut sections = Map::new();
    let mut add = |name: &str, schema: Value| sections.insert(name.to_string(), schema);
    add("format", said("The version of this language.", json!({ "const": FORMAT })));
    add("include", list("Files beside this one whose tables come before its own."));
    add("scenario", scenario());
    add("sources", sources());
    add("actors", actors());
    add("groups", groups());
    add("sets", numbers::sets());
    add("parameters", numbers::parameters());
    add("series", numbers::series());
    add("state", numbers::state());
    add("derived", numbers::derived());
    add("payoffs", numbers::payoffs());
    add("weights", numbers::weights());
    add("moves", acts::moves());
    add("dynamics", numbers::dynamics());
    add("events", acts::events());
    add("types", acts::types());
    add("decision", acts::decision());
    add("constraints", acts::constraints());
    add("policies", acts::policies());
    add("outcomes", numbers::outcomes());
    add("variants", acts::variants());
    add("postures", acts::postures());
    add("claims", claims());
    add("experiments", experiments());
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "detente scenario",
        "description": "A strategic situation: actors, what they want and can do, what chance can \
                        do, what is measured, and which statements are tested.",
        "type": "object",
        "required": ["format", "scenario", "actors"],
        "additionalProperties": false,
        "properties": sections,
    })
}

/// A schema with a description.
fn said(text: &str, mut schema: Value) -> Value {
    if let Value::Object(object) = &mut schema {
        object.insert("description".to_string(), json!(text));
    }
    schema
}

fn text(description: &str) -> Value {
    said(description, json!({ "type": "string" }))
}

fn flag(description: &str) -> Value {
    said(description, json!({ "type": "boolean" }))
}

fn whole(description: &str, least: u64, most: u64) -> Value {
    said(description, json!({ "type": "integer", "minimum": least, "maximum": most }))
}

/// One of a few words.
fn word(description: &str, words: &[&str]) -> Value {
    said(description, json!({ "enum": words }))
}

/// A number, or a formula between quotes.
fn formula(description: &str) -> Value {
    said(description, json!({ "type": ["number", "string"] }))
}

/// A formula for all cells, or a table of formulas by actors, groups and `default`.
fn cells(description: &str) -> Value {
    let table =
        json!({ "type": "object", "additionalProperties": { "type": ["number", "string"] } });
    said(description, json!({ "anyOf": [{ "type": ["number", "string"] }, table] }))
}

/// Effects: a statement or a list of statements.
fn effects(description: &str) -> Value {
    let list = json!({ "type": "array", "items": { "type": "string" } });
    said(description, json!({ "anyOf": [{ "type": "string" }, list] }))
}

/// A word or a list of words.
fn words(description: &str) -> Value {
    let list = json!({ "type": "array", "items": { "type": "string" } });
    said(description, json!({ "anyOf": [{ "type": "string" }, list] }))
}

fn list(description: &str) -> Value {
    said(description, json!({ "type": "array", "items": { "type": "string" } }))
}

/// A table with these keys and no others.
fn table(description: &str, required: &[&str], keys: &[(&str, Value)]) -> Value {
    let keys: Map<String, Value> =
        keys.iter().map(|(key, schema)| ((*key).to_string(), schema.clone())).collect();
    said(
        description,
        json!({
            "type": "object",
            "required": required,
            "additionalProperties": false,
            "properties": keys,
        }),
    )
}

/// A definition that may replace one of an included file, where it is a table.
fn replaceable(mut each: Value) -> Value {
    if let Some(all) = each.get_mut("anyOf").and_then(Value::as_array_mut) {
        all.iter_mut().for_each(|one| *one = replaceable(one.take()));
    } else if let Some(keys) = each.get_mut("properties").and_then(Value::as_object_mut) {
        let text = "Whether it stands in the place of the one of an included file.";
        keys.insert("replace".to_string(), flag(text));
    }
    each
}

/// A section whose keys are names in formulas.
fn named(description: &str, each: Value) -> Value {
    let each = replaceable(each);
    said(
        description,
        json!({
            "type": "object",
            "propertyNames": { "pattern": IDENTIFIER },
            "additionalProperties": each,
        }),
    )
}

/// A section whose keys are anything, checked by the program.
fn keyed(description: &str, each: Value) -> Value {
    let each = replaceable(each);
    said(description, json!({ "type": "object", "additionalProperties": each }))
}

fn scenario() -> Value {
    table(
        "What the scenario says about itself.",
        &["rounds"],
        &[
            ("name", text("Its name; without it that of the file, without `.toml`.")),
            ("title", text("A line for lists and headings.")),
            ("summary", text("A paragraph for readers.")),
            ("rounds", whole("The greatest number of rounds of a run.", 1, 10_000)),
            (
                "round",
                text("What a round is called, such as `month`; with `start` it gives dates."),
            ),
            (
                "start",
                text("The label of round 1, or when it begins: `2024-07`, `2017-Q3`, `1914`."),
            ),
            ("stop_when", formula("A condition that ends a run.")),
        ],
    )
}

fn sources() -> Value {
    let year = said("Year.", json!({ "type": ["integer", "string"] }));
    let work = table(
        "A work.",
        &[],
        &[
            ("title", text("Title.")),
            ("author", text("Author or publisher.")),
            ("year", year),
            ("where", text("Where to find it.")),
            ("find", text("Where to find it.")),
            ("url", text("Its address.")),
            ("doi", text("Its DOI.")),
            ("note", text("A remark.")),
        ],
    );
    let each = json!({ "anyOf": [text("Its title."), work] });
    keyed("Works that numbers and claims come from; keys are cited by `source`.", each)
}

fn actors() -> Value {
    let keys = [("name", text("Its full name.")), ("note", text("A remark."))];
    let actor = table("An actor.", &[], &keys);
    let each = json!({ "anyOf": [text("Its full name."), actor] });
    named("The players, in order; a key is the actor's name in formulas.", each)
}

fn groups() -> Value {
    let all = json!({ "const": "actors" });
    let each = json!({ "anyOf": [list("Actors."), all] });
    named("Named lists of actors.", each)
}

fn claims() -> Value {
    let within = said(
        "How far apart the sides of a test may be and still count as equal.",
        json!({ "type": "number", "exclusiveMinimum": 0 }),
    );
    let claim = table(
        "A statement.",
        &["says"],
        &[
            ("says", text("The statement in plain words.")),
            ("source", text("A key of [sources].")),
            ("where", text("The place in the source.")),
            ("note", text("A remark.")),
            ("ledger", text("The statement of a list of statements that it is one test of.")),
            ("represented_by", list("What stands for it: `tie[A, B]`, `moves.court`.")),
            ("rests_on", list("Mechanism switches without which it should move: parameters.")),
            ("test", text("A comparison of two statistics: `mean(x - x@variant) > 0`.")),
            ("within", within),
            ("statistic", text("What moves with a parameter: `mean(x)`.")),
            ("rises_with", text("The parameter it rises with: `w[A]` or `w[A] = lo:hi`.")),
            ("falls_with", text("The parameter it falls with: `w[A]` or `w[A] = lo:hi`.")),
            ("unchecked", text("Why it cannot be tested here.")),
        ],
    );
    named("Statements under test.", claim)
}

fn experiments() -> Value {
    let experiment = table(
        "A sweep.",
        &[],
        &[
            ("title", text("A line in plain words.")),
            ("note", text("A remark.")),
            ("vary", words("What varies: `name = lo:hi:n` or `name = a, b, c`.")),
            ("uncertain", flag("Vary every parameter that declares how uncertain it is.")),
            ("design", word("How points are chosen.", &["grid", "lhs", "sobol", "random"])),
            ("points", whole("How many points.", 1, 100_000_000)),
            ("runs", whole("How many runs a point.", 1, 100_000_000)),
        ],
    );
    named("Named sweeps.", experiment)
}

#[cfg(test)]
mod tests;
