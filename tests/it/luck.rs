//! Draws are found by the names of units: whoever adds to a file changes nobody else's luck.

use detente::model::{Arm, Model, Simulation};
use detente::record::Layout;
use detente::reference;
use detente::rng::Seed;
use detente::{Run, Scenario};

use crate::support::{Place, understood};

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

/// Two versions of the file: the second has an event more, which warms, and an outcome more.
fn versions() -> (Scenario, Scenario) {
    let storm = "[events.storm]\nprobability = 0.5\neffects = [\"heat += 1\"]";
    let more =
        FILE.replace("#more events", storm).replace("#more outcomes", "more = { max = \"heat\" }");
    (Scenario::parse(FILE).expect("sound"), Scenario::parse(&more).expect("sound"))
}

#[test]
fn what_a_change_of_a_file_changes_is_measured_in_pairs() {
    let (old, new) = versions();
    let found = new.against(&old, &Run::new(300).threads(1)).expect("played");
    assert_eq!(found.shared.outcomes, ["heat", "quarrels", "warmed", "tie"]);
    assert_eq!(found.shared.own, ["more"]);
    assert_eq!((found.shared.moved.len(), found.shared.other.len()), (0, 0));
    let tie = found.difference("tie").expect("shared");
    assert_eq!((tie.n, tie.discordant, tie.mean), (300, 0, 0.0));
    let quarrels = found.difference("quarrels").expect("shared");
    assert_eq!(quarrels.discordant, 0);
    // heat gains 1 each round with probability 1/2 and loses half of what it has: 1 (1 - 2^-6)
    // at the end, with a standard deviation of the storms alone
    let heat = found.difference("heat").expect("shared");
    assert!((heat.mean - 63.0 / 64.0).abs() < 4.0 * heat.se, "{heat}");
    assert!(heat.sd < 0.6, "{}", heat.sd);
    assert!(found.outcome("het").is_err_and(|e| e.to_string().contains("`heat`")));
    // the same as runs of both, taken apart
    let alone = new.run(&Run::new(300).threads(1)).expect("played");
    let own = found.outcome("heat").expect("shared");
    assert_eq!(own.mean, alone.outcome("heat").expect("there").mean);
    let back = old.against(&new, &Run::new(300)).expect("played");
    assert_eq!(back.difference("heat").expect("shared").mean, -heat.mean);
    assert_eq!(back.shared.other, ["more"]);
}

#[test]
fn run_against_another_file() {
    let place = Place::new("against", "luck.toml", FILE);
    let storm = "[events.storm]\nprobability = 0.5\neffects = [\"heat += 1\"]";
    let more = FILE.replace("#more events", storm).replace("\"luck\"", "\"luckier\"");
    std::fs::write(place.0.join("luckier.toml"), &more).expect("written");
    let base = ["run", "luckier.toml", "--against", "luck.toml", "--runs", "100"];
    let (status, out, err) = place.detente(&base);
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("`against` is luck; both measure 4 outcomes"), "{out}");
    let with = |more: &[&str]| place.detente(&[&base[..], more].concat());
    let (status, out, err) = with(&["--out", "out", "--format", "json", "--outcomes", "heat"]);
    assert_eq!(status, Some(0), "{err}");
    let page: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(page["arms"][1]["lines"][0]["name"], "heat", "{page}");
    for file in ["summary.csv", "differences.csv", "histogram.csv", "against-luck.toml"] {
        assert!(place.0.join("out").join(file).exists(), "{file}");
    }
    assert_eq!(place.detente(&["verify", "out"]).0, Some(0));
    let wrong: [(&[&str], &str); 4] = [
        (&["--outcomes", "hat"], "share no outcome `hat`"),
        (&["--variant", "none"], "none"),
        (&["--all-variants"], "--against"),
        (&["--versus", "base"], "--against"),
    ];
    for (more, told) in wrong {
        let (status, _, err) = with(more);
        assert!(status.is_some_and(|s| s != 0) && err.contains(told), "{more:?}: {err}");
    }
    let (status, _, err) = place.detente(&["run", "luck.toml", "--against", "lack.toml"]);
    assert!(status.is_some_and(|s| s != 0) && err.contains("lack.toml"), "{err}");
    let (status, _, err) = place.detente(&["run", "luck.toml", "--against", "chicken"]);
    assert!(status == Some(2) && err.contains("share no outcome"), "{err}");
}
