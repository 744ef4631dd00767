//! `detente explain`: the long form of diagnostics.

use super::{Failed, print_stdout};
use detente::diagnostic::{Code, clip, nearest};

/// Lines of explanations are this wide at most.
const WIDTH: usize = 80;

/// Explains a code; without one, lists all.
///
/// # Errors
/// Status 2 if there is no such code.
pub fn explain(code: Option<&str>) -> Result<(), Failed> {
    let Some(word) = code else {
        let line = |code: &Code| format!("{}  {}\n", code.as_str(), code.title());
        return print_stdout(&Code::ALL.iter().map(line).collect::<String>());
    };
    let Some(code) = Code::find(word.trim()) else {
        let known = Code::ALL.iter().map(|code| code.as_str());
        let help = nearest(word, known)
            .unwrap_or_else(|| "`detente explain` without a code lists them".to_string());
        return Err(Failed::usage(format_args!("there is no diagnostic `{}`; {help}", clip(word))));
    };
    print_stdout(&format!("{}: {}\n\n{}\n", code.as_str(), code.title(), wrap(code.explanation())))
}

/// A text in lines of at most [`WIDTH`] characters, unless a single word is longer.
fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines.join("\n")
}
