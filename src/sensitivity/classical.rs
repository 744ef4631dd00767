//! The estimators of Sobol' indices and elementary effects on the designs that they were made for,
//! as SALib has them: they take one number a point, so luck counts as interaction.

use crate::rng::{Seed, Sequence};
use crate::stats::{Moments, Z95};

/// Resamples of an interval.
const RESAMPLES: usize = 100;

/// Indices of a factor, with half of the width of 95 % intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sobol {
    /// First order (Saltelli et al. 2010).
    pub first: f64,
    /// Half of the width of its interval.
    pub first_reach: f64,
    /// Total (Jansen 1999).
    pub total: f64,
    /// Half of the width of its interval.
    pub total_reach: f64,
}

/// A second-order index of two factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Second {
    /// The first factor.
    pub a: usize,
    /// The second.
    pub b: usize,
    /// The index (Saltelli 2002).
    pub index: f64,
    /// Half of the width of its interval.
    pub reach: f64,
}

/// How often each resample takes each row.
struct Weights {
    rows: usize,
    all: Vec<Vec<f64>>,
}

impl Weights {
    fn new(rows: usize, seed: Seed) -> Weights {
        let mut random = Sequence::new(seed, Sequence::BOOTSTRAP);
        let mut one = || {
            let mut times = vec![0.0; rows];
            (0..rows).for_each(|_| times[random.below(rows as u64) as usize] += 1.0);
            times
        };
        Weights { rows, all: (0..RESAMPLES).map(|_| one()).collect() }
    }

    /// Means of a column over all rows, then over each resample.
    fn means(&self, column: &[f64]) -> Vec<f64> {
        let all = vec![1.0; self.rows];
        let mean = |times: &Vec<f64>| crate::stats::dot(column, times) / self.rows as f64;
        [mean(&all)].into_iter().chain(self.all.iter().map(mean)).collect()
    }
}

/// A value and 1.96 standard deviations of its resamples, the value standing first.
fn spread(all: &[f64]) -> (f64, f64) {
    let mut moments = Moments::new();
    all.iter().skip(1).for_each(|x| moments.add(*x));
    (all.first().copied().unwrap_or(f64::NAN), Z95 * moments.sd())
}

fn of(a: &[f64], b: &[f64], with: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    a.iter().zip(b).map(|(x, y)| with(*x, *y)).collect()
}

/// Sobol' indices from values in Saltelli's order: for each base point A, AB by factor, with
/// `second` also BA by factor, B. Values are centred and divided by their deviation first.
///
/// Returns nothing where the number of values does not fit.
pub fn sobol(
    y: &[f64],
    factors: usize,
    second: bool,
    seed: Seed,
) -> Option<(Vec<Sobol>, Vec<Second>)> {
    let step = if second { 2 * factors + 2 } else { factors + 2 };
    if y.is_empty() || !y.len().is_multiple_of(step) {
        return None;
    }
    let mut moments = Moments::new();
    y.iter().for_each(|x| moments.add(*x));
    let n = y.len() as f64;
    let deviation = (moments.variance() * (n - 1.0) / n).sqrt();
    let scaled: Vec<f64> = y.iter().map(|x| (x - moments.mean()) / deviation).collect();
    let column =
        |place: usize| -> Vec<f64> { scaled[place..].iter().step_by(step).copied().collect() };
    let (a, b) = (column(0), column(step - 1));
    let weights = Weights::new(a.len(), seed);
    let (sums, squares) = (of(&a, &b, |x, y| x + y), of(&a, &b, |x, y| x * x + y * y));
    let (sums, squares) = (weights.means(&sums), weights.means(&squares));
    let variance = of(&sums, &squares, |sum, square| square / 2.0 - sum * sum / 4.0);
    let over = |column: &[f64]| of(&weights.means(column), &variance, |x, v| x / v);
    let mixed: Vec<Vec<f64>> = (0..factors).map(|j| column(1 + j)).collect();
    let firsts: Vec<Vec<f64>> =
        mixed.iter().map(|ab| over(&of(&of(ab, &a, |x, y| x - y), &b, |x, y| x * y))).collect();
    let one = |(ab, first): (&Vec<f64>, &Vec<f64>)| {
        let (first, first_reach) = spread(first);
        let halves = of(&a, ab, |x, y| 0.5 * (x - y) * (x - y));
        let (total, total_reach) = spread(&over(&halves));
        Sobol { first, first_reach, total, total_reach }
    };
    let each = mixed.iter().zip(&firsts).map(one).collect();
    let mut pairs = Vec::new();
    if second {
        let both = over(&of(&a, &b, |x, y| x * y));
        for j in 0..factors {
            let ba = column(1 + factors + j);
            for k in j + 1..factors {
                let closed = over(&of(&ba, &mixed[k], |x, y| x * y));
                let all: Vec<f64> = (0..closed.len())
                    .map(|r| closed[r] - both[r] - firsts[j][r] - firsts[k][r])
                    .collect();
                let (index, reach) = spread(&all);
                pairs.push(Second { a: j, b: k, index, reach });
            }
        }
    }
    Some((each, pairs))
}

/// Elementary effects of a factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Morris {
    /// Their mean.
    pub mu: f64,
    /// The mean of their sizes (Campolongo, Cariboni and Saltelli 2007).
    pub mu_star: f64,
    /// Their deviation.
    pub sigma: f64,
}

/// Elementary effects (Morris 1991) from trajectories of one more point than there are factors,
/// along which one factor after the other changes by L / (2 (L − 1)) of its range, L the number of
/// `levels`.
///
/// Returns nothing where points are no such trajectories.
pub fn morris(factors: &[Vec<f64>], y: &[f64], levels: u32) -> Option<Vec<Morris>> {
    let (d, levels) = (factors.len(), f64::from(levels));
    let step = levels / (2.0 * (levels - 1.0));
    if y.is_empty() || !y.len().is_multiple_of(d + 1) {
        return None;
    }
    let mut effects: Vec<Vec<f64>> = vec![Vec::new(); d];
    for first in (0..y.len()).step_by(d + 1) {
        for at in first..first + d {
            let moved = |k: &usize| factors[*k][at] != factors[*k][at + 1];
            let mut all = (0..d).filter(moved);
            let (Some(factor), None) = (all.next(), all.next()) else { return None };
            let up = factors[factor][at + 1] > factors[factor][at];
            let change = y[at + 1] - y[at];
            effects[factor].push(if up { change / step } else { -change / step });
        }
    }
    if effects.iter().any(|own| own.len() * (d + 1) != y.len()) {
        return None;
    }
    let one = |own: &Vec<f64>| {
        let mut moments = Moments::new();
        own.iter().for_each(|x| moments.add(*x));
        let mu_star = own.iter().map(|x| x.abs()).sum::<f64>() / own.len() as f64;
        Morris { mu: moments.mean(), mu_star, sigma: moments.sd() }
    };
    Some(effects.iter().map(one).collect())
}
