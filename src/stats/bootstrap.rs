//! Bootstrap of means over bundles of runs.

use rayon::prelude::*;

use super::moments::{Moments, Sum};
use super::quantiles::sorted_quantile;
use crate::math::{normal_cdf, normal_quantile, student_quantile};

/// How many resamples an interval rests on unless said otherwise.
pub const RESAMPLES: usize = 2_000;

/// So large a share of resamples may lack a value before an interval counts as none.
const LACKING: f64 = 0.05;

/// An end is read off resamples only if so many lie beyond it.
const TAIL: f64 = 5.0;

/// One quantity as sums over groups: group `g` bundles consecutive runs whose values add up to
/// `sums[g]` over `counts[g]` values (0 if all of its runs are left out).
///
/// Groups, not runs, are resampled. Their bounds must not depend on batch size or threads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    sums: Vec<f64>,
    counts: Vec<f64>,
}

impl Groups {
    /// No groups.
    pub fn new() -> Groups {
        Groups::default()
    }

    /// Adds a group: the sum of its values and how many there are.
    pub fn push(&mut self, sum: f64, count: u64) {
        self.sums.push(if count == 0 { 0.0 } else { sum });
        self.counts.push(count as f64);
    }

    /// Groups of `size` consecutive values each (at least 1), the last one perhaps smaller. NaN
    /// stands for a run without a value and is left out.
    pub fn from_values(values: &[f64], size: usize) -> Groups {
        let mut groups = Groups::new();
        for chunk in values.chunks(size.max(1)) {
            let present = chunk.iter().copied().filter(|x| !x.is_nan());
            groups.push(present.clone().collect::<Sum>().value(), present.count() as u64);
        }
        groups
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Whether there are no groups.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The mean of all values; NaN without values.
    pub fn mean(&self) -> f64 {
        let sum: Sum = self.sums.iter().copied().collect();
        let count: Sum = self.counts.iter().copied().collect();
        sum.value() / count.value()
    }

    /// The mean where each group is taken as often as `times` says; NaN without values.
    pub fn mean_under(&self, times: &[f64]) -> f64 {
        dot(&self.sums, times) / dot(&self.counts, times)
    }

    /// How many values each group has, where that is the same for all.
    fn even(&self) -> Option<f64> {
        let first = *self.counts.first()?;
        self.counts.iter().all(|count| *count == first).then_some(first)
    }

    /// The mean of one group; NaN without values.
    pub fn mean_of(&self, group: usize) -> f64 {
        match (self.sums.get(group), self.counts.get(group)) {
            (Some(sum), Some(count)) => sum / count,
            _ => f64::NAN,
        }
    }

    /// The mean without each group; NaN for a group without values.
    pub fn means_without(&self) -> Vec<f64> {
        let all = |list: &[f64]| list.iter().copied().collect::<Sum>().value();
        let (sum, count) = (all(&self.sums), all(&self.counts));
        let pairs = self.sums.iter().zip(&self.counts);
        let one = |(s, n): (&f64, &f64)| if *n > 0.0 { (sum - s) / (count - n) } else { f64::NAN };
        pairs.map(one).collect()
    }
}

/// Σ ab, in an order that depends on the length alone.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (whole, rest) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail = whole.remainder().iter().zip(rest.remainder()).map(|(x, y)| x * y);
    let tail = tail.fold(0.0, |sum, term| sum + term);
    for (x, y) in whole.zip(rest) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().fold(tail, |sum, lane| sum + lane)
}

/// How often each resample takes each of some groups (Efron 1979): one set for everything that is
/// compared, so that differences and ratios of what is resampled stay paired.
#[derive(Clone, Debug)]
pub struct Resamples {
    groups: usize,
    /// By resample, then group.
    times: Vec<f64>,
}

impl Resamples {
    /// So many resamples of so many groups. `index(n)` gives a random number below `n` (a larger
    /// one counts as `n - 1`); it is called once per group and resample, in order.
    pub fn new(groups: usize, resamples: usize, mut index: impl FnMut(usize) -> usize) -> Self {
        let mut times = vec![0.0; groups * resamples];
        for row in times.chunks_exact_mut(groups.max(1)) {
            for _ in 0..groups {
                row[index(groups).min(groups - 1)] += 1.0;
            }
        }
        Resamples { groups, times }
    }

    /// How many groups are resampled.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// A value under each resample, given how often it takes each group. Resamples are worked on in
    /// parallel on the current rayon pool.
    pub fn each(&self, value: impl Fn(&[f64]) -> f64 + Sync + Send) -> Vec<f64> {
        self.times.par_chunks_exact(self.groups.max(1)).map(value).collect()
    }

    /// The interval of the mean of groups of values, by [`bca`]; NaN at both ends if they are
    /// others than those resampled.
    pub fn interval(&self, of: &Groups, mean: f64, alpha: f64) -> (f64, f64) {
        if of.len() != self.groups {
            return (f64::NAN, f64::NAN);
        }
        let resampled = match of.even() {
            // every resample has as many values as there are
            Some(count) => {
                let n = count * self.groups as f64;
                self.each(|times| dot(&of.sums, times) / n)
            }
            None => self.each(|times| of.mean_under(times)),
        };
        bca(mean, resampled, &of.means_without(), alpha)
    }
}

/// The interval at level 1 − α of an estimate by the bootstrap, bias-corrected and accelerated
/// (Efron 1987, Journal of the American Statistical Association 82: 171-185), `(lower, upper)`.
///
/// `resampled` are its values under resamples (NaN where one has none), `without` its values
/// without one group each (NaN for a group without values), for the acceleration (jackknife). The
/// nominal levels are those of Φ(± sqrt(n / (n − 1)) t) with t the quantile of Student's t with n −
/// 1 degrees of freedom and n the number of groups, since a bootstrap of few values is too narrow
/// (Hesterberg 2015, The American Statistician 69: 371-386). NaN at both ends where more than one
/// resample in twenty has no value, or fewer than two groups have values. Where less than five
/// resamples lie beyond an end, the ends are the estimate ± t standard deviations of the resamples.
pub fn bca(estimate: f64, mut resampled: Vec<f64>, without: &[f64], alpha: f64) -> (f64, f64) {
    let all = resampled.len() as f64;
    resampled.retain(|x| x.is_finite());
    let n = resampled.len() as f64;
    let without: Vec<f64> = without.iter().copied().filter(|x| x.is_finite()).collect();
    let lacking = resampled.is_empty() || n < (1.0 - LACKING) * all;
    if lacking || without.len() < 2 || !estimate.is_finite() {
        return (f64::NAN, f64::NAN);
    }
    resampled.sort_unstable_by(f64::total_cmp);
    let below = resampled.partition_point(|x| *x < estimate) as f64;
    let up_to = resampled.partition_point(|x| *x <= estimate) as f64;
    // kept off the ends, where the correction would be infinite
    let share = (0.5 * (below + up_to) / n).clamp(0.5 / n, 1.0 - 0.5 / n);
    let bias = normal_quantile(share);
    let acceleration = acceleration(&without);
    let groups = without.len() as f64;
    let t = student_quantile(1.0 - alpha / 2.0, groups - 1.0);
    let reach = (groups / (groups - 1.0)).sqrt() * t;
    if alpha / 2.0 * n < TAIL {
        // so far out there are no resamples to read
        let mut moments = Moments::new();
        resampled.iter().for_each(|x| moments.add(*x));
        let reach = t * moments.sd();
        return (estimate - reach, estimate + reach);
    }
    let level = |z: f64| {
        let moved = bias + z;
        normal_cdf(bias + moved / (1.0 - acceleration * moved))
    };
    let at = |z: f64| sorted_quantile(&resampled, level(z));
    (at(-reach), at(reach))
}

/// Efron's acceleration: a sixth of the skewness of the estimate's influence, by the jackknife.
fn acceleration(without: &[f64]) -> f64 {
    let mut moments = Moments::new();
    without.iter().for_each(|x| moments.add(*x));
    let mean = moments.mean();
    let (mut squares, mut cubes) = (0.0, 0.0);
    for x in without {
        let off = mean - x;
        squares += off * off;
        cubes += off * off * off;
    }
    let found = cubes / (6.0 * squares * squares.sqrt());
    if found.is_finite() { found } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indices() -> impl FnMut(usize) -> usize {
        let mut state = 1_u64;
        move |n| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040);
            (state >> 33) as usize % n
        }
    }

    #[test]
    fn degenerate_samples() {
        let interval =
            |g: Groups| Resamples::new(g.len(), 200, indices()).interval(&g, g.mean(), 0.05);
        assert!(interval(Groups::new()).0.is_nan());
        assert!(interval(Groups::from_values(&[f64::NAN; 5], 2)).1.is_nan());
        assert!(interval(Groups::from_values(&[2.5], 1)).0.is_nan());
        let (lo, hi) = interval(Groups::from_values(&[0.1; 23], 10));
        assert!((lo - 0.1).abs() < 1e-16 && (hi - 0.1).abs() < 1e-16);
        assert!(interval(Groups::from_values(&[1.0, f64::INFINITY], 1)).0.is_nan());
        let other = Resamples::new(3, 200, indices());
        assert!(other.interval(&Groups::from_values(&[1.0, 2.0], 1), 1.5, 0.05).0.is_nan());
        assert_eq!(other.groups(), 3);
    }

    #[test]
    fn resamples_are_shared() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i * i % 31)).collect();
        let doubled: Vec<f64> = values.iter().map(|x| 2.0 * x).collect();
        let (a, b) = (Groups::from_values(&values, 5), Groups::from_values(&doubled, 5));
        let resamples = Resamples::new(20, RESAMPLES, indices());
        let one = resamples.interval(&a, a.mean(), 0.05);
        let two = resamples.interval(&b, b.mean(), 0.05);
        assert_eq!((2.0 * one.0, 2.0 * one.1), two);
        assert!(one.0 < a.mean() && a.mean() < one.1);
        // an index out of range is tamed
        let tamed = Resamples::new(20, 10, |n| n + 5);
        assert!(tamed.interval(&a, a.mean(), 0.05).0.is_finite());
    }

    #[test]
    fn means_of_groups() {
        let groups = Groups::from_values(&[1.0, f64::NAN, 3.0, f64::NAN, f64::NAN], 2);
        assert_eq!((groups.len(), groups.mean()), (3, 2.0));
        assert_eq!(groups.mean_under(&[3.0, 1.0, 5.0]), 1.5);
        assert_eq!(groups.means_without()[..2], [3.0, 1.0]);
        assert!(groups.means_without()[2].is_nan() && groups.mean_of(0) == 1.0);
    }

    #[test]
    fn skewed_samples_are_corrected() {
        // squares: the sample is skewed to the right, and so is its interval
        let values: Vec<f64> = (0..50).map(|i| f64::from(i * i)).collect();
        let groups = Groups::from_values(&values, 1);
        let resamples = Resamples::new(50, RESAMPLES, indices());
        let (lo, hi) = resamples.interval(&groups, groups.mean(), 0.05);
        assert!(hi - groups.mean() > groups.mean() - lo);
        // influence of values 0, 0, 0, 6 on their mean: leaving one out gives 2, 2, 2, 0, so a is
        // (3 * (-0.5)^3 + 1.5^3) / (6 * 3^1.5)
        let found = acceleration(&[2.0, 2.0, 2.0, 0.0]);
        assert!((found - 3.0 / (6.0 * 27_f64.sqrt())).abs() < 1e-15);
        assert_eq!(acceleration(&[1.0; 5]), 0.0);
    }
}
