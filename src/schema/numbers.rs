//! Sections that hold quantities: parameters, state, definitions, payoffs, outcomes.

use serde_json::{Value, json};

use super::{cells, flag, formula, keyed, named, said, table, text, word};
use crate::model::{Measure, Missing};

/// Over what a quantity is indexed.
pub(super) fn shape() -> Value {
    text(
        "Over what it is indexed: `none`, `actor`, `dyad`, `directed dyad`, a group, a set, or up \
         to four of `actor`, groups and sets with commas.",
    )
}

/// Sets: evenly spaced numbers, a list of numbers, or a list of names.
pub(super) fn sets() -> Value {
    let number = |text| said(text, json!({ "type": "number" }));
    let spaced = table(
        "Evenly spaced numbers.",
        &["from", "to", "steps"],
        &[
            ("from", number("The first.")),
            ("to", number("The last.")),
            ("steps", said("How many.", json!({ "type": "integer", "minimum": 2 }))),
        ],
    );
    let numbers = json!({ "type": "array", "minItems": 1, "items": { "type": "number" } });
    let names = json!({ "type": "array", "minItems": 1, "items": { "type": "string" } });
    let read = table(
        "The values of a column of a file, each once.",
        &["file", "column"],
        &[("file", text("A table beside the scenario.")), ("column", text("The column."))],
    );
    let each = json!({ "anyOf": [spaced, numbers, names, read] });
    named("Numbers or names that are not actors, to index by.", each)
}

fn range() -> Value {
    said(
        "The least and the greatest value.",
        json!({
            "type": "array",
            "items": { "type": "number" },
            "minItems": 2,
            "maxItems": 2,
        }),
    )
}

pub(super) fn parameters() -> Value {
    let parameter = table(
        "A constant.",
        &["value"],
        &[
            (
                "value",
                cells(
                    "A number, a formula over parameters, a table by index, or `{ file = ... }`.",
                ),
            ),
            ("of", shape()),
            ("unit", text("Unit of measurement.")),
            ("source", text("A key of [sources], or `assumed`.")),
            ("title", text("A line in plain words.")),
            ("note", text("A remark.")),
            ("range", range()),
            ("distribution", text("How uncertain it is, such as `beta(4, 4)`.")),
            ("together", flag("Whether its cells vary together in sweeps.")),
        ],
    );
    let plain = json!({ "type": ["number", "string"] });
    let each = json!({ "anyOf": [plain, parameter] });
    named("Constants: every number of the scenario, with its source and uncertainty.", each)
}

pub(super) fn series() -> Value {
    let ways: Vec<&str> = Missing::ALL.iter().map(|(word, _)| *word).collect();
    let series = table(
        "A quantity by round.",
        &["file"],
        &[
            ("file", text("The file beside this one with its values, such as `oil.csv`.")),
            ("of", shape()),
            ("missing", word("What stands for a round without a row.", &ways)),
            ("unit", text("Unit of measurement.")),
            ("source", text("A key of [sources], or `assumed`.")),
            ("title", text("A line in plain words.")),
            ("note", text("A remark.")),
        ],
    );
    named("What changes from round to round whatever the actors do.", series)
}

pub(super) fn state() -> Value {
    let state = table(
        "A quantity with memory.",
        &["initial"],
        &[
            ("of", shape()),
            ("kind", word("`flag` for cells of 0 and 1.", &["number", "flag"])),
            ("range", range()),
            ("initial", cells("Before round 1: a number, a formula, or a table by index.")),
            ("unit", text("Unit of measurement.")),
            ("source", text("A key of [sources], or `assumed`.")),
            ("title", text("A line in plain words.")),
            ("note", text("A remark.")),
        ],
    );
    named("What changes from round to round.", state)
}

pub(super) fn derived() -> Value {
    let key = "Definitions without memory: `name`, `name[i]`, `name[i in group, j]`.";
    keyed(key, formula("A formula over state, parameters and other definitions."))
}

pub(super) fn payoffs() -> Value {
    let component = cells("Formulas of `self` by actor, group and `default`.");
    named("What actors want: one table per component of the payoff.", component)
}

pub(super) fn weights() -> Value {
    named("How much each component counts.", formula("A formula of `self`."))
}

pub(super) fn dynamics() -> Value {
    let key = "What happens by itself: `x[i, j]` is the cell whose next value the formula gives.";
    keyed(key, formula("The next value."))
}

pub(super) fn outcomes() -> Value {
    let mut keys: Vec<(&str, Value)> = vec![
        ("title", text("A line in plain words.")),
        ("unit", text("Unit of measurement.")),
        ("note", text("A remark.")),
    ];
    let mut measures = Vec::new();
    for (measure, _) in Measure::ALL {
        keys.push((measure, formula(meaning(measure))));
        measures.push(json!({ "required": [measure] }));
    }
    let mut outcome = table("One measure of a formula over the rounds played.", &[], &keys);
    if let Value::Object(object) = &mut outcome {
        object.insert("oneOf".to_string(), Value::Array(measures));
    }
    named("What is measured in each run.", outcome)
}

fn meaning(measure: &str) -> &'static str {
    match measure {
        "final" => "The value in the last round played.",
        "mean" => "The mean over the rounds played.",
        "max" => "The greatest value.",
        "min" => "The least value.",
        "total" => "The sum over the rounds played.",
        "first" => "The first round in which a condition holds; empty if never.",
        _ => "1 if a condition ever holds, else 0.",
    }
}
