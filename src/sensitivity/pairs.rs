//! Two points and all their mixtures by one factor: first-order and total indices.

use super::indices::Sheet;
use super::{luck, minus, product};
use crate::rng::{Scatter, Scattered, Seed, unit};

/// A row of the design: two independent points A and B of the unit cube; by factor i, AB is A with
/// the factor from B, and BA is B with it from A.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    /// A, by axis.
    pub first: Vec<f64>,
    /// B, by axis.
    pub second: Vec<f64>,
}

impl Pairs {
    /// The row of a number.
    pub fn draw(seed: Seed, row: u64, axes: usize) -> Pairs {
        let bits = Scatter::new(seed, Scattered::Walk, row);
        let coordinate = |at: usize| unit(bits.at(at as u64));
        let first = (0..axes).map(coordinate).collect();
        let second = (axes..2 * axes).map(coordinate).collect();
        Pairs { first, second }
    }

    /// A, AB by factor, BA by factor, B: 2 d + 2 points, by point, then axis.
    pub fn points(&self, factors: &[Vec<usize>]) -> Vec<Vec<f64>> {
        let mixed = |of: &Vec<f64>, from: &Vec<f64>, factor: &Vec<usize>| {
            let mut point = of.clone();
            factor.iter().for_each(|axis| point[*axis] = from[*axis]);
            point
        };
        let mut all = vec![self.first.clone()];
        all.extend(factors.iter().map(|factor| mixed(&self.first, &self.second, factor)));
        all.extend(factors.iter().map(|factor| mixed(&self.second, &self.first, factor)));
        all.push(self.second.clone());
        all
    }

    /// Adds what the runs of its points say, by point, then run.
    ///
    /// S_i = 2 Σ U(BA − B, A − AB) / Σ \[U(A − B, A − B) + U(BA − AB, BA − AB)\] and T_i = Σ \[U(B
    /// − BA, B − BA) + U(A − AB, A − AB)\] / the same (Azzini, Mara and Rosati 2021, Environmental
    /// Modelling & Software 144: 105167).
    pub fn tally(&self, factors: &[Vec<usize>], values: &[Vec<f64>], into: &mut Sheet) {
        let (Some(a), Some(b)) = (values.first(), values.last()) else { return };
        let whole = minus(a, b);
        let both = product(&whole, &whole);
        let chance: f64 = values.iter().map(|runs| luck(runs)).sum();
        into.begin(0.5 * both, chance / values.len() as f64);
        for (factor, axes) in factors.iter().enumerate() {
            let (ab, ba) = (&values[1 + factor], &values[1 + factors.len() + factor]);
            let (there, here) = (minus(ba, b), minus(a, ab));
            let mixed = minus(ba, ab);
            into.add(factor, 0, product(&there, &there) + product(&here, &here));
            into.add(factor, 1, 2.0 * product(&there, &here));
            into.add(factor, 4, both + product(&mixed, &mixed));
            if let [axis] = axes.as_slice() {
                let moved = self.first[*axis] - self.second[*axis];
                let mean = |runs: &[f64]| runs.iter().sum::<f64>() / runs.len() as f64;
                into.add(factor, 2, moved * (mean(&there) + mean(&here)));
                into.add(factor, 3, 2.0 * moved * moved);
            }
        }
    }
}
