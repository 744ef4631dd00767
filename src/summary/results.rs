//! Estimates with their intervals.

use rayon::prelude::*;

use super::Summary;
use super::sample::{Paired, Sample};
use crate::rng::{Seed, Sequence};
use crate::stats::{
    Bins, DEFAULT_BINS, Groups, Quantiles, RESAMPLES, Z95, bootstrap_means, common_bins, wilson,
};

/// So many differences are resampled together, each time with the same random numbers: what the
/// bootstrap needs beside them is bounded.
pub(super) const TOGETHER: usize = 1024;

/// How an interval of a mean was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalKind {
    /// Wilson's score interval of a probability.
    Wilson,
    /// Mean plus and minus 1.96 standard errors.
    Normal,
}

impl IntervalKind {
    /// As it is written in results.
    pub fn word(self) -> &'static str {
        match self {
            IntervalKind::Wilson => "wilson",
            IntervalKind::Normal => "normal",
        }
    }
}

/// A 95 % interval of a mean; NaN without values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub lo: f64,
    /// Its upper end.
    pub hi: f64,
    /// How it was made.
    pub kind: IntervalKind,
}

/// The mean paired difference of an outcome to the first arm, over runs with both values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// How many pairs.
    pub n: u64,
    /// How many pairs have an empty side.
    pub left_out: u64,
    /// Their mean difference, arm minus first arm; NaN without pairs.
    pub mean: f64,
    /// The lower end of its 95 % bootstrap interval.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

/// The estimates of one outcome in one arm; without values, numbers are NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeResult {
    /// How many runs have a value.
    pub n: u64,
    /// How many have none: failed, or the outcome is empty.
    pub left_out: u64,
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// The standard deviation.
    pub sd: f64,
    /// The least value.
    pub min: f64,
    /// The quantile at 0.05.
    pub q05: f64,
    /// The quantile at 0.25.
    pub q25: f64,
    /// The median.
    pub median: f64,
    /// The quantile at 0.75.
    pub q75: f64,
    /// The quantile at 0.95.
    pub q95: f64,
    /// The greatest value.
    pub max: f64,
    /// Whether the quantiles are exact.
    pub exact: bool,
    /// How many values fall into each of the outcome's bins ([`OutcomeScale::bins`]).
    pub histogram: Vec<u64>,
    /// The paired difference to the first arm; none in the first arm.
    pub difference: Option<Difference>,
}

/// What all arms share of an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeScale {
    /// The outcome's name.
    pub name: String,
    /// Whether it is 0 or 1 in every run of every arm, so that its mean is a probability.
    pub zero_one: bool,
    /// The common bins.
    pub bins: Bins,
}

/// The estimates of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmResult {
    /// `base` or the name of the variant.
    pub name: String,
    /// By outcome.
    pub outcomes: Vec<OutcomeResult>,
    /// How many runs failed.
    pub failed: u64,
}

/// The estimates of all arms.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// By outcome: what arms share.
    pub outcomes: Vec<OutcomeScale>,
    /// By arm.
    pub arms: Vec<ArmResult>,
    /// Runs of each arm.
    pub runs: u64,
}

impl Summary {
    /// The estimates from what was added so far. Bootstrap intervals take their random numbers
    /// from [`Sequence::BOOTSTRAP`] of the seed; all arms and outcomes share the resamples.
    /// Outcomes are worked on in parallel on the current rayon pool.
    pub fn results(&mut self, seed: Seed) -> Results {
        let samples = self.arms.par_iter_mut().flat_map(|arm| &mut arm.outcomes);
        samples.for_each(|sample| sample.quantiles.settle());
        let numbers = 0..self.layout.outcomes.len();
        let outcomes: Vec<OutcomeScale> =
            numbers.clone().into_par_iter().map(|outcome| self.scale(outcome)).collect();
        let differences = self.differences(seed);
        let arms = self.arms.iter().enumerate().map(|(arm, summary)| {
            // the first arm has none
            let first = arm.checked_sub(1).map(|others| others * outcomes.len());
            let estimates = numbers.clone().into_par_iter().map(|outcome| {
                let difference = first.and_then(|first| differences.get(first + outcome));
                estimate(&summary.outcomes[outcome], &outcomes[outcome], difference.copied())
            });
            let name = summary.name.clone();
            ArmResult { name, outcomes: estimates.collect(), failed: summary.failed }
        });
        Results { arms: arms.collect(), outcomes, runs: self.runs }
    }

    fn scale(&self, outcome: usize) -> OutcomeScale {
        let samples = || self.arms.iter().filter_map(|arm| arm.outcomes.get(outcome));
        let known = self.layout.zero_one.get(outcome).copied().unwrap_or(false);
        let looks = samples().any(|s| s.n() > 0) && samples().all(Sample::is_zero_one);
        let values: Vec<&Quantiles> = samples().map(|sample| &sample.quantiles).collect();
        OutcomeScale {
            name: self.layout.outcomes[outcome].clone(),
            zero_one: known || looks,
            bins: common_bins(&values, DEFAULT_BINS),
        }
    }

    /// By arm after the first, then outcome.
    fn differences(&self, seed: Seed) -> Vec<Difference> {
        let pairs: Vec<&Paired> = self.differences.iter().flatten().collect();
        let mut found = Vec::with_capacity(pairs.len());
        for some in pairs.chunks(TOGETHER) {
            let columns: Vec<Groups> = some.iter().map(|paired| paired.groups()).collect();
            let mut numbers = Sequence::new(seed, Sequence::BOOTSTRAP);
            let index = |n: usize| numbers.below(n as u64) as usize;
            let intervals = bootstrap_means(&columns, RESAMPLES, index);
            let all = some.iter().zip(&columns).zip(intervals);
            found.extend(all.map(|((paired, groups), (lo, hi))| Difference {
                n: paired.n,
                left_out: paired.left_out,
                mean: groups.mean(),
                lo,
                hi,
            }));
        }
        found
    }
}

fn estimate(
    sample: &Sample,
    scale: &OutcomeScale,
    difference: Option<Difference>,
) -> OutcomeResult {
    let (moments, quantiles) = (&sample.moments, &sample.quantiles);
    let (mean, se) = (moments.mean(), moments.standard_error());
    let kind = if scale.zero_one { IntervalKind::Wilson } else { IntervalKind::Normal };
    let (lo, hi) = match kind {
        _ if sample.n() == 0 => (f64::NAN, f64::NAN),
        IntervalKind::Wilson => wilson(sample.ones, sample.n(), Z95),
        IntervalKind::Normal => (mean - Z95 * se, mean + Z95 * se),
    };
    OutcomeResult {
        n: sample.n(),
        left_out: sample.left_out,
        mean,
        se,
        interval: Interval { lo, hi, kind },
        sd: moments.sd(),
        min: quantiles.min(),
        q05: quantiles.quantile(0.05),
        q25: quantiles.quantile(0.25),
        median: quantiles.quantile(0.5),
        q75: quantiles.quantile(0.75),
        q95: quantiles.quantile(0.95),
        max: quantiles.max(),
        exact: quantiles.is_exact(),
        histogram: scale.bins.count(quantiles),
        difference,
    }
}
