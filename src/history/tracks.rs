//! Where moves of an actor exclude each other: on a track. A joint seat has several.

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::{Act, Word};
use crate::model::{ActorId, Choice, Model, SeatId};
use crate::scenario::ReadContext;

/// An actor on a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Track {
    pub actor: ActorId,
    /// By number in the model.
    pub number: usize,
    pub seat: SeatId,
}

/// All of them, by seat.
pub(super) struct Tracks {
    pub list: Vec<Track>,
    /// By actor and move that it can play, which of them it is.
    pub by_move: BTreeMap<(ActorId, usize), usize>,
}

/// What a row names: `hold`, or a move with as many of its targets as are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pick {
    /// The move; `None` is `hold`.
    pub action: Option<usize>,
    /// By target of the move: who or what it is, if that is known.
    pub targets: Vec<Option<crate::model::ElementId>>,
}

impl Track {
    /// What an option does on this track.
    pub fn act<'o>(&self, model: &Model, option: &'o Choice) -> Option<&'o Act> {
        option.acts.iter().find(|act| model.moves[act.action].track == self.number)
    }

    /// Whether an option is among those that a row names.
    pub fn fits(&self, model: &Model, option: &Choice, pick: &Pick) -> bool {
        let known = |act: &Act| {
            let targets = || act.targets.iter().zip(&pick.targets);
            Some(act.action) == pick.action
                && targets().all(|(own, said)| said.is_none_or(|said| said == *own))
        };
        self.act(model, option).map_or(pick.action.is_none(), known)
    }

    /// The options of its seat.
    pub fn options<'m>(&self, model: &'m Model) -> &'m [Choice] {
        model.options.slice(model.seats[self.seat].range())
    }

    /// As messages and keys of `[complete]` call it.
    pub fn label(&self, model: &Model) -> String {
        format!("{},{}", model.names.actors[self.actor], model.tracks[self.number])
    }
}

impl Tracks {
    /// Those of a scenario.
    pub fn of(model: &Model) -> Tracks {
        let mut all: Vec<Track> = Vec::new();
        for (id, seat) in model.seats.enumerate() {
            let mut own = BTreeSet::from([seat.track]);
            if seat.joint {
                let options = model.options.slice(seat.range());
                let acts = options.iter().flat_map(|option| &option.acts);
                own = acts.map(|act| model.moves[act.action].track).collect();
            }
            let track = |number| Track { actor: seat.actor, number, seat: id };
            all.extend(own.into_iter().map(track));
        }
        let mut by_move = BTreeMap::new();
        for (number, track) in all.iter().enumerate() {
            let acts = track.options(model).iter().filter_map(|option| track.act(model, option));
            by_move.extend(acts.map(|act| ((track.actor, act.action), number)));
        }
        Tracks { list: all, by_move }
    }

    /// The moves that can be played on one of them, in file order.
    pub fn moves(&self, number: usize) -> Vec<usize> {
        let own = self.by_move.iter().filter(|(_, track)| **track == number);
        own.map(|((_, action), _)| *action).collect()
    }

    /// Those of an actor, each with its number.
    pub fn of_actor(&self, actor: ActorId) -> Vec<(usize, Track)> {
        let all = self.list.iter().copied().enumerate();
        all.filter(|(_, track)| track.actor == actor).collect()
    }

    /// The one of an actor that a word names; `None` after a report.
    pub fn find(
        &self,
        (actor, word): (ActorId, &Word),
        model: &Model,
        desk: &mut ReadContext,
    ) -> Option<usize> {
        let own = self.of_actor(actor);
        let found = own.iter().find(|(_, track)| model.tracks[track.number] == word.text);
        if found.is_none() {
            let known = own.iter().map(|(_, track)| model.tracks[track.number].as_str());
            desk.unknown("track", &crate::diagnostic::short(&word.text), word.span, known);
        }
        found.map(|(number, _)| *number)
    }
}

/// The actor that a word names; `None` after a report.
pub(super) fn actor(word: &Word, model: &Model, desk: &mut ReadContext) -> Option<ActorId> {
    let found = model.names.actor(&word.text);
    if found.is_none() {
        let known = model.names.actors.iter().map(String::as_str);
        desk.unknown("actor", &crate::diagnostic::short(&word.text), word.span, known);
    }
    found
}

/// The move that a word names, `None` for `hold`; nothing after a report.
pub(super) fn action(
    word: &Word,
    model: &Model,
    more: &[&str],
    desk: &mut ReadContext,
) -> Option<Option<usize>> {
    if word.text == "hold" {
        return Some(None);
    }
    let found = model.names.moves.iter().position(|m| m.name == word.text);
    if found.is_none() {
        let moves = model.names.moves.iter().map(|m| m.name.as_str());
        let known = moves.chain(["hold"]).chain(more.iter().copied());
        desk.unknown("move", &crate::diagnostic::short(&word.text), word.span, known);
    }
    found.map(Some)
}
