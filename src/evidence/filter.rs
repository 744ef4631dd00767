//! The particle filter: how likely a record is, and which states it leaves likely.
//!
//! A bootstrap filter whose proposals are conditioned on each round's own record: the choices and
//! events of a round are drawn given the record, and the weight of a particle is how likely the
//! record was (Gordon, Salmond and Smith 1993; Doucet and Johansen 2011, section 4). Types and
//! levels that can be enumerated are strata.

use std::ops::Range;

use super::lanes::{Combination, combinations, is_exact};
use super::population::Population;
use super::weigh::Factor;
use super::{Error, Likelihood, Record, Weigh};
use crate::math;
use crate::model::Arm;
use crate::record::{Beginning, Observation};
use crate::rng::{Address, Purpose, Stream};
use crate::stats::Sum;

/// Particles that are resampled among themselves: those of one arm, filter and combination.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub point: usize,
    pub filter: usize,
    /// The number of the combination, and its logarithmic prior.
    pub lane: usize,
    pub prior: f64,
    pub particles: Range<usize>,
    /// The logarithm of how likely the record so far is, given the combination.
    pub loglik: f64,
}

/// A round as it is weighed, for whoever looks on.
pub(super) struct Look<'a> {
    /// The round, from 1.
    pub round: u32,
    pub population: &'a dyn Population,
    /// What is known of it.
    pub known: &'a Observation,
    pub factors: &'a [Factor],
    /// By particle, its share of all, given the records before this round; and given this one too.
    pub before: &'a [f64],
    pub after: &'a [f64],
}

/// Who sees the particles at the end of a record, each with its share.
pub(super) type After<'a> = dyn FnMut(&mut dyn Population, &[f64]) + 'a;

/// Weighs arms of a scenario by a record, on the current rayon pool.
pub(super) struct Filter<'a> {
    pub weigh: &'a Weigh<'a>,
    pub arms: &'a [Arm],
    pub record: &'a Record,
    /// Whether there are as many particles as asked for even where fewer would be exact.
    pub sampled: bool,
}

impl Filter<'_> {
    /// By arm, how likely the record is. `watch` sees every round before particles are resampled;
    /// `after` sees the particles at the end of the record.
    ///
    /// # Errors
    /// Those of [`Weigh::likelihoods`].
    pub fn run(
        &self,
        watch: &mut dyn FnMut(&Look),
        after: &mut After,
    ) -> Result<Vec<Likelihood>, Error> {
        let model = self.weigh.model;
        let exact = !self.sampled && !self.record.empty && is_exact(model, self.arms, self.record);
        let (groups, beginnings) = self.groups(exact);
        self.weigh.particles(model, self.arms, &beginnings, |particles| {
            self.weigh(particles, groups, exact, watch, after)
        })
    }

    /// Groups in order of arm, filter and combination, and how their particles begin.
    fn groups(&self, exact: bool) -> (Vec<Group>, Vec<Beginning>) {
        let Weigh { model, settings, .. } = *self.weigh;
        let (mut groups, mut beginnings) = (Vec::new(), Vec::new());
        let filters = if exact { 1 } else { settings.filters };
        for (point, arm) in self.arms.iter().enumerate() {
            let nothing = Combination {
                prior: 1.0,
                types: vec![None; model.private.len()],
                levels: vec![None; arm.decisions.len()],
            };
            let all = match self.record.empty {
                true => vec![nothing],
                false => combinations(model, arm).0,
            };
            let each = if exact { 1 } else { settings.particles.div_ceil(all.len()).max(1) };
            for filter in 0..filters {
                for (lane, combination) in all.iter().enumerate() {
                    let first = beginnings.len();
                    let number = filter * all.len() * each + lane * each;
                    beginnings.extend((number..number + each).map(|run| Beginning {
                        run: run as u64,
                        point,
                        types: combination.types.clone(),
                        levels: combination.levels.clone(),
                    }));
                    groups.push(Group {
                        point,
                        filter,
                        lane,
                        prior: math::log(combination.prior),
                        particles: first..beginnings.len(),
                        loglik: 0.0,
                    });
                }
            }
        }
        (groups, beginnings)
    }

    fn weigh(
        &self,
        population: &mut dyn Population,
        mut groups: Vec<Group>,
        exact: bool,
        watch: &mut dyn FnMut(&Look),
        after: &mut After,
    ) -> Result<Vec<Likelihood>, Error> {
        let Weigh { model, settings, watch: progress, .. } = *self.weigh;
        let arms = self.arms.len();
        let even = |group: &Group| {
            let each = -math::log(group.particles.len() as f64);
            vec![each; group.particles.len()]
        };
        let mut weights: Vec<f64> = groups.iter().flat_map(even).collect();
        let mut found: Vec<Likelihood> =
            self.arms.iter().map(|_| Likelihood::new(exact, settings)).collect();
        let rounds = self.record.observations.len();
        for (round, known) in (1u32..).zip(&self.record.observations) {
            let ready = population.alive();
            let asked = (!self.record.empty).then_some(known);
            if !population.advance(round, asked) || progress.stop() {
                return Err(Error::Stopped);
            }
            let before = shares(&groups, &weights, arms);
            let mut factors = Vec::new();
            let mut made = vec![0.0; weights.len()];
            let last = round as usize == rounds;
            if !self.record.empty {
                factors = super::weigh::factors(model, self.record, round, population);
                made = self.made(population, &ready, &factors, last);
            }
            let sizes = absorb(&mut groups, &mut weights, &made);
            let now = shares(&groups, &weights, arms);
            let (factors, before) = (factors.as_slice(), before.as_slice());
            watch(&Look { round, population, known, factors, before, after: &now });
            let from = match last || self.record.empty {
                true => None,
                false => self.resampled(round, &groups, &sizes, &mut weights),
            };
            add(&mut found, &groups, &sizes, from.as_deref());
            if found.iter().all(Likelihood::is_impossible) {
                let blame = super::weigh::blame(round, factors, before);
                found.iter_mut().for_each(|found| found.blame = Some(blame.clone()));
                return Ok(found);
            }
            if let Some(from) = from {
                population.resample(&from);
            }
        }
        let shares = shares(&groups, &weights, arms);
        after(population, &shares);
        Ok(found)
    }

    /// From whose states particles go on, if those of some group are resampled: where fewer than
    /// half of them count.
    fn resampled(
        &self,
        round: u32,
        groups: &[Group],
        sizes: &[f64],
        weights: &mut [f64],
    ) -> Option<Vec<usize>> {
        let tired = |(group, size): &(&Group, &f64)| {
            **size < group.particles.len() as f64 / 2.0 && group.loglik > f64::NEG_INFINITY
        };
        let tired: Vec<(&Group, &f64)> = groups.iter().zip(sizes).filter(tired).collect();
        let mut from: Vec<usize> = (0..weights.len()).collect();
        for (group, _) in &tired {
            self.systematic(round, group, weights, &mut from);
        }
        (!tired.is_empty()).then_some(from)
    }

    /// The logarithm of every particle's factor; minus infinity where it has failed, or ended
    /// before the last round of the record.
    fn made(
        &self,
        population: &dyn Population,
        ready: &[bool],
        factors: &[Factor],
        last: bool,
    ) -> Vec<f64> {
        let mut made = vec![0.0; ready.len()];
        for factor in factors {
            let logs = made.iter_mut().zip(&factor.values);
            logs.for_each(|(sum, value)| *sum += factor.logarithm(*value));
        }
        let (alive, failed) = (population.alive(), population.failed());
        for (n, sum) in made.iter_mut().enumerate() {
            if !ready[n] || failed[n].is_some() || !(last || alive[n]) || sum.is_nan() {
                *sum = f64::NEG_INFINITY;
            }
        }
        made
    }

    /// Systematic resampling (Carpenter, Clifford and Fearnhead 1999): offspring in the order of
    /// particles.
    fn systematic(&self, round: u32, group: &Group, weights: &mut [f64], from: &mut [usize]) {
        let count = group.particles.len();
        let first = group.filter * self.weigh.settings.particles;
        let mut stream = Stream::new(self.weigh.settings.seed, first as u64);
        let slot = group.lane as u32;
        let at = Address { round, purpose: Purpose::Resample, ordinal: 0, slot };
        let start = stream.uniform(at);
        let range = group.particles.clone();
        let shares: Vec<f64> = weights[range.clone()].iter().map(|w| math::exp(*w)).collect();
        for (own, of) in from[range.clone()].iter_mut().zip(evenly(&shares, count, start)) {
            *own = range.start + of;
        }
        weights[range].fill(-math::log(count as f64));
    }
}

/// By offspring, so many, in order, whose it is: those at the cumulative shares of evenly spaced
/// points that begin at `start`, from 0 to 1, of a space.
pub(super) fn evenly(shares: &[f64], count: usize, start: f64) -> Vec<usize> {
    let (mut sum, mut last) = (Sum::new(), 0);
    let mut from = Vec::with_capacity(count);
    for (n, share) in shares.iter().enumerate() {
        if *share > 0.0 {
            last = n;
        }
        sum.add(*share);
        while from.len() < count && (from.len() as f64 + start) / (count as f64) < sum.value() {
            from.push(n);
        }
    }
    // what rounding takes from the sum of shares
    from.resize(count, last);
    from
}

/// The logarithm of a sum of numbers given as logarithms, in order.
pub(super) fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, math::maximum);
    if most == f64::NEG_INFINITY {
        return most;
    }
    let sum: Sum = logs.map(|x| math::exp(x - most)).collect();
    most + math::log(sum.value())
}

/// Takes factors, given as logarithms, into the weights of all groups; their effective sample
/// sizes.
fn absorb(groups: &mut [Group], weights: &mut [f64], made: &[f64]) -> Vec<f64> {
    let each = groups.iter_mut().map(|group| {
        let own = &mut weights[group.particles.clone()];
        own.iter_mut().zip(&made[group.particles.clone()]).for_each(|(w, log)| *w += log);
        let increment = log_sum(own.iter().copied());
        group.loglik += increment;
        if increment == f64::NEG_INFINITY {
            return 0.0;
        }
        own.iter_mut().for_each(|w| *w -= increment);
        let squares: Sum = own.iter().map(|w| math::exp(2.0 * w)).collect();
        1.0 / squares.value()
    });
    each.collect()
}

/// Adds a round to the likelihoods of all arms.
fn add(found: &mut [Likelihood], groups: &[Group], sizes: &[f64], from: Option<&[usize]>) {
    let renewed = |group: &Group| {
        let own = group.particles.clone();
        from.is_some_and(|from| own.clone().zip(&from[own]).any(|(n, of)| n != *of))
    };
    for (point, found) in found.iter_mut().enumerate() {
        let own = groups.iter().zip(sizes).filter(|(group, _)| group.point == point);
        found.add(&own.collect::<Vec<_>>(), renewed);
    }
}

/// By particle, its share among all particles of its arm.
fn shares(groups: &[Group], weights: &[f64], arms: usize) -> Vec<f64> {
    let mut shares = vec![0.0; weights.len()];
    for arm in 0..arms {
        let own = || groups.iter().filter(|group| group.point == arm);
        let all = log_sum(own().map(|group| group.prior + group.loglik));
        for group in own() {
            let weight = group.prior + group.loglik - all;
            for n in group.particles.clone() {
                shares[n] = match weight > f64::NEG_INFINITY {
                    true => math::exp(weight + weights[n]),
                    false => 0.0,
                };
            }
        }
    }
    shares
}
