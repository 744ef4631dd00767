//! The start of a round in somebody's view: what does not depend on this round's choices.

use super::memo::Memo;
use super::{Draws, EffectIndex, View, Within, World};
use crate::expr::{Expr, Facts, Number, Site, value};
use crate::model::{ActorId, CellId, HazardId, OptionId};

/// The start of a round.
pub struct Start<'a, N: Number> {
    pub index: &'a EffectIndex<'a>,
    pub home: N::Home,
    pub world: &'a World<N>,
    pub view: View<N>,
    /// Real draws, or `None`: draws enter by their means.
    pub draws: Option<Draws<'a, N>>,
    derived: Memo<N>,
    /// By effect of an option: weight of its filter, and amount.
    pub(super) filters: Memo<N>,
    pub(super) amounts: Memo<N>,
    costs: Memo<N>,
    /// The bytes of all this.
    _held: N::Held,
}

impl<'a, N: Number> Start<'a, N> {
    /// The start of an imagined round.
    pub fn new(
        index: &'a EffectIndex<'a>,
        home: N::Home,
        world: &'a World<N>,
        view: View<N>,
    ) -> Self {
        let entries = index.model.derived.len() + 2 * index.effects + index.costs;
        let bytes = size_of::<Option<N>>() * entries + size_of::<N>() * view.parameters.len();
        Start {
            _held: N::hold(home, bytes),
            index,
            home,
            world,
            view,
            draws: None,
            derived: Memo::new(index.model.derived.len()),
            filters: Memo::new(index.effects),
            amounts: Memo::new(index.effects),
            costs: Memo::new(index.costs),
        }
    }

    /// A number that is known.
    pub fn number(&self, value: f64) -> N {
        N::constant(self.home, value)
    }

    /// A cost, by its number among all.
    pub(super) fn cost(&self, number: usize, formula: &Expr) -> N {
        self.costs.kept(number, || value(formula, self))
    }
}

impl<N: Number> Facts<N> for Start<'_, N> {
    fn home(&self) -> N::Home {
        self.home
    }
    fn parameter(&self, cell: usize) -> N {
        self.view.parameters[cell]
    }
    fn state(&self, cell: CellId) -> N {
        self.world.cells[cell]
    }
    fn derived(&self, instance: usize) -> N {
        let formula = &self.index.model.derived[instance].value;
        self.derived.kept(instance, || value(formula, self))
    }
    fn round(&self) -> N {
        self.world.round
    }
    fn rounds(&self) -> N {
        self.number(f64::from(self.index.arm.rounds))
    }
    fn option(&self, option: OptionId, last: bool) -> N {
        if last { self.world.played[option] } else { self.world.chosen[option] }
    }
    fn event(&self, hazard: HazardId, last: bool) -> N {
        if last { self.world.happened[hazard] } else { self.nothing() }
    }
    /// What an actor believes about itself is its type, as far as whoever looks knows it.
    fn belief(&self, observer: ActorId, actor: ActorId, actor_type: usize) -> N {
        match self.index.model.private_of(actor) {
            Some(id) if observer == actor => self.view.weights[id][actor_type],
            Some(id) => self.world.beliefs[id][observer][actor_type],
            None => self.nothing(),
        }
    }
    /// Initial values are the only draws that a start reads: those of round 0.
    fn uniform(&self, site: Site) -> Option<N> {
        self.draws.map(|draw| draw(Within::Initial, site))
    }
}
