//! Vertices of a best-reply polytope and the edges between them.

/// A set of labels: bit i for the own strategy i that is not played, bit `own + j` for the reply j
/// that is best.
pub type Labels = u128;

/// Numbers below this are 0: payoffs lie between 1 and 2, coordinates between 0 and 1.
pub const ZERO: f64 = 1e-10;
/// Rounding alone hardly makes this of a 0.
const NOISE: f64 = 1e-13;
/// And this is hardly one.
const DOUBT: f64 = 1e-8;

/// The points x ≥ 0 with Mx ≤ 1, M positive.
#[derive(Debug)]
pub struct Polytope {
    own: usize,
    /// M, one row for each reply.
    rows: Vec<Vec<f64>>,
}

/// A basis: as many tight inequalities as there are coordinates, and everything else in terms of
/// their slacks, `basic = value + sum over tight of column * slack`.
///
/// The right-hand sides are thought of as perturbed, inequality l by ε to the power of l + 1 with
/// an ε that is as small as need be, so that no basic variable is 0 and every vertex has one basis
/// (the lexicographic rule). A degenerate vertex shows as several bases with the same values.
#[derive(Debug, Default)]
pub struct Basis {
    /// The tight inequalities.
    pub tight: Labels,
    /// Labels of the others, ascending.
    basic: Vec<usize>,
    /// Their slacks.
    values: Vec<f64>,
    /// Labels of the tight inequalities, ascending.
    nonbasic: Vec<usize>,
    /// By nonbasic variable, then basic variable.
    columns: Vec<f64>,
    /// The inverse of the rows of tight replies by the columns of strategies that are played.
    inverse: Vec<f64>,
    played: Vec<usize>,
    replies: Vec<usize>,
    scratch: Vec<f64>,
}

impl Polytope {
    /// From the number of own strategies and the rows of M.
    pub fn new(own: usize, rows: Vec<Vec<f64>>) -> Polytope {
        Polytope { own, rows }
    }

    /// The number of coordinates.
    pub fn own(&self) -> usize {
        self.own
    }

    /// The number of inequalities.
    pub fn labels(&self) -> usize {
        self.own + self.rows.len()
    }

    /// The point at which exactly the strategies outside `tight` are played and the replies in it
    /// are as good as each other; false where there is none, or more than one. Fills `values`.
    pub fn point(&self, tight: Labels, basis: &mut Basis) -> bool {
        let has = |label: usize| tight >> label & 1 == 1;
        basis.tight = tight;
        basis.basic.clear();
        basis.basic.extend((0..self.labels()).filter(|l| !has(*l)));
        basis.nonbasic.clear();
        basis.nonbasic.extend((0..self.labels()).filter(|l| has(*l)));
        basis.played.clear();
        basis.played.extend((0..self.own).filter(|l| !has(*l)));
        basis.replies.clear();
        basis.replies.extend((0..self.rows.len()).filter(|j| has(self.own + j)));
        let k = basis.played.len();
        if basis.replies.len() != k || !self.invert(basis) {
            return false;
        }
        basis.values.clear();
        for row in basis.inverse.chunks_exact(k.max(1)).take(k) {
            basis.values.push(row.iter().sum());
        }
        // One step of iterative refinement: the error of the inverse is squared.
        let wrong = basis.replies.iter().map(|j| 1.0 - self.weighted(*j, basis, &basis.values));
        let wrong: Vec<f64> = wrong.collect();
        for (value, row) in basis.values.iter_mut().zip(basis.inverse.chunks_exact(k.max(1))) {
            *value += row.iter().zip(&wrong).map(|(a, b)| a * b).sum::<f64>();
        }
        for at in k..basis.basic.len() {
            let reply = basis.basic[at] - self.own;
            let slack = 1.0 - self.weighted(reply, basis, &basis.values[..k]);
            basis.values.push(slack);
        }
        true
    }

    /// The basis with these tight inequalities; false where they are not independent.
    pub fn basis(&self, tight: Labels, basis: &mut Basis) -> bool {
        if !self.point(tight, basis) {
            return false;
        }
        let k = basis.played.len();
        basis.columns.clear();
        let mut direction = vec![0.0; k];
        for at in 0..basis.nonbasic.len() {
            let label = basis.nonbasic[at];
            for (to, row) in direction.iter_mut().zip(basis.inverse.chunks_exact(k.max(1))) {
                *to = if label < self.own {
                    let terms = row.iter().zip(&basis.replies);
                    -terms.map(|(x, j)| x * self.rows[*j][label]).sum::<f64>()
                } else {
                    let place = basis.replies.iter().position(|j| *j == label - self.own);
                    -place.map_or(0.0, |place| row[place])
                };
            }
            basis.columns.extend(&direction);
            for b in k..basis.basic.len() {
                let reply = basis.basic[b] - self.own;
                let direct = if label < self.own { self.rows[reply][label] } else { 0.0 };
                let change = -direct - self.weighted(reply, basis, &direction);
                basis.columns.push(change);
            }
        }
        true
    }

    /// A row of M times numbers for the strategies that are played.
    fn weighted(&self, reply: usize, basis: &Basis, numbers: &[f64]) -> f64 {
        let row = &self.rows[reply];
        basis.played.iter().zip(numbers).map(|(i, x)| row[*i] * x).sum()
    }

    /// Gauss-Jordan elimination with row pivoting.
    fn invert(&self, basis: &mut Basis) -> bool {
        let k = basis.played.len();
        let width = 2 * k;
        let a = &mut basis.scratch;
        a.clear();
        for (at, j) in basis.replies.iter().enumerate() {
            a.extend(basis.played.iter().map(|i| self.rows[*j][*i]));
            a.extend((0..k).map(|c| if c == at { 1.0 } else { 0.0 }));
        }
        for c in 0..k {
            let size = |r: usize| a[r * width + c].abs();
            let pivot = (c..k).fold(c, |best, r| if size(r) > size(best) { r } else { best });
            if size(pivot) < ZERO {
                return false;
            }
            if pivot != c {
                let (low, high) = a.split_at_mut(pivot * width);
                low[c * width..(c + 1) * width].swap_with_slice(&mut high[..width]);
            }
            let scale = 1.0 / a[c * width + c];
            let (before, rest) = a.split_at_mut(c * width);
            let (row, after) = rest.split_at_mut(width);
            row[c..].iter_mut().for_each(|x| *x *= scale);
            for other in before.chunks_exact_mut(width).chain(after.chunks_exact_mut(width)) {
                let factor = other[c];
                if factor != 0.0 {
                    other[c..].iter_mut().zip(&row[c..]).for_each(|(x, y)| *x -= factor * y);
                }
            }
        }
        basis.inverse.clear();
        for row in a.chunks_exact(width.max(1)) {
            basis.inverse.extend(&row[k..]);
        }
        true
    }
}

impl Basis {
    /// All labels of the point: tight inequalities, and basic variables that are 0.
    pub fn labels(&self) -> Labels {
        let zero = self.basic.iter().zip(&self.values).filter(|(_, v)| v.abs() <= ZERO);
        zero.fold(self.tight, |labels, (label, _)| labels | 1 << label)
    }

    /// Whether the point lies in the polytope.
    pub fn feasible(&self) -> bool {
        self.values.iter().all(|v| *v >= -ZERO)
    }

    /// Whether a slack is so near 0 that only exact arithmetic can tell.
    pub fn doubtful(&self) -> bool {
        self.values.iter().any(|v| (NOISE..DOUBT).contains(&v.abs()))
    }

    /// The labels of the tight inequalities.
    pub fn tight_labels(&self) -> &[usize] {
        &self.nonbasic
    }

    /// The inequality that becomes tight when `label` is let go, and the basis then: the smallest
    /// ratio, ties by the perturbation. None where rounding leaves no candidate.
    pub fn drop(&self, label: usize) -> Option<(usize, Labels)> {
        let at = self.nonbasic.iter().position(|l| *l == label)?;
        let column = self.column(at);
        let mut best: Option<(usize, f64)> = None;
        for (b, (value, change)) in self.values.iter().zip(column).enumerate() {
            if *change >= -ZERO {
                continue;
            }
            let ratio = value.max(0.0) / -change;
            let better = match best {
                None => true,
                Some((other, least)) => {
                    let tie = ZERO * (1.0 + least);
                    ratio < least - tie || (ratio <= least + tie && self.before(b, other, at))
                }
            };
            if better {
                best = Some((b, ratio));
            }
        }
        let (b, _) = best?;
        let taken = self.basic[b];
        Some((taken, self.tight & !(1 << label) | 1 << taken))
    }

    fn column(&self, at: usize) -> &[f64] {
        let height = self.basic.len();
        &self.columns[at * height..(at + 1) * height]
    }

    /// Whether the perturbed ratio of basic variable `b` is smaller than that of `other`, their
    /// unperturbed ratios being equal, when nonbasic variable `entering` grows.
    fn before(&self, b: usize, other: usize, entering: usize) -> bool {
        let column = self.column(entering);
        let shift = |row: usize, label: usize| -> f64 {
            if self.basic[row] == label {
                return 1.0 / -column[row];
            }
            let place = self.nonbasic.iter().position(|l| *l == label);
            place.map_or(0.0, |place| self.column(place)[row] / column[row])
        };
        for label in 0..self.basic.len() + self.nonbasic.len() {
            let difference = shift(b, label) - shift(other, label);
            if difference.abs() > ZERO {
                return difference < 0.0;
            }
        }
        false
    }
}
