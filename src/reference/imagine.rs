//! Deliberation: the round an actor plays in its head, and what lies beyond it.

use std::rc::Rc;

use super::reason::{Play, settle};
use crate::expr::{Parameters, value};
use crate::model::{ActorId, Anticipation, IndexVec, OptionId, STATIONARY, SeatId};
use crate::rules::{
    EffectIndex, Perspective, Round, Start, View, World, expected, markov, one_hot, state, total,
};

/// What an imagined round is worth: utility by component, and the value of going on.
#[derive(Debug, Clone)]
pub(super) struct OptionValue {
    /// Weighted payoffs less costs, by component.
    pub parts: Vec<f64>,
    /// δ s V, the discounted value of later rounds; 0 with foresight 1.
    pub later: f64,
    /// u + δ s V.
    pub utility: f64,
}

/// The weight of every option.
type Weights = IndexVec<OptionId, f64>;

/// What somebody imagines, and how far ahead anybody looks there.
#[derive(Clone, Copy)]
pub(super) struct Thought<'m, 'a>(pub &'m Perspective<'a, f64>, pub u32);

impl Thought<'_, '_> {
    fn anticipation(&self) -> Anticipation {
        self.0.start.index.arm.decisions[self.0.actor].anticipation
    }

    /// What the available options of a seat are worth, one after the other, when everyone else and
    /// the actor's other seats play `play`; `horizon` − 1 rounds follow.
    pub fn values(
        &self,
        play: &Play,
        seat: SeatId,
        available: &[f64],
        horizon: u32,
    ) -> Vec<Option<OptionValue>> {
        let known = &self.0.start.index.model.seats[seat];
        let options = known.options().zip(available);
        match self.anticipation() {
            Anticipation::Exact => {
                let worth = |option| {
                    self.branch_by_branch(play, Some((seat, known.position(option))), horizon)
                };
                options.map(|(option, p)| (*p != 0.0).then(|| worth(option))).collect()
            }
            Anticipation::Mean if !self.is_last() => {
                let worth = |option| {
                    let mut chosen = self.others(play, seat);
                    chosen[option] = 1.0;
                    self.onward(play, &chosen, &chosen, horizon)
                };
                options.map(|(option, p)| (*p != 0.0).then(|| worth(option))).collect()
            }
            Anticipation::Mean => {
                let learn = |chosen: &Weights, id, observer| self.seen(play, chosen, id, observer);
                let basis = Round::new(&self.0.start, self.others(play, seat), &learn);
                let mut round = basis.beside();
                let mut worth = |option| {
                    round.turn_to(option);
                    self.finish(&round, &round.chosen, horizon)
                };
                let halt = &self.0.start.index.halt;
                let wanted = |p: f64| p != 0.0 && !halt.look();
                options.map(|(option, p)| wanted(*p).then(|| worth(option))).collect()
            }
        }
    }

    /// What everyone is predicted to play, but for a seat that plays nothing.
    fn others(&self, play: &Play, seat: SeatId) -> Weights {
        let mut weights = self.0.predicted(play);
        weights.slice_mut(self.0.start.index.model.seats[seat].range()).fill(0.0);
        weights
    }

    /// What the round is worth when every seat, the actor's own too, plays `play`.
    pub fn mixing(&self, play: &Play, horizon: u32) -> OptionValue {
        match self.anticipation() {
            Anticipation::Exact => self.branch_by_branch(play, None, horizon),
            Anticipation::Mean if !self.is_last() => {
                let chosen = self.0.predicted(play);
                self.onward(play, &chosen, &chosen, horizon)
            }
            Anticipation::Mean => {
                let learn = |chosen: &Weights, id, observer| self.seen(play, chosen, id, observer);
                let round = Round::new(&self.0.start, self.0.predicted(play), &learn);
                self.finish(&round, &round.chosen, horizon)
            }
        }
    }

    /// What an observer will believe about the types of an actor with private information: about
    /// this one the posterior, about everyone else what it believed before.
    fn seen(
        &self,
        play: &Play,
        chosen: &Weights,
        private_id: usize,
        observer: ActorId,
    ) -> Vec<f64> {
        let (index, world) = (self.0.start.index, self.0.start.world);
        if index.model.private[private_id].actor != self.0.actor {
            return world.beliefs[private_id][observer].clone();
        }
        self.learned(play, chosen, private_id, observer)
    }

    /// What an observer believes after a stage in which these options have these weights.
    fn learned(
        &self,
        play: &Play,
        chosen: &Weights,
        private_id: usize,
        observer: ActorId,
    ) -> Vec<f64> {
        let (index, world) = (self.0.start.index, self.0.start.world);
        let prior = &world.beliefs[private_id][observer];
        expected(index, (), prior, play, chosen, (private_id, world.stage))
    }

    /// Whether no stage follows in this round.
    fn is_last(&self) -> bool {
        self.0.start.world.stage + 1 == self.0.start.index.stages
    }

    /// What the round is worth once these options were chosen from these mixes in this stage, and
    /// later stages play the mixes that deliberation gives them there.
    fn onward(&self, play: &Play, chosen: &Weights, drawn: &Weights, horizon: u32) -> OptionValue {
        let index = self.0.start.index;
        let learn = |chosen: &Weights, id, observer| self.learned(play, chosen, id, observer);
        let world = self.0.start.world.after_stage(index, (), (chosen, drawn), &learn);
        let next = Perspective::new(index, &(), &world, (self.0.actor, self.0.actor_type));
        let mixes = match self.anticipation() {
            Anticipation::Exact => met(index, &world, self.1),
            Anticipation::Mean => {
                settle(index, &world, self.1, None).ok().map(|found| Rc::new(found.mixes.expected))
            }
        };
        match mixes {
            Some(play) => Thought(&next, self.1).mixing(&play, horizon),
            None => {
                let parts = vec![f64::NAN; index.model.names.components.len()];
                OptionValue { parts, later: f64::NAN, utility: f64::NAN }
            }
        }
    }

    /// Utility at the end of an imagined round, and the value of what may follow.
    fn finish(&self, round: &Round<f64>, mixed: &Weights, horizon: u32) -> OptionValue {
        let (_, parts) = round.pay(self.0.actor);
        let now = total((), &parts);
        let mut worth = OptionValue { parts, later: 0.0, utility: now };
        if horizon > 1 {
            let endless = horizon == STATIONARY;
            let on = if endless { round.not_ended() } else { round.goes_on() };
            if on != 0.0 && endless {
                worth.later = self.discount() * on * endlessly(&round.next(mixed), self.0);
                worth.utility = now + worth.later;
            } else if on != 0.0 {
                let value = self.continuation(&round.onward(mixed), horizon - 1);
                worth.later = self.discount() * on * value;
                worth.utility = now + worth.later;
            }
        }
        worth
    }

    fn discount(&self) -> f64 {
        match &self.0.start.index.arm.decisions[self.0.actor].discount {
            None => 1.0,
            Some(factor) => value(factor, &Parameters(&self.0.start.view.parameters)),
        }
    }

    /// V: the expected utility of the rounds from `world` on when every seat, its own too, plays
    /// the mix that deliberation gives it there. Beliefs have moved, so the view is formed anew.
    /// Exact anticipation meets the same worlds again and keeps what it has found there.
    fn continuation(&self, world: &World<f64>, horizon: u32) -> f64 {
        let index = self.0.start.index;
        let value = |play: &Play| {
            let next = Perspective::new(index, &(), world, (self.0.actor, self.0.actor_type));
            Thought(&next, horizon).mixing(play, horizon).utility
        };
        if self.anticipation() == Anticipation::Mean {
            let settled = settle(index, world, horizon, None);
            return settled.map_or(f64::NAN, |found| value(&found.mixes.expected));
        }
        let viewer = [self.0.actor.index() as u64, self.0.actor_type as u64, horizon.into()];
        let key = world.key(&viewer);
        if let Some(found) = index.met.values.borrow().get(&key) {
            return *found;
        }
        let found = met(index, world, horizon).map_or(f64::NAN, |play| value(&play));
        if !index.halt.heard() {
            index.met.values.borrow_mut().put(&key, found, size_of::<f64>());
        }
        found
    }

    /// Every joint type and option of the others, every joint option of the actor's own other
    /// seats, and every joint outcome of events, each with its probability.
    fn branch_by_branch(
        &self,
        play: &Play,
        own: Option<(SeatId, usize)>,
        horizon: u32,
    ) -> OptionValue {
        let index = self.0.start.index;
        let components = index.model.names.components.len();
        let mut sum = OptionValue { parts: vec![0.0; components], later: 0.0, utility: 0.0 };
        let mut add = |weight: f64, worth: OptionValue| {
            for (total, part) in sum.parts.iter_mut().zip(&worth.parts) {
                *total += weight * part;
            }
            sum.later += weight * worth.later;
            sum.utility += weight * worth.utility;
        };
        for (types, weight) in joint_types(&self.0.start.view.weights) {
            let mut mixed = IndexVec::filled(0.0, index.model.options.len());
            let world = self.0.start.world;
            for (id, seat) in index.model.seats.enumerate() {
                if seat.stage != world.stage {
                    mixed.slice_mut(seat.range()).copy_from_slice(world.chosen.slice(seat.range()));
                    continue;
                }
                let private_id = index.model.private_of(seat.actor);
                let actor_type = private_id.map_or(0, |private_id| types[private_id]);
                mixed.slice_mut(seat.range()).copy_from_slice(&play[id][actor_type]);
            }
            if let Some((seat, option)) = own {
                let options = mixed.slice_mut(index.model.seats[seat].range());
                options.copy_from_slice(&one_hot((), options.len(), option));
            }
            let start =
                Start::new(index, (), self.0.start.world, View::of_types(index, &(), &types));
            let branch = Branch { thought: *self, play, horizon, start, mixed };
            let mut chosen = IndexVec::filled(0.0, index.model.options.len());
            branch.choices(SeatId::new(0), weight, &mut chosen, &mut add);
        }
        sum
    }
}

/// What is left to an actor from a world on in a game without a last round.
fn endlessly(world: &World<f64>, viewer: &Perspective<f64>) -> f64 {
    let index = viewer.start.index;
    let Ok(found) = markov(index, &|| index.halt.look()) else { return f64::NAN };
    let state = found.states.get(state(&found.carried, world).as_slice());
    state.map_or(f64::NAN, |state| found.values[*state][viewer.actor.index()])
}

/// The mixes that all seats play at a world with so many rounds to look at, worked out when the
/// world is first met; nothing where some utility is not finite.
fn met(index: &EffectIndex, world: &World<f64>, horizon: u32) -> Option<Rc<Play>> {
    let key = world.key(&[horizon.into()]);
    if let Some(found) = index.met.mixes.borrow().get(&key) {
        return found.clone();
    }
    let settled = settle(index, world, horizon, None);
    let found = settled.ok().map(|strategies| Rc::new(strategies.mixes.expected));
    if !index.halt.heard() {
        let mixes = found.iter().flat_map(|play| play.iter().flatten());
        let bytes = mixes.map(|mix| size_of_val(mix.as_slice()) + size_of::<Vec<f64>>()).sum();
        index.met.mixes.borrow_mut().put(&key, found.clone(), bytes);
    }
    found
}

/// One joint type of all actors, from which choices and events branch.
struct Branch<'a> {
    thought: Thought<'a, 'a>,
    play: &'a Play,
    horizon: u32,
    start: Start<'a, f64>,
    /// The mixes of which the branches are draws.
    mixed: Weights,
}

impl Branch<'_> {
    /// Branches over the options of seat after seat.
    fn choices(
        &self,
        seat: SeatId,
        weight: f64,
        chosen: &mut Weights,
        add: &mut dyn FnMut(f64, OptionValue),
    ) {
        if self.start.index.halt.heard() {
            return;
        }
        let Some(known) = self.start.index.model.seats.get(seat) else {
            if self.thought.is_last() {
                return self.nature(weight, chosen, add);
            }
            let worth = self.thought.onward(self.play, chosen, &self.mixed, self.horizon);
            return add(weight, worth);
        };
        if known.stage > self.start.world.stage {
            return self.choices(SeatId::new(seat.index() + 1), weight, chosen, add);
        }
        for option in known.options().filter(|o| self.mixed[*o] != 0.0) {
            chosen[option] = 1.0;
            self.choices(SeatId::new(seat.index() + 1), weight * self.mixed[option], chosen, add);
            chosen[option] = 0.0;
        }
    }

    /// Branches over the events that may happen after these choices.
    fn nature(&self, weight: f64, chosen: &Weights, add: &mut dyn FnMut(f64, OptionValue)) {
        let learn =
            |chosen: &Weights, id, observer| self.thought.seen(self.play, chosen, id, observer);
        let round = Round::new(&self.start, chosen.clone(), &learn);
        let hazards = self.start.index.model.hazards.ids();
        let chances: Vec<f64> = hazards.map(|hazard| round.chance(hazard)).collect();
        let mut happened = vec![0.0; chances.len()];
        events(&chances, 0, weight, &mut happened, &mut |weight, happened| {
            if self.start.index.halt.look() {
                return;
            }
            let mut decided = Round::new(&self.start, chosen.clone(), &learn);
            decided.decided = Some(happened.iter().copied().collect());
            add(weight, self.thought.finish(&decided, &self.mixed, self.horizon));
        });
    }
}

/// Calls `add` for every joint outcome of events of positive probability.
fn events(
    chances: &[f64],
    hazard: usize,
    weight: f64,
    happened: &mut [f64],
    add: &mut dyn FnMut(f64, &[f64]),
) {
    let Some(p) = chances.get(hazard) else { return add(weight, happened) };
    if *p != 0.0 {
        happened[hazard] = 1.0;
        events(chances, hazard + 1, weight * p, happened, add);
        happened[hazard] = 0.0;
    }
    if *p != 1.0 {
        events(chances, hazard + 1, weight * (1.0 - p), happened, add);
    }
}

/// Every combination of types of positive weight with its weight, the last actor fastest.
fn joint_types(weights: &[Vec<f64>]) -> Vec<(Vec<usize>, f64)> {
    let mut all = vec![(Vec::new(), 1.0)];
    for row in weights {
        let mut longer = Vec::new();
        for (types, weight) in &all {
            for (number, share) in row.iter().enumerate().filter(|(_, s)| **s != 0.0) {
                let mut next: Vec<usize> = types.clone();
                next.push(number);
                longer.push((next, weight * share));
            }
        }
        all = longer;
    }
    all
}
