//! The values of a round, numbered, and kept once they are known.

use std::cell::Cell;

use super::Phase;
use crate::model::{ActorId, CellId, HazardId, Model};

/// The number of every value that a round works out from its formulas.
#[derive(Debug, Clone, Copy)]
pub struct MemoLayout {
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
    pub fn cell(&self, phase: Phase, cell: CellId) -> usize {
        phase.number() * self.cells + cell.index()
    }

    /// A derived quantity at a moment.
    #[inline]
    pub fn derived(&self, phase: Phase, instance: usize) -> usize {
        let moment = if phase == Phase::Start { 3 } else { phase.number() };
        3 * self.cells + moment * self.derived + instance
    }

    /// How likely an event is.
    #[inline]
    pub fn chance(&self, hazard: HazardId) -> usize {
        3 * self.cells + 4 * self.derived + hazard.index()
    }

    /// A payoff component of an actor.
    pub fn payoff(&self, actor: ActorId, component: usize) -> usize {
        self.first_payoff() + actor.index() * self.components + component
    }

    fn first_payoff(&self) -> usize {
        self.chance(HazardId::new(self.hazards))
    }

    /// The weight of that component in the actor's utility.
    pub fn weight(&self, actor: ActorId, component: usize) -> usize {
        self.actors * self.components + self.payoff(actor, component)
    }

    /// Whether the run goes on.
    pub fn goes_on(&self) -> usize {
        self.first_payoff() + 2 * self.actors * self.components
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        self.goes_on() + 1
    }
}

/// Values kept once they are known.
pub struct Memo<N>(Vec<Cell<Option<N>>>);

impl<N: Copy> Memo<N> {
    pub fn new(count: usize) -> Self {
        Memo(vec![Cell::new(None); count])
    }

    pub fn forget(&self, slots: &[usize]) {
        for slot in slots {
            self.0[*slot].set(None);
        }
    }

    #[inline]
    pub fn kept(&self, at: usize, work_out: impl FnOnce() -> N) -> N {
        if let Some(known) = self.0[at].get() {
            return known;
        }
        let found = work_out();
        self.0[at].set(Some(found));
        found
    }
}
