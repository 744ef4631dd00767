//! Where actors choose, and between what.

use super::{ActorId, Effect, Ids, Model, OptionId, SeatId};
use crate::expr::{Act, Expr};
use crate::ids::ids;

/// Where an actor makes one choice a round: an actor on a track.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The actor.
    pub actor: ActorId,
    /// The track, by number.
    pub track: usize,
    /// In which stage of a round it is filled, from 0.
    pub stage: usize,
    /// Whether it stands for all tracks of its actor at once.
    pub joint: bool,
    /// Its options are `options[first..end]` of the model; `hold` is the last of them.
    pub first: OptionId,
    /// One past its last option.
    pub end: OptionId,
}

impl Seat {
    /// Its options.
    pub fn options(&self) -> Ids<OptionId> {
        ids(self.range())
    }

    /// Its option of this number, from 0.
    pub fn option(&self, number: usize) -> OptionId {
        OptionId::new(self.first.index() + number)
    }

    /// Which of its options one is, from 0.
    pub fn position(&self, option: OptionId) -> usize {
        option.index() - self.first.index()
    }

    /// Its options as a range.
    pub fn range(&self) -> std::ops::Range<OptionId> {
        self.first..self.end
    }
}

/// What the joint options of some actors must obey, as a reader wants to know it.
#[derive(Debug, Clone, Default)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// A line in plain words; may be empty.
    pub title: String,
    /// Whose options.
    pub by: Vec<ActorId>,
    /// The condition, as it is written.
    pub written: String,
}

/// What one actor may play: a move with its targets, several on a joint seat, or `hold`.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The seat that may play it.
    pub seat: SeatId,
    /// The moves; `hold` is none.
    pub acts: Vec<Act>,
    /// Availability: `None` is always; a formula decided to be 0 is never.
    pub when: Option<Expr>,
    /// Cost by payoff component.
    pub costs: Vec<(usize, Expr)>,
    /// What it does.
    pub effects: Vec<Effect>,
}

impl Choice {
    /// Whether it is `hold`.
    pub fn holds(&self) -> bool {
        self.acts.is_empty()
    }

    /// Whether a move is among what it plays.
    pub fn plays(&self, action: usize) -> bool {
        self.acts.iter().any(|act| act.action == action)
    }
}

impl Model {
    /// How many stages a round has.
    pub fn stages(&self) -> usize {
        self.seats.iter().map(|seat| seat.stage + 1).max().unwrap_or(1)
    }

    /// The seats of an actor.
    pub fn seats_of(&self, actor: ActorId) -> impl Iterator<Item = SeatId> + '_ {
        self.seats.ids().filter(move |s| self.seats[*s].actor == actor)
    }

    /// An option in words: `court CHN`, `ally[B,C]`, `hold`.
    pub fn option_label(&self, option: OptionId) -> String {
        self.names.acts_label(&self.options[option].acts)
    }
}
