//! What happens seldom, always or never: intervals and verdicts that runs can bear.

use detente::claims::{Estimate, Report, Spec, Tested, Verdict, judge, robust, robust_runs};
use detente::experiment::Unwatched;
use detente::expr::Comparison;
use detente::model::Model;
use detente::stats::{ALPHA, Interval, Method};

use crate::support::{Place, spec, tests, understood};

/// Three rounds. `luck` and `seldom` can strike in the first alone: with probability 0.02, 0.03 in
/// `arm`, and with 0.0001. `early` has 0.9 in each round.
const LAB: &str = r#"format = 1
[scenario]
name   = "rare"
title  = "Events of known probability"
rounds = 3

[actors]
A = { name = "Ana" }
B = { name = "Ben" }

[parameters]
p    = { value = 0.02, source = "assumed" }
size = { value = 1, source = "assumed" }
idle = { value = 0, range = [0, 1], source = "assumed" }

[state.level]
initial = "normal(2, 1)"
[state.one]
initial = 1

[payoffs.gain]
A = "idle"
B = 0
[weights]
gain = 1
[moves.act]
by = ["A"]
[events.luck]
probability = "if(round == 1, p, 0)"
[events.early]
probability = 0.9
[events.seldom]
probability = "if(round == 1, 0.0001, 0)"
[decision]
rule = "random"

[outcomes]
lucky  = { ever = "happened[luck]" }
never  = { ever = "happened[seldom]" }
at     = { first = "happened[early]" }
gains  = { total = "10 * happened[luck]" }
loss   = { total = "10 * happened[seldom]" }
sized  = { max = "size * happened[early]" }
level  = { final = "level" }
one    = { final = "one" }
five   = { final = "5 * one" }

[variants.arm]
set = { p = 0.03 }
[variants.same]
title = "As the file"
set = { p = 0.02 }
[variants.large]
set = { size = 7 }

[claims]
"#;

/// The scenario with claims called a, b, c, ..., each a test with more keys.
fn lab(claims: &[&str]) -> (Model, String) {
    understood(format!("{LAB}{}", tests(claims)))
}

fn judged(spec: &Spec) -> Report {
    judge(spec, &Unwatched).expect("it is played")
}

/// By seed from 0: what came of every claim.
fn over_seeds(seeds: u64, spec: impl Fn(u64) -> Report) -> Vec<Vec<Tested>> {
    let one = |seed| {
        let report = spec(seed);
        report.claims.into_iter().map(|claim| claim.tested.expect("it is tested")).collect()
    };
    (0..seeds).map(one).collect()
}

/// Of n at probability p three standard deviations more than the mean.
fn most(n: u64, p: f64) -> usize {
    let n = n as f64;
    (n * p + 3.0 * (n * p * (1.0 - p)).sqrt()).ceil() as usize
}

#[test]
fn a_rare_true_effect_is_not_contradicted_by_few_runs() {
    let known = lab(&["\"probability(lucky@arm) - probability(lucky) > 0\""]);
    let base = spec(&known, 4_000, 11);
    let report = judged(&base);
    assert_eq!(report.claims[0].verdict(), Verdict::Supported);
    // 100 points, all with the same luck: with 100 runs, and with as many as the claim takes
    let (runs, why) = robust_runs(&base, &report, 100);
    assert!(runs > 500 && why.contains("power of 0.9"), "{runs}: {why}");
    for runs in [100, runs] {
        let found = robust(&Spec { runs, ..base.clone() }, 100, &Unwatched).expect("played");
        assert_eq!(found.points, 100);
        assert_eq!(found.claims[0].contradicted, 0, "{runs} runs");
    }
    // by the seed it is decided about as often as the power says
    let enough = over_seeds(100, |seed| judged(&spec(&known, runs, seed)));
    let supported = enough.iter().filter(|t| t[0].real.verdict == Verdict::Supported).count();
    assert!((80..=100).contains(&supported), "{supported} of 100");
    // and with luck of their own, in which the arm has fewer events in a quarter of the seeds
    let apart = |seed| judged(&Spec { independent: true, ..spec(&known, 100, seed) });
    let apart = over_seeds(300, apart);
    let fewer = apart.iter().filter(|t| t[0].real.estimate.value < 0.0).count();
    let wrong = apart.iter().filter(|t| t[0].real.verdict == Verdict::Contradicted).count();
    assert!(fewer > 60 && wrong <= most(300, 0.025), "{fewer}, {wrong} of 300");
}

#[test]
fn never_is_supported_up_to_a_stated_size_only() {
    let known = lab(&[
        "\"probability(never) == 0\"",
        "\"probability(never) <= 0\"",
        "\"probability(never) == 0\", within = 0.01",
        "\"probability(never) <= 0\", within = 0.01",
    ]);
    let all = over_seeds(100, |seed| judged(&spec(&known, 10_000, seed)));
    let mut none = 0;
    for tested in &all {
        let verdicts: Vec<Verdict> = tested.iter().map(|t| t.real.verdict).collect();
        assert!(verdicts[..2].iter().all(|v| *v != Verdict::Supported), "{verdicts:?}");
        assert!(verdicts[2..].iter().all(|v| *v == Verdict::Supported), "{verdicts:?}");
        none += u64::from(tested[0].real.estimate.value == 0.0);
        // the message says how much the runs leave
        if tested[0].real.verdict == Verdict::Inconclusive && tested[0].real.estimate.value == 0.0 {
            let reason = &tested[0].real.reason;
            assert!(reason.contains("3.84e-4") && reason.contains("within"), "{reason}");
        }
    }
    // in exp(-1) of the seeds it never happens
    assert!((20..=55).contains(&none), "{none} of 100");
    // 3.84 / (n + 3.84) is above 0.01 at 380 runs and below it at 381
    for (runs, expected) in [(380, Verdict::Inconclusive), (381, Verdict::Supported)] {
        let quiet = (0..).find(|seed| {
            let report = judged(&spec(&known, runs, *seed));
            let tested = report.claims[0].tested.as_ref().expect("it is tested");
            let still = tested.real.estimate.value == 0.0;
            assert!(!still || report.claims[2].verdict() == expected, "{runs} runs");
            assert!(!still || report.claims[3].verdict() == expected, "{runs} runs");
            still
        });
        assert!(quiet.is_some());
        let interval = Interval::share(0, runs, ALPHA);
        let verdict = Verdict::of(Comparison::Equal, 0.0, Some(0.01), &interval);
        assert_eq!(verdict, expected, "{interval:?}");
    }
}

#[test]
fn what_has_no_value_in_some_runs_is_no_share() {
    let known = lab(&["\"mean(at) > 0\"", "\"mean(loss) < 1\""]);
    // of those in which it happens at all
    let truth = (0.9 + 2.0 * 0.09 + 3.0 * 0.009) / 0.999;
    const SEEDS: u64 = 400;
    let all = over_seeds(SEEDS, |seed| judged(&spec(&known, 5, seed)));
    let missed = |t: &&Vec<Tested>| {
        let Estimate { lo, hi, .. } = t[0].real.estimate;
        truth < lo || truth > hi
    };
    let missed = all.iter().filter(missed).count();
    assert!(missed <= most(SEEDS, 0.07), "{missed} of {SEEDS}");
    for tested in &all {
        let at = tested[0].real.estimate;
        assert!(at.method == Method::Student && at.lo >= 1.0 && at.hi <= 3.0, "{at:?}");
        assert!(at.value != 1.0 || at.sparse, "{at:?}");
        // 5 runs in which a loss of 10 never happened: up to 3.69 / 5 of them may have it
        let loss = tested[1].real.estimate;
        if loss.value == 0.0 {
            assert!(loss.lo == 0.0 && loss.hi > 7.0 && loss.sparse, "{loss:?}");
            assert_eq!(loss.method, Method::Student);
        }
    }
    assert!(all.iter().any(|t| t[0].real.estimate.value == 1.0), "all of the five at once");
}

#[test]
fn arms_of_one_law_are_told_apart_as_often_as_luck_says() {
    let known = lab(&[
        "\"mean(level@same - level) > 0\"",
        "\"probability(lucky@same) > probability(lucky)\"",
        "\"mean(gains@same) - mean(gains) > 0\"",
        "\"mean(at@same) > mean(at)\"",
        "\"mean(level@same) / mean(level) > 1\"",
    ]);
    const SEEDS: u64 = 300;
    let apart = |seed| judged(&Spec { independent: true, ..spec(&known, 200, seed) });
    let all = over_seeds(SEEDS, apart);
    for claim in 0..known.0.claims.len() {
        let decided = all.iter().filter(|t| t[claim].real.verdict.decided()).count();
        assert!(decided <= most(SEEDS, 0.05), "claim {claim}: {decided} of {SEEDS}");
        let supported = all.iter().filter(|t| t[claim].real.verdict == Verdict::Supported).count();
        assert!(supported <= most(SEEDS, 0.025), "claim {claim}: {supported} of {SEEDS}");
    }
    // with the same luck they are the same in every run, which decides
    let report = judged(&spec(&known, 200, 1));
    assert!(report.claims[..3].iter().all(|c| c.verdict() == Verdict::Contradicted));
}

fn place(test: &str, claims: &[&str]) -> Place {
    Place::new(&format!("rare-{test}"), "rare.toml", &lab(claims).1)
}

/// The cells of a table that a command writes, the header first.
fn table(place: &Place, arguments: &[&str], table: &str) -> Vec<Vec<String>> {
    let (status, _, errors) = place.detente(&[arguments, &["--out", "out", "--force"]].concat());
    assert_eq!(status, Some(0), "{errors}");
    let mut reader = csv::Reader::from_path(place.0.join("out").join(table)).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|row| row.expect("a row"));
    let text = |row: csv::StringRecord| row.iter().map(str::to_string).collect();
    std::iter::once(header.clone()).chain(rows).map(text).collect()
}

/// The named cells of the row whose first cells are these.
fn cells<'t>(table: &'t [Vec<String>], keys: &[(&str, &str)], names: &[&str]) -> Vec<&'t str> {
    let at = |name: &str| table[0].iter().position(|n| n == name).expect("a column");
    let row = table.iter().find(|row| keys.iter().all(|(name, key)| row[at(name)] == *key));
    let row = row.unwrap_or_else(|| panic!("no row {keys:?}"));
    names.iter().map(|name| row[at(name)].as_str()).collect()
}

const ENDS: [&str; 4] = ["lo", "hi", "interval", "sparse"];

#[test]
fn two_commands_print_one_interval_for_one_number() {
    let of = [
        ("\"mean(level) > 0\"", "base", "level"),
        ("\"mean(at) > 0\"", "base", "at"),
        ("\"mean(gains@arm) > 0\"", "arm", "gains"),
        ("\"mean(loss) < 1\"", "base", "loss"),
        ("\"probability(lucky) < 1\"", "base", "lucky"),
        ("\"probability(never) < 1\"", "base", "never"),
        ("\"mean(five) == 5\"", "base", "five"),
        ("\"mean(lucky@arm - lucky) > 0\"", "arm", ""),
        ("\"probability(lucky@arm) > probability(lucky)\"", "arm", "lucky"),
        ("\"mean(gains@arm) - mean(gains) > 0\"", "arm", "gains"),
        ("\"mean(sized@large - sized) > 0\"", "large", "sized"),
        ("\"mean(level@arm) == mean(level)\"", "arm", "level"),
    ];
    let claims: Vec<&str> = of.iter().map(|(test, ..)| *test).collect();
    let place = place("same", &claims);
    // fewer and more than there are bundles of runs
    for runs in ["300", "3000"] {
        let play = ["rare.toml", "--runs", runs];
        let all = [&["run"][..], &play, &["--all-variants"]].concat();
        let summary = table(&place, &all, "summary.csv");
        let differences = table(&place, &all, "differences.csv");
        let claims = table(&place, &[&["claims"][..], &play].concat(), "claims.csv");
        for (number, (test, arm, outcome)) in of.into_iter().enumerate() {
            let name = char::from(b'a' + u8::try_from(number).expect("a letter")).to_string();
            let told = cells(&claims, &[("claim", &name)], &["statistic"]);
            let ends = cells(&claims, &[("claim", &name)], &ENDS);
            let table = if test.contains('-') || test.matches('(').count() == 2 {
                &differences
            } else {
                &summary
            };
            let outcome = if outcome.is_empty() { "lucky" } else { outcome };
            let keys = [("arm", arm), ("outcome", outcome)];
            assert_eq!(cells(table, &keys, &["mean"]), told, "{test}");
            assert_eq!(cells(table, &keys, &ENDS), ends, "{test}");
        }
    }
}

#[test]
fn what_no_draw_reaches_is_exact_and_one_run_has_no_interval() {
    let place = place("exact", &[]);
    let one = table(&place, &["run", "rare.toml", "--runs", "1"], "summary.csv");
    let few = table(&place, &["run", "rare.toml", "--runs", "5"], "summary.csv");
    let base = |table, outcome, names: &[&str]| -> Vec<String> {
        let keys = [("arm", "base"), ("outcome", outcome)];
        cells(table, &keys, names).into_iter().map(str::to_string).collect()
    };
    let ends = ["mean", "lo", "hi", "interval"];
    for table in [&one, &few] {
        assert_eq!(base(table, "one", &ends), ["1", "1", "1", "exact"]);
        assert_eq!(base(table, "five", &ends), ["5", "5", "5", "exact"]);
    }
    let wanted = ["se", "sd", "lo", "hi", "interval"];
    assert_eq!(base(&one, "level", &wanted), ["", "", "", "", "none"]);
    assert_eq!(base(&one, "gains", &wanted), ["", "", "", "", "none"]);
    // a share has Wilson's interval from one run on
    assert_eq!(base(&one, "lucky", &["sd", "interval"]), ["", "wilson"]);
    assert_eq!(base(&few, "level", &["interval"]), ["t"]);
}

#[test]
fn the_interval_of_an_arm_is_its_own() {
    // `sized` is 0 or 1 in one arm and 0 or 7 in the other
    let place = place("own", &[]);
    let play = ["run", "rare.toml", "--runs", "40"];
    let alone = table(&place, &play, "summary.csv");
    let beside = table(&place, &[&play[..], &["--variant", "large"]].concat(), "summary.csv");
    assert_eq!(alone[..], beside[..alone.len()]);
    for arm in ["base", "large"] {
        let keys = [("arm", arm), ("outcome", "sized")];
        assert_eq!(cells(&beside, &keys, &["interval"]), ["t"]);
    }
}
