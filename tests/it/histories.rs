//! Histories read against `tests/histories/harbour.toml`: `NAME.history.toml` with its tables, and
//! in `NAME.txt` what is wrong or odd and what was understood.
//!
//! `DETENTE_BLESS=1 cargo test` writes them anew; read them before committing them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use detente::history::{Case, History, Seen};
use detente::model::Model;
use detente::record::Layout;
use detente::{Error, Scenario};

use crate::support::{files, kept, root};

fn harbour() -> Scenario {
    Scenario::open(root().join("tests/histories/harbour.toml")).expect("it is sound")
}

/// What is wrong with a history, or odd and understood.
fn shown(scenario: &Scenario, file: &Path) -> String {
    match scenario.history(file) {
        Ok(history) => {
            let odd = history.diagnostics(history.warnings.clone()).render(false);
            format!("{odd}{}", understood(scenario.model(), &history))
        }
        Err(Error::Diagnostics(wrong)) => wrong.render(false),
        Err(other) => panic!("{}: {other}", file.display()),
    }
}

fn understood(model: &Model, history: &History) -> String {
    let counts = &history.counts;
    let mut text = format!(
        "\"{}\" of `{}`, miscoding {}\nrows: {} of moves, {} of them passed over, {} of events, {} of \
         series; several for {}; ignored {:?}\n",
        history.title,
        history.scenario,
        history.miscoding,
        counts.moves,
        counts.unmapped,
        counts.events,
        counts.series,
        counts.several,
        counts.ignored
    );
    for case in &history.cases {
        write_case(model, case, &mut text).expect("a text can be written");
    }
    text
}

fn write_case(model: &Model, case: &Case, text: &mut String) -> std::fmt::Result {
    let start = case.start.map_or("of the scenario".to_string(), |c| c.label(1));
    writeln!(text, "\nhistory `{}`, {} rounds, start {start}", case.name, case.rounds)?;
    for (cell, value) in &case.initial {
        let draws = if value.decided().is_some() { "" } else { ", drawn" };
        writeln!(text, "  initial {}: {:?}{draws}", model.cells[*cell].label, value.decided())?;
    }
    for (round, seen) in case.seen.iter().enumerate() {
        writeln!(text, "  round {}", round + 1)?;
        write_seen(model, seen, text)?;
    }
    Ok(())
}

fn write_seen(model: &Model, seen: &Seen, text: &mut String) -> std::fmt::Result {
    for (id, seat) in model.seats.enumerate() {
        let Some(set) = &seen.seats[id] else { continue };
        assert_eq!(set.len(), seat.options().count());
        let options = seat.options().zip(set).filter(|(_, may)| **may);
        let options: Vec<String> = options.map(|(o, _)| model.option_label(o)).collect();
        let line = seen.places.seats.get(&id).map_or(0, |place| place.line);
        let track = if seat.joint { "joint" } else { &model.tracks[seat.track] };
        let actor = &model.names.actors[seat.actor];
        writeln!(text, "    {actor} {track} (line {line}): {}", options.join(", "))?;
    }
    for (id, hazard) in model.hazards.enumerate() {
        if let Some(happened) = seen.hazards[id] {
            let line = seen.places.hazards[&id].line;
            writeln!(text, "    {} (line {line}): {happened}", hazard.label)?;
        }
    }
    assert_eq!(seen.any.len(), seen.places.any.len());
    for (group, place) in seen.any.iter().zip(&seen.places.any) {
        let all: Vec<&str> = group.iter().map(|h| model.hazards[*h].label.as_str()).collect();
        writeln!(text, "    any (line {}): {}", place.line, all.join(", "))?;
    }
    let variables = Layout::of(model, &[]).variables;
    for measured in &seen.series {
        let (name, place) = (&variables[measured.variable], &measured.place);
        let (value, sd) = (measured.value, measured.sd);
        writeln!(text, "    {name} ({}:{}): {value} +- {sd}", place.file, place.line)?;
    }
    Ok(())
}

#[test]
fn histories_are_understood_as_they_were_read() {
    let scenario = harbour();
    let all = files("tests/histories", ".history.toml");
    assert!(all.len() > 20);
    let text =
        |file: &PathBuf| PathBuf::from(file.to_string_lossy().replace(".history.toml", ".txt"));
    let differs = |file: &PathBuf| {
        let relative = file.strip_prefix(root()).unwrap_or(file);
        kept(&text(file), &shown(&scenario, relative))
    };
    let changed: Vec<String> = all.iter().filter_map(differs).collect();
    let help = "read the texts, then DETENTE_BLESS=1 cargo test --test it histories";
    assert!(changed.is_empty(), "{}\n{} changed; {help}", changed.join("\n"), changed.len());
}
