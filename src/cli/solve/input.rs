//! The game that is solved: a file, or the stage game of a scenario.

use std::io::ErrorKind;
use std::path::Path;
use std::string::FromUtf8Error;

use super::options::Solve;
use super::{need, stage};
use crate::cli::{Failed, write_file};
use detente::catalog;
use detente::catalog::{files, shipped};
use detente::diagnostic::{clip, nearest};
use detente::solve::nfg::{self, NfgError};
use detente::solve::{Game, Halt};

/// Larger files are not read; the largest game that can be solved is far below.
const LARGEST: u64 = 256 << 20;

/// The game that the options name.
///
/// # Errors
/// Status 1 if it is at fault, 2 if it cannot be found or read.
pub fn game(options: &Solve, halt: &Halt) -> Result<Game, Failed> {
    let name = options.game.as_str();
    if !name.ends_with(".nfg") {
        return stage::game(options, halt);
    }
    if options.round.is_some() {
        return Err(Failed::usage("--round is for scenarios; a game file has no rounds"));
    }
    let (label, text) = text(name)?;
    need::text(text.len() as u64, options.room.memory)?;
    nfg::read(&text).map_err(|error| Failed::scenario(located(&label, &text, &error)))
}

/// The title of a game file, if it can be read.
pub fn title(name: &str) -> Option<String> {
    let (_, text) = text(name).ok()?;
    nfg::read(&text).ok().map(|game| game.title)
}

/// Label and text of a game file: by path, by name below `scenarios/`, or inside the program.
fn text(name: &str) -> Result<(String, String), Failed> {
    let path = Path::new(name);
    if !path.exists() && !name.contains(['/', '\\']) {
        let below = catalog::below("nfg");
        if let Some(found) = below.iter().find(|file| file.file_name() == Some(name.as_ref())) {
            return read(found);
        }
        let known = shipped::GAMES.iter().find(|(known, _)| format!("{known}.nfg") == name);
        if let Some((_, text)) = known {
            return Ok((format!("shipped:{name}"), (*text).to_string()));
        }
    }
    read(path)
}

fn read(path: &Path) -> Result<(String, String), Failed> {
    let label = path.display().to_string();
    let bytes = files::bytes(path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Failed::usage(format_args!("there is no file `{}`; {}", clip(&label), near(path)))
        }
        ErrorKind::FileTooLarge => {
            let most = LARGEST >> 20;
            Failed::scenario(format_args!("`{label}` is larger than {most} MB"))
        }
        _ => Failed::usage(format_args!("cannot read `{label}`: {error}")),
    })?;
    let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
    Ok((label, String::from_utf8(bytes).unwrap_or_else(lossy)))
}

/// The nearest game that can be named.
fn near(path: &Path) -> String {
    let known: Vec<String> = catalog::games().into_iter().map(|(name, _)| name).collect();
    nearest(&catalog::file_name(path), known.iter().map(String::as_str))
        .unwrap_or_else(|| "`detente list` shows the games that can be named".to_string())
}

/// What is wrong, where, the line with a caret below the place, and a way out.
fn located(label: &str, text: &str, error: &NfgError) -> String {
    let (line, column) = error.position(text);
    let source: String = text.lines().nth(line - 1).unwrap_or("").chars().collect();
    // Of a long line the surroundings of the place are shown.
    let from = column.saturating_sub(60);
    let shown: String = source.chars().skip(from).take(100).collect();
    let caret = " ".repeat(column - 1 - from);
    let (shown, help) = (shown.replace('\t', " "), &error.help);
    format!(
        "{}\n --> {label}:{line}:{column}\n  | {shown}\n  | {caret}^\n  = help: {help}",
        error.message
    )
}

/// Writes a game to a file.
///
/// # Errors
/// Status 2 if it exists, unless it may be replaced, or cannot be written.
pub fn write(game: &Game, path: &Path, force: bool) -> Result<(), Failed> {
    write_file(path, &nfg::write(game), force)
}
