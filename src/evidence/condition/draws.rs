//! Draws on their way from prior to posterior.

use super::GROUPS;
use crate::evidence::filter::{evenly, log_sum};
use crate::math;
use crate::rng::{Seed, Sequence};
use crate::stats::Sum;

/// So many times the next temperature is sought by halving.
const HALVINGS: u32 = 60;

/// A place in the unit cube with what filters found there.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// By axis of the space, a coordinate in (0, 1).
    pub place: Vec<f64>,
    /// Where it was when the stage began.
    pub start: Vec<f64>,
    /// The logarithm of the likelihood, or a filter's estimate of it.
    pub loglik: f64,
    /// By [`super::Standing`], a probability: private types at the end, and beliefs.
    pub types: Vec<f64>,
}

/// What was done at one temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// The exponent of the likelihood, from 0 to 1.
    pub temperature: f64,
    /// The effective number of draws before they were resampled.
    pub effective: f64,
    /// How many times all draws were moved.
    pub moves: u32,
    /// The share of moves that were accepted; not a number without moves.
    pub accepted: f64,
    /// The mean over axes of the rank correlation between where draws are and where the stage
    /// began; 1 without moves.
    pub correlation: f64,
}

/// How far the work is.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The particles of each filter.
    pub particles: usize,
    /// How many times their number was doubled.
    pub doubled: u32,
    /// Whether the likelihood is exact in the middle of the cube.
    pub exact: bool,
    /// The standard deviation of a filter's log likelihood where it was measured last.
    pub spread: f64,
    /// Whether the moves of the last stage are done.
    pub settled: bool,
    /// The size of a move in units of the draws' own spread.
    pub scale: f64,
    /// By group, the logarithm of its estimate of the evidence so far.
    pub groups: Vec<f64>,
    /// The draws: equally many in each group, and equally likely within one.
    pub draws: Vec<Draw>,
    /// By stage, the last one perhaps unfinished.
    pub stages: Vec<Stage>,
}

impl State {
    /// The exponent of the likelihood that draws are weighed by.
    pub fn temperature(&self) -> f64 {
        self.stages.last().map_or(0.0, |stage| stage.temperature)
    }

    /// Whether these are draws from the posterior.
    pub fn is_finished(&self) -> bool {
        self.settled && self.temperature() == 1.0
    }

    /// Whether the history is impossible at every draw.
    pub fn is_impossible(&self) -> bool {
        self.groups.iter().all(|log| *log == f64::NEG_INFINITY)
    }

    /// How many draws a group has.
    fn each(&self) -> usize {
        (self.draws.len() / GROUPS).max(1)
    }

    /// The group of a draw.
    pub(super) fn group(&self, draw: usize) -> usize {
        (draw / self.each()).min(GROUPS - 1)
    }

    /// By draw, its share of all; all 0 where the history is impossible.
    pub fn weights(&self) -> Vec<f64> {
        let logs: Vec<f64> = (0..self.draws.len()).map(|n| self.groups[self.group(n)]).collect();
        shares(&logs)
    }

    /// The mean of the draws in the cube.
    pub(super) fn mean(&self) -> Vec<f64> {
        let weights = self.weights();
        let axes = self.draws.first().map_or(0, |draw| draw.place.len());
        let mean = |axis: usize| {
            let terms = self.draws.iter().zip(&weights).map(|(draw, w)| draw.place[axis] * w);
            terms.collect::<Sum>().value()
        };
        (0..axes).map(mean).collect()
    }

    /// The logarithms of the weights of draws after the exponent has grown by `step`.
    fn logs(&self, step: f64) -> Vec<f64> {
        let log = |(n, draw): (usize, &Draw)| match draw.loglik > f64::NEG_INFINITY {
            true => self.groups[self.group(n)] + step * draw.loglik,
            false => f64::NEG_INFINITY,
        };
        self.draws.iter().enumerate().map(log).collect()
    }

    fn effective(&self, step: f64) -> f64 {
        let shares = shares(&self.logs(step));
        let squares: Sum = shares.iter().map(|share| share * share).collect();
        if squares.value() > 0.0 { 1.0 / squares.value() } else { 0.0 }
    }

    /// The next stage: the exponent grows until the effective sample size is half of what it is
    /// among the draws that are possible at all, and each group is resampled. Where all draws are
    /// equally likely, as under an empty history, nothing is.
    pub(super) fn temper(&mut self, seed: Seed) {
        let before = self.temperature();
        let rest = 1.0 - before;
        let target = self.effective(0.0) / 2.0;
        let mut step = rest;
        if self.effective(rest) < target {
            let (mut lo, mut hi) = (0.0, rest);
            for _ in 0..HALVINGS {
                let middle = lo + (hi - lo) / 2.0;
                match self.effective(middle) < target {
                    true => hi = middle,
                    false => lo = middle,
                }
            }
            step = lo;
        }
        let effective = self.effective(step);
        let logs = self.logs(step);
        let first = self.draws[0].loglik;
        let alike = self.draws.iter().all(|draw| draw.loglik == first);
        let temperature = if step == rest { 1.0 } else { before + step };
        let each = self.each();
        for group in 0..GROUPS {
            let own = group * each..(group + 1) * each;
            self.groups[group] = log_sum(logs[own.clone()].iter().copied());
            self.groups[group] -= math::log(each as f64);
            if !alike && self.groups[group] > f64::NEG_INFINITY {
                let mut draws = Sequence::new(seed.for_point(group as u64), Sequence::DRAWS);
                let own_shares = shares(&logs[own.clone()]);
                let from = evenly(&own_shares, each, draws.uniform());
                let again: Vec<Draw> =
                    from.iter().map(|n| self.draws[own.start + n].clone()).collect();
                self.draws[own].clone_from_slice(&again);
            }
        }
        self.settled = alike;
        self.draws.iter_mut().for_each(|draw| draw.start.clone_from(&draw.place));
        let (moves, accepted, correlation) = (0, f64::NAN, 1.0);
        self.stages.push(Stage { temperature, effective, moves, accepted, correlation });
    }
}

/// Numbers given as logarithms as shares of their sum; all 0 if that is.
pub(super) fn shares(logs: &[f64]) -> Vec<f64> {
    let all = log_sum(logs.iter().copied());
    let share = |log: &f64| if all > f64::NEG_INFINITY { math::exp(log - all) } else { 0.0 };
    logs.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(logliks: impl Iterator<Item = f64>) -> State {
        let draw = |loglik: f64| Draw { place: vec![0.5], start: vec![], loglik, types: vec![] };
        State {
            particles: 1,
            doubled: 0,
            exact: true,
            spread: 0.0,
            settled: true,
            scale: 1.0,
            groups: vec![0.0; GROUPS],
            draws: logliks.map(draw).collect(),
            stages: Vec::new(),
        }
    }

    #[test]
    fn temperatures_halve_the_effective_sample_size() {
        let mut cold = state((0..64).map(|n| -f64::from(n)));
        cold.temper(Seed(1));
        let stage = cold.stages[0];
        assert!((stage.effective - 32.0).abs() < 1e-6, "{stage:?}");
        assert!(stage.temperature > 0.0 && stage.temperature < 1.0 && !cold.settled);
        // what is impossible is left behind first
        let mut half = state((0..64).map(|n| if n % 2 == 0 { 0.0 } else { f64::NEG_INFINITY }));
        half.temper(Seed(1));
        assert!(half.is_finished() == half.settled && half.temperature() == 1.0);
        assert!(half.draws.iter().all(|draw| draw.loglik == 0.0));
        assert!(half.groups.iter().all(|log| (log + math::log(2.0)).abs() < 1e-12));
    }

    #[test]
    fn equal_likelihoods_change_nothing() {
        let mut same = state((0..64).map(|_| -2.0));
        let before = same.draws.clone();
        same.temper(Seed(1));
        assert!(same.is_finished() && same.groups.iter().all(|log| (log + 2.0).abs() < 1e-12));
        assert!(same.draws.iter().zip(&before).all(|(a, b)| a.place == b.place));
        let mut none = state((0..64).map(|_| f64::NEG_INFINITY));
        none.temper(Seed(1));
        assert!(none.is_finished() && none.is_impossible());
        assert!(none.weights().iter().all(|w| *w == 0.0));
    }

    #[test]
    fn resampling_keeps_shares() {
        assert_eq!(evenly(&[0.5, 0.0, 0.25, 0.25], 4, 0.5), [0, 0, 2, 3]);
        assert_eq!(evenly(&[0.0, 1.0, 0.0], 3, 0.999), [1, 1, 1]);
    }
}
