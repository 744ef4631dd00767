//! A moment of a round as formulas read it.

use super::{Phase, Round, Within};
use crate::expr::{Facts, Number, Site, value};
use crate::model::{ActorId, CellId, HazardId, IndexVec, OptionId};

/// What a round gives everybody.
#[derive(Clone)]
pub struct Paid<N> {
    /// By actor.
    pub utilities: IndexVec<ActorId, N>,
    /// By actor and component.
    pub payoffs: IndexVec<ActorId, Vec<N>>,
}

/// A moment of a round.
pub struct Moment<'a, N: Number> {
    pub round: &'a Round<'a, N>,
    pub phase: Phase,
}

impl<N: Number> Facts<N> for Moment<'_, N> {
    fn home(&self) -> N::Home {
        self.round.start.home
    }
    fn parameter(&self, cell: usize) -> N {
        self.round.start.view.parameters[cell]
    }
    fn state(&self, cell: CellId) -> N {
        self.round.cell(self.phase, cell)
    }
    fn derived(&self, instance: usize) -> N {
        let index = self.round.start.index;
        if self.phase == Phase::Start && !index.derived_of_choices[instance] {
            return self.round.start.derived(instance);
        }
        let formula = &index.model.derived[instance].value;
        let slot = index.layout.derived(self.phase, instance);
        self.round.kept(slot, |round| value(formula, &round.at(self.phase)))
    }
    fn round(&self) -> N {
        self.round.start.round()
    }
    fn rounds(&self) -> N {
        self.round.start.rounds()
    }
    fn option(&self, option: OptionId, last: bool) -> N {
        if last { self.round.start.world.played[option] } else { self.round.chosen[option] }
    }
    fn event(&self, hazard: HazardId, last: bool) -> N {
        if last { self.round.start.world.happened[hazard] } else { self.round.happened(hazard) }
    }
    fn belief(&self, observer: ActorId, actor: ActorId, actor_type: usize) -> N {
        let start = self.round.start;
        match start.index.model.private_of(actor) {
            Some(id) if self.phase == Phase::End && observer != actor => {
                self.round.belief(id, observer)[actor_type]
            }
            _ => start.belief(observer, actor, actor_type),
        }
    }
    fn utility(&self, actor: ActorId) -> N {
        self.round.paid.as_ref().map_or_else(|| self.nothing(), |paid| paid.utilities[actor])
    }
    fn payoff(&self, actor: ActorId, component: usize) -> N {
        let paid = self.round.paid.as_ref();
        paid.map_or_else(|| self.nothing(), |paid| paid.payoffs[actor][component])
    }
    fn uniform(&self, site: Site) -> Option<N> {
        let within = match self.phase {
            Phase::Start => Within::Effects,
            Phase::AfterMoves => Within::Dynamics,
            Phase::AfterDynamics | Phase::End => Within::EventEffects,
        };
        self.round.start.draws.map(|draw| draw(within, site))
    }
}
