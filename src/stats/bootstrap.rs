//! Percentile bootstrap of means over groups of runs.

use rayon::prelude::*;

use super::moments::Sum;
use super::quantiles::sorted_quantile;

/// How many resamples an interval rests on unless said otherwise.
pub const RESAMPLES: usize = 2_000;

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

    /// Whether the groups' means agree up to the rounding of their sums.
    fn is_constant(&self) -> bool {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for (s, c) in self.sums.iter().zip(&self.counts).filter(|(_, c)| **c > 0.0) {
            least = least.min(s / c);
            most = most.max(s / c);
        }
        most - least <= 4.0 * f64::EPSILON * least.abs().max(most.abs())
    }
}

/// So many resamples are drawn before threads share out the columns.
const DRAWN: usize = 64;

/// How many columns are summed side by side.
const ABREAST: usize = 8;

/// Some columns side by side, by group.
struct Abreast {
    sums: Vec<[f64; ABREAST]>,
    counts: Vec<[f64; ABREAST]>,
}

impl Abreast {
    /// Up to [`ABREAST`] columns of `n` groups; of others the missing groups are empty.
    fn new(columns: &[Groups], n: usize) -> Abreast {
        let rows = |of: fn(&Groups) -> &[f64]| -> Vec<[f64; ABREAST]> {
            let value = |group: usize, column: usize| {
                let found = columns.get(column).and_then(|column| of(column).get(group));
                found.copied().unwrap_or(0.0)
            };
            (0..n).map(|group| std::array::from_fn(|column| value(group, column))).collect()
        };
        Abreast { sums: rows(|groups| &groups.sums), counts: rows(|groups| &groups.counts) }
    }

    /// The means where each group is taken as often as `times` says; NaN without values.
    fn weighted_means(&self, times: &[f64]) -> [f64; ABREAST] {
        let (mut sums, mut counts) = ([0.0; ABREAST], [0.0; ABREAST]);
        for ((s, c), t) in self.sums.iter().zip(&self.counts).zip(times) {
            for column in 0..ABREAST {
                sums[column] += s[column] * t;
                counts[column] += c[column] * t;
            }
        }
        std::array::from_fn(|column| sums[column] / counts[column])
    }
}

/// 95 % percentile intervals (Efron 1979) of the means of several columns, `(lower, upper)` each:
/// the type 7 quantiles at 0.025 and 0.975 of the means of `resamples` resamples.
///
/// All columns have the same groups and share the resampled ones, so differences and ratios of the
/// columns may be formed beforehand or compared afterwards. `index(n)` gives a random number below
/// `n` (a larger one counts as `n - 1`); it is called once per group and resample, in order, with
/// nothing drawn for columns. A resample without values in a column is left out for that column.
///
/// A column whose groups all have the same mean, or with one group, gets that mean at both ends,
/// free of rounding noise. NaN at both ends: no values, a value that is not finite, no resamples,
/// or another number of groups than the first column's.
///
/// Columns are worked on in parallel on the current rayon pool.
pub fn bootstrap_means(
    columns: &[Groups],
    resamples: usize,
    mut index: impl FnMut(usize) -> usize,
) -> Vec<(f64, f64)> {
    let n = columns.first().map_or(0, Groups::len);
    let mut means = vec![Vec::with_capacity(resamples); columns.len()];
    let abreast: Vec<Abreast> = columns.chunks(ABREAST).map(|some| Abreast::new(some, n)).collect();
    let mut left = if n > 0 { resamples } else { 0 };
    let mut drawn: Vec<Vec<f64>> = vec![vec![0.0; n]; left.min(DRAWN)];
    while left > 0 {
        drawn.truncate(left);
        left -= drawn.len();
        for times in &mut drawn {
            times.fill(0.0);
            for _ in 0..n {
                times[index(n).min(n - 1)] += 1.0;
            }
        }
        let columns = abreast.par_iter().zip(means.par_chunks_mut(ABREAST));
        columns.for_each(|(some, means)| {
            for times in &drawn {
                let found = some.weighted_means(times);
                means.iter_mut().zip(found).for_each(|(means, mean)| means.push(mean));
            }
        });
    }
    let each = columns.par_iter().zip(means);
    each.map(|(column, means)| interval(column, means, n)).collect()
}

fn interval(column: &Groups, mut means: Vec<f64>, n: usize) -> (f64, f64) {
    let mean = column.mean();
    if column.len() != n || means.is_empty() || !mean.is_finite() {
        return (f64::NAN, f64::NAN);
    }
    if n == 1 || column.is_constant() {
        return (mean, mean);
    }
    means.retain(|x| !x.is_nan());
    means.sort_unstable_by(f64::total_cmp);
    (sorted_quantile(&means, 0.025), sorted_quantile(&means, 0.975))
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
        let interval = |g: Groups| bootstrap_means(&[g], 200, indices())[0];
        let nan = interval(Groups::new());
        assert!(nan.0.is_nan() && nan.1.is_nan());
        let nan = interval(Groups::from_values(&[f64::NAN; 5], 2));
        assert!(nan.0.is_nan() && nan.1.is_nan());
        assert_eq!(interval(Groups::from_values(&[2.5], 1)), (2.5, 2.5));
        let (lo, hi) = interval(Groups::from_values(&[0.1; 23], 10));
        assert!(lo == hi && (lo - 0.1).abs() < 1e-16);
        assert_eq!(interval(Groups::from_values(&[0.0; 7], 2)), (0.0, 0.0));
        assert!(interval(Groups::from_values(&[1.0, f64::INFINITY], 1)).0.is_nan());
        assert!(bootstrap_means(&[], 10, indices()).is_empty());
        assert!(
            bootstrap_means(&[Groups::from_values(&[1.0, 2.0], 1)], 0, indices())[0].0.is_nan()
        );
    }

    #[test]
    fn columns_share_indices() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i * i % 31)).collect();
        let doubled: Vec<f64> = values.iter().map(|x| 2.0 * x).collect();
        let a = Groups::from_values(&values, 5);
        let b = Groups::from_values(&doubled, 5);
        let short = Groups::from_values(&doubled, 50);
        let both = bootstrap_means(&[a.clone(), b, short], RESAMPLES, indices());
        assert_eq!(both[0], bootstrap_means(std::slice::from_ref(&a), RESAMPLES, indices())[0]);
        assert_eq!((2.0 * both[0].0, 2.0 * both[0].1), both[1]);
        assert!(both[2].0.is_nan());
        assert!(both[0].0 < a.mean() && a.mean() < both[0].1);
        // An index out of range is tamed.
        assert!(bootstrap_means(&[a], 10, |n| n + 5)[0].0.is_finite());
    }

    #[test]
    fn missing_values_are_left_out() {
        let groups = Groups::from_values(&[1.0, f64::NAN, 3.0, f64::NAN, f64::NAN], 2);
        assert_eq!((groups.len(), groups.mean()), (3, 2.0));
        let (lo, hi) = bootstrap_means(&[groups], RESAMPLES, indices())[0];
        assert_eq!((lo, hi), (1.0, 3.0));
    }
}
