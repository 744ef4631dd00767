//! The program as its users meet it: commands, exit codes, files, hostile input.

mod hostile;
mod meta;
mod solve;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::{self, root};

/// An empty folder of its own for a test.
fn folder(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("detente-cli-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    path
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

struct Answer {
    status: Option<i32>,
    out: String,
    err: String,
}

fn answer(output: Output) -> Answer {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    let answer =
        Answer { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
    for bad in ["panicked", "RUST_BACKTRACE", "overflowed its stack"] {
        assert!(!answer.err.contains(bad), "{}", answer.err);
    }
    assert!(!answer.err.contains('\u{1b}'), "colours without a terminal: {}", answer.err);
    answer
}

fn detente(folder: &Path, arguments: &[&str]) -> Answer {
    answer(command(folder, arguments).output().expect("the program starts"))
}

/// Fails unless the status is as expected and both texts contain what they should.
fn expect(folder: &Path, arguments: &[&str], status: i32, out: &[&str], err: &[&str]) {
    let found = detente(folder, arguments);
    let all = format!("{arguments:?}\nout: {}\nerr: {}", found.out, found.err);
    assert_eq!(found.status, Some(status), "{all}");
    for text in out {
        assert!(found.out.contains(text), "no `{text}` on stdout: {all}");
    }
    for text in err {
        assert!(found.err.contains(text), "no `{text}` on stderr: {all}");
    }
}

#[test]
fn scenarios_inside_the_program_work_in_an_empty_folder() {
    let here = folder("shipped");
    expect(&here, &["list"], 0, &["stag-hunt", "pyongyang-pact", "inside the program"], &[]);
    expect(&here, &["check", "stag-hunt"], 0, &["shipped:stag-hunt: 2 actors"], &[]);
    let run = ["run", "stag-hunt", "--runs", "64", "--variant", "level_2"];
    expect(&here, &run, 0, &["base", "level_2", "minus base", "seed 20240619"], &["--out DIR"]);
    assert_eq!(fs::read_dir(&here).expect("it is there").count(), 0, "files without --out");
}

#[test]
fn the_folder_comes_before_the_program() {
    let here = folder("order");
    fs::create_dir_all(here.join("scenarios/own")).expect("it can be made");
    let text = fs::read_to_string(root().join("scenarios/textbook/stag-hunt.toml"));
    let text = text.expect("it can be read").replace("Stag hunt: risk", "My own hunt: risk");
    fs::write(here.join("scenarios/own/stag-hunt.toml"), &text).expect("it can be written");
    expect(&here, &["list"], 0, &["My own hunt"], &[]);
    fs::create_dir_all(here.join("scenarios/histories")).expect("it can be made");
    fs::write(here.join("scenarios/histories/stag-hunt.toml"), "").expect("it can be written");
    expect(&here, &["check", "stag-hunt"], 0, &["scenarios/own/stag-hunt.toml"], &[]);
    fs::write(here.join("scenarios/stag-hunt.toml"), &text).expect("it can be written");
    expect(&here, &["check", "stag-hunt"], 2, &[], &["two files"]);
    fs::write(here.join("other.toml"), &text).expect("it can be written");
    expect(&here, &["check", "other.toml"], 0, &[], &["N0001", "called `stag-hunt`", "name    ="]);
    expect(&here, &["check", "--strict", "other.toml"], 0, &[], &["N0001"]);
}

#[test]
fn unknown_names_come_with_the_nearest() {
    let here = folder("names");
    expect(&here, &["run", "stag-hnt"], 2, &[], &["did you mean `stag-hunt`?"]);
    expect(&here, &["run", "stag-hunt", "--variant", "levl_2"], 2, &[], &["`level_2`?"]);
    expect(&here, &["run", "stag-hunt", "--set", "lamda=2"], 1, &[], &["E0012", "`lambda`?"]);
    expect(&here, &["run", "stag-hunt", "--set", "lambda=2+"], 1, &[], &["--set", "E0011"]);
    expect(&here, &["explain", "E0O12"], 2, &[], &["did you mean"]);
    fs::write(here.join("harbour.toml"), "format = 1\n").expect("it can be written");
    expect(&here, &["check", "harbor"], 2, &[], &["no scenario `harbor`", "`harbour`?"]);
    expect(&here, &["check", "./harbor.toml"], 2, &[], &["no file", "`./harbour.toml`?"]);
    let long = "x".repeat(100_000);
    for words in
        [&["check", &long][..], &["explain", &long], &["run", "stag-hunt", "--variant", &long]]
    {
        let found = detente(&here, words);
        assert_eq!(found.status, Some(2));
        assert!(found.err.len() < 400, "{:.500}", found.err);
    }
    expect(&here, &["check", "stag-hunt.toml"], 2, &[], &["did you mean `stag-hunt`?"]);
    expect(&here, &["trace", "stag-hunt", "--actor", "ROOW"], 2, &[], &["`ROW`?"]);
    let unknown = ["run", "pyongyang-pact", "--outcomes", "crisis"];
    expect(&here, &unknown, 2, &[], &["no outcome `crisis`", "`crises`?"]);
}

#[test]
fn usage_errors_have_status_two() {
    let here = folder("usage");
    for arguments in [
        &["nonsense"][..],
        &["run"],
        &["run", "stag-hunt", "--threads", "0"],
        &["run", "stag-hunt", "--threads", "many"],
        &["run", "stag-hunt", "--runs", "0"],
        &["sweep", "stag-hunt", "--runs", "1e3"],
        &["run", "stag-hunt", "--rounds", "0"],
        &["run", "stag-hunt", "--set", "lambda"],
        &["run", "stag-hunt", "--force"],
        &["check"],
        &["completions", "tcl"],
    ] {
        expect(&here, arguments, 2, &[], &["error"]);
    }
}

#[test]
fn what_looks_like_a_mistake_is_said() {
    let here = folder("mistakes");
    expect(&here, &["run", "stag-hunt", "--runs", "10,000"], 2, &[], &["for instance 10000"]);
    let outside = "note: `lambda` is set to 11; the file declares 0 to 10";
    let run = ["run", "stag-hunt", "--runs", "10_0", "--set", "lambda=11"];
    expect(&here, &run, 0, &["100 runs"], &[outside]);
    let inside = detente(&here, &["run", "stag-hunt", "--runs", "10", "--set", "lambda=10"]);
    assert!(!inside.err.contains("declares"), "{}", inside.err);
    let sweep = ["sweep", "stag-hunt", "--vary", "lambda=2:11:2", "--runs", "10"];
    expect(&here, &sweep, 0, &["2 points"], &[outside]);
    let idle = "note: `pride` is set without effect: every type of QAT sets it";
    let run = ["run", "gulf-blockade", "--runs", "2", "--rounds", "1", "--set", "pride=1"];
    expect(&here, &run, 0, &["2 runs"], &[idle]);
    let span = ["sweep", "stag-hunt", "--vary", "lambda=2-8", "--runs", "10"];
    expect(&here, &span, 1, &[], &["`2-8` is one value here", "lo:hi"]);
}

#[test]
fn pages_are_printed() {
    let here = folder("pages");
    expect(&here, &["help", "run"], 0, &["Usage: detente run"], &[]);
    expect(&here, &["list"], 0, &["chicken.nfg", "inside the program"], &[]);
    expect(&here, &["describe", "pyongyang-pact"], 0, &["POSTURES", "CHN `embrace`"], &[]);
    expect(&here, &["--help"], 0, &["Usage: detente", "Exit status"], &[]);
    expect(&here, &["--version"], 0, &[env!("CARGO_PKG_VERSION")], &[]);
    expect(&here, &["explain", "e0012"], 0, &["E0012: a name that is not defined"], &[]);
    expect(&here, &["explain", "12"], 0, &["E0012: a name that is not defined"], &[]);
    expect(&here, &["explain"], 0, &["E0001", "W0001"], &[]);
    expect(&here, &["man"], 0, &[".TH detente", "all\\-variants"], &[]);
    expect(&here, &["schema"], 0, &["draft-07", "\"precision\""], &[]);
    expect(&here, &["schema", "--history"], 0, &["draft-07", "\"miscoding\""], &[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        expect(&here, &["completions", shell], 0, &["all-variants"], &[]);
    }
}

#[test]
fn a_new_scenario_is_sound_and_not_overwritten() {
    let here = folder("new");
    expect(&here, &["new", "crisis"], 0, &["crisis.toml"], &[]);
    expect(&here, &["check", "--strict", "crisis.toml"], 0, &["3 actors"], &[]);
    expect(&here, &["new", "crisis"], 2, &[], &["exists", "--force"]);
    expect(&here, &["new", "crisis", "--from", "stag-hunt", "--force"], 0, &[], &[]);
    expect(&here, &["check", "crisis.toml"], 0, &["2 actors"], &[]);
    expect(&here, &["new", "no/such/folder"], 2, &[], &["cannot write"]);
    expect(&here, &["new", "a b"], 2, &[], &["cannot be the name"]);
}

#[test]
fn shipped_scenarios_pass_a_strict_check() {
    let here = folder("shipped");
    let mut files = support::files("scenarios/alliances", ".toml");
    files.extend(support::files("scenarios/published", ".toml"));
    files.extend(support::files("scenarios/textbook", ".toml"));
    assert!(files.len() > 10, "where are the scenarios?");
    for file in files {
        let name = file.to_string_lossy();
        expect(&here, &["check", "--strict", &name], 0, &[], &[]);
    }
}

#[test]
fn a_strict_check_says_what_it_counts() {
    let here = folder("strict");
    let path = root().join("scenarios/textbook/stag-hunt.toml");
    let text = std::fs::read_to_string(path).expect("a shipped scenario");
    let more = "[sources]\nx = { title = \"X\" }\ny = { title = \"Y\" }\n";
    let text = text.replacen("[sources]\n", more, 1);
    std::fs::write(here.join("stag-hunt.toml"), text).expect("a writable folder");
    let strict = ["check", "--strict", "stag-hunt.toml"];
    expect(&here, &strict, 1, &[], &["\n--strict: 2 warnings count as failures\n"]);
    let found = detente(&here, &["check", "stag-hunt.toml"]);
    assert_eq!(found.status, Some(0));
    assert!(!found.err.contains("--strict"), "{}", found.err);
}

#[test]
fn tables_show_a_dozen_outcomes_or_those_asked_for() {
    let here = folder("outcomes");
    let run = |more: &[&'static str]| {
        let mut all = vec!["run", "pyongyang-pact", "--runs", "2", "--rounds", "2"];
        all.extend(more);
        detente(&here, &all).out
    };
    let rows = |text: &str| text.lines().filter(|line| line.starts_with("  ")).count() - 1;
    let few = run(&[]);
    assert_eq!(rows(&few), 12, "{few}");
    assert!(few.contains(" more outcomes; --outcomes shows all"), "{few}");
    let files = run(&["--out", "results"]);
    assert!(files.contains(" more outcomes in outcomes.csv and summary.csv;"), "{files}");
    let all = run(&["--outcomes"]);
    assert!(rows(&all) > 60 && !all.contains("more outcome"), "{all}");
    let two = run(&["--outcomes", "war_ever,crises"]);
    assert_eq!(rows(&two), 2, "{two}");
    assert!(two.find("  war_ever") < two.find("  crises"), "{two}");
}

#[test]
fn a_trace_can_be_narrowed() {
    let here = folder("trace");
    let trace = ["trace", "pyongyang-pact", "--rounds", "3", "--round", "2", "--actor", "CHN"];
    let text = detente(&here, &trace).out;
    for part in ["HOW TO READ", "ROUND 2", "China (CHN), military", "China chose"] {
        assert!(text.contains(part), "no `{part}`: {text}");
    }
    for part in ["ROUND 1", "ROUND 3", "(RUS), ", "OUTCOMES", "tension[PRK,ROK]"] {
        assert!(!text.contains(part), "`{part}`: {text}");
    }
    let found = detente(&here, &[&trace[..], &["--format", "json"]].concat());
    let value: serde_json::Value = serde_json::from_str(&found.out).expect("it is JSON");
    assert_eq!(value["choosing"][0]["actor"], "CHN");
    assert!(value["choosing"][0]["precision"].as_f64() > Some(0.0), "{}", value["choosing"]);
    assert_eq!(value["rounds"].as_array().map(Vec::len), Some(1));
    assert_eq!(value["rounds"][0]["round"], 2);
    let seats = value["rounds"][0]["seats"].as_array().expect("a list");
    assert!(!seats.is_empty() && seats.iter().all(|s| s["actor"] == "CHN"), "{seats:?}");
    let late = ["trace", "pyongyang-pact", "--rounds", "3", "--round", "4"];
    expect(&here, &late, 2, &[], &["run 0 has no round 4; the last one played is 3"]);
}

#[test]
fn runs_and_sweeps_are_json_with_the_numbers_of_the_library() {
    let here = folder("json");
    let scenario = detente::Scenario::shipped("pyongyang-pact").expect("a scenario");
    let all = ["run", "pyongyang-pact", "--runs", "64", "--rounds", "3", "--variant", "no_pact"];
    let found = detente(&here, &[&all[..], &["--format", "json", "--out", "one"]].concat());
    let value: serde_json::Value = serde_json::from_str(&found.out).expect("it is JSON");
    assert!(found.err.contains("results in one"), "{}", found.err);
    let runs = scenario.run(&detente::Run::new(64).rounds(3).variant("no_pact")).expect("runs");
    let arms = value["arms"].as_array().expect("a list");
    assert_eq!((arms.len(), &value["unseen"]), (2, &0.into()));
    let mut numbers = 0;
    for (arm, result) in arms.iter().zip(&runs.results().arms) {
        assert_eq!(arm["name"], result.name.as_str());
        let lines = arm["lines"].as_array().expect("a list");
        for line in lines.iter().filter(|line| !line["estimates"].is_null()) {
            let name = line["name"].as_str().expect("a name");
            let Ok(outcome) = runs.arm(&result.name).and_then(|arm| arm.outcome(name)) else {
                panic!("no outcome {name}");
            };
            assert_eq!(line["estimates"]["mean"].as_f64(), Some(outcome.mean), "{name}");
            assert_eq!(line["estimates"]["interval"]["hi"].as_f64(), Some(outcome.interval.hi));
            let difference = line["estimates"]["difference"]["mean"].as_f64();
            assert_eq!(difference, outcome.difference.map(|difference| difference.mean));
            numbers += 1;
        }
    }
    assert!(numbers > 20, "{numbers}");
    let few = detente(&here, &[&all[..], &["--format", "json", "--outcomes", "crises"]].concat());
    let value: serde_json::Value = serde_json::from_str(&few.out).expect("it is JSON");
    assert_eq!(value["arms"][0]["lines"].as_array().map(Vec::len), Some(1));

    let sweep = ["sweep", "chicken", "--vary", "lambda=0,1", "--runs", "32", "--out", "two"];
    let found = detente(&here, &[&sweep[..], &["--format", "json"]].concat());
    let value: serde_json::Value = serde_json::from_str(&found.out).expect("it is JSON");
    assert!(found.err.contains("results in two"), "{}", found.err);
    assert_eq!((&value["points"], &value["design"]), (&2.into(), &"grid".into()));
    let scenario = detente::Scenario::shipped("chicken").expect("a scenario");
    let line = &value["arms"][0]["lines"][0];
    for end in line["ends"].as_array().expect("two ends") {
        let lambda = end["values"][0].as_f64().expect("a number");
        let request = detente::Run::new(32).set("lambda", lambda.to_string());
        let runs = scenario.run(&request).expect("runs");
        let outcome = runs.outcome(line["outcome"].as_str().expect("a name")).expect("an outcome");
        assert_eq!(end["mean"].as_f64(), Some(outcome.mean));
    }
}

#[test]
fn the_recorded_command_repeats_the_run() {
    let here = folder("repeat");
    fs::create_dir_all(here.join("own")).expect("it can be made");
    expect(&here, &["new", "own/my case.toml"], 2, &[], &["cannot be the name"]);
    expect(&here, &["new", "own/crisis"], 0, &[], &[]);
    let first = ["run", "own/crisis.toml", "--runs", "70", "--all-variants", "--out", "one"];
    expect(&here, &first, 0, &[], &[]);
    let package = fs::read_to_string(here.join("one/datapackage.json")).expect("it is there");
    let package: serde_json::Value = serde_json::from_str(&package).expect("it is JSON");
    let recorded = package["detente"]["command"].as_str().expect("a text");
    let mut words: Vec<&str> = recorded.split(' ').skip(1).collect();
    words.extend(["--out", "../two"]);
    // The folder has all that it takes.
    fs::remove_dir_all(here.join("own")).expect("it can be removed");
    expect(&here.join("one"), &words, 0, &["results in ../two"], &[]);
    assert_eq!(contents(&here.join("one")), contents(&here.join("two")));
}

#[test]
fn check_goes_on_after_a_bad_file() {
    let here = folder("check");
    fs::write(here.join("bad.toml"), "format = 1\n[scenario]\nname = 3\n").expect("written");
    let both = ["check", "bad.toml", "missing.toml", "stag-hunt"];
    expect(&here, &both, 2, &["shipped:stag-hunt: "], &["bad.toml:3:8", "errors", "missing.toml"]);
    let found = detente(&here, &["check", "--message-format", "json", "bad.toml"]);
    assert_eq!(found.status, Some(1));
    assert_eq!(found.err, "");
    for line in found.out.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("a JSON object a line");
        for key in ["code", "severity", "message", "file", "line", "column", "end_line"] {
            assert!(!value[key].is_null(), "{key} in {line}");
        }
    }
    assert!(found.out.contains("\"line\":3,\"column\":8"), "{}", found.out);
}

/// Name and bytes of every file of a folder.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the folder is there").flatten();
    let read = |entry: fs::DirEntry| {
        let bytes = fs::read(entry.path()).expect("the file can be read");
        (entry.file_name().to_string_lossy().into_owned(), bytes)
    };
    let mut all: Vec<(String, Vec<u8>)> = entries.map(read).collect();
    all.sort();
    all
}

#[test]
fn threads_leave_no_trace_and_nothing_is_overwritten() {
    let here = folder("bytes");
    let run = |more: &[&'static str]| {
        let fixed = ["run", "stag-hunt", "--runs", "300", "--all-variants", "--set", "lambda=1.5"];
        let mut all = fixed.to_vec();
        all.extend(more);
        all
    };
    expect(&here, &run(&["--out", "one", "--threads", "1"]), 0, &["results in one"], &[]);
    expect(&here, &run(&["--out", "two", "--threads", "2"]), 0, &["results in two"], &[]);
    let one = contents(&here.join("one"));
    assert_eq!(one, contents(&here.join("two")));
    let names: Vec<&str> = one.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"datapackage.json") && names.contains(&"outcomes.csv"), "{names:?}");
    expect(&here, &run(&["--out", "one"]), 2, &[], &["exists", "--force"]);
    assert_eq!(one, contents(&here.join("one")), "a refused run changed files");
    expect(&here, &run(&["--out", "one", "--force", "--no-per-run"]), 0, &[], &[]);
    assert!(!here.join("one/outcomes.csv").exists());
    expect(&here, &run(&["--out", "two", "--force", "--seed", "7"]), 0, &["seed 7"], &[]);
    assert_ne!(one, contents(&here.join("two")), "another seed, the same bytes");
}

#[test]
fn failed_runs_are_a_failure() {
    let here = folder("failed");
    let text = "format = 1\n[scenario]\nname = \"bad\"\nrounds = 5\n\
                [actors]\nA = { name = \"A\" }\n\
                [state.x]\ninitial = 2\n[dynamics]\nx = \"1 / (x - 2)\"\n\
                [payoffs.p]\ndefault = 0\n[weights]\np = 1\n\
                [decision]\nrule = \"random\"\n[outcomes]\nend = { final = \"x\" }\n";
    fs::write(here.join("bad.toml"), text).expect("it can be written");
    let run = ["run", "bad.toml", "--runs", "64", "--out", "results"];
    expect(
        &here,
        &run,
        1,
        &["results in results"],
        &["64 of 64 runs failed", "bad.toml:", "E0037"],
    );
    let late = ["trace", "bad.toml", "--round", "5"];
    expect(&here, &late, 1, &[], &["run 0 has no round 5", "failed in round"]);
    let failures = fs::read_to_string(here.join("results/failures.csv")).expect("it is there");
    assert_eq!(failures.lines().count(), 65);
}
