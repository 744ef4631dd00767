//! The equations of logit equilibrium and their derivatives.
//!
//! Unknown are, for every player, the log-odds of each strategy against its first, and the
//! precision: `z[i][s] = log p[i][s] - log p[i][0]`. Logarithms keep strategies that are hardly
//! played as exact as the others (Turocy 2005), and the odds leave the conditions that
//! probabilities sum to 1 out. In equilibrium
//!
//! ```text
//! z[i][s] = precision (u[i][s] - u[i][0])
//! ```
//!
//! with `u` the expected payoffs against `p`. Payoffs are in units of the range of the game.

use nalgebra::{DMatrix, DVector, Dyn, LU, Schur};

use super::super::marginals::Marginals;
use super::super::{Game, Mixed};
use crate::math;

/// The equations of one game.
#[derive(Debug, Clone)]
pub(super) struct System {
    marginals: Marginals,
    /// Where the odds of each player start, and their number at the end.
    starts: Vec<usize>,
}

/// The equations at one point.
#[derive(Debug, Clone)]
pub(super) struct Local {
    /// Left side less right side, by unknown odds.
    pub residual: DVector<f64>,
    /// Derivatives: a row for every equation and an empty one, a column for every unknown.
    pub matrix: DMatrix<f64>,
}

/// How a correction went.
#[derive(Debug, Clone)]
pub(super) struct Corrected {
    /// The point that solves the equations.
    pub point: DVector<f64>,
    /// The largest ratio of a Newton step to the one before.
    pub contraction: f64,
}

impl System {
    /// The equations of `game`.
    pub fn new(game: &Game) -> System {
        let mut starts = vec![0];
        for size in game.sizes() {
            starts.push(starts[starts.len() - 1] + size - 1);
        }
        System { marginals: Marginals::new(game), starts }
    }

    /// The number of odds; a point has the precision behind them.
    pub fn odds(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    /// Payoffs with players summed out.
    pub fn marginals(&self) -> &Marginals {
        &self.marginals
    }

    /// Logarithms of probabilities by player and strategy.
    pub fn logarithms(&self, point: &DVector<f64>) -> Mixed {
        let of = |player: usize| {
            let odds = &point.as_slice()[self.starts[player]..self.starts[player + 1]];
            let most = odds.iter().fold(0.0, |a: f64, b| a.max(*b));
            let sum: f64 = odds.iter().map(|z| math::exp(z - most)).sum::<f64>();
            let whole = most + math::log(sum + math::exp(-most));
            std::iter::once(-whole).chain(odds.iter().map(|z| z - whole)).collect()
        };
        (0..self.starts.len() - 1).map(of).collect()
    }

    /// Probabilities by player and strategy.
    pub fn mixed(&self, point: &DVector<f64>) -> Mixed {
        let of = |player: usize| {
            let odds = &point.as_slice()[self.starts[player]..self.starts[player + 1]];
            let most = odds.iter().fold(0.0, |a: f64, b| a.max(*b));
            let all = std::iter::once(&0.0).chain(odds);
            let weights: Vec<f64> = all.map(|z| math::exp(z - most)).collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|w| w / sum).collect()
        };
        (0..self.starts.len() - 1).map(of).collect()
    }

    /// The equations and their derivatives at a point.
    ///
    /// The derivative of `u[i][s] - u[i][0]` by the odds of strategy `t` of player `l` is `p[l][t]`
    /// times what that difference gains when `l` plays `t` for certain instead of mixing.
    pub fn local(&self, point: &DVector<f64>) -> Local {
        let count = self.odds();
        let mixed = self.mixed(point);
        let expected = self.marginals.expected(&mixed);
        let precision = point[count];
        let mut residual = DVector::zeros(count);
        let mut matrix = DMatrix::zeros(count + 1, count + 1);
        let sizes = self.marginals.sizes();
        for (player, &size) in sizes.iter().enumerate() {
            let deviations = &expected.deviations[player];
            for s in 1..size {
                let row = self.starts[player] + s - 1;
                let gain = deviations[s] - deviations[0];
                residual[row] = point[row] - precision * gain;
                matrix[(row, row)] = 1.0;
                matrix[(row, count)] = -gain;
                for (other, table) in expected.pairs[player].iter().enumerate() {
                    for (t, payoffs) in table.chunks_exact(size).enumerate().skip(1) {
                        let column = self.starts[other] + t - 1;
                        let surplus = payoffs[s] - payoffs[0] - gain;
                        matrix[(row, column)] = -precision * mixed[other][t] * surplus;
                    }
                }
            }
        }
        Local { residual, matrix }
    }

    /// The direction in which precision grows and nothing else changes.
    pub fn axis(&self) -> DVector<f64> {
        let mut axis = DVector::zeros(self.odds() + 1);
        axis[self.odds()] = 1.0;
        axis
    }

    /// The direction of the curve of solutions at a point, of length 1, on the side of `towards`.
    pub fn tangent(&self, local: &Local, towards: &DVector<f64>) -> Option<DVector<f64>> {
        let tangent = bordered(local, towards).solve(&self.axis())?;
        let length = tangent.norm();
        (length.is_finite() && length > 0.0).then(|| tangent / length)
    }

    /// Newton's method from `start` in the plane through it across `direction`: with the tangent of
    /// the curve a step back to it, with the axis of precision the solution at that precision.
    ///
    /// Steps are measured as shares of the unknowns (of 1 where they are smaller), and iteration
    /// ends after a step below `tolerance`. `None` where it does not contract.
    pub fn correct(
        &self,
        start: &DVector<f64>,
        direction: &DVector<f64>,
        tolerance: f64,
    ) -> Option<Corrected> {
        const ITERATIONS: usize = 12;
        let mut point = start.clone();
        let mut last = f64::INFINITY;
        let mut contraction = 0.0_f64;
        for iteration in 0..ITERATIONS {
            let local = self.local(&point);
            let mut right = DVector::zeros(self.odds() + 1);
            right.rows_mut(0, self.odds()).copy_from(&(-&local.residual));
            if largest(&local.residual, &point) == 0.0 {
                return Some(Corrected { point, contraction });
            }
            let step = bordered(&local, direction).solve(&right)?;
            let size = largest(&step, &point);
            if iteration > 0 {
                // A step as small as rounding may be followed by one as large.
                if size > 0.5 * last {
                    return (last < 1e-9).then_some(Corrected { point, contraction });
                }
                contraction = contraction.max(size / last);
            }
            point += step;
            if size.is_nan() {
                return None;
            }
            if size <= tolerance {
                return Some(Corrected { point, contraction });
            }
            last = size;
        }
        None
    }

    /// How many real eigenvalues of the derivatives by the odds are negative. Along the curve the
    /// number changes where that matrix is singular: where the curve turns back in precision, and
    /// where another curve crosses it. It may also change by two elsewhere.
    ///
    /// Of large matrices only whether the number is odd; `None` where it cannot be found out.
    pub fn index(&self, local: &Local) -> Option<usize> {
        const LARGE: usize = 48;
        let count = self.odds();
        if count == 0 {
            return Some(0);
        }
        let matrix = local.matrix.view((0, 0), (count, count)).into_owned();
        if count > LARGE {
            return Some(usize::from(matrix.lu().determinant() < 0.0));
        }
        // Eigenvalues that are equal by symmetry come out of rounding as pairs.
        let real = 1e-7 * matrix.norm();
        let values = eigenvalues(matrix)?;
        Some(values.iter().filter(|(re, im)| im.abs() <= real && *re < 0.0).count())
    }

    /// The smallest absolute value of an eigenvalue of the derivatives by the odds, as a share of
    /// the largest.
    pub fn distance_to_singular(&self, local: &Local) -> Option<f64> {
        let count = self.odds();
        let matrix = local.matrix.view((0, 0), (count, count)).into_owned();
        let values = eigenvalues(matrix)?;
        let sizes = values.iter().map(|(re, im)| (re * re + im * im).sqrt());
        let (least, most) = sizes.fold((f64::INFINITY, 1.0_f64), |(least, most), size| {
            (least.min(size), most.max(size))
        });
        Some(least / most)
    }
}

/// Real and imaginary parts of the eigenvalues; `None` where the iteration does not end or numbers
/// are not finite.
///
/// In a game of two players the matrix is that of a bipartite graph beside the identity, a pattern
/// that the shifts of the iteration would keep, and then never part eigenvalues that lie around 1
/// in fours. A reflection in no particular direction hides the pattern. A multiple of the identity
/// takes eigenvalues away from 0, near which the iteration would look for more digits than there
/// are.
fn eigenvalues(matrix: DMatrix<f64>) -> Option<Vec<(f64, f64)>> {
    let count = matrix.nrows();
    if !matrix.iter().all(|x| x.is_finite()) {
        return None;
    }
    let normal = DVector::from_fn(count, |k, _| (k as f64 + 2.0).sqrt()).normalize();
    let shift = 2.0 * matrix.norm();
    let mut hidden = matrix;
    let rows = hidden.tr_mul(&normal);
    hidden.ger(-2.0, &normal, &rows, 1.0);
    let columns = &hidden * &normal;
    hidden.ger(-2.0, &columns, &normal, 1.0);
    (0..count).for_each(|k| hidden[(k, k)] += shift);
    let values = Schur::try_new(hidden, 1e-13, 100 * count)?.complex_eigenvalues();
    Some(values.iter().map(|z| (z.re - shift, z.im)).collect())
}

/// The derivatives with `direction` as their last row, factored.
fn bordered(local: &Local, direction: &DVector<f64>) -> LU<f64, Dyn, Dyn> {
    let mut matrix = local.matrix.clone();
    let last = direction.len() - 1;
    for (column, x) in direction.iter().enumerate() {
        matrix[(last, column)] = *x;
    }
    matrix.lu()
}

/// The largest entry of `step` as a share of the unknown it belongs to, of 1 where that is smaller.
fn largest(step: &DVector<f64>, point: &DVector<f64>) -> f64 {
    let share = |(d, x): (&f64, &f64)| d.abs() / x.abs().max(1.0);
    let most = |most: f64, x: f64| if x > most || x.is_nan() { x } else { most };
    step.iter().zip(point.iter()).map(share).fold(0.0, most)
}
