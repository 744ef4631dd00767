//! The rules of a round, said once: for numbers, and for what stands for them in a plan.
//!
//! A round is one transition from a state and *weights* (of each option of each seat, of each
//! event, of each truth value) to the next state. In reality every weight is 0 or 1 and draws are
//! drawn; in an imagined round, the one an actor plays in its head to value an option, weights are
//! probabilities and draws are their means. Everything is generic over [`Number`]: `reference`
//! carries the rules out at `f64`, one run at a time, and `plan` on the nodes of a graph, once for
//! all runs.
//!
//! - `effect_index`: what all rounds of an arm share;
//! - `view`: the world before a round, and whose eyes it is seen through;
//! - `perspective`: an actor as one of its types, and what it predicts;
//! - `start`, `round`, `moment`: steps 4 to 6, 8 and 9 for any weights, whoever looks;
//! - `onward`: the world after an imagined round, given that the run goes on;
//! - `learn`: step 7, Bayes' rule;
//! - `choose`: what a seat can do, and how a rule turns utilities into a mix (steps 1 to 3);
//! - `nested`: nested logit;
//! - `levels`: levels of reasoning, from replies to strategies (step 2);
//! - `markov`: what the future is worth in games without a last round;
//! - `memo`, `reach`: the values of a round, and which of them an option cannot change.

mod choose;
mod effect_index;
mod learn;
mod levels;
mod markov;
mod memo;
mod moment;
mod nested;
mod onward;
mod perspective;
mod reach;
mod round;
mod start;
mod view;

use crate::expr::{Number, Site};
use crate::model::{CellId, HazardId, OptionId, Slots};

use choose::{Sharpness, availability, reply, without_thought};
pub use effect_index::{CellEffect, EffectIndex, Halt};
pub use learn::{Play, expected, observed};
pub use levels::{Answer, Replies, Strategies, Table};
pub use markov::{markov, state};
pub use moment::{Moment, Paid};
pub use perspective::{Perspective, TrueStart, open_options};
pub use round::{Phase, Round, total};
pub use start::Start;
pub use view::{Beliefs, View, World, one_hot};

/// Which formulas draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// Initial values.
    Initial,
    /// Effects of moves.
    Effects,
    /// Dynamics.
    Dynamics,
    /// Probabilities: whether an event happens.
    Events,
    /// Effects of events.
    EventEffects,
}

impl Within {
    /// The slot of the draws of a unit: an option, a cell or a hazard by number.
    pub fn slot(self, slots: &Slots, unit: u32) -> u32 {
        let unit = unit as usize;
        match self {
            Within::Initial | Within::Dynamics => slots.cells[CellId::new(unit)],
            Within::Effects => slots.options[OptionId::new(unit)],
            Within::Events | Within::EventEffects => slots.hazards[HazardId::new(unit)],
        }
    }
}

/// The uniform number of a draw.
pub type Draws<'a, N> = &'a dyn Fn(Within, Site) -> N;

/// The numbers that an arm sets: themselves, or inputs that stand for them.
pub trait Setting<N: Number> {
    /// Where numbers are made.
    fn home(&self) -> N::Home;
    /// A parameter cell.
    fn parameter(&self, _cell: usize, value: f64) -> N {
        N::constant(self.home(), value)
    }
    /// A cell of `Arm::typed` at a combination of types.
    fn typed(&self, _typed: usize, _at: usize, value: f64) -> N {
        N::constant(self.home(), value)
    }
}

impl Setting<f64> for () {
    fn home(&self) {}
}
