//! Golden transcripts: the first two rounds of run 0 of every shipped scenario.
//!
//! A transcript is regression test, documentation and debugger at once. After an intended change
//! `DETENTE_BLESS=1 cargo test transcripts` writes them anew; read the difference before keeping
//! it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{files, kept, root};

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

#[test]
fn transcripts_are_what_they_were() {
    let scenarios = files("scenarios", ".toml");
    let differs = |scenario: &PathBuf| kept(&golden(scenario), &transcript(scenario));
    let wrong: Vec<String> = scenarios.iter().filter_map(differs).collect();
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
