//! Which factor matters to a number, and where the number turns: estimators for models whose runs
//! are random.
//!
//! A model gives a distribution at every point; what is explained is its mean m(x), and luck is a
//! factor with a share of its own: Var(Y) = Var(m(x)) + E(Var(Y | x)). Everything is built from
//! [`product`], which is unbiased for a product of means whatever luck did.
//!
//! - [`Walk`]: points that change one factor after the other; total indices, Shapley effects,
//!   directions and sizes from the same points;
//! - [`Pairs`]: first-order and total indices from two points and their mixtures;
//! - [`given`](mod@given): estimators from any points and values;
//! - [`classical`](mod@classical): the estimators of Saltelli and Morris on their own designs, for
//!   comparison;
//! - [`prim`](mod@prim): boxes in which a condition holds;
//! - [`discover`](mod@discover): which box, and what it is worth on points not looked at.
//!
//! Nothing here knows of scenarios.

pub mod classical;
pub mod discover;
pub mod given;
mod indices;
mod pairs;
pub mod prim;
mod walks;

pub use indices::{Estimate, Factor, Indices, Sheet};
pub use pairs::Pairs;
pub use walks::Walk;

use crate::stats::Moments;

/// (Σa Σb − Σab) / (R (R − 1)) over R runs: unbiased for E\[a\] E\[b\] where runs are independent
/// of each other, since a run is never multiplied by itself, so that what a and b owe to the same
/// luck cancels. Not a number for fewer than two runs.
pub fn product(a: &[f64], b: &[f64]) -> f64 {
    let (mut first, mut second, mut both) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        first += x;
        second += y;
        both += x * y;
    }
    let runs = a.len().min(b.len()) as f64;
    if runs < 2.0 { f64::NAN } else { (first * second - both) / (runs * (runs - 1.0)) }
}

/// The difference of two points, run by run.
fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(x, y)| x - y).collect()
}

/// The variance of runs of one point.
fn luck(runs: &[f64]) -> f64 {
    let mut moments = Moments::new();
    runs.iter().for_each(|x| moments.add(*x));
    moments.variance()
}

#[cfg(test)]
mod tests;
