//! Estimates with their intervals.

use serde::Serialize;
use std::cmp::Ordering;
use std::fmt;

use rayon::prelude::*;

use super::Summary;
use super::sample::Sample;
use super::survival::Taken;
use crate::rng::{Seed, Sequence};
use crate::stats::{
    ALPHA, Bins, DEFAULT_BINS, Interval, Quantiles, RESAMPLES, Resamples, common_bins,
};

/// What is known of an outcome of an arm before it is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Foreknown {
    /// Between which ends it lies in every run, in its unit; none if that is not known.
    pub range: Option<(f64, f64)>,
    /// Whether a draw, a choice from a mix or a type can reach it.
    pub drawn: bool,
    /// Equal in two arms if they compute it from the same draws by the same operations.
    pub signature: Option<[u8; 32]>,
}

impl Default for Foreknown {
    fn default() -> Foreknown {
        Foreknown { range: None, drawn: true, signature: None }
    }
}
/// The mean paired difference of an outcome to the arm that others are compared with, over runs
/// with both values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// How many pairs.
    pub n: u64,
    /// How many pairs have an empty side.
    pub left_out: u64,
    /// Their mean difference, arm minus the other; NaN without pairs.
    pub mean: f64,
    /// Its standard error; NaN below two pairs.
    pub se: f64,
    /// The standard deviation of the differences; NaN below two pairs.
    pub sd: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// In how many pairs the two sides differ.
    pub discordant: u64,
}

impl fmt::Display for Difference {
    /// The mean with its interval, three decimals or as many as are asked for: `0.120 [0.081,
    /// 0.159]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        write!(f, "{:.digits$} {:.digits$}", self.mean, self.interval)
    }
}

/// The estimates of one outcome in one arm; without values, numbers are NaN.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeResult {
    /// How many runs have a value.
    pub n: u64,
    /// How many have none: failed, or the outcome is empty.
    pub left_out: u64,
    /// The mean.
    pub mean: f64,
    /// Its standard error; NaN below two values.
    pub se: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// The standard deviation; NaN below two values.
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
    /// The paired difference to the arm that others are compared with; none in that.
    pub difference: Option<Difference>,
}

/// What all arms share of an outcome, or of what is made of one ([`Taken`]).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeScale {
    /// Its name.
    pub name: String,
    /// Whether it is an outcome of the scenario or made of one.
    pub taken: Taken,
    /// Whether it is 0 or 1 by kind, so that its mean is a share of runs.
    pub zero_one: bool,
    /// The common bins.
    pub bins: Bins,
}

/// The estimates of one arm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArmResult {
    /// `base` or the name of the variant.
    pub name: String,
    /// By outcome.
    pub outcomes: Vec<OutcomeResult>,
    /// How many runs failed.
    pub failed: u64,
}

/// The estimates of all arms.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Results {
    /// By outcome: what arms share.
    pub outcomes: Vec<OutcomeScale>,
    /// By arm.
    pub arms: Vec<ArmResult>,
    /// Runs of each arm.
    pub runs: u64,
    /// The arm that others are compared with, by number.
    pub versus: usize,
}

impl Summary {
    /// The estimates from what was added so far. Bootstrap intervals take their random numbers
    /// from [`Sequence::BOOTSTRAP`] of the seed; all arms and outcomes share the resamples.
    /// Outcomes are worked on in parallel on the current rayon pool.
    pub fn results(&mut self, seed: Seed) -> Results {
        let samples = self.arms.par_iter_mut().flat_map(|arm| &mut arm.outcomes);
        samples.for_each(|sample| sample.quantiles.settle());
        let numbers = 0..self.quantities.len();
        let outcomes: Vec<OutcomeScale> =
            numbers.clone().into_par_iter().map(|outcome| self.scale(outcome)).collect();
        let resamples = resamples(self.runs, self.detail.group, seed);
        let arms = self.arms.iter().enumerate().map(|(arm, summary)| {
            let estimates = numbers.clone().into_par_iter().map(|outcome| {
                let difference = self.difference(arm, outcome, &resamples);
                self.estimate(arm, outcome, &outcomes[outcome], difference)
            });
            let name = summary.name.clone();
            ArmResult { name, outcomes: estimates.collect(), failed: summary.failed }
        });
        Results { arms: arms.collect(), outcomes, runs: self.runs, versus: self.versus }
    }

    fn scale(&self, outcome: usize) -> OutcomeScale {
        let samples = || self.arms.iter().filter_map(|arm| arm.outcomes.get(outcome));
        let quantity = &self.quantities[outcome];
        let values: Vec<&Quantiles> = samples().map(|sample| &sample.quantiles).collect();
        OutcomeScale {
            name: quantity.name.clone(),
            taken: quantity.taken,
            zero_one: quantity.zero_one,
            bins: common_bins(&values, DEFAULT_BINS),
        }
    }

    fn foreknown(&self, arm: usize, quantity: usize) -> Foreknown {
        let last = self.layout.rounds.max(1) as f64;
        let (outcome, range) = match self.quantities[quantity].taken {
            Taken::AsItIs(outcome) => (outcome, None),
            Taken::Ever(outcome) => (outcome, Some((0.0, 1.0))),
            Taken::Restricted(outcome) => (outcome, Some((1.0, last))),
        };
        let found = self.known.get(arm).and_then(|arm| arm.get(outcome));
        let found = found.copied().unwrap_or_default();
        Foreknown { range: range.or(found.range), ..found }
    }

    /// The difference to the arm that others are compared with; none of that.
    fn difference(&self, arm: usize, outcome: usize, resamples: &Resamples) -> Option<Difference> {
        // the arm that others are compared with has no place among them
        let place = match arm.cmp(&self.versus) {
            Ordering::Less => arm,
            Ordering::Equal => return None,
            Ordering::Greater => arm - 1,
        };
        let pairs = self.differences.get(place)?.get(outcome)?;
        let (own, base) = (self.foreknown(arm, outcome), self.foreknown(self.versus, outcome));
        let same = own.signature.is_some() && own.signature == base.signature;
        let range = own.range.zip(base.range).map(|(a, b)| (a.0 - b.1, a.1 - b.0));
        let exact = same || !(own.drawn || base.drawn) || is_point(range);
        let moments = pairs.moments();
        let interval = if exact && moments.min() == moments.max() {
            Interval::exact(moments.mean())
        } else if self.quantities[outcome].zero_one {
            Interval::share_difference(pairs.ones(), pairs.minus_ones(), pairs.n(), ALPHA)
        } else {
            Interval::difference(pairs, range, resamples, ALPHA)
        };
        Some(Difference {
            n: pairs.n(),
            left_out: pairs.left_out(),
            mean: moments.mean(),
            se: moments.standard_error(),
            sd: moments.sd(),
            interval,
            discordant: pairs.nonzero(),
        })
    }

    fn estimate(
        &self,
        arm: usize,
        outcome: usize,
        scale: &OutcomeScale,
        difference: Option<Difference>,
    ) -> OutcomeResult {
        let Sample { series, quantiles } = &self.arms[arm].outcomes[outcome];
        let (moments, known) = (series.moments(), self.foreknown(arm, outcome));
        let exact = !known.drawn || is_point(known.range);
        let interval = if exact && moments.min() == moments.max() {
            Interval::exact(moments.mean())
        } else if scale.zero_one {
            Interval::share(series.ones(), series.n(), ALPHA)
        } else {
            Interval::mean(series, known.range, ALPHA)
        };
        OutcomeResult {
            n: series.n(),
            left_out: series.left_out(),
            mean: moments.mean(),
            se: moments.standard_error(),
            interval,
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
}

/// Whether a range leaves no choice.
fn is_point(range: Option<(f64, f64)>) -> bool {
    range.is_some_and(|(lo, hi)| lo == hi)
}

/// The resamples of so many runs in bundles of `size`, for everything that is compared: the same
/// for every command.
pub fn resamples(runs: u64, size: u64, seed: Seed) -> Resamples {
    let mut numbers = Sequence::new(seed, Sequence::BOOTSTRAP);
    let bundles = usize::try_from(runs.div_ceil(size.max(1))).unwrap_or(usize::MAX);
    Resamples::new(bundles, RESAMPLES, |n| numbers.below(n as u64) as usize)
}
