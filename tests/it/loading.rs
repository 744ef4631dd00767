//! Scenario files become models, or diagnostics at the right words.

use std::fs;
use std::path::{Path, PathBuf};

use detente::diagnostic::{Checked, Code, Severity};
use detente::model::{Model, Override};
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
    assert_eq!(model.option_label(1), "court C");
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
            let found = load(&fs::read(&path).unwrap_or_default());
            assert_eq!(found.diagnostics.len(), 1, "{}: {:#?}", path.display(), summary(&found));
            raised.extend(found.diagnostics.iter().map(|d| d.code));
        }
    }
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
fn the_name_is_the_stem_of_the_file() {
    let model = load(SMALL.as_bytes()).value.expect("a model");
    assert!(scenario::name_matches(&model, "small").is_none());
    assert!(scenario::name_matches(&model, "large").is_some());
}
