//! All roots of a system within the simplices of its supports.

use super::system::{Box, Range, System};
use crate::solve::Halt;

/// What a search came to.
pub enum Outcome {
    /// Told to stop; what was found so far.
    Stopped(Vec<Vec<f64>>),
    /// The search ended.
    Searched {
        /// Roots as values of the unknowns.
        roots: Vec<Vec<f64>>,
        /// Boxes too small to halve that may hold further roots.
        undecided: Vec<Vec<Range>>,
        /// Whether all of the space was searched.
        whole: bool,
    },
}

/// A gain above this is one in spite of rounding; payoffs have a range of 1.
const MARGIN: f64 = 1e-11;
/// Boxes of this width are not halved.
const SMALL: f64 = 1e-4;
/// Nor these, where smaller ones are too many, as in a continuum.
const MEDIUM: f64 = 1.0 / 32.0;
/// The same where more equations than unknowns leave no root but in a degenerate game.
const TINY: f64 = 1e-9;
/// And those of the player whose equations these are.
const COARSE: f64 = 1e-2;
/// The most boxes of a system.
pub const MAX_BOXES: usize = 200_000;
/// The most boxes that stay undecided before larger ones are taken.
const MAX_UNDECIDED: usize = 256;
/// The most of these before a system is given up.
const MAX_MEDIUM: usize = 1024;
/// A system that is so far from one to one over a box is not worth a contraction.
const FAR: f64 = 3.0;
/// A root so close to a box counts as in it.
const NEAR: f64 = 1e-9;

/// All isolated roots of a system at which probabilities are not negative.
pub fn roots(system: &System, halt: &Halt) -> Outcome {
    let fine = search(system, SMALL, MAX_UNDECIDED, halt);
    let Outcome::Searched { roots: known, whole: false, .. } = &fine else { return fine };
    let known = known.clone();
    match search(system, MEDIUM, MAX_MEDIUM, halt) {
        Outcome::Searched { mut roots, undecided, whole } => {
            let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < NEAR);
            let new = |root: &&Vec<f64>| !roots.iter().any(|r: &Vec<f64>| near(r, root));
            let new: Vec<Vec<f64>> = known.iter().filter(new).cloned().collect();
            roots.extend(new);
            Outcome::Searched { roots, undecided, whole }
        }
        Outcome::Stopped(_) => Outcome::Stopped(known),
    }
}

fn search(system: &System, small: f64, most: usize, halt: &Halt) -> Outcome {
    let unknowns = system.unknowns();
    let free = system.overdetermined();
    let mut search = Search { system, unknowns: &unknowns, free, small, roots: Vec::new() };
    let whole = Range { lo: 0.0, hi: 1.0 };
    let mut open: Vec<Vec<Range>> = vec![vec![whole; unknowns.len()]];
    let (mut seen, mut undecided) = (0, Vec::new());
    while let Some(ranges) = open.pop() {
        seen += 1;
        if seen % 64 == 0 && halt() {
            return Outcome::Stopped(search.roots);
        }
        if seen > MAX_BOXES || undecided.len() > most {
            return Outcome::Searched { roots: search.roots, undecided, whole: false };
        }
        match search.look(ranges) {
            Verdict::Done => {}
            Verdict::Halve(ranges) => match search.widest(&ranges) {
                Some(at) => {
                    let middle = ranges[at].middle();
                    let (mut low, mut high) = (ranges.clone(), ranges);
                    (low[at].hi, high[at].lo) = (middle, middle);
                    open.extend([low, high]);
                }
                None => {
                    let middle: Vec<f64> = ranges.iter().map(|r| r.middle()).collect();
                    if free.is_none()
                        && let Some(root) = search.newton(middle)
                    {
                        search.keep(&root);
                    }
                    undecided.push(ranges);
                }
            },
        }
    }
    Outcome::Searched { roots: search.roots, undecided, whole: true }
}

enum Verdict {
    /// No roots but those that were found.
    Done,
    /// Not decided: what is left is to be halved.
    Halve(Vec<Range>),
}

struct Search<'a> {
    system: &'a System,
    unknowns: &'a [(usize, usize)],
    /// A player whose equations alone are too many, so that no root is isolated.
    free: Option<usize>,
    /// Boxes of this width are not halved.
    small: f64,
    roots: Vec<Vec<f64>>,
}

impl Search<'_> {
    fn look(&mut self, mut ranges: Vec<Range>) -> Verdict {
        // Contraction by Krawczyk's operator goes on while it pays.
        loop {
            let Some(boxed) = self.boxed(&ranges) else { return Verdict::Done };
            if self.system.hopeless(&boxed, MARGIN) {
                return Verdict::Done;
            }
            if ranges.is_empty() {
                self.roots.push(Vec::new());
                return Verdict::Done;
            }
            if self.free.is_some() {
                return Verdict::Halve(ranges);
            }
            let middle: Vec<f64> = ranges.iter().map(|r| r.middle()).collect();
            let Some(inverse) = invert(self.jacobian(&middle)) else {
                return Verdict::Halve(ranges);
            };
            let Some((rows, norm)) = self.spread(&inverse, &ranges) else {
                return Verdict::Halve(ranges);
            };
            if norm < 1.0 && self.settled(&middle, &inverse, &ranges) {
                return Verdict::Done;
            }
            if norm > FAR {
                return Verdict::Halve(ranges);
            }
            let values: Vec<f64> = self.values(&middle);
            let mut next = ranges.clone();
            for (at, range) in next.iter_mut().enumerate() {
                let step: f64 = inverse[at].iter().zip(&values).map(|(a, f)| a * f).sum();
                let reach: f64 =
                    rows[at].iter().zip(&ranges).map(|(c, r)| c * r.width() / 2.0).sum();
                let centre = middle[at] - step;
                range.lo = range.lo.max(centre - reach - MARGIN);
                range.hi = range.hi.min(centre + reach + MARGIN);
                if range.lo > range.hi {
                    return Verdict::Done;
                }
            }
            let size = |ranges: &[Range]| ranges.iter().map(|r| r.width()).sum::<f64>();
            let pays = size(&next) < 0.75 * size(&ranges);
            let tiny = next.iter().all(|r| r.width() < self.small);
            ranges = next;
            if !pays || tiny {
                let outside = self.boxed(&ranges).is_none();
                return if outside { Verdict::Done } else { Verdict::Halve(ranges) };
            }
        }
    }

    /// Whether the root that Newton's method finds from the middle of a box is the only one in it:
    /// the system is one to one over the box and the root.
    fn settled(&mut self, middle: &[f64], inverse: &[Vec<f64>], ranges: &[Range]) -> bool {
        let Some(root) = self.newton(middle.to_vec()) else { return false };
        self.keep(&root);
        let near =
            |(r, x): (&Range, &f64)| Range { lo: r.lo.min(x - NEAR), hi: r.hi.max(x + NEAR) };
        let hull: Vec<Range> = ranges.iter().zip(&root).map(near).collect();
        self.spread(inverse, &hull).is_some_and(|c| c.1 < 1.0)
    }

    /// The box of all probabilities, with those of last strategies; none where they cannot sum to
    /// 1.
    fn boxed(&self, ranges: &[Range]) -> Option<Box> {
        let mut rest = ranges;
        let mut boxed = Vec::new();
        for size in self.system.shape() {
            let (own, after) = rest.split_at(size - 1);
            rest = after;
            let lo: f64 = own.iter().map(|r| r.lo).sum();
            let hi: f64 = own.iter().map(|r| r.hi).sum();
            if lo > 1.0 + NEAR {
                return None;
            }
            let last = Range { lo: (1.0 - hi).max(0.0), hi: (1.0 - lo).clamp(0.0, 1.0) };
            boxed.push(own.iter().copied().chain([last]).collect());
        }
        Some(boxed)
    }

    /// A point as a box; probabilities may be negative on the way to a root.
    fn at(&self, point: &[f64]) -> Box {
        let mut rest = point;
        let of = |size: usize| {
            let (own, after) = rest.split_at(size - 1);
            rest = after;
            let last = 1.0 - own.iter().sum::<f64>();
            own.iter().copied().chain([last]).map(|p| Range { lo: p, hi: p }).collect()
        };
        self.system.shape().map(of).collect()
    }

    /// The range to halve, if one is left that is worth it: the widest, those of a free player
    /// last.
    fn widest(&self, ranges: &[Range]) -> Option<usize> {
        let widest = |free: bool, least: f64| {
            let of = |at: &usize| (Some(self.unknowns[*at].0) == self.free) == free;
            let wide = (0..ranges.len()).filter(of).filter(|at| ranges[*at].width() >= least);
            wide.reduce(
                |best, at| {
                    if ranges[at].width() > ranges[best].width() { at } else { best }
                },
            )
        };
        match self.free {
            None => widest(false, self.small),
            Some(_) => {
                let tiny = if self.small > SMALL { self.small } else { TINY };
                widest(false, tiny).or_else(|| widest(true, COARSE.max(self.small)))
            }
        }
    }

    fn values(&self, point: &[f64]) -> Vec<f64> {
        let at = self.at(point);
        self.unknowns.iter().map(|u| self.system.value(*u, &at)).collect()
    }

    fn jacobian(&self, point: &[f64]) -> Vec<Vec<f64>> {
        let at = self.at(point);
        let row = |u: &(usize, usize)| {
            self.unknowns.iter().map(|v| self.system.slope(*u, *v, &at).middle()).collect()
        };
        self.unknowns.iter().map(row).collect()
    }

    /// How far the Jacobian over a box, times the inverse, is from the identity: by entry the
    /// largest absolute value, and the largest sum of a row. Below 1 the system is one to one.
    fn spread(&self, inverse: &[Vec<f64>], ranges: &[Range]) -> Option<(Vec<Vec<f64>>, f64)> {
        let count = ranges.len();
        let boxed = self.wide(ranges)?;
        let slope = |u: &(usize, usize)| -> Vec<Range> {
            self.unknowns.iter().map(|v| self.system.slope(*u, *v, &boxed)).collect()
        };
        let slopes: Vec<Vec<Range>> = self.unknowns.iter().map(slope).collect();
        let mut most: f64 = 0.0;
        let rows = (0..count)
            .map(|i| {
                let row: Vec<f64> = (0..count)
                    .map(|j| {
                        let start = if i == j { -1.0 } else { 0.0 };
                        let (mut lo, mut hi) = (start, start);
                        for k in 0..count {
                            let (a, b) =
                                (inverse[i][k] * slopes[k][j].lo, inverse[i][k] * slopes[k][j].hi);
                            lo += a.min(b);
                            hi += a.max(b);
                        }
                        lo.abs().max(hi.abs()) + MARGIN
                    })
                    .collect();
                most = most.max(row.iter().sum());
                row
            })
            .collect();
        Some((rows, most))
    }

    /// The box of ranges that may reach a little beyond probabilities.
    fn wide(&self, ranges: &[Range]) -> Option<Box> {
        let inside = |r: &Range| Range { lo: r.lo.max(0.0), hi: r.hi.min(1.0) };
        let ranges: Vec<Range> = ranges.iter().map(inside).collect();
        if ranges.iter().any(|r| r.lo > r.hi) {
            return None;
        }
        self.boxed(&ranges)
    }

    /// Newton's method from a point; a root at which no probability is negative.
    fn newton(&self, mut point: Vec<f64>) -> Option<Vec<f64>> {
        for _ in 0..40 {
            let inverse = invert(self.jacobian(&point))?;
            let values = self.values(&point);
            let mut moved: f64 = 0.0;
            for (x, row) in point.iter_mut().zip(&inverse) {
                let step: f64 = row.iter().zip(&values).map(|(a, f)| a * f).sum();
                *x -= step;
                moved = moved.max(step.abs());
            }
            if !moved.is_finite() || point.iter().any(|x| x.abs() > 4.0) {
                return None;
            }
            if moved < 1e-15 {
                break;
            }
        }
        let residual = self.values(&point).iter().fold(0.0, |a: f64, f| a.max(f.abs()));
        let inside = self.at(&point).iter().flatten().all(|p| p.lo >= -NEAR);
        (residual < 1e-12 && inside).then_some(point)
    }

    fn keep(&mut self, root: &[f64]) {
        let near = |known: &Vec<f64>| known.iter().zip(root).all(|(a, b)| (a - b).abs() < NEAR);
        if !self.roots.iter().any(near) {
            self.roots.push(root.to_vec());
        }
    }
}

/// The inverse of a matrix by Gauss-Jordan elimination with row pivoting.
fn invert(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    for (at, row) in a.iter_mut().enumerate() {
        row.extend((0..n).map(|c| if c == at { 1.0 } else { 0.0 }));
    }
    for c in 0..n {
        let size = |r: usize| a[r][c].abs();
        let pivot = (c..n).fold(c, |best, r| if size(r) > size(best) { r } else { best });
        if size(pivot).is_nan() || size(pivot) < 1e-12 {
            return None;
        }
        a.swap(c, pivot);
        let row = std::mem::take(&mut a[c]);
        let row: Vec<f64> = row.iter().map(|x| x / row[c]).collect();
        for other in a.iter_mut().filter(|other| !other.is_empty()) {
            let factor = other[c];
            other.iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
        }
        a[c] = row;
    }
    Some(a.into_iter().map(|row| row[n..].to_vec()).collect())
}
