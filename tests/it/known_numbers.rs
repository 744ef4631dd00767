//! Scenarios with numbers worked out without any interpreter of the language.
//!
//! `NAME.expected.json` holds cases: runs, variant, settings, perhaps rounds, and checks of one
//! quantity each:
//! `mean:o`, `sd:o`, `min:o`, `max:o` of an outcome over runs, `nfrac:o` the share of runs in which
//! it is not empty, `p:ROUND:ACTOR:OPTION` the probability with which an option is played in run 0,
//! `mean_p:...` its mean over the runs that reach the round, `rejected`. A tolerance is a number,
//! or `5se`, `5sd`, `5seq`: so many standard errors of a mean, a standard deviation, a share.

use std::path::Path;

use detente::engine::{self, Vectors};
use detente::model::{Arm, Simulation};
use detente::plan::{Budget, Plan};
use detente::record::Layout;
use detente::reference::trace;
use detente::rng::Seed;
use rayon::prelude::*;
use serde_json::Value;

use super::support;

/// The runs of a case whose transcripts `mean_p` looks at.
const TOLD: u64 = 400;

struct Case<'a> {
    game: Simulation<'a>,
    runs: u64,
    outcomes: Vec<(String, Vec<f64>)>,
}

impl Case<'_> {
    /// The values of an outcome, over all runs and over those where it is not empty.
    fn sample(&self, name: &str) -> (usize, Vec<f64>) {
        let found = self.outcomes.iter().find(|(n, _)| n == name);
        let all = &found.unwrap_or_else(|| panic!("no outcome {name}")).1;
        (all.len(), all.iter().copied().filter(|x| !x.is_nan()).collect())
    }

    /// The probability of `ROUND:ACTOR:MOVE[:TARGET]` in a run, if it reaches the round.
    fn probability(&self, run: u64, words: &[&str]) -> Option<f64> {
        let told = trace(&self.game, run);
        let round: usize = words[0].parse().expect("a round");
        let seats = &told.rounds.get(round - 1)?.seats;
        let options = seats.iter().filter(|s| s.actor == words[1]).flat_map(|s| &s.options);
        let target = words.get(3);
        let wanted: Vec<f64> = options
            .filter(|o| o.action == words[2] && target.is_none_or(|t| o.target == *t))
            .map(|o| o.probability)
            .collect();
        assert!(!wanted.is_empty(), "no option {words:?}");
        Some(wanted.iter().sum())
    }

    /// The value of a quantity and its standard error.
    fn measure(&self, quantity: &str) -> (f64, f64) {
        let words: Vec<&str> = quantity.split(':').collect();
        match words[0] {
            "p" => (self.probability(0, &words[1..]).expect("the round is reached"), 0.0),
            "mean_p" => {
                let runs = 0..self.runs.min(TOLD);
                let list: Vec<f64> =
                    runs.filter_map(|run| self.probability(run, &words[1..])).collect();
                let (mean, sd) = moments(&list);
                (mean, sd / (list.len() as f64).sqrt())
            }
            "nfrac" => {
                let (all, kept) = self.sample(words[1]);
                let share = kept.len() as f64 / all as f64;
                (share, (share * (1.0 - share) / all as f64).sqrt())
            }
            name => {
                let (_, kept) = self.sample(words[1]);
                let (mean, sd) = moments(&kept);
                let n = kept.len() as f64;
                match name {
                    "mean" => (mean, sd / n.sqrt()),
                    "sd" => (sd, sd_error(&kept, mean, sd)),
                    "min" => (kept.iter().copied().fold(f64::INFINITY, f64::min), 0.0),
                    "max" => (kept.iter().copied().fold(f64::NEG_INFINITY, f64::max), 0.0),
                    other => panic!("unknown quantity {other}"),
                }
            }
        }
    }
}

fn moments(list: &[f64]) -> (f64, f64) {
    let n = list.len() as f64;
    let mean = list.iter().sum::<f64>() / n;
    let squares = list.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    (mean, (squares / (n - 1.0).max(1.0)).sqrt())
}

/// The standard error of a standard deviation, from the fourth moment.
fn sd_error(list: &[f64], mean: f64, sd: f64) -> f64 {
    let n = list.len() as f64;
    let fourth = list.iter().map(|x| (x - mean) * (x - mean)).map(|s| s * s).sum::<f64>() / n;
    ((fourth - sd * sd * sd * sd).max(0.0) / n).sqrt() / (2.0 * sd)
}

fn settings(case: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_string);
    let set = case["set"].as_object().into_iter().flatten();
    set.map(|(key, value)| (key.clone(), text(value))).collect()
}

/// Plays one case and returns what differs from what is expected.
fn wrong(path: &Path, case: &Value) -> Vec<String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let checks = case["checks"].as_array().expect("checks");
    if checks.iter().any(|c| c["quantity"] == "rejected") {
        return match support::load(path) {
            Ok(_) => vec![format!("{stem}: must be refused and is not")],
            Err(_) => Vec::new(),
        };
    }
    let model = match support::load(path) {
        Ok(model) => model,
        Err(list) => return vec![format!("{stem}: does not load: {list:?}")],
    };
    let set = detente::scenario::settings(&model, &settings(case)).expect("settings");
    let mut arm = Arm::new(&model, case["variant"].as_str(), &set).expect("an arm");
    let rounds = case["rounds"].as_u64().and_then(|rounds| u32::try_from(rounds).ok());
    arm.rounds = rounds.unwrap_or(arm.rounds);
    let game = Simulation { model: &model, arm: &arm, seed: Seed(20_240_619) };
    let runs = case["runs"].as_u64().expect("runs");
    let layout = Layout::of(&model, std::slice::from_ref(&arm));
    let plan = Plan::new(&model, &arm, Budget::default()).expect("a plan");
    let block = engine::play(&plan, Vectors::best(), game.seed, &layout, 0, runs as usize);
    let names = layout.outcomes.iter().cloned().enumerate();
    let outcomes = names.map(|(k, name)| (name, block.outcome(k).to_vec())).collect();
    let played = Case { game, runs, outcomes };
    let mut found = Vec::new();
    if let Some(failure) = block.failures.first() {
        found.push(format!("{stem} {}: {failure:?}", case["id"]));
    }
    for check in checks {
        let quantity = check["quantity"].as_str().expect("a quantity");
        let expected = check["value"].as_f64().expect("a value");
        let (value, error) = played.measure(quantity);
        let tolerance = match check["tolerance"].as_str() {
            None => check["tolerance"].as_f64().expect("a tolerance"),
            Some(text) => {
                let count = text.trim_end_matches(|c: char| c.is_alphabetic());
                count.parse::<f64>().expect("a number of standard errors") * error + 1e-12
            }
        };
        if (value - expected).abs() > tolerance || value.is_nan() {
            found.push(format!(
                "{stem} {}: {quantity} is {value}, expected {expected} within {tolerance:e}",
                case["id"]
            ));
        }
    }
    found
}

/// Holds scenarios of a folder to the numbers of another.
pub fn all(scenarios: &str, expectations: &str) {
    let mut cases = Vec::new();
    for file in support::files(expectations, ".expected.json") {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        let expected: Value = serde_json::from_str(&text).expect("JSON");
        let name = expected["scenario"].as_str().expect("a name");
        let path = support::root().join(scenarios).join(format!("{name}.toml"));
        let all = expected["cases"].as_array().expect("cases");
        cases.extend(all.iter().map(|case| (path.clone(), case.clone())));
    }
    assert!(!cases.is_empty(), "no cases in {expectations}");
    let found: Vec<String> = cases.par_iter().flat_map(|(path, case)| wrong(path, case)).collect();
    assert!(found.is_empty(), "{} wrong:\n{}", found.len(), found.join("\n"));
}

#[test]
fn scenarios_with_numbers_derived_by_hand() {
    all("tests/reference", "tests/reference");
}

#[test]
fn textbook_games_give_their_published_numbers() {
    all("scenarios/textbook", "tests/textbook");
}
