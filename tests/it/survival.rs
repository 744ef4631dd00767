//! Outcomes that are empty in some runs: what their differences leave out, and the comparisons that
//! lose no run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use detente::record::{Block, Failure, Layout};
use detente::rng::Seed;
use detente::stats::{Z95, wilson};
use detente::summary::{Quantity, Schemas, Summary, Taken};
use detente::table::{Cells, Table};

const NONE: f64 = f64::NAN;

fn layout() -> Layout {
    Layout {
        outcomes: vec!["x".to_string(), "level".to_string()],
        zero_one: vec![false, false],
        first: vec![true, false],
        types: Vec::new(),
        levels: Vec::new(),
        variables: Vec::new(),
        binary: Vec::new(),
        options: Vec::new(),
        seats: 0,
        rounds: 3,
        calendar: None,
    }
}

/// Five runs of three rounds: these rounds of `x`; run 2 ended after round 2, run 3 failed.
fn block(x: [f64; 5]) -> Block {
    let mut block = Block::new(&layout(), 0, 5);
    block.outcomes = [x, [1.0, 1.0, 1.0, NONE, 1.0]].concat();
    block.played = vec![3, 3, 2, 1, 3];
    block.failures.push(Failure::unsaid(3));
    block
}

fn summary(arms: &[&str], blocks: Vec<Block>) -> Summary {
    let names: Vec<String> = arms.iter().map(|name| (*name).to_string()).collect();
    let mut summary = Summary::new(layout(), &names, 5);
    summary.add(&[blocks]);
    summary
}

fn numbers(table: &Table, column: &str) -> Vec<f64> {
    match table.column(column) {
        Some(Cells::Number(cells)) => cells.clone(),
        Some(Cells::Integer(cells)) => cells.iter().map(|n| *n as f64).collect(),
        other => panic!("{column}: {other:?}"),
    }
}

fn texts(table: &Table, column: &str) -> Vec<String> {
    match table.column(column) {
        Some(Cells::Text(cells)) => cells.clone(),
        other => panic!("{column}: {other:?}"),
    }
}

#[test]
fn five_runs_by_hand() {
    // x happens in rounds 1 and 3 of runs 0 and 1; run 2 ends without it, run 4 never has it.
    let mut summary = summary(&["base"], vec![block([1.0, 3.0, NONE, NONE, NONE])]);
    let schemas = Schemas::new(&summary.layout).expect("tables");
    let table = schemas.survival(&summary, 0).expect("rows");
    assert_eq!(numbers(&table, "round"), [1.0, 2.0, 3.0]);
    assert_eq!(texts(&table, "outcome"), ["x", "x", "x"]);
    assert_eq!(numbers(&table, "at_risk"), [4.0, 3.0, 3.0]);
    assert_eq!(numbers(&table, "events"), [1.0, 0.0, 1.0]);
    assert_eq!(numbers(&table, "survival"), [0.75, 0.75, 0.5]);
    // Wilson's interval of 3 and of 2 out of 4, with 1.96: (p + z²/2n ± ...) / (1 + z²/n).
    let near = |found: Vec<f64>, wanted: [f64; 3]| {
        found.iter().zip(wanted).all(|(x, w)| (x - w).abs() < 5e-5)
    };
    assert!(near(numbers(&table, "lo"), [0.3006, 0.3006, 0.1500]), "{table:?}");
    assert!(near(numbers(&table, "hi"), [0.9544, 0.9544, 0.8500]), "{table:?}");
    let results = summary.results(Seed(1));
    let names: Vec<&str> = results.outcomes.iter().map(|scale| scale.name.as_str()).collect();
    assert_eq!(names, ["x", "level", "x:ever", "x:restricted"]);
    let all = &results.arms[0].outcomes;
    assert_eq!((all[0].n, all[0].left_out, all[0].mean), (2, 3, 2.0));
    assert_eq!((all[2].n, all[2].left_out, all[2].mean), (4, 1, 0.5));
    assert!(results.outcomes[2].zero_one);
    // 1 + 3 + 3 + 3; the sum of the shares without it before each round, 1 + 0.75 + 0.75.
    assert_eq!((all[3].n, all[3].left_out, all[3].mean), (4, 1, 2.5));
    assert_eq!((all[3].min, all[3].max), (1.0, 3.0));
}

#[test]
fn pairs_that_lose_nobody() {
    let base = block([1.0, 3.0, NONE, NONE, NONE]);
    let other = block([2.0, NONE, 1.0, NONE, NONE]);
    let mut summary = summary(&["base", "other"], vec![base, other]);
    let results = summary.results(Seed(1));
    let difference = |k: usize| results.arms[1].outcomes[k].difference.expect("a difference");
    // both have it in run 0 only: one round later
    assert_eq!((difference(0).n, difference(0).left_out, difference(0).mean), (1, 4, 1.0));
    // 0, -1, +1 and 0; 2 - 1, 3 - 3, 1 - 3 and 3 - 3
    assert_eq!((difference(2).n, difference(2).left_out, difference(2).mean), (4, 1, 0.0));
    assert_eq!((difference(3).n, difference(3).left_out, difference(3).mean), (4, 1, -0.25));
    let schemas = Schemas::new(&summary.layout).expect("tables");
    let table = schemas.differences(&results, 0).expect("rows");
    assert_eq!(texts(&table, "outcome"), ["x", "level", "x:ever", "x:restricted"]);
    assert_eq!(numbers(&table, "n"), [1.0, 4.0, 4.0, 4.0]);
    let table = schemas.survival(&summary, 2).expect("rows");
    assert_eq!(texts(&table, "arm"), ["base", "base", "base", "other", "other", "other"]);
    assert_eq!(numbers(&table, "point"), [2.0; 6]);
    assert_eq!(numbers(&table, "survival")[3..], [0.75, 0.5, 0.5]);
}

#[test]
fn where_all_runs_failed_nothing_is_known() {
    let mut none = block([NONE; 5]);
    none.failures = (0..5).map(Failure::unsaid).collect();
    let mut summary = summary(&["base"], vec![none]);
    let schemas = Schemas::new(&summary.layout).expect("tables");
    let table = schemas.survival(&summary, 0).expect("rows");
    assert_eq!(numbers(&table, "at_risk"), [0.0; 3]);
    assert!(numbers(&table, "survival").iter().all(|x| x.is_nan()));
    assert!(numbers(&table, "hi").iter().all(|x| x.is_nan()));
    let results = summary.results(Seed(1));
    assert_eq!((results.arms[0].outcomes[2].n, results.arms[0].outcomes[2].left_out), (0, 5));
}

#[test]
fn names_do_not_clash_with_those_of_a_scenario() {
    let quantities = Quantity::all(&layout());
    assert_eq!(quantities[2].taken, Taken::Ever(0));
    assert_eq!(quantities[3].taken, Taken::Restricted(0));
    for name in [&quantities[2].name, &quantities[3].name] {
        let text = HAZARD.replace("hit    = {", &format!("\"{name}\" = {{"));
        assert_ne!(text, HAZARD);
        assert!(detente::scenario::load(text.as_bytes()).has_errors(), "{name}");
    }
}

// ---- By the program.

/// In a round the blow falls with probability `p`, and with `q`, whether it fell or not, the run
/// ends. Nobody decides anything.
const HAZARD: &str = r#"
format = 1

[scenario]
name   = "hazard"
rounds = 8

[actors]
A = { name = "one" }

[parameters]
p = { value = 0.1, unit = "probability", source = "assumed" }
q = { value = 0.2, unit = "probability", source = "assumed" }

[state.flaw]
initial = "normal(0, 1)"

[dynamics]
flaw = "if(flaw > 1.5, 1 / (flaw < 0), flaw)"

[payoffs.none]
A = 0

[weights]
none = 1

[moves.wait]
by = ["A"]

[events.blow]
probability = "p"

[events.end]
probability = "q"
ends        = true

[decision]
rule = "random"

[outcomes]
hit    = { first = "happened[blow]" }
length = { total = "1" }

[variants.longer]
set = { q = 0 }

[variants.rarer]
set = { p = 0.06 }
"#;

/// A folder of a test's own with the scenario in it; without runs that fail where `sound`.
fn folder(test: &str, sound: bool) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("survival-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let text = if sound { HAZARD.replace("flaw > 1.5", "flaw > 1000") } else { HAZARD.to_string() };
    fs::write(folder.join("hazard.toml"), text).expect("a file");
    folder
}

fn detente(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
    let output = command.args(arguments).current_dir(folder).output().expect("it starts");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The cells of a table, by row, without its header.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().skip(1).map(|row| row.split(',').map(str::to_string).collect()).collect()
}

/// By round up to T: the share of runs that the blow has not fallen on, where a round goes on
/// without it with probability a = (1 - p) (1 - q): 1 - p (1 - a^t) / (1 - a).
fn without(p: f64, q: f64, rounds: usize) -> Vec<f64> {
    let a = (1.0 - p) * (1.0 - q);
    let powers = std::iter::successors(Some(a), |power| Some(power * a));
    powers.take(rounds).map(|power| 1.0 - p * (1.0 - power) / (1.0 - a)).collect()
}

#[test]
fn shares_and_times_are_those_of_the_closed_form() {
    let here = folder("closed", true);
    let options = ["--runs", "4000", "--variant", "longer", "--seed", "5", "--out", "x"];
    let said = detente(&here, &[&["run", "hazard.toml"], &options[..]].concat());
    let found = rows(&here.join("x/survival.csv"));
    assert_eq!(found.len(), 2 * 8);
    // Five standard errors: fails one correct program in some hundred thousand.
    let near = |share: f64, n: u64, truth: f64| {
        let (lo, hi) = wilson((share * n as f64).round() as u64, n, 5.0);
        assert!(lo <= truth && truth <= hi, "{share} for {truth}\n{said}");
    };
    for (arm, (name, q)) in [("base", 0.2), ("longer", 0.0)].into_iter().enumerate() {
        let truth = without(0.1, q, 8);
        let own = &found[8 * arm..][..8];
        let number = |row: &[String], k: usize| row[k].parse::<f64>().expect("a number");
        let mut at_risk = 4000.0;
        for (round, (row, share)) in own.iter().zip(&truth).enumerate() {
            assert_eq!(row[..4], [name, "0", &(round + 1).to_string(), "hit"].map(String::from));
            assert_eq!(number(row, 4), at_risk, "ended runs stay at risk");
            at_risk -= number(row, 5);
            assert_eq!(number(row, 6), at_risk / 4000.0);
            assert_eq!((number(row, 7), number(row, 8)), wilson(at_risk as u64, 4000, Z95));
            near(number(row, 6), 4000, *share);
        }
        let summary = rows(&here.join("x/summary.csv"));
        let of = |outcome: &str| {
            let row = summary.iter().find(|row| row[0] == name && row[2] == outcome);
            row.expect("a row").clone()
        };
        assert_eq!(of("hit:ever")[3], "4000");
        near(number(&of("hit:ever"), 4), 4000, 1.0 - truth[7]);
        // The restricted mean is the sum of the shares without it before each round.
        let sum: f64 = own[..7].iter().map(|row| number(row, 6)).sum();
        assert!((number(&of("hit:restricted"), 4) - 1.0 - sum).abs() < 1e-12);
        let mean = 1.0 + truth[..7].iter().sum::<f64>();
        let error = number(&of("hit:restricted"), 5);
        assert!((number(&of("hit:restricted"), 4) - mean).abs() < 5.0 * error, "{mean}");
    }
}

#[test]
fn the_line_of_a_difference_says_how_many_pairs_it_rests_on() {
    let here = folder("lines", true);
    let run = |more: &[&str]| {
        let options = ["run", "hazard.toml", "--runs", "500", "--seed", "5"];
        detente(&here, &[&options[..], more].concat())
    };
    let text = run(&["--variant", "rarer", "--variant", "longer", "--out", "x"]);
    let differences = rows(&here.join("x/differences.csv"));
    // By name and arm: the words of a line.
    let line = |name: &str, arm: usize| {
        let lines = text.lines().filter(|l| l.split_whitespace().next() == Some(name));
        lines.take(3).nth(arm).unwrap_or_else(|| panic!("no line {arm} of {name}:\n{text}"))
    };
    for (arm, variant) in [(1, "rarer"), (2, "longer")] {
        let of = |row: &&Vec<String>| row[0] == variant && row[2] == "hit";
        let row = differences.iter().find(of).expect("a row");
        assert!(line("hit", arm).contains(&format!(" of {} pairs ", row[3])), "{text}");
        // The same blows fall, on more rounds: the pairs with both know nothing of the others.
        assert_eq!(row[5] == "0", variant == "longer", "{row:?}");
        for name in ["hit:ever", "hit:restricted", "length"] {
            assert!(!line(name, arm).contains("pairs"), "{text}");
        }
    }
    assert!(line("hit:ever", 2).contains(" +0.2"), "{text}");
    assert!(line("hit:restricted", 2).contains(" -0."), "{text}");
    assert!(text.contains("compare only runs in which both arms have a value"), "{text}");
    assert!(text.contains("`hit:ever` and `hit:restricted` lose none"), "{text}");
    assert!(text.contains("8, the last, if it never did"), "{text}");
    // Where it always happens nothing has to be added, nor where it is not shown.
    let sure = run(&["--set", "p=1", "--variant", "longer"]);
    assert!(!sure.contains("hit:") && !sure.contains("pairs"), "{sure}");
    let other = run(&["--variant", "longer", "--outcomes", "length"]);
    assert!(!other.contains("hit:") && other.contains("1 more outcome;"), "{other}");
    let alone = run(&["--variant", "longer", "--outcomes", "hit:ever"]);
    assert!(alone.contains("hit:ever") && !alone.contains("hit:restricted"), "{alone}");
    let unknown = run(&["--outcomes", "hit:often"]);
    assert!(unknown.contains("no outcome `hit:often`"), "{unknown}");
}

#[test]
fn only_a_run_with_a_first_has_the_table() {
    let here = folder("table", true);
    detente(&here, &["run", "hazard.toml", "--runs", "20", "--out", "x"]);
    let package = fs::read_to_string(here.join("x/datapackage.json")).expect("a package");
    assert!(package.contains("survival.csv") && package.contains("does not censor it"));
    let text = fs::read_to_string(here.join("hazard.toml")).expect("text");
    let text = text.replace("{ first =", "{ ever =");
    fs::write(here.join("hazard.toml"), text).expect("a file");
    detente(&here, &["run", "hazard.toml", "--runs", "20", "--out", "x", "--force"]);
    assert!(here.join("x/summary.csv").exists() && !here.join("x/survival.csv").exists());
    let summary = fs::read_to_string(here.join("x/summary.csv")).expect("text");
    assert!(!summary.contains("hit:"), "{summary}");
}

#[test]
fn failed_runs_are_left_out_in_sweeps_too() {
    // 9,000 runs of few points are cut into slices, 50 are not: both leave out what a run does.
    let here = folder("sweep", false);
    for runs in ["9000", "50"] {
        let (run, sweep) = (format!("run-{runs}"), format!("sweep-{runs}"));
        let said = detente(&here, &["run", "hazard.toml", "--runs", runs, "--out", &run]);
        assert!(said.contains("runs failed"), "{said}");
        let vary = ["sweep", "hazard.toml", "--vary", "q=0.2", "--runs", runs, "--out", &sweep];
        detente(&here, &vary);
        let cells = |folder: &str| {
            let all = rows(&here.join(folder).join("summary.csv")).into_iter();
            all.collect::<Vec<_>>()
        };
        assert_eq!(cells(&run), cells(&sweep));
        let failed = rows(&here.join(&run).join("failures.csv")).len();
        assert!(failed > 0);
        for row in cells(&run) {
            let n: usize = row[3].parse().expect("a number");
            let left_out = row.last().expect("a cell").parse::<usize>().expect("a number");
            assert_eq!(n + left_out, runs.parse::<usize>().expect("a number"));
            assert!(row[2] == "hit" || left_out == failed, "{row:?}");
        }
    }
}
