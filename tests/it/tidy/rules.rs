//! Rules about one source file.

use super::Finding;
use super::source::Source;

/// The widest line, in characters.
const WIDTH: usize = 100;
/// The longest function, in lines.
const FUNCTION: usize = 70;
/// The longest file, in lines.
const FILE: usize = 700;

/// Functions of the standard library whose results differ between platforms, by how their call
/// looks. Those with arguments end in `(`.
const PLATFORM: &[&str] = &[
    "acos()",
    "acosh()",
    "asin()",
    "asinh()",
    "atan()",
    "atan2(",
    "atanh()",
    "cbrt()",
    "cos()",
    "cosh()",
    "exp()",
    "exp2()",
    "exp_m1()",
    "hypot(",
    "ln()",
    "ln_1p()",
    "log(",
    "log10()",
    "log2()",
    "mul_add(",
    "powf(",
    "powi(",
    "sin()",
    "sin_cos()",
    "sinh()",
    "tan()",
    "tanh()",
];

fn finding(source: &Source, at: usize, what: String, remedy: &'static str) -> Finding {
    Finding { path: source.path.clone(), line: at + 1, what, remedy }
}

/// Lines wider than [`WIDTH`], except addresses, which cannot be broken.
pub fn long_lines(source: &Source) -> Vec<Finding> {
    let width = |line: &String| line.chars().count();
    let long = |line: &String| width(line) > WIDTH && !line.contains("://");
    let lines = source.raw.iter().enumerate().filter(|(_, line)| long(line));
    let text = |line| format!("line of {} characters", width(line));
    lines.map(|(at, line)| finding(source, at, text(line), "break it at 100")).collect()
}

/// A file longer than [`FILE`] lines.
pub fn long_file(source: &Source) -> Vec<Finding> {
    let lines = source.raw.len();
    if lines <= FILE {
        return Vec::new();
    }
    let remedy = "split it by subject, about 400 lines a file, at most 700";
    vec![finding(source, FILE, format!("file of {lines} lines"), remedy)]
}

/// Functions longer than [`FUNCTION`] lines from `fn` to the closing brace.
pub fn long_functions(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in source.code.iter().enumerate() {
        let Some(column) = function_start(line) else {
            continue;
        };
        let Some(end) = function_end(&source.code, at, column) else {
            continue;
        };
        let lines = end - at + 1;
        if lines > FUNCTION {
            let remedy = "give its parts names of their own, at most 70 lines each";
            findings.push(finding(source, at, format!("function of {lines} lines"), remedy));
        }
    }
    findings
}

/// Where a named function begins in a line of code; `fn(` is a type.
fn function_start(line: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices("fn ")
        .map(|(column, _)| column)
        .find(|column| !line[..*column].ends_with(part))
}

/// The line of the brace that closes the function begun at `(at, column)`; none for a declaration.
fn function_end(code: &[String], at: usize, column: usize) -> Option<usize> {
    let (mut braces, mut others) = (0_i32, 0_i32);
    for (k, line) in code.iter().enumerate().skip(at) {
        let from = if k == at { column } else { 0 };
        for c in line[from..].chars() {
            match c {
                '(' | '[' => others += 1,
                ')' | ']' => others -= 1,
                '{' => braces += 1,
                '}' => braces -= 1,
                ';' if braces == 0 && others == 0 => return None,
                _ => {}
            }
            if c == '}' && braces == 0 {
                return Some(k);
            }
        }
    }
    None
}

/// Notes to oneself and half-done code.
pub fn leftovers(source: &Source) -> Vec<Finding> {
    // Put together, so that this file does not find itself.
    let notes = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let macros = ["dbg!", "todo!", "unimplemented!"];
    let mut findings = Vec::new();
    for (at, (raw, code)) in source.raw.iter().zip(&source.code).enumerate() {
        if let Some(note) = notes.iter().find(|note| has_word(raw, note)) {
            let remedy = "do it, or open an issue and link it";
            findings.push(finding(source, at, format!("leftover `{note}`"), remedy));
        }
        if let Some(name) = macros.iter().find(|name| has_word(code, name)) {
            findings.push(finding(source, at, format!("leftover `{name}`"), "finish the code"));
        }
    }
    findings
}

/// Printing anywhere in the library, and panics without a stated reason why they cannot happen.
pub fn prints_and_panics(source: &Source) -> Vec<Finding> {
    if source.in_binary() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (at, code) in source.code.iter().enumerate().filter(|(at, _)| !source.test[*at]) {
        let prints = ["println!", "print!", "eprintln!", "eprint!"];
        if let Some(name) = prints.iter().find(|name| has_word(code, name)) {
            let remedy = "the library is silent: return the value and print it in src/cli";
            findings.push(finding(source, at, format!("`{name}` in the library"), remedy));
        }
        let panics = [".unwrap()", "panic!(", "unreachable!("];
        let found = panics.iter().find(|name| code.contains(**name)).copied();
        if let Some(name) = found.or(panicking_expect(code).then_some(".expect("))
            && !has_reason(source, at)
        {
            let remedy = "return an error, or say in an `// invariant:` comment why it cannot fail";
            findings.push(finding(source, at, format!("`{name}` without a reason"), remedy));
        }
    }
    findings
}

/// Whether a line calls the `expect` that panics. A parser's own `expect(token)` returns an error,
/// known by `self` before it or `?` behind it.
fn panicking_expect(code: &str) -> bool {
    code.match_indices(".expect(").any(|(at, name)| {
        let rest = &code[at + name.len()..];
        let behind = rest.split_once(')').map_or("", |(_, behind)| behind);
        !code[..at].ends_with("self") && !behind.starts_with('?')
    })
}

/// Whether `// invariant:` stands on the line or in the comment right above it.
fn has_reason(source: &Source, at: usize) -> bool {
    let reason = |line: &str| line.contains("// invariant:");
    let above = source.raw[..at].iter().rev().map(|line| line.trim());
    reason(&source.raw[at]) || above.take_while(|line| line.starts_with("//")).any(reason)
}

/// Mathematics whose last bits depend on the platform, outside `src/math.rs` and tests.
pub fn platform_maths(source: &Source) -> Vec<Finding> {
    if source.module() == Some("math") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (at, code) in source.code.iter().enumerate().filter(|(at, _)| !source.test[*at]) {
        let called = |call: &&&str| code.contains(&format!(".{call}"));
        let named = |call: &&&str| {
            let name = call.trim_end_matches(['(', ')']);
            has_word(code, &format!("f64::{name}")) || has_word(code, &format!("f32::{name}"))
        };
        if let Some(call) = PLATFORM.iter().find(|call| called(call) || named(call)) {
            let name = call.trim_end_matches(['(', ')']);
            let remedy = "use crate::math, whose results are the same on every machine";
            findings.push(finding(source, at, format!("`{name}` of the platform"), remedy));
        }
    }
    findings
}

/// Whether `word` occurs in `line` with no letter, digit or underscore running into it.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
}
