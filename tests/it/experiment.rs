//! Scenarios played out many times: files, estimates, and what must not change them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use detente::experiment::{BLOCK, Budget, Error, Progress, Report, RunSpec, Unwatched, run};
use detente::model::{Arm, Model, SeatId};
use detente::output::{Folder, Provenance};
use detente::record::{Block, Failure, Layout, OptionRow};
use detente::rng::Seed;
use detente::stats::{BUNDLES, Method, Z95, wilson};
use detente::summary::{BATCH, Schemas, Summary};
use detente::table::{Cells, Table};

/// A random walk that some runs end early, in which some runs fail and some outcomes are empty.
const WALK: &str = r#"
format = 1

[scenario]
name    = "walk"
title   = "A random walk"
summary = "Two actors push a level that also moves by itself."
rounds  = 6
round   = "step"

[actors]
A = { name = "first" }
B = { name = "second" }

[parameters]
push  = { value = 0.1, unit = "levels", source = "assumed" }
sharp = { value = 2, unit = "1 / level", source = "assumed" }

[state.x]
initial = "normal(0, 0.5)"

[payoffs.level]
A = "x"
B = "-x"

[weights]
level = 1

[moves.up]
title   = "Push up"
by      = ["A"]
effects = ["x += push"]

[moves.down]
title   = "Push down"
by      = ["B"]
effects = ["x -= push"]

[dynamics]
"x" = "x + normal(0, 0.3)"

[decision]
rule      = "logit"
precision = "sharp"

[outcomes]
end     = { final = "x" }
high    = { ever = "x > 0.8" }
reached = { first = "x > 0.8" }
root    = { mean = "log(x + 1.2)" }
ups     = { total = "chose[A, up]" }

[variants.strong]
title = "Pushes are stronger"
set   = { push = 0.4 }
"#;

fn model() -> Model {
    let checked = detente::scenario::load(WALK.as_bytes());
    checked.value.unwrap_or_else(|| panic!("the scenario loads: {:?}", checked.diagnostics))
}

fn spec(model: &Model, runs: u64, threads: usize) -> RunSpec<'_> {
    let arm = |variant| Arm::new(model, variant, &[]).expect("an arm");
    RunSpec {
        model,
        source: WALK,
        arms: vec![arm(None), arm(Some("strong"))],
        runs,
        seed: Seed(7),
        independent: false,
        per_run: true,
        panel: None,
        threads: Some(threads),
        versus: 0,
        plain: false,
        budget: Budget::default(),
    }
}

/// A folder that is removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let unique = format!("detente-experiment-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(unique);
        let _ = fs::remove_dir_all(&path);
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Everything in a folder, by file name.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the folder").map(|e| e.expect("an entry").path());
    entries
        .map(|path| {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            (name.unwrap_or_default(), fs::read_to_string(&path).expect("text"))
        })
        .collect()
}

fn files(name: &str, spec: &RunSpec, watch: &dyn Progress) -> (Report, BTreeMap<String, String>) {
    let scratch = Scratch::new(name);
    let mut folder = Folder::create(&scratch.0, false).expect("a folder");
    let report = run(spec, Some(&mut folder), watch).expect("a run");
    let notes = report.notes.clone();
    folder.finish(&Provenance { notes, ..Provenance::default() }).expect("a package");
    (report, contents(&scratch.0))
}

fn rows(files: &BTreeMap<String, String>, name: &str) -> Vec<Vec<String>> {
    let lines = files.get(name).expect("the file").lines().skip(1);
    lines.map(|line| line.split(',').map(str::to_string).collect()).collect()
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let model = model();
    // Enough runs for several windows, for merged bins and for groups of two runs; not a multiple
    // of anything.
    let (report, one) = files("one", &spec(&model, 4_501, 1), &Unwatched);
    let names: Vec<&str> = one.keys().map(String::as_str).collect();
    let expected = [
        "datapackage.json",
        "differences.csv",
        "failures.csv",
        "histogram.csv",
        "moves.csv",
        "outcomes.csv",
        "summary.csv",
        "survival.csv",
        "trajectory.csv",
    ];
    assert_eq!(names, expected);
    assert!(report.failed > 0 && report.notes[1].1.contains("about 2 %"), "{:?}", report.notes);
    for threads in [2, 7] {
        let (again, other) = files("more", &spec(&model, 4_501, threads), &Unwatched);
        for (name, text) in &one {
            assert!(other.get(name) == Some(text), "{name} differs with {threads} threads");
        }
        // Reports hold NaN where nothing is known, hence text.
        assert_eq!(format!("{report:?}"), format!("{again:?}"));
    }
}

#[test]
fn files_agree_with_each_other() {
    let model = model();
    let (report, files) = files("agree", &spec(&model, 300, 2), &Unwatched);
    let outcomes = rows(&files, "outcomes.csv");
    assert_eq!(outcomes.len(), 600);
    assert_eq!((outcomes[0][0].as_str(), outcomes[1][0].as_str()), ("base", "strong"));
    let failures = rows(&files, "failures.csv");
    assert_eq!(failures.len() as u64, report.failed);
    for failure in &failures {
        let row = outcomes.iter().find(|r| r[0] == failure[0] && r[2] == failure[2]);
        assert!(row.expect("its row")[4..].iter().all(String::is_empty));
        let (line, column) = failure[5].split_once(':').expect("line:column");
        let text = WALK.lines().nth(line.parse::<usize>().expect("a line") - 1).expect("a line");
        assert!(text.contains("root"), "{text}");
        assert!(text[column.parse::<usize>().expect("a column") - 1..].starts_with("log"));
    }
    let summary = rows(&files, "summary.csv");
    // Five outcomes, and two more of the one that is a `first`.
    assert_eq!(summary.len(), 2 * 7);
    for row in &summary {
        let (n, left_out): (u64, u64) = (row[3].parse().unwrap(), row[18].parse().unwrap());
        assert_eq!(n + left_out, 300, "{row:?}");
        let wilson = row[2] == "high" || row[2] == "reached:ever";
        assert_eq!(row[16], if wilson { "wilson" } else { "t" });
        let bins = rows(&files, "histogram.csv").into_iter();
        let bins = bins.filter(|bin| bin[0] == row[0] && bin[2] == row[2]);
        assert_eq!(bins.map(|bin| bin[5].parse::<u64>().unwrap()).sum::<u64>(), n);
    }
    let trajectory = rows(&files, "trajectory.csv");
    assert_eq!(trajectory.len(), 2 * 6 * report_variables(&model));
    // Counted from the end: names of variables hold commas.
    let n = |row: &Vec<String>| row[row.len() - 10].parse::<u64>().unwrap();
    let played: Vec<u64> = trajectory.iter().map(n).collect();
    assert!(played[0] <= 300 && played.iter().all(|n| *n > 0));
    let moves = rows(&files, "moves.csv");
    assert_eq!(moves.len(), 2 * 6 * 4);
    for seat in moves.chunks(2) {
        let shares: Vec<f64> = seat.iter().map(|row| row[9].parse().unwrap()).collect();
        assert!((shares[0] + shares[1] - 1.0).abs() < 1e-12, "{seat:?}");
        assert_eq!((seat[0][4].as_str(), seat[1][5].as_str()), ("main", "hold"));
        assert!(seat.iter().all(|row| row[8] == row[7]), "nothing has a condition: {seat:?}");
    }
}

fn report_variables(model: &Model) -> usize {
    Layout::of(model, &[]).variables.len()
}

/// Stops after so many blocks.
struct Stops {
    after: u64,
    seen: AtomicU64,
}

impl Progress for Stops {
    fn advanced(&self, runs: u64) {
        self.seen.fetch_add(runs, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.seen.load(Ordering::Relaxed) >= self.after
    }
}

#[test]
fn what_is_done_is_kept_when_stopped() {
    let model = model();
    let watch = Stops { after: 7 * BLOCK as u64, seen: AtomicU64::new(0) };
    let (report, stopped) = files("stopped", &spec(&model, 100_000, 2), &watch);
    assert!(report.interrupted && report.requested == 100_000);
    assert!(report.runs >= 2 * BLOCK as u64 && report.runs < 100_000);
    assert!(report.notes.iter().any(|(name, _)| name == "interrupted"));
    let outcomes = rows(&stopped, "outcomes.csv");
    assert_eq!(outcomes.len() as u64, 2 * report.runs);
    // The runs that are there are the first ones of a whole run.
    let (_, whole) = files("whole", &spec(&model, report.runs, 1), &Unwatched);
    assert_eq!(whole.get("outcomes.csv"), stopped.get("outcomes.csv"));
    assert_eq!(whole.get("trajectory.csv"), stopped.get("trajectory.csv"));
    let watch = Stops { after: u64::MAX, seen: AtomicU64::new(0) };
    let report = run(&spec(&model, 100, 2), None, &watch).expect("a run");
    assert!(!report.interrupted);
    assert_eq!(watch.seen.load(Ordering::Relaxed), 200);
}

/// Stops once it was asked so often.
struct Asked {
    after: u64,
    asked: AtomicU64,
}

impl Progress for Asked {
    fn advanced(&self, _: u64) {}

    fn stop(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.after
    }
}

#[test]
fn what_a_stop_leaves_is_a_smaller_run() {
    let model = model();
    let (mut inside, mut kept) = (0, 0);
    for (arms, plain, threads, after) in [
        (1, true, 1, 0),
        (1, true, 1, 700),
        (1, true, 2, 9_000),
        (2, true, 2, 9_000),
        (2, true, 2, 30_000),
        (1, false, 1, 1),
        (1, false, 2, 100),
        (2, false, 2, 300),
        (2, false, 2, 900),
    ] {
        let of = |runs: u64, threads: usize| {
            let mut spec = RunSpec { plain, ..spec(&model, runs, threads) };
            spec.arms.truncate(arms);
            spec
        };
        let watch = Asked { after, asked: AtomicU64::new(0) };
        let (report, stopped) = files("inside", &of(100_000, threads), &watch);
        assert!(report.interrupted, "{arms} arms, {after}");
        inside += u64::from(!report.runs.is_multiple_of(BLOCK as u64));
        kept += u64::from(report.runs > 0);
        if report.runs > 0 {
            let (_, whole) = files("smaller", &of(report.runs, 1), &Unwatched);
            // how others summarise depends on how many runs were asked for
            for file in ["outcomes.csv", "trajectory.csv", "moves.csv", "failures.csv"] {
                let same = whole.contains_key(file) && whole.get(file) == stopped.get(file);
                assert!(same, "{file} of {arms} arms, {after}: {} runs", report.runs);
            }
        }
    }
    assert!(inside > 0 && kept > 0, "{inside} {kept}");
}

#[test]
fn arms_share_random_numbers_unless_told_otherwise() {
    let model = model();
    let mut same = spec(&model, 200, 2);
    same.arms = vec![same.arms[0].clone(), same.arms[0].clone()];
    let report = run(&same, None, &Unwatched).expect("a run");
    for outcome in &report.results.arms[1].outcomes {
        let difference = outcome.difference.expect("a difference");
        let interval = difference.interval;
        assert_eq!((difference.mean, interval.lo, interval.hi), (0.0, 0.0, 0.0));
        assert_eq!((interval.method, difference.discordant), (Method::Exact, 0));
        assert_eq!((difference.n, difference.left_out), (outcome.n, outcome.left_out));
    }
    let mut other = same.clone();
    other.versus = 1;
    let found = run(&other, None, &Unwatched).expect("a run").results;
    assert!(found.arms[1].outcomes.iter().all(|outcome| outcome.difference.is_none()));
    assert!(found.arms[0].outcomes.iter().all(|outcome| outcome.difference.is_some()));
    same.independent = true;
    let report = run(&same, None, &Unwatched).expect("a run");
    let difference = report.results.arms[1].outcomes[0].difference.expect("a difference");
    let interval = difference.interval;
    assert!(interval.lo < interval.hi && difference.mean != 0.0);
    same.per_run = false;
    let (_, files) = files("short", &same, &Unwatched);
    assert!(!files.contains_key("outcomes.csv"));
}

#[test]
fn trouble_shows_before_anything_is_played() {
    let model = model();
    let scratch = Scratch::new("trouble");
    let mut folder = Folder::create(&scratch.0, false).expect("a folder");
    fs::write(scratch.0.join("moves.csv"), "mine").expect("a file");
    let watch = Stops { after: u64::MAX, seen: AtomicU64::new(0) };
    let result = run(&spec(&model, 100, 1), Some(&mut folder), &watch);
    assert!(matches!(result, Err(Error::Output(_))));
    assert_eq!(watch.seen.load(Ordering::Relaxed), 0);
    let mut nothing = spec(&model, 100, 1);
    nothing.arms.clear();
    assert!(matches!(run(&nothing, None, &watch), Err(Error::NoArms)));
}

// ---- From blocks made by hand.

fn layout() -> Layout {
    let option = |action: &str, target: &str| OptionRow {
        seat: SeatId::new(0),
        actor: "A".to_string(),
        track: "main".to_string(),
        action: action.to_string(),
        target: target.to_string(),
    };
    Layout {
        outcomes: vec!["x".to_string(), "won".to_string()],
        zero_one: vec![false, true],
        first: vec![false, false],
        variables: vec!["x".to_string()],
        binary: vec![false],
        options: vec![option("court", "B"), option("hold", "")],
        seats: 1,
        rounds: 2,
        ..Layout::default()
    }
}

/// Runs with these outcomes that played two rounds, run 1 only one.
fn block(x: &[f64], won: &[f64]) -> Block {
    let layout = layout();
    let mut block = Block::new(&layout, 0, x.len());
    block.outcomes = [x, won].concat();
    block.variables = [x, x].concat();
    block.played = (0..x.len()).map(|run| if run == 1 { 1 } else { 2 }).collect();
    block
}

fn numbers(table: &Table, column: &str) -> Vec<f64> {
    match table.column(column) {
        Some(Cells::Number(cells)) => cells.clone(),
        Some(Cells::Integer(cells)) => cells.iter().map(|n| *n as f64).collect(),
        other => panic!("{column}: {other:?}"),
    }
}

#[test]
fn differences_are_paired_run_by_run() {
    let base = block(&[1.0, 2.0, 3.0, f64::NAN], &[0.0, 1.0, 1.0, 1.0]);
    let other = block(&[2.0, 4.0, f64::NAN, 9.0], &[1.0, 1.0, 1.0, 1.0]);
    let mut summary = Summary::new(layout(), &["base".to_string(), "other".to_string()], 4);
    summary.add(&[vec![base, other]]);
    let results = summary.results(Seed(1));
    let schemas = Schemas::new(&summary.layout).expect("tables");
    let table = schemas.differences(&results, 3).expect("rows");
    assert_eq!(table.rows(), 2);
    assert_eq!(numbers(&table, "n"), [2.0, 4.0]);
    assert_eq!(numbers(&table, "n_left_out"), [2.0, 0.0]);
    assert_eq!(numbers(&table, "mean"), [1.5, 0.25]);
    assert_eq!(numbers(&table, "point"), [3.0, 3.0]);
    // differences 1 and 2: t with one degree of freedom, standard error 0.5
    let reach = 12.706_204_736 * 0.5;
    assert!((numbers(&table, "lo")[0] - (1.5 - reach)).abs() < 1e-8);
    assert!((numbers(&table, "hi")[0] - (1.5 + reach)).abs() < 1e-8);
    assert_eq!(numbers(&table, "discordant"), [2.0, 1.0]);
    let arm = &results.arms[1].outcomes;
    assert_eq!((arm[0].n, arm[0].left_out, arm[0].mean, arm[0].median), (3, 1, 5.0, 4.0));
    assert_eq!(arm[1].interval.method, Method::Wilson);
    assert_eq!(arm[1].interval.hi, 1.0);
    // Integers from 1 to 9 get a bin each, the same for both arms.
    let bins = &results.outcomes[0].bins;
    assert_eq!((bins.len(), bins.edges()[0], bins.are_integers()), (9, 0.5, true));
    assert_eq!(arm[0].histogram, [0, 1, 0, 1, 0, 0, 0, 0, 1]);
    let histogram = schemas.histogram(&results, 0).expect("rows");
    assert_eq!(histogram.rows(), 2 * (9 + 2));
}

#[test]
fn rounds_count_the_runs_that_played_them() {
    let mut summary = Summary::new(layout(), &["base".to_string()], 3);
    let mut runs = block(&[1.0, 2.0, 6.0], &[0.0; 3]);
    runs.choices = vec![0, 1, 1, 0, 0, 1];
    runs.available = vec![2, 3, 1, 2];
    let reason = "`x` is NaN".to_string();
    let failure = Failure { run: 1, round: 2, cell: "x".to_string(), offset: 4, reason };
    runs.failures.push(failure);
    let schemas = Schemas::new(&summary.layout).expect("tables");
    let names = ["base".to_string()];
    let blocks = [runs];
    let failures = schemas.failures(&names, 0, &blocks, &|byte| format!("at {byte}"));
    let failures = failures.expect("rows");
    assert_eq!(failures.column("place"), Some(&Cells::Text(vec!["at 4".to_string()])));
    summary.add(&[blocks.to_vec()]);
    assert_eq!(summary.results(Seed(1)).arms[0].failed, 1);
    let trajectory = schemas.trajectory(&summary, &summary.moving(), 0, 0..2, 0).expect("rows");
    assert_eq!(numbers(&trajectory, "n"), [3.0, 2.0]);
    assert_eq!(numbers(&trajectory, "mean"), [3.0, 3.5]);
    assert_eq!(numbers(&trajectory, "median"), [2.0, 3.5]);
    let moves = schemas.moves(&summary, 0, 0..2, 0).expect("rows");
    assert_eq!(numbers(&moves, "n"), [3.0, 3.0, 2.0, 2.0]);
    assert_eq!(numbers(&moves, "share"), [1.0 / 3.0, 2.0 / 3.0, 0.5, 0.5]);
    assert_eq!(numbers(&moves, "available"), [2.0, 3.0, 1.0, 2.0]);
    assert_eq!((numbers(&moves, "lo")[0], numbers(&moves, "hi")[0]), wilson(1, 3, Z95));
    // Two values have the quantile of one degree of freedom: 3.5 and standard error 2.5.
    let ends = (numbers(&trajectory, "lo")[1], numbers(&trajectory, "hi")[1]);
    let reach = 2.5 * 12.706_204_736_174_7;
    assert!((ends.0 - 3.5 + reach).abs() < 1e-9 && (ends.1 - 3.5 - reach).abs() < 1e-9, "{ends:?}");
}

#[test]
fn results_do_not_depend_on_how_blocks_come() {
    let value = |run: usize| ((run * 7_919) % 1_000) as f64 / 8.0 - 0.1;
    let of = |first: usize, runs: usize| {
        let x: Vec<f64> = (first..first + runs).map(value).collect();
        Block { first: first as u64, ..block(&x, &vec![0.0; runs]) }
    };
    let played = |mut block: Block| {
        block.played.fill(2);
        block
    };
    let (all, part) = (10 * BATCH, BATCH);
    let mut one = Summary::new(layout(), &["base".to_string()], all as u64);
    one.add(&[vec![played(of(0, all))]]);
    let mut many = Summary::new(layout(), &["base".to_string()], all as u64);
    for first in (0..all).step_by(2 * part) {
        many.add(&[vec![played(of(first, part))], vec![played(of(first + part, part))]]);
    }
    assert_eq!(one.results(Seed(1)), many.results(Seed(1)));
    let mut thin = Summary::new(layout(), &["base".to_string()], all as u64);
    let parts: Vec<Vec<Block>> = (0..all).step_by(64).map(|f| vec![played(of(f, 64))]).collect();
    thin.add(&parts);
    assert_eq!(one.results(Seed(1)), thin.results(Seed(1)));
    let schemas = Schemas::new(&one.layout).expect("tables");
    let trajectory = |summary: &Summary| schemas.trajectory(summary, &summary.moving(), 0, 0..2, 0);
    assert_eq!(trajectory(&one), trajectory(&many));
    assert_eq!(trajectory(&one), trajectory(&thin));
    assert!(!one.arms[0].trajectory[0].digest.is_exact());
}

#[test]
fn memory_does_not_grow_with_runs() {
    let arms = ["base".to_string(), "other".to_string()];
    let mut summary = Summary::new(layout(), &arms, 64 * 2_000);
    let x: Vec<f64> = (0..64).map(f64::from).collect();
    for number in 0..2_000_u64 {
        let spread: Vec<f64> = x.iter().map(|x| x + number as f64 / 2_000.0).collect();
        let mut runs = block(&spread, &[1.0; 64]);
        runs.first = number * 64;
        summary.add(&[vec![runs.clone(), runs]]);
    }
    // What is kept of each run sits in bins and groups, and both are bounded.
    assert_eq!(summary.runs, 128_000);
    let bundles = summary.arms[0].outcomes[0].series.bundles();
    assert!(bundles.len() as u64 <= BUNDLES);
    let result = &summary.results(Seed(1)).arms[0].outcomes[0];
    assert!(!result.exact && (result.median - 32.0).abs() < 0.2);
    assert!(summary.notes()[0].1.contains("100000"));
}
