//! Keys that name cells to be set: `w`, `w[CHN]`, `tie[east, PRK]`.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Build;
use super::keys::{Part, fitting, parts, rank};
use super::read_context::{ReadContext, short};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::{Source, Symbol, Word, parse_head};
use crate::model::ElementId;

/// A key that names cells of a parameter or a state.
#[derive(Debug, Clone)]
pub(super) struct Wide {
    pub state: bool,
    /// The parameter or state.
    pub number: usize,
    /// Cells, numbered among all of their kind, with their indices.
    pub cells: Vec<(usize, Vec<ElementId>)>,
    /// How specific it is; greater wins.
    pub rank: usize,
    pub key: String,
    pub span: Span,
}

/// The keys that can be set.
pub(super) const FORMS: &str = "a key is a parameter or a state, as `w`, `w[A]` or `tie[A, B]`, or \
                                `types.A.truth`, `decision.KEY`, `decision.A.KEY`";

impl Build<'_, '_> {
    /// Resolves such a key; `None` after a report.
    pub fn wide(&mut self, key: &Source) -> Option<Wide> {
        let head = match parse_head(key) {
            Ok(head) => head,
            Err(_) if key.text().contains('.') => {
                let first = key.text().split('.').next().unwrap_or_default();
                let text = format!("there is nothing to set called `{}`", short(key.text()));
                let help =
                    nearest(first, ["types", "decision"]).unwrap_or_else(|| FORMS.to_string());
                let diagnostic = Diagnostic::new(Code::UnknownName, key.whole(), text).help(help);
                self.desk.report.push(diagnostic);
                return None;
            }
            Err(diagnostic) => {
                let help = diagnostic.help.clone().unwrap_or_else(|| FORMS.to_string());
                self.desk.report.push(diagnostic.help(help));
                return None;
            }
        };
        let word = &head.name;
        if self.desk.poison.contains(&word.text) {
            return None;
        }
        let names = self.names;
        let (state, number, quantity) = match names.symbols.get(&word.text) {
            Some(Symbol::Parameter(k)) => (false, *k, &names.parameters[*k]),
            Some(Symbol::State(k)) => (true, *k, &names.states[*k]),
            Some(_) => {
                let text = format!("`{}` is neither a parameter nor a state", word.text);
                self.desk.report.push(Diagnostic::new(Code::Override, word.span, text).help(FORMS));
                return None;
            }
            None => {
                let known = names.parameters.iter().chain(&names.states).map(|q| q.name.as_str());
                let text = format!("there is no parameter or state `{}`", short(&word.text));
                let help = nearest(&word.text, known.chain(["types", "decision"]))
                    .unwrap_or_else(|| FORMS.to_string());
                let diagnostic = Diagnostic::new(Code::UnknownName, word.span, text).help(help);
                self.desk.report.push(diagnostic);
                return None;
            }
        };
        let mut found: Vec<Part> = Vec::new();
        if !head.indices.is_empty() {
            if let Some((_, Some(group))) = head.indices.iter().find(|(_, g)| g.is_some()) {
                let text = "an index is an actor, a group, a set or an element here";
                self.desk.error(Code::WrongIndices, group.span, text);
                return None;
            }
            let words: Vec<Word> = head.indices.iter().map(|(w, _)| w.clone()).collect();
            let whole = words.iter().fold(word.span, |s, w| s.to(w.span));
            found = parts(&words, whole, quantity.shape, names, self.desk)?;
        }
        let cells = fitting(&found, quantity.shape, names, key.whole(), self.desk)
            .into_iter()
            .map(|(cell, at)| (quantity.first + cell, at))
            .collect();
        Some(Wide {
            state,
            number,
            cells,
            rank: rank(&found),
            key: key.text().to_string(),
            span: key.whole(),
        })
    }
}

/// Reports cells for which two keys of equal rank are the most specific ones.
pub(super) fn ties<'w>(keys: impl Iterator<Item = &'w Wide>, desk: &mut ReadContext) {
    let keys: Vec<&Wide> = keys.collect();
    // by cell of a parameter or a state, the first of the most specific keys, and all others
    let mut top: BTreeMap<(bool, usize), usize> = BTreeMap::new();
    let mut tied: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (number, key) in keys.iter().enumerate() {
        for (cell, _) in &key.cells {
            let first = top.entry((key.state, *cell)).or_insert(number);
            if key.rank > keys[*first].rank {
                *first = number;
            }
        }
    }
    for (number, key) in keys.iter().enumerate() {
        for (cell, _) in &key.cells {
            let first = top[&(key.state, *cell)];
            if first != number && keys[first].rank == key.rank {
                tied.insert((number, first));
            }
        }
    }
    for (second, first) in tied {
        let (first, second) = (keys[first], keys[second]);
        let (one, other) = (short(&first.key), short(&second.key));
        let (text, help) = match one == other {
            true => (format!("`{one}` is set twice"), "leave one of the two away"),
            false => (
                format!("`{one}` and `{other}` set the same cell"),
                "give the cell a key of its own",
            ),
        };
        desk.report.push(
            Diagnostic::new(Code::Ambiguous, second.span, text)
                .label(first.span, "the other key")
                .help(help),
        );
    }
}
