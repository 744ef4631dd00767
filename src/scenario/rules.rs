//! `[dynamics]`: which rule holds for which cell, and whether it treats both ends of a dyad alike.

use std::collections::BTreeMap;

use super::build::{Build, indices, mentions};
use super::keys::Part;
use super::limits::{MAX_ENTRIES, section};
use super::read_context::{ReadContext, Written};
use super::tree::Table;
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::{
    Axis, Expr, Head, Names, RESERVED, Role, Scope, Shape, Symbol, Word, parse_head,
};
use crate::model::{Cell, CellId, ElementId, IndexVec};

/// An index on the left-hand side of a rule.
#[derive(Debug, Clone)]
enum Slot {
    Element(ElementId),
    /// A name, and the group or set it is restricted to.
    Bound(String, Option<Axis>),
}

impl Slot {
    fn holds(&self, element: ElementId, names: &Names) -> bool {
        match self {
            Slot::Element(own) => *own == element,
            Slot::Bound(_, None) => true,
            Slot::Bound(_, Some(axis)) => axis.place(names, element).is_some(),
        }
    }
}

/// A rule of `[dynamics]`.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    state: usize,
    slots: Vec<Slot>,
    key: String,
    span: Span,
    pub written: Written,
}

impl Rule {
    fn fits(&self, at: &[ElementId], names: &Names) -> bool {
        self.slots.iter().zip(at).all(|(slot, element)| slot.holds(*element, names))
    }

    /// Most actors first, then most indices bound to a group.
    fn rank(&self) -> (usize, usize) {
        let actors = self.slots.iter().filter(|s| matches!(s, Slot::Element(_))).count();
        let groups = self.slots.iter().filter(|s| matches!(s, Slot::Bound(_, Some(_)))).count();
        (actors, groups)
    }

    /// The order of the indices in which the rule fits, the cell's own order first.
    fn order(&self, shape: Shape, at: &[ElementId], names: &Names) -> Option<Vec<ElementId>> {
        if self.fits(at, names) {
            return Some(at.to_vec());
        }
        if shape != Shape::Dyad {
            return None;
        }
        let crossed: Vec<ElementId> = at.iter().rev().copied().collect();
        self.fits(&crossed, names).then_some(crossed)
    }

    /// What the indices stand for in a cell, for a formula of the dynamics.
    pub fn scope(&self, at: &[ElementId], cell: CellId) -> Scope {
        let mut scope = Scope::new(Role::Effect);
        for (slot, element) in self.slots.iter().zip(at) {
            if let Slot::Bound(name, _) = slot {
                scope = scope.with(name, *element);
            }
        }
        scope.unit(cell.index())
    }

    /// Whether both orders of the ends of a dyad fit and neither is named.
    pub fn turns(&self, shape: Shape, at: &[ElementId], names: &Names) -> bool {
        let crossed: Vec<ElementId> = at.iter().rev().copied().collect();
        shape == Shape::Dyad
            && self.slots.iter().all(|s| matches!(s, Slot::Bound(..)))
            && self.fits(at, names)
            && self.fits(&crossed, names)
    }
}

impl Build<'_, '_> {
    /// All rules, and by cell the number of the one that holds; `next` of the cells is set.
    pub fn dynamics(
        &mut self,
        root: &Table,
        cells: &mut IndexVec<CellId, Cell>,
    ) -> (Vec<Rule>, IndexVec<CellId, Option<usize>>) {
        let mut rules: Vec<Rule> = Vec::new();
        for entry in section(root, "dynamics", MAX_ENTRIES, self.desk) {
            let written = self.desk.formula(&entry.item, entry.name());
            match parse_head(&entry.key) {
                Ok(head) => rules.extend(self.rule(&head, entry.place(), entry.name(), written)),
                Err(diagnostic) => self.desk.report.push(diagnostic),
            }
        }
        let mut holding = IndexVec::filled(None, cells.len());
        let mut used = vec![false; rules.len()];
        for (number, cell) in cells.enumerate_mut() {
            let shape = self.names.states[cell.state].shape;
            let found = best(&rules, cell, shape, self.names, self.desk);
            for (rule, _) in &found {
                used[*rule] = true;
            }
            let Some((rule, at)) = found.into_iter().next() else { continue };
            holding[number] = Some(rule);
            let mut scope = rules[rule].scope(&at, number);
            cell.next = self.number(&rules[rule].written, &mut scope);
        }
        self.idle(&rules, cells);
        (rules, holding)
    }

    fn rule(&mut self, head: &Head, span: Span, key: &str, written: Written) -> Option<Rule> {
        let state = self.state_named(&head.name.text, head.name.span)?;
        if self.desk.poison.contains(&head.name.text) {
            return None;
        }
        let axes = self.names.states[state].shape.axes();
        let arity = axes.len();
        if head.indices.len() != arity {
            let (needed, found) = (indices(arity), head.indices.len());
            let text = format!("`{}` takes {needed}, found {found}", head.name.text);
            self.desk.error(Code::WrongIndices, span, text);
            return None;
        }
        let mut slots: Vec<Slot> = Vec::with_capacity(arity);
        for ((word, group), axis) in head.indices.iter().zip(&axes) {
            if let (Some(element), None) = (self.names.find(axis.set(), &word.text), group) {
                slots.push(Slot::Element(element));
                continue;
            }
            let twice = slots.iter().any(|s| matches!(s, Slot::Bound(n, _) if *n == word.text));
            let taken = self.names.symbols.contains_key(&word.text);
            if twice || taken || RESERVED.contains(&word.text.as_str()) {
                let text = format!("the index `{}` has a name that is taken", word.text);
                let help = matches!(
                    self.names.symbols.get(&word.text),
                    Some(Symbol::Group(_) | Symbol::Set(_))
                );
                let help = help.then(|| format!("bind an index: `k in {}`", word.text));
                self.desk
                    .report
                    .push(Diagnostic::new(Code::DuplicateName, word.span, text).help_if(help));
                return None;
            }
            if word.text.parse::<f64>().is_ok() {
                let text = format!("`{}` is no element of `{}`", word.text, axis.word(self.names));
                self.desk.error(Code::UnknownName, word.span, text);
                return None;
            }
            let mut found = None;
            if let Some(group) = group.as_ref().filter(|g| g.text != "actors") {
                found = Some(axis_of(group, axis.set(), self.names, self.desk)?);
            }
            slots.push(Slot::Bound(word.text.clone(), found));
        }
        let close = head.indices.iter().find(|(w, g)| {
            g.is_none() && w.text.len() > 1 && w.text.chars().all(|c| c.is_ascii_uppercase())
        });
        if let Some((word, _)) = close.filter(|(w, _)| self.names.actor(&w.text).is_none()) {
            // a free index may have any name, but one in capitals next to an actor's is a slip
            let known = self.names.actors.iter().map(String::as_str);
            if let Some(help) = nearest(&word.text, known) {
                let text = format!("there is no actor `{}`", word.text);
                let diagnostic = Diagnostic::new(Code::UnknownName, word.span, text).help(help);
                self.desk.report.push(diagnostic);
                return None;
            }
        }
        Some(Rule { state, slots, key: key.to_string(), span, written })
    }

    /// Rules that fit no cell at all.
    fn idle(&mut self, rules: &[Rule], cells: &[Cell]) {
        for rule in rules {
            let shape = self.names.states[rule.state].shape;
            let fits =
                |c: &Cell| c.state == rule.state && rule.order(shape, &c.at, self.names).is_some();
            let known = cells.iter().any(|c| c.state == rule.state);
            if known && !cells.iter().any(fits) {
                let text = format!("`{}` fits no cell: a pair has two different actors", rule.key);
                self.desk.error(Code::Diagonal, rule.span, text);
            }
        }
    }
}

/// The group or set that a word names where actors, or elements of a set, are expected; what does
/// not is reported.
pub(super) fn axis_of(
    word: &Word,
    set: Option<usize>,
    names: &Names,
    desk: &mut ReadContext,
) -> Option<Axis> {
    desk.mention(&word.text);
    match Part::of(&word.text, set, names) {
        Some(Part::Group(group)) => Some(Axis::Group(group)),
        Some(Part::Set(set)) => Some(Axis::Set(set)),
        _ => {
            let known: Vec<&str> = match set {
                None => names.groups.iter().map(|(g, _)| g.as_str()).collect(),
                Some(set) => vec![&names.sets[set].name],
            };
            let what = if set.is_none() { "group" } else { "set" };
            desk.unknown(what, &word.text, word.span, known);
            None
        }
    }
}

/// The rules that fit a cell best, each with the order of indices; more than one is reported.
fn best(
    rules: &[Rule],
    cell: &Cell,
    shape: Shape,
    names: &Names,
    desk: &mut ReadContext,
) -> Vec<(usize, Vec<ElementId>)> {
    let fitting: Vec<(usize, Vec<ElementId>)> = rules
        .iter()
        .enumerate()
        .filter(|(_, r)| r.state == cell.state)
        .filter_map(|(number, r)| r.order(shape, &cell.at, names).map(|at| (number, at)))
        .collect();
    let Some(top) = fitting.iter().map(|(r, _)| rules[*r].rank()).max() else {
        return Vec::new();
    };
    let found: Vec<_> = fitting.into_iter().filter(|(r, _)| rules[*r].rank() == top).collect();
    if let [(first, _), (second, _), ..] = found.as_slice() {
        let (first, second) = (&rules[*first], &rules[*second]);
        let text =
            format!("`{}` and `{}` fit `{}` equally well", first.key, second.key, cell.label);
        desk.report.push(
            Diagnostic::new(Code::Ambiguous, second.span, text)
                .label(first.span, "the other rule")
                .help(format!("give `{}` a rule of its own", cell.label)),
        );
    }
    found
}

/// The compiled pair of a rule read from either end of an undirected dyad.
pub(super) struct Turned {
    pub rule: usize,
    pub cell: CellId,
    pub straight: Expr,
    pub crossed: Expr,
}

/// Rules that could depend on which end of a dyad is which, compiled from both ends.
pub(super) fn turned(
    build: &mut Build<'_, '_>,
    rules: &[Rule],
    holding: &IndexVec<CellId, Option<usize>>,
    cells: &IndexVec<CellId, Cell>,
) -> Vec<Turned> {
    let mut all = Vec::new();
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, cell) in cells.enumerate() {
        let Some(rule) = holding[number] else { continue };
        let shape = build.names.states[cell.state].shape;
        let indexed = rules[rule].written.ast.as_ref().is_some_and(|ast| {
            mentions(ast, &|w| {
                rules[rule].slots.iter().any(|s| matches!(s, Slot::Bound(n, _) if n == w))
            })
        });
        // a rule is the same formula everywhere: some cells are enough to find it out
        let count = seen.entry(rule).or_default();
        if !indexed || *count >= 20 || !rules[rule].turns(shape, &cell.at, build.names) {
            continue;
        }
        *count += 1;
        let crossed: Vec<ElementId> = cell.at.iter().rev().copied().collect();
        let mut scope = rules[rule].scope(&cell.at, number);
        let straight = build.number(&rules[rule].written, &mut scope);
        let mut scope = rules[rule].scope(&crossed, number);
        let crossed = build.number(&rules[rule].written, &mut scope);
        if let (Some(straight), Some(crossed)) = (straight, crossed) {
            all.push(Turned { rule, cell: number, straight, crossed });
        }
    }
    all
}
