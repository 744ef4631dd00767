//! Committed studies: made from the scenarios as they are, and made again byte by byte.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{kept, root};

/// Runs the program in the project's folder; what it prints.
fn detente(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .current_dir(root())
        .args(arguments)
        .output()
        .expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).expect("the program writes UTF-8")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The value of a key of a data package that is a text.
fn value(package: &str, key: &str) -> String {
    let start = format!("\"{key}\": \"");
    let (_, rest) = package.split_once(&start).unwrap_or_else(|| panic!("there is no `{key}`"));
    rest.chars().take_while(|c| *c != '"').collect()
}

/// An empty folder of its own for a test.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("study-{test}"));
    let _ = std::fs::remove_dir_all(&path);
    path
}

const STUDY: &str = "results/pyongyang-pact";
const SCENARIO: &str = "scenarios/alliances/pyongyang-pact.toml";
const CORE: &str = "results/pyongyang-core";
const CORE_SCENARIO: &str = "scenarios/alliances/pyongyang-core.toml";

/// A part of the study small enough to be made again in a moment.
#[test]
fn a_small_part_of_the_study_comes_out_the_same_to_the_byte() {
    for (study, scenario) in [(STUDY, SCENARIO), (CORE, CORE_SCENARIO)] {
        let made = folder("sample");
        let out = made.to_string_lossy();
        let words = ["run", scenario, "--variant", "no_pact", "--runs", "64", "--no-per-run"];
        detente(&[words.as_slice(), &["--out", &out]].concat());
        for file in ["summary.csv", "differences.csv"] {
            let kept = root().join(study).join("sample").join(file);
            assert!(read(&kept) == read(&made.join(file)), "{file} of {study} differs");
        }
    }
}

/// Every package of a study names the text of the scenario that is here.
#[test]
fn the_study_is_of_the_scenario_as_it_is() {
    let large = ["", "switches", "run"].as_slice();
    for (study, scenario, parts) in [(STUDY, SCENARIO, large), (CORE, CORE_SCENARIO, &["claims"])] {
        let package = |part| read(&root().join(study).join(part).join("datapackage.json"));
        let hash = value(&package("sample"), "scenario_hash");
        for part in parts {
            let of = value(&package(part), "scenario_hash");
            assert_eq!(of, hash, "`{part}` is of another scenario");
        }
        let made = folder("hash");
        let out = made.to_string_lossy();
        detente(&["run", scenario, "--runs", "1", "--rounds", "1", "--no-per-run", "--out", &out]);
        let now = value(&read(&made.join("datapackage.json")), "scenario_hash");
        assert_eq!(hash, now, "{scenario} has changed since its study was made");
    }
}

/// The claims of the document are what the program prints of the study, its table of switches what
/// the study's file says. `DETENTE_BLESS=1` writes both anew.
#[test]
fn the_document_holds_the_tables_of_the_study() {
    let path = root().join("docs/pyongyang-pact.md");
    let document = read(&path);
    let printed = detente(&["claims", "--from", STUDY, "--format", "markdown"]);
    // the share of assumptions is a column already
    let (claims, _) = printed.split_once("\nOver all declared ranges").unwrap_or((&printed, ""));
    let switches = read(&root().join(STUDY).join("switches/switches.csv"));
    let fresh = with_part(&document, "claims", claims);
    let fresh = with_part(&fresh, "switches", &table_of_switches(&switches));
    if let Some(place) = kept(&path, &fresh) {
        panic!("{STUDY} says otherwise: {place}");
    }
}

/// A document with the part between two marks replaced.
fn with_part(document: &str, name: &str, part: &str) -> String {
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let found = document.split_once(&begin).and_then(|(head, rest)| {
        let (_, tail) = rest.split_once(&end)?;
        Some(format!("{head}{begin}\n{}\n\n{end}{tail}", part.trim()))
    });
    found.unwrap_or_else(|| panic!("no part `{name}` in the document"))
}

/// Three digits or so, for people.
fn short(text: &str) -> String {
    let Ok(x) = text.parse::<f64>() else { return "none".to_string() };
    match x.abs() {
        a if a >= 100.0 => format!("{x:.0}"),
        a if a >= 10.0 => format!("{x:.1}"),
        a if a >= 1.0 => format!("{x:.2}"),
        _ => format!("{x:.4}"),
    }
}

/// By switch: the claims that rest on it, and the others whose verdict changes without it.
fn table_of_switches(csv: &str) -> String {
    let mut lines = vec![
        "| cut | claim | rests on it | with it | without | verdict |".to_string(),
        "|---|---|---|---|---|---|".to_string(),
    ];
    for row in csv.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [switch, claim, rests, moved, verdict, then, with, without, ..] = cells[..] else {
            panic!("a row of switches.csv has too few columns: {row}");
        };
        if rests != "1" && verdict == then {
            continue;
        }
        let rests = match (rests, moved) {
            ("1", "1") => "yes, moves",
            ("1", _) => "yes, does not move",
            _ => "no",
        };
        let verdict =
            if verdict == then { verdict.to_string() } else { format!("{verdict} → {then}") };
        let (with, without) = (short(with), short(without));
        lines
            .push(format!("| `{switch}` | `{claim}` | {rests} | {with} | {without} | {verdict} |"));
    }
    lines.join("\n")
}
