//! Histories read against the scenarios of `tests/histories`: `NAME.history.toml` with its tables,
//! and in `NAME.txt` what is wrong or odd and what was understood.
//!
//! `DETENTE_BLESS=1 cargo test` writes them anew; read them before committing them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use detente::history::{Case, History, Seen};
use detente::model::Model;
use detente::record::Layout;
use detente::{Error, Scenario};

use crate::support::{Place, files, kept, root};

fn scenario(name: &str) -> Scenario {
    Scenario::open(root().join(format!("tests/histories/{name}.toml"))).expect("it is sound")
}

/// What is wrong with a history, or odd and understood.
fn shown(scenario: &Scenario, file: &Path) -> String {
    match scenario.history(file) {
        Ok(history) => {
            let odd = history.diagnostics(history.warnings.clone()).render(false);
            format!("{odd}\n{}", understood(scenario.model(), &history))
        }
        Err(Error::Diagnostics(wrong)) => format!("{}\n", wrong.render(false)),
        Err(other) => panic!("{}: {other}", file.display()),
    }
}

fn understood(model: &Model, history: &History) -> String {
    let counts = &history.counts;
    let mut text = format!(
        "\"{}\" of `{}`, miscoding {}\nrows: {} of moves, {} of them passed over, {} of events, \
         {} of series; several for {}; ignored {:?}\n",
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
    let (harbour, barter) = (scenario("harbour"), scenario("barter"));
    let all = files("tests/histories", ".history.toml");
    assert!(all.len() > 20);
    let text =
        |file: &PathBuf| PathBuf::from(file.to_string_lossy().replace(".history.toml", ".txt"));
    let differs = |file: &PathBuf| {
        let relative = file.strip_prefix(root()).unwrap_or(file);
        let said = std::fs::read_to_string(file).unwrap_or_default();
        let barter = said.contains("scenario = \"barter\"").then_some(&barter);
        kept(&text(file), &shown(barter.unwrap_or(&harbour), relative))
    };
    let changed: Vec<String> = all.iter().filter_map(differs).collect();
    let help = "read the texts, then DETENTE_BLESS=1 cargo test --test it histories";
    assert!(changed.is_empty(), "{}\n{} changed; {help}", changed.join("\n"), changed.len());
}

/// The blocks of a page, by the word after their fences.
fn block<'p>(page: &'p str, word: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("```{word}\n")).expect("the page has such a block");
    rest.split_once("```").map_or(rest, |(block, _)| block)
}

#[test]
fn the_example_of_the_page_is_a_history_of_the_flagship() {
    let page = std::fs::read_to_string(root().join("docs/history-format.md")).expect("a page");
    let files: Vec<(&str, &str)> = ["moves.csv", "events.csv", "series.csv"]
        .into_iter()
        .map(|name| (name, block(&page, name)))
        .collect();
    let scenario = Scenario::shipped("pyongyang-pact").expect("it is inside");
    let history = scenario.history_with(block(&page, "history"), &files).expect("it is sound");
    assert_eq!(history.warnings, []);
    assert_eq!(history.cases.len(), 1);
    assert_eq!(history.cases[0].seen.len(), 12);
    assert!(history.counts.moves > 3 && history.counts.events > 1 && history.counts.series > 0);
    assert_eq!(
        history.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(),
        ["moves.csv", "events.csv", "series.csv"]
    );
}

#[test]
fn a_history_that_would_fill_the_memory_is_refused() {
    let text = "format = 1\n[history]\nscenario = \"harbour\"\nrounds = 10000\nmoves = \"m.csv\"\n";
    let mut table = String::from("history,round,actor,move,target\n");
    (0..1_000).for_each(|n| table.push_str(&format!("h{n},1,C,hold,\n")));
    let wrong = scenario("harbour").history_with(text, &[("m.csv", &table)]);
    let wrong = wrong.expect_err("it is too much").render(false);
    assert!(wrong.contains("[E0002]") && wrong.contains("rounds, found 10000000"), "{wrong}");
}

#[test]
fn folders_and_files_are_found_and_what_is_missing_is_said() {
    let place = Place::new("history", "history.toml", "format = 1\n[history]\nrounds = 2\n");
    let harbour = scenario("harbour");
    let found = harbour.history(&place.0).expect("a folder with `history.toml`");
    assert_eq!((found.cases.len(), found.cases[0].rounds), (1, 2));
    assert!(found.cases[0].seen.iter().all(Seen::is_empty));
    let missing = harbour.history(place.0.join("histroy.toml")).expect_err("there is none");
    let said = missing.to_string();
    assert!(said.contains("there is no file") && said.contains("history.toml`?"), "{said}");
    let bare = harbour.history_with("format = 1\n[history]\nrounds = 1\nmoves = \"m.csv\"\n", &[]);
    let said = bare.expect_err("no table is given").render(false);
    assert!(said.contains("`m.csv` cannot be read: it was not given with the text"), "{said}");
}
