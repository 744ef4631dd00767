//! Quantiles of a sample: exact while it is small, sketched beyond.

use std::borrow::Cow;

use super::sketch::{Bin, Sketch, on_edge};
use crate::math::{clamp, floor, maximum, minimum};

/// A sample to be asked for quantiles, counts, least and greatest value.
///
/// Up to `limit` values are kept as they are; beyond, only counts in bins of the leading bits of
/// the number remain (sign, exponent, eight mantissa bits), about 2 kB for each power of two that
/// occurs. Then a quantile errs by less than 0.4 % of the values next to it (absolutely, by less
/// than 1e-310, among subnormal numbers), or not at all if every value is a short binary number
/// such as a flag or a count below 512. Whatever is read depends on the multiset of the values and
/// the limit alone, never on order, merging or threads.
///
/// NaN and the infinities are left out and counted in [`Quantiles::ignored`].
#[derive(Clone, Debug)]
pub struct Quantiles {
    limit: usize,
    n: u64,
    ignored: u64,
    min: f64,
    max: f64,
    integral: bool,
    on_edges: bool,
    store: Store,
}

#[derive(Clone, Debug)]
enum Store {
    Exact { values: Vec<f64>, sorted: bool },
    Sketched(Box<Sketch>),
}

impl Quantiles {
    /// An empty sample that keeps up to `limit` values exactly.
    pub fn new(limit: usize) -> Quantiles {
        Quantiles {
            limit,
            n: 0,
            ignored: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            integral: true,
            on_edges: true,
            store: Store::Exact { values: Vec::new(), sorted: true },
        }
    }

    /// Adds a value. Minus zero counts as zero.
    #[inline]
    pub fn insert(&mut self, x: f64) {
        if !x.is_finite() {
            self.ignored += 1;
            return;
        }
        let x = x + 0.0;
        self.n += 1;
        self.min = minimum(self.min, x);
        self.max = maximum(self.max, x);
        self.integral = self.integral && floor(x) == x;
        self.on_edges = self.on_edges && on_edge(x);
        match &mut self.store {
            Store::Sketched(sketch) => sketch.add(x),
            Store::Exact { values, sorted } => {
                values.push(x);
                *sorted = false;
                if values.len() > self.limit {
                    self.coarsen();
                }
            }
        }
    }

    /// Adds another sample; the smaller of the two limits holds from now on.
    pub fn merge(&mut self, other: &Quantiles) {
        self.limit = self.limit.min(other.limit);
        self.n += other.n;
        self.ignored += other.ignored;
        self.min = minimum(self.min, other.min);
        self.max = maximum(self.max, other.max);
        self.integral &= other.integral;
        self.on_edges &= other.on_edges;
        match (&mut self.store, &other.store) {
            (Store::Exact { values, sorted }, Store::Exact { values: more, .. }) => {
                values.extend_from_slice(more);
                *sorted = values.len() < 2;
            }
            (Store::Sketched(sketch), Store::Sketched(more)) => sketch.merge(more),
            (Store::Sketched(sketch), Store::Exact { values, .. }) => {
                values.iter().for_each(|&x| sketch.add(x));
            }
            (Store::Exact { values, .. }, Store::Sketched(more)) => {
                let mut sketch = more.clone();
                values.iter().for_each(|&x| sketch.add(x));
                self.store = Store::Sketched(sketch);
            }
        }
        if self.n > self.limit as u64 {
            self.coarsen();
        }
    }

    /// Goes over from values to counts.
    #[cold]
    fn coarsen(&mut self) {
        if let Store::Exact { values, .. } = &self.store {
            let mut sketch = Sketch::default();
            values.iter().for_each(|&x| sketch.add(x));
            self.store = Store::Sketched(Box::new(sketch));
        }
    }

    /// Sorts the kept values, so that reading does not have to do it each time. Changes no result.
    pub fn settle(&mut self) {
        if let Store::Exact { values, sorted } = &mut self.store
            && !*sorted
        {
            values.sort_unstable_by(f64::total_cmp);
            *sorted = true;
        }
    }

    /// How many values are in the sample.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// How many values were left out because they are not finite.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// The least value, exact; NaN without values.
    pub fn min(&self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.min }
    }

    /// The greatest value, exact; NaN without values.
    pub fn max(&self) -> f64 {
        if self.n == 0 { f64::NAN } else { self.max }
    }

    /// Whether every value is an integer (also without values).
    pub fn is_integral(&self) -> bool {
        self.integral
    }

    /// Whether quantiles are exact: all values are kept, or their bins say them.
    pub fn is_exact(&self) -> bool {
        self.on_edges || matches!(self.store, Store::Exact { .. })
    }

    /// The quantile at `q`, moved into [0, 1]: type 7 of Hyndman and Fan (1996), which interpolates
    /// between the values of rank `floor((n - 1) q)` and the next. In a sketch the values of a bin
    /// are taken as evenly spread over it. NaN without values or for NaN. Kept values are sorted
    /// anew at each call unless [`Quantiles::settle`] has sorted them.
    pub fn quantile(&self, q: f64) -> f64 {
        if self.n == 0 || q.is_nan() {
            return f64::NAN;
        }
        match &self.store {
            Store::Exact { values, sorted } => sorted_quantile(&in_order(values, *sorted), q),
            Store::Sketched(sketch) => {
                let (rank, rest) = rank(self.n, q);
                let (lower, upper) = self.neighbours(sketch, rank);
                between(lower, upper, rest)
            }
        }
    }

    /// The values of rank `rank` and `rank + 1` (from 0; the last has itself as neighbour).
    fn neighbours(&self, sketch: &Sketch, rank: u64) -> (f64, f64) {
        let mut before = 0;
        let mut lower = None;
        for bin in sketch.bins() {
            let after = before + bin.count;
            if lower.is_none() && rank < after {
                lower = Some(self.within(&bin, rank, before));
            }
            if let Some(lower) = lower
                && rank + 1 < after
            {
                return (lower, self.within(&bin, rank + 1, before));
            }
            before = after;
        }
        (lower.unwrap_or(self.max), self.max)
    }

    /// The value of a rank inside a bin that starts at rank `before`.
    fn within(&self, bin: &Bin, rank: u64, before: u64) -> f64 {
        if rank == 0 {
            return self.min;
        }
        if rank + 1 == self.n {
            return self.max;
        }
        if self.on_edges {
            return bin.home;
        }
        let share = ((rank - before) as f64 + 0.5) / bin.count as f64;
        between(maximum(bin.lo, self.min), minimum(bin.hi, self.max), share)
    }

    /// How many values lie in `[lo, hi)`: exact, or for a sketch with the values of the bins that
    /// are cut taken as evenly spread. Counts of adjoining intervals add up. 0 for NaN.
    pub fn count_between(&self, lo: f64, hi: f64) -> u64 {
        self.count_below(hi).saturating_sub(self.count_below(lo))
    }

    /// How many values lie below `x`; see [`Quantiles::count_between`].
    pub fn count_below(&self, x: f64) -> u64 {
        if self.n == 0 || x.is_nan() || x <= self.min {
            return 0;
        }
        if x > self.max {
            return self.n;
        }
        match &self.store {
            Store::Exact { values, sorted: true } => values.partition_point(|&v| v < x) as u64,
            Store::Exact { values, sorted: false } => {
                values.iter().filter(|&&v| v < x).count() as u64
            }
            Store::Sketched(sketch) => sketch.bins().map(|bin| self.part_below(&bin, x)).sum(),
        }
    }

    fn part_below(&self, bin: &Bin, x: f64) -> u64 {
        let (lo, hi) = (maximum(bin.lo, self.min), minimum(bin.hi, self.max));
        if self.on_edges || lo >= hi {
            return if bin.home < x { bin.count } else { 0 };
        }
        let share = clamp((x - lo) / (hi - lo), 0.0, 1.0);
        floor(share * bin.count as f64 + 0.5) as u64
    }
}

fn in_order(values: &[f64], sorted: bool) -> Cow<'_, [f64]> {
    let mut values = Cow::Borrowed(values);
    if !sorted {
        values.to_mut().sort_unstable_by(f64::total_cmp);
    }
    values
}

/// The whole and the fractional part of the rank `(n - 1) q`.
fn rank(n: u64, q: f64) -> (u64, f64) {
    let at = (n - 1) as f64 * clamp(q, 0.0, 1.0);
    let whole = floor(at);
    ((whole as u64).min(n - 1), at - whole)
}

/// The point a share `t` of the way from `a` to `b >= a`.
pub(super) fn between(a: f64, b: f64, t: f64) -> f64 {
    let span = b - a;
    if span.is_finite() { minimum(a + t * span, b) } else { (1.0 - t) * a + t * b }
}

/// The quantile of an ascending sample by type 7 of Hyndman and Fan (1996). NaN without values or
/// for a NaN `q`; `q` is moved into [0, 1].
pub fn sorted_quantile(sorted: &[f64], q: f64) -> f64 {
    if sorted.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    let (rank, rest) = rank(sorted.len() as u64, q);
    let lower = sorted[rank as usize];
    let upper = sorted.get(rank as usize + 1).copied().unwrap_or(lower);
    between(lower, upper, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(limit: usize, values: impl IntoIterator<Item = f64>) -> Quantiles {
        let mut sample = Quantiles::new(limit);
        values.into_iter().for_each(|x| sample.insert(x));
        sample
    }

    /// Numbers of both signs over several powers of ten.
    fn wide(n: u32) -> Vec<f64> {
        let unit = |i: u32| f64::from(i.wrapping_mul(2_654_435_769)) / 4_294_967_296.0;
        (0..n).map(|i| (unit(i) - 0.3) * crate::math::exp(12.0 * unit(i ^ 0x5555))).collect()
    }

    fn reading(sample: &Quantiles) -> Vec<u64> {
        let mut all: Vec<u64> =
            (0..=40).map(|i| sample.quantile(f64::from(i) / 40.0).to_bits()).collect();
        all.extend((-4..4).map(|i| sample.count_between(f64::from(i), f64::from(3 * i + 9))));
        all.extend([sample.n(), sample.ignored(), u64::from(sample.is_exact())]);
        all
    }

    #[test]
    fn type_seven() {
        let sample = of(10, [4.0, 1.0, 3.0, 2.0]);
        assert_eq!((sample.quantile(0.5), sample.quantile(0.25)), (2.5, 1.75));
        assert_eq!((sample.quantile(-1.0), sample.quantile(2.0)), (1.0, 4.0));
        assert!(sample.quantile(f64::NAN).is_nan() && of(10, []).quantile(0.5).is_nan());
        assert_eq!(of(10, [0.1; 7]).quantile(0.3), 0.1);
        assert!(of(10, [-f64::MAX, f64::MAX]).quantile(0.75).is_finite());
    }

    #[test]
    fn not_finite_is_left_out() {
        let sample = of(10, [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3.0, -0.0]);
        assert_eq!((sample.n(), sample.ignored(), sample.min(), sample.max()), (3, 3, 0.0, 3.0));
        assert_eq!(sample.min().to_bits(), 0);
    }

    #[test]
    fn a_sketch_is_close() {
        let values = wide(20_000);
        let (mut exact, sketch) = (of(100_000, values.clone()), of(100, values));
        exact.settle();
        assert!(exact.is_exact() && !sketch.is_exact());
        assert_eq!((sketch.min(), sketch.max()), (exact.min(), exact.max()));
        assert_eq!((sketch.quantile(0.0), sketch.quantile(1.0)), (exact.min(), exact.max()));
        for i in 1..200 {
            let q = f64::from(i) / 200.0;
            let (x, y) = (exact.quantile(q), sketch.quantile(q));
            // Near zero the type 7 interpolation may join values of both signs.
            assert!((x - y).abs() <= x.abs() * 0.004 + 1e-3, "{q}: {x} {y}");
        }
        for x in [-1e4, -3.0, 0.0, 0.2, 17.0, 1e5] {
            let (a, b) = (exact.count_below(x) as f64, sketch.count_below(x) as f64);
            assert!((a - b).abs() <= 60.0, "{x}: {a} {b}");
        }
    }

    #[test]
    fn order_and_merging_do_not_matter() {
        for limit in [0, 999, 1000] {
            let values = wide(1000);
            let whole = of(limit, values.iter().copied());
            let turned = of(limit, values.iter().rev().copied());
            assert_eq!(reading(&whole), reading(&turned));
            for cuts in [[0, 1], [333, 666], [1000, 1000]] {
                let part = |r: std::ops::Range<usize>| of(limit, values[r].iter().copied());
                let mut merged = part(cuts[1]..1000);
                merged.merge(&part(0..cuts[0]));
                merged.merge(&part(cuts[0]..cuts[1]));
                assert_eq!(reading(&whole), reading(&merged));
                merged.settle();
                assert_eq!(reading(&whole), reading(&merged));
            }
        }
    }

    #[test]
    fn short_numbers_stay_exact_in_a_sketch() {
        let values: Vec<f64> = (0..500).map(|i| f64::from(i * 7 % 300) - 20.0).collect();
        let (exact, sketch) = (of(1000, values.clone()), of(3, values));
        assert!(sketch.is_exact());
        assert_eq!(reading(&exact), reading(&sketch));
    }

    #[test]
    fn extremes_are_handled() {
        let sample = of(0, [f64::MAX, -f64::MAX, 5e-324, -5e-324, 0.0, 1.0]);
        assert_eq!((sample.quantile(0.0), sample.quantile(1.0)), (-f64::MAX, f64::MAX));
        assert!((0..=10).all(|i| sample.quantile(f64::from(i) / 10.0).is_finite()));
        assert_eq!(sample.count_between(f64::NEG_INFINITY, f64::INFINITY), 6);
        assert_eq!(sample.count_between(f64::NAN, f64::NAN), 0);
        assert_eq!(sample.count_between(1.0, 0.0), 0);
    }
}
