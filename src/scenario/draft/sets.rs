//! `[sets]`, and what quantities are indexed by.

use super::Draft;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Axis, MAX_AXES, Names, Set, Shape, Source, Symbol, Word};
use crate::scenario::csv::distinct;
use crate::scenario::even::even_step;
use crate::scenario::keys::split;
use crate::scenario::limits::{MAX_ELEMENTS, MAX_ENTRIES, exceeded, section};
use crate::scenario::read_context::{Fields, ReadContext, short};
use crate::scenario::tree::{Entry, Item, Table, Value};

impl Draft {
    pub(super) fn sets(&mut self, root: &Table, desk: &mut ReadContext) {
        let mut first = self.names.actors.len();
        for entry in section(root, "sets", MAX_ENTRIES, desk) {
            let number = self.names.sets.len();
            self.register(&entry.key, "a set", Symbol::Set(number), desk);
            let name = entry.name().to_string();
            let set = read(entry, desk).unwrap_or_else(|| {
                desk.poison.insert(name.clone());
                Set::default()
            });
            let count = set.elements.len();
            self.names.sets.push(Set { name, first, ..set });
            first += count;
            let all = first - self.names.actors.len();
            if all > MAX_ELEMENTS {
                exceeded(desk, entry.place(), all, MAX_ELEMENTS, "elements of sets");
                return;
            }
        }
    }
}

/// A set: evenly spaced numbers, a list of numbers or names, or what a column of a file holds.
/// `None` after a report.
fn read(entry: &Entry, desk: &mut ReadContext) -> Option<Set> {
    match &entry.item.value {
        Value::Table(table) if table.get("file").is_some() => {
            column(table, entry.place(), entry.name(), desk)
        }
        Value::Table(table) => spaced(table, entry.place(), entry.name(), desk),
        Value::List(list) if list.is_empty() => {
            desk.error(Code::BadValue, entry.item.span, "a set has one element at least");
            None
        }
        Value::List(list) if few(list.len(), entry.item.span, desk).is_none() => None,
        Value::List(list) if matches!(list[0].value, Value::Number(_)) => {
            let number = |item: &Item, desk: &mut ReadContext| {
                desk.number(item, entry.name()).map(|number| (number, item.span))
            };
            let found: Vec<Option<(f64, Span)>> = list.iter().map(|i| number(i, desk)).collect();
            numbers(found.into_iter().collect::<Option<_>>()?, desk)
        }
        Value::List(list) => {
            let found: Vec<Option<&Source>> =
                list.iter().map(|item| desk.source(item, "an element")).collect();
            named(&found.into_iter().collect::<Option<Vec<_>>>()?, desk)
        }
        _ => {
            let wanted = "a list of names or numbers, or `{ from = 0, to = 1, steps = 11 }`";
            desk.wrong_kind(&entry.item, entry.name(), wanted);
            None
        }
    }
}

/// `None` after a report where a set has more elements than all may have.
fn few(count: usize, span: Span, desk: &mut ReadContext) -> Option<()> {
    if count <= MAX_ELEMENTS {
        return Some(());
    }
    exceeded(desk, span, count, MAX_ELEMENTS, "elements of sets");
    None
}

fn numbers(list: Vec<(f64, Span)>, desk: &mut ReadContext) -> Option<Set> {
    let values: Vec<f64> = list.iter().map(|(value, _)| *value).collect();
    let twice = (1..values.len()).find(|at| values[..*at].contains(&values[*at]));
    if let Some(at) = twice {
        return repeated(list[at].1, &values[at].to_string(), desk);
    }
    let elements = values.iter().map(f64::to_string).collect();
    Some(Set { elements, values: Some(values), ..Set::default() })
}

fn repeated(span: Span, name: &str, desk: &mut ReadContext) -> Option<Set> {
    desk.error(Code::DuplicateName, span, format!("`{}` is in the set twice", short(name)));
    None
}

fn named(list: &[&Source], desk: &mut ReadContext) -> Option<Set> {
    let mut set = Set::default();
    for source in list {
        if !desk.identifier(source, "an element", false) {
            return None;
        }
        if set.elements.iter().any(|known| known == source.text()) {
            return repeated(source.whole(), source.text(), desk);
        }
        set.elements.push(source.text().to_string());
    }
    Some(set)
}

/// `{ file = "budgets.csv", column = "year" }`: the values of a column, each once, in the order of
/// the rows; numbers if all of them are.
fn column(table: &Table, place: Span, name: &str, desk: &mut ReadContext) -> Option<Set> {
    let mut fields = Fields::new(table, place, format!("the set `{name}`"));
    let file = fields.need("file", desk).and_then(|e| desk.source(&e.item, "file"));
    let column = fields.need("column", desk).and_then(|e| desk.source(&e.item, "column"));
    fields.finish(desk);
    let found = distinct(file?, column?, desk)?;
    if found.is_empty() {
        desk.error(Code::BadValue, place, "a set has one element at least");
        return None;
    }
    few(found.len(), place, desk)?;
    let number = |source: &Source| source.text().parse().ok().filter(|x: &f64| x.is_finite());
    let all: Option<Vec<(f64, Span)>> =
        found.iter().map(|source| Some((number(source)?, source.whole()))).collect();
    match all {
        Some(all) => numbers(all, desk),
        None => named(&found.iter().collect::<Vec<_>>(), desk),
    }
}

/// `{ from = 0, to = 1, steps = 11 }`: so many numbers, evenly spaced, both ends among them.
fn spaced(table: &Table, place: Span, name: &str, desk: &mut ReadContext) -> Option<Set> {
    let mut fields = Fields::new(table, place, format!("the set `{name}`"));
    let from = fields.need("from", desk).and_then(|e| desk.number(&e.item, "from"));
    let to = fields.need("to", desk).and_then(|e| desk.number(&e.item, "to"));
    let steps = fields.need("steps", desk).and_then(|e| desk.whole(e, 2, MAX_ELEMENTS as u64));
    fields.finish(desk);
    let (from, to, steps) = (from?, to?, steps?);
    let values: Vec<f64> = (0..steps).map(|k| even_step(from, to, k, steps - 1)).collect();
    if from < to && values.windows(2).all(|pair| pair[0] < pair[1]) {
        return numbers(values.into_iter().map(|value| (value, place)).collect(), desk);
    }
    let text = format!("there are no {steps} numbers from {from} to {to}");
    desk.report.push(Diagnostic::new(Code::BadRange, place, text).help("`from` is less than `to`"));
    None
}

/// The group or set of a name; one that is neither is reported.
pub(super) fn axis(word: &Word, names: &Names, desk: &mut ReadContext) -> Option<Axis> {
    desk.mention(&word.text);
    match names.symbols.get(&word.text) {
        Some(Symbol::Group(group)) => Some(Axis::Group(*group)),
        Some(Symbol::Set(set)) => Some(Axis::Set(*set)),
        _ => {
            if !desk.halt {
                let groups = names.groups.iter().map(|(g, _)| g.as_str());
                let known = groups.chain(names.sets.iter().map(|set| set.name.as_str()));
                desk.unknown(
                    "group or set",
                    &short(&word.text),
                    word.span,
                    known.chain(["actors"]),
                );
            }
            None
        }
    }
}

/// `of` or `each`: `none`, `dyad`, `directed dyad`, or up to four of `actor`, groups and sets.
/// `None` after a report.
pub(super) fn shape(entry: &Entry, names: &Names, desk: &mut ReadContext) -> Option<Shape> {
    let source = desk.source(&entry.item, entry.name())?;
    match source.text() {
        "none" => return Some(Shape::One),
        "actor" => return Some(Shape::Actor),
        "dyad" => return Some(Shape::Dyad),
        "directed dyad" => return Some(Shape::Directed),
        _ => {}
    }
    let words = split(source);
    let mut axes = [None; MAX_AXES];
    if words.len() > MAX_AXES {
        let text = format!("`{}` has at most {MAX_AXES} indices", entry.name());
        desk.error(Code::WrongIndices, source.whole(), text);
        return None;
    }
    for (place, word) in axes.iter_mut().zip(&words) {
        *place = match word.text.as_str() {
            "actor" => Some(Axis::Actors),
            _ if desk.poison.contains(&word.text) => return None,
            _ => match names.symbols.get(&word.text) {
                Some(Symbol::Group(_) | Symbol::Set(_)) => Some(axis(word, names, desk)?),
                _ => return unknown(word, entry.name(), names, desk),
            },
        };
    }
    Some(Shape::Grid(axes))
}

fn unknown(word: &Word, key: &str, names: &Names, desk: &mut ReadContext) -> Option<Shape> {
    if desk.halt {
        return None;
    }
    let text = format!(
        "`{key}` is `none`, `dyad`, `directed dyad`, or up to four of `actor`, groups and sets \
         with commas, found `{}`",
        short(&word.text)
    );
    let groups = names.groups.iter().map(|(g, _)| g.as_str());
    let known = groups.chain(names.sets.iter().map(|set| set.name.as_str()));
    let known = known.chain(["none", "actor", "dyad", "directed dyad"]);
    let help = crate::diagnostic::nearest(&word.text, known);
    desk.report.push(Diagnostic::new(Code::BadValue, word.span, text).help_if(help));
    None
}
