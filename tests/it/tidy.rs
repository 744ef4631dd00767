//! The house rules, as tests that read the sources.
//!
//! Each rule is a function from text to [`Finding`]s, tried on bad samples in `tidy/samples.rs`,
//! and a test here that applies it to the whole tree. A finding says where, what, and what to do
//! about it. The reasons for the rules are in `CONTRIBUTING.md` and `docs/architecture.md`.

mod files;
mod layers;
mod rules;
mod samples;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};

use source::Source;

/// Which module may import which: the table of `docs/architecture.md`.
///
/// Every module may import itself. A module that is missing here may not exist, and what no source
/// imports is not allowed either.
const LAYERS: &[(&str, &[&str])] = &[
    ("calendar", &[]),
    ("diagnostic", &[]),
    ("math", &[]),
    ("rng", &[]),
    ("table", &[]),
    ("number", &[]),
    ("ids", &[]),
    ("kept", &[]),
    ("markup", &["diagnostic"]),
    ("design", &["rng"]),
    ("record", &["calendar", "model"]),
    ("stats", &["math"]),
    ("expr", &["calendar", "diagnostic", "math", "ids"]),
    ("model", &["expr", "rng", "diagnostic", "ids"]),
    ("scenario", &["calendar", "model", "expr", "diagnostic"]),
    ("history", &["calendar", "model", "expr", "scenario", "diagnostic", "record"]),
    ("rules", &["model", "expr", "kept"]),
    ("plan", &["rules", "model", "expr", "kept"]),
    // Never plan or engine: it is their oracle.
    ("reference", &["rules", "model", "expr", "rng", "math", "record"]),
    ("engine", &["plan", "expr", "rng", "math", "record", "ids", "kept"]),
    ("summary", &["calendar", "record", "math", "model", "stats", "table", "rng"]),
    // Games of their own: nothing of scenarios, nor of those who play them.
    ("solve", &["math", "number", "diagnostic"]),
    ("claims", CLAIMS),
    ("experiment", SWEEPS),
    ("evidence", EVIDENCE),
    ("meta", META),
    // Numbers at points: nothing of scenarios.
    ("sensitivity", &["math", "rng", "stats"]),
    ("output", &["table"]),
    ("catalog", &["scenario", "diagnostic"]),
    ("api", API),
    ("view", VIEW),
    ("render", &["number", "table", "view"]),
    ("figure", &["markup", "math", "number", "stats", "table", "view"]),
    ("report", &["figure", "markup", "math", "number", "output", "table", "view"]),
    ("explore", EXPLORE),
    ("schema", &["catalog", "diagnostic", "model", "scenario"]),
];

/// The front door: whatever a verb needs.
const API: &[&str] = &[
    "calendar",
    "catalog",
    "scenario",
    "history",
    "model",
    "diagnostic",
    "experiment",
    "claims",
    "output",
    "summary",
    "table",
    "reference",
    "rng",
    "meta",
    "solve",
    "plan",
    "evidence",
    "record",
    "sensitivity",
    "stats",
];

/// What is shown: all that is computed, no files.
const VIEW: &[&str] = &[
    "api",
    "claims",
    "diagnostic",
    "evidence",
    "experiment",
    "expr",
    "math",
    "meta",
    "model",
    "number",
    "plan",
    "reference",
    "rng",
    "sensitivity",
    "solve",
    "stats",
    "summary",
    "table",
];

/// What is replayed while it changes: requests, and what is shown of them.
const EXPLORE: &[&str] = &[
    "api",
    "catalog",
    "claims",
    "diagnostic",
    "experiment",
    "expr",
    "figure",
    "model",
    "output",
    "record",
    "reference",
    "report",
    "rng",
    "scenario",
    "summary",
    "view",
];

/// What sweeps may import: the pipeline and designs.
const SWEEPS: &[&str] = &[
    "stats",
    "design",
    "model",
    "scenario",
    "expr",
    "math",
    "plan",
    "reference",
    "engine",
    "summary",
    "table",
    "rng",
    "record",
    "output",
    "diagnostic",
    "stats",
];

/// What claims may import: sweeps, and what is asked of their runs.
const CLAIMS: &[&str] = &[
    "experiment",
    "design",
    "model",
    "expr",
    "math",
    "plan",
    "summary",
    "stats",
    "table",
    "rng",
    "record",
    "diagnostic",
];

/// Histories against scenarios: runs that are held to what is known of them.
const EVIDENCE: &[&str] = &[
    "calendar",
    "design",
    "engine",
    "experiment",
    "expr",
    "history",
    "ids",
    "math",
    "model",
    "plan",
    "record",
    "reference",
    "rng",
    "stats",
    "table",
];

/// Strategies against strategies: what is beside the pipeline, played and solved.
const META: &[&str] = &[
    "scenario",
    "model",
    "expr",
    "stats",
    "table",
    "rng",
    "record",
    "diagnostic",
    "experiment",
    "solve",
];

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    what: String,
    remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { path, line, what, remedy } = self;
        write!(f, "{path}:{line}: error: {what}; {remedy}")
    }
}

/// The folder of the project.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust sources below the given folders of the project.
fn sources(folders: &[&str]) -> Vec<Source> {
    let rust = |path: &String| path.ends_with(".rs");
    let paths = folders.iter().flat_map(|folder| files::below(&root(), Path::new(folder)));
    let read = |path: String| Source::new(&path, &files::text(&root(), &path).unwrap_or_default());
    paths.filter(rust).map(read).collect()
}

/// Fail with all findings at once, one per line, as a compiler would.
fn report(findings: Vec<Finding>) {
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n{} findings", lines.join("\n"), lines.len());
}

/// Apply a rule to every source below the given folders.
fn apply(folders: &[&str], rule: impl Fn(&Source) -> Vec<Finding>) {
    report(sources(folders).iter().flat_map(rule).collect());
}

#[test]
fn modules_import_downwards_only() {
    apply(&["src"], |source| layers::check(source, LAYERS));
}

#[test]
fn every_permission_is_used() {
    report(layers::unused(&sources(&["src"]), LAYERS, "tests/it/tidy.rs"));
}

#[test]
fn lines_fit_the_screen() {
    apply(&["src", "tests", "benches", "examples", "python/src"], rules::long_lines);
}

#[test]
fn functions_fit_the_screen() {
    apply(&["src", "tests", "benches", "examples", "python/src"], rules::long_functions);
}

#[test]
fn files_can_be_read_in_one_sitting() {
    apply(&["src", "tests", "benches", "examples", "python/src"], rules::long_file);
}

#[test]
fn every_source_is_compiled() {
    report(files::unreached(&sources(&["src", "tests/it", "tests/library"])));
}

#[test]
fn nothing_is_left_over() {
    apply(&["src", "tests", "benches", "examples", "python/src"], rules::leftovers);
}

#[test]
fn the_library_neither_prints_nor_panics() {
    apply(&["src", "python/src"], rules::prints_and_panics);
}

#[test]
fn mathematics_has_one_definition() {
    apply(&["src"], rules::platform_maths);
}

#[test]
fn every_scenario_is_in_the_catalog() {
    let scenarios = files::below(&root(), Path::new("scenarios"));
    let readme = files::text(&root(), "scenarios/README.md").unwrap_or_default();
    report(files::not_in_catalog(&readme, &scenarios));
}

#[test]
fn every_diagnostic_has_an_example() {
    let codes: Vec<&str> =
        detente::diagnostic::Code::ALL.iter().map(|code| code.as_str()).collect();
    let folders = ["tests/diagnostics", "tests/histories"];
    let paths: Vec<String> =
        folders.iter().flat_map(|folder| files::below(&root(), Path::new(folder))).collect();
    let read = |path: &String| (path.clone(), files::text(&root(), path).unwrap_or_default());
    report(files::codes_without_example(&codes, &paths.iter().map(read).collect::<Vec<_>>()));
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let mut findings = Vec::new();
    for path in files::below(&root(), Path::new("")) {
        if let Some(text) = files::text(&root(), &path) {
            findings.extend(files::machine_paths(&path, &text));
        }
    }
    report(findings);
}
