//! Wrong scenarios and what the user sees of them: `tests/diagnostics/<stage>/<mistake>.toml` with
//! the message beside it in `<mistake>.txt`.
//!
//! `DETENTE_BLESS=1 cargo test` writes the messages anew; read them before committing them.

use std::path::Path;
use std::process::Command;

use detente::diagnostic::Code;

use crate::support::{files, root};

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
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the tests")]
    let bless = std::env::var_os("DETENTE_BLESS").is_some();
    let mut changed = Vec::new();
    let all = files("tests/diagnostics", ".toml");
    assert!(!all.is_empty());
    for file in all {
        let now = shown(&file);
        let snapshot = file.with_extension("txt");
        let before = std::fs::read_to_string(&snapshot).unwrap_or_default();
        if bless {
            std::fs::write(&snapshot, &now).expect("the snapshot can be written");
        } else if now != before {
            let name = snapshot.strip_prefix(root()).unwrap_or(&snapshot).display().to_string();
            changed.push(format!("{name} was\n{before}\nand is\n{now}"));
        }
    }
    let help = "read the messages, then DETENTE_BLESS=1 cargo test --test it diagnostics";
    assert!(changed.is_empty(), "{}\n{} changed; {help}", changed.join("\n"), changed.len());
}

#[test]
fn every_code_is_seen_in_a_message() {
    let read = |file: &std::path::PathBuf| std::fs::read_to_string(file).unwrap_or_default();
    let seen: String = files("tests/diagnostics", ".txt").iter().map(read).collect();
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
