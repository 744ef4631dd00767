//! What a procedure reads from outside itself.

use crate::model::{ActorId, CellId, HazardId, OptionId};
pub use crate::rules::Within;

/// A number that is known when a procedure is carried out. Listings of plans print these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// The number of the round that is played, from 1.
    Round,
    /// What a cell of a series is in that round, or so many rounds after it.
    Series(u32, u32),
    /// A number that differs between the arms that a plan serves, by its slot in a
    /// [`super::Point`].
    Parameter(u32),
    /// An output of [`super::Plan::hoisted`].
    Steady(u32),
    /// A state cell at the start of the round.
    Cell(CellId),
    /// The weight of an option in the round before.
    Played(OptionId),
    /// The mix from which it was chosen.
    Mixed(OptionId),
    /// The weight of an option in an earlier stage of the round that is imagined.
    Chosen(OptionId),
    /// The mix from which it was chosen.
    Drawn(OptionId),
    /// The weight of a hazard in the round before.
    Happened(HazardId),
    /// The weight with which a hazard that happens once has happened.
    Spent(HazardId),
    /// An observer's belief: private id, observer, type.
    Belief(u32, ActorId, u32),
    /// Whether an actor is of a type: private id, type.
    Truth(u32, u32),
    /// Whether an actor's Poisson level in this run is this one: actor, level.
    Level(ActorId, u32),
    /// A uniform random number.
    Uniform(Draw),
}

/// A draw of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Draw {
    /// Where the formula stands.
    pub within: Within,
    /// Which draw of its unit.
    pub ordinal: u32,
    /// Where the draws of its unit lie: option, state cell or hazard.
    pub slot: u32,
}

impl Input {
    /// Whether it is always 0 or 1.
    pub(super) fn is_binary(self) -> bool {
        matches!(self, Input::Truth(..) | Input::Level(..))
    }

    /// Whether it is the same for all runs.
    pub fn is_uniform(self) -> bool {
        matches!(self, Input::Round | Input::Series(..))
    }

    /// Whether it is the same in all rounds of a run.
    pub fn stays(self) -> bool {
        let stays = matches!(self, Input::Truth(..) | Input::Level(..));
        stays || matches!(self, Input::Parameter(_) | Input::Steady(_))
    }
}
