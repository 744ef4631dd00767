//! Which assumption matters, and where a condition holds: the commands and the library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use detente::{Discover, Given, GivenMethod, Scenario, Sensitivity};

use super::support::root;

/// One seat moves or holds by a logit of two numbers; a third is read by nothing.
const TEXT: &str = r#"
format = 1

[scenario]
name   = "lever"
title  = "A lever"
rounds = 4

[actors]
A = { name = "who moves" }

[parameters]
gain = { value = 0.5, range = [-1, 2], unit = "points", source = "assumed" }
cost = { value = 0.5, range = [0, 1], unit = "points", source = "assumed" }
idle = { value = 0.5, range = [0, 1], unit = "points", source = "assumed" }

[payoffs.points]
A = "(gain - cost) * chose[A, pull]"

[weights]
points = 1

[moves.pull]
title = "Pull"
by    = "actors"

[decision]
rule      = "logit"
precision = 2
reasoning = 1

[outcomes]
pulls = { total = "chose[A, pull]" }

[variants.free]
title = "Pulling costs nothing"
set   = { cost = 0 }

[claims.often]
says = "It is mostly pulled."
test = "mean(pulls) > 2"
"#;

fn lever() -> Scenario {
    Scenario::parse(TEXT).unwrap_or_else(|e| panic!("{e}"))
}

fn folder(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("detente-sense-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    fs::write(path.join("lever.toml"), TEXT).expect("a file");
    path
}

fn run(here: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .current_dir(here)
        .args(arguments)
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_matters_is_found_and_what_is_not_read_is_not_varied() {
    let scenario = lever();
    let request = Sensitivity::new().rows(128).runs(8).claims(Vec::new()).outcome("pulls");
    let found = scenario.sensitivity(&request).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(found.factors(), ["gain", "cost"]);
    assert_eq!(found.unread(), ["idle"]);
    let names: Vec<&str> = found.found().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["pulls", "claim often"]);
    let (pulls, often) = (&found.found()[0].indices, &found.found()[1].indices);
    // the claim is the outcome less a number
    assert!((pulls.variance.value - often.variance.value).abs() < 1e-9);
    let share = |k: usize| pulls.factors[k].shapley.expect("walks").value;
    assert!((share(0) + share(1) - 1.0).abs() < 1e-9 && share(0) > 0.75, "{pulls:?}");
    assert!(pulls.factors[0].slope.expect("one axis").lo > 0.0);
    assert!(pulls.luck.value > 0.2 && pulls.luck.value < 0.9, "{:?}", pulls.luck);
    // the same bytes whatever the threads
    let json = |threads| {
        let request = request.clone().threads(threads);
        let found = scenario.sensitivity(&request).unwrap_or_else(|e| panic!("{e}"));
        serde_json::to_string(&found).expect("JSON")
    };
    assert_eq!(json(1), json(3));
}

#[test]
fn differences_pairs_and_groups() {
    let scenario = lever();
    let request = Sensitivity::new().rows(64).difference("free").group("parameter").pairs();
    let found = scenario.sensitivity(&request).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(found.found()[0].name, "pulls: free - base");
    assert!(found.is_pairs() && found.found()[0].indices.rows == 64);
    let request = Sensitivity::new().rows(64).group("both=*");
    let found = scenario.sensitivity(&request).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(found.factors(), ["both"]);
    let factor = &found.found()[0].indices.factors[0];
    assert!((factor.total.value - 1.0).abs() < 1e-9 && factor.slope.is_none(), "{factor:?}");
}

#[test]
fn rows_are_doubled_until_shares_are_narrow_or_the_budget_is_spent() {
    let scenario = lever();
    let request = Sensitivity::new().rows(100).budget(100_000);
    let of = |request: &Sensitivity| {
        scenario.sensitivity(request).unwrap_or_else(|error| panic!("{error}"))
    };
    let rows = |found: &detente::Sensitivities| found.found()[0].indices.rows;
    let wide = of(&request.clone().until(0.9));
    // 100 is no power of two
    assert_eq!((rows(&wide), wide.size().rows), (128, 128));
    let (asked, widest) = wide.until().expect("it was asked for");
    assert!(asked == 0.9 && widest < 0.9, "{widest}");
    // 24 runs a row
    let spent = of(&request.clone().until(0.001));
    assert_eq!(rows(&spent), 4096);
    assert!(spent.until().expect("it was asked for").1 > 0.001);
    let some = of(&request.until(widest / 2.0));
    assert!(rows(&some) > 128 && some.until().expect("it was asked for").1 < widest / 2.0);
    // rows are the same however they were come to
    let once = of(&Sensitivity::new().rows(rows(&some)).threads(3));
    assert_eq!(once.found(), some.found());
    let once = of(&Sensitivity::new().rows(4096));
    assert_eq!(once.found(), spent.found());
}

#[test]
fn what_does_not_fit_is_told() {
    let scenario = lever();
    let told = |request: Sensitivity| match scenario.sensitivity(&request) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{request:?} is accepted"),
    };
    assert!(told(Sensitivity::new().outcome("pull")).contains("pulls"));
    assert!(told(Sensitivity::new().difference("fre")).contains("free"));
    assert!(told(Sensitivity::new().claims(vec!["oft".into()])).contains("often"));
    assert!(told(Sensitivity::new().group("x=zzz*")).contains("nothing that varies"));
    assert!(told(Sensitivity::new().vary("gain=")).contains("gain"));
    assert!(told(Sensitivity::new().runs(1)).contains("runs"));
    assert!(told(Sensitivity::new().until(1.0)).contains("below 1"));
    let dear = Sensitivity::new().rows(64).until(0.1).budget(1000);
    assert!(told(dear).contains("64 rows take 1536 runs"));
    let here = folder("wrong");
    for (arguments, wanted) in [
        (&["sensitivity"][..], "SCENARIO"),
        (&["sensitivity", "--from", "none.csv", "--value", "y"], "none.csv"),
        (&["sensitivity", "--from", "lever.toml", "--value", "y"], "lever.toml"),
        (&["sensitivity", "--from", "lever.toml", "--method", "x"], "pawn"),
        (&["discover", "lever.toml", "--when", "y"], "condition"),
        (&["discover", "none", "--when", "y > 1"], "none"),
    ] {
        let (status, _, told) = run(&here, arguments);
        assert!(matches!(status, Some(1 | 2)) && told.contains(wanted), "{arguments:?}: {told}");
    }
    fs::remove_dir_all(here).expect("the folder goes");
}

#[test]
fn the_program_writes_what_it_finds() {
    let here = folder("files");
    let arguments = ["sensitivity", "lever.toml", "--rows", "32", "--out", "out"];
    let (status, text, told) = run(&here, &arguments);
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("32 rows of 3 points, 1 arm, 8 runs each: 768 runs"), "{told}");
    assert!(text.contains("is luck") && text.contains("gain"), "{text}");
    let (status, _, told) = run(&here, &["verify", "out"]);
    assert_eq!(status, Some(0), "{told}");
    let table = fs::read_to_string(here.join("out/indices.csv")).expect("a table");
    assert!(table.starts_with("of,factor,shapley,shapley_lo"), "{table}");
    // a sweep, looked at afterwards
    let sweep = ["sweep", "lever.toml", "--uncertain", "--points", "256", "--runs", "40"];
    let (status, text, told) = run(&here, &[&sweep[..], &["--out", "sweep"]].concat());
    assert_eq!(status, Some(0), "{told}");
    assert!(text.contains("moved by") && text.contains("gain"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let (status, text, told) = run(&here, &["sensitivity", "--from", "sweep", "--format", "json"]);
    assert_eq!(status, Some(0), "{told}");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    let first = |k: usize| found["factors"][k]["first"].as_f64().expect("a number");
    assert!(first(0) > 0.5 && first(2).abs() < 0.1, "{found:#}");
    let (status, text, told) = run(&here, &["discover", "sweep", "--when", "pulls > 2.4"]);
    assert_eq!(status, Some(0), "{told}");
    assert!(text.contains("mostly where `gain` >=") && text.contains("held out"), "{text}");
    fs::remove_dir_all(here).expect("the folder goes");
}

/// The layout of answers that other programs are compared by.
#[test]
fn given_points_answer_as_other_programs_do() {
    let path = root().join("tests/sensitivity/ishigami_morris_r200_p4.csv");
    let request = Given::new().value("y").method(GivenMethod::Morris);
    let found = request.look(&path).unwrap_or_else(|e| panic!("{e}"));
    let json = found[0].json();
    assert_eq!(json["factors"][1]["name"], "x2");
    let star = json["factors"][1]["mu_star"].as_f64().expect("a number");
    assert!((star - 7.875).abs() < 1e-9, "{star}");
    let path = root().join("tests/sensitivity/box3of6.csv");
    let found = Discover::new("y > 0.5").look(&path).unwrap_or_else(|e| panic!("{e}"));
    let chosen = found.found().standing().next().expect("a box");
    let mut named: Vec<&str> =
        chosen.limits.iter().map(|l| found.names()[l.factor].as_str()).collect();
    named.dedup();
    assert_eq!(named, ["x1", "x3", "x5"]);
    assert!(chosen.held.density() > 0.85, "{chosen:?}");
    let json = serde_json::to_value(&found).expect("JSON");
    assert_eq!(json["steps"].as_array().map(Vec::len), Some(43));
    let error = Discover::new("z > 0.5").look(&path).err().map(|e| e.to_string());
    assert!(error.is_some_and(|e| e.contains("no number `z`")));
}
