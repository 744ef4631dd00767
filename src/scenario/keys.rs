//! Tables by index: which of their keys holds for which cell.

use std::cmp::Ordering;

use super::limits::{MAX_FITTED, exceeded};
use super::read_context::{ReadContext, Written, short};
use super::tree::{Entry, Item, Value};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::{Axis, Names, Shape, Source, Symbol, Word, combinations};
use crate::model::ElementId;

/// What stands at one index of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Element(ElementId),
    Group(usize),
    Set(usize),
}

impl Part {
    /// What a word stands for where an actor, or an element of a set, is expected.
    pub fn of(word: &str, set: Option<usize>, names: &Names) -> Option<Part> {
        let wide = || match names.symbols.get(word) {
            Some(Symbol::Group(group)) => set.is_none().then_some(Part::Group(*group)),
            Some(Symbol::Set(found)) => (set == Some(*found)).then_some(Part::Set(*found)),
            _ => None,
        };
        names.find(set, word).map(Part::Element).or_else(wide)
    }

    /// The same; a word that stands for nothing is reported.
    pub fn find(
        word: &Word,
        set: Option<usize>,
        names: &Names,
        desk: &mut ReadContext,
    ) -> Option<Part> {
        let found = Part::of(&word.text, set, names);
        if found.is_none() && !desk.halt {
            let (what, known) = known(set, names);
            desk.unknown(&what, &short(&word.text), word.span, known);
        }
        if let Some(Part::Group(_) | Part::Set(_)) = found {
            desk.mention(&word.text);
        }
        found
    }

    fn holds(self, element: ElementId, names: &Names) -> bool {
        match self {
            Part::Element(own) => own == element,
            Part::Group(group) => Axis::Group(group).place(names, element).is_some(),
            Part::Set(set) => Axis::Set(set).place(names, element).is_some(),
        }
    }

    /// The only element it stands for, if it is one.
    fn alone(self, names: &Names) -> Option<ElementId> {
        let all = self.elements(names);
        all.first().filter(|_| all.len() == 1).copied()
    }

    /// All elements it stands for.
    pub fn elements(self, names: &Names) -> Vec<ElementId> {
        let mut all = match self {
            Part::Element(own) => vec![own],
            Part::Group(group) => Axis::Group(group).elements(names),
            Part::Set(set) => Axis::Set(set).elements(names),
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// What may stand in a key where an actor, or an element of a set, is expected: in words, and all.
fn known(set: Option<usize>, names: &Names) -> (String, Vec<&str>) {
    match set {
        None => {
            let groups = names.groups.iter().map(|(g, _)| g.as_str());
            let all = names.actors.iter().map(String::as_str).chain(groups);
            ("actor or group".to_string(), all.collect())
        }
        Some(set) => {
            let set = &names.sets[set];
            (
                format!("element of `{}`", set.name),
                set.elements.iter().map(String::as_str).collect(),
            )
        }
    }
}

/// Whether parts fit the indices of a cell; an undirected dyad is tried in either order.
pub(super) fn fits(parts: &[Part], shape: Shape, at: &[ElementId], names: &Names) -> bool {
    let straight = parts.iter().zip(at).all(|(p, a)| p.holds(*a, names));
    let crossed = || parts.iter().zip(at.iter().rev()).all(|(p, a)| p.holds(*a, names));
    parts.is_empty() || straight || (shape == Shape::Dyad && crossed())
}

/// The cells that parts fit, ascending, each with its indices: as many steps as there are. None
/// once all keys of the file fit too many together.
pub(super) fn fitting(
    parts: &[Part],
    shape: Shape,
    names: &Names,
    span: Span,
    desk: &mut ReadContext,
) -> Vec<(usize, Vec<ElementId>)> {
    let rows: Vec<Vec<ElementId>> = parts.iter().map(|part| part.elements(names)).collect();
    let most = match rows.as_slice() {
        [] => shape.cells(names),
        rows => rows.iter().fold(1_usize, |most, row| most.saturating_mul(row.len())),
    };
    desk.fitted = desk.fitted.saturating_add(most);
    if desk.fitted > MAX_FITTED {
        if !desk.halt {
            let what = "cells that the keys of tables fit, all together";
            exceeded(desk, span, desk.fitted, MAX_FITTED, what);
        }
        return Vec::new();
    }
    let cell = |mut at: Vec<ElementId>| {
        if shape == Shape::Dyad {
            at.sort_unstable();
        }
        shape.cell(names, &at).map(|cell| (cell, at))
    };
    let mut all: Vec<(usize, Vec<ElementId>)> = match parts {
        [] => shape.indices(names).into_iter().filter_map(cell).collect(),
        _ => combinations(rows.into_iter()).into_iter().filter_map(cell).collect(),
    };
    all.sort_unstable();
    all.dedup();
    all
}

/// How many actors and elements the parts name; the key that names most wins.
pub(super) fn rank(parts: &[Part]) -> usize {
    if parts.is_empty() {
        return 0;
    }
    1 + parts.iter().filter(|p| matches!(p, Part::Element(_))).count()
}

/// One entry of a table by index; `default` has no parts.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub parts: Vec<Part>,
    pub key: String,
    pub span: Span,
    pub value: Written,
}

/// A value for every cell, or a table by index.
#[derive(Debug, Clone)]
pub(super) enum Cells {
    One(Written),
    Table(Vec<Line>, Span),
}

impl Cells {
    /// All formulas.
    pub fn all(&self) -> Vec<&Written> {
        match self {
            Cells::One(written) => vec![written],
            Cells::Table(lines, _) => lines.iter().map(|l| &l.value).collect(),
        }
    }

    /// Per cell the formula that holds for it; what is missing or ambiguous is reported.
    pub fn resolve(
        &self,
        shape: Shape,
        what: &str,
        names: &Names,
        desk: &mut ReadContext,
    ) -> Vec<Option<&Written>> {
        let cells = shape.indices(names);
        let (lines, span) = match self {
            Cells::One(written) => return vec![Some(written); cells.len()],
            Cells::Table(lines, span) => (lines, *span),
        };
        let best = best(lines, shape, names, desk);
        let mut missing: Vec<String> = Vec::new();
        let mut all = Vec::with_capacity(cells.len());
        for (at, winners) in cells.iter().zip(best) {
            if winners.is_none() {
                missing.push(names.label(what, at));
            }
            if let Some((first, Some(second))) = winners {
                ambiguous(first, second, &names.label(what, at), desk);
            }
            all.push(winners.map(|(first, _)| &first.value));
        }
        // a broken key may be the one that was meant for the cell
        let known = desk.gaps.contains(what) || desk.fitted > MAX_FITTED;
        if let (Some(first), false) = (missing.first(), known) {
            let text = match missing.len() {
                1 => format!("there is no value for `{first}`"),
                n => format!("there is no value for `{first}` and {} more", n - 1),
            };
            desk.report.push(
                Diagnostic::new(Code::MissingValue, span, text)
                    .help("name the cell, a group that holds it, or give `default`"),
            );
        }
        all
    }
}

/// The first two of the most specific lines that fit a cell, if there are any.
type Winners<'l> = Option<(&'l Line, Option<&'l Line>)>;

/// By cell, the most specific lines, in file order. Lines go to the cells they fit, and not cells
/// through all lines, so that a table with a key for every cell takes one step for each.
fn best<'l>(
    lines: &'l [Line],
    shape: Shape,
    names: &Names,
    desk: &mut ReadContext,
) -> Vec<Winners<'l>> {
    let mut all: Vec<Winners> = vec![None; shape.cells(names)];
    for line in lines {
        let own = rank(&line.parts);
        for (cell, _) in fitting(&line.parts, shape, names, line.span, desk) {
            let winners = &mut all[cell];
            match winners {
                Some((first, second)) => match own.cmp(&rank(&first.parts)) {
                    Ordering::Greater => *winners = Some((line, None)),
                    Ordering::Equal if second.is_none() => *second = Some(line),
                    _ => {}
                },
                None => *winners = Some((line, None)),
            }
        }
    }
    all
}

fn ambiguous(first: &Line, second: &Line, label: &str, desk: &mut ReadContext) {
    let text =
        format!("`{}` and `{}` fit `{label}` equally well", short(&first.key), short(&second.key));
    desk.report.push(
        Diagnostic::new(Code::Ambiguous, second.span, text)
            .label(first.span, "the other key")
            .help(format!("give `{label}` a key of its own")),
    );
}

/// The parts of a key such as `A`, `east` or `A, east`.
pub(crate) fn split(key: &Source) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    for piece in key.text().split(',') {
        let start = at + (piece.len() - piece.trim_start().len());
        let end = (at + piece.trim_end().len()).max(start);
        words.push(Word { text: piece.trim().to_string(), span: key.span(start, end) });
        at += piece.len() + 1;
    }
    words
}

/// Resolves the words of a key against a shape; `None` after a report.
pub(super) fn parts(
    words: &[Word],
    whole: Span,
    shape: Shape,
    names: &Names,
    desk: &mut ReadContext,
) -> Option<Vec<Part>> {
    let axes = shape.axes();
    let set = |at: usize| axes.get(at).and_then(|axis| axis.set());
    let found: Vec<Option<Part>> =
        words.iter().enumerate().map(|(at, w)| Part::find(w, set(at), names, desk)).collect();
    if words.len() != shape.arity() {
        let text = match shape.arity() {
            0 => "this quantity has no index".to_string(),
            1 => format!("one actor or group was expected, found {}", words.len()),
            2 if shape.is_pair() => {
                format!("two actors or groups with a comma were expected, found {}", words.len())
            }
            n => format!("{n} indices with commas were expected, found {}", words.len()),
        };
        desk.error(Code::WrongIndices, whole, text);
        return None;
    }
    let parts: Vec<Part> = found.into_iter().collect::<Option<_>>()?;
    for ((part, axis), word) in parts.iter().zip(&axes).zip(words) {
        if !part.elements(names).iter().any(|element| axis.place(names, *element).is_some()) {
            let group = axis.word(names);
            let text = format!("`{}` is not in `{group}`, so there is no such cell", word.text);
            desk.error(Code::WrongIndices, word.span, text);
            return None;
        }
    }
    // a pair of an actor with itself is all that two parts can stand for without a cell
    let alone: Vec<Option<ElementId>> = parts.iter().map(|part| part.alone(names)).collect();
    if let [Some(one), Some(other)] = alone.as_slice()
        && one == other
        && shape.is_pair()
    {
        desk.report.push(
            Diagnostic::new(Code::Diagonal, whole, "this pair has the same actor twice")
                .help("a pair has two different actors"),
        );
        return None;
    }
    Some(parts)
}

/// Reads a value that may be a table by index. A key that cannot be resolved leaves a gap.
pub(super) fn cells(
    item: &Item,
    key: &str,
    shape: Shape,
    what: &str,
    names: &Names,
    desk: &mut ReadContext,
) -> Cells {
    let Value::Table(table) = &item.value else {
        return Cells::One(desk.formula(item, key));
    };
    if shape == Shape::One {
        let text = format!("`{what}` has no index, so `{key}` is one number or formula");
        desk.report.push(
            Diagnostic::new(Code::WrongKind, item.span, text)
                .help("add `of = \"actor\"` or `of = \"dyad\"`, or remove the table"),
        );
        return Cells::Table(Vec::new(), item.span);
    }
    let lines = lines(&table.entries, shape, what, names, desk);
    Cells::Table(lines, item.span)
}

/// Reads the entries of a table by index.
pub(super) fn lines(
    entries: &[Entry],
    shape: Shape,
    what: &str,
    names: &Names,
    desk: &mut ReadContext,
) -> Vec<Line> {
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        let value = desk.formula(&entry.item, entry.name());
        let found = if entry.name() == "default" {
            Some(Vec::new())
        } else {
            line_parts(entry, shape, names, desk)
        };
        match found {
            Some(parts) => lines.push(Line {
                parts,
                key: entry.name().to_string(),
                span: entry.place(),
                value,
            }),
            None => {
                desk.gaps.insert(what.to_string());
            }
        }
    }
    lines
}

fn line_parts(
    entry: &Entry,
    shape: Shape,
    names: &Names,
    desk: &mut ReadContext,
) -> Option<Vec<Part>> {
    let words = split(&entry.key);
    if let ([word], [axis]) = (words.as_slice(), shape.axes().as_slice()) {
        // `default` misspelt looks like an unknown actor
        if Part::of(&word.text, axis.set(), names).is_none() {
            if desk.halt {
                return None;
            }
            let (what, known) = known(axis.set(), names);
            let text = format!("there is no {what} `{}`", short(&word.text));
            let help = nearest(&word.text, known.into_iter().chain(["default"]));
            let diagnostic = Diagnostic::new(Code::UnknownName, word.span, text).help_if(help);
            desk.report.push(diagnostic);
            return None;
        }
    }
    parts(&words, entry.place(), shape, names, desk)
}
