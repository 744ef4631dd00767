//! Common bins for several samples.

use super::quantiles::{Quantiles, between};
use crate::math::{floor, maximum, minimum};
use serde::Serialize;

/// The number of equal-width bins unless said otherwise.
pub const DEFAULT_BINS: usize = 30;
/// Integers get a bin each up to this distance between least and greatest.
const MAX_INTEGER_SPAN: f64 = 40.0;

/// Adjoining bins: bin `i` reaches from `edges[i]` up to but not including `edges[i + 1]`; the last
/// one includes its upper edge.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bins {
    edges: Vec<f64>,
    integers: bool,
}

/// The bins in which to show several samples side by side.
///
/// If all values are integers and the greatest is at most 40 above the least: one bin of width 1
/// centred on each integer. If all values are equal: one bin, of no width. Else `count` (at least
/// 1) bins of equal width from the least value to the greatest. No bins without values.
pub fn common_bins(samples: &[&Quantiles], count: usize) -> Bins {
    let filled = || samples.iter().filter(|s| s.n() > 0);
    let lo = filled().map(|s| s.min()).fold(f64::INFINITY, minimum);
    let hi = filled().map(|s| s.max()).fold(f64::NEG_INFINITY, maximum);
    if filled().next().is_none() {
        return Bins { edges: Vec::new(), integers: false };
    }
    // From 2^52 on there is no number half way between two integers.
    let halves = maximum(-lo, hi) < 4_503_599_627_370_496.0;
    if filled().all(|s| s.is_integral()) && halves && hi - lo <= MAX_INTEGER_SPAN {
        let span = floor(hi - lo) as u32;
        let edges = (0..=span + 1).map(|i| lo - 0.5 + f64::from(i)).collect();
        return Bins { edges, integers: true };
    }
    if lo == hi {
        return Bins { edges: vec![lo, hi], integers: false };
    }
    let count = count.max(1);
    // lo + (hi - lo) can fall short of hi by rounding, and the greatest value belongs to a bin
    let edge = |i| if i == count { hi } else { between(lo, hi, i as f64 / count as f64) };
    Bins { edges: (0..=count).map(edge).collect(), integers: false }
}

impl Bins {
    /// The edges, ascending: one more than there are bins, or none.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Whether each bin stands for the integer at its centre.
    pub fn are_integers(&self) -> bool {
        self.integers
    }

    /// How many bins there are.
    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Whether there are no bins.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values of a sample fall into each bin (see [`Quantiles::count_between`]).
    pub fn count(&self, sample: &Quantiles) -> Vec<u64> {
        let last = self.len().saturating_sub(1);
        let upper = |i: usize, hi: f64| if i == last { hi.next_up() } else { hi };
        let bins = self.edges.windows(2).enumerate();
        bins.map(|(i, pair)| sample.count_between(pair[0], upper(i, pair[1]))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(limit: usize, values: &[f64]) -> Quantiles {
        let mut sample = Quantiles::new(limit);
        values.iter().for_each(|&x| sample.insert(x));
        sample
    }

    #[test]
    fn integers_get_their_own_bins() {
        for limit in [0, 100] {
            let a = of(limit, &[1.0, 2.0, 2.0, 4.0]);
            let bins = common_bins(&[&a, &of(limit, &[-1.0])], 30);
            assert!(bins.are_integers());
            assert_eq!(bins.edges(), [-1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5]);
            assert_eq!(bins.count(&a), [0, 0, 1, 2, 0, 1]);
        }
        assert_eq!(common_bins(&[&of(9, &[0.0, 40.0])], 30).len(), 41);
        assert_eq!(common_bins(&[&of(9, &[0.0, 41.0])], 30).len(), 30);
        assert_eq!(common_bins(&[&of(9, &[1e16, 1e16 + 4.0])], 3).len(), 3);
    }

    #[test]
    fn others_get_equal_widths() {
        let values: Vec<f64> = (0..=100).map(|i| 0.1 + f64::from(i) / 100.0).collect();
        for limit in [0, 1000] {
            let sample = of(limit, &values);
            let bins = common_bins(&[&sample], 10);
            let counts = bins.count(&sample);
            assert_eq!((bins.len(), counts.iter().sum::<u64>()), (10, 101));
            assert!(counts.iter().all(|&c| (8..=12).contains(&c)), "{counts:?}");
        }
        assert_eq!(common_bins(&[&of(9, &[0.0, 0.5])], 0).edges(), [0.0, 0.5]);
    }

    #[test]
    fn the_greatest_value_lies_in_the_last_bin() {
        // of bounds like these, lo + (hi - lo) falls short of hi
        let bounds = [(-0.3, 0.1), (-0.7, 0.2), (0.1, 0.7), (-1.1, 0.3), (1e-17, 1.1)];
        for (limit, (lo, hi)) in [0, 9].into_iter().flat_map(|l| bounds.map(|b| (l, b))) {
            let sample = of(limit, &[lo, hi, hi]);
            let counts = common_bins(&[&sample], 30).count(&sample);
            assert_eq!(counts.iter().sum::<u64>(), 3, "{lo} to {hi}");
            assert_eq!(counts.last(), Some(&2), "{lo} to {hi}");
        }
    }

    #[test]
    fn constant_and_empty_samples() {
        let constant = of(9, &[0.3; 4]);
        let bins = common_bins(&[&constant], 30);
        assert_eq!((bins.edges(), bins.count(&constant)), (&[0.3, 0.3][..], vec![4]));
        let integer = of(9, &[3.0; 4]);
        assert_eq!(common_bins(&[&integer], 30).edges(), [2.5, 3.5]);
        let bins = common_bins(&[&of(9, &[])], 30);
        assert!(bins.is_empty() && bins.count(&constant).is_empty());
    }
}
