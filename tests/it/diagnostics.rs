//! Wrong scenarios and what the user sees of them: `tests/diagnostics/<stage>/<mistake>.toml` with
//! the message beside it in `<mistake>.txt`.
//!
//! `DETENTE_BLESS=1 cargo test` writes the messages anew; read them before committing them.

use std::path::{Path, PathBuf};
use std::process::Command;

use detente::diagnostic::Code;

use crate::support::{files, kept, root};

/// What `detente check` says, without colours since it is not written to a terminal.
fn shown(file: &Path) -> String {
    let path = file.strip_prefix(root()).unwrap_or(file);
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .current_dir(root())
        .arg("check")
        .arg(path)
        .output()
        .expect("the program starts");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("messages are UTF-8");
    format!("{text}status {}\n", output.status.code().unwrap_or(-1))
}

#[test]
fn messages_are_as_they_were_read() {
    let all = files("tests/diagnostics", ".toml");
    assert!(!all.is_empty());
    let differs = |file: &PathBuf| kept(&file.with_extension("txt"), &shown(file));
    let changed: Vec<String> = all.iter().filter_map(differs).collect();
    let help = "read the messages, then DETENTE_BLESS=1 cargo test --test it diagnostics";
    assert!(changed.is_empty(), "{}\n{} changed; {help}", changed.join("\n"), changed.len());
}

#[test]
fn every_code_is_seen_in_a_message() {
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap_or_default();
    let all = ["tests/diagnostics", "tests/histories"].map(|folder| files(folder, ".txt"));
    let seen: String = all.iter().flatten().map(read).collect();
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(&format!("[{}]", code.as_str())))
        .map(|code| code.as_str())
        .collect();
    assert!(
        missing.is_empty(),
        "no message shows {missing:?}: add tests/diagnostics/<stage>/*.toml"
    );
}

#[test]
fn every_message_has_its_scenario() {
    for file in files("tests/diagnostics", ".txt") {
        assert!(file.with_extension("toml").exists(), "{} belongs to no scenario", file.display());
    }
}
