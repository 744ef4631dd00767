//! Numbers fitted to histories, against estimates of other programs and against enumeration.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use detente::evidence::fit::CUT;
use detente::experiment::{Progress, Unwatched};
use detente::history::History;
use detente::math;
use detente::{Error, Fit, Fitted, Scenario, Score};
use serde_json::Value;

use super::support::{full, root};

fn scenario(name: &str) -> Scenario {
    let path = root().join("tests/evidence").join(format!("{name}.toml"));
    Scenario::open(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn history(scenario: &Scenario, name: &str) -> History {
    let path = root().join("tests/evidence").join(name);
    scenario.history(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn known() -> Vec<Value> {
    let text = fs::read_to_string(root().join("tests/evidence/exact1.expected.json"));
    let known: Value = serde_json::from_str(&text.expect("a text")).expect("JSON");
    known["mle"].as_array().expect("cases").clone()
}

fn close(found: &Value, known: &Value, tolerance: &Value, what: &str) {
    let (Some(x), Some(y)) = (found.as_f64(), known.as_f64()) else {
        assert!(found.is_null() && known.is_null(), "{what}: {found}, known {known}");
        return;
    };
    let allowed = tolerance.as_f64().expect("a tolerance");
    assert!((x - y).abs() <= allowed, "{what}: {x}, known {y}");
}

#[test]
fn estimates_are_those_of_another_program() {
    let scenario = scenario("exact1");
    for known in known() {
        let file = known["history"].as_str().expect("a history");
        let free = known["free"].as_array().expect("names");
        let names: Vec<&str> = free.iter().map(|name| name.as_str().expect("a name")).collect();
        let request = names.iter().fold(Fit::new(), |request, name| request.free(*name));
        let fitted = scenario.fit(&history(&scenario, file), &request).expect("a fit");
        let found = serde_json::to_value(&fitted).expect("JSON");
        assert_eq!(found["exact"], true);
        let tolerance = &known["tolerance"];
        for name in &names {
            let what = format!("{name} in {file} of {names:?}");
            let of = |key: &str| if names.len() == 1 { &known[key] } else { &known[key][*name] };
            close(&found["estimate"][*name], of("estimate"), &tolerance["estimate"], &what);
            for side in 0..2 {
                let (own, of) = (&found["interval"][*name][side], &of("interval")[side]);
                close(own, of, &tolerance["interval"], &format!("{what}, side {side}"));
            }
        }
        close(&found["loglik"], &known["loglik"], &tolerance["loglik"], file);
        close(&found["aic"], &known["aic"], &Value::from(1e-7), file);
        if !known["loglik_file"].is_null() {
            close(&found["loglik_file"], &known["loglik_file"], &Value::from(1e-10), file);
        }
        if !known["standard_error_from_curvature"].is_null() {
            let (own, of) = (&found["standard_error"], &known["standard_error_from_curvature"]);
            close(&own[names[0]], of, &Value::from(1e-3), file);
        }
    }
}

/// Histories of hidden flags with moves and events.
const FLAGS: &str = "format = 1\n[history]\nscenario = \"hidden-flag\"\nmoves = \"m.csv\"\n\
                     events = \"e.csv\"\nrounds = 7\n";

/// The history of hidden flags once for every way in which they can have turned.
fn every_turn(scenario: &Scenario) -> History {
    let folder = root().join("tests/evidence");
    let moves = fs::read_to_string(folder.join("hidden-flag.moves.csv")).expect("moves");
    let (mut rows, mut events) =
        (String::from("history,"), String::from("history,round,event,i,happened\n"));
    for (number, line) in moves.lines().enumerate() {
        let cases = (0..64).map(|case| format!("{case},{line}\n"));
        rows.push_str(&if number == 0 { format!("{line}\n") } else { cases.collect() });
    }
    for case in 0..64 {
        for (actor, turn) in [("A", case % 8 + 1), ("B", case / 8 + 1)] {
            for round in 1..=7.min(turn) {
                let happened = u8::from(round == turn);
                events.push_str(&format!("{case},{round},turn,{actor},{happened}\n"));
            }
            for round in turn + 1..=7 {
                events.push_str(&format!("{case},{round},turn,{actor},0\n"));
            }
        }
    }
    let loaded = scenario.history_with(FLAGS, &[("m.csv", &rows), ("e.csv", &events)]);
    loaded.unwrap_or_else(|list| panic!("{}", list.render(false)))
}

/// The exact log likelihood of the moves alone: the sum over all ways in which flags can turn.
fn exact(scenario: &Scenario, history: &History, hazard: f64) -> f64 {
    let request = Score::new().set("hazard", hazard.to_string());
    let scored = scenario.score(history, &request).expect("scores");
    let cases = &scored.scores()[0].cases;
    assert_eq!(cases.len(), 64);
    assert!(cases.iter().all(|case| case.exact));
    math::log(cases.iter().map(|case| math::exp(case.loglik())).sum::<f64>())
}

#[test]
fn a_hidden_hazard_is_estimated_within_monte_carlo_error() {
    let scenario = scenario("hidden-flag");
    let all = every_turn(&scenario);
    assert!((exact(&scenario, &all, 0.25) + 14.140481168442136).abs() < 1e-9);
    let steps = 24;
    let grid: Vec<f64> = (0..=steps).map(|k| 0.6 * f64::from(k) / f64::from(steps)).collect();
    let found: Vec<f64> = grid.iter().map(|h| exact(&scenario, &all, *h)).collect();
    let best = (0..found.len()).max_by(|a, b| found[*a].total_cmp(&found[*b])).expect("a best");
    let inside = |k: &usize| found[*k] > found[best] - CUT;
    let high = grid[(best..found.len()).filter(inside).max().expect("one")];
    let low = (0..=best).find(|k| inside(k)).expect("one");

    let request = Fit::new().free("hazard").particles(500).filters(2).evaluations(80);
    let fitted = scenario.fit(&history(&scenario, "hidden-flag.history.toml"), &request);
    let fitted = fitted.expect("a fit");
    let fit = &fitted.fits()[0];
    let own = &fit.estimates[0];
    assert!(!fit.exact && own.cut >= CUT, "{own:?}");
    // the likelihood lost by the difference of the two estimates is small
    let lost = found[best] - exact(&scenario, &all, own.estimate);
    assert!(lost < 0.1, "{lost}: {own:?}, best {}", grid[best]);
    let (loglik, error) = fit.loglik;
    let truth = exact(&scenario, &all, own.estimate);
    assert!((loglik - truth).abs() < 4.0 * error + 1e-3, "{loglik} ± {error}, exact {truth}");
    let upper = own.interval.1.expect("an upper end");
    assert!((upper - high).abs() < 0.06, "{upper}, exact {high}");
    let lower = own.interval.0.unwrap_or(0.0);
    assert!((lower - grid[low]).abs() < 0.03, "{lower}, exact {}", grid[low]);
}

fn json(fitted: &Fitted) -> String {
    serde_json::to_string(fitted).expect("JSON")
}

#[test]
fn a_fit_is_the_same_on_any_number_of_threads() {
    let scenario = scenario("hidden-flag");
    let history = history(&scenario, "hidden-flag.history.toml");
    let request = Fit::new().free("hazard").free("grudge").particles(6).filters(2).starts(3);
    let request = request.evaluations(30).train((1, 3));
    let [one, two] =
        [1, 2].map(|n| scenario.fit(&history, &request.clone().threads(n)).expect("a fit"));
    assert_eq!(json(&one), json(&two));
    assert!(one.fits()[0].profiles.iter().all(|points| points.len() == 25));
}

/// Stops after so many questions.
struct Stopping(AtomicUsize);

impl Progress for Stopping {
    fn advanced(&self, _: u64) {}

    fn stop(&self) -> bool {
        let before =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        before.is_err()
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("detente-fit-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// All files of a folder, in order.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    let mut all: Vec<(String, Vec<u8>)> = entries
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .map(|(name, path)| (name, fs::read(path).expect("a file")))
        .collect();
    all.sort();
    all
}

#[test]
fn a_fit_that_was_broken_off_goes_on_and_ends_with_the_same_bytes() {
    let (scenario, history) = scaled();
    let request = Fit::new().free("sharp").free("taste = 0:1").starts(2).recover(2);
    let (whole, broken) = (folder("whole"), folder("broken"));
    let (mut asked, mut kept) = (0_usize, Vec::new());
    for (path, share) in [(&whole, 0), (&broken, 4), (&broken, 4), (&broken, 0)] {
        let begun = scenario.begin_fit(&history, &request, path, false).expect("a folder");
        let (folder, begun) = begun.expect("not complete");
        let stops = asked.checked_div(share).unwrap_or(usize::MAX);
        let watch = Stopping(AtomicUsize::new(stops));
        match scenario.fit_watched(&history, &request, Some(&begun), &watch) {
            Ok(fitted) => {
                fitted.write_into(folder).expect("it can be written");
                begun.clear();
                asked = stops - watch.0.into_inner();
            }
            Err(Error::Evidence(detente::evidence::Error::Stopped)) => {
                kept.push(fs::read_dir(path.join("parts")).expect("parts").count());
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(kept.len() == 2 && kept[0] > 0 && kept[1] > kept[0], "{kept:?}");
    assert_eq!(contents(&whole), contents(&broken));
    let names: Vec<String> = contents(&whole).into_iter().map(|(name, _)| name).collect();
    for name in ["estimates.csv", "profiles.csv", "recovery.csv", "datapackage.json"] {
        assert!(names.iter().any(|known| known == name), "{name} in {names:?}");
    }
    // complete; and another fit does not go in its place
    assert!(scenario.begin_fit(&history, &request, &whole, false).expect("known").is_none());
    let other = scenario.begin_fit(&history, &request.map(), &whole, false);
    assert!(matches!(other, Err(Error::Request(text)) if text.contains("another fit")));
    for path in [whole, broken] {
        fs::remove_dir_all(path).expect("it can be removed");
    }
}

/// One actor whose options are worth `scale` times numbers of the file.
const SCALED: &str = r#"
format = 1
[scenario]
name = "scaled"
rounds = 8
[actors]
A = { name = "A" }
[parameters]
sharp = { value = 2, range = [0.5, 8], unit = "1 / utility", source = "assumed" }
scale = { value = 1, range = [0.2, 5], unit = "utility", source = "assumed" }
taste = { value = 0.4, distribution = "normal(0.4, 0.01)", unit = "1", source = "assumed" }
plain = { value = 1, unit = "utility", source = "assumed" }
[payoffs.gain]
A = "scale * plain * (chose[A, push] * taste + 0.7 * chose[A, pull])"
[weights]
gain = 1
[moves.push]
by = ["A"]
[moves.pull]
by = ["A"]
[decision]
precision = "sharp"
[outcomes]
pushes = { total = "chose[A, push]" }
"#;

/// What it did, round by round.
const DONE: &str = "round,actor,move,target\n1,A,push,\n2,A,pull,\n3,A,hold,\n4,A,pull,\n\
                    5,A,pull,\n6,A,push,\n7,A,pull,\n8,A,hold,\n";

fn scaled() -> (Scenario, History) {
    let scenario = Scenario::parse(SCALED).unwrap_or_else(|list| panic!("{}", list.render(false)));
    let text = "format = 1\n[history]\nscenario = \"scaled\"\nmoves = \"m.csv\"\nrounds = 8\n";
    let history = scenario.history_with(text, &[("m.csv", DONE)]);
    let history = history.unwrap_or_else(|list| panic!("{}", list.render(false)));
    (scenario, history)
}

#[test]
fn what_cannot_be_told_apart_or_has_no_range_is_refused() {
    let (scenario, history) = scaled();
    let fit = |names: &[&str]| {
        let request = names.iter().fold(Fit::new(), |request, name| request.free(*name));
        scenario.fit(&history, &request)
    };
    let text = fit(&["sharp", "scale"]).expect_err("only the product counts").to_string();
    assert!(text.contains("cannot tell `sharp`, `scale` apart"), "{text}");
    let text = fit(&["decision.precision = 1:4", "taste = 0:1", "scale"]).expect_err("the same");
    assert!(text.to_string().contains("`decision.precision`, `scale`"), "{text}");
    for (name, why) in [
        ("plain", "has no range in the file"),
        ("taste", "has no ends"),
        ("sharp = 1, 2", "is no range of numbers"),
        ("sharpp", "sharpp"),
        ("sharp = 1:4 integer", "is no range of numbers"),
    ] {
        match fit(&[name]) {
            Err(Error::Diagnostics(list)) => {
                let text = list.render(false);
                assert!(text.contains(why) && text.contains("--free"), "{name}: {text}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(matches!(fit(&[]), Err(Error::Request(_))));
}

#[test]
fn a_number_that_the_record_does_not_limit_is_no_estimate() {
    let (scenario, _) = scaled();
    // nobody's choice is on record
    let text = "format = 1\n[history]\nscenario = \"scaled\"\nrounds = 3\n";
    let text = text.replace("scaled", scenario.name());
    let silent = scenario.history_with(&text, &[]).expect("a history");
    let fitted = scenario.fit(&silent, &Fit::new().free("sharp")).expect("a fit");
    let text = fitted.variants();
    assert!(text.contains("not identified") && text.contains("sharp"), "{text}");
    assert!(!text.contains("[variants"), "{text}");
}

#[test]
fn declared_distributions_count_where_they_are_asked_for() {
    let (scenario, history) = scaled();
    let request = Fit::new().free("taste = 0:1");
    let free = scenario.fit(&history, &request).expect("a fit");
    let map = scenario.fit(&history, &request.map()).expect("a fit");
    let of = |fitted: &Fitted| fitted.fits()[0].estimates[0].clone();
    // the record says 0.35 at most, the file 0.4 within a hundredth
    let (likely, probable) = (of(&free), of(&map));
    assert!((probable.estimate - 0.4).abs() < 0.005, "{probable:?}");
    assert!((likely.estimate - 0.4).abs() > 0.02, "{likely:?}");
    assert!(probable.interval.0.is_some() && probable.interval.1.is_some());
    assert!(map.fits()[0].aic.is_none() && map.fits()[0].prior.is_some());
    // the gain of the options: at the estimate their shares are those that were seen
    let (push, pull, hold) = (2.0_f64, 4.0, 2.0);
    let ratio = (math::exp(likely.estimate * 2.0), math::exp(1.4));
    let all = ratio.0 + ratio.1 + 1.0;
    assert!((ratio.0 / all - push / (push + pull + hold)).abs() < 1e-6, "{ratio:?}");
    let toml = free.variants();
    assert!(toml.starts_with("[variants.fitted]\nset = { \"taste\" = 0."), "{toml}");
    let text = format!("{SCALED}\n{toml}");
    assert!(Scenario::parse(&text).is_ok(), "{text}");
}

#[test]
fn rounds_that_are_not_fitted_are_scored() {
    let (scenario, history) = scaled();
    let request = Fit::new().free("taste = 0:1").train((1, 5));
    let fitted = scenario.fit(&history, &request).expect("a fit");
    let fit = &fitted.fits()[0];
    let held = fit.held.expect("rounds 6 to 8");
    assert_eq!((fit.moves.expect("moves").records, held.moves.records), (5, 3));
    // one actor that sees nothing: a round is worth the same wherever it stands
    let taste = fit.estimates[0].estimate;
    let (push, pull) = (math::exp(2.0 * taste), math::exp(1.4));
    let all = push + pull + 1.0;
    let known = math::log(push / all) + math::log(pull / all) + math::log(1.0 / all);
    assert!((held.loglik - known).abs() < 1e-9, "{held:?}, known {known}");
    assert!((held.moves.estimate - known).abs() < 1e-9);
    let refused = scenario.fit(&history, &request.train((3, 9)));
    assert!(matches!(refused, Err(Error::Request(text)) if text.contains("rounds 3:9")));
}

#[test]
fn simulated_histories_are_recovered() {
    let (scenario, history) = scaled();
    let request = Fit::new().free("sharp").recover(if full() { 200 } else { 30 });
    let fitted = scenario.fit_watched(&history, &request, None, &Unwatched).expect("a fit");
    let recovery = fitted.recovery().expect("recovered");
    let own = &recovery.totals[0];
    assert_eq!((own.truth, recovery.failed), (2.0, 0));
    assert!(own.coverage >= 0.88 && own.rmse > 0.0, "{own:?}");
    let estimates: Vec<u64> = recovery.replicates.iter().map(|r| r[0][0].to_bits()).collect();
    assert!(estimates.iter().any(|x| *x != estimates[0]), "histories differ");
}

/// Four histories of hidden flags of which every turn is known.
fn known_turns(scenario: &Scenario) -> History {
    let path = root().join("tests/evidence/hidden-flag.moves.csv");
    let moves = fs::read_to_string(path).expect("moves");
    let mut lines = moves.lines();
    let mut rows = format!("history,{}\n", lines.next().expect("a header"));
    let mut events = "history,round,event,i,happened\n".to_string();
    let lines: Vec<&str> = lines.collect();
    for case in 0..4 {
        lines.iter().for_each(|line| rows.push_str(&format!("{case},{line}\n")));
        for round in 1..=7 {
            events.push_str(&format!("{case},{round},turn,A,0\n{case},{round},turn,B,0\n"));
        }
    }
    let loaded = scenario.history_with(FLAGS, &[("m.csv", &rows), ("e.csv", &events)]);
    loaded.unwrap_or_else(|list| panic!("{}", list.render(false)))
}

/// A game of the textbooks, and a record of what two seats did sixty times.
fn textbook(name: &str, seats: [&str; 2], moves: [&str; 2]) -> (Scenario, History) {
    let scenario = Scenario::shipped(name).expect("it is inside");
    let mut rows = "round,actor,move\n".to_string();
    for round in 1..=60 {
        for seat in seats {
            rows.push_str(&format!("{round},{seat},{}\n", moves[round % 2]));
        }
    }
    let text = "format = 1\n[history]\nscenario = \"NAME\"\nmoves = \"m.csv\"\nrounds = 60\n";
    let loaded = scenario.history_with(&text.replace("NAME", name), &[("m.csv", &rows)]);
    let history = loaded.unwrap_or_else(|list| panic!("{}", list.render(false)));
    (scenario, history)
}

#[test]
fn intervals_cover_what_textbook_games_have_simulated() {
    if !full() {
        return;
    }
    for (name, seats, moves) in [
        ("chicken", ["ROW", "COL"], ["swerve", "straight"]),
        ("stag-hunt", ["ROW", "COL"], ["hare", "stag"]),
        ("recurrent-war", ["A", "B"], ["hold", "hold"]),
    ] {
        let (scenario, history) = textbook(name, seats, moves);
        let request = Fit::new().free("lambda").starts(1).recover(50);
        let fitted = scenario.fit(&history, &request).expect("a fit");
        let recovery = fitted.recovery().expect("recovered");
        let own = &recovery.totals[0];
        println!("{name}: {own:?}");
        assert!(own.coverage >= 0.88 && recovery.failed == 0, "{name}: {own:?}");
    }
}

#[test]
fn intervals_cover_what_three_scenarios_have_simulated() {
    if !full() {
        return;
    }
    for (name, free) in [("exact1", "sharpness"), ("types", "sharpness"), ("hidden-flag", "hazard")]
    {
        let scenario = scenario(name);
        let history = match name {
            "hidden-flag" => known_turns(&scenario),
            _ => history(&scenario, &format!("{name}.history.toml")),
        };
        let request = Fit::new().free(free).starts(1).recover(50);
        let fitted = scenario.fit(&history, &request).expect("a fit");
        let recovery = fitted.recovery().expect("recovered");
        let own = &recovery.totals[0];
        println!("{name}: {own:?}");
        assert!(own.coverage >= 0.88 && recovery.failed == 0, "{name}: {own:?}");
    }
}
