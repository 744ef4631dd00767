//! Vertices of best-reply polytopes without rounding.

use num_bigint::{BigInt, Sign};

use super::polytope::Labels;
use crate::solve::exact;

/// The points x ≥ 0 with Mx ≤ 1, M in whole numbers above 0.
#[derive(Debug)]
pub struct Rational {
    own: usize,
    rows: Vec<Vec<BigInt>>,
}

/// A vertex: coordinates in proportion to whole numbers, and everything that is tight there.
#[derive(Debug)]
pub struct Point {
    weights: Vec<BigInt>,
    /// All labels.
    pub labels: Labels,
}

impl Rational {
    /// From payoffs of the other player by own strategy, then reply: `payoffs[reply][own]`. Their
    /// differences are kept; all are lifted above 0.
    pub fn new(own: usize, payoffs: &[Vec<f64>]) -> Rational {
        let whole = exact::above_zero(payoffs);
        Rational { own, rows: whole }
    }

    /// The point at which exactly the strategies outside `tight` may be played and the replies in
    /// it are best; none where it is no vertex.
    pub fn vertex(&self, tight: Labels) -> Option<Point> {
        let has = |label: usize| tight >> label & 1 == 1;
        let played: Vec<usize> = (0..self.own).filter(|l| !has(*l)).collect();
        let replies: Vec<usize> = (0..self.rows.len()).filter(|j| has(self.own + j)).collect();
        if played.is_empty() || played.len() != replies.len() {
            return None;
        }
        let row = |j: &usize| {
            let own = played.iter().map(|i| self.rows[*j][*i].clone());
            own.chain([BigInt::from(1)]).collect()
        };
        let (values, scale) = solved(replies.iter().map(row).collect())?;
        if values.iter().any(|v| v.sign() == Sign::Minus) {
            return None;
        }
        let mut weights = vec![BigInt::ZERO; self.own];
        played.iter().zip(values).for_each(|(i, v)| weights[*i] = v);
        let unplayed = (0..self.own).filter(|i| weights[*i] == BigInt::ZERO);
        let mut labels = unplayed.fold(0, |set: Labels, i| set | 1 << i);
        for (j, row) in self.rows.iter().enumerate() {
            let worth: BigInt = played.iter().map(|i| &row[*i] * &weights[*i]).sum();
            match worth.cmp(&scale) {
                std::cmp::Ordering::Greater => return None,
                std::cmp::Ordering::Equal => labels |= 1 << (self.own + j),
                std::cmp::Ordering::Less => {}
            }
        }
        Some(Point { weights, labels })
    }
}

impl Point {
    /// Coordinates divided by their sum, each to the last digit or the one before.
    pub fn probabilities(&self) -> Vec<f64> {
        exact::shares(&self.weights)
    }
}

/// The solution of a square system with the right-hand side in the last column, as whole numbers
/// over a positive one, by elimination without fractions (Bareiss 1968); none if it is singular.
fn solved(mut a: Vec<Vec<BigInt>>) -> Option<(Vec<BigInt>, BigInt)> {
    let n = a.len();
    let mut last = BigInt::from(1);
    for c in 0..n {
        let pivot = (c..n).find(|r| a[*r][c] != BigInt::ZERO)?;
        a.swap(c, pivot);
        let row = std::mem::take(&mut a[c]);
        for (_, other) in a.iter_mut().enumerate().filter(|(r, _)| *r != c) {
            for k in (c + 1)..=n {
                other[k] = (&row[c] * &other[k] - &other[c] * &row[k]) / &last;
            }
            // the diagonal of finished columns follows the pivot
            if other[c] != BigInt::ZERO {
                other[c] = BigInt::ZERO;
            }
        }
        last = row[c].clone();
        a[c] = row;
    }
    let sign = last.sign();
    let signed = |x: &BigInt| if sign == Sign::Minus { -x } else { x.clone() };
    Some((a.iter().map(|row| signed(&row[n])).collect(), signed(&last)))
}
