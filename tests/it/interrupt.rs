//! Ctrl-C: heard within a second wherever a command is, and what the second one says.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The aim is a second, as the program is built for use on a machine of its own; this leaves room
/// for a busy machine and a program that is not optimized.
const HEARD: Duration = Duration::from_secs(5);

fn folder(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("detente-stop-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    path
}

fn begun(here: &Path, arguments: &[&str]) -> Child {
    let log = fs::File::create(here.join("log.txt")).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
    command.current_dir(here).args(arguments).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a file")).stderr(log);
    command.spawn().expect("the program starts")
}

fn interrupt(child: &Child) {
    let number = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &number]).status().expect("a signal");
    assert!(sent.success());
}

fn wait(here: &Path, seconds: u64, what: &str, mut ready: impl FnMut() -> bool) {
    for _ in 0..seconds * 50 {
        if ready() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = fs::read_to_string(here.join("log.txt")).unwrap_or_default();
    panic!("{what}: not within {seconds} seconds: {log}");
}

/// Status and text of a command that is interrupted once and ends soon.
fn stopped(here: &Path, arguments: &[&str], after: Duration) -> (Option<i32>, String) {
    let mut child = begun(here, arguments);
    std::thread::sleep(after);
    assert!(child.try_wait().expect("a status").is_none(), "{arguments:?} is over too soon");
    interrupt(&child);
    #[expect(clippy::disallowed_methods, reason = "how soon a stop is heard is what is tested")]
    let start = Instant::now();
    let status = loop {
        match child.try_wait().expect("a status") {
            Some(status) => break status,
            None if start.elapsed() > HEARD => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{arguments:?}: not heard within {HEARD:?}");
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    (status.code(), fs::read_to_string(here.join("log.txt")).expect("what was said"))
}

/// A scenario whose plan takes minutes: each of 40 seats imagines each option's effect on a sum
/// over all pairs of twenty actors.
fn long_to_plan(postures: bool) -> String {
    let mut text = String::from("format = 1\n[scenario]\nname = \"long\"\nrounds = 2\n[actors]\n");
    (0..30).for_each(|k| text.push_str(&format!("A{k} = {{}}\n")));
    text.push_str(
        "[parameters]\ngift = { value = 0.1, range = [0, 1], source = \"assumed\" }\n\
         [state.tie]\nof = \"directed dyad\"\nrange = [0, 1]\ninitial = 0.5\n\
         [payoffs.good]\ndefault = \"sum(i in actors: sum(j in actors if i != j: tie[i, j] * \
         (1 - 0.5 * tie[j, i])))\"\n[weights]\ngood = 1\n",
    );
    for k in 0..3 {
        text.push_str(&format!(
            "[moves.m{k}]\nby = \"actors\"\ntoward = \"others\"\ntrack = \"t{}\"\n\
             effects = [\"tie[self, target] += gift\", \"tie[target, self] -= 0.0{k}1\"]\n",
            k % 2
        ));
    }
    text.push_str("[decision]\nprecision = 3\nreasoning = 2\n");
    if postures {
        text.push_str("[postures.A0]\nbold = { set = { gift = 0.2 } }\nmeek = {}\n");
    }
    text.push_str("[outcomes]\no = { final = \"tie[A0, A1]\" }\n");
    text.push_str("[claims.c]\nsays = \"It is.\"\ntest = \"mean(o) > 0.2\"\n");
    text
}

#[test]
fn planning_hears_a_stop() {
    let here = folder("planning");
    fs::write(here.join("long.toml"), long_to_plan(true)).expect("it can be written");
    let commands: [&[&str]; 4] = [
        &["run", "long.toml", "--runs", "64"],
        &["claims", "long.toml", "--runs", "64"],
        &["meta", "long.toml"],
        &["sweep", "long.toml", "--vary", "gift=0:1:3", "--runs", "2", "--out", "swept"],
    ];
    for arguments in commands {
        let (status, text) = stopped(&here, arguments, Duration::from_secs(2));
        assert_eq!(status, Some(130), "{arguments:?}: {text}");
        assert!(text.contains("stopp"), "{arguments:?}: {text}");
        assert!(!text.contains("panicked"), "{arguments:?}: {text}");
    }
}

/// Matching pennies, heads counting double to one, with so much precision that mutual replies never
/// settle: every round takes all 5,000 steps.
const RESTLESS: &str = r#"
format = 1
[scenario]
name = "restless"
rounds = 10000
[actors]
A = {}
B = {}
[parameters]
sharp = { value = 1000, range = [900, 1100], source = "assumed" }
[payoffs.gain]
A = "(1 + chose[A, heads]) * (1 - abs(chose[A, heads] - chose[B, heads]))"
B = "abs(chose[A, heads] - chose[B, heads])"
[weights]
gain = 1
[moves.heads]
by = "actors"
[moves.tails]
by = "actors"
[decision]
precision = "sharp"
reasoning = "equilibrium"
hold = false
[outcomes]
o = { mean = "chose[A, heads]" }
[claims.c]
says = "Heads come up."
test = "mean(o) > 0.4"
[postures.A]
sharper = { set = { sharp = 1010 } }
plain = {}
"#;

#[test]
fn playing_hears_a_stop_within_a_block() {
    let here = folder("playing");
    fs::write(here.join("restless.toml"), RESTLESS).expect("it can be written");
    let commands: [&[&str]; 9] = [
        &["sensitivity", "restless.toml"],
        &["sensitivity", "restless.toml", "--claims", "--out", "sensed"],
        &["meta", "restless.toml"],
        &["run", "restless.toml", "--runs", "256"],
        &["run", "restless.toml", "--runs", "256", "--plain", "--out", "kept"],
        &["claims", "restless.toml", "--runs", "256"],
        &["sweep", "restless.toml", "--vary", "sharp=900:1100:3", "--runs", "64", "--out", "swept"],
        &["trace", "restless.toml"],
        &["solve", "restless.toml", "--round", "9000"],
    ];
    for arguments in commands {
        let (status, text) = stopped(&here, arguments, Duration::from_secs(1));
        assert_eq!(status, Some(130), "{arguments:?}: {text}");
        assert!(!text.contains("panicked"), "{arguments:?}: {text}");
        let told = arguments[0] != "meta" || text.contains("0 of 2 joint postures");
        assert!(told, "{text}");
    }
}

/// What was finished when sensitivity is stopped is shown and written.
#[test]
fn rows_that_were_finished_are_kept() {
    let here = folder("rows");
    let calm = RESTLESS.replace("reasoning = \"equilibrium\"", "reasoning = 1");
    fs::write(here.join("calm.toml"), calm).expect("it can be written");
    let arguments = ["sensitivity", "calm.toml", "--rounds", "4", "--rows", "1000000"];
    let mut child = begun(&here, &[&arguments[..], &["--out", "out"]].concat());
    let log = || fs::read_to_string(here.join("log.txt")).unwrap_or_default();
    wait(&here, 60, "the estimate", || log().contains("about "));
    std::thread::sleep(Duration::from_secs(5));
    interrupt(&child);
    wait(&here, 30, "the end", || child.try_wait().expect("a status").is_some());
    let status = child.wait().expect("a status");
    assert_eq!(status.code(), Some(130), "{}", log());
    let text = log();
    assert!(text.contains("of 1000000 rows that were finished"), "{text}");
    assert!(text.contains("walks: 1 factor"), "{text}");
    let package = fs::read_to_string(here.join("out/datapackage.json")).expect("a package");
    assert!(package.contains(" of 1000000 rows"), "{package}");
}

#[test]
fn the_second_ctrl_c_says_what_is_lost() {
    let here = folder("second");
    // what was recorded of the first arm, in which nobody thinks twice, is completed by the second
    let calm = RESTLESS.replace("reasoning = \"equilibrium\"", "reasoning = 1");
    let text = format!(
        "{calm}[variants.restless]\nset = {{ \"decision.reasoning\" = \"equilibrium\" }}\n"
    );
    fs::write(here.join("restless.toml"), text).expect("it can be written");
    for (out, fate) in [(None, "nothing was written"), (Some("kept"), "kept are not complete")] {
        let start = ["run", "restless.toml", "--runs", "64", "--threads", "1", "--plain"];
        let mut arguments = [&start[..], &["--rounds", "50", "--all-variants"]].concat();
        arguments.extend(out.iter().flat_map(|folder| ["--out", *folder]));
        let mut child = begun(&here, &arguments);
        let log = || fs::read_to_string(here.join("log.txt")).unwrap_or_default();
        std::thread::sleep(Duration::from_millis(1500));
        interrupt(&child);
        wait(&here, 15, "the first", || log().contains("Ctrl-C once more"));
        interrupt(&child);
        wait(&here, 15, "the second", || child.try_wait().expect("a status").is_some());
        let status = child.wait().expect("a status");
        assert_eq!(status.code(), Some(130), "{}", log());
        assert!(log().contains("ended at once") && log().contains(fate), "{}", log());
    }
}
