//! The values of a round, numbered, and kept once they are known.

use std::cell::Cell;

use super::moment::Phase;
use crate::model::Model;

/// The number of every value that a round works out from its formulas.
#[derive(Debug, Clone, Copy)]
pub(super) struct MemoLayout {
    cells: usize,
    derived: usize,
    hazards: usize,
    actors: usize,
    components: usize,
}

impl MemoLayout {
    pub fn of(model: &Model) -> Self {
        MemoLayout {
            cells: model.cells.len(),
            derived: model.derived.len(),
            hazards: model.hazards.len(),
            actors: model.actor_count(),
            components: model.names.components.len(),
        }
    }

    /// A state cell at a moment.
    #[inline]
    pub fn cell(&self, phase: Phase, cell: usize) -> usize {
        phase.number() * self.cells + cell
    }

    /// A derived quantity at a moment.
    #[inline]
    pub fn derived(&self, phase: Phase, instance: usize) -> usize {
        3 * self.cells + phase.number() * self.derived + instance
    }

    /// How likely an event is.
    #[inline]
    pub fn chance(&self, hazard: usize) -> usize {
        3 * (self.cells + self.derived) + hazard
    }

    /// A payoff component of an actor.
    pub fn payoff(&self, actor: usize, component: usize) -> usize {
        self.chance(self.hazards) + actor * self.components + component
    }

    /// The weight of that component in the actor's utility.
    pub fn weight(&self, actor: usize, component: usize) -> usize {
        self.payoff(self.actors + actor, component)
    }

    /// Whether the run goes on.
    pub fn goes_on(&self) -> usize {
        self.payoff(2 * self.actors, 0)
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        self.goes_on() + 1
    }
}

/// Values kept once they are known. What is not known yet is a not-a-number of its own; should a
/// formula ever give just that one, it is worked out again.
pub(super) struct Memo(Vec<Cell<f64>>);

const UNKNOWN: u64 = 0x7ff8_0000_dead_beef;

impl Memo {
    pub fn new(count: usize) -> Self {
        Memo(vec![Cell::new(f64::from_bits(UNKNOWN)); count])
    }

    pub fn forget(&self, slots: &[usize]) {
        for slot in slots {
            self.0[*slot].set(f64::from_bits(UNKNOWN));
        }
    }

    #[inline]
    pub fn kept(&self, at: usize, work_out: impl FnOnce() -> f64) -> f64 {
        let known = self.0[at].get();
        if known.to_bits() != UNKNOWN {
            return known;
        }
        let found = work_out();
        self.0[at].set(found);
        found
    }
}
