//! Step 7: Bayes' rule.

use super::EffectIndex;
use crate::expr::Number;
use crate::model::{IndexVec, LIKELIHOOD_FLOOR, OptionId, SeatId};

/// A mix for every seat and every type of its actor (one where it has no private information).
pub type Play<N> = IndexVec<SeatId, Vec<Vec<N>>>;

/// What an observer believes about an actor with private information after a stage of a round in
/// which the actor's options have the weights `chosen` and each of its types is expected to play
/// `play`: the posterior, expected over the joint options of the actor's seats.
///
/// The likelihood of a joint option is the product over the seats of the probability with which a
/// type plays it, and at least [`LIKELIHOOD_FLOOR`]; the posterior of a type is its prior times
/// that, divided by the sum over types. Where a seat has no weight at all nothing is expected of
/// it; an actor without a seat in the stage teaches nothing.
pub fn expected<N: Number>(
    index: &EffectIndex,
    home: N::Home,
    prior: &[N],
    play: &Play<N>,
    chosen: &IndexVec<OptionId, N>,
    (private_id, stage): (usize, usize),
) -> Vec<N> {
    let model = index.model;
    let seats = &index.seats_in(model.private[private_id].actor, stage);
    if seats.is_empty() {
        return prior.to_vec();
    }
    // per seat the options that may have weight
    let played: Vec<Vec<OptionId>> = seats
        .iter()
        .map(|seat| model.seats[*seat].options().filter(|o| !chosen[*o].is_zero()).collect())
        .collect();
    let mut after = vec![N::constant(home, 0.0); prior.len()];
    if played.iter().any(Vec::is_empty) {
        return after;
    }
    let mut at = vec![0; seats.len()];
    loop {
        let joint: Vec<OptionId> = at.iter().zip(&played).map(|(n, options)| options[*n]).collect();
        let mut weight = N::constant(home, 1.0);
        for option in &joint {
            weight = weight * chosen[*option];
        }
        let likely = |actor_type: usize| {
            let parts = seats.iter().zip(&joint);
            parts.fold(N::constant(home, 1.0), |product, (seat, option)| {
                product * play[*seat][actor_type][model.seats[*seat].position(*option)]
            })
        };
        let posterior = posterior(home, prior, likely);
        for (sum, part) in after.iter_mut().zip(posterior) {
            *sum = *sum + weight.weigh(part);
        }
        if N::ended(home) || !advance(&mut at, |at| played[at].len()) {
            return after;
        }
    }
}

/// The same where of every seat exactly one option has weight 1: likelihoods are those of the
/// options that were played.
pub fn observed<N: Number>(
    index: &EffectIndex,
    home: N::Home,
    prior: &[N],
    play: &Play<N>,
    chosen: &IndexVec<OptionId, N>,
    (private_id, stage): (usize, usize),
) -> Vec<N> {
    let model = index.model;
    let seats = &index.seats_in(model.private[private_id].actor, stage);
    if seats.is_empty() {
        return prior.to_vec();
    }
    posterior(home, prior, |actor_type| {
        seats.iter().fold(N::constant(home, 1.0), |product, number| {
            let mixes = play[*number][actor_type].iter().zip(model.seats[*number].options());
            let nothing = N::constant(home, 0.0);
            product
                * mixes.fold(nothing, |found, (share, option)| chosen[option].select(*share, found))
        })
    })
}

/// Prior times likelihood, floored, divided by their sum.
fn posterior<N: Number>(home: N::Home, prior: &[N], likely: impl Fn(usize) -> N) -> Vec<N> {
    let floor = N::constant(home, LIKELIHOOD_FLOOR);
    let parts = prior.iter().enumerate();
    let parts: Vec<N> =
        parts.map(|(number, prior)| *prior * likely(number).maximum(floor)).collect();
    let sum = parts.iter().fold(N::constant(home, 0.0), |sum, part| sum + *part);
    parts.iter().map(|part| *part / sum).collect()
}

/// Moves a counter on, its last digit fastest; false when it has run through.
fn advance(at: &mut [usize], size: impl Fn(usize) -> usize) -> bool {
    for digit in (0..at.len()).rev() {
        at[digit] += 1;
        if at[digit] < size(digit) {
            return true;
        }
        at[digit] = 0;
    }
    false
}
