//! The first pass: every name of the file, and every definition as far as names do not matter.

mod acts;
mod joint;
mod series;
mod sets;

pub(super) use acts::targets;

use std::collections::BTreeMap;

use super::build::mentions;
use super::data::{self, Own};
use super::keys::{self, Cells};
use super::limits::*;
use super::read_context::{Fields, ReadContext, Written, WrittenEffect, short};
use super::tree::{Entry, Item, Table, Value};
use crate::calendar::Calendar;
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::{
    Axis, Definition, Names, Quantity, RESERVED, Shape, Source, Symbol, Word, parse_head, taken_as,
};
use crate::model::{
    About, ActorId, Constraint, ElementId, Event, EventId, IndexVec, Move, Parameter, Seat, SeatId,
    Series, State, Work,
};

/// A parameter before its formulas are compiled.
pub(super) struct DraftParameter {
    pub cells: Option<Cells>,
    /// By cell, what a file says of it besides its value.
    pub own: BTreeMap<usize, Own>,
    pub about: Parameter,
}

/// A state before its formulas are compiled.
pub(super) struct DraftState {
    pub cells: Option<Cells>,
    pub about: State,
}

/// A move before its formulas are compiled.
pub(super) struct DraftMove {
    pub by: Vec<ActorId>,
    /// Its targets, the first and the second as far as it has them.
    pub toward: Vec<Vec<ElementId>>,
    /// The stage as it is written, from 1.
    pub stage: u64,
    pub when: Option<Written>,
    pub cost: Vec<(Word, Written)>,
    pub effects: Vec<WrittenEffect>,
    pub about: Move,
}

/// What joint options must obey, before it is compiled.
pub(super) struct DraftConstraint {
    pub by: Vec<ActorId>,
    pub require: Option<Written>,
    pub about: Constraint,
}

/// An event before its formulas are compiled.
pub(super) struct DraftEvent {
    pub each: Shape,
    pub probability: Option<Written>,
    pub when: Option<Written>,
    pub effects: Vec<WrittenEffect>,
    pub about: Event,
}

/// The file after the first pass.
#[derive(Default)]
pub(super) struct Draft {
    pub about: About,
    pub stop_when: Option<Written>,
    pub works: Vec<Work>,
    pub citable: Vec<String>,
    pub actors: IndexVec<ActorId, String>,
    pub names: Names,
    pub tracks: Vec<String>,
    pub parameters: Vec<DraftParameter>,
    pub states: Vec<DraftState>,
    pub all_series: Vec<Series>,
    pub moves: Vec<DraftMove>,
    pub seats: IndexVec<SeatId, Seat>,
    pub events: IndexVec<EventId, DraftEvent>,
    /// Who chooses on all its tracks at once.
    pub joint: joint::Joint,
    pub constraints: Vec<DraftConstraint>,
    pub policies: Vec<String>,
    pub outcomes: Vec<String>,
    pub variants: Vec<String>,
    /// The actors of `[types]`, in file order.
    pub private: Vec<ActorId>,
    taken: BTreeMap<String, Span>,
    acts: BTreeMap<String, Span>,
}

const SECTIONS: &[&str] = &[
    "format",
    "scenario",
    "sources",
    "actors",
    "groups",
    "sets",
    "parameters",
    "series",
    "state",
    "derived",
    "payoffs",
    "weights",
    "moves",
    "dynamics",
    "events",
    "types",
    "decision",
    "constraints",
    "policies",
    "outcomes",
    "variants",
    "postures",
    "claims",
    "experiments",
];

/// The first pass over a file.
pub(super) fn draft(root: &Table, desk: &mut ReadContext) -> Draft {
    let mut draft = Draft::default();
    let top = root.entries.iter().filter(|e| !SECTIONS.contains(&e.name()));
    for entry in top {
        let text = format!("there is no section `{}`", short(entry.name()));
        let help = nearest(entry.name(), SECTIONS.iter().copied());
        let diagnostic = Diagnostic::new(Code::UnknownKey, entry.place(), text).help_if(help);
        desk.report.push(diagnostic);
    }
    draft.scenario(root, desk);
    draft.sources(root, desk);
    draft.actors(root, desk);
    draft.groups(root, desk);
    draft.sets(root, desk);
    draft.parameters(root, desk);
    draft.series(root, desk);
    draft.states(root, desk);
    draft.derived(root, desk);
    draft.components(root, desk);
    draft.moves(root, desk);
    draft.joint(root);
    draft.constraints(root, desk);
    draft.events(root, desk);
    draft.types(root, desk);
    draft.policies = simple_names(root, "policies", "a policy", desk);
    draft.outcomes = simple_names(root, "outcomes", "an outcome", desk);
    columns(root, desk);
    draft.variants = simple_names(root, "variants", "a variant", desk);
    draft.indices(desk);
    draft.doubtful(desk);
    draft.seats(desk);
    draft
}

/// The keys of a section whose names are a namespace of their own.
fn simple_names(
    root: &Table,
    section_name: &'static str,
    kind: &str,
    desk: &mut ReadContext,
) -> Vec<String> {
    let entries = section(root, section_name, MAX_ENTRIES, desk);
    for entry in entries {
        desk.identifier(&entry.key, kind, true);
    }
    entries.iter().map(|e| e.name().to_string()).collect()
}

/// Outcomes are columns of results, beside others whose names are taken.
fn columns(root: &Table, desk: &mut ReadContext) {
    for entry in section(root, "outcomes", MAX_ENTRIES, desk) {
        if ["arm", "point", "run", "rounds_played"].contains(&entry.name()) {
            let text = format!("`{}` is a column of results", entry.name());
            desk.report.push(
                Diagnostic::new(Code::BadName, entry.place(), text)
                    .help("choose another name for the outcome"),
            );
        }
    }
}

impl Draft {
    fn scenario(&mut self, root: &Table, desk: &mut ReadContext) {
        let Some(entry) = root.get("scenario") else {
            desk.report.push(
                Diagnostic::new(Code::MissingKey, Span::new(0, 0), "there is no [scenario]")
                    .help("add `[scenario]` with `rounds` and, for readers, `title`"),
            );
            return;
        };
        let Some(table) = desk.table(entry) else { return };
        let mut fields = Fields::new(table, entry.place(), "[scenario]");
        let name = fields.take("name");
        self.about.name = desk.text(name);
        let plain = !self.about.name.is_empty() && self.about.name.chars().all(super::in_a_name);
        if let (Some(entry), false) = (name, plain) {
            let text = format!("`{}` cannot be the name of a file", short(&self.about.name));
            desk.report.push(
                Diagnostic::new(Code::BadName, entry.item.span, text)
                    .help("use letters, digits, dashes and underscores"),
            );
        }
        if let (Some(entry), true) = (name, super::reserved_on_windows(&self.about.name)) {
            let text = format!("Windows reserves `{}` for a device", short(&self.about.name));
            let help = "a file of that name cannot be opened there; choose another name";
            desk.report.push(Diagnostic::new(Code::ReservedName, entry.item.span, text).help(help));
        }
        self.about.title = desk.text(fields.take("title"));
        self.about.summary = desk.text(fields.take("summary"));
        if let Some(entry) = fields.need("rounds", desk) {
            let rounds = desk.whole(entry, 1, MAX_ROUNDS);
            self.about.rounds = rounds.and_then(|r| u32::try_from(r).ok()).unwrap_or(1);
        }
        self.about.round = desk.text(fields.take("round"));
        let start = fields.take("start");
        self.about.start = desk.text(start);
        match Calendar::of(&self.about.round, &self.about.start, self.about.rounds.max(1)) {
            Ok(found) => self.names.calendar = desk.calendar.or(found),
            Err(impossible) => {
                let place = start.map_or(entry.place(), |e| e.item.span);
                let help = "another word in `round` makes it a mere label";
                desk.report.push(Diagnostic::new(Code::Date, place, impossible).help(help));
            }
        }
        self.stop_when = fields.take("stop_when").map(|e| desk.formula(&e.item, e.name()));
        fields.finish(desk);
    }

    fn sources(&mut self, root: &Table, desk: &mut ReadContext) {
        for entry in section(root, "sources", MAX_ENTRIES, desk) {
            let key = entry.name().to_string();
            self.citable.push(key.clone());
            if key == "assumed" {
                let text = "`assumed` is the word for numbers without a source";
                desk.error(Code::BadName, entry.place(), text);
            }
            let mut work = Work { key, ..Work::default() };
            if let Value::Text(title) = &entry.item.value {
                work.title = title.text().to_string();
            } else if let Some(table) = desk.table(entry) {
                let mut fields =
                    Fields::new(table, entry.place(), format!("the source `{}`", entry.name()));
                work.title = desk.text(fields.take("title"));
                work.author = desk.text(fields.take("author"));
                work.year = match fields.take("year").map(|e| &e.item) {
                    Some(Item { value: Value::Number(year), .. }) => year.to_string(),
                    Some(item) => {
                        desk.source(item, "year").map_or_else(String::new, |s| s.text().to_string())
                    }
                    None => String::new(),
                };
                work.find = ["find", "url", "doi", "where"]
                    .into_iter()
                    .map(|key| desk.text(fields.take(key)))
                    .filter(|t| !t.is_empty())
                    .collect::<Vec<_>>()
                    .join(", ");
                desk.text(fields.take("note"));
                fields.finish(desk);
            }
            self.works.push(work);
        }
    }

    /// Gives a name of the first namespace its meaning.
    fn register(&mut self, key: &Source, kind: &str, symbol: Symbol, desk: &mut ReadContext) {
        let folds = matches!(symbol, Symbol::Group(_));
        desk.identifier(key, kind, folds);
        let name = key.text().to_string();
        if let Some(first) = self.taken.get(&name) {
            let text = format!("the name `{}` is used twice", short(&name));
            desk.report.push(
                Diagnostic::new(Code::DuplicateName, key.whole(), text)
                    .label(*first, "first used here")
                    .help(
                        "actors, groups, sets, parameters, series, state, derived share one set \
                         of names",
                    ),
            );
            // what formulas mean by the name is anybody's guess
            desk.poison.insert(name);
            return;
        }
        self.taken.insert(name.clone(), key.whole());
        self.names.symbols.insert(name, symbol);
    }

    /// The same for moves and events.
    fn register_act(&mut self, key: &Source, kind: &str, desk: &mut ReadContext) {
        desk.identifier(key, kind, false);
        let name = key.text().to_string();
        match self.acts.get(&name) {
            Some(first) => {
                let text = format!("the name `{}` is used twice", short(&name));
                desk.report.push(
                    Diagnostic::new(Code::DuplicateName, key.whole(), text)
                        .label(*first, "first used here")
                        .help("moves and events share one set of names"),
                );
            }
            None => {
                self.acts.insert(name, key.whole());
            }
        }
    }

    fn actors(&mut self, root: &Table, desk: &mut ReadContext) {
        let entries = section(root, "actors", MAX_ACTORS, desk);
        if root.get("actors").is_none() {
            desk.halt = true;
            desk.report.push(
                Diagnostic::new(Code::MissingKey, Span::new(0, 0), "there is no [actors]")
                    .help("add `[actors]` with a line per actor: `CHN = { name = \"China\" }`"),
            );
        } else if let (true, false, Some(entry)) =
            (entries.is_empty(), desk.halt, root.get("actors"))
        {
            desk.halt = true;
            desk.error(Code::MissingKey, entry.place(), "[actors] names no actor");
        }
        for entry in entries {
            self.register(&entry.key, "an actor", Symbol::Actor(self.names.actors.next_id()), desk);
            self.names.actors.push(entry.name().to_string());
            let mut full = String::new();
            if let Value::Text(name) = &entry.item.value {
                full = name.text().to_string();
            } else if let Some(table) = desk.table(entry) {
                let what = format!("the actor `{}`", entry.name());
                let mut fields = Fields::new(table, entry.place(), what);
                full = desk.text(fields.take("name"));
                desk.text(fields.take("note"));
                fields.finish(desk);
            }
            self.actors.push(if full.is_empty() { entry.name().to_string() } else { full });
        }
    }

    fn groups(&mut self, root: &Table, desk: &mut ReadContext) {
        for entry in section(root, "groups", MAX_ENTRIES, desk) {
            self.register(&entry.key, "a group", Symbol::Group(self.names.groups.len()), desk);
            let (members, clean) = self.group_members(entry, desk);
            if !clean {
                desk.poison.insert(entry.name().to_string());
            }
            self.names.groups.push((entry.name().to_string(), members));
        }
    }

    fn group_members(&self, entry: &Entry, desk: &mut ReadContext) -> (Vec<ActorId>, bool) {
        if matches!(&entry.item.value, Value::Text(s) if s.text() == "actors") {
            return (self.names.actors.ids().collect(), true);
        }
        let Some(list) = desk.list(entry) else {
            return (Vec::new(), false);
        };
        let (mut members, mut clean) = (Vec::new(), true);
        for item in list {
            let Some(source) = desk.source(item, "a member") else {
                clean = false;
                continue;
            };
            match self.names.actor(source.text()) {
                Some(actor) if members.contains(&actor) => {
                    let text = format!("`{}` is in the group twice", source.text());
                    desk.error(Code::DuplicateName, source.whole(), text);
                }
                Some(actor) => members.push(actor),
                None if desk.halt => clean = false,
                None => {
                    clean = false;
                    let known = self.names.actors.iter().map(String::as_str);
                    desk.unknown("actor", &short(source.text()), source.whole(), known);
                }
            }
        }
        (members, clean)
    }

    /// `of`: over what something is indexed. A broken one poisons the name.
    fn shape(&self, entry: Option<&Entry>, name: &str, desk: &mut ReadContext) -> Shape {
        let Some(entry) = entry else { return Shape::One };
        sets::shape(entry, &self.names, desk).unwrap_or_else(|| {
            desk.poison.insert(name.to_string());
            Shape::One
        })
    }

    fn parameters(&mut self, root: &Table, desk: &mut ReadContext) {
        let mut first = 0;
        for entry in section(root, "parameters", MAX_ENTRIES, desk) {
            let id = self.names.parameters.len();
            self.register(&entry.key, "a parameter", Symbol::Parameter(id), desk);
            let name = entry.name();
            let mut shape = Shape::One;
            let mut drafted = DraftParameter {
                cells: None,
                own: BTreeMap::new(),
                about: Parameter { span: entry.place(), ..Parameter::default() },
            };
            if matches!(entry.item.value, Value::Number(_) | Value::Text(_)) {
                // `w = 0.5` is short for `w = { value = 0.5 }`
                drafted.cells = Some(Cells::One(desk.formula(&entry.item, name)));
            } else if let Some(table) = desk.table(entry) {
                let mut fields =
                    Fields::new(table, entry.place(), format!("the parameter `{name}`"));
                shape = self.shape(fields.take("of"), name, desk);
                self.parameter(&mut fields, shape, name, &mut drafted, desk);
                fields.finish(desk);
            } else {
                desk.poison.insert(name.to_string());
            }
            self.names.parameters.push(Quantity {
                name: name.to_string(),
                shape,
                first,
                flag: false,
            });
            first = shape.cells(&self.names).saturating_add(first);
            self.parameters.push(drafted);
            if first > MAX_CELLS {
                exceeded(desk, entry.place(), first, MAX_CELLS, "cells of parameters");
                return;
            }
        }
    }

    fn parameter(
        &self,
        fields: &mut Fields<'_>,
        shape: Shape,
        name: &str,
        drafted: &mut DraftParameter,
        desk: &mut ReadContext,
    ) {
        if let Some(entry) = fields.need("value", desk).filter(|_| !desk.poison.contains(name)) {
            let (item, names) = (&entry.item, &self.names);
            drafted.cells = Some(if data::file(item, names).is_some() {
                let (cells, own) =
                    data::parameter(item, (shape, name), (names, &self.citable), desk);
                drafted.own = own;
                cells
            } else {
                keys::cells(item, "value", shape, name, names, desk)
            });
        }
        drafted.about.unit = desk.text(fields.take("unit"));
        drafted.about.source = desk.citation(fields.take("source"), &self.citable);
        drafted.about.note = desk.text(fields.take("note"));
        desk.text(fields.take("title"));
        let together = fields.take("together");
        drafted.about.together = together.and_then(|e| desk.flag(e)).unwrap_or(false);
        let ranges = drafted.own.values().any(|own| own.uncertainty.is_some());
        if let (Some(entry), true, true) = (together, drafted.about.together, ranges) {
            let text = format!("the cells of `{name}` have ranges of their own");
            let help = "such cells vary each on its own: remove `together`, or `lo` and `hi`";
            desk.report.push(Diagnostic::new(Code::BadRange, entry.place(), text).help(help));
        }
        let (range, given) = (fields.take("range"), fields.take("distribution"));
        drafted.about.uncertainty = super::ranges::uncertainty(range, given, desk);
        if let (Some(cells), Some(known)) = (&drafted.cells, &drafted.about.uncertainty) {
            super::ranges::within(cells, known, name, desk);
        }
    }

    fn states(&mut self, root: &Table, desk: &mut ReadContext) {
        let mut first = 0;
        for entry in section(root, "state", MAX_STATES, desk) {
            let id = self.names.states.len();
            self.register(&entry.key, "a state", Symbol::State(id), desk);
            let name = entry.name();
            let (mut shape, mut flag) = (Shape::One, false);
            let mut drafted = DraftState {
                cells: None,
                about: State { span: entry.place(), ..State::default() },
            };
            if let Some(table) = desk.table(entry) {
                let mut fields = Fields::new(table, entry.place(), format!("the state `{name}`"));
                shape = self.shape(fields.take("of"), name, desk);
                if let Some(kind) = fields.take("kind") {
                    let all = [("flag", true), ("number", false)];
                    flag = desk.word(&kind.item, "kind", &all).unwrap_or_else(|| {
                        desk.poison.insert(name.to_string());
                        false
                    });
                }
                let given = fields.take("range");
                let range = given.and_then(|e| super::ranges::range(e, false, desk));
                drafted.about.range = if flag { Some((0.0, 1.0)) } else { range };
                if let (true, Some(entry), Some(_)) =
                    (flag, given, range.filter(|r| *r != (0.0, 1.0)))
                {
                    let text = "a flag is 0 or 1, so its range can only be [0, 1]";
                    desk.report.push(
                        Diagnostic::new(Code::BadRange, entry.item.span, text)
                            .help("remove the range, or `kind = \"flag\"`"),
                    );
                }
                let initial = fields.need("initial", desk);
                if let Some(initial) = initial.filter(|_| !desk.poison.contains(name)) {
                    let item = &initial.item;
                    let cells = keys::cells(item, "initial", shape, name, &self.names, desk);
                    super::ranges::initial(&cells, drafted.about.range, name, desk);
                    drafted.cells = Some(cells);
                }
                drafted.about.unit = desk.text(fields.take("unit"));
                drafted.about.note = desk.text(fields.take("note"));
                drafted.about.title = desk.text(fields.take("title"));
                desk.citation(fields.take("source"), &self.citable);
                fields.finish(desk);
            } else {
                desk.poison.insert(name.to_string());
            }
            self.names.states.push(Quantity { name: name.to_string(), shape, first, flag });
            first = shape.cells(&self.names).saturating_add(first);
            self.states.push(drafted);
            if first > MAX_CELLS {
                exceeded(desk, entry.place(), first, MAX_CELLS, "cells of state");
                return;
            }
        }
    }

    fn derived(&mut self, root: &Table, desk: &mut ReadContext) {
        for entry in section(root, "derived", MAX_ENTRIES, desk) {
            let head = match parse_head(&entry.key) {
                Ok(head) => head,
                Err(diagnostic) => {
                    desk.report.push(diagnostic);
                    // what it was to be called is the text before the bracket
                    let name = entry.name().split('[').next().unwrap_or_default().trim();
                    desk.poison.insert(name.to_string());
                    desk.formula(&entry.item, entry.name());
                    continue;
                }
            };
            let key = Source::verbatim(head.name.text.clone(), head.name.span.start);
            let id = self.names.derived.len();
            self.register(&key, "a derived quantity", Symbol::Derived(id), desk);
            let mut indices = Vec::with_capacity(head.indices.len());
            for (index, group) in &head.indices {
                let mut axis = Axis::Actors;
                if let Some(word) = group.as_ref().filter(|w| w.text != "actors") {
                    let found = sets::axis(word, &self.names, desk);
                    if found.is_none() {
                        desk.poison.insert(head.name.text.clone());
                    }
                    axis = found.unwrap_or(axis);
                }
                indices.push((index.text.clone(), axis));
            }
            let written = desk.formula(&entry.item, entry.name());
            self.names.derived.push(Definition {
                name: head.name.text,
                indices,
                ast: written.ast,
                span: entry.place(),
            });
        }
    }

    /// Indices of derived quantities must not have the name of anything else; known only now.
    fn indices(&mut self, desk: &mut ReadContext) {
        for definition in &self.names.derived {
            for (number, (index, _)) in definition.indices.iter().enumerate() {
                let twice = definition.indices[..number].iter().any(|(other, _)| other == index);
                let taken = self.names.symbols.contains_key(index);
                if !twice && !taken && !RESERVED.contains(&index.as_str()) {
                    continue;
                }
                desk.poison.insert(definition.name.clone());
                let text = format!("the index `{index}` has a name that is taken");
                let help = match self.names.symbols.get(index) {
                    Some(Symbol::Actor(_)) => {
                        Some("a derived quantity is defined for all actors or for a group")
                    }
                    Some(Symbol::Group(_)) => Some("bind an index: `name[i in group]`"),
                    Some(Symbol::Set(_)) => Some("bind an index: `name[i in set]`"),
                    _ => None,
                };
                let reserved = RESERVED.contains(&index.as_str());
                let help = help.map(str::to_string).or_else(|| {
                    reserved.then(|| format!("`{index}` is {}: choose another", taken_as(index)))
                });
                desk.report.push(
                    Diagnostic::new(Code::DuplicateName, definition.span, text).help_if(help),
                );
            }
        }
    }

    /// A derived quantity that reads a name whose definition failed cannot be judged either.
    fn doubtful(&mut self, desk: &mut ReadContext) {
        loop {
            let mut changed = false;
            for definition in &mut self.names.derived {
                let bad = |w: &str| desk.poison.contains(w);
                let reads = definition.ast.as_ref().is_some_and(|a| mentions(a, &bad));
                if reads || definition.ast.is_none() {
                    definition.ast = None;
                    changed |= desk.poison.insert(definition.name.clone());
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn components(&mut self, root: &Table, desk: &mut ReadContext) {
        self.names.components = simple_names(root, "payoffs", "a payoff component", desk);
    }

    fn types(&mut self, root: &Table, desk: &mut ReadContext) {
        self.names.types = IndexVec::filled(Vec::new(), self.names.actors.len());
        for entry in section(root, "types", MAX_ENTRIES, desk) {
            let Some(actor) = self.names.actor(entry.name()) else {
                if !desk.halt {
                    let known = self.names.actors.iter().map(String::as_str);
                    desk.unknown("actor", &short(entry.name()), entry.place(), known);
                }
                continue;
            };
            let Some(table) = desk.table(entry) else { continue };
            self.private.push(actor);
            for own in table.entries.iter().filter(|e| !is_truth(e)) {
                desk.identifier(&own.key, "a type", true);
                self.names.types[actor].push(own.name().to_string());
            }
            let count = self.names.types[actor].len();
            if count > MAX_TYPES {
                exceeded(desk, entry.place(), count, MAX_TYPES, "types of one actor");
            }
            if count == 0 {
                let text = format!("[types.{}] defines no type", entry.name());
                desk.error(Code::MissingKey, entry.place(), text);
            }
        }
    }
}

/// Whether an entry of `[types.A]` is the setting `truth` and not a type.
pub(super) fn is_truth(entry: &Entry) -> bool {
    entry.name() == "truth" && !matches!(entry.item.value, Value::Table(_))
}

/// A list of texts.
pub(super) fn texts(entry: Option<&Entry>, desk: &mut ReadContext) -> Vec<String> {
    let Some(list) = entry.and_then(|e| desk.list(e)) else {
        return Vec::new();
    };
    let found = list.iter().filter_map(|i| desk.source(i, "an element of the list"));
    found.map(|s| s.text().to_string()).collect()
}
