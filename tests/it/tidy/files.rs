//! Rules about the tree: which files there are and what they mention.

use std::fs;
use std::path::Path;

use super::Finding;
use super::source::Source;

/// Folders that hold nothing of the project: build products, caches, trial runs.
const SKIPPED: &[&str] = &["target", ".git", ".venv", "__pycache__", "results/try"];
/// Larger files are data, not text that people wrote.
const LARGEST: u64 = 4 << 20;

/// All files below `folder` of the project at `root`, as sorted paths from `root` with `/`.
pub fn below(root: &Path, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            let name = path.to_string_lossy().replace('\\', "/");
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let skipped = |s: &&str| name == **s || name.ends_with(&format!("/{s}"));
            if SKIPPED.iter().any(skipped) {
                continue;
            }
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// The text of a file; bytes that are no UTF-8 are replaced. None for large or binary files.
pub fn text(root: &Path, path: &str) -> Option<String> {
    let path = root.join(path);
    if fs::metadata(&path).ok()?.len() > LARGEST {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    if bytes.contains(&0) {
        return None;
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Sources that no `mod` of a file beside or above them names: nobody compiles them.
pub fn unreached(sources: &[Source]) -> Vec<Finding> {
    let names = |home: &str, module: &str| {
        let files = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"].map(|end| format!("{home}{end}"));
        let line = format!("mod {module};");
        let mut near = sources.iter().filter(|source| files.contains(&source.path));
        near.any(|source| source.code.iter().any(|code| code.trim_end().ends_with(&line)))
    };
    let unreached = |source: &&Source| {
        let path = source.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let (home, module) = path.rsplit_once('/').unwrap_or(("", path));
        !matches!(module, "lib" | "main") && !names(home, module)
    };
    let finding = |source: &Source| Finding {
        path: source.path.clone(),
        line: 1,
        what: "a source that no module names".to_string(),
        remedy: "name it with `mod`, or remove it",
    };
    sources.iter().filter(unreached).map(finding).collect()
}

/// The last part of a path up to its first dot.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// Scenario files among `paths` that the catalog does not name.
pub fn not_in_catalog(catalog: &str, paths: &[String]) -> Vec<Finding> {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut words: Vec<&str> = catalog.split(|c| !part(c)).collect();
    words.sort_unstable();
    let scenario = |path: &&String| {
        (path.ends_with(".toml") || path.ends_with(".nfg")) && !path.contains("/histories/")
    };
    let missing = |path: &&String| words.binary_search(&stem(path)).is_err();
    let finding = |path: &String| Finding {
        path: "scenarios/README.md".to_owned(),
        line: 1,
        what: format!("`{path}` is not in the catalog"),
        remedy: "add a row with what it shows and its sources",
    };
    paths.iter().filter(scenario).filter(missing).map(finding).collect()
}

/// Diagnostic codes that no snapshot of an example mentions. `files` are all files below
/// `tests/diagnostics` with their texts; a snapshot is any file there that is not `.toml` and
/// stands beside an example with the same stem.
pub fn codes_without_example(codes: &[&str], files: &[(String, String)]) -> Vec<Finding> {
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let snapshot = |path: &str| !path.ends_with(".toml");
    let has_example = |path: &str| {
        let same = |other: &str| folder(other) == folder(path) && stem(other) == stem(path);
        files.iter().any(|(other, _)| !snapshot(other) && same(other))
    };
    let shown = |code: &str| {
        files.iter().any(|(path, text)| snapshot(path) && text.contains(code) && has_example(path))
    };
    let finding = |code: &&str| Finding {
        path: "src/diagnostic/codes.rs".to_owned(),
        line: 1,
        what: format!("diagnostic {code} has no example"),
        remedy: "add tests/diagnostics/<stage>/<mistake>.toml that provokes it, with its snapshot",
    };
    codes.iter().filter(|code| !shown(code)).map(finding).collect()
}

/// Absolute paths of one particular machine.
pub fn machine_paths(path: &str, text: &str) -> Vec<Finding> {
    // Put together, so that this file does not find itself.
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tm", "p/bash")];
    // Within a longer path or an address it is an ordinary folder name.
    let inner = |c: char| c.is_alphanumeric() || "._-}>)*".contains(c);
    let mut findings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let has =
            |place: &&&str| line.match_indices(**place).any(|(k, _)| !line[..k].ends_with(inner));
        if let Some(place) = places.iter().find(has) {
            findings.push(Finding {
                path: path.to_owned(),
                line: at + 1,
                what: format!("path `{place}` of one machine"),
                remedy: "write it relative to the project's folder",
            });
        }
    }
    findings
}
