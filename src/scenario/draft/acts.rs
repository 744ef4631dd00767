//! Moves, events and seats: who can do what to whom.

use super::sets::shape;
use super::{Draft, DraftEvent, DraftMove};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{
    Act, Axis, EventName, MoveName, Names, OptionName, Shape, Symbol, Word, combinations,
};
use crate::model::{ActorId, ElementId, Event, HazardId, Move, Seat};
use crate::scenario::build::TARGETS;
use crate::scenario::keys::Part;
use crate::scenario::limits::{
    MAX_ENTRIES, MAX_HAZARDS, MAX_OPTIONS, MAX_STAGE, exceeded, section,
};
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
            let toward = self.moves.last().map_or(&[][..], |drafted| drafted.toward.as_slice());
            let set = |all: &Vec<ElementId>| self.names.set_of(*all.first()?);
            let targets = toward.iter().map(set).collect();
            self.names.moves.push(MoveName { name: entry.name().to_string(), tags, targets });
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
        let by = fields.need("by", desk).and_then(|e| who(&e.item, "by", false, &self.names, desk));
        let clean = by.is_some();
        let toward = fields.take("toward");
        let track = fields.take("track").map_or_else(String::new, |e| desk.text(Some(e)));
        about.track = self.track(if track.is_empty() { "main" } else { &track });
        let stage = fields.take("stage").and_then(|e| desk.whole(e, 1, MAX_STAGE)).unwrap_or(1);
        about.stage = stage;
        let when = fields.take("when").map(|e| desk.formula(&e.item, "when"));
        let cost = self.cost(fields.take("cost"), desk);
        let effects = desk.effects(fields.take("effects"));
        let (mut when, mut cost, mut effects) = (when, cost, effects);
        if toward.is_none() && fields.has_rest() {
            // the key that is not known may be a misspelt `toward`, which binds `target`
            (when, cost, effects) = (None, Vec::new(), Vec::new());
        }
        let costs = cost.iter().map(|(_, written)| written.text.as_str());
        let texts = when.iter().map(|written| written.text.as_str()).chain(costs);
        let texts = texts.chain(effects.iter().map(|effect| effect.text.as_str()));
        let two = !self.names.symbols.contains_key(TARGETS[1]) && speaks_of(texts, TARGETS[1]);
        let all = match (two, toward) {
            (true, _) => self.two_targets(entry, toward, desk),
            (false, Some(e)) => vec![targets(&e.item, None, &self.names, desk).unwrap_or_default()],
            (false, None) => Vec::new(),
        };
        about.when = when.as_ref().map_or_else(String::new, |w| w.text.clone());
        about.costs = cost.iter().map(|(w, f)| (w.text.clone(), f.text.clone())).collect();
        about.effects = effects.iter().map(|e| e.text.clone()).collect();
        let by = by.unwrap_or_default();
        let plays = |a: &ActorId| !aims(*a, &all, &self.names).is_empty();
        let silent = all.iter().any(Vec::is_empty);
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
        DraftMove { by, toward: all, stage, when, cost, effects, about }
    }

    /// First and second targets of a move whose formulas speak of `target2`.
    fn two_targets(
        &self,
        entry: &Entry,
        toward: Option<&Entry>,
        desk: &mut ReadContext,
    ) -> Vec<Vec<ElementId>> {
        if let Some(toward) = toward
            && let Value::List(list) = &toward.item.value
            && let [first, second] = list.as_slice()
        {
            let mut find = |item| targets(item, None, &self.names, desk).unwrap_or_default();
            return vec![find(first), find(second)];
        }
        desk.halt = true;
        let text = format!("`{}` speaks of `target2` and has not two targets", entry.name());
        let help = "list both, each an actor, a group, a set, \"actors\" or \"others\": \
                    `toward = [\"others\", \"others\"]`";
        let place = toward.map_or(entry.place(), Entry::place);
        desk.report.push(Diagnostic::new(Code::BadValue, place, text).help(help));
        Vec::new()
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
                Some(each) => shape(each, &self.names, desk).unwrap_or_else(|| {
                    // its indices are unknown, so nothing that reads them can be judged
                    desk.halt = true;
                    Shape::One
                }),
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
            first = each.cells(&self.names).saturating_add(first);
            self.events.push(DraftEvent { each, probability, when, effects, about });
            if first > MAX_HAZARDS {
                exceeded(desk, entry.place(), first, MAX_HAZARDS, "instances of events");
                return;
            }
        }
    }

    /// The stage in which an actor chooses on tracks, as it is written: that of all its moves
    /// there. Moves of different stages are reported.
    fn stage(&self, actor: ActorId, tracks: &[usize], desk: &mut ReadContext) -> u64 {
        let moves = self.moves.iter().zip(&self.names.moves);
        let own = |(m, _): &(&DraftMove, &MoveName)| {
            tracks.contains(&m.about.track) && m.by.contains(&actor)
        };
        let mut moves = moves.filter(own);
        let Some((first, first_name)) = moves.next() else { return 1 };
        if let Some((other, name)) = moves.find(|(m, _)| m.stage != first.stage) {
            let (actor, first_name) = (&self.names.actors[actor], &first_name.name);
            let (one, two) = (first.stage, other.stage);
            let name = &name.name;
            let text = format!(
                "{actor} would choose between `{first_name}` of stage {one} and `{name}` of stage \
                 {two}"
            );
            let help = "give one of them a track of its own: a seat is filled once a round";
            let wrong = Diagnostic::new(Code::BadValue, other.about.span, text).help(help);
            desk.report.push(wrong.label(first.about.span, "the other stage"));
        }
        first.stage
    }

    /// What an actor can do on a track, `hold` last.
    pub(super) fn alternatives(&self, actor: ActorId, track: usize) -> Vec<Vec<Act>> {
        let mut all = Vec::new();
        for (action, drafted) in self.moves.iter().enumerate() {
            if drafted.about.track == track && drafted.by.contains(&actor) {
                let each = aims(actor, &drafted.toward, &self.names).into_iter();
                all.extend(each.map(|targets| vec![Act { action, targets }]));
            }
        }
        all.push(Vec::new());
        all
    }

    /// Seats and options: per actor and track the moves in file order, `hold` last.
    pub(super) fn seats(&mut self, desk: &mut ReadContext) {
        let mut stages: Vec<u64> = self.moves.iter().map(|m| m.stage).collect();
        stages.sort_unstable();
        stages.dedup();
        let named = self.tracks.len();
        for actor in self.names.actors.ids() {
            let mut tracks: Vec<usize> = (0..named)
                .filter(|t| self.moves.iter().any(|m| m.about.track == *t && m.by.contains(&actor)))
                .collect();
            if tracks.is_empty() {
                tracks.push(0);
            }
            let joint = self.is_joint(actor);
            let groups: Vec<Vec<usize>> = match joint {
                true => vec![tracks],
                false => tracks.into_iter().map(|track| vec![track]).collect(),
            };
            for tracks in groups {
                let seat = self.seats.next_id();
                let first = self.names.options.next_id();
                let stage = self.stage(actor, &tracks, desk);
                let stage = stages.iter().position(|s| *s == stage).unwrap_or(0);
                let Some(all) = self.combined(actor, &tracks, desk) else { return };
                for acts in all {
                    self.names.options.push(OptionName { seat, actor, stage, acts });
                }
                let end = self.names.options.next_id();
                let track = match tracks.as_slice() {
                    [track] => *track,
                    _ => self.track("joint"),
                };
                self.seats.push(Seat { actor, track, stage, joint, first, end });
            }
            let count = self.names.options.len();
            if count > MAX_OPTIONS {
                let most = self
                    .moves
                    .iter()
                    .max_by_key(|m| m.by.len() * m.toward.iter().map(Vec::len).product::<usize>());
                let place = most.map_or(Span::new(0, 0), |m| m.about.span);
                exceeded(desk, place, count, MAX_OPTIONS, "options");
                return;
            }
        }
    }
}

/// At what a move is directed: all elements of a set, or actors and groups as in [`who`]. Where the
/// move is known to have targets of a set, some of them. `None` after a report.
pub(in crate::scenario) fn targets(
    item: &Item,
    set: Option<usize>,
    names: &Names,
    desk: &mut ReadContext,
) -> Option<Vec<ElementId>> {
    let items = match &item.value {
        Value::List(list) => list.as_slice(),
        _ => std::slice::from_ref(item),
    };
    if let ([Item { value: Value::Text(source), .. }], None) = (items, set)
        && let Some(Symbol::Set(set)) = names.symbols.get(source.text())
    {
        desk.mention(source.text());
        return Some(Axis::Set(*set).elements(names));
    }
    let Some(set) = set else {
        let all = who(item, "toward", true, names, desk)?;
        return Some(all.into_iter().map(ElementId::from).collect());
    };
    let mut all = Vec::new();
    for item in items {
        let text = match &item.value {
            Value::Number(number) => number.to_string(),
            _ => desk.source(item, "toward")?.text().to_string(),
        };
        let word = Word { text, span: item.span };
        let found = Part::find(&word, Some(set), names, desk)?.elements(names);
        all.extend(found.into_iter().filter(|element| !all.contains(element)).collect::<Vec<_>>());
    }
    Some(all)
}

/// Whether a formula has a word.
fn speaks_of<'t>(mut texts: impl Iterator<Item = &'t str>, word: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    texts.any(|text| text.split(|c| !letter(c)).any(|w| w == word))
}

/// The targets that a move has for an actor, the last varying fastest: never itself, and no actor
/// twice. An element of a set may be both.
fn aims(actor: ActorId, toward: &[Vec<ElementId>], names: &Names) -> Vec<Vec<ElementId>> {
    let mut all = combinations(toward.iter().cloned());
    let own = ElementId::from(actor);
    let twice = |at: &[ElementId]| at.len() == 2 && at[0] == at[1];
    all.retain(|at| !(at.contains(&own) || twice(at) && names.as_actor(at[0]).is_some()));
    all
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
            word => match (names.actor(word), names.group(word)) {
                (Some(actor), _) => vec![actor],
                (None, Some(group)) => {
                    desk.mention(word);
                    names.groups[group].1.clone()
                }
                (None, None) => {
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
