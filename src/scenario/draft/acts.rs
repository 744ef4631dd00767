//! Moves, events and seats: who can do what to whom.

use super::{Draft, DraftEvent, DraftMove};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{EventName, MoveName, Names, OptionName, Shape, Word};
use crate::model::{ActorId, Event, HazardId, Move, Seat};
use crate::scenario::keys::Part;
use crate::scenario::limits::{MAX_ENTRIES, MAX_HAZARDS, MAX_OPTIONS, exceeded, section};
use crate::scenario::read_context::{Fields, ReadContext, Written, short};
use crate::scenario::tree::{Entry, Item, Table, Value};

impl Draft {
    pub(super) fn moves(&mut self, root: &Table, desk: &mut ReadContext) {
        for entry in section(root, "moves", MAX_ENTRIES, desk) {
            self.register_act(&entry.key, "a move", desk);
            let mut tags = Vec::new();
            if let Some(table) = desk.table(entry) {
                let what = format!("the move `{}`", entry.name());
                let mut fields = Fields::new(table, entry.place(), what);
                tags = super::texts(fields.take("tags"), desk);
                let drafted = self.action(entry, &mut fields, desk);
                self.moves.push(drafted);
                fields.finish(desk);
            } else {
                desk.halt = true;
            }
            self.names.moves.push(MoveName { name: entry.name().to_string(), tags });
        }
        if self.tracks.is_empty() {
            self.tracks.push("main".to_string());
        }
    }

    fn action(
        &mut self,
        entry: &Entry,
        fields: &mut Fields<'_>,
        desk: &mut ReadContext,
    ) -> DraftMove {
        let mut about = Move { span: entry.place(), ..Move::default() };
        about.title = desk.text(fields.take("title"));
        about.source = desk.citation(fields.take("source"), &self.citable);
        desk.text(fields.take("note"));
        let by = fields.need("by", desk).and_then(|e| self.who(e, false, desk));
        let clean = by.is_some();
        let toward = fields.take("toward");
        let targets = toward.map(|e| self.who(e, true, desk).unwrap_or_default());
        let track = fields.take("track").map_or_else(String::new, |e| desk.text(Some(e)));
        about.track = self.track(if track.is_empty() { "main" } else { &track });
        let when = fields.take("when").map(|e| desk.formula(&e.item, "when"));
        let cost = self.cost(fields.take("cost"), desk);
        let effects = desk.effects(fields.take("effects"));
        let (mut when, mut cost, mut effects) = (when, cost, effects);
        if toward.is_none() && fields.has_rest() {
            // the key that is not known may be a misspelt `toward`, which binds `target`
            (when, cost, effects) = (None, Vec::new(), Vec::new());
        }
        about.when = when.as_ref().map_or_else(String::new, |w| w.text.clone());
        about.costs = cost.iter().map(|(w, f)| (w.text.clone(), f.text.clone())).collect();
        about.effects = effects.iter().map(|e| e.text.clone()).collect();
        let by = by.unwrap_or_default();
        let plays = |a: &ActorId| targets.as_ref().is_none_or(|t| t.iter().any(|other| other != a));
        let silent = toward.is_some() && targets.as_ref().is_some_and(Vec::is_empty);
        let doubtful = !clean || desk.halt || (silent && desk.report.has_errors());
        if !doubtful && !by.iter().any(plays) {
            let text = format!("nobody can play `{}`", entry.name());
            let help = if by.is_empty() {
                "`by` names no actor"
            } else {
                "an actor never targets itself: `toward` needs somebody else"
            };
            desk.report.push(Diagnostic::new(Code::NobodyPlays, entry.place(), text).help(help));
        } else if let (false, [only], Some(toward)) = (doubtful, by.as_slice(), toward) {
            self.targets_itself(*only, toward, desk);
        }
        DraftMove { by, toward: targets, when, cost, effects, about }
    }

    /// Warns where a move that one actor plays names that actor as a target.
    fn targets_itself(&self, only: ActorId, toward: &Entry, desk: &mut ReadContext) {
        let name = &self.names.actors[only];
        let items = match &toward.item.value {
            Value::List(list) => list.as_slice(),
            _ => std::slice::from_ref(&toward.item),
        };
        let own = |item: &&Item| matches!(&item.value, Value::Text(s) if s.text() == name);
        if let Some(item) = items.iter().find(own) {
            let text = format!("{name} is never a target here: nobody else plays the move");
            let help = "an actor never targets itself: remove it from `toward`";
            desk.report.push(Diagnostic::new(Code::NeverHolds, item.span, text).help(help));
        }
    }

    fn track(&mut self, name: &str) -> usize {
        self.tracks.iter().position(|t| t == name).unwrap_or_else(|| {
            self.tracks.push(name.to_string());
            self.tracks.len() - 1
        })
    }

    fn cost(&self, entry: Option<&Entry>, desk: &mut ReadContext) -> Vec<(Word, Written)> {
        let Some(table) = entry.and_then(|e| desk.table(e)) else {
            return Vec::new();
        };
        let mut list = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            let word = Word { text: entry.name().to_string(), span: entry.place() };
            if !self.names.components.contains(&word.text) {
                let known = self.names.components.iter().map(String::as_str);
                desk.unknown("payoff component", &short(&word.text), word.span, known);
            }
            list.push((word, desk.formula(&entry.item, entry.name())));
        }
        list
    }

    /// `by` or `toward`: a word or a list of actors and groups. `None` after a report.
    pub fn who(&self, entry: &Entry, others: bool, desk: &mut ReadContext) -> Option<Vec<ActorId>> {
        who(&entry.item, entry.name(), others, &self.names, desk)
    }

    pub(super) fn events(&mut self, root: &Table, desk: &mut ReadContext) {
        let mut first = 0;
        for entry in section(root, "events", MAX_ENTRIES, desk) {
            self.register_act(&entry.key, "an event", desk);
            let Some(table) = desk.table(entry) else {
                desk.halt = true;
                continue;
            };
            let what = format!("the event `{}`", entry.name());
            let mut fields = Fields::new(table, entry.place(), what);
            let mut about = Event { span: entry.place(), ..Event::default() };
            let each = match fields.take("each") {
                None => Shape::One,
                Some(each) => {
                    let all = [Shape::Actor, Shape::Dyad, Shape::Directed, Shape::One];
                    let all: Vec<(&str, Shape)> = all.iter().map(|s| (s.word(), *s)).collect();
                    desk.word(&each.item, "each", &all).unwrap_or_else(|| {
                        // its indices are unknown, so nothing that reads them can be judged
                        desk.halt = true;
                        Shape::One
                    })
                }
            };
            about.title = desk.text(fields.take("title"));
            desk.citation(fields.take("source"), &self.citable);
            desk.text(fields.take("note"));
            about.once = fields.take("once").and_then(|e| desk.flag(e)).unwrap_or(false);
            about.ends = fields.take("ends").and_then(|e| desk.flag(e)).unwrap_or(false);
            let probability =
                fields.need("probability", desk).map(|e| desk.formula(&e.item, "probability"));
            let when = fields.take("when").map(|e| desk.formula(&e.item, "when"));
            let effects = desk.effects(fields.take("effects"));
            about.probability = probability.as_ref().map_or_else(String::new, |w| w.text.clone());
            about.when = when.as_ref().map_or_else(String::new, |w| w.text.clone());
            about.effects = effects.iter().map(|e| e.text.clone()).collect();
            fields.finish(desk);
            self.names.events.push(EventName {
                name: entry.name().to_string(),
                each,
                first: HazardId::new(first),
            });
            first += each.cells(self.names.actors.len());
            self.events.push(DraftEvent { each, probability, when, effects, about });
            if first > MAX_HAZARDS {
                exceeded(desk, entry.place(), first, MAX_HAZARDS, "instances of events");
                return;
            }
        }
    }

    /// Seats and options: per actor and track the moves in file order, `hold` last.
    pub(super) fn seats(&mut self, desk: &mut ReadContext) {
        for actor in self.names.actors.ids() {
            let mut tracks: Vec<usize> = (0..self.tracks.len())
                .filter(|t| self.moves.iter().any(|m| m.about.track == *t && m.by.contains(&actor)))
                .collect();
            if tracks.is_empty() {
                tracks.push(0);
            }
            for track in tracks {
                let seat = self.seats.next_id();
                let first = self.names.options.next_id();
                let mut add = |action: Option<usize>, target: Option<ActorId>| {
                    self.names.options.push(OptionName { seat, actor, action, target });
                };
                for (number, action) in self.moves.iter().enumerate() {
                    if action.about.track != track || !action.by.contains(&actor) {
                        continue;
                    }
                    match &action.toward {
                        None => add(Some(number), None),
                        Some(list) => list
                            .iter()
                            .filter(|t| **t != actor)
                            .for_each(|t| add(Some(number), Some(*t))),
                    }
                }
                add(None, None);
                let end = self.names.options.next_id();
                self.seats.push(Seat { actor, track, first, end });
            }
            let count = self.names.options.len();
            if count > MAX_OPTIONS {
                let most = self.moves.iter().max_by_key(|m| {
                    m.by.len() * m.toward.as_ref().map_or(1, |targets| targets.len())
                });
                let place = most.map_or(Span::new(0, 0), |m| m.about.span);
                exceeded(desk, place, count, MAX_OPTIONS, "options");
                return;
            }
        }
    }
}

/// A word or a list of actors and groups, without repetition. `None` after a report.
pub(in crate::scenario) fn who(
    item: &Item,
    what: &str,
    others: bool,
    names: &Names,
    desk: &mut ReadContext,
) -> Option<Vec<ActorId>> {
    let items = match &item.value {
        Value::List(list) => list.as_slice(),
        Value::Text(_) => std::slice::from_ref(item),
        _ => {
            desk.wrong_kind(item, what, "a list of actors, a group or \"actors\"");
            return None;
        }
    };
    let (mut all, mut clean) = (Vec::new(), true);
    for item in items {
        let Some(source) = desk.source(item, what) else {
            clean = false;
            continue;
        };
        let found = match source.text() {
            "actors" => names.actors.ids().collect(),
            "others" if others => names.actors.ids().collect(),
            word => match Part::of(word, names) {
                Some(Part::Actor(actor)) => vec![actor],
                Some(Part::Group(group)) => {
                    desk.mention(word);
                    names.groups[group].1.clone()
                }
                None => {
                    clean = false;
                    if !desk.halt {
                        let known = names.actors.iter().chain(names.groups.iter().map(|(g, _)| g));
                        let known = known.map(String::as_str).chain(["actors"]);
                        desk.unknown("actor or group", &short(word), source.whole(), known);
                    }
                    continue;
                }
            },
        };
        for actor in found {
            if !all.contains(&actor) {
                all.push(actor);
            }
        }
    }
    clean.then_some(all)
}
