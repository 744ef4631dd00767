//! Sections about doing: moves, events, types, decisions, policies, variants.

use serde_json::{Value, json};

use super::numbers::shape;
use super::{
    cells, effects, flag, formula, keyed, list, named, said, table, text, whole, word, words,
};
use crate::model::{Anticipation, Level0, Nests, Rule};
use crate::scenario::{MAX_FORESIGHT, MAX_LEVEL, MAX_STAGE};

pub(super) fn moves() -> Value {
    let costs = keyed("Costs by component, in the units of its payoff.", formula("A cost."));
    let action = table(
        "Something that actors can do.",
        &["by"],
        &[
            ("title", text("A line in plain words.")),
            ("by", words("Who: actors, a group, or `actors`.")),
            (
                "toward",
                aims("Whom, never oneself: actors, a group, `actors` or `others`. Or a set."),
            ),
            ("when", formula("The condition under which it is available.")),
            ("cost", costs),
            ("effects", effects("What it does: `cell += formula`, `cell = formula`.")),
            ("stage", whole("In which stage of a round it is chosen; 1 if absent.", 1, MAX_STAGE)),
            ("track", text("Every actor makes one choice per track and round.")),
            ("tags", list("Words by which formulas find it: `chose[A, #tag]`.")),
            ("source", text("A key of [sources], or `assumed`.")),
            ("note", text("A remark.")),
        ],
    );
    named("What actors can do; `hold`, doing nothing, is built in.", action)
}

pub(super) fn events() -> Value {
    let event = table(
        "Something that chance can do.",
        &["probability"],
        &[
            ("title", text("A line in plain words.")),
            ("each", shape()),
            ("probability", formula("How likely it is in a round, from 0 to 1.")),
            ("when", formula("The condition under which it can happen.")),
            ("effects", effects("What it does.")),
            ("once", flag("Whether it happens at most once per index.")),
            ("ends", flag("Whether the run ends with it.")),
            ("source", text("A key of [sources], or `assumed`.")),
            ("note", text("A remark.")),
        ],
    );
    named("What chance can do.", event)
}

pub(super) fn types() -> Value {
    let set = keyed("Parameter values that hold for this type.", formula("A value."));
    let kind = table(
        "A type.",
        &["prior"],
        &[
            ("title", text("A line in plain words.")),
            ("prior", cells("How likely it is, for all observers or by observer.")),
            ("set", set),
            ("source", text("A key of [sources], or `assumed`.")),
            ("note", text("A remark.")),
        ],
    );
    let truth = text("The type that is real in every run; drawn from the default prior if absent.");
    let actor = json!({
        "type": "object",
        "properties": { "truth": { "anyOf": [truth, kind.clone()] } },
        "additionalProperties": kind,
    });
    named("What only an actor itself knows about itself, by actor.", actor)
}

fn settings() -> Vec<(&'static str, Value)> {
    let rules: Vec<&str> = Rule::ALL.iter().map(|(word, _)| *word).collect();
    let levels: Vec<&str> = Level0::ALL.iter().map(|(word, _)| *word).collect();
    let ways: Vec<&str> = Anticipation::ALL.iter().map(|(word, _)| *word).collect();
    let nests: Vec<&str> = Nests::ALL.iter().map(|(word, _)| *word).collect();
    let one = formula("Above 0, at most 1.");
    let by_nest = json!({ "type": "object", "additionalProperties": one.clone() });
    let mu = json!({ "anyOf": [one, by_nest] });
    let level = json!({ "type": "integer", "minimum": 0, "maximum": MAX_LEVEL });
    let other = json!({ "type": "string", "pattern": "^(equilibrium|poisson *\\(.*\\))$" });
    let reasoning = json!({ "anyOf": [level, other] });
    let rounds = json!({ "type": "integer", "minimum": 1, "maximum": MAX_FORESIGHT });
    let ahead = json!({ "anyOf": [rounds, { "const": "stationary" }] });
    vec![
        ("rule", word("How utilities become choices.", &rules)),
        ("precision", formula("How closely logit choice follows utilities (1 / utility).")),
        ("nests", word("By what options are alike; for `rule = \"nested_logit\"`.", &nests)),
        ("mu", said("How unlike options of a nest are, above 0 and at most 1; by nest.", mu)),
        (
            "reasoning",
            said("A level, `equilibrium`, or `poisson(mean)`: how deep actors think.", reasoning),
        ),
        ("level0", word("How play is predicted without thought.", &levels)),
        (
            "foresight",
            said("Rounds looked ahead, this one included; or `stationary`, without end.", ahead),
        ),
        ("discount", formula("The weight of the next round relative to this one.")),
        ("anticipation", word("How others and chance are imagined.", &ways)),
        ("tracks", word("Whether each track is a choice of its own.", &["separate", "joint"])),
        ("hold", flag("Whether doing nothing is always an option.")),
        ("policy", text("The policy to follow; for `rule = \"policy\"`.")),
    ]
}

pub(super) fn decision() -> Value {
    let keys = settings();
    let own = table("The settings of one actor, which win over the common ones.", &[], &keys);
    let mut common = table("How actors choose; a table per actor for its own.", &[], &keys);
    if let Value::Object(object) = &mut common {
        object.insert("additionalProperties".to_string(), own);
    }
    common
}

pub(super) fn constraints() -> Value {
    let constraint = table(
        "What joint options must obey.",
        &["by", "require"],
        &[
            ("title", text("A line in plain words.")),
            ("by", words("Whose options: actors, a group, or `actors`.")),
            ("require", formula("A condition; it may read `chose[self, ...]` and the state.")),
            ("source", text("A key of [sources], or `assumed`.")),
            ("note", text("A remark.")),
        ],
    );
    named("Limits on what is played together, for `tracks = \"joint\"`.", constraint)
}

pub(super) fn policies() -> Value {
    let line = table(
        "A line: the first whose condition holds and whose move is available is played.",
        &["move"],
        &[
            ("when", formula("Its condition.")),
            ("move", text("The move, or `hold`.")),
            ("toward", targets()),
            ("share", formula("The share, from 0 to 1, of what its condition leaves it.")),
        ],
    );
    let policy = table(
        "A guarded list of moves.",
        &["play"],
        &[
            ("title", text("A line in plain words.")),
            ("note", text("A remark.")),
            ("error", formula("The share of uniform play, from 0 to 1.")),
            ("play", json!({ "type": "array", "items": line })),
        ],
    );
    named("Policies for `rule = \"policy\"`.", policy)
}

/// The table `set` of a variant or posture.
fn set(what: &str) -> Value {
    // Keys with dots may also be written as tables: `decision.CHN.precision`.
    let values = json!({
        "type": "object",
        "additionalProperties": { "type": ["number", "string", "boolean", "object"] },
    });
    said(what, values)
}

pub(super) fn postures() -> Value {
    let new = "New values: parameters, `w[CHN]`, initial values, decisions of the actor.";
    let posture = table(
        "A grand strategy of an actor; `{}` is the actor as the file has it.",
        &[],
        &[
            ("title", text("A line in plain words.")),
            ("policy", text("The policy that the actor follows.")),
            ("set", set(new)),
            ("source", text("A key of [sources], or `assumed`.")),
            ("note", text("A remark.")),
        ],
    );
    let of_actor = keyed("Postures of an actor, by name.", posture);
    keyed("Grand strategies by actor, for `detente meta`.", of_actor)
}

pub(super) fn variants() -> Value {
    let new = "New values: parameters, `w[CHN]`, initial values, `types.A.truth`, `decision.key`.";
    let set = set(new);
    let variant = table(
        "A counterfactual arm.",
        &[],
        &[
            ("title", text("A line in plain words.")),
            ("set", set),
            ("disable", list("Moves and events that do not exist in this arm.")),
            ("source", text("A key of [sources], or `assumed`.")),
            ("note", text("A remark.")),
        ],
    );
    keyed("Counterfactual arms; the file itself is the arm `base`.", variant)
}

/// The targets of a line of a policy: names, or numbers of a set.
fn targets() -> Value {
    aims("The targets to try, in order.")
}

/// Targets: names, or numbers of a set; of a move with two, a list of such lists.
fn aims(description: &str) -> Value {
    let one = json!({ "type": ["string", "number"] });
    let list = json!({ "type": "array", "items": one });
    let item = json!({ "anyOf": [one, list] });
    said(description, json!({ "anyOf": [one, { "type": "array", "items": item }] }))
}
