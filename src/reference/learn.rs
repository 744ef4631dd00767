//! Step 7: Bayes' rule.

use super::World;
use super::board::Board;
use super::reason::Play;
use crate::math;

/// No play is taken as proof: a likelihood is never below this.
pub(super) const LIKELIHOOD_FLOOR: f64 = 1e-12;

/// What an observer believes about an actor with private information (its place in
/// `Model::private`) after a round in which the actor's options have the weights `chosen` and each
/// of its types is expected to play `play`: the posterior, expected over the joint options of the
/// actor's seats.
///
/// The likelihood of a joint option is the product over the seats of the probability with which a
/// type plays it, and at least [`LIKELIHOOD_FLOOR`]; the posterior of a type is its prior times
/// that, divided by the sum over types.
pub(super) fn seen(
    board: &Board,
    world: &World,
    play: &Play,
    chosen: &[f64],
    (place, observer): (usize, usize),
) -> Vec<f64> {
    let model = board.model;
    let prior = &world.beliefs[place][observer];
    let seats: Vec<usize> = model.seats_of(model.private[place].actor).collect();
    // per seat the options that have weight, by number within the seat
    let played: Vec<Vec<usize>> = seats
        .iter()
        .map(|seat| {
            let options = model.seats[*seat].options().enumerate();
            options.filter(|(_, o)| chosen[*o] != 0.0).map(|(number, _)| number).collect()
        })
        .collect();
    // which of those is at hand: a counter that runs through all joint options
    let mut at = vec![0; seats.len()];
    let mut after = vec![0.0; prior.len()];
    let mut joint = vec![0.0; prior.len()];
    if played.iter().any(Vec::is_empty) {
        return after; // no weight at all: nothing is expected of it
    }
    loop {
        let mut weight = 1.0;
        for (number, seat) in seats.iter().enumerate() {
            weight *= chosen[model.seats[*seat].first + played[number][at[number]]];
        }
        let mut sum = 0.0;
        for (kind, part) in joint.iter_mut().enumerate() {
            let mut likelihood = 1.0;
            for (number, seat) in seats.iter().enumerate() {
                likelihood *= play[*seat][kind][played[number][at[number]]];
            }
            *part = prior[kind] * math::maximum(likelihood, LIKELIHOOD_FLOOR);
            sum += *part;
        }
        for (expected, part) in after.iter_mut().zip(&joint) {
            *expected += weight * (part / sum);
        }
        if !advance(&mut at, |seat| played[seat].len()) {
            return after;
        }
    }
}

/// Moves a counter on, its last place fastest; false when it has run through.
fn advance(at: &mut [usize], size: impl Fn(usize) -> usize) -> bool {
    for place in (0..at.len()).rev() {
        at[place] += 1;
        if at[place] < size(place) {
            return true;
        }
        at[place] = 0;
    }
    false
}
