//! Who plays what: everyone replies to play without thought (level 1), China to those replies
//! (level 2), mindful of what its moves tell Washington about it.

use std::ops::Range;

use super::allies::*;
use super::china::*;
use super::minds::*;
use super::numbers::*;
use super::options::*;
use super::partners::*;

/// The mixes of a round.
pub struct Plans {
    /// Those of everyone but China.
    pub others: [f64; OPTIONS],
    /// Those of the two types of China: the responsible, the revisionist.
    pub china: [[f64; CHINAS]; 2],
}

/// Bayes' rule keeps a move that no type would make from being a division by zero.
const LEAST_LIKELY: f64 = 1e-12;

/// What Washington believes after China has played options of these likelihoods, by type.
#[inline(always)]
pub fn learned(belief: f64, likelihoods: [f64; 2]) -> f64 {
    let [a, b] = likelihoods;
    let responsible = belief * if a > LEAST_LIKELY { a } else { LEAST_LIKELY };
    let revisionist = (1.0 - belief) * if b > LEAST_LIKELY { b } else { LEAST_LIKELY };
    responsible / (responsible + revisionist)
}

/// By option of China, what Washington is expected to believe after it, when the other seats of
/// China play by the mix of each type in turn and everyone learns from the mixes of both.
fn foreseen(belief: f64, mixes: &[[f64; CHINAS]; 2]) -> [[f64; CHINAS]; 2] {
    let mut economy = [[0.0; 6]; 2];
    for kind in 0..2 {
        economy[kind].copy_from_slice(&mixes[kind][SEAT[2]..]);
    }
    let mut beliefs = [[0.0; CHINAS]; 2];
    let mut last = [[0.0; 6]; 2];
    for a in SEAT[0]..SEAT[1] {
        for b in SEAT[1]..SEAT[2] {
            let so_far = [mixes[0][a] * mixes[0][b], mixes[1][a] * mixes[1][b]];
            let mut after = [0.0; 6];
            for c in 0..6 {
                let likelihoods = [so_far[0] * economy[0][c], so_far[1] * economy[1][c]];
                after[c] = learned(belief, likelihoods);
            }
            for kind in 0..2 {
                let mut mean = 0.0;
                for c in 0..6 {
                    mean += economy[kind][c] * after[c];
                    last[kind][c] += so_far[kind] * after[c];
                }
                beliefs[kind][a] += mixes[kind][b] * mean;
                beliefs[kind][b] += mixes[kind][a] * mean;
            }
        }
    }
    for kind in 0..2 {
        beliefs[kind][SEAT[2]..].copy_from_slice(&last[kind]);
    }
    beliefs
}

/// Play without thought: equal shares of what can be played.
fn habit(open: bool) -> [f64; OPTIONS] {
    let mut mix = [0.0; OPTIONS];
    for seat in 0..16 {
        let share = 1.0 / (SEAT[seat + 1] - SEAT[seat]) as f64;
        for option in SEAT[seat]..SEAT[seat + 1] {
            mix[option] = share;
        }
    }
    if !open {
        mix[SEAT[1]..SEAT[2]].fill(1.0 / 9.0);
        mix[JOIN_BLOC] = 0.0;
    }
    mix
}

/// One type's mix over its options of diplomacy, in which it cannot join a bloc without an offer.
fn diplomatic(eyes: &Eyes, mut worths: [f64; 10]) -> [f64; 10] {
    if !eyes.world.open() {
        worths[JOIN_BLOC - SEAT[1]] = f64::NEG_INFINITY;
    }
    logit(worths)
}

/// The replies of some types of China to a predicted round, in which they play `mix`.
#[inline(always)]
fn replies(
    eyes: &Eyes,
    (mean, climate): (&Mean, &Climate),
    (mix, beliefs): (&[f64], &[f64; CHINAS]),
    kinds: Range<usize>,
    china: &mut [[f64; CHINAS]; 2],
) {
    let [a, b, c] = [SEAT[0], SEAT[1], SEAT[2]];
    let military = china_military(eyes, mean, &mix[a..b], &beliefs[a..b]);
    let diplomacy = china_diplomacy(eyes, mean, &mix[b..c], &beliefs[b..c]);
    let economy = china_economy(eyes, mean, climate, &mix[c..CHINAS], &beliefs[c..], mix[MEDIATE]);
    for kind in kinds {
        let own = &mut china[kind];
        own[a..b].copy_from_slice(&logit(military[kind]));
        own[b..c].copy_from_slice(&diplomatic(eyes, diplomacy[kind]));
        own[c..].copy_from_slice(&logit(economy[kind]));
    }
}

/// The replies of everyone but China to a predicted round.
fn replies_of_others(
    eyes: &Eyes,
    mean: &Mean,
    climate: &Climate,
    habit: &[f64; OPTIONS],
) -> [f64; OPTIONS] {
    let mut mix = [0.0; OPTIONS];
    let of = |seat: usize| &habit[SEAT[seat]..SEAT[seat + 1]];
    let mut set = |seat: usize, own: &[f64]| {
        mix[SEAT[seat]..SEAT[seat + 1]].copy_from_slice(own);
    };
    set(3, &logit(russia_military(eyes, mean, climate, of(3))));
    set(4, &logit(russia_diplomacy(eyes, mean, climate, of(4))));
    set(5, &logit(russia_economy(eyes, mean, of(5))));
    set(6, &logit(north_military(eyes, mean, of(6))));
    set(7, &logit(north_diplomacy(eyes, mean, of(7))));
    set(8, &logit(north_economy(eyes, mean, of(8))));
    set(9, &logit(client_military(eyes, mean, ROK, of(9))));
    set(10, &logit(client_diplomacy(eyes, mean, ROK, of(10))));
    set(11, &logit(client_military(eyes, mean, JPN, of(11))));
    set(12, &logit(client_diplomacy(eyes, mean, JPN, of(12))));
    set(13, &logit(america_military(eyes, mean, of(13))));
    set(14, &logit(america_diplomacy(eyes, mean, of(14))));
    set(15, &logit(america_economy(eyes, mean, climate, of(15))));
    mix
}

/// What everyone plays this round.
pub fn settle(eyes: &Eyes) -> Plans {
    let world = eyes.world;
    let habit = habit(world.open());
    let mut raw = world.cells;
    for option in 0..OPTIONS {
        eyes.act(&mut raw, option, habit[option]);
    }
    let mean = Mean::new(eyes, raw, habit[JOIN_BLOC]);
    let climate = mean.climate(eyes);
    let others = replies_of_others(eyes, &mean, &climate, &habit);
    // out of habit both types play alike: nothing is learned
    let (mut first, same) = ([[0.0; CHINAS]; 2], [world.belief; CHINAS]);
    replies(eyes, (&mean, &climate), (&habit, &same), 0..2, &mut first);

    let mut around = world.cells;
    for option in CHINAS..OPTIONS {
        eyes.act(&mut around, option, others[option]);
    }
    let beliefs = foreseen(world.belief, &first);
    let mut china = [[0.0; CHINAS]; 2];
    for kind in 0..2 {
        let (mut raw, mix) = (around, &first[kind]);
        for option in 0..CHINAS {
            eyes.act(&mut raw, option, mix[option]);
        }
        let mean = Mean::new(eyes, raw, mix[JOIN_BLOC]);
        let climate = mean.climate(eyes);
        replies(eyes, (&mean, &climate), (mix, &beliefs[kind]), kind..kind + 1, &mut china);
    }
    Plans { others, china }
}
