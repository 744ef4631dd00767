//! The reader's desk: takes keys from tables, checks the kind of their values, and notes problems.

use std::collections::BTreeSet;

use super::files::Shelf;
use super::tree::{Entry, Item, Table, Value};
use crate::calendar::Calendar;
pub(crate) use crate::diagnostic::short;
use crate::diagnostic::{Code, Diagnostic, Report, Span, nearest, one_line, plain};
use crate::expr::{
    Ast, Compiler, Kind, Names, RESERVED, Role, Scope, Source, Statement, Word, parse,
    parse_statement, taken_as,
};
use crate::model::limits::Limit;

/// Names by which a list folds may stand for groups, which never stand where a call may.
const FOLDS: &[&str] = &["sum", "mean", "min", "max", "any", "all", "count"];

/// Up to how many names a message lists.
const FEW: usize = 12;

/// A formula as the file gives it: a number or a text.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// As it is written, without quotes.
    pub text: String,
    /// Where the formula stands.
    pub span: Span,
    /// Its tree; absent when it could not be read.
    pub ast: Option<Ast>,
    /// The number, when the file gives one, or a formula of nothing but numbers.
    pub number: Option<f64>,
}

/// An effect as the file gives it.
#[derive(Debug, Clone)]
pub(crate) struct WrittenEffect {
    pub text: String,
    pub statement: Option<Statement>,
}

/// What reading a file gathers besides values.
#[derive(Debug, Default)]
pub(crate) struct ReadContext {
    /// What is wrong.
    pub report: Report,
    /// Every word of every formula.
    pub mentions: BTreeSet<String>,
    /// Every key of `[sources]` that is cited.
    pub cited: BTreeSet<String>,
    /// Names whose definition failed so badly that formulas with them cannot be judged.
    pub poison: BTreeSet<String>,
    /// Tables by index that have a broken key, so that a missing cell is no news.
    pub gaps: BTreeSet<String>,
    /// How many cells the keys of tables fit, each key for itself.
    pub fitted: usize,
    /// The files that the scenario names.
    pub shelf: Shelf,
    /// The dates of rounds, where they are others than the text says.
    pub calendar: Option<Calendar>,
    /// Whether names are missing for a reason already reported, so that formulas cannot be judged.
    pub halt: bool,
}

/// The keys of a table, taken one by one; what is left over has no meaning.
pub(crate) struct Fields<'t> {
    left: Vec<&'t Entry>,
    known: Vec<&'static str>,
    /// Where to report what is missing.
    pub place: Span,
    /// What the table is, for messages.
    pub what: String,
}

impl<'t> Fields<'t> {
    pub fn new(table: &'t Table, place: Span, what: impl Into<String>) -> Self {
        Fields { left: table.entries.iter().collect(), known: Vec::new(), place, what: what.into() }
    }

    /// The entry of that key, if it is there.
    pub fn take(&mut self, key: &'static str) -> Option<&'t Entry> {
        self.known.push(key);
        let at = self.left.iter().position(|e| e.name() == key)?;
        Some(self.left.remove(at))
    }

    /// The entry of that key; its absence is an error.
    pub fn need(&mut self, key: &'static str, desk: &mut ReadContext) -> Option<&'t Entry> {
        let found = self.take(key);
        if found.is_none() {
            let text = format!("{} needs the key `{key}`", self.what);
            desk.error(Code::MissingKey, self.place, text);
        }
        found
    }

    /// Whether a key was given that nobody took.
    pub fn has_rest(&self) -> bool {
        !self.left.is_empty()
    }

    /// Reports what is left over.
    pub fn finish(self, desk: &mut ReadContext) {
        for entry in &self.left {
            let text = format!("{} has no key `{}`", self.what, entry.name());
            let close = nearest(entry.name(), self.known.iter().copied());
            let help = close.or_else(|| {
                let list: Vec<String> = self.known.iter().map(|k| format!("`{k}`")).collect();
                (!list.is_empty()).then(|| format!("its keys are {}", list.join(", ")))
            });
            let diagnostic = Diagnostic::new(Code::UnknownKey, entry.place(), text).help_if(help);
            desk.report.push(diagnostic);
        }
    }
}

impl ReadContext {
    pub fn error(&mut self, code: Code, span: Span, text: impl Into<String>) {
        self.report.push(Diagnostic::new(code, span, text));
    }

    /// An unknown name, with the nearest known one, or all where they are few.
    pub fn unknown<'n>(
        &mut self,
        kind: &str,
        name: &str,
        span: Span,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let text = format!("there is no {kind} `{name}`");
        let known: Vec<&str> = known.into_iter().collect();
        let help = nearest(name, known.iter().copied());
        let list = || {
            let all: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
            (1..=FEW).contains(&all.len()).then(|| format!("known here: {}", all.join(", ")))
        };
        let help = help.or_else(list);
        self.report.push(Diagnostic::new(Code::UnknownName, span, text).help_if(help));
    }

    /// A value of the wrong kind.
    pub fn wrong_kind(&mut self, item: &Item, what: &str, wanted: &str) {
        let text = format!("`{what}` is {wanted}, found {}", item.kind());
        self.error(Code::WrongKind, item.span, text);
    }

    /// The table of a section or definition.
    pub fn table<'t>(&mut self, entry: &'t Entry) -> Option<&'t Table> {
        match &entry.item.value {
            Value::Table(table) => Some(table),
            _ => {
                self.wrong_kind(&entry.item, entry.name(), "a table of keys and values");
                None
            }
        }
    }

    /// The elements of a list.
    pub fn list<'t>(&mut self, entry: &'t Entry) -> Option<&'t [Item]> {
        match &entry.item.value {
            Value::List(list) => Some(list),
            _ => {
                self.wrong_kind(&entry.item, entry.name(), "a list in square brackets");
                None
            }
        }
    }

    /// A text.
    pub fn source<'t>(&mut self, item: &'t Item, what: &str) -> Option<&'t Source> {
        match &item.value {
            Value::Text(source) => Some(source),
            _ => {
                self.wrong_kind(item, what, "text between quotes");
                None
            }
        }
    }

    /// A text, or nothing.
    pub fn text(&mut self, entry: Option<&Entry>) -> String {
        let Some(entry) = entry else {
            return String::new();
        };
        let found = self.source(&entry.item, entry.name());
        let found = found.map_or(String::new(), |source| plain(source.text()));
        if entry.name() == "title" { one_line(&found) } else { found }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, entry: &Entry) -> Option<bool> {
        match entry.item.value {
            Value::Flag(flag) => Some(flag),
            _ => {
                self.wrong_kind(&entry.item, entry.name(), "true or false");
                None
            }
        }
    }

    /// A finite number.
    pub fn number(&mut self, item: &Item, what: &str) -> Option<f64> {
        match item.value {
            Value::Number(number) if number.is_finite() => Some(number),
            Value::Number(number) => {
                let text = format!("`{what}` is {number}, not a finite number");
                self.error(Code::BadValue, item.span, text);
                None
            }
            _ => {
                self.wrong_kind(item, what, "a number");
                None
            }
        }
    }

    /// A whole number within limits.
    pub fn whole(&mut self, entry: &Entry, least: u64, most: u64) -> Option<u64> {
        let name = entry.name();
        let number = self.number(&entry.item, name)?;
        if number.fract() == 0.0 && number >= least as f64 && number <= most as f64 {
            return Some(number as u64);
        }
        let text = format!("`{name}` is a whole number from {least} to {most}, found {number}");
        self.error(Code::BadValue, entry.item.span, text);
        None
    }

    /// A whole number that may be asked for.
    pub fn limited(&mut self, entry: &Entry, limit: Limit) -> Option<u64> {
        self.whole(entry, limit.least, limit.most)
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, item: &Item, what: &str, all: &[(&str, T)]) -> Option<T> {
        let source = self.source(item, what)?;
        if let Some((_, found)) = all.iter().find(|(w, _)| *w == source.text()) {
            return Some(*found);
        }
        let list: Vec<String> = all.iter().map(|(w, _)| format!("`{w}`")).collect();
        let text =
            format!("`{what}` is one of {}, found `{}`", list.join(", "), short(source.text()));
        let help = nearest(source.text(), all.iter().map(|(w, _)| *w));
        let diagnostic = Diagnostic::new(Code::BadValue, source.whole(), text).help_if(help);
        self.report.push(diagnostic);
        None
    }

    /// A formula: a number or a text.
    pub fn formula(&mut self, item: &Item, what: &str) -> Written {
        let mut written = Written { text: String::new(), span: item.span, ast: None, number: None };
        match &item.value {
            Value::Number(_) => {
                if let Some(number) = self.number(item, what) {
                    written.text = number.to_string();
                    written.number = Some(number);
                    written.ast = Some(Ast { kind: Kind::Number(number), span: item.span });
                }
            }
            Value::Text(source) => {
                written.text = source.text().to_string();
                written.span = source.whole();
                self.mention(source.text());
                match parse(source) {
                    Ok(ast) => {
                        written.number = constant(&ast);
                        written.ast = Some(ast);
                    }
                    Err(diagnostic) => self.report.push(diagnostic),
                }
            }
            _ => self.wrong_kind(item, what, "a number or a formula between quotes"),
        }
        written
    }

    /// The effects of a move or event.
    pub fn effects(&mut self, entry: Option<&Entry>) -> Vec<WrittenEffect> {
        let Some(entry) = entry else {
            return Vec::new();
        };
        let items = match &entry.item.value {
            Value::List(list) => list.as_slice(),
            Value::Text(_) => std::slice::from_ref(&entry.item),
            _ => {
                self.wrong_kind(&entry.item, entry.name(), "a list of effects between quotes");
                return Vec::new();
            }
        };
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            let Some(source) = self.source(item, "an effect") else { continue };
            self.mention(source.text());
            let statement = match parse_statement(source) {
                Ok(statement) => Some(statement),
                Err(diagnostic) => {
                    self.report.push(diagnostic);
                    None
                }
            };
            all.push(WrittenEffect { text: source.text().to_string(), statement });
        }
        all
    }

    /// Notes every word of a text as read.
    pub fn mention(&mut self, text: &str) {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for word in text.split(|c| !letter(c)).filter(|w| !w.is_empty()) {
            if !self.mentions.contains(word) {
                self.mentions.insert(word.to_string());
            }
        }
    }

    /// Whether a key can be a name; if not, says why. `folds` allows the words of aggregates.
    pub fn identifier(&mut self, key: &Source, kind: &str, folds: bool) -> bool {
        let name = key.text();
        let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let span = key.whole();
        if !first || !plain {
            let text = format!("`{}` cannot be the name of {kind}", short(name));
            let help = "names are letters, digits and underscores and start with no digit";
            self.report.push(Diagnostic::new(Code::BadName, span, text).help(help));
            return false;
        }
        if RESERVED.contains(&name) && !(folds && FOLDS.contains(&name)) {
            let text = format!("`{name}` is {} and cannot name {kind}", taken_as(name));
            self.report
                .push(Diagnostic::new(Code::BadName, span, text).help("choose another name"));
            return false;
        }
        true
    }

    /// A key of `[sources]`, or `assumed`; empty when there is none.
    pub fn citation(&mut self, entry: Option<&Entry>, works: &[String]) -> String {
        let Some(entry) = entry else {
            return String::new();
        };
        let Some(source) = self.source(&entry.item, "source") else {
            return String::new();
        };
        self.cite(&Word { text: source.text().to_string(), span: source.whole() }, works);
        source.text().to_string()
    }

    /// Notes that a work is cited; an unknown one is reported.
    pub fn cite(&mut self, key: &Word, works: &[String]) {
        let Word { text: key, span } = key;
        if key == "assumed" || works.iter().any(|w| w == key) {
            self.cited.insert(key.to_string());
        } else {
            let known = works.iter().map(String::as_str).chain(["assumed"]);
            let text = format!("`{}` is not a key of [sources]", short(key));
            let help = nearest(key, known)
                .unwrap_or_else(|| "add it to [sources], or write `assumed`".to_string());
            self.report.push(Diagnostic::new(Code::UnknownName, *span, text).help(help));
        }
    }
}

/// The finite value of a formula that reads nothing.
fn constant(ast: &Ast) -> Option<f64> {
    fn reads_nothing(ast: &Ast) -> bool {
        match &ast.kind {
            Kind::Number(_) => true,
            Kind::Name(word, None) => word.text == "pi",
            Kind::Call(_, list) => list.iter().all(reads_nothing),
            Kind::Negate(a) | Kind::Not(a) => reads_nothing(a),
            Kind::Binary(_, a, b) => reads_nothing(a) && reads_nothing(b),
            _ => false,
        }
    }
    if !reads_nothing(ast) {
        return None;
    }
    let expr = Compiler::new(&Names::default()).number(ast, &mut Scope::new(Role::Parameter))?;
    expr.with(&|_| None).decided().filter(|x| x.is_finite())
}
