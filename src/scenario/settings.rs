//! `[decision]`, and everything that a variant or `--set` can change.

use super::build::{Build, hole};
use super::limits::{MAX_ENTRIES, MAX_FORESIGHT, MAX_LEVEL, MAX_POISSON, section};
use super::override_keys::{Wide, ties};
use super::read_context::{Fields, ReadContext, short};
use super::tree::{Entry, Item, Table, Value};
use crate::diagnostic::{Code, Diagnostic, Span, clip, nearest};
use crate::expr::{Expr, Kind, Role, Scope, Source, Word, parse};
use crate::model::{
    ActorId, Anticipation, CellId, DecisionItem, IndexVec, Level0, Nest, Nests, Override,
    Reasoning, Rule, STATIONARY, Setting, Variant,
};

/// The keys of `[decision]`.
const KEYS: &[&str] = &[
    "rule",
    "precision",
    "nests",
    "mu",
    "reasoning",
    "level0",
    "foresight",
    "discount",
    "anticipation",
    "hold",
    "tracks",
    "policy",
];

/// The words of `tracks`, and whether an actor chooses on all of them at once.
pub(super) const TRACKS: &[(&str, bool)] = &[("separate", false), ("joint", true)];

impl Build<'_, '_> {
    /// Common items in file order, then those of actors.
    pub fn decisions(&mut self, root: &Table) -> Vec<DecisionItem> {
        let (mut common, mut own) = (Vec::new(), Vec::new());
        for entry in section(root, "decision", MAX_ENTRIES, self.desk) {
            if let Value::Table(table) = &entry.item.value {
                let Some(actor) = self.names.actor(entry.name()) else {
                    if KEYS.contains(&entry.name()) {
                        let found = self.setting(None, entry);
                        common.extend(found.map(|setting| DecisionItem { actor: None, setting }));
                    } else {
                        let known = self.names.actors.iter().map(String::as_str);
                        let name = short(entry.name());
                        self.desk.unknown("actor", &name, entry.place(), known);
                    }
                    continue;
                };
                for inner in &table.entries {
                    let setting = self.setting(Some(actor), inner);
                    own.extend(setting.map(|s| DecisionItem { actor: Some(actor), setting: s }));
                }
            } else {
                let setting = self.setting(None, entry);
                common.extend(setting.map(|setting| DecisionItem { actor: None, setting }));
            }
        }
        common.extend(own);
        common
    }

    fn setting(&mut self, actor: Option<ActorId>, entry: &Entry) -> Option<Setting> {
        let word = Word { text: entry.name().to_string(), span: entry.place() };
        self.setting_of(actor, &word, entry)
    }

    /// One setting; `key` is its last word.
    pub(super) fn setting_of(
        &mut self,
        actor: Option<ActorId>,
        key: &Word,
        entry: &Entry,
    ) -> Option<Setting> {
        let item = &entry.item;
        let name = key.text.as_str();
        match name {
            "rule" => self.desk.word(item, name, Rule::ALL).map(Setting::Rule),
            "precision" => self.by_actor(actor, item, name).map(Setting::Precision),
            "nests" => self.desk.word(item, name, Nests::ALL).map(Setting::Nests),
            "mu" => self.dissimilarity(actor, item),
            "discount" => self.by_actor(actor, item, name).map(Setting::Discount),
            "reasoning" => self.reasoning(entry).map(Setting::Reasoning),
            "level0" => self.desk.word(item, name, Level0::ALL).map(Setting::Level0),
            "foresight" => {
                if let Value::Number(_) = entry.item.value {
                    let found = self.desk.whole(entry, 1, MAX_FORESIGHT)?;
                    return Some(Setting::Foresight(u32::try_from(found).ok()?));
                }
                let source = self.desk.source(&entry.item, name)?;
                if source.text() == "stationary" {
                    return Some(Setting::Foresight(STATIONARY));
                }
                let text = format!("`{}` is no foresight", clip(source.text()));
                let help = format!("a whole number from 1 to {MAX_FORESIGHT}, or `\"stationary\"`");
                let diagnostic = Diagnostic::new(Code::BadValue, source.whole(), text).help(help);
                self.desk.report.push(diagnostic);
                None
            }
            "anticipation" => {
                self.desk.word(item, name, Anticipation::ALL).map(Setting::Anticipation)
            }
            "hold" => self.desk.flag(entry).map(Setting::Hold),
            // what it says is known before names are: see `draft::joint`
            "tracks" => self.desk.word(item, name, TRACKS).and(None),
            "policy" => {
                let source = self.desk.source(item, name)?;
                let found = self.policies.iter().position(|p| p == source.text());
                if found.is_none() {
                    let known = self.policies.iter().map(String::as_str);
                    self.desk.unknown("policy", &short(source.text()), source.whole(), known);
                }
                self.desk.mention(source.text());
                found.map(Setting::Policy)
            }
            _ => {
                let text = format!("a decision has no key `{}`", short(name));
                let help = nearest(name, KEYS.iter().copied())
                    .unwrap_or_else(|| format!("its keys are {}", KEYS.join(", ")));
                let diagnostic = Diagnostic::new(Code::UnknownKey, key.span, text).help(help);
                self.desk.report.push(diagnostic);
                None
            }
        }
    }

    /// A formula over parameters of `self`, compiled for one actor or for all.
    fn by_actor(
        &mut self,
        actor: Option<ActorId>,
        item: &Item,
        name: &str,
    ) -> Option<IndexVec<ActorId, Option<Expr>>> {
        let written = self.desk.formula(item, name);
        if let Some(number) = written.number {
            let (fine, limits) = match name {
                "discount" => ((0.0..=1.0).contains(&number), "from 0 to 1"),
                "mu" => (number > 0.0 && number <= 1.0, "above 0 and at most 1"),
                _ => (number >= 0.0, "at least 0"),
            };
            if !fine {
                let text = format!("`{name}` is {limits}, found {number}");
                self.desk.error(Code::BadValue, written.span, text);
                return None;
            }
        }
        written.ast.as_ref()?;
        let mut all = IndexVec::filled(None, self.names.actors.len());
        for (id, value) in all.enumerate_mut() {
            if actor.is_none_or(|a| a == id) {
                let mut scope = Scope::new(Role::Decision).with("self", id);
                *value = self.number(&written, &mut scope);
            }
        }
        Some(all)
    }

    /// `mu`: one formula for every nest, or a table of nests.
    fn dissimilarity(&mut self, actor: Option<ActorId>, item: &Item) -> Option<Setting> {
        let Value::Table(table) = &item.value else {
            let all = self.by_actor(actor, item, "mu")?;
            return Some(Setting::Dissimilarity(vec![(None, all)]));
        };
        let names = self.names;
        let mut list = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            let known = || names.moves.iter();
            let nest = match entry.name().strip_prefix('#') {
                _ if entry.name() == "default" => Some(None),
                Some(tag) => known()
                    .any(|m| m.tags.iter().any(|t| t == tag))
                    .then(|| Some(Nest::Tag(tag.to_string()))),
                None => known().position(|m| m.name == entry.name()).map(|m| Some(Nest::Move(m))),
            };
            let value = self.by_actor(actor, &entry.item, "mu");
            match (nest, value) {
                (Some(nest), Some(value)) => list.push((nest, value)),
                (None, _) => {
                    let tags = known().flat_map(|m| &m.tags).map(|tag| format!("#{tag}"));
                    let all: Vec<String> = known().map(|m| m.name.clone()).chain(tags).collect();
                    let all = all.iter().map(String::as_str).chain(["default"]);
                    self.desk.unknown("nest", &short(entry.name()), entry.place(), all);
                }
                _ => {}
            }
        }
        Some(Setting::Dissimilarity(list))
    }

    fn reasoning(&mut self, entry: &Entry) -> Option<Reasoning> {
        if let Value::Number(_) = entry.item.value {
            let level = self.desk.whole(entry, 0, MAX_LEVEL)?;
            return Some(Reasoning::Level(u32::try_from(level).ok()?));
        }
        let source = self.desk.source(&entry.item, "reasoning")?;
        if source.text() == "equilibrium" {
            return Some(Reasoning::Equilibrium);
        }
        if let Some(Kind::Call(word, list)) = parse(source).ok().map(|ast| ast.kind) {
            let mean = list.first().and_then(super::ranges::literal);
            let fine = |m: &f64| *m > 0.0 && *m <= MAX_POISSON;
            if let (true, 1, Some(mean)) = (word.text == "poisson", list.len(), mean.filter(fine)) {
                return Some(Reasoning::Poisson(mean));
            }
        }
        let text = format!("`{}` is not a way of reasoning", short(source.text()));
        let help = format!(
            "a level from 0 to {MAX_LEVEL}, `\"equilibrium\"`, or `\"poisson(x)\"` with x above 0 \
             and at most {MAX_POISSON}"
        );
        self.desk.report.push(Diagnostic::new(Code::BadValue, source.whole(), text).help(help));
        None
    }

    /// One override; `None` after a report.
    pub fn change(&mut self, path: &Path<'_>) -> Option<Change> {
        let entry = path.entry;
        match path.words.as_slice() {
            [first, rest @ ..] if first.text == "types" => {
                let (wide, value) = (None, self.change_truth(first, rest, entry)?);
                Some(Change { key: path.word(), wide, value })
            }
            [first, rest @ ..] if first.text == "decision" => {
                let (actor, key) = match rest {
                    [key] => (None, key),
                    [actor, key] => match self.names.actor(&actor.text) {
                        Some(found) => (Some(found), key),
                        None => {
                            let known = self.names.actors.iter().map(String::as_str);
                            self.desk.unknown("actor", &short(&actor.text), actor.span, known);
                            return None;
                        }
                    },
                    _ => {
                        let text = "the form is `decision.key` or `decision.ACTOR.key`";
                        let help = format!("the keys are {}", KEYS.join(", "));
                        let wrong = Diagnostic::new(Code::Override, first.span, text).help(help);
                        self.desk.report.push(wrong);
                        return None;
                    }
                };
                if key.text == "tracks" {
                    let text = "`tracks` says what the options are, which no variant can change";
                    let help = "write it under [decision] or [decision.A]";
                    let wrong = Diagnostic::new(Code::Override, key.span, text).help(help);
                    self.desk.report.push(wrong);
                    return None;
                }
                let setting = self.setting_of(actor, key, entry)?;
                Some(Change {
                    key: path.word(),
                    wide: None,
                    value: Override::Decision(DecisionItem { actor, setting }),
                })
            }
            _ => self.change_cells(entry),
        }
    }

    fn change_truth(&mut self, first: &Word, rest: &[Word], entry: &Entry) -> Option<Override> {
        let [actor, truth] = rest else {
            let text = "the form is `types.ACTOR.truth`";
            self.desk.error(Code::Override, first.span, text);
            return None;
        };
        if truth.text != "truth" {
            let text = "only `truth` of an actor's types can be set";
            self.desk.report.push(
                Diagnostic::new(Code::Override, truth.span, text)
                    .help("the form is `types.ACTOR.truth`"),
            );
            return None;
        }
        let found = self.names.actor(&actor.text);
        let id = found.and_then(|a| self.private.iter().position(|p| *p == a));
        let (Some(found), Some(id)) = (found, id) else {
            let known: Vec<&str> =
                self.private.iter().map(|a| self.names.actors[*a].as_str()).collect();
            if known.is_empty() {
                let text = "no actor of this scenario has types";
                let help = "add `[types.A]`, or remove the key";
                let wrong = Diagnostic::new(Code::Override, first.span, text).help(help);
                self.desk.report.push(wrong);
                return None;
            }
            self.desk.unknown("actor with types", &short(&actor.text), actor.span, known);
            return None;
        };
        let actor_type = self.truth_of(found, entry)?;
        Some(Override::TrueType(id, actor_type))
    }

    fn change_cells(&mut self, entry: &Entry) -> Option<Change> {
        let key = self.wide(&entry.key);
        if let Value::Table(_) = entry.item.value {
            let text = format!("`{}` is set to one number or formula", short(entry.name()));
            self.desk.report.push(
                Diagnostic::new(Code::WrongKind, entry.item.span, text)
                    .help(format!("set single cells: `\"{}[A]\" = 1`", short(entry.name()))),
            );
            return None;
        }
        let written = self.desk.formula(&entry.item, entry.name());
        let key = key?;
        written.ast.as_ref()?;
        if let (true, Some(range)) = (key.state, self.ranges.get(key.number).copied().flatten()) {
            let name = &self.names.states[key.number].name;
            super::ranges::check(written.number, written.span, range, name, self.desk);
        }
        let role = if key.state { Role::Initial } else { Role::Parameter };
        let mut list = Vec::with_capacity(key.cells.len());
        for (cell, at) in &key.cells {
            let mut scope = Self::indexed(role, at).unit(*cell);
            let value = self.number(&written, &mut scope);
            let known = value.as_ref().and_then(|value| value.with(&|_| None).decided());
            if let Some(number) = known.filter(|number| key.state && !number.is_finite()) {
                let text = format!("the initial value is {number}, not a finite number");
                self.desk.error(Code::NotFinite, written.span, text);
                return None;
            }
            list.push((*cell, value.unwrap_or_else(|| hole(key.span))));
        }
        let state = |(cell, value)| (CellId::new(cell), value);
        let value = match key.state {
            true => Override::Initial(list.into_iter().map(state).collect()),
            false => Override::Parameter(list),
        };
        Some(Change { key: Word { text: key.key.clone(), span: key.span }, wide: Some(key), value })
    }

    /// All variants, each with the place where it is defined.
    pub fn variants(&mut self, root: &Table) -> Vec<(Variant, Span)> {
        let mut all = Vec::new();
        for entry in section(root, "variants", MAX_ENTRIES, self.desk) {
            if entry.name() == "base" {
                let text = "`base` is the name of the file itself";
                self.desk.error(Code::BadName, entry.place(), text);
            }
            let Some(table) = self.desk.table(entry) else { continue };
            let what = format!("the variant `{}`", entry.name());
            let mut fields = Fields::new(table, entry.place(), what);
            let mut variant = Variant {
                name: entry.name().to_string(),
                title: self.desk.text(fields.take("title")),
                set: Vec::new(),
                moves: Vec::new(),
                events: Vec::new(),
                written: Vec::new(),
            };
            self.desk.text(fields.take("note"));
            self.desk.citation(fields.take("source"), self.citable);
            if let Some(table) = fields.take("set").and_then(|e| self.desk.table(e)) {
                self.variant_set(table, &mut variant);
            }
            if let Some(list) = fields.take("disable").and_then(|e| self.desk.list(e)) {
                self.disable(list, &mut variant);
            }
            fields.finish(self.desk);
            all.push((variant, entry.place()));
        }
        all
    }

    fn variant_set(&mut self, table: &Table, variant: &mut Variant) {
        let mut changes = Vec::new();
        for path in table.entries.iter().flat_map(paths) {
            variant.written.push((path.name(), written(path.entry)));
            changes.extend(self.change(&path));
        }
        contradictions(&changes, self.desk);
        changes.sort_by_key(|c| c.wide.as_ref().map_or(0, |w| w.rank));
        variant.set = changes.into_iter().map(|c| c.value).collect();
    }

    fn disable(&mut self, list: &[Item], variant: &mut Variant) {
        for item in list {
            let Some(source) = self.desk.source(item, "disable") else { continue };
            let name = source.text();
            let names = self.names;
            if let Some(number) = names.moves.iter().position(|m| m.name == name) {
                variant.moves.push(number);
            } else if let Some(number) = names.events.find_id(|e| e.name == name) {
                variant.events.push(number);
            } else {
                let moves = names.moves.iter().map(|m| m.name.as_str());
                let known = moves.chain(names.events.iter().map(|e| e.name.as_str()));
                self.desk.unknown("move or event", &short(name), source.whole(), known);
            }
        }
    }
}

/// Reports settings that contradict each other: the same thing set twice, or two keys of equal
/// rank that share a cell.
pub(super) fn contradictions(changes: &[Change], desk: &mut ReadContext) {
    ties(changes.iter().filter_map(|c| c.wide.as_ref()), desk);
    let same = |a: &Change, b: &Change| a.wide.is_none() && a.value.meets(&b.value);
    for (at, second) in changes.iter().enumerate() {
        if changes[..at].iter().any(|first| same(first, second)) {
            let text = format!("`{}` is set twice", short(&second.key.text));
            let twice = Diagnostic::new(Code::Ambiguous, second.key.span, text);
            desk.report.push(twice.help("leave one of the two away"));
        }
    }
}

/// The value of an override as it is written.
pub(super) fn written(entry: &Entry) -> String {
    match &entry.item.value {
        Value::Text(source) => source.text().to_string(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        _ => String::new(),
    }
}

/// An override with the cells it names, if it names cells.
pub(super) struct Change {
    /// The key as it is written.
    pub key: Word,
    pub wide: Option<Wide>,
    pub value: Override,
}

/// A key of an override as words, with the entry that holds its value.
pub(super) struct Path<'t> {
    pub words: Vec<Word>,
    pub entry: &'t Entry,
}

impl Path<'_> {
    /// As it is written.
    pub fn name(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|w| w.text.as_str()).collect();
        words.join(".")
    }

    /// The same with its place.
    fn word(&self) -> Word {
        let spans = self.words.iter().map(|w| w.span);
        Word { text: self.name(), span: spans.reduce(Span::to).unwrap_or_default() }
    }
}

/// The overrides of an entry: one, or those of the tables that dotted keys make.
pub(super) fn paths(entry: &Entry) -> Vec<Path<'_>> {
    let first = entry.name().split('.').next().unwrap_or_default();
    if !matches!(first, "types" | "decision") {
        let word = Word { text: entry.name().to_string(), span: entry.place() };
        return vec![Path { words: vec![word], entry }];
    }
    let mut all = Vec::new();
    descend(dotted(&entry.key), entry, &mut all);
    all
}

fn descend<'t>(words: Vec<Word>, entry: &'t Entry, all: &mut Vec<Path<'t>>) {
    match &entry.item.value {
        Value::Table(table) if words.len() < 4 => {
            for inner in &table.entries {
                let mut words = words.clone();
                words.extend(dotted(&inner.key));
                descend(words, inner, all);
            }
        }
        _ => all.push(Path { words, entry }),
    }
}

/// The words of `decision.CHN.precision`.
fn dotted(key: &Source) -> Vec<Word> {
    let mut at = 0;
    let word = |piece: &str| {
        let span = key.span(at, at + piece.len());
        at += piece.len() + 1;
        Word { text: piece.to_string(), span }
    };
    key.text().split('.').map(word).collect()
}
