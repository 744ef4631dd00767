//! Sweeps: the same bytes whatever happens on the way to them.

mod cluster;
mod folders;
mod points;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// An empty folder of its own for a test.
fn folder(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("detente-sweep-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    path
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the program says on both channels, and its status.
fn said(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        command(folder, arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout) + &text(&stderr))
}

/// Runs the program, which must succeed.
fn works(folder: &Path, arguments: &[&str]) -> String {
    let (status, text) = said(folder, arguments);
    assert_eq!(status, Some(0), "{arguments:?}: {text}");
    text
}

/// Runs the program, which must refuse with this status and these words.
fn refuses(folder: &Path, arguments: &[&str], status: i32, words: &[&str]) {
    let (found, text) = said(folder, arguments);
    assert_eq!(found, Some(status), "{arguments:?}: {text}");
    for word in words {
        assert!(text.contains(word), "no `{word}` in: {text}");
    }
}

/// The files of a folder, with their bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut all: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect();
    all.sort();
    all
}

fn same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    let names = |all: &[(String, Vec<u8>)]| all.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for ((name, a), (_, b)) in one.iter().zip(&other) {
        assert!(a == b, "{name} differs");
    }
}

/// Two arms, points at which the scenario fails (a prior above 1) and runs that do.
const SCENARIO: &str = r#"
format = 1
[scenario]
name = "swept"
rounds = 3
[actors]
A = "Alpha"
B = "Beta"
[parameters]
gain  = { value = 1, range = [0.5, 1.5], source = "assumed" }
cost  = { value = 0.4, distribution = "beta(2, 3)", source = "assumed" }
faith = { value = 0.5, range = [0, 1], source = "assumed" }
edge  = { value = 0, range = [0, 1], source = "assumed" }
[state.stock]
of = "actor"
initial = "normal(1, 0.2)"
[payoffs.use]
default = "gain * chose[self, act] * stock[self] - cost * chose[B, act]"
[weights]
use = 1
[moves.act]
by = "actors"
effects = ["stock[self] += normal(0, 0.1) + (if(edge > 0.9, 1 / (stock[self] > 1.2), 0))"]
[types.A.kind]
prior = { default = "faith" }
[types.A.keen]
prior = { default = "1 - faith" }
set = { gain = 2 }
[decision]
rule = "logit"
precision = 2
[variants.dear]
set = { cost = 0.9 }
[outcomes]
acts = { total = "chose[A, act]" }
last = { final = "stock[A]" }
"#;

fn scenario(folder: &Path) -> &'static str {
    fs::write(folder.join("swept.toml"), SCENARIO).expect("the file can be written");
    "swept.toml"
}

#[test]
fn one_thread_or_two_make_the_same_files() {
    let here = folder("threads");
    let name = scenario(&here);
    for (out, threads) in [("one", "1"), ("two", "2")] {
        let options = ["sweep", name, "--uncertain", "--variant", "dear", "--points", "64"];
        let more = ["--runs", "40", "--per-run", "--threads", threads, "--out", out];
        said(&here, &[&options[..], &more[..]].concat());
    }
    same(&here.join("one"), &here.join("two"));
    let points = fs::read_to_string(here.join("one/points.csv")).expect("points");
    assert!(points.starts_with("point,gain,cost,faith,edge\n"), "{points}");
    assert_eq!(points.lines().count(), 65);
}

#[test]
fn a_sweep_at_the_values_of_the_file_is_a_run() {
    // 9,000 runs of few points are cut into slices; their estimates are those of a plain run.
    let here = folder("run");
    let name = scenario(&here);
    works(&here, &["run", name, "--all-variants", "--runs", "9000", "--out", "run"]);
    let vary = ["sweep", name, "--vary", "gain=1,0.7", "--variant", "dear", "--runs", "9000"];
    works(&here, &[&vary[..], &["--out", "sweep"]].concat());
    let points = fs::read_to_string(here.join("sweep/points.csv")).expect("points");
    let point = if points.contains("\n0,1\n") { "0" } else { "1" };
    for table in ["summary", "differences"] {
        let rows = |folder: &str, point: &str| -> Vec<String> {
            let path = here.join(folder).join(format!("{table}.csv"));
            let text = fs::read_to_string(path).expect("a table");
            let own = text.lines().skip(1).filter(|row| row.split(',').nth(1) == Some(point));
            own.map(|row| row.replacen(&format!(",{point},"), ",", 1)).collect()
        };
        let run = rows("run", "0");
        assert!(!run.is_empty());
        assert_eq!(run, rows("sweep", point), "{table}");
    }
}

#[test]
fn failed_points_and_runs_are_recorded_and_the_rest_goes_on() {
    let here = folder("failures");
    let name = scenario(&here);
    let options = ["sweep", name, "--vary", "faith=0.5,1.5", "--vary", "edge=0,1", "--runs", "50"];
    refuses(&here, &[&options[..], &["--out", "x"]].concat(), 1, &["all those of 2 points"]);
    let text = fs::read_to_string(here.join("x/failures.csv")).expect("failures");
    let whole = text.lines().filter(|row| row.contains("no run of this point can be played"));
    assert_eq!(whole.count(), 2, "{text}");
    assert!(text.contains("each must lie from 0 to 1") && text.lines().count() > 4, "{text}");
    let summary = fs::read_to_string(here.join("x/summary.csv")).expect("summary");
    assert_eq!(summary.lines().count(), 1 + 4 * 2, "every point has its rows");
    let again = [&options[..], &["--out", "x"]].concat();
    assert!(works(&here, &again).contains("complete"));
}

#[test]
fn another_sweep_is_not_mixed_in() {
    let here = folder("another");
    let name = scenario(&here);
    works(&here, &["sweep", name, "--vary", "gain=0:1:3", "--runs", "10", "--out", "x"]);
    let other = ["sweep", name, "--vary", "gain=0:1:4", "--runs", "20", "--out", "x"];
    let words = ["runs: 10 there, 20 now", "vary: [\"gain=0:1:3\"] there", "--force"];
    refuses(&here, &other, 2, &words);
    works(&here, &[&other[..], &["--force"]].concat());
    let text = fs::read_to_string(here.join("swept.toml")).expect("the scenario");
    fs::write(here.join("swept.toml"), text.replace("precision = 2", "precision = 3"))
        .expect("the file can be written");
    refuses(&here, &other, 2, &["the text of the scenario has changed"]);
    refuses(
        &here,
        &["sweep", name, "--vary", "gain=0:1:4", "--resume", "--out", "y"],
        2,
        &["no sweep was begun"],
    );
}

#[test]
fn lists_and_named_experiments() {
    let here = folder("lists");
    let name = scenario(&here);
    fs::write(here.join("list.csv"), "point,gain,decision.reasoning\n7,1,1\n9,0.5,equilibrium\n")
        .expect("the file can be written");
    works(&here, &["sweep", name, "--design", "list.csv", "--runs", "10", "--out", "x"]);
    let points = fs::read_to_string(here.join("x/points.csv")).expect("points");
    assert_eq!(points, "point,gain,decision.reasoning\n7,1,1\n9,0.5,equilibrium\n");
    fs::write(here.join("bad.csv"), "gian\n1\n").expect("the file can be written");
    let bad = ["sweep", name, "--design", "bad.csv", "--out", "y"];
    refuses(&here, &bad, 1, &["no parameter or state `gian`", "gain"]);
    refuses(&here, &["sweep", name, "--design", "sobl", "--out", "y"], 2, &["sobol"]);
    refuses(&here, &["sweep", name, "--out", "y"], 2, &["nothing varies"]);
    refuses(&here, &["sweep", name, "--experiment", "x"], 2, &["it has none"]);
    let named = "\n[experiments.gains]\nvary = [\"gain = 0.5:2:3 log\"]\nruns = 7\n";
    fs::write(here.join("swept.toml"), format!("{SCENARIO}{named}")).expect("written");
    works(&here, &["sweep", name, "--experiment", "gains"]);
    let summary = fs::read_to_string(here.join("swept-gains/summary.csv")).expect("a summary");
    assert!(summary.lines().skip(1).all(|row| row.split(',').nth(3) == Some("7")), "{summary}");
}

/// Whole numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for k in (1..all.len()).rev() {
            all.swap(k, self.below(k as u64 + 1) as usize);
        }
    }
}

fn parts(folder: &Path) -> usize {
    fs::read_dir(folder.join("parts")).map_or(0, |entries| {
        let names = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".part.bin")).count()
    })
}

/// A sweep of some seconds.
const LONG: [&str; 9] =
    ["sweep", "swept.toml", "--uncertain", "--points", "2048", "--runs", "60", "--variant", "dear"];

#[test]
fn killed_at_ten_moments_the_bytes_are_the_same() {
    let here = folder("killed");
    scenario(&here);
    said(&here, &[&LONG[..], &["--out", "whole"]].concat());
    let mut numbers = Numbers(11);
    let mut kills = 0;
    while kills < 10 {
        let mut child: Child =
            command(&here, &[&LONG[..], &["--out", "cut"]].concat()).spawn().expect("it starts");
        // Wait for some parts more than there were, then for a moment of its own.
        let wanted = parts(&here.join("cut")) + 1 + numbers.below(8) as usize;
        while parts(&here.join("cut")) < wanted && child.try_wait().expect("a status").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(numbers.below(7)));
        let running = child.try_wait().expect("a status").is_none();
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        assert!(running, "the sweep is too short for ten kills: {kills}");
        kills += 1;
    }
    // What a full disk, a bad copy or a lost power supply may leave.
    let kept: Vec<PathBuf> = fs::read_dir(here.join("cut/parts"))
        .expect("parts")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".part.bin"))
        .collect();
    assert!(kept.len() >= 5, "{kept:?}");
    let bytes = fs::read(&kept[0]).expect("a part");
    fs::write(&kept[0], &bytes[..bytes.len() / 2]).expect("a part cut short");
    let mut bytes = fs::read(&kept[1]).expect("a part");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&kept[1], bytes).expect("a part changed");
    fs::write(&kept[2], "").expect("an empty part");
    let (status, text) = said(&here, &[&LONG[..], &["--resume", "--out", "cut"]].concat());
    assert!(text.contains("going on: "), "{status:?} {text}");
    same(&here.join("whole"), &here.join("cut"));
}

#[test]
fn any_shards_in_any_order_make_the_same_files() {
    let here = folder("shards");
    let name = scenario(&here);
    let options = ["--uncertain", "--design", "lhs", "--points", "600", "--runs", "30"];
    said(&here, &[&["sweep", name, "--out", "whole"], &options[..]].concat());
    let mut numbers = Numbers(5);
    for count in [1_u64, 7, 64] {
        let (plan, count_text) = (format!("plan-{count}.json"), count.to_string());
        let cut = ["plan", name, "--shards", &count_text, "--out", &plan];
        works(&here, &[&cut[..], &options[..]].concat());
        let mut order: Vec<u64> = (0..count).collect();
        numbers.shuffle(&mut order);
        let repeated: Vec<u64> = order.iter().copied().filter(|_| numbers.below(5) == 0).collect();
        let parts = format!("parts-{count}");
        for (done, shard) in order.iter().chain(&repeated).enumerate() {
            // Some shards work in a folder of their own.
            let own = if shard % 3 == 1 { format!("{parts}-b") } else { parts.clone() };
            works(&here, &["shard", &plan, "--index", &shard.to_string(), "--out", &own]);
            if done == 2 && count > 7 {
                let merge = ["merge", &plan, &parts, "--out", "early"];
                refuses(&here, &merge, 2, &["parts of shards", "are missing"]);
                refuses(
                    &here,
                    &["status", &plan, &parts],
                    1,
                    &["of 64 shards", "missing: shards "],
                );
            }
        }
        let mut merge = vec!["merge", &plan, &parts];
        let (other, out) = (format!("{parts}-b"), format!("merged-{count}"));
        if count > 1 {
            merge.push(&other);
        }
        said(&here, &[&merge[..], &["--out", &out]].concat());
        same(&here.join("whole"), &here.join(&out));
    }
}

#[test]
fn foreign_and_missing_shards_are_named() {
    let here = folder("foreign");
    let name = scenario(&here);
    let options = ["--uncertain", "--points", "600", "--runs", "10", "--shards", "4"];
    works(&here, &[&["plan", name, "-o", "p.json"], &options[..]].concat());
    works(&here, &[&["plan", name, "--out", "q.json", "--seed", "3"], &options[..]].concat());
    for shard in ["0", "1", "3"] {
        works(&here, &["shard", "p.json", "--index", shard, "--out", "parts"]);
    }
    assert_eq!(works(&here, &["status", "p.json", "parts", "--missing"]), "2\n");
    let merge = ["merge", "p.json", "parts", "--out", "x"];
    refuses(&here, &merge, 2, &["1 part of shard 2 is missing"]);
    works(&here, &["shard", "q.json", "--index", "2", "--out", "parts"]);
    refuses(&here, &merge, 2, &["of another sweep", "parts/unit-00000002.part.bin"]);
    refuses(&here, &["shard", "p.json", "--index", "4", "--out", "parts"], 2, &["--offset -1"]);
    refuses(&here, &["shard", "p.json", "--index", "auto", "--out", "x"], 2, &["no job array"]);
    let partial = ["merge", "p.json", "parts", "--partial", "--out", "y"];
    refuses(&here, &partial, 2, &["of another sweep"]);
    let shard = ["shard", "p.json", "--index", "2", "--out", "parts"];
    refuses(&here, &shard, 2, &["of another sweep", "unit-00000002.part.bin", "--force"]);
    works(&here, &[&shard[..], &["--force"]].concat());
    works(&here, &["shard", "p.json", "--index", "5", "--offset", "-4", "--out", "late"]);
    let some = ["merge", "p.json", "late", "--partial", "--out", "some"];
    refuses(&here, &some, 1, &["results in some", "200 runs failed"]);
    refuses(&here, &merge, 1, &["results in x"]);
    let rows = |out: &str| {
        let text = fs::read_to_string(here.join(out).join("points.csv")).expect("points");
        text.lines().count() - 1
    };
    assert_eq!(rows("x"), 600);
    assert!((1..600).contains(&rows("some")));
}
