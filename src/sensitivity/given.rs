//! What any points and their values say: estimators that need no design.

use crate::math::{beta_cdf, exp, floor, pow, tanh};
use crate::rng::{Seed, Sequence};
use crate::stats::sorted_quantile;

/// The conditioning intervals of PAWN where no number is given.
pub const SLIDES: usize = 10;
/// Resamples behind the correction of δ where no number is given.
pub const RESAMPLES: usize = 100;
/// Values of y at which densities are compared.
const GRID: usize = 100;
/// A bin holds about so many points at least.
const BIN: usize = 12;
/// The most bins of a first order.
const BINS: usize = 32;

/// The places of values in ascending order; equal ones in the order given.
pub fn order(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    order
}

/// Ranks from 1; equal values share the mean of theirs.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let order = order(values);
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while let Some(at) = order.get(first) {
        let same = order[first..].iter().take_while(|k| values[**k] == values[*at]).count().max(1);
        let rank = first as f64 + (same as f64 + 1.0) / 2.0;
        order[first..first + same].iter().for_each(|place| ranks[*place] = rank);
        first += same;
    }
    ranks
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sum of products of deviations.
fn moment(x: &[f64], y: &[f64]) -> f64 {
    let (a, b) = (mean(x), mean(y));
    x.iter().zip(y).map(|(p, q)| (p - a) * (q - b)).sum()
}

/// Spearman's rank correlation; not a number where one side does not vary.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    let (a, b) = (ranks(x), ranks(y));
    let both = moment(&a, &a) * moment(&b, &b);
    if both > 0.0 { moment(&a, &b) / both.sqrt() } else { f64::NAN }
}

/// Partial rank correlations of each factor with y, all other factors held (Iman and Conover
/// 1979): from the inverse P of the matrix of rank correlations, −P_iy / √(P_ii P_yy). Not numbers
/// where there are too few points or factors determine each other.
pub fn partial_ranks(factors: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
    let d = factors.len();
    let nothing = vec![f64::NAN; d];
    if y.len() < d + 3 {
        return nothing;
    }
    let columns: Vec<Vec<f64>> = factors.iter().map(Vec::as_slice).chain([y]).map(ranks).collect();
    let scale: Vec<f64> = columns.iter().map(|c| moment(c, c).sqrt()).collect();
    let correlation = |i: usize, j: usize| moment(&columns[i], &columns[j]) / (scale[i] * scale[j]);
    let matrix: Vec<Vec<f64>> =
        (0..=d).map(|i| (0..=d).map(|j| correlation(i, j)).collect()).collect();
    let Some(inverse) = inverted(matrix) else { return nothing };
    (0..d).map(|i| -inverse[i][d] / (inverse[i][i] * inverse[d][d]).sqrt()).collect()
}

/// The inverse of a matrix by Gauss and Jordan with pivots.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    for (at, row) in matrix.iter_mut().enumerate() {
        row.extend((0..n).map(|k| f64::from(u8::from(k == at))));
    }
    for at in 0..n {
        let largest = |a: &usize, b: &usize| matrix[*a][at].abs().total_cmp(&matrix[*b][at].abs());
        let best = (at..n).max_by(largest)?;
        matrix.swap(at, best);
        let pivot = matrix[at][at];
        // a column that the others determine; also not a number
        if pivot.is_nan() || pivot.abs() < 1e-10 {
            return None;
        }
        matrix[at].iter_mut().for_each(|x| *x /= pivot);
        let row = matrix[at].clone();
        for (_, below) in matrix.iter_mut().enumerate().filter(|(other, _)| *other != at) {
            let times = below[at];
            below.iter_mut().zip(&row).for_each(|(x, y)| *x -= times * y);
        }
    }
    Some(matrix.into_iter().map(|row| row[n..].to_vec()).collect())
}

/// The greatest distance between two empirical distribution functions (Smirnov 1939). Both are
/// sorted.
pub fn smirnov(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut most) = (0, 0, 0.0_f64);
    while i < a.len() && j < b.len() {
        let at = if a[i] <= b[j] { a[i] } else { b[j] };
        i += a[i..].iter().take_while(|x| **x <= at).count();
        j += b[j..].iter().take_while(|x| **x <= at).count();
        let apart = i as f64 / a.len() as f64 - j as f64 / b.len() as f64;
        most = if apart.abs() > most { apart.abs() } else { most };
    }
    most
}

/// PAWN: the distance between the distribution of y within a slice of x and that of all y, over
/// slices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pawn {
    /// The least over slices.
    pub minimum: f64,
    /// The mean.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The greatest.
    pub maximum: f64,
}

/// PAWN from given data (Pianosi and Wagener 2018), with slices between quantiles of x, each
/// without its upper end, as SALib has it.
pub fn pawn(x: &[f64], y: &[f64], slides: usize) -> Pawn {
    let (mut sorted, mut all) = (x.to_vec(), y.to_vec());
    sorted.sort_unstable_by(f64::total_cmp);
    all.sort_unstable_by(f64::total_cmp);
    let step = 1.0 / slides as f64;
    let edge = |k: usize| interpolated(&sorted, (k as f64 * step).min(1.0));
    let slice = |k: usize| -> Option<f64> {
        let (lo, hi) = (edge(k), edge(k + 1));
        let inside = x.iter().zip(y).filter(|(x, _)| **x >= lo && **x < hi);
        let mut inside: Vec<f64> = inside.map(|(_, y)| *y).collect();
        inside.sort_unstable_by(f64::total_cmp);
        (!inside.is_empty()).then(|| smirnov(&inside, &all))
    };
    let mut found: Vec<f64> = (0..slides).filter_map(slice).collect();
    found.sort_unstable_by(f64::total_cmp);
    let end = |at: Option<&f64>| at.copied().unwrap_or(f64::NAN);
    Pawn {
        minimum: end(found.first()),
        mean: mean(&found),
        median: sorted_quantile(&found, 0.5),
        maximum: end(found.last()),
    }
}

/// A quantile between neighbours, rounded as NumPy does it.
fn interpolated(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = q * last as f64;
    let below = (floor(place) as usize).min(last);
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    let t = place - below as f64;
    if t >= 0.5 { b - (b - a) * (1.0 - t) } else { a + (b - a) * t }
}

/// δ of Borgonovo (2007).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delta {
    /// Twice the estimate less the mean of its resamples (Plischke, Borgonovo and Smith 2013,
    /// equation 30).
    pub corrected: f64,
    /// The mean over resamples, which is what SALib 1.6 calls `delta_raw` but for its luck.
    pub raw: f64,
}

/// δ from given data (Plischke, Borgonovo and Smith 2013, equation 26): half the area between the
/// density of y and that within a class of equal ranks of x, over classes. Densities are sums of
/// normal ones with the width of Silverman (1986), at 100 values of y.
pub fn delta(x: &[f64], y: &[f64], resamples: usize, seed: Seed) -> Delta {
    let n = y.len();
    let (least, most) = ends(y);
    let step = (most - least) / (GRID - 1) as f64;
    let grid: Vec<f64> = (0..GRID).map(|k| least + k as f64 * step).collect();
    let direct = distance(x, y, &grid);
    let mut random = Sequence::new(seed, Sequence::BOOTSTRAP);
    let mut resample = || {
        let places: Vec<usize> = (0..n).map(|_| random.below(n as u64) as usize).collect();
        let take = |of: &[f64]| places.iter().map(|k| of[*k]).collect::<Vec<f64>>();
        distance(&take(x), &take(y), &grid)
    };
    let all: Vec<f64> = (0..resamples).map(|_| resample()).collect();
    let raw = mean(&all);
    Delta { corrected: 2.0 * direct - raw, raw }
}

fn ends(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().reduce(f64::min).unwrap_or(f64::NAN);
    (least, values.iter().copied().reduce(f64::max).unwrap_or(f64::NAN))
}

/// Where classes of equal ranks end, as SALib chooses their number.
fn classes(n: usize) -> Vec<usize> {
    let size = n as f64;
    let power = 2.0 / (7.0 + tanh((1500.0 - size) / 500.0));
    let root = pow(size, power);
    let count = (-floor(-root)).clamp(1.0, 48.0) as usize;
    (0..=count).map(|k| floor(size * k as f64 / count as f64) as usize).collect()
}

fn distance(x: &[f64], y: &[f64], grid: &[f64]) -> f64 {
    let all = density(y, grid);
    let order = order(x);
    let width = grid.get(1).zip(grid.first()).map_or(0.0, |(b, a)| b - a);
    let class = |ends: &[usize]| {
        let own: Vec<f64> = order[ends[0]..ends[1]].iter().map(|k| y[*k]).collect();
        let (least, most) = ends_of(&own)?;
        (least < most).then(|| {
            let apart: Vec<f64> =
                density(&own, grid).iter().zip(&all).map(|(a, b)| (a - b).abs()).collect();
            let area: f64 = apart.windows(2).map(|pair| width * (pair[0] + pair[1]) / 2.0).sum();
            own.len() as f64 / (2.0 * y.len() as f64) * area
        })
    };
    classes(y.len()).windows(2).filter_map(class).sum()
}

fn ends_of(values: &[f64]) -> Option<(f64, f64)> {
    (!values.is_empty()).then(|| ends(values))
}

/// A density by normal kernels.
fn density(y: &[f64], grid: &[f64]) -> Vec<f64> {
    let n = y.len() as f64;
    let factor = pow(n * 3.0 / 4.0, -0.2);
    let width = moment(y, y) / (n - 1.0) * factor * factor;
    let norm = n * (std::f64::consts::TAU * width).sqrt();
    let at = |g: &f64| y.iter().map(|x| exp(-(g - x) * (g - x) / (2.0 * width))).sum::<f64>();
    grid.iter().map(|g| at(g) / norm).collect()
}

/// A first-order index from bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct First {
    /// The share of the variance of y that goes once the bin of x is known.
    pub share: f64,
    /// How likely bins differ as much where x does not matter (F test).
    pub p: f64,
}

/// The first-order index of x from bins of equal numbers of points: (B − (M − 1) W / (n − M)) / (T
/// − n ε²), B and W the sums of squares between and within the M bins, T of both (Kelley 1935); ε²
/// is the mean squared standard error of the y, so that luck counts on neither side. Equal values
/// of x share a bin.
pub fn first_order(x: &[f64], y: &[f64], error: f64) -> First {
    let n = y.len();
    let none = First { share: f64::NAN, p: f64::NAN };
    let order = order(x);
    let wanted = (n / BIN).clamp(2, BINS);
    let mut bins: Vec<Vec<f64>> = Vec::new();
    let mut before = f64::NAN;
    for (place, k) in order.iter().enumerate() {
        let full = place >= bins.len() * n / wanted;
        if bins.is_empty() || (full && x[*k] != before) {
            bins.push(Vec::new());
        }
        before = x[*k];
        if let Some(bin) = bins.last_mut() {
            bin.push(y[*k]);
        }
    }
    let (count, total) = (bins.len() as f64, moment(y, y));
    let within: f64 = bins.iter().map(|bin| moment(bin, bin)).sum();
    let rest = n as f64 - count;
    if bins.len() < 2 || rest < 1.0 || total.is_nan() || total <= 0.0 {
        return none;
    }
    let between = total - within;
    let told = total - n as f64 * error;
    let share = (between - (count - 1.0) * within / rest) / if told > 0.0 { told } else { total };
    // P(F > f) with f = (B / (M - 1)) / (W / (n - M)): W / T is beta distributed
    let p = beta_cdf((within / total).clamp(0.0, 1.0), rest / 2.0, (count - 1.0) / 2.0);
    First { share, p }
}

/// Regional sensitivity: the greatest distance between the distributions of x where a condition
/// holds and where it does not (Spear and Hornberger 1980).
pub fn regional(x: &[f64], holds: &[bool]) -> f64 {
    let side = |wanted: bool| {
        let own = x.iter().zip(holds).filter(|(_, holds)| **holds == wanted);
        let mut own: Vec<f64> = own.map(|(x, _)| *x).collect();
        own.sort_unstable_by(f64::total_cmp);
        own
    };
    let (yes, no) = (side(true), side(false));
    if yes.is_empty() || no.is_empty() { f64::NAN } else { smirnov(&yes, &no) }
}
