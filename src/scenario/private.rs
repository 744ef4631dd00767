//! `[types.A]`: what only an actor knows about itself.

use std::collections::BTreeMap;

use super::build::{Build, hole};
use super::draft::is_truth;
use super::keys::{Cells, fits};
use super::limits::{MAX_ENTRIES, section};
use super::override_keys::{Wide, ties};
use super::read_context::{Fields, Written, short};
use super::tree::{Entry, Table, Value};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::{Expr, Role, Scope, Shape};
use crate::model::{ActorType, Private};

impl Build<'_, '_> {
    pub fn types(&mut self, root: &Table) -> Vec<Private> {
        let mut all = Vec::new();
        // which actor's types set a cell, and where
        let mut setters: BTreeMap<usize, (usize, Span)> = BTreeMap::new();
        for entry in section(root, "types", MAX_ENTRIES, self.desk) {
            let Some(actor) = self.names.actor(entry.name()) else { continue };
            let Value::Table(table) = &entry.item.value else { continue };
            let mut private =
                Private { actor, kinds: Vec::new(), true_type: None, span: entry.place() };
            for kind in &table.entries {
                if is_truth(kind) {
                    private.true_type = self.truth_of(actor, kind);
                } else {
                    private.kinds.push(self.kind(actor, kind, &mut setters));
                }
            }
            all.push(private);
        }
        all
    }

    /// The type that `truth` names.
    pub fn truth_of(&mut self, actor: usize, entry: &Entry) -> Option<usize> {
        let source = self.desk.source(&entry.item, "truth")?;
        let known = &self.names.types[actor];
        let found = known.iter().position(|k| k == source.text());
        if found.is_none() {
            let kind = format!("type of {}", self.names.actors[actor]);
            let known = known.iter().map(String::as_str);
            self.desk.unknown(&kind, &short(source.text()), source.whole(), known);
        }
        found
    }

    fn kind(
        &mut self,
        actor: usize,
        entry: &Entry,
        setters: &mut BTreeMap<usize, (usize, Span)>,
    ) -> ActorType {
        let count = self.names.actors.len();
        let mut kind = ActorType { chance: None, priors: vec![None; count], set: Vec::new() };
        let Some(table) = self.desk.table(entry) else {
            return kind;
        };
        let what = format!("the type `{}`", entry.name());
        let mut fields = Fields::new(table, entry.place(), what);
        self.desk.text(fields.take("title"));
        self.desk.text(fields.take("note"));
        self.desk.citation(fields.take("source"), self.citable);
        if let Some(prior) = fields.need("prior", self.desk) {
            self.prior(actor, prior, &mut kind);
        }
        if let Some(table) = fields.take("set").and_then(|e| self.desk.table(e)) {
            kind.set = self.type_set(actor, table, setters);
        }
        fields.finish(self.desk);
        kind
    }

    fn prior(&mut self, actor: usize, entry: &Entry, kind: &mut ActorType) {
        let what = format!("{}'s prior", self.names.actors[actor]);
        let names = self.names;
        let cells = super::keys::cells(&entry.item, "prior", Shape::Actor, &what, names, self.desk);
        match &cells {
            Cells::One(written) => {
                kind.chance = self.chance(written);
                for (observer, place) in kind.priors.iter_mut().enumerate() {
                    *place = kind.chance.clone().filter(|_| observer != actor);
                }
            }
            Cells::Table(lines, span) => {
                let default = lines.iter().find(|l| l.parts.is_empty());
                kind.chance = default.and_then(|l| self.chance(&l.value));
                let covers = |observer: usize| {
                    lines.iter().any(|l| fits(&l.parts, Shape::Actor, &[observer], names))
                };
                // nobody has a prior about itself
                let missing = (0..names.actors.len()).find(|o| *o != actor && !covers(*o));
                if let (Some(observer), false) = (missing, self.desk.gaps.contains(&what)) {
                    let text = format!("there is no prior for {}", names.actors[observer]);
                    self.desk.report.push(
                        Diagnostic::new(Code::MissingValue, *span, text)
                            .help("name the observer, its group, or give `default`"),
                    );
                }
                self.desk.gaps.insert(what.clone());
                let found = cells.resolve(Shape::Actor, &what, names, self.desk);
                for (observer, value) in found.into_iter().enumerate() {
                    let value = value.filter(|_| observer != actor);
                    kind.priors[observer] = value.and_then(|w| self.chance(w));
                }
            }
        }
    }

    fn chance(&mut self, written: &Written) -> Option<Expr> {
        if let Some(number) = written.number.filter(|n| !(0.0..=1.0).contains(n)) {
            let text = format!("{number} is not a probability");
            self.desk.error(Code::Prior, written.span, text);
            return None;
        }
        self.number(written, &mut Scope::new(Role::Parameter))
    }

    fn type_set(
        &mut self,
        actor: usize,
        table: &Table,
        setters: &mut BTreeMap<usize, (usize, Span)>,
    ) -> Vec<(usize, Expr)> {
        let mut wide: Vec<(Wide, Vec<(usize, Expr)>)> = Vec::new();
        for entry in &table.entries {
            let written = self.desk.formula(&entry.item, entry.name());
            let Some(key) = self.wide(&entry.key) else { continue };
            if key.state {
                let text = format!("`{}` is state; a type sets parameters", short(entry.name()));
                let known = self.names.parameters.iter().map(|p| p.name.as_str());
                let help = nearest(entry.name(), known);
                let diagnostic = Diagnostic::new(Code::Override, key.span, text).help_if(help);
                self.desk.report.push(diagnostic);
                continue;
            }
            let mut list = Vec::with_capacity(key.cells.len());
            for (cell, at) in &key.cells {
                let mut scope = Self::indexed(Role::Parameter, at);
                let value = self.number(&written, &mut scope);
                list.push((*cell, value.unwrap_or_else(|| hole(key.span))));
                let (other, first) = *setters.entry(*cell).or_insert((actor, key.span));
                if other != actor {
                    let text = format!(
                        "types of {} and of {} set the same parameter",
                        self.names.actors[other], self.names.actors[actor]
                    );
                    self.desk.report.push(
                        Diagnostic::new(Code::TypeCell, key.span, text)
                            .label(first, "also set here"),
                    );
                }
            }
            wide.push((key, list));
        }
        ties(wide.iter().map(|(key, _)| key), self.desk);
        wide.sort_by_key(|(key, _)| key.rank);
        wide.into_iter().flat_map(|(_, list)| list).collect()
    }
}
