//! From rows to indices with intervals.

use serde::Serialize;

use crate::rng::{Seed, Sequence};
use crate::stats::{ALPHA, Resamples, bca, dot};

/// So many numbers are kept of each factor: of the total index, of the share or first order, Σ Δx
/// Δm, Σ Δx², and the denominator of both where it is its own.
const KINDS: usize = 5;
/// So many resamples of rows make an interval.
const RESAMPLES: usize = 1000;
/// Rows are kept in at most so many bundles.
const BUNDLES: u64 = 1024;

/// A number with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

/// What a factor is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Factor {
    /// The total index: the share of the variance of the mean that is left, on average, once all
    /// other factors are known.
    pub total: Estimate,
    /// From walks the Shapley effect: a share, and all of them add up to 1.
    pub shapley: Option<Estimate>,
    /// From pairs the first-order index: the share that goes once the factor is known.
    pub first: Option<Estimate>,
    /// How much the mean changes per unit of the coordinate from 0 to 1, by least squares through
    /// all steps; none where several axes move together.
    pub slope: Option<Estimate>,
    /// By how much a step of the factor changes the mean, as a root mean square.
    pub size: f64,
    /// The share (or first-order index) from the first half of the rows.
    pub half: f64,
}

/// What all rows say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Indices {
    /// How many rows.
    pub rows: u64,
    /// The variance of the mean over assumptions.
    pub variance: Estimate,
    /// The variance of a run that is luck, as a share of all.
    pub luck: Estimate,
    /// The mean variance of the runs of a point.
    pub chance: f64,
    /// The factors; empty where the variance is not told from luck.
    pub factors: Vec<Factor>,
}

/// What rows said, in at most 1,024 bundles of consecutive ones.
#[derive(Debug, Clone)]
pub struct Sheet {
    factors: usize,
    pairs: bool,
    /// How many rows a bundle holds.
    size: u64,
    rows: u64,
    /// By bundle: how many rows it has.
    counts: Vec<f64>,
    variance: Vec<f64>,
    chance: Vec<f64>,
    /// By factor and kind, then bundle.
    columns: Vec<Vec<f64>>,
}

impl Sheet {
    /// An empty one for so many factors, of walks or of pairs.
    pub fn new(factors: usize, pairs: bool) -> Sheet {
        let columns = vec![Vec::new(); factors * KINDS];
        let (counts, variance, chance) = (Vec::new(), Vec::new(), Vec::new());
        Sheet { factors, pairs, size: 1, rows: 0, counts, variance, chance, columns }
    }

    /// An empty one for the next bundle of this one.
    pub fn part(&self) -> Sheet {
        Sheet { size: self.size, ..Sheet::new(self.factors, self.pairs) }
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Begins a row: its part of the variance of the mean, and the variance of luck.
    pub(super) fn begin(&mut self, variance: f64, chance: f64) {
        self.widen(self.rows);
        if self.rows.is_multiple_of(self.size) {
            self.counts.push(0.0);
            self.variance.push(0.0);
            self.chance.push(0.0);
            self.columns.iter_mut().for_each(|column| column.push(0.0));
        }
        self.rows += 1;
        add_last(&mut self.counts, 1.0);
        add_last(&mut self.variance, variance);
        add_last(&mut self.chance, chance);
    }

    /// Adds to the row that was begun last.
    pub(super) fn add(&mut self, factor: usize, kind: usize, value: f64) {
        add_last(&mut self.columns[factor * KINDS + kind], value);
    }

    /// Puts the bundle of a [`Sheet::part`] behind these.
    pub fn append(&mut self, other: &Sheet) {
        self.rows += other.rows;
        self.counts.extend(&other.counts);
        self.variance.extend(&other.variance);
        self.chance.extend(&other.chance);
        self.columns.iter_mut().zip(&other.columns).for_each(|(own, more)| own.extend(more));
    }

    /// Makes room for a row behind the first `rows` ones: where there are 1,024 bundles of them,
    /// each two neighbours become one.
    pub fn widen(&mut self, rows: u64) {
        while rows >= self.full() {
            self.size *= 2;
            let merged = |column: &mut Vec<f64>| {
                *column = column.chunks(2).map(|pair| pair.iter().sum()).collect();
            };
            let own = [&mut self.counts, &mut self.variance, &mut self.chance];
            own.into_iter().chain(&mut self.columns).for_each(merged);
        }
    }

    /// How many rows stand in a bundle: [`Sheet::append`] takes as many.
    pub fn bundle(&self) -> u64 {
        self.size
    }

    /// How many rows there is room for, see [`Sheet::widen`].
    pub fn full(&self) -> u64 {
        self.size.saturating_mul(BUNDLES)
    }

    /// Indices with intervals by the bootstrap over rows (Efron 1987). Where the interval of the
    /// variance holds 0 there are no factors: assumptions are not told from luck.
    pub fn indices(&self, seed: Seed) -> Indices {
        let bundles = self.variance.len();
        let mut random = Sequence::new(seed, Sequence::BOOTSTRAP);
        let resamples = Resamples::new(bundles, RESAMPLES, |n| random.below(n as u64) as usize);
        let both: Vec<f64> = self.variance.iter().zip(&self.chance).map(|(v, l)| v + l).collect();
        let variance = ratio(&self.variance, &self.counts, &resamples);
        let told = variance.lo > 0.0;
        let factors = (0..self.factors).filter(|_| told).map(|k| self.factor(k, &resamples));
        Indices {
            rows: self.rows,
            variance,
            luck: ratio(&self.chance, &both, &resamples),
            chance: self.chance.iter().sum::<f64>() / self.rows.max(1) as f64,
            factors: factors.collect(),
        }
    }

    /// The share of a factor without its interval.
    #[cfg(test)]
    pub(super) fn share(&self, factor: usize) -> f64 {
        let own = self.columns[factor * KINDS + 1].iter().sum::<f64>();
        own / self.variance.iter().sum::<f64>()
    }

    fn factor(&self, factor: usize, resamples: &Resamples) -> Factor {
        let column = |kind: usize| self.columns[factor * KINDS + kind].as_slice();
        let whole = if self.pairs { column(4) } else { &self.variance };
        let total = ratio(column(0), whole, resamples);
        let share = ratio(column(1), whole, resamples);
        let moved = column(3).iter().sum::<f64>() > 0.0;
        let half = whole.len() / 2;
        let sum = |values: &[f64]| values[..half].iter().sum::<f64>();
        // of walks column 0 holds half of the square of each step, of pairs two squares
        let steps = self.rows as f64 * if self.pairs { 2.0 } else { 0.5 };
        let square = column(0).iter().sum::<f64>() / steps;
        Factor {
            total,
            shapley: (!self.pairs).then_some(share),
            first: self.pairs.then_some(share),
            slope: moved.then(|| ratio(column(2), column(3), resamples)),
            size: square.max(0.0).sqrt(),
            half: sum(column(1)) / sum(whole),
        }
    }
}

fn add_last(column: &mut [f64], value: f64) {
    if let Some(last) = column.last_mut() {
        *last += value;
    }
}

/// A ratio of sums over bundles, with its interval.
fn ratio(above: &[f64], below: &[f64], resamples: &Resamples) -> Estimate {
    let (a, b) = (above.iter().sum::<f64>(), below.iter().sum::<f64>());
    let value = a / b;
    if above.iter().zip(below).all(|(x, y)| *x == value * y) {
        // the same in every resample
        return Estimate { value, lo: value, hi: value };
    }
    let resampled = resamples.each(|times| dot(above, times) / dot(below, times));
    let without: Vec<f64> = above.iter().zip(below).map(|(x, y)| (a - x) / (b - y)).collect();
    let (lo, hi) = bca(value, resampled, &without, ALPHA);
    Estimate { value, lo, hi }
}
