//! Scenario files become models, or diagnostics at the right words.

use std::fs;
use std::path::{Path, PathBuf};

use detente::catalog;
use detente::diagnostic::{Checked, Code, Severity};
use detente::model::{Model, OptionId, Override};
use detente::scenario::{self, load};

/// A scenario in which nothing is wrong, to be spoilt.
const SMALL: &str = r#"format = 1
[scenario]
name = "small"
rounds = 4
[actors]
A = { name = "Ana" }
B = { name = "Ben" }
C = { name = "Cleo" }
[groups]
pair = ["A", "B"]
[parameters]
step = { value = 0.1, range = [0, 1], source = "assumed" }
w = { of = "actor", value = { default = 1, B = 2 }, range = [0, 3], source = "assumed" }
[state.tie]
of = "dyad"
range = [0, 1]
initial = { default = 0.5, "pair, C" = 0.25 }
[derived]
"warmth[i]" = "sum(j in actors if j != i: tie[i, j])"
[payoffs.gain]
default = "warmth[self]"
[weights]
gain = "w[self]"
[moves.court]
by = "pair"
toward = "others"
effects = ["tie[self, target] += step"]
[dynamics]
"tie[i, j]" = "0.9 * tie[i, j]"
[events.quarrel]
each = "dyad"
probability = "0.1 * tie[i, j]"
effects = ["tie[i, j] -= 0.2"]
[decision]
precision = 2
[outcomes]
warm = { final = "tie[A, B]" }
[variants.cold]
set = { "tie[A,B]" = 0.1, step = 0.2 }
[claims.cools]
says = "It cools."
test = "mean(warm - warm@cold) > 0"
"#;

fn folder(name: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let mut list: Vec<PathBuf> = fs::read_dir(root)
        .map(|d| d.filter_map(Result::ok).map(|e| e.path()).collect())
        .unwrap_or_default();
    list.sort();
    list
}

fn summary(found: &Checked<Model>) -> Vec<String> {
    let line = |d: &detente::diagnostic::Diagnostic| {
        format!("{} {:?} {}", d.code.as_str(), d.span, d.message)
    };
    found.diagnostics.iter().map(line).collect()
}

/// The words at fault, with their codes.
fn words(text: &str) -> Vec<(Code, &str)> {
    let found = load(text.as_bytes());
    let errors = found.diagnostics.iter().filter(|d| d.severity() == Severity::Error);
    errors.map(|d| (d.code, text.get(d.span.start..d.span.end).unwrap_or("?"))).collect()
}

#[test]
fn a_small_scenario_loads_without_a_word() {
    let found = load(SMALL.as_bytes());
    assert!(found.diagnostics.is_empty(), "{:#?}", summary(&found));
    let model = found.value.expect("a model without diagnostics");
    assert_eq!(model.seats.len(), 3);
    // court B, court C, hold; court A, court C, hold; hold
    assert_eq!(model.options.len(), 7);
    assert_eq!(model.option_label(OptionId::new(1)), "court C");
    assert_eq!(model.hazards.len(), 3);
    assert_eq!(model.recorded.len(), 3);
    let starts: Vec<Option<f64>> = model.cells.iter().map(|c| c.initial.decided()).collect();
    assert_eq!(starts, [Some(0.5), Some(0.25), Some(0.25)]);
    assert_eq!(model.variants[0].set.len(), 2);
    assert!(matches!(&model.variants[0].set[0], Override::Parameter(list) if list.len() == 1));
}

#[test]
fn reference_scenarios_load_and_the_ambiguous_one_is_refused() {
    let mut count = 0;
    for path in folder("reference").iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let found = load(&fs::read(path).unwrap_or_default());
        let refused = path.file_stem().is_some_and(|s| s == "reject_keys");
        assert_eq!(found.has_errors(), refused, "{}: {:#?}", path.display(), summary(&found));
        assert_eq!(found.value.is_none(), refused);
        count += 1;
    }
    assert!(count >= 18);
}

#[test]
fn every_code_that_loading_can_raise_has_a_file_that_raises_it_alone() {
    let mut raised: Vec<Code> = Vec::new();
    for stage in folder("diagnostics").iter().filter(|p| p.is_dir()) {
        let files = fs::read_dir(stage).map(|d| d.filter_map(Result::ok).map(|e| e.path()));
        for path in files.into_iter().flatten() {
            if path.extension().is_none_or(|e| e != "toml") {
                continue;
            }
            let file = catalog::read(&path).expect("a file");
            let alone = scenario::load_with(&file.bytes, file.beside.clone()).checked;
            // what it is called is a matter of the file
            let found = if alone.diagnostics.is_empty() { file.load().checked } else { alone };
            assert_eq!(found.diagnostics.len(), 1, "{}: {:#?}", path.display(), summary(&found));
            raised.extend(found.diagnostics.iter().map(|d| d.code));
        }
    }
    // those of histories: `tests/it/histories.rs`, `tests/it/evidence.rs`
    raised.extend([Code::Record, Code::Contradiction, Code::Impossible]);
    raised.extend([Code::NeverHeld, Code::OtherScenario, Code::Several]);
    for code in Code::ALL {
        assert!(raised.contains(code), "no file raises {}", code.as_str());
    }
}

#[test]
fn five_mistakes_are_five_diagnostics_at_the_right_words() {
    let spoilt = SMALL
        .replace("+= step", "+= stpe")
        .replace("toward = \"others\"", "toward = \"others\"\ntargets = 1")
        .replace("final = \"tie[A, B]\"", "final = 'tie[A, D1] + tie[A]'")
        .replace("precision = 2", "precision = 2\nlevel0 = \"unifrom\"");
    let expected = [
        (Code::UnknownKey, "targets"),
        (Code::UnknownName, "stpe"),
        (Code::BadValue, "unifrom"),
        (Code::UnknownName, "D1"),
        (Code::WrongIndices, "tie[A]"),
    ];
    let mut found = words(&spoilt);
    found.sort_by_key(|(_, word)| spoilt.find(word));
    assert_eq!(found, expected);
}

#[test]
fn parts_that_stand_for_a_claim_are_known_by_name() {
    let text = include_str!("../diagnostics/semantics/claim-represented-by-nothing.toml");
    let spoilt = text
        .replace("[\"tie[A, B]\"", "[\"tie[A, D]\", \"tei\", \"move.court\", \"tie[B]\"")
        .replace("\"payoffs.gain\"", "\"types.A.kind\"")
        .replace("rests_on = [\"step\"]", "rests_on = [\"stap\"]")
        .replace("\"nobody measured it\"", "\"\"");
    let found = words(&spoilt);
    let names: Vec<&str> = found.iter().map(|(_, word)| *word).collect();
    for wanted in ["D", "tei", "move", "tie", "curt", "A", "stap", ""] {
        assert!(names.contains(&wanted), "{wanted}: {found:?}");
    }
    assert_eq!(found.len(), 8, "{found:?}");
}

#[test]
fn escapes_do_not_shift_the_word_at_fault() {
    let spoilt = SMALL.replace("\"tie[A, B]\"", "\"\\u0031 +\\tnothing\"");
    assert_eq!(words(&spoilt), [(Code::UnknownName, "nothing")]);
}

#[test]
fn a_broken_definition_is_reported_once() {
    let spoilt = SMALL.replace("of = \"dyad\"", "of = \"dyed\"");
    assert_eq!(words(&spoilt), [(Code::BadValue, "dyed")]);
    let spoilt = SMALL.replace("[actors]", "[actor]");
    assert_eq!(words(&spoilt).len(), 2, "{:?}", words(&spoilt));
}

#[test]
fn hostile_files_end_in_a_diagnostic() {
    let many = 1 << 20;
    let formula = |inner: String| SMALL.replace("0.9 * tie[i, j]", &inner);
    let files = [
        "[".repeat(many),
        format!("a = {}", "[".repeat(many)),
        format!("a = {}", "{a=".repeat(many / 3)),
        format!("a{} = 1", ".a".repeat(many / 2)),
        formula("(".repeat(many)),
        formula("-".repeat(many)),
        formula("not ".repeat(many / 4)),
        formula("1 + ".repeat(many / 4) + "1"),
        formula("2 ^ ".repeat(many / 4) + "1"),
        formula("abs(".repeat(many / 4)),
        "\"".repeat(many),
        "a = 1\n".repeat(many / 6),
        "\u{0}".repeat(many),
        String::new(),
    ];
    for file in files {
        let found = load(file.as_bytes());
        assert!(found.has_errors() && found.value.is_none());
    }
    assert!(load(&vec![b' '; 5 << 20]).has_errors());
    assert!(load(&[0xff, 0xfe]).has_errors());
}

#[test]
fn settings_take_the_keys_of_variants() {
    let model = load(SMALL.as_bytes()).value.expect("a model");
    let set = |key: &str, value: &str| {
        scenario::settings(&model, &[(key.to_string(), value.to_string())])
    };
    assert!(
        matches!(set("w[pair]", "0.5").as_deref(), Ok([Override::Parameter(l)]) if l.len() == 2)
    );
    assert!(matches!(set("tie", "0.5").as_deref(), Ok([Override::Initial(l)]) if l.len() == 3));
    for (key, value) in [
        ("decision.A.precision", "2 * step"),
        ("decision.reasoning", "poisson(1.5)"),
        ("decision.hold", "false"),
        ("decision.rule", "random"),
    ] {
        assert!(matches!(set(key, value).as_deref(), Ok([Override::Decision(_)])), "{key}");
    }
    for (key, value) in [
        ("stpe", "1"),
        ("w[D]", "1"),
        ("tie[A,A]", "1"),
        ("tie", "7"),
        ("warmth", "1"),
        ("types.A.truth", "bold"),
        ("decision.D.rule", "random"),
        ("decision.rule", "logic"),
        ("step", "1 +"),
        ("", ""),
        ("w[", "1"),
    ] {
        assert!(set(key, value).is_err(), "{key} = {value}");
    }
    let problem = set("step", "1 + nothing").err().unwrap_or_default();
    assert_eq!(problem.first().map(|d| (d.span.start, d.span.end)), Some((4, 11)));
}

#[test]
fn the_name_is_its_own_or_that_of_the_file() {
    let called = |text: &str, stem: &str| {
        let mut model = load(text.as_bytes()).value.expect("a model");
        let said = scenario::called(&mut model, stem).map(|d| d.code.as_str());
        (model.about.name, said)
    };
    assert_eq!(called(SMALL, "small"), ("small".to_string(), None));
    assert_eq!(called(SMALL, "large"), ("small".to_string(), Some("N0001")));
    let nameless = SMALL.replace("name = \"small\"\n", "");
    assert_ne!(nameless, SMALL);
    assert_eq!(called(&nameless, "large"), ("large".to_string(), None));
    assert_eq!(called(&nameless, "a b").1, Some("E0009"));
}

#[test]
fn addresses_have_room_for_whatever_loads() {
    use detente::{expr, rng};
    assert!(scenario::MAX_ROUNDS <= u64::from(rng::MAX_ROUND));
    assert_eq!(expr::MAX_DRAWS - 1, rng::MAX_ORDINAL);
    assert_eq!(expr::MAX_UNITS - 1, rng::MAX_SLOT);
    let units = scenario::MAX_CELLS.max(scenario::MAX_OPTIONS).max(scenario::MAX_HAZARDS);
    assert!(units <= expr::MAX_UNITS as usize);
}

#[test]
fn the_last_draw_that_has_an_address_is_allowed() {
    // the statements of one option share its draws: 4095, and then one or two more
    let many = |count: usize| vec!["normal(0, 1)"; count].join(", ");
    let draws = |last: usize| {
        let list: Vec<String> = [1000, 1000, 1000, 1000, 95 + last]
            .iter()
            .map(|n| format!("\"tie[self, target] += max({})\"", many(*n)))
            .collect();
        SMALL.replace("\"tie[self, target] += step\"", &list.join(", "))
    };
    let unread =
        |text: String| text.replace("step = 0.2", "\"w[A]\" = step").replace("= step", "= 1");
    let (fine, spoilt) = (unread(draws(1)), unread(draws(2)));
    assert_eq!(words(&fine), []);
    assert_eq!(words(&spoilt).first(), Some(&(Code::Limit, "normal")));
}

#[test]
fn rules_of_dyads_are_read_from_both_ends() {
    let rule = |text: &str| SMALL.replace("0.9 * tie[i, j]", text);
    for fine in
        ["w[i] + w[j]", "w[i] * w[j] * tie[i, j]", "max(w[i], w[j])", "warmth[i] + warmth[j]"]
    {
        assert_eq!(words(&rule(fine)), [], "{fine}");
    }
    for wrong in
        ["w[i] * tie[i, j]", "w[i] - w[j]", "warmth[j]", "if(i == A, 1, 0)", "chose[i, court]"]
    {
        assert_eq!(words(&rule(wrong)), [(Code::Asymmetric, wrong)], "{wrong}");
    }
    // a pair that is named has no other end to be read from
    let named =
        SMALL.replace("\"tie[i, j]\" = \"0.9 * tie[i, j]\"", "\"tie[A, B]\" = \"w[A] / 4\"");
    assert_eq!(words(&named), []);
}

#[test]
fn a_probability_is_refused_only_where_its_bounds_are_reached() {
    let hazard = |text: &str| SMALL.replace("0.1 * tie[i, j]", text);
    let tie = "tie[i, j]";
    // read once, or outside for sure: the bounds are values it takes
    for wrong in ["2 * tie[i, j]", "tie[i, j] - 1", "1.5", "2.5 + tie[i, j] - tie[i, j]"] {
        assert_eq!(words(&hazard(wrong)), [(Code::Probability, wrong)], "{wrong}");
    }
    // read twice: the bounds may be too wide, so it is clamped and counted when played
    for fine in
        [format!("{tie} + {tie} - {tie}"), format!("{tie} * (2 - {tie})"), "clamp(9, 0, 1)".into()]
    {
        assert_eq!(words(&hazard(&fine)), [], "{fine}");
    }
}

#[test]
fn imagination_is_counted_over_all_seats() {
    let two = SMALL.replace(
        "[dynamics]",
        "[moves.arm]\nby = [\"A\"]\ntrack = \"troops\"\neffects = [\"tie[A, B] -= 0.1\"]\n\
            [dynamics]",
    );
    let count = |text: &str| {
        let model = load(text.as_bytes()).value.expect("a model");
        let arm = detente::model::Arm::new(&model, None, &[]).expect("an arm");
        scenario::imagined_rounds(&model, &arm)
    };
    // an imagined round for every option: 3 + 3 + 1, and 2 on the second track of A
    assert_eq!((count(SMALL), count(&two)), (7.0, 9.0));
    // exact: others' options times 2^3 events, 3 · 8 · 3 + 3 · 8 · 3 + 1 · 8 · 9
    let exact =
        |text: &str| text.replace("precision = 2", "precision = 2\nanticipation = \"exact\"");
    assert_eq!(count(&exact(SMALL)), 216.0);
    // the seat of A on the other track is another's choice to its first: 2 · 8 · 9 more
    assert_eq!(count(&exact(&two)), 144.0 + 144.0 + 144.0 + 144.0);
    let ahead = exact(&two).replace("precision = 2", "precision = 2\nforesight = 4");
    assert_eq!(words(&ahead), [(Code::TooCostly, "foresight")]);
}

#[test]
fn variants_name_what_they_set_in_any_form() {
    let types = "[types.A]\nbold = { prior = 0.5, set = { \"w[A]\" = 3 } }\n\
        shy = { prior = 0.5 }\n[decision]";
    let with = |set: &str| {
        let text = SMALL.replace("[decision]", types);
        let old = "set = { \"tie[A,B]\" = 0.1, step = 0.2 }";
        assert!(text.contains(old));
        text.replace(old, set)
    };
    for set in [
        "[variants.cold.set]\n\"types.A.truth\" = \"shy\"",
        "[variants.cold.set]\ntypes.A.truth = \"shy\"",
        "set = { types.A.truth = \"shy\" }",
        "set.types.A.truth = \"shy\"",
    ] {
        let model = load(with(set).as_bytes()).value.expect(set);
        assert!(matches!(model.variants[0].set[..], [Override::TrueType(0, 1)]), "{set}");
        assert_eq!(model.variants[0].written, [("types.A.truth".into(), "shy".into())]);
    }
    for set in [
        "[variants.cold.set]\ndecision.A.precision = 4\ndecision.reasoning = 2",
        "[variants.cold.set]\n\"decision.A.precision\" = 4\n\"decision.reasoning\" = 2",
        "[variants.cold.set.decision]\nA.precision = 4\nreasoning = 2",
    ] {
        let model = load(with(set).as_bytes()).value.expect(set);
        assert!(
            matches!(model.variants[0].set[..], [Override::Decision(_), Override::Decision(_)]),
            "{set}"
        );
    }
    // an actor beats a group, a group beats the name alone, in any order
    let set = "set = { \"w[B]\" = 3, \"w[pair]\" = 2, w = 1, \"tie[pair, C]\" = 0.1, \
        \"tie[A, C]\" = 0.3 }";
    let model = load(with(set).as_bytes()).value.expect(set);
    let arm = detente::model::Arm::new(&model, Some("cold"), &[]).expect("an arm");
    let weights = arm.parameters_for(&[vec![0.0, 1.0]]);
    assert_eq!(weights[1..], [2.0, 3.0, 1.0]);
    let starts: Vec<Option<f64>> = arm.initial.iter().map(|e| e.decided()).collect();
    assert_eq!(starts, [Some(0.5), Some(0.3), Some(0.1)]);
    let tie = with("set = { \"tie[pair, C]\" = 0.1, \"tie[C, pair]\" = 0.2 }");
    assert_eq!(words(&tie), [(Code::Ambiguous, "tie[C, pair]")]);
}

#[test]
fn experiments_vary_what_variants_can_set() {
    let with = |vary: &str| format!("{SMALL}[experiments.x]\nvary = [{vary}]\n");
    for fine in [
        "'w[pair] = 0:3:4'",
        "'step = 0.1, 0.2, 0.4', 'tie[A, B] = 0:1:3'",
        "'decision.reasoning = 0, 1, 2', 'decision.A.precision = 1:8:4'",
        "'variant = base, cold'",
    ] {
        assert_eq!(words(&with(fine)), [], "{fine}");
    }
    for (wrong, code, word) in [
        ("'w[pare] = 0:3:4'", Code::UnknownName, "pare"),
        ("'stpe = 0:3:4'", Code::UnknownName, "stpe"),
        ("'tie[A, B] = 0:7:3'", Code::OutOfRange, "0:7:3"),
        ("'step = 0:1'", Code::Experiment, "0:1"),
        ("'step = 1:0:3'", Code::Experiment, "1:0:3"),
        ("'variant = warm'", Code::UnknownName, "warm"),
        ("'decision.rule = logit, logic'", Code::BadValue, "logic"),
    ] {
        assert_eq!(words(&with(wrong)), [(code, word)], "{wrong}");
    }
}

#[test]
fn settings_that_fail_say_what_could_be_set() {
    let model = load(SMALL.as_bytes()).value.expect("a model");
    for key in [
        "zebra",
        "decsion.precision",
        "warmth",
        "gain",
        "w[D]",
        "types.A.truth",
        "decision.Q.rule",
        "decision",
        "w[",
    ] {
        let found = scenario::settings(&model, &[(key.to_string(), "1".to_string())]);
        let list = found.err().unwrap_or_default();
        assert!(!list.is_empty() && list.iter().all(|d| d.help.is_some()), "{key}: {list:#?}");
    }
}

#[test]
fn parameters_that_wait_for_too_many_others_are_refused() {
    let chain = |links: usize| {
        let one =
            |k: usize| format!("p{k} = \"{}p{}{}\"\n", "abs(".repeat(9), k + 1, ")".repeat(9));
        let list: String = (0..links).map(one).collect();
        SMALL.replace("[state.tie]", &format!("{list}p{links} = \"step\"\n[state.tie]"))
    };
    assert_eq!(words(&chain(90)), []);
    assert_eq!(words(&chain(900)).first().map(|(code, _)| *code), Some(Code::Limit));
    let mut circle =
        SMALL.replace("[state.tie]", "a = \"b\"\nb = \"2 * c\"\nc = \"a\"\n[state.tie]");
    let found = load(circle.as_bytes());
    let path = "`a` is defined through itself: a reads b, b reads c, c reads a";
    assert_eq!(found.diagnostics.first().map(|d| d.message.as_str()), Some(path));
    circle = SMALL
        .replace("[payoffs.gain]", "\"x[i]\" = \"y[i]\"\n\"y[i]\" = \"1 + x[i]\"\n[payoffs.gain]");
    let found = load(circle.as_bytes());
    let path = "`x[A]` is defined through itself: x[A] reads y[A], y[A] reads x[A]";
    assert_eq!(found.diagnostics.first().map(|d| d.message.as_str()), Some(path));
}
