//! Draws are found by the names of units: whoever adds to a file changes nobody else's luck.

use detente::model::{Arm, Model, Simulation};
use detente::record::Layout;
use detente::reference;
use detente::rng::Seed;

use crate::support::understood;

const FILE: &str = r#"
format = 1
[scenario]
name = "luck"
rounds = 6
[actors]
#more actors
A = { name = "Ana" }
B = { name = "Ben" }
[state.tie]
of = "dyad"
initial = "uniform(0, 1)"
#more state
[state.heat]
initial = "normal(0, 1)"
[payoffs.gain]
default = "heat"
[weights]
gain = 1
#more moves
[moves.warm]
by = ["A", "B"]
track = "talk"
effects = ["heat += normal(0, 1)"]
[dynamics]
heat = "0.5 * heat + normal(0, 1)"
#more events
[events.quarrel]
probability = 0.3
effects = ["heat += uniform(0, 1)"]
[types.B]
calm = { prior = 0.5 }
angry = { prior = 0.5 }
[decision]
rule = "logit"
precision = 1
reasoning = 1
[outcomes]
#more outcomes
heat = { final = "heat" }
quarrels = { total = "happened[quarrel]" }
warmed = { total = "chose[B, warm]" }
tie = { final = "tie[A, B]" }
"#;

/// By outcome of the file as it is, its values in some runs of a file with more in it.
fn played(model: &Model) -> Vec<(String, Vec<f64>)> {
    let arm = Arm::new(model, None, &[]).expect("an arm");
    let game = Simulation { model, arm: &arm, seed: Seed(5) };
    let layout = Layout::of(model, std::slice::from_ref(&arm));
    let block = reference::play(&game, &layout, 0, 40);
    let named = model.outcomes.iter().enumerate();
    let kept = named.filter(|(_, outcome)| outcome.name != "more");
    kept.map(|(number, o)| (o.name.clone(), block.outcome(number).to_vec())).collect()
}

#[test]
fn what_is_added_changes_nobody_elses_luck() {
    let (plain, _) = understood(FILE.to_string());
    let before = played(&plain);
    let additions = [
        ("actors", "Z = { name = \"Zoe\" }"),
        ("state", "[state.rain]\ninitial = \"normal(0, 1)\""),
        ("moves", "[moves.sing]\nby = [\"A\"]\ntrack = \"song\"\neffects = []"),
        ("events", "[events.storm]\nprobability = 0.5"),
        ("outcomes", "more = { total = \"heat\" }"),
    ];
    for (what, text) in additions {
        let (more, _) = understood(FILE.replace(&format!("#more {what}"), text));
        // another seat of A changes what A is paid nothing, and its moves nobody's heat
        assert_eq!(played(&more), before, "{what}");
        let slots = more.slots.named(&more);
        for (unit, slot) in plain.slots.named(&plain) {
            assert_eq!(slots.get(&unit), Some(&slot), "{unit}");
        }
        assert!(what == "outcomes" || slots.len() > plain.slots.named(&plain).len(), "{what}");
    }
}

#[test]
fn the_order_of_a_file_is_no_matter_for_luck() {
    let swapped = FILE.replace("A = { name = \"Ana\" }\nB = { name = \"Ben\" }", "");
    let swapped = swapped.replace("#more actors", "B = { name = \"Ben\" }\nA = { name = \"Ana\" }");
    let (one, _) = understood(FILE.to_string());
    let (other, _) = understood(swapped);
    assert_eq!(one.slots.named(&one), other.slots.named(&other));
    assert_eq!(played(&one), played(&other));
}

#[test]
fn units_are_named_as_the_method_says() {
    let (model, _) = understood(FILE.to_string());
    let named = model.slots.named(&model);
    let names: Vec<&str> = named.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "cell:heat",
            "cell:tie[A,B]",
            "event:quarrel",
            "level:A",
            "level:B",
            "option:A.talk.hold",
            "option:A.talk.warm",
            "option:B.talk.hold",
            "option:B.talk.warm",
            "seat:A.talk",
            "seat:B.talk",
            "type:B",
        ]
    );
    assert_eq!(model.slots.moved, []);
}
