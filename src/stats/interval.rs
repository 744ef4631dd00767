//! Every interval of an estimate, by how the estimate is measured.

use serde::Serialize;
use std::fmt;

use super::bootstrap::Resamples;
use super::series::Series;
use super::tally::Tally;
use crate::math::{beta_cdf, log, normal_quantile, student_quantile};

/// The normal quantile at 0.975: half the width of a 95 % interval in standard errors.
pub const Z95: f64 = 1.959_963_984_540_054;

/// What all intervals leave out, half of it on each side.
pub const ALPHA: f64 = 0.05;

/// Fewer values than this get a t interval where more get a bootstrap.
const BOOTSTRAPPED: u64 = 20;

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// No draw reaches the number: it is no estimate, and the interval has no width.
    Exact,
    /// Wilson's (1927) score interval of a share.
    Wilson,
    /// Tango's (1998) score interval of the difference of two shares, paired.
    Tango,
    /// Mean plus and minus so many standard errors as Student's t says.
    #[serde(rename = "t")]
    Student,
    /// Bootstrap over runs, bias-corrected and accelerated (Efron 1987).
    #[serde(rename = "bca")]
    Bootstrap,
    /// Between two order statistics, by the binomial distribution.
    Order,
    /// There is none: too few values, or no spread and no known range.
    None,
}

impl Method {
    /// All with their words.
    pub const ALL: &'static [(&'static str, Method)] = &[
        ("exact", Method::Exact),
        ("wilson", Method::Wilson),
        ("tango", Method::Tango),
        ("t", Method::Student),
        ("bca", Method::Bootstrap),
        ("order", Method::Order),
        ("none", Method::None),
    ];

    /// As it stands in files.
    pub fn word(self) -> &'static str {
        Method::ALL.iter().find(|(_, m)| *m == self).map_or("none", |(w, _)| w)
    }
}

/// A 95 % interval; NaN at both ends where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub lo: f64,
    /// Its upper end.
    pub hi: f64,
    /// How it was made.
    pub method: Method,
    /// Whether fewer than [`FEW`](super::FEW) values, and fewer than half, differ from the
    /// commonest, so that the interval was widened by what such a sample cannot show.
    pub sparse: bool,
}

impl fmt::Display for Interval {
    /// `[lo, hi]`, with three decimals or as many as are asked for; `no interval` without one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        match self.is_known() {
            true => write!(f, "[{:.digits$}, {:.digits$}]", self.lo, self.hi),
            false => f.write_str("no interval"),
        }
    }
}

impl Interval {
    /// No interval.
    pub const NONE: Interval =
        Interval { lo: f64::NAN, hi: f64::NAN, method: Method::None, sparse: false };

    /// The interval of a number that no draw reaches.
    pub fn exact(value: f64) -> Interval {
        if !value.is_finite() {
            return Interval::NONE;
        }
        Interval { lo: value, hi: value, method: Method::Exact, sparse: false }
    }

    /// Whether there is one.
    pub fn is_known(&self) -> bool {
        self.method != Method::None
    }

    fn of((lo, hi): (f64, f64), method: Method) -> Interval {
        if lo.is_finite() && hi.is_finite() {
            Interval { lo, hi, method, sparse: false }
        } else {
            Interval::NONE
        }
    }

    /// The interval of a share: [`wilson`]; none without trials.
    pub fn share(ones: u64, n: u64, alpha: f64) -> Interval {
        if n == 0 {
            return Interval::NONE;
        }
        Interval::of(wilson(ones, n, normal_quantile(1.0 - alpha / 2.0)), Method::Wilson)
    }

    /// The interval of the mean of values that are no shares: mean ± t standard errors with n − 1
    /// degrees of freedom (Student 1908), widened where the sample is sparse. `range` is what the
    /// values can be, where that is known. None of fewer than two values, and of equal values
    /// whose range is not known.
    pub fn mean(values: &Series, range: Option<(f64, f64)>, alpha: f64) -> Interval {
        let moments = values.moments();
        let (mean, se, n) = (moments.mean(), moments.standard_error(), moments.n());
        if n < 2 || !se.is_finite() {
            return Interval::NONE;
        }
        let reach = student_quantile(1.0 - alpha / 2.0, (n - 1) as f64) * se;
        let found = Interval::of((mean - reach, mean + reach), Method::Student);
        found.widened(values.tally(), n, (moments.min(), moments.max()), range, alpha)
    }

    /// The interval of the mean of paired differences: by bootstrap of runs (see
    /// [`Resamples::interval`]) from 20 pairs on, else by t, both widened where the sample is
    /// sparse. `range` is what differences can be, where that is known.
    pub fn difference(
        pairs: &Series,
        range: Option<(f64, f64)>,
        resamples: &Resamples,
        alpha: f64,
    ) -> Interval {
        let moments = pairs.moments();
        let seen = (moments.min(), moments.max());
        if moments.n() < BOOTSTRAPPED || seen.0 == seen.1 {
            return Interval::mean(pairs, range, alpha);
        }
        let ends = resamples.interval(&pairs.bundles(), moments.mean(), alpha);
        let found = Interval::of(ends, Method::Bootstrap);
        found.widened(pairs.tally(), moments.n(), seen, range, alpha)
    }

    /// The interval of the difference of two shares over the same `n` runs: [`tango`]; none
    /// without runs.
    pub fn share_difference(only_first: u64, only_second: u64, n: u64, alpha: f64) -> Interval {
        if n == 0 {
            return Interval::NONE;
        }
        let z = normal_quantile(1.0 - alpha / 2.0);
        Interval::of(tango(only_first, only_second, n, z), Method::Tango)
    }

    /// The interval of the quantile at `q`: between the order statistics whose ranks the binomial
    /// distribution leaves at most α / 2 beyond on either side (Thompson 1936), whatever the
    /// distribution of the values. Ends for which there are too few values are those of `range`,
    /// or there is no interval. `value` gives the value of a rank from 0 among `n`.
    pub fn quantile(
        q: f64,
        n: u64,
        range: Option<(f64, f64)>,
        alpha: f64,
        value: impl Fn(u64) -> f64,
    ) -> Interval {
        let (below, above) = ranks(q, n, alpha);
        let lo = below.map(&value).or(range.map(|r| r.0));
        let hi = above.map(&value).or(range.map(|r| r.1));
        match (lo, hi) {
            (Some(lo), Some(hi)) if n > 0 => Interval::of((lo, hi), Method::Order),
            _ => Interval::NONE,
        }
    }

    /// An interval that a bootstrap gave of what is not sparse.
    pub fn bootstrapped(ends: (f64, f64)) -> Interval {
        Interval::of(ends, Method::Bootstrap)
    }

    /// An interval of a mean that a bootstrap gave, widened where the sample is sparse.
    pub fn bootstrapped_mean(
        ends: (f64, f64),
        tally: &Tally,
        n: u64,
        seen: (f64, f64),
        range: Option<(f64, f64)>,
        alpha: f64,
    ) -> Interval {
        Interval::bootstrapped(ends).widened(tally, n, seen, range, alpha)
    }

    /// Widens the interval of a mean of `n` values by what a sparse sample cannot show: what
    /// happens with probability −log(α / 2) / n (3.7 / n) or more is seen at least once in all but
    /// α / 2 of samples, and can move the mean no further than that share of the way from the
    /// commonest value to the ends of the range that is known; where none is, of the width of what
    /// was `seen`. Never beyond a known range.
    fn widened(
        self,
        tally: &Tally,
        n: u64,
        seen: (f64, f64),
        range: Option<(f64, f64)>,
        alpha: f64,
    ) -> Interval {
        let range = range.filter(|(lo, hi)| lo.is_finite() && hi.is_finite());
        let Some(commonest) = tally.commonest().filter(|_| self.is_known() && tally.is_sparse())
        else {
            return self.within(range);
        };
        let (down, up) = match range {
            Some((lo, hi)) => (commonest - lo, hi - commonest),
            None if seen.0 == seen.1 => return Interval { sparse: true, ..Interval::NONE },
            None => (seen.1 - seen.0, seen.1 - seen.0),
        };
        let share = -log(alpha / 2.0) / n as f64;
        let (lo, hi) = (self.lo - share * down.max(0.0), self.hi + share * up.max(0.0));
        Interval { lo, hi, sparse: true, ..self }.within(range)
    }

    fn within(self, range: Option<(f64, f64)>) -> Interval {
        match range {
            Some((lo, hi)) if self.is_known() => {
                Interval { lo: self.lo.clamp(lo, hi), hi: self.hi.clamp(lo, hi), ..self }
            }
            _ => self,
        }
    }
}

/// Wilson's (1927) score interval for a probability, `(lower, upper)`.
///
/// `successes` out of `n` (more than `n` count as `n`), `z` standard errors wide on each side. The
/// ends 0 and 1 are exact where all trials agree. Without trials nothing is known: `(0, 1)`.
pub fn wilson(successes: u64, n: u64, z: f64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let successes = successes.min(n);
    let trials = n as f64;
    let share = successes as f64 / trials;
    let square = z * z / trials;
    let centre = (share + 0.5 * square) / (1.0 + square);
    let spread = (share * (1.0 - share) / trials + square / (4.0 * trials)).sqrt();
    let reach = z.abs() * spread / (1.0 + square);
    let lower = if successes == 0 { 0.0 } else { (centre - reach).max(0.0) };
    let upper = if successes == n { 1.0 } else { (centre + reach).min(1.0) };
    if z.is_nan() { (z, z) } else { (lower, upper) }
}

/// The score interval of Tango (1998, Statistics in Medicine 17: 891-908) for the difference of two
/// shares over the same `n` runs, `(lower, upper)`: `first` runs have only the first, and
/// `second` only the second of two properties.
///
/// The differences d with |first − second − n d| ≤ z sqrt(n (2 q + d (1 − d))), where q is the
/// likeliest chance of the second property alone if the difference is d. With no discordant run it
/// is ±z² / (n + z²). Without runs nothing is known: `(-1, 1)`.
pub fn tango(first: u64, second: u64, n: u64, z: f64) -> (f64, f64) {
    if n == 0 {
        return (-1.0, 1.0);
    }
    let n = n.max(first.saturating_add(second));
    // by symmetry the lower end is that of the swapped pair with its sign turned
    (-upper(second, first, n, z), upper(first, second, n, z))
}

/// The upper end of [`tango`].
fn upper(first: u64, second: u64, n: u64, z: f64) -> f64 {
    let (b, c, n) = (first as f64, second as f64, n as f64);
    let beyond = |d: f64| {
        let middle = (2.0 * n - b + c) * d - b - c;
        let product = 8.0 * n * c * d * (1.0 - d);
        let root = (middle * middle + product).max(0.0).sqrt();
        // of the two forms of the positive root, the one in which nothing cancels
        let q = if middle > 0.0 {
            2.0 * c * d * (1.0 - d) / (root + middle)
        } else {
            (root - middle) / (4.0 * n)
        };
        let variance = (n * (2.0 * q + d * (1.0 - d))).max(0.0);
        n * d - (b - c) > z * variance.sqrt()
    };
    let (mut lo, mut hi) = ((b - c) / n, 1.0);
    if lo >= 1.0 {
        return 1.0;
    }
    for _ in 0..64 {
        let middle = 0.5 * (lo + hi);
        if beyond(middle) {
            hi = middle;
        } else {
            lo = middle;
        }
    }
    hi
}

/// The ranks, from 0, of the order statistics around the quantile at `q` of `n` values; none where
/// even the outermost leaves more than α / 2 beyond.
fn ranks(q: f64, n: u64, alpha: f64) -> (Option<u64>, Option<u64>) {
    if n == 0 || !(0.0..=1.0).contains(&q) {
        return (None, None);
    }
    // The chance that more than k of n values lie below the quantile is that of a
    // beta(k + 1, n - k) below q.
    let more_than = |k: u64| beta_cdf(q, k as f64 + 1.0, (n - k) as f64);
    // the value of rank k exceeds the quantile if k or fewer lie below it
    let (mut lo, mut hi) = (0, n);
    while lo < hi {
        // the first rank whose value lies beyond with a chance of more than α / 2
        let middle = lo + (hi - lo) / 2;
        if middle < n && 1.0 - more_than(middle) <= alpha / 2.0 {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    let below = lo.checked_sub(1);
    let (mut lo, mut hi) = (0, n);
    while lo < hi {
        // the first rank whose value lies short of the quantile with a chance of at most α / 2
        let middle = lo + (hi - lo) / 2;
        if middle < n && more_than(middle) > alpha / 2.0 {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    (below, (lo < n).then_some(lo))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Groups;

    fn series(values: &[f64]) -> Series {
        let mut series = Series::new(1);
        values.iter().for_each(|x| series.add(*x));
        series
    }

    #[test]
    fn wilson_values() {
        // Reference values from scipy's binomtest(k, n).proportion_ci(method="wilson").
        for (k, n, lower, upper) in [
            (15, 50, 0.191_035_535_008_809_5, 0.437_503_504_644_534_1),
            (3, 10, 0.107_791_267_406_301_02, 0.603_221_852_538_854_6),
        ] {
            let (lo, hi) = wilson(k, n, Z95);
            assert!((lo - lower).abs() < 1e-14 && (hi - upper).abs() < 1e-14, "{lo} {hi}");
        }
        assert_eq!(wilson(0, 10, Z95).0, 0.0);
        assert_eq!(wilson(10, 10, Z95).1, 1.0);
        assert_eq!(wilson(0, 0, Z95), (0.0, 1.0));
        assert_eq!(wilson(12, 10, Z95), wilson(10, 10, Z95));
        let ((a, b), (c, d)) = (wilson(3, 10, Z95), wilson(7, 10, Z95));
        assert!((a + d - 1.0).abs() < 1e-15 && (b + c - 1.0).abs() < 1e-15);
        assert!(wilson(1, 2, f64::NAN).0.is_nan());
    }

    #[test]
    fn tango_values() {
        let close = |found: (f64, f64), lo: f64, hi: f64| {
            assert!((found.0 - lo).abs() < 1e-6 && (found.1 - hi).abs() < 1e-6, "{found:?}");
        };
        // found by maximising the likelihood numerically under each difference
        close(tango(12, 2, 44, Z95), 0.069_166_218, 0.386_003_770);
        close(tango(7, 3, 50, Z95), -0.050_153_398, 0.215_905_349);
        close(tango(1, 0, 100, Z95), -0.027_363_433, 0.054_486_196);
        close(tango(30, 10, 1000, Z95), 0.008_002_555, 0.033_566_546);
        close(tango(0, 5, 30, Z95), -0.335_643_514, -0.034_234_373);
        let z2 = Z95 * Z95;
        close(tango(0, 0, 100, Z95), -z2 / (100.0 + z2), z2 / (100.0 + z2));
        let ((a, b), (c, d)) = (tango(7, 3, 50, Z95), tango(3, 7, 50, Z95));
        assert_eq!((a, b), (-d, -c));
        assert_eq!(tango(0, 0, 0, Z95), (-1.0, 1.0));
        // every run has only the first: n (1 - d) / (1 + d) = z² at the lower end
        close(tango(10, 0, 10, Z95), (10.0 - z2) / (10.0 + z2), 1.0);
    }

    #[test]
    fn ranks_of_quantiles() {
        // of 10 values the median lies between the second and the ninth in 97.85 of 100 cases
        assert_eq!(ranks(0.5, 10, ALPHA), (Some(1), Some(8)));
        assert_eq!(ranks(0.5, 5, ALPHA), (None, None));
        assert_eq!(ranks(0.5, 6, ALPHA), (Some(0), Some(5)));
        assert_eq!(ranks(0.95, 20, ALPHA), (Some(16), None));
        let of = |n: u64, range| Interval::quantile(0.5, n, range, ALPHA, |rank| rank as f64);
        assert_eq!((of(10, None).lo, of(10, None).hi), (1.0, 8.0));
        assert_eq!(of(5, None).method, Method::None);
        assert_eq!((of(5, Some((-1.0, 9.0))).lo, of(0, None).is_known()), (-1.0, false));
    }

    #[test]
    fn small_and_sparse_means() {
        assert!(!Interval::mean(&series(&[2.95]), None, ALPHA).is_known());
        // equal values say nothing of what was not seen, unless the range is known
        let same = Interval::mean(&series(&[5.0; 5]), None, ALPHA);
        assert!(!same.is_known() && same.sparse && same.lo.is_nan());
        let zeros = Interval::mean(&series(&[0.0; 5]), Some((0.0, 10.0)), ALPHA);
        assert!(zeros.sparse && zeros.lo == 0.0 && (zeros.hi - 2.0 * 3.688_879_454).abs() < 1e-8);
        let point = Interval::mean(&series(&[5.0; 5]), Some((5.0, 5.0)), ALPHA);
        assert_eq!((point.lo, point.hi), (5.0, 5.0));
        // one of 100 differs by 2: mean 0.02, sd 0.2, t 1.98422
        let mut values = [0.0; 100];
        values[7] = 2.0;
        let rare = Interval::mean(&series(&values), None, ALPHA);
        assert!((rare.hi - (0.02 + 0.02 * 1.984_217 + 3.688_879 * 2.0 / 100.0)).abs() < 1e-6);
        let plain: Vec<f64> = (0..30).map(f64::from).collect();
        let found = Interval::mean(&series(&plain), None, ALPHA);
        assert!(
            !found.sparse && (found.hi - 14.5 - 2.045_230 * 77.5_f64.sqrt() / 30_f64.sqrt()) < 1e-5
        );
    }

    #[test]
    fn differences_by_size() {
        let mut state = 1_u64;
        let resamples = Resamples::new(40, 200, |n| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040);
            (state >> 33) as usize % n
        });
        // 19 different values: mean 9, sd sqrt(380 / 12), t 2.100922, and nothing else
        let few: Vec<f64> = (0..19).map(f64::from).collect();
        let found = Interval::difference(&series(&few), None, &resamples, ALPHA);
        let reach = 2.100_922 * (380.0_f64 / 228.0).sqrt();
        assert!(!found.sparse && (found.hi - 9.0 - reach).abs() < 1e-5, "{found:?}");
        assert_eq!(
            Interval::difference(&series(&few), None, &resamples, ALPHA).method,
            Method::Student
        );
        let more: Vec<f64> = (0..40).map(|i| f64::from(i * i)).collect();
        let found = Interval::difference(&series(&more), None, &resamples, ALPHA);
        let mean = series(&more).moments().mean();
        assert_eq!(found.method, Method::Bootstrap);
        assert!(found.lo < mean && mean < found.hi);
        let none = Interval::difference(&series(&[0.0; 40]), Some((-1.0, 1.0)), &resamples, ALPHA);
        assert!(
            none.sparse && none.lo == -none.hi && (none.hi * 40.0 - 3.688_879_454).abs() < 1e-8
        );
        assert!(!Interval::difference(&series(&[]), None, &resamples, ALPHA).is_known());
        assert_eq!(Groups::new().len(), 0);
    }
}
