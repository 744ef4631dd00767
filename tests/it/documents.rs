//! Documents that are true: their scenarios run, their links lead somewhere, their tables agree
//! with the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use detente::diagnostic::{Code, Severity};
use detente::model::{Arm, Simulation};
use detente::record::Layout;
use detente::reference::play;
use detente::rng::Seed;

use super::support;

/// A document: its path from the project's folder, and its text.
struct Document {
    path: String,
    text: String,
}

/// `docs/*.md` and the README.
fn documents() -> Vec<Document> {
    let mut paths: Vec<PathBuf> = support::files("docs", ".md");
    paths.push(support::root().join("README.md"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).ok()?;
        let path = path.strip_prefix(support::root()).unwrap_or(&path).to_string_lossy();
        Some(Document { path: path.replace('\\', "/"), text })
    };
    paths.into_iter().filter_map(read).collect()
}

/// The fenced blocks of a text: line of the fence, word after it, content.
fn blocks(text: &str) -> Vec<(usize, String, String)> {
    let mut found: Vec<(usize, String, String)> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        match (line.trim().strip_prefix("```"), open) {
            (Some(_), true) => open = false,
            (Some(word), false) => {
                open = true;
                found.push((number + 1, word.to_string(), String::new()));
            }
            (None, true) => {
                if let Some((_, _, content)) = found.last_mut() {
                    content.push_str(line);
                    content.push('\n');
                }
            }
            (None, false) => {}
        }
    }
    found
}

/// The text without its fenced blocks, line for line.
fn prose(text: &str) -> String {
    let mut open = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let fence = line.trim().starts_with("```");
        lines.push(if open || fence { "" } else { line });
        open ^= fence;
    }
    lines.join("\n")
}

/// What goes wrong when a scenario is loaded and played three times in every arm.
fn trouble(text: &str) -> Vec<String> {
    let checked = detente::scenario::load(text.as_bytes());
    let errors = checked.diagnostics.iter().filter(|d| d.severity() == Severity::Error);
    let told = errors.map(|d| {
        let (line, column) = detente::diagnostic::line_column(text, d.span.start);
        format!("line {line}, column {column}: {} {}", d.code.as_str(), d.message)
    });
    let mut found: Vec<String> = told.collect();
    let Some(model) = checked.value else { return found };
    let variants = model.variants.iter().map(|v| Some(v.name.as_str()));
    for variant in std::iter::once(None).chain(variants) {
        let arm = match Arm::new(&model, variant, &[]) {
            Ok(arm) => arm,
            Err(list) => {
                found.extend(list.into_iter().map(|d| d.message));
                continue;
            }
        };
        let game = Simulation { model: &model, arm: &arm, seed: Seed(1) };
        let block = play(&game, &Layout::of(&model, std::slice::from_ref(&arm)), 0, 3);
        found.extend(block.failures.iter().map(|f| format!("{}: {}", arm.name, f.reason)));
        if block.unconverged > 0 {
            found.push(format!("{}: {} equilibria not reached", arm.name, block.unconverged));
        }
    }
    found
}

#[test]
fn every_scenario_in_a_document_runs() {
    let (mut count, mut found) = (0, Vec::new());
    for document in documents() {
        for (line, word, content) in blocks(&document.text) {
            if word == "toml" {
                count += 1;
                let place = format!("{}:{line}", document.path);
                found.extend(trouble(&content).into_iter().map(|t| format!("{place}: {t}")));
            }
        }
    }
    assert!(count >= 6, "{count} scenarios in documents");
    assert!(found.is_empty(), "{} wrong:\n{}", found.len(), found.join("\n"));
}

/// Where a heading can be linked to: letters in lower case, spaces as dashes, signs dropped.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let prose = prose(text);
    let headings = prose.lines().filter(|l| l.starts_with('#'));
    headings.map(|l| anchor(l.trim_start_matches('#'))).collect()
}

/// The targets of Markdown links in a text.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let parts = prose.split("](").skip(1);
    parts.filter_map(|p| p.split_once(')')).map(|(target, _)| target.to_string()).collect()
}

/// What is wrong with a link.
fn dead(document: &Document, target: &str) -> Option<String> {
    if target.starts_with("http://") || target.starts_with("https://") {
        return None;
    }
    let (file, place) = target.split_once('#').unwrap_or((target, ""));
    let own = support::root().join(&document.path);
    let path = match file {
        "" => own,
        _ => own.parent().unwrap_or(Path::new("")).join(file),
    };
    if !path.exists() {
        return Some(format!("{}: the link to `{target}` leads nowhere", document.path));
    }
    if place.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let known = anchors(&text).contains(place);
    (!known).then(|| format!("{}: `{target}` names no heading", document.path))
}

#[test]
fn links_lead_somewhere() {
    let found: Vec<String> = documents()
        .iter()
        .flat_map(|d| links(&d.text).into_iter().filter_map(|target| dead(d, &target)))
        .collect();
    assert!(found.is_empty(), "{} wrong:\n{}", found.len(), found.join("\n"));
}

/// Folders whose paths documents mention in backquotes.
const FOLDERS: &[&str] =
    &["src/", "docs/", "tests/", "scenarios/", "scripts/", "benches/", ".ci/", "python/"];

#[test]
fn files_that_documents_name_exist() {
    let mut found = Vec::new();
    // decisions are never rewritten, so they may name what is gone
    for document in documents().iter().filter(|d| !d.path.ends_with("decisions.md")) {
        for name in prose(&document.text).split('`').skip(1).step_by(2) {
            let plain = !name.contains(['<', '*', ' ', '{']);
            let path = FOLDERS.iter().any(|folder| name.starts_with(folder));
            if plain && path && !support::root().join(name).exists() {
                found.push(format!("{}: there is no `{name}`", document.path));
            }
        }
    }
    assert!(found.is_empty(), "{} wrong:\n{}", found.len(), found.join("\n"));
}

/// A document of `docs/`.
fn page(name: &str) -> String {
    std::fs::read_to_string(support::root().join("docs").join(name)).expect("the page is there")
}

#[test]
fn the_specification_lists_every_code() {
    let text = page("scenario-format.md");
    let rows: Vec<&str> = text
        .lines()
        .filter(|l| l.starts_with("| `E") || l.starts_with("| `W") || l.starts_with("| `N"))
        .collect();
    let wanted: Vec<String> =
        Code::ALL.iter().map(|c| format!("| `{}` | {} |", c.as_str(), c.title())).collect();
    assert_eq!(rows, wanted);
}

/// The names between quotes in a piece of Rust.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('"').skip(1).step_by(2).map(str::to_string).collect()
}

/// The import table as the tidiness test enforces it: module and what it may import.
fn enforced() -> Vec<(String, BTreeSet<String>)> {
    let path = support::root().join("tests/it/tidy.rs");
    let text = std::fs::read_to_string(path).expect("the test is there");
    let code: String = text.lines().filter(|l| !l.trim().starts_with("//")).collect();
    let table = |name: &str| {
        let rest = code.split_once(&format!("const {name}:")).map_or("", |(_, rest)| rest);
        rest.split_once("];").map_or("", |(table, _)| table).to_string()
    };
    let rows = table("LAYERS");
    let row = |part: &str| {
        let (name, rest) = part.trim_start().strip_prefix('"')?.split_once('"')?;
        // either a list, or the name of one
        let word = rest.trim_matches(|c: char| !c.is_ascii_uppercase());
        let list = if rest.contains('[') { quoted(rest) } else { quoted(&table(word)) };
        Some((name.to_string(), list))
    };
    rows.split('(').filter_map(row).collect()
}

#[test]
fn the_import_table_is_the_one_that_is_enforced() {
    let text = page("architecture.md");
    let list = |cell: &str| -> Vec<String> {
        cell.split(',').map(|w| w.trim().trim_matches('`').to_string()).collect()
    };
    let mut written = Vec::new();
    let rows = text.lines().skip_while(|l| !l.starts_with("| module |")).skip(2);
    for row in rows.take_while(|l| l.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let allowed: BTreeSet<String> = list(cells.get(1).copied().unwrap_or_default())
            .into_iter()
            .filter(|w| w != "–")
            .collect();
        for module in list(cells[0]) {
            written.push((module, allowed.clone()));
        }
    }
    let (mut written, mut enforced) = (written, enforced());
    written.sort();
    enforced.sort();
    assert!(enforced.len() > 10, "the enforced table cannot be read: {enforced:?}");
    assert_eq!(written, enforced);
}
