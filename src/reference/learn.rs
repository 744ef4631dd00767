//! Step 7: Bayes' rule.

use super::World;
use super::board::Board;
use super::moment::Beliefs;
use super::reason::Play;
use crate::math;

/// No play is taken as proof: a likelihood is never below this.
pub(super) const LIKELIHOOD_FLOOR: f64 = 1e-12;

/// Bayes' rule for one observer. The likelihood of a round is the product over the seats of the
/// probability of what each played, and at least 10⁻¹².
pub(super) fn posterior(prior: &[f64], likelihoods: &[f64]) -> Vec<f64> {
    let pairs = prior.iter().zip(likelihoods);
    let joint: Vec<f64> = pairs.map(|(p, l)| p * math::maximum(*l, LIKELIHOOD_FLOOR)).collect();
    let mut sum = 0.0;
    for part in &joint {
        sum += part;
    }
    joint.into_iter().map(|part| part / sum).collect()
}

/// Calls `add` for every joint option of some seats with its weight and, by type, the product of
/// the probabilities with which that type plays it.
fn joint_options(
    board: &Board,
    play: &Play,
    chosen: &[f64],
    seats: &[usize],
    weight: f64,
    likelihoods: &[f64],
    add: &mut dyn FnMut(f64, &[f64]),
) {
    let Some((seat, rest)) = seats.split_first() else { return add(weight, likelihoods) };
    for (at, option) in board.model.seats[*seat].options().enumerate() {
        if chosen[option] != 0.0 {
            let mixes = likelihoods.iter().zip(&play[*seat]);
            let next: Vec<f64> = mixes.map(|(l, mix)| l * mix[at]).collect();
            joint_options(board, play, chosen, rest, weight * chosen[option], &next, add);
        }
    }
}

/// What others believe about an actor with private information after a round in which its options
/// have the weights `chosen` and each of its types is expected to play `play`: the posterior,
/// expected over the joint options of its seats. Beliefs about everyone else stay.
pub(super) fn seen(
    board: &Board,
    world: &World,
    play: &Play,
    chosen: &[f64],
    actor: usize,
) -> Beliefs {
    let mut beliefs = world.beliefs.clone();
    let Some(place) = board.model.private_of(actor) else { return beliefs };
    let seats: Vec<usize> = board.model.seats_of(actor).collect();
    for row in &mut beliefs[place] {
        row.fill(0.0);
    }
    let mut add = |weight: f64, likelihoods: &[f64]| {
        for observer in (0..board.model.actor_count()).filter(|o| *o != actor) {
            let after = posterior(&world.beliefs[place][observer], likelihoods);
            for (sum, part) in beliefs[place][observer].iter_mut().zip(after) {
                *sum += weight * part;
            }
        }
    };
    let ones = vec![1.0; board.model.private[place].kinds.len()];
    joint_options(board, play, chosen, &seats, 1.0, &ones, &mut add);
    beliefs
}
