//! Deliberation: the round an actor plays in its head, and what lies beyond it.

use super::reason::{Play, settle};
use super::round::{self, posterior, total};
use super::scene::{Scene, View, one_hot};
use super::{Game, World};
use crate::model::Anticipation;

/// Who imagines: an actor, one of its types, and what follows from that.
pub(super) struct Mind<'a> {
    pub game: &'a Game<'a>,
    pub actor: usize,
    /// The actor's place in `Model::private`, if it has private information.
    pub place: Option<usize>,
    /// Its type; 0 without private information.
    pub kind: usize,
    /// What it knows and believes about types.
    pub view: View,
}

/// What an imagined round is worth: utility by component, and the value of going on.
#[derive(Debug, Clone)]
pub(super) struct Worth {
    /// Weighted payoffs less costs, by component.
    pub parts: Vec<f64>,
    /// The discounted value of later rounds; 0 with foresight 1.
    pub later: f64,
    /// u + δ s V.
    pub utility: f64,
}

impl<'a> Mind<'a> {
    pub fn new(game: &'a Game<'a>, world: &World, actor: usize, kind: usize) -> Self {
        let view = View::of_actor(game, world, actor, kind);
        Mind { game, actor, place: game.model.private_of(actor), kind, view }
    }

    /// The type by which an actor's seat is played: known for oneself.
    fn mix<'p>(&self, play: &'p Play, seat: usize, kinds: &[usize]) -> &'p [f64] {
        let place = self.game.model.private_of(self.game.model.seats[seat].actor);
        &play[seat][place.map_or(0, |p| kinds[p])]
    }

    /// The weight of every option as this mind predicts it: own seats by its own type, those of
    /// others averaged over its beliefs about their types.
    pub fn predicted(&self, play: &Play) -> Vec<f64> {
        let model = self.game.model;
        let mut weights = vec![0.0; model.options.len()];
        for (number, seat) in model.seats.iter().enumerate() {
            let mixes = &play[number];
            match model.private_of(seat.actor) {
                None => weights[seat.options()].copy_from_slice(&mixes[0]),
                Some(place) => {
                    for (kind, share) in self.view.weights[place].iter().enumerate() {
                        if *share != 0.0 {
                            for (sum, p) in weights[seat.options()].iter_mut().zip(&mixes[kind]) {
                                *sum += share * p;
                            }
                        }
                    }
                }
            }
        }
        weights
    }

    /// The value of a round from `world` in which every seat plays `play`, except that the seat
    /// and option of `own`, if given, is played for sure; with `horizon` − 1 rounds to follow.
    pub fn worth(
        &self,
        world: &World,
        play: &Play,
        own: Option<(usize, usize)>,
        horizon: u32,
    ) -> Worth {
        match self.game.arm.decisions[self.actor].anticipation {
            Anticipation::Mean => self.in_the_mean(world, play, own, horizon),
            Anticipation::Exact => self.branch_by_branch(world, play, own, horizon),
        }
    }

    /// One imagined round of weights and means.
    fn in_the_mean(
        &self,
        world: &World,
        play: &Play,
        own: Option<(usize, usize)>,
        horizon: u32,
    ) -> Worth {
        let mut chosen = self.predicted(play);
        if let Some((seat, option)) = own {
            let options = self.game.model.seats[seat].options();
            chosen[options.clone()].copy_from_slice(&one_hot(options.len(), option));
        }
        let beliefs = self.expected_beliefs(world, play, &chosen);
        let start = Scene::start(self.game, &self.view, world, &chosen);
        let (acted, _) = round::act(&start);
        let (drifted, _) = round::drift(&start.at(&acted));
        let nature = start.at(&drifted);
        let happened = round::chances(&nature).weights;
        let (struck, _) = round::strike(&nature, &happened);
        let end = Scene { happened: &happened, beliefs: &beliefs, ..start.at(&struck) };
        self.finish(&start, &end, &chosen, horizon)
    }

    /// Utility at the end of an imagined round, and the value of what may follow.
    fn finish(&self, start: &Scene, end: &Scene, mixed: &[f64], horizon: u32) -> Worth {
        let costs = round::costs(start, self.actor);
        let (_, parts) = round::pay(end, &costs, self.actor);
        let now = total(&parts);
        let mut later = 0.0;
        if horizon > 1 {
            let on = round::goes_on(end);
            if on != 0.0 {
                let next = end.before.after(end, mixed);
                let value = self.continuation(&next, horizon - 1);
                later = self.discount() * on * value;
            }
        }
        let utility = if later == 0.0 { now } else { now + later };
        Worth { parts, later, utility }
    }

    fn discount(&self) -> f64 {
        match &self.game.arm.decisions[self.actor].discount {
            None => 1.0,
            Some(factor) => super::of_parameters(factor, &self.view.parameters),
        }
    }

    /// The expected utility of the rounds from `world` on when every seat, its own too, plays the
    /// mix that deliberation gives it there. Beliefs have moved, so the view is formed anew.
    fn continuation(&self, world: &World, horizon: u32) -> f64 {
        let next = Mind::new(self.game, world, self.actor, self.kind);
        match settle(self.game, world, horizon, &[]) {
            Ok(settled) => next.worth(world, &settled.play, None, horizon).utility,
            Err(_) => f64::NAN,
        }
    }

    /// What others will believe about this actor after the round: expected over the joint options
    /// of its seats, whose weights are `chosen`; beliefs about everyone else stay.
    fn expected_beliefs(&self, world: &World, play: &Play, chosen: &[f64]) -> Vec<Vec<Vec<f64>>> {
        let mut beliefs = world.beliefs.clone();
        let Some(place) = self.place else { return beliefs };
        let model = self.game.model;
        let kinds = model.private[place].kinds.len();
        for row in &mut beliefs[place] {
            row.fill(0.0);
        }
        let seats: Vec<usize> = model.seats_of(self.actor).collect();
        let mut add = |weight: f64, likelihoods: &[f64]| {
            for observer in (0..model.actor_count()).filter(|o| *o != self.actor) {
                let after = posterior(&world.beliefs[place][observer], likelihoods);
                for (sum, part) in beliefs[place][observer].iter_mut().zip(after) {
                    *sum += weight * part;
                }
            }
        };
        let ones = vec![1.0; kinds];
        joint_options(self.game, play, chosen, &seats, 1.0, &ones, &mut add);
        beliefs
    }

    /// Every joint type and option of the others, every joint option of the actor's own other
    /// seats, and every joint outcome of events, each with its probability.
    fn branch_by_branch(
        &self,
        world: &World,
        play: &Play,
        own: Option<(usize, usize)>,
        horizon: u32,
    ) -> Worth {
        let components = self.game.model.names.components.len();
        let mut sum = Worth { parts: vec![0.0; components], later: 0.0, utility: 0.0 };
        let mut add = |weight: f64, worth: Worth| {
            for (total, part) in sum.parts.iter_mut().zip(&worth.parts) {
                *total += weight * part;
            }
            sum.later += weight * worth.later;
            sum.utility += weight * worth.utility;
        };
        for (kinds, weight) in joint_types(&self.view.weights) {
            let view = View::of_types(self.game, &kinds);
            let mut mixed = Vec::with_capacity(self.game.model.options.len());
            for (seat, options) in self.game.model.seats.iter().enumerate() {
                match own {
                    Some((own, at)) if own == seat => {
                        mixed.extend(one_hot(options.options().len(), at));
                    }
                    _ => mixed.extend(self.mix(play, seat, &kinds)),
                }
            }
            let branch = Branch { mind: self, world, play, horizon, view, mixed };
            let mut chosen = vec![0.0; self.game.model.options.len()];
            branch.choices(0, weight, &mut chosen, &mut add);
        }
        sum
    }
}

/// One joint type of all actors, from which choices and events branch.
struct Branch<'a> {
    mind: &'a Mind<'a>,
    world: &'a World,
    play: &'a Play,
    horizon: u32,
    view: View,
    /// The mixes of which the branches are draws.
    mixed: Vec<f64>,
}

impl Branch<'_> {
    /// Branches over the options of seat after seat.
    fn choices(
        &self,
        seat: usize,
        weight: f64,
        chosen: &mut Vec<f64>,
        add: &mut dyn FnMut(f64, Worth),
    ) {
        let model = self.mind.game.model;
        if seat == model.seats.len() {
            return self.nature(weight, chosen, add);
        }
        let options = model.seats[seat].options();
        for option in options.filter(|o| self.mixed[*o] != 0.0) {
            chosen[option] = 1.0;
            self.choices(seat + 1, weight * self.mixed[option], chosen, add);
            chosen[option] = 0.0;
        }
    }

    /// Acts, drifts, and branches over events.
    fn nature(&self, weight: f64, chosen: &[f64], add: &mut dyn FnMut(f64, Worth)) {
        let game = self.mind.game;
        let mut beliefs = self.world.beliefs.clone();
        if let Some(place) = self.mind.place {
            let likelihoods = likelihoods(game, self.play, chosen, self.mind.actor);
            for observer in (0..game.model.actor_count()).filter(|o| *o != self.mind.actor) {
                beliefs[place][observer] =
                    posterior(&self.world.beliefs[place][observer], &likelihoods);
            }
        }
        let start = Scene::start(game, &self.view, self.world, chosen);
        let (acted, _) = round::act(&start);
        let (drifted, _) = round::drift(&start.at(&acted));
        let nature = start.at(&drifted);
        let chances = round::chances(&nature).weights;
        let mut happened = vec![0.0; chances.len()];
        self.events(&start, &nature, &chances, &beliefs, 0, weight, &mut happened, add);
    }

    #[expect(clippy::too_many_arguments, reason = "a recursion over hazards carries its path")]
    fn events(
        &self,
        start: &Scene,
        nature: &Scene,
        chances: &[f64],
        beliefs: &[Vec<Vec<f64>>],
        hazard: usize,
        weight: f64,
        happened: &mut Vec<f64>,
        add: &mut dyn FnMut(f64, Worth),
    ) {
        let Some(p) = chances.get(hazard).copied() else {
            let (struck, _) = round::strike(nature, happened);
            let end = Scene { happened, beliefs, ..nature.at(&struck) };
            return add(weight, self.mind.finish(start, &end, &self.mixed, self.horizon));
        };
        if p != 0.0 {
            happened[hazard] = 1.0;
            self.events(start, nature, chances, beliefs, hazard + 1, weight * p, happened, add);
            happened[hazard] = 0.0;
        }
        if p != 1.0 {
            let rest = weight * (1.0 - p);
            self.events(start, nature, chances, beliefs, hazard + 1, rest, happened, add);
        }
    }
}

/// Calls `add` for every joint option of some seats with its weight and, by type, the product of
/// the probabilities with which that type plays it.
fn joint_options(
    game: &Game,
    play: &Play,
    chosen: &[f64],
    seats: &[usize],
    weight: f64,
    likelihoods: &[f64],
    add: &mut dyn FnMut(f64, &[f64]),
) {
    let Some((seat, rest)) = seats.split_first() else { return add(weight, likelihoods) };
    for (at, option) in game.model.seats[*seat].options().enumerate() {
        if chosen[option] != 0.0 {
            let next: Vec<f64> =
                likelihoods.iter().zip(&play[*seat]).map(|(l, mix)| l * mix[at]).collect();
            joint_options(game, play, chosen, rest, weight * chosen[option], &next, add);
        }
    }
}

/// By type of an actor, the probability of what its seats chose (weights of 0 and 1).
pub(super) fn likelihoods(game: &Game, play: &Play, chosen: &[f64], actor: usize) -> Vec<f64> {
    let seats: Vec<usize> = game.model.seats_of(actor).collect();
    let kinds = seats.first().map_or(0, |s| play[*s].len());
    let mut found = vec![1.0; kinds];
    joint_options(game, play, chosen, &seats, 1.0, &vec![1.0; kinds], &mut |_, list| {
        found.copy_from_slice(list);
    });
    found
}

/// Every combination of types of positive weight with its weight, the last place fastest.
fn joint_types(weights: &[Vec<f64>]) -> Vec<(Vec<usize>, f64)> {
    let mut all = vec![(Vec::new(), 1.0)];
    for row in weights {
        let mut longer = Vec::new();
        for (kinds, weight) in &all {
            for (kind, share) in row.iter().enumerate().filter(|(_, s)| **s != 0.0) {
                let mut next: Vec<usize> = kinds.clone();
                next.push(kind);
                longer.push((next, weight * share));
            }
        }
        all = longer;
    }
    all
}
