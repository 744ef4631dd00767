//! Sums, means and standard deviations.

use crate::math::{clamp, maximum, minimum};

/// A sum that keeps what rounding loses (Neumaier 1974), good to about one rounding of the result
/// unless the terms cancel beyond 30 digits.
///
/// Depends on the order of the terms in its last bits at most: feed it in run order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// The empty sum, 0.
    pub fn new() -> Sum {
        Sum::default()
    }

    /// Adds a term.
    #[inline]
    pub fn add(&mut self, x: f64) {
        let total = self.total + x;
        // The larger of the two kept its leading digits; what the smaller lost is exact here.
        let lost = if self.total.abs() >= x.abs() {
            (self.total - total) + x
        } else {
            (x - total) + self.total
        };
        self.lost += lost;
        self.total = total;
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Sum) {
        self.add(other.total);
        self.lost += other.lost;
    }

    /// The sum. Infinite or NaN terms (or overflow) give what plain addition would.
    pub fn value(&self) -> f64 {
        if self.total.is_finite() { self.total + self.lost } else { self.total }
    }
}

impl Extend<f64> for Sum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, terms: I) {
        for x in terms {
            self.add(x);
        }
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Sum {
        let mut sum = Sum::new();
        sum.extend(terms);
        sum
    }
}

/// Count, mean, standard deviation, least and greatest of a sample.
///
/// The mean comes from a compensated sum, the deviation from Welford's (1962) updating. Adding in
/// the same order gives the same bits; merging (Chan, Golub and LeVeque 1979) agrees with adding to
/// rounding only, so for results that must not depend on how runs were split, add run by run or
/// merge blocks of a fixed size in order.
///
/// Without values everything but the count is NaN; with one value the standard deviation and the
/// standard error are. A NaN among the values makes everything but the count NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    n: u64,
    sum: Sum,
    /// Times `scale`.
    mean: f64,
    /// Times the square of `scale`.
    squares: f64,
    /// 1, or [`SMALL`] once a value is too large to be squared.
    scale: f64,
    min: f64,
    max: f64,
}

/// Values beyond this would be too large once squared.
const LARGE: f64 = 1e150;
/// 2^-600: the largest number times this can be squared and added up.
const SMALL: f64 = f64::from_bits((1023 - 600) << 52);

impl Default for Moments {
    fn default() -> Moments {
        Moments {
            n: 0,
            sum: Sum::new(),
            mean: 0.0,
            squares: 0.0,
            scale: 1.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Moments {
    /// The empty sample.
    pub fn new() -> Moments {
        Moments::default()
    }

    /// Adds a value.
    #[inline]
    pub fn add(&mut self, x: f64) {
        if x.abs() > LARGE {
            self.shrink();
        }
        self.n += 1;
        self.sum.add(x);
        let scaled = x * self.scale;
        let off = scaled - self.mean;
        self.mean += off / self.n as f64;
        self.squares += off * (scaled - self.mean);
        self.min = minimum(self.min, x);
        self.max = maximum(self.max, x);
    }

    /// Goes over to smaller numbers, so that squares do not overflow.
    #[cold]
    fn shrink(&mut self) {
        if self.scale == 1.0 {
            self.mean *= SMALL;
            self.squares *= SMALL * SMALL;
            self.scale = SMALL;
        }
    }

    /// Adds values together: in a fixed order that is not one after the other, and agreeing with
    /// [`Moments::add`] to rounding. The mean of the values is found first and corrected by their
    /// deviations from it, which their squares are taken of (Chan, Golub and LeVeque 1983).
    #[inline(always)]
    pub fn add_all(&mut self, values: &[f64]) {
        let n = values.len() as f64;
        let add = |sum: f64, x: f64| sum + x;
        // what is no number makes the sums so
        let less = |least: f64, x: f64| if x < least { x } else { least };
        let more = |most: f64, x: f64| if x > most { x } else { most };
        let min = in_lanes(values, |x| x, less, f64::INFINITY);
        let max = in_lanes(values, |x| x, more, f64::NEG_INFINITY);
        // equal values have exactly their value as mean
        let about = if min == max { min } else { in_lanes(values, |x| x, add, 0.0) / n };
        let rest = in_lanes(values, |x| x - about, add, 0.0);
        let squares = in_lanes(values, |x| (x - about) * (x - about), add, 0.0);
        if !(about.is_finite() && squares.is_finite()) {
            // no values, or such as overflow
            values.iter().for_each(|x| self.add(*x));
            return;
        }
        let mut sum = Sum::new();
        sum.add(about * n);
        sum.add(rest);
        self.merge(&Moments {
            n: values.len() as u64,
            sum,
            mean: about + rest / n,
            squares: maximum(squares - rest * (rest / n), 0.0),
            scale: 1.0,
            min,
            max,
        });
    }

    /// Adds another sample.
    pub fn merge(&mut self, other: &Moments) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let mut other = *other;
        if self.scale != other.scale {
            self.shrink();
            other.shrink();
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let off = other.mean - self.mean;
        self.n += other.n;
        self.sum.merge(&other.sum);
        self.mean += off * (b / (a + b));
        self.squares += other.squares + off * off * (a * b / (a + b));
        self.min = minimum(self.min, other.min);
        self.max = maximum(self.max, other.max);
    }

    /// How many values there are.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The arithmetic mean. Equal values have exactly their value as mean.
    pub fn mean(&self) -> f64 {
        if self.n == 0 {
            return f64::NAN;
        }
        let total = self.sum.value();
        // The running mean stays finite where only the sum overflows.
        let mean = if total.is_finite() { total / self.n as f64 } else { self.mean / self.scale };
        clamp(mean, self.min, self.max)
    }

    /// The sample variance, with divisor `n - 1`; infinite where it is too large for a number.
    pub fn variance(&self) -> f64 {
        self.scaled_variance() / self.scale / self.scale
    }

    fn scaled_variance(&self) -> f64 {
        match self.n {
            0 | 1 => f64::NAN,
            n => self.squares / (n - 1) as f64,
        }
    }

    /// The sample standard deviation.
    pub fn sd(&self) -> f64 {
        self.scaled_variance().sqrt() / self.scale
    }

    /// The standard error of the mean, `sd / sqrt(n)`.
    pub fn standard_error(&self) -> f64 {
        (self.scaled_variance() / self.n as f64).sqrt() / self.scale
    }

    /// The least value.
    pub fn min(&self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.min }
    }

    /// The greatest value.
    pub fn max(&self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.max }
    }
}

/// Joins what a function makes of values in eight lanes, every eighth in the same, and then the
/// lanes in order.
#[inline(always)]
fn in_lanes(
    values: &[f64],
    f: impl Fn(f64) -> f64,
    join: impl Fn(f64, f64) -> f64,
    start: f64,
) -> f64 {
    let mut lanes = [start; 8];
    let (groups, rest) = values.as_chunks::<8>();
    for group in groups {
        for (lane, x) in lanes.iter_mut().zip(group) {
            *lane = join(*lane, f(*x));
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane = join(*lane, f(*x));
    }
    lanes.into_iter().fold(start, join)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Moments {
        let mut m = Moments::new();
        values.iter().for_each(|&x| m.add(x));
        m
    }

    #[test]
    fn sums_keep_what_cancels() {
        let sum: Sum = [1e100, 1.0, -1e100, 1.0].into_iter().collect();
        assert_eq!(sum.value(), 2.0);
        let mut halves: Sum = [1e100, 1.0].into_iter().collect();
        halves.merge(&[-1e100, 1.0].into_iter().collect());
        assert_eq!(halves.value(), 2.0);
        assert_eq!([f64::INFINITY, 1.0].into_iter().collect::<Sum>().value(), f64::INFINITY);
        assert!([f64::INFINITY, f64::NEG_INFINITY].into_iter().collect::<Sum>().value().is_nan());
        assert_eq!(Sum::new().value(), 0.0);
    }

    #[test]
    fn small_samples() {
        let none = Moments::new();
        let all = [none.mean(), none.sd(), none.standard_error(), none.min(), none.max()];
        assert!(all.iter().all(|x| x.is_nan()) && none.n() == 0);
        let one = of(&[3.5]);
        assert!(one.mean() == 3.5 && one.sd().is_nan() && one.standard_error().is_nan());
        let same = of(&[0.1; 3]);
        assert_eq!((same.mean(), same.sd(), same.min(), same.max()), (0.1, 0.0, 0.1, 0.1));
        assert!(of(&[1.0, f64::NAN]).mean().is_nan() && of(&[f64::NAN]).sd().is_nan());
        assert!(of(&[f64::NAN, 1.0]).min().is_nan());
    }

    #[test]
    fn together_as_one_by_one() {
        let values: Vec<f64> = (0..1003).map(|i| 1e6 + f64::from(i * i % 97) / 7.0).collect();
        let whole = of(&values);
        let mut all = Moments::new();
        values.chunks(256).for_each(|part| all.add_all(part));
        assert_eq!((all.n(), all.min(), all.max()), (1003, whole.min(), whole.max()));
        assert!((all.mean() / whole.mean() - 1.0).abs() < 1e-15);
        assert!((all.sd() / whole.sd() - 1.0).abs() < 1e-12);
        let mut same = Moments::new();
        same.add_all(&[0.1; 7]);
        same.add_all(&[]);
        same.add_all(&[0.1; 300]);
        assert_eq!((same.n(), same.mean(), same.sd()), (307, 0.1, 0.0));
        let mut large = Moments::new();
        large.add_all(&[f64::MAX, f64::MAX]);
        assert_eq!((large.mean(), large.max()), (f64::MAX, f64::MAX));
        let mut bad = of(&[1.0]);
        bad.add_all(&[2.0, f64::NAN]);
        assert!(bad.mean().is_nan() && bad.n() == 3);
    }

    #[test]
    fn large_values_have_a_deviation() {
        let close = |x: f64, y: f64| (x / y - 1.0).abs() < 1e-12;
        // half of the values at each end: sd = size * sqrt(n / (n - 1))
        for size in [1e200, 1.5e308] {
            let values: Vec<f64> = (0..50).map(|k| if k % 2 == 0 { size } else { -size }).collect();
            let mut all = Moments::new();
            all.add_all(&values);
            let mut parts = of(&[]);
            values.chunks(7).for_each(|part| parts.merge(&of(part)));
            for found in [of(&values), all, parts] {
                let sd = (size / 2.0) * (50.0_f64 / 49.0).sqrt();
                assert!(close(found.sd() / 2.0, sd), "{size}: {}", found.sd());
                assert!(close(found.standard_error(), size / 7.0));
                assert!(found.mean().abs() < 1e-12 * size && found.min() == -size);
            }
        }
        let mut mixed = of(&[1.0, 2.0]);
        mixed.merge(&of(&[1e200; 2]));
        assert!(close(mixed.mean(), 5e199) && close(mixed.sd(), 1e200 / 3.0_f64.sqrt()));
        let same = of(&[1e300; 9]);
        assert_eq!((same.mean(), same.sd()), (1e300, 0.0));
    }

    #[test]
    fn merging_agrees_with_adding() {
        let values: Vec<f64> = (0..1000).map(|i| 1e6 + f64::from(i * i % 97)).collect();
        let whole = of(&values);
        for cut in [0, 1, 500, 1000] {
            let mut parts = of(&values[..cut]);
            parts.merge(&of(&values[cut..]));
            assert_eq!((parts.n(), parts.min(), parts.max()), (1000, whole.min(), whole.max()));
            assert_eq!(parts.mean(), whole.mean());
            assert!((parts.sd() / whole.sd() - 1.0).abs() < 1e-12);
        }
        let exact =
            values.iter().map(|x| (x - whole.mean()) * (x - whole.mean())).sum::<f64>() / 999.0;
        assert!((whole.variance() / exact - 1.0).abs() < 1e-12);
        assert!((whole.standard_error() - whole.sd() / 1000_f64.sqrt()).abs() < 1e-15);
    }
}
