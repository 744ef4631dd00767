//! Utilities by joint posture, actor and run.

use super::verdict::RESAMPLES;
use crate::record::Block;
use crate::rng::{Seed, Sequence};
use crate::solve::{Halt, TIE};
use crate::stats::Moments;

/// Utilities of all runs that were played.
///
/// Run `r` of every joint posture has the same random numbers, so resampling draws runs, not
/// utilities: a resample takes the same runs of all of them. Joint postures with fewer runs take
/// what they have of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    sizes: Vec<usize>,
    /// By joint posture, then actor, then run.
    utilities: Vec<Vec<Vec<f64>>>,
}

/// More than this share of resamples, and less than all but this share: in doubt.
const DOUBT: f64 = 0.05;

impl Sample {
    /// Nothing yet, for actors with so many postures each.
    pub(super) fn new(sizes: Vec<usize>, profiles: usize) -> Sample {
        let utilities = vec![vec![Vec::new(); sizes.len()]; profiles];
        Sample { sizes, utilities }
    }

    /// Adds the runs of a block that follows on those that are there.
    pub(super) fn add(&mut self, profile: usize, block: &Block) {
        for (actor, utilities) in self.utilities[profile].iter_mut().enumerate() {
            utilities.extend_from_slice(block.outcome(actor));
        }
    }

    /// How many joint postures there are.
    pub fn profiles(&self) -> usize {
        self.utilities.len()
    }

    /// How many runs of a joint posture there are.
    pub fn runs(&self, profile: usize) -> u64 {
        self.utilities[profile].first().map_or(0, |runs| runs.len() as u64)
    }

    /// How many runs there are of all together.
    pub fn total(&self) -> u64 {
        (0..self.profiles()).map(|p| self.runs(p)).sum()
    }

    /// Mean utilities, joint posture by joint posture, of all actors each: as the payoffs of a game
    /// are given. `weights` says how often each run counts; where it is empty, once. Runs without a
    /// utility are left out.
    pub fn means(&self, weights: &[f64]) -> Vec<f64> {
        let mean = |utilities: &Vec<f64>| {
            let (mut sum, mut count) = (0.0, 0.0);
            for (run, utility) in utilities.iter().enumerate().filter(|(_, u)| !u.is_nan()) {
                let weight = if weights.is_empty() { 1.0 } else { weights[run] };
                sum += weight * utility;
                count += weight;
            }
            sum / count
        };
        self.utilities.iter().flatten().map(mean).collect()
    }

    /// The standard errors of the means, in the same order.
    pub fn standard_errors(&self) -> Vec<f64> {
        let error = |utilities: &Vec<f64>| {
            let mut moments = Moments::new();
            utilities.iter().filter(|u| !u.is_nan()).for_each(|u| moments.add(*u));
            moments.standard_error()
        };
        self.utilities.iter().flatten().map(error).collect()
    }

    /// The means of [`RESAMPLES`] resamples of the runs, one after the other.
    pub fn resampled(&self, seed: Seed) -> impl Iterator<Item = Vec<f64>> + '_ {
        let most = (0..self.profiles()).map(|p| self.runs(p)).max().unwrap_or(0);
        let mut sequence = Sequence::new(seed, Sequence::BOOTSTRAP);
        let mut weights = vec![0.0; usize::try_from(most).unwrap_or(0)];
        (0..RESAMPLES).map(move |_| {
            weights.fill(0.0);
            for _ in 0..most {
                weights[usize::try_from(sequence.below(most)).unwrap_or(0)] += 1.0;
            }
            self.means(&weights)
        })
    }

    /// All of them, or those before it was stopped.
    pub(super) fn all_resampled(&self, seed: Seed, halt: &Halt) -> Vec<Vec<f64>> {
        self.resampled(seed).take_while(|_| !halt()).collect()
    }

    /// By joint posture, in what share of resamples it is an equilibrium in pure strategies.
    pub(super) fn shares(&self, resampled: &[Vec<f64>]) -> Vec<f64> {
        let mut counts = vec![0.0; self.profiles()];
        for means in resampled {
            for (profile, count) in counts.iter_mut().enumerate() {
                *count += f64::from(u8::from(self.stable(means, profile)));
            }
        }
        counts.iter().map(|n| n / resampled.len().max(1) as f64).collect()
    }

    /// Whether nobody gains by another posture of its own.
    fn stable(&self, means: &[f64], profile: usize) -> bool {
        let actors = self.sizes.len();
        self.alternatives(profile).iter().all(|(actor, other)| {
            let (now, then) = (means[profile * actors + actor], means[other * actors + actor]);
            then - now <= TIE * now.abs().max(then.abs())
        })
    }

    /// What one actor can make of a joint posture: actor, joint posture.
    fn alternatives(&self, profile: usize) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        let mut step = 1;
        for (actor, size) in self.sizes.iter().enumerate() {
            let own = profile / step % size;
            let others = (0..*size).filter(|s| *s != own);
            all.extend(others.map(|s| (actor, profile - own * step + s * step)));
            step *= size;
        }
        all
    }

    /// Joint postures of which it is in doubt whether they are equilibria, with everything that one
    /// actor can make of them, in ascending order; nothing if it is stopped.
    pub(super) fn doubtful(&self, seed: Seed, halt: &Halt) -> Option<Vec<usize>> {
        let resampled = self.all_resampled(seed, halt);
        if resampled.len() < RESAMPLES {
            return None;
        }
        let mut all = Vec::new();
        for (profile, share) in self.shares(&resampled).iter().enumerate() {
            if *share > DOUBT && *share < 1.0 - DOUBT {
                all.push(profile);
                all.extend(self.alternatives(profile).iter().map(|(_, other)| *other));
            }
        }
        all.sort_unstable();
        all.dedup();
        Some(all)
    }
}
