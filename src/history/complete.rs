//! `[complete]`: moves that were not played where no row names them.

use super::tracks::{Tracks, action, actor};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::Word;
use crate::model::Model;
use crate::scenario::{Entry, Item, ReadContext, Table, Value, split};

/// What the absence of rows says of a track in a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Complete {
    /// Nothing was played: it held.
    All,
    /// None of these moves was played.
    Moves(Vec<usize>),
}

/// By track.
pub(super) fn read(
    root: &Table,
    tracks: &Tracks,
    model: &Model,
    desk: &mut ReadContext,
) -> Vec<Option<Complete>> {
    let mut all = vec![None; tracks.list.len()];
    let mut places: Vec<Option<Span>> = vec![None; all.len()];
    let Some(table) = root.get("complete").and_then(|entry| desk.table(entry)) else { return all };
    for entry in &table.entries {
        let track = key(entry, tracks, model, desk);
        let value = track.and_then(|track| moves(&entry.item, (tracks, track), model, desk));
        let (Some(track), Some(value)) = (track, value) else { continue };
        if let Some(first) = places[track].replace(entry.place()) {
            let text = format!("`{}` is given twice", tracks.list[track].label(model));
            let twice = Diagnostic::new(Code::Ambiguous, entry.place(), text);
            desk.report.push(twice.label(first, "the first").help("leave one of the two away"));
        }
        all[track] = Some(value);
    }
    all
}

/// The track of a key: `ACTOR,track`, or `ACTOR` where it has one.
fn key(entry: &Entry, tracks: &Tracks, model: &Model, desk: &mut ReadContext) -> Option<usize> {
    let words = split(&entry.key);
    let (name, track) = match words.as_slice() {
        [actor] => (actor, None),
        [actor, track] => (actor, Some(track)),
        _ => {
            let text = "the form is `ACTOR,track`, or `ACTOR` where it has one track";
            desk.error(Code::WrongIndices, entry.place(), text);
            return None;
        }
    };
    let actor = actor(name, model, desk)?;
    let own = tracks.of_actor(actor);
    match (track, own.as_slice()) {
        (_, []) => {
            let text = format!("{} has no moves", name.text);
            desk.error(Code::Record, name.span, text);
            None
        }
        (Some(track), _) => tracks.find((actor, track), model, desk),
        (None, [(only, _)]) => Some(*only),
        (None, several) => {
            let keys: Vec<String> =
                several.iter().map(|(_, track)| format!("`\"{}\"`", track.label(model))).collect();
            let text = format!("{} moves on {} tracks", name.text, several.len());
            let help = format!("name the track: {}", keys.join(", "));
            desk.report.push(Diagnostic::new(Code::WrongIndices, entry.place(), text).help(help));
            None
        }
    }
}

/// `"all"`, or a list of moves of the track.
fn moves(
    item: &Item,
    (tracks, track): (&Tracks, usize),
    model: &Model,
    desk: &mut ReadContext,
) -> Option<Complete> {
    let list = match &item.value {
        Value::Text(text) if text.text() == "all" => return Some(Complete::All),
        Value::List(list) => list,
        _ => {
            let text = "what is complete is `\"all\"` or a list of moves";
            desk.error(Code::BadValue, item.span, text);
            return None;
        }
    };
    let own = tracks.moves(track);
    let mut all = Vec::with_capacity(list.len());
    for item in list {
        let source = desk.source(item, "a move")?;
        let word = Word { text: source.text().to_string(), span: source.whole() };
        match action(&word, model, &[], desk)? {
            Some(found) if own.contains(&found) => all.push(found),
            Some(_) => {
                let text =
                    format!("`{}` is no move of {}", word.text, tracks.list[track].label(model));
                let names: Vec<String> =
                    own.iter().map(|m| format!("`{}`", model.names.moves[*m].name)).collect();
                let help = format!("its moves are {}", names.join(", "));
                desk.report.push(Diagnostic::new(Code::Record, word.span, text).help(help));
            }
            None => {
                let text = "`hold` is what is left where no move was played";
                let help = "leave it away, or write \"all\" if every move is recorded";
                desk.report.push(Diagnostic::new(Code::BadValue, word.span, text).help(help));
            }
        }
    }
    Some(Complete::Moves(all))
}
