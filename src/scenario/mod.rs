//! Scenario files: text to a validated [`Model`], with everything that is wrong in one pass.
//!
//! Two passes. The first (`draft`) gives every name its meaning and reads what does not need
//! names; the second (`build`) compiles formulas. Both go on after a problem: a section is read
//! even if the one before it failed, and a name whose definition failed is not called unknown
//! elsewhere. What can only be judged of a whole model (probabilities that leave their interval,
//! rules that depend on the direction of a dyad, costs of imagination, things nothing reads) is
//! checked last.

mod build;
mod checks;
mod claims;
mod compile;
mod cost;
mod csv;
mod data;
mod draft;
mod even;
mod files;
mod finite;
mod include;
mod keys;
mod limits;
mod override_keys;
mod payoff;
mod policies;
mod postures;
mod private;
mod ranges;
mod read_context;
mod rules;
mod settings;
mod tree;
mod unread;
mod vary;
mod walk;

pub use cost::{MAX_BRANCHES, MAX_IMAGINED, imagined_rounds, unaffordable};
pub use even::even_step;
pub use files::{Beside, RESULTS};
pub use limits::{
    MAX_ACTORS, MAX_BYTES, MAX_CELLS, MAX_ELEMENTS, MAX_ENTRIES, MAX_FILES, MAX_FORESIGHT,
    MAX_HAZARDS, MAX_LEVEL, MAX_OPTIONS, MAX_POISSON, MAX_ROUNDS, MAX_SERIES, MAX_STAGE,
    MAX_STATES, MAX_TYPES,
};
pub use vary::{MAX_VALUES, Values, Vary, vary};

use std::collections::BTreeMap;
use std::rc::Rc;

use build::Build;
pub(crate) use csv::{Csv, Row};
pub(crate) use files::Shelf;
pub(crate) use keys::split;
pub(crate) use read_context::{Fields, ReadContext};
pub(crate) use tree::{Entry, Item, Table, Value};

use crate::calendar::Calendar;
use crate::diagnostic::{Attached, Checked, Code, Diagnostic, Severity, Span, short};
use crate::expr::{Compiler, Expr, Source};
use crate::model::{ActorId, CellId, Model, Override};

/// The version of the language that this program reads.
pub const FORMAT: u32 = 1;

/// A scenario as it was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The model, absent if there was an error, and all diagnostics in the order of the text and
    /// its files, their spans in bytes from the start of the text.
    pub checked: Checked<Model>,
    /// The files that it names, in the order in which they are named.
    pub files: Vec<Attached>,
}

/// Reads a scenario that is a text alone; one that names files is in error.
///
/// The model is absent if there was an error; all diagnostics come in the order of the file, their
/// spans in bytes from its start. What only takes too long to imagine ([`Code::TooCostly`]) is an
/// error too, but the model is there: settings on top of the file may mend it, see
/// [`unaffordable`].
pub fn load(bytes: &[u8]) -> Checked<Model> {
    loaded(bytes, None, None).checked
}

/// Reads a scenario and the files that it names.
pub fn load_with(bytes: &[u8], beside: Rc<dyn Beside>) -> Loaded {
    loaded(bytes, Some(beside), None)
}

/// The same with rounds that have other dates than the text says.
pub fn load_dated(bytes: &[u8], beside: Rc<dyn Beside>, calendar: Calendar) -> Loaded {
    loaded(bytes, Some(beside), Some(calendar))
}

fn loaded(bytes: &[u8], beside: Option<Rc<dyn Beside>>, calendar: Option<Calendar>) -> Loaded {
    let shelf = Shelf::new(beside, bytes.len());
    let mut desk = ReadContext { shelf, calendar, ..ReadContext::default() };
    let value = read(bytes, &mut desk);
    let diagnostics = desk.report.finish();
    let wrong = |d: &Diagnostic| d.severity() == Severity::Error && d.code != Code::TooCostly;
    let value = value.filter(|_| !diagnostics.iter().any(wrong));
    let files = desk.shelf.files;
    let value = value.map(|model| Model { files: files.clone(), ..model });
    Loaded { checked: Checked { value, diagnostics }, files }
}

fn read(bytes: &[u8], desk: &mut ReadContext) -> Option<Model> {
    let root = root_of(text_of(bytes, desk)?, desk)?;
    let root = include::merged(root, desk)?;
    let mut draft = draft::draft(&root, desk);
    if desk.halt {
        return None;
    }
    let (model, rest) = compile::model(&root, &mut draft, desk);
    if desk.report.has_errors() {
        // what nothing reads may be read by what could not be compiled
        return None;
    }
    unread::warnings(&root, &model, desk);
    checks::all(&model, &rest, desk);
    Some(model)
}

/// The text of a file; `None` after a report.
pub(crate) fn text_of<'t>(bytes: &'t [u8], desk: &mut ReadContext) -> Option<&'t str> {
    if bytes.len() > MAX_BYTES {
        let what = desk.shelf.what;
        let text = format!("a {what} may have {MAX_BYTES} bytes, found {}", bytes.len());
        desk.error(Code::Limit, Span::new(0, 0), text);
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("the byte at position {at} is not UTF-8 text");
            desk.report.push(
                Diagnostic::new(Code::Encoding, Span::new(at, at + 1), message)
                    .help("save the file as UTF-8"),
            );
            None
        }
    }
}

/// The tables of a text in a format that is known; `None` after a report.
pub(crate) fn root_of(text: &str, desk: &mut ReadContext) -> Option<Table> {
    let root = tree::read(text, 0, desk)?;
    format(&root, Span::new(0, 0), desk).then_some(root)
}

/// Whether a file that begins at a place is written in a version that is known.
fn format(root: &Table, start: Span, desk: &mut ReadContext) -> bool {
    let help = format!("the first line of a {} is `format = {FORMAT}`", desk.shelf.what);
    let Some(entry) = root.get("format") else {
        desk.report.push(
            Diagnostic::new(Code::Format, start, "the version of the format is missing").help(help),
        );
        return false;
    };
    match entry.item.value {
        Value::Number(number) if number == f64::from(FORMAT) => true,
        Value::Number(number) => {
            let text = format!("the file is of format {number}, this program reads {FORMAT} only");
            desk.report.push(Diagnostic::new(Code::Format, entry.item.span, text).help(help));
            false
        }
        _ => {
            let text = format!("`format` is a number, found {}", entry.item.kind());
            desk.report.push(Diagnostic::new(Code::Format, entry.item.span, text).help(help));
            false
        }
    }
}

/// Names a scenario after its file, by the stem of that, unless it gives itself a name.
pub fn name_after(model: &mut Model, stem: &str) {
    if model.about.name.is_empty() {
        model.about.name = stem.to_string();
    }
}

/// Names a scenario after its file, and says what there is to say about its name: that it is
/// another one, or that the file's cannot be one.
pub fn called(model: &mut Model, stem: &str) -> Option<Diagnostic> {
    name_after(model, stem);
    let name = &model.about.name;
    let start = Span::new(0, 0);
    if name != stem {
        let text = format!("the scenario is called `{name}`, its file `{}`", short(stem));
        return Some(Diagnostic::new(Code::OtherName, start, text));
    }
    if name.is_empty() || !name.chars().all(in_a_name) {
        let text = format!("`{}` cannot be the name of a scenario", short(stem));
        let help = "give it one: `name = \"...\"` under [scenario], letters, digits, `-` and `_`";
        return Some(Diagnostic::new(Code::BadName, start, text).help(help));
    }
    None
}

/// Whether a character may stand in the name of a scenario.
fn in_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// Whether Windows takes the name of a file for that of a device, whatever its ending.
pub fn reserved_on_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let port = |word: &str| {
        let rest = stem.strip_prefix(word).unwrap_or_default();
        rest.chars().count() == 1
            && rest.contains(|c: char| c.is_ascii_digit() || "¹²³".contains(c))
    };
    let device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$");
    device || port("com") || port("lpt")
}

/// Reads settings such as `("w[CHN]", "0.9")` or `("decision.reasoning", "2")`: the keys that a
/// variant can set. The value is a number, a word, or a formula.
///
/// # Errors
/// Everything that is wrong with them, contradictions included: the same thing set twice, or two
/// keys of equal rank that share a cell (a more specific key wins, as in a variant). Spans count in
/// the text of the value, and are empty where the key is at fault.
pub fn settings(
    model: &Model,
    list: &[(String, String)],
) -> Result<Vec<Override>, Vec<Diagnostic>> {
    let (mut changes, mut problems) = (Vec::new(), Vec::new());
    let (policies, private) = named(model);
    for (key, text) in list {
        let mut desk = ReadContext::default();
        let mut build = later(model, &policies, &private, &mut desk);
        let source = Source::verbatim(text.trim(), text.len() - text.trim_start().len());
        let place = source.whole();
        let item = Item { value: claims::plain(&source), span: place };
        // the key stands nowhere in the value: all of it is at one place
        let key = key.trim();
        let entry = Entry { key: Source::mapped(key, vec![0; key.len() + 1]), item };
        for path in settings::paths(&entry) {
            changes.extend(build.change(&path));
        }
        let found = build.compiler.report.finish().into_iter().chain(desk.report.finish());
        problems.extend(found.map(|d| match d {
            // the key is at fault
            d if d.help.is_none() && d.span.end == 0 => d.help(override_keys::FORMS),
            d => d,
        }));
    }
    let mut desk = ReadContext::default();
    settings::contradictions(&changes, &mut desk);
    problems.extend(desk.report.finish().into_iter().map(|mut twice| {
        twice.labels.clear();
        twice
    }));
    if problems.is_empty() {
        changes.sort_by_key(|c| c.wide.as_ref().map_or(0, |w| w.rank));
        Ok(changes.into_iter().map(|c| c.value).collect())
    } else {
        Err(problems)
    }
}

/// The names of policies, and the actors with private information.
fn named(model: &Model) -> (Vec<String>, Vec<ActorId>) {
    let policies = model.policies.iter().map(|p| p.name.clone());
    (policies.collect(), model.private.iter().map(|p| p.actor).collect())
}

/// What compiles formulas for a scenario that was read before.
fn later<'n, 'd>(
    model: &'n Model,
    policies: &'n [String],
    private: &'n [ActorId],
    desk: &'d mut ReadContext,
) -> Build<'n, 'd> {
    Build {
        names: &model.names,
        compiler: Compiler::new(&model.names),
        desk,
        policies,
        private,
        citable: &[],
        ranges: model.states.iter().map(|s| s.range).collect(),
    }
}

/// Initial values in a table of keys such as `tension` and `"tie[A,B]"`, in the order of cells. As
/// in a variant, the more specific of two keys wins and a formula may draw; all that is wrong is
/// reported.
pub(crate) fn initial_values(
    model: &Model,
    table: &Table,
    desk: &mut ReadContext,
) -> BTreeMap<CellId, Expr> {
    let (policies, private) = named(model);
    let mut build = later(model, &policies, &private, desk);
    let mut changes = Vec::new();
    for path in table.entries.iter().flat_map(settings::paths) {
        let Some(change) = build.change(&path) else { continue };
        match change.value {
            Override::Initial(_) => changes.push(change),
            _ => {
                let text = format!("`{}` is no state", short(&path.name()));
                let wrong = Diagnostic::new(Code::Override, path.entry.place(), text);
                let help = "what a history replaces is where its rounds start from: states";
                build.desk.report.push(wrong.help(help));
            }
        }
    }
    let found = build.compiler.report.finish();
    found.into_iter().for_each(|diagnostic| desk.report.push(diagnostic));
    settings::contradictions(&changes, desk);
    changes.sort_by_key(|c| c.wide.as_ref().map_or(0, |w| w.rank));
    let mut all = BTreeMap::new();
    for change in changes {
        if let Override::Initial(list) = change.value {
            all.extend(list);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_no_file_names_on_windows() {
        for name in ["CON", "aux", "nul.toml", "Com1", "LPT9.tar.gz", "com0", "prn ", "COM¹"] {
            assert!(reserved_on_windows(name), "{name}");
        }
        for name in ["", "console", "com", "com10", "auxiliary", "a.nul", "lpt-1", "pact-aux"] {
            assert!(!reserved_on_windows(name), "{name}");
        }
    }
}
