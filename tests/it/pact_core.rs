//! The core of the flagship is small, rests without a pact, and is weighed exactly by its record.

use detente::{Run, Scenario, Score};

use crate::support::root;

const FILE: &str = "scenarios/alliances/pyongyang-core.toml";
const BEFORE: &str = "scenarios/alliances/histories/pyongyang-core/before";
const LEVELS: [&str; 8] =
    ["tension", "presence", "rivals", "trust", "warmth", "cohesion", "suspicion", "pressure"];

/// A number counts as free where its range has two ends.
#[test]
fn the_core_is_small() {
    let text = std::fs::read_to_string(root().join(FILE)).expect("the core");
    let free = text.lines().filter_map(|line| line.split_once("range = [")).filter(|(_, rest)| {
        let (range, _) = rest.split_once(']').expect("a range");
        let (low, high) = range.split_once(", ").expect("two ends");
        low != high
    });
    let (lines, free) = (text.lines().count(), free.count());
    assert!(lines < 450, "{lines} lines");
    assert!((30..=40).contains(&free), "{free} free numbers");
}

/// Mean and standard deviation over runs of a variable, in order of rounds.
fn course(table: &str, variable: &str) -> Vec<(f64, f64)> {
    let rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[4] == variable);
    rows.map(|row| (row[6].parse().expect("a mean"), row[7].parse().expect("an sd"))).collect()
}

/// All levels begin at 0. In twenty years without a pact their means stay there, within a tenth of
/// what a level usually differs from one history to another.
#[test]
fn without_a_pact_the_core_is_at_rest() {
    let scenario = Scenario::shipped("pyongyang-core").expect("it is inside");
    let request = Run::new(150).rounds(240).set("pact", "0");
    let played = scenario.run(&request).expect("it can be played");
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("core-at-rest");
    let _ = std::fs::remove_dir_all(&folder);
    played.write(&folder).expect("it can be written");
    let table = std::fs::read_to_string(folder.join("trajectory.csv")).expect("a table");
    for level in LEVELS {
        let course = course(&table, level);
        let late = &course[120..240];
        let mean = late.iter().map(|(mean, _)| mean).sum::<f64>() / 120.0;
        let spread = late.iter().map(|(_, sd)| sd).sum::<f64>() / 120.0;
        assert!(spread > 0.02, "{level} does not move: {spread}");
        assert!(mean.abs() < 0.1 * spread, "{level} drifts to {mean}, spread {spread}");
    }
}

/// Every seat and event of the months before the pact is known, so nothing is sampled, and habit is
/// worth fifty in log likelihood.
#[test]
fn the_record_before_the_pact_is_weighed_exactly() {
    let scenario = Scenario::shipped("pyongyang-core").expect("it is inside");
    let history = scenario.history(root().join(BEFORE)).expect("a history");
    assert_eq!(history.cases.iter().map(|case| case.rounds).sum::<u32>(), 77);
    let weigh = |settings: &[(&str, &str)]| {
        let request = Score::new().set("pact", "0");
        let request = settings.iter().fold(request, |all, (key, value)| all.set(*key, *value));
        let scored = scenario.score(&history, &request).expect("it can be weighed");
        assert!(scored.scores()[0].cases.iter().all(|case| case.exact));
        scored.scores()[0].cases.iter().map(|case| case.loglik()).sum::<f64>()
    };
    let (file, rates) = (weigh(&[]), weigh(&[("habit", "0"), ("sharpness", "0")]));
    assert!(file > rates + 50.0, "{file} and {rates}");
    assert!(file > -500.0, "{file}");
}
