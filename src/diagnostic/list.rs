//! Diagnostics with the texts they point into.

use std::fmt;

use serde_json::Value;

use super::{Attached, Diagnostic, Excerpts, Severity, closing};

/// What is wrong with one text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    label: String,
    text: String,
    files: Vec<Attached>,
    list: Vec<Diagnostic>,
    /// Whether a line at the end says how many there are.
    counted: bool,
    /// Whether there are more that are not shown.
    more: bool,
}

/// Everything that is wrong with a scenario, or with settings, and the texts it points into.
///
/// As an error it shows itself without colours: every diagnostic with an excerpt of its text and a
/// caret under the word at fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    parts: Vec<Part>,
}

impl Diagnostics {
    /// Those of a scenario, by its text and the files that it names; `label` is the name that is
    /// shown.
    pub fn of_file(
        label: &str,
        text: &str,
        files: &[Attached],
        list: Vec<Diagnostic>,
    ) -> Diagnostics {
        Diagnostics::default().with(label, (text, files), list, true)
    }

    /// The same with those of a text that was typed, a setting for instance.
    #[must_use]
    pub fn and_typed(self, label: &str, text: &str, list: Vec<Diagnostic>) -> Diagnostics {
        self.with(label, (text, &[]), list, false)
    }

    /// The same with the first so many of a list.
    #[must_use]
    pub fn and_first(
        self,
        most: usize,
        label: &str,
        text: &str,
        mut list: Vec<Diagnostic>,
    ) -> Diagnostics {
        let more = list.len() > most;
        list.truncate(most);
        let mut all = self.with(label, (text, &[]), list, false);
        all.parts.iter_mut().next_back().into_iter().for_each(|part| part.more = more);
        all
    }

    fn with(
        mut self,
        label: &str,
        (text, files): (&str, &[Attached]),
        list: Vec<Diagnostic>,
        counted: bool,
    ) -> Diagnostics {
        let (label, text, files) = (label.to_string(), text.to_string(), files.to_vec());
        self.parts.push(Part { label, text, files, list, counted, more: false });
        self
    }

    /// The errors among them.
    #[must_use]
    pub fn errors(mut self) -> Diagnostics {
        let wrong = |d: &Diagnostic| d.severity() == Severity::Error;
        self.parts.iter_mut().for_each(|part| part.list.retain(wrong));
        self
    }

    /// All of them, in the order of the texts.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.parts.iter().flat_map(|part| &part.list)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// As text for people, with ANSI colours or without.
    pub fn render(&self, colours: bool) -> String {
        let mut all = String::new();
        for Part { label, text, files, list, counted, more } in &self.parts {
            let excerpts = Excerpts::new(label, text, files);
            for diagnostic in list {
                all.push_str(&excerpts.render(diagnostic, colours));
                all.push_str("\n\n");
            }
            if *counted {
                all.push_str(&closing(label, list));
            }
            if *more {
                all.push_str("and more of this kind\n");
            }
        }
        all
    }

    /// For programs: code, severity, message, file, places by line and column from 1, and help.
    pub fn json(&self) -> Vec<Value> {
        let of = |part: &Part| {
            let excerpts = Excerpts::new(&part.label, &part.text, &part.files);
            part.list.iter().map(|d| excerpts.json(d)).collect::<Vec<Value>>()
        };
        self.parts.iter().flat_map(of).collect()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Diagnostics {}
