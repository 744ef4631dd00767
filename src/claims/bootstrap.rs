//! Resamples of bundles of runs, the same for everything that is compared.

use super::column::Column;
use crate::rng::{Seed, Sequence};
use crate::stats::RESAMPLES;

/// How often each resample takes each bundle.
#[derive(Debug, Clone)]
pub(super) struct Bootstrap {
    bundles: usize,
    /// By resample, then bundle.
    times: Vec<f64>,
}

/// A statistic over all runs and over each resample.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub value: f64,
    /// By resample; not a number where it has no value.
    pub resampled: Vec<f64>,
    pub n: u64,
    pub left_out: u64,
    /// Whether all values are the same.
    pub agreed: bool,
}

impl Bootstrap {
    /// [`RESAMPLES`] resamples of so many bundles (Efron 1979), from [`Sequence::BOOTSTRAP`].
    pub fn new(bundles: usize, seed: Seed) -> Bootstrap {
        let mut numbers = Sequence::new(seed, Sequence::BOOTSTRAP);
        let mut times = vec![0.0; bundles * RESAMPLES];
        for row in times.chunks_exact_mut(bundles.max(1)) {
            for _ in 0..bundles {
                // below(n) is less than n
                row[numbers.below(bundles as u64) as usize] += 1.0;
            }
        }
        Bootstrap { bundles, times }
    }

    /// Every column over all runs and over every resample.
    pub fn taken(&self, columns: &[Column]) -> Vec<Taken> {
        columns.iter().map(|column| self.one(column)).collect()
    }

    /// The same for columns that are not needed any more.
    pub fn all_taken(&self, columns: Vec<Column>) -> Vec<Taken> {
        self.taken(&columns)
    }

    fn one(&self, column: &Column) -> Taken {
        let value = column.estimate();
        let resampled = if column.constant {
            // every resample that has a value has this one
            vec![value; RESAMPLES]
        } else {
            let rows = self.times.chunks_exact(self.bundles.max(1));
            rows.map(|times| column.under(times)).collect()
        };
        let agreed = column.constant;
        Taken { value, resampled, n: column.n, left_out: column.left_out, agreed }
    }
}
