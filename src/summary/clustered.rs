//! Means of runs that are not independent of each other: those of one cluster may share what they
//! come from, clusters do not.

use super::results::{Difference, Results};
use super::survival::{Quantity, failed};
use crate::math::{maximum, minimum, student_quantile};
use crate::record::{Block, Layout};
use crate::stats::{Interval, Method, Sum};

/// Sums and counts of a quantity, by cluster.
type Sums = Vec<(Sum, u64)>;

/// What clusters say of the means of several arms.
#[derive(Debug, Clone)]
pub struct Clusters {
    /// By arm, then quantity.
    own: Vec<Vec<Sums>>,
    /// The same of the paired differences to one arm.
    paired: Vec<Vec<Sums>>,
    /// By quantity, whether it is 0 or 1.
    zero_one: Vec<bool>,
}

impl Clusters {
    /// Of the runs of all arms, in parts that follow on each other and are the same in all arms.
    /// `of` says by arm and run which of `count` clusters it is of; runs of one number are of the
    /// same clusters in arms that are compared, or else of clusters as independent.
    pub fn new(
        layout: &Layout,
        blocks: &[Vec<Block>],
        of: &[Vec<usize>],
        (count, versus): (usize, usize),
    ) -> Clusters {
        let quantities = Quantity::all(layout);
        let values = |arm: usize, quantity: &Quantity| -> Vec<f64> {
            let blocks = blocks[arm].iter();
            let each = blocks.flat_map(|block| {
                quantity.values(block, &failed(block), layout.rounds).into_owned()
            });
            each.collect()
        };
        let sums = |values: &[f64], of: &[usize]| -> Sums {
            let mut sums = vec![(Sum::new(), 0); count];
            for (value, cluster) in values.iter().zip(of).filter(|(value, _)| !value.is_nan()) {
                sums[*cluster].0.add(*value);
                sums[*cluster].1 += 1;
            }
            sums
        };
        let arms = 0..blocks.len();
        let own = arms.clone().map(|arm| {
            quantities.iter().map(|quantity| sums(&values(arm, quantity), &of[arm])).collect()
        });
        let paired = arms.clone().map(|arm| {
            let each = quantities.iter().map(|quantity| {
                let (x, base) = (values(arm, quantity), values(versus, quantity));
                let differences: Vec<f64> = x.iter().zip(&base).map(|(x, b)| x - b).collect();
                sums(&differences, &of[arm])
            });
            each.collect()
        });
        Clusters {
            own: own.collect(),
            paired: paired.collect(),
            zero_one: quantities.iter().map(|quantity| quantity.zero_one).collect(),
        }
    }

    /// Widens standard errors and intervals of means to what clusters say, by the jackknife over
    /// clusters (Efron 1982) and Student's t with one degree less than there are. With one cluster
    /// there are none.
    pub fn amend(&self, results: &mut Results) {
        for (arm, result) in results.arms.iter_mut().enumerate() {
            for (number, outcome) in result.outcomes.iter_mut().enumerate() {
                let (lo, hi) = if self.zero_one[number] { (0.0, 1.0) } else { (-OPEN, OPEN) };
                let error = error(&self.own[arm][number]);
                outcome.interval = widened(outcome.mean, outcome.interval, error, (lo, hi));
                outcome.se = error.map_or(f64::NAN, |(error, _)| maximum(outcome.se, error));
                if let Some(Difference { mean, se, interval, .. }) = &mut outcome.difference {
                    let error = self::error(&self.paired[arm][number]);
                    let range = (if lo < 0.0 { lo } else { -1.0 }, hi);
                    *interval = widened(*mean, *interval, error, range);
                    *se = error.map_or(f64::NAN, |(error, _)| maximum(*se, error));
                }
            }
        }
    }
}

/// No bound.
const OPEN: f64 = f64::INFINITY;

/// The jackknife's standard error of a mean and its degrees of freedom; `None` where a cluster has
/// all values.
fn error(sums: &Sums) -> Option<(f64, f64)> {
    let count = sums.len() as f64;
    let all: Sum = sums.iter().map(|(sum, _)| sum.value()).collect();
    let n: u64 = sums.iter().map(|(_, n)| n).sum();
    let without = |(sum, own): &(Sum, u64)| match n - own {
        0 => None,
        rest => Some((all.value() - sum.value()) / rest as f64),
    };
    let without: Vec<f64> = sums.iter().map(without).collect::<Option<_>>()?;
    if without.len() < 2 {
        return None;
    }
    let mean = without.iter().copied().collect::<Sum>().value() / count;
    let squares: Sum = without.iter().map(|x| (x - mean) * (x - mean)).collect();
    Some(((squares.value() * (count - 1.0) / count).sqrt(), count - 1.0))
}

/// An interval that holds both what it was and what clusters say.
fn widened(
    mean: f64,
    interval: Interval,
    error: Option<(f64, f64)>,
    (least, most): (f64, f64),
) -> Interval {
    let Some((error, freedom)) = error else { return Interval::NONE };
    let t = student_quantile(0.975, freedom);
    let (lo, hi) = (maximum(mean - t * error, least), minimum(mean + t * error, most));
    if interval.is_known() && interval.lo <= lo && hi <= interval.hi {
        return interval;
    }
    let (lo, hi) = match interval.is_known() {
        true => (minimum(lo, interval.lo), maximum(hi, interval.hi)),
        false => (lo, hi),
    };
    match (hi - lo).is_finite() && error > 0.0 {
        true => Interval { lo, hi, method: Method::Student, sparse: interval.sparse },
        false => interval,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_that_agree_within_and_not_between_count_as_one_value_each() {
        // four clusters of two equal values each: 1, 2, 3, 4
        let of = |x: f64| ([x, x].into_iter().collect::<Sum>(), 2);
        let (error, freedom) = error(&vec![of(1.0), of(2.0), of(3.0), of(4.0)]).expect("an error");
        // the standard error of the mean of four values with variance 5/3
        assert!((error - (5.0_f64 / 12.0).sqrt()).abs() < 1e-14);
        assert_eq!(freedom, 3.0);
        assert!(self::error(&vec![of(1.0)]).is_none());
    }
}
