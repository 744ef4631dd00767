//! `[map]`: codes of event data as moves.

use super::tracks::action;
use crate::diagnostic::{Code, Diagnostic, short};
use crate::expr::{Source, Word};
use crate::model::Model;
use crate::scenario::{Entry, Fields, Item, ReadContext, Table, Value};

/// What codes stand for.
#[derive(Default)]
pub(super) struct Map {
    codes: Vec<(String, Stands)>,
    /// Of several rows of one track and round the move with most rows counts; of equally many the
    /// first of this list. `None` is `hold`.
    pub most: Option<Vec<Option<usize>>>,
}

/// What a code stands for.
pub(super) enum Stands {
    /// Nothing: its rows are passed over.
    Ignore,
    /// A move, or one of several.
    Moves(Meaning),
}

/// A move, or one of several.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    pub moves: Vec<Option<usize>>,
    /// Replaces the first target of the row; an empty one takes it away.
    pub target: Option<Word>,
    /// Replaces the track of the row.
    pub track: Option<Word>,
}

impl Map {
    /// What a code stands for: the key that it is, or the longest that it begins with and that ends
    /// with `*`.
    pub fn find(&self, code: &str) -> Option<&Stands> {
        let fits = |key: &str| match key.strip_suffix('*') {
            Some(start) => code.starts_with(start),
            None => code == key,
        };
        let rank = |key: &str| (!key.ends_with('*'), key.len());
        let fitting = self.codes.iter().filter(|(key, _)| fits(key));
        fitting.max_by_key(|(key, _)| rank(key)).map(|(_, meaning)| meaning)
    }

    /// All codes, for suggestions.
    pub fn known(&self) -> Vec<&str> {
        self.codes.iter().map(|(key, _)| key.as_str()).collect()
    }

    /// What a history says of codes.
    pub fn read(root: &Table, model: &Model, desk: &mut ReadContext) -> Map {
        let mut map = Map::default();
        let Some(table) = root.get("map").and_then(|entry| desk.table(entry)) else { return map };
        for entry in &table.entries {
            if entry.name() == "most" {
                map.most = Some(listed(&entry.item, "most", model, desk));
                continue;
            }
            if entry.name().trim_end_matches('*').contains('*') {
                let text = "`*` stands at the end of a code, for all that begins with it";
                desk.error(Code::BadName, entry.place(), text);
            }
            if let Some(meaning) = meaning(entry, model, desk) {
                map.codes.push((entry.name().to_string(), meaning));
            }
        }
        map
    }
}

/// `{ move = "sanction" }` or `"ignore"`.
fn meaning(entry: &Entry, model: &Model, desk: &mut ReadContext) -> Option<Stands> {
    let table = match &entry.item.value {
        Value::Text(text) if text.text() == "ignore" => return Some(Stands::Ignore),
        Value::Table(table) => table,
        _ => {
            let code = short(entry.name());
            let text = format!("what `{code}` stands for is a table, or `\"ignore\"`");
            let help = format!("\"{code}\" = {{ move = \"...\" }}");
            let wrong = Diagnostic::new(Code::BadValue, entry.item.span, text);
            desk.report.push(wrong.help(help));
            return None;
        }
    };
    let mut fields = Fields::new(table, entry.place(), format!("the code `{}`", entry.name()));
    let moves = fields.need("move", desk).map(|e| listed(&e.item, "move", model, desk));
    let word = |entry: Option<&Entry>, desk: &mut ReadContext| {
        let source = desk.source(&entry?.item, entry?.name())?;
        Some(said(source))
    };
    let target = word(fields.take("target"), desk);
    let track = word(fields.take("track"), desk);
    fields.finish(desk);
    if let Some(track) = track.as_ref().filter(|track| !model.tracks.contains(&track.text)) {
        let known = model.tracks.iter().map(String::as_str);
        desk.unknown("track", &short(&track.text), track.span, known);
    }
    Some(Stands::Moves(Meaning { moves: moves?, target, track }))
}

/// A move or a list of moves.
fn listed(item: &Item, what: &str, model: &Model, desk: &mut ReadContext) -> Vec<Option<usize>> {
    let items = match &item.value {
        Value::List(list) => list.as_slice(),
        _ => std::slice::from_ref(item),
    };
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let Some(source) = desk.source(item, what) else { continue };
        all.extend(action(&said(source), model, &[], desk));
    }
    all
}

fn said(source: &Source) -> Word {
    Word { text: source.text().to_string(), span: source.whole() }
}
