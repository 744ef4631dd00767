//! Files that a scenario names: which names are allowed, and reading them.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::limits::MAX_FILES;
use super::read_context::{ReadContext, short};
use crate::diagnostic::{Attached, Code, Diagnostic, Span};
use crate::expr::Source;

/// Where the files lie that a scenario names.
pub trait Beside: fmt::Debug {
    /// What the file of a name holds; no more than `most` bytes are of use. Names are letters,
    /// digits, dashes, underscores and dots, so that none leads anywhere else.
    ///
    /// # Errors
    /// Why it cannot be read, in words that follow on the name.
    fn read(&self, name: &str, most: usize) -> Result<Vec<u8>, String>;
}

/// Files at hand, by name.
impl Beside for Vec<Attached> {
    fn read(&self, name: &str, _: usize) -> Result<Vec<u8>, String> {
        match self.iter().find(|file| file.name == name) {
            Some(file) => Ok(file.text.as_bytes().to_vec()),
            None => Err("it was not given with the text".to_string()),
        }
    }
}

/// The names of tables and files of results: a folder of results holds them beside the files of the
/// scenario.
pub const RESULTS: &[&str] = &[
    "claims.csv",
    "datapackage.json",
    "differences.csv",
    "equilibria.csv",
    "failures.csv",
    "game.nfg",
    "histogram.csv",
    "list.csv",
    "moves.csv",
    "outcomes.csv",
    "panel.csv",
    "payoffs.csv",
    "points.csv",
    "robust-points.csv",
    "robust.csv",
    "standings.csv",
    "summary.csv",
    "survival.csv",
    "sweep.json",
    "switches.csv",
    "trajectory.csv",
];

/// The files that were read so far.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// What names them, as messages call it: a scenario or a history.
    pub what: &'static str,
    /// Where others lie.
    pub beside: Option<Rc<dyn Beside>>,
    /// In the order in which they were named.
    pub files: Vec<Attached>,
    /// Where the text of the next begins among the places of the scenario.
    pub next: usize,
}

impl Default for Shelf {
    fn default() -> Self {
        Shelf { what: "scenario", beside: None, files: Vec::new(), next: 0 }
    }
}

impl Shelf {
    /// Whether a place is in the text of the scenario itself, which has so many bytes.
    pub fn is_own(&self, span: Span) -> bool {
        let files: usize = self.files.iter().map(|file| file.text.len() + 1).sum();
        span.start + files < self.next
    }

    /// Nothing yet, for a scenario whose text has so many bytes.
    pub fn new(beside: Option<Rc<dyn Beside>>, text: usize) -> Self {
        Shelf { beside, next: text + 1, ..Shelf::default() }
    }

    /// The same for a history.
    pub fn history(beside: Rc<dyn Beside>, text: usize) -> Self {
        Shelf { what: "history", ..Shelf::new(Some(beside), text) }
    }
}

impl ReadContext {
    /// The text of the file of a name and the place of its first byte; `None` after a report.
    pub fn file(&mut self, name: &Source) -> Option<(Arc<str>, usize)> {
        let mut start = self.shelf.next;
        for file in self.shelf.files.iter().rev() {
            start -= file.text.len() + 1;
            if file.name == name.text() {
                return Some((file.text.clone(), start));
            }
        }
        let start = self.shelf.next;
        match self.fetch(name) {
            Ok(text) => {
                self.shelf.next += text.len() + 1;
                let file = Attached { name: name.text().to_string(), text: text.into() };
                let text = file.text.clone();
                self.shelf.files.push(file);
                Some((text, start))
            }
            Err(wrong) => {
                self.report.push(*wrong);
                None
            }
        }
    }

    fn fetch(&self, name: &Source) -> Result<String, Box<Diagnostic>> {
        let shown = short(name.text());
        let wrong = |text: String| Diagnostic::new(Code::File, name.whole(), text);
        let what = self.shelf.what;
        if let Err(reason) = allowed(name.text(), what == "scenario") {
            let help = format!(
                "a file lies beside the {what}, in the same folder, and is called by its name \
                 alone: `gdp.csv`"
            );
            return Err(Box::new(wrong(format!("`{shown}` {reason}")).help(help)));
        }
        let Some(beside) = &self.shelf.beside else {
            let help = format!("read the {what} from a file, or give its files with it");
            let text = format!("`{shown}` cannot be read: the {what} is a text without a folder");
            return Err(Box::new(wrong(text).help(help)));
        };
        let left = MAX_FILES - self.shelf.files.iter().map(|file| file.text.len()).sum::<usize>();
        let unread = |reason: String| wrong(format!("`{shown}` cannot be read: {reason}"));
        let bytes = beside.read(name.text(), left).map_err(unread).map_err(Box::new)?;
        if bytes.len() > left {
            let most = MAX_FILES >> 20;
            let text = format!("the files of a {what} may have {most} MB together");
            return Err(Box::new(Diagnostic::new(Code::Limit, name.whole(), text)));
        }
        String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            let text = format!("`{shown}` is not UTF-8 text: see its line {}", line + 1);
            Box::new(wrong(text).help("save it as UTF-8"))
        })
    }
}

/// Whether a name can be that of a file beside a text; else what is wrong with it. Those of a
/// scenario are kept `with_results`.
fn allowed(name: &str, with_results: bool) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.contains(['/', '\\', ':']) {
        return Err("leads to another folder");
    }
    if name.is_empty() || name.len() > 100 || !name.chars().all(plain) {
        return Err("is not a name of letters, digits, dashes, underscores and dots");
    }
    if name.starts_with('.') || name.ends_with('.') {
        return Err("begins or ends with a dot");
    }
    if super::reserved_on_windows(name) {
        return Err("is a device on Windows");
    }
    let taken = RESULTS.iter().any(|known| name.eq_ignore_ascii_case(known));
    if with_results && (taken || name.ends_with(".parquet")) {
        return Err("is the name of a file of results");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn names_lead_nowhere_else() {
        let bad = [
            "../gdp.csv",
            "/etc/passwd",
            "a/b.csv",
            "..\\x",
            "C:x",
            "..",
            ".",
            "",
            ".hidden",
            "nul",
            "COM1.csv",
            "aux.toml",
            "é.csv",
            "a b",
            "x\0",
            "outcomes.csv",
            "trail.",
            "a\nb",
        ];
        for name in bad {
            assert!(allowed(name, true).is_err(), "{name}");
        }
        for name in ["gdp.csv", "GDP-2024_v2.csv", "actors.toml", "data", "a..b"] {
            assert!(allowed(name, true).is_ok(), "{name}");
        }
        assert!(allowed("moves.csv", false).is_ok());
    }
}
