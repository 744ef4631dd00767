//! Golden transcripts: the first two rounds of run 0 of every shipped scenario.
//!
//! A transcript is regression test, documentation and debugger at once. After an intended change
//! `DETENTE_BLESS=1 cargo test transcripts` writes them anew; read the difference before keeping
//! it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{files, root};

/// Rounds of a transcript.
const ROUNDS: &str = "2";

fn golden(scenario: &Path) -> PathBuf {
    let stem = scenario.file_stem().unwrap_or_default().to_string_lossy();
    root().join("tests/golden").join(format!("{stem}.txt"))
}

fn transcript(scenario: &Path) -> String {
    let path = scenario.strip_prefix(root()).expect("scenarios lie within the project");
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .current_dir(root())
        .arg("trace")
        .arg(path)
        .args(["--run", "0", "--seed", "1", "--rounds", ROUNDS])
        .output()
        .expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaint}", path.display());
    String::from_utf8(output.stdout).expect("transcripts are UTF-8")
}

/// The first line that differs, with its number.
fn first_difference(expected: &str, found: &str) -> Option<String> {
    let (mut old, mut new) = (expected.lines(), found.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => {
                let show = |line: Option<&str>| line.unwrap_or("(no line)").to_string();
                return Some(format!("line {number}:\n- {}\n+ {}", show(a), show(b)));
            }
        }
    }
    None
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the wish to write transcripts is in the environment"
)]
fn transcripts_are_what_they_were() {
    let bless = std::env::var_os("DETENTE_BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    for scenario in files("scenarios", ".toml") {
        let (path, found) = (golden(&scenario), transcript(&scenario));
        if bless {
            std::fs::create_dir_all(root().join("tests/golden")).expect("the folder can be made");
            std::fs::write(&path, &found).expect("the transcript can be written");
            continue;
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if let Some(place) = first_difference(&expected, &found) {
            wrong.push(format!("{}, {place}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_scenario_has_a_transcript_and_no_transcript_is_left_over() {
    let scenarios = files("scenarios", ".toml");
    let wanted: Vec<PathBuf> = scenarios.iter().map(|s| golden(s)).collect();
    let missing: Vec<_> = wanted.iter().filter(|path| !path.is_file()).collect();
    assert!(missing.is_empty(), "no transcript at {missing:?}");
    let left: Vec<_> = files("tests/golden", ".txt").into_iter().collect();
    let left: Vec<_> = left.into_iter().filter(|path| !wanted.contains(path)).collect();
    assert!(left.is_empty(), "no scenario for {left:?}");
}
