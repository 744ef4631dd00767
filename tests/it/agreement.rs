//! The engine equals the plain interpreter, to the last bit.

use crate::generate::Made;
use crate::support::{files, full, root};
use detente::engine::{self, Vectors};
use detente::model::{Arm, Model};
use detente::plan::Plan;
use detente::record::{Block, Layout};
use detente::reference::{self, Game};
use detente::rng::Seed;
use detente::scenario;

/// The first difference between blocks of the same runs, if there is one. What failed is told by
/// the interpreter alone; the engine has to agree on run and round.
fn difference(layout: &Layout, ours: &Block, theirs: &Block) -> Option<String> {
    let differ = |a: &f64, b: &f64| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan());
    let pairs = ours.variables.iter().zip(&theirs.variables);
    if let Some(at) = pairs.clone().position(|(a, b)| differ(a, b)) {
        let (column, rest) = (at % ours.runs, at / ours.runs);
        let name = &layout.variables[rest % layout.variables.len()];
        let round = rest / layout.variables.len() + 1;
        let (a, b) = (ours.variables[at], theirs.variables[at]);
        let run = ours.first + column as u64;
        return Some(format!("{name} in round {round} of run {run}: {a} instead of {b}"));
    }
    let pairs = ours.outcomes.iter().zip(&theirs.outcomes);
    if let Some(at) = pairs.clone().position(|(a, b)| differ(a, b)) {
        let name = &layout.outcomes[at / ours.runs];
        let (a, b) = (ours.outcomes[at], theirs.outcomes[at]);
        return Some(format!("outcome {name}: {a} instead of {b}"));
    }
    if ours.choices != theirs.choices {
        return Some("choices".to_string());
    }
    if ours.played != theirs.played {
        return Some("rounds played".to_string());
    }
    let failed = |block: &Block| -> Vec<(u64, u32)> {
        block.failures.iter().map(|f| (f.run, f.round)).collect()
    };
    if failed(ours) != failed(theirs) {
        return Some(format!("failures: {:?} instead of {:?}", failed(ours), failed(theirs)));
    }
    let counts = |b: &Block| (b.clamped, b.unconverged, b.residual.to_bits());
    (counts(ours) != counts(theirs))
        .then(|| format!("counts: {:?} instead of {:?}", counts(ours), counts(theirs)))
}

/// Compares an arm for runs 0 up to `runs`, whole and in parts of several sizes, with every set of
/// vector instructions of this machine. Returns how many runs failed, or what differs.
fn compare(model: &Model, variant: Option<&str>, runs: usize) -> Result<usize, String> {
    let arm = Arm::new(model, variant, &[]).map_err(|list| format!("no arm: {list:?}"))?;
    let layout = reference::layout(model, arm.rounds);
    let seed = Seed(5);
    let plan = Plan::new(model, &arm);
    let game = Game { model, arm: &arm, seed };
    let theirs = reference::play(&game, &layout, 0, runs);
    let check = |vectors: Vectors, first: u64, count: usize, theirs: &Block, how: &str| {
        let ours = engine::play(&plan, vectors, seed, &layout, first, count);
        match difference(&layout, &ours, theirs) {
            None => Ok(()),
            Some(found) => Err(format!("{} ({how}, {count} runs): {found}", arm.name)),
        }
    };
    for (name, vectors) in Vectors::all() {
        check(vectors, 0, runs, &theirs, name)?;
    }
    for (first, count) in [(0, 1), (runs as u64 - 1, 1), (1, 3)] {
        let part = reference::play(&game, &layout, first, count);
        check(Vectors::best(), first, count, &part, "a part")?;
    }
    Ok(theirs.failures.len())
}

fn load(text: &str) -> Result<Model, String> {
    let checked = scenario::load(text.as_bytes());
    checked.value.ok_or_else(|| format!("{:?}", checked.diagnostics))
}

/// All arms of all shipped scenarios and of the scenarios that tests know by number. A few arms of
/// the textbook take the interpreter seconds a run; those play fewer runs.
#[test]
fn on_every_scenario() {
    for path in files("scenarios", ".toml").into_iter().chain(files("tests/reference", ".toml")) {
        let text = std::fs::read_to_string(&path).expect("a readable scenario");
        let Ok(model) = load(&text) else { continue };
        let slow = ["cuban-missile-crisis", "pyongyang-pact", "costly-signalling", "cheap-talk"];
        let slow = slow.contains(&model.about.name.as_str());
        let runs = if full() {
            200
        } else if slow {
            4
        } else {
            67
        };
        let variants = model.variants.iter().map(|v| Some(v.name.as_str()));
        for variant in std::iter::once(None).chain(variants) {
            if let Err(found) = compare(&model, variant, runs) {
                panic!("{}: {found}", path.display());
            }
        }
    }
}

/// Made-up scenarios over the whole language. One that differs is written to
/// `tests/disagreements/`, whose files are compared first.
#[test]
fn on_generated_scenarios() {
    for path in files("tests/disagreements", ".toml") {
        let text = std::fs::read_to_string(&path).expect("a readable scenario");
        let result = load(&text).and_then(|model| compare(&model, None, 67));
        assert!(result.is_ok(), "{}: {result:?}", path.display());
    }
    let wanted = if full() { 3_000 } else { 150 };
    let (mut covered, mut refused, mut failing) = (0, 0, 0);
    let mut number = 0;
    while covered < wanted {
        number += 1;
        let text = Made::scenario(number);
        let Ok(model) = load(&text) else {
            refused += 1;
            assert!(refused < 20 + covered, "too many are refused: {:?}", load(&text).err());
            continue;
        };
        if scenario::imagined_rounds(&model, &Arm::new(&model, None, &[]).expect("an arm")) > 5e3 {
            continue;
        }
        match compare(&model, None, if number % 10 == 0 { 67 } else { 9 }) {
            Ok(failed) => {
                covered += 1;
                failing += usize::from(failed > 0);
            }
            Err(found) => {
                let path = root().join("tests/disagreements").join(format!("made-{number}.toml"));
                std::fs::create_dir_all(root().join("tests/disagreements")).expect("a folder");
                std::fs::write(&path, text).expect("a writable folder");
                panic!("{}: {found}", path.display());
            }
        }
    }
    println!("{covered} generated scenarios agree, {failing} of them with runs that fail");
    assert!(failing > 0, "scenarios with failing runs are part of the language");
}

/// Blocks larger than the engine's width are played in parts.
#[test]
fn on_large_blocks() {
    for number in [3, 8] {
        let text = Made::scenario(number);
        let Ok(model) = load(&text) else { continue };
        let result = compare(&model, None, 1024);
        assert!(result.is_ok(), "made-{number}: {result:?}");
    }
}
