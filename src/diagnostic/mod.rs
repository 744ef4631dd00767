//! What is wrong with a scenario, where, and what to do about it.
//!
//! A stage of the pipeline never stops at the first problem: it returns [`Checked`], a value (when
//! one could be built) together with every [`Diagnostic`] found on the way. [`Diagnostics`] are
//! those of one call, with the texts they point into; they render themselves, with colours or
//! without.

mod attached;
mod codes;
mod excerpts;
mod list;

use std::cmp::Reverse;

pub use attached::{Attached, line_column, locate, place, starts};
pub use codes::Code;
pub use excerpts::{Excerpts, closing};
pub use list::Diagnostics;

/// A stretch of a scenario, in bytes from the start of its text, on through the files that it names
/// ([`Attached`]); `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Self {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A second place that belongs to a diagnostic, with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// How serious a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used; something in it is probably not what was meant.
    Warning,
    /// Nothing is wrong; something may be good to know.
    Note,
}

/// One problem: its kind, its place, one short sentence and, where possible, a repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of problem, stable across versions.
    pub code: Code,
    /// One short sentence, written as if it were the only thing shown.
    pub message: String,
    /// The exact word at fault.
    pub span: Span,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic with neither help nor further places.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), span, labels: Vec::new(), help: None }
    }

    /// The same with a repair.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The same with a repair, if there is one.
    #[must_use]
    pub fn help_if(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }

    /// The same with a second place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Error, warning or note; a property of the code.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// A value, if one could be built, and everything that was found wrong or odd on the way.
#[derive(Debug, Clone)]
pub struct Checked<T> {
    /// The value; absent when there was an error.
    pub value: Option<T>,
    /// All problems, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    /// Whether an error is among the diagnostics.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity() == Severity::Error)
    }

    /// Whether a warning is among the diagnostics.
    pub fn has_warnings(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity() == Severity::Warning)
    }
}

/// Collects diagnostics, each place and code once, while a stage goes on.
#[derive(Debug, Clone, Default)]
pub struct Report {
    found: Vec<Diagnostic>,
}

impl Report {
    /// Adds a diagnostic unless one of the same code stands at the same place already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let known = |d: &Diagnostic| d.code == diagnostic.code && d.span == diagnostic.span;
        if self.found.len() < Self::LIMIT && !self.found.iter().any(known) {
            self.found.push(diagnostic);
        }
    }

    /// How many diagnostics one file may collect; what comes later repeats what came before.
    pub const LIMIT: usize = 500;

    /// How many were found so far.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether an error was found so far.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|d| d.severity() == Severity::Error)
    }

    /// All diagnostics in the order of the file.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|d| (d.span.start, d.span.end, d.code));
        self.found
    }
}

/// The nearest of `names` to a name that was not found, as a suggestion: `did you mean ...?`.
///
/// Distance is Damerau-Levenshtein over characters, at most a third of the longer word; a name
/// that contains the word, or is contained in it, counts as near. Of equally near names the longest
/// is taken that the word contains, then the first in alphabetical order, so that a message never
/// depends on the order of a table.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest_name(word, names).map(|name| format!("did you mean `{name}`?"))
}

/// The nearest of `names` itself, by the same measure as [`nearest`].
pub fn nearest_name<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let length = word.chars().count();
    if length == 0 {
        return None;
    }
    let mut best: Option<(usize, Reverse<usize>, &str)> = None;
    for name in names {
        let other = name.to_lowercase();
        let mut distance = strsim::damerau_levenshtein(&folded, &other);
        let limit = (length.max(other.chars().count()) / 3).max(1);
        if length >= 3 && other.len() >= 3 && (other.contains(&folded) || folded.contains(&other)) {
            distance = distance.min(1);
        }
        let shared = if folded.contains(&other) { other.len() } else { 0 };
        let found = (distance, Reverse(shared), name);
        if distance <= limit && best.is_none_or(|best| found < best) {
            best = Some(found);
        }
    }
    best.map(|(_, _, name)| name)
}

/// A word as messages repeat it: what is very long is cut.
pub fn clip(word: &str) -> String {
    cut(word, 200)
}

/// A word of a file, which the excerpt beside the message shows as well.
pub fn short(word: &str) -> String {
    cut(word, 40)
}

/// A text without control characters but line ends and tabs, and without those that reorder what
/// stands around them: neither a terminal nor a page obeys it.
pub fn plain(text: &str) -> String {
    let kept = |c: &char| !hidden(*c) || matches!(c, '\n' | '\t');
    text.chars().filter(kept).collect()
}

/// Whether a character steers a terminal, or the direction of the text around it.
pub fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The same in one line: a title, or a word of a message.
pub fn one_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

fn cut(word: &str, most: usize) -> String {
    let word = one_line(word);
    match word.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_ties_are_alphabetical() {
        let names = ["tension", "affinity", "tie"];
        assert_eq!(nearest("tensoin", names), Some("did you mean `tension`?".into()));
        assert_eq!(nearest("zebra", names), None);
        assert_eq!(nearest("", ["a"]), None);
        assert_eq!(nearest("xb", ["xc", "xa"]), Some("did you mean `xa`?".into()));
        assert_eq!(nearest_name("round_name", ["name", "round", "rounds"]), Some("round"));
    }

    #[test]
    fn codes_are_found_in_short() {
        for text in ["E0012", "e0012", "E12", "e12", "12", "0012"] {
            assert_eq!(Code::find(text), Some(Code::UnknownName), "{text}");
        }
        assert_eq!(Code::find("w3"), Some(Code::NeverHolds));
        for text in ["", "E", "E0O12", "EE12", "00012", "12a", "é", "-1", "E99"] {
            assert_eq!(Code::find(text), None, "{text}");
        }
    }

    #[test]
    fn a_report_keeps_one_of_a_kind_per_place() {
        let mut report = Report::default();
        for _ in 0..3 {
            report.push(Diagnostic::new(Code::UnknownName, Span::new(1, 2), "no"));
        }
        assert_eq!(report.len(), 1);
        assert!(report.has_errors());
    }
}
