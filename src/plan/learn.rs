//! Step 7, Bayes' rule, as nodes.

use super::effect_index::EffectIndex;
use super::graph::{Builder, Id};
use crate::model::LIKELIHOOD_FLOOR;

/// By seat, type and option: how likely an option is to be played.
pub(super) type Play = Vec<Vec<Vec<Id>>>;

/// What an observer believes about the types of a place after a round in which the actor's options
/// have the weights `chosen` and each of its types is expected to play `play`: the posterior,
/// expected over the joint options of the actor's seats.
pub(super) fn expected(
    index: &EffectIndex,
    b: &Builder,
    prior: &[Id],
    play: &Play,
    chosen: &[Id],
    place: usize,
) -> Vec<Id> {
    let model = index.model;
    let seats: Vec<usize> = model.seats_of(model.private[place].actor).collect();
    // per seat the options that may have weight
    let played: Vec<Vec<usize>> = seats
        .iter()
        .map(|seat| {
            let options = model.seats[*seat].options();
            options.filter(|o| b.known(chosen[*o]) != Some(0.0)).collect()
        })
        .collect();
    let mut after = vec![b.number(0.0); prior.len()];
    if played.iter().any(Vec::is_empty) {
        return after;
    }
    let mut at = vec![0; seats.len()];
    loop {
        let joint: Vec<usize> = at.iter().zip(&played).map(|(n, options)| options[*n]).collect();
        let mut weight = b.number(1.0);
        for option in &joint {
            weight = b.multiply(weight, chosen[*option]);
        }
        let likely = |kind: usize| {
            let parts = seats.iter().zip(&joint);
            parts.fold(b.number(1.0), |product, (seat, option)| {
                b.multiply(product, play[*seat][kind][option - model.seats[*seat].first])
            })
        };
        let posterior = posterior(b, prior, likely);
        for (sum, part) in after.iter_mut().zip(posterior) {
            *sum = b.add2(*sum, b.weigh(weight, part));
        }
        if b.ended() || !advance(&mut at, |seat| played[seat].len()) {
            return after;
        }
    }
}

/// The same where of every seat exactly one option has weight 1: likelihoods are those of the
/// options that were played.
pub(super) fn observed(
    index: &EffectIndex,
    b: &Builder,
    prior: &[Id],
    play: &Play,
    chosen: &[Id],
    place: usize,
) -> Vec<Id> {
    let model = index.model;
    let seats: Vec<usize> = model.seats_of(model.private[place].actor).collect();
    posterior(b, prior, |kind| {
        seats.iter().fold(b.number(1.0), |product, number| {
            let seat = &model.seats[*number];
            let mixes = play[*number][kind].iter().zip(seat.options());
            let played = mixes.fold(b.number(0.0), |found, (share, option)| {
                b.select(chosen[option], *share, found)
            });
            b.multiply(product, played)
        })
    })
}

/// Prior times likelihood, floored, divided by their sum.
fn posterior(b: &Builder, prior: &[Id], likely: impl Fn(usize) -> Id) -> Vec<Id> {
    let floor = b.number(LIKELIHOOD_FLOOR);
    let parts: Vec<Id> = prior
        .iter()
        .enumerate()
        .map(|(kind, prior)| b.multiply(*prior, b.maximum(likely(kind), floor)))
        .collect();
    let sum = parts.iter().fold(b.number(0.0), |sum, part| b.add2(sum, *part));
    parts.iter().map(|part| b.divide(*part, sum)).collect()
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
