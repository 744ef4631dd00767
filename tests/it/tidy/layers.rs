//! Who imports whom.

use super::Finding;
use super::source::Source;

const REMEDY: &str = "see the import table in docs/architecture.md, and move the shared part down";

/// The imports of a source that its row of `layers` does not allow.
pub fn check(source: &Source, layers: &[(&str, &[&str])]) -> Vec<Finding> {
    let Some(module) = source.module() else {
        return Vec::new();
    };
    if module == "lib" {
        return Vec::new();
    }
    let finding = |line, what| Finding { path: source.path.clone(), line, what, remedy: REMEDY };
    let library = |name: &str| layers.iter().any(|(layer, _)| *layer == name);
    let imports = imports(source);
    if source.in_binary() {
        let own = imports.into_iter().filter(|(_, name)| library(name));
        let text = |name| format!("`crate::{name}` is of the library: write `detente::{name}`");
        return own.map(|(line, name)| finding(line, text(name))).collect();
    }
    let Some((_, allowed)) = layers.iter().find(|(layer, _)| *layer == module) else {
        return vec![finding(1, format!("module `{module}` is not in the import table"))];
    };
    let bad = |name: &str| name != module && !allowed.contains(&name);
    imports
        .into_iter()
        .filter(|(_, name)| bad(name))
        .map(|(line, name)| finding(line, format!("`{module}` may not import `crate::{name}`")))
        .collect()
}

/// What `layers` allows and no source needs: imports that none of a module's files makes, and rows
/// of modules that are not there. `table` is where the rows stand.
pub fn unused(sources: &[Source], layers: &[(&str, &[&str])], table: &str) -> Vec<Finding> {
    let finding = |what| Finding {
        path: table.to_owned(),
        line: 1,
        what,
        remedy: "take it out of the import table there and in docs/architecture.md",
    };
    let mut findings = Vec::new();
    for (module, allowed) in layers {
        let own = sources.iter().filter(|source| source.module() == Some(module));
        let own: Vec<&Source> = own.collect();
        if own.is_empty() {
            findings.push(finding(format!("there is no module `{module}`")));
            continue;
        }
        let made: Vec<String> =
            own.iter().flat_map(|source| imports(source)).map(|(_, name)| name).collect();
        let idle = allowed.iter().filter(|name| made.iter().all(|made| made != **name));
        let text = |name| format!("`{module}` may import `crate::{name}` and does not");
        findings.extend(idle.map(|name| finding(text(name))));
    }
    findings
}

/// Every top-level name of the crate that a source mentions, with its line: `crate::x`, groups as
/// in `crate::{x, y::z}`, and `super::` climbing to the root.
pub fn imports(source: &Source) -> Vec<(usize, String)> {
    let text = source.joined();
    let tokens = tokens(&text);
    let depth = file_depth(&source.path);
    let mut inline: Vec<usize> = Vec::new();
    let (mut braces, mut found, mut at) = (0_usize, Vec::new(), 0);
    while at < tokens.len() {
        match tokens[at].text {
            "{" => {
                braces += 1;
                if at >= 2 && tokens[at - 2].text == "mod" {
                    inline.push(braces);
                }
            }
            "}" => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
                braces = braces.saturating_sub(1);
            }
            "crate" if next_is_path(&tokens, at) && !after_dollar(&tokens, at) => {
                names_at(&tokens, at + 2, &mut found);
            }
            "super" => {
                let start = at;
                while next_is_path(&tokens, at) && tokens.get(at + 2).is_some_and(is_super) {
                    at += 2;
                }
                let climbed = (at - start) / 2 + 1;
                if climbed >= depth + inline.len() && next_is_path(&tokens, at) {
                    names_at(&tokens, at + 2, &mut found);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

struct Token<'a> {
    text: &'a str,
    line: usize,
}

fn is_super(token: &Token<'_>) -> bool {
    token.text == "super"
}

fn next_is_path(tokens: &[Token<'_>], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|token| token.text == "::")
}

/// `$crate` in a macro names the crate from outside; what follows is checked where it is defined.
fn after_dollar(tokens: &[Token<'_>], at: usize) -> bool {
    at > 0 && tokens[at - 1].text == "$"
}

/// How many modules deep a file is: `src/table.rs` 1, `src/expr/mod.rs` 1, `src/expr/parse.rs` 2.
fn file_depth(path: &str) -> usize {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inner.split('/').count()
}

/// The name or names at `at`: one identifier, or the first identifier of each part of a group.
fn names_at(tokens: &[Token<'_>], at: usize, found: &mut Vec<(usize, String)>) {
    let Some(first) = tokens.get(at) else { return };
    if first.text != "{" {
        found.push((first.line, first.text.to_owned()));
        return;
    }
    let (mut depth, mut fresh) = (0_usize, false);
    for token in &tokens[at..] {
        match token.text {
            "{" => (depth, fresh) = (depth + 1, true),
            "}" => depth -= 1,
            "," => fresh = true,
            name if fresh && depth == 1 => {
                found.push((token.line, name.to_owned()));
                fresh = false;
            }
            _ => fresh = false,
        }
        if depth == 0 {
            return;
        }
    }
}

/// Identifiers, `::` and single other characters, with their lines from 1.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let length = match first {
                c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                c => c.len_utf8(),
            };
            tokens.push(Token { text: &rest[..length], line: number + 1 });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}
