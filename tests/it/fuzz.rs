//! Whatever is read is refused with a reason or played: no panic, no abort, no hang.
//!
//! Valid scenarios, games, plans, parts and lists of points are changed at random, the same every
//! time. `DETENTE_FUZZ=20000 cargo test --release --test it fuzz -- --nocapture` makes so many
//! cases of each of the first two kinds, a tenth of the others, and says what became of them. A
//! case that fails is kept in `target/fuzz`.

mod mutate;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use detente::diagnostic::{Code, Diagnostic, Severity};
use detente::engine::{self, Vectors};
use detente::model::{Arm, Simulation};
use detente::plan::{Budget, Plan};
use detente::record::Layout;
use detente::reference;
use detente::rng::Seed;
use detente::solve::alpharank::{Populations, Selection, rank};
use detente::solve::correlated::{Obedience, Objective, correlated};
use detente::solve::dominance::{Dominance, dominance};
use detente::solve::learning::{Patience, fictitious_play, regret_matching};
use detente::solve::replicator::replicate;
use detente::solve::{Equilibrium, bimatrix, logit, many, nfg, pure_nash};
use detente::{scenario, solve};

use crate::agreement::difference;
use crate::generate::Made;
use crate::support::{files, root};
use mutate::Mutator;

/// A case may take so long, in a build that is not optimised on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many cases: `few` unless `DETENTE_FUZZ` says otherwise.
#[expect(clippy::disallowed_methods, reason = "how long a test takes is the caller's choice")]
fn cases(few: u64, share: u64) -> u64 {
    let asked = std::env::var("DETENTE_FUZZ").ok();
    let asked = asked.map(|n| n.parse::<u64>().expect("DETENTE_FUZZ is a number of cases"));
    asked.map_or(few, |n| (n / share).max(1))
}

/// What became of cases, by name.
#[derive(Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn count(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }

    fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    fn say(&self, kind: &str) {
        let all: Vec<String> = self.0.iter().map(|(what, n)| format!("{n} {what}")).collect();
        println!("fuzz {kind}: {}", all.join(", "));
    }
}

/// Keeps a case that fails, and fails.
fn fail(kind: &str, number: u64, case: &[u8], why: &str) -> ! {
    let path = root().join("target/fuzz").join(format!("{kind}-{number}"));
    let _ = fs::create_dir_all(root().join("target/fuzz")).and_then(|()| fs::write(&path, case));
    panic!("{} (case {number}): {why}", path.display());
}

/// Does `work` with a text within its time. It says what became of it, or what is wrong.
fn tried(
    kind: &'static str,
    number: u64,
    text: String,
    work: fn(&str) -> Result<&'static str, String>,
) -> String {
    let (done, arriving) = mpsc::channel();
    let case = text.clone();
    let worker = move || {
        let found = catch_unwind(AssertUnwindSafe(|| work(&text)));
        // Nobody is there to receive it once time was up.
        let _ = done.send(found);
    };
    // The stack that a main thread has.
    let worker = thread::Builder::new().stack_size(8 << 20).spawn(worker);
    worker.expect("a thread");
    match arriving.recv_timeout(PATIENCE) {
        Ok(Ok(Ok(found))) => found.to_string(),
        Ok(Ok(Err(why))) => fail(kind, number, case.as_bytes(), &why),
        Ok(Err(_)) => fail(kind, number, case.as_bytes(), "it panics"),
        Err(_) => fail(kind, number, case.as_bytes(), "it takes too long"),
    }
}

/// Loads a scenario and, if it is valid and cheap, plays a run of two rounds with the engine and
/// with the interpreter.
fn load_and_play(text: &str) -> Result<&'static str, String> {
    let checked = scenario::load(text.as_bytes());
    // what only takes too long to imagine can be mended by settings
    let costly = |d: &Diagnostic| d.code == Code::TooCostly;
    let error = |d: &Diagnostic| d.severity() == Severity::Error && !costly(d);
    if checked.diagnostics.iter().any(error) && checked.value.is_some() {
        return Err("a model in spite of errors".to_string());
    }
    let Some(model) = checked.value else {
        return if checked.diagnostics.is_empty() {
            Err("refused without a reason".to_string())
        } else {
            Ok("refused")
        };
    };
    if checked.diagnostics.iter().any(costly) {
        return Ok("too dear");
    }
    let Ok(mut arm) = Arm::new(&model, None, &[]) else { return Ok("without an arm") };
    if scenario::imagined_rounds(&model, &arm) > 100.0 {
        return Ok("too dear");
    }
    arm.rounds = arm.rounds.min(2);
    let layout = Layout::of(&model, std::slice::from_ref(&arm));
    let plan = Plan::new(&model, &arm, Budget::default());
    let Ok(plan) = plan else { return Ok("too dear") };
    let ours = engine::play(&plan, Vectors::best(), Seed(5), &layout, 0, 1);
    let game = Simulation { model: &model, arm: &arm, seed: Seed(5) };
    let theirs = reference::play(&game, &layout, 0, 1);
    match difference(&layout, &ours, &theirs) {
        Some(found) => Err(format!("engine and interpreter differ: {found}")),
        None if theirs.failures.is_empty() => Ok("played"),
        None => Ok("failed in both"),
    }
}

#[test]
fn scenarios() {
    let shipped: Vec<String> = files("scenarios/textbook", ".toml")
        .iter()
        .map(|path| fs::read_to_string(path).expect("a scenario"))
        .collect();
    let mut tally = Tally::default();
    for number in 0..cases(400, 1) {
        let mut mutator = Mutator::new(number);
        let base = match number % 3 {
            0 => shipped[mutator.below(shipped.len())].clone(),
            _ => Made::in_full(number),
        };
        let text = mutator.text(&base);
        tally.count(tried("scenario", number, text, load_and_play));
    }
    tally.say("scenarios");
    assert!(tally.of("refused") > 0 && tally.of("played") > 0);
}

/// Reads a game and puts every question to it, with a bound on work.
fn read_and_solve(text: &str) -> Result<&'static str, String> {
    let game = match nfg::read(text) {
        Ok(game) => game,
        Err(error) => {
            let _ = error.position(text);
            return if error.to_string().is_empty() {
                Err("refused without a reason".to_string())
            } else {
                Ok("refused")
            };
        }
    };
    let again = nfg::read(&nfg::write(&game));
    if again.as_ref() != Ok(&game) {
        return Err(format!("written and read it is another game: {again:?}"));
    }
    if game.profiles() > 64 || game.players().len() > 4 {
        return Ok("large");
    }
    let left = Cell::new(300);
    let halt = || {
        left.set(left.get() - 1);
        left.get() < 0
    };
    for equilibrium in equilibria(&game, &halt) {
        let sums = equilibrium.profile.iter().map(|mix| mix.iter().sum::<f64>());
        if equilibrium.regret > 1e-9 || sums.into_iter().any(|sum| (sum - 1.0).abs() > 1e-9) {
            return Err(format!("no equilibrium: {equilibrium:?}"));
        }
        if equilibrium.payoffs.iter().any(|payoff| !payoff.is_finite()) {
            return Err(format!("no payoffs: {equilibrium:?}"));
        }
    }
    others(&game)?;
    Ok("solved")
}

fn equilibria(game: &solve::Game, halt: &solve::Halt) -> Vec<Equilibrium> {
    let mut all = pure_nash(game, halt).equilibria;
    all.extend(many::all_nash(game, halt).equilibria);
    for found in [
        bimatrix::vertex_enumeration(game, halt),
        bimatrix::support_enumeration(game, halt),
        bimatrix::lemke_howson(game, None, halt),
    ] {
        all.extend(found.map(|found| found.equilibria).unwrap_or_default());
    }
    all
}

/// The other concepts, whose certificates have to be numbers from 0 on.
fn others(game: &solve::Game) -> Result<(), String> {
    let never = &solve::never;
    let left = Cell::new(100);
    let halt = &|| {
        left.set(left.get() - 1);
        left.get() < 0
    };
    let mut bounds = vec![("limit", logit::limit(game, halt).equilibrium.regret)];
    for kind in [Dominance::Strict, Dominance::Weak] {
        let survivors = dominance(game, kind, true, never).strategies;
        if survivors.iter().any(Vec::is_empty) {
            return Err(format!("{kind:?} leaves nothing"));
        }
    }
    for kind in [Obedience::Correlated, Obedience::Coarse] {
        for goal in [Objective::Welfare, Objective::Player(0)] {
            if let Ok(found) = correlated(game, kind, goal, false, never)
                && !found.distribution.is_empty()
            {
                bounds.push(("correlated", found.residual));
            }
        }
    }
    if let Ok(branch) = logit::branch(game, &[0.0, 2.0], logit::Unit::Range, halt) {
        bounds.extend(branch.points.iter().map(|point| ("logit", point.residual)));
    }
    let patience = Patience { rounds: 20, gap: 1e-3 };
    bounds.push(("learning", regret_matching(game, patience, never).gap));
    bounds.push(("learning", fictitious_play(game, patience, never).gap));
    let limit = Selection::Limit { mistakes: 0.0 };
    if let Ok(found) = rank(game, Populations::PerPlayer, limit, never) {
        bounds.push(("alpharank", found.residual));
    }
    let until = 10.0 / if game.range() > 0.0 { game.range() } else { 1.0 };
    if let Ok(found) = replicate(game, Populations::PerPlayer, &game.uniform(), until, halt) {
        bounds.extend([("replicator", found.residual), ("replicator", found.state.regret)]);
    }
    match bounds.iter().find(|(_, bound)| !(bound.is_finite() && *bound >= 0.0)) {
        Some((name, bound)) => Err(format!("{name}: {bound} bounds nothing")),
        None => Ok(()),
    }
}

#[test]
fn games() {
    let shipped: Vec<String> = files("scenarios/textbook/games", ".nfg")
        .iter()
        .chain(&files("tests/reference/games", ".nfg"))
        .map(|path| fs::read_to_string(path).expect("a game"))
        .filter(|text| text.len() < 2000)
        .collect();
    let mut tally = Tally::default();
    for number in 0..cases(400, 1) {
        let mut mutator = Mutator::new(number);
        let base = shipped[mutator.below(shipped.len())].clone();
        let text = mutator.text(&base);
        tally.count(tried("game", number, text, read_and_solve));
    }
    tally.say("games");
    assert!(tally.of("refused") > 0 && tally.of("solved") > 0);
}

/// An empty folder for a kind of cases.
fn folder(kind: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("detente-fuzz-{}-{kind}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    path
}

/// How the program ends on a case: with a status of its own and, unless that is 0, a reason on
/// standard error.
fn program(kind: &str, number: u64, case: &[u8], folder: &Path, arguments: &[&str]) -> i32 {
    let (out, err) = (folder.join("out"), folder.join("err"));
    let channel = |path: &Path| Stdio::from(fs::File::create(path).expect("a file"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_detente"))
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(channel(&out))
        .stderr(channel(&err))
        .spawn()
        .expect("the program starts");
    let step = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            break status;
        }
        if waited > PATIENCE {
            let _ = child.kill();
            fail(kind, number, case, &format!("{arguments:?} takes too long"));
        }
        thread::sleep(step);
        waited += step;
    };
    let said = String::from_utf8_lossy(&fs::read(&err).expect("what it said")).into_owned();
    let panicked = ["panicked", "overflowed its stack", "memory allocation"];
    match status.code() {
        Some(0) => 0,
        Some(code @ (1 | 2)) if !said.trim().is_empty() => {
            if let Some(word) = panicked.iter().find(|word| said.contains(**word)) {
                fail(kind, number, case, &format!("{word}: {said}"));
            }
            code
        }
        _ => fail(kind, number, case, &format!("{status}: {said}")),
    }
}

fn word(status: i32) -> String {
    if status == 0 { "accepted".to_string() } else { "refused".to_string() }
}

const SMALL: &str = "scenarios/textbook/stag-hunt.toml";

/// A plan of two points in one shard.
fn planned(folder: &Path, name: &str) {
    let scenario = root().join(SMALL);
    let scenario = scenario.to_string_lossy();
    let size = ["--uncertain", "--points", "2", "--runs", "3", "--shards", "1", "-o", name];
    let all: Vec<&str> = ["plan", &scenario].into_iter().chain(size).collect();
    assert_eq!(program("plan", 0, b"", folder, &all), 0);
}

/// Plans by hand: a changed plan is refused, or its shard is played.
#[test]
fn plans() {
    let folder = folder("plans");
    planned(&folder, "plan.json");
    let plan = fs::read_to_string(folder.join("plan.json")).expect("a plan");
    let (settings, text) = plan.split_once("\"text\"").expect("the scenario is last");
    let mut tally = Tally::default();
    for number in 0..cases(60, 10) {
        let mut mutator = Mutator::new(number);
        // Mostly the settings: the scenario inside has a test of its own.
        let changed = match number % 4 {
            0 => mutator.text(&plan),
            _ => mutator.text(settings) + "\"text\"" + text,
        };
        fs::write(folder.join("changed.json"), &changed).expect("a file");
        let parts = format!("parts-{number}");
        fs::create_dir_all(folder.join(&parts)).expect("a folder");
        let status =
            |arguments: &[&str]| program("plan", number, changed.as_bytes(), &folder, arguments);
        // Which shards there are does not depend on what plays them; a plan that asks for more
        // runs than a test has time for is looked at only.
        let runs = serde_json::from_str::<serde_json::Value>(&changed)
            .ok()
            .map_or(0.0, |plan| number_of(&plan, "runs") * number_of(&plan, "points"));
        let looked = status(&["status", "changed.json", &parts, "--missing"]);
        if runs < 1e4 {
            let played = status(&["shard", "changed.json", "--index", "0", "--out", &parts]);
            tally.count(word(played));
        } else {
            tally.count(format!("{}, too many runs to play", word(looked)));
        }
        let _ = fs::remove_dir_all(folder.join(&parts));
    }
    tally.say("plans");
    assert!(tally.of("refused") > 0 && tally.of("accepted") > 0);
    let _ = fs::remove_dir_all(folder);
}

fn number_of(plan: &serde_json::Value, key: &str) -> f64 {
    plan[key].as_f64().unwrap_or(0.0)
}

/// Parts from a broken disk: refused, or what they were.
#[test]
fn parts() {
    let folder = folder("parts");
    planned(&folder, "p.json");
    let play = ["shard", "p.json", "--index", "0", "--out", "parts"];
    assert_eq!(program("part", 0, b"", &folder, &play), 0);
    let whole = ["merge", "p.json", "parts", "--out", "whole"];
    assert_eq!(program("part", 0, b"", &folder, &whole), 0);
    let expected = contents(&folder.join("whole"));
    let path = file_below(&folder.join("parts"), ".part.bin").expect("a part");
    let part = fs::read(&path).expect("bytes");
    let mut tally = Tally::default();
    for number in 0..cases(60, 10) {
        let changed = Mutator::new(number).bytes(&part);
        fs::write(&path, &changed).expect("a file");
        let merge = ["merge", "p.json", "parts", "--out", "again", "--force"];
        let status = program("part", number, &changed, &folder, &merge);
        if status == 0 {
            // A blank more in its head changes nothing.
            if contents(&folder.join("again")) != expected {
                fail("part", number, &changed, "a changed part is taken for whole");
            }
        }
        tally.count(word(status));
    }
    fs::write(&path, &part).expect("a file");
    let merge = ["merge", "p.json", "parts", "--out", "again", "--force"];
    assert_eq!(program("part", 0, &part, &folder, &merge), 0);
    tally.say("parts");
    assert!(tally.of("refused") > 0);
    let _ = fs::remove_dir_all(folder);
}

/// The files of a folder but the package, which holds the command.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let names = ["summary.csv", "points.csv", "failures.csv"];
    let read = |name: &str| fs::read(folder.join(name)).expect("a table");
    names.map(|name| (name.to_string(), read(name))).to_vec()
}

/// The first file below a folder with this ending.
fn file_below(folder: &Path, ending: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").path());
    let mut all: Vec<PathBuf> = entries.collect();
    all.sort();
    all.into_iter().find_map(|path| match path.is_dir() {
        true => file_below(&path, ending),
        false => path.to_string_lossy().ends_with(ending).then_some(path),
    })
}

/// Points in a file: refused, or played at the numbers that stand there.
#[test]
fn points() {
    let folder = folder("points");
    let scenario = root().join(SMALL);
    let scenario = scenario.to_string_lossy();
    let sweep = ["sweep", &scenario, "--uncertain", "--points", "3", "--runs", "1", "--out", "s"];
    assert_eq!(program("points", 0, b"", &folder, &sweep), 0);
    let list = fs::read_to_string(folder.join("s/points.csv")).expect("points");
    let mut tally = Tally::default();
    for number in 0..cases(60, 10) {
        let changed = Mutator::new(number).text(&list);
        fs::write(folder.join("points.csv"), &changed).expect("a file");
        let out = format!("out-{number}");
        let sweep = ["sweep", &scenario, "--design", "points.csv", "--runs", "1", "--out", &out];
        let status = program("points", number, changed.as_bytes(), &folder, &sweep);
        if status == 0 {
            let made = fs::read_to_string(folder.join(&out).join("points.csv")).expect("points");
            if let Err(why) = same_numbers(&changed, &made) {
                fail("points", number, changed.as_bytes(), &why);
            }
        }
        let _ = fs::remove_dir_all(folder.join(&out));
        tally.count(word(status));
    }
    tally.say("points");
    assert!(tally.of("refused") > 0 && tally.of("accepted") > 0);
    let _ = fs::remove_dir_all(folder);
}

/// Whether the cells that were played are those that were given: where both are numbers, the same.
fn same_numbers(given: &str, made: &str) -> Result<(), String> {
    let (given, made) = (columns(given), columns(made));
    for (key, cells) in given.iter().filter(|(key, _)| *key != "point") {
        let Some(played) = made.get(key) else { return Err(format!("`{key}` was lost")) };
        if played.len() != cells.len() {
            return Err(format!("{} points of {}", played.len(), cells.len()));
        }
        for (cell, played) in cells.iter().zip(played) {
            let number = |text: &str| text.parse::<f64>().ok().filter(|x| x.is_finite());
            if let Some(cell_number) = number(cell)
                && number(played) != Some(cell_number)
            {
                return Err(format!("`{key}` is {played} where {cell} was given"));
            }
        }
    }
    Ok(())
}

fn columns(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let mut all: BTreeMap<String, Vec<String>> =
        header.iter().map(|key| (key.to_string(), Vec::new())).collect();
    for record in reader.records() {
        for (key, cell) in header.iter().zip(record.expect("a row").iter()) {
            all.entry(key.to_string()).or_default().push(cell.to_string());
        }
    }
    all
}

/// Reads a history, of which the text and the tables are parted by a line of dashes.
fn read_history(text: &str) -> Result<&'static str, String> {
    const HARBOUR: &str = include_str!("../histories/harbour.toml");
    let scenario = detente::Scenario::parse(HARBOUR).expect("the scenario is sound");
    let mut parts = text.split("\n----\n");
    let names = ["", "sets.moves.csv", "sets.events.csv", "sets.series.csv"];
    let parts: Vec<&str> = names.iter().map(|_| parts.next().unwrap_or_default()).collect();
    let files: Vec<(&str, &str)> = names.into_iter().zip(parts.iter().copied()).skip(1).collect();
    match scenario.history_with(parts[0], &files) {
        Ok(history) if history.cases.is_empty() => Err("a history without one".to_string()),
        Ok(history) => {
            let of = |case: &detente::history::Case| case.seen.len() == case.rounds as usize;
            let whole = history.cases.iter().all(of);
            whole.then_some("read").ok_or_else(|| "rounds are missing".to_string())
        }
        Err(wrong) if wrong.is_empty() => Err("refused without a reason".to_string()),
        Err(wrong) => {
            let _ = wrong.render(false);
            Ok("refused")
        }
    }
}

#[test]
fn histories() {
    let file = |name: &str| fs::read_to_string(root().join("tests/histories").join(name));
    let names = ["sets.history.toml", "sets.moves.csv", "sets.events.csv", "sets.series.csv"];
    let parts: Vec<String> = names.iter().map(|name| file(name).expect("a file")).collect();
    let base = parts.join("\n----\n");
    assert_eq!(read_history(&base), Ok("read"));
    let mut tally = Tally::default();
    for number in 0..cases(200, 10) {
        let mut mutator = Mutator::new(number);
        let case = mutator.text(&base);
        tally.count(tried("history", number, case, read_history));
    }
    tally.say("histories");
    assert!(tally.of("refused") > 0);
}
