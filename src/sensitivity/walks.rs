//! Walks from one random point to another, one factor at a time.

use super::indices::Sheet;
use super::{luck, minus, product};
use crate::rng::{Scatter, Scattered, Seed, unit};

/// A row of the design: a walk from one point of the unit cube to another, independent of it, that
/// changes one factor after the other in a random order. A factor is one axis, or several that
/// move together.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// Where it begins, by axis.
    pub from: Vec<f64>,
    /// Where it ends, by axis.
    pub to: Vec<f64>,
    /// The factors in the order in which they change.
    pub order: Vec<usize>,
}

impl Walk {
    /// The walk of a row. Rows are independent, and each is found by its number alone.
    pub fn draw(seed: Seed, row: u64, axes: usize, factors: usize) -> Walk {
        let bits = Scatter::new(seed, Scattered::Walk, row);
        let coordinate = |at: usize| unit(bits.at(at as u64));
        let from = (0..axes).map(coordinate).collect();
        let to = (axes..2 * axes).map(coordinate).collect();
        let mut order: Vec<usize> = (0..factors).collect();
        for last in (1..factors).rev() {
            let random = u128::from(bits.at((2 * axes + last) as u64));
            // the upper half of a product: even to within 2^-64 of a factor's number
            let chosen = ((random * (last as u128 + 1)) >> 64) as usize;
            order.swap(last, chosen);
        }
        Walk { from, to, order }
    }

    /// Its points, one more than there are factors: by point, then axis.
    pub fn points(&self, factors: &[Vec<usize>]) -> Vec<Vec<f64>> {
        let mut point = self.from.clone();
        let mut all = vec![point.clone()];
        for factor in &self.order {
            factors[*factor].iter().for_each(|axis| point[*axis] = self.to[*axis]);
            all.push(point.clone());
        }
        all
    }

    /// Adds what the runs of its points say: by point, then run, the same runs at all points.
    ///
    /// With w₀ … w_d the points, V = ½ U(w₀ − w_d, w₀ − w_d). The total index of the factor that
    /// changes at step k is ½ U(w_{k−1} − w_k, same) / V (Jansen 1999), its Shapley effect U(w₀ −
    /// (w_{k−1} + w_k) / 2, w_{k−1} − w_k) / V (Song, Nelson and Staum 2016; Goda 2021), in
    /// expectation over rows; the latter add up to 1 in every row.
    pub fn tally(&self, factors: &[Vec<usize>], values: &[Vec<f64>], into: &mut Sheet) {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return };
        let whole = minus(first, last);
        let chance: f64 = values.iter().map(|runs| luck(runs)).sum();
        into.begin(0.5 * product(&whole, &whole), chance / values.len() as f64);
        for (factor, pair) in self.order.iter().zip(values.windows(2)) {
            let step = minus(&pair[0], &pair[1]);
            let half: Vec<f64> = first
                .iter()
                .zip(pair[0].iter().zip(&pair[1]))
                .map(|(start, (a, b))| start - (a + b) / 2.0)
                .collect();
            let square = product(&step, &step);
            into.add(*factor, 0, 0.5 * square);
            into.add(*factor, 1, product(&half, &step));
            if let [axis] = factors[*factor].as_slice() {
                let moved = self.from[*axis] - self.to[*axis];
                let mean = step.iter().sum::<f64>() / step.len() as f64;
                into.add(*factor, 2, moved * mean);
                into.add(*factor, 3, moved * moved);
            }
        }
    }
}
