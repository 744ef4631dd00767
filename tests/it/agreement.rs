//! The engine equals the plain interpreter, to the last bit.

use std::rc::Rc;
use std::slice::from_ref;

use crate::generate::Made;
use crate::support::{files, full, root};
use detente::diagnostic::{Attached, Span};
use detente::engine::{self, Job, Vectors};
use detente::experiment::{self, RunSpec, Unwatched};
use detente::expr::{Expr, Node};
use detente::model::{Arm, DecisionItem, IndexVec, Model, Override, Setting, Simulation};
use detente::plan::{Budget, Plan, Point};
use detente::record::{Block, Layout};
use detente::reference;
use detente::rng::{Seed, Sequence};
use detente::scenario;

/// The first difference between blocks of the same runs, if there is one. What failed is told by
/// the interpreter alone; the engine has to agree on run and round.
pub fn difference(layout: &Layout, ours: &Block, theirs: &Block) -> Option<String> {
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
    if (&ours.types, &ours.levels) != (&theirs.types, &theirs.levels) {
        return Some("types or levels".to_string());
    }
    let pairs = ours.available.iter().zip(&theirs.available);
    if let Some(at) = pairs.clone().position(|(a, b)| a != b) {
        let option = &layout.options[at % layout.options.len()];
        let round = at / layout.options.len() + 1;
        let (a, b) = (ours.available[at], theirs.available[at]);
        return Some(format!("{option:?} available in round {round}: {a} instead of {b}"));
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
pub fn compare(model: &Model, variant: Option<&str>, runs: usize) -> Result<usize, String> {
    let arm = Arm::new(model, variant, &[]).map_err(|list| format!("no arm: {list:?}"))?;
    let layout = Layout::of(model, from_ref(&arm));
    let seed = Seed(5);
    let plan = Plan::new(model, &arm, Budget::default()).expect("a plan");
    let game = Simulation { model, arm: &arm, seed };
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
        let published = path.parent().is_some_and(|folder| folder.ends_with("published"));
        let runs = if full() {
            200
        } else if slow || published {
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
        let text = Made::in_full(number);
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

/// A made-up scenario in which formulas read series wherever they read the round, with its files.
pub fn with_series(text: &str, how: &str) -> (String, Vec<Attached>) {
    let text = text.replace("round / rounds", "(tide * round / rounds + wave[AAA] - wave[BBB])");
    let sections = format!(
        "\n[series.tide]\nfile = \"tide.csv\"\nmissing = \"{how}\"\n\
         [series.wave]\nof = \"actor\"\nfile = \"wave.csv\"\nmissing = \"{how}\"\n"
    );
    let mut wave = "round,actor,value\n".to_string();
    for actor in ["AAA", "BBB", "CCC", "DDD"].iter().filter(|a| text.contains(*a)) {
        wave.push_str(&format!("1,{actor},0.3\n3,{actor},1.7\n4,{actor},-0.2\n9,{actor},0.9\n"));
    }
    let file = |name: &str, text: String| Attached { name: name.into(), text: text.into() };
    let tide = "round,value\n1,0.5\n2,1.25\n5,0.1\n".to_string();
    (text + &sections, vec![file("tide.csv", tide), file("wave.csv", wave)])
}

#[test]
fn on_series_in_generated_scenarios() {
    let (mut covered, mut ahead, wanted) = (0, 0, if full() { 600 } else { 40 });
    for number in 1.. {
        let how = if number % 2 == 0 { "hold" } else { "interpolate" };
        let text = Made::scenario(number);
        let (text, files) = with_series(&text, how);
        let loaded = scenario::load_with(text.as_bytes(), Rc::new(files));
        let Some(model) = loaded.checked.value.filter(|_| text.contains("tide * round")) else {
            assert!(number < 20 * wanted, "{:?}", loaded.checked.diagnostics);
            continue;
        };
        let arm = Arm::new(&model, None, &[]).expect("an arm");
        if scenario::imagined_rounds(&model, &arm) > 5e3 {
            continue;
        }
        let result = compare(&model, None, 9);
        assert!(result.is_ok(), "made-{number} with series: {result:?}");
        covered += 1;
        ahead += usize::from(arm.decisions.iter().any(|d| d.foresight > 1));
        if covered == wanted {
            break;
        }
    }
    assert!(ahead > 3, "series are foreseen");
}

/// Exact anticipation further ahead, and in equilibrium, on made-up scenarios: what was found at a
/// world is met again.
#[test]
fn on_games_in_many_moves() {
    let (mut covered, wanted) = (0, if full() { 100 } else { 8 });
    for number in 1..100 * wanted {
        let made = Made::scenario(number);
        if made.contains("poisson") {
            continue;
        }
        let start = made.find("[decision]").expect("a section");
        let lines = made[start..].lines().map(|line| match line {
            "anticipation = \"exact\"" => String::new(),
            "foresight = 2" => String::new(),
            line if line.starts_with("level0 = ") => {
                "level0 = \"uniform\"\nanticipation = \"exact\"\nforesight = 3".to_string()
            }
            line if line.starts_with("reasoning = ") && number % 2 == 0 => {
                "reasoning = \"equilibrium\"".to_string()
            }
            line => line.to_string(),
        });
        let text = made[..start].to_string() + &lines.collect::<Vec<_>>().join("\n");
        let Ok(model) = load(&text) else { continue };
        let arm = Arm::new(&model, None, &[]).expect("an arm");
        if scenario::imagined_rounds(&model, &arm) > 2e4 {
            continue;
        }
        let result = compare(&model, None, 3);
        assert!(result.is_ok(), "made-{number}: {result:?}");
        covered += 1;
        if covered == wanted {
            break;
        }
    }
    assert!(2 * covered >= wanted, "{covered}");
}

/// A sum over rounds that overflows fails the run in the round in which it does, where every value
/// and the mean itself are finite; a sum that overflows after the run has ended does not count.
#[test]
fn on_sums_that_overflow() {
    let text = |outcomes: &str| {
        format!(
            "format = 1\n[scenario]\nname = \"sums\"\ntitle = \"Sums\"\nrounds = 3\n\
             [actors]\nAAA = {{ name = \"a\" }}\n[moves.act]\nby = \"actors\"\n\
             [decision]\nrule = \"random\"\n[events.quake]\nprobability = 0.5\n\
             [events.stop]\nprobability = 0.3\nends = true\n[outcomes]\n{outcomes}\n"
        )
    };
    for (outcome, formula, (round, value)) in [
        ("mean", "1e308", (2, "inf")),
        ("total", "-1e308", (2, "-inf")),
        ("mean", "7e307", (3, "inf")),
        ("total", "if(happened[quake], 1e308, 0)", (2, "inf")),
    ] {
        let text = text(&format!("big = {{ {outcome} = \"{formula}\" }}"));
        let model = load(&text).expect("a valid scenario");
        let failed = compare(&model, None, 200).expect("engine and interpreter agree");
        assert!(0 < failed && failed < 200, "{outcome} {formula}: {failed}");
        let arm = Arm::new(&model, None, &[]).expect("an arm");
        let game = Simulation { model: &model, arm: &arm, seed: Seed(5) };
        let block = reference::play(&game, &Layout::of(&model, std::slice::from_ref(&arm)), 0, 200);
        assert!(block.outcomes.iter().all(|x| !x.is_infinite()));
        let first = block.failures.iter().min_by_key(|f| f.round).expect("runs that fail");
        assert_eq!((first.cell.as_str(), first.round), ("big", round));
        assert_eq!(first.reason, format!("`sum of big over rounds` is {value}"));
        assert!(text[first.offset..].starts_with(formula));
    }
    // neither the last value nor the greatest is a sum
    let kept = text("last = { final = \"1e308\" }\nmost = { max = \"-1e308\" }");
    assert_eq!(compare(&load(&kept).expect("a valid scenario"), None, 67), Ok(0));
}

/// Blocks larger than the engine's width are played in parts.
#[test]
fn on_large_blocks() {
    for number in [3, 8] {
        let text = Made::in_full(number);
        let Ok(model) = load(&text) else { continue };
        let result = compare(&model, None, 1024);
        assert!(result.is_ok(), "made-{number}: {result:?}");
    }
}

/// Blocks of several sizes, and threads, on whole experiments: every part is what the interpreter
/// has for the same runs.
#[test]
fn in_blocks_and_threads_of_any_number() {
    let mut covered = 0;
    for number in 1..60 {
        let Ok(model) = load(&Made::in_full(number)) else { continue };
        let arm = Arm::new(&model, None, &[]).expect("an arm");
        if scenario::imagined_rounds(&model, &arm) > 50.0 || covered == 12 {
            continue;
        }
        covered += 1;
        let layout = Layout::of(&model, from_ref(&arm));
        let game = Simulation { model: &model, arm: &arm, seed: Seed(5) };
        let plan = Plan::new(&model, &arm, Budget::default()).expect("a plan");
        let theirs = reference::play(&game, &layout, 0, 1030);
        let all: Vec<u64> = theirs.outcomes.iter().map(|x| x.to_bits()).collect();
        for size in [1, 3, 64, 1024] {
            for first in (0..1030_usize).step_by(size).filter(|f| size > 3 || f % 103 < 7) {
                let count = size.min(1030 - first);
                let ours =
                    engine::play(&plan, Vectors::best(), Seed(5), &layout, first as u64, count);
                for outcome in 0..layout.outcomes.len() {
                    let found = ours.outcome(outcome).iter().map(|x| x.to_bits());
                    let from = outcome * 1030 + first;
                    assert!(found.eq(all[from..from + count].iter().copied()), "made-{number}");
                }
            }
        }
        for threads in [1, 2, 7] {
            let found = outcomes_of_experiment(&model, &arm, threads);
            assert_eq!(found, all, "made-{number} on {threads} threads");
        }
    }
    assert_eq!(covered, 12);
}

/// The outcomes of 1030 runs on some threads, by outcome and run.
fn outcomes_of_experiment(model: &Model, arm: &Arm, threads: usize) -> Vec<u64> {
    let spec = RunSpec {
        model,
        source: "",
        arms: vec![arm.clone()],
        runs: 1030,
        seed: Seed(5),
        independent: false,
        per_run: false,
        panel: None,
        threads: Some(threads),
        versus: 0,
        plain: false,
        budget: Default::default(),
    };
    let layout = spec.layout();
    let mut found: Vec<Vec<u64>> = vec![Vec::new(); layout.outcomes.len()];
    let played = experiment::play(&spec, &layout, &Unwatched, |blocks: &[Vec<Block>]| {
        for block in blocks.iter().flatten() {
            for (outcome, list) in found.iter_mut().enumerate() {
                list.extend(block.outcome(outcome).iter().map(|x| x.to_bits()));
            }
        }
        Ok(())
    });
    assert!(matches!(played, Ok(false)));
    found.concat()
}

/// Arms that differ from the base in numbers: some parameters, initial values, precision.
fn points(model: &Model, count: u64) -> Vec<Arm> {
    let number = |x: f64| Expr { node: Node::Number(x), span: Span::default() };
    let base = Arm::new(model, None, &[]).expect("an arm");
    let mut arms = vec![base.clone()];
    for point in 0..count {
        let mut random = Sequence::new(Seed(point), Sequence::TRIALS);
        let mut overrides = Vec::new();
        let attempt = |change: Override, overrides: &mut Vec<Override>| {
            overrides.push(change);
            if Arm::new(model, None, overrides).is_err() {
                overrides.pop();
            }
        };
        for (cell, value) in base.parameters.iter().enumerate() {
            let moved = value * (0.8 + 0.4 * random.uniform());
            if random.uniform() < 20.0 / base.parameters.len() as f64 {
                let change = Override::Parameter(vec![(cell, number(moved))]);
                attempt(change, &mut overrides);
            }
        }
        for cell in model.cells.ids().take(3) {
            let change = Override::Initial(vec![(cell, number(random.uniform()))]);
            attempt(change, &mut overrides);
        }
        let precision = Some(number(4.0 * random.uniform()));
        let precision = IndexVec::filled(precision, model.actor_count());
        let setting = Setting::Precision(precision);
        attempt(Override::Decision(DecisionItem { actor: None, setting }), &mut overrides);
        arms.push(Arm::new(model, None, &overrides).expect("what was tried"));
    }
    arms
}

/// Points of a plan that leaves numbers open equal plans of their own, whatever lies beside them.
fn compare_points(model: &Model, runs: usize) -> Result<(), String> {
    // the base has formulas where points have numbers, so it is no point itself
    let arms = &points(model, 5)[1..];
    let seed = Seed(5);
    let plan = Plan::varying(model, &arms[..4], Budget::default())
        .expect("a plan")
        .ok_or("they differ in more than numbers")?;
    // the last one may differ in numbers that are equal in the others
    let wide = Plan::varying(model, arms, Budget::default())
        .expect("a plan")
        .ok_or("they differ in more than numbers")?;
    assert!(plan.point(&arms[3]).is_some() && wide.point(&arms[4]).is_some());
    let layout = Layout::of(model, arms);
    let points: Option<Vec<Point>> = arms.iter().map(|arm| wide.point(arm)).collect();
    let points = points.ok_or("no point")?;
    let job = |point: usize, first: u64, runs: usize| Job { point, first, runs };
    let jobs = [
        job(0, 0, runs),
        job(3, 2, 1),
        job(1, 0, runs),
        job(4, 0, runs),
        job(2, 7, 2),
        job(9, 0, 3),
        job(0, runs as u64, runs),
    ];
    for (name, vectors) in Vectors::all() {
        let blocks = engine::play_points(&wide, vectors, seed, &layout, &points, &jobs);
        for (job, block) in jobs.iter().zip(&blocks) {
            let Some(arm) = arms.get(job.point) else {
                assert!(block.outcomes.iter().all(|x| x.is_nan()) && block.played == [0; 3]);
                continue;
            };
            let game = Simulation { model, arm, seed };
            let theirs = reference::play(&game, &layout, job.first, job.runs);
            if let Some(found) = difference(&layout, block, &theirs) {
                return Err(format!("{name}, {job:?}: {found}"));
            }
        }
    }
    Ok(())
}

/// See [`compare_points`], on shipped and on made-up scenarios.
#[test]
fn at_several_points_side_by_side() {
    for path in files("scenarios", ".toml") {
        let text = std::fs::read_to_string(&path).expect("a readable scenario");
        // what the future is worth without a last round is worked out for one arm
        let alone = text.contains("= \"stationary\"");
        let Some(model) = load(&text).ok().filter(|_| !alone) else { continue };
        if scenario::imagined_rounds(&model, &Arm::new(&model, None, &[]).expect("an arm")) < 2e4 {
            let result = compare_points(&model, 3);
            assert!(result.is_ok(), "{}: {result:?}", path.display());
        }
    }
    let mut covered = 0;
    for number in 1..if full() { 1500 } else { 120 } {
        let Ok(model) = load(&Made::in_full(number)) else { continue };
        if scenario::imagined_rounds(&model, &Arm::new(&model, None, &[]).expect("an arm")) > 3e3 {
            continue;
        }
        covered += 1;
        let result = compare_points(&model, if number % 10 == 0 { 30 } else { 5 });
        assert!(result.is_ok(), "made-{number}: {result:?}");
    }
    println!("{covered} generated scenarios agree at several points");
    assert!(covered > 50);
}

/// What differs in more than numbers needs a plan of its own.
#[test]
fn other_rules_are_no_points() {
    let text = std::fs::read_to_string(root().join("scenarios/alliances/pyongyang-pact.toml"));
    let model = load(&text.expect("the flagship")).expect("a valid scenario");
    let base = Arm::new(&model, None, &[]).expect("an arm");
    let change = |change: Override| Arm::new(&model, None, &[change]).expect("an arm");
    let setting = Setting::Foresight(2);
    let other = change(Override::Decision(DecisionItem { actor: None, setting }));
    assert!(
        Plan::varying(&model, &[base.clone(), other.clone()], Budget::default())
            .expect("a plan")
            .is_none()
    );
    assert!(Plan::varying(&model, &[], Budget::default()).expect("a plan").is_none());
    let alone = Plan::varying(&model, std::slice::from_ref(&base), Budget::default())
        .expect("a plan")
        .expect("one arm");
    assert!(alone.point(&base).is_some() && alone.point(&other).is_none());
    assert!(Plan::new(&model, &base, Budget::default()).expect("a plan").point(&base).is_none());
    let node = Node::Number(base.parameters[0] + 0.25);
    let moved = Override::Parameter(vec![(0, Expr { node, span: Span::default() })]);
    let moved = change(moved);
    assert!(alone.point(&moved).is_none());
    let both = Plan::varying(&model, &[base, moved.clone()], Budget::default())
        .expect("a plan")
        .expect("numbers");
    assert!(both.point(&moved).is_some_and(|point| !point.numbers.is_empty()));
}
