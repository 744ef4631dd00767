//! Choosing on all tracks at once: who does, and which combinations exist.

use super::acts::who;
use super::{Draft, DraftConstraint};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::Act;
use crate::model::{ActorId, Constraint, IndexVec};
use crate::scenario::limits::{MAX_ENTRIES, MAX_OPTIONS, exceeded, section};
use crate::scenario::read_context::{Fields, ReadContext};
use crate::scenario::settings::TRACKS;
use crate::scenario::tree::{Entry, Table, Value};

impl Draft {
    /// Who chooses on all its tracks at once: `tracks` of `[decision]`, or an actor's own. What is
    /// wrong with the words is reported with other settings.
    pub(super) fn joint(&mut self, root: &Table) {
        let word = |entry: &Entry| match &entry.item.value {
            Value::Text(text) => {
                TRACKS.iter().find(|(word, _)| *word == text.text()).map(|(_, joint)| *joint)
            }
            _ => None,
        };
        let Some(Entry { item, .. }) = root.get("decision") else { return };
        let Value::Table(table) = &item.value else { return };
        let common = table.get("tracks").and_then(word).unwrap_or(false);
        let own = |actor: &String| match &table.get(actor)?.item.value {
            Value::Table(own) => own.get("tracks").and_then(word),
            _ => None,
        };
        let actors = self.names.actors.iter();
        self.joint = actors.map(|actor| own(actor).unwrap_or(common)).collect();
    }

    /// `[constraints]`, for those who choose jointly.
    pub(super) fn constraints(&mut self, root: &Table, desk: &mut ReadContext) {
        for entry in section(root, "constraints", MAX_ENTRIES, desk) {
            desk.identifier(&entry.key, "a constraint", true);
            let Some(table) = desk.table(entry) else { continue };
            let what = format!("the constraint `{}`", entry.name());
            let mut fields = Fields::new(table, entry.place(), what);
            let title = desk.text(fields.take("title"));
            desk.text(fields.take("note"));
            desk.citation(fields.take("source"), &self.citable);
            let by = fields.need("by", desk);
            let place = by.map_or(entry.place(), Entry::place);
            let by = by.and_then(|e| who(&e.item, "by", false, &self.names, desk));
            let by = by.unwrap_or_default();
            let require = fields.need("require", desk).map(|e| desk.formula(&e.item, "require"));
            fields.finish(desk);
            let apart = |actor: &&ActorId| !self.joint.get(**actor).copied().unwrap_or(false);
            if let Some(actor) = by.iter().find(apart) {
                let actor = &self.names.actors[*actor];
                let text =
                    format!("{actor} chooses on each track apart: nothing holds it together");
                let help = format!("add `tracks = \"joint\"` under [decision.{actor}]");
                desk.report.push(Diagnostic::new(Code::Decision, place, text).help(help));
            }
            let written = require.as_ref().map_or_else(String::new, |w| w.text.clone());
            let name = entry.name().to_string();
            let about = Constraint { name, title, by: by.clone(), written };
            self.constraints.push(DraftConstraint { by, require, about });
        }
    }

    /// All combinations of what an actor can do on its tracks, tracks in order, the first slowest;
    /// doing nothing on any of them comes last. `None` after a report.
    pub(super) fn combined(
        &self,
        actor: ActorId,
        tracks: &[usize],
        desk: &mut ReadContext,
    ) -> Option<Vec<Vec<Act>>> {
        let lists: Vec<Vec<Vec<Act>>> =
            tracks.iter().map(|track| self.alternatives(actor, *track)).collect();
        let count = lists.iter().map(Vec::len).fold(1_usize, usize::saturating_mul);
        if count > MAX_OPTIONS {
            let what = format!("joint options of {}", self.names.actors[actor]);
            exceeded(desk, Span::new(0, 0), count, MAX_OPTIONS, &what);
            return None;
        }
        let mut all: Vec<Vec<Act>> = vec![Vec::new()];
        for list in lists {
            let longer = |acts: &Vec<Act>| -> Vec<Vec<Act>> {
                list.iter().map(|more| [acts.as_slice(), more].concat()).collect()
            };
            all = all.iter().flat_map(longer).collect();
        }
        Some(all)
    }

    /// Whether an actor chooses on all its tracks at once.
    pub(super) fn is_joint(&self, actor: ActorId) -> bool {
        self.joint.get(actor).copied().unwrap_or(false)
    }
}

/// By actor.
pub(in crate::scenario) type Joint = IndexVec<ActorId, bool>;
