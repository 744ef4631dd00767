//! Draws are found by the names of units: whoever adds to a file changes nobody else's luck.

use detente::model::{Arm, Model, Simulation};
use detente::record::Layout;
use detente::reference;
use detente::rng::Seed;
use detente::{Run, Scenario};

use crate::support::{Place, files, understood};

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

/// Declarations of several kinds that stand before everything else of a file and touch nothing.
const FIRST: &str = r#"
[state.aa_first]
initial = "uniform(0, 1)"
[events.aa_first]
probability = 0.5
effects = ["aa_first += normal(0, 1)"]
[outcomes.aa_first]
mean = "aa_first"
[parameters.aa_number]
value = 1
"#;
/// The same for what everybody may play.
const FIRST_MOVE: &str = r#"
[moves.aa_first]
by = "actors"
track = "aa_first"
effects = []
"#;

#[test]
fn what_stands_first_in_a_file_changes_no_other_draw() {
    for path in files("scenarios", "toml") {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let name = path.display();
        let tables: Vec<(String, String)> = beside(&path);
        let tables: Vec<(&str, &str)> =
            tables.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let sound = |text: &str| {
            Scenario::parse_with(text, &tables).expect("a sound scenario").model().clone()
        };
        let first = |more: &str| {
            let (head, rest) = text.split_once("format = 1").expect("a version");
            sound(&format!("{head}format = 1\n{more}\n{rest}"))
        };
        let plain = sound(&text);
        let (more, moves) = (first(FIRST), first(FIRST_MOVE));
        let units = plain.slots.named(&plain);
        // whoever has no move holds on the first track, which the new move makes another
        let playing = |unit: &str| {
            let seat = unit.strip_prefix("seat:").or_else(|| unit.strip_prefix("option:"));
            let actor = seat.and_then(|seat| seat.split('.').next());
            actor.is_none_or(|actor| {
                let mut own = plain.names.options.iter();
                own.any(|o| plain.names.actors[o.actor] == actor && !o.acts.is_empty())
            })
        };
        for (other, all_play) in [(&more, true), (&moves, false)] {
            let all = other.slots.named(other);
            assert!(all.len() > units.len(), "{name}");
            for (unit, slot) in &units {
                // a name that collides with a new one is named by `check`
                let moved = other.slots.moved.iter().any(|m| m.unit == *unit);
                if !moved && (all_play || playing(unit)) {
                    assert_eq!(all.get(unit), Some(slot), "{name}: {unit}");
                }
            }
        }
        let arm = |model: &Model| Arm::new(model, None, &[]).expect("an arm");
        let outcomes = |model: &Model| {
            let mut arm = arm(model);
            arm.rounds = arm.rounds.min(3);
            let game = Simulation { model, arm: &arm, seed: Seed(5) };
            let layout = Layout::of(model, std::slice::from_ref(&arm));
            let block = reference::play(&game, &layout, 0, 2);
            let named = model.outcomes.iter().enumerate().filter(|(_, o)| o.name != "aa_first");
            named
                .map(|(number, o)| (o.name.clone(), bits(block.outcome(number))))
                .collect::<Vec<_>>()
        };
        assert_eq!(outcomes(&plain), outcomes(&more), "{name}");
    }
}

/// The tables beside a scenario.
fn beside(path: &std::path::Path) -> Vec<(String, String)> {
    let folder = path.parent().expect("a folder");
    let names = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let tables = names.filter(|path| path.extension().is_some_and(|e| e == "csv"));
    let named = tables.filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_string();
        Some((name, std::fs::read_to_string(&path).ok()?))
    });
    named.collect()
}

/// Numbers as bits, so that those that are missing are equal.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}
