//! Histories of small scenarios whose likelihoods are known, from programs that enumerate.

use std::path::Path;
use std::rc::Rc;

use detente::diagnostic::Attached;
use detente::engine::Vectors;
use detente::evidence::{self, Likelihood, Question, Score, Settings, Sum, Weigh};
use detente::experiment::Unwatched;
use detente::history::{self, History};
use detente::model::{Arm, Model};
use detente::rng::Seed;
use serde_json::Value;

use detente::{Forecast, Run, Scenario};

use super::support::{self, files, root};

/// What plans may take.
const BYTES: u64 = 1 << 30;

/// A history among its files.
pub fn history(model: &Model, path: &Path) -> History {
    let folder = path.parent().expect("a folder");
    let beside = files(&folder.display().to_string(), ".csv").into_iter().map(|path| Attached {
        name: path.file_name().expect("a name").to_string_lossy().into_owned(),
        text: std::fs::read_to_string(&path).expect("a text").into(),
    });
    let beside: Vec<Attached> = beside.collect();
    let bytes = std::fs::read(path).expect("a history");
    let loaded = history::load(model, &bytes, Rc::new(beside));
    let list = loaded.checked.diagnostics;
    loaded.checked.value.unwrap_or_else(|| panic!("{}: {list:?}", path.display()))
}

/// A case of an expectation.
struct Case {
    what: String,
    model: Model,
    arm: Arm,
    history: History,
    expected: Value,
}

impl Case {
    fn all() -> Vec<Case> {
        let lists = files("tests/evidence", ".expected.json");
        assert!(!lists.is_empty());
        let each = lists.iter().flat_map(|list| {
            let text = std::fs::read_to_string(list).expect("a text");
            let known: Value = serde_json::from_str(&text).expect("JSON");
            let folder = list.parent().expect("a folder").to_path_buf();
            let scenario = folder.join(known["scenario"].as_str().expect("a scenario"));
            let cases = known["cases"].as_array().expect("cases").clone();
            cases.into_iter().map(move |expected| Case::of(&scenario, expected))
        });
        each.collect()
    }

    fn of(scenario: &Path, expected: Value) -> Case {
        let model = support::load(scenario).unwrap_or_else(|list| panic!("{list:?}"));
        let name = expected["history"].as_str().expect("a history").to_string();
        let set = expected["set"].as_object().expect("settings").iter();
        let set: Vec<(String, String)> = set.map(|(k, v)| (k.clone(), v.to_string())).collect();
        let settings = detente::settings(&model, &set).expect("sound settings");
        let arm = Arm::new(&model, None, &settings).expect("an arm");
        let history = history(&model, &scenario.with_file_name(&name));
        let what = format!("{name} with {set:?}");
        Case { what, model, arm, history, expected }
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.expected[key].as_f64()
    }

    fn weigh<'a>(&'a self, settings: &'a Settings) -> Weigh<'a> {
        let Case { model, history, .. } = self;
        Weigh { model, history, settings, room: BYTES, watch: &Unwatched }
    }

    fn likelihood(&self, settings: &Settings) -> Likelihood {
        let found = self.weigh(settings).likelihoods(std::slice::from_ref(&self.arm));
        found.expect("it can be weighed").remove(0).remove(0)
    }

    fn score(&self, settings: &Settings) -> Score {
        let question =
            Question { weigh: self.weigh(settings), before: None, surprises: 3, origins: None };
        evidence::score(&question, &self.arm).expect("it can be weighed")
    }
}

/// Within the tolerance where it is exact, else within what 16 filters say.
fn close(found: f64, known: f64, exact: bool, error: f64, what: &str) {
    let allowed = if exact { 1e-10 } else { error };
    assert!((found - known).abs() <= allowed, "{what}: {found}, known {known}, allowed {allowed}");
}

#[test]
fn likelihoods_are_those_of_other_programs() {
    let (mut exact, mut sampled) = (0, 0);
    for case in Case::all() {
        let settings = Settings { particles: 1000, filters: 16, ..Settings::default() };
        if case.expected["particles"] == Value::Bool(false) {
            continue;
        }
        let score = case.score(&settings);
        let found = &score.cases[0];
        let Some(known) = case.number("loglik") else {
            assert_eq!(found.loglik(), f64::NEG_INFINITY, "{}", case.what);
            let blame = found.blame.as_ref().expect("a record that is impossible");
            assert_eq!(Some(u64::from(blame.round)), case.expected["impossible_round"].as_u64());
            assert!(blame.what.is_some(), "{}", case.what);
            continue;
        };
        let all = Sum::of(&score.cases);
        let (lo, hi) = all.interval(0.9999).expect("16 filters");
        close(all.loglik, known, all.exact, (hi - lo) / 2.0 + 1e-12, &case.what);
        (exact, sampled) = (exact + usize::from(all.exact), sampled + usize::from(!all.exact));
        let sum: f64 = score.cases.iter().flat_map(Likelihood::increments).sum();
        assert!((sum - all.loglik).abs() < 1e-9, "{}", case.what);
        let known = case.expected["predictive"].as_array().expect("predictions");
        assert_eq!(known.len(), score.rows.len(), "{}", case.what);
        for (known, row) in known.iter().zip(&score.rows) {
            let seat = &case.model.seats[row.seat];
            assert_eq!(known["round"].as_u64(), Some(u64::from(row.round)));
            assert_eq!(known["actor"].as_str(), Some(&*case.model.names.actors[seat.actor]));
            if seat.stage > 0 {
                // given what was seen of earlier stages, not marginal over it: see below
                continue;
            }
            let p = known["probability"].as_f64().expect("a probability");
            let what = format!("{}, round {}", case.what, row.round);
            close(row.probability, p, score.cases[row.case].exact, 0.03, &what);
        }
        staged(&case, &score);
        if score.cases.len() == 1 {
            filtered(&case, &score, found.exact);
        }
    }
    assert!(exact >= 15 && sampled >= 15, "{exact} exact, {sampled} sampled");
}

/// Where moves alone are known and all of them count, predictions of a round's seats, each given
/// the earlier stages, multiply to what the round adds.
fn staged(case: &Case, score: &Score) {
    let stages = case.model.seats.iter().any(|seat| seat.stage > 0);
    let of_moves = case.model.hazards.is_empty() && score.types.is_empty();
    if !stages || !of_moves || !score.cases[0].exact {
        return;
    }
    for (number, increment) in score.cases[0].increments().into_iter().enumerate() {
        let rows = score.rows.iter().filter(|row| row.round as usize == number + 1);
        let product: f64 = rows.map(|row| row.probability).product();
        let what = format!("{}, round {}", case.what, number + 1);
        close(detente::math::log(product), increment, true, 0.0, &what);
    }
}

/// Means of variables, and types, given the records up to each round.
fn filtered(case: &Case, score: &Score, exact: bool) {
    let layout = detente::record::Layout::of(&case.model, std::slice::from_ref(&case.arm));
    let Some(known) = case.expected["filtered"].as_object() else { return };
    for (name, values) in known {
        let values = values.get("mean").unwrap_or(values);
        let values = values.as_array().expect("values by round");
        for (number, value) in values.iter().enumerate() {
            let Some(value) = value.as_f64() else { continue };
            let round = number as u32 + 1;
            let found = match layout.variables.iter().position(|v| v == name) {
                Some(variable) => {
                    let mut rows = score.filtered.iter();
                    rows.find(|f| f.variable == variable && f.round == round).map(|f| f.mean)
                }
                None => {
                    let mut rows = score.types.iter();
                    let is = |actor, kind: usize| {
                        let actor: &str = &case.model.names.actors[actor];
                        let kind = &case.model.names.types[score.types[0].actor][kind];
                        *name == format!("P({actor}={kind})")
                    };
                    rows.find(|t| t.round == round && is(t.actor, t.kind)).map(|t| t.probability)
                }
            };
            let found = found.unwrap_or_else(|| panic!("{}: no {name}", case.what));
            let what = format!("{}: {name} after round {round}", case.what);
            close(found, value, exact, 0.05, &what);
        }
    }
}

#[test]
fn a_filter_is_the_same_in_engine_and_interpreter_at_every_width() {
    for case in Case::all() {
        let settings = Settings { particles: 100, filters: 2, ..Settings::default() };
        let seed = Seed(7);
        let plain = case.likelihood(&Settings { plain: true, seed, ..settings });
        for (name, vectors) in Vectors::all() {
            let vectors = Some(vectors);
            let found = case.likelihood(&Settings { vectors, seed, ..settings });
            assert_eq!(found, plain, "{}, {name}", case.what);
        }
    }
}

#[test]
fn baselines_are_those_of_another_program() {
    let text = std::fs::read_to_string(root().join("tests/evidence/exact1.expected.json"));
    let known: Value = serde_json::from_str(&text.expect("a text")).expect("JSON");
    let case = Case::all().into_iter().find(|c| c.what.starts_with("exact1.history")).expect("one");
    let score = case.score(&Settings::default());
    let rows = known["baselines"]["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), score.rows.len());
    for (known, row) in rows.iter().zip(&score.rows) {
        let pairs = [
            ("uniform", row.uniform),
            ("frequency", row.baseline.frequency),
            ("persistence", row.baseline.persistence),
        ];
        for (name, found) in pairs {
            let value = known[name].as_f64().expect("a number");
            assert!((value - found).abs() < 1e-12, "{name} in {known}: {found}");
        }
    }
}

/// The tables of a folder, package and texts aside.
fn tables(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a table"))
        })
        .filter(|(name, _)| !name.starts_with("history."))
        .collect();
    found.sort();
    found
}

/// A new folder below the one for tests.
fn folder(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("detente-evidence-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn forecast(
    scenario: &Scenario,
    history: &History,
    request: &Forecast,
    name: &str,
) -> Vec<(String, Vec<u8>)> {
    let path = folder(name);
    let into = detente::output::Folder::create(&path, false).expect("a folder");
    let found = scenario.forecast_into(history, request, Some(into), &Unwatched);
    found.unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = tables(&path);
    std::fs::remove_dir_all(&path).expect("it can be removed");
    found
}

#[test]
fn without_records_a_forecast_is_a_run() {
    for (name, runs, rounds) in
        [("arms-race", 300, 4), ("cuban-missile-crisis", 200, 3), ("bank-run", 130, 0)]
    {
        let Ok(scenario) = Scenario::shipped(name) else { continue };
        let text = format!("format = 1\n[history]\nrounds = {}\n", rounds.max(1));
        let history = scenario.history_with(&text, &[]).unwrap_or_else(|e| panic!("{e}"));
        let path = folder("run");
        let played = scenario.run(&Run::new(runs).seed(3)).expect("it can be played");
        played.write(&path).expect("it can be written");
        let known = tables(&path);
        std::fs::remove_dir_all(&path).expect("it can be removed");
        let request = Forecast::new().particles(runs as usize).filters(1).seed(3).after(rounds);
        let found = forecast(&scenario, &history, &request, name);
        let names = |list: &[(String, Vec<u8>)]| -> Vec<String> {
            list.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&known), names(&found), "{name}");
        for ((file, known), (_, found)) in known.iter().zip(&found) {
            assert!(known == found, "{name}: {file} differs");
        }
    }
}

#[test]
fn what_cannot_be_forecast_is_said() {
    let scenario =
        Scenario::find(root().join("tests/evidence/exact1.toml").to_str().expect("text"))
            .expect("a scenario");
    let path = root().join("tests/evidence/exact1.history.toml");
    let history = scenario.history(path).expect("a history");
    let said = |request: Forecast| match scenario.forecast(&history, &request) {
        Ok(_) => panic!("a forecast"),
        Err(error) => error.to_string(),
    };
    assert!(said(Forecast::new().known_series()).contains("no series"));
    assert!(said(Forecast::new().after(99)).contains("--after can be 0 to 6"));
    let round = |text: &str| scenario.round_named(&history, text).map_err(|e| e.to_string());
    assert_eq!(round("3"), Ok(3));
    assert!(round("2024-07").expect_err("no dates").contains("dates"));
    assert!(round("soon").expect_err("a word").contains("2024-07-01"));
    let pact = Scenario::shipped("pyongyang-pact").expect("it is inside");
    let path = root().join("scenarios/alliances/histories/pyongyang-pact/after");
    let history = pact.history(path).expect("a history");
    assert_eq!(pact.round_named(&history, "2024-09").expect("a round"), 3);
    assert_eq!(pact.round_named(&history, "2024-06").expect("before the first"), 0);
    let early = pact.round_named(&history, "2020-01").expect_err("before");
    assert!(early.to_string().contains("round 1 is 2024-07"), "{early}");
}

#[test]
fn a_forecast_does_not_depend_on_who_plays_it() {
    for case in ["sets.history.toml", "types.history.toml", "hidden-flag.gaps.history.toml"] {
        let stem = case.split('.').next().expect("a name");
        let path = root().join(format!("tests/evidence/{stem}.toml"));
        let scenario = Scenario::open(&path).expect("a sound scenario");
        let history = scenario.history(path.with_file_name(case)).expect("a sound history");
        let request = Forecast::new().particles(150).filters(2).after(3);
        let one = forecast(&scenario, &history, &request.clone().threads(1), "one");
        let two = forecast(&scenario, &history, &request.clone().threads(2), "two");
        let plain = forecast(&scenario, &history, &request.plain(), "plain");
        assert!(one == two, "{case}: threads");
        assert!(one == plain, "{case}: interpreter");
    }
}

/// What was seen until round 5 is what the first five rounds of moves.csv show, and what comes
/// after is drawn from the scenario.
#[test]
fn a_forecast_begins_where_the_record_ends() {
    let path = root().join("tests/evidence/exact1.toml");
    let scenario = Scenario::open(&path).expect("a sound scenario");
    let history = scenario.history(path.with_file_name("exact1.history.toml")).expect("sound");
    let request = Forecast::new().particles(400).filters(1).after(5);
    let found = forecast(&scenario, &history, &request, "begins");
    let (_, moves) = found.iter().find(|(name, _)| name == "moves.csv").expect("moves");
    let mut reader = csv::Reader::from_reader(moves.as_slice());
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let (round, share) = (column("round"), column("share"));
    let mut certain = [0, 0];
    for row in reader.records() {
        let row = row.expect("a row");
        let after = usize::from(row[round].parse::<u32>().expect("a round") > 5);
        let share: f64 = row[share].parse().expect("a share");
        certain[after] += usize::from(share > 0.0 && share < 1.0);
    }
    assert_eq!(certain[0], 0, "rounds that are known");
    assert!(certain[1] > 0, "rounds that are not");
}

/// What cannot have happened is told with its place: `tests/histories/impossible.txt`.
#[test]
fn impossible_records_are_told_where_they_stand() {
    let folder = root().join("tests/histories");
    let scenario = Scenario::open(folder.join("impossible.toml")).expect("a sound scenario");
    let mut told = String::new();
    for name in ["closed", "never"] {
        let path = std::path::PathBuf::from(format!("tests/histories/impossible/{name}"));
        let history = scenario.history(path).unwrap_or_else(|e| panic!("{e}"));
        let scored = scenario.score(&history, &detente::Score::new()).expect("it is scored");
        let list = scored.impossible().expect("a record is impossible");
        told.push_str(&format!("{}\n", list.render(false)));
        let foreseen = scenario.forecast(&history, &Forecast::new().particles(50));
        assert!(matches!(foreseen, Err(detente::Error::Diagnostics(_))), "{name}");
    }
    let differs = support::kept(&folder.join("impossible.txt"), &told);
    assert_eq!(differs, None);
}
