//! 95 % intervals hold the truth as often as they promise: the bounded part of
//! `cargo bench --bench coverage`.

mod study;

use study::{LEAST, Row};

use crate::support::full;

fn keeps_its_promise(rows: &[Row]) {
    let short = rows.iter().filter(|row| row.promised && row.coverage < row.bound());
    let short: Vec<&Row> = short.collect();
    assert!(short.is_empty(), "{short:#?}");
    // no row is empty: where there are intervals they have a width, and a method
    let whole = |row: &Row| row.none >= 1.0 || (row.width > 0.0 && !row.method.is_empty());
    assert!(rows.iter().all(whole), "{rows:#?}");
}

#[test]
fn shares_differences_of_shares_and_quantiles_over_all_samples() {
    let rows = study::summed(&[20, 100, 1_000]);
    assert_eq!(rows.len(), 3 * (3 + 8 + 2));
    assert!(rows.iter().all(|row| row.promised && row.bound() == LEAST));
    keeps_its_promise(&rows);
    // the probabilities of all samples add up to 1
    assert!(rows.iter().all(|row| row.coverage <= 1.0 + 1e-9));
}

#[test]
fn means_differences_and_ratios_over_seeds() {
    let rows = if full() {
        study::counted(&[20, 100, 1_000], 1_000)
    } else {
        study::counted(&[20, 100], 200)
    };
    keeps_its_promise(&rows);
    let row = |measure: &str, law: &str, n: u64| {
        let found =
            rows.iter().find(|r| r.measure == measure && r.law.starts_with(law) && r.n == n);
        found.unwrap_or_else(|| panic!("no {measure} of {law} over {n} runs"))
    };
    // what nothing is known of has no interval, and what has a range has one
    let unknown = row("mean", "10 with probability 0.002, range unknown", 20);
    assert!(unknown.none > 0.9, "{unknown:?}");
    assert_eq!(row("paired difference", "10 with probability 0.002, range known", 20).none, 0.0);
    // heavy tails are not covered by few runs; if they were, the documents would be wrong
    let tails = row("mean", "lognormal", 20);
    assert!(tails.coverage < 0.93 && tails.coverage > 0.75, "{tails:?}");
}

#[test]
fn the_least_coverage_between_round_shares() {
    for n in [20, 100, 1_000] {
        let (least, at) = study::least_share(n);
        assert!((0.8..LEAST).contains(&least), "{least} at {at}");
        // Wilson's interval of one success leaves out what has about 0.18 of them on average
        assert!((n as f64 * at.min(1.0 - at) - 0.18).abs() < 0.01, "{least} at {at}");
    }
    let (least, at) = study::least_difference(20);
    assert!((0.8..0.95).contains(&least), "{least} at {at:?}");
}
