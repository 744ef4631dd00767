//! The world before a round, and the eyes through which formulas are read.

use super::round::Learn;
use super::{EffectIndex, Setting};
use crate::expr::Number;
use crate::model::{ActorId, CellId, HazardId, IndexVec, Model, OptionId};

/// Beliefs by private id, observer and type.
pub type Beliefs<N> = Vec<IndexVec<ActorId, Vec<N>>>;

/// Everything that has memory, at the start of a round.
#[derive(Debug, Clone)]
pub struct World<N> {
    /// The number of the round to be played.
    pub round: N,
    /// How many of its stages are over.
    pub stage: usize,
    /// The weight of every option of seats that were filled in them; 0 for all others.
    pub chosen: IndexVec<OptionId, N>,
    /// The mix from which it was chosen.
    pub drawn: IndexVec<OptionId, N>,
    /// The value of every state cell.
    pub cells: IndexVec<CellId, N>,
    /// The weight of every option in the last round; 0 before the first.
    pub played: IndexVec<OptionId, N>,
    /// The mix from which it was chosen.
    pub mixed: IndexVec<OptionId, N>,
    /// The weight of every hazard in the last round; 0 before the first.
    pub happened: IndexVec<HazardId, N>,
    /// By hazard that happens once: the weight with which it has happened.
    pub spent: IndexVec<HazardId, N>,
    /// What is believed.
    pub beliefs: Beliefs<N>,
}

impl World<f64> {
    /// Before the first round, with state cells of 0 and these beliefs.
    pub fn first(model: &Model, beliefs: Beliefs<f64>) -> Self {
        let none = || IndexVec::filled(0.0, model.options.len());
        World {
            round: 1.0,
            stage: 0,
            chosen: none(),
            drawn: none(),
            cells: IndexVec::filled(0.0, model.cells.len()),
            played: none(),
            mixed: none(),
            happened: IndexVec::filled(0.0, model.hazards.len()),
            spent: IndexVec::filled(0.0, model.hazards.len()),
            beliefs,
        }
    }

    /// Everything in it as bits, after `first`. What was chosen in this round is nothing before its
    /// second stage.
    pub fn key(&self, first: &[u64]) -> Vec<u64> {
        let earlier = self.chosen.iter().chain(&self.drawn).filter(|_| self.stage > 0);
        let options = self.played.iter().chain(&self.mixed).chain(earlier);
        let hazards = self.happened.iter().chain(&self.spent);
        let beliefs = self.beliefs.iter().flatten().flatten();
        let all = self.cells.iter().chain(options).chain(hazards).chain(beliefs);
        let bits = all.chain([&self.round]).map(|x| x.to_bits());
        first.iter().copied().chain([self.stage as u64]).chain(bits).collect()
    }
}

impl<N: Number> World<N> {
    /// The world after a stage in which options of its seats had these weights and came from these
    /// mixes: everybody has learned from it (step 7).
    pub fn after_stage(
        &self,
        index: &EffectIndex,
        home: N::Home,
        (chosen, drawn): (&IndexVec<OptionId, N>, &IndexVec<OptionId, N>),
        learn: Learn<'_, N>,
    ) -> World<N> {
        let model = index.model;
        let mut next = self.clone();
        for option in model.options.ids() {
            let stage = model.seats[model.options[option].seat].stage;
            if stage == self.stage {
                next.chosen[option] = chosen[option];
                next.drawn[option] = drawn[option];
            }
        }
        for (id, private) in model.private.iter().enumerate() {
            let others = model.actors().filter(|observer| *observer != private.actor);
            for observer in others {
                if N::ended(home) {
                    return next;
                }
                next.beliefs[id][observer] = learn(chosen, id, observer);
            }
        }
        next.stage += 1;
        next
    }
}

/// How likely each type of each actor is to whoever looks, and the parameters that follow.
///
/// In reality every weight is 0 or 1. An actor that deliberates knows its own type and weighs the
/// types of others by its beliefs. A branch of exact anticipation has weights of 0 and 1 again.
#[derive(Debug, Clone)]
pub struct View<N> {
    /// By private id, then type.
    pub weights: Vec<Vec<N>>,
    /// The value of every parameter cell.
    pub parameters: Vec<N>,
}

impl<N: Number> View<N> {
    /// The view of whoever gives the types these weights. A parameter that depends on types is the
    /// sum over their combinations of the product of weights times its value; combinations of
    /// weight 0 are left out, so that weights of 0 and 1 give the value of the type exactly.
    pub fn of(index: &EffectIndex, setting: &dyn Setting<N>, weights: Vec<Vec<N>>) -> View<N> {
        let (arm, home) = (index.arm, setting.home());
        let cells = arm.parameters.iter().enumerate();
        let mut parameters: Vec<N> = cells.map(|(c, p)| setting.parameter(c, *p)).collect();
        for (number, typed) in arm.typed.iter().enumerate() {
            let mut sum = N::constant(home, 0.0);
            for (at, value) in typed.values.iter().enumerate() {
                let mut rest = at;
                let mut weight = N::constant(home, 1.0);
                for on in typed.on.iter().rev() {
                    let types = weights[*on].len();
                    weight = weight * weights[*on][rest % types];
                    rest /= types;
                }
                if !weight.is_zero() {
                    sum = sum + weight.weigh(setting.typed(number, at, *value));
                }
            }
            parameters[typed.cell] = sum;
        }
        View { weights, parameters }
    }

    /// The view in which each actor with private information is of one type for sure.
    pub fn of_types(index: &EffectIndex, setting: &dyn Setting<N>, types: &[usize]) -> View<N> {
        let private = index.model.private.iter().zip(types);
        let rows = private.map(|(p, number)| one_hot(setting.home(), p.types.len(), *number));
        View::of(index, setting, rows.collect())
    }

    /// The view of an actor of a type: itself known, others weighed by its beliefs.
    pub fn of_actor(
        index: &EffectIndex,
        setting: &dyn Setting<N>,
        world: &World<N>,
        (actor, actor_type): (ActorId, usize),
    ) -> View<N> {
        let private = index.model.private.iter().enumerate();
        let weights = private.map(|(id, private)| match private.actor == actor {
            true => one_hot(setting.home(), private.types.len(), actor_type),
            false => world.beliefs[id][actor].clone(),
        });
        View::of(index, setting, weights.collect())
    }
}

/// All weight on one of `count`.
pub fn one_hot<N: Number>(home: N::Home, count: usize, at: usize) -> Vec<N> {
    (0..count).map(|k| N::constant(home, f64::from(u8::from(k == at)))).collect()
}
