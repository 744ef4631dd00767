//! Step 7: Bayes' rule.

use super::World;
use super::effect_index::EffectIndex;
use super::reason::Play;
use crate::math;
use crate::model::LIKELIHOOD_FLOOR;

/// What an observer believes about an actor with private information (its place in
/// `Model::private`) after a round in which the actor's options have the weights `chosen` and each
/// of its types is expected to play `play`: the posterior, expected over the joint options of the
/// actor's seats.
///
/// The likelihood of a joint option is the product over the seats of the probability with which a
/// type plays it, and at least [`LIKELIHOOD_FLOOR`]; the posterior of a type is its prior times
/// that, divided by the sum over types.
pub(super) fn seen(
    index: &EffectIndex,
    world: &World,
    play: &Play,
    chosen: &[f64],
    (place, observer): (usize, usize),
) -> Vec<f64> {
    let prior = &world.beliefs[place][observer];
    let seats = &index.seats_of[index.model.private[place].actor];
    let mut posterior = Posterior { index, play, chosen, prior, after: vec![0.0; prior.len()] };
    // likelihoods before the first seat, and room for those after each
    let mut likelihoods = vec![1.0; prior.len() * (seats.len() + 1)];
    posterior.sum_over(seats, 1.0, &mut likelihoods);
    posterior.after
}

/// A posterior while it is summed over joint options, each with its weight. Where a seat has no
/// weight at all there are none: nothing is expected of it.
struct Posterior<'a> {
    index: &'a EffectIndex<'a>,
    play: &'a Play,
    chosen: &'a [f64],
    prior: &'a [f64],
    after: Vec<f64>,
}

impl Posterior<'_> {
    /// Goes through the options of the seats that are left, the last seat fastest; `weight` is how
    /// likely those of the seats before are. `likelihoods` begins with how likely each type makes
    /// them.
    fn sum_over(&mut self, seats: &[usize], weight: f64, likelihoods: &mut [f64]) {
        let kinds = self.prior.len();
        let (so_far, rest) = likelihoods.split_at_mut(kinds);
        let Some((seat, others)) = seats.split_first() else {
            return self.add(weight, so_far);
        };
        for (number, option) in self.index.model.seats[*seat].options().enumerate() {
            if self.chosen[option] == 0.0 {
                continue;
            }
            for (kind, mix) in self.play[*seat].iter().enumerate() {
                rest[kind] = so_far[kind] * mix[number];
            }
            self.sum_over(others, weight * self.chosen[option], rest);
        }
    }

    /// One joint option; its likelihoods make way for its joint probabilities.
    fn add(&mut self, weight: f64, likelihoods: &mut [f64]) {
        let mut sum = 0.0;
        for (part, prior) in likelihoods.iter_mut().zip(self.prior) {
            *part = prior * math::maximum(*part, LIKELIHOOD_FLOOR);
            sum += *part;
        }
        for (expected, part) in self.after.iter_mut().zip(&*likelihoods) {
            *expected += weight * (part / sum);
        }
    }
}
