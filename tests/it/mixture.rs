//! Outcomes over other numbers: what assumptions make, and what luck.

use detente::experiment::{Mixed, Mixture, Unwatched};
use detente::{Run, Scenario};

use super::support::Place;

/// An outcome that is a number known to lie anywhere from 0 to 1, plus luck.
const TEXT: &str = r#"
format = 1

[scenario]
name   = "two-sources"
rounds = 1

[actors]
A = { name = "Arda" }

[parameters]
level = { value = 0.9, range = [0, 1], source = "assumed" }
reach = { value = 2, source = "assumed" }

[state.height]
range   = [-10, 10]
initial = "level + reach * uniform(0, 1)"

[payoffs.gain]
A = "height"

[weights]
gain = 1

[moves.rest]
by = ["A"]

[decision]
precision = 1

[outcomes]
height = { final = "height" }
level  = { final = "0 * height + level" }
luck   = { final = "height - level" }

[variants.calm]
title = "No luck"
set = { reach = 0 }
"#;

fn place(name: &str) -> (Place, Scenario) {
    let place = Place::new(name, "two-sources.toml", TEXT);
    let path = place.0.join("two-sources.toml");
    let scenario = Scenario::find(path.to_str().expect("a path")).expect("a scenario");
    (place, scenario)
}

fn found<'a>(mixture: &'a Mixture, arm: &str, outcome: &str) -> &'a Mixed {
    let (_, all) = mixture.arms.iter().find(|(name, _)| name == arm).expect("an arm");
    &all[mixture.outcomes.iter().position(|name| name == outcome).expect("an outcome")]
}

#[test]
fn variance_is_shared_between_assumptions_and_luck() {
    let (_place, scenario) = place("mixture");
    let run = Run::new(16_384).uncertain().points(256).variant("calm");
    let mixture =
        scenario.mixture(&run, &Unwatched).expect("a mixture").expect("it is not stopped");
    assert_eq!((mixture.points, mixture.runs, mixture.failed), (256, 64, 0));
    // variances 1/12 of the level and 4/12 of luck: a fifth
    let height = found(&mixture, "base", "height");
    assert!((height.assumptions - 0.2).abs() < 0.03, "{height:?}");
    assert!((height.sd - (5.0_f64 / 12.0).sqrt()).abs() < 0.01, "{height:?}");
    assert!((height.mean - 1.5).abs() < 0.02 && height.n == 16_384, "{height:?}");
    let (lo, hi) = height.interval;
    // as a sample of points is: sd of level over the root of their number
    let width = 2.0 * 1.96 * (1.0_f64 / 12.0 + 1.0 / 3.0 / 64.0).sqrt() / 16.0;
    assert!(lo < height.mean && height.mean < hi && ((hi - lo) / width - 1.0).abs() < 0.2);
    assert!((height.quantiles[2] - 1.5).abs() < 0.03 && height.quantiles[0] < 0.5);
    let level = found(&mixture, "base", "level");
    assert!((level.assumptions - 1.0).abs() < 1e-9 && (level.mean - 0.5).abs() < 0.01);
    assert!(found(&mixture, "base", "luck").assumptions < 0.02);
    let calm = found(&mixture, "calm", "height");
    assert!((calm.assumptions - 1.0).abs() < 1e-9, "{calm:?}");
    assert!(found(&mixture, "calm", "luck").assumptions.is_nan());
    // on any number of threads
    let one = scenario.mixture(&run.clone().threads(1), &Unwatched).expect("a mixture");
    let two = scenario.mixture(&run.threads(2), &Unwatched).expect("a mixture");
    // as text, since a number that is missing is not equal to itself
    let table = |of: Option<Mixture>| format!("{:?}", of.expect("one").table());
    assert_eq!(table(one), table(two));
}

#[test]
fn points_of_a_file_are_drawn_by_weight() {
    let (place, scenario) = place("weights");
    let file = place.0.join("points.csv");
    let text = "point,weight,loglik,level\n0,0.75,-1,0.2\n1,0,-9,0.9\n2,0.25,-2,0.6\n";
    std::fs::write(&file, text).expect("it can be written");
    let run = Run::new(800).weights(file.display().to_string()).points(100);
    let mixture = scenario.mixture(&run, &Unwatched).expect("a mixture").expect("one");
    let level = found(&mixture, "base", "level");
    assert!((level.mean - 0.3).abs() < 1e-9, "{level:?}");
    let [least, _, median, _, most] = level.quantiles;
    assert_eq!((least, median, most), (0.2, 0.2, 0.6));
    let few = Run::new(100).uncertain().points(100);
    let error = scenario.mixture(&few, &Unwatched).expect_err("too few runs").to_string();
    assert!(error.contains("fewer than two at each"), "{error}");
}

#[test]
fn both_readings_stand_side_by_side() {
    let (place, _) = place("readings");
    let run = ["run", "two-sources.toml", "--uncertain", "--points", "32", "--runs", "640"];
    let (status, text, _) = place.detente(&[&run[..], &["--out", "out"]].concat());
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("over declared ranges: 32 points of 20 runs each"), "{text}");
    assert!(text.contains("at these numbers") && text.contains("assumptions"), "{text}");
    let table = std::fs::read_to_string(place.0.join("out/uncertain.csv")).expect("a table");
    assert!(table.starts_with("arm,outcome,n,mean,lo,hi,sd,q05,"), "{table}");
    assert_eq!(table.lines().count(), 4, "{table}");
    let (status, _, error) = place.detente(&["run", "two-sources.toml", "--points", "8"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("--uncertain or --weights"), "{error}");
}
