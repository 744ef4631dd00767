//! Documented limits are reached, by every command, within a bounded time, or refused with an
//! estimate; numbers in plans written by hand are judged like those on the command line.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use detente::model::Arm;
use detente::plan::{Budget, Plan, PlanError};

use crate::support::full;

/// A command at a limit ends within this time, on a busy machine and not optimized too.
const PATIENCE: Duration = Duration::from_secs(120);

/// An empty folder of its own for a test.
fn folder(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("detente-limits-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    path
}

/// Status and both channels of a command that ends in time.
fn said(here: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let log = here.join("log.txt");
    let file = fs::File::create(&log).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
    command.current_dir(here).args(arguments).stdin(Stdio::null());
    command.stdout(file.try_clone().expect("a file")).stderr(file);
    let mut child = command.spawn().expect("the program starts");
    #[expect(clippy::disallowed_methods, reason = "whether it ends in time is what is tested")]
    let start = Instant::now();
    let status = loop {
        match child.try_wait().expect("a status") {
            Some(status) => break status,
            None if start.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{arguments:?} has not ended after {PATIENCE:?}");
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let text = fs::read(&log).expect("what was said");
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(!text.contains("panicked"), "{arguments:?}: {text:.3000}");
    (status.code(), text)
}

fn works(here: &Path, arguments: &[&str]) {
    let (status, text) = said(here, arguments);
    assert_eq!(status, Some(0), "{arguments:?}: {text:.3000}");
}

fn refuses(here: &Path, arguments: &[&str], words: &[&str]) {
    let (status, text) = said(here, arguments);
    assert!(matches!(status, Some(1 | 2)), "{arguments:?}: {status:?} {text:.3000}");
    for word in words {
        assert!(text.contains(word), "no `{word}`: {arguments:?}: {text:.3000}");
    }
}

/// A scenario in which what is not said is small.
#[derive(Clone, Copy)]
struct Size {
    name: &'static str,
    actors: usize,
    /// Moves without a target, and moves towards all others.
    moves: [usize; 2],
    tracks: usize,
    /// States by directed dyad, and by actor.
    states: [usize; 2],
    /// Events by directed dyad, and by actor.
    events: [usize; 2],
    decision: &'static str,
    payoff: &'static str,
}

const SMALL: Size = Size {
    name: "small",
    actors: 2,
    moves: [1, 0],
    tracks: 1,
    states: [1, 1],
    events: [0, 0],
    decision: "",
    payoff: "own0[self] + sum(j in others: tie0[self, j] - 0.3 * tie0[j, self])",
};

impl Size {
    fn text(&self) -> String {
        let mut text = format!("format = 1\n[scenario]\nname = \"{}\"\nrounds = 2\n", self.name);
        let mut line = |words: String| writeln!(text, "{words}").expect("memory");
        line("[actors]".to_string());
        (0..self.actors).for_each(|k| line(format!("A{k} = {{}}")));
        line("[parameters]\ngift = { value = 0.1, range = [0, 1], source = \"assumed\" }".into());
        for (kind, of) in ["directed dyad", "actor"].iter().enumerate() {
            for k in 0..self.states[kind] {
                let name = ["tie", "own"][kind];
                line(format!("[state.{name}{k}]\nof = \"{of}\"\nrange = [0, 1]\ninitial = 0.5"));
            }
        }
        line(format!("[payoffs.good]\ndefault = \"{}\"\n[weights]\ngood = 1", self.payoff));
        for k in 0..self.moves[0] + self.moves[1] {
            line(format!("[moves.m{k}]\nby = \"actors\"\ntrack = \"t{}\"", k % self.tracks));
            line(format!("cost = {{ good = {} }}", (k + 1) as f64 / 100.0));
            match k < self.moves[0] {
                true => line("effects = [\"own0[self] += gift\"]".into()),
                false => line(
                    "toward = \"others\"\neffects = [\"tie0[self, target] += gift\", \
                     \"tie0[target, self] -= 0.01\"]"
                        .into(),
                ),
            }
        }
        line("[dynamics]".to_string());
        (0..self.states[0])
            .for_each(|k| line(format!("\"tie{k}[i, j]\" = \"0.9 * tie{k}[i, j]\"")));
        for (kind, each) in ["directed dyad", "actor"].iter().enumerate() {
            for k in 0..self.events[kind] {
                line(format!("[events.e{kind}{k}]\neach = \"{each}\"\nprobability = 0.01"));
                let cell = if kind == 0 { "tie0[i, j]" } else { "tie0[i, A0]" };
                let cell = if kind == 1 { "own0[i]" } else { cell };
                line(format!("effects = [\"{cell} -= 0.1\"]"));
            }
        }
        line(format!("[decision]\nprecision = 3\n{}", self.decision));
        line("[postures.A0]\nbold = { set = { gift = 0.2 } }\nmeek = {}".to_string());
        line("[outcomes]\no = { final = \"tie0[A0, A1]\" }".to_string());
        line("[claims.c]\nsays = \"It is.\"\ntest = \"mean(o) > 0.2\"".to_string());
        text
    }

    fn write(&self, here: &Path) -> String {
        let file = format!("{}.toml", self.name);
        fs::write(here.join(&file), self.text()).expect("it can be written");
        file
    }
}

/// Every command, with few runs; `run` alone where tests are not to take the time they like.
fn every_command(here: &Path, file: &str) {
    works(here, &["run", file, "--runs", "2", "--rounds", "1"]);
    if !full() {
        return;
    }
    works(here, &["check", file]);
    works(here, &["describe", file]);
    works(here, &["describe", file, "--plan=sizes"]);
    works(here, &["trace", file, "--rounds", "1"]);
    works(here, &["claims", file, "--runs", "20", "--rounds", "1"]);
    let few = ["--vary", "gift=0:1:2", "--runs", "1", "--rounds", "1"];
    works(here, &[&["sweep", file, "--out", "swept"], &few[..]].concat());
    works(here, &[&["plan", file, "--shards", "2", "-o", "plan.json"], &few[..]].concat());
    works(here, &["shard", "plan.json", "--index", "0", "--out", "parts"]);
    works(here, &["meta", file, "--runs", "1", "--budget", "512", "--rounds", "1"]);
    // the joint choices of so many actors are no table
    refuses(here, &["solve", file, "--round", "1"], &[]);
}

#[test]
fn graphs_that_begin_with_many_inputs_are_planned() {
    let here = folder("inputs");
    let sizes = [
        Size { name: "targets", actors: 29, moves: [0, 2], ..SMALL },
        Size { name: "events", actors: 37, events: [1, 0], ..SMALL },
        Size { name: "dyads", actors: 65, ..SMALL },
    ];
    for size in sizes {
        let file = size.write(&here);
        works(&here, &["check", &file]);
        works(&here, &["run", &file, "--runs", "2", "--rounds", "1"]);
    }
}

#[test]
fn four_thousand_options_are_played_by_every_command() {
    let here = folder("options");
    let size = Size { name: "options", actors: 100, moves: [39, 0], ..SMALL };
    every_command(&here, &size.write(&here));
    let more = Size { name: "more", moves: [40, 0], ..size };
    refuses(&here, &["check", &more.write(&here)], &["4000 options", "found 40"]);
}

#[test]
fn two_hundred_thousand_cells_are_played_by_every_command() {
    let here = folder("cells");
    let size = Size { name: "cells", actors: 100, states: [20, 20], ..SMALL };
    every_command(&here, &size.write(&here));
    let more = Size { name: "more", states: [20, 21], ..size };
    refuses(&here, &["check", &more.write(&here)], &["200000", "found 200100"]);
}

#[test]
fn twenty_thousand_events_are_played_by_every_command() {
    let here = folder("events");
    let size = Size { name: "events", actors: 100, events: [2, 2], ..SMALL };
    every_command(&here, &size.write(&here));
    let more = Size { name: "more", events: [2, 3], ..size };
    refuses(&here, &["check", &more.write(&here)], &["20000", "found 20100"]);
}

#[test]
fn the_highest_levels_the_longest_foresight_and_most_rounds_are_played() {
    let here = folder("settings");
    for (name, decision) in [
        ("level", "reasoning = 20"),
        ("poisson", "reasoning = \"poisson(10)\""),
        ("foresight", "foresight = 50\ndiscount = 0.9"),
    ] {
        let file = Size { name, decision, ..SMALL }.write(&here);
        works(&here, &["check", &file]);
        works(&here, &["run", &file, "--runs", "2"]);
        works(&here, &["trace", &file, "--rounds", "1"]);
    }
    works(&here, &["run", "level.toml", "--runs", "2", "--rounds", "10000"]);
}

/// Twenty actors who reason twenty levels deep about everybody's payoffs from all pairs.
const DEEP: Size = Size {
    name: "deep",
    actors: 20,
    moves: [0, 3],
    tracks: 2,
    decision: "reasoning = 20",
    payoff: "sum(i in actors: sum(j in actors if i != j: tie0[i, j] * (1 - 0.5 * tie0[j, i])))",
    ..SMALL
};

#[test]
fn a_plan_keeps_to_its_budget_and_says_what_it_would_need() {
    let text = Size { actors: 6, ..DEEP }.text();
    let model = detente::scenario::load(text.as_bytes()).value.expect("a scenario");
    let arm = Arm::new(&model, None, &[]).expect("an arm");
    let plan = Plan::new(&model, &arm, Budget::default()).expect("a plan");
    assert!(plan.bytes < plan.most && plan.most < 1 << 30, "{} {}", plan.bytes, plan.most);
    let exactly = Budget { bytes: plan.most, ..Budget::default() };
    assert_eq!(Plan::new(&model, &arm, exactly).map(|p| p.most), Ok(plan.most));
    for bytes in [0, 1, 1000, plan.most / 20, plan.most / 3, plan.most - 1] {
        let less = Budget { bytes, ..Budget::default() };
        match Plan::new(&model, &arm, less).map(|plan| plan.most) {
            Err(PlanError::Memory { bytes: most, about }) => {
                assert_eq!(most, bytes);
                // what is foreseen is at most half more than what it would have been
                assert!(about >= bytes && about < plan.most * 3 / 2, "{about} of {}", plan.most);
            }
            other => panic!("{bytes} of {}: {other:?}", plan.most),
        }
    }
    let stop = Budget { stop: &|| true, ..Budget::default() };
    assert_eq!(Plan::new(&model, &arm, stop).map(|p| p.most), Err(PlanError::Stopped));
}

#[test]
fn numbers_of_a_plan_by_hand_are_judged_where_they_are_read() {
    let here = folder("by-hand");
    let file = SMALL.write(&here);
    let few = ["--vary", "gift=0:1:2", "--runs", "2", "--shards", "2", "-o", "plan.json"];
    works(&here, &[&["plan", &file], &few[..]].concat());
    let plan = fs::read_to_string(here.join("plan.json")).expect("a plan");
    let lines = [
        ("\"runs\": 2", "\"runs\": 9223372036854775808", "runs"),
        ("\"runs\": 2", "\"runs\": 1000000001", "runs"),
        ("\"runs\": 2", "\"runs\": 0", "runs"),
        ("\"runs\": 2", "\"runs\": -1", "-1"),
        ("\"rounds\": null", "\"rounds\": 4294967295", "rounds"),
        ("\"rounds\": null", "\"rounds\": 10001", "rounds"),
        ("\"rounds\": null", "\"rounds\": 0", "rounds"),
        ("\"shards\": 2", "\"shards\": 0", "shards"),
        ("\"shards\": 2", "\"shards\": 1000001", "shards"),
        ("\"points\": 2", "\"points\": 0", "points"),
        ("\"points\": 2", "\"points\": 4294967297", "points"),
        ("\"design\": \"grid\"", "\"design\": \"list\"", "list"),
        ("\"list\": null", "\"list\": [[\"gift\", [\"0\"]]]", "list"),
        ("\"scenario\": \"small\"", "\"scenario\": \"../small\"", "scenario"),
        ("\"variants\": []", "\"variants\": [\"base\"]", "variants"),
        ("\"per_run\": false", "\"per_run\": false, \"more\": 1", "more"),
    ];
    for (was, becomes, word) in lines {
        assert!(plan.contains(was), "{was}");
        fs::write(here.join("edited.json"), plan.replace(was, becomes)).expect("a plan");
        refuses(&here, &["shard", "edited.json", "--index", "0", "--out", "parts"], &[word]);
        refuses(&here, &["status", "edited.json", "."], &[word]);
        refuses(&here, &["merge", "edited.json", ".", "--out", "merged"], &[word]);
    }
    // more runs than can be counted
    let many = plan.replace("\"runs\": 2", "\"runs\": 1000000000").replace(
        "\"design\": \"grid\",\n  \"points\": 2",
        "\"design\": \"sobol\",\n  \"points\": 4294967296",
    );
    let list: Vec<String> = (0..20).map(|k| format!("\"v{k}\"")).collect();
    let many = many.replace("\"variants\": []", &format!("\"variants\": [{}]", list.join(", ")));
    fs::write(here.join("edited.json"), many).expect("a plan");
    refuses(&here, &["status", "edited.json", "."], &[]);
    // rows of different length
    let ragged = plan.replace("\"design\": \"grid\"", "\"design\": \"list\"").replace(
        "\"list\": null",
        "\"list\": [[\"gift\", [\"0\", \"1\"]], [\"decision.precision\", [\"1\"]]]",
    );
    fs::write(here.join("edited.json"), ragged).expect("a plan");
    refuses(&here, &["status", "edited.json", "."], &["values of"]);
}

#[test]
fn a_width_that_cannot_be_reached_says_how_many_runs_it_would_take() {
    let here = folder("precision");
    let file = Size { name: "open", events: [1, 0], ..SMALL }.text();
    // undecided: the mean lies where the claim draws its line
    let file = file.replace("mean(o) > 0.2", "mean(o) > 0.4");
    fs::write(here.join("open.toml"), file).expect("it can be written");
    let (_, text) = said(&here, &["claims", "open.toml", "--runs", "20", "--precision", "1e-300"]);
    let decided = text.contains("20 runs decide");
    assert!(decided || text.contains("most that are tried"), "{text}");
}

#[test]
#[cfg(unix)]
fn a_description_of_a_job_that_never_ends_is_not_read_to_its_end() {
    let here = folder("condor");
    let file = SMALL.write(&here);
    let few = ["--vary", "gift=0:1:2", "--runs", "2", "--shards", "2", "-o", "plan.json"];
    works(&here, &[&["plan", &file], &few[..]].concat());
    let mut command = Command::new("timeout");
    command.current_dir(&here).args(["60", env!("CARGO_BIN_EXE_detente"), "shard", "plan.json"]);
    command.args(["--index", "auto", "--out", "parts"]).env("_CONDOR_JOB_AD", "/dev/zero");
    let found = command.stdin(Stdio::null()).output().expect("the program starts");
    assert_eq!(found.status.code(), Some(2), "{}", String::from_utf8_lossy(&found.stderr));
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_refused_by_every_command_that_reads_one() {
    let here = folder("pipes");
    let file = SMALL.write(&here);
    let few = ["--vary", "gift=0:1:2", "--runs", "2", "--shards", "2", "-o", "plan.json"];
    works(&here, &[&["plan", &file], &few[..]].concat());
    let made = Command::new("mkfifo").arg(here.join("pipe.toml")).status().expect("mkfifo");
    assert!(made.success());
    fs::rename(here.join("pipe.toml"), here.join("pipe")).expect("a name");
    for name in ["pipe.toml", "pipe.nfg", "pipe.json", "pipe.csv"] {
        let _ = Command::new("mkfifo").arg(here.join(name)).status();
    }
    let word = &["no regular file"][..];
    for path in ["pipe.toml", "./pipe", "/dev/zero"] {
        for verb in ["check", "describe", "run", "trace", "claims", "meta", "sweep"] {
            refuses(&here, &[verb, path], word);
        }
        refuses(&here, &["solve", path, "--round", "1"], word);
        refuses(&here, &["plan", path, "--shards", "2", "-o", "new.json"], word);
    }
    refuses(&here, &["solve", "pipe.nfg"], word);
    for path in ["pipe.json", "/dev/zero"] {
        refuses(&here, &["shard", path, "--index", "0", "--out", "parts"], word);
        refuses(&here, &["status", path, "."], word);
        refuses(&here, &["merge", path, ".", "--out", "merged"], word);
    }
    refuses(&here, &["sweep", &file, "--design", "pipe.csv"], word);
    refuses(&here, &["sweep", &file, "--design", "/dev/zero"], word);
    fs::create_dir_all(here.join("from")).expect("a folder");
    let _ = Command::new("mkfifo").arg(here.join("from/datapackage.json")).status();
    refuses(&here, &["claims", "--from", "from"], word);
}

#[test]
fn keys_of_tables_take_one_step_for_each_cell_they_fit() {
    let mut text = Size { name: "keys", actors: 100, ..SMALL }.text();
    let keys = (0..100).flat_map(|i| (0..100).map(move |j| (i, j))).filter(|(i, j)| i != j);
    let table: Vec<String> =
        keys.map(|(i, j)| format!("\"A{i},A{j}\" = 0.{}", (7 * i + j) % 10)).collect();
    let table = format!("initial = {{ {} }}", table.join(", "));
    text = text.replacen("initial = 0.5", &table, 1);
    // a key for every cell, in the state and in a variant: what once took the square of that
    let set = table.replace("initial", "set").replace("\"A", "\"tie0[A").replace("\" =", "]\" =");
    let _ = write!(text, "[variants.v]\n{set}\n");
    #[expect(clippy::disallowed_methods, reason = "how long loading takes is what is tested")]
    let start = Instant::now();
    let checked = detente::scenario::load(text.as_bytes());
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics.first());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let model = checked.value.expect("a scenario");
    let arm = Arm::new(&model, Some("v"), &[]).expect("an arm");
    assert_eq!(arm.initial.len(), 9900 + 100);
}

#[test]
fn keys_that_fit_too_much_together_are_refused() {
    let mut text = Size { name: "wide", actors: 100, ..SMALL }.text();
    let all: Vec<String> = (0..100).map(|k| format!("\"A{k}\"")).collect();
    let groups: String = (0..30).map(|k| format!("g{k} = [{}]\n", all.join(", "))).collect();
    let pairs = (0..30).flat_map(|i| (0..30).map(move |j| format!("\"g{i},g{j}\" = 0.1")));
    let table = format!("initial = {{ {} }}", pairs.collect::<Vec<_>>().join(", "));
    text = text.replacen("initial = 0.5", &table, 1);
    text = text.replacen("[parameters]", &format!("[groups]\n{groups}[parameters]"), 1);
    let checked = detente::scenario::load(text.as_bytes());
    let messages: Vec<&str> = checked.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert!(messages.iter().any(|m| m.contains("2000000 cells that the keys")), "{messages:.500?}");
}
