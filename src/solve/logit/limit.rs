//! The Nash equilibrium that the principal branch leads to.

use nalgebra::{DMatrix, DVector};

use super::super::marginals::Marginals;
use super::super::{Equilibrium, Game, Halt, Mixed, Stop};
use super::system::System;
use super::{Feature, Landmark, Scale, Unit, Walk};
use crate::number::short;

/// Where the principal branch leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The equilibrium; of a branch that could not be followed to its end, the point of it that is
    /// nearest to one by regret.
    pub equilibrium: Equilibrium,
    /// The precision that was reached, as a multiple of 1 / range.
    pub precision: f64,
    /// Special points of the branch, their precisions likewise.
    pub landmarks: Vec<Landmark>,
    /// [`Stop::Converged`] when the end of the branch is an equilibrium; [`Stop::Limit`] when it
    /// was not found up to the highest precision.
    pub stop: Stop,
    /// What a reader has to know beside.
    pub notes: Vec<String>,
}

/// An equilibrium has at most this regret.
const REGRET: f64 = 1e-9;
/// The end of the branch is looked for from this precision on.
const FROM: f64 = 1e3;
/// And no further than this: the rounding of payoffs shows in log-odds of about 1e-6.
const TO: f64 = 1e10;
/// Solutions that differ by less are the same.
const SAME: f64 = 1e-6;
/// From here on solutions within a continuum may differ.
const FAR: f64 = 1e5;

/// Follow the principal branch until it is clear where it leads, and solve for that equilibrium.
///
/// From a precision of 1000 / range on, each time precision has doubled, the strategies that are
/// still played (by a falling threshold) are taken as those of the equilibrium, and Newton's method
/// solves for mixes that make them equally good. The branch has ended when two such solutions at
/// precisions a factor of 10 apart agree, lie near the branch, and have no regret. Payoffs that
/// differ by less than a thousandth of the range may bend the branch later than that.
pub fn limit(game: &Game, halt: &Halt) -> Limit {
    let scale = Scale::of(game, Unit::Range);
    let system = System::new(game);
    let normal = game.normal();
    let mut walk = Walk::new(&system, halt);
    let mut best = Near::new(&normal, game.uniform());
    let mut candidate: Option<(f64, Near)> = None;
    let mut next = FROM;
    let mut continuum = false;
    let stop = loop {
        let Some(here) = walk.here() else { break Stop::Stalled };
        let precision = here.precision();
        if precision >= next {
            let played = system.mixed(&here.point);
            keep(&mut best, Near::new(&normal, played.clone()));
            let found = solved(&normal, system.marginals(), &played);
            match (found, &candidate) {
                (None, _) => candidate = None,
                (Some(found), Some((since, earlier))) => {
                    let apart = distance(&found.profile, &earlier.profile);
                    // Within a continuum of equilibria the branch closes in like 1 / precision.
                    continuum = apart > SAME;
                    if apart > SAME.max(if *since >= FAR { 100.0 / since } else { 0.0 }) {
                        candidate = Some((precision, found));
                    } else if precision >= 10.0 * since {
                        best = found;
                        break Stop::Converged;
                    }
                }
                (Some(found), None) => candidate = Some((precision, found)),
            }
            next = 2.0 * precision;
        }
        if precision > TO {
            break Stop::Limit;
        }
        if walk.advance().is_none() {
            break walk.stop;
        }
    };
    if let Some(here) = walk.here().filter(|_| stop != Stop::Converged) {
        keep(&mut best, Near::new(&normal, system.mixed(&here.point)));
        if let Some((_, found)) = candidate {
            keep(&mut best, found);
        }
    }
    let landmarks = walk.landmarks_in(scale);
    let mut notes = notes(&landmarks, stop, walk.reached);
    if continuum && stop == Stop::Converged {
        notes.push(
            "the branch ends in a continuum of equilibria (the game is degenerate); where in it is \
             known to about 1e-5"
                .to_owned(),
        );
    }
    let equilibrium = Equilibrium::new(game, best.profile);
    Limit { equilibrium, precision: walk.reached, landmarks, stop, notes }
}

/// An equilibrium in which the same strategies are played as in `profile`, found from there by
/// Newton's method; `None` where that finds none.
pub fn same_support(game: &Game, profile: &Mixed) -> Option<Equilibrium> {
    let of = |p: &Vec<f64>| (0..p.len()).filter(|s| p[*s] > 0.0).collect();
    let supports: Vec<Vec<usize>> = profile.iter().map(of).collect();
    let mixed = indifferent(&Marginals::new(game), &supports, profile)?;
    let found = Equilibrium::new(game, mixed);
    (found.regret <= REGRET).then_some(found)
}

/// A profile on the way, and its regret in ordinary rounding.
struct Near {
    profile: Mixed,
    regret: f64,
}

impl Near {
    fn new(normal: &Game, profile: Mixed) -> Near {
        let regret = normal.regret_near(&profile);
        Near { profile, regret }
    }
}

/// Keep the one with less regret.
fn keep(best: &mut Near, other: Near) {
    if other.regret < best.regret {
        *best = other;
    }
}

/// What is special about the branch, in words.
fn notes(landmarks: &[Landmark], stop: Stop, reached: f64) -> Vec<String> {
    let mut notes = Vec::new();
    let at = |feature| {
        let of = landmarks.iter().filter(move |l| l.feature == feature);
        of.map(|l| short(l.precision)).collect::<Vec<_>>().join(", ")
    };
    let turnings = at(Feature::Turning);
    if !turnings.is_empty() {
        notes.push(format!("the branch turns at precision {turnings} (times 1 / range)"));
    }
    let crossings = at(Feature::Bifurcation);
    if !crossings.is_empty() {
        notes.push(format!(
            "other branches cross at precision {crossings} (times 1 / range); followed straight \
             on, in a symmetric game along its symmetric equilibria"
        ));
    }
    if stop == Stop::Stalled {
        notes.push(format!("the branch could not be followed beyond precision {}", short(reached)));
    }
    notes
}

/// The equilibrium near a point far out on the branch; `None` where there is none to be found.
fn solved(normal: &Game, marginals: &Marginals, played: &Mixed) -> Option<Near> {
    const THRESHOLDS: [f64; 6] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-7, 1e-1];
    const NEAR: f64 = 0.05;
    let mut tried: Vec<Vec<Vec<usize>>> = Vec::new();
    for threshold in THRESHOLDS {
        let of = |p: &Vec<f64>| (0..p.len()).filter(|s| p[*s] >= threshold).collect();
        let supports: Vec<Vec<usize>> = played.iter().map(of).collect();
        if tried.contains(&supports) || supports.iter().any(Vec::is_empty) {
            continue;
        }
        if let Some(profile) = indifferent(marginals, &supports, played) {
            let found = Near::new(normal, profile);
            if found.regret <= REGRET && distance(&found.profile, played) <= NEAR {
                return Some(found);
            }
        }
        tried.push(supports);
    }
    None
}

/// The largest difference of a probability.
fn distance(a: &Mixed, b: &Mixed) -> f64 {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Mixes over the given strategies that make all of them equally good, by Newton's method from
/// `start`; `None` where it does not get there or a probability would be negative.
///
/// Where there is a continuum of them, as in degenerate games, steps are the shortest possible.
fn indifferent(marginals: &Marginals, supports: &[Vec<usize>], start: &Mixed) -> Option<Mixed> {
    const ITERATIONS: usize = 30;
    const CLOSE: f64 = 1e-15;
    let starts: Vec<usize> = supports
        .iter()
        .scan(0, |at, s| {
            *at += s.len();
            Some(*at - s.len())
        })
        .collect();
    let count = supports.iter().map(Vec::len).sum();
    let mut mixed: Mixed = start.iter().map(|p| vec![0.0; p.len()]).collect();
    for (player, support) in supports.iter().enumerate() {
        let sum: f64 = support.iter().map(|s| start[player][*s]).sum();
        support.iter().for_each(|s| mixed[player][*s] = start[player][*s] / sum);
    }
    let mut last = f64::INFINITY;
    for _ in 0..ITERATIONS {
        let expected = marginals.expected(&mixed);
        let mut matrix = DMatrix::zeros(count, count);
        let mut right = DVector::zeros(count);
        for (player, support) in supports.iter().enumerate() {
            let size = mixed[player].len();
            let row = starts[player];
            let first = support[0];
            right[row] = 1.0 - support.iter().map(|s| mixed[player][*s]).sum::<f64>();
            (0..support.len()).for_each(|k| matrix[(row, row + k)] = 1.0);
            let deviations = &expected.deviations[player];
            for (k, s) in support.iter().enumerate().skip(1) {
                right[row + k] = deviations[first] - deviations[*s];
                for (other, played) in supports.iter().enumerate().filter(|(o, _)| *o != player) {
                    let table = &expected.pairs[player][other];
                    for (m, t) in played.iter().enumerate() {
                        let slope = table[t * size + s] - table[t * size + first];
                        matrix[(row + k, starts[other] + m)] = slope;
                    }
                }
            }
        }
        let step = solve(matrix, &right)?;
        let size = step.amax();
        for (player, support) in supports.iter().enumerate() {
            for (k, s) in support.iter().enumerate() {
                mixed[player][*s] += step[starts[player] + k];
            }
        }
        if size <= CLOSE || (size < 1e-10 && size >= 0.5 * last) {
            return probabilities(mixed);
        }
        last = size;
    }
    (last < 1e-9).then(|| probabilities(mixed)).flatten()
}

/// A solution of the linear equations; the shortest one where they have several.
fn solve(matrix: DMatrix<f64>, right: &DVector<f64>) -> Option<DVector<f64>> {
    const ITERATIONS: usize = 10_000;
    const RANK: f64 = 1e-10;
    let scale = matrix.amax();
    let lu = matrix.clone().lu();
    let pivots = (0..right.len()).map(|k| lu.lu_internal()[(k, k)].abs());
    if pivots.fold(f64::INFINITY, f64::min) > RANK * scale {
        return lu.solve(right);
    }
    if !matrix.iter().all(|x| x.is_finite()) {
        return None;
    }
    let svd = matrix.try_svd(true, true, f64::EPSILON, ITERATIONS)?;
    svd.solve(right, RANK * scale).ok()
}

/// The mixes with what rounding took below 0 put right; `None` where more than that is negative.
fn probabilities(mut mixed: Mixed) -> Option<Mixed> {
    for played in &mut mixed {
        if played.iter().any(|p| *p < -1e-12 || p.is_nan()) {
            return None;
        }
        played.iter_mut().for_each(|p| *p = p.max(0.0));
        let sum: f64 = played.iter().sum();
        played.iter_mut().for_each(|p| *p /= sum);
    }
    Some(mixed)
}
