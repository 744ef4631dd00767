//! `[postures.A]`: grand strategies of an actor, played against those of the others.

use std::collections::BTreeMap;

use super::build::Build;
use super::limits::{MAX_ENTRIES, section};
use super::read_context::{Fields, short};
use super::settings::{Change, contradictions, paths, written};
use super::tree::{Entry, Table};
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::Word;
use crate::model::{ActorId, DecisionItem, Override, Posture, Rule, Setting};

/// Which actor's postures set a cell: whether of a state, cell; actor.
type Setters = BTreeMap<(bool, usize), ActorId>;

impl Build<'_, '_> {
    /// All postures, those of an actor together.
    pub fn postures(&mut self, root: &Table) -> Vec<Posture> {
        let mut all = Vec::new();
        let mut setters = Setters::new();
        for entry in section(root, "postures", MAX_ENTRIES, self.desk) {
            let Some(actor) = self.names.actor(entry.name()) else {
                let known = self.names.actors.iter().map(String::as_str);
                self.desk.unknown("actor", &short(entry.name()), entry.place(), known);
                continue;
            };
            let Some(table) = self.desk.table(entry) else { continue };
            if table.entries.is_empty() {
                let text = format!("{} has no posture here", entry.name());
                let help = "name at least one: `steady = {}` is the actor as the file has it";
                let empty = Diagnostic::new(Code::BadValue, entry.place(), text).help(help);
                self.desk.report.push(empty);
            }
            for inner in &table.entries {
                self.desk.identifier(&inner.key, "a posture", true);
                all.extend(self.posture(actor, inner, &mut setters));
            }
        }
        all
    }

    fn posture(&mut self, actor: ActorId, entry: &Entry, setters: &mut Setters) -> Option<Posture> {
        let table = self.desk.table(entry)?;
        let what = format!("the posture `{}`", entry.name());
        let mut fields = Fields::new(table, entry.place(), what);
        let mut posture = Posture {
            actor,
            name: entry.name().to_string(),
            title: self.desk.text(fields.take("title")),
            set: Vec::new(),
            written: Vec::new(),
            span: entry.place(),
        };
        self.desk.text(fields.take("note"));
        self.desk.citation(fields.take("source"), self.citable);
        if let Some(policy) = fields.take("policy") {
            let key = Word { text: "policy".to_string(), span: policy.place() };
            if let Some(setting) = self.setting_of(Some(actor), &key, policy) {
                for setting in [Setting::Rule(Rule::Policy), setting] {
                    let item = DecisionItem { actor: Some(actor), setting };
                    posture.set.push(Override::Decision(item));
                }
                posture.written.push(("policy".to_string(), written(policy)));
            }
        }
        let mut changes = Vec::new();
        if let Some(set) = fields.take("set").and_then(|e| self.desk.table(e)) {
            for path in set.entries.iter().flat_map(paths) {
                posture.written.push((path.name(), written(path.entry)));
                let Some(change) = self.change(&path) else { continue };
                self.own(actor, &change, path.entry, setters);
                changes.push(change);
            }
        }
        contradictions(&changes, self.desk);
        changes.sort_by_key(|c| c.wide.as_ref().map_or(0, |w| w.rank));
        posture.set.extend(changes.into_iter().map(|c| c.value));
        fields.finish(self.desk);
        Some(posture)
    }

    /// Postures of different actors hold at once, so they may not set the same things.
    fn own(&mut self, actor: ActorId, change: &Change, entry: &Entry, setters: &mut Setters) {
        let name = &self.names.actors[actor];
        let mut shared = |cells: &mut dyn Iterator<Item = (bool, usize)>| {
            let mut taken = None;
            for cell in cells {
                let first = *setters.entry(cell).or_insert(actor);
                if first != actor {
                    taken = Some(first);
                }
            }
            let other = &self.names.actors[taken?];
            Some(format!("postures of {other} and of {name} set the same number"))
        };
        let problem = match &change.value {
            Override::Decision(item) if item.actor != Some(actor) => {
                Some(format!("a posture of {name} sets decisions of {name} alone"))
            }
            Override::TrueType(..) => {
                Some("a posture cannot set who an actor really is".to_string())
            }
            Override::Decision(_) => None,
            Override::Parameter(list) => shared(&mut list.iter().map(|(cell, _)| (false, *cell))),
            Override::Initial(list) => {
                shared(&mut list.iter().map(|(cell, _)| (true, cell.index())))
            }
        };
        if let Some(text) = problem {
            let help = "postures of all actors hold at once; each changes what is its actor's own";
            let wrong = Diagnostic::new(Code::Override, entry.place(), text).help(help);
            self.desk.report.push(wrong);
        }
    }
}
