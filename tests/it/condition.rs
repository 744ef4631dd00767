//! Posteriors of small scenarios, against grids.

use std::sync::atomic::{AtomicU64, Ordering};

use detente::evidence::condition::{Posterior, Spread};
use detente::evidence::{Question, Settings, Sum, Weigh, score};
use detente::experiment::{Audience, Progress, Unwatched};
use detente::history::History;
use detente::math;
use detente::model::Arm;
use detente::output::{Folder, Parts};
use detente::{Condition, Conditioned, Scenario};
use serde_json::Value;

use super::support::{Place, root};

fn scenario(name: &str) -> Scenario {
    let path = root().join("tests/evidence").join(name);
    Scenario::find(path.to_str().expect("a path")).expect("a scenario")
}

fn history(scenario: &Scenario, name: &str) -> History {
    scenario.history(root().join("tests/evidence").join(name)).expect("a history")
}

fn silent(scenario: &Scenario) -> History {
    let text = format!("format = 1\n[history]\nscenario = \"{}\"\nrounds = 3\n", scenario.name());
    scenario.history_with(&text, &[]).expect("a history")
}

/// Within so many standard errors, and a little that grids and standard errors themselves miss.
fn close(found: f64, known: f64, error: f64, what: &str) {
    assert!(error.is_finite(), "{what}: error {error}");
    let allowed = 5.0 * error + 1e-9;
    assert!((found - known).abs() <= allowed, "{what}: {found}, known {known}, error {error}");
}

/// Holds a posterior of one parameter against what a grid says.
fn held(of: &Posterior, parameter: usize, (mean, sd): (f64, f64), what: &str) {
    let found = &of.parameters[parameter];
    close(found.posterior.mean, mean, found.error, &format!("{what}, mean"));
    let ratio = found.posterior.sd / sd;
    assert!((0.75..1.33).contains(&ratio), "{what}: sd {}, known {sd}", found.posterior.sd);
}

#[test]
fn posteriors_under_filters_are_those_of_another_program() {
    let text = std::fs::read_to_string(root().join("tests/evidence/condition.posterior.json"));
    let cases: Value = serde_json::from_str(&text.expect("a text")).expect("JSON");
    let cases = cases.as_array().expect("cases");
    assert_eq!(cases.len(), 2);
    for case in cases {
        let text = |key: &str| case[key].as_str().expect("a text").to_string();
        let scenario = scenario(&text("scenario"));
        let history = history(&scenario, &text("history"));
        let names = case["free"].as_array().expect("names");
        let free = names.iter().map(|name| name.as_str().expect("a name").to_string());
        let free: Vec<String> = free.collect();
        let request = Condition::new().draws(128).particles(32);
        let request = free.iter().fold(request, |request, name| request.free(name));
        let found = scenario.condition(&history, &request).expect("a posterior");
        let of = &found.posteriors()[0];
        assert!(!of.state.exact && of.state.spread > 0.0 && found.warnings().is_empty());
        let what = format!("{free:?}");
        let known = case["log_evidence"].as_f64().expect("a number");
        close(of.evidence.log, known, of.evidence.error, &what);
        assert!(of.evidence.error < 0.5, "{what}: {}", of.evidence.error);
        for (k, name) in free.iter().enumerate() {
            let number = |key: &str| case["parameters"][name][key].as_f64().expect("a number");
            held(of, k, (number("mean"), number("sd")), &format!("{what}, {name}"));
        }
    }
}

/// Mean and standard deviation under weights that are given as logarithms, the logarithm of the
/// mean weight, and the mean of something else.
fn grid(points: &[(f64, f64, f64)]) -> ((f64, f64), f64, f64) {
    let top = points.iter().map(|(_, log, _)| *log).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = points.iter().map(|(_, log, _)| math::exp(log - top)).collect();
    let all: f64 = weights.iter().sum();
    let mean = |of: &dyn Fn(&(f64, f64, f64)) -> f64| {
        points.iter().zip(&weights).map(|(point, w)| of(point) * w).sum::<f64>() / all
    };
    let centre = mean(&|point| point.0);
    let sd = mean(&|point| (point.0 - centre) * (point.0 - centre)).sqrt();
    ((centre, sd), top + math::log(all / points.len() as f64), mean(&|point| point.2))
}

/// The middles of even steps through a range.
fn middles(lo: f64, hi: f64, steps: usize) -> impl Iterator<Item = f64> {
    (0..steps).map(move |k| lo + (hi - lo) * (k as f64 + 0.5) / steps as f64)
}

fn arm(scenario: &Scenario, name: &str, value: f64) -> Arm {
    let set = [(name.to_string(), value.to_string())];
    let changes = detente::settings(scenario.model(), &set).expect("a setting");
    Arm::new(scenario.model(), None, &changes).expect("an arm")
}

#[test]
fn posteriors_under_exact_likelihoods_are_those_of_grids() {
    let scenario = scenario("exact1.toml");
    let history = history(&scenario, "exact1.history.toml");
    let settings = Settings::default();
    let (model, history_of) = (scenario.model(), &history);
    let watch = &Unwatched;
    let weigh = Weigh { model, history: history_of, settings: &settings, room: 1 << 30, watch };
    let values: Vec<f64> = middles(0.1, 40.0, 400).collect();
    let arms: Vec<Arm> = values.iter().map(|x| arm(&scenario, "sharpness", *x)).collect();
    let found = weigh.likelihoods(&arms).expect("likelihoods");
    let points: Vec<(f64, f64, f64)> =
        values.iter().zip(&found).map(|(x, cases)| (*x, Sum::of(cases).loglik, 0.0)).collect();
    let (known, evidence, _) = grid(&points);
    let request = Condition::new().free("sharpness").draws(512);
    let posterior = scenario.condition(&history, &request).expect("a posterior");
    let of = &posterior.posteriors()[0];
    assert!(of.state.exact && of.state.spread == 0.0 && !of.state.stages.is_empty());
    close(of.evidence.log, evidence, of.evidence.error, "evidence");
    held(of, 0, known, "sharpness");
    let Spread { mean, sd, lo, hi } = of.parameters[0].prior;
    assert!((mean - 20.05).abs() < 1e-9 && (sd - 39.9 / 12_f64.sqrt()).abs() < 0.01);
    assert!((lo - (0.1 + 39.9 * 0.025)).abs() < 1e-9 && (hi - (0.1 + 39.9 * 0.975)).abs() < 1e-9);
    assert!(of.parameters[0].contraction > 0.5 && !of.parameters[0].is_untaught());
}

#[test]
fn private_types_are_averaged_over_the_posterior() {
    let scenario = scenario("types.toml");
    let history = history(&scenario, "types.history.toml");
    let settings = Settings::default();
    let watch = &Unwatched;
    let (model, of) = (scenario.model(), &history);
    let weigh = Weigh { model, history: of, settings: &settings, room: 1 << 30, watch };
    let question = Question { weigh, before: None, surprises: 0, origins: None };
    let each = middles(0.02, 0.98, 24).map(|x| {
        let found = score(&question, &arm(&scenario, "nature", x)).expect("a score");
        let tough = found.types.iter().rfind(|row| row.kind == 0).expect("a type");
        (x, Sum::of(&found.cases).loglik, tough.probability)
    });
    let (known, evidence, tough) = grid(&each.collect::<Vec<_>>());
    let request = Condition::new().free("nature").draws(256);
    let posterior = scenario.condition(&history, &request).expect("a posterior");
    let of = &posterior.posteriors()[0];
    close(of.evidence.log, evidence, of.evidence.error, "evidence");
    held(of, 0, known, "nature");
    let said = of.types.iter().find(|t| t.kind == 0 && t.observer.is_none()).expect("a type");
    assert!((said.probability - tough).abs() < 0.02, "{} and {tough}", said.probability);
    let sum: f64 = of.types.iter().filter(|t| t.observer.is_none()).map(|t| t.probability).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    // what observers believe depends on what they saw, not on how types are drawn
    let believed = of.types.iter().filter(|t| t.kind == 0 && t.observer.is_some());
    assert_eq!(believed.filter(|t| t.probability > 0.0 && t.probability < 1.0).count(), 2);
}

#[test]
fn without_records_the_posterior_is_the_prior() {
    let scenario = scenario("hidden-flag.toml");
    let request = Condition::new().draws(128).particles(4);
    let found = scenario.condition(&silent(&scenario), &request).expect("a posterior");
    let of = &found.posteriors()[0];
    assert_eq!((of.evidence.log, of.evidence.error), (0.0, 0.0));
    assert_eq!(of.parameters.len(), 3);
    assert!(of.weights.iter().all(|w| (w - 1.0 / 128.0).abs() < 1e-15));
    for parameter in &of.parameters {
        let (prior, posterior) = (parameter.prior, parameter.posterior);
        assert!((posterior.mean - prior.mean).abs() < 0.03 * prior.sd, "{parameter:?}");
        assert!(parameter.is_untaught(), "{parameter:?}");
    }
}

/// Somebody who stops after so many runs.
struct Stopping {
    after: u64,
    seen: AtomicU64,
}

impl Progress for Stopping {
    fn advanced(&self, runs: u64) {
        self.seen.fetch_add(runs, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.seen.load(Ordering::Relaxed) > self.after
    }
}

impl Audience for Stopping {
    fn expects(&self, _: u64) {}
}

#[test]
fn what_was_stopped_goes_on_to_the_same_bytes() {
    let scenario = scenario("hidden-flag.toml");
    let history = history(&scenario, "hidden-flag.history.toml");
    let request = || Condition::new().free("hazard").draws(64).particles(16).threads(1);
    let whole = scenario.condition(&history, &request()).expect("a posterior");
    let other = scenario.condition(&history, &request().threads(2)).expect("a posterior");
    // as text, since a number that is missing is not equal to itself
    let text = |found: &Conditioned| format!("{:?}", found.tables().expect("tables"));
    assert_eq!(text(&whole), text(&other), "threads");
    let place = Place::new("condition", "empty", "");
    let path = place.0.join("out");
    let open = || {
        let found = scenario.condition_folder(&history, &request(), (&path, false));
        found.expect("a folder")
    };
    let mut stops = 0;
    let found = loop {
        let (folder, parts): (Folder, Parts) = open();
        // enough for some moves of all draws, not for all
        let watch = Stopping { after: 40_000, seen: AtomicU64::new(0) };
        match scenario.condition_watched(&history, &request(), Some(&parts), &watch) {
            Ok(found) => break (found, folder),
            Err(error) => assert_eq!(error.to_string(), "it was stopped"),
        }
        stops += 1;
        assert!(!parts.units().expect("a list").is_empty() && stops < 50);
    };
    assert!(stops > 0, "it was never stopped");
    assert_eq!(text(&whole), text(&found.0));
    // another command finds the folder taken
    drop(found.1);
    let unfinished = detente::output::verify(&path).expect("a folder");
    let none = |heap: &detente::output::Heap| heap.units == 0 && heap.found > 0;
    assert!(!unfinished.is_complete() && unfinished.heaps.iter().all(none), "{unfinished:?}");
    let more = request().draws(128);
    let taken = scenario.condition_folder(&history, &more, (&path, false));
    let said = taken.err().map(|error| error.to_string()).expect("an error");
    assert!(said.contains("another command") && said.contains("--force"), "{said}");
    let (folder, _) = open();
    found.0.write_into(folder).expect("files");
    // a sweep plays the draws
    let file = path.join("posterior.csv").display().to_string();
    let sweep = detente::Sweep::new().file(file).runs(2);
    let manifest = scenario.manifest(&sweep).expect("a sweep");
    assert_eq!(manifest.points, 64);
    let sweep = detente::experiment::Sweep::new(&manifest, scenario.model()).expect("a sweep");
    let axes: Vec<&str> = sweep.space().axes().iter().map(|axis| axis.name.as_str()).collect();
    assert_eq!(axes, ["hazard"]);
}

#[test]
fn what_cannot_be_free_is_said() {
    let scenario = scenario("exact1.toml");
    let history = history(&scenario, "exact1.history.toml");
    let said = |request: Condition| match scenario.condition(&history, &request) {
        Ok(_) => panic!("a posterior"),
        Err(error) => error.to_string(),
    };
    let text = said(Condition::new().free("sharpnes"));
    assert!(text.contains("did you mean `sharpness`") && text.contains("LO:HI"), "{text}");
    assert!(said(Condition::new().free("prize").free("prize")).contains("`prize` is freed twice"));
    assert!(said(Condition::new().free("prize").free("prize=0:1")).contains("freed twice"));
    assert!(said(Condition::new().free("prize").draws(3)).contains("64 to"));
    assert!(said(Condition::new().free("variant=base")).contains("words"));
    assert!(
        said(Condition::new().free("prize=0:1").set("prize", "1")).contains("set to one value")
    );
}
