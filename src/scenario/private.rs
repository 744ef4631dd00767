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
use crate::model::{ActorId, ActorType, IndexVec, Private};

impl Build<'_, '_> {
    pub fn types(&mut self, root: &Table) -> Vec<Private> {
        let mut all = Vec::new();
        // which actor's types set a cell, and where
        let mut setters: BTreeMap<usize, (ActorId, Span)> = BTreeMap::new();
        for entry in section(root, "types", MAX_ENTRIES, self.desk) {
            let Some(actor) = self.names.actor(entry.name()) else { continue };
            let Value::Table(table) = &entry.item.value else { continue };
            let mut private =
                Private { actor, types: Vec::new(), true_type: None, span: entry.place() };
            for own in &table.entries {
                if is_truth(own) {
                    private.true_type = self.truth_of(actor, own);
                } else {
                    private.types.push(self.actor_type(actor, own, &mut setters));
                }
            }
            all.push(private);
        }
        all
    }

    /// The type that `truth` names.
    pub fn truth_of(&mut self, actor: ActorId, entry: &Entry) -> Option<usize> {
        let source = self.desk.source(&entry.item, "truth")?;
        let known = &self.names.types[actor];
        let found = known.iter().position(|k| k == source.text());
        if found.is_none() {
            let what = format!("type of {}", self.names.actors[actor]);
            let known = known.iter().map(String::as_str);
            self.desk.unknown(&what, &short(source.text()), source.whole(), known);
        }
        found
    }

    fn actor_type(
        &mut self,
        actor: ActorId,
        entry: &Entry,
        setters: &mut BTreeMap<usize, (ActorId, Span)>,
    ) -> ActorType {
        let count = self.names.actors.len();
        let mut found =
            ActorType { chance: None, priors: IndexVec::filled(None, count), set: Vec::new() };
        let Some(table) = self.desk.table(entry) else {
            return found;
        };
        let what = format!("the type `{}`", entry.name());
        let mut fields = Fields::new(table, entry.place(), what);
        self.desk.text(fields.take("title"));
        self.desk.text(fields.take("note"));
        self.desk.citation(fields.take("source"), self.citable);
        if let Some(prior) = fields.need("prior", self.desk) {
            self.prior(actor, prior, &mut found);
        }
        if let Some(table) = fields.take("set").and_then(|e| self.desk.table(e)) {
            found.set = self.type_set(actor, table, setters);
        }
        fields.finish(self.desk);
        found
    }

    fn prior(&mut self, actor: ActorId, entry: &Entry, own: &mut ActorType) {
        let what = format!("{}'s prior", self.names.actors[actor]);
        let names = self.names;
        let cells = super::keys::cells(&entry.item, "prior", Shape::Actor, &what, names, self.desk);
        match &cells {
            Cells::One(written) => {
                own.chance = self.chance(written);
                for (observer, prior) in own.priors.enumerate_mut() {
                    *prior = own.chance.clone().filter(|_| observer != actor);
                }
            }
            Cells::Table(lines, span) => {
                let default = lines.iter().find(|l| l.parts.is_empty());
                own.chance = default.and_then(|l| self.chance(&l.value));
                let covers = |observer: ActorId| {
                    lines.iter().any(|l| fits(&l.parts, Shape::Actor, &[observer.into()], names))
                };
                // nobody has a prior about itself
                let missing = names.actors.ids().find(|o| *o != actor && !covers(*o));
                if let (Some(observer), false) = (missing, self.desk.gaps.contains(&what)) {
                    let text = format!("there is no prior for {}", names.actors[observer]);
                    self.desk.report.push(
                        Diagnostic::new(Code::MissingValue, *span, text)
                            .help("name the observer, its group, or give `default`"),
                    );
                }
                self.desk.gaps.insert(what.clone());
                let found = cells.resolve(Shape::Actor, &what, names, self.desk);
                for (observer, value) in names.actors.ids().zip(found) {
                    let value = value.filter(|_| observer != actor);
                    own.priors[observer] = value.and_then(|w| self.chance(w));
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
        actor: ActorId,
        table: &Table,
        setters: &mut BTreeMap<usize, (ActorId, Span)>,
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
