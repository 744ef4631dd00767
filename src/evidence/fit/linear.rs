//! Small symmetric matrices.

/// A matrix, by row.
pub type Matrix = Vec<Vec<f64>>;

/// The identity.
pub fn identity(size: usize) -> Matrix {
    let row = |i: usize| (0..size).map(|j| f64::from(u8::from(i == j))).collect();
    (0..size).map(row).collect()
}

/// The sum of products.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}

/// A matrix times a vector.
pub fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// Eigenvalues, ascending, and for each its unit eigenvector, of a symmetric matrix: Jacobi's
/// cyclic rotations (Golub and Van Loan 2013, section 8.5).
pub fn eigen(matrix: &[Vec<f64>]) -> (Vec<f64>, Matrix) {
    let size = matrix.len();
    let (mut a, mut vectors) = (matrix.to_vec(), identity(size));
    for _ in 0..60 {
        let (mut off, mut on) = (0.0, 0.0);
        for (i, row) in a.iter().enumerate() {
            for (j, x) in row.iter().enumerate() {
                *(if i == j { &mut on } else { &mut off }) += x * x;
            }
        }
        let rest = off > 1e-40 * on;
        if !rest {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut a, &mut vectors, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|i, j| a[*i][*i].total_cmp(&a[*j][*j]));
    let values = order.iter().map(|i| a[*i][*i]).collect();
    let column = |i: &usize| vectors.iter().map(|row| row[*i]).collect();
    (values, order.iter().map(column).collect())
}

/// Makes one element of a matrix 0 by a rotation.
fn rotate(a: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let sign = if theta < 0.0 { -1.0 } else { 1.0 };
    let t = sign / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    let turn = |x: &mut f64, y: &mut f64| (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    for row in a.iter_mut().chain(vectors.iter_mut()) {
        let (mut x, mut y) = (row[p], row[q]);
        turn(&mut x, &mut y);
        (row[p], row[q]) = (x, y);
    }
    for k in 0..a.len() {
        let (mut x, mut y) = (a[p][k], a[q][k]);
        turn(&mut x, &mut y);
        (a[p][k], a[q][k]) = (x, y);
    }
}

/// The inverse of a positive definite matrix; `None` if it is none.
pub fn inverse(matrix: &[Vec<f64>]) -> Option<Matrix> {
    let (values, vectors) = eigen(matrix);
    let (least, most) = (*values.first()?, *values.last()?);
    let definite = least > 1e-12 * most;
    if !definite {
        return None;
    }
    let size = matrix.len();
    let cell = |i: usize, j: usize| {
        let terms = values.iter().zip(&vectors).map(|(value, v)| v[i] * v[j] / value);
        terms.sum::<f64>()
    };
    Some((0..size).map(|i| (0..size).map(|j| cell(i, j)).collect()).collect())
}

/// Pairs whose correlation in a covariance matrix is beyond ± `limit`.
pub fn correlated(covariance: &[Vec<f64>], limit: f64) -> Vec<(usize, usize, f64)> {
    let pairs = (0..covariance.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
    let each = pairs.map(|(i, j)| {
        let sizes = (covariance[i][i] * covariance[j][j]).sqrt();
        (i, j, covariance[i][j] / sizes)
    });
    each.filter(|(.., r)| r.abs() > limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_are_those_of_a_known_matrix() {
        // 2 ± 1 in the directions (1, ±1), and 5
        let matrix = [vec![2.0, 1.0, 0.0], vec![1.0, 2.0, 0.0], vec![0.0, 0.0, 5.0]];
        let (values, vectors) = eigen(&matrix);
        for (found, known) in values.iter().zip([1.0, 3.0, 5.0]) {
            assert!((found - known).abs() < 1e-14);
        }
        assert!((vectors[0][0] + vectors[0][1]).abs() < 1e-14);
        let inverse = inverse(&matrix).unwrap();
        assert!((inverse[0][0] - 2.0 / 3.0).abs() < 1e-14);
        assert!((inverse[0][1] + 1.0 / 3.0).abs() < 1e-14);
        assert_eq!(super::inverse(&[vec![1.0, 1.0], vec![1.0, 1.0]]), None);
    }

    #[test]
    fn pairs_that_go_together_are_found() {
        let covariance = [vec![1.0, 1.9, 0.0], vec![1.9, 4.0, 0.0], vec![0.0, 0.0, 1.0]];
        let found = correlated(&covariance, 0.9);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, found[0].1), (0, 1));
        assert!((found[0].2 - 0.95).abs() < 1e-15);
    }
}
